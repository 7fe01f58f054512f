/*
** ext/revision/label.c - which branch labels cover which revisions.
**
** A label reaches down from the revision that carries it only where nothing
** else stands, so it covers exactly the lowest such revision and all that
** descends from that one.  Along a line the lists are shared.
*/
#include "ext/revision/revision.h"

/* Does a label stop above this one: at a merge, or where ways part? */
static int label_stops(const mig_revision *r) {
  int above = r->children.n + r->dependents.n;

  if (above == 2 && r->children.n == 1 &&
      r->children.at[0] == r->dependents.at[0])
    above = 1;
  return r->parents.n > 1 || above > 1;
}

/* The lowest revision that a label carried by r covers; `low` has those of
** all below r. */
static mig_revision *label_lowest(mig_revision **low, mig_revision *r) {
  mig_revision *p = r->parents.n == 1 ? r->parents.at[0] : NULL;

  return !p || label_stops(r) || label_stops(p) ? r : low[p->order];
}

static int label_by_name(const void *a, const void *b) {
  return strcmp(a, b);
}

/* The union of two sorted lists; b itself when a is empty. */
static mig_list label_union(mig_cx *cx, mig_list a, mig_list b) {
  mig_list out = {0};
  int i = 0, j = 0, d;

  if (a.n == 0) return b;
  while (!cx->rc && (i < a.n || j < b.n)) {
    d = i == a.n ? 1 : j == b.n ? -1 : strcmp(a.at[i], b.at[j]);
    mig_list_add(cx, &out, d <= 0 ? a.at[i] : b.at[j]);
    i += d <= 0;
    j += d >= 0;
  }
  return out;
}

void mig_graph_label(mig_cx *cx, mig_graph *g, const mig_list *ranked) {
  mig_revision **low;
  int i, j;

  if (g->by_label.n == 0) return;
  low = mig_alloc(cx, (size_t)g->revs.n * sizeof(mig_revision *));
  for (i = 0; !cx->rc && i < ranked->n; i++) {
    mig_revision *r = ranked->at[i], *to = label_lowest(low, r);
    low[r->order] = to;
    for (j = 0; j < r->h.labels.n; j++)
      mig_list_add(cx, &to->covers, r->h.labels.at[j]);
  }
  for (i = 0; !cx->rc && i < ranked->n; i++) {
    mig_revision *r = ranked->at[i];
    mig_list_sort(cx, &r->covers, label_by_name);
    for (j = 0; j < r->parents.n; j++) {
      const mig_revision *p = r->parents.at[j];
      r->covers = label_union(cx, r->covers, p->covers);
    }
  }
}

char *mig_rev_labels(mig_cx *cx, const mig_graph *g, const mig_revision *r) {
  (void)g;
  return r->covers.n ? mig_list_join(cx, &r->covers, ", ") : NULL;
}
