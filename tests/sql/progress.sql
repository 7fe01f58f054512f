-- Who is told how far a run has come: the settings progress and on_progress.
CREATE TABLE t(id INTEGER PRIMARY KEY, a INT);
INSERT INTO t VALUES(1, 1), (2, 2);
SELECT migrate_register('revision = "aaaa"
function upgrade() op.alter_column("t", "a", {type = "TEXT"}) end
function downgrade() op.alter_column("t", "a", {type = "INT"}) end', 'a.lua');
--> 'aaaa'
SELECT migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up
CREATE TABLE b(x);
-- migrate:down
DROP TABLE b;', 'b.sql');
--> 'bbbb'

--- the defaults
SELECT key, value, "default" FROM migrate_settings WHERE key LIKE '%progress';
--> 'progress'|'auto'|'auto'
--> 'on_progress'|''|''
SELECT migrate_upgrade();
--> 2

--- progress is one of three words
SELECT migrate_config('progress', 'off');
--> 'off'
SELECT migrate_config('progress', 'on');
--> 'on'
SELECT migrate_config('progress', 'auto');
--> 'auto'
SELECT migrate_config('progress', 'On');
--! setting progress cannot be 'On': it is 'auto', 'on' or 'off'
SELECT migrate_config('progress', '');
--! setting progress cannot be ''

--- on_progress is a name
SELECT migrate_config('on_progress', 'f');
--> 'f'
SELECT migrate_config('on_progress', '_größe$9');
--> '_größe$9'
SELECT migrate_config('on_progress', '');
--> ''
SELECT migrate_config('on_progress', 'a b');
--! setting on_progress cannot be 'a b': it is the name of an SQL function of one argument, or empty
SELECT migrate_config('on_progress', 'f(1)');
--! setting on_progress cannot be 'f(1)'
SELECT migrate_config('on_progress', '"f"');
--! setting on_progress cannot be '"f"'
SELECT migrate_config('on_progress', '9f');
--! setting on_progress cannot be '9f'
SELECT migrate_config('on_progress', ' f');
--! setting on_progress cannot be ' f'
SELECT migrate_config('on_progress', 'main.f');
--! setting on_progress cannot be 'main.f'
SELECT migrate_config('on_progress', '--');
--! setting on_progress cannot be '--'
SELECT migrate_config('on_progress', '$f');
--! setting on_progress cannot be '$f'
SELECT migrate_config('on_progress');
--> ''

--- no such function: an error before anything has run
SELECT migrate_config('on_progress', 'pulse');
--> 'pulse'
SELECT migrate_upgrade();
--! migrate_upgrade: setting on_progress: no such function: pulse; register pulse, a function of one argument, on this connection, or set it to ''
SELECT migrate_stamp('aaaa');
--! migrate_stamp: setting on_progress: no such function: pulse
SELECT name FROM sqlite_schema;
--> 't'
SELECT migrate_config('on_progress', NULL);
--> ''
SELECT migrate_upgrade();
--> 2
SELECT migrate_config('on_progress', 'pulse');
--> 'pulse'
SELECT migrate_downgrade();
--! migrate_downgrade: setting on_progress: no such function: pulse
SELECT revision FROM migrate_current;
--> 'bbbb'

--- ... nor one that takes another number of arguments
SELECT migrate_config('on_progress', 'nullif');
--> 'nullif'
SELECT migrate_upgrade();
--! setting on_progress: wrong number of arguments to function nullif(); register nullif
SELECT name FROM sqlite_schema;
--> 't'

--- an answer that is not true lets it go on: text that is no number, NULL, 0
SELECT migrate_config('on_progress', 'typeof');
--> 'typeof'
SELECT migrate_upgrade('aaaa');
--> 1
SELECT migrate_config('on_progress', 'date');
--> 'date'
SELECT migrate_upgrade();
--> 1
SELECT migrate_config('on_progress', 'json_array_length');
--> 'json_array_length'
SELECT migrate_downgrade('base');
--> 2
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(id INTEGER PRIMARY KEY, a INT)'

--- a true answer cancels, and everything is as it was
SELECT migrate_config('on_progress', 'length');
--> 'length'
SELECT migrate_upgrade();
--! migrate_upgrade: cancelled by on_progress function length
SELECT name FROM sqlite_schema;
--> 't'
SELECT migrate_config('on_progress', '');
--> ''
SELECT migrate_upgrade();
--> 2

--- ... also inside the caller's transaction, which stays
BEGIN;
INSERT INTO t VALUES(3, 3);
SELECT migrate_config('on_progress', 'length');
--> 'length'
SELECT migrate_upgrade();
--! migrate_upgrade: cancelled by on_progress function length
SELECT count(*) FROM t;
--> 3
SELECT name FROM sqlite_schema;
--> 't'
COMMIT;

--- ... of revisions that stand, only what is not committed
SELECT migrate_config('transaction', 'revision');
--> 'revision'
SELECT migrate_upgrade('aaaa');
--> 1
SELECT migrate_config('on_progress', 'length');
--> 'length'
SELECT migrate_upgrade();
--! migrate_upgrade: cancelled by on_progress function length
SELECT revision FROM migrate_current;
--> 'aaaa'

--- where there is nothing to do, there is nothing to cancel
SELECT migrate_upgrade();
--> 2
SELECT migrate_config('on_progress', 'length');
--> 'length'
SELECT migrate_upgrade();
--> 0
SELECT migrate_stamp('aaaa');
--> 1
SELECT revision FROM migrate_current;
--> 'aaaa'

--- an error of the function's ends the run; ours refuse to run in a run
SELECT migrate_config('on_progress', 'migrate_upgrade');
--> 'migrate_upgrade'
SELECT migrate_upgrade();
--! migrate_upgrade: on_progress function migrate_upgrade: migrate_upgrade: migrate is running on this connection already
SELECT name FROM sqlite_schema;
--> 't'

--- a keyword may be a function's name
SELECT migrate_config('on_progress', 'abs');
--> 'abs'
SELECT migrate_upgrade();
--> 2
SELECT migrate_config('on_progress', 'select');
--> 'select'
SELECT migrate_downgrade();
--! setting on_progress: no such function: select

--- a copy that is watched is made in pieces; the same rows come out of it
CREATE TABLE w(k TEXT COLLATE NOCASE, l INT, a INT, PRIMARY KEY(l, k)) WITHOUT ROWID;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
INSERT INTO w SELECT 'k' || i, i % 3, i FROM n;
WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) INSERT INTO t SELECT -i, i FROM n;
CREATE TABLE was AS SELECT * FROM w UNION ALL SELECT id, 9, a FROM t;
SELECT migrate_config('on_progress', 'typeof');
--> 'typeof'
SELECT migrate_upgrade('aaaa');
--> 1
SELECT migrate_register('revision = "cccc" down_revision = "aaaa"
function upgrade() op.alter_column("w", "a", {type = "TEXT", using = "a + 1"}) end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--> 1
SELECT count(*), min(id), max(id), sum(typeof(a) = 'text') FROM t;
--> 2500|-2500|2|2500
SELECT count(*), (SELECT group_concat(k) FROM (SELECT k FROM w LIMIT 3)), sum(typeof(a) = 'text') FROM w;
--> 2500|'k1002,k1005,k1008'|2500
SELECT count(*) FROM was JOIN w USING (k, l) WHERE was.a + 1 = CAST(w.a AS INT);
--> 2500
SELECT count(*) FROM was JOIN t ON was.k = t.id AND was.l = 9 WHERE was.a = CAST(t.a AS INT);
--> 2500
