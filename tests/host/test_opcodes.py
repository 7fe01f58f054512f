"""sqlite3_interrupt() at an opcode of a small upgrade with native, edited and rebuilt steps.

    OPCODES=29   at so many of them, evenly spread; 0: at each (4,332 with SQLite 3.40: four minutes)
"""

import os
import sqlite3
import unittest

import digest as D
from project import LIBRARY, Project, one

POINTS = int(os.environ.get("OPCODES", "29"))
SETUP = """
CREATE TABLE t(id INTEGER PRIMARY KEY, a, b INT UNIQUE);
INSERT INTO t VALUES (1, 1, 1), (2, 2, 2);
CREATE TABLE c(x REFERENCES t ON DELETE CASCADE);
INSERT INTO c VALUES (1);
CREATE VIEW v AS SELECT a FROM t;
"""
UP = """
  op.add_column("t", "n INT")
  op.alter_column("t", "a", {nullable = false})
  op.batch_alter_table("t", function(t) t.alter_column("b", {type = "TEXT"}) end, {recreate = "always"})
  op.execute("UPDATE t SET n = 1")
"""


@unittest.skipUnless(os.path.exists(LIBRARY), "no library")
class Opcodes(unittest.TestCase):
    def setUp(self):
        self.p = Project().__enter__()
        self.addCleanup(self.p.__exit__)
        self.p.lua("a", None, UP)

    def fresh(self):
        db = sqlite3.connect(":memory:", isolation_level=None)
        db.executescript(SETUP)
        return self.p.load(db)

    def state(self, db):
        return D.digest(db), db.execute("SELECT name FROM sqlite_schema ORDER BY 1").fetchall()

    def upgrade(self, db, stop):
        """Interrupted at the opcode `stop`, or at none; how many there were, and whether it went well."""
        seen = [0]

        def at():
            seen[0] += 1
            if seen[0] == stop:
                db.interrupt()
            return 0

        db.set_progress_handler(at, 1)
        try:
            one(db, "SELECT migrate_upgrade()")
            return seen[0], True
        except sqlite3.OperationalError as e:
            self.assertIn("interrupt", str(e), stop)
            return seen[0], False
        finally:
            db.set_progress_handler(None, 1)

    def test_wholly_or_not_at_all(self):
        db = self.fresh()
        before = self.state(db)
        total, _ = self.upgrade(db, None)
        after = self.state(db)
        stopped = 0
        for at in range(1, total + 1, max(total // POINTS, 1) if POINTS else 1):
            db = self.fresh()
            _, went = self.upgrade(db, at)
            now = self.state(db)
            self.assertFalse(db.in_transaction, at)
            self.assertTrue(now == after or now == before and not went, at)
            self.assertEqual(one(db, "SELECT migrate_upgrade()"), 0 if now == after else 1, at)
            self.assertEqual(self.state(db), after, at)
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)], at)
            db.close()
            stopped += not went
        self.assertGreater(stopped, 10)


if __name__ == "__main__":
    unittest.main()
