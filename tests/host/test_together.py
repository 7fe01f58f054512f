"""Many processes that call at one moment: each ends well, each revision runs once.

TOGETHER_ROUNDS=N is how often, in each kind of journal.
"""

import os
import shutil
import sqlite3
import sys
import traceback
import unittest

import digest as D
from project import Project, one

ROUNDS = int(os.environ.get("TOGETHER_ROUNDS", "10"))
PROCESSES = 8

SETUP = """
CREATE TABLE p(id INTEGER PRIMARY KEY);
INSERT INTO p VALUES (1);
CREATE TABLE counter(n INT);
INSERT INTO counter VALUES (0);
CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b TEXT, c REFERENCES p);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
INSERT INTO t(a, b, c) SELECT i, 'b' || i, 1 FROM n;
"""
COUNT = ' op.execute("UPDATE counter SET n = n + 1")'
STEPS = [
    ('op.add_column("t", "k INT DEFAULT 3") op.create_table("n", "id INTEGER PRIMARY KEY", "t INT REFERENCES t")',
     'op.drop_table("n") op.drop_column("t", "k")'),
    ('op.create_check_constraint("ck", "t", "a > 0")', 'op.drop_constraint("t", "ck")'),
    ('op.alter_column("t", "a", {type = "TEXT"})', 'op.alter_column("t", "a", {type = "INT"})'),
    ('op.backfill{table = "t", columns = {"b"}, with = function(b) return b .. "!" end}', ''),
]
LONG = """
op.add_column("t", "done INT DEFAULT 0")
op.backfill{table = "t", columns = {"done"}, chunk = 7, with = function(d) return d + 1 end}
op.execute("UPDATE counter SET n = n + 1")
op.alter_column("t", "c", {type = "TEXT"})
"""


def at_once(p, calls, transaction="all"):
    """Each call in a process of its own, all begun at one moment; what each gave: a number, or its error."""
    gate, open_gate = os.pipe()
    ready, i_am_ready = os.pipe()
    said = []
    for call in calls:
        out, into = os.pipe()
        pid = os.fork()
        if pid:
            os.close(into)
            said.append((pid, out))
            continue
        status = 1
        try:
            os.close(open_gate)
            db = p.connect(timeout=0)
            one(db, "SELECT migrate_config('lock_timeout_ms', '60000')")
            one(db, "SELECT migrate_config('transaction', ?)", transaction)
            os.write(i_am_ready, b".")
            os.read(gate, 1)  # ends for all when the other side is closed
            try:
                answer = "%d" % one(db, call)
            except sqlite3.Error as e:
                answer = str(e)
            db.close()
            os.write(into, answer.encode())
            status = 0
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)
    os.close(i_am_ready)
    waiting = 0
    while waiting < len(calls) and os.read(ready, 1):
        waiting += 1
    os.close(open_gate)
    answers = []
    for pid, out in said:
        text = b""
        while part := os.read(out, 4096):
            text += part
        os.close(out)
        _, status = os.waitpid(pid, 0)
        text = text.decode()
        answers.append("died: %d" % status if status else int(text) if text.isdigit() else text)
    os.close(gate)
    os.close(ready)
    return answers


@unittest.skipUnless(hasattr(os, "fork"), "no fork")
class Together(unittest.TestCase):
    maxDiff = None

    def project(self, journal, *long):
        p = Project().__enter__()
        self.addCleanup(p.__exit__)
        db = sqlite3.connect(p.path, isolation_level=None)
        db.execute("PRAGMA page_size=512")
        db.execute("PRAGMA journal_mode=" + journal).fetchall()
        db.executescript(SETUP)
        db.close()
        under = None
        for i, (up, down) in enumerate(STEPS):
            p.lua("step%d" % i, under, up + COUNT, down + COUNT)
            under = "step%d" % i
        for up in long:
            path = p.lua("long", under, up)
            with open(path) as f:
                text = f.read()
            with open(path, "w") as f:
                f.write(text.replace("\nfunction upgrade", "\ntransactional = false\nfunction upgrade", 1))
        shutil.copy(p.path, p.path + ".was")
        return p

    def sound(self, p, steps, what):
        """Each revision ran once."""
        db = p.connect()
        self.assertEqual(one(db, "SELECT n FROM counter"), steps, what)
        log = db.execute("SELECT revision, direction, count(*) FROM _migrate_log GROUP BY 1, 2").fetchall()
        self.assertEqual([r[2] for r in log], [1] * steps, what)
        self.assertEqual(D.health(db), [], what)
        self.assertEqual(D.violations(db, "main"), [], what)
        found = D.digest(db)
        db.close()
        return found

    def rounds(self, journal):
        p = self.project(journal)
        n, want = len(STEPS), None
        for k in range(ROUNDS):
            what = "%s, round %d" % (journal, k)
            p.restore(p.path + ".was")
            answers = at_once(p, ["SELECT migrate_upgrade()"] * PROCESSES)
            self.assertEqual(sorted(answers, key=str), [0] * (PROCESSES - 1) + [n], what)
            found = self.sound(p, n, what)
            want = want or found
            self.assertEqual(D.diff(want, found), [], what)

    def test_rollback_journal(self):
        self.rounds("delete")

    def test_wal(self):
        self.rounds("wal")

    def test_a_transaction_for_each_revision(self):
        """They take turns; together they take each step once."""
        for journal in "delete", "wal":
            p = self.project(journal)
            for k in range(max(ROUNDS // 5, 2)):
                what = "%s, round %d" % (journal, k)
                p.restore(p.path + ".was")
                answers = at_once(p, ["SELECT migrate_upgrade()"] * PROCESSES, "revision")
                self.assertTrue(all(isinstance(a, int) for a in answers), (what, answers))
                self.assertEqual(sum(answers), len(STEPS), what)
                self.sound(p, len(STEPS), what)

    def test_up_and_down(self):
        """Whoever comes first: it ends at the one or the other, and no step is half done."""
        p = self.project("delete")
        for k in range(max(ROUNDS // 5, 2)):
            p.restore(p.path + ".was")
            calls = ["SELECT migrate_upgrade()", "SELECT migrate_downgrade('base')"] * (PROCESSES // 2)
            answers = at_once(p, calls)
            self.assertTrue(all(a in (0, len(STEPS)) for a in answers), answers)
            db = p.connect()
            ups, downs = sum(answers[::2]), sum(answers[1::2])
            self.assertEqual(one(db, "SELECT n FROM counter"), ups + downs)
            self.assertEqual(one(db, "SELECT count(*) FROM _migrate_log"), ups + downs)
            self.assertIn(ups - downs, (0, len(STEPS)))
            self.assertEqual(one(db, "SELECT count(*) FROM migrate_history WHERE is_applied"), ups - downs)
            self.assertEqual(D.health(db), [])
            db.close()

    def test_op_by_op(self):
        """With transactional = false they take turns; who is overtaken says so, and to call again."""
        for journal in "delete", "wal":
            p = self.project(journal, LONG)
            for k in range(max(ROUNDS // 5, 2)):
                what = "%s, round %d" % (journal, k)
                p.restore(p.path + ".was")
                answers = at_once(p, ["SELECT migrate_upgrade()"] * PROCESSES)
                for a in answers:
                    self.assertTrue(isinstance(a, int) or "meanwhile; call again" in a, (what, a))
                db = p.connect()
                self.assertEqual(one(db, "SELECT migrate_upgrade()"), 0, what)
                self.assertEqual(db.execute("SELECT DISTINCT done FROM t").fetchall(), [(1,)], what)
                db.close()
                self.sound(p, len(STEPS) + 1, what)


if __name__ == "__main__":
    unittest.main()
