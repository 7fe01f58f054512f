-- Foreign keys to the table, and the rows behind them.
PRAGMA foreign_keys = ON;
CREATE TABLE parents(id INTEGER PRIMARY KEY, code TEXT UNIQUE, a INT, b INT, note TEXT, UNIQUE(a, b));
CREATE TABLE c_cascade(id INTEGER PRIMARY KEY, p INT NOT NULL REFERENCES parents(id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE c_null(p INT REFERENCES parents ON DELETE SET NULL);
CREATE TABLE c_default(p INT DEFAULT 1 REFERENCES parents(id) ON DELETE SET DEFAULT);
CREATE TABLE c_restrict(p TEXT REFERENCES parents(code) ON DELETE RESTRICT ON UPDATE CASCADE);
CREATE TABLE c_pair(x INT, y INT, FOREIGN KEY(x, y) REFERENCES parents(a, b) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE grand(c INT REFERENCES c_cascade(id) ON DELETE CASCADE);
CREATE TABLE tree(id INTEGER PRIMARY KEY, up INT REFERENCES tree(id) ON DELETE CASCADE, name TEXT);
CREATE TRIGGER c_ad AFTER DELETE ON c_cascade BEGIN INSERT INTO grand VALUES(NULL); END;
INSERT INTO parents VALUES(1, 'one', 1, 1, 'n'), (2, 'two', 2, 2, NULL), (7, 'seven', 7, NULL, 'x');
INSERT INTO c_cascade VALUES(10, 1), (20, 2);
INSERT INTO c_null VALUES(1), (7), (NULL);
INSERT INTO c_default VALUES(2);
INSERT INTO c_restrict VALUES('one');
INSERT INTO c_pair VALUES(2, 2), (2, NULL);
INSERT INTO grand VALUES(10);
INSERT INTO tree VALUES(1, NULL, 'root'), (2, 1, 'a'), (3, 2, 'b');
CREATE TEMP TABLE was AS SELECT type, name, tbl_name, sql FROM sqlite_schema;
CREATE TEMP VIEW kids AS SELECT 'cascade' AS t, p FROM c_cascade UNION ALL SELECT 'null', p FROM c_null
  UNION ALL SELECT 'default', p FROM c_default UNION ALL SELECT 'restrict', p FROM c_restrict UNION ALL SELECT 'pair', x || ',' || coalesce(y, '-') FROM c_pair
  UNION ALL SELECT 'grand', c FROM grand;

--- no action fires, and all of them work afterwards (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.alter_column("note", {default = "''''", type = "VARCHAR(9)"})
    t.add_column("extra INT NOT NULL DEFAULT 0")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM kids;
--> 'cascade'|1
--> 'cascade'|2
--> 'null'|1
--> 'null'|7
--> 'null'|NULL
--> 'default'|2
--> 'restrict'|'one'
--> 'pair'|'2,2'
--> 'pair'|'2,-'
--> 'grand'|10
SELECT name FROM (SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was);
--> 'parents'
PRAGMA foreign_key_check;
DELETE FROM parents WHERE id = 1;
--! FOREIGN KEY constraint failed
UPDATE parents SET code = 'eins', id = 3 WHERE id = 1;
--! FOREIGN KEY constraint failed
DELETE FROM parents WHERE id = 7;
UPDATE parents SET code = 'eins' WHERE id = 1;
SELECT * FROM kids WHERE t IN ('null', 'restrict');
--> 'null'|1
--> 'null'|NULL
--> 'null'|NULL
--> 'restrict'|'eins'
DELETE FROM c_restrict;
DELETE FROM c_default;
DELETE FROM parents WHERE id = 1;
SELECT * FROM kids WHERE t IN ('cascade', 'null', 'grand');
--> 'cascade'|2
--> 'null'|NULL
--> 'null'|NULL
--> 'null'|NULL
--> 'grand'|NULL
PRAGMA integrity_check;
--> 'ok'

--- no action fires, and all of them work afterwards (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.alter_column("note", {default = "''''", type = "VARCHAR(9)"})
    t.add_column("extra INT NOT NULL DEFAULT 0")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM kids;
--> 'cascade'|1
--> 'cascade'|2
--> 'null'|1
--> 'null'|7
--> 'null'|NULL
--> 'default'|2
--> 'restrict'|'one'
--> 'pair'|'2,2'
--> 'pair'|'2,-'
--> 'grand'|10
SELECT name FROM (SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was);
--> 'parents'
PRAGMA foreign_key_check;
DELETE FROM parents WHERE id = 1;
--! FOREIGN KEY constraint failed
UPDATE parents SET code = 'eins', id = 3 WHERE id = 1;
--! FOREIGN KEY constraint failed
DELETE FROM parents WHERE id = 7;
UPDATE parents SET code = 'eins' WHERE id = 1;
SELECT * FROM kids WHERE t IN ('null', 'restrict');
--> 'null'|1
--> 'null'|NULL
--> 'null'|NULL
--> 'restrict'|'eins'
DELETE FROM c_restrict;
DELETE FROM c_default;
DELETE FROM parents WHERE id = 1;
SELECT * FROM kids WHERE t IN ('cascade', 'null', 'grand');
--> 'cascade'|2
--> 'null'|NULL
--> 'null'|NULL
--> 'null'|NULL
--> 'grand'|NULL
PRAGMA integrity_check;
--> 'ok'

--- the same inside the caller's transaction (auto)
BEGIN;
UPDATE parents SET note = 'mine' WHERE id = 2;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.alter_column("note", {type = "BLOB"})
    t.drop_constraint({type = "unique", columns = {"a", "b"}})
    t.create_unique_constraint("pair", {"a", "b"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT count(*) FROM kids;
--> 10
PRAGMA foreign_keys;
--> 1
COMMIT;
SELECT id, code, a, b, note FROM parents;
--> 1|'one'|1|1|'n'
--> 2|'two'|2|2|'mine'
--> 7|'seven'|7|NULL|'x'
DELETE FROM parents WHERE id = 7;
SELECT count(*) FROM c_null WHERE p IS NULL;
--> 2

--- the same inside the caller's transaction (always)
BEGIN;
UPDATE parents SET note = 'mine' WHERE id = 2;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.alter_column("note", {type = "BLOB"})
    t.drop_constraint({type = "unique", columns = {"a", "b"}})
    t.create_unique_constraint("pair", {"a", "b"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT count(*) FROM kids;
--> 10
PRAGMA foreign_keys;
--> 1
COMMIT;
SELECT id, code, a, b, note FROM parents;
--> 1|'one'|1|1|'n'
--> 2|'two'|2|2|'mine'
--> 7|'seven'|7|NULL|'x'
DELETE FROM parents WHERE id = 7;
SELECT count(*) FROM c_null WHERE p IS NULL;
--> 2

--- with foreign keys off (auto)
PRAGMA foreign_keys = OFF;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.drop_column("note")
    t.alter_column("a", {nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT count(*) FROM kids;
--> 10
PRAGMA foreign_keys;
--> 0
PRAGMA foreign_keys = ON;
DELETE FROM parents WHERE id = 7;
SELECT count(*) FROM c_null WHERE p IS NULL;
--> 2

--- with foreign keys off (always)
PRAGMA foreign_keys = OFF;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.drop_column("note")
    t.alter_column("a", {nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT count(*) FROM kids;
--> 10
PRAGMA foreign_keys;
--> 0
PRAGMA foreign_keys = ON;
DELETE FROM parents WHERE id = 7;
SELECT count(*) FROM c_null WHERE p IS NULL;
--> 2

--- a child is altered: its own foreign keys stay (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("c_cascade", function(t) t.add_column("n INT DEFAULT 1", {before = "p"}) end, {recreate = "auto"})
  op.batch_alter_table("c_pair", function(t) t.alter_column("x", {type = "BIGINT"}) t.add_column("z") end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM c_cascade;
--> 10|1|1
--> 20|1|2
SELECT sql FROM sqlite_schema WHERE name = 'c_pair';
--> 'CREATE TABLE c_pair(x BIGINT, y INT, z, FOREIGN KEY(x, y) REFERENCES parents(a, b) DEFERRABLE INITIALLY DEFERRED)'
SELECT * FROM grand;
--> 10
DELETE FROM c_default;
UPDATE parents SET id = 5 WHERE id = 2;
SELECT p FROM c_cascade;
--> 1
--> 5
INSERT INTO c_cascade VALUES(30, 0, 99);
--! FOREIGN KEY constraint failed

--- a child is altered: its own foreign keys stay (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("c_cascade", function(t) t.add_column("n INT DEFAULT 1", {before = "p"}) end, {recreate = "always"})
  op.batch_alter_table("c_pair", function(t) t.alter_column("x", {type = "BIGINT"}) t.add_column("z") end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM c_cascade;
--> 10|1|1
--> 20|1|2
SELECT sql FROM sqlite_schema WHERE name = 'c_pair';
--> 'CREATE TABLE c_pair(x BIGINT, y INT, z, FOREIGN KEY(x, y) REFERENCES parents(a, b) DEFERRABLE INITIALLY DEFERRED)'
SELECT * FROM grand;
--> 10
DELETE FROM c_default;
UPDATE parents SET id = 5 WHERE id = 2;
SELECT p FROM c_cascade;
--> 1
--> 5
INSERT INTO c_cascade VALUES(30, 0, 99);
--! FOREIGN KEY constraint failed

--- a table that points to itself (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tree", function(t)
    t.alter_column("name", {nullable = false})
    t.add_column("depth INT DEFAULT 0", {after = "up"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM tree;
--> 1|NULL|0|'root'
--> 2|1|0|'a'
--> 3|2|0|'b'
DELETE FROM tree WHERE id = 2;
SELECT id FROM tree;
--> 1
INSERT INTO tree VALUES(5, 4, 0, 'x');
--! FOREIGN KEY constraint failed

--- a table that points to itself (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tree", function(t)
    t.alter_column("name", {nullable = false})
    t.add_column("depth INT DEFAULT 0", {after = "up"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM tree;
--> 1|NULL|0|'root'
--> 2|1|0|'a'
--> 3|2|0|'b'
DELETE FROM tree WHERE id = 2;
SELECT id FROM tree;
--> 1
INSERT INTO tree VALUES(5, 4, 0, 'x');
--! FOREIGN KEY constraint failed

--- ... and gets new names (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tree", function(t)
    t.alter_column("id", {name = "number"})
    t.alter_column("up", {name = "parent", nullable = true})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'tree';
--> 'CREATE TABLE tree(number INTEGER PRIMARY KEY, parent INT REFERENCES tree(number) ON DELETE CASCADE, name TEXT)'
DELETE FROM tree WHERE number = 1;
SELECT count(*) FROM tree;
--> 0

--- ... and gets new names (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tree", function(t)
    t.alter_column("id", {name = "number"})
    t.alter_column("up", {name = "parent", nullable = true})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'tree';
--> 'CREATE TABLE tree(number INTEGER PRIMARY KEY, parent INT REFERENCES tree(number) ON DELETE CASCADE, name TEXT)'
DELETE FROM tree WHERE number = 1;
SELECT count(*) FROM tree;
--> 0

--- a parent's column is renamed in its children (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.alter_column("code", {name = "word", nullable = false})
    t.alter_column("b", {name = "bb"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' AND name GLOB 'c_*' EXCEPT SELECT name, sql FROM was;
--> 'c_pair'|'CREATE TABLE c_pair(x INT, y INT, FOREIGN KEY(x, y) REFERENCES parents(a, bb) DEFERRABLE INITIALLY DEFERRED)'
--> 'c_restrict'|'CREATE TABLE c_restrict(p TEXT REFERENCES parents(word) ON DELETE RESTRICT ON UPDATE CASCADE)'
UPDATE parents SET word = 'eins' WHERE id = 1;
SELECT p FROM c_restrict;
--> 'eins'
PRAGMA foreign_key_check;

--- a parent's column is renamed in its children (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.alter_column("code", {name = "word", nullable = false})
    t.alter_column("b", {name = "bb"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' AND name GLOB 'c_*' EXCEPT SELECT name, sql FROM was;
--> 'c_pair'|'CREATE TABLE c_pair(x INT, y INT, FOREIGN KEY(x, y) REFERENCES parents(a, bb) DEFERRABLE INITIALLY DEFERRED)'
--> 'c_restrict'|'CREATE TABLE c_restrict(p TEXT REFERENCES parents(word) ON DELETE RESTRICT ON UPDATE CASCADE)'
UPDATE parents SET word = 'eins' WHERE id = 1;
SELECT p FROM c_restrict;
--> 'eins'
PRAGMA foreign_key_check;

--- the parent is renamed: its children follow (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t) t.alter_column("note", {nullable = true, type = "BLOB"}) end, {recreate = "auto"})
  op.rename_table("parents", "elders")
  op.batch_alter_table("elders", function(t) t.add_column("z INT") end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT m.name, f."table" FROM sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY 1;
--> 'c_cascade'|'elders'
--> 'c_default'|'elders'
--> 'c_null'|'elders'
--> 'c_pair'|'elders'
--> 'c_pair'|'elders'
--> 'c_restrict'|'elders'
--> 'grand'|'c_cascade'
--> 'tree'|'tree'
DELETE FROM elders WHERE id = 7;
SELECT count(*) FROM c_null WHERE p IS NULL;
--> 2

--- the parent is renamed: its children follow (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t) t.alter_column("note", {nullable = true, type = "BLOB"}) end, {recreate = "always"})
  op.rename_table("parents", "elders")
  op.batch_alter_table("elders", function(t) t.add_column("z INT") end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT m.name, f."table" FROM sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY 1;
--> 'c_cascade'|'elders'
--> 'c_default'|'elders'
--> 'c_null'|'elders'
--> 'c_pair'|'elders'
--> 'c_pair'|'elders'
--> 'c_restrict'|'elders'
--> 'grand'|'c_cascade'
--> 'tree'|'tree'
DELETE FROM elders WHERE id = 7;
SELECT count(*) FROM c_null WHERE p IS NULL;
--> 2

--- the type of a key that children point to (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.alter_column("id", {using = "id + 100"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! violation
--! c_cascade
SELECT id FROM parents ORDER BY id;
--> 1
--> 2
--> 7
SELECT count(*) FROM kids;
--> 10

--- the type of a key that children point to (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.alter_column("id", {using = "id + 100"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! violation
--! c_cascade
SELECT id FROM parents ORDER BY id;
--> 1
--> 2
--> 7
SELECT count(*) FROM kids;
--> 10

--- what the children need is not taken from their parent (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.drop_constraint({type = "unique", columns = "code"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! c_restrict
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.drop_column("code")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! code
--! c_restrict
--! REFERENCES parents(code)
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.drop_column("b")
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! b
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.drop_constraint({type = "primary_key"})
  end, {recreate = "auto"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! c_
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT count(*) FROM kids;
--> 10

--- what the children need is not taken from their parent (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.drop_constraint({type = "unique", columns = "code"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! c_restrict
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.drop_column("code")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! code
--! c_restrict
--! REFERENCES parents(code)
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.drop_column("b")
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! b
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.drop_constraint({type = "primary_key"})
  end, {recreate = "always"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! c_
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT count(*) FROM kids;
--> 10

--- ... unless a unique index stands in for it (auto)
CREATE UNIQUE INDEX parents_code ON parents(code);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.drop_constraint({type = "unique", columns = "code"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO c_restrict VALUES('nowhere');
--! FOREIGN KEY constraint failed
DELETE FROM parents WHERE id = 1;
--! FOREIGN KEY constraint failed
PRAGMA foreign_key_check;

--- ... unless a unique index stands in for it (always)
CREATE UNIQUE INDEX parents_code ON parents(code);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.drop_constraint({type = "unique", columns = "code"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO c_restrict VALUES('nowhere');
--! FOREIGN KEY constraint failed
DELETE FROM parents WHERE id = 1;
--! FOREIGN KEY constraint failed
PRAGMA foreign_key_check;

--- old violations are neither hidden nor blamed (auto)
PRAGMA foreign_keys = OFF;
INSERT INTO c_cascade VALUES(90, 900);
INSERT INTO c_null(rowid, p) VALUES(91, 901);
PRAGMA foreign_keys = ON;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t) t.alter_column("id", {name = "number"}) t.alter_column("note", {type = "BLOB"}) end, {recreate = "auto"})
  op.batch_alter_table("c_cascade", function(t) t.add_column("z", {before = "id"}) end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT "table", rowid, parent FROM pragma_foreign_key_check ORDER BY 1;
--> 'c_cascade'|90|'parents'
--> 'c_null'|91|'parents'

--- old violations are neither hidden nor blamed (always)
PRAGMA foreign_keys = OFF;
INSERT INTO c_cascade VALUES(90, 900);
INSERT INTO c_null(rowid, p) VALUES(91, 901);
PRAGMA foreign_keys = ON;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t) t.alter_column("id", {name = "number"}) t.alter_column("note", {type = "BLOB"}) end, {recreate = "always"})
  op.batch_alter_table("c_cascade", function(t) t.add_column("z", {before = "id"}) end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT "table", rowid, parent FROM pragma_foreign_key_check ORDER BY 1;
--> 'c_cascade'|90|'parents'
--> 'c_null'|91|'parents'

--- a new one beside the old (auto)
PRAGMA foreign_keys = OFF;
INSERT INTO c_null(rowid, p) VALUES(91, 901);
PRAGMA foreign_keys = ON;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("c_null", function(t)
    t.alter_column("p", {using = "CASE p WHEN 7 THEN 70 ELSE p END"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 1 new foreign key violation
--! c_null rowid 2
SELECT rowid, p FROM c_null;
--> 1|1
--> 2|7
--> 3|NULL
--> 91|901

--- a new one beside the old (always)
PRAGMA foreign_keys = OFF;
INSERT INTO c_null(rowid, p) VALUES(91, 901);
PRAGMA foreign_keys = ON;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("c_null", function(t)
    t.alter_column("p", {using = "CASE p WHEN 7 THEN 70 ELSE p END"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 1 new foreign key violation
--! c_null rowid 2
SELECT rowid, p FROM c_null;
--> 1|1
--> 2|7
--> 3|NULL
--> 91|901

--- a child column loses its foreign key with it, the parent stays (auto)
DROP VIEW kids;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("c_default", function(t) t.add_column("q INT") t.drop_column("p") end, {recreate = "auto"})
  op.batch_alter_table("c_cascade", function(t) t.drop_constraint({type = "foreign_key", columns = "p"}) end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name IN ('c_default', 'c_cascade') ORDER BY 1;
--> 'CREATE TABLE c_cascade(id INTEGER PRIMARY KEY, p INT NOT NULL)'
--> 'CREATE TABLE c_default(q INT)'
SELECT count(*) FROM c_default;
--> 1
INSERT INTO c_cascade VALUES(40, 999);
SELECT id FROM parents ORDER BY id;
--> 1
--> 2
--> 7

--- a child column loses its foreign key with it, the parent stays (always)
DROP VIEW kids;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("c_default", function(t) t.add_column("q INT") t.drop_column("p") end, {recreate = "always"})
  op.batch_alter_table("c_cascade", function(t) t.drop_constraint({type = "foreign_key", columns = "p"}) end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name IN ('c_default', 'c_cascade') ORDER BY 1;
--> 'CREATE TABLE c_cascade(id INTEGER PRIMARY KEY, p INT NOT NULL)'
--> 'CREATE TABLE c_default(q INT)'
SELECT count(*) FROM c_default;
--> 1
INSERT INTO c_cascade VALUES(40, 999);
SELECT id FROM parents ORDER BY id;
--> 1
--> 2
--> 7

--- a foreign key to a table that is not there (auto)
CREATE TABLE lost(a INT REFERENCES nowhere(id), b INT);
PRAGMA foreign_keys = OFF;
INSERT INTO lost VALUES(NULL, 1);
PRAGMA foreign_keys = ON;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("lost", function(t)
    t.alter_column("b", {nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'lost';
--> 'CREATE TABLE lost(a INT REFERENCES nowhere(id), b INT NOT NULL)'

--- a foreign key to a table that is not there (always)
CREATE TABLE lost(a INT REFERENCES nowhere(id), b INT);
PRAGMA foreign_keys = OFF;
INSERT INTO lost VALUES(NULL, 1);
PRAGMA foreign_keys = ON;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("lost", function(t)
    t.alter_column("b", {nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'lost';
--> 'CREATE TABLE lost(a INT REFERENCES nowhere(id), b INT NOT NULL)'

--- children in other databases, and of the same name, are no children [file] (auto)
ATTACH 'other.db' AS other;
CREATE TABLE other.parents(id INTEGER PRIMARY KEY, note TEXT);
CREATE TABLE other.kid(p INT REFERENCES parents(id) ON DELETE CASCADE);
INSERT INTO other.parents VALUES(1, 'other');
INSERT INTO other.kid VALUES(1);
CREATE TEMP TABLE c_null(p INT REFERENCES parents(id) ON DELETE CASCADE);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.alter_column("id", {name = "number"})
    t.alter_column("note", {type = "BLOB", name = "remark"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM other.sqlite_schema;
--> 'CREATE TABLE parents(id INTEGER PRIMARY KEY, note TEXT)'
--> 'CREATE TABLE kid(p INT REFERENCES parents(id) ON DELETE CASCADE)'
SELECT sql FROM sqlite_temp_schema WHERE name = 'c_null';
--> 'CREATE TABLE c_null(p INT REFERENCES parents(id) ON DELETE CASCADE)'
SELECT count(*) FROM other.kid;
--> 1
SELECT number, remark FROM main.parents;
--> 1|'n'
--> 2|NULL
--> 7|'x'

--- children in other databases, and of the same name, are no children [file] (always)
ATTACH 'other.db' AS other;
CREATE TABLE other.parents(id INTEGER PRIMARY KEY, note TEXT);
CREATE TABLE other.kid(p INT REFERENCES parents(id) ON DELETE CASCADE);
INSERT INTO other.parents VALUES(1, 'other');
INSERT INTO other.kid VALUES(1);
CREATE TEMP TABLE c_null(p INT REFERENCES parents(id) ON DELETE CASCADE);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("parents", function(t)
    t.alter_column("id", {name = "number"})
    t.alter_column("note", {type = "BLOB", name = "remark"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM other.sqlite_schema;
--> 'CREATE TABLE parents(id INTEGER PRIMARY KEY, note TEXT)'
--> 'CREATE TABLE kid(p INT REFERENCES parents(id) ON DELETE CASCADE)'
SELECT sql FROM sqlite_temp_schema WHERE name = 'c_null';
--> 'CREATE TABLE c_null(p INT REFERENCES parents(id) ON DELETE CASCADE)'
SELECT count(*) FROM other.kid;
--> 1
SELECT number, remark FROM main.parents;
--> 1|'n'
--> 2|NULL
--> 7|'x'
