"""Revisions with transactional = false: killed, interrupted, run twice at once.

Wherever it was stopped, the next call goes on, and in the end the database is
the one that a run without a stop makes: every op was done exactly once.

RESUME_KILLS=N kills N times for each kind of journal.
"""

import os
import random
import shutil
import sqlite3
import time
import unittest

import digest as D
from project import Project, killed, one

KILLS = int(os.environ.get("RESUME_KILLS", "13"))

SETUP = """
CREATE TABLE p(id INTEGER PRIMARY KEY);
INSERT INTO p VALUES (1);
CREATE TABLE calls(op TEXT);
CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b TEXT, c REFERENCES p, n INT DEFAULT 0, UNIQUE (b));
CREATE INDEX i ON t(a) WHERE a > 5;
CREATE VIEW v AS SELECT a, b FROM t;
CREATE TABLE child(x REFERENCES t ON DELETE CASCADE);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
INSERT INTO t(a, b, c) SELECT i, 'b' || i, 1 FROM n;
INSERT INTO child SELECT id FROM t LIMIT 20;
"""
OPS = """
  local rows = {}
  for i = 1, 200 do rows[i] = {id = 1000 + i, a = i, b = "new" .. i, c = 1} end
  op.create_table("u", "id INTEGER PRIMARY KEY", "v TEXT NOT NULL", "t INT REFERENCES t")
  op.execute("INSERT INTO calls VALUES (?)", "first")
  local n = op.bulk_insert("t", rows)
  op.execute("UPDATE t SET n = n + 1; INSERT INTO calls VALUES (?)", "updated beside " .. n)
  op.batch_alter_table("t", function(t)
    t.alter_column("a", {type = "TEXT"})
    t.add_column("k INT DEFAULT 5", {after = "a"})
    t.create_check_constraint("ck", "b <> 'q'")
  end)
  op.execute("INSERT INTO u SELECT id, b, id FROM t WHERE id % 3 = 0")
  for i = 1, 8 do op.execute("INSERT INTO calls VALUES (?)", "loop " .. i) end
  pcall(op.execute, "INSERT INTO calls VALUES ('never'); INSERT INTO t(b) VALUES ('b1')")
  op.execute("DELETE FROM u WHERE id % 2 = 0")
  op.execute("VACUUM")
  op.create_index("ui", "u", {"v"}, {unique = true})
  op.drop_column("t", "k")
  op.execute("UPDATE t SET n = n + 10 WHERE id % 2")
  op.rename_table("u", "w")
  op.execute("INSERT INTO calls SELECT 'last ' || count(*) FROM w")
"""
BACK = """
  op.execute("INSERT INTO calls VALUES ('back')")
  op.drop_table("w")
  op.batch_alter_table("t", function(t) t.drop_constraint("ck") t.alter_column("a", {type = "INT"}) end)
  op.execute("DELETE FROM t WHERE id > 1000; INSERT INTO calls VALUES ('gone')")
"""


def resumable(p, id, parent, up, down=""):
    path = p.lua(id, parent, up, down)
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace("\nfunction upgrade", "\ntransactional = false\nfunction upgrade", 1))
    return path


class Resume(unittest.TestCase):
    maxDiff = None

    def project(self, up=OPS, down=BACK, setup=SETUP):
        p = Project().__enter__()
        self.addCleanup(p.__exit__)
        db = sqlite3.connect(p.path, isolation_level=None)
        db.execute("PRAGMA page_size=512")
        db.executescript(setup)
        db.close()
        resumable(p, "aaaa", None, up, down)
        return p

    def fails(self, db, sql, *parts):
        with self.assertRaises(sqlite3.Error) as caught:
            db.execute(sql).fetchall()
        for part in parts:
            self.assertIn(part, str(caught.exception))

    def ours(self, db):
        return {r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE name GLOB '_migrate_*'")}


@unittest.skipUnless(hasattr(os, "fork"), "no fork")
class Kill(Resume):
    def everywhere(self, journal, call, before=None):
        p = self.project()
        db = p.connect()
        db.execute("PRAGMA journal_mode=" + journal).fetchall()
        if before:
            db.execute(before).fetchall()
        db.close()
        shutil.copy(p.path, p.path + ".was")
        _, took = killed(p, call, None)
        db = sqlite3.connect(p.path, isolation_level=None)
        whole = D.digest(db)
        log = db.execute("SELECT id, revision, direction, source FROM _migrate_log").fetchall()
        db.close()
        kills = between = 0
        seed = int(os.environ.get("RESUME_SEED", "1"))
        chance = random.Random(seed)
        while kills < KILLS:
            p.restore(p.path + ".was")
            ended, patience = False, 0.7
            while not ended:
                ended, _ = killed(p, call, chance.random() * took * patience)
                kills += not ended
                self.assertLess(kills, 50 * KILLS, "it does not end")
                patience *= 1.05  # on a machine that has become slow it would never end
                db = sqlite3.connect(p.path, isolation_level=None)
                between += db.execute("SELECT count(*) > 0 FROM sqlite_schema WHERE name = '_migrate_journal'").fetchone()[0]
                calls = [r[0] for r in db.execute("SELECT op FROM calls")]
                self.assertEqual(len(calls), len(set(calls)), "%s seed %d kill %d" % (journal, seed, kills))
                db.close()
            db = p.connect()
            what = "%s seed %d, %d kills" % (journal, seed, kills)
            self.assertEqual(D.diff(whole, D.digest(db)), [], what)
            self.assertEqual(D.health(db), [], what)
            self.assertEqual(D.violations(db, "main"), [], what)
            self.assertLessEqual(self.ours(db), {"_migrate_version", "_migrate_log"}, what)
            self.assertEqual(db.execute("SELECT id, revision, direction, source FROM _migrate_log").fetchall(), log, what)
            db.close()
        self.assertGreater(between, KILLS // 4)  # it was met in its middle

    def test_rollback_journal(self):
        self.everywhere("delete", "SELECT migrate_upgrade()")

    def test_wal(self):
        self.everywhere("wal", "SELECT migrate_upgrade()")

    def test_downgrade(self):
        # to the base: where it was killed behind its last commit, another downgrade of one step would fail
        self.everywhere("delete", "SELECT migrate_downgrade('base')", "SELECT migrate_upgrade()")


class Interrupt(Resume):
    def test_what_was_journaled_stays(self):
        p = self.project()
        shutil.copy(p.path, p.path + ".was")
        db = p.connect()
        steps = [0]

        def count():
            steps[0] += 1

        db.set_progress_handler(count, 20)
        db.execute("SELECT migrate_upgrade()").fetchall()
        db.set_progress_handler(None, 0)
        whole, total = D.digest(db), steps[0]
        db.close()
        for k in range(8):
            shutil.copy(p.path + ".was", p.path)
            db = p.connect()
            db.execute("PRAGMA foreign_keys=ON")
            at, stops = (2 * k + 1) * total // 16, 0
            while True:
                steps[0] = 0

                def stop():
                    steps[0] += 1
                    if steps[0] == at and k % 2:
                        db.interrupt()
                    return steps[0] == at and not k % 2

                db.set_progress_handler(stop, 20)
                try:
                    db.execute("SELECT migrate_upgrade()").fetchall()
                    break
                except sqlite3.Error as e:
                    stops += 1
                    self.assertFalse(db.in_transaction)
                    self.assertEqual(one(db, "PRAGMA foreign_keys"), 1)
                    self.assertLess(stops, 100, e)
                finally:
                    db.set_progress_handler(None, 0)
                at = total  # goes on: it is shorter now
            self.assertEqual(stops, 1)
            self.assertEqual(D.diff(whole, D.digest(db)), [])
            self.assertEqual(D.health(db), [])
            db.close()


class Together(Resume):
    MANY = 'op.create_table("n", "i INT") for i = 1, 150 do op.execute("INSERT INTO n VALUES (?)", i) end'

    def test_two_processes_do_every_op_once(self):
        p = self.project(self.MANY, "", "CREATE TABLE x(y)")
        code = (
            "db.execute('PRAGMA busy_timeout=9999').fetchall()\n"
            "db.execute('PRAGMA synchronous=OFF')\n"
            "try: print(db.execute('SELECT migrate_upgrade()').fetchall()[0][0])\n"
            "except Exception as e: print(e)\n"
        )
        both = [p.process(code) for _ in range(2)]
        said = sorted(q.communicate()[0].strip() for q in both)
        db = p.connect()
        self.assertEqual(db.execute("SELECT count(*), count(DISTINCT i) FROM n").fetchall(), [(150, 150)])
        self.assertEqual(one(db, "SELECT status FROM migrate_history"), "applied")
        self.assertEqual(one(db, "SELECT count(*) FROM _migrate_log"), 1)
        self.assertEqual(said.count("1"), 1, said)
        for other in said:
            if other != "1":
                self.assertTrue(other == "0" or "another connection has finished it meanwhile; call again" in other, said)

    def test_another_takes_part_in_the_middle(self):
        """Here it is certain that they overlap: one calls the other, from a function."""
        p = self.project('for i = 1, 6 do op.execute("INSERT INTO x VALUES (" .. i .. ")") db.value("SELECT other()") end',
                         "", "CREATE TABLE x(y)")
        db, second = p.connect(), p.connect()
        said = []

        def other():
            if not said:
                said.append(1)
                said[0] = one(second, "SELECT migrate_upgrade()")

        db.create_function("other", 0, other)
        second.create_function("other", 0, lambda: None)
        self.fails(db, "SELECT migrate_upgrade()", "another connection has finished it meanwhile; call again")
        self.assertEqual(said, [1])
        self.assertEqual([r[0] for r in db.execute("SELECT y FROM x")], [1, 2, 3, 4, 5, 6])
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 0)

    def test_a_stamp_in_the_middle_ends_it(self):
        p = self.project('for i = 1, 6 do pcall(op.execute, "INSERT INTO x VALUES (1)") db.value("SELECT other()") end',
                         "", "CREATE TABLE x(y)")
        db, second = p.connect(), p.connect()
        db.create_function("other", 0, lambda: one(second, "SELECT migrate_stamp('aaaa')"))
        self.fails(db, "SELECT migrate_upgrade()", "another connection has finished it meanwhile")
        self.assertEqual(one(db, "SELECT count(*) FROM x"), 1)


    def test_another_text_takes_over_before_the_first_op(self):
        """With other arguments: the ops of the two do not mix."""
        p = self.project("", "", "CREATE TABLE x(y)")
        script = os.path.join(p.dir, "fix.lua")
        with open(script, "w") as f:
            f.write("transactional = false\nlocal who = ...\n"
                    "db.value('SELECT other()') pcall(op.execute, 'INSERT INTO x VALUES (1)')\n"
                    "db.value('SELECT other()') op.execute('INSERT INTO x VALUES (?)', who)")
        db, second = p.connect(), p.connect()
        asked = []

        def other():
            asked.append(1)
            if len(asked) == 1:
                self.fails(second, "SELECT migrate_run('%s', 'second')" % script, "1 op is done")

        def stop():
            asked.append(2)
            if asked.count(2) == 2:
                raise ValueError

        db.create_function("other", 0, other)
        second.create_function("other", 0, stop)
        self.fails(db, "SELECT migrate_run('%s', 'first')" % script,
                   "another connection has begun it with another text or other arguments meanwhile; call again")
        self.assertEqual(one(second, "SELECT migrate_run('%s', 'second')" % script), None)
        self.assertEqual([r[0] for r in db.execute("SELECT y FROM x")], [1, "second"])
        self.assertEqual(one(db, "SELECT count(*) FROM _migrate_log"), 1)

    def test_a_lock_between_two_chunks_cannot_be_caught(self):
        p = self.project("pcall(op.backfill, {table = 'x', columns = {'n'}, chunk = 2, with = function(n) return n + 1 end})"
                         " db.value('SELECT unlock()') op.execute('INSERT INTO x(n) SELECT 100')", "",
                         "CREATE TABLE x(id INTEGER PRIMARY KEY, n INT); INSERT INTO x(n) VALUES (0), (0), (0), (0), (0)")
        db, second = p.connect(timeout=0), sqlite3.connect(p.path, isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL").fetchall()
        db.execute("SELECT migrate_config('lock_timeout_ms', '20')").fetchall()
        begun = []

        def trace(sql):
            begun.append("BEGIN" in sql)
            if begun[-1] and begun.count(True) == 3:
                second.execute("BEGIN IMMEDIATE")

        db.create_function("unlock", 0, lambda: second.in_transaction and second.execute("ROLLBACK") and None)
        db.set_trace_callback(trace)
        self.fails(db, "SELECT migrate_upgrade()", "locked")
        db.set_trace_callback(None)
        second.execute("ROLLBACK")
        self.assertEqual([r[0] for r in db.execute("SELECT n FROM x")], [1, 1, 0, 0, 0])
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        self.assertEqual([r[0] for r in db.execute("SELECT n FROM x")], [1, 1, 1, 1, 1, 100])


    def test_what_another_begins_between_two_transactions_is_finished_first(self):
        p = self.project("", "op.execute('INSERT INTO x VALUES (''a'')')".replace("''", '"'), "CREATE TABLE x(y)")
        resumable(p, "bbbb", "aaaa", 'op.execute("INSERT INTO x VALUES (1)") db.value("SELECT stop()")',
                  'op.execute("INSERT INTO x VALUES (2)")')
        db, second = p.connect(), p.connect()
        db.create_function("stop", 0, lambda: 0)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
        said = []

        def trace(sql):
            if "BEGIN" in sql and not said and second.execute("SELECT * FROM _migrate_version").fetchall() == [("aaaa",)]:
                said.append(1)
                self.fails(second, "SELECT migrate_upgrade()", "no such function: stop", "1 op is done")

        db.set_trace_callback(trace)
        self.fails(db, "SELECT migrate_downgrade('base')",
                   "after 1 revision that stays: revision bbbb is unfinished: its upgrade was interrupted behind 1 op")
        db.set_trace_callback(None)
        self.assertEqual(said, [1])
        self.assertEqual([r[0] for r in db.execute("SELECT y FROM x")], [1, 2, 1])
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)


class Commit(Resume):
    def test_one_that_fails_behind_a_chunk_cannot_be_caught(self):
        p = self.project("pcall(op.backfill, {table = 'c', columns = {'p'}, from = {'id'}, chunk = 2,"
                         " with = function(id) return id > 2 and 9 or 1 end}) op.execute('INSERT INTO p VALUES (7)')", "",
                         """CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
                         CREATE TABLE c(id INTEGER PRIMARY KEY, p INT REFERENCES p DEFERRABLE INITIALLY DEFERRED);
                         INSERT INTO c(p) VALUES (1), (1), (1), (1);""")
        db = p.connect()
        self.fails(db, "SELECT migrate_upgrade()", "FOREIGN KEY constraint failed; in: COMMIT", "0 ops are done")
        self.assertEqual(one(db, "SELECT count(*) FROM p"), 1)
        db.execute("INSERT INTO p VALUES (9)")
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        self.assertEqual([r[0] for r in db.execute("SELECT p FROM c")], [1, 1, 9, 9])


class Memory(Resume):
    def test_what_ran_out_of_it_is_not_seen(self):
        """Lua's own error leaves op.bulk_insert in its middle."""
        p = self.project("", "", "CREATE TABLE x(%s); CREATE TABLE g(y)" % ",".join("c%d" % i for i in range(200)))
        resumable(p, "bbbb", "aaaa", """
          for room = 8, 96, 8 do
            local rows, hog, spare = {}, {}, {}
            for i = 1, 200 do rows[i] = {} for k = 1, i do rows[i]["c" .. k - 1] = 1 end end
            for i = 1, room do spare[i] = ("y"):rep(200) .. i end
            pcall(function() for i = 1, 1e9 do hog[i] = {} end end)
            spare = nil
            local ok = pcall(op.bulk_insert, "x", rows)
            hog, rows = nil, nil
            op.execute("INSERT INTO g VALUES (?)", tostring(ok) .. " " .. db.value("SELECT count(*) FROM x"))
            op.execute("DELETE FROM x")
          end""")
        db = p.connect()
        one(db, "SELECT migrate_config('lua_memory_mb', '4')")
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
        said = {r[0] for r in db.execute("SELECT y FROM g")}
        self.assertIn("false 0", said)
        self.assertLessEqual(said, {"false 0", "true 200"})


class Aside(Resume):
    BIG = """CREATE TABLE x(y); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
             INSERT INTO x SELECT randomblob(500) FROM n; DELETE FROM x WHERE rowid > 10;"""

    def test_vacuum_shrinks_the_file(self):
        for journal in "delete", "wal":
            with self.subTest(journal):
                p = self.project('op.execute("VACUUM")', "", self.BIG)
                db = p.connect()
                db.execute("PRAGMA journal_mode=" + journal).fetchall()
                big = os.path.getsize(p.path)
                self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                self.assertLess(os.path.getsize(p.path), big // 10)
                self.assertEqual(one(db, "SELECT count(*) FROM x"), 10)
                self.assertEqual(D.health(db), [])

    def test_vacuum_waits_for_the_lock(self):
        p = self.project('op.execute("VACUUM") op.execute("INSERT INTO x VALUES (1)")', "", self.BIG)
        db, other = p.connect(timeout=0), sqlite3.connect(p.path, isolation_level=None)
        db.execute("SELECT migrate_config('lock_timeout_ms', '200')").fetchall()
        reading = other.execute("SELECT * FROM x")
        reading.fetchone()
        began = time.monotonic()
        self.fails(db, "SELECT migrate_upgrade()", "locked")
        self.assertGreater(time.monotonic() - began, 0.15)
        reading.close()
        other.close()
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        self.assertEqual(one(db, "SELECT count(*) FROM x"), 11)

    def test_vacuum_hears_an_interrupt(self):
        p = self.project('op.execute("VACUUM")', "", self.BIG.replace("1000", "30000").replace("rowid > 10", "0"))
        db = p.connect()
        import threading
        timer = threading.Timer(0.02, db.interrupt)
        timer.start()
        try:
            db.execute("SELECT migrate_upgrade()").fetchall()
        except sqlite3.Error as e:
            self.assertIn("interrupt", str(e))
        timer.join()
        self.assertFalse(db.in_transaction)
        one(db, "SELECT migrate_upgrade()")
        self.assertEqual(one(db, "SELECT count(*) FROM x"), 30000)
        self.assertEqual(one(db, "SELECT status FROM migrate_history"), "applied")

    def test_journal_mode(self):
        p = self.project('op.execute("PRAGMA journal_mode=WAL") op.execute("INSERT INTO x VALUES (1)")',
                         'op.execute("PRAGMA journal_mode = DELETE")', "CREATE TABLE x(y)")
        db = p.connect(timeout=0)
        db.execute("SELECT migrate_config('lock_timeout_ms', '100')").fetchall()
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        self.assertEqual(one(db, "PRAGMA journal_mode"), "wal")
        other = sqlite3.connect(p.path, isolation_level=None)
        other.execute("SELECT * FROM x").fetchall()
        self.fails(db, "SELECT migrate_downgrade('base')", "locked", "it stays unfinished: 0 ops")
        other.close()
        self.assertEqual(one(db, "SELECT migrate_downgrade('base')"), 1)
        self.assertEqual(one(db, "PRAGMA journal_mode"), "delete")

    def test_a_caller_that_reads_a_table(self):
        """Its cursor is open all the while."""
        p = self.project('op.execute("INSERT INTO x VALUES (2)") op.create_table("z", "a") op.execute("INSERT INTO z VALUES (3)")',
                         "", "CREATE TABLE x(y); INSERT INTO x VALUES (1)")
        for journal in "delete", "wal":
            db = p.connect()
            db.execute("PRAGMA journal_mode=" + journal).fetchall()
            self.assertEqual(db.execute("SELECT y, migrate_upgrade() FROM x WHERE y = 1").fetchall(), [(1, 1)])
            self.assertEqual(one(db, "SELECT count(*) FROM z"), 1)
            db.execute("DROP TABLE z")
            one(db, "SELECT migrate_stamp('base', 'purge')")
            db.close()


if __name__ == "__main__":
    unittest.main()
