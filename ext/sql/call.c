/*
** ext/sql/call.c - the functions that a text of statements calls.
**
** In SQL a call is a name and a parenthesis, and so are a few other things,
** which the word before the name tells apart.
*/
#include "ext/sql/sql.h"

/* Behind these a name and a parenthesis are no call. */
static const char call_not[] =
    ". INTO TABLE EXISTS INDEX VIEW TRIGGER FROM UPDATE JOIN REFERENCES USING"
    " WITH RECURSIVE";

/* A statement begins with CREATE: of what is it the definition? */
static const char *call_kind(mig_span rest) {
  mig_token t;

  do t = mig_token_next(&rest);
  while (mig_token_any(t, "TEMP TEMPORARY UNIQUE"));
  if (mig_token_is(t, "VIEW")) return "a view";
  if (mig_token_is(t, "TRIGGER")) return "a trigger";
  return mig_token_is(t, "INDEX") ? "an index" : "a table";
}

/* Does the definition end here?  A table's also at AS, which a query follows;
** a trigger's at no semicolon but that behind its END. */
static int call_ends(const mig_calls *c, mig_token t) {
  if (mig_token_is(t, "AS") && !c->depth) return !strcmp(c->in, "a table");
  if (!mig_token_is(t, ";")) return 0;
  return strcmp(c->in, "a trigger") != 0 || c->ended;
}

/* Behind this token: is a definition begun, or ended? */
static void call_follow(mig_calls *c, mig_token t) {
  if (mig_token_is(t, "(")) c->depth++;
  if (mig_token_is(t, ")")) c->depth--;
  if (mig_token_is(t, "CASE")) c->cases++;
  if (c->in && call_ends(c, t)) c->in = NULL;
  c->ended = mig_token_is(t, "END") && !c->cases;
  if (mig_token_is(t, "END") && c->cases) c->cases--;
  if (c->fresh && mig_token_is(t, "ALTER")) c->in = "a table";
  if (c->fresh && mig_token_is(t, "CREATE")) {
    c->in = call_kind(c->rest);
    c->table = !strcmp(c->in, "an index");
    c->depth = c->cases = 0;
  }
  c->fresh = mig_token_is(t, ";");
}

/* Is `t`, which stands before a parenthesis, the name of a function? */
static int call_is(mig_calls *c, mig_token t) {
  if (t.type != MIG_TK_ID && t.type != MIG_TK_QUOTED) return 0;
  if (c->table && mig_token_is(c->last, "ON")) {
    c->table = 0; /* the index's table */
    return 0;
  }
  return !mig_token_any(c->last, call_not);
}

/* Is the parenthesis at the beginning of `rest` followed by AS and another one?
** Then it is behind the name of a common table expression. */
static int call_is_table(mig_span rest) {
  mig_token t;
  int depth = 0;

  do {
    t = mig_token_next(&rest);
    depth += mig_token_is(t, "(") - mig_token_is(t, ")");
  } while (depth > 0 && t.type != MIG_TK_END);
  if (!mig_token_is(mig_token_next(&rest), "AS")) return 0;
  t = mig_token_next(&rest);
  if (mig_token_is(t, "NOT")) return 1;
  if (mig_token_is(t, "MATERIALIZED")) t = mig_token_next(&rest);
  return mig_token_is(t, "(");
}

int mig_call_next(mig_calls *c) {
  mig_span ahead;
  mig_token t;
  int is = 0;

  while (!is) {
    t = mig_token_next(&c->rest);
    if (t.type == MIG_TK_END) return 0;
    ahead = c->rest;
    is = mig_token_is(mig_token_next(&ahead), "(") && call_is(c, t) &&
         !(mig_token_is(c->last, ",") && call_is_table(c->rest));
    call_follow(c, t);
    c->last = t;
  }
  c->name = t.s;
  return 1;
}

mig_calls mig_calls_of(mig_span sql) {
  mig_calls c = {.rest = sql, .fresh = 1};

  return c;
}
