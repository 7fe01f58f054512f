-- Revisions that are applied and have no script: the setting stored_scripts.
-- What one connection registers, the next one has never seen.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id REFERENCES users(id) ON DELETE CASCADE);
CREATE VIEW buyers AS SELECT name FROM users WHERE id IN (SELECT user_id FROM orders);
INSERT INTO users VALUES(1, 'Ann'), (2, 'Bo');
INSERT INTO orders VALUES(1, 1), (2, 2);

--- an older program takes back what it never saw [file]
SELECT migrate_register('-- One
-- revision: aaaa0001
-- migrate:up
CREATE TABLE one(x);
-- migrate:down
DROP TABLE one;', '1.sql'), migrate_register('-- Two
-- revision: bbbb0002
-- revises: aaaa0001
-- migrate:up
ALTER TABLE users ADD COLUMN mail TEXT;
-- migrate:down
ALTER TABLE users DROP COLUMN mail;', '2.sql'), migrate_register('-- Three
revision = "cccc0003"
down_revision = "bbbb"
function upgrade() op.add_column("users", "age INTEGER NOT NULL DEFAULT 7") end
function downgrade()
  op.drop_column("users", "age")
  op.execute("INSERT INTO one VALUES(?)", (db.value("SELECT count(*) FROM orders")))
end', '3.lua');
--> 'aaaa0001'|'bbbb0002'|'cccc0003'
SELECT migrate_upgrade();
--> 3
--@ reopen
SELECT migrate_register('-- One
-- revision: aaaa0001
-- migrate:up
CREATE TABLE one(x);
-- migrate:down
DROP TABLE one;', '1.sql');
--> 'aaaa0001'
-- what is missing is known, as far as it can be read without running it
SELECT revision, down_revision, message, is_head, is_base, is_applied, is_current, applied_at IS NOT NULL, duration_ms >= 0, status, path FROM migrate_history;
--> 'aaaa0001'|NULL|'One'|1|1|1|0|1|1|'applied'|'1.sql'
--> 'cccc0003'|'bbbb'|'Three'|0|0|1|1|1|1|'missing'|NULL
--> 'bbbb0002'|'aaaa0001'|'Two'|0|0|1|0|1|1|'missing'|NULL
SELECT migrate_downgrade();
--! migrate_downgrade: the database is at revision cccc0003, which no script has
--! cccc0003, "Three", was last written by upgrade of migrate
--! put the script back, which a newer program may have, or set another version with migrate_stamp(TARGET, 'purge'); or let the text be used that _migrate_log has of it: migrate_config('stored_scripts', 'run')
SELECT migrate_upgrade();
--! migrate_config('stored_scripts', 'run')
SELECT step FROM migrate_plan(NULL, 'downgrade');
--! migrate_config('stored_scripts', 'run')
SELECT migrate_config('stored_scripts');
--> 'refuse'
SELECT migrate_config('stored_scripts', 'run');
--> 'run'
SELECT revision, down_revision, is_applied, is_current, status, path FROM migrate_history;
--> 'cccc0003'|'bbbb0002'|1|1|'missing'|'_migrate_log:3'
--> 'bbbb0002'|'aaaa0001'|1|0|'missing'|'_migrate_log:2'
--> 'aaaa0001'|NULL|1|0|'applied'|'1.sql'
SELECT revision, is_current, path FROM migrate_heads;
--> 'cccc0003'|1|'_migrate_log:3'
SELECT revision, path FROM migrate_plan('aaaa', 'downgrade');
--> 'cccc0003'|'_migrate_log:3'
--> 'bbbb0002'|'_migrate_log:2'
SELECT migrate_upgrade();
--> 0
SELECT migrate_downgrade();
--> 1
SELECT * FROM one;
--> 2
SELECT name, mail FROM users;
--> 'Ann'|NULL
--> 'Bo'|NULL
SELECT migrate_downgrade('aaaa0001');
--> 1
SELECT count(*) FROM pragma_table_info('users');
--> 2
SELECT * FROM buyers;
--> 'Ann'
--> 'Bo'
-- what is not applied any more is not known, and not applied again
SELECT revision, status FROM migrate_history;
--> 'aaaa0001'|'applied'
SELECT migrate_upgrade();
--> 0
SELECT group_concat(revision || ' ' || direction, ', ') FROM _migrate_log WHERE id > 3;
--> 'cccc0003 downgrade, bbbb0002 downgrade'
SELECT count(*) FROM _migrate_log WHERE source IS NULL OR checksum IS NULL;
--> 0
SELECT migrate_downgrade('base');
--> 1

--- wrong values of the setting
SELECT migrate_config('stored_scripts', 'yes');
--! setting stored_scripts cannot be 'yes': it is 'refuse' or 'run'
SELECT migrate_config('stored_scripts', 'run'), migrate_config('stored_scripts', NULL);
--> 'run'|'refuse'

--- a script that is missing below one that is there [file]
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa0001
-- migrate:up
CREATE TABLE one(x);
-- migrate:down
DROP TABLE one;') > 0, writefile('migrations/versions/c.sql', '-- revision: cccc0003
-- revises: bbbb0002
-- migrate:up
CREATE TABLE three(x);
-- migrate:down
DROP TABLE three;') > 0, migrate_register('-- Two
-- revision: bbbb0002
-- revises: aaaa0001
-- migrate:up
CREATE TABLE two(x);
-- migrate:down
DROP TABLE two;', '2.sql');
--> 1|1|'bbbb0002'
SELECT migrate_upgrade();
--> 3
--@ reopen
SELECT count(*) FROM migrate_history;
--! versions/c.sql: down_revision of revision cccc0003
--! 'bbbb0002'
--! ; or let the text be used that _migrate_log has of it: migrate_config('stored_scripts', 'run')
SELECT migrate_config('stored_scripts', 'run');
--> 'run'
SELECT revision, status FROM migrate_history;
--> 'cccc0003'|'applied'
--> 'bbbb0002'|'missing'
--> 'aaaa0001'|'applied'
SELECT migrate_downgrade('base');
--> 3
SELECT count(*) FROM sqlite_schema WHERE name IN ('one', 'two', 'three');
--> 0

--- a hostile text runs nothing while the setting is off [file]
SELECT migrate_register('revision = "aaaa0001"
function upgrade() end');
--> 'aaaa0001'
SELECT migrate_upgrade();
--> 1
-- its top level would be seen to run: what it says of itself is computed
UPDATE _migrate_log SET source = 'revision = "aaaa" .. "0001"
down_revision = "from" .. "running"
function upgrade() end
function downgrade() op.execute("DELETE FROM users") end', checksum = '6e3b1aa0e37a0ee2b2dc4b71f7b6e1d8d0dd63a5e2aa1e6c60a5ea8ea6b38bf1';
--@ reopen
SELECT migrate_register('revision = "other001"');
--> 'other001'
SELECT revision, down_revision, status FROM migrate_history;
--> 'other001'|NULL|'pending'
--> 'aaaa0001'|NULL|'missing'
SELECT migrate_downgrade();
--! of aaaa0001, its text in _migrate_log (id 1) is not what the checksum beside it says
SELECT migrate_config('stored_scripts', 'run');
--> 'run'
SELECT migrate_downgrade();
--! of aaaa0001, its text in _migrate_log (id 1) is not what the checksum beside it says
SELECT revision, down_revision, status FROM migrate_history;
--> 'other001'|NULL|'pending'
--> 'aaaa0001'|NULL|'missing'
SELECT count(*) FROM users;
--> 2
SELECT migrate_stamp('base', 'purge');
--> 0

--- a header that must be run to be known is run only with the setting [file]
SELECT migrate_register('revision = "aaaa" .. "0001"
message = nil
branch_labels = {"b" .. "lue"}
function upgrade() end
function downgrade() end');
--> 'aaaa0001'
SELECT migrate_upgrade();
--> 1
--@ reopen
SELECT migrate_register('revision = "other001"');
--> 'other001'
SELECT branch_labels, status FROM migrate_history WHERE is_applied;
--> NULL|'missing'
SELECT migrate_config('stored_scripts', 'run');
--> 'run'
SELECT branch_labels, status FROM migrate_history WHERE is_applied;
--> 'blue'|'missing'
SELECT migrate_downgrade('blue@base');
--> 1

--- the text of another revision is refused [file]
SELECT migrate_register('-- revision: aaaa0001
-- migrate:up
-- migrate:down', 'a.sql'), migrate_register('-- revision: bbbb0002
-- migrate:up
-- migrate:down', 'b.sql');
--> 'aaaa0001'|'bbbb0002'
SELECT migrate_upgrade('heads');
--> 2
UPDATE _migrate_log SET revision = 'swapped' WHERE revision = 'aaaa0001';
UPDATE _migrate_version SET revision = 'swapped' WHERE revision = 'aaaa0001';
--@ reopen
SELECT migrate_register('revision = "other001"');
--> 'other001'
SELECT migrate_config('stored_scripts', 'run');
--> 'run'
SELECT migrate_downgrade('base');
--! the database is at revision swapped
--! of swapped, its text in _migrate_log (id 1) is that of revision aaaa0001
SELECT revision, status FROM migrate_history ORDER BY 1;
--> 'bbbb0002'|'missing'
--> 'other001'|'pending'
--> 'swapped'|'missing'

--- a text that is no script, no text, no row [file]
SELECT migrate_register('-- revision: aaaa0001
-- migrate:up
-- migrate:down', 'a.sql');
--> 'aaaa0001'
SELECT migrate_upgrade();
--> 1
UPDATE _migrate_log SET source = 'abc', checksum = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
--@ reopen
SELECT migrate_register('revision = "other001"'), migrate_config('stored_scripts', 'run');
--> 'other001'|'run'
SELECT migrate_downgrade();
--! of aaaa0001, its text in _migrate_log is wrong: _migrate_log:1:
UPDATE _migrate_log SET source = NULL;
SELECT migrate_downgrade();
--! of aaaa0001, _migrate_log has no text of it
DELETE FROM _migrate_log;
SELECT migrate_downgrade();
--! of aaaa0001, _migrate_log has no text of it
DROP TABLE _migrate_log;
SELECT migrate_downgrade();
--! of aaaa0001, _migrate_log has no text of it
CREATE VIEW _migrate_log AS SELECT 1;
SELECT migrate_downgrade();
--! _migrate_log in database main is not the table that migrate makes

--- the same sandbox, and errors say which text they are in [file]
SELECT migrate_register('revision = "aaaa0001"
function upgrade() end
function downgrade()
  op.execute("DELETE FROM orders")
  assert(io == nil and os == nil and load == nil)
  error("stop here")
end', 'a.lua');
--> 'aaaa0001'
SELECT migrate_upgrade();
--> 1
--@ reopen
SELECT migrate_register('revision = "other001"'), migrate_config('stored_scripts', 'run');
--> 'other001'|'run'
SELECT migrate_downgrade();
--! migrate_downgrade: revision aaaa0001 (_migrate_log:1:6): stop here
SELECT count(*) FROM orders;
--> 2

--- a module is not in the log [file]
SELECT migrate_register('return {drop = function() op.execute("DROP TABLE one") end}', 'lib/tools.lua'), migrate_register('revision = "aaaa0001"
function upgrade() op.execute("CREATE TABLE one(x)") end
function downgrade() require("tools").drop() end', 'a.lua');
--> 'lib/tools.lua'|'aaaa0001'
SELECT migrate_upgrade();
--> 1
--@ reopen
SELECT migrate_register('revision = "other001"'), migrate_config('stored_scripts', 'run');
--> 'other001'|'run'
SELECT migrate_downgrade();
--! revision aaaa0001 (_migrate_log:1:3): require: the log has a revision's text, and not its modules: no module tools
SELECT migrate_register('return {drop = function() op.execute("DROP TABLE one") end}', 'lib/tools.lua');
--> 'lib/tools.lua'
SELECT migrate_downgrade();
--> 1

--- it is the text that ran last, or was blessed or stamped [file]
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa0001
-- migrate:up
-- migrate:down
INSERT INTO users VALUES(3, ''old'');') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa0001
-- migrate:up
-- migrate:down
INSERT INTO users VALUES(3, ''new'');') > 0;
--> 1
SELECT migrate_bless('aaaa0001');
--> 'aaaa0001'
SELECT writefile('migrations/versions/a.sql', '-- revision: other001
-- migrate:up') > 0;
--> 1
SELECT migrate_config('stored_scripts', 'run');
--> 'run'
SELECT migrate_bless('aaaa0001');
--! revision aaaa0001 has no script here whose text could be blessed
SELECT path FROM migrate_history WHERE revision = 'aaaa0001';
--> '_migrate_log:2'
SELECT migrate_downgrade();
--> 1
SELECT name FROM users WHERE id = 3;
--> 'new'

--- a script that is there counts, whatever the log has [file]
SELECT migrate_register('-- revision: aaaa0001
-- migrate:up
-- migrate:down
INSERT INTO users VALUES(3, ''log'');', 'a.sql');
--> 'aaaa0001'
SELECT migrate_upgrade();
--> 1
--@ reopen
SELECT migrate_register('-- revision: aaaa0001
-- migrate:up
-- migrate:down
INSERT INTO users VALUES(3, ''script'');', 'a.sql'), migrate_config('stored_scripts', 'run');
--> 'aaaa0001'|'run'
SELECT status FROM migrate_history;
--> 'edited'
SELECT migrate_downgrade();
--> 1
SELECT name FROM users WHERE id = 3;
--> 'script'

--- branches, merges and dependencies come along [file]
SELECT migrate_register('revision = "aaaa0001"
function upgrade() end
function downgrade() end'), migrate_register('revision = "bbbb0002"
down_revision = "aaaa0001"
branch_labels = "left"
function upgrade() end
function downgrade() end'), migrate_register('revision = "cccc0003"
down_revision = "aaaa0001"
function upgrade() end
function downgrade() end'), migrate_register('revision = "dddd0004"
down_revision = {"bbbb0002", "cccc0003"}
function upgrade() end
function downgrade() end'), migrate_register('revision = "eeee0005"
depends_on = "dddd0004"
function upgrade() end
function downgrade() end');
--> 'aaaa0001'|'bbbb0002'|'cccc0003'|'dddd0004'|'eeee0005'
SELECT migrate_upgrade('heads');
--> 5
--@ reopen
SELECT migrate_register('revision = "aaaa0001"
function upgrade() end
function downgrade() end');
--> 'aaaa0001'
SELECT revision, down_revision, branch_labels, depends_on, is_base, is_merge_point, is_current FROM migrate_history WHERE status = 'missing' ORDER BY 1;
--> 'bbbb0002'|'aaaa0001'|'left'|NULL|0|0|0
--> 'cccc0003'|'aaaa0001'|NULL|NULL|0|0|0
--> 'dddd0004'|'bbbb0002, cccc0003'|NULL|NULL|0|1|0
--> 'eeee0005'|NULL|NULL|'dddd0004'|1|0|1
SELECT migrate_config('stored_scripts', 'run');
--> 'run'
SELECT migrate_downgrade('base');
--> 5

--- what was taken back, and is in the log, is no revision [file]
SELECT migrate_register('revision = "aaaa0001"
function upgrade() end
function downgrade() end'), migrate_register('revision = "bbbb0002"
down_revision = "aaaa0001"
function upgrade() end
function downgrade() end');
--> 'aaaa0001'|'bbbb0002'
SELECT migrate_upgrade();
--> 2
SELECT migrate_stamp('aaaa0001');
--> 1
--@ reopen
SELECT migrate_register('revision = "aaaa0001"
function upgrade() end
function downgrade() end'), migrate_config('stored_scripts', 'run');
--> 'aaaa0001'|'run'
SELECT revision FROM migrate_history;
--> 'aaaa0001'
SELECT migrate_upgrade();
--> 0

--- an attached database has its own log [file]
ATTACH 'other.db' AS other;
SELECT migrate_config('schema', 'other'), migrate_register('-- revision: aaaa0001
-- migrate:up
CREATE TABLE other.t(x);
-- migrate:down
DROP TABLE other.t;', 'a.sql');
--> 'other'|'aaaa0001'
SELECT migrate_upgrade();
--> 1
--@ reopen
ATTACH 'other.db' AS other;
SELECT migrate_config('schema', 'other'), migrate_config('stored_scripts', 'run'), migrate_register('revision = "other001"');
--> 'other'|'run'|'other001'
SELECT migrate_downgrade();
--> 1
SELECT count(*) FROM other.sqlite_schema WHERE name = 't';
--> 0

--- a revision that goes on is finished by its stored text [file]
SELECT migrate_register('revision = "aaaa0001"
transactional = false
function upgrade() op.execute("CREATE TABLE one(x)") end
function downgrade()
  op.execute("DELETE FROM orders WHERE id = 1")
  op.execute(db.value("SELECT count(*) FROM users") > 2 and "DROP TABLE one" or "DROP TABLE nowhere")
end', 'a.lua');
--> 'aaaa0001'
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--! no such table: nowhere
--@ reopen
SELECT migrate_register('revision = "other001"');
--> 'other001'
SELECT migrate_downgrade();
--! the database is at revision aaaa0001, which no script has
SELECT migrate_config('stored_scripts', 'run');
--> 'run'
SELECT status FROM migrate_history WHERE revision = 'aaaa0001';
--> 'unfinished'
INSERT INTO users VALUES(3, 'Cy');
SELECT migrate_downgrade();
--> 1
SELECT count(*) FROM orders;
--> 1
SELECT count(*) FROM sqlite_schema WHERE name IN ('one', '_migrate_journal');
--> 0
