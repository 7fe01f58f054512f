/*
** ext/store/version.c - _migrate_version: the current heads, in the database.
**
** Who made the database may have made our tables, too.  A column that is
** computed, a CHECK, an index on an expression or a trigger would then run what
** they say whenever we read or write: a table with such a thing is not ours.
*/
#include "ext/store/store.h"

#define LONGEST_ROW 64 /* bytes; what an id of the graph may have */

/* ---- are the tables ours? ---- */

/* Only the kinds of constraint that compute nothing and act on nothing. */
static int store_is_plain(const mig_list *clauses) {
  int i;

  for (i = 0; i < clauses->n; i++) {
    const mig_clause *k = clauses->at[i];
    if (k->conflict.n ||
        (k->type != MIG_CLAUSE_PRIMARY_KEY && k->type != MIG_CLAUSE_UNIQUE &&
         k->type != MIG_CLAUSE_NOT_NULL && k->type != MIG_CLAUSE_NULL))
      return 0;
  }
  return 1;
}

/* An id must stay a text, also one of digits. */
static int store_is_column(const mig_create *c, const mig_coldef *col) {
  char affinity = mig_affinity(col->type, c->strict);

  return store_is_plain(&col->clauses) &&
         (affinity == 'T' || affinity == 'B' ||
          !mig_sql_same(col->name, "revision"));
}

/* Is it a table of plain columns, or an index on plain columns? */
static int store_is_ours(const mig_create *c) {
  int i;

  if (c->type == MIG_CREATE_OF_INDEX) {
    for (i = 0; i < c->keys.n; i++) {
      const mig_key *k = c->keys.at[i];
      if (!k->column.n || k->collate.n) return 0;
    }
    return !c->where.n;
  }
  for (i = 0; i < c->columns.n; i++)
    if (!store_is_column(c, c->columns.at[i])) return 0;
  return c->type == MIG_CREATE_OF_TABLE && store_is_plain(&c->clauses);
}

/* Fail with "<what> in database <schema> <why>" unless the statement is so. */
static void store_check(mig_cx *cx, const mig_db *db, const char *sql,
                        const char *what, const char *why) {
  mig_cx own = {0};
  mig_create *c = mig_create_parse(&own, mig_span_z(sql ? sql : ""));

  if ((own.rc & 0xff) == SQLITE_NOMEM)
    mig_fail_nomem(cx);
  else if (!c || !store_is_ours(c))
    mig_fail(cx, SQLITE_ERROR, "%s in database %s %s", what, db->schema, why);
  mig_cx_release(&own);
}

static const char store_foreign[] =
    "is not the table that migrate makes; rename or drop it";

int mig_store_table(mig_cx *cx, const mig_db *db, const char *name) {
  sqlite3_stmt *st =
      mig_query(cx, db,
                "SELECT CASE WHEN type = 'table' AND rootpage > 0 THEN sql END"
                " FROM \"%w\".sqlite_schema"
                " WHERE name = %Q COLLATE NOCASE AND type <> 'trigger'",
                db->schema, name);
  int there = mig_row(cx, st);

  if (there) store_check(cx, db, mig_column(cx, st, 0), name, store_foreign);
  mig_stmt_end(cx, st);
  return there && !cx->rc;
}

/* MIG_HAS_... of the name, or 0. */
static int store_bit(const char *name) {
  static const char *const names[] = {"_migrate_journal", "_migrate_log",
                                      "_migrate_version"};
  int i;

  for (i = 0; name && i < 3; i++)
    if (!sqlite3_stricmp(name, names[i])) return 1 << i;
  return 0;
}

int mig_store_tables(mig_cx *cx, const mig_db *db) {
  sqlite3_stmt *st =
      mig_query(cx, db,
                "SELECT name, CASE WHEN type = 'table' AND rootpage > 0 THEN"
                " sql END FROM \"%w\".sqlite_schema WHERE name COLLATE NOCASE"
                " BETWEEN '_migrate_journal' AND '_migrate_version'"
                " AND type <> 'trigger'",
                db->schema);
  int there = 0, bit;

  while (mig_row(cx, st)) {
    const char *name = mig_column(cx, st, 0);
    bit = store_bit(name);
    if (bit) store_check(cx, db, mig_column(cx, st, 1), name, store_foreign);
    there |= bit;
  }
  mig_stmt_end(cx, st);
  return cx->rc ? 0 : there;
}

int mig_store_writable(mig_cx *cx, const mig_db *db, const char *name) {
  int there = mig_store_table(cx, db, name);
  sqlite3_stmt *st;

  if (!there) return 0;
  st = mig_query(cx, db,
                 "SELECT sql, type || ' ' || name || ', which is on ' || %Q"
                 " FROM \"%w\".sqlite_schema WHERE tbl_name = %Q COLLATE NOCASE"
                 " AND type <> 'table' AND sql NOT NULL",
                 name, db->schema, name);
  while (mig_row(cx, st))
    store_check(cx, db, mig_column(cx, st, 0), mig_column(cx, st, 1),
                "would run with what migrate writes; drop it");
  mig_stmt_end(cx, st);
  return !cx->rc;
}

/* ---- the version rows ---- */

/* What is no id could stand for one in a message, or be none to SQL. */
static int version_is_id(const char *z, int n) {
  int i;

  if (n < 1 || n > LONGEST_ROW) return 0;
  for (i = 0; i < n; i++)
    if (z[i] < ' ' || z[i] > '~') return 0;
  return 1;
}

static void version_add(mig_cx *cx, const mig_db *db, sqlite3_stmt *st,
                        mig_list *rows) {
  int text = !cx->rc && sqlite3_column_type(st, 0) == SQLITE_TEXT;
  const char *z = mig_column(cx, st, 0);

  if (!cx->rc && !text)
    mig_fail(cx, SQLITE_ERROR,
             "_migrate_version in database %s holds a row that is not text; "
             "delete it",
             db->schema);
  if (!cx->rc && !version_is_id(z, sqlite3_column_bytes(st, 0)))
    mig_fail(cx, SQLITE_ERROR,
             "_migrate_version in database %s holds a text that can be no id "
             "of a revision: it has %d bytes, or other characters; delete it",
             db->schema, sqlite3_column_bytes(st, 0));
  mig_list_add(cx, rows, (void *)(uintptr_t)z);
}

mig_list mig_version_rows(mig_cx *cx, const mig_db *db) {
  const mig_list none = {0};

  if (!mig_store_table(cx, db, "_migrate_version")) return none;
  return mig_version_read(cx, db);
}

mig_list mig_version_read(mig_cx *cx, const mig_db *db) {
  mig_list rows = {0};
  sqlite3_stmt *st = mig_query(
      cx, db,
      "SELECT DISTINCT revision FROM \"%w\"._migrate_version ORDER BY 1",
      db->schema);
  while (mig_row(cx, st)) version_add(cx, db, st, &rows);
  mig_stmt_end(cx, st);
  return rows;
}

int mig_store_column(mig_cx *cx, const mig_db *db, const char *table,
                     const char *column) {
  int rc = cx->rc
               ? SQLITE_OK
               : sqlite3_table_column_metadata(db->h, db->schema, table, column,
                                               NULL, NULL, NULL, NULL, NULL);

  if (rc != SQLITE_ERROR) mig_fail_db(cx, db->h, rc, NULL);
  return !cx->rc && rc == SQLITE_OK;
}

void mig_store_create(mig_cx *cx, const mig_db *db) {
  if (!mig_store_writable(cx, db, "_migrate_version"))
    mig_exec(cx, db,
             "CREATE TABLE IF NOT EXISTS \"%w\"._migrate_version ("
             "revision TEXT PRIMARY KEY NOT NULL)",
             db->schema);
  if (!mig_store_writable(cx, db, "_migrate_log"))
    mig_exec(cx, db,
             "CREATE TABLE IF NOT EXISTS \"%w\"._migrate_log (\n"
             "  id INTEGER PRIMARY KEY,\n"
             "  revision TEXT NOT NULL,\n"
             "  direction TEXT NOT NULL,\n"
             "  message TEXT,\n"
             "  started_at TEXT NOT NULL,\n"
             "  duration_ms INTEGER NOT NULL,\n"
             "  checksum TEXT,\n"
             "  source TEXT,\n"
             "  extension TEXT NOT NULL,\n"
             "  known TEXT\n)",
             db->schema);
  else if (!db->tape && !mig_store_column(cx, db, "_migrate_log", "known"))
    mig_exec(cx, db, "ALTER TABLE \"%w\"._migrate_log ADD COLUMN known TEXT",
             db->schema);
}

void mig_version_change(mig_cx *cx, const mig_db *db, const mig_list *gone,
                        const mig_list *come) {
  int i;

  if (gone->n == 1 && come->n == 1) { /* a step in a line: one statement */
    mig_exec(cx, db,
             "UPDATE \"%w\"._migrate_version SET revision = %Q"
             " WHERE revision = %Q",
             db->schema, come->at[0], gone->at[0]);
    return;
  }
  for (i = 0; i < gone->n; i++)
    mig_exec(cx, db, "DELETE FROM \"%w\"._migrate_version WHERE revision = %Q",
             db->schema, gone->at[i]);
  for (i = 0; i < come->n; i++)
    mig_exec(cx, db,
             "INSERT INTO \"%w\"._migrate_version(revision) VALUES (%Q)",
             db->schema, come->at[i]);
}
