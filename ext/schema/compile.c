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

/* A statement on `path` that fires the trigger; NULL when its text cannot be
** read. */
static char *compile_trigger(mig_cx *cx, const mig_db *db, const mig_object *o,
                             const char *path) {
  mig_cx own = {0};
  mig_create *tr = mig_create_parse(&own, mig_span_z(o->sql));
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

/* ---- compiling ---- */

/* Prepare it, and list the object when that cannot be done. */
static void compile_one(mig_cx *cx, const mig_db *db, mig_broken o,
                        const char *sql, mig_list *out) {
  int dqs = mig_db_flag(db, SQLITE_DBCONFIG_DQS_DML, !o.quotes);
  mig_cx own = {0};
  mig_broken *b;

  mig_stmt_end(&own, mig_prepare(&own, db, sql, NULL));
  mig_db_flag(db, SQLITE_DBCONFIG_DQS_DML, dqs);
  if ((own.rc & 0xff) == SQLITE_ERROR && (b = mig_alloc(cx, sizeof *b))) {
    *b = o;
    b->why = mig_strdup(cx, sqlite3_errmsg(db->h));
    mig_list_add(cx, out, b);
  } else {
    mig_fail_move(cx, &own);
  }
  mig_cx_release(&own);
}

/* With double quotes as SQLite takes them, and, where there are any, as names
** only. */
static void compile_object(mig_cx *cx, const mig_db *db, const mig_object *o,
                           const char *path, int temp, mig_list *out) {
  char *sql = !path ? NULL
              : strcmp(o->type, "view")
                  ? compile_trigger(cx, db, o, path)
                  : mig_printf(cx, "SELECT * FROM %s", path);

  if (!sql || cx->rc) return;
  compile_one(cx, db, (mig_broken){o, temp, 0, NULL}, sql, out);
  if (strchr(o->sql, '"'))
    compile_one(cx, db, (mig_broken){o, temp, 1, NULL}, sql, out);
}

/* ---- which may break ---- */

/*
** The views, triggers and virtual tables whose text has the table's name, or
** the name of one of those, and so on.  With very many names, or one that
** can be written in several ways, all are taken.
*/
typedef struct compile_scope compile_scope;
struct compile_scope {
  mig_list here, temp; /* mig_object: all of the schema, and of TEMP */
  mig_map in;          /* "t name" of those of TEMP, "s name"        */
  mig_list names;      /* char                                       */
  int all;
};

enum { COMPILE_NAMES = 16 };

/* Does the text hold the name, as a word? */
static int compile_holds(const char *text, const char *name) {
  int n = (int)strlen(name);
  const char *at;

  for (at = text; *at; at++)
    if ((*at | 32) == (*name | 32) && !sqlite3_strnicmp(at, name, n) &&
        (at == text || !mig_token_is_word(at[-1])) && !mig_token_is_word(at[n]))
      return 1;
  return 0;
}

static void compile_name(mig_cx *cx, compile_scope *s, const char *name) {
  s->all |= s->names.n >= COMPILE_NAMES || !*name || strpbrk(name, "'\"`]");
  mig_list_add(cx, &s->names, (void *)(uintptr_t)name);
}

static char *compile_key(mig_cx *cx, const mig_object *o, int temp) {
  return mig_printf(cx, "%c%c%s", temp ? 't' : 's', *o->type, o->name);
}

/* Take in what has this name in its text. */
static void compile_take(mig_cx *cx, compile_scope *s, int temp,
                         const char *name) {
  const mig_list *l = temp ? &s->temp : &s->here;
  char *key;
  int i;

  for (i = 0; i < l->n && !cx->rc; i++) {
    mig_object *o = l->at[i];
    int table = !strcmp(o->type, "table");
    if (!o->sql || (table && o->root) || !strcmp(o->type, "index") ||
        (!s->all && !compile_holds(o->sql, name)))
      continue;
    key = compile_key(cx, o, temp);
    if (!key || mig_map_get(&s->in, key)) continue;
    mig_map_put(cx, &s->in, key, o);
    if (strcmp(o->type, "trigger")) compile_name(cx, s, o->name);
  }
}

/* `table` NULL: all of them.  What has a b-tree counts only for triggers of the
** TEMP database. */
static compile_scope compile_read(mig_cx *cx, const mig_db *db,
                                  const mig_list *here, const mig_list *temp,
                                  const char *table) {
  compile_scope s = {.all = !table};
  int i;

  if (sqlite3_stricmp(db->schema, "temp"))
    s.temp = temp ? *temp : mig_objects_read(cx, db, "temp");
  s.here = here && !s.temp.n ? *here : mig_objects_read(cx, db, db->schema);
  if (!cx->rc) compile_name(cx, &s, table ? table : "");
  for (i = 0; i < s.names.n && !cx->rc; i++) {
    int all = s.all;
    compile_take(cx, &s, 0, s.names.at[i]);
    compile_take(cx, &s, 1, s.names.at[i]);
    if (all) break;
  }
  return s;
}

/* ---- reading ---- */

/* Views and triggers of the migrated schema. */
static void compile_schema(mig_cx *cx, const mig_db *db, const compile_scope *s,
                           mig_list *out) {
  int i, temp = !sqlite3_stricmp(db->schema, "temp");

  for (i = 0; i < s->here.n && !cx->rc; i++) {
    const mig_object *o = s->here.at[i];
    int view = !strcmp(o->type, "view");
    const char *key =
        view || !strcmp(o->type, "trigger") ? compile_key(cx, o, 0) : NULL;
    if (key && mig_map_get(&s->in, key))
      compile_object(cx, db, o,
                     mig_sql_path(cx, db->schema, view ? o->name : o->table),
                     temp, out);
  }
}

static int compile_has(const mig_list *objects, const char *name) {
  return mig_object_find(objects, "table", name) ||
         mig_object_find(objects, "view", name);
}

/* Those of the TEMP database.  The table of a trigger may be there, or in the
** migrated schema, or in both: then it is tried in both. */
static void compile_temp(mig_cx *cx, const mig_db *db, const compile_scope *s,
                         mig_list *out) {
  int i, here, there;

  for (i = 0; i < s->temp.n && !cx->rc; i++) {
    const mig_object *o = s->temp.at[i];
    int view = !strcmp(o->type, "view");
    const char *key = compile_key(cx, o, 1);
    if (!key || (!view && strcmp(o->type, "trigger")) ||
        !mig_map_get(&s->in, key))
      continue;
    here = view || compile_has(&s->temp, o->table);
    there = !view && compile_has(&s->here, o->table);
    if (here)
      compile_object(cx, db, o,
                     mig_sql_path(cx, "temp", view ? o->name : o->table), 1,
                     out);
    if (there)
      compile_object(cx, db, o, mig_sql_path(cx, db->schema, o->table), 1, out);
  }
}

mig_list mig_broken_among(mig_cx *cx, const mig_db *db, const mig_list *here,
                          const mig_list *temp, const char *table) {
  int triggers, views;
  compile_scope s;
  mig_list out = {0};

  if (cx->rc) return out;
  triggers = mig_db_flag(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1);
  views = mig_db_flag(db, SQLITE_DBCONFIG_ENABLE_VIEW, 1);
  s = compile_read(cx, db, here, temp, table);
  compile_schema(cx, db, &s, &out);
  compile_temp(cx, db, &s, &out);
  mig_db_flag(db, SQLITE_DBCONFIG_ENABLE_VIEW, views);
  mig_db_flag(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, triggers);
  return out;
}

mig_list mig_broken_read(mig_cx *cx, const mig_db *db, const char *table) {
  return mig_broken_among(cx, db, NULL, NULL, table);
}

/* ---- comparing ---- */

int mig_broken_was(const mig_list *was, const mig_broken *b) {
  int i;

  for (i = 0; i < was->n; i++) {
    const mig_broken *w = was->at[i];
    if (w->temp == b->temp && w->quotes == b->quotes &&
        !strcmp(w->object->name, b->object->name) &&
        !strcmp(w->object->type, b->object->type) && !strcmp(w->why, b->why))
      return 1;
  }
  return 0;
}

static void compile_refuse(mig_cx *cx, const mig_broken *b, const char *why) {
  mig_fail(cx, SQLITE_ERROR,
           "%s%s %s would break: %s; drop it first and create it anew; its "
           "text: %s",
           b->temp ? "TEMP " : "", b->object->type, b->object->name, why,
           b->object->sql);
}

/* Is the name in the text: in double quotes, or (`any`) in whatever form? */
static int compile_names(const char *sql, const char *name, int any) {
  mig_span rest = mig_span_z(sql);
  mig_token t;

  while ((t = mig_token_next(&rest)).type != MIG_TK_END)
    if ((t.type == MIG_TK_QUOTED || (any && t.type == MIG_TK_ID)) &&
        mig_sql_same(t.s, name))
      return 1;
  return 0;
}

/* The first of the names (char) that is in the object's text, or NULL. */
static const char *compile_first(const mig_broken *b, const mig_list *names,
                                 int any) {
  int i;

  for (i = 0; i < names->n; i++)
    if (compile_names(b->object->sql, names->at[i], any)) return names->at[i];
  return NULL;
}

/* What is newly broken; of several, one that names what is gone: SQLite's
** message may be about another trigger of the same event. */
static void compile_new(mig_cx *cx, const mig_alter *a, const mig_list *was,
                        const mig_list *now) {
  const mig_broken *first = NULL;
  int i;

  for (i = 0; i < now->n; i++) {
    const mig_broken *b = now->at[i];
    if (mig_broken_was(was, b)) continue;
    if (!first ||
        (compile_first(b, &a->gone, 1) && !compile_first(first, &a->gone, 1)))
      first = b;
  }
  if (first) compile_refuse(cx, first, first->why);
}

void mig_broken_compare(mig_cx *cx, const mig_alter *a, const char *table,
                        const mig_list *was, const mig_list *now) {
  const char *name;
  int i;

  if (cx->rc) return;
  compile_new(cx, a, was, now);
  for (i = 0; i < now->n && !cx->rc; i++) {
    const mig_broken *b = now->at[i];
    name = compile_first(b, &a->gone, !b->quotes);
    if (name && (b->quotes || compile_names(b->object->sql, table, 1)))
      compile_refuse(cx, b,
                     b->quotes ? mig_printf(cx, "\"%s\" would be a text", name)
                               : mig_printf(cx,
                                            "it names %s, and SQLite cannot "
                                            "compile it as it is: %s",
                                            name, b->why));
  }
  for (i = 0; i < was->n && !cx->rc; i++) {
    const mig_broken *b = was->at[i];
    name = b->quotes ? compile_first(b, &a->come, 0) : NULL;
    if (name)
      compile_refuse(cx, b, mig_printf(cx, "\"%s\" would be the column", name));
  }
}
