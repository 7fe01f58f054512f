-- Every change of the schema, and what it refuses
revision = "op"

local fails = require "fails"

local function sql(name)
  return db.value("SELECT sql FROM sqlite_schema WHERE name = ?", name)
end

local function flat(name)
  return (sql(name):gsub("%s+", " "))
end

local function default(v)
  op.create_table("d", {name = "x", default = v})
  op.execute("INSERT INTO d DEFAULT VALUES")
  local got, text = db.value("SELECT x FROM d"), flat("d")
  op.drop_table("d")
  return got, text
end

function upgrade()
  -- columns as SQL or as tables
  op.create_table("a", "id INTEGER PRIMARY KEY", "name TEXT NOT NULL",
                  "UNIQUE (name, id)")
  assert(flat("a") == "CREATE TABLE a ( id INTEGER PRIMARY KEY, "
         .. "name TEXT NOT NULL, UNIQUE (name, id) )", flat("a"))
  op.create_table("b",
    {name = "id", type = "INTEGER", primary_key = true, autoincrement = true},
    {name = "order", type = "VARCHAR(10)", nullable = false, unique = true,
     collate = "NOCASE"},
    {name = "a_id", type = "INTEGER", nullable = true,
     references = "a(id) ON DELETE CASCADE"},
    {name = "n", type = "INT", check = "n > 0", default = "(1 + 1)"},
    {name = "twice", generated = "n * 2", stored = true},
    {name = "bare"})
  local text = flat("b")
  for _, part in ipairs{"id INTEGER PRIMARY KEY AUTOINCREMENT",
      "\"order\" VARCHAR(10) NOT NULL UNIQUE COLLATE NOCASE",
      "a_id INTEGER REFERENCES a(id) ON DELETE CASCADE", "CHECK (n > 0)",
      "DEFAULT (1 + 1)", "(n * 2) STORED", "bare )"} do
    assert(text:find(part, 1, true), text)
  end
  op.execute("INSERT INTO b (\"order\") VALUES ('x')")
  assert(db.value("SELECT twice FROM b") == 4)

  -- the table's own options; IF NOT EXISTS
  op.create_table("s", "k TEXT PRIMARY KEY", "v INT",
                  {strict = true, without_rowid = true})
  assert(flat("s"):find("%) WITHOUT ROWID, STRICT$"), flat("s"))
  op.create_table("s", "other", {if_not_exists = true})
  fails("already exists", op.create_table, "s", "x")

  -- defaults: a string is SQL, other values are themselves
  assert(default("'quoted'") == "quoted")
  assert(default("1 + 2") == 3)
  assert(default("CURRENT_DATE"):find("^%d+-%d+-%d+$"))
  assert(default(math.maxinteger) == math.maxinteger)
  assert(default(math.mininteger) == math.mininteger)
  assert(default(0.1) == 0.1 and math.type(default(5.0)) == "float")
  assert(default(1e22) == 1e22 and default(-1/0) == -1/0)
  assert(default(true) == 1 and default(false) == 0)
  assert(default(blob("\0a")) == blob("\0a"))
  assert(default(null) == nil and default(nil) == nil)

  -- an enum is text with a check
  op.create_table("e", {name = "st", type = op.enum{"pending", "it's"},
                        nullable = false, check = "st <> 'x'"})
  op.execute("INSERT INTO e VALUES ('it''s')")
  fails("CHECK constraint failed", op.execute, "INSERT INTO e VALUES ('no')")
  op.add_column("e", {name = "s2", type = op.enum{"a"}})
  fails("CHECK constraint failed", op.execute,
        "INSERT INTO e VALUES ('pending', 'b')")
  fails("the list is empty", op.enum, {})
  fails("each value must be a string", op.enum, {1})

  -- rename, add, drop
  op.rename_table("e", "group")
  op.add_column("group", "more TEXT DEFAULT 'm'")
  op.drop_column("group", "s2")
  assert(db.value("SELECT more FROM \"group\"") == "m")
  op.drop_table("group")
  op.drop_table("group", {if_exists = true})
  fails("no such table", op.drop_table, "group")

  -- indexes: one column, many, expressions, a keyword
  op.create_index("i1", "a", "name")
  op.create_index("i2", "a", {"lower(name)", "id DESC"},
                  {unique = true, where = "id > 0"})
  op.create_index("i3", "b", {"order"})
  op.create_index("i3", "b", {"n"}, {if_not_exists = true})
  assert(flat("i2") == "CREATE UNIQUE INDEX i2 ON a (lower(name), id DESC) "
         .. "WHERE id > 0", flat("i2"))
  assert(flat("i3"):find("(\"order\")", 1, true))
  op.drop_index("i1")
  op.drop_index("i1", {if_exists = true})
  fails("no such index", op.drop_index, "i1")

  -- views and triggers
  op.create_view("v", "SELECT id, name FROM a", {columns = {"x", "select"}})
  op.create_view("v", "SELECT 1", {if_not_exists = true})
  op.create_trigger("tr", "AFTER INSERT ON a BEGIN "
    .. "UPDATE a SET name = upper(new.name) WHERE id = new.id; END")
  op.execute("INSERT INTO a VALUES (1, 'low')")
  assert(db.row("SELECT * FROM v")["select"] == "LOW")
  op.drop_trigger("tr")
  op.drop_trigger("tr", {if_exists = true})
  op.drop_view("v")
  op.drop_view("v", {if_exists = true})
  assert(not sql("v") and not sql("tr"))

  -- what is wrong is named, with what would be right
  fails("op.create_table: unknown option 'strikt'; known are: strict, "
        .. "without_rowid, if_not_exists", op.create_table, "x", "y",
        {strikt = true})
  fails("op.create_table: unknown column property 'nulable'; known are: name",
        op.create_table, "x", {name = "y", nulable = true})
  fails("op.drop_table: unknown option 'if_exist'", op.drop_table, "x",
        {if_exist = true})
  fails("unknown option '1'", op.drop_table, "x", {"if_exists"})
  fails("if_exists must be true or false, not a string", op.drop_table, "x",
        {if_exists = "yes"})
  fails("a column without a name", op.create_table, "x", {type = "TEXT"}, "y")
  fails("a column must be a string, not a number", op.create_table, "x", 5)
  fails("type must be a string, not a table", op.create_table, "x",
        {name = "y", type = {}})
  fails("default must be a value or SQL text", op.create_table, "x",
        {name = "y", default = {}})
  fails("name has a NUL byte", op.create_table, "x", {name = "y\0z"})
  fails("has a NUL byte", op.drop_table, "x\0y")
  fails("string expected", op.drop_table)
  fails("string expected", op.drop_table, 5)
  fails("table of options expected", op.drop_table, "x", "y")
  fails("op.add_column: unknown option 'afer'; known are: after, before, using",
        op.add_column, "a", "z", {afer = "id"})
  fails("a column must be a string", op.create_index, "i", "a", {1})
  assert(not sql("x"))
end

function downgrade()
  op.drop_table("a")
end
