-- Foreign keys: not enforced while tables change, checked before the commit,
-- and the setting is as it was.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY,
  user_id INTEGER REFERENCES users(id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE lines(id INTEGER PRIMARY KEY,
  order_id INTEGER REFERENCES orders(id) ON DELETE CASCADE, what TEXT);
CREATE VIEW basket AS SELECT name, what FROM users
  JOIN orders ON user_id = users.id JOIN lines ON order_id = orders.id;
CREATE TABLE seen(what TEXT);
CREATE TRIGGER orders_ad AFTER DELETE ON orders BEGIN INSERT INTO seen VALUES('order ' || old.id); END;
INSERT INTO users VALUES(1, 'Ann'), (2, 'Bo');
INSERT INTO orders VALUES(10, 1), (20, 2);
INSERT INTO lines VALUES(100, 10, 'tea'), (101, 10, 'cup'), (200, 20, 'pot');

--- a parent is made anew by hand, and no cascade fires
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TABLE users_new(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO users_new SELECT id, name FROM users;
DROP VIEW basket;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
CREATE VIEW basket AS SELECT name, what FROM users
  JOIN orders ON user_id = users.id JOIN lines ON order_id = orders.id;
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM basket ORDER BY 2;
--> 'Ann'|'cup'
--> 'Bo'|'pot'
--> 'Ann'|'tea'
SELECT * FROM seen;
PRAGMA foreign_keys;
--> 1
SELECT "table" FROM pragma_foreign_key_list('orders');
--> 'users'
DELETE FROM users WHERE id = 2;
SELECT count(*) FROM lines;
--> 2

--- ... nor inside the caller's transaction, where the PRAGMA does nothing
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_table("users_new", "id INTEGER PRIMARY KEY", "name TEXT NOT NULL")
  op.execute("INSERT INTO users_new SELECT id, name FROM users")
  op.drop_view("basket")
  op.drop_table("users")
  op.rename_table("users_new", "users")
end', 'a.lua');
--> 'aaaa'
BEGIN;
SELECT migrate_upgrade();
--> 1
PRAGMA foreign_keys;
--> 1
COMMIT;
SELECT count(*) FROM orders;
--> 2
SELECT count(*) FROM lines;
--> 3
DELETE FROM users WHERE id = 1;
SELECT id FROM lines;
--> 200

--- rows deleted by a revision do not cascade: what is left behind is listed
SELECT migrate_register('-- revision: aaaa
-- migrate:up
DELETE FROM users WHERE id = 1;
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.sql)
--! 1 new foreign key violation
--! orders rowid 10 (user_id) has no row in users
SELECT count(*) FROM users;
--> 2
SELECT count(*) FROM lines;
--> 3
PRAGMA foreign_keys;
--> 1

--- several violations
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.execute("DELETE FROM users; UPDATE lines SET order_id = 99 WHERE id = 200")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 3 new foreign key violations
--! orders rowid 10 (user_id) has no row in users
--! orders rowid 20 (user_id) has no row in users
--! lines rowid 200 (order_id) has no row in orders
SELECT count(*) FROM basket;
--> 3

--- many violations are not all listed
SELECT migrate_register('-- revision: aaaa
-- migrate:up
WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 1999)
INSERT INTO orders SELECT i, 0 FROM n;
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! 1000 new foreign key violations
--! ...
SELECT count(*) FROM orders;
--> 2

--- violations in the middle are no matter if they are gone at the end
SELECT migrate_register('-- revision: aaaa
-- migrate:up
UPDATE users SET id = id + 50;
', 'a.sql'), migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up
INSERT INTO lines VALUES(300, 30, ''mug'');
INSERT INTO orders VALUES(30, 3);
INSERT INTO users VALUES(3, ''Cy'');
', 'b.sql'), migrate_register('-- revision: cccc
-- revises: bbbb
-- migrate:up
', 'c.sql');
--> 'aaaa'|'bbbb'|'cccc'
SELECT migrate_stamp('aaaa');
--> 1
SELECT migrate_upgrade();
--> 2
SELECT name, what FROM basket WHERE name = 'Cy';
--> 'Cy'|'mug'

--- one violation undoes all revisions of its transaction
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
', 'a.sql'), migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up
INSERT INTO orders VALUES(30, 3);
', 'b.sql'), migrate_register('-- revision: cccc
-- revises: bbbb
-- migrate:up
CREATE TABLE c(x);
', 'c.sql');
--> 'aaaa'|'bbbb'|'cccc'
SELECT migrate_upgrade();
--! orders rowid 30 (user_id) has no row in users
SELECT count(*) FROM sqlite_schema WHERE name IN ('a', 'c', '_migrate_version');
--> 0

--- old violations are neither hidden nor blamed
PRAGMA foreign_keys = OFF;
INSERT INTO orders VALUES(90, 9);
PRAGMA foreign_keys = ON;
SELECT migrate_register('-- revision: aaaa
-- migrate:up
ALTER TABLE orders ADD COLUMN cents INTEGER;
UPDATE orders SET cents = 1;
', 'a.sql'), migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up
INSERT INTO orders VALUES(91, 9, 0);
', 'b.sql');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade('aaaa');
--> 1
SELECT migrate_upgrade();
--! 1 new foreign key violation
--! orders rowid 91 (user_id) has no row in users
PRAGMA foreign_key_check;
--> 'orders'|90|'users'|0

--- old ones follow a table and a column that are renamed
PRAGMA foreign_keys = OFF;
INSERT INTO orders VALUES(90, 9);
PRAGMA foreign_keys = ON;
SELECT migrate_register('-- revision: aaaa
-- migrate:up
ALTER TABLE orders RENAME TO purchases;
ALTER TABLE purchases RENAME COLUMN user_id TO buyer_id;
ALTER TABLE users RENAME TO people;
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
PRAGMA foreign_key_check;
--> 'purchases'|90|'people'|0

--- an old one that is mended is no matter, nor one more revision later
PRAGMA foreign_keys = OFF;
INSERT INTO orders VALUES(90, 9);
PRAGMA foreign_keys = ON;
SELECT migrate_register('-- revision: aaaa
-- migrate:up
DELETE FROM orders WHERE user_id = 9;
', 'a.sql'), migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up
INSERT INTO orders VALUES(90, 9);
', 'b.sql');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade('aaaa');
--> 1
PRAGMA foreign_key_check;
SELECT migrate_upgrade();
--! 1 new foreign key violation
--! orders rowid 90

--- with foreign keys off they are checked all the same, and stay off
PRAGMA foreign_keys = OFF;
SELECT migrate_register('-- revision: aaaa
-- migrate:up
DELETE FROM users WHERE id = 2;
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! orders rowid 20 (user_id) has no row in users
PRAGMA foreign_keys;
--> 0

--- a table that is dropped while rows point to it
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.drop_view("basket")
  op.drop_table("users")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! violation
--! orders
--! users
SELECT count(*) FROM basket;
--> 3

--- a foreign key that matches no key of its parent
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TABLE gifts(id INTEGER PRIMARY KEY, user_name TEXT REFERENCES users(name));
INSERT INTO gifts VALUES(1, ''Ann'');
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! gifts
--! foreign key mismatch
SELECT count(*) FROM sqlite_schema WHERE name = 'gifts';
--> 0

--- ... that was there before
CREATE TABLE gifts(id INTEGER PRIMARY KEY, user_name TEXT REFERENCES users(name));
SELECT migrate_register('-- revision: aaaa
-- migrate:up
ALTER TABLE users ADD COLUMN age;
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1

--- keys of several columns, of text, without a rowid
CREATE TABLE towns(country TEXT, name TEXT, PRIMARY KEY(country, name)) WITHOUT ROWID;
CREATE TABLE streets(name TEXT PRIMARY KEY, country TEXT, town TEXT,
  FOREIGN KEY(country, town) REFERENCES towns(country, name) ON DELETE CASCADE) WITHOUT ROWID;
INSERT INTO towns VALUES('PL', 'Łódź'), ('SE', 'Lund');
INSERT INTO streets VALUES('Piotrkowska', 'PL', 'Łódź'), ('Stora', 'SE', 'Lund'), ('none', NULL, 'Lund');
SELECT migrate_register('-- revision: aaaa
-- migrate:up
DELETE FROM towns WHERE country = ''PL'';
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--! 1 new foreign key violation
--! streets
--! country
--! town
--! towns
SELECT count(*) FROM streets;
--> 3

--- a downgrade is checked as well
SELECT migrate_register('-- revision: aaaa
-- migrate:up
INSERT INTO users VALUES(3, ''Cy'');
-- migrate:down
DELETE FROM users WHERE id = 3;
', 'a.sql');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO orders VALUES(30, 3);
SELECT migrate_downgrade();
--! orders rowid 30 (user_id) has no row in users
SELECT revision FROM _migrate_version;
--> 'aaaa'
DELETE FROM orders WHERE id = 30;
SELECT migrate_downgrade();
--> 1

--- one transaction for each revision: what went before stays
SELECT migrate_config('transaction', 'revision');
--> 'revision'
SELECT migrate_register('-- revision: aaaa
-- migrate:up
INSERT INTO users VALUES(3, ''Cy'');
', 'a.sql'), migrate_register('-- revision: bbbb
-- revises: aaaa
-- migrate:up
DELETE FROM users WHERE id = 1;
', 'b.sql');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade();
--! after 1 revision that stays
--! revision bbbb (b.sql)
--! orders rowid 10 (user_id) has no row in users
SELECT revision FROM _migrate_version;
--> 'aaaa'
SELECT name FROM users;
--> 'Ann'
--> 'Bo'
--> 'Cy'

--- the caller's deferred foreign keys are not lost: complete them first
CREATE TABLE later(id INTEGER PRIMARY KEY,
  user_id INTEGER REFERENCES users(id) DEFERRABLE INITIALLY DEFERRED);
SELECT migrate_register('-- revision: aaaa
-- migrate:up
CREATE TABLE a(x);
', 'a.sql');
--> 'aaaa'
BEGIN;
INSERT INTO later VALUES(1, 7);
SELECT migrate_upgrade();
--! deferred foreign keys
COMMIT;
--! FOREIGN KEY constraint failed
INSERT INTO users VALUES(7, 'late');
SELECT migrate_upgrade();
--> 1
COMMIT;
SELECT revision FROM _migrate_version;
--> 'aaaa'
SELECT name FROM later JOIN users ON users.id = user_id;
--> 'late'
