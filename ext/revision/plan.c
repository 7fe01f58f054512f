/*
** ext/revision/plan.c - which revisions lead to a target, in which order.
**
** An upgrade is the target with all below it, less what is applied.  A
** downgrade is all that is applied above the target.  Either is a set; the
** order comes from order.c alone.
*/
#include "ext/revision/revision.h"

static void plan_check_rows(mig_cx *cx, const mig_graph *g) {
  if (cx->rc || g->strangers.n == 0) return;
  mig_fail(cx, SQLITE_ERROR,
           "the database is at revision %s, which no script has (the id is "
           "from the database's table _migrate_version%s); put the script "
           "back, which a newer program may have, or set another version with "
           "migrate_stamp(TARGET, 'purge')%s",
           mig_name_strangers(cx, g), g->origin ? g->origin : "",
           g->way ? g->way : "");
}

/* Keep in the set what is applied, or what is not. */
static void plan_keep(mig_cx *cx, const mig_graph *g, unsigned char *set,
                      int applied) {
  int i;

  for (i = 0; !cx->rc && i < g->revs.n; i++)
    if (((const mig_revision *)g->revs.at[i])->applied != applied) set[i] = 0;
}

/* ---- upgrade ---- */

static void plan_fail_behind(mig_cx *cx, const mig_graph *g,
                             const mig_target *t) {
  unsigned char *above = mig_set_new(cx, g);
  const mig_revision *to = t->revs.at[0];
  mig_list rows = {0};
  int i;

  mig_set_reach(cx, above, &t->revs, MIG_ABOVE);
  for (i = 0; !cx->rc && i < g->rows.n; i++) {
    mig_revision *r = g->rows.at[i];
    if (above[r->order]) mig_list_add(cx, &rows, r);
  }
  mig_fail(cx, SQLITE_ERROR,
           "revision %s is behind the current %s; to go back to it use "
           "migrate_downgrade('%s')",
           to->h.id, mig_name_list(cx, &rows), to->h.id);
}

static void plan_check_up(mig_cx *cx, const mig_graph *g, const mig_target *t) {
  const mig_revision *to = t->revs.n == 1 ? t->revs.at[0] : NULL;

  if (cx->rc) return;
  if (t->base)
    mig_fail(cx, SQLITE_ERROR,
             "'%s' is behind every revision; to go back to it use "
             "migrate_downgrade('%s')",
             t->text, t->text);
  else if (to && !t->open && to->applied && !to->current)
    plan_fail_behind(cx, g, t);
}

void mig_plan_upgrade(mig_cx *cx, mig_graph *g, const char *target,
                      mig_list *steps) {
  unsigned char *set = mig_set_new(cx, g);
  mig_target t;
  int i;

  plan_check_rows(cx, g);
  mig_target_read(cx, g, target ? target : "head", &t);
  if (!cx->rc && !t.name && t.steps < 0)
    mig_fail(cx, SQLITE_ERROR, "'%s' goes back; use migrate_downgrade('%s')",
             t.text, t.text);
  mig_target_find(cx, g, &t);
  plan_check_up(cx, g, &t);
  mig_set_reach(cx, set, &t.revs, MIG_BELOW);
  plan_keep(cx, g, set, 0);
  mig_set_order(cx, g, set, steps);
  for (i = 0; !cx->rc && i < steps->n; i++) {
    const mig_revision *r = steps->at[i];
    if (!r->h.has_upgrade)
      mig_fail(cx, SQLITE_ERROR,
               "revision %s (%s) has no upgrade; write one, if only an empty "
               "one",
               r->h.id, r->path);
  }
}

/* ---- downgrade ---- */

static void plan_check_down(mig_cx *cx, const mig_target *t) {
  const mig_revision *to = t->revs.n ? t->revs.at[0] : NULL;

  if (cx->rc || !to || !t->name || !strcmp(t->name, "current")) return;
  if (t->revs.n > 1)
    mig_fail(cx, SQLITE_ERROR,
             "'%s' names several revisions: %s; a downgrade goes to one",
             t->text, mig_name_list(cx, &t->revs));
  else if (!to->applied)
    mig_fail(cx, SQLITE_ERROR,
             "revision %s is not applied, so nothing is above it to take back; "
             "to go forward to it use migrate_upgrade('%s')",
             to->h.id, to->h.id);
}

/* Those of `revs` that the branch's revision stands on, or is. */
static mig_list plan_towards(mig_cx *cx, const mig_graph *g,
                             const mig_list *revs, mig_revision *branch) {
  unsigned char *below = mig_set_new(cx, g);
  mig_list one = {0}, kept = {0};
  int i;

  mig_list_add(cx, &one, branch);
  mig_set_reach(cx, below, &one, MIG_PARENTS);
  for (i = 0; !cx->rc && i < revs->n; i++) {
    mig_revision *r = revs->at[i];
    if (below[r->order]) mig_list_add(cx, &kept, r);
  }
  return kept;
}

/*
** The lowest that a downgrade takes back.  A branch restricts them to the way
** that leads to it; a target that is on the branch itself needs no such thing.
*/
static mig_list plan_roots(mig_cx *cx, const mig_graph *g,
                           const mig_target *t) {
  mig_list roots = {0};
  int i, j;

  if (cx->rc || !t->name) return t->back;
  if (t->base)
    return t->branch ? plan_towards(cx, g, &g->bases, t->branch) : g->bases;
  for (i = 0; i < t->revs.n; i++) {
    const mig_revision *to = t->revs.at[i];
    if (t->branch && t->branch != to) {
      roots = plan_towards(cx, g, &to->children, t->branch);
      if (cx->rc || roots.n > 0) return roots;
    }
    for (j = 0; j < to->children.n; j++)
      mig_list_add(cx, &roots, to->children.at[j]);
    for (j = 0; j < to->dependents.n; j++)
      mig_list_add(cx, &roots, to->dependents.at[j]);
  }
  return roots;
}

/* Only a branch can leave nothing above a target that is not a row. */
static void plan_check_any(mig_cx *cx, const mig_target *t,
                           const mig_list *steps) {
  const mig_revision *to = t->revs.n ? t->revs.at[0] : NULL;

  if (cx->rc || steps->n > 0 || !to || to->current) return;
  mig_fail(cx, SQLITE_ERROR,
           "'%s' has nothing to take back: what leads from revision %s to %s "
           "is not applied",
           t->text, to->h.id, t->branch->h.id);
}

static void plan_check_way_back(mig_cx *cx, const mig_list *steps) {
  int i;

  for (i = 0; !cx->rc && i < steps->n; i++) {
    const mig_revision *r = steps->at[i];
    if (r->h.irreversible)
      mig_fail(cx, SQLITE_ERROR,
               "revision %s (%s) is irreversible: %s; nothing was taken back, "
               "and a downgrade can go to %s at most",
               r->h.id, r->path, r->h.irreversible, r->h.id);
    else if (!r->h.has_downgrade)
      mig_fail(cx, SQLITE_ERROR,
               "revision %s (%s) is irreversible: it has no downgrade; nothing "
               "was taken back, and until one is written a downgrade can go to "
               "%s at most",
               r->h.id, r->path, r->h.id);
  }
}

void mig_plan_downgrade(mig_cx *cx, mig_graph *g, const char *target,
                        mig_list *steps) {
  unsigned char *set = mig_set_new(cx, g);
  mig_list roots, upward = {0};
  mig_target t;

  plan_check_rows(cx, g);
  mig_target_read(cx, g, target ? target : "-1", &t);
  if (!cx->rc && !t.name && t.steps > 0)
    mig_fail(cx, SQLITE_ERROR, "'%s' goes forward; use migrate_upgrade('%s')",
             t.text, t.text);
  mig_target_find(cx, g, &t);
  plan_check_down(cx, &t);
  roots = plan_roots(cx, g, &t);
  mig_set_reach(cx, set, &roots, MIG_ABOVE);
  plan_keep(cx, g, set, 1);
  mig_set_order(cx, g, set, &upward);
  while (upward.n > 0) mig_list_add(cx, steps, upward.at[--upward.n]);
  plan_check_any(cx, &t, steps);
  plan_check_way_back(cx, steps);
}

/* ---- one revision ---- */

mig_revision *mig_graph_find(mig_cx *cx, mig_graph *g, const char *name) {
  mig_target t;

  mig_target_read(cx, g, name, &t);
  if (!cx->rc && !t.name && t.steps < 0)
    mig_fail(cx, SQLITE_ERROR, "'%s' names no revision; write its id", t.text);
  mig_target_find(cx, g, &t);
  if (!cx->rc && t.revs.n == 0)
    mig_fail(cx, SQLITE_ERROR, "'%s' names no revision: there is none%s",
             t.text, t.base ? " below the first" : "");
  else if (!cx->rc && t.revs.n > 1)
    mig_fail(cx, SQLITE_ERROR, "'%s' names several revisions: %s; name one",
             t.text, mig_name_list(cx, &t.revs));
  return cx->rc ? NULL : t.revs.at[0];
}
