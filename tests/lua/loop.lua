-- Rows may be changed while they are read
revision = "loop"

local fails = require "fails"

local function fill(n)
  op.execute("DELETE FROM t")
  op.execute("WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i LIMIT ?) INSERT INTO t(id, v, r) SELECT n, 'v' || n, n * 0.5 FROM i", n)
end

-- what a loop over all of t must see, whatever `change` does in it
local function sees(n, change)
  fill(n)
  local seen = 0
  for id, v, r in db.values("SELECT id, v, r FROM t ORDER BY id") do
    seen = seen + 1
    assert(id == seen and v == "v" .. seen and r == seen * 0.5, id)
    change(id)
  end
  assert(seen == n, seen)
  fill(n)
  seen = 0
  for row in db.rows("SELECT id, v, r AS half FROM t ORDER BY id") do
    seen = seen + 1
    assert(row.id == seen and row.v == "v" .. seen and row.half == seen * 0.5)
    change(row.id)
  end
  assert(seen == n, seen)
end

function upgrade()
  op.create_table("t", "id INTEGER PRIMARY KEY", "v", "r REAL")
  op.create_table("other", "id")

  -- the row itself, those before, those to come, and new ones
  sees(50, function(id) op.execute("UPDATE t SET v = 'new', r = NULL WHERE id = ?", id) end)
  sees(50, function(id) op.execute("UPDATE t SET v = 'new' WHERE id > ?", id) end)
  sees(50, function(id) op.execute("UPDATE t SET id = id + 1000 WHERE id = ?", id) end)
  sees(50, function(id) op.execute("DELETE FROM t WHERE id >= ?", id) end)
  sees(50, function(id) op.execute("INSERT INTO t(v) VALUES ('more')") end)
  sees(50, function(id) op.bulk_insert("t", {{v = "more"}, {v = "more"}}) end)
  sees(50, function(id) db.value("DELETE FROM t RETURNING id") end)
  sees(5, function(id) op.add_column("t", "c" .. id .. "_" .. db.value("SELECT count(*) FROM pragma_table_info('t')")) end)
  local put = db.prepare("UPDATE t SET v = upper(v), r = -r")
  sees(50, function() put() end)
  local ins = db.prepare("INSERT INTO other VALUES (?)")
  sees(50, function(id) ins(id) end)
  assert(db.value("SELECT count(*) FROM other") == 100)
  -- more than stays in memory: some megabytes of rows
  sees(30000, function(id) if id % 10000 == 2 then op.execute("UPDATE t SET v = v || '" .. ("x"):rep(100) .. "'") end end)
  fill(3)
  op.execute("UPDATE t SET v = zeroblob(1500000) WHERE id = 2")
  local sizes = {}
  for id, v in db.values("SELECT id, v FROM t") do
    op.execute("UPDATE t SET v = NULL")
    sizes[id] = v and #v
  end
  assert(sizes[1] == 2 and sizes[2] == 1500000 and sizes[3] == 2)
  -- an index that the loop goes by, and the change moves rows in
  op.create_index("ix", "t", {"v"})
  fill(100)
  local n = 0
  for id, v in db.values("SELECT id, v FROM t WHERE v > 'v' ORDER BY v") do
    n = n + 1
    op.execute("UPDATE t SET v = 'z' || v WHERE id = ?", id)
  end
  assert(n == 100 and db.value("SELECT count(*) FROM t WHERE v LIKE 'zv%'") == 100)

  -- every value is put aside and back as it is
  op.create_table("x", "v")
  local values = {1, -1, math.maxinteger, math.mininteger, 0.1, 1.0, math.huge, "", "a\0b", "\xff", ("y"):rep(70000), blob(""), blob("a\0b")}
  for _, v in ipairs(values) do op.execute("INSERT INTO x VALUES (?)", v) end
  op.execute("INSERT INTO x VALUES (NULL)")
  n = 0
  for v, nothing, kind in db.values("SELECT v, NULL, typeof(v) FROM x ORDER BY rowid") do
    n = n + 1
    op.execute("DELETE FROM x")
    assert(nothing == nil)
    if n > #values then
      assert(v == null and kind == "null")
    else
      assert(v == values[n] and math.type(v) == math.type(values[n]), n)
    end
  end
  assert(n == #values + 1)

  -- loops in loops, each of which is put aside; a loop that was not begun yet
  fill(10)
  n = 0
  for a in db.values("SELECT id FROM t ORDER BY id") do
    for b in db.values("SELECT id FROM t WHERE id <= 3 ORDER BY id") do
      op.execute("UPDATE t SET v = v || 'x' WHERE id = ?", b)
      n = n + 1
    end
  end
  assert(n == 30 and db.value("SELECT v FROM t WHERE id = 3") == "v3" .. ("x"):rep(10))
  local next_id = db.values("SELECT id FROM t ORDER BY id")
  op.execute("DELETE FROM t")
  for i = 1, 10 do assert(next_id() == i) end
  assert(next_id() == nil)

  -- a loop over what a statement writes is done at once
  fill(10)
  n = 0
  for id in db.values("UPDATE t SET v = 'u' WHERE id % 2 = 0 RETURNING id") do
    if n == 0 then assert(db.value("SELECT count(*) FROM t WHERE v = 'u'") == 5) end
    n = n + 1
    op.execute("DELETE FROM t WHERE id = ?", id)
  end
  assert(n == 5 and db.value("SELECT count(*) FROM t") == 5)
  -- leaving such a loop early leaves nothing open, and all is done
  for id in db.values("INSERT INTO t(v) VALUES (1), (2), (3) RETURNING id") do break end
  assert(db.value("SELECT count(*) FROM t") == 8)

  -- an error in what is still to be read is raised where it is put aside
  db.func("trap", function(id) if id == 9 then error("trapped") end return id end)
  fill(10)
  fails("trapped", function()
    for id in db.values("SELECT trap(id) FROM t ORDER BY id") do op.execute("UPDATE t SET v = 1") end
  end)
  assert(db.value("SELECT count(*) FROM t WHERE v = 1") == 0)
  n = 0
  fails("trapped", function() for id in db.values("SELECT trap(id) FROM t ORDER BY id") do n = n + 1 end end)
  assert(n == 8)

  -- whoever catches it there gets it again, behind the rows that there are
  n = 0
  fails("trapped", function()
    for id in db.values("SELECT trap(id) FROM t ORDER BY id") do
      n = n + 1
      assert(pcall(op.execute, "UPDATE t SET v = 2") == (n > 1))
    end
  end)
  assert(n == 8 and db.value("SELECT count(*) FROM t WHERE v = 2") == 10)
end
