/*
** ext/schema/alter.c - how a table is altered: the changes that one pass can
** take, its way, and what must be so for it.  It steps nothing.
**
** SQLite's own RENAME COLUMN is the only one that follows a name into every
** object, so a rename is never part of a rebuild: it comes behind the pass, and
** a later change that uses one of its names begins the next pass.
*/
#include "ext/schema/alter.h"

/* The first SQLite that sets and drops NOT NULL and CHECK itself
** (https://sqlite.org/releaselog/3_53_0.html). */

const char *const mig_way_names[] = {"nothing", "native", "edit", "swap",
                                     "rebuild"};

static void pass_clauses(mig_cx *cx, mig_list *l, const mig_coldef *col,
                         const mig_list *clauses) {
  mig_clause_of *of;
  int i;

  for (i = 0; i < clauses->n; i++) {
    if ((of = mig_alloc(cx, sizeof *of)) == NULL) return;
    *of = (mig_clause_of){col, clauses->at[i]};
    mig_list_add(cx, l, of);
  }
}

mig_list mig_clauses_all(mig_cx *cx, const mig_create *def) {
  mig_list l = {0};
  int i;

  for (i = 0; i < def->columns.n && !cx->rc; i++) {
    const mig_coldef *col = def->columns.at[i];
    pass_clauses(cx, &l, col, &col->clauses);
  }
  pass_clauses(cx, &l, NULL, &def->clauses);
  return l;
}

int mig_clauses_check(const mig_list *clauses, mig_span expr) {
  int i;

  for (i = 0; i < clauses->n; i++) {
    const mig_clause *c = ((mig_clause_of *)clauses->at[i])->clause;
    if (c->type == MIG_CLAUSE_CHECK && c->expr.n == expr.n &&
        !memcmp(c->expr.p, expr.p, (size_t)expr.n))
      return 1;
  }
  return 0;
}

/* ---- what the changes tell the pass ---- */

void mig_pass_text(mig_cx *cx, mig_pass *p, char *sql) {
  if (cx->rc) return;
  p->def = mig_create_parse(cx, mig_span_z(sql));
  if (!cx->rc && p->def->columns.n != p->columns.n)
    mig_fail(cx, SQLITE_ERROR, "the change is more than one column: %s", sql);
  p->out->sql = sql;
  p->out->def = p->def;
}

/* SQLite may refuse the rowid's names, also where they are columns. */
const char *mig_pass_reserved(const mig_pass *p, const char *name) {
  return mig_is_rowid_word(name) &&
                 mig_sqlite_has(p->t->version, MIG_SINCE_ROWID_REFUSED)
             ? "it has a name of the rowid"
             : NULL;
}

void mig_pass_changed(mig_cx *cx, mig_pass *p, const char *name) {
  mig_list_add(cx, &p->changed, (void *)(uintptr_t)name);
}

void mig_pass_way(mig_cx *cx, mig_pass *p, mig_way way, const char *fmt, ...) {
  va_list ap;
  char *why;

  if (cx->rc || way <= p->out->way) return;
  p->out->way = way;
  va_start(ap, fmt);
  why = mig_vformat(cx, fmt, ap);
  va_end(ap);
  p->out->reason = mig_strdup(cx, why);
  sqlite3_free(why);
}

/*
** On rows, what adds stays an edit: SQLite's scan would be a second one, whose
** message names no row, and until 3.54 its ADD CHECK takes NULL for a no.
*/
void mig_pass_own(mig_cx *cx, mig_pass *p, int adds, const char *fmt, ...) {
  va_list ap;
  char *tail;

  if (cx->rc || !mig_sqlite_has(p->t->version, MIG_SINCE_ALTER) ||
      (adds && p->t->has_rows))
    return;
  va_start(ap, fmt);
  tail = mig_vformat(cx, fmt, ap);
  va_end(ap);
  p->own =
      mig_printf(cx, "ALTER TABLE %s %s",
                 mig_sql_path(cx, p->t->schema, p->t->name), tail ? tail : "");
  sqlite3_free(tail);
}

/* One change that is but an edit, and that SQLite can do: of several, one edit
** is cheaper. */
static void pass_native(mig_cx *cx, mig_pass *p) {
  if (!p->own || p->out->taken != 1 || p->out->way != MIG_WAY_EDIT) return;
  p->out->way = MIG_WAY_NATIVE;
  mig_list_add(cx, &p->out->native, (void *)(uintptr_t)p->own);
}

void mig_column_missing(mig_cx *cx, const mig_create *def, const char *table,
                        const char *name) {
  const char *near = NULL, *other;
  int i, best = MIG_NEAR;

  for (i = 0; i < def->columns.n && !cx->rc; i++) {
    other = mig_sql_unquote(cx, ((mig_coldef *)def->columns.at[i])->name);
    if (other && mig_is_nearer(name, other, &best)) near = other;
  }
  mig_fail(cx, SQLITE_ERROR, "table %s has no column %s%s%s", table, name,
           near ? "; the nearest is " : "", near ? near : "");
}

mig_coldef *mig_pass_column(mig_cx *cx, const mig_pass *p, const char *name,
                            int *at) {
  mig_coldef *col = cx->rc ? NULL : mig_create_column(p->def, name, at);

  if (!col && !cx->rc) mig_column_missing(cx, p->def, p->t->name, name);
  return col;
}

int mig_pass_mentions_other(mig_cx *cx, const mig_pass *p, mig_span sql,
                            const char *name) {
  int i;

  for (i = 0; i < p->columns.n && !cx->rc; i++) {
    const char *other = ((mig_alter_column *)p->columns.at[i])->name;
    if (sqlite3_stricmp(other, name) && mig_sql_mentions(sql, other)) return 1;
  }
  return 0;
}

int mig_keys_have(mig_cx *cx, const mig_list *keys, const char *name) {
  int i;

  for (i = 0; i < keys->n && !cx->rc; i++)
    if (mig_sql_mentions(((mig_key *)keys->at[i])->expr, name) ||
        mig_sql_same(((mig_key *)keys->at[i])->expr, name))
      return 1;
  return 0;
}

mig_create *mig_piece_table(mig_cx *cx, const char *what, const char *before,
                            const char *piece) {
  mig_buf b = {0};
  mig_create *one;
  char *sql;

  mig_buf_addf(cx, &b, "CREATE TABLE t(%s", before);
  mig_piece_add(cx, &b, what, piece);
  mig_buf_addz(cx, &b, ")");
  sql = mig_buf_take(cx, &b);
  if (!sql) return NULL;
  one = mig_create_parse(cx, mig_span_z(sql));
  mig_fail_in(cx, "%s \"%!.100s\"", what, piece);
  return one;
}

/* ---- names in texts ---- */

static int pass_text_uses(const char *text, const char *name) {
  return text && (!sqlite3_stricmp(text, name) ||
                  mig_sql_mentions(mig_span_z(text), name));
}

static int pass_list_uses(const mig_list *texts, const char *name) {
  int i;

  for (i = 0; i < texts->n; i++)
    if (pass_text_uses(texts->at[i], name)) return 1;
  return 0;
}

/* ---- renames, indexes ---- */

static void pass_rename(mig_cx *cx, mig_pass *p, const mig_change *c) {
  const char *to = c->set.name, *path;
  const mig_alter_column *own;
  int at = 0;

  mig_pass_column(cx, p, c->name, &at);
  if (!cx->rc && !*to) mig_fail(cx, SQLITE_ERROR, "the new name is empty");
  own = cx->rc ? NULL : p->columns.at[at];
  if (!own || !strcmp(to, own->name)) return;
  if (sqlite3_stricmp(to, c->name) && mig_create_column(p->def, to, NULL))
    mig_fail(cx, SQLITE_ERROR, "table %s has a column %s already", p->t->name,
             to);
  path = mig_sql_path(cx, p->t->schema, p->t->name);
  mig_list_add(cx, &p->out->after,
               mig_printf(cx, "ALTER TABLE %s RENAME COLUMN %s TO %s", path,
                          mig_sql_quoted(cx, c->name), mig_sql_quoted(cx, to)));
  mig_list_add(cx, &p->late, mig_strdup(cx, c->name));
  mig_list_add(cx, &p->late, mig_strdup(cx, to));
}

static void pass_create_index(mig_cx *cx, mig_pass *p, const mig_change *c) {
  mig_change own = *c;
  int i;

  own.table = p->t->name;
  mig_list_add(cx, &p->out->after, mig_change_sql(cx, p->t->schema, &own));
  mig_list_add(cx, &p->late, mig_strdup(cx, c->name));
  for (i = 0; i < p->columns.n && !cx->rc; i++) {
    const mig_alter_column *k = p->columns.at[i];
    if (pass_list_uses(&c->parts, k->name) || pass_text_uses(c->where, k->name))
      mig_list_add(cx, &p->late, (void *)(uintptr_t)k->name);
  }
}

static void pass_drop_index(mig_cx *cx, mig_pass *p, const mig_change *c) {
  mig_pass_index *x;
  int i;

  for (i = 0; i < p->indexes.n; i++) {
    x = p->indexes.at[i];
    if (x->gone || sqlite3_stricmp(x->object->name, c->name)) continue;
    x->gone = 1;
    p->out->keys |= x->def->unique;
    p->out->breaks = 1;
    mig_list_add(cx, &p->out->before, mig_change_sql(cx, p->t->schema, c));
    return;
  }
  if (!c->if_exists)
    mig_fail(cx, SQLITE_ERROR, "table %s has no index %s", p->t->name, c->name);
}

/* ---- a pass ---- */

static void pass_change(mig_cx *cx, mig_pass *p, const mig_change *c) {
  if (c->kind != MIG_ADD_COLUMN) mig_pass_settle(cx, p);
  p->others |= c->kind != MIG_ADD_COLUMN && c->kind != MIG_CREATE_INDEX;
  switch (c->kind) {
  case MIG_ADD_COLUMN:
    mig_pass_add_column(cx, p, c);
    break;
  case MIG_DROP_COLUMN:
    mig_pass_drop_column(cx, p, c);
    break;
  case MIG_ALTER_COLUMN:
    mig_pass_set_column(cx, p, c);
    if (c->set.name) pass_rename(cx, p, c);
    break;
  case MIG_ADD_CONSTRAINT:
    mig_pass_add_constraint(cx, p, c);
    break;
  case MIG_DROP_CONSTRAINT:
    mig_pass_drop_constraint(cx, p, c);
    break;
  case MIG_REDEFINE_TABLE:
    mig_pass_redefine(cx, p, c);
    p->whole = 1;
    break;
  case MIG_CREATE_INDEX:
    pass_create_index(cx, p, c);
    break;
  case MIG_DROP_INDEX:
    pass_drop_index(cx, p, c);
    break;
  default:
    mig_fail(cx, SQLITE_MISUSE, "this change is not one of a table's batch");
  }
}

/* Does the change use a name that means another thing behind the pass? */
static int pass_is_late(const mig_pass *p, const mig_change *c) {
  const char *const texts[] = {c->name,     c->after,    c->before,
                               c->using,    c->body,     c->where,
                               c->set.name, c->set.dflt, c->set.check};
  size_t k;
  int i;

  for (i = 0; i < p->late.n; i++) {
    for (k = 0; k < sizeof texts / sizeof *texts; k++)
      if (pass_text_uses(texts[k], p->late.at[i])) return 1;
    if (pass_list_uses(&c->parts, p->late.at[i]) ||
        pass_list_uses(&c->refparts, p->late.at[i]))
      return 1;
  }
  return 0;
}

/*
** A definition as a whole knows nothing of what else changes the table: before
** it and behind it a pass has changes of indexes only.
*/
static int pass_is_apart(const mig_pass *p, const mig_change *c) {
  if (c->kind == MIG_REDEFINE_TABLE)
    return p->whole || p->def != p->t->def || p->changed.n || p->late.n;
  return p->whole && c->kind != MIG_CREATE_INDEX && c->kind != MIG_DROP_INDEX;
}

/*
** Values are computed over the old rows, so a change that takes them from, or
** gives them to, a column that has others by now begins the next pass.
*/
static int pass_is_second(const mig_pass *p, const mig_change *c) {
  const mig_column_set *s = &c->set;
  int i, own = c->kind == MIG_ALTER_COLUMN &&
               (s->has_type || s->has_collate || c->using);

  for (i = 0; i < p->changed.n; i++) {
    const char *name = p->changed.at[i];
    if ((c->using && mig_sql_mentions(mig_span_z(c->using), name)) ||
        (own && !sqlite3_stricmp(c->name, name)))
      return 1;
  }
  return 0;
}

static void pass_read_columns(mig_cx *cx, mig_pass *p) {
  mig_alter_column *c;
  int i;

  for (i = 0; i < p->def->columns.n; i++) {
    mig_coldef *col = p->def->columns.at[i];
    if ((c = mig_alloc(cx, sizeof *c)) == NULL) return;
    c->name = c->old = mig_sql_unquote(cx, col->name);
    if (c->name && !mig_clause_find(&col->clauses, MIG_CLAUSE_GENERATED))
      c->value = mig_sql_quoted(cx, c->name);
    mig_list_add(cx, &p->columns, c);
  }
}

static void pass_read_indexes(mig_cx *cx, mig_pass *p) {
  mig_pass_index *x;
  int i;

  for (i = 0; i < p->t->objects.n; i++) {
    const mig_object *o = p->t->objects.at[i];
    if (!o->sql || strcmp(o->type, "index") ||
        sqlite3_stricmp(o->table, p->t->name))
      continue;
    if ((x = mig_alloc(cx, sizeof *x)) == NULL) return;
    x->object = o;
    x->def = mig_create_parse(cx, mig_span_z(o->sql));
    mig_fail_in(cx, "index %s", o->name);
    mig_list_add(cx, &p->indexes, x);
  }
}

/*
** SQLite's own statement for one column is all there is to do: then the text is
** only compared with what it made, and need not be read.
*/
static void pass_end(mig_cx *cx, mig_pass *p) {
  mig_alter *out = p->out;

  if (!cx->rc && p->added.n && out->way == MIG_WAY_NATIVE && out->taken == 1 &&
      !out->proofs.n)
    out->sql = mig_layout_add_all(cx, p->base, &p->added);
  else
    mig_pass_settle(cx, p);
}

mig_alter *mig_alter_plan(mig_cx *cx, const mig_table *t,
                          const mig_list *changes, int from, int rebuild) {
  mig_pass p = {.t = t};
  int i;

  p.out = mig_alloc(cx, sizeof *p.out);
  if (!p.out) return NULL;
  p.def = p.out->def = t->def;
  p.out->sql = t->object->sql;
  pass_read_columns(cx, &p);
  pass_read_indexes(cx, &p);
  if (rebuild) mig_pass_way(cx, &p, MIG_WAY_REBUILD, "it was asked for");
  for (i = from; i < changes->n && !cx->rc; i++) {
    mig_change c = *(const mig_change *)changes->at[i];
    const char *title;
    if (pass_is_late(&p, &c) || pass_is_apart(&p, &c) || pass_is_second(&p, &c))
      break;
    c.table = t->name;
    title = mig_change_title(cx, &c);
    pass_change(cx, &p, &c);
    mig_fail_in(cx, "%s", title);
  }
  p.out->taken = i - from;
  pass_end(cx, &p);
  pass_native(cx, &p);
  mig_pass_merge(cx, &p);
  p.out->columns = p.columns;
  if (p.out->way == MIG_WAY_REBUILD) {
    mig_alter_keep(cx, t, p.out, &p.indexes);
    p.out->keys |=
        p.out->way == MIG_WAY_REBUILD || !p.out->same || p.out->come.n;
  }
  return cx->rc ? NULL : p.out;
}
