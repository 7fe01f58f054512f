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

--- op notes one table, then SQL all: what was old before either stays old
PRAGMA foreign_keys = OFF;
INSERT INTO orders VALUES(90, 9);
INSERT INTO lines VALUES(900, 99, 'lid');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("orders", "cents INTEGER")
  op.add_column("lines", "gift_for INTEGER REFERENCES users(id)")
  op.rename_table("lines", "items")
  op.execute("UPDATE orders SET cents = 1; INSERT INTO items VALUES(901, 20, ''hat'', 2)")
  op.drop_view("basket")
end', 'a.lua'), migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  op.create_index("i", "orders", {"cents"})
  db.prepare("INSERT INTO items(id, order_id) VALUES(?, ?)")(902, 98)
  op.add_column("orders", "euros INTEGER")
  op.bulk_insert("orders", {{id = 91, user_id = 8}})
end', 'b.lua');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade('aaaa');
--> 1
SELECT migrate_upgrade();
--! revision bbbb (b.lua)
--! 2 new foreign key violations: orders rowid 91 (user_id) has no row in users; items rowid 902 (order_id) has no row in orders
SELECT * FROM pragma_foreign_key_check ORDER BY 1;
--> 'items'|900|'orders'|1
--> 'orders'|90|'users'|0

--- a row that SQL breaks before op changes the table, and one after
INSERT INTO orders VALUES(30, NULL);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  for id in db.values("UPDATE orders SET user_id = 9 WHERE id = 10 RETURNING id") do end
  op.rename_table("orders", "purchases")
  op.execute("UPDATE purchases SET user_id = 9 WHERE id = 30")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 2 new foreign key violations: purchases rowid 10 (user_id) has no row in users; purchases rowid 30 (user_id) has no row in users

--- a parent is renamed away and another takes its name
PRAGMA foreign_keys = OFF;
INSERT INTO orders VALUES(90, 9);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.rename_table("orders", "purchases")
  op.execute("UPDATE users SET name = ''-''")
  op.rename_table("users", "people")
  op.create_table("users", "id INTEGER PRIMARY KEY")
end', 'a.lua'), migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  op.execute("DELETE FROM people WHERE id = 1")
end', 'b.lua');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade('aaaa');
--> 1
SELECT migrate_upgrade();
--! 1 new foreign key violation: purchases rowid 10 (user_id) has no row in people

--- a table is made anew under its name: its old violations are copied
PRAGMA foreign_keys = OFF;
INSERT INTO lines VALUES(900, 99, 'lid');
DROP VIEW basket;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.rename_table("lines", "lines_old")
  op.create_table("lines", "id INTEGER PRIMARY KEY", "order_id INTEGER REFERENCES orders(id)")
  op.execute("INSERT INTO lines SELECT id, order_id FROM lines_old")
  op.drop_table("lines_old")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
PRAGMA foreign_key_check;
--> 'lines'|900|'orders'|0

--- an old violation of a column that is renamed while others come and go
PRAGMA foreign_keys = OFF;
INSERT INTO orders VALUES(90, 9);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.drop_view("basket")
  op.execute("ALTER TABLE orders RENAME COLUMN user_id TO buyer_id")
  op.add_column("orders", "cents INTEGER")
  op.execute("UPDATE orders SET cents = 1")
end', 'a.lua'), migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  op.execute("ALTER TABLE orders RENAME COLUMN buyer_id TO user_id")
  op.drop_column("orders", "cents")
  op.execute("INSERT INTO orders VALUES(91, 9)")
end', 'b.lua');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade('aaaa');
--> 1
SELECT migrate_upgrade();
--! 1 new foreign key violation: orders rowid 91 (user_id) has no row in users

--- dropping a parent: of its children only what was right before is new
PRAGMA foreign_keys = OFF;
INSERT INTO orders VALUES(90, 9);
INSERT INTO lines VALUES(900, 99, 'lid');
DROP VIEW basket;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.drop_table("users")
end', 'a.lua'), migrate_register('revision = "bbbb"
function upgrade()
  op.drop_table("lines")
  op.drop_table("orders")
end', 'b.lua');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade('aaaa');
--! 2 new foreign key violations: orders rowid 10 (user_id) has no row in users; orders rowid 20 (user_id) has no row in users
SELECT migrate_upgrade('bbbb');
--> 1

--- dropping the unique index that a foreign key needs
CREATE UNIQUE INDEX users_name ON users(name);
CREATE TABLE gifts(id INTEGER PRIMARY KEY, user_name TEXT REFERENCES users(name));
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.drop_index("users_name")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 1 new foreign key violation: gifts: foreign key mismatch

--- a table that op makes, and a row in it
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_table("gifts", "id INTEGER PRIMARY KEY", "user_id INTEGER REFERENCES users(id)")
  op.execute("INSERT INTO gifts VALUES(1, 1), (2, 9)")
end', 'a.lua'), migrate_register('revision = "bbbb"
function upgrade()
  op.create_table("gifts", "user_name TEXT REFERENCES users(name)")
end', 'b.lua'), migrate_register('revision = "cccc"
function upgrade()
  op.create_table("gifts", "user_name TEXT REFERENCES users(name)", {if_not_exists = true})
  op.execute("INSERT INTO users VALUES(3, ''Cy'')")
end', 'c.lua');
--> 'aaaa'|'bbbb'|'cccc'
SELECT migrate_upgrade('aaaa');
--! 1 new foreign key violation: gifts rowid 2 (user_id) has no row in users
SELECT migrate_upgrade('bbbb');
--! 1 new foreign key violation: gifts: foreign key mismatch
SELECT migrate_upgrade('cccc');
--! 1 new foreign key violation: gifts: foreign key mismatch
SELECT count(*) FROM sqlite_schema WHERE name = 'gifts';
--> 0

--- a table that others have waited for, by a name that needs quoting
CREATE TABLE gifts(id INTEGER PRIMARY KEY, to_whom INTEGER REFERENCES "the ""guests""s"(id));
CREATE TABLE hosts(id INTEGER);
PRAGMA foreign_keys = OFF;
INSERT INTO gifts VALUES(1, 7);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_table("The \"guests\"s", "id INTEGER PRIMARY KEY")
end', 'a.lua'), migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  op.drop_table("The \"guests\"s")
  op.rename_table("hosts", "the \"guests\"s")
end', 'b.lua');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade('aaaa');
--> 1
SELECT migrate_upgrade();
--! 1 new foreign key violation: gifts: foreign key mismatch

--- columns with a foreign key: its default, or what it matches, may be wrong
DROP VIEW basket;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("lines", "buyer_id INTEGER REFERENCES users(id) DEFAULT 9")
end', 'a.lua'), migrate_register('revision = "bbbb"
function upgrade()
  op.add_column("lines", "user_name TEXT REFERENCES users(name)")
end', 'b.lua'), migrate_register('revision = "cccc"
function upgrade()
  op.add_column("lines", "user_name TEXT REFERENCES users(name)")
  op.execute("INSERT INTO users VALUES(3, ''Cy'')")
end', 'c.lua'), migrate_register('revision = "dddd"
function upgrade()
  op.add_column("lines", "buyer_id INTEGER REFERENCES users(id) ON DELETE CASCADE")
end', 'd.lua'), migrate_register('revision = "eeee"
down_revision = "dddd"
function upgrade()
  op.add_column("lines", "size INTEGER DEFAULT 1")
  op.execute("UPDATE lines SET buyer_id = id WHERE id = 100")
end', 'e.lua');
--> 'aaaa'|'bbbb'|'cccc'|'dddd'|'eeee'
SELECT migrate_upgrade('aaaa');
--! 3 new foreign key violations: lines rowid 100 (buyer_id) has no row in users
SELECT migrate_upgrade('bbbb');
--! 1 new foreign key violation: lines: foreign key mismatch
SELECT migrate_upgrade('cccc');
--! 1 new foreign key violation: lines: foreign key mismatch
SELECT migrate_upgrade('dddd');
--> 1
SELECT migrate_upgrade('eeee');
--! 1 new foreign key violation: lines rowid 100 (buyer_id) has no row in users

--- ... in a table that could not be checked before
CREATE TABLE gifts(id INTEGER PRIMARY KEY, user_name TEXT REFERENCES users(name));
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("gifts", "user_id INTEGER REFERENCES users(id)")
end', 'a.lua'), migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  op.add_column("gifts", "order_id INTEGER REFERENCES orders(id)")
  op.execute("INSERT INTO gifts VALUES(1, ''Ann'', 1, 10)")
end', 'b.lua');
--> 'aaaa'|'bbbb'
SELECT migrate_upgrade();
--> 2

--- one transaction for each revision: each knows what the last one left
SELECT migrate_config('transaction', 'revision');
--> 'revision'
PRAGMA foreign_keys = OFF;
INSERT INTO orders VALUES(90, 9);
INSERT INTO lines VALUES(900, 99, 'lid');
DROP VIEW basket;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.execute("DELETE FROM orders WHERE id = 90")
end', 'a.lua'), migrate_register('revision = "bbbb"
down_revision = "aaaa"
function upgrade()
  op.rename_table("orders", "purchases")
  op.add_column("purchases", "cents INTEGER")
end', 'b.lua'), migrate_register('revision = "cccc"
down_revision = "bbbb"
function upgrade()
  op.add_column("purchases", "friend INTEGER REFERENCES users(id) DEFAULT 2")
end', 'c.lua'), migrate_register('revision = "dddd"
down_revision = "cccc"
function upgrade()
  op.execute("INSERT INTO lines VALUES(901, 20, ''hat'')")
end', 'd.lua'), migrate_register('revision = "eeee"
down_revision = "dddd"
function upgrade()
  op.rename_table("purchases", "orders")
  op.execute("INSERT INTO orders VALUES(90, 9, 0, 1)")
end', 'e.lua');
--> 'aaaa'|'bbbb'|'cccc'|'dddd'|'eeee'
SELECT migrate_upgrade();
--! after 4 revisions that stay
--! revision eeee (e.lua)
--! 1 new foreign key violation: orders rowid 90 (user_id) has no row in users
PRAGMA foreign_key_check;
--> 'lines'|900|'purchases'|0

--- a script that catches an error has changed nothing of what is checked
SELECT migrate_register('revision = "aaaa"
function upgrade()
  assert(not pcall(op.rename_table, "nowhere", "orders2"))
  assert(not pcall(op.rename_table, "orders", "users"))
  assert(not pcall(op.execute, "INSERT INTO orders SELECT * FROM nowhere"))
  op.execute("INSERT INTO orders VALUES(91, 9)")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 1 new foreign key violation: orders rowid 91 (user_id) has no row in users

--- a trigger on the version rows may change anything
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.execute("CREATE TEMP TRIGGER wipe AFTER INSERT ON main._migrate_log BEGIN DELETE FROM users WHERE id = 1; END")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! 1 new foreign key violation: orders rowid 10 (user_id) has no row in users
