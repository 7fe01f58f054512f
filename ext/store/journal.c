/*
** ext/store/journal.c - _migrate_journal: how far a revision or a script with
** transactional = false has come.  The table goes with its last row.
*/
#include "ext/store/store.h"

#define JOURNAL_TABLE "_migrate_journal"
#define JOURNAL_COLUMNS "revision, ordinal, op, checksum, result, key"

static int journal_there(mig_cx *cx, const mig_db *db) {
  return mig_store_table(cx, db, JOURNAL_TABLE);
}

static mig_journal_row *journal_row(mig_cx *cx, const mig_db *db,
                                    sqlite3_stmt *st) {
  mig_journal_row *r = mig_alloc(cx, sizeof *r);

  if (!r) return NULL;
  r->revision = mig_column(cx, st, 0);
  r->ordinal = sqlite3_column_int64(st, 1);
  r->op = mig_column(cx, st, 2);
  r->checksum = mig_column(cx, st, 3);
  r->result = sqlite3_column_int64(st, 4);
  r->key = mig_column(cx, st, 5);
  if (!cx->rc && (!r->revision || !r->op))
    mig_fail(cx, SQLITE_ERROR,
             JOURNAL_TABLE " in database %s holds a row that migrate does not "
                           "write; delete it, or rename the table",
             db->schema);
  return cx->rc ? NULL : r;
}

mig_list mig_journal_begun(mig_cx *cx, const mig_db *db) {
  mig_list rows = {0};
  sqlite3_stmt *st;

  if (!journal_there(cx, db)) return rows;
  st = mig_query(cx, db,
                 "SELECT " JOURNAL_COLUMNS " FROM \"%w\"." JOURNAL_TABLE
                 " WHERE ordinal = 0 AND revision NOT NULL ORDER BY revision",
                 db->schema);
  while (mig_row(cx, st)) mig_list_add(cx, &rows, journal_row(cx, db, st));
  mig_stmt_end(cx, st);
  return rows;
}

mig_journal_row *mig_journal_get(mig_cx *cx, const mig_db *db,
                                 const char *revision, sqlite3_int64 ordinal) {
  mig_journal_row *r = NULL;
  sqlite3_stmt *st;

  if (!journal_there(cx, db)) return NULL;
  st = mig_query(cx, db,
                 "SELECT " JOURNAL_COLUMNS " FROM \"%w\"." JOURNAL_TABLE
                 " WHERE revision = %Q AND ordinal = %lld",
                 db->schema, revision, ordinal);
  if (mig_row(cx, st)) r = journal_row(cx, db, st);
  mig_stmt_end(cx, st);
  return r;
}

sqlite3_int64 mig_journal_count(mig_cx *cx, const mig_db *db,
                                const char *revision, int started) {
  if (!journal_there(cx, db)) return 0;
  return mig_query_int(cx, db, 0,
                       "SELECT count(*) FROM \"%w\"." JOURNAL_TABLE
                       " WHERE revision = %Q AND ordinal > 0"
                       " AND (%d OR key IS NULL)",
                       db->schema, revision, started);
}

int mig_journal_later(mig_cx *cx, const mig_db *db, const char *revision,
                      sqlite3_int64 ordinal) {
  if (!journal_there(cx, db)) return 0;
  return (int)mig_query_int(cx, db, 0,
                            "SELECT 1 FROM \"%w\"." JOURNAL_TABLE
                            " WHERE revision = %Q AND ordinal > %lld LIMIT 1",
                            db->schema, revision, ordinal);
}

/* Without its row an op would be done twice. */
static void journal_check(mig_cx *cx, const mig_db *db,
                          const mig_journal_row *row) {
  if (!mig_query_int(
          cx, db, 0,
          "SELECT 1 FROM \"%w\"." JOURNAL_TABLE
          " WHERE revision = %Q AND ordinal = %lld AND checksum IS %Q"
          " AND result = %lld AND key IS %Q",
          db->schema, row->revision, row->ordinal, row->checksum, row->result,
          row->key))
    mig_fail(cx, SQLITE_ERROR,
             JOURNAL_TABLE " in database %s does not hold what was written; "
                           "drop the triggers that are on it",
             db->schema);
}

void mig_journal_put(mig_cx *cx, const mig_db *db, const mig_journal_row *row) {
  if (!mig_store_writable(cx, db, JOURNAL_TABLE))
    mig_exec(cx, db,
             "CREATE TABLE \"%w\"." JOURNAL_TABLE " (\n"
             "  revision TEXT,\n"
             "  ordinal INTEGER,\n"
             "  op TEXT NOT NULL,\n"
             "  checksum TEXT,\n"
             "  result,\n"
             "  key TEXT,\n"
             "  PRIMARY KEY (revision, ordinal)\n"
             ") WITHOUT ROWID",
             db->schema);
  mig_exec(cx, db,
           "INSERT OR REPLACE INTO \"%w\"." JOURNAL_TABLE "(" JOURNAL_COLUMNS
           ")"
           " VALUES (%Q, %lld, %Q, %Q, %lld, %Q)",
           db->schema, row->revision, row->ordinal, row->op, row->checksum,
           row->result, row->key);
  journal_check(cx, db, row);
}

/* SQLite drops no table while the statement that called us reads one: then it
** stays, empty, until the next time. */
static void journal_drop_table(mig_cx *cx, const mig_db *db) {
  mig_cx own = {0};

  if (cx->rc) return;
  mig_exec(&own, db, "DROP TABLE \"%w\"." JOURNAL_TABLE, db->schema);
  if ((own.rc & 0xff) != SQLITE_LOCKED) mig_fail_move(cx, &own);
  mig_cx_release(&own);
}

void mig_journal_drop(mig_cx *cx, const mig_db *db, const char *revision) {
  if (!mig_store_writable(cx, db, JOURNAL_TABLE)) return;
  if (revision)
    mig_exec(cx, db, "DELETE FROM \"%w\"." JOURNAL_TABLE " WHERE revision = %Q",
             db->schema, revision);
  else
    mig_exec(cx, db,
             "DELETE FROM \"%w\"." JOURNAL_TABLE
             " WHERE revision NOT IN (SELECT"
             " revision FROM \"%w\"." JOURNAL_TABLE
             " WHERE ordinal = 0 AND op = 'run')",
             db->schema, db->schema);
  if (!mig_query_int(cx, db, 0,
                     "SELECT 1 FROM \"%w\"." JOURNAL_TABLE " LIMIT 1",
                     db->schema))
    journal_drop_table(cx, db);
}
