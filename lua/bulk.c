/*
** lua/bulk.c - op.bulk_insert: many rows, each a map from columns to values.
**
** Rows that give the same columns share a prepared statement: a column that a
** row leaves out gets its default, as in an INSERT that does not name it.
*/
#include "lua/host.h"

#define SHAPES 8 /* statements kept at a time */
#define BULK_TEXT                                                              \
  (1 << 20)           /* bytes of values until a checksum stands for them */
#define BULK_KEPT 400 /* ... and how many of them stay to be read       */
#define KEYS 3        /* stack index of a table: shape to list of its names */

/* A set of columns, and the statement that inserts them. */
struct bulk_shape {
  sqlite3_stmt *st; /* h->cx's; NULL: not in use */
  int n;            /* how many columns          */
};

struct bulk {
  const char *path; /* of the table, as SQL           */
  struct bulk_shape shape[SHAPES];
  int next; /* the shape to be used for the next new set */
};

/* How many keys has the row at the top of the stack?  Sticky. */
static int bulk_count(lua_State *L, mig_cx *cx) {
  int n = 0;

  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    n++;
    if (lua_type(L, -2) != LUA_TSTRING)
      mig_fail(cx, SQLITE_ERROR,
               "a row is a map from column names to values, {id = 1}");
    else if (strlen(lua_tostring(L, -2)) != lua_rawlen(L, -2))
      mig_fail(cx, SQLITE_ERROR, "a column's name has a NUL byte");
  }
  return n;
}

static int bulk_compare(const void *a, const void *b) {
  return strcmp(a, b);
}

/* The names of the columns of the row at the top of the stack, sorted */
static mig_list bulk_names(lua_State *L, mig_cx *cx) {
  mig_list names = {0};
  int i, k;

  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
    mig_list_add(cx, &names, (void *)(uintptr_t)lua_tostring(L, -2));
  mig_list_sort(cx, &names, bulk_compare);
  for (i = 0; i < names.n; i++)
    for (k = 0; k < i; k++)
      if (!sqlite3_stricmp(names.at[i], names.at[k]))
        mig_fail(cx, SQLITE_ERROR, "column %s is given twice, also as %s",
                 names.at[i], names.at[k]);
  return names;
}

static char *bulk_sql(mig_cx *cx, const char *path, const mig_list *names) {
  mig_buf b = {0};
  int i;

  mig_buf_addf(cx, &b, "INSERT INTO %s", path);
  for (i = 0; i < names->n && !cx->rc; i++) {
    mig_buf_addz(cx, &b, i ? ", " : " (");
    mig_sql_name(cx, &b, names->at[i]);
  }
  mig_buf_addz(cx, &b, names->n ? ") VALUES (" : " DEFAULT VALUES");
  for (i = 0; i < names->n; i++) mig_buf_addz(cx, &b, i ? ", ?" : "?");
  if (names->n) mig_buf_addz(cx, &b, ")");
  return mig_buf_take(cx, &b);
}

/* Make a shape of the row at the top of the stack */
static struct bulk_shape *bulk_prepare(lua_State *L, mig_host *h,
                                       struct bulk *b) {
  mig_list names = bulk_names(L, &h->cx);
  char *sql = bulk_sql(&h->cx, b->path, &names);
  struct bulk_shape *s = &b->shape[b->next];
  mig_span tail;
  int i;

  if (h->cx.rc) return NULL;
  mig_stmt_end(&h->cx, s->st);
  s->st = mig_exec_prepare(&h->cx, h->run->db, mig_span_z(sql), &tail);
  s->n = names.n;
  lua_createtable(L, names.n, 0);
  for (i = 0; i < names.n; i++) {
    lua_pushstring(L, names.at[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_rawseti(L, KEYS, b->next + 1);
  b->next = (b->next + 1) % SHAPES;
  return s->st ? s : NULL;
}

/* Has the row at the top of the stack, of n keys, this shape? */
static int bulk_fits(lua_State *L, const struct bulk *b, int at, int n) {
  int i, row = lua_gettop(L), fits = 1;

  if (!b->shape[at].st || b->shape[at].n != n) return 0;
  lua_rawgeti(L, KEYS, at + 1);
  for (i = 1; i <= n && fits; i++) {
    lua_rawgeti(L, row + 1, i);
    fits = lua_rawget(L, row) != LUA_TNIL;
    lua_pop(L, 1);
  }
  lua_settop(L, row);
  return fits;
}

/* The shape of the row at the top of the stack; NULL with an error */
static struct bulk_shape *bulk_shape_of(lua_State *L, mig_host *h,
                                        struct bulk *b) {
  int i, at, n = bulk_count(L, &h->cx);

  if (h->cx.rc) return NULL;
  for (i = 1; i <= SHAPES; i++) { /* the newest first */
    at = (b->next + SHAPES - i) % SHAPES;
    if (bulk_fits(L, b, at, n)) return &b->shape[at];
  }
  return bulk_prepare(L, h, b);
}

/* Insert the row at the top of the stack */
static void bulk_row(lua_State *L, mig_host *h, struct bulk *b) {
  int i, row = lua_gettop(L);
  struct bulk_shape *s;
  mig_cell v;

  if (!lua_istable(L, row)) {
    mig_fail(&h->cx, SQLITE_ERROR, "it is a %s, not a map from column names",
             luaL_typename(L, row));
    return;
  }
  s = bulk_shape_of(L, h, b);
  if (!s) return;
  lua_rawgeti(L, KEYS, s - b->shape + 1);
  for (i = 1; i <= s->n && !h->cx.rc; i++) {
    lua_rawgeti(L, row + 1, i);
    lua_pushvalue(L, -1);
    lua_rawget(L, row);
    if (!mig_cell_read(L, -1, &v))
      mig_fail(&h->cx, SQLITE_ERROR, "column %s: a %s is no value for SQL",
               lua_tostring(L, -2), luaL_typename(L, -1));
    mig_exec_bind(&h->cx, h->run->db, s->st, i, &v, 0);
    lua_pop(L, 2);
  }
  mig_exec_done(&h->cx, h->run->db, s->st);
}

/* Insert the rows of the list at 2 */
static void bulk_rows(lua_State *L, mig_host *h, lua_Integer n) {
  struct bulk b = {0};
  lua_Integer i = 0;

  b.path = mig_sql_path(&h->cx, h->run->db->schema, lua_tostring(L, 1));
  mig_progress_work(h->run, "insert", lua_tostring(L, 1));
  mig_progress_total(h->run, n);
  while (!h->cx.rc && i < n) {
    lua_rawgeti(L, 2, ++i);
    bulk_row(L, h, &b);
    lua_settop(L, KEYS);
    mig_host_check(L);
    mig_progress_rows(&h->cx, h->run, i);
  }
  mig_progress_work(h->run, NULL, NULL);
  if (i) mig_fail_in(&h->cx, "row %d", (int)i);
}

/* ---- as an op that is journaled ---- */

/* Append the row at the top of the stack.  Nothing here raises. */
static void bulk_add_row(lua_State *L, mig_cx *cx, mig_buf *b) {
  int n = 0, row = lua_gettop(L);
  mig_params p = {0};
  mig_cx own = {0};

  for (lua_pushnil(L); lua_istable(L, row) && lua_next(L, row); lua_pop(L, 1))
    n++;
  lua_settop(L, row);
  p.v = mig_alloc(&own, (size_t)n * sizeof *p.v);
  p.name = mig_alloc(&own, (size_t)n * sizeof *p.name);
  for (lua_pushnil(L); n && !own.rc && lua_next(L, row); lua_pop(L, 1))
    if (lua_type(L, -2) == LUA_TSTRING && mig_cell_read(L, -1, &p.v[p.n]))
      p.name[p.n++] = lua_tostring(L, -2);
  lua_settop(L, row);
  mig_fail_move(cx, &own);
  if (!cx->rc) mig_params_text(cx, b, &p);
  mig_cx_release(&own);
}

/* What the op does, in full; long texts by their checksum */
static char *bulk_text(lua_State *L, mig_host *h, lua_Integer n) {
  mig_cx *cx = &h->cx;
  mig_buf b = {0};
  lua_Integer i;

  if (!h->run->resume) return NULL;
  luaL_checkstack(L, 10, NULL);
  mig_buf_addf(cx, &b, "bulk_insert %s, %lld rows:", lua_tostring(L, 1),
               (sqlite3_int64)n);
  for (i = 1; i <= n && !cx->rc; i++) {
    lua_rawgeti(L, 2, i);
    bulk_add_row(L, cx, &b);
    lua_settop(L, KEYS);
    if (b.n < BULK_TEXT) continue;
    char *sum = mig_checksum(cx, (mig_span){b.p, b.n});
    b.n = BULK_KEPT;
    if (sum) mig_buf_addz(cx, &b, sum);
  }
  return mig_buf_take(cx, &b);
}

/* How many rows has the list at 2?  Jumps when it is none: no row is left out
** because Lua's # does not see it. */
static lua_Integer bulk_length(lua_State *L) {
  lua_Integer n = 0, top = 0;

  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1), n++) {
    luaL_argcheck(L, lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1, 2,
                  "a list of rows is wanted, {{id = 1}, {id = 2}}");
    if (lua_tointeger(L, -2) > top) top = lua_tointeger(L, -2);
  }
  luaL_argcheck(L, top == n, 2, "the list of rows has holes");
  return n;
}

/* op.bulk_insert(table, rows): the number of rows */
int mig_op_bulk_insert(lua_State *L) {
  mig_host *h = mig_host_enter(L, "op.bulk_insert");
  sqlite3_int64 was;
  lua_Integer n;

  luaL_checktype(L, 1, LUA_TSTRING);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  lua_newtable(L); /* KEYS */
  n = bulk_length(L);
  luaL_argcheck(L, strlen(lua_tostring(L, 1)) == lua_rawlen(L, 1), 1,
                "has a NUL byte");
  mig_luadb_settle(h);
  if (mig_resume_op(&h->cx, h->run, bulk_text(L, h, n), &was))
    bulk_rows(L, h, n);
  mig_resume_done(&h->cx, h->run, n);
  lua_pushinteger(L, n);
  return mig_host_return(L, h, 1);
}
