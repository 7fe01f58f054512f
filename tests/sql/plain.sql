-- Revisions in plain SQL: headers, sections, and errors with file and line.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id REFERENCES users(id) ON DELETE CASCADE);
CREATE VIEW buyers AS SELECT name FROM users WHERE id IN (SELECT user_id FROM orders);
INSERT INTO users VALUES(1, 'Ann'), (2, 'Bo');
INSERT INTO orders VALUES(1, 1), (2, 2);

--- the form of the manual
SELECT migrate_register('-- Add brand to users
-- revision: 3cab280570b6
-- migrate:up
ALTER TABLE users ADD COLUMN brand_id INTEGER;
-- migrate:down
ALTER TABLE users DROP COLUMN brand_id;
');
--> '3cab280570b6'
SELECT message, path FROM migrate_history;
--> 'Add brand to users'|'registered:3cab280570b6'
SELECT migrate_upgrade();
--> 1
SELECT brand_id FROM users;
--> NULL
--> NULL
SELECT migrate_downgrade();
--> 1
SELECT count(*) FROM pragma_table_info('users');
--> 2

--- all headers
SELECT migrate_register('-- revision: root
-- branch_labels: shop, main
-- migrate:up
'), migrate_register('-- revision: side
-- migrate:up
'), migrate_register('-- All that can be said
-- revision: full
-- revises: root
-- branch_labels: full1
-- depends_on: side
-- created: 2025-12-01 12:00:00
-- irreversible: because
-- transactional: true
-- migrate:up
CREATE TABLE f(x);
');
--> 'root'|'side'|'full'
SELECT down_revision, message, branch_labels, depends_on, created FROM migrate_history WHERE revision = 'full';
--> 'root'|'All that can be said'|'full1'|'side'|'2025-12-01 12:00:00'
SELECT branch_labels FROM migrate_history WHERE revision = 'root';
--> 'shop, main'
SELECT migrate_upgrade('heads');
--> 3
SELECT migrate_downgrade('root');
--! because

--- two parents; none
SELECT migrate_register('-- revision: aaaa
-- revises: none
-- migrate:up
'), migrate_register('-- revision: bbbb
-- migrate:up
'), migrate_register('-- revision: cccc
-- revises: aaaa, bbbb
-- migrate:up
');
--> 'aaaa'|'bbbb'|'cccc'
SELECT revision, down_revision FROM migrate_history ORDER BY 1;
--> 'aaaa'|NULL
--> 'bbbb'|NULL
--> 'cccc'|'aaaa, bbbb'

--- a message of several lines, or none
SELECT migrate_register('-- revision: aaaa
-- migrate:up
', 'a.sql'), migrate_register('/* A block */
-- revision: bbbb
-- migrate:up
', 'b.sql');
--> 'aaaa'|'bbbb'
SELECT revision, coalesce(message, '') FROM migrate_history ORDER BY 1;
--> 'aaaa'|''
--> 'bbbb'|'A block'

--- what is in strings, names and comments is no statement and no section
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TABLE "a;b"(x); -- a comment; with a semicolon
INSERT INTO "a;b" VALUES(''one; two
-- migrate:down
three'');
/* COMMIT;
-- migrate:down */
CREATE TRIGGER users_ad AFTER DELETE ON users BEGIN
  INSERT INTO "a;b" VALUES(old.name);
  INSERT INTO "a;b" VALUES(''gone; really'');
END;
DELETE FROM users WHERE id = 2
-- migrate:down
DROP TRIGGER users_ad; DROP TABLE "a;b"', 'a.sql');
--> 'aaaa'
DELETE FROM orders WHERE user_id = 2;
SELECT migrate_upgrade();
--> 1
SELECT replace(x, char(10), '/') FROM "a;b";
--> 'one; two/-- migrate:down/three'
--> 'Bo'
--> 'gone; really'
SELECT migrate_downgrade();
--> 1
SELECT count(*) FROM sqlite_schema WHERE name IN ('a;b', 'users_ad');
--> 0

--- a statement that gives rows runs to its end
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
INSERT INTO a SELECT i FROM n RETURNING x;
SELECT x FROM a;
');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT count(*) FROM a;
--> 1000

--- an error names the revision, the file, the line and the statement
SELECT migrate_register('-- Broken
-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);

-- a comment before it
CREATE INDEX ix
  ON a(y);
', 'broken.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (broken.sql:7):
--! y
--! in: CREATE INDEX ix
SELECT count(*) FROM sqlite_schema WHERE name = 'a';
--> 0

--- ... and so does one in the second statement of a line, and of the way down
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TABLE a(x); INSERT INTO nowhere VALUES(1);
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.sql:3): no such table: nowhere; in: INSERT INTO nowhere
SELECT migrate_register('-- revision: bbbb
-- migrate:up
CREATE TABLE b(x);
-- migrate:down
DROP TABLE b;
DROP TABLE b;
', 'b.sql');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT migrate_downgrade();
--! revision bbbb (b.sql:6): no such table: b; in: DROP TABLE b
SELECT count(*) FROM b;
--> 0

--- a syntax error
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TABEL a(x);
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.sql:3): near "TABEL": syntax error; in: CREATE TABEL a(x)

--- a RAISE of a trigger
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TRIGGER guard BEFORE DELETE ON users BEGIN SELECT raise(ABORT, ''users stay''); END;
DELETE FROM users;
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.sql:4): users stay; in: DELETE FROM users
SELECT count(*) FROM users;
--> 2

--- ... that rolls everything back by itself
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TRIGGER guard BEFORE DELETE ON users BEGIN SELECT raise(ROLLBACK, ''users stay''); END;
INSERT INTO users VALUES(3, ''Cy'');
DELETE FROM users;
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! users stay
SELECT count(*) FROM users;
--> 2
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0
INSERT INTO users VALUES(4, 'still usable');

--- an INSERT OR ROLLBACK does so, too
SELECT migrate_register('-- revision: aaaa
-- migrate:up
INSERT INTO users VALUES(3, ''Cy'');
INSERT OR ROLLBACK INTO users VALUES(1, ''twice'');
INSERT INTO users VALUES(4, ''De'');
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.sql:4)
SELECT count(*) FROM users;
--> 2

--- line ends of Windows, and a byte order mark [file]
SELECT writefile('migrations/versions/a.sql', x'efbbbf' || replace('-- The message
-- revision: aaaa
-- created: 2025-12-01
-- migrate:up
CREATE TABLE a(x);
INSERT INTO a VALUES(''one
two'');
-- migrate:down
DROP TABLE a;
DROP TABLE a;
', char(10), char(13, 10))) > 0;
--> 1
SELECT revision, message, created FROM migrate_history;
--> 'aaaa'|'The message'|'2025-12-01'
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--! revision aaaa (versions/a.sql:10): no such table: a

--- one line end or the other, the checksum is the same [file]
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- migrate:up
-- migrate:down
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--> 1
SELECT writefile('migrations/versions/a.sql', replace('-- revision: aaaa
-- migrate:up
-- migrate:down
', char(10), char(13, 10))) > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT count(DISTINCT checksum) FROM _migrate_log;
--> 1

--- no upgrade section
SELECT migrate_register('-- revision: aaaa
CREATE TABLE a(x);
', 'a.sql');
--! a.sql
SELECT migrate_register('-- Nothing but a header
-- revision: aaaa
', 'b.sql');
--! b.sql
--! migrate:up

--- a statement before the section
SELECT migrate_register('-- revision: aaaa
CREATE TABLE a(x);
-- migrate:up
CREATE TABLE b(x);
', 'a.sql');
--! a.sql:2
--! migrate:up

--- a header or a section given twice
SELECT migrate_register('-- revision: aaaa
-- revision: bbbb
-- migrate:up
', 'a.sql');
--! a.sql:2
--! revision
SELECT migrate_register('-- revision: aaaa
-- migrate:up
-- migrate:down
-- migrate:up
', 'a.sql');
--! a.sql:4
--! `-- migrate:up` is given twice
SELECT migrate_register('-- revision: aaaa
-- migrate:down
-- migrate:up
', 'a.sql');
--! a.sql:2

--- a header that is misspelt
SELECT migrate_register('-- revison: aaaa
-- migrate:up
', 'a.sql');
--! a.sql:1
--! revision
SELECT migrate_register('-- revision: aaaa
-- migrate:upp
', 'a.sql');
--! a.sql:2
--! migrate:up
SELECT migrate_register('-- revision: aaaa
-- transactional: maybe
-- migrate:up
', 'a.sql');
--! a.sql:2
--! true or false
SELECT migrate_register('-- revision:
-- migrate:up
', 'a.sql');
--! a.sql:1

--- a comment like any other is no header
SELECT migrate_register('-- Orders: two of them
-- Note: this one is only a note
-- See https://example.com/a:b
-- revision: aaaa
-- migrate:up
-- a note: in the section
CREATE TABLE a(x);
', 'a.sql');
--> 'aaaa'
SELECT message FROM migrate_history;
--> 'Orders: two of them'
SELECT migrate_upgrade();
--> 1

--- a string or a comment without an end
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
INSERT INTO a VALUES(''never ends);
-- migrate:down
DROP TABLE a;
', 'a.sql');
--! a.sql:4
SELECT migrate_register('-- revision: aaaa
-- migrate:up
/* never ends
', 'a.sql');
--! a.sql:3

--- the last statement needs no semicolon, and empty ones are nothing
SELECT migrate_register('-- revision: aaaa
-- migrate:up
;;
CREATE TABLE a(x);;
INSERT INTO a VALUES(1) -- done', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT x FROM a;
--> 1

--- what is not text [file]
SELECT writefile('migrations/versions/a.sql', '') = 0;
--> 1
SELECT migrate_upgrade();
--! versions/a.sql: is empty
SELECT writefile('migrations/versions/a.sql', x'2d2d20fffe0a') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/a.sql:1: is not UTF-8
SELECT writefile('migrations/versions/a.sql', x'2d2d20610a0062') > 0;
--> 1
SELECT migrate_upgrade();
--! versions/a.sql
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0

--- a file of 50 MB [file]
SELECT writefile('migrations/versions/big.sql', zeroblob(50000000)) > 0;
--> 1
SELECT migrate_upgrade();
--! versions/big.sql
--! 50000000 bytes

--- transactional = false is for what runs in no transaction
SELECT migrate_register('-- revision: aaaa
-- transactional: false
-- migrate:up
VACUUM;
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
