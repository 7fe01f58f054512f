/*
** ext/sql/expr.c - where an expression ends, and what a key is made of.
**
** Words like BEGIN, DESC or END are names where an operand is due and end the
** expression where an operator is.  So operands and operators are told apart,
** and nothing more.  CASE is counted, parentheses are read over: no recursion.
**
** A COLLATE is the key's collation only where it applies to all that stands
** before it: `a || b COLLATE x` collates b.
*/
#include "ext/sql/sql.h"

/* Bytes read, level by level, to find a name in parentheses and COLLATEs. */
#define WORK (1 << 18)

struct expr_state {
  int cases;    /* CASE without its END yet                                 */
  int betweens; /* BETWEEN without its AND yet                              */
  int loose;    /* an OR, AND or NOT before, outside of CASE                */
  int tight;    /* another operator before whose right side is still open   */
  mig_span before, collate; /* the whole before a COLLATE that ended it, ... */
                            /* ... and its name; n is 0 where none did      */
};

/* Words that are operators, and whether NOT may stand before. */
static const char expr_likes[] = "LIKE GLOB REGEXP MATCH";
static const char expr_symbols[] =
    "|| -> ->> + - * / % << >> & | < > <= >= == = <> !=";

/* An operator, while outside of CASE, leaves its right side open. */
static int expr_open(struct expr_state *s, int loose) {
  if (s->cases) return 1;
  if (loose)
    s->loose = 1;
  else
    s->tight = 1;
  return 1;
}

/* ---- operands ---- */

/* A name with its dots, or a call. */
static void expr_name(mig_reader *r) {
  int string = r->now.type == MIG_TK_STRING, dots = 0;

  mig_read_next(r);
  for (; dots < 2 && mig_read_take(r, "."); dots++) {
    string = r->now.type == MIG_TK_STRING;
    mig_read_word(r, MIG_AS_NAME, "a name behind the dot");
  }
  if (!string && mig_read_is(r, "(")) mig_read_parens(r);
}

/* A list in parentheses; where `some`, not an empty one. */
static void expr_list(mig_reader *r, int some) {
  if (!mig_read_is(r, "("))
    mig_read_fail(r, "\"(\"");
  else if (some && mig_token_is(mig_read_peek(r), ")"))
    mig_read_fail(r, "something between the parentheses");
  mig_read_parens(r);
}

static void expr_atom(mig_reader *r) {
  mig_token_type t = r->now.type;

  if (mig_read_is(r, "("))
    expr_list(r, 1);
  else if (t == MIG_TK_INTEGER || t == MIG_TK_FLOAT || t == MIG_TK_BLOB)
    mig_read_next(r);
  else if (mig_read_take_any(r, "EXISTS CAST RAISE"))
    expr_list(r, 1);
  else if (mig_read_as(r->now))
    expr_name(r);
  else if (!mig_read_take(r, "NULL"))
    mig_read_fail(r, "an expression");
}

/* One operand, with what stands before it. */
static void expr_operand(mig_reader *r, struct expr_state *s) {
  for (;;) {
    if (mig_read_take(r, "NOT")) {
      expr_open(s, 1);
    } else if (mig_read_take(r, "CASE")) {
      s->cases++;
      mig_read_take(r, "WHEN");
    } else if (!mig_read_take(r, "+") && !mig_read_take(r, "-") &&
               !mig_read_take(r, "~")) {
      break;
    }
  }
  expr_atom(r);
}

/* ---- what follows an operand ---- */

static void expr_in(mig_reader *r) {
  if (mig_read_is(r, "("))
    expr_list(r, 0);
  else if (mig_read_as(r->now))
    expr_name(r);
  else
    mig_read_fail(r, "a list or a table");
}

/* Is something read that makes the operand a longer one?  These bind as loosely
** as = does, so they end what binds tighter. */
static int expr_suffix(mig_reader *r, struct expr_state *s) {
  if (mig_read_take(r, "IN") || mig_read_take2(r, "NOT", "IN"))
    expr_in(r);
  else if (!mig_read_take(r, "ISNULL") && !mig_read_take(r, "NOTNULL") &&
           !mig_read_take2(r, "NOT", "NULL"))
    return 0;
  if (!s->cases && !s->betweens) s->tight = 0;
  s->collate.n = 0;
  return 1;
}

static int expr_collate(mig_reader *r, struct expr_state *s, const char *from) {
  mig_span before = mig_read_from(r, from);

  if (!mig_read_take(r, "COLLATE")) return 0;
  s->before = before;
  s->collate = mig_read_word(r, MIG_AS_ID | MIG_AS_STRING, "a collation");
  if (s->cases || s->loose || s->tight) s->collate.n = 0;
  return 1;
}

/* The END of a CASE? */
static int expr_end(mig_reader *r, struct expr_state *s) {
  if (!s->cases || !mig_read_take(r, "END")) return 0;
  s->cases--;
  s->collate.n = 0;
  return 1;
}

/* AND, which may be a BETWEEN's. */
static int expr_and(struct expr_state *s) {
  if (s->cases || !s->betweens) return expr_open(s, 1);
  s->betweens--;
  return expr_open(s, 0);
}

static int expr_is(mig_reader *r, struct expr_state *s) {
  mig_read_take(r, "NOT");
  if (mig_read_take(r, "DISTINCT")) mig_read_expect(r, "FROM");
  return expr_open(s, 0);
}

/* BETWEEN and what is like LIKE, which may have a NOT before them. */
static int expr_negated(mig_reader *r, struct expr_state *s) {
  int not = mig_read_take(r, "NOT");

  if (mig_read_take(r, "BETWEEN"))
    s->betweens += !s->cases;
  else if (!mig_read_take_any(r, expr_likes)) {
    if (not ) mig_read_fail(r, "LIKE, IN, BETWEEN or NULL behind NOT");
    return 0;
  }
  return expr_open(s, 0);
}

/* Is something read behind which another operand is due? */
static int expr_operator(mig_reader *r, struct expr_state *s) {
  if (mig_read_take(r, "AND")) return expr_and(s);
  if (mig_read_take(r, "OR")) return expr_open(s, 1);
  if (mig_read_take(r, "IS")) return expr_is(r, s);
  if (mig_read_take(r, "ESCAPE")) return expr_open(s, 0);
  if (s->cases && mig_read_take_any(r, "WHEN THEN ELSE")) return 1;
  if (mig_read_take_any(r, expr_symbols)) return expr_open(s, 0);
  return expr_negated(r, s);
}

static mig_span expr_scan(mig_reader *r, struct expr_state *s) {
  const char *from = r->now.s.p;

  do {
    s->collate.n = 0;
    expr_operand(r, s);
    while (expr_suffix(r, s) || expr_collate(r, s, from) || expr_end(r, s))
      ;
  } while (!r->cx->rc && expr_operator(r, s));
  if (s->cases) mig_read_expect(r, "END");
  if (s->betweens) mig_read_expect(r, "AND");
  return mig_read_from(r, from);
}

/* ---- what is in parentheses and before COLLATE ---- */

/* The expression in the parentheses that are all of `e`; else n is 0. */
static mig_span expr_inside(mig_cx *cx, mig_span e) {
  mig_reader r = mig_read(cx, e);
  const char *from = r.now.s.p + r.now.s.n;

  if (!mig_read_is(&r, "(")) return (mig_span){e.p, 0};
  mig_read_parens(&r);
  if (r.now.type != MIG_TK_END) return (mig_span){e.p, 0};
  r.end--;
  return mig_read_from(&r, from);
}

/* CURRENT_TIME and the like are no names in an expression; and SQLite takes
** 'text' for a name behind no more than one COLLATE. */
static int expr_is_column(mig_span e, int collates) {
  mig_token t = mig_token_next(&e);
  int as = mig_read_as(t);

  if (mig_token_next(&e).type != MIG_TK_END || !as) return 0;
  if (as == MIG_AS_STRING) return collates < 2;
  return !mig_token_is(t, "CURRENT_TIME") && !mig_token_is(t, "CURRENT_DATE") &&
         !mig_token_is(t, "CURRENT_TIMESTAMP");
}

/* Set the key's parts, going inwards from its expression. */
static void expr_key(mig_reader *r, mig_span e, mig_key *key) {
  int collates = 0, work = 0;

  while (e.n && !r->cx->rc) {
    struct expr_state s = {0};
    mig_reader in = mig_read(r->cx, e);

    e = expr_scan(&in, &s);
    if (in.now.type != MIG_TK_END) return;
    if (!work) key->expr = s.collate.n ? s.before : e;
    if (s.collate.n && !collates++) key->collate = s.collate;
    if (expr_is_column(e, collates)) key->column = e;
    e = s.collate.n ? s.before : expr_inside(r->cx, e);
    work = work < WORK ? work + in.text.n : work;
    if (e.n && work >= WORK) mig_read_fail(r, "a key less deep in parentheses");
  }
}

mig_span mig_read_expr(mig_reader *r, mig_key *key) {
  struct expr_state s = {0};
  mig_span e = expr_scan(r, &s);

  if (key) expr_key(r, e, key);
  return e;
}
