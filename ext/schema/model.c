/*
** ext/schema/model.c - a schema as data: what in it is the user's.
*/
#include "ext/schema/compare.h"

/* Tables that other tools keep in the database they look after: their names,
** and where they are many the beginning of it. */
static const struct {
  char name[28];
  const char *tool;
} model_tools[] = {
    {"alembic_version", "Alembic"},
    {"django_migrations", "Django"},
    {"goose_db_version", "goose"},
    {"schema_migrations", "dbmate, golang-migrate or Rails"},
    {"ar_internal_metadata", "Rails"},
    {"gorp_migrations", "sql-migrate"},
    {"knex_migrations", "knex"},
    {"knex_migrations_lock", "knex"},
    {"SequelizeMeta", "Sequelize"},
    {"__drizzle_migrations", "drizzle"},
    {"_prisma_migrations", "Prisma"},
    {"_sqlx_migrations", "sqlx"},
    {"__diesel_schema_migrations", "diesel"},
    {"refinery_schema_history", "refinery"},
    {"flyway_schema_history", "Flyway"},
    {"DATABASECHANGELOG", "Liquibase"},
    {"DATABASECHANGELOGLOCK", "Liquibase"},
    {"__EFMigrationsHistory", "Entity Framework"},
    {"atlas_schema_revisions", "Atlas"},
    {"doctrine_migration_versions", "Doctrine"},
    {"phinxlog", "Phinx"},
    {"_yoyo_migration", "yoyo"},
    {"_yoyo_log", "yoyo"},
    {"_yoyo_version", "yoyo"},
    {"yoyo_lock", "yoyo"},
    {"migratehistory", "peewee"},
    {"_sqlite_migrations", "sqlite-migrate"},
    {"_litestream_seq", "Litestream"},
    {"_litestream_lock", "Litestream"},
};

const char *mig_schema_tool(const char *table) {
  size_t i;

  for (i = 0; i < sizeof model_tools / sizeof *model_tools; i++)
    if (!sqlite3_stricmp(model_tools[i].name, table))
      return model_tools[i].tool;
  return NULL;
}

/* Is it SQLite's or ours by its name? */
static int model_reserved(const char *name) {
  return !sqlite3_strnicmp(name, "sqlite_", 7) ||
         !sqlite3_strnicmp(name, "_migrate_", 9);
}

/* The shadow tables of the virtual tables there are: a map of folded names. */
static void model_shadows(mig_cx *cx, const mig_db *db, const char *schema,
                          const mig_list *objects, mig_map *out) {
  sqlite3_stmt *st;
  int i, virtual = 0;

  for (i = 0; i < objects->n; i++) {
    const mig_object *o = objects->at[i];
    virtual |= o->type && !strcmp(o->type, "table") && !o->root;
  }
  if (!virtual) return;
  st = mig_query(cx, db, "PRAGMA \"%w\".table_list", schema);
  while (mig_row(cx, st)) {
    const char *of = mig_column(cx, st, 0), *type = mig_column(cx, st, 2);
    char *name = mig_fold(cx, mig_column(cx, st, 1));
    if (of && type && name && !sqlite3_stricmp(of, schema) &&
        !strcmp(type, "shadow"))
      mig_map_put(cx, out, name, name);
  }
  mig_stmt_end(cx, st);
}

static const char *const model_kinds[] = {[MIG_CREATE_OF_TABLE] = "table",
                                          [MIG_CREATE_OF_INDEX] = "index",
                                          [MIG_CREATE_OF_VIEW] = "view",
                                          [MIG_CREATE_OF_TRIGGER] = "trigger",
                                          [MIG_CREATE_OF_VIRTUAL] =
                                              "virtual table"};

static void model_name(mig_cx *cx, mig_schema *s, char *name) {
  if (name) mig_map_put(cx, &s->names, name, name);
}

static void model_put(mig_cx *cx, mig_schema *s, mig_item *item) {
  int i;

  model_name(cx, s, mig_fold(cx, item->object->name));
  for (i = 0; i < item->def->columns.n && !cx->rc; i++)
    model_name(
        cx, s,
        mig_fold_token(cx, ((mig_coldef *)item->def->columns.at[i])->name));
  if (!cx->rc) mig_map_put(cx, &s->by_key, item->key, item);
  mig_list_add(cx, &s->items, item);
}

char *mig_schema_key(mig_cx *cx, const mig_object *o) {
  char *key = mig_fold(cx, o->name);

  return key && !strcmp(o->type, "trigger") ? mig_printf(cx, "trigger %s", key)
                                            : key;
}

static void model_add(mig_cx *cx, mig_schema *s, const mig_object *o) {
  mig_item *item = mig_alloc(cx, sizeof *item);

  if (!item) return;
  item->object = o;
  item->def = mig_create_parse(cx, mig_span_z(o->sql));
  mig_fail_in(cx, "%s %s", o->type, o->name);
  if (cx->rc) return;
  item->kind = model_kinds[item->def->type];
  item->key = mig_schema_key(cx, o);
  if (!cx->rc) model_put(cx, s, item);
}

void mig_schema_away(mig_cx *cx, mig_schema *s, const mig_item *item) {
  mig_item *own = mig_alloc(cx, sizeof *own);

  if (!own) return;
  *own = *item;
  own->away = 1;
  model_put(cx, s, own);
}

static void model_forms(mig_cx *cx, mig_schema *s) {
  int i;

  for (i = 0; i < s->items.n && !cx->rc; i++) {
    mig_item *item = s->items.at[i];
    item->form = mig_form_object(cx, item->def, &s->names);
  }
}

/* Is the object, or the table it is on, one that is left alone? */
static int model_is_left(mig_cx *cx, const mig_map *shadows,
                         const mig_schema *target, const mig_object *o) {
  const char *table = mig_fold(cx, o->table);

  if (!table || !o->sql) return 1;
  if (model_reserved(o->name) || model_reserved(o->table) ||
      mig_map_get(shadows, table))
    return 1;
  return target && mig_schema_tool(o->table) &&
         !mig_map_get(&target->by_key, table);
}

mig_schema *mig_schema_read(mig_cx *cx, const mig_db *db, const char *schema,
                            const mig_schema *target) {
  mig_schema *s = mig_alloc(cx, sizeof *s);
  mig_list objects = mig_objects_read(cx, db, schema);
  mig_map shadows = {0};
  int i;

  if (!s) return NULL;
  model_shadows(cx, db, schema, &objects, &shadows);
  for (i = 0; i < objects.n && !cx->rc; i++) {
    const mig_object *o = objects.at[i];
    if (!o->type || !o->name || !o->table) continue;
    if (!model_is_left(cx, &shadows, target, o)) model_add(cx, s, o);
  }
  model_forms(cx, s);
  return cx->rc ? NULL : s;
}

void mig_schema_leave(mig_cx *cx, mig_schema *s, const char *key) {
  int i, n = 0;

  for (i = 0; i < s->items.n && !cx->rc; i++) {
    mig_item *item = s->items.at[i];
    const char *on = mig_fold(cx, item->object->table);
    if (on && (!strcmp(item->key, key) || !strcmp(on, key)))
      mig_map_put(cx, &s->by_key, item->key, NULL);
    else
      s->items.at[n++] = item;
  }
  if (!cx->rc) s->items.n = n;
}
