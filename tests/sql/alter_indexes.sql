-- Indexes of every kind stay, in their order, and their text as it was.
PRAGMA foreign_keys = ON;
CREATE TABLE before(x);
CREATE TABLE cars(id INTEGER PRIMARY KEY, plate TEXT UNIQUE, make TEXT, year INT, price REAL, owner INT, spare TEXT);
CREATE INDEX i_part ON cars(make) WHERE year > 2000 AND price IS NOT NULL;
CREATE VIEW newest AS SELECT plate FROM cars WHERE year > 2010;
CREATE INDEX i_desc ON cars(year DESC, make ASC);
CREATE UNIQUE INDEX i_uniq ON cars(make, plate COLLATE NOCASE);
CREATE TRIGGER cars_ai AFTER INSERT ON cars BEGIN INSERT INTO before VALUES(new.plate); END;
CREATE INDEX i_expr  ON cars ( lower(make)  , abs(price - 1) ); -- spaces
CREATE TABLE fines(car TEXT REFERENCES cars(plate) ON UPDATE CASCADE ON DELETE CASCADE, sum INT);
CREATE INDEX fines_car ON fines(car);
CREATE INDEX i_rtrim ON cars(make COLLATE RTRIM DESC, owner);
INSERT INTO cars VALUES(5, 'AB1', 'Fiat', 1999, 100.5, 1, ''), (2, 'ZZ9', 'opel', 2015, NULL, 1, NULL), (9, 'CD2', 'Audi', 2020, 7, 2, 's');
INSERT INTO fines VALUES('AB1', 50), ('CD2', 20);
DELETE FROM before;
CREATE TEMP TABLE was AS SELECT type, name, tbl_name, sql FROM sqlite_schema;

--- all stay, in their order (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.alter_column("owner", {nullable = false})
    t.create_check_constraint("known", "year > 1900")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' AND name <> 'cars' EXCEPT SELECT * FROM was;
SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' ORDER BY rowid;
--> 'before'
--> 'cars'
--> 'sqlite_autoindex_cars_1'
--> 'i_part'
--> 'newest'
--> 'i_desc'
--> 'i_uniq'
--> 'cars_ai'
--> 'i_expr'
--> 'fines'
--> 'fines_car'
--> 'i_rtrim'
SELECT name, "unique", origin, partial FROM pragma_index_list('cars') ORDER BY name;
--> 'i_desc'|0|'c'|0
--> 'i_expr'|0|'c'|0
--> 'i_part'|0|'c'|1
--> 'i_rtrim'|0|'c'|0
--> 'i_uniq'|1|'c'|0
--> 'sqlite_autoindex_cars_1'|1|'u'|0
SELECT name, "desc", coll FROM pragma_index_xinfo('i_rtrim') WHERE key;
--> 'make'|1|'RTRIM'
--> 'owner'|0|'BINARY'
SELECT id FROM cars INDEXED BY i_part WHERE year > 2000 AND price IS NOT NULL AND make = 'Audi';
--> 9
SELECT id FROM cars INDEXED BY i_expr WHERE lower(make) = 'fiat';
--> 5
SELECT year FROM cars INDEXED BY i_desc WHERE year > 0 ORDER BY year DESC;
--> 2020
--> 2015
--> 1999
INSERT INTO cars(plate, make, owner) VALUES('zz9', 'opel', 3);
--! UNIQUE constraint failed: cars.make, cars.plate
UPDATE cars SET plate = 'AB2' WHERE id = 5;
SELECT car FROM fines;
--> 'AB2'
--> 'CD2'
SELECT * FROM before;
PRAGMA integrity_check;
--> 'ok'

--- all stay, in their order (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.alter_column("owner", {nullable = false})
    t.create_check_constraint("known", "year > 1900")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' AND name <> 'cars' EXCEPT SELECT * FROM was;
SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' ORDER BY rowid;
--> 'before'
--> 'cars'
--> 'sqlite_autoindex_cars_1'
--> 'i_part'
--> 'newest'
--> 'i_desc'
--> 'i_uniq'
--> 'cars_ai'
--> 'i_expr'
--> 'fines'
--> 'fines_car'
--> 'i_rtrim'
SELECT name, "unique", origin, partial FROM pragma_index_list('cars') ORDER BY name;
--> 'i_desc'|0|'c'|0
--> 'i_expr'|0|'c'|0
--> 'i_part'|0|'c'|1
--> 'i_rtrim'|0|'c'|0
--> 'i_uniq'|1|'c'|0
--> 'sqlite_autoindex_cars_1'|1|'u'|0
SELECT name, "desc", coll FROM pragma_index_xinfo('i_rtrim') WHERE key;
--> 'make'|1|'RTRIM'
--> 'owner'|0|'BINARY'
SELECT id FROM cars INDEXED BY i_part WHERE year > 2000 AND price IS NOT NULL AND make = 'Audi';
--> 9
SELECT id FROM cars INDEXED BY i_expr WHERE lower(make) = 'fiat';
--> 5
SELECT year FROM cars INDEXED BY i_desc WHERE year > 0 ORDER BY year DESC;
--> 2020
--> 2015
--> 1999
INSERT INTO cars(plate, make, owner) VALUES('zz9', 'opel', 3);
--! UNIQUE constraint failed: cars.make, cars.plate
UPDATE cars SET plate = 'AB2' WHERE id = 5;
SELECT car FROM fines;
--> 'AB2'
--> 'CD2'
SELECT * FROM before;
PRAGMA integrity_check;
--> 'ok'

--- a column is renamed in them, and only there (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.alter_column("make", {name = "brand"})
    t.alter_column("price", {name = "cost", default = 0})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'cars' AND type = 'index' AND sql IS NOT NULL ORDER BY rowid;
--> 'i_part'|'CREATE INDEX i_part ON cars(brand) WHERE year > 2000 AND cost IS NOT NULL'
--> 'i_desc'|'CREATE INDEX i_desc ON cars(year DESC, brand ASC)'
--> 'i_uniq'|'CREATE UNIQUE INDEX i_uniq ON cars(brand, plate COLLATE NOCASE)'
--> 'i_expr'|'CREATE INDEX i_expr  ON cars ( lower(brand)  , abs(cost - 1) )'
--> 'i_rtrim'|'CREATE INDEX i_rtrim ON cars(brand COLLATE RTRIM DESC, owner)'
SELECT type, name FROM (SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was) WHERE type <> 'index';
--> 'table'|'cars'
PRAGMA integrity_check;
--> 'ok'

--- a column is renamed in them, and only there (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.alter_column("make", {name = "brand"})
    t.alter_column("price", {name = "cost", default = 0})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'cars' AND type = 'index' AND sql IS NOT NULL ORDER BY rowid;
--> 'i_part'|'CREATE INDEX i_part ON cars(brand) WHERE year > 2000 AND cost IS NOT NULL'
--> 'i_desc'|'CREATE INDEX i_desc ON cars(year DESC, brand ASC)'
--> 'i_uniq'|'CREATE UNIQUE INDEX i_uniq ON cars(brand, plate COLLATE NOCASE)'
--> 'i_expr'|'CREATE INDEX i_expr  ON cars ( lower(brand)  , abs(cost - 1) )'
--> 'i_rtrim'|'CREATE INDEX i_rtrim ON cars(brand COLLATE RTRIM DESC, owner)'
SELECT type, name FROM (SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was) WHERE type <> 'index';
--> 'table'|'cars'
PRAGMA integrity_check;
--> 'ok'

--- an index about one column goes with it (auto)
CREATE INDEX i_spare ON cars(spare);
CREATE INDEX i_spare2 ON cars(spare DESC) WHERE spare <> '';
CREATE INDEX i_spare3 ON cars(lower(spare));
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.drop_column("spare")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT type, name, tbl_name, sql FROM was WHERE name <> 'cars' EXCEPT SELECT type, name, tbl_name, sql FROM sqlite_schema;
SELECT name FROM sqlite_schema WHERE name GLOB 'i_spare*';
SELECT sql FROM sqlite_schema WHERE name = 'cars';
--> 'CREATE TABLE cars(id INTEGER PRIMARY KEY, plate TEXT UNIQUE, make TEXT, year INT, price REAL, owner INT)'
SELECT * FROM cars;
--> 2|'ZZ9'|'opel'|2015|NULL|1
--> 5|'AB1'|'Fiat'|1999|100.5|1
--> 9|'CD2'|'Audi'|2020|7.0|2
SELECT * FROM newest ORDER BY 1;
--> 'CD2'
--> 'ZZ9'
PRAGMA integrity_check;
--> 'ok'

--- an index about one column goes with it (always)
CREATE INDEX i_spare ON cars(spare);
CREATE INDEX i_spare2 ON cars(spare DESC) WHERE spare <> '';
CREATE INDEX i_spare3 ON cars(lower(spare));
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.drop_column("spare")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT type, name, tbl_name, sql FROM was WHERE name <> 'cars' EXCEPT SELECT type, name, tbl_name, sql FROM sqlite_schema;
SELECT name FROM sqlite_schema WHERE name GLOB 'i_spare*';
SELECT sql FROM sqlite_schema WHERE name = 'cars';
--> 'CREATE TABLE cars(id INTEGER PRIMARY KEY, plate TEXT UNIQUE, make TEXT, year INT, price REAL, owner INT)'
SELECT * FROM cars;
--> 2|'ZZ9'|'opel'|2015|NULL|1
--> 5|'AB1'|'Fiat'|1999|100.5|1
--> 9|'CD2'|'Audi'|2020|7.0|2
SELECT * FROM newest ORDER BY 1;
--> 'CD2'
--> 'ZZ9'
PRAGMA integrity_check;
--> 'ok'

--- an index about two columns is in the way (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.drop_column("owner")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! owner
--! i_rtrim
--! make COLLATE RTRIM DESC, owner
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.drop_column("price")
  end, {recreate = "auto"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! price
--! i_part
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT count(*) FROM pragma_table_info('cars');
--> 7

--- an index about two columns is in the way (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.drop_column("owner")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! owner
--! i_rtrim
--! make COLLATE RTRIM DESC, owner
SELECT migrate_register('revision = "bbbb"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.drop_column("price")
  end, {recreate = "always"})
end', 'b.lua');
--> 'bbbb'
SELECT migrate_upgrade('bbbb');
--! price
--! i_part
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT count(*) FROM pragma_table_info('cars');
--> 7

--- ... until it is dropped, in the same batch (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.drop_index("i_rtrim")
    t.drop_column("owner")
    t.drop_index("i_part")
    t.drop_index("i_expr")
    t.drop_column("price")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name FROM sqlite_schema WHERE tbl_name = 'cars' ORDER BY rowid;
--> 'cars'
--> 'sqlite_autoindex_cars_1'
--> 'i_desc'
--> 'i_uniq'
--> 'cars_ai'
SELECT name FROM pragma_table_info('cars');
--> 'id'
--> 'plate'
--> 'make'
--> 'year'
--> 'spare'
PRAGMA integrity_check;
--> 'ok'

--- ... until it is dropped, in the same batch (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.drop_index("i_rtrim")
    t.drop_column("owner")
    t.drop_index("i_part")
    t.drop_index("i_expr")
    t.drop_column("price")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT name FROM sqlite_schema WHERE tbl_name = 'cars' ORDER BY rowid;
--> 'cars'
--> 'sqlite_autoindex_cars_1'
--> 'i_desc'
--> 'i_uniq'
--> 'cars_ai'
SELECT name FROM pragma_table_info('cars');
--> 'id'
--> 'plate'
--> 'make'
--> 'year'
--> 'spare'
PRAGMA integrity_check;
--> 'ok'

--- indexes are made in a batch, of columns that it makes (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.add_column("colour TEXT DEFAULT ''red''")
    t.alter_column("spare", {name = "extra"})
    t.create_index("i_colour", {"colour", "extra DESC"}, {where = "colour <> ''''"})
    t.create_index("i_one", "extra", {unique = true})
    t.drop_index("i_desc")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql LIKE 'CREATE INDEX i_colour ON cars%(colour, extra DESC) WHERE colour <> ''''' FROM sqlite_schema WHERE name = 'i_colour';
--> 1
SELECT name FROM sqlite_schema WHERE name GLOB 'i_*' ORDER BY rowid;
--> 'i_part'
--> 'i_uniq'
--> 'i_expr'
--> 'i_rtrim'
--> 'i_colour'
--> 'i_one'
INSERT INTO cars(plate, extra) VALUES('NEW', 's');
--! UNIQUE constraint failed: cars.extra
SELECT count(*) FROM cars INDEXED BY i_colour WHERE colour <> '';
--> 3
PRAGMA integrity_check;
--> 'ok'

--- indexes are made in a batch, of columns that it makes (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.add_column("colour TEXT DEFAULT ''red''")
    t.alter_column("spare", {name = "extra"})
    t.create_index("i_colour", {"colour", "extra DESC"}, {where = "colour <> ''''"})
    t.create_index("i_one", "extra", {unique = true})
    t.drop_index("i_desc")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql LIKE 'CREATE INDEX i_colour ON cars%(colour, extra DESC) WHERE colour <> ''''' FROM sqlite_schema WHERE name = 'i_colour';
--> 1
SELECT name FROM sqlite_schema WHERE name GLOB 'i_*' ORDER BY rowid;
--> 'i_part'
--> 'i_uniq'
--> 'i_expr'
--> 'i_rtrim'
--> 'i_colour'
--> 'i_one'
INSERT INTO cars(plate, extra) VALUES('NEW', 's');
--! UNIQUE constraint failed: cars.extra
SELECT count(*) FROM cars INDEXED BY i_colour WHERE colour <> '';
--> 3
PRAGMA integrity_check;
--> 'ok'

--- a unique index, of rows that are not (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.alter_column("spare", {name = "extra"})
    t.create_index("i_owner", {"owner"}, {unique = true})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! owner
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- a unique index, of rows that are not (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.alter_column("spare", {name = "extra"})
    t.create_index("i_owner", {"owner"}, {unique = true})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--! owner
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;

--- UNIQUE and PRIMARY KEY keep their own indexes, in their order (auto)
CREATE TABLE u(a TEXT PRIMARY KEY, b UNIQUE, c, d, UNIQUE(c, d DESC), UNIQUE(d COLLATE NOCASE));
INSERT INTO u VALUES('1', 'b', 'c', 'd'), ('2', NULL, 'c', 'e');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("u", function(t)
    t.alter_column("c", {nullable = false})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT seq, name, "unique", origin FROM pragma_index_list('u');
--> 0|'sqlite_autoindex_u_4'|1|'u'
--> 1|'sqlite_autoindex_u_3'|1|'u'
--> 2|'sqlite_autoindex_u_2'|1|'u'
--> 3|'sqlite_autoindex_u_1'|1|'pk'
SELECT name, "desc" FROM pragma_index_xinfo('sqlite_autoindex_u_3') WHERE key;
--> 'c'|0
--> 'd'|1
INSERT INTO u VALUES('3', 'x', 'y', 'E');
--! UNIQUE constraint failed: u.d
PRAGMA integrity_check;
--> 'ok'

--- UNIQUE and PRIMARY KEY keep their own indexes, in their order (always)
CREATE TABLE u(a TEXT PRIMARY KEY, b UNIQUE, c, d, UNIQUE(c, d DESC), UNIQUE(d COLLATE NOCASE));
INSERT INTO u VALUES('1', 'b', 'c', 'd'), ('2', NULL, 'c', 'e');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("u", function(t)
    t.alter_column("c", {nullable = false})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT seq, name, "unique", origin FROM pragma_index_list('u');
--> 0|'sqlite_autoindex_u_4'|1|'u'
--> 1|'sqlite_autoindex_u_3'|1|'u'
--> 2|'sqlite_autoindex_u_2'|1|'u'
--> 3|'sqlite_autoindex_u_1'|1|'pk'
SELECT name, "desc" FROM pragma_index_xinfo('sqlite_autoindex_u_3') WHERE key;
--> 'c'|0
--> 'd'|1
INSERT INTO u VALUES('3', 'x', 'y', 'E');
--! UNIQUE constraint failed: u.d
PRAGMA integrity_check;
--> 'ok'

--- an index of all of a WITHOUT ROWID table's kinds (auto)
CREATE TABLE w(k TEXT, n INT, v TEXT, PRIMARY KEY(k, n DESC)) WITHOUT ROWID;
CREATE UNIQUE INDEX w_v ON w(v DESC, n);
CREATE INDEX w_l ON w(length(v)) WHERE n > 1;
INSERT INTO w VALUES('a', 1, 'x'), ('a', 2, 'yy'), ('b', 1, 'zzz');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("w", function(t)
    t.alter_column("v", {nullable = false, name = "value"})
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name GLOB 'w_*' ORDER BY name;
--> 'CREATE INDEX w_l ON w(length(value)) WHERE n > 1'
--> 'CREATE UNIQUE INDEX w_v ON w(value DESC, n)'
SELECT * FROM w INDEXED BY w_l WHERE n > 1 AND length(value) = 2;
--> 'a'|2|'yy'
SELECT * FROM w ORDER BY k, n DESC;
--> 'a'|2|'yy'
--> 'a'|1|'x'
--> 'b'|1|'zzz'
PRAGMA integrity_check;
--> 'ok'

--- an index of all of a WITHOUT ROWID table's kinds (always)
CREATE TABLE w(k TEXT, n INT, v TEXT, PRIMARY KEY(k, n DESC)) WITHOUT ROWID;
CREATE UNIQUE INDEX w_v ON w(v DESC, n);
CREATE INDEX w_l ON w(length(v)) WHERE n > 1;
INSERT INTO w VALUES('a', 1, 'x'), ('a', 2, 'yy'), ('b', 1, 'zzz');
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("w", function(t)
    t.alter_column("v", {nullable = false, name = "value"})
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name GLOB 'w_*' ORDER BY name;
--> 'CREATE INDEX w_l ON w(length(value)) WHERE n > 1'
--> 'CREATE UNIQUE INDEX w_v ON w(value DESC, n)'
SELECT * FROM w INDEXED BY w_l WHERE n > 1 AND length(value) = 2;
--> 'a'|2|'yy'
SELECT * FROM w ORDER BY k, n DESC;
--> 'a'|2|'yy'
--> 'a'|1|'x'
--> 'b'|1|'zzz'
PRAGMA integrity_check;
--> 'ok'

--- up and down: the same objects in the same order (auto)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.add_column("colour TEXT", {before = "year"})
    t.alter_column("make", {name = "brand", type = "VARCHAR(20)"})
    t.create_unique_constraint("one", {"owner", "id"})
  end, {recreate = "auto"})
end
function downgrade()
  op.batch_alter_table("cars", function(t)
    t.drop_constraint("one")
    t.alter_column("brand", {name = "make", type = "TEXT"})
    t.drop_column("colour")
  end, {recreate = "auto"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--> 1
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT (SELECT group_concat(name) FROM (SELECT name FROM was ORDER BY rowid)) = (SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' ORDER BY rowid));
--> 1
PRAGMA integrity_check;
--> 'ok'

--- up and down: the same objects in the same order (always)
SELECT migrate_register('revision = "aaaa"
function upgrade()
  op.batch_alter_table("cars", function(t)
    t.add_column("colour TEXT", {before = "year"})
    t.alter_column("make", {name = "brand", type = "VARCHAR(20)"})
    t.create_unique_constraint("one", {"owner", "id"})
  end, {recreate = "always"})
end
function downgrade()
  op.batch_alter_table("cars", function(t)
    t.drop_constraint("one")
    t.alter_column("brand", {name = "make", type = "TEXT"})
    t.drop_column("colour")
  end, {recreate = "always"})
end', 'a.lua');
--> 'aaaa'
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--> 1
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' EXCEPT SELECT * FROM was;
SELECT (SELECT group_concat(name) FROM (SELECT name FROM was ORDER BY rowid)) = (SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE tbl_name NOT GLOB '_migrate*' ORDER BY rowid));
--> 1
PRAGMA integrity_check;
--> 'ok'
