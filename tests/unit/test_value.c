/* tests/unit/test_value.c - a value as a SQL literal is the value again. */
#include <float.h>
#include <math.h>
#include "lua/host.h"
#include "tests/unit/test.h"

static char *literal(mig_cx *cx, mig_cell c) {
  mig_buf b = {0};

  mig_cell_literal(cx, &b, &c);
  return mig_buf_take(cx, &b);
}

static char *real(mig_cx *cx, double r) {
  return literal(cx, (mig_cell){.type = SQLITE_FLOAT, .r = r});
}

static char *text(mig_cx *cx, const char *p, size_t n) {
  return literal(cx, (mig_cell){.type = SQLITE_TEXT, .p = p, .n = n});
}

TEST(value_literals) {
  EQ_STR(real(cx, 1), "1.0");
  EQ_STR(real(cx, -0.0), "-0.0");
  EQ_STR(real(cx, 0.1), "0.10000000000000001");
  EQ_STR(real(cx, 1e300), "1.0000000000000001e+300");
  EQ_STR(real(cx, HUGE_VAL), "9e999");
  EQ_STR(text(cx, "it's", 4), "'it''s'");
  EQ_STR(text(cx, "", 0), "''");
  EQ_STR(text(cx, "a\0b", 3), "('a'||char(0)||'b')");
  EQ_STR(text(cx, "\0", 1), "(''||char(0))");
  EQ_STR(text(cx, "a\0\0'", 4), "('a'||char(0)||char(0)||'''')");
  EQ_STR(
      literal(cx, (mig_cell){.type = SQLITE_BLOB, .p = "\0\xff\x1a", .n = 3}),
      "x'00ff1a'");
  EQ_STR(literal(cx, (mig_cell){.type = SQLITE_BLOB, .p = "", .n = 0}), "x''");
  EQ_STR(literal(cx, (mig_cell){.type = SQLITE_NULL}), "NULL");
  EQ_STR(literal(cx, (mig_cell){.type = SQLITE_INTEGER, .i = INT64_MIN}),
         "-9223372036854775808");
}

/* One row of one column, which is what the literal says. */
static sqlite3_stmt *value_of(sqlite3 *db, const char *sql) {
  char *query = sqlite3_mprintf("SELECT %s", sql);
  sqlite3_stmt *st = NULL;

  EQ_INT(sqlite3_prepare_v2(db, query, -1, &st, NULL), SQLITE_OK);
  EQ_INT(sqlite3_step(st), SQLITE_ROW);
  sqlite3_free(query);
  return st;
}

static void same_real(mig_cx *cx, sqlite3 *db, double r) {
  sqlite3_stmt *st = value_of(db, real(cx, r));
  double got = sqlite3_column_double(st, 0);

  EQ_INT(sqlite3_column_type(st, 0), SQLITE_FLOAT);
  if (memcmp(&got, &r, sizeof r)) EQ_STR(real(cx, got), real(cx, r));
  sqlite3_finalize(st);
}

/* SQLite before 3.43 reads a double by way of a long one, which valgrind makes
** no longer than that. */
static int value_is_read_exactly(void) {
  volatile long double one = 1, least = LDBL_EPSILON;

  return one + least != one;
}

TEST(value_doubles_are_read_back_to_the_last_bit) {
  static const double some[] = {
      0,    -0.0, 1,      0.1,  1.0 / 3, 5e-324,    1e-310,   1e-300, 1e-290,
      1e22, 1e23, 2e-308, 4.35, 1e308,   -HUGE_VAL, HUGE_VAL, -1e-299};
  uint64_t seed = 42;
  sqlite3 *db = NULL;
  size_t i;
  double r;

  if (test_oom() || !value_is_read_exactly()) return;
  sqlite3_open(":memory:", &db);
  for (i = 0; i < sizeof some / sizeof *some; i++) same_real(cx, db, some[i]);
  for (i = 0; i < 4000; i++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    memcpy(&r, &seed, sizeof r);
    if (!isfinite(r)) continue;
    same_real(cx, db, r);
    same_real(cx, db, ldexp(frexp(r, &(int){0}), -965 - (int)(i % 109)));
  }
  sqlite3_close(db);
}

TEST(value_texts_are_read_back_to_the_last_byte) {
  static const char *const encodings[] = {"UTF-8", "UTF-16le", "UTF-16be"};
  static const char bytes[] = "a\0\0'\xc3\xa9\0 \xf0\x9d\x84\x9e\0";
  int i, k, n = (int)sizeof bytes - 1;
  sqlite3 *db;

  if (test_oom()) return;
  for (i = 0; i < 3; i++) {
    char *pragma = mig_printf(cx, "PRAGMA encoding = '%s'", encodings[i]);
    sqlite3_open(":memory:", &db);
    sqlite3_exec(db, pragma, NULL, NULL, NULL);
    sqlite3_exec(db, "CREATE TABLE t(x)", NULL, NULL, NULL);
    for (k = 0; k <= n; k++) {
      if ((bytes[k] & 0xC0) == 0x80) continue; /* within a character */
      sqlite3_stmt *st =
          value_of(db, text(cx, mig_strndup(cx, bytes, k), (size_t)k));
      EQ_INT(sqlite3_column_type(st, 0), SQLITE_TEXT);
      const void *got = sqlite3_column_text(st, 0);
      EQ_INT(sqlite3_column_bytes(st, 0), k);
      EQ_INT(memcmp(got, bytes, (size_t)k), 0);
      sqlite3_finalize(st);
    }
    sqlite3_close(db);
  }
}
