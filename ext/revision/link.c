/*
** ext/revision/link.c - from names in scripts to a graph that is sound.
**
** Edges are made in file-name order, so every list of neighbours is in it too.
*/
#include "ext/revision/revision.h"

static int link_by_path(const void *a, const void *b) {
  const mig_revision *x = a, *y = b;

  return strcmp(x->path, y->path);
}

static int link_by_id(const void *a, const void *b) {
  const mig_revision *x = a, *y = b;

  return strcmp(x->h.id, y->h.id);
}

static void link_sort(mig_cx *cx, mig_graph *g) {
  int i;

  mig_list_sort(cx, &g->revs, link_by_path);
  for (i = 0; !cx->rc && i < g->revs.n; i++) {
    mig_revision *r = g->revs.at[i];
    r->order = i;
    r->rank = -1;
    mig_list_add(cx, &g->names, r);
  }
  mig_list_sort(cx, &g->names, link_by_id);
}

static void link_check_labels(mig_cx *cx, const mig_graph *g,
                              const mig_revision *r) {
  int i;

  for (i = 0; !cx->rc && i < r->h.labels.n; i++) {
    const mig_revision *other = mig_map_get(&g->by_id, r->h.labels.at[i]);
    if (other)
      mig_fail(cx, SQLITE_ERROR,
               "%s: branch label '%s' of revision %s is the id of a revision "
               "(%s); rename the label",
               r->path, other->h.id, r->h.id, other->path);
  }
}

/* One kind of edges of one revision, while they are made. */
struct link_edges {
  const char *word;      /* what the script calls them                   */
  const mig_list *names; /* as written                                   */
  mig_list *below;       /* where they go                                */
  int *seen;             /* by `order`: the stamp of who named it last   */
  int stamp;             /* of this revision and kind                    */
  int by_label;          /* may they be named by a label?                */
};

static void link_edge(mig_cx *cx, mig_graph *g, struct link_edges *e,
                      const mig_revision *r, const char *name) {
  const mig_revision *carrier = mig_map_get(&g->by_label, name);
  mig_revision *to;

  if (carrier && !e->by_label)
    mig_fail(cx, SQLITE_ERROR,
             "'%s' is a branch label; name a revision, such as %s which "
             "carries it",
             name, carrier->h.id);
  to = mig_name_find(cx, g, name, NULL);
  if (to == r && to)
    mig_fail(cx, SQLITE_ERROR, "'%s' is the revision itself; name another",
             name);
  else if (to && e->seen[to->order] == e->stamp)
    mig_fail(cx, SQLITE_ERROR, "revision %s is named twice; name it once",
             to->h.id);
  mig_fail_in(cx, "%s: %s of revision %s", r->path, e->word, r->h.id);
  if (cx->rc) return;
  e->seen[to->order] = e->stamp;
  mig_list_add(cx, e->below, to);
}

static void link_parents(mig_cx *cx, mig_graph *g, mig_revision *r, int *seen) {
  struct link_edges e = {"down_revision",  &r->h.down, &r->parents, seen,
                         2 * r->order + 1, 0};
  int i;

  for (i = 0; !cx->rc && i < e.names->n; i++)
    link_edge(cx, g, &e, r, e.names->at[i]);
  for (i = 0; !cx->rc && i < r->parents.n; i++) {
    mig_revision *p = r->parents.at[i];
    mig_list_add(cx, &p->children, r);
  }
}

static void link_deps(mig_cx *cx, mig_graph *g, mig_revision *r, int *seen) {
  struct link_edges e = {"depends_on", &r->h.depends,    &r->deps,
                         seen,         2 * r->order + 2, 1};
  int i;

  for (i = 0; !cx->rc && i < e.names->n; i++)
    link_edge(cx, g, &e, r, e.names->at[i]);
  for (i = 0; !cx->rc && i < r->deps.n; i++) {
    mig_revision *d = r->deps.at[i];
    mig_list_add(cx, &d->dependents, r);
  }
}

/* What r stands on that has no rank.  Whatever has none stands on such a one:
** only cycles, and what is above them, get none. */
static mig_revision *link_unranked_below(const mig_revision *r) {
  int i;

  for (i = 0; i < r->parents.n + r->deps.n; i++) {
    mig_revision *p =
        i < r->parents.n ? r->parents.at[i] : r->deps.at[i - r->parents.n];
    if (p->rank < 0) return p;
  }
  return NULL;
}

/* The revision of a cycle below `r` that comes first by file name.  Going down
** leads into the cycle within as many steps as there are revisions. */
static const mig_revision *link_cycle_first(const mig_graph *g,
                                            const mig_revision *r) {
  const mig_revision *first, *at;
  int i;

  for (i = 0; i < g->revs.n; i++) r = link_unranked_below(r);
  first = r;
  for (at = link_unranked_below(r); at != r; at = link_unranked_below(at))
    if (at->order < first->order) first = at;
  return first;
}

static void link_fail_cycle(mig_cx *cx, const mig_graph *g,
                            const mig_revision *unranked) {
  const mig_revision *first = link_cycle_first(g, unranked), *at = first;
  mig_buf b = {0};
  char *path;

  do {
    mig_buf_addf(cx, &b, "%s (%s) -> ", at->h.id, at->path);
    at = link_unranked_below(at);
  } while (!cx->rc && at != first);
  mig_buf_addz(cx, &b, first->h.id);
  path = mig_buf_take(cx, &b);
  mig_fail(cx, SQLITE_ERROR,
           "revisions stand on each other in a cycle: %s; change down_revision "
           "or depends_on in one of them",
           path);
}

static void link_rank(mig_cx *cx, mig_graph *g, mig_list *ranked) {
  unsigned char *all = mig_set_new(cx, g);
  int i;

  if (cx->rc) return;
  memset(all, 1, (size_t)g->revs.n);
  mig_set_order(cx, g, all, ranked);
  for (i = 0; i < ranked->n; i++) ((mig_revision *)ranked->at[i])->rank = i;
  for (i = 0; !cx->rc && i < g->revs.n; i++) {
    const mig_revision *r = g->revs.at[i];
    if (r->rank < 0) link_fail_cycle(cx, g, r);
  }
}

void mig_graph_link(mig_cx *cx, mig_graph *g) {
  mig_list ranked = {0};
  int *seen, i;

  if (cx->rc) return;
  link_sort(cx, g);
  seen = mig_alloc(cx, (size_t)g->revs.n * sizeof *seen);
  for (i = 0; !cx->rc && i < g->revs.n; i++) {
    link_check_labels(cx, g, g->revs.at[i]);
    link_parents(cx, g, g->revs.at[i], seen);
    link_deps(cx, g, g->revs.at[i], seen);
  }
  link_rank(cx, g, &ranked);
  mig_graph_label(cx, g, &ranked);
  for (i = 0; !cx->rc && i < g->revs.n; i++) {
    mig_revision *r = g->revs.at[i];
    if (mig_rev_is_head(r)) mig_list_add(cx, &g->heads, r);
    if (mig_rev_is_base(r)) mig_list_add(cx, &g->bases, r);
  }
}
