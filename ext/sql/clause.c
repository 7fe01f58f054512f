/*
** ext/sql/clause.c - the constraints of columns and tables, and lists of keys.
**
** To SQLite, CONSTRAINT and its name are an item by themselves, which may stand
** anywhere; and [NOT] DEFERRABLE in a column is another, about the REFERENCES
** last read.  Here they are parts of what they stand at.
*/
#include "ext/sql/sql.h"

mig_clause *mig_clause_find(const mig_list *clauses, mig_clause_type type) {
  int i;

  for (i = 0; i < clauses->n; i++) {
    mig_clause *c = clauses->at[i];
    if (type == MIG_CLAUSE_ANY || c->type == type) return c;
  }
  return NULL;
}

/* ---- keys ---- */

/* ASC or DESC: is it DESC? */
static int clause_order(mig_reader *r) {
  if (mig_read_take(r, "DESC")) return 1;
  mig_read_take(r, "ASC");
  return 0;
}

static void clause_sorted_key(mig_reader *r, mig_key *key) {
  mig_read_expr(r, key);
  key->desc = clause_order(r);
  if (mig_read_take(r, "NULLS") && !mig_read_take(r, "FIRST") &&
      !mig_read_take(r, "LAST"))
    mig_read_fail(r, "FIRST or LAST");
}

static void clause_key(mig_reader *r, mig_list *keys, int sorted) {
  const char *from = r->now.s.p;
  mig_key key = {0};

  key.column.p = key.collate.p = from;
  if (sorted)
    clause_sorted_key(r, &key);
  else
    key.expr = key.column = mig_read_word(r, MIG_AS_NAME, "a column's name");
  key.text = mig_read_from(r, from);
  mig_read_keep(r, keys, &key, sizeof key);
}

static mig_list clause_keys(mig_reader *r, int sorted) {
  mig_list keys = {0};

  do clause_key(r, &keys, sorted);
  while (mig_read_take(r, ","));
  return keys;
}

mig_list mig_read_names(mig_reader *r) {
  return clause_keys(r, 0);
}

mig_list mig_read_keys(mig_reader *r, int sorted, int *autoincrement) {
  mig_list keys;

  mig_read_expect(r, "(");
  keys = clause_keys(r, sorted);
  if (autoincrement) *autoincrement = mig_read_take(r, "AUTOINCREMENT");
  mig_read_expect(r, ")");
  return keys;
}

/* ---- parts of constraints ---- */

/* What is read from here to there; absent, it would stand at the end. */
static mig_span clause_part(mig_reader *r, const char *from) {
  mig_span part = mig_read_from(r, from);

  if (!part.n) part.p = r->end;
  return part;
}

static mig_span clause_conflict(mig_reader *r) {
  const char *from = r->now.s.p;

  if (mig_read_take(r, "ON")) {
    mig_read_expect(r, "CONFLICT");
    if (!mig_read_take_any(r, "ROLLBACK ABORT FAIL IGNORE REPLACE"))
      mig_read_fail(r, "ROLLBACK, ABORT, FAIL, IGNORE or REPLACE");
  }
  return clause_part(r, from);
}

/* ( expression ): what is between. */
static mig_span clause_parens(mig_reader *r) {
  mig_span expr;

  mig_read_expect(r, "(");
  expr = mig_read_expr(r, NULL);
  mig_read_expect(r, ")");
  return expr;
}

/* What DELETE, UPDATE or INSERT does. */
static void clause_action(mig_reader *r) {
  if (!mig_read_take(r, "DELETE") && !mig_read_take(r, "UPDATE") &&
      !mig_read_take(r, "INSERT"))
    mig_read_fail(r, "DELETE or UPDATE");
  if (!mig_read_take(r, "CASCADE") && !mig_read_take(r, "RESTRICT") &&
      !mig_read_take2(r, "NO", "ACTION") && !mig_read_take2(r, "SET", "NULL") &&
      !mig_read_take2(r, "SET", "DEFAULT"))
    mig_read_fail(r, "CASCADE, RESTRICT, NO ACTION, SET NULL or SET DEFAULT");
}

static mig_span clause_actions(mig_reader *r) {
  const char *from = r->now.s.p;

  for (;;) {
    if (mig_read_take(r, "ON"))
      clause_action(r);
    else if (mig_read_take(r, "MATCH"))
      mig_read_word(r, MIG_AS_NAME, "a name");
    else
      break;
  }
  return clause_part(r, from);
}

static mig_span clause_defer(mig_reader *r) {
  const char *from = r->now.s.p;

  if (mig_read_take2(r, "NOT", "DEFERRABLE") || mig_read_take(r, "DEFERRABLE"))
    if (mig_read_take(r, "INITIALLY") && !mig_read_take(r, "DEFERRED") &&
        !mig_read_take(r, "IMMEDIATE"))
      mig_read_fail(r, "DEFERRED or IMMEDIATE");
  return clause_part(r, from);
}

/* From the parent's name on. */
static void clause_references(mig_reader *r, mig_clause *c) {
  c->type = MIG_CLAUSE_FOREIGN_KEY;
  c->table = mig_read_word(r, MIG_AS_NAME, "a table's name");
  if (mig_read_is(r, "(")) c->to = mig_read_keys(r, 0, NULL);
  c->actions = clause_actions(r);
  c->defer = clause_defer(r);
}

/* ---- of a column ---- */

static mig_span clause_default(mig_reader *r) {
  const char *from = r->now.s.p;
  mig_token_type t;
  int sign;

  if (mig_read_is(r, "(")) {
    clause_parens(r);
    return mig_read_from(r, from);
  }
  sign = mig_read_take_any(r, "+ -");
  t = r->now.type;
  if (t == MIG_TK_INTEGER || t == MIG_TK_FLOAT || t == MIG_TK_BLOB ||
      mig_token_any(r->now, "NULL CURRENT_TIME CURRENT_DATE CURRENT_TIMESTAMP"))
    mig_read_next(r);
  else
    mig_read_word(
        r, sign ? MIG_AS_STRING : MIG_AS_STRING | MIG_AS_ID | MIG_AS_INDEXED,
        "a value");
  return mig_read_from(r, from);
}

/* Behind AS. */
static void clause_generated(mig_reader *r, mig_clause *c) {
  const char *from;

  c->type = MIG_CLAUSE_GENERATED;
  c->expr = clause_parens(r);
  from = r->now.s.p;
  if (mig_read_take(r, "STORED"))
    c->stored = 1;
  else if (!mig_read_take(r, "VIRTUAL") && mig_read_as(r->now) == MIG_AS_ID)
    mig_read_fail(r, "STORED or VIRTUAL");
  c->word = clause_part(r, from);
}

static void clause_column_key(mig_reader *r, mig_clause *c) {
  c->type = MIG_CLAUSE_PRIMARY_KEY;
  mig_read_expect(r, "KEY");
  c->desc = clause_order(r);
  c->conflict = clause_conflict(r);
  c->autoincrement = mig_read_take(r, "AUTOINCREMENT");
}

/* A clause that is its first words and ON CONFLICT. */
static void clause_plain(mig_reader *r, mig_clause *c, mig_clause_type type) {
  c->type = type;
  c->conflict = clause_conflict(r);
}

static void clause_of_column(mig_reader *r, mig_clause *c) {
  if (mig_read_take(r, "PRIMARY")) {
    clause_column_key(r, c);
  } else if (mig_read_take(r, "UNIQUE")) {
    clause_plain(r, c, MIG_CLAUSE_UNIQUE);
  } else if (mig_read_take2(r, "NOT", "NULL")) {
    clause_plain(r, c, MIG_CLAUSE_NOT_NULL);
  } else if (mig_read_take(r, "NULL")) {
    clause_plain(r, c, MIG_CLAUSE_NULL);
  } else if (mig_read_take(r, "CHECK")) {
    c->type = MIG_CLAUSE_CHECK;
    c->expr = clause_parens(r);
  } else if (mig_read_take(r, "DEFAULT")) {
    c->type = MIG_CLAUSE_DEFAULT;
    c->expr = clause_default(r);
  } else if (mig_read_take(r, "COLLATE")) {
    c->type = MIG_CLAUSE_COLLATE;
    c->word = mig_read_word(r, MIG_AS_ID | MIG_AS_STRING, "a collation");
  } else if (mig_read_take(r, "REFERENCES")) {
    clause_references(r, c);
  } else if (mig_read_take(r, "AS")) {
    clause_generated(r, c);
  } else if (mig_read_take2(r, "GENERATED", "ALWAYS")) {
    mig_read_expect(r, "AS");
    clause_generated(r, c);
  } else {
    c->defer = clause_defer(r);
    c->type = c->defer.n ? MIG_CLAUSE_DEFER : MIG_CLAUSE_NAME;
  }
}

/* ---- of a table ---- */

static void clause_of_table(mig_reader *r, mig_clause *c) {
  if (mig_read_take(r, "PRIMARY")) {
    mig_read_expect(r, "KEY");
    c->keys = mig_read_keys(r, 1, &c->autoincrement);
    clause_plain(r, c, MIG_CLAUSE_PRIMARY_KEY);
  } else if (mig_read_take(r, "UNIQUE")) {
    c->keys = mig_read_keys(r, 1, NULL);
    clause_plain(r, c, MIG_CLAUSE_UNIQUE);
  } else if (mig_read_take(r, "CHECK")) {
    c->expr = clause_parens(r);
    clause_plain(r, c, MIG_CLAUSE_CHECK);
  } else if (mig_read_take(r, "FOREIGN")) {
    mig_read_expect(r, "KEY");
    c->keys = mig_read_keys(r, 0, NULL);
    mig_read_expect(r, "REFERENCES");
    clause_references(r, c);
  } else {
    c->type = MIG_CLAUSE_NAME;
  }
}

/* Where all parts that are absent would stand: at the clause's first word. */
static void clause_begin(mig_clause *c, const char *at) {
  c->expr.p = c->word.p = c->conflict.p = c->name.p = at;
  c->table.p = c->actions.p = c->defer.p = at;
}

void mig_read_clause(mig_reader *r, mig_list *clauses, int of_table) {
  const char *from = r->now.s.p, *body;
  mig_clause c = {0};

  clause_begin(&c, from);
  if (mig_read_take(r, "CONSTRAINT"))
    c.name = mig_read_word(r, MIG_AS_NAME, "the constraint's name");
  body = r->now.s.p;
  of_table ? clause_of_table(r, &c) : clause_of_column(r, &c);
  if (c.type == MIG_CLAUSE_NAME && !c.name.n)
    mig_read_fail(r, of_table ? "a constraint of the table"
                              : "a constraint of the column");
  c.body = clause_part(r, body);
  c.text = mig_read_from(r, from);
  mig_read_keep(r, clauses, &c, sizeof c);
}

mig_clause *mig_clause_last(const mig_list *clauses, mig_clause_type type) {
  int i;

  for (i = clauses->n - 1; i >= 0; i--)
    if (((mig_clause *)clauses->at[i])->type == type) return clauses->at[i];
  return NULL;
}
