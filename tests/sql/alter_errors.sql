-- What is refused says what is wrong and what stands in the way, and leaves nothing.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT, age INT CHECK (age > 0), extra TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INT REFERENCES users(id) ON DELETE CASCADE, sum INT);
CREATE INDEX users_mail ON users(mail, age) WHERE extra IS NOT NULL;
CREATE VIEW adults AS SELECT name, mail FROM users WHERE age > 17;
CREATE TRIGGER orders_ai AFTER INSERT ON orders BEGIN UPDATE users SET extra = 'buyer' WHERE id = new.user_id; END;
CREATE VIRTUAL TABLE notes USING fts5(body);
CREATE TABLE counted(id INTEGER PRIMARY KEY AUTOINCREMENT, x);
INSERT INTO users VALUES(1, 'Ann', 'a@x', 30, NULL), (6, 'Bo', NULL, 20, 'e');
INSERT INTO orders VALUES(1, 1, 5);
UPDATE users SET extra = NULL WHERE id = 1;
INSERT INTO notes VALUES('a note');
INSERT INTO counted(x) VALUES(1);
CREATE TEMP TABLE was AS SELECT type, name, tbl_name, sql FROM sqlite_schema;

--- an unknown table: the nearest is named (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("user", function(t)
    t.drop_column("mail")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua
--! user
--! users
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.alter_column("oders", "sum", {nullable = false})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! revision bbbb (b.lua:3)
--! orders
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.create_check_constraint("c", "userz", "age > 1")
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! revision cccc (c.lua:3)
--! users
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- an unknown table: the nearest is named (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("user", function(t)
    t.drop_column("mail")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua
--! user
--! users
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.alter_column("oders", "sum", {nullable = false})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! revision bbbb (b.lua:3)
--! orders
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.create_check_constraint("c", "userz", "age > 1")
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! revision cccc (c.lua:3)
--! users
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- an unknown column: the nearest is named (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("nmae", {nullable = true})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! users
--! nmae
--! name
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_column("email")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! email
--! mail
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.create_unique_constraint("u", {"name", "agee"})
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! agee
--! age
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.create_foreign_key("f", "orders", "age", "idd")
  end, {recreate = "auto"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! idd
--! id
SELECT migrate_register('revision = "eeee"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.create_index("i", {"agee"})
  end, {recreate = "auto"})
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! agee
SELECT migrate_register('revision = "ffff"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {name = "post"})
    t.drop_column("mail")
  end, {recreate = "auto"})
end', 'f.lua');
--> 'ffff'
SELECT migrate_upgrade('ffff');
--! mail
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- an unknown column: the nearest is named (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("nmae", {nullable = true})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! users
--! nmae
--! name
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_column("email")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! email
--! mail
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.create_unique_constraint("u", {"name", "agee"})
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! agee
--! age
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.create_foreign_key("f", "orders", "age", "idd")
  end, {recreate = "always"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! idd
--! id
SELECT migrate_register('revision = "eeee"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.create_index("i", {"agee"})
  end, {recreate = "always"})
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! agee
SELECT migrate_register('revision = "ffff"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {name = "post"})
    t.drop_column("mail")
  end, {recreate = "always"})
end', 'f.lua');
--> 'ffff'
SELECT migrate_upgrade('ffff');
--! mail
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- names are compared as SQLite does (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("USERS", function(t)
    t.alter_column("Mail", {nullable = true, type = "VARCHAR(9)"})
    t.add_column("Town TEXT", {after = "AGE"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail VARCHAR(9), age INT CHECK (age > 0), Town TEXT, extra TEXT)'

--- names are compared as SQLite does (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("USERS", function(t)
    t.alter_column("Mail", {nullable = true, type = "VARCHAR(9)"})
    t.add_column("Town TEXT", {after = "AGE"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail VARCHAR(9), age INT CHECK (age > 0), Town TEXT, extra TEXT)'

--- a name that is taken (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {name = "NAME"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! NAME
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("mail INT")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! mail
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.create_check_constraint("c", "age > 1")
    t.create_check_constraint("c", "age > 2")
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! c
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("extra", {nullable = true})
    t.create_index("users_mail", {"extra"})
  end, {recreate = "auto"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! users_mail
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- a name that is taken (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {name = "NAME"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! NAME
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("mail INT")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! mail
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.create_check_constraint("c", "age > 1")
    t.create_check_constraint("c", "age > 2")
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! c
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("extra", {nullable = true})
    t.create_index("users_mail", {"extra"})
  end, {recreate = "always"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! users_mail
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- views, virtual tables and what SQLite keeps for itself are not altered
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("adults", "x INT")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! adults
--! view
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("notes", function(t) t.add_column("x") end)
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! notes
--! virtual
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("notes_data", function(t) t.add_column("x") end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! notes_data
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.drop_column("sqlite_sequence", "seq")
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! sqlite_sequence
SELECT migrate_register('revision = "eeee"
function upgrade()
  op.batch_alter_table("sqlite_schema", function(t) end, {recreate = "always"})
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! sqlite_schema
SELECT migrate_register('revision = "ffff"
function upgrade()
  op.drop_column("users_mail", "mail")
end', 'f.lua');
--> 'ffff'
SELECT migrate_upgrade('ffff');
--! users_mail
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT * FROM notes;
--> 'a note'

--- the extension's own tables are not altered
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.execute("UPDATE users SET age = age")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.drop_column("_migrate_log", "message")
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! _migrate_log
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("_migrate_version", function(t) t.add_column("x") end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! _migrate_version
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- SQL that is not one expression
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_check_constraint("c", "users", "age > 1); DROP TABLE orders; --")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:3)
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.create_check_constraint("c", "users", "age > 1 /* open")
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! revision bbbb (b.lua:3)
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.create_check_constraint("c", "users", "age >")
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! revision cccc (c.lua:3)
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.alter_column("users", "mail", {using = "(SELECT 1"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! revision dddd (d.lua:3)
SELECT migrate_register('revision = "eeee"
function upgrade()
  op.alter_column("users", "mail", {using = "1, 2"})
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! revision eeee (e.lua:3)
SELECT migrate_register('revision = "ffff"
function upgrade()
  op.alter_column("users", "mail", {using = "mail FROM users; --"})
end', 'f.lua');
--> 'ffff'
SELECT migrate_upgrade('ffff');
--! revision ffff (f.lua:3)
SELECT migrate_register('revision = "gggg"
function upgrade()
  op.alter_column("users", "mail", {using = "max(mail)"})
end', 'g.lua');
--> 'gggg'
SELECT migrate_upgrade('gggg');
--! revision gggg (g.lua:3)
SELECT migrate_register('revision = "hhhh"
function upgrade()
  op.add_column("users", "x INT) STRICT --")
end', 'h.lua');
--> 'hhhh'
SELECT migrate_upgrade('hhhh');
--! revision hhhh (h.lua:3)
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT count(*) FROM orders;
--> 1

--- a name is a name and never SQL
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_check_constraint("a, CHECK (0)", "users", "age <> 99")
  op.alter_column("users", "extra", {name = "x) --"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO users(id, name, age) VALUES(8, 'Cy', 99);
--! a, CHECK (0)
SELECT "x) --" FROM users WHERE id = 6;
--> 'e'
SELECT count(*) FROM pragma_table_info('users');
--> 5

--- what stands in the way of a column's end is named, with its text (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_column("mail")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! mail
--! users_mail
--! users(mail, age)
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_column("extra")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! extra
--! users_mail
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_index("users_mail")
    t.drop_column("mail")
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! adults
--! SELECT name, mail FROM users WHERE age > 17
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_index("users_mail")
    t.drop_column("extra")
  end, {recreate = "auto"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! orders_ai
--! UPDATE users SET extra
SELECT migrate_register('revision = "eeee"
function upgrade()
  op.drop_trigger("orders_ai")
  op.batch_alter_table("users", function(t) t.drop_column("id") end, {recreate = "auto"})
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! orders
--! REFERENCES users(id)
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT type, name, tbl_name, sql FROM was EXCEPT SELECT type, name, tbl_name, sql FROM sqlite_schema;
SELECT * FROM users;
--> 1|'Ann'|'a@x'|30|NULL
--> 6|'Bo'|NULL|20|'e'

--- what stands in the way of a column's end is named, with its text (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_column("mail")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! mail
--! users_mail
--! users(mail, age)
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_column("extra")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! extra
--! users_mail
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_index("users_mail")
    t.drop_column("mail")
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! adults
--! SELECT name, mail FROM users WHERE age > 17
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_index("users_mail")
    t.drop_column("extra")
  end, {recreate = "always"})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! orders_ai
--! UPDATE users SET extra
SELECT migrate_register('revision = "eeee"
function upgrade()
  op.drop_trigger("orders_ai")
  op.batch_alter_table("users", function(t) t.drop_column("id") end, {recreate = "always"})
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! orders
--! REFERENCES users(id)
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT type, name, tbl_name, sql FROM was EXCEPT SELECT type, name, tbl_name, sql FROM sqlite_schema;
SELECT * FROM users;
--> 1|'Ann'|'a@x'|30|NULL
--> 6|'Bo'|NULL|20|'e'

--- a new name that changes what a view's words mean (auto)
CREATE TABLE other(mail2 TEXT);
CREATE VIEW joined AS SELECT mail2 FROM users, other;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {name = "mail2"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! joined
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' AND name NOT IN ('other', 'joined') EXCEPT SELECT * FROM was;

--- a new name that changes what a view's words mean (always)
CREATE TABLE other(mail2 TEXT);
CREATE VIEW joined AS SELECT mail2 FROM users, other;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {name = "mail2"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! joined
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' AND name NOT IN ('other', 'joined') EXCEPT SELECT * FROM was;

--- a column that makes a view's words mean two things (auto)
CREATE TABLE other(town TEXT);
CREATE VIEW joined AS SELECT town FROM users, other;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! joined
SELECT count(*) FROM joined;
--> 0
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' AND name NOT IN ('other', 'joined') EXCEPT SELECT * FROM was;

--- a column that makes a view's words mean two things (always)
CREATE TABLE other(town TEXT);
CREATE VIEW joined AS SELECT town FROM users, other;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! joined
SELECT count(*) FROM joined;
--> 0
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' AND name NOT IN ('other', 'joined') EXCEPT SELECT * FROM was;

--- rows in the way: the first are named, and nothing is changed (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.create_check_constraint("older", "age > 25")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! users
--! older
--! rowid 6
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {nullable = false})
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! users
--! mail
--! 1 row
--! rowid 6
--! using
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("name", {type = "INT"})
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! 2 rows
--! rowid 1: 'Ann'
--! rowid 6: 'Bo'
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT * FROM users;
--> 1|'Ann'|'a@x'|30|NULL
--> 6|'Bo'|NULL|20|'e'

--- rows in the way: the first are named, and nothing is changed (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.create_check_constraint("older", "age > 25")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! users
--! older
--! rowid 6
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {nullable = false})
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! users
--! mail
--! 1 row
--! rowid 6
--! using
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("name", {type = "INT"})
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! 2 rows
--! rowid 1: 'Ann'
--! rowid 6: 'Bo'
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT * FROM users;
--> 1|'Ann'|'a@x'|30|NULL
--> 6|'Bo'|NULL|20|'e'

--- a later error in the revision takes the alteration back, too [file] (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("extra", {name = "more", type = "BLOB"})
    t.add_column("town TEXT DEFAULT ''x''", {after = "id"})
  end, {recreate = "auto"})
  op.execute("INSERT INTO nowhere VALUES(1)")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! no such table: nowhere
SELECT type, name, tbl_name, sql FROM sqlite_schema EXCEPT SELECT * FROM was;
SELECT type, name, tbl_name, sql FROM was EXCEPT SELECT type, name, tbl_name, sql FROM sqlite_schema;
--@ reopen
SELECT name FROM sqlite_schema WHERE name GLOB '*migrate*';
SELECT name FROM sqlite_temp_schema;
SELECT * FROM users;
--> 1|'Ann'|'a@x'|30|NULL
--> 6|'Bo'|NULL|20|'e'
PRAGMA integrity_check;
--> 'ok'

--- a later error in the revision takes the alteration back, too [file] (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("extra", {name = "more", type = "BLOB"})
    t.add_column("town TEXT DEFAULT ''x''", {after = "id"})
  end, {recreate = "always"})
  op.execute("INSERT INTO nowhere VALUES(1)")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! no such table: nowhere
SELECT type, name, tbl_name, sql FROM sqlite_schema EXCEPT SELECT * FROM was;
SELECT type, name, tbl_name, sql FROM was EXCEPT SELECT type, name, tbl_name, sql FROM sqlite_schema;
--@ reopen
SELECT name FROM sqlite_schema WHERE name GLOB '*migrate*';
SELECT name FROM sqlite_temp_schema;
SELECT * FROM users;
--> 1|'Ann'|'a@x'|30|NULL
--> 6|'Bo'|NULL|20|'e'
PRAGMA integrity_check;
--> 'ok'

--- inside the caller's transaction a refusal leaves what they did (auto)
BEGIN;
INSERT INTO users VALUES(7, 'Cy', NULL, 9, NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 2 rows
--! rowid 7
SELECT name FROM users;
--> 'Ann'
--> 'Bo'
--> 'Cy'
COMMIT;
SELECT count(*) FROM users;
--> 3
SELECT type, name, tbl_name, sql FROM sqlite_schema EXCEPT SELECT * FROM was;

--- inside the caller's transaction a refusal leaves what they did (always)
BEGIN;
INSERT INTO users VALUES(7, 'Cy', NULL, 9, NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 2 rows
--! rowid 7
SELECT name FROM users;
--> 'Ann'
--> 'Bo'
--> 'Cy'
COMMIT;
SELECT count(*) FROM users;
--> 3
SELECT type, name, tbl_name, sql FROM sqlite_schema EXCEPT SELECT * FROM was;

--- no name that a rebuild uses is left, or taken from the user (auto)
CREATE TABLE _migrate_new(x);
CREATE TABLE users_new(x);
CREATE TABLE new_users(x);
CREATE TABLE _alembic_tmp_users(x);
CREATE TEMP TABLE names AS SELECT name FROM sqlite_schema;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("age", {nullable = true, type = "TEXT"})
    t.add_column("town TEXT", {after = "id"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name FROM sqlite_schema EXCEPT SELECT name FROM names;
--> '_migrate_log'
--> '_migrate_version'
--> 'sqlite_autoindex__migrate_version_1'
SELECT name FROM names EXCEPT SELECT name FROM sqlite_schema;
SELECT name FROM sqlite_temp_schema;
--> 'was'
--> 'names'
SELECT typeof(age), age FROM users;
--> 'text'|'30'
--> 'text'|'20'

--- no name that a rebuild uses is left, or taken from the user (always)
CREATE TABLE _migrate_new(x);
CREATE TABLE users_new(x);
CREATE TABLE new_users(x);
CREATE TABLE _alembic_tmp_users(x);
CREATE TEMP TABLE names AS SELECT name FROM sqlite_schema;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("age", {nullable = true, type = "TEXT"})
    t.add_column("town TEXT", {after = "id"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name FROM sqlite_schema EXCEPT SELECT name FROM names;
--> '_migrate_log'
--> '_migrate_version'
--> 'sqlite_autoindex__migrate_version_1'
SELECT name FROM names EXCEPT SELECT name FROM sqlite_schema;
SELECT name FROM sqlite_temp_schema;
--> 'was'
--> 'names'
SELECT typeof(age), age FROM users;
--> 'text'|'30'
--> 'text'|'20'

--- wrong keys and values in the options
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.alter_column("users", "mail", {nulable = false})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:3)
--! nulable
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.alter_column("users", "mail")
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! revision bbbb (b.lua:3)
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.create_foreign_key("f", "orders", "users", {"user_id"}, {"id"}, {initially = "LATER"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! LATER
SELECT migrate_register('revision = "dddd"
function upgrade()
  op.create_unique_constraint("u", "users", {})
end', 'd.lua');
--> 'dddd'
SELECT migrate_upgrade('dddd');
--! revision dddd (d.lua:3)
SELECT migrate_register('revision = "eeee"
function upgrade()
  op.drop_constraint("users", {})
end', 'e.lua');
--> 'eeee'
SELECT migrate_upgrade('eeee');
--! revision eeee (e.lua:3)
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
