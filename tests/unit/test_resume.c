/*
** tests/unit/test_resume.c - an op that commits in chunks goes on from its last
** one, also when another connection has gone on meanwhile.
**
** The other connection works in the WAL hook of the first, which SQLite calls
** when a commit has taken place and its lock is free.
*/
#include <stdio.h>
#include <unistd.h>
#include "ext/run/run.h"
#include "tests/unit/test.h"

#define WHAT "backfill t"
#define CHUNK 3
#define ROWS 10

struct side { /* a connection, and the script that runs on it */
  sqlite3 *h;
  mig_conn *conn;
  mig_run run;
  mig_resume r;
};

static char file[64];
static const mig_engine *const engines[] = {NULL};

static void side_open(mig_cx *cx, struct side *s) {
  *s = (struct side){.run.dir = MIG_UP};
  s->r = (mig_resume){.name = "aaaa",
                      .direction = "upgrade",
                      .title = "revision aaaa",
                      .checksum = "x",
                      .log = {.revision = "aaaa", .direction = "upgrade"}};
  if (!cx->rc && sqlite3_open(file, &s->h)) mig_fail_nomem(cx);
  if (!cx->rc) s->conn = mig_conn_new(s->h, engines);
  if (!s->conn) mig_fail_nomem(cx);
  if (cx->rc) return;
  mig_config_set(cx, s->conn, "lock_timeout_ms", "0");
  mig_work_open(cx, &s->run, s->conn);
  if (cx->rc) return;
  mig_exec(cx, s->run.db, "PRAGMA synchronous = OFF");
  mig_work_begin(cx, &s->run);
  if (!cx->rc) mig_work_ready(cx, &s->run);
  mig_resume_begin(cx, &s->run, &s->r);
  mig_work_end(cx, &s->run);
  if (!cx->rc) mig_resume_enter(cx, &s->run, &s->r);
}

static void side_close(mig_cx *cx, struct side *s) {
  mig_resume_leave(cx, &s->run);
  if (s->conn) mig_work_close(cx, &s->run);
  mig_cx_release(cx);
  if (s->conn) mig_conn_unref(s->conn);
  sqlite3_close(s->h);
}

static void database(mig_cx *cx) {
  mig_db db = {.schema = "main"};

  snprintf(file, sizeof file, "/tmp/mig-resume-%d.db", (int)getpid());
  unlink(file);
  if (sqlite3_open(file, &db.h))
    mig_fail_nomem(cx);
  else
    mig_exec(cx, &db,
             "PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;"
             "CREATE TABLE t(id INTEGER PRIMARY KEY, n);"
             "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c"
             " WHERE i < %d) INSERT INTO t SELECT i, 0 FROM c",
             ROWS);
  sqlite3_close(db.h);
}

/* The op, which gives up behind `chunks` chunks; the rows it has done in all.
 */
static sqlite3_int64 backfill(mig_cx *cx, struct side *s, int chunks) {
  sqlite3_int64 rows = 0, at, last;

  if (mig_resume_op(cx, &s->run, WHAT, &rows)) {
    while (!cx->rc) {
      const char *key = mig_resume_key(cx, &s->run, &rows);
      at = mig_query_int(cx, s->run.db, 0, "SELECT %s", key ? key : "0");
      last = mig_query_int(cx, s->run.db, 0,
                           "SELECT max(id) FROM (SELECT id FROM t"
                           " WHERE id > %lld ORDER BY id LIMIT %d)",
                           at, CHUNK);
      if (!last) break;
      mig_exec(cx, s->run.db,
               "UPDATE t SET n = n + 1 WHERE id > %lld AND id <= %lld", at,
               last);
      if (!cx->rc && chunks-- == 0) mig_fail(cx, SQLITE_ERROR, "given up");
      rows += cx->rc ? 0 : sqlite3_changes64(s->h);
      mig_resume_chunk(cx, &s->run, mig_printf(cx, "%lld", last), rows);
    }
  }
  mig_resume_done(cx, &s->run, rows);
  return rows;
}

/* "rows done once|all rows|ops in the journal|key|result" */
static const char *state(mig_cx *cx) {
  mig_db db = {.schema = "main"};
  char *z = NULL;

  if (!cx->rc && sqlite3_open(file, &db.h)) mig_fail_nomem(cx);
  if (!cx->rc)
    z = mig_query_text(
        cx, &db,
        "SELECT (SELECT count(*) || '|' || sum(n) FROM t WHERE n = 1) || '|' ||"
        " count(*) || '|' || ifnull(max(key), '-') || '|' || max(result)"
        " FROM _migrate_journal WHERE ordinal > 0");
  sqlite3_close(db.h);
  return z;
}

TEST(resume_a_chunked_op_goes_on_from_its_last_chunk) {
  mig_cx first = {0}, own = {0}, second = {0}, third = {0};
  struct side a, b, c;

  database(cx);
  side_open(&first, &a);
  if (!first.rc) EQ_INT(backfill(&first, &a, ROWS), ROWS);
  EQ_STR(state(cx), "10|10|1|-|10");
  side_close(&first, &a);

  database(cx);
  side_open(&own, &b);
  if (!own.rc) {
    backfill(&own, &b, 2);
    EQ_ERR(&own, SQLITE_ERROR, "given up");
    EQ_INT(b.run.spoilt, 1); /* half of it is there to stay */
  }
  side_close(&own, &b);
  EQ_STR(state(cx), "6|6|1|6|6");

  side_open(&second, &c);
  if (!second.rc) EQ_INT(backfill(&second, &c, ROWS), ROWS);
  EQ_INT(c.r.started, 1);
  EQ_STR(state(cx), "10|10|1|-|10");
  side_close(&second, &c);

  side_open(&third, &c);
  if (!third.rc) EQ_INT(backfill(&third, &c, ROWS), ROWS); /* not done again */
  EQ_STR(state(cx), "10|10|1|-|10");
  side_close(&third, &c);
  unlink(file);
}

TEST(resume_an_op_that_gives_up_before_its_first_chunk_leaves_nothing) {
  mig_cx own = {0};
  struct side a;

  database(cx);
  side_open(&own, &a);
  if (!own.rc) {
    backfill(&own, &a, 0);
    EQ_ERR(&own, SQLITE_ERROR, "given up");
    EQ_INT(a.run.spoilt, 0);
  }
  side_close(&own, &a);
  if (!own.rc) EQ_STR(state(cx), NULL);
  unlink(file);
}

struct meanwhile {
  struct side side;
  mig_cx cx;
  int chunks;
  int called;
};

/* Another connection does some chunks when the first one has done one. */
static int other(void *arg, sqlite3 *h, const char *schema, int pages) {
  struct meanwhile *m = arg;

  (void)h, (void)schema, (void)pages;
  if (m->called++ != 1) return SQLITE_OK; /* 0: the script's begin */
  side_open(&m->cx, &m->side);
  if (!m->cx.rc) backfill(&m->cx, &m->side, m->chunks);
  side_close(&m->cx, &m->side);
  return SQLITE_OK;
}

static void together(mig_cx *cx, struct side *a, int chunks) {
  struct meanwhile m = {.chunks = chunks};

  database(cx);
  side_open(cx, a);
  if (cx->rc) return;
  m.called = 1;
  sqlite3_wal_hook(a->h, other, &m);
  backfill(cx, a, ROWS);
  sqlite3_wal_hook(a->h, NULL, NULL);
  EQ_INT(m.called > 1, 1);
}

TEST(resume_another_connection_may_go_on_meanwhile) {
  mig_cx own = {0};
  struct side a;

  together(&own, &a, 1);
  if (!own.rc) EQ_STR(state(cx), "10|10|1|-|10");
  EQ_INT(own.rc, SQLITE_OK);
  side_close(&own, &a);
  unlink(file);
}

TEST(resume_another_connection_may_come_to_the_end_meanwhile) {
  mig_cx own = {0};
  struct side a;

  together(&own, &a, ROWS);
  EQ_ERR(&own, SQLITE_BUSY, "another connection has finished it meanwhile");
  EQ_INT(a.run.spoilt, 1);
  side_close(&own, &a);
  EQ_STR(state(cx), "10|10|1|-|10");
  unlink(file);
}

TEST(resume_the_end_is_refused_while_an_op_is_half_done) {
  mig_cx own = {0}, second = {0};
  struct side a;

  database(cx);
  side_open(&own, &a);
  if (!own.rc) backfill(&own, &a, 1);
  side_close(&own, &a);
  side_open(&second, &a);
  mig_resume_leave(&second, &a.run);
  if (!second.rc) {
    mig_resume_end(&second, &a.run, &a.r, 0);
    EQ_ERR(&second, SQLITE_ERROR, "an op was interrupted half-way");
  }
  side_close(&second, &a);
  EQ_STR(state(cx), "3|3|1|3|3");
  unlink(file);
}

TEST(resume_another_op_is_refused) {
  mig_cx own = {0};
  struct side a;
  sqlite3_int64 n = 0;

  database(cx);
  side_open(&own, &a);
  if (!own.rc) backfill(&own, &a, ROWS);
  side_close(&own, &a);
  side_open(&own, &a);
  if (!own.rc) {
    EQ_INT(mig_resume_op(&own, &a.run, "backfill u", &n), 1);
    EQ_ERR(&own, SQLITE_ERROR,
           "op 1 was `backfill t` before the interruption, and is `backfill u` "
           "now");
    EQ_INT(a.run.spoilt, 1);
  }
  side_close(&own, &a);
  unlink(file);
}
