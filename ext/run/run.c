/*
** ext/run/run.c - a whole run: the lock, the rows, the plan, the steps.
*/
#include "ext/run/run.h"

/* A run's own state: what begins and ends with each of its transactions. */
typedef struct run_state run_state;
struct run_state {
  mig_run run;
  mig_txn txn;
  mig_guard guard;
  mig_list steps; /* mig_revision: the plan            */
  int done;       /* how many were taken and committed */
};

/* Read the scripts, before any lock is taken. */
static void run_open(mig_cx *cx, mig_conn *conn, run_state *s) {
  mig_guard_calling(cx, conn);
  s->run.project = mig_project_new(cx, conn);
  mig_project_load(cx, s->run.project);
  if (cx->rc) return;
  s->run.db = &s->run.project->db;
  s->run.conn = conn;
  s->run.probe = mig_stop_probe(cx, s->run.db);
  conn->running = 1;
}

static void run_close(mig_cx *cx, mig_conn *conn, run_state *s) {
  if (s->run.db) {
    mig_txn_end(cx, &s->run, &s->txn);
    mig_fk_end(cx, &s->run);
    mig_guard_leave(&s->run, &s->guard);
    conn->running = 0;
  }
  if (cx->rc && s->done)
    mig_fail_in(cx, "after %d revision%s that stay%s", s->done,
                s->done > 1 ? "s" : "", s->done > 1 ? "" : "s");
}

/* Without a journal SQLite cannot roll back
** (https://sqlite.org/pragma.html#pragma_journal_mode). */
static void run_check_journal(mig_cx *cx, run_state *s) {
  const char *schema = s->run.db->schema;
  const char *mode = mig_exec_journal(cx, s->run.db, schema);

  if (mode && !sqlite3_stricmp(mode, "off"))
    mig_fail(cx, SQLITE_ERROR,
             "the journal_mode of %s is OFF, so that nothing can be rolled "
             "back; set it to DELETE or WAL first",
             schema);
}

static void run_begin(mig_cx *cx, run_state *s) {
  mig_txn_begin(cx, &s->run, &s->txn);
  run_check_journal(cx, s);
  mig_project_state(cx, s->run.project);
}

/* What is wrong with a step is said before the first one is taken. */
static void run_check(mig_cx *cx, mig_project *p, const mig_revision *r) {
  const mig_source *source = r->source;
  void *self = mig_project_engine(cx, p, source->engine);

  if (!cx->rc && source->engine->check)
    source->engine->check(cx, self, r, source->text);
  if (!cx->rc && !r->h.transactional)
    mig_fail(cx, SQLITE_ERROR,
             "revision %s (%s): transactional = false is not yet supported; "
             "leave it out, or run the statements by hand and stamp",
             r->h.id, r->path);
}

static void run_plan(mig_cx *cx, run_state *s, const char *target) {
  mig_graph *g = s->run.project->graph;
  int i;

  if (s->run.dir == MIG_UP) mig_policy_one_head(cx, s->run.project);
  if (s->run.dir == MIG_UP)
    mig_plan_upgrade(cx, g, target, &s->steps);
  else
    mig_plan_downgrade(cx, g, target, &s->steps);
  for (i = 0; !cx->rc && i < s->steps.n; i++)
    run_check(cx, s->run.project, s->steps.at[i]);
}

/* Run env.lua, if there is one, before the first step. */
static void run_env(mig_cx *cx, run_state *s) {
  mig_project *p = s->run.project;
  const mig_engine *const *e;
  char *file = mig_os_join(cx, p->dir, "env.lua");
  mig_span text;

  if (!file || !mig_os_exists(file)) return;
  text = mig_source_check(cx, "env.lua", mig_os_read(cx, file, 1 << 20));
  for (e = p->conn->engines; *e && !cx->rc; e++)
    if ((*e)->env)
      (*e)->env(cx, mig_project_engine(cx, p, *e), &s->run, "env.lua", text);
}

/* What must be so before the first step of a transaction. */
static void run_prepare(mig_cx *cx, run_state *s) {
  int first = !s->guard.on;

  if (first) mig_guard_enter(cx, &s->run, &s->guard);
  mig_txn_arm(cx, &s->run, &s->txn);
  mig_fk_begin(cx, &s->run);
  if (first) run_env(cx, s);
  mig_store_create(cx, s->run.db);
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
    mig_fk_check(cx, run);
    run_blame(cx, &run->taken);
  }
  mig_txn_end(cx, run, &s->txn);
  if (!cx->rc) s->done += run->taken.n;
  run->taken.n = 0;
}

/* Is the step still to be taken?  Another process may have taken it, or, with
** one transaction for each revision, another that it stands on. */
static int run_wanted(mig_cx *cx, const run_state *s, const mig_revision *r) {
  const mig_list *below[] = {&r->parents, &r->deps};
  int up = s->run.dir == MIG_UP, ready = !r->above, i, k;

  if (r->applied == up) return 0;
  if (up)
    for (ready = 1, i = 0; i < 2; i++)
      for (k = 0; k < below[i]->n; k++)
        ready &= ((const mig_revision *)below[i]->at[k])->applied;
  if (!ready)
    mig_fail(cx, SQLITE_BUSY,
             "revision %s (%s): another connection has changed the version "
             "meanwhile; call again",
             r->h.id, r->path);
  return 1;
}

/* All steps from `i` on that belong into the transaction that is open. */
static int run_steps(mig_cx *cx, run_state *s, int i, int single) {
  mig_list *taken = &s->run.taken;

  for (; !cx->rc && i < s->steps.n && !(single && taken->n); i++) {
    if (!run_wanted(cx, s, s->steps.at[i])) continue;
    if (!taken->n) run_prepare(cx, s);
    mig_step_take(cx, &s->run, s->steps.at[i]);
  }
  if (taken->n) run_commit(cx, s);
  return i;
}

static int run_go(mig_cx *cx, mig_conn *conn, const char *target,
                  mig_direction dir) {
  int single = !strcmp(mig_config_get(conn, "transaction"), "revision"), i;
  run_state s = {.run.dir = dir};

  run_open(cx, conn, &s);
  if (!cx->rc) run_begin(cx, &s);
  if (!cx->rc) run_plan(cx, &s, target);
  for (i = 0; !cx->rc && i < s.steps.n;) {
    if (!s.txn.open) run_begin(cx, &s);
    i = run_steps(cx, &s, i, single);
  }
  run_close(cx, conn, &s);
  return s.done;
}

int mig_run_upgrade(mig_cx *cx, mig_conn *conn, const char *target) {
  return run_go(cx, conn, target, MIG_UP);
}

int mig_run_downgrade(mig_cx *cx, mig_conn *conn, const char *target) {
  return run_go(cx, conn, target, MIG_DOWN);
}

/* ---- stamp ---- */

static void stamp_write(mig_cx *cx, run_state *s, const mig_list *rows) {
  mig_run *run = &s->run;
  mig_taken *t;
  int i;

  mig_guard_enter(cx, run, &s->guard);
  mig_txn_arm(cx, run, &s->txn);
  for (i = 0; i < rows->n && (t = mig_alloc(cx, sizeof *t)) != NULL; i++) {
    t->rev = mig_map_get(&run->project->graph->by_id, rows->at[i]);
    t->began = mig_os_clock_ms();
    if (!t->rev->current) mig_list_add(cx, &run->taken, t);
  }
  mig_record(cx, run, rows, &run->taken, "stamp");
}

int mig_run_stamp(mig_cx *cx, mig_conn *conn, const char *target, int purge) {
  run_state s = {.run.dir = MIG_UP};
  mig_list rows = {0};

  run_open(cx, conn, &s);
  if (!cx->rc) run_begin(cx, &s);
  if (!cx->rc) mig_plan_stamp(cx, s.run.project->graph, target, purge, &rows);
  if (!cx->rc) stamp_write(cx, &s, &rows);
  run_close(cx, conn, &s);
  return rows.n;
}
