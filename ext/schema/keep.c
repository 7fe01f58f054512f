/*
** ext/schema/keep.c - what stays right when a table gets a new b-tree: the
** columns that are in it as they were, and so the indexes of nothing else.
**
** An index holds its columns and the row's key.  Where neither changes, nor how
** a column is compared, the old index is one of the new table.  That takes
** values in the new b-tree that are those of the old one to the byte; a value
** that its column's type would convert, as only a schema edited by hand leaves
** behind, is copied without the type, or looked for.
*/
#include "ext/schema/alter.h"

static const mig_coldef *keep_now(const mig_alter *a, int i) {
  return a->def->columns.at[i];
}

static int keep_is_text(mig_span a, mig_span b) {
  return a.n == b.n && (!a.n || !memcmp(a.p, b.p, (size_t)a.n));
}

/* Does a clause say the same in both, or is it in neither? */
static int keep_clause(const mig_coldef *a, const mig_coldef *b,
                       mig_clause_type type) {
  const mig_clause *was = mig_clause_last(&a->clauses, type);
  const mig_clause *now = mig_clause_last(&b->clauses, type);

  return was && now ? keep_is_text(was->body, now->body) : was == now;
}

static int keep_is_generated(const mig_coldef *col) {
  return mig_clause_find(&col->clauses, MIG_CLAUSE_GENERATED) != NULL;
}

/* What its function says may be another thing by now, as when SQLite wrote
** doubles otherwise: the copy asks it anew. */
static int keep_is_stored(const mig_coldef *col) {
  const mig_clause *k = mig_clause_find(&col->clauses, MIG_CLAUSE_GENERATED);

  return k && k->stored;
}

/* Is its value the old one, but for what the type makes of it? */
static int keep_is_held(mig_cx *cx, const mig_alter_column *c) {
  const char *old = c->old ? mig_sql_quoted(cx, c->old) : NULL;

  return old && (!c->value || !strcmp(c->value, old));
}

/* Does one affinity read numbers out of texts that the other has left?  '007'
** would be 7. */
static int keep_reads(char from, char to) {
  return strchr("TB", from) && !strchr("TB", to);
}

/* Does the new column hold all that the old one of its name did? */
static int keep_holds(mig_cx *cx, const mig_table *t, const mig_alter *a,
                      int i) {
  const mig_alter_column *c = a->columns.at[i];
  const mig_coldef *was = mig_create_column(t->def, c->old, NULL);

  if (!was || !keep_is_held(cx, c)) return 0;
  if (!c->value) return keep_clause(was, keep_now(a, i), MIG_CLAUSE_GENERATED);
  return !keep_reads(mig_affinity(was->type, t->def->strict),
                     mig_affinity(keep_now(a, i)->type, a->def->strict));
}

/* Is the column by itself as it was? */
static int keep_column(mig_cx *cx, const mig_table *t, const mig_alter *a,
                       int i) {
  const mig_alter_column *c = a->columns.at[i];
  const mig_coldef *now = keep_now(a, i), *was;

  was = c->old ? mig_create_column(t->def, c->old, NULL) : NULL;
  if (!was || cx->rc || strcmp(c->old, c->name) || !keep_is_held(cx, c) ||
      keep_is_stored(now))
    return 0;
  return mig_affinity(was->type, t->def->strict) ==
             mig_affinity(now->type, a->def->strict) &&
         keep_clause(was, now, MIG_CLAUSE_COLLATE) &&
         keep_clause(was, now, MIG_CLAUSE_GENERATED);
}

/* Does the SQL mention a column that is not as it was? */
static int keep_touches(const mig_alter *a, mig_span sql) {
  int i;

  for (i = 0; i < a->gone.n; i++)
    if (mig_sql_mentions(sql, a->gone.at[i])) return 1;
  for (i = 0; i < a->columns.n; i++) {
    const mig_alter_column *c = a->columns.at[i];
    if (!c->same && mig_sql_mentions(sql, c->name)) return 1;
  }
  return 0;
}

/* A generated column is as it was when all that it is made of is. */
static void keep_columns(mig_cx *cx, const mig_table *t, mig_alter *a) {
  int i, again = 1;

  for (i = 0; i < a->columns.n && !cx->rc; i++)
    ((mig_alter_column *)a->columns.at[i])->same = keep_column(cx, t, a, i);
  while (again && !cx->rc) {
    for (again = i = 0; i < a->columns.n; i++) {
      mig_alter_column *c = a->columns.at[i];
      const mig_clause *k =
          mig_clause_find(&keep_now(a, i)->clauses, MIG_CLAUSE_GENERATED);
      if (!k || !c->same || !keep_touches(a, k->body)) continue;
      c->same = 0;
      again = 1;
    }
  }
}

/* ---- indexes ---- */

/* Is the index about the column, in its WHERE too? */
static int keep_has(mig_cx *cx, const mig_create *index, const char *name) {
  return mig_keys_have(cx, &index->keys, name) ||
         mig_sql_mentions(index->where, name);
}

static int keep_index(mig_cx *cx, const mig_alter *a, const mig_create *index) {
  int i;

  for (i = 0; i < a->columns.n; i++) {
    const mig_alter_column *c = a->columns.at[i];
    if (!c->same && keep_has(cx, index, c->name)) return 0;
  }
  for (i = 0; i < a->gone.n; i++)
    if (keep_has(cx, index, a->gone.at[i])) return 0;
  return 1;
}

/* Is the column in one of these indexes (mig_pass_index)? */
static int keep_is_indexed(mig_cx *cx, const mig_list *indexes,
                           const char *name) {
  int i;

  for (i = 0; i < indexes->n; i++) {
    const mig_pass_index *x = indexes->at[i];
    if (!x->gone && keep_has(cx, x->def, name)) return 1;
  }
  return 0;
}

/* Is it in the index of a UNIQUE or PRIMARY KEY? */
static int keep_is_unique(mig_cx *cx, const mig_create *def,
                          const mig_coldef *col, const char *name) {
  int i;

  if (mig_clause_find(&col->clauses, MIG_CLAUSE_UNIQUE) ||
      mig_is_key(cx, def, col))
    return 1;
  for (i = 0; i < def->clauses.n; i++) {
    const mig_clause *k = def->clauses.at[i];
    if (k->type == MIG_CLAUSE_UNIQUE && mig_keys_have(cx, &k->keys, name))
      return 1;
  }
  return 0;
}

/* ---- values ---- */

static int keep_has_generated(const mig_create *def) {
  int i;

  for (i = 0; i < def->columns.n; i++)
    if (keep_is_generated(def->columns.at[i])) return 1;
  return 0;
}

#define ODD_GROUP 30

/* Is the column one that a proof of the new rows asks for?  There its type
** says how it compares. */
static int keep_is_proved(const mig_alter *a, const char *name) {
  int i;

  for (i = 0; i < a->proofs.n; i++) {
    const mig_proof *f = a->proofs.at[i];
    if (!f->old && mig_sql_mentions(mig_span_z(f->bad), name)) return 1;
  }
  return 0;
}

/* May the type convert a value of the column?  A REAL column reads an integer
** as a real, so a large one is not seen to be it. */
static void keep_odd(mig_cx *cx, mig_buf *b, int n, const char *name,
                     char affinity) {
  if (!name) return;
  /* in groups, for SQLite's expressions are at most 1,000 deep */
  mig_buf_addz(cx, b, !n ? "(" : n % ODD_GROUP ? " OR " : ") OR (");
  if (affinity == 'T') {
    mig_buf_addf(cx, b, "typeof(%s) IN ('integer', 'real')", name);
    return;
  }
  mig_buf_addf(cx, b, "typeof(%s) = 'text' OR ", name);
  if (affinity == 'R')
    mig_buf_addf(cx, b,
                 "abs(%s) BETWEEN 9007199254740992 AND 9223372036854775808",
                 name);
  else
    mig_buf_addf(cx, b, "typeof(%s) = 'real' AND %s = CAST(%s AS INTEGER)",
                 name, name, name);
}

/*
** How the new b-tree gets what kept indexes hold: raw, without the type, but
** for REAL, which stores 5.0 as the integer 5, and for what a generated column
** may be made of, or a proof ask for.  Those are asked for odd values.
*/
static void keep_values(mig_cx *cx, mig_alter *a, const mig_list *indexes) {
  int i, n = 0, made = keep_has_generated(a->def);
  mig_buf b = {0};
  char affinity;

  for (i = 0; i < a->columns.n && !cx->rc; i++) {
    mig_alter_column *c = a->columns.at[i];
    const mig_coldef *col = keep_now(a, i);
    affinity = mig_affinity(col->type, a->def->strict);
    if (!c->same || affinity == 'B' || keep_is_generated(col) ||
        mig_is_rowid(cx, a->def, col))
      continue;
    if (!made && !keep_is_indexed(cx, indexes, c->name) &&
        !keep_is_unique(cx, a->def, col, c->name))
      continue;
    c->raw = !made && affinity != 'R' && !keep_is_proved(a, c->name);
    if (!c->raw) keep_odd(cx, &b, n++, mig_sql_quoted(cx, c->name), affinity);
  }
  if (n) mig_buf_addz(cx, &b, ")");
  a->odd = mig_buf_take(cx, &b);
}

/* ---- the way ---- */

/* What an index says of a row besides its columns: has each row its old one? */
static int keep_row_key(mig_cx *cx, const mig_table *t, const mig_alter *a) {
  int i;

  if (!t->def->without_rowid || !a->def->without_rowid)
    return mig_rebuild_keeps_rowid(cx, t, a);
  for (i = 0; i < a->columns.n && !cx->rc; i++)
    if (mig_is_key(cx, a->def, keep_now(a, i)) &&
        !((mig_alter_column *)a->columns.at[i])->same)
      return 0;
  return 1;
}

void mig_alter_keep(mig_cx *cx, const mig_table *t, mig_alter *a,
                    const mig_list *indexes) {
  int i;

  if (cx->rc) return;
  keep_columns(cx, t, a);
  a->same = a->held = !a->gone.n;
  for (i = 0; i < a->columns.n && !cx->rc; i++) {
    const mig_alter_column *c = a->columns.at[i];
    a->same &= c->same || !c->old;
    a->held &= !c->old || keep_holds(cx, t, a, i);
  }
  if (t->copies || !keep_row_key(cx, t, a)) return;
  a->way = MIG_WAY_SWAP;
  for (i = 0; i < indexes->n && !cx->rc; i++) {
    mig_pass_index *x = indexes->at[i];
    if (!x->gone && keep_index(cx, a, x->def))
      mig_list_add(cx, &a->kept, (void *)(uintptr_t)x->object->name);
  }
  keep_values(cx, a, indexes);
}

/* Does SQLite's own transfer of rows take them as they are, with the columns
** that some do not store?  Rowids it keeps where a column is one. */
int mig_alter_transfers(mig_cx *cx, const mig_table *t, const mig_alter *a) {
  int i;

  if (!a->same || a->columns.n != t->def->columns.n ||
      keep_has_generated(a->def) || !keep_row_key(cx, t, a) ||
      (!a->def->without_rowid && !mig_rowid_column(cx, a->def)))
    return 0;
  for (i = 0; i < a->columns.n && !cx->rc; i++) {
    const mig_coldef *was = t->def->columns.at[i];
    if (!mig_sql_same(was->name,
                      ((mig_alter_column *)a->columns.at[i])->name) ||
        !keep_clause(was, keep_now(a, i), MIG_CLAUSE_DEFAULT))
      return 0;
  }
  return !cx->rc;
}
