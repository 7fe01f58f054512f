/* ext/run/txn.c - one transaction of ours, inside the caller's or on its own.
 */
#include "ext/run/run.h"

#define SAVEPOINT "_migrate_savepoint"
#define UNDO_TRIES 6

/*
** A handler of the host's own is 0 too, and stays
** (https://sqlite.org/c3ref/busy_handler.html).  Where SQLite has a timeout for
** blocking locks besides, setting one would set the other.
*/
int mig_txn_take_timeout(mig_run *run) {
  mig_cx own = {0};
  int ms = 0;

  if (!sqlite3_compileoption_used("ENABLE_SETLK_TIMEOUT"))
    ms = (int)mig_query_int(&own, run->db, 0, "PRAGMA busy_timeout");
  mig_cx_release(&own);
  if (ms > 0) sqlite3_busy_timeout(run->db->h, 0);
  return ms;
}

/* Is there time to try again?  Sleeps, a little longer each time. */
static int txn_wait(mig_cx *cx, mig_run *run, sqlite3_int64 until, int *nap) {
  sqlite3_int64 left = until - mig_os_clock_ms();

  if (left <= 0 || mig_stopped(cx, run->probe)) return 0;
  mig_progress_poll(cx, run);
  if (cx->rc) return 0;
  sqlite3_sleep(left < *nap ? (int)left : *nap);
  if (*nap < 50) *nap *= 2;
  return 1;
}

/* Two transactions would wait for each other: the other one's COMMIT needs an
** end of all reading (https://sqlite.org/lockingv3.html), or in WAL mode makes
** what was read here old. */
static int txn_reads(const mig_run *run) {
  return !sqlite3_get_autocommit(run->db->h) &&
         sqlite3_txn_state(run->db->h, run->db->schema) == SQLITE_TXN_READ;
}

void mig_txn_retry(mig_cx *cx, mig_run *run, const char *sql) {
  sqlite3_int64 limit = mig_config_int(run->conn, "lock_timeout_ms");
  sqlite3_int64 since = mig_os_clock_ms();
  int nap = 1, busy = 1, timeout;

  while (busy && !cx->rc) {
    mig_cx try = {0};
    timeout = mig_txn_take_timeout(run);
    if (timeout > limit) limit = timeout;
    mig_exec(&try, run->db, "%s", sql);
    if (timeout > 0) sqlite3_busy_timeout(run->db->h, timeout);
    busy = (try.rc & 0xff) == SQLITE_BUSY;
    if (try.rc == SQLITE_BUSY_SNAPSHOT)
      mig_fail(cx, try.rc,
               "the transaction began before another connection's change; "
               "roll it back and begin again");
    else if (busy && txn_reads(run))
      mig_fail(cx, try.rc,
               "another connection is writing, and cannot end before this "
               "transaction, which has read; roll it back and begin again with "
               "BEGIN IMMEDIATE");
    if (busy && !cx->rc && !txn_wait(cx, run, since + limit, &nap))
      mig_fail(cx, try.rc,
               "database %s, or another one of this connection, is locked by "
               "another connection; waited %lld ms (lock_timeout_ms)",
               run->db->schema, mig_os_clock_ms() - since);
    if (!busy) mig_fail_move(cx, &try);
    mig_cx_release(&try);
  }
}

/*
** Inside the caller's transaction a savepoint takes no lock.  A delete of
** nothing does; where our table is not there yet, making it and taking that
** back does.  What fails for another reason than the lock fails again later,
** where it matters.
*/
static void txn_lock_nested(mig_cx *cx, mig_run *run) {
  const char *const form[] = {"DELETE FROM \"%w\"._migrate_version WHERE 0",
                              "CREATE TABLE \"%w\"._migrate_version(revision);"
                              "ROLLBACK TO " SAVEPOINT};
  int i, done = 0;

  for (i = 0; i < 2 && !cx->rc && !done; i++) {
    char *sql = mig_printf(cx, form[i], run->db->schema);
    mig_cx try = {0};
    if (sql) mig_txn_retry(&try, run, sql);
    done = (try.rc & 0xff) != SQLITE_ERROR;
    if ((try.rc & 0xff) == SQLITE_BUSY || (try.rc & 0xff) == SQLITE_INTERRUPT ||
        run->cancelled)
      mig_fail_move(cx, &try);
    mig_cx_release(&try);
  }
}

void mig_txn_begin(mig_cx *cx, mig_run *run, mig_txn *t) {
  sqlite3 *h = run->db->h;

  t->nested = !sqlite3_get_autocommit(h);
  mig_txn_retry(cx, run,
                t->nested ? "SAVEPOINT " SAVEPOINT : "BEGIN IMMEDIATE");
  /* what is interrupted as it ends fails, and has begun all the same */
  t->open = t->nested || !sqlite3_get_autocommit(h);
  if (t->nested) txn_lock_nested(cx, run);
  mig_exec_alive(cx, h);
}

void mig_txn_arm(mig_cx *cx, mig_run *run, mig_txn *t) {
  t->undo.sql[0] = t->nested ? "ROLLBACK TO " SAVEPOINT : "ROLLBACK";
  t->undo.sql[1] = t->nested ? "RELEASE " SAVEPOINT : NULL;
  run->project->db.undo = &t->undo;
  mig_undo_arm(cx, run->db);
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
static int txn_undo(mig_run *run, const mig_txn *t) {
  int i, done = mig_undo_run(run->db);
  const char *undo[2];

  undo[0] = t->nested ? "ROLLBACK TO " SAVEPOINT ";RELEASE " SAVEPOINT ";"
                      : "ROLLBACK;";
  undo[1] = "VACUUM;";
  for (i = 0; i < UNDO_TRIES && !done; i++) { /* memory may come back */
    mig_cx own = {0};
    mig_exec(&own, run->db, "%s", undo[i % 2]);
    done = sqlite3_get_autocommit(run->db->h) || (i % 2 == 0 && !own.rc);
    mig_cx_release(&own);
  }
  return done;
}

void mig_txn_end(mig_cx *cx, mig_run *run, mig_txn *t) {
  mig_undo *undo = run->project->db.undo;

  if (!t->open) return;
  mig_notes_space(cx, run);
  if (!cx->rc) run->committed = 1;
  run->project->db.undo = NULL; /* the end itself is not to arm it again */
  mig_txn_retry(cx, run, t->nested ? "RELEASE " SAVEPOINT : "COMMIT");
  run->project->db.undo = undo;
  if (cx->rc) {
    run->conn->stuck = txn_undo(run, t) ? 0 : t->nested ? 2 : 1;
    if (t->nested && sqlite3_get_autocommit(run->db->h))
      mig_fail_in(cx, "the whole transaction was rolled back");
  }
  mig_undo_end(run->db);
  run->project->db.undo = NULL;
  t->open = 0;
}

/*
** The host may have rolled back by now and begun another one; SQLite tells of
** neither.  But a savepoint is gone with its transaction: ours is set the first
** time that somebody asks, and looked for from then on.
*/
int mig_txn_is_stuck(mig_conn *conn) {
  mig_db db = {.h = conn->h, .schema = "main"};
  mig_cx own = {0};

  if (sqlite3_get_autocommit(conn->h)) conn->stuck = 0;
  if (conn->stuck == 2) {
    mig_exec(&own, &db, "RELEASE " SAVEPOINT);
    conn->stuck = own.rc == SQLITE_ERROR ? 0 : 1;
    mig_cx_release(&own);
  }
  if (conn->stuck == 1) {
    mig_exec(&own, &db, "SAVEPOINT " SAVEPOINT);
    conn->stuck = own.rc ? 1 : 2;
    mig_cx_release(&own);
  }
  return conn->stuck != 0;
}
