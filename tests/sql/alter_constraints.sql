-- Constraints: those that are there survive, others come and go.
PRAGMA foreign_keys = ON;
CREATE TABLE countries(code TEXT PRIMARY KEY ON CONFLICT REPLACE, name TEXT);
CREATE TABLE people(
  id INTEGER PRIMARY KEY,
  code TEXT CONSTRAINT code_known REFERENCES countries(code) ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
  mail TEXT UNIQUE ON CONFLICT IGNORE,
  age INTEGER CONSTRAINT age_ok CHECK (age >= 0) CHECK (age < 150),
  nick TEXT NOT NULL ON CONFLICT REPLACE DEFAULT 'none',
  boss INTEGER,
  note,
  CONSTRAINT one_nick UNIQUE (nick, code) ON CONFLICT ROLLBACK,
  UNIQUE (boss, mail),
  CONSTRAINT no_self CHECK (boss <> id),
  CHECK (length(nick) < 20),
  FOREIGN KEY (boss) REFERENCES people(id) ON DELETE CASCADE MATCH SIMPLE NOT DEFERRABLE
);
CREATE TABLE badges(owner INTEGER NOT NULL REFERENCES people ON DELETE CASCADE, what TEXT);
CREATE VIEW bosses AS SELECT p.nick, b.nick AS boss FROM people p JOIN people b ON b.id = p.boss;
CREATE TABLE log(what);
CREATE TRIGGER people_ad AFTER DELETE ON people BEGIN INSERT INTO log VALUES(old.nick); END;
INSERT INTO countries VALUES('de', 'Germany'), ('pl', 'Poland'), ('xx', NULL);
INSERT INTO people VALUES(1, 'de', 'a@x', 40, 'Ann', NULL, 'n'), (2, 'pl', 'b@x', NULL, 'Bo', 1, NULL), (9, NULL, NULL, 12, 'Cy', 2, 7);
INSERT INTO badges VALUES(1, 'gold'), (9, 'tin');
CREATE TEMP TABLE was AS SELECT type, name, tbl_name, sql FROM sqlite_schema;

--- every constraint survives that of another column (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.alter_column("note", {nullable = true, type = "BLOB"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' AND name IN (SELECT name FROM (SELECT type, name, tbl_name, sql FROM sqlite_schema EXCEPT SELECT * FROM was));
--> 'people'
SELECT replace((SELECT sql FROM was WHERE name = 'people'), 'note,', 'note BLOB,') = sql FROM sqlite_schema WHERE name = 'people';
--> 1
SELECT "table", "from", "to", on_update, on_delete FROM pragma_foreign_key_list('people') ORDER BY 2;
--> 'people'|'boss'|'id'|'NO ACTION'|'CASCADE'
--> 'countries'|'code'|'code'|'CASCADE'|'SET NULL'
INSERT INTO people(id, mail, nick) VALUES(20, 'a@x', 'Ed');
SELECT count(*) FROM people WHERE id = 20;
--> 0
INSERT INTO people(id, nick) VALUES(21, NULL);
SELECT nick FROM people WHERE id = 21;
--> 'none'
INSERT INTO people(id, age) VALUES(22, -1);
--! age_ok
INSERT INTO people(id, age) VALUES(22, 150);
--! CHECK constraint failed: age
INSERT INTO people(id, boss) VALUES(22, 22);
--! no_self
UPDATE people SET nick = printf('%.30c', 'x') WHERE id = 1;
--! CHECK constraint failed: length(nick) < 20
BEGIN;
INSERT INTO people(id, code) VALUES(23, 'zz');
DELETE FROM people WHERE id = 23;
INSERT INTO people(id, nick, code) VALUES(24, 'Ann', 'de');
--! UNIQUE constraint failed: people.nick, people.code
COMMIT;
--! no transaction is active
INSERT INTO people(id, boss, nick) VALUES(25, 99, 'Xi');
--! FOREIGN KEY constraint failed
UPDATE countries SET code = 'at' WHERE code = 'de';
SELECT code FROM people WHERE id = 1;
--> 'at'
DELETE FROM people WHERE id = 1;
SELECT id, nick FROM people;
--> 21|'none'
SELECT what FROM log ORDER BY 1;
--> 'Ann'
--> 'Bo'
--> 'Cy'
SELECT count(*) FROM badges;
--> 0
PRAGMA integrity_check;
--> 'ok'

--- every constraint survives that of another column (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.alter_column("note", {nullable = true, type = "BLOB"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' AND name IN (SELECT name FROM (SELECT type, name, tbl_name, sql FROM sqlite_schema EXCEPT SELECT * FROM was));
--> 'people'
SELECT replace((SELECT sql FROM was WHERE name = 'people'), 'note,', 'note BLOB,') = sql FROM sqlite_schema WHERE name = 'people';
--> 1
SELECT "table", "from", "to", on_update, on_delete FROM pragma_foreign_key_list('people') ORDER BY 2;
--> 'people'|'boss'|'id'|'NO ACTION'|'CASCADE'
--> 'countries'|'code'|'code'|'CASCADE'|'SET NULL'
INSERT INTO people(id, mail, nick) VALUES(20, 'a@x', 'Ed');
SELECT count(*) FROM people WHERE id = 20;
--> 0
INSERT INTO people(id, nick) VALUES(21, NULL);
SELECT nick FROM people WHERE id = 21;
--> 'none'
INSERT INTO people(id, age) VALUES(22, -1);
--! age_ok
INSERT INTO people(id, age) VALUES(22, 150);
--! CHECK constraint failed: age
INSERT INTO people(id, boss) VALUES(22, 22);
--! no_self
UPDATE people SET nick = printf('%.30c', 'x') WHERE id = 1;
--! CHECK constraint failed: length(nick) < 20
BEGIN;
INSERT INTO people(id, code) VALUES(23, 'zz');
DELETE FROM people WHERE id = 23;
INSERT INTO people(id, nick, code) VALUES(24, 'Ann', 'de');
--! UNIQUE constraint failed: people.nick, people.code
COMMIT;
--! no transaction is active
INSERT INTO people(id, boss, nick) VALUES(25, 99, 'Xi');
--! FOREIGN KEY constraint failed
UPDATE countries SET code = 'at' WHERE code = 'de';
SELECT code FROM people WHERE id = 1;
--> 'at'
DELETE FROM people WHERE id = 1;
SELECT id, nick FROM people;
--> 21|'none'
SELECT what FROM log ORDER BY 1;
--> 'Ann'
--> 'Bo'
--> 'Cy'
SELECT count(*) FROM badges;
--> 0
PRAGMA integrity_check;
--> 'ok'

--- a CHECK with a name, and one without (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.create_check_constraint("adult", "age > 10 OR nick = ''Cy''")
    t.create_check_constraint(nil, "mail LIKE ''%@%''")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT substr(sql, instr(sql, 'NOT DEFERRABLE')) FROM sqlite_schema WHERE name = 'people';
--> 'NOT DEFERRABLE,
-->   CONSTRAINT adult CHECK (age > 10 OR nick = ''Cy''),
-->   CHECK (mail LIKE ''%@%'')
--> )'
INSERT INTO people(id, age, nick) VALUES(30, 10, 'x');
--! adult
INSERT INTO people(id, mail) VALUES(30, 'x');
--! CHECK constraint failed: mail LIKE
INSERT INTO people(id, age, nick) VALUES(30, NULL, 'x');
SELECT id, age FROM people;
--> 1|40
--> 2|NULL
--> 9|12
--> 30|NULL
SELECT * FROM log;

--- a CHECK with a name, and one without (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.create_check_constraint("adult", "age > 10 OR nick = ''Cy''")
    t.create_check_constraint(nil, "mail LIKE ''%@%''")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT substr(sql, instr(sql, 'NOT DEFERRABLE')) FROM sqlite_schema WHERE name = 'people';
--> 'NOT DEFERRABLE,
-->   CONSTRAINT adult CHECK (age > 10 OR nick = ''Cy''),
-->   CHECK (mail LIKE ''%@%'')
--> )'
INSERT INTO people(id, age, nick) VALUES(30, 10, 'x');
--! adult
INSERT INTO people(id, mail) VALUES(30, 'x');
--! CHECK constraint failed: mail LIKE
INSERT INTO people(id, age, nick) VALUES(30, NULL, 'x');
SELECT id, age FROM people;
--> 1|40
--> 2|NULL
--> 9|12
--> 30|NULL
SELECT * FROM log;

--- a CHECK that rows violate names the first of them (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.create_check_constraint("grown", "age >= 20")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! people
--! grown
--! age >= 20
--! rowid 9
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT id, age FROM people;
--> 1|40
--> 2|NULL
--> 9|12

--- a CHECK that rows violate names the first of them (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.create_check_constraint("grown", "age >= 20")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! people
--! grown
--! age >= 20
--! rowid 9
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT id, age FROM people;
--> 1|40
--> 2|NULL
--> 9|12

--- a CHECK that cannot be computed
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_check_constraint("bad", "people", "agee > 1")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! agee
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.create_check_constraint("bad", "people", "age > 1) , CHECK (1")
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! revision bbbb
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.create_check_constraint("bad", "people", "age > (SELECT 1)")
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! revision cccc
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.create_check_constraint("bad", "people", "")
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! revision dddd
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- a UNIQUE constraint (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.create_unique_constraint("one_note", "note")
    t.create_unique_constraint(nil, {"age", "boss"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT substr(sql, instr(sql, 'NOT DEFERRABLE')) FROM sqlite_schema WHERE name = 'people';
--> 'NOT DEFERRABLE,
-->   CONSTRAINT one_note UNIQUE (note),
-->   UNIQUE (age, boss)
--> )'
INSERT INTO people(id, nick, note) VALUES(30, 'x', 7);
--! UNIQUE constraint failed: people.note
INSERT INTO people(id, nick, age, boss) VALUES(30, 'x', 12, 2);
--! UNIQUE constraint failed: people.age, people.boss
SELECT count(*) FROM pragma_index_list('people') WHERE "unique";
--> 5
SELECT * FROM bosses;
--> 'Bo'|'Ann'
--> 'Cy'|'Bo'
SELECT count(*) FROM badges;
--> 2
PRAGMA integrity_check;
--> 'ok'

--- a UNIQUE constraint (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.create_unique_constraint("one_note", "note")
    t.create_unique_constraint(nil, {"age", "boss"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT substr(sql, instr(sql, 'NOT DEFERRABLE')) FROM sqlite_schema WHERE name = 'people';
--> 'NOT DEFERRABLE,
-->   CONSTRAINT one_note UNIQUE (note),
-->   UNIQUE (age, boss)
--> )'
INSERT INTO people(id, nick, note) VALUES(30, 'x', 7);
--! UNIQUE constraint failed: people.note
INSERT INTO people(id, nick, age, boss) VALUES(30, 'x', 12, 2);
--! UNIQUE constraint failed: people.age, people.boss
SELECT count(*) FROM pragma_index_list('people') WHERE "unique";
--> 5
SELECT * FROM bosses;
--> 'Bo'|'Ann'
--> 'Cy'|'Bo'
SELECT count(*) FROM badges;
--> 2
PRAGMA integrity_check;
--> 'ok'

--- a UNIQUE constraint that rows violate (auto)
INSERT INTO people(id, nick, age, code) VALUES(5, 'Ann', 40, 'pl');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.create_unique_constraint("one", {"nick", "age"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! people
--! nick
--! 'Ann'
--! 40
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT count(*) FROM people;
--> 4

--- a UNIQUE constraint that rows violate (always)
INSERT INTO people(id, nick, age, code) VALUES(5, 'Ann', 40, 'pl');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.create_unique_constraint("one", {"nick", "age"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! people
--! nick
--! 'Ann'
--! 40
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT count(*) FROM people;
--> 4

--- UNIQUE takes any number of NULLs (auto)
CREATE TABLE t(a, b);
INSERT INTO t VALUES(NULL, 1), (NULL, 1), (2, NULL), (2, NULL), (3, 3);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_unique_constraint("ab", {"a", "b"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM t;
--> NULL|1
--> NULL|1
--> 2|NULL
--> 2|NULL
--> 3|3
INSERT INTO t VALUES(3, 3);
--! UNIQUE constraint failed: t.a, t.b

--- UNIQUE takes any number of NULLs (always)
CREATE TABLE t(a, b);
INSERT INTO t VALUES(NULL, 1), (NULL, 1), (2, NULL), (2, NULL), (3, 3);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_unique_constraint("ab", {"a", "b"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM t;
--> NULL|1
--> NULL|1
--> 2|NULL
--> 2|NULL
--> 3|3
INSERT INTO t VALUES(3, 3);
--! UNIQUE constraint failed: t.a, t.b

--- UNIQUE compares as the column's collation does (auto)
CREATE TABLE t(a TEXT COLLATE NOCASE, b TEXT);
INSERT INTO t VALUES('x', 'x'), ('X', 'X');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_unique_constraint("one_a", "a")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 'x'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.create_unique_constraint("one_b", "t", {"b"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
INSERT INTO t VALUES('y', 'x');
--! UNIQUE constraint failed: t.b

--- UNIQUE compares as the column's collation does (always)
CREATE TABLE t(a TEXT COLLATE NOCASE, b TEXT);
INSERT INTO t VALUES('x', 'x'), ('X', 'X');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_unique_constraint("one_a", "a")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 'x'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.create_unique_constraint("one_b", "t", {"b"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
INSERT INTO t VALUES('y', 'x');
--! UNIQUE constraint failed: t.b

--- a foreign key with all it can have (auto)
CREATE TABLE t(a TEXT, b TEXT, c INT, d INT);
INSERT INTO t VALUES('de', 'x', 1, NULL), (NULL, 'y', 9, NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_foreign_key("fk_a", "countries", "a", "code", {ondelete = "set null", onupdate = "CASCADE", deferrable = true, initially = "deferred"})
    t.create_foreign_key(nil, "people", {"c"}, nil, {ondelete = "Cascade"})
    t.create_foreign_key("fk_d", "people", {"d"}, {"id"}, {ondelete = "RESTRICT", onupdate = "no action", deferrable = false})
    t.create_foreign_key("fk_i", "people", {"d"}, {"id"}, {initially = "IMMEDIATE"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT "table", "from", "to", on_update, on_delete FROM pragma_foreign_key_list('t') ORDER BY id DESC;
--> 'countries'|'a'|'code'|'CASCADE'|'SET NULL'
--> 'people'|'c'|NULL|'NO ACTION'|'CASCADE'
--> 'people'|'d'|'id'|'NO ACTION'|'RESTRICT'
--> 'people'|'d'|'id'|'NO ACTION'|'NO ACTION'
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a TEXT, b TEXT, c INT, d INT, CONSTRAINT fk_a FOREIGN KEY (a) REFERENCES countries(code) ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY (c) REFERENCES people ON DELETE CASCADE, CONSTRAINT fk_d FOREIGN KEY (d) REFERENCES people(id) ON DELETE RESTRICT ON UPDATE NO ACTION NOT DEFERRABLE, CONSTRAINT fk_i FOREIGN KEY (d) REFERENCES people(id) DEFERRABLE INITIALLY IMMEDIATE)'
BEGIN;
INSERT INTO t(a) VALUES('zz');
COMMIT;
--! FOREIGN KEY constraint failed
ROLLBACK;
DELETE FROM people WHERE id = 9;
UPDATE countries SET code = 'at' WHERE code = 'de';
SELECT * FROM t;
--> 'at'|'x'|1|NULL

--- a foreign key with all it can have (always)
CREATE TABLE t(a TEXT, b TEXT, c INT, d INT);
INSERT INTO t VALUES('de', 'x', 1, NULL), (NULL, 'y', 9, NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_foreign_key("fk_a", "countries", "a", "code", {ondelete = "set null", onupdate = "CASCADE", deferrable = true, initially = "deferred"})
    t.create_foreign_key(nil, "people", {"c"}, nil, {ondelete = "Cascade"})
    t.create_foreign_key("fk_d", "people", {"d"}, {"id"}, {ondelete = "RESTRICT", onupdate = "no action", deferrable = false})
    t.create_foreign_key("fk_i", "people", {"d"}, {"id"}, {initially = "IMMEDIATE"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT "table", "from", "to", on_update, on_delete FROM pragma_foreign_key_list('t') ORDER BY id DESC;
--> 'countries'|'a'|'code'|'CASCADE'|'SET NULL'
--> 'people'|'c'|NULL|'NO ACTION'|'CASCADE'
--> 'people'|'d'|'id'|'NO ACTION'|'RESTRICT'
--> 'people'|'d'|'id'|'NO ACTION'|'NO ACTION'
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a TEXT, b TEXT, c INT, d INT, CONSTRAINT fk_a FOREIGN KEY (a) REFERENCES countries(code) ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY (c) REFERENCES people ON DELETE CASCADE, CONSTRAINT fk_d FOREIGN KEY (d) REFERENCES people(id) ON DELETE RESTRICT ON UPDATE NO ACTION NOT DEFERRABLE, CONSTRAINT fk_i FOREIGN KEY (d) REFERENCES people(id) DEFERRABLE INITIALLY IMMEDIATE)'
BEGIN;
INSERT INTO t(a) VALUES('zz');
COMMIT;
--! FOREIGN KEY constraint failed
ROLLBACK;
DELETE FROM people WHERE id = 9;
UPDATE countries SET code = 'at' WHERE code = 'de';
SELECT * FROM t;
--> 'at'|'x'|1|NULL

--- a foreign key of two columns, and to the table itself (auto)
CREATE TABLE t(id INTEGER PRIMARY KEY, up INT, x TEXT, y TEXT);
INSERT INTO t VALUES(1, NULL, 'Ann', 'de'), (2, 1, NULL, 'zz');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_foreign_key("parent", "t", "up", "id", {ondelete = "CASCADE"})
    t.create_foreign_key("person", "people", {"x", "y"}, {"nick", "code"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO t VALUES(3, 2, 'Ann', 'pl');
--! FOREIGN KEY constraint failed
DELETE FROM t WHERE id = 1;
SELECT count(*) FROM t;
--> 0

--- a foreign key of two columns, and to the table itself (always)
CREATE TABLE t(id INTEGER PRIMARY KEY, up INT, x TEXT, y TEXT);
INSERT INTO t VALUES(1, NULL, 'Ann', 'de'), (2, 1, NULL, 'zz');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_foreign_key("parent", "t", "up", "id", {ondelete = "CASCADE"})
    t.create_foreign_key("person", "people", {"x", "y"}, {"nick", "code"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO t VALUES(3, 2, 'Ann', 'pl');
--! FOREIGN KEY constraint failed
DELETE FROM t WHERE id = 1;
SELECT count(*) FROM t;
--> 0

--- a foreign key that rows violate (auto)
CREATE TABLE t(a TEXT, n INT);
INSERT INTO t(rowid, a, n) VALUES(3, 'de', 1), (8, 'zz', 1), (9, NULL, 1), (11, 'qq', 1);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_foreign_key("fk_a", "countries", "a", "code")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! countries
--! rowid 8
--! rowid 11
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a TEXT, n INT)'

--- a foreign key that rows violate (always)
CREATE TABLE t(a TEXT, n INT);
INSERT INTO t(rowid, a, n) VALUES(3, 'de', 1), (8, 'zz', 1), (9, NULL, 1), (11, 'qq', 1);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_foreign_key("fk_a", "countries", "a", "code")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! countries
--! rowid 8
--! rowid 11
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a TEXT, n INT)'

--- a foreign key that can find no key
CREATE TABLE t(a TEXT, b TEXT);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_foreign_key("fk_a", "t", "countrys", {"a"}, {"code"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! countrys
--! countries
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.create_foreign_key("fk_a", "t", "countries", {"a"}, {"cod"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! cod
--! code
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.create_foreign_key("fk_a", "t", "countries", {"a", "b"}, {"code"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! revision cccc
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.create_foreign_key("fk_d", "t", "countries", {"a"}, {"name"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! countries
SELECT migrate_register('revision = "eeee"
function upgrade()
  op.create_foreign_key("fk_a", "t", "countries", {"a"}, {"code"}, {ondelete = "DELETE"})
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! ondelete
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a TEXT, b TEXT)'

--- constraints are dropped by name, of a column or of the table (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.drop_constraint("code_known")
    t.drop_constraint("age_ok")
    t.drop_constraint("one_nick")
    t.drop_constraint("no_self")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'people';
--> 'CREATE TABLE people(
-->   id INTEGER PRIMARY KEY,
-->   code TEXT,
-->   mail TEXT UNIQUE ON CONFLICT IGNORE,
-->   age INTEGER CHECK (age < 150),
-->   nick TEXT NOT NULL ON CONFLICT REPLACE DEFAULT ''none'',
-->   boss INTEGER,
-->   note,
-->   UNIQUE (boss, mail),
-->   CHECK (length(nick) < 20),
-->   FOREIGN KEY (boss) REFERENCES people(id) ON DELETE CASCADE MATCH SIMPLE NOT DEFERRABLE
--> )'
INSERT INTO people(id, code, age, nick, boss) VALUES(50, 'nowhere', -1, 'Ann', 50);
SELECT count(*) FROM badges;
--> 2
PRAGMA integrity_check;
--> 'ok'

--- constraints are dropped by name, of a column or of the table (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.drop_constraint("code_known")
    t.drop_constraint("age_ok")
    t.drop_constraint("one_nick")
    t.drop_constraint("no_self")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'people';
--> 'CREATE TABLE people(
-->   id INTEGER PRIMARY KEY,
-->   code TEXT,
-->   mail TEXT UNIQUE ON CONFLICT IGNORE,
-->   age INTEGER CHECK (age < 150),
-->   nick TEXT NOT NULL ON CONFLICT REPLACE DEFAULT ''none'',
-->   boss INTEGER,
-->   note,
-->   UNIQUE (boss, mail),
-->   CHECK (length(nick) < 20),
-->   FOREIGN KEY (boss) REFERENCES people(id) ON DELETE CASCADE MATCH SIMPLE NOT DEFERRABLE
--> )'
INSERT INTO people(id, code, age, nick, boss) VALUES(50, 'nowhere', -1, 'Ann', 50);
SELECT count(*) FROM badges;
--> 2
PRAGMA integrity_check;
--> 'ok'

--- constraints without a name are dropped by what they are (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.drop_constraint({type = "unique", columns = "mail"})
    t.drop_constraint({type = "unique", columns = {"boss", "mail"}})
    t.drop_constraint({type = "check", columns = "nick"})
    t.drop_constraint({type = "foreignkey", columns = {"boss"}})
    t.drop_constraint({type = "check", columns = {"id", "boss"}})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'people';
--> 'CREATE TABLE people(
-->   id INTEGER PRIMARY KEY,
-->   code TEXT CONSTRAINT code_known REFERENCES countries(code) ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
-->   mail TEXT,
-->   age INTEGER CONSTRAINT age_ok CHECK (age >= 0) CHECK (age < 150),
-->   nick TEXT NOT NULL ON CONFLICT REPLACE DEFAULT ''none'',
-->   boss INTEGER,
-->   note,
-->   CONSTRAINT one_nick UNIQUE (nick, code) ON CONFLICT ROLLBACK
--> )'
SELECT count(*) FROM people;
--> 3

--- constraints without a name are dropped by what they are (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.drop_constraint({type = "unique", columns = "mail"})
    t.drop_constraint({type = "unique", columns = {"boss", "mail"}})
    t.drop_constraint({type = "check", columns = "nick"})
    t.drop_constraint({type = "foreignkey", columns = {"boss"}})
    t.drop_constraint({type = "check", columns = {"id", "boss"}})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'people';
--> 'CREATE TABLE people(
-->   id INTEGER PRIMARY KEY,
-->   code TEXT CONSTRAINT code_known REFERENCES countries(code) ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
-->   mail TEXT,
-->   age INTEGER CONSTRAINT age_ok CHECK (age >= 0) CHECK (age < 150),
-->   nick TEXT NOT NULL ON CONFLICT REPLACE DEFAULT ''none'',
-->   boss INTEGER,
-->   note,
-->   CONSTRAINT one_nick UNIQUE (nick, code) ON CONFLICT ROLLBACK
--> )'
SELECT count(*) FROM people;
--> 3

--- outside a batch: what is created is dropped again, and the text is as before
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_check_constraint("c1", "people", "age <> 13")
  op.create_unique_constraint("u1", "people", {"note"})
  op.create_foreign_key("f1", "people", "countries", {"note"}, {"code"}, {deferrable = true})
  op.create_check_constraint(nil, "people", "note <> ''q''")
end
function downgrade()
  op.drop_constraint("people", {type = "check", columns = "note"})
  op.drop_constraint("people", "f1")
  op.drop_constraint("people", "u1")
  op.drop_constraint("people", "c1")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! countries
UPDATE people SET note = NULL;
SELECT migrate_upgrade();
--> 1
INSERT INTO people(id, age) VALUES(60, 13);
--! c1
INSERT INTO people(id, note) VALUES(60, 'nowhere');
--! FOREIGN KEY constraint failed
SELECT migrate_downgrade();
--> 1
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- none, or several, that fit: the table's constraints are listed
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.drop_constraint("people", "one_nik")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! one_nik
--! one_nick
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.drop_constraint("people", {type = "check", columns = "age"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! age >= 0
--! age < 150
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.drop_constraint("people", {type = "unique", columns = {"note"}})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! one_nick
--! boss, mail
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.drop_constraint("people", {type = "unike", columns = {"note"}})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! unike
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- a primary key is created: of text (auto)
CREATE TABLE t(a TEXT, b TEXT);
INSERT INTO t(rowid, a, b) VALUES(5, 'x', 'y'), (2, 'z', 'y');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_primary_key("pk_t", {"a", "b"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a TEXT, b TEXT, CONSTRAINT pk_t PRIMARY KEY (a, b))'
SELECT rowid, * FROM t;
--> 2|'z'|'y'
--> 5|'x'|'y'
INSERT INTO t VALUES('x', 'y');
--! UNIQUE constraint failed: t.a, t.b

--- a primary key is created: of text (always)
CREATE TABLE t(a TEXT, b TEXT);
INSERT INTO t(rowid, a, b) VALUES(5, 'x', 'y'), (2, 'z', 'y');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_primary_key("pk_t", {"a", "b"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a TEXT, b TEXT, CONSTRAINT pk_t PRIMARY KEY (a, b))'
SELECT rowid, * FROM t;
--> 2|'z'|'y'
--> 5|'x'|'y'
INSERT INTO t VALUES('x', 'y');
--! UNIQUE constraint failed: t.a, t.b

--- ... on one INTEGER column: it becomes the rowid (auto)
CREATE TABLE t(a INTEGER, b TEXT);
INSERT INTO t(rowid, a, b) VALUES(5, 70, 'x'), (2, -3, 'y');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_primary_key(nil, "a")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a INTEGER, b TEXT, PRIMARY KEY (a))'
SELECT rowid, * FROM t;
--> -3|-3|'y'
--> 70|70|'x'
INSERT INTO t(b) VALUES('z');
SELECT max(rowid) FROM t;
--> 71

--- ... on one INTEGER column: it becomes the rowid (always)
CREATE TABLE t(a INTEGER, b TEXT);
INSERT INTO t(rowid, a, b) VALUES(5, 70, 'x'), (2, -3, 'y');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_primary_key(nil, "a")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a INTEGER, b TEXT, PRIMARY KEY (a))'
SELECT rowid, * FROM t;
--> -3|-3|'y'
--> 70|70|'x'
INSERT INTO t(b) VALUES('z');
SELECT max(rowid) FROM t;
--> 71

--- ... whose values are not whole, or twice, or missing (auto)
CREATE TABLE t(a INTEGER, b TEXT, c INTEGER, d INTEGER);
INSERT INTO t(rowid, a, b, c, d) VALUES(5, 70, 'x', 'abc', 1), (2, 70, 'y', 2, NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_primary_key("pk_t", "a")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 70
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.create_primary_key("pk_t", "t", {"c"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! 'abc'
--! rowid 5
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.create_primary_key("pk_t", "t", {"d"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! rowid 2
SELECT rowid, * FROM t;
--> 2|70|'y'|2|NULL
--> 5|70|'x'|'abc'|1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a INTEGER, b TEXT, c INTEGER, d INTEGER)'

--- ... whose values are not whole, or twice, or missing (always)
CREATE TABLE t(a INTEGER, b TEXT, c INTEGER, d INTEGER);
INSERT INTO t(rowid, a, b, c, d) VALUES(5, 70, 'x', 'abc', 1), (2, 70, 'y', 2, NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_primary_key("pk_t", "a")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 70
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.create_primary_key("pk_t", "t", {"c"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! 'abc'
--! rowid 5
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.create_primary_key("pk_t", "t", {"d"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! rowid 2
SELECT rowid, * FROM t;
--> 2|70|'y'|2|NULL
--> 5|70|'x'|'abc'|1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a INTEGER, b TEXT, c INTEGER, d INTEGER)'

--- a table has one primary key; it can be dropped (auto)
CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);
INSERT INTO t VALUES(70, 'x'), (-3, 'y');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_primary_key("pk_t", "b")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! primary key
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_constraint({type = "primary_key"})
    t.create_primary_key("pk_t", "b")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a INTEGER, b TEXT, CONSTRAINT pk_t PRIMARY KEY (b))'
SELECT rowid, * FROM t;
--> -3|-3|'y'
--> 70|70|'x'
INSERT INTO t VALUES(70, 'x');
--! UNIQUE constraint failed: t.b
INSERT INTO t VALUES(70, 'z');
SELECT count(*) FROM t;
--> 3

--- a table has one primary key; it can be dropped (always)
CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);
INSERT INTO t VALUES(70, 'x'), (-3, 'y');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_primary_key("pk_t", "b")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! primary key
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_constraint({type = "primary_key"})
    t.create_primary_key("pk_t", "b")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a INTEGER, b TEXT, CONSTRAINT pk_t PRIMARY KEY (b))'
SELECT rowid, * FROM t;
--> -3|-3|'y'
--> 70|70|'x'
INSERT INTO t VALUES(70, 'x');
--! UNIQUE constraint failed: t.b
INSERT INTO t VALUES(70, 'z');
SELECT count(*) FROM t;
--> 3

--- NOT NULL: rows that are NULL are named, using= mends them (auto)
CREATE TABLE t(a TEXT, b TEXT);
INSERT INTO t(rowid, a, b) VALUES(3, NULL, 'x'), (4, 'y', NULL), (7, NULL, 'z');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("a", {nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 2 rows
--! rowid 3
--! rowid 7
--! using
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a TEXT, b TEXT)'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("a", {nullable = false, using = "coalesce(a, upper(b))"})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT rowid, * FROM t;
--> 3|'X'|'x'
--> 4|'y'|NULL
--> 7|'Z'|'z'
INSERT INTO t VALUES(NULL, 'x');
--! NOT NULL constraint failed: t.a

--- NOT NULL: rows that are NULL are named, using= mends them (always)
CREATE TABLE t(a TEXT, b TEXT);
INSERT INTO t(rowid, a, b) VALUES(3, NULL, 'x'), (4, 'y', NULL), (7, NULL, 'z');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("a", {nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 2 rows
--! rowid 3
--! rowid 7
--! using
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a TEXT, b TEXT)'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("a", {nullable = false, using = "coalesce(a, upper(b))"})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT rowid, * FROM t;
--> 3|'X'|'x'
--> 4|'y'|NULL
--> 7|'Z'|'z'
INSERT INTO t VALUES(NULL, 'x');
--! NOT NULL constraint failed: t.a

--- NOT NULL and its ON CONFLICT go together, and nothing else (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.alter_column("nick", {nullable = true})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql LIKE '%' || char(10) || '  nick TEXT DEFAULT ''none'',' || char(10) || '%' FROM sqlite_schema WHERE name = 'people';
--> 1
INSERT INTO people(id, nick) VALUES(31, NULL);
SELECT nick FROM people WHERE id = 31;
--> NULL

--- NOT NULL and its ON CONFLICT go together, and nothing else (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("people", function(t)
    t.alter_column("nick", {nullable = true})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql LIKE '%' || char(10) || '  nick TEXT DEFAULT ''none'',' || char(10) || '%' FROM sqlite_schema WHERE name = 'people';
--> 1
INSERT INTO people(id, nick) VALUES(31, NULL);
SELECT nick FROM people WHERE id = 31;
--> NULL

--- a table without a rowid: rows are named by their key (auto)
CREATE TABLE t(k TEXT, n INT, v INT, PRIMARY KEY(k, n)) WITHOUT ROWID;
INSERT INTO t VALUES('a', 1, 5), ('b', 2, NULL), ('c', 3, -4);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_check_constraint("pos", "v > 0")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! pos
--! 'c'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("v", {nullable = false})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! 'b'
SELECT * FROM t;
--> 'a'|1|5
--> 'b'|2|NULL
--> 'c'|3|-4

--- a table without a rowid: rows are named by their key (always)
CREATE TABLE t(k TEXT, n INT, v INT, PRIMARY KEY(k, n)) WITHOUT ROWID;
INSERT INTO t VALUES('a', 1, 5), ('b', 2, NULL), ('c', 3, -4);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_check_constraint("pos", "v > 0")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! pos
--! 'c'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("v", {nullable = false})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! 'b'
SELECT * FROM t;
--> 'a'|1|5
--> 'b'|2|NULL
--> 'c'|3|-4
