/*
** ext/schema/rebuild.c - the statements that fill a table's new b-tree.
**
** The table under its name is never dropped or renamed, so no view, trigger or
** foreign key loses sight of it.  A second table, the fill, is made with no
** more than what rows are stored by: types, generated columns, and the key of a
** WITHOUT ROWID table.  It takes the rows, each with its rowid, and is free of
** triggers, constraints and indexes meanwhile; then the two change b-trees in
** sqlite_schema, and what is dropped is the fill.
*/
#include "ext/schema/alter.h"

static const char *rebuild_free_name(mig_cx *cx, const mig_table *t,
                                     const char *stem) {
  char *name = NULL;
  int i, k = 0, taken = 1;

  while (taken && !cx->rc) {
    name = mig_printf(cx, k ? "_migrate_%s_%d" : "_migrate_%s", stem, k);
    for (taken = i = 0; name && i < t->objects.n && !taken; i++)
      taken = !sqlite3_stricmp(((mig_object *)t->objects.at[i])->name, name);
    k++;
  }
  return name;
}

void mig_rebuild_names(mig_cx *cx, const mig_table *t, mig_rebuild *out) {
  out->fill = rebuild_free_name(cx, t, "fill");
  out->shape = rebuild_free_name(cx, t, "shape");
}

static void rebuild_create(mig_cx *cx, mig_buf *b, const mig_table *t,
                           const char *name) {
  mig_buf_addf(cx, b, "CREATE TABLE %s", mig_sql_path(cx, t->schema, name));
}

/* ---- the fill ---- */

/* A STRICT table's ANY keeps every value; elsewhere ANY would convert.  A type
** may end in a comment. */
static void rebuild_type(mig_cx *cx, mig_buf *b, const mig_create *def,
                         const mig_coldef *col) {
  if (!col->type.n) return;
  if (def->strict && mig_affinity(col->type, 1) == 'B')
    mig_buf_addz(cx, b, " BLOB");
  else
    mig_buf_addf(cx, b, " %.*s\n", col->type.n, col->type.p);
}

/* A transfer takes rows as they are stored, some without their last columns: so
** it wants the defaults, too. */
static void rebuild_column(mig_cx *cx, mig_buf *b, const mig_alter *a, int at,
                           int transfer) {
  const mig_coldef *col = a->def->columns.at[at];
  int i;

  mig_buf_add(cx, b, col->name.p, col->name.n);
  if (transfer || !((mig_alter_column *)a->columns.at[at])->raw)
    rebuild_type(cx, b, a->def, col);
  if (mig_is_rowid(cx, a->def, col)) mig_buf_addz(cx, b, " PRIMARY KEY");
  for (i = 0; i < col->clauses.n; i++) {
    const mig_clause *k = col->clauses.at[i];
    if (k->type == MIG_CLAUSE_COLLATE || k->type == MIG_CLAUSE_GENERATED ||
        (k->type == MIG_CLAUSE_DEFAULT && transfer))
      mig_buf_addf(cx, b, " %.*s", k->body.n, k->body.p);
  }
}

/* The PRIMARY KEY of a WITHOUT ROWID table, as it says itself. */
static void rebuild_key(mig_cx *cx, mig_buf *b, const mig_create *def) {
  const mig_clause *k = mig_clause_find(&def->clauses, MIG_CLAUSE_PRIMARY_KEY);
  int i;

  for (i = 0; k && i < k->keys.n; i++) {
    const mig_key *key = k->keys.at[i];
    mig_buf_addf(cx, b, "%s%.*s", i ? ", " : "", key->text.n, key->text.p);
  }
  for (i = 0; !k && i < def->columns.n; i++) {
    const mig_coldef *col = def->columns.at[i];
    k = mig_clause_find(&col->clauses, MIG_CLAUSE_PRIMARY_KEY);
    if (k)
      mig_buf_addf(cx, b, "%.*s%s", col->name.n, col->name.p,
                   k->desc ? " DESC" : "");
  }
}

char *mig_rebuild_fill(mig_cx *cx, const mig_table *t, const mig_alter *a,
                       const mig_rebuild *names, const char *key) {
  const mig_create *def = a->def;
  mig_buf b = {0};
  int i;

  if (cx->rc) return NULL;
  rebuild_create(cx, &b, t, names->fill);
  for (i = 0; i < def->columns.n && !cx->rc; i++) {
    mig_buf_addz(cx, &b, i ? ", " : " (");
    rebuild_column(cx, &b, a, i, names->transfer);
  }
  if (def->without_rowid) mig_buf_addz(cx, &b, ", PRIMARY KEY (");
  if (def->without_rowid && key) mig_buf_addz(cx, &b, key);
  if (def->without_rowid && !key) rebuild_key(cx, &b, def);
  mig_buf_addz(cx, &b, def->without_rowid ? ")) WITHOUT ROWID" : ")");
  return mig_buf_take(cx, &b);
}

/*
** ---- the shape ----
**
** Of its CHECKs it has those that are new, or wrong by now: the others may call
** functions that only the host's own program registers.
*/

/* Does the expression reach a column through the table's name?  Under another
** name that would be an error. */
static int rebuild_has_dot(mig_span expr) {
  mig_token t;

  while ((t = mig_token_next(&expr)).type != MIG_TK_END)
    if (mig_token_is(t, ".")) return 1;
  return 0;
}

/* Does the expression name a column that is gone? */
static int rebuild_misses(const mig_alter *a, mig_span expr) {
  int i;

  for (i = 0; i < a->gone.n; i++)
    if (mig_sql_mentions(expr, a->gone.at[i])) return 1;
  return 0;
}

char *mig_rebuild_shape(mig_cx *cx, const mig_table *t, const mig_alter *a,
                        const char *name) {
  mig_list was = mig_clauses_all(cx, t->def), is = mig_clauses_all(cx, a->def);
  mig_edit *ed = cx->rc ? NULL : mig_edit_new(cx, a->def->text);
  int i;

  if (!ed) return NULL;
  mig_edit_put(cx, ed, a->def->path, mig_sql_path(cx, t->schema, name));
  for (i = 0; i < is.n; i++) {
    const mig_clause *k = ((mig_clause_of *)is.at[i])->clause;
    if (k->type == MIG_CLAUSE_CHECK &&
        (rebuild_has_dot(k->expr) ||
         (mig_clauses_check(&was, k->expr) && !rebuild_misses(a, k->expr))))
      mig_edit_put(cx, ed, k->expr, "1");
  }
  return mig_edit_text(cx, ed);
}

/* ---- the copy ---- */

/* The rowid's name in the fill, where rows are given it apart from a column:
** the new table has one, and no column is the rowid. */
static const char *rebuild_rowid(mig_cx *cx, const mig_alter *a,
                                 const mig_table *t) {
  if (a->def->without_rowid || mig_rowid_column(cx, a->def)) return NULL;
  return mig_rowid_name(cx, t->def) ? mig_rowid_name(cx, a->def) : NULL;
}

static char *rebuild_transfer(mig_cx *cx, const mig_table *t,
                              const mig_rebuild *names) {
  return mig_printf(cx, "INSERT OR ABORT INTO %s SELECT * FROM %s",
                    mig_sql_path(cx, t->schema, names->fill),
                    mig_sql_path(cx, t->schema, t->name));
}

char *mig_rebuild_copy(mig_cx *cx, const mig_table *t, const mig_alter *a,
                       const mig_rebuild *names) {
  const char *rowid = cx->rc ? NULL : rebuild_rowid(cx, a, t), *sep = "";
  mig_buf into = {0}, from = {0};
  char *to, *what;
  int i;

  if (names->transfer) return rebuild_transfer(cx, t, names);
  if (rowid) {
    mig_buf_addz(cx, &into, rowid);
    mig_buf_addf(cx, &from, "%s",
                 mig_sql_quoted(cx, mig_rowid_name(cx, t->def)));
    sep = ", ";
  }
  for (i = 0; i < a->columns.n && !cx->rc; i++) {
    const mig_alter_column *c = a->columns.at[i];
    if (!c->value) continue;
    mig_buf_addf(cx, &into, "%s%s", sep, mig_sql_quoted(cx, c->name));
    mig_buf_addf(cx, &from, "%s%s", sep, c->value);
    sep = ", ";
  }
  to = mig_buf_take(cx, &into);
  what = mig_buf_take(cx, &from);
  return mig_printf(cx,
                    "INSERT OR ABORT INTO %s(%s) SELECT %s FROM %s NOT INDEXED",
                    mig_sql_path(cx, t->schema, names->fill), to, what,
                    mig_sql_path(cx, t->schema, t->name));
}

int mig_rebuild_in_pieces(const mig_alter *a) {
  int i;

  for (i = 0; i < a->columns.n; i++) {
    const mig_alter_column *c = a->columns.at[i];
    mig_span value = mig_span_z(c->value ? c->value : "");
    mig_token t;
    while ((t = mig_token_next(&value)).type != MIG_TK_END)
      if (mig_token_is(t, "OVER")) return 0;
  }
  return 1;
}

int mig_rebuild_keeps_rowid(mig_cx *cx, const mig_table *t,
                            const mig_alter *a) {
  const mig_coldef *was = mig_rowid_column(cx, t->def);
  const mig_coldef *is = mig_rowid_column(cx, a->def);
  const char *name;
  int i;

  if (t->def->without_rowid || a->def->without_rowid) return 0;
  if (!is) return rebuild_rowid(cx, a, t) != NULL;
  if (!was) return 0;
  name = mig_sql_quoted(cx, mig_sql_unquote(cx, was->name));
  for (i = 0; i < a->columns.n && !cx->rc; i++) {
    const mig_alter_column *c = a->columns.at[i];
    if (a->def->columns.at[i] == is) return c->value && !strcmp(c->value, name);
  }
  return 0;
}
