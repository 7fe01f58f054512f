-- Pairs of schemas that the property test (tests/host/test_autogenerate.py) has
-- found, made small.  In directories of this script's own.

--- a UNIQUE that stands first gives a table WITHOUT ROWID its order
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE t(c INTEGER, d);
INSERT INTO t VALUES (1, 1), (3, 2), (2, 3);
', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', '
CREATE TABLE t(
  c INTEGER PRIMARY KEY,
  d,
  UNIQUE (c DESC)
) WITHOUT ROWID;
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_autogenerate('x') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0
PRAGMA integrity_check;
--> 'ok'
SELECT c, d FROM t;
--> 3|2
--> 2|3
--> 1|1
SELECT migrate_downgrade();
--> 1
PRAGMA integrity_check;
--> 'ok'
SELECT c, d FROM t ORDER BY c;
--> 1|1
--> 2|3
--> 3|2
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0

--- ... and takes it away again
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE t(c TEXT UNIQUE, d, PRIMARY KEY (c DESC)) WITHOUT ROWID;
INSERT INTO t VALUES (''a'', 1), (''c'', 2), (''b'', 3);
', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', '
CREATE TABLE t(c TEXT, d, PRIMARY KEY (c DESC)) WITHOUT ROWID;
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_autogenerate('x') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0
PRAGMA integrity_check;
--> 'ok'
SELECT c, d FROM t;
--> 'c'|2
--> 'b'|3
--> 'a'|1
SELECT migrate_downgrade();
--> 1
PRAGMA integrity_check;
--> 'ok'
SELECT c, d FROM t;
--> 'a'|1
--> 'b'|3
--> 'c'|2
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0

--- a generated column gives what its type is not
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE t(
  a,
  b BIG INT AS (CASE WHEN a > 1 THEN ''more'' ELSE ''less'' END)
);
INSERT INTO t VALUES (1);
', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', '
CREATE TABLE t(
  a,
  b AS (CASE WHEN a > 1 THEN ''more'' ELSE ''less'' END)
);
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_autogenerate('x') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0
PRAGMA integrity_check;
--> 'ok'
SELECT migrate_downgrade();
--> 1
PRAGMA integrity_check;
--> 'ok'
SELECT b, typeof(b) FROM t;
--> 'less'|'text'
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0

--- a column in a view that SQLite's RENAME COLUMN fails on
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE t(c5, d);
CREATE VIEW v AS SELECT c5 AS x FROM (SELECT c5 FROM t LIMIT 10);
CREATE VIEW w AS SELECT x FROM v;
CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN SELECT 1; END;
CREATE TRIGGER h AFTER INSERT ON t BEGIN SELECT x FROM w; END;
INSERT INTO t VALUES (1, 2);
', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', '
CREATE TABLE t(
  c6, -- renamed from: c5
  d
);
CREATE VIEW v AS SELECT c6 AS x FROM (SELECT c6 FROM t LIMIT 10);
CREATE VIEW w AS SELECT x FROM v;
CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN SELECT 1; END;
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_autogenerate('x') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0
PRAGMA integrity_check;
--> 'ok'
SELECT c6, d FROM t;
--> 1|2
SELECT x FROM w;
--> 1
SELECT migrate_downgrade();
--> 1
PRAGMA integrity_check;
--> 'ok'
SELECT c5, d FROM t;
--> 1|2
SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE type <> 'table' AND tbl_name NOT GLOB '_migrate*' ORDER BY name);
--> 'g,h,v,w'
SELECT x FROM w;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0

--- ... and a table, in plain SQL
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE t(c5);
CREATE VIEW v AS SELECT c5 AS x FROM (SELECT c5 FROM t LIMIT 10);
INSERT INTO t VALUES (1);
', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', '
CREATE TABLE u( -- renamed from: t
  c6 -- renamed from: c5
);
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_autogenerate('x', '{"format": "sql"}') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0
PRAGMA integrity_check;
--> 'ok'
SELECT c6 FROM u;
--> 1
SELECT migrate_downgrade();
--> 1
PRAGMA integrity_check;
--> 'ok'
SELECT x FROM v;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0

--- a child that names no columns finds the key that its parent has by then
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE child(c, FOREIGN KEY (c) REFERENCES parent ON DELETE SET NULL);
CREATE TABLE parent(a PRIMARY KEY);
', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', '
CREATE TABLE parent(b PRIMARY KEY);
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_autogenerate('x') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0
PRAGMA integrity_check;
--> 'ok'
SELECT migrate_downgrade();
--> 1
PRAGMA integrity_check;
--> 'ok'
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0

--- ... and keeps its rows
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE parent(a INTEGER PRIMARY KEY, b INT);
CREATE TABLE child(c REFERENCES parent);
INSERT INTO parent VALUES (1, 7);
INSERT INTO child VALUES (NULL);
', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', '
CREATE TABLE parent(b INT PRIMARY KEY);
CREATE TABLE child(c REFERENCES parent);
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_autogenerate('x') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0
PRAGMA integrity_check;
--> 'ok'
PRAGMA foreign_keys = 1;
INSERT INTO child VALUES (7);
DELETE FROM child WHERE c IS NOT NULL;
SELECT migrate_downgrade();
--> 1
PRAGMA integrity_check;
--> 'ok'
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0

--- a rename that SQLite cannot do at all names its hint
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE t(c INTEGER PRIMARY KEY, UNIQUE (c)) WITHOUT ROWID;', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', 'CREATE TABLE t(
  d INTEGER PRIMARY KEY, -- renamed from: c
  UNIQUE (d)
) WITHOUT ROWID;') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT * FROM migrate_diff;
--! column t.d is renamed from c, as a hint in the target or rename() in env.lua says, and SQLite cannot do that: error in table t after rename: no such column: c; take the hint away
SELECT migrate_autogenerate('x');
--! column t.d is renamed from c

--- a table refers to its own key, which becomes another one
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE t(a PRIMARY KEY, b);
INSERT INTO t VALUES (1, NULL);
', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', '
CREATE TABLE t(
  a,
  b CONSTRAINT f REFERENCES t DEFERRABLE INITIALLY DEFERRED,
  c,
  CONSTRAINT p PRIMARY KEY (c)
);
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_autogenerate('x') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0
PRAGMA integrity_check;
--> 'ok'
SELECT migrate_downgrade();
--> 1
PRAGMA integrity_check;
--> 'ok'
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0

--- a child refers to a column that comes instead of one that goes
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE p(b UNIQUE);
CREATE TABLE c(x REFERENCES p(b) ON UPDATE SET DEFAULT);
INSERT INTO p VALUES (1);
INSERT INTO c VALUES (NULL);
', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', '
CREATE TABLE c(x REFERENCES p(d) ON UPDATE SET DEFAULT);
CREATE TABLE p(d UNIQUE);
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_autogenerate('x') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0
PRAGMA integrity_check;
--> 'ok'
PRAGMA foreign_keys = 1;
INSERT INTO p VALUES (2);
INSERT INTO c VALUES (2);
DELETE FROM c WHERE x = 2;
SELECT migrate_downgrade();
--> 1
PRAGMA integrity_check;
--> 'ok'
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0

--- a STRICT column becomes another, and one generated from it goes, in one batch
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE t(c INTEGER) STRICT;
INSERT INTO t VALUES (1);
', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', '
CREATE TABLE t(
  c TEXT,
  d INTEGER AS (length(c) * 2)
) STRICT;
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_autogenerate('x') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0
PRAGMA integrity_check;
--> 'ok'
SELECT c, d FROM t;
--> '1'|2
SELECT migrate_downgrade();
--> 1
PRAGMA integrity_check;
--> 'ok'
SELECT c FROM t;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0

--- defaults that ADD COLUMN converts otherwise than INSERT
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE t(a, b DEFAULT 1e3, c TEXT DEFAULT 1.50, d TEXT DEFAULT TRUE, e REAL DEFAULT (false), f DEFAULT 0x10, g TEXT DEFAULT -2e0);
INSERT INTO t(a) VALUES (1);
CREATE TABLE was AS SELECT a, quote(b) || quote(c) || quote(d) || quote(e) || quote(f) || quote(g) AS v FROM t;
', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', '
CREATE TABLE t(a);
CREATE TABLE was(a, v);
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_autogenerate('x') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0
PRAGMA integrity_check;
--> 'ok'
SELECT migrate_downgrade();
--> 1
PRAGMA integrity_check;
--> 'ok'
SELECT count(*) FROM was JOIN (SELECT a, quote(b) || quote(c) || quote(d) || quote(e) || quote(f) || quote(g) AS v FROM t) USING (a, v);
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0

--- a default that is none of a STRICT column's type, in SQL and in Lua
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE t(a INTEGER) STRICT;
INSERT INTO t VALUES (1)', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', 'CREATE TABLE t(
  a INTEGER,
  b INTEGER DEFAULT foo
) STRICT;
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_autogenerate('x', '{"format": "sql"}');
--! let it be Lua
SELECT migrate_autogenerate('x') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--! INTEGER
SELECT * FROM t;
--> 1
DELETE FROM t;
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0

--- double quotes that RENAME COLUMN would make a text
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('-- revision: a
-- migrate:up
CREATE TABLE t(b);
CREATE VIEW v AS SELECT "b" AS x FROM (SELECT b FROM t LIMIT 10);
INSERT INTO t VALUES (1);
', 'a.sql');
--> 'a'
SELECT writefile('migrations/schema.sql', '
CREATE TABLE t(
  email -- renamed from: b
);
CREATE VIEW v AS SELECT "email" AS x FROM (SELECT email FROM t LIMIT 10);
') > 0;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_autogenerate('x') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0
PRAGMA integrity_check;
--> 'ok'
SELECT x FROM v;
--> 1
SELECT migrate_downgrade();
--> 1
PRAGMA integrity_check;
--> 'ok'
SELECT x FROM v;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0
