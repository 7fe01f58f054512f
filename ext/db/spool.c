/*
** ext/db/spool.c - rows put aside: a queue, in memory as long as it is short.
**
** A row is its values one after another, each a byte for the type and then a
** number, or a length and the bytes.  Rows are gathered in a block, and a block
** that is full becomes a row of a table in a database of its own: opened
** without a name, SQLite keeps it in memory as far as its cache goes, and
** beyond that in a file that it deletes (https://sqlite.org/inmemorydb.html).
*/
#include "ext/db/db.h"

#define BLOCK (1 << 18) /* bytes gathered before they leave memory */
#define WIDTH 8         /* bytes of a number, and of a length       */

struct mig_spool {
  mig_cx own;      /* errors and statements of the database          */
  mig_cx met;      /* the error behind the last row, if any          */
  mig_db db;       /* h is NULL until it is needed                   */
  sqlite3_stmt *w; /* writes a block                                 */
  sqlite3_stmt *r; /* reads the blocks                               */
  char *p;         /* the block that is filled; sqlite3_malloc       */
  size_t n, cap;   /* bytes in it, and bytes it may hold             */
  const char *at;  /* what is read: the next column ...              */
  const char *end; /* ... and where its block ends                   */
  int ncol;        /* columns of a row                               */
  int left;        /* columns of the present row that were not read  */
  int last;        /* is the block in memory being read?             */
};

static void spool_free(void *p) {
  mig_spool *s = p;

  mig_cx_release(&s->own);
  mig_cx_release(&s->met);
  sqlite3_close(s->db.h);
  sqlite3_free(s->p);
  sqlite3_free(s);
}

mig_spool *mig_spool_new(mig_cx *cx) {
  mig_spool *s = cx->rc ? NULL : sqlite3_malloc64(sizeof *s);

  if (!s) {
    mig_fail_nomem(cx);
    return NULL;
  }
  memset(s, 0, sizeof *s);
  s->db.schema = "main";
  return mig_own(cx, s, spool_free);
}

/* Its errors are about a file of ours: their codes are not for the host. */
static void spool_report(mig_cx *cx, mig_spool *s) {
  if (s->own.rc == SQLITE_NOMEM)
    mig_fail_nomem(cx);
  else if (s->own.rc)
    mig_fail(cx, SQLITE_ERROR,
             "rows of an open loop, put aside in a temporary file: %s; make "
             "room there, or end the loop before the script writes",
             mig_cx_message(&s->own));
}

/* ---- filling ---- */

/* Where the host wants no temporary files, there are none. */
static void spool_open(mig_spool *s, sqlite3 *host) {
  const mig_db db = {.h = host, .schema = "main"};
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  int memory = mig_query_int(&s->own, &db, 0, "PRAGMA temp_store") == 2;
  int rc = sqlite3_open_v2(memory ? ":memory:" : "", &s->db.h, flags, NULL);

  if (rc == SQLITE_NOMEM) mig_fail_nomem(&s->own);
  if (rc) mig_fail(&s->own, rc, "%s", sqlite3_errstr(rc));
  mig_exec(&s->own, &s->db,
           "PRAGMA page_size = 65536; PRAGMA cache_size = 8;"
           "PRAGMA journal_mode = OFF;"
           "PRAGMA synchronous = OFF; BEGIN;"
           "CREATE TABLE block(id INTEGER PRIMARY KEY, rows BLOB)");
  s->w = mig_query(&s->own, &s->db, "INSERT INTO block(rows) VALUES (?1)");
}

/* Move the block out of memory. */
static void spool_flush(mig_cx *cx, mig_spool *s, sqlite3 *host) {
  mig_cell c = {.type = SQLITE_BLOB, .p = s->p, .n = s->n};

  if (cx->rc) return;
  if (!s->db.h) spool_open(s, host);
  if (!s->own.rc) mig_cell_bind(&s->own, s->w, 1, &c, 0);
  mig_exec_done(&s->own, &s->db, s->w);
  spool_report(cx, s);
  s->n = 0;
}

/* Room for n bytes more in the block. */
static char *spool_room(mig_cx *cx, mig_spool *s, size_t n) {
  size_t cap = s->cap ? s->cap : 4096;
  char *p;

  while (cap < s->n + n) cap *= 2;
  if (cap > s->cap) {
    p = sqlite3_realloc64(s->p, cap);
    if (!p) {
      mig_fail_nomem(cx);
      return NULL;
    }
    s->p = p;
    s->cap = cap;
  }
  p = s->p + s->n;
  s->n += n;
  return p;
}

static void spool_put(mig_cx *cx, mig_spool *s, const mig_cell *c) {
  int bytes = c->type == SQLITE_TEXT || c->type == SQLITE_BLOB;
  size_t head = c->type == SQLITE_NULL ? 1 : 1 + WIDTH;
  char *p = cx->rc ? NULL : spool_room(cx, s, head + (bytes ? c->n : 0));
  sqlite3_int64 n = (sqlite3_int64)c->n;

  if (!p) return;
  *p = (char)c->type;
  if (bytes) {
    memcpy(p + 1, &n, WIDTH);
    memcpy(p + head, c->p, c->n);
  } else if (c->type == SQLITE_INTEGER) {
    memcpy(p + 1, &c->i, WIDTH);
  } else if (c->type == SQLITE_FLOAT) {
    memcpy(p + 1, &c->r, WIDTH);
  }
}

static void spool_row(mig_cx *cx, mig_spool *s, sqlite3_stmt *st) {
  size_t was = s->n;
  mig_cell c;
  int i;

  for (i = 0; i < s->ncol; i++) {
    mig_cell_column(cx, st, i, &c);
    spool_put(cx, s, &c);
  }
  if (cx->rc) s->n = was;
  if (s->n >= BLOCK) spool_flush(cx, s, sqlite3_db_handle(st));
}

void mig_spool_fill(mig_cx *cx, mig_spool *s, sqlite3_stmt *st) {
  mig_cx *met;

  if (cx->rc) return;
  met = &s->met;
  s->ncol = sqlite3_column_count(st);
  while (mig_exec_step(met, st)) spool_row(met, s, st);
  sqlite3_reset(st);
  if (met->rc) mig_fail(cx, met->rc, "%s", mig_cx_message(met));
}

/* ---- emptying ---- */

/* Go to the next block; is there one? */
static int spool_block(mig_cx *cx, mig_spool *s) {
  mig_cell c = {0};

  if (s->last) return 0;
  if (s->db.h && !s->r)
    s->r = mig_query(&s->own, &s->db, "SELECT rows FROM block ORDER BY id");
  if (mig_row(&s->own, s->r)) {
    mig_cell_column(&s->own, s->r, 0, &c);
  } else {
    s->last = 1;
    c.p = s->p;
    c.n = s->n;
  }
  spool_report(cx, s);
  s->at = c.p;
  s->end = c.n ? c.p + c.n : c.p;
  return !cx->rc;
}

int mig_spool_next(mig_cx *cx, mig_spool *s) {
  mig_cell skipped;

  while (s->left) mig_spool_cell(s, &skipped);
  while (!cx->rc && s->at == s->end)
    if (!spool_block(cx, s)) {
      if (s->met.rc) mig_fail(cx, s->met.rc, "%s", mig_cx_message(&s->met));
      return 0;
    }
  s->left = s->ncol;
  return !cx->rc;
}

void mig_spool_cell(mig_spool *s, mig_cell *out) {
  sqlite3_int64 n;

  out->type = *s->at++;
  s->left--;
  if (out->type == SQLITE_NULL) return;
  memcpy(&n, s->at, WIDTH);
  memcpy(&out->r, s->at, WIDTH);
  out->i = n;
  s->at += WIDTH;
  if (out->type != SQLITE_TEXT && out->type != SQLITE_BLOB) return;
  out->n = (size_t)n;
  out->p = s->at;
  s->at += n;
}
