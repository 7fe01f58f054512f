-- A script that changed since it ran, accepted as it is.
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO users VALUES(1, 'Ann');

--- what changed is edited, blessed, and applied again [file]
SELECT writefile('migrations/versions/a.sql', '-- First words
-- revision: aaaa0001
-- migrate:up
CREATE TABLE a(x);
-- migrate:down
DROP TABLE a;') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
UPDATE _migrate_log SET started_at = '2020-01-02 03:04:05', duration_ms = 42;
SELECT writefile('migrations/versions/a.sql', '-- Other words
-- revision: aaaa0001
-- migrate:up
CREATE TABLE a(x);
-- migrate:down
DROP TABLE a;') > 0;
--> 1
SELECT status FROM migrate_history;
--> 'edited'
SELECT migrate_bless('aaaa');
--> 'aaaa0001'
-- when it was applied, and how long that took, stays
SELECT message, status, applied_at, duration_ms FROM migrate_history;
--> 'Other words'|'applied'|'2020-01-02 03:04:05'|42
SELECT id, revision, direction, message, length(checksum), source = CAST(readfile('migrations/versions/a.sql') AS TEXT) FROM _migrate_log WHERE id > 1;
--> 2|'aaaa0001'|'bless'|'Other words'|64|1
SELECT revision FROM _migrate_version;
--> 'aaaa0001'
SELECT revision, message, applied_at FROM migrate_current;
--> 'aaaa0001'|'Other words'|'2020-01-02 03:04:05'
-- once is enough
SELECT migrate_bless('aaaa0001');
--! migrate_bless: revision aaaa0001 (versions/a.sql) has the text that was applied; there is nothing to bless
-- a change behind it counts again; taken back, the blessing counts no more
SELECT writefile('migrations/versions/a.sql', '-- First words
-- revision: aaaa0001
-- migrate:up
CREATE TABLE a(x);
-- migrate:down
DROP TABLE a;') > 0;
--> 1
SELECT status FROM migrate_history;
--> 'edited'
SELECT migrate_bless('current');
--> 'aaaa0001'
SELECT migrate_downgrade();
--> 1
SELECT status, applied_at FROM migrate_history;
--> 'pending'|NULL
SELECT migrate_upgrade();
--> 1
SELECT status, applied_at > '2021' FROM migrate_history;
--> 'applied'|1
SELECT group_concat(direction, ' ') FROM _migrate_log;
--> 'upgrade bless bless downgrade upgrade'

--- all that changed, in one statement [file]
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa0001
-- migrate:up
') > 0, writefile('migrations/versions/b.lua', 'revision = "bbbb0002"
down_revision = "aaaa0001"
function upgrade() end') > 0;
--> 1|1
SELECT migrate_upgrade();
--> 2
SELECT writefile('migrations/versions/a.sql', '-- Message
-- revision: aaaa0001
-- migrate:up
') > 0, writefile('migrations/versions/b.lua', '-- Message
revision = "bbbb0002"
down_revision = "aaaa0001"
function upgrade() end') > 0;
--> 1|1
SELECT migrate_bless(revision) FROM migrate_history WHERE status = 'edited';
--> 'bbbb0002'
--> 'aaaa0001'
SELECT status FROM migrate_history;
--> 'applied'
--> 'applied'

--- what cannot be blessed
SELECT migrate_register('-- revision: aaaa0001
-- migrate:up', 'a.sql');
--> 'aaaa0001'
SELECT migrate_bless('aaaa0001');
--! migrate_bless: revision aaaa0001 (a.sql) is not applied, so its text is the one that will run; to mark it as applied use migrate_stamp('aaaa0001')
SELECT count(*) FROM sqlite_schema;
--> 1
SELECT migrate_bless('nobody');
--! migrate_bless: no revision
SELECT migrate_bless(NULL);
--! migrate_bless: argument 1 (revision) is NULL; it must be text
SELECT migrate_bless();
--! wrong number of arguments
SELECT migrate_bless(x'61');
--! migrate_bless: argument 1 (revision) must be text, not a blob
SELECT migrate_upgrade();
--> 1
SELECT migrate_bless('head');
--! there is nothing to bless
INSERT INTO _migrate_version VALUES('gone0001');
SELECT migrate_bless('gone0001');
--! migrate_bless: revision gone0001 has no script here whose text could be blessed; put it back first
CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT migrate_bless('aaaa0001'); END;
INSERT INTO users VALUES(2, 'Bo');
--! unsafe use of migrate_bless()

--- a stranger's row stays where it is
SELECT migrate_register('-- revision: aaaa0001
-- migrate:up', 'a.sql');
--> 'aaaa0001'
SELECT migrate_upgrade();
--> 1
INSERT INTO _migrate_version VALUES('gone0001');
UPDATE _migrate_log SET checksum = 'another';
SELECT migrate_bless('aaaa0001');
--> 'aaaa0001'
SELECT revision FROM _migrate_version ORDER BY 1;
--> 'aaaa0001'
--> 'gone0001'

--- one without a row in the log gets one
SELECT migrate_register('-- revision: aaaa0001
-- migrate:up', 'a.sql');
--> 'aaaa0001'
CREATE TABLE _migrate_version(revision TEXT PRIMARY KEY NOT NULL);
INSERT INTO _migrate_version VALUES('aaaa0001');
SELECT migrate_bless('aaaa0001');
--> 'aaaa0001'
SELECT direction FROM _migrate_log;
--> 'bless'
SELECT status FROM migrate_history;
--> 'applied'

--- a wrong text is no blessing [file]
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa0001"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa0001"
function upgrade() end
function downgrade() op.( end') > 0;
--> 1
SELECT migrate_bless('aaaa0001');
--! versions/a.lua:3:
SELECT direction FROM _migrate_log;
--> 'upgrade'

--- inside a transaction it is the caller's to keep
SELECT migrate_register('-- revision: aaaa0001
-- migrate:up', 'a.sql');
--> 'aaaa0001'
SELECT migrate_upgrade();
--> 1
UPDATE _migrate_log SET checksum = 'another';
BEGIN;
INSERT INTO users VALUES(2, 'Bo');
SELECT migrate_bless('aaaa0001');
--> 'aaaa0001'
SELECT status FROM migrate_history;
--> 'applied'
ROLLBACK;
SELECT status FROM migrate_history;
--> 'edited'
SELECT count(*) FROM users;
--> 1

--- what is unfinished is not blessed
SELECT migrate_register('revision = "aaaa0001"
transactional = false
function upgrade() end
function downgrade() op.execute("DROP TABLE users") error("stop") end', 'a.lua');
--> 'aaaa0001'
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--! stop
UPDATE _migrate_log SET checksum = 'another';
SELECT migrate_bless('aaaa0001');
--! revision aaaa0001 is unfinished
