-- Data migrations: db.func, op.backfill, loops that write.

--- a backfill: a function gets columns of each row and gives others
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, email TEXT);
INSERT INTO users VALUES (1, 'Ada Lovelace', 'Ada@Example.COM'), (2, 'Alan Turing', 'ALAN@example.com'), (3, 'Plato', NULL);
SELECT migrate_register('-- Split names
revision = "split"
function upgrade()
  op.add_column("users", "first TEXT")
  op.add_column("users", "last TEXT")
  op.backfill{table = "users", columns = {"first", "last", "email"}, from = {"name", "email"},
    with = function(name, email)
      local first, last = name:match("^(%S+)%s+(.*)$")
      return first or name, last, email and email:lower()
    end}
  op.drop_column("users", "name")
end
function downgrade()
  op.add_column("users", "name TEXT", {after = "id", using = "first || ifnull('' '' || last, '''')"})
  op.drop_column("users", "last")
  op.drop_column("users", "first")
end', 'split.lua');
--> 'split'
SELECT migrate_upgrade();
--> 1
SELECT * FROM users;
--> 1|'ada@example.com'|'Ada'|'Lovelace'
--> 2|'alan@example.com'|'Alan'|'Turing'
--> 3|NULL|'Plato'|NULL
SELECT migrate_downgrade();
--> 1
SELECT * FROM users;
--> 1|'Ada Lovelace'|'ada@example.com'
--> 2|'Alan Turing'|'alan@example.com'
--> 3|'Plato'|NULL

--- a function for SQL, gone with its script
CREATE TABLE posts(id INTEGER PRIMARY KEY, title TEXT, slug TEXT);
INSERT INTO posts(title) VALUES ('Hello, World'), ('Two Words');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  db.func("slug", function(s) return (s:lower():gsub("%W+", "-")) end)
  op.execute("UPDATE posts SET slug = slug(title)")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT slug FROM posts;
--> 'hello-world'
--> 'two-words'
SELECT slug('x');
--! no such function: slug (the script that made it has ended)
SELECT migrate_register('revision = "bbbb" down_revision = "aaaa"
function upgrade() op.execute("UPDATE posts SET slug = slug(title)") end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade();
--! revision bbbb (b.lua:2): no such function: slug
SELECT migrate_register('revision = "cccc" down_revision = "aaaa"
function upgrade()
  db.func("slug", function(s) return "again" end)
  op.execute("UPDATE posts SET slug = slug(title) WHERE id = 1")
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--> 1
SELECT slug FROM posts;
--> 'again'
--> 'two-words'

--- what is replaced for a script is the host's afterwards, at once
CREATE TABLE t(a);
INSERT INTO t VALUES ('Ab');
CREATE INDEX ix ON t(lower(a));
SELECT migrate_register('revision = "aaaa"
function upgrade()
  db.func("lower", function(s) return "mine" end, {replace = true})
  op.execute("UPDATE t SET a = lower(a) || upper(a)")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade(), lower('X');
--> 1|'x'
SELECT a, lower(a) FROM t WHERE lower(a) = 'mineab';
--> 'mineAB'|'mineab'
PRAGMA integrity_check;
--> 'ok'

--- an error in a function, or in a backfill, names the places and leaves nothing
CREATE TABLE t(id INTEGER PRIMARY KEY, v);
INSERT INTO t(v) VALUES (1), (2), ('x'), (4);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.execute("CREATE TABLE other(a)")
  op.backfill{table = "t", columns = {"v"}, chunk = 1,
    with = function(v) return v + 1 end}
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! migrate_upgrade: revision aaaa (a.lua:4): table t, row 3: a.lua:5: attempt to add a 'string' with a 'number'
SELECT group_concat(v) FROM t;
--> '1,2,x,4'
SELECT count(*) FROM sqlite_schema WHERE name = 'other';
--> 0
SELECT migrate_register('revision = "bbbb"
function upgrade()
  db.func("f",
    function(v) error("not " .. v) end)
  op.execute("UPDATE t SET v = f(v)")
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! migrate_upgrade: revision bbbb (b.lua:5): b.lua:4: not 1; in: UPDATE t SET v = f(v)

--- limits hold in a function that SQL calls
CREATE TABLE t(id INTEGER PRIMARY KEY, v);
WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i LIMIT 1000) INSERT INTO t SELECT n, n FROM i;
SELECT migrate_config('lua_memory_mb', '4');
--> '4'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  local kept = {}
  op.backfill{table = "t", columns = {"v"}, with = function(v) kept[#kept + 1] = ("x"):rep(10000) .. v end}
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! lua memory limit of 4 MB reached

--- foreign keys: what a backfill breaks fails the step, what it mends is mended
PRAGMA foreign_keys = ON;
CREATE TABLE parent(id INTEGER PRIMARY KEY, code TEXT UNIQUE);
CREATE TABLE child(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent ON DELETE CASCADE, code TEXT REFERENCES parent(code) ON UPDATE CASCADE);
INSERT INTO parent VALUES (1, 'a'), (2, 'b');
INSERT INTO child VALUES (1, 1, 'a'), (2, 2, 'b'), (3, NULL, NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.backfill{table = "child", columns = {"parent"}, from = {"id"}, with = function(id) return id end}
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua)
--! child
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.backfill{table = "parent", columns = {"code"}, with = function(code) return code .. "!" end}
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! child
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.backfill{table = "parent", columns = {"code"}, with = function(code) return code .. "!" end}
  op.backfill{table = "child", columns = {"code"}, where = "code IS NOT NULL", with = function(code) return code .. "!" end}
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--> 1
SELECT * FROM child;
--> 1|1|'a!'
--> 2|2|'b!'
--> 3|NULL|NULL
PRAGMA foreign_key_check;
PRAGMA foreign_keys;
--> 1

--- in chunks that commit by themselves SQLite enforces the foreign keys
PRAGMA foreign_keys = ON;
CREATE TABLE parent(id INTEGER PRIMARY KEY, code TEXT UNIQUE);
CREATE TABLE child(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent, code TEXT REFERENCES parent(code) ON UPDATE CASCADE);
INSERT INTO parent VALUES (1, 'a'), (2, 'b');
INSERT INTO child VALUES (1, 1, 'a'), (2, 2, 'b'), (3, NULL, NULL);
SELECT migrate_register('revision = "aaaa" transactional = false
function upgrade()
  op.backfill{table = "child", columns = {"parent"}, from = {"id"}, chunk = 1, with = function(id) return id end}
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! FOREIGN KEY constraint failed
--! unfinished
SELECT group_concat(ifnull(parent, '-')) FROM child;
--> '1,2,-'
INSERT INTO parent VALUES (3, 'c');
SELECT migrate_upgrade();
--> 1
SELECT group_concat(ifnull(parent, '-')) FROM child;
--> '1,2,3'
SELECT migrate_register('revision = "bbbb" down_revision = "aaaa" transactional = false
function upgrade()
  op.backfill{table = "parent", columns = {"code"}, chunk = 1, with = function(code) return code .. "!" end}
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade();
--> 1
SELECT group_concat(ifnull(code, '-')) FROM child;
--> 'a!,b!,-'

--- triggers of the table run, as with any UPDATE; another database's table is left alone
ATTACH ':memory:' AS two;
CREATE TABLE t(id INTEGER PRIMARY KEY, v);
CREATE TABLE two.t(id INTEGER PRIMARY KEY, v);
INSERT INTO t VALUES (1, 1);
INSERT INTO two.t VALUES (1, 2), (2, 3);
CREATE TEMP TABLE seen(v);
CREATE TEMP TRIGGER tr AFTER UPDATE OF v ON two.t BEGIN INSERT INTO seen VALUES (new.v); END;
SELECT migrate_config('schema', 'two');
--> 'two'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.backfill{table = "t", columns = {"v"}, with = function(v) return v * 10 end}
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT group_concat(v) FROM two.t;
--> '20,30'
SELECT v FROM main.t;
--> 1
SELECT group_concat(v) FROM seen;
--> '20,30'

--- in UTF-16 too
PRAGMA encoding = 'UTF-16le';
CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO w VALUES ('ä', 1), ('b', 2), ('日本', 3), ('', 4);
SELECT migrate_register('revision = "aaaa" transactional = false
function upgrade()
  op.backfill{table = "w", columns = {"v"}, from = {"k", "v"}, chunk = 1, with = function(k, v) return k .. v end}
  db.func("twice", function(s) return s .. s end)
  op.execute("UPDATE w SET v = twice(v)")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT v FROM w ORDER BY k;
--> '44'
--> 'b2b2'
--> 'ä1ä1'
--> '日本3日本3'

--- what cannot be gone through is refused
CREATE VIEW v AS SELECT 1 AS a;
CREATE VIRTUAL TABLE f USING fts5(a);
SELECT migrate_register('revision = "aaaa"
function upgrade() op.backfill{table = "v", columns = "a", with = print} end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! v is a view
SELECT migrate_register('revision = "bbbb"
function upgrade() op.backfill{table = "f", columns = "a", with = print} end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! virtual
SELECT migrate_register('revision = "cccc"
function upgrade() op.backfill{table = "_migrate_log", columns = "message", with = print} end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! _migrate_log

--- infinities are keys, too
CREATE TABLE inf(k REAL PRIMARY KEY, n INT DEFAULT 0) WITHOUT ROWID;
INSERT INTO inf(k) VALUES (9e999), (-9e999), (0.1), (1e300), (-5.5);
SELECT migrate_register('-- Infinite
revision = "aaaa"
function upgrade()
  for chunk = 1, 6 do
    op.backfill{table = "inf", columns = {"n"}, chunk = chunk, with = function(n) return n + 1 end}
  end
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT group_concat(n) FROM inf;
--> '6,6,6,6,6'

--- functions go with their own script, not when another one is read
SELECT migrate_register('local id = "aaaa"
revision = id
function upgrade()
  db.func("f", function(v) return v + 1 end)
  assert(db.value("SELECT count(*) FROM migrate_history") == 1)
  assert(db.value("SELECT f(1)") == 2)
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
