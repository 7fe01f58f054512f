/*
** lua/module.c - require: a module of the user's own, loaded once per script.
**
** A module's text is read and compiled once per call.  What it makes is each
** script's own: `require` is a closure with the script's table of modules, and
** a module runs in a new environment with that same `require`.  The compiled
** function is shared: before each run its _ENV becomes a fresh variable, so
** that what an earlier run made keeps its own.
*/
#include "lua/host.h"

#define MODULE_LIMIT (16 * 1024 * 1024) /* bytes of one text             */
#define MODULE_NAME 200                 /* bytes of a name                */
#define MODULE_PAUSE 200                /* Lua's default, for its collector */
#define MODULE_SECONDS 10               /* for compiling a text          */
#define LOADED lua_upvalueindex(1)      /* see module_require()          */

static const char module_code_key = 0; /* registry: path to function */

/* ---- a module's text, as a function ---- */

/* Why there is no such module, and where it was looked for. */
static void module_missing(mig_cx *cx, const char *name, const char *path,
                           const char *file, const char *lib) {
  const char *way = lib && mig_os_exists(lib)
                        ? mig_printf(cx, "write %s", file)
                        : mig_printf(cx, "make the directory %s, and in it %s",
                                     lib, path + 4);

  mig_fail(cx, SQLITE_ERROR,
           "no module %s: there is no file %s, and nothing is registered as "
           "%s; %s",
           name, file, path, way);
}

static mig_span module_text(mig_cx *cx, const mig_host *h, const char *name,
                            const char *path) {
  const mig_registered *r = mig_map_get(&h->conn->modules, path);
  const char *dir = mig_config_get(h->conn, "directory");
  const char *file = mig_os_join(cx, dir, path);

  if (r) return r->text;
  if (file && !mig_os_exists(file))
    module_missing(cx, name, path, file, mig_os_join(cx, dir, "lib"));
  if (h->on && !strncmp(h->on->path, "_migrate_log:", 13))
    mig_fail_in(cx, "the log has a revision's text, and not its modules");
  return mig_source_check(cx, path, mig_os_read(cx, file, MODULE_LIMIT));
}

/* Push the text as a function; else the error, and a status */
static int module_compile(lua_State *L, const char *path, mig_span text) {
  const char *name = lua_pushfstring(L, "@%s", path);
  int status = luaL_loadbufferx(L, text.p, (size_t)text.n, name, "t");

  lua_remove(L, -2);
  return status;
}

/* Push the table of what was compiled */
static void module_cache(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &module_code_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &module_code_key);
}

/* Push the module's function.  May jump. */
static void module_code(lua_State *L, const char *name, const char *path) {
  mig_host *h = mig_host_of(L);
  mig_span text;
  int status;

  module_cache(L);
  lua_getfield(L, -1, path);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    mig_cx_release(&h->cx);
    text = module_text(&h->cx, h, name, path);
    mig_fail_in(&h->cx, "require");
    if (h->cx.rc) mig_host_return(L, h, 0);
    status = module_compile(L, path, text);
    mig_cx_release(&h->cx);
    if (status) lua_error(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, path);
  }
  lua_remove(L, -2);
}

static int module_check_in(lua_State *L) {
  const mig_script *s = lua_touserdata(L, 1);
  lua_Debug ar;

  if (!module_compile(L, s->path, s->text)) return 0;
  if (!module_compile(L, s->path, (mig_span){"", 0})) {
    lua_getinfo(L, ">S", &ar); /* what Lua's messages call the text */
    memcpy(mig_host_of(L)->source, ar.short_src, sizeof ar.short_src);
  }
  return lua_error(L);
}

void mig_module_check(mig_cx *cx, void *host, const char *path, mig_span text) {
  mig_script s = {.path = path, .text = text};
  mig_host *h = host;

  if (cx->rc) return;
  mig_host_ready(cx, h, MODULE_PAUSE);
  h->run = NULL;
  mig_host_protect(cx, h, &s, MODULE_SECONDS, module_check_in, &s);
}

/* ---- loading it ---- */

/* The argument 1; jumps when it is no module's name */
static const char *module_name(lua_State *L) {
  const char *name;
  size_t n;

  luaL_checktype(L, 1, LUA_TSTRING);
  name = lua_tolstring(L, 1, &n);
  if (n > MODULE_NAME || !mig_module_named((mig_span){name, (int)n}, '.'))
    luaL_error(L,
               "require: \"%s\" is no name of a module; it has letters, "
               "digits, _ and -, and dots between: \"text.slug\" is "
               "lib/text/slug.lua",
               name);
  return name;
}

/* The modules under way from the i-th on make a circle with `name` */
static void module_circle(lua_State *L, lua_Integer i, const char *name) {
  luaL_Buffer b;

  luaL_buffinit(L, &b);
  for (; lua_rawgeti(L, LOADED, i) == LUA_TSTRING; i++) {
    luaL_addvalue(&b);
    luaL_addstring(&b, " -> ");
  }
  lua_pop(L, 1);
  luaL_addstring(&b, name);
  luaL_pushresult(&b);
  luaL_error(L,
             "require: modules that need each other: %s; what both use may "
             "stand in a third one",
             lua_tostring(L, -1));
}

/* How many modules are being loaded, each for the one before?  Jumps if `name`
** is among them. */
static lua_Integer module_depth(lua_State *L, const char *name) {
  lua_Integer n = 1;

  for (; lua_rawgeti(L, LOADED, n) == LUA_TSTRING; n++) {
    if (!strcmp(lua_tostring(L, -1), name)) module_circle(L, n, name);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return n - 1;
}

static int module_require(lua_State *L);

/* Push a `require` for the table at the top of the stack, in its place */
static void module_push_require(lua_State *L) {
  lua_pushcclosure(L, module_require, 1);
}

int mig_module_open(lua_State *L) {
  lua_newtable(L);
  module_push_require(L);
  return 1;
}

/* Give the function at the top of the stack a new environment */
static void module_enclose(lua_State *L) {
  if (luaL_loadbufferx(L, "", 0, "=require", "t")) lua_error(L);
  lua_upvaluejoin(L, -2, 1, -1, 1); /* a variable of its own, for its _ENV */
  lua_pop(L, 1);
  mig_sandbox_env(L);
  lua_pushvalue(L, LOADED);
  module_push_require(L);
  lua_setfield(L, -2, "require");
  lua_setupvalue(L, -2, 1);
}

/*
** require(name).  The upvalue is the script's table of modules: name to value
** of those that are loaded, and in 1, 2... the names of those under way.
*/
static int module_require(lua_State *L) {
  const char *name = module_name(L), *path;
  lua_Integer n;
  int status;

  mig_host_check(L);
  lua_settop(L, 1);
  if (lua_getfield(L, LOADED, name) != LUA_TNIL) return 1;
  n = module_depth(L, name);
  path = lua_pushfstring(L, "lib/%s.lua", luaL_gsub(L, name, ".", "/"));
  module_code(L, name, path);
  module_enclose(L);
  lua_pushvalue(L, 1);
  lua_pushstring(L, path);
  lua_pushvalue(L, 1);
  lua_rawseti(L, LOADED, n + 1);
  status = lua_pcall(L, 2, 1, 0);
  lua_pushnil(L);
  lua_rawseti(L, LOADED, n + 1);
  mig_host_check(L);
  if (status) return lua_error(L);
  if (lua_isnil(L, -1)) lua_pushboolean(L, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, LOADED, name);
  return 1;
}
