/*
** ext/revision/state.c - which revisions are applied, and which of them are
** rows.
**
** A row is an applied revision with no edge to it from an applied one.  Those
** edges are counted, so a step costs its own edges however large the graph is.
*/
#include "ext/revision/revision.h"

static void state_clear(mig_graph *g) {
  int i;

  for (i = 0; i < g->revs.n; i++) {
    mig_revision *r = g->revs.at[i];
    r->applied = r->current = r->above = r->row = 0;
  }
  g->rows.n = g->strangers.n = 0;
}

static void state_count(const mig_list *below, int by) {
  int i;

  for (i = 0; i < below->n; i++) ((mig_revision *)below->at[i])->above += by;
}

static void state_add_row(mig_cx *cx, mig_graph *g, mig_revision *r) {
  r->current = 1;
  r->row = g->rows.n;
  mig_list_add(cx, &g->rows, r);
}

static void state_drop_row(mig_graph *g, mig_revision *r) {
  mig_revision *last = g->rows.at[--g->rows.n];

  g->rows.at[r->row] = last;
  last->row = r->row;
  r->current = 0;
}

/* Mark as applied what the rows in `from` stand for. */
static void state_apply(mig_cx *cx, mig_graph *g, const mig_list *from) {
  unsigned char *set = mig_set_new(cx, g);
  int i;

  mig_set_reach(cx, set, from, MIG_BELOW);
  for (i = 0; !cx->rc && i < g->revs.n; i++) {
    mig_revision *r = g->revs.at[i];
    if (!set[i]) continue;
    r->applied = 1;
    state_count(&r->parents, 1);
    state_count(&r->deps, 1);
  }
}

void mig_graph_state(mig_cx *cx, mig_graph *g, const char *const *ids, int n) {
  mig_list from = {0};
  int i;

  if (cx->rc) return;
  state_clear(g);
  for (i = 0; !cx->rc && i < n; i++) {
    mig_revision *r = mig_map_get(&g->by_id, ids[i]);
    if (r)
      mig_list_add(cx, &from, r);
    else
      mig_list_add(cx, &g->strangers, mig_strdup(cx, ids[i]));
  }
  state_apply(cx, g, &from);
  for (i = 0; !cx->rc && i < g->revs.n; i++) {
    mig_revision *r = g->revs.at[i];
    if (r->applied && r->above == 0) state_add_row(cx, g, r);
  }
}

static int state_may_step(const mig_revision *r, int up) {
  int i;

  if (!up) return r->applied && r->above == 0;
  for (i = 0; i < r->parents.n; i++)
    if (!((mig_revision *)r->parents.at[i])->applied) return 0;
  for (i = 0; i < r->deps.n; i++)
    if (!((mig_revision *)r->deps.at[i])->applied) return 0;
  return !r->applied;
}

/* Rows below a step: those that it covers go, those that it bares come. */
static void state_settle(mig_cx *cx, mig_graph *g, const mig_list *below,
                         mig_list *gone, mig_list *come) {
  int i;

  for (i = 0; i < below->n; i++) {
    mig_revision *p = below->at[i];
    if (p->current && p->above > 0) {
      state_drop_row(g, p);
      mig_list_add(cx, gone, (char *)p->h.id);
    } else if (!p->current && p->above == 0) {
      state_add_row(cx, g, p);
      mig_list_add(cx, come, (char *)p->h.id);
    }
  }
}

void mig_graph_step(mig_cx *cx, mig_graph *g, mig_revision *r, int up,
                    mig_list *gone, mig_list *come) {
  if (cx->rc) return;
  if (!state_may_step(r, up)) {
    mig_fail(cx, SQLITE_INTERNAL, "revision %s cannot be %s now", r->h.id,
             up ? "applied" : "taken back");
    return;
  }
  r->applied = up;
  state_count(&r->parents, up ? 1 : -1);
  state_count(&r->deps, up ? 1 : -1);
  if (up)
    state_add_row(cx, g, r);
  else
    state_drop_row(g, r);
  mig_list_add(cx, up ? come : gone, (char *)r->h.id);
  state_settle(cx, g, &r->parents, gone, come);
  state_settle(cx, g, &r->deps, gone, come);
}
