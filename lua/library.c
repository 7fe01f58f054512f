/*
** lua/library.c - Lua's own functions, where they would run long unheard.
**
** A function of C runs no hook.  Those that can be long at it are done anew
** here, or called in slices, or are refused what nobody needs; all of them look
** at the clock.  What asks for much memory is heard by the allocator.
*/
#include "lua/host.h"
#include <limits.h>

#define LIBRARY_MANY 1000 /* elements between two looks at the clock        */
#define LIBRARY_COMPARED 10000  /* ... and comparisons                      */
#define LIBRARY_LYING 1000000   /* elements that __len may say there are    */
#define LIBRARY_MOVED 100000000 /* elements that table.move moves */
#define LIBRARY_LONG (1 << 20)  /* bytes, of what is done byte by byte      */
#define LIBRARY_SLICE (1 << 16) /* bytes of a text between two looks        */
#define LIBRARY_FORMATTED 1000  /* values of one string.format              */
#define LIBRARY_TEXT 1024       /* bytes of a text that may be compared often */
#define LIBRARY_NEXT 16 /* calls of next: each may skip millions of nils */

/* Push the arguments to the function in upvalue 1 and call it */
static int library_forward(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

/* Give the function at the top of the stack the name that Lua's messages call
** it by: they look in the table of globals, which no script sees. */
static void library_name(lua_State *L, const char *library, const char *name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, LUA_GNAME) == LUA_TTABLE) {
    lua_pushfstring(L, "%s.%s", library, name);
    lua_pushvalue(L, -4);
    lua_rawset(L, -3);
  }
  lua_pop(L, 2);
}

void mig_library_replace(lua_State *L, const char *library, const char *name,
                         lua_CFunction f) {
  lua_getfield(L, -1, name);
  library_name(L, library, name);
  lua_pushcclosure(L, f, 1);
  lua_setfield(L, -2, name);
}

/* ---- string ---- */

/* Fill p up to n bytes with what its first `unit` bytes are */
static void library_fill(char *p, size_t unit, size_t n) {
  size_t done;

  for (done = unit; done < n; done += unit) {
    unit = done < n - done ? done : n - done;
    memcpy(p + done, p, unit);
  }
}

/* string.rep(s, n, sep) */
static int library_rep(lua_State *L) {
  size_t len, gap, unit, total;
  const char *s = luaL_checklstring(L, 1, &len);
  lua_Integer n = luaL_checkinteger(L, 2);
  const char *sep = luaL_optlstring(L, 3, "", &gap);
  luaL_Buffer b;
  char *p;

  unit = len + gap;
  if (n <= 0 || !unit) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (unit < len || unit > (size_t)(INT_MAX / n))
    return luaL_error(L, "resulting string too large");
  total = unit * (size_t)n - gap;
  p = luaL_buffinitsize(L, &b, total);
  memcpy(p, s, len);
  if (n > 1) {
    memcpy(p + len, sep, gap);
    library_fill(p, unit, total);
  }
  luaL_pushresultsize(&b, total);
  return 1;
}

/* Is there a %q in the format, argument 1? */
static int library_quotes(lua_State *L) {
  size_t n, i;
  const char *z = luaL_checklstring(L, 1, &n);

  for (i = 0; i + 1 < n; i++)
    if (z[i] == '%' && z[++i] == 'q') return 1;
  return 0;
}

/* string.format(...) */
static int library_format(lua_State *L) {
  int i, n = lua_gettop(L);

  if (n > LIBRARY_FORMATTED)
    return luaL_error(L, "string.format takes at most %d values",
                      LIBRARY_FORMATTED - 1);
  for (i = 2; i <= n; i++)
    if (lua_type(L, i) == LUA_TSTRING && lua_rawlen(L, i) > LIBRARY_LONG &&
        library_quotes(L))
      return luaL_argerror(L, i, "text of more than 1 MB, with %q");
  return library_forward(L);
}

/* string.pack, unpack, packsize: the format is gone through byte by byte */
static int library_pack(lua_State *L) {
  luaL_argcheck(L, lua_rawlen(L, 1) <= LIBRARY_LONG, 1, "format is too long");
  mig_host_check(L);
  return library_forward(L);
}

void mig_library_string(lua_State *L) {
  static const luaL_Reg functions[] = {{"rep", library_rep}, {NULL, NULL}};
  static const char *const packs[] = {"pack", "unpack", "packsize", NULL};
  int i;

  luaL_setfuncs(L, functions, 0);
  mig_pattern_open(L);
  mig_library_replace(L, "string", "format", library_format);
  for (i = 0; packs[i]; i++)
    mig_library_replace(L, "string", packs[i], library_pack);
}

/* ---- table ---- */

/* table.insert and others believe __len, and then loop where no hook runs */
static void library_check_size(lua_State *L) {
  if (luaL_getmetafield(L, 1, "__len") != LUA_TNIL) {
    lua_pop(L, 1);
    if (luaL_len(L, 1) > LIBRARY_LYING)
      luaL_error(L, "a table whose __len says %I elements is too large",
                 luaL_len(L, 1));
  }
  mig_host_check(L);
}

static int library_sized(lua_State *L) {
  library_check_size(L);
  return library_forward(L);
}

/* What comparing argument i may cost, in comparisons of numbers */
static lua_Integer library_cost(lua_State *L, int i) {
  return lua_type(L, i) == LUA_TSTRING ? (lua_Integer)(lua_rawlen(L, i) >> 6)
                                       : 0;
}

/* a < b, and from time to time a look at the clock.  Upvalue 1 counts. */
static int library_less(lua_State *L) {
  lua_Integer n = lua_tointeger(L, lua_upvalueindex(1)) + 1;

  n += library_cost(L, 1);
  if (n >= LIBRARY_COMPARED) {
    mig_host_check(L);
    n = 0;
  }
  lua_pushinteger(L, n);
  lua_replace(L, lua_upvalueindex(1));
  lua_pushboolean(L, lua_compare(L, 1, 2, LUA_OPLT));
  return 1;
}

/* May it take long to sort the table, argument 1, by Lua's own order? */
static int library_long_to_sort(lua_State *L) {
  lua_Unsigned i, n = lua_rawlen(L, 1);
  int is_long =
      n > LIBRARY_COMPARED || luaL_getmetafield(L, 1, "__index") != LUA_TNIL;

  lua_settop(L, 2);
  for (i = 1; i <= n && !is_long; i++) {
    is_long = lua_rawgeti(L, 1, (lua_Integer)i) == LUA_TSTRING &&
              lua_rawlen(L, -1) > LIBRARY_TEXT;
    lua_pop(L, 1);
  }
  return is_long;
}

/* table.sort(t, less): without `less` no hook runs */
static int library_sort(lua_State *L) {
  lua_settop(L, 2);
  if (lua_istable(L, 1) && lua_isnil(L, 2) && library_long_to_sort(L)) {
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, library_less, 1);
    lua_replace(L, 2);
  }
  return library_sized(L);
}

/* Add element i of argument 1 */
static void library_add(lua_State *L, luaL_Buffer *b, lua_Integer i) {
  lua_geti(L, 1, i);
  if (!lua_isstring(L, -1))
    luaL_error(L, "invalid value (%s) at index %I in table for 'concat'",
               luaL_typename(L, -1), (LUAI_UACINT)i);
  luaL_addvalue(b);
}

/* table.concat(t, sep, first, last) */
static int library_concat(lua_State *L) {
  lua_Integer i, last;
  luaL_Buffer b;
  const char *sep;
  size_t gap;
  int n = 0;

  if (!lua_istable(L, 1)) return library_forward(L); /* which says so */
  library_check_size(L);
  last = luaL_len(L, 1);
  sep = luaL_optlstring(L, 2, "", &gap);
  i = luaL_optinteger(L, 3, 1);
  last = luaL_optinteger(L, 4, last);
  if (i <= last && (lua_Unsigned)last > lua_rawlen(L, 1) &&
      (lua_Unsigned)last - (lua_Unsigned)i >= LIBRARY_LYING)
    return luaL_error(L, "too many elements to join");
  luaL_buffinit(L, &b);
  for (; i < last; i++) {
    if (++n % LIBRARY_MANY == 0) mig_host_check(L);
    library_add(L, &b, i);
    luaL_addlstring(&b, sep, gap);
  }
  if (i == last) library_add(L, &b, i);
  luaL_pushresult(&b);
  return 1;
}

/* Let Lua move `part` elements, `from` of them being before these */
static void library_move_part(lua_State *L, lua_Integer from,
                              lua_Integer part) {
  lua_Integer first = lua_tointeger(L, 2) + from;

  mig_host_check(L);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 1);
  lua_pushinteger(L, first);
  lua_pushinteger(L, first + part - 1);
  lua_pushinteger(L, lua_tointeger(L, 4) + from);
  lua_pushvalue(L, 5);
  lua_call(L, 5, 0);
}

/* table.move(from, first, last, at, to): in slices, in an order in which none
** is overwritten before it is read */
static int library_move(lua_State *L) {
  lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3),
              at = luaL_checkinteger(L, 4), n, done, part;
  int back = at > first && at <= last;

  if (first <= last &&
      (lua_Unsigned)last - (lua_Unsigned)first >= LIBRARY_MOVED)
    return luaL_error(L, "too many elements to move");
  n = first <= last ? last - first + 1 : 0;
  if (n <= LIBRARY_MANY || at > LUA_MAXINTEGER - n) return library_forward(L);
  lua_settop(L, 5);
  if (lua_isnil(L, 5)) {
    lua_pushvalue(L, 1);
    lua_replace(L, 5);
  }
  for (done = 0; done < n; done += part) {
    part = n - done < LIBRARY_MANY ? n - done : LIBRARY_MANY;
    library_move_part(L, back ? n - done - part : done, part);
  }
  return 1;
}

void mig_library_table(lua_State *L) {
  static const char *const sized[] = {"insert", "remove", "unpack", NULL};
  int i;

  for (i = 0; sized[i]; i++)
    mig_library_replace(L, "table", sized[i], library_sized);
  mig_library_replace(L, "table", "concat", library_concat);
  mig_library_replace(L, "table", "sort", library_sort);
  mig_library_replace(L, "table", "move", library_move);
}

/* ---- utf8 ---- */

/* Where a slice ends that begins at `from` and is to be looked at up to `last`:
** before a byte that begins a character, unless there is none near */
static lua_Integer library_slice(const char *s, lua_Integer from,
                                 lua_Integer last) {
  lua_Integer to = from + LIBRARY_SLICE - 1, most = to + 8;

  if (last < most) return last;
  while (to < most && (s[to] & 0xc0) == 0x80) to++;
  return to;
}

/* Is the text, argument 1, long?  Then its part from *i to *j, arguments 2 and
** 3, is read; 0 also when these are not as they must be */
static int library_is_long(lua_State *L, lua_Integer *i, lua_Integer *j) {
  lua_Integer n =
      lua_type(L, 1) == LUA_TSTRING ? (lua_Integer)lua_rawlen(L, 1) : 0;

  if (n <= LIBRARY_SLICE) return 0;
  *i = luaL_optinteger(L, 2, 1);
  *j = luaL_optinteger(L, 3, -1);
  if (*i < 0) *i += n + 1;
  if (*j < 0) *j += n + 1;
  return *i >= 1 && *i <= n && *j <= n;
}

/* utf8.len(s, i, j, lax) */
static int library_len(lua_State *L) {
  lua_Integer from, to, last, n = 0;

  if (!library_is_long(L, &from, &last)) return library_forward(L);
  lua_settop(L, 4);
  for (; from <= last; from = to + 1) {
    mig_host_check(L);
    to = library_slice(lua_tostring(L, 1), from, last);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushinteger(L, from);
    lua_pushinteger(L, to);
    lua_pushvalue(L, 4);
    lua_call(L, 4, 2);
    if (lua_isnil(L, -2)) return 2; /* and where it is wrong */
    n += lua_tointeger(L, -2);
    lua_settop(L, 4);
  }
  lua_pushinteger(L, n);
  return 1;
}

void mig_library_utf8(lua_State *L) {
  mig_library_replace(L, "utf8", "len", library_len);
}

/* ---- base ---- */

/* next(t, key): from one key to the next there may be millions of nils */
static int library_next(lua_State *L) {
  mig_host *h = mig_host_of(L);

  luaL_checktype(L, 1, LUA_TTABLE);
  if (++h->skipped % LIBRARY_NEXT == 0) mig_host_check(L);
  lua_settop(L, 2);
  if (lua_next(L, 1)) return 2;
  lua_pushnil(L);
  return 1;
}

static int library_pairs_end(lua_State *L, int status, lua_KContext kept) {
  (void)L;
  (void)status;
  (void)kept;
  return 3;
}

/* pairs(t) */
static int library_pairs(lua_State *L) {
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__pairs") == LUA_TNIL) {
    lua_pushcfunction(L, library_next);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
  }
  lua_pushvalue(L, 1);
  lua_callk(L, 1, 3, 0, library_pairs_end);
  return 3;
}

void mig_library_base(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"next", library_next}, {"pairs", library_pairs}, {NULL, NULL}};

  luaL_setfuncs(L, functions, 0);
}
