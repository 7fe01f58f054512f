-- What every function does with NULL, blobs, numbers and too few or too many
-- arguments; each refuses before it does anything.
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO users VALUES(1, 'Ann');
SELECT migrate_register('-- revision: aaaa
-- migrate:up
-- migrate:down
', 'a.sql');
--> 'aaaa'

--- numbers
SELECT migrate_upgrade(1);
--! migrate_upgrade: argument 1 (target) must be text, not an integer; put it in quotes
SELECT migrate_upgrade(1.5);
--! migrate_upgrade: argument 1 (target) must be text, not a real number
SELECT migrate_downgrade(-1);
--! migrate_downgrade: argument 1 (target) must be text, not an integer
SELECT migrate_stamp(1);
--! migrate_stamp: argument 1 (target) must be text, not an integer
SELECT migrate_stamp('head', 1);
--! migrate_stamp: argument 2 ('purge') must be text, not an integer
SELECT migrate_register(1);
--! migrate_register: argument 1 (source) must be text, not an integer
SELECT migrate_register('revision = "b"', 1);
--! migrate_register: argument 2 (name) must be text, not an integer
SELECT migrate_config(1);
--! migrate_config: argument 1 (key) must be text, not an integer
SELECT migrate_config('lock_timeout_ms', 1);
--! migrate_config: argument 2 (value) must be text, not an integer
SELECT migrate_init(1);
--! migrate_init: argument 1 (directory) must be text, not an integer
SELECT migrate_revision(1);
--! migrate_revision: argument 1 (message) must be text, not an integer
SELECT migrate_revision('m', 1);
--! migrate_revision: argument 2 (options) must be text, not an integer
SELECT count(*) FROM sqlite_schema;
--> 1

--- blobs
SELECT migrate_upgrade(x'68656164');
--! migrate_upgrade: argument 1 (target) must be text, not a blob
SELECT migrate_downgrade(x'2d31');
--! migrate_downgrade: argument 1 (target) must be text, not a blob
SELECT migrate_stamp(x'68656164');
--! migrate_stamp: argument 1 (target) must be text, not a blob
SELECT migrate_register(x'00');
--! migrate_register: argument 1 (source) must be text, not a blob
SELECT migrate_config(x'00');
--! migrate_config: argument 1 (key) must be text, not a blob
SELECT migrate_init(x'');
--! migrate_init: argument 1 (directory) must be text, not a blob
SELECT migrate_revision(zeroblob(9));
--! migrate_revision: argument 1 (message) must be text, not a blob
SELECT count(*) FROM sqlite_schema;
--> 1

--- NULL means not given
SELECT migrate_upgrade(NULL);
--> 1
SELECT migrate_downgrade(NULL);
--> 1
SELECT migrate_stamp(NULL, NULL);
--> 1
SELECT migrate_config('schema', NULL);
--> 'main'
SELECT migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up
', NULL);
--> 'bbbb'

--- ... but what must be given must be
SELECT migrate_register(NULL, 'a.lua');
--! migrate_register: argument 1 (source) is NULL
SELECT migrate_revision(NULL);
--! migrate_revision: argument 1 (message) is NULL
SELECT migrate_config(NULL, 'x');
--! migrate_config: argument 1 (key) is NULL

--- a NUL byte in a text
SELECT migrate_upgrade('aaaa' || char(0) || 'b');
--! migrate_upgrade: argument 1 (target) has a NUL byte
SELECT migrate_config('directory', char(0));
--! migrate_config: argument 2 (value) has a NUL byte
SELECT migrate_revision('x' || char(0));
--! migrate_revision: argument 1 (message) has a NUL byte

--- too few or too many
SELECT migrate_upgrade('head', 'head');
--! wrong number of arguments to function migrate_upgrade()
SELECT migrate_register();
--! wrong number of arguments to function migrate_register()
SELECT migrate_stamp('head', 'purge', 1);
--! wrong number of arguments to function migrate_stamp()
SELECT migrate_version(1);
--! wrong number of arguments to function migrate_version()
SELECT * FROM migrate_history(1);
--! the range must be text; put it in quotes

--- a very long target, and one that is not UTF-8
SELECT migrate_upgrade(replace(hex(zeroblob(50000)), '00', 'ab'));
--! no revision or branch is called
SELECT length(migrate_upgrade(CAST(x'ffff' AS TEXT)));
--! no revision or branch is called

--- the version of all that takes part
SELECT migrate_version() GLOB 'migrate [0-9]*.[0-9]*, Lua 5.4*, SQLite ' || sqlite_version();
--> 1

--- a name in a schema cannot call them
CREATE TABLE t(x DEFAULT (migrate_version()));
INSERT INTO t DEFAULT VALUES;
--! unsafe use of migrate_version()
CREATE VIEW v AS SELECT migrate_register('revision = "b"');
SELECT * FROM v;
--! unsafe use of migrate_register()

--- ... nor in an index [before 3.47]
CREATE INDEX ix ON users(migrate_version());
--! prohibited in index expressions

--- ... nor in an index [from 3.53]
CREATE INDEX ix ON users(migrate_version());
--! unsafe use of migrate_version()

--- bound and computed targets
SELECT migrate_upgrade(t) FROM (SELECT 'aaaa' AS t);
--> 1
SELECT migrate_downgrade('-' || 1);
--> 1
