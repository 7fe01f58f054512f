-- Going forward: what runs, in which order, and what each target means.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders(id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE, cents INTEGER);
CREATE VIEW spenders AS SELECT name, sum(cents) AS cents
  FROM users JOIN orders ON orders.user_id = users.id GROUP BY users.id;
CREATE TABLE seen(what TEXT);
CREATE TRIGGER users_ai AFTER INSERT ON users BEGIN INSERT INTO seen VALUES(new.name); END;
INSERT INTO users VALUES(1, 'Ann Lee'), (2, 'Bo Ek');
INSERT INTO orders VALUES(1, 1, 500), (2, 1, 700), (3, 2, 900);
SELECT migrate_register('-- Add brands
-- revision: 1111aaaa0001
-- migrate:up
CREATE TABLE brands(id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO brands VALUES(1, ''Acme'');
-- migrate:down
DROP TABLE brands;', '1.sql');
--> '1111aaaa0001'
SELECT migrate_register('-- Add brand to orders
-- revision: 1111aaaa0002
-- revises: 1111aaaa0001
-- migrate:up
ALTER TABLE orders ADD COLUMN brand_id INTEGER REFERENCES brands(id);
UPDATE orders SET brand_id = 1 WHERE id > 1;
-- migrate:down
ALTER TABLE orders DROP COLUMN brand_id;', '2.sql');
--> '1111aaaa0002'
SELECT migrate_register('-- Split names
revision = "2222bbbb0003"
down_revision = "1111aaaa0002"
function upgrade()
  op.add_column("users", "first TEXT")
  local put = db.prepare("UPDATE users SET first = ? WHERE id = ?")
  for id, name in db.values("SELECT id, name FROM users") do
    put(name:match("^%S+"), id)
  end
end
function downgrade() op.drop_column("users", "first") end', '3.lua');
--> '2222bbbb0003'

--- the whole way: head is the default
SELECT migrate_upgrade();
--> 3
SELECT revision FROM _migrate_version;
--> '2222bbbb0003'
SELECT * FROM users;
--> 1|'Ann Lee'|'Ann'
--> 2|'Bo Ek'|'Bo'
SELECT * FROM orders;
--> 1|1|500|NULL
--> 2|1|700|1
--> 3|2|900|1
SELECT * FROM spenders;
--> 'Ann Lee'|1200
--> 'Bo Ek'|900
SELECT revision, direction FROM _migrate_log ORDER BY id;
--> '1111aaaa0001'|'upgrade'
--> '1111aaaa0002'|'upgrade'
--> '2222bbbb0003'|'upgrade'
DELETE FROM seen;
INSERT INTO users VALUES(3, 'Cy', NULL);
SELECT * FROM seen;
--> 'Cy'

--- a second time there is nothing to do, and nothing is written [file]
SELECT migrate_upgrade();
--> 3
CREATE TEMP TABLE was AS SELECT readfile('test.db') AS file;
SELECT migrate_upgrade();
--> 0
SELECT migrate_upgrade('head');
--> 0
SELECT migrate_upgrade('heads');
--> 0
SELECT migrate_upgrade('2222bbbb0003');
--> 0
SELECT migrate_downgrade('2222bbbb0003');
--> 0
SELECT file = readfile('test.db') FROM was;
--> 1
SELECT count(*) FROM _migrate_log;
--> 3

--- NULL is no target
SELECT migrate_upgrade(NULL);
--> 3

--- to an id, and on from there
SELECT migrate_upgrade('1111aaaa0002');
--> 2
SELECT revision FROM _migrate_version;
--> '1111aaaa0002'
SELECT name FROM pragma_table_info('users');
--> 'id'
--> 'name'
SELECT migrate_upgrade('1111aaaa0002');
--> 0
SELECT migrate_upgrade('head');
--> 1

--- to a prefix that only one id has
SELECT migrate_upgrade('2222');
--> 3

--- a prefix that two ids have names both
SELECT migrate_upgrade('1111');
--! '1111' is ambiguous
--! 1111aaaa0001
--! 1111aaaa0002
SELECT migrate_upgrade('1111aaaa000');
--! ambiguous
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*' OR name = 'brands';
--> 0

--- a prefix of less than four characters is none
SELECT migrate_upgrade('222');
--! no revision or branch is called '222'; the beginning of an id needs at least 4 characters

--- an exact id wins over one that goes on
SELECT migrate_register('-- Short
-- revision: 2222
-- revises: 2222bbbb0003
-- migrate:up', '4.sql');
--> '2222'
SELECT migrate_upgrade('2222');
--> 4

--- an id that no script has is said with the nearest
SELECT migrate_upgrade('2222bbbb0004');
--! '2222bbbb0004'
--! 2222bbbb0003
SELECT migrate_upgrade('2222bbbc');
--! the nearest is 2222bbbb0003
SELECT migrate_upgrade('nonsense');
--! 'nonsense'
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0

--- +N goes so many steps
SELECT migrate_upgrade('+1');
--> 1
SELECT revision FROM _migrate_version;
--> '1111aaaa0001'
SELECT migrate_upgrade('+2');
--> 2
SELECT revision FROM _migrate_version;
--> '2222bbbb0003'

--- +N further than there is says how far there is
SELECT migrate_upgrade('+4');
--! '+4' goes too far
--! 3 revisions
SELECT migrate_upgrade();
--> 3
SELECT migrate_upgrade('+1');
--! '+1' goes too far

--- what an upgrade cannot mean
SELECT migrate_upgrade('-1');
--! '-1' goes back; use migrate_downgrade('-1')
SELECT migrate_upgrade('base');
--! 'base' is behind every revision; to go back to it use migrate_downgrade('base')
SELECT migrate_upgrade('+0');
--! '+0' takes no step
SELECT migrate_upgrade('');
--! '' is not a target
SELECT migrate_upgrade('+');
--! '+'
SELECT migrate_upgrade('+x');
--! '+x'
SELECT migrate_upgrade('+99999999999999999999');
--! '+99999999999999999999'
SELECT migrate_upgrade('head; DROP TABLE users');
--! 'head; DROP TABLE users'
SELECT migrate_upgrade('HEAD');
--! 'HEAD'
SELECT count(*) FROM users;
--> 2

--- behind what is current is not forward
SELECT migrate_upgrade();
--> 3
SELECT migrate_upgrade('1111aaaa0001');
--! revision 1111aaaa0001 is behind the current 2222bbbb0003; to go back to it use migrate_downgrade('1111aaaa0001')
SELECT revision FROM _migrate_version;
--> '2222bbbb0003'

--- white space around a target does not count
SELECT migrate_upgrade('  2222bbbb0003 ');
--> 3

--- a row of a revision without a script is named, with the way out
SELECT migrate_upgrade('1111aaaa0001');
--> 1
UPDATE _migrate_version SET revision = 'gone00000000';
SELECT migrate_upgrade();
--! the database is at revision gone00000000, which no script has
--! migrate_stamp(
SELECT revision FROM _migrate_version;
--> 'gone00000000'

--- one failure in the middle undoes the whole call
UPDATE users SET name = 'nobody''s' WHERE id = 2;
SELECT migrate_register('-- Break
-- revision: 4444dddd0004
-- revises: 2222bbbb0003
-- migrate:up
DELETE FROM orders;
INSERT INTO users(id, name) VALUES(1, ''twice'');', '4.sql');
--> '4444dddd0004'
SELECT migrate_upgrade();
--! revision 4444dddd0004 (4.sql:6): UNIQUE constraint failed: users.id; in: INSERT INTO users
SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1;
--> 'orders'
--> 'seen'
--> 'users'
SELECT count(*), sum(cents) FROM orders;
--> 3|2100
SELECT migrate_upgrade('2222bbbb0003');
--> 3

--- a revision without an upgrade is refused before anything has run
SELECT migrate_register('-- Nothing
revision = "4444dddd0004"
down_revision = "2222bbbb0003"', '4.lua');
--> '4444dddd0004'
SELECT migrate_upgrade();
--! revision 4444dddd0004 (4.lua) has no upgrade; write one, if only an empty one
SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1;
--> 'orders'
--> 'seen'
--> 'users'
SELECT migrate_upgrade('2222bbbb0003');
--> 3

--- a revision that is added later is found
SELECT migrate_upgrade();
--> 3
SELECT migrate_register('-- Later
-- revision: 3333cccc0004
-- revises: 2222bbbb0003
-- migrate:up
DROP VIEW spenders;
CREATE VIEW spenders AS SELECT first FROM users;', '4.sql');
--> '3333cccc0004'
SELECT migrate_upgrade();
--> 1
SELECT * FROM spenders;
--> 'Ann'
--> 'Bo'

--- from files, read again at each call [file]
SELECT writefile('m/versions/a.sql', '-- revision: fileaaaa
-- revises: 2222bbbb0003
-- migrate:up
CREATE TABLE a(x);') > 0;
--> 1
SELECT migrate_config('directory', 'm');
--> 'm'
SELECT migrate_upgrade();
--> 4
SELECT writefile('m/versions/b.lua', 'revision = "filebbbb"
down_revision = "fileaaaa"
function upgrade() op.execute("INSERT INTO a VALUES (1)") end') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT * FROM a;
--> 1
SELECT revision, path FROM migrate_history WHERE path GLOB 'versions/*' ORDER BY 1;
--> 'fileaaaa'|'versions/a.sql'
--> 'filebbbb'|'versions/b.lua'

--- what was upgraded outlives the connection [file]
SELECT migrate_upgrade();
--> 3
--@ reopen
SELECT count(*), sum(cents) FROM orders;
--> 3|2100
SELECT * FROM spenders;
--> 'Ann Lee'|1200
--> 'Bo Ek'|900
SELECT revision FROM _migrate_version;
--> '2222bbbb0003'
