/*
** lua/script.c - a script outside of the graph: its top level is what runs,
** with the arguments as `...`, and what it returns is the call's value.
*/
#include "lua/host.h"

#define RUN_PAUSE 400 /* as with a revision */

struct script_request {
  mig_cx *cx;
  mig_host *h;
  const mig_call *call;
};

/* ---- what it says of itself ---- */

static int script_compile_in(lua_State *L) {
  const struct script_request *c = lua_touserdata(L, 1);

  mig_host_load(L, c->h, 0);
  return 0;
}

void mig_script_sketch(mig_cx *cx, void *self, const mig_call *call,
                       mig_header *out) {
  mig_script s = {.path = call->path, .text = call->text, .again = 1};
  struct script_request c = {cx, self, call};
  mig_span said = {"", 0};
  mig_host *h = self;

  if (cx->rc) return;
  out->transactional = !mig_glance_resumable(call->text, &said);
  out->message = mig_strndup(cx, said.p, said.n);
  mig_host_ready(cx, h, RUN_PAUSE);
  h->run = NULL;
  mig_host_protect(cx, h, &s, h->seconds, script_compile_in, &c);
}

/* ---- its value ---- */

/* The value at the top of the stack, which may not be of a type that SQL has
** not. */
static void script_result(lua_State *L, const struct script_request *c) {
  sqlite3_context *to = c->call->result;
  mig_cell v;

  if (!mig_cell_read(L, -1, &v))
    luaL_error(L,
               "returns a %s; a value is nil, a boolean, a number, a string "
               "or a blob%s",
               luaL_typename(L, -1),
               lua_istable(L, -1) ? "; return db.json(t)" : "");
  if (v.n > (size_t)sqlite3_limit(c->h->conn->h, SQLITE_LIMIT_LENGTH, -1))
    luaL_error(L, "returns %I bytes, more than SQLite's limit",
               (lua_Integer)v.n);
  mig_cell_result(to, &v, 1);
}

/* ---- running ---- */

/* `transactional = false` counts only where it is seen before the script runs
 */
static void script_check(lua_State *L, const mig_host *h, int env) {
  lua_pushliteral(L, "transactional");
  if (lua_rawget(L, env) == LUA_TBOOLEAN && !lua_toboolean(L, -1) &&
      !h->run->resume)
    luaL_error(L, "transactional = false must stand at the top, in a line of "
                  "its own, with nothing but `--` comments before it");
  lua_pop(L, 1);
}

static int script_run_in(lua_State *L) {
  const struct script_request *c = lua_touserdata(L, 1);
  int env;

  mig_host_load(L, c->h, 0); /* the environment, the function */
  env = lua_gettop(L) - 1;
  lua_call(L, mig_func_push(L, c->cx, c->call->argc, c->call->argv), 1);
  script_check(L, c->h, env);
  script_result(L, c);
  return 0;
}

void mig_script_run(mig_cx *cx, void *self, mig_run *run,
                    const mig_call *call) {
  mig_script s = {.path = call->path, .text = call->text};
  struct script_request c = {cx, self, call};
  mig_host *h = self;

  if (cx->rc) return;
  mig_host_ready(cx, h, RUN_PAUSE);
  h->run = run;
  mig_host_protect(cx, h, &s, h->seconds, script_run_in, &c);
  h->run = NULL;
}
