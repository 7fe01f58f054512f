-- What each op leaves in the schema, and that what stood there stays.
PRAGMA foreign_keys = ON;
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders(id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE, cents INTEGER);
CREATE INDEX ix_orders_user ON orders(user_id);
CREATE VIEW spenders AS SELECT name, cents FROM users JOIN orders ON user_id = users.id;
CREATE TABLE seen(what TEXT);
CREATE TRIGGER users_ad AFTER DELETE ON users BEGIN INSERT INTO seen VALUES(old.name); END;
INSERT INTO users VALUES(1, 'Ann'), (2, 'Bo');
INSERT INTO orders VALUES(1, 1, 500), (2, 1, 700), (3, 2, 900);

--- create_table, columns as text
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_table("reviews",
    "id INTEGER PRIMARY KEY",
    "order_id INTEGER NOT NULL REFERENCES orders(id) ON DELETE CASCADE",
    "stars INTEGER DEFAULT 3 CHECK (stars BETWEEN 1 AND 5)",
    "UNIQUE (order_id, stars)")
  op.bulk_insert("reviews", {{order_id = 1}, {order_id = 2, stars = 5}})
end
function downgrade() op.drop_table("reviews") end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info('reviews');
--> 'id'|'INTEGER'|0|NULL|1
--> 'order_id'|'INTEGER'|1|NULL|0
--> 'stars'|'INTEGER'|0|'3'|0
SELECT "table", "from", "to", on_delete FROM pragma_foreign_key_list('reviews');
--> 'orders'|'order_id'|'id'|'CASCADE'
SELECT * FROM reviews;
--> 1|1|3
--> 2|2|5
INSERT INTO reviews VALUES(3, 3, 6);
--! CHECK constraint failed
INSERT INTO reviews VALUES(3, 2, 5);
--! UNIQUE constraint failed
DELETE FROM users WHERE id = 1;
SELECT count(*) FROM reviews;
--> 0
SELECT * FROM seen;
--> 'Ann'
SELECT migrate_downgrade();
--> 1
SELECT count(*) FROM sqlite_schema WHERE tbl_name = 'reviews';
--> 0

--- create_table, columns as tables
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_table("reviews",
    {name = "id", type = "INTEGER", primary_key = true},
    {name = "order_id", type = "INTEGER", nullable = false,
     references = "orders(id) ON DELETE CASCADE"},
    {name = "status", type = op.enum{"new", "it''s done"}, nullable = false,
     default = "''new''"},
    {name = "code", type = "VARCHAR(10)", unique = true, collate = "NOCASE"},
    {name = "stars", type = "INT", check = "stars > 0", default = 3},
    {name = "twice", type = "INT", generated = "stars * 2"},
    {name = "anything"})
end
function downgrade() op.drop_table("reviews") end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info('reviews');
--> 'id'|'INTEGER'|0|NULL|1
--> 'order_id'|'INTEGER'|1|NULL|0
--> 'status'|'TEXT'|1|'''new'''|0
--> 'code'|'VARCHAR(10)'|0|NULL|0
--> 'stars'|'INT'|0|'3'|0
--> 'anything'|''|0|NULL|0
INSERT INTO reviews(order_id, code) VALUES(1, 'x');
SELECT id, status, stars, twice FROM reviews;
--> 1|'new'|3|6
INSERT INTO reviews(order_id, code) VALUES(1, 'X');
--! UNIQUE constraint failed
INSERT INTO reviews(order_id, status) VALUES(1, 'other');
--! CHECK constraint failed
INSERT INTO reviews(order_id, status) VALUES(1, 'it''s done');
INSERT INTO reviews(order_id, stars) VALUES(1, 0);
--! CHECK constraint failed

--- create_table with options
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_table("settings", "k TEXT PRIMARY KEY", "v INT", {strict = true, without_rowid = true})
  op.create_table("settings", "other", {if_not_exists = true})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT wr, strict FROM pragma_table_list('settings');
--> 1|1
INSERT INTO settings VALUES('a', 'not a number');
--! cannot store TEXT value

--- drop_table takes what belongs to it, and no child rows of others
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.drop_view("spenders")
  op.execute("CREATE TABLE orders2 AS SELECT * FROM orders")
  op.drop_table("orders")
  op.drop_table("orders", {if_exists = true})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT type, name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' ORDER BY 2;
--> 'table'|'orders2'
--> 'table'|'seen'
--> 'table'|'users'
--> 'trigger'|'users_ad'
SELECT count(*) FROM users;
--> 2

--- drop_table of what is not there
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.drop_table("nowhere")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:3): no such table: main.nowhere

--- rename_table follows views, triggers, indexes and foreign keys
SELECT migrate_register('revision = "aaaa"
function upgrade() op.rename_table("users", "people") end
function downgrade() op.rename_table("people", "users") end', 'a.lua');
--> 'aaaa'
CREATE TEMP TABLE was AS SELECT type, name, tbl_name, replace(sql, '"users"', 'users') AS sql FROM sqlite_schema;
SELECT migrate_upgrade();
--> 1
SELECT * FROM spenders;
--> 'Ann'|500
--> 'Ann'|700
--> 'Bo'|900
SELECT "table" FROM pragma_foreign_key_list('orders');
--> 'people'
DELETE FROM people WHERE id = 2;
SELECT what, (SELECT count(*) FROM orders) FROM seen;
--> 'Bo'|2
SELECT migrate_downgrade();
--> 1
SELECT type, name, tbl_name, replace(sql, '"users"', 'users') FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT count(*) FROM spenders;
--> 2

--- add_column and drop_column
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("users", "status TEXT NOT NULL DEFAULT ''new''")
  op.add_column("users", {name = "best", type = "INTEGER", references = "orders(id)"})
  op.execute("UPDATE users SET best = 1, status = ? WHERE id = ?", {"old", 1})
end
function downgrade()
  op.drop_column("users", "best")
  op.drop_column("users", "status")
end', 'a.lua');
--> 'aaaa'
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL)'
SELECT migrate_upgrade();
--> 1
SELECT * FROM users;
--> 1|'Ann'|'old'|1
--> 2|'Bo'|'new'|NULL
SELECT * FROM spenders;
--> 'Ann'|500
--> 'Ann'|700
--> 'Bo'|900
SELECT migrate_downgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 'users';
--> 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL)'
SELECT count(*) FROM orders;
--> 3
SELECT * FROM seen;

--- a column that a view, a trigger or an index uses is not dropped
SELECT migrate_register('revision = "aaaa"
function upgrade() op.drop_column("users", "name") end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:2)
SELECT migrate_register('revision = "bbbb"
function upgrade() op.drop_column("orders", "user_id") end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! revision bbbb (b.lua:2)
SELECT * FROM spenders;
--> 'Ann'|500
--> 'Ann'|700
--> 'Bo'|900

--- a NOT NULL column without a default cannot be added to rows
SELECT migrate_register('revision = "aaaa"
function upgrade() op.add_column("users", "age INTEGER NOT NULL") end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:2): add column users.age: users.age is NOT NULL and has no value for the rows there are
--! using=

--- create_index: unique, partial, on expressions, descending
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_index("ix_plain", "orders", {"cents"})
  op.create_index("ix_one", "orders", "user_id")
  op.create_index("ix_all", "orders", {"cents DESC", "abs(cents)"}, {unique = true, where = "cents > 500"})
  op.create_index("ix_all", "orders", {"id"}, {if_not_exists = true})
end
function downgrade()
  op.drop_index("ix_all")
  op.drop_index("ix_one")
  op.drop_index("ix_plain")
  op.drop_index("ix_plain", {if_exists = true})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, "unique", partial FROM pragma_index_list('orders') ORDER BY name;
--> 'ix_all'|1|1
--> 'ix_one'|0|0
--> 'ix_orders_user'|0|0
--> 'ix_plain'|0|0
SELECT cid, name, "desc" FROM pragma_index_xinfo('ix_all') WHERE key;
--> 2|'cents'|1
--> -2|NULL|0
INSERT INTO orders VALUES(9, 1, 900);
--! UNIQUE constraint failed
SELECT migrate_downgrade();
--> 1
SELECT name FROM pragma_index_list('orders');
--> 'ix_orders_user'

--- a unique index that the rows do not satisfy
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_table("t", "x")
  op.create_index("ix", "orders", {"user_id"}, {unique = true})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:4): UNIQUE constraint failed: orders.user_id
SELECT count(*) FROM sqlite_schema WHERE name = 't';
--> 0

--- create_view, drop_view
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_view("rich", "SELECT name, cents FROM spenders WHERE cents > 600")
  op.create_view("named", "SELECT id, name FROM users -- the end", {columns = {"number", "select"}})
end
function downgrade()
  op.drop_view("named")
  op.drop_view("rich")
  op.drop_view("rich", {if_exists = true})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM rich;
--> 'Ann'|700
--> 'Bo'|900
SELECT "select" FROM named WHERE number = 2;
--> 'Bo'
SELECT migrate_downgrade();
--> 1
SELECT name FROM sqlite_schema WHERE type = 'view';
--> 'spenders'

--- create_trigger, drop_trigger
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_trigger("orders_ai", [[AFTER INSERT ON orders WHEN new.cents > 0 BEGIN
    INSERT INTO seen VALUES(''order '' || new.id);
    UPDATE users SET name = upper(name) WHERE id = new.user_id;
  END]])
end
function downgrade() op.drop_trigger("orders_ai") end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO orders VALUES(4, 2, 100);
SELECT what FROM seen;
--> 'order 4'
SELECT name FROM users;
--> 'Ann'
--> 'BO'
SELECT migrate_downgrade();
--> 1
SELECT name FROM sqlite_schema WHERE type = 'trigger';
--> 'users_ad'

--- execute: many statements, parameters by place and by name
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.execute([[
    CREATE TABLE a(x, y);
    INSERT INTO a VALUES(1, ''one; still one'');
    INSERT INTO a VALUES(2, ''two'')
  ]])
  op.execute("INSERT INTO a VALUES (?, ?)", {9223372036854775807, 0.1})
  op.execute("INSERT INTO a VALUES (:x, :y)", {x = null, y = blob("\0\1")})
  op.execute("")
  op.execute(" -- nothing ")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM a;
--> 1|'one; still one'
--> 2|'two'
--> 9223372036854775807|0.1
--> NULL|x'0001'

--- bulk_insert: columns may differ from row to row; triggers fire
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_trigger("orders_ai", "AFTER INSERT ON orders BEGIN INSERT INTO seen VALUES(new.cents); END")
  op.bulk_insert("orders", {
    {id = 10, user_id = 1, cents = 1},
    {id = 11, user_id = 2},
  })
  op.bulk_insert("orders", {})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM orders WHERE id > 9;
--> 10|1|1
--> 11|2|NULL
SELECT * FROM seen;
--> '1'
--> NULL

--- bulk_insert says which row is wrong
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.bulk_insert("users", {{id = 3, name = "Cy"}, {id = 1, name = "twice"}})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:3)
--! row 2
--! UNIQUE constraint failed: users.id
SELECT count(*) FROM users;
--> 2

--- a misspelt op, or a name that does not exist
SELECT migrate_register('revision = "aaaa"
function upgrade() op.create_tabel("a", "x") end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:2)
--! create_tabel
SELECT migrate_register('revision = "bbbb"
function upgrade() op.create_table("a") end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! revision bbbb (b.lua:2)

--- names with spaces, quotes and keywords
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_table("order", {name = "group", type = "INTEGER", primary_key = true}, {name = "a b", type = "TEXT"})
  op.create_table([[we"ird ''name'']], {name = [[co"l]]})
  op.add_column("order", {name = "select"})
  op.add_column([[we"ird ''name'']], {name = "from"})
  op.create_index("index", "order", {[["a b"]], "group"})
  op.create_index([[i"x]], [[we"ird ''name'']], {[["co""l"]], "from"})
  op.bulk_insert("order", {{group = 1, ["a b"] = "x", select = 2}})
  op.create_view("view of", [[SELECT "a b" FROM "order"]])
  op.rename_table("order", "table")
end
function downgrade()
  op.rename_table("table", "order")
  op.drop_view("view of")
  op.drop_index([[i"x]])
  op.drop_index("index")
  op.drop_column([[we"ird ''name'']], "from")
  op.drop_column("order", "select")
  op.drop_table([[we"ird ''name'']])
  op.drop_table("order")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM "table";
--> 1|'x'|2
SELECT * FROM "view of";
--> 'x'
SELECT name FROM pragma_table_info('we"ird ''name''');
--> 'co"l'
--> 'from'
SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' AND tbl_name NOT GLOB '_migrate*' ORDER BY 1;
--> 'i"x'|'we"ird ''name'''
--> 'index'|'table'
--> 'ix_orders_user'|'orders'
SELECT migrate_downgrade();
--> 1
SELECT count(*) FROM sqlite_schema WHERE tbl_name IN ('table', 'order', 'we"ird ''name''', 'view of');
--> 0

--- a name is a name and never SQL
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.create_table("x(y); DROP TABLE users; --", "a")
  op.drop_table("x(y); DROP TABLE users; --")
  op.drop_table("users; --", {if_exists = true})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT count(*) FROM users;
--> 2

--- a column's text is one column and never a second statement
SELECT migrate_register('revision = "aaaa"
function upgrade() op.add_column("users", "x; DROP TABLE orders") end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! revision aaaa (a.lua:2)
SELECT migrate_register('revision = "bbbb"
function upgrade() op.create_table("t", "x) WITHOUT ROWID --") end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! revision bbbb (b.lua:2)
SELECT count(*) FROM orders;
--> 3

--- a TEMP table of the same name is not touched
CREATE TEMP TABLE users(id INTEGER PRIMARY KEY, temporary TEXT);
CREATE TEMP TABLE reviews(temporary TEXT);
INSERT INTO temp.users VALUES(7, 'mine');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("users", "age INTEGER DEFAULT 30")
  op.create_index("ix_users_age", "users", {"age"})
  op.create_table("reviews", "id INTEGER PRIMARY KEY", "stars")
  op.bulk_insert("reviews", {{stars = 4}})
  op.bulk_insert("users", {{name = "Cy"}})
end
function downgrade()
  op.drop_table("reviews")
  op.drop_index("ix_users_age")
  op.drop_trigger("users_ad")
  op.drop_column("users", "age")
  op.rename_table("users", "people")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT * FROM temp.users;
--> 7|'mine'
SELECT * FROM main.users;
--> 1|'Ann'|30
--> 2|'Bo'|30
--> 3|'Cy'|30
SELECT * FROM main.reviews;
--> 1|4
SELECT count(*) FROM temp.reviews;
--> 0
SELECT migrate_downgrade();
--> 1
SELECT * FROM temp.users;
--> 7|'mine'
SELECT count(*) FROM temp.reviews;
--> 0
SELECT count(*) FROM main.people;
--> 3

--- TEMP views, triggers and indexes of the same name stay, too
CREATE TEMP VIEW spenders AS SELECT 'temporary';
CREATE TEMP TRIGGER users_ad AFTER INSERT ON seen BEGIN SELECT 1; END;
CREATE TEMP TABLE t(x);
CREATE INDEX temp.ix_orders_user ON t(x);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.drop_view("spenders")
  op.drop_trigger("users_ad")
  op.drop_index("ix_orders_user")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name FROM sqlite_temp_schema ORDER BY 1;
--> 'ix_orders_user'
--> 'spenders'
--> 't'
--> 'users_ad'
SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' ORDER BY 1;
--> 'orders'
--> 'seen'
--> 'users'

--- an attached database has a history of its own [file]
ATTACH 'other.db' AS other;
CREATE TABLE other.users(id INTEGER PRIMARY KEY, mail TEXT);
CREATE TABLE other.notes(user_id REFERENCES users(id) ON DELETE CASCADE, note);
INSERT INTO other.users VALUES(1, 'ann@example.com');
INSERT INTO other.notes VALUES(1, 'a note');
SELECT migrate_config('schema', 'other');
--> 'other'
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.add_column("users", "age INTEGER DEFAULT 30")
  op.create_table("reviews", "id INTEGER PRIMARY KEY", "user_id REFERENCES users(id)")
  op.create_index("ix_reviews", "reviews", {"user_id"})
  op.bulk_insert("reviews", {{user_id = 1}})
  op.create_view("reviewers", "SELECT mail FROM users JOIN reviews ON user_id = users.id")
  op.create_trigger("reviews_ai", "AFTER INSERT ON reviews BEGIN UPDATE users SET age = 31; END")
end
function downgrade()
  op.drop_trigger("reviews_ai")
  op.drop_view("reviewers")
  op.drop_index("ix_reviews")
  op.drop_table("reviews")
  op.drop_column("users", "age")
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT revision FROM other._migrate_version;
--> 'aaaa'
SELECT revision, is_current FROM migrate_history;
--> 'aaaa'|1
SELECT * FROM other.users;
--> 1|'ann@example.com'|30
SELECT * FROM other.reviewers;
--> 'ann@example.com'
SELECT name FROM main.sqlite_schema ORDER BY 1;
--> 'ix_orders_user'
--> 'orders'
--> 'seen'
--> 'spenders'
--> 'users'
--> 'users_ad'
SELECT count(*) FROM pragma_table_info('users', 'main');
--> 2
SELECT migrate_downgrade();
--> 1
SELECT name FROM other.sqlite_schema WHERE tbl_name NOT GLOB '_migrate*';
--> 'users'
--> 'notes'
SELECT * FROM other.notes;
--> 1|'a note'

--- a schema that is not attached
SELECT migrate_register('-- revision: aaaa
-- migrate:up
', 'a.sql');
--> 'aaaa'
SELECT migrate_config('schema', 'nowhere');
--> 'nowhere'
SELECT migrate_upgrade();
--! nowhere
--! attach
SELECT * FROM migrate_current;
--! nowhere
