/*
** ext/revision/stamp.c - which rows a stamp leaves.
**
** A stamp speaks for the lineage of its targets, over both kinds of edge, and
** for nothing else: rows outside stay.
*/
#include "ext/revision/revision.h"

struct stamp {
  unsigned char *gone; /* what the targets speak for: rows there go         */
  mig_list come;       /* what is to be current; an ancestor may be among   */
  int purge;           /* do the rows there were count for nothing?         */
};

static void stamp_join(mig_cx *cx, const mig_graph *g, unsigned char *into,
                       const unsigned char *set) {
  int i;

  for (i = 0; !cx->rc && i < g->revs.n; i++) into[i] |= set[i];
}

/* -N: what a downgrade would take back goes, and what it would leave comes. */
static void stamp_back(mig_cx *cx, const mig_graph *g, struct stamp *s,
                       const mig_target *t) {
  unsigned char *set = mig_set_new(cx, g);
  int i;

  mig_set_reach(cx, set, &t->back, MIG_ABOVE);
  stamp_join(cx, g, s->gone, set);
  for (i = 0; !cx->rc && i < g->revs.n; i++) {
    mig_revision *r = g->revs.at[i];
    if (r->applied && !set[i]) mig_list_add(cx, &s->come, r);
  }
}

static void stamp_base(mig_cx *cx, const mig_graph *g, struct stamp *s,
                       const mig_target *t) {
  mig_list one = {0};

  if (cx->rc) return;
  if (!t->branch) {
    memset(s->gone, 1, (size_t)g->revs.n);
    return;
  }
  mig_list_add(cx, &one, t->branch);
  stamp_join(cx, g, s->gone,
             mig_set_lineage(cx, g, &one, MIG_BELOW | MIG_ABOVE));
}

static void stamp_target(mig_cx *cx, const mig_graph *g, struct stamp *s,
                         const char *text) {
  mig_target t;
  int i;

  mig_target_read(cx, g, text, &t);
  if (!cx->rc && s->purge && (!t.name || !strcmp(t.name, "current")))
    mig_fail(cx, SQLITE_ERROR,
             "'%s' starts from what is current, which 'purge' forgets; name a "
             "revision, head, heads or base",
             t.text);
  mig_target_find(cx, g, &t);
  if (cx->rc) return;
  if (t.base)
    stamp_base(cx, g, s, &t);
  else if (t.back.n)
    stamp_back(cx, g, s, &t);
  else
    stamp_join(cx, g, s->gone,
               mig_set_lineage(cx, g, &t.revs, MIG_BELOW | MIG_ABOVE));
  for (i = 0; i < t.revs.n; i++) mig_list_add(cx, &s->come, t.revs.at[i]);
}

static void stamp_targets(mig_cx *cx, const mig_graph *g, struct stamp *s,
                          const char *targets) {
  const char *comma;

  for (; !cx->rc && (comma = strchr(targets, ',')); targets = comma + 1)
    stamp_target(cx, g, s, mig_strndup(cx, targets, (int)(comma - targets)));
  stamp_target(cx, g, s, targets);
}

/* The ids of those in `come` that no other of them stands on, each once. */
static void stamp_rows(mig_cx *cx, const mig_graph *g, const mig_list *come,
                       mig_list *rows) {
  unsigned char *in = mig_set_new(cx, g), *below = mig_set_new(cx, g);
  int i;

  for (i = 0; !cx->rc && i < come->n; i++) {
    const mig_revision *r = come->at[i];
    in[r->order] = 1;
    mig_set_reach(cx, below, &r->parents, MIG_BELOW);
    mig_set_reach(cx, below, &r->deps, MIG_BELOW);
  }
  for (i = 0; !cx->rc && i < g->revs.n; i++) {
    const mig_revision *r = g->revs.at[i];
    if (in[i] && !below[i]) mig_list_add(cx, rows, (char *)r->h.id);
  }
}

void mig_plan_stamp(mig_cx *cx, mig_graph *g, const char *targets, int purge,
                    mig_list *rows) {
  struct stamp s = {.gone = mig_set_new(cx, g), .purge = purge};
  int i;

  if (!cx->rc && !purge && g->strangers.n > 0)
    mig_fail(cx, SQLITE_ERROR,
             "the database is at revision %s, which no script has; to forget "
             "it use migrate_stamp('%s', 'purge')",
             mig_name_strangers(cx, g), targets ? targets : "head");
  stamp_targets(cx, g, &s, targets ? targets : "head");
  for (i = 0; !cx->rc && !purge && i < g->rows.n; i++) {
    mig_revision *r = g->rows.at[i];
    if (!s.gone[r->order]) mig_list_add(cx, &s.come, r);
  }
  stamp_rows(cx, g, &s.come, rows);
}
