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
  else if (mig_token_is(of, "TEMP") || mig_token_is(of, "TEMPORARY"))
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

static void target_rename(mig_cx *cx, const mig_db *db, const mig_rename *r) {
  const char *table = mig_sql_quoted(cx, r->table ? r->table : r->from);

  mig_exec(cx, db, "ALTER TABLE %s RENAME %s%s%sTO %s", table,
           r->table ? "COLUMN " : "",
           r->table ? mig_sql_quoted(cx, r->from) : "", r->table ? " " : "",
           mig_sql_quoted(cx, r->to));
}

/* The schema that is, with the new names: in a private copy. */
static mig_schema *target_renamed(mig_cx *cx, const mig_schema *live,
                                  const mig_list *renames) {
  mig_db db = {.h = mig_scratch_open(cx), .schema = "main"};
  int i;

  for (i = 0; i < live->items.n && !cx->rc; i++) {
    const mig_item *item = live->items.at[i];
    target_run(cx, &db, mig_span_z(item->object->sql));
  }
  for (i = 0; i < renames->n && !cx->rc; i++)
    target_rename(cx, &db, renames->at[i]);
  return cx->rc ? NULL : mig_schema_read(cx, &db, "main", live);
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

static void target_include(mig_cx *cx, mig_project *p, mig_schema *s) {
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
  mig_schema *now;

  mig_project_schema(cx, p);
  mig_project_env(cx, p, NULL);
  if (cx->rc) return NULL;
  t->should = target_build(cx, p);
  t->is = cx->rc ? NULL : mig_schema_read(cx, &p->db, p->db.schema, t->should);
  if (cx->rc) return NULL;
  target_include(cx, p, t->is);
  target_include(cx, p, t->should);
  t->renames = mig_renames_find(cx, t->is, t->should, &hints);
  now =
      t->renames.n && !cx->rc ? target_renamed(cx, t->is, &t->renames) : t->is;
  if (!cx->rc) t->renamed = now;
  t->up = cx->rc ? NULL : mig_diff_of(cx, now, t->should);
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
