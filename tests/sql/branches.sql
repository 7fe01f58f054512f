-- A base, two branches with labels, a dependency across, data in place.
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE posts(id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id) ON DELETE CASCADE);
INSERT INTO users VALUES(1, 'Ann'), (2, 'Bo');
INSERT INTO posts VALUES(1, 1), (2, 2);
SELECT migrate_register('-- Root
revision = "root"
function upgrade() op.execute("CREATE TABLE root(x)") end
function downgrade() op.execute("DROP TABLE root") end', 'root.lua');
--> 'root'
SELECT migrate_register('-- Shop
revision = "shop1"
down_revision = "root"
branch_labels = "shop"
function upgrade() op.execute("CREATE TABLE shop1(x)") end
function downgrade() op.execute("DROP TABLE shop1") end', 'shop1.lua');
--> 'shop1'
SELECT migrate_register('-- Mail
revision = "mail1"
down_revision = "root"
branch_labels = {"mail"}
function upgrade() op.execute("CREATE TABLE mail1(x)") end
function downgrade() op.execute("DROP TABLE mail1") end', 'mail1.lua');
--> 'mail1'
SELECT migrate_register('-- Mail needs the shop
-- revision: mail2
-- revises: mail1
-- depends_on: shop
-- migrate:up
CREATE TABLE mail2(x);
-- migrate:down
DROP TABLE mail2;
', 'mail2.sql');
--> 'mail2'

--- a branch point and its children
SELECT * FROM migrate_branches;
--> 'root'|'mail1'|'mail'
--> 'root'|'shop1'|'shop'
SELECT revision, branch_labels FROM migrate_heads ORDER BY 1;
--> 'mail2'|'mail'
--> 'shop1'|'shop'

--- several heads: head is ambiguous, heads and a label are not
SELECT migrate_upgrade();
--! 'head' is ambiguous: the heads are mail2 and shop1
SELECT migrate_upgrade('shop@head');
--> 2
SELECT revision FROM migrate_current;
--> 'shop1'
SELECT migrate_upgrade('heads');
--> 2
SELECT revision FROM migrate_current;
--> 'mail2'
SELECT count(*) FROM posts;
--> 2

--- a dependency comes first, and its branch needs no row of its own
SELECT revision FROM migrate_plan('mail@head');
--> 'root'
--> 'mail1'
--> 'shop1'
--> 'mail2'
SELECT migrate_upgrade('mail@head');
--> 4
SELECT revision FROM migrate_current;
--> 'mail2'
SELECT migrate_downgrade('-1');
--> 1
SELECT revision FROM migrate_current ORDER BY 1;
--> 'mail1'
--> 'shop1'
SELECT migrate_downgrade('-1');
--! is ambiguous: the current revisions are mail1 and shop1
SELECT migrate_downgrade('mail@-1');
--> 1
SELECT revision FROM migrate_current;
--> 'shop1'

--- relative to a branch
SELECT migrate_upgrade('mail@+1');
--> 1
SELECT revision FROM migrate_current;
--> 'root'
SELECT migrate_upgrade('mail@+1');
--> 1
SELECT revision FROM migrate_current;
--> 'mail1'
SELECT migrate_upgrade('+1');
--> 2
SELECT revision FROM migrate_current;
--> 'mail2'

--- what would run, without running it
SELECT step, direction, revision, message, path FROM migrate_plan('shop1');
--> 1|'upgrade'|'root'|'Root'|'root.lua'
--> 2|'upgrade'|'shop1'|'Shop'|'shop1.lua'
SELECT migrate_upgrade('shop1');
--> 2
SELECT step, direction, revision FROM migrate_plan('base', 'downgrade');
--> 1|'downgrade'|'shop1'
--> 2|'downgrade'|'root'
SELECT revision FROM migrate_plan(NULL, 'downgrade');
--> 'shop1'
SELECT * FROM migrate_plan('shop1', 'sideways');
--! the direction is 'upgrade' or 'downgrade', not 'sideways'
SELECT * FROM migrate_plan('nonsense');
--! no revision or branch is called 'nonsense'
SELECT * FROM migrate_plan(7);
--! the target must be text
SELECT p.revision FROM (SELECT 'mail1' AS t) JOIN migrate_plan(t) AS p;
--> 'mail1'

--- a range of the history
SELECT revision FROM migrate_history('shop1:mail2');
--> 'mail2'
--> 'shop1'
--> 'mail1'
SELECT revision FROM migrate_history('mail1:');
--> 'mail2'
--> 'shop1'
--> 'mail1'
SELECT revision FROM migrate_history(':mail1');
--> 'mail1'
--> 'root'
SELECT revision FROM migrate_history('mail1');
--> 'mail1'
SELECT revision FROM migrate_history WHERE range = 'mail2-1:mail2' AND revision LIKE 'mail%';
--> 'mail2'
--> 'mail1'
SELECT revision FROM migrate_history('root:nowhere');
--! no revision or branch is called 'nowhere'
SELECT count(*) FROM migrate_history(NULL);
--> 4

--- a stamp of several, and of one branch
SELECT migrate_stamp('shop1,mail1');
--> 2
SELECT revision FROM migrate_current ORDER BY 1;
--> 'mail1'
--> 'shop1'
SELECT migrate_stamp('root');
--> 1
SELECT migrate_stamp('mail1');
--> 1
SELECT migrate_stamp('shop1');
--> 2
SELECT migrate_stamp('mail2', 'purge');
--> 1
SELECT migrate_stamp('base');
--> 0
SELECT name FROM sqlite_schema WHERE name IN ('root', 'shop1', 'mail1', 'mail2');

--- the linear policy names both files and the way out
SELECT migrate_config('linear', 'on');
--> 'on'
SELECT migrate_upgrade('heads');
--! setting linear is on, and there are 2 heads: mail2 (mail2.sql) and shop1 (shop1.lua)
--! migrate_merge
--! migrate_rebase
SELECT name FROM sqlite_schema WHERE name = 'root';
SELECT migrate_config('linear', 'maybe');
--! it is 'on' or 'off'

--- a head that another one depends on is joined too [file]
SELECT migrate_init();
--> 'migrations'
SELECT migrate_merge('Join all') IS NOT NULL;
--> 1
SELECT down_revision FROM migrate_history WHERE is_head;
--> 'mail2, shop1'
SELECT migrate_upgrade();
--> 5
SELECT count(*) FROM migrate_current;
--> 1
