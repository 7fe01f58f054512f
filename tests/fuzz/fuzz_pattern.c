/*
** tests/fuzz/fuzz_pattern.c - find, match, gmatch and gsub do with any pattern
** and text what Lua's own do.
**
** An input is which function, from where, a replacement and a pattern, a line
** each, and the text.
*/
#include <lualib.h>
#include "lua/host.h"
#include "tests/fuzz/fuzz.h"

#define PATTERN_REPEATS 5 /* more of them, and Lua's own may never end */

static const char pattern_compare[] =
    "local ours, which, init, repl, p, s = ...\n"
    "local function all(f, ...)\n"
    "  local t, n = {}, 0\n"
    "  for a, b in f(...) do\n"
    "    n = n + 1\n"
    "    t[n] = tostring(a) .. ':' .. tostring(b)\n"
    "    if n > 100 then break end\n"
    "  end\n"
    "  return table.concat(t, ';')\n"
    "end\n"
    "local function say(...)\n"
    "  local t = table.pack(...)\n"
    "  for i = 1, t.n do\n"
    "    t[i] = type(t[i]) .. ' ' .. string.format('%q', t[i])\n"
    "  end\n"
    "  return table.concat(t, ', ')\n"
    "end\n"
    "local function run(lib)\n"
    "  if which % 4 == 0 then return say(pcall(lib.find, s, p, init)) end\n"
    "  if which % 4 == 1 then return say(pcall(lib.match, s, p, init)) end\n"
    "  if which % 4 == 2 then\n"
    "    return say(pcall(all, lib.gmatch, s, p, init))\n"
    "  end\n"
    "  local most = which % 8 == 3 and math.abs(init) or nil\n"
    "  return say(pcall(lib.gsub, s, p, repl, most))\n"
    "end\n"
    "local want, got = run(string), run(ours)\n"
    "assert(want == got, want .. ' ~= ' .. got)\n";

static void *pattern_alloc(void *ud, void *p, size_t had, size_t want) {
  (void)ud;
  (void)had;
  if (want) return realloc(p, want);
  free(p);
  return NULL;
}

static int pattern_run(lua_State *L) {
  /* not luaL_openlibs(): LUA_SRC= has no io, os, debug and package */
  luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
  luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
  luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
  luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
  lua_pop(L, 4);
  if (luaL_loadbufferx(L, pattern_compare, sizeof pattern_compare - 1,
                       "=script", "t"))
    return lua_error(L);
  lua_insert(L, 1);
  lua_newtable(L);
  mig_pattern_open(L);
  lua_insert(L, 2);
  lua_call(L, lua_gettop(L) - 1, 0);
  return 0;
}

static void pattern_push(lua_State *L, fuzz_input *in, int end) {
  mig_cx cx = {0};
  int n;
  const char *z = fuzz_until(&cx, in, end, &n);

  lua_pushlstring(L, z, (size_t)n);
  mig_cx_release(&cx);
}

static int pattern_is_short(const uint8_t *data, size_t size) {
  int repeats = 0;
  size_t i;

  for (i = 0; i < size; i++) repeats += strchr("*+-?", data[i]) && data[i];
  return size < 120 && repeats <= PATTERN_REPEATS;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input in = {data, size};
  mig_host h = {0}; /* what looking at the clock needs: nothing is to stop it */
  lua_State *L;

  if (!pattern_is_short(data, size)) return 0;
  L = lua_newstate(pattern_alloc, &h);
  if (!L) return 0;
  lua_pushcfunction(L, pattern_run);
  lua_pushinteger(L, (lua_Integer)fuzz_byte(&in));
  lua_pushinteger(L, (lua_Integer)fuzz_byte(&in) - 128);
  pattern_push(L, &in, '\n');
  pattern_push(L, &in, '\n');
  pattern_push(L, &in, -1);
  if (lua_pcall(L, 5, 0, 0)) {
    puts(lua_tostring(L, -1));
    abort();
  }
  lua_close(L);
  return 0;
}
