/*
** ext/run/aside.c - what no transaction can hold: VACUUM and PRAGMA
** journal_mode.  An op of a resumable script leaves its transaction for it, and
** is journaled behind it: to do it twice does no harm.
*/
#include "ext/run/run.h"

#define NAP_MS 5 /* between two tries for the lock */

struct aside {
  mig_run *run;
  sqlite3_int64 since; /* on mig_os_clock_ms()'s clock */
};

/* Has the host's connection been interrupted? */
static int aside_stop(void *arg) {
  const struct aside *a = arg;
  mig_cx own = {0};
  int stopped = mig_stopped(&own, a->run->probe);

  mig_cx_release(&own);
  return stopped;
}

static int aside_wait(void *arg, int tries) {
  const struct aside *a = arg;
  sqlite3_int64 limit = mig_config_int(a->run->conn, "lock_timeout_ms");

  (void)tries;
  if (mig_os_clock_ms() - a->since >= limit || aside_stop(arg)) return 0;
  sqlite3_sleep(NAP_MS);
  return 1;
}

static void aside_vacuum(mig_cx *cx, mig_run *run, const mig_aside *s) {
  char *schema = s->schema.n ? mig_sql_unquote(cx, s->schema) : NULL;
  struct aside a = {run, mig_os_clock_ms()};
  mig_cx own = {0};

  if (!schema) schema = mig_strdup(cx, "main");
  if (schema && sqlite3_stricmp(schema, "temp") &&
      sqlite3_db_readonly(run->db->h, schema) < 0)
    mig_fail(cx, SQLITE_ERROR, "unknown database %s; in: VACUUM", schema);
  mig_notes_vacuum(cx, run);
  if (cx->rc) return;
  mig_exec_vacuum(&own, run->db, schema, aside_stop, aside_wait, &a);
  if ((own.rc & 0xff) == SQLITE_BUSY)
    mig_fail(cx, own.rc,
             "VACUUM: database %s is locked: by another connection, by the "
             "statement that called, if it reads a table, or by PRAGMA "
             "locking_mode = EXCLUSIVE; waited %lld ms (lock_timeout_ms)",
             schema, mig_os_clock_ms() - a.since);
  mig_fail_move(cx, &own);
  mig_cx_release(&own);
}

/* SQLite takes the beginning of a word for the word: `of` is OFF. */
static void aside_mode(mig_cx *cx, const char *want) {
  static const char *const modes[] = {"delete", "truncate", "persist", "memory",
                                      "wal"};
  size_t i;

  if (cx->rc) return;
  for (i = 0; i < sizeof modes / sizeof *modes; i++)
    if (!sqlite3_stricmp(want, modes[i])) return;
  if (!sqlite3_stricmp(want, "off"))
    mig_fail(cx, SQLITE_ERROR,
             "PRAGMA journal_mode = OFF: nothing could be rolled back any "
             "more, and migrate refuses to run without; set it behind the "
             "migration");
  else
    mig_fail(cx, SQLITE_ERROR,
             "PRAGMA journal_mode = %s: it must be DELETE, TRUNCATE, PERSIST, "
             "MEMORY or WAL",
             want);
}

static void aside_journal(mig_cx *cx, mig_run *run, const mig_aside *s,
                          mig_span sql) {
  char *schema = s->schema.n ? mig_sql_unquote(cx, s->schema) : NULL;
  char *want = mig_sql_unquote(cx, s->value), *now;

  aside_mode(cx, want);
  if (run->conn->h != run->conn->host) { /* a replica has no file to keep one */
    mig_notes_remark(run, mig_printf(cx, "PRAGMA journal_mode = %s", want),
                     "not rehearsed");
    return;
  }
  mig_txn_retry(cx, run, mig_strndup(cx, sql.p, sql.n));
  now = mig_exec_journal(cx, run->db, schema ? schema : run->db->schema);
  if (now && want && sqlite3_stricmp(now, want))
    mig_fail(cx, SQLITE_ERROR,
             "PRAGMA journal_mode: it is %s and could not be made %s (no other "
             "connection may be using the database; one in memory has no other "
             "mode)",
             now, want);
}

int mig_aside_run(mig_cx *cx, mig_run *run, mig_span sql) {
  mig_aside s = {0};

  if (!run->resume || !mig_sql_aside(sql, &s)) return 0;
  if (cx->rc) return 1;
  mig_resume_aside(cx, run);
  if (s.vacuum)
    aside_vacuum(cx, run, &s);
  else
    aside_journal(cx, run, &s, sql);
  mig_resume_again(cx, run);
  return 1;
}
