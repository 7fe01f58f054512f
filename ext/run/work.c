/*
** ext/run/work.c - what begins and ends with a run, and with each of its
** transactions.
*/
#include "ext/run/run.h"

void mig_work_open(mig_cx *cx, mig_run *run, mig_conn *conn) {
  mig_guard_calling(cx, conn);
  run->project = mig_project_new(cx, conn);
  mig_project_schema(cx, run->project);
  if (cx->rc) return;
  run->db = &run->project->db;
  run->conn = conn;
  mig_attach_end(cx, run->db, &conn->guests); /* of the run before */
  mig_secure_back(run->db, &conn->secure);
  run->probe = mig_stop_probe(cx, conn);
  conn->running = 1;
  mig_progress_open(cx, run);
}

void mig_work_close(mig_cx *cx, mig_run *run) {
  if (!run->db) return;
  mig_txn_end(cx, run, &run->txn);
  mig_fk_end(cx, run);
  mig_attach_end(cx, run->db, &run->conn->guests);
  mig_secure_back(run->db, &run->conn->secure);
  mig_guard_leave(run, &run->guard);
  mig_backup_close(cx, run);
  mig_progress_close(run);
  run->conn->running = 0;
}

/* Without a journal SQLite cannot roll back
** (https://sqlite.org/pragma.html#pragma_journal_mode). */
static void work_check_journal(mig_cx *cx, mig_run *run) {
  const char *schema = run->db->schema;
  const char *mode = mig_exec_journal(cx, run->db, schema);

  if (mode && !sqlite3_stricmp(mode, "off"))
    mig_fail(cx, SQLITE_ERROR,
             "the journal_mode of %s is OFF, so that nothing can be rolled "
             "back; set it to DELETE or WAL first",
             schema);
}

/* In a transaction of the caller's nothing could be detached at the end. */
static void work_allow(mig_run *run) {
  const char *on = mig_config_get(run->conn, "allow_attach");

  if (!strcmp(on, "on") && !run->txn.nested)
    run->project->db.guests = &run->conn->guests;
}

void mig_work_begin(mig_cx *cx, mig_run *run) {
  if (cx->rc) return;
  mig_txn_begin(cx, run, &run->txn);
  mig_tape_begin(cx, run->db);
  work_check_journal(cx, run);
  work_allow(run);
}

/* The script is for this version only. */
static void work_prove(mig_cx *cx, mig_run *run) {
  mig_list rows;

  if (!run->db->tape || cx->rc) return;
  rows = mig_version_rows(cx, run->db);
  mig_tape_prove(cx, run->db, "begin",
                 mig_printf(cx,
                            "(SELECT group_concat(revision) FROM (SELECT"
                            " revision FROM \"%w\"._migrate_version"
                            " ORDER BY revision)) IS %Q",
                            run->db->schema,
                            rows.n ? mig_list_join(cx, &rows, ",") : NULL));
}

void mig_work_ready(mig_cx *cx, mig_run *run) {
  int first = !run->guard.on;

  if (first) mig_guard_enter(cx, run, &run->guard);
  mig_txn_arm(cx, run, &run->txn);
  mig_fk_begin(cx, run);
  if (first && !cx->rc) mig_project_env(cx, run->project, run);
  mig_store_create(cx, run->db);
  work_prove(cx, run);
}

void mig_work_end(mig_cx *cx, mig_run *run) {
  mig_fk_check(cx, run);
  mig_txn_end(cx, run, &run->txn);
}
