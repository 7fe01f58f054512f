-- A project on disk: a base, and two heads on it.
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO users VALUES(1, 'Ann');
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/1.lua', '-- Base
revision = "base01"
function upgrade() op.execute("CREATE TABLE one(x)") end
function downgrade() op.execute("DROP TABLE one") end
') > 0, writefile('migrations/versions/2.lua', '-- Left
revision      = "left01"
down_revision = "base01"   -- below
branch_labels = "left"

function upgrade()
  op.execute("CREATE TABLE two(x)")
end
function downgrade() op.execute("DROP TABLE two") end
') > 0, writefile('migrations/versions/3.sql', '-- Right
-- revision: right1
-- revises:   base01
-- migrate:up
CREATE TABLE three(x);
-- migrate:down
DROP TABLE three;
') > 0;
--> 1|1|1

--- two heads are joined, applied, and taken back [file]
SELECT migrate_merge('Join left and right') LIKE 'migrations/versions/%_join_left_and_right.lua';
--> 1
SELECT down_revision, message, is_merge_point FROM migrate_history WHERE is_head;
--> 'left01, right1'|'Join left and right'|1
SELECT migrate_upgrade();
--> 4
SELECT count(*) FROM migrate_current;
--> 1
SELECT migrate_downgrade();
--> 1
SELECT revision FROM migrate_current ORDER BY 1;
--> 'left01'
--> 'right1'
SELECT migrate_merge('Again');
--! there is nothing to join: 'heads' is

--- heads by name, in any order; what is no head is refused [file]
SELECT migrate_merge('One', 'right1, left01') IS NOT NULL;
--> 1
SELECT down_revision FROM migrate_history WHERE is_head;
--> 'right1, left01'
SELECT migrate_merge('Two', 'left01,base01');
--! revision left01 is not a head
SELECT migrate_merge('Three', 'left01');
--! there is nothing to join: 'left01' is left01
SELECT migrate_merge('Four', 'left01,nowhere');
--! no revision or branch is called 'nowhere'
SELECT migrate_merge(NULL);
--! argument 1 (message) is NULL
SELECT count(*) FROM migrate_history;
--> 4

--- a new revision says where it stands [file]
SELECT migrate_revision('x');
--! there are several heads: left01 and right1
SELECT migrate_revision('On the left', '{"head": "left@head", "rev_id": "left02"}') IS NOT NULL;
--> 1
SELECT migrate_revision('A branch', '{"head": "left01"}');
--! revision left01 is not a head, what stands on it is left02; to begin a branch there
SELECT migrate_revision('A branch', '{"head": "left01", "splice": true, "rev_id": "twig01", "branch_label": "twig"}') IS NOT NULL;
--> 1
SELECT migrate_revision('Needs', '{"head": "right1", "rev_id": "right2", "depends_on": ["twig", "left02"], "format": "sql"}') IS NOT NULL;
--> 1
SELECT revision, down_revision, branch_labels, depends_on FROM migrate_history WHERE revision IN ('twig01', 'right2') ORDER BY 1;
--> 'right2'|'right1'|NULL|'twig01, left02'
--> 'twig01'|'left01'|'twig'|NULL
SELECT migrate_revision('Label twice', '{"head": "left02", "branch_label": "twig"}');
--! branch label 'twig' is on two revisions
SELECT migrate_revision('Id for a label', '{"head": "left02", "branch_label": "base01"}');
--! base01
SELECT migrate_revision('Unknown', '{"head": "left02", "depends_on": "nowhere"}');
--! no revision or branch is called 'nowhere'
SELECT migrate_revision('Base', '{"head": "base", "rev_id": "other1"}') IS NOT NULL;
--> 1
SELECT migrate_revision('x', '{"head": 7}');
--! option head must be text
SELECT count(*) FROM migrate_history;
--> 7

--- a revision is put onto another: one line changes, no other byte [file]
SELECT migrate_rebase('left01', 'right1');
--> 'migrations/versions/2.lua'
SELECT CAST(readfile('migrations/versions/2.lua') AS TEXT);
--> '-- Left
--> revision      = "left01"
--> down_revision = "right1"   -- below
--> branch_labels = "left"
--> 
--> function upgrade()
-->   op.execute("CREATE TABLE two(x)")
--> end
--> function downgrade() op.execute("DROP TABLE two") end
--> '
SELECT revision, down_revision FROM migrate_heads JOIN migrate_history USING (revision);
--> 'left01'|'right1'
SELECT migrate_rebase('right1', 'left01');
--! cycle
SELECT migrate_rebase('right1', 'base');
--> 'migrations/versions/3.sql'
SELECT CAST(readfile('migrations/versions/3.sql') AS TEXT);
--> '-- Right
--> -- revision: right1
--> -- revises: none
--> -- migrate:up
--> CREATE TABLE three(x);
--> -- migrate:down
--> DROP TABLE three;
--> '
SELECT migrate_rebase('base01', 'left01');
--> 'migrations/versions/1.lua'
SELECT CAST(readfile('migrations/versions/1.lua') AS TEXT);
--> '-- Base
--> revision = "base01"
--> down_revision = "left01"
--> function upgrade() op.execute("CREATE TABLE one(x)") end
--> function downgrade() op.execute("DROP TABLE one") end
--> '
SELECT migrate_upgrade();
--> 3
SELECT migrate_rebase('base01', 'right1');
--! revision base01 (versions/1.lua) is applied; take it back first

--- what cannot be rewritten safely is left alone [file]
SELECT writefile('migrations/versions/4.lua', '-- Odd
revision = "odd001"
local parent = "left01"
down_revision = parent
function upgrade() end
') > 0;
--> 1
SELECT migrate_rebase('odd001', 'right1');
--! versions/4.lua: its header is not made of plain assignments at the top; change its down_revision by hand
SELECT migrate_register('revision = "memory" down_revision = "left01" function upgrade() end');
--> 'memory'
SELECT migrate_rebase('memory', 'right1');
--! is held in memory
SELECT migrate_rebase('nowhere', 'right1');
--! no revision or branch is called 'nowhere'
SELECT migrate_rebase('left01', '');
--! name the revision to stand on
SELECT migrate_rebase('left01', NULL);
--! argument 2 (onto) is NULL

--- linear: one head, or the way back to one [file]
SELECT migrate_config('linear', 'on');
--> 'on'
SELECT migrate_upgrade();
--! there are 2 heads: left01 (versions/2.lua) and right1 (versions/3.sql)
SELECT migrate_revision('Beside', '{"head": "left01"}');
--! there are 2 heads: left01 (versions/2.lua) and right1 (versions/3.sql)
SELECT migrate_merge('merge') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 4
SELECT migrate_revision('Next') IS NOT NULL;
--> 1
SELECT migrate_revision('Twig', '{"head": "base01", "splice": true}');
--! would be a head beside
SELECT migrate_config('linear', 'off');
--> 'off'
SELECT migrate_revision('Twig', '{"head": "base01", "splice": true}') IS NOT NULL;
--> 1
SELECT * FROM users;
--> 1|'Ann'

--- rebase looks at headers only, and keeps what is behind a value [file]
SELECT writefile('migrations/versions/5.sql', '-- Data that looks like a header
-- revision: data01
-- migrate:up
CREATE TABLE n(x);
INSERT INTO n VALUES(''
-- revises: keep me
'');
') > 0, writefile('migrations/versions/6.lua', '-- A list' || char(13, 10) || 'revision = "list01"' || char(13, 10) ||
  'down_revision = {"left01"}' || char(9) || '-- c' || char(13, 10) || 'function upgrade() end' || char(13, 10)) > 0,
  writefile('migrations/versions/7.lua', 'revision = "crlf01"' || char(13, 10) || 'function upgrade() end') > 0;
--> 1|1|1
SELECT migrate_rebase('data01', 'right1');
--> 'migrations/versions/5.sql'
SELECT CAST(readfile('migrations/versions/5.sql') AS TEXT);
--> '-- Data that looks like a header
--> -- revision: data01
--> -- revises: right1
--> -- migrate:up
--> CREATE TABLE n(x);
--> INSERT INTO n VALUES(''
--> -- revises: keep me
--> '');
--> '
SELECT migrate_rebase('list01', 'data01');
--> 'migrations/versions/6.lua'
SELECT replace(replace(CAST(readfile('migrations/versions/6.lua') AS TEXT), char(13, 10), '~'), char(9), '^');
--> '-- A list~revision = "list01"~down_revision = "data01"^-- c~function upgrade() end~'
SELECT migrate_rebase('crlf01', 'base');
--> 'migrations/versions/7.lua'
SELECT replace(CAST(readfile('migrations/versions/7.lua') AS TEXT), char(13, 10), '~');
--> 'revision = "crlf01"~function upgrade() end'
SELECT migrate_rebase('crlf01', 'list01');
--> 'migrations/versions/7.lua'
SELECT replace(CAST(readfile('migrations/versions/7.lua') AS TEXT), char(13, 10), '~');
--> 'revision = "crlf01"~down_revision = "list01"~function upgrade() end'

--- a header that goes on, or changes, below is read as Lua reads it [file]
SELECT writefile('migrations/versions/a.lua', '-- a
revision = "aaaa"
down_revision
  = "base01"
function upgrade() end
function downgrade() end
') > 0, writefile('migrations/versions/b.lua', '-- b
revision = "bbbb"
down_revision = nil
  or "base01"
function upgrade() end
function downgrade() end
') > 0, writefile('migrations/versions/c.lua', '-- c
revision = "cccc"
depends_on = {}
function upgrade() end
function downgrade() end
depends_on[1] = "base01"
') > 0, writefile('migrations/versions/d.lua', '-- d
revision = "dddd"
irreversible = "it cannot"
  .. " be undone"
down_revision = "base01"
function upgrade() end
  function downgrade() end
') > 0;
--> 1|1|1|1
SELECT revision, down_revision, depends_on FROM migrate_history WHERE length(revision) = 4 ORDER BY 1;
--> 'aaaa'|'base01'|NULL
--> 'bbbb'|'base01'|NULL
--> 'cccc'|NULL|'base01'
--> 'dddd'|'base01'|NULL
SELECT migrate_upgrade('dddd');
--> 2
SELECT migrate_downgrade('-1');
--! it cannot be undone
SELECT writefile('migrations/versions/e.lua', '-- e
revision = "eeee"
  down_revison = "base01"
function upgrade() end
') > 0;
--> 1
SELECT count(*) FROM migrate_history;
--! versions/e.lua:3: unknown field down_revison; did you mean down_revision?

--- options have types, and a template must say what was meant [file]
SELECT migrate_revision('m', '{"head": "base01", "splice": "false"}');
--! option splice must be true or false
SELECT migrate_revision('m', '{"rev_id": [12345]}');
--! option rev_id must be text
SELECT migrate_revision('m', '{"depends_on": ["left01", 2]}');
--! option depends_on must be text, or a list of texts
SELECT migrate_revision('m', '{"head": "left01", "splice": false, "rev_id": "left02"}') IS NOT NULL;
--> 1
SELECT writefile('migrations/revision.lua.tmpl', '-- ${message}
revision = ${revision}
function upgrade() end
') > 0;
--> 1
SELECT migrate_revision('m', '{"head": "left02"}');
--! would not say what was meant
SELECT migrate_merge('m', 'left02,base01');
--! revision base01 is not a head, what stands on it is left01 and right1; join heads
