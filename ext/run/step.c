/* ext/run/step.c - one step: hooks, script, the graph's state. */
#include "ext/run/run.h"

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
  void *self = mig_project_engine(cx, run->project, s->engine);
  mig_taken *t = mig_alloc(cx, sizeof *t);
  mig_cx own = {0};

  if (mig_stopped(cx, run->probe)) return;
  *t = (mig_taken){rev, mig_os_clock_ms(), 0};
  run->at = rev;
  step_hook(&own, run, "before", rev);
  if (!own.rc) s->engine->apply(&own, self, run, rev, s->text, run->dir);
  step_hook(&own, run, "after", rev);
  mig_exec_alive(&own, run->db->h);
  mig_fail_move(cx, &own);
  mig_cx_release(&own);
  mig_graph_step(cx, run->project->graph, rev, run->dir == MIG_UP, &gone,
                 &come);
  t->ms = mig_os_clock_ms() - t->began;
  mig_list_add(cx, &run->taken, t);
  run->at = NULL;
}
