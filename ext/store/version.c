/*
** ext/store/version.c - _migrate_version: the current heads, in the database.
*/
#include "ext/store/store.h"

int mig_store_table(mig_cx *cx, const mig_db *db, const char *name) {
  sqlite3_stmt *st = mig_query(
      cx, db,
      "SELECT type = 'table' AND rootpage > 0 FROM \"%w\".sqlite_schema"
      " WHERE name = %Q COLLATE NOCASE",
      db->schema, name);
  int there = mig_row(cx, st);

  if (there && !sqlite3_column_int(st, 0))
    mig_fail(cx, SQLITE_ERROR,
             "%s in database %s is not the table that migrate makes; rename or "
             "drop it",
             name, db->schema);
  mig_stmt_end(cx, st);
  return there && !cx->rc;
}

mig_list mig_version_rows(mig_cx *cx, const mig_db *db) {
  mig_list rows = {0};
  sqlite3_stmt *st;

  if (!mig_store_table(cx, db, "_migrate_version")) return rows;
  st = mig_query(cx, db,
                 "SELECT revision FROM \"%w\"._migrate_version ORDER BY 1",
                 db->schema);
  while (mig_row(cx, st)) {
    if (sqlite3_column_type(st, 0) != SQLITE_TEXT)
      mig_fail(cx, SQLITE_ERROR,
               "_migrate_version in database %s holds a row that is not text",
               db->schema);
    mig_list_add(cx, &rows, mig_column(cx, st, 0));
  }
  mig_stmt_end(cx, st);
  return rows;
}

void mig_store_create(mig_cx *cx, const mig_db *db) {
  if (!mig_store_table(cx, db, "_migrate_version"))
    mig_exec(cx, db,
             "CREATE TABLE IF NOT EXISTS \"%w\"._migrate_version ("
             "revision TEXT PRIMARY KEY NOT NULL)",
             db->schema);
  if (!mig_store_table(cx, db, "_migrate_log"))
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
             "  extension TEXT NOT NULL\n)",
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
    mig_exec(cx, db, "INSERT INTO \"%w\"._migrate_version VALUES (%Q)",
             db->schema, come->at[i]);
}
