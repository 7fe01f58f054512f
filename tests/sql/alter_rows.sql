-- Rows and their rowids stay, whatever is altered, and whichever way it takes.
PRAGMA foreign_keys = ON;
CREATE TABLE notes(body, size INT, tag TEXT, weight REAL);
INSERT INTO notes(rowid, body, size, tag, weight) VALUES
  (3, x'00ff', 'abc', 'c', 1), (-5, 1.0, 1, 'a', -0.5),
  (1000000, '12', x'31', 'e', NULL), (4, NULL, 9007199254740993, 'd', 1e300),
  (9223372036854775807, 7, NULL, 'f', x''), (0, '', 2.5, 'b', 'heavy');
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT);
CREATE TABLE pets(user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE ON UPDATE CASCADE, name TEXT);
CREATE VIEW owners AS SELECT users.name AS owner, pets.name AS pet FROM pets JOIN users ON users.id = user_id;
CREATE TABLE log(what TEXT);
CREATE TRIGGER users_ad AFTER DELETE ON users BEGIN INSERT INTO log VALUES('gone ' || old.name); END;
CREATE TRIGGER users_ai AFTER INSERT ON users BEGIN INSERT INTO log VALUES('new ' || new.name); END;
CREATE TRIGGER notes_ad BEFORE DELETE ON notes BEGIN SELECT raise(ABORT, 'notes stay'); END;
INSERT INTO users VALUES(-2, 'Ann', 'ann@x'), (7, 'Bo', NULL), (12, 'Cy', 'cy@x'), (500, 'Di', '');
INSERT INTO pets(rowid, user_id, name) VALUES(2, -2, 'cat'), (8, 7, 'dog'), (9, 500, 'ant');
DELETE FROM log;

--- rowids of a table without INTEGER PRIMARY KEY: a column becomes NOT NULL (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("notes", function(t)
    t.alter_column("tag", {nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, typeof(body), body, typeof(size), size, tag, typeof(weight), weight FROM notes;
--> -5|'real'|1.0|'integer'|1|'a'|'real'|-0.5
--> 0|'text'|''|'real'|2.5|'b'|'text'|'heavy'
--> 3|'blob'|x'00ff'|'text'|'abc'|'c'|'real'|1.0
--> 4|'null'|NULL|'integer'|9007199254740993|'d'|'real'|1.0e+300
--> 1000000|'text'|'12'|'blob'|x'31'|'e'|'null'|NULL
--> 9223372036854775807|'integer'|7|'null'|NULL|'f'|'blob'|x''
SELECT sql FROM sqlite_schema WHERE name = 'notes';
--> 'CREATE TABLE notes(body, size INT, tag TEXT NOT NULL, weight REAL)'
PRAGMA integrity_check;
--> 'ok'

--- rowids of a table without INTEGER PRIMARY KEY: a column becomes NOT NULL (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("notes", function(t)
    t.alter_column("tag", {nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, typeof(body), body, typeof(size), size, tag, typeof(weight), weight FROM notes;
--> -5|'real'|1.0|'integer'|1|'a'|'real'|-0.5
--> 0|'text'|''|'real'|2.5|'b'|'text'|'heavy'
--> 3|'blob'|x'00ff'|'text'|'abc'|'c'|'real'|1.0
--> 4|'null'|NULL|'integer'|9007199254740993|'d'|'real'|1.0e+300
--> 1000000|'text'|'12'|'blob'|x'31'|'e'|'null'|NULL
--> 9223372036854775807|'integer'|7|'null'|NULL|'f'|'blob'|x''
SELECT sql FROM sqlite_schema WHERE name = 'notes';
--> 'CREATE TABLE notes(body, size INT, tag TEXT NOT NULL, weight REAL)'
PRAGMA integrity_check;
--> 'ok'

--- ... a column is dropped (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("notes", function(t)
    t.drop_column("tag")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, typeof(body), body, typeof(size), size, typeof(weight), weight FROM notes;
--> -5|'real'|1.0|'integer'|1|'real'|-0.5
--> 0|'text'|''|'real'|2.5|'text'|'heavy'
--> 3|'blob'|x'00ff'|'text'|'abc'|'real'|1.0
--> 4|'null'|NULL|'integer'|9007199254740993|'real'|1.0e+300
--> 1000000|'text'|'12'|'blob'|x'31'|'null'|NULL
--> 9223372036854775807|'integer'|7|'null'|NULL|'blob'|x''
PRAGMA integrity_check;
--> 'ok'

--- ... a column is dropped (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("notes", function(t)
    t.drop_column("tag")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, typeof(body), body, typeof(size), size, typeof(weight), weight FROM notes;
--> -5|'real'|1.0|'integer'|1|'real'|-0.5
--> 0|'text'|''|'real'|2.5|'text'|'heavy'
--> 3|'blob'|x'00ff'|'text'|'abc'|'real'|1.0
--> 4|'null'|NULL|'integer'|9007199254740993|'real'|1.0e+300
--> 1000000|'text'|'12'|'blob'|x'31'|'null'|NULL
--> 9223372036854775807|'integer'|7|'null'|NULL|'blob'|x''
PRAGMA integrity_check;
--> 'ok'

--- ... a column is added behind the others (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("notes", function(t)
    t.add_column("stars INTEGER NOT NULL DEFAULT 3")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, body, size, tag, weight, stars FROM notes;
--> -5|1.0|1|'a'|-0.5|3
--> 0|''|2.5|'b'|'heavy'|3
--> 3|x'00ff'|'abc'|'c'|1.0|3
--> 4|NULL|9007199254740993|'d'|1.0e+300|3
--> 1000000|'12'|x'31'|'e'|NULL|3
--> 9223372036854775807|7|NULL|'f'|x''|3
PRAGMA integrity_check;
--> 'ok'

--- ... a column is added behind the others (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("notes", function(t)
    t.add_column("stars INTEGER NOT NULL DEFAULT 3")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, body, size, tag, weight, stars FROM notes;
--> -5|1.0|1|'a'|-0.5|3
--> 0|''|2.5|'b'|'heavy'|3
--> 3|x'00ff'|'abc'|'c'|1.0|3
--> 4|NULL|9007199254740993|'d'|1.0e+300|3
--> 1000000|'12'|x'31'|'e'|NULL|3
--> 9223372036854775807|7|NULL|'f'|x''|3
PRAGMA integrity_check;
--> 'ok'

--- ... a column is put before all others
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("notes", "stars INTEGER", {before = "body"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, * FROM notes;
--> -5|NULL|1.0|1|'a'|-0.5
--> 0|NULL|''|2.5|'b'|'heavy'
--> 3|NULL|x'00ff'|'abc'|'c'|1.0
--> 4|NULL|NULL|9007199254740993|'d'|1.0e+300
--> 1000000|NULL|'12'|x'31'|'e'|NULL
--> 9223372036854775807|NULL|7|NULL|'f'|x''
PRAGMA integrity_check;
--> 'ok'

--- ... nothing is changed but the table rebuilt
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("notes", function(t) end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, body, size, tag, weight FROM notes;
--> -5|1.0|1|'a'|-0.5
--> 0|''|2.5|'b'|'heavy'
--> 3|x'00ff'|'abc'|'c'|1.0
--> 4|NULL|9007199254740993|'d'|1.0e+300
--> 1000000|'12'|x'31'|'e'|NULL
--> 9223372036854775807|7|NULL|'f'|x''
SELECT sql FROM sqlite_schema WHERE name = 'notes';
--> 'CREATE TABLE notes(body, size INT, tag TEXT, weight REAL)'

--- an INTEGER PRIMARY KEY: gaps, negative ones, and the rows that point to them (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {default = "''none''"})
    t.add_column("age INTEGER CHECK (age >= 0)")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, * FROM users;
--> -2|-2|'Ann'|'ann@x'|NULL
--> 7|7|'Bo'|NULL|NULL
--> 12|12|'Cy'|'cy@x'|NULL
--> 500|500|'Di'|''|NULL
SELECT rowid, * FROM pets;
--> 2|-2|'cat'
--> 8|7|'dog'
--> 9|500|'ant'
SELECT * FROM owners ORDER BY pet;
--> 'Di'|'ant'
--> 'Ann'|'cat'
--> 'Bo'|'dog'
SELECT * FROM log;
INSERT INTO users(name, mail) VALUES('Ed', NULL);
DELETE FROM users WHERE id = 7;
UPDATE users SET id = 8 WHERE id = -2;
SELECT user_id, name FROM pets;
--> 8|'cat'
--> 500|'ant'
SELECT what FROM log;
--> 'new Ed'
--> 'gone Bo'
SELECT max(id) FROM users;
--> 501
PRAGMA integrity_check;
--> 'ok'

--- an INTEGER PRIMARY KEY: gaps, negative ones, and the rows that point to them (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {default = "''none''"})
    t.add_column("age INTEGER CHECK (age >= 0)")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, * FROM users;
--> -2|-2|'Ann'|'ann@x'|NULL
--> 7|7|'Bo'|NULL|NULL
--> 12|12|'Cy'|'cy@x'|NULL
--> 500|500|'Di'|''|NULL
SELECT rowid, * FROM pets;
--> 2|-2|'cat'
--> 8|7|'dog'
--> 9|500|'ant'
SELECT * FROM owners ORDER BY pet;
--> 'Di'|'ant'
--> 'Ann'|'cat'
--> 'Bo'|'dog'
SELECT * FROM log;
INSERT INTO users(name, mail) VALUES('Ed', NULL);
DELETE FROM users WHERE id = 7;
UPDATE users SET id = 8 WHERE id = -2;
SELECT user_id, name FROM pets;
--> 8|'cat'
--> 500|'ant'
SELECT what FROM log;
--> 'new Ed'
--> 'gone Bo'
SELECT max(id) FROM users;
--> 501
PRAGMA integrity_check;
--> 'ok'

--- texts with a NUL inside or not UTF-8, infinite and very small numbers (auto)
CREATE TABLE raw(t TEXT, n, gone);
INSERT INTO raw(rowid, t, n) VALUES(2, 'a' || char(0) || 'b', 9e999), (5, CAST(x'ff41' AS TEXT), -9e999), (9, char(0), 4.9e-324);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.drop_column("gone")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, typeof(t), hex(t), typeof(n), n = 9e999, n = -9e999, n > 0 FROM raw;
--> 2|'text'|'610062'|'real'|1|0|1
--> 5|'text'|'FF41'|'real'|0|1|0
--> 9|'text'|'00'|'real'|0|0|1

--- texts with a NUL inside or not UTF-8, infinite and very small numbers (always)
CREATE TABLE raw(t TEXT, n, gone);
INSERT INTO raw(rowid, t, n) VALUES(2, 'a' || char(0) || 'b', 9e999), (5, CAST(x'ff41' AS TEXT), -9e999), (9, char(0), 4.9e-324);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.drop_column("gone")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, typeof(t), hex(t), typeof(n), n = 9e999, n = -9e999, n > 0 FROM raw;
--> 2|'text'|'610062'|'real'|1|0|1
--> 5|'text'|'FF41'|'real'|0|1|0
--> 9|'text'|'00'|'real'|0|0|1

--- columns that have the names of the rowid
CREATE TABLE odd(rowid TEXT, oid TEXT, x, y);
INSERT INTO odd(_rowid_, rowid, oid, x) VALUES(40, 'r1', 'o1', 1), (2, 'r2', 'o2', 2);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("odd", function(t) t.drop_column("y") end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT _rowid_, rowid, oid, x FROM odd;
--> 2|'r2'|'o2'|2
--> 40|'r1'|'o1'|1
SELECT sql FROM sqlite_schema WHERE name = 'odd';
--> 'CREATE TABLE odd(rowid TEXT, oid TEXT, x)'

--- the key of a table WITHOUT ROWID, and its order (auto)
CREATE TABLE words(word TEXT COLLATE NOCASE, lang TEXT, n INT, PRIMARY KEY(lang DESC, word)) WITHOUT ROWID;
INSERT INTO words VALUES('b', 'de', 1), ('A', 'de', 2), ('a', 'en', 3), ('C', 'de', 4);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("words", function(t)
    t.alter_column("n", {nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM words;
--> 'a'|'en'|3
--> 'A'|'de'|2
--> 'b'|'de'|1
--> 'C'|'de'|4
SELECT sql FROM sqlite_schema WHERE name = 'words';
--> 'CREATE TABLE words(word TEXT COLLATE NOCASE, lang TEXT, n INT NOT NULL, PRIMARY KEY(lang DESC, word)) WITHOUT ROWID'
INSERT INTO words VALUES('B', 'de', 5);
--! UNIQUE constraint failed
SELECT wr FROM pragma_table_list('words');
--> 1

--- the key of a table WITHOUT ROWID, and its order (always)
CREATE TABLE words(word TEXT COLLATE NOCASE, lang TEXT, n INT, PRIMARY KEY(lang DESC, word)) WITHOUT ROWID;
INSERT INTO words VALUES('b', 'de', 1), ('A', 'de', 2), ('a', 'en', 3), ('C', 'de', 4);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("words", function(t)
    t.alter_column("n", {nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM words;
--> 'a'|'en'|3
--> 'A'|'de'|2
--> 'b'|'de'|1
--> 'C'|'de'|4
SELECT sql FROM sqlite_schema WHERE name = 'words';
--> 'CREATE TABLE words(word TEXT COLLATE NOCASE, lang TEXT, n INT NOT NULL, PRIMARY KEY(lang DESC, word)) WITHOUT ROWID'
INSERT INTO words VALUES('B', 'de', 5);
--! UNIQUE constraint failed
SELECT wr FROM pragma_table_list('words');
--> 1

--- an empty table (auto)
CREATE TABLE empty(id INTEGER PRIMARY KEY, a TEXT UNIQUE, b);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("empty", function(t)
    t.alter_column("a", {nullable = false})
    t.add_column("c TEXT NOT NULL DEFAULT ''''")
    t.drop_column("b")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT count(*) FROM empty;
--> 0
SELECT sql FROM sqlite_schema WHERE name = 'empty';
--> 'CREATE TABLE empty(id INTEGER PRIMARY KEY, a TEXT UNIQUE NOT NULL, c TEXT NOT NULL DEFAULT '''')'
INSERT INTO empty(a) VALUES('x');
SELECT * FROM empty;
--> 1|'x'|''

--- an empty table (always)
CREATE TABLE empty(id INTEGER PRIMARY KEY, a TEXT UNIQUE, b);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("empty", function(t)
    t.alter_column("a", {nullable = false})
    t.add_column("c TEXT NOT NULL DEFAULT ''''")
    t.drop_column("b")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT count(*) FROM empty;
--> 0
SELECT sql FROM sqlite_schema WHERE name = 'empty';
--> 'CREATE TABLE empty(id INTEGER PRIMARY KEY, a TEXT UNIQUE NOT NULL, c TEXT NOT NULL DEFAULT '''')'
INSERT INTO empty(a) VALUES('x');
SELECT * FROM empty;
--> 1|'x'|''

--- large rows
CREATE TABLE big(id INTEGER PRIMARY KEY, z BLOB, t TEXT);
INSERT INTO big VALUES(1, zeroblob(20000), NULL), (9, x'01', printf('%.9000c', 'x'));
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("big", function(t) t.add_column("n INT", {after = "id"}) end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, n, typeof(z), length(z), length(t) FROM big;
--> 1|NULL|'blob'|20000|NULL
--> 9|NULL|'blob'|1|9000

--- inside the caller's transaction: what they did is seen, and their ROLLBACK undoes all (auto)
CREATE TEMP TABLE was AS SELECT type, name, tbl_name, sql FROM sqlite_schema;
BEGIN;
INSERT INTO users VALUES(13, 'Em', NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("age INTEGER DEFAULT 30")
    t.alter_column("name", {name = "full_name"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, full_name, mail, age FROM users;
--> -2|'Ann'|'ann@x'|30
--> 7|'Bo'|NULL|30
--> 12|'Cy'|'cy@x'|30
--> 13|'Em'|NULL|30
--> 500|'Di'|''|30
PRAGMA foreign_keys;
--> 1
SELECT count(*) FROM pets;
--> 3
ROLLBACK;
SELECT type, name, tbl_name, sql FROM sqlite_schema EXCEPT SELECT * FROM was;
SELECT * FROM users;
--> -2|'Ann'|'ann@x'
--> 7|'Bo'|NULL
--> 12|'Cy'|'cy@x'
--> 500|'Di'|''
SELECT count(*) FROM pets;
--> 3

--- inside the caller's transaction: what they did is seen, and their ROLLBACK undoes all (always)
CREATE TEMP TABLE was AS SELECT type, name, tbl_name, sql FROM sqlite_schema;
BEGIN;
INSERT INTO users VALUES(13, 'Em', NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("age INTEGER DEFAULT 30")
    t.alter_column("name", {name = "full_name"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, full_name, mail, age FROM users;
--> -2|'Ann'|'ann@x'|30
--> 7|'Bo'|NULL|30
--> 12|'Cy'|'cy@x'|30
--> 13|'Em'|NULL|30
--> 500|'Di'|''|30
PRAGMA foreign_keys;
--> 1
SELECT count(*) FROM pets;
--> 3
ROLLBACK;
SELECT type, name, tbl_name, sql FROM sqlite_schema EXCEPT SELECT * FROM was;
SELECT * FROM users;
--> -2|'Ann'|'ann@x'
--> 7|'Bo'|NULL
--> 12|'Cy'|'cy@x'
--> 500|'Di'|''
SELECT count(*) FROM pets;
--> 3

--- in WAL mode [file] (auto)
PRAGMA journal_mode = WAL;
--> 'wal'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {type = "VARCHAR(80)"})
    t.create_check_constraint("named", "name <> ''''")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM users;
--> -2|'Ann'|'ann@x'
--> 7|'Bo'|NULL
--> 12|'Cy'|'cy@x'
--> 500|'Di'|''
PRAGMA journal_mode;
--> 'wal'
--@ reopen
PRAGMA foreign_keys = ON;
INSERT INTO users VALUES(1, '', NULL);
--! named
DELETE FROM users WHERE id = -2;
SELECT name FROM pets;
--> 'dog'
--> 'ant'
PRAGMA integrity_check;
--> 'ok'

--- in WAL mode [file] (always)
PRAGMA journal_mode = WAL;
--> 'wal'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {type = "VARCHAR(80)"})
    t.create_check_constraint("named", "name <> ''''")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM users;
--> -2|'Ann'|'ann@x'
--> 7|'Bo'|NULL
--> 12|'Cy'|'cy@x'
--> 500|'Di'|''
PRAGMA journal_mode;
--> 'wal'
--@ reopen
PRAGMA foreign_keys = ON;
INSERT INTO users VALUES(1, '', NULL);
--! named
DELETE FROM users WHERE id = -2;
SELECT name FROM pets;
--> 'dog'
--> 'ant'
PRAGMA integrity_check;
--> 'ok'

--- another connection sees the change [file] (auto)
--@ as other
SELECT count(*) FROM notes;
--> 6
--@ as main
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("notes", function(t)
    t.alter_column("tag", {name = "label", nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
--@ as other
SELECT rowid, label FROM notes WHERE size = 1;
--> -5|'a'
INSERT INTO notes(rowid, label) VALUES(5, NULL);
--! NOT NULL constraint failed: notes.label

--- another connection sees the change [file] (always)
--@ as other
SELECT count(*) FROM notes;
--> 6
--@ as main
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("notes", function(t)
    t.alter_column("tag", {name = "label", nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
--@ as other
SELECT rowid, label FROM notes WHERE size = 1;
--> -5|'a'
INSERT INTO notes(rowid, label) VALUES(5, NULL);
--! NOT NULL constraint failed: notes.label

--- in an attached database [file] (auto)
ATTACH 'other.db' AS other;
CREATE TABLE other.users(code TEXT, mail TEXT DEFAULT 'x');
INSERT INTO other.users(rowid, code) VALUES(5, 'five'), (3, 'three');
CREATE TABLE other.notes(user TEXT);
CREATE VIEW other.codes AS SELECT code FROM users;
CREATE TRIGGER other.users_ad AFTER DELETE ON users BEGIN INSERT INTO notes VALUES(old.code); END;
SELECT migrate_config('schema', 'other');
--> 'other'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("code", {nullable = false})
    t.alter_column("mail", {default = null})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, * FROM other.users;
--> 3|'three'|'x'
--> 5|'five'|'x'
SELECT sql FROM other.sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(code TEXT NOT NULL, mail TEXT)'
SELECT sql FROM main.sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT)'
DELETE FROM other.users WHERE code = 'five';
SELECT user FROM other.notes;
--> 'five'
SELECT code FROM other.codes;
--> 'three'
SELECT count(*) FROM main.users;
--> 4

--- in an attached database [file] (always)
ATTACH 'other.db' AS other;
CREATE TABLE other.users(code TEXT, mail TEXT DEFAULT 'x');
INSERT INTO other.users(rowid, code) VALUES(5, 'five'), (3, 'three');
CREATE TABLE other.notes(user TEXT);
CREATE VIEW other.codes AS SELECT code FROM users;
CREATE TRIGGER other.users_ad AFTER DELETE ON users BEGIN INSERT INTO notes VALUES(old.code); END;
SELECT migrate_config('schema', 'other');
--> 'other'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("code", {nullable = false})
    t.alter_column("mail", {default = null})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, * FROM other.users;
--> 3|'three'|'x'
--> 5|'five'|'x'
SELECT sql FROM other.sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(code TEXT NOT NULL, mail TEXT)'
SELECT sql FROM main.sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT)'
DELETE FROM other.users WHERE code = 'five';
SELECT user FROM other.notes;
--> 'five'
SELECT code FROM other.codes;
--> 'three'
SELECT count(*) FROM main.users;
--> 4

--- in the TEMP database (auto)
CREATE TEMP TABLE users(code TEXT, mail TEXT);
INSERT INTO temp.users(rowid, code) VALUES(5, 'five'), (3, 'three');
CREATE TEMP VIEW codes AS SELECT code FROM temp.users;
SELECT migrate_config('schema', 'temp');
--> 'temp'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("code", {nullable = false})
    t.add_column("n INT DEFAULT 1")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, * FROM temp.users;
--> 3|'three'|NULL|1
--> 5|'five'|NULL|1
SELECT sql FROM sqlite_temp_schema WHERE name = 'users';
--> 'CREATE TABLE users(code TEXT NOT NULL, mail TEXT, n INT DEFAULT 1)'
SELECT code FROM codes;
--> 'three'
--> 'five'
SELECT count(*) FROM main.users;
--> 4
SELECT sql FROM main.sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT)'

--- in the TEMP database (always)
CREATE TEMP TABLE users(code TEXT, mail TEXT);
INSERT INTO temp.users(rowid, code) VALUES(5, 'five'), (3, 'three');
CREATE TEMP VIEW codes AS SELECT code FROM temp.users;
SELECT migrate_config('schema', 'temp');
--> 'temp'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("code", {nullable = false})
    t.add_column("n INT DEFAULT 1")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, * FROM temp.users;
--> 3|'three'|NULL|1
--> 5|'five'|NULL|1
SELECT sql FROM sqlite_temp_schema WHERE name = 'users';
--> 'CREATE TABLE users(code TEXT NOT NULL, mail TEXT, n INT DEFAULT 1)'
SELECT code FROM codes;
--> 'three'
--> 'five'
SELECT count(*) FROM main.users;
--> 4
SELECT sql FROM main.sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT)'

--- a TEMP table of the same name stays as it is (auto)
CREATE TEMP TABLE users(mine TEXT);
INSERT INTO temp.users VALUES('mine');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {type = "VARCHAR(20)", nullable = true})
    t.alter_column("name", {default = "''?''"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM temp.users;
--> 'mine'
SELECT * FROM main.users;
--> -2|'Ann'|'ann@x'
--> 7|'Bo'|NULL
--> 12|'Cy'|'cy@x'
--> 500|'Di'|''
SELECT sql FROM main.sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT ''?'', mail VARCHAR(20))'
SELECT sql FROM sqlite_temp_schema WHERE name = 'users';
--> 'CREATE TABLE users(mine TEXT)'

--- a TEMP table of the same name stays as it is (always)
CREATE TEMP TABLE users(mine TEXT);
INSERT INTO temp.users VALUES('mine');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {type = "VARCHAR(20)", nullable = true})
    t.alter_column("name", {default = "''?''"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM temp.users;
--> 'mine'
SELECT * FROM main.users;
--> -2|'Ann'|'ann@x'
--> 7|'Bo'|NULL
--> 12|'Cy'|'cy@x'
--> 500|'Di'|''
SELECT sql FROM main.sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT ''?'', mail VARCHAR(20))'
SELECT sql FROM sqlite_temp_schema WHERE name = 'users';
--> 'CREATE TABLE users(mine TEXT)'
