-- Defaults in every form, and the trap: rows that read theirs from the schema.
CREATE TABLE forms(
  id INTEGER PRIMARY KEY,
  a INT DEFAULT 7, b INT DEFAULT -7, c INT DEFAULT +7, d REAL DEFAULT 1.5e3,
  e TEXT DEFAULT 'it''s', f TEXT DEFAULT "double", g TEXT DEFAULT bare,
  h BLOB DEFAULT x'00FF', i DEFAULT NULL, j DEFAULT TRUE, k DEFAULT false,
  l TEXT DEFAULT (upper('e') || 'x'), m DEFAULT (1 + (2 * 3)), n INT DEFAULT 0x10,
  o TEXT DEFAULT current_date, p TEXT DEFAULT CURRENT_TIMESTAMP, q TEXT DEFAULT (strftime('%Y', 'now')),
  r TEXT DEFAULT '12' NOT NULL, s INT DEFAULT '12', t DEFAULT '12', u DEFAULT 9223372036854775807,
  w DEFAULT ('a, b) -- c'), x INT
);
CREATE TABLE likes(form_id INTEGER DEFAULT 1 REFERENCES forms(id) ON DELETE SET DEFAULT, who);
CREATE VIEW shown AS SELECT id, a, e FROM forms;
CREATE TRIGGER forms_ai AFTER INSERT ON forms WHEN new.id > 100 BEGIN INSERT INTO likes(who) VALUES(new.e); END;
INSERT INTO forms(id) VALUES(1), (2);
INSERT INTO likes VALUES(1, 'Ann'), (2, 'Bo');
CREATE TABLE grown(id INTEGER PRIMARY KEY, a TEXT);
INSERT INTO grown VALUES(1, 'x'), (2, 'y');
ALTER TABLE grown ADD COLUMN s TEXT DEFAULT 'old';
ALTER TABLE grown ADD COLUMN n INT NOT NULL DEFAULT 5;
ALTER TABLE grown ADD COLUMN r REAL DEFAULT 1;
INSERT INTO grown(id, s) VALUES(3, 'own'), (4, NULL);
CREATE VIEW grown_s AS SELECT id, s FROM grown;

--- every form survives, and means what it meant (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("forms", function(t)
    t.alter_column("x", {nullable = true, type = "BIGINT"})
    t.add_column("y INT")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT dflt_value FROM pragma_table_info('forms') WHERE cid > 0;
--> '7'
--> '-7'
--> '+7'
--> '1.5e3'
--> '''it''''s'''
--> '"double"'
--> 'bare'
--> 'x''00FF'''
--> 'NULL'
--> 'TRUE'
--> 'false'
--> 'upper(''e'') || ''x'''
--> '1 + (2 * 3)'
--> '0x10'
--> 'current_date'
--> 'CURRENT_TIMESTAMP'
--> 'strftime(''%Y'', ''now'')'
--> '''12'''
--> '''12'''
--> '''12'''
--> '9223372036854775807'
--> '''a, b) -- c'''
--> NULL
--> NULL
INSERT INTO forms(id) VALUES(101);
SELECT a, b, c, d, e, f, g, h, i, j, k, l, m, n, r, s, t, u, w, x, y FROM forms WHERE id IN (1, 101);
--> 7|-7|7|1500.0|'it''s'|'double'|'bare'|x'00ff'|NULL|1|0|'Ex'|7|16|'12'|12|'12'|9223372036854775807|'a, b) -- c'|NULL|NULL
--> 7|-7|7|1500.0|'it''s'|'double'|'bare'|x'00ff'|NULL|1|0|'Ex'|7|16|'12'|12|'12'|9223372036854775807|'a, b) -- c'|NULL|NULL
SELECT length(o), length(p), length(q) FROM forms WHERE id = 101;
--> 10|19|4
SELECT form_id, who FROM likes;
--> 1|'Ann'
--> 2|'Bo'
--> 1|'it''s'

--- every form survives, and means what it meant (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("forms", function(t)
    t.alter_column("x", {nullable = true, type = "BIGINT"})
    t.add_column("y INT")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT dflt_value FROM pragma_table_info('forms') WHERE cid > 0;
--> '7'
--> '-7'
--> '+7'
--> '1.5e3'
--> '''it''''s'''
--> '"double"'
--> 'bare'
--> 'x''00FF'''
--> 'NULL'
--> 'TRUE'
--> 'false'
--> 'upper(''e'') || ''x'''
--> '1 + (2 * 3)'
--> '0x10'
--> 'current_date'
--> 'CURRENT_TIMESTAMP'
--> 'strftime(''%Y'', ''now'')'
--> '''12'''
--> '''12'''
--> '''12'''
--> '9223372036854775807'
--> '''a, b) -- c'''
--> NULL
--> NULL
INSERT INTO forms(id) VALUES(101);
SELECT a, b, c, d, e, f, g, h, i, j, k, l, m, n, r, s, t, u, w, x, y FROM forms WHERE id IN (1, 101);
--> 7|-7|7|1500.0|'it''s'|'double'|'bare'|x'00ff'|NULL|1|0|'Ex'|7|16|'12'|12|'12'|9223372036854775807|'a, b) -- c'|NULL|NULL
--> 7|-7|7|1500.0|'it''s'|'double'|'bare'|x'00ff'|NULL|1|0|'Ex'|7|16|'12'|12|'12'|9223372036854775807|'a, b) -- c'|NULL|NULL
SELECT length(o), length(p), length(q) FROM forms WHERE id = 101;
--> 10|19|4
SELECT form_id, who FROM likes;
--> 1|'Ann'
--> 2|'Bo'
--> 1|'it''s'

--- a default is changed: for rows to come, not for those there are (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("forms", function(t)
    t.alter_column("a", {default = 8})
    t.alter_column("e", {default = "''new''"})
    t.alter_column("l", {default = "CURRENT_DATE"})
    t.alter_column("p", {default = "(strftime(''%H'', ''now''))"})
    t.alter_column("x", {default = -1})
    t.alter_column("d", {default = 0.5})
    t.alter_column("h", {default = "x''01''"})
    t.alter_column("n", {default = null})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO forms(id) VALUES(3);
SELECT id, a, e, length(l), length(p), x, d, h, n FROM forms;
--> 1|7|'it''s'|2|19|NULL|1500.0|x'00ff'|16
--> 2|7|'it''s'|2|19|NULL|1500.0|x'00ff'|16
--> 3|8|'new'|10|2|-1|0.5|x'01'|NULL
SELECT * FROM shown;
--> 1|7|'it''s'
--> 2|7|'it''s'
--> 3|8|'new'
SELECT count(*) FROM likes;
--> 2

--- a default is changed: for rows to come, not for those there are (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("forms", function(t)
    t.alter_column("a", {default = 8})
    t.alter_column("e", {default = "''new''"})
    t.alter_column("l", {default = "CURRENT_DATE"})
    t.alter_column("p", {default = "(strftime(''%H'', ''now''))"})
    t.alter_column("x", {default = -1})
    t.alter_column("d", {default = 0.5})
    t.alter_column("h", {default = "x''01''"})
    t.alter_column("n", {default = null})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO forms(id) VALUES(3);
SELECT id, a, e, length(l), length(p), x, d, h, n FROM forms;
--> 1|7|'it''s'|2|19|NULL|1500.0|x'00ff'|16
--> 2|7|'it''s'|2|19|NULL|1500.0|x'00ff'|16
--> 3|8|'new'|10|2|-1|0.5|x'01'|NULL
SELECT * FROM shown;
--> 1|7|'it''s'
--> 2|7|'it''s'
--> 3|8|'new'
SELECT count(*) FROM likes;
--> 2

--- the trap: rows older than the column keep what they read (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("s", {default = "''new''"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO grown(id) VALUES(9);
SELECT id, s, n, typeof(r), r FROM grown;
--> 1|'old'|5|'real'|1.0
--> 2|'old'|5|'real'|1.0
--> 3|'own'|5|'real'|1.0
--> 4|NULL|5|'real'|1.0
--> 9|'new'|5|'real'|1.0
SELECT s FROM grown_s WHERE id < 3;
--> 'old'
--> 'old'
SELECT dflt_value FROM pragma_table_info('grown') WHERE name = 's';
--> '''new'''

--- the trap: rows older than the column keep what they read (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("s", {default = "''new''"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO grown(id) VALUES(9);
SELECT id, s, n, typeof(r), r FROM grown;
--> 1|'old'|5|'real'|1.0
--> 2|'old'|5|'real'|1.0
--> 3|'own'|5|'real'|1.0
--> 4|NULL|5|'real'|1.0
--> 9|'new'|5|'real'|1.0
SELECT s FROM grown_s WHERE id < 3;
--> 'old'
--> 'old'
SELECT dflt_value FROM pragma_table_info('grown') WHERE name = 's';
--> '''new'''

--- ... when the default goes (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("s", {default = null})
    t.alter_column("n", {default = null})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, s, n FROM grown;
--> 1|'old'|5
--> 2|'old'|5
--> 3|'own'|5
--> 4|NULL|5
INSERT INTO grown(id) VALUES(9);
--! NOT NULL constraint failed: grown.n
PRAGMA integrity_check;
--> 'ok'

--- ... when the default goes (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("s", {default = null})
    t.alter_column("n", {default = null})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, s, n FROM grown;
--> 1|'old'|5
--> 2|'old'|5
--> 3|'own'|5
--> 4|NULL|5
INSERT INTO grown(id) VALUES(9);
--! NOT NULL constraint failed: grown.n
PRAGMA integrity_check;
--> 'ok'

--- ... when the column is made by a migration just before (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("grown", "z TEXT DEFAULT ''first''")
  op.batch_alter_table("grown", function(t)
    t.alter_column("z", {default = "''second''"})
  end, {recreate = "auto"})
  op.execute("INSERT INTO grown(id) VALUES(9)")
  op.batch_alter_table("grown", function(t)
    t.alter_column("z", {default = "''third''"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO grown(id) VALUES(10);
SELECT id, z FROM grown;
--> 1|'first'
--> 2|'first'
--> 3|'first'
--> 4|'first'
--> 9|'second'
--> 10|'third'

--- ... when the column is made by a migration just before (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("grown", "z TEXT DEFAULT ''first''")
  op.batch_alter_table("grown", function(t)
    t.alter_column("z", {default = "''second''"})
  end, {recreate = "always"})
  op.execute("INSERT INTO grown(id) VALUES(9)")
  op.batch_alter_table("grown", function(t)
    t.alter_column("z", {default = "''third''"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO grown(id) VALUES(10);
SELECT id, z FROM grown;
--> 1|'first'
--> 2|'first'
--> 3|'first'
--> 4|'first'
--> 9|'second'
--> 10|'third'

--- ... when the column gets its default together with another name, or NOT NULL (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("s", {name = "status", default = "''new''"})
    t.alter_column("n", {default = 6, type = "BIGINT", nullable = true})
    t.alter_column("r", {default = 2, nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO grown(id) VALUES(9);
SELECT id, status, n, typeof(r), r FROM grown;
--> 1|'old'|5|'real'|1.0
--> 2|'old'|5|'real'|1.0
--> 3|'own'|5|'real'|1.0
--> 4|NULL|5|'real'|1.0
--> 9|'new'|6|'real'|2.0
SELECT status FROM grown_s WHERE id = 1;
--> 'old'

--- ... when the column gets its default together with another name, or NOT NULL (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("s", {name = "status", default = "''new''"})
    t.alter_column("n", {default = 6, type = "BIGINT", nullable = true})
    t.alter_column("r", {default = 2, nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO grown(id) VALUES(9);
SELECT id, status, n, typeof(r), r FROM grown;
--> 1|'old'|5|'real'|1.0
--> 2|'old'|5|'real'|1.0
--> 3|'own'|5|'real'|1.0
--> 4|NULL|5|'real'|1.0
--> 9|'new'|6|'real'|2.0
SELECT status FROM grown_s WHERE id = 1;
--> 'old'

--- ... when the type changes (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("n", {type = "TEXT"})
    t.alter_column("r", {type = "INTEGER"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, typeof(n), n, typeof(r), r FROM grown;
--> 1|'text'|'5'|'integer'|1
--> 2|'text'|'5'|'integer'|1
--> 3|'text'|'5'|'integer'|1
--> 4|'text'|'5'|'integer'|1

--- ... when the type changes (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("n", {type = "TEXT"})
    t.alter_column("r", {type = "INTEGER"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, typeof(n), n, typeof(r), r FROM grown;
--> 1|'text'|'5'|'integer'|1
--> 2|'text'|'5'|'integer'|1
--> 3|'text'|'5'|'integer'|1
--> 4|'text'|'5'|'integer'|1

--- ... when another column of the table changes (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("a", {default = "''z''"})
    t.create_check_constraint("known", "s IN (''old'', ''own'')")
    t.alter_column("s", {nullable = true, type = "CLOB"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO grown(id) VALUES(9);
SELECT id, a, s, n FROM grown;
--> 1|'x'|'old'|5
--> 2|'y'|'old'|5
--> 3|NULL|'own'|5
--> 4|NULL|NULL|5
--> 9|'z'|'old'|5
INSERT INTO grown(s) VALUES('new');
--! known

--- ... when another column of the table changes (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("a", {default = "''z''"})
    t.create_check_constraint("known", "s IN (''old'', ''own'')")
    t.alter_column("s", {nullable = true, type = "CLOB"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO grown(id) VALUES(9);
SELECT id, a, s, n FROM grown;
--> 1|'x'|'old'|5
--> 2|'y'|'old'|5
--> 3|NULL|'own'|5
--> 4|NULL|NULL|5
--> 9|'z'|'old'|5
INSERT INTO grown(s) VALUES('new');
--! known

--- a default is another's value: boolean, a number as text, an empty text (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("forms", function(t)
    t.alter_column("a", {default = true})
    t.alter_column("e", {default = "''''"})
    t.alter_column("r", {default = "13"})
    t.alter_column("w", {default = "NULL"})
    t.alter_column("g", {default = "(''a'' || ''b'')"})
    t.alter_column("m", {default = "1 + 1"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO forms(id) VALUES(3);
SELECT a, e, typeof(r), r, w, g, m FROM forms WHERE id = 3;
--> 1|''|'text'|'13'|NULL|'ab'|2

--- a default is another's value: boolean, a number as text, an empty text (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("forms", function(t)
    t.alter_column("a", {default = true})
    t.alter_column("e", {default = "''''"})
    t.alter_column("r", {default = "13"})
    t.alter_column("w", {default = "NULL"})
    t.alter_column("g", {default = "(''a'' || ''b'')"})
    t.alter_column("m", {default = "1 + 1"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO forms(id) VALUES(3);
SELECT a, e, typeof(r), r, w, g, m FROM forms WHERE id = 3;
--> 1|''|'text'|'13'|NULL|'ab'|2

--- a default that is no default (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("forms", function(t)
    t.alter_column("a", {default = "1; DROP TABLE likes"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("forms", function(t)
    t.alter_column("a", {default = "(b + 1)"})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! revision bbbb
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("forms", function(t)
    t.alter_column("a", {default = "''open"})
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! revision cccc
SELECT dflt_value FROM pragma_table_info('forms') WHERE name = 'a';
--> '7'
SELECT count(*) FROM likes;
--> 2

--- a default that is no default (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("forms", function(t)
    t.alter_column("a", {default = "1; DROP TABLE likes"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("forms", function(t)
    t.alter_column("a", {default = "(b + 1)"})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! revision bbbb
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("forms", function(t)
    t.alter_column("a", {default = "''open"})
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! revision cccc
SELECT dflt_value FROM pragma_table_info('forms') WHERE name = 'a';
--> '7'
SELECT count(*) FROM likes;
--> 2

--- changed and changed back: the text is as before (auto)
CREATE TEMP TABLE was AS SELECT name, sql FROM sqlite_schema;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("s", {default = "''new''"})
    t.alter_column("n", {default = null})
  end, {recreate = "auto"})
end
function downgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("s", {default = "''old''"})
    t.alter_column("n", {default = "5"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT * FROM grown;
--> 1|'x'|'old'|5|1.0
--> 2|'y'|'old'|5|1.0
--> 3|NULL|'own'|5|1.0
--> 4|NULL|NULL|5|1.0

--- changed and changed back: the text is as before (always)
CREATE TEMP TABLE was AS SELECT name, sql FROM sqlite_schema;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("s", {default = "''new''"})
    t.alter_column("n", {default = null})
  end, {recreate = "always"})
end
function downgrade()
  op.batch_alter_table("grown", function(t)
    t.alter_column("s", {default = "''old''"})
    t.alter_column("n", {default = "5"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT * FROM grown;
--> 1|'x'|'old'|5|1.0
--> 2|'y'|'old'|5|1.0
--> 3|NULL|'own'|5|1.0
--> 4|NULL|NULL|5|1.0

--- a generated or a key column has no default
CREATE TABLE g(a INT, b INT AS (a + 1));
INSERT INTO g VALUES(1);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.alter_column("g", "b", {default = 3})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! b
SELECT sql FROM sqlite_schema WHERE name = 'g';
--> 'CREATE TABLE g(a INT, b INT AS (a + 1))'

--- in a table WITHOUT ROWID an index stores the column, and not the row
CREATE TABLE w(k PRIMARY KEY) WITHOUT ROWID; INSERT INTO w VALUES(1);
ALTER TABLE w ADD COLUMN s TEXT DEFAULT 'old';
CREATE INDEX w_s ON w(s);
SELECT migrate_register('revision = "aaaa"
function upgrade() op.alter_column("w", "s", {default = "''new''"}) end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO w(k) VALUES(2);
SELECT * FROM w ORDER BY +k;
--> 1|'old'
--> 2|'new'
PRAGMA integrity_check;
--> 'ok'
