-- A batch: several changes, gathered, then done at once or not at all.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, mail TEXT, age INT);
CREATE TABLE pets(user_id INT REFERENCES users(id) ON DELETE CASCADE, name TEXT);
CREATE INDEX users_age ON users(age);
CREATE VIEW names AS SELECT id, name FROM users;
CREATE TABLE log(what);
CREATE TRIGGER users_ad AFTER DELETE ON users BEGIN INSERT INTO log VALUES(old.id); END;
INSERT INTO users VALUES(1, 'Ann', 'a@x', 30), (4, 'Bo', NULL, 20);
INSERT INTO pets VALUES(1, 'cat'), (4, 'dog');
CREATE TEMP TABLE was AS SELECT type, name, tbl_name, sql FROM sqlite_schema;

--- every kind of change in one (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT NOT NULL DEFAULT ''Rome''", {after = "id"})
    t.add_column({name = "born", type = "INT", nullable = false}, {using = "2025 - age"})
    t.alter_column("mail", {default = "''''", type = "VARCHAR(80)"})
    t.alter_column("name", {name = "nick", nullable = false})
    t.create_unique_constraint("one_nick", "nick")
    t.create_check_constraint("young", "born > 1900")
    t.drop_index("users_age")
    t.drop_column("age")
    t.create_index("users_born", {"born"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, town TEXT NOT NULL DEFAULT ''Rome'', nick TEXT NOT NULL, mail VARCHAR(80) DEFAULT '''', born INT NOT NULL, CONSTRAINT one_nick UNIQUE (nick), CONSTRAINT young CHECK (born > 1900))'
SELECT * FROM users;
--> 1|'Rome'|'Ann'|'a@x'|1995
--> 4|'Rome'|'Bo'|NULL|2005
SELECT id, nick FROM names;
--> 1|'Ann'
--> 4|'Bo'
SELECT name FROM sqlite_schema WHERE tbl_name = 'users' AND sql IS NOT NULL ORDER BY rowid;
--> 'users'
--> 'users_ad'
--> 'users_born'
SELECT count(*) FROM pets;
--> 2
SELECT * FROM log;
DELETE FROM users WHERE id = 4;
SELECT name FROM pets;
--> 'cat'
PRAGMA integrity_check;
--> 'ok'

--- every kind of change in one (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT NOT NULL DEFAULT ''Rome''", {after = "id"})
    t.add_column({name = "born", type = "INT", nullable = false}, {using = "2025 - age"})
    t.alter_column("mail", {default = "''''", type = "VARCHAR(80)"})
    t.alter_column("name", {name = "nick", nullable = false})
    t.create_unique_constraint("one_nick", "nick")
    t.create_check_constraint("young", "born > 1900")
    t.drop_index("users_age")
    t.drop_column("age")
    t.create_index("users_born", {"born"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, town TEXT NOT NULL DEFAULT ''Rome'', nick TEXT NOT NULL, mail VARCHAR(80) DEFAULT '''', born INT NOT NULL, CONSTRAINT one_nick UNIQUE (nick), CONSTRAINT young CHECK (born > 1900))'
SELECT * FROM users;
--> 1|'Rome'|'Ann'|'a@x'|1995
--> 4|'Rome'|'Bo'|NULL|2005
SELECT id, nick FROM names;
--> 1|'Ann'
--> 4|'Bo'
SELECT name FROM sqlite_schema WHERE tbl_name = 'users' AND sql IS NOT NULL ORDER BY rowid;
--> 'users'
--> 'users_ad'
--> 'users_born'
SELECT count(*) FROM pets;
--> 2
SELECT * FROM log;
DELETE FROM users WHERE id = 4;
SELECT name FROM pets;
--> 'cat'
PRAGMA integrity_check;
--> 'ok'

--- each change sees the names that those before it left (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("name", {name = "tmp"})
    t.alter_column("mail", {name = "name"})
    t.alter_column("tmp", {name = "mail"})
    t.alter_column("mail", {nullable = false})
    t.add_column("extra INT DEFAULT 1", {after = "mail"})
    t.alter_column("extra", {name = "more", type = "BIGINT"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name IN ('users', 'names') ORDER BY 1;
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, more BIGINT DEFAULT 1, name TEXT, age INT)'
--> 'CREATE VIEW names AS SELECT id, mail FROM users'
SELECT * FROM users;
--> 1|'Ann'|1|'a@x'|30
--> 4|'Bo'|1|NULL|20

--- each change sees the names that those before it left (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("name", {name = "tmp"})
    t.alter_column("mail", {name = "name"})
    t.alter_column("tmp", {name = "mail"})
    t.alter_column("mail", {nullable = false})
    t.add_column("extra INT DEFAULT 1", {after = "mail"})
    t.alter_column("extra", {name = "more", type = "BIGINT"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name IN ('users', 'names') ORDER BY 1;
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, more BIGINT DEFAULT 1, name TEXT, age INT)'
--> 'CREATE VIEW names AS SELECT id, mail FROM users'
SELECT * FROM users;
--> 1|'Ann'|1|'a@x'|30
--> 4|'Bo'|1|NULL|20

--- a column that is added and dropped again, one that is dropped and added anew (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("x INT NOT NULL DEFAULT 1")
    t.drop_column("x")
    t.drop_column("mail")
    t.add_column("mail TEXT DEFAULT ''new''")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, age INT, mail TEXT DEFAULT ''new'')'
SELECT * FROM users;
--> 1|'Ann'|30|'new'
--> 4|'Bo'|20|'new'

--- a column that is added and dropped again, one that is dropped and added anew (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("x INT NOT NULL DEFAULT 1")
    t.drop_column("x")
    t.drop_column("mail")
    t.add_column("mail TEXT DEFAULT ''new''")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, age INT, mail TEXT DEFAULT ''new'')'
SELECT * FROM users;
--> 1|'Ann'|30|'new'
--> 4|'Bo'|20|'new'

--- using= of an added column reads the old row, whatever happens to it (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("info TEXT", {using = "name || '' '' || age"})
    t.alter_column("age", {type = "TEXT"})
    t.alter_column("name", {name = "nick"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, nick, typeof(age), info FROM users;
--> 1|'Ann'|'text'|'Ann 30'
--> 4|'Bo'|'text'|'Bo 20'

--- using= of an added column reads the old row, whatever happens to it (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("info TEXT", {using = "name || '' '' || age"})
    t.alter_column("age", {type = "TEXT"})
    t.alter_column("name", {name = "nick"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, nick, typeof(age), info FROM users;
--> 1|'Ann'|'text'|'Ann 30'
--> 4|'Bo'|'text'|'Bo 20'

--- the same with the object's colon, and a batch without changes
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t:add_column("x INT DEFAULT 1")
    t:alter_column("x", {name = "y"})
    t:create_index("users_y", {"y"}, {unique = false})
    t:drop_index("users_age")
  end)
  op.batch_alter_table("users", function(t) end)
  op.batch_alter_table("users", function(t) end, {recreate = "never"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, mail TEXT, age INT, y INT DEFAULT 1)'
SELECT name FROM pragma_index_list('users');
--> 'users_y'

--- an empty batch with recreate="always": all is as before
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t) end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT * FROM users;
--> 1|'Ann'|'a@x'|30
--> 4|'Bo'|NULL|20
SELECT count(*) FROM pets;
--> 2
SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' ORDER BY rowid;
--> 'users'
--> 'pets'
--> 'users_age'
--> 'names'
--> 'log'
--> 'users_ad'

--- recreate="never": what needs no rebuild
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT DEFAULT ''x''")
    t.alter_column("mail", {name = "post", type = "VARCHAR(9)"})
    t.alter_column("name", {nullable = false})
    t.create_check_constraint("c", "age > 0")
  end, {recreate = "never"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, post VARCHAR(9), age INT, town TEXT DEFAULT ''x'', CONSTRAINT c CHECK (age > 0))'

--- recreate="never": what needs one is refused with the reason
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT")
    t.alter_column("age", {type = "TEXT"})
  end, {recreate = "never"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! users
--! never
--! age
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t) t.add_column("town TEXT", {after = "id"}) end, {recreate = "never"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! never
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t) t.create_unique_constraint("u", "mail") end, {recreate = "never"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! never
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("users", function(t) end, {recreate = "sometimes"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! sometimes
--! always

--- one change that cannot be made undoes them all (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT DEFAULT ''x''")
    t.drop_index("users_age")
    t.alter_column("mail", {nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! mail
--! rowid 4
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT type, name, tbl_name, sql FROM was EXCEPT SELECT type, name, tbl_name, sql FROM sqlite_schema;
SELECT * FROM users;
--> 1|'Ann'|'a@x'|30
--> 4|'Bo'|NULL|20

--- one change that cannot be made undoes them all (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT DEFAULT ''x''")
    t.drop_index("users_age")
    t.alter_column("mail", {nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! mail
--! rowid 4
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT type, name, tbl_name, sql FROM was EXCEPT SELECT type, name, tbl_name, sql FROM sqlite_schema;
SELECT * FROM users;
--> 1|'Ann'|'a@x'|30
--> 4|'Bo'|NULL|20

--- an error inside the function: nothing is done, though the script goes on (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  local ok, why = pcall(op.batch_alter_table, "users", function(t)
    t.drop_column("mail")
    error("stop here")
  end, {recreate = "auto"})
  assert(not ok and tostring(why):find("stop here", 1, true), tostring(why))
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- an error inside the function: nothing is done, though the script goes on (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  local ok, why = pcall(op.batch_alter_table, "users", function(t)
    t.drop_column("mail")
    error("stop here")
  end, {recreate = "always"})
  assert(not ok and tostring(why):find("stop here", 1, true), tostring(why))
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- ... and when it is not caught, it names the line
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_column("mail")
    t.drop_colum("age")
  end)
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:5)
--! drop_colum
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- a change that fails is caught: the table is as it was, and the script goes on (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  local ok, why = pcall(op.batch_alter_table, "users", function(t)
    t.add_column("town TEXT DEFAULT ''x''")
    t.alter_column("mail", {nullable = false})
  end, {recreate = "auto"})
  assert(not ok and tostring(why):find("rowid 4", 1, true), tostring(why))
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {nullable = false, using = "coalesce(mail, '''')"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, mail TEXT NOT NULL, age INT)'
SELECT mail FROM users;
--> 'a@x'
--> ''

--- a change that fails is caught: the table is as it was, and the script goes on (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  local ok, why = pcall(op.batch_alter_table, "users", function(t)
    t.add_column("town TEXT DEFAULT ''x''")
    t.alter_column("mail", {nullable = false})
  end, {recreate = "always"})
  assert(not ok and tostring(why):find("rowid 4", 1, true), tostring(why))
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {nullable = false, using = "coalesce(mail, '''')"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, mail TEXT NOT NULL, age INT)'
SELECT mail FROM users;
--> 'a@x'
--> ''

--- t after the end
SELECT migrate_register('revision = "aaaa"
function upgrade()
  local keep
  op.batch_alter_table("users", function(t) keep = t end)
  keep.drop_column("mail")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:5)
--! batch
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- ... also after an error, and one of its functions kept
SELECT migrate_register('revision = "aaaa"
function upgrade()
  local keep, drop
  pcall(op.batch_alter_table, "users", function(t) keep, drop = t, t.drop_column; error("x") end)
  assert(not pcall(function() keep.drop_column("mail") end))
  assert(not pcall(drop, "mail"))
  op.batch_alter_table("users", function(t)
    assert(not pcall(drop, "mail"))
    t.add_column("x")
  end)
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, mail TEXT, age INT, x)'

--- a batch in a batch, and other ops in one
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("x INT")
    op.batch_alter_table("pets", function(p) p.add_column("y INT") end)
    op.execute("INSERT INTO log VALUES(''in the middle'')")
    t.add_column("z INT")
  end)
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name IN ('users', 'pets') ORDER BY 1;
--> 'CREATE TABLE pets(user_id INT REFERENCES users(id) ON DELETE CASCADE, name TEXT, y INT)'
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, mail TEXT, age INT, x INT, z INT)'
SELECT * FROM log;
--> 'in the middle'

--- wrong arguments name the function and the place
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:3)
--! batch_alter_table
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t) t.add_column() end)
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! revision bbbb (b.lua:3)
--! add_column
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t) t.alter_column("age", {typ = "TEXT"}) end)
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! revision cccc (c.lua:3)
--! typ
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("nowhere", function(t) t.drop_column("x") end)
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! nowhere

--- a batch on a table that the revision has just made, and filled (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_table("fresh", "id INTEGER PRIMARY KEY", "user_id INT REFERENCES users(id) ON DELETE CASCADE", "v TEXT")
  op.bulk_insert("fresh", {{id = 3, user_id = 1, v = "7"}, {id = 9, user_id = 4, v = "8"}})
  op.batch_alter_table("fresh", function(t)
    t.alter_column("v", {type = "INT"})
    t.add_column("w TEXT NOT NULL", {using = "v || ''w''"})
  end, {recreate = "auto"})
  op.bulk_insert("fresh", {{user_id = 1, v = 9, w = "x"}})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, user_id, typeof(v), v, w FROM fresh;
--> 3|1|'integer'|7|'7w'
--> 9|4|'integer'|8|'8w'
--> 10|1|'integer'|9|'x'
DELETE FROM users WHERE id = 1;
SELECT id FROM fresh;
--> 9

--- a batch on a table that the revision has just made, and filled (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_table("fresh", "id INTEGER PRIMARY KEY", "user_id INT REFERENCES users(id) ON DELETE CASCADE", "v TEXT")
  op.bulk_insert("fresh", {{id = 3, user_id = 1, v = "7"}, {id = 9, user_id = 4, v = "8"}})
  op.batch_alter_table("fresh", function(t)
    t.alter_column("v", {type = "INT"})
    t.add_column("w TEXT NOT NULL", {using = "v || ''w''"})
  end, {recreate = "always"})
  op.bulk_insert("fresh", {{user_id = 1, v = 9, w = "x"}})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, user_id, typeof(v), v, w FROM fresh;
--> 3|1|'integer'|7|'7w'
--> 9|4|'integer'|8|'8w'
--> 10|1|'integer'|9|'x'
DELETE FROM users WHERE id = 1;
SELECT id FROM fresh;
--> 9

--- several batches on one table, in several revisions (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t) t.add_column("a INT DEFAULT 1") end, {recreate = "auto"})
  op.batch_alter_table("users", function(t) t.alter_column("a", {type = "TEXT"}) end, {recreate = "auto"})
end
function downgrade()
  op.batch_alter_table("users", function(t) t.drop_column("a") end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t) t.alter_column("a", {name = "b", nullable = false}) end, {recreate = "auto"})
end
function downgrade()
  op.batch_alter_table("users", function(t) t.alter_column("b", {name = "a", nullable = true}) end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade();
--> 1
SELECT typeof(b), b FROM users;
--> 'text'|'1'
--> 'text'|'1'
SELECT migrate_downgrade('base');
--> 2
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT * FROM users;
--> 1|'Ann'|'a@x'|30
--> 4|'Bo'|NULL|20
SELECT count(*) FROM pets;
--> 2

--- several batches on one table, in several revisions (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t) t.add_column("a INT DEFAULT 1") end, {recreate = "always"})
  op.batch_alter_table("users", function(t) t.alter_column("a", {type = "TEXT"}) end, {recreate = "always"})
end
function downgrade()
  op.batch_alter_table("users", function(t) t.drop_column("a") end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t) t.alter_column("a", {name = "b", nullable = false}) end, {recreate = "always"})
end
function downgrade()
  op.batch_alter_table("users", function(t) t.alter_column("b", {name = "a", nullable = true}) end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade();
--> 1
SELECT typeof(b), b FROM users;
--> 'text'|'1'
--> 'text'|'1'
SELECT migrate_downgrade('base');
--> 2
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT * FROM users;
--> 1|'Ann'|'a@x'|30
--> 4|'Bo'|NULL|20
SELECT count(*) FROM pets;
--> 2
