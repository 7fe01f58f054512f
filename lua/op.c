/*
** lua/op.c - op: a script changes the schema.
**
** Each function makes a mig_change out of its arguments, borrowing its texts
** from Lua, whose stack holds them meanwhile, and hands it on.  An argument
** that is SQL in SQLite stays SQL here: a column, what an index covers, a
** predicate.  What is a name is a name, and quoted where needed.
*/
#include "lua/host.h"

#define ENUM "enum" /* registry: the metatable of what op.enum gives */

/* ---- arguments ---- */

/* The string at idx, as text for SQL; `what` and `fn` are for the error */
static const char *op_string(lua_State *L, int idx, const char *fn,
                             const char *what) {
  size_t n;
  const char *z;

  if (lua_type(L, idx) != LUA_TSTRING)
    luaL_error(L, "%s: %s must be a string, not a %s", fn, what,
               luaL_typename(L, idx));
  z = lua_tolstring(L, idx, &n);
  if (strlen(z) != n) luaL_error(L, "%s: %s has a NUL byte", fn, what);
  return z;
}

/* The argument `arg`, a text */
static const char *op_text(lua_State *L, int arg) {
  size_t n;
  const char *z;

  luaL_checktype(L, arg, LUA_TSTRING);
  z = lua_tolstring(L, arg, &n);
  luaL_argcheck(L, strlen(z) == n, arg, "has a NUL byte");
  return z;
}

/* A key that a table argument may have, and where in the struct it goes. */
struct op_key {
  const char *name;
  char kind; /* b: true or false; n: the opposite; s: text; -: elsewhere; */
             /* ?: not yet in this version                                 */
  size_t at;
};

static void op_key_unknown(lua_State *L, const char *fn, const char *what,
                           const struct op_key *known) {
  const char *key = luaL_tolstring(L, -2, NULL);

  lua_pushliteral(L, "");
  for (; known->name; known++) {
    if (known->kind == '?') continue;
    lua_pushfstring(L, "%s%s", *lua_tostring(L, -1) ? ", " : "", known->name);
    lua_concat(L, 2);
  }
  luaL_error(L, "%s: unknown %s '%s'; known are: %s", fn, what, key,
             lua_tostring(L, -1));
}

/* Read the value at the top of the stack into the struct at base */
static void op_key_read(lua_State *L, const char *fn, const struct op_key *k,
                        char *base) {
  if (k->kind == '?')
    luaL_error(L, "%s: %s: not yet in this version; use op.execute with SQL",
               fn, k->name);
  if (k->kind == 's') {
    *(const char **)(void *)(base + k->at) = op_string(L, -1, fn, k->name);
  } else if (k->kind != '-') {
    if (lua_type(L, -1) != LUA_TBOOLEAN)
      luaL_error(L, "%s: %s must be true or false, not a %s", fn, k->name,
                 luaL_typename(L, -1));
    *(int *)(void *)(base + k->at) = lua_toboolean(L, -1) == (k->kind == 'b');
  }
}

/* Read the table at t into the struct at base; `what` its keys are */
static void op_keys(lua_State *L, int t, const char *fn, const char *what,
                    const struct op_key *known, void *base) {
  const struct op_key *k;

  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
    k = known;
    if (lua_type(L, -2) == LUA_TSTRING)
      while (k->name && strcmp(k->name, lua_tostring(L, -2))) k++;
    else
      while (k->name) k++;
    if (!k->name) op_key_unknown(L, fn, what, known);
    op_key_read(L, fn, k, base);
  }
}

/* The options at argument arg, if any, into the change */
static void op_options(lua_State *L, int arg, const char *fn,
                       const struct op_key *known, mig_change *c) {
  luaL_argexpected(L, lua_isnoneornil(L, arg) || lua_istable(L, arg), arg,
                   "table of options");
  if (lua_istable(L, arg)) op_keys(L, arg, fn, "option", known, c);
}

/* Make the change and leave the binding */
static int op_change(lua_State *L, mig_host *h, const mig_change *c) {
  mig_run_change(&h->cx, h->run, c);
  return mig_host_return(L, h, 0);
}

/* ---- columns ---- */

/* op.enum{"a", "b"} */
static int op_enum(lua_State *L) {
  lua_Integer i, n;

  luaL_checktype(L, 1, LUA_TTABLE);
  n = (lua_Integer)lua_rawlen(L, 1);
  luaL_argcheck(L, n > 0, 1, "the list is empty");
  lua_createtable(L, (int)n, 0);
  for (i = 1; i <= n; i++) {
    lua_rawgeti(L, 1, i);
    op_string(L, -1, "op.enum", "each value");
    lua_rawseti(L, -2, i);
  }
  luaL_setmetatable(L, ENUM);
  return 1;
}

static int op_is_enum(lua_State *L, int idx) {
  int same;

  if (!lua_istable(L, idx) || !lua_getmetatable(L, idx)) return 0;
  luaL_getmetatable(L, ENUM);
  same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
}

/* "name IN ('a', 'b')" and the check there is, of the enum at the top */
static void op_enum_check(lua_State *L, mig_host *h, mig_column_spec *c) {
  lua_Integer i, n = (lua_Integer)lua_rawlen(L, -1);
  mig_buf b = {0};

  if (c->check) mig_buf_addf(&h->cx, &b, "(%s\n) AND ", c->check);
  mig_sql_name(&h->cx, &b, c->name);
  for (i = 1; i <= n && !h->cx.rc; i++) {
    lua_rawgeti(L, -1, i);
    mig_buf_addz(&h->cx, &b, i == 1 ? " IN (" : ", ");
    if (lua_type(L, -1) == LUA_TSTRING)
      mig_sql_text(&h->cx, &b, lua_tostring(L, -1));
    else
      mig_fail(&h->cx, SQLITE_ERROR, "op.enum: each value must be a string");
    lua_pop(L, 1);
  }
  mig_buf_addz(&h->cx, &b, ")");
  c->check = mig_buf_take(&h->cx, &b);
}

/* type: text, or an enum */
static void op_column_type(lua_State *L, mig_host *h, int t, const char *fn,
                           mig_column_spec *c) {
  lua_pushliteral(L, "type");
  lua_rawget(L, t);
  if (op_is_enum(L, -1)) {
    c->type = "TEXT";
    op_enum_check(L, h, c);
  } else if (!lua_isnil(L, -1)) {
    c->type = op_string(L, -1, fn, "type");
  }
  lua_pop(L, 1);
}

/* default: a string is SQL text, every other value is itself */
static void op_column_default(lua_State *L, mig_host *h, int t, const char *fn,
                              mig_column_spec *c) {
  mig_cell v;
  mig_buf b = {0};

  lua_pushliteral(L, "default");
  if (lua_rawget(L, t) == LUA_TSTRING) {
    c->dflt = op_string(L, -1, fn, "default");
  } else if (!lua_isnil(L, -1)) {
    if (!mig_cell_read(L, -1, &v))
      luaL_error(L, "%s: default must be a value or SQL text, not a %s", fn,
                 luaL_typename(L, -1));
    mig_cell_literal(&h->cx, &b, &v);
    c->dflt = mig_buf_take(&h->cx, &b);
  }
}

/* The column at idx, SQL text or a table, as SQL text */
static const char *op_column(lua_State *L, mig_host *h, int idx,
                             const char *fn) {
#define AT(field) offsetof(mig_column_spec, field)
  static const struct op_key known[] = {
      {"name", 's', AT(name)},
      {"type", '-', 0},
      {"nullable", 'n', AT(not_null)},
      {"default", '-', 0},
      {"primary_key", 'b', AT(primary_key)},
      {"autoincrement", 'b', AT(autoincrement)},
      {"unique", 'b', AT(unique)},
      {"check", 's', AT(check)},
      {"references", 's', AT(references)},
      {"collate", 's', AT(collate)},
      {"generated", 's', AT(generated)},
      {"stored", 'b', AT(stored)},
      {NULL, 0, 0}};
#undef AT
  mig_column_spec c = {0};
  const char *sql;
  int top = lua_gettop(L);

  if (!lua_istable(L, idx)) return op_string(L, idx, fn, "a column");
  op_keys(L, idx, fn, "column property", known, &c);
  if (!c.name) luaL_error(L, "%s: a column without a name", fn);
  op_column_type(L, h, idx, fn, &c);
  op_column_default(L, h, idx, fn, &c);
  sql = mig_column_sql(&h->cx, &c);
  lua_settop(L, top);
  return sql;
}

static void op_part(mig_host *h, mig_change *c, const char *sql) {
  mig_list_add(&h->cx, &c->parts, (void *)(uintptr_t)sql);
}

/* Is the argument the table of options that may come last? */
static int op_is_options(lua_State *L, int arg) {
  int no_name;

  if (!lua_istable(L, arg) || arg != lua_gettop(L)) return 0;
  lua_pushliteral(L, "name");
  no_name = lua_rawget(L, arg) == LUA_TNIL;
  lua_pop(L, 1);
  return no_name;
}

/* ---- tables ---- */

#define AT(field) offsetof(mig_change, field)

/* op.create_table(name, column..., {options}) */
static int op_create_table(lua_State *L) {
  static const struct op_key known[] = {
      {"strict", 'b', AT(strict)},
      {"without_rowid", 'b', AT(without_rowid)},
      {"if_not_exists", 'b', AT(if_exists)},
      {NULL, 0, 0}};
  mig_host *h = mig_host_enter(L, "op.create_table");
  mig_change c = {.kind = MIG_CREATE_TABLE, .name = op_text(L, 1)};
  int i, n;

  n = lua_gettop(L);
  if (n > 1 && op_is_options(L, n))
    op_options(L, n--, "op.create_table", known, &c);
  luaL_checkstack(L, 20, NULL);
  for (i = 2; i <= n; i++)
    op_part(h, &c, op_column(L, h, i, "op.create_table"));
  return op_change(L, h, &c);
}

/* What all op.drop_x(name, {if_exists=}) do */
static int op_drop(lua_State *L, const char *fn, mig_change_kind kind) {
  static const struct op_key known[] = {{"if_exists", 'b', AT(if_exists)},
                                        {NULL, 0, 0}};
  mig_host *h = mig_host_enter(L, fn);
  mig_change c = {.kind = kind};

  lua_settop(L, 2);
  c.name = op_text(L, 1);
  op_options(L, 2, fn, known, &c);
  return op_change(L, h, &c);
}

static int op_drop_table(lua_State *L) {
  return op_drop(L, "op.drop_table", MIG_DROP_TABLE);
}

static int op_drop_index(lua_State *L) {
  return op_drop(L, "op.drop_index", MIG_DROP_INDEX);
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

/* op.add_column(table, column) */
static int op_add_column(lua_State *L) {
  static const struct op_key known[] = {
      {"after", '?', 0}, {"before", '?', 0}, {"using", '?', 0}, {NULL, 0, 0}};
  mig_host *h = mig_host_enter(L, "op.add_column");
  mig_change c = {.kind = MIG_ADD_COLUMN};

  lua_settop(L, 3);
  c.table = op_text(L, 1);
  op_options(L, 3, "op.add_column", known, &c);
  op_part(h, &c, op_column(L, h, 2, "op.add_column"));
  return op_change(L, h, &c);
}

/* op.drop_column(table, name) */
static int op_drop_column(lua_State *L) {
  mig_host *h = mig_host_enter(L, "op.drop_column");
  mig_change c = {
      .kind = MIG_DROP_COLUMN, .table = op_text(L, 1), .name = op_text(L, 2)};

  return op_change(L, h, &c);
}

/* ---- indexes, views, triggers ---- */

/*
** What an index covers is SQL text: "name COLLATE NOCASE DESC", "lower(name)".
** One bare word can only mean a column, so a keyword is quoted.
*/
static void op_indexed(mig_host *h, mig_change *c, const char *text) {
  mig_span rest = mig_span_z(text);
  mig_token t = mig_token_next(&rest);
  mig_buf b = {0};

  if (t.type == MIG_TK_ID && mig_token_next(&rest).type == MIG_TK_END) {
    mig_sql_name(&h->cx, &b, mig_strndup(&h->cx, t.s.p, t.s.n));
    text = mig_buf_take(&h->cx, &b);
  }
  op_part(h, c, text);
}

/* Hand each text of the list at argument arg, or the one text, to add */
static void op_list(lua_State *L, mig_host *h, int arg, mig_change *c,
                    const char *fn,
                    void (*add)(mig_host *, mig_change *, const char *)) {
  lua_Integer i, n;

  if (!lua_istable(L, arg)) {
    add(h, c, op_string(L, arg, fn, "a column"));
    return;
  }
  n = (lua_Integer)lua_rawlen(L, arg);
  for (i = 1; i <= n; i++) {
    lua_rawgeti(L, arg, i);
    add(h, c, op_string(L, -1, fn, "a column"));
    lua_pop(L, 1);
  }
}

/* op.create_index(name, table, cols, {unique=, where=}) */
static int op_create_index(lua_State *L) {
  static const struct op_key known[] = {{"unique", 'b', AT(unique)},
                                        {"where", 's', AT(where)},
                                        {"if_not_exists", 'b', AT(if_exists)},
                                        {NULL, 0, 0}};
  mig_host *h = mig_host_enter(L, "op.create_index");
  mig_change c = {.kind = MIG_CREATE_INDEX};

  lua_settop(L, 4);
  c.name = op_text(L, 1);
  c.table = op_text(L, 2);
  op_options(L, 4, "op.create_index", known, &c);
  op_list(L, h, 3, &c, "op.create_index", op_indexed);
  return op_change(L, h, &c);
}

/* op.create_view(name, select, {columns=}) */
static int op_create_view(lua_State *L) {
  static const struct op_key known[] = {
      {"columns", '-', 0}, {"if_not_exists", 'b', AT(if_exists)}, {NULL, 0, 0}};
  mig_host *h = mig_host_enter(L, "op.create_view");
  mig_change c = {.kind = MIG_CREATE_VIEW};

  lua_settop(L, 3);
  c.name = op_text(L, 1);
  c.body = op_text(L, 2);
  op_options(L, 3, "op.create_view", known, &c);
  if (lua_istable(L, 3)) {
    lua_pushliteral(L, "columns");
    if (lua_rawget(L, 3) != LUA_TNIL)
      op_list(L, h, lua_gettop(L), &c, "op.create_view", op_part);
  }
  return op_change(L, h, &c);
}

/* op.create_trigger(name, text): text is what follows the name in SQL */
static int op_create_trigger(lua_State *L) {
  static const struct op_key known[] = {{"if_not_exists", 'b', AT(if_exists)},
                                        {NULL, 0, 0}};
  mig_host *h = mig_host_enter(L, "op.create_trigger");
  mig_change c = {.kind = MIG_CREATE_TRIGGER};

  lua_settop(L, 3);
  c.name = op_text(L, 1);
  c.body = op_text(L, 2);
  op_options(L, 3, "op.create_trigger", known, &c);
  return op_change(L, h, &c);
}

/* ---- data ---- */

/* op.execute(sql, ...): any number of statements; the rows they changed */
static int op_execute(lua_State *L) {
  mig_host *h = mig_host_enter(L, "op.execute");
  sqlite3_int64 before = sqlite3_total_changes64(h->conn->h);
  mig_params p;
  mig_span sql;
  size_t n;
  int at;

  luaL_checktype(L, 1, LUA_TSTRING);
  sql.p = lua_tolstring(L, 1, &n);
  luaL_argcheck(L, n < 1000000000, 1, "text is too long");
  sql.n = (int)n;
  mig_params_read(L, h, 2, &p);
  mig_exec_script(&h->cx, h->run->db, sql, &p.base, &at);
  mig_params_end(&h->cx, &p);
  lua_pushinteger(L, sqlite3_total_changes64(h->conn->h) - before);
  return mig_host_return(L, h, 1);
}

/* ---- the library ---- */

void mig_op_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"add_column", op_add_column},
                                       {"bulk_insert", mig_op_bulk_insert},
                                       {"create_index", op_create_index},
                                       {"create_table", op_create_table},
                                       {"create_trigger", op_create_trigger},
                                       {"create_view", op_create_view},
                                       {"drop_column", op_drop_column},
                                       {"drop_index", op_drop_index},
                                       {"drop_table", op_drop_table},
                                       {"drop_trigger", op_drop_trigger},
                                       {"drop_view", op_drop_view},
                                       {"enum", op_enum},
                                       {"execute", op_execute},
                                       {"rename_table", op_rename_table},
                                       {NULL, NULL}};
  static const char *const later[] = {"alter_column",
                                      "backfill",
                                      "batch_alter_table",
                                      "create_check_constraint",
                                      "create_foreign_key",
                                      "create_primary_key",
                                      "create_unique_constraint",
                                      "drop_constraint",
                                      NULL};
  int i;

  luaL_newmetatable(L, ENUM);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  for (i = 0; later[i]; i++) {
    const char *name = lua_pushfstring(L, "op.%s", later[i]);
    mig_sandbox_later(L, name);
    lua_setfield(L, -3, later[i]);
    lua_pop(L, 1);
  }
  mig_sandbox_strict(L, "op");
}
