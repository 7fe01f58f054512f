-- An upgrade, its downgrade and the upgrade again, on a copy.
SELECT migrate_register('-- The table
revision = "one"
function upgrade()
  op.create_table("t", "id INTEGER PRIMARY KEY", "a TEXT", "b TEXT")
  op.execute("INSERT INTO t(a) VALUES (''x''), (''y''), (''z'')")
end
function downgrade() op.drop_table("t") end') = 'one';
--> 1
SELECT migrate_register('-- More of it
revision = "two"
down_revision = "one"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.add_column("c INTEGER NOT NULL DEFAULT 0")
    t.create_check_constraint("c_is_small", "c < 10")
  end)
  op.alter_column("t", "a", {type = "INTEGER", using = "length(a)"})
  op.create_index("ix", "t", {"a"})
  op.execute("UPDATE t SET c = 1 WHERE id < 3")
end
function downgrade()
  op.drop_index("ix")
  op.alter_column("t", "a", {type = "TEXT", using = "substr(''xyz'', id, 1)"})
  op.batch_alter_table("t", function(t)
    t.drop_constraint("c_is_small")
    t.drop_column("c")
  end)
end') = 'two';
--> 1

--- from the beginning: each step and each alteration [file]
CREATE TABLE report(text);
SELECT migrate_config('arg.r', migrate_rehearse()) IS NOT NULL;
--> 1
INSERT INTO report SELECT migrate_config('arg.r');
SELECT substr(text, 1, instr(text, char(10)) - 1) FROM report;
--> 'upgrade to head: 2 steps, rehearsed on a copy of database main'
SELECT replace(replace(replace(text, ' ', '<>'), '><', ''), '<>', ' ') LIKE '%
upgrade
 one % ms 3 rows The table
 create table t % ms native
 two % ms 2 rows More of it
 add column t.c, create constraint c_is_small on t % ms edit %
 alter column t.a % ms 3 rows swap column a: %
 create index ix on t % ms native
%
downgrade
 two % ms 0 rows More of it
 drop index ix % ms native
 alter column t.a % ms 3 rows swap column a: %
%drop column t.c%
 one % ms 0 rows The table
 drop table t % ms native
%' FROM report;
--> 1
SELECT text LIKE '%
the downgrade restores schema and rows, and the second upgrade comes to the same as the first
foreign keys: no violations
disk: % bytes more than now; the database has % bytes, and at most % while it runs, the rollback journal %
time: upgrade % ms, downgrade % ms, upgrade again % ms, the rehearsal % ms
' FROM report;
--> 1

--- the database is as it was, and so is its log [file]
CREATE TABLE mine(a);
INSERT INTO mine VALUES (1);
PRAGMA data_version;
--> 1
SELECT migrate_rehearse() LIKE 'upgrade to head: 2 steps%';
--> 1
SELECT type, name, sql FROM sqlite_schema;
--> 'table'|'mine'|'CREATE TABLE mine(a)'
PRAGMA data_version;
--> 1
SELECT migrate_upgrade('one');
--> 1
SELECT migrate_rehearse() LIKE 'upgrade to head: 1 step, %';
--> 1
SELECT id, revision, direction FROM _migrate_log;
--> 1|'one'|'upgrade'
SELECT revision FROM migrate_current;
--> 'one'
SELECT count(*) FROM pragma_table_info('t');
--> 3

--- where there is nothing to do
SELECT migrate_upgrade();
--> 2
SELECT migrate_rehearse() = 'upgrade to head: nothing to do' || char(10);
--> 1
SELECT migrate_rehearse('one');
--! migrate_rehearse: this was a rehearsal, and nothing has changed; the upgrade fails:
SELECT migrate_rehearse('nowhere');
--! nowhere
SELECT migrate_rehearse(1);
--! argument 1 (target) must be text

--- a target
SELECT migrate_rehearse('one') LIKE 'upgrade to one: 1 step, rehearsed%drop table t%';
--> 1
SELECT migrate_rehearse('+1') LIKE 'upgrade to +1: 1 step, rehearsed%drop table t%';
--> 1

--- an upgrade that fails [file]
CREATE TABLE t(there);
SELECT migrate_rehearse();
--! migrate_rehearse: this was a rehearsal, and nothing has changed; the upgrade fails: revision one (registered:one:
SELECT count(*) FROM sqlite_schema;
--> 1

--- ... with a violated foreign key
SELECT migrate_register('-- Bad
revision = "bad"
down_revision = "two"
function upgrade()
  op.create_table("child", "t REFERENCES t(id)")
  op.execute("INSERT INTO child VALUES (99)")
end') = 'bad';
--> 1
SELECT migrate_rehearse();
--! the upgrade fails: revision

--- violations that are there already are no new ones
PRAGMA foreign_keys = off;
CREATE TABLE p(id INTEGER PRIMARY KEY);
CREATE TABLE c(p REFERENCES p(id));
INSERT INTO c VALUES (1), (2);
SELECT migrate_rehearse() LIKE '%
foreign keys: no new violations; 2 before, 2 behind the upgrade
%';
--> 1

--- downgrades that do not restore
SELECT migrate_register('-- Lossy
revision = "lossy"
down_revision = "two"
function upgrade()
  op.drop_column("t", "b")
  op.execute("UPDATE t SET a = 7; DELETE FROM k WHERE a = 1; UPDATE w SET b = 2 - b")
  op.create_table("left", "a")
  op.drop_index("k_a")
  op.execute("CREATE TABLE gone2(a); DROP VIEW v; CREATE VIEW v AS SELECT 2 AS a")
end
function downgrade()
  op.add_column("t", "b TEXT DEFAULT ''q''", {after = "a"})
  op.drop_table("gone2")
end') = 'lossy';
--> 1
SELECT migrate_upgrade('two');
--> 2
CREATE TABLE k(a);
INSERT INTO k VALUES (1), (2);
CREATE TABLE w(a PRIMARY KEY, b) WITHOUT ROWID;
INSERT INTO w VALUES ('one', 0), ('two', 2);
CREATE INDEX k_a ON k(a);
CREATE VIEW v AS SELECT 1 AS a;
SELECT migrate_config('arg.r', migrate_rehearse()) IS NOT NULL;
--> 1
SELECT migrate_config('arg.r') LIKE '%! the downgrade does not restore: index k_a is gone%';
--> 1
SELECT migrate_config('arg.r') LIKE '%! the downgrade does not restore: table left is there, and was not%';
--> 1
SELECT migrate_config('arg.r') LIKE '%! the downgrade does not restore: table t is %DEFAULT ''q''%; it was %';
--> 1
SELECT migrate_config('arg.r') LIKE '%! the downgrade does not restore: view v is CREATE VIEW v AS SELECT 2 AS a; it was CREATE VIEW v AS SELECT 1 AS a%';
--> 1
SELECT migrate_config('arg.r') LIKE '%! the downgrade does not restore: table k has 1 row; it had 2%';
--> 1
SELECT migrate_config('arg.r') LIKE '%! the downgrade does not restore: table t has other values in a, b%';
--> 1
SELECT migrate_config('arg.r') LIKE '%! the downgrade does not restore: table w has other values%';
--> 1
SELECT migrate_config('arg.r') LIKE '%! the second upgrade fails: revision lossy (registered:lossy%';
--> 1
SELECT migrate_config('arg.r') LIKE '%restores schema and rows%';
--> 0

--- one that restores rows under other rowids, or a text in other words
SELECT migrate_upgrade();
--> 2
CREATE TABLE k(a);
INSERT INTO k(rowid, a) VALUES (5, 'x'), (9, 'x'), (12, 'y');
CREATE TABLE words(a TEXT, b);
SELECT migrate_register('-- Moved
revision = "moved"
down_revision = "two"
function upgrade()
  op.execute("CREATE TABLE aside AS SELECT a FROM k; DELETE FROM k")
  op.drop_table("words")
end
function downgrade()
  op.execute("INSERT INTO k SELECT a FROM aside; DROP TABLE aside")
  op.execute([[CREATE TABLE "words"(a TEXT, /* so */ [b])]])
end') = 'moved';
--> 1
SELECT migrate_config('arg.r', migrate_rehearse()) LIKE '%! the downgrade does not restore: table words says the same in other words: CREATE TABLE "words"(a TEXT,%';
--> 1
SELECT migrate_config('arg.r') LIKE '%! the downgrade does not restore: table k has other rowids
%';
--> 1

--- of several downgrades, the one that does not restore is named
CREATE TABLE k(a);
INSERT INTO k VALUES (1);
SELECT migrate_register('-- Raises
revision = "raises"
down_revision = "two"
function upgrade() op.execute("UPDATE k SET a = a + 1") end
function downgrade() end') = 'raises';
--> 1
SELECT migrate_register('-- Fine
revision = "fine"
down_revision = "raises"
function upgrade() op.create_table("f", "x") end
function downgrade() op.drop_table("f") end') = 'fine';
--> 1
SELECT migrate_register('-- Leaves
revision = "leaves"
down_revision = "fine"
function upgrade() op.execute("CREATE TABLE IF NOT EXISTS l(x)") end
function downgrade() end') = 'leaves';
--> 1
SELECT migrate_config('arg.r', migrate_rehearse()) LIKE '%
! the downgrade of raises does not restore: table k has other values in a
! the downgrade of leaves does not restore: table l is there, and was not
! the second upgrade comes to something else: table k has other values in a
foreign keys%';
--> 1
SELECT a FROM k;
--> 1

--- ... but not where the step cannot be tried in a transaction
CREATE TABLE k(a);
SELECT migrate_register('-- Marks
revision = "marks"
down_revision = "two"
transactional = false
function upgrade() op.execute("INSERT INTO k VALUES (1)") end
function downgrade() end') = 'marks';
--> 1
SELECT migrate_rehearse() LIKE '%
! the downgrade does not restore: table k has 1 row; it had 0
! the second upgrade comes to something else: table k has 2 rows; it had 1
%';
--> 1

--- a downgrade that fails is a finding
SELECT migrate_register('-- Stuck
revision = "stuck"
down_revision = "two"
function upgrade() op.create_table("s", "a") end
function downgrade() error("cannot") end') = 'stuck';
--> 1
SELECT migrate_rehearse() LIKE '%! the downgrade fails: revision stuck (registered:stuck:%cannot%foreign keys: no violations%';
--> 1
SELECT count(*) FROM migrate_current;
--> 0

--- one that is irreversible is said, and the upgrade rehearsed
SELECT migrate_register('-- No way back
revision = "oneway"
down_revision = "two"
irreversible = "the old keys are gone"
function upgrade() op.create_table("s", "a") end') = 'oneway';
--> 1
SELECT migrate_config('arg.r', migrate_rehearse()) LIKE '%
revision oneway (registered:oneway) is irreversible: the old keys are gone; so only the upgrade was rehearsed
%create table s%' OR migrate_config('arg.r') LIKE '%create table s%
revision oneway (registered:oneway) is irreversible: the old keys are gone; so only the upgrade was rehearsed
%';
--> 1
SELECT migrate_config('arg.r') LIKE '%downgrade % ms%';
--> 0

--- a second upgrade that comes to something else
SELECT migrate_register('-- Dice
revision = "dice"
down_revision = "two"
function upgrade()
  op.execute("CREATE TABLE d AS SELECT random() AS r")
end
function downgrade() op.drop_table("d") end') = 'dice';
--> 1
SELECT migrate_rehearse() LIKE '%! the second upgrade comes to something else: table d has other values in r%';
--> 1

--- inside a transaction: on what it sees [file] [from 3.39]
SELECT migrate_upgrade('one');
--> 1
BEGIN;
INSERT INTO t(a) SELECT 'long text' FROM t;
SELECT replace(replace(replace(migrate_rehearse(), ' ', '<>'), '><', ''), '<>', ' ') LIKE '%alter column t.a % ms 6 rows swap %';
--> 1
SELECT count(*) FROM t;
--> 6
ROLLBACK;
SELECT count(*) FROM t;
--> 3
SELECT replace(replace(replace(migrate_rehearse(), ' ', '<>'), '><', ''), '<>', ' ') LIKE '%alter column t.a % ms 3 rows swap %';
--> 1

--- ... which writes, and has TEMP tables [file] [from 3.39]
CREATE TEMP TABLE mine(a);
SELECT migrate_register('-- Looks
revision = "looks"
down_revision = "one"
function upgrade()
  if db.value("SELECT a FROM mine") ~= 9 then error("mine") end
  op.create_table("looked", "a")
end
function downgrade() op.drop_table("looked") end') = 'looks';
--> 1
BEGIN IMMEDIATE;
INSERT INTO mine VALUES (9);
SELECT migrate_rehearse('looks') LIKE '%restores schema and rows%';
--> 1
SELECT a FROM mine;
--> 9
COMMIT;
SELECT migrate_rehearse('looks') LIKE '%restores schema and rows%';
--> 1

--- WAL [file]
PRAGMA journal_mode = wal;
--> 'wal'
SELECT migrate_upgrade('one');
--> 1
SELECT migrate_rehearse() LIKE '%restores schema and rows%while it runs, the WAL %';
--> 1
PRAGMA journal_mode;
--> 'wal'

--- an attached database, with another page size and auto_vacuum [file]
ATTACH 'other.db' AS "o ther";
PRAGMA "o ther".page_size = 512;
PRAGMA "o ther".auto_vacuum = 1;
CREATE TABLE "o ther".mine(a);
SELECT migrate_config('schema', 'o ther');
--> 'o ther'
SELECT migrate_rehearse() LIKE '%rehearsed on a copy of database o ther%restores schema and rows%';
--> 1
SELECT count(*) FROM "o ther".sqlite_schema;
--> 1
SELECT count(*) FROM main.sqlite_schema;
--> 0
SELECT migrate_upgrade();
--> 2

--- in TEMP, and with TEMP triggers on what is migrated
CREATE TABLE seen(n);
CREATE TEMP TABLE hidden(a);
SELECT migrate_upgrade('one');
--> 1
CREATE TEMP TRIGGER noted AFTER UPDATE ON main.t BEGIN INSERT INTO seen VALUES (new.id); END;
SELECT migrate_rehearse() LIKE '%  two % ms % 4 rows %! the downgrade does not restore: table seen has 2 rows; it had 0%';
--> 1
SELECT count(*) FROM seen;
--> 0
SELECT migrate_config('schema', 'temp');
--> 'temp'
SELECT migrate_rehearse() LIKE '%copy of database temp%';
--> 1

--- UTF-16
PRAGMA encoding = 'UTF-16le';
CREATE TABLE mine(a TEXT);
INSERT INTO mine VALUES ('é€😀');
SELECT migrate_register('-- Reads
revision = "reads"
down_revision = "two"
function upgrade()
  if db.value("SELECT a FROM mine") ~= "é€😀" then error("other text") end
  op.create_table("m2", "a TEXT DEFAULT ''ü''")
end
function downgrade() op.drop_table("m2") end') = 'reads';
--> 1
SELECT migrate_rehearse() LIKE '%restores schema and rows%';
--> 1

--- what has transactional = false [file]
CREATE TABLE gate(x);
SELECT migrate_register('-- Long
revision = "long"
down_revision = "two"
transactional = false
function upgrade()
  op.execute("UPDATE t SET b = ''s''")
  op.create_index("ib", "t", {"b"})
  op.backfill{table = "t", columns = {"b"}, chunk = 1, with = function(b) return "q" end}
  op.execute("VACUUM")
  op.execute("PRAGMA journal_mode = wal")
end
function downgrade()
  op.drop_index("ib")
  op.execute("UPDATE t SET b = NULL")
end') = 'long';
--> 1
SELECT migrate_upgrade('two');
--> 2
SELECT replace(replace(replace(migrate_rehearse(), ' ', '<>'), '><', ''), '<>', ' ') LIKE '%
 long % ms 6 rows Long
 create index ib on t % native
 VACUUM needs up to % bytes in SQLite''s temporary directory, too
 PRAGMA journal_mode = wal not rehearsed
%restores schema and rows%';
--> 1
PRAGMA journal_mode;
--> 'delete'
SELECT count(*) FROM sqlite_schema WHERE name = '_migrate_journal';
--> 0

--- what goes on with an unfinished one [file]
SELECT migrate_register('-- Long
revision = "long"
transactional = false
function upgrade()
  op.execute("CREATE TABLE a(x)")
  op.execute("INSERT INTO gate VALUES (1)")
end
function downgrade() op.drop_table("a") end') = 'long';
--> 1
SELECT migrate_upgrade('long');
--! no such table: gate
CREATE TABLE gate(x);
SELECT migrate_rehearse('long') LIKE '%
it goes on with a revision that is unfinished, and there is no way back to that; so only the upgrade was rehearsed
%';
--> 1
SELECT count(*) FROM gate;
--> 0
SELECT count(*) > 0 FROM _migrate_journal;
--> 1

--- our own functions and tables are there, and know the copy
SELECT migrate_config('arg.word', 'hello');
--> 'hello'
SELECT migrate_register('-- Asks
revision = "asks"
down_revision = "two"
function upgrade()
  local word = db.value("SELECT migrate_config(''arg.word'')")
  if word ~= "hello" or args.word ~= "hello" then error("word") end
  if db.value("SELECT revision FROM migrate_current") then error("current") end
  if pcall(db.value, "SELECT migrate_upgrade()") then error("again") end
  op.create_table(word, "a")
end
function downgrade() op.drop_table("hello") end') = 'asks';
--> 1
SELECT migrate_rehearse() LIKE '%create table hello%restores schema and rows%';
--> 1

--- branches: back to just where it was
SELECT migrate_register('-- Other
revision = "other"
function upgrade() op.create_table("o", "a") end
function downgrade() op.drop_table("o") end') = 'other';
--> 1
SELECT migrate_register('-- Merge
revision = "merge"
down_revision = {"two", "other"}
function upgrade() end
function downgrade() end') = 'merge';
--> 1
SELECT migrate_upgrade('one');
--> 1
SELECT migrate_rehearse() LIKE 'upgrade to head: 3 steps%restores schema and rows%';
--> 1
SELECT group_concat(revision) FROM migrate_current;
--> 'one'

--- called from a statement that writes
CREATE TABLE r(a);
INSERT INTO r SELECT migrate_rehearse();
--! called from a statement that writes
SELECT count(*) FROM r;
--> 0

--- the setting backup counts as disk space, and makes none
SELECT migrate_config('backup', 'b.db');
--> 'b.db'
SELECT migrate_rehearse() LIKE '%, and the backup its copy
%';
--> 1
SELECT readfile('b.db') IS NULL;
--> 1

--- revisions in SQL: what changes the schema has a line
SELECT migrate_register('-- Plain
-- revision: plain
-- revises: two
-- migrate:up
CREATE TABLE p(a,
  b -- so
);
INSERT INTO p VALUES (1, 2), (3, 4);
ALTER TABLE p ADD COLUMN c; UPDATE p SET c = 5;
CREATE VIEW a_long_name_of_a_view_by_which_the_line_is_cut_off AS SELECT 1;
-- migrate:down
DROP VIEW a_long_name_of_a_view_by_which_the_line_is_cut_off; DROP TABLE p;
', 'plain.sql') = 'plain';
--> 1
SELECT replace(replace(replace(migrate_rehearse('plain'), ' ', '<>'), '><', ''), '<>', ' ') LIKE '%
 plain % ms 4 rows Plain
 CREATE TABLE p(a, b -- so ) % ms sql
 ALTER TABLE p ADD COLUMN c % ms sql
 CREATE VIEW a_long_name_of_a_view_by_which_the_l... % ms sql
%DROP TABLE p % ms sql
%restores schema and rows%';
--> 1
