-- Altering a table that has rows, at once and in a batch
revision = "alter"

local fails = require "fails"

local function sql(name)
  local text = db.value("SELECT sql FROM sqlite_schema WHERE name = ?", name)
  return text and (text:gsub("%s+", " "))
end

local function has(name, part)
  assert(sql(name):find(part, 1, true), sql(name) .. "\nwanted: " .. part)
end

local function lacks(name, part)
  assert(not sql(name):find(part, 1, true), sql(name))
end

-- "id,name,...": the columns in order
local function columns(table)
  return db.value("SELECT group_concat(name) FROM pragma_table_xinfo(?)", table)
end

-- Each value of the column, by rowid
local function values(table, column)
  return db.value(("SELECT group_concat(v) FROM (SELECT ifnull(quote(%s), '-')"
    .. " AS v FROM %s ORDER BY rowid)"):format(column, table))
end

local function same(got, want)
  assert(got == want, tostring(got) .. "\nwanted: " .. tostring(want))
end

-- A parent of three rows, a child, a view, a trigger
local function make()
  op.create_table("users", "id INTEGER PRIMARY KEY", "name TEXT NOT NULL",
                  "age", "mail TEXT DEFAULT 'none'")
  op.create_table("posts", "id INTEGER PRIMARY KEY",
                  "user_id INTEGER REFERENCES users(id) ON DELETE CASCADE")
  op.bulk_insert("users", {{id = 1, name = "ann", age = "31"},
    {id = 5, name = "bob", age = 42}, {id = 9, name = "cid", age = null}})
  op.bulk_insert("posts", {{id = 1, user_id = 1}, {id = 2, user_id = 5}})
  op.create_view("names", "SELECT id, name AS name FROM users")
  op.create_trigger("renamed", "AFTER UPDATE OF name ON users BEGIN "
    .. "INSERT INTO posts(user_id) VALUES (new.id); END")
end

local function unmake()
  same(db.value("SELECT count(*) FROM posts"), 2)
  same(values("users", "id"), "1,5,9")
  op.drop_view("names")
  op.drop_table("posts")
  op.drop_table("users")
end

-- ---- columns ----

local function add_columns()
  op.add_column("users", "plain")
  op.add_column("users", {name = "kind", type = op.enum{"a", "b"},
                          default = "'a'"})
  op.add_column("users", "first TEXT", {after = "id"})
  op.add_column("users", "zero INTEGER", {before = "id"})
  op.add_column("users", "upper TEXT NOT NULL", {using = "upper(name)"})
  op.add_column("users", "twice INTEGER",
                {after = "age", using = "age * 2"})
  op.add_column("users", "made TEXT DEFAULT CURRENT_TIMESTAMP")
  op.add_column("users", "half AS (age / 2) STORED")
  op.add_column("users", "code TEXT UNIQUE", {using = "'c' || id"})
  same(columns("users"), "zero,id,first,name,age,twice,mail,plain,kind,upper,"
       .. "made,half,code")
  same(values("users", "upper"), "'ANN','BOB','CID'")
  same(values("users", "twice"), "62,84,NULL")
  same(values("users", "kind"), "'a','a','a'")
  same(values("users", "code"), "'c1','c5','c9'")
  same(db.value("SELECT count(*) FROM users WHERE made LIKE '20%'"), 3)
  fails("CHECK constraint failed", op.execute, "UPDATE users SET kind = 'x'")
  fails("users.must", op.add_column, "users", "must TEXT NOT NULL")
  fails("using", op.add_column, "users", "must TEXT NOT NULL")
  fails("one", op.add_column, "users", "one UNIQUE", {using = "1"})
  fails("nowhere", op.add_column, "users", "x", {after = "nowhere"})
  fails("give one of them", op.add_column, "users", "x",
        {after = "id", before = "id"})
  fails("name", op.add_column, "users", "name")
end

local function drop_columns()
  op.create_index("ix_mail", "users", "mail")
  op.create_index("ix_both", "users", {"name", "age"})
  op.drop_column("users", "mail")
  assert(not sql("ix_mail"))
  fails("ix_both", op.drop_column, "users", "age")
  fails("name", op.drop_column, "users", "name") -- by view and trigger
  op.drop_index("ix_both")
  op.drop_column("users", "age")
  same(columns("users"), "id,name")
  fails("name", op.drop_column, "users", "nam")
end

local function alter_columns()
  op.alter_column("users", "name", {name = "full name"})
  same(columns("users"), "id,full name,age,mail")
  same(db.value("SELECT name FROM names WHERE id = 5"), "bob")
  op.alter_column("users", "full name", {name = "name"})

  -- types: the values are converted, or the first that cannot be are named
  op.alter_column("users", "age", {type = "INTEGER"})
  same(values("users", "age"), "31,42,NULL")
  op.alter_column("users", "age", {type = "TEXT"})
  same(values("users", "age"), "'31','42',NULL")
  op.execute("UPDATE users SET age = 'old' WHERE id = 5")
  fails("cannot become INTEGER", op.alter_column, "users", "age",
        {type = "INTEGER"})
  fails("5: 'old'", op.alter_column, "users", "age", {type = "INTEGER"})
  fails("using=", op.alter_column, "users", "age", {type = "INTEGER"})
  op.alter_column("users", "age",
                  {type = "INTEGER", using = "nullif(age, 'old')"})
  same(values("users", "age"), "31,NULL,NULL")
  op.alter_column("users", "age", {type = "BIGINT"})
  has("users", "age BIGINT")
  op.alter_column("users", "age", {type = null})
  lacks("users", "BIGINT")
  op.alter_column("users", "mail", {type = op.enum{"none", "some"}})
  fails("CHECK constraint failed", op.execute, "UPDATE users SET mail = 'x'")

  -- NULL or not
  fails("5", op.alter_column, "users", "age", {nullable = false})
  op.alter_column("users", "age", {nullable = false, using = "ifnull(age, 0)"})
  same(values("users", "age"), "31,0,0")
  fails("NOT NULL", op.execute, "UPDATE users SET age = NULL")
  op.alter_column("users", "age", {nullable = true})
  op.execute("UPDATE users SET age = NULL WHERE id = 9")

  -- collation
  op.alter_column("users", "name", {collate = "NOCASE"})
  same(db.value("SELECT id FROM users WHERE name = 'BOB'"), 5)
  op.alter_column("users", "name", {collate = null})
  same(db.value("SELECT id FROM users WHERE name = 'BOB'"), nil)
  lacks("users", "COLLATE")
end

-- The default trap: rows that do not store the column read its default
local function alter_default()
  op.add_column("users", "s TEXT DEFAULT 'old'")
  op.alter_column("users", "s", {default = "'new'"})
  op.execute("INSERT INTO users (id, name) VALUES (20, 'dan')")
  same(values("users", "s"), "'old','old','old','new'")
  op.alter_column("users", "s", {default = null})
  op.execute("INSERT INTO users (id, name) VALUES (21, 'eve')")
  same(values("users", "s"), "'old','old','old','new',NULL")
  op.alter_column("users", "s", {default = 7})
  op.execute("INSERT INTO users (id, name) VALUES (22, 'fay')")
  same(values("users", "s"), "'old','old','old','new',NULL,'7'")
  op.alter_column("users", "s", {default = "1 + 1"})
  has("users", "DEFAULT (1 + 1)")
  op.execute("DELETE FROM users WHERE id >= 20")
end

-- ---- constraints ----

local function constraints()
  op.create_unique_constraint("uq_name", "users", {"name"})
  op.create_unique_constraint(nil, "users", {"name", "age"})
  has("users", "CONSTRAINT uq_name UNIQUE")
  fails("UNIQUE constraint failed", op.execute,
        "INSERT INTO users(name) VALUES ('ann')")
  op.execute("UPDATE users SET mail = 'x' WHERE id < 9")
  fails("mail", op.create_unique_constraint, "uq_mail", "users", "mail")
  op.drop_constraint("users", "uq_name")
  op.drop_constraint("users", {type = "unique", columns = {"name", "age"}})
  lacks("users", "UNIQUE")

  op.create_check_constraint("ck_id", "users", "id > 0")
  op.create_check_constraint(null, "users", "age <> 7")
  fails("ck_id", op.execute, "INSERT INTO users(id, name) VALUES (-1, 'x')")
  fails("9", op.create_check_constraint, "ck_few", "users", "id < 6")
  fails("ck_id", op.drop_constraint, "users", "ck_di")
  fails("ck_id", op.drop_constraint, "users", {type = "check"})
  op.drop_constraint("users", {type = "check", columns = "age"})
  op.drop_constraint("users", {type = "check"})
  lacks("users", "CHECK")
end

local function foreign_keys()
  op.create_table("towns", "id INTEGER PRIMARY KEY", "name TEXT UNIQUE")
  op.bulk_insert("towns", {{id = 1, name = "Ulm"}})
  op.add_column("users", "town INTEGER")
  op.add_column("users", "place TEXT")
  op.execute("UPDATE users SET town = 1 WHERE id = 1")
  op.create_foreign_key("fk_town", "users", "towns", {"town"}, {"id"},
    {ondelete = "set null", onupdate = "CASCADE", initially = "deferred"})
  has("users", "CONSTRAINT fk_town FOREIGN KEY")
  has("users", "ON DELETE SET NULL ON UPDATE CASCADE "
      .. "DEFERRABLE INITIALLY DEFERRED")
  op.create_foreign_key(nil, "users", "towns", "place", {"name"})
  same(db.value("SELECT group_concat(\"from\" || '-' || \"to\" || on_delete) "
    .. "FROM (SELECT * FROM pragma_foreign_key_list('users') "
    .. "ORDER BY \"from\")"), "place-nameNO ACTION,town-idSET NULL")
  op.drop_constraint("users", {type = "foreign_key", columns = "place"})
  op.drop_constraint("users", "fk_town")
  op.execute("UPDATE users SET town = 2 WHERE id = 9")
  fails("9", op.create_foreign_key, "fk_town", "users", "towns", "town")
  lacks("users", "REFERENCES")
  op.drop_table("towns")
end

local function primary_keys()
  op.create_table("keyless", "id INTEGER", "v")
  op.bulk_insert("keyless", {{id = 7, v = "a"}, {id = 3, v = "b"}})
  op.create_primary_key("pk_id", "keyless", {"id"})
  same(db.value("SELECT rowid FROM keyless WHERE v = 'a'"), 7)
  fails("keyless", op.create_primary_key, nil, "keyless", {"v"})
  op.drop_constraint("keyless", {type = "primary_key"})
  lacks("keyless", "PRIMARY KEY")
  op.create_primary_key(nil, "keyless", {"id", "v"})
  same(db.value("SELECT group_concat(pk) FROM pragma_table_info('keyless')"),
       "1,2")
  op.drop_table("keyless")
end

-- ---- batches ----

local function in_batch(recreate)
  op.batch_alter_table("users", function(t)
    t.alter_column("name", {name = "called"})
    t.add_column("first TEXT", {after = "called", using = "upper(called)"})
    t:add_column("n INTEGER NOT NULL DEFAULT 0")
    t.add_column("p INTEGER")
    t.drop_column("mail")
    t.alter_column("age", {type = "INTEGER"})
    t.create_check_constraint("ck_n", "n >= 0")
    t.create_check_constraint("ck_gone", "n < 10")
    t:create_unique_constraint("uq_first", {"first"})
    t.create_foreign_key("fk_p", "posts", {"p"}, nil,
                         {initially = "IMMEDIATE"})
    t.drop_constraint("ck_gone")
    t.drop_constraint{type = "foreign_key", columns = {"p"}}
    t.create_index("ix_called", {"called", "n"}, {where = "n > 0"})
    t.create_index("ix_gone", "n")
    t:drop_index("ix_gone")
    -- nothing of it is done yet
    same(columns("users"), "id,name,age,mail")
  end, {recreate = recreate})
  same(columns("users"), "id,called,first,age,n,p")
  same(values("users", "first"), "'ANN','BOB','CID'")
  same(values("users", "age"), "31,42,NULL")
  same(db.value("SELECT name FROM names WHERE id = 1"), "ann")
  has("users", "ck_n")
  lacks("users", "ck_gone")
  assert(sql("ix_called") and not sql("ix_gone"))
end

local function batch_fails()
  local before, kept = sql("users"), nil
  local mark = {}

  -- what the function raises comes back as it is, and nothing is done
  local ok, e = pcall(op.batch_alter_table, "users", function(t)
    kept = t
    t.add_column("x")
    error(mark)
  end)
  assert(not ok and e == mark and sql("users") == before)
  fails("t.add_column: the batch is over", kept.add_column, "y")
  fails("t.add_column: the batch is over", kept.add_column, kept, "y")
  op.batch_alter_table("users", function(t) kept = t end)
  fails("t.drop_index: the batch is over", kept.drop_index, "y")

  -- one change that cannot be made, and none is
  fails("nowhere", op.batch_alter_table, "users", function(t)
    t.add_column("x")
    t.drop_column("nowhere")
  end)
  same(sql("users"), before)
  fails("nowhere", op.batch_alter_table, "nowhere", function(t)
    t.add_column("x")
  end)
  fails("yield across", coroutine.wrap(function()
    op.batch_alter_table("users", coroutine.yield)
  end))

  -- only a rebuild would do
  assert(not pcall(op.batch_alter_table, "users", function(t)
    t.add_column("x TEXT", {after = "id"})
  end, {recreate = "never"}))
  same(sql("users"), before)
end

local function batches()
  for _, recreate in ipairs{"auto", "always"} do
    make()
    in_batch(recreate)
    unmake()
  end
  make()
  batch_fails()
  op.batch_alter_table("users", function() end)
  op.batch_alter_table("users", function() end, {recreate = "always"})
  op.batch_alter_table("users", function(t)
    t.add_column("x")
    op.execute("UPDATE users SET age = 1") -- op and db act at once
    op.batch_alter_table("posts", function(u) u.add_column("y") end)
    same(columns("posts"), "id,user_id,y")
    t.add_column("z", {using = "age + 1"})
  end, {recreate = "AUTO"})
  same(values("users", "z"), "2,2,2")

  -- a primary key, in a batch
  op.create_table("k", "id INTEGER", "v")
  op.execute("INSERT INTO k VALUES (4, 'a')")
  op.batch_alter_table("k", function(t) t.create_primary_key("pk", "id") end)
  same(db.value("SELECT rowid FROM k"), 4)
  op.drop_table("k")
  unmake()
end

-- ---- what is wrong is named, with what would be right ----

local function wrong_columns()
  fails("op.add_column: the table must be a string, not nil", op.add_column)
  fails("op.add_column: a column must be a string, not nil", op.add_column, "t")
  fails("op.add_column: after is empty", op.add_column, "t", "x", {after = ""})
  fails("op.drop_column: the column must be a string, not a table",
        op.drop_column, "t", {})
  fails("op.alter_column: nothing to alter: give name, type", op.alter_column,
        "t", "x", {})
  fails("nothing to alter", op.alter_column, "t", "x")
  fails("unknown option 'nulable'; known are: name, type, nullable, default, "
        .. "collate, using", op.alter_column, "t", "x", {nulable = false})
  fails("nullable must be true or false, not null", op.alter_column, "t", "x",
        {nullable = null})
  fails("type must be a string, not a table: give SQL text, op.enum{...} or "
        .. "null", op.alter_column, "t", "x", {type = {}})
  fails("default must be a value or SQL text, not a function",
        op.alter_column, "t", "x", {default = print})
  fails("collate must be a string, not a number", op.alter_column, "t", "x",
        {collate = 1})
  fails("name has a NUL byte", op.alter_column, "t", "x", {name = "a\0b"})
end

local function wrong_constraints()
  local fk = op.create_foreign_key

  fails("op.create_primary_key: no column: give a name", op.create_primary_key,
        nil, "t")
  fails("op.create_unique_constraint: a list without a column",
        op.create_unique_constraint, nil, "t", {})
  fails("a column is empty", op.create_unique_constraint, nil, "t", {""})
  fails("a column must be a string, not a number",
        op.create_unique_constraint, nil, "t", {1})
  fails("the constraint's name is empty", op.create_unique_constraint, "", "t",
        "x")
  fails("the expression must be a string, not nil", op.create_check_constraint,
        "c", "t")
  fails("op.create_foreign_key: ondelete must be 'CASCADE', 'SET NULL', "
        .. "'SET DEFAULT', 'RESTRICT' or 'NO ACTION', not 'drop'", fk, nil, "t",
        "p", "x", nil, {ondelete = "drop"})
  fails("initially must be 'DEFERRED' or 'IMMEDIATE', not 'x'", fk, nil, "t",
        "p", "x", nil, {initially = "x"})
  fails("one excludes the other", fk, nil, "t", "p", "x", nil,
        {initially = "DEFERRED", deferrable = false})
  fails("2 columns for 1 of p: give as many", fk, nil, "t", "p", {"x", "y"},
        "z")
  fails("known are: ondelete, onupdate, deferrable, initially", fk, nil, "t",
        "p", "x", nil, {on_delete = "CASCADE"})
  fails("a constraint without a type", op.drop_constraint, "t", {columns = "x"})
  fails("type must be 'check', 'unique', 'primary_key', 'foreign_key', "
        .. "'primary' or 'foreignkey', not 'x'", op.drop_constraint, "t",
        {type = "x"})
  fails("unknown key 'column'; known are: type, columns", op.drop_constraint,
        "t", {type = "check", column = "x"})
  fails("must be a string, not nil", op.drop_constraint, "t")
end

local function wrong_batches()
  fails("function expected", op.batch_alter_table, "t", {})
  fails("the table is empty", op.batch_alter_table, "", print)
  fails("recreate must be 'auto', 'always' or 'never', not 'maybe'",
        op.batch_alter_table, "t", print, {recreate = "maybe"})
  fails("unknown option 'recreat'; known are: recreate", op.batch_alter_table,
        "t", print, {recreat = "auto"})
  fails("t has no function named ad_column; did you mean t.add_column?",
        op.batch_alter_table, "t", function(t) t.ad_column("x") end)
  fails("t.drop_column: the column must be a string, not nil",
        op.batch_alter_table, "t", function(t) t:drop_column() end)
  fails("t.create_index: a column must be a string, not nil",
        op.batch_alter_table, "t", function(t) t.create_index("i") end)
end

function upgrade()
  for _, f in ipairs{add_columns, drop_columns, alter_columns, alter_default,
      constraints, foreign_keys} do
    make()
    f()
    unmake()
  end
  primary_keys()
  batches()
  wrong_columns()
  wrong_constraints()
  wrong_batches()
end
