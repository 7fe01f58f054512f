/* tests/unit/test_statement.c - what a revision may not run. */
#include "ext/sql/sql.h"
#include "tests/unit/test.h"

static const char *why(const char *sql) {
  return mig_sql_refusal(mig_span_z(sql), 0);
}

/* The word before the reason's colon; NULL when the statement may run. */
static char *refused(mig_cx *cx, const char *sql) {
  const char *z = why(sql);

  return z ? mig_strndup(cx, z, (int)strcspn(z, ":")) : NULL;
}

TEST(statement_refuses_transaction_control) {
  EQ_STR(why("COMMIT"), "COMMIT: migrate opens and ends the transaction "
                        "itself; leave it out");
  EQ_STR(refused(cx, " /* x */ begin immediate"), "BEGIN");
  EQ_STR(refused(cx, "-- x\nEnd;"), "END");
  EQ_STR(refused(cx, "ROLLBACK TO a"), "ROLLBACK");
  EQ_STR(refused(cx, "SAVEPOINT a"), "SAVEPOINT");
  EQ_STR(refused(cx, "RELEASE a"), "RELEASE");
  EQ_STR(refused(cx, ";;\n; COMMIT"), "COMMIT");
  EQ_STR(refused(cx, "\xef\xbb\xbf"
                     "COMMIT"),
         "COMMIT");
}

TEST(statement_refuses_databases_and_vacuum) {
  EQ_STR(refused(cx, "ATTACH 'a' AS b"), "ATTACH");
  EQ_STR(refused(cx, "DETACH b"), "DETACH");
  EQ_STR(mig_sql_refusal(mig_span_z(" attach 'a' AS b"), 1), NULL);
  EQ_STR(mig_sql_refusal(mig_span_z("/**/;DETACH b"), 1), NULL);
  EQ_INT(mig_sql_refusal(mig_span_z("VACUUM"), 1) != NULL, 1);
  EQ_STR(refused(cx, "VACUUM"), "VACUUM");
  EQ_STR(refused(cx, "EXPLAIN COMMIT"), "COMMIT");
  EQ_STR(refused(cx, "explain query plan VACUUM INTO 'x'"), "VACUUM");
}

TEST(statement_refuses_pragmas_that_set_what_is_the_hosts) {
  EQ_STR(refused(cx, "PRAGMA foreign_keys=ON"), "PRAGMA foreign_keys");
  EQ_STR(refused(cx, "pragma main . JOURNAL_MODE = wal"),
         "PRAGMA journal_mode");
  EQ_STR(refused(cx, "PRAGMA busy_timeout(1)"), "PRAGMA busy_timeout");
  EQ_STR(refused(cx, "PRAGMA \"foreign_keys\"=1"), "PRAGMA foreign_keys");
  EQ_STR(refused(cx, "PRAGMA [main].'foreign_keys'/**/(1)"),
         "PRAGMA foreign_keys");
  EQ_STR(refused(cx, "EXPLAIN PRAGMA foreign_keys=1"), "PRAGMA foreign_keys");
  EQ_STR(refused(cx, "PRAGMA writable_schema=ON"), "this PRAGMA");
  EQ_STR(refused(cx, "PRAGMA main.cache_size(100)"), "this PRAGMA");
}

TEST(statement_allows_the_rest) {
  static const char *const fine[] = {
      "",
      ";",
      "-- COMMIT",
      "SELECT 'COMMIT'",
      "\"COMMIT\"",
      "CREATE TABLE commits(a)",
      "PRAGMA foreign_keys",
      "PRAGMA main.journal_mode;",
      "PRAGMA foreign_key_check(t)",
      "PRAGMA table_info=foreign_keys",
      "PRAGMA user_version = 3",
      "EXPLAIN SELECT 1",
      "PRAGMA",
      "EXPLAIN",
      "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END",
  };
  size_t i;

  (void)cx;
  for (i = 0; i < sizeof fine / sizeof *fine; i++) EQ_STR(why(fine[i]), NULL);
}
