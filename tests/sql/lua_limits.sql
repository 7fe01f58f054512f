--- memory is limited, by name
SELECT migrate_config('lua_memory_mb', '2');
--> '2'
SELECT migrate_register('revision = "a"
function upgrade()
  local t = {}
  for i = 1, 1e9 do t[i] = i end
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a.lua:4): lua memory limit of 2 MB reached; raise it with migrate_config('lua_memory_mb', ...)
SELECT migrate_register('revision = "b"
function upgrade() string.rep("x", 3 << 20) end', 'b.lua');
--> 'b'
SELECT migrate_upgrade('b');
--! revision b (b.lua:2): lua memory limit of 2 MB reached

--- a script that catches the limit goes on with what it has
SELECT migrate_config('lua_memory_mb', '2');
--> '2'
SELECT migrate_register('revision = "a"
function upgrade()
  local ok, e = pcall(string.rep, "x", 1 << 30)
  assert(not ok and e == "not enough memory")
  op.create_table("t", "x")
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1

--- a loop over many rows holds only what it keeps
SELECT migrate_config('lua_memory_mb', '1');
--> '1'
SELECT migrate_register('revision = "a"
function upgrade()
  local n = 0
  for row in db.rows([[WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1
                       FROM n WHERE i < 3000)
                       SELECT i, printf(''%500d'', i) AS text FROM n]]) do
    n = n + #row.text
  end
  assert(n == 1500000)
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1

--- the memory limit is named wherever it is met
SELECT migrate_config('lua_memory_mb', '2');
--> '2'
SELECT migrate_register('revision = "a"
function upgrade()
  local t = {}
  for i = 1, 3000 do t[i] = ("x"):rep(300) .. i end
  table.concat(t, ("y"):rep(1000))
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a.lua:5): lua memory limit of 2 MB reached; raise it with migrate_config('lua_memory_mb', ...)
SELECT migrate_register('revision = "b"
function upgrade()
  coroutine.wrap(function()
    local s = ("x"):rep(3 << 20)
  end)()
end', 'b.lua');
--> 'b'
SELECT migrate_upgrade('b');
--! (b.lua
SELECT migrate_upgrade('b');
--! lua memory limit of 2 MB reached
SELECT migrate_register('revision = "c"
function upgrade()
  local ok, why = pcall(string.rep, "x", 3 << 20)
  error(why)
end', 'c.lua');
--> 'c'
SELECT migrate_upgrade('c');
--! revision c (c.lua:4): lua memory limit of 2 MB reached
SELECT migrate_register('revision = "d"
function upgrade()
  ("a"):rep(1000000):gsub(".", "%0%0%0%0%0%0")
end', 'd.lua');
--> 'd'
SELECT migrate_upgrade('d');
--! revision d (d.lua:3): lua memory limit of 2 MB reached
SELECT name FROM sqlite_schema;

--- recursion is limited, by name
SELECT migrate_config('lua_depth'), migrate_config('lua_depth', '200');
--> '10000'|'200'
SELECT migrate_register('revision = "a"
function upgrade()
  op.create_table("t", "x")
  local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end
  assert(f(190) == 190)
  f(1e9)
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a.lua:4): lua recursion limit of 200 calls reached; raise it with migrate_config('lua_depth', ...)
SELECT name FROM sqlite_schema;
SELECT migrate_register('revision = "b"
function upgrade()
  local function f() return 1 + f() end
  while true do pcall(f) end
end', 'b.lua');
--> 'b'
SELECT migrate_upgrade('b');
--! revision b (b.lua:3): lua recursion limit of 200 calls reached
SELECT migrate_register('revision = "c"
function upgrade()
  local function f() return 1 + f() end
  while true do
    xpcall(coroutine.wrap(f), function() while true do end end)
  end
end', 'c.lua');
--> 'c'
SELECT migrate_upgrade('c');
--! lua recursion limit of 200 calls reached
SELECT migrate_register('revision = "d"
local function f() return 1 + f() end
f()', 'd.lua');
--! d.lua:2: lua recursion limit of 200 calls reached
SELECT migrate_config('lua_depth', '20000');
--> '20000'
SELECT migrate_register('revision = "e"
function upgrade()
  local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end
  assert(f(15000) == 15000)
  local co = coroutine.wrap(function() return f(19000) end)
  assert(co() == 19000)
end', 'e.lua');
--> 'e'
SELECT migrate_upgrade('e');
--> 1

--- how deep the calls may be is from 100 to 190000
SELECT migrate_config('lua_depth', '99');
--! setting lua_depth cannot be '99': it is a whole number from 100 to 190000
SELECT migrate_config('lua_depth', '190001');
--! it is a whole number from 100 to 190000
SELECT migrate_config('lua_depth', '1e3');
--! it is a whole number from 100 to 190000
SELECT migrate_config('lua_depth', '');
--! it is a whole number from 100 to 190000
SELECT migrate_config('lua_depth', '190000'), migrate_config('lua_depth', '100');
--> '190000'|'100'

--- a hundred and ninety thousand calls are possible
SELECT migrate_config('lua_depth', '190000');
--> '190000'
SELECT migrate_register('revision = "a"
function upgrade()
  local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end
  assert(f(189000) == 189000)
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1

--- Lua's own limits are said to be its own
SELECT migrate_register('revision = "a"
function upgrade()
  local function f() return (("x"):gsub("x", f)) end
  f()
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! calls are nested deeper than lua's own limit for those that go through C, such as pcall, metamethods, gsub and coroutines (LUAI_MAXCCALLS, 200), and no setting raises that; nest them less
SELECT migrate_register('revision = "b"
function upgrade()
  local mt = {}
  mt.__index = function(t, k) return t[k + 1] end
  return setmetatable({}, mt)[1]
end', 'b.lua');
--> 'b'
SELECT migrate_upgrade('b');
--! revision b (b.lua:4): calls are nested deeper than lua's own limit
SELECT migrate_register('revision = "c"
function upgrade()
  local function f() return coroutine.wrap(f)() end
  f()
end', 'c.lua');
--> 'c'
SELECT migrate_upgrade('c');
--! lua's own limit
SELECT migrate_register('revision = "d"
function upgrade()
  local ok, why = xpcall(error, function(m) error(m) end)
  error(why, 0)
end', 'd.lua');
--> 'd'
SELECT migrate_upgrade('d');
--! an error in the handling of an error, or calls nested deeper there than lua's own limit
SELECT migrate_register('revision = "e"
x = ' || replace(hex(zeroblob(200)), '0', '(') || '1' || replace(hex(zeroblob(200)), '0', ')'), 'e.lua');
--! e.lua

--- what was caught of a limit of Lua's leaves all in order
SELECT migrate_register('revision = "a"
function upgrade()
  local function f() return (("x"):gsub("x", f)) end
  local function g() return pcall(g) end
  local function h(...) return 1 + h(...) end
  for i = 1, 3 do
    local ok, why = pcall(f)
    assert(not ok and why:find("C stack overflow", 1, true), why)
    g()
    ok, why = pcall(h, table.unpack({}, 1, 250))
    assert(not ok and why:find("stack overflow", 1, true), why)
  end
  op.create_table("t", "x")
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1
SELECT name FROM sqlite_schema WHERE name = 't';
--> 't'

--- a limit of 4 GB is not none where addresses have 32 bits
SELECT migrate_config('lua_memory_mb', '4097');
--> '4097'
SELECT migrate_register('revision = "a"
function upgrade()
  local t = {}
  for i = 1, 20 do t[i] = ("x"):rep(100000 + i) end
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1
