/*
** ext/schema/dropcol.c - a column less.
**
** What is about this column alone goes with it.  What is about others too is
** never taken on the quiet: it is named, and the change refused.
*/
#include "ext/schema/alter.h"

static void dropcol_refuse(mig_cx *cx, const mig_pass *p, const char *name,
                           const char *what, const char *sql, int n) {
  mig_fail(cx, SQLITE_ERROR,
           "column %s.%s is used by %s, which would break: %.*s; drop that "
           "first, or in the same batch",
           p->t->name, name, what, n, sql);
}

/* ---- the table's own constraints ---- */

/* Does the clause name this column; *alone: and no other one? */
static int dropcol_uses(mig_cx *cx, const mig_pass *p, const mig_clause *k,
                        const char *name, int *alone) {
  *alone = k->keys.n == 1;
  switch (k->type) {
  case MIG_CLAUSE_CHECK:
  case MIG_CLAUSE_GENERATED:
    *alone = k->type == MIG_CLAUSE_CHECK &&
             !mig_pass_mentions_other(cx, p, k->expr, name);
    return mig_sql_mentions(k->expr, name);
  case MIG_CLAUSE_FOREIGN_KEY:
    if (mig_sql_same(k->table, p->t->name) &&
        !mig_keys_have(cx, &k->keys, name))
      *alone = 0;
    return mig_keys_have(cx, &k->keys, name) ||
           (mig_sql_same(k->table, p->t->name) &&
            mig_keys_have(cx, &k->to, name));
  default:
    return mig_keys_have(cx, &k->keys, name);
  }
}

/* The first clause of others that is about this column; *of is its column. */
static const mig_clause *dropcol_next(mig_cx *cx, const mig_pass *p,
                                      const char *name, const mig_coldef **of,
                                      int *alone) {
  const mig_list *l;
  int i, k;

  for (i = 0; i <= p->def->columns.n && !cx->rc; i++) {
    *of = i < p->def->columns.n ? p->def->columns.at[i] : NULL;
    if (*of && mig_sql_same((*of)->name, name)) continue;
    l = *of ? &(*of)->clauses : &p->def->clauses;
    for (k = 0; k < l->n; k++)
      if (dropcol_uses(cx, p, l->at[k], name, alone)) return l->at[k];
  }
  return NULL;
}

/* Take the clauses that are about this column alone; refuse the others. */
static void dropcol_clauses(mig_cx *cx, mig_pass *p, const char *name) {
  const mig_coldef *of;
  const mig_clause *k;
  int alone = 0;

  while (!cx->rc && (k = dropcol_next(cx, p, name, &of, &alone)) != NULL) {
    if (alone)
      mig_pass_drop_clause(cx, p, of, k);
    else
      dropcol_refuse(cx, p, name,
                     k->type == MIG_CLAUSE_GENERATED ? "a generated column"
                                                     : "a constraint",
                     k->type == MIG_CLAUSE_GENERATED ? of->text.p : k->text.p,
                     k->type == MIG_CLAUSE_GENERATED ? of->text.n : k->text.n);
  }
}

/* ---- indexes ---- */

static void dropcol_indexes(mig_cx *cx, mig_pass *p, const char *name) {
  mig_pass_index *x;
  int i, k, others;

  for (i = 0; i < p->indexes.n && !cx->rc; i++) {
    x = p->indexes.at[i];
    if (x->gone || (!mig_keys_have(cx, &x->def->keys, name) &&
                    !mig_sql_mentions(x->def->where, name)))
      continue;
    others = mig_pass_mentions_other(cx, p, x->def->where, name);
    for (k = 0; k < x->def->keys.n; k++)
      others |= mig_pass_mentions_other(
          cx, p, ((mig_key *)x->def->keys.at[k])->expr, name);
    if (others) {
      dropcol_refuse(cx, p, name, mig_printf(cx, "index %s", x->object->name),
                     x->object->sql, (int)strlen(x->object->sql));
      return;
    }
    x->gone = 1;
    p->out->keys |= x->def->unique;
    mig_list_add(cx, &p->out->before,
                 mig_printf(cx, "DROP INDEX %s",
                            mig_sql_path(cx, p->t->schema, x->object->name)));
  }
}

/* ---- foreign keys of other tables ---- */

/* Does the foreign key, which names no columns, find a key in the table as it
** will be? */
static int dropcol_is_met(const mig_create *now, const mig_clause *foreign) {
  const mig_clause *key = now ? mig_primary_key(now) : NULL;
  int n = foreign->keys.n ? foreign->keys.n : 1;

  return key && n == (key->keys.n ? key->keys.n : 1);
}

static void dropcol_parent(mig_cx *cx, const mig_pass *p, const mig_create *now,
                           const mig_object *o, const mig_list *clauses,
                           const char *name) {
  const mig_coldef *col = mig_create_column(p->t->def, name, NULL);
  int i;

  for (i = 0; i < clauses->n && !cx->rc; i++) {
    const mig_clause *k = clauses->at[i];
    if (k->type != MIG_CLAUSE_FOREIGN_KEY ||
        !mig_sql_same(k->table, p->t->name))
      continue;
    if (mig_keys_have(cx, &k->to, name) ||
        (!k->to.n && col && mig_is_key(cx, p->t->def, col) &&
         !dropcol_is_met(now, k)))
      dropcol_refuse(cx, p, name,
                     mig_printf(cx, "a foreign key of table %s", o->name),
                     k->text.p, k->text.n);
  }
}

/* Fail when a foreign key of another table points to the column. */
static void dropcol_children(mig_cx *cx, const mig_pass *p,
                             const mig_create *now, const char *name) {
  mig_create *def;
  int i, k;

  for (i = 0; i < p->t->objects.n && !cx->rc; i++) {
    const mig_object *o = p->t->objects.at[i];
    mig_cx own = {0};
    if (strcmp(o->type, "table") || !o->sql ||
        !sqlite3_stricmp(o->name, p->t->name) ||
        sqlite3_strlike("%references%", o->sql, 0))
      continue;
    def = mig_create_parse(&own, mig_span_z(o->sql));
    for (k = 0; def && k < def->columns.n; k++)
      dropcol_parent(cx, p, now, o,
                     &((mig_coldef *)def->columns.at[k])->clauses, name);
    if (def) dropcol_parent(cx, p, now, o, &def->clauses, name);
    if (own.rc == SQLITE_NOMEM) mig_fail_nomem(cx);
    mig_cx_release(&own);
  }
}

void mig_pass_drop_others(mig_cx *cx, mig_pass *p, const mig_create *now,
                          const char *name) {
  dropcol_children(cx, p, now, name);
  dropcol_indexes(cx, p, name);
}

/* ---- the way ---- */

/* SQLite looks for the comma before the last column byte by byte, also in
** comments. */
static int dropcol_comma(const mig_create *def, int at) {
  const mig_coldef *col = def->columns.at[at], *last;
  mig_span rest;
  int commas = 0;

  if (!at || at + 1 < def->columns.n) return 1;
  last = def->columns.at[at - 1];
  rest.p = last->text.p + last->text.n;
  for (rest.n = (int)(col->text.p - rest.p); rest.n > 0; rest.n--)
    commas += *rest.p++ == ',';
  return commas == 1;
}

/* Why SQLite's DROP COLUMN does not do it, or NULL.  It meets the table as it
** is, not as edits will leave it. */
static const char *dropcol_reason(mig_cx *cx, const mig_pass *p,
                                  const mig_alter_column *own) {
  const char *name = own->name;
  static const mig_clause_type keyed[] = {
      MIG_CLAUSE_PRIMARY_KEY, MIG_CLAUSE_UNIQUE, MIG_CLAUSE_FOREIGN_KEY};
  const mig_coldef *of, *col;
  mig_pass was = *p;
  int at = 0, alone = 0, i;

  was.def = p->t->def;
  col = mig_create_column(was.def, name, &at);
  if (!col || !own->old) return "it is new";
  if (mig_pass_reserved(p, name)) return mig_pass_reserved(p, name);
  for (i = 0; i < 3; i++)
    if (mig_clause_find(&col->clauses, keyed[i])) return "it has a key";
  if (dropcol_next(cx, &was, name, &of, &alone))
    return "a constraint is about it";
  if (!dropcol_comma(was.def, at)) return "a comment before it has a comma";
  mig_create_column(p->def, name, &at);
  return dropcol_comma(p->def, at) ? NULL : "a comment before it has a comma";
}

static void dropcol_take(mig_cx *cx, mig_pass *p, int at) {
  mig_list columns = {0};
  int i;

  for (i = 0; i < p->columns.n; i++)
    if (i != at) mig_list_add(cx, &columns, p->columns.at[i]);
  mig_list_add(cx, &p->out->gone,
               mig_strdup(cx, ((mig_alter_column *)p->columns.at[at])->name));
  p->columns = columns;
}

/* What an earlier change had to be true of it, need not be any more. */
static void dropcol_proofs(mig_pass *p, const char *name) {
  mig_list *l = &p->out->proofs;
  int i, n = 0;

  for (i = 0; i < l->n; i++) {
    const mig_proof *proof = l->at[i];
    if (proof->column ? sqlite3_stricmp(proof->column, name) != 0
                      : !mig_sql_mentions(mig_span_z(proof->bad), name))
      l->at[n++] = l->at[i];
  }
  l->n = n;
}

void mig_pass_drop_column(mig_cx *cx, mig_pass *p, const mig_change *c) {
  const char *reason;
  int at = 0;

  mig_pass_column(cx, p, c->name, &at);
  if (!cx->rc && p->columns.n == 1)
    mig_fail(cx, SQLITE_ERROR,
             "it is the only column of %s; drop the table instead", p->t->name);
  if (cx->rc) return;
  reason = dropcol_reason(cx, p, p->columns.at[at]);
  mig_pass_drop_others(cx, p, NULL, c->name);
  dropcol_clauses(cx, p, c->name);
  if (cx->rc) return;
  mig_create_column(p->def, c->name, &at);
  mig_pass_changed(cx, p, ((mig_alter_column *)p->columns.at[at])->name);
  dropcol_take(cx, p, at);
  dropcol_proofs(p, c->name);
  p->out->breaks = 1;
  mig_pass_text(cx, p, mig_layout_drop(cx, p->def, at));
  mig_pass_way(cx, p, reason ? MIG_WAY_REBUILD : MIG_WAY_NATIVE,
               "column %s is dropped%s%s", c->name, reason ? ": " : "",
               reason ? reason : "");
  if (!reason)
    mig_list_add(cx, &p->out->native,
                 mig_printf(cx, "ALTER TABLE %s DROP COLUMN %s",
                            mig_sql_path(cx, p->t->schema, p->t->name),
                            mig_sql_quoted(cx, c->name)));
}
