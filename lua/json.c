/*
** lua/json.c - db.json and db.unjson: Lua values as JSON text and back, by
** SQLite's own JSON functions.
**
** json_quote() writes what must be escaped, json_tree() reads.  Of its columns
** only those are asked for that cost the same for every element, and of
** `parent` only whether two are equal and which is less: neither `id` nor
** `parent` is the same number in all versions.
**
** A binding may be jumped out of at any Lua call (no memory, a stop).  So the
** text that grows and the statement that runs are h->cx's.
*/
#include "lua/host.h"
#include <math.h>

#define JSON_DEPTH 200        /* tables within tables, both ways         */
#define JSON_POLL 4096        /* elements between two looks at the clock */
#define JSON_SHOWN 40         /* bytes of a text that a message shows    */
#define JSON_LIMIT 1000000000 /* bytes of a text */
#define JSON_MARK '\001'      /* stands for NUL on its way, see json_shield() */

static const char json_array_key = 0; /* registry: metatable of arrays */

/* Where in a value something is: one step down. */
struct json_step {
  const void *table;
  mig_span key;  /* of an object; p is NULL in an array */
  lua_Integer i; /* of an array                         */
};

/* What writes. */
struct json_out {
  mig_host *h;
  lua_State *L;
  sqlite3_stmt *quote, *real; /* h->json's, or NULL before they are needed */
  mig_buf text;
  mig_span *key; /* of the objects under way, one behind the other */
  int nkey, cap;
  int depth;
  int count; /* of elements, for looking at the clock */
  struct json_step at[JSON_DEPTH];
};

/* A container that is being read; it is on Lua's stack. */
struct json_level {
  sqlite3_int64 id; /* `parent` of what is in it; -1 before anything is */
  lua_Integer n;    /* elements so far                                  */
  int array;
};

/* What reads. */
struct json_in {
  mig_host *h;
  sqlite3_stmt *st;
  int marked; /* do JSON_MARKs stand for something? */
  int base;   /* Lua's stack below the containers   */
  int depth;
  struct json_level at[JSON_DEPTH];
};

/* ---- the statements ---- */

static void json_reset(void *st) {
  sqlite3_reset(st);
  sqlite3_clear_bindings(st);
}

/* The kept statement, reset at the end of the binding; NULL with an error */
static sqlite3_stmt *json_statement(mig_host *h, sqlite3_stmt **kept,
                                    const char *sql) {
  if (h->cx.rc) return NULL;
  if (!*kept) *kept = mig_query(&h->keep, h->run->db, "%s", sql);
  if (h->keep.rc == SQLITE_ERROR && strstr(mig_cx_message(&h->keep), "no such"))
    mig_fail(&h->cx, SQLITE_ERROR,
             "SQLite's JSON functions are missing here (SQLite %s); they are "
             "there unless it was built with SQLITE_OMIT_JSON, or before 3.38 "
             "without SQLITE_ENABLE_JSON1",
             sqlite3_libversion());
  mig_fail_move(&h->cx, &h->keep);
  if (!h->cx.rc && sqlite3_stmt_busy(*kept))
    mig_fail(&h->cx, SQLITE_ERROR, "called from within itself");
  return h->cx.rc ? NULL : mig_own(&h->cx, *kept, json_reset);
}

static void json_bind(mig_host *h, sqlite3_stmt *st, const char *p, size_t n) {
  const mig_cell c = {.type = SQLITE_TEXT, .p = p, .n = n};

  if (st) mig_cell_bind(&h->cx, st, 1, &c, 0);
}

/* Now and then: must the script end?  May jump. */
static void json_tick(lua_State *L, int *count) {
  if (++*count % JSON_POLL == 0) mig_host_check(L);
}

/* The offset of the first byte that is not UTF-8; else n */
static size_t json_valid(const char *p, size_t n) {
  size_t i = 0;
  int k;

  while (i < n) {
    for (; i < n && !(p[i] & 0x80); i++) continue;
    if (i == n) break;
    k = mig_utf8_length(p + i, n - i < 4 ? (int)(n - i) : 4);
    if (!k) break;
    i += (size_t)k;
  }
  return i;
}

/* ---- errors, with the place in the value ---- */

static int json_is_plain(mig_span key) {
  int i;

  for (i = 0; i < key.n; i++)
    if (!((unsigned)(key.p[i] | 32) - 'a' < 26 || key.p[i] == '_' ||
          (i && (unsigned)key.p[i] - '0' < 10)))
      return 0;
  return i > 0;
}

/* "$.a[2]", with Lua's indexes */
static char *json_path(struct json_out *o) {
  mig_cx *cx = &o->h->cx;
  mig_buf b = {0};
  int i;

  mig_buf_addz(cx, &b, "$");
  for (i = 0; i < o->depth; i++) {
    const struct json_step *s = &o->at[i];
    int n = s->key.n < JSON_SHOWN ? s->key.n : JSON_SHOWN;
    if (!s->key.p && s->i)
      mig_buf_addf(cx, &b, "[%lld]", s->i);
    else if (s->key.p)
      mig_buf_addf(cx, &b, json_is_plain(s->key) ? ".%.*s" : ".\"%.*s\"", n,
                   s->key.p);
  }
  return mig_buf_take(cx, &b);
}

static void json_fail(struct json_out *o, const char *fmt, ...) {
  mig_cx *cx = &o->h->cx;
  char *path = json_path(o), *what;
  va_list ap;

  va_start(ap, fmt);
  what = mig_vformat(cx, fmt, ap);
  va_end(ap);
  if (!cx->rc) mig_fail(cx, SQLITE_ERROR, "%s: %s", path, what);
  sqlite3_free(what);
}

/* The value at the top of the stack has no form in JSON */
static void json_refuse(struct json_out *o) {
  const char *type = luaL_typename(o->L, -1);
  mig_cell v;

  if (mig_cell_read(o->L, -1, &v) && v.type == SQLITE_BLOB)
    json_fail(o, "JSON has no blobs; give its text, tostring(b), or write its "
                 "bytes in hex");
  else
    json_fail(o, "a %s has no form in JSON", type);
}

/* ---- writing ---- */

static void json_out_free(void *p) {
  struct json_out *o = p;

  sqlite3_free(o->text.p);
  sqlite3_free(o->key);
}

static void json_add(struct json_out *o, const char *p, size_t n) {
  const mig_host *h = o->h;

  if (h->cx.rc) return;
  if (h->limit && (size_t)o->text.n + n > h->limit - h->used)
    mig_fail(&o->h->cx, SQLITE_ERROR,
             "the text takes more memory than scripts may use; raise it with "
             "migrate_config('lua_memory_mb', ...)");
  else if (n > JSON_LIMIT)
    mig_fail(&o->h->cx, SQLITE_TOOBIG, "a text is too long");
  mig_buf_add(&o->h->cx, &o->text, p, (int)n);
}

static void json_addz(struct json_out *o, const char *z) {
  json_add(o, z, strlen(z));
}

/* Can the text stand between quotes as it is? */
static int json_is_bare(const char *p, size_t n) {
  size_t i;

  for (i = 0; i < n; i++)
    if ((unsigned char)p[i] < 0x20 || p[i] == '"' || p[i] == '\\' ||
        p[i] == 0x7f)
      return 0;
  return 1;
}

static void json_quote(struct json_out *o, const char *p, size_t n) {
  mig_host *h = o->h;

  if (!o->quote)
    o->quote = json_statement(h, &h->json.quote, "SELECT json_quote(?1)");
  json_bind(h, o->quote, p, n);
  if (!mig_row(&h->cx, o->quote)) return;
  p = (const char *)sqlite3_column_text(o->quote, 0);
  if (!p) mig_fail_nomem(&h->cx);
  json_add(o, p, (size_t)sqlite3_column_bytes(o->quote, 0));
  sqlite3_reset(o->quote);
}

static void json_text(struct json_out *o, const char *p, size_t n) {
  size_t bad = json_valid(p, n);

  if (bad < n) {
    json_fail(o, "the text is not UTF-8 (byte 0x%02x at %lld), as JSON must be",
              (unsigned char)p[bad], (sqlite3_int64)bad + 1);
  } else if (json_is_bare(p, n)) {
    json_add(o, "\"", 1);
    json_add(o, p, n);
    json_add(o, "\"", 1);
  } else {
    json_quote(o, p, n);
  }
}

/* Does SQLite read the number as r? */
static int json_reads(struct json_out *o, const char *z, double r) {
  mig_host *h = o->h;
  int same;

  if (!o->real)
    o->real = json_statement(h, &h->json.real, "SELECT CAST(?1 AS REAL)");
  json_bind(h, o->real, z, strlen(z));
  same = mig_row(&h->cx, o->real) && sqlite3_column_double(o->real, 0) == r;
  if (o->real) sqlite3_reset(o->real);
  return same;
}

/* The shortest that is the same again, for SQLite (whose reading is not always
** to the last bit) and for everybody else */
static void json_real(struct json_out *o, double r) {
  char z[MIG_REAL_SIZE];
  int digits;

  if (!isfinite(r)) {
    json_fail(o, "%s has no form in JSON; give null, or a text",
              isnan(r) ? "nan" : "an infinite number");
    return;
  }
  for (digits = 15; digits < 17; digits++)
    if (mig_real_print(r, digits, z) && json_reads(o, z, r)) break;
  if (digits == 17) mig_real_print(r, digits, z);
  json_addz(o, z);
}

static void json_number(struct json_out *o) {
  char z[24];

  if (!lua_isinteger(o->L, -1)) {
    json_real(o, lua_tonumber(o->L, -1));
    return;
  }
  sqlite3_snprintf(sizeof z, z, "%lld", lua_tointeger(o->L, -1));
  json_addz(o, z);
}

/* ---- writing tables ---- */

/* Go down into the table at the top of the stack, if that is possible */
static int json_enter(struct json_out *o) {
  const void *table = lua_topointer(o->L, -1);
  int i;

  for (i = 0; i < o->depth && !o->h->cx.rc; i++)
    if (o->at[i].table == table)
      json_fail(o, "the table holds itself; JSON cannot");
  if (o->depth == JSON_DEPTH)
    json_fail(o, "tables within tables, over %d deep", JSON_DEPTH);
  if (!lua_checkstack(o->L, 8)) mig_fail_nomem(&o->h->cx);
  if (o->h->cx.rc) return 0;
  o->at[o->depth++] = (struct json_step){.table = table};
  return 1;
}

static void json_add_key(struct json_out *o, const char *p, size_t n) {
  if (o->nkey == o->cap) {
    int cap = o->cap ? o->cap * 2 : 64;
    mig_span *key =
        sqlite3_realloc64(o->key, (sqlite3_uint64)cap * sizeof *key);
    if (!key) {
      mig_fail_nomem(&o->h->cx);
      return;
    }
    o->key = key;
    o->cap = cap;
  }
  if (n > JSON_LIMIT) n = JSON_LIMIT;
  o->key[o->nkey++] = (mig_span){p, (int)n};
}

static int json_less(mig_span a, mig_span b) {
  int d = memcmp(a.p, b.p, (size_t)(a.n < b.n ? a.n : b.n));

  return d ? d < 0 : a.n < b.n;
}

/* Let key[i] sink to its place in a heap of n keys, the greatest on top */
static void json_sink(struct json_out *o, mig_span *key, int i, int n) {
  mig_span it = key[i];
  int k;

  for (; (k = 2 * i + 1) < n; i = k) {
    if (k + 1 < n && json_less(key[k], key[k + 1])) k++;
    if (!json_less(it, key[k])) break;
    key[i] = key[k];
  }
  key[i] = it;
  json_tick(o->L, &o->count);
}

/* A heap sort: in place, never quadratic */
static void json_sort(struct json_out *o, int from) {
  int i, n = o->nkey - from;

  for (i = n / 2; i-- > 0;) json_sink(o, o->key + from, i, n);
  for (i = n; --i > 0;) {
    mig_span *key = o->key + from, last = key[i];
    key[i] = key[0];
    key[0] = last;
    json_sink(o, key, 0, i);
  }
}

/* Note the key below the top of the stack.  *top is the greatest index. */
static void json_note_key(struct json_out *o, lua_Integer *top) {
  lua_State *L = o->L;
  size_t n;
  const char *p;

  if (lua_type(L, -2) == LUA_TSTRING) {
    p = lua_tolstring(L, -2, &n);
    json_add_key(o, p, n);
  } else if (lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1) {
    if (lua_tointeger(L, -2) > *top) *top = lua_tointeger(L, -2);
  } else if (lua_type(L, -2) == LUA_TNUMBER) {
    json_fail(o, "the key %s; a table's keys are 1 to n, or texts",
              lua_pushfstring(L, "%f", lua_tonumber(L, -2)));
  } else {
    json_fail(o, "a key that is a %s; a table's keys are 1 to n, or texts",
              luaL_typename(L, -2));
  }
}

/* Note the keys of the table at the top of the stack; how many elements has it
** as a list? */
static lua_Integer json_keys(struct json_out *o) {
  int from = o->nkey;
  lua_Integer n = 0, top = 0;
  mig_span key;

  lua_pushnil(o->L);
  while (!o->h->cx.rc && lua_next(o->L, -2)) {
    json_note_key(o, &top);
    if (o->h->cx.rc) return 0;
    lua_pop(o->L, 1);
    n++;
    json_tick(o->L, &o->count);
  }
  if (o->h->cx.rc) return 0;
  key = top && o->nkey > from ? o->key[from] : (mig_span){0};
  if (key.p) {
    json_fail(o, "keys 1 to n and the key \"%.*s\"; it is a list or an object",
              key.n < JSON_SHOWN ? key.n : JSON_SHOWN, key.p);
  } else if (top > n) {
    for (n = 1; lua_rawgeti(o->L, -1, n) != LUA_TNIL; n++) lua_pop(o->L, 1);
    o->at[o->depth - 1].i = n;
    json_fail(o, "is nil, but the list goes on to %lld; put null there", top);
  }
  return top;
}

static void json_value(struct json_out *o);

static void json_array(struct json_out *o, lua_Integer n) {
  struct json_step *s = &o->at[o->depth - 1];

  json_add(o, "[", 1);
  for (s->i = 1; s->i <= n && !o->h->cx.rc; s->i++) {
    if (s->i > 1) json_add(o, ",", 1);
    lua_rawgeti(o->L, -1, s->i);
    json_value(o);
    if (!o->h->cx.rc) lua_pop(o->L, 1);
  }
  json_add(o, "]", 1);
}

static void json_object(struct json_out *o, int from) {
  struct json_step *s = &o->at[o->depth - 1];
  int i, end = o->nkey;

  json_sort(o, from);
  json_add(o, "{", 1);
  for (i = from; i < end && !o->h->cx.rc; i++) {
    s->key = o->key[i];
    if (i > from) json_add(o, ",", 1);
    json_text(o, s->key.p, (size_t)s->key.n);
    json_add(o, ":", 1);
    lua_pushlstring(o->L, s->key.p, (size_t)s->key.n);
    lua_rawget(o->L, -2);
    json_value(o);
    if (!o->h->cx.rc) lua_pop(o->L, 1);
  }
  json_add(o, "}", 1);
}

/* Has the table at the top of the stack the metatable of arrays? */
static int json_is_array(lua_State *L) {
  int is;

  if (!lua_getmetatable(L, -1)) return 0;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &json_array_key);
  is = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is;
}

static void json_table(struct json_out *o) {
  int from = o->nkey;
  lua_Integer n;

  if (!json_enter(o)) return;
  n = json_keys(o);
  if (o->h->cx.rc) return;
  if (n || (o->nkey == from && json_is_array(o->L)))
    json_array(o, n);
  else
    json_object(o, from);
  o->nkey = from;
  if (!o->h->cx.rc) o->depth--;
}

/* Write the value at the top of the stack.  On error others may be above it. */
static void json_value(struct json_out *o) {
  lua_State *L = o->L;
  const char *p;
  mig_cell v;
  size_t n;

  json_tick(L, &o->count);
  switch (lua_type(L, -1)) {
  case LUA_TTABLE:
    json_table(o);
    break;
  case LUA_TSTRING:
    p = lua_tolstring(L, -1, &n);
    json_text(o, p, n);
    break;
  case LUA_TNUMBER:
    json_number(o);
    break;
  case LUA_TBOOLEAN:
    json_addz(o, lua_toboolean(L, -1) ? "true" : "false");
    break;
  default:
    if (mig_cell_read(L, -1, &v) && v.type == SQLITE_NULL)
      json_addz(o, "null");
    else
      json_refuse(o);
  }
}

/* db.json(value): text */
int mig_json_encode(lua_State *L) {
  mig_host *h = mig_host_enter(L, "db.json");
  struct json_out *o;

  luaL_checkany(L, 1);
  lua_settop(L, 1);
  o = mig_own(&h->cx, mig_alloc(&h->cx, sizeof *o), json_out_free);
  if (o) {
    o->h = h;
    o->L = L;
    json_value(o);
  }
  mig_fail_in(&h->cx, "db.json");
  if (!h->cx.rc) lua_pushlstring(L, o->text.p, (size_t)o->text.n);
  return mig_host_return(L, h, 1);
}

/* ---- reading: NUL ---- */

/* The length of an escape in a JSON text that stands for the character `c`,
** NUL or JSON_MARK; else 0 */
static size_t json_escaped(const char *p, char c) {
  static const char *const forms[2][2] = {{"\\u0000", "\\x00"},
                                          {"\\u0001", "\\x01"}};
  int i;

  for (i = 0; i < 2; i++) {
    size_t n = strlen(forms[c != 0][i]);
    if (!strncmp(p, forms[c != 0][i], n)) return n;
  }
  return 0;
}

/*
** Some SQLite, 3.40 too, ends a text at a \u0000 that is in it.  So that one
** goes in as two characters, JSON_MARK and 0, and JSON_MARK itself as JSON_MARK
** and 1; json_push_text() undoes it.  Returns a text with a NUL behind it.
*/
static const char *json_shield(mig_cx *cx, const char *p, size_t *n) {
  const char *end = p + *n, *mark = p;
  size_t k = *n / 4 * 3 + 8; /* how much longer it may become */
  char *q, *to;

  while ((mark = strchr(mark, JSON_MARK)) != NULL) mark++, k += 6;
  to = q = mig_alloc(cx, *n + k);
  while (q && p < end) {
    char nul = '0';
    k = *p == '\\' ? json_escaped(p, 0) : 0;
    if (!k) nul = '1';
    if (!k) k = *p == '\\' ? json_escaped(p, JSON_MARK) : *p == JSON_MARK;
    if (k) {
      memcpy(to, "\\u0001", 6);
      to[6] = nul;
      to += 7;
    } else {
      k = *p == '\\' && p + 1 < end ? 2 : 1;
      memcpy(to, p, k);
      to += k;
    }
    p += k;
  }
  *n = (size_t)(to - q);
  return q;
}

/* ---- reading ---- */

/* Push column i, a text */
static void json_push_text(lua_State *L, struct json_in *in, int i) {
  const char *p = (const char *)sqlite3_column_text(in->st, i);
  size_t n = (size_t)sqlite3_column_bytes(in->st, i), k;
  luaL_Buffer b;
  char *to;

  if (!p) {
    mig_fail_nomem(&in->h->cx);
    lua_pushnil(L);
  } else if (!in->marked || !memchr(p, JSON_MARK, n)) {
    lua_pushlstring(L, p, n);
  } else {
    to = luaL_buffinitsize(L, &b, n);
    for (k = 0; k < n; k++) {
      if (p[k] == JSON_MARK)
        *to++ = p[++k] == '0' ? '\0' : JSON_MARK;
      else
        *to++ = p[k];
    }
    luaL_pushresultsize(&b, (size_t)(to - luaL_buffaddr(&b)));
  }
}

/* Push the metatable of arrays */
static void json_push_array_meta(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &json_array_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 1);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &json_array_key);
}

/* Push the row's value; returns whether it is a container, and which */
static const char *json_push(lua_State *L, struct json_in *in) {
  const char *type = (const char *)sqlite3_column_text(in->st, 1);
  mig_cell v = {.type = SQLITE_NULL};

  if (!type) {
    mig_fail_nomem(&in->h->cx);
    lua_pushnil(L);
    return NULL;
  }
  if (!strcmp(type, "object") || !strcmp(type, "array")) {
    lua_newtable(L);
    if (*type == 'a') {
      json_push_array_meta(L);
      lua_setmetatable(L, -2);
    }
    return type;
  }
  if (!strcmp(type, "text"))
    json_push_text(L, in, 2);
  else if (!strcmp(type, "true") || !strcmp(type, "false"))
    lua_pushboolean(L, *type == 't');
  else {
    mig_cell_column(&in->h->cx, in->st, 2, &v);
    mig_cell_push(L, &v, 1);
  }
  return NULL;
}

/* The container in which the row stands becomes the top one */
static void json_climb(lua_State *L, struct json_in *in) {
  sqlite3_int64 id = sqlite3_column_int64(in->st, 3);
  struct json_level *top = &in->at[in->depth - 1];

  if (top->id < 0 && (in->depth == 1 || id > top[-1].id)) {
    top->id = id; /* its first element */
    return;
  }
  while (in->depth > 1 && in->at[in->depth - 1].id != id) in->depth--;
  lua_settop(L, in->base + in->depth);
}

/* Go down into the container at the top of the stack */
static void json_open(struct json_in *in, const char *type) {
  if (in->depth == JSON_DEPTH)
    mig_fail(&in->h->cx, SQLITE_ERROR, "the text nests over %d deep",
             JSON_DEPTH);
  else
    in->at[in->depth++] = (struct json_level){-1, 0, *type == 'a'};
}

/* Take the row */
static void json_take(lua_State *L, struct json_in *in) {
  int into = in->base + in->depth;
  struct json_level *top;
  const char *type;

  if (!in->depth) {
    type = json_push(L, in);
    if (type) json_open(in, type);
    return;
  }
  json_climb(L, in);
  into = in->base + in->depth;
  top = &in->at[in->depth - 1];
  if (!top->array) json_push_text(L, in, 0);
  type = json_push(L, in);
  if (in->h->cx.rc) return;
  if (type) lua_pushvalue(L, -1);
  if (type) lua_insert(L, into + 1);
  if (top->array)
    lua_rawseti(L, into, ++top->n);
  else
    lua_rawset(L, into);
  if (type) json_open(in, type);
}

/* The next row?  What is wrong with the text is said with its beginning. */
static int json_row(struct json_in *in, const char *text) {
  mig_cx heard = {0}, *cx = &in->h->cx;
  void *locale = mig_os_locale(NULL); /* some SQLite reads by strtod() */
  int row = mig_row(&heard, in->st);

  if (locale) mig_os_locale(locale);
  if (heard.rc == SQLITE_ERROR && strstr(mig_cx_message(&heard), "malformed")) {
    int n = strlen(text) > JSON_SHOWN ? JSON_SHOWN : (int)strlen(text);
    while (n > 0 && (text[n] & 0xC0) == 0x80) n--;
    mig_fail(cx, SQLITE_ERROR, "malformed JSON: %.*s%s", n, text,
             text[n] ? "..."
             : n     ? ""
                     : "the text is empty");
  }
  mig_fail_move(cx, &heard);
  mig_cx_release(&heard);
  return row;
}

/* Read the text into a value, at the top of the stack */
static void json_read(lua_State *L, mig_host *h, const char *text, size_t n) {
  struct json_in in = {.h = h, .base = lua_gettop(L)};
  const char *p = text;
  int count = 0;

  in.marked = strstr(text, "\\u0000") != NULL;
  in.st = json_statement(h, &h->json.tree,
                         "SELECT key, type, atom, parent FROM json_tree(?1)");
  if (in.marked) p = json_shield(&h->cx, text, &n);
  json_bind(h, in.st, p, n);
  while (!h->cx.rc && json_row(&in, text)) {
    json_take(L, &in);
    json_tick(L, &count);
  }
  if (!h->cx.rc && lua_gettop(L) == in.base)
    mig_fail(&h->cx, SQLITE_ERROR, "malformed JSON: the text holds nothing");
  lua_settop(L, in.base + 1);
}

/* db.unjson(text): a value; nil of nil or null */
int mig_json_decode(lua_State *L) {
  mig_host *h = mig_host_enter(L, "db.unjson");
  size_t n, bad;
  const char *p;

  lua_settop(L, 1);
  lua_pushnil(L);
  if (mig_arg_absent(L, 1)) return mig_host_return(L, h, 1);
  luaL_checktype(L, 1, LUA_TSTRING);
  p = lua_tolstring(L, 1, &n);
  luaL_argcheck(L, n < JSON_LIMIT, 1, "text is too long");
  luaL_checkstack(L, JSON_DEPTH + 16, NULL);
  bad = json_valid(p, n);
  if (bad < n)
    mig_fail(&h->cx, SQLITE_ERROR,
             "the text is not UTF-8 (byte 0x%02x at %lld), as JSON must be",
             (unsigned char)p[bad], (sqlite3_int64)bad + 1);
  else if (strlen(p) < n)
    mig_fail(&h->cx, SQLITE_ERROR, "malformed JSON: a NUL byte at %lld",
             (sqlite3_int64)strlen(p) + 1);
  json_read(L, h, p, n);
  mig_fail_in(&h->cx, "db.unjson");
  return mig_host_return(L, h, 1);
}
