-- Parameters: in a row, as a list, by name
revision = "params"

local fails = require "fails"

function upgrade()
  local join = "SELECT ifnull(?, '-') || ifnull(?, '-')"
  assert(db.value(join, 1, 2) == "12")
  assert(db.value(join, nil, 2) == "-2")
  assert(db.value(join, 1, nil) == "1-")
  assert(db.value(join, {1, 2}) == "12")
  assert(db.value(join, {null, 2}) == "-2")
  assert(db.value(join, {nil, 2}) == "-2")
  assert(db.value(join, {1, null}) == "1-")
  assert(db.value("SELECT :a || @b || $c || :a", {a = 1, b = 2, c = 3}) == "1231")
  assert(db.value("SELECT ?2 || ?1", "a", "b") == "ba")
  assert(db.value("SELECT :x", 5) == 5)
  assert(db.value("SELECT ifnull(:x, 'none')", {x = null}) == "none")
  assert(db.value("SELECT 1", {}) == 1)

  -- too many and too few say how many, and which
  fails("the statement has 2 parameters, but 1 value is given", db.value, join, 1)
  fails("the statement has 2 parameters, but 0 values are given", db.value, join)
  fails("the statement has 2 parameters (:a, :b), but 1 value", db.value,
        "SELECT :a, :b", 1)
  fails("3 values are given, but there are 2 parameters", db.value, join, 1, 2, 3)
  fails("1 value is given, but there are 0 parameters", db.value, "SELECT 1", nil)
  fails("no value for :b", db.value, "SELECT :a, :b", {a = 1})
  fails("no parameter is named :c", db.value, "SELECT :a", {a = 1, c = 2})
  fails("parameter 1 has no name", db.value, "SELECT ?", {a = 1})
  fails("a list or has names", db.value, "SELECT ?", {1, a = 1})
  fails("a table of parameters is a list", db.value, "SELECT ?", {[true] = 1})
  fails("a table of parameters is a list", db.value, "SELECT ?", {[0] = 1})
  fails("a table of parameters is a list", db.value, "SELECT ?", {[1 << 40] = 1})

  -- each statement of op.execute takes its own share, in order
  op.create_table("t", "a", "b")
  assert(op.execute("INSERT INTO t VALUES (?, ?); SELECT 1; UPDATE t SET b = ?",
                    {1, 2, 3}) == 2)
  assert(db.row("SELECT a || b AS x FROM t").x == "13")
  assert(op.execute("DELETE FROM t WHERE a = :a; INSERT INTO t VALUES (:a, :b)",
                    {a = 1, b = 9}) == 2)
  assert(op.execute("") == 0 and op.execute("-- nothing") == 0)
  assert(op.execute("INSERT INTO t VALUES (?, ?)", 5, 6) == 1)
  fails("but 1 value is given", op.execute, "SELECT ?; SELECT ?, ?", {1, 2})
  fails("4 values are given, but there are 3", op.execute,
        "SELECT ?; SELECT ?, ?", {1, 2, 3, 4})
  fails("no parameter is named :z", op.execute, "SELECT :a", {a = 1, z = 1})

  -- a statement keeps what it was given, whatever becomes of the string
  local it = db.values("SELECT ? FROM (VALUES (1), (2))", ("k"):rep(100))
  for i = 1, 5000 do local s = ("k"):rep(100) .. i end
  assert(it() == ("k"):rep(100) and it() == ("k"):rep(100))

  local many = {}
  for i = 1, 300 do many[i] = i end
  assert(db.value("SELECT " .. ("?+"):rep(299) .. "?", many) == 45150)
  assert(db.value("SELECT " .. ("?+"):rep(249) .. "?", table.unpack(many, 1, 250))
         == 31375)
end
