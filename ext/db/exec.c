/*
** ext/db/exec.c - the one door through which every write goes.
*/
#include "ext/db/db.h"
#include "ext/sql/sql.h"

/* Step anything. */
static int exec_row(mig_cx *cx, sqlite3_stmt *st) {
  int rc;

  if (cx->rc || !st) return 0;
  rc = sqlite3_step(st);
  if (rc != SQLITE_ROW && rc != SQLITE_DONE)
    mig_fail_db(cx, sqlite3_db_handle(st), rc, sqlite3_sql(st));
  return rc == SQLITE_ROW;
}

static void exec_finish(mig_cx *cx, sqlite3_stmt *st) {
  while (exec_row(cx, st)) continue;
}

void mig_exec_alive(mig_cx *cx, sqlite3 *h) {
  if (!cx->rc && sqlite3_get_autocommit(h))
    mig_fail(
        cx, SQLITE_ABORT_ROLLBACK,
        "SQLite has rolled the transaction back (ON CONFLICT ROLLBACK, "
        "RAISE(ROLLBACK), a full disk, an I/O error or no memory); nothing "
        "more may run");
}

/*
** Ours change nothing behind a transaction's loss.  A statement that succeeds
** may have lost it: SQLite rolls back when it cannot read sqlite_stat1, and
** goes on with the ALTER TABLE that wanted it.  And a SAVEPOINT would begin
** another one.
*/
static void exec_within(mig_cx *cx, const mig_db *db) {
  if (db->undo) mig_exec_alive(cx, db->h);
}

/* What only reads needs no transaction. */
static void exec_writer(mig_cx *cx, sqlite3_stmt *st) {
  if (st && !sqlite3_stmt_readonly(st))
    mig_exec_alive(cx, sqlite3_db_handle(st));
}

int mig_exec_step(mig_cx *cx, sqlite3_stmt *st) {
  exec_writer(cx, st);
  return exec_row(cx, st);
}

void mig_exec_done(mig_cx *cx, const mig_db *db, sqlite3_stmt *st) {
  if (!st) return;
  exec_writer(cx, st);
  exec_finish(cx, st);
  mig_tape_note(cx, db, st);
  sqlite3_reset(st);
  sqlite3_clear_bindings(st);
}

/* A savepoint that is made or released, and nothing else, makes no statement
** expire. */
static int exec_is_savepoint(const char *sql) {
  return !strncmp(sql, "SAVEPOINT ", 10) || !strncmp(sql, "RELEASE ", 8);
}

void mig_exec(mig_cx *cx, const mig_db *db, const char *fmt, ...) {
  const char *rest, *at;
  sqlite3_stmt *st;
  va_list ap;
  char *sql;

  va_start(ap, fmt);
  sql = mig_vformat(cx, fmt, ap);
  va_end(ap);
  for (rest = sql; !cx->rc && *rest;) {
    at = rest;
    exec_within(cx, db);
    st = mig_prepare(cx, db, at, &rest);
    exec_finish(cx, st);
    mig_tape_note(cx, db, st);
    mig_stmt_end(cx, st);
    exec_within(cx, db);
    if (!exec_is_savepoint(at)) mig_undo_arm(cx, db);
  }
  sqlite3_free(sql);
}

char *mig_exec_journal(mig_cx *cx, const mig_db *db, const char *schema) {
  sqlite3_stmt *st = mig_query(cx, db, "PRAGMA \"%w\".journal_mode", schema);
  char *mode = exec_row(cx, st) ? mig_column(cx, st, 0) : NULL;

  mig_stmt_end(cx, st);
  return mode;
}

/* The text from its first token on: messages and offsets begin there. */
static mig_span exec_skip(mig_span sql) {
  mig_span rest = sql;
  mig_token t = mig_token_next(&rest);

  return (mig_span){t.s.p, (int)(sql.p + sql.n - t.s.p)};
}

static sqlite3_stmt *exec_user(mig_cx *cx, const mig_db *db, mig_span sql,
                               mig_span *tail) {
  int attach = db->guests != NULL;
  const char *why = cx->rc ? NULL : mig_sql_refusal(sql, attach), *end = sql.p;
  sqlite3_stmt *st;

  if (why) mig_fail(cx, SQLITE_ERROR, "%s", why);
  mig_attach_check(cx, db, sql);
  if (db->tape) mig_tape_watch(db->tape);
  st = mig_prepare(cx, db, sql.p, &end);
  mig_tape_refuse(cx, db, NULL);
  *tail = (mig_span){end, (int)(sql.p + sql.n - end)};
  if (st && db->writes && !sqlite3_stmt_readonly(st))
    db->writes(cx, db->writes_arg);
  return cx->rc ? NULL : st;
}

/* Does a statement of this text change rows only, and no schema? */
static int exec_is_data(mig_span sql) {
  return mig_token_any(mig_token_next(&sql),
                       "INSERT UPDATE DELETE REPLACE SELECT WITH");
}

static void exec_check(mig_cx *cx, mig_span sql) {
  if (!cx->rc && sql.n && memchr(sql.p, 0, (size_t)sql.n))
    mig_fail(cx, SQLITE_ERROR, "a NUL byte in SQL text; bind it as a value");
}

sqlite3_stmt *mig_exec_prepare(mig_cx *cx, const mig_db *db, mig_span sql,
                               mig_span *tail) {
  sqlite3_stmt *st = NULL;

  exec_check(cx, sql);
  *tail = sql;
  while (!cx->rc && !st && tail->n)
    st = exec_user(cx, db, exec_skip(*tail), tail);
  mig_tape_refuse(cx, db, st);
  return st;
}

void mig_exec_script(mig_cx *cx, const mig_db *db, mig_span sql, mig_binder *b,
                     int *at) {
  /* a copy with a NUL behind it: SQLite would make one for each statement */
  const char *text = mig_strndup(cx, sql.p, sql.n);
  mig_span rest = {text, sql.n};
  sqlite3_stmt *st;
  int data, tell;

  exec_check(cx, sql);
  *at = 0;
  while (!cx->rc && rest.n) {
    rest = exec_skip(rest);
    *at = (int)(rest.p - text);
    data = exec_is_data(rest);
    st = rest.n ? exec_user(cx, db, rest, &rest) : NULL;
    if (st && b && sqlite3_bind_parameter_count(st)) b->bind(cx, b, st);
    tell = !data && st && db->heard;
    if (tell) db->heard(db->heard_arg, (mig_span){NULL, 0});
    mig_exec_done(cx, db, st);
    mig_stmt_end(cx, st);
    if (tell && !cx->rc)
      db->heard(db->heard_arg,
                (mig_span){text + *at, (int)(rest.p - text) - *at});
    if (!data) mig_undo_arm(cx, db);
  }
}
