-- What the author wrote stays, byte for byte: comments, spacing, types.
PRAGMA foreign_keys = ON;
CREATE TABLE "Users" ( -- people
  id   INTEGER PRIMARY KEY, -- the key
  name VARCHAR ( 50 ) NOT NULL DEFAULT 'x, (y)', /* a, b */
  "e mail" text COLLATE NOCASE,
  [size]  ,
  score  DOUBLE PRECISION, -- from the game
  CHECK (score >= 0) /* never
  below */ );
CREATE TABLE scores(user INTEGER REFERENCES "Users" ON DELETE CASCADE, points);
create   view  Best as select name, score   from "Users" -- all of them
  where score > 10;
CREATE INDEX [by mail] ON "Users" ( "e mail"  , id ) WHERE "e mail" <> '';
CREATE TRIGGER "Users ai"   AFTER INSERT ON "Users" BEGIN /* nothing */ SELECT 1; END;
INSERT INTO "Users" VALUES(1, 'Ann', 'a@x', 'big', 20.5), (4, 'Bo', 'b@x', 3, 5);
INSERT INTO scores VALUES(1, 10), (4, 20);
CREATE TEMP TABLE was AS SELECT type, name, tbl_name, sql FROM sqlite_schema;

--- NOT NULL is taken away, with the space before it (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.alter_column("name", {nullable = true})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) DEFAULT ''x, (y)'', /* a, b */
-->   "e mail" text COLLATE NOCASE,
-->   [size]  ,
-->   score  DOUBLE PRECISION, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'
SELECT * FROM Best;
--> 'Ann'|20.5

--- NOT NULL is taken away, with the space before it (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.alter_column("name", {nullable = true})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) DEFAULT ''x, (y)'', /* a, b */
-->   "e mail" text COLLATE NOCASE,
-->   [size]  ,
-->   score  DOUBLE PRECISION, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'
SELECT * FROM Best;
--> 'Ann'|20.5

--- NOT NULL is added at the end of a column (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.alter_column("e mail", {nullable = false})
    t.alter_column("size", {nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) NOT NULL DEFAULT ''x, (y)'', /* a, b */
-->   "e mail" text COLLATE NOCASE NOT NULL,
-->   [size] NOT NULL  ,
-->   score  DOUBLE PRECISION, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'

--- NOT NULL is added at the end of a column (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.alter_column("e mail", {nullable = false})
    t.alter_column("size", {nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) NOT NULL DEFAULT ''x, (y)'', /* a, b */
-->   "e mail" text COLLATE NOCASE NOT NULL,
-->   [size] NOT NULL  ,
-->   score  DOUBLE PRECISION, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'

--- a type is replaced where it stands, a missing one comes behind the name (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.alter_column("name", {type = "VARCHAR(100)"})
    t.alter_column("size", {type = "BLOB"})
    t.alter_column("score", {type = "REAL"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR(100) NOT NULL DEFAULT ''x, (y)'', /* a, b */
-->   "e mail" text COLLATE NOCASE,
-->   [size] BLOB  ,
-->   score  REAL, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'

--- a type is replaced where it stands, a missing one comes behind the name (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.alter_column("name", {type = "VARCHAR(100)"})
    t.alter_column("size", {type = "BLOB"})
    t.alter_column("score", {type = "REAL"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR(100) NOT NULL DEFAULT ''x, (y)'', /* a, b */
-->   "e mail" text COLLATE NOCASE,
-->   [size] BLOB  ,
-->   score  REAL, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'

--- a type is taken away (auto)
CREATE TABLE t(a BLOB, b BLOB NOT NULL, c BLOB(10) DEFAULT 1);
INSERT INTO t VALUES(1, 2, 3);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("a", {type = null})
    t.alter_column("b", {type = ""})
    t.alter_column("c", {type = null})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a, b NOT NULL, c DEFAULT 1)'
SELECT type FROM pragma_table_info('t');
--> ''
--> ''
--> ''

--- a type is taken away (always)
CREATE TABLE t(a BLOB, b BLOB NOT NULL, c BLOB(10) DEFAULT 1);
INSERT INTO t VALUES(1, 2, 3);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("a", {type = null})
    t.alter_column("b", {type = ""})
    t.alter_column("c", {type = null})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a, b NOT NULL, c DEFAULT 1)'
SELECT type FROM pragma_table_info('t');
--> ''
--> ''
--> ''

--- a default is replaced, added at the end, taken away (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.alter_column("name", {default = "''?''"})
    t.alter_column("e mail", {default = "(lower(''NONE''))"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) NOT NULL DEFAULT ''?'', /* a, b */
-->   "e mail" text COLLATE NOCASE DEFAULT (lower(''NONE'')),
-->   [size]  ,
-->   score  DOUBLE PRECISION, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'
SELECT migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  op.alter_column("Users", "name", {default = null})
  op.alter_column("Users", "e mail", {default = null})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) NOT NULL, /* a, b */
-->   "e mail" text COLLATE NOCASE,
-->   [size]  ,
-->   score  DOUBLE PRECISION, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'

--- a default is replaced, added at the end, taken away (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.alter_column("name", {default = "''?''"})
    t.alter_column("e mail", {default = "(lower(''NONE''))"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) NOT NULL DEFAULT ''?'', /* a, b */
-->   "e mail" text COLLATE NOCASE DEFAULT (lower(''NONE'')),
-->   [size]  ,
-->   score  DOUBLE PRECISION, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'
SELECT migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  op.alter_column("Users", "name", {default = null})
  op.alter_column("Users", "e mail", {default = null})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) NOT NULL, /* a, b */
-->   "e mail" text COLLATE NOCASE,
-->   [size]  ,
-->   score  DOUBLE PRECISION, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'

--- a collation is replaced, added, taken away (auto)
CREATE TABLE t(a TEXT COLLATE NOCASE NOT NULL, b TEXT COLLATE "RTRIM", c TEXT /* c */);
INSERT INTO t VALUES('x', 'y', 'z');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("a", {collate = "RTRIM"})
    t.alter_column("b", {collate = null})
    t.alter_column("c", {collate = "NOCASE"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a TEXT COLLATE RTRIM NOT NULL, b TEXT, c TEXT COLLATE NOCASE /* c */)'
SELECT * FROM t WHERE c = 'Z';
--> 'x'|'y'|'z'

--- a collation is replaced, added, taken away (always)
CREATE TABLE t(a TEXT COLLATE NOCASE NOT NULL, b TEXT COLLATE "RTRIM", c TEXT /* c */);
INSERT INTO t VALUES('x', 'y', 'z');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("a", {collate = "RTRIM"})
    t.alter_column("b", {collate = null})
    t.alter_column("c", {collate = "NOCASE"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a TEXT COLLATE RTRIM NOT NULL, b TEXT, c TEXT COLLATE NOCASE /* c */)'
SELECT * FROM t WHERE c = 'Z';
--> 'x'|'y'|'z'

--- a column is renamed here and wherever it is used (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.alter_column("score", {name = "best"})
    t.alter_column("e mail", {name = "mail"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, replace(sql, '"mail"', 'mail') FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was ORDER BY 1;
--> 'Best'|'CREATE VIEW Best as select name, best   from "Users" -- all of them
-->   where best > 10'
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) NOT NULL DEFAULT ''x, (y)'', /* a, b */
-->   mail text COLLATE NOCASE,
-->   [size]  ,
-->   best  DOUBLE PRECISION, -- from the game
-->   CHECK (best >= 0) /* never
-->   below */ )'
--> 'by mail'|'CREATE INDEX [by mail] ON "Users" ( mail  , id ) WHERE mail <> '''''
SELECT * FROM Best;
--> 'Ann'|20.5

--- a column is renamed here and wherever it is used (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.alter_column("score", {name = "best"})
    t.alter_column("e mail", {name = "mail"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, replace(sql, '"mail"', 'mail') FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was ORDER BY 1;
--> 'Best'|'CREATE VIEW Best as select name, best   from "Users" -- all of them
-->   where best > 10'
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) NOT NULL DEFAULT ''x, (y)'', /* a, b */
-->   mail text COLLATE NOCASE,
-->   [size]  ,
-->   best  DOUBLE PRECISION, -- from the game
-->   CHECK (best >= 0) /* never
-->   below */ )'
--> 'by mail'|'CREATE INDEX [by mail] ON "Users" ( mail  , id ) WHERE mail <> '''''
SELECT * FROM Best;
--> 'Ann'|20.5

--- a column in the middle goes with its line (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.drop_column("size")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) NOT NULL DEFAULT ''x, (y)'', /* a, b */
-->   "e mail" text COLLATE NOCASE,
-->   score  DOUBLE PRECISION, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'
SELECT * FROM "Users";
--> 1|'Ann'|'a@x'|20.5
--> 4|'Bo'|'b@x'|5.0

--- a column in the middle goes with its line (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.drop_column("size")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) NOT NULL DEFAULT ''x, (y)'', /* a, b */
-->   "e mail" text COLLATE NOCASE,
-->   score  DOUBLE PRECISION, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'
SELECT * FROM "Users";
--> 1|'Ann'|'a@x'|20.5
--> 4|'Bo'|'b@x'|5.0

--- a column is added on a line of its own, behind the last column (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.add_column("age INT")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) NOT NULL DEFAULT ''x, (y)'', /* a, b */
-->   "e mail" text COLLATE NOCASE,
-->   [size]  ,
-->   score  DOUBLE PRECISION, -- from the game
-->   age INT,
-->   CHECK (score >= 0) /* never
-->   below */ )'
SELECT name, type FROM pragma_table_info('Users');
--> 'id'|'INTEGER'
--> 'name'|'VARCHAR ( 50 )'
--> 'e mail'|'TEXT'
--> 'size'|''
--> 'score'|'DOUBLE PRECISION'
--> 'age'|'INT'

--- a column is added on a line of its own, behind the last column (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.add_column("age INT")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   name VARCHAR ( 50 ) NOT NULL DEFAULT ''x, (y)'', /* a, b */
-->   "e mail" text COLLATE NOCASE,
-->   [size]  ,
-->   score  DOUBLE PRECISION, -- from the game
-->   age INT,
-->   CHECK (score >= 0) /* never
-->   below */ )'
SELECT name, type FROM pragma_table_info('Users');
--> 'id'|'INTEGER'
--> 'name'|'VARCHAR ( 50 )'
--> 'e mail'|'TEXT'
--> 'size'|''
--> 'score'|'DOUBLE PRECISION'
--> 'age'|'INT'

--- a column is added after another (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.add_column("age INT DEFAULT 7", {after = "id"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   age INT DEFAULT 7,
-->   name VARCHAR ( 50 ) NOT NULL DEFAULT ''x, (y)'', /* a, b */
-->   "e mail" text COLLATE NOCASE,
-->   [size]  ,
-->   score  DOUBLE PRECISION, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'
SELECT * FROM "Users";
--> 1|7|'Ann'|'a@x'|'big'|20.5
--> 4|7|'Bo'|'b@x'|3|5.0

--- a column is added after another (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.add_column("age INT DEFAULT 7", {after = "id"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
--> 'Users'|'CREATE TABLE "Users" ( -- people
-->   id   INTEGER PRIMARY KEY, -- the key
-->   age INT DEFAULT 7,
-->   name VARCHAR ( 50 ) NOT NULL DEFAULT ''x, (y)'', /* a, b */
-->   "e mail" text COLLATE NOCASE,
-->   [size]  ,
-->   score  DOUBLE PRECISION, -- from the game
-->   CHECK (score >= 0) /* never
-->   below */ )'
SELECT * FROM "Users";
--> 1|7|'Ann'|'a@x'|'big'|20.5
--> 4|7|'Bo'|'b@x'|3|5.0

--- the last column's comment is not swallowed, and stays with its column (auto)
CREATE TABLE t(
  a, -- about a
  b  -- about b
);
INSERT INTO t VALUES(1, 2);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.add_column("c TEXT")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(
-->   a, -- about a
-->   b,  -- about b
-->   c TEXT
--> )'
SELECT * FROM t;
--> 1|2|NULL

--- the last column's comment is not swallowed, and stays with its column (always)
CREATE TABLE t(
  a, -- about a
  b  -- about b
);
INSERT INTO t VALUES(1, 2);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.add_column("c TEXT")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(
-->   a, -- about a
-->   b,  -- about b
-->   c TEXT
--> )'
SELECT * FROM t;
--> 1|2|NULL

--- a comment behind a table on one line (auto)
CREATE TABLE t(a INT, b TEXT -- the last
);
INSERT INTO t VALUES(1, 'x');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.add_column("c TEXT DEFAULT ''y''")
    t.create_check_constraint("pos", "a > 0")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM t;
--> 1|'x'|'y'
SELECT sql LIKE '%-- the last%' FROM sqlite_schema WHERE name = 't';
--> 1
INSERT INTO t(a) VALUES(0);
--! pos

--- a comment behind a table on one line (always)
CREATE TABLE t(a INT, b TEXT -- the last
);
INSERT INTO t VALUES(1, 'x');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.add_column("c TEXT DEFAULT ''y''")
    t.create_check_constraint("pos", "a > 0")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM t;
--> 1|'x'|'y'
SELECT sql LIKE '%-- the last%' FROM sqlite_schema WHERE name = 't';
--> 1
INSERT INTO t(a) VALUES(0);
--! pos

--- a table constraint is added on a line of its own, or behind the others (auto)
CREATE TABLE t(
    a INT,
    b TEXT,
    UNIQUE (a, b)
);
CREATE TABLE u(a INT, b TEXT);
INSERT INTO t VALUES(1, 'x');
INSERT INTO u VALUES(1, 'x');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_check_constraint("pos", "a > 0")
    t.create_check_constraint(nil, "b <> ''''")
  end, {recreate = "auto"})
  op.batch_alter_table("u", function(t)
    t.create_check_constraint("pos", "a > 0")
    t.create_foreign_key(nil, "t", {"a", "b"}, {"a", "b"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name IN ('t', 'u');
--> 'CREATE TABLE t(
-->     a INT,
-->     b TEXT,
-->     UNIQUE (a, b),
-->     CONSTRAINT pos CHECK (a > 0),
-->     CHECK (b <> '''')
--> )'
--> 'CREATE TABLE u(a INT, b TEXT, CONSTRAINT pos CHECK (a > 0), FOREIGN KEY (a, b) REFERENCES t(a, b))'

--- a table constraint is added on a line of its own, or behind the others (always)
CREATE TABLE t(
    a INT,
    b TEXT,
    UNIQUE (a, b)
);
CREATE TABLE u(a INT, b TEXT);
INSERT INTO t VALUES(1, 'x');
INSERT INTO u VALUES(1, 'x');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.create_check_constraint("pos", "a > 0")
    t.create_check_constraint(nil, "b <> ''''")
  end, {recreate = "always"})
  op.batch_alter_table("u", function(t)
    t.create_check_constraint("pos", "a > 0")
    t.create_foreign_key(nil, "t", {"a", "b"}, {"a", "b"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name IN ('t', 'u');
--> 'CREATE TABLE t(
-->     a INT,
-->     b TEXT,
-->     UNIQUE (a, b),
-->     CONSTRAINT pos CHECK (a > 0),
-->     CHECK (b <> '''')
--> )'
--> 'CREATE TABLE u(a INT, b TEXT, CONSTRAINT pos CHECK (a > 0), FOREIGN KEY (a, b) REFERENCES t(a, b))'

--- a constraint that is dropped takes the space, or the line, before it (auto)
CREATE TABLE t(
  a INT CONSTRAINT pos CHECK (a > 0) NOT NULL,
  b TEXT REFERENCES t(b) UNIQUE,
  CONSTRAINT less CHECK (a < 9), -- small
  CONSTRAINT both UNIQUE (a, b)
);
INSERT INTO t VALUES(1, 'x');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_constraint("pos")
    t.drop_constraint("both")
    t.drop_constraint({type = "foreign_key", columns = "b"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(
-->   a INT NOT NULL,
-->   b TEXT UNIQUE,
-->   CONSTRAINT less CHECK (a < 9) -- small
--> )'
INSERT INTO t VALUES(9, 'y');
--! less

--- a constraint that is dropped takes the space, or the line, before it (always)
CREATE TABLE t(
  a INT CONSTRAINT pos CHECK (a > 0) NOT NULL,
  b TEXT REFERENCES t(b) UNIQUE,
  CONSTRAINT less CHECK (a < 9), -- small
  CONSTRAINT both UNIQUE (a, b)
);
INSERT INTO t VALUES(1, 'x');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_constraint("pos")
    t.drop_constraint("both")
    t.drop_constraint({type = "foreign_key", columns = "b"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(
-->   a INT NOT NULL,
-->   b TEXT UNIQUE,
-->   CONSTRAINT less CHECK (a < 9) -- small
--> )'
INSERT INTO t VALUES(9, 'y');
--! less

--- CRLF, tabs, lower case, backticks, letters of every kind (auto)
CREATE TABLE made(x);
INSERT INTO made VALUES('create table `zähler`(' || char(13, 10, 9) || '`größe` int,' || char(13, 10, 9) || 'ünït text' || char(13, 10) || ')');
SELECT migrate_register('revision = "0000"
function upgrade() op.execute(db.value("SELECT x FROM made")) end', '0.lua');
--> '0000'
SELECT migrate_upgrade();
--> 1
INSERT INTO "zähler" VALUES(1, 'x');
SELECT migrate_register('revision = "aaaa"
down_revision = "0000"
function upgrade()
  op.batch_alter_table("zähler", function(t)
    t.alter_column("größe", {nullable = false})
    t.alter_column("ünït", {type = "varchar(3)"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT replace(replace(replace(sql, char(13), '\r'), char(10), '\n'), char(9), '\t') FROM sqlite_schema WHERE name = 'zähler';
--> 'CREATE TABLE `zähler`(\r\n\t`größe` int NOT NULL,\r\n\tünït varchar(3)\r\n)'

--- CRLF, tabs, lower case, backticks, letters of every kind (always)
CREATE TABLE made(x);
INSERT INTO made VALUES('create table `zähler`(' || char(13, 10, 9) || '`größe` int,' || char(13, 10, 9) || 'ünït text' || char(13, 10) || ')');
SELECT migrate_register('revision = "0000"
function upgrade() op.execute(db.value("SELECT x FROM made")) end', '0.lua');
--> '0000'
SELECT migrate_upgrade();
--> 1
INSERT INTO "zähler" VALUES(1, 'x');
SELECT migrate_register('revision = "aaaa"
down_revision = "0000"
function upgrade()
  op.batch_alter_table("zähler", function(t)
    t.alter_column("größe", {nullable = false})
    t.alter_column("ünït", {type = "varchar(3)"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT replace(replace(replace(sql, char(13), '\r'), char(10), '\n'), char(9), '\t') FROM sqlite_schema WHERE name = 'zähler';
--> 'CREATE TABLE `zähler`(\r\n\t`größe` int NOT NULL,\r\n\tünït varchar(3)\r\n)'

--- names that are keywords, or have quotes in them (auto)
CREATE TABLE "select"("from" TEXT, "a""b" INT, 'lit' TEXT, `q``r`, [s"t] TEXT);
INSERT INTO "select" VALUES('f', 1, 'l', 'q', 's');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("select", function(t)
    t.alter_column("from", {nullable = false})
    t.alter_column(''a"b'', {type = "INTEGER"})
    t.alter_column("lit", {default = "''d''"})
    t.alter_column("q`r", {default = 5})
    t.alter_column(''s"t'', {type = "VARCHAR(9)"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'select';
--> 'CREATE TABLE "select"("from" TEXT NOT NULL, "a""b" INTEGER, ''lit'' TEXT DEFAULT ''d'', `q``r` DEFAULT 5, [s"t] VARCHAR(9))'
SELECT * FROM "select";
--> 'f'|1|'l'|'q'|'s'

--- names that are keywords, or have quotes in them (always)
CREATE TABLE "select"("from" TEXT, "a""b" INT, 'lit' TEXT, `q``r`, [s"t] TEXT);
INSERT INTO "select" VALUES('f', 1, 'l', 'q', 's');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("select", function(t)
    t.alter_column("from", {nullable = false})
    t.alter_column(''a"b'', {type = "INTEGER"})
    t.alter_column("lit", {default = "''d''"})
    t.alter_column("q`r", {default = 5})
    t.alter_column(''s"t'', {type = "VARCHAR(9)"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'select';
--> 'CREATE TABLE "select"("from" TEXT NOT NULL, "a""b" INTEGER, ''lit'' TEXT DEFAULT ''d'', `q``r` DEFAULT 5, [s"t] VARCHAR(9))'
SELECT * FROM "select";
--> 'f'|1|'l'|'q'|'s'

--- types as nobody else writes them (auto)
CREATE TABLE t(a UNSIGNED BIG INT, b DECIMAL(10,2), c "quoted type", d NATIVE CHARACTER (70), e VARCHAR(-5), f, g INT);
INSERT INTO t VALUES('1', '2.5', 'c', 4, 'e', 'f', 7);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("g", {nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a UNSIGNED BIG INT, b DECIMAL(10,2), c "quoted type", d NATIVE CHARACTER (70), e VARCHAR(-5), f, g INT NOT NULL)'
SELECT * FROM t;
--> 1|2.5|'c'|'4'|'e'|'f'|7

--- types as nobody else writes them (always)
CREATE TABLE t(a UNSIGNED BIG INT, b DECIMAL(10,2), c "quoted type", d NATIVE CHARACTER (70), e VARCHAR(-5), f, g INT);
INSERT INTO t VALUES('1', '2.5', 'c', 4, 'e', 'f', 7);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("g", {nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a UNSIGNED BIG INT, b DECIMAL(10,2), c "quoted type", d NATIVE CHARACTER (70), e VARCHAR(-5), f, g INT NOT NULL)'
SELECT * FROM t;
--> 1|2.5|'c'|'4'|'e'|'f'|7

--- a table made from a SELECT (auto)
CREATE TABLE src(a INT, b VARCHAR(9), c DOUBLE);
INSERT INTO src VALUES(1, 'x', 2.5);
CREATE TABLE t AS SELECT * FROM src;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("b", {nullable = false})
    t.add_column("d INT")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a INT,b TEXT NOT NULL,c REAL, d INT)'
SELECT * FROM t;
--> 1|'x'|2.5|NULL

--- a table made from a SELECT (always)
CREATE TABLE src(a INT, b VARCHAR(9), c DOUBLE);
INSERT INTO src VALUES(1, 'x', 2.5);
CREATE TABLE t AS SELECT * FROM src;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.alter_column("b", {nullable = false})
    t.add_column("d INT")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(a INT,b TEXT NOT NULL,c REAL, d INT)'
SELECT * FROM t;
--> 1|'x'|2.5|NULL

--- up and down again gives every byte back (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.add_column("age INT NOT NULL DEFAULT 0", {after = "name"})
    t.add_column("late TEXT")
    t.alter_column("score", {name = "best", nullable = false})
    t.create_unique_constraint("one_mail", "e mail")
    t.alter_column("name", {type = "TEXT"})
  end, {recreate = "auto"})
end
function downgrade()
  op.batch_alter_table("Users", function(t)
    t.alter_column("name", {type = "VARCHAR ( 50 )"})
    t.drop_constraint("one_mail")
    t.alter_column("best", {name = "score", nullable = true})
    t.drop_column("late")
    t.drop_column("age")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--> 1
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT * FROM "Users";
--> 1|'Ann'|'a@x'|'big'|20.5
--> 4|'Bo'|'b@x'|3|5.0
SELECT * FROM scores;
--> 1|10
--> 4|20
PRAGMA integrity_check;
--> 'ok'

--- up and down again gives every byte back (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("Users", function(t)
    t.add_column("age INT NOT NULL DEFAULT 0", {after = "name"})
    t.add_column("late TEXT")
    t.alter_column("score", {name = "best", nullable = false})
    t.create_unique_constraint("one_mail", "e mail")
    t.alter_column("name", {type = "TEXT"})
  end, {recreate = "always"})
end
function downgrade()
  op.batch_alter_table("Users", function(t)
    t.alter_column("name", {type = "VARCHAR ( 50 )"})
    t.drop_constraint("one_mail")
    t.alter_column("best", {name = "score", nullable = true})
    t.drop_column("late")
    t.drop_column("age")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--> 1
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT * FROM "Users";
--> 1|'Ann'|'a@x'|'big'|20.5
--> 4|'Bo'|'b@x'|3|5.0
SELECT * FROM scores;
--> 1|10
--> 4|20
PRAGMA integrity_check;
--> 'ok'
