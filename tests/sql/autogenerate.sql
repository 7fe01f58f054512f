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
