/* ext/db/query.c - asking the database: statements that only read. */
#include "ext/db/db.h"

#define SHOWN 160 /* bytes of a statement that a message shows */

static void stmt_free(void *st) {
  sqlite3_finalize(st);
}

/* How many bytes of s a message shows: at most SHOWN, whole characters. */
static int shown_length(mig_span s) {
  int n = SHOWN;

  if (s.n <= SHOWN) return (int)s.n;
  while (n > 0 && (s.p[n] & 0xC0) == 0x80) n--;
  return n;
}

void mig_fail_db(mig_cx *cx, sqlite3 *h, int rc, const char *sql) {
  mig_span s;
  int n;

  if (cx->rc || rc == SQLITE_OK) return;
  if ((rc & 0xff) == SQLITE_NOMEM) {
    mig_fail_nomem(cx);
    return;
  }
  if ((rc & 0xff) == (sqlite3_extended_errcode(h) & 0xff))
    rc = sqlite3_extended_errcode(h);
  if (!sql) {
    mig_fail(cx, rc, "%s", sqlite3_errmsg(h));
    return;
  }
  s = mig_span_trim(mig_span_z(sql));
  n = shown_length(s);
  mig_fail(cx, rc, "%s; in: %.*s%s", sqlite3_errmsg(h), n, s.p,
           n < s.n ? "..." : "");
}

static void query_close(void *h) {
  sqlite3_close_v2(h);
}

sqlite3 *mig_db_open(mig_cx *cx, const char *file, int flags, const char *vfs,
                     const char *what) {
  sqlite3 *h = NULL;
  int rc;

  if (cx->rc) return NULL;
  rc = sqlite3_open_v2(file, &h, flags, vfs);
  if (!h) mig_fail_nomem(cx);
  if (h && rc) mig_fail_db(cx, h, rc, what);
  return mig_own(cx, h, query_close); /* closed, when that has failed */
}

/* Left out of SQLite (SQLITE_OMIT_PROGRESS_CALLBACK) it is NULL among what a
** loaded library is handed, and missing for one that is linked. */
void mig_db_watch(sqlite3 *h, int opcodes, int (*stop)(void *), void *arg) {
#if !defined(SQLITE_CORE)
  if (sqlite3_progress_handler) sqlite3_progress_handler(h, opcodes, stop, arg);
#elif !defined(SQLITE_OMIT_PROGRESS_CALLBACK)
  sqlite3_progress_handler(h, opcodes, stop, arg);
#else
  (void)h, (void)opcodes, (void)stop, (void)arg;
#endif
}

sqlite3_stmt *mig_prepare(mig_cx *cx, const mig_db *db, const char *sql,
                          const char **tail) {
  sqlite3_stmt *st = NULL;
  int rc;

  if (cx->rc) return NULL;
  rc = sqlite3_prepare_v2(db->h, sql, -1, &st, tail);
  mig_fail_db(cx, db->h, rc, sql);
  return mig_own(cx, st, stmt_free);
}

void mig_hear(mig_cx *cx, sqlite3 *h) {
  sqlite3_stmt *none = NULL;

  if (!cx->rc)
    mig_fail_db(cx, h, sqlite3_prepare_v2(h, " ", -1, &none, NULL), NULL);
}

static sqlite3_stmt *query_prepare(mig_cx *cx, const mig_db *db,
                                   const char *fmt, va_list ap) {
  char *sql = mig_vformat(cx, fmt, ap);
  sqlite3_stmt *st = sql ? mig_prepare(cx, db, sql, NULL) : NULL;

  sqlite3_free(sql);
  return st;
}

sqlite3_stmt *mig_query(mig_cx *cx, const mig_db *db, const char *fmt, ...) {
  sqlite3_stmt *st;
  va_list ap;

  va_start(ap, fmt);
  st = query_prepare(cx, db, fmt, ap);
  va_end(ap);
  return st;
}

int mig_row(mig_cx *cx, sqlite3_stmt *st) {
  int rc;

  if (cx->rc || !st) return 0;
  if (!sqlite3_stmt_readonly(st) && !sqlite3_stmt_isexplain(st)) {
    mig_fail(cx, SQLITE_MISUSE, "a query that writes: %s", sqlite3_sql(st));
    return 0;
  }
  rc = sqlite3_step(st);
  if (rc != SQLITE_ROW && rc != SQLITE_DONE)
    mig_fail_db(cx, sqlite3_db_handle(st), rc, sqlite3_sql(st));
  return rc == SQLITE_ROW;
}

void mig_stmt_end(mig_cx *cx, sqlite3_stmt *st) {
  if (!st) return;
  mig_disown(cx, st);
  sqlite3_finalize(st);
}

void mig_bind_text(mig_cx *cx, sqlite3_stmt *st, int i, const char *z) {
  int rc;

  if (cx->rc || !st) return;
  rc = sqlite3_bind_text(st, i, z, -1, SQLITE_STATIC);
  mig_fail_db(cx, sqlite3_db_handle(st), rc, sqlite3_sql(st));
}

void mig_bind_int(mig_cx *cx, sqlite3_stmt *st, int i, sqlite3_int64 v) {
  int rc;

  if (cx->rc || !st) return;
  rc = sqlite3_bind_int64(st, i, v);
  mig_fail_db(cx, sqlite3_db_handle(st), rc, sqlite3_sql(st));
}

char *mig_column(mig_cx *cx, sqlite3_stmt *st, int i) {
  const char *z;

  if (cx->rc || sqlite3_column_type(st, i) == SQLITE_NULL) return NULL;
  z = (const char *)sqlite3_column_text(st, i);
  if (!z) mig_fail_nomem(cx);
  return mig_strdup(cx, z);
}

sqlite3_int64 mig_query_int(mig_cx *cx, const mig_db *db, sqlite3_int64 none,
                            const char *fmt, ...) {
  sqlite3_stmt *st;
  va_list ap;

  va_start(ap, fmt);
  st = query_prepare(cx, db, fmt, ap);
  va_end(ap);
  if (mig_row(cx, st) && sqlite3_column_type(st, 0) != SQLITE_NULL)
    none = sqlite3_column_int64(st, 0);
  mig_stmt_end(cx, st);
  return none;
}

char *mig_query_text(mig_cx *cx, const mig_db *db, const char *fmt, ...) {
  sqlite3_stmt *st;
  va_list ap;
  char *z = NULL;

  va_start(ap, fmt);
  st = query_prepare(cx, db, fmt, ap);
  va_end(ap);
  if (mig_row(cx, st)) z = mig_column(cx, st, 0);
  mig_stmt_end(cx, st);
  return z;
}

int mig_db_flag(const mig_db *db, int op, int value) {
  int was = 0;

  sqlite3_db_config(db->h, op, -1, &was);
  if (was != value) sqlite3_db_config(db->h, op, value, NULL);
  return was;
}
