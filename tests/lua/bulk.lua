-- op.bulk_insert: rows that differ, values that matter
revision = "bulk"

local fails = require "fails"

function upgrade()
  op.create_table("some table", "id INTEGER PRIMARY KEY",
                  "\"order\" DEFAULT 'none'", "x DEFAULT 'x'")
  local t = "some table"
  assert(op.bulk_insert(t, {}) == 0)
  assert(op.bulk_insert(t, {{id = 1, order = "a", x = null}, {id = 2},
    {}, {order = blob("b"), id = 4}, {id = 5, order = math.mininteger}}) == 5)
  local got = {}
  for id, o, x in db.values('SELECT * FROM "some table"') do got[id] = {o, x} end
  assert(got[1][1] == "a" and got[1][2] == nil)
  assert(got[2][1] == "none" and got[2][2] == "x")
  assert(got[3][1] == "none" and got[4][1] == blob("b"))
  assert(got[5][1] == math.mininteger)

  -- more kinds of rows than statements are kept
  op.create_table("wide", "a", "b", "c", "d", "e", "f")
  local rows = {}
  for i = 0, 639 do
    local row = {}
    for k = 0, 5 do
      if (i >> k) & 1 == 1 then row[("abcdef"):sub(k + 1, k + 1)] = i end
    end
    rows[#rows + 1] = row
  end
  assert(op.bulk_insert("wide", rows) == 640)
  assert(db.value("SELECT count(a) FROM wide") == 320)
  assert(db.value("SELECT count(*) FROM wide WHERE a IS NULL AND b IS NULL "
    .. "AND c IS NULL AND d IS NULL AND e IS NULL AND f IS NULL") == 10)

  -- errors name the row
  fails("row 2: UNIQUE constraint failed", op.bulk_insert, t,
        {{id = 100}, {id = 1}})
  fails("row 1: no such table", op.bulk_insert, "nowhere", {{a = 1}})
  fails("has no column named z", op.bulk_insert, "wide",
        {{z = 1}})
  fails("row 3: column b: a table is no value", op.bulk_insert, "wide",
        {{a = 1}, {b = 1}, {b = {}}})
  fails("row 1: a row is a map", op.bulk_insert, "wide", {{1, 2}})
  fails("row 2: it is a number, not a map", op.bulk_insert, "wide", {{}, 1})
  fails("table expected", op.bulk_insert, "wide")
  fails("a list of rows is wanted", op.bulk_insert, "wide", {{a = 1}, x = {a = 2}})
  fails("a list of rows is wanted", op.bulk_insert, "wide", {[0] = {a = 1}, {a = 2}})
  local holes = {}
  holes[1], holes[3] = {a = 1}, {a = 3}
  fails("has holes", op.bulk_insert, "wide", holes)
  fails("has holes", op.bulk_insert, "wide", {[math.maxinteger] = {a = 1}})
  fails("row 1: column a is given twice, also as A", op.bulk_insert, "wide", {{a = 1, A = 2, b = 3}})
  fails("string expected", op.bulk_insert, 1, {})
end
