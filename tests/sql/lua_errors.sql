--- an error has its revision, path and line, also in a helper
SELECT migrate_register('revision = "a"
local function helper()
  op.execute("INSERT INTO nowhere VALUES (1)")
end
function upgrade()
  helper()
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a.lua:3): no such table: nowhere; in: INSERT INTO nowhere VALUES (1)
SELECT count(*) FROM sqlite_schema;
--> 0

--- a runtime error of Lua, a tail call, an argument
SELECT migrate_register('revision = "a"
function upgrade()
  local x
  x.y = 1
end
function downgrade() end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a.lua:4): attempt to index a nil value (local 'x')
SELECT migrate_register('revision = "b"
function upgrade()
  return op.drop_table("nope")
end', 'b.lua');
--> 'b'
SELECT migrate_upgrade('b');
--! revision b (b.lua:3): no such table: main.nope; in: DROP TABLE main.nope
SELECT migrate_register('revision = "c"
function upgrade()
  op.drop_table(nil)
end', 'c.lua');
--> 'c'
SELECT migrate_upgrade('c');
--! revision c (c.lua:3): bad argument #1 to 'drop_table' (string expected, got nil)
SELECT migrate_register('revision = "d"
function upgrade()
  ("x"):rep(1, 2, {}, error("level 0", 0))
end', 'd.lua');
--> 'd'
SELECT migrate_upgrade('d');
--! revision d (d.lua:3): level 0

--- an error that is no text still says something
SELECT migrate_register('revision = "a"
function upgrade()
  error({})
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a.lua:3): error() was given a table value, not a text
SELECT migrate_register('revision = "b" function upgrade() error() end', 'b.lua');
--> 'b'
SELECT migrate_upgrade('b');
--! revision b (b.lua:1): error() was given a nil value, not a text
SELECT migrate_register('revision = "c" function upgrade()
  error(setmetatable({}, {__tostring = function() return "said so" end}))
end', 'c.lua');
--> 'c'
SELECT migrate_upgrade('c');
--! revision c (c.lua:2): said so
SELECT migrate_register('revision = "d" function upgrade() error(42) end', 'd.lua');
--> 'd'
SELECT migrate_upgrade('d');
--! revision d (d.lua:1): 42
SELECT migrate_register('revision = "e" function upgrade()
  error(setmetatable({}, {__tostring = function() error("again") end}))
end', 'e.lua');
--> 'e'
SELECT migrate_upgrade('e');
--! revision e (e.lua

--- an error in a coroutine, in a sort, in a handler
SELECT migrate_register('revision = "a"
function upgrade()
  coroutine.wrap(function()
    op.execute("nonsense")
  end)()
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a.lua:4): near "nonsense": syntax error; in: nonsense
SELECT migrate_register('revision = "b"
function upgrade()
  table.sort({3, 2, 1}, function(a, b)
    return db.value("SELECT nope")
  end)
end', 'b.lua');
--> 'b'
SELECT migrate_upgrade('b');
--! revision b (b.lua:4): no such column: nope; in: SELECT nope

--- a function without end is an error
SELECT migrate_register('revision = "a"
function f(...) return 1 + f(...) end
function upgrade() f(table.unpack({}, 1, 200)) end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a.lua:2): lua's own stack is full (LUAI_MAXSTACK, 1000000 values), and no setting raises that

--- the code of an error travels with it
SELECT migrate_register('revision = "a"
function upgrade()
  op.create_table("t", "x UNIQUE")
  op.bulk_insert("t", {{x = 1}, {x = 1}})
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a.lua:4): row 2: UNIQUE constraint failed: t.x; in: INSERT INTO

--- a script cannot leave the transaction, or catch that it lost it
SELECT migrate_register('revision = "a"
function upgrade()
  for _, sql in ipairs{"COMMIT", "ROLLBACK", "BEGIN", "END", "SAVEPOINT x",
      "RELEASE x", "ATTACH '':memory:'' AS y", "DETACH main", "VACUUM",
      " /* x */ COMMIT", "EXPLAIN COMMIT", "SELECT 1; COMMIT"} do
    local ok = pcall(op.execute, sql)
    assert(not ok, sql)
  end
  op.create_table("t", "x UNIQUE ON CONFLICT ROLLBACK")
  op.execute("INSERT INTO t VALUES (1)")
  pcall(op.execute, "INSERT INTO t VALUES (1)")
  op.execute("CREATE TABLE escaped(x)")
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! UNIQUE constraint failed: t.x
SELECT count(*) FROM sqlite_schema;
--> 0

--- a script without upgrade cannot be run
SELECT migrate_register('revision = "a"', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! upgrade

--- a prepared statement does not outlive its script
SELECT migrate_config('directory', 'm'), migrate_init('m') IS NOT NULL;
--> 'm'|1
SELECT writefile('m/env.lua', 'args.box = {}') > 0;
--> 1
SELECT migrate_register('revision = "a1"
function upgrade()
  args.box.put = db.prepare("SELECT 1")
  args.box.it = db.rows("SELECT 1")
  assert(args.box.put() == 1)
end', 'a.lua');
--> 'a1'
SELECT migrate_register('revision, down_revision = "b1", "a1"
function upgrade()
  assert(not pcall(args.box.it))
  args.box.put()
end', 'b.lua');
--> 'b1'
SELECT migrate_upgrade();
--! revision b1 (b.lua:4): the statement was used after its script ended

--- an error of the first script does not lend its code to the second
SELECT migrate_register('revision = "a"
function upgrade()
  local ok, e = pcall(op.execute, "nonsense")
  error(e, 0)
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a.lua:3): near "nonsense": syntax error
