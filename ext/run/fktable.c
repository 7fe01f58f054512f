/*
** ext/run/fktable.c - the foreign-key violations of one table.
**
** A foreign key whose parent has no fitting unique index makes SQLite refuse to
** check its table ("foreign key mismatch").  That counts as one violation, and
** while it lasted nothing more is known of that table.
*/
#include "ext/run/run.h"

mig_fk_table *mig_fk_table_new(mig_cx *cx, mig_fk_table **list,
                               const char *name) {
  mig_fk_table *t = cx->rc ? NULL : sqlite3_malloc64(sizeof *t);

  if (!t) {
    mig_fail_nomem(cx);
    return NULL;
  }
  memset(t, 0, sizeof *t);
  if (!name) mig_fail_nomem(&t->mem);
  t->name = mig_strdup(&t->mem, name);
  t->next = *list;
  *list = t;
  if (!t->mem.rc) return t;
  mig_fail_move(cx, &t->mem);
  mig_fk_table_free(list);
  return NULL;
}

void mig_fk_table_free(mig_fk_table **list) {
  mig_fk_table *t = *list;

  if (!t) return;
  *list = t->next;
  mig_cx_release(&t->mem);
  sqlite3_free(t);
}

mig_fk_table *mig_fk_table_find(mig_fk_table *list, const char *name) {
  for (; list; list = list->next)
    if (!sqlite3_stricmp(list->name, name)) return list;
  return NULL;
}

sqlite3_int64 mig_fk_root(mig_cx *cx, const mig_db *db, const char *table) {
  return mig_query_int(cx, db, 0,
                       "SELECT rootpage FROM \"%w\".sqlite_schema WHERE"
                       " type = 'table' AND name = %Q COLLATE NOCASE",
                       db->schema, table);
}

/* Does the text hold the word, in either case? */
static int fkt_holds(const char *text, const char *word) {
  int n = (int)strlen(word);

  for (; *text; text++)
    if ((*text | 32) == (*word | 32) && !sqlite3_strnicmp(text, word, n))
      return 1;
  return 0;
}

sqlite3_stmt *mig_fk_tables(mig_cx *cx, const mig_db *db, const char *name) {
  return mig_query(cx, db,
                   "SELECT name, rootpage, sql FROM \"%w\".sqlite_schema"
                   " WHERE type = 'table' AND (%d OR name = %Q COLLATE NOCASE)"
                   " ORDER BY rowid DESC",
                   db->schema, !name, name);
}

int mig_fk_has_keys(sqlite3_stmt *st) {
  const char *sql = (const char *)sqlite3_column_text(st, 2);

  return sql && fkt_holds(sql, "REFERENCES");
}

int mig_fk_is_child(mig_cx *cx, const mig_db *db, sqlite3_stmt *st,
                    const char *table) {
  if (!mig_fk_has_keys(st)) return 0;
  if (!strpbrk(table, "'\"`]") &&
      !fkt_holds((const char *)sqlite3_column_text(st, 2), table))
    return 0;
  return (int)mig_query_int(cx, db, 0,
                            "SELECT 1 FROM pragma_foreign_key_list(%Q, %Q)"
                            " WHERE \"table\" = %Q COLLATE NOCASE",
                            sqlite3_column_text(st, 0), db->schema, table);
}

int mig_fk_exists(mig_cx *cx, const mig_db *db, const char *name) {
  int rc = sqlite3_table_column_metadata(db->h, db->schema, name, NULL, NULL,
                                         NULL, NULL, NULL, NULL);

  if (rc && (rc & 0xff) != SQLITE_ERROR) mig_fail_db(cx, db->h, rc, NULL);
  return rc == SQLITE_OK;
}

static void fkt_add(mig_cx *cx, mig_fk_table *t, mig_fk_key *key,
                    const char *rowid) {
  mig_fk_row *r = mig_alloc(cx, sizeof *r);

  if (!r) return;
  *r = (mig_fk_row){key, rowid, 1};
  mig_list_add(cx, &t->rows, r);
}

/* The foreign key with this number; `parent` is as its text names it. */
static mig_fk_key *fkt_key(mig_cx *cx, const mig_db *db, const mig_fk_table *t,
                           int id, const char *parent) {
  mig_fk_key *key = mig_alloc(cx, sizeof *key);

  if (!key) return NULL;
  key->id = id;
  key->parent = parent ? parent : "";
  key->root = mig_fk_root(cx, db, key->parent);
  key->columns = mig_query_text(cx, db,
                                "SELECT group_concat(\"from\") FROM"
                                " pragma_foreign_key_list(%Q, %Q)"
                                " WHERE id = %d",
                                t->name, db->schema, id);
  if (!key->columns) key->columns = "";
  return key;
}

/* Violations come one foreign key after another. */
static void fkt_read_rows(mig_cx *cx, const mig_db *db, mig_fk_table *t) {
  mig_fk_key *key = NULL;
  sqlite3_stmt *st = mig_query(cx, db,
                               "SELECT rowid, parent, fkid FROM"
                               " pragma_foreign_key_check(%Q, %Q)",
                               t->name, db->schema);

  while (mig_row(cx, st)) {
    int id = sqlite3_column_int(st, 2);
    if (!key || key->id != id)
      key = fkt_key(cx, db, t, id, mig_column(cx, st, 1));
    fkt_add(cx, t, key, mig_column(cx, st, 0));
  }
  mig_stmt_end(cx, st);
}

/* Has SQLite refused to check the table?  Other errors are cx's. */
static void fkt_refused(mig_cx *cx, mig_cx *own, const mig_db *db,
                        mig_fk_table *t) {
  mig_fk_key *key;

  if ((own->rc & 0xff) != SQLITE_ERROR ||
      !strstr(mig_cx_message(own), "foreign key mismatch")) {
    mig_fail_move(cx, own);
    return;
  }
  key = mig_alloc(&t->mem, sizeof *key);
  if (key) key->parent = mig_strdup(&t->mem, sqlite3_errmsg(db->h));
  if (key) key->columns = "";
  t->blind = 1;
  fkt_add(&t->mem, t, key, NULL);
  mig_fail_move(cx, &t->mem);
}

void mig_fk_table_read(mig_cx *cx, const mig_db *db, mig_fk_table *t) {
  mig_cx own = {0};

  if (cx->rc) return;
  t->rows = (mig_list){0};
  t->blind = 0;
  fkt_read_rows(&t->mem, db, t);
  mig_fail_move(&own, &t->mem);
  fkt_refused(cx, &own, db, t);
  mig_cx_release(&own);
}

void mig_fk_table_probe(mig_cx *cx, const mig_db *db, mig_fk_table *t) {
  mig_cx own = {0};
  char *sql = mig_printf(&own, "PRAGMA \"%w\".foreign_key_check(%Q)",
                         db->schema, t->name);

  t->rows = (mig_list){0};
  t->blind = 0;
  if (sql) mig_prepare(&own, db, sql, NULL);
  fkt_refused(cx, &own, db, t);
  mig_cx_release(&own);
}
