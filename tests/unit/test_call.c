/* tests/unit/test_call.c - the functions that a text of statements calls. */
#include "ext/sql/sql.h"
#include "tests/unit/test.h"

/* "f g:a view": the names called, each with what it is in the definition of */
static const char *called(mig_cx *cx, const char *sql) {
  mig_calls c = mig_calls_of(mig_span_z(sql));
  mig_buf b = {0};

  while (mig_call_next(&c) && !cx->rc) {
    if (b.n) mig_buf_addz(cx, &b, " ");
    mig_buf_add(cx, &b, c.name.p, c.name.n);
    if (c.in) mig_buf_addf(cx, &b, ":%s", c.in);
  }
  return mig_buf_take(cx, &b);
}

TEST(calls_are_found) {
  static const struct {
    const char *sql, *calls;
  } cases[] = {
      {"", ""},
      {"SELECT f(1), \"g\" (x), [h](y), `k`/* */(z), 'm'(1), n",
       "f \"g\" [h] `k`"},
      {"SELECT 'f(1)', -- f(2)\n /* f(3) */ x.f(4)", ""},
      {"SELECT f(g(h()))", "f g h"},
      {"SELECT a, f(b) FROM t, g(1) JOIN h(2) ON i(j(3)) = 1 WHERE k(4) ORDER "
       "BY l(5)",
       "f g i j k l"},
      {"INSERT INTO f(a) VALUES (g(1)), (h(2)) RETURNING i(3)", "VALUES g h i"},
      {"UPDATE f SET a = g(a) WHERE x IN (1) AND EXISTS (SELECT 1)",
       "g IN EXISTS"},
      {"WITH f(a) AS (SELECT g(1)) SELECT * FROM f", "AS g"},
      {"WITH RECURSIVE f(a) AS (SELECT g(1)) SELECT * FROM f", "AS g"},
      {"SELECT count(*) FILTER (WHERE f(x)) OVER (ORDER BY g(y)) FROM t",
       "count FILTER f OVER g"},
      {"CREATE TABLE f(a DEFAULT (g(1)), b AS (h(a)))",
       "DEFAULT:a table g:a table AS:a table h:a table"},
      {"CREATE TABLE IF NOT EXISTS f(a CHECK (g(a)))",
       "CHECK:a table g:a table"},
      {"CREATE TABLE t AS SELECT f(1); SELECT g(2)", "f g"},
      {"CREATE TEMP TABLE t AS SELECT f(1)", "f"},
      {"CREATE UNIQUE INDEX i ON t(f(a), g(b)) WHERE h(c); SELECT k(1)",
       "f:an index g:an index h:an index k"},
      {"CREATE INDEX IF NOT EXISTS i ON f (g(b))", "g:an index"},
      {"CREATE TEMP VIEW v AS SELECT f(1); SELECT g(2)", "f:a view g"},
      {"CREATE VIEW f(a) AS SELECT g(1)", "g:a view"},
      {"CREATE TRIGGER r AFTER UPDATE ON t WHEN f(1) BEGIN SELECT g(2); UPDATE "
       "t SET a = h(3); END; SELECT k(4)",
       "f:a trigger g:a trigger h:a trigger k"},
      {"CREATE TRIGGER r BEFORE INSERT ON t BEGIN SELECT CASE WHEN f(1) THEN 1 "
       "END; SELECT g(2); END",
       "f:a trigger g:a trigger"},
      {"CREATE VIRTUAL TABLE f USING g(a, b)", ""},
      {"ALTER TABLE t ADD COLUMN a DEFAULT (f(1)); SELECT g(2)",
       "DEFAULT:a table f:a table g"},
      {"; ; SELECT f(1);;SELECT g(2);", "f g"},
      {"SELECT f(", "f"},
      {"SELECT f", ""},
  };
  size_t i;

  for (i = 0; i < sizeof cases / sizeof *cases; i++)
    EQ_STR(called(cx, cases[i].sql), cases[i].calls);
}
