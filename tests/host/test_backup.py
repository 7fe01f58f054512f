"""migrate_backup and the setting backup: what SQL alone cannot show.

BACKUP_ROWS=N is the size of the table that is copied.
"""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import unittest

from project import Project, one

ROWS = int(os.environ.get("BACKUP_ROWS", "30000"))


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.p = Project().__enter__()
        self.addCleanup(self.p.__exit__)
        self.copy = os.path.join(self.p.dir, "copy.db")

    def fill(self, rows=ROWS, mode="delete"):
        db = sqlite3.connect(self.p.path, isolation_level=None)
        db.executescript(
            "PRAGMA synchronous=OFF; PRAGMA journal_mode=%s; CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT);"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
            "INSERT INTO t SELECT i, printf('%%0200d', i) FROM n;" % (mode, rows)
        )
        db.close()

    def fails(self, db, text, sql):
        with self.assertRaises(sqlite3.Error) as caught:
            one(db, sql)
        self.assertIn(text, str(caught.exception))
        return str(caught.exception)

    def backup(self, db, path=None):
        return one(db, "SELECT migrate_backup(?)", path or self.copy)

    def nothing_left(self, *more):
        left = set(os.listdir(self.p.dir)) - {"app.db", "migrations", *more}
        self.assertEqual({n for n in left if not n.startswith("app.db-")}, set())

    def rows(self, path):
        with sqlite3.connect(path) as db:
            self.assertEqual(one(db, "PRAGMA integrity_check"), "ok")
            return db.execute("SELECT count(*), max(id) FROM t").fetchone()


class Backup(Case):
    def test_same_bytes_and_rights(self):
        self.fill()
        os.chmod(self.p.path, 0o600)
        self.assertEqual(self.backup(self.p.connect()), os.path.getsize(self.p.path))
        self.assertEqual(os.path.getsize(self.copy), os.path.getsize(self.p.path))
        self.assertEqual(stat.S_IMODE(os.stat(self.copy).st_mode), 0o600)
        self.assertEqual(self.rows(self.copy), (ROWS, ROWS))
        self.nothing_left("copy.db")

    def test_broken_link_and_directory(self):
        self.fill(10)
        db = self.p.connect()
        os.symlink(os.path.join(self.p.dir, "nowhere"), self.copy)
        self.fails(db, "copy.db: exists", "SELECT migrate_backup('%s')" % self.copy)
        self.assertFalse(os.path.exists(os.path.join(self.p.dir, "nowhere")))
        os.remove(self.copy)
        os.mkdir(self.copy)
        self.fails(db, "copy.db: exists", "SELECT migrate_backup('%s')" % self.copy)
        self.nothing_left("copy.db")

    def test_room_is_asked_for_first(self):
        """A database of 8 TB, nearly all of which is a hole."""
        db = sqlite3.connect(self.p.path, isolation_level=None)
        db.executescript("PRAGMA page_size=65536; CREATE TABLE t(a)")
        db.close()
        pages = 1 << 27
        with open(self.p.path, "r+b") as f:
            try:
                f.truncate(pages * 65536)
            except OSError:
                self.skipTest("no such large files here")
            f.seek(28)
            f.write(pages.to_bytes(4, "big"))
        room = os.statvfs(self.p.dir)
        if room.f_bavail * room.f_frsize >= pages * 65536:
            self.skipTest("there is room for 8 TB")
        db = self.p.connect()
        text = self.fails(db, "needs %d bytes, and " % (pages * 65536), "SELECT migrate_backup('%s')" % self.copy)
        self.assertRegex(text, "and [0-9]+ are free there$")
        self.nothing_left()

    def test_no_right_to_write(self):
        if os.geteuid() == 0:
            self.skipTest("root may write anywhere")
        self.fill(10)
        place = os.path.join(self.p.dir, "place")
        os.mkdir(place, 0o500)
        self.fails(self.p.connect(), "place: the directory cannot be written to", "SELECT migrate_backup('%s/x.db')" % place)

    def test_another_one_writes_all_the_time(self):
        """It begins anew, and in the end holds the writer off."""
        for mode in "delete", "wal":
            with self.subTest(mode):
                self.p.__exit__()
                self.p.__enter__()
                self.copy = os.path.join(self.p.dir, "copy.db")
                self.fill(mode=mode)
                db, stop, wrote = self.p.connect(), threading.Event(), [0]

                def write():
                    other = sqlite3.connect(self.p.path, isolation_level=None, timeout=20)
                    other.execute("PRAGMA synchronous=OFF")
                    while not stop.is_set():
                        other.execute("INSERT INTO t(a) VALUES ('more')")
                        wrote[0] += 1
                    other.close()

                thread = threading.Thread(target=write)
                thread.start()
                try:
                    began = time.monotonic()
                    self.backup(db)
                    self.assertLess(time.monotonic() - began, 20)
                finally:
                    stop.set()
                    thread.join()
                rows, last = self.rows(self.copy)
                self.assertEqual(rows, last)
                self.assertGreaterEqual(rows, ROWS)
                self.assertGreater(wrote[0], 0)

    def test_two_at_once_give_one(self):
        self.fill()
        code = "\nprint(db.execute(\"SELECT migrate_backup('%s')\").fetchall())" % self.copy
        both = [self.p.process(code) for _ in range(2)]
        ended = [(q.communicate(), q.returncode) for q in both]
        codes = sorted(code for _, code in ended)
        self.assertEqual(codes, [0, 1], ended)
        self.assertTrue(any("exists" in err for (_, err), _ in ended), ended)
        self.assertEqual(self.rows(self.copy), (ROWS, ROWS))
        self.nothing_left("copy.db")

    def test_host_functions_and_collations(self):
        """quick_check evaluates CHECKs, and compares keys."""
        db = self.p.connect()
        db.create_function("even", 1, lambda n: n % 2 == 0, deterministic=True)
        db.create_collation("backwards", lambda a, b: (a < b) - (a > b))
        db.execute("PRAGMA trusted_schema = ON")
        db.executescript(
            "CREATE TABLE e(n CHECK (even(n)), g AS (even(n)));"
            "CREATE TABLE k(a TEXT COLLATE backwards PRIMARY KEY) WITHOUT ROWID;"
            "CREATE INDEX f ON e(even(n));"
            "INSERT INTO e VALUES (2), (4); INSERT INTO k VALUES ('a'), ('b'), ('c')"
        )
        self.assertGreater(self.backup(db), 0)
        copy = sqlite3.connect(self.copy)
        copy.create_collation("backwards", lambda a, b: (a < b) - (a > b))
        self.assertEqual(copy.execute("SELECT a FROM k").fetchall(), [("c",), ("b",), ("a",)])
        copy.close()

    @unittest.skipIf(sqlite3.sqlite_version_info < (3, 39), "SQLite copies nothing inside a transaction")
    def test_exclusive_locking_mode(self):
        self.fill(100)
        db = self.p.connect()
        db.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()
        db.execute("INSERT INTO t(a) VALUES ('x')")
        self.backup(db)
        self.assertEqual(self.rows(self.copy), (101, 101))
        one(db, "SELECT migrate_config('backup', ?)", self.copy + "2")
        self.p.lua("a", None, "op.execute('DELETE FROM t')")
        one(db, "SELECT migrate_upgrade()")
        self.assertEqual(self.rows(self.copy + "2"), (101, 101))

    def test_locked(self):
        """It waits, up to lock_timeout_ms."""
        self.fill(100)
        other = sqlite3.connect(self.p.path, isolation_level=None, check_same_thread=False)
        db = self.p.connect(timeout=0)
        for call in "SELECT migrate_backup('%s')" % self.copy, "SELECT migrate_rehearse()":
            self.p.lua("a", None, "", name="a.lua")
            other.execute("BEGIN EXCLUSIVE")
            one(db, "SELECT migrate_config('lock_timeout_ms', '200')")
            began = time.monotonic()
            self.fails(db, "is locked by another connection; waited ", call)
            self.assertGreater(time.monotonic() - began, 0.19)
            self.nothing_left()
            one(db, "SELECT migrate_config('lock_timeout_ms', '10000')")
            timer = threading.Timer(0.2, lambda: other.execute("COMMIT"))
            timer.start()
            one(db, call)
            timer.join()
            if os.path.exists(self.copy):
                os.remove(self.copy)


class Stopping(Case):
    def test_interrupt(self):
        """At each moment that the function is told of."""
        self.fill()
        db, ended, cut = self.p.connect(), 0, 0
        for place in range(1, 12):
            calls = [0]

            def pulse(text):
                calls[0] += 1
                if calls[0] == place and json.loads(text)["doing"] != "done":
                    db.interrupt()

            db.create_function("pulse", 1, pulse)
            one(db, "SELECT migrate_config('on_progress', 'pulse')")
            try:
                self.backup(db)
                ended += 1
                self.assertEqual(self.rows(self.copy), (ROWS, ROWS))
                os.remove(self.copy)
            except sqlite3.OperationalError as e:
                self.assertIn("interrupted", str(e))
                cut += 1
            self.nothing_left()
        self.assertGreater(ended, 0)
        self.assertGreater(cut, 0)

    def test_cancel_and_what_is_told(self):
        self.fill()
        db, told = self.p.connect(), []

        def pulse(text):
            told.append(json.loads(text))
            return stop and told[-1]["doing"] == "backup" and told[-1]["rows"] not in (None, 0)

        db.create_function("pulse", 1, pulse)
        one(db, "SELECT migrate_config('on_progress', 'pulse')")
        stop = True
        self.fails(db, "cancelled by on_progress function pulse", "SELECT migrate_backup('%s')" % self.copy)
        self.nothing_left()
        stop = False
        size = self.backup(db)
        self.assertTrue(any(e["doing"] == "backup" and e["total"] == size // 4096 for e in told), told)
        self.assertEqual(told[-1]["doing"], "done")

    def test_killed_leaves_no_half_backup(self):
        self.fill()
        for delay in 0, 0.005, 0.01, 0.02, 0.04:
            process = self.p.process("print('go', flush=True)\ndb.execute(\"SELECT migrate_backup('%s')\").fetchall()" % self.copy)
            process.stdout.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            if os.path.exists(self.copy):
                self.assertEqual(self.rows(self.copy), (ROWS, ROWS))
                os.remove(self.copy)
            for name in os.listdir(self.p.dir):
                if "copy.db" in name:
                    self.assertRegex(name, r"^copy\.db\.migrate-[0-9a-f]{8}~")
                    os.remove(os.path.join(self.p.dir, name))


class Setting(Case):
    def test_made_with_the_lock_held(self):
        """What others write while they wait is not in it; nor does anybody come between."""
        self.fill()
        self.p.lua("a", None, "op.execute('DELETE FROM t')")
        for mode in "delete", "wal":
            with self.subTest(mode):
                path = self.copy + mode
                db = self.p.connect()
                db.execute("PRAGMA journal_mode=" + mode).fetchall()
                other = sqlite3.connect(self.p.path, isolation_level=None, timeout=0)
                seen = []

                def pulse(text):
                    if json.loads(text)["doing"] == "backup":
                        try:
                            other.execute("INSERT INTO t(a) VALUES ('late')")
                        except sqlite3.OperationalError as e:
                            seen.append(str(e))

                db.create_function("pulse", 1, pulse)
                one(db, "SELECT migrate_config('on_progress', 'pulse')")
                one(db, "SELECT migrate_config('backup', ?)", path)
                self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
                self.assertEqual(set(seen), {"database is locked"})
                self.assertEqual(self.rows(path), (ROWS, ROWS))
                one(db, "SELECT migrate_stamp('base')")
                db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO t SELECT i, i FROM n" % ROWS)

    def test_large_one_is_not_taken_through_memory(self):
        self.fill(100000)
        self.p.lua("a", None, "op.execute('DELETE FROM t WHERE id = 1')")
        code = (
            "db.execute(\"SELECT migrate_config('backup', '%s')\").fetchall()\n"
            "import resource; was = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
            "db.execute('SELECT migrate_upgrade()').fetchall()\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - was)" % self.copy
        )
        out, err = self.p.process(code).communicate()
        self.assertLess(int(out) * 1024, os.path.getsize(self.p.path) / 3, err)
        self.assertEqual(self.rows(self.copy), (100000, 100000))

    def test_cancelled_migration_runs_nothing(self):
        self.fill()
        self.p.lua("a", None, "op.execute('DELETE FROM t')")
        db = self.p.connect()
        db.create_function("pulse", 1, lambda text: json.loads(text)["doing"] == "backup")
        one(db, "SELECT migrate_config('on_progress', 'pulse')")
        one(db, "SELECT migrate_config('backup', ?)", self.copy)
        was = self.p.digest()
        self.fails(db, "the backup before the first step (setting backup): cancelled by", "SELECT migrate_upgrade()")
        self.assertEqual(self.p.digest(), was)
        self.nothing_left()


if __name__ == "__main__":
    unittest.main()
