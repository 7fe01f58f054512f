-- The call behind a failed one is for where memory was too short to detach.
--- without the setting nothing is attached, and the setting is named
SELECT migrate_config('allow_attach');
--> 'off'
SELECT migrate_register('revision = "a"
function upgrade() op.execute("ATTACH '':memory:'' AS aux") end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a.lua:2): ATTACH: attach it before the migration is called, or allow it with migrate_config('allow_attach', 'on'), outside of any transaction of the caller's
SELECT migrate_register('revision = "b"
function upgrade() db.value("/**/ detach aux") end', 'b.lua');
--> 'b'
SELECT migrate_upgrade('b');
--! revision b (b.lua:2): DETACH: detach it after the migration; what a migration has attached it may detach, with migrate_config('allow_attach', 'on')
SELECT migrate_config('allow_attach', 'yes');
--! setting allow_attach cannot be 'yes': it is 'on' or 'off'

--- [file] what a script attaches is gone when it has ended
SELECT migrate_config('allow_attach', 'on');
--> 'on'
SELECT migrate_register('revision = "a"
function upgrade()
  op.execute("ATTACH ''old.db'' AS old; CREATE TABLE old.t(x)")
  op.execute("INSERT INTO old.t VALUES (1), (2)")
  op.create_table("t", "x")
  op.execute("INSERT INTO t SELECT x FROM old.t")
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1
SELECT migrate_upgrade();
--> 0
SELECT group_concat(name) FROM pragma_database_list;
--> 'main'
SELECT sum(x) FROM t;
--> 3
ATTACH 'old.db' AS old;
SELECT sum(x) FROM old.t;
--> 3
DETACH old;

--- also after an error, and then nothing of it stays written
SELECT migrate_config('allow_attach', 'on');
--> 'on'
SELECT migrate_register('revision = "a"
function upgrade()
  db.value([[ATTACH DATABASE '':memory:'' AS "a ""b"]])
  op.execute([[CREATE TABLE "a ""b".t(x)]])
  op.execute("ATTACH '''' AS ''c'';")
  for x in db.values("SELECT 1") do error("enough") end
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! revision a (a.lua:6): enough
SELECT migrate_stamp('base');
--> 0
SELECT group_concat(name) FROM pragma_database_list;
--> 'main'

--- a script may detach what it attached, unless the transaction holds it
SELECT migrate_config('allow_attach', 'on');
--> 'on'
ATTACH ':memory:' AS mine;
CREATE TABLE mine.t(x);
SELECT migrate_register('revision = "a"
function upgrade()
  local function fails(part, sql)
    local ok, why = pcall(op.execute, sql)
    assert(not ok and why:find(part, 1, true), why)
  end
  op.execute("ATTACH '':memory:'' AS aux")
  op.execute("DETACH DATABASE AUX")
  op.execute("ATTACH '':memory:'' AS [aux]")
  op.execute("CREATE TABLE aux.t(x)")
  fails("DETACH: database aux was read or written in this transaction, which holds it to its end; leave it out, it is detached then",
    "DETACH `aux`")
  fails("DETACH: database mine was not attached by this migration, so it stays", "DETACH mine")
  fails("DETACH: database main was not", "DETACH main")
  fails("DETACH: database temp was not", "DETACH temp")
  fails("DETACH: the database''s name must stand there as it is", "DETACH ''a'' || ''ux''")
  fails("DETACH: the database''s name must stand there", "DETACH ?")
  fails("ATTACH: there is a database Mine already", "ATTACH '':memory:'' AS Mine")
  fails("ATTACH: there is a database main already", "ATTACH '':memory:'' AS main")
  fails("ATTACH: there is a database temp already", "ATTACH '':memory:'' AS temp")
  fails("ATTACH: the database''s name must stand there as it is", "ATTACH '':memory:'' AS ''a'' || ''b''")
  fails("ATTACH: the database''s name must stand there as it is", "ATTACH '':memory:'' AS b KEY c")
  fails("ATTACH: the database''s name must stand there as it is", "ATTACH '':memory:'' aux2")
  fails("already in use", "ATTACH '':memory:'' AS aux")
  fails("unable to open database", "ATTACH ''/no/such/directory/x'' AS none")
  op.execute("EXPLAIN ATTACH '':memory:'' AS other")
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1
SELECT migrate_upgrade();
--> 0
SELECT group_concat(name) FROM pragma_database_list;
--> 'main,mine'
SELECT count(*) FROM mine.t;
--> 0

--- inside a transaction of the caller's nothing could be detached
SELECT migrate_config('allow_attach', 'on');
--> 'on'
SELECT migrate_register('revision = "a"
function upgrade() op.execute("ATTACH '':memory:'' AS aux") end', 'a.lua');
--> 'a'
BEGIN;
SELECT migrate_upgrade();
--! ATTACH: attach it before the migration is called, or allow it with migrate_config('allow_attach', 'on'), outside of any transaction of the caller's
COMMIT;
SELECT migrate_upgrade();
--> 1

--- [file] a .sql revision may, too; and one for each transaction
SELECT migrate_config('allow_attach', 'on'), migrate_config('transaction', 'revision');
--> 'on'|'revision'
SELECT migrate_register('-- A
-- revision: a
-- migrate:up
ATTACH ''a.db'' AS a; CREATE TABLE a.t(x);
', 'a.sql');
--> 'a'
SELECT migrate_register('-- B
-- revision: b
-- revises: a
-- migrate:up
INSERT INTO a.t VALUES (1); DELETE FROM nowhere;
', 'b.sql');
--> 'b'
SELECT migrate_upgrade();
--! no such table: nowhere
SELECT migrate_stamp('base');
--> 0
SELECT group_concat(name) FROM pragma_database_list;
--> 'main'
ATTACH 'a.db' AS a;
SELECT count(*) FROM a.t;
--> 0

--- a script that goes on attaches in env.lua: an op that was done is not done again [file]
CREATE TABLE gate(x);
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- transactional: false
-- migrate:up
ATTACH ''other.db'' AS other;') > 0;
--> 1
SELECT migrate_config('allow_attach', 'on');
--> 'on'
SELECT migrate_upgrade();
--! ATTACH: attach it before the migration is called, or allow it with migrate_config('allow_attach', 'on'), outside of any transaction of the caller's; with transactional = false, in env.lua, which runs each time
SELECT writefile('migrations/env.lua', 'op.execute("ATTACH ''other.db'' AS other")') > 0;
--> 1
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- transactional: false
-- migrate:up
CREATE TABLE other.o(x);
INSERT INTO other.o VALUES (1);
INSERT INTO gate SELECT x FROM gate2;
INSERT INTO other.o VALUES (2);') > 0;
--> 1
SELECT migrate_upgrade();
--! no such table: gate2
SELECT name FROM pragma_database_list WHERE name = 'other';
CREATE TABLE gate2(x);
SELECT migrate_upgrade();
--> 1
SELECT name FROM pragma_database_list WHERE name = 'other';
ATTACH 'other.db' AS other;
SELECT group_concat(x) FROM other.o;
--> '1,2'
