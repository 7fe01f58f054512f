/* tests/unit/test_change.c - columns and changes as SQL. */
#include "ext/schema/schema.h"
#include "tests/unit/test.h"

static mig_list parts(mig_cx *cx, const char *a, const char *b) {
  mig_list l = {0};

  mig_list_add(cx, &l, mig_strdup(cx, a));
  if (b) mig_list_add(cx, &l, mig_strdup(cx, b));
  return l;
}

/* The statement in main, or the error's message. */
static const char *said(mig_cx *cx, const mig_change *c) {
  mig_cx one = {0};
  char *sql = mig_strdup(cx, mig_change_sql(&one, "main", c));

  if (one.rc) sql = mig_strdup(cx, mig_cx_message(&one));
  mig_cx_release(&one);
  return sql;
}

static const char *column(mig_cx *cx, mig_column_spec c) {
  mig_cx one = {0};
  char *sql = mig_strdup(cx, mig_column_sql(&one, &c));

  if (one.rc) sql = mig_strdup(cx, mig_cx_message(&one));
  mig_cx_release(&one);
  return sql;
}

#define SAID(want, ...) EQ_STR(said(cx, &(mig_change){__VA_ARGS__}), want)
#define COLUMN(want, ...)                                                      \
  EQ_STR(column(cx, (mig_column_spec){.name = "c", __VA_ARGS__}), want)

TEST(change_tables) {
  SAID("CREATE TABLE main.brands (\n  id INTEGER PRIMARY KEY,\n  name TEXT "
       "NOT NULL\n) STRICT",
       .kind = MIG_CREATE_TABLE, .name = "brands", .strict = 1,
       .parts = parts(cx, "id INTEGER PRIMARY KEY", "name TEXT NOT NULL"));
  SAID("CREATE TABLE IF NOT EXISTS main.\"order\" (\n  a -- note\n,\n  PRIMARY "
       "KEY (a)\n) WITHOUT ROWID, STRICT",
       .kind = MIG_CREATE_TABLE, .name = "order", .strict = 1,
       .without_rowid = 1, .if_exists = 1,
       .parts = parts(cx, "a -- note", "PRIMARY KEY (a)"));
  SAID("DROP TABLE IF EXISTS main.t", .kind = MIG_DROP_TABLE, .name = "t",
       .if_exists = 1);
  SAID("ALTER TABLE main.t RENAME TO \"a b\"", .kind = MIG_RENAME_TABLE,
       .table = "t", .name = "a b");
  SAID("ALTER TABLE main.t ADD COLUMN a TEXT", .kind = MIG_ADD_COLUMN,
       .table = "t", .parts = parts(cx, "a TEXT", NULL));
  SAID("ALTER TABLE main.t DROP COLUMN a", .kind = MIG_DROP_COLUMN,
       .table = "t", .name = "a");
}

TEST(change_indexes) {
  SAID("CREATE UNIQUE INDEX main.ix ON t (a, lower(b) DESC) WHERE a > 0",
       .kind = MIG_CREATE_INDEX, .table = "t", .name = "ix", .unique = 1,
       .where = "a > 0", .parts = parts(cx, "a", "lower(b) DESC"));
  SAID("DROP INDEX main.ix", .kind = MIG_DROP_INDEX, .name = "ix");
}

TEST(change_views_and_triggers) {
  SAID("CREATE VIEW main.v (a, \"b c\") AS SELECT 1, ';'",
       .kind = MIG_CREATE_VIEW, .name = "v", .parts = parts(cx, "a", "b c"),
       .body = "SELECT 1, ';' ; -- done");
  SAID("CREATE VIEW main.v AS SELECT 1", .kind = MIG_CREATE_VIEW, .name = "v",
       .body = "SELECT 1");
  SAID("CREATE TRIGGER main.r AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN "
       "2 END; SELECT 3; END",
       .kind = MIG_CREATE_TRIGGER, .name = "r",
       .body = "AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; "
               "SELECT 3; END;");
  SAID("DROP VIEW main.v", .kind = MIG_DROP_VIEW, .name = "v");
  SAID("DROP TRIGGER IF EXISTS main.r", .kind = MIG_DROP_TRIGGER, .name = "r",
       .if_exists = 1);
}

TEST(change_refuses_what_is_missing) {
  SAID("create table : the name is empty: give one", .kind = MIG_CREATE_TABLE,
       .name = "", .parts = parts(cx, "a", NULL));
  SAID("create table t: no column: give at least one", .kind = MIG_CREATE_TABLE,
       .name = "t");
  SAID("drop column .a: the table's name is empty: give one",
       .kind = MIG_DROP_COLUMN, .name = "a");
  SAID("create view v: the body is empty: give its SQL",
       .kind = MIG_CREATE_VIEW, .name = "v");
  SAID("create view v: the body is empty", .kind = MIG_CREATE_VIEW, .name = "v",
       .body = "-- x");
  SAID("create view v: column 1 is empty", .kind = MIG_CREATE_VIEW, .name = "v",
       .body = "SELECT 1", .parts = parts(cx, "", NULL));
}

TEST(change_refuses_a_second_statement) {
  SAID("create table t: column \"a INTEGER); DROP TABLE x\": a `)` without "
       "its `(`",
       .kind = MIG_CREATE_TABLE, .name = "t",
       .parts = parts(cx, "a INTEGER); DROP TABLE x", NULL));
  SAID("add column t.a: column \"a; DROP TABLE x\": a `;` outside quotes",
       .kind = MIG_ADD_COLUMN, .table = "t",
       .parts = parts(cx, "a; DROP TABLE x", NULL));
  SAID("add column t.a: column \"a CHECK (b\": a `(` without its `)`",
       .kind = MIG_ADD_COLUMN, .table = "t",
       .parts = parts(cx, "a CHECK (b", NULL));
  SAID("add column t.a: column \"a 'b\": a quote that does not end, or a "
       "stray character",
       .kind = MIG_ADD_COLUMN, .table = "t", .parts = parts(cx, "a 'b", NULL));
  SAID("create table t: column \"a /* b\": a comment that does not end",
       .kind = MIG_CREATE_TABLE, .name = "t",
       .parts = parts(cx, "a /* b", "c"));
  SAID("create index i on t: where \"1; DROP TABLE x\": a `;` outside quotes",
       .kind = MIG_CREATE_INDEX, .table = "t", .name = "i",
       .where = "1; DROP TABLE x", .parts = parts(cx, "a", NULL));
  SAID("create view v: \"DROP\" begins a second statement: give one only",
       .kind = MIG_CREATE_VIEW, .name = "v", .body = "SELECT 1;; DROP TABLE x");
  SAID("create trigger r: \"DROP\" begins a second statement: give one only",
       .kind = MIG_CREATE_TRIGGER, .name = "r",
       .body = "AFTER INSERT ON begin BEGIN SELECT 1; END; DROP TABLE x; END");
}

TEST(change_refuses_a_trigger_that_is_not_whole) {
  static const char *const bodies[] = {"AFTER INSERT ON t",
                                       "AFTER INSERT ON t; BEGIN SELECT 1; END",
                                       "AFTER INSERT ON t BEGIN SELECT 1 END",
                                       "AFTER INSERT ON t BEGIN SELECT 1;"};
  size_t i;

  for (i = 0; i < sizeof bodies / sizeof *bodies; i++) {
    mig_cx one = {0};
    mig_change c = {.kind = MIG_CREATE_TRIGGER, .name = "r", .body = bodies[i]};
    mig_change_sql(&one, "main", &c);
    EQ_ERR(&one, SQLITE_ERROR, "create trigger r: the body is not whole");
    mig_cx_release(&one);
  }
  (void)cx;
}

static const char *title(mig_cx *cx, mig_change c) {
  return mig_change_title(cx, &c);
}

TEST(change_titles) {
  mig_change add = {.kind = MIG_ADD_COLUMN, .table = "t"};

  add.parts = parts(cx, "/* x */ locked INTEGER", NULL);
  EQ_STR(title(cx, add), "add column t.locked");
  EQ_STR(title(cx, (mig_change){.kind = MIG_CREATE_TABLE, .name = "users"}),
         "create table users");
  EQ_STR(
      title(cx,
            (mig_change){.kind = MIG_RENAME_TABLE, .table = "a", .name = "b"}),
      "rename table a to b");
  EQ_STR(
      title(cx,
            (mig_change){.kind = MIG_CREATE_INDEX, .table = "t", .name = "ix"}),
      "create index ix on t");
  EQ_STR(
      title(cx,
            (mig_change){.kind = MIG_DROP_COLUMN, .table = "t", .name = "c"}),
      "drop column t.c");
}

/* ---- columns ---- */

TEST(column_clauses_have_an_order) {
  COLUMN("c", .type = NULL);
  COLUMN("c INTEGER PRIMARY KEY AUTOINCREMENT", .type = "INTEGER",
         .primary_key = 1, .autoincrement = 1);
  COLUMN("c VARCHAR(20) NOT NULL UNIQUE COLLATE NOCASE DEFAULT 'x' CHECK (c <> "
         "'') REFERENCES t(id) ON DELETE CASCADE",
         .type = "VARCHAR(20)", .not_null = 1, .unique = 1, .collate = "NOCASE",
         .dflt = "'x'", .check = "c <> ''",
         .references = "t(id) ON DELETE CASCADE");
  COLUMN("c INT GENERATED ALWAYS AS (a + b) STORED", .type = "INT",
         .generated = "a + b", .stored = 1);
  COLUMN("c GENERATED ALWAYS AS (a) VIRTUAL", .generated = "(a)");
}

TEST(column_defaults_get_the_parentheses_they_need) {
  static const char *const pairs[][2] = {
      {"1", "1"},
      {"-1.5", "-1.5"},
      {"+ 0x1f", "+ 0x1f"},
      {"'it''s'", "'it''s'"},
      {"x'00'", "x'00'"},
      {"NULL", "NULL"},
      {"CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP"},
      {"new", "new"},
      {"\"new\"", "\"new\""},
      {"(1 + 2)", "(1 + 2)"},
      {"(1) + (2)", "((1) + (2))"},
      {"1 + 2", "(1 + 2)"},
      {"random()", "(random())"},
      {"datetime('now')", "(datetime('now'))"},
      {"- -1", "(- -1)"},
      {"-'a'", "(-'a')"},
      {"a || b -- note", "(a || b -- note\n)"},
  };
  size_t i;

  for (i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    char *want = mig_printf(cx, "c DEFAULT %s", pairs[i][1]);
    COLUMN(want, .dflt = pairs[i][0]);
  }
}

TEST(column_refuses_pieces_that_are_not_whole) {
  COLUMN("column c: check \"a) , b CHECK (1\": a `)` without its `(`",
         .check = "a) , b CHECK (1");
  COLUMN("column c: default \"\": it is empty", .dflt = "");
  COLUMN("column c: references \"t; DROP TABLE t\": a `;` outside quotes",
         .references = "t; DROP TABLE t");
  COLUMN("column c: type \"INT /*\": a comment that does not end",
         .type = "INT /*");
  COLUMN("column c: autoincrement needs primary_key: make it the primary key, "
         "with the type INTEGER",
         .autoincrement = 1);
  EQ_STR(column(cx, (mig_column_spec){0}),
         "a column without a name: give it one");
}

/* What comes out is SQL that SQLite takes. */
TEST(column_is_what_sqlite_reads) {
  static const char *const defaults[] = {"1",      "-1",  "'a'",   "NULL",
                                         "new",    "1+1", "\"x\"", "x'00'",
                                         "abs(1)", "(1)", "true",  "1 -- one"};
  sqlite3 *db = NULL;
  size_t i;

  if (test_oom()) return;
  sqlite3_open(":memory:", &db);
  for (i = 0; i < sizeof defaults / sizeof *defaults; i++) {
    mig_column_spec c = {.name = "order",
                         .type = "TEXT",
                         .dflt = defaults[i],
                         .not_null = 1,
                         .check = "1"};
    mig_change t = {.kind = MIG_CREATE_TABLE, .name = "table"};
    t.parts = parts(cx, mig_column_sql(cx, &c), "x");
    EQ_STR(sqlite3_exec(db, mig_change_sql(cx, "main", &t), 0, 0, 0)
               ? sqlite3_errmsg(db)
               : "fine",
           "fine");
    t.kind = MIG_DROP_TABLE;
    sqlite3_exec(db, mig_change_sql(cx, "main", &t), 0, 0, 0);
  }
  sqlite3_close(db);
}
