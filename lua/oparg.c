/*
** lua/oparg.c - the arguments of op's functions: names, texts, lists, options.
**
** What is not as it must be is raised at once, naming the function, the
** argument and what it may be.  Nothing is held then.
*/
#include "lua/host.h"

/* What the value is, as an error says it */
static const char *oparg_type(lua_State *L, int idx) {
  if (lua_isnoneornil(L, idx)) return "nil";
  if (lua_islightuserdata(L, idx)) return "null";
  return lua_pushfstring(L, "a %s", luaL_typename(L, idx));
}

const char *mig_arg_string(lua_State *L, int idx, const char *fn,
                           const char *what) {
  size_t n;
  const char *z;

  if (lua_type(L, idx) != LUA_TSTRING)
    luaL_error(L, "%s: %s must be a string, not %s", fn, what,
               oparg_type(L, idx));
  z = lua_tolstring(L, idx, &n);
  if (strlen(z) != n) luaL_error(L, "%s: %s has a NUL byte", fn, what);
  return z;
}

const char *mig_arg_name(lua_State *L, int idx, const char *fn,
                         const char *what) {
  const char *z = mig_arg_string(L, idx, fn, what);

  if (!*z) luaL_error(L, "%s: %s is empty: give a name", fn, what);
  return z;
}

int mig_arg_absent(lua_State *L, int idx) {
  return lua_isnoneornil(L, idx) || lua_islightuserdata(L, idx);
}

/* ---- tables with keys ---- */

static void oparg_unknown(lua_State *L, const char *fn, const char *what,
                          const mig_arg_key *known) {
  const char *key = luaL_tolstring(L, -2, NULL);

  lua_pushliteral(L, "");
  for (; *known->name; known++) {
    lua_pushfstring(L, "%s%s", *lua_tostring(L, -1) ? ", " : "", known->name);
    lua_concat(L, 2);
  }
  luaL_error(L, "%s: unknown %s '%s'; known are: %s", fn, what, key,
             lua_tostring(L, -1));
}

/* Read the value at the top of the stack into the struct at base */
static void oparg_read(lua_State *L, const char *fn, const mig_arg_key *k,
                       char *base) {
  void *to = k->kind == '-' ? NULL : base + k->at;

  switch (k->kind) {
  case 's':
    *(const char **)to = mig_arg_string(L, -1, fn, k->name);
    break;
  case 'i':
    *(const char **)to = mig_arg_name(L, -1, fn, k->name);
    break;
  case 'b':
  case 'n':
    if (lua_type(L, -1) != LUA_TBOOLEAN)
      luaL_error(L, "%s: %s must be true or false, not %s", fn, k->name,
                 oparg_type(L, -1));
    *(int *)to = lua_toboolean(L, -1) == (k->kind == 'b');
    break;
  }
}

void mig_arg_keys(lua_State *L, int t, const char *fn, const char *what,
                  const mig_arg_key *known, void *base) {
  const mig_arg_key *k;

  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
    k = known;
    if (lua_type(L, -2) == LUA_TSTRING)
      while (*k->name && strcmp(k->name, lua_tostring(L, -2))) k++;
    else
      while (*k->name) k++;
    if (!*k->name) oparg_unknown(L, fn, what, known);
    oparg_read(L, fn, k, base);
  }
}

int mig_arg_options(lua_State *L, int idx, const char *fn,
                    const mig_arg_key *known, void *base) {
  if (lua_isnoneornil(L, idx)) return 0;
  if (!lua_istable(L, idx))
    luaL_error(L, "%s: table of options expected, not %s", fn,
               oparg_type(L, idx));
  mig_arg_keys(L, idx, fn, "option", known, base);
  return 1;
}

int mig_arg_push(lua_State *L, int t, const char *key) {
  lua_pushstring(L, key);
  return lua_rawget(L, t);
}

int mig_arg_has(lua_State *L, int t, const char *key) {
  int type = mig_arg_push(L, t, key);

  lua_pop(L, 1);
  return type != LUA_TNIL;
}

/* ---- words and lists ---- */

int mig_arg_word(lua_State *L, int t, const char *key, const char *fn,
                 const char *const *words) {
  const char *z;
  int i;

  if (mig_arg_push(L, t, key) == LUA_TNIL) {
    lua_pop(L, 1);
    return -1;
  }
  z = mig_arg_string(L, -1, fn, key);
  for (i = 0; words[i]; i++)
    if (!sqlite3_stricmp(z, words[i])) break;
  if (!words[i]) {
    lua_pushfstring(L, "'%s'", words[0]);
    for (i = 1; words[i]; i++) {
      lua_pushfstring(L, "%s'%s'", words[i + 1] ? ", " : " or ", words[i]);
      lua_concat(L, 2);
    }
    luaL_error(L, "%s: %s must be %s, not '%s'", fn, key, lua_tostring(L, -1),
               z);
  }
  lua_pop(L, 1);
  return i;
}

mig_list mig_arg_list(lua_State *L, mig_host *h, int idx, const char *fn,
                      const char *what) {
  mig_list list = {0};
  lua_Integer i, n;
  const char *z;

  if (!lua_istable(L, idx)) {
    z = mig_arg_string(L, idx, fn, what);
    mig_list_add(&h->cx, &list, (void *)(uintptr_t)z);
    return list;
  }
  n = (lua_Integer)lua_rawlen(L, idx);
  for (i = 1; i <= n; i++) {
    lua_rawgeti(L, idx, i);
    z = mig_arg_string(L, -1, fn, what);
    mig_list_add(&h->cx, &list, (void *)(uintptr_t)z);
    lua_pop(L, 1);
  }
  return list;
}

mig_list mig_arg_columns(lua_State *L, mig_host *h, int idx, const char *fn) {
  mig_list list;
  int i;

  if (mig_arg_absent(L, idx))
    luaL_error(L, "%s: no column: give a name, or a list of names", fn);
  list = mig_arg_list(L, h, idx, fn, "a column");
  if (!list.n && !h->cx.rc)
    luaL_error(L, "%s: a list without a column: {\"a\", \"b\"} is wanted", fn);
  for (i = 0; i < list.n; i++)
    if (!*(const char *)list.at[i])
      luaL_error(L, "%s: a column is empty: give its name", fn);
  return list;
}
