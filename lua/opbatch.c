/*
** lua/opbatch.c - op.batch_alter_table: changes to one table, gathered.
**
** `t` is a table of the functions in mig_op_alter, each with the batch as its
** upvalue: so a function's one body serves both forms.  In a batch the table's
** name is put where op's form has it, and the change is kept, as a copy,
** instead of made.  The batch's memory goes when the call of op.batch_alter_
** table ends, also by an error (__close); what a script has kept of `t` then
** only says that the batch is over.
**
** What the function does by op and db is done at once, before the batch.
*/
#include "lua/host.h"

#define BATCH "batch" /* the type's name */
#define FN "op.batch_alter_table"

struct mig_batch {
  mig_cx cx;         /* of all below                            */
  const char *table; /* its name                                */
  mig_list changes;  /* mig_change                              */
  int over;          /* has op.batch_alter_table come to an end? */
};

/* ---- one change ---- */

/*
** Bring the arguments, which may begin with t, into the order of op's form: the
** table's name at `at` (0: nowhere), and n in all.
*/
static void opbatch_arrange(lua_State *L, const struct mig_batch *b, int at,
                            int n) {
  int method;

  lua_settop(L, n + 1);
  lua_getiuservalue(L, lua_upvalueindex(1), 1);
  method = lua_rawequal(L, 1, -1);
  lua_pop(L, 1);
  if (method) lua_remove(L, 1);
  if (at) {
    lua_pushstring(L, b->table);
    lua_insert(L, at);
  }
}

void mig_opcall_begin(lua_State *L, mig_opcall *call, const char *fn,
                      mig_change_kind kind, int at, int n) {
  struct mig_batch *b = lua_touserdata(L, lua_upvalueindex(1));

  *call = (mig_opcall){.fn = fn, .batch = b};
  call->change.kind = kind;
  call->h = mig_host_enter(L, fn);
  if (b && b->over)
    luaL_error(L, "t.%s: the batch is over", strchr(fn, '.') + 1);
  if (b) opbatch_arrange(L, b, at, n);
  lua_settop(L, n);
  if (b) {
    call->fn = lua_pushfstring(L, "t.%s", strchr(fn, '.') + 1);
    call->change.table = b->table;
  } else if (at) {
    call->change.table = mig_arg_name(L, at, fn, "the table");
  }
}

int mig_opcall_end(lua_State *L, mig_opcall *call) {
  mig_host *h = call->h;
  struct mig_batch *b = call->batch;

  mig_func_change(h, &call->change);
  if (!b) {
    mig_luadb_settle(h);
    mig_run_change(&h->cx, h->run, &call->change);
  } else if (!h->cx.rc) {
    mig_list_add(&b->cx, &b->changes, mig_change_copy(&b->cx, &call->change));
    mig_fail_move(&h->cx, &b->cx);
  }
  return mig_host_return(L, h, 0);
}

/* ---- the batch ---- */

/* __close and __gc */
static int opbatch_end(lua_State *L) {
  struct mig_batch *b = luaL_checkudata(L, 1, BATCH);

  mig_cx_release(&b->cx);
  memset(b, 0, sizeof *b);
  b->over = 1;
  return 0;
}

/* Push a batch, which ends with the binding that runs */
static struct mig_batch *opbatch_begin(lua_State *L, mig_host *h,
                                       const char *table) {
  struct mig_batch *b = lua_newuserdatauv(L, sizeof *b, 1);

  memset(b, 0, sizeof *b);
  luaL_setmetatable(L, BATCH);
  lua_toclose(L, -1);
  b->table = mig_strdup(&b->cx, table);
  mig_fail_move(&h->cx, &b->cx);
  return b;
}

/* Push the t of the batch at index `batch` */
static void opbatch_push(lua_State *L, int batch) {
  lua_newtable(L);
  lua_pushvalue(L, batch);
  luaL_setfuncs(L, mig_op_alter, 1);
  lua_getfield(L, -1, "redefine_table");
  lua_setfield(L, -2, "redefine");
  lua_pushnil(L);
  lua_setfield(L, -2, "redefine_table");
  mig_sandbox_strict(L, "t");
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, batch, 1);
}

static mig_recreate opbatch_recreate(lua_State *L, int idx) {
  static const mig_arg_key known[] = {{"recreate", '-', 0}, {"", 0, 0}};
  static const char *const words[] = {"auto", "always", "never", NULL};
  static const mig_recreate means[] = {MIG_RECREATE_AUTO, MIG_RECREATE_ALWAYS,
                                       MIG_RECREATE_NEVER};
  int i;

  if (!mig_arg_options(L, idx, FN, known, NULL)) return MIG_RECREATE_AUTO;
  i = mig_arg_word(L, idx, "recreate", FN, words);
  return i < 0 ? MIG_RECREATE_AUTO : means[i];
}

/* op.batch_alter_table(table, function(t) ... end, {recreate=}) */
int mig_op_batch(lua_State *L) {
  mig_host *h = mig_host_enter(L, FN);
  mig_recreate recreate;
  struct mig_batch *b;
  const char *table;

  lua_settop(L, 3);
  table = mig_arg_name(L, 1, FN, "the table");
  luaL_checktype(L, 2, LUA_TFUNCTION);
  recreate = opbatch_recreate(L, 3);
  b = opbatch_begin(L, h, table);
  if (h->cx.rc) return mig_host_return(L, h, 0);
  lua_pushvalue(L, 2);
  opbatch_push(L, 4);
  lua_call(L, 1, 0);
  h = mig_host_enter(L, FN); /* h->cx has been others' meanwhile */
  b->over = 1;
  mig_luadb_settle(h);
  mig_run_changes(&h->cx, h->run, b->table, &b->changes, recreate);
  return mig_host_return(L, h, 0);
}

void mig_opbatch_open(lua_State *L) {
  static const luaL_Reg meta[] = {
      {"__gc", opbatch_end}, {"__close", opbatch_end}, {NULL, NULL}};

  luaL_newmetatable(L, BATCH);
  luaL_setfuncs(L, meta, 0);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}
