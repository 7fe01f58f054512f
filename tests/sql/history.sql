-- What is known and where the database is: migrate_history, migrate_heads,
-- migrate_current, migrate_settings.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id REFERENCES users(id) ON DELETE CASCADE);
CREATE VIEW buyers AS SELECT name FROM users WHERE id IN (SELECT user_id FROM orders);
INSERT INTO users VALUES(1, 'Ann'), (2, 'Bo');
INSERT INTO orders VALUES(1, 1), (2, 2);

--- nothing is registered, and there is no directory
SELECT * FROM migrate_history;
--! migrations
--! migrate_init()
SELECT * FROM migrate_heads;
--! migrate_init()
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0

--- the columns, in order
SELECT group_concat(name, ', ') FROM pragma_table_info('migrate_history');
--> 'revision, down_revision, message, branch_labels, depends_on, created, is_head, is_base, is_branch_point, is_merge_point, is_applied, is_current, applied_at, duration_ms, status, path'
SELECT group_concat(name, ', ') FROM pragma_table_info('migrate_heads');
--> 'revision, branch_labels, message, is_applied, is_current, path'
SELECT group_concat(name, ', ') FROM pragma_table_info('migrate_current');
--> 'revision, message, is_head, applied_at'
SELECT group_concat(name, ', ') FROM pragma_table_info('migrate_settings');
--> 'key, value, default, description'

--- every column of a history with branches, before and after
SELECT migrate_register('-- Root
revision = "aaaa"
branch_labels = {"shop", "main-line"}
created = "2025-12-01 12:00:00"
function upgrade() end
function downgrade() end', 'a.lua'), migrate_register('-- Left
-- revision: bbbb
-- revises: aaaa
-- created: 2025-12-02
-- migrate:up
ALTER TABLE users ADD COLUMN b DEFAULT 1;', 'b.sql'), migrate_register('-- Right
revision = "cccc"
down_revision = "aaaa"
function upgrade() end', 'c.lua'), migrate_register('-- Elsewhere
revision = "dddd"
function upgrade() end', 'd.lua'), migrate_register('-- Join
revision = "eeee"
down_revision = {"bbbb", "cccc"}
depends_on = "dddd"
function upgrade() end', 'e.lua');
--> 'aaaa'|'bbbb'|'cccc'|'dddd'|'eeee'
SELECT revision, down_revision, message, branch_labels, depends_on, created, path FROM migrate_history ORDER BY revision;
--> 'aaaa'|NULL|'Root'|'shop, main-line'|NULL|'2025-12-01 12:00:00'|'a.lua'
--> 'bbbb'|'aaaa'|'Left'|NULL|NULL|'2025-12-02'|'b.sql'
--> 'cccc'|'aaaa'|'Right'|NULL|NULL|NULL|'c.lua'
--> 'dddd'|NULL|'Elsewhere'|NULL|NULL|NULL|'d.lua'
--> 'eeee'|'bbbb, cccc'|'Join'|NULL|'dddd'|NULL|'e.lua'
SELECT revision, is_head, is_base, is_branch_point, is_merge_point, is_applied, is_current, applied_at, duration_ms, status FROM migrate_history ORDER BY revision;
--> 'aaaa'|0|1|1|0|0|0|NULL|NULL|'pending'
--> 'bbbb'|0|0|0|0|0|0|NULL|NULL|'pending'
--> 'cccc'|0|0|0|0|0|0|NULL|NULL|'pending'
--> 'dddd'|1|1|0|0|0|0|NULL|NULL|'pending'
--> 'eeee'|1|0|0|1|0|0|NULL|NULL|'pending'
SELECT revision, message, is_applied, is_current, path FROM migrate_heads;
--> 'dddd'|'Elsewhere'|0|0|'d.lua'
--> 'eeee'|'Join'|0|0|'e.lua'
SELECT * FROM migrate_current;
SELECT migrate_upgrade('cccc');
--> 2
SELECT migrate_upgrade('bbbb');
--> 1
SELECT revision, is_applied, is_current, applied_at IS NOT NULL, duration_ms >= 0, status FROM migrate_history ORDER BY revision;
--> 'aaaa'|1|0|1|1|'applied'
--> 'bbbb'|1|1|1|1|'applied'
--> 'cccc'|1|1|1|1|'applied'
--> 'dddd'|0|0|0|NULL|'pending'
--> 'eeee'|0|0|0|NULL|'pending'
SELECT revision, message, is_head, applied_at = datetime(applied_at) FROM migrate_current ORDER BY 1;
--> 'bbbb'|'Left'|0|1
--> 'cccc'|'Right'|0|1
SELECT migrate_upgrade('eeee');
--> 2
SELECT revision, message, is_head FROM migrate_current;
--> 'eeee'|'Join'|1
SELECT revision, is_applied, is_current FROM migrate_heads;
--> 'dddd'|1|0
--> 'eeee'|1|1

--- newest first: what stands on another comes before it
SELECT migrate_register('-- revision: zzzz
-- migrate:up', 'z.sql'), migrate_register('-- revision: yyyy
-- revises: zzzz
-- migrate:up', 'y.sql'), migrate_register('-- revision: xxxx
-- revises: yyyy
-- migrate:up', 'x.sql');
--> 'zzzz'|'yyyy'|'xxxx'
SELECT revision FROM migrate_history;
--> 'xxxx'
--> 'yyyy'
--> 'zzzz'
SELECT revision FROM migrate_history WHERE is_base;
--> 'zzzz'

--- a downgrade makes it pending again
SELECT migrate_register('-- revision: aaaa
-- migrate:up
-- migrate:down', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--> 1
SELECT revision, is_applied, applied_at, duration_ms, status FROM migrate_history;
--> 'aaaa'|0|NULL|NULL|'pending'
SELECT * FROM migrate_current;

--- a script that changed since it ran is edited, and back again [file]
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
-- migrate:down
DROP TABLE a;') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT status FROM migrate_history;
--> 'applied'
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- migrate:up
CREATE TABLE a(x, y);
-- migrate:down
DROP TABLE a;') > 0;
--> 1
SELECT revision, is_applied, status FROM migrate_history;
--> 'aaaa'|1|'edited'
SELECT migrate_upgrade();
--> 0
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
-- migrate:down
DROP TABLE a;') > 0;
--> 1
SELECT status FROM migrate_history;
--> 'applied'
SELECT writefile('migrations/versions/a.sql', replace('-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
-- migrate:down
DROP TABLE a;', char(10), char(13, 10))) > 0;
--> 1
SELECT status FROM migrate_history;
--> 'applied'

--- edited, taken back and applied again: it is the new one that counts [file]
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- migrate:up
-- migrate:down') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- now with more
-- migrate:up
-- migrate:down') > 0;
--> 1
SELECT status FROM migrate_history;
--> 'edited'
SELECT migrate_downgrade();
--> 1
SELECT status FROM migrate_history;
--> 'pending'
SELECT migrate_upgrade();
--> 1
SELECT status FROM migrate_history;
--> 'applied'

--- a row without a script is missing [file]
SELECT writefile('migrations/versions/a.sql', '-- The first
-- revision: aaaa
-- migrate:up') > 0;
--> 1
SELECT migrate_register('-- The second
-- revision: bbbb
-- revises: aaaa
-- migrate:up', 'b.sql');
--> 'bbbb'
SELECT migrate_upgrade();
--> 2
--@ reopen
SELECT revision, down_revision, message, is_head, is_applied, is_current, applied_at IS NOT NULL, duration_ms >= 0, path FROM migrate_history WHERE status = 'missing';
--> 'bbbb'|'aaaa'|'The second'|0|1|1|1|1|NULL
SELECT revision, message, is_head, applied_at IS NOT NULL FROM migrate_current;
--> 'bbbb'|'The second'|0|1
INSERT INTO _migrate_version VALUES('never heard of');
SELECT revision, message, status FROM migrate_history WHERE revision GLOB 'never*';
--> 'never heard of'|NULL|'missing'

--- the history of a read-only database [file]
SELECT migrate_register('-- revision: aaaa
-- migrate:up', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
--@ reopen readonly
SELECT migrate_register('-- revision: aaaa
-- migrate:up', 'a.sql');
--> 'aaaa'
SELECT revision, status FROM migrate_history;
--> 'aaaa'|'applied'
SELECT revision FROM migrate_current;
--> 'aaaa'
SELECT migrate_upgrade();
--> 0
SELECT migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up', 'b.sql');
--> 'bbbb'
SELECT migrate_upgrade();
--! readonly
SELECT revision FROM migrate_current;
--> 'aaaa'

--- reading creates nothing [file]
SELECT migrate_register('-- revision: aaaa
-- migrate:up', 'a.sql');
--> 'aaaa'
CREATE TEMP TABLE was AS SELECT readfile('test.db') AS file;
SELECT count(*) FROM migrate_history;
--> 1
SELECT count(*) FROM migrate_heads;
--> 1
SELECT count(*) FROM migrate_current;
--> 0
SELECT count(*) > 0 FROM migrate_settings;
--> 1
SELECT file = readfile('test.db') FROM was;
--> 1
SELECT readfile('migrations/env.lua');
--> NULL

--- a table changes nothing and cannot be changed
DELETE FROM migrate_history;
--! migrate_history may not be modified
INSERT INTO migrate_heads(revision) VALUES('aaaa');
--! migrate_heads may not be modified
UPDATE migrate_settings SET value = 'x';
--! migrate_settings may not be modified
CREATE VIRTUAL TABLE h USING migrate_history;
--! migrate_history
CREATE VIEW v AS SELECT * FROM migrate_current;
SELECT * FROM v;
--! unsafe use of virtual table "migrate_current"

--- joined, grouped and ordered as any table
SELECT migrate_register('-- revision: aaaa
-- migrate:up', 'a.sql'), migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up', 'b.sql');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade('aaaa');
--> 1
SELECT h.revision, c.revision FROM migrate_history AS h LEFT JOIN migrate_current AS c USING(revision) ORDER BY h.revision;
--> 'aaaa'|'aaaa'
--> 'bbbb'|NULL
SELECT status, count(*) FROM migrate_history GROUP BY status ORDER BY status DESC;
--> 'pending'|1
--> 'applied'|1
SELECT a.revision, b.revision FROM migrate_history AS a JOIN migrate_history AS b ON a.down_revision = b.revision;
--> 'bbbb'|'aaaa'
SELECT rowid, revision FROM migrate_history LIMIT 1 OFFSET 1;
--> 2|'aaaa'

--- settings
SELECT key, value, "default" FROM migrate_settings WHERE key IN ('directory', 'schema', 'transaction', 'lock_timeout_ms', 'lua_memory_mb', 'lua_seconds') ORDER BY key;
--> 'directory'|'migrations'|'migrations'
--> 'lock_timeout_ms'|'10000'|'10000'
--> 'lua_memory_mb'|'64'|'64'
--> 'lua_seconds'|'0'|'0'
--> 'schema'|'main'|'main'
--> 'transaction'|'all'|'all'
SELECT count(*) FROM migrate_settings WHERE description IS NULL OR description = '';
--> 0
SELECT migrate_config('transaction', 'revision'), migrate_config('arg.tenant', 'north');
--> 'revision'|'north'
SELECT key, value, "default" FROM migrate_settings WHERE value IS NOT "default";
--> 'transaction'|'revision'|'all'
--> 'arg.tenant'|'north'|NULL

--- something else bears the name of our table
CREATE VIEW _migrate_version AS SELECT 'aaaa' AS revision;
SELECT migrate_register('-- revision: aaaa
-- migrate:up', 'a.sql');
--> 'aaaa'
SELECT revision FROM migrate_current;
--! _migrate_version in database main is not the table that migrate makes
SELECT migrate_upgrade();
--! _migrate_version in database main is not the table that migrate makes

--- a table of ours without the column
CREATE TABLE _migrate_version(x);
SELECT migrate_register('-- revision: aaaa
-- migrate:up', 'a.sql');
--> 'aaaa'
SELECT revision FROM migrate_current;
--! _migrate_version
SELECT migrate_upgrade();
--! _migrate_version

--- what stands below a revision without a script is known from the log [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', '-- A
revision = "aaaa"
function upgrade() op.execute("CREATE TABLE a(x)") end
') > 0, writefile('migrations/versions/b.lua', '-- B
revision = "bbbb"
down_revision = "aaaa"
function upgrade() op.execute("CREATE TABLE b(x)") end
') > 0, writefile('migrations/versions/c.lua', '-- C
revision = "cccc"
down_revision = "aaaa"
function upgrade() op.execute("CREATE TABLE c(x)") end
') > 0;
--> 1|1|1
SELECT migrate_upgrade('bbbb');
--> 2
-- the script of bbbb is now another revision's: as if the file were gone
SELECT writefile('migrations/versions/b.lua', '-- D
revision = "dddd"
down_revision = "cccc"
function upgrade() end
') > 0;
--> 1
SELECT revision, status, is_applied FROM migrate_history;
--> 'dddd'|'pending'|0
--> 'cccc'|'pending'|0
--> 'aaaa'|'applied'|1
--> 'bbbb'|'missing'|1

--- a version row without a script says where it came from [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.lua', '-- Add users
revision = "aaaa"
function upgrade() op.execute("CREATE TABLE people(x)") end
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/versions/a.lua', '-- Another
revision = "bbbb"
function upgrade() end
') > 0;
--> 1
SELECT migrate_upgrade('bbbb');
--! the database is at revision aaaa, which no script has
--! aaaa, "Add users", was last written by upgrade of migrate
--! put the script back, which a newer program may have, or set another version with migrate_stamp(TARGET, 'purge')
SELECT migrate_stamp('head', 'purge');
--> 1
SELECT revision, status FROM migrate_history;
--> 'bbbb'|'applied'
