-- Values cross exactly, both ways
revision = "values"

local function same(v, type_)
  local got, sql = db.value("SELECT ?1", v), db.value("SELECT typeof(?1)", v)
  assert(sql == type_, ("%s: %s, not %s"):format(tostring(v), sql, type_))
  assert(got == v and math.type(got) == math.type(v), tostring(v))
end

local fails = require "fails"

function upgrade()
  -- integers at both ends
  for _, i in ipairs{0, 1, -1, math.maxinteger, math.mininteger,
      1 << 53, (1 << 53) + 1} do same(i, "integer") end
  assert(db.value("SELECT 9223372036854775807") == math.maxinteger)
  assert(db.value("SELECT -9223372036854775808") == math.mininteger)

  -- floats, also those that look like integers
  for _, r in ipairs{1.0, 0.1, -2.5, 1e300, 5e-324, 1.7976931348623157e308,
      0.1 + 0.2, 9007199254740993.0, 1/0, -1/0} do same(r, "real") end
  assert(math.type(db.value("SELECT 2.0")) == "float")
  assert(db.value("SELECT typeof(?)", 0/0) == "null")
  assert(db.value("SELECT ?", 0/0) == nil)

  -- text: NUL bytes, every byte, invalid UTF-8, empty
  local all = {}
  for i = 0, 255 do all[#all + 1] = string.char(i) end
  all = table.concat(all)
  for _, s in ipairs{"", "a\0b", "\0", "\xff\xfe\x80", "grün", all} do
    same(s, "text")
  end
  assert(db.value("SELECT length(CAST(? AS BLOB))", all) == 256)
  assert(db.value("SELECT hex(?)", "a\0b") == "610062")

  -- blobs stay blobs
  local b = blob("a\0\xff")
  assert(db.value("SELECT typeof(?)", b) == "blob")
  local got = db.value("SELECT ?", b)
  assert(got == b and tostring(got) == "a\0\xff" and #got == 3)
  assert(db.value("SELECT typeof(?)", got) == "blob")
  assert(blob("a") ~= blob("b") and blob("") == db.value("SELECT x''"))
  assert(#db.value("SELECT zeroblob(100000)") == 100000)
  assert(blob(b) == b)
  assert(blob("a") ~= "a")
  fails("string expected", blob)
  fails("string expected", blob, {})

  -- booleans are numbers; NULL is nil or null
  assert(db.value("SELECT ?", true) == 1 and db.value("SELECT ?", false) == 0)
  assert(db.value("SELECT ? IS NULL", nil) == 1)
  assert(db.value("SELECT ? IS NULL", null) == 1)
  assert(db.value("SELECT NULL") == nil)
  assert(tostring(null) == "null" and null == null and null ~= nil)

  -- stored and read back the same
  op.create_table("v", "id INTEGER PRIMARY KEY", "x")
  local put = db.prepare("INSERT INTO v VALUES (?, ?)")
  local list = {math.mininteger, 1.0, -1/0, "a\0b", "\xc3(", blob("\0")}
  for i, x in ipairs(list) do put(i, x) end
  for id, x in db.values("SELECT id, x FROM v ORDER BY id") do
    assert(x == list[id] and math.type(x) == math.type(list[id]))
  end

  -- what a double is in its bits: -0.0, denormals, the largest
  local bits = {-0.0, 5e-324, 2.2250738585072009e-308, 2.2250738585072014e-308,
    1.7976931348623157e308, 0.1, 1e-300, 9007199254740992.0, 2.0 ^ 63}
  for i, r in ipairs(bits) do
    local back = db.value("SELECT ?", r)
    assert(string.pack("<d", back) == string.pack("<d", r))
    put(100 + i, r)
    back = db.value("SELECT x FROM v WHERE id = ?", 100 + i)
    assert(string.pack("<d", back) == string.pack("<d", r))
    assert(db.value("SELECT typeof(x) FROM v WHERE id = ?", 100 + i) == "real")
  end

  -- an affinity is the column's, not ours
  op.create_table("kinds", "id INTEGER PRIMARY KEY", "n", "i INTEGER", "r REAL",
                  "t TEXT", "b BLOB")
  op.bulk_insert("kinds", {
    {id = 1, n = 1.0, i = 1.0, r = 1, t = 1.5, b = 1.0},
    {id = 2, n = "1", i = "1", r = "1", t = "1", b = "1"},
    {id = 3, n = true, i = false, t = true, b = blob("1")}})
  assert(db.value([[SELECT group_concat(typeof(n) || typeof(i) || typeof(r) ||
    typeof(t) || typeof(b)) FROM kinds]]) ==
    "realintegerrealtextreal,textintegerrealtexttext,integerintegernulltextblob")

  -- null everywhere
  op.create_table("n", "a", "b", "c DEFAULT 'x'")
  assert(op.bulk_insert("n", {{a = null, b = 1, c = null}, {b = 2}}) == 2)
  assert(op.execute("INSERT INTO n VALUES (?, ?, ?)", {null, 3, null}) == 1)
  assert(op.execute("INSERT INTO n VALUES (:a, :b, :c)", {a = null, b = 4,
    c = null}) == 1)
  assert(op.execute("INSERT INTO n VALUES (?, ?, ?)", nil, 5, nil) == 1)
  local ins = db.prepare("INSERT INTO n VALUES (?, ?, ?) RETURNING a, b, c")
  local a, b5, c = ins(null, 6, nil)
  assert(a == nil and b5 == 6 and c == nil)
  assert(select("#", ins(nil, 7, null)) == 3)
  assert(db.value("SELECT count(*) FROM n WHERE a IS NULL") == 7)
  assert(db.value("SELECT count(c) FROM n") == 1)
  for a, b, c in db.values("SELECT a, b, c FROM n WHERE b <> 2") do
    assert(a == null and b and c == nil)
  end
  for a, b, c in db.values("SELECT b, a, c FROM n WHERE b = 6") do
    assert(a == 6 and b == nil and c == nil)
  end
  for row in db.rows("SELECT a, b, c FROM n WHERE b = 6") do
    assert(row.a == nil and row.b == 6 and next(row, "b") == nil)
  end

  -- every byte, and every pair with NUL, in text and in blobs, in any column
  op.create_table("bytes", "id INTEGER PRIMARY KEY", "t TEXT", "b BLOB")
  local rows, ones = {}, {"", "\0", "\0\0"}
  for i = 0, 255 do
    local c = string.char(i)
    for _, s in ipairs{c, "\0" .. c, c .. "\0", c .. c} do ones[#ones + 1] = s end
  end
  for i, s in ipairs(ones) do rows[i] = {id = i, t = s, b = blob(s)} end
  op.bulk_insert("bytes", rows)
  for id, t, b in db.values("SELECT id, t, b FROM bytes") do
    assert(t == ones[id] and b == blob(ones[id]) and #b == #ones[id])
  end
  assert(db.value("SELECT count(*) FROM bytes WHERE typeof(t) = 'text' AND " ..
    "typeof(b) = 'blob' AND hex(t) = hex(b) AND hex(t) = hex(CAST(b AS TEXT))")
    == #ones)
  assert(db.value("SELECT typeof(?)", "") == "text")
  assert(db.value("SELECT typeof(?)", blob("")) == "blob")
  assert(db.value("SELECT hex(?)", blob("")) == "")

  -- long ones
  local long = ("0123456789abcde\0"):rep(200000)
  same(long, "text")
  assert(db.value("SELECT ?", blob(long)) == blob(long))
  put(1000, long)
  put(1001, blob(long))
  assert(db.value("SELECT x FROM v WHERE id = 1000") == long)
  assert(tostring(db.value("SELECT x FROM v WHERE id = 1001")) == long)
  assert(db.value("SELECT length(CAST(x AS BLOB)) FROM v WHERE id = 1000")
         == 3200000)

  -- a default is the value that it was given as
  local defaults = {math.mininteger, math.maxinteger, 1.0, -0.0, 0.1, 1e-300,
    5e-324, 1 / 0, -1 / 0, true, false, blob("\0\xff"), blob(""), 1e15, -1.5}
  for i, d in ipairs(defaults) do
    op.create_table("d" .. i, "id", {name = "x", default = d})
    op.execute(("INSERT INTO d%d(id) VALUES (1)"):format(i))
    local got = db.value(("SELECT x FROM d%d"):format(i))
    local want = d == true and 1 or d == false and 0 or d
    assert(got == want and math.type(got) == math.type(want), tostring(d))
    assert(want ~= 0 or 1 / got == 1 / want)
  end

  -- what is no value is refused, by its number or name
  fails("parameter 2 is a table", db.value, "SELECT ?, ?", 1, {})
  fails("parameter 1 is a function", db.value, "SELECT ?", print)
  fails("parameter :a is a thread", db.value, "SELECT :a",
        {a = coroutine.create(print)})
end
