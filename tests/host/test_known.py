"""A call with nothing to do knows that by names alone; whatever else may be, it looks."""

import os
import shutil
import sqlite3
import time
import unittest

from project import Project, one


class Case(unittest.TestCase):
    def setUp(self):
        self.p = Project()
        self.p.__enter__()
        self.addCleanup(self.p.__exit__)
        self.versions = os.path.join(self.p.migrations, "versions")

    def upgrade(self, db, *target):
        """What migrate_upgrade() gives, and whether it took the lock to know it."""
        seen = []
        db.set_trace_callback(seen.append)
        try:
            n = one(db, "SELECT migrate_upgrade(%s)" % ", ".join("?" * len(target)), *target)
        finally:
            db.set_trace_callback(None)
        return n, any("BEGIN" in s or "SAVEPOINT" in s for s in seen)

    def idle(self, db, *target):
        self.assertEqual(self.upgrade(db, *target), (0, False))

    def looks(self, db, *target):
        self.assertEqual(self.upgrade(db, *target), (0, True))

    def line(self, n):
        """A line of revisions, applied."""
        for i in range(n):
            self.p.lua("r%03d" % i, "r%03d" % (i - 1) if i else None, "op.create_table('t%d', 'x')" % i,
                       "op.drop_table('t%d')" % i)
        db = self.p.connect()
        self.assertEqual(self.upgrade(db), (n, True))
        return db


class Files(Case):
    def test_no_file_is_opened(self):
        db = self.line(30)
        for name in os.listdir(self.versions):
            path = os.path.join(self.versions, name)
            os.remove(path)
            os.mkfifo(path)
        self.idle(db)
        self.idle(self.p.connect())
        with self.assertRaisesRegex(sqlite3.Error, "is not a regular file"):
            one(db, "SELECT migrate_upgrade('r029')")

    def test_a_file_that_is_gone_or_renamed(self):
        self.p.lua("other", None, "", name="zzz_other.lua")
        db = self.p.connect()
        for i in range(3):
            self.p.lua("r%d" % i, "r%d" % (i - 1) if i else None, "")
        self.assertEqual(self.upgrade(db, "heads"), (4, True))
        self.idle(db, "heads")
        path = os.path.join(self.versions, "zzz_other.lua")
        for to in ("zzz_othes.lua", "zzz_other.lub.lua", "zzz_othe.lua", "zzz_other2.lua", "a.lua"):
            to = os.path.join(self.versions, to)
            os.rename(path, to)
            self.looks(db, "heads")
            os.rename(to, path)
            self.idle(db, "heads")
        os.rename(path, path + ".off")
        with self.assertRaisesRegex(sqlite3.Error, "the database is at revision other, which no script has"):
            one(db, "SELECT migrate_upgrade('heads')")
        os.rename(path + ".off", path)
        self.idle(db, "heads")
        os.remove(os.path.join(self.versions, "002_r0.lua"))
        with self.assertRaisesRegex(sqlite3.Error, "r0"):
            one(db, "SELECT migrate_upgrade('heads')")

    def test_a_stamp_makes_it_known_again(self):
        db = self.line(3)
        os.rename(os.path.join(self.versions, "003_r002.lua"), os.path.join(self.versions, "x.lua"))
        self.looks(db)
        self.looks(db)
        self.assertEqual(one(db, "SELECT migrate_stamp()"), 1)
        self.idle(db)

    def test_another_directory(self):
        db = self.line(3)
        other = os.path.join(self.p.dir, "moved")
        shutil.copytree(self.p.migrations, other)
        one(db, "SELECT migrate_config('directory', ?)", other)
        self.idle(db)  # it is the names that count
        shutil.rmtree(os.path.join(other, "versions"))
        with self.assertRaisesRegex(sqlite3.Error, "versions: cannot be read"):
            one(db, "SELECT migrate_upgrade()")
        shutil.rmtree(other)
        with self.assertRaisesRegex(sqlite3.Error, "no such directory"):
            one(db, "SELECT migrate_upgrade()")

    def test_a_new_file_is_applied(self):
        db = self.line(3)
        self.idle(db)
        self.p.lua("new", "r002", "op.create_table('new', 'x')", "op.drop_table('new')")
        self.assertEqual(self.upgrade(db), (1, True))
        self.idle(db)
        self.assertEqual(one(db, "SELECT migrate_downgrade()"), 1)
        self.assertEqual(self.upgrade(db), (1, True))
        self.idle(db)

    def test_another_file_in_its_place_is_applied(self):
        """As many names as before, and others."""
        db = self.line(3)
        one(db, "SELECT migrate_downgrade()")
        os.remove(os.path.join(self.versions, "003_r002.lua"))
        one(db, "SELECT migrate_stamp()")
        self.idle(db)
        self.p.lua("r003", "r001", "")
        self.assertEqual(self.upgrade(db), (1, True))


class Registered(Case):
    texts = ["revision = 'm%02d'\ndown_revision = %s\nfunction upgrade() end" % (i, "'m%02d'" % (i - 1) if i else "nil")
             for i in range(10)]

    def program(self, texts):
        db = self.p.connect()
        for i, text in enumerate(texts):
            one(db, "SELECT migrate_register(?, ?)", text, "%d.lua" % i)
        return db

    def test_the_same_texts(self):
        self.assertEqual(self.upgrade(self.program(self.texts)), (10, True))
        self.idle(self.program(self.texts))
        self.assertEqual(self.upgrade(self.program(self.texts + ["revision = 'n'\ndown_revision = 'm09'\n"
                                                                 "function upgrade() end"])), (1, True))

    def test_another_text(self):
        self.upgrade(self.program(self.texts))
        other = list(self.texts)
        other[4] += " "
        self.looks(self.program(other))
        self.idle(self.program(self.texts))
        with self.assertRaises(sqlite3.Error):
            self.upgrade(self.program(self.texts[:9]))


class Database(Case):
    def test_nothing_is_written_or_changed(self):
        db = self.line(5)
        db.execute("CREATE TABLE mine(x)")
        db.execute("PRAGMA busy_timeout = 1234")
        before, changes = self.p.digest(), db.total_changes
        self.idle(db)
        self.assertEqual((self.p.digest(), db.total_changes), (before, changes))
        self.assertEqual(one(db, "PRAGMA busy_timeout"), 1234)
        self.assertFalse(db.in_transaction)
        other = self.p.connect(timeout=0)
        other.execute("BEGIN EXCLUSIVE")  # no lock is left
        other.execute("ROLLBACK")

    def test_other_connections(self):
        for mode in "delete", "wal":
            os.path.exists(self.p.path) and os.remove(self.p.path)
            db = self.p.connect(timeout=0)
            db.execute("PRAGMA journal_mode = " + mode)
            self.p.count = 0
            self.line(3)
            other = self.p.connect()
            other.execute("BEGIN IMMEDIATE")
            other.execute("DELETE FROM _migrate_version")
            self.idle(db)  # what is committed counts
            other.execute("COMMIT")
            with self.assertRaisesRegex(sqlite3.Error, "t0"):
                one(db, "SELECT migrate_upgrade()")
            db.close()
            other.close()

    def test_a_lock_is_waited_for_once(self):
        self.line(3)
        other = self.p.connect()
        for timeout in 0, 0.4:
            db = self.p.connect(timeout=timeout)
            one(db, "SELECT migrate_config('lock_timeout_ms', '400')")
            other.execute("BEGIN EXCLUSIVE")
            began = time.monotonic()
            with self.assertRaisesRegex(sqlite3.Error, "is locked by another connection; waited 4"):
                one(db, "SELECT migrate_upgrade()")
            self.assertLess(time.monotonic() - began, 0.75)
            other.execute("ROLLBACK")
            self.idle(db)

    def test_a_cursor_that_is_open(self):
        db = self.line(3)
        cursor = db.execute("SELECT 1 UNION SELECT 2")
        cursor.fetchone()
        with self.assertRaisesRegex(sqlite3.Error, "another statement of this connection is unfinished"):
            one(db, "SELECT migrate_upgrade()")

    def test_an_authorizer_that_refuses(self):
        """Not to be told is no error: it is looked at where it was before."""
        db = self.line(3)
        db.set_authorizer(lambda action, a, b, c, d: sqlite3.SQLITE_DENY
                          if action == sqlite3.SQLITE_READ and b == "known" else sqlite3.SQLITE_OK)
        self.looks(db)
        db.set_authorizer(lambda action, a, b, c, d: sqlite3.SQLITE_IGNORE
                          if action == sqlite3.SQLITE_READ and b == "known" else sqlite3.SQLITE_OK)
        self.looks(db)
        db.set_authorizer(None)
        self.idle(db)

    def test_other_schemas(self):
        self.line(3).close()
        for name in "temp", "other", "OTHER":
            db = self.p.connect()
            db.execute("ATTACH ':memory:' AS other")
            one(db, "SELECT migrate_config('schema', ?)", name)
            self.assertEqual(self.upgrade(db), (3, True))
            self.idle(db)
            db.close()

    def test_progress_is_told(self):
        db = self.line(3)
        told = []
        db.create_function("told", 1, told.append)
        one(db, "SELECT migrate_config('on_progress', 'told')")
        self.idle(db)
        self.assertEqual(len(told), 1)
        self.assertIn('"done"', told[0])

    def test_a_backup_is_made_before_a_step_only(self):
        db = self.line(3)
        one(db, "SELECT migrate_config('backup', ?)", os.path.join(self.p.dir, "b.db"))
        self.idle(db)
        self.assertFalse(os.path.exists(os.path.join(self.p.dir, "b.db")))

    def test_a_long_log_is_read_at_its_end(self):
        db = self.line(3)
        path = self.p.file("../run.lua", "return 1\n" + "-- long\n" * 1000)
        for _ in range(200):
            one(db, "SELECT migrate_run(?)", path)
        self.idle(db)
        steps = [0]
        db.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 1), 1)
        self.idle(db)
        db.set_progress_handler(None, 0)
        self.assertLess(steps[0], 1000)


class Scripts(Case):
    """What migrate_sql() writes knows nothing of the column, which a log may lack."""

    def script(self):
        self.p.lua("new", "r002", "op.create_table('new', 'x')")
        text = one(self.p.connect(), "SELECT migrate_sql()")
        self.assertNotIn("known", text)
        return text

    def check(self, prepare, before=""):
        self.line(3).executescript(before)
        text = self.script()
        plain = sqlite3.connect(self.p.path, isolation_level=None)
        plain.executescript(prepare + text)
        self.assertEqual(one(plain, "SELECT revision FROM _migrate_version"), "new")
        plain.close()
        db = self.p.connect()
        self.looks(db)
        one(db, "SELECT migrate_stamp()")
        self.idle(db)

    def test_a_log_with_it(self):
        self.check("")

    def test_a_log_without_it(self):
        self.check("ALTER TABLE _migrate_log DROP COLUMN known;")

    def test_a_log_that_has_got_it(self):
        self.check("ALTER TABLE _migrate_log ADD COLUMN known TEXT;", "ALTER TABLE _migrate_log DROP COLUMN known;")

    def test_a_new_database(self):
        self.p.lua("r000", None, "op.create_table('t', 'x')")
        text = one(self.p.connect(":memory:"), "SELECT migrate_sql('base:head')")
        plain = sqlite3.connect(self.p.path, isolation_level=None)
        plain.executescript(text)
        plain.close()
        db = self.p.connect()
        self.looks(db)
        one(db, "SELECT migrate_stamp()")
        self.idle(db)


if __name__ == "__main__":
    unittest.main()
