-- db.json and db.unjson where a script meets its limits.
--- a document too large for the memory there is leaves nothing running [64 bits]
SELECT migrate_config('lua_memory_mb', '4');
--> '4'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  local s = "[" .. ("[1],"):rep(100000) .. "[\"x\"]]"
  for i = 1, 3 do
    local ok, e = pcall(db.unjson, s)
    assert(not ok and tostring(e):find("memory"), e)
    assert(db.json(db.unjson("[1,2.5,\"\\n\"]")) == "[1,2.5,\"\\n\"]")
  end
  op.execute("CREATE TABLE a(x)")
  local t = {("x\n"):rep(500000)}
  for i = 1, 3 do t = {t, t} end
  local ok, e = pcall(db.json, t)
  assert(not ok and e:find("the text takes more memory than scripts may use"), e)
  pcall(db.unjson, s)
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
VACUUM;
SELECT count(*) FROM a;
--> 0

--- at the top level of a script they are refused, as all of db
SELECT migrate_register('revision = db.json("a")', 'a.lua');
--! a.lua:1: db.json at the top level of a script
SELECT migrate_register('revision = db.unjson("1")', 'a.lua');
--! a.lua:1: db.unjson at the top level of a script

--- within a statement that writes and one that reads
CREATE TABLE t(id INTEGER PRIMARY KEY, doc);
INSERT INTO t VALUES(1, '{"b":[],"a":1}'), (2, '{"x":"\n"}');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  local seen = {}
  for id, doc in db.values("UPDATE t SET id = id + 10 RETURNING id, doc") do
    for other in db.values("SELECT doc FROM t") do db.unjson(other) end
    seen[#seen + 1] = db.json(db.unjson(doc))
  end
  op.execute("UPDATE t SET doc = ?", db.json(seen))
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM t;
--> 11|'["{\"a\":1,\"b\":[]}","{\"x\":\"\\n\"}"]'
--> 12|'["{\"a\":1,\"b\":[]}","{\"x\":\"\\n\"}"]'

--- an error names the revision, the line and the place in the value
SELECT migrate_register('revision = "aaaa"
function upgrade()
  db.json{rows = {1, {price = 0/0}}}
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:3): db.json: $.rows[2].price: nan has no form in JSON
