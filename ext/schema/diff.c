/*
** ext/schema/diff.c - what makes one schema of another, in an order that can
** run: what hides or uses a table goes before the table changes, and comes
** behind it.
*/
#include "ext/schema/compare.h"

typedef struct diff_run diff_run;
struct diff_run {
  mig_cx *cx;
  const mig_schema *from, *to;
  mig_diff *out;
  mig_map near;     /* mig_list of mig_object, by a table's folded name:   */
                    /* the tables that it refers to, or that refer to it   */
  int near_known;   /* is it filled?                                       */
  mig_map touched;  /* mig_list, by a table's folded name: folded names of */
                    /* columns that come or go; "": the table itself does  */
  mig_list tables;  /* diff_table                                         */
  mig_map replaced; /* folded names of tables that go and come again      */
  mig_map going;    /* mig_item: tables that go, by the form of their columns */
};

/* A table that both have and that differs. */
typedef struct diff_table diff_table;
struct diff_table {
  const mig_item *was, *is;
  mig_table_delta d;
  mig_list before; /* diff_table: those that are altered before it */
  int done;
};

static mig_item *diff_get(const mig_schema *s, const char *key) {
  return mig_map_get(&s->by_key, key);
}

/* The other schema's item of the same name and kind, or NULL. */
static mig_item *diff_twin(const mig_schema *s, const mig_item *item) {
  mig_item *twin = diff_get(s, item->key);

  return twin && twin->def->type == item->def->type ? twin : NULL;
}

static int diff_is_table(const mig_item *item) {
  return item->def->type == MIG_CREATE_OF_TABLE;
}

static int diff_is_virtual(const mig_item *item) {
  return item->def->type == MIG_CREATE_OF_VIRTUAL;
}

/* ---- what differs ---- */

/* The list under the key, which is made when there is none. */
static mig_list *diff_list(diff_run *r, mig_map *map, const char *key) {
  mig_list *l = key ? mig_map_get(map, key) : NULL;

  if (l || !key) return l;
  l = mig_alloc(r->cx, sizeof *l);
  if (l) mig_map_put(r->cx, map, key, l);
  return l;
}

/* A table's name, or a column's of it, comes or goes. */
static void diff_touch(diff_run *r, const char *table, const char *column) {
  mig_list *l = diff_list(r, &r->touched, mig_fold(r->cx, table));

  if (l) mig_list_add(r->cx, l, mig_fold(r->cx, column));
}

static void diff_touch_all(diff_run *r, const char *table,
                           const mig_list *columns) {
  int i;

  for (i = 0; i < columns->n; i++) diff_touch(r, table, columns->at[i]);
}

/* All that may be names in the text, folded. */
static mig_list diff_words(mig_cx *cx, mig_span sql, mig_map *set) {
  mig_list words = {0};
  mig_token t, before = {MIG_TK_END, {sql.p, 0}};
  char *word;

  for (; !cx->rc && (t = mig_token_next(&sql)).type != MIG_TK_END; before = t) {
    int as = mig_read_as(t);
    if (!as || (as == MIG_AS_STRING && !mig_token_is(before, "."))) continue;
    word = mig_fold_token(cx, t.s);
    if (!word || mig_map_get(set, word)) continue;
    mig_map_put(cx, set, word, word);
    mig_list_add(cx, &words, word);
  }
  return words;
}

static int diff_is_touched(diff_run *r, mig_span sql) {
  mig_cx own = {0};
  mig_map set = {0};
  mig_list words = diff_words(&own, sql, &set);
  int i, k, found = 0;

  for (i = 0; i < words.n && !found; i++) {
    const mig_list *l = mig_map_get(&r->touched, words.at[i]);
    for (k = 0; l && k < l->n && !found; k++)
      found = !*(char *)l->at[k] || mig_map_get(&set, l->at[k]);
  }
  mig_fail_move(r->cx, &own);
  mig_cx_release(&own);
  return found;
}

/* ---- which tables a change may meet ---- */

static void diff_meet(diff_run *r, const char *key, const mig_item *other) {
  mig_list *l = other ? diff_list(r, &r->near, key) : NULL;

  if (l) mig_list_add(r->cx, l, (void *)(uintptr_t)other->object);
}

static void diff_meets(diff_run *r, const mig_schema *s) {
  int i, k;

  for (i = 0; i < s->items.n && !r->cx->rc; i++) {
    const mig_item *item = s->items.at[i];
    mig_list all = {0};
    if (diff_is_table(item)) all = mig_clauses_all(r->cx, item->def);
    for (k = 0; k < all.n && !r->cx->rc; k++) {
      const mig_clause *c = ((mig_clause_of *)all.at[k])->clause;
      char *to;
      if (c->type != MIG_CLAUSE_FOREIGN_KEY) continue;
      to = mig_fold_token(r->cx, c->table);
      if (!to) return;
      diff_meet(r, to, item);
      diff_meet(r, item->key, diff_get(r->from, to));
      diff_meet(r, item->key, diff_get(r->to, to));
    }
  }
}

/* The tables that changes of this one may meet, itself the first. */
static mig_list diff_near(diff_run *r, const mig_item *was) {
  const mig_list *l;
  mig_list near = {0};
  int i;

  if (!r->near_known) {
    r->near_known = 1;
    diff_meets(r, r->from);
    diff_meets(r, r->to);
  }
  mig_list_add(r->cx, &near, (void *)(uintptr_t)was->object);
  l = mig_map_get(&r->near, was->key);
  for (i = 0; l && i < l->n; i++) mig_list_add(r->cx, &near, l->at[i]);
  return near;
}

static void diff_tables(diff_run *r) {
  diff_table *t;
  mig_list near;
  int i;

  for (i = 0; i < r->to->items.n && !r->cx->rc; i++) {
    const mig_item *is = r->to->items.at[i], *was = diff_twin(r->from, is);
    if (!diff_is_table(is) || !was ||
        !strcmp(was->object->sql, is->object->sql))
      continue;
    if ((t = mig_alloc(r->cx, sizeof *t)) == NULL) return;
    t->was = was;
    t->is = is;
    near = diff_near(r, was);
    mig_table_compare(r->cx, r->from, was, r->to, is, &near, &t->d);
    if (!t->d.rows.n) continue;
    mig_list_add(r->cx, &r->tables, t);
    diff_touch_all(r, was->object->name, &t->d.gone);
    diff_touch_all(r, was->object->name, &t->d.come);
    diff_touch_all(r, was->object->name, &t->d.other);
  }
}

/* Names of tables, and of what replaces them, that come or go. */
static void diff_names(diff_run *r, const mig_schema *s,
                       const mig_schema *other) {
  int i;

  for (i = 0; i < s->items.n && !r->cx->rc; i++) {
    const mig_item *item = s->items.at[i], *twin = diff_twin(other, item);
    if (item->def->type == MIG_CREATE_OF_INDEX ||
        item->def->type == MIG_CREATE_OF_TRIGGER)
      continue;
    if (!twin) diff_touch(r, item->object->name, NULL);
    if ((!twin && diff_get(other, item->key)) ||
        (twin && diff_is_virtual(item) && strcmp(item->form, twin->form)))
      mig_map_put(r->cx, &r->replaced, item->key, (void *)(uintptr_t)item);
  }
}

static int diff_is_on(diff_run *r, const mig_item *item,
                      const mig_map *tables) {
  const char *on = mig_fold(r->cx, item->object->table);

  return on && mig_map_get(tables, on) != NULL;
}

static int diff_moves(diff_run *r, const mig_item *item);

/* Is it as it was, and may it stay? */
static int diff_stays(diff_run *r, const mig_item *was) {
  const mig_item *is = diff_twin(r->to, was);
  const char *a, *b;

  if (!is || was->away || is->away || strcmp(was->form, is->form) ||
      diff_moves(r, was))
    return 0;
  a = mig_fold(r->cx, was->object->table);
  b = mig_fold(r->cx, is->object->table);
  return a && b && !strcmp(a, b);
}

/* Is the trigger on a view that goes, if only to come again? */
static int diff_view_goes(diff_run *r, const mig_item *trigger) {
  const char *on = mig_fold(r->cx, trigger->object->table);
  const mig_item *view = on ? diff_get(r->from, on) : NULL;

  return view && view->def->type == MIG_CREATE_OF_VIEW && !diff_stays(r, view);
}

/* Views and triggers that use a name that comes or goes make room for it. */
static int diff_moves(diff_run *r, const mig_item *item) {
  if (item->def->type == MIG_CREATE_OF_INDEX ||
      item->def->type == MIG_CREATE_OF_TRIGGER)
    if (diff_is_on(r, item, &r->replaced)) return 1;
  if (item->def->type == MIG_CREATE_OF_TRIGGER && diff_view_goes(r, item))
    return 1;
  return (item->def->type == MIG_CREATE_OF_VIEW ||
          item->def->type == MIG_CREATE_OF_TRIGGER) &&
         diff_is_touched(r, mig_span_z(item->object->sql));
}

/* ---- drafts ---- */

static mig_draft *draft_new(diff_run *r) {
  mig_draft *d = mig_alloc(r->cx, sizeof *d);

  mig_list_add(r->cx, &r->out->drafts, d);
  return r->cx->rc ? NULL : d;
}

static void draft_drop(diff_run *r, mig_change_kind kind,
                       const mig_item *item) {
  mig_draft *d = draft_new(r);
  mig_change *c = mig_alloc(r->cx, sizeof *c);

  if (!d || !c) return;
  c->kind = kind;
  c->name = item->object->name;
  mig_list_add(r->cx, &d->changes, c);
  if (kind == MIG_DROP_TABLE)
    d->note = mig_printf(r->cx, "the rows of %s are lost",
                         mig_one_line(r->cx, c->name));
}

static void draft_create(diff_run *r, const mig_item *item) {
  mig_draft *d = draft_new(r);

  if (d) d->sql = item->object->sql;
}

/* What is dropped of one type, the last made first.  What is on a table that
** goes, goes with it. */
static void draft_drops(diff_run *r, mig_create_type type,
                        mig_change_kind kind) {
  int i;

  for (i = r->from->items.n - 1; i >= 0 && !r->cx->rc; i--) {
    const mig_item *item = r->from->items.at[i];
    const char *on = mig_fold(r->cx, item->object->table);
    const mig_item *table = on ? diff_get(r->from, on) : NULL;
    if (item->def->type != type || item->away || diff_stays(r, item)) continue;
    if (type == MIG_CREATE_OF_INDEX && table && !diff_twin(r->to, table))
      continue;
    draft_drop(r, kind, item);
  }
}

static void draft_creates(diff_run *r, mig_create_type type) {
  int i;

  for (i = 0; i < r->to->items.n && !r->cx->rc; i++) {
    const mig_item *item = r->to->items.at[i], *was = diff_twin(r->from, item);
    if (item->def->type == type && !item->away && !(was && diff_stays(r, was)))
      draft_create(r, item);
  }
}

/* Tables that go: those whose names are needed again early, the others late. */
static void draft_tables_drop(diff_run *r, int early) {
  int i;

  for (i = r->from->items.n - 1; i >= 0 && !r->cx->rc; i--) {
    const mig_item *item = r->from->items.at[i], *is = diff_twin(r->to, item);
    int again = mig_map_get(&r->replaced, item->key) != NULL;
    if (!diff_is_table(item) && !diff_is_virtual(item)) continue;
    if (is && !(diff_is_virtual(item) && strcmp(item->form, is->form)))
      continue;
    if ((again || diff_is_virtual(item)) == early)
      draft_drop(r, MIG_DROP_TABLE, item);
  }
}

/* All of a table's statement behind its name, in one spelling. */
static char *diff_inside(diff_run *r, const mig_schema *s,
                         const mig_item *item) {
  const mig_create *def = item->def;

  return mig_form(
      r->cx,
      (mig_span){def->open.p, (int)(def->text.p + def->text.n - def->open.p)},
      &s->names);
}

static void diff_going(diff_run *r) {
  int i;

  for (i = 0; i < r->from->items.n && !r->cx->rc; i++) {
    const mig_item *item = r->from->items.at[i];
    char *form;
    if (!diff_is_table(item) || mig_map_get(&r->to->by_key, item->key))
      continue;
    form = diff_inside(r, r->from, item);
    if (form) mig_map_put(r->cx, &r->going, form, (void *)(uintptr_t)item);
  }
}

/* The new table that is like one that goes may be that one. */
static void draft_guess_table(diff_run *r, mig_draft *d, const mig_item *item) {
  const char *form = diff_inside(r, r->to, item);
  const mig_item *old = form ? mig_map_get(&r->going, form) : NULL;
  mig_rename *n = old ? mig_alloc(r->cx, sizeof *n) : NULL;

  if (!n) return;
  *n = (mig_rename){NULL, old->object->name, item->object->name};
  mig_list_add(r->cx, &d->guesses, n);
}

static void draft_tables_create(diff_run *r) {
  int i;

  diff_going(r);
  for (i = 0; i < r->to->items.n && !r->cx->rc; i++) {
    const mig_item *item = r->to->items.at[i];
    if (!diff_is_table(item) || diff_twin(r->from, item)) continue;
    draft_create(r, item);
    if (!r->cx->rc)
      draft_guess_table(r, r->out->drafts.at[r->out->drafts.n - 1], item);
  }
}

static void draft_virtual_create(diff_run *r) {
  int i;

  for (i = 0; i < r->to->items.n && !r->cx->rc; i++) {
    const mig_item *item = r->to->items.at[i], *was = diff_twin(r->from, item);
    if (diff_is_virtual(item) && !(was && !strcmp(was->form, item->form)))
      draft_create(r, item);
  }
}

/* ---- altering ---- */

/* A new column that no row can have without a value. */
static int diff_needs_value(mig_cx *cx, const mig_create *def,
                            const char *name) {
  const mig_coldef *col = mig_create_column(def, name, NULL);

  return col && !cx->rc && mig_takes_no_null(cx, def, col) &&
         !mig_clause_find(&col->clauses, MIG_CLAUSE_DEFAULT) &&
         !mig_clause_find(&col->clauses, MIG_CLAUSE_GENERATED);
}

static char *diff_note(diff_run *r, const diff_table *t) {
  mig_buf b = {0};
  int i;

  for (i = 0; i < t->d.gone.n; i++)
    mig_buf_addf(r->cx, &b, "%sthe values of %s are lost", b.n ? "\n" : "",
                 mig_one_line(r->cx, t->d.gone.at[i]));
  for (i = 0; i < t->d.come.n && !r->cx->rc; i++)
    if (diff_needs_value(r->cx, t->is->def, t->d.come.at[i]))
      mig_buf_addf(r->cx, &b,
                   "%s%s is NOT NULL and has no default: where there are rows, "
                   "say what they get with using",
                   b.n ? "\n" : "", mig_one_line(r->cx, t->d.come.at[i]));
  return mig_buf_take(r->cx, &b);
}

/* Does the foreign key name one of the parent's columns, or its key? */
static int diff_refers(mig_cx *cx, const mig_clause *k,
                       const mig_list *columns) {
  int i, n;

  if (!k->to.n) return columns->n > 0;
  for (i = 0; i < columns->n && !cx->rc; i++)
    for (n = 0; n < k->to.n; n++)
      if (mig_sql_same(((mig_key *)k->to.at[n])->column, columns->at[i]))
        return 1;
  return 0;
}

static int diff_is_before(const diff_table *a, const diff_table *b) {
  int i;

  for (i = 0; i < b->before.n; i++)
    if (b->before.at[i] == a) return 1;
  return 0;
}

/* A child lets a column go before its parent does, and, when it need not do
** that, gets one after it. */
static void diff_order(diff_run *r, const mig_map *tables, diff_table *child,
                       int was) {
  mig_list all = mig_clauses_all(r->cx, was ? child->was->def : child->is->def);
  int i;

  for (i = 0; i < all.n && !r->cx->rc; i++) {
    const mig_clause *k = ((mig_clause_of *)all.at[i])->clause;
    diff_table *parent;
    char *key;
    if (k->type != MIG_CLAUSE_FOREIGN_KEY) continue;
    key = mig_fold_token(r->cx, k->table);
    parent = key ? mig_map_get(tables, key) : NULL;
    if (!parent || parent == child ||
        !diff_refers(r->cx, k, was ? &parent->d.gone : &parent->d.come))
      continue;
    if (was)
      mig_list_add(r->cx, &parent->before, child);
    else if (!diff_is_before(child, parent))
      mig_list_add(r->cx, &child->before, parent);
  }
}

static void draft_alter(diff_run *r, diff_table *t, int depth) {
  mig_draft *d;
  int i;

  if (t->done || r->cx->rc) return;
  t->done = 1;
  for (i = 0; i < t->before.n && depth > 0; i++)
    draft_alter(r, t->before.at[i], depth - 1);
  if ((d = draft_new(r)) == NULL) return;
  d->table = t->was->object->name;
  d->changes = t->d.changes;
  d->define = t->d.define;
  d->native = t->d.native;
  d->note = diff_note(r, t);
  d->guesses = t->d.guesses;
}

static void draft_alters(diff_run *r) {
  mig_map tables = {0};
  int i;

  for (i = 0; i < r->tables.n; i++) {
    diff_table *t = r->tables.at[i];
    mig_map_put(r->cx, &tables, t->is->key, t);
  }
  for (i = 0; i < r->tables.n; i++) diff_order(r, &tables, r->tables.at[i], 1);
  for (i = 0; i < r->tables.n; i++) diff_order(r, &tables, r->tables.at[i], 0);
  for (i = 0; i < r->tables.n; i++) draft_alter(r, r->tables.at[i], 500);
}

/* ---- rows ---- */

static void diff_row(diff_run *r, const char *kind, const mig_item *item) {
  int table = diff_is_table(item) || diff_is_virtual(item);

  mig_difference_add(r->cx, &r->out->rows, kind, item->kind, item->object->name,
                     table && strcmp(kind, "add"), "%s", item->object->sql);
}

static void diff_rows(diff_run *r) {
  int i, k;

  for (i = 0; i < r->from->items.n && !r->cx->rc; i++) {
    const mig_item *item = r->from->items.at[i];
    if (!diff_twin(r->to, item)) diff_row(r, "drop", item);
  }
  for (i = 0; i < r->to->items.n && !r->cx->rc; i++) {
    const mig_item *item = r->to->items.at[i], *was = diff_twin(r->from, item);
    const char *a, *b;
    if (!was) {
      diff_row(r, "add", item);
      continue;
    }
    if (diff_is_table(item)) continue;
    a = mig_fold(r->cx, was->object->table);
    b = mig_fold(r->cx, item->object->table);
    if (a && b && (strcmp(was->form, item->form) || strcmp(a, b)))
      diff_row(r, "change", item);
  }
  for (i = 0; i < r->tables.n; i++) {
    const diff_table *t = r->tables.at[i];
    for (k = 0; k < t->d.rows.n; k++)
      mig_list_add(r->cx, &r->out->rows, t->d.rows.at[k]);
  }
}

mig_diff *mig_diff_of(mig_cx *cx, const mig_schema *from,
                      const mig_schema *to) {
  diff_run r = {.cx = cx, .from = from, .to = to};

  r.out = mig_alloc(cx, sizeof *r.out);
  if (!r.out) return NULL;
  diff_names(&r, from, to);
  diff_names(&r, to, from);
  diff_tables(&r);
  diff_rows(&r);
  if (!r.out->rows.n) return cx->rc ? NULL : r.out;
  draft_drops(&r, MIG_CREATE_OF_TRIGGER, MIG_DROP_TRIGGER);
  draft_drops(&r, MIG_CREATE_OF_VIEW, MIG_DROP_VIEW);
  draft_drops(&r, MIG_CREATE_OF_INDEX, MIG_DROP_INDEX);
  draft_tables_drop(&r, 1);
  draft_tables_create(&r);
  draft_tables_drop(&r, 0);
  draft_alters(&r);
  draft_virtual_create(&r);
  draft_creates(&r, MIG_CREATE_OF_INDEX);
  draft_creates(&r, MIG_CREATE_OF_VIEW);
  draft_creates(&r, MIG_CREATE_OF_TRIGGER);
  return cx->rc ? NULL : r.out;
}
