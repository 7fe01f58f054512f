/*
** ext/schema/difftable.c - one table in two forms: what differs, and the ops
** of one batch that make the second of the first.
**
** The ops are tried on the text, by the planner that will run them.  Where
** what they give is not the second form, or they cannot say it (the order of
** columns, STRICT, a generated expression, ...), the table is defined anew.
*/
#include "ext/schema/compare.h"

/* One constraint of a side. */
typedef struct difftable_rule difftable_rule;
struct difftable_rule {
  const mig_clause_of *of;
  const char *form;
  int found; /* has the other side it, too? */
};

/* One of the two. */
typedef struct difftable_side difftable_side;
struct difftable_side {
  const mig_create *def;
  mig_column_form *cols;
  mig_list rules; /* difftable_rule */
};

typedef struct difftable difftable;
struct difftable {
  mig_cx *cx;
  const char *name; /* the table's, as the first form spells it */
  difftable_side a, b;
  mig_table_delta *out;
  int hard; /* can ops not say it? */
};

static void side_read(mig_cx *cx, difftable_side *s, const mig_create *def,
                      const mig_map *names) {
  mig_list all = mig_clauses_all(cx, def);
  difftable_rule *rule;
  int i;

  s->def = def;
  s->cols = mig_alloc(cx, (size_t)def->columns.n * sizeof *s->cols);
  for (i = 0; i < def->columns.n && !cx->rc; i++)
    mig_form_column(cx, def->columns.at[i], names, &s->cols[i]);
  for (i = 0; i < all.n && !cx->rc; i++) {
    const mig_clause_of *of = all.at[i];
    if (of->clause->type > MIG_CLAUSE_FOREIGN_KEY) continue;
    if ((rule = mig_alloc(cx, sizeof *rule)) == NULL) return;
    rule->of = of;
    rule->form = mig_form_constraint(cx, of, names);
    mig_list_add(cx, &s->rules, rule);
  }
}

/* The place of the column with this folded name, or -1. */
static int side_find(const difftable_side *s, const char *name) {
  int i;

  for (i = 0; i < s->def->columns.n; i++)
    if (!strcmp(s->cols[i].name, name)) return i;
  return -1;
}

static const mig_coldef *side_column(const difftable_side *s, int i) {
  return s->def->columns.at[i];
}

static char *side_name(mig_cx *cx, const difftable_side *s, int i) {
  return mig_sql_unquote(cx, side_column(s, i)->name);
}

/* Mark what both have. */
static void rules_match(const difftable_side *a, const difftable_side *b) {
  int i, k;

  for (i = 0; i < a->rules.n; i++) {
    difftable_rule *x = a->rules.at[i], *y;
    for (k = 0; k < b->rules.n && !x->found; k++) {
      y = b->rules.at[k];
      if (!y->found && !strcmp(x->form, y->form)) x->found = y->found = 1;
    }
  }
}

/* ---- rows of the difference ---- */

void mig_difference_add(mig_cx *cx, mig_list *rows, const char *kind,
                        const char *object, const char *name, int destructive,
                        const char *fmt, ...) {
  mig_difference *d = mig_alloc(cx, sizeof *d);
  va_list ap;
  char *detail;

  if (!d) return;
  va_start(ap, fmt);
  detail = mig_vformat(cx, fmt, ap);
  va_end(ap);
  *d =
      (mig_difference){kind, object, name, mig_strdup(cx, detail), destructive};
  sqlite3_free(detail);
  mig_list_add(cx, rows, d);
}

static char *difftable_path(difftable *t, const char *column) {
  return mig_printf(t->cx, "%s.%s", t->name, column);
}

/* `was` and `is` are forms, the others what a person has written. */
static void differ(difftable *t, const char *column, const char *what,
                   const char *was, const char *is, mig_span from,
                   mig_span to) {
  if (t->cx->rc || !strcmp(was, is)) return;
  mig_difference_add(t->cx, &t->out->rows, "change", "column",
                     difftable_path(t, column), 0, "%s: %.*s -> %.*s", what,
                     *was ? from.n : 4, *was ? from.p : "none", *is ? to.n : 4,
                     *is ? to.p : "none");
}

static mig_span differ_clause(const mig_coldef *col, mig_clause_type type) {
  const mig_clause *k = mig_clause_last(&col->clauses, type);

  return k ? k->body : (mig_span){"", 0};
}

static mig_change *change_new(difftable *t, mig_change_kind kind,
                              const char *name) {
  mig_change *c = mig_alloc(t->cx, sizeof *c);

  if (!c) return NULL;
  c->kind = kind;
  c->table = t->name;
  c->name = name;
  mig_list_add(t->cx, &t->out->changes, c);
  return c;
}

/* ---- columns ---- */

static const char *span_text(difftable *t, mig_span s) {
  return mig_strndup(t->cx, s.n ? s.p : "", s.n);
}

static void column_set(difftable *t, const mig_coldef *col,
                       const mig_column_form *was, const mig_column_form *is) {
  const mig_clause *dflt = mig_clause_last(&col->clauses, MIG_CLAUSE_DEFAULT);
  const mig_clause *order = mig_clause_last(&col->clauses, MIG_CLAUSE_COLLATE);
  mig_change *c =
      change_new(t, MIG_ALTER_COLUMN, mig_sql_unquote(t->cx, col->name));

  if (!c) return;
  c->set.has_type = strcmp(was->type, is->type) != 0;
  if (c->set.has_type && col->type.n) c->set.type = span_text(t, col->type);
  c->set.has_null = strcmp(was->not_null, is->not_null) != 0;
  c->set.not_null = *is->not_null != 0;
  c->set.has_default = strcmp(was->dflt, is->dflt) != 0;
  if (c->set.has_default && dflt) c->set.dflt = span_text(t, dflt->expr);
  c->set.has_collate = strcmp(was->collate, is->collate) != 0;
  if (c->set.has_collate && *is->collate && order)
    c->set.collate = mig_sql_unquote(t->cx, order->word);
}

static int null_is_plain(const mig_column_form *c) {
  return !*c->not_null || !strcmp(c->not_null, "not null");
}

static void column_compare(difftable *t, int i, int k) {
  static const struct {
    const char *what;
    mig_clause_type type;
    size_t at;
  } clauses[] = {
      {"null", MIG_CLAUSE_NOT_NULL, offsetof(mig_column_form, not_null)},
      {"default", MIG_CLAUSE_DEFAULT, offsetof(mig_column_form, dflt)},
      {"collation", MIG_CLAUSE_COLLATE, offsetof(mig_column_form, collate)},
      {"generated", MIG_CLAUSE_GENERATED, offsetof(mig_column_form, generated)},
  };
  const mig_column_form *was = &t->a.cols[i], *is = &t->b.cols[k];
  const mig_coldef *old = side_column(&t->a, i), *now = side_column(&t->b, k);
  const char *name = side_name(t->cx, &t->a, i);
  size_t n;

  if (t->cx->rc) return;
  differ(t, name, "type", was->type, is->type, old->type, now->type);
  for (n = 0; n < sizeof clauses / sizeof *clauses; n++)
    differ(t, name, clauses[n].what,
           *(const char *const *)((const char *)was + clauses[n].at),
           *(const char *const *)((const char *)is + clauses[n].at),
           differ_clause(old, clauses[n].type),
           differ_clause(now, clauses[n].type));
  if (strcmp(was->generated, is->generated))
    mig_list_add(t->cx, &t->out->other, (void *)(uintptr_t)name);
  if (strcmp(was->generated, is->generated) || !null_is_plain(was) ||
      !null_is_plain(is))
    t->hard |= strcmp(was->generated, is->generated) ||
               strcmp(was->not_null, is->not_null);
  if (strcmp(was->type, is->type) || strcmp(was->not_null, is->not_null) ||
      strcmp(was->dflt, is->dflt) || strcmp(was->collate, is->collate))
    column_set(t, side_column(&t->b, k), was, is);
}

static void columns_both(difftable *t) {
  int i, k;

  for (i = 0; i < t->a.def->columns.n && !t->cx->rc; i++)
    if ((k = side_find(&t->b, t->a.cols[i].name)) >= 0) column_compare(t, i, k);
}

static void columns_drop(difftable *t) {
  const char *name;
  int i;

  for (i = t->a.def->columns.n - 1; i >= 0 && !t->cx->rc; i--) {
    if (side_find(&t->b, t->a.cols[i].name) >= 0) continue;
    name = side_name(t->cx, &t->a, i);
    mig_difference_add(t->cx, &t->out->rows, "drop", "column",
                       difftable_path(t, name), !*t->a.cols[i].generated,
                       "%.*s", side_column(&t->a, i)->text.n,
                       side_column(&t->a, i)->text.p);
    change_new(t, MIG_DROP_COLUMN, name);
    mig_list_add(t->cx, &t->out->gone, (void *)(uintptr_t)name);
  }
}

/* Where the new column stands: nowhere in particular when only new ones follow.
 */
static void column_place(difftable *t, mig_change *c, int k) {
  int i;

  for (i = k + 1; i < t->b.def->columns.n; i++)
    if (side_find(&t->a, t->b.cols[i].name) >= 0) break;
  if (i == t->b.def->columns.n) return;
  if (k)
    c->after = side_name(t->cx, &t->b, k - 1);
  else
    c->before = side_name(t->cx, &t->b, i);
}

static void columns_add(difftable *t) {
  mig_change *c;
  int k;

  for (k = 0; k < t->b.def->columns.n && !t->cx->rc; k++) {
    const mig_coldef *col = side_column(&t->b, k);
    const char *name = side_name(t->cx, &t->b, k);
    if (side_find(&t->a, t->b.cols[k].name) >= 0) continue;
    mig_difference_add(t->cx, &t->out->rows, "add", "column",
                       difftable_path(t, name), 0, "%.*s", col->text.n,
                       col->text.p);
    c = change_new(t, MIG_ADD_COLUMN, NULL);
    if (!c) return;
    mig_list_add(t->cx, &c->parts, (void *)(uintptr_t)span_text(t, col->text));
    column_place(t, c, k);
    mig_list_add(t->cx, &t->out->come, (void *)(uintptr_t)name);
  }
}

/* ---- constraints ---- */

/* Does the rule stand behind a column that the other side has not? */
static int rule_goes_along(mig_cx *cx, const difftable_rule *r,
                           const difftable_side *other) {
  const char *name = r->of->col ? mig_fold_token(cx, r->of->col->name) : NULL;

  return name && side_find(other, name) < 0;
}

/* The columns that its keys are; 0 when they are more than names. */
static int rule_columns(difftable *t, const difftable_rule *r, mig_list *out) {
  const mig_list *keys = &r->of->clause->keys;
  int i;

  if (!keys->n && r->of->col)
    mig_list_add(t->cx, out, mig_sql_unquote(t->cx, r->of->col->name));
  for (i = 0; i < keys->n; i++) {
    const mig_key *k = keys->at[i];
    if (!k->column.n || k->collate.n || k->desc) return 0;
    mig_list_add(t->cx, out, mig_sql_unquote(t->cx, k->column));
  }
  return 1;
}

static void rule_drop(difftable *t, const difftable_rule *r) {
  const mig_clause *k = r->of->clause;
  mig_change *c =
      change_new(t, MIG_DROP_CONSTRAINT,
                 k->name.n ? mig_sql_unquote(t->cx, k->name) : NULL);

  if (!c || c->name) return;
  c->clause = k->type;
  if (k->type == MIG_CLAUSE_CHECK)
    c->body = span_text(t, k->expr);
  else
    t->hard |= !rule_columns(t, r, &c->parts);
}

static void rule_refer(difftable *t, const mig_clause_of *of, mig_change *c) {
  const mig_clause *k = of->clause;
  int i, behind = 0;

  c->ref = mig_sql_unquote(t->cx, k->table);
  for (i = 0; i < k->to.n; i++)
    mig_list_add(t->cx, &c->refparts,
                 mig_sql_unquote(t->cx, ((mig_key *)k->to.at[i])->column));
  if (k->actions.n) c->actions = span_text(t, k->actions);
  if (k->defer.n) c->defer = span_text(t, k->defer);
  for (i = 0; of->col && i < of->col->clauses.n; i++) {
    const mig_clause *d = of->col->clauses.at[i];
    if (behind && d->type == MIG_CLAUSE_DEFER) c->defer = span_text(t, d->text);
    behind |= d == k;
  }
}

static void rule_add(difftable *t, const difftable_rule *r) {
  const mig_clause *k = r->of->clause;
  mig_change *c =
      change_new(t, MIG_ADD_CONSTRAINT,
                 k->name.n ? mig_sql_unquote(t->cx, k->name) : NULL);

  if (!c) return;
  c->clause = k->type;
  t->hard |= k->conflict.n || k->autoincrement || k->desc;
  if (k->type == MIG_CLAUSE_CHECK)
    c->body = span_text(t, k->expr);
  else
    t->hard |= !rule_columns(t, r, &c->parts);
  if (k->type == MIG_CLAUSE_FOREIGN_KEY) rule_refer(t, r->of, c);
}

static void rules_differ(difftable *t, const char *kind,
                         const difftable_side *s, const difftable_side *other,
                         void (*make)(difftable *, const difftable_rule *)) {
  int i;

  for (i = 0; i < s->rules.n && !t->cx->rc; i++) {
    const difftable_rule *r = s->rules.at[i];
    const mig_clause *k = r->of->clause;
    if (r->found || rule_goes_along(t->cx, r, other)) continue;
    mig_difference_add(t->cx, &t->out->rows, kind, "constraint", t->name, 0,
                       "%.*s", k->text.n, k->text.p);
    make(t, r);
  }
}

/* ---- the table as a whole ---- */

static void options_differ(difftable *t, const char *what, int was, int is) {
  if (was == is) return;
  t->hard = 1;
  mig_difference_add(t->cx, &t->out->rows, "change", "table", t->name, 0,
                     "%s%s", is ? "" : "not ", what);
}

/* Do the columns of both stand in one order? */
static int order_is_same(const difftable_side *a, const difftable_side *b) {
  int i, k, last = -1;

  for (i = 0; i < a->def->columns.n; i++) {
    if ((k = side_find(b, a->cols[i].name)) < 0) continue;
    if (k < last) return 0;
    last = k;
  }
  return 1;
}

static int form_is_same(const mig_column_form *x, const mig_column_form *y) {
  return !strcmp(x->name, y->name) && !strcmp(x->type, y->type) &&
         !strcmp(x->dflt, y->dflt) && !strcmp(x->collate, y->collate) &&
         !strcmp(x->generated, y->generated) &&
         !strcmp(x->not_null, y->not_null);
}

static int side_is_same(const difftable_side *a, const difftable_side *b) {
  int i;

  if (a->def->columns.n != b->def->columns.n || a->rules.n != b->rules.n ||
      a->def->strict != b->def->strict ||
      a->def->without_rowid != b->def->without_rowid)
    return 0;
  for (i = 0; i < a->def->columns.n; i++)
    if (!form_is_same(&a->cols[i], &b->cols[i])) return 0;
  rules_match(a, b);
  for (i = 0; i < a->rules.n; i++)
    if (!((difftable_rule *)a->rules.at[i])->found) return 0;
  return 1;
}

/* Do their keys stand in one order?  Of two over the same columns the first
** makes the index, and all are numbered. */
static int keys_are_same(const difftable_side *a, const difftable_side *b) {
  const difftable_rule *keys[2] = {NULL, NULL};
  const mig_list *rules[2] = {&a->rules, &b->rules};
  int at[2] = {0, 0}, k;

  do
    for (k = 0; k < 2; k++)
      for (keys[k] = NULL; at[k] < rules[k]->n && !keys[k]; at[k]++) {
        const difftable_rule *r = rules[k]->at[at[k]];
        if (r->of->clause->type <= MIG_CLAUSE_UNIQUE) keys[k] = r;
      }
  while (keys[0] && keys[1] && !strcmp(keys[0]->form, keys[1]->form));
  return !keys[0] && !keys[1];
}

/* ---- trying the ops ---- */

/* Run them through the planner; the text that they give, in trial's memory. */
static const mig_create *ops_try(mig_cx *trial, const mig_item *was,
                                 const mig_list *objects,
                                 const mig_list *changes, int *native) {
  mig_object own = *was->object;
  mig_table t = {.schema = "main",
                 .name = own.name,
                 .object = &own,
                 .def = was->def,
                 .objects = *objects,
                 .has_rows = 1,
                 .version = sqlite3_libversion_number()};
  const mig_alter *a;
  int from = 0;

  while (from < changes->n && !trial->rc) {
    a = mig_alter_plan(trial, &t, changes, from, 0);
    if (!a || !a->taken) return NULL;
    *native &= a->way == MIG_WAY_NATIVE && !a->proofs.n;
    from += a->taken;
    own.sql = a->sql;
    t.def = a->def;
  }
  return trial->rc ? NULL : t.def;
}

static int ops_do(difftable *t, const mig_item *was, const mig_schema *to,
                  const mig_item *is, const mig_list *objects) {
  mig_cx trial = {0};
  difftable_side now = {0}, want = {0};
  const mig_create *def;
  int same = 0;

  t->out->native = 1;
  def = ops_try(&trial, was, objects, &t->out->changes, &t->out->native);
  if (def && !trial.rc) {
    side_read(&trial, &now, def, &to->names);
    side_read(&trial, &want, is->def, &to->names);
    same = !trial.rc && side_is_same(&now, &want) && keys_are_same(&now, &want);
  }
  if ((trial.rc & 0xff) == SQLITE_NOMEM) mig_fail_move(t->cx, &trial);
  mig_cx_release(&trial);
  return same;
}

/* ---- likeness ---- */

/* Could a new column be the old one under another name? */
static int column_is_like(const mig_column_form *a, const mig_column_form *b) {
  return !strcmp(a->type, b->type) && !strcmp(a->dflt, b->dflt) &&
         !strcmp(a->collate, b->collate) && !strcmp(a->not_null, b->not_null) &&
         !*a->generated && !*b->generated;
}

/* For each dropped column the new one that is like it: at its place, or the
** only one. */
static void columns_guess(difftable *t) {
  mig_rename *r;
  int i, k, one, n;

  for (i = 0; i < t->a.def->columns.n && !t->cx->rc; i++) {
    if (side_find(&t->b, t->a.cols[i].name) >= 0) continue;
    for (one = -1, n = k = 0; k < t->b.def->columns.n; k++)
      if (side_find(&t->a, t->b.cols[k].name) < 0 &&
          column_is_like(&t->a.cols[i], &t->b.cols[k]) && (k == i || !n++))
        one = k;
    if (one < 0 || (n > 1 && one != i)) continue;
    if ((r = mig_alloc(t->cx, sizeof *r)) == NULL) return;
    *r = (mig_rename){t->name, side_name(t->cx, &t->a, i),
                      side_name(t->cx, &t->b, one)};
    mig_list_add(t->cx, &t->out->guesses, r);
  }
}

void mig_table_compare(mig_cx *cx, const mig_schema *from, const mig_item *was,
                       const mig_schema *to, const mig_item *is,
                       const mig_list *objects, mig_table_delta *out) {
  difftable t = {.cx = cx, .name = was->object->name, .out = out};

  side_read(cx, &t.a, was->def, &from->names);
  side_read(cx, &t.b, is->def, &to->names);
  if (cx->rc) return;
  rules_match(&t.a, &t.b);
  rules_differ(&t, "drop", &t.a, &t.b, rule_drop);
  columns_both(&t);
  columns_drop(&t);
  columns_add(&t);
  rules_differ(&t, "add", &t.b, &t.a, rule_add);
  options_differ(&t, "STRICT", t.a.def->strict, t.b.def->strict);
  options_differ(&t, "WITHOUT ROWID", t.a.def->without_rowid,
                 t.b.def->without_rowid);
  if (!cx->rc && !order_is_same(&t.a, &t.b)) {
    t.hard = 1;
    mig_difference_add(cx, &out->rows, "change", "table", t.name, 0,
                       "order of columns");
  }
  if (cx->rc || !out->rows.n) return;
  columns_guess(&t);
  if (t.hard || !ops_do(&t, was, to, is, objects))
    out->define = is->object->sql;
}
