/*
** ext/schema/table.c - a table as the database describes it.
**
** What may be altered is an ordinary table of the user's.  All of its
** database's objects are read with it: whether the others are as they were is
** told by comparing them.
*/
#include "ext/schema/schema.h"

/* A column of the row, copied; the usual types are not. */
static const char *object_text(mig_cx *cx, sqlite3_stmt *st, int i) {
  static const char *const types[] = {"table", "index", "view", "trigger"};
  const char *z = (const char *)sqlite3_column_text(st, i);
  size_t k;

  if (!z && sqlite3_column_type(st, i) != SQLITE_NULL) mig_fail_nomem(cx);
  if (!z || cx->rc) return NULL;
  for (k = 0; i == 0 && k < sizeof types / sizeof *types; k++)
    if (!strcmp(z, types[k])) return types[k];
  return mig_strndup(cx, z, sqlite3_column_bytes(st, i));
}

/* A row without one of these is no object to SQLite either, which reads over it
** with writable_schema on, and reads no schema at all with it off. */
static int object_is_one(sqlite3_stmt *st) {
  int i;

  for (i = 0; i < 3; i++)
    if (sqlite3_column_type(st, i) == SQLITE_NULL) return 0;
  return 1;
}

/* A TEMP database that is not open is none to sqlite3_db_readonly(); who reads
** from it opens it, and each ALTER TABLE reads its schema from then on.  It has
** no page until its first object is made. */
static int objects_none(mig_cx *cx, const mig_db *db, const char *schema) {
  return !sqlite3_stricmp(schema, "temp") &&
         (sqlite3_db_readonly(db->h, "temp") < 0 ||
          !mig_query_int(cx, db, 1, "PRAGMA temp.page_count"));
}

static mig_list objects_rows(mig_cx *cx, sqlite3_stmt *st) {
  mig_list out = {0};
  mig_object *o;

  while (mig_row(cx, st)) {
    if (!object_is_one(st)) continue;
    if ((o = mig_alloc(cx, sizeof *o)) == NULL) break;
    o->type = object_text(cx, st, 0);
    o->name = object_text(cx, st, 1);
    o->table = object_text(cx, st, 2);
    o->sql = object_text(cx, st, 3);
    o->root = sqlite3_column_int64(st, 4);
    o->rowid = sqlite3_column_int64(st, 5);
    mig_list_add(cx, &out, o);
  }
  mig_stmt_end(cx, st);
  return out;
}

/* Of an expression SQLite does not note where it comes from: with a plus it is
** compiled faster. */
#define OBJECTS_SELECT                                                         \
  "SELECT +type, +name, +tbl_name, +sql, +rootpage, +rowid"                    \
  " FROM \"%w\".sqlite_schema"

mig_list mig_objects_read(mig_cx *cx, const mig_db *db, const char *schema) {
  if (objects_none(cx, db, schema)) return (mig_list){0};
  return objects_rows(
      cx, mig_query(cx, db, OBJECTS_SELECT " ORDER BY rowid", schema));
}

/* Every row is looked at, most of them in vain: the cheaper test comes first.
 */
mig_list mig_objects_about(mig_cx *cx, const mig_db *db, const char *schema,
                           const char *table) {
  if (objects_none(cx, db, schema)) return (mig_list){0};
  return objects_rows(cx, mig_query(cx, db,
                                    OBJECTS_SELECT
                                    " WHERE (rootpage > 0) IS NOT TRUE"
                                    " OR tbl_name = %Q COLLATE NOCASE"
                                    " ORDER BY rowid",
                                    schema, table));
}

mig_object *mig_object_find(const mig_list *objects, const char *type,
                            const char *name) {
  mig_object *o;
  int i;

  for (i = 0; i < objects->n; i++) {
    o = objects->at[i];
    if (o->type && !strcmp(o->type, type) && o->name &&
        !sqlite3_stricmp(o->name, name))
      return o;
  }
  return NULL;
}

static int table_is_altered(const mig_object *o) {
  return o->type && o->name && !strcmp(o->type, "table") &&
         sqlite3_strnicmp(o->name, "sqlite_", 7) &&
         sqlite3_strnicmp(o->name, "_migrate_", 9);
}

const char *mig_object_nearest(const mig_list *objects, const char *name) {
  const char *near = NULL;
  int i, best = MIG_NEAR;

  for (i = 0; i < objects->n; i++) {
    const mig_object *o = objects->at[i];
    if (table_is_altered(o) && mig_is_nearer(name, o->name, &best))
      near = o->name;
  }
  return near;
}

static void table_missing(mig_cx *cx, const mig_list *objects,
                          const char *schema, const char *name) {
  const char *near = mig_object_nearest(objects, name);

  if (mig_object_find(objects, "view", name))
    mig_fail(cx, SQLITE_ERROR,
             "%s is a view; drop it with op.drop_view and create it anew",
             name);
  else
    mig_fail(cx, SQLITE_ERROR, "no table %s in %s%s%s", name, schema,
             near ? "; the nearest is " : "", near ? near : "");
}

/* Is it a virtual table, or is its name one's with `_` and more behind it, as a
** shadow table's is?  (https://sqlite.org/vtab.html, 2.16) */
static int table_is_virtual(const mig_list *objects, const mig_object *o) {
  size_t n;
  int i;

  for (i = 0; i < objects->n && o->root; i++) {
    const mig_object *v = objects->at[i];
    if (v->root || !v->type || !v->name || strcmp(v->type, "table")) continue;
    n = strlen(v->name);
    if (!sqlite3_strnicmp(v->name, o->name, (int)n) && o->name[n] == '_')
      return 1;
  }
  return !o->root;
}

/* What "PRAGMA table_list" says of it.  It compiles every view there is to say
** so, in a time quadratic in their number. */
static char *table_type(mig_cx *cx, const mig_db *db, const mig_object *o) {
  sqlite3_stmt *st = mig_query(cx, db, "PRAGMA \"%w\".table_list(\"%w\")",
                               db->schema, o->name);
  char *type = mig_row(cx, st) ? mig_column(cx, st, 2) : NULL;

  mig_stmt_end(cx, st);
  return type;
}

/* Fail unless it is an ordinary table. */
static void table_check(mig_cx *cx, const mig_db *db, const mig_list *objects,
                        const mig_object *o) {
  const char *type =
      table_is_virtual(objects, o) ? table_type(cx, db, o) : NULL;

  if (type && !strcmp(type, "virtual"))
    mig_fail(cx, SQLITE_ERROR,
             "%s is a virtual table, which its module keeps: only "
             "op.rename_table and op.drop_table apply",
             o->name);
  else if (type && !strcmp(type, "shadow"))
    mig_fail(cx, SQLITE_ERROR,
             "%s is the shadow table of a virtual table: alter that one",
             o->name);
  else if (!table_is_altered(o))
    mig_fail(cx, SQLITE_ERROR, "%s belongs to %s, not to a revision", o->name,
             *o->name == '_' ? "migrate" : "SQLite");
}

mig_table *mig_table_read(mig_cx *cx, const mig_db *db, const char *name,
                          int alone) {
  mig_table *t = mig_alloc(cx, sizeof *t);

  if (!t) return NULL;
  t->schema = db->schema;
  t->version = sqlite3_libversion_number();
  t->alone = alone;
  t->objects = alone ? mig_objects_about(cx, db, db->schema, name)
                     : mig_objects_read(cx, db, db->schema);
  if (cx->rc) return NULL;
  t->object = mig_object_find(&t->objects, "table", name);
  if (!t->object && alone) return mig_table_read(cx, db, name, 0);
  if (!t->object)
    table_missing(cx, &t->objects, db->schema, name);
  else
    table_check(cx, db, &t->objects, t->object);
  if (cx->rc) return NULL;
  t->name = t->object->name;
  t->def = mig_create_parse(cx, mig_span_z(t->object->sql));
  mig_fail_in(cx, "table %s", t->name);
  t->has_rows = (db->tape && mig_map_get(&db->tape->old, t->name)) ||
                mig_query_int(cx, db, 0, "SELECT 1 FROM \"%w\".\"%w\" LIMIT 1",
                              t->schema, t->name) != 0;
  return cx->rc ? NULL : t;
}
