/*
** ext/run/script.c - migrate_run: one script outside of the graph.
**
** Its row in the log has the direction `run`, and no version row knows of it.
*/
#include "ext/run/run.h"

#define SCRIPT_LIMIT (16 * 1024 * 1024) /* bytes */

/* The engine for the file. */
static const mig_engine *script_engine(mig_cx *cx, const mig_conn *conn,
                                       const char *path) {
  const char *dot = strrchr(path, '.');
  const mig_engine *const *e;

  for (e = conn->engines; dot && *e; e++)
    if ((*e)->script && !strcmp((*e)->suffix, dot)) return *e;
  if (dot && !sqlite3_stricmp(dot, ".sql"))
    mig_fail(cx, SQLITE_ERROR,
             "%s: only a Lua script can be run; run SQL with the shell's "
             ".read, or as a revision",
             path);
  else
    mig_fail(cx, SQLITE_ERROR, "%s: is no Lua script (*.lua)", path);
  return NULL;
}

/* Read the file, of the current directory or else of the project's. */
static void script_read(mig_cx *cx, const mig_run *run, mig_call *call) {
  const char *file = call->path;

  if (cx->rc) return;
  if (!mig_os_exists(file)) {
    const char *inner = mig_os_join(cx, run->project->dir, file);
    if (inner && *file != '/' && mig_os_exists(inner))
      file = inner;
    else
      mig_fail(cx, SQLITE_CANTOPEN,
               "%s: no such file, neither from the current directory nor in %s",
               call->path, run->project->dir);
  }
  call->text = mig_os_read(cx, file, SCRIPT_LIMIT);
  call->text = mig_source_check(cx, call->path, call->text);
}

/* ---- in one transaction ---- */

static void script_once(mig_cx *cx, mig_run *run, const mig_engine *e,
                        const mig_call *call, mig_log_row *log) {
  sqlite3_int64 began = mig_os_clock_ms();
  void *self = mig_project_engine(cx, run->project, e);

  mig_work_begin(cx, run);
  mig_backup_first(cx, run);
  if (!cx->rc) mig_work_ready(cx, run);
  if (cx->rc) return;
  e->script(cx, self, run, call);
  mig_exec_alive(cx, run->db->h);
  log->duration_ms = mig_os_clock_ms() - began;
  if (!cx->rc) {
    sqlite3_stmt *st;
    mig_fk_note_record(cx, run);
    st = mig_log_open(cx, run->db);
    mig_log_add(cx, run->db, st, log, log->duration_ms);
    mig_stmt_end(cx, st);
    mig_fk_check(cx, run);
    mig_fail_in(cx, "%s", call->path);
  }
  mig_work_end(cx, run);
}

/* ---- resumable ---- */

/* Of the text and the arguments. */
static char *script_checksum(mig_cx *cx, const mig_run *run,
                             const mig_call *call) {
  sqlite3_stmt *st = mig_query(
      cx, run->db, "SELECT typeof(?1) || ' ' || quote(?1) || ' ' || hex(?1)");
  mig_buf b = {0};
  char *all;
  int i;

  mig_buf_addz(cx, &b, mig_checksum(cx, call->text));
  for (i = 0; i < call->argc && !cx->rc; i++) {
    if (sqlite3_bind_value(st, 1, call->argv[i])) mig_fail_nomem(cx);
    if (mig_row(cx, st)) mig_buf_addf(cx, &b, "\n%s", mig_column(cx, st, 0));
    sqlite3_reset(st);
  }
  mig_stmt_end(cx, st);
  all = mig_buf_take(cx, &b);
  return all && call->argc ? mig_checksum(cx, mig_span_z(all)) : all;
}

static void script_finish(mig_cx *cx, mig_run *run, mig_resume *r,
                          sqlite3_int64 began) {
  mig_work_begin(cx, run);
  if (!cx->rc) mig_work_ready(cx, run);
  mig_resume_end(cx, run, r, mig_os_clock_ms() - began);
  mig_work_end(cx, run);
}

static void script_resume(mig_cx *cx, mig_run *run, const mig_engine *e,
                          const mig_call *call, const mig_log_row *log) {
  sqlite3_int64 began = mig_os_clock_ms();
  void *self = mig_project_engine(cx, run->project, e);
  mig_resume r = {.name = call->path, .direction = "run", .title = call->path};

  mig_work_begin(cx, run);
  if (!cx->rc && run->txn.nested)
    mig_fail(cx, SQLITE_ERROR,
             "%s has transactional = false and cannot run inside a "
             "transaction; COMMIT first",
             call->path);
  mig_backup_first(cx, run);
  if (!cx->rc) mig_work_ready(cx, run);
  r.log = *log;
  r.checksum = script_checksum(cx, run, call);
  mig_resume_begin(cx, run, &r);
  mig_work_end(cx, run);
  if (cx->rc) return;
  mig_resume_enter(cx, run, &r);
  e->script(cx, self, run, call);
  mig_resume_leave(cx, run);
  if (!cx->rc) script_finish(cx, run, &r, began);
  mig_resume_fail(cx, &r);
}

void mig_run_script(mig_cx *cx, mig_conn *conn, mig_call *call) {
  const mig_engine *e = script_engine(cx, conn, call->path);
  mig_run run = {.dir = MIG_UP, .script = call->path};
  mig_header h = {0};
  mig_log_row log = {.revision = call->path, .direction = "run"};
  void *self;

  mig_work_open(cx, &run, conn);
  script_read(cx, &run, call);
  self = cx->rc ? NULL : mig_project_engine(cx, run.project, e);
  if (!cx->rc) e->sketch(cx, self, call, &h);
  log.message = h.message;
  log.checksum = mig_checksum(cx, call->text);
  log.source = mig_strndup(cx, call->text.p ? call->text.p : "", call->text.n);
  if (!cx->rc && h.transactional)
    script_once(cx, &run, e, call, &log);
  else if (!cx->rc)
    script_resume(cx, &run, e, call, &log);
  mig_work_close(cx, &run);
}
