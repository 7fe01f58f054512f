/*
** ext/schema/addcol.c - a column more.
**
** SQLite's ADD COLUMN writes no row: the rows there are read the default out
** of the schema.  So it takes a constant, and no key, and puts the column last
** (https://sqlite.org/lang_altertable.html, 4).  The rest is a rebuild.
*/
#include "ext/schema/alter.h"

/* ---- defaults ---- */

/* What of a default is its value, without parentheses and sign. */
static mig_token default_token(mig_span expr) {
  mig_token t;

  do t = mig_token_next(&expr);
  while (mig_token_any(t, "( - +"));
  return t;
}

/* Is the default one literal, so that it is the same for every row? */
static int default_is_constant(mig_span expr) {
  static const char clocks[] = "CURRENT_TIME CURRENT_DATE CURRENT_TIMESTAMP";
  mig_span rest = expr;
  mig_token t;
  int n = 0, group = 0;

  while ((t = mig_token_next(&rest)).type != MIG_TK_END) {
    group |= mig_token_is(t, "(");
    n += t.type != MIG_TK_OP;
    if (mig_token_any(t, clocks)) return 0;
    if (t.type == MIG_TK_OP && !strchr("()+-", *t.s.p)) return 0;
    if (group && (t.type == MIG_TK_ID || t.type == MIG_TK_QUOTED)) return 0;
  }
  return n == 1;
}

static int default_is_null(mig_span expr) {
  return mig_token_is(default_token(expr), "NULL");
}

/* A fraction whose text is what SQLite prints of its value: 1.5, not 1e3. */
static int default_is_fraction(mig_span s) {
  int i, dots = 0;

  for (i = 0; i < s.n; i++) {
    dots += s.p[i] == '.';
    if (s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9')) return 0;
  }
  return dots == 1 && s.n < 15 && *s.p != '.' && s.p[s.n - 1] > '0' &&
         (*s.p != '0' || mig_span_starts(s, "0.")) &&
         !mig_span_starts(s, "0.000");
}

/*
** Does ADD COLUMN make another value of the literal than INSERT?  It converts
** the literal's text, not its value, and TRUE not at all (in SQLite's source:
** sqlite3ValueFromExpr).  1e3 in a TEXT column is '1e3' and not '1000.0', and
** where there is no type an integer.
*/
static int default_is_odd(mig_span expr, char affinity) {
  mig_token t = default_token(expr);
  int hex = t.s.n > 1 && (t.s.p[1] == 'x' || t.s.p[1] == 'X');

  if (t.type == MIG_TK_FLOAT)
    return (affinity == 'T' || affinity == 'B') && !default_is_fraction(t.s);
  if (mig_token_any(t, "TRUE FALSE")) return affinity == 'T' || affinity == 'R';
  if (t.type != MIG_TK_INTEGER) return 0;
  if (hex) return t.s.n > 9;
  return affinity == 'T' && t.s.n > 9 && *t.s.p == '0';
}

/* A bare or quoted name is a text there (https://sqlite.org/src, parse.y:
** DEFAULT id). */
char *mig_default_value(mig_cx *cx, mig_span expr) {
  static const char words[] =
      "TRUE FALSE NULL CURRENT_TIME CURRENT_DATE CURRENT_TIMESTAMP";
  mig_span rest = expr;
  mig_token t = mig_token_next(&rest);
  int name = t.type == MIG_TK_QUOTED ||
             (t.type == MIG_TK_ID && !mig_token_any(t, words));

  if (name && mig_token_next(&rest).type == MIG_TK_END)
    return mig_printf(cx, "%Q", mig_sql_unquote(cx, expr));
  return mig_strndup(cx, expr.p, expr.n);
}

/* ---- where it goes ---- */

/* The place of the new column among the others; with an error 0. */
static int addcol_place(mig_cx *cx, const mig_pass *p, const mig_change *c) {
  int at = p->columns.n;

  if (c->after && c->before)
    mig_fail(cx, SQLITE_ERROR,
             "after and before are both given: leave one out");
  if (c->after && mig_pass_column(cx, p, c->after, &at)) at++;
  if (c->before) mig_pass_column(cx, p, c->before, &at);
  return cx->rc ? 0 : at;
}

static void addcol_put(mig_cx *cx, mig_pass *p, int at, mig_alter_column *c) {
  mig_list columns = {0};
  int i;

  if (at == p->columns.n) {
    mig_list_add(cx, &p->columns, c);
    return;
  }
  for (i = 0; i < p->columns.n; i++) {
    if (i == at) mig_list_add(cx, &columns, c);
    mig_list_add(cx, &columns, p->columns.at[i]);
  }
  p->columns = columns;
}

/* ---- its value in the rows there are ---- */

static const char *addcol_value(mig_cx *cx, const mig_pass *p,
                                const mig_change *c, const mig_coldef *col) {
  const mig_clause *dflt = mig_clause_find(&col->clauses, MIG_CLAUSE_DEFAULT);
  int generated = mig_clause_find(&col->clauses, MIG_CLAUSE_GENERATED) != NULL;

  if (generated && c->using)
    mig_fail(cx, SQLITE_ERROR, "a generated column takes no using=");
  if (generated) return NULL;
  if (c->using) return mig_piece_group(cx, "using", c->using);
  if (mig_is_rowid(cx, p->def, col)) return mig_rowid_name(cx, p->t->def);
  return dflt ? mig_default_value(cx, dflt->expr) : "NULL";
}

/* Why SQLite's ADD COLUMN does not do it, or NULL. */
static const char *addcol_reason(const mig_pass *p, const mig_change *c,
                                 const mig_coldef *col, const char *name,
                                 int at) {
  const mig_clause *dflt = mig_clause_find(&col->clauses, MIG_CLAUSE_DEFAULT);
  const mig_clause *gen = mig_clause_find(&col->clauses, MIG_CLAUSE_GENERATED);

  if (mig_pass_reserved(p, name)) return "it has a name of the rowid";
  if (at < p->columns.n) return "it does not come last";
  if (c->using) return "it has using=";
  if (mig_clause_find(&col->clauses, MIG_CLAUSE_PRIMARY_KEY))
    return "it is the primary key";
  if (mig_clause_find(&col->clauses, MIG_CLAUSE_UNIQUE)) return "it is UNIQUE";
  if (gen && gen->stored) return "it is STORED";
  if (dflt && p->t->has_rows && !default_is_constant(dflt->expr))
    return "its default is not a constant";
  if (dflt && p->t->has_rows &&
      default_is_odd(dflt->expr, mig_affinity(col->type, p->def->strict)))
    return "SQLite's ADD COLUMN converts its default otherwise than INSERT";
  return NULL;
}

static void addcol_check(mig_cx *cx, const mig_pass *p, const mig_change *c,
                         const mig_coldef *col, const char *name) {
  const mig_clause *dflt = mig_clause_find(&col->clauses, MIG_CLAUSE_DEFAULT);

  if (mig_is_rowid_word(name) && mig_sql_mentions(p->def->text, name))
    mig_fail(cx, SQLITE_ERROR,
             "table %s uses %s, which would be this column: %.*s", p->t->name,
             name, p->def->text.n, p->def->text.p);
  if (mig_create_column(p->def, name, NULL))
    mig_fail(cx, SQLITE_ERROR, "table %s has a column %s already", p->t->name,
             name);
  if (p->t->has_rows && !c->using && (!dflt || default_is_null(dflt->expr)) &&
      mig_takes_no_null(cx, p->def, col) &&
      !mig_clause_find(&col->clauses, MIG_CLAUSE_GENERATED))
    mig_fail(cx, SQLITE_CONSTRAINT_NOTNULL,
             "%s.%s is NOT NULL and has no value for the rows there are: give "
             "a DEFAULT, or using= with an SQL expression",
             p->t->name, name);
}

/* What has to be true of its values. */
static void addcol_prove(mig_cx *cx, mig_pass *p, const mig_change *c,
                         const mig_coldef *col, const char *name) {
  const mig_clause *dflt = mig_clause_find(&col->clauses, MIG_CLAUSE_DEFAULT);
  int i;

  if (mig_takes_no_null(cx, p->def, col) &&
      (c->using || !dflt || !default_is_constant(dflt->expr)))
    mig_pass_prove_filled(cx, p, name);
  if ((c->using || dflt) && p->def->strict)
    mig_pass_prove_type(cx, p, col, name, 1);
  for (i = 0; i < col->clauses.n; i++) {
    const mig_clause *k = col->clauses.at[i];
    if (k->type == MIG_CLAUSE_CHECK) mig_pass_prove_check(cx, p, k);
    p->out->keys |= k->type == MIG_CLAUSE_FOREIGN_KEY;
  }
}

/*
** SQLite's own statement.  A CHECK is left out of it where there are rows:
** it is put in by an edit, when they have been proved, so that the message
** can name them.
*/
static void addcol_native(mig_cx *cx, mig_pass *p, mig_create *one) {
  mig_coldef *col = one->columns.at[0];
  mig_clause *k = mig_clause_find(&col->clauses, MIG_CLAUSE_CHECK);
  char *sql;

  while (k && p->t->has_rows && !cx->rc) {
    mig_pass_way(cx, p, MIG_WAY_EDIT, "%.*s is added", k->text.n, k->text.p);
    sql = mig_layout_drop_clause(cx, one, k);
    one = sql ? mig_create_parse(cx, mig_span_z(sql)) : NULL;
    col = one ? one->columns.at[0] : NULL;
    k = col ? mig_clause_find(&col->clauses, MIG_CLAUSE_CHECK) : NULL;
  }
  if (cx->rc) return;
  mig_list_add(cx, &p->bare, mig_strndup(cx, col->text.p, col->text.n));
  mig_list_add(cx, &p->out->native,
               mig_printf(cx, "ALTER TABLE %s ADD COLUMN %.*s",
                          mig_sql_path(cx, p->t->schema, p->t->name),
                          col->text.n, col->text.p));
}

/* ---- many at once ---- */

/* The column is the last one, and only the next change that needs the text puts
** it there: to read the text anew for each column takes their number squared.
*/
static void addcol_defer(mig_cx *cx, mig_pass *p, mig_coldef *col,
                         const char *piece) {
  if (!p->added.n) {
    mig_create *def = mig_alloc(cx, sizeof *def);
    if (!def) return;
    *def = *p->def;
    def->columns.cap = def->columns.n; /* what is added makes it a copy */
    p->base = p->def;
    p->def = def;
  }
  mig_list_add(cx, &p->def->columns, col);
  mig_list_add(cx, &p->added, (void *)(uintptr_t)piece);
}

void mig_pass_settle(mig_cx *cx, mig_pass *p) {
  char *sql;

  if (cx->rc || !p->added.n) return;
  sql = mig_layout_add_all(cx, p->base, &p->added);
  p->def = p->base;
  p->added = (mig_list){0};
  mig_pass_text(cx, p, sql);
}

/* Does SQLite look at the rows for it, in a way that no proof of ours does?  A
** generated column that is NOT NULL is never NULL to a query. */
static int addcol_is_looked_at(const mig_pass *p, const mig_coldef *col) {
  return p->t->has_rows &&
         mig_clause_find(&col->clauses, MIG_CLAUSE_GENERATED) &&
         (p->def->strict ||
          mig_clause_find(&col->clauses, MIG_CLAUSE_NOT_NULL));
}

/*
** SQLite reads all of the schema for each column.  The first one it adds, with
** which the file's format becomes one whose rows may lack columns with a
** default (https://sqlite.org/fileformat2.html, 1.3.10).  Of the others it
** says, by compiling what adds them, whether it would; and there is nothing
** left to do but to write that they are there.
*/
void mig_pass_merge(mig_cx *cx, mig_pass *p) {
  mig_alter *out = p->out;
  int n = p->bare.n;

  if (cx->rc || !p->t->merge || p->others || n < 2 || n != out->native.n ||
      out->way > MIG_WAY_EDIT)
    return;
  out->way = MIG_WAY_EDIT;
  out->reason = mig_printf(cx, "%d columns are added at once", n);
  out->adds = n - 1;
  if (out->proofs.n) out->bare = mig_layout_add_all(cx, p->t->def, &p->bare);
}

/* Put it into the statement; as it then is in there. */
static mig_coldef *addcol_text(mig_cx *cx, mig_pass *p, int at, mig_coldef *col,
                               const char *piece, int last) {
  if (last) {
    addcol_defer(cx, p, col, piece);
    return col;
  }
  mig_pass_text(cx, p, mig_layout_add(cx, p->def, at, piece));
  return cx->rc ? NULL : p->def->columns.at[at];
}

void mig_pass_add_column(mig_cx *cx, mig_pass *p, const mig_change *c) {
  const char *text = c->parts.n ? c->parts.at[0] : "";
  mig_create *one = mig_piece_table(cx, "column", "", text);
  mig_coldef *col = one && one->columns.n == 1 ? one->columns.at[0] : NULL;
  mig_alter_column *own = mig_alloc(cx, sizeof *own);
  const char *reason, *piece;
  int at = addcol_place(cx, p, c);

  if (!cx->rc && (!col || one->clauses.n))
    mig_fail(cx, SQLITE_ERROR, "not one column: %s", text);
  if (cx->rc) return;
  own->name = mig_sql_unquote(cx, col->name);
  piece = mig_strndup(cx, col->text.p, col->text.n);
  reason = cx->rc ? NULL : addcol_reason(p, c, col, own->name, at);
  if (reason || (own->name && mig_is_rowid_word(own->name)))
    mig_pass_settle(cx, p);
  if (!cx->rc) addcol_check(cx, p, c, col, own->name);
  if (cx->rc) return;
  addcol_put(cx, p, at, own);
  mig_pass_changed(cx, p, own->name);
  p->out->breaks = 1;
  mig_list_add(cx, &p->out->come, (void *)(uintptr_t)own->name);
  own->value = addcol_value(cx, p, c, col);
  mig_pass_way(cx, p, reason ? MIG_WAY_REBUILD : MIG_WAY_NATIVE,
               "column %s is added%s%s", own->name, reason ? ": " : "",
               reason ? reason : "");
  p->others |= addcol_is_looked_at(p, col);
  if (!cx->rc && !reason) addcol_native(cx, p, one);
  col = addcol_text(cx, p, at, col, piece, !reason);
  if (!cx->rc) addcol_prove(cx, p, c, col, own->name);
}
