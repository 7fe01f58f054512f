/*
** lua/op.c - op: a script changes the schema.
**
** Each function makes a mig_change out of its arguments, borrowing its texts
** from Lua, whose stack holds them meanwhile, and hands it on.  An argument
** that is SQL in SQLite stays SQL here: a column, what an index covers, a
** predicate.  What is a name is a name, and quoted where needed.
**
** What alters a table is in opalter.c, because a batch has it too.
*/
#include "lua/host.h"

/* ---- arguments ---- */

/* The argument `arg`, a text */
static const char *op_text(lua_State *L, int arg) {
  size_t n;
  const char *z;

  luaL_checktype(L, arg, LUA_TSTRING);
  z = lua_tolstring(L, arg, &n);
  luaL_argcheck(L, strlen(z) == n, arg, "has a NUL byte");
  return z;
}

/* Make the change and leave the binding */
static int op_change(lua_State *L, mig_host *h, mig_change *c) {
  mig_func_change(h, c);
  mig_luadb_settle(h);
  mig_run_change(&h->cx, h->run, c);
  return mig_host_return(L, h, 0);
}

/* Is the argument the table of options that may come last? */
static int op_is_options(lua_State *L, int arg) {
  return lua_istable(L, arg) && arg == lua_gettop(L) &&
         !mig_arg_has(L, arg, "name");
}

/* ---- tables ---- */

#define AT(field) offsetof(mig_change, field)

/* op.create_table(name, column..., {options}) */
static int op_create_table(lua_State *L) {
  static const mig_arg_key known[] = {{"strict", 'b', AT(strict)},
                                      {"without_rowid", 'b', AT(without_rowid)},
                                      {"if_not_exists", 'b', AT(if_exists)},
                                      {"", 0, 0}};
  mig_host *h = mig_host_enter(L, "op.create_table");
  mig_change c = {.kind = MIG_CREATE_TABLE, .name = op_text(L, 1)};
  const char *sql;
  int i, n;

  n = lua_gettop(L);
  if (n > 1 && op_is_options(L, n))
    mig_arg_options(L, n--, "op.create_table", known, &c);
  luaL_checkstack(L, 20, NULL);
  for (i = 2; i <= n; i++) {
    sql = mig_opcolumn_sql(L, h, i, "op.create_table");
    mig_list_add(&h->cx, &c.parts, (void *)(uintptr_t)sql);
  }
  return op_change(L, h, &c);
}

/* What all op.drop_x(name, {if_exists=}) do */
static int op_drop(lua_State *L, const char *fn, mig_change_kind kind) {
  static const mig_arg_key known[] = {{"if_exists", 'b', AT(if_exists)},
                                      {"", 0, 0}};
  mig_host *h = mig_host_enter(L, fn);
  mig_change c = {.kind = kind};

  lua_settop(L, 2);
  c.name = op_text(L, 1);
  mig_arg_options(L, 2, fn, known, &c);
  return op_change(L, h, &c);
}

static int op_drop_table(lua_State *L) {
  return op_drop(L, "op.drop_table", MIG_DROP_TABLE);
}

static int op_drop_view(lua_State *L) {
  return op_drop(L, "op.drop_view", MIG_DROP_VIEW);
}

static int op_drop_trigger(lua_State *L) {
  return op_drop(L, "op.drop_trigger", MIG_DROP_TRIGGER);
}

/* op.rename_table(old, new) */
static int op_rename_table(lua_State *L) {
  mig_host *h = mig_host_enter(L, "op.rename_table");
  mig_change c = {
      .kind = MIG_RENAME_TABLE, .table = op_text(L, 1), .name = op_text(L, 2)};

  return op_change(L, h, &c);
}

/* ---- views, triggers ---- */

/* op.create_view(name, select, {columns=}) */
static int op_create_view(lua_State *L) {
  static const mig_arg_key known[] = {
      {"columns", '-', 0}, {"if_not_exists", 'b', AT(if_exists)}, {"", 0, 0}};
  mig_host *h = mig_host_enter(L, "op.create_view");
  mig_change c = {.kind = MIG_CREATE_VIEW};

  lua_settop(L, 3);
  c.name = op_text(L, 1);
  c.body = op_text(L, 2);
  mig_arg_options(L, 3, "op.create_view", known, &c);
  if (lua_istable(L, 3) && mig_arg_push(L, 3, "columns") != LUA_TNIL)
    c.parts = mig_arg_list(L, h, lua_gettop(L), "op.create_view", "a column");
  return op_change(L, h, &c);
}

/* op.create_trigger(name, text): text is what follows the name in SQL */
static int op_create_trigger(lua_State *L) {
  static const mig_arg_key known[] = {{"if_not_exists", 'b', AT(if_exists)},
                                      {"", 0, 0}};
  mig_host *h = mig_host_enter(L, "op.create_trigger");
  mig_change c = {.kind = MIG_CREATE_TRIGGER};

  lua_settop(L, 3);
  c.name = op_text(L, 1);
  c.body = op_text(L, 2);
  mig_arg_options(L, 3, "op.create_trigger", known, &c);
  return op_change(L, h, &c);
}

/* ---- data ---- */

/* What an op.execute does, in full; NULL where nobody will ask */
static char *op_execute_text(mig_host *h, mig_span sql, const mig_params *p) {
  mig_buf b = {0};

  if (!h->run->resume) return NULL;
  mig_buf_add(&h->cx, &b, sql.p, sql.n);
  mig_params_text(&h->cx, &b, p);
  return mig_buf_take(&h->cx, &b);
}

/* Run the statements; the rows they changed */
static sqlite3_int64 op_execute_do(mig_host *h, mig_span sql, mig_params *p) {
  sqlite3_int64 before = sqlite3_total_changes64(h->conn->h);
  int at;

  if (!mig_aside_run(&h->cx, h->run, sql))
    mig_exec_script(&h->cx, h->run->db, sql, &p->base, &at);
  mig_params_end(&h->cx, p);
  return sqlite3_total_changes64(h->conn->h) - before;
}

/* op.execute(sql, ...): any number of statements; the rows they changed */
static int op_execute(lua_State *L) {
  mig_host *h = mig_host_enter(L, "op.execute");
  sqlite3_int64 changed = 0;
  mig_params p;
  mig_span sql;
  size_t n;

  luaL_checktype(L, 1, LUA_TSTRING);
  sql.p = lua_tolstring(L, 1, &n);
  luaL_argcheck(L, n < 1000000000, 1, "text is too long");
  sql.n = (int)n;
  mig_params_read(L, h, 2, &p);
  sql = mig_func_sql(h, sql, NULL);
  mig_luadb_settle(h);
  if (mig_resume_op(&h->cx, h->run, op_execute_text(h, sql, &p), &changed))
    changed = op_execute_do(h, sql, &p);
  mig_resume_done(&h->cx, h->run, changed);
  lua_pushinteger(L, changed);
  return mig_host_return(L, h, 1);
}

/* ---- the library ---- */

void mig_op_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"backfill", mig_op_backfill},
                                       {"batch_alter_table", mig_op_batch},
                                       {"bulk_insert", mig_op_bulk_insert},
                                       {"create_table", op_create_table},
                                       {"create_trigger", op_create_trigger},
                                       {"create_view", op_create_view},
                                       {"drop_table", op_drop_table},
                                       {"drop_trigger", op_drop_trigger},
                                       {"drop_view", op_drop_view},
                                       {"enum", mig_op_enum},
                                       {"execute", op_execute},
                                       {"rename_table", op_rename_table},
                                       {NULL, NULL}};

  mig_opcolumn_open(L);
  mig_opbatch_open(L);
  luaL_newlib(L, functions);
  luaL_setfuncs(L, mig_op_alter, 0);
  mig_sandbox_strict(L, "op");
}
