"""migrate_verify(), migrate_bless() and stored scripts where SQL cannot show it:
other processes, interrupts, damaged pages, functions and settings of the host."""

import sqlite3
import threading
import time
import unittest

from project import Project, one, schema

PRAGMAS = "foreign_keys legacy_alter_table writable_schema busy_timeout query_only recursive_triggers".split()


class Verify(unittest.TestCase):
    def setUp(self):
        self.p = Project().__enter__()
        self.addCleanup(self.p.__exit__)
        self.p.lua("aaaa", None, 'op.create_table("t", "id INTEGER PRIMARY KEY", "a TEXT")', 'op.drop_table("t")')
        self.p.lua("bbbb", "aaaa", 'op.add_column("t", "b INTEGER REFERENCES t")', 'op.drop_column("t", "b")')
        self.db = self.p.connect()
        one(self.db, "SELECT migrate_upgrade()")

    def verify(self, db=None):
        return one(db or self.db, "SELECT migrate_verify()").split("\n")

    def test_the_file_and_the_connection_stay_as_they_are(self):
        self.db.execute("PRAGMA foreign_keys = ON")
        self.db.execute("PRAGMA busy_timeout = 77")
        state = lambda: (self.p.digest(), [one(self.db, "PRAGMA " + p) for p in PRAGMAS], self.db.total_changes,
                         self.db.execute("PRAGMA database_list").fetchall(), self.db.in_transaction)
        was = state()
        for _ in range(3):
            self.assertEqual(self.verify(), ["ok"])
        self.assertEqual(state(), was)

    def test_it_waits_for_no_writer(self):
        for mode in "wal", "delete":
            one(self.db, "PRAGMA journal_mode = " + mode)
            other = sqlite3.connect(self.p.path, isolation_level=None, timeout=0)
            other.execute("BEGIN IMMEDIATE")
            other.execute("CREATE TABLE half(x)")
            self.assertEqual(self.verify(), ["ok"], mode)
            other.execute("COMMIT")
            self.assertEqual(self.verify(), ["drift: table half is no revision's: CREATE TABLE half(x)"], mode)
            other.execute("DROP TABLE half")
            other.close()

    def test_a_lock_is_an_error_and_no_finding(self):
        other = sqlite3.connect(self.p.path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        self.db.execute("PRAGMA busy_timeout = 0")
        with self.assertRaisesRegex(sqlite3.OperationalError, "locked"):
            self.verify()
        other.execute("ROLLBACK")
        self.assertEqual(self.verify(), ["ok"])

    def test_what_others_write_meanwhile_is_not_half_seen(self):
        """The replay takes its time; the database is seen as it was at the beginning."""
        one(self.db, "PRAGMA journal_mode = wal")
        other = sqlite3.connect(self.p.path, isolation_level=None)
        other.execute("PRAGMA foreign_keys = OFF")
        seen = []

        def during():
            if not seen:
                other.execute("CREATE TABLE late(x)")
                other.execute("INSERT INTO t(id, b) VALUES (1, 99)")
            seen.append(1)
            return 1

        self.db.create_function("during", 0, during, deterministic=True)
        self.p.lua("cccc", "bbbb", 'db.value("SELECT during()")')
        seen.append(1)
        one(self.db, "SELECT migrate_upgrade()")
        del seen[:]
        self.assertEqual(self.verify(), ["ok"])
        self.assertEqual(len(seen), 1)
        self.assertEqual(self.verify(), ["drift: table late is no revision's: CREATE TABLE late(x)",
                                         "foreign keys: 1 row of t refers to no row of t"])

    def test_damaged_pages_are_a_finding(self):
        self.db.executemany("INSERT INTO t(a) VALUES (?)", [("x" * 300,)] * 200)
        self.db.execute("CREATE INDEX i ON t(a)")
        page = one(self.db, "SELECT rootpage FROM sqlite_schema WHERE name = 'i'")
        size = one(self.db, "PRAGMA page_size")
        self.db.close()
        with open(self.p.path, "r+b") as f:
            f.seek((page - 1) * size)
            f.write(b"\xff" * 64)
        found = self.verify(self.p.connect())
        self.assertEqual(found[0], "drift: index i is no revision's: CREATE INDEX i ON t(a)")
        self.assertTrue(found[1].startswith("quick_check: "), found)

    def test_a_damaged_schema_is_a_finding(self):
        self.db.execute("PRAGMA writable_schema = ON")
        self.db.execute("INSERT INTO sqlite_schema VALUES('table', 'n', 'n', 2, 'CREATE TABLE n(')")
        self.db.close()
        found = self.verify(self.p.connect())
        self.assertTrue(found)
        self.assertTrue(all("malformed database schema (n)" in line for line in found), found)

    def test_an_interrupt_ends_it_and_leaves_all_well(self):
        self.p.lua("cccc", "bbbb", 'if db.value("SELECT slow()") == 1 then while true do end end')
        self.db.create_function("slow", 0, lambda: self.slow, deterministic=True)
        self.slow = 0
        one(self.db, "SELECT migrate_upgrade()")
        self.slow = 1
        began = time.monotonic()
        timer = threading.Timer(0.5, self.db.interrupt)
        timer.start()
        with self.assertRaisesRegex(sqlite3.OperationalError, "interrupted"):
            self.verify()
        timer.join()
        self.assertLess(time.monotonic() - began, 3)
        self.slow = 0
        self.assertEqual(self.verify(), ["ok"])
        self.assertEqual(one(self.db, "SELECT migrate_downgrade()"), 1)

    def test_functions_of_the_host(self):
        """What is deterministic is called; what is not, may have effects."""
        calls = []
        self.db.create_function("twice", 1, lambda x: x * 2, deterministic=True)
        self.db.create_function("mail", 1, lambda x: calls.append(x))
        self.p.lua("cccc", "bbbb", 'op.execute("CREATE INDEX i ON t(twice(id))") op.execute("UPDATE t SET a = mail(id)")')
        self.assertEqual(one(self.db, "SELECT migrate_upgrade()"), 1)
        self.db.execute("INSERT INTO t(id) VALUES (1)")
        self.assertEqual(self.verify(), ["ok"])  # in an empty table it is not called
        self.p.lua("dddd", "cccc", 'op.execute("SELECT mail(5)")')
        self.assertEqual(one(self.db, "SELECT migrate_upgrade()"), 1)
        self.assertEqual(calls, [5])
        found = self.verify()
        self.assertEqual(found[0], "ok")
        self.assertIn("mail() is not called in a replay, for it may have effects", found[1])
        self.assertEqual(calls, [5])

    def test_an_authorizer_that_says_no_is_an_error(self):
        self.db.set_authorizer(lambda action, *_: sqlite3.SQLITE_DENY if action == 19 else sqlite3.SQLITE_OK)
        with self.assertRaisesRegex(sqlite3.DatabaseError, "not authorized"):
            self.verify()
        self.db.set_authorizer(None)
        self.assertEqual(self.verify(), ["ok"])

    def test_progress_is_not_told(self):
        told = []
        self.db.create_function("told", 1, lambda x: told.append(x))
        one(self.db, "SELECT migrate_config('on_progress', 'told')")
        one(self.db, "SELECT migrate_config('progress', 'on')")
        self.assertEqual(self.verify(), ["ok"])
        self.assertEqual(told, [])

    def test_an_utf16_database(self):
        db = sqlite3.connect(":memory:", isolation_level=None)
        db.execute("PRAGMA encoding = 'UTF-16le'")
        self.p.load(db)
        self.p.lua("cccc", "bbbb", 'op.create_table("ü", "ñ TEXT DEFAULT \'日本\'")')
        one(db, "SELECT migrate_upgrade()")
        self.assertEqual(self.verify(db), ["ok"])

    def test_a_temp_schema(self):
        one(self.db, "SELECT migrate_config('schema', 'temp')")
        self.assertEqual(one(self.db, "SELECT migrate_upgrade()"), 2)
        self.assertEqual(self.verify(), ["ok"])
        self.db.execute("CREATE TEMP TABLE more(x)")
        self.assertEqual(self.verify(), ["drift: table more is no revision's: CREATE TABLE more(x)"])

    def test_a_thousand_revisions(self):
        for i in range(1000):
            self.p.lua("r%04d" % i, "bbbb" if i == 0 else "r%04d" % (i - 1), 'op.create_table("t%d", "x")' % i)
        self.assertEqual(one(self.db, "SELECT migrate_upgrade()"), 1000)
        self.assertEqual(self.verify(), ["ok"])
        self.db.execute("DROP TABLE t500")
        self.assertEqual(self.verify(), ["drift: table t500 is missing: CREATE TABLE t500 ( x )"])


class OlderPrograms(unittest.TestCase):
    """A newer program has upgraded; older ones take it back."""

    def setUp(self):
        self.p = Project().__enter__()
        self.addCleanup(self.p.__exit__)
        self.p.lua("aaaa", None, 'op.create_table("t", "id INTEGER PRIMARY KEY")', 'op.drop_table("t")')
        self.newer = [
            '-- New %d\nrevision = "new%d"\ndown_revision = "%s"\nfunction upgrade() op.create_table("n%d", "x") end\n'
            'function downgrade()\n op.drop_table("n%d")\n op.execute("INSERT INTO t DEFAULT VALUES")\nend\n'
            % (i, i, "new%d" % (i - 1) if i else "aaaa", i, i) for i in range(4)]
        db = self.p.connect()
        for text in self.newer:
            one(db, "SELECT migrate_register(?)", text)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 5)
        db.close()

    def test_several_at_once(self):
        """Each revision is taken back once, whoever comes first."""
        code = (
            "db.execute(\"SELECT migrate_config('stored_scripts', 'run')\").fetchone()\n"
            "print(db.execute(\"SELECT migrate_downgrade('aaaa')\").fetchone()[0])\n")
        processes = [self.p.process(code) for _ in range(4)]
        done = sorted(int(q.communicate(timeout=60)[0]) for q in processes)
        self.assertEqual(done, [0, 0, 0, 4])
        db = self.p.connect()
        self.assertEqual(one(db, "SELECT count(*) FROM t"), 4)
        self.assertEqual(self.history(db), [("aaaa", "applied")])
        self.assertEqual(one(db, "SELECT migrate_verify()"), "ok")

    def history(self, db):
        return db.execute("SELECT revision, status FROM migrate_history").fetchall()

    def test_a_newer_one_comes_before_the_lock(self):
        """What is applied is read under the lock: also what was not, a moment ago."""
        newer = self.p.connect()
        for text in self.newer:
            one(newer, "SELECT migrate_register(?)", text)
        one(newer, "SELECT migrate_downgrade('aaaa')")
        newer.execute("BEGIN IMMEDIATE")
        one(newer, "SELECT migrate_upgrade()")
        older = self.p.process(
            "db.execute(\"SELECT migrate_config('stored_scripts', 'run')\").fetchone()\n"
            "print('ready', flush=True)\n"
            "print(db.execute(\"SELECT migrate_downgrade('aaaa')\").fetchone()[0])\n")
        self.assertEqual(older.stdout.readline(), "ready\n")
        time.sleep(0.3)
        newer.execute("COMMIT")
        self.assertEqual(older.communicate(timeout=60), ("4\n", ""))
        self.assertEqual(self.history(self.p.connect()), [("aaaa", "applied")])

    def test_the_way_out_by_a_stamp(self):
        db = self.p.connect()
        with self.assertRaisesRegex(sqlite3.OperationalError, r"migrate_stamp\(TARGET, 'purge'\).*stored_scripts"):
            one(db, "SELECT migrate_upgrade()")
        was = schema(db)
        self.assertEqual(one(db, "SELECT migrate_stamp('aaaa', 'purge')"), 1)
        self.assertEqual(schema(db), was)
        self.assertEqual(len(one(db, "SELECT migrate_verify()").split("\n")), 4)  # the four tables


if __name__ == "__main__":
    unittest.main()
