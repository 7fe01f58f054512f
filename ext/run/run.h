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
  const mig_db *db;       /* project->db                                  */
  mig_conn *conn;         /* project->conn                                */
  const mig_revision *at; /* the revision of the step under way, or NULL  */
  mig_direction dir;      /* ... and its direction                        */
};

/* ---- whole runs (run.c).  `target` NULL is the default. ---- */

/* Steps taken. */
int mig_run_upgrade(mig_cx *cx, mig_conn *conn, const char *target);
int mig_run_downgrade(mig_cx *cx, mig_conn *conn, const char *target);
/* Version rows there are afterwards. */
int mig_run_stamp(mig_cx *cx, mig_conn *conn, const char *target, int purge);

/* ---- one change (change.c) ---- */

/* Make the change in the run's schema, by the cheapest way that is right. */
void mig_run_change(mig_cx *cx, mig_run *run, const mig_change *c);

/* ---- stopping (stop.c) ---- */

/*
** Has the host called sqlite3_interrupt()?  Then cx holds SQLITE_INTERRUPT.
** Steps a kept statement, so it costs less than a microsecond; call it every
** 10 ms.  Also for SQLite before 3.41, which has no function for it.
*/
int mig_run_stopped(mig_cx *cx, mig_run *run);

/* ---- plain SQL revisions (plain.c) ---- */

extern const mig_engine mig_engine_sql;

/* ---- files (author.c) ---- */

/* Make the directory, env.lua, the template and versions/; what exists is
** kept.  Returns the path, and sets the connection's `directory` to it. */
const char *mig_author_init(mig_cx *cx, mig_conn *conn, const char *directory);

/* What migrate_revision's options say; NULL or empty where not given. */
typedef struct mig_author_options mig_author_options;
struct mig_author_options {
  const char *head;   /* a target that names its parent            */
  const char *rev_id; /* its id; default 12 random hex digits      */
  const char *format; /* "lua" (default) or "sql"                  */
};
/* Write a new revision.  Returns its path. */
const char *mig_author_revision(mig_cx *cx, mig_conn *conn, const char *message,
                                const mig_author_options *o);
#endif
