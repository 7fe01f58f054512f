/*
** ext/revision/set.c - sets of revisions, grown along edges.
**
** A walk keeps its own stack, so a long line cannot overflow the C stack.
*/
#include "ext/revision/revision.h"

unsigned char *mig_set_new(mig_cx *cx, const mig_graph *g) {
  return mig_alloc(cx, (size_t)g->revs.n + 1);
}

static void set_push(mig_cx *cx, unsigned char *set, mig_list *todo,
                     const mig_list *revs) {
  int i;

  for (i = 0; i < revs->n; i++) {
    mig_revision *r = revs->at[i];
    if (set[r->order]) continue;
    set[r->order] = 1;
    mig_list_add(cx, todo, r);
  }
}

void mig_set_reach(mig_cx *cx, unsigned char *set, const mig_list *from,
                   int edges) {
  mig_list todo = {0};

  if (cx->rc) return;
  set_push(cx, set, &todo, from);
  while (!cx->rc && todo.n > 0) {
    const mig_revision *r = todo.at[--todo.n];
    if (edges & MIG_PARENTS) set_push(cx, set, &todo, &r->parents);
    if (edges & MIG_DEPS) set_push(cx, set, &todo, &r->deps);
    if (edges & MIG_CHILDREN) set_push(cx, set, &todo, &r->children);
    if (edges & MIG_DEPENDENTS) set_push(cx, set, &todo, &r->dependents);
  }
}

unsigned char *mig_set_lineage(mig_cx *cx, const mig_graph *g,
                               const mig_list *from, int edges) {
  unsigned char *down = mig_set_new(cx, g), *up = mig_set_new(cx, g);
  int i;

  mig_set_reach(cx, down, from, edges & MIG_BELOW);
  mig_set_reach(cx, up, from, edges & MIG_ABOVE);
  for (i = 0; !cx->rc && i < g->revs.n; i++) up[i] |= down[i];
  return cx->rc ? NULL : up;
}
