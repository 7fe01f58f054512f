-- A table gets a whole new definition, and keeps its rows and all about it.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk);
CREATE TABLE pets(user_id INT REFERENCES users(id) ON DELETE CASCADE, name TEXT);
CREATE TABLE log(what);
CREATE INDEX users_age ON users(age DESC) WHERE age > 0;
CREATE VIEW mails AS SELECT id, mail FROM users;
CREATE TRIGGER users_ai AFTER INSERT ON users BEGIN INSERT INTO log VALUES(new.mail); END;
CREATE TRIGGER pets_ai AFTER INSERT ON pets BEGIN UPDATE users SET age = age + 1 WHERE id = new.user_id; END;
INSERT INTO users VALUES(1, 'Ann@x', 30, 1), (4, 'Bo@x', NULL, 2), (9, 'Cy@x', 20, 3);
INSERT INTO pets VALUES(1, 'cat'), (9, 'dog');
DELETE FROM log;

--- order, STRICT, AUTOINCREMENT, generated columns; and back
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.redefine_table("users", [[CREATE TABLE main.users ( -- the users
  id INTEGER PRIMARY KEY AUTOINCREMENT, /* new */
  age INTEGER DEFAULT 1,
  email TEXT NOT NULL COLLATE NOCASE UNIQUE ON CONFLICT IGNORE,
  mail TEXT NOT NULL,
  host TEXT AS (substr(mail, instr(mail, ''@'') + 1)) STORED
) STRICT ; -- end]], {using = {email = "lower(mail)"}})
end
function downgrade()
  op.redefine_table("users", "CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk)")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users ( -- the users
-->   id INTEGER PRIMARY KEY AUTOINCREMENT, /* new */
-->   age INTEGER DEFAULT 1,
-->   email TEXT NOT NULL COLLATE NOCASE UNIQUE ON CONFLICT IGNORE,
-->   mail TEXT NOT NULL,
-->   host TEXT AS (substr(mail, instr(mail, ''@'') + 1)) STORED
--> ) STRICT '
SELECT * FROM users;
--> 1|31|'ann@x'|'Ann@x'|'x'
--> 4|NULL|'bo@x'|'Bo@x'|'x'
--> 9|21|'cy@x'|'Cy@x'|'x'
SELECT name, seq FROM sqlite_sequence WHERE name = 'users';
--> 'users'|9
SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' ORDER BY rowid;
--> 'users'
--> 'pets'
--> 'log'
--> 'users_age'
--> 'mails'
--> 'users_ai'
--> 'pets_ai'
--> 'sqlite_autoindex_users_1'
--> 'sqlite_sequence'
SELECT * FROM pets;
--> 1|'cat'
--> 9|'dog'
SELECT * FROM log;
PRAGMA integrity_check;
--> 'ok'
PRAGMA foreign_key_check;
INSERT INTO users(mail, email) VALUES('Di@y', 'di@y');
SELECT id, host FROM users WHERE id > 9;
--> 10|'y'
SELECT * FROM log;
--> 'Di@y'
INSERT INTO users(mail, email, age) VALUES('Ed@y', 'ed@y', 'old');
--! cannot store TEXT value in INTEGER column users.age
DELETE FROM users WHERE id = 9;
SELECT * FROM pets;
--> 1|'cat'
SELECT migrate_downgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk)'
SELECT * FROM users;
--> 1|'Ann@x'|31|NULL
--> 4|'Bo@x'|NULL|NULL
--> 10|'Di@y'|1|NULL
SELECT * FROM sqlite_sequence WHERE name = 'users';
SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' ORDER BY rowid;
--> 'users'
--> 'pets'
--> 'log'
--> 'users_age'
--> 'mails'
--> 'users_ai'
--> 'pets_ai'
--> 'sqlite_sequence'
PRAGMA integrity_check;
--> 'ok'

--- WITHOUT ROWID, and back: the rows are in the order of the key
DROP TABLE pets;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.redefine_table("users", "CREATE TABLE users(junk, mail TEXT, age INT, n DEFAULT 5, PRIMARY KEY (junk DESC, mail)) WITHOUT ROWID")
end
function downgrade()
  op.redefine_table("users", "CREATE TABLE users(age INT, mail TEXT)")
end', 'a.lua');
--> 'aaaa'
DROP VIEW mails;
SELECT migrate_upgrade();
--> 1
SELECT * FROM users;
--> 3|'Cy@x'|21|5
--> 2|'Bo@x'|NULL|5
--> 1|'Ann@x'|31|5
SELECT rowid FROM users;
--! no such column: rowid
PRAGMA integrity_check;
--> 'ok'
SELECT migrate_downgrade();
--> 1
SELECT rowid, * FROM users;
--> 1|21|'Cy@x'
--> 2|NULL|'Bo@x'
--> 3|31|'Ann@x'
PRAGMA integrity_check;
--> 'ok'
SELECT type, name FROM sqlite_schema WHERE tbl_name = 'users';
--> 'table'|'users'
--> 'index'|'users_age'
--> 'trigger'|'users_ai'

--- a key is not met
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.redefine_table("users", "CREATE TABLE users(" .. args.text, args.junk and {using = {junk = args.junk}} or nil)
end', 'a.lua');
--> 'aaaa'
DROP TABLE pets;
SELECT migrate_config('arg.text', 'id INT, mail TEXT, age INT PRIMARY KEY) WITHOUT ROWID') > '';
--> 1
SELECT migrate_upgrade();
--! column age is NULL in 1 row: rowid 4; give using=
UPDATE users SET age = 20;
SELECT migrate_upgrade();
--! UNIQUE (age) is not met: 20 in 3 rows, the first is rowid 1; change them first
SELECT migrate_config('arg.text', 'id INT, mail TEXT, age INT, UNIQUE (age), PRIMARY KEY (id, mail)) WITHOUT ROWID') > '';
--> 1
SELECT migrate_upgrade();
--! UNIQUE (age COLLATE BINARY) is not met: 20 in 3 rows; change them first
SELECT migrate_config('arg.text', 'id INTEGER, mail TEXT, age INT, junk INTEGER PRIMARY KEY)') > '';
--> 1
SELECT migrate_config('arg.junk', 'mail');
--> 'mail'
SELECT migrate_upgrade();
--! column junk cannot be the rowid in 3 rows: rowid 1: 1
SELECT migrate_config('arg.junk', '5');
--> '5'
SELECT migrate_upgrade();
--! UNIQUE constraint failed: users.junk; in: SELECT id, mail, age, (5) FROM main.users
SELECT * FROM users;
--> 1|'Ann@x'|20|1
--> 4|'Bo@x'|20|2
--> 9|'Cy@x'|20|3
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk)'

--- the rowid is another column's
DROP TABLE pets;
UPDATE users SET junk = 100 - id;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.redefine_table("users", "CREATE TABLE users(id INT, mail TEXT, age INT, junk INTEGER PRIMARY KEY)")
end
function downgrade()
  op.redefine_table("users", "CREATE TABLE users(id INT, mail TEXT, age INT, n INTEGER PRIMARY KEY)")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT rowid, id, junk FROM users;
--> 91|9|91
--> 96|4|96
--> 99|1|99
SELECT migrate_downgrade();
--> 1
SELECT rowid, id, n FROM users;
--> 91|9|91
--> 96|4|96
--> 99|1|99
PRAGMA integrity_check;
--> 'ok'

--- what is refused, and how
CREATE TABLE said(what);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  local function say(ok, why)
    local s = tostring(why)
    if s:find("memory") or s:find("constraint failed$") or s:find("SQL logic error") then error(s, 0) end
    op.execute("INSERT INTO said VALUES(?)", why and tostring(why):gsub("^.-: ", "", 1) or "done")
  end
  local function try(text, using)
    say(pcall(op.redefine_table, "users", text and "CREATE TABLE users(" .. text, {using = using}))
  end
  try("id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT NOT NULL DEFAULT 1, junk)")
  try("id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT CHECK (age <> 21), junk)")
  try("id INTEGER PRIMARY KEY, junk, mail TEXT CHECK (users.mail <> ''Bo@x''), age INT)")
  try("id INTEGER PRIMARY KEY, mail INTEGER, age INT, junk)")
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk TEXT, n INT NOT NULL)")
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk INT, g INT NOT NULL AS (age + 1))")
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk INT, n INT CHECK (n > 1))", {n = "id - 3"})
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk BLOB) STRICT")
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk INT) STRICT", {junk = "mail"})
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, g INT AS (jnk), junk)")
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT CHECK (sum(age) > 1), junk)")
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk) WITHOUT ROWID, STRICT")
  try("id INT, mail TEXT, age INT, junk) WITHOUT ROWID")
  try("id INTEGER PRIMARY KEY, id TEXT, mail TEXT, age INT, junk)")
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk); DROP TABLE log")
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk", {junk = "1"})
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk)", {jumk = "1"})
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk)", {junk = "1", JUNK = "2"})
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk)", {junk = "1 FROM users; --"})
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk)", {junk = ""})
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk)", {junk = "max(id)"})
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk)", {junk = "nought"})
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk AS (1))", {junk = "1"})
  try("id INTEGER PRIMARY KEY, age INT, junk)")
  try("mail TEXT, age INT, junk)")
  try("id INTEGER PRIMARY KEY, mail TEXT, junk)")
  try(nil)
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk)", "junk")
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk)", {junk = 1})
  try("id INTEGER PRIMARY KEY, mail TEXT, age INT, junk)", {"junk"})
  say(pcall(op.redefine_table, "users", "CREATE TABLE users(a)", {recreate = "always"}))
  say(pcall(op.redefine_table, "nought", "CREATE TABLE nought(a)"))
  say(pcall(op.redefine_table, "mails", "CREATE TABLE mails(a)"))
  say(pcall(op.redefine_table, "sqlite_schema", "CREATE TABLE sqlite_schema(a)"))
  op.batch_alter_table("users", function(t)
    say(pcall(t.redefine, nil))
    say(pcall(t.redefine, "CREATE TABLE users(a)", {using = "a"}))
    say(pcall(t.redefine, "CREATE TABLE users(a)", {using = {a = {}}}))
    say(pcall(function() return t.redefine_table end))
  end)
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM said;
--> 'table users: column age is NULL in 1 row: rowid 4; give using= with a value for them, or fill them first'
--> 'table users: CHECK (age <> 21) does not hold in 1 row: rowid 9; change them first'
--> 'table users: CHECK (users.mail <> ''Bo@x'') does not hold in 1 row: rowid 4; change them first'
--> 'table users: column mail cannot become INTEGER in 3 rows: rowid 1: ''Ann@x'', rowid 4: ''Bo@x'', rowid 9: ''Cy@x''; give using=, or change them first'
--> 'redefine table users: users.n is NOT NULL and has no value for the rows there are: give a DEFAULT, or using= with an SQL expression'
--> 'table users: column g is NULL in 1 row: rowid 4; give using= with a value for them, or fill them first'
--> 'table users: CHECK (n > 1) does not hold in 2 rows: rowid 1, rowid 4; change them first'
--> 'table users: column junk cannot become BLOB in 3 rows: rowid 1: 1, rowid 4: 2, rowid 9: 3; give using= that fits the type'
--> 'table users: column junk cannot become INT in 3 rows: rowid 1: ''Ann@x'', rowid 4: ''Bo@x'', rowid 9: ''Cy@x''; give using= that fits the type'
--> 'table users: no such column: jnk; in: CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT, age INT, g INT AS (jnk), junk)'
--> 'table users: misuse of aggregate function sum(); in: CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT, age INT CHECK (sum(age) > 1), junk)'
--> 'table users: missing datatype for users.junk; in: CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT, age INT, junk) WITHOUT ROWID, STRICT'
--> 'table users: PRIMARY KEY missing on table users; in: CREATE TABLE users(id INT, mail TEXT, age INT, junk) WITHOUT ROWID'
--> 'table users: duplicate column name: id; in: CREATE TABLE users(id INTEGER PRIMARY KEY, id TEXT, mail TEXT, age INT, junk)'
--> 'redefine table users: line 1, near "DROP": the end of the statement expected'
--> 'redefine table users: line 1, at the end: a constraint of the column expected'
--> 'redefine table users: table users has no column jumk; the nearest is junk'
--> 'redefine table users: using= has column junk twice'
--> 'redefine table users: using "1 FROM users; --": a `;` outside quotes'
--> 'redefine table users: using "": it is empty'
--> 'table users: 3 rows, of which 1 were copied: is there an aggregate in using=?'
--> 'table users: no such column: nought; in: SELECT id, mail, age, (nought) FROM main.users NOT INDEXED'
--> 'redefine table users: column junk is generated: it takes no using='
--> 'table users: view mails would break: no such column: mail; drop it first and create it anew; its text: CREATE VIEW mails AS SELECT id, mail FROM users'
--> 'redefine table users: column users.id is used by a foreign key of table pets, which would break: REFERENCES users(id) ON DELETE CASCADE; drop that first, or in the same batch'
--> 'table users: trigger pets_ai would break: no such column: age; drop it first and create it anew; its text: CREATE TRIGGER pets_ai AFTER INSERT ON pets BEGIN UPDATE users SET age = age + 1 WHERE id = new.user_id; END'
--> 'the CREATE TABLE statement must be a string, not nil'
--> 'using must be a table {column = SQL}, not a string'
--> 'using.junk must be a string, not a number'
--> 'a column in using must be a string, not a number'
--> 'unknown option ''recreate''; known are: using'
--> 'no table nought in main'
--> 'mails is a view; drop it with op.drop_view and create it anew'
--> 'no table sqlite_schema in main'
--> 'the CREATE TABLE statement must be a string, not nil'
--> 'using must be a table {column = SQL}, not a string'
--> 'using.a must be a string, not a table'
--> 't has no function named redefine_table'
SELECT * FROM users;
--> 1|'Ann@x'|31|1
--> 4|'Bo@x'|NULL|2
--> 9|'Cy@x'|21|3
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk)'

--- what stays and means nothing any more
CREATE TABLE t(id INTEGER PRIMARY KEY, k TEXT, v, CHECK (v <> 9 OR k <> 'z'), CHECK (rowid < 100)); INSERT INTO t VALUES(1, 'b', 1), (2, 'B', 2);
CREATE TABLE said(what);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  local function try(text)
    local ok, why = pcall(op.redefine_table, "t", "CREATE TABLE t(" .. text)
    local s = tostring(why)
    if s:find("memory") or s:find("constraint failed$") or s:find("SQL logic error") then error(s, 0) end
    op.execute("INSERT INTO said VALUES(?)", ok and "done" or tostring(why):gsub("; in: .*", ""))
  end
  try("id INTEGER PRIMARY KEY, v, CHECK (v <> 9 OR k <> ''z''))")
  try("id INTEGER PRIMARY KEY, k, v, CHECK (rowid < 100)) WITHOUT ROWID")
  try("k TEXT COLLATE NOCASE PRIMARY KEY, v) WITHOUT ROWID")
  try("k TEXT COLLATE NOCASE UNIQUE, v)")
  try("v INTEGER PRIMARY KEY, CHECK (rowid < 2))")
  op.redefine_table("t", "CREATE TABLE t(v, n INT AS (v + 1), m AS (n * 2) STORED NOT NULL)", {using = {v = "sum(v) OVER (ORDER BY id DESC)"}})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT what FROM said;
--> 'a.lua:4: table t: no such column: k'
--> 'a.lua:4: table t: SQLite refuses the new schema: no such column: rowid'
--> 'a.lua:4: table t: UNIQUE (k COLLATE NOCASE) is not met: ''b'' in 2 rows, the first is rowid 1; change them first'
--> 'a.lua:4: table t: UNIQUE (k COLLATE NOCASE) is not met: ''b'' in 2 rows, the first is rowid 1; change them first'
--> 'a.lua:4: table t: CHECK (rowid < 2) does not hold in 1 row: rowid 2; change them first'
SELECT rowid, * FROM t;
--> 1|3|4|8
--> 2|2|3|6
PRAGMA integrity_check;
--> 'ok'

--- statements that cannot be the table's
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.redefine_table("users", args.text or "")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_config('arg.text', 'CREATE TABLE user(id)');
--> 'CREATE TABLE user(id)'
SELECT migrate_upgrade();
--! redefine table users: it is about another table; op.rename_table gives one a new name: CREATE TABLE user
SELECT migrate_config('arg.text', 'CREATE TABLE IF NOT EXISTS users(id)') IS NULL;
--> 0
SELECT migrate_upgrade();
--! leave IF NOT EXISTS out: CREATE TABLE IF NOT EXISTS users
SELECT migrate_config('arg.text', 'CREATE TEMP TABLE users(id)') IS NULL;
--> 0
SELECT migrate_upgrade();
--! leave TEMP out
SELECT migrate_config('arg.text', 'CREATE TABLE aux.users(id)') IS NULL;
--> 0
SELECT migrate_upgrade();
--! it is about another database: CREATE TABLE aux.users
SELECT migrate_config('arg.text', 'CREATE TABLE users AS SELECT 1') IS NULL;
--> 0
SELECT migrate_upgrade();
--! columns in parentheses, not a SELECT, expected
SELECT migrate_config('arg.text', 'CREATE VIEW users AS SELECT 1') IS NULL;
--> 0
SELECT migrate_upgrade();
--! it is no CREATE TABLE
SELECT migrate_config('arg.text', 'CREATE VIRTUAL TABLE users USING fts5(x)') IS NULL;
--> 0
SELECT migrate_upgrade();
--! it is no CREATE TABLE
SELECT migrate_config('arg.text', ' ') IS NULL;
--> 0
SELECT migrate_upgrade();
--! redefine table users:
SELECT migrate_config('arg.text', '') IS NULL;
--> 0
SELECT migrate_upgrade();
--! redefine table users: the definition is empty: give the whole CREATE TABLE statement
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk)'

--- with indexes dropped before, and made behind
DROP TRIGGER pets_ai;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_index("users_age")
    t.redefine([[CREATE TABLE users(mail TEXT, id INTEGER PRIMARY KEY, years INT)]], {using = {years = "age * 2"}})
    t.create_index("users_years", {"years", "lower(mail) DESC"}, {unique = true, where = "years > 1"})
  end)
end
function downgrade()
  op.batch_alter_table("users", function(t)
    t.drop_index("users_years")
    t.add_column("age INT")
    t.redefine([[CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk)]], {using = {age = "years / 2"}})
    t.alter_column("junk", {default = 9})
  end)
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM users;
--> 'Ann@x'|1|62
--> 'Bo@x'|4|NULL
--> 'Cy@x'|9|42
SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'users';
--> 'users'|'CREATE TABLE users(mail TEXT, id INTEGER PRIMARY KEY, years INT)'
--> 'users_ai'|'CREATE TRIGGER users_ai AFTER INSERT ON users BEGIN INSERT INTO log VALUES(new.mail); END'
--> 'users_years'|'CREATE UNIQUE INDEX users_years ON users (years, lower(mail) DESC) WHERE years > 1'
PRAGMA integrity_check;
--> 'ok'
SELECT migrate_downgrade();
--> 1
SELECT * FROM users;
--> 1|'Ann@x'|31|NULL
--> 4|'Bo@x'|NULL|NULL
--> 9|'Cy@x'|21|NULL
SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'users';
--> 'users'|'CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk DEFAULT 9)'
--> 'users_ai'|'CREATE TRIGGER users_ai AFTER INSERT ON users BEGIN INSERT INTO log VALUES(new.mail); END'

--- what others need is not dropped
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.redefine_table("users", args.text)
end', 'a.lua');
--> 'aaaa'
SELECT migrate_config('arg.text', 'CREATE TABLE users(mail TEXT, age INT, junk)') IS NULL;
--> 0
SELECT migrate_upgrade();
--! column users.id is used by a foreign key of table pets, which would break: REFERENCES users(id) ON DELETE CASCADE
SELECT migrate_config('arg.text', 'CREATE TABLE users(id INT, mail TEXT, age INT, junk)') IS NULL;
--> 0
SELECT migrate_upgrade();
--! foreign key mismatch
SELECT migrate_config('arg.text', 'CREATE TABLE users(id INTEGER PRIMARY KEY, age INT, junk)') IS NULL;
--> 0
SELECT migrate_upgrade();
--! view mails would break: no such column: mail
DROP VIEW mails;
SELECT migrate_upgrade();
--! trigger users_ai would break: no such column: new.mail
SELECT migrate_config('arg.text', 'CREATE TABLE users(id INTEGER PRIMARY KEY, mail, age AS (7), junk)') IS NULL;
--> 0
SELECT migrate_upgrade();
--! trigger pets_ai would break: cannot UPDATE generated column "age"
DROP TRIGGER users_ai;
DROP TRIGGER pets_ai;
CREATE INDEX two ON users(age, mail);
SELECT migrate_config('arg.text', 'CREATE TABLE users(id INTEGER PRIMARY KEY, age INT, junk)') IS NULL;
--> 0
SELECT migrate_upgrade();
--! column users.mail is used by index two, which would break: CREATE INDEX two ON users(age, mail); drop that first, or in the same batch
DROP INDEX two;
CREATE INDEX one ON users(mail);
SELECT migrate_upgrade();
--> 1
SELECT name FROM sqlite_schema WHERE tbl_name = 'users';
--> 'users'
--> 'users_age'
SELECT * FROM users;
--> 1|31|1
--> 4|NULL|2
--> 9|21|3

--- the text alone: no row is touched
CREATE TEMP TABLE root AS SELECT rootpage FROM sqlite_schema WHERE name = 'users';
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.redefine_table("USERS", [[create TABLE /* its */ "users" (id INTEGER CONSTRAINT pk PRIMARY KEY ON CONFLICT REPLACE,
  mail VARCHAR(20) NOT NULL ON CONFLICT IGNORE CHECK (mail LIKE ''%@%''), -- as mail
  age INTEGER DEFAULT 7 CHECK (age < 99), junk REFERENCES log)]])
end
function downgrade()
  op.redefine_table("users", "CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk)")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! foreign key
CREATE UNIQUE INDEX what ON log(what);
INSERT INTO log VALUES(1), (2), (3);
UPDATE users SET junk = NULL;
SELECT migrate_register((SELECT 'revision = "bbbb"
function upgrade()
  op.redefine_table("USERS", [[create TABLE /* its */ "users" (id INTEGER CONSTRAINT pk PRIMARY KEY ON CONFLICT REPLACE,
  mail VARCHAR(20) NOT NULL ON CONFLICT IGNORE CHECK (mail LIKE ''%@%''), -- as mail
  age INTEGER DEFAULT 7 CHECK (age < 99), junk REFERENCES log(what))]])
end
function downgrade()
  op.redefine_table("users", "CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk)")
end'), 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT sql, rootpage = (SELECT rootpage FROM root) FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE "users" (id INTEGER CONSTRAINT pk PRIMARY KEY ON CONFLICT REPLACE,
-->   mail VARCHAR(20) NOT NULL ON CONFLICT IGNORE CHECK (mail LIKE ''%@%''), -- as mail
-->   age INTEGER DEFAULT 7 CHECK (age < 99), junk REFERENCES log(what))'|1
SELECT * FROM users;
--> 1|'Ann@x'|31|NULL
--> 4|'Bo@x'|NULL|NULL
--> 9|'Cy@x'|21|NULL
INSERT INTO users(id, mail) VALUES(9, 'Zed@x'), (10, NULL);
SELECT * FROM users WHERE id > 4;
--> 9|'Zed@x'|7|NULL
SELECT migrate_downgrade();
--> 1
SELECT sql, rootpage = (SELECT rootpage FROM root) FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk)'|1

--- the same text is no change
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.redefine_table("users", "CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk);")
end', 'a.lua');
--> 'aaaa'
CREATE TEMP TABLE root AS SELECT rootpage FROM sqlite_schema WHERE name = 'users';
SELECT migrate_upgrade();
--> 1
SELECT sql, rootpage = (SELECT rootpage FROM root) FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk)'|1

--- rows that do not store a column keep what they read
CREATE TABLE t(a); INSERT INTO t VALUES(1); ALTER TABLE t ADD COLUMN s TEXT DEFAULT 'old'; INSERT INTO t VALUES(2, 'mine');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.redefine_table("t", "CREATE TABLE t(a, s TEXT DEFAULT ''new'' NOT NULL)")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO t(a) VALUES(3);
SELECT * FROM t;
--> 1|'old'
--> 2|'mine'
--> 3|'new'

--- the name as the database spells it
CREATE TABLE Mixed(a); INSERT INTO Mixed VALUES(1);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.redefine_table("MIXED", "CREATE TABLE mixed(a INT, b)")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE name LIKE 'mixed';
--> 'Mixed'|'CREATE TABLE Mixed(a INT, b)'
ALTER TABLE mixed RENAME TO other;
SELECT * FROM other;
--> 1|NULL

--- AUTOINCREMENT comes to a database that has none, and goes
CREATE TABLE t(id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES(-7, 1), (40, 2); DELETE FROM t WHERE id = 40;
CREATE TABLE e(id INTEGER PRIMARY KEY, x);
SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence';
--> 0
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.redefine_table("t", "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, x)")
  op.redefine_table("e", "CREATE TABLE e(id INTEGER PRIMARY KEY AUTOINCREMENT, x)")
end
function downgrade()
  op.redefine_table("t", "CREATE TABLE t(id INTEGER PRIMARY KEY, x)")
  op.redefine_table("e", "CREATE TABLE e(id INTEGER PRIMARY KEY, x)")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM sqlite_sequence WHERE name IN ('t', 'e');
--> 't'|0
INSERT INTO t(x) VALUES(3);
INSERT INTO e(x) VALUES(3);
SELECT t.id, e.id FROM t, e WHERE t.x = 3;
--> 1|1
SELECT migrate_downgrade();
--> 1
SELECT * FROM sqlite_sequence WHERE name IN ('t', 'e');
SELECT name FROM sqlite_schema WHERE name GLOB '_migrate_[sf]*';

--- old violations are neither hidden nor blamed, whatever the rowids
PRAGMA foreign_keys = OFF;
CREATE TABLE c(k INT NOT NULL UNIQUE, u INT REFERENCES users(id)); INSERT INTO c VALUES(8, 1), (3, 77), (5, 78);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.redefine_table("c", "CREATE TABLE c(k INT PRIMARY KEY, u INT REFERENCES users(id)) WITHOUT ROWID")
end
function downgrade()
  op.redefine_table("c", "CREATE TABLE c(k INT NOT NULL UNIQUE, u INT REFERENCES users(id))")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  op.redefine_table("c", "CREATE TABLE c(k INTEGER PRIMARY KEY, u INT REFERENCES users(id))", {using = {u = "u + 1"}})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('aaaa');
--> 1
SELECT * FROM c;
--> 3|77
--> 5|78
--> 8|1
SELECT migrate_downgrade();
--> 1
SELECT rowid, * FROM c;
--> 1|3|77
--> 2|5|78
--> 3|8|1
SELECT migrate_upgrade('bbbb');
--! 1 new foreign key violation: c rowid 8 (u) has no row in users

--- a script's functions may fill, and not stay
SELECT migrate_register('revision = "aaaa"
function upgrade()
  db.func("twice", function(n) return n * 2 end)
  op.redefine_table("users", [[CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT, age INT CHECK (twice(age) > 1), junk)]])
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! a table calls twice(), a function of this script
SELECT migrate_register('revision = "bbbb"
function upgrade()
  db.func("twice", function(n) return n * 2 end)
  op.redefine_table("users", [[CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT, age INT, junk)]], {using = {junk = "twice(id)"}})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT junk FROM users;
--> 2
--> 8
--> 18

--- without a transaction of its own
SELECT migrate_register('revision = "aaaa"
transactional = false
function upgrade()
  op.redefine_table("users", "CREATE TABLE users(mail TEXT, id INTEGER PRIMARY KEY, age INT, n)", {using = {n = "id + 1", age = "2"}})
  if not args.on then error("stop") end
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! stop
SELECT * FROM users;
--> 'Ann@x'|1|2|2
--> 'Bo@x'|4|2|5
--> 'Cy@x'|9|2|10
SELECT migrate_config('arg.on', '1');
--> '1'
SELECT migrate_upgrade();
--> 1
SELECT * FROM users;
--> 'Ann@x'|1|2|2
--> 'Bo@x'|4|2|5
--> 'Cy@x'|9|2|10

--- in a TEMP and in an attached database
ATTACH ':memory:' AS aux;
CREATE TABLE aux.users(id INTEGER PRIMARY KEY, a); INSERT INTO aux.users VALUES(5, 'x');
SELECT migrate_config('schema', 'aux');
--> 'aux'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.redefine_table("users", "CREATE TABLE aux.users(a TEXT, id INTEGER PRIMARY KEY AUTOINCREMENT)")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM aux.sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(a TEXT, id INTEGER PRIMARY KEY AUTOINCREMENT)'
SELECT * FROM aux.sqlite_sequence WHERE name = 'users';
--> 'users'|5
SELECT sql FROM main.sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT DEFAULT 1, junk)'
