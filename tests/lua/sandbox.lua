-- What a script cannot reach, and cannot change for others
revision = "sandbox"

local fails = require "fails"

function upgrade()
  -- nothing but the allow-list is there
  for _, name in ipairs{"io", "os", "package", "debug", "load", "loadstring",
      "dofile", "loadfile", "collectgarbage", "warn", "_G"} do
    assert(_ENV[name] == nil, name)
  end
  for _, name in ipairs{"assert", "error", "ipairs", "next", "pairs", "pcall",
      "xpcall", "select", "tonumber", "tostring", "type", "rawequal", "rawget",
      "rawlen", "rawset", "setmetatable", "getmetatable", "print", "blob",
      "log", "require"} do
    assert(type(_ENV[name]) == "function", name)
  end
  assert(_VERSION == "Lua 5.4")
  assert(string.dump == nil and ("").dump == nil)

  -- metatables: those of strings, environments and libraries are closed
  assert(getmetatable("") == false)
  assert(getmetatable(_ENV) == false)
  assert(getmetatable(op) == false and getmetatable(db) == false)
  assert(getmetatable(null) == false and getmetatable(blob("x")) == false)
  fails("protected metatable", setmetatable, _ENV, {})
  fails("protected metatable", setmetatable, op, {})
  fails("table expected", setmetatable, "x", {})
  fails("table expected", setmetatable, null, {})

  -- a change of a library is this script's own; methods of strings stay
  string.upper = function() return "hooked" end
  assert(string.upper("a") == "hooked")
  assert(("a"):upper() == "A")
  op.execute = nil
  fails("op has no function named execute", function() return op.execute end)

  -- finalizers would run behind the host's back
  fails("__gc is not allowed", setmetatable, {}, {__gc = function() end})
  fails("__gc is not allowed", setmetatable, {}, {__gc = true})
  local mt = {}
  local late = setmetatable({}, mt)
  mt.__gc = function() error("a finalizer ran") end
  late = nil
  for i = 1, 20000 do local t = {i} end
  assert(late == nil)

  -- a metatable of one's own works as ever
  local v = setmetatable({}, {__index = function(_, k) return k .. "!" end,
    __call = function(_, a) return a + 1 end, __len = function() return 7 end,
    __metatable = "mine"})
  assert(v.x == "x!" and v(1) == 2 and #v == 7)
  assert(getmetatable(v) == "mine")
  fails("protected metatable", setmetatable, v, nil)

  -- functions of C that would count for years are cut short
  assert(string.rep("", 1 << 62) == "")
  assert(("ab"):rep(3, ",") == "ab,ab,ab")
  fails("too many elements", table.move, {}, 1, 1 << 62, 2)
  fails("too many elements", table.move, {}, math.mininteger, 0, 2)
  local liar = setmetatable({}, {__len = function() return 1 << 60 end})
  fails("too large", table.insert, liar, 1, "x")
  fails("too large", table.remove, liar, 1)
  fails("too large", table.sort, liar)
  fails("too large", table.concat, liar)
  fails("too large", table.unpack, liar)
  local list = {3, 1, 2}
  table.sort(list)
  table.insert(list, 1, 0)
  assert(table.concat(list, ",") == "0,1,2,3")
  assert(table.remove(list) == 3 and select("#", table.unpack(list)) == 3)
  assert(table.concat(table.move({1, 2, 3}, 1, 3, 2), ",") == "1,1,2,3")

  -- what is misspelt is said
  fails("op has no function named excute; did you mean op.execute?",
        function() op.excute("SELECT 1") end)
  fails("db has no function named frobnicate",
        function() db.frobnicate("x") end)
  -- modules come from lib/ only, and from nowhere else
  for _, name in ipairs{"io", "os", "debug", "package", "string", "_G"} do
    fails("no module " .. name, require, name)
  end

  for _, f in ipairs{print, log} do
    f("print", "goes", "to the log", nil, 1, {}, null, blob("b"))
    f(("x"):rep(100000), "a\0b\xff", 0 / 0, 1 / 0, math.mininteger, true, f, db,
      coroutine.create(f), setmetatable({}, {__tostring = function() return "" end}))
    f()
    f(nil)
  end
end
