--- a header is read, and nothing of upgrade is run
SELECT migrate_register('-- Add things
revision      = "aaaa1"
down_revision = nil
branch_labels = {"one"}
created       = "2025-12-01 12:00:00"
function upgrade() error("ran") end', 'a.lua');
--> 'aaaa1'
SELECT migrate_register('--[[ A long
comment ]]
revision, down_revision, depends_on = "aaaa2", {"aaaa1"}, "one"
function upgrade() end', 'b.lua');
--> 'aaaa2'
SELECT revision, down_revision, message, branch_labels, depends_on, created FROM migrate_history;
--> 'aaaa2'|'aaaa1'|'A long'|NULL|'aaaa1'|NULL
--> 'aaaa1'|NULL|'Add things'|'one'|NULL|'2025-12-01 12:00:00'

--- a message is the first comment that says anything, before any code
SELECT migrate_register('
-- -------------

 ----- Boxed ---
-- -------------
revision = "aaaa1"', 'a.lua');
--> 'aaaa1'
SELECT migrate_register('revision = "aaaa2" -- not this
-- nor this', 'b.lua');
--> 'aaaa2'
SELECT revision, message FROM migrate_history ORDER BY 1;
--> 'aaaa1'|'Boxed'
--> 'aaaa2'|''

--- a revision must have a name
SELECT migrate_register('function upgrade() end', 'a.lua');
--! a.lua: no `revision = "..."`

--- a syntax error has its line
SELECT migrate_register('revision = "a"

function upgrade( end', 'a.lua');
--! a.lua:3: <name>

--- an error at the top level has its line, also in a helper
SELECT migrate_register('revision = "a"
local function f() local x = nil; return x.y end
f()', 'a.lua');
--! a.lua:2: attempt to index a nil value (local 'x')

--- a field of the wrong type is named, with its line
SELECT migrate_register('
revision = 12', 'a.lua');
--! a.lua:2: revision must be a string, not a number
SELECT migrate_register('revision = "a"
down_revision = false', 'a.lua');
--! a.lua:2: down_revision must be a string, a list of strings or nil, not a boolean
SELECT migrate_register('revision = "a"
depends_on = {"x", 5}', 'a.lua');
--! a.lua:2: depends_on must be a string, a list of strings or nil, not a number
SELECT migrate_register('revision = "a"
branch_labels = {x = "y"}', 'a.lua');
--! a.lua:2: branch_labels must be a string, a list of strings or nil; the table is not a list
SELECT migrate_register('revision = "a"
transactional = "no"', 'a.lua');
--! a.lua:2: transactional must be true, false or nil, not a string
SELECT migrate_register('revision = "a"
irreversible = true', 'a.lua');
--! a.lua:2: irreversible must be a string, not a boolean
SELECT migrate_register('revision = "a"
upgrade = "CREATE TABLE t(x)"', 'a.lua');
--! a.lua:2: upgrade must be a function, not a string
SELECT migrate_register('revision = "a\0b"', 'a.lua');
--! a.lua:1: revision has a NUL byte

--- a misspelt field is an error, unless the right one is there too
SELECT migrate_register('revision = "a"
down_revison = "b"', 'a.lua');
--! a.lua:2: unknown field down_revison; did you mean down_revision?
SELECT migrate_register('revision = "a"
function upgarde() end', 'a.lua');
--! a.lua:2: unknown field upgarde; did you mean upgrade?
SELECT migrate_register('revision = "a"
dependson = {"b"}', 'a.lua');
--! a.lua:2: unknown field dependson; did you mean depends_on?
SELECT migrate_register('revision = "a"
revisions = {"helper"}
function create() end
upgrades = 5
function upgrade() end', 'a.lua');
--> 'a'

--- op and db do not run at the top level
SELECT migrate_register('revision = "a"
op.execute("CREATE TABLE t(x)")', 'a.lua');
--! a.lua:2: op.execute at the top level of a script; move it into upgrade() or downgrade()
SELECT migrate_register('revision = "a"
n = db.value("SELECT 1")', 'a.lua');
--! a.lua:2: db.value at the top level of a script; move it into upgrade() or downgrade()
SELECT migrate_register('revision = "a"
for _, f in ipairs{db.rows, db.values, db.row, db.prepare, op.create_table, op.drop_table, op.bulk_insert} do
  assert(not pcall(f, "t"))
end
coroutine.wrap(function() op.drop_table("x") end)()', 'a.lua');
--! a.lua:5: op.drop_table at the top level of a script

--- an error names the whole path, however long it is
SELECT migrate_register('revision = "a" x(', 'a_directory_with_a_long_name/and_another_one_in_it/versions/20251002_add_brand.lua');
--! a_directory_with_a_long_name/and_another_one_in_it/versions/20251002_add_brand.lua:1: unexpected symbol near <eof>
SELECT migrate_register('revision = "a"
function upgrade()
  error("no")
end', 'a_directory_with_a_long_name/and_another_one_in_it/versions/20251002_add_brand.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a_directory_with_a_long_name/and_another_one_in_it/versions/20251002_add_brand.lua:3): no

--- what a script leaves global is gone: each has its own environment
SELECT migrate_register('revision = "aaaa1"
shared = 1
string.upper = nil
function upgrade() string.lower = nil; seen = 2 end', 'a.lua');
--> 'aaaa1'
SELECT migrate_register('revision, down_revision = "aaaa2", "aaaa1"
assert(shared == nil and string.upper)
function upgrade() assert(seen == nil and string.lower and string.upper) end', 'b.lua');
--> 'aaaa2'
SELECT migrate_upgrade();
--> 2

--- a top level that runs for ever is stopped, in a describing as well
SELECT migrate_config('lua_memory_mb', '1');
--> '1'
SELECT migrate_register('revision = "a"
local t = {} for i = 1, 1e9 do t[i] = i end', 'a.lua');
--! a.lua:2: lua memory limit of 1 MB reached; raise it with migrate_config('lua_memory_mb', ...)
