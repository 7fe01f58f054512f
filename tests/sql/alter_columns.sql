-- Columns are added anywhere, in every form, and dropped with what is theirs.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INT);
CREATE TABLE pets(user_id INT REFERENCES users(id) ON DELETE CASCADE, name TEXT);
CREATE INDEX users_age ON users(age);
CREATE VIEW names AS SELECT name FROM users;
CREATE TABLE log(what);
CREATE TRIGGER users_ai AFTER INSERT ON users BEGIN INSERT INTO log VALUES(new.name); END;
INSERT INTO users VALUES(1, 'Ann', 30), (4, 'Bo', NULL), (9, 'Cy', 20);
INSERT INTO pets VALUES(1, 'cat'), (9, 'dog');
DELETE FROM log;
CREATE TEMP TABLE was AS SELECT type, name, tbl_name, sql FROM sqlite_schema;

--- after, before, first and last
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("users", "a INT", {after = "id"})
  op.add_column("users", "b INT", {before = "id"})
  op.add_column("users", "c INT", {after = "age"})
  op.add_column("users", "d INT", {before = "age"})
  op.add_column("users", {name = "e", type = "TEXT", default = "''x''"}, {after = "b"})
end
function downgrade()
  op.drop_column("users", "e")
  op.drop_column("users", "d")
  op.drop_column("users", "c")
  op.drop_column("users", "b")
  op.drop_column("users", "a")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(b INT, e TEXT DEFAULT ''x'', id INTEGER PRIMARY KEY, a INT, name TEXT NOT NULL, d INT, age INT, c INT)'
SELECT * FROM users;
--> NULL|'x'|1|NULL|'Ann'|NULL|30|NULL
--> NULL|'x'|4|NULL|'Bo'|NULL|NULL|NULL
--> NULL|'x'|9|NULL|'Cy'|NULL|20|NULL
SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' ORDER BY rowid;
--> 'users'
--> 'pets'
--> 'users_age'
--> 'names'
--> 'log'
--> 'users_ai'
SELECT count(*) FROM pets;
--> 2
SELECT migrate_downgrade();
--> 1
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT * FROM users;
--> 1|'Ann'|30
--> 4|'Bo'|NULL
--> 9|'Cy'|20
SELECT * FROM log;

--- using= fills it for the rows there are (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("twice INT", {using = "age * 2"})
    t.add_column("key TEXT NOT NULL", {using = "lower(name) || id", after = "name"})
    t.add_column("late TEXT DEFAULT ''later''", {using = "''now''"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM users;
--> 1|'Ann'|'ann1'|30|60|'now'
--> 4|'Bo'|'bo4'|NULL|NULL|'now'
--> 9|'Cy'|'cy9'|20|40|'now'
INSERT INTO users(id, name, "key") VALUES(10, 'Di', 'di');
SELECT twice, late FROM users WHERE id = 10;
--> NULL|'later'
INSERT INTO users(id, name) VALUES(11, 'Ed');
--! NOT NULL constraint failed: users.key
SELECT count(*) FROM pets;
--> 2

--- using= fills it for the rows there are (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("twice INT", {using = "age * 2"})
    t.add_column("key TEXT NOT NULL", {using = "lower(name) || id", after = "name"})
    t.add_column("late TEXT DEFAULT ''later''", {using = "''now''"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM users;
--> 1|'Ann'|'ann1'|30|60|'now'
--> 4|'Bo'|'bo4'|NULL|NULL|'now'
--> 9|'Cy'|'cy9'|20|40|'now'
INSERT INTO users(id, name, "key") VALUES(10, 'Di', 'di');
SELECT twice, late FROM users WHERE id = 10;
--> NULL|'later'
INSERT INTO users(id, name) VALUES(11, 'Ed');
--! NOT NULL constraint failed: users.key
SELECT count(*) FROM pets;
--> 2

--- using= is converted as the column's affinity does; what does not fit is named (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("n INT", {using = "CAST(id AS TEXT)"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT typeof(n), n FROM users;
--> 'integer'|1
--> 'integer'|4
--> 'integer'|9
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("m INT NOT NULL", {using = "age"})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! m
--! rowid 4
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("m INT CHECK (m < 9)", {using = "id"})
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! rowid 9
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("m INT", {using = "nothing"})
  end, {recreate = "auto"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! nothing
SELECT name FROM pragma_table_info('users');
--> 'id'
--> 'name'
--> 'age'
--> 'n'

--- using= is converted as the column's affinity does; what does not fit is named (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("n INT", {using = "CAST(id AS TEXT)"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT typeof(n), n FROM users;
--> 'integer'|1
--> 'integer'|4
--> 'integer'|9
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("m INT NOT NULL", {using = "age"})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! m
--! rowid 4
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("m INT CHECK (m < 9)", {using = "id"})
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! rowid 9
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("m INT", {using = "nothing"})
  end, {recreate = "always"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! nothing
SELECT name FROM pragma_table_info('users');
--> 'id'
--> 'name'
--> 'age'
--> 'n'

--- NOT NULL needs a value for the rows there are (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT NOT NULL")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! users.town
--! NOT NULL
--! using
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT NOT NULL DEFAULT ''Rome''")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT id, town FROM users;
--> 1|'Rome'
--> 4|'Rome'
--> 9|'Rome'

--- NOT NULL needs a value for the rows there are (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT NOT NULL")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! users.town
--! NOT NULL
--! using
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT NOT NULL DEFAULT ''Rome''")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT id, town FROM users;
--> 1|'Rome'
--> 4|'Rome'
--> 9|'Rome'

--- ... but a table without rows takes it as it is (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("pets", function(t) t.add_column("n INT") end, {recreate = "auto"})
  op.execute("DELETE FROM pets")
  op.batch_alter_table("pets", function(t) t.add_column("at INT NOT NULL") end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'pets';
--> 'CREATE TABLE pets(user_id INT REFERENCES users(id) ON DELETE CASCADE, name TEXT, n INT, at INT NOT NULL)'

--- ... but a table without rows takes it as it is (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("pets", function(t) t.add_column("n INT") end, {recreate = "always"})
  op.execute("DELETE FROM pets")
  op.batch_alter_table("pets", function(t) t.add_column("at INT NOT NULL") end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'pets';
--> 'CREATE TABLE pets(user_id INT REFERENCES users(id) ON DELETE CASCADE, name TEXT, n INT, at INT NOT NULL)'

--- a default that is computed: each row gets its value (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("made TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP")
    t.add_column("day TEXT DEFAULT CURRENT_DATE", {after = "id"})
    t.add_column("n INT DEFAULT (1 + 1)")
    t.add_column("r DEFAULT (random())")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, length(made), length(day), n, typeof(r) FROM users;
--> 1|19|10|2|'integer'
--> 4|19|10|2|'integer'
--> 9|19|10|2|'integer'
SELECT dflt_value FROM pragma_table_info('users') WHERE dflt_value IS NOT NULL;
--> 'CURRENT_DATE'
--> 'CURRENT_TIMESTAMP'
--> '1 + 1'
--> 'random()'

--- a default that is computed: each row gets its value (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("made TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP")
    t.add_column("day TEXT DEFAULT CURRENT_DATE", {after = "id"})
    t.add_column("n INT DEFAULT (1 + 1)")
    t.add_column("r DEFAULT (random())")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, length(made), length(day), n, typeof(r) FROM users;
--> 1|19|10|2|'integer'
--> 4|19|10|2|'integer'
--> 9|19|10|2|'integer'
SELECT dflt_value FROM pragma_table_info('users') WHERE dflt_value IS NOT NULL;
--> 'CURRENT_DATE'
--> 'CURRENT_TIMESTAMP'
--> '1 + 1'
--> 'random()'

--- UNIQUE (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("code TEXT UNIQUE COLLATE NOCASE", {using = "''c'' || id"})
    t.add_column("rare INT CONSTRAINT one_rare UNIQUE ON CONFLICT REPLACE")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, code, rare FROM users;
--> 1|'c1'|NULL
--> 4|'c4'|NULL
--> 9|'c9'|NULL
INSERT INTO users(name, code) VALUES('Di', 'C4');
--! UNIQUE constraint failed: users.code
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INT, code TEXT UNIQUE COLLATE NOCASE, rare INT CONSTRAINT one_rare UNIQUE ON CONFLICT REPLACE)'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("same INT UNIQUE DEFAULT 5")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! same
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("same INT UNIQUE", {using = "length(name) / 3"})
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! same
PRAGMA integrity_check;
--> 'ok'

--- UNIQUE (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("code TEXT UNIQUE COLLATE NOCASE", {using = "''c'' || id"})
    t.add_column("rare INT CONSTRAINT one_rare UNIQUE ON CONFLICT REPLACE")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, code, rare FROM users;
--> 1|'c1'|NULL
--> 4|'c4'|NULL
--> 9|'c9'|NULL
INSERT INTO users(name, code) VALUES('Di', 'C4');
--! UNIQUE constraint failed: users.code
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INT, code TEXT UNIQUE COLLATE NOCASE, rare INT CONSTRAINT one_rare UNIQUE ON CONFLICT REPLACE)'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("same INT UNIQUE DEFAULT 5")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! same
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("same INT UNIQUE", {using = "length(name) / 3"})
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! same
PRAGMA integrity_check;
--> 'ok'

--- PRIMARY KEY: the rowid, or of what using= gives (auto)
CREATE TABLE t(a TEXT);
CREATE TABLE u(a TEXT);
INSERT INTO t(rowid, a) VALUES(7, 'x'), (2, 'y');
INSERT INTO u(rowid, a) VALUES(7, 'x'), (2, 'y');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t) t.add_column("id INTEGER PRIMARY KEY", {before = "a"}) end, {recreate = "auto"})
  op.batch_alter_table("u", function(t) t.add_column("k TEXT PRIMARY KEY NOT NULL", {using = "a || a"}) end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, * FROM t;
--> 2|2|'y'
--> 7|7|'x'
SELECT rowid, * FROM u;
--> 2|'y'|'yy'
--> 7|'x'|'xx'
INSERT INTO u VALUES('z', 'yy');
--! UNIQUE constraint failed: u.k
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("k TEXT PRIMARY KEY", {using = "name"})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! primary key

--- PRIMARY KEY: the rowid, or of what using= gives (always)
CREATE TABLE t(a TEXT);
CREATE TABLE u(a TEXT);
INSERT INTO t(rowid, a) VALUES(7, 'x'), (2, 'y');
INSERT INTO u(rowid, a) VALUES(7, 'x'), (2, 'y');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t) t.add_column("id INTEGER PRIMARY KEY", {before = "a"}) end, {recreate = "always"})
  op.batch_alter_table("u", function(t) t.add_column("k TEXT PRIMARY KEY NOT NULL", {using = "a || a"}) end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, * FROM t;
--> 2|2|'y'
--> 7|7|'x'
SELECT rowid, * FROM u;
--> 2|'y'|'yy'
--> 7|'x'|'xx'
INSERT INTO u VALUES('z', 'yy');
--! UNIQUE constraint failed: u.k
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("k TEXT PRIMARY KEY", {using = "name"})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! primary key

--- PRIMARY KEY AUTOINCREMENT (auto)
CREATE TABLE t(a TEXT);
INSERT INTO t(rowid, a) VALUES(7, 'x'), (2, 'y');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.add_column("id INTEGER PRIMARY KEY AUTOINCREMENT", {before = "a"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, * FROM t;
--> 2|2|'y'
--> 7|7|'x'
DELETE FROM t WHERE id = 7;
INSERT INTO t(a) VALUES('z');
SELECT id FROM t;
--> 2
--> 8

--- PRIMARY KEY AUTOINCREMENT (always)
CREATE TABLE t(a TEXT);
INSERT INTO t(rowid, a) VALUES(7, 'x'), (2, 'y');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.add_column("id INTEGER PRIMARY KEY AUTOINCREMENT", {before = "a"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, * FROM t;
--> 2|2|'y'
--> 7|7|'x'
DELETE FROM t WHERE id = 7;
INSERT INTO t(a) VALUES('z');
SELECT id FROM t;
--> 2
--> 8

--- REFERENCES with a default, CHECK, a generated column that is stored (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("boss INT DEFAULT 1 REFERENCES users(id) ON DELETE SET NULL")
    t.add_column("level INT NOT NULL DEFAULT 3 CHECK (level BETWEEN 1 AND 5)")
    t.add_column("score INT AS (level * 10) STORED", {after = "id"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, score, boss, level FROM users;
--> 1|30|1|3
--> 4|30|1|3
--> 9|30|1|3
UPDATE users SET level = 6;
--! CHECK constraint failed
DELETE FROM users WHERE id = 1;
SELECT id, boss FROM users;
--> 4|NULL
--> 9|NULL
PRAGMA foreign_key_check;
SELECT name FROM pets;
--> 'dog'

--- REFERENCES with a default, CHECK, a generated column that is stored (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("boss INT DEFAULT 1 REFERENCES users(id) ON DELETE SET NULL")
    t.add_column("level INT NOT NULL DEFAULT 3 CHECK (level BETWEEN 1 AND 5)")
    t.add_column("score INT AS (level * 10) STORED", {after = "id"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, score, boss, level FROM users;
--> 1|30|1|3
--> 4|30|1|3
--> 9|30|1|3
UPDATE users SET level = 6;
--! CHECK constraint failed
DELETE FROM users WHERE id = 1;
SELECT id, boss FROM users;
--> 4|NULL
--> 9|NULL
PRAGMA foreign_key_check;
SELECT name FROM pets;
--> 'dog'

--- REFERENCES that the default does not meet (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("boss INT DEFAULT 77 REFERENCES users(id)")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! users
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- REFERENCES that the default does not meet (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("boss INT DEFAULT 77 REFERENCES users(id)")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! users
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- a CHECK that the rows there are do not meet (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("level INT DEFAULT 3 CHECK (level > age)")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! level > age
--! rowid 1
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- a CHECK that the rows there are do not meet (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("level INT DEFAULT 3 CHECK (level > age)")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! level > age
--! rowid 1
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- a column with every ending a text can have
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("users", "a INT -- with a comment")
  op.add_column("users", "b TEXT DEFAULT ''-- no comment'' /* one */")
  op.add_column("users", [["c d" VARCHAR(10) DEFAULT ''it''''s'']])
  op.add_column("users", "e")
  op.add_column("users", "f INT", {after = "a"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name FROM pragma_table_info('users');
--> 'id'
--> 'name'
--> 'age'
--> 'a'
--> 'f'
--> 'b'
--> 'c d'
--> 'e'
SELECT a, f, b, "c d", e FROM users WHERE id = 1;
--> NULL|NULL|'-- no comment'|'it''s'|NULL

--- what cannot be added
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("users", "name TEXT")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! name
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.add_column("users", "x INT", {after = "nmae"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! nmae
--! name
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.add_column("users", "x INT", {after = "name", before = "age"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! revision cccc
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.add_column("users", "x INT, y INT")
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! revision dddd
SELECT migrate_register('revision = "eeee"
function upgrade()
  op.add_column("users", "CHECK (age > 0)")
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! revision eeee
SELECT migrate_register('revision = "ffff"
function upgrade()
  op.add_column("user", "x INT")
end', 'f.lua');
--> 'ffff'
SELECT migrate_upgrade('ffff');
--! user
--! users
SELECT migrate_register('revision = "gggg"
function upgrade()
  op.add_column("users", "x INT", {afer = "name"})
end', 'g.lua');
--> 'gggg'
SELECT migrate_upgrade('gggg');
--! afer
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- dropped: the first, the last, several (auto)
CREATE TABLE t(a TEXT, b INT, c REAL, d, e);
INSERT INTO t(rowid, a, b, c, d, e) VALUES(9, 'a', 1, 1.5, 'd', x'00'), (3, 'z', 2, NULL, 'e', NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("a")
    t.drop_column("e")
    t.drop_column("c")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, * FROM t;
--> 3|2|'e'
--> 9|1|'d'
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(b INT, d)'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("d")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("b")
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! b
SELECT rowid, * FROM t;
--> 3|2
--> 9|1

--- dropped: the first, the last, several (always)
CREATE TABLE t(a TEXT, b INT, c REAL, d, e);
INSERT INTO t(rowid, a, b, c, d, e) VALUES(9, 'a', 1, 1.5, 'd', x'00'), (3, 'z', 2, NULL, 'e', NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("a")
    t.drop_column("e")
    t.drop_column("c")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, * FROM t;
--> 3|2|'e'
--> 9|1|'d'
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(b INT, d)'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("d")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("b")
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! b
SELECT rowid, * FROM t;
--> 3|2
--> 9|1

--- dropped: with its own UNIQUE, CHECK, REFERENCES, PRIMARY KEY (auto)
CREATE TABLE t(
  id INTEGER PRIMARY KEY,
  a TEXT UNIQUE,
  b INT CHECK (b > 0) CONSTRAINT small CHECK (b < 9),
  c INT REFERENCES users(id) ON DELETE CASCADE,
  d INT,
  e TEXT,
  f INT,
  z INT DEFAULT 5,
  CHECK (d <> 3),
  CONSTRAINT one_e UNIQUE (e),
  CONSTRAINT fk_f FOREIGN KEY (f) REFERENCES users(id)
);
INSERT INTO t VALUES(5, 'a', 1, 1, 2, 'e', 4, 6), (8, 'b', NULL, NULL, NULL, NULL, NULL, NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("a")
    t.drop_column("b")
    t.drop_column("c")
    t.drop_column("d")
    t.drop_column("e")
    t.drop_column("f")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(
-->   id INTEGER PRIMARY KEY,
-->   z INT DEFAULT 5
--> )'
SELECT * FROM t;
--> 5|6
--> 8|NULL
SELECT name FROM sqlite_schema WHERE tbl_name = 't';
--> 't'
DELETE FROM users WHERE id IN (1, 4);
SELECT count(*) FROM t;
--> 2
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("id")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(
-->   z INT DEFAULT 5
--> )'
SELECT rowid, z FROM t;
--> 5|6
--> 8|NULL
PRAGMA integrity_check;
--> 'ok'

--- dropped: with its own UNIQUE, CHECK, REFERENCES, PRIMARY KEY (always)
CREATE TABLE t(
  id INTEGER PRIMARY KEY,
  a TEXT UNIQUE,
  b INT CHECK (b > 0) CONSTRAINT small CHECK (b < 9),
  c INT REFERENCES users(id) ON DELETE CASCADE,
  d INT,
  e TEXT,
  f INT,
  z INT DEFAULT 5,
  CHECK (d <> 3),
  CONSTRAINT one_e UNIQUE (e),
  CONSTRAINT fk_f FOREIGN KEY (f) REFERENCES users(id)
);
INSERT INTO t VALUES(5, 'a', 1, 1, 2, 'e', 4, 6), (8, 'b', NULL, NULL, NULL, NULL, NULL, NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("a")
    t.drop_column("b")
    t.drop_column("c")
    t.drop_column("d")
    t.drop_column("e")
    t.drop_column("f")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(
-->   id INTEGER PRIMARY KEY,
-->   z INT DEFAULT 5
--> )'
SELECT * FROM t;
--> 5|6
--> 8|NULL
SELECT name FROM sqlite_schema WHERE tbl_name = 't';
--> 't'
DELETE FROM users WHERE id IN (1, 4);
SELECT count(*) FROM t;
--> 2
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("id")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(
-->   z INT DEFAULT 5
--> )'
SELECT rowid, z FROM t;
--> 5|6
--> 8|NULL
PRAGMA integrity_check;
--> 'ok'

--- dropped: a text key of its own (auto)
CREATE TABLE t(k TEXT PRIMARY KEY, v INT);
CREATE TABLE u(k TEXT, v INT, CONSTRAINT pk PRIMARY KEY (k));
INSERT INTO t(rowid, k, v) VALUES(6, 'a', 1), (3, 'b', 2);
INSERT INTO u(rowid, k, v) VALUES(6, 'a', 1), (3, 'b', 2);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t) t.drop_column("k") end, {recreate = "auto"})
  op.batch_alter_table("u", function(t) t.drop_column("k") end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE tbl_name IN ('t', 'u') ORDER BY 1;
--> 'CREATE TABLE t(v INT)'
--> 'CREATE TABLE u(v INT)'
SELECT t.rowid, t.v, u.rowid, u.v FROM t JOIN u ON t.v = u.v ORDER BY 1;
--> 3|2|3|2
--> 6|1|6|1

--- dropped: a text key of its own (always)
CREATE TABLE t(k TEXT PRIMARY KEY, v INT);
CREATE TABLE u(k TEXT, v INT, CONSTRAINT pk PRIMARY KEY (k));
INSERT INTO t(rowid, k, v) VALUES(6, 'a', 1), (3, 'b', 2);
INSERT INTO u(rowid, k, v) VALUES(6, 'a', 1), (3, 'b', 2);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t) t.drop_column("k") end, {recreate = "always"})
  op.batch_alter_table("u", function(t) t.drop_column("k") end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE tbl_name IN ('t', 'u') ORDER BY 1;
--> 'CREATE TABLE t(v INT)'
--> 'CREATE TABLE u(v INT)'
SELECT t.rowid, t.v, u.rowid, u.v FROM t JOIN u ON t.v = u.v ORDER BY 1;
--> 3|2|3|2
--> 6|1|6|1

--- not dropped: what is about another column, too (auto)
CREATE TABLE t2(a INT, b INT, c INT, d INT, e INT CHECK (e <> g), f INT, g INT, h INT, v INT AS (f + 1),
  PRIMARY KEY(a, h), UNIQUE(b, h), CONSTRAINT less CHECK (c < h), FOREIGN KEY(d, h) REFERENCES t2(a, h));
INSERT INTO t2(a, h) VALUES(1, 1);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("a")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! PRIMARY KEY(a, h)
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("b")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! UNIQUE(b, h)
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("c")
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! less
--! c < h
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("d")
  end, {recreate = "auto"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! FOREIGN KEY(d, h)
SELECT migrate_register('revision = "eeee"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("g")
  end, {recreate = "auto"})
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! e <> g
SELECT migrate_register('revision = "ffff"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("f")
  end, {recreate = "auto"})
end', 'f.lua');
--> 'ffff'
SELECT migrate_upgrade('ffff');
--! v
--! f + 1
SELECT count(*) FROM pragma_table_xinfo('t2');
--> 9

--- not dropped: what is about another column, too (always)
CREATE TABLE t2(a INT, b INT, c INT, d INT, e INT CHECK (e <> g), f INT, g INT, h INT, v INT AS (f + 1),
  PRIMARY KEY(a, h), UNIQUE(b, h), CONSTRAINT less CHECK (c < h), FOREIGN KEY(d, h) REFERENCES t2(a, h));
INSERT INTO t2(a, h) VALUES(1, 1);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("a")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! PRIMARY KEY(a, h)
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("b")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! UNIQUE(b, h)
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("c")
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! less
--! c < h
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("d")
  end, {recreate = "always"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! FOREIGN KEY(d, h)
SELECT migrate_register('revision = "eeee"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("g")
  end, {recreate = "always"})
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! e <> g
SELECT migrate_register('revision = "ffff"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("f")
  end, {recreate = "always"})
end', 'f.lua');
--> 'ffff'
SELECT migrate_upgrade('ffff');
--! v
--! f + 1
SELECT count(*) FROM pragma_table_xinfo('t2');
--> 9

--- ... until that is dropped before it, in the same batch (auto)
CREATE TABLE t(a INT, b INT, c INT, CONSTRAINT less CHECK (a < b), UNIQUE(b, c));
INSERT INTO t VALUES(1, 2, 3);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_constraint("less")
    t.drop_constraint({type = "unique", columns = {"b", "c"}})
    t.drop_column("b")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a INT, c INT)'
SELECT * FROM t;
--> 1|3

--- ... until that is dropped before it, in the same batch (always)
CREATE TABLE t(a INT, b INT, c INT, CONSTRAINT less CHECK (a < b), UNIQUE(b, c));
INSERT INTO t VALUES(1, 2, 3);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_constraint("less")
    t.drop_constraint({type = "unique", columns = {"b", "c"}})
    t.drop_column("b")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a INT, c INT)'
SELECT * FROM t;
--> 1|3

--- nothing is taken for a column's name that is none (auto)
CREATE TABLE t2(a INT, abs INT, b TEXT, CHECK (abs(a) < 9 AND b <> 'abs'));
CREATE INDEX t2_a ON t2(abs(a), b) WHERE b <> 'abs';
INSERT INTO t2 VALUES(-1, 5, 'x');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("abs")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE tbl_name = 't2';
--> 'CREATE TABLE t2(a INT, b TEXT, CHECK (abs(a) < 9 AND b <> ''abs''))'
--> 'CREATE INDEX t2_a ON t2(abs(a), b) WHERE b <> ''abs'''
SELECT * FROM t2;
--> -1|'x'

--- nothing is taken for a column's name that is none (always)
CREATE TABLE t2(a INT, abs INT, b TEXT, CHECK (abs(a) < 9 AND b <> 'abs'));
CREATE INDEX t2_a ON t2(abs(a), b) WHERE b <> 'abs';
INSERT INTO t2 VALUES(-1, 5, 'x');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t2", function(t)
    t.drop_column("abs")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE tbl_name = 't2';
--> 'CREATE TABLE t2(a INT, b TEXT, CHECK (abs(a) < 9 AND b <> ''abs''))'
--> 'CREATE INDEX t2_a ON t2(abs(a), b) WHERE b <> ''abs'''
SELECT * FROM t2;
--> -1|'x'

--- dropped and brought back
SELECT migrate_register('revision = "aaaa"
function upgrade() op.drop_column("users", "age") end
function downgrade() op.add_column("users", "age INT") op.create_index("users_age", "users", {"age"}) end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM users;
--> 1|'Ann'
--> 4|'Bo'
--> 9|'Cy'
SELECT count(*) FROM sqlite_schema WHERE name = 'users_age';
--> 0
SELECT migrate_downgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INT)'
