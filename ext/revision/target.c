/*
** ext/revision/target.c - what a target means in a graph.
**
** Reading needs the graph too: an id may hold a "-", so "2024-01" is a name
** where it is one, and else one step down from 2024.  A label or id before the
** "@" keeps the rest to its lineage, over down_revision alone: its ancestors,
** itself, its descendants.
*/
#include "ext/revision/revision.h"
#include <limits.h>

/* ---- reading ---- */

static int target_is_exact(const mig_graph *g, const char *z) {
  return mig_map_get(&g->by_id, z) || mig_map_get(&g->by_label, z);
}

/* Where "+N" or "-N" begins at the end of z, or NULL. */
static const char *target_sign(const char *z) {
  size_t n = strlen(z), i = n;

  while (i > 0 && z[i - 1] >= '0' && z[i - 1] <= '9') i--;
  if (i == n || i == 0) return NULL;
  return z[i - 1] == '+' || z[i - 1] == '-' ? z + i - 1 : NULL;
}

static int target_number(const char *z) {
  int n = 0;

  for (; *z; z++) n = n > (INT_MAX - 9) / 10 ? INT_MAX : n * 10 + (*z - '0');
  return n;
}

/* Cut what stands behind the "@" into a name and steps. */
static void target_split(mig_cx *cx, const mig_graph *g, const char *z,
                         mig_target *t) {
  const char *sign = target_sign(z);
  char *before;

  t->name = z;
  if (!sign || target_is_exact(g, z)) return;
  before = mig_strndup(cx, z, (int)(sign - z));
  if (!before) return;
  if (*before && !target_is_exact(g, before) && mig_name_begins(g, z)) return;
  t->relative = 1;
  t->steps = target_number(sign + 1);
  if (*sign == '-') t->steps = -t->steps;
  t->name = *before && strcmp(before, "current") ? before : NULL;
}

void mig_target_read(mig_cx *cx, const mig_graph *g, const char *text,
                     mig_target *t) {
  mig_span s;
  char *z, *at;

  memset(t, 0, sizeof *t);
  if (cx->rc) return;
  s = mig_span_trim(mig_span_z(text));
  z = mig_strndup(cx, s.p, s.n);
  if (!z) return;
  t->text = z;
  at = strchr(z, '@');
  if (at) t->on = mig_strndup(cx, z, (int)(at - z));
  z = at ? at + 1 : z;
  if (!*z || (at && at == t->text)) {
    mig_fail(cx, SQLITE_ERROR,
             "'%s' is not a target: write an id, a label, head, heads, base, "
             "current, +N or -N, with LABEL@ before it to keep to a branch",
             t->text);
    return;
  }
  target_split(cx, g, z, t);
  if (!cx->rc && t->relative && !t->name && t->steps == 0)
    mig_fail(cx, SQLITE_ERROR, "'%s' takes no step: write +1 or -1, or current",
             t->text);
}

/* ---- finding ---- */

/* A target while its meaning is sought. */
struct target {
  const mig_graph *g;
  mig_target *t;
  const unsigned char *within; /* lineage of the branch; NULL is all */
};

static int target_holds(const struct target *s, const mig_revision *r) {
  return !s->within || s->within[r->order];
}

static mig_list target_kept(mig_cx *cx, const struct target *s,
                            const mig_list *revs) {
  mig_list kept = {0};
  int i;

  for (i = 0; i < revs->n; i++)
    if (target_holds(s, revs->at[i])) mig_list_add(cx, &kept, revs->at[i]);
  return kept;
}

/* As in Alembic, `heads` alone leaves out those that others depend on: they are
** below. */
static mig_list target_independent(mig_cx *cx, const mig_list *heads) {
  mig_list kept = {0};
  int i;

  for (i = 0; i < heads->n; i++) {
    mig_revision *r = heads->at[i];
    if (r->dependents.n == 0) mig_list_add(cx, &kept, r);
  }
  return kept;
}

static void target_head(mig_cx *cx, struct target *s) {
  mig_target *t = s->t;
  int one = !strcmp(t->name, "head");

  t->open = 1;
  t->revs = one || s->within ? target_kept(cx, s, &s->g->heads)
                             : target_independent(cx, &s->g->heads);
  if (t->revs.n > 1 && one)
    mig_fail(
        cx, SQLITE_ERROR,
        "'%s' is ambiguous: the heads are %s; name one, say '%s%sheads' for "
        "all, or join them with migrate_merge()",
        t->text, mig_name_list(cx, &t->revs), t->branch ? t->on : "",
        t->branch ? "@" : "");
}

static void target_named(mig_cx *cx, struct target *s) {
  mig_target *t = s->t;
  mig_revision *r;

  if (!strcmp(t->name, "head") || !strcmp(t->name, "heads")) {
    target_head(cx, s);
  } else if (!strcmp(t->name, "base")) {
    t->base = 1;
  } else if (!strcmp(t->name, "current")) {
    t->open = 1;
    t->revs = target_kept(cx, s, &s->g->rows);
  } else {
    r = mig_name_find(cx, s->g, t->name, s->within);
    if (r && !target_holds(s, r))
      mig_fail(cx, SQLITE_ERROR,
               "'%s' names nothing: revision %s is neither above nor below %s",
               t->text, r->h.id, t->branch->h.id);
    mig_list_add(cx, &t->revs, r);
  }
}

/* ---- steps along down_revision; NULL is the base ---- */

static const char *target_plural(int n) {
  return n == 1 ? "" : "s";
}

/* `next` must be one; `done` steps led to `from`. */
static mig_revision *target_only(mig_cx *cx, const struct target *s,
                                 const mig_revision *from, int done,
                                 const mig_list *next) {
  const char *way = s->t->steps > 0 ? "above" : "below";
  const char *start = s->t->name         ? s->t->name
                      : s->g->rows.n > 0 ? "the current one"
                                         : "the base";

  if (next->n == 0)
    mig_fail(cx, SQLITE_ERROR,
             "'%s' goes too far: there %s only %d revision%s %s %s%s%s",
             s->t->text, done == 1 ? "is" : "are", done, target_plural(done),
             way, start, s->t->branch ? " on branch " : "",
             s->t->branch ? s->t->on : "");
  else if (next->n > 1)
    mig_fail(cx, SQLITE_ERROR,
             "'%s' is ambiguous: %s %s are %s; name the one you want",
             s->t->text, way, from ? from->h.id : "the base",
             mig_name_list(cx, next));
  return cx->rc ? NULL : next->at[0];
}

static mig_revision *target_up(mig_cx *cx, const struct target *s,
                               mig_revision *from, int steps) {
  int i;

  for (i = 0; !cx->rc && i < steps; i++) {
    mig_list next = target_kept(cx, s, from ? &from->children : &s->g->bases);
    from = target_only(cx, s, from, i, &next);
  }
  return from;
}

/* The last step may lead to the base. */
static mig_revision *target_down(mig_cx *cx, const struct target *s,
                                 mig_revision *from, int steps) {
  int i;

  for (i = 0; !cx->rc && i < steps; i++) {
    if (from->parents.n == 0 && i + 1 == steps) return NULL;
    from = target_only(cx, s, from, i, &from->parents);
  }
  return from;
}

/* id+N, id-N, head-N, base+N: the name has been found. */
static void target_walk(mig_cx *cx, struct target *s) {
  mig_target *t = s->t;
  mig_revision *from = t->revs.n ? t->revs.at[0] : NULL, *to;

  if (cx->rc) return;
  if (t->revs.n > 1 || (!from && (t->steps < 0 || !t->base))) {
    mig_fail(cx, SQLITE_ERROR, "'%s' starts from %s; start from one revision",
             t->text, from ? mig_name_list(cx, &t->revs) : "none");
    return;
  }
  to = t->steps < 0 ? target_down(cx, s, from, -t->steps)
                    : target_up(cx, s, from, t->steps);
  t->revs.n = 0;
  t->open = 0;
  t->base = !to;
  if (to) mig_list_add(cx, &t->revs, to);
}

/* ---- steps from what is current ---- */

static int target_any_applied(const struct target *s, const mig_list *revs,
                              int kept) {
  int i;

  for (i = 0; i < revs->n; i++) {
    const mig_revision *r = revs->at[i];
    if (r->applied && (!kept || target_holds(s, r))) return 1;
  }
  return 0;
}

/*
** Where a branch has no row of its own, because another branch depends on it
** or it has not been begun: its applied revisions that nothing applied stands
** on.  Going up, what counts above them is this lineage; going down, all
** children.
*/
static mig_list target_tips(mig_cx *cx, const struct target *s, int up) {
  mig_list tips = {0};
  int i;

  for (i = 0; i < s->g->revs.n; i++) {
    mig_revision *r = s->g->revs.at[i];
    if (!r->applied || !target_holds(s, r)) continue;
    if (target_any_applied(s, &r->children, up)) continue;
    if (up && target_any_applied(s, &r->dependents, 1)) continue;
    mig_list_add(cx, &tips, r);
  }
  return tips;
}

/* The one revision where relative steps start; NULL when none is current. */
static mig_revision *target_start(mig_cx *cx, const struct target *s) {
  mig_list from = target_kept(cx, s, &s->g->rows);

  if (from.n == 0 && s->within) from = target_tips(cx, s, s->t->steps > 0);
  if (from.n > 1)
    mig_fail(cx, SQLITE_ERROR,
             "'%s' is ambiguous: the current revisions are %s; say which, by "
             "an id or as LABEL@%s%d",
             s->t->text, mig_name_list(cx, &from), s->t->steps > 0 ? "+" : "",
             s->t->steps);
  return cx->rc || !from.n ? NULL : from.at[0];
}

/* -N: what becomes current when r, which is, is taken back too.  `bare` counts
** by `order` the edges from above that are gone. */
static mig_list target_bared(mig_cx *cx, const mig_revision *r, int *bare) {
  mig_list bared = {0};
  int i;

  for (i = 0; i < r->parents.n + r->deps.n; i++) {
    mig_revision *p =
        i < r->parents.n ? r->parents.at[i] : r->deps.at[i - r->parents.n];
    if (++bare[p->order] == p->above) mig_list_add(cx, &bared, p);
  }
  return bared;
}

/* -N without a branch: N times the single current revision. */
static void target_back(mig_cx *cx, struct target *s, mig_revision *r) {
  int *bare = mig_alloc(cx, ((size_t)s->g->revs.n + 1) * sizeof *bare);
  int i, steps = -s->t->steps;

  for (i = 1; !cx->rc; i++) {
    mig_list rows = target_bared(cx, r, bare);
    mig_list_add(cx, &s->t->back, r);
    if (i == steps) return;
    if (rows.n == 0)
      mig_fail(cx, SQLITE_ERROR,
               "'%s' goes too far: only %d revision%s %s applied; 'base' takes "
               "back all",
               s->t->text, i, target_plural(i), i == 1 ? "is" : "are");
    else if (rows.n > 1)
      mig_fail(cx, SQLITE_ERROR,
               "'%s' is ambiguous: below %s the current revisions would be %s; "
               "take back %d first and then say which, by an id or as LABEL@-1",
               s->t->text, r->h.id, mig_name_list(cx, &rows), i);
    else
      r = rows.at[0];
  }
}

/* LABEL@-N: down the branch; the last one that is left goes, with all above. */
static void target_back_branch(mig_cx *cx, struct target *s, mig_revision *r) {
  int i, steps = -s->t->steps;

  for (i = 1; !cx->rc && i < steps; i++)
    r = target_only(cx, s, r, i - 1, &r->parents);
  mig_list_add(cx, &s->t->back, r);
}

static void target_step(mig_cx *cx, struct target *s) {
  mig_revision *from = target_start(cx, s);

  if (cx->rc) return;
  if (s->t->steps > 0)
    mig_list_add(cx, &s->t->revs, target_up(cx, s, from, s->t->steps));
  else if (!from)
    mig_fail(cx, SQLITE_ERROR,
             "'%s' has nothing to take back: no revision%s%s is applied",
             s->t->text, s->within ? " of branch " : "",
             s->within ? s->t->on : "");
  else if (s->within)
    target_back_branch(cx, s, from);
  else
    target_back(cx, s, from);
}

void mig_target_find(mig_cx *cx, const mig_graph *g, mig_target *t) {
  struct target s = {g, t, NULL};
  mig_list one = {0};

  if (cx->rc) return;
  if (t->on) {
    t->branch = mig_name_find(cx, g, t->on, NULL);
    mig_list_add(cx, &one, t->branch);
    s.within = mig_set_lineage(cx, g, &one, MIG_PARENTS | MIG_CHILDREN);
  }
  if (cx->rc) return;
  if (!t->name) {
    target_step(cx, &s);
    return;
  }
  target_named(cx, &s);
  if (t->relative) target_walk(cx, &s);
}
