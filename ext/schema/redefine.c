/*
** ext/schema/redefine.c - a table given a whole new definition.
**
** A column is told by its name: one that both definitions have keeps its
** values.  The new text is taken as a whole, so what is compared is not how it
** came about but what of it the stored rows and keys are made by: where that is
** the same, only the text changes.
*/
#include "ext/schema/alter.h"

typedef struct redefine redefine;
struct redefine {
  mig_pass *p;
  const mig_change *c;
  const mig_create *was, *now;
  mig_list columns;   /* mig_alter_column, beside now->columns      */
  mig_list otherwise; /* char: columns whose values are other ones than of */
                      /* the same name, and those that are gone     */
};

static const mig_coldef *redefine_col(const redefine *r, int at) {
  return r->now->columns.at[at];
}

static const char *redefine_name(const redefine *r, int at) {
  return ((mig_alter_column *)r->columns.at[at])->name;
}

/* The old column of the same name, or NULL. */
static const mig_coldef *redefine_old(const redefine *r, int at) {
  return mig_create_column(r->was, redefine_name(r, at), NULL);
}

static mig_clause *redefine_generated(const mig_coldef *col) {
  return mig_clause_find(&col->clauses, MIG_CLAUSE_GENERATED);
}

static int redefine_same(mig_span a, mig_span b) {
  return a.n == b.n && (!a.n || !memcmp(a.p, b.p, (size_t)a.n));
}

/* ---- the statement ---- */

/* Why it cannot be the table's, or NULL. */
static const char *redefine_fault(const mig_create *def, const mig_table *t) {
  mig_span schema = {def->path.p, (int)(def->name.p - def->path.p)};

  if (def->type != MIG_CREATE_OF_TABLE) return "it is no CREATE TABLE";
  if (def->if_not_exists) return "leave IF NOT EXISTS out";
  if (!mig_sql_same(def->name, t->name))
    return "it is about another table; op.rename_table gives one a new name";
  if (def->temp && sqlite3_stricmp(t->schema, "temp")) return "leave TEMP out";
  if (schema.n && !mig_sql_same(mig_token_next(&schema).s, t->schema))
    return "it is about another database";
  return NULL;
}

/* Where the text ends that SQLite stores: at the parenthesis; with options, at
** the semicolon. */
static const char *redefine_end(const mig_create *def) {
  const char *end = def->text.p + def->text.n;
  mig_span rest = {def->options.p, (int)(end - def->options.p)};
  mig_token t;

  if (!def->options.n) return def->close.p + def->close.n;
  while ((t = mig_token_next(&rest)).type != MIG_TK_END)
    if (mig_token_is(t, ";")) return t.s.p;
  return end;
}

/* The statement as SQLite would store it.  Its name is how SQLite finds the
** table's row, byte for byte. */
static char *redefine_sql(mig_cx *cx, const mig_pass *p, const char *body) {
  const mig_create *def;
  const char *fault, *tail;
  char *name;

  if (!body || !*body)
    mig_fail(cx, SQLITE_ERROR,
             "the definition is empty: give the whole CREATE TABLE statement");
  if (cx->rc) return NULL;
  def = mig_create_parse(cx, mig_span_z(body));
  if (cx->rc) return NULL;
  fault = redefine_fault(def, p->t);
  if (fault)
    mig_fail(cx, SQLITE_ERROR, "%s: %.*s", fault, (int)(def->open.p - body),
             body);
  name = mig_sql_unquote(cx, def->name);
  if (cx->rc) return NULL;
  name = strcmp(name, p->t->name) ? mig_sql_quoted(cx, p->t->name)
                                  : mig_strndup(cx, def->name.p, def->name.n);
  tail = def->name.p + def->name.n;
  return mig_printf(cx, "CREATE TABLE %s%.*s", name,
                    (int)(redefine_end(def) - tail), tail);
}

/* ---- the columns ---- */

static int redefine_converts(const redefine *r, const mig_coldef *old,
                             const mig_coldef *col) {
  return mig_affinity(old->type, r->was->strict) !=
         mig_affinity(col->type, r->now->strict);
}

/* using= for this column, or NULL. */
static const char *redefine_using(const redefine *r, const char *name) {
  int i;

  for (i = 0; i < r->c->parts.n && i < r->c->values.n; i++)
    if (!sqlite3_stricmp(r->c->parts.at[i], name)) return r->c->values.at[i];
  return NULL;
}

static void redefine_check_using(mig_cx *cx, const redefine *r) {
  const mig_list *names = &r->c->parts;
  const mig_coldef *col;
  int i, k;

  for (i = 0; i < names->n && !cx->rc; i++) {
    col = mig_create_column(r->now, names->at[i], NULL);
    if (!col) mig_column_missing(cx, r->now, r->p->t->name, names->at[i]);
    if (col && redefine_generated(col))
      mig_fail(cx, SQLITE_ERROR, "column %s is generated: it takes no using=",
               (char *)names->at[i]);
    for (k = 0; k < i; k++)
      if (!sqlite3_stricmp(names->at[k], names->at[i]))
        mig_fail(cx, SQLITE_ERROR, "using= has column %s twice",
                 (char *)names->at[i]);
  }
}

/* The value of a column that the old table has not. */
static const char *redefine_fresh(mig_cx *cx, const redefine *r,
                                  const mig_coldef *col, const char *name) {
  const mig_clause *dflt = mig_clause_last(&col->clauses, MIG_CLAUSE_DEFAULT);
  const char *rowid = mig_rowid_name(cx, r->was);

  if (mig_is_rowid(cx, r->now, col))
    return rowid ? mig_sql_quoted(cx, rowid) : "NULL";
  if (dflt) return mig_default_value(cx, dflt->expr);
  if (r->p->t->has_rows && mig_takes_no_null(cx, r->now, col))
    mig_fail(cx, SQLITE_CONSTRAINT_NOTNULL,
             "%s.%s is NOT NULL and has no value for the rows there are: give "
             "a DEFAULT, or using= with an SQL expression",
             r->p->t->name, name);
  return "NULL";
}

/* The value of a column that it has.  A real that SQLite computes may be
** written as an integer where the column is no REAL (MEM_IntReal of its
** vdbe). */
static const char *redefine_kept(mig_cx *cx, const redefine *r,
                                 const mig_coldef *old, const mig_coldef *col,
                                 const char *name) {
  const char *own = mig_sql_quoted(cx, name);

  if (!redefine_generated(old) || !redefine_converts(r, old, col)) return own;
  return mig_printf(cx, "CASE typeof(%s) WHEN 'real' THEN %s * 1.0 ELSE %s END",
                    own, own, own);
}

static void redefine_read_column(mig_cx *cx, redefine *r,
                                 const mig_coldef *col) {
  mig_alter_column *own = mig_alloc(cx, sizeof *own);
  const mig_coldef *old;
  const char *using;

  if (!own) return;
  own->name = mig_sql_unquote(cx, col->name);
  if (cx->rc) return;
  old = mig_create_column(r->was, own->name, NULL);
  using = redefine_using(r, own->name);
  if (old) own->old = mig_sql_unquote(cx, old->name);
  if (using)
    own->value = mig_piece_group(cx, "using", using);
  else if (!redefine_generated(col))
    own->value = own->old ? redefine_kept(cx, r, old, col, own->old)
                          : redefine_fresh(cx, r, col, own->name);
  mig_list_add(cx, &r->columns, own);
  if (!old) mig_list_add(cx, &r->p->out->come, (void *)(uintptr_t)own->name);
}

/* The columns that the new definition has not. */
static void redefine_drop(mig_cx *cx, redefine *r) {
  mig_pass *p = r->p;
  int i;

  for (i = 0; i < p->columns.n && !cx->rc; i++) {
    const mig_alter_column *own = p->columns.at[i];
    if (mig_create_column(r->now, own->name, NULL)) continue;
    mig_pass_drop_others(cx, p, r->now, own->name);
    mig_list_add(cx, &p->out->gone, (void *)(uintptr_t)own->name);
    mig_list_add(cx, &r->otherwise, (void *)(uintptr_t)own->name);
  }
}

/* ---- whether the stored rows are right as they are ---- */

static const char *redefine_collation(mig_cx *cx, const mig_coldef *col) {
  const mig_clause *k = mig_clause_last(&col->clauses, MIG_CLAUSE_COLLATE);

  return k ? mig_sql_unquote(cx, k->word) : "BINARY";
}

/* Of a column that both have: what tells its stored values from the old ones,
** or NULL. */
static const char *redefine_differs(mig_cx *cx, const redefine *r,
                                    const mig_coldef *old,
                                    const mig_coldef *col) {
  const mig_clause *a = redefine_generated(old), *b = redefine_generated(col);
  const char *was = redefine_collation(cx, old);
  const char *now = redefine_collation(cx, col);

  if (redefine_converts(r, old, col)) return "its type converts otherwise";
  if (!a != !b || (a && !redefine_same(a->expr, b->expr)))
    return "it is generated otherwise";
  if (was && now && sqlite3_stricmp(was, now)) return "its collation";
  return NULL;
}

static const char *redefine_column_reason(mig_cx *cx, const redefine *r,
                                          int at) {
  const mig_coldef *old = r->was->columns.at[at], *col = redefine_col(r, at);
  const mig_clause *a = redefine_generated(old), *b = redefine_generated(col);

  if (!mig_sql_same(old->name, redefine_name(r, at)))
    return "the columns' order";
  if (a && b && a->stored != b->stored) return "it is stored otherwise";
  if (mig_is_rowid(cx, r->was, old) != mig_is_rowid(cx, r->now, col))
    return "the rowid";
  if (r->now->without_rowid && mig_is_key(cx, r->now, col) &&
      !redefine_same(old->type, col->type))
    return "its type, as it is the primary key";
  return redefine_differs(cx, r, old, col);
}

/* PRIMARY KEY and UNIQUE, in the order in which SQLite makes their indexes. */
static char *redefine_keys(mig_cx *cx, const mig_create *def) {
  mig_list all = mig_clauses_all(cx, def);
  mig_buf b = {0};
  int i, k;

  for (i = 0; i < all.n && !cx->rc; i++) {
    const mig_clause_of *of = all.at[i];
    const mig_clause *c = of->clause;
    if (c->type != MIG_CLAUSE_PRIMARY_KEY && c->type != MIG_CLAUSE_UNIQUE)
      continue;
    mig_buf_addf(cx, &b, "; %d %d %d", (int)c->type, c->autoincrement, c->desc);
    if (of->col)
      mig_buf_addf(cx, &b, " %Q", mig_sql_unquote(cx, of->col->name));
    for (k = 0; k < c->keys.n; k++) {
      const mig_key *key = c->keys.at[k];
      mig_buf_addf(cx, &b, " %Q %Q %d", mig_sql_unquote(cx, key->column),
                   mig_sql_unquote(cx, key->collate), key->desc);
    }
  }
  mig_buf_addz(cx, &b, ".");
  return mig_buf_take(cx, &b);
}

/* Why the rows must be copied, or NULL. */
static const char *redefine_reason(mig_cx *cx, const redefine *r) {
  const char *why = NULL, *was, *now;
  int i;

  if (r->c->values.n) return "using=";
  if (r->was->without_rowid != r->now->without_rowid) return "WITHOUT ROWID";
  if (r->was->columns.n != r->now->columns.n) return "the number of columns";
  for (i = 0; i < r->columns.n && !cx->rc && !why; i++) {
    why = redefine_column_reason(cx, r, i);
    if (why) why = mig_printf(cx, "column %s: %s", redefine_name(r, i), why);
  }
  if (why || cx->rc) return why;
  was = redefine_keys(cx, r->was);
  now = redefine_keys(cx, r->now);
  return was && now && sqlite3_stricmp(was, now) ? "its keys" : NULL;
}

/* An edit changes no default of a row that does not store the column. */
static void redefine_defaults(mig_cx *cx, const redefine *r) {
  int i;

  for (i = 0; i < r->columns.n && r->p->t->has_rows && !cx->rc; i++) {
    const mig_alter_column *own = r->columns.at[i];
    const mig_coldef *old = redefine_old(r, i);
    const mig_clause *a, *b;
    if (!old) continue;
    a = mig_clause_last(&old->clauses, MIG_CLAUSE_DEFAULT);
    b = mig_clause_last(&redefine_col(r, i)->clauses, MIG_CLAUSE_DEFAULT);
    if (!a != !b || (a && !redefine_same(a->expr, b->expr)))
      mig_list_add(cx, &r->p->out->unstored, (void *)(uintptr_t)own->old);
  }
}

static void redefine_way(mig_cx *cx, redefine *r) {
  const char *why = redefine_reason(cx, r);

  mig_pass_way(cx, r->p, why ? MIG_WAY_REBUILD : MIG_WAY_EDIT,
               "it is defined anew%s%s", why ? ": " : "", why ? why : "");
  if (!cx->rc) redefine_defaults(cx, r);
}

/* ---- what has to be true of the rows ---- */

static int redefine_has(const mig_list *names, const char *name) {
  int i;

  for (i = 0; i < names->n; i++)
    if (!sqlite3_stricmp(names->at[i], name)) return 1;
  return 0;
}

static int redefine_mentions(const mig_list *names, mig_span sql) {
  int i;

  for (i = 0; i < names->n; i++)
    if (mig_sql_mentions(sql, names->at[i])) return 1;
  return 0;
}

static int redefine_is_otherwise(mig_cx *cx, const redefine *r, int at) {
  const mig_coldef *col = redefine_col(r, at), *old = redefine_old(r, at);
  const mig_clause *k = redefine_generated(col);

  if (!old || redefine_using(r, redefine_name(r, at))) return 1;
  if (k && redefine_mentions(&r->otherwise, k->expr)) return 1;
  return !k && redefine_generated(old) ? redefine_converts(r, old, col)
                                       : redefine_differs(cx, r, old, col) != 0;
}

/* A generated column has other values too, when one that it is made of has. */
static void redefine_values(mig_cx *cx, redefine *r) {
  int i, n;

  do {
    n = r->otherwise.n;
    for (i = 0; i < r->columns.n && !cx->rc; i++)
      if (!redefine_has(&r->otherwise, redefine_name(r, i)) &&
          redefine_is_otherwise(cx, r, i))
        mig_list_add(cx, &r->otherwise, (void *)(uintptr_t)redefine_name(r, i));
  } while (n < r->otherwise.n && !cx->rc);
}

static void redefine_prove_type(mig_cx *cx, redefine *r, int at, int other) {
  const mig_coldef *col = redefine_col(r, at), *old = redefine_old(r, at);
  const char *name = redefine_name(r, at);
  int computed = redefine_generated(col) || redefine_using(r, name);

  if (old && !computed && redefine_converts(r, old, col))
    mig_pass_prove_type(cx, r->p, col, name, 0);
  else if (r->now->strict &&
           (other || !r->was->strict || !redefine_same(old->type, col->type)))
    mig_pass_prove_type(cx, r->p, col, name, 1);
}

static void redefine_prove_rowid(mig_cx *cx, redefine *r, int at) {
  const mig_alter_column *own = r->columns.at[at];
  const mig_coldef *old = redefine_old(r, at);
  int using = redefine_using(r, own->name) != NULL;

  if (using || (old && !mig_is_rowid(cx, r->was, old)))
    mig_pass_prove_rowid(cx, r->p, own->name, own->value);
}

/* The fill of a table WITHOUT ROWID takes no NULL in its key, so that one is
** looked for in the old rows. */
static void redefine_prove_filled(mig_cx *cx, redefine *r, int at) {
  const mig_alter_column *own = r->columns.at[at];

  if (!r->now->without_rowid || !mig_is_key(cx, r->now, redefine_col(r, at))) {
    mig_pass_prove_filled(cx, r->p, own->name);
    return;
  }
  mig_pass_prove(
      cx, r->p,
      (mig_proof){.bad = mig_printf(cx, "%s IS NULL", own->value),
                  .why = mig_printf(cx, "column %s is NULL", own->name),
                  .remedy = "give using= with a value for them, or fill them "
                            "first",
                  .old = 1});
}

static void redefine_prove_column(mig_cx *cx, redefine *r, int at) {
  const mig_coldef *col = redefine_col(r, at), *old = redefine_old(r, at);
  int other = redefine_has(&r->otherwise, redefine_name(r, at));

  if (mig_is_rowid(cx, r->now, col)) {
    redefine_prove_rowid(cx, r, at);
    return;
  }
  if (mig_takes_no_null(cx, r->now, col) &&
      (other || !old || !mig_takes_no_null(cx, r->was, old)))
    redefine_prove_filled(cx, r, at);
  redefine_prove_type(cx, r, at, other);
}

/* Could the CHECK, which the old definition may have too, not hold? */
static int redefine_is_checked(const redefine *r, const mig_list *was,
                               mig_span expr) {
  static const char *const rowids[] = {"rowid", "_rowid_", "oid"};
  int i;

  if (!mig_clauses_check(was, expr) || redefine_mentions(&r->otherwise, expr))
    return 1;
  for (i = 0; i < 3; i++)
    if (mig_sql_mentions(expr, rowids[i])) return 1;
  return 0;
}

static void redefine_prove(mig_cx *cx, redefine *r) {
  mig_list was = mig_clauses_all(cx, r->was);
  mig_list now = mig_clauses_all(cx, r->p->def);
  int i;

  for (i = 0; i < r->columns.n && !cx->rc; i++) redefine_prove_column(cx, r, i);
  for (i = 0; i < now.n && !cx->rc; i++) {
    const mig_clause *k = ((mig_clause_of *)now.at[i])->clause;
    if (k->type == MIG_CLAUSE_CHECK && redefine_is_checked(r, &was, k->expr))
      mig_pass_prove_check(cx, r->p, k);
  }
}

void mig_pass_redefine(mig_cx *cx, mig_pass *p, const mig_change *c) {
  redefine r = {.p = p, .c = c, .was = p->def};
  char *sql = redefine_sql(cx, p, c->body);
  int i;

  if (!sql) return;
  r.now = mig_create_parse(cx, mig_span_z(sql));
  if (!cx->rc) redefine_check_using(cx, &r);
  if (cx->rc || (!strcmp(sql, p->out->sql) && !c->values.n)) return;
  for (i = 0; i < r.now->columns.n && !cx->rc; i++)
    redefine_read_column(cx, &r, r.now->columns.at[i]);
  redefine_drop(cx, &r);
  if (cx->rc) return;
  p->columns = r.columns;
  mig_pass_text(cx, p, sql);
  if (cx->rc) return;
  r.now = p->def;
  p->out->breaks = p->out->keys = 1;
  redefine_way(cx, &r);
  redefine_values(cx, &r);
  redefine_prove(cx, &r);
}
