-- Modules: lib/name.lua, or registered; required by revisions and env.lua.
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO users VALUES(1, 'Ann Lee'), (2, 'Bo');

--- a registered one
SELECT migrate_register('return {slug = function(s) return (s:lower():gsub("%W+", "-")) end}', 'lib/text/slug.lua');
--> 'lib/text/slug.lua'
SELECT migrate_register('-- Slugs
revision = "aaaa"
function upgrade()
  local slug = require("text.slug").slug
  for id, name in db.values("SELECT id, name FROM users") do
    op.execute("UPDATE users SET name = ? WHERE id = ?", slug(name), id)
  end
end');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name FROM users;
--> 'ann-lee'
--> 'bo'
SELECT count(*) FROM migrate_history;
--> 1

--- the same text again is fine, another one is not
SELECT migrate_register('return 1', 'lib/a.lua');
--> 'lib/a.lua'
SELECT migrate_register('return 1', 'lib/a.lua');
--> 'lib/a.lua'
SELECT migrate_register('return 2', 'lib/a.lua');
--! module lib/a.lua is registered already, with another text
SELECT migrate_register(char(65279) || 'return 1', 'lib/a.lua');
--> 'lib/a.lua'

--- what is wrong is refused at once, and nothing is kept
SELECT migrate_register('local x = = 1', 'lib/a.lua');
--! migrate_register: lib/a.lua:1: unexpected symbol
SELECT migrate_register('

return return', 'lib/a/b-c/d_e.lua');
--! migrate_register: lib/a/b-c/d_e.lua:3:
SELECT migrate_register('', 'lib/a.lua');
--! lib/a.lua: is empty
SELECT migrate_register(CAST(x'2d2d20ff' AS TEXT), 'lib/a.lua');
--! lib/a.lua:1: is not UTF-8
SELECT migrate_register('return 1', 'lib/');
--! lib/: a name that begins with lib/ is a module's: lib/NAME.lua
SELECT migrate_register('return 1', 'lib/.lua');
--! a name that begins with lib/
SELECT migrate_register('return 1', 'lib/a');
--! a name that begins with lib/
SELECT migrate_register('return 1', 'lib/a.sql');
--! a name that begins with lib/
SELECT migrate_register('return 1', 'lib/../a.lua');
--! a name that begins with lib/
SELECT migrate_register('return 1', 'lib/a.b.lua');
--! a name that begins with lib/
SELECT migrate_register('return 1', 'lib//a.lua');
--! a name that begins with lib/
SELECT migrate_register('return 1', 'lib/a b.lua');
--! a name that begins with lib/
SELECT migrate_register(NULL, 'lib/a.lua');
--! argument 1 (source) is NULL
SELECT migrate_register('return "right"', 'lib/a.lua');
--> 'lib/a.lua'

--- registering runs nothing of it
SELECT migrate_register('error("no")', 'lib/a.lua');
--> 'lib/a.lua'

--- a registered one wins over a file
SELECT writefile('migrations/lib/a.lua', 'return "file"') > 0, writefile('migrations/lib/b.lua', 'return "file"') > 0;
--> 1|1
SELECT migrate_register('return "registered"', 'lib/a.lua');
--> 'lib/a.lua'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  assert(require "a" == "registered" and require "b" == "file")
end');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1

--- beside revisions in files, and from another directory
SELECT migrate_config('directory', 'elsewhere');
--> 'elsewhere'
SELECT writefile('elsewhere/lib/a.lua', 'return 7') > 0, writefile('elsewhere/versions/a.lua', 'revision = "aaaa"
local a = require "a"
function upgrade() op.execute("UPDATE users SET name = ?", a) end') > 0;
--> 1|1
SELECT migrate_upgrade();
--> 1
SELECT name FROM users WHERE id = 1;
--> '7'

--- what one script does to a module is not seen by another
SELECT writefile('migrations/lib/count.lua', 'local c = {n = 0}
function c.next() c.n = c.n + 1 return c.n end
local slug = require "slug"
return c') > 0, writefile('migrations/lib/slug.lua', 'return {}') > 0;
--> 1|1
SELECT writefile('migrations/env.lua', 'local count = require "count"
assert(count.next() == 1)
require "slug".x = "env"
function before(step)
  assert(count == require "count" and require "slug".x == "env")
  args.n = count.next()
end') > 0;
--> 1
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
local count = require "count"
assert(count.next() == 1)
function upgrade()
  assert(count.next() == 2 and require "count".next() == 3)
  assert(require "slug".x == nil and args.n == 2)
  require "slug".x = "aaaa"
end
function downgrade() assert(count.n == 1) end') > 0;
--> 1
SELECT writefile('migrations/versions/b.lua', 'revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  assert(require "count".next() == 1 and args.n == 3)
  assert(require "slug".x == nil)
end
function downgrade() end') > 0;
--> 1
SELECT migrate_upgrade();
--> 2
SELECT migrate_downgrade('base');
--> 2

--- each call reads the files anew
SELECT writefile('migrations/lib/a.lua', 'return 1') > 0, writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() op.execute("UPDATE users SET name = ?", require "a") end
function downgrade() end') > 0;
--> 1|1
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--> 1
SELECT writefile('migrations/lib/a.lua', 'return 2') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT DISTINCT name FROM users;
--> '2'

--- a header that stands behind a module, or comes out of one
SELECT writefile('migrations/lib/ids.lua', 'return {first = "aaaa", label = "shop"}') > 0;
--> 1
SELECT writefile('migrations/versions/a.lua', '-- First
local ids = require "ids"
revision = ids.first
branch_labels = ids.label
function upgrade() end') > 0;
--> 1
SELECT writefile('migrations/versions/b.lua', '-- Second
revision = "bbbb"
down_revision = "aaaa"
local ids = require "ids"
function upgrade() assert(ids.first == "aaaa") end') > 0;
--> 1
SELECT writefile('migrations/versions/c.lua', '-- Third
revision = "cccc"
down_revision = "bbbb"
require "ids"
function upgrade() end') > 0;
--> 1
SELECT revision, down_revision, branch_labels, message FROM migrate_history;
--> 'cccc'|'bbbb'|NULL|'Third'
--> 'bbbb'|'aaaa'|NULL|'Second'
--> 'aaaa'|NULL|'shop'|'First'
SELECT migrate_upgrade();
--> 3

--- a module that is missing stops a run before anything has run
SELECT writefile('migrations/versions/a.lua', 'revision = "aaaa"
function upgrade() op.execute("DELETE FROM users") end') > 0;
--> 1
SELECT writefile('migrations/versions/b.lua', 'revision = "bbbb"
down_revision = "aaaa"
local x = require "x.y"
function upgrade() end') > 0;
--> 1
SELECT count(*) FROM migrate_history;
--> 2
SELECT migrate_upgrade();
--! versions/b.lua:3: require: no module x.y: there is no file migrations/lib/x/y.lua, and nothing is registered as lib/x/y.lua; make the directory migrations/lib, and in it x/y.lua
SELECT count(*) FROM users;
--> 2

--- an error names the revision, its line and the module's
SELECT writefile('migrations/lib/a.lua', 'local m = {}
function m.f()
  op.execute("UPDATE nowhere SET x = 1")
end
return m') > 0;
--> 1
SELECT migrate_register('revision = "aaaa"
function upgrade()
  require("a").f()
end', 'one.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (one.lua:3): lib/a.lua:3: no such table: nowhere; in: UPDATE nowhere
SELECT writefile('migrations/lib/a.lua', '
x = = 1') > 0;
--> 1
SELECT migrate_upgrade();
--! revision aaaa (one.lua:3): lib/a.lua:2: unexpected symbol near '='

--- op and db stay refused while a header is described
SELECT writefile('migrations/lib/a.lua', 'op.execute("DELETE FROM users")') > 0;
--> 1
SELECT migrate_register('revision = require "a"
function upgrade() end', 'a.lua');
--! a.lua:1: lib/a.lua:1: op.execute at the top level of a script
SELECT migrate_register('revision = "aaaa"
local a = require "a"
function upgrade() end', 'a.lua');
--! a.lua:2: lib/a.lua:1: op.execute at the top level of a script
SELECT count(*) FROM users;
--> 2

--- limits hold within a module
SELECT migrate_config('lua_seconds', '1');
--> '1'
SELECT migrate_register('while true do end', 'lib/loop.lua');
--> 'lib/loop.lua'
SELECT migrate_register('return ("x"):rep(100000000)', 'lib/big.lua');
--> 'lib/big.lua'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.execute("DELETE FROM users")
  pcall(require, "loop")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:4): lua time limit of 1 s reached
SELECT migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade() require "big" end', 'b.lua');
--> 'bbbb'
SELECT migrate_stamp('aaaa');
--> 1
SELECT migrate_upgrade();
--! revision bbbb (b.lua:3): lua memory limit of 64 MB reached
SELECT count(*) FROM users;
--> 2

--- a module is no revision, and makes no directory optional
SELECT migrate_register('return 1', 'lib/a.lua');
--> 'lib/a.lua'
SELECT migrate_upgrade();
--! migrations: no such directory
