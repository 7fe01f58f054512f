-- Revisions held in memory.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id REFERENCES users(id) ON DELETE CASCADE);
INSERT INTO users VALUES(1, 'Ann'), (2, 'Bo');
INSERT INTO orders VALUES(1, 1), (2, 2);

--- without a name, either language is recognized
SELECT migrate_register('-- In Lua
revision = "aaaa"
function upgrade() op.add_column("users", "a") end');
--> 'aaaa'
SELECT migrate_register('-- In SQL
-- revision: bbbb
-- revises: aaaa
-- migrate:up
ALTER TABLE users ADD COLUMN b;');
--> 'bbbb'
SELECT revision, message, path FROM migrate_history;
--> 'bbbb'|'In SQL'|'registered:bbbb'
--> 'aaaa'|'In Lua'|'registered:aaaa'
SELECT migrate_upgrade();
--> 2
SELECT * FROM users;
--> 1|'Ann'|NULL|NULL
--> 2|'Bo'|NULL|NULL

--- NULL is no name
SELECT migrate_register('revision = "aaaa" function upgrade() end', NULL);
--> 'aaaa'
SELECT path FROM migrate_history;
--> 'registered:aaaa'

--- the name is what messages show
SELECT migrate_register('revision = "aaaa"
function upgrade() nothing() end', 'shop/first.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (shop/first.lua:2)

--- the same text again is fine, another one is not
SELECT migrate_register('revision = "aaaa" function upgrade() end', 'a.lua');
--> 'aaaa'
SELECT migrate_register('revision = "aaaa" function upgrade() end', 'a.lua');
--> 'aaaa'
SELECT migrate_register('revision = "aaaa" function upgrade() end');
--> 'aaaa'
SELECT count(*) FROM migrate_history;
--> 1
SELECT migrate_register('revision = "aaaa" function upgrade() error("x") end', 'b.lua');
--! revision aaaa is registered already (a.lua), with another text
SELECT migrate_upgrade();
--> 1

--- what is wrong is refused at once, and nothing is kept
SELECT migrate_register('', 'a.lua');
--! a.lua: is empty
SELECT migrate_register('function upgrade() end', 'a.lua');
--! a.lua
--! revision
SELECT migrate_register('revision = "aaaa"
function upgrade( end', 'a.lua');
--! a.lua:2
SELECT migrate_register('revision = 5', 'a.lua');
--! a.lua:1
SELECT migrate_register('-- revision: aaaa
CREATE TABLE a(x);', 'a.sql');
--! a.sql
SELECT migrate_register(x'ff', 'a.lua');
--! argument 1 (source) must be text, not a blob
SELECT migrate_register(CAST(x'2d2d20ff' AS TEXT), 'a.lua');
--! a.lua:1: is not UTF-8
SELECT migrate_register(NULL);
--! argument 1 (source) is NULL
SELECT migrate_register('revision = "aaaa"' || char(0) || 'x');
--! argument 1 (source) has a NUL byte
SELECT migrate_register('revision = "aaaa"
error("no scripts here")', 'a.lua');
--! a.lua:2
--! no scripts here
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0
SELECT migrate_register('revision = "aaaa" function upgrade() end', 'a.lua');
--> 'aaaa'
SELECT revision FROM migrate_history;
--> 'aaaa'

--- the name's ending says which language it is
SELECT migrate_register('-- revision: aaaa
-- migrate:up
', 'a.lua');
--! a.lua

--- a byte order mark in front
SELECT migrate_register(char(65279) || '-- The message
-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);', 'a.sql');
--> 'aaaa'
SELECT message FROM migrate_history;
--> 'The message'
SELECT migrate_upgrade();
--> 1

--- they are the connection's, and gone with it [file]
SELECT migrate_register('revision = "aaaa" function upgrade() end');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
--@ as other
SELECT migrate_register('revision = "bbbb" function upgrade() end');
--> 'bbbb'
SELECT revision, status FROM migrate_history ORDER BY 1;
--> 'aaaa'|'missing'
--> 'bbbb'|'pending'
--@ reopen
SELECT migrate_upgrade();
--! migrations: no such directory

--- beside files they make one graph [file]
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- migrate:up
') > 0;
--> 1
SELECT migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up
', 'b.sql');
--> 'bbbb'
SELECT revision, down_revision, path FROM migrate_history;
--> 'bbbb'|'aaaa'|'b.sql'
--> 'aaaa'|NULL|'versions/a.sql'
SELECT migrate_upgrade();
--> 2

--- a directory that is set must be there, also beside registered revisions
SELECT migrate_register('revision = "aaaa" function upgrade() end');
--> 'aaaa'
SELECT migrate_config('directory', 'elsewhere');
--> 'elsewhere'
SELECT migrate_upgrade();
--! elsewhere: no such directory
SELECT migrate_config('directory', NULL);
--> 'migrations'
SELECT migrate_upgrade();
--> 1

--- a script cannot register another
SELECT migrate_register('revision = "aaaa"
function upgrade()
  db.value([[SELECT migrate_register(''revision = "bbbb"'')]])
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:3)
--! a script cannot
SELECT revision FROM migrate_history;
--> 'aaaa'

--- registering does not run the script
SELECT migrate_register('revision = "aaaa"
op.execute("DELETE FROM users")
function upgrade() end', 'a.lua');
--! a.lua:2
SELECT count(*) FROM users;
--> 2

--- registering needs no database, running does
SELECT migrate_config('schema', 'other');
--> 'other'
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TABLE other.a(x);
');
--> 'aaaa'
SELECT migrate_upgrade();
--! no database is attached as other
ATTACH ':memory:' AS other;
SELECT migrate_upgrade();
--> 1
SELECT revision FROM other._migrate_version;
--> 'aaaa'
