/*
** tests/unit/test_rebuild.c - the statements of a rebuild do, in a database,
** what they are for.
**
** A table's rows are copied into the fill, the two change b-trees, and
** PRAGMA integrity_check must find the table's rows, and its automatic indexes,
** to be what its statement says.  While an allocation fails, the statements are
** made and not run.
*/
#include "ext/schema/schema.h"
#include "tests/unit/test.h"

/* ---- a database ---- */

static sqlite3 *rebuild_open(void) {
  sqlite3 *db = NULL;

  if (test_oom()) return NULL;
  if (sqlite3_open(":memory:", &db) == SQLITE_OK) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    return db;
  }
  sqlite3_close(db);
  return NULL;
}

/* Run the statements; what the last one that has rows gives, as "a|b\n". */
static char *rebuild_ask(mig_cx *cx, sqlite3 *db, const char *sql) {
  sqlite3_stmt *st = NULL;
  mig_buf b = {0};
  int rc = SQLITE_OK, i;

  while (sql && *sql && !rc && !cx->rc) {
    rc = sqlite3_prepare_v2(db, sql, -1, &st, &sql);
    b.n = 0;
    while (!rc && sqlite3_step(st) == SQLITE_ROW)
      for (i = 0; i < sqlite3_column_count(st); i++) {
        const char *z = (const char *)sqlite3_column_text(st, i);
        if (b.n) mig_buf_addz(cx, &b, i ? "|" : "\n");
        mig_buf_addz(cx, &b, z ? z : "NULL");
      }
    if (!rc) rc = sqlite3_finalize(st);
  }
  if (rc) mig_fail(cx, SQLITE_ERROR, "%s", sqlite3_errmsg(db));
  return mig_buf_take(cx, &b);
}

/* ---- a table, and the plan for it ---- */

static mig_table *rebuild_table(mig_cx *cx, const char *sql) {
  mig_table *t = mig_alloc(cx, sizeof *t);
  mig_object *o = mig_alloc(cx, sizeof *o);

  if (!o) return NULL;
  o->type = "table";
  o->name = o->table = t->name = "t";
  o->sql = sql;
  mig_list_add(cx, &t->objects, o);
  t->schema = "main";
  t->object = o;
  t->def = mig_create_parse(cx, mig_span_z(sql));
  t->has_rows = 1;
  return cx->rc ? NULL : t;
}

/* All that is made for a rebuild. */
typedef struct rebuilding rebuilding;
struct rebuilding {
  mig_table *t;
  mig_alter *a;
  mig_rebuild names;
  const char *fill, *shape, *copy;
};

static int rebuild_make(mig_cx *cx, const char *sql, const mig_change *change,
                        rebuilding *r) {
  mig_list changes = {0};

  r->t = rebuild_table(cx, sql);
  if (change) mig_list_add(cx, &changes, (void *)(uintptr_t)change);
  if (cx->rc) return 0;
  r->a = mig_alter_plan(cx, r->t, &changes, 0, 1);
  if (!r->a) return 0;
  mig_rebuild_names(cx, r->t, &r->names);
  r->fill = mig_rebuild_fill(cx, r->t, r->a, &r->names, NULL);
  r->shape = mig_rebuild_shape(cx, r->t, r->a, r->names.shape);
  if (test_oom()) return 0; /* until it looks before it gives addz() a NULL */
  r->copy = mig_rebuild_copy(cx, r->t, r->a, &r->names);
  return !cx->rc;
}

/* ---- the whole of it ---- */

/* The table's b-tree and text made the new one's, as a rebuild does. */
static void rebuild_swap(mig_cx *cx, sqlite3 *db, const rebuilding *r) {
  const char *root = "SELECT rootpage FROM sqlite_schema WHERE name = '%q'";
  const char *own = rebuild_ask(cx, db, mig_printf(cx, root, r->t->name));
  const char *new = rebuild_ask(cx, db, mig_printf(cx, root, r->names.fill));

  if (cx->rc) return;
  rebuild_ask(cx, db,
              mig_printf(cx,
                         "PRAGMA writable_schema = ON;"
                         "UPDATE sqlite_schema SET rootpage = %s, sql = %Q"
                         " WHERE name = '%q';"
                         "UPDATE sqlite_schema SET rootpage = %s"
                         " WHERE name = '%q';"
                         "PRAGMA writable_schema = RESET",
                         new, r->a->sql, r->t->name, own, r->names.fill));
  rebuild_ask(cx, db, mig_printf(cx, "DROP TABLE %s", r->names.fill));
}

/* What the query gives when the table of `sql`, filled by `rows`, is rebuilt;
** or what went wrong. */
static char *rebuild_said(mig_cx *into, const char *sql, const char *rows,
                          const mig_change *change, const char *query) {
  mig_cx own = {0}, *cx = &own;
  sqlite3 *db = rebuild_open();
  rebuilding r = {0};
  const char *ok;
  char *out = NULL;

  if (rebuild_make(cx, sql, change, &r) && db) {
    rebuild_ask(cx, db, sql);
    rebuild_ask(cx, db, rows);
    rebuild_ask(cx, db, r.shape);
    rebuild_ask(cx, db, r.fill);
    rebuild_ask(cx, db, r.copy);
    rebuild_swap(cx, db, &r);
    ok = rebuild_ask(cx, db, "PRAGMA integrity_check");
    if (ok && strcmp(ok, "ok")) mig_fail(cx, SQLITE_ERROR, "%s", ok);
    out = rebuild_ask(cx, db, query);
  }
  out = mig_strdup(into, cx->rc ? mig_cx_message(cx) : out);
  mig_cx_release(cx);
  sqlite3_close(db);
  return out;
}

/* The same query, asked of the table as it was. */
static char *rebuild_before(mig_cx *into, const char *sql, const char *rows,
                            const char *query) {
  mig_cx own = {0}, *cx = &own;
  sqlite3 *db = rebuild_open();
  char *out = NULL;

  if (db) {
    rebuild_ask(cx, db, sql);
    rebuild_ask(cx, db, rows);
    out = rebuild_ask(cx, db, query);
  }
  out = mig_strdup(into, cx->rc ? mig_cx_message(cx) : out);
  mig_cx_release(cx);
  sqlite3_close(db);
  return out;
}

/* A rebuild that changes nothing. */
#define KEPT(sql, rows, query)                                                 \
  EQ_STR(rebuild_said(cx, sql, rows, NULL, query),                             \
         rebuild_before(cx, sql, rows, query))
/* One that does. */
#define MADE(sql, rows, query, want, ...)                                      \
  EQ_STR(rebuild_said(cx, sql, rows, &(mig_change){__VA_ARGS__}, query), want)

#define ROWS "SELECT rowid, quote(a), quote(b) FROM t"

TEST(rebuild_keeps_rowids) {
  KEPT("CREATE TABLE t(a, b)",
       "INSERT INTO t(rowid, a, b) VALUES (7, 1, 'x'), (-3, 2.5, x'00'),"
       " (9223372036854775807, NULL, '1')",
       ROWS);
  KEPT("CREATE TABLE t(rowid, a, b)",
       "INSERT INTO t(_rowid_, rowid, a, b) VALUES (7, 1, 2, 3), (5, 6, 7, 8)",
       "SELECT _rowid_, rowid, a, b FROM t");
  KEPT("CREATE TABLE t(\"RowID\", _rowid_, a, b)",
       "INSERT INTO t(oid, a) VALUES (7, 1), (5, 6)", "SELECT oid, * FROM t");
  KEPT("CREATE TABLE t(rowid, _rowid_, oid)", "INSERT INTO t VALUES (1, 2, 3)",
       "SELECT * FROM t");
}

TEST(rebuild_keeps_a_column_that_is_the_rowid) {
  KEPT("CREATE TABLE t(a INTEGER PRIMARY KEY, b)",
       "INSERT INTO t VALUES (7, 1), (5, 'x')", ROWS);
  KEPT("CREATE TABLE t(a, b INTEGER, PRIMARY KEY (b DESC))",
       "INSERT INTO t VALUES (7, 1), ('x', 5)", ROWS);
  KEPT("CREATE TABLE t(rowid, _rowid_, oid INTEGER PRIMARY KEY)",
       "INSERT INTO t VALUES (1, 2, 3), (1, 2, 9)", "SELECT * FROM t");
  KEPT("CREATE TABLE t(rowid INTEGER PRIMARY KEY, a, b)",
       "INSERT INTO t VALUES (4, 2, 3), (2, 2, 9)", "SELECT * FROM t");
  KEPT("CREATE TABLE t(a 'integer' PRIMARY KEY, b)",
       "INSERT INTO t VALUES (7, 1), (5, 'x')", ROWS);
}

TEST(rebuild_keeps_a_key_that_is_not_the_rowid) {
  KEPT("CREATE TABLE t(a INTEGER PRIMARY KEY DESC, b)",
       "INSERT INTO t(rowid, a, b) VALUES (7, 1, 2), (5, 3, 'x')", ROWS);
  KEPT("CREATE TABLE t(a INT PRIMARY KEY, b UNIQUE)",
       "INSERT INTO t(rowid, a, b) VALUES (7, 1, 2), (5, NULL, 'x')", ROWS);
  KEPT("CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, b)",
       "INSERT INTO t VALUES (7, 1), (5, 'x')",
       "SELECT *, (SELECT seq FROM sqlite_sequence) FROM t");
}

#undef ROWS
#define ROWS "SELECT quote(a), quote(b) FROM t"

TEST(rebuild_keeps_a_table_without_rowid) {
  KEPT("CREATE TABLE t(a PRIMARY KEY, b) WITHOUT ROWID",
       "INSERT INTO t VALUES ('x', 1), (2, 2.5), (x'00', NULL)", ROWS);
  KEPT("CREATE TABLE t(b, a TEXT PRIMARY KEY DESC) WITHOUT ROWID",
       "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z')", ROWS);
  KEPT("CREATE TABLE t(a COLLATE nocase, b, c,"
       " PRIMARY KEY (c DESC, a COLLATE rtrim, b)) WITHOUT ROWID",
       "INSERT INTO t VALUES ('x', 1, 2), ('X', 1, 2), ('x', 1, 3)", ROWS);
  KEPT("CREATE TABLE t(a INTEGER PRIMARY KEY, b UNIQUE) WITHOUT ROWID",
       "INSERT INTO t VALUES (3, 1), (2, 2)", ROWS);
}

TEST(rebuild_keeps_a_table_without_rowid_and_its_repeated_key) {
  KEPT("CREATE TABLE t(a, b, PRIMARY KEY (b, a, b)) WITHOUT ROWID",
       "INSERT INTO t VALUES (3, 1), (2, 2)", ROWS);
  KEPT("CREATE TABLE t(a, b, PRIMARY KEY ('b', \"a\")) WITHOUT ROWID",
       "INSERT INTO t VALUES (3, 1), (2, 2)", ROWS);
  KEPT("CREATE TABLE t(a COLLATE nocase PRIMARY KEY, b) WITHOUT ROWID",
       "INSERT INTO t VALUES ('x', 1), ('Y', 2)", ROWS);
}

TEST(rebuild_keeps_a_strict_table) {
  KEPT("CREATE TABLE t(a ANY, b INT, c REAL, d TEXT, e BLOB) STRICT",
       "INSERT INTO t VALUES ('1', 1, 1, 1, x'31'), (1, '2', '3', '4', NULL),"
       " ('1.0', NULL, 4.5, 'x', x'')",
       "SELECT quote(a), quote(b), quote(c), quote(d), quote(e) FROM t");
  KEPT("CREATE TABLE t(a \"any\" PRIMARY KEY, b) STRICT, WITHOUT ROWID", "",
       "SELECT 1");
  KEPT("CREATE TABLE t(a [any] PRIMARY KEY, b 'INTEGER') STRICT, WITHOUT ROWID",
       "INSERT INTO t VALUES ('1', 1), (1, 2)", ROWS);
}

TEST(rebuild_keeps_values_as_their_affinity_has_them) {
  KEPT("CREATE TABLE t(a REAL, b NUMERIC)",
       "INSERT INTO t VALUES (1, '1'), ('1e3', '1e3'), (0.5, 'x')", ROWS);
  KEPT("CREATE TABLE t(a, b BLOB)",
       "INSERT INTO t VALUES (1, '1'), ('1e3', 2.0), (x'00', 'x')", ROWS);
  KEPT("CREATE TABLE t(a TEXT -- INT\n, b VARCHAR /* ( */ (10) -- )\n)",
       "INSERT INTO t VALUES (1, 2), ('1e3', '2')", ROWS);
  KEPT("CREATE TABLE t(a ANY, b \"x INT\")",
       "INSERT INTO t VALUES ('1', '2'), (1.0, 2.0)", ROWS);
}

TEST(rebuild_keeps_generated_columns) {
  KEPT("CREATE TABLE t(a INT, b AS (a + 1), c TEXT AS (a || b) STORED)",
       "INSERT INTO t VALUES (1), (2)", "SELECT *, typeof(c) FROM t");
  KEPT("CREATE TABLE t(b INT GENERATED ALWAYS AS (a * 2) STORED, a INT,"
       " c AS (b) UNIQUE)",
       "INSERT INTO t VALUES (1), (2)", "SELECT * FROM t");
  KEPT("CREATE TABLE t(a PRIMARY KEY, b AS (upper(a)) STORED) WITHOUT ROWID",
       "INSERT INTO t VALUES ('x'), ('y')", "SELECT * FROM t");
}

TEST(rebuild_keeps_what_violates_a_constraint) {
  KEPT("CREATE TABLE t(a NOT NULL, b CHECK (t.b > 0), CHECK (main.t.a <> 5))",
       "PRAGMA ignore_check_constraints = ON; INSERT INTO t VALUES (5, 0)",
       ROWS);
  KEPT("CREATE TABLE t(a UNIQUE ON CONFLICT REPLACE, b REFERENCES nowhere)",
       "INSERT INTO t VALUES (5, 0), (6, 1)", ROWS);
}

TEST(rebuild_keeps_a_table_with_strange_names) {
  KEPT("CREATE TABLE t(\"a \"\"b\" INT, [select], 'x', `order` AS (x))",
       "INSERT INTO t VALUES (1, 2, 3)", "SELECT * FROM t");
  KEPT("CREATE TABLE t /* x */ (a -- one\n, b -- two\n)",
       "INSERT INTO t VALUES (1, 2)", ROWS);
}

/* ---- with a change ---- */

static mig_list rebuild_parts(mig_cx *cx, const char *a) {
  mig_list l = {0};

  mig_list_add(cx, &l, mig_strdup(cx, a));
  return l;
}

TEST(rebuild_converts) {
  MADE("CREATE TABLE t(a TEXT, b)",
       "INSERT INTO t(rowid, a, b) VALUES (5, '12', 1), (3, '7', 2)",
       "SELECT rowid, quote(a), b FROM t", "3|7|2\n5|12|1",
       .kind = MIG_ALTER_COLUMN, .name = "a",
       .set = {.type = "INT", .has_type = 1});
  MADE("CREATE TABLE t(a INT, b)", "INSERT INTO t VALUES (5, 1)",
       "SELECT quote(a), b FROM t", "'5'|1", .kind = MIG_ALTER_COLUMN,
       .name = "a", .set = {.type = "TEXT", .has_type = 1});
  MADE("CREATE TABLE t(a, b)", "INSERT INTO t VALUES (5, 1)", "SELECT * FROM t",
       "6|1", .kind = MIG_ALTER_COLUMN, .name = "a", .using = "a + b");
}

TEST(rebuild_adds_and_drops_columns) {
  MADE("CREATE TABLE t(a, b)",
       "INSERT INTO t(rowid, a, b) VALUES (5, 1, 2), (3, 3, 4)",
       "SELECT rowid, * FROM t", "3|3|7|4\n5|1|3|2", .kind = MIG_ADD_COLUMN,
       .parts = rebuild_parts(cx, "c INT"), .after = "a", .using = "a + b");
  MADE("CREATE TABLE t(a, b UNIQUE, c)",
       "INSERT INTO t(rowid, a, b, c) VALUES (5, 1, 2, 3), (3, 3, 4, 5)",
       "SELECT rowid, * FROM t", "3|3|4\n5|1|2", .kind = MIG_DROP_COLUMN,
       .name = "c");
  MADE("CREATE TABLE t(a, b)", "INSERT INTO t(rowid, a) VALUES (5, 1), (3, 3)",
       "SELECT id, a FROM t", "3|3\n5|1", .kind = MIG_ADD_COLUMN,
       .parts = rebuild_parts(cx, "id INTEGER PRIMARY KEY"));
}

TEST(rebuild_makes_and_unmakes_the_rowid) {
  MADE("CREATE TABLE t(a INTEGER, b)",
       "INSERT INTO t(rowid, a, b) VALUES (5, 1, 2), (3, 3, 4)",
       "SELECT rowid, * FROM t", "1|1|2\n3|3|4", .kind = MIG_ADD_CONSTRAINT,
       .clause = MIG_CLAUSE_PRIMARY_KEY, .parts = rebuild_parts(cx, "a"));
  MADE("CREATE TABLE t(a INTEGER PRIMARY KEY, b)",
       "INSERT INTO t VALUES (5, 1), (3, 2)", "SELECT rowid, * FROM t",
       "3|3|2\n5|5|1", .kind = MIG_DROP_CONSTRAINT,
       .clause = MIG_CLAUSE_PRIMARY_KEY);
}

/* ---- as text ---- */

TEST(rebuild_statements) {
  rebuilding r = {0};

  if (!rebuild_make(cx,
                    "CREATE TABLE t(a INT NOT NULL DEFAULT 1,"
                    " b COLLATE nocase UNIQUE, c AS (a) STORED,"
                    " d ANY CHECK (t.d > 0)) -- end",
                    NULL, &r))
    return;
  EQ_STR(r.fill, "CREATE TABLE main._migrate_fill (a INT\n, b COLLATE nocase,"
                 " c AS (a) STORED, d ANY\n)");
  EQ_STR(r.shape, "CREATE TABLE main._migrate_shape(a INT NOT NULL DEFAULT 1,"
                  " b COLLATE nocase UNIQUE, c AS (a) STORED,"
                  " d ANY CHECK (1)) -- end");
  EQ_STR(r.copy, "INSERT OR ABORT INTO main._migrate_fill(rowid, a, b, d)"
                 " SELECT rowid, a, b, d FROM main.t NOT INDEXED");
}

TEST(rebuild_statements_without_rowid) {
  rebuilding r = {0};

  if (!rebuild_make(cx,
                    "CREATE TABLE t(\"a b\" INTEGER PRIMARY KEY DESC, c ANY)"
                    " STRICT, WITHOUT ROWID",
                    NULL, &r))
    return;
  EQ_STR(r.fill, "CREATE TABLE main._migrate_fill (\"a b\", c BLOB,"
                 " PRIMARY KEY (\"a b\" DESC)) WITHOUT ROWID");
  EQ_STR(r.copy, "INSERT OR ABORT INTO main._migrate_fill(\"a b\", c)"
                 " SELECT \"a b\", c FROM main.t NOT INDEXED");
}

TEST(rebuild_statements_with_a_key_of_the_table) {
  rebuilding r = {0};

  if (!rebuild_make(
          cx,
          "CREATE TABLE t(rowid, b, CHECK (t.b),"
          " PRIMARY KEY (b COLLATE nocase DESC, rowid)) WITHOUT ROWID",
          NULL, &r))
    return;
  EQ_STR(r.fill, "CREATE TABLE main._migrate_fill (rowid, b, PRIMARY KEY ("
                 "b COLLATE nocase DESC, rowid)) WITHOUT ROWID");
  EQ_STR(r.shape, "CREATE TABLE main._migrate_shape(rowid, b, CHECK (1),"
                  " PRIMARY KEY (b COLLATE nocase DESC, rowid)) WITHOUT ROWID");
}

TEST(rebuild_names_are_free) {
  mig_table *t = rebuild_table(cx, "CREATE TABLE t(a)");
  static mig_object taken[] = {{.type = "table", .name = "_Migrate_Fill"},
                               {.type = "index", .name = "_migrate_fill_1"}};
  mig_rebuild r = {0};

  if (!t) return;
  mig_rebuild_names(cx, t, &r);
  EQ_STR(r.fill, "_migrate_fill");
  EQ_STR(r.shape, "_migrate_shape");
  mig_list_add(cx, &t->objects, &taken[0]);
  mig_list_add(cx, &t->objects, &taken[1]);
  mig_rebuild_names(cx, t, &r);
  EQ_STR(r.fill, "_migrate_fill_2");
  EQ_STR(r.shape, "_migrate_shape");
}
