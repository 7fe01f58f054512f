-- require: modules of the user's own, in the same sandbox
local at_top = pcall(require, "no_such_module")
assert(not at_top)

revision = "require"

local fails = require "fails"

local function module(name, text)
  db.value("SELECT writefile(?, ?)", "migrations/lib/" .. name .. ".lua", text)
end

local function names()
  for _, name in ipairs{"../slug", "a/b", "/etc/passwd", "..", "a..b", ".a", "a.",
      "", "a b", "a\\b", "a\0b", "ä", "a.lua/..", "~", ("x"):rep(300)} do
    fails("is no name of a module", require, name)
  end
  fails("lib/text/slug.lua", require, "text/slug")
  fails("string expected", require)
  fails("string expected", require, 1)
  fails("string expected", require, {})
end

local function missing()
  local e = fails("require: no module text.slug", require, "text.slug")
  assert(e:find("no file migrations/lib/text/slug.lua", 1, true), e)
  assert(e:find("nothing is registered as lib/text/slug.lua", 1, true), e)
  assert(e:find("make the directory migrations/lib, and in it text/slug.lua", 1,
                true), e)
  module("other", "return 1")
  e = fails("write migrations/lib/slug.lua", require, "slug")
  assert(not e:find("make the directory", 1, true), e)
end

local function loading()
  module("slug", [[
local name, path = ...
calls = (calls or 0) + 1
seen = {name, path, calls}
return {slug = function(s) return (s:lower():gsub("%W+", "-")) end,
        seen = seen, upper = string.upper}]])
  local slug = require "slug"
  assert(slug.slug("Hello, World") == "hello-world")
  assert(slug.seen[1] == "slug" and slug.seen[2] == "lib/slug.lua")
  assert(slug == require "slug" and slug.seen[3] == 1)

  -- its globals are its own, and so are its libraries
  assert(rawget(_ENV, "calls") == nil and rawget(_ENV, "seen") == nil)
  module("rude", [[
string.upper = function() return "hooked" end
op.execute = nil
mine = 1
return function() return string.upper("x"), mine end]])
  local rude = require "rude"
  assert(select(1, rude()) == "hooked" and select(2, rude()) == 1)
  assert(string.upper("x") == "X" and op.execute)

  -- values: none is true, false stays false, each is kept
  module("nothing", "local x = 1 -- and no return")
  module("no", "return false")
  module("text.deep.one-2", "return 'not this one'")
  db.value("SELECT writefile('migrations/lib/text/deep/one-2.lua', ?)",
           "\xef\xbb\xbfreturn 12\r\n")
  assert(require "nothing" == true and require "nothing" == true)
  assert(require "no" == false and require "no" == false)
  assert(require "text.deep.one-2" == 12)
  assert(select("#", require "no") == 1)

  -- the same sandbox
  module("box", [[
for _, name in ipairs{"io", "os", "package", "debug", "load", "dofile"} do
  assert(_ENV[name] == nil, name)
end
assert(getmetatable(_ENV) == false)
op.create_table("from_module", "id")
return db.value("SELECT count(*) FROM from_module")]])
  assert(require "box" == 0)
end

local function chains()
  module("a", [[return {b = require "b", "a"}]])
  module("b", [[count = (count or 0) + 1 return {"b", count}]])
  local a = require "a"
  assert(a.b == require "b" and a.b[2] == 1)

  module("x", [[return require "y"]])
  module("y", [[return require "z"]])
  module("z", [[return require "y"]])
  fails("modules that need each other: y -> z -> y", require, "x")
  fails("modules that need each other: y -> z -> y", require, "x")
  module("self", [[require "self"]])
  fails("modules that need each other: self -> self", require, "self")
  -- one that tries, and does without
  module("p", [[local ok, e = pcall(require, "q") return {ok = ok, e = e}]])
  module("q", [[return require "p"]])
  local p = require "p"
  assert(not p.ok and p.e:find("p -> q -> p", 1, true))
  fails("modules that need each other: s -> r -> s", function()
    module("r", [[return require "s"]])
    module("s", [[return require "r"]])
    require "s"
  end)
  for i = 1, 20 do
    module("c" .. i, ("return require 'c%d' + 1"):format(i + 1))
  end
  module("c21", "return 0")
  assert(require "c1" == 20)
end

local function wrong()
  -- what is wrong is said with the module's line
  module("syntax", "local x = 1\nlocal = 2\n")
  fails("lib/syntax.lua:2:", require, "syntax")
  module("boom", "local x\n\nerror('boom')\n")
  fails("lib/boom.lua:3: boom", require, "boom")
  module("later", "return function() local x\n  return x.y end")
  fails("lib/later.lua:2: attempt to index", require "later")
  module("object", "error({code = 7})")
  local ok, e = pcall(require, "object")
  assert(not ok and e.code == 7)
  -- one that failed is tried again; its text was read once
  module("later2", "if not db.value('SELECT 1 WHERE x') then end")
  fails("lib/later2.lua:1: no such column: x", require, "later2")
  fails("lib/later2.lua:1: no such column: x", require, "later2")
  module("latin", "return 'caf\xe9'")
  fails("lib/latin.lua:1: is not UTF-8", require, "latin")
  module("code", "\x1bLua\x54\x00")
  fails("lib/code.lua:1: is not UTF-8", require, "code")
  module("code2", "\x1bLua")
  fails("binary chunk", require, "code2")
  module("empty", "")
  fails("lib/empty.lua: is empty", require, "empty")
  db.value("SELECT writefile('migrations/lib/dir.lua/x', 'x')")
  fails("migrations/lib/dir.lua: is not a regular file", require, "dir")
  module("yields", "coroutine.yield(1) return 2")
  fails("yield across", coroutine.wrap(function() return require "yields" end))
end

function upgrade()
  names()
  missing()
  loading()
  chains()
  wrong()
  assert(coroutine.wrap(function() return require "no" end)() == false)
end
