-- Many columns added at once: the text is edited, and old rows read defaults.
CREATE TABLE t (
  id INTEGER PRIMARY KEY, -- the key
  b TEXT,
  CHECK (b <> '')
);
INSERT INTO t VALUES(1, 'one'), (2, 'two');

--- a batch of them
SELECT migrate_register('revision = "a"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.add_column("x INTEGER NOT NULL DEFAULT 4")
    t.add_column("y TEXT DEFAULT ''it'' CHECK (y <> b)")
    t.add_column("z INT AS (x + id)")
    t.create_index("t_x", {"x", "y"})
  end)
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1
SELECT sql FROM sqlite_schema WHERE name = 't';
--> 'CREATE TABLE t (
-->   id INTEGER PRIMARY KEY, -- the key
-->   b TEXT,
-->   x INTEGER NOT NULL DEFAULT 4,
-->   y TEXT DEFAULT ''it'' CHECK (y <> b),
-->   z INT AS (x + id),
-->   CHECK (b <> '''')
--> )'
SELECT * FROM t;
--> 1|'one'|4|'it'|5
--> 2|'two'|4|'it'|6
SELECT id FROM t INDEXED BY t_x WHERE x = 4 ORDER BY id;
--> 1
--> 2
INSERT INTO t(id, b) VALUES(3, 'three');
SELECT * FROM t WHERE id = 3;
--> 3|'three'|4|'it'|7
PRAGMA integrity_check;
--> 'ok'

--- one that a row violates
SELECT migrate_register('revision = "a"
function upgrade()
  op.batch_alter_table("t", function(t)
    t.add_column("x INTEGER NOT NULL DEFAULT 4")
    t.add_column("y TEXT DEFAULT ''two'' CHECK (y <> b)")
  end)
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--! CHECK (y <> b) does not hold in 1 row: rowid 2
SELECT * FROM t;
--> 1|'one'
--> 2|'two'

--- caught: it leaves nothing, and the next ones are added
SELECT migrate_register('revision = "a"
function upgrade()
  assert(not pcall(op.batch_alter_table, "t", function(t)
    t.add_column("x")
    t.add_column("y COLLATE nowhere")
  end))
  op.batch_alter_table("t", function(t)
    t.add_column("x DEFAULT 1")
    t.add_column("w DEFAULT 2")
  end)
end', 'a.lua');
--> 'a'
SELECT migrate_upgrade();
--> 1
SELECT * FROM t;
--> 1|'one'|1|2
--> 2|'two'|1|2
