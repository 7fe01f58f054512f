/*
** ext/run/run.h - doing: a whole run, one step, one change; and the files a
** new revision needs.  Layer 4.
**
** Invariants
**  - The lock is taken, then the version rows are read, then the plan is made.
**  - What fails leaves the database as it was before its transaction.
**  - The host's connection is the host's: every setting is as it was, after
**    success and after an error.
*/
#ifndef MIG_RUN_H
#define MIG_RUN_H
#include "ext/schema/schema.h"
#include "ext/store/store.h"

typedef struct mig_run mig_run;
struct mig_run {
  mig_project *project;
  const mig_db *db;       /* project->db                                   */
  mig_conn *conn;         /* project->conn                                 */
  const mig_revision *at; /* the revision of the step under way, or NULL   */
  mig_direction dir;      /* ... and its direction                         */
  mig_list taken;         /* mig_taken: the transaction's steps            */
  sqlite3_stmt *probe;    /* SELECT 1, by which an interrupt is heard      */
};

/* ---- whole runs (run.c).  `target` NULL is the default. ---- */

/* Steps taken. */
int mig_run_upgrade(mig_cx *cx, mig_conn *conn, const char *target);
int mig_run_downgrade(mig_cx *cx, mig_conn *conn, const char *target);
/* Version rows there are afterwards. */
int mig_run_stamp(mig_cx *cx, mig_conn *conn, const char *target, int purge);

/* ---- one step (step.c), and writing it down (record.c) ---- */

typedef struct mig_taken mig_taken;
struct mig_taken {
  const mig_revision *rev;
  sqlite3_int64 began; /* on mig_os_clock_ms()'s clock */
  sqlite3_int64 ms;    /* how long it took             */
};

/* Take one step: hooks, script, the graph's state; added to run->taken. */
void mig_step_take(mig_cx *cx, mig_run *run, mig_revision *rev);
/*
** Make the version rows `rows` (char), and a log row for each of `taken`
** (mig_taken).  Once for each transaction, before its end.
*/
void mig_record(mig_cx *cx, mig_run *run, const mig_list *rows,
                const mig_list *taken, const char *direction);

/* ---- one change (change.c) ---- */

/* Make the change in the run's schema, by the cheapest way that is right. */
void mig_run_change(mig_cx *cx, mig_run *run, const mig_change *c);

/* ---- stopping (stop.c) ---- */

/*
** Has the host called sqlite3_interrupt()?  Then cx holds SQLITE_INTERRUPT.
** Steps a kept statement, the probe, so it costs less than a microsecond; call
** it every 10 ms.  Also for SQLite before 3.41, which has no function for it.
*/
sqlite3_stmt *mig_stop_probe(mig_cx *cx, const mig_db *db); /* cx's */
int mig_stopped(mig_cx *cx, sqlite3_stmt *probe);

/* ---- transactions (txn.c) ---- */

/*
** A transaction of ours: BEGIN IMMEDIATE in autocommit mode, a savepoint inside
** the caller's.  Waits for locks up to lock_timeout_ms, besides what the host's
** own busy handler does.
*/
typedef struct mig_txn mig_txn;
struct mig_txn {
  int open;      /* has begun, and not ended                     */
  int nested;    /* it is a savepoint                            */
  mig_undo undo; /* what rolls it back, prepared while all is well */
};
void mig_txn_begin(mig_cx *cx, mig_run *run, mig_txn *t);
/* Prepare its end, before the first change: it may have to work without memory,
** and fails here if it is not allowed. */
void mig_txn_arm(mig_cx *cx, mig_run *run, mig_txn *t);
/* Commit, or roll back when cx holds an error, which stays. */
void mig_txn_end(mig_cx *cx, mig_run *run, mig_txn *t);

/* ---- the host's connection (guard.c) ---- */

enum { MIG_NGUARD = 9 };
typedef struct mig_guard mig_guard;
struct mig_guard {
  int on;                /* are the values below to be put back? */
  int value[MIG_NGUARD]; /* of the sqlite3_db_config() flags     */
};
/* Refuse unless the calling statement is the connection's only running one,
** and only reads. */
void mig_guard_calling(mig_cx *cx, mig_conn *conn);
/* Note the connection's flags and set those that a run needs. */
void mig_guard_enter(mig_cx *cx, mig_run *run, mig_guard *g);
/* Put every flag back; also after an error. */
void mig_guard_leave(mig_run *run, mig_guard *g);

/* ---- foreign keys (fk.c) ---- */

/* All violations there are.  Costs a foreign_key_check.  The object is cx's. */
typedef struct mig_fk mig_fk;
mig_fk *mig_fk_read(mig_cx *cx, const mig_db *db);
void mig_fk_end(mig_cx *cx, mig_fk *fk); /* free it now; safe with NULL */
/* Fail, listing them, if `now` holds violations that `was` does not.  Tables
** and columns that were renamed in between are followed. */
void mig_fk_compare(mig_cx *cx, const mig_fk *was, const mig_fk *now);

/* ---- plain SQL revisions (plain.c) ---- */

extern const mig_engine mig_engine_sql;

/* ---- the setting `linear` (policy.c) ---- */

/* Fail when it is on and there are several heads. */
void mig_policy_one_head(mig_cx *cx, const mig_project *p);
/* Fail when it is on and a revision on these parents would be a second head. */
void mig_policy_new_head(mig_cx *cx, const mig_project *p,
                         const mig_list *parents);

/* ---- files (author.c, rebase.c) ---- */

/* Make the directory, env.lua, the template and versions/; what exists is
** kept.  Returns the path, and sets the connection's `directory` to it. */
const char *mig_author_init(mig_cx *cx, mig_conn *conn, const char *directory);

/* What migrate_revision's options say, Alembic's flags; NULL: not given. */
typedef struct mig_author_options mig_author_options;
struct mig_author_options {
  const char *head;         /* what it stands on; "base" for a new base     */
  const char *rev_id;       /* its id; default 12 random hex digits         */
  const char *format;       /* "lua" (default) or "sql"                     */
  const char *branch_label; /* comma list of labels it carries              */
  const char *depends_on;   /* comma list of ids and labels                 */
  const char *splice;       /* "1": `head` need not be a head               */
  const char *join;         /* migrate_merge: comma list of targets to join */
};
/* Put a revision that is not applied onto others (a comma list, or "base"), by
** rewriting one line of its file.  Returns the path. */
const char *mig_author_rebase(mig_cx *cx, mig_conn *conn, const char *revision,
                              const char *onto);
/* Write a new revision.  Returns its path. */
const char *mig_author_revision(mig_cx *cx, mig_conn *conn, const char *message,
                                const mig_author_options *o);
#endif
