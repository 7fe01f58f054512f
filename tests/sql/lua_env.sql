--- env.lua sets defaults, and its hooks see each step
SELECT migrate_init('m') IS NOT NULL, migrate_config('arg.given', 'mine');
--> 1|'mine'
SELECT writefile('m/env.lua', 'args.given = args.given or "default"
args.made = args.made or "default"
local n = 0
function before(step)
  op.execute("CREATE TABLE IF NOT EXISTS seen(n, what, revision, message, direction, path)")
  n = n + 1
  db.prepare("INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?)")(n, "before", step.revision,
    step.message, step.direction, step.path)
end
function after(step)
  n = n + 1
  op.execute("INSERT INTO seen(n, what, revision, direction) VALUES (?, ?, ?, ?)",
    {n, "after", step.revision, step.direction})
end') > 0;
--> 1
SELECT migrate_register('-- First
revision = "aaaa1"
function upgrade()
  assert(args.given == "mine" and args.made == "default")
  args.made = "changed here only"
end
function downgrade() end', 'a.lua');
--> 'aaaa1'
SELECT migrate_register('revision, down_revision = "aaaa2", "aaaa1"
function upgrade() assert(args.made == "default" and n == nil) end
function downgrade() end', 'b.lua');
--> 'aaaa2'
SELECT migrate_upgrade();
--> 2
SELECT migrate_downgrade();
--> 1
SELECT * FROM seen;
--> 1|'before'|'aaaa1'|'First'|'upgrade'|'a.lua'
--> 2|'after'|'aaaa1'|NULL|'upgrade'|NULL
--> 3|'before'|'aaaa2'|''|'upgrade'|'b.lua'
--> 4|'after'|'aaaa2'|NULL|'upgrade'|NULL
--> 1|'before'|'aaaa2'|''|'downgrade'|'b.lua'
--> 2|'after'|'aaaa2'|NULL|'downgrade'|NULL

--- an error in env.lua or in a hook names the file and line
SELECT migrate_init('m') IS NOT NULL;
--> 1
SELECT migrate_register('revision = "aaaa1" function upgrade() end', 'a.lua');
--> 'aaaa1'
SELECT writefile('m/env.lua', '
error("no")') > 0;
--> 1
SELECT migrate_upgrade();
--! env.lua:2: no
SELECT writefile('m/env.lua', 'function before(step)
  op.execute("nonsense")
end') > 0;
--> 1
SELECT migrate_upgrade();
--! revision aaaa1 (env.lua:2): near "nonsense": syntax error
SELECT writefile('m/env.lua', 'after = "x"') > 0;
--> 1
SELECT migrate_upgrade();
--! revision aaaa1 (env.lua): after must be a function, not a string
SELECT writefile('m/env.lua', 'x = = 1') > 0;
--> 1
SELECT migrate_upgrade();
--! env.lua:1: unexpected symbol near '='
SELECT count(*) FROM sqlite_schema;
--> 0
SELECT writefile('m/env.lua', 'db.value("SELECT 1")') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
