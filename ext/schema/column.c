/*
** ext/schema/column.c - a column's properties as the SQL that says them.
**
** DEFAULT takes a literal, a word or a number with a sign as it is; any other
** expression needs parentheses, and gets them.
*/
#include "ext/schema/schema.h"

/* ---- expressions ---- */

/* Is the text one group in parentheses, from its first token to its last? */
static int column_is_group(const char *text) {
  mig_span rest = mig_span_z(text);
  mig_token t = mig_token_next(&rest);
  int depth = mig_token_is(t, "(");

  while (depth > 0 && t.type != MIG_TK_END) {
    t = mig_token_next(&rest);
    depth += mig_token_is(t, "(") - mig_token_is(t, ")");
  }
  return mig_token_is(t, ")") && mig_token_next(&rest).type == MIG_TK_END;
}

/* May the text stand behind DEFAULT without parentheses?  One literal or
** word, or a number with a sign. */
static int column_is_term(const char *text) {
  mig_span rest = mig_span_z(text);
  mig_token t = mig_token_next(&rest);
  int sign = mig_token_any(t, "- +");

  if (sign) t = mig_token_next(&rest);
  if (mig_token_next(&rest).type != MIG_TK_END) return 0;
  if (t.type == MIG_TK_INTEGER || t.type == MIG_TK_FLOAT) return 1;
  return !sign && (t.type == MIG_TK_STRING || t.type == MIG_TK_BLOB ||
                   t.type == MIG_TK_ID || t.type == MIG_TK_QUOTED);
}

/* Append the expression, in parentheses. */
static void column_group(mig_cx *cx, mig_buf *b, const char *what,
                         const char *text) {
  int bare = column_is_group(text);

  if (!bare) mig_buf_addz(cx, b, "(");
  mig_piece_add(cx, b, what, text);
  if (!bare) mig_buf_addz(cx, b, ")");
}

char *mig_piece_group(mig_cx *cx, const char *what, const char *text) {
  mig_buf b = {0};

  column_group(cx, &b, what, text);
  return mig_buf_take(cx, &b);
}

static void column_default(mig_cx *cx, mig_buf *b, const char *text) {
  mig_buf_addz(cx, b, "DEFAULT ");
  if (column_is_term(text))
    mig_piece_add(cx, b, "default", text);
  else
    column_group(cx, b, "default", text);
}

char *mig_default_sql(mig_cx *cx, const char *text) {
  mig_buf b = {0};

  column_default(cx, &b, text);
  return mig_buf_take(cx, &b);
}

/* ---- a column ---- */

static void column_generated(mig_cx *cx, mig_buf *b, const mig_column_spec *c) {
  mig_buf_addz(cx, b, " GENERATED ALWAYS AS ");
  column_group(cx, b, "generated", c->generated);
  mig_buf_addz(cx, b, c->stored ? " STORED" : " VIRTUAL");
}

static void column_constraints(mig_cx *cx, mig_buf *b,
                               const mig_column_spec *c) {
  if (c->generated) column_generated(cx, b, c);
  if (c->primary_key) mig_buf_addz(cx, b, " PRIMARY KEY");
  if (c->autoincrement) mig_buf_addz(cx, b, " AUTOINCREMENT");
  if (c->not_null) mig_buf_addz(cx, b, " NOT NULL");
  if (c->unique) mig_buf_addz(cx, b, " UNIQUE");
  if (c->collate) {
    mig_buf_addz(cx, b, " COLLATE ");
    mig_sql_name(cx, b, c->collate);
  }
  if (c->dflt) {
    mig_buf_addz(cx, b, " ");
    column_default(cx, b, c->dflt);
  }
  if (c->check) {
    mig_buf_addz(cx, b, " CHECK ");
    column_group(cx, b, "check", c->check);
  }
  if (c->references) {
    mig_buf_addz(cx, b, " REFERENCES ");
    mig_piece_add(cx, b, "references", c->references);
  }
}

/* What SQLite would refuse with a message that does not help. */
static void column_check(mig_cx *cx, const mig_column_spec *c) {
  if (c->autoincrement && !c->primary_key)
    mig_fail(cx, SQLITE_ERROR,
             "autoincrement needs primary_key: make it the primary key, with "
             "the type INTEGER");
  if (c->generated && c->dflt)
    mig_fail(cx, SQLITE_ERROR,
             "a generated column has no default: leave one of them out");
  if (c->stored && !c->generated)
    mig_fail(cx, SQLITE_ERROR,
             "stored is for a generated column: give its expression");
}

char *mig_column_sql(mig_cx *cx, const mig_column_spec *c) {
  mig_buf b = {0};

  if (!c->name || !*c->name)
    mig_fail(cx, SQLITE_ERROR, "a column without a name: give it one");
  if (cx->rc) return NULL;
  column_check(cx, c);
  mig_sql_name(cx, &b, c->name);
  if (c->type && *c->type) {
    mig_buf_addz(cx, &b, " ");
    mig_piece_add(cx, &b, "type", c->type);
  }
  column_constraints(cx, &b, c);
  mig_fail_in(cx, "column %s", c->name);
  return mig_buf_take(cx, &b);
}
