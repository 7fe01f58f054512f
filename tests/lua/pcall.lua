-- Errors inside a script are Lua's: caught, passed on, with a place
revision = "pcall"

local function helper()
  op.execute("INSERT INTO nowhere VALUES (1)")
end

function upgrade()
  -- an ordinary SQL error is caught, and the script goes on
  op.create_table("t", "id INTEGER PRIMARY KEY", "v TEXT UNIQUE")
  op.execute("INSERT INTO t VALUES (1, 'a')")
  local ok, e = pcall(op.execute, "INSERT INTO t VALUES (2, 'a')")
  assert(not ok and e:find("UNIQUE constraint failed: t.v; in: INSERT", 1, true), e)
  assert(db.value("SELECT count(*) FROM t") == 1)

  -- an error says where it was raised: in the function that called us
  ok, e = pcall(helper)
  assert(not ok and e:find("pcall%.lua:5: no such table: nowhere; in: INSERT"), e)
  ok, e = pcall(function() return op.execute("x") end)
  assert(e:find("pcall%.lua:19: ") and e:find("syntax error"), e)

  -- any value can be an error, and comes back as it is
  local mark = {}
  ok, e = pcall(error, mark)
  assert(not ok and e == mark)
  ok, e = pcall(error)
  assert(not ok and e == nil)

  -- results, arguments, handlers
  assert(select("#", pcall(function(...) return ... end, 1, nil, nil)) == 4)
  assert(select(2, xpcall(function(a, b) return a + b end, print, 1, 2)) == 3)
  local seen
  ok, e = xpcall(function() error("bad", 0) end, function(m)
    seen = m
    return m .. "!"
  end)
  assert(not ok and e == "bad!" and seen == "bad")
  assert(not pcall(pcall))
  assert(not pcall(xpcall, print))
  ok, e = pcall(string.rep)
  assert(not ok and e:find("bad argument #1"), e)

  -- a yield passes through pcall
  local co = coroutine.wrap(function()
    local ok1, got = pcall(function() return coroutine.yield(1) + 1 end)
    coroutine.yield(got)
    return pcall(function() coroutine.yield(3); error("late", 0) end)
  end)
  assert(co() == 1 and co(41) == 42 and co() == 3)
  local a, b = co()
  assert(a == false and b == "late")

  -- the error of a coroutine keeps the place it came from
  ok, e = pcall(coroutine.wrap(function() error("inside") end))
  assert(not ok and e:find("^[^:]*pcall%.lua:%d+: inside$"), e)
  ok, e = pcall(coroutine.wrap(function() op.execute("nonsense") end))
  assert(not ok and e:find("pcall%.lua:%d+: near \"nonsense\""), e)

  -- what a coroutine holds is closed when it fails
  local closed
  ok, e = pcall(coroutine.wrap(function()
    local x <close> = setmetatable({}, {__close = function() closed = true end})
    error("no")
  end))
  assert(not ok and closed)

  -- coroutines as ever
  local gen = coroutine.create(function(n) for i = 1, n do coroutine.yield(i) end end)
  assert(select(2, coroutine.resume(gen, 2)) == 1)
  assert(coroutine.status(gen) == "suspended")
  assert(coroutine.close(gen) and coroutine.status(gen) == "dead")
  ok, e = coroutine.resume(gen)
  assert(not ok and e:find("dead coroutine"))
  assert(not coroutine.isyieldable())

  -- too deep is an error, not a crash
  local function deep(...) return 1 + deep(...) end
  ok, e = pcall(deep, ("x"):byte(1, -1), table.unpack({}, 1, 200))
  assert(not ok and e:find("stack overflow"), e)
  ok, e = pcall(string.rep, "x", 1 << 28)
  assert(not ok and e == "not enough memory", e)
end
