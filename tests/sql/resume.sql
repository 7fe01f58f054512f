-- Revisions with transactional = false: each op commits with its row in the
-- journal, and what is there is skipped when the revision is run again.
CREATE TABLE gate(x);  -- while it is empty, the revisions fail in their middle
CREATE TABLE done(what TEXT);
SELECT migrate_register('-- One
-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
-- migrate:down
DROP TABLE a;
', 'a.sql');
--> 'aaaa'
SELECT migrate_register('-- Two, in steps
revision = "bbbb"
down_revision = "aaaa"
transactional = false
function upgrade()
  op.create_table("t", "id INTEGER PRIMARY KEY", "n INT", "s TEXT")
  local n = op.bulk_insert("t", {{n = 1, s = "one"}, {n = 2}, {s = blob("x")}})
  op.execute("INSERT INTO done VALUES (?)", "bulk_insert " .. n)
  n = op.execute("UPDATE t SET n = coalesce(n, 0) + 1")
  op.execute("INSERT INTO done VALUES (?)", "update " .. n)
  if not db.value("SELECT x FROM gate") then error("the gate is shut") end
  op.batch_alter_table("t", function(t)
    t.alter_column("n", {type = "TEXT"})
    t.add_column("k INT DEFAULT 5")
  end)
  op.execute("INSERT INTO done VALUES (''batch'')")
end
function downgrade()
  op.drop_table("t")
  op.execute("INSERT INTO done VALUES (''dropped'')")
  if not db.value("SELECT x FROM gate") then error("the gate is shut") end
  op.execute("DELETE FROM done WHERE what = ?", "update 3")
end', 'b.lua');
--> 'bbbb'
SELECT migrate_register('-- Three
-- revision: cccc
-- revises: bbbb
-- migrate:up
INSERT INTO done VALUES (''cccc'');
-- migrate:down
DELETE FROM done WHERE what = ''cccc'';
', 'c.sql');
--> 'cccc'

--- a run without an interruption leaves nothing but its effect
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade();
--> 3
SELECT * FROM t;
--> 1|'2'|'one'|5
--> 2|'3'|NULL|5
--> 3|'1'|x'78'|5
SELECT what FROM done;
--> 'bulk_insert 3'
--> 'update 3'
--> 'batch'
--> 'cccc'
SELECT name FROM sqlite_schema WHERE name GLOB '_migrate_*' AND type = 'table' ORDER BY 1;
--> '_migrate_log'
--> '_migrate_version'
SELECT id, revision, direction, message, duration_ms >= 0, length(checksum), source GLOB '-- Two*' FROM _migrate_log;
--> 1|'aaaa'|'upgrade'|'One'|1|64|0
--> 2|'bbbb'|'upgrade'|'Two, in steps'|1|64|1
--> 3|'cccc'|'upgrade'|'Three'|1|64|0
SELECT revision, status FROM migrate_history;
--> 'cccc'|'applied'
--> 'bbbb'|'applied'
--> 'aaaa'|'applied'
SELECT migrate_downgrade('base');
--> 3
SELECT group_concat(what) FROM done;
--> 'bulk_insert 3,batch,dropped'

--- an error in the middle: what was done stays, and the next upgrade goes on
SELECT migrate_upgrade();
--! after 1 revision that stays: revision bbbb (b.lua:11): the gate is shut; it stays unfinished: 5 ops are done and stay; the next upgrade goes on from there
SELECT revision, status, is_applied FROM migrate_history;
--> 'cccc'|'pending'|0
--> 'bbbb'|'unfinished'|0
--> 'aaaa'|'applied'|1
SELECT revision, ordinal, op, result, key FROM _migrate_journal WHERE ordinal NOT IN (1, 2);
--> 'bbbb'|0|'upgrade'|2|NULL
--> 'bbbb'|3|'INSERT INTO done VALUES (?) [''bulk_insert 3'']'|1|NULL
--> 'bbbb'|4|'UPDATE t SET n = coalesce(n, 0) + 1'|3|NULL
--> 'bbbb'|5|'INSERT INTO done VALUES (?) [''update 3'']'|1|NULL
SELECT revision, direction, duration_ms FROM _migrate_log WHERE id = 2;
--> 'bbbb'|'upgrade'|0
SELECT migrate_upgrade();
--! migrate_upgrade: revision bbbb (b.lua:11): the gate is shut; it stays unfinished: 5 ops are done
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade();
--> 2
SELECT group_concat(what), (SELECT group_concat(id || n) FROM t) FROM done;
--> 'bulk_insert 3,update 3,batch,cccc'|'12,23,31'
SELECT count(*) FROM sqlite_schema WHERE name = '_migrate_journal';
--> 0
SELECT count(*) FROM _migrate_log;
--> 3

--- while it is unfinished, nothing but what finishes it may run
SELECT migrate_upgrade();
--! the gate is shut
SELECT migrate_upgrade('aaaa');
--! revision bbbb is unfinished: its upgrade was interrupted behind 5 ops; finish it with SELECT migrate_upgrade('bbbb'), or, when the database is right as it is, SELECT migrate_stamp('bbbb')
SELECT migrate_downgrade('base');
--! revision bbbb is unfinished
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade('bbbb');
--> 1
SELECT migrate_downgrade('base');
--> 2

--- a downgrade is interrupted, too
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade();
--> 3
DELETE FROM gate;
SELECT migrate_downgrade('base');
--! after 1 revision that stays: revision bbbb (b.lua:21): the gate is shut; it stays unfinished: 2 ops are done and stay; the next downgrade goes on from there
SELECT status, is_applied FROM migrate_history WHERE revision = 'bbbb';
--> 'unfinished'|1
SELECT migrate_upgrade();
--! revision bbbb is unfinished: its downgrade was interrupted behind 2 ops; finish it with SELECT migrate_downgrade('-1'), or, when the database is right as it is, SELECT migrate_stamp('aaaa', 'purge')
INSERT INTO gate VALUES (1);
SELECT migrate_downgrade('bbbb-1');
--> 1
SELECT group_concat(what) FROM done;
--> 'bulk_insert 3,batch,dropped'
SELECT migrate_upgrade();
--> 2

--- stamp is the way out
SELECT migrate_upgrade();
--! the gate is shut
SELECT migrate_stamp('bbbb');
--> 1
SELECT count(*) FROM sqlite_schema WHERE name = '_migrate_journal';
--> 0
SELECT revision, status FROM migrate_history;
--> 'cccc'|'pending'
--> 'bbbb'|'applied'
--> 'aaaa'|'applied'
SELECT migrate_upgrade();
--> 1

--- a text that has changed is refused, and the old one finishes [file]
SELECT migrate_upgrade();
--! the gate is shut
CREATE TABLE was AS SELECT replace(source, '"bbbb"', '"bbbb"') AS source FROM _migrate_log WHERE id = 2;
--@ reopen
INSERT INTO gate VALUES (1);
SELECT migrate_register('-- One
-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
', 'a.sql'), migrate_register((SELECT source FROM was) || ' -- other', 'b.lua');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade();
--! migrate_upgrade: revision bbbb (b.lua): its text has changed since it was interrupted, behind 5 ops; finish with the old text (SELECT source FROM _migrate_log WHERE id = 2), or, when the database is right as it is, SELECT migrate_stamp('bbbb')
SELECT count(*) FROM done;
--> 2
--@ reopen
SELECT migrate_register('-- One
-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
', 'a.sql'), migrate_register((SELECT source FROM was), 'b.lua');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade();
--> 1

--- a text of which nothing was done may change [file]
SELECT migrate_register('-- Typo
revision = "eeee"
transactional = false
function upgrade()
  op.execute("CREATE TABEL e(x)")
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! revision eeee (e.lua:5): near "TABEL": syntax error
--! it stays unfinished: 0 ops are done and stay
--@ reopen
SELECT migrate_register('-- No typo
revision = "eeee"
transactional = false
function upgrade()
  op.execute("CREATE TABLE e(x)")
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--> 1
SELECT id, revision, message, source GLOB '-- No typo*' FROM _migrate_log;
--> 1|'eeee'|'No typo'|1
SELECT status FROM migrate_history;
--> 'applied'

--- a changed text is refused before another branch has moved [file]
SELECT migrate_upgrade('bbbb');
--! the gate is shut
CREATE TABLE was AS SELECT source FROM _migrate_log WHERE id = 2;
--@ reopen
SELECT migrate_register('-- One
-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
', 'a.sql'), migrate_register((SELECT source FROM was) || ' -- other', 'b.lua'), migrate_register('-- Apart
-- revision: 1234
-- migrate:up
CREATE TABLE apart(x);', '0.sql');
--> 'aaaa'|'bbbb'|'1234'
SELECT group_concat(revision) FROM migrate_plan('heads');
--> '1234,bbbb'
SELECT migrate_upgrade('heads');
--! migrate_upgrade: revision bbbb (b.lua): its text has changed since it was interrupted, behind 5 ops
SELECT name FROM sqlite_schema WHERE name = 'apart';

--- without its script it is still a way out [file]
SELECT migrate_upgrade('bbbb');
--! the gate is shut
--@ reopen
SELECT migrate_register('-- One
-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision bbbb is unfinished: its upgrade was interrupted behind 5 ops; finish it with its script, which is not there any more (SELECT source FROM _migrate_log), or, when the database is right as it is, SELECT migrate_stamp(TARGET), with what it is at
SELECT migrate_stamp('aaaa'), migrate_upgrade();
--> 1|0

--- the ways out of a downgrade leave the other branches where they are
SELECT migrate_register('-- Apart
-- revision: 1234
-- branch_labels: apart
-- transactional: false
-- migrate:up
CREATE TABLE apart(x);
-- migrate:down
INSERT INTO apart SELECT x FROM nope;', '0.sql'), migrate_register('-- Both
-- revision: 5678
-- revises: cccc
-- depends_on: 1234
-- transactional: false
-- migrate:up
CREATE TABLE both(x);
-- migrate:down
INSERT INTO both SELECT x FROM nope;', '5.sql');
--> '1234'|'5678'
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade('5678');
--> 5
SELECT migrate_downgrade();
--! no such table: nope
SELECT migrate_upgrade('5678');
--! revision 5678 is unfinished: its downgrade was interrupted behind 0 ops; finish it with SELECT migrate_downgrade('-1'), or, when the database is right as it is, SELECT migrate_stamp('cccc,1234', 'purge')
SELECT migrate_stamp('1234,cccc', 'purge');
--> 2
SELECT group_concat(revision) FROM migrate_current;
--> '1234,cccc'
SELECT migrate_downgrade('apart@-1');
--! revision 1234 (0.sql:8): no such table: nope
SELECT migrate_upgrade('5678');
--! finish it with the migrate_downgrade() that was interrupted, or, when the database is right as it is, SELECT migrate_stamp('cccc', 'purge')

--- inside a transaction of the caller it is refused before anything has run
BEGIN;
SELECT migrate_upgrade();
--! revision bbbb (b.lua) has transactional = false and cannot run inside a transaction; COMMIT first
SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate_*';
--> 0
SELECT migrate_upgrade('aaaa');
--> 1
COMMIT;

--- one transaction for each revision makes no difference
SELECT migrate_config('transaction', 'revision');
--> 'revision'
SELECT migrate_upgrade();
--! after 1 revision that stays: revision bbbb (b.lua:11): the gate is shut
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade();
--> 2
SELECT group_concat(what) FROM done;
--> 'bulk_insert 3,update 3,batch,cccc'

--- a script that does something else the second time is not believed, and cannot catch it
SELECT migrate_register('-- Depends
revision = "eeee"
transactional = false
function upgrade()
  local n = db.value("SELECT count(*) FROM done")
  local ok = pcall(op.execute, "INSERT INTO done VALUES (?)", "there were " .. n)
  assert(ok, "it was caught")
  if not db.value("SELECT x FROM gate") then error("the gate is shut") end
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! the gate is shut; it stays unfinished: 1 op is done and stays
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade('eeee');
--! revision eeee (e.lua:6): op 1 was `INSERT INTO done VALUES (?) ['there were 0']` before the interruption, and is `INSERT INTO done VALUES (?) ['there were 1']` now: what this script does depends on data that it changes
--! SELECT migrate_stamp('eeee')
SELECT what FROM done;
--> 'there were 0'

--- an op that fails leaves nothing, may be caught, and has used its number
SELECT migrate_register('-- Caught
revision = "eeee"
transactional = false
function upgrade()
  op.create_table("u", "id INTEGER PRIMARY KEY", "n INT UNIQUE")
  local ok, why = pcall(op.execute, "INSERT INTO u(n) VALUES (1); INSERT INTO u(n) VALUES (2), (2)")
  op.execute("INSERT INTO done VALUES (?)", tostring(ok))
  assert(db.value("SELECT count(*) FROM u") < 2)
  pcall(op.execute, "INSERT OR ROLLBACK INTO u(n) VALUES (7), (7)")
  pcall(op.bulk_insert, "u", {{n = 3}, {n = 3}})
  pcall(op.alter_column, "u", "n", {nullable = false, type = "TEXT", default = "x"})
  pcall(op.alter_column, "u", "nope", {nullable = false})
  op.execute("INSERT INTO u(n) VALUES (3)")
  pcall(op.create_index, "early", "late", "x")
  pcall(op.drop_table, "late")
  op.create_table("late", "x")
  if not db.value("SELECT x FROM gate") then error("the gate is shut") end
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! the gate is shut; it stays unfinished: 5 ops are done
SELECT ordinal FROM _migrate_journal;
--> 0
--> 1
--> 3
--> 6
--> 8
--> 11
SELECT id, n, typeof(n) FROM u;
--> 1|'3'|'text'
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade('eeee');
--> 1
SELECT what, (SELECT group_concat(name) FROM sqlite_schema WHERE name IN ('early', 'late')) FROM done;
--> 'false'|'late'

--- what writes must be an op; what reads may be anything
SELECT migrate_register('-- Reads and writes
revision = "eeee"
transactional = false
function upgrade()
  for _, f in ipairs{db.value, db.row, db.prepare} do
    local ok, why = pcall(f, "INSERT INTO done VALUES (1)")
    assert(not ok and why:find("only reads in a script with transactional = false", 1, true), why)
    assert(why:find("op.execute", 1, true))
  end
  assert(not pcall(function() for _ in db.rows("DELETE FROM done RETURNING 1") do end end))
  local get = db.prepare("SELECT count(*) FROM done")
  op.execute("INSERT INTO done VALUES (1), (2)")
  assert(get() == 2)
  local n = 0
  for what in db.values("SELECT what FROM done ORDER BY 1") do
    op.execute("INSERT INTO done VALUES (?)", what + 10)
    n = n + 1
  end
  assert(n >= 2)
  assert(get() == 2 + n, get())
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--> 1

--- foreign keys are checked at each op
PRAGMA foreign_keys = ON;
CREATE TABLE p(id INTEGER PRIMARY KEY);
CREATE TABLE c(p REFERENCES p ON DELETE CASCADE);
INSERT INTO p VALUES (1), (2);
INSERT INTO c VALUES (1);
SELECT migrate_register('-- Keys
revision = "eeee"
transactional = false
function upgrade()
  op.execute("DELETE FROM p WHERE id = 2")
  local ok, why = pcall(op.execute, "DELETE FROM p")
  assert(not ok and why:find("FOREIGN KEY", 1, true) or why:find("foreign key", 1, true), why)
  op.execute("INSERT INTO c VALUES (1)")
  op.execute("INSERT INTO c VALUES (9)")
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! revision eeee (e.lua:9)
--! it stays unfinished: 2 ops are done
SELECT (SELECT group_concat(id) FROM p), (SELECT group_concat(p) FROM c);
--> '1'|'1,1'
PRAGMA foreign_keys;
--> 1

--- hooks run once, before the first op and behind the last
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/env.lua', 'args.seen = "yes"
function before(step) op.execute("INSERT INTO done VALUES (?)", "before " .. step.revision) end
function after(step) op.execute("INSERT INTO done VALUES (?)", "after " .. step.revision) end');
--> 207
SELECT migrate_upgrade('bbbb');
--! the gate is shut
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade();
--> 2
SELECT what FROM done;
--> 'before aaaa'
--> 'after aaaa'
--> 'before bbbb'
--> 'bulk_insert 3'
--> 'update 3'
--> 'batch'
--> 'after bbbb'
--> 'before cccc'
--> 'cccc'
--> 'after cccc'

--- plain SQL: each statement is an op, a trigger is one
SELECT migrate_register('-- Plain
-- revision: eeee
-- transactional: false
-- migrate:up
CREATE TABLE e(x); CREATE TRIGGER tr AFTER INSERT ON e BEGIN
  INSERT INTO done VALUES (CASE new.x WHEN 1 THEN ''one'' ELSE ''other'' END);
  SELECT 1;
END;
;; -- nothing
INSERT INTO e VALUES (1);
INSERT INTO e SELECT 2 FROM gate2;
INSERT INTO e VALUES (3)
-- migrate:down
DROP TABLE e
', 'e.sql');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! revision eeee (e.sql:11): no such table: gate2; in: INSERT INTO e SELECT 2 FROM gate2
--! it stays unfinished: 3 ops are done and stay
SELECT ordinal, op FROM _migrate_journal;
--> 0|'upgrade'
--> 1|'CREATE TABLE e(x);'
--> 2|'CREATE TRIGGER tr AFTER INSERT ON e BEGIN INSERT INTO done VALUES (CASE new.x WHEN 1 THEN ''one'' ELSE ''other'' END); SELECT 1; END;'
--> 3|'INSERT INTO e VALUES (1);'
CREATE TABLE gate2 AS SELECT 1;
SELECT migrate_upgrade('eeee');
--> 1
SELECT (SELECT group_concat(x) FROM e), (SELECT group_concat(what) FROM done);
--> '1,2,3'|'one,other,other'
SELECT migrate_downgrade('eeee-1');
--> 1

--- VACUUM and journal_mode work alone, and are refused elsewhere [file]
CREATE TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
  SELECT i, randomblob(1000) AS b FROM n;
DELETE FROM big;
SELECT migrate_register('-- Maintenance
revision = "eeee"
transactional = false
function upgrade()
  assert(op.execute("VACUUM") == 0)
  op.execute("; vacuum main ; -- again")
  op.execute("PRAGMA main.journal_mode(''wal'')")
  for _, sql in ipairs{"VACUUM; SELECT 1", "SELECT 1; VACUUM", "VACUUM INTO ''x.db''", "VACUUM main INTO ''x.db''",
                       "PRAGMA journal_mode=DELETE; SELECT 1", "PRAGMA journal_mode=OFF", "PRAGMA journal_mode=of", "PRAGMA journal_mode = w", "VACUUM nope"} do
    local ok, why = pcall(op.execute, sql)
    assert(not ok and why:find("VACUUM", 1, true) or why:find("journal_mode", 1, true), sql .. why)
  end
  op.execute("INSERT INTO done VALUES (?)", db.value("SELECT count(*) FROM pragma_freelist_count WHERE freelist_count"))
end', 'e.lua'), migrate_register('-- In one transaction
revision = "ffff"
down_revision = "eeee"
function upgrade() op.execute("VACUUM") end', 'f.lua'), migrate_register('-- In one transaction
-- revision: gggg
-- revises: eeee
-- migrate:up
PRAGMA journal_mode = DELETE;', 'g.sql');
--> 'eeee'|'ffff'|'gggg'
SELECT migrate_upgrade('eeee');
--> 1
SELECT length(readfile('test.db')) < 100000, (SELECT what FROM done);
--> 1|'0'
PRAGMA journal_mode;
--> 'wal'
SELECT migrate_upgrade('ffff');
--! revision ffff (f.lua:4): VACUUM: it cannot run in a transaction; it can in a revision with transactional = false, as an op.execute of its own
SELECT migrate_upgrade('gggg');
--! revision gggg (g.sql:5): PRAGMA journal_mode: it cannot change in a transaction; it can in a revision with transactional = false

--- a VACUUM that our own caller locks out says so [file]
SELECT migrate_register('-- Vacuum
-- revision: eeee
-- transactional: false
-- migrate:up
VACUUM;', 'e.sql'), migrate_config('lock_timeout_ms', '10');
--> 'eeee'|'10'
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade('eeee') FROM gate;
--! VACUUM: database main is locked: by another connection, by the statement that called, if it reads a table, or by PRAGMA locking_mode = EXCLUSIVE; waited
SELECT migrate_upgrade('eeee');
--> 1

--- an unfinished revision is not rewritten
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/versions/e.sql', '-- revision: eeee
-- revises: aaaa
-- transactional: false
-- migrate:up
CREATE TABLE e(x);
INSERT INTO e SELECT x FROM nope;');
--> 125
SELECT migrate_upgrade('eeee');
--! no such table: nope
SELECT migrate_rebase('eeee', 'base');
--! migrate_rebase: revision eeee (versions/e.sql) is unfinished; finish it first, with migrate_upgrade('eeee')

--- an op whose row is not kept is not done
SELECT migrate_upgrade();
--! the gate is shut
CREATE TEMP TRIGGER tr BEFORE INSERT ON main._migrate_journal BEGIN SELECT RAISE(IGNORE); END;
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade();
--! revision bbbb (b.lua:12): _migrate_journal in database main does not hold what was written; drop the triggers that are on it; it stays unfinished: 5 ops
SELECT name FROM pragma_table_info('t');
--> 'id'
--> 'n'
--> 's'
DROP TRIGGER tr;
SELECT migrate_upgrade();
--> 2

--- a journal that is not ours is said to be
CREATE TABLE _migrate_journal(revision, ordinal, op, checksum, result, key);
INSERT INTO _migrate_journal(revision, ordinal) VALUES ('aaaa', 0);
SELECT status FROM migrate_history;
--! _migrate_journal in database main holds a row that migrate does not write; delete it, or rename the table
SELECT migrate_upgrade();
--! _migrate_journal in database main holds a row that migrate does not write
DELETE FROM _migrate_journal;
SELECT migrate_upgrade('aaaa');
--> 1

--- VACUUM between two chunks moves the rows of a table without INTEGER PRIMARY KEY [file]
CREATE TABLE loose(v, n INT DEFAULT 0);
CREATE TABLE tight(v INTEGER PRIMARY KEY, n INT DEFAULT 0);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO loose(v) SELECT i FROM n;
DELETE FROM loose WHERE v % 2;
INSERT INTO tight(v) SELECT v FROM loose;
SELECT migrate_register(printf('-- %s
revision = "%s"
transactional = false
function upgrade()
  op.backfill{table = "%s", columns = {"n"}, from = {"v"}, chunk = 4, with = function(v)
    if v > 30 and not db.value("SELECT x FROM gate") then error("the gate is shut") end
    return v
  end}
end', name, name, name), name || '.lua') FROM (SELECT 'loose' AS name UNION ALL SELECT 'tight');
--> 'loose'
--> 'tight'
SELECT migrate_upgrade('tight');
--! the gate is shut
VACUUM;
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade('tight');
--> 1
SELECT sum(n = v) FROM tight;
--> 20
DELETE FROM gate;
SELECT migrate_upgrade('loose');
--! the gate is shut
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade('loose');
--> 1
SELECT sum(n = v) FROM loose;
--> 20
SELECT migrate_stamp('tight', 'purge');
--> 1
DELETE FROM gate;
SELECT migrate_upgrade('loose');
--! the gate is shut
VACUUM;
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade('loose');
--! revision loose (loose.lua:5): the schema has changed since the last chunk, or VACUUM has run, which numbers the rows of loose anew, for it has no INTEGER PRIMARY KEY: which rows are done cannot be known; finish by hand what is left, and then SELECT migrate_stamp('loose')

--- in memory there is nothing to vacuum, and no other journal
SELECT migrate_register('-- Memory
-- revision: eeee
-- transactional: false
-- migrate:up
VACUUM;
PRAGMA journal_mode = WAL;', 'e.sql');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! revision eeee (e.sql:6): PRAGMA journal_mode: it is memory and could not be made WAL
--! 1 op is done

--- an attached database, and TEMP, are migrated so too [file]
ATTACH 'other.db' AS other;
CREATE TABLE other.done(what);
SELECT migrate_config('schema', 'other');
--> 'other'
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade('bbbb');
--> 2
SELECT count(*) FROM other.t;
--> 3
SELECT migrate_config('schema', 'temp');
--> 'temp'
SELECT migrate_stamp('aaaa');
--> 1
DELETE FROM gate;
SELECT migrate_upgrade('bbbb');
--! the gate is shut
SELECT count(*) FROM temp._migrate_journal;
--> 6
INSERT INTO gate VALUES (1);
SELECT migrate_upgrade('bbbb');
--> 1
SELECT count(*) FROM temp.t;
--> 3
SELECT migrate_downgrade('aaaa');
--> 1

--- a journal mode is asked of the database that is migrated [file]
ATTACH ':memory:' AS mem;
SELECT migrate_register('-- Mode
-- revision: eeee
-- transactional: false
-- migrate:up
PRAGMA journal_mode = WAL;', 'e.sql'), migrate_config('schema', 'mem');
--> 'eeee'|'mem'
SELECT migrate_upgrade('eeee');
--! PRAGMA journal_mode: it is memory and could not be made WAL

--- a statement that called us with an open cursor keeps an empty journal, which does no harm
SELECT migrate_register('-- Small
-- revision: eeee
-- transactional: false
-- migrate:up
INSERT INTO done VALUES (1);
-- migrate:down
DELETE FROM done;', 'e.sql');
--> 'eeee'
INSERT INTO gate VALUES (1), (2);
SELECT x, migrate_upgrade('eeee') FROM gate WHERE x = 1;
--> 1|1
SELECT count(*) FROM _migrate_journal;
--> 0
SELECT migrate_downgrade('eeee-1');
--> 1
SELECT count(*) FROM sqlite_schema WHERE name = '_migrate_journal';
--> 0

--- two connections do every op once, and the second one in says so [file]
SELECT migrate_upgrade();
--! the gate is shut
--@ as other
SELECT migrate_config('lock_timeout_ms', '20'); -- where memory failed, the first one may hold it
--> '20'
SELECT migrate_register('-- One
-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade('aaaa');
--! revision bbbb is unfinished
SELECT migrate_stamp('aaaa');
--> 1
SELECT migrate_upgrade();
--> 0
