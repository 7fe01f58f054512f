/*
** lua/backfill.c - op.backfill: a Lua function that computes columns.
**
** The engine's UPDATE sets each column to a call of one SQL function, which is
** here: the first call of a row, the only one that has the row's values, runs
** the script's function, whose results stay on its thread's stack for the calls
** of the other columns.  SQLite asks for the columns in the table's order; were
** it ever to ask in another one, that is an error, not another row's value.
*/
#include "lua/host.h"
#include <limits.h>

#define BACKFILL "op.backfill"
#define FUNCTION "_migrate_backfill" /* its name in SQL */
#define CHUNK 5000                   /* rows */

struct backfill {
  mig_host *h;
  mig_backfill job;
  const char *chunk; /* as the script's number says */
  int base;          /* the results are above this index of the stack */
  int got;           /* how many there are: 0, or one for each column */
  char *due;         /* of each column: is this row's value to be given yet? */
  int failed;        /* did the script's function fail? */
  int number;        /* is the row's key a number? */
  sqlite3_int64 key; /* ... this one */
  mig_callee with;   /* the script's function */
};

/* What one row gives to the protected function. */
struct backfill_call {
  struct backfill *b;
  int argc;
  sqlite3_value **argv;
};

/* with(from...): its results are left on the stack, above index 1 */
static int backfill_run_row(lua_State *L) {
  const struct backfill_call *c = lua_touserdata(L, 1);
  int n, most = c->b->job.columns.n;

  lua_call(L, mig_func_push(L, &c->b->h->cx, c->argc, c->argv), LUA_MULTRET);
  n = lua_gettop(L) - 1;
  if (n > most)
    return luaL_error(L, "with returned %d values for %d column%s", n, most,
                      most == 1 ? "" : "s");
  return n;
}

/* Compute the row's values from what the script's function is to get. */
static int backfill_row(struct backfill *b, sqlite3_context *ctx, int argc,
                        sqlite3_value **argv) {
  struct backfill_call c = {b, argc, argv};
  lua_State *L = b->h->nested_in;
  const int n = b->job.columns.n;

  lua_settop(L, b->base);
  memset(b->due, 1, (size_t)n);
  b->failed = !mig_func_protect(b->h, ctx, backfill_run_row, &c, &b->with);
  b->got = b->failed ? 0 : lua_gettop(L) - b->base;
  if (b->got && b->got < n) lua_settop(L, b->base + n);
  return !b->failed;
}

/* The column's value, computed for this row */
static void backfill_give(struct backfill *b, sqlite3_context *ctx, int i) {
  lua_State *L = b->h->nested_in;
  char why[80];
  mig_cell v;

  if (mig_cell_read(L, b->base + 1 + i, &v)) {
    mig_cell_result(ctx, &v, 0);
    return;
  }
  b->failed = 1;
  sqlite3_snprintf(sizeof why, why, "with returned a %s, which is no value",
                   luaL_typename(L, b->base + 1 + i));
  sqlite3_result_error(ctx, why, -1);
}

/* What a column is to have for which the script's function gave no value: NULL,
** or when it returned nothing at all, what it has, argument 2 */
static void backfill_keep(const struct backfill *b, sqlite3_context *ctx,
                          int argc, sqlite3_value **argv) {
  if (!b->got && argc > 1) sqlite3_result_value(ctx, argv[1]);
}

/* The arguments are the column's number, and in a row's first call its key and
** what the script's function is to get; or -1 less the number, and its value.
*/
static void backfill_invoke(void *self, sqlite3_context *ctx, int argc,
                            sqlite3_value **argv) {
  struct backfill *b = self;
  const int k = argc ? sqlite3_value_int(argv[0]) : INT_MAX;
  const int i = k < 0 ? -1 - k : k;

  if ((unsigned)i >= (unsigned)b->job.columns.n || b->h->nested) {
    sqlite3_result_error(ctx, FUNCTION " is for op.backfill only", -1);
    return;
  }
  if (k < 0) {
    backfill_keep(b, ctx, argc, argv);
    return;
  }
  if (argc > 1) {
    b->number = sqlite3_value_type(argv[1]) == SQLITE_INTEGER;
    b->key = sqlite3_value_int64(argv[1]);
    if (!backfill_row(b, ctx, argc - 2, argv + 2)) return;
  }
  if (!b->due[i])
    sqlite3_result_error(ctx, "the columns' order is not the table's", -1);
  else if (b->got)
    backfill_give(b, ctx, i);
  b->due[i] = 0;
}

/* ---- the binding ---- */

/* Rows of a chunk: a whole number */
static sqlite3_int64 backfill_size(lua_State *L, int t) {
  lua_Integer n = CHUNK;

  if (mig_arg_push(L, t, "chunk") != LUA_TNIL) {
    if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1)
      luaL_error(L, BACKFILL ": chunk must be a whole number, 1 or more");
    n = lua_tointeger(L, -1);
  }
  lua_pop(L, 1);
  return n;
}

/* Read the argument.  What it borrows stays in the table.  Sticky; may jump */
static void backfill_read(lua_State *L, mig_host *h, mig_backfill *job) {
  static const mig_arg_key known[] = {
      {"table", 'i', offsetof(mig_backfill, table)},
      {"where", 'i', offsetof(mig_backfill, where)},
      {"columns", '-', 0},
      {"from", '-', 0},
      {"with", '-', 0},
      {"chunk", '-', 0},
      {"", 0, 0}};

  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  mig_arg_keys(L, 1, BACKFILL, "key", known, job);
  if (!job->table) luaL_error(L, BACKFILL ": table is missing: give its name");
  job->chunk = backfill_size(L, 1);
  if (mig_arg_push(L, 1, "with") != LUA_TFUNCTION)
    luaL_error(L, BACKFILL ": with must be a function, not a %s",
               luaL_typename(L, -1));
  mig_arg_push(L, 1, "columns");
  job->columns = mig_arg_columns(L, h, 3, BACKFILL);
  job->from = job->columns;
  if (mig_arg_push(L, 1, "from") != LUA_TNIL)
    job->from = mig_arg_list(L, h, 4, BACKFILL, "from");
}

/* What the script says in SQL may call its functions */
static void backfill_edit(mig_host *h, mig_backfill *job) {
  mig_list from = {0};
  int i;

  if (!h->funcs) return;
  for (i = 0; i < job->from.n && !h->cx.rc; i++)
    mig_list_add(
        &h->cx, &from,
        (void *)(uintptr_t)mig_func_sql(h, mig_span_z(job->from.at[i]), NULL)
            .p);
  job->from = from;
  if (job->where) job->where = mig_func_sql(h, mig_span_z(job->where), NULL).p;
}

/* The script's function has failed: the row says more than our UPDATE */
static void backfill_blame(mig_cx *cx, const struct backfill *b) {
  char *in = cx->msg, *last = NULL;

  while (in && (in = strstr(in, "; in: UPDATE ")) != NULL) last = in++;
  if (last) *last = 0;
  if (b->number)
    mig_fail_in(cx, "table %s, row %lld", b->job.table, b->key);
  else
    mig_fail_in(cx, "table %s", b->job.table);
}

/* op.backfill{table=, columns=, from=, where=, chunk=, with=}: rows set */
int mig_op_backfill(lua_State *L) {
  mig_host *h = mig_host_enter(L, BACKFILL);
  struct backfill b = {
      .h = h, .job = {.function = FUNCTION}, .with = {.keep = 1}};
  sqlite3_int64 n = 0;

  backfill_read(L, h, &b.job);
  mig_func_thread(L, h);
  lua_pushvalue(L, 2);
  mig_callee_take(L, h, &b.with);
  mig_luadb_settle(h);
  backfill_edit(h, &b.job);
  b.base = lua_gettop(h->nested_in);
  b.due = mig_alloc(&h->cx, (size_t)b.job.columns.n);
  if (!lua_checkstack(h->nested_in, b.job.columns.n + LUA_MINSTACK))
    mig_fail_nomem(&h->cx);
  mig_function_set(&h->cx, h->conn, FUNCTION, 0, backfill_invoke, &b);
  n = mig_run_backfill(&h->cx, h->run, &b.job);
  mig_function_end(h->conn, &b);
  if (b.failed) backfill_blame(&h->cx, &b);
  lua_settop(h->nested_in, b.base);
  luaL_unref(L, LUA_REGISTRYINDEX, b.with.ref);
  lua_pushinteger(L, n);
  return mig_host_return(L, h, 1);
}
