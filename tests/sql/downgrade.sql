-- Going back: by steps, to an id, to the base; and what cannot go back.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders(id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE, cents INTEGER);
CREATE VIEW spenders AS SELECT name, cents FROM users JOIN orders ON user_id = users.id;
CREATE TABLE seen(what TEXT);
CREATE TRIGGER users_bd BEFORE DELETE ON users BEGIN INSERT INTO seen VALUES(old.name); END;
INSERT INTO users VALUES(1, 'Ann'), (2, 'Bo');
INSERT INTO orders VALUES(1, 1, 500), (2, 1, 700), (3, 2, 900);
SELECT migrate_register('-- Add brands
-- revision: aaaa00000001
-- migrate:up
CREATE TABLE brands(id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO brands VALUES(1, ''Acme'');
-- migrate:down
DROP TABLE brands;', '1.sql');
--> 'aaaa00000001'
SELECT migrate_register('-- Add brand to orders
revision = "bbbb00000002"
down_revision = "aaaa00000001"
function upgrade()
  op.add_column("orders", "brand_id INTEGER REFERENCES brands(id)")
  op.execute("UPDATE orders SET brand_id = ?", {1})
end
function downgrade() op.drop_column("orders", "brand_id") end', '2.lua');
--> 'bbbb00000002'
SELECT migrate_register('-- Add notes
-- revision: cccc00000003
-- revises: bbbb00000002
-- migrate:up
ALTER TABLE users ADD COLUMN note TEXT DEFAULT ''none'';
-- migrate:down
ALTER TABLE users DROP COLUMN note;', '3.sql');
--> 'cccc00000003'

--- one step is the default
SELECT migrate_upgrade();
--> 3
SELECT migrate_downgrade();
--> 1
SELECT revision FROM _migrate_version;
--> 'bbbb00000002'
SELECT * FROM users;
--> 1|'Ann'
--> 2|'Bo'
SELECT * FROM seen;
SELECT revision, direction, message FROM _migrate_log ORDER BY id;
--> 'aaaa00000001'|'upgrade'|'Add brands'
--> 'bbbb00000002'|'upgrade'|'Add brand to orders'
--> 'cccc00000003'|'upgrade'|'Add notes'
--> 'cccc00000003'|'downgrade'|'Add notes'

--- so many steps, and forward again
SELECT migrate_upgrade();
--> 3
SELECT migrate_downgrade('-2');
--> 2
SELECT revision FROM _migrate_version;
--> 'aaaa00000001'
SELECT migrate_upgrade();
--> 2
SELECT * FROM orders;
--> 1|1|500|1
--> 2|1|700|1
--> 3|2|900|1

--- to an id, which stays applied
SELECT migrate_upgrade();
--> 3
SELECT migrate_downgrade('aaaa');
--> 2
SELECT revision FROM _migrate_version;
--> 'aaaa00000001'
SELECT * FROM brands;
--> 1|'Acme'
SELECT migrate_downgrade('aaaa');
--> 0

--- to the base: everything is as it was
CREATE TEMP TABLE was AS SELECT type, name, tbl_name, sql FROM sqlite_schema;
SELECT migrate_upgrade();
--> 3
SELECT migrate_downgrade('base');
--> 3
SELECT count(*) FROM _migrate_version;
--> 0
SELECT name FROM (SELECT type, name, tbl_name, sql FROM sqlite_schema
  WHERE tbl_name NOT GLOB '_migrate_*' EXCEPT SELECT * FROM was);
SELECT name FROM (SELECT * FROM was EXCEPT SELECT type, name, tbl_name, sql FROM sqlite_schema);
SELECT * FROM spenders;
--> 'Ann'|500
--> 'Ann'|700
--> 'Bo'|900
SELECT * FROM seen;
SELECT migrate_downgrade('base');
--> 0
SELECT count(*) FROM _migrate_log;
--> 6

--- further back than there is
SELECT migrate_upgrade('+1');
--> 1
SELECT migrate_downgrade('-2');
--! '-2' goes too far: only 1 revision is applied; 'base' takes back all
SELECT revision FROM _migrate_version;
--> 'aaaa00000001'

--- nothing is applied: there is nothing to take back
SELECT migrate_downgrade();
--! '-1' has nothing to take back
SELECT migrate_downgrade('base');
--> 0

--- what a downgrade cannot mean
SELECT migrate_upgrade('bbbb00000002');
--> 2
SELECT migrate_downgrade('+1');
--! '+1' goes forward; use migrate_upgrade('+1')
SELECT migrate_downgrade('cccc00000003');
--! revision cccc00000003 is not applied
--! migrate_upgrade('cccc00000003')
SELECT migrate_downgrade('head');
--! revision cccc00000003 is not applied
SELECT migrate_downgrade('dddd00000004');
--! 'dddd00000004'
SELECT migrate_downgrade('-0');
--! '-0' takes no step
SELECT migrate_downgrade('');
--! '' is not a target
SELECT revision FROM _migrate_version;
--> 'bbbb00000002'

--- a revision without a downgrade stops it before anything has run
SELECT migrate_register('-- One way
-- revision: dddd00000004
-- revises: cccc00000003
-- migrate:up
DELETE FROM orders WHERE id = 3;', '4.sql');
--> 'dddd00000004'
SELECT migrate_register('-- Behind it
-- revision: eeee00000005
-- revises: dddd00000004
-- migrate:up
CREATE TABLE e(x);
-- migrate:down
DROP TABLE e;', '5.sql');
--> 'eeee00000005'
SELECT migrate_upgrade();
--> 5
SELECT migrate_downgrade('bbbb');
--! revision dddd00000004 (4.sql) is irreversible: it has no downgrade
SELECT migrate_downgrade('base');
--! dddd00000004
SELECT revision FROM _migrate_version;
--> 'eeee00000005'
SELECT count(*) FROM e;
--> 0
SELECT migrate_downgrade('dddd00000004');
--> 1
SELECT migrate_downgrade();
--! revision dddd00000004 (4.sql) is irreversible

--- the reason why is quoted
SELECT migrate_register('-- Forget the notes
revision = "dddd00000004"
down_revision = "cccc00000003"
irreversible = "the notes are gone for good"
function upgrade() op.execute("UPDATE users SET note = NULL") end', '4.lua');
--> 'dddd00000004'
SELECT migrate_upgrade();
--> 4
SELECT migrate_downgrade();
--! revision dddd00000004 (4.lua) is irreversible: the notes are gone for good
SELECT revision FROM _migrate_version;
--> 'dddd00000004'

--- and so is one of plain SQL
SELECT migrate_register('-- Forget the notes
-- revision: dddd00000004
-- revises: cccc00000003
-- irreversible: it''s gone, see ticket #12: "why"
-- migrate:up
UPDATE users SET note = NULL;', '4.sql');
--> 'dddd00000004'
SELECT migrate_upgrade();
--> 4
SELECT migrate_downgrade('aaaa00000001');
--! revision dddd00000004 (4.sql) is irreversible: it's gone, see ticket #12: "why"

--- a failure on the way back leaves everything where it was
SELECT migrate_register('-- Fails on the way back
-- revision: dddd00000004
-- revises: cccc00000003
-- migrate:up
CREATE TABLE d(x);
-- migrate:down
DROP TABLE d;', '4.sql');
--> 'dddd00000004'
SELECT migrate_upgrade();
--> 4
CREATE VIEW noted AS SELECT note FROM users;
SELECT migrate_downgrade('bbbb00000002');
--! revision cccc00000003 (3.sql:7)
--! noted
--! ALTER TABLE users DROP COLUMN note
SELECT revision FROM _migrate_version;
--> 'dddd00000004'
SELECT count(*) FROM d;
--> 0
SELECT note FROM noted;
--> 'none'
--> 'none'

--- through a merge: the merge first, then both branches
SELECT migrate_register('-- Other branch
-- revision: dddd00000004
-- revises: bbbb00000002
-- migrate:up
CREATE TABLE other(x);
-- migrate:down
DROP TABLE other;', '4.sql');
--> 'dddd00000004'
SELECT migrate_register('-- Join
revision = "eeee00000005"
down_revision = {"cccc00000003", "dddd00000004"}
function upgrade() end
function downgrade() end', '5.lua');
--> 'eeee00000005'
SELECT migrate_upgrade();
--> 5
SELECT migrate_downgrade('-1');
--> 1
SELECT revision FROM _migrate_version ORDER BY 1;
--> 'cccc00000003'
--> 'dddd00000004'
SELECT migrate_downgrade('-1');
--! ambiguous
--! cccc00000003
--! dddd00000004
SELECT migrate_downgrade('bbbb00000002');
--> 2
SELECT revision, direction FROM _migrate_log WHERE id > 5 ORDER BY id;
--> 'eeee00000005'|'downgrade'
--> 'dddd00000004'|'downgrade'
--> 'cccc00000003'|'downgrade'
SELECT migrate_upgrade('eeee');
--> 3
SELECT migrate_downgrade('cccc00000003');
--> 1
SELECT revision FROM _migrate_version ORDER BY 1;
--> 'cccc00000003'
--> 'dddd00000004'

--- back through a merge to the base in one call
SELECT migrate_register('-- Other branch
-- revision: dddd00000004
-- revises: aaaa00000001
-- migrate:up
CREATE TABLE other(x);
-- migrate:down
DROP TABLE other;', '4.sql');
--> 'dddd00000004'
SELECT migrate_register('-- Join
-- revision: eeee00000005
-- revises: cccc00000003, dddd00000004
-- migrate:up
-- migrate:down', '5.sql');
--> 'eeee00000005'
SELECT migrate_upgrade();
--> 5
SELECT migrate_downgrade('base');
--> 5
SELECT revision FROM _migrate_log WHERE direction = 'downgrade' ORDER BY id;
--> 'eeee00000005'
--> 'dddd00000004'
--> 'cccc00000003'
--> 'bbbb00000002'
--> 'aaaa00000001'
SELECT count(*) FROM orders;
--> 3

--- a revision without a script cannot be taken back
SELECT migrate_upgrade();
--> 3
UPDATE _migrate_version SET revision = 'gone00000000';
SELECT migrate_downgrade();
--! gone00000000, which no script has
SELECT revision FROM _migrate_version;
--> 'gone00000000'
