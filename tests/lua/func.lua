-- db.func: functions of a script that SQL calls
revision = "func"

local fails = require "fails"

function upgrade()
  op.create_table("t", "id INTEGER PRIMARY KEY", "title TEXT", "slug TEXT")
  op.bulk_insert("t", {{id = 1, title = "Hello, World"}, {id = 2, title = "Two  Words"}, {id = 3}})

  -- the normal use
  db.func("slug", function(s) return s and (s:lower():gsub("%W+", "-")) end)
  assert(op.execute("UPDATE t SET slug = slug(title)") == 3)
  assert(db.value("SELECT group_concat(ifnull(slug, 'none')) FROM t") == "hello-world,two-words,none")
  assert(db.value("SELECT SLUG('A b')") == "a-b" and db.value([[SELECT "slug"('A b')]]) == "a-b")

  -- any number of arguments; values cross exactly
  db.func("n_args", function(...) return select("#", ...) end)
  assert(db.value("SELECT n_args()") == 0 and db.value("SELECT n_args(1, NULL, 'x', NULL)") == 4)
  db.func("same", function(v) return v end)
  for _, v in ipairs{math.maxinteger, math.mininteger, 0.1, -0.0, 1.0, math.huge, -math.huge, "", "a\0b", "\xff\xfe", "x"} do
    local row = db.row("SELECT same(?) AS v, typeof(same(?)) = typeof(?) AS same", v, v, v)
    assert(row.v == v and math.type(row.v) == math.type(v) and row.same == 1, tostring(v))
  end
  assert(db.value("SELECT same(?)", null) == nil)
  assert(db.value("SELECT same(?)", blob("a\0b")) == blob("a\0b"))
  assert(db.value("SELECT typeof(same(?))", blob("")) == "blob")
  db.func("nan", function() return 0 / 0 end)
  db.func("yes", function() return true end)
  db.func("empty", function() end)
  local r = db.row("SELECT nan() AS a, yes() AS b, empty() AS c, typeof(yes()) AS d")
  assert(r.a == nil and r.b == 1 and r.c == nil and r.d == "integer")

  -- keywords are no names, unless SQL can call them
  for _, name in ipairs{"in", "values", "Cast", "raise", "exists", "distinct", "case", "current_date", "not", "select"} do
    fails(name .. "() is no call in SQL", db.func, name, print)
    fails(name .. "() is no call in SQL", db.func, name, print, {replace = true})
  end
  for _, name in ipairs{"key", "over", "first"} do
    db.func(name, function() return name end)
    assert(db.value("SELECT " .. name .. "()") == name)
  end

  -- no statement is used by a function that it calls itself
  local it, put, closes, _
  db.func("again", function() return it() end)
  db.func("put_again", function(v) return put(v) end)
  db.func("close", function(v) local c <close> = closes return v end)
  it = db.values("SELECT again() FROM t")
  fails("calls itself", it)
  it = db.values("SELECT again() FROM t")
  fails("calls itself", op.execute, "UPDATE t SET slug = 'x'")
  put = db.prepare("SELECT put_again(?)")
  fails("calls itself", put, 1)
  put = db.prepare("UPDATE t SET slug = put_again(?)")
  fails("calls itself", put, 1)
  put = db.prepare("UPDATE t SET slug = put_again(?) RETURNING 1")
  fails("calls itself", put, 1)
  it, _, _, closes = db.values("SELECT close(id) FROM t")
  fails("calls itself", it)

  -- a loop that such a function leaves open sees the table as it was, too
  op.create_table("tens", "id INTEGER PRIMARY KEY", "v")
  op.bulk_insert("tens", {{id = 1, v = 10}, {id = 2, v = 20}, {id = 3, v = 30}})
  local from_behind
  db.func("next_v", function()
    from_behind = from_behind or db.values("SELECT v FROM tens ORDER BY id DESC")
    return (from_behind())
  end, {deterministic = false})
  op.execute("UPDATE tens SET v = 100 * next_v()")
  assert(db.value("SELECT group_concat(v) FROM tens") == "3000,2000,1000")

  -- deterministic unless it says that it is not: a constant call is made once
  local calls = 0
  db.func("once", function() calls = calls + 1 return calls end)
  db.func("counts", function() calls = calls + 1 return calls end, {deterministic = false})
  db.row("SELECT sum(once()) FROM t")
  assert(calls == 1)
  calls = 0
  assert(db.value("SELECT sum(counts()) FROM t") == 6 and calls == 3)
  -- it may change its mind
  db.func("once", function() calls = calls + 1 return calls end, {deterministic = false})
  calls = 0
  assert(db.value("SELECT sum(once()) FROM t") == 6)
  assert(db.value("SELECT max(once(id, 1)) FROM t") == 6)

  -- a name that exists is refused, unless it is to be replaced
  fails("there is a function lower already", db.func, "lower", print)
  fails("there is a function COUNT already", db.func, "COUNT", print)
  fails("there is a function migrate_upgrade already", db.func, "migrate_upgrade", print)
  db.func("lower", function(s) return "<" .. s .. ">" end, {replace = true})
  assert(db.value("SELECT lower('A')") == "<A>" and db.value([[SELECT "LOWER" ( 'A' )]]) == "<A>")
  assert(db.value("SELECT upper(lower('a')) || 'lower(1)'") == "<A>lower(1)")
  op.create_table("lower", "a")
  op.execute("INSERT INTO lower(a) VALUES (lower('x'))")
  assert(db.value("SELECT a FROM lower WHERE lower.a = lower('x')") == "<x>")
  -- ... for this script's SQL only: a trigger, a view, an index keep theirs
  op.execute([[
    CREATE TABLE log(a);
    CREATE TRIGGER tr AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (upper(new.title)); END;
    CREATE INDEX ix ON t(upper(title));
    CREATE VIEW v AS SELECT upper(title) AS u FROM t;
  ]])
  assert(db.value("WITH a AS (SELECT 1), lower(b) AS (SELECT lower('c')) SELECT b FROM lower") == "<c>")
  assert(db.value("WITH a AS (SELECT 1), lower(b) AS NOT MATERIALIZED (SELECT 'd') SELECT lower(b, (1)) AS s FROM lower, a") == "<d>")
  db.func("upper", function() return "mine" end, {replace = true})
  op.execute("UPDATE t SET slug = upper(title) WHERE id = 1")
  assert(db.value("SELECT slug FROM t WHERE id = 1") == "mine")
  assert(db.value("SELECT a FROM log") == "HELLO, WORLD")
  assert(db.value("SELECT count(*) FROM v WHERE u = 'HELLO, WORLD'") == 1)
  op.execute("DROP TRIGGER tr")

  -- nothing that outlives the script may call it
  fails("a view calls slug(), a function of this script", op.execute, "CREATE VIEW w AS SELECT slug(title) FROM t")
  fails("a view calls slug()", op.create_view, "w", "SELECT slug(title) FROM t")
  fails("a trigger calls slug()", op.execute,
    "SELECT 1; CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN UPDATE t SET slug = 1; UPDATE t SET slug = slug(title); END;")
  fails("a trigger calls slug()", op.create_trigger, "x", "AFTER INSERT ON t BEGIN UPDATE t SET slug = slug(title); END")
  fails("an index calls slug()", op.execute, "CREATE INDEX i ON t(slug(title))")
  fails("slug", op.create_index, "i", "t", {"slug(title)"})
  fails("slug", op.execute, "CREATE TABLE u(a CHECK (slug(a) = a)); INSERT INTO u VALUES ('a')")
  fails("slug", op.execute, "CREATE TABLE u(a, b AS (slug(a))); INSERT INTO u VALUES ('a'); SELECT * FROM u")
  fails("slug", op.execute, "CREATE TABLE u(a, b DEFAULT (slug('x'))); INSERT INTO u(a) VALUES ('a')")
  op.execute("CREATE TABLE u AS SELECT slug(title) AS s FROM t WHERE id = 1; CREATE INDEX slug ON u(s)")
  assert(db.value("SELECT s FROM u") == "hello-world")
  op.alter_column("t", "slug", {type = "TEXT", nullable = false, using = "ifnull(slug(title), '?')"})
  assert(db.value("SELECT group_concat(slug) FROM t") == "hello-world,two-words,?")

  -- an error in it is the statement's: nothing of that stays, and it is caught
  db.func("bad", function(id) if id == 3 then error("no three") end return id end)
  fails("no three", op.execute, "UPDATE t SET slug = bad(id)")
  assert(db.value("SELECT count(*) FROM t WHERE slug = '1'") == 0)
  fails("func.lua:", op.execute, "UPDATE t SET slug = bad(id)")
  db.func("bad", function() error({}) end)
  fails("no text", db.value, "SELECT bad()")
  db.func("bad", function() return {} end)
  fails("db.func: bad returned a table", db.value, "SELECT bad()")
  db.func("bad", function() coroutine.yield(1) end)
  fails("yield", db.value, "SELECT bad()")

  -- it may read, and call others; it may not write
  db.func("title", function(id) return db.value("SELECT slug(title) FROM t WHERE id = ?", id) end)
  assert(db.value("SELECT group_concat(title(id)) FROM t") == "hello-world,two-words")
  db.func("every", function() local n = 0 for id in db.values("SELECT id FROM t") do n = n + id end return n end)
  assert(db.value("SELECT sum(every()) FROM t") == 18)
  for _, write in ipairs{
    function() op.execute("DELETE FROM t") end, function() op.drop_table("t") end,
    function() db.value("DELETE FROM t RETURNING id") end, function() db.prepare("DELETE FROM t")() end,
    function() op.bulk_insert("t", {{id = 9}}) end, function() op.add_column("t", "x") end,
    function() op.batch_alter_table("t", function(t) t.add_column("x") end) end,
    function() op.backfill{table = "t", columns = {"slug"}, with = print} end,
  } do
    db.func("writes", write)
    fails("may read, but not write", db.value, "SELECT writes()")
  end
  db.func("writes", function() db.func("late", print) end)
  fails("db.func inside a function", db.value, "SELECT writes()")
  assert(db.value("SELECT count(*) FROM t") == 3)
  -- a function that calls itself through SQL ends
  db.func("deep", function(n) return n == 0 and 0 or 1 + db.value("SELECT deep(?)", n - 1) end)
  assert(db.value("SELECT deep(20)") == 20)
  fails("", db.value, "SELECT deep(100000)")
  -- from a coroutine, and called while one runs
  local co = coroutine.wrap(function()
    db.func("co", function(x) return coroutine.wrap(function() coroutine.yield(x + 1) end)() end)
    coroutine.yield(db.value("SELECT co(1)"))
  end)
  assert(co() == 2 and db.value("SELECT co(2)") == 3)

  -- bad arguments
  fails("the name must be a string", db.func, nil, print)
  fails("function expected", db.func, "f", "x")
  fails("is no name for a function", db.func, "a b", print)
  fails("is no name for a function", db.func, "", print)
  fails("is no name for a function", db.func, "1a", print)
  fails("unknown option 'x'", db.func, "f", print, {x = 1})
  fails("no such function: unheard", db.value, "SELECT unheard()")
end
