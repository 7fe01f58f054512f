/*
** ext/run/bless.c - a script that has changed since it ran is said to be right.
**
** Nothing is run, and no version row changes: also those that no script
** explains stay.
*/
#include "ext/run/run.h"

/* Is the name a version row's without a script? */
static int bless_is_missing(const mig_graph *g, const char *name) {
  int i;

  for (i = 0; i < g->strangers.n; i++)
    if (!strcmp(g->strangers.at[i], name)) return 1;
  return 0;
}

/* The revision, if there is something to bless. */
static mig_revision *bless_find(mig_cx *cx, const mig_run *run,
                                const char *name) {
  mig_graph *g = run->project->graph;
  int missing = !cx->rc && bless_is_missing(g, name);
  mig_revision *r = missing ? NULL : mig_graph_find(cx, g, name);

  if (r && ((const mig_source *)r->source)->row) missing = 1, name = r->h.id;
  if (missing)
    mig_fail(cx, SQLITE_ERROR,
             "revision %s has no script here whose text could be blessed; put "
             "it back first",
             name);
  else if (r && !r->applied)
    mig_fail(cx, SQLITE_ERROR,
             "revision %s (%s) is not applied, so its text is the one that "
             "will run; to mark it as applied use migrate_stamp('%s')",
             r->h.id, r->path, r->h.id);
  return cx->rc ? NULL : r;
}

/* Is the text another one than was applied, and right as a whole? */
static void bless_check(mig_cx *cx, mig_run *run, const mig_revision *r) {
  const mig_source *s = r->source;
  mig_map logs = mig_log_last(cx, run->db);
  const mig_log_row *log = cx->rc ? NULL : mig_log_applied(&logs, r->h.id);
  const char *now = mig_checksum(cx, s->text);
  void *self = mig_project_engine(cx, run->project, s->engine);

  if (cx->rc) return;
  if (log && log->checksum && !strcmp(log->checksum, now))
    mig_fail(cx, SQLITE_ERROR,
             "revision %s (%s) has the text that was applied; there is nothing "
             "to bless",
             r->h.id, r->path);
  else if (s->engine->check)
    s->engine->check(cx, self, r, s->text);
}

static void bless_write(mig_cx *cx, mig_run *run, const mig_revision *r) {
  mig_taken taken = {r, mig_os_clock_ms(), 0};
  mig_list rows, all = {0};

  mig_guard_enter(cx, run, &run->guard);
  mig_txn_arm(cx, run, &run->txn);
  rows = mig_version_rows(cx, run->db);
  mig_list_add(cx, &all, &taken);
  if (!cx->rc) mig_record(cx, run, &rows, &all, "bless");
}

const char *mig_run_bless(mig_cx *cx, mig_conn *conn, const char *name) {
  mig_run run = {.dir = MIG_UP};
  mig_list none = {0};
  mig_revision *r = NULL;

  mig_work_open(cx, &run, conn);
  mig_work_begin(cx, &run);
  mig_project_load(cx, run.project);
  if (!cx->rc) mig_project_state(cx, run.project);
  if (!cx->rc) r = bless_find(cx, &run, name);
  if (r) mig_resume_plan(cx, &run, &none);
  if (!cx->rc && r) bless_check(cx, &run, r);
  if (!cx->rc && r) bless_write(cx, &run, r);
  mig_work_close(cx, &run);
  return cx->rc || !r ? NULL : r->h.id;
}
