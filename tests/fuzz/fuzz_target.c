/*
** tests/fuzz/fuzz_target.c - any graph, any version rows, any target: a plan
** whose steps can be taken one after another, or an error.
**
** An input is the graph's text (tests/unit/revisions.h), the rows, the target,
*a
** line each.
*/
#include "tests/fuzz/fuzz.h"
#include "tests/unit/revisions.h"

typedef struct target_case target_case;
struct target_case {
  const char *graph, *rows, *target;
};

static mig_graph *target_graph(mig_cx *cx, const target_case *c) {
  mig_graph *g = revs_read(cx, c->graph);
  mig_list ids = mig_list_split(cx, mig_span_z(c->rows));

  if (!cx->rc) mig_graph_link(cx, g);
  if (!cx->rc) mig_graph_state(cx, g, (const char *const *)ids.at, ids.n);
  return cx->rc ? NULL : g;
}

static int target_applied(const mig_list *revs, int all) {
  int i;

  for (i = 0; i < revs->n; i++)
    if (((const mig_revision *)revs->at[i])->applied != all) return 0;
  return 1;
}

/* What is applied is closed, and the rows are its maximal elements. */
static void target_sound(const mig_graph *g) {
  int i, rows = 0;

  for (i = 0; i < g->revs.n; i++) {
    const mig_revision *r = g->revs.at[i];
    if (r->applied)
      FUZZ_REQUIRE(target_applied(&r->parents, 1) &&
                   target_applied(&r->deps, 1));
    FUZZ_REQUIRE(r->current == (r->applied && target_applied(&r->children, 0) &&
                                target_applied(&r->dependents, 0)));
    rows += r->current;
  }
  FUZZ_REQUIRE(rows == g->rows.n);
}

static void target_plan(const target_case *c, int up) {
  mig_list steps = {0}, gone = {0}, come = {0};
  mig_cx cx = {0};
  mig_graph *g = target_graph(&cx, c);
  int i, planned;

  if (g) {
    target_sound(g);
    if (up)
      mig_plan_upgrade(&cx, g, c->target, &steps);
    else
      mig_plan_downgrade(&cx, g, c->target, &steps);
    planned = !cx.rc;
    FUZZ_REQUIRE(planned || *mig_cx_message(&cx));
    for (i = 0; planned && i < steps.n; i++) {
      mig_graph_step(&cx, g, steps.at[i], up, &gone, &come);
      FUZZ_REQUIRE(!cx.rc);
    }
    target_sound(g);
  }
  mig_cx_release(&cx);
}

static void target_stamp(const target_case *c, int purge) {
  mig_list rows = {0};
  mig_cx cx = {0};
  mig_graph *g = target_graph(&cx, c);

  if (g) mig_plan_stamp(&cx, g, c->target, purge, &rows);
  if (g && !cx.rc) {
    mig_graph_state(&cx, g, (const char *const *)rows.at, rows.n);
    FUZZ_REQUIRE(!cx.rc && g->rows.n == rows.n && !g->strangers.n);
    target_sound(g);
  }
  mig_cx_release(&cx);
}

static void target_names(const target_case *c) {
  mig_cx cx = {0}, own = {0};
  mig_graph *g = target_graph(&cx, c);
  unsigned char *within = g ? mig_graph_range(&own, g, c->target) : NULL;
  const mig_revision *r;
  int i;

  FUZZ_REQUIRE(!g || within || own.rc);
  for (i = 0; within && !own.rc && i < g->revs.n; i++)
    FUZZ_REQUIRE(within[i] < 2);
  mig_cx_release(&own);
  r = g ? mig_graph_find(&own, g, c->target) : NULL;
  FUZZ_REQUIRE(!g || !r == !!own.rc);
  if (r) FUZZ_REQUIRE(mig_graph_find(&own, g, r->h.id) == r);
  mig_cx_release(&own);
  mig_cx_release(&cx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input in = {data, size};
  target_case c;
  mig_cx cx = {0};
  int n;

  if (size > 2000) return 0;
  c.graph = fuzz_until(&cx, &in, '\n', &n);
  c.rows = fuzz_until(&cx, &in, '\n', &n);
  c.target = fuzz_until(&cx, &in, -1, &n);
  if (!cx.rc) {
    target_plan(&c, 1);
    target_plan(&c, 0);
    target_stamp(&c, 0);
    target_stamp(&c, 1);
    target_names(&c);
  }
  mig_cx_release(&cx);
  return 0;
}
