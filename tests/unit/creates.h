/*
** tests/unit/creates.h - random CREATE statements that SQLite mostly accepts,
** in all the spellings of its grammar; always the same for one seed.
**
** make_table() and its kin write into m->text; make_mutant() spoils a text.
*/
#ifndef MIG_TEST_CREATES_H
#define MIG_TEST_CREATES_H
#include <ctype.h>
#include <stdlib.h>
#include "ext/sql/sql.h"
#include "tests/unit/test.h"

enum { MAKE_COLUMNS = 7, MAKE_SIZE = 16000 };

typedef struct make make;
struct make {
  char text[MAKE_SIZE];
  int n;
  unsigned seed;
  int ncol;
  const char *col[MAKE_COLUMNS]; /* names, not quoted                        */
  int computed[MAKE_COLUMNS];    /* is it a generated column?                */
  int strict, without_rowid;
  int has_key; /* is the primary key given?                                  */
  int plain;   /* one blank between tokens                                   */
};

/* What SQLite itself takes as a name although it is a keyword. */
static const char *const make_fallback[] = {
    "abort",     "action",    "after",     "always",      "analyze",
    "asc",       "attach",    "before",    "begin",       "by",
    "cascade",   "cast",      "column",    "conflict",    "current",
    "database",  "deferred",  "desc",      "detach",      "do",
    "each",      "end",       "exclude",   "exclusive",   "explain",
    "fail",      "first",     "following", "for",         "generated",
    "glob",      "groups",    "if",        "ignore",      "immediate",
    "initially", "instead",   "key",       "last",        "like",
    "match",     "no",        "nulls",     "of",          "offset",
    "others",    "over",      "filter",    "window",      "partition",
    "plan",      "pragma",    "preceding", "query",       "raise",
    "range",     "recursive", "reindex",   "release",     "rename",
    "replace",   "restrict",  "row",       "rows",        "rollback",
    "savepoint", "temp",      "temporary", "ties",        "trigger",
    "unbounded", "vacuum",    "view",      "virtual",     "with",
    "without",   "regexp",    "except_",   "current_date"};
/* Names, but not the first word of a type. */
static const char *const make_join[] = {"left",  "right", "full",    "cross",
                                        "inner", "outer", "natural", "indexed"};
static const char *const make_simple[] = {"a",
                                          "b",
                                          "c1",
                                          "_x",
                                          "x$y",
                                          "\xc3\xa9t\xc3\xa9",
                                          "Abc",
                                          "stored",
                                          "strict",
                                          "zz",
                                          "id",
                                          "email",
                                          "amount",
                                          "rowid2",
                                          "blob",
                                          "real",
                                          "a_long_name_for_a_column_here",
                                          "x",
                                          "xx",
                                          "autoincr"};
static const char *const make_odd[] = {"a b",
                                       "x,y",
                                       "(",
                                       "a)",
                                       "--",
                                       "/*",
                                       "*/",
                                       "a\"b",
                                       "it's",
                                       "`",
                                       "]",
                                       "[z",
                                       "select",
                                       "table",
                                       "check",
                                       "primary",
                                       "",
                                       "1a",
                                       "a;b",
                                       "a\nb",
                                       "null",
                                       "not",
                                       "default",
                                       "unique",
                                       "constraint",
                                       "references",
                                       "x''",
                                       " ",
                                       "\xe8\xa1\xa8",
                                       "collate",
                                       "create",
                                       "a--b",
                                       "\"",
                                       "''"};
#define MAKE_COUNT(a) ((int)(sizeof(a) / sizeof *(a)))
#define MAKE_ONE_OF(m, a) ((a)[make_random(m, MAKE_COUNT(a))])

static int make_random(make *m, int below) {
  m->seed ^= m->seed << 13;
  m->seed ^= m->seed >> 17;
  m->seed ^= m->seed << 5;
  return (int)((m->seed >> 3) % (unsigned)below);
}

/* One time in n. */
static int make_rarely(make *m, int n) {
  return make_random(m, n) == 0;
}

static void make_raw(make *m, const char *z) {
  int n = (int)strlen(z);

  if (m->n + n >= MAKE_SIZE) return;
  memcpy(m->text + m->n, z, (size_t)n + 1);
  m->n += n;
}

/* Space and comments; a comment only where no - or / is before it. */
static void make_gap(make *m) {
  static const char *const space[] = {" ",  " ",    " ",   "  ",     "\n", "\t",
                                      "\f", "\r\n", " \v", "\n  \n", " \r"};
  static const char *const comment[] = {"/**/",
                                        "/* , ( */",
                                        "-- ' )\n",
                                        "/* ; \" */",
                                        "--\n",
                                        "/* -- */",
                                        "/***/",
                                        "-- CHECK(\r\n",
                                        "/*/ x */",
                                        "--/*\n",
                                        "/* AS NOT NULL */"};

  if (m->plain || !make_rarely(m, 6)) {
    make_raw(m, m->plain ? " " : MAKE_ONE_OF(m, space));
    return;
  }
  if (m->n && strchr("-/", m->text[m->n - 1])) make_raw(m, " ");
  make_raw(m, MAKE_ONE_OF(m, comment));
  if (make_rarely(m, 3)) make_gap(m);
}

/* May these two bytes stand side by side without becoming one token? */
static int make_apart(int left, int right) {
  if (strchr("(),;", left) || strchr("(),;", right)) return 1;
  if (strchr("[\"`", right) && (isalnum(left) || left == ']')) return 1;
  return left == ']' && isalpha(right);
}

static void make_token(make *m, const char *z) {
  if (m->n && *z &&
      !(make_apart((unsigned char)m->text[m->n - 1], (unsigned char)*z) &&
        !make_rarely(m, 3)))
    make_gap(m);
  make_raw(m, z);
}

/* Words with blanks between, each letter in either case. */
static void make_words(make *m, const char *z) {
  int way = make_random(m, 4), i;
  char word[64];

  while (*z) {
    for (i = 0; *z && *z != ' ' && i < 63; i++, z++) {
      int up = way == 0 || way == 1 || (way == 2 && make_rarely(m, 2));
      word[i] = (char)(up ? toupper((unsigned char)*z) : *z);
    }
    word[i] = 0;
    make_token(m, word);
    while (*z == ' ') z++;
  }
}

/* The name in quotes; a string's only where `string`. */
static void make_quoted(make *m, const char *name, int string) {
  static const char open[] = "\"`['";
  int way = make_random(m, string ? 4 : 3), n = 0;
  char q, out[200];

  if (open[way] == '[' && strchr(name, ']')) way = 0;
  q = open[way];
  out[n++] = q;
  for (; *name && n < 190; name++) {
    out[n++] = *name;
    if (*name == q && q != '[') out[n++] = q;
  }
  out[n++] = (char)(q == '[' ? ']' : q);
  out[n] = 0;
  make_token(m, out);
}

/* Is it among the odd ones, which are no bare word? */
static int make_is_odd(const char *name) {
  int i;

  for (i = 0; i < MAKE_COUNT(make_odd); i++)
    if (!strcmp(make_odd[i], name)) return 1;
  return !strncmp(name, "current_", 8);
}

static int make_is_simple(const char *name) {
  int i;

  for (i = 0; i < MAKE_COUNT(make_simple); i++)
    if (!strcmp(make_simple[i], name)) return 1;
  return 0;
}

static const char *make_some(make *m) {
  switch (make_random(m, 8)) {
  case 0:
    return MAKE_ONE_OF(m, make_odd);
  case 1:
    return MAKE_ONE_OF(m, make_join);
  case 2:
  case 3:
    return MAKE_ONE_OF(m, make_fallback);
  default:
    return MAKE_ONE_OF(m, make_simple);
  }
}

/* A name where the grammar wants one. */
static void make_name(make *m, const char *name) {
  if (make_is_odd(name) || make_rarely(m, 4))
    make_quoted(m, name, 1);
  else
    make_words(m, name);
}

/* A column's name within an expression. */
static void make_ref(make *m, const char *name) {
  if (make_is_simple(name) && !make_rarely(m, 4))
    make_words(m, name);
  else
    make_quoted(m, name, 0);
}

static void make_collation(make *m) {
  static const char *const all[] = {"binary", "nocase", "rtrim", "desc",
                                    "my coll"};
  const char *name = MAKE_ONE_OF(m, all);

  make_words(m, "collate");
  if (strchr(name, ' ') || make_rarely(m, 4))
    make_quoted(m, name, 1);
  else
    make_words(m, name);
}

/* ---- expressions ---- */

static void make_literal(make *m) {
  static const char *const all[] = {"0",
                                    "12",
                                    "0x1F",
                                    "1.5",
                                    ".5",
                                    "1e3",
                                    "'a'",
                                    "'it''s'",
                                    "''",
                                    "')'",
                                    "'--'",
                                    "'/*'",
                                    "x'00'",
                                    "X''",
                                    "NULL",
                                    "'CHECK('",
                                    "9223372036854775807",
                                    "'a,b'",
                                    "'\n'",
                                    "1.",
                                    "TRUE",
                                    "false"};
  make_token(m, MAKE_ONE_OF(m, all));
}

static void make_expr(make *m, int depth, int columns);

static void make_call(make *m, const char *f, int args, int depth, int cols) {
  make_words(m, f);
  make_token(m, "(");
  while (args-- > 0) {
    make_expr(m, depth, cols);
    if (args) make_token(m, ",");
  }
  make_token(m, ")");
}

static void make_case(make *m, int depth, int columns) {
  make_words(m, "case");
  if (make_rarely(m, 2)) make_expr(m, 0, columns);
  make_words(m, "when");
  make_expr(m, depth, columns);
  make_words(m, "then");
  make_expr(m, depth, columns);
  if (make_rarely(m, 2)) {
    make_words(m, "else");
    make_expr(m, depth, columns);
  }
  make_words(m, "end");
}

static void make_between(make *m, int depth, int columns, int way) {
  static const char *const op[] = {"+",   "-",      "||",   "<",       "<>",
                                   "=",   "==",     "!=",   ">=",      "<<",
                                   "&",   "|",      "%",    "*",       "/",
                                   "is",  "is not", "and",  "or",      "->",
                                   "->>", "like",   "glob", "not like"};

  make_expr(m, depth, columns);
  if (way == 0) {
    make_words(m, MAKE_ONE_OF(m, op));
  } else if (way == 1) {
    make_words(m, make_rarely(m, 2) ? "between" : "not between");
    make_literal(m);
    make_words(m, "and");
  } else {
    make_words(m, "in");
    make_token(m, "(");
    make_literal(m);
    make_token(m, ",");
  }
  make_expr(m, depth, columns);
  if (way == 2) make_token(m, ")");
}

static void make_cast(make *m, int depth, int columns) {
  make_words(m, "cast");
  make_token(m, "(");
  make_expr(m, depth, columns);
  make_words(m, "as");
  make_words(m, make_rarely(m, 2) ? "integer" : "varchar ( 10 , 2 )");
  make_token(m, ")");
}

static void make_paren(make *m, int depth, int columns) {
  make_token(m, "(");
  make_expr(m, depth, columns);
  make_token(m, ")");
}

static void make_suffixed(make *m, int depth, int columns) {
  static const char *const word[] = {"is null", "notnull", "isnull",
                                     "is not null", "not null"};

  make_paren(m, depth, columns);
  if (make_rarely(m, 2))
    make_collation(m);
  else
    make_words(m, MAKE_ONE_OF(m, word));
}

/* A leaf, or a column of the table. */
static void make_leaf(make *m, int columns) {
  int i = make_random(m, m->ncol ? m->ncol : 1);

  if (columns && m->ncol && !m->computed[i] && !make_rarely(m, 3))
    make_ref(m, m->col[i]);
  else
    make_literal(m);
}

static void make_expr(make *m, int depth, int columns) {
  static const char *const f[] = {"length", "abs", "upper", "typeof"};
  int way = depth > 0 ? make_random(m, 9) : 9;

  depth--;
  if (way < 3) {
    make_between(m, depth, columns, way);
  } else if (way == 3) {
    make_call(m, MAKE_ONE_OF(m, f), 1, depth, columns);
  } else if (way == 4) {
    make_case(m, depth, columns);
  } else if (way == 5) {
    make_cast(m, depth, columns);
  } else if (way == 6) {
    make_paren(m, depth, columns);
  } else if (way == 7) {
    make_suffixed(m, depth, columns);
  } else if (way == 8) {
    make_words(m, make_rarely(m, 2) ? "not" : make_rarely(m, 2) ? "-" : "~");
    make_expr(m, depth, columns);
  } else {
    make_leaf(m, columns);
  }
}

/* ---- columns ---- */

static void make_number(make *m) {
  static const char *const all[] = {"10", "5", "0", "2.5", "1e2", "255"};

  if (make_rarely(m, 4)) make_token(m, make_rarely(m, 2) ? "-" : "+");
  make_token(m, MAKE_ONE_OF(m, all));
}

static void make_type_word(make *m) {
  static const char *const all[] = {
      "integer", "int",    "text",      "real",     "blob",
      "varchar", "double", "precision", "unsigned", "big",
      "numeric", "any",    "bool",      "date",     "datetime",
      "clob",    "stored", "varying",   "native",   "floating"};
  static const char *const quoted[] = {"integer", "my type", "x(y", "a'b",
                                       "int",     "",        "t"};

  switch (make_random(m, 10)) {
  case 0:
    make_quoted(m, MAKE_ONE_OF(m, quoted), 1);
    break;
  case 1: {
    const char *z = MAKE_ONE_OF(m, make_fallback);
    if (strcmp(z, "generated") && strcmp(z, "always")) make_words(m, z);
    break;
  }
  default:
    make_words(m, MAKE_ONE_OF(m, all));
  }
}

static void make_type(make *m) {
  static const char *const strict[] = {"int",  "integer", "real",
                                       "text", "blob",    "any"};
  int n = make_random(m, 3) + 1;

  if (m->strict) {
    if (make_rarely(m, 8))
      make_quoted(m, MAKE_ONE_OF(m, strict), 1);
    else
      make_words(m, MAKE_ONE_OF(m, strict));
    return;
  }
  if (make_rarely(m, 5)) return;
  while (n-- > 0) make_type_word(m);
  /* A type has a word before its numbers. */
  if (!make_rarely(m, 3)) return;
  make_words(m, "t");
  make_token(m, "(");
  make_number(m);
  if (make_rarely(m, 2)) {
    make_token(m, ",");
    make_number(m);
  }
  make_token(m, ")");
}

static void make_conflict(make *m) {
  static const char *const all[] = {"rollback", "abort", "fail", "ignore",
                                    "replace"};

  if (!make_rarely(m, 5)) return;
  make_words(m, "on conflict");
  make_words(m, MAKE_ONE_OF(m, all));
}

static void make_default(make *m) {
  static const char *const word[] = {"null",         "current_timestamp",
                                     "current_date", "current_time",
                                     "true",         "false"};

  make_words(m, "default");
  switch (make_random(m, 6)) {
  case 0:
    make_number(m);
    break;
  case 1:
    make_words(m, MAKE_ONE_OF(m, word));
    break;
  case 2:
    make_paren(m, 2, 0);
    break;
  case 3:
    make_token(m, make_rarely(m, 2) ? "-" : "+");
    make_literal(m);
    break;
  case 4:
    make_name(m, MAKE_ONE_OF(m, make_simple));
    break;
  default:
    make_literal(m);
  }
}

static void make_defer(make *m) {
  static const char *const all[] = {"deferrable", "not deferrable"};

  make_words(m, MAKE_ONE_OF(m, all));
  if (make_rarely(m, 2)) return;
  make_words(m, "initially");
  make_words(m, make_rarely(m, 2) ? "deferred" : "immediate");
}

static void make_references(make *m, int nto) {
  static const char *const act[] = {
      "on delete cascade",  "on delete set null",  "on update set default",
      "on update restrict", "on delete no action", "on insert cascade",
      "on update cascade",  "on delete restrict"};
  int n = make_random(m, 4), i;

  make_words(m, "references");
  make_name(m, make_some(m));
  if (make_rarely(m, 2)) {
    make_token(m, "(");
    for (i = 0; i < nto; i++) {
      if (i) make_token(m, ",");
      make_name(m, make_some(m));
    }
    make_token(m, ")");
  }
  while (n-- > 0) {
    if (make_rarely(m, 4)) {
      make_words(m, "match");
      make_name(m, make_rarely(m, 2) ? "full" : make_some(m));
    } else {
      make_words(m, MAKE_ONE_OF(m, act));
    }
  }
  if (make_rarely(m, 3)) make_defer(m);
}

static void make_constraint_name(make *m) {
  while (make_rarely(m, 4)) {
    make_words(m, "constraint");
    make_name(m, make_some(m));
  }
}

static void make_column_key(make *m, int i) {
  static const char *const order[] = {"", "", "asc", "desc"};

  if (m->has_key || m->computed[i] || !make_rarely(m, 3)) return;
  m->has_key = 1;
  make_words(m, "primary key");
  make_words(m, MAKE_ONE_OF(m, order));
  make_conflict(m);
  if (make_rarely(m, 6) && !m->without_rowid) make_words(m, "autoincrement");
}

static void make_generated(make *m) {
  if (make_rarely(m, 2)) {
    /* A comment between these two would stay in the type that is read. */
    int was = m->plain;
    make_words(m, "generated");
    m->plain = 1;
    make_words(m, "always");
    m->plain = was;
  }
  make_words(m, "as");
  make_paren(m, 2, 1);
  if (make_rarely(m, 3))
    make_words(m, "stored");
  else if (make_rarely(m, 2))
    make_words(m, "virtual");
}

static void make_column_clause(make *m, int i) {
  make_constraint_name(m);
  switch (make_random(m, 9)) {
  case 0:
    if (!m->computed[i]) make_default(m);
    break;
  case 1:
    make_words(m, make_rarely(m, 4) ? "null" : "not null");
    make_conflict(m);
    break;
  case 2:
    make_words(m, "unique");
    make_conflict(m);
    break;
  case 3:
    make_words(m, "check");
    make_paren(m, 3, 1);
    break;
  case 4:
    make_references(m, 1);
    break;
  case 5:
    make_collation(m);
    break;
  case 6:
    make_column_key(m, i);
    break;
  case 7:
    if (make_rarely(m, 3)) make_defer(m);
    break;
  default:
    break;
  }
}

static void make_column(make *m, int i) {
  int n = make_random(m, 4);

  make_name(m, m->col[i]);
  make_type(m);
  if (m->computed[i]) make_generated(m);
  while (n-- > 0) make_column_clause(m, i);
}

/* ---- tables ---- */

/* Names for columns, no two alike. */
static void make_columns(make *m) {
  int i, j, n = make_random(m, MAKE_COLUMNS) + 1;

  m->ncol = 0;
  for (i = 0; i < n; i++) {
    const char *name = make_some(m);
    for (j = 0; j < m->ncol; j++)
      if (!sqlite3_stricmp(name, m->col[j])) break;
    if (j < m->ncol) continue;
    m->computed[m->ncol] = m->ncol && make_rarely(m, 7);
    m->col[m->ncol++] = name;
  }
}

static void make_keys(make *m, int of_key) {
  static const char *const order[] = {"", "", "", "asc", "desc"};
  int n = make_random(m, 3) + 1, i;

  for (i = 0; i < n; i++) {
    int at = make_random(m, m->ncol);
    if (m->computed[at] && of_key) at = 0;
    if (i) make_token(m, ",");
    if (make_rarely(m, 12)) {
      make_token(m, "(");
      make_ref(m, m->col[at]);
      make_token(m, ")");
    } else {
      make_name(m, m->col[at]);
    }
    if (make_rarely(m, 4)) make_collation(m);
    make_words(m, MAKE_ONE_OF(m, order));
  }
}

static void make_foreign_key(make *m) {
  int n = make_random(m, 2) + 1, i;

  make_words(m, "foreign key");
  make_token(m, "(");
  for (i = 0; i < n; i++) {
    if (i) make_token(m, ",");
    make_name(m, m->col[make_random(m, m->ncol)]);
  }
  make_token(m, ")");
  make_references(m, n);
}

static void make_primary_key(make *m) {
  m->has_key = 1;
  make_words(m, "primary key");
  make_token(m, "(");
  make_keys(m, 1);
  if (make_rarely(m, 12) && !m->without_rowid) make_words(m, "autoincrement");
  make_token(m, ")");
  make_conflict(m);
}

static void make_table_clause(make *m) {
  int way = make_random(m, 5);

  make_constraint_name(m);
  if (way == 0 && !m->has_key) {
    make_primary_key(m);
  } else if (way == 1) {
    make_words(m, "unique");
    make_token(m, "(");
    make_keys(m, 0);
    make_token(m, ")");
    make_conflict(m);
  } else if (way == 2) {
    make_foreign_key(m);
  } else if (way == 3) {
    make_words(m, "constraint");
    make_name(m, make_some(m));
  } else {
    make_words(m, "check");
    make_paren(m, 3, 1);
    make_conflict(m);
  }
}

static void make_options(make *m) {
  int twice = m->strict && m->without_rowid;

  if (twice && make_rarely(m, 2)) {
    make_words(m, "strict");
    make_token(m, ",");
    make_words(m, "without rowid");
    return;
  }
  if (m->without_rowid) make_words(m, "without rowid");
  if (twice) make_token(m, ",");
  if (m->strict) make_words(m, "strict");
}

/* From CREATE to the name of what is created. */
static void make_head(make *m, const char *what, int may_temp) {
  const char *name = make_some(m);
  int temp = may_temp && make_rarely(m, 8);

  if (!m->plain && make_rarely(m, 6)) make_raw(m, "\n -- before\n/* it */");
  make_words(m, "create");
  if (temp) make_words(m, make_rarely(m, 2) ? "temp" : "temporary");
  make_words(m, what);
  if (make_rarely(m, 6)) make_words(m, "if not exists");
  if (!temp && make_rarely(m, 6)) {
    make_name(m, "main");
    make_token(m, ".");
  }
  if (strcmp(name, "if") != 0)
    make_name(m, name);
  else
    make_quoted(m, name, 1);
}

static void make_tail(make *m) {
  if (make_rarely(m, 4)) make_token(m, ";");
  if (!m->plain && make_rarely(m, 4)) make_raw(m, " -- after; it");
  if (!m->plain && make_rarely(m, 8)) make_raw(m, "\n/* not ended");
}

static void make_begin(make *m) {
  m->n = 0;
  m->text[0] = 0;
  m->plain = make_rarely(m, 5);
}

static void make_table(make *m) {
  int n = make_random(m, 4), i;

  make_begin(m);
  make_columns(m);
  m->strict = make_rarely(m, 6);
  m->without_rowid = make_rarely(m, 5);
  m->has_key = 0;
  make_head(m, "table", 1);
  make_token(m, "(");
  for (i = 0; i < m->ncol; i++) {
    if (i) make_token(m, ",");
    make_column(m, i);
  }
  if (m->without_rowid && !m->has_key) {
    make_token(m, ",");
    make_primary_key(m);
    if (n && make_rarely(m, 3)) make_token(m, ",");
  } else if (n) {
    make_token(m, ",");
  }
  for (i = 0; i < n; i++) {
    if (i && !make_rarely(m, 4)) make_token(m, ",");
    make_table_clause(m);
  }
  if (m->text[m->n - 1] == ',') make_words(m, "check ( 1 )");
  make_token(m, ")");
  make_options(m);
  make_tail(m);
}

/* ---- what stands on a table: base(a, b, c, "d e", "key", "x,y") ---- */

#define MAKE_BASE                                                              \
  "CREATE TABLE base(a INTEGER PRIMARY KEY, b TEXT COLLATE NOCASE, c,"         \
  " \"d e\" COLLATE rtrim, [key] INT, \"x,y\" REAL);"                          \
  "CREATE VIEW look AS SELECT a, b, c FROM base;"

static void make_base(make *m) {
  static const char *const col[] = {"a", "b", "c", "d e", "key", "x,y"};

  make_begin(m);
  memset(m->computed, 0, sizeof m->computed);
  for (m->ncol = 0; m->ncol < MAKE_COUNT(col); m->ncol++)
    m->col[m->ncol] = col[m->ncol];
}

static void make_index_key(make *m) {
  static const char *const order[] = {"", "", "asc", "desc"};

  if (make_rarely(m, 2))
    make_name(m, "b");
  else if (make_rarely(m, 2))
    make_quoted(m, "d e", 1);
  else
    make_expr(m, 2, 1);
  if (make_rarely(m, 4)) make_collation(m);
  make_words(m, MAKE_ONE_OF(m, order));
}

static void make_index(make *m) {
  int n = make_random(m, 3) + 1;

  make_base(m);
  make_head(m, make_rarely(m, 3) ? "unique index" : "index", 0);
  make_words(m, "on");
  make_name(m, "base");
  make_token(m, "(");
  make_index_key(m);
  while (--n > 0) {
    make_token(m, ",");
    make_index_key(m);
  }
  make_token(m, ")");
  if (make_rarely(m, 3)) {
    make_words(m, "where");
    make_expr(m, 2, 1);
  }
  make_tail(m);
}

static void make_select(make *m, int n) {
  int i;

  if (make_rarely(m, 4)) make_words(m, "with q as (select 1 as z)");
  make_words(m, make_rarely(m, 4) ? "select distinct" : "select");
  for (i = 0; i < n; i++) {
    if (i) make_token(m, ",");
    make_expr(m, 2, 1);
    if (make_rarely(m, 3))
      make_words(m, "as");
    else
      continue;
    make_name(m, MAKE_ONE_OF(m, make_simple));
  }
  make_words(m, "from base");
  if (!make_rarely(m, 2)) return;
  make_words(m, "where");
  make_expr(m, 2, 1);
}

static void make_view(make *m) {
  int n = make_random(m, 3) + 1, i;

  make_base(m);
  make_head(m, "view", 1);
  if (make_rarely(m, 3)) {
    make_token(m, "(");
    for (i = 0; i < n; i++) {
      if (i) make_token(m, ",");
      make_name(m, make_some(m));
    }
    make_token(m, ")");
  }
  make_words(m, "as");
  make_select(m, n);
  make_tail(m);
}

static void make_event(make *m, int view) {
  static const char *const time[] = {"", "before", "after"};
  int n = make_random(m, 3) + 1;

  make_words(m, view ? "instead of" : MAKE_ONE_OF(m, time));
  if (make_rarely(m, 2)) {
    make_words(m, make_rarely(m, 2) ? "insert" : "delete");
    return;
  }
  make_words(m, "update");
  if (make_rarely(m, 2)) return;
  make_words(m, "of");
  make_name(m, "a");
  while (--n > 0) {
    make_token(m, ",");
    make_name(m, make_rarely(m, 2) ? "b" : "c");
  }
}

static void make_deed(make *m) {
  switch (make_random(m, 4)) {
  case 0:
    make_words(m, "insert into base ( b , c ) values ( 1 , 'end' )");
    break;
  case 1:
    make_words(m, "delete from base where a =");
    make_case(m, 1, 1);
    break;
  case 2:
    make_words(m, "update base set b =");
    make_expr(m, 2, 1);
    break;
  default:
    make_words(m, "select raise ( ignore ) from base as end");
  }
  make_token(m, ";");
}

static void make_trigger(make *m) {
  int view = make_rarely(m, 4), n = make_random(m, 3) + 1;

  make_base(m);
  make_head(m, "trigger", 1);
  make_event(m, view);
  make_words(m, "on");
  make_name(m, view ? "look" : "base");
  if (make_rarely(m, 2)) make_words(m, "for each row");
  if (make_rarely(m, 2)) {
    make_words(m, "when");
    make_expr(m, 2, 0);
  }
  make_words(m, "begin");
  while (n-- > 0) make_deed(m);
  make_words(m, "end");
  make_tail(m);
}

static void make_any(make *m) {
  int way = make_random(m, 10);

  if (way == 0)
    make_index(m);
  else if (way == 1)
    make_view(m);
  else if (way == 2)
    make_trigger(m);
  else
    make_table(m);
}

/* ---- spoiled ---- */

enum { MAKE_TOKENS = 2000 };

/* Put text[from, to) in the place of text[at, end). */
static void make_splice(make *m, int at, int end, const char *by, int n) {
  static char tail[MAKE_SIZE];
  int rest = m->n - end;

  if (at + n + rest >= MAKE_SIZE) return;
  memcpy(tail, m->text + end, (size_t)rest);
  memmove(m->text + at, by, (size_t)n);
  memcpy(m->text + at + n, tail, (size_t)rest);
  m->n = at + n + rest;
  m->text[m->n] = 0;
}

static int make_tokens(const make *m, mig_span *out) {
  mig_span rest = {m->text, m->n};
  int n = 0;

  while (n < MAKE_TOKENS) {
    mig_token t = mig_token_next(&rest);
    if (t.type == MIG_TK_END) break;
    out[n++] = t.s;
  }
  return n;
}

/* Delete, repeat, replace or swap a token, or change a byte. */
static void make_mutant(make *m) {
  static mig_span tok[MAKE_TOKENS];
  int n = make_tokens(m, tok), at, end, way = make_random(m, 5);
  char copy[MAKE_SIZE];
  mig_span a, b;

  if (n < 2) return;
  a = tok[make_random(m, n - 1)];
  b = tok[make_random(m, n)];
  at = (int)(a.p - m->text);
  end = at + a.n;
  if (way == 0) {
    make_splice(m, at, end, " ", 1);
  } else if (way == 1) {
    sqlite3_snprintf(MAKE_SIZE, copy, "%.*s %.*s", b.n, b.p, a.n, a.p);
    make_splice(m, at, end, copy, (int)strlen(copy));
  } else if (way == 2) {
    memcpy(copy, b.p, (size_t)b.n);
    make_splice(m, at, end, copy, b.n);
  } else if (way == 3) {
    sqlite3_snprintf(MAKE_SIZE, copy, "%.*s %.*s", b.n, b.p, a.n, a.p);
    make_splice(m, at, end, copy, (int)strlen(copy));
    make_splice(m, at + b.n + 1 + a.n, at + b.n + 1 + a.n, " ", 1);
  } else {
    static const char byte[] = " ()[],;'\"`-/*aA1.+x\n|:";
    at = make_random(m, m->n);
    m->text[at] = byte[make_random(m, MAKE_COUNT(byte) - 1)];
  }
}
#endif
