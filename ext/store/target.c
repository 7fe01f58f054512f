/*
** ext/store/target.c - the schema that should be, and the one that is.
**
** The target's statements are run in a private database, so that SQLite itself
** says what they mean; and what has another name by now is renamed in a private
** copy of what is, for the rest to be compared.
*/
#include "ext/store/store.h"

#define TARGET_LIMIT (16 * 1024 * 1024) /* bytes of one file */

/* ---- the target ---- */

static int target_is_attached(const mig_project *p, const char *name) {
  return sqlite3_db_readonly(p->db.h, name) >= 0;
}

/* The file, of the project's directory or else of the current one. */
static const char *target_file(mig_cx *cx, const mig_project *p,
                               const char *name) {
  const char *inner = mig_os_join(cx, p->dir, name);

  if (cx->rc) return NULL;
  if (*name != '/' && mig_os_exists(inner)) return inner;
  if (mig_os_exists(name)) return name;
  mig_fail(cx, SQLITE_CANTOPEN,
           "target %s: no such file, neither in %s nor from the current "
           "directory, and no database is attached as that; write the CREATE "
           "statements there (SELECT migrate_dump() gives those of now), or "
           "name another with migrate_config('target', ...)",
           name, p->dir);
  return NULL;
}

/* What SQLite would keep of CREATE VIRTUAL TABLE. */
static void target_note(mig_cx *cx, const mig_db *db, mig_span sql) {
  mig_create *def = mig_create_parse(cx, sql);
  const char *p = cx->rc ? NULL : def->name.p;

  if (!p) return;
  while (sql.n && (sql.p[sql.n - 1] == ';' || sql.p[sql.n - 1] <= ' ')) sql.n--;
  mig_scratch_note(
      cx, db, mig_sql_unquote(cx, def->name),
      mig_printf(cx, "CREATE VIRTUAL TABLE %.*s", (int)(sql.p + sql.n - p), p));
}

static void target_run(mig_cx *cx, const mig_db *db, mig_span sql) {
  const char *z = mig_strndup(cx, sql.p, sql.n), *module;

  if (z && !mig_scratch_exec(cx, db, z, &module) && module)
    target_note(cx, db, mig_span_z(z));
}

/* The tables that SQLite makes itself, which the shell's .schema shows. */
static int target_is_skipped(mig_cx *cx, mig_span sql) {
  mig_span rest = sql;
  mig_token t = mig_token_next(&rest);
  const char *name;

  if (!mig_token_is(t, "CREATE") ||
      !mig_token_is(mig_token_next(&rest), "TABLE"))
    return 0;
  t = mig_token_next(&rest);
  name = cx->rc ? NULL : mig_sql_unquote(cx, t.s);
  return name && !sqlite3_strnicmp(name, "sqlite_", 7);
}

static void target_check(mig_cx *cx, mig_span sql) {
  mig_span rest = sql;
  mig_token t = mig_token_next(&rest), of = mig_token_next(&rest);

  if (!mig_token_is(t, "CREATE"))
    mig_fail(cx, SQLITE_ERROR,
             "%.*s: only CREATE statements say what the schema should be",
             t.s.n, t.s.p);
  else if (mig_token_any(of, "TEMP TEMPORARY"))
    mig_fail(cx, SQLITE_ERROR,
             "CREATE %.*s: what is temporary is no part of a schema", of.s.n,
             of.s.p);
}

static void target_read(mig_cx *cx, const mig_project *p, const mig_db *db,
                        const char *name) {
  const char *file = target_file(cx, p, name);
  mig_span text = {"", 0}, rest, one;

  if (file) text = mig_os_read(cx, file, TARGET_LIMIT);
  if (!cx->rc && text.n >= 3 && !memcmp(text.p, "\xef\xbb\xbf", 3))
    text = (mig_span){text.p + 3, text.n - 3};
  rest = text;
  while (!cx->rc && (one = mig_sql_cut(&rest)).n > 0) {
    if (target_is_skipped(cx, one)) continue;
    target_check(cx, one);
    if (!cx->rc) target_run(cx, db, one);
    if (cx->rc)
      mig_fail_in(cx, "%s:%d", file, mig_line_of(text, (int)(one.p - text.p)));
  }
}

static mig_schema *target_build(mig_cx *cx, const mig_project *p) {
  const char *target = mig_config_get(p->conn, "target");
  mig_db db = {.schema = "main"};
  mig_list files;
  int i;

  if (!cx->rc && target_is_attached(p, target))
    return mig_schema_read(cx, &p->db, target, NULL);
  files = mig_list_split(cx, mig_span_z(target));
  db.h = mig_scratch_open(cx);
  for (i = 0; i < files.n && !cx->rc; i++) target_read(cx, p, &db, files.at[i]);
  return cx->rc ? NULL : mig_schema_read(cx, &db, "main", NULL);
}

/* ---- renames ---- */

/* What is, while names change in a private copy of it. */
typedef struct target_copy target_copy;
struct target_copy {
  mig_db db;
  const mig_schema *live;
  mig_map away; /* mig_item: what the renames fail on */
  int n;        /* how many these are                 */
};

static const char *const target_drops[] = {[MIG_CREATE_OF_INDEX] = "INDEX",
                                           [MIG_CREATE_OF_VIEW] = "VIEW",
                                           [MIG_CREATE_OF_TRIGGER] = "TRIGGER",
                                           [MIG_CREATE_OF_VIRTUAL] = NULL};

/* The item that SQLite names in "error in view v after rename: ...", unless it
** is one that cannot be dropped for a while. */
static const mig_item *target_culprit(mig_cx *cx, const target_copy *c,
                                      const char *msg) {
  const mig_item *found = NULL;
  char *begin;
  int i, n;

  for (i = 0; i < c->live->items.n && !cx->rc; i++) {
    const mig_item *item = c->live->items.at[i];
    if (!target_drops[item->def->type]) continue;
    begin = mig_printf(cx, "error in %s %s", item->kind, item->object->name);
    n = begin ? (int)strlen(begin) : 0;
    if (n && !strncmp(msg, begin, (size_t)n) &&
        (!strncmp(msg + n, ": ", 2) || !strncmp(msg + n, " after ", 7)))
      found = item;
  }
  return found;
}

static void target_put_away(mig_cx *cx, target_copy *c, const mig_item *item) {
  int i;

  if (mig_map_get(&c->away, item->key)) return;
  mig_map_put(cx, &c->away, item->key, (void *)(uintptr_t)item);
  c->n++;
  mig_exec(cx, &c->db, "DROP %s IF EXISTS %s", target_drops[item->def->type],
           mig_sql_quoted(cx, item->object->name));
  for (i = 0; i < c->live->items.n && !cx->rc; i++) {
    const mig_item *on = c->live->items.at[i];
    if (on->def->type == MIG_CREATE_OF_TRIGGER &&
        item->def->type == MIG_CREATE_OF_VIEW &&
        !sqlite3_stricmp(on->object->table, item->object->name))
      target_put_away(cx, c, on);
  }
}

static void target_cannot(mig_cx *cx, const mig_rename *r, mig_cx *tried) {
  const char *msg = mig_cx_message(tried), *end = strstr(msg, "; in: ");

  if ((tried->rc & 0xff) == SQLITE_NOMEM)
    mig_fail_move(cx, tried);
  else
    mig_fail(cx, SQLITE_ERROR,
             "%s %s%s%s is renamed from %s, as a hint in the target or rename()"
             " in env.lua says, and SQLite cannot do that: %.*s; take the hint "
             "away, and let the revision carry the %s over that it then drops "
             "and makes",
             r->table ? "column" : "table", r->table ? r->table : "",
             r->table ? "." : "", r->to, r->from,
             end ? (int)(end - msg) : (int)strlen(msg), msg,
             r->table ? "values of what" : "rows of what");
}

static void target_rename(mig_cx *cx, target_copy *c, const mig_rename *r,
                          int back) {
  const char *from = back ? r->to : r->from, *to = back ? r->from : r->to;
  const char *table = mig_sql_quoted(cx, r->table ? r->table : from);
  const mig_item *culprit;
  int again = 1;

  while (again && !cx->rc) {
    mig_cx tried = {0};
    mig_exec(&tried, &c->db, "ALTER TABLE %s RENAME %s%s%sTO %s", table,
             r->table ? "COLUMN " : "",
             r->table ? mig_sql_quoted(cx, from) : "", r->table ? " " : "",
             mig_sql_quoted(cx, to));
    again = tried.rc != 0;
    culprit = again ? target_culprit(cx, c, mig_cx_message(&tried)) : NULL;
    if (culprit && !mig_map_get(&c->away, culprit->key))
      target_put_away(cx, c, culprit);
    else if (again)
      target_cannot(cx, r, &tried);
    mig_cx_release(&tried);
  }
}

/* What compiles otherwise than it did: SQLite renames around a name in double
** quotes, which is a text from then on. */
static void target_broken(mig_cx *cx, target_copy *c, const mig_list *was) {
  mig_list now = mig_broken_read(cx, &c->db, NULL);
  const mig_item *item;
  char *key;
  int i;

  for (i = 0; i < now.n && !cx->rc; i++) {
    const mig_broken *b = now.at[i];
    if (mig_broken_was(was, b)) continue;
    key = mig_schema_key(cx, b->object);
    item = key ? mig_map_get(&c->live->by_key, key) : NULL;
    if (item && target_drops[item->def->type]) target_put_away(cx, c, item);
  }
}

/* One try, in a copy without what is known to be away: all renames, and all of
** them back.  The schema between the two. */
static mig_schema *target_try(mig_cx *cx, target_copy *c,
                              const mig_list *renames) {
  mig_list was;
  mig_schema *s;
  int i;

  c->db = (mig_db){.h = mig_scratch_open(cx), .schema = "main"};
  for (i = 0; i < c->live->items.n && !cx->rc; i++) {
    const mig_item *item = c->live->items.at[i];
    if (!mig_map_get(&c->away, item->key))
      target_run(cx, &c->db, mig_span_z(item->object->sql));
  }
  was = mig_broken_read(cx, &c->db, NULL);
  for (i = 0; i < renames->n && !cx->rc; i++)
    target_rename(cx, c, renames->at[i], 0);
  target_broken(cx, c, &was);
  s = cx->rc ? NULL : mig_schema_read(cx, &c->db, "main", c->live);
  for (i = renames->n - 1; i >= 0 && !cx->rc; i--)
    target_rename(cx, c, renames->at[i], 1);
  target_broken(cx, c, &was);
  return s;
}

/* What is away, triggers first, and a view before those that it uses. */
static mig_list target_away(mig_cx *cx, const target_copy *c) {
  mig_list away = {0};
  int i, triggers;

  for (triggers = 1; triggers >= 0; triggers--)
    for (i = c->live->items.n - 1; i >= 0 && !cx->rc; i--) {
      mig_item *item = c->live->items.at[i];
      if (mig_map_get(&c->away, item->key) &&
          triggers == (item->def->type == MIG_CREATE_OF_TRIGGER))
        mig_list_add(cx, &away, item);
    }
  return away;
}

/* The schema that is, with the new names: in a private copy. */
static mig_schema *target_renamed(mig_cx *cx, mig_comparison *t) {
  target_copy c = {.live = t->is};
  mig_schema *s;
  int i, n;

  do {
    n = c.n;
    s = target_try(cx, &c, &t->renames);
  } while (c.n > n && !cx->rc);
  t->away = target_away(cx, &c);
  for (i = 0; i < t->away.n && !cx->rc; i++)
    mig_schema_away(cx, s, t->away.at[i]);
  return cx->rc ? NULL : s;
}

/* ---- what env.lua says ---- */

static int target_ask(mig_cx *cx, mig_project *p, const char *name,
                      const char *const argv[], int none) {
  const mig_engine *const *e;

  for (e = p->conn->engines; *e && !cx->rc; e++)
    if ((*e)->ask)
      return (*e)->ask(cx, mig_project_engine(cx, p, *e), name, argv, none);
  return none;
}

static int target_hint(mig_cx *cx, void *arg, const char *kind,
                       const char *from, const char *to) {
  const char *const argv[] = {kind, from, to, NULL};

  return target_ask(cx, arg, "rename", argv, 0);
}

void mig_project_include(mig_cx *cx, mig_project *p, mig_schema *s) {
  mig_list gone = {0};
  int i;

  for (i = 0; i < s->items.n && !cx->rc; i++) {
    const mig_item *item = s->items.at[i];
    const char *const argv[] = {item->kind, item->object->name, NULL};
    if (!target_ask(cx, p, "include", argv, 1))
      mig_list_add(cx, &gone, (void *)(uintptr_t)item->key);
  }
  for (i = 0; i < gone.n && !cx->rc; i++) mig_schema_leave(cx, s, gone.at[i]);
}

void mig_project_env(mig_cx *cx, mig_project *p, struct mig_run *run) {
  const mig_engine *const *e;
  char *file = cx->rc ? NULL : mig_os_join(cx, p->dir, "env.lua");
  mig_span text;

  if (!file || !mig_os_exists(file)) return;
  text = mig_source_check(cx, "env.lua", mig_os_read(cx, file, 1 << 20));
  for (e = p->conn->engines; *e && !cx->rc; e++)
    if ((*e)->env)
      (*e)->env(cx, mig_project_engine(cx, p, *e), run, "env.lua", text);
}

/* ---- both ---- */

mig_comparison *mig_comparison_make(mig_cx *cx, mig_project *p) {
  mig_comparison *t = mig_alloc(cx, sizeof *t);
  mig_hints hints = {target_hint, p};

  mig_project_schema(cx, p);
  mig_project_env(cx, p, NULL);
  if (cx->rc) return NULL;
  t->should = target_build(cx, p);
  t->is = cx->rc ? NULL : mig_schema_read(cx, &p->db, p->db.schema, t->should);
  if (cx->rc) return NULL;
  mig_project_include(cx, p, t->is);
  mig_project_include(cx, p, t->should);
  t->renames = mig_renames_find(cx, t->is, t->should, &hints);
  if (cx->rc) return NULL;
  t->renamed = t->renames.n ? target_renamed(cx, t) : t->is;
  t->up = cx->rc ? NULL : mig_diff_of(cx, t->renamed, t->should);
  return cx->rc ? NULL : t;
}

mig_list mig_comparison_rows(mig_cx *cx, const mig_comparison *t) {
  mig_list rows = {0};
  int i;

  for (i = 0; i < t->renames.n && !cx->rc; i++) {
    const mig_rename *r = t->renames.at[i];
    mig_difference_add(cx, &rows, "rename", r->table ? "column" : "table",
                       r->table ? mig_printf(cx, "%s.%s", r->table, r->to)
                                : r->to,
                       0, "from %s", r->from);
  }
  for (i = 0; i < t->up->rows.n; i++)
    mig_list_add(cx, &rows, t->up->rows.at[i]);
  return rows;
}
