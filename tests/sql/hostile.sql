-- A database that somebody else made.  tests/host/test_hostile.py has every
-- function, table and form; here are those that a statement can make, also when
-- memory fails.
SELECT migrate_register('revision = "aaaa"
function upgrade() op.create_table("a", "x") end
function downgrade() op.drop_table("a") end', 'a.lua');
--> 'aaaa'
SELECT migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade() op.create_table("b", "x") end
function downgrade() op.drop_table("b") end', 'b.lua');
--> 'bbbb'

--- a CHECK calls no function of ours [from 3.53]
CREATE TABLE t(x CHECK (migrate_config('schema', 'temp') = x));
--! unsafe use of migrate_config()

--- a CHECK calls no function of ours, though SQLite lets it [before 3.47]
CREATE TABLE t(x CHECK (migrate_config('schema', 'temp') = x));
INSERT INTO t VALUES ('temp');
--! migrate_config: only a statement of your own may call it, not a CHECK
PRAGMA ignore_check_constraints = ON;
INSERT INTO t VALUES ('temp');
PRAGMA ignore_check_constraints = OFF;
PRAGMA integrity_check;
--! migrate_config: only a statement of your own may call it, not a CHECK
SELECT migrate_config('schema');
--> 'main'
CREATE TABLE u AS SELECT migrate_config('schema') AS x;
UPDATE u SET x = x || "migrate_config"('transaction');
SELECT x FROM u;
--> 'mainall'

--- a version table that computes
CREATE TABLE _migrate_version(revision TEXT PRIMARY KEY, x AS (abs(1)));
SELECT * FROM migrate_current;
--! _migrate_version in database main is not the table that migrate makes; rename or drop it
SELECT migrate_upgrade();
--! _migrate_version in database main is not the table that migrate makes; rename or drop it
DROP TABLE _migrate_version;
CREATE TABLE _migrate_version(revision TEXT COLLATE NOCASE);
SELECT migrate_stamp();
--! _migrate_version in database main is not the table that migrate makes; rename or drop it
SELECT migrate_stamp('head', 'purge');
--! _migrate_version in database main is not the table that migrate makes; rename or drop it

--- a version table with more in it
CREATE TABLE _migrate_version(note, revision VARCHAR(32) NOT NULL);
CREATE INDEX _more ON _migrate_version(revision DESC, note);
SELECT migrate_upgrade('aaaa');
--> 1
INSERT INTO _migrate_version(revision) VALUES ('aaaa');
SELECT revision FROM migrate_current;
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT DISTINCT revision FROM _migrate_version;
--> 'bbbb'

--- a trigger and an index on what is ours
SELECT migrate_upgrade('aaaa');
--> 1
CREATE TRIGGER tr AFTER INSERT ON _migrate_log BEGIN DELETE FROM a; END;
SELECT migrate_upgrade();
--! trigger tr, which is on _migrate_log in database main would run with what migrate writes; drop it
SELECT revision FROM migrate_current;
--> 'aaaa'
DROP TRIGGER tr;
CREATE INDEX ix ON _migrate_version(length(revision));
SELECT migrate_downgrade();
--! index ix, which is on _migrate_version in database main would run with what migrate writes; drop it
DROP INDEX ix;
SELECT migrate_upgrade();
--> 1

--- rows that can be no ids
CREATE TABLE _migrate_version(revision TEXT);
INSERT INTO _migrate_version VALUES ('aaaa' || char(10) || 'x');
SELECT * FROM migrate_history;
--! _migrate_version in database main holds a text that can be no id of a revision: it has 6 bytes, or other characters; delete it
UPDATE _migrate_version SET revision = CAST(x'616161610062' AS TEXT);
SELECT migrate_upgrade();
--! _migrate_version in database main holds a text that can be no id of a revision
UPDATE _migrate_version SET revision = x'61616161';
SELECT migrate_upgrade();
--! _migrate_version in database main holds a row that is not text; delete it

--- a virtual table's text is read to its end
CREATE TABLE victim(x);
INSERT INTO victim VALUES (9);
CREATE VIRTUAL TABLE f USING fts5(a);
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = sql || '; DELETE FROM victim' WHERE name = 'f';
SELECT migrate_dump();
--! table f: line 1, near "DELETE": the end of the statement expected
SELECT x FROM victim;
--> 9
