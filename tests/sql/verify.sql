-- All of the state in one answer.
PRAGMA foreign_keys = ON;
SELECT migrate_register('-- Users
-- revision: aaaa0001
-- migrate:up
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id) ON DELETE CASCADE);
CREATE VIEW buyers AS SELECT name FROM users WHERE id IN (SELECT user_id FROM orders);
-- migrate:down
DROP VIEW buyers; DROP TABLE orders; DROP TABLE users;', '1.sql'), migrate_register('-- Mail
revision = "bbbb0002"
down_revision = "aaaa0001"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("mail TEXT NOT NULL DEFAULT ''''")
    t.create_check_constraint("ck_mail", "mail LIKE ''%@%'' OR mail = ''''")
  end)
  op.create_index("ix_mail", "users", "mail")
end
function downgrade()
  op.drop_index("ix_mail")
  op.batch_alter_table("users", function(t) t.drop_constraint("ck_mail") t.drop_column("mail") end)
end', '2.lua');
--> 'aaaa0001'|'bbbb0002'

--- nothing applied, some applied, all applied
SELECT migrate_verify();
--> 'ok
--> note: 2 revisions are not applied'
SELECT migrate_upgrade('aaaa');
--> 1
SELECT migrate_verify();
--> 'ok
--> note: 1 revision is not applied'
SELECT migrate_upgrade();
--> 1
INSERT INTO users VALUES(1, 'Ann', 'ann@example.com');
INSERT INTO orders VALUES(1, 1);
SELECT migrate_verify();
--> 'ok'
SELECT migrate_verify() GLOB 'ok*';
--> 1
SELECT migrate_downgrade('base');
--> 2
SELECT migrate_verify();
--> 'ok
--> note: 2 revisions are not applied'
SELECT migrate_verify(1);
--! wrong number of arguments

--- it changes nothing, and needs no right to [file]
SELECT migrate_upgrade();
--> 2
INSERT INTO users VALUES(1, 'Ann', 'ann@example.com');
CREATE TEMP TABLE was AS SELECT readfile('test.db') AS file;
SELECT migrate_verify();
--> 'ok'
SELECT file = readfile('test.db') FROM was;
--> 1
SELECT count(*) FROM _migrate_log;
--> 2
--@ reopen readonly
SELECT migrate_verify();
--> 'revisions: migrations: no such directory; make it with SELECT migrate_init(), or name another with SELECT migrate_config(''directory'', ...)'
SELECT migrate_register('-- Users
-- revision: aaaa0001
-- migrate:up
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id) ON DELETE CASCADE);
CREATE VIEW buyers AS SELECT name FROM users WHERE id IN (SELECT user_id FROM orders);
-- migrate:down
DROP VIEW buyers; DROP TABLE orders; DROP TABLE users;', '1.sql');
--> 'aaaa0001'
SELECT migrate_verify();
--> 'missing: revision bbbb0002, "Mail", is applied and has no script; its text is in _migrate_log, and the setting stored_scripts lets it be used
--> note: the schema was not compared: scripts are missing'
SELECT migrate_config('stored_scripts', 'run');
--> 'run'
SELECT migrate_verify();
--> 'missing: revision bbbb0002, "Mail", is applied and has no script; its text is used, from _migrate_log:2'

--- what a read-only database hides no drift [file]
SELECT migrate_upgrade();
--> 2
CREATE INDEX ix_name ON users(name);
--@ reopen readonly
SELECT migrate_config('stored_scripts', 'run'), migrate_register('-- revision: other001
-- migrate:up');
--> 'run'|'other001'
SELECT migrate_verify();
--> 'missing: revision bbbb0002, "Mail", is applied and has no script; its text is used, from _migrate_log:2
--> missing: revision aaaa0001, "Users", is applied and has no script; its text is used, from _migrate_log:1
--> drift: index ix_name is no revision''s: CREATE INDEX ix_name ON users(name)
--> note: 1 revision is not applied'

--- each kind of difference, and no blame for another spelling
SELECT migrate_upgrade();
--> 2
DROP VIEW buyers;
create view [buyers] as select name from users /* who bought */ where id in (select user_id from orders);
SELECT migrate_verify();
--> 'ok'
DROP VIEW buyers;
DROP INDEX ix_mail;
ALTER TABLE users ADD COLUMN age;
CREATE TABLE extra(x, y);
CREATE INDEX ix_extra ON extra(x);
CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END;
SELECT migrate_verify();
--> 'drift: table extra is no revision''s: CREATE TABLE extra(x, y)
--> drift: index ix_extra is no revision''s: CREATE INDEX ix_extra ON extra(x)
--> drift: trigger t is no revision''s: CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END
--> drift: view buyers is missing: CREATE VIEW buyers AS SELECT name FROM users WHERE id IN (SELECT user_id FROM orders)
--> drift: index ix_mail is missing: CREATE INDEX ix_mail ON users (mail)
--> drift: column users.age is no revision''s: age'
SELECT migrate_verify() GLOB 'ok*';
--> 0

--- a column and a constraint that differ
SELECT migrate_upgrade();
--> 2
DROP INDEX ix_mail;
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql, 'name TEXT', 'name INTEGER'), 'ck_mail', 'ck_other') WHERE name = 'users';
PRAGMA writable_schema = RESET;
CREATE INDEX ix_mail ON users (mail, name);
SELECT migrate_verify();
--> 'drift: index ix_mail differs: CREATE INDEX ix_mail ON users (mail)
--> drift: constraint of users is no revision''s: CONSTRAINT ck_other CHECK (mail LIKE ''%@%'' OR mail = '''')
--> drift: column users.name differs: type: INTEGER -> TEXT
--> drift: constraint of users is missing: CONSTRAINT ck_mail CHECK (mail LIKE ''%@%'' OR mail = '''')'

--- version rows
SELECT migrate_upgrade();
--> 2
INSERT INTO _migrate_version VALUES('aaaa0001');
SELECT migrate_verify();
--> 'version: the row aaaa0001 says nothing: another row stands on it'
SELECT migrate_stamp('head'), migrate_verify();
--> 1|'ok'
INSERT INTO _migrate_version VALUES('never0001');
SELECT migrate_verify();
--> 'missing: revision never0001 is applied and has no script; _migrate_log has no text of it
--> note: the schema was not compared: scripts are missing'
INSERT INTO _migrate_version VALUES('no
id');
SELECT migrate_verify();
--> 'revisions: _migrate_version in database main holds a text that can be no id of a revision: it has 5 bytes, or other characters; delete it'

--- what bears our tables' names and is none of them
CREATE VIEW _migrate_version AS SELECT 'aaaa0001' AS revision;
SELECT migrate_verify();
--> 'revisions: _migrate_version in database main is not the table that migrate makes; rename or drop it'
DROP VIEW _migrate_version;
CREATE VIEW _migrate_log AS SELECT 1;
SELECT migrate_verify();
--> 'revisions: _migrate_log in database main is not the table that migrate makes; rename or drop it
--> log: _migrate_log in database main is not the table that migrate makes; rename or drop it'

--- the log
SELECT migrate_upgrade();
--> 2
UPDATE _migrate_log SET source = source || ' ' WHERE id = 1;
SELECT migrate_verify();
--> 'log: the text of aaaa0001 (_migrate_log, id 1) is not what the checksum beside it says'
DELETE FROM _migrate_log WHERE id = 1;
SELECT migrate_verify();
--> 'log: revision aaaa0001 (1.sql) is applied, and _migrate_log does not say how; migrate_bless(''aaaa0001'') notes its text'
SELECT migrate_bless('aaaa'), migrate_verify();
--> 'aaaa0001'|'ok'
DROP TABLE _migrate_log;
SELECT migrate_verify();
--> 'log: revision aaaa0001 (1.sql) is applied, and _migrate_log does not say how; migrate_bless(''aaaa0001'') notes its text
--> log: revision bbbb0002 (2.lua) is applied, and _migrate_log does not say how; migrate_bless(''bbbb0002'') notes its text'

--- edited: compared with what ran, if that may run [file]
SELECT migrate_upgrade();
--> 2
SELECT writefile('migrations/versions/3.sql', '-- revision: cccc0003
-- revises: bbbb0002
-- migrate:up
CREATE TABLE three(x);') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/versions/3.sql', '-- revision: cccc0003
-- revises: bbbb0002
-- migrate:up
CREATE TABLE three(x, y);') > 0;
--> 1
SELECT migrate_verify();
--> 'edited: revision cccc0003 (versions/3.sql) was applied with another text (_migrate_log, id 3); put that back, or accept the new one with migrate_bless(''cccc0003'')
--> drift: column three.y is missing: y
--> note: the schema was compared with what the scripts make now; with the setting stored_scripts it is with the texts that ran'
SELECT migrate_config('stored_scripts', 'run');
--> 'run'
SELECT migrate_verify();
--> 'edited: revision cccc0003 (versions/3.sql) was applied with another text (_migrate_log, id 3); put that back, or accept the new one with migrate_bless(''cccc0003'')'
UPDATE _migrate_log SET checksum = upper(checksum) WHERE id = 3;
SELECT migrate_verify();
--> 'edited: revision cccc0003 (versions/3.sql) was applied with another text (_migrate_log, id 3); put that back, or accept the new one with migrate_bless(''cccc0003'')
--> log: the text of cccc0003 (_migrate_log, id 3) is not what the checksum beside it says
--> drift: column three.y is missing: y
--> note: the schema was compared with what the scripts make now; with the setting stored_scripts it is with the texts that ran'

--- unfinished
SELECT migrate_register('revision = "cccc0003"
down_revision = "bbbb0002"
transactional = false
function upgrade() op.execute("CREATE TABLE three(x)") error("stop") end', '3.lua');
--> 'cccc0003'
SELECT migrate_upgrade();
--! stop
SELECT migrate_verify();
--> 'unfinished: the upgrade of cccc0003 was interrupted; the next one goes on from there
--> drift: table three is no revision''s: CREATE TABLE three(x)
--> note: 1 revision is not applied'

--- foreign keys, old violations and those that cannot be looked for
SELECT migrate_upgrade();
--> 2
PRAGMA foreign_keys = OFF;
INSERT INTO orders VALUES(1, 7), (2, 8);
SELECT migrate_verify();
--> 'foreign keys: 2 rows of orders refer to no row of users'
DELETE FROM orders WHERE id = 2;
SELECT migrate_verify();
--> 'foreign keys: 1 row of orders refers to no row of users'
DELETE FROM orders;
CREATE TABLE bad(x REFERENCES users(name));
SELECT migrate_verify();
--> 'drift: table bad is no revision''s: CREATE TABLE bad(x REFERENCES users(name))
--> foreign keys: foreign key mismatch - "bad" referencing "users"'

--- pages and rows that quick_check finds wrong
SELECT migrate_upgrade();
--> 2
PRAGMA ignore_check_constraints = ON;
INSERT INTO users VALUES(1, 'Ann', 'no mail');
PRAGMA ignore_check_constraints = OFF;
SELECT migrate_verify();
--> 'quick_check: CHECK constraint failed in users'

--- ... and what it says amiss of a WITHOUT ROWID table or a generated column
SELECT migrate_register('revision = "cccc0003"
down_revision = "bbbb0002"
function upgrade()
  op.execute([[
CREATE TABLE odd(a TEXT, n INTEGER NOT NULL, b TEXT, k INTEGER, PRIMARY KEY(k, b)) WITHOUT ROWID;
CREATE TABLE hard(a ANY, n INTEGER NOT NULL, g TEXT AS (a || n) NOT NULL, k INT, PRIMARY KEY(k)) STRICT, WITHOUT ROWID;
INSERT INTO odd VALUES(NULL, 1, ''x'', 2), (''12'', 2, ''12'', 3);
INSERT INTO hard(a, n, k) VALUES(''y'', 1, 2)]])
end'), migrate_upgrade(), migrate_verify();
--> 'cccc0003'|3|'ok'
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'a TEXT', 'a TEXT NOT NULL') WHERE name = 'odd';
PRAGMA writable_schema = RESET;
SELECT migrate_verify() LIKE '%quick_check: NULL value in odd.a';
--> 1

--- a stamped database is not blamed for what no revision makes
CREATE TABLE own(id INTEGER PRIMARY KEY, x);
CREATE INDEX ix_own ON own(x);
SELECT migrate_register('-- What was there before
-- revision: base0000
-- migrate:up
', '0.sql');
--> 'base0000'
SELECT migrate_stamp('base0000');
--> 1
SELECT migrate_verify();
--> 'ok
--> note: 2 revisions are not applied
--> note: the database was stamped with revisions that make nothing, so nothing is known of table own, index ix_own'
SELECT migrate_upgrade('heads');
--> 2
SELECT migrate_verify();
--> 'ok
--> note: the database was stamped with revisions that make nothing, so nothing is known of table own, index ix_own'
DROP INDEX ix_mail;
SELECT migrate_verify();
--> 'drift: index ix_mail is missing: CREATE INDEX ix_mail ON users (mail)
--> note: the database was stamped with revisions that make nothing, so nothing is known of table own, index ix_own'

--- one that was adopted by a base revision is known in full [file]
CREATE TABLE own(id INTEGER PRIMARY KEY, x);
CREATE TABLE alembic_version(version_num TEXT);
SELECT migrate_init('adopted');
--> 'adopted'
SELECT writefile('adopted/versions/0.sql', '-- Base
-- revision: base0000
-- migrate:up
CREATE TABLE own(id INTEGER PRIMARY KEY, x);
') > 0;
--> 1
SELECT migrate_stamp('heads');
--> 2
SELECT migrate_verify() GLOB '*drift: table users is missing*';
--> 1
SELECT migrate_stamp('base0000', 'purge'), migrate_upgrade('heads'), migrate_verify();
--> 1|2|'ok'
CREATE TABLE stray(x);
SELECT migrate_verify();
--> 'drift: table stray is no revision''s: CREATE TABLE stray(x)'

--- stamped below the head: what it stands on needs no row in the log
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, mail TEXT NOT NULL DEFAULT '', CONSTRAINT ck_mail CHECK (mail LIKE '%@%' OR mail = ''));
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id) ON DELETE CASCADE);
CREATE VIEW buyers AS SELECT name FROM users WHERE id IN (SELECT user_id FROM orders);
CREATE INDEX ix_mail ON users(mail);
SELECT migrate_stamp();
--> 1
SELECT count(*) FROM _migrate_log;
--> 1
SELECT migrate_verify();
--> 'ok'

--- a replay that needs rows, files or functions with effects is no finding
SELECT migrate_upgrade();
--> 2
INSERT INTO users VALUES(1, 'Ann', '');
SELECT migrate_register('revision = "cccc0003"
down_revision = "bbbb0002"
function upgrade() op.execute("CREATE TABLE three AS SELECT name FROM users WHERE id = ?", db.row("SELECT id FROM users").id) end', '3.lua');
--> 'cccc0003'
SELECT migrate_upgrade();
--> 1
SELECT migrate_verify() GLOB 'ok
note: the schema was not compared: the revisions do not run in an empty database: revision cccc0003 (3.lua:3): *';
--> 1

--- functions with effects are not called [file]
SELECT migrate_register('revision = "cccc0003"
down_revision = "bbbb0002"
function upgrade() db.value("SELECT writefile(''made.txt'', ''by a script'')") end', '3.lua');
--> 'cccc0003'
SELECT migrate_upgrade();
--> 3
SELECT CAST(readfile('made.txt') AS TEXT), writefile('made.txt', 'x');
--> 'by a script'|1
SELECT migrate_verify() GLOB 'ok
note: *: writefile() is not called in a replay, for it may have effects*';
--> 1
SELECT CAST(readfile('made.txt') AS TEXT);
--> 'x'

--- nothing is attached [file]
SELECT migrate_config('allow_attach', 'on'), migrate_register('revision = "cccc0003"
down_revision = "bbbb0002"
function upgrade() op.execute("ATTACH ''side.db'' AS side; CREATE TABLE side.t(x); INSERT INTO side.t VALUES(1)") end', '3.lua');
--> 'on'|'cccc0003'
SELECT migrate_upgrade();
--> 3
SELECT migrate_verify() GLOB 'ok
note: the schema was not compared: *allow_attach*';
--> 1
SELECT migrate_config('allow_attach');
--> 'on'
ATTACH 'side.db' AS side;
SELECT count(*) FROM side.t;
--> 1

--- what env.lua leaves out is left out here [file]
SELECT migrate_init('with_env');
--> 'with_env'
SELECT migrate_upgrade();
--> 2
CREATE TABLE cache_x(x);
CREATE INDEX ix_cache ON cache_x(x);
CREATE TABLE other(x);
SELECT writefile('with_env/env.lua', 'function include(kind, name) return not name:match("^cache_") end') > 0;
--> 1
SELECT migrate_verify();
--> 'drift: table other is no revision''s: CREATE TABLE other(x)'
DROP TABLE other;
SELECT migrate_verify();
--> 'ok'

--- ... and one that can only run in a migration says so [file]
SELECT migrate_init('with_env');
--> 'with_env'
SELECT writefile('with_env/env.lua', 'args.n = db.value("SELECT 1")') > 0;
--> 1
SELECT migrate_upgrade();
--> 2
SELECT migrate_verify();
--> 'ok
--> note: the schema was not compared: env.lua:1: db.value at the top level of a script; move it into upgrade() or downgrade()'

--- an attached database
ATTACH ':memory:' AS side;
CREATE TABLE elsewhere(x);
SELECT migrate_config('schema', 'side'), migrate_register('revision = "dddd0004"
function upgrade() op.create_table("t", "id INTEGER PRIMARY KEY", "p REFERENCES t(id)") end', '4.lua');
--> 'side'|'dddd0004'
SELECT migrate_upgrade('dddd0004');
--> 1
SELECT migrate_verify();
--> 'ok
--> note: 2 revisions are not applied'
CREATE TABLE side.more(x);
PRAGMA foreign_keys = OFF;
INSERT INTO side.t VALUES(1, 2);
SELECT migrate_verify();
--> 'drift: table more is no revision''s: CREATE TABLE more(x)
--> foreign keys: 1 row of t refers to no row of t
--> note: 2 revisions are not applied'
SELECT migrate_config('schema', 'nowhere');
--> 'nowhere'
SELECT migrate_verify();
--! migrate_verify: setting schema: no database is attached as nowhere

--- scripts that cannot be read hide nothing else
SELECT migrate_upgrade();
--> 2
SELECT migrate_register('revision = "cccc0003"
down_revision = "nobody"');
--> 'cccc0003'
PRAGMA foreign_keys = OFF;
INSERT INTO orders VALUES(1, 7);
SELECT migrate_verify() GLOB 'revisions: registered:cccc0003: down_revision of revision cccc0003: *nobody*
foreign keys: 1 row of orders refers to no row of users';
--> 1

--- inside a transaction, and with another statement unfinished
SELECT migrate_upgrade();
--> 2
BEGIN;
CREATE TABLE mine(x);
SELECT migrate_verify();
--> 'drift: table mine is no revision''s: CREATE TABLE mine(x)'
SELECT name, migrate_verify() = 'ok' FROM pragma_table_info('users') LIMIT 2;
--> 'id'|0
--> 'name'|0
ROLLBACK;
SELECT migrate_verify();
--> 'ok'
CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT migrate_verify(); END;
INSERT INTO users VALUES(1, 'Ann', '');
--! unsafe use of migrate_verify()

--- several heads, labels, settings that keep runs from running
SELECT migrate_register('revision = "cccc0003"
down_revision = "aaaa0001"
branch_labels = "side"
function upgrade() op.create_table("side", "x") end'), migrate_upgrade('heads');
--> 'cccc0003'|3
SELECT migrate_config('linear', 'on'), migrate_config('transaction', 'revision'), migrate_verify();
--> 'on'|'revision'|'ok'

--- with revisions that go on
SELECT migrate_register('revision = "cccc0003"
down_revision = "bbbb0002"
transactional = false
function upgrade()
  op.create_table("three", "x")
  op.backfill{table = "users", columns = {"name"}, with = function(n) return n end}
  op.execute("VACUUM")
end'), migrate_upgrade(), migrate_verify();
--> 'cccc0003'|3|'ok'
