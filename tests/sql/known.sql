-- That nothing is left to do is known by the scripts' names, the version rows
-- and the log's last row.  A script that is broken shows whether it was read.

--- a call with nothing to do reads no script [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() op.create_table("t", "id INTEGER PRIMARY KEY") end
function downgrade() op.drop_table("t") end') > 0, writefile('migrations/versions/b.sql', '-- revision: bbbb
-- revises: aaaa
-- migrate:up
CREATE TABLE u(x);
-- migrate:down
DROP TABLE u;
') > 0;
--> 1|1
SELECT migrate_upgrade('aaaa');
--> 1
SELECT id, known IS NULL FROM _migrate_log;
--> 1|1
SELECT migrate_upgrade();
--> 1
SELECT id, substr(known, 1, 5), length(known) FROM _migrate_log ORDER BY id;
--> 1|NULL|NULL
--> 2|'head '|69
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0;
--> 1
SELECT migrate_upgrade(), migrate_upgrade(NULL), migrate_upgrade('head'), migrate_upgrade('heads');
--> 0|0|0|0
-- nor is env.lua, as ever
SELECT writefile('migrations/env.lua', 'nor this') > 0;
--> 1
SELECT migrate_upgrade();
--> 0
-- what reads them says what is wrong
SELECT migrate_upgrade('bbbb');
--! versions/a.lua:1
SELECT migrate_upgrade('+1');
--! versions/a.lua:1
SELECT migrate_downgrade();
--! versions/a.lua:1
SELECT migrate_stamp();
--! versions/a.lua:1
SELECT migrate_sql();
--! versions/a.lua:1
SELECT migrate_rehearse();
--! versions/a.lua:1
SELECT revision FROM migrate_history;
--! versions/a.lua:1
SELECT migrate_verify() LIKE '%a.lua%';
--> 1
-- and so does a call, when there may be something to do
SELECT writefile('migrations/versions/c.sql', '-- revision: cccc
-- revises: bbbb
-- migrate:up
CREATE TABLE w(x);
') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/a.lua:1

--- an edited script is told of where scripts are read [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() op.drop_table("t") end') > 0;
--> 1
SELECT migrate_upgrade();
--> 0
SELECT revision, status FROM migrate_history;
--> 'aaaa'|'edited'
SELECT migrate_verify() LIKE '%aaaa%';
--> 1
-- blessed, it is known as before
SELECT migrate_bless('aaaa');
--> 'aaaa'
SELECT id, direction, known = (SELECT known FROM _migrate_log WHERE id = 1) FROM _migrate_log;
--> 1|'upgrade'|1
--> 2|'bless'|1
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0;
--> 1
SELECT migrate_upgrade();
--> 0

--- a script that became another revision's is told of by migrate_verify [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_verify();
--> 'ok'
SELECT writefile('migrations/versions/b.lua', 'revision = "bbbb"
down_revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_verify();
--> 'ok
--> note: 1 revision is not applied'
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/versions/a.lua', 'revision = "bbbb"
function upgrade() end') > 0, writefile('migrations/versions/b.lua', 'revision = "cccc"
down_revision = "bbbb"
function upgrade() end') > 0;
--> 1|1
SELECT migrate_upgrade();
--> 0
SELECT migrate_verify() GLOB 'log: by the names of the scripts it says that nothing is left to do, and revision cccc (versions/b.lua) is not applied; apply it with migrate_upgrade(''cccc'')
edited: revision bbbb (versions/a.lua) *
note: 1 revision is not applied*';
--> 1
SELECT migrate_upgrade('cccc');
--> 1
SELECT migrate_verify() LIKE '%log: by the names%';
--> 0
SELECT migrate_upgrade();
--> 0

--- a name that ends otherwise, or is hidden, is no script's [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0, writefile('migrations/versions/b.txt', 'b') > 0, writefile('migrations/versions/.c.lua', 'c') > 0, writefile('migrations/versions/lua', 'c') > 0;
--> 1|1|1|1
SELECT migrate_upgrade();
--> 0

--- other version rows are looked into [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0, writefile('migrations/versions/b.lua', 'revision = "bbbb"
down_revision = "aaaa"
function upgrade() op.execute("INSERT INTO log VALUES (1)") end
function downgrade() end') > 0;
--> 1|1
CREATE TABLE log(x);
SELECT migrate_upgrade();
--> 2
UPDATE _migrate_version SET revision = 'aaaa';
SELECT migrate_upgrade();
--> 1
SELECT count(*) FROM log;
--> 2
DELETE FROM _migrate_version;
SELECT migrate_upgrade('head');
--> 2
INSERT INTO _migrate_version VALUES ('zzzz');
SELECT migrate_upgrade();
--! the database is at revision zzzz, which no script has
DELETE FROM _migrate_version WHERE revision = 'zzzz';
INSERT INTO _migrate_version VALUES (x'61');
SELECT migrate_upgrade();
--! _migrate_version in database main holds a row that is not text
DELETE FROM _migrate_version WHERE revision = x'61';
-- a row more that says nothing new is read into, too
INSERT INTO _migrate_version VALUES ('aaaa');
SELECT migrate_upgrade();
--> 0
SELECT migrate_stamp();
--> 1
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0;
--> 1
SELECT migrate_upgrade();
--> 0

--- a downgrade leaves nothing known, a stamp does [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0, writefile('migrations/versions/b.lua', 'revision = "bbbb"
down_revision = "aaaa"
function upgrade() end
function downgrade() end') > 0;
--> 1|1
SELECT migrate_upgrade(), migrate_downgrade();
--> 2|1
SELECT id, direction, known IS NULL FROM _migrate_log;
--> 1|'upgrade'|1
--> 2|'upgrade'|0
--> 3|'downgrade'|1
SELECT migrate_upgrade();
--> 1
SELECT migrate_stamp('aaaa'), migrate_stamp('head');
--> 1|1
SELECT id, direction, known = (SELECT known FROM _migrate_log WHERE id = 2) FROM _migrate_log WHERE id > 3;
--> 4|'upgrade'|1
--> 5|'stamp'|NULL
--> 6|'stamp'|1
-- a stamp that changes nothing writes it into the row there is
UPDATE _migrate_log SET known = NULL;
SELECT migrate_stamp();
--> 1
SELECT max(id), count(known) FROM _migrate_log;
--> 6|1
SELECT migrate_stamp('base');
--> 0
SELECT migrate_upgrade();
--> 2

--- what is said otherwise, or not, is not believed [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
CREATE TABLE was AS SELECT known FROM _migrate_log;
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0;
--> 1
UPDATE _migrate_log SET known = NULL;
SELECT migrate_upgrade();
--! versions/a.lua:1
UPDATE _migrate_log SET known = (SELECT known || ' ' FROM was);
SELECT migrate_upgrade();
--! versions/a.lua:1
UPDATE _migrate_log SET known = (SELECT substr(known, 2) FROM was);
SELECT migrate_upgrade();
--! versions/a.lua:1
UPDATE _migrate_log SET known = (SELECT substr(known, 1, 68) FROM was);
SELECT migrate_upgrade();
--! versions/a.lua:1
UPDATE _migrate_log SET known = (SELECT replace(known, 'head ', 'base ') FROM was);
SELECT migrate_upgrade();
--! versions/a.lua:1
UPDATE _migrate_log SET known = (SELECT substr(known, 6) FROM was);
SELECT migrate_upgrade();
--! versions/a.lua:1
UPDATE _migrate_log SET known = 7;
SELECT migrate_upgrade();
--! versions/a.lua:1
UPDATE _migrate_log SET known = zeroblob(100000000);
SELECT migrate_upgrade();
--! versions/a.lua:1
UPDATE _migrate_log SET known = '';
SELECT migrate_upgrade();
--! versions/a.lua:1
UPDATE _migrate_log SET known = (SELECT known FROM was);
SELECT migrate_upgrade();
--> 0
-- an older one of this extension has added a row
INSERT INTO _migrate_log(revision, direction, started_at, duration_ms, extension) VALUES ('aaaa', 'bless', '', 0, '');
SELECT migrate_upgrade();
--! versions/a.lua:1
DELETE FROM _migrate_log;
SELECT migrate_upgrade();
--! versions/a.lua:1
DROP TABLE _migrate_log;
SELECT migrate_upgrade();
--! versions/a.lua:1

--- several heads are enough only for who asks for them [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0, writefile('migrations/versions/b.lua', 'revision = "bbbb"
function upgrade() end') > 0;
--> 1|1
SELECT migrate_upgrade('heads');
--> 2
SELECT substr(known, 1, 6) FROM _migrate_log ORDER BY id;
--> NULL
--> 'heads '
SELECT migrate_upgrade();
--! 'head' is ambiguous: the heads are aaaa and bbbb
SELECT migrate_upgrade('head');
--! 'head' is ambiguous: the heads are aaaa and bbbb
SELECT migrate_config('linear', 'on');
--> 'on'
SELECT migrate_upgrade('heads');
--! setting linear is on, and there are 2 heads
SELECT migrate_config('linear', 'off');
--> 'off'
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0;
--> 1
SELECT migrate_upgrade('heads');
--> 0
SELECT migrate_upgrade();
--! versions/a.lua:1

--- one head with linear on is one [file]
SELECT migrate_init(), migrate_config('linear', 'on');
--> 'migrations'|'on'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade('heads');
--> 1
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0;
--> 1
SELECT migrate_upgrade('heads'), migrate_upgrade();
--> 0|0

--- a head on which another stands by depends_on [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0, writefile('migrations/versions/b.lua', 'revision = "bbbb"
depends_on = "aaaa"
function upgrade() end') > 0;
--> 1|1
SELECT migrate_upgrade('heads');
--> 2
SELECT revision FROM _migrate_version;
--> 'bbbb'
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0;
--> 1
SELECT migrate_upgrade('heads');
--> 0
SELECT migrate_upgrade();
--! versions/a.lua:1

--- one transaction each: the last one says it [file]
SELECT migrate_init(), migrate_config('transaction', 'revision');
--> 'migrations'|'revision'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0, writefile('migrations/versions/b.lua', 'revision = "bbbb"
down_revision = "aaaa"
transactional = false
function upgrade() op.execute("CREATE TABLE t(x)") end') > 0;
--> 1|1
SELECT migrate_upgrade();
--> 2
SELECT id, substr(known, 1, 5) FROM _migrate_log;
--> 1|NULL
--> 2|'head '
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0;
--> 1
SELECT migrate_upgrade();
--> 0

--- a script outside of the graph changes nothing of it [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0, writefile('x.lua', 'return 1') > 0, writefile('y.lua', 'transactional = false
op.execute("CREATE TABLE y(x)")') > 0;
--> 1|1|1
SELECT migrate_run('x.lua');
--> 1
SELECT known FROM _migrate_log;
--> NULL
SELECT migrate_upgrade();
--> 1
SELECT migrate_run('x.lua'), migrate_run('y.lua'), migrate_run('x.lua');
--> 1|NULL|1
SELECT id, direction, known = (SELECT known FROM _migrate_log WHERE id = 2) FROM _migrate_log;
--> 1|'run'|NULL
--> 2|'upgrade'|1
--> 3|'run'|1
--> 4|'run'|1
--> 5|'run'|1
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0;
--> 1
SELECT migrate_upgrade();
--> 0

--- what is unfinished is not passed over [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
CREATE TABLE _migrate_journal(revision TEXT, ordinal INTEGER, op TEXT NOT NULL, checksum TEXT, result, key TEXT, PRIMARY KEY (revision, ordinal)) WITHOUT ROWID;
INSERT INTO _migrate_journal VALUES ('aaaa', 0, 'upgrade', 'x', 1, NULL);
SELECT migrate_upgrade();
--! revision aaaa is unfinished
UPDATE _migrate_journal SET op = 'run', revision = 'x.lua';
SELECT migrate_upgrade();
--> 0
DELETE FROM _migrate_journal;
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0;
--> 1
-- one that is empty says nothing
SELECT migrate_upgrade();
--> 0
DROP TABLE _migrate_journal;
CREATE VIEW _migrate_journal AS SELECT 1;
SELECT migrate_upgrade();
--! versions/a.lua:1

--- texts of the log are asked for by the setting, each time [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0, migrate_config('stored_scripts', 'run');
--> 1|'run'
SELECT migrate_upgrade();
--! versions/a.lua:1
SELECT migrate_config('stored_scripts', NULL);
--> 'refuse'
SELECT migrate_upgrade();
--> 0

--- a run with texts of the log notes nothing [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0, migrate_config('stored_scripts', 'run');
--> 1|'run'
SELECT migrate_upgrade();
--> 1
SELECT known FROM _migrate_log;
--> NULL

--- registered revisions
SELECT migrate_register('revision = "aaaa"
function upgrade() end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT migrate_upgrade();
--> 0
SELECT migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade() end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade();
--> 1
SELECT migrate_upgrade();
--> 0
-- a module is none
CREATE TABLE was AS SELECT max(id) AS id, known FROM _migrate_log;
SELECT migrate_register('return {}', 'lib/x.lua');
--> 'lib/x.lua'
SELECT migrate_stamp();
--> 1
SELECT known = (SELECT known FROM was) FROM _migrate_log WHERE id = (SELECT id FROM was);
--> 1

--- other texts are registered by the next program [file]
SELECT migrate_register('revision = "aaaa"
function upgrade() end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
--@ reopen
SELECT migrate_upgrade();
--! migrations: no such directory
SELECT migrate_register('revision = "bbbb"
function upgrade() end', 'a.lua');
--> 'bbbb'
SELECT migrate_upgrade();
--! the database is at revision aaaa, which no script has
--@ reopen
SELECT migrate_register('revision = "aaaa"
function upgrade() end', 'a.lua');
--> 'aaaa'
CREATE TABLE was AS SELECT known FROM _migrate_log;
SELECT migrate_upgrade();
--> 0
-- of the same id with another text nobody knows what stands on it
--@ reopen
SELECT migrate_register('revision = "aaaa"
function upgrade() op.drop_table("t") end', 'a.lua');
--> 'aaaa'
SELECT migrate_stamp();
--> 1
SELECT known = (SELECT known FROM was), length(known) FROM _migrate_log;
--> 0|69
-- a directory of that name is now there, and has a script
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/c.sql', '-- revision: cccc
-- revises: aaaa
-- migrate:up
CREATE TABLE t(x);
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1

--- the column comes to a log that has it not [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0;
--> 1
CREATE TABLE _migrate_version (revision TEXT PRIMARY KEY NOT NULL);
CREATE TABLE _migrate_log (
  id INTEGER PRIMARY KEY,
  revision TEXT NOT NULL,
  direction TEXT NOT NULL,
  message TEXT,
  started_at TEXT NOT NULL,
  duration_ms INTEGER NOT NULL,
  checksum TEXT,
  source TEXT,
  extension TEXT NOT NULL
);
INSERT INTO _migrate_log VALUES (7, 'aaaa', 'upgrade', NULL, '2025-01-01 00:00:00', 1, NULL, NULL, '0.0.9');
INSERT INTO _migrate_version VALUES ('aaaa');
SELECT migrate_upgrade();
--> 0
SELECT name FROM pragma_table_info('_migrate_log') WHERE cid = 9;
SELECT writefile('x.lua', 'return 1') > 0;
--> 1
SELECT migrate_run('x.lua');
--> 1
SELECT name FROM pragma_table_info('_migrate_log') WHERE cid = 9;
--> 'known'
SELECT id, extension <> '0.0.9', known FROM _migrate_log;
--> 7|0|NULL
--> 8|1|NULL
ALTER TABLE _migrate_log DROP COLUMN known;
SELECT migrate_upgrade();
--> 0
SELECT migrate_stamp();
--> 1
SELECT id, substr(known, 1, 5) FROM _migrate_log;
--> 7|NULL
--> 8|'head '
SELECT migrate_run('x.lua');
--> 1
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0;
--> 1
SELECT migrate_upgrade();
--> 0

--- tables that are not ours are no better than ever [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
ALTER TABLE _migrate_log RENAME TO l;
CREATE VIEW _migrate_log AS SELECT * FROM l;
SELECT migrate_upgrade('aaaa');
--> 0
SELECT writefile('migrations/versions/a.lua', 'revision = ') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/a.lua:1
DROP VIEW _migrate_log;
CREATE TABLE _migrate_log(id INTEGER PRIMARY KEY, text TEXT, known TEXT AS (text));
INSERT INTO _migrate_log SELECT id, known FROM l;
SELECT migrate_upgrade();
--! versions/a.lua:1
DROP TABLE _migrate_log;
CREATE TABLE _migrate_log(id INTEGER PRIMARY KEY, known TEXT CHECK (known <> 'x'));
INSERT INTO _migrate_log SELECT id, known FROM l;
SELECT migrate_upgrade();
--! versions/a.lua:1
DROP TABLE _migrate_log;
ALTER TABLE l RENAME TO _migrate_log;
SELECT migrate_upgrade();
--> 0
-- a trigger is only in the way of who writes
CREATE TRIGGER spoil AFTER INSERT ON _migrate_log BEGIN SELECT 1; END;
SELECT migrate_upgrade();
--> 0
DROP TABLE _migrate_version;
CREATE VIEW _migrate_version AS SELECT 'aaaa' AS revision;
SELECT migrate_upgrade();
--! versions/a.lua:1

--- what a call says of itself it says as ever [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_config('schema', 'other');
--> 'other'
SELECT migrate_upgrade();
--! setting schema: no database is attached as other
ATTACH ':memory:' AS other;
SELECT migrate_upgrade();
--> 1
SELECT migrate_upgrade();
--> 0
SELECT migrate_config('schema', NULL), migrate_config('directory', 'nowhere');
--> 'main'|'nowhere'
SELECT migrate_upgrade();
--! nowhere: no such directory
SELECT migrate_config('directory', NULL), migrate_config('on_progress', 'nobody');
--> 'migrations'|'nobody'
SELECT migrate_upgrade();
--! setting on_progress
SELECT migrate_config('on_progress', NULL);
--> ''
CREATE TABLE t AS SELECT 1 AS x;
INSERT INTO t SELECT migrate_upgrade();
--! called from a statement that writes

--- in a transaction of the caller's nothing is locked or written [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
BEGIN;
SELECT count(*) FROM _migrate_version;
--> 1
SELECT migrate_upgrade();
--> 0
--@ as other
SELECT migrate_config('lock_timeout_ms', '20');
--> '20'
BEGIN IMMEDIATE;
SELECT migrate_upgrade();
--> 0
ROLLBACK;
--@ as main
COMMIT;
-- but one that has not read yet takes the lock first: from then on it could not
-- wait for it
BEGIN;
SELECT migrate_upgrade();
--> 0
--@ as other
BEGIN IMMEDIATE;
--! database is locked
--@ as main
COMMIT;
-- its own changes are seen
BEGIN;
DELETE FROM _migrate_version;
SELECT migrate_upgrade();
--> 1
ROLLBACK;
SELECT migrate_upgrade();
--> 0

--- a database that can only be read [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
--@ reopen readonly
SELECT migrate_upgrade();
--> 0
SELECT writefile('migrations/versions/b.lua', 'revision = "bbbb"
down_revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--! readonly
