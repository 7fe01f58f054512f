-- The graph of revisions: heads and merges, and what makes no graph.  Where
-- scripts are wrong, the message names the files.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id REFERENCES users(id) ON DELETE CASCADE);
CREATE VIEW buyers AS SELECT name FROM users WHERE id IN (SELECT user_id FROM orders);
INSERT INTO users VALUES(1, 'Ann'), (2, 'Bo');
INSERT INTO orders VALUES(1, 1), (2, 2);

--- two heads: head is ambiguous, heads is not
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
-- migrate:down
DROP TABLE a;', 'a.sql');
--> 'aaaa'
SELECT migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up
ALTER TABLE users ADD COLUMN b;
-- migrate:down
ALTER TABLE users DROP COLUMN b;', 'b.sql');
--> 'bbbb'
SELECT migrate_register('-- revision: cccc
-- revises: aaaa
-- migrate:up
ALTER TABLE orders ADD COLUMN c;
-- migrate:down
ALTER TABLE orders DROP COLUMN c;', 'c.sql');
--> 'cccc'
SELECT migrate_upgrade();
--! 'head' is ambiguous: the heads are bbbb and cccc
SELECT count(*) FROM sqlite_schema WHERE name = 'a' OR name GLOB '_migrate*';
--> 0
SELECT revision, is_applied, is_current FROM migrate_heads;
--> 'bbbb'|0|0
--> 'cccc'|0|0
SELECT migrate_upgrade('heads');
--> 3
SELECT revision FROM _migrate_version ORDER BY 1;
--> 'bbbb'
--> 'cccc'
SELECT revision FROM _migrate_log ORDER BY id;
--> 'aaaa'
--> 'bbbb'
--> 'cccc'
SELECT * FROM buyers;
--> 'Ann'
--> 'Bo'

--- one head of two, then the other: the rows are what nothing applied stands on
SELECT migrate_register('-- revision: aaaa
-- migrate:up', 'a.sql'),
  migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up
-- migrate:down', 'b.sql'),
  migrate_register('-- revision: cccc
-- revises: aaaa
-- migrate:up
-- migrate:down', 'c.sql');
--> 'aaaa'|'bbbb'|'cccc'
SELECT migrate_upgrade('cccc');
--> 2
SELECT revision FROM _migrate_version;
--> 'cccc'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT revision FROM _migrate_version ORDER BY 1;
--> 'bbbb'
--> 'cccc'
SELECT migrate_downgrade('aaaa');
--> 2
SELECT revision FROM _migrate_version;
--> 'aaaa'

--- two bases
SELECT migrate_register('-- revision: aaaa
-- migrate:up
-- migrate:down', 'a.sql'),
  migrate_register('-- revision: bbbb
-- migrate:up
-- migrate:down', 'b.sql');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade('heads');
--> 2
SELECT revision FROM _migrate_version ORDER BY 1;
--> 'aaaa'
--> 'bbbb'
SELECT migrate_downgrade('base');
--> 2

--- a merge is one row again
SELECT migrate_register('-- revision: aaaa
-- migrate:up
-- migrate:down', 'a.sql'),
  migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up
-- migrate:down', 'b.sql'),
  migrate_register('-- revision: cccc
-- revises: aaaa
-- migrate:up
-- migrate:down', 'c.sql'),
  migrate_register('revision = "dddd"
down_revision = {"bbbb", "cccc"}
function upgrade() end
function downgrade() end', 'd.lua');
--> 'aaaa'|'bbbb'|'cccc'|'dddd'
SELECT migrate_upgrade('heads');
--> 4
SELECT revision FROM _migrate_version;
--> 'dddd'
SELECT revision FROM _migrate_log ORDER BY id;
--> 'aaaa'
--> 'bbbb'
--> 'cccc'
--> 'dddd'
SELECT migrate_downgrade();
--> 1
SELECT revision FROM _migrate_version ORDER BY 1;
--> 'bbbb'
--> 'cccc'

--- a dependency comes first, and takes no row of its own while one stands on it
SELECT migrate_register('-- revision: base1
-- migrate:up
-- migrate:down', '2.sql'),
  migrate_register('-- revision: base2
-- migrate:up
-- migrate:down', '9.sql'),
  migrate_register('revision = "child1"
down_revision = "base1"
depends_on = "base2"
function upgrade() end
function downgrade() end', '3.lua');
--> 'base1'|'base2'|'child1'
SELECT migrate_upgrade('child1');
--> 3
SELECT revision FROM _migrate_log ORDER BY id;
--> 'base1'
--> 'base2'
--> 'child1'
SELECT revision FROM _migrate_version;
--> 'child1'
SELECT migrate_downgrade('base1');
--> 1
SELECT revision FROM _migrate_version ORDER BY 1;
--> 'base1'
--> 'base2'

--- among free choices: the branch begun goes on, then by file name
SELECT migrate_register('-- revision: root
-- migrate:up', '0.sql'),
  migrate_register('-- revision: left1
-- revises: root
-- migrate:up', '5.sql'),
  migrate_register('-- revision: left2
-- revises: left1
-- migrate:up', '6.sql'),
  migrate_register('-- revision: right1
-- revises: root
-- migrate:up', '1.sql'),
  migrate_register('-- revision: right2
-- revises: right1
-- migrate:up', '9.sql');
--> 'root'|'left1'|'left2'|'right1'|'right2'
SELECT migrate_upgrade('heads');
--> 5
SELECT revision FROM _migrate_log ORDER BY id;
--> 'root'
--> 'right1'
--> 'right2'
--> 'left1'
--> 'left2'

--- a parent is named by a prefix, too
SELECT migrate_register('-- revision: abcdef000001
-- migrate:up', '1.sql'),
  migrate_register('-- revision: bbcdef000002
-- revises: abcdef
-- migrate:up', '2.sql');
--> 'abcdef000001'|'bbcdef000002'
SELECT migrate_upgrade();
--> 2
SELECT down_revision FROM migrate_history WHERE revision = 'bbcdef000002';
--> 'abcdef000001'

--- a parent that does not exist [file]
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa00000001
-- migrate:up') > 0;
--> 1
SELECT writefile('migrations/versions/b.sql', '-- revision: bbbb00000002
-- revises: aaaa00000009
-- migrate:up') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/b.sql
--! bbbb00000002
--! 'aaaa00000009'
--! the nearest is aaaa00000001
SELECT * FROM migrate_history;
--! versions/b.sql
SELECT * FROM migrate_heads;
--! versions/b.sql
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0

--- an id in two files names both [file]
SELECT writefile('migrations/versions/20250101000000_first.sql', '-- revision: aaaa
-- migrate:up') > 0;
--> 1
SELECT writefile('migrations/versions/20250102000000_second.lua', 'revision = "aaaa"
function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--! revision aaaa is in two files: versions/20250101000000_first.sql and versions/20250102000000_second.lua

--- a file and a registered revision with one id [file]
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);') > 0;
--> 1
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TABLE b(x);', 'memory.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa is in two files
--! versions/a.sql
--! memory.sql

--- a cycle is shown in order [file]
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- revises: cccc
-- migrate:up') > 0;
--> 1
SELECT writefile('migrations/versions/b.sql', '-- revision: bbbb
-- revises: aaaa
-- migrate:up') > 0;
--> 1
SELECT writefile('migrations/versions/c.sql', '-- revision: cccc
-- revises: bbbb
-- migrate:up') > 0;
--> 1
SELECT migrate_upgrade();
--! cycle
--! aaaa (versions/a.sql)
--! bbbb (versions/b.sql)
--! cccc (versions/c.sql)
SELECT revision FROM migrate_history;
--! cycle

--- a cycle over a dependency
SELECT migrate_register('-- revision: aaaa
-- depends_on: bbbb
-- migrate:up', 'a.sql'),
  migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up', 'b.sql');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade();
--! cycle
--! a.sql
--! b.sql

--- a revision that stands on itself
SELECT migrate_register('-- revision: aaaa
-- revises: aaaa
-- migrate:up', 'self.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! self.sql
--! 'aaaa' is the revision itself

--- ... or names a parent twice
SELECT migrate_register('-- revision: aaaa
-- migrate:up', 'a.sql'), migrate_register('-- revision: bbbb
-- revises: aaaa, aaaa
-- migrate:up', 'twice.sql');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade();
--! twice.sql
--! revision aaaa is named twice

--- an ambiguous parent names the candidates
SELECT migrate_register('-- revision: aaaa1
-- migrate:up', 'a1.sql'), migrate_register('-- revision: aaaa2
-- migrate:up', 'a2.sql'), migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up', 'b.sql');
--> 'aaaa1'|'aaaa2'|'bbbb'
SELECT migrate_upgrade('heads');
--! b.sql
--! 'aaaa' is ambiguous
--! aaaa1 and aaaa2

--- malformed ids [file]
SELECT writefile('migrations/versions/bad.sql', '-- revision: has space
-- migrate:up') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/bad.sql
--! 'has space'
SELECT writefile('migrations/versions/bad.sql', '-- revision: ../../etc
-- migrate:up') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/bad.sql: '../../etc' cannot be a revision
SELECT writefile('migrations/versions/bad.sql', '-- revision: -1
-- migrate:up') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/bad.sql: '-1' cannot be a revision
SELECT writefile('migrations/versions/bad.sql', '-- revision: head
-- migrate:up') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/bad.sql: 'head' cannot be a revision
--! reserved
SELECT writefile('migrations/versions/bad.sql', '-- revision: ' || replace(hex(zeroblob(32)), '00', 'ab') || 'c
-- migrate:up') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/bad.sql
--! 64 bytes
SELECT writefile('migrations/versions/bad.sql', '-- revision: zażółć
-- migrate:up') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/bad.sql: 'zażółć'

--- a script that does not say which revision it is [file]
SELECT writefile('migrations/versions/a.sql', '-- migrate:up
CREATE TABLE a(x);') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/a.sql
--! revision
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- migrate:up') > 0;
--> 1
SELECT writefile('migrations/versions/b.lua', 'function upgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/b.lua
--! revision

--- a broken file stops a migration that would run it, before anything has run [file]
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- migrate:up
DELETE FROM users;') > 0;
--> 1
SELECT writefile('migrations/versions/b.lua', 'revision = "bbbb"
down_revision = "aaaa"
function upgrade( end') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/b.lua:3
SELECT count(*) FROM users;
--> 2
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0

--- other files in the directory are left alone [file]
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- migrate:up') > 0;
--> 1
SELECT writefile('migrations/versions/README.md', 'not a revision') > 0;
--> 1
SELECT writefile('migrations/versions/.#b.sql', 'an editor''s lock') > 0;
--> 1
SELECT writefile('migrations/versions/b.sql~', 'an editor''s copy') > 0;
--> 1
SELECT migrate_upgrade();
--> 1

--- ids that are words, with . - and _
SELECT migrate_register('-- revision: p0_5_add_account_lockout
-- migrate:up', 'a.sql'), migrate_register('-- revision: 2024-01.rc-1
-- revises: p0_5_add_account_lockout
-- migrate:up
-- migrate:down', 'b.sql');
--> 'p0_5_add_account_lockout'|'2024-01.rc-1'
SELECT migrate_upgrade('2024-01.rc-1');
--> 2
SELECT migrate_downgrade('p0_5');
--> 1

--- ids differ in case
SELECT migrate_register('-- revision: aaaa
-- migrate:up', 'a.sql'), migrate_register('-- revision: AAAA
-- revises: aaaa
-- migrate:up', 'b.sql');
--> 'aaaa'|'AAAA'
SELECT migrate_upgrade('AAAA');
--> 2
SELECT revision FROM _migrate_version;
--> 'AAAA'
