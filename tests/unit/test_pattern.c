/*
** tests/unit/test_pattern.c - our string patterns beside Lua's own.
**
** One state has both.  A script makes random patterns and texts of a small
** alphabet and compares what comes back: values, and messages.  PATTERN_CASES
** and PATTERN_SEED in the environment make it run longer, or elsewhere.
*/
#include <lualib.h>
#include <stdlib.h>
#include "lua/host.h"
#include "tests/unit/test.h"

static const char pattern_script[] =
    "local ours, cases, seed = ...\n"
    "local function rnd(n)\n"
    "  seed = (seed * 6364136223846793005 + 1442695040888963407)\n"
    "  return (seed >> 33) % n + 1\n"
    "end\n"
    "local function any(list) return list[rnd(#list)] end\n"
    "local chars = {'a', 'a', 'b', 'b', 'c', '(', ')', '\\0', '-', ']', '^',\n"
    "  '%', '.', ' ', '1', 'A', '\\xe9'}\n"
    "local single = {'a', 'b', 'c', '.', '%a', '%A', '%w', '%d', '%s', '%S',\n"
    "  '%p', '%P', '%l', '%u', '%U', '%c', '%x', '%g', '%z', '%Z', '%%', "
    "'%.',\n"
    "  '%q', '\\0', '[ab]', '[^ab]', '[a-c]', '[^%a]', '[%w-]', '[]]', "
    "'[^]]',\n"
    "  '[%]-a]', '[a-]', '[%a-z]', '[a-%z]', '[-a]', '[^-]', '[(-a]', "
    "'\\xe9',\n"
    "  '[\\0-b]', '[\\xe0-\\xff]', '%-', '-', '^', '$', ']'}\n"
    "local odd = {'%', '[', '[^', '[%', '%b', '%bx', '%f', '%fa', '(', ')',\n"
    "  '%0', '%9', '%3', '[]', '[^]', '[a-', '%f[', '*', '+', '?'}\n"
    "local function text(n)\n"
    "  local t = {}\n"
    "  for i = 1, rnd(n + 1) - 1 do t[i] = any(chars) end\n"
    "  return table.concat(t)\n"
    "end\n"
    "local function piece(depth)\n"
    "  local k = rnd(40)\n"
    "  if k <= 14 then return any(single) end\n"
    "  if k <= 27 then return any(single) .. any{'*', '+', '-', '?'} end\n"
    "  if k == 28 then return any(odd) end\n"
    "  if k <= 30 then return '%b' .. any(chars) .. any(chars) end\n"
    "  if k <= 32 then return '%f' .. any{'[a]', '[^a]', '[%a]', '[%z]'} end\n"
    "  if k <= 34 then return '%' .. any{'1', '1', '2'} end\n"
    "  if k <= 35 then return '()' end\n"
    "  if depth > 2 then return 'a' end\n"
    "  local t = {'('}\n"
    "  for i = 1, rnd(3) do t[#t + 1] = piece(depth + 1) end\n"
    "  return table.concat(t) .. ')'\n"
    "end\n"
    "local function pattern()\n"
    "  if rnd(12) == 1 then return text(6) end\n"
    "  local t = {rnd(5) == 1 and '^' or ''}\n"
    "  for i = 1, rnd(6) - 1 do t[#t + 1] = piece(0) end\n"
    "  if rnd(5) == 1 then t[#t + 1] = '$' end\n"
    "  return table.concat(t)\n"
    "end\n"
    "local function replacement()\n"
    "  local k = rnd(4)\n"
    "  if k == 1 then return {a = 'X', b = false, c = 7, ['\\0'] = {}} end\n"
    "  if k == 2 then\n"
    "    local n = 0\n"
    "    return function(a, b)\n"
    "      n = n + 1\n"
    "      if n % 5 == 0 then return nil end\n"
    "      if n % 7 == 0 then return n end\n"
    "      return '<' .. tostring(a) .. '|' .. tostring(b) .. '>'\n"
    "    end\n"
    "  end\n"
    "  local t = {}\n"
    "  for i = 1, rnd(4) - 1 do\n"
    "    t[i] = any{'x', '\\0', '%%', '%0', '%1', '%1', '%2', '%x', '%'}\n"
    "  end\n"
    "  return table.concat(t)\n"
    "end\n"
    "local function all(f, ...)\n"
    "  local t, n = {}, 0\n"
    "  for a, b in f(...) do\n"
    "    n = n + 1\n"
    "    t[n] = tostring(a) .. ':' .. tostring(b)\n"
    "    if n > 40 then break end\n"
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
    "local count = {}\n"
    "local function same(name, s, p, ...)\n"
    "  local was = seed\n"
    "  local want, got\n"
    "  if name == 'gmatch' then\n"
    "    want = say(pcall(all, string.gmatch, s, p, ...))\n"
    "    got = say(pcall(all, ours.gmatch, s, p, ...))\n"
    "  elseif name == 'gsub' then\n"
    "    local most = rnd(3) == 1 and rnd(4) - 1 or nil\n"
    "    local now = seed\n"
    "    want = say(pcall(string.gsub, s, p, replacement(), most))\n"
    "    seed = now\n"
    "    got = say(pcall(ours.gsub, s, p, replacement(), most))\n"
    "  else\n"
    "    want = say(pcall(string[name], s, p, ...))\n"
    "    got = say(pcall(ours[name], s, p, ...))\n"
    "  end\n"
    "  if want ~= got then\n"
    "    error(string.format('%s(%q, %q, %s)\\n is  %s\\n not %s', name, s, "
    "p,\n"
    "      say(...), got, want), 0)\n"
    "  end\n"
    "  local k = want:match('^boolean true, nil nil') and 'none' or\n"
    "    want:match('^boolean true') and 'found' or 'error'\n"
    "  count[k] = (count[k] or 0) + 1\n"
    "end\n"
    "for i = 1, cases do\n"
    "  local s, p = text(12), pattern()\n"
    "  local init = rnd(3) == 1 and rnd(30) - 15 or nil\n"
    "  same('find', s, p, init, rnd(8) == 1)\n"
    "  same('match', s, p, init)\n"
    "  same('gmatch', s, p, init)\n"
    "  same('gsub', s, p)\n"
    "end\n"
    "for n = 30, 34 do\n"
    "  same('find', 'x', ('()'):rep(n))\n"
    "  same('match', 'x', ('('):rep(n) .. 'x' .. (')'):rep(n))\n"
    "end\n"
    "for n = 196, 203 do\n"
    "  for _, unit in ipairs{'a?', 'a*', 'a-', 'a', '.'} do\n"
    "    same('find', ('a'):rep(300), unit:rep(n))\n"
    "    same('match', ('a'):rep(300), '(()' .. unit:rep(n) .. ')')\n"
    "  end\n"
    "end\n"
    "return count.found, count.none, count.error\n";

/* Not SQLite's memory: none of the allocations is to fail here. */
static void *pattern_alloc(void *ud, void *p, size_t had, size_t want) {
  (void)ud;
  (void)had;
  if (want) return realloc(p, want);
  free(p);
  return NULL;
}

static long pattern_setting(const char *name, long dflt) {
  const char *z = getenv(name);

  return z ? strtol(z, NULL, 10) : dflt;
}

static int pattern_compare(lua_State *L) {
  /* not luaL_openlibs(): LUA_SRC= has no io, os, debug and package */
  luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
  luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
  luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
  lua_pop(L, 3);
  if (luaL_loadbufferx(L, pattern_script, sizeof pattern_script - 1, "=script",
                       "t"))
    return lua_error(L);
  lua_newtable(L);
  mig_pattern_open(L);
  lua_pushinteger(L, pattern_setting("PATTERN_CASES", 10000));
  lua_pushinteger(L, pattern_setting("PATTERN_SEED", 1));
  lua_call(L, 3, 3);
  return 3;
}

TEST(pattern_is_as_luas_own) {
  mig_host h = {0}; /* what looking at the clock needs: nothing is to stop it */
  lua_State *L = lua_newstate(pattern_alloc, &h);
  int status;

  (void)cx;
  if (!L) return;
  lua_pushcfunction(L, pattern_compare);
  status = lua_pcall(L, 0, 3, 0);
  EQ_STR(status ? lua_tostring(L, -1) : NULL, NULL);
  if (!status) {
    EQ_INT(lua_tointeger(L, 1) > 1000, 1); /* found         */
    EQ_INT(lua_tointeger(L, 2) > 1000, 1); /* not found     */
    EQ_INT(lua_tointeger(L, 3) > 100, 1);  /* errors, alike */
  }
  if (getenv("PATTERN_CASES"))
    printf("pattern: %lld found, %lld not, %lld errors\n", lua_tointeger(L, 1),
           lua_tointeger(L, 2), lua_tointeger(L, 3));
  lua_close(L);
}
