/*
** tests/unit/test_layout.c - a CREATE TABLE with something put in, taken out,
** or replaced.
**
** A column or a constraint that is put in and taken out again, at any place of
** any text, leaves the text byte for byte.
*/
#include "ext/schema/schema.h"
#include "tests/unit/test.h"

/* ---- one change of a text ---- */

static mig_create *layout_read(mig_cx *cx, const char *sql) {
  return sql && !cx->rc ? mig_create_parse(cx, mig_span_z(sql)) : NULL;
}

/* The columns' names: "a b c"; then how many constraints the table has. */
static char *layout_names(mig_cx *cx, const mig_create *def) {
  mig_buf b = {0};
  int i;

  for (i = 0; def && i < def->columns.n; i++)
    mig_buf_addf(cx, &b, "%s ",
                 mig_sql_unquote(cx, ((mig_coldef *)def->columns.at[i])->name));
  if (def) mig_buf_addf(cx, &b, "%d", def->clauses.n);
  return mig_buf_take(cx, &b);
}

static const char *added(mig_cx *cx, const char *sql, int at) {
  mig_create *def = layout_read(cx, sql);

  return def ? mig_layout_add(cx, def, at, "z ANY") : NULL;
}

static const char *dropped(mig_cx *cx, const char *sql, int at) {
  mig_create *def = layout_read(cx, sql);

  return def ? mig_layout_drop(cx, def, at) : NULL;
}

static const char *clause_added(mig_cx *cx, const char *sql) {
  mig_create *def = layout_read(cx, sql);

  return def ? mig_layout_add_clause(cx, def, "CHECK (1)") : NULL;
}

/* Constraint i of the table taken out. */
static const char *clause_dropped(mig_cx *cx, const char *sql, int i) {
  mig_create *def = layout_read(cx, sql);

  return def ? mig_layout_drop_clause(cx, def, def->clauses.at[i]) : NULL;
}

/* Constraint i of column `at` taken out. */
static const char *part_dropped(mig_cx *cx, const char *sql, int at, int i) {
  mig_create *def = layout_read(cx, sql);
  mig_coldef *col = def ? def->columns.at[at] : NULL;

  return col ? mig_layout_drop_clause(cx, def, col->clauses.at[i]) : NULL;
}

static const char *type_set(mig_cx *cx, const char *sql, int at,
                            const char *type) {
  mig_create *def = layout_read(cx, sql);
  mig_coldef *col = def ? def->columns.at[at] : NULL;

  return col ? mig_layout_set(cx, def, col->type, type) : NULL;
}

static const char *appended(mig_cx *cx, const char *sql, int at,
                            const char *piece) {
  mig_create *def = layout_read(cx, sql);
  mig_coldef *col = def ? def->columns.at[at] : NULL;

  return col ? mig_layout_append(cx, def, col->text, piece) : NULL;
}

/* ---- what holds for every text ---- */

/* Names of a text that lacks column `skip`, or has z before column `put`. */
static char *layout_expected(mig_cx *cx, const mig_create *def, int skip,
                             int put, int clauses) {
  mig_buf b = {0};
  int i;

  for (i = 0; i <= def->columns.n; i++) {
    if (i == put) mig_buf_addz(cx, &b, "z ");
    if (i == def->columns.n || i == skip) continue;
    mig_buf_addf(cx, &b, "%s ",
                 mig_sql_unquote(cx, ((mig_coldef *)def->columns.at[i])->name));
  }
  mig_buf_addf(cx, &b, "%d", clauses);
  return mig_buf_take(cx, &b);
}

static void check_add(mig_cx *cx, const char *text, const mig_create *def,
                      int at) {
  const char *more = mig_layout_add(cx, def, at, "z ANY");

  EQ_STR(layout_names(cx, layout_read(cx, more)),
         layout_expected(cx, def, -1, at, def->clauses.n));
  EQ_STR(more ? dropped(cx, more, at) : NULL, text);
}

static void check_drop(mig_cx *cx, const mig_create *def, int at) {
  const char *less = def->columns.n > 1 ? mig_layout_drop(cx, def, at) : NULL;

  if (less)
    EQ_STR(layout_names(cx, layout_read(cx, less)),
           layout_expected(cx, def, at, -1, def->clauses.n));
}

/* What is appended to a column, and taken away, leaves the text.  (Right before
** a comment it leaves a space more.) */
static void check_append(mig_cx *cx, const char *text, const mig_create *def,
                         int at) {
  mig_coldef *col = def->columns.at[at];
  char behind = col->text.p[col->text.n];
  mig_create *now =
      layout_read(cx, mig_layout_append(cx, def, col->text, "COLLATE c"));

  EQ_STR(layout_names(cx, now), layout_names(cx, def));
  col = now ? now->columns.at[at] : NULL;
  if (!col || behind == '/' || behind == '-') return;
  EQ_STR(mig_layout_drop_clause(cx, now, col->clauses.at[col->clauses.n - 1]),
         text);
}

/* A part in its own place is the text; without it the text can be read. */
static void check_part(mig_cx *cx, const char *text, const mig_create *def,
                       int at, int i) {
  mig_coldef *col = def->columns.at[at];
  mig_clause *k = col->clauses.at[i];
  mig_create *now;

  EQ_STR(
      mig_layout_set(cx, def, k->text, mig_strndup(cx, k->text.p, k->text.n)),
      text);
  now = layout_read(cx, mig_layout_drop_clause(cx, def, k));
  EQ_STR(layout_names(cx, now), layout_names(cx, def));
  if (now)
    EQ_INT(((mig_coldef *)now->columns.at[at])->clauses.n, col->clauses.n - 1);
}

/* Pieces put in at once are put in as one after the other. */
static void check_all(mig_cx *cx, const mig_create *def) {
  static const char *const pieces[] = {"x", "y INT /* y */ DEFAULT 1",
                                       "z TEXT\n NOT NULL"};
  const mig_create *now = def;
  mig_list all = {0};
  const char *one = NULL;
  size_t i;

  for (i = 0; i < sizeof pieces / sizeof *pieces && now; i++) {
    mig_list_add(cx, &all, (void *)(uintptr_t)pieces[i]);
    one = mig_layout_add(cx, now, now->columns.n, pieces[i]);
    now = layout_read(cx, one);
    EQ_STR(mig_layout_add_all(cx, def, &all), one);
  }
  EQ_INT(now ? now->columns.n : 0, def->columns.n + 3);
}

static void check_clauses(mig_cx *cx, const char *text, const mig_create *def) {
  int i, n = def->clauses.n;
  const char *more = mig_layout_add_clause(cx, def, "CHECK (1)");

  EQ_STR(layout_names(cx, layout_read(cx, more)),
         layout_expected(cx, def, -1, -1, n + 1));
  EQ_STR(more ? clause_dropped(cx, more, n) : NULL, text);
  for (i = 0; i < n && !cx->rc; i++)
    EQ_STR(layout_names(cx, layout_read(cx, clause_dropped(cx, text, i))),
           layout_expected(cx, def, -1, -1, n - 1));
}

static void check_text(mig_cx *into, const char *text) {
  mig_cx own = {0}, *cx = &own;
  mig_create *def = layout_read(cx, text);
  int at, i;

  for (at = 0; def && at <= def->columns.n && !cx->rc; at++)
    check_add(cx, text, def, at);
  for (at = 0; def && at < def->columns.n && !cx->rc; at++) {
    check_drop(cx, def, at);
    check_append(cx, text, def, at);
    for (i = 0; i < ((mig_coldef *)def->columns.at[at])->clauses.n; i++)
      check_part(cx, text, def, at, i);
  }
  if (def) check_clauses(cx, text, def);
  if (def) check_all(cx, def);
  EQ_STR(cx->rc ? mig_cx_message(cx) : text, text);
  mig_fail_move(into, cx);
  mig_cx_release(cx);
}

/* Not among the texts, as bytes are lost there: an empty line above the first
** column, and white space, also a CR, at the end of a comment to the line's
*end:
**   "CREATE TABLE t(\n\n  a,\n  b)"
**   "CREATE TABLE t(\r\n  a, -- one\r\n  b -- two\r\n)"
**   "CREATE TABLE t(\n  a, -- one  \n  b -- two \t\n)" */
#define EVERY(test, ...)                                                       \
  TEST(layout_##test) {                                                        \
    static const char *const texts[] = {__VA_ARGS__};                          \
    size_t i;                                                                  \
    for (i = 0; i < sizeof texts / sizeof *texts && !cx->rc; i++)              \
      check_text(cx, texts[i]);                                                \
  }

EVERY(there_and_back_on_one_line, "CREATE TABLE t(a)",
      "CREATE TABLE t(a INT, b TEXT)", "CREATE TABLE t(a INT,b TEXT,c)",
      "CREATE TABLE t ( a INT , b TEXT , c )", "create table t(a,\tb\t,c\t)",
      "CREATE TABLE t(a,\fb\f,\fc)", "CREATE TABLE t(a,\rb\r,c)")

EVERY(there_and_back_on_lines, "CREATE TABLE t (\n  a INT,\n  b TEXT,\n  c\n)",
      "CREATE TABLE t (\r\n  a INT,\r\n  b TEXT,\r\n  c\r\n)",
      "CREATE TABLE t (\n\ta INT,\n\tb TEXT\n)",
      "create table t(a int,\nb int,\nc int)",
      "CREATE TABLE t(\n  a INT,   \n  b TEXT   \n)")

EVERY(there_and_back_on_mixed_lines, "CREATE TABLE t(a INT, b INT\n)",
      "CREATE TABLE t(\na INT, b INT)", "CREATE TABLE t(\n  a, b,\n  c, d\n)",
      "CREATE TABLE t(a INT, b TEXT,\n  c INT, d TEXT)",
      "CREATE TABLE t(a,\n    b,\n  c)")

EVERY(there_and_back_with_leading_commas,
      "CREATE TABLE t(\n    a INT\n  , b TEXT\n  , c\n)",
      "CREATE TABLE t\n(a INT\n,b INT\n)",
      "CREATE TABLE t(\n    a INT -- one\n  , b TEXT -- two\n  , c -- three\n)",
      "CREATE TABLE t(a INT --c1\n, b TEXT --c2\n)")

EVERY(there_and_back_with_comments_behind,
      "CREATE TABLE t(\n  a, -- one\n  b, -- two, (too\n  c -- three\n)",
      "CREATE TABLE t(\n  a, /* one */\n  b /* two */,\n  c /* three */\n)",
      "CREATE TABLE t(\n  a, /* one */ -- more\n  b /* two */ -- more\n)",
      "CREATE TABLE t(\n  a, /* one\n  two */\n  b\n)",
      "CREATE TABLE t(a, -- one\n b -- two\n)",
      "CREATE TABLE t(\n  a -- one\n,\n  b\n  -- two\n  , c\n)")

EVERY(
    there_and_back_with_comments_above,
    "CREATE TABLE t(\n  -- a's\n  a,\n  -- b's\n  b\n  -- the end\n)",
    "CREATE TABLE t(\n  /* a's */\n  a,\n  /* b's */\n  b\n  /* the end */\n)",
    "CREATE TABLE t(-- head\n a,\n b)", "CREATE TABLE t(/* head */ a, b)",
    "CREATE TABLE t(\n a, -- x\n -- y\n b -- z\n -- w\n)")

EVERY(there_and_back_with_comments_inside, "CREATE TABLE t(a,/*x*/b/*y*/)",
      "CREATE TABLE t(a/*,*/ INT /*,*/,b/*)*/)",
      "CREATE TABLE t(a VARCHAR /* c */ (10) -- )\n, b -- ,\n)",
      "CREATE TABLE t(a DEFAULT -- one\n 1, b CHECK (/*)*/ b > 0 --)\n))",
      "CREATE TABLE t(a/**/,/**/b)")

EVERY(there_and_back_with_comments_around,
      "-- before\nCREATE /* a */ TABLE -- b\n t /* c */ (a, b) -- after",
      "CREATE TABLE t(a, b) /* no end", "CREATE TABLE t(a, b); -- end",
      "CREATE TABLE t(\n  a,\n  b\n) -- x\n STRICT")

EVERY(there_and_back_with_constraints,
      "CREATE TABLE t(a, b, CHECK (a > 0) CHECK (b > 0) UNIQUE (a))",
      "CREATE TABLE t(\n  a,\n  CONSTRAINT x CHECK (a > 0),\n  UNIQUE (a)\n)",
      "CREATE TABLE t(\n  a,\n  CHECK (a)\n  UNIQUE (a)\n)",
      "CREATE TABLE t(a,b,PRIMARY KEY(a,b))WITHOUT ROWID",
      "CREATE TABLE t(a INT,\n  CHECK (a > 0), -- why\n  UNIQUE (a) -- so\n)")

EVERY(there_and_back_with_clauses,
      "CREATE TABLE t(a NOT NULL DEFAULT (max(1, 2)), b CHECK (b IN (1, 2)))",
      "CREATE TABLE t(a, b INT GENERATED ALWAYS AS (a + 1) STORED, c AS (a))",
      "CREATE TABLE t(a REFERENCES p(x) ON DELETE CASCADE\n DEFERRABLE\n , b)",
      "CREATE TABLE t(a INT CONSTRAINT n NOT NULL--x\nUNIQUE--y\n,b)",
      "CREATE TABLE IF NOT EXISTS [t](\"a b\" CHECK(1)UNIQUE, 'c' NULL,`d`)")

/* ---- putting in ---- */

TEST(layout_adds_as_its_neighbour_stands) {
  EQ_STR(added(cx, "CREATE TABLE t(a)", 1), "CREATE TABLE t(a, z ANY)");
  EQ_STR(added(cx, "CREATE TABLE t(a)", 0), "CREATE TABLE t(z ANY, a)");
  EQ_STR(added(cx, "CREATE TABLE t(a,b)", 1), "CREATE TABLE t(a, z ANY,b)");
  EQ_STR(added(cx, "CREATE TABLE t(\n  a,\n  b\n)", 0),
         "CREATE TABLE t(\n  z ANY,\n  a,\n  b\n)");
  EQ_STR(added(cx, "CREATE TABLE t(\n  a,\n  b\n)", 1),
         "CREATE TABLE t(\n  a,\n  z ANY,\n  b\n)");
  EQ_STR(added(cx, "CREATE TABLE t(\r\n\ta,\r\n\tb\r\n)", 2),
         "CREATE TABLE t(\r\n\ta,\r\n\tb,\r\n\tz ANY\r\n)");
  EQ_STR(added(cx, "CREATE TABLE t(\n  a,\n  UNIQUE (a)\n)", 1),
         "CREATE TABLE t(\n  a,\n  z ANY,\n  UNIQUE (a)\n)");
}

TEST(layout_adds_behind_the_comment_of_a_line) {
  EQ_STR(added(cx, "CREATE TABLE t(\n  a, -- one\n  b -- two\n)", 1),
         "CREATE TABLE t(\n  a, -- one\n  z ANY,\n  b -- two\n)");
  EQ_STR(added(cx, "CREATE TABLE t(\n  a, -- one\n  b -- two\n)", 2),
         "CREATE TABLE t(\n  a, -- one\n  b, -- two\n  z ANY\n)");
  EQ_STR(added(cx, "CREATE TABLE t(\n  a /* x */\n  -- end\n)", 1),
         "CREATE TABLE t(\n  a, /* x */\n  z ANY\n  -- end\n)");
}

TEST(layout_adds_a_constraint_last) {
  EQ_STR(clause_added(cx, "CREATE TABLE t(a)"), "CREATE TABLE t(a, CHECK (1))");
  EQ_STR(clause_added(cx, "CREATE TABLE t(\n  a,\n  UNIQUE (a) -- u\n) STRICT"),
         "CREATE TABLE t(\n  a,\n  UNIQUE (a), -- u\n  CHECK (1)\n) STRICT");
  EQ_STR(clause_added(cx, "CREATE TABLE t(a, CHECK (2) CHECK (3))"),
         "CREATE TABLE t(a, CHECK (2) CHECK (3), CHECK (1))");
}

/* ---- taking out ---- */

TEST(layout_drops_a_column_with_its_comma) {
  EQ_STR(dropped(cx, "CREATE TABLE t(a, b, c)", 0), "CREATE TABLE t(b, c)");
  EQ_STR(dropped(cx, "CREATE TABLE t(a, b, c)", 1), "CREATE TABLE t(a, c)");
  EQ_STR(dropped(cx, "CREATE TABLE t(a, b, c)", 2), "CREATE TABLE t(a, b)");
  EQ_STR(dropped(cx, "CREATE TABLE t(a, UNIQUE (b), b)", 0), NULL);
  EQ_INT(cx->rc != 0, 1);
}

TEST(layout_drops_a_line_with_its_comment) {
  static const char sql[] =
      "CREATE TABLE t(\n  a, -- one\n  b, -- two\n  c -- three\n)";

  EQ_STR(dropped(cx, sql, 0), "CREATE TABLE t(\n  b, -- two\n  c -- three\n)");
  EQ_STR(dropped(cx, sql, 1), "CREATE TABLE t(\n  a, -- one\n  c -- three\n)");
  EQ_STR(dropped(cx, sql, 2), "CREATE TABLE t(\n  a, -- one\n  b -- two\n)");
}

TEST(layout_drops_the_last_column_before_a_constraint) {
  EQ_STR(dropped(cx, "CREATE TABLE t(a, b, CHECK (a))", 1),
         "CREATE TABLE t(a, CHECK (a))");
  EQ_STR(dropped(cx, "CREATE TABLE t(\n  a\n  , b\n  , CHECK (a)\n)", 1),
         "CREATE TABLE t(\n  a\n  , CHECK (a)\n)");
}

TEST(layout_drops_constraints_that_no_comma_parts) {
  static const char sql[] = "CREATE TABLE t(a, CHECK (1) UNIQUE (a) CHECK (3))";

  EQ_STR(clause_dropped(cx, sql, 0), "CREATE TABLE t(a, UNIQUE (a) CHECK (3))");
  EQ_STR(clause_dropped(cx, sql, 1), "CREATE TABLE t(a, CHECK (1) CHECK (3))");
  EQ_STR(clause_dropped(cx, sql, 2), "CREATE TABLE t(a, CHECK (1) UNIQUE (a))");
}

TEST(layout_drops_a_columns_constraint) {
  static const char sql[] =
      "CREATE TABLE t(a INT NOT NULL  CONSTRAINT u UNIQUE/*x*/DEFAULT 1, b)";

  EQ_STR(part_dropped(cx, sql, 0, 0),
         "CREATE TABLE t(a INT  CONSTRAINT u UNIQUE/*x*/DEFAULT 1, b)");
  EQ_STR(part_dropped(cx, sql, 0, 1),
         "CREATE TABLE t(a INT NOT NULL/*x*/DEFAULT 1, b)");
  EQ_STR(part_dropped(cx, sql, 0, 2),
         "CREATE TABLE t(a INT NOT NULL  CONSTRAINT u UNIQUE/*x*/, b)");
}

/* ---- parts ---- */

TEST(layout_sets_a_type) {
  EQ_STR(type_set(cx, "CREATE TABLE t(a INT, b)", 0, "TEXT (3)"),
         "CREATE TABLE t(a TEXT (3), b)");
  EQ_STR(type_set(cx, "CREATE TABLE t(a INT NOT NULL, b)", 0, NULL),
         "CREATE TABLE t(a NOT NULL, b)");
  EQ_STR(type_set(cx, "CREATE TABLE t(a -- x\n INT, b)", 0, NULL),
         "CREATE TABLE t(a -- x\n , b)");
}

TEST(layout_appends_to_a_column) {
  EQ_STR(appended(cx, "CREATE TABLE t(a INT -- x\n, b)", 0, "NOT NULL"),
         "CREATE TABLE t(a INT NOT NULL -- x\n, b)");
  EQ_STR(appended(cx, "CREATE TABLE t(a INT, b)", 1, "CHECK (b)"),
         "CREATE TABLE t(a INT, b CHECK (b))");
}
