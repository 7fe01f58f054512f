/*
** lua/opcolumn.c - a column as a script gives it: SQL text, or a table.
**
** In a table `default` is SQL text when it is a string, and every other value
** is itself; null is none.
*/
#include "lua/host.h"

#define ENUM "enum" /* registry: the metatable of what op.enum gives */

/* ---- op.enum ---- */

int mig_op_enum(lua_State *L) {
  lua_Integer i, n;

  luaL_checktype(L, 1, LUA_TTABLE);
  n = (lua_Integer)lua_rawlen(L, 1);
  luaL_argcheck(L, n > 0, 1, "the list is empty");
  lua_createtable(L, (int)n, 0);
  for (i = 1; i <= n; i++) {
    lua_rawgeti(L, 1, i);
    mig_arg_string(L, -1, "op.enum", "each value");
    lua_rawseti(L, -2, i);
  }
  luaL_setmetatable(L, ENUM);
  return 1;
}

static int opcolumn_is_enum(lua_State *L, int idx) {
  int same;

  if (!lua_istable(L, idx) || !lua_getmetatable(L, idx)) return 0;
  luaL_getmetatable(L, ENUM);
  same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
}

/* "name IN ('a', 'b')" and the check there is, of the enum at the top */
static char *opcolumn_check(lua_State *L, mig_host *h, const char *name,
                            const char *check) {
  lua_Integer i, n = (lua_Integer)lua_rawlen(L, -1);
  mig_buf b = {0};

  if (check) mig_buf_addf(&h->cx, &b, "(%s\n) AND ", check);
  mig_sql_name(&h->cx, &b, name);
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
  return mig_buf_take(&h->cx, &b);
}

void mig_opcolumn_open(lua_State *L) {
  luaL_newmetatable(L, ENUM);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

/* ---- properties ---- */

int mig_opcolumn_type(lua_State *L, mig_host *h, int t, const char *fn,
                      const char *name, const char **type, const char **check) {
  int is = mig_arg_push(L, t, "type");

  if (opcolumn_is_enum(L, -1)) {
    *type = "TEXT";
    *check = opcolumn_check(L, h, name, *check);
  } else if (is == LUA_TTABLE) {
    luaL_error(L,
               "%s: type must be a string, not a table: give SQL text, "
               "op.enum{...} or null",
               fn);
  } else if (!mig_arg_absent(L, -1)) {
    *type = mig_arg_string(L, -1, fn, "type");
    if (!**type) *type = NULL;
  }
  lua_pop(L, 1);
  return is != LUA_TNIL;
}

int mig_opcolumn_default(lua_State *L, mig_host *h, int t, const char *fn,
                         const char **dflt) {
  int is = mig_arg_push(L, t, "default");
  mig_cell v;
  mig_buf b = {0};

  if (is == LUA_TSTRING) {
    *dflt = mig_arg_string(L, -1, fn, "default");
  } else if (!mig_arg_absent(L, -1)) {
    if (!mig_cell_read(L, -1, &v))
      luaL_error(L, "%s: default must be a value or SQL text, not a %s", fn,
                 luaL_typename(L, -1));
    mig_cell_literal(&h->cx, &b, &v);
    *dflt = mig_buf_take(&h->cx, &b);
  }
  lua_pop(L, 1);
  return is != LUA_TNIL;
}

/* ---- a column ---- */

const char *mig_opcolumn_sql(lua_State *L, mig_host *h, int idx,
                             const char *fn) {
#define AT(field) offsetof(mig_column_spec, field)
  static const mig_arg_key known[] = {{"name", 's', AT(name)},
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
                                      {"", 0, 0}};
#undef AT
  mig_column_spec c = {0};

  if (!lua_istable(L, idx)) return mig_arg_string(L, idx, fn, "a column");
  mig_arg_keys(L, idx, fn, "column property", known, &c);
  if (!c.name) luaL_error(L, "%s: a column without a name", fn);
  mig_opcolumn_type(L, h, idx, fn, c.name, &c.type, &c.check);
  mig_opcolumn_default(L, h, idx, fn, &c.dflt);
  return mig_column_sql(&h->cx, &c);
}
