-- AUTOINCREMENT goes on where it was, and ANALYZE's figures stay.
PRAGMA foreign_keys = ON;
CREATE TABLE tickets(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, state TEXT DEFAULT 'open');
CREATE TABLE other(id INTEGER PRIMARY KEY AUTOINCREMENT, x);
CREATE TABLE none(id INTEGER PRIMARY KEY AUTOINCREMENT, x, y);
CREATE TABLE gone(id INTEGER PRIMARY KEY AUTOINCREMENT, x, y);
CREATE TABLE posts(ticket_id INT REFERENCES tickets(id) ON DELETE CASCADE, what);
CREATE INDEX tickets_title ON tickets(title);
CREATE INDEX tickets_state ON tickets(state, title) WHERE state <> 'done';
CREATE TRIGGER tickets_ai AFTER INSERT ON tickets BEGIN INSERT INTO posts VALUES(new.id, 'opened'); END;
CREATE VIEW open_tickets AS SELECT id, title FROM tickets WHERE state = 'open';
INSERT INTO tickets(id, title) VALUES(3, 'a'), (7, 'b'), (50, 'c');
DELETE FROM tickets WHERE id = 50;
INSERT INTO other(id, x) VALUES(2, 'x');
INSERT INTO gone(id) VALUES(20);
DELETE FROM gone;
ANALYZE;
INSERT INTO sqlite_stat1 VALUES('tickets', 'by_hand', '99 9');

--- a seq above max(rowid) (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tickets", function(t)
    t.alter_column("title", {nullable = false})
    t.add_column("who TEXT")
    t.alter_column("state", {default = "''new''"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, seq FROM sqlite_sequence;
--> 'tickets'|50
--> 'other'|2
--> 'gone'|20
INSERT INTO tickets(title) VALUES('d');
SELECT id, title, state FROM tickets;
--> 3|'a'|'open'
--> 7|'b'|'open'
--> 51|'d'|'new'
SELECT sql FROM sqlite_schema WHERE name = 'tickets';
--> 'CREATE TABLE tickets(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, state TEXT DEFAULT ''new'', who TEXT)'
SELECT * FROM posts WHERE ticket_id > 7;
--> 51|'opened'

--- a seq above max(rowid) (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tickets", function(t)
    t.alter_column("title", {nullable = false})
    t.add_column("who TEXT")
    t.alter_column("state", {default = "''new''"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, seq FROM sqlite_sequence;
--> 'tickets'|50
--> 'other'|2
--> 'gone'|20
INSERT INTO tickets(title) VALUES('d');
SELECT id, title, state FROM tickets;
--> 3|'a'|'open'
--> 7|'b'|'open'
--> 51|'d'|'new'
SELECT sql FROM sqlite_schema WHERE name = 'tickets';
--> 'CREATE TABLE tickets(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, state TEXT DEFAULT ''new'', who TEXT)'
SELECT * FROM posts WHERE ticket_id > 7;
--> 51|'opened'

--- an empty table, with and without a sequence (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("none", function(t) t.drop_column("y") t.alter_column("x", {nullable = false}) end, {recreate = "auto"})
  op.batch_alter_table("gone", function(t) t.drop_column("y") t.alter_column("x", {nullable = false}) end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, seq FROM sqlite_sequence;
--> 'tickets'|50
--> 'other'|2
--> 'gone'|20
INSERT INTO none(x) VALUES(1);
INSERT INTO gone(x) VALUES(1);
SELECT none.id, gone.id FROM none, gone;
--> 1|21

--- an empty table, with and without a sequence (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("none", function(t) t.drop_column("y") t.alter_column("x", {nullable = false}) end, {recreate = "always"})
  op.batch_alter_table("gone", function(t) t.drop_column("y") t.alter_column("x", {nullable = false}) end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, seq FROM sqlite_sequence;
--> 'tickets'|50
--> 'other'|2
--> 'gone'|20
INSERT INTO none(x) VALUES(1);
INSERT INTO gone(x) VALUES(1);
SELECT none.id, gone.id FROM none, gone;
--> 1|21

--- a sequence that was set by hand, also below max(rowid) (auto)
UPDATE sqlite_sequence SET seq = 1 WHERE name = 'other';
INSERT INTO sqlite_sequence VALUES('none', 9000000000000);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("none", function(t) t.drop_column("y") end, {recreate = "auto"})
  op.batch_alter_table("other", function(t) t.alter_column("x", {nullable = false}) end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, seq FROM sqlite_sequence ORDER BY name;
--> 'gone'|20
--> 'none'|9000000000000
--> 'other'|1
--> 'tickets'|50
INSERT INTO none(x) VALUES(1);
SELECT id FROM none;
--> 9000000000001

--- a sequence that was set by hand, also below max(rowid) (always)
UPDATE sqlite_sequence SET seq = 1 WHERE name = 'other';
INSERT INTO sqlite_sequence VALUES('none', 9000000000000);
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("none", function(t) t.drop_column("y") end, {recreate = "always"})
  op.batch_alter_table("other", function(t) t.alter_column("x", {nullable = false}) end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, seq FROM sqlite_sequence ORDER BY name;
--> 'gone'|20
--> 'none'|9000000000000
--> 'other'|1
--> 'tickets'|50
INSERT INTO none(x) VALUES(1);
SELECT id FROM none;
--> 9000000000001

--- the table's new name (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tickets", function(t) t.alter_column("title", {nullable = false}) end, {recreate = "auto"})
  op.rename_table("tickets", "cases")
  op.batch_alter_table("cases", function(t) t.alter_column("state", {nullable = false}) end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, seq FROM sqlite_sequence ORDER BY seq;
--> 'other'|2
--> 'gone'|20
--> 'cases'|50
INSERT INTO cases(title) VALUES('d');
SELECT max(id) FROM cases;
--> 51
SELECT tbl, idx, stat FROM sqlite_stat1 WHERE tbl IN ('cases', 'tickets') ORDER BY 2;
--> 'cases'|'by_hand'|'99 9'
--> 'cases'|'tickets_state'|'2 2 1'
--> 'cases'|'tickets_title'|'2 1'

--- the table's new name (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tickets", function(t) t.alter_column("title", {nullable = false}) end, {recreate = "always"})
  op.rename_table("tickets", "cases")
  op.batch_alter_table("cases", function(t) t.alter_column("state", {nullable = false}) end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, seq FROM sqlite_sequence ORDER BY seq;
--> 'other'|2
--> 'gone'|20
--> 'cases'|50
INSERT INTO cases(title) VALUES('d');
SELECT max(id) FROM cases;
--> 51
SELECT tbl, idx, stat FROM sqlite_stat1 WHERE tbl IN ('cases', 'tickets') ORDER BY 2;
--> 'cases'|'by_hand'|'99 9'
--> 'cases'|'tickets_state'|'2 2 1'
--> 'cases'|'tickets_title'|'2 1'

--- AUTOINCREMENT of a key that is renamed (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tickets", function(t)
    t.alter_column("id", {name = "number"})
    t.alter_column("title", {nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO tickets(title) VALUES('d');
SELECT number, title FROM tickets;
--> 3|'a'
--> 7|'b'
--> 51|'d'
SELECT sql FROM sqlite_schema WHERE name = 'posts';
--> 'CREATE TABLE posts(ticket_id INT REFERENCES tickets(number) ON DELETE CASCADE, what)'
DELETE FROM tickets WHERE number = 51;
SELECT count(*) FROM posts WHERE ticket_id = 51;
--> 0

--- AUTOINCREMENT of a key that is renamed (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tickets", function(t)
    t.alter_column("id", {name = "number"})
    t.alter_column("title", {nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
INSERT INTO tickets(title) VALUES('d');
SELECT number, title FROM tickets;
--> 3|'a'
--> 7|'b'
--> 51|'d'
SELECT sql FROM sqlite_schema WHERE name = 'posts';
--> 'CREATE TABLE posts(ticket_id INT REFERENCES tickets(number) ON DELETE CASCADE, what)'
DELETE FROM tickets WHERE number = 51;
SELECT count(*) FROM posts WHERE ticket_id = 51;
--> 0

--- sqlite_stat1 (auto)
CREATE TEMP TABLE was AS SELECT rowid AS at, * FROM sqlite_stat1;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tickets", function(t)
    t.alter_column("title", {nullable = false})
    t.add_column("who TEXT DEFAULT ''me''")
    t.alter_column("state", {default = "''new''"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT tbl, idx, stat FROM was EXCEPT SELECT tbl, idx, stat FROM sqlite_stat1;
SELECT tbl, idx, stat FROM sqlite_stat1 EXCEPT SELECT tbl, idx, stat FROM was;
SELECT (SELECT count(*) FROM was) = count(*) FROM sqlite_stat1;
--> 1

--- sqlite_stat1 (always)
CREATE TEMP TABLE was AS SELECT rowid AS at, * FROM sqlite_stat1;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tickets", function(t)
    t.alter_column("title", {nullable = false})
    t.add_column("who TEXT DEFAULT ''me''")
    t.alter_column("state", {default = "''new''"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT tbl, idx, stat FROM was EXCEPT SELECT tbl, idx, stat FROM sqlite_stat1;
SELECT tbl, idx, stat FROM sqlite_stat1 EXCEPT SELECT tbl, idx, stat FROM was;
SELECT (SELECT count(*) FROM was) = count(*) FROM sqlite_stat1;
--> 1

--- the figures of an index that goes with its column go, too (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tickets", function(t)
    t.drop_index("tickets_state")
    t.drop_column("title")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! open_tickets
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.drop_view("open_tickets")
  op.batch_alter_table("tickets", function(t)
    t.drop_index("tickets_state")
    t.drop_column("title")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT tbl, idx, stat FROM sqlite_stat1 WHERE tbl = 'tickets';
--> 'tickets'|'by_hand'|'99 9'
SELECT name, seq FROM sqlite_sequence;
--> 'tickets'|50
--> 'other'|2
--> 'gone'|20

--- the figures of an index that goes with its column go, too (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tickets", function(t)
    t.drop_index("tickets_state")
    t.drop_column("title")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! open_tickets
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.drop_view("open_tickets")
  op.batch_alter_table("tickets", function(t)
    t.drop_index("tickets_state")
    t.drop_column("title")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--> 1
SELECT tbl, idx, stat FROM sqlite_stat1 WHERE tbl = 'tickets';
--> 'tickets'|'by_hand'|'99 9'
SELECT name, seq FROM sqlite_sequence;
--> 'tickets'|50
--> 'other'|2
--> 'gone'|20

--- up and down: sequences and figures are as before (auto)
CREATE TEMP TABLE was AS SELECT tbl, idx, stat FROM sqlite_stat1 UNION ALL SELECT name, 'seq', seq FROM sqlite_sequence;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tickets", function(t)
    t.add_column("who TEXT", {after = "id"})
    t.create_check_constraint("c", "title <> ''''")
  end, {recreate = "auto"})
end
function downgrade()
  op.batch_alter_table("tickets", function(t)
    t.drop_constraint("c")
    t.drop_column("who")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--> 1
SELECT tbl, idx, stat FROM sqlite_stat1 UNION ALL SELECT name, 'seq', seq FROM sqlite_sequence EXCEPT SELECT * FROM was;
SELECT count(*) FROM was;
--> 8
SELECT name FROM sqlite_schema WHERE name NOT GLOB '*_migrate_*' AND name <> 'sqlite_stat4' ORDER BY rowid;
--> 'tickets'
--> 'sqlite_sequence'
--> 'other'
--> 'none'
--> 'gone'
--> 'posts'
--> 'tickets_title'
--> 'tickets_state'
--> 'tickets_ai'
--> 'open_tickets'
--> 'sqlite_stat1'

--- up and down: sequences and figures are as before (always)
CREATE TEMP TABLE was AS SELECT tbl, idx, stat FROM sqlite_stat1 UNION ALL SELECT name, 'seq', seq FROM sqlite_sequence;
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("tickets", function(t)
    t.add_column("who TEXT", {after = "id"})
    t.create_check_constraint("c", "title <> ''''")
  end, {recreate = "always"})
end
function downgrade()
  op.batch_alter_table("tickets", function(t)
    t.drop_constraint("c")
    t.drop_column("who")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--> 1
SELECT tbl, idx, stat FROM sqlite_stat1 UNION ALL SELECT name, 'seq', seq FROM sqlite_sequence EXCEPT SELECT * FROM was;
SELECT count(*) FROM was;
--> 8
SELECT name FROM sqlite_schema WHERE name NOT GLOB '*_migrate_*' AND name <> 'sqlite_stat4' ORDER BY rowid;
--> 'tickets'
--> 'sqlite_sequence'
--> 'other'
--> 'none'
--> 'gone'
--> 'posts'
--> 'tickets_title'
--> 'tickets_state'
--> 'tickets_ai'
--> 'open_tickets'
--> 'sqlite_stat1'
