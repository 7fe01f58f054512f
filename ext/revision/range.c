/*
** ext/revision/range.c - sets of revisions by their two ends; and a graph as it
** would be with one revision more, or another in its place.
*/
#include "ext/revision/revision.h"

/* The revisions that one end names; `none` where it is not given. */
static mig_list range_end(mig_cx *cx, const mig_graph *g, mig_span text,
                          const char *none) {
  mig_span s = mig_span_trim(text);
  char *z = mig_strndup(cx, s.n ? s.p : none, s.n ? s.n : (int)strlen(none));
  mig_list empty = {0};
  mig_target t;

  if (!z) return empty;
  mig_target_read(cx, g, z, &t);
  if (!cx->rc && !t.name && t.steps < 0)
    mig_fail(cx, SQLITE_ERROR,
             "'%s' is no end of a range; write an id, or id-N", t.text);
  mig_target_find(cx, g, &t);
  return cx->rc ? empty : t.revs;
}

unsigned char *mig_graph_range(mig_cx *cx, const mig_graph *g,
                               const char *text) {
  const char *colon = strchr(text, ':');
  int n = (int)strlen(text), at = colon ? (int)(colon - text) : n;
  mig_span low = {text, at}, high = {text, at};
  unsigned char *set = mig_set_new(cx, g), *below = mig_set_new(cx, g);
  mig_list from, to;
  int i;

  if (colon) high = (mig_span){colon + 1, n - at - 1};
  from = range_end(cx, g, low, "base");
  to = range_end(cx, g, high, "heads");
  mig_set_reach(cx, set, &to, MIG_BELOW);
  mig_set_reach(cx, below, &from, MIG_BELOW);
  for (i = 0; !cx->rc && i < from.n; i++)
    below[((const mig_revision *)from.at[i])->order] = 0;
  for (i = 0; !cx->rc && i < g->revs.n; i++)
    if (below[i]) set[i] = 0;
  return set;
}

void mig_graph_with(mig_cx *cx, const mig_graph *g, const mig_revision *instead,
                    const mig_header *h, const char *path) {
  mig_graph *would = mig_graph_new(cx);
  int i;

  for (i = 0; !cx->rc && i < g->revs.n; i++) {
    const mig_revision *r = g->revs.at[i];
    if (r != instead) mig_graph_add(cx, would, &r->h, r->path, NULL);
  }
  mig_graph_add(cx, would, h, path, NULL);
  mig_graph_link(cx, would);
}
