"""Backfills: killed and gone on with, by two processes at once, in little memory.

RESUME_KILLS=N kills N times for each kind of journal.
"""

import os
import sqlite3
import threading
import unittest

import digest as D
import test_resume
from project import Project, one

SETUP = """
CREATE TABLE calls(op TEXT);
CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, first TEXT, last TEXT, n INT NOT NULL DEFAULT 0);
CREATE TABLE w(a TEXT, b, n INT NOT NULL DEFAULT 0, PRIMARY KEY(a, b)) WITHOUT ROWID;
CREATE INDEX i ON t(first) WHERE first IS NULL;
CREATE TABLE child(x REFERENCES t ON DELETE CASCADE);
WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 4000)
INSERT INTO t(id, name) SELECT i * i - 3000, 'f' || i || ' l' || i FROM k;
INSERT INTO w(a, b) SELECT 'k' || (id % 7), id FROM t;
INSERT INTO child SELECT id FROM t LIMIT 20;
"""
OPS = """
  op.execute("INSERT INTO calls VALUES ('begun')")
  local n = op.backfill{table = "t", columns = {"last", "first", "n"}, from = {"name", "n"}, where = "first IS NULL", chunk = 97,
    with = function(name, n)
      local first, last = name:match("^(%S+)%s+(.*)$")
      return last, first, n + 1
    end}
  op.execute("INSERT INTO calls VALUES (?)", "t " .. n)
  n = op.backfill{table = "w", columns = {"n"}, chunk = 101, with = function(n) return n + 1 end}
  op.execute("INSERT INTO calls VALUES (?)", "w " .. n)
  op.drop_column("t", "name")
"""
ONCE = """
SELECT (SELECT count(*) FROM t WHERE n = 1 AND first = 'f' || substr(last, 2)),
       (SELECT count(*) FROM w WHERE n = 1), (SELECT group_concat(op) FROM calls)
"""


class Killed(test_resume.Kill):
    """Of a hundred kills none makes a row be done twice, or not at all."""

    def project(self, up=OPS, down="", setup=SETUP):
        return super().project(up, down, setup)

    def test_rollback_journal(self):
        self.everywhere("delete", "SELECT migrate_upgrade()")

    def test_wal(self):
        self.everywhere("wal", "SELECT migrate_upgrade()")

    test_downgrade = None  # a backfill is no other one downwards

    def test_what_it_comes_to(self):
        p = self.project()
        db = p.connect()
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        self.assertEqual(db.execute(ONCE).fetchall(), [(4000, 4000, "begun,t 4000,w 4000")])


class Together(test_resume.Resume):
    def test_two_processes_share_a_backfill(self):
        p = self.project(OPS, "", SETUP)
        code = (
            "db.execute('PRAGMA busy_timeout=60000')\n"
            "db.execute('PRAGMA synchronous=OFF')\n"
            "db.execute('PRAGMA busy_timeout=0')\n"
            "try: print(db.execute('SELECT migrate_upgrade()').fetchall()[0][0])\n"
            "except Exception as e: print(e)\n"
        )
        said = [q.communicate() for q in [p.process(code), p.process(code)]]
        for out, err in said:
            self.assertEqual(err, "")
            self.assertTrue(out in ("1\n", "0\n") or "call again" in out, out)
        db = p.connect()
        self.assertEqual(db.execute(ONCE).fetchall(), [(4000, 4000, "begun,t 4000,w 4000")])
        self.assertEqual(D.health(db), [])

    def test_rows_that_come_between_two_chunks(self):
        """A program that goes on working meanwhile: what it adds in front is its own affair,
        what it adds behind is, too; nothing is lost, and nothing done twice."""
        p = self.project(
            """
  op.backfill{table = "t", columns = {"n"}, chunk = 10, with = function(n)
    if n == 7 then error("stop here") end
    return n + 1
  end}""",
            "",
            SETUP,
        )
        db = p.connect()
        at = one(db, "SELECT id FROM t ORDER BY id LIMIT 1 OFFSET 95")
        db.execute("UPDATE t SET n = 7 WHERE id = ?", (at,))
        self.fails(db, "SELECT migrate_upgrade()", "table t, row %d" % at, "stop here", "stays unfinished")
        self.assertEqual(one(db, "SELECT count(*) FROM t WHERE n = 1"), 90)
        db.execute("UPDATE t SET n = 0 WHERE id = ?", (at,))
        db.execute("DELETE FROM t WHERE id = (SELECT id FROM t ORDER BY id LIMIT 1 OFFSET 89)")  # the journal's key
        db.execute("INSERT INTO t(id, name) VALUES (100000000, 'behind all'), (-1000000, 'before all')")
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        self.assertEqual(db.execute("SELECT n, count(*) FROM t GROUP BY n").fetchall(), [(0, 1), (1, 4000)])
        self.assertEqual(one(db, "SELECT id FROM t WHERE n = 0"), -1000000)


class Damaged(test_resume.Resume):
    def test_a_table_whose_keys_go_back_has_an_end(self):
        """A leaf that holds what another one holds: from there it must not begin again."""
        p = self.project("", "", "CREATE TABLE x(id INTEGER PRIMARY KEY, n INT, pad TEXT);"
                         " WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 60)"
                         " INSERT INTO x SELECT i, 0, printf('%040d', i) FROM k")
        p.lua("bbbb", "aaaa", 'op.backfill{table = "x", columns = {"n"}, chunk = 5, with = function(n) return n + 1 end}')
        with open(p.path, "r+b") as f:
            pages = [f.read(512) for _ in range(os.path.getsize(p.path) // 512)]
            first = next(i for i, page in enumerate(pages) if b"%040d" % 10 in page and page[0] == 13)
            late = next(i for i, page in enumerate(pages) if b"%040d" % 40 in page and page[0] == 13)
            self.assertNotEqual(first, late)
            f.seek(512 * late)
            f.write(pages[first])
        db = p.connect()
        timer = threading.Timer(20, db.interrupt)
        timer.start()
        try:
            self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
        except sqlite3.DatabaseError as e:
            self.assertIn("malformed", str(e))
        finally:
            timer.cancel()


class Memory(unittest.TestCase):
    """Ten times the rows need no more memory."""

    CODE = """
import resource
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
db.execute("PRAGMA cache_size=100")
db.execute("PRAGMA temp_store=FILE")
def make(n):
    db.execute("DELETE FROM t")
    db.execute("INSERT INTO t(v) WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i LIMIT %d) SELECT 'value ' || n FROM i" % n)
out = []
for n in (20000, 300000):
    for call in ("backfill", "func", "values", "rows", "dropped"):
        make(n)
        db.execute("SELECT migrate_run(?)", (p.dir + "/" + call + ".lua",)).fetchall()
        out.append(peak())
print(*out)
"""
    SCRIPTS = {
        "backfill": 'return op.backfill{table = "t", columns = {"v"}, with = function(v) return v .. "!" end}',
        "func": 'db.func("f", function(v) return v .. "!" end) return op.execute("UPDATE t SET v = f(v)")',
        "values": 'local put = db.prepare("UPDATE t SET v = ? WHERE id = ?")\n'
        'for id, v in db.values("SELECT id, v FROM t") do put(v .. "!", id) end',
        "dropped": 'for id in db.values("SELECT id FROM t WHERE id <= 50000") do\n'
        'local put = db.prepare("UPDATE t SET v = 1 WHERE id = ?") put(id) db.values("SELECT 1")() end',
        "rows": 'for row in db.rows("SELECT id, v FROM t") do if row.id % 1000 == 0 then op.execute("UPDATE t SET v = NULL WHERE id = ?", row.id) end end',
    }

    @unittest.skipIf(os.environ.get("SANITIZE"), "the sanitizer keeps what is freed")
    def test_memory_is_flat(self):
        with Project() as p:
            db = sqlite3.connect(p.path)
            db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)")
            db.close()
            for name, text in self.SCRIPTS.items():
                with open(os.path.join(p.dir, name + ".lua"), "w") as f:
                    f.write(text)
            q = p.process("p.dir = %r\n" % p.dir + self.CODE)
            out, err = q.communicate()
            self.assertEqual(err, "")
            peaks = [int(x) for x in out.split()]  # they only rise
            self.assertEqual(len(peaks), 10)
            # 280,000 rows more are 5 MB of text: held in memory they would show
            self.assertLess(peaks[9] - peaks[4], 4096, peaks)


if __name__ == "__main__":
    unittest.main()
