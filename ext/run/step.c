/* ext/run/step.c - one step: hooks, script, the graph's state; in the
** transaction of the run, or in several of its own. */
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

int mig_step_wanted(mig_cx *cx, const mig_run *run, const mig_revision *rev) {
  const mig_list *below[] = {&rev->parents, &rev->deps};
  int up = run->dir == MIG_UP, ready = !rev->above, i, k;

  if (cx->rc || rev->applied == up) return 0;
  if (up)
    for (ready = 1, i = 0; i < 2; i++)
      for (k = 0; k < below[i]->n; k++)
        ready &= ((const mig_revision *)below[i]->at[k])->applied;
  if (!ready)
    mig_fail(cx, SQLITE_BUSY,
             "revision %s (%s): another connection has changed the version "
             "meanwhile; call again",
             rev->h.id, rev->path);
  return 1;
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
  mig_notes_step(run, rev);
  mig_notes_count(run, 1);
  mig_progress_poll(&own, run);
  step_hook(&own, run, "before", rev);
  if (!own.rc) s->engine->apply(&own, self, run, rev, s->text, run->dir);
  step_hook(&own, run, "after", rev);
  mig_exec_alive(&own, run->db->h);
  mig_fail_move(cx, &own);
  mig_cx_release(&own);
  mig_graph_step(cx, run->project->graph, rev, run->dir == MIG_UP, &gone,
                 &come);
  t->ms = mig_os_clock_ms() - t->began;
  mig_notes_count(run, 0);
  mig_notes_end(run, t->ms);
  mig_list_add(cx, &run->taken, t);
  run->at = NULL;
}

/* ---- a resumable step ---- */

/* The first of its transactions, which is open: say that it has begun. */
static void step_resume_begin(mig_cx *cx, mig_run *run, mig_revision *rev,
                              mig_resume *r) {
  mig_resume_begin(cx, run, r);
  if (r->fresh) step_hook(cx, run, "before", rev);
  if (!cx->rc) {
    mig_fk_check(cx, run);
    mig_fail_in(cx, "%s", r->title);
  }
  mig_work_end(cx, run);
}

static void step_resume_script(mig_cx *cx, mig_run *run, mig_revision *rev,
                               mig_resume *r) {
  const mig_source *s = rev->source;
  void *self = mig_project_engine(cx, run->project, s->engine);
  mig_cx own = {0};

  if (cx->rc) return;
  mig_resume_enter(cx, run, r);
  s->engine->apply(&own, self, run, rev, s->text, run->dir);
  mig_fail_move(cx, &own);
  mig_cx_release(&own);
  mig_resume_leave(cx, run);
}

/* The last: the version rows.  They may have changed since the first. */
static void step_resume_end(mig_cx *cx, mig_run *run, mig_revision *rev,
                            mig_resume *r, sqlite3_int64 began) {
  mig_list gone = {0}, come = {0}, none = {0}, rows;

  mig_work_begin(cx, run);
  mig_project_state(cx, run->project);
  if (!cx->rc) mig_work_ready(cx, run);
  mig_resume_end(cx, run, r, mig_os_clock_ms() - began);
  if (!mig_step_wanted(cx, run, rev)) {
    mig_txn_end(cx, run, &run->txn);
    return;
  }
  step_hook(cx, run, "after", rev);
  mig_graph_step(cx, run->project->graph, rev, run->dir == MIG_UP, &gone,
                 &come);
  rows = mig_rev_ids(cx, &run->project->graph->rows);
  if (!cx->rc) {
    mig_fk_note_record(cx, run);
    mig_record(cx, run, &rows, &none, r->direction);
  }
  mig_fk_check(cx, run);
  mig_work_end(cx, run);
}

void mig_step_resume(mig_cx *cx, mig_run *run, mig_revision *rev) {
  const mig_source *s = rev->source;
  sqlite3_int64 began = mig_os_clock_ms();
  mig_resume r = {.name = rev->h.id};

  if (mig_stopped(cx, run->probe)) return;
  run->at = rev;
  mig_notes_step(run, rev);
  r.direction = run->dir == MIG_UP ? "upgrade" : "downgrade";
  r.title = mig_printf(cx, "revision %s (%s)", rev->h.id, rev->path);
  r.checksum = mig_checksum(cx, s->text);
  r.log = (mig_log_row){.revision = rev->h.id,
                        .direction = r.direction,
                        .message = rev->h.message,
                        .checksum = r.checksum};
  r.log.source = mig_strndup(cx, s->text.p, s->text.n);
  step_resume_begin(cx, run, rev, &r);
  if (cx->rc) return;
  step_resume_script(cx, run, rev, &r);
  if (!cx->rc) step_resume_end(cx, run, rev, &r, began);
  mig_notes_end(run, mig_os_clock_ms() - began);
  mig_resume_fail(cx, &r);
  run->at = NULL;
}
