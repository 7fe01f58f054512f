-- What _migrate_log keeps of each step ever run.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id REFERENCES users(id) ON DELETE CASCADE);
CREATE VIEW buyers AS SELECT name FROM users WHERE id IN (SELECT user_id FROM orders);
INSERT INTO users VALUES(1, 'Ann'), (2, 'Bo');
INSERT INTO orders VALUES(1, 1), (2, 2);
SELECT migrate_register('-- Add brands
-- revision: aaaa
-- migrate:up
CREATE TABLE brands(id INTEGER PRIMARY KEY);
-- migrate:down
DROP TABLE brands;
', 'a.sql'), migrate_register('-- Łódź
revision = "bbbb"
down_revision = "aaaa"
function upgrade() op.create_table("b", "x") end
function downgrade() op.drop_table("b") end', 'b.lua');
--> 'aaaa'|'bbbb'

--- the tables
SELECT migrate_upgrade();
--> 2
SELECT name, type, pk FROM pragma_table_info('_migrate_version');
--> 'revision'|'TEXT'|1
SELECT group_concat(name, ', ') FROM pragma_table_info('_migrate_log');
--> 'id, revision, direction, message, started_at, duration_ms, checksum, source, extension, known'
SELECT name FROM sqlite_schema WHERE name NOT IN ('users', 'orders', 'buyers', 'brands', 'b') AND name NOT GLOB 'sqlite_*' ORDER BY 1;
--> '_migrate_log'
--> '_migrate_version'

--- the checksum is that of sha256sum
SELECT migrate_upgrade();
--> 2
SELECT revision, checksum FROM _migrate_log ORDER BY id;
--> 'aaaa'|'daa2ad899d679855ed5b2aeab054bea611ec79288d3c5d6669ce4dc54a372def'
--> 'bbbb'|'d06a0bb98d124373cde786c31c4f48d7931a6f18bc26b2fd658cee1c264d2794'

--- the source is kept as it was, and who ran it when
SELECT migrate_upgrade();
--> 2
SELECT id, message, source FROM _migrate_log ORDER BY id;
--> 1|'Add brands'|'-- Add brands
--> -- revision: aaaa
--> -- migrate:up
--> CREATE TABLE brands(id INTEGER PRIMARY KEY);
--> -- migrate:down
--> DROP TABLE brands;
--> '
--> 2|'Łódź'|'-- Łódź
--> revision = "bbbb"
--> down_revision = "aaaa"
--> function upgrade() op.create_table("b", "x") end
--> function downgrade() op.drop_table("b") end'
SELECT started_at = datetime(started_at), typeof(duration_ms), duration_ms >= 0, instr(migrate_version(), extension) > 0 FROM _migrate_log;
--> 1|'integer'|1|1
--> 1|'integer'|1|1
SELECT julianday('now') - julianday(started_at) BETWEEN -0.01 AND 0.01 FROM _migrate_log WHERE id = 1;
--> 1

--- each step is a row: there, back and there again
SELECT migrate_upgrade();
--> 2
SELECT migrate_downgrade();
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade('base');
--> 2
SELECT revision, direction FROM _migrate_log ORDER BY id;
--> 'aaaa'|'upgrade'
--> 'bbbb'|'upgrade'
--> 'bbbb'|'downgrade'
--> 'bbbb'|'upgrade'
--> 'bbbb'|'downgrade'
--> 'aaaa'|'downgrade'
SELECT count(*) FROM _migrate_log WHERE checksum IS NULL OR source IS NULL;
--> 0

--- what failed is not in it
SELECT migrate_register('-- revision: cccc
-- revises: bbbb
-- migrate:up
SELECT nothing;
', 'c.sql');
--> 'cccc'
SELECT migrate_upgrade('aaaa');
--> 1
SELECT migrate_upgrade();
--! revision cccc (c.sql:4)
SELECT revision FROM _migrate_log;
--> 'aaaa'

--- it may be emptied: the version rows are what counts
SELECT migrate_upgrade();
--> 2
DELETE FROM _migrate_log;
SELECT revision, is_applied, applied_at, duration_ms, status FROM migrate_history ORDER BY 1;
--> 'aaaa'|1|NULL|NULL|'applied'
--> 'bbbb'|1|NULL|NULL|'applied'
SELECT migrate_downgrade();
--> 1
SELECT revision, direction FROM _migrate_log;
--> 'bbbb'|'downgrade'

--- it may be gone
SELECT migrate_upgrade();
--> 2
DROP TABLE _migrate_log;
SELECT revision, status FROM migrate_history ORDER BY 1;
--> 'aaaa'|'applied'
--> 'bbbb'|'applied'
SELECT migrate_downgrade();
--> 1
SELECT revision, direction FROM _migrate_log;
--> 'bbbb'|'downgrade'

--- Windows' line ends make no other checksum, but the source is as it was [file]
SELECT writefile('migrations/versions/a.sql', replace('-- Windows
-- revision: cccc
-- revises: bbbb
-- migrate:up
', char(10), char(13, 10))) > 0;
--> 1
SELECT migrate_upgrade();
--> 3
SELECT checksum, source = CAST(readfile('migrations/versions/a.sql') AS TEXT) FROM _migrate_log WHERE revision = 'cccc';
--> 'bc962ea5b67898b9d5d128dfe5966ad50bed3402aca4f942bba29b48457ec1f4'|1
