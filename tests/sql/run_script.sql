-- migrate_run(): one Lua script, outside of the graph.
CREATE TABLE t(id INTEGER PRIMARY KEY, v);
INSERT INTO t VALUES (1, 'one'), (2, 'two');

--- its top level runs, with arguments, and its value is the function's
SELECT writefile('fix.lua', '-- Double them
local by, text = ...
op.execute("UPDATE t SET id = id * ?", by)
return (text or "none") .. db.value("SELECT max(id) FROM t")');
--> 139
SELECT migrate_run('fix.lua', 10, 'to ');
--> 'to 20'
SELECT migrate_run('fix.lua', 3);
--> 'none60'
SELECT group_concat(id) FROM t;
--> '30,60'
SELECT id, revision, direction, message, duration_ms >= 0, length(checksum), source = CAST(readfile('fix.lua') AS TEXT) FROM _migrate_log;
--> 1|'fix.lua'|'run'|'Double them'|1|64|1
--> 2|'fix.lua'|'run'|'Double them'|1|64|1
SELECT count(*) FROM _migrate_version;
--> 0

--- values cross exactly, both ways
SELECT writefile('same.lua', 'return (...)');
--> 12
SELECT migrate_run('same.lua', 9223372036854775807), migrate_run('same.lua', -9223372036854775807 - 1);
--> 9223372036854775807|-9223372036854775808
SELECT typeof(migrate_run('same.lua', 1.0)), migrate_run('same.lua', 0.1), migrate_run('same.lua', 9e999);
--> 'real'|0.1|Inf
SELECT typeof(migrate_run('same.lua', NULL)), typeof(migrate_run('same.lua')), typeof(migrate_run('same.lua', ''));
--> 'null'|'null'|'text'
SELECT hex(migrate_run('same.lua', CAST(x'410042' AS TEXT))), typeof(migrate_run('same.lua', x'00ff')), hex(migrate_run('same.lua', x'00ff'));
--> '410042'|'blob'|'00FF'
SELECT typeof(migrate_run('same.lua', x'')), length(migrate_run('same.lua', zeroblob(100000)));
--> 'blob'|100000
SELECT writefile('n.lua', 'return select("#", ...)');
--> 23
SELECT migrate_run('n.lua'), migrate_run('n.lua', NULL), migrate_run('n.lua', 1, NULL, NULL);
--> 0|1|3
SELECT writefile('v.lua', 'local what = ...
if what == "true" then return true, 1 end
if what == "false" then return false end
if what == "nan" then return 0/0 end
if what == "null" then return null end
if what == "table" then return {} end
return print');
--> 226
SELECT migrate_run('v.lua', 'true'), migrate_run('v.lua', 'false'), typeof(migrate_run('v.lua', 'nan')), typeof(migrate_run('v.lua', 'null'));
--> 1|0|'null'|'null'
SELECT migrate_run('v.lua', 'table');
--! migrate_run: v.lua: returns a table; a value is nil, a boolean, a number, a string or a blob; return db.json(t)
SELECT migrate_run('v.lua', 'function');
--! v.lua: returns a function

--- what fails leaves nothing, and names the line
SELECT writefile('bad.lua', '-- Bad
op.execute("DELETE FROM t")
op.create_table("u", "x")
error("no")');
--> 72
SELECT migrate_run('bad.lua');
--! migrate_run: bad.lua:4: no
SELECT count(*), (SELECT count(*) FROM sqlite_schema) FROM t;
--> 2|1
SELECT writefile('syntax.lua', 'op.execute(');
--> 11
SELECT migrate_run('syntax.lua');
--! syntax.lua:1:
SELECT count(*) FROM sqlite_schema;
--> 1

--- foreign keys are checked
CREATE TABLE c(t REFERENCES t);
INSERT INTO c VALUES (1);
SELECT writefile('fk.lua', 'op.execute("DELETE FROM t WHERE id = ?", (...))');
--> 47
SELECT migrate_run('fk.lua', 2) IS NULL;
--> 1
SELECT migrate_run('fk.lua', 1);
--! migrate_run: fk.lua: 
SELECT count(*) FROM t;
--> 1

--- inside the caller's transaction it is a savepoint
SELECT writefile('del.lua', 'return op.execute("DELETE FROM t WHERE id = ?", (...))');
--> 54
BEGIN;
SELECT migrate_run('del.lua', 1), migrate_run('del.lua', 7);
--> 1|0
ROLLBACK;
SELECT count(*) FROM t;
--> 2

--- where the file is: from here, else in the directory; and what is none
SELECT migrate_run('nope.lua');
--! migrate_run: nope.lua: no such file, neither from the current directory nor in migrations
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/nope.lua', '-- There
return args.who .. args.default');
--> 40
SELECT writefile('migrations/env.lua', 'args.default = args.default or "!"
function before() error("no step") end after = before');
--> 88
SELECT migrate_config('arg.who', 'me');
--> 'me'
SELECT migrate_run('nope.lua');
--> 'me!'
SELECT revision, message FROM _migrate_log;
--> 'nope.lua'|'There'
SELECT migrate_run('x.sql');
--! x.sql: only a Lua script can be run; run SQL with the shell's .read
SELECT migrate_run('x');
--! x: is no Lua script (*.lua)
SELECT migrate_run(NULL);
--! migrate_run: argument 1 (path) is NULL; it must be text
SELECT migrate_run();
--! migrate_run: argument 1 (path) is missing
SELECT migrate_run(1);
--! argument 1 (path) must be text, not an integer

--- in a trigger, a script or a statement that writes it is refused
SELECT writefile('one.lua', 'return 1');
--> 8
CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT migrate_run('one.lua'); END;
INSERT INTO t VALUES (9, 9);
--! unsafe use of migrate_run
DROP TRIGGER tr;
UPDATE t SET v = migrate_run('one.lua');
--! called from a statement that writes
SELECT writefile('two.lua', 'return db.value("SELECT migrate_run(''one.lua'')")');
--> 48
SELECT migrate_run('two.lua');
--! migrate is running on this connection already

--- its row in the log is no revision's
SELECT writefile('aaaa', 'x'), writefile('one.lua', 'return 1');
--> 1|8
SELECT migrate_register('-- One
-- revision: one.lua
-- migrate:up
CREATE TABLE o(x);
-- migrate:down
DROP TABLE o;', 'o.sql');
--> 'one.lua'
SELECT migrate_upgrade();
--> 1
SELECT migrate_run('one.lua');
--> 1
SELECT status, applied_at NOT NULL FROM migrate_history;
--> 'applied'|1
SELECT migrate_downgrade('base');
--> 1

--- an authorizer's and the connection's settings stay
PRAGMA foreign_keys = ON;
SELECT writefile('one.lua', 'return 1');
--> 8
SELECT migrate_run('one.lua');
--> 1
PRAGMA foreign_keys;
--> 1

--- the schema that is migrated is the setting's
ATTACH ':memory:' AS other;
SELECT migrate_config('schema', 'other');
--> 'other'
SELECT writefile('mk.lua', 'op.create_table("made", "x")');
--> 28
SELECT migrate_run('mk.lua') IS NULL;
--> 1
SELECT name FROM other.sqlite_schema ORDER BY 1;
--> '_migrate_log'
--> '_migrate_version'
--> 'made'
--> 'sqlite_autoindex__migrate_version_1'
SELECT migrate_config('schema', 'nope');
--> 'nope'
SELECT migrate_run('mk.lua');
--! no database is attached as nope

--- transactional = false: op by op, and it goes on [file]
CREATE TABLE gate(x);
SELECT writefile('long.lua', '-- Long
-- work

transactional = false -- as a revision says it

local v = ...
op.execute("INSERT INTO t(v) VALUES (?)", v)
op.create_table("u", "x")
if not db.value("SELECT x FROM gate") then error("the gate is shut") end
op.bulk_insert("u", {{x = v}})
return db.value("SELECT count(*) FROM t")');
--> 295
BEGIN;
SELECT migrate_run('long.lua', 'a');
--! long.lua has transactional = false and cannot run inside a transaction; COMMIT first
ROLLBACK;
SELECT migrate_run('long.lua', 'a');
--! migrate_run: long.lua:9: the gate is shut; it stays unfinished: 2 ops are done and stay; the next call goes on from there
SELECT revision, ordinal, op FROM _migrate_journal;
--> 'long.lua'|0|'run'
--> 'long.lua'|1|'INSERT INTO t(v) VALUES (?) [''a'']'
--> 'long.lua'|2|'create table u: ''x''; name ''u'' [0 0 0000 00000]'
--@ reopen
INSERT INTO gate VALUES (1);
SELECT migrate_run('long.lua', 'b');
--! migrate_run: long.lua: its text or its arguments have changed since it was interrupted, behind 2 ops; finish with the old text (SELECT source FROM _migrate_log WHERE id = 1), or, when the database is right as it is, DELETE FROM "main"._migrate_journal WHERE revision = 'long.lua'
SELECT migrate_register('-- revision: aaaa
-- migrate:up
SELECT 1;', 'a.sql');
--> 'aaaa'
SELECT migrate_stamp('aaaa'), migrate_upgrade();
--> 1|0
SELECT migrate_run('long.lua', 'a');
--> 3
SELECT name FROM sqlite_schema WHERE name = '_migrate_journal';
SELECT id, direction, message FROM _migrate_log;
--> 1|'run'|'Long'
--> 2|'stamp'|''
DROP TABLE u;
SELECT migrate_run('long.lua', 'a');
--> 4

--- transactional = false where it is seen too late
SELECT writefile('late.lua', 'op.execute("DELETE FROM t")
transactional = false');
--> 49
SELECT migrate_run('late.lua');
--! late.lua: transactional = false must stand at the top, in a line of its own
SELECT count(*) FROM t;
--> 2
SELECT writefile('late.lua', '--[[
transactional = false
]]
op.execute("DELETE FROM t")');
--> 57
SELECT migrate_run('late.lua') IS NULL;
--> 1
