/*
** ext/revision/order.c - the one order in which a set of revisions is applied.
**
** A revision is free when nothing that it stands on waits.  Free ones lie in a
** heap by file name; the first free child of the one just placed goes before
** them, which keeps a branch together.
*/
#include "ext/revision/revision.h"

struct order {
  const mig_graph *g;
  const unsigned char *set;
  int *wait;           /* by `order`: edges down that still wait; -1: placed */
  mig_revision **heap; /* the free ones, and stale ones that are placed      */
  int n;
};

static int order_before(const struct order *o, int a, int b) {
  return o->heap[a]->order < o->heap[b]->order;
}

static void order_swap(struct order *o, int a, int b) {
  mig_revision *r = o->heap[a];

  o->heap[a] = o->heap[b];
  o->heap[b] = r;
}

static void order_push(struct order *o, mig_revision *r) {
  int i = o->n++;

  o->heap[i] = r;
  for (; i > 0 && order_before(o, i, (i - 1) / 2); i = (i - 1) / 2)
    order_swap(o, i, (i - 1) / 2);
}

static mig_revision *order_pop(struct order *o) {
  mig_revision *top = o->heap[0];
  int i = 0, kid;

  o->heap[0] = o->heap[--o->n];
  while ((kid = 2 * i + 1) < o->n) {
    if (kid + 1 < o->n && order_before(o, kid + 1, kid)) kid++;
    if (!order_before(o, kid, i)) break;
    order_swap(o, i, kid);
    i = kid;
  }
  return top;
}

static int order_waits(const struct order *o, const mig_list *below) {
  int i, n = 0;

  for (i = 0; i < below->n; i++) {
    const mig_revision *r = below->at[i];
    n += o->set[r->order];
  }
  return n;
}

static void order_start(struct order *o) {
  int i;

  for (i = 0; i < o->g->revs.n; i++) {
    mig_revision *r = o->g->revs.at[i];
    if (!o->set[i]) continue;
    o->wait[i] = order_waits(o, &r->parents) + order_waits(o, &r->deps);
    if (o->wait[i] == 0) order_push(o, r);
  }
}

/* One edge less to wait for; returns the first that becomes free by it. */
static mig_revision *order_release(struct order *o, const mig_list *above) {
  mig_revision *first = NULL;
  int i;

  for (i = 0; i < above->n; i++) {
    mig_revision *r = above->at[i];
    if (!o->set[r->order] || --o->wait[r->order] > 0) continue;
    order_push(o, r);
    if (!first) first = r;
  }
  return first;
}

static mig_revision *order_free(struct order *o) {
  while (o->n > 0) {
    mig_revision *r = order_pop(o);
    if (o->wait[r->order] == 0) return r;
  }
  return NULL;
}

void mig_set_order(mig_cx *cx, const mig_graph *g, const unsigned char *set,
                   mig_list *out) {
  struct order o = {.g = g, .set = set};
  size_t n = (size_t)g->revs.n + 1;
  mig_revision *r, *next = NULL;

  o.wait = mig_alloc(cx, n * sizeof *o.wait);
  o.heap = mig_alloc(cx, n * sizeof(mig_revision *));
  if (cx->rc) return;
  order_start(&o);
  while (!cx->rc && (r = next ? next : order_free(&o))) {
    mig_list_add(cx, out, r);
    o.wait[r->order] = -1;
    order_release(&o, &r->dependents);
    next = order_release(&o, &r->children);
  }
}
