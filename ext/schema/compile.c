/*
** ext/schema/compile.c - which views and triggers SQLite can still compile.
**
** A view is compiled by a SELECT from it, a trigger by a statement that would
** fire it; neither is stepped.  One that could not be compiled before, as when
** a function of the host's is not registered here, is not held against a
** change.
**
** A name in double quotes that is no column is a text to SQLite
** (https://sqlite.org/quirks.html, 8), so that a view goes on with that instead
** of a column that is dropped.  It is compiled without that leniency.
*/
#include "ext/schema/schema.h"

/* "UPDATE t SET a = a, b = b": of the columns a trigger is for, or of all. */
static char *compile_update(mig_cx *cx, const mig_db *db, const mig_create *tr,
                            const char *path, const char *table) {
  sqlite3_stmt *st;
  mig_buf b = {0};
  char *name;
  int i;

  mig_buf_addf(cx, &b, "UPDATE %s SET ", path);
  for (i = 0; i < tr->names.n && !cx->rc; i++) {
    mig_span k = ((mig_key *)tr->names.at[i])->text;
    mig_buf_addf(cx, &b, "%s%.*s = NULL", i ? ", " : "", k.n, k.p);
  }
  if (!tr->names.n) {
    st = mig_query(cx, db,
                   "SELECT name FROM pragma_table_xinfo(%Q) WHERE hidden = 0",
                   table);
    for (; mig_row(cx, st); i++) {
      name = mig_column(cx, st, 0);
      if (name) mig_buf_addf(cx, &b, "%s\"%w\" = NULL", i ? ", " : "", name);
    }
    mig_stmt_end(cx, st);
  }
  return mig_buf_take(cx, &b);
}

/* A statement that fires the trigger; NULL when its text cannot be read. */
static char *compile_trigger(mig_cx *cx, const mig_db *db, const mig_object *o,
                             const char *schema) {
  mig_cx own = {0};
  mig_create *tr = mig_create_parse(&own, mig_span_z(o->sql));
  char *path = schema ? mig_sql_path(cx, schema, o->table)
                      : mig_printf(cx, "\"%w\"", o->table);
  char *sql = NULL;

  if (tr && tr->event.n) switch (*tr->event.p | 32) {
    case 'd':
      sql = mig_printf(cx, "DELETE FROM %s", path);
      break;
    case 'i':
      sql = mig_printf(cx, "INSERT INTO %s DEFAULT VALUES", path);
      break;
    default:
      sql = compile_update(cx, db, tr, path, o->table);
    }
  if (own.rc == SQLITE_NOMEM) mig_fail_nomem(cx);
  mig_cx_release(&own);
  return sql;
}

static void compile_one(mig_cx *cx, const mig_db *db, const mig_object *o,
                        const char *schema, mig_list *out) {
  int view = !strcmp(o->type, "view");
  mig_cx own = {0};
  mig_broken *b;
  char *sql =
      view ? mig_printf(cx, "SELECT * FROM %s",
                        mig_sql_path(cx, schema ? schema : "temp", o->name))
           : compile_trigger(cx, db, o, schema);

  if (!sql) return;
  mig_stmt_end(&own, mig_prepare(&own, db, sql, NULL));
  if ((own.rc & 0xff) == SQLITE_ERROR && (b = mig_alloc(cx, sizeof *b))) {
    b->object = o;
    b->temp = !schema;
    b->why = mig_strdup(cx, sqlite3_errmsg(db->h));
    mig_list_add(cx, out, b);
  } else {
    mig_fail_move(cx, &own);
  }
  mig_cx_release(&own);
}

static void compile_all(mig_cx *cx, const mig_db *db, const char *schema,
                        mig_list *out) {
  mig_list objects = mig_objects_read(cx, db, schema ? schema : "temp");
  int i;

  for (i = 0; i < objects.n && !cx->rc; i++) {
    const mig_object *o = objects.at[i];
    if (o->sql && (!strcmp(o->type, "view") || !strcmp(o->type, "trigger")))
      compile_one(cx, db, o, schema, out);
  }
}

static int compile_dqs(const mig_db *db, int value) {
  int was = 0;

  sqlite3_db_config(db->h, SQLITE_DBCONFIG_DQS_DML, -1, &was);
  if (was != value)
    sqlite3_db_config(db->h, SQLITE_DBCONFIG_DQS_DML, value, NULL);
  return was;
}

mig_list mig_broken_read(mig_cx *cx, const mig_db *db) {
  int dqs = compile_dqs(db, 0);
  mig_list out = {0};

  if (sqlite3_stricmp(db->schema, "temp"))
    compile_all(cx, db, db->schema, &out);
  compile_all(cx, db, NULL, &out);
  compile_dqs(db, dqs);
  return out;
}

static int compile_was(const mig_list *was, const mig_broken *b) {
  int i;

  for (i = 0; i < was->n; i++) {
    const mig_broken *w = was->at[i];
    if (w->temp == b->temp && !strcmp(w->object->name, b->object->name) &&
        !strcmp(w->object->type, b->object->type) && !strcmp(w->why, b->why))
      return 1;
  }
  return 0;
}

/* Is the name in double quotes in the text? */
static int compile_quotes(const char *sql, const char *name) {
  mig_span rest = mig_span_z(sql);
  mig_token t;

  while ((t = mig_token_next(&rest)).type != MIG_TK_END)
    if (t.type == MIG_TK_QUOTED && mig_sql_same(t.s, name)) return 1;
  return 0;
}

static void compile_refuse(mig_cx *cx, const mig_broken *b, const char *why) {
  mig_fail(cx, SQLITE_ERROR,
           "%s%s %s would break: %s; drop it first and create it anew; its "
           "text: %s",
           b->temp ? "TEMP " : "", b->object->type, b->object->name, why,
           b->object->sql);
}

/* Refuse those of `list` that have one of the names in double quotes. */
static void compile_names(mig_cx *cx, const mig_list *list,
                          const mig_list *names, const char *would_be) {
  int i, k;

  for (i = 0; i < list->n; i++) {
    const mig_broken *b = list->at[i];
    for (k = 0; k < names->n && !cx->rc; k++)
      if (compile_quotes(b->object->sql, names->at[k]))
        compile_refuse(cx, b,
                       mig_printf(cx, "\"%s\" would be %s",
                                  (char *)names->at[k], would_be));
  }
}

void mig_broken_compare(mig_cx *cx, const mig_alter *a, const mig_list *was,
                        const mig_list *now) {
  int i;

  for (i = 0; i < now->n && !cx->rc; i++)
    if (!compile_was(was, now->at[i]))
      compile_refuse(cx, now->at[i], ((mig_broken *)now->at[i])->why);
  compile_names(cx, now, &a->gone, "a text");
  compile_names(cx, was, &a->come, "the column");
}
