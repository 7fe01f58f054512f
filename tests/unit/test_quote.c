/* tests/unit/test_quote.c - names and literals. */
#include "ext/sql/sql.h"
#include "tests/unit/test.h"

static char *quoted(mig_cx *cx, const char *name) {
  mig_buf b = {0};

  mig_sql_name(cx, &b, name);
  return mig_buf_take(cx, &b);
}

static char *literal(mig_cx *cx, const char *z) {
  mig_buf b = {0};

  mig_sql_text(cx, &b, z);
  return mig_buf_take(cx, &b);
}

TEST(quote_only_where_needed) {
  EQ_STR(quoted(cx, "users"), "users");
  EQ_STR(quoted(cx, "_A1"), "_A1");
  EQ_STR(quoted(cx, "select"), "\"select\"");
  EQ_STR(quoted(cx, "Order"), "\"Order\"");
  EQ_STR(quoted(cx, "two words"), "\"two words\"");
  EQ_STR(quoted(cx, "a\"b"), "\"a\"\"b\"");
  EQ_STR(quoted(cx, "1a"), "\"1a\"");
  EQ_STR(quoted(cx, "a$b"), "\"a$b\"");
  EQ_STR(quoted(cx, "\xc3\xa9t\xc3\xa9"), "\"\xc3\xa9t\xc3\xa9\"");
  EQ_STR(quoted(cx, ""), "\"\"");
  EQ_STR(quoted(cx, "a--"), "\"a--\"");
}

TEST(quote_text) {
  EQ_STR(literal(cx, "it's"), "'it''s'");
  EQ_STR(literal(cx, ""), "''");
  EQ_STR(literal(cx, NULL), "NULL");
}

TEST(quote_path) {
  EQ_STR(mig_sql_path(cx, "main", "users"), "main.users");
  EQ_STR(mig_sql_path(cx, "my db", "group"), "\"my db\".\"group\"");
}

/* Every name, quoted or not, is the name again to SQLite. */
TEST(quote_is_what_sqlite_reads) {
  static const char *const names[] = {"users", "key",  "a b",   "a\"b", "'",
                                      "[x]",   "rowx", "table", "1",    ""};
  sqlite3 *db = NULL;
  size_t i;

  if (test_oom()) return;
  sqlite3_open(":memory:", &db);
  for (i = 0; i < sizeof names / sizeof *names; i++) {
    char *sql = mig_printf(cx, "SELECT 1 AS %s", quoted(cx, names[i]));
    sqlite3_stmt *st = NULL;
    EQ_INT(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    EQ_STR(sqlite3_column_name(st, 0), names[i]);
    sqlite3_finalize(st);
  }
  sqlite3_close(db);
}

#define UNQUOTED(token, want)                                                  \
  EQ_STR(mig_sql_unquote(cx, mig_span_z(token)), want)

TEST(quote_unquote) {
  UNQUOTED("abc", "abc");
  UNQUOTED("\"a b\"", "a b");
  UNQUOTED("\"a\"\"b\"\"\"", "a\"b\"");
  UNQUOTED("`a``b`", "a`b");
  UNQUOTED("'it''s'", "it's");
  UNQUOTED("[a b]", "a b");
  UNQUOTED("[a\"\"b]", "a\"\"b");
  UNQUOTED("[[]", "[");
  UNQUOTED("\"\"", "");
  UNQUOTED("\"\"\"\"", "\"");
  UNQUOTED("''''''", "''");
}

TEST(quote_same) {
  (void)cx;
  EQ_INT(mig_sql_same(mig_span_z("Abc"), "aBC"), 1);
  EQ_INT(mig_sql_same(mig_span_z("\"Abc\""), "abc"), 1);
  EQ_INT(mig_sql_same(mig_span_z("[Abc]"), "abc"), 1);
  EQ_INT(mig_sql_same(mig_span_z("\"a\"\"b\""), "A\"B"), 1);
  EQ_INT(mig_sql_same(mig_span_z("\"a\"\"b\""), "A\"\"B"), 0);
  EQ_INT(mig_sql_same(mig_span_z("abc"), "abcd"), 0);
  EQ_INT(mig_sql_same(mig_span_z("abcd"), "abc"), 0);
  EQ_INT(mig_sql_same(mig_span_z("\"\""), ""), 1);
  /* SQLite folds ASCII only. */
  EQ_INT(mig_sql_same(mig_span_z("\xc3\xa9"), "\xc3\x89"), 0);
}
