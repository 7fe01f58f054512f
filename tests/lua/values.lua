-- Values cross exactly, both ways
revision = "values"

local function same(v, type_)
  local got, sql = db.value("SELECT ?1", v), db.value("SELECT typeof(?1)", v)
  assert(sql == type_, ("%s: %s, not %s"):format(tostring(v), sql, type_))
  assert(got == v and math.type(got) == math.type(v), tostring(v))
end

local function fails(part, f, ...)
  local ok, e = pcall(f, ...)
  assert(not ok and e:find(part, 1, true), tostring(e))
end

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

  -- what is no value is refused, by its number or name
  fails("parameter 2 is a table", db.value, "SELECT ?, ?", 1, {})
  fails("parameter 1 is a function", db.value, "SELECT ?", print)
  fails("parameter :a is a thread", db.value, "SELECT :a",
        {a = coroutine.create(print)})
end
