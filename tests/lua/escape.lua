-- What a script may try, and what becomes of it
revision = "escape"

local fails = require "fails"

local function bytecode()
  -- none can be made, and nothing reads any
  assert(string.dump == nil and ("").dump == nil)
  assert(load == nil and loadstring == nil and loadfile == nil)
  assert(debug == nil and package == nil and collectgarbage == nil)
  fails("attempt to call", function() ("x"):dump() end)
  fails("nobody has", function() require("nobody has") end)
end

local function shared()
  -- what all scripts share is out of reach
  assert(getmetatable("") == false)
  fails("cannot change a protected metatable", setmetatable, _ENV, nil)
  for _, name in ipairs{"string", "table", "math", "utf8", "coroutine"} do
    assert(getmetatable(_ENV[name]) == nil, name)
    assert(rawget(_ENV, name) == _ENV[name], name)
  end
  local find, rep = string.find, string.rep
  string.find, string.rep = nil, error
  assert(("abc"):find("b") == 2 and ("a"):rep(2) == "aa")
  assert(not ("abc"):find("a", 1 + (1 << 32)) and not ("abc"):match("a", 1 + (1 << 32))) -- not modulo 32 bits
  string.find, string.rep = find, rep
  -- a name of base's that was fetched is the script's own
  local p = pairs
  pairs = error
  for k in p({1}) do assert(k == 1) end
  pairs = p
  -- the metatables of values of ours are closed too
  for _, v in ipairs{blob("x"), null, db.prepare("SELECT 1")} do
    assert(getmetatable(v) == false)
    fails("expected", setmetatable, v, {})
    fails("attempt to index", function() v.x = 1 end)
  end
  fails("table expected", rawset, "x", 1, 2)
  fails("table expected", rawget, blob("x"), "__index")
end

local function collected()
  -- what raises or loops when it is collected is not let in
  fails("__gc is not allowed", setmetatable, {}, {__gc = error})
  local mt = {}
  mt.__index, mt.__metatable = mt, nil
  setmetatable({}, mt).__gc = error
  mt.__gc = error
  local t = setmetatable({}, {__mode = "kv", __close = error})
  for i = 1, 5000 do t[i] = {} end
end

local function numbers()
  -- functions of C get what would take them for ever cut off
  fails("resulting string too large", string.rep, "x", 1 << 62)
  fails("resulting string too large", string.rep, "xyz", math.maxinteger)
  fails("resulting string too large", string.rep, "", math.maxinteger, "ab")
  fails("not enough memory", string.rep, "x", 1 << 30)
  assert(("x"):rep(0) == "" and ("x"):rep(-1) == "" and (""):rep(1 << 62) == "")
  assert(("x"):rep(math.mininteger) == "" and ("x"):rep(1, "yy") == "x")
  assert(("ab"):rep(3) == "ababab" and ("ab"):rep(3, "-") == "ab-ab-ab")
  assert((""):rep(4, ",") == ",,," and ("a"):rep(7, "") == "aaaaaaa")
  assert(("\0"):rep(3, "\0") == "\0\0\0\0\0" and string.rep(12, 2, 3) == "12312")
  fails("number expected", string.rep, "x", {})
  fails("no integer representation", string.rep, "x", 1.5)

  fails("string.format takes at most 999 values", string.format, "%s",
        table.unpack({}, 1, 1000))
  local many = {}
  for i = 1, 999 do many[i] = i end
  assert(("%d,"):rep(999):format(table.unpack(many)):sub(-9) == ",998,999,")
  fails("text of more than 1 MB, with %q", string.format, "%s %q", 1,
        ("x"):rep((1 << 20) + 1))
  assert(#("%s %%q"):format(("x"):rep((1 << 20) + 1)) == (1 << 20) + 4)
  assert(#("%q"):format(("x"):rep(1 << 20)) == (1 << 20) + 2)
  fails("bad argument #2 to 'string.format' (number expected", string.format,
        "%d", "x")
  fails("format is too long", string.packsize, ("<"):rep((1 << 20) + 1))
  assert(string.unpack("<i4", string.pack("<i4", 77)) == 77)
end

local function patterns()
  -- ours, under both names, with Lua's messages
  fails("bad argument #1 to 'string.find' (string expected", string.find)
  fails("bad argument #3 to 'string.gsub' (string/function/table expected, " ..
        "got boolean)", string.gsub, "a", "a", true)
  fails("bad argument #4 to 'string.gsub' (number expected", string.gsub, "a",
        "a", nil, "x")
  local ok, e = pcall(function() return ("x"):find("[") end)
  assert(e:find("^escape.lua:%d+: malformed pattern %(missing '%]'%)$"), e)
  fails("pattern too complex", string.find, ("a"):rep(1e5), ("a?"):rep(1e5))
  fails("too many captures", string.find, "x", ("()"):rep(33))
  assert(string.find(1234, 23) == 2 and string.match(1.5, "%d+$") == "5")
  assert(string.gsub(11, 1, 2) == "22")
  assert(#("a"):rep(1e5):gsub("a-", "%0b") == 200001)
  -- an error in a callback passes, a coroutine does not
  fails("mine", string.gsub, "a", "a", function() error("mine") end)
  fails("attempt to yield across a C-call boundary",
        coroutine.wrap(function() ("a"):gsub("a", coroutine.yield) end))
  local it = ("abc"):gmatch("%w")
  local co = coroutine.wrap(function() for c in it do coroutine.yield(c) end end)
  assert(co() .. it() .. co() == "abc" and it() == nil)
end

local function tables()
  local t = {}
  for i = 1, 5000 do t[i] = i end
  -- moved in slices, as Lua moves: over itself up, down, to another
  local m = table.move({table.unpack(t)}, 1, 5000, 3)
  assert(m[1] == 1 and m[2] == 2 and m[3] == 1 and m[5002] == 5000)
  for i = 3, 5002 do assert(m[i] == i - 2) end
  m = table.move(m, 3, 5002, 1)
  for i = 1, 5000 do assert(m[i] == i) end
  m = table.move(t, 1, 5000, 2001)
  for i = 1, 7000 do assert(m[i] == (i <= 2000 and i or i - 2000)) end
  m = table.move(t, 1, 3000, -10, {})
  assert(m[-10] == 1 and m[-11] == nil and m[2989] == t[3000])
  fails("too many elements to move", table.move, {}, 1, 1 << 40, 2)
  fails("too many elements to move", table.move, {}, math.mininteger,
        math.maxinteger, 2)
  fails("destination wrap around", table.move, {}, 1, 5000, math.maxinteger)
  fails("table expected", table.move, {}, 1, 5000, 1, 7)
  fails("table expected", table.move, 7, 1, 5000, 1)

end

local function joined()
  local list, want = {}, ""
  for i = 1, 3500 do
    list[i] = i % 3 == 0 and i + 0.5 or i
    want = want .. list[i] .. (i < 3500 and "; " or "")
  end
  assert(table.concat(list, "; ") == want)
  assert(table.concat(list, ",", 3499) == "3499,3500")
  assert(table.concat(list, ",", 2, 3) == "2,3.5")
  assert(table.concat(list, ",", 3, 2) == "" and table.concat({}) == "")
  assert(table.concat({"a", "b"}, 0) == "a0b" and table.concat({1}, "x") == "1")
  assert(table.concat({"a"}, "x", math.maxinteger, 1) == "")
  assert(table.concat({[math.maxinteger] = "z"}, "x", math.maxinteger,
                      math.maxinteger) == "z")
  assert(table.concat(setmetatable({}, {__len = function() return 3 end,
    __index = function(_, i) return i * 10 end}), " ") == "10 20 30")
  fails("invalid value (nil) at index 3 in table for 'concat'", table.concat,
        {1, 2}, ",", 1, 3)
  fails("invalid value (table) at index 1 in table for 'concat'", table.concat,
        {{}})
  fails("table expected", table.concat, 5)
  fails("string expected", table.concat, {}, {})
  fails("number expected", table.concat, {}, "", "x")
end

local function iterated()
  local seen = {}
  for k, v in pairs({10, 20, x = 30}) do seen[k] = v end
  assert(seen[1] == 10 and seen[2] == 20 and seen.x == 30)
  local a, b, c = pairs(seen)
  assert(a == next and b == seen and c == nil)
  assert(next({}) == nil and next({5}) == 1 and next({5}, 1) == nil)
  fails("invalid key to 'next'", next, {}, 1)
  fails("table expected", next, 5)
  fails("bad argument", pairs)
  local n = 0
  for k, v in pairs(setmetatable({}, {__pairs = function(t)
    return function(_, i) if i < 3 then return i + 1, "v" end end, t, 0
  end})) do n = n + k end
  assert(n == 6)
  -- a __pairs may yield
  local co = coroutine.wrap(function()
    for k in pairs(setmetatable({}, {__pairs = function()
      coroutine.yield("in __pairs")
      return next, {7}, nil
    end})) do return k end
  end)
  assert(co() == "in __pairs" and co() == 1)
end

local function texts()
  local long = ("a\u{e4}\u{20ac}\u{1f600}"):rep(30000)
  assert(utf8.len(long) == 120000)
  assert(utf8.len(long, 2) == 119999 and utf8.len(long, -4) == 1)
  assert(utf8.len(long, 1, 70000) == 28000)
  for _, i in ipairs{65530, 65531, 65532, 65533, 65534, 65535, 65536, 65537,
      65538, 131072, 299999} do
    local at = utf8.offset(long, 0, i)
    assert(utf8.len(long, at, i) == 1 and utf8.len(long, 1, i) ==
           utf8.len(long, 1, at - 1) + 1)
    local bad = long:sub(1, at - 1) .. "\x80" .. long:sub(at)
    local n, where = utf8.len(bad)
    assert(n == nil and where == at)
    n, where = utf8.len(long:sub(1, i) .. ("\x80"):rep(70000))
    assert(n == nil and where <= i + 4 and where >= i - 3)
  end
  assert(utf8.len(("\u{7fffffff}"):rep(20000)) == nil)
  assert(utf8.len(("\u{7fffffff}"):rep(20000), 1, -1, true) == 20000)
  assert(utf8.len(long, 5, 4) == 0 and utf8.len(long, #long + 1) == 0)
  fails("initial position out of bounds", utf8.len, long, #long + 2)
  fails("initial position out of bounds", utf8.len, long, 0)
  fails("final position out of bounds", utf8.len, long, 1, #long + 1)
  fails("string expected", utf8.len, {})
  assert(utf8.len(12345) == 5)
end

local function sorted()
  -- a comparison that lies is an error or a mess, and no more
  local t = {}
  for i = 1, 300 do t[i] = i end
  for _, less in ipairs{function() return true end,
      function() return math.random() < 0.5 end,
      function(a, b) return a <= b end,
      function(a, b) t[1] = nil return a < b end,
      function(a, b) t[#t + 1] = 0 return a > b end} do
    pcall(table.sort, t, less)
    assert(#t < 1000000)
  end
  fails("attempt to compare", table.sort, {1, "x", 2})
  fails("attempt to compare", table.sort, {{}, {}})
  fails("invalid order function", table.sort,
        {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, function() return true end)
  -- long texts are compared by ours
  local long = ("x"):rep(2000)
  local list = {}
  for i = 1, 500 do list[i] = long .. ("%03d"):format((i * 7919) % 500) end
  table.sort(list)
  for i = 2, 500 do assert(list[i - 1] <= list[i]) end
end

local function errors()
  -- values raised as errors are the script's own, whatever they do when shown
  local hostile = setmetatable({}, {__tostring = function() error("no") end,
    __name = "hostile", __index = error, __eq = error})
  local ok, e = pcall(error, hostile)
  assert(not ok and rawequal(e, hostile))
  fails("no", tostring, hostile)
  fails("'__tostring' must return a string", tostring,
        setmetatable({}, {__tostring = function() return {} end}))
  ok, e = pcall(error, ("m"):rep(3000000))
  assert(not ok and #e == 3000000)
  ok, e = xpcall(error, function(m)
    return coroutine.wrap(function() return select(2, pcall(error, m)) end)()
  end, "inner")
  assert(not ok and e == "inner")
  ok, e = xpcall(error, function() error("again") end)
  assert(not ok)
  -- a nest of pcalls ends at Lua's own limit, in order
  local depth = 0
  local function nest() depth = depth + 1 return pcall(nest) end
  nest()
  assert(depth > 100 and depth < 300, depth)
  local function wrapped() return coroutine.wrap(wrapped)() end
  fails("C stack overflow", wrapped)
end

local function closed()
  local order = {}
  local function closing(name, f)
    return setmetatable({}, {__close = function()
      order[#order + 1] = name
      if f then f() end
    end})
  end
  local ok, e = pcall(function()
    local a <close> = closing("a")
    local b <close> = closing("b", function() error("in b", 0) end)
    error("first", 0)
  end)
  assert(not ok and e == "in b" and order[1] == "b" and order[2] == "a")
  local co = coroutine.create(function()
    local c <close> = closing("c", function() error("in c", 0) end)
    coroutine.yield()
  end)
  coroutine.resume(co)
  ok, e = coroutine.close(co)
  assert(not ok and e == "in c" and coroutine.status(co) == "dead")
  co = coroutine.wrap(function() error("lost", 0) end)
  fails("lost", co)
  fails("cannot resume dead coroutine", co)
  fails("bad argument #1 to 'coroutine.close'", coroutine.close, 1)
  fails("bad argument #1 to 'coroutine.resume'", coroutine.resume, 1)
end

local function sql()
  fails("allow_attach", op.execute, "ATTACH ':memory:' AS x")
  fails("allow_attach", db.value, "ATTACH ':memory:' AS x")
  fails("allow_attach", db.prepare, "DETACH main")
  fails("not authorized", db.value, "SELECT load_extension('x')")
  fails("this PRAGMA", op.execute, "PRAGMA writable_schema = ON")
  fails("this PRAGMA", op.execute, "PRAGMA trusted_schema(1)")
  fails("fts3tokenize disabled", db.value,
        "SELECT fts3_tokenizer('simple', x'0000000000000000')")
end

function upgrade()
  bytecode()
  shared()
  collected()
  numbers()
  patterns()
  tables()
  joined()
  iterated()
  texts()
  sorted()
  errors()
  closed()
  sql()
end
