-- All or nothing: one transaction for the call or one for each revision, inside
-- the caller's or not; and what a script may not do to it.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id REFERENCES users(id) ON DELETE CASCADE);
CREATE VIEW buyers AS SELECT name FROM users WHERE id IN (SELECT user_id FROM orders);
CREATE TRIGGER users_ad AFTER DELETE ON users BEGIN DELETE FROM orders; END;
INSERT INTO users VALUES(1, 'Ann'), (2, 'Bo');
INSERT INTO orders VALUES(1, 1), (2, 2);
SELECT migrate_register('-- One
-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
INSERT INTO a VALUES(1);
-- migrate:down
DROP TABLE a;
', 'a.sql'), migrate_register('-- Two
-- revision: bbbb
-- revises: aaaa
-- migrate:up
ALTER TABLE users ADD COLUMN b;
-- migrate:down
ALTER TABLE users DROP COLUMN b;
', 'b.sql'), migrate_register('-- Three; fails while there is a table named trap
revision = "cccc"
down_revision = "bbbb"
function upgrade()
  op.execute("DELETE FROM orders")
  op.create_table("trap", "x")
  op.drop_table("trap")
end
function downgrade() end', 'c.lua'), migrate_register('-- Four
-- revision: dddd
-- revises: cccc
-- migrate:up
CREATE TABLE d(x);
-- migrate:down
DROP TABLE d;
', 'd.sql'), migrate_register('-- Five
-- revision: eeee
-- revises: dddd
-- migrate:up
CREATE TABLE e(x);
-- migrate:down
DROP TABLE e;
', 'e.sql');
--> 'aaaa'|'bbbb'|'cccc'|'dddd'|'eeee'

--- a failure in the middle of five leaves the file as it was, byte for byte [file]
CREATE TABLE trap(y);
CREATE TEMP TABLE was AS SELECT readfile('test.db') AS file;
SELECT migrate_upgrade();
--! revision cccc (c.lua:6)
--! already exists
SELECT file = readfile('test.db') FROM was;
--> 1
SELECT count(*) FROM buyers;
--> 2

--- one transaction for each revision: what went before stays, and is said
SELECT migrate_config('transaction', 'revision');
--> 'revision'
CREATE TABLE trap(y);
SELECT migrate_upgrade();
--! after 2 revisions that stay
--! revision cccc (c.lua:6)
SELECT revision FROM _migrate_version;
--> 'bbbb'
SELECT revision FROM _migrate_log ORDER BY id;
--> 'aaaa'
--> 'bbbb'
SELECT count(*) FROM orders;
--> 2
DROP TABLE trap;
SELECT migrate_upgrade();
--> 3
SELECT revision FROM _migrate_version;
--> 'eeee'

--- ... also on the way back
SELECT migrate_config('transaction', 'revision');
--> 'revision'
SELECT migrate_upgrade();
--> 5
CREATE VIEW uses_b AS SELECT b FROM users;
SELECT migrate_downgrade('base');
--! after 3 revisions that stay
--! revision bbbb (b.sql:7)
SELECT revision FROM _migrate_version;
--> 'bbbb'
DROP VIEW uses_b;
SELECT migrate_downgrade('base');
--> 2

--- inside the caller's transaction nothing of theirs is committed
BEGIN;
INSERT INTO users(id, name) VALUES(3, 'Cy');
SELECT migrate_upgrade('bbbb');
--> 2
SELECT * FROM users;
--> 1|'Ann'|NULL
--> 2|'Bo'|NULL
--> 3|'Cy'|NULL
ROLLBACK;
SELECT * FROM users;
--> 1|'Ann'
--> 2|'Bo'
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*' OR name = 'a';
--> 0
SELECT migrate_upgrade('bbbb');
--> 2

--- ... and their COMMIT keeps it
BEGIN;
INSERT INTO users(id, name) VALUES(3, 'Cy');
SELECT migrate_upgrade('bbbb');
--> 2
COMMIT;
SELECT name FROM users;
--> 'Ann'
--> 'Bo'
--> 'Cy'
SELECT revision FROM _migrate_version;
--> 'bbbb'

--- a failure inside the caller's transaction keeps what they did before
CREATE TABLE trap(y);
BEGIN;
INSERT INTO users(id, name) VALUES(3, 'Cy');
SELECT migrate_upgrade();
--! revision cccc
INSERT INTO users(id, name) VALUES(4, 'De');
COMMIT;
SELECT name FROM users;
--> 'Ann'
--> 'Bo'
--> 'Cy'
--> 'De'
SELECT count(*) FROM orders;
--> 2
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0

--- inside the caller's savepoint
SAVEPOINT mine;
INSERT INTO users(id, name) VALUES(3, 'Cy');
SAVEPOINT "migrate";
SELECT migrate_upgrade('aaaa');
--> 1
ROLLBACK TO "migrate";
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*' OR name = 'a';
--> 0
SELECT migrate_upgrade('bbbb');
--> 2
RELEASE mine;
SELECT name FROM users;
--> 'Ann'
--> 'Bo'
--> 'Cy'
SELECT revision FROM _migrate_version;
--> 'bbbb'

--- one transaction for each revision, inside the caller's
SELECT migrate_config('transaction', 'revision');
--> 'revision'
BEGIN;
SELECT migrate_upgrade();
--> 5
ROLLBACK;
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*' OR name = 'a';
--> 0

--- transaction control is refused in plain SQL, before and after anything
SELECT migrate_register('-- revision: ffff
-- migrate:up
CREATE TABLE f(x);
COMMIT;
', 'f.sql');
--> 'ffff'
SELECT migrate_upgrade('ffff');
--! revision ffff (f.sql:4): COMMIT
--! leave it out
SELECT count(*) FROM sqlite_schema WHERE name = 'f';
--> 0

--- each of them is refused in Lua, also behind comments and EXPLAIN
SELECT migrate_register('revision = "ffff"
function upgrade()
  for _, sql in ipairs{"BEGIN", "begin immediate", "COMMIT", "END", "end transaction", "ROLLBACK",
      "SAVEPOINT s", "RELEASE s", "ROLLBACK TO s", "ATTACH '':memory:'' AS x", "DETACH x", "VACUUM",
      "/* sly */ COMMIT", "-- sly\n COMMIT", ";;COMMIT", "SELECT 1; COMMIT",
      "EXPLAIN COMMIT", "EXPLAIN QUERY PLAN COMMIT", "Vacuum INTO ''x.db''",
      "PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys=on", "PRAGMA main.foreign_keys(0)",
      "PRAGMA writable_schema = 1", "PRAGMA journal_mode = wal", "PRAGMA \"foreign_keys\" = 1",
      "PRAGMA busy_timeout = 5", "PRAGMA legacy_alter_table = 1", "PRAGMA synchronous = 0"} do
    local ok, why = pcall(op.execute, sql)
    assert(not ok, sql .. " was not refused")
    assert(not tostring(why):find("syntax error", 1, true), sql .. ": " .. tostring(why))
    local ok = pcall(db.value, sql)
    assert(not ok, sql .. " was not refused by db.value")
  end
  op.create_table("f", "x")
end', 'f.lua');
--> 'ffff'
SELECT migrate_upgrade('ffff');
--> 1
SELECT count(*) FROM f;
--> 0
PRAGMA foreign_keys;
--> 1

--- what belongs to the file may be said
SELECT migrate_register('-- revision: ffff
-- migrate:up
PRAGMA user_version = 7;
PRAGMA application_id = 42;
PRAGMA foreign_key_check;
', 'f.sql');
--> 'ffff'
SELECT migrate_upgrade('ffff');
--> 1
PRAGMA user_version;
--> 7

--- an error that a script catches does not end the transaction
SELECT migrate_register('revision = "ffff"
function upgrade()
  op.create_table("f", "x UNIQUE")
  op.execute("INSERT INTO f VALUES (1)")
  local ok = pcall(op.execute, "INSERT INTO f VALUES (2), (1)")
  assert(not ok)
  op.execute("INSERT INTO f VALUES (3)")
end', 'f.lua');
--> 'ffff'
SELECT migrate_upgrade('ffff');
--> 1
SELECT x FROM f;
--> 1
--> 3

--- a script that loses the transaction cannot go on
SELECT migrate_register('revision = "ffff"
function upgrade()
  op.create_table("f", "x UNIQUE")
  op.execute("INSERT INTO f VALUES (1)")
  pcall(op.execute, "INSERT OR ROLLBACK INTO f VALUES (1)")
  op.create_table("g", "x")
end', 'f.lua');
--> 'ffff'
SELECT migrate_upgrade('ffff');
--! revision ffff (f.lua
SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1;
--> 'orders'
--> 'users'

--- called from a trigger or a view
CREATE VIEW v AS SELECT migrate_upgrade();
SELECT * FROM v;
--! unsafe use of migrate_upgrade()
CREATE TRIGGER users_ai AFTER INSERT ON users BEGIN SELECT migrate_upgrade(); END;
INSERT INTO users VALUES(9, 'x');
--! unsafe use of migrate_upgrade()
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0

--- called from a statement that writes
INSERT INTO users(name) SELECT migrate_upgrade();
--! called from a statement that writes
CREATE TABLE n AS SELECT migrate_upgrade() AS n;
--! migrate_upgrade
UPDATE users SET name = migrate_downgrade();
--! called from a statement that writes
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*' OR name = 'n';
--> 0

--- a script cannot call migrate
SELECT migrate_register('revision = "ffff"
function upgrade() db.value("SELECT migrate_upgrade()") end', 'f.lua');
--> 'ffff'
SELECT migrate_upgrade('ffff');
--! revision ffff (f.lua:2)
--! migrate is running on this connection already
SELECT migrate_register('-- revision: gggg
-- migrate:up
SELECT migrate_stamp(''eeee'');
', 'g.sql');
--> 'gggg'
SELECT migrate_upgrade('gggg');
--! revision gggg (g.sql:3)
--! migrate is running on this connection already
SELECT migrate_upgrade('eeee');
--> 5

--- the database is locked by another connection: how long to wait is set [file]
SELECT migrate_config('lock_timeout_ms', '20');
--> '20'
--@ as other
BEGIN IMMEDIATE;
--@ as main
SELECT migrate_upgrade() WHERE migrate_config('lock_timeout_ms') = '20';
--! locked by another connection
--! lock_timeout_ms
SELECT revision, status FROM migrate_history WHERE is_base;
--> 'aaaa'|'pending'
--@ as other
ROLLBACK;
--@ as main
SELECT migrate_upgrade();
--> 5

--- a reader in the way of the commit [file]
SELECT migrate_config('lock_timeout_ms', '20');
--> '20'
--@ as other
BEGIN;
SELECT count(*) FROM users;
--> 2
--@ as main
SELECT migrate_upgrade() WHERE migrate_config('lock_timeout_ms') = '20';
--! locked by another connection
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0
--@ as other
COMMIT;
--@ as main
SELECT migrate_upgrade();
--> 5

--- who comes second finds nothing to do [file]
SELECT migrate_config('lock_timeout_ms', '20');
--> '20'
--@ as other
SELECT migrate_register('-- One
-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
INSERT INTO a VALUES(1);
-- migrate:down
DROP TABLE a;
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
--@ as main
SELECT migrate_upgrade('aaaa');
--> 0
SELECT migrate_upgrade('bbbb');
--> 1

--- settings of the connection are as before, after success and after an error
PRAGMA foreign_keys = ON;
PRAGMA legacy_alter_table = ON;
PRAGMA recursive_triggers = ON;
PRAGMA defer_foreign_keys;
--> 0
PRAGMA busy_timeout = 1234;
--> 1234
SELECT migrate_upgrade('bbbb');
--> 2
PRAGMA foreign_keys;
--> 1
PRAGMA legacy_alter_table;
--> 1
PRAGMA busy_timeout;
--> 1234
CREATE TABLE trap(y);
SELECT migrate_upgrade();
--! revision cccc
PRAGMA foreign_keys;
--> 1
PRAGMA legacy_alter_table;
--> 1
PRAGMA recursive_triggers;
--> 1
PRAGMA writable_schema;
--> 0
PRAGMA busy_timeout;
--> 1234
PRAGMA legacy_alter_table = OFF;
PRAGMA foreign_keys = OFF;
DROP TABLE trap;
SELECT migrate_upgrade();
--> 3
PRAGMA foreign_keys;
--> 0
PRAGMA legacy_alter_table;
--> 0
