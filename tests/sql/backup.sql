-- A copy of the database in a file: by request, and before a migration.
SELECT migrate_register('-- One
revision = "one"
function upgrade()
  op.create_table("t", "id INTEGER PRIMARY KEY", "a TEXT")
  op.execute("INSERT INTO t(a) VALUES (''x''), (''y'')")
end
function downgrade() op.drop_table("t") end') = 'one';
--> 1
SELECT migrate_register('-- Two
revision = "two"
down_revision = "one"
function upgrade() op.add_column("t", "b TEXT") end
function downgrade() op.drop_column("t", "b") end') = 'two';
--> 1

--- a copy is a database, and its size is the result [file]
SELECT migrate_upgrade();
--> 2
CREATE TABLE size AS SELECT migrate_backup('copy.db') AS n;
--! called from a statement that writes
SELECT migrate_config('arg.n', CAST(migrate_backup('copy.db') AS TEXT)) > '0';
--> 1
SELECT length(readfile('copy.db')) = CAST(migrate_config('arg.n') AS INT);
--> 1
SELECT length(readfile('copy.db')) = page_count * page_size FROM pragma_page_count, pragma_page_size;
--> 1
ATTACH 'copy.db' AS c;
SELECT id, a, b FROM c.t;
--> 1|'x'|NULL
--> 2|'y'|NULL
SELECT revision FROM c._migrate_version;
--> 'two'
SELECT count(*) FROM c._migrate_log;
--> 2
SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok';
--> 1

--- nothing that has the name is overwritten, nor what SQLite would take for a part [file]
SELECT migrate_backup('copy.db') > 0;
--> 1
SELECT migrate_backup('copy.db');
--! migrate_backup: copy.db: exists, and nothing is overwritten
SELECT migrate_backup('.');
--! migrate_backup: .: exists, and nothing is overwritten
SELECT writefile('other.db-wal', 'x');
--> 1
SELECT migrate_backup('other.db');
--! other.db-wal: exists, and nothing is overwritten
SELECT readfile('other.db') IS NULL;
--> 1
SELECT writefile('third.db-journal', '');
--> 0
SELECT migrate_backup('third.db');
--! third.db-journal: exists

--- where it cannot be [file]
SELECT migrate_backup('no/such/place.db');
--! migrate_backup: no/such: the directory cannot be written to: No such file or directory
SELECT migrate_backup('test.db/x');
--! migrate_backup: test.db/x: cannot be made: Not a directory
SELECT migrate_backup('');
--! migrate_backup: a backup needs a name
SELECT migrate_backup(NULL);
--! argument 1 (path) is NULL
SELECT migrate_backup(1);
--! argument 1 (path) must be text
SELECT migrate_backup();
--! wrong number of arguments

--- names that mean something else to SQLite
CREATE TABLE t(a);
SELECT migrate_backup(':memory:') > 0;
--> 1
SELECT migrate_backup('file:x?mode=memory') > 0;
--> 1
SELECT substr(readfile(':memory:'), 1, 13) = CAST('SQLite format' AS BLOB), length(readfile('./file:x?mode=memory')) > 0;
--> 1|1

--- a database in memory
CREATE TABLE t(a);
INSERT INTO t VALUES (1), (2);
SELECT migrate_backup('copy.db') > 0;
--> 1
ATTACH 'copy.db' AS c;
SELECT sum(a) FROM c.t;
--> 3

--- an empty database [file]
SELECT migrate_backup('copy.db') >= 0;
--> 1
ATTACH 'copy.db' AS c;
SELECT count(*) FROM c.sqlite_schema;
--> 0

--- inside a transaction: what it sees [file] [from 3.39]
CREATE TABLE t(a);
INSERT INTO t VALUES (1);
BEGIN;
INSERT INTO t VALUES (2);
CREATE TABLE u(b);
SELECT migrate_backup('in.db') > 0;
--> 1
INSERT INTO t VALUES (3);
ROLLBACK;
SELECT a FROM t;
--> 1
ATTACH 'in.db' AS c;
SELECT a FROM c.t;
--> 1
--> 2
SELECT count(*) FROM c.u;
--> 0
BEGIN;
SELECT count(*) FROM t;
--> 1
SELECT migrate_backup('reading.db') > 0;
--> 1
COMMIT;

--- inside a transaction of a database in WAL mode [file] [from 3.39]
PRAGMA journal_mode = wal;
--> 'wal'
CREATE TABLE t(a);
BEGIN;
INSERT INTO t VALUES (2);
SELECT migrate_backup('in.db') > 0;
--> 1
COMMIT;
SELECT migrate_backup('out.db') > 0;
--> 1
SELECT readfile('in.db-wal') IS NULL, readfile('in.db-shm') IS NULL, readfile('out.db-wal') IS NULL, readfile('out.db-shm') IS NULL;
--> 1|1|1|1
ATTACH 'in.db' AS c;
SELECT a FROM c.t;
--> 2
ATTACH 'out.db' AS d;
SELECT a FROM d.t;
--> 2
PRAGMA d.journal_mode;
--> 'wal'

--- an attached database, page sizes, auto_vacuum [file]
ATTACH 'other.db' AS "o ther";
PRAGMA "o ther".page_size = 1024;
PRAGMA "o ther".auto_vacuum = 1;
CREATE TABLE "o ther".t(a);
INSERT INTO "o ther".t VALUES (7);
SELECT migrate_config('schema', 'o ther');
--> 'o ther'
SELECT migrate_backup('copy.db') % 1024;
--> 0
ATTACH 'copy.db' AS c;
SELECT a FROM c.t;
--> 7
PRAGMA c.page_size;
--> 1024
PRAGMA c.auto_vacuum;
--> 1

--- UTF-16
PRAGMA encoding = 'UTF-16be';
CREATE TABLE t(a);
INSERT INTO t VALUES ('é€😀');
SELECT migrate_backup('copy.db') > 0;
--> 1
ATTACH 'copy.db' AS c;
SELECT a FROM c.t;
--> 'é€😀'

--- called from a statement that writes
CREATE TABLE t(a);
INSERT INTO t SELECT migrate_backup('copy.db');
--! called from a statement that writes
SELECT readfile('copy.db') IS NULL;
--> 1

--- a database that is not sound has no backup [file]
CREATE TABLE t(a);
CREATE TABLE u(a);
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET rootpage = 2;
PRAGMA writable_schema = OFF;
--@ reopen
SELECT migrate_backup('copy.db');
--! copy.db: the copy is not sound, so the database may not be; PRAGMA integrity_check tells more
SELECT readfile('copy.db') IS NULL;
--> 1

--- the setting
SELECT migrate_config('backup');
--> ''
SELECT migrate_config('backup', 'app-%Y%m%d%H%M%S-%r-100%%.db');
--> 'app-%Y%m%d%H%M%S-%r-100%%.db'
SELECT migrate_config('backup', 'app-%y.db');
--! setting backup cannot be 'app-%y.db': it is a file's name, in which there may be %Y, %m, %d, %H, %M and %S (the time, UTC), %r (the current revision, or base) and %%; or empty
SELECT migrate_config('backup', 'app-%');
--! there may be %Y, %m
SELECT migrate_config('backup', '');
--> ''

--- before the first step: what the migration begins from [file]
SELECT migrate_config('backup', '%r.db');
--> '%r.db'
SELECT migrate_upgrade('one');
--> 1
ATTACH 'base.db' AS base;
SELECT count(*) FROM base.sqlite_schema;
--> 0
SELECT migrate_upgrade();
--> 1
ATTACH 'one.db' AS one;
SELECT revision FROM one._migrate_version;
--> 'one'
SELECT group_concat(name) FROM pragma_table_info('t', 'one');
--> 'id,a'
SELECT migrate_upgrade();
--> 0
SELECT readfile('two.db') IS NULL;
--> 1
SELECT migrate_stamp('one');
--> 1
SELECT migrate_downgrade('base');
--! the backup before the first step (setting backup): one.db: exists, and nothing is overwritten
SELECT revision FROM migrate_current;
--> 'one'
SELECT migrate_config('backup', 'down-%Y-%r%%.db') IS NOT NULL;
--> 1
SELECT migrate_stamp('two');
--> 1
SELECT migrate_downgrade();
--> 1
SELECT length(readfile('down-' || strftime('%Y') || '-two%.db')) > 0;
--> 1

--- none without the setting, none for a stamp, one for a script [from 3.39]
SELECT migrate_config('backup', 'b.db');
--> 'b.db'
SELECT migrate_stamp('one');
--> 1
SELECT readfile('b.db') IS NULL;
--> 1
SELECT writefile('x.lua', 'op.execute("CREATE TABLE made(a)")') > 0;
--> 1
SELECT migrate_run('x.lua');
--> NULL
ATTACH 'b.db' AS b;
SELECT count(*) FROM b.sqlite_schema WHERE name = 'made';
--> 0
SELECT count(*) FROM b._migrate_version;
--> 1
SELECT migrate_run('x.lua');
--! the backup before the first step (setting backup): b.db: exists

--- what cannot be backed up is not migrated [file]
SELECT migrate_config('backup', 'no/b.db');
--> 'no/b.db'
SELECT migrate_upgrade();
--! migrate_upgrade: the backup before the first step (setting backup): no: the directory cannot be written to
SELECT count(*) FROM sqlite_schema;
--> 0

--- a migration that fails takes its backup away: nothing has changed [file]
SELECT migrate_config('backup', 'b.db');
--> 'b.db'
CREATE TABLE t(taken);
SELECT migrate_upgrade();
--! already exists
SELECT readfile('b.db') IS NULL;
--> 1
DROP TABLE t;
SELECT migrate_upgrade();
--> 2
SELECT length(readfile('b.db')) > 0;
--> 1

--- ... but keeps it when a part of it stays [file]
SELECT migrate_config('backup', 'b.db');
--> 'b.db'
SELECT migrate_config('transaction', 'revision');
--> 'revision'
SELECT migrate_register('-- Three
revision = "three"
down_revision = "two"
function upgrade() error("no") end') = 'three';
--> 1
SELECT migrate_upgrade();
--! after 2 revisions that stay
ATTACH 'b.db' AS b;
SELECT count(*) FROM b.sqlite_schema;
--> 0

--- in the caller's transaction it holds what is not committed [file] [from 3.39]
CREATE TABLE mine(a);
SELECT migrate_config('backup', 'b.db');
--> 'b.db'
BEGIN;
INSERT INTO mine VALUES (5);
SELECT migrate_upgrade();
--> 2
ROLLBACK;
ATTACH 'b.db' AS b;
SELECT a FROM b.mine;
--> 5
SELECT count(*) FROM b.sqlite_schema;
--> 1

--- a database in memory is backed up, too [from 3.39]
CREATE TABLE mine(a);
INSERT INTO mine VALUES (5);
SELECT migrate_config('backup', 'b.db');
--> 'b.db'
SELECT migrate_upgrade();
--> 2
ATTACH 'b.db' AS b;
SELECT a FROM b.mine;
--> 5

--- one that goes on with what is unfinished has its backup already [file]
SELECT migrate_config('backup', 'b.db');
--> 'b.db'
SELECT migrate_register('-- Long
revision = "long"
down_revision = "two"
transactional = false
function upgrade()
  op.execute("CREATE TABLE a(x)")
  op.execute("INSERT INTO gate VALUES (1)")
end') = 'long';
--> 1
SELECT migrate_upgrade();
--! no such table: gate
ATTACH 'b.db' AS b;
SELECT count(*) FROM b.sqlite_schema;
--> 0
CREATE TABLE gate(x);
SELECT migrate_upgrade();
--> 1
SELECT count(*) FROM gate;
--> 1

--- ... and so has a script, but not the upgrade beside it [file]
SELECT migrate_config('backup', '%r.db');
--> '%r.db'
SELECT writefile('long.lua', 'transactional = false
op.execute("CREATE TABLE a(x)")
op.execute("INSERT INTO gate VALUES (1)")') > 0;
--> 1
SELECT migrate_run('long.lua');
--! no such table: gate
SELECT length(readfile('base.db')) >= 0;
--> 1
CREATE TABLE gate(x);
SELECT migrate_config('backup', 'second-%r.db');
--> 'second-%r.db'
SELECT migrate_upgrade('one');
--> 1
ATTACH 'second-base.db' AS s;
SELECT count(*) FROM s.sqlite_schema WHERE name IN ('a', 'gate');
--> 2
SELECT migrate_run('long.lua');
--> NULL
SELECT readfile('second-one.db') IS NULL;
--> 1
