"""Many columns added in one batch: one edit of the text, and what SQLite's ADD COLUMN makes, byte for byte."""

import os
import sqlite3
import struct
import unittest

from project import Project, one

TABLES = [
    "CREATE TABLE t(a)",
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)",
    "CREATE TABLE t(a, b /* last */)",
    "CREATE TABLE t(a, b /* last */ , /* own */ UNIQUE (a))",
    "CREATE TABLE t (\n  a INTEGER PRIMARY KEY,\n  b TEXT -- the name\n)",
    "CREATE TABLE t (\n  a INTEGER PRIMARY KEY, -- the key\n\n  b TEXT, -- the name\n  CHECK (b <> '') -- of the table\n)",
    "CREATE TABLE t (\r\n\ta,\r\n\tb -- x\r\n\t, CONSTRAINT k UNIQUE (a)\r\n)",
    "CREATE TABLE t(a, b) ",
    'CREATE TABLE "t"(a INT PRIMARY KEY,b)WITHOUT ROWID',
    "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT) STRICT",
    "CREATE TABLE [t] (a INT,\n b INT)  -- end",
]
COLUMNS = [
    ["x INTEGER", "y TEXT"],
    ["x INTEGER NOT NULL DEFAULT 0", "y TEXT DEFAULT 'it''s'", "z REAL DEFAULT -1.5", "w BLOB DEFAULT x'00ff'"],
    ["x INT DEFAULT (7)", "[the y] TEXT /* why */ DEFAULT 'q' COLLATE NOCASE", "z INT REFERENCES p(id) ON DELETE SET NULL"],
    ["x INT DEFAULT 5 CHECK (x > 4)", "y INT AS (x * 2)", "z TEXT DEFAULT 'b' CONSTRAINT zc CHECK (z <> 'c')", "v INT CHECK (v IS NULL)"],
    ["x INT AS (length(b)) NOT NULL", "y INT DEFAULT 3"],
    ["x INTEGER -- none\n", "y INTEGER", "z INTEGER"],
]
FILL = "INSERT INTO t(a, b) VALUES (1, 'one'), (2, 'two')"


def lua(text):
    return "[==[%s]==]" % text


def batch(columns, table="t", tail=""):
    return 'op.batch_alter_table("%s", function(t)\n%s\n%s end)' % (
        table, "\n".join("t.add_column(%s)" % lua(c) for c in columns), tail)


def singles(columns, table="t"):
    return "\n".join('op.add_column("%s", %s)' % (table, lua(c)) for c in columns)


class Same(unittest.TestCase):
    def result(self, setup, script):
        with Project() as p:
            db = p.connect()
            db.executescript("PRAGMA synchronous = OFF; CREATE TABLE p(id INTEGER PRIMARY KEY);" + setup)
            p.lua("a", None, script)
            try:
                db.execute("SELECT migrate_upgrade()").fetchone()
            except sqlite3.Error as e:
                return "error", str(e)
            self.assertEqual(one(db, "PRAGMA integrity_check"), "ok")
            cursor = db.execute("SELECT * FROM t")
            names = [d[0] for d in cursor.description]
            kinds = ",".join('typeof("%s")' % n for n in names)
            return ("done", db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"
                                       " WHERE tbl_name NOT LIKE '\\_migrate%' ESCAPE '\\'").fetchall(),
                    names, cursor.fetchall(), db.execute("SELECT %s FROM t" % kinds).fetchall(),
                    db.execute("SELECT * FROM pragma_table_xinfo('t')").fetchall())

    def test_a_batch_leaves_what_single_ones_leave(self):
        done = 0
        for table in TABLES:
            for columns in COLUMNS:
                for fill in "", FILL:
                    if fill and table == TABLES[0]:
                        fill = "INSERT INTO t VALUES (1), (2)"
                    with self.subTest(table=table, columns=columns, fill=fill):
                        setup = table + "\n;" + fill
                        a = self.result(setup, singles(columns))
                        b = self.result(setup, batch(columns))
                        self.assertEqual(a[0], b[0], (a, b))
                        if a[0] == "done":
                            self.assertEqual(a, b)
                            done += 1
        self.assertGreater(done, 100)

    def test_behind_a_view_a_trigger_and_a_child(self):
        setup = ("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);" + FILL + ";CREATE VIEW v AS SELECT * FROM t;"
                 "CREATE TABLE log(n); CREATE TRIGGER g AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (new.b); END;"
                 "CREATE TABLE c(t REFERENCES t ON DELETE CASCADE); INSERT INTO c VALUES (1);"
                 "CREATE TEMP TRIGGER tg AFTER DELETE ON t BEGIN SELECT old.a; END;"
                 "CREATE TABLE other(x); CREATE TEMP VIEW tv AS SELECT count(*) FROM t;")
        for columns in COLUMNS:
            a, b = self.result(setup, singles(columns)), self.result(setup, batch(columns))
            self.assertEqual(a, b)
            self.assertEqual(a[0], "done", a)


class Rules(unittest.TestCase):
    """What ADD COLUMN refuses, is refused; and then nothing has changed."""

    def setUp(self):
        self.p = Project().__enter__()
        self.addCleanup(self.p.__exit__)
        self.db = self.p.connect()
        self.db.executescript("PRAGMA foreign_keys = ON; CREATE TABLE p(id INTEGER PRIMARY KEY);"
                              "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);" + FILL)
        self.n = 0

    def up(self, script):
        self.n += 1
        self.p.lua("r%d" % self.n, None if self.n == 1 else "r%d" % (self.n - 1), script)
        return self.db.execute("SELECT migrate_upgrade()").fetchone()

    def refused(self, columns, *parts):
        was = "\n".join(self.db.iterdump())
        with self.assertRaises(sqlite3.Error) as e:
            self.up(batch(columns))
        for part in parts:
            self.assertIn(part, str(e.exception))
        self.assertEqual(was, "\n".join(self.db.iterdump()))
        self.assertEqual(one(self.db, "PRAGMA integrity_check"), "ok")
        self.assertEqual([one(self.db, "PRAGMA " + x) for x in ("writable_schema", "foreign_keys")], [0, 1])
        os.remove(os.path.join(self.p.migrations, "versions", "%03d_r%d.lua" % (self.p.count, self.n)))
        self.n -= 1

    def test_not_null_without_a_value(self):
        self.refused(["x", "y INT NOT NULL", "z"], "t.y is NOT NULL and has no value")

    def test_a_name_twice(self):
        self.refused(["x", "y", "X INT"], "has a column X already")
        self.refused(["x", "B INT"], "has a column B already")

    def test_a_check_that_a_row_violates_names_the_row(self):
        self.refused(["x INT DEFAULT 1", "y INT DEFAULT 2 CHECK (y < x)", "z"], "CHECK (y < x) does not hold in 2 rows",
                     "rowid 1")
        self.refused(["x", "y INT CONSTRAINT few CHECK (a < 2)"], "CHECK few", "in 1 row: rowid 2")

    def test_a_check_of_a_column_that_is_not_there(self):
        self.refused(["x", "y INT CHECK (nowhere > 1)"], "nowhere")

    def test_an_unknown_collation(self):
        self.refused(["x", "y TEXT COLLATE klingon"], "no such collation sequence: klingon")

    def test_a_default_that_is_no_parent(self):
        self.refused(["x", "y INT DEFAULT 7 REFERENCES p(id)"], "foreign key")

    def test_a_generated_column_that_is_null(self):
        self.refused(["x", "y INT AS (nullif(a, 2)) NOT NULL", "z"], "NOT NULL")

    def test_a_strict_table_takes_no_other_type(self):
        self.db.executescript("DROP TABLE t; CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT) STRICT;" + FILL)
        self.refused(["x INT", "y INT DEFAULT 'no'"], "y")
        self.refused(["x INT", "y MONEY"], "unknown datatype")

    def test_too_many(self):
        self.refused(["c%d" % i for i in range(1999)], "too many columns")
        self.up(batch(["c%d INT DEFAULT %d" % (i, i) for i in range(1998)]))
        self.assertEqual(self.db.execute("SELECT c0, c999, c1997 FROM t WHERE a = 2").fetchone(), (0, 999, 1997))
        self.assertEqual(one(self.db, "PRAGMA integrity_check"), "ok")

    def test_a_text_in_double_quotes_that_would_be_the_column(self):
        self.db.execute("CREATE VIEW v AS SELECT a FROM t WHERE b = \"y\"")
        self.refused(["x", "y", "z"], '"y" would be the column')

    def test_all_in_one_transaction_of_the_callers(self):
        was = "\n".join(self.db.iterdump())
        self.db.execute("BEGIN")
        self.up(batch(["x INT DEFAULT 1", "y"]))
        self.db.execute("ROLLBACK")
        self.assertEqual(was, "\n".join(self.db.iterdump()))


class Way(unittest.TestCase):
    def setUp(self):
        self.p = Project().__enter__()
        self.addCleanup(self.p.__exit__)
        self.db = self.p.connect()
        self.db.executescript("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);" + FILL)

    def way(self, script):
        self.p.lua("a", None, script)
        report = one(self.db, "SELECT migrate_rehearse()")
        return [line.strip() for line in report.splitlines() if "column" in line]

    def test_several_are_an_edit(self):
        lines = self.way(batch(["x", "y", "z"]))
        self.assertRegex(lines[0], r"add column t\.x, add column t\.y, add column t\.z .* edit +3 columns are added at once")

    def test_with_an_index_too(self):
        lines = self.way(batch(["x", "y"], tail='t.create_index("i", {"x", "y"})'))
        self.assertRegex(lines[0], r" edit +2 columns")

    def test_one_is_native(self):
        self.assertRegex(self.way(batch(["x"]))[0], r" native +column x is added")

    def test_one_that_does_not_come_last_makes_a_new_b_tree(self):
        lines = self.way(batch(["x", "y"], tail='t.add_column("z INT", {after = "a"}) t.add_column("w")'))
        self.assertRegex(lines[0], r" (swap|rebuild) +column z is added: it does not come last")

    def test_what_the_columns_become_there(self):
        self.p.lua("a", None, batch(["x", "y"], tail='t.add_column("z INT", {after = "a"}) t.add_column("w")'
                                                     ' t.add_column("v", {before = "y"})'))
        self.db.execute("SELECT migrate_upgrade()").fetchone()
        self.assertEqual(one(self.db, "SELECT sql FROM sqlite_schema WHERE name = 't'"),
                         "CREATE TABLE t(a INTEGER PRIMARY KEY, z INT, b TEXT, x, v, y, w)")

    def test_a_script_has_no_edit(self):
        self.p.lua("a", None, batch(["x INT DEFAULT 1", "y", "z"]))
        script = one(self.db, "SELECT migrate_sql()")
        self.assertEqual(script.count("ADD COLUMN"), 3)
        self.assertNotIn("writable_schema", script)

    def test_while_a_loop_reads(self):
        self.p.lua("a", None, "local n = 0\nfor a in db.values('SELECT a FROM t') do\nif n == 0 then\n"
                   + batch(["x INT DEFAULT 4", "y"]) + "\nend\nn = n + a end\nassert(n == 3)")
        self.db.execute("SELECT migrate_upgrade()").fetchone()
        self.assertEqual(self.db.execute("SELECT * FROM t").fetchall(), [(1, "one", 4, None), (2, "two", 4, None)])

    def test_temp_and_attached(self):
        for schema in "temp", "other":
            if schema == "other":
                self.db.execute("ATTACH ? AS other", (os.path.join(self.p.dir, "other.db"),))
            self.db.execute("CREATE TABLE %s.u(a)" % schema)
            self.db.execute("INSERT INTO %s.u VALUES (1)" % schema)
            self.db.execute("SELECT migrate_config('schema', ?)", (schema,)).fetchone()
            self.p.lua("a", None, batch(["x INT DEFAULT 4", "y CHECK (y IS NULL)", "z"], "u"), name="a.lua")
            self.db.execute("SELECT migrate_upgrade()").fetchone()
            self.assertEqual(self.db.execute("SELECT * FROM %s.u" % schema).fetchall(), [(1, 4, None, None)])
            self.assertEqual(one(self.db, "PRAGMA %s.integrity_check" % schema), "ok")

    def test_resumable(self):
        self.p.file("a.lua", "-- A\nrevision = 'a'\ntransactional = false\nfunction upgrade()\n%s\nend\n"
                    % batch(["x INT DEFAULT 4", "y", "z"]))
        self.db.execute("SELECT migrate_upgrade()").fetchone()
        self.assertEqual(self.db.execute("SELECT * FROM t LIMIT 1").fetchall(), [(1, "one", 4, None, None)])

    def test_an_old_file_format_is_raised(self):
        for columns in ["x INT DEFAULT 4", "y INT DEFAULT 5"], ["x", "y"]:
            self.db.close()
            os.remove(self.p.path)
            self.db = self.p.connect()
            self.db.executescript("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);" + FILL)
            self.db.close()
            with open(self.p.path, "r+b") as f:
                f.seek(44)
                self.assertEqual(struct.unpack(">I", f.read(4))[0], 4)
                f.seek(44)
                f.write(struct.pack(">I", 1))
            self.db = self.p.connect()
            self.p.lua("a", None, batch(columns), name="a.lua")
            self.db.execute("SELECT migrate_upgrade()").fetchone()
            with open(self.p.path, "rb") as f:
                f.seek(44)
                self.assertEqual(struct.unpack(">I", f.read(4))[0], 3)
            self.assertEqual(one(self.db, "PRAGMA integrity_check"), "ok")

    def test_an_interrupt_leaves_nothing(self):
        self.p.lua("a", None, batch(["c%d INT DEFAULT %d CHECK (c%d >= 0)" % (i, i, i) for i in range(30)]))
        was, calls = "\n".join(self.db.iterdump()), [0]
        for at in list(range(1, 60)) + list(range(60, 900, 17)):
            calls[0] = at

            def stop():
                calls[0] -= 1
                return calls[0] < 0

            self.db.set_progress_handler(stop, 25)
            try:
                self.db.execute("SELECT migrate_upgrade()").fetchone()
            except sqlite3.Error:
                self.db.set_progress_handler(None, 0)
                self.assertEqual(was, "\n".join(self.db.iterdump()))
                continue
            break
        self.db.set_progress_handler(None, 0)
        self.db.execute("SELECT migrate_upgrade()").fetchone()
        self.assertEqual(one(self.db, "SELECT c29 FROM t LIMIT 1"), 29)


if __name__ == "__main__":
    unittest.main()
