/*
** lua/db.c - db: a script reads and writes rows.
**
** A statement that outlives its binding (of db.rows, db.values, db.prepare)
** is a userdata's: closed when its loop ends or is left, when it is collected,
** and at the latest when the script ends.  The others are h->cx's.
**
** In db.values a NULL in the first column comes as null, because nil as the
** first value ends a Lua loop; in all other columns NULL is nil.
**
** A loop sees what it reads as it was when the loop began.  SQLite does not
** promise that once the same connection writes
** (https://sqlite.org/isolation.html), so before the script writes anything,
** every open loop puts the rows aside that it has not read yet.
*/
#include "lua/host.h"

#define STATEMENT "statement" /* the type's name */
#define DROPPED 100           /* so many may wait to be collected */

typedef struct mig_stmt mig_stmt;
struct mig_stmt {
  mig_host *h;      /* where it is open                         */
  mig_cx cx;        /* owns st                                  */
  sqlite3_stmt *st; /* NULL once closed                         */
  mig_spool *aside; /* cx's: the rows to come, put aside; or NULL */
  int loop;         /* has it rows to come?                     */
  int running;      /* is it being stepped?  SQL may call Lua   */
  int nested;       /* h->nested when it was opened             */
  int over;         /* was it closed because the script ended?  */
  mig_stmt *next;   /* in the host's list of open ones ...      */
  mig_stmt **link;  /* ... and what points to it there, or NULL */
};

/* ---- one statement ---- */

static void luadb_close(mig_stmt *s) {
  if (s->link) {
    s->h->nstmts--;
    *s->link = s->next;
    if (s->next) s->next->link = s->link;
    s->link = NULL;
  }
  s->st = NULL;
  s->aside = NULL;
  s->loop = 0;
  mig_cx_release(&s->cx);
}

/* A function that SQL calls may come back to the statement that called it */
static void luadb_check(lua_State *L, const mig_stmt *s) {
  if (s->running)
    luaL_error(L, "the statement is used by a function that it calls itself");
}

/* Put the rows aside that the loop has not read */
static void luadb_drain(mig_cx *cx, mig_stmt *s) {
  if (!s->loop || s->aside) return;
  s->aside = mig_spool_new(&s->cx);
  mig_fail_move(cx, &s->cx);
  s->running = 1;
  mig_spool_fill(cx, s->aside, s->st);
  s->running = 0;
}

void mig_luadb_settle(mig_host *h) {
  mig_stmt *s;

  if (h->nested)
    mig_fail(&h->cx, SQLITE_ERROR,
             "a function that SQL calls may read, but not write");
  for (s = h->stmts; s && !h->cx.rc; s = s->next) luadb_drain(&h->cx, s);
}

void mig_luadb_leave(mig_host *h) {
  mig_stmt *s;

  for (s = h->stmts; s && s->nested > h->nested; s = s->next) {
    luadb_drain(&h->cx, s);
    s->nested = h->nested;
  }
}

void mig_luadb_end(mig_host *h) {
  while (h->stmts) {
    h->stmts->over = 1;
    luadb_close(h->stmts);
  }
}

/* __gc and __close */
static int luadb_collect(lua_State *L) {
  mig_stmt *s = luaL_checkudata(L, 1, STATEMENT);

  luadb_check(L, s);
  luadb_close(s);
  return 0;
}

/* Prepare the one statement of `sql` in cx */
static sqlite3_stmt *luadb_prepare(mig_cx *cx, mig_host *h, const char *what,
                                   mig_span sql) {
  mig_span tail = {0};
  sqlite3_stmt *st = mig_exec_prepare(cx, h->run->db, sql, &tail);
  mig_token t;

  if (cx->rc) return NULL;
  if (!st) {
    mig_fail(cx, SQLITE_ERROR, "%s: the text holds no statement", what);
    return NULL;
  }
  if (h->run->resume && !sqlite3_stmt_readonly(st))
    mig_fail(cx, SQLITE_ERROR,
             "%s only reads in a script with transactional = false, where each "
             "op is journaled: write with op.execute",
             what);
  do t = mig_token_next(&tail);
  while (mig_token_is(t, ";"));
  if (t.type != MIG_TK_END)
    mig_fail(cx, SQLITE_ERROR,
             "%s takes one statement; use op.execute for several", what);
  return cx->rc ? NULL : st;
}

/* The argument 1 as SQL text.  Sticky; may jump */
static mig_span luadb_sql(lua_State *L, mig_host *h) {
  size_t n;
  const char *z;

  luaL_checktype(L, 1, LUA_TSTRING);
  z = lua_tolstring(L, 1, &n);
  luaL_argcheck(L, n < 1000000000, 1, "text is too long");
  return mig_func_sql(h, (mig_span){z, (int)n}, NULL);
}

/* Bind the arguments from `from` on, one to one; 0 when that is not possible */
static int luadb_bind_plain(lua_State *L, mig_host *h, int from,
                            sqlite3_stmt *st, int lasting) {
  int i, n = lua_gettop(L) - from + 1;
  mig_cell v;

  if (n != sqlite3_bind_parameter_count(st)) return 0;
  for (i = 1; i <= n && !h->cx.rc; i++) {
    if (!mig_cell_read(L, from + i - 1, &v)) return 0;
    mig_exec_bind(&h->cx, h->run->db, st, i, &v, lasting);
  }
  return 1;
}

/* Bind all arguments from `from` on, as the one statement's parameters */
static void luadb_bind(lua_State *L, mig_host *h, int from, sqlite3_stmt *st,
                       int lasting) {
  mig_params p;

  if (h->cx.rc || luadb_bind_plain(L, h, from, st, lasting)) return;
  mig_params_read(L, h, from, &p);
  p.lasting = lasting;
  mig_params_bind(&h->cx, &p.base, st);
  mig_params_end(&h->cx, &p);
}

/* Lua does not know what memory a statement takes, and would let those that the
** script has dropped become many */
static void luadb_sweep(lua_State *L, mig_host *h) {
  if (h->nstmts < DROPPED || h->nstmts < h->most) return;
  lua_gc(L, LUA_GCCOLLECT);
  h->most = 2 * h->nstmts;
}

/* A statement as a userdata, at the top of the stack */
static mig_stmt *luadb_open(lua_State *L, mig_host *h, const char *what) {
  mig_span sql = luadb_sql(L, h);
  mig_stmt *s;

  luadb_sweep(L, h);
  s = lua_newuserdatauv(L, sizeof *s, 0);
  memset(s, 0, sizeof *s);
  s->h = h;
  luaL_setmetatable(L, STATEMENT);
  s->st = luadb_prepare(&s->cx, h, what, sql);
  mig_fail_move(&h->cx, &s->cx);
  s->next = h->stmts;
  s->link = &h->stmts;
  h->nstmts++;
  s->nested = h->nested;
  if (s->next) s->next->link = &s->next;
  h->stmts = s;
  return s;
}

/* ---- pushing rows ---- */

/* Push column i of the row that the statement is at.  A column without a value
** comes as NULL after an error, which is raised soon. */
static void luadb_push(lua_State *L, mig_host *h, mig_stmt *s, int i,
                       int marked) {
  mig_cell c = {.type = SQLITE_NULL};

  if (s->aside)
    mig_spool_cell(s->aside, &c);
  else
    mig_cell_column(&h->cx, s->st, i, &c);
  mig_cell_push(L, &c, marked);
}

static void luadb_push_row(lua_State *L, mig_host *h, mig_stmt *s) {
  int i, n = sqlite3_column_count(s->st);

  lua_createtable(L, 0, n);
  for (i = 0; i < n; i++) {
    const char *name = sqlite3_column_name(s->st, i);
    if (!name) mig_fail_nomem(&h->cx);
    if (!name) return;
    luadb_push(L, h, s, i, 0);
    lua_setfield(L, -2, name);
  }
}

static int luadb_push_values(lua_State *L, mig_host *h, mig_stmt *s,
                             int marked) {
  int i, n = sqlite3_column_count(s->st);

  luaL_checkstack(L, n, "too many columns");
  for (i = 0; i < n; i++) luadb_push(L, h, s, i, marked && i == 0);
  return n;
}

/* Before its first step: a statement that writes is one of the script's */
static void luadb_begin(mig_host *h, sqlite3_stmt *st) {
  if (st && !h->cx.rc && !sqlite3_stmt_readonly(st)) mig_luadb_settle(h);
}

/* Is there another row? */
static int luadb_step(mig_host *h, mig_stmt *s) {
  int row;

  s->running = 1;
  row = mig_exec_step(&h->cx, s->st);
  s->running = 0;
  return row;
}

/* All rows that are left, then reset */
static void luadb_rest(mig_host *h, mig_stmt *s) {
  s->running = 1;
  mig_exec_done(&h->cx, h->run->db, s->st);
  s->running = 0;
}

/* A statement that writes has more to do after its first row */
static void luadb_finish(mig_host *h, mig_stmt *s) {
  if (s->st && !sqlite3_stmt_readonly(s->st)) luadb_rest(h, s);
}

/* ---- db.rows, db.values ---- */

/* The statement of the running iterator, which has a row; NULL at its end */
static mig_stmt *luadb_next(lua_State *L, mig_host *h) {
  mig_stmt *s = lua_touserdata(L, lua_upvalueindex(1));

  luadb_check(L, s);
  if (s->over) luaL_error(L, "the loop's script has ended");
  if (!s->st) return NULL;
  if (s->aside ? mig_spool_next(&h->cx, s->aside) : luadb_step(h, s)) return s;
  luadb_close(s);
  return NULL;
}

static int luadb_next_row(lua_State *L) {
  mig_host *h = mig_host_enter(L, "db.rows");
  mig_stmt *s = luadb_next(L, h);

  if (!s) return mig_host_return(L, h, 0);
  luadb_push_row(L, h, s);
  return mig_host_return(L, h, 1);
}

static int luadb_next_values(lua_State *L) {
  mig_host *h = mig_host_enter(L, "db.values");
  mig_stmt *s = luadb_next(L, h);
  int n;

  if (!s) return mig_host_return(L, h, 0);
  n = luadb_push_values(L, h, s, 1);
  return mig_host_return(L, h, n);
}

/* Begin a loop: iterator, nil, nil, and what closes when the loop is left */
static int luadb_loop(lua_State *L, const char *what, lua_CFunction next) {
  mig_host *h = mig_host_enter(L, what);
  mig_stmt *s;

  s = luadb_open(L, h, what);
  lua_insert(L, 1);
  lua_remove(L, 2);
  luadb_bind(L, h, 2, s->st, 1);
  luadb_begin(h, s->st);
  s->loop = 1;
  if (!h->cx.rc && !sqlite3_stmt_readonly(s->st)) luadb_drain(&h->cx, s);
  if (h->cx.rc) luadb_close(s);
  lua_settop(L, 1);
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, next, 1);
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushvalue(L, 1);
  return mig_host_return(L, h, 4);
}

/* db.rows(sql, ...): for row in ... do row.name */
static int luadb_rows(lua_State *L) {
  return luadb_loop(L, "db.rows", luadb_next_row);
}

/* db.values(sql, ...): for a, b in ... do */
static int luadb_values(lua_State *L) {
  return luadb_loop(L, "db.values", luadb_next_values);
}

/* ---- db.row, db.value ---- */

/* Push what `push` makes of the first row, or nil without one */
static int luadb_first(lua_State *L, const char *what,
                       void (*push)(lua_State *, mig_host *, mig_stmt *)) {
  mig_host *h = mig_host_enter(L, what);
  mig_stmt s = {0};

  s.st = luadb_prepare(&h->cx, h, what, luadb_sql(L, h));
  luadb_bind(L, h, 2, s.st, 0);
  luadb_begin(h, s.st);
  if (luadb_step(h, &s))
    push(L, h, &s);
  else
    lua_pushnil(L);
  luadb_finish(h, &s);
  return mig_host_return(L, h, 1);
}

static void luadb_push_first(lua_State *L, mig_host *h, mig_stmt *s) {
  luadb_push(L, h, s, 0, 0);
}

/* db.row(sql, ...): the first row as a table, or nil */
static int luadb_row(lua_State *L) {
  return luadb_first(L, "db.row", luadb_push_row);
}

/* db.value(sql, ...): the first value of the first row, or nil */
static int luadb_value(lua_State *L) {
  return luadb_first(L, "db.value", luadb_push_first);
}

/* ---- db.prepare ---- */

/* db.prepare(sql): an object to call with parameters */
static int luadb_prepared(lua_State *L) {
  mig_host *h = mig_host_enter(L, "db.prepare");
  mig_stmt *s;

  lua_settop(L, 1);
  s = luadb_open(L, h, "db.prepare");
  if (h->cx.rc) luadb_close(s);
  return mig_host_return(L, h, 1);
}

/* Run a statement that gives no rows; push the number of rows it changed */
static int luadb_run(lua_State *L, mig_host *h, mig_stmt *s) {
  sqlite3 *db = h->conn->h;
  sqlite3_int64 before = sqlite3_total_changes64(db);

  luadb_rest(h, s);
  lua_pushinteger(L, sqlite3_total_changes64(db) == before
                         ? 0 /* sqlite3_changes64() is of some older one */
                         : sqlite3_changes64(db));
  return 1;
}

/* Run a statement that gives rows; push the first one's values */
static int luadb_fetch(lua_State *L, mig_host *h, mig_stmt *s) {
  int n = 0;

  if (luadb_step(h, s)) {
    n = luadb_push_values(L, h, s, 0);
    luadb_finish(h, s);
  }
  return n;
}

/* put(...): the number of changed rows, or the first row's values */
static int luadb_call(lua_State *L) {
  mig_host *h = mig_host_enter(L, "db.prepare");
  mig_stmt *s = luaL_checkudata(L, 1, STATEMENT);
  int n;

  luadb_check(L, s);
  if (!s->st)
    return luaL_error(L, s->over
                             ? "the statement was used after its script ended"
                             : "the statement is closed");
  sqlite3_reset(s->st);
  luadb_bind(L, h, 2, s->st, 0);
  luadb_begin(h, s->st);
  n = sqlite3_column_count(s->st) ? luadb_fetch(L, h, s) : luadb_run(L, h, s);
  sqlite3_reset(s->st);
  sqlite3_clear_bindings(s->st);
  return mig_host_return(L, h, n);
}

/* ---- the library ---- */

static void luadb_open_statements(lua_State *L) {
  static const luaL_Reg meta[] = {{"__gc", luadb_collect},
                                  {"__close", luadb_collect},
                                  {"__call", luadb_call},
                                  {NULL, NULL}};

  luaL_newmetatable(L, STATEMENT);
  luaL_setfuncs(L, meta, 0);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void mig_luadb_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"func", mig_luadb_func},
                                       {"json", mig_json_encode},
                                       {"prepare", luadb_prepared},
                                       {"row", luadb_row},
                                       {"rows", luadb_rows},
                                       {"unjson", mig_json_decode},
                                       {"value", luadb_value},
                                       {"values", luadb_values},
                                       {NULL, NULL}};

  luadb_open_statements(L);
  luaL_newlib(L, functions);
  mig_sandbox_strict(L, "db");
}
