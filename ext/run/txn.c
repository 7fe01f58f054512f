/* ext/run/txn.c - one transaction of ours, inside the caller's or on its own.
 */
#include "ext/run/run.h"

#define SAVEPOINT "migrate_savepoint"
#define UNDO_TRIES 6

/* Is there time to try again?  Sleeps, a little longer each time. */
static int txn_wait(mig_cx *cx, mig_run *run, sqlite3_int64 since, int *nap) {
  sqlite3_int64 limit = mig_config_int(run->conn, "lock_timeout_ms");
  sqlite3_int64 left = since + limit - mig_os_clock_ms();

  if (left <= 0 || mig_run_stopped(cx, run)) return 0;
  sqlite3_sleep(left < *nap ? (int)left : *nap);
  if (*nap < 50) *nap *= 2;
  return 1;
}

/* Run `sql`, again and again while another connection holds the lock. */
static void txn_retry(mig_cx *cx, mig_run *run, const char *sql) {
  sqlite3_int64 since = mig_os_clock_ms();
  int nap = 1, busy = 1;

  while (busy && !cx->rc) {
    mig_cx try = {0};
    mig_exec(&try, run->db, "%s", sql);
    busy = (try.rc & 0xff) == SQLITE_BUSY;
    if (!busy || !txn_wait(cx, run, since, &nap)) {
      if (busy)
        mig_fail(cx, try.rc,
                 "database %s is locked by another connection; waited %lld ms "
                 "(lock_timeout_ms)",
                 run->db->schema, mig_os_clock_ms() - since);
      mig_fail_move(cx, &try);
      busy = 0;
    }
    mig_cx_release(&try);
  }
}

/*
** Inside the caller's transaction a savepoint takes no lock; a delete of
** nothing does.  Without our table the first write will.
*/
static void txn_lock_nested(mig_cx *cx, mig_run *run) {
  mig_cx try = {0};
  char *sql = mig_printf(cx, "DELETE FROM \"%w\"._migrate_version WHERE 0",
                         run->db->schema);
  sqlite3_stmt *st = sql ? mig_query(&try, run->db, "%s", sql) : NULL;
  int there = st != NULL;

  mig_cx_release(&try);
  if (there) txn_retry(cx, run, sql);
}

void mig_txn_begin(mig_cx *cx, mig_run *run, mig_txn *t) {
  t->nested = !sqlite3_get_autocommit(run->db->h);
  if (t->nested) txn_lock_nested(cx, run);
  txn_retry(cx, run, t->nested ? "SAVEPOINT " SAVEPOINT : "BEGIN IMMEDIATE");
  t->open = !cx->rc;
}

/*
** While sqlite3_interrupt()'s flag is up, which is as long as the statement
** that called us runs, every statement fails as it starts, ROLLBACK too.  But
** one that counts as a writer then takes the transaction with it
** (https://sqlite.org/c3ref/interrupt.html), all of it, the caller's too.
** VACUUM counts as one, needs no schema, and where it is not interrupted it
** refuses to run in a transaction.  No space behind it: the parser looks at the
** flag when it meets one.
*/
static void txn_undo(mig_run *run, const mig_txn *t) {
  const char *undo[2];
  int i, done = 0;

  undo[0] = t->nested ? "ROLLBACK TO " SAVEPOINT ";RELEASE " SAVEPOINT ";"
                      : "ROLLBACK;";
  undo[1] = "VACUUM;";
  for (i = 0; i < UNDO_TRIES && !done; i++) { /* memory may come back */
    mig_cx own = {0};
    mig_exec(&own, run->db, "%s", undo[i % 2]);
    done = sqlite3_get_autocommit(run->db->h) || (i % 2 == 0 && !own.rc);
    mig_cx_release(&own);
  }
}

void mig_txn_end(mig_cx *cx, mig_run *run, mig_txn *t) {
  if (!t->open) return;
  txn_retry(cx, run, t->nested ? "RELEASE " SAVEPOINT : "COMMIT");
  if (cx->rc) txn_undo(run, t);
  t->open = 0;
}
