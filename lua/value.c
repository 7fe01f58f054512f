/*
** lua/value.c - values between Lua and SQLite, exactly.
**
**   Lua                          SQLite            back in Lua
**   nil, null                    NULL              nil, or null (see below)
**   integer, true, false         INTEGER           integer
**   float; also 1.0, inf         REAL (NaN: NULL)  float
**   string, any bytes            TEXT              string
**   blob(s)                      BLOB              a blob
**
** A BLOB comes back as a blob, so that what a script reads and writes back
** keeps its type: tostring(b) gives its bytes, #b their number, == compares
** them.  null stands for NULL where nil cannot: in a list of parameters, in a
** row to insert.
*/
#include "lua/host.h"
#include <math.h>

#define BLOB "blob" /* the type's name: registry key and in messages */

static const char cell_null = 0; /* its address is null */

/* ---- blobs ---- */

struct cell_blob {
  size_t n;
  char p[];
};

static void cell_push_blob(lua_State *L, const void *p, size_t n) {
  struct cell_blob *b = lua_newuserdatauv(L, sizeof *b + n, 0);

  b->n = n;
  if (n) memcpy(b->p, p, n);
  luaL_setmetatable(L, BLOB);
}

/* blob(s) */
static int cell_make_blob(lua_State *L) {
  size_t n;
  const char *p;

  if (luaL_testudata(L, 1, BLOB)) {
    lua_settop(L, 1);
    return 1;
  }
  p = luaL_checklstring(L, 1, &n);
  cell_push_blob(L, p, n);
  return 1;
}

static int cell_blob_text(lua_State *L) {
  const struct cell_blob *b = luaL_checkudata(L, 1, BLOB);

  lua_pushlstring(L, b->p, b->n);
  return 1;
}

static int cell_blob_len(lua_State *L) {
  const struct cell_blob *b = luaL_checkudata(L, 1, BLOB);

  lua_pushinteger(L, (lua_Integer)b->n);
  return 1;
}

static int cell_blob_eq(lua_State *L) {
  const struct cell_blob *a = luaL_testudata(L, 1, BLOB);
  const struct cell_blob *b = luaL_testudata(L, 2, BLOB);

  lua_pushboolean(L, a && b && a->n == b->n && !memcmp(a->p, b->p, a->n));
  return 1;
}

void mig_null_push(lua_State *L) {
  lua_pushlightuserdata(L, (void *)(intptr_t)&cell_null);
}

static int cell_null_text(lua_State *L) {
  lua_pushliteral(L, "null");
  return 1;
}

void mig_values_open(lua_State *L) {
  static const luaL_Reg blob[] = {{"__tostring", cell_blob_text},
                                  {"__len", cell_blob_len},
                                  {"__eq", cell_blob_eq},
                                  {NULL, NULL}};

  luaL_newmetatable(L, BLOB);
  luaL_setfuncs(L, blob, 0);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  lua_pushcfunction(L, cell_make_blob);
  lua_setfield(L, -2, "blob");

  mig_null_push(L);
  lua_newtable(L);
  lua_pushcfunction(L, cell_null_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2); /* of all light userdata; null is the only one */
  lua_setfield(L, -2, "null");
}

/* ---- to SQLite ---- */

static int cell_read_number(lua_State *L, int idx, mig_cell *out) {
  if (lua_isinteger(L, idx)) {
    *out = (mig_cell){.type = SQLITE_INTEGER, .i = lua_tointeger(L, idx)};
    return 1;
  }
  *out = (mig_cell){.type = SQLITE_FLOAT, .r = lua_tonumber(L, idx)};
  if (isnan(out->r)) out->type = SQLITE_NULL;
  return 1;
}

int mig_cell_read(lua_State *L, int idx, mig_cell *out) {
  const struct cell_blob *b;
  int type = lua_type(L, idx);

  if (type == LUA_TSTRING) {
    out->type = SQLITE_TEXT;
    out->p = lua_tolstring(L, idx, &out->n);
    return 1;
  }
  *out = (mig_cell){.type = SQLITE_NULL};
  switch (type) {
  case LUA_TNIL:
    return 1;
  case LUA_TBOOLEAN:
    *out = (mig_cell){.type = SQLITE_INTEGER, .i = lua_toboolean(L, idx)};
    return 1;
  case LUA_TNUMBER:
    return cell_read_number(L, idx, out);
  case LUA_TLIGHTUSERDATA:
    return lua_touserdata(L, idx) == &cell_null;
  case LUA_TUSERDATA:
    b = luaL_testudata(L, idx, BLOB);
    if (b) *out = (mig_cell){.type = SQLITE_BLOB, .p = b->p, .n = b->n};
    return b != NULL;
  default:
    return 0;
  }
}

/* ---- from SQLite ---- */

void mig_cell_push(lua_State *L, const mig_cell *c, int marked) {
  switch (c->type) {
  case SQLITE_INTEGER:
    lua_pushinteger(L, c->i);
    break;
  case SQLITE_FLOAT:
    lua_pushnumber(L, c->r);
    break;
  case SQLITE_TEXT:
    lua_pushlstring(L, c->p, c->n);
    break;
  case SQLITE_BLOB:
    cell_push_blob(L, c->p, c->n);
    break;
  default:
    if (marked)
      mig_null_push(L);
    else
      lua_pushnil(L);
  }
}

/* ---- parameters ---- */

static const mig_params params_none = {.base = {mig_params_bind}};

/* Read the value at the top of the stack, pop it */
static void params_take(lua_State *L, mig_host *h, mig_params *p, int i,
                        const char *name) {
  const char *type = luaL_typename(L, -1);
  mig_cell *c = h->cx.rc ? NULL : &p->v[i];

  if (c && !mig_cell_read(L, -1, c)) {
    const char *what = name ? mig_printf(&h->cx, ":%s", name)
                            : mig_printf(&h->cx, "%d", i + 1);
    mig_fail(&h->cx, SQLITE_ERROR,
             "parameter %s is a %s; a value is nil, null, a boolean, a number, "
             "a string or blob(...)",
             what, type);
  }
  if (c && name) p->name[i] = name;
  lua_pop(L, 1);
}

static void params_alloc(mig_cx *cx, mig_params *p, int n, int named) {
  p->n = n;
  p->v = mig_alloc(cx, (size_t)n * sizeof *p->v);
  p->used = mig_alloc(cx, (size_t)n + 1);
  if (named) p->name = mig_alloc(cx, (size_t)n * sizeof *p->name);
}

/* Count a table's keys; in a list *top becomes its last, in a map it is 0 */
static int params_count(lua_State *L, mig_cx *cx, int t, lua_Integer *top) {
  int n = 0, named = 0;

  *top = 0;
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
    n++;
    if (lua_type(L, -2) == LUA_TSTRING) {
      named++;
    } else if (lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 &&
               lua_tointeger(L, -2) <= 100000) {
      if (lua_tointeger(L, -2) > *top) *top = lua_tointeger(L, -2);
    } else {
      mig_fail(cx, SQLITE_ERROR,
               "a table of parameters is a list {1, 2} or has names {a = 1}");
    }
  }
  if (named && *top)
    mig_fail(cx, SQLITE_ERROR,
             "a table of parameters is a list or has names, "
             "not both");
  return n;
}

static void params_read_map(lua_State *L, mig_host *h, int t, mig_params *p,
                            int n) {
  int i = 0;

  params_alloc(&h->cx, p, n, 1);
  for (lua_pushnil(L); !h->cx.rc && lua_next(L, t); i++)
    params_take(L, h, p, i, lua_tostring(L, -2));
}

void mig_params_read(lua_State *L, mig_host *h, int from, mig_params *p) {
  int i, n = lua_gettop(L) - from + 1;
  int table = n == 1 && lua_istable(L, from);
  lua_Integer top;

  *p = params_none;
  p->db = h->run ? h->run->db : NULL;
  luaL_checkstack(L, 6, NULL);
  if (table) {
    n = params_count(L, &h->cx, from, &top);
    if (n && !top) {
      params_read_map(L, h, from, p, n);
      return;
    }
    n = (int)top;
  }
  params_alloc(&h->cx, p, n > 0 ? n : 0, 0);
  for (i = 0; i < n && !h->cx.rc; i++) {
    if (table)
      lua_rawgeti(L, from, i + 1);
    else
      lua_pushvalue(L, from + i);
    params_take(L, h, p, i, NULL);
  }
}

/* The place of `name` among named values, or -1 */
static int params_find(const mig_params *p, const char *name) {
  int i;

  for (i = 0; i < p->n; i++)
    if (!strcmp(p->name[i], name)) return i;
  return -1;
}

static void params_bind_map(mig_cx *cx, mig_params *p, sqlite3_stmt *st) {
  int i, at, n = sqlite3_bind_parameter_count(st);

  for (i = 1; i <= n && !cx->rc; i++) {
    const char *name = sqlite3_bind_parameter_name(st, i);
    if (!name || name[0] == '?') {
      mig_fail(cx, SQLITE_ERROR,
               "parameter %d has no name; give the parameters as a list", i);
      return;
    }
    at = params_find(p, name + 1);
    if (at < 0) {
      mig_fail(cx, SQLITE_ERROR, "no value for %s (null stands for NULL)",
               name);
      return;
    }
    p->used[at] = 1;
    mig_exec_bind(cx, p->db, st, i, &p->v[at], p->lasting);
  }
}

/* "3 parameters (:a, :b, :c)" */
static char *params_describe(mig_cx *cx, sqlite3_stmt *st) {
  int i, n = sqlite3_bind_parameter_count(st);
  const char *sep = " (";
  mig_buf b = {0};

  mig_buf_addf(cx, &b, "%d parameter%s", n, n == 1 ? "" : "s");
  for (i = 1; i <= n; i++) {
    const char *name = sqlite3_bind_parameter_name(st, i);
    if (!name) continue;
    mig_buf_addf(cx, &b, "%s%s", sep, name);
    sep = ", ";
  }
  if (sep[0] == ',') mig_buf_addz(cx, &b, ")");
  return mig_buf_take(cx, &b);
}

void mig_params_bind(mig_cx *cx, mig_binder *base, sqlite3_stmt *st) {
  mig_params *p = (mig_params *)base;
  int i, n = sqlite3_bind_parameter_count(st);

  if (cx->rc) return;
  if (p->name) {
    params_bind_map(cx, p, st);
    return;
  }
  if (n > p->n - p->next) {
    char *what = params_describe(cx, st);
    mig_fail(cx, SQLITE_ERROR,
             "the statement has %s, but %d value%s given (null stands for NULL "
             "in a list)",
             what, p->n - p->next, p->n - p->next == 1 ? " is" : "s are");
  }
  for (i = 1; i <= n && !cx->rc; i++)
    mig_exec_bind(cx, p->db, st, i, &p->v[p->next++], p->lasting);
}

/* Text that a literal cannot hold, or that a checksum takes for another, goes
** as a blob. */
static void params_add_text(mig_cx *cx, mig_buf *b, const mig_cell *c) {
  mig_cell bytes = *c;

  if (c->type != SQLITE_TEXT || !c->n ||
      (!memchr(c->p, 0, c->n) && !memchr(c->p, '\r', c->n))) {
    mig_cell_literal(cx, b, c);
    return;
  }
  bytes.type = SQLITE_BLOB;
  mig_buf_addz(cx, b, "text ");
  mig_cell_literal(cx, b, &bytes);
}

/* Of two places in a list of names. */
static int params_compare(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Those with names, by name: a Lua table has no order. */
static void params_text_map(mig_cx *cx, mig_buf *b, const mig_params *p) {
  mig_list order = {0};
  mig_cx own = {0};
  int i;

  for (i = 0; i < p->n; i++)
    mig_list_add(&own, &order, (void *)(uintptr_t)&p->name[i]);
  mig_list_sort(&own, &order, params_compare);
  mig_fail_move(cx, &own);
  for (i = 0; i < p->n && !cx->rc; i++) {
    const char *const *name = order.at[i];
    mig_buf_addf(cx, b, "%s:%s = ", i ? ", " : " [", *name);
    params_add_text(cx, b, &p->v[name - p->name]);
  }
  mig_cx_release(&own);
}

void mig_params_text(mig_cx *cx, mig_buf *b, const mig_params *p) {
  int i;

  if (p->name) params_text_map(cx, b, p);
  for (i = 0; i < p->n && !cx->rc && !p->name; i++) {
    mig_buf_addz(cx, b, i ? ", " : " [");
    params_add_text(cx, b, &p->v[i]);
  }
  if (p->n) mig_buf_addz(cx, b, "]");
}

void mig_params_end(mig_cx *cx, const mig_params *p) {
  int i;

  if (cx->rc) return;
  if (!p->name && p->next < p->n)
    mig_fail(cx, SQLITE_ERROR, "%d value%s given, but there %s %d parameter%s",
             p->n, p->n == 1 ? " is" : "s are", p->next == 1 ? "is" : "are",
             p->next, p->next == 1 ? "" : "s");
  for (i = 0; p->name && i < p->n; i++)
    if (!p->used[i])
      mig_fail(cx, SQLITE_ERROR, "no parameter is named :%s", p->name[i]);
}
