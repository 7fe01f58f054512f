/*
** ext/schema/constraint.c - a constraint more or less.
**
** A CHECK and a FOREIGN KEY are only looked at when rows change, so the text is
** all there is of them.  PRIMARY KEY and UNIQUE have a b-tree.
*/
#include "ext/schema/alter.h"

static const struct {
  char words[12];
  mig_way way;
} constraint_types[] = {
    [MIG_CLAUSE_ANY] = {"constraint", MIG_WAY_EDIT},
    [MIG_CLAUSE_PRIMARY_KEY] = {"PRIMARY KEY", MIG_WAY_REBUILD},
    [MIG_CLAUSE_UNIQUE] = {"UNIQUE", MIG_WAY_REBUILD},
    [MIG_CLAUSE_CHECK] = {"CHECK", MIG_WAY_EDIT},
    [MIG_CLAUSE_FOREIGN_KEY] = {"FOREIGN KEY", MIG_WAY_EDIT},
    [MIG_CLAUSE_NOT_NULL] = {"NOT NULL", MIG_WAY_EDIT},
    [MIG_CLAUSE_NULL] = {"NULL", MIG_WAY_EDIT},
    [MIG_CLAUSE_DEFAULT] = {"DEFAULT", MIG_WAY_EDIT},
    [MIG_CLAUSE_COLLATE] = {"COLLATE", MIG_WAY_EDIT},
    [MIG_CLAUSE_GENERATED] = {"GENERATED", MIG_WAY_EDIT},
    [MIG_CLAUSE_DEFER] = {"DEFERRABLE", MIG_WAY_EDIT},
    [MIG_CLAUSE_NAME] = {"CONSTRAINT", MIG_WAY_EDIT},
};

/* ---- its text ---- */

static void constraint_names(mig_cx *cx, mig_buf *b, const mig_list *names) {
  int i;

  for (i = 0; i < names->n && !cx->rc; i++) {
    mig_buf_addz(cx, b, i ? ", " : "(");
    mig_sql_name(cx, b, names->at[i]);
  }
  if (i) mig_buf_addz(cx, b, ")");
}

static void constraint_references(mig_cx *cx, mig_buf *b, const mig_change *c) {
  mig_buf_addz(cx, b, " REFERENCES ");
  mig_sql_name(cx, b, c->ref);
  constraint_names(cx, b, &c->refparts);
  if (c->actions) mig_buf_addf(cx, b, " %s", c->actions);
  if (c->defer) mig_buf_addf(cx, b, " %s", c->defer);
}

static void constraint_whole(mig_cx *cx, const mig_change *c) {
  int check = c->clause == MIG_CLAUSE_CHECK;

  if (!check && !c->parts.n)
    mig_fail(cx, SQLITE_ERROR, "no column: give at least one");
  if (check && (!c->body || !*c->body))
    mig_fail(cx, SQLITE_ERROR, "the expression is empty: give its SQL");
  if (c->name && !*c->name)
    mig_fail(cx, SQLITE_ERROR, "the name is empty: give one, or nil");
  if (c->clause == MIG_CLAUSE_FOREIGN_KEY && (!c->ref || !*c->ref))
    mig_fail(cx, SQLITE_ERROR, "the parent table's name is empty: give one");
}

char *mig_constraint_sql(mig_cx *cx, const mig_change *c) {
  mig_buf b = {0};

  constraint_whole(cx, c);
  if (cx->rc) return NULL;
  if (c->name) {
    mig_buf_addz(cx, &b, "CONSTRAINT ");
    mig_sql_name(cx, &b, c->name);
    mig_buf_addz(cx, &b, " ");
  }
  mig_buf_addf(cx, &b, "%s ", constraint_types[c->clause].words);
  if (c->clause == MIG_CLAUSE_CHECK)
    mig_buf_addf(cx, &b, "%s", mig_piece_group(cx, "check", c->body));
  else
    constraint_names(cx, &b, &c->parts);
  if (c->clause == MIG_CLAUSE_FOREIGN_KEY) constraint_references(cx, &b, c);
  return mig_buf_take(cx, &b);
}

/* ---- adding ---- */

static void constraint_check_key(mig_cx *cx, const mig_pass *p,
                                 const mig_change *c) {
  mig_list l = mig_clauses_all(cx, p->def);
  const char *have;
  int i;

  for (i = 0; i < l.n && !cx->rc; i++) {
    const mig_clause *k = ((mig_clause_of *)l.at[i])->clause;
    if (c->clause == MIG_CLAUSE_PRIMARY_KEY && k->type == c->clause)
      mig_fail(cx, SQLITE_ERROR,
               "table %s has a primary key already: %.*s; drop it first with "
               "drop_constraint(..., {type = \"primary_key\"})",
               p->t->name, k->text.n, k->text.p);
    if (!c->name || !k->name.n) continue;
    have = mig_sql_unquote(cx, k->name);
    if (have && !sqlite3_stricmp(have, c->name))
      mig_fail(cx, SQLITE_ERROR, "table %s has a constraint %s already: %.*s",
               p->t->name, c->name, k->text.n, k->text.p);
  }
}

/* The columns of the primary key (char). */
static mig_list constraint_primary(mig_cx *cx, const mig_create *def) {
  const mig_clause *k = mig_clause_find(&def->clauses, MIG_CLAUSE_PRIMARY_KEY);
  mig_list names = {0};
  int i;

  for (i = 0; k && i < k->keys.n; i++)
    mig_list_add(cx, &names,
                 mig_sql_unquote(cx, ((mig_key *)k->keys.at[i])->column));
  for (i = 0; !k && i < def->columns.n; i++) {
    const mig_coldef *col = def->columns.at[i];
    if (mig_clause_find(&col->clauses, MIG_CLAUSE_PRIMARY_KEY))
      mig_list_add(cx, &names, mig_sql_unquote(cx, col->name));
  }
  return names;
}

/* Does `=` between the two say what the foreign key does, which converts the
** child's value as the parent's column would?  Also where it does not, the
** check before the commit tells. */
static int constraint_compares(const mig_create *parent, const mig_coldef *to,
                               const mig_create *child,
                               const mig_coldef *from) {
  char a = mig_affinity(to->type, parent->strict);

  return a == mig_affinity(from->type, child->strict) || (a != 'T' && a != 'B');
}

/* The parent's columns (char), which are there; none when rows cannot be proved
** by them: it is the same table, or compares otherwise. */
static mig_list constraint_parent(mig_cx *cx, const mig_pass *p,
                                  const mig_change *c) {
  const mig_object *o = mig_object_find(&p->t->objects, "table", c->ref);
  const char *near = o ? NULL : mig_object_nearest(&p->t->objects, c->ref);
  mig_list none = {0}, keys = c->refparts;
  mig_create *def;
  int i, own, comparable;

  if (!o)
    mig_fail(cx, SQLITE_ERROR, "there is no table %s to refer to%s%s", c->ref,
             near ? "; the nearest is " : "; create it first",
             near ? near : "");
  if (cx->rc) return none;
  own = !sqlite3_stricmp(o->name, p->t->name);
  def = own ? p->def : mig_create_parse(cx, mig_span_z(o->sql));
  mig_fail_in(cx, "table %s", o->name);
  if (cx->rc || def->type != MIG_CREATE_OF_TABLE) return none;
  if (!keys.n) keys = constraint_primary(cx, def);
  for (i = 0; i < keys.n && !cx->rc; i++)
    if (!mig_create_column(def, keys.at[i], NULL))
      mig_column_missing(cx, def, o->name, keys.at[i]);
  comparable = def != p->def;
  for (i = 0; i < keys.n && i < c->parts.n && !cx->rc; i++)
    comparable &= constraint_compares(
        def, mig_create_column(def, keys.at[i], NULL), p->def,
        mig_create_column(p->def, c->parts.at[i], NULL));
  if (!cx->rc && keys.n != c->parts.n)
    mig_fail(cx, SQLITE_ERROR, "%d columns refer to %d of table %s", c->parts.n,
             keys.n, o->name);
  return comparable ? keys : none;
}

/* The rows that refer to something have it, as the parent compares. */
static void constraint_prove_parent(mig_cx *cx, mig_pass *p,
                                    const mig_change *c, const mig_list *keys) {
  const char *own = mig_sql_quoted(cx, p->t->name);
  mig_buf b = {0};
  int i;

  for (i = 0; i < keys->n && !cx->rc; i++)
    mig_buf_addf(cx, &b, "%s.%s IS NOT NULL AND ", own,
                 mig_sql_quoted(cx, c->parts.at[i]));
  mig_buf_addf(cx, &b, "NOT EXISTS (SELECT 1 FROM %s AS _parent WHERE ",
               mig_sql_path(cx, p->t->schema, c->ref));
  for (i = 0; i < keys->n && !cx->rc; i++)
    mig_buf_addf(cx, &b, "%s_parent.%s = %s.%s", i ? " AND " : "",
                 mig_sql_quoted(cx, keys->at[i]), own,
                 mig_sql_quoted(cx, c->parts.at[i]));
  mig_buf_addz(cx, &b, ")");
  mig_pass_prove(cx, p,
                 (mig_proof){.bad = mig_buf_take(cx, &b),
                             .column = c->parts.at[0],
                             .why = mig_printf(cx,
                                               "FOREIGN KEY: %s has no row in "
                                               "%s",
                                               (char *)c->parts.at[0], c->ref),
                             .remedy = "change them first"});
}

void mig_pass_add_constraint(mig_cx *cx, mig_pass *p, const mig_change *c) {
  const mig_coldef *col;
  mig_list keys = {0};
  int at = 0;
  char *text = mig_constraint_sql(cx, c);
  int i;

  if (cx->rc) return;
  constraint_check_key(cx, p, c);
  for (i = 0; i < c->parts.n; i++) mig_pass_column(cx, p, c->parts.at[i], NULL);
  if (c->ref && !cx->rc) keys = constraint_parent(cx, p, c);
  if (cx->rc) return;
  i = p->def->clauses.n;
  mig_pass_text(cx, p, mig_layout_add_clause(cx, p->def, text));
  if (!cx->rc && p->def->clauses.n != i + 1)
    mig_fail(cx, SQLITE_ERROR, "not one constraint: %s", text);
  if (cx->rc) return;
  mig_pass_way(cx, p, constraint_types[c->clause].way, "%s is added", text);
  p->out->keys |= c->clause != MIG_CLAUSE_CHECK;
  if (c->clause == MIG_CLAUSE_CHECK) {
    mig_pass_prove_check(cx, p, p->def->clauses.at[i]);
    mig_pass_own(cx, p, 1, "ADD %s", text);
  }
  if (keys.n) constraint_prove_parent(cx, p, c, &keys);
  if (c->clause != MIG_CLAUSE_PRIMARY_KEY) return;
  col = cx->rc ? NULL : mig_create_column(p->def, c->parts.at[0], &at);
  if (col && mig_is_rowid(cx, p->def, col))
    mig_pass_prove_rowid(cx, p, c->parts.at[0],
                         ((mig_alter_column *)p->columns.at[at])->value);
  for (i = 0; i < c->parts.n && (p->def->strict || p->def->without_rowid); i++)
    mig_pass_prove_filled(cx, p, c->parts.at[i]);
}

/* ---- dropping ---- */

/* The DEFERRABLE behind a column's REFERENCES, when it stands apart. */
static const mig_clause *constraint_defer(const mig_coldef *col,
                                          const mig_clause *clause) {
  int i, behind = 0;

  for (i = 0; col && i < col->clauses.n; i++) {
    const mig_clause *k = col->clauses.at[i];
    if (behind && k->type == MIG_CLAUSE_FOREIGN_KEY) return NULL;
    if (behind && k->type == MIG_CLAUSE_DEFER) return k;
    behind |= k == clause;
  }
  return NULL;
}

void mig_pass_drop_clause(mig_cx *cx, mig_pass *p, const mig_coldef *col,
                          const mig_clause *clause) {
  const mig_clause *defer = NULL;
  const char *name;
  int at = 0;

  if (cx->rc) return;
  mig_pass_way(cx, p, constraint_types[clause->type].way, "%.*s is dropped",
               clause->text.n, clause->text.p);
  p->out->keys |= clause->type <= MIG_CLAUSE_FOREIGN_KEY &&
                  clause->type != MIG_CLAUSE_CHECK;
  p->out->breaks |= clause->type <= MIG_CLAUSE_UNIQUE;
  if (clause->type == MIG_CLAUSE_FOREIGN_KEY)
    defer = constraint_defer(col, clause);
  if (defer) {
    /* the later one first: the other's span stays valid in the new text */
    int nth = 0, i;
    for (i = 0; col->clauses.at[i] != clause; i++) nth++;
    name = mig_sql_unquote(cx, col->name);
    mig_pass_text(cx, p, mig_layout_drop_clause(cx, p->def, defer));
    col = cx->rc ? NULL : mig_create_column(p->def, name, &at);
    clause = col ? col->clauses.at[nth] : NULL;
  }
  if (!cx->rc) mig_pass_text(cx, p, mig_layout_drop_clause(cx, p->def, clause));
}

static const mig_list *constraint_keys(const mig_clause_of *at) {
  return at->clause->keys.n ? &at->clause->keys : NULL;
}

/* Is the constraint about exactly these columns? */
static int constraint_is_about(mig_cx *cx, const mig_pass *p,
                               const mig_clause_of *at, const mig_list *names) {
  const mig_list *keys = constraint_keys(at);
  int i, k, used, listed, n = 0;

  for (i = 0; i < p->columns.n && !cx->rc; i++) {
    const char *name = ((mig_alter_column *)p->columns.at[i])->name;
    if (at->clause->type == MIG_CLAUSE_CHECK)
      used = mig_sql_mentions(at->clause->expr, name);
    else if (keys)
      used = mig_keys_have(cx, keys, name);
    else
      used = at->col && mig_sql_same(at->col->name, name);
    for (listed = k = 0; k < names->n; k++)
      listed |= !sqlite3_stricmp(names->at[k], name);
    if (used != listed) return 0;
    n += used;
  }
  return n > 0;
}

/* Is the CHECK's expression this one, but for space and comments? */
static int constraint_says(const mig_clause *k, const char *expression) {
  mig_span a = k->expr, b = mig_span_z(expression);
  mig_token x, y;

  if (k->type != MIG_CLAUSE_CHECK) return 0;
  do {
    x = mig_token_next(&a);
    y = mig_token_next(&b);
    if (x.type != y.type || x.s.n != y.s.n ||
        memcmp(x.s.p, y.s.p, (size_t)x.s.n))
      return 0;
  } while (x.type != MIG_TK_END);
  return 1;
}

static int constraint_fits(mig_cx *cx, const mig_pass *p,
                           const mig_clause_of *at, const mig_change *c) {
  const mig_clause *k = at->clause;

  if (k->type > MIG_CLAUSE_NOT_NULL) return 0;
  if (c->name) return k->name.n && mig_sql_same(k->name, c->name);
  if (c->body && !constraint_says(k, c->body)) return 0;
  if (c->clause && k->type != c->clause) return 0;
  return !c->parts.n || constraint_is_about(cx, p, at, &c->parts);
}

/* "CHECK (a > 0); UNIQUE (b)": what a message lists. */
static char *constraint_list(mig_cx *cx, const mig_list *l) {
  mig_buf b = {0};
  int i;

  for (i = 0; i < l->n && !cx->rc; i++) {
    const mig_clause_of *at = l->at[i];
    if (at->clause->type > MIG_CLAUSE_NOT_NULL) continue;
    if (b.n) mig_buf_addz(cx, &b, "; ");
    if (at->col)
      mig_buf_addf(cx, &b, "%.*s ", at->col->name.n, at->col->name.p);
    mig_buf_add(cx, &b, at->clause->text.p, at->clause->text.n);
  }
  if (!b.n) mig_buf_addz(cx, &b, "none");
  return mig_buf_take(cx, &b);
}

/* SQLite's own statement.  3.53.0 does not find a name in quotes. */
static void constraint_drop_own(mig_cx *cx, mig_pass *p, const mig_clause *k,
                                const char *name) {
  const char *quoted = name ? mig_sql_quoted(cx, name) : NULL;

  if (quoted && !strcmp(quoted, name) &&
      (k->type == MIG_CLAUSE_CHECK || k->type == MIG_CLAUSE_NOT_NULL))
    mig_pass_own(cx, p, 0, "DROP CONSTRAINT %s", quoted);
}

void mig_pass_drop_constraint(mig_cx *cx, mig_pass *p, const mig_change *c) {
  mig_list all = mig_clauses_all(cx, p->def), fits = {0};
  const mig_clause_of *at;
  int i;

  for (i = 0; i < c->parts.n; i++) mig_pass_column(cx, p, c->parts.at[i], NULL);
  for (i = 0; i < all.n && !cx->rc; i++)
    if (constraint_fits(cx, p, all.at[i], c))
      mig_list_add(cx, &fits, all.at[i]);
  if (!cx->rc && !fits.n)
    mig_fail(cx, SQLITE_ERROR, "table %s has no such constraint; it has: %s",
             p->t->name, constraint_list(cx, &all));
  if (!cx->rc && fits.n > 1)
    mig_fail(
        cx, SQLITE_ERROR,
        "%d constraints of table %s are meant: %s; give the name of one, or "
        "columns=, or a CHECK's expression=",
        fits.n, p->t->name, constraint_list(cx, &fits));
  if (cx->rc) return;
  at = fits.at[0];
  constraint_drop_own(cx, p, at->clause, c->name);
  mig_pass_drop_clause(cx, p, at->col, at->clause);
}
