/*
** ext/sql/read.c - a reader of tokens, and what may be a name.
**
** SQLite's parser takes a keyword for a name where nothing else fits, but only
** the keywords that fall back to ID.  The others are listed here, not asked of
** sqlite3_keyword_check(), which knows them all and differs by version.
*/
#include "ext/sql/sql.h"

#define WORD_SIZE 14 /* of the longest, with its NUL */

/* In order. */
static const char read_keywords[][WORD_SIZE] = {
    "ADD",     "ALL",        "ALTER",
    "AND",     "AS",         "AUTOINCREMENT",
    "BETWEEN", "CASE",       "CHECK",
    "COLLATE", "COMMIT",     "CONSTRAINT",
    "CREATE",  "DEFAULT",    "DEFERRABLE",
    "DELETE",  "DISTINCT",   "DROP",
    "ELSE",    "ESCAPE",     "EXCEPT",
    "EXISTS",  "FOREIGN",    "FROM",
    "GROUP",   "HAVING",     "IN",
    "INDEX",   "INSERT",     "INTERSECT",
    "INTO",    "IS",         "ISNULL",
    "JOIN",    "LIMIT",      "NOT",
    "NOTHING", "NOTNULL",    "NULL",
    "ON",      "OR",         "ORDER",
    "PRIMARY", "REFERENCES", "RETURNING",
    "SELECT",  "SET",        "TABLE",
    "THEN",    "TO",         "TRANSACTION",
    "UNION",   "UNIQUE",     "UPDATE",
    "USING",   "VALUES",     "WHEN",
    "WHERE"};
static const char read_joins[][WORD_SIZE] = {
    "CROSS", "FULL", "INNER", "LEFT", "NATURAL", "OUTER", "RIGHT"};

/* Is the word in this list, which is in order? */
static int read_has(const char (*list)[WORD_SIZE], size_t n, mig_span word) {
  size_t a = 0, b = n, m;
  int c;

  while (a < b) {
    m = a + (b - a) / 2;
    c = sqlite3_strnicmp(word.p, list[m], word.n);
    if (!c && list[m][word.n]) c = -1;
    if (!c) return 1;
    if (c < 0)
      b = m;
    else
      a = m + 1;
  }
  return 0;
}

int mig_read_as(mig_token t) {
  if (t.type == MIG_TK_QUOTED) return MIG_AS_ID;
  if (t.type == MIG_TK_STRING) return MIG_AS_STRING;
  if (t.type != MIG_TK_ID) return 0;
  if (mig_token_is(t, "INDEXED")) return MIG_AS_INDEXED;
  if (read_has(read_joins, sizeof read_joins / sizeof *read_joins, t.s))
    return MIG_AS_JOIN;
  return !read_has(read_keywords, sizeof read_keywords / sizeof *read_keywords,
                   t.s);
}

/* ---- moving on ---- */

mig_reader mig_read(mig_cx *cx, mig_span text) {
  mig_reader r = {.cx = cx, .text = text, .rest = text, .end = text.p};

  r.now = mig_token_next(&r.rest);
  return r;
}

void mig_read_fail(mig_reader *r, const char *what) {
  mig_span s = r->now.s;
  int line = r->cx->rc ? 0 : mig_line_of(r->text, (int)(s.p - r->text.p));

  if (r->now.type == MIG_TK_END)
    mig_fail(r->cx, SQLITE_ERROR, "line %d, at the end: %s expected", line,
             what);
  else
    mig_fail(r->cx, SQLITE_ERROR, "line %d, near \"%.*s\": %s expected", line,
             s.n < 40 ? s.n : 40, s.p, what);
  r->now.type = MIG_TK_END;
  r->rest.n = 0;
}

void mig_read_next(mig_reader *r) {
  r->end = r->now.s.p + r->now.s.n;
  r->now = mig_token_next(&r->rest);
}

mig_token mig_read_peek(const mig_reader *r) {
  mig_span rest = r->rest;

  return mig_token_next(&rest);
}

int mig_read_is(const mig_reader *r, const char *word) {
  return mig_token_is(r->now, word);
}

int mig_read_take(mig_reader *r, const char *word) {
  if (!mig_read_is(r, word)) return 0;
  mig_read_next(r);
  return 1;
}

int mig_read_take_any(mig_reader *r, const char *words) {
  if (!mig_token_any(r->now, words)) return 0;
  mig_read_next(r);
  return 1;
}

int mig_read_take2(mig_reader *r, const char *word, const char *second) {
  if (!mig_read_is(r, word) || !mig_token_is(mig_read_peek(r), second))
    return 0;
  mig_read_next(r);
  mig_read_next(r);
  return 1;
}

void mig_read_expect(mig_reader *r, const char *word) {
  char quoted[4] = {'"', word[0], '"', 0};

  if (!mig_read_take(r, word)) mig_read_fail(r, word[0] < 'A' ? quoted : word);
}

mig_span mig_read_from(const mig_reader *r, const char *p) {
  return (mig_span){p, r->end > p ? (int)(r->end - p) : 0};
}

void mig_read_keep(mig_reader *r, mig_list *l, const void *item, size_t n) {
  void *copy = mig_alloc(r->cx, n);

  if (copy) mig_list_add(r->cx, l, memcpy(copy, item, n));
}

/* ---- names ---- */

int mig_read_here(const mig_reader *r) {
  mig_span rest = r->rest;
  int as = mig_read_as(r->now);

  if (!mig_read_is(r, "WINDOW")) return as;
  if (!(mig_read_as(mig_token_next(&rest)) & ~MIG_AS_INDEXED)) return as;
  return mig_token_is(mig_token_next(&rest), "AS") ? 0 : as;
}

mig_span mig_read_word(mig_reader *r, int as, const char *what) {
  mig_span s = r->now.s;

  if (mig_read_here(r) & as)
    mig_read_next(r);
  else
    mig_read_fail(r, what);
  return s;
}

mig_span mig_read_path(mig_reader *r, mig_span *path) {
  mig_span name = mig_read_word(r, MIG_AS_NAME, "a name");
  const char *from = name.p;

  if (mig_read_take(r, "."))
    name = mig_read_word(r, MIG_AS_NAME, "a name behind the dot");
  if (path) *path = mig_read_from(r, from);
  return name;
}

void mig_read_parens(mig_reader *r) {
  int depth = 0;

  do {
    if (mig_read_is(r, "(")) depth++;
    if (mig_read_is(r, ")")) depth--;
    if (!depth || r->now.type == MIG_TK_END || r->now.type == MIG_TK_ILLEGAL ||
        r->now.type == MIG_TK_VARIABLE || mig_read_is(r, ";"))
      break;
    mig_read_next(r);
  } while (depth);
  mig_read_expect(r, ")");
}

void mig_read_given(mig_reader *r) {
  int depth = 0;

  do {
    if (mig_read_is(r, "(")) depth++;
    if (mig_read_is(r, ")")) depth--;
    if (!depth || r->now.type == MIG_TK_END || r->now.type == MIG_TK_ILLEGAL)
      break;
    mig_read_next(r);
  } while (depth);
  mig_read_expect(r, ")");
}

/* Is `t` the name, as one that may be a column? */
static int read_mentions(mig_token before, mig_token t, mig_token after,
                         const char *name) {
  int as = mig_read_as(t);

  if (!as || mig_token_is(after, "(") || mig_token_is(after, ".")) return 0;
  if (as == MIG_AS_STRING && !mig_token_is(before, ".")) return 0;
  return !mig_token_is(before, "COLLATE") && mig_sql_same(t.s, name);
}

int mig_sql_mentions(mig_span sql, const char *name) {
  mig_token before = {MIG_TK_END, {sql.p, 0}}, t = mig_token_next(&sql), after;

  for (; t.type != MIG_TK_END; before = t, t = after) {
    after = mig_token_next(&sql);
    if (read_mentions(before, t, after, name)) return 1;
  }
  return 0;
}
