/*
** tests/unit/test_type.c - types and rowids, as SQLite itself behaves.
**
** While an allocation fails there is nothing to compare: SQLite is not asked.
*/
#include "ext/schema/schema.h"
#include "tests/unit/test.h"

static sqlite3 *type_open(void) {
  sqlite3 *db = NULL;

  if (test_oom()) return NULL;
  if (sqlite3_open(":memory:", &db) == SQLITE_OK) return db;
  sqlite3_close(db);
  return NULL;
}

/* The statements' last value as text of cx, or NULL: an error, no row. */
static char *type_ask(mig_cx *cx, sqlite3 *db, const char *sql) {
  sqlite3_stmt *st = NULL;
  char *out = NULL;
  int rc = SQLITE_OK;

  while (sql && *sql && !rc && !cx->rc) {
    rc = sqlite3_prepare_v2(db, sql, -1, &st, &sql);
    while (!rc && sqlite3_step(st) == SQLITE_ROW)
      out = mig_strdup(cx, (const char *)sqlite3_column_text(st, 0));
    if (!rc) rc = sqlite3_finalize(st);
  }
  return rc ? NULL : out;
}

/* ---- affinity ---- */

/* What SQLite writes into CREATE TABLE ... AS for a column's affinity. */
static const struct {
  char affinity;
  const char *word, *stored; /* of '1', 1 and 1.0, each by typeof() */
} type_shows[] = {{'I', "INT", "integer integer integer"},
                  {'N', "NUM", "integer integer integer"},
                  {'R', "REAL", "real real real"},
                  {'T', "TEXT", "text text text"},
                  {'B', "", "text integer real"}};

static size_t type_shown(char affinity) {
  size_t i = 0;

  while (type_shows[i].affinity != affinity && i < 4) i++;
  return i;
}

/* "type: affinity, what is stored", by SQLite. */
static char *type_by_sqlite(mig_cx *cx, sqlite3 *db, const char *type,
                            int strict) {
  const char *sql, *word, *stored = "";

  sql = mig_printf(cx,
                   "DROP TABLE IF EXISTS t; DROP TABLE IF EXISTS u;"
                   "CREATE TABLE t(c %s\n)%s;"
                   "CREATE TABLE u AS SELECT c FROM t;"
                   "SELECT type FROM pragma_table_info('u')",
                   type, strict ? " STRICT" : "");
  word = type_ask(cx, db, sql);
  if (!strict)
    stored = type_ask(cx, db,
                      "INSERT INTO t VALUES ('1'), (1), (1.0);"
                      "SELECT group_concat(typeof(c), ' ') FROM t");
  return mig_printf(cx, "%s: %s, %s", type, word, stored);
}

static char *type_by_us(mig_cx *cx, const char *type, int strict) {
  const char *sql =
      mig_printf(cx, "CREATE TABLE t(c %s\n)%s", type, strict ? " STRICT" : "");
  mig_create *def = sql ? mig_create_parse(cx, mig_span_z(sql)) : NULL;
  mig_coldef *col = def ? def->columns.at[0] : NULL;
  size_t i = type_shown(col ? mig_affinity(col->type, strict) : '?');

  return mig_printf(cx, "%s: %s, %s", type, type_shows[i].word,
                    strict ? "" : type_shows[i].stored);
}

static void check_types(mig_cx *into, const char *const *types, size_t n,
                        int strict) {
  mig_cx own = {0}, *cx = &own;
  sqlite3 *db = type_open();
  size_t i;

  for (i = 0; db && i < n && !cx->rc; i++)
    EQ_STR(type_by_us(cx, types[i], strict),
           type_by_sqlite(cx, db, types[i], strict));
  EQ_INT(cx->rc, 0);
  mig_fail_move(into, cx);
  mig_cx_release(cx);
  sqlite3_close(db);
}

#define TYPES(test, strict, ...)                                               \
  TEST(type_##test) {                                                          \
    static const char *const types[] = {__VA_ARGS__};                          \
    check_types(cx, types, sizeof types / sizeof *types, strict);              \
  }

TYPES(of_the_documentation, 0, "INT", "INTEGER", "TINYINT", "SMALLINT",
      "MEDIUMINT", "BIGINT", "UNSIGNED BIG INT", "INT2", "INT8",
      "CHARACTER(20)", "VARCHAR(255)", "VARYING CHARACTER(255)", "NCHAR(55)",
      "NATIVE CHARACTER(70)", "NVARCHAR(100)", "TEXT", "CLOB", "BLOB")

TYPES(of_the_documentation_too, 0, "", "REAL", "DOUBLE", "DOUBLE PRECISION",
      "FLOAT", "NUMERIC", "DECIMAL(10,5)", "BOOLEAN", "DATE", "DATETIME",
      "FLOATING POINT", "STRING", "DECIMAL ( 10 , 5 )", "VARCHAR(-1, +2.5)")

TYPES(of_other_databases, 0, "serial", "bigserial", "money", "uuid", "json",
      "jsonb", "bytea", "timestamp with time zone", "interval", "point", "inet",
      "bit(8)", "tinytext", "longblob", "year", "enum", "xml", "nclob",
      "raw(16)", "number(10,2)", "varchar2(10)", "double", "bool")

TYPES(where_the_first_word_decides, 0, "CHARINT", "INTCHAR", "POINTER",
      "PRINTER", "TEXTINT", "BLOBTEXT", "TEXTBLOB", "REALBLOB", "BLOBREAL",
      "FLOABLOB", "REALTEXT", "DOUBCHAR", "BLOBINT", "REALINT", "CHAREAL",
      "FLOATCLOB", "BLOBFLOAT", "DOUBLE INT", "TEXT BLOB")

TYPES(in_parts, 0, "I N T", "IN1 T", "IN1/**/T", "IN1 -- x\n T", "REA L",
      "CHA R", "FLO AT", "BLO B", "A INT", "DOU BLE", "X Y Z", "TEXT /* INT */",
      "NUMERIC -- INT", "X(1, 2)", "CHAR /* c */ (10)")

TYPES(in_quotes, 0, "\"INT\"", "'INTEGER'", "[TEXT]", "`BLOB`", "\"my text\"",
      "\"real\"(3)", "\"IN\" \"T\"", "'IN''T'", "\"a\"\"INT\"", "[INT] x",
      "x 'REAL'", "\" \"", "\"\"", "[]", "''", "\"\" x", "\"\"(1)")

TYPES(in_any_case, 0, "int", "iNtEgEr", "Text", "clOb", "blob", "rEal", "floa",
      "dOuB", "numeric", "any", "ANY", "\"any\"", "\xc4\xb0NT", "char",
      "ANYTHING", "many")

TYPES(before_generated, 0, "INT NOT NULL", "TEXT NOT NULL", "REAL DEFAULT 1",
      "CONSTRAINT x NULL", "BLOB CHECK (1)", "COLLATE nocase", "INT GENERATED",
      "ALWAYS", "TEXT ALWAYS", "GENERATED x")

TYPES(of_strict_tables, 1, "INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY",
      "any", "\"ANY\"", "[int]", "'real'", "Any NOT NULL", "ANY /* x */")

/* ---- which column is the rowid ---- */

/* In the rowid's column NULL becomes the next integer. */
static int rowid_by_sqlite(mig_cx *cx, sqlite3 *db, const char *sql,
                           const char *column) {
  const char *got;

  type_ask(cx, db, "DROP TABLE IF EXISTS t");
  type_ask(cx, db, sql);
  if (!type_ask(cx, db, "SELECT name FROM sqlite_schema WHERE name = 't'"))
    return -1;
  got = type_ask(cx, db,
                 mig_printf(cx,
                            "INSERT INTO t(\"%w\") VALUES (NULL);"
                            "SELECT typeof(\"%w\") FROM t",
                            column, column));
  return got && !strcmp(got, "integer");
}

static void check_rowid(mig_cx *cx, sqlite3 *db, const char *sql) {
  mig_create *def = mig_create_parse(cx, mig_span_z(sql));
  int i, is, any = 0;

  for (i = 0; def && i < def->columns.n && !cx->rc; i++) {
    mig_coldef *col = def->columns.at[i];
    const char *name = mig_sql_unquote(cx, col->name);
    if (!name) return;
    is = mig_is_rowid(cx, def, col);
    EQ_STR(mig_printf(cx, "%s: %s is %d", sql, name, is),
           mig_printf(cx, "%s: %s is %d", sql, name,
                      rowid_by_sqlite(cx, db, sql, name)));
    any |= is;
    if (is) EQ_INT(mig_rowid_column(cx, def) == col, 1);
  }
  if (!any && def) EQ_INT(mig_rowid_column(cx, def) == NULL, 1);
}

static void check_rowids(mig_cx *into, const char *const *texts, size_t n) {
  mig_cx own = {0}, *cx = &own;
  sqlite3 *db = type_open();
  size_t i;

  for (i = 0; db && i < n && !cx->rc; i++) check_rowid(cx, db, texts[i]);
  EQ_INT(cx->rc, 0);
  mig_fail_move(into, cx);
  mig_cx_release(cx);
  sqlite3_close(db);
}

#define ROWIDS(test, ...)                                                      \
  TEST(rowid_##test) {                                                         \
    static const char *const texts[] = {__VA_ARGS__};                          \
    check_rowids(cx, texts, sizeof texts / sizeof *texts);                     \
  }

ROWIDS(of_a_columns_key, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)",
       "CREATE TABLE t(a, b integer primary key)",
       "CREATE TABLE t(a INTEGER PRIMARY KEY ASC)",
       "CREATE TABLE t(a INTEGER PRIMARY KEY DESC)",
       "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT)",
       "CREATE TABLE t(a INTEGER NOT NULL PRIMARY KEY)",
       "CREATE TABLE t(a INTEGER CONSTRAINT k PRIMARY KEY ON CONFLICT REPLACE)",
       "CREATE TABLE t(a INTEGER UNIQUE, b INTEGER)")

ROWIDS(of_another_type, "CREATE TABLE t(a INT PRIMARY KEY)",
       "CREATE TABLE t(a BIGINT PRIMARY KEY)", "CREATE TABLE t(a PRIMARY KEY)",
       "CREATE TABLE t(a INTEGER(8) PRIMARY KEY)",
       "CREATE TABLE t(a UNSIGNED INTEGER PRIMARY KEY)",
       "CREATE TABLE t(a INTEGER/**/PRIMARY KEY)",
       "CREATE TABLE t(a INTEGER x PRIMARY KEY)",
       "CREATE TABLE t(a INTEGERS PRIMARY KEY)",
       "CREATE TABLE t(a INTEGE PRIMARY KEY)")

ROWIDS(of_a_quoted_type, "CREATE TABLE t(a '' PRIMARY KEY)",
       "CREATE TABLE t(a \"INTEGER\"(8) PRIMARY KEY)",
       "CREATE TABLE t(a \"INTEGER\" PRIMARY KEY)",
       "CREATE TABLE t(a 'integer' PRIMARY KEY)",
       "CREATE TABLE t(a [Integer] PRIMARY KEY)",
       "CREATE TABLE t(a `INTEGER` PRIMARY KEY)",
       "CREATE TABLE t(a \" INTEGER\" PRIMARY KEY)",
       "CREATE TABLE t(a \"INTEGER\" \"x\" PRIMARY KEY)",
       "CREATE TABLE t(a [INTEGER], PRIMARY KEY (a))")

ROWIDS(of_the_tables_key, "CREATE TABLE t(a INTEGER, b, PRIMARY KEY (a))",
       "CREATE TABLE t(a INTEGER, PRIMARY KEY (a ASC))",
       "CREATE TABLE t(a INTEGER, PRIMARY KEY (a DESC))",
       "CREATE TABLE t(a INTEGER, PRIMARY KEY (a AUTOINCREMENT))",
       "CREATE TABLE t(a INTEGER, b INTEGER, PRIMARY KEY (a, b))",
       "CREATE TABLE t(a INTEGER, b INTEGER, PRIMARY KEY (B))",
       "CREATE TABLE t(a INT, b INTEGER, PRIMARY KEY (a))")

ROWIDS(of_the_tables_key_in_quotes,
       "CREATE TABLE t(a INTEGER, PRIMARY KEY (\"a\"))",
       "CREATE TABLE t(\"a\" INTEGER, PRIMARY KEY ([A]))",
       "CREATE TABLE t(a INTEGER, PRIMARY KEY ('a'))",
       "CREATE TABLE t(a INTEGER, PRIMARY KEY (a COLLATE nocase))",
       "CREATE TABLE t('a b' INTEGER, b, PRIMARY KEY (`a b`))",
       "CREATE TABLE t(a INTEGER, CONSTRAINT k PRIMARY KEY (a) ON CONFLICT "
       "IGNORE)")

ROWIDS(of_table_options, "CREATE TABLE t(a INTEGER PRIMARY KEY) WITHOUT ROWID",
       "CREATE TABLE t(a INTEGER, b, PRIMARY KEY (a)) WITHOUT ROWID",
       "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT) STRICT",
       "CREATE TABLE t(a INT PRIMARY KEY) STRICT",
       "CREATE TABLE t(a INTEGER, PRIMARY KEY (a)) STRICT",
       "CREATE TABLE t(a INTEGER PRIMARY KEY) STRICT, WITHOUT ROWID")

/* ---- a name for it ---- */

static const char *rowid_name(mig_cx *cx, const char *sql) {
  mig_create *def = mig_create_parse(cx, mig_span_z(sql));

  return def ? mig_rowid_name(cx, def) : NULL;
}

TEST(rowid_has_a_name_that_no_column_has) {
  EQ_STR(rowid_name(cx, "CREATE TABLE t(a)"), "rowid");
  EQ_STR(rowid_name(cx, "CREATE TABLE t(a INTEGER PRIMARY KEY)"), "rowid");
  EQ_STR(rowid_name(cx, "CREATE TABLE t(RowId)"), "_rowid_");
  EQ_STR(rowid_name(cx, "CREATE TABLE t([rowid], '_rowid_')"), "oid");
  EQ_STR(rowid_name(cx, "CREATE TABLE t(rowid, _rowid_, oid)"), NULL);
  EQ_STR(rowid_name(cx, "CREATE TABLE t(rowid, _rowid_, oid,"
                        " \"a b\" INTEGER PRIMARY KEY)"),
         "a b");
  EQ_STR(rowid_name(cx, "CREATE TABLE t(rowid, _rowid_,"
                        " oid INTEGER PRIMARY KEY)"),
         "oid");
  EQ_STR(rowid_name(cx, "CREATE TABLE t(a PRIMARY KEY) WITHOUT ROWID"), NULL);
}
