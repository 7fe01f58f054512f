/*
** ext/revision/name.c - what a name in a script or target stands for.
**
** An exact id or label wins over a prefix, so a new revision can make a prefix
** ambiguous, but never a name that was written in full.
*/
#include "ext/revision/revision.h"

#define SHORTEST_PREFIX 4
#define MOST_LISTED 10

/* The place in g->names of the first id that is not below `z`. */
static int name_lower_bound(const mig_graph *g, const char *z) {
  int lo = 0, hi = g->names.n;

  while (lo < hi) {
    int mid = lo + (hi - lo) / 2;
    const mig_revision *r = g->names.at[mid];
    if (strcmp(r->h.id, z) < 0)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

/* Those whose ids begin with `z`; with a NULL list they are only counted. */
static int name_begun(mig_cx *cx, const mig_graph *g, const char *z,
                      const unsigned char *within, mig_list *out) {
  size_t n = strlen(z);
  int i = name_lower_bound(g, z), found = 0;

  for (; i < g->names.n; i++) {
    mig_revision *r = g->names.at[i];
    if (strncmp(r->h.id, z, n)) break;
    if (within && !within[r->order]) continue;
    found++;
    if (out) mig_list_add(cx, out, r);
  }
  return found;
}

int mig_name_begins(const mig_graph *g, const char *prefix) {
  return strlen(prefix) >= SHORTEST_PREFIX &&
         name_begun(NULL, g, prefix, NULL, NULL) > 0;
}

/* ---- suggestions: three names by edit distance ---- */

struct name_guess {
  const char *wanted;
  int n;     /* its length                                   */
  int limit; /* a distance beyond this is no likeness        */
  struct {
    const char *name;
    int distance;
  } best[3]; /* nearest first, NULL where there are fewer    */
};

static int name_min(int a, int b) {
  return a < b ? a : b;
}

static void name_consider(struct name_guess *g, const char *name) {
  mig_span wanted = {g->wanted, g->n}, whole = mig_span_z(name);
  int d = mig_distance(wanted, whole, g->limit), i;

  if (whole.n > g->n && g->n >= SHORTEST_PREFIX) /* meant as a prefix? */
    d = name_min(d, mig_distance(wanted, (mig_span){name, g->n}, g->limit));
  if (d > g->limit) return;
  for (i = 2; i >= 0; i--) {
    if (g->best[i].name && g->best[i].distance <= d) break;
    if (i < 2) g->best[i + 1] = g->best[i];
    g->best[i].name = name;
    g->best[i].distance = d;
  }
}

static void name_fail_unknown(mig_cx *cx, const mig_graph *g,
                              const char *name) {
  static const char *const words[] = {"head", "heads", "base", "current"};
  struct name_guess guess = {.wanted = name, .n = (int)strlen(name)};
  int i, j;

  guess.limit = guess.n < 6 ? 1 : name_min(guess.n / 3, 4);
  for (i = 0; i < g->revs.n; i++) {
    const mig_revision *r = g->revs.at[i];
    name_consider(&guess, r->h.id);
    for (j = 0; j < r->h.labels.n; j++)
      name_consider(&guess, r->h.labels.at[j]);
  }
  for (i = 0; i < 4; i++)
    if (strcmp(name, words[i])) name_consider(&guess, words[i]);
  mig_fail(cx, SQLITE_ERROR,
           "no revision or branch is called '%.200s'%s%s%s%s%s%s", name,
           guess.best[0].name ? "; the nearest is " : "",
           guess.best[0].name ? guess.best[0].name : "",
           guess.best[1].name ? ", then " : "",
           guess.best[1].name ? guess.best[1].name : "",
           guess.best[2].name ? ", then " : "",
           guess.best[2].name ? guess.best[2].name : "");
}

/* ---- finding ---- */

mig_revision *mig_name_find(mig_cx *cx, const mig_graph *g, const char *name,
                            const unsigned char *within) {
  mig_list found = {0};
  mig_revision *r;

  if (cx->rc) return NULL;
  r = mig_map_get(&g->by_id, name);
  if (!r) r = mig_map_get(&g->by_label, name);
  if (r) return r;
  name_begun(cx, g, name, within, &found);
  if (found.n == 0 && within) name_begun(cx, g, name, NULL, &found);
  if (found.n == 0)
    name_fail_unknown(cx, g, name);
  else if (strlen(name) < SHORTEST_PREFIX)
    mig_fail(cx, SQLITE_ERROR,
             "no revision or branch is called '%s'; the beginning of an id "
             "needs at least %d characters",
             name, SHORTEST_PREFIX);
  else if (found.n > 1)
    mig_fail(cx, SQLITE_ERROR,
             "'%s' is ambiguous: the ids of %s begin so; write more of it",
             name, mig_name_list(cx, &found));
  return cx->rc ? NULL : found.at[0];
}

static int name_by_order(const void *a, const void *b) {
  const mig_revision *x = a, *y = b;

  return (x->order > y->order) - (x->order < y->order);
}

char *mig_name_list(mig_cx *cx, const mig_list *revs) {
  mig_list sorted = {0};
  mig_buf b = {0};
  int i;

  for (i = 0; i < revs->n; i++) mig_list_add(cx, &sorted, revs->at[i]);
  mig_list_sort(cx, &sorted, name_by_order);
  for (i = 0; i < sorted.n && i < MOST_LISTED; i++) {
    const mig_revision *r = sorted.at[i];
    const char *sep = i + 1 == revs->n ? " and " : ", ";
    mig_buf_addf(cx, &b, "%s%s", i ? sep : "", r->h.id);
  }
  if (sorted.n > MOST_LISTED)
    mig_buf_addf(cx, &b, " and %d more", sorted.n - MOST_LISTED);
  return mig_buf_take(cx, &b);
}

char *mig_name_strangers(mig_cx *cx, const mig_graph *g) {
  const mig_list *ids = &g->strangers;
  mig_list some = {ids->at, ids->n < MOST_LISTED ? ids->n : MOST_LISTED, 0};
  char *z = mig_list_join(cx, &some, ", ");

  return ids->n > some.n ? mig_printf(cx, "%s and %d more", z, ids->n - some.n)
                         : z;
}

mig_list mig_rev_ids(mig_cx *cx, const mig_list *revs) {
  mig_list ids = {0};
  int i;

  for (i = 0; !cx->rc && i < revs->n; i++) {
    const mig_revision *r = revs->at[i];
    mig_list_add(cx, &ids, (void *)(uintptr_t)r->h.id);
  }
  return ids;
}
