-- Saying where a database is, without running anything.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id REFERENCES users(id) ON DELETE CASCADE);
CREATE VIEW buyers AS SELECT name FROM users WHERE id IN (SELECT user_id FROM orders);
INSERT INTO users VALUES(1, 'Ann'), (2, 'Bo');
INSERT INTO orders VALUES(1, 1), (2, 2);
SELECT migrate_register('-- One
-- revision: aaaa0001
-- migrate:up
DROP TABLE users;
-- migrate:down
CREATE TABLE one(x);', '1.sql'), migrate_register('-- Two
-- revision: bbbb0002
-- revises: aaaa0001
-- migrate:up
DROP TABLE orders;
-- migrate:down
CREATE TABLE two(x);', '2.sql'), migrate_register('-- Three
revision = "cccc0003"
down_revision = "bbbb0002"
function upgrade() error("must not run") end
function downgrade() error("must not run") end', '3.lua');
--> 'aaaa0001'|'bbbb0002'|'cccc0003'

--- head is the default
SELECT migrate_stamp();
--> 1
SELECT revision FROM _migrate_version;
--> 'cccc0003'
SELECT * FROM buyers;
--> 'Ann'
--> 'Bo'
SELECT migrate_upgrade();
--> 0
SELECT revision, is_applied, is_current, status FROM migrate_history;
--> 'cccc0003'|1|1|'applied'
--> 'bbbb0002'|1|0|'applied'
--> 'aaaa0001'|1|0|'applied'

--- NULL is no target
SELECT migrate_stamp(NULL);
--> 1
SELECT migrate_stamp(NULL, NULL);
--> 1
SELECT revision FROM _migrate_version;
--> 'cccc0003'

--- to an id, a prefix, forward and back
SELECT migrate_stamp('bbbb0002');
--> 1
SELECT revision FROM _migrate_version;
--> 'bbbb0002'
SELECT migrate_stamp('cccc');
--> 1
SELECT revision FROM _migrate_version;
--> 'cccc0003'
SELECT migrate_stamp('aaaa');
--> 1
SELECT revision FROM _migrate_version;
--> 'aaaa0001'
SELECT count(*) FROM orders;
--> 2

--- the base leaves no row
SELECT migrate_stamp('head');
--> 1
SELECT migrate_stamp('base');
--> 0
SELECT count(*) FROM _migrate_version;
--> 0

--- a stamp is in the log
SELECT migrate_stamp('bbbb0002');
--> 1
SELECT revision, direction, message FROM _migrate_log ORDER BY id;
--> 'bbbb0002'|'stamp'|'Two'

--- the tables are made by the first stamp
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0
SELECT migrate_stamp('base');
--> 0
SELECT name FROM sqlite_schema WHERE name GLOB '_migrate*' AND type = 'table' ORDER BY 1;
--> '_migrate_log'
--> '_migrate_version'

--- a target that does not exist
SELECT migrate_stamp('dddd0004');
--! 'dddd0004'
SELECT migrate_stamp('');
--! ''
SELECT migrate_stamp('head', 'prune');
--! 'purge'
--! 'prune'
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0

--- a row that no script has stops a stamp, but for a purge
SELECT migrate_stamp('aaaa0001');
--> 1
INSERT INTO _migrate_version VALUES('stranger0001'), ('stranger0002');
SELECT migrate_stamp('bbbb0002');
--! stranger0001
--! stranger0002
--! migrate_stamp('bbbb0002', 'purge')
SELECT revision FROM _migrate_version ORDER BY 1;
--> 'aaaa0001'
--> 'stranger0001'
--> 'stranger0002'
SELECT migrate_stamp('bbbb0002', 'purge');
--> 1
SELECT revision FROM _migrate_version;
--> 'bbbb0002'

--- purge with the default target
SELECT migrate_stamp('base');
--> 0
INSERT INTO _migrate_version VALUES('stranger0001');
SELECT migrate_stamp(NULL, 'purge');
--> 1
SELECT revision FROM _migrate_version;
--> 'cccc0003'
INSERT INTO _migrate_version VALUES('stranger0001');
SELECT migrate_stamp('base', 'purge');
--> 0

--- several heads need to be said, and keep one row each
SELECT migrate_register('-- Side
-- revision: dddd0004
-- revises: aaaa0001
-- migrate:up', '4.sql');
--> 'dddd0004'
SELECT migrate_stamp();
--! 'head' is ambiguous: the heads are cccc0003 and dddd0004
SELECT migrate_stamp('heads');
--> 2
SELECT revision FROM _migrate_version ORDER BY 1;
--> 'cccc0003'
--> 'dddd0004'
SELECT migrate_stamp('bbbb0002');
--> 2
SELECT revision FROM _migrate_version ORDER BY 1;
--> 'bbbb0002'
--> 'dddd0004'
SELECT migrate_stamp('bbbb0002', 'purge');
--> 1

--- a stamp inside a transaction is undone with it
BEGIN;
SELECT migrate_stamp();
--> 1
ROLLBACK;
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0

--- another connection sees it [file]
SELECT migrate_stamp('bbbb');
--> 1
--@ as other
SELECT revision FROM _migrate_version;
--> 'bbbb0002'
