--- memory is limited, by name
SELECT migrate_config('lua_memory_mb', '2');
--> '2'
SELECT migrate_register('revision = "a"
function upgrade()
  local t = {}
  for i = 1, 1e9 do t[i] = i end
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a.lua:4): lua memory limit of 2 MB reached; raise it with migrate_config('lua_memory_mb', ...)
SELECT migrate_register('revision = "b"
function upgrade() string.rep("x", 3 << 20) end', 'b.lua');
--> 'b'
SELECT migrate_upgrade('b');
--! revision b (b.lua:2): lua memory limit of 2 MB reached

--- a script that catches the limit goes on with what it has
SELECT migrate_config('lua_memory_mb', '2');
--> '2'
SELECT migrate_register('revision = "a"
function upgrade()
  local ok, e = pcall(string.rep, "x", 1 << 30)
  assert(not ok and e == "not enough memory")
  op.create_table("t", "x")
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1

--- a loop over many rows holds only what it keeps
SELECT migrate_config('lua_memory_mb', '1');
--> '1'
SELECT migrate_register('revision = "a"
function upgrade()
  local n = 0
  for row in db.rows([[WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1
                       FROM n WHERE i < 3000)
                       SELECT i, printf("%500d", i) AS text FROM n]]) do
    n = n + #row.text
  end
  assert(n == 1500000)
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1
