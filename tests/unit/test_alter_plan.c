/*
** tests/unit/test_alter_plan.c - plans, and what they say must be done.
**
** mig_alloc() cuts from blocks, so that few of its calls allocate.  Each plan
*is
** therefore made with blocks that are filled to several heights: so that, when
** each allocation fails in turn, most calls of it do.
*/
#include "ext/schema/schema.h"
#include "tests/unit/test.h"

#define PADS 4
#define BLOCK 1024

static void object(mig_cx *cx, mig_list *l, const char *type, const char *name,
                   const char *table, const char *sql) {
  mig_object *o = mig_alloc(cx, sizeof *o);

  if (!o) return;
  *o = (mig_object){type, name, table, sql, l->n + 2, l->n + 1};
  mig_list_add(cx, l, o);
}

/* The table t, with rows, and what stands about it. */
static mig_table *table(mig_cx *cx) {
  mig_table *t = mig_alloc(cx, sizeof *t);

  if (!t) return NULL;
  t->schema = "main";
  t->name = "t";
  t->has_rows = 1;
  t->version = 3040000;
  object(cx, &t->objects, "table", "p", "p",
         "CREATE TABLE p(id INTEGER PRIMARY KEY, k UNIQUE)");
  object(cx, &t->objects, "table", "t", "t",
         "CREATE TABLE t(\n  id INTEGER PRIMARY KEY,\n  a INT NULL DEFAULT 1 "
         "COLLATE NOCASE CONSTRAINT ca CHECK (a > 0),\n  b TEXT NOT NULL,\n"
         "  c REFERENCES p ON DELETE CASCADE NOT NULL DEFERRABLE,\n  d, "
         "g AS (a + 1),\n  CONSTRAINT u UNIQUE (b),\n  CHECK (b <> 'x')\n)");
  object(cx, &t->objects, "index", "i", "t", "CREATE INDEX i ON t(d)");
  t->object = mig_object_find(&t->objects, "table", "t");
  t->def = t->object && !cx->rc
               ? mig_create_parse(cx, mig_span_z(t->object->sql))
               : NULL;
  return cx->rc ? NULL : t;
}

/* SQLite's own statement, or the way; or the error. */
static char *plan(mig_cx *cx, const mig_change *c, int rebuild, int pad) {
  mig_list changes = {0};
  mig_cx own = {0};
  mig_alter *a = NULL;
  mig_table *t;
  mig_rebuild names = {"fill", "shape", 0};
  char *said, *fill = NULL, *shape = NULL, *copy = NULL;

  mig_alloc(&own, (size_t)pad * BLOCK / PADS);
  t = table(&own);
  mig_list_add(&own, &changes, (void *)(uintptr_t)c);
  if (t && !own.rc) a = mig_alter_plan(&own, t, &changes, 0, rebuild);
  if (a && a->way >= MIG_WAY_SWAP) {
    names.transfer = mig_alter_transfers(&own, t, a);
    fill = mig_rebuild_fill(&own, t, a, &names, NULL);
    shape = mig_rebuild_shape(&own, t, a, names.shape);
    copy = mig_rebuild_copy(&own, t, a, &names);
  }
  EQ_INT(own.rc || !a || a->way < MIG_WAY_SWAP || (fill && shape && copy), 1);
  said = own.rc || !a ? mig_strdup(cx, mig_cx_message(&own))
         : a->way >= MIG_WAY_SWAP || !a->native.n
             ? mig_strdup(cx, mig_way_names[a->way])
             : mig_strdup(cx, a->native.at[0]);
  mig_cx_release(&own);
  return said;
}

/* Whatever the blocks' heights, in a rebuild too, the same is said. */
static void plans(mig_cx *cx, const mig_change *c, const char *want,
                  const char *rebuilt) {
  int pad;

  for (pad = 0; pad < PADS && !cx->rc; pad++) {
    EQ_STR(plan(cx, c, 0, pad), want);
    EQ_STR(plan(cx, c, 1, pad), rebuilt);
  }
}

static mig_list names(mig_cx *cx, const char *a) {
  mig_list l = {0};

  mig_list_add(cx, &l, mig_strdup(cx, a));
  return l;
}

#define PLAN(want, ...)                                                        \
  plans(cx, &(mig_change){.table = "t", __VA_ARGS__}, want,                    \
        !strcmp(want, "rebuild") ? "rebuild" : "swap")

TEST(alter_add_a_column) {
  PLAN("ALTER TABLE main.t ADD COLUMN n INT DEFAULT 5", .kind = MIG_ADD_COLUMN,
       .parts = names(cx, "n INT DEFAULT 5 CHECK (n > 4) CHECK (n < 9)"));
}

TEST(alter_add_a_column_amid) {
  PLAN("swap", .kind = MIG_ADD_COLUMN, .after = "a", .using = "upper(b)",
       .parts = names(cx, "n TEXT NOT NULL"));
}

TEST(alter_drop_a_column) {
  PLAN("ALTER TABLE main.t DROP COLUMN d", .kind = MIG_DROP_COLUMN,
       .name = "d");
}

TEST(alter_drop_a_column_with_a_key) {
  PLAN("swap", .kind = MIG_DROP_COLUMN, .name = "c");
}

TEST(alter_not_null) {
  PLAN("edit", .kind = MIG_ALTER_COLUMN, .name = "a",
       .set = {.has_null = 1, .not_null = 1});
}

TEST(alter_not_null_gone) {
  PLAN("edit", .kind = MIG_ALTER_COLUMN, .name = "b", .set = {.has_null = 1});
}

TEST(alter_type) {
  PLAN("swap", .kind = MIG_ALTER_COLUMN, .name = "a",
       .set = {.has_type = 1, .type = "TEXT", .name = "aa"});
}

TEST(alter_default_and_collation) {
  PLAN("swap", .kind = MIG_ALTER_COLUMN, .name = "b", .using = "b || 'x'",
       .set = {.has_default = 1,
               .dflt = "1 + 1",
               .has_collate = 1,
               .collate = "rtrim",
               .check = "b <> 'y'"});
}

TEST(alter_default_gone) {
  PLAN("edit", .kind = MIG_ALTER_COLUMN, .name = "a",
       .set = {.has_default = 1});
}

TEST(alter_add_a_check) {
  PLAN("edit", .kind = MIG_ADD_CONSTRAINT, .clause = MIG_CLAUSE_CHECK,
       .name = "ck", .body = "a < 10 -- few");
}

TEST(alter_add_a_foreign_key) {
  PLAN("edit", .kind = MIG_ADD_CONSTRAINT, .clause = MIG_CLAUSE_FOREIGN_KEY,
       .ref = "p", .parts = names(cx, "a"), .refparts = names(cx, "k"));
}

TEST(alter_drop_a_foreign_key) {
  PLAN("edit", .kind = MIG_DROP_CONSTRAINT, .clause = MIG_CLAUSE_FOREIGN_KEY,
       .parts = names(cx, "c"));
}

TEST(alter_drop_unique) {
  PLAN("swap", .kind = MIG_DROP_CONSTRAINT, .name = "u");
}

/* ---- a whole new definition ---- */

#define FIRST "id INTEGER PRIMARY KEY, a INT DEFAULT 1 COLLATE NOCASE, "
#define REDEFINE(want, ...)                                                    \
  PLAN(want, .kind = MIG_REDEFINE_TABLE, .body = __VA_ARGS__)

TEST(redefine_only_the_text) {
  REDEFINE("edit", "CREATE TABLE t(" FIRST
                   "b VARCHAR(9), c CHECK (c > 1), d DEFAULT 5 NOT NULL, "
                   "g AS (a + 1) NOT NULL, UNIQUE (b) ON CONFLICT IGNORE)");
  REDEFINE("edit", "CREATE TABLE main.T(" FIRST
                   "b TEXT, c BLOB, d BLOB, g AS (a + 1), UNIQUE (b)) STRICT;");
}

TEST(redefine_what_is_stored) {
  REDEFINE("swap", "CREATE TABLE t(" FIRST
                   "b TEXT, c, d, g AS (a + 1))"); /* a key less */
  REDEFINE("swap",
           "CREATE TABLE t(" FIRST "b TEXT, c, d, g AS (a + 2), UNIQUE (b))");
  REDEFINE("swap", "CREATE TABLE t(" FIRST
                   "b TEXT, c, d, g AS (a + 1) STORED, UNIQUE (b))");
  REDEFINE("swap",
           "CREATE TABLE t(" FIRST "b TEXT, d, c, g AS (a + 1), UNIQUE (b))");
  REDEFINE("swap", "CREATE TABLE t(" FIRST
                   "b TEXT, c, d INT, g AS (a + 1), UNIQUE (b))");
  REDEFINE("rebuild", "CREATE TABLE t(" FIRST "b TEXT, c, d, g AS (a + 1), "
                      "UNIQUE (b)) WITHOUT ROWID");
  REDEFINE("swap", "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, "
                   "a INT COLLATE NOCASE, b TEXT, c, d, g AS (a + 1), "
                   "UNIQUE (b))");
  REDEFINE("swap", "CREATE TABLE t(" FIRST "b TEXT, c, d, g AS (a + 1), "
                   "UNIQUE (b COLLATE NOCASE))");
}

TEST(redefine_with_values) {
  REDEFINE("rebuild",
           "CREATE TABLE t(b TEXT NOT NULL, a INTEGER PRIMARY KEY, "
           "n NOT NULL CHECK (n > 1), g INT AS (n) NOT NULL) STRICT",
           .parts = names(cx, "n"), .values = names(cx, "lower(b)"));
}

TEST(redefine_a_key_without_rowid) {
  REDEFINE("rebuild", "CREATE TABLE t(a, b, c, n DEFAULT new, "
                      "PRIMARY KEY (b, a DESC)) WITHOUT ROWID");
}

/* The same text, and an index that goes, and one that comes, in one pass. */
TEST(redefine_and_indexes) {
  mig_change all[] = {
      {.kind = MIG_DROP_INDEX, .name = "i"},
      {.kind = MIG_REDEFINE_TABLE, .body = "CREATE TABLE t(id, b, n)"},
      {.kind = MIG_CREATE_INDEX, .name = "j", .parts = names(cx, "n")},
      {.kind = MIG_DROP_COLUMN, .name = "n"}};
  mig_table *t = table(cx);
  mig_list changes = {0};
  mig_alter *a;
  int i;

  for (i = 0; i < 4; i++) mig_list_add(cx, &changes, &all[i]);
  a = t ? mig_alter_plan(cx, t, &changes, 0, 0) : NULL;
  if (!a) return;
  EQ_INT(a->taken, 3);
  EQ_STR(mig_list_join(cx, &a->before, ";"), "DROP INDEX main.i");
  EQ_STR(mig_list_join(cx, &a->gone, " "), "a c d g");
  EQ_STR(mig_list_join(cx, &a->come, " "), "n");
  EQ_STR(mig_list_join(cx, &a->after, ";"), "CREATE INDEX main.j ON t (n)");
  all[1].body = t->object->sql;
  a = mig_alter_plan(cx, t, &changes, 1, 0);
  if (a) EQ_STR(mig_way_names[a->way], "nothing");
}
