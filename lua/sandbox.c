/*
** lua/sandbox.c - what a script can reach: an allow-list.
**
** All scripts of a call share one state, and each has its own environment: an
** empty table whose __index fetches what the script asks for out of `base`,
** which no script can reach.  Functions are handed out as they are; a library
** is copied first, so that what a script does to its `string` or `op` is seen
** by nobody else.  A script that only sets its header pays for an empty table,
** which is what makes describing thousands of scripts cheap.
*/
#include "lua/host.h"

static const char sandbox_env_key = 0;  /* registry: environments' metatable */
static const char sandbox_args_key = 0; /* registry: arg.NAME, as a table    */

/* ---- protected calls that do not protect from a stop ---- */

static int sandbox_pcall_end(lua_State *L, int status, lua_KContext kept) {
  mig_host_check(L);
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)kept;
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

/* pcall(f, ...) */
static int sandbox_pcall(lua_State *L) {
  int status;

  mig_host_check(L);
  luaL_checkany(L, 1);
  lua_pushboolean(L, 1); /* the first result, when all goes well */
  lua_insert(L, 1);
  status =
      lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, sandbox_pcall_end);
  return sandbox_pcall_end(L, status, 0);
}

/* A stop is raised inside the hook, where Lua calls no hook: a handler that
** belongs to the script could then run for ever. */
static int sandbox_handler(lua_State *L) {
  if (mig_host_of(L)->stop.rc) return 1;
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

/* xpcall(f, handler, ...) */
static int sandbox_xpcall(lua_State *L) {
  int status;

  mig_host_check(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, sandbox_handler, 1);
  lua_insert(L, 1); /* ours, f, theirs, arguments */
  lua_pushboolean(L, 1);
  lua_copy(L, 2, 3);
  lua_replace(L, 2); /* ours, true, f, arguments */
  status =
      lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 1, 1, sandbox_pcall_end);
  return sandbox_pcall_end(L, status, 1);
}

/* Upvalue 1 is a function of Lua's own that runs script code protected */
static int sandbox_guarded(lua_State *L) {
  mig_host_resume(L, lua_tothread(L, 1));
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  mig_host_check(L);
  return lua_gettop(L);
}

/* Upvalues: a coroutine, coroutine.resume, coroutine.close */
static int sandbox_wrapped(lua_State *L) {
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));

  mig_host_resume(L, co);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_rotate(L, 1, 2);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  mig_host_check(L);
  if (lua_toboolean(L, 1)) return lua_gettop(L) - 1;
  if (lua_status(co) > LUA_YIELD) {
    mig_host_resume(L, co);
    lua_pushvalue(L, lua_upvalueindex(3));
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_call(L, 1, 0);
    mig_host_check(L);
  }
  lua_settop(L, 2);
  return lua_error(L);
}

/* coroutine.wrap(f): as Lua's, but the error keeps the place it came from */
static int sandbox_wrap(lua_State *L) {
  lua_State *co;

  luaL_checktype(L, 1, LUA_TFUNCTION);
  co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_pushcclosure(L, sandbox_wrapped, 3);
  return 1;
}

/* ---- Lua's own functions, with what they must not do taken out ---- */

static int sandbox_setmetatable(lua_State *L) {
  int t = lua_type(L, 2);

  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, t == LUA_TNIL || t == LUA_TTABLE, 2, "nil or table");
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
    return luaL_error(L, "cannot change a protected metatable");
  if (t == LUA_TTABLE) {
    lua_pushliteral(L, "__gc");
    if (lua_rawget(L, 2) != LUA_TNIL)
      return luaL_error(L, "a metatable with __gc is not allowed in a script");
    lua_pop(L, 1);
  }
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

/* print(...), log(...): to SQLite's error log, when the script really runs */
static int sandbox_print(lua_State *L) {
  mig_host *h = mig_host_of(L);
  int i, n = lua_gettop(L);
  luaL_Buffer b;

  if (!h->run) return 0;
  luaL_checkstack(L, 8, NULL);
  luaL_buffinit(L, &b);
  for (i = 1; i <= n; i++) {
    if (i > 1) luaL_addchar(&b, '\t');
    luaL_tolstring(L, i, NULL);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  sqlite3_log(SQLITE_NOTICE, "migrate: %s: %s", h->on->path,
              lua_tostring(L, -1));
  return 0;
}

/* ---- environments ---- */

/* Replace the table at the top of the stack by a copy with its metatable, made
** at once as large as it gets: the pairs wait on the stack until they are
** counted */
static void sandbox_copy(lua_State *L) {
  int from = lua_gettop(L), n, i;

  lua_pushnil(L);
  for (n = 0; lua_next(L, from); n++) {
    luaL_checkstack(L, 4, NULL);
    lua_pushvalue(L, -2);
  }
  lua_createtable(L, 0, n);
  if (lua_getmetatable(L, from)) lua_setmetatable(L, -2);
  lua_replace(L, from);
  for (i = 0; i < n; i++) lua_rawset(L, from);
}

/* __index(env, key).  Upvalue 1 is base. */
static int sandbox_index(lua_State *L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL) {
    if (lua_type(L, 2) != LUA_TSTRING || strcmp(lua_tostring(L, 2), "args"))
      return 1;
    mig_sandbox_args(L);
  }
  if (lua_type(L, -1) == LUA_TTABLE) sandbox_copy(L);
  if (lua_tocfunction(L, -1) == mig_module_open) mig_module_open(L);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, -2);
  lua_rawset(L, 1);
  return 1;
}

void mig_sandbox_env(lua_State *L) {
  lua_createtable(L, 0, 12); /* for a header, and the two functions */
  lua_rawgetp(L, LUA_REGISTRYINDEX, &sandbox_env_key);
  lua_setmetatable(L, -2);
}

void mig_sandbox_args(lua_State *L) {
  const mig_value *v;

  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &sandbox_args_key) == LUA_TTABLE)
    return;
  lua_pop(L, 1);
  lua_newtable(L);
  for (v = mig_host_of(L)->conn->values; v; v = v->next) {
    if (strncmp(v->key, "arg.", 4)) continue;
    lua_pushstring(L, v->value);
    lua_setfield(L, -2, v->key + 4);
  }
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &sandbox_args_key);
}

/* ---- names that do not exist ---- */

/* __index(library, key) of a library.  Upvalues: its name, its functions. */
static int sandbox_missing(lua_State *L) {
  const char *key = luaL_tolstring(L, 2, NULL), *near = NULL, *name;
  int best = 4, d;

  lua_pushnil(L);
  while (lua_next(L, lua_upvalueindex(2))) {
    name = lua_tostring(L, -2);
    d = mig_distance(mig_span_z(key), mig_span_z(name), 4);
    if (d < best || (d == best && near && strcmp(name, near) < 0)) {
      best = d;
      near = name;
    }
    lua_pop(L, 1);
  }
  name = lua_tostring(L, lua_upvalueindex(1));
  if (!near) return luaL_error(L, "%s has no function named %s", name, key);
  return luaL_error(L, "%s has no function named %s; did you mean %s.%s?", name,
                    key, name, near);
}

void mig_sandbox_strict(lua_State *L, const char *library) {
  lua_newtable(L);
  lua_pushstring(L, library);
  lua_pushvalue(L, -3);
  lua_pushcclosure(L, sandbox_missing, 2);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
}

/* ---- opening ---- */

/* Copy the safe functions of Lua's base library into base, at the top */
static void sandbox_base(lua_State *L) {
  static const char names[][13] = {
      "assert",   "error",  "getmetatable", "ipairs", "next",   "pairs",
      "rawequal", "rawget", "rawlen",       "rawset", "select", "tonumber",
      "tostring", "type",   "_VERSION",     ""};
  static const luaL_Reg ours[] = {{"pcall", sandbox_pcall},
                                  {"xpcall", sandbox_xpcall},
                                  {"setmetatable", sandbox_setmetatable},
                                  {"print", sandbox_print},
                                  {"log", sandbox_print},
                                  {"require", mig_module_open},
                                  {NULL, NULL}};
  int i;

  luaL_requiref(L, "_G", luaopen_base, 0);
  for (i = 0; *names[i]; i++) {
    lua_getfield(L, -1, names[i]);
    lua_setfield(L, -3, names[i]);
  }
  lua_pop(L, 1);
  luaL_setfuncs(L, ours, 0);
  mig_library_base(L);
}

/* Put coroutine, whose calls may not hold up a stop, into base */
static void sandbox_coroutine(lua_State *L) {
  luaL_requiref(L, "coroutine", luaopen_coroutine, 0);
  lua_getfield(L, -1, "resume");
  lua_getfield(L, -2, "close");
  lua_pushcclosure(L, sandbox_wrap, 2);
  lua_setfield(L, -2, "wrap");
  mig_library_replace(L, "coroutine", "resume", sandbox_guarded);
  mig_library_replace(L, "coroutine", "close", sandbox_guarded);
  lua_setfield(L, -2, "coroutine");
}

/* string, and the same once more, unreachable, behind ("").x */
static void sandbox_string(lua_State *L) {
  luaL_requiref(L, "string", luaopen_string, 0);
  lua_pushnil(L);
  lua_setfield(L, -2, "dump");
  mig_library_string(L);
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_pushvalue(L, -3);
  sandbox_copy(L);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
  lua_setfield(L, -2, "string");
}

void mig_sandbox_open(lua_State *L) {
  lua_newtable(L); /* base */
  sandbox_base(L);
  sandbox_coroutine(L);
  sandbox_string(L);
  luaL_requiref(L, "table", luaopen_table, 0);
  mig_library_table(L);
  lua_setfield(L, -2, "table");
  luaL_requiref(L, "math", luaopen_math, 0);
  lua_setfield(L, -2, "math");
  luaL_requiref(L, "utf8", luaopen_utf8, 0);
  mig_library_utf8(L);
  lua_setfield(L, -2, "utf8");
  mig_values_open(L);
  mig_op_open(L);
  lua_setfield(L, -2, "op");
  mig_luadb_open(L);
  lua_setfield(L, -2, "db");
  lua_newtable(L); /* the environments' metatable */
  lua_pushvalue(L, -2);
  lua_pushcclosure(L, sandbox_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &sandbox_env_key);
}
