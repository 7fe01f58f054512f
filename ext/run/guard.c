/*
** ext/run/guard.c - the host's connection is the host's: called only when it is
** at rest, and left as it was found.
**
** Only what SQLite can give back is changed.  A busy handler, a progress
** handler and an authorizer cannot be read, so they are never set.
*/
#include "ext/run/run.h"

/* Flags noted, and what a run needs them to be; -1 leaves it to the host. */
static const struct {
  int op, need;
} guard_flag[MIG_NGUARD] = {
    {SQLITE_DBCONFIG_ENABLE_FKEY, 0},
    {SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 0},
    {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
    {SQLITE_DBCONFIG_DEFENSIVE, -1},
    {SQLITE_DBCONFIG_ENABLE_TRIGGER, -1},
    {SQLITE_DBCONFIG_ENABLE_VIEW, -1},
    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, -1},
    {SQLITE_DBCONFIG_DQS_DDL, -1},
    {SQLITE_DBCONFIG_DQS_DML, -1},
};

static void guard_set(mig_run *run, int i, int value) {
  int now = value;

  sqlite3_db_config(run->db->h, guard_flag[i].op, -1, &now);
  if (now != value)
    sqlite3_db_config(run->db->h, guard_flag[i].op, value, &now);
}

void mig_guard_enter(mig_cx *cx, mig_run *run, mig_guard *g) {
  int i;

  if (cx->rc) return;
  for (i = 0; i < MIG_NGUARD; i++) {
    sqlite3_db_config(run->db->h, guard_flag[i].op, -1, &g->value[i]);
    if (guard_flag[i].need >= 0) guard_set(run, i, guard_flag[i].need);
  }
  g->on = 1;
}

void mig_guard_leave(mig_run *run, mig_guard *g) {
  int i;

  for (i = 0; g->on && i < MIG_NGUARD; i++) guard_set(run, i, g->value[i]);
  g->on = 0;
}

/* The text of a running statement other than the one that called us. */
static const char *guard_other(sqlite3 *h) {
  const char *text = "?", *z;
  sqlite3_stmt *st;

  for (st = sqlite3_next_stmt(h, NULL); st; st = sqlite3_next_stmt(h, st)) {
    z = sqlite3_stmt_busy(st) ? sqlite3_sql(st) : NULL;
    if (z && !strstr(z, "migrate_")) return z;
    if (z) text = z;
  }
  return text;
}

/*
** SQLite counts what is still to be met of deferred foreign keys, and would
** not see it met while they are not enforced
** (https://sqlite.org/c3ref/c_dbstatus_options.html, DEFERRED_FKS).
*/
static int guard_deferred(sqlite3 *h) {
  int now = 0, high = 0;

  if (sqlite3_get_autocommit(h)) return 0;
  sqlite3_db_status(h, SQLITE_DBSTATUS_DEFERRED_FKS, &now, &high, 0);
  return now != 0;
}

void mig_guard_calling(mig_cx *cx, mig_conn *conn) {
  sqlite3_stmt *st;
  int running = 0, writing = 0;

  if (cx->rc) return;
  if (mig_txn_is_stuck(conn)) {
    mig_fail(cx, SQLITE_ERROR,
             "the last migration failed and, for want of memory, could not be "
             "rolled back; end the transaction with ROLLBACK first");
    return;
  }
  for (st = sqlite3_next_stmt(conn->h, NULL); st;
       st = sqlite3_next_stmt(conn->h, st)) {
    if (!sqlite3_stmt_busy(st)) continue;
    running++;
    writing += !sqlite3_stmt_readonly(st);
  }
  if (running > 1)
    mig_fail(cx, SQLITE_ERROR,
             "another statement of this connection is unfinished; read it to "
             "its end, or reset it: %.200s",
             guard_other(conn->h));
  else if (writing)
    mig_fail(cx, SQLITE_ERROR,
             "called from a statement that writes; call it in a SELECT of its "
             "own");
  else if (guard_deferred(conn->h))
    mig_fail(cx, SQLITE_ERROR,
             "the open transaction has deferred foreign keys that are not met "
             "yet, and SQLite would lose count of them; commit it, or complete "
             "them, first");
}
