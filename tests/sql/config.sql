-- The settings of a connection.

--- each has a default
SELECT migrate_config('directory');
--> 'migrations'
SELECT migrate_config('schema');
--> 'main'
SELECT migrate_config('transaction');
--> 'all'
SELECT migrate_config('lock_timeout_ms');
--> '10000'
SELECT migrate_config('lua_memory_mb');
--> '64'
SELECT migrate_config('lua_seconds');
--> '0'

--- what is set is given back, until NULL sets the default again
SELECT migrate_config('transaction', 'revision');
--> 'revision'
SELECT migrate_config('transaction');
--> 'revision'
SELECT migrate_config('transaction', NULL);
--> 'all'
SELECT migrate_config('transaction');
--> 'all'

--- without a key it lists them
SELECT instr(migrate_config(), 'directory') > 0, instr(migrate_config(), 'lua_seconds') > 0;
--> 1|1

--- a setting that does not exist: there are these
SELECT migrate_config('directroy', 'x');
--! no setting named directroy
--! directory
SELECT migrate_config('Schema');
--! no setting named Schema
SELECT migrate_config('');
--! no setting named
SELECT migrate_config('arg');
--! no setting named arg
SELECT migrate_config('arg.');
--! no setting named arg.
SELECT migrate_config(NULL);
--! argument 1 (key) is NULL

--- a value that is none leaves the one before
SELECT migrate_config('transaction', 'revision');
--> 'revision'
SELECT migrate_config('transaction', 'none');
--! setting transaction cannot be 'none': it is 'all' or 'revision'
SELECT migrate_config('transaction', 'ALL');
--! setting transaction cannot be 'ALL'
SELECT migrate_config('transaction');
--> 'revision'
SELECT migrate_config('lock_timeout_ms', '-1');
--! setting lock_timeout_ms cannot be '-1': it is a whole number, 0 or more
SELECT migrate_config('lock_timeout_ms', '1e3');
--! '1e3'
SELECT migrate_config('lock_timeout_ms', '');
--! setting lock_timeout_ms cannot be ''
SELECT migrate_config('lock_timeout_ms', '99999999999999999999');
--! setting lock_timeout_ms
SELECT migrate_config('lock_timeout_ms');
--> '10000'
SELECT migrate_config('lua_memory_mb', '0');
--! setting lua_memory_mb cannot be '0'
SELECT migrate_config('lua_seconds', 'soon');
--! setting lua_seconds cannot be 'soon'
SELECT migrate_config('directory', '');
--! setting directory cannot be ''

--- a number is put in quotes
SELECT migrate_config('lock_timeout_ms', 50);
--! argument 2 (value) must be text, not an integer; put it in quotes
SELECT migrate_config('lock_timeout_ms', '0');
--> '0'

--- arguments for scripts take any name and any text
SELECT migrate_config('arg.tenant');
--> NULL
SELECT migrate_config('arg.tenant', '');
--> ''
SELECT migrate_config('arg.a b.c', 'it''s');
--> 'it''s'
SELECT key, value FROM migrate_settings WHERE key GLOB 'arg.*' ORDER BY key;
--> 'arg.a b.c'|'it''s'
--> 'arg.tenant'|''
SELECT migrate_config('arg.tenant', NULL);
--> NULL
SELECT count(*) FROM migrate_settings WHERE key GLOB 'arg.*';
--> 1

--- a script reads them, and reads nothing where none is set
CREATE TABLE users(id INTEGER PRIMARY KEY, tenant TEXT);
INSERT INTO users(id) VALUES(1), (2);
SELECT migrate_config('arg.tenant', 'north');
--> 'north'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  assert(args.nothing == nil)
  op.execute("UPDATE users SET tenant = ?", {args.tenant})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT tenant FROM users;
--> 'north'
--> 'north'

--- settings belong to the connection [file]
SELECT migrate_config('transaction', 'revision');
--> 'revision'
--@ as other
SELECT migrate_config('transaction');
--> 'all'
--@ as main
SELECT migrate_config('transaction');
--> 'revision'
--@ reopen
SELECT migrate_config('transaction');
--> 'all'

--- ... and not to a transaction
BEGIN;
SELECT migrate_config('transaction', 'revision');
--> 'revision'
ROLLBACK;
SELECT migrate_config('transaction');
--> 'revision'

--- a script cannot change them
CREATE TABLE users(id);
INSERT INTO users VALUES(1);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  db.value("SELECT migrate_config(''transaction'', ''revision'')")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:3)
--! a script cannot change settings
SELECT migrate_config('transaction');
--> 'all'

--- a limit of memory ends a script that wants more
CREATE TABLE users(id);
INSERT INTO users VALUES(1);
SELECT migrate_config('lua_memory_mb', '4');
--> '4'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.execute("DELETE FROM users")
  local t = {}
  while true do t[#t + 1] = ("x"):rep(100000) .. #t end
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua
--! lua_memory_mb
SELECT count(*) FROM users;
--> 1

--- a limit of time ends a script that does not
CREATE TABLE users(id);
INSERT INTO users VALUES(1);
SELECT migrate_config('lua_seconds', '1');
--> '1'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.execute("DELETE FROM users")
  while true do pcall(function() while true do end end) end
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade() WHERE migrate_config('lua_seconds', '1') = '1';
--! revision aaaa (a.lua
--! lua_seconds
SELECT count(*) FROM users;
--> 1

--- a number is digits, without spaces and signs
SELECT migrate_config('lock_timeout_ms', ' 5');
--! it is a whole number
SELECT migrate_config('lock_timeout_ms', '+5');
--! it is a whole number
SELECT migrate_config('lock_timeout_ms');
--> '10000'
