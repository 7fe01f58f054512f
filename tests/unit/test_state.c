/* tests/unit/test_state.c - the version rows, by the one rule. */
#include "tests/unit/revisions.h"

static const char *state_of(mig_cx *cx, mig_graph *g) {
  mig_list ids = {0};
  int i;

  for (i = 0; !cx->rc && i < g->revs.n; i++) {
    mig_revision *r = g->revs.at[i];
    if (r->current) mig_list_add(cx, &ids, (char *)r->h.id);
  }
  return mig_list_join(cx, &ids, " ");
}

static mig_graph *state_read(mig_cx *cx, const char *text, const char *a,
                             const char *b) {
  mig_graph *g = revs_read(cx, text);
  const char *ids[] = {a, b};

  if (!g) return NULL;
  mig_graph_link(cx, g);
  mig_graph_state(cx, g, ids, a ? b ? 2 : 1 : 0);
  return cx->rc ? NULL : g;
}

/* Step, and tell "gone -> come". */
static const char *state_step(mig_cx *cx, mig_graph *g, const char *id,
                              int up) {
  mig_list gone = {0}, come = {0};

  if (cx->rc) return NULL;
  mig_graph_step(cx, g, mig_map_get(&g->by_id, id), up, &gone, &come);
  return mig_printf(cx, "%s -> %s", mig_list_join(cx, &gone, " "),
                    mig_list_join(cx, &come, " "));
}

TEST(state_applies_what_rows_stand_for) {
  mig_graph *g = state_read(cx, "a; b <- a : x; c <- b; x", "b", NULL);

  if (!g) return;
  EQ_INT(((mig_revision *)g->revs.at[0])->applied, 1);
  EQ_INT(((mig_revision *)g->revs.at[2])->applied, 0);
  EQ_INT(((mig_revision *)g->revs.at[3])->applied, 1);
  EQ_STR(state_of(cx, g), "b");
}

TEST(state_leaves_out_rows_behind_rows_and_keeps_strangers) {
  mig_graph *g = state_read(cx, "a; b <- a", "b", "a");

  if (!g) return;
  EQ_STR(state_of(cx, g), "b");
  mig_graph_state(cx, g, (const char *const[]){"zz", "a", "a"}, 3);
  EQ_STR(state_of(cx, g), "a");
  EQ_INT(g->rows.n, 1);
  EQ_STR(mig_list_join(cx, &g->strangers, " "), "zz");
}

TEST(state_follows_steps_through_a_merge) {
  mig_graph *g =
      state_read(cx, "a; b <- a; c <- a; m <- b,c : d; d", "a", NULL);

  if (!g) return;
  EQ_STR(state_step(cx, g, "b", 1), "a -> b");
  EQ_STR(state_step(cx, g, "c", 1), " -> c");
  EQ_STR(state_step(cx, g, "d", 1), " -> d");
  EQ_STR(state_step(cx, g, "m", 1), "b c d -> m");
  EQ_STR(state_step(cx, g, "m", 0), "m -> b c d");
  EQ_STR(state_step(cx, g, "b", 0), "b -> ");
  EQ_STR(state_step(cx, g, "c", 0), "c -> a");
  EQ_STR(state_of(cx, g), "a d");
}

TEST(state_counts_an_edge_of_both_kinds) {
  mig_graph *g = state_read(cx, "a; b <- a : a", "a", NULL);

  if (!g) return;
  EQ_STR(state_step(cx, g, "b", 1), "a -> b");
  EQ_STR(state_step(cx, g, "b", 0), "b -> a");
}

TEST(state_knows_a_dependency_that_is_an_ancestor) {
  mig_graph *g = state_read(cx, "a; b <- a; c <- b : a", "b", NULL);

  if (!g) return;
  EQ_STR(state_step(cx, g, "c", 1), "b -> c");
  EQ_STR(state_step(cx, g, "c", 0), "c -> b");
}

TEST(state_refuses_steps_that_break_the_rule) {
  mig_graph *g = state_read(cx, "a; b <- a; c <- b", "b", NULL);
  mig_cx own = {0};

  if (!g) return;
  state_step(&own, g, "a", 0);
  EQ_ERR(&own, SQLITE_INTERNAL, "revision a cannot be taken back now");
  mig_cx_release(&own);
  state_step(&own, g, "b", 1);
  EQ_ERR(&own, SQLITE_INTERNAL, "revision b cannot be applied now");
  mig_cx_release(&own);
  state_step(&own, g, "c", 0);
  EQ_ERR(&own, SQLITE_INTERNAL, "revision c cannot be taken back now");
  mig_cx_release(&own);
}

/* Rows by brute force: gone must have been, come must be new. */
static int state_random_step(mig_cx *cx, revs_random *x) {
  mig_list gone = {0}, come = {0};
  int up = revs_pick(x, 2), i = revs_pick(x, x->n), j, before = x->g->rows.n;
  mig_revision *r = x->r[i];

  if (r->applied == up) return 1;
  for (j = 0; j < x->n; j++) {
    if (up && x->below[i][j] && !x->r[j]->applied) return 1;
    if (!up && x->below[j][i] && x->r[j]->applied) return 1;
  }
  mig_graph_step(cx, x->g, r, up, &gone, &come);
  if (cx->rc) return 1;
  for (j = 0; j < gone.n; j++)
    if (((mig_revision *)mig_map_get(&x->g->by_id, gone.at[j]))->current)
      return 0;
  for (j = 0; j < come.n; j++)
    if (!((mig_revision *)mig_map_get(&x->g->by_id, come.at[j]))->current)
      return 0;
  return before - gone.n + come.n == x->g->rows.n && revs_rows_are_maximal(x);
}

TEST(state_rows_are_the_maximal_elements) {
  revs_random x = {.seed = 20251123};
  int graphs = test_oom() ? 2 : 500, right = 0, i, j;

  for (i = 0; !cx->rc && i < graphs; i++) {
    mig_cx own = {0};
    int ok = 1;
    revs_make(&own, &x, i % 2);
    revs_make_state(&own, &x);
    if (!own.rc) ok = revs_rows_are_maximal(&x);
    for (j = 0; !own.rc && ok && j < 60; j++) ok = state_random_step(&own, &x);
    right += ok && !own.rc;
    mig_cx_release(&own);
  }
  EQ_INT(right, graphs);
}
