-- op.backfill: columns computed by a function, chunk by chunk
revision = "backfill"

local fails = require "fails"

local function fill(n)
  op.execute("DELETE FROM users")
  op.execute([[WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i LIMIT ?)
    INSERT INTO users(id, name) SELECT n * 3, 'F' || n || ' L' || n FROM i]], n)
end

local function split(name)
  return name:match("^(%S+)%s+(.*)$")
end

function upgrade()
  op.create_table("users", "id INTEGER PRIMARY KEY", "last", "name TEXT", "first TEXT", "calls INTEGER NOT NULL DEFAULT 0")

  -- the normal use, in chunks of every kind
  for _, chunk in ipairs{1, 2, 3, 7, 99, 100, 101, 5000, math.maxinteger} do
    fill(100)
    local n = op.backfill{table = "users", columns = {"first", "last"}, from = {"name"}, where = "first IS NULL",
      chunk = chunk, with = split}
    assert(n == 100, n)
    assert(db.value("SELECT count(*) FROM users WHERE first = 'F' || (id / 3) AND last = 'L' || (id / 3)") == 100)
    assert(op.backfill{table = "users", columns = {"first"}, where = "first IS NULL", chunk = chunk, with = split} == 0)
    -- each row once: count the calls in a column
    assert(op.backfill{table = "USERS", columns = "Calls", chunk = chunk, with = function(c) return c + 1 end} == 100)
    assert(db.value("SELECT min(calls) || max(calls) FROM users") == "11")
  end
  -- from: columns and SQL; the default is the columns
  op.backfill{table = "users", columns = {"first"}, from = {"upper(name)", "id", "calls * 2"},
    with = function(n, id, c) return n .. id .. c end}
  assert(db.value("SELECT first FROM users WHERE id = 6") == "F2 L262")
  -- what is returned: nil is NULL, also for what is missing; nothing at all leaves the row
  op.backfill{table = "users", columns = {"first", "last"}, from = {"id"}, with = function(id)
    if id == 3 then return "a" elseif id == 6 then return nil, "b" elseif id == 9 then return end
    return null, id > 100
  end}
  local r = db.row("SELECT group_concat(ifnull(first, '-') || ifnull(last, '-')) AS v FROM (SELECT * FROM users WHERE id IN (3, 6, 9, 12, 102))")
  assert(r.v == "a-,-b,F3 L392L3,-0,-1", r.v)
  -- rows that are there when it begins, and no others
  op.execute("CREATE TRIGGER more AFTER UPDATE ON users BEGIN INSERT INTO users(name) VALUES ('new'); END")
  fill(10)
  assert(op.backfill{table = "users", columns = {"first"}, chunk = 3, with = function() return "x" end} == 10)
  assert(db.value("SELECT count(*) FROM users") == 20)
  op.drop_trigger("more")
  -- empty, and nothing that fits
  op.execute("DELETE FROM users")
  assert(op.backfill{table = "users", columns = {"first"}, with = print} == 0)
  fill(3)
  assert(op.backfill{table = "users", columns = {"first"}, where = "0 OR name IS NULL -- nobody", with = print} == 0)
  -- rowids at both ends, gaps
  op.execute("DELETE FROM users")
  for _, id in ipairs{math.mininteger, math.mininteger + 1, -5, 0, 7, math.maxinteger - 1, math.maxinteger} do
    op.execute("INSERT INTO users(id) VALUES (?)", id)
  end
  for chunk = 1, 8 do
    assert(op.backfill{table = "users", columns = {"first"}, from = {"id"}, chunk = chunk, with = tostring} == 7)
    assert(db.value("SELECT count(*) FROM users WHERE first = CAST(id AS TEXT)") == 7)
    op.execute("UPDATE users SET first = NULL")
  end

  -- rowids without gaps, for a while, up to both ends; each row once
  local function dense(from, n)
    op.execute([[WITH RECURSIVE i(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM i LIMIT ?2)
      INSERT INTO users(id) SELECT ?1 + n FROM i]], from, n)
  end
  for _, chunk in ipairs{1, 3, 20, 1000} do
    op.execute("DELETE FROM users")
    dense(math.mininteger, 30)
    dense(-5, 100)
    dense(1000, 1)
    dense(5000, 70)
    dense(math.maxinteger - 29, 30)
    local seen, n = {}, 0
    assert(op.backfill{table = "users", columns = "calls", from = {"calls", "id"}, chunk = chunk, with = function(c, id)
      assert(not seen[id])
      seen[id], n = true, n + 1
      return c + 1
    end} == 231, chunk)
    assert(n == 231 and db.value("SELECT min(calls) || max(calls) FROM users") == "11")
    assert(op.backfill{table = "users", columns = "calls", where = "id % 2", chunk = chunk, with = function(c) return c + 1 end} == 115)
    assert(db.value("SELECT sum(calls) FROM users") == 231 + 115)
  end

  -- nothing returned: every kind of value stays as it was, in any order of the columns
  op.execute([[CREATE TABLE kinds(id INTEGER PRIMARY KEY, a, b TEXT, c INT NOT NULL, d);
    INSERT INTO kinds VALUES (1, NULL, 'x', 1, x'00ff'), (2, 1.5, NULL, 2, 'a' || char(0) || 'b'), (3, x'', '', 3, NULL)]])
  local was = db.value("SELECT group_concat(quote(a) || quote(b) || c || typeof(d) || hex(d)) FROM kinds")
  assert(op.backfill{table = "kinds", columns = {"d", "b", "c", "a"}, with = function() end} == 3)
  assert(db.value("SELECT group_concat(quote(a) || quote(b) || c || typeof(d) || hex(d)) FROM kinds") == was)
  assert(op.backfill{table = "kinds", columns = {"d", "b", "c", "a"}, from = {"id"}, with = function(id)
    if id == 2 then return end
    return nil, "b" .. id, id * 10, nil
  end} == 3)
  assert(db.value("SELECT group_concat(quote(a) || quote(b) || c || typeof(d) || hex(d)) FROM kinds") ==
    "NULL'b1'10null,1.5NULL2text610062,NULL'b3'30null")

  -- texts and blobs that are made for a row last until all of it is written
  op.execute([[CREATE TABLE wide(id INTEGER PRIMARY KEY, a, b, c CHECK (length(b) < 9e6), d AS (b || a));
    CREATE INDEX wide_d ON wide(d, c); CREATE INDEX wide_up ON wide(upper(b));
    CREATE TABLE log(id, a, b, c);
    CREATE TRIGGER wide_before BEFORE UPDATE ON wide BEGIN INSERT INTO log SELECT new.id, max(new.a), new.b, NULL; END;
    CREATE TRIGGER wide_after AFTER UPDATE ON wide BEGIN
      UPDATE log SET c = new.c WHERE id = new.id;
      INSERT INTO log SELECT -id, group_concat(a), min(b), c FROM (SELECT new.id AS id, new.a AS a, new.b AS b, new.c AS c) GROUP BY c;
    END]])
  op.execute("WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i LIMIT 100) INSERT INTO wide(id) SELECT n FROM i")
  assert(op.backfill{table = "wide", columns = {"c", "a", "b"}, from = {"id"}, chunk = 30, with = function(id)
    local kept = {}
    for k = 1, 20 do kept[k] = ("garbage %d %d"):format(id, k) end
    return blob(("c"):rep(id) .. id), ("a"):rep(id * 40) .. id, "b" .. id
  end} == 100)
  assert(db.value([[SELECT count(*) FROM wide WHERE b = 'b' || id AND CAST(c AS TEXT) = printf('%.*c', id, 'c') || id
    AND a = printf('%.*c', id * 40, 'a') || id]]) == 100)
  assert(db.value("SELECT count(*) FROM log JOIN wide USING (a, b, c) WHERE log.id IN (wide.id, -wide.id)") == 200)
  assert(db.value("SELECT group_concat(integrity_check) FROM pragma_integrity_check") == "ok")

  -- a table without INTEGER PRIMARY KEY; names that need quotes; a column called rowid
  op.execute([[CREATE TABLE "a b"("x y", rowid TEXT); INSERT INTO "a b" VALUES (1, 'r'), (2, 's'), (3, 't')]])
  assert(op.backfill{table = "a b", columns = {"x y"}, from = {"rowid", "x y"}, chunk = 1,
    with = function(r, x) return r .. x end} == 3)
  assert(db.value([[SELECT group_concat("x y") FROM "a b"]]) == "r1,s2,t3")
  op.execute("CREATE TABLE hidden(rowid, _rowid_, oid, v); INSERT INTO hidden(v) VALUES (1), (2)")
  assert(op.backfill{table = "hidden", columns = {"v"}, chunk = 1, with = function(v) return v * 10 end} == 2)
  assert(db.value("SELECT sum(v) FROM hidden") == 30)

  -- WITHOUT ROWID: keys of several columns, text with anything in it, blobs, collations, DESC
  op.execute([[CREATE TABLE w(a TEXT COLLATE NOCASE, b, v INTEGER DEFAULT 0, n, PRIMARY KEY(a DESC, b)) WITHOUT ROWID]])
  local count = 0
  for _, a in ipairs{"", "a", "B", "c'd", "x\0y", "\xff", "ä"} do
    for _, b in ipairs{1, 2.5, "t", "1", blob("\0\1"), math.maxinteger, math.mininteger} do
      op.execute("INSERT INTO w(a, b, n) VALUES (?, ?, ?)", a, b, count)
      count = count + 1
    end
  end
  for _, chunk in ipairs{1, 2, 5, 48, 49, 50} do
    local n = 0
    assert(op.backfill{table = "w", columns = {"v"}, from = {"v", "n"}, chunk = chunk,
      with = function(v, k) n = n + 1 return v + 1 end} == count)
    assert(n == count)
  end
  assert(db.value("SELECT min(v) || ' ' || max(v) FROM w") == "6 6")
  -- an index that the columns and the condition are in
  op.create_index("ix_first", "users", {"first"}, {where = "first IS NULL"})
  fill(1000)
  assert(op.backfill{table = "users", columns = {"first", "last"}, from = {"name"}, where = "first IS NULL", chunk = 10, with = split} == 1000)
  assert(db.value("SELECT count(*) FROM users WHERE first IS NULL") == 0)
  -- functions of the script may be used in it; with may read
  db.func("half", function(x) return x // 2 end)
  db.func("lower", function(x) return "low" end, {replace = true})
  assert(op.backfill{table = "users", columns = {"last"}, from = {"half(id)", "lower(name)"}, where = "half(id) < 10",
    with = function(h, l) return h .. l .. db.value("SELECT count(*) FROM w") end} == 6)
  assert(db.value("SELECT last FROM users WHERE id = 18") == "9low49")

  -- an error: the row is named, and nothing of the chunk stays
  fill(10)
  local function bad(id) if id == 15 then error("no fifteen") end return "x" end
  fails("table users, row 15: ", op.backfill, {table = "users", columns = {"first"}, from = {"id"}, with = bad})
  fails("no fifteen", op.backfill, {table = "users", columns = {"first"}, from = {"id"}, with = bad})
  assert(db.value("SELECT count(*) FROM users WHERE first = 'x'") == 0)
  fails("with returned 2 values for 1 column", op.backfill, {table = "users", columns = {"first"}, with = function() return 1, 2 end})
  fails("with returned a table, which is no value", op.backfill,
    {table = "users", columns = {"first", "last"}, with = function() return 1, {} end})
  fails("NOT NULL constraint failed: users.calls", op.backfill, {table = "users", columns = {"calls"}, with = function() return nil end})
  fails("may read, but not write", op.backfill, {table = "users", columns = {"first"}, with = function() op.execute("DELETE FROM users") end})
  fails("may read, but not write", op.backfill, {table = "users", columns = {"first"},
    with = function() return op.backfill{table = "users", columns = {"last"}, with = print} end})

  -- bad arguments
  fails("table expected", op.backfill, "users")
  fails("table is missing", op.backfill, {columns = "first", with = print})
  fails("with must be a function, not a nil", op.backfill, {table = "users", columns = "first"})
  fails("no column", op.backfill, {table = "users", with = print})
  fails("unknown key 'chunks'", op.backfill, {table = "users", chunks = 1})
  fails("chunk must be a whole number, 1 or more", op.backfill, {table = "users", columns = "first", with = print, chunk = 0})
  fails("chunk must be a whole number, 1 or more", op.backfill, {table = "users", columns = "first", with = print, chunk = 1.5})
  fails("no table users2", op.backfill, {table = "users2", columns = "first", with = print})
  fails("table users has no column frist", op.backfill, {table = "users", columns = "frist", with = print})
  fails("column FIRST is given twice", op.backfill, {table = "users", columns = {"first", "FIRST"}, with = print})
  fails("column id is the key", op.backfill, {table = "users", columns = {"id"}, with = print})
  fails("column b is the key", op.backfill, {table = "w", columns = {"b"}, with = print})
  fails("no such column: nope", op.backfill, {table = "users", columns = {"first"}, from = {"nope"}, with = print})
  fails("no such function: _migrate_backfill", op.execute, "SELECT _migrate_backfill(0, 1, 2)")
  fails("_migrate_backfill is for op.backfill only", op.backfill, {table = "users", columns = "first",
    with = function(v) return db.value("SELECT _migrate_backfill(0, ?, 1)", v) end})

  local many = {}
  for i = 1, 2000 do many[i] = "id" end
  fails("from gives 2000 values, and SQLite lets a function have ", op.backfill, {table = "users", columns = "first", from = many, with = print})

  -- texts in SQL are one expression each, also when there are no rows
  for _, t in ipairs{"users", "none"} do
    if t == "none" then op.create_table(t, "id INTEGER PRIMARY KEY", "first") end
    local function with(part, key, text)
      local job = {table = t, columns = "first", with = function() return 1 end, chunk = 2}
      job[key] = text
      fails(part, op.backfill, job)
    end
    with([[where "id > ?": a parameter, which has no value here]], "where", "id > ?")
    with([[from ":first": a parameter]], "from", {":first"})
    with("a `)` without its `(`", "where", "id = -1) OR (1")
    with("a `;` outside quotes", "where", "id > 1; DELETE FROM users")
    with("a comment that does not end", "where", "id > 1 /* one")
    with("a `)` without its `(`", "from", {"first), upper(first"})
    with("no such column: nope", "where", "nope")
    with("misuse of aggregate", "from", {"count(first)"})
  end
  assert(op.backfill{table = "users", columns = "first", from = "name -- all of it", where = "id < 4 -- a few", with = function() return 1 end} == 1)

  -- keys that are hard to write
  op.create_table("reals", "k REAL PRIMARY KEY", "seen INTEGER NOT NULL DEFAULT 0", {without_rowid = true})
  for _, k in ipairs{math.huge, -math.huge, 5e-324, -5e-324, 2.2250738585072014e-308, 1.513053719340604e-297,
      -6.030691199723917e-291, 1.3684279020238977e-303, -1.6167945321117114e-307, 1e-280, 0.1, -0.0, 1e300} do
    op.execute("INSERT INTO reals(k) VALUES (?)", k)
  end
  local turns = 0
  assert(op.backfill{table = "reals", columns = "seen", chunk = 1, with = function(n)
    turns = turns + 1
    assert(turns < 20)
    return n + 1
  end} == 13)
  assert(db.value("SELECT count(*) FROM reals WHERE seen = 1") == 13)
end
