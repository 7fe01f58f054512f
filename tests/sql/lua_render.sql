--- a new revision is read back as what was asked for
SELECT migrate_init('m') IS NOT NULL;
--> 1
SELECT migrate_revision('says "hi" \ ]] --
  and goes on', '{"rev_id": "aaaa1"}') IS NOT NULL;
--> 1
SELECT migrate_revision('second', '{"rev_id": "aaaa2"}') IS NOT NULL;
--> 1
SELECT revision, down_revision, message, created IS NOT NULL FROM migrate_history;
--> 'aaaa2'|'aaaa1'|'second'|1
--> 'aaaa1'|NULL|'says "hi" \ ]] --   and goes on'|1
SELECT migrate_upgrade();
--> 2
SELECT migrate_downgrade('base');
--> 2

--- the project's template is used, and checked
SELECT migrate_init('m') IS NOT NULL;
--> 1
SELECT writefile('m/revision.lua.tmpl', '-- ${message}
revision, down_revision = ${revision}, ${down_revision}
branch_labels = ${branch_labels} depends_on = ${depends_on} created = ${created}
function upgrade() op.create_table("t_" .. revision, "x") end
') > 0;
--> 1
SELECT migrate_revision('one', '{"rev_id": "aaaa1"}') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT name FROM sqlite_schema WHERE name LIKE 't\_%' ESCAPE '\';
--> 't_aaaa1'
SELECT writefile('m/revision.lua.tmpl', 'revision = ${revison}') > 0;
--> 1
SELECT migrate_revision('two');
--! the template has an unknown placeholder ${revison}; known are message, revision
SELECT writefile('m/revision.lua.tmpl', 'revision = ${revision') > 0;
--> 1
SELECT migrate_revision('two');
--! the template has a ${ without its }
