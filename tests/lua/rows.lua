-- Reading: rows, values, row, value, prepare
revision = "rows"

local fails = require "fails"

function upgrade()
  op.create_table("t", "id INTEGER PRIMARY KEY", "name TEXT")
  op.bulk_insert("t", {{id = 1, name = "a"}, {id = 2}, {id = 3, name = "c"}})

  -- rows: tables by column name, NULL is nil
  local n = 0
  for row in db.rows("SELECT * FROM t ORDER BY id") do
    n = n + 1
    assert(row.id == n and row.name == ({"a", nil, "c"})[n])
  end
  assert(n == 3)

  -- values: the columns; a NULL comes as nil, but as null in the first place
  local seen = {}
  for name, id in db.values("SELECT name, id FROM t ORDER BY id") do
    seen[id] = name
  end
  assert(seen[1] == "a" and seen[2] == null and seen[3] == "c")
  for id, name in db.values("SELECT id, name FROM t WHERE id = 2") do
    assert(name == nil)
  end

  -- leaving a loop closes its statement at once: the table can be dropped
  for row in db.rows("SELECT * FROM t") do break end
  for id in db.values("SELECT id FROM t") do if id == 2 then break end end
  local ok = pcall(function()
    for row in db.rows("SELECT * FROM t") do error("out") end
  end)
  assert(not ok)
  op.rename_table("t", "u")
  op.drop_table("u")
  op.create_table("t", "id INTEGER PRIMARY KEY", "name TEXT")

  -- a loop sees the table as it was when the loop began, even when it is gone
  op.bulk_insert("t", {{id = 1}, {id = 2}})
  local left = {}
  for id in db.values("SELECT id FROM t") do
    left[#left + 1] = id
    if id == 1 then op.drop_table("t") end
  end
  assert(#left == 2)
  op.create_table("t", "id INTEGER PRIMARY KEY", "name TEXT")
  op.bulk_insert("t", {{id = 1}, {id = 2}})

  -- loops inside loops, and an iterator called by hand
  n = 0
  for a in db.values("SELECT id FROM t") do
    for b in db.values("SELECT id FROM t WHERE id >= ?", a) do n = n + b end
  end
  assert(n == 5)
  local next_row = db.rows("SELECT id FROM t ORDER BY id")
  assert(next_row().id == 1 and next_row().id == 2)
  assert(next_row() == nil and next_row() == nil)

  -- row and value; nil without a row
  assert(db.row("SELECT 1 AS a, 'b' AS \"x y\"")["x y"] == "b")
  assert(db.row("SELECT 1 WHERE 0") == nil)
  assert(db.value("SELECT 1 WHERE 0") == nil)
  assert(select("#", db.value("SELECT 1 WHERE 0")) == 1)
  assert(next(db.row("SELECT NULL AS a")) == nil)

  -- a statement that writes, and returns rows, is done to its end
  assert(db.value("INSERT INTO t VALUES (8, 'x'), (9, 'y') RETURNING id") == 8)
  assert(db.value("SELECT count(*) FROM t") == 4)
  assert(db.row("UPDATE t SET name = 'z' RETURNING name").name == "z")
  assert(db.value("SELECT count(*) FROM t WHERE name = 'z'") == 4)
  n = 0
  for id in db.values("DELETE FROM t WHERE id > 7 RETURNING id") do n = n + id end
  assert(n == 17)

  -- prepared: the changed rows of a write, the first row of a query
  local put <close> = db.prepare("INSERT INTO t VALUES (?, ?)")
  assert(put(10, "j") == 1 and put(11, nil) == 1 and put(12, null) == 1)
  local get = db.prepare("SELECT id, name FROM t WHERE id = ?")
  local id, name = get(10)
  assert(id == 10 and name == "j")
  id, name = get(11)
  assert(id == 11 and name == nil)
  assert(select("#", get(99)) == 0)
  assert(db.prepare("UPDATE t SET name = 1 WHERE id >= ?")(10) == 3)
  assert(db.prepare("UPDATE t SET name = 1 WHERE id = 99")() == 0)
  assert(db.prepare("CREATE INDEX i ON t(name)")() == 0)
  fails("UNIQUE constraint failed", put, 10, "again")
  assert(put(13, "after an error") == 1)
  assert(get{10} == 10)
  op.drop_index("i")

  -- garbage statements are closed
  for i = 1, 2000 do
    db.prepare("SELECT id FROM t")()
    local it = db.rows("SELECT id FROM t")
    it()
  end

  -- one statement, and only what a revision may run
  fails("db.rows takes one statement", db.rows, "SELECT 1; SELECT 2")
  fails("db.value: the text holds no statement", db.value, " -- nothing")
  assert(db.value("SELECT 1; -- and a comment\n ;") == 1)
  fails("string expected", db.value)
  fails("string expected", db.value, 1)
  fails("no such column: nope", db.value, "SELECT nope")
  fails("COMMIT", db.value, "COMMIT")
  fails("ATTACH", db.prepare, "ATTACH ':memory:' AS x")
  fails("BEGIN", op.execute, "BEGIN")
  fails("NUL", db.value, "SELECT 1\0")
  assert(db.value("SELECT count(*) FROM t") == 6)

  -- a function that fails while rows are read
  fails("integer overflow", function()
    for x in db.values("SELECT abs(column1) FROM (VALUES (1), (-9223372036854775808))") do end
  end)
end
