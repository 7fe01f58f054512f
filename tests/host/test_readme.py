"""The README is true: its examples run, its lists are those of the library."""

import os
import re
import shutil
import subprocess
import unittest

from project import LIBRARY, ROOT, Project, one

with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
    README = f.read()


def blocks(language, after=""):
    text = README[README.index(after):]
    return re.findall(r"^```%s\n(.*?)^```" % language, text, re.S | re.M)


def section(title):
    return re.search(r"^#+ %s\n(.*?)(?=^#+ )" % re.escape(title), README, re.S | re.M).group(1)


def first_column(title):
    """The names in backquotes in the first column of a section's table."""
    rows = re.findall(r"^\| (`.*?) \|", section(title), re.M)
    return {name for row in rows for name in re.findall(r"`([\w.]+)", row)}


class Examples(unittest.TestCase):
    def setUp(self):
        self.p = Project().__enter__()
        self.addCleanup(self.p.__exit__)

    def test_the_session_prints_what_its_comments_say(self):
        shutil.rmtree(self.p.migrations)
        script = blocks("sql")[0]
        want = [w for line in re.findall(r"; +-- (.+)$", script, re.M) for w in line.split(" ")]
        script = script.replace(".load migrate", ".load " + os.path.splitext(LIBRARY)[0])
        self.assertLessEqual(script.count("\n"), 16)
        # expected values hold no space but within a message
        out = subprocess.run(["sqlite3", "shop.db"], input=script, cwd=self.p.dir,
                             capture_output=True, text=True)
        self.assertEqual(out.stderr, "")
        self.assertEqual(out.stdout.split(), want)

    def demo(self):
        shutil.copytree(os.path.join(ROOT, "tests", "demo", "migrations"), self.p.migrations, dirs_exist_ok=True)
        return os.path.join(self.p.migrations, "versions")

    def replace(self, versions, id, text, ending):
        for name in os.listdir(versions):
            if id in name:
                os.unlink(os.path.join(versions, name))
        with open(os.path.join(versions, id + ending), "w") as f:
            f.write(text)

    def test_the_revisions_run_in_the_demo_project(self):
        versions = self.demo()
        self.replace(versions, "p0_5_add_account_lockout", blocks("lua")[0], ".lua")
        self.replace(versions, "3cab280570b6", blocks("sql")[1], ".sql")
        db = self.p.connect()
        with open(os.path.join(ROOT, "tests", "demo", "base.sql")) as f:
            db.executescript(f.read())
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 4)
        self.assertEqual(one(db, "SELECT migrate_downgrade('base')"), 4)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 4)

    def test_every_other_lua_revision_runs_on_tables_that_fit(self):
        db = self.p.connect()
        db.executescript("""
            CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, age TEXT);
            INSERT INTO users(name, age) VALUES ('Ada Lovelace', '36'), ('Plato', NULL);
            CREATE TABLE posts(id INTEGER PRIMARY KEY, title TEXT, slug TEXT, tags TEXT);
            INSERT INTO posts(title, tags) VALUES ('Hello, World', '["a"]'), ('No tags', NULL);
            CREATE TABLE orders(id INTEGER PRIMARY KEY, note TEXT);
            CREATE TABLE items(order_id INTEGER REFERENCES orders, price INTEGER);
            INSERT INTO orders(note) VALUES ('urgent');
            INSERT INTO items VALUES (1, 20), (1, 22);
            CREATE TABLE letters(mail TEXT, id INTEGER PRIMARY KEY);
            INSERT INTO letters VALUES ('Ada@Example.com', 3);
        """)
        texts = blocks("lua")[1:]
        self.assertGreaterEqual(len(texts), 3)
        for i, text in enumerate(texts):
            self.p.file("%d.lua" % i, text)
        self.assertEqual(one(db, "SELECT migrate_upgrade('heads')"), len(texts))
        self.assertEqual(db.execute("SELECT first, last, age FROM users").fetchall(), [("Ada", "Lovelace", 36), (None, None, 0)])
        self.assertEqual(db.execute("SELECT slug, tags FROM posts").fetchall(),
                         [("hello-world", '["a","migrated"]'), ("no-tags", None)])
        self.assertEqual(db.execute("SELECT total, note FROM orders").fetchall(), [(42, "URGENT")])
        self.assertEqual(db.execute("SELECT * FROM letters").fetchall(), [(3, "ada@example.com", "example.com")])

    def test_python(self):
        self.demo()
        code = blocks("python")[0].replace('"migrate"', repr(LIBRARY))
        with open(os.path.join(ROOT, "tests", "demo", "base.sql")) as f:
            self.p.connect(os.path.join(self.p.dir, "shop.db")).executescript(f.read())
        here = os.getcwd()
        os.chdir(self.p.dir)
        try:
            names = {}
            exec(code, names)
            self.assertEqual(names["db"].execute("SELECT migrate_upgrade()").fetchall(), [(4,)])
        finally:
            os.chdir(here)


class Lists(unittest.TestCase):
    def setUp(self):
        self.p = Project().__enter__()
        self.addCleanup(self.p.__exit__)
        self.db = self.p.connect()

    def names(self, sql):
        return {r[0] for r in self.db.execute(sql).fetchall()}

    def test_functions(self):
        self.assertEqual(first_column("Functions"), self.names(
            "SELECT DISTINCT name FROM pragma_function_list WHERE name LIKE 'migrate!_%' ESCAPE '!'"))

    def test_help_says_what_the_table_of_functions_says(self):
        told = re.findall(r"^\| `(migrate_.*?)` \| (.*?) \| (.*) \|$", section("Functions"), re.M)
        self.assertEqual(self.db.execute("SELECT migrate_help()").fetchone()[0].split("\n\n")[0].split("\n"),
                         [usage for usage, _, _ in told])
        for usage, result, text in told:
            text = re.sub(r"[;:,]? see \[.*?\]\(.*?\)", "", text)
            self.assertEqual(one(self.db, "SELECT migrate_help(?)", usage.split("(")[0]),
                             "%s: %s\n%s" % (usage, result.replace("`", ""), text.replace("`", "")))
        self.assertIn("a file that did not exist", one(self.db, "SELECT migrate_help('backup')"))
        with self.assertRaisesRegex(Exception, "no function or setting is called nothing; SELECT migrate_help"):
            one(self.db, "SELECT migrate_help('nothing')")

    def test_tables_and_their_columns(self):
        self.assertEqual(first_column("Tables"), self.names(
            "SELECT name FROM pragma_module_list WHERE name LIKE 'migrate!_%' ESCAPE '!'"))
        for table, columns in re.findall(r"^\| `(migrate_\w+)` \|.*\| `(.*?)` \|$", section("Tables"), re.M):
            self.assertEqual(columns.split(", "), [r[0] for r in self.db.execute(
                "SELECT name FROM pragma_table_info(?)", (table,)).fetchall()])

    def test_settings_and_their_defaults(self):
        told = dict(re.findall(r"^\| `(\w+)` \| `?([\w.]*)`? ?\|", section("Settings"), re.M))
        self.assertEqual(told, dict(self.db.execute(
            'SELECT key, "default" FROM migrate_settings').fetchall()))

    def test_op_and_db(self):
        self.p.lua("aaaa", None, """
            local t = {}
            for _, l in ipairs{{"op", op}, {"db", db}} do
              for k, f in pairs(l[2]) do
                local ok, e = pcall(f)
                if not tostring(e):find("not yet") then t[#t + 1] = {name = l[1] .. "." .. k} end
              end
            end
            op.create_table("names", "name TEXT")
            op.bulk_insert("names", t)""")
        one(self.db, "SELECT migrate_upgrade()")
        told = set(re.findall(r"`(?:for [\w, ]+ in |put = )?((?:op|db)\.\w+)[({]", section("What a script sees")))
        told |= set(re.findall(r", `((?:op|db)\.\w+)\(", section("What a script sees")))
        self.assertEqual(told, self.names("SELECT name FROM names"))

    def test_the_map(self):
        house = README[README.index("## The map of the house"):]
        for folder in "run store revision schema sql db base".split():
            self.assertIn("  %s/" % folder, house)
            self.assertTrue(os.path.isdir(os.path.join(ROOT, "ext", folder)))
        top = {n for n in os.listdir(ROOT) if not n.startswith(".") and n not in ("build", "migrate.so", "migrate.dylib")}
        self.assertEqual(top, {"ext", "vtab", "lua", "tests", "Makefile", "README.md", "LICENSE"})
        self.assertIn("tests/", house)


if __name__ == "__main__":
    unittest.main()
