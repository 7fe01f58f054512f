/*
** tests/unit/test_alter_native.c - which changes are left to SQLite's own
** ALTER TABLE of 3.53 and later.
*/
#include "ext/schema/schema.h"
#include "tests/unit/test.h"

#define V353 3053000

/* "way: native statement; ..." of the changes to `t`, defined as sql. */
static char *native_plan(mig_cx *cx, const char *sql, int version, int has_rows,
                         const mig_change *c, int n) {
  mig_object o = {"table", "t", "t", sql, 2, 1};
  mig_table t = {.schema = "main", .name = "t", .object = &o};
  mig_list changes = {0};
  mig_buf b = {0};
  mig_alter *a;
  int i;

  t.version = version;
  t.has_rows = has_rows;
  t.def = mig_create_parse(cx, mig_span_z(sql));
  mig_list_add(cx, &t.objects, &o);
  for (i = 0; i < n; i++)
    mig_list_add(cx, &changes, mig_change_copy(cx, &c[i]));
  a = cx->rc ? NULL : mig_alter_plan(cx, &t, &changes, 0, 0);
  if (!a) return NULL;
  mig_buf_addf(cx, &b, "%s:", mig_way_names[a->way]);
  for (i = 0; i < a->native.n; i++)
    mig_buf_addf(cx, &b, " %s;", (char *)a->native.at[i]);
  return mig_buf_take(cx, &b);
}

#define PLAN(sql, version, has_rows, ...)                                      \
  native_plan(cx, sql, version, has_rows, (const mig_change[]){__VA_ARGS__},   \
              (int)(sizeof((mig_change[]){__VA_ARGS__}) / sizeof(mig_change)))

#define SET(...)                                                               \
  {                                                                            \
    .kind = MIG_ALTER_COLUMN, .name = "a", .set = {                            \
      .has_null = 1,                                                           \
      __VA_ARGS__                                                              \
    }                                                                          \
  }
#define DROP(n)                                                                \
  { .kind = MIG_DROP_CONSTRAINT, .name = n }
#define CHECK                                                                  \
  {                                                                            \
    .kind = MIG_ADD_CONSTRAINT, .name = "ck", .clause = MIG_CLAUSE_CHECK,      \
    .body = "a > 0"                                                            \
  }

TEST(native_null) {
  const char *is = "CREATE TABLE t(a INT NOT NULL, b)";
  const char *no = "CREATE TABLE t(a INT, b)";

  EQ_STR(PLAN(is, V353, 1, SET(.not_null = 0)),
         "native: ALTER TABLE main.t ALTER COLUMN a DROP NOT NULL;");
  EQ_STR(PLAN(is, V353 - 1, 1, SET(.not_null = 0)), "edit:");
  EQ_STR(PLAN(no, V353, 0, SET(.not_null = 1)),
         "native: ALTER TABLE main.t ALTER COLUMN a SET NOT NULL;");
  EQ_STR(PLAN(no, V353, 1, SET(.not_null = 1)), "edit:");
  EQ_STR(PLAN(no, V353, 0, SET(.not_null = 0)), "nothing:");
  EQ_STR(PLAN(is, V353, 1, SET(.has_type = 1, .type = "BIGINT")), "edit:");
  EQ_STR(PLAN(is, V353, 1, SET(.not_null = 0), CHECK), "edit:");
}

TEST(native_check) {
  const char *sql = "CREATE TABLE t(a INT CONSTRAINT nn NOT NULL, b,"
                    " CONSTRAINT x CHECK (b > 0), CONSTRAINT \"x y\" CHECK (b),"
                    " CONSTRAINT u UNIQUE (b),"
                    " CONSTRAINT fk FOREIGN KEY (b) REFERENCES t (a))";

  EQ_STR(PLAN(sql, V353, 1, DROP("x")),
         "native: ALTER TABLE main.t DROP CONSTRAINT x;");
  EQ_STR(PLAN(sql, V353, 1, DROP("nn")),
         "native: ALTER TABLE main.t DROP CONSTRAINT nn;");
  EQ_STR(PLAN(sql, V353 - 1, 1, DROP("x")), "edit:");
  EQ_STR(PLAN(sql, V353, 1, DROP("x y")), "edit:");
  EQ_STR(PLAN(sql, V353, 1, DROP("fk")), "edit:");
  EQ_STR(PLAN(sql, V353, 1, DROP("u")), "swap:");
  EQ_STR(PLAN(sql, V353, 1, DROP("x"), DROP("x y")), "edit:");
  EQ_STR(PLAN(sql, V353, 0, CHECK),
         "native: ALTER TABLE main.t ADD CONSTRAINT ck CHECK (a > 0);");
  EQ_STR(PLAN(sql, V353, 1, CHECK), "edit:");
}
