"""migrate_sql(): its script, in a shell without the library, does what the run does."""

import os
import re
import shutil
import sqlite3
import unittest

import digest as D
from project import LIBRARY, Project, one, shell

SETUP = """
PRAGMA page_size = 1024;
CREATE TABLE users(
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- kept
  name TEXT COLLATE NOCASE,
  mail VARCHAR(50) UNIQUE,
  born REAL DEFAULT 1.5,
  CHECK (length(name) < 100)
);
CREATE INDEX ix_name ON users(name DESC) WHERE name IS NOT NULL;
CREATE TABLE posts(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users ON DELETE CASCADE, body);
CREATE TABLE seen(at TEXT, who TEXT, PRIMARY KEY(who, at)) WITHOUT ROWID;
CREATE VIEW who AS SELECT name, count(*) AS n FROM users JOIN posts ON user = users.id GROUP BY 1;
CREATE TRIGGER log AFTER UPDATE OF name ON users BEGIN INSERT INTO seen VALUES ('now', new.name); END;
INSERT INTO users VALUES (7, 'Ann', 'a@x', 0.1), (3, 'Bo', NULL, NULL), (9, 'Cy', x'00ff', 1e300);
INSERT INTO posts VALUES (1, 7, 'one'), (2, 7, x'01'), (3, 3, NULL);
DELETE FROM users WHERE id = 9;
ANALYZE;
"""
UP = """
  op.batch_alter_table("users", function(t)
    t.alter_column("mail", {type = "TEXT", collate = "NOCASE"})
    t.add_column("age INT NOT NULL DEFAULT 5 CHECK (age > 0)", {after = "id"})
    t.create_check_constraint("named", "name IS NOT NULL")
  end)
  op.batch_alter_table("seen", function(t) t.alter_column("at", {default = "x"}) end, {recreate = "always"})
  op.rename_table("posts", "articles")
  op.alter_column("articles", "body", {nullable = true, type = "BLOB"})
  op.bulk_insert("users", {{name = "D'ora", born = 0.1 + 0.2, mail = blob("\\0\\1")}, {name = "E\\0f\\nG", born = -1e-7}})
  op.execute("UPDATE users SET name = :n, born = ?2 WHERE id = @i", {n = "Anna", ["2"] = 1/3, i = 7})
  op.create_index("ix_body", "articles", {"body"})
"""
UP = UP.replace(':n, born = ?2 WHERE id = @i", {n = "Anna", ["2"] = 1/3, i = 7})', '?, born = ?3 WHERE id = ?2", "Anna", 7, 1/3)')
DOWN = """
  op.drop_index("ix_body")
  op.execute("DELETE FROM users WHERE id > 9; UPDATE users SET name = 'Ann', born = 0.1 WHERE id = 7; DELETE FROM seen")
  op.rename_table("articles", "posts")
  op.alter_column("posts", "body", {type = null})
  op.batch_alter_table("users", function(t)
    t.drop_constraint("named")
    t.drop_column("age")
    t.alter_column("mail", {type = "VARCHAR(50)", collate = null})
  end)
"""


@unittest.skipUnless(os.path.exists(LIBRARY) and shutil.which("sqlite3"), "no library or no shell")
class Offline(unittest.TestCase):
    def project(self, *revisions, setup=SETUP):
        p = Project()
        p.__enter__()
        self.addCleanup(p.__exit__)
        parent = None
        for i, (up, down) in enumerate(revisions or [(UP, DOWN)]):
            p.lua("rev%d" % i, parent, up, down)
            parent = "rev%d" % i
        db = sqlite3.connect(p.path)
        db.executescript(setup)
        db.close()
        return p

    def copy(self, p):
        """Another file with the same database."""
        to = p.path + ".copy"
        for tail in "", "-wal", "-shm", "-journal":
            if os.path.exists(to + tail):
                os.remove(to + tail)
        a, b = sqlite3.connect(p.path), sqlite3.connect(to)
        a.backup(b)
        a.close(), b.close()
        return to

    def digest(self, path):
        db = sqlite3.connect(path)
        try:
            ours = ()
            if one(db, "SELECT 1 FROM sqlite_schema WHERE name = '_migrate_version'"):
                ours = db.execute("SELECT revision FROM _migrate_version").fetchall(), db.execute(
                    "SELECT id, revision, direction, message, checksum, source, extension FROM _migrate_log").fetchall()
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(db.execute("PRAGMA foreign_key_check").fetchall(), [])
            return D.digest(db), ours
        finally:
            db.close()

    def same(self, p, range, run, *options):
        """The script on a copy, and the run."""
        copy, db = self.copy(p), p.connect()
        before = p.digest()
        text = one(db, "SELECT migrate_sql(?)", range)
        self.assertEqual(p.digest(), before)
        self.assertEqual(shell(copy, text, *options), "")
        self.assertEqual(one(db, run), 1)
        db.close()
        self.assertEqual(self.digest(copy), self.digest(p.path))
        return text

    def test_up_and_down(self):
        p = self.project()
        text = self.same(p, None, "SELECT migrate_upgrade()", "-bail")
        self.assertIn("0.30000000000000004", text)
        self.same(p, "current:base", "SELECT migrate_downgrade('base')")
        db = sqlite3.connect(p.path)
        self.assertEqual(one(db, "SELECT seq FROM sqlite_sequence WHERE name = 'users'"), 11)

    def test_each_revision_in_its_own_transaction(self):
        p = self.project(("op.execute('CREATE TABLE a(x)')", ""), ("op.execute('CREATE TABLE b(x)')", ""))
        db = p.connect()
        one(db, "SELECT migrate_config('transaction', 'revision')")
        text = one(db, "SELECT migrate_sql()")
        self.assertEqual(text.count("\nBEGIN IMMEDIATE;"), 2)
        copy = self.copy(p)
        self.assertEqual(shell(copy, text), "")
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
        self.assertEqual(self.digest(copy), self.digest(p.path))

    def test_wal_page_sizes_and_auto_vacuum(self):
        for pragmas in "PRAGMA journal_mode = wal;", "PRAGMA page_size = 512; PRAGMA auto_vacuum = full;", "PRAGMA page_size = 65536; PRAGMA auto_vacuum = incremental;":
            p = self.project(setup=pragmas + SETUP.replace("PRAGMA page_size = 1024;", ""))
            self.same(p, "head", "SELECT migrate_upgrade()")

    def test_an_attached_database(self):
        p = self.project()
        other = p.path + ".main"
        db = p.connect(other)
        db.execute("ATTACH ? AS aux", (p.path,))
        one(db, "SELECT migrate_config('schema', 'aux')")
        text = one(db, "SELECT migrate_sql()")
        copy = self.copy(p)
        self.assertEqual(shell(":memory:", "ATTACH '%s' AS aux;\n%s" % (copy, text)), "")
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        self.assertEqual(self.digest(copy), self.digest(p.path))

    def test_any_range_without_a_database(self):
        """The schema of a version that the database has not is what the scripts make."""
        first = "op.execute[[%s]]" % SETUP.replace("PRAGMA page_size = 1024;", "")
        p = self.project((first, "op.execute('DROP VIEW who')"), (UP, DOWN), setup="")
        db = p.connect(":memory:")
        one_step = one(db, "SELECT migrate_sql('rev0:rev1')")
        self.assertEqual(shell(p.path, one(db, "SELECT migrate_sql('base:rev0')")), "")
        self.assertEqual(shell(p.path, one_step), "")
        other = p.connect(p.path + ".run")
        self.assertEqual(one(other, "SELECT migrate_upgrade()"), 2)
        other.close()
        a, b = self.digest(p.path), self.digest(p.path + ".run")
        self.assertEqual(a, b)
        self.assertEqual(db.execute("SELECT * FROM sqlite_schema").fetchall(), [])

    # ---- what fails leaves all as it was, also in a shell that goes on ----

    def refused(self, p, text, why):
        copy = self.copy(p)
        was = self.digest(copy)
        for options in [], ["-bail"]:
            self.assertIn(why, shell(copy, text, *options))
            self.assertEqual(self.digest(copy), was)

    def test_a_defensive_connection(self):
        """It cannot be left by a statement, so the script fails, in a shell that goes on as well."""
        p = self.project()
        text = self.text(p)
        why = "table sqlite_master may not be modified"
        self.refused(p, ".dbconfig defensive on\n" + text, why)
        self.assertIn("a connection in defensive mode cannot do this", shell(self.copy(p), ".dbconfig defensive on\n" + text))

    def text(self, p, range=None):
        db = p.connect()
        try:
            return one(db, "SELECT migrate_sql(?)", range)
        finally:
            db.close()

    def change(self, p, sql):
        db = sqlite3.connect(p.path)
        db.executescript(sql)
        db.close()

    def test_rows_that_do_not_fit(self):
        for change, why in (
            ("INSERT INTO users(name) VALUES (NULL)", "rows do not hold"),  # an edit's or a rebuild's CHECK
            ("INSERT INTO users(name, mail) VALUES ('X', 'A@X')", "UNIQUE"),  # an index that is built anew
        ):
            p = self.project()
            text = self.text(p)
            self.change(p, change)
            self.refused(p, text, why)

    def test_a_foreign_key_that_would_be_violated(self):
        p = self.project(("op.execute('DELETE FROM users WHERE id = 7')", ""))
        self.refused(p, self.text(p), "foreign keys would be violated")

    def test_old_violations_stay(self):
        p = self.project(("op.execute('CREATE TABLE n(x)')", ""))
        self.change(p, "PRAGMA foreign_keys = OFF; INSERT INTO posts VALUES (99, 99, 'orphan')")
        copy = self.copy(p)
        self.assertEqual(shell(copy, self.text(p)), "")

    def test_another_version(self):
        p = self.project()
        text = self.text(p)
        db = p.connect()
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        db.close()
        self.refused(p, text, "not at the version")
        with self.assertRaises(sqlite3.Error) as e:  # its scripts do not make `users`
            self.text(p, "base:head")
        self.assertIn("users", str(e.exception))
        p = self.project(("op.execute('CREATE TABLE a(x)')", ""), ("op.execute('CREATE TABLE b(x)')", ""), setup="")
        text = self.text(p, "rev0:rev1")
        db = p.connect()
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
        db.close()
        self.refused(p, text, "not at the version")
        self.refused(p, self.text(p, "base:rev0"), "not at the version")

    def test_what_cannot_be_written_names_its_line(self):
        for up, why in (
            ("for id in db.values('SELECT id FROM users') do end", "reads rows of users"),
            ("local n = db.value('SELECT count(*) FROM who')", "reads rows of"),
            ("local f = db.prepare('DELETE FROM users RETURNING id') f()", "reads rows of"),
            ("db.func('slug', function(s) return s end) op.execute('UPDATE users SET name = slug(name)')", "slug() is a function in Lua"),
            ("db.func('slug', function(s) return s end) db.prepare('UPDATE users SET name = slug(?)')('x')", "slug() is a function in Lua"),
            ("op.backfill{table = 'users', columns = {'name'}, with = function(n) return n end}", "calls a function in Lua for each row"),
        ):
            p = self.project((up, ""))
            was = p.digest()
            with self.assertRaises(sqlite3.Error) as e:
                self.text(p)
            self.assertIn(why, str(e.exception))
            self.assertIn("001_rev0.lua:5", str(e.exception))
            self.assertEqual(p.digest(), was)

    def test_what_a_script_may_ask(self):
        p = self.project((
            "assert(db.value('SELECT 1') == 1)\n"
            "assert(db.value(\"SELECT count(*) FROM sqlite_schema WHERE name = 'users'\") == 1)\n"
            "assert(db.value(\"SELECT count(*) FROM pragma_table_info('users')\") == 4)\n"
            "local put = db.prepare('INSERT INTO seen VALUES (?, ?)') put('a', 'b') put('c', 'd')\n"
            "pcall(op.execute, 'INSERT INTO nowhere VALUES (1)')\n"
            "pcall(op.drop_column, 'users', 'nothing')\n"
            "op.execute('SELECT * FROM users')", ""))
        text = self.same(p, None, "SELECT migrate_upgrade()")
        self.assertNotIn("SELECT * FROM users;", text.split("_migrate_log")[0])

    def test_inside_the_callers_transaction(self):
        p = self.project()
        db = p.connect()
        db.execute("BEGIN")
        db.execute("CREATE TABLE extra(x)")
        self.assertIn("BEGIN IMMEDIATE", one(db, "SELECT migrate_sql()"))
        db.execute("ROLLBACK")

    def test_interrupt(self):
        p = self.project(("while true do end", ""))
        db = p.connect()
        import threading
        threading.Timer(0.3, db.interrupt).start()
        with self.assertRaises(sqlite3.OperationalError) as e:
            one(db, "SELECT migrate_sql()")
        self.assertIn("interrupt", str(e.exception))


if __name__ == "__main__":
    unittest.main()
