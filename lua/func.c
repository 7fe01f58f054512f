/*
** lua/func.c - db.func: a Lua function that SQL calls, for one script.
**
** SQLite calls it in the midst of a binding (of op.execute, say), so h->cx is
** put aside for the time.  It runs in a thread of its own, protected: an error
** becomes SQLite's, and so the binding's.
**
** With replace = true the name may be that of a function there is.  SQLite
** could not give that back, and triggers, views and indexes must go on calling
** it: so the script's function gets a name of its own, and the script's SQL is
** edited.
*/
#include "lua/host.h"

#define PRIVATE "_migrate_" /* before the name of a function that replaces */
#define FUNC_UNHEARD 4096   /* bytes of scripts between two looks */

typedef struct mig_func mig_func;
struct mig_func {
  mig_func *next; /* of the script's; the newest first           */
  mig_host *h;
  const char *name;    /* as the script calls it                      */
  const char *private; /* as SQL knows it, where that differs         */
  mig_callee callee;   /* the Lua function                            */
};

static const char func_thread = 0; /* registry: the thread they run in */

/* ---- called by SQL ---- */

/* One call, as its protected function sees it. */
struct func_call {
  mig_host *h;
  const char *name;
  sqlite3_context *ctx;
  int argc;
  sqlite3_value **argv;
};

int mig_func_push(lua_State *L, mig_cx *cx, int argc, sqlite3_value **argv) {
  const void *p;
  mig_cell c;
  int i;

  if (argc > LUA_MINSTACK / 2)
    luaL_checkstack(L, argc + 4, "too many arguments");
  for (i = 0; i < argc && !cx->rc; i++) {
    if (sqlite3_value_type(argv[i]) == SQLITE_TEXT &&
        (p = sqlite3_value_text(argv[i])) != NULL) {
      lua_pushlstring(L, p, (size_t)sqlite3_value_bytes(argv[i]));
      continue;
    }
    mig_cell_value(cx, argv[i], &c);
    mig_cell_push(L, &c, 0);
  }
  if (cx->rc) luaL_error(L, "%s", mig_cx_message(cx));
  return argc;
}

/* fn(arguments...), which is at index 2 */
static int func_run(lua_State *L) {
  const struct func_call *c = lua_touserdata(L, 1);
  mig_cell v;

  lua_call(L, mig_func_push(L, &c->h->cx, c->argc, c->argv), 1);
  if (!mig_cell_read(L, -1, &v))
    return luaL_error(L, "db.func: %s returned a %s, which is no value for SQL",
                      c->name, luaL_typename(L, -1));
  mig_cell_result(c->ctx, &v, 1);
  return 0;
}

/* The error at the top of the stack becomes the function's in SQL */
static void func_fail(mig_host *h, sqlite3_context *ctx, int status) {
  mig_cx own = {0};

  if (h->stop.rc) {
    sqlite3_result_error(ctx, mig_cx_message(&h->stop), -1);
  } else if (status == LUA_ERRMEM) {
    mig_host_memory(&own, h);
    sqlite3_result_error(ctx, mig_cx_message(&own), -1);
    if (own.rc == SQLITE_NOMEM) sqlite3_result_error_nomem(ctx);
  } else if (lua_type(h->nested_in, -1) == LUA_TSTRING) {
    sqlite3_result_error(ctx, lua_tostring(h->nested_in, -1), -1);
  } else {
    sqlite3_result_error(ctx, "error() was given a value that is no text", -1);
  }
  mig_cx_release(&own);
}

/* May the next one run?  Those without a hook are heard of here. */
static int func_listen(mig_host *h, sqlite3_context *ctx) {
  if (h->unheard > FUNC_UNHEARD) {
    h->unheard = 0;
    mig_host_poll(h);
  }
  if (h->stop.rc) func_fail(h, ctx, LUA_ERRRUN);
  return !h->stop.rc;
}

void mig_callee_take(lua_State *L, mig_host *h, mig_callee *c) {
  c->ends = mig_host_ends(L, h);
  c->ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

int mig_func_protect(mig_host *h, sqlite3_context *ctx, lua_CFunction fn,
                     void *arg, const mig_callee *callee) {
  lua_State *L = h->nested_in, *at = h->at == h->L ? h->at : NULL;
  int top = lua_gettop(L), keep = callee->keep, status;
  mig_cx aside = h->cx;

  if (!func_listen(h, ctx)) return 0;
  if (h->nested && !lua_checkstack(L, 4)) {
    sqlite3_result_error_nomem(ctx);
    return 0;
  }
  memset(&h->cx, 0, sizeof h->cx);
  h->nested++;
  h->at = L;
  if (!callee->ends != !h->unhooked) mig_host_unhook(h, callee->ends != 0);
  h->unheard += callee->ends;
  lua_pushcfunction(L, fn);
  lua_pushlightuserdata(L, arg);
  lua_rawgeti(L, LUA_REGISTRYINDEX, callee->ref);
  status = lua_pcall(L, 2, keep ? LUA_MULTRET : 0, 0);
  if (status) func_fail(h, ctx, status);
  if (status) lua_settop(L, top);
  h->at = at;
  if (--h->nested && h->unhooked) mig_host_unhook(h, 0);
  if (h->stmts) mig_luadb_leave(h);
  if (h->cx.rc) {
    sqlite3_result_error(ctx, mig_cx_message(&h->cx), -1);
    status = LUA_ERRRUN;
    lua_settop(L, top);
  }
  if (h->cx.mem || h->cx.owns || h->cx.msg) mig_cx_release(&h->cx);
  h->cx = aside;
  return !status;
}

static void func_invoke(void *self, sqlite3_context *ctx, int argc,
                        sqlite3_value **argv) {
  const mig_func *f = self;
  struct func_call c = {f->h, f->name, ctx, argc, argv};

  mig_func_protect(f->h, ctx, func_run, &c, &f->callee);
}

void mig_func_thread(lua_State *L, mig_host *h) {
  if (h->nested_in) return;
  h->nested_in = lua_newthread(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &func_thread);
  h->unhooked = 0;
}

/* ---- the script's SQL ---- */

/* The script's function that this token names, or NULL */
static const mig_func *func_find(const mig_host *h, mig_span token) {
  const mig_func *f = h->funcs;

  while (f && !mig_sql_same(token, f->name)) f = f->next;
  return f;
}

mig_span mig_func_sql(mig_host *h, mig_span sql, const char *in) {
  mig_calls calls = mig_calls_of(sql);
  mig_edit *edit = NULL;
  const mig_func *f;

  if (!h->funcs || h->cx.rc) return sql;
  while (mig_call_next(&calls)) {
    f = func_find(h, calls.name);
    if (f && (in || calls.in))
      mig_fail(&h->cx, SQLITE_ERROR,
               "%s calls %s(), a function of this script: it would be broken "
               "when the script has ended",
               in ? in : calls.in, f->name);
    if (!f || !f->private) continue;
    if (!edit) edit = mig_edit_new(&h->cx, sql);
    mig_edit_put(&h->cx, edit, calls.name, f->private);
  }
  return edit && !h->cx.rc ? mig_span_z(mig_edit_text(&h->cx, edit)) : sql;
}

/* The same of a text that may be NULL */
static const char *func_text(mig_host *h, const char *z, const char *in) {
  return z && h->funcs ? mig_func_sql(h, mig_span_z(z), in).p : z;
}

void mig_func_change(mig_host *h, mig_change *c) {
  const char *in = c->kind == MIG_CREATE_VIEW      ? "a view"
                   : c->kind == MIG_CREATE_TRIGGER ? "a trigger"
                   : c->kind == MIG_CREATE_INDEX   ? "an index"
                                                   : "a table";
  int i;

  func_text(h, c->body, in);
  func_text(h, c->where, in);
  func_text(h, c->set.dflt, in);
  func_text(h, c->set.check, in);
  for (i = 0; i < c->parts.n && !c->values.n; i++)
    func_text(h, c->parts.at[i], in);
  for (i = 0; i < c->values.n; i++)
    c->values.at[i] = (void *)(uintptr_t)func_text(h, c->values.at[i], NULL);
  c->using = func_text(h, c->using, NULL);
}

/* ---- db.func ---- */

struct func_options {
  int replace, volatile_;
};

static int func_is_name(const char *z) {
  const char *p;

  for (p = z; *p; p++)
    if (*p & 0x80 || !mig_token_is_word(*p) || *p == '$') return 0;
  return *z && !(*z >= '0' && *z <= '9') && p - z < 200;
}

/* Note the function, whose name and replacement are checked */
static mig_func *func_note(mig_host *h, const char *name, int replaces) {
  mig_func *f = mig_alloc(&h->keep, sizeof *f);

  if (f) {
    f->h = h;
    f->callee.ref = LUA_NOREF;
    f->name = mig_strdup(&h->keep, name);
    if (replaces) f->private = mig_printf(&h->keep, PRIVATE "%s", name);
  }
  mig_fail_move(&h->cx, &h->keep);
  return h->cx.rc ? NULL : f;
}

static void func_make(mig_host *h, const char *name,
                      const struct func_options *o) {
  const mig_func *known = func_find(h, mig_span_z(name));
  int replaces = !known && mig_function_exists(&h->cx, h->conn, name);
  mig_func *f;

  if (replaces && !o->replace)
    mig_fail(&h->cx, SQLITE_ERROR,
             "db.func: there is a function %s already; choose another name, or "
             "say {replace = true}, which is for this script's SQL only",
             name);
  if (known) replaces = known->private != NULL;
  f = func_note(h, name, replaces);
  if (!f) return;
  mig_function_set(&h->cx, h->conn, replaces ? f->private : name, !o->volatile_,
                   func_invoke, f);
  f->next = h->funcs;
  if (!h->cx.rc) h->funcs = f;
}

int mig_luadb_func(lua_State *L) {
  static const mig_arg_key known[] = {
      {"replace", 'b', offsetof(struct func_options, replace)},
      {"deterministic", 'n', offsetof(struct func_options, volatile_)},
      {"", 0, 0}};
  mig_host *h = mig_host_enter(L, "db.func");
  struct func_options o = {0, 0};
  const char *name;

  lua_settop(L, 3);
  name = mig_arg_string(L, 1, "db.func", "the name");
  luaL_checktype(L, 2, LUA_TFUNCTION);
  mig_arg_options(L, 3, "db.func", known, &o);
  if (!func_is_name(name))
    return luaL_error(L,
                      "db.func: '%s' is no name for a function: letters, "
                      "digits and _, not a digit first",
                      name);
  mig_func_thread(L, h);
  if (h->nested)
    mig_fail(&h->cx, SQLITE_ERROR, "db.func inside a function that SQL calls");
  else
    func_make(h, name, &o);
  if (!h->cx.rc) {
    lua_pushvalue(L, 2);
    mig_callee_take(L, h, &h->funcs->callee);
  }
  return mig_host_return(L, h, 0);
}

void mig_func_end(mig_host *h) {
  const mig_func *f;

  for (f = h->funcs; f; f = f->next) {
    mig_function_end(h->conn, f);
    luaL_unref(h->L, LUA_REGISTRYINDEX, f->callee.ref);
  }
  h->funcs = NULL;
}
