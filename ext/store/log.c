/*
** ext/store/log.c - _migrate_log: one row for each step ever run, with the text
** that ran, so that a program without the file can still take it back.
*/
#include "ext/store/store.h"

sqlite3_stmt *mig_log_open(mig_cx *cx, const mig_db *db) {
  return mig_query(cx, db,
                   "INSERT INTO \"%w\"._migrate_log(revision, direction,"
                   " message, checksum, source, extension, duration_ms,"
                   " started_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
                   " datetime('now', '-' || (?8 / 1000.0) || ' seconds'))",
                   db->schema);
}

/* A script outside of the graph changes nothing of what is known. */
static void log_carry(mig_cx *cx, const mig_db *db) {
  sqlite3_int64 id = cx->rc ? 0 : sqlite3_last_insert_rowid(db->h);

  mig_exec(cx, db,
           "UPDATE \"%w\"._migrate_log SET known = (SELECT known FROM"
           " \"%w\"._migrate_log WHERE id < %lld ORDER BY id DESC LIMIT 1)"
           " WHERE id = %lld",
           db->schema, db->schema, id, id);
}

void mig_log_add(mig_cx *cx, const mig_db *db, sqlite3_stmt *st,
                 const mig_log_row *row, sqlite3_int64 age_ms) {
  mig_bind_text(cx, st, 1, row->revision);
  mig_bind_text(cx, st, 2, row->direction);
  mig_bind_text(cx, st, 3, row->message);
  mig_bind_text(cx, st, 4, row->checksum);
  mig_bind_text(cx, st, 5, row->source);
  mig_bind_text(cx, st, 6, MIG_VERSION);
  mig_bind_int(cx, st, 7, row->duration_ms);
  mig_bind_int(cx, st, 8, age_ms);
  mig_exec_done(cx, db, st);
  if (!strcmp(row->direction, "run")) log_carry(cx, db);
}

sqlite3_int64 mig_log_begin(mig_cx *cx, const mig_db *db,
                            const mig_log_row *row) {
  sqlite3_stmt *st = mig_log_open(cx, db);

  mig_log_add(cx, db, st, row, 0);
  mig_stmt_end(cx, st);
  return cx->rc ? 0 : sqlite3_last_insert_rowid(db->h);
}

void mig_log_end(mig_cx *cx, const mig_db *db, sqlite3_int64 id,
                 sqlite3_int64 duration_ms) {
  mig_exec(cx, db,
           "UPDATE \"%w\"._migrate_log SET duration_ms = %lld WHERE id = %lld",
           db->schema, duration_ms, id);
}

void mig_log_text(mig_cx *cx, const mig_db *db, sqlite3_int64 id,
                  const mig_log_row *row) {
  mig_exec(cx, db,
           "UPDATE \"%w\"._migrate_log SET message = %Q, checksum = %Q,"
           " source = %Q WHERE id = %lld",
           db->schema, row->message, row->checksum, row->source, id);
}

static mig_log_row *log_row(mig_cx *cx, sqlite3_stmt *st) {
  mig_log_row *r = mig_alloc(cx, sizeof *r);

  if (!r) return NULL;
  r->revision = mig_column(cx, st, 0);
  r->direction = mig_column(cx, st, 1);
  r->message = mig_column(cx, st, 2);
  r->started_at = mig_column(cx, st, 3);
  r->duration_ms = sqlite3_column_int64(st, 4);
  r->checksum = mig_column(cx, st, 5);
  r->extension = mig_column(cx, st, 6);
  r->id = sqlite3_column_int64(st, 7);
  return r;
}

/* The last row of each revision among those that bless, or the others. */
static sqlite3_stmt *log_lasts(mig_cx *cx, const mig_db *db, int blessing) {
  return mig_query(cx, db,
                   "SELECT revision, direction, message, started_at,"
                   " duration_ms, checksum, extension, max(id) FROM"
                   " \"%w\"._migrate_log WHERE revision IS NOT NULL AND"
                   " direction <> 'run' AND (direction = 'bless') = %d"
                   " GROUP BY revision",
                   db->schema, blessing);
}

/* The row that applied it stays, with the text that was blessed later. */
static void log_bless(mig_cx *cx, mig_map *last, mig_log_row *r) {
  mig_log_row *was = mig_map_get(last, r->revision);

  if (!was) {
    mig_map_put(cx, last, r->revision, r);
  } else if (was->id < r->id && strcmp(was->direction, "downgrade")) {
    was->id = r->id;
    was->checksum = r->checksum;
    was->message = r->message;
  }
}

mig_map mig_log_last(mig_cx *cx, const mig_db *db) {
  mig_map last = {0};
  sqlite3_stmt *st;
  mig_log_row *r;

  if (!mig_store_table(cx, db, "_migrate_log")) return last;
  st = log_lasts(cx, db, 0);
  while (mig_row(cx, st))
    if ((r = log_row(cx, st)) != NULL && !cx->rc)
      mig_map_put(cx, &last, r->revision, r);
  mig_stmt_end(cx, st);
  st = log_lasts(cx, db, 1);
  while (mig_row(cx, st))
    if ((r = log_row(cx, st)) != NULL && !cx->rc) log_bless(cx, &last, r);
  mig_stmt_end(cx, st);
  return last;
}

mig_log_row *mig_log_find(mig_cx *cx, const mig_db *db, const mig_map *last,
                          const char *id) {
  const mig_log_row *known = mig_map_get(last, id);
  mig_log_row *r = NULL;
  sqlite3_stmt *st;

  if (!known || cx->rc) return NULL;
  /* a row that takes it back is the last where that has only begun */
  st = mig_query(cx, db,
                 "SELECT revision, direction, message, started_at, duration_ms,"
                 " checksum, extension, id, source FROM \"%w\"._migrate_log"
                 " WHERE revision = %Q AND direction NOT IN ('run',"
                 " 'downgrade') AND id %s %lld ORDER BY id DESC LIMIT 1",
                 db->schema, id, mig_log_applied(last, id) ? "=" : "<",
                 known->id);
  if (mig_row(cx, st)) r = log_row(cx, st);
  if (r) r->source = mig_column(cx, st, 8);
  mig_stmt_end(cx, st);
  return r;
}

char *mig_log_named(mig_cx *cx, const mig_db *db, const char *prefix) {
  char *id = NULL;
  sqlite3_stmt *st;

  if (strlen(prefix) < 4 || !mig_store_table(cx, db, "_migrate_log"))
    return NULL;
  st = mig_query(cx, db,
                 "SELECT DISTINCT revision FROM \"%w\"._migrate_log WHERE"
                 " direction <> 'run' AND substr(revision, 1, %d) = %Q LIMIT 2",
                 db->schema, (int)strlen(prefix), prefix);
  if (mig_row(cx, st)) id = mig_column(cx, st, 0);
  if (mig_row(cx, st)) id = NULL; /* there are several */
  mig_stmt_end(cx, st);
  return id;
}

const mig_log_row *mig_log_applied(const mig_map *last, const char *id) {
  const mig_log_row *r = mig_map_get(last, id);

  return r && strcmp(r->direction, "downgrade") ? r : NULL;
}

char *mig_log_known(mig_cx *cx, const mig_db *db) {
  if (!mig_store_column(cx, db, "_migrate_log", "known")) return NULL;
  return mig_query_text(cx, db,
                        "SELECT CASE WHEN length(known) < 100 THEN known END"
                        " FROM \"%w\"._migrate_log ORDER BY id DESC LIMIT 1",
                        db->schema);
}

void mig_log_know(mig_cx *cx, const mig_db *db, const char *known) {
  mig_exec(cx, db,
           "UPDATE \"%w\"._migrate_log SET known = %Q WHERE id ="
           " (SELECT max(id) FROM \"%w\"._migrate_log)",
           db->schema, known, db->schema);
}

char *mig_now(mig_cx *cx, const mig_db *db) {
  return mig_query_text(cx, db, "SELECT datetime('now')");
}
