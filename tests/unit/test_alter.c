/*
** tests/unit/test_alter.c - how a table would be altered: no database, only a
** mig_table and changes in, and a plan out.
**
** A plan as lines:
**    way: reason                    (1 of 2): the rest is for another pass
**    = the new statement            < before   ! native   > after
**    ? a proof's condition [column shown]: why; remedy
**    ~ unstored   - gone   + come   * indexes kept
**    . columns' new values, where not their own
**    keys
*/
#include "ext/schema/schema.h"
#include "tests/unit/test.h"

/* ---- a table made by hand ---- */

static mig_object *alter_object(mig_cx *cx, const char *sql) {
  mig_create *def = mig_create_parse(cx, mig_span_z(sql));
  mig_object *o = mig_alloc(cx, sizeof *o);

  if (!o || !def) return NULL;
  o->type = def->type == MIG_CREATE_OF_INDEX ? "index" : "table";
  o->name = mig_sql_unquote(cx, def->name);
  o->table = def->table.n ? mig_sql_unquote(cx, def->table) : o->name;
  o->sql = sql;
  return o;
}

/* The first of the statements, parted by ";\n", makes the table. */
static mig_table *alter_table(mig_cx *cx, const char *sqls, int has_rows) {
  mig_table *t = mig_alloc(cx, sizeof *t);
  const char *end;

  while (!cx->rc && *sqls) {
    end = strstr(sqls, ";\n");
    if (!end) end = sqls + strlen(sqls);
    mig_list_add(cx, &t->objects,
                 alter_object(cx, mig_strndup(cx, sqls, (int)(end - sqls))));
    sqls = *end ? end + 2 : end;
  }
  if (cx->rc) return NULL;
  t->schema = "main";
  t->object = t->objects.at[0];
  t->name = t->object->name;
  t->def = mig_create_parse(cx, mig_span_z(t->object->sql));
  t->has_rows = has_rows;
  t->version = 3040001;
  return cx->rc ? NULL : t;
}

static mig_list alter_parts(mig_cx *cx, const char *a, const char *b) {
  mig_list l = {0};

  mig_list_add(cx, &l, mig_strdup(cx, a));
  if (b) mig_list_add(cx, &l, mig_strdup(cx, b));
  return l;
}

/* ---- a plan as text ---- */

static void show_list(mig_cx *cx, mig_buf *b, char mark, const mig_list *l) {
  int i;

  for (i = 0; i < l->n; i++)
    mig_buf_addf(cx, b, "\n%c %s", mark, (char *)l->at[i]);
}

/* What is asked of the old rows is told by its reason only, and once: that SQL
** is tried on rows elsewhere. */
static void show_proofs(mig_cx *cx, mig_buf *b, const mig_list *proofs) {
  const char *why = "";
  int i;

  for (i = 0; i < proofs->n; i++) {
    const mig_proof *p = proofs->at[i];
    if (p->old && !strcmp(p->why, why)) continue;
    why = p->why;
    mig_buf_addf(cx, b, "\n? %s%s%s%s: %s; %s", p->old ? "(old)" : p->bad,
                 p->column ? " [" : "", p->column ? p->column : "",
                 p->column ? "]" : "", p->why, p->remedy);
  }
}

static void show_values(mig_cx *cx, mig_buf *b, const mig_list *columns) {
  int i;

  for (i = 0; i < columns->n; i++) {
    const mig_alter_column *c = columns->at[i];
    if (!c->value || strcmp(c->value, c->name))
      mig_buf_addf(cx, b, "\n. %s = %s", c->name, c->value ? c->value : "AS");
  }
}

static char *alter_shown(mig_cx *cx, const mig_table *t, const mig_alter *a,
                         int n) {
  mig_buf b = {0};

  if (!a) return NULL;
  mig_buf_addf(cx, &b, "%s", mig_way_names[a->way]);
  if (a->reason && a->way != MIG_WAY_NATIVE)
    mig_buf_addf(cx, &b, ": %s", a->reason);
  if (a->taken < n) mig_buf_addf(cx, &b, " (%d of %d)", a->taken, n);
  if (strcmp(a->sql, t->object->sql)) mig_buf_addf(cx, &b, "\n= %s", a->sql);
  show_list(cx, &b, '<', &a->before);
  if (a->way < MIG_WAY_SWAP) show_list(cx, &b, '!', &a->native);
  show_list(cx, &b, '>', &a->after);
  show_proofs(cx, &b, &a->proofs);
  show_list(cx, &b, '~', &a->unstored);
  show_list(cx, &b, '-', &a->gone);
  show_list(cx, &b, '+', &a->come);
  show_list(cx, &b, '*', &a->kept);
  show_values(cx, &b, &a->columns);
  if (a->keys) mig_buf_addz(cx, &b, "\nkeys");
  return mig_buf_take(cx, &b);
}

/* The plan of the changes from `from` on, or the error's message. */
static char *alter_said(mig_cx *cx, const char *sqls, int has_rows,
                        const mig_change *changes, size_t n, int from,
                        int rebuild) {
  mig_cx one = {0};
  mig_table *t = alter_table(&one, sqls, has_rows);
  mig_list l = {0};
  char *out;
  size_t i;

  for (i = 0; i < n; i++)
    mig_list_add(&one, &l, (void *)(uintptr_t)&changes[i]);
  out = t && !cx->rc && !one.rc
            ? alter_shown(&one, t, mig_alter_plan(&one, t, &l, from, rebuild),
                          (int)n - from)
            : NULL;
  out = mig_strdup(cx, one.rc ? mig_cx_message(&one) : out);
  mig_cx_release(&one);
  return out;
}

#define COUNT(...) (sizeof((mig_change[]){__VA_ARGS__}) / sizeof(mig_change))
#define PLANNED(table, rows, from, rebuild, want, ...)                         \
  EQ_STR(alter_said(cx, table, rows, (mig_change[]){__VA_ARGS__},              \
                    COUNT(__VA_ARGS__), from, rebuild),                        \
         want)
/* Of a table with rows; of one without; and one that is to be rebuilt. */
#define PLAN(table, want, ...) PLANNED(table, 1, 0, 0, want, __VA_ARGS__)
#define EMPTY(table, want, ...) PLANNED(table, 0, 0, 0, want, __VA_ARGS__)
#define REBUILT(table, want, ...) PLANNED(table, 1, 0, 1, want, __VA_ARGS__)

#define COLUMNS(...) .parts = alter_parts(cx, __VA_ARGS__)
#define ADD(sql) .kind = MIG_ADD_COLUMN, COLUMNS(sql, NULL)
#define DROP(column) .kind = MIG_DROP_COLUMN, .name = column
#define SET(column) .kind = MIG_ALTER_COLUMN, .name = column
#define CONSTRAIN(type) .kind = MIG_ADD_CONSTRAINT, .clause = MIG_CLAUSE_##type
#define UNCONSTRAIN .kind = MIG_DROP_CONSTRAINT

/* Until addcol_native() and mig_constraint_sql() look at what may be NULL
 *before
 ** they give it to mig_span_z() and mig_buf_addz(). */
#define NOT_WHEN_MEMORY_FAILS                                                  \
  if (test_oom()) return

/* ---- add_column ---- */

TEST(alter_adds_a_column_natively) {
  PLAN("CREATE TABLE t(a)",
       "native\n"
       "= CREATE TABLE t(a, b TEXT)\n"
       "! ALTER TABLE main.t ADD COLUMN b TEXT\n"
       "+ b\n"
       ". b = NULL",
       {ADD("b TEXT")});
  PLAN("CREATE TABLE \"order\"(a)",
       "native\n"
       "= CREATE TABLE \"order\"(a, \"b c\" NOT NULL DEFAULT -1)\n"
       "! ALTER TABLE main.\"order\" ADD COLUMN \"b c\" NOT NULL DEFAULT -1\n"
       "+ b c\n"
       ". b c = -1",
       {ADD("\"b c\" NOT NULL DEFAULT -1 -- so")});
}

TEST(alter_adds_a_column_that_is_virtual_or_refers) {
  PLAN("CREATE TABLE t(a)",
       "native\n"
       "= CREATE TABLE t(a, b AS (a + 1))\n"
       "! ALTER TABLE main.t ADD COLUMN b AS (a + 1)\n"
       "+ b\n"
       ". b = AS",
       {ADD("b AS (a + 1)")});
  PLAN("CREATE TABLE t(a)",
       "native\n"
       "= CREATE TABLE t(a, b REFERENCES p)\n"
       "! ALTER TABLE main.t ADD COLUMN b REFERENCES p\n"
       "+ b\n"
       ". b = NULL\n"
       "keys",
       {ADD("b REFERENCES p")});
}

TEST(alter_adds_a_checked_column_by_an_edit_where_rows_are) {
  NOT_WHEN_MEMORY_FAILS;
  PLAN("CREATE TABLE t(a)",
       "edit: CONSTRAINT k CHECK (b > 0) is added\n"
       "= CREATE TABLE t(a, b INT DEFAULT 1 CONSTRAINT k CHECK (b > 0))\n"
       "! ALTER TABLE main.t ADD COLUMN b INT DEFAULT 1\n"
       "? NOT (b > 0\n): CHECK k (b > 0) does not hold; change them first\n"
       "+ b\n"
       ". b = 1",
       {ADD("b INT DEFAULT 1 CONSTRAINT k CHECK (b > 0)")});
  EMPTY("CREATE TABLE t(a)",
        "native\n"
        "= CREATE TABLE t(a, b INT CHECK (b > 0))\n"
        "! ALTER TABLE main.t ADD COLUMN b INT CHECK (b > 0)\n"
        "? NOT (b > 0\n): CHECK (b > 0) does not hold; change them first\n"
        "+ b\n"
        ". b = NULL",
        {ADD("b INT CHECK (b > 0)")});
}

TEST(alter_rebuilds_for_a_column_elsewhere) {
  PLAN("CREATE TABLE t(a, b)",
       "swap: column c is added: it does not come last\n"
       "= CREATE TABLE t(a, c, b)\n"
       "+ c\n"
       ". c = NULL\n"
       "keys",
       {ADD("c"), .after = "a"});
  PLAN("CREATE TABLE t(a, b)",
       "swap: column c is added: it does not come last\n"
       "= CREATE TABLE t(c, a, b)\n"
       "+ c\n"
       ". c = NULL\n"
       "keys",
       {ADD("c"), .before = "A"});
  PLAN("CREATE TABLE t(a, b)",
       "native\n"
       "= CREATE TABLE t(a, b, c)\n"
       "! ALTER TABLE main.t ADD COLUMN c\n"
       "+ c\n"
       ". c = NULL",
       {ADD("c"), .after = "b"});
}

TEST(alter_rebuilds_for_a_column_with_using) {
  PLAN("CREATE TABLE t(a)",
       "swap: column b is added: it has using=\n"
       "= CREATE TABLE t(a, b INT NOT NULL)\n"
       "? b IS NULL: column b is NULL; give using= with a value for them, or "
       "fill them first\n"
       "+ b\n"
       ". b = (a + 1)\n"
       "keys",
       {ADD("b INT NOT NULL"), .using = "a + 1"});
}

TEST(alter_rebuilds_for_a_column_with_a_key) {
  PLAN("CREATE TABLE t(a)",
       "swap: column b is added: it is UNIQUE\n"
       "= CREATE TABLE t(a, b UNIQUE)\n"
       "+ b\n"
       ". b = NULL\n"
       "keys",
       {ADD("b UNIQUE")});
  PLAN("CREATE TABLE t(a)",
       "rebuild: column id is added: it is the primary key\n"
       "= CREATE TABLE t(a, id INTEGER PRIMARY KEY)\n"
       "+ id\n"
       ". id = rowid\n"
       "keys",
       {ADD("id INTEGER PRIMARY KEY")});
}

TEST(alter_rebuilds_for_a_column_that_every_row_computes) {
  PLAN("CREATE TABLE t(a)",
       "swap: column b is added: it is STORED\n"
       "= CREATE TABLE t(a, b AS (a) STORED)\n"
       "+ b\n"
       ". b = AS\n"
       "keys",
       {ADD("b AS (a) STORED")});
  PLAN("CREATE TABLE t(a)",
       "swap: column b is added: its default is not a constant\n"
       "= CREATE TABLE t(a, b DEFAULT CURRENT_TIMESTAMP)\n"
       "+ b\n"
       ". b = CURRENT_TIMESTAMP\n"
       "keys",
       {ADD("b DEFAULT CURRENT_TIMESTAMP")});
  EMPTY("CREATE TABLE t(a)",
        "native\n"
        "= CREATE TABLE t(a, b DEFAULT CURRENT_TIMESTAMP)\n"
        "! ALTER TABLE main.t ADD COLUMN b DEFAULT CURRENT_TIMESTAMP\n"
        "+ b\n"
        ". b = CURRENT_TIMESTAMP",
        {ADD("b DEFAULT CURRENT_TIMESTAMP")});
}

/* The default of each column, and whether rows can read it from the schema. */
TEST(alter_knows_a_constant_default) {
  static const struct {
    const char *dflt, *value;
    int constant;
  } defaults[] = {{"1", "1", 1},
                  {"+1.5", "+1.5", 1},
                  {"'a'", "'a'", 1},
                  {"x'00'", "x'00'", 1},
                  {"NULL", "NULL", 1},
                  {"TRUE", "TRUE", 1},
                  {"1e3", "1e3", 0},
                  {"(-1)", "(-1)", 1},
                  {"word", "'word'", 1},
                  {"\"w d\"", "'w d'", 1},
                  {"(1 + 1)", "(1 + 1)", 0},
                  {"(random())", "(random())", 0},
                  {"(current_date)", "(current_date)", 0},
                  {"current_time", "current_time", 0}};
  size_t i;

  for (i = 0; i < sizeof defaults / sizeof *defaults && !cx->rc; i++) {
    const char *dflt = defaults[i].dflt;
    const char *said = alter_said(
        cx, "CREATE TABLE t(a)", 1,
        (mig_change[]){{ADD(mig_printf(cx, "b DEFAULT %s", dflt))}}, 1, 0, 0);
    const char *value = said ? strstr(said, ". b = ") : NULL;
    EQ_INT(said && !strncmp(said, "native", 6), defaults[i].constant);
    EQ_STR(value ? mig_strndup(cx, value + 6, (int)strcspn(value + 6, "\n"))
                 : said,
           defaults[i].value);
  }
}

TEST(alter_refuses_a_column_that_cannot_be_added) {
  PLAN("CREATE TABLE t(a)",
       "add column t.b: t.b is NOT NULL and has no value for the rows there "
       "are: give a DEFAULT, or using= with an SQL expression",
       {ADD("b NOT NULL")});
  PLAN("CREATE TABLE t(a)",
       "add column t.b: t.b is NOT NULL and has no value for the rows there "
       "are: give a DEFAULT, or using= with an SQL expression",
       {ADD("b NOT NULL DEFAULT (NULL)")});
  PLAN("CREATE TABLE t(a INT) STRICT",
       "add column t.b: t.b is NOT NULL and has no value for the rows there "
       "are: give a DEFAULT, or using= with an SQL expression",
       {ADD("b REAL PRIMARY KEY")});
  PLAN("CREATE TABLE t(a)", "add column t.A: table t has a column A already",
       {ADD("A")});
  PLAN("CREATE TABLE t(a)",
       "add column t.b: table t has no column c; the nearest is a",
       {ADD("b"), .after = "c"});
  PLAN("CREATE TABLE t(a)",
       "add column t.b: after and before are both given: leave one out",
       {ADD("b"), .after = "a", .before = "a"});
  PLAN("CREATE TABLE t(a)", "add column t.b: not one column: b, c",
       {ADD("b, c")});
  PLAN("CREATE TABLE t(a)",
       "add column t.b: a generated column takes no using=",
       {ADD("b AS (a)"), .using = "1"});
}

/* ---- drop_column ---- */

TEST(alter_drops_a_column_natively) {
  PLAN("CREATE TABLE t(a, b, c)",
       "native\n"
       "= CREATE TABLE t(a, c)\n"
       "! ALTER TABLE main.t DROP COLUMN b\n"
       "- b",
       {DROP("b")});
  PLAN("CREATE TABLE t(\n  a, -- x\n  \"b c\" -- y\n)",
       "native\n"
       "= CREATE TABLE t(\n  a -- x\n)\n"
       "! ALTER TABLE main.t DROP COLUMN \"b c\"\n"
       "- b c",
       {DROP("b c")});
}

TEST(alter_drops_a_column_that_sqlite_would_not) {
  PLAN("CREATE TABLE t(a, b UNIQUE)",
       "swap: column b is dropped: it has a key\n"
       "= CREATE TABLE t(a)\n"
       "- b\n"
       "keys",
       {DROP("b")});
  PLAN("CREATE TABLE t(a, b, CHECK (b > 0), UNIQUE (a))",
       "swap: column b is dropped: a constraint is about it\n"
       "= CREATE TABLE t(a, UNIQUE (a))\n"
       "- b\n"
       "keys",
       {DROP("b")});
  PLAN("CREATE TABLE t(a, -- one, two\n b)",
       "swap: column b is dropped: a comment before it has a comma\n"
       "= CREATE TABLE t(a -- one, two\n)\n"
       "- b\n"
       "keys",
       {DROP("b")});
}

TEST(alter_drops_a_column_with_its_own_indexes) {
  PLAN("CREATE TABLE t(a, b);\n"
       "CREATE INDEX x ON t(b);\n"
       "CREATE INDEX \"y z\" ON T(lower(b)) WHERE b > 0;\n"
       "CREATE INDEX w ON t(a);\n"
       "CREATE TABLE u(b);\n"
       "CREATE INDEX v ON u(b)",
       "native\n"
       "= CREATE TABLE t(a)\n"
       "< DROP INDEX main.x\n"
       "< DROP INDEX main.\"y z\"\n"
       "! ALTER TABLE main.t DROP COLUMN b\n"
       "- b",
       {DROP("b")});
}

TEST(alter_refuses_to_drop_what_others_use) {
  PLAN("CREATE TABLE t(a, b);\nCREATE INDEX x ON t(a, b)",
       "drop column t.b: column t.b is used by index x, which would break: "
       "CREATE INDEX x ON t(a, b); drop that first, or in the same batch",
       {DROP("b")});
  PLAN("CREATE TABLE t(a, b, CHECK (a < b))",
       "drop column t.b: column t.b is used by a constraint, which would "
       "break: CHECK (a < b); drop that first, or in the same batch",
       {DROP("b")});
  PLAN("CREATE TABLE t(a, b, c AS (b + 1))",
       "drop column t.b: column t.b is used by a generated column, which would "
       "break: c AS (b + 1); drop that first, or in the same batch",
       {DROP("b")});
  PLAN("CREATE TABLE t(a, b INTEGER PRIMARY KEY);\n"
       "CREATE TABLE u(t REFERENCES t)",
       "drop column t.b: column t.b is used by a foreign key of table u, which "
       "would break: REFERENCES t; drop that first, or in the same batch",
       {DROP("b")});
}

TEST(alter_refuses_to_drop_what_is_not_there) {
  PLAN("CREATE TABLE t(a)",
       "drop column t.a: it is the only column of t; drop the table instead",
       {DROP("a")});
  PLAN("CREATE TABLE t(name, b)",
       "drop column t.nmae: table t has no column nmae; the nearest is name",
       {DROP("nmae")});
}

/* ---- alter_column: type ---- */

TEST(alter_edits_a_type_of_the_same_affinity) {
  PLAN("CREATE TABLE t(a VARCHAR(50) NOT NULL)",
       "edit: column a: type\n"
       "= CREATE TABLE t(a VARCHAR(100) NOT NULL)",
       {SET("a"), .set = {.type = "VARCHAR(100)", .has_type = 1}});
  PLAN("CREATE TABLE t(a DECIMAL(1))", "nothing",
       {SET("a"), .set = {.type = "DECIMAL(1)", .has_type = 1}});
  PLAN("CREATE TABLE t(a BLOB)",
       "edit: column a: type\n"
       "= CREATE TABLE t(a)",
       {SET("a"), .set = {.has_type = 1}});
  PLAN("CREATE TABLE t(a, b)",
       "edit: column a: type\n"
       "= CREATE TABLE t(a BLOB, b)",
       {SET("a"), .set = {.type = "BLOB", .has_type = 1}});
}

TEST(alter_rebuilds_for_a_type_of_another_affinity) {
  PLAN("CREATE TABLE t(a TEXT)",
       "swap: column a: INTEGER converts otherwise than TEXT\n"
       "= CREATE TABLE t(a INTEGER)\n"
       "? typeof(a) NOT IN ('null', 'integer') [a]: column a cannot become "
       "INTEGER; give using=, or change them first\n"
       "keys",
       {SET("a"), .set = {.type = "INTEGER", .has_type = 1}});
  PLAN("CREATE TABLE t(a INT)",
       "swap: column a: TEXT converts otherwise than INT\n"
       "= CREATE TABLE t(a TEXT)\n"
       "? (old) [a]: column a cannot become TEXT; give using=, or change them "
       "first\n"
       "keys",
       {SET("a"), .set = {.type = "TEXT", .has_type = 1}});
  PLAN("CREATE TABLE t(a TEXT)",
       "swap: column a: BLOB converts otherwise than TEXT\n"
       "= CREATE TABLE t(a BLOB)\n"
       "keys",
       {SET("a"), .set = {.type = "BLOB", .has_type = 1}});
}

TEST(alter_rebuilds_for_a_type_with_using) {
  PLAN("CREATE TABLE t(a TEXT NOT NULL CHECK (a <> ''))",
       "swap: column a: INT converts otherwise than TEXT\n"
       "= CREATE TABLE t(a INT NOT NULL CHECK (a <> ''))\n"
       "? a IS NULL: column a is NULL; give using= with a value for them, or "
       "fill them first\n"
       "? NOT (a <> ''\n): CHECK (a <> '') does not hold; change them first\n"
       ". a = (CAST(a AS INT))\n"
       "keys",
       {SET("a"), .using = "CAST(a AS INT)",
        .set = {.type = "INT", .has_type = 1}});
  PLAN("CREATE TABLE t(a)",
       "swap: column a: using=\n"
       ". a = (a + 1)\n"
       "keys",
       {SET("a"), .using = "a + 1"});
}

TEST(alter_rebuilds_for_the_rowid) {
  PLAN("CREATE TABLE t(a INT PRIMARY KEY)",
       "rebuild: column a: it becomes the rowid\n"
       "= CREATE TABLE t(a INTEGER PRIMARY KEY)\n"
       "? (old) [a]: column a cannot be the rowid; it takes integers only: "
       "change them first\n"
       "keys",
       {SET("a"), .set = {.type = "INTEGER", .has_type = 1}});
  PLAN("CREATE TABLE t(a INTEGER PRIMARY KEY)",
       "swap: column a: it is the rowid\n"
       "= CREATE TABLE t(a INT PRIMARY KEY)",
       {SET("a"), .set = {.type = "INT", .has_type = 1}});
}

TEST(alter_refuses_a_type_that_is_more) {
  PLAN("CREATE TABLE t(a INT)",
       "alter column t.a: type \"INT NOT NULL\" is more than that",
       {SET("a"), .set = {.type = "INT NOT NULL", .has_type = 1}});
  PLAN("CREATE TABLE t(a INT)",
       "alter column t.a: type \"INT, b\" is more than that",
       {SET("a"), .set = {.type = "INT, b", .has_type = 1}});
}

/* ---- alter_column: NULL, default, collation, CHECK ---- */

TEST(alter_edits_not_null) {
  PLAN("CREATE TABLE t(a INT)",
       "edit: column a: NULL is not\n"
       "= CREATE TABLE t(a INT NOT NULL)\n"
       "? a IS NULL: column a is NULL; give using= with a value for them, or "
       "fill them first",
       {SET("a"), .set = {.not_null = 1, .has_null = 1}});
  PLAN("CREATE TABLE t(a INT CONSTRAINT n NOT NULL ON CONFLICT FAIL UNIQUE)",
       "edit: column a: NULL is allowed\n"
       "= CREATE TABLE t(a INT UNIQUE)",
       {SET("a"), .set = {.not_null = 0, .has_null = 1}});
  PLAN("CREATE TABLE t(a NOT NULL)", "nothing",
       {SET("a"), .set = {.not_null = 1, .has_null = 1}});
  PLAN("CREATE TABLE t(a NULL)", "nothing",
       {SET("a"), .set = {.not_null = 0, .has_null = 1}});
}

TEST(alter_edits_a_default_where_rows_store_it) {
  PLAN("CREATE TABLE t(a DEFAULT 'old')",
       "edit: column a: default\n"
       "= CREATE TABLE t(a DEFAULT 'new')\n"
       "~ a",
       {SET("a"), .set = {.dflt = "'new'", .has_default = 1}});
  EMPTY("CREATE TABLE t(a)",
        "edit: column a: default\n"
        "= CREATE TABLE t(a DEFAULT (random()))",
        {SET("a"), .set = {.dflt = "random()", .has_default = 1}});
  PLAN("CREATE TABLE t(a DEFAULT 1 NOT NULL)",
       "edit: column a: default\n"
       "= CREATE TABLE t(a NOT NULL)\n"
       "~ a",
       {SET("a"), .set = {.has_default = 1}});
  PLAN("CREATE TABLE t(a DEFAULT 1)", "nothing",
       {SET("a"), .set = {.dflt = "1", .has_default = 1}});
  PLAN("CREATE TABLE t(a, b AS (a))",
       "alter column t.b: a generated column has no default",
       {SET("b"), .set = {.dflt = "1", .has_default = 1}});
}

TEST(alter_edits_a_collation_that_orders_nothing) {
  PLAN("CREATE TABLE t(a TEXT)",
       "edit: column a: its collation\n"
       "= CREATE TABLE t(a TEXT COLLATE nocase)",
       {SET("a"), .set = {.collate = "nocase", .has_collate = 1}});
  PLAN("CREATE TABLE t(a COLLATE rtrim NOT NULL)",
       "edit: column a: its collation\n"
       "= CREATE TABLE t(a NOT NULL)",
       {SET("a"), .set = {.has_collate = 1}});
  PLAN("CREATE TABLE t(a COLLATE \"NoCase\")", "nothing",
       {SET("a"), .set = {.collate = "nocase", .has_collate = 1}});
}

TEST(alter_rebuilds_for_a_collation_that_orders) {
  PLAN("CREATE TABLE t(a, b);\nCREATE INDEX x ON t(b) WHERE a > ''",
       "swap: column a: its collation orders or checks what is stored\n"
       "= CREATE TABLE t(a COLLATE nocase, b)\n"
       "keys",
       {SET("a"), .set = {.collate = "nocase", .has_collate = 1}});
  PLAN("CREATE TABLE t(a UNIQUE)",
       "swap: column a: its collation orders or checks what is stored\n"
       "= CREATE TABLE t(a UNIQUE COLLATE nocase)\n"
       "keys",
       {SET("a"), .set = {.collate = "nocase", .has_collate = 1}});
  PLAN("CREATE TABLE t(a, CHECK (a IN ('x')))",
       "swap: column a: its collation orders or checks what is stored\n"
       "= CREATE TABLE t(a COLLATE nocase, CHECK (a IN ('x')))\n"
       "? NOT (a IN ('x')\n): CHECK (a IN ('x')) does not hold; change them "
       "first\n"
       "keys",
       {SET("a"), .set = {.collate = "nocase", .has_collate = 1}});
}

TEST(alter_edits_a_columns_check) {
  PLAN("CREATE TABLE t(a TEXT, b)",
       "edit: column a: CHECK\n"
       "= CREATE TABLE t(a TEXT CHECK (a IN ('x', 'y')), b)\n"
       "? NOT (a IN ('x', 'y')\n): CHECK (a IN ('x', 'y')) does not hold; "
       "change them first",
       {SET("a"), .set = {.check = "a IN ('x', 'y')"}});
}

TEST(alter_of_a_column_that_is_not_there) {
  PLAN("CREATE TABLE t(age)",
       "alter column t.aeg: table t has no column aeg; the nearest is age",
       {SET("aeg"), .set = {.not_null = 1, .has_null = 1}});
}

/* ---- constraints ---- */

TEST(alter_edits_a_check) {
  NOT_WHEN_MEMORY_FAILS;
  PLAN("CREATE TABLE t(a, b)",
       "edit: CONSTRAINT k CHECK (a < b) is added\n"
       "= CREATE TABLE t(a, b, CONSTRAINT k CHECK (a < b))\n"
       "? NOT (a < b\n): CHECK k (a < b) does not hold; change them first",
       {CONSTRAIN(CHECK), .name = "k", .body = "a < b"});
  PLAN("CREATE TABLE t(a CHECK (a > 0), b, CHECK (a < b))",
       "edit: CHECK (a < b) is dropped\n"
       "= CREATE TABLE t(a CHECK (a > 0), b)",
       {UNCONSTRAIN, .clause = MIG_CLAUSE_CHECK, COLUMNS("a", "b")});
  PLAN("CREATE TABLE t(a CHECK (a > 0), b, CHECK (a < b))",
       "edit: CHECK (a > 0) is dropped\n"
       "= CREATE TABLE t(a, b, CHECK (a < b))",
       {UNCONSTRAIN, .clause = MIG_CLAUSE_CHECK, COLUMNS("a", NULL)});
}

TEST(alter_edits_a_foreign_key) {
  PLAN("CREATE TABLE t(a);\nCREATE TABLE p(\"i d\" INTEGER PRIMARY KEY)",
       "edit: CONSTRAINT f FOREIGN KEY (a) REFERENCES p ON DELETE CASCADE is "
       "added\n"
       "= CREATE TABLE t(a, CONSTRAINT f FOREIGN KEY (a) REFERENCES p ON "
       "DELETE CASCADE)\n"
       "? t.a IS NOT NULL AND NOT EXISTS (SELECT 1 FROM main.p AS _parent "
       "WHERE _parent.\"i d\" = t.a) [a]: FOREIGN KEY: a has no row in p; "
       "change them first\n"
       "keys",
       {CONSTRAIN(FOREIGN_KEY), .name = "f", .ref = "p",
        .actions = "ON DELETE CASCADE", COLUMNS("a", NULL)});
  PLAN("CREATE TABLE t(a REFERENCES p ON DELETE CASCADE NOT DEFERRABLE, b)",
       "edit: REFERENCES p ON DELETE CASCADE NOT DEFERRABLE is dropped\n"
       "= CREATE TABLE t(a, b)\n"
       "keys",
       {UNCONSTRAIN, .clause = MIG_CLAUSE_FOREIGN_KEY, COLUMNS("a", NULL)});
}

TEST(alter_refuses_a_foreign_key_to_nothing) {
  PLAN("CREATE TABLE t(a);\nCREATE TABLE users(id)",
       "create constraint on t: there is no table user to refer to; the "
       "nearest is users",
       {CONSTRAIN(FOREIGN_KEY), .ref = "user", COLUMNS("a", NULL)});
  PLAN("CREATE TABLE t(a);\nCREATE TABLE p(id, PRIMARY KEY (id))",
       "create constraint on t: table p has no column ix; the nearest is id",
       {CONSTRAIN(FOREIGN_KEY), .ref = "p", COLUMNS("a", NULL),
        .refparts = alter_parts(cx, "ix", NULL)});
  PLAN("CREATE TABLE t(a, b);\nCREATE TABLE p(id, PRIMARY KEY (id))",
       "create constraint on t: 2 columns refer to 1 of table p",
       {CONSTRAIN(FOREIGN_KEY), .ref = "p", COLUMNS("a", "b")});
}

TEST(alter_rebuilds_for_a_key) {
  PLAN("CREATE TABLE t(a, b)",
       "swap: CONSTRAINT u UNIQUE (a, b) is added\n"
       "= CREATE TABLE t(a, b, CONSTRAINT u UNIQUE (a, b))\n"
       "keys",
       {CONSTRAIN(UNIQUE), .name = "u", COLUMNS("a", "b")});
  PLAN("CREATE TABLE t(a, b, CONSTRAINT u UNIQUE (a, b))",
       "swap: CONSTRAINT u UNIQUE (a, b) is dropped\n"
       "= CREATE TABLE t(a, b)\n"
       "keys",
       {UNCONSTRAIN, .name = "U"});
  PLAN("CREATE TABLE t(a INTEGER, b)",
       "rebuild: PRIMARY KEY (a) is added\n"
       "= CREATE TABLE t(a INTEGER, b, PRIMARY KEY (a))\n"
       "? (old) [a]: column a cannot be the rowid; it takes integers only: "
       "change them first\n"
       "keys",
       {CONSTRAIN(PRIMARY_KEY), COLUMNS("a", NULL)});
}

TEST(alter_refuses_a_constraint_that_is_there) {
  NOT_WHEN_MEMORY_FAILS;
  PLAN("CREATE TABLE t(a PRIMARY KEY)",
       "create constraint on t: table t has a primary key already: PRIMARY "
       "KEY; drop it first with drop_constraint(..., {type = "
       "\"primary_key\"})",
       {CONSTRAIN(PRIMARY_KEY), COLUMNS("a", NULL)});
  PLAN("CREATE TABLE t(a CONSTRAINT \"k\" NOT NULL)",
       "create constraint K on t: table t has a constraint K already: "
       "CONSTRAINT \"k\" NOT NULL",
       {CONSTRAIN(CHECK), .name = "K", .body = "1"});
}

TEST(alter_refuses_to_drop_a_constraint_it_cannot_tell) {
  const char *said;

  PLAN("CREATE TABLE t(a CHECK (a > 0), b UNIQUE)",
       "drop constraint k on t: table t has no such constraint; it has: a "
       "CHECK (a > 0); b UNIQUE",
       {UNCONSTRAIN, .name = "k"});
  said = alter_said(cx, "CREATE TABLE t(a CHECK (a > 0) CHECK (a < 9))", 1,
                    (mig_change[]){{UNCONSTRAIN, .clause = MIG_CLAUSE_CHECK,
                                    COLUMNS("a", NULL)}},
                    1, 0, 0);
  EQ_INT(said && strstr(said, "2 constraints of table t are meant: a CHECK (a "
                              "> 0); a CHECK (a < 9); give ") != NULL,
         1);
}

/* ---- indexes ---- */

TEST(alter_makes_and_drops_indexes_around_the_pass) {
  PLAN("CREATE TABLE t(a);\nCREATE INDEX x ON t(a)",
       "nothing\n"
       "< DROP INDEX main.x\n"
       "> CREATE UNIQUE INDEX main.y ON t (a) WHERE a > 0",
       {.kind = MIG_DROP_INDEX, .name = "x"},
       {.kind = MIG_CREATE_INDEX,
        .name = "y",
        .unique = 1,
        .where = "a > 0",
        COLUMNS("a", NULL)});
  PLAN("CREATE TABLE t(a);\nCREATE TABLE u(a);\nCREATE INDEX x ON u(a)",
       "drop index x: table t has no index x",
       {.kind = MIG_DROP_INDEX, .name = "x"});
  PLAN("CREATE TABLE t(a)", "nothing",
       {.kind = MIG_DROP_INDEX, .name = "x", .if_exists = 1});
}

/* ---- renames, batches ---- */

TEST(alter_renames_natively_and_behind_the_pass) {
  PLAN("CREATE TABLE t(a)",
       "nothing\n"
       "> ALTER TABLE main.t RENAME COLUMN a TO \"b c\"",
       {SET("a"), .set = {.name = "b c"}});
  PLAN("CREATE TABLE t(a)",
       "edit: column a: NULL is not\n"
       "= CREATE TABLE t(a NOT NULL)\n"
       "> ALTER TABLE main.t RENAME COLUMN a TO A\n"
       "? a IS NULL: column a is NULL; give using= with a value for them, or "
       "fill them first",
       {SET("a"), .set = {.name = "A", .not_null = 1, .has_null = 1}});
  PLAN("CREATE TABLE t(a)", "nothing", {SET("a"), .set = {.name = "a"}});
  PLAN("CREATE TABLE t(a, b)",
       "alter column t.a: table t has a column b already",
       {SET("a"), .set = {.name = "b"}});
}

TEST(alter_takes_a_batch_in_one_pass) {
  NOT_WHEN_MEMORY_FAILS;
  PLAN("CREATE TABLE t(a INT, b TEXT, c, d)",
       "swap: column b: INT converts otherwise than TEXT\n"
       "= CREATE TABLE t(a INT NOT NULL, b INT, d, e, CHECK (e))\n"
       "? a IS NULL: column a is NULL; give using= with a value for them, or "
       "fill them first\n"
       "? typeof(b) NOT IN ('null', 'integer') [b]: column b cannot become "
       "INT; give using=, or change them first\n"
       "? NOT (e\n): CHECK (e) does not hold; change them first\n"
       "- c\n"
       "+ e\n"
       ". e = NULL\n"
       "keys",
       {SET("a"), .set = {.not_null = 1, .has_null = 1}},
       {SET("b"), .set = {.type = "INT", .has_type = 1}}, {DROP("c")},
       {ADD("e")}, {CONSTRAIN(CHECK), .body = "e"});
}

TEST(alter_keeps_the_reason_of_the_dearest_change) {
  PLAN("CREATE TABLE t(a, b)",
       "edit: column a: NULL is not\n"
       "= CREATE TABLE t(a NOT NULL, b, c)\n"
       "! ALTER TABLE main.t ADD COLUMN c\n"
       "? a IS NULL: column a is NULL; give using= with a value for them, or "
       "fill them first\n"
       "+ c\n"
       ". c = NULL",
       {ADD("c")}, {SET("a"), .set = {.not_null = 1, .has_null = 1}});
}

TEST(alter_drops_a_column_and_what_used_it_in_one_pass) {
  PLAN("CREATE TABLE t(a, b, CHECK (a < b));\nCREATE INDEX x ON t(a, b)",
       "swap: column b is dropped: a constraint is about it\n"
       "= CREATE TABLE t(a)\n"
       "< DROP INDEX main.x\n"
       "- b\n"
       "keys",
       {.kind = MIG_DROP_INDEX, .name = "x"},
       {UNCONSTRAIN, .clause = MIG_CLAUSE_CHECK}, {DROP("b")});
}

TEST(alter_splits_a_batch_behind_a_rename_that_is_used) {
  static const char t[] = "CREATE TABLE t(a, b)";
  static const char first[] = "nothing (1 of 2)\n"
                              "> ALTER TABLE main.t RENAME COLUMN a TO c";

  NOT_WHEN_MEMORY_FAILS;
  PLAN(t, first, {SET("a"), .set = {.name = "c"}},
       {SET("c"), .set = {.not_null = 1, .has_null = 1}});
  PLAN(t, first, {SET("a"), .set = {.name = "c"}}, {ADD("a INT")});
  PLAN(t, first, {SET("a"), .set = {.name = "c"}},
       {CONSTRAIN(CHECK), .body = "max(C, 1) > 0"});
  PLAN(t, first, {SET("a"), .set = {.name = "c"}},
       {CONSTRAIN(UNIQUE), COLUMNS("b", "c")});
  PLAN(t, first, {SET("a"), .set = {.name = "c"}},
       {ADD("d"), .using = "c || ''"});
}

TEST(alter_does_not_split_where_the_names_are_others) {
  PLAN("CREATE TABLE t(a, b)",
       "edit: column b: NULL is not\n"
       "= CREATE TABLE t(a, b NOT NULL)\n"
       "> ALTER TABLE main.t RENAME COLUMN a TO c\n"
       "? b IS NULL: column b is NULL; give using= with a value for them, or "
       "fill them first",
       {SET("a"), .set = {.name = "c"}},
       {SET("b"), .set = {.not_null = 1, .has_null = 1}});
}

TEST(alter_goes_on_from_a_later_change) {
  PLANNED(
      "CREATE TABLE t(b, c)", 1, 1, 0,
      "native\n= CREATE TABLE t(b)\n! ALTER TABLE main.t DROP COLUMN c\n- c",
      {DROP("b")}, {DROP("c")});
}

/* ---- recreate ---- */

TEST(alter_rebuilds_when_asked) {
  REBUILT("CREATE TABLE t(a)", "swap: it was asked for",
          {SET("a"), .set = {.name = "a"}});
  REBUILT("CREATE TABLE t(a)",
          "swap: it was asked for\n"
          "= CREATE TABLE t(a NOT NULL)\n"
          "? a IS NULL: column a is NULL; give using= with a value for them, "
          "or fill them first",
          {SET("a"), .set = {.not_null = 1, .has_null = 1}});
}

TEST(alter_refuses_what_is_no_change_of_a_table) {
  PLAN("CREATE TABLE t(a)",
       "drop table t: this change is not one of a table's batch",
       {.kind = MIG_DROP_TABLE, .name = "t"});
}
