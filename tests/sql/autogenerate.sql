-- Autogenerate: from the schema that is to the schema that should be.  In
-- directories of this script's own.

--- what differs becomes a revision, and its downgrade
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('revision = "a" function upgrade() op.execute([[
  CREATE TABLE users(
    id INTEGER PRIMARY KEY, -- theirs
    name TEXT NOT NULL,
    age INT,
    old TEXT,
    CHECK (age > 0)
  );
  CREATE TABLE gone(a);
  CREATE TABLE child(u REFERENCES users ON DELETE CASCADE);
  CREATE INDEX ia ON users(age);
  CREATE VIEW v AS SELECT name, old FROM users;
  CREATE TRIGGER tr AFTER INSERT ON users BEGIN DELETE FROM gone; END;
  INSERT INTO users VALUES (1, ''Ada'', 36, ''x''), (2, ''Bob'', 40, NULL);
  INSERT INTO child VALUES (1), (2)]]) end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/schema.sql', '
CREATE TABLE users(
  id INTEGER PRIMARY KEY,
  name VARCHAR(20) NOT NULL DEFAULT ''?'',
  title TEXT NOT NULL DEFAULT '''',
  age INT,
  nick TEXT COLLATE NOCASE UNIQUE,
  CONSTRAINT adult CHECK (age > 17)
);
CREATE TABLE orders(id INTEGER PRIMARY KEY AUTOINCREMENT, user INT REFERENCES users(id) ON DELETE SET NULL);
CREATE TABLE child(u REFERENCES users ON DELETE CASCADE);
CREATE INDEX ia ON users(age DESC) WHERE age IS NOT NULL;
CREATE VIEW v AS SELECT name, title FROM users;
CREATE TRIGGER tr AFTER INSERT ON users BEGIN DELETE FROM orders; END;
') > 0;
--> 1
SELECT kind, object, name, destructive FROM migrate_diff;
--> 'drop'|'table'|'gone'|1
--> 'add'|'table'|'orders'|0
--> 'change'|'index'|'ia'|0
--> 'change'|'view'|'v'|0
--> 'change'|'trigger'|'tr'|0
--> 'drop'|'constraint'|'users'|0
--> 'change'|'column'|'users.name'|0
--> 'change'|'column'|'users.name'|0
--> 'drop'|'column'|'users.old'|1
--> 'add'|'column'|'users.title'|0
--> 'add'|'column'|'users.nick'|0
--> 'add'|'constraint'|'users'|0
SELECT detail FROM migrate_diff WHERE name = 'users.name';
--> 'type: TEXT -> VARCHAR(20)'
--> 'default: none -> DEFAULT ''?'''
SELECT migrate_check();
--! differs from the target: drop table gone, add table orders, change index ia, change view v, change trigger tr, ...; see migrate_diff
SELECT migrate_autogenerate('Add orders') LIKE 'migrations/versions/2%_add_orders.lua';
--> 1
SELECT migrate_upgrade();
--> 1
SELECT count(*) FROM migrate_diff;
--> 0
SELECT migrate_check();
--> 0
SELECT migrate_autogenerate('Nothing');
--> NULL
SELECT count(*) FROM migrate_history;
--> 2
SELECT * FROM users;
--> 1|'Ada'|''|36|NULL
--> 2|'Bob'|''|40|NULL
SELECT migrate_downgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'ia';
--> 'CREATE INDEX ia ON users(age)'
SELECT * FROM users;
--> 1|'Ada'|36|NULL
--> 2|'Bob'|40|NULL
SELECT count(*) FROM child;
--> 2
PRAGMA integrity_check;
--> 'ok'

--- the text of a revision: what it does, what is lost, what it might be
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('revision = "a" function upgrade() op.execute([[
  CREATE TABLE t(a INT, mail TEXT, b INT);
  CREATE TABLE staff(id INTEGER PRIMARY KEY, x)]]) end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/schema.sql', '
CREATE TABLE t(a INT, email TEXT, b INT);
CREATE TABLE people(id INTEGER PRIMARY KEY, x);') > 0;
--> 1
CREATE TEMP TABLE p AS SELECT migrate_autogenerate('x', '{"rev_id": "bbbb"}') AS path;
SELECT substr(text, instr(text, 'function'), instr(text, char(10, 10) || 'function d') - instr(text, 'function'))
  FROM (SELECT CAST(readfile(path) AS TEXT) AS text FROM p);
--> 'function upgrade()
-->   -- is people the table staff under another name?  Then, instead of dropping and making it:
-->   -- op.rename_table("staff", "people")
-->   op.execute("CREATE TABLE people(id INTEGER PRIMARY KEY, x)")
-->   -- the rows of staff are lost
-->   op.drop_table("staff")
-->   -- the values of mail are lost
-->   op.batch_alter_table("t", function(t)
-->     -- is email the column mail under another name?  Then, instead of dropping and making it:
-->     -- t.alter_column("mail", {name = "email"})
-->     t.drop_column("mail")
-->     t.add_column("email TEXT", {after = "a"})
-->   end)
--> end'
SELECT substr(text, instr(text, 'function d')) FROM (SELECT CAST(readfile(path) AS TEXT) AS text FROM p);
--> 'function downgrade()
-->   -- is staff the table people under another name?  Then, instead of dropping and making it:
-->   -- op.rename_table("people", "staff")
-->   op.execute("CREATE TABLE staff(id INTEGER PRIMARY KEY, x)")
-->   -- the rows of people are lost
-->   op.drop_table("people")
-->   -- the values of email are lost
-->   op.batch_alter_table("t", function(t)
-->     -- is mail the column email under another name?  Then, instead of dropping and making it:
-->     -- t.alter_column("email", {name = "mail"})
-->     t.drop_column("email")
-->     t.add_column("mail TEXT", {after = "a"})
-->   end)
--> end
--> '

--- what has another name: said in the target, or by env.lua
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('revision = "a" function upgrade() op.execute([[
  CREATE TABLE people(id INTEGER PRIMARY KEY, mail TEXT, tel TEXT);
  CREATE VIEW v AS SELECT mail FROM people;
  CREATE TRIGGER tr AFTER UPDATE OF tel ON people BEGIN UPDATE people SET mail = new.tel WHERE 0; END;
  INSERT INTO people VALUES (1, ''a@b'', ''555'')]]) end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/env.lua', 'function rename(kind, from, to)
  return kind == "column" and from == "users.tel" and to == "users.phone" or from == "people.tel"
end') > 0;
--> 1
SELECT writefile('migrations/schema.sql', '
CREATE TABLE users( -- renamed from: people
  id INTEGER PRIMARY KEY,
  email TEXT, -- renamed from: mail
  phone TEXT
);
CREATE VIEW v AS SELECT email FROM users;
CREATE TRIGGER tr AFTER UPDATE OF phone ON users BEGIN UPDATE users SET email = new.phone WHERE 0; END;') > 0;
--> 1
SELECT kind, object, name, detail, destructive FROM migrate_diff;
--> 'rename'|'table'|'users'|'from people'|0
--> 'rename'|'column'|'users.email'|'from mail'|0
--> 'rename'|'column'|'users.phone'|'from tel'|0
SELECT migrate_autogenerate('Rename', '{"rev_id": "bbbb"}') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT * FROM migrate_diff;
SELECT * FROM users;
--> 1|'a@b'|'555'
SELECT sql FROM sqlite_schema WHERE name = 'v';
--> 'CREATE VIEW v AS SELECT email FROM "users"'
SELECT migrate_downgrade();
--> 1
SELECT * FROM people;
--> 1|'a@b'|'555'
SELECT sql FROM sqlite_schema WHERE name = 'tr';
--> 'CREATE TRIGGER tr AFTER UPDATE OF tel ON "people" BEGIN UPDATE "people" SET mail = new.tel WHERE 0; END'

--- what only has another spelling is no difference
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('revision = "a" function upgrade() op.execute([[
  CREATE TABLE "Users"(id INTEGER PRIMARY KEY, "full name" VARCHAR (20) CHECK ("full name" <> ''''), n INT DEFAULT (5), UNIQUE(n));
  CREATE INDEX [i x] ON Users("full name" collate nocase) WHERE n == 1;
  CREATE VIEW v(a) AS SELECT "id" FROM Users;
  CREATE TRIGGER tr UPDATE ON Users FOR EACH ROW WHEN (new.n = 1) BEGIN SELECT 1; END]]) end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/schema.sql', '-- all of it
create table users (
  ID integer primary key /* the key */,
  `Full Name` varchar(20) check([full name]!=''''),
  N int unique default 5);
create index "I X" on USERS(`full name` COLLATE "NoCase") where (n = 1);
create view if not exists V(A) as select id from users;
create trigger TR before update on users when new.n = 1 begin select 1; end;') > 0;
--> 1
SELECT * FROM migrate_diff;
SELECT migrate_check();
--> 0
SELECT migrate_autogenerate('x');
--> NULL

--- what ops cannot say is a new definition; rows and children stay
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('revision = "a" function upgrade() op.execute([[
  CREATE TABLE t(a TEXT, b INT, c AS (b + 1), id INTEGER PRIMARY KEY);
  CREATE TABLE child(t REFERENCES t(id) ON DELETE CASCADE);
  INSERT INTO t(id, a, b) VALUES (7, ''x'', 1); INSERT INTO child VALUES (7)]]) end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/schema.sql', '
CREATE TABLE t(
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- the key
  b INT NOT NULL ON CONFLICT IGNORE,
  a TEXT,
  c INT AS (b + 2) STORED
) STRICT;
CREATE TABLE child(t REFERENCES t(id) ON DELETE CASCADE);') > 0;
--> 1
SELECT migrate_autogenerate('x', '{"rev_id": "bbbb"}') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(
-->   id INTEGER PRIMARY KEY AUTOINCREMENT, -- the key
-->   b INT NOT NULL ON CONFLICT IGNORE,
-->   a TEXT,
-->   c INT AS (b + 2) STORED
--> ) STRICT'
SELECT *, (SELECT count(*) FROM child) FROM t;
--> 7|1|'x'|3|1
SELECT seq FROM sqlite_sequence WHERE name = 't';
--> 7
SELECT migrate_downgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a TEXT, b INT, c AS (b + 1), id INTEGER PRIMARY KEY)'
SELECT *, (SELECT count(*) FROM child) FROM t;
--> 'x'|1|2|7|1
SELECT migrate_autogenerate('y', '{"format": "sql"}');
--! the database is not at head: 1 revision is not applied (bbbb)
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/schema.sql', 'CREATE TABLE t(a, b, id INTEGER PRIMARY KEY); CREATE TABLE child(t);') > 0;
--> 1
SELECT migrate_autogenerate('y', '{"format": "sql"}');
--! plain SQL cannot do without losing something; let it be Lua

--- as plain SQL
SELECT migrate_init();
--> 'migrations'
SELECT migrate_register('revision = "a" function upgrade() op.execute([[
  CREATE TABLE t(a, b); CREATE TABLE old(x); CREATE INDEX i ON t(a)]]) end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1
SELECT writefile('migrations/schema.sql', 'CREATE TABLE t(a, c INT DEFAULT 5); CREATE INDEX i ON t(a DESC); CREATE TABLE "new"(x)') > 0;
--> 1
CREATE TEMP TABLE p AS SELECT migrate_autogenerate('x', '{"rev_id": "bbbb", "format": "sql"}') AS path;
SELECT substr(text, instr(text, '-- migrate:up')) FROM (SELECT CAST(readfile(path) AS TEXT) AS text FROM p);
--> '-- migrate:up
--> DROP INDEX i;
--> CREATE TABLE "new"(x);
--> -- the rows of old are lost
--> DROP TABLE old;
--> -- the values of b are lost
--> ALTER TABLE t DROP COLUMN b;
--> ALTER TABLE t ADD COLUMN c INT DEFAULT 5;
--> CREATE INDEX i ON t(a DESC);
--> -- migrate:down
--> DROP INDEX i;
--> CREATE TABLE old(x);
--> -- the rows of new are lost
--> DROP TABLE new;
--> -- the values of c are lost
--> ALTER TABLE t DROP COLUMN c;
--> ALTER TABLE t ADD COLUMN b;
--> CREATE INDEX i ON t(a);
--> '
SELECT migrate_upgrade();
--> 1
SELECT * FROM migrate_diff;
SELECT migrate_downgrade();
--> 1

--- the target: what is wrong in it has a line
SELECT migrate_init();
--> 'migrations'
SELECT * FROM migrate_diff;
--! target schema.sql: no such file, neither in migrations nor from the current directory, and no database is attached as that
SELECT writefile('migrations/schema.sql', 'CREATE TABLE t(a);
-- c
CREATE TABLE u(a b c, PRIMARY);') > 0;
--> 1
SELECT * FROM migrate_diff;
--! migrations/schema.sql:3: near ")": syntax error
SELECT writefile('migrations/schema.sql', 'CREATE TABLE t(a);
INSERT INTO t VALUES (1);') > 0;
--> 1
SELECT migrate_check();
--! migrations/schema.sql:2: INSERT: only CREATE statements say what the schema should be
SELECT writefile('migrations/schema.sql', '

CREATE TEMP TABLE t(a);') > 0;
--> 1
SELECT migrate_autogenerate('x');
--! migrations/schema.sql:3: CREATE TEMP: what is temporary is no part of a schema
SELECT writefile('migrations/a.sql', 'CREATE TABLE t(a); CREATE TABLE sqlite_sequence(name, seq);') > 0;
--> 1
SELECT writefile('migrations/b.sql', 'CREATE INDEX i ON t(a COLLATE ours) WHERE theirs(a); CREATE VIRTUAL TABLE v USING nowhere(x , Y);') > 0;
--> 1
SELECT migrate_config('target', 'a.sql, b.sql');
--> 'a.sql, b.sql'
SELECT kind, object, name, detail FROM migrate_diff;
--> 'add'|'table'|'t'|'CREATE TABLE t(a)'
--> 'add'|'index'|'i'|'CREATE INDEX i ON t(a COLLATE ours) WHERE theirs(a)'
--> 'add'|'virtual table'|'v'|'CREATE VIRTUAL TABLE v USING nowhere(x , Y)'
ATTACH ':memory:' AS dev;
CREATE TABLE dev.t(a, b);
SELECT migrate_config('target', 'dev');
--> 'dev'
SELECT kind, object, name, detail FROM migrate_diff;
--> 'add'|'table'|'t'|'CREATE TABLE t(a, b)'
SELECT migrate_autogenerate('x') IS NOT NULL;
--> 1
SELECT migrate_upgrade();
--> 1
SELECT * FROM migrate_diff;

--- what is left alone: SQLite's, other tools', shadow tables, what include() says
SELECT migrate_init();
--> 'migrations'
CREATE TABLE alembic_version(version_num);
CREATE TABLE _litestream_seq(id);
CREATE VIRTUAL TABLE docs USING fts5(body);
CREATE TABLE mine(a INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE scratch(a);
CREATE INDEX on_scratch ON scratch(a);
ANALYZE;
SELECT writefile('migrations/env.lua', 'function include(kind, name) return name ~= "scratch" end') > 0;
--> 1
SELECT writefile('migrations/schema.sql', ' ') > 0;
--> 1
SELECT kind, object, name FROM migrate_diff;
--> 'drop'|'virtual table'|'docs'
--> 'drop'|'table'|'mine'
SELECT writefile('migrations/schema.sql', 'CREATE TABLE alembic_version(version_num TEXT);') > 0;
--> 1
SELECT kind, object, name FROM migrate_diff;
--> 'drop'|'virtual table'|'docs'
--> 'drop'|'table'|'mine'
--> 'change'|'column'|'alembic_version.version_num'

--- a database that was there before: the base revision of what exists
SELECT migrate_init();
--> 'migrations'
CREATE TABLE django_migrations(id);
CREATE TABLE p(id INTEGER PRIMARY KEY);
CREATE TABLE c(p REFERENCES p, "a]]b" TEXT);
INSERT INTO p VALUES (1);
CREATE TEMP TABLE path AS SELECT migrate_autogenerate('Base', '{"rev_id": "base1"}') AS path;
SELECT substr(text, instr(text, 'function'), instr(text, char(10, 10) || 'function d') - instr(text, 'function'))
  FROM (SELECT CAST(readfile(path) AS TEXT) AS text FROM path);
--> 'function upgrade()
-->   -- what the database has already: mark it as applied with SELECT migrate_stamp()
-->   -- Django has managed this database (table django_migrations): let it apply what it has, then leave the schema to migrate; its table can be dropped when nobody asks it any more
-->   op.execute("CREATE TABLE p(id INTEGER PRIMARY KEY)")
-->   op.execute([=[CREATE TABLE c(p REFERENCES p, "a]]b" TEXT)]=])
--> end'
SELECT migrate_stamp();
--> 1
SELECT writefile('migrations/schema.sql', migrate_dump()) > 0;
--> 1
SELECT migrate_autogenerate('x');
--> NULL
SELECT migrate_downgrade();
--> 1
SELECT name FROM sqlite_schema WHERE name IN ('p', 'c');
SELECT migrate_upgrade();
--> 1
SELECT migrate_check();
--> 0

--- the dump: parents first, each table with its indexes, then views and triggers
CREATE TABLE b(a REFERENCES z);
CREATE TABLE z(id INTEGER PRIMARY KEY);
CREATE TABLE a(x);
CREATE INDEX ib ON b(a);
CREATE TRIGGER t1 AFTER INSERT ON a BEGIN SELECT 1; END;
CREATE VIEW v1 AS SELECT * FROM v2;
CREATE VIEW v2 AS SELECT x FROM a;
SELECT migrate_dump();
--> 'CREATE TABLE a(x);
--> CREATE TABLE z(id INTEGER PRIMARY KEY);
--> CREATE TABLE b(a REFERENCES z);
--> CREATE INDEX ib ON b(a);
--> CREATE VIEW v2 AS SELECT x FROM a;
--> CREATE VIEW v1 AS SELECT * FROM v2;
--> CREATE TRIGGER t1 AFTER INSERT ON a BEGIN SELECT 1; END;
--> '
