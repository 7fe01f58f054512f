-- Triggers and views: none fires, all stay, and names are followed into them.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, mail TEXT, age INT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INT REFERENCES users(id) ON DELETE CASCADE ON UPDATE CASCADE, sum INT);
CREATE TABLE log(what TEXT);
CREATE TRIGGER users_bi BEFORE INSERT ON users BEGIN INSERT INTO log VALUES('insert ' || new.name); END;
CREATE TRIGGER users_ad AFTER DELETE ON users BEGIN INSERT INTO log VALUES('delete ' || old.name); END;
CREATE TRIGGER users_au AFTER UPDATE OF mail, age ON users WHEN new.age > 17 BEGIN
  INSERT INTO log SELECT 'update ' || name FROM users WHERE id = new.id; -- looks at the table
END;
CREATE VIEW totals AS SELECT users.name, sum(orders.sum) AS total FROM users LEFT JOIN orders ON user_id = users.id GROUP BY users.id;
CREATE VIEW richest(who) AS WITH t AS (SELECT * FROM totals) SELECT name FROM t WHERE total > 100;
CREATE TRIGGER totals_ii INSTEAD OF INSERT ON totals BEGIN INSERT INTO users(name, age) VALUES(new.name, new.total); END;
CREATE TRIGGER orders_ai AFTER INSERT ON orders BEGIN
  UPDATE users SET age = age + 1 WHERE id = new.user_id;
  INSERT INTO log VALUES((SELECT u.name FROM users AS u WHERE u.id = new.user_id) || ' bought');
END;
CREATE TRIGGER orders_ad AFTER DELETE ON orders BEGIN DELETE FROM log WHERE what = 'nothing'; END;
INSERT INTO users VALUES(2, 'Ann', 'a@x', 29), (5, 'Bo', NULL, 9), (9, 'Cy', 'c@x', NULL);
INSERT INTO orders VALUES(1, 2, 500), (4, 5, 20);
DELETE FROM log;
CREATE TEMP TABLE was AS SELECT type, name, tbl_name, sql FROM sqlite_schema;
CREATE TEMP TABLE temp_log(what TEXT);
CREATE TEMP TRIGGER temp_au AFTER UPDATE ON main.users BEGIN INSERT INTO temp_log VALUES('temp ' || new.name); END;
CREATE TEMP TRIGGER temp_ad AFTER DELETE ON main.orders BEGIN INSERT INTO temp_log SELECT 'of ' || name FROM users WHERE id = old.user_id; END;
CREATE TEMP VIEW temp_names AS SELECT name, age FROM main.users;

--- none fires, all stay and work (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {default = "''none''"})
    t.add_column("town TEXT DEFAULT ''Rome''")
    t.create_check_constraint("old", "age < 200")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM log;
SELECT * FROM temp_log;
SELECT name FROM (SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was);
--> 'users'
SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' ORDER BY rowid;
--> 'users'
--> 'orders'
--> 'log'
--> 'users_bi'
--> 'users_ad'
--> 'users_au'
--> 'totals'
--> 'richest'
--> 'totals_ii'
--> 'orders_ai'
--> 'orders_ad'
SELECT type, name, tbl_name FROM sqlite_temp_schema ORDER BY rowid;
--> 'table'|'was'|'was'
--> 'table'|'temp_log'|'temp_log'
--> 'trigger'|'temp_au'|'users'
--> 'trigger'|'temp_ad'|'orders'
--> 'view'|'temp_names'|'temp_names'
SELECT * FROM totals;
--> 'Ann'|500
--> 'Bo'|20
--> 'Cy'|NULL
SELECT * FROM richest;
--> 'Ann'
INSERT INTO totals VALUES('Di', 41);
INSERT INTO orders VALUES(7, 2, 1);
UPDATE users SET name = 'Bob' WHERE id = 5;
DELETE FROM users WHERE id = 2;
SELECT what FROM log;
--> 'insert Di'
--> 'update Ann'
--> 'Ann bought'
--> 'delete Ann'
SELECT what FROM temp_log;
--> 'temp Ann'
--> 'temp Bob'
SELECT * FROM temp_names;
--> 'Bob'|10
--> 'Cy'|NULL
--> 'Di'|41
PRAGMA integrity_check;
--> 'ok'

--- none fires, all stay and work (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {default = "''none''"})
    t.add_column("town TEXT DEFAULT ''Rome''")
    t.create_check_constraint("old", "age < 200")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM log;
SELECT * FROM temp_log;
SELECT name FROM (SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was);
--> 'users'
SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' ORDER BY rowid;
--> 'users'
--> 'orders'
--> 'log'
--> 'users_bi'
--> 'users_ad'
--> 'users_au'
--> 'totals'
--> 'richest'
--> 'totals_ii'
--> 'orders_ai'
--> 'orders_ad'
SELECT type, name, tbl_name FROM sqlite_temp_schema ORDER BY rowid;
--> 'table'|'was'|'was'
--> 'table'|'temp_log'|'temp_log'
--> 'trigger'|'temp_au'|'users'
--> 'trigger'|'temp_ad'|'orders'
--> 'view'|'temp_names'|'temp_names'
SELECT * FROM totals;
--> 'Ann'|500
--> 'Bo'|20
--> 'Cy'|NULL
SELECT * FROM richest;
--> 'Ann'
INSERT INTO totals VALUES('Di', 41);
INSERT INTO orders VALUES(7, 2, 1);
UPDATE users SET name = 'Bob' WHERE id = 5;
DELETE FROM users WHERE id = 2;
SELECT what FROM log;
--> 'insert Di'
--> 'update Ann'
--> 'Ann bought'
--> 'delete Ann'
SELECT what FROM temp_log;
--> 'temp Ann'
--> 'temp Bob'
SELECT * FROM temp_names;
--> 'Bob'|10
--> 'Cy'|NULL
--> 'Di'|41
PRAGMA integrity_check;
--> 'ok'

--- a new name that a view of a view would not find is refused (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("name", {name = "nick"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! richest
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
SELECT name FROM temp_names;
--> 'Ann'
--> 'Bo'
--> 'Cy'

--- a new name that a view of a view would not find is refused (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("name", {name = "nick"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! richest
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
SELECT name FROM temp_names;
--> 'Ann'
--> 'Bo'
--> 'Cy'

--- columns are renamed in all of them (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("age", {name = "years"})
    t.alter_column("mail", {name = "post", default = "''none''"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was ORDER BY 1;
--> 'orders_ai'|'CREATE TRIGGER orders_ai AFTER INSERT ON orders BEGIN
-->   UPDATE users SET years = years + 1 WHERE id = new.user_id;
-->   INSERT INTO log VALUES((SELECT u.name FROM users AS u WHERE u.id = new.user_id) || '' bought'');
--> END'
--> 'totals_ii'|'CREATE TRIGGER totals_ii INSTEAD OF INSERT ON totals BEGIN INSERT INTO users(name, years) VALUES(new.name, new.total); END'
--> 'users'|'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, post TEXT DEFAULT ''none'', years INT)'
--> 'users_au'|'CREATE TRIGGER users_au AFTER UPDATE OF post, years ON users WHEN new.years > 17 BEGIN
-->   INSERT INTO log SELECT ''update '' || name FROM users WHERE id = new.id; -- looks at the table
--> END'
SELECT sql FROM sqlite_temp_schema WHERE name = 'temp_names';
--> 'CREATE VIEW temp_names AS SELECT name, years FROM main.users'
SELECT * FROM log;
INSERT INTO orders VALUES(7, 2, 1);
UPDATE users SET name = 'Bob' WHERE id = 5;
SELECT what FROM log;
--> 'update Ann'
--> 'Ann bought'
SELECT years FROM temp_names;
--> 31
--> 10
--> NULL
PRAGMA integrity_check;
--> 'ok'

--- columns are renamed in all of them (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("age", {name = "years"})
    t.alter_column("mail", {name = "post", default = "''none''"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was ORDER BY 1;
--> 'orders_ai'|'CREATE TRIGGER orders_ai AFTER INSERT ON orders BEGIN
-->   UPDATE users SET years = years + 1 WHERE id = new.user_id;
-->   INSERT INTO log VALUES((SELECT u.name FROM users AS u WHERE u.id = new.user_id) || '' bought'');
--> END'
--> 'totals_ii'|'CREATE TRIGGER totals_ii INSTEAD OF INSERT ON totals BEGIN INSERT INTO users(name, years) VALUES(new.name, new.total); END'
--> 'users'|'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, post TEXT DEFAULT ''none'', years INT)'
--> 'users_au'|'CREATE TRIGGER users_au AFTER UPDATE OF post, years ON users WHEN new.years > 17 BEGIN
-->   INSERT INTO log SELECT ''update '' || name FROM users WHERE id = new.id; -- looks at the table
--> END'
SELECT sql FROM sqlite_temp_schema WHERE name = 'temp_names';
--> 'CREATE VIEW temp_names AS SELECT name, years FROM main.users'
SELECT * FROM log;
INSERT INTO orders VALUES(7, 2, 1);
UPDATE users SET name = 'Bob' WHERE id = 5;
SELECT what FROM log;
--> 'update Ann'
--> 'Ann bought'
SELECT years FROM temp_names;
--> 31
--> 10
--> NULL
PRAGMA integrity_check;
--> 'ok'

--- the table is renamed in all of them (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t) t.alter_column("mail", {default = "''none''"}) end, {recreate = "auto"})
  op.rename_table("users", "people")
  op.batch_alter_table("people", function(t) t.alter_column("mail", {default = "''no''"}) end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, tbl_name, replace(sql, '"people"', 'users') FROM sqlite_schema WHERE type <> 'table' AND tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, replace(tbl_name, 'users', 'people'), sql FROM was;
SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%users %';
--> 0
SELECT name FROM temp_names;
--> 'Ann'
--> 'Bo'
--> 'Cy'
UPDATE people SET age = 40 WHERE id = 5;
SELECT what FROM log;
--> 'update Bo'
SELECT what FROM temp_log;
--> 'temp Bo'
SELECT * FROM richest;
--> 'Ann'
DELETE FROM people WHERE id = 2;
SELECT count(*) FROM orders;
--> 1

--- the table is renamed in all of them (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t) t.alter_column("mail", {default = "''none''"}) end, {recreate = "always"})
  op.rename_table("users", "people")
  op.batch_alter_table("people", function(t) t.alter_column("mail", {default = "''no''"}) end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, tbl_name, replace(sql, '"people"', 'users') FROM sqlite_schema WHERE type <> 'table' AND tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, replace(tbl_name, 'users', 'people'), sql FROM was;
SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%users %';
--> 0
SELECT name FROM temp_names;
--> 'Ann'
--> 'Bo'
--> 'Cy'
UPDATE people SET age = 40 WHERE id = 5;
SELECT what FROM log;
--> 'update Bo'
SELECT what FROM temp_log;
--> 'temp Bo'
SELECT * FROM richest;
--> 'Ann'
DELETE FROM people WHERE id = 2;
SELECT count(*) FROM orders;
--> 1

--- recursive triggers, and a trigger that would forbid it all (auto)
PRAGMA recursive_triggers = ON;
CREATE TABLE fixed(a, b);
INSERT INTO fixed VALUES(1, 2), (3, 4);
CREATE TRIGGER fixed_bd BEFORE DELETE ON fixed BEGIN SELECT raise(ABORT, 'no delete'); END;
CREATE TRIGGER fixed_bi BEFORE INSERT ON fixed BEGIN SELECT raise(ABORT, 'no insert'); END;
CREATE TRIGGER fixed_bu BEFORE UPDATE ON fixed BEGIN SELECT raise(ABORT, 'no update'); END;
CREATE TEMP TRIGGER fixed_tu BEFORE UPDATE ON fixed BEGIN SELECT raise(ABORT, 'no temp update'); END;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("fixed", function(t)
    t.alter_column("b", {type = "TEXT", using = "b || ''!''"})
    t.alter_column("a", {nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM fixed;
--> 1|'2!'
--> 3|'4!'
UPDATE fixed SET a = 2;
--! update
DELETE FROM fixed;
--! no delete
INSERT INTO fixed VALUES(1, 1);
--! no insert
PRAGMA recursive_triggers;
--> 1

--- recursive triggers, and a trigger that would forbid it all (always)
PRAGMA recursive_triggers = ON;
CREATE TABLE fixed(a, b);
INSERT INTO fixed VALUES(1, 2), (3, 4);
CREATE TRIGGER fixed_bd BEFORE DELETE ON fixed BEGIN SELECT raise(ABORT, 'no delete'); END;
CREATE TRIGGER fixed_bi BEFORE INSERT ON fixed BEGIN SELECT raise(ABORT, 'no insert'); END;
CREATE TRIGGER fixed_bu BEFORE UPDATE ON fixed BEGIN SELECT raise(ABORT, 'no update'); END;
CREATE TEMP TRIGGER fixed_tu BEFORE UPDATE ON fixed BEGIN SELECT raise(ABORT, 'no temp update'); END;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("fixed", function(t)
    t.alter_column("b", {type = "TEXT", using = "b || ''!''"})
    t.alter_column("a", {nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM fixed;
--> 1|'2!'
--> 3|'4!'
UPDATE fixed SET a = 2;
--! update
DELETE FROM fixed;
--! no delete
INSERT INTO fixed VALUES(1, 1);
--! no insert
PRAGMA recursive_triggers;
--> 1

--- a table that only other tables' triggers name (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("log", function(t)
    t.alter_column("what", {nullable = false, default = "''-''"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'log';
--> 'CREATE TABLE log(what TEXT NOT NULL DEFAULT ''-'')'
UPDATE users SET age = 50 WHERE id = 9;
SELECT * FROM log;
--> 'update Cy'

--- a table that only other tables' triggers name (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("log", function(t)
    t.alter_column("what", {nullable = false, default = "''-''"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'log';
--> 'CREATE TABLE log(what TEXT NOT NULL DEFAULT ''-'')'
UPDATE users SET age = 50 WHERE id = 9;
SELECT * FROM log;
--> 'update Cy'

--- ... whose INSERT would have too few values then (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("log", function(t)
    t.add_column("at INT")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! users_bi
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;

--- ... whose INSERT would have too few values then (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("log", function(t)
    t.add_column("at INT")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! users_bi
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;

--- views on it keep their columns and their order (auto)
CREATE VIEW star AS SELECT * FROM users;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT DEFAULT ''Rome''")
    t.alter_column("age", {nullable = true, type = "BIGINT"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM star WHERE id = 2;
--> 2|'Ann'|'a@x'|30|'Rome'
SELECT sql FROM sqlite_schema WHERE name = 'star';
--> 'CREATE VIEW star AS SELECT * FROM users'

--- views on it keep their columns and their order (always)
CREATE VIEW star AS SELECT * FROM users;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.add_column("town TEXT DEFAULT ''Rome''")
    t.alter_column("age", {nullable = true, type = "BIGINT"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM star WHERE id = 2;
--> 2|'Ann'|'a@x'|30|'Rome'
SELECT sql FROM sqlite_schema WHERE name = 'star';
--> 'CREATE VIEW star AS SELECT * FROM users'

--- a view that was broken before is no hindrance, and stays (auto)
CREATE VIEW broken AS SELECT x FROM nowhere;
CREATE TRIGGER broken_ai AFTER INSERT ON log WHEN new.what = 'never' BEGIN INSERT INTO nowhere VALUES(1); END;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("age", {nullable = true, type = "BIGINT"})
    t.create_check_constraint("old", "age < 200")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'broken';
--> 'CREATE VIEW broken AS SELECT x FROM nowhere'
SELECT name, type FROM pragma_table_info('users') WHERE name = 'age';
--> 'age'|'BIGINT'

--- a view that was broken before is no hindrance, and stays (always)
CREATE VIEW broken AS SELECT x FROM nowhere;
CREATE TRIGGER broken_ai AFTER INSERT ON log WHEN new.what = 'never' BEGIN INSERT INTO nowhere VALUES(1); END;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("age", {nullable = true, type = "BIGINT"})
    t.create_check_constraint("old", "age < 200")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'broken';
--> 'CREATE VIEW broken AS SELECT x FROM nowhere'
SELECT name, type FROM pragma_table_info('users') WHERE name = 'age';
--> 'age'|'BIGINT'

--- a column in a trigger, or in a view, is not dropped (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_column("mail")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! mail
--! users_au
--! UPDATE OF mail, age
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_column("name")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! name
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("orders", function(t)
    t.drop_column("sum")
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! sum
--! totals
--! CREATE VIEW
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
SELECT * FROM users;
--> 2|'Ann'|'a@x'|30
--> 5|'Bo'|NULL|10
--> 9|'Cy'|'c@x'|NULL

--- a column in a trigger, or in a view, is not dropped (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_column("mail")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! mail
--! users_au
--! UPDATE OF mail, age
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.drop_column("name")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! name
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("orders", function(t)
    t.drop_column("sum")
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--! sum
--! totals
--! CREATE VIEW
SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT name, sql FROM was;
SELECT * FROM users;
--> 2|'Ann'|'a@x'|30
--> 5|'Bo'|NULL|10
--> 9|'Cy'|'c@x'|NULL

--- ... nor one in a TEMP trigger or view (auto)
CREATE TABLE t(a, b, c);
CREATE TEMP TRIGGER t_au AFTER UPDATE ON t BEGIN SELECT new.b; END;
CREATE TEMP VIEW t_v AS SELECT c FROM t;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("b")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! b
--! t_au
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("c")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! c
--! t_v
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("a")
  end, {recreate = "auto"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(b, c)'
SELECT * FROM t_v;

--- ... nor one in a TEMP trigger or view (always)
CREATE TABLE t(a, b, c);
CREATE TEMP TRIGGER t_au AFTER UPDATE ON t BEGIN SELECT new.b; END;
CREATE TEMP VIEW t_v AS SELECT c FROM t;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("b")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! b
--! t_au
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("c")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! c
--! t_v
SELECT migrate_register('revision = "cccc"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.drop_column("a")
  end, {recreate = "always"})
end', 'c.lua');
--> 'cccc'
SELECT migrate_upgrade('cccc');
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t(b, c)'
SELECT * FROM t_v;

--- legacy_alter_table and the other settings are as they were (auto)
PRAGMA legacy_alter_table = ON;
PRAGMA foreign_keys = OFF;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("age", {name = "years", type = "TEXT"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
PRAGMA legacy_alter_table;
--> 1
PRAGMA foreign_keys;
--> 0
PRAGMA writable_schema;
--> 0
SELECT sql FROM sqlite_schema WHERE name = 'totals_ii';
--> 'CREATE TRIGGER totals_ii INSTEAD OF INSERT ON totals BEGIN INSERT INTO users(name, years) VALUES(new.name, new.total); END'
SELECT typeof(years), years FROM users WHERE id = 2;
--> 'text'|'30'
UPDATE sqlite_schema SET sql = '';
--! table sqlite_master may not be modified

--- legacy_alter_table and the other settings are as they were (always)
PRAGMA legacy_alter_table = ON;
PRAGMA foreign_keys = OFF;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("users", function(t)
    t.alter_column("age", {name = "years", type = "TEXT"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
PRAGMA legacy_alter_table;
--> 1
PRAGMA foreign_keys;
--> 0
PRAGMA writable_schema;
--> 0
SELECT sql FROM sqlite_schema WHERE name = 'totals_ii';
--> 'CREATE TRIGGER totals_ii INSTEAD OF INSERT ON totals BEGIN INSERT INTO users(name, years) VALUES(new.name, new.total); END'
SELECT typeof(years), years FROM users WHERE id = 2;
--> 'text'|'30'
UPDATE sqlite_schema SET sql = '';
--! table sqlite_master may not be modified
