-- A run as a script: migrate_sql().  What its script does is shown by
-- tests/host/test_offline.py and, on random schemas, by test_autogenerate.py.

--- the script, and nothing done
SELECT migrate_register('-- first
-- revision: aaaa
-- migrate:up
CREATE TABLE t(a TEXT, b REAL); -- of ours
INSERT INTO t VALUES (''it''''s'', 0.1);
-- migrate:down
DROP TABLE t;
', 'a.sql');
--> 'aaaa'
SELECT replace(migrate_sql(), sqlite_version(), 'X');
--> '-- upgrade of database main from version base to head
--> -- Written by migrate 0.1.0 with SQLite X.  It is for a connection of its
--> -- own that stops at the first error, as sqlite3 -bail does; PRAGMA
--> -- foreign_keys stays off there.
--> PRAGMA foreign_keys = OFF;
--> BEGIN IMMEDIATE;
--> CREATE TABLE "main"._migrate_script(
-->   "begin" CONSTRAINT "the database is not at the version from which this script begins" CHECK ("begin"),
-->   "rows" CONSTRAINT "rows do not hold what the statement below asks of them" CHECK ("rows"),
-->   "writes" CONSTRAINT "a connection in defensive mode cannot do this; in the shell: .dbconfig defensive off" CHECK ("writes"),
-->   "keys" CONSTRAINT "foreign keys would be violated" CHECK ("keys"),
-->   "done" CONSTRAINT "a statement above has failed" CHECK ("done"),
-->   violations
--> );
--> INSERT INTO "main"._migrate_script(violations) SELECT count(*) FROM pragma_foreign_key_check;
--> CREATE TABLE IF NOT EXISTS "main"._migrate_version (revision TEXT PRIMARY KEY NOT NULL);
--> CREATE TABLE IF NOT EXISTS "main"._migrate_log (
-->   id INTEGER PRIMARY KEY,
-->   revision TEXT NOT NULL,
-->   direction TEXT NOT NULL,
-->   message TEXT,
-->   started_at TEXT NOT NULL,
-->   duration_ms INTEGER NOT NULL,
-->   checksum TEXT,
-->   source TEXT,
-->   extension TEXT NOT NULL,
-->   known TEXT
--> );
--> INSERT INTO "main"._migrate_script("begin") SELECT (SELECT group_concat(revision) FROM (SELECT revision FROM "main"._migrate_version ORDER BY revision)) IS NULL;
--> CREATE TABLE t(a TEXT, b REAL);
--> INSERT INTO t VALUES (''it''''s'', 0.1);
--> INSERT INTO "main"._migrate_version(revision) VALUES (''aaaa'');
--> INSERT INTO "main"._migrate_log(revision, direction, message, checksum, source, extension, duration_ms, started_at) VALUES (''aaaa'', ''upgrade'', ''first'', ''4d291339f1d5af5737e6985d17de0605d71c151f4f3f9d2b79a3f2de7f4397df'', ''-- first
--> -- revision: aaaa
--> -- migrate:up
--> CREATE TABLE t(a TEXT, b REAL); -- of ours
--> INSERT INTO t VALUES (''''it''''''''s'''', 0.1);
--> -- migrate:down
--> DROP TABLE t;
--> '', ''0.1.0'', 0, datetime(''now'', ''-'' || (0 / 1000.0) || '' seconds''));
--> INSERT INTO "main"._migrate_script("keys") SELECT (SELECT count(*) FROM pragma_foreign_key_check) <= max(violations) FROM "main"._migrate_script;
--> INSERT OR ROLLBACK INTO "main"._migrate_script("done") SELECT count(*) = 3 FROM "main"._migrate_script;
--> DROP TABLE "main"._migrate_script;
--> COMMIT;
--> '
SELECT name FROM sqlite_schema;
SELECT migrate_upgrade();
--> 1

--- of a downgrade, from where the database is; and nothing to do
SELECT migrate_register('-- first
-- revision: aaaa
-- migrate:up
CREATE TABLE t(a TEXT, b REAL); -- of ours
INSERT INTO t VALUES (''it''''s'', 0.1);
-- migrate:down
DROP TABLE t;
', 'a.sql');
--> 'aaaa'
SELECT migrate_sql('current:base');
--> ''
SELECT migrate_upgrade();
--> 1
SELECT substr(s, instr(s, 'INSERT INTO "main"._migrate_script("begin")'), 260) FROM (SELECT migrate_sql('head:base') AS s);
--> 'INSERT INTO "main"._migrate_script("begin") SELECT (SELECT group_concat(revision) FROM (SELECT revision FROM "main"._migrate_version ORDER BY revision)) IS ''aaaa'';
--> DROP TABLE t;
--> DELETE FROM "main"._migrate_version WHERE revision = ''aaaa'';
--> INSERT INTO "main"._m'
SELECT migrate_sql();
--> ''
SELECT migrate_sql(':');
--> ''
SELECT migrate_sql('aaaa:head');
--> ''
SELECT migrate_sql('current:+1');
--! +1
SELECT migrate_sql('base');
--! 'base' is behind the database's version; write 'current:base' for the script of a downgrade
SELECT migrate_sql('-1');
--! write 'current:-1'
SELECT migrate_sql('nothing:head');
--! no revision or branch is called 'nothing'
SELECT migrate_sql(1);
--! must be text, not an integer
SELECT count(*) FROM t;
--> 1

--- what reads rows is refused, with its line
CREATE TABLE t(a);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  local n = db.value("SELECT count(*) FROM sqlite_schema")
  for a in db.values("SELECT a FROM t") do n = n + 1 end
end', 'a.lua');
--> 'aaaa'
SELECT migrate_sql();
--! revision aaaa (a.lua:4): it reads rows of t, and a script has none to read: run this with migrate_upgrade()

--- a table is altered by the way that is right for all rows
CREATE TABLE t(a, b DEFAULT 1);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("a", {nullable = false})
    t.alter_column("b", {default = 2})
  end)
end', 'a.lua');
--> 'aaaa'
SELECT s LIKE '%SELECT NOT EXISTS (SELECT 1 FROM main._migrate_fill AS "t" WHERE a IS NULL)%',
  s LIKE '%INSERT OR ABORT INTO main._migrate_fill%FROM main.t%', s LIKE '%rootpage = o.root%' FROM (SELECT migrate_sql() AS s);
--> 1|1|1
SELECT name FROM sqlite_schema;
--> 't'

--- the schema of a version that the database has not is what the scripts make
SELECT migrate_register('revision = "aaaa"
function upgrade() op.create_table("t", "a", "b") end', 'a.lua');
--> 'aaaa'
SELECT migrate_register('revision = "bbbb" down_revision = "aaaa"
function upgrade() op.drop_column("t", "b") end
function downgrade() op.add_column("t", "b") end', 'b.lua');
--> 'bbbb'
SELECT migrate_sql('aaaa:bbbb') LIKE '%ALTER TABLE main.t DROP COLUMN b;%';
--> 1
SELECT migrate_sql('bbbb:aaaa') LIKE '%ALTER TABLE main.t ADD COLUMN b;%';
--> 1
SELECT name FROM sqlite_schema;
