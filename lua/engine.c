/*
** lua/engine.c - the engine: what the rest of the house asks of Lua scripts.
**
** Each request is one protected call.  A script is loaded anew for each, into
** an environment of its own, and leaves nothing behind but garbage.
*/
#include "lua/host.h"
#include "lua/lua.h"

#define DESCRIBE_SECONDS 10 /* for the top level of one script, at most */
#define DESCRIBE_PAUSE 1000 /* a header is garbage at once: collect rarely */
#define APPLY_PAUSE 400     /* of a script's few live bytes: cheap */

static const char engine_env_key = 0; /* registry: env.lua's environment */

/* One request, as its protected function sees it. */
struct engine_call {
  mig_cx *cx;
  mig_host *h;
  mig_header *out;  /* of describe */
  const char *name; /* of the function to call: "upgrade", "before" */
  const mig_revision *rev;
  mig_direction dir;
  const char *const *argv; /* of the function, ends with NULL; or NULL */
  int answer;              /* what it said */
};

static void *engine_open(mig_cx *cx, mig_conn *conn) {
  return mig_host_open(cx, conn);
}

/* ---- describe ---- */

static int engine_describe_in(lua_State *L) {
  struct engine_call *c = lua_touserdata(L, 1);

  mig_host_body(L, c->h, 0);
  mig_header_read(c->cx, L, c->h->on, c->out);
  return 0;
}

static void engine_compile(mig_cx *cx, void *self, const char *path,
                           mig_span text, int again, mig_header *out) {
  mig_host *h = self;
  mig_script s = {.path = path, .text = text, .guarded = 1, .again = again};
  struct engine_call c = {.cx = cx, .h = h, .out = out};

  if (cx->rc) return;
  mig_host_ready(cx, h, DESCRIBE_PAUSE);
  h->run = NULL;
  mig_host_protect(cx, h, &s, h->seconds ? h->seconds : DESCRIBE_SECONDS,
                   engine_describe_in, &c);
}

static void engine_describe(mig_cx *cx, void *self, const char *path,
                            mig_span text, mig_header *out) {
  if (cx->rc || mig_glance(cx, text, out)) return;
  engine_compile(cx, self, path, text, 0, out);
}

static int engine_same_text(const char *a, const char *b) {
  return a && b ? !strcmp(a, b) : a == b;
}

/* Compile a script that is to run: does it say what it said at a glance? */
static void engine_check(mig_cx *cx, void *self, const mig_revision *rev,
                         mig_span text) {
  const mig_header *h = &rev->h;
  mig_header now = {0};

  engine_compile(cx, self, rev->path, text, 1, &now);
  if (cx->rc) return;
  if (now.transactional != h->transactional ||
      now.has_upgrade != h->has_upgrade ||
      now.has_downgrade != h->has_downgrade ||
      !engine_same_text(now.id, h->id) ||
      !engine_same_text(now.irreversible, h->irreversible) ||
      !mig_list_same(&now.down, &h->down) ||
      !mig_list_same(&now.labels, &h->labels) ||
      !mig_list_same(&now.depends, &h->depends))
    mig_fail(cx, SQLITE_ERROR,
             "revision %s (%s): its header says one thing and its code "
             "another; assign each field once, at the top, and define "
             "upgrade and downgrade at the beginning of a line",
             h->id, rev->path);
}

/* ---- apply ---- */

static int engine_apply_in(lua_State *L) {
  const struct engine_call *c = lua_touserdata(L, 1);

  mig_host_body(L, c->h, 0);
  lua_pushstring(L, c->name);
  if (lua_rawget(L, -2) != LUA_TFUNCTION)
    return luaL_error(L, "has no function %s()", c->name);
  lua_call(L, 0, 0);
  return 0;
}

/* Make the request with the run's database within the script's reach */
static void engine_run(mig_cx *cx, struct engine_call *c, mig_run *run,
                       const mig_script *s, lua_CFunction fn) {
  mig_host *h = c->h;

  if (cx->rc) return;
  mig_host_ready(cx, h, APPLY_PAUSE);
  h->run = run;
  mig_host_protect(cx, h, s, h->seconds, fn, c);
  h->run = NULL;
}

static void engine_apply(mig_cx *cx, void *self, mig_run *run,
                         const mig_revision *rev, mig_span text,
                         mig_direction dir) {
  mig_script s = {
      .path = rev->path, .id = rev->h.id, .text = text, .guarded = 1};
  struct engine_call c = {.cx = cx, .h = self};

  c.name = dir == MIG_UP ? "upgrade" : "downgrade";
  engine_run(cx, &c, run, &s, engine_apply_in);
}

/* ---- env.lua ---- */

static int engine_env_in(lua_State *L) {
  const struct engine_call *c = lua_touserdata(L, 1);

  mig_sandbox_args(L);
  mig_host_body(L, c->h, lua_gettop(L));
  lua_rawsetp(L, LUA_REGISTRYINDEX, &engine_env_key);
  return 0;
}

static void engine_env(mig_cx *cx, void *self, mig_run *run, const char *path,
                       mig_span text) {
  mig_host *h = self;
  mig_script s = {.path = path, .text = text};
  struct engine_call c = {.cx = cx, .h = h};

  if (cx->rc) return;
  h->env_path = mig_strdup(&h->keep, path);
  mig_fail_move(cx, &h->keep);
  engine_run(cx, &c, run, &s, engine_env_in);
  memcpy(h->env_source, h->source, sizeof h->env_source);
}

static void engine_set(lua_State *L, const char *key, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, key);
}

/* before(step), after(step): step has revision, message, direction, path */
static int engine_hook_in(lua_State *L) {
  const struct engine_call *c = lua_touserdata(L, 1);
  int type;

  memcpy(c->h->source, c->h->env_source, sizeof c->h->source);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &engine_env_key);
  lua_pushstring(L, c->name);
  type = lua_rawget(L, -2);
  if (type == LUA_TNIL) return 0;
  if (type != LUA_TFUNCTION)
    return luaL_error(L, "%s must be a function, not a %s", c->name,
                      luaL_typename(L, -1));
  lua_createtable(L, 0, 4);
  engine_set(L, "revision", c->rev->h.id);
  engine_set(L, "message", c->rev->h.message);
  engine_set(L, "direction", c->dir == MIG_UP ? "upgrade" : "downgrade");
  engine_set(L, "path", c->rev->path);
  lua_call(L, 1, 0);
  return 0;
}

static void engine_hook(mig_cx *cx, void *self, mig_run *run, const char *name,
                        const mig_revision *rev, mig_direction dir) {
  mig_host *h = self;
  mig_script s = {.path = h->env_path, .id = rev->h.id};
  struct engine_call c = {
      .cx = cx, .h = h, .name = name, .rev = rev, .dir = dir};

  if (h->env_path) engine_run(cx, &c, run, &s, engine_hook_in);
}

/* include(kind, name), rename(kind, from, to) */
static int engine_ask_in(lua_State *L) {
  struct engine_call *c = lua_touserdata(L, 1);
  int n;

  memcpy(c->h->source, c->h->env_source, sizeof c->h->source);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &engine_env_key);
  lua_pushstring(L, c->name);
  n = lua_rawget(L, -2);
  if (n == LUA_TNIL) return 0;
  if (n != LUA_TFUNCTION)
    return luaL_error(L, "%s must be a function, not a %s", c->name,
                      luaL_typename(L, -1));
  for (n = 0; c->argv[n]; n++) lua_pushstring(L, c->argv[n]);
  lua_call(L, n, 1);
  if (!lua_isnil(L, -1)) c->answer = lua_toboolean(L, -1);
  return 0;
}

static int engine_ask(mig_cx *cx, void *self, const char *name,
                      const char *const *argv, int none) {
  mig_host *h = self;
  mig_script s = {.path = h->env_path};
  struct engine_call c = {
      .cx = cx, .h = h, .name = name, .argv = argv, .answer = none};

  if (h->env_path) engine_run(cx, &c, NULL, &s, engine_ask_in);
  return c.answer;
}

const mig_engine mig_engine_lua = {
    .suffix = ".lua",
    .open = engine_open,
    .describe = engine_describe,
    .glance = mig_glance,
    .check = engine_check,
    .apply = engine_apply,
    .render = mig_render,
    .relink = mig_render_relink,
    .env = engine_env,
    .hook = engine_hook,
    .ask = engine_ask,
    .sketch = mig_script_sketch,
    .script = mig_script_run,
    .module = mig_module_check,
    .tmpl = mig_render_template,
};
