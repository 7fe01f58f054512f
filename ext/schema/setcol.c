/*
** ext/schema/setcol.c - a column made another: type, NULL, default, collation.
**
** Where the stored rows are right as they are, only the text changes.  A type
** of another affinity converts; a collation that orders something stored puts
** it in another order; and a default may be what rows read that were written
** before the column was added, so each row must be proved to store its own
** (DESIGN 4, the default trap).
*/
#include "ext/schema/alter.h"

/* The column under change. */
typedef struct setcol setcol;
struct setcol {
  mig_pass *p;
  const mig_change *c;
  mig_alter_column *own; /* in p->columns */
  int at;                /* its place     */
  int proved;            /* are its values new, and their CHECKs proved? */
};

static mig_coldef *setcol_def(const setcol *s) {
  return s->p->def->columns.at[s->at];
}

static void setcol_text(mig_cx *cx, setcol *s, char *sql) {
  mig_pass_text(cx, s->p, sql);
}

/* The last clause of a type, which is the one that counts, or NULL. */
static mig_clause *setcol_clause(const setcol *s, mig_clause_type type) {
  return mig_clause_last(&setcol_def(s)->clauses, type);
}

/* Put `text` in the place of the clause of a type, or at the end; NULL takes
** all of that type away. */
static void setcol_put(mig_cx *cx, setcol *s, mig_clause_type type,
                       const char *text) {
  mig_clause *k = cx->rc ? NULL : setcol_clause(s, type);

  if (cx->rc) return;
  if (k && text)
    setcol_text(cx, s, mig_layout_set(cx, s->p->def, k->body, text));
  else if (text)
    setcol_text(cx, s,
                mig_layout_append(cx, s->p->def, setcol_def(s)->text, text));
  while (!text && !cx->rc && (k = setcol_clause(s, type)) != NULL)
    setcol_text(cx, s, mig_layout_set(cx, s->p->def, k->text, NULL));
}

/* Fail unless the text, put behind a column's name, is one clause of the type
** (or, with MIG_CLAUSE_ANY, a type). */
static void setcol_check(mig_cx *cx, const char *what, const char *text,
                         mig_clause_type type) {
  mig_create *one = mig_piece_table(cx, what, "c ", text);
  mig_coldef *col = one ? one->columns.at[0] : NULL;

  if (!col) return;
  if (one->columns.n > 1 || one->clauses.n ||
      col->clauses.n != (type != MIG_CLAUSE_ANY) ||
      (type == MIG_CLAUSE_ANY ? !col->type.n
                              : !mig_clause_find(&col->clauses, type)))
    mig_fail(cx, SQLITE_ERROR, "%s \"%!.100s\" is more than that", what, text);
}

/* ---- what a change of values takes ---- */

static void setcol_values(mig_cx *cx, setcol *s, mig_way way, const char *why) {
  mig_pass_way(cx, s->p, way, "column %s: %s", s->own->name, why);
  mig_pass_changed(cx, s->p, s->own->name);
  s->proved = 1;
}

/* Does a clause of this type use the column? */
static int setcol_is_used(mig_cx *cx, const setcol *s, mig_clause_type type) {
  mig_list all = mig_clauses_all(cx, s->p->def);
  int i;

  for (i = 0; i < all.n; i++) {
    const mig_clause *k = ((mig_clause_of *)all.at[i])->clause;
    if (k->type == type && mig_sql_mentions(k->expr, s->own->name)) return 1;
  }
  return 0;
}

/* Is the column among the keys of an index or a constraint, or do they use it
** in an expression? */
static int setcol_is_ordered(mig_cx *cx, const setcol *s) {
  const mig_list *l = &setcol_def(s)->clauses;
  int i;

  for (i = 0; i < s->p->indexes.n; i++) {
    const mig_pass_index *x = s->p->indexes.at[i];
    if (!x->gone && (mig_keys_have(cx, &x->def->keys, s->own->name) ||
                     mig_sql_mentions(x->def->where, s->own->name)))
      return 1;
  }
  if (mig_clause_find(l, MIG_CLAUSE_PRIMARY_KEY) ||
      mig_clause_find(l, MIG_CLAUSE_UNIQUE))
    return 1;
  for (i = 0; i < s->p->def->clauses.n; i++) {
    const mig_clause *c = s->p->def->clauses.at[i];
    if (mig_keys_have(cx, &c->keys, s->own->name)) return 1;
  }
  return setcol_is_used(cx, s, MIG_CLAUSE_GENERATED);
}

/* ---- the type ---- */

static void setcol_type_text(mig_cx *cx, setcol *s, const char *type) {
  mig_coldef *col = setcol_def(s);

  if (!type || !*type) {
    if (col->type.n)
      setcol_text(cx, s, mig_layout_set(cx, s->p->def, col->type, NULL));
    return;
  }
  setcol_check(cx, "type", type, MIG_CLAUSE_ANY);
  if (cx->rc) return;
  setcol_text(cx, s,
              col->type.n ? mig_layout_set(cx, s->p->def, col->type, type)
                          : mig_layout_append(cx, s->p->def, col->name, type));
}

static void setcol_type(mig_cx *cx, setcol *s) {
  const mig_create *was = s->p->def;
  mig_coldef *old = setcol_def(s), *now;
  int strict = was->strict, alias = mig_is_rowid(cx, was, old), is;
  const char *from, *to;

  setcol_type_text(cx, s, s->c->set.type);
  if (cx->rc) return;
  now = setcol_def(s);
  from = mig_printf(cx, "%.*s", old->type.n, old->type.p);
  to = mig_printf(cx, "%.*s", now->type.n, now->type.p);
  if (cx->rc || !strcmp(from, to)) return;
  is = mig_is_rowid(cx, s->p->def, now);
  if (is && !alias)
    mig_pass_prove_rowid(cx, s->p, s->own->name,
                         s->c->using ? mig_piece_group(cx, "using", s->c->using)
                                     : s->own->value);
  if (mig_affinity(old->type, strict) != mig_affinity(now->type, strict)) {
    setcol_values(cx, s, MIG_WAY_REBUILD,
                  mig_printf(cx, "%s converts otherwise than %s", to, from));
  } else if (alias != is) {
    setcol_values(cx, s, MIG_WAY_REBUILD,
                  alias ? "it is the rowid" : "it becomes the rowid");
    return;
  } else if (was->without_rowid && mig_is_key(cx, s->p->def, setcol_def(s))) {
    /* SQLite counts such a key's index otherwise when it is INTEGER */
    mig_pass_way(cx, s->p, MIG_WAY_REBUILD, "column %s: it is the primary key",
                 s->own->name);
  } else {
    mig_pass_way(cx, s->p, MIG_WAY_EDIT, "column %s: type", s->own->name);
  }
  /* what is generated is computed again, and only STRICT minds what it is */
  if (!s->c->using &&
      (strict ||
       (s->proved && !mig_clause_find(&now->clauses, MIG_CLAUSE_GENERATED))))
    mig_pass_prove_type(cx, s->p, now, s->own->name, 0);
}

/* ---- NULL, default, collation, CHECK ---- */

static void setcol_null(mig_cx *cx, setcol *s) {
  int is = setcol_clause(s, MIG_CLAUSE_NOT_NULL) != NULL;

  if (!s->c->set.not_null && !is && mig_is_key(cx, s->p->def, setcol_def(s)) &&
      (s->p->def->strict || s->p->def->without_rowid))
    mig_fail(cx, SQLITE_ERROR,
             "it is in the primary key, which takes no NULL in a %s table",
             s->p->def->strict ? "STRICT" : "WITHOUT ROWID");
  if (cx->rc || is == s->c->set.not_null) return;
  mig_pass_way(cx, s->p, MIG_WAY_EDIT, "column %s: NULL is %s", s->own->name,
               is ? "allowed" : "not");
  if (is) {
    setcol_put(cx, s, MIG_CLAUSE_NOT_NULL, NULL);
    return;
  }
  setcol_put(cx, s, MIG_CLAUSE_NULL, NULL);
  setcol_put(cx, s, MIG_CLAUSE_NOT_NULL, "NOT NULL");
  mig_pass_prove_filled(cx, s->p, s->own->name);
}

static void setcol_default(mig_cx *cx, setcol *s) {
  const char *value = s->c->set.dflt;
  mig_clause *k = setcol_clause(s, MIG_CLAUSE_DEFAULT);
  char *text = value ? mig_default_sql(cx, value) : NULL;

  if (setcol_clause(s, MIG_CLAUSE_GENERATED))
    mig_fail(cx, SQLITE_ERROR, "a generated column has no default");
  if (text) setcol_check(cx, "default", text, MIG_CLAUSE_DEFAULT);
  if (cx->rc || (!text && !k) || (text && k && mig_span_is(k->body, text)))
    return;
  setcol_put(cx, s, MIG_CLAUSE_DEFAULT, text);
  mig_pass_way(cx, s->p, MIG_WAY_EDIT, "column %s: default", s->own->name);
  if (!s->p->t->has_rows) return;
  if (s->own->old)
    mig_list_add(cx, &s->p->out->unstored, (void *)(uintptr_t)s->own->old);
  else
    mig_pass_way(cx, s->p, MIG_WAY_REBUILD,
                 "column %s is new, and its default another by now",
                 s->own->name);
}

static void setcol_collate(mig_cx *cx, setcol *s) {
  const char *name = s->c->set.collate;
  mig_clause *k = setcol_clause(s, MIG_CLAUSE_COLLATE);

  if ((!k && !name) || (k && name && mig_sql_same(k->word, name))) return;
  setcol_put(cx, s, MIG_CLAUSE_COLLATE,
             name ? mig_printf(cx, "COLLATE %s", mig_sql_quoted(cx, name))
                  : NULL);
  if (cx->rc) return;
  s->p->out->breaks = 1;
  if (setcol_is_ordered(cx, s) || setcol_is_used(cx, s, MIG_CLAUSE_CHECK))
    setcol_values(cx, s, MIG_WAY_REBUILD,
                  "its collation orders or checks what is stored");
  else
    setcol_values(cx, s, MIG_WAY_EDIT, "its collation");
}

static void setcol_add_check(mig_cx *cx, setcol *s) {
  char *text =
      mig_printf(cx, "CHECK %s", mig_piece_group(cx, "check", s->c->set.check));

  if (text) setcol_check(cx, "check", text, MIG_CLAUSE_CHECK);
  if (cx->rc) return;
  setcol_text(cx, s,
              mig_layout_append(cx, s->p->def, setcol_def(s)->text, text));
  mig_pass_way(cx, s->p, MIG_WAY_EDIT, "column %s: CHECK", s->own->name);
  if (!cx->rc)
    mig_pass_prove_check(cx, s->p, setcol_clause(s, MIG_CLAUSE_CHECK));
}

static void setcol_using(mig_cx *cx, setcol *s) {
  if (setcol_clause(s, MIG_CLAUSE_GENERATED))
    mig_fail(cx, SQLITE_ERROR, "a generated column takes no using=");
  s->own->value = mig_piece_group(cx, "using", s->c->using);
  setcol_values(cx, s, MIG_WAY_REBUILD, "using=");
  if (s->p->def->strict)
    mig_pass_prove_type(cx, s->p, setcol_def(s), s->own->name, 1);
  if (setcol_clause(s, MIG_CLAUSE_NOT_NULL))
    mig_pass_prove_filled(cx, s->p, s->own->name);
}

/* SQLite's own statement, when NULL is all that changes. */
static void setcol_own(mig_cx *cx, const setcol *s) {
  const mig_column_set *set = &s->c->set;

  if (set->has_type || set->has_default || set->has_collate || set->check ||
      s->c->using)
    return;
  mig_pass_own(cx, s->p, set->not_null, "ALTER COLUMN %s %s NOT NULL",
               mig_sql_quoted(cx, s->own->name),
               set->not_null ? "SET" : "DROP");
}

void mig_pass_set_column(mig_cx *cx, mig_pass *p, const mig_change *c) {
  setcol s = {.p = p, .c = c};
  const mig_column_set *set = &c->set;

  if (!mig_pass_column(cx, p, c->name, &s.at)) return;
  s.own = p->columns.at[s.at];
  if (set->has_type) setcol_type(cx, &s);
  if (set->has_null && !cx->rc) setcol_null(cx, &s);
  if (set->has_null && !cx->rc) setcol_own(cx, &s);
  if (set->has_default && !cx->rc) setcol_default(cx, &s);
  if (set->has_collate && !cx->rc) setcol_collate(cx, &s);
  if (set->check && !cx->rc) setcol_add_check(cx, &s);
  if (c->using && !cx->rc) setcol_using(cx, &s);
  if (s.proved && !cx->rc) mig_pass_prove_column(cx, p, s.own->name);
}
