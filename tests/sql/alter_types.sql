-- Types: what is only a word changes for nothing, values are converted or refused.
PRAGMA foreign_keys = ON;
CREATE TABLE raw(id INTEGER PRIMARY KEY, t TEXT, n INTEGER, r REAL, b BLOB, d DECIMAL(8,2), v VARCHAR(50) NOT NULL DEFAULT 'x');
CREATE TABLE kids(raw_id INTEGER REFERENCES raw(id) ON DELETE CASCADE, name TEXT);
CREATE VIEW seen AS SELECT id, t, v FROM raw;
CREATE INDEX raw_t ON raw(t) WHERE t <> '';
CREATE TABLE log(what);
CREATE TRIGGER raw_au AFTER UPDATE ON raw BEGIN INSERT INTO log VALUES('updated ' || old.id); END;
INSERT INTO raw(id, t, n, r, b, d) VALUES(-1, '12', 34, 1.5, x'61', 1.25), (3, NULL, NULL, NULL, NULL, NULL), (9, '1.0', -5, 2, 'text', 10);
INSERT INTO kids VALUES(-1, 'a'), (9, 'b');

--- the same affinity: only the word changes (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("v", {type = "VARCHAR(100)"})
    t.alter_column("n", {type = "BIGINT"})
    t.alter_column("r", {type = "DOUBLE"})
    t.alter_column("d", {type = "NUMERIC"})
    t.alter_column("t", {type = "CLOB"})
    t.alter_column("b", {type = null})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'raw';
--> 'CREATE TABLE raw(id INTEGER PRIMARY KEY, t CLOB, n BIGINT, r DOUBLE, b, d NUMERIC, v VARCHAR(100) NOT NULL DEFAULT ''x'')'
SELECT id, t, n, r, b, d, v FROM raw;
--> -1|'12'|34|1.5|x'61'|1.25|'x'
--> 3|NULL|NULL|NULL|NULL|NULL|'x'
--> 9|'1.0'|-5|2.0|'text'|10|'x'
SELECT count(*) FROM kids;
--> 2
SELECT * FROM log;

--- the same affinity: only the word changes (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("v", {type = "VARCHAR(100)"})
    t.alter_column("n", {type = "BIGINT"})
    t.alter_column("r", {type = "DOUBLE"})
    t.alter_column("d", {type = "NUMERIC"})
    t.alter_column("t", {type = "CLOB"})
    t.alter_column("b", {type = null})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'raw';
--> 'CREATE TABLE raw(id INTEGER PRIMARY KEY, t CLOB, n BIGINT, r DOUBLE, b, d NUMERIC, v VARCHAR(100) NOT NULL DEFAULT ''x'')'
SELECT id, t, n, r, b, d, v FROM raw;
--> -1|'12'|34|1.5|x'61'|1.25|'x'
--> 3|NULL|NULL|NULL|NULL|NULL|'x'
--> 9|'1.0'|-5|2.0|'text'|10|'x'
SELECT count(*) FROM kids;
--> 2
SELECT * FROM log;

--- TEXT to INTEGER (auto)
UPDATE raw SET t = ' 7 ' WHERE id = 3;
DELETE FROM log;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = "INTEGER"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, typeof(t), t FROM raw;
--> -1|'integer'|12
--> 3|'integer'|7
--> 9|'integer'|1
SELECT * FROM log;
SELECT t FROM raw WHERE t = 12;
--> 12
SELECT count(*) FROM kids;
--> 2
PRAGMA integrity_check;
--> 'ok'

--- TEXT to INTEGER (always)
UPDATE raw SET t = ' 7 ' WHERE id = 3;
DELETE FROM log;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = "INTEGER"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, typeof(t), t FROM raw;
--> -1|'integer'|12
--> 3|'integer'|7
--> 9|'integer'|1
SELECT * FROM log;
SELECT t FROM raw WHERE t = 12;
--> 12
SELECT count(*) FROM kids;
--> 2
PRAGMA integrity_check;
--> 'ok'

--- ... of what is no integer: the first rows are named (auto)
UPDATE raw SET t = '1.5' WHERE id = 9;
INSERT INTO raw(id, t) VALUES(20, 'abc'), (21, '12abc'), (22, ''), (23, x'3132'), (24, '99999999999999999999');
DELETE FROM log;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = "INTEGER"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! raw
--! column t
--! 6 rows
--! INTEGER
--! rowid 9: '1.5'
--! rowid 20: 'abc'
--! using=
SELECT id, typeof(t), t FROM raw WHERE t IS NOT NULL;
--> -1|'text'|'12'
--> 9|'text'|'1.5'
--> 20|'text'|'abc'
--> 21|'text'|'12abc'
--> 22|'text'|''
--> 23|'blob'|x'3132'
--> 24|'text'|'99999999999999999999'
SELECT type FROM pragma_table_info('raw') WHERE name = 't';
--> 'TEXT'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = "INTEGER", using = "CAST(t AS INTEGER)"})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT id, typeof(t), t FROM raw WHERE id < 24;
--> -1|'integer'|12
--> 3|'null'|NULL
--> 9|'integer'|1
--> 20|'integer'|0
--> 21|'integer'|12
--> 22|'integer'|0
--> 23|'integer'|12
SELECT * FROM log;

--- ... of what is no integer: the first rows are named (always)
UPDATE raw SET t = '1.5' WHERE id = 9;
INSERT INTO raw(id, t) VALUES(20, 'abc'), (21, '12abc'), (22, ''), (23, x'3132'), (24, '99999999999999999999');
DELETE FROM log;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = "INTEGER"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! raw
--! column t
--! 6 rows
--! INTEGER
--! rowid 9: '1.5'
--! rowid 20: 'abc'
--! using=
SELECT id, typeof(t), t FROM raw WHERE t IS NOT NULL;
--> -1|'text'|'12'
--> 9|'text'|'1.5'
--> 20|'text'|'abc'
--> 21|'text'|'12abc'
--> 22|'text'|''
--> 23|'blob'|x'3132'
--> 24|'text'|'99999999999999999999'
SELECT type FROM pragma_table_info('raw') WHERE name = 't';
--> 'TEXT'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = "INTEGER", using = "CAST(t AS INTEGER)"})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT id, typeof(t), t FROM raw WHERE id < 24;
--> -1|'integer'|12
--> 3|'null'|NULL
--> 9|'integer'|1
--> 20|'integer'|0
--> 21|'integer'|12
--> 22|'integer'|0
--> 23|'integer'|12
SELECT * FROM log;

--- many rows that do not fit are not all listed
WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 40)
INSERT INTO raw(id, t) SELECT n + 100, 'no' || n FROM i;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.alter_column("raw", "t", {type = "INTEGER"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 40 rows
--! rowid 101: 'no1'
--! using=

--- REAL to INTEGER (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("r", {type = "INTEGER"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! rowid -1: 1.5
--! using=
UPDATE raw SET r = 3 WHERE id = -1;
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("r", {type = "INT"})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT typeof(r), r FROM raw;
--> 'integer'|3
--> 'null'|NULL
--> 'integer'|2

--- REAL to INTEGER (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("r", {type = "INTEGER"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! rowid -1: 1.5
--! using=
UPDATE raw SET r = 3 WHERE id = -1;
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("r", {type = "INT"})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT typeof(r), r FROM raw;
--> 'integer'|3
--> 'null'|NULL
--> 'integer'|2

--- INTEGER to REAL (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("n", {type = "REAL"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT typeof(n), n FROM raw;
--> 'real'|34.0
--> 'null'|NULL
--> 'real'|-5.0

--- INTEGER to REAL (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("n", {type = "REAL"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT typeof(n), n FROM raw;
--> 'real'|34.0
--> 'null'|NULL
--> 'real'|-5.0

--- ... that would lose digits (auto)
UPDATE raw SET n = 9007199254740993 WHERE id = 3;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("n", {type = "REAL"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! rowid 3: 9007199254740993
--! using=
SELECT n FROM raw WHERE id = 3;
--> 9007199254740993

--- ... that would lose digits (always)
UPDATE raw SET n = 9007199254740993 WHERE id = 3;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("n", {type = "REAL"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! rowid 3: 9007199254740993
--! using=
SELECT n FROM raw WHERE id = 3;
--> 9007199254740993

--- numbers to TEXT (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("n", {type = "TEXT"})
    t.alter_column("r", {type = "VARCHAR(10)"})
    t.alter_column("d", {type = "TEXT"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT typeof(n), n, typeof(r), r, typeof(d), d FROM raw;
--> 'text'|'34'|'text'|'1.5'|'text'|'1.25'
--> 'null'|NULL|'null'|NULL|'null'|NULL
--> 'text'|'-5'|'text'|'2.0'|'text'|'10'

--- numbers to TEXT (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("n", {type = "TEXT"})
    t.alter_column("r", {type = "VARCHAR(10)"})
    t.alter_column("d", {type = "TEXT"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT typeof(n), n, typeof(r), r, typeof(d), d FROM raw;
--> 'text'|'34'|'text'|'1.5'|'text'|'1.25'
--> 'null'|NULL|'null'|NULL|'null'|NULL
--> 'text'|'-5'|'text'|'2.0'|'text'|'10'

--- ... of a number that TEXT would round (auto) [before 3.47]
UPDATE raw SET r = 0.1 + 0.2 WHERE id = 3;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("r", {type = "TEXT"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! rowid 3
--! using=
SELECT r = 0.1 + 0.2 FROM raw WHERE id = 3;
--> 1

--- ... which TEXT does not round (auto) [from 3.53]
UPDATE raw SET r = 0.1 + 0.2 WHERE id = 3;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("r", {type = "TEXT"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT r FROM raw WHERE id = 3;
--> '0.30000000000000004'

--- ... of a number that TEXT would round (always) [before 3.47]
UPDATE raw SET r = 0.1 + 0.2 WHERE id = 3;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("r", {type = "TEXT"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! rowid 3
--! using=
SELECT r = 0.1 + 0.2 FROM raw WHERE id = 3;
--> 1

--- ... which TEXT does not round (always) [from 3.53]
UPDATE raw SET r = 0.1 + 0.2 WHERE id = 3;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("r", {type = "TEXT"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT r FROM raw WHERE id = 3;
--> '0.30000000000000004'

--- blobs are no text; texts are whatever a BLOB column may hold (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("b", {type = "TEXT"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! rowid -1: X'61'
--! using=
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("b", {type = "TEXT", using = "CAST(b AS TEXT)"})
    t.alter_column("t", {type = "BLOB"})
    t.alter_column("n", {type = null})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT typeof(b), b, typeof(t), t, typeof(n), n FROM raw;
--> 'text'|'a'|'text'|'12'|'integer'|34
--> 'null'|NULL|'null'|NULL|'null'|NULL
--> 'text'|'text'|'text'|'1.0'|'integer'|-5

--- blobs are no text; texts are whatever a BLOB column may hold (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("b", {type = "TEXT"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! rowid -1: X'61'
--! using=
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("b", {type = "TEXT", using = "CAST(b AS TEXT)"})
    t.alter_column("t", {type = "BLOB"})
    t.alter_column("n", {type = null})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT typeof(b), b, typeof(t), t, typeof(n), n FROM raw;
--> 'text'|'a'|'text'|'12'|'integer'|34
--> 'null'|NULL|'null'|NULL|'null'|NULL
--> 'text'|'text'|'text'|'1.0'|'integer'|-5

--- TEXT to NUMERIC, DECIMAL (auto)
UPDATE raw SET t = '2.50' WHERE id = 3;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = "DECIMAL(10,2)"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT typeof(t), t FROM raw;
--> 'integer'|12
--> 'real'|2.5
--> 'integer'|1
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("v", {type = "NUMERIC"})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! 3 rows
--! rowid -1: 'x'
--! using=

--- TEXT to NUMERIC, DECIMAL (always)
UPDATE raw SET t = '2.50' WHERE id = 3;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = "DECIMAL(10,2)"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT typeof(t), t FROM raw;
--> 'integer'|12
--> 'real'|2.5
--> 'integer'|1
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("v", {type = "NUMERIC"})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! 3 rows
--! rowid -1: 'x'
--! using=

--- values that never fitted their column stay as they are when another is changed (auto)
INSERT INTO raw(id, n, r) VALUES(30, 'word', x'00');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = "BLOB"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT typeof(n), n, typeof(r), r FROM raw WHERE id = 30;
--> 'text'|'word'|'blob'|x'00'

--- values that never fitted their column stay as they are when another is changed (always)
INSERT INTO raw(id, n, r) VALUES(30, 'word', x'00');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = "BLOB"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT typeof(n), n, typeof(r), r FROM raw WHERE id = 30;
--> 'text'|'word'|'blob'|x'00'

--- ... and are named when that column is (auto)
INSERT INTO raw(id, n) VALUES(30, 'word');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("n", {type = "REAL"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! rowid 30: 'word'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("n", {type = "BIGINT"})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT typeof(n), n FROM raw WHERE id = 30;
--> 'text'|'word'

--- ... and are named when that column is (always)
INSERT INTO raw(id, n) VALUES(30, 'word');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("n", {type = "REAL"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! rowid 30: 'word'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("n", {type = "BIGINT"})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT typeof(n), n FROM raw WHERE id = 30;
--> 'text'|'word'

--- using= reads the old row, and its errors name the row or the reason (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = "REAL", using = "coalesce(n, 0) + length(v) / 2.0"})
    t.alter_column("v", {using = "v || id"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT t, v FROM raw;
--> 34.5|'x-1'
--> 0.5|'x3'
--> -4.5|'x9'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("v", {using = "nowhere + 1"})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! nowhere
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("v", {using = "NULL"})
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! v
--! NULL
SELECT v FROM raw;
--> 'x-1'
--> 'x3'
--> 'x9'

--- using= reads the old row, and its errors name the row or the reason (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = "REAL", using = "coalesce(n, 0) + length(v) / 2.0"})
    t.alter_column("v", {using = "v || id"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT t, v FROM raw;
--> 34.5|'x-1'
--> 0.5|'x3'
--> -4.5|'x9'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("v", {using = "nowhere + 1"})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! nowhere
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("v", {using = "NULL"})
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! v
--! NULL
SELECT v FROM raw;
--> 'x-1'
--> 'x3'
--> 'x9'

--- a STRICT table: values must fit (auto)
CREATE TABLE s(id INTEGER PRIMARY KEY, t TEXT, a ANY, n INT) STRICT;
INSERT INTO s VALUES(1, '12', 'any', 5), (2, NULL, x'00', NULL), (4, '7', 1.5, 6);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("s", function(t)
    t.alter_column("t", {type = "INTEGER"})
    t.alter_column("n", {type = "INTEGER"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, typeof(t), t, typeof(a), a, n FROM s;
--> 1|'integer'|12|'text'|'any'|5
--> 2|'null'|NULL|'blob'|x'00'|NULL
--> 4|'integer'|7|'real'|1.5|6
SELECT sql FROM sqlite_schema WHERE name = 's';
--> 'CREATE TABLE s(id INTEGER PRIMARY KEY, t INTEGER, a ANY, n INTEGER) STRICT'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("s", function(t)
    t.alter_column("a", {type = "TEXT"})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! rowid 2: X'00'
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("s", function(t)
    t.alter_column("a", {type = "INT", using = "typeof(a)"})
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! revision cccc
--! a
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("s", function(t)
    t.alter_column("t", {type = "VARCHAR(10)"})
  end, {recreate = "auto"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! VARCHAR(10)
SELECT migrate_register('revision = "eeee"
function upgrade()
  op.batch_alter_table("s", function(t)
    t.alter_column("t", {type = null})
  end, {recreate = "auto"})
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! t
INSERT INTO s(t) VALUES('x');
--! cannot store TEXT value in INTEGER column s.t
SELECT strict FROM pragma_table_list('s');
--> 1

--- a STRICT table: values must fit (always)
CREATE TABLE s(id INTEGER PRIMARY KEY, t TEXT, a ANY, n INT) STRICT;
INSERT INTO s VALUES(1, '12', 'any', 5), (2, NULL, x'00', NULL), (4, '7', 1.5, 6);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("s", function(t)
    t.alter_column("t", {type = "INTEGER"})
    t.alter_column("n", {type = "INTEGER"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT id, typeof(t), t, typeof(a), a, n FROM s;
--> 1|'integer'|12|'text'|'any'|5
--> 2|'null'|NULL|'blob'|x'00'|NULL
--> 4|'integer'|7|'real'|1.5|6
SELECT sql FROM sqlite_schema WHERE name = 's';
--> 'CREATE TABLE s(id INTEGER PRIMARY KEY, t INTEGER, a ANY, n INTEGER) STRICT'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("s", function(t)
    t.alter_column("a", {type = "TEXT"})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! rowid 2: X'00'
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("s", function(t)
    t.alter_column("a", {type = "INT", using = "typeof(a)"})
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! revision cccc
--! a
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("s", function(t)
    t.alter_column("t", {type = "VARCHAR(10)"})
  end, {recreate = "always"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! VARCHAR(10)
SELECT migrate_register('revision = "eeee"
function upgrade()
  op.batch_alter_table("s", function(t)
    t.alter_column("t", {type = null})
  end, {recreate = "always"})
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! t
INSERT INTO s(t) VALUES('x');
--! cannot store TEXT value in INTEGER column s.t
SELECT strict FROM pragma_table_list('s');
--> 1

--- ANY in a STRICT table, and without STRICT (auto)
CREATE TABLE s(a ANY, b ANY) STRICT;
CREATE TABLE w(a ANY);
INSERT INTO s VALUES('12', 1), ('x', 2.0);
INSERT INTO w VALUES('12'), ('x');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("s", function(t) t.alter_column("a", {nullable = false}) end, {recreate = "auto"})
  op.batch_alter_table("w", function(t) t.alter_column("a", {nullable = false}) end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT typeof(a), a, typeof(b), b FROM s;
--> 'text'|'12'|'integer'|1
--> 'text'|'x'|'real'|2.0
SELECT typeof(a), a FROM w;
--> 'integer'|12
--> 'text'|'x'

--- ANY in a STRICT table, and without STRICT (always)
CREATE TABLE s(a ANY, b ANY) STRICT;
CREATE TABLE w(a ANY);
INSERT INTO s VALUES('12', 1), ('x', 2.0);
INSERT INTO w VALUES('12'), ('x');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("s", function(t) t.alter_column("a", {nullable = false}) end, {recreate = "always"})
  op.batch_alter_table("w", function(t) t.alter_column("a", {nullable = false}) end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT typeof(a), a, typeof(b), b FROM s;
--> 'text'|'12'|'integer'|1
--> 'text'|'x'|'real'|2.0
SELECT typeof(a), a FROM w;
--> 'integer'|12
--> 'text'|'x'

--- INT PRIMARY KEY is not INTEGER PRIMARY KEY, though the affinity is the same (auto)
CREATE TABLE k(id INT PRIMARY KEY, v TEXT);
CREATE TABLE k2(id INT REFERENCES k(id) ON DELETE CASCADE);
INSERT INTO k(rowid, id, v) VALUES(50, 3, 'c'), (60, 1, 'a');
INSERT INTO k2 VALUES(1), (3);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("k", function(t)
    t.alter_column("id", {type = "INTEGER"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, id, v FROM k;
--> 1|1|'a'
--> 3|3|'c'
SELECT count(*) FROM pragma_index_list('k');
--> 0
DELETE FROM k WHERE id = 3;
SELECT * FROM k2;
--> 1
PRAGMA integrity_check;
--> 'ok'

--- INT PRIMARY KEY is not INTEGER PRIMARY KEY, though the affinity is the same (always)
CREATE TABLE k(id INT PRIMARY KEY, v TEXT);
CREATE TABLE k2(id INT REFERENCES k(id) ON DELETE CASCADE);
INSERT INTO k(rowid, id, v) VALUES(50, 3, 'c'), (60, 1, 'a');
INSERT INTO k2 VALUES(1), (3);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("k", function(t)
    t.alter_column("id", {type = "INTEGER"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, id, v FROM k;
--> 1|1|'a'
--> 3|3|'c'
SELECT count(*) FROM pragma_index_list('k');
--> 0
DELETE FROM k WHERE id = 3;
SELECT * FROM k2;
--> 1
PRAGMA integrity_check;
--> 'ok'

--- ... and the other way (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("id", {type = "BIGINT"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, id, v FROM raw;
--> -1|-1|'x'
--> 3|3|'x'
--> 9|9|'x'
SELECT name, "unique", origin FROM pragma_index_list('raw') WHERE origin = 'pk';
--> 'sqlite_autoindex_raw_1'|1|'pk'
INSERT INTO raw(id) VALUES(9);
--! UNIQUE constraint failed: raw.id
DELETE FROM raw WHERE id = 9;
SELECT name FROM kids;
--> 'a'
PRAGMA integrity_check;
--> 'ok'

--- ... and the other way (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("id", {type = "BIGINT"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, id, v FROM raw;
--> -1|-1|'x'
--> 3|3|'x'
--> 9|9|'x'
SELECT name, "unique", origin FROM pragma_index_list('raw') WHERE origin = 'pk';
--> 'sqlite_autoindex_raw_1'|1|'pk'
INSERT INTO raw(id) VALUES(9);
--! UNIQUE constraint failed: raw.id
DELETE FROM raw WHERE id = 9;
SELECT name FROM kids;
--> 'a'
PRAGMA integrity_check;
--> 'ok'

--- op.enum: TEXT with a CHECK (auto)
UPDATE raw SET t = 'new' WHERE id <> 3;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = op.enum{"new", "it''s"}})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO raw(id, t) VALUES(40, 'it''s');
INSERT INTO raw(id, t) VALUES(41, 'old');
--! CHECK constraint failed
SELECT type FROM pragma_table_info('raw') WHERE name = 't';
--> 'TEXT'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("v", {type = op.enum{"a", "b"}})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! rowid -1

--- op.enum: TEXT with a CHECK (always)
UPDATE raw SET t = 'new' WHERE id <> 3;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("t", {type = op.enum{"new", "it''s"}})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO raw(id, t) VALUES(40, 'it''s');
INSERT INTO raw(id, t) VALUES(41, 'old');
--! CHECK constraint failed
SELECT type FROM pragma_table_info('raw') WHERE name = 't';
--> 'TEXT'
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("raw", function(t)
    t.alter_column("v", {type = op.enum{"a", "b"}})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! rowid -1

--- a converted column keeps its indexes, also the unique ones, sorted anew (auto)
CREATE TABLE i(v TEXT UNIQUE, w TEXT);
CREATE INDEX i_v ON i(v DESC) WHERE v > 5;
INSERT INTO i VALUES('10', 'a'), ('9', 'b'), ('2', 'c');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("i", function(t)
    t.alter_column("v", {type = "INTEGER"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT v FROM i INDEXED BY i_v WHERE v > 5 ORDER BY v DESC;
--> 10
--> 9
SELECT v FROM i ORDER BY v;
--> 2
--> 9
--> 10
INSERT INTO i VALUES('9', 'd');
--! UNIQUE constraint failed: i.v
PRAGMA integrity_check;
--> 'ok'

--- a converted column keeps its indexes, also the unique ones, sorted anew (always)
CREATE TABLE i(v TEXT UNIQUE, w TEXT);
CREATE INDEX i_v ON i(v DESC) WHERE v > 5;
INSERT INTO i VALUES('10', 'a'), ('9', 'b'), ('2', 'c');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("i", function(t)
    t.alter_column("v", {type = "INTEGER"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT v FROM i INDEXED BY i_v WHERE v > 5 ORDER BY v DESC;
--> 10
--> 9
SELECT v FROM i ORDER BY v;
--> 2
--> 9
--> 10
INSERT INTO i VALUES('9', 'd');
--! UNIQUE constraint failed: i.v
PRAGMA integrity_check;
--> 'ok'

--- ... and two values that become one are refused (auto)
CREATE TABLE i(v TEXT UNIQUE);
INSERT INTO i VALUES('1'), ('1.0'), ('2');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("i", function(t)
    t.alter_column("v", {type = "INTEGER"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! i
--! v
SELECT typeof(v), v FROM i ORDER BY rowid;
--> 'text'|'1'
--> 'text'|'1.0'
--> 'text'|'2'

--- ... and two values that become one are refused (always)
CREATE TABLE i(v TEXT UNIQUE);
INSERT INTO i VALUES('1'), ('1.0'), ('2');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("i", function(t)
    t.alter_column("v", {type = "INTEGER"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! i
--! v
SELECT typeof(v), v FROM i ORDER BY rowid;
--> 'text'|'1'
--> 'text'|'1.0'
--> 'text'|'2'

--- a type that is no type
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.alter_column("raw", "t", {type = "TEXT; DROP TABLE kids"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.alter_column("raw", "t", {type = "TEXT, more INT"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! revision bbbb
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.alter_column("raw", "t", {type = "TEXT NOT NULL"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! revision cccc
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.alter_column("raw", "t", {})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! revision dddd
--! nullable
SELECT count(*) FROM pragma_table_info('raw');
--> 7

--- what no text can be, of any length, and then what it would lose [before 3.47]
UPDATE raw SET b = x'' WHERE id = 3;
UPDATE raw SET b = 0.1 + 0.2 WHERE id = 9;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.alter_column("raw", "b", {type = "TEXT"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! column b cannot become TEXT in 2 rows: rowid -1: X'61', rowid 3: X''; give using=
UPDATE raw SET b = NULL WHERE id = 3;
UPDATE raw SET b = '' WHERE id = -1;
SELECT migrate_upgrade();
--! column b cannot become TEXT in 1 row: rowid 9: 3.0
UPDATE raw SET b = 9e999 WHERE id = 9;
SELECT migrate_upgrade();
--> 1
SELECT typeof(b), b FROM raw;
--> 'text'|''
--> 'null'|NULL
--> 'text'|'Inf'

--- what is no number, of any length, in a column whose own order is another
CREATE TABLE sizes(a TEXT COLLATE NOCASE, b TEXT COLLATE RTRIM);
INSERT INTO sizes VALUES('', '12'), (x'', ' 5 '), ('-1e3', NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.alter_column("sizes", "a", {type = "NUMERIC"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_register('revision = "bbbb" down_revision = "aaaa"
function upgrade()
  op.alter_column("sizes", "b", {type = "DECIMAL(3)"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('aaaa');
--! column a cannot become NUMERIC in 2 rows: rowid 1: '', rowid 2: X''; give using=
UPDATE sizes SET a = 7 WHERE rowid = 1;
UPDATE sizes SET a = 1.5 WHERE rowid = 2;
SELECT migrate_upgrade();
--> 2
SELECT typeof(a), a, typeof(b), b FROM sizes;
--> 'integer'|7|'integer'|12
--> 'real'|1.5|'integer'|5
--> 'integer'|-1000|'null'|NULL

--- a STRICT column takes blobs only (using)
CREATE TABLE files(id INTEGER PRIMARY KEY, body TEXT) STRICT;
INSERT INTO files VALUES(1, 'a'), (2, NULL), (3, '');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.alter_column("files", "body", {type = "BLOB", using = "CASE id WHEN 1 THEN CAST(body AS BLOB) ELSE body END"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! column body cannot become BLOB
UPDATE files SET body = NULL WHERE id = 3;
SELECT migrate_upgrade();
--> 1
SELECT typeof(body), body FROM files;
--> 'blob'|x'61'
--> 'null'|NULL
--> 'null'|NULL
