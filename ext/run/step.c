/* ext/run/step.c - one step: hooks, script, version rows, log. */
#include "ext/run/run.h"

void mig_step_log(mig_cx *cx, mig_run *run, const mig_revision *rev,
                  const char *direction, sqlite3_int64 ms) {
  const mig_source *s = rev->source;
  mig_log_row row = {
      .revision = rev->h.id,
      .direction = direction,
      .message = rev->h.message,
      .duration_ms = ms,
  };

  row.checksum = mig_checksum(cx, s->text);
  row.source = mig_strndup(cx, s->text.p, s->text.n);
  mig_log_add(cx, run->db, &row);
}

/* Call env.lua's hook, if the engine that has hooks found one. */
static void step_hook(mig_cx *cx, mig_run *run, const char *name,
                      const mig_revision *rev) {
  const mig_engine *const *e;

  for (e = run->conn->engines; *e && !cx->rc; e++)
    if ((*e)->hook && run->project->instance[e - run->conn->engines])
      (*e)->hook(cx, mig_project_engine(cx, run->project, *e), run, name, rev,
                 run->dir);
}

void mig_step_take(mig_cx *cx, mig_run *run, mig_revision *rev) {
  const mig_source *s = rev->source;
  mig_list gone = {0}, come = {0};
  sqlite3_int64 began = mig_os_clock_ms();
  void *self = mig_project_engine(cx, run->project, s->engine);
  mig_cx own = {0};

  if (mig_run_stopped(cx, run)) return;
  run->at = rev;
  step_hook(&own, run, "before", rev);
  if (!own.rc) s->engine->apply(&own, self, run, rev, s->text, run->dir);
  step_hook(&own, run, "after", rev);
  mig_exec_alive(&own, run->db->h);
  mig_fail_move(cx, &own);
  mig_graph_step(cx, run->project->graph, rev, run->dir == MIG_UP, &gone,
                 &come);
  if (!cx->rc) {
    mig_version_change(&own, run->db, &gone, &come);
    mig_step_log(&own, run, rev, run->dir == MIG_UP ? "upgrade" : "downgrade",
                 mig_os_clock_ms() - began);
    mig_fail_in(&own, "revision %s (%s): recording the step", rev->h.id,
                rev->path);
  }
  mig_fail_move(cx, &own);
  mig_cx_release(&own);
  run->at = NULL;
}
