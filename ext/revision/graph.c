/*
** ext/revision/graph.c - revisions, and what each is to its neighbours.
**
** Ids and labels share one namespace with the reserved words, so that a target
** never means two things.
*/
#include "ext/revision/revision.h"

#define LONGEST_NAME 64

mig_graph *mig_graph_new(mig_cx *cx) {
  return mig_alloc(cx, sizeof(mig_graph));
}

static int graph_is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_';
}

static int graph_is_name(const char *z) {
  size_t n = strlen(z), i;

  if (n == 0 || n > LONGEST_NAME || !graph_is_word(z[0])) return 0;
  for (i = 1; i < n; i++)
    if (!graph_is_word(z[i]) && z[i] != '.' && z[i] != '-') return 0;
  return 1;
}

static int graph_is_reserved(const char *z) {
  return !strcmp(z, "head") || !strcmp(z, "heads") || !strcmp(z, "base") ||
         !strcmp(z, "current");
}

static void graph_check(mig_cx *cx, const char *path, const char *what,
                        const char *z) {
  if (!graph_is_name(z))
    mig_fail(cx, SQLITE_ERROR,
             "%s: '%.*s' cannot be a %s: use letters, digits and _ . - only, "
             "begin with a letter, digit or _, and keep to %d bytes",
             path, LONGEST_NAME + 1, z, what, LONGEST_NAME);
  else if (graph_is_reserved(z))
    mig_fail(cx, SQLITE_ERROR,
             "%s: '%s' cannot be a %s: it is a reserved word, choose another",
             path, z, what);
}

static void graph_add_labels(mig_cx *cx, mig_graph *g, mig_revision *r) {
  int i;

  for (i = 0; !cx->rc && i < r->h.labels.n; i++) {
    const char *label = r->h.labels.at[i];
    const mig_revision *other;
    graph_check(cx, r->path, "branch label", label);
    other = mig_map_put(cx, &g->by_label, label, r);
    if (other && other != r)
      mig_fail(cx, SQLITE_ERROR,
               "branch label '%s' is on two revisions: %s (%s) and %s (%s); "
               "rename it in one of them",
               label, other->h.id, other->path, r->h.id, r->path);
  }
}

mig_revision *mig_graph_add(mig_cx *cx, mig_graph *g, const mig_header *h,
                            const char *path, void *source) {
  const mig_revision *twin;
  mig_revision *r;

  if (cx->rc) return NULL;
  if (!h->id || !*h->id) {
    mig_fail(cx, SQLITE_ERROR,
             "%s: the script does not say which revision it is; give it an id",
             path);
    return NULL;
  }
  graph_check(cx, path, "revision id", h->id);
  twin = mig_map_get(&g->by_id, h->id);
  if (twin)
    mig_fail(cx, SQLITE_ERROR,
             "revision %s is in two files: %s and %s; give one of them another "
             "id, or remove it",
             h->id, twin->path, path);
  r = mig_alloc(cx, sizeof *r);
  if (!r) return NULL;
  r->h = *h;
  r->path = path;
  r->source = source;
  graph_add_labels(cx, g, r);
  mig_list_add(cx, &g->revs, r);
  mig_map_put(cx, &g->by_id, r->h.id, r);
  return cx->rc ? NULL : r;
}

int mig_rev_is_head(const mig_revision *r) {
  return r->children.n == 0;
}

int mig_rev_is_base(const mig_revision *r) {
  return r->parents.n == 0;
}

int mig_rev_is_branch_point(const mig_revision *r) {
  return r->children.n > 1;
}

int mig_rev_is_merge_point(const mig_revision *r) {
  return r->parents.n > 1;
}
