-- Generated columns, STRICT, WITHOUT ROWID and COLLATE come through.
PRAGMA foreign_keys = ON;
CREATE TABLE items(
  id INTEGER PRIMARY KEY,
  name TEXT COLLATE NOCASE NOT NULL,
  price INT,
  n INT DEFAULT 1,
  total INT GENERATED ALWAYS AS (price * n) STORED,
  label TEXT AS (upper(name) || ' #' || id),
  big GENERATED ALWAYS AS (price > 100) VIRTUAL CHECK (big IN (0, 1)),
  note TEXT
);
CREATE INDEX items_label ON items(label);
CREATE UNIQUE INDEX items_total ON items(total, name) WHERE total > 0;
CREATE TABLE parts(item_id INT REFERENCES items(id) ON DELETE CASCADE, what TEXT);
CREATE VIEW dear AS SELECT name, total FROM items WHERE big;
CREATE TABLE log(what);
CREATE TRIGGER items_au AFTER UPDATE ON items BEGIN INSERT INTO log VALUES(new.label); END;
INSERT INTO items(id, name, price, n, note) VALUES(1, 'pen', 2, 10, 'a'), (4, 'Desk', 150, 2, NULL), (5, 'cup', NULL, 3, 'c');
INSERT INTO parts VALUES(1, 'ink'), (4, 'leg');
CREATE TEMP TABLE was AS SELECT name, sql FROM sqlite_schema;

--- virtual and stored columns survive (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.alter_column("note", {type = "VARCHAR(9)"})
    t.create_check_constraint("some", "n > 0")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, name, price, n, total, label, big, note FROM items;
--> 1|'pen'|2|10|20|'PEN #1'|0|'a'
--> 4|'Desk'|150|2|300|'DESK #4'|1|NULL
--> 5|'cup'|NULL|3|NULL|'CUP #5'|NULL|'c'
SELECT name, type, hidden FROM pragma_table_xinfo('items') WHERE hidden;
--> 'total'|'INT'|3
--> 'label'|'TEXT'|2
--> 'big'|''|2
SELECT replace(replace((SELECT sql FROM was WHERE name = 'items'), 'note TEXT', 'note VARCHAR(9)'), char(10) || ')', ',' || char(10) || '  CONSTRAINT some CHECK (n > 0)' || char(10) || ')') = sql FROM sqlite_schema WHERE name = 'items';
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' AND name <> 'items' EXCEPT SELECT * FROM was;
SELECT id FROM items INDEXED BY items_label WHERE label = 'CUP #5';
--> 5
SELECT name FROM items WHERE name = 'PEN';
--> 'pen'
SELECT * FROM dear;
--> 'Desk'|300
SELECT * FROM log;
INSERT INTO items(name, price, n) VALUES('PEN', 20, 1);
--! UNIQUE constraint failed: items.total, items.name
UPDATE items SET price = 7 WHERE id = 1;
SELECT total, big FROM items WHERE id = 1;
--> 70|0
SELECT what FROM log;
--> 'PEN #1'
INSERT INTO items(name, total) VALUES('x', 1);
--! cannot INSERT into generated column "total"
PRAGMA integrity_check;
--> 'ok'

--- virtual and stored columns survive (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.alter_column("note", {type = "VARCHAR(9)"})
    t.create_check_constraint("some", "n > 0")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, name, price, n, total, label, big, note FROM items;
--> 1|'pen'|2|10|20|'PEN #1'|0|'a'
--> 4|'Desk'|150|2|300|'DESK #4'|1|NULL
--> 5|'cup'|NULL|3|NULL|'CUP #5'|NULL|'c'
SELECT name, type, hidden FROM pragma_table_xinfo('items') WHERE hidden;
--> 'total'|'INT'|3
--> 'label'|'TEXT'|2
--> 'big'|''|2
SELECT replace(replace((SELECT sql FROM was WHERE name = 'items'), 'note TEXT', 'note VARCHAR(9)'), char(10) || ')', ',' || char(10) || '  CONSTRAINT some CHECK (n > 0)' || char(10) || ')') = sql FROM sqlite_schema WHERE name = 'items';
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' AND name <> 'items' EXCEPT SELECT * FROM was;
SELECT id FROM items INDEXED BY items_label WHERE label = 'CUP #5';
--> 5
SELECT name FROM items WHERE name = 'PEN';
--> 'pen'
SELECT * FROM dear;
--> 'Desk'|300
SELECT * FROM log;
INSERT INTO items(name, price, n) VALUES('PEN', 20, 1);
--! UNIQUE constraint failed: items.total, items.name
UPDATE items SET price = 7 WHERE id = 1;
SELECT total, big FROM items WHERE id = 1;
--> 70|0
SELECT what FROM log;
--> 'PEN #1'
INSERT INTO items(name, total) VALUES('x', 1);
--! cannot INSERT into generated column "total"
PRAGMA integrity_check;
--> 'ok'

--- a column that others are generated from is converted: they follow
CREATE TABLE g(a TEXT, b AS (a || '!'), c INT AS (a + 1) STORED);
INSERT INTO g(a) VALUES('1.0'), ('2');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.alter_column("g", "a", {type = "INTEGER"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT typeof(a), a, b, c FROM g;
--> 'integer'|1|'1!'|2
--> 'integer'|2|'2!'|3
PRAGMA integrity_check;
--> 'ok'

--- ... or gets other values
CREATE TABLE g(id INTEGER PRIMARY KEY, a INT, c INT AS (a * 2) STORED UNIQUE);
INSERT INTO g(id, a) VALUES(1, 5), (2, NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.alter_column("g", "a", {nullable = false, using = "coalesce(a, 100) + id"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM g;
--> 1|6|12
--> 2|102|204
SELECT id FROM g WHERE c = 204;
--> 2
PRAGMA integrity_check;
--> 'ok'

--- a name is followed into the expressions (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.alter_column("price", {name = "cents"})
    t.alter_column("name", {name = "title"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'items';
--> 'CREATE TABLE items(
-->   id INTEGER PRIMARY KEY,
-->   title TEXT COLLATE NOCASE NOT NULL,
-->   cents INT,
-->   n INT DEFAULT 1,
-->   total INT GENERATED ALWAYS AS (cents * n) STORED,
-->   label TEXT AS (upper(title) || '' #'' || id),
-->   big GENERATED ALWAYS AS (cents > 100) VIRTUAL CHECK (big IN (0, 1)),
-->   note TEXT
--> )'
SELECT sql FROM sqlite_schema WHERE name IN ('items_total', 'dear') ORDER BY name;
--> 'CREATE VIEW dear AS SELECT title, total FROM items WHERE big'
--> 'CREATE UNIQUE INDEX items_total ON items(total, title) WHERE total > 0'
SELECT total, label FROM items ORDER BY id;
--> 20|'PEN #1'
--> 300|'DESK #4'
--> NULL|'CUP #5'
PRAGMA integrity_check;
--> 'ok'

--- a name is followed into the expressions (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.alter_column("price", {name = "cents"})
    t.alter_column("name", {name = "title"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'items';
--> 'CREATE TABLE items(
-->   id INTEGER PRIMARY KEY,
-->   title TEXT COLLATE NOCASE NOT NULL,
-->   cents INT,
-->   n INT DEFAULT 1,
-->   total INT GENERATED ALWAYS AS (cents * n) STORED,
-->   label TEXT AS (upper(title) || '' #'' || id),
-->   big GENERATED ALWAYS AS (cents > 100) VIRTUAL CHECK (big IN (0, 1)),
-->   note TEXT
--> )'
SELECT sql FROM sqlite_schema WHERE name IN ('items_total', 'dear') ORDER BY name;
--> 'CREATE VIEW dear AS SELECT title, total FROM items WHERE big'
--> 'CREATE UNIQUE INDEX items_total ON items(total, title) WHERE total > 0'
SELECT total, label FROM items ORDER BY id;
--> 20|'PEN #1'
--> 300|'DESK #4'
--> NULL|'CUP #5'
PRAGMA integrity_check;
--> 'ok'

--- a generated column is renamed, and dropped (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.alter_column("label", {name = "tag"})
    t.drop_column("note")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'items_label';
--> 'CREATE INDEX items_label ON items(tag)'
SELECT tag FROM items ORDER BY 1;
--> 'CUP #5'
--> 'DESK #4'
--> 'PEN #1'
SELECT migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  op.drop_trigger("items_au")
  op.batch_alter_table("items", function(t)
    t.drop_column("tag")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade();
--> 1
SELECT name FROM pragma_table_xinfo('items');
--> 'id'
--> 'name'
--> 'price'
--> 'n'
--> 'total'
--> 'big'
SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'items';
--> 'items_total'

--- a generated column is renamed, and dropped (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.alter_column("label", {name = "tag"})
    t.drop_column("note")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'items_label';
--> 'CREATE INDEX items_label ON items(tag)'
SELECT tag FROM items ORDER BY 1;
--> 'CUP #5'
--> 'DESK #4'
--> 'PEN #1'
SELECT migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  op.drop_trigger("items_au")
  op.batch_alter_table("items", function(t)
    t.drop_column("tag")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade();
--> 1
SELECT name FROM pragma_table_xinfo('items');
--> 'id'
--> 'name'
--> 'price'
--> 'n'
--> 'total'
--> 'big'
SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'items';
--> 'items_total'

--- a column that another is generated from is not dropped (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.drop_column("n")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! n
--! total
--! price * n
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT sum(total) FROM items;
--> 320

--- a column that another is generated from is not dropped (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.drop_column("n")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! n
--! total
--! price * n
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT sum(total) FROM items;
--> 320

--- generated columns are added: VIRTUAL at the end, STORED anywhere
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("items", "twice INT AS (n * 2)")
  op.add_column("items", "thrice INT GENERATED ALWAYS AS (n * 3) STORED")
  op.add_column("items", {name = "half", type = "REAL", generated = "n / 2.0", stored = true, nullable = false}, {after = "n"})
  op.add_column("items", "quad INT AS (n * 4)", {before = "note"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, hidden FROM pragma_table_xinfo('items');
--> 'id'|0
--> 'name'|0
--> 'price'|0
--> 'n'|0
--> 'half'|3
--> 'total'|3
--> 'label'|2
--> 'big'|2
--> 'quad'|2
--> 'note'|0
--> 'twice'|2
--> 'thrice'|3
SELECT id, n, half, total, quad, note, twice, thrice FROM items;
--> 1|10|5.0|20|40|'a'|20|30
--> 4|2|1.0|300|8|NULL|4|6
--> 5|3|1.5|NULL|12|'c'|6|9
PRAGMA integrity_check;
--> 'ok'

--- a generated column's NOT NULL is tried on the rows (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.alter_column("total", {nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! total
--! rowid 5
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.alter_column("label", {nullable = false})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
UPDATE items SET n = 1;
SELECT sql LIKE '%label TEXT AS (upper(name) || '' #'' || id) NOT NULL,%' FROM sqlite_schema WHERE name = 'items';
--> 1

--- a generated column's NOT NULL is tried on the rows (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.alter_column("total", {nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! total
--! rowid 5
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.alter_column("label", {nullable = false})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
UPDATE items SET n = 1;
SELECT sql LIKE '%label TEXT AS (upper(name) || '' #'' || id) NOT NULL,%' FROM sqlite_schema WHERE name = 'items';
--> 1

--- what is generated takes no values
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.alter_column("items", "total", {using = "1"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! total
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.add_column("items", "z AS (n)", {using = "1"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! z
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- the type of a generated column (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.alter_column("label", {type = "VARCHAR(99)"})
    t.alter_column("total", {type = "TEXT"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, type, hidden FROM pragma_table_xinfo('items') WHERE hidden;
--> 'total'|'TEXT'|3
--> 'label'|'VARCHAR(99)'|2
--> 'big'|''|2
SELECT typeof(total), total FROM items;
--> 'text'|'20'
--> 'text'|'300'
--> 'null'|NULL
PRAGMA integrity_check;
--> 'ok'

--- the type of a generated column (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("items", function(t)
    t.alter_column("label", {type = "VARCHAR(99)"})
    t.alter_column("total", {type = "TEXT"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, type, hidden FROM pragma_table_xinfo('items') WHERE hidden;
--> 'total'|'TEXT'|3
--> 'label'|'VARCHAR(99)'|2
--> 'big'|''|2
SELECT typeof(total), total FROM items;
--> 'text'|'20'
--> 'text'|'300'
--> 'null'|NULL
PRAGMA integrity_check;
--> 'ok'

--- STRICT and WITHOUT ROWID, in any order and case (auto) [from 3.38]
CREATE TABLE s(k TEXT PRIMARY KEY COLLATE NOCASE, v INT, w ANY, h TEXT AS (k || v) STORED) strict  , Without  Rowid;
INSERT INTO s(k, v, w) VALUES('b', 2, '3'), ('A', 1, x'00');
CREATE TABLE s2(k TEXT REFERENCES s(k) ON UPDATE CASCADE);
INSERT INTO s2 VALUES('a');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("s", function(t)
    t.alter_column("v", {nullable = false})
    t.add_column("x REAL NOT NULL DEFAULT 1")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 's';
--> 'CREATE TABLE s(k TEXT PRIMARY KEY COLLATE NOCASE, v INT NOT NULL, w ANY, h TEXT AS (k || v) STORED, x REAL NOT NULL DEFAULT 1) strict  , Without  Rowid'
SELECT k, v, typeof(w), w, h, x FROM s;
--> 'A'|1|'blob'|x'00'|'A1'|1.0
--> 'b'|2|'text'|'3'|'b2'|1.0
SELECT wr, strict FROM pragma_table_list('s');
--> 1|1
INSERT INTO s(k, v) VALUES('c', 'x');
--! cannot store TEXT value in INT column s.v
UPDATE s SET k = 'z' WHERE k = 'a';
SELECT * FROM s2;
--> 'z'
PRAGMA integrity_check;
--> 'ok'

--- STRICT and WITHOUT ROWID, in any order and case (always) [from 3.38]
CREATE TABLE s(k TEXT PRIMARY KEY COLLATE NOCASE, v INT, w ANY, h TEXT AS (k || v) STORED) strict  , Without  Rowid;
INSERT INTO s(k, v, w) VALUES('b', 2, '3'), ('A', 1, x'00');
CREATE TABLE s2(k TEXT REFERENCES s(k) ON UPDATE CASCADE);
INSERT INTO s2 VALUES('a');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("s", function(t)
    t.alter_column("v", {nullable = false})
    t.add_column("x REAL NOT NULL DEFAULT 1")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 's';
--> 'CREATE TABLE s(k TEXT PRIMARY KEY COLLATE NOCASE, v INT NOT NULL, w ANY, h TEXT AS (k || v) STORED, x REAL NOT NULL DEFAULT 1) strict  , Without  Rowid'
SELECT k, v, typeof(w), w, h, x FROM s;
--> 'A'|1|'blob'|x'00'|'A1'|1.0
--> 'b'|2|'text'|'3'|'b2'|1.0
SELECT wr, strict FROM pragma_table_list('s');
--> 1|1
INSERT INTO s(k, v) VALUES('c', 'x');
--! cannot store TEXT value in INT column s.v
UPDATE s SET k = 'z' WHERE k = 'a';
SELECT * FROM s2;
--> 'z'
PRAGMA integrity_check;
--> 'ok'

--- a collation that no key uses is changed (auto)
CREATE TABLE c(a TEXT, b TEXT COLLATE NOCASE);
INSERT INTO c VALUES('x', 'x'), ('X', 'X');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("c", function(t)
    t.alter_column("a", {collate = "NOCASE"})
    t.alter_column("b", {collate = null})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT count(*) FROM c WHERE a = 'x';
--> 2
SELECT count(*) FROM c WHERE b = 'x';
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'c';
--> 'CREATE TABLE c(a TEXT COLLATE NOCASE, b TEXT)'

--- a collation that no key uses is changed (always)
CREATE TABLE c(a TEXT, b TEXT COLLATE NOCASE);
INSERT INTO c VALUES('x', 'x'), ('X', 'X');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("c", function(t)
    t.alter_column("a", {collate = "NOCASE"})
    t.alter_column("b", {collate = null})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT count(*) FROM c WHERE a = 'x';
--> 2
SELECT count(*) FROM c WHERE b = 'x';
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'c';
--> 'CREATE TABLE c(a TEXT COLLATE NOCASE, b TEXT)'

--- a collation that indexes and keys use is changed: they are sorted anew (auto)
CREATE TABLE c(a TEXT UNIQUE, b TEXT COLLATE NOCASE, c TEXT);
CREATE INDEX c_b ON c(b);
CREATE INDEX c_bin ON c(b COLLATE BINARY);
CREATE INDEX c_part ON c(c) WHERE b = 'x';
INSERT INTO c VALUES('a', 'x', '1'), ('B', 'X', '2'), ('c', 'y', '3');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("c", function(t)
    t.alter_column("a", {collate = "NOCASE"})
    t.alter_column("b", {collate = null})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO c(a) VALUES('A');
--! UNIQUE constraint failed: c.a
SELECT a FROM c ORDER BY a;
--> 'a'
--> 'B'
--> 'c'
SELECT b FROM c INDEXED BY c_b WHERE b = 'X';
--> 'X'
SELECT c FROM c INDEXED BY c_part WHERE b = 'x';
--> '1'
PRAGMA integrity_check;
--> 'ok'

--- a collation that indexes and keys use is changed: they are sorted anew (always)
CREATE TABLE c(a TEXT UNIQUE, b TEXT COLLATE NOCASE, c TEXT);
CREATE INDEX c_b ON c(b);
CREATE INDEX c_bin ON c(b COLLATE BINARY);
CREATE INDEX c_part ON c(c) WHERE b = 'x';
INSERT INTO c VALUES('a', 'x', '1'), ('B', 'X', '2'), ('c', 'y', '3');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("c", function(t)
    t.alter_column("a", {collate = "NOCASE"})
    t.alter_column("b", {collate = null})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO c(a) VALUES('A');
--! UNIQUE constraint failed: c.a
SELECT a FROM c ORDER BY a;
--> 'a'
--> 'B'
--> 'c'
SELECT b FROM c INDEXED BY c_b WHERE b = 'X';
--> 'X'
SELECT c FROM c INDEXED BY c_part WHERE b = 'x';
--> '1'
PRAGMA integrity_check;
--> 'ok'

--- ... and what is then twice is refused (auto)
CREATE TABLE c(a TEXT UNIQUE);
INSERT INTO c VALUES('a'), ('A'), ('b');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("c", function(t)
    t.alter_column("a", {collate = "NOCASE"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! c
SELECT sql FROM sqlite_schema WHERE name = 'c';
--> 'CREATE TABLE c(a TEXT UNIQUE)'
SELECT a FROM c ORDER BY rowid;
--> 'a'
--> 'A'
--> 'b'

--- ... and what is then twice is refused (always)
CREATE TABLE c(a TEXT UNIQUE);
INSERT INTO c VALUES('a'), ('A'), ('b');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("c", function(t)
    t.alter_column("a", {collate = "NOCASE"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! c
SELECT sql FROM sqlite_schema WHERE name = 'c';
--> 'CREATE TABLE c(a TEXT UNIQUE)'
SELECT a FROM c ORDER BY rowid;
--> 'a'
--> 'A'
--> 'b'

--- a collation that nobody knows
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.alter_column("items", "note", {collate = "NOCASES"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! NOCASES
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
