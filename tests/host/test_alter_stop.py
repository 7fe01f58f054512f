"""Altering stopped at any instant, by an interrupt or a kill.

Afterwards the database is wholly as before, or wholly as it was to be; every
setting of the connection is as it was; and the next upgrade ends well.

ALTER_STOPS=N tries N instants of each case.
"""

import ctypes
import itertools
import os
import shutil
import sqlite3
import unittest

import digest as D
from project import Project, killed, one

STOPS = int(os.environ.get("ALTER_STOPS", "0"))

SETUP = """
CREATE TABLE p(id INTEGER PRIMARY KEY);
INSERT INTO p VALUES (1);
CREATE TABLE bystander(x);
CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b TEXT, c REFERENCES p, z, UNIQUE (b), CHECK (a > -1));
CREATE INDEX i ON t(a) WHERE a > 5;
CREATE VIEW v AS SELECT a, b FROM t;
CREATE TRIGGER r AFTER DELETE ON t BEGIN SELECT old.a, "a text"; END;
CREATE TABLE child(x REFERENCES t ON DELETE CASCADE);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
INSERT INTO t(a, b, c) SELECT i, 'b' || i, 1 FROM n;
INSERT INTO child SELECT id FROM t LIMIT 20;
ANALYZE;
"""
CHANGES = {
    "native": 'op.alter_column("t", "b", {name="bb"}) op.drop_column("t", "z") op.rename_table("t", "u")',
    "edit": 'op.alter_column("t", "a", {nullable=false, default=7}) op.create_check_constraint("ck", "t", "b <> \'q\'")'
            ' op.add_column("t", "w INT DEFAULT 5 CHECK (w > 4)")',
    "rebuild": 'op.alter_column("t", "a", {type="TEXT"})',
    "swap": 'op.batch_alter_table("t", function(t) end, {recreate="always"}) op.alter_column("t", "c", {type="TEXT"})'
            ' op.alter_column("t", "b", {collate="NOCASE"})',
    "batch": 'op.batch_alter_table("t", function(t) t.alter_column("a", {type="TEXT"}) t.alter_column("b", {name="bb"})'
             ' t.create_check_constraint("ck", "bb <> \'q\'") t.drop_constraint{type="foreign_key", columns={"c"}}'
             ' t.create_unique_constraint("uq", {"a", "c"}) t.create_index("j", {"a"}) t.drop_column("z") end)',
}
PRAGMAS = "foreign_keys legacy_alter_table writable_schema busy_timeout query_only recursive_triggers journal_mode secure_delete".split()
CONFIG = {"fkey": 1002, "trigger": 1003, "defensive": 1010, "writable_schema": 1011, "legacy_alter_table": 1012,
          "dqs_dml": 1013, "dqs_ddl": 1014, "view": 1015, "trusted_schema": 1017}


def library():
    """SQLite, for what Python's module has no call of; None when it is inside Python."""
    if not os.path.exists("/proc/self/maps"):
        return None
    with open("/proc/self/maps") as f:
        path = next((line.split(None, 5)[5].strip() for line in f if "libsqlite3" in line), None)
    return ctypes.CDLL(path) if path else None


SQLITE = library()


def config(db, op, value):
    """sqlite3_db_config(): set a flag, or with -1 ask for it."""
    now = ctypes.c_int(-1)
    if SQLITE:
        handle = ctypes.c_void_p.from_address(id(db) + object.__basicsize__)
        SQLITE.sqlite3_db_config(handle, ctypes.c_int(op), ctypes.c_int(value), ctypes.byref(now))
    return now.value


class Stop(unittest.TestCase):
    maxDiff = None

    def project(self, change, rows):
        p = Project().__enter__()
        self.addCleanup(p.__exit__)
        db = sqlite3.connect(p.path, isolation_level=None)
        db.execute("PRAGMA page_size=512")
        db.execute("PRAGMA synchronous=OFF")
        db.executescript(SETUP % rows)
        db.close()
        p.lua("aaaa", None, CHANGES[change])
        return p

    def sound(self, db, digest, what):
        self.assertEqual(D.diff(digest, D.digest(db)), [], what)
        self.assertEqual(D.health(db), [], what)
        self.assertEqual(D.violations(db, "main"), [], what)
        names = [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE name GLOB '_migrate_*'")]
        self.assertLessEqual(set(names), {"_migrate_version", "_migrate_log"}, what)


class Interrupt(Stop):
    def settings(self, db):
        out = [db.execute("PRAGMA " + name).fetchall() for name in PRAGMAS]
        return out + [config(db, op, -1) for op in CONFIG.values()]

    def connect(self, p):
        db = p.connect()
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("PRAGMA legacy_alter_table=ON")
        db.execute("PRAGMA synchronous=OFF")
        config(db, CONFIG["defensive"], 1)
        return db

    def begin(self, db, within):
        if within:
            db.execute("BEGIN")
            db.execute("INSERT INTO bystander VALUES ('mine')")

    def stopped(self, db, at, flag):
        """Run it; stop it at the at-th step: by the handler's word, or by the flag, which stays up."""
        self.steps = 0

        def handler():
            self.steps += 1
            if self.steps == at and flag:
                db.interrupt()
            return self.steps == at and not flag

        db.set_progress_handler(handler, 1)
        try:
            db.execute("SELECT migrate_upgrade()").fetchall()
            return False
        except sqlite3.Error:  # "interrupted"; "database schema has changed" while SQLite reads that
            return True
        finally:
            db.set_progress_handler(None, 1)

    def everywhere(self, change, within, count):
        p = self.project(change, 12)
        shutil.copy(p.path, p.path + ".was")
        db = self.connect(p)
        before, settings = D.digest(db), self.settings(db)
        self.begin(db, within)
        inside = D.digest(db)
        if not within:
            db.execute("BEGIN")
        self.assertFalse(self.stopped(db, 0, 0))
        after, total = D.digest(db), self.steps
        db.execute("ROLLBACK")
        self.assertNotEqual(D.diff(before, after), [])
        stops = 0
        for k in range(count):
            at, flag = 1 + (2 * k + 1) * total // (2 * count), k & 1
            what = "%s at %d of %d, %s" % (change, at, total, "flag" if flag else "handler")
            self.begin(db, within)
            stopped = self.stopped(db, at, flag)
            stops += stopped
            self.assertEqual(self.settings(db), settings, what)
            if not within:
                self.assertFalse(db.in_transaction, what)
            if stopped:
                # SQLite's rule: an interrupted writer may take the whole transaction with it
                self.sound(db, inside if db.in_transaction else before, what)
                if not db.in_transaction:
                    self.begin(db, within)
                if not within:
                    db.execute("BEGIN")
                self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1, what)
            # else SQLite did again what was stopped, as when it reads the schema
            self.sound(db, after, what)
            self.assertEqual(self.settings(db), settings, what)
            if db.in_transaction:
                db.execute("ROLLBACK")
            else:
                db.close()
                shutil.copy(p.path + ".was", p.path)
                db = self.connect(p)
        self.sound(db, before, change)
        self.assertGreater(stops, count // 2)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        db.close()

    def test_anywhere(self):
        for change in CHANGES:
            with self.subTest(change):
                self.everywhere(change, False, STOPS or 9)

    def test_anywhere_in_the_callers_transaction(self):
        for change in CHANGES:
            with self.subTest(change):
                self.everywhere(change, True, STOPS or 9)


@unittest.skipUnless(hasattr(os, "fork"), "no fork")
class Kill(Stop):
    ROWS = 400

    def whole(self, p, before, after, what):
        db = p.connect()
        db.execute("PRAGMA synchronous=OFF")
        applied = one(db, "SELECT count(*) FROM migrate_history WHERE is_applied")
        self.sound(db, after if applied else before, what)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1 - applied, what)
        self.sound(db, after, what)
        db.close()
        return applied

    def everywhere(self, change, journal, count):
        p = self.project(change, self.ROWS)
        pristine, ends = p.path + ".was", set()
        db = sqlite3.connect(p.path, isolation_level=None)
        db.execute("PRAGMA journal_mode=" + journal).fetchall()
        before = D.digest(db)
        db.close()
        shutil.copy(p.path, pristine)
        _, took = killed(p, "SELECT migrate_upgrade()", None)
        db = sqlite3.connect(p.path, isolation_level=None)
        after = D.digest(db)
        db.close()
        for k in range(count):
            p.restore(pristine)
            killed(p, "SELECT migrate_upgrade()", took * k / count)
            ends.add(self.whole(p, before, after, "%s %s at %d of %d" % (change, journal, k, count)))
        self.assertIn(0, ends)

    def test_at_any_instant(self):
        for change, journal in itertools.product(("rebuild", "swap", "edit", "batch"), ("delete", "wal")):
            with self.subTest(change, journal=journal):
                self.everywhere(change, journal, STOPS or 7)


if __name__ == "__main__":
    unittest.main()
