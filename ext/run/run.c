/*
** ext/run/run.c - a whole run: the lock, the rows, the plan, the steps.
*/
#include "ext/run/run.h"

/* A run's own state. */
typedef struct run_state run_state;
struct run_state {
  mig_run run;
  mig_list steps; /* mig_revision: the plan            */
  int done;       /* how many were taken and committed */
};

/* Read the scripts, before any lock is taken; but for those that are in the
** database. */
static void run_read(mig_cx *cx, run_state *s) {
  if (!cx->rc && !mig_stored_run(s->run.conn))
    mig_project_load(cx, s->run.project);
}

/* Who reads in a transaction cannot wait for another's writing any more.  So in
** one of the caller's that has not read yet, the lock comes first. */
static int run_may_look(const mig_run *run) {
  return sqlite3_get_autocommit(run->db->h) ||
         sqlite3_txn_state(run->db->h, run->db->schema) > SQLITE_TXN_NONE;
}

/* Is it known that nothing is to be done?  A lock is not waited for here: that
** is done where it is taken. */
static int run_is_idle(const mig_cx *cx, run_state *s, const char *target) {
  int timeout, idle;

  if (cx->rc || s->run.notes || s->run.dir != MIG_UP || !run_may_look(&s->run))
    return 0;
  timeout = mig_txn_take_timeout(&s->run);
  idle = mig_known_holds(s->run.project, target);
  if (timeout > 0) sqlite3_busy_timeout(s->run.db->h, timeout);
  return idle;
}

static void run_close(mig_cx *cx, run_state *s) {
  mig_work_close(cx, &s->run);
  if (cx->rc && s->done)
    mig_fail_in(cx, "after %d revision%s that stay%s", s->done,
                s->done > 1 ? "s" : "", s->done > 1 ? "" : "s");
}

static void run_begin(mig_cx *cx, run_state *s) {
  mig_work_begin(cx, &s->run);
  if (!cx->rc && !s->run.project->graph) mig_project_load(cx, s->run.project);
  if (!cx->rc) mig_project_state(cx, s->run.project);
}

/* What is wrong with a step is said before the first one is taken. */
static void run_check(mig_cx *cx, const mig_run *run, const mig_revision *r) {
  const mig_source *source = r->source;
  void *self = mig_project_engine(cx, run->project, source->engine);

  if (!cx->rc && source->engine->check)
    source->engine->check(cx, self, r, source->text);
  if (!cx->rc && !r->h.transactional && run->db->tape)
    mig_fail(cx, SQLITE_ERROR,
             "revision %s (%s) has transactional = false, and a script is one "
             "transaction: run it with migrate_upgrade()",
             r->h.id, r->path);
  if (!cx->rc && !r->h.transactional && run->txn.nested)
    mig_fail(cx, SQLITE_ERROR,
             "revision %s (%s) has transactional = false and cannot run inside "
             "a transaction; COMMIT first",
             r->h.id, r->path);
}

/* Just these steps. */
static void run_plan_exactly(mig_cx *cx, run_state *s, const mig_list *ids) {
  const mig_graph *g = s->run.project->graph;
  int i;

  for (i = 0; i < ids->n && !cx->rc; i++) {
    mig_revision *r = mig_map_get(&g->by_id, ids->at[i]);
    if (r)
      mig_list_add(cx, &s->steps, r);
    else
      mig_fail(cx, SQLITE_ERROR, "revision %s was there, and is gone",
               (char *)ids->at[i]);
  }
}

static void run_plan(mig_cx *cx, run_state *s, const char *target) {
  mig_graph *g = s->run.project->graph;
  const mig_notes *notes = s->run.notes;
  int i;

  if (s->run.dir == MIG_UP) mig_policy_one_head(cx, s->run.project);
  if (notes && notes->take)
    run_plan_exactly(cx, s, notes->take);
  else if (s->run.dir == MIG_UP)
    mig_plan_upgrade(cx, g, target, &s->steps);
  else
    mig_plan_downgrade(cx, g, target, &s->steps);
  mig_resume_plan(cx, &s->run, &s->steps);
  for (i = 0; !cx->rc && i < s->steps.n; i++)
    run_check(cx, &s->run, s->steps.at[i]);
}

/* Name the step that the error is about, or all of this transaction. */
static void run_blame(mig_cx *cx, const mig_list *taken) {
  const mig_taken *first = taken->at[0], *last = taken->at[taken->n - 1];

  if (first == last)
    mig_fail_in(cx, "revision %s (%s)", last->rev->h.id, last->rev->path);
  else
    mig_fail_in(cx, "revisions %s to %s", first->rev->h.id, last->rev->h.id);
}

/* Write down the steps taken, check the foreign keys, commit. */
static void run_commit(mig_cx *cx, run_state *s) {
  mig_run *run = &s->run;
  mig_list rows = mig_rev_ids(cx, &run->project->graph->rows);

  if (cx->rc) return;
  mig_fk_note_record(cx, run);
  mig_record(cx, run, &rows, &run->taken,
             run->dir == MIG_UP ? "upgrade" : "downgrade");
  if (!cx->rc) {
    mig_progress_work(run, "foreign keys", NULL);
    mig_progress_poll(cx, run);
    mig_fk_check(cx, run);
    mig_progress_work(run, NULL, NULL);
    run_blame(cx, &run->taken);
    mig_tape_end(cx, run->db);
  }
  mig_work_end(cx, run);
  if (!cx->rc) s->done += run->taken.n;
  run->taken.n = 0;
}

/* All steps from `i` on that belong into the transaction that is open; a
** resumable one has its own. */
static int run_steps(mig_cx *cx, run_state *s, int i, int single) {
  mig_list *taken = &s->run.taken;

  for (; !cx->rc && i < s->steps.n && !(single && taken->n); i++) {
    mig_revision *r = s->steps.at[i];
    if (!mig_step_wanted(cx, &s->run, r)) continue;
    if (!r->h.transactional && taken->n) break;
    if (!taken->n) mig_work_ready(cx, &s->run);
    mig_progress_step(&s->run, i + 1, s->steps.n);
    if (!r->h.transactional) {
      mig_step_resume(cx, &s->run, r);
      s->done += !cx->rc;
      return i + 1;
    }
    mig_step_take(cx, &s->run, r);
  }
  if (taken->n) run_commit(cx, s);
  return i;
}

int mig_run_noted(mig_cx *cx, mig_conn *conn, const char *target,
                  mig_direction dir, mig_notes *notes) {
  int single = !strcmp(mig_config_get(conn, "transaction"), "revision"), i;
  run_state s = {.run = {.dir = dir, .notes = notes}};

  mig_work_open(cx, &s.run, conn);
  if (run_is_idle(cx, &s, target)) {
    run_close(cx, &s);
    return 0;
  }
  run_read(cx, &s);
  mig_notes_open(&s.run);
  if (!cx->rc) run_begin(cx, &s);
  if (!cx->rc) run_plan(cx, &s, target);
  if (notes) notes->steps = s.steps;
  if (s.steps.n) mig_backup_first(cx, &s.run);
  for (i = 0; !cx->rc && i < s.steps.n;) {
    if (!s.run.txn.open) {
      run_begin(cx, &s);
      if (!cx->rc) mig_resume_plan(cx, &s.run, &s.steps);
    }
    i = run_steps(cx, &s, i, single);
  }
  if (notes) notes->cancelled = s.run.cancelled;
  run_close(cx, &s);
  return s.done;
}

int mig_run_upgrade(mig_cx *cx, mig_conn *conn, const char *target) {
  return mig_run_noted(cx, conn, target, MIG_UP, NULL);
}

int mig_run_downgrade(mig_cx *cx, mig_conn *conn, const char *target) {
  return mig_run_noted(cx, conn, target, MIG_DOWN, NULL);
}

/* ---- stamp ---- */

static void stamp_write(mig_cx *cx, run_state *s, const mig_list *rows) {
  mig_run *run = &s->run;
  mig_taken *t;
  int i;

  mig_guard_enter(cx, run, &run->guard);
  mig_txn_arm(cx, run, &run->txn);
  for (i = 0; i < rows->n && (t = mig_alloc(cx, sizeof *t)) != NULL; i++) {
    t->rev = mig_map_get(&run->project->graph->by_id, rows->at[i]);
    t->began = mig_os_clock_ms();
    if (!t->rev->current) mig_list_add(cx, &run->taken, t);
  }
  mig_record(cx, run, rows, &run->taken, "stamp");
  mig_journal_drop(cx, run->db, NULL);
}

int mig_run_stamp(mig_cx *cx, mig_conn *conn, const char *target, int purge) {
  run_state s = {.run.dir = MIG_UP};
  mig_list rows = {0};

  mig_work_open(cx, &s.run, conn);
  run_read(cx, &s);
  if (!cx->rc) run_begin(cx, &s);
  if (!cx->rc) mig_plan_stamp(cx, s.run.project->graph, target, purge, &rows);
  if (!cx->rc) stamp_write(cx, &s, &rows);
  run_close(cx, &s);
  return rows.n;
}
