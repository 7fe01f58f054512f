-- env.lua: defaults for arguments, and what runs before and after each step.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id REFERENCES users(id) ON DELETE CASCADE);
INSERT INTO users VALUES(1, 'Ann'), (2, 'Bo');
INSERT INTO orders VALUES(1, 1), (2, 2);
CREATE TABLE calls(id INTEGER PRIMARY KEY, what TEXT);
SELECT migrate_register('-- One
revision = "aaaa"
function upgrade() op.execute("INSERT INTO calls(what) VALUES (?)", {"up " .. tostring(args.tenant)}) end
function downgrade() op.execute("INSERT INTO calls(what) VALUES (?)", {"down " .. tostring(args.tenant)}) end', 'a.lua');
--> 'aaaa'
SELECT migrate_register('-- Two
-- revision: bbbb
-- revises: aaaa
-- migrate:up
INSERT INTO calls(what) VALUES(''up two'');
-- migrate:down
INSERT INTO calls(what) VALUES(''down two'');
', 'b.sql');
--> 'bbbb'

--- before and after each step, in both directions and languages [file]
SELECT writefile('migrations/env.lua', '
local function note(when, step)
  op.execute("INSERT INTO calls(what) VALUES (?)",
    {when .. " " .. step.direction .. " " .. step.revision .. " " .. step.message .. " " .. step.path})
end
function before(step) note("before", step) end
function after(step) note("after", step) end') > 0;
--> 1
SELECT writefile('migrations/versions/c.sql', '-- Three
-- revision: cccc
-- revises: bbbb
-- migrate:up
-- migrate:down
') > 0;
--> 1
SELECT migrate_upgrade();
--> 3
SELECT what FROM calls ORDER BY id;
--> 'before upgrade aaaa One a.lua'
--> 'up nil'
--> 'after upgrade aaaa One a.lua'
--> 'before upgrade bbbb Two b.sql'
--> 'up two'
--> 'after upgrade bbbb Two b.sql'
--> 'before upgrade cccc Three versions/c.sql'
--> 'after upgrade cccc Three versions/c.sql'
DELETE FROM calls;
SELECT migrate_downgrade('aaaa');
--> 2
SELECT what FROM calls ORDER BY id;
--> 'before downgrade cccc Three versions/c.sql'
--> 'after downgrade cccc Three versions/c.sql'
--> 'before downgrade bbbb Two b.sql'
--> 'down two'
--> 'after downgrade bbbb Two b.sql'

--- nothing to do: no hook is called [file]
SELECT writefile('migrations/env.lua', '
function before(step) op.execute("INSERT INTO calls(what) VALUES (''before'')") end') > 0;
--> 1
SELECT writefile('migrations/versions/c.sql', '-- revision: cccc
-- revises: bbbb
-- migrate:up
') > 0;
--> 1
SELECT migrate_upgrade();
--> 3
SELECT migrate_upgrade();
--> 0
SELECT count(*) FROM calls WHERE what = 'before';
--> 3
SELECT migrate_stamp('bbbb');
--> 1
SELECT count(*) FROM calls WHERE what = 'before';
--> 3

--- a default for an argument, which a setting overrides [file]
SELECT writefile('migrations/env.lua', 'args.tenant = args.tenant or "south"') > 0;
--> 1
SELECT writefile('migrations/versions/c.sql', '-- revision: cccc
-- revises: bbbb
-- migrate:up
-- migrate:down
') > 0;
--> 1
SELECT migrate_upgrade('aaaa');
--> 1
SELECT migrate_config('arg.tenant', 'north');
--> 'north'
SELECT migrate_downgrade();
--> 1
SELECT what FROM calls;
--> 'up south'
--> 'down north'

--- a hook that fails fails the step, and says where [file]
SELECT writefile('migrations/env.lua', 'function after(step)
  if step.revision == "bbbb" then
    error("not on a Friday")
  end
end') > 0;
--> 1
SELECT writefile('migrations/versions/c.sql', '-- revision: cccc
-- revises: bbbb
-- migrate:up
') > 0;
--> 1
SELECT migrate_upgrade();
--! env.lua:3
--! not on a Friday
SELECT count(*) FROM calls;
--> 0
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0

--- an env.lua that is wrong stops an upgrade before anything has run [file]
SELECT writefile('migrations/versions/c.sql', '-- revision: cccc
-- revises: bbbb
-- migrate:up
') > 0;
--> 1
SELECT writefile('migrations/env.lua', 'function before(') > 0;
--> 1
SELECT migrate_upgrade();
--! env.lua:1
SELECT writefile('migrations/env.lua', '
nothing.at = "all"') > 0;
--> 1
SELECT migrate_upgrade();
--! env.lua:2
SELECT writefile('migrations/env.lua', 'os.exit(1)') > 0;
--> 1
SELECT migrate_upgrade();
--! env.lua:1
SELECT writefile('migrations/env.lua', x'ff') > 0;
--> 1
SELECT migrate_upgrade();
--! env.lua
SELECT count(*) FROM calls;
--> 0

--- it is a script like any other: it cannot end the transaction [file]
SELECT writefile('migrations/versions/c.sql', '-- revision: cccc
-- revises: bbbb
-- migrate:up
') > 0;
--> 1
SELECT writefile('migrations/env.lua', 'function before(step) op.execute("COMMIT") end') > 0;
--> 1
SELECT migrate_upgrade();
--! env.lua:1
--! COMMIT
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate*';
--> 0
