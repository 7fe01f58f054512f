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

/* The flags of the host's connection, as they were (guard.c). */
enum { MIG_NGUARD = 11 };
typedef struct mig_guard mig_guard;
struct mig_guard {
  int on;                /* are the values below to be put back? */
  int value[MIG_NGUARD]; /* of the sqlite3_db_config() flags     */
};

/* Who is told how far a run has come. */
typedef enum mig_watch {
  MIG_WATCH_NONE,
  MIG_WATCH_CALL, /* the host's function                        */
  MIG_WATCH_LINE, /* a terminal, whose last line is rewritten   */
  MIG_WATCH_LINES /* standard error that is none, line for line */
} mig_watch;

/* How far it has come, and when that was last told (progress.c). */
typedef struct mig_progress mig_progress;
struct mig_progress {
  mig_cx *cx;           /* the whole run's, which owns the rest; NULL: closed */
  mig_watch watch;      /* NONE: nothing below counts                         */
  const char *function; /* the setting on_progress, or NULL                   */
  sqlite3_stmt *call;   /* ... and the SELECT that calls it                   */
  int inside;           /* is it being told?                                  */
  int due, late;        /* a step, a long work has begun: tell it at once     */
  int columns;          /* written on the terminal's line                     */
  int step, steps;      /* from 1; of how many                                */
  const char *doing;    /* a word, or NULL; borrowed for good                 */
  char *table;          /* owned: sqlite3_malloc; NULL: none                  */
  sqlite3_int64 total;  /* rows of the work, as far as known                  */
  sqlite3_int64 done;   /* ... done                                           */
  sqlite3_int64 base;   /* ... done when it began                             */
  /* on mig_os_clock_ms()'s clock: */
  sqlite3_int64 began; /* the run                          */
  sqlite3_int64 since; /* the work                         */
  sqlite3_int64 shown; /* the last report                  */
  int patience;        /* milliseconds before the first one */
};

typedef struct mig_run mig_run;
struct mig_run {
  mig_project *project;
  const mig_db *db;       /* project->db                                   */
  mig_conn *conn;         /* project->conn                                 */
  const mig_revision *at; /* the revision of the step under way, or NULL   */
  mig_direction dir;      /* ... and its direction                         */
  const char *script;     /* path of the script outside of the graph, or NULL */
  mig_list taken;         /* mig_taken: the transaction's steps            */
  sqlite3_stmt *probe;    /* SELECT 1, by which an interrupt is heard      */
  struct mig_fk *fk;      /* the foreign keys' violations before, or NULL  */
  int spoilt;             /* a change failed half-way: it can only end     */
  mig_txn txn;            /* the transaction under way                     */
  mig_guard guard;
  struct mig_resume *resume; /* while a resumable script runs, else NULL   */
  int cancelled;           /* the host wants its end: no script may catch it */
  mig_progress progress;   /* who watches, and what                         */
  const char *backup;      /* the file made before the first step, or NULL  */
  int committed;           /* was a COMMIT tried?                          */
  struct mig_notes *notes; /* of a rehearsal, else NULL                  */
};

/* ---- whole runs (run.c).  `target` NULL is the default. ---- */

/* Steps taken. */
int mig_run_upgrade(mig_cx *cx, mig_conn *conn, const char *target);
int mig_run_downgrade(mig_cx *cx, mig_conn *conn, const char *target);
/* Version rows there are afterwards. */
int mig_run_stamp(mig_cx *cx, mig_conn *conn, const char *target, int purge);

/*
** What the run from one end of `range` to the other would do, as SQL text:
** "a:b", "a:" (to the head), "b" or NULL (from where the database is); a range
** that ends below its beginning is a downgrade's.  Empty when there is nothing
** to do.  Fails on a revision that reads rows, calls Lua from SQL, or has
** transactional = false (offline.c).
*/
char *mig_offline(mig_cx *cx, mig_conn *conn, const char *range);

/* ---- a copy of the database in a file (backup.c) ---- */

/*
** Write the database in the setting `schema` into a new file: copied, checked
** and durable before it has its name.  Its bytes.  Refuses a name that is taken
** in any way, and begins only where there is room.  It is what the connection
** sees; inside the caller's transaction that is what is not committed, too.
*/
sqlite3_int64 mig_run_backup(mig_cx *cx, mig_conn *conn, const char *path);
/* The same before a run's first step, with the lock held, when the setting
** `backup` says where to; not for a run that goes on with what is unfinished.
** In mig_run.backup it is the run's. */
void mig_backup_first(mig_cx *cx, mig_run *run);
/* It is mig_backup's `wait`, with a run as its argument. */
int mig_backup_wait(mig_cx *cx, void *run, int ms);
/* At the run's end: remove it if the run has failed and left all as it was. */
void mig_backup_close(const mig_cx *cx, mig_run *run);

/* ---- rehearsing (rehearse.c) ---- */

/*
** Upgrade, take it back and upgrade again, on a replica; what came of it, as
** text.  Fails as the upgrade would; what else goes wrong is in the text.
*/
char *mig_run_rehearsal(mig_cx *cx, mig_conn *conn, const char *target);

/* What a rehearsal notes of a run (notes.c).  `= {0}`; release mem. */
typedef struct mig_note mig_note;
struct mig_note {
  int step;           /* it is a step; else a part of the step before it  */
  const char *title;  /* a revision's id, or what is done                 */
  const char *way;    /* of an alteration: mig_way_names'; borrowed       */
  const char *reason; /* why so; of a step: its message; or NULL          */
  sqlite3_int64 ms;   /* how long it took; -1: no matter                  */
  sqlite3_int64 rows; /* what it wrote, or copied; -1: no matter          */
};
typedef struct mig_notes mig_notes;
struct mig_notes {
  const mig_list *take; /* char: the ids of the steps to take; NULL: as   */
                        /* the target says                                */
  mig_list steps;       /* mig_revision: the plan's; they are the run's cx's */
  mig_cx mem;           /* of the lines, and the first error              */
  mig_list lines;       /* mig_note                                       */
  mig_note *step;       /* the one under way, or NULL                     */
  int cancelled;        /* did the host's function want its end?          */
  sqlite3_int64 file, journal, both; /* most bytes at a COMMIT: of the      */
                                     /* database, of its journal, together  */
  /* private */
  int counting;
  sqlite3_int64 rows, altered, mark; /* changes */
  sqlite3_int64 began, before, copied;
};
/* All do nothing in a run that is no rehearsal's.  The first hears of schema
** changes in SQL of a user's. */
void mig_notes_open(mig_run *run);
void mig_notes_step(mig_run *run, const mig_revision *rev);
void mig_notes_end(mig_run *run, sqlite3_int64 ms);
/* Do rows that are written from here on count as the step's? */
void mig_notes_count(mig_run *run, int on);
/* Around an alteration; what of it is a copy of rows; and what it was. */
void mig_notes_begin(mig_run *run);
void mig_notes_copied(mig_run *run, sqlite3_int64 rows);
void mig_notes_change(mig_run *run, const char *title, const char *way,
                      const char *reason);
void mig_notes_remark(mig_run *run, const char *title, const char *what);
/* Before a VACUUM; before a COMMIT. */
void mig_notes_vacuum(mig_cx *cx, mig_run *run);
void mig_notes_space(mig_cx *cx, mig_run *run);
/* Runs that are noted; on a replica. */
int mig_run_noted(mig_cx *cx, mig_conn *conn, const char *target,
                  mig_direction dir, mig_notes *notes);

/* What a schema holds, to be compared with what it held (snapshot.c). */
typedef struct mig_snapshot mig_snapshot;
struct mig_snapshot {
  mig_list objects; /* by type and name: private */
  mig_list tables;  /* by name: private          */
};
mig_snapshot *mig_snapshot_take(mig_cx *cx, const mig_db *db);
/* What `now` has otherwise than `was`: char, one finding each. */
mig_list mig_snapshot_compare(mig_cx *cx, const mig_snapshot *was,
                              const mig_snapshot *now);

/*
** Accept the text that the script of an applied revision has now: a row of the
** log, direction `bless`.  Returns the revision's id.  Fails when it is not
** applied, has no script, has a wrong text, or the one that was applied
** (bless.c).
*/
const char *mig_run_bless(mig_cx *cx, mig_conn *conn, const char *revision);

/* ---- how far it has come (progress.c) ---- */

/*
** Told to the host's function (setting on_progress), or on standard error
** (setting progress); to nobody, all this costs nothing.  The function cancels
** by a true answer: cx then holds SQLITE_ABORT, and run->cancelled is set, as
** it is for an error of the function's, which may read with this connection
** and not write.
*/
/* A run begins.  Fails when on_progress names no function.  cx must live until
** mig_progress_close(). */
void mig_progress_open(mig_cx *cx, mig_run *run);
/* Step i, from 1, of n begins; told by the next poll. */
void mig_progress_step(mig_run *run, int i, int n);
/* What is being done: a word like "copy", borrowed for good; and the table,
** copied, or NULL.  Ends the work before; NULL: none. */
void mig_progress_work(mig_run *run, const char *doing, const char *table);
/* How many rows the work has, where that is known: else the table is asked,
** once there is something to tell.  A long one is told by the next poll. */
#define MIG_PROGRESS_LONG 20000
void mig_progress_total(mig_run *run, sqlite3_int64 total);
/* So many are done.  The rate counts from the first call of a work: call it
** before the first row, with the rows of an earlier run that is resumed. */
void mig_progress_rows(mig_cx *cx, mig_run *run, sqlite3_int64 done);
/* The same without news; every 50 ms is enough. */
void mig_progress_poll(mig_cx *cx, mig_run *run);
/* The run has ended; how, its cx knows.  Safe with one that was not opened. */
void mig_progress_close(mig_run *run);
/* ---- what begins and ends with a run, and with its transactions (work.c) ----
 */

/* A call's beginning: nothing is read or locked yet, but the settings. */
void mig_work_open(mig_cx *cx, mig_run *run, mig_conn *conn);
/* Rolls back what is open.  Safe at any time. */
void mig_work_close(mig_cx *cx, mig_run *run);
/* Take the lock. */
void mig_work_begin(mig_cx *cx, mig_run *run);
/* What must be so before the first change of a transaction; before the run's
** first one, env.lua. */
void mig_work_ready(mig_cx *cx, mig_run *run);
/* Check the foreign keys and commit; roll back when cx holds an error. */
void mig_work_end(mig_cx *cx, mig_run *run);

/* ---- revisions and scripts with transactional = false (resume.c) ---- */

/*
** Each op of such a script is a transaction of its own, in which a row of the
** journal is written: so a restarted script is run again from its top, and what
** has its row is skipped.  Between ops no transaction is open.
**
**   if (mig_resume_op(cx, run, what, &n)) n = ...;
**   mig_resume_done(cx, run, n);
**
** In any other run both do nothing, and the op is to be done.
*/

/*
** Is the op to be done?  If not, it was before, and *result is what it gave.
** `what` says in full what it does, for comparison; its beginning is kept to be
** read.  NULL in a run that is not resumable is fine.  An op that is another
** one than before the interruption is an error that no script can catch; nor
** may it catch that the journal cannot be asked, and believe that the op has
** failed.  One that did fail, before others were done, fails again, untried.
*/
int mig_resume_op(mig_cx *cx, mig_run *run, const char *what,
                  sqlite3_int64 *result);
/* Behind it, also after an error and when it was not to be done: journal and
** commit, or roll back. */
void mig_resume_done(mig_cx *cx, mig_run *run, sqlite3_int64 result);
/* Roll back what a Lua error (no memory) has jumped away from: what the script
** does next must not see it. */
void mig_resume_abandon(mig_run *run);
/*
** An op that commits in chunks.  Where it stood, as the last chunk said it;
** NULL: at its beginning.  Valid until the next chunk.  To be asked again
** behind every chunk: another process may have gone on.
*/
const char *mig_resume_key(mig_cx *cx, mig_run *run, sqlite3_int64 *rows);
/* Journal the place and the rows so far, commit, begin again.  SQLITE_BUSY,
** when another process has come to the op's end.  Once a chunk is committed the
** op's errors cannot be caught. */
void mig_resume_chunk(mig_cx *cx, mig_run *run, const char *key,
                      sqlite3_int64 rows);

/* What the ops of one script have in common.  `= {0}`, then the first five. */
typedef struct mig_resume mig_resume;
struct mig_resume {
  const char *name;      /* a revision's id, or a script's path as given    */
  const char *direction; /* upgrade, downgrade, run                         */
  const char *title;     /* for messages: "revision ID (path)"              */
  const char *checksum;  /* of the text                                     */
  mig_log_row log;       /* the row of _migrate_log that it gets            */
  sqlite3_int64 log_id;  /* ... and has                                     */
  sqlite3_int64 ordinal; /* of the op under way, from 1                     */
  sqlite3_int64 done;    /* ops in the journal                              */
  int fresh;             /* it has begun in this call                       */
  int lost;              /* the script may catch nothing any more           */
  int gone;              /* nor can it go on another time                   */
  int partly;            /* the op under way has committed chunks           */
  int started;           /* an op has committed a chunk of its work         */
  mig_cx op;             /* of the op: what its row says of it ...          */
  mig_journal_row row;
  mig_cx chunk;         /* of its transaction                              */
  mig_journal_row *was; /* its row before, or NULL; chunk's                */
  int later;            /* has an op behind it a row?                      */
  mig_cx idle;          /* holds run->fk between two ops                   */
};
/* In a transaction: begin, or go on if the journal has it. */
void mig_resume_begin(mig_cx *cx, mig_run *run, mig_resume *r);
/* Around the script, with no transaction open. */
void mig_resume_enter(mig_cx *cx, mig_run *run, mig_resume *r);
void mig_resume_leave(mig_cx *cx, mig_run *run);
/* In a transaction, at its end: take the journal's rows away. */
void mig_resume_end(mig_cx *cx, mig_run *run, mig_resume *r, sqlite3_int64 ms);
/* In a transaction: fail unless what is unfinished is still what this call has
** begun or goes on with. */
void mig_resume_still(mig_cx *cx, mig_run *run, mig_resume *r);
/* Behind an error: say in it that the script stays unfinished. */
void mig_resume_fail(mig_cx *cx, const mig_resume *r);
/* How an unfinished one is given up, as SQL for a message: the run's last. */
char *mig_resume_exit(mig_cx *cx, mig_run *run, const char *name,
                      const char *direction);
/* Fail unless the plan's steps (mig_revision) finish what is unfinished, and
** their texts are the ones that have begun. */
void mig_resume_plan(mig_cx *cx, mig_run *run, const mig_list *steps);
/* Does the run, or its script, go on with what is unfinished?  The plan of a
** run must have been checked. */
int mig_resume_goes_on(mig_cx *cx, const mig_run *run);
/* Between two ops of one's own: without a transaction, and in one again. */
void mig_resume_aside(mig_cx *cx, mig_run *run);
void mig_resume_again(mig_cx *cx, mig_run *run);

/*
** Statements that no transaction can hold, VACUUM and PRAGMA journal_mode = x:
** is the text one, in a resumable run?  Then it is done (aside.c).
*/
int mig_aside_run(mig_cx *cx, mig_run *run, mig_span sql);

/* ---- one script outside of the graph (script.c) ---- */

void mig_run_script(mig_cx *cx, mig_conn *conn, mig_call *call);

/* ---- one step (step.c), and writing it down (record.c) ---- */

typedef struct mig_taken mig_taken;
struct mig_taken {
  const mig_revision *rev;
  sqlite3_int64 began; /* on mig_os_clock_ms()'s clock */
  sqlite3_int64 ms;    /* how long it took             */
};

/* Take one step: hooks, script, the graph's state; added to run->taken. */
void mig_step_take(mig_cx *cx, mig_run *run, mig_revision *rev);
/* Take a resumable one, in transactions of its own; one is open before, and
** none afterwards. */
void mig_step_resume(mig_cx *cx, mig_run *run, mig_revision *rev);
/* Is the step still to be taken?  Fails when it cannot be any more. */
int mig_step_wanted(mig_cx *cx, const mig_run *run, const mig_revision *rev);
/*
** Make the version rows `rows` (char), and a log row for each of `taken`
** (mig_taken).  Once for each transaction, before its end.
*/
void mig_record(mig_cx *cx, mig_run *run, const mig_list *rows,
                const mig_list *taken, const char *direction);

/* ---- one change (change.c) ---- */

/* Make the change in the run's schema, by the cheapest way that is right. */
void mig_run_change(mig_cx *cx, mig_run *run, const mig_change *c);

/* What changes (mig_change) say, in full: two that differ do in this. */
char *mig_change_text(mig_cx *cx, const char *table, const mig_list *changes);

/* May a table be rebuilt? */
typedef enum mig_recreate {
  MIG_RECREATE_AUTO,   /* where nothing cheaper is right */
  MIG_RECREATE_ALWAYS, /* also where it need not be      */
  MIG_RECREATE_NEVER   /* fail instead                   */
} mig_recreate;
/*
** Make several changes (mig_change) to one table in as few passes as may be.
** Of ADD_COLUMN, DROP_COLUMN, ALTER_COLUMN, ADD_CONSTRAINT, DROP_CONSTRAINT,
** REDEFINE_TABLE, CREATE_INDEX and DROP_INDEX; their `table` is not looked at.
*/
void mig_run_changes(mig_cx *cx, mig_run *run, const char *table,
                     const mig_list *changes, mig_recreate recreate);

/* ---- columns computed anew (backfill.c) ---- */

typedef struct mig_backfill mig_backfill;
struct mig_backfill {
  const char *table;
  mig_list columns;     /* char: the names of those that are set            */
  mig_list from;        /* char: what it is computed from: columns' names,  */
                        /* or SQL expressions                               */
  const char *where;    /* SQL: of which rows; NULL: of all                 */
  sqlite3_int64 chunk;  /* rows that are gone through at a time, 1 or more  */
  const char *function; /* a SQL function of the column's number from 0: its */
                        /* new value.  What SQLite calls first for a row has */
                        /* more arguments: the row's key (a part of it), and */
                        /* the values of `from`.  When it gives NULL, it is  */
                        /* asked with -1 less the number, and the value that */
                        /* the column has                                    */
};
/*
** Go through the table in the order of its key and set the columns.  Rows that
** come in meanwhile behind the last one are left.  Returns how many were set.
*/
sqlite3_int64 mig_run_backfill(mig_cx *cx, mig_run *run, const mig_backfill *b);

/* ---- parts of an alteration, private to run/ ---- */

/*
** Fail, listing the first rows, if any row of `from` (SQL behind FROM) is
** what a proof forbids: of those asked of the old rows, or of the others
** (proof.c).
*/
void mig_proof_run(mig_cx *cx, mig_run *run, const mig_table *t,
                   const mig_alter *a, const char *from, int old);

/* Fail, listing the first, if rows of `from` have the same keys (char: SQL);
** `def` is the table's. */
void mig_proof_unique(mig_cx *cx, mig_run *run, const mig_create *def,
                      const char *from, const mig_list *keys);

/*
** What stands behind the table's name for it to be read by its own b-tree: not
** by another index, which may be half-built, or store what the table does not.
** In a table WITHOUT ROWID SQLite takes NOT INDEXED for nothing.  (proof.c)
*/
const char *mig_scan_indexed(mig_cx *cx, mig_run *run, const mig_create *def);

/* Run a statement of ours that changes the schema and no row.  Fails when rows
** have changed all the same: SQLite counts those of triggers and of foreign-key
** actions too (https://sqlite.org/c3ref/total_changes.html).  (alter.c) */
void mig_exec_still(mig_cx *cx, mig_run *run, const char *sql);

/*
** Write sqlite_schema itself, with statements that are ours, and have SQLite
** read it anew; fails when it does not accept what it reads (rewrite.c).
*/
void mig_rewrite(mig_cx *cx, mig_run *run, const char *schema, const char *sql);
/* What SQLite's ALTER TABLE has written in single quotes is in double quotes
** again, where that is the same: see requote.c. */
void mig_requote(mig_cx *cx, mig_run *run, const char *schema,
                 const mig_list *was, const mig_list *columns);
/* The table's statement, as it is to be. */
void mig_rewrite_table(mig_cx *cx, mig_run *run, const mig_table *t,
                       const char *sql);
/* Does every row store these columns itself, instead of reading their defaults
** out of the schema? */
int mig_rewrite_stores(mig_cx *cx, mig_run *run, const mig_table *t,
                       const mig_list *columns);

/*
** A rebuild, in its steps (swap.c): the empty tables; the exchange, which
** also serves to try the new schema while nothing is filled; the rows; the end.
*/
typedef struct mig_swap mig_swap;
struct mig_swap {
  const mig_table *t;
  const mig_alter *a;
  mig_rebuild names;
  mig_list old, want; /* mig_object: indexes SQLite makes for constraints: */
                      /* those there are, and the shape's                  */
  mig_list kept;      /* kept.c's: indexes that need not be built          */
  sqlite3_int64 rows; /* of the table; known once it is filled             */
};
/* Would SQLite make a table of the new statement?  Makes it, and drops it. */
void mig_swap_check(mig_cx *cx, mig_run *run, mig_swap *s);
void mig_swap_begin(mig_cx *cx, mig_run *run, mig_swap *s);
void mig_swap_fill(mig_cx *cx, mig_run *run, mig_swap *s);
void mig_swap_exchange(mig_cx *cx, mig_run *run, mig_swap *s);
/* Build the table's indexes: those that are new, or those there were. */
void mig_swap_index(mig_cx *cx, mig_run *run, mig_swap *s, int fresh);
/* Drop the old rows, build the indexes there were. */
void mig_swap_end(mig_cx *cx, mig_run *run, mig_swap *s);

/* Before the exchange: which indexes are right for the new b-tree, too; and
** behind it: is this one?  (kept.c) */
void mig_kept_note(mig_cx *cx, mig_run *run, mig_swap *s);
int mig_kept_is(mig_cx *cx, mig_run *run, const mig_swap *s,
                const mig_object *o);
/* Have SQLite give up the old rows' pages as they are, where it may, until
** mig_secure_back(). */
void mig_kept_pages(mig_cx *cx, mig_run *run, const mig_swap *s);

/* Does SQLite take the rows as they are stored?  (copy.c) */
int mig_copy_transfers(mig_cx *cx, mig_run *run, const mig_swap *s);
/* Copy the rows: sql is mig_rebuild_copy()'s; how many. */
sqlite3_int64 mig_copy_rows(mig_cx *cx, mig_run *run, const mig_swap *s,
                            const char *sql);

/* ---- stopping (stop.c) ---- */

/*
** Has the host called sqlite3_interrupt()?  Then cx holds SQLITE_INTERRUPT.
** Steps a kept statement, the probe, so it costs less than a microsecond; call
** it every 10 ms.  Also for SQLite before 3.41, which has no function for it.
*/
sqlite3_stmt *mig_stop_probe(mig_cx *cx, const mig_conn *c); /* cx's */
int mig_stopped(mig_cx *cx, sqlite3_stmt *probe);

/* ---- transactions (txn.c) ---- */

void mig_txn_begin(mig_cx *cx, mig_run *run, mig_txn *t);
/*
** SQLite's own waiting, PRAGMA busy_timeout, hears no interrupt; ours does and
** takes its place.  Takes the host's timeout away and returns it, to be given
** back at once with sqlite3_busy_timeout(); 0 where there is none.
*/
int mig_txn_take_timeout(mig_run *run);
/* Run a statement again and again while another connection holds the lock. */
void mig_txn_retry(mig_cx *cx, mig_run *run, const char *sql);
/* Prepare its end, before the first change: it may have to work without memory,
** and fails here if it is not allowed. */
void mig_txn_arm(mig_cx *cx, mig_run *run, mig_txn *t);
/* Commit, or roll back when cx holds an error, which stays. */
void mig_txn_end(mig_cx *cx, mig_run *run, mig_txn *t);
/* Is the transaction of a run that could not be rolled back still open? */
int mig_txn_is_stuck(mig_conn *conn);

/* ---- the host's connection (guard.c) ---- */

/* Refuse unless the calling statement is the connection's only running one,
** and only reads. */
void mig_guard_calling(mig_cx *cx, mig_conn *conn);
/* Note the connection's flags and set those that a run needs. */
void mig_guard_enter(mig_cx *cx, mig_run *run, mig_guard *g);
/* Put every flag back; also after an error. */
void mig_guard_leave(mig_run *run, mig_guard *g);

/* ---- foreign keys (fk.c) ---- */

/*
** The violations of before, to tell them from the new ones.  They are read
** table by table and late: just before something may change them, which says
** so here.  What nobody notes is not read, neither then nor at the commit.
** The object is the run's: run->fk, NULL while no transaction is under way.
*/
typedef struct mig_fk mig_fk;
/* At a transaction's begin.  From here on SQL of a user's that writes notes
** everything.  What the last commit read is kept while nobody else writes. */
void mig_fk_begin(mig_cx *cx, mig_run *run);
/* Before this table (which need not exist) or a key of it is changed: note it
** and the tables with a foreign key to it. */
void mig_fk_note(mig_cx *cx, mig_run *run, const char *table);
/* ... and each alone: the table; those with a foreign key to it; those with
** one to this name while there is no such table, before there is. */
void mig_fk_note_own(mig_cx *cx, mig_run *run, const char *table);
void mig_fk_note_children(mig_cx *cx, mig_run *run, const char *table);
void mig_fk_note_waiting(mig_cx *cx, mig_run *run, const char *table);
/* ... and before it gets a foreign key that no row violates.  Costs no rows. */
void mig_fk_note_new(mig_cx *cx, mig_run *run, const char *table);
/* Before SQL of which nothing is known. */
void mig_fk_note_all(mig_cx *cx, mig_run *run);
/* Before SQLite's own statement makes the change: what that needs, which for
** most kinds is nothing (fkchange.c).  An edit or a rebuild notes its table
** itself. */
void mig_fk_note_change(mig_cx *cx, mig_run *run, const mig_change *c);
/* Before the version rows are written: are there triggers on them? */
void mig_fk_note_record(mig_cx *cx, mig_run *run);
/* The table has another root page now, and with `renumbered` its rows other
** rowids; is to have, by ALTER TABLE, another name; is to be dropped. */
void mig_fk_moved(mig_cx *cx, mig_run *run, const char *table, int renumbered);
void mig_fk_renamed(mig_cx *cx, mig_run *run, const char *from, const char *to);
void mig_fk_dropped(mig_run *run, const char *table);
/* Before the commit: read what was noted again; fail, listing them, if there
** are violations that were not.  Tables and columns that were renamed in
** between are followed. */
void mig_fk_check(mig_cx *cx, mig_run *run);
void mig_fk_end(mig_cx *cx, mig_run *run); /* free it; safe at any time */
/* It is `to`'s from now on. */
void mig_fk_move(mig_cx *to, mig_cx *from, mig_run *run);

/* ---- ... of one table (fktable.c), and compared (fkcompare.c) ---- */

typedef struct mig_fk_key mig_fk_key;
struct mig_fk_key {
  int id;              /* PRAGMA foreign_key_list's                   */
  const char *parent;  /* a name, or SQLite's message on a mismatch   */
  sqlite3_int64 root;  /* the parent's root page when this was read   */
  const char *columns; /* the child's, a comma list                   */
};

typedef struct mig_fk_row mig_fk_row;
struct mig_fk_row {
  mig_fk_key *key;
  const char *rowid; /* as text; NULL in a WITHOUT ROWID table         */
  int n;             /* how often mig_fk_compare() counts this         */
};

typedef struct mig_fk_table mig_fk_table;
struct mig_fk_table {
  mig_fk_table *next;
  const char *name;   /* as far as known: not what SQL of a user's renamed  */
  const char *origin; /* its name before op renamed it, or NULL             */
  sqlite3_int64 root; /* its root page when it was read; 0: none            */
  int child;          /* may it have a foreign key?                         */
  int known;          /* the violations of before are in `rows`             */
  int touched;        /* something may have changed them since              */
  int probed;         /* only whether it can be checked may have changed    */
  int blind;          /* it could not be checked                            */
  int renumbered;     /* its rows have other rowids than they had           */
  mig_list rows;      /* mig_fk_row                                         */
  mig_list waits;     /* parents (char) that there were not                 */
  mig_cx mem;         /* of all that, but not of itself                     */
};

/* A table at the head of the list, of that name only. */
mig_fk_table *mig_fk_table_new(mig_cx *cx, mig_fk_table **list,
                               const char *name);
void mig_fk_table_free(mig_fk_table **list); /* the list's first */
mig_fk_table *mig_fk_table_find(mig_fk_table *list, const char *name);
/* Read rows and blind.  Costs the rows of the table. */
void mig_fk_table_read(mig_cx *cx, const mig_db *db, mig_fk_table *t);
/* Read blind.  Costs nothing. */
void mig_fk_table_probe(mig_cx *cx, const mig_db *db, mig_fk_table *t);
/* The root page of a table; 0 when it is not there, or virtual. */
sqlite3_int64 mig_fk_root(mig_cx *cx, const mig_db *db, const char *table);
/* Is there such a table?  As SQLite knows it: no look at the schema's rows. */
int mig_fk_exists(mig_cx *cx, const mig_db *db, const char *table);
/* Tables, the last one first: name, root page, statement.  The one of that
** name, or with NULL all. */
sqlite3_stmt *mig_fk_tables(mig_cx *cx, const mig_db *db, const char *name);
/* May the table of such a row have a foreign key?  Has it one to `table`? */
int mig_fk_has_keys(sqlite3_stmt *st);
int mig_fk_is_child(mig_cx *cx, const mig_db *db, sqlite3_stmt *st,
                    const char *table);
/* The table of before among those of now: by its name, its root page, the name
** it had first. */
mig_fk_table *mig_fk_follow(mig_fk_table *now, const mig_fk_table *t);
/* Fail if `now` has violations that the touched ones of `was` have not. */
void mig_fk_compare(mig_cx *cx, const mig_db *db, mig_fk_table *was,
                    mig_fk_table *now);

/* ---- is all well? (verify.c, pages.c), and what the revisions make (replay.c)
 * ---- */

/*
** "ok", or the findings, a line each; behind either, lines that begin with
** "note: ".  Changes nothing.  What is wrong with the database or the scripts
** is a finding; an error is only what kept it from looking.
*/
char *mig_verify(mig_cx *cx, mig_conn *conn);

/* What PRAGMA quick_check complains of (char), each once (pages.c). */
void mig_pages_check(mig_cx *cx, const mig_db *db, mig_list *out);

typedef struct mig_replay mig_replay;
struct mig_replay {
  mig_schema *schema; /* what they make; NULL: they cannot run there */
  const char *why;    /* ... because of this                         */
  int from_nothing;   /* is all of it theirs?  Not, where the database was  */
                      /* stamped with revisions that make nothing           */
};
/*
** Run what is applied anew, in empty databases of a private connection.
** `given` (mig_source): texts in place of the scripts'.  `stamped`
** (mig_revision): what was not run here, either.  A function of the host's that
** is not deterministic is not called there, and nothing is attached.
*/
void mig_replay_run(mig_cx *cx, mig_project *p, const mig_list *given,
                    const mig_list *stamped, mig_replay *out);

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
/* The same for a project that is loaded; `bodies` as of mig_engine.render. */
const char *mig_author_write(mig_cx *cx, mig_project *p, const char *message,
                             const mig_author_options *o,
                             const mig_bodies *bodies);

/* ---- autogenerate (autogenerate.c) ---- */

/*
** Write the revision that makes the database the setting `target`.  Returns
** its path, or NULL when nothing differs.  Without any revision, and with
** tables, it is the base revision of what exists.  Fails when a revision is
** not applied.
*/
const char *mig_autogenerate(mig_cx *cx, mig_conn *conn, const char *message,
                             const mig_author_options *o);
/* Fail, naming the first differences, when there are any. */
void mig_check(mig_cx *cx, mig_conn *conn);
/* The database's schema as CREATE statements. */
char *mig_dump(mig_cx *cx, mig_conn *conn);
/* Who has managed the database until now, and what to do; or NULL. */
const char *mig_adopt_tool(mig_cx *cx, const mig_project *p);
/* Tell a person at a terminal (setting `progress`), when the database has
** tables and no revisions, what to do. */
void mig_adopt_offer(mig_cx *cx, mig_conn *conn);
/* Drafts (mig_draft) as plain SQL; fails where that cannot say them. */
char *mig_plain_draft(mig_cx *cx, const mig_list *drafts);
#endif
