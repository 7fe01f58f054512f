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
--! revision left01 is not a head, left02 stands on it already
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
SELECT migrate_revision('x', '{"splice": "yes please", "head": 7}');
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
--! would be a head beside right1 (versions/3.sql)
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
