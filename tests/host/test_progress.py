"""How far a run has come, told to the host's function or on standard error; and stopping it.

PROGRESS_ROWS=N is the size of the tables that an interrupt meets.
"""

import fcntl
import itertools
import json
import os
import pty
import re
import shutil
import signal
import sqlite3
import struct
import sys
import tempfile
import termios
import threading
import time
import unittest

from project import Project, one

ROWS = int(os.environ.get("PROGRESS_ROWS", "200000"))
KEYS = "revision path direction step steps doing table rows total rate seconds_left elapsed_ms".split()
PRAGMAS = "foreign_keys legacy_alter_table writable_schema trusted_schema busy_timeout query_only".split()
FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
INSERT INTO t(%s) SELECT %s FROM n;
"""


def settings(db):
    return [one(db, "PRAGMA " + name) for name in PRAGMAS]


class Case(unittest.TestCase):
    maxDiff = None

    def project(self):
        p = Project().__enter__()
        self.addCleanup(p.__exit__)
        return p

    def table(self, p, rows, columns="a, b", values="i, 'b' || i", create="CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT)"):
        db = sqlite3.connect(p.path, isolation_level=None)
        db.executescript("PRAGMA synchronous=OFF;" + create + ";" + FILL % (rows, columns, values))
        db.close()

    def watched(self, p, function):
        """A connection whose on_progress is this."""
        db = p.connect()
        db.create_function("pulse", 1, function)
        one(db, "SELECT migrate_config('on_progress', 'pulse')")
        return db

    def fails(self, db, text, sql="SELECT migrate_upgrade()"):
        with self.assertRaises(sqlite3.Error) as caught:
            one(db, sql)
        self.assertIn(text, str(caught.exception))
        return str(caught.exception)


def each(rows, seconds):
    """A function for SQL that takes its time at every so many rows: how often it is told does not hang on the machine."""
    count = itertools.count(1)

    def pause(value):
        if next(count) % rows == 0:
            time.sleep(seconds)
        return value

    return pause


def spin(value):
    """A function for SQL that takes some microseconds."""
    for _ in range(300):
        pass
    return value


class Function(Case):
    def setUp(self):
        self.events = []

    def note(self, text):
        event = json.loads(text)
        self.assertEqual(list(event), KEYS)
        self.events.append(event)
        return None

    def of(self, doing):
        return [e for e in self.events if e["doing"] == doing]

    def test_events(self):
        p = self.project()
        self.table(p, 40000)
        p.lua("aaaa", None, 'op.batch_alter_table("t", function(t)\n'
              't.alter_column("a", {type="TEXT", using="spin(a)"}) t.create_check_constraint("ck", "a > 0")\n'
              't.create_unique_constraint("uq", {"b"}) end)', 'op.drop_table("t")')
        p.file("002_bbbb.sql", "-- revision: bbbb\n-- revises: aaaa\n-- migrate:up\nCREATE TABLE b(x);\n"
               "-- migrate:down\nDROP TABLE b;\n")
        db = self.watched(p, self.note)
        db.create_function("spin", 1, spin)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
        first, last = self.events[0], self.events[-1]
        self.assertEqual({k: first[k] for k in KEYS[:8]},
                         {"revision": "aaaa", "path": "versions/001_aaaa.lua", "direction": "upgrade", "step": 1,
                          "steps": 2, "doing": None, "table": None, "rows": None})
        self.assertEqual([(e["step"], e["revision"]) for e in self.events if e["doing"] is None and e["revision"]][1:],
                         [(2, "bbbb")])
        self.assertEqual((last["doing"], last["revision"], last["step"], last["steps"], last["table"]),
                         ("done", None, 2, 2, None))
        order = [k for k, _ in itertools.groupby(e["doing"] for e in self.events if e["doing"] in ("copy", "index"))]
        self.assertEqual(order, ["copy", "index"])
        copies = self.of("copy")
        self.assertGreater(len(copies), 2)
        self.assertEqual((copies[0]["rows"], copies[0]["total"], copies[0]["rate"]), (None, 40000, None))
        rows = [e["rows"] for e in copies[1:]]
        self.assertEqual(rows, sorted(set(rows)))
        self.assertTrue(all(0 < n <= 40000 for n in rows), rows)
        for e in copies[1:]:
            self.assertGreater(e["rate"], 0)
            self.assertEqual(e["seconds_left"], -(-(40000 - e["rows"]) // e["rate"]))
        times = [e["elapsed_ms"] for e in self.events]
        self.assertEqual(times, sorted(times))
        times = [e["elapsed_ms"] for e in copies]
        self.assertTrue(all(b - a >= 49 for a, b in zip(times, times[1:])), times)
        del self.events[:]
        self.assertEqual(one(db, "SELECT migrate_downgrade('base')"), 2)
        self.assertEqual([(e["revision"], e["direction"]) for e in self.events if e["revision"]],
                         [("bbbb", "downgrade"), ("aaaa", "downgrade")])

    def test_quiet(self):
        """Steps that take no time are told once each, and a run of none only its end."""
        p = self.project()
        for i in range(30):
            p.lua("r%03d" % i, "r%03d" % (i - 1) if i else None, 'op.create_table("t%d", "x")' % i)
        db = self.watched(p, self.note)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 30)
        steps = [e["step"] for e in self.events if e["revision"]]
        self.assertEqual(sorted(set(steps)), list(range(1, 31)))
        self.assertLess(len(self.events), 31 + 1 + self.events[-1]["elapsed_ms"] // 50 + 1)
        del self.events[:]
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 0)
        self.assertEqual([(e["doing"], e["step"], e["steps"]) for e in self.events], [("done", None, None)])

    def test_names(self):
        name = 'o"ne\n\\ \'two\' größe\t\x01'
        p = self.project()
        self.table(p, 25000, create="CREATE TABLE t(a, b)")
        db = self.watched(p, self.note)
        db.execute('ALTER TABLE t RENAME TO "%s"' % name.replace('"', '""'))
        p.file("a.lua", 'revision = "aaaa"\nlocal name = %s\nfunction upgrade() op.alter_column(name, "a", {type="TEXT"}) end\n'
               % ('"' + "".join("\\%03d" % c for c in name.encode()) + '"'))
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        self.assertEqual({e["table"] for e in self.of("copy")}, {name})

    def test_bulk_insert(self):
        p = self.project()
        p.lua("aaaa", None, 'op.create_table("t", "a") local row, rows = {a=1}, {}\n'
              'for i = 1, 90000 do rows[i] = row end op.bulk_insert("t", rows)')
        db = self.watched(p, self.note)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        events = self.of("insert")
        self.assertTrue(events)
        # on a slow machine one may be due before the first row
        self.assertTrue(all(e["table"] == "t" and e["total"] == 90000 and e["rows"] != 0 for e in events), events)

    def test_a_backfill(self):
        p = self.project()
        self.table(p, 30000)
        seen = []
        db = self.watched(p, lambda text: seen.append(json.loads(text)))
        db.create_function("pause", 1, each(3000, 0.06))
        p.lua("aaaa", None, """op.backfill{table = "t", columns = {"b"}, from = {"pause(b)"}, chunk = 1000,
          with = function(b) return b .. "x" end}""")
        one(db, "SELECT migrate_upgrade()")
        told = [e for e in seen if e["doing"] == "backfill"]
        self.assertGreater(len(told), 1)
        self.assertEqual({(e["revision"], e["table"], e["total"]) for e in told}, {("aaaa", "t", 30000)})
        rows = [e["rows"] for e in told]
        self.assertEqual(rows, sorted(rows))
        self.assertTrue(all(r % 1000 == 0 for r in rows))

    def test_a_backfill_is_cancelled_and_goes_on(self):
        for transactional in True, False:
            p = self.project()
            self.table(p, 30000)
            db = self.watched(p, lambda text: (json.loads(text)["rows"] or 0) > 10000)
            db.create_function("pause", 1, each(3000, 0.06))
            path = p.lua("aaaa", None, """pcall(op.backfill, {table = "t", columns = {"a"}, from = {"pause(a)"},
              chunk = 500, with = function(a) return -a end})
              op.execute("CREATE TABLE caught(a)")""")
            if not transactional:
                with open(path) as f:
                    text = f.read()
                with open(path, "w") as f:
                    f.write(text.replace("\nfunction upgrade", "\ntransactional = false\nfunction upgrade", 1))
            self.fails(db, "cancelled by on_progress function pulse")
            done = one(db, "SELECT count(*) FROM t WHERE a < 0")
            self.assertFalse(db.in_transaction)
            self.assertEqual(one(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'caught'"), 0)
            if transactional:
                self.assertEqual(done, 0)
            else:
                self.assertGreater(done, 10000)
                self.assertEqual(one(db, "SELECT status FROM migrate_history"), "unfinished")
            first = []
            db.create_function("pulse", 1, lambda text: first.append(json.loads(text)))
            self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
            self.assertEqual(one(db, "SELECT count(*) FROM t WHERE a < 0"), 30000)
            if not transactional:  # it says from where it goes on
                self.assertEqual([e["rows"] for e in first if e["doing"] == "backfill"][0], done)

    def test_a_function_that_sql_calls(self):
        """Told, and cancelled, in the middle of an UPDATE that calls Lua."""
        p = self.project()
        self.table(p, 30000)
        answers = []
        db = self.watched(p, lambda text: answers.append(text) or len(answers) > 4)
        p.lua("aaaa", None, """db.func("f", function(a) return -a end)
          pcall(op.execute, "UPDATE t SET a = f(pause(a))")
          op.execute("CREATE TABLE caught(a)")""")
        db.create_function("pause", 1, each(3000, 0.06))
        self.fails(db, "cancelled by on_progress function pulse")
        self.assertEqual(len(answers), 5)
        self.assertEqual(one(db, "SELECT count(*) FROM t WHERE a < 0"), 0)
        # a function of the script's cannot be the host's ear
        one(db, "SELECT migrate_config('on_progress', 'f')")
        self.fails(db, "on_progress")

    def test_a_script(self):
        p = self.project()
        self.table(p, 30000)
        seen = []
        db = self.watched(p, lambda text: seen.append(json.loads(text)))
        path = os.path.join(p.dir, "x.lua")
        with open(path, "w") as f:
            f.write('return op.backfill{table = "t", columns = {"a"}, with = function(a) return -a end}')
        self.assertEqual(one(db, "SELECT migrate_run(?)", path), 30000)
        self.assertEqual({(e["revision"], e["path"], e["direction"]) for e in seen}, {(None, path, "run")})
        self.assertEqual(seen[-1]["doing"], "done")

    def test_a_loop_polls(self):
        p = self.project()
        p.lua("aaaa", None, 'for i = 1, 60e6 do end')
        db = self.watched(p, self.note)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        self.assertGreater(len(self.of(None)), 2)
        self.assertEqual({e["table"] for e in self.events}, {None})

    CHECK = " and ".join("length(b || %d) > 0" % i for i in range(120))

    def test_a_check(self):
        """The rows are proved in front of the host's eyes: by an edit, of the old rows, and of the new ones."""
        for change in ('op.create_check_constraint("ck", "t", "%s")', 'op.batch_alter_table("t", function(t)\n'
                       't.create_check_constraint("ck", "%s") end, {recreate="always"})'):
            p = self.project()
            self.table(p, 30000)
            p.lua("aaaa", None, change % self.CHECK)
            before = p.digest()
            db = self.watched(p, self.note)
            del self.events[:]
            db.execute("BEGIN")
            self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
            db.execute("ROLLBACK")
            events = self.of("check")
            self.assertGreater(len(events), 1)
            self.assertEqual({(e["table"], e["total"]) for e in events}, {("t", 30000)})
            self.assertTrue(all(0 <= e["rows"] < 30000 for e in events), events)
            db.create_function("pulse", 1, lambda text: (json.loads(text)["rows"] or 0) > 5000)
            self.fails(db, "cancelled by on_progress")
            self.assertEqual(p.digest(), before)
            db.create_function("pulse", 1, lambda text: None)
            db.execute("INSERT INTO t(a, b) VALUES (1, 'x')")
            db.execute("UPDATE t SET b = NULL WHERE id = 30000")
            p.file("001_aaaa.lua", 'revision = "aaaa" function upgrade() %s end\n' % (change % "b IS NOT NULL"))
            self.fails(db, "in 1 row: rowid 30000")

    SCRIPT = """
      local ok = {}
      ok[1] = pcall(function() for i = 1, 6e6 do end end)
      ok[2] = pcall(op.alter_column, "t", "a", {type="TEXT", using="spin(a)"})
      ok[3] = pcall(op.create_index, "i", "t", {"a"})
      local row, rows = {a=1, b="x"}, {}
      for i = 1, 60000 do rows[i] = row end
      ok[4] = pcall(op.bulk_insert, "t", rows)
      ok[5] = pcall(op.alter_column, "t", "b", {type="INT", using="length(spin(b))"})
      for i = 1, 5 do if not ok[i] then op.create_table("caught", "x") end end
    """

    def test_cancel_anywhere(self):
        """At each event in turn; the script cannot catch it, and all is as it was."""
        p = self.project()
        self.table(p, 25000)
        p.lua("aaaa", None, self.SCRIPT)
        db = p.connect()
        db.execute("CREATE INDEX t_b ON t(b)")
        db.execute("PRAGMA foreign_keys=ON")
        db.create_function("spin", 1, spin)
        one(db, "SELECT migrate_config('on_progress', 'pulse')")
        before, was, seen, doing = p.digest(), settings(db), set(), None

        def pulse(text):
            event = json.loads(text)
            new = (event["doing"], event["table"], event["rows"] is not None) not in seen
            if event["doing"] != "done" and new and not self.events:
                seen.add((event["doing"], event["table"], event["rows"] is not None))
                self.events.append(event)
                return answer
            self.assertEqual(self.events, [] if event["doing"] != "done" else self.events, "told after it was cancelled")
            return 0

        db.create_function("pulse", 1, pulse)
        answers = itertools.cycle([1, -1, 0.5, "2x"])
        for _ in range(40):
            answer = next(answers)
            del self.events[:]
            try:
                one(db, "SELECT migrate_upgrade()")
                break
            except sqlite3.Error as e:
                self.assertIn("cancelled by on_progress function pulse", str(e))
            self.assertEqual(len(self.events), 1)
            self.assertFalse(db.in_transaction)
            self.assertEqual(p.digest(), before, self.events)
            self.assertEqual(settings(db), was)
        doing = {d for d, _, _ in seen}
        self.assertEqual(doing, {None, "copy", "index", "insert"} | ({"foreign keys"} & doing))
        self.assertIn(("copy", "t", True), seen)
        self.assertEqual(one(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'caught'"), 0)
        self.assertEqual(one(db, "SELECT count(*) FROM t"), 85000)

    def test_cancel_within_the_callers_transaction(self):
        p = self.project()
        self.table(p, 25000)
        p.lua("aaaa", None, 'op.create_table("made", "x") op.alter_column("t", "a", {type="TEXT"})')
        db = self.watched(p, lambda text: json.loads(text)["doing"] == "copy")
        db.execute("BEGIN")
        db.execute("INSERT INTO t(a) VALUES ('mine')")
        self.fails(db, "cancelled by on_progress function pulse")
        self.assertTrue(db.in_transaction)
        self.assertEqual(one(db, "SELECT group_concat(name) FROM sqlite_schema"), "t")
        db.execute("COMMIT")
        self.assertEqual(one(db, "SELECT count(*) FROM t"), 25001)

    def test_the_end_is_no_question(self):
        p = self.project()
        p.lua("aaaa", None, 'op.create_table("t", "x")')
        for answer in (lambda: 1), (lambda: 1 / 0):
            db = self.watched(p, lambda text: answer() if json.loads(text)["doing"] == "done" else 0)
            self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
            db.execute("DROP TABLE t")
            db.execute("DELETE FROM _migrate_version")

    def test_error(self):
        p = self.project()
        self.table(p, 25000)
        p.lua("aaaa", None, 'op.create_table("made", "x") pcall(op.alter_column, "t", "a", {type="TEXT"})')
        before = p.digest()
        db = self.watched(p, lambda text: 1 / 0 if json.loads(text)["doing"] == "copy" else 0)
        message = self.fails(db, "on_progress function pulse: user-defined function raised exception")
        self.assertIn("revision aaaa (versions/001_aaaa.lua:5)", message)
        self.assertNotIn("json_object", message)
        self.assertEqual(p.digest(), before)
        db.create_function("pulse", 1, lambda text: None)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)

    def test_slow(self):
        """What the function takes does not make it due again."""
        p = self.project()
        p.lua("aaaa", None, 'local n = 0 for i = 1, 60e6 do n = n + i end')
        times = []

        def pulse(text):
            times.append(time.monotonic())
            time.sleep(0.12)
            times.append(time.monotonic())

        db = self.watched(p, pulse)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        gaps = [b - a for a, b in zip(times[1:-2:2], times[2:-2:2])]
        self.assertTrue(gaps)
        self.assertTrue(all(g > 0.045 for g in gaps), gaps)

    def test_it_may_read(self):
        p = self.project()
        self.table(p, 25000)
        p.lua("aaaa", None, 'op.alter_column("t", "a", {type="TEXT"})')
        said = []

        def pulse(text):
            said.append(one(db, "SELECT count(*) FROM t"))
            said.append(one(db, "SELECT migrate_config('on_progress')"))
            for sql in "migrate_upgrade()", "migrate_stamp('aaaa')", "migrate_config('progress', 'off')":
                try:
                    one(db, "SELECT " + sql)
                    said.append(sql)
                except sqlite3.Error as e:
                    said.append("running" in str(e) or "a script cannot" in str(e))

        db = self.watched(p, pulse)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        self.assertEqual(set(said), {25000, "pulse", True})

    def test_it_may_not_write(self):
        p = self.project()
        self.table(p, 10)
        p.lua("aaaa", None, 'op.alter_column("t", "a", {type="TEXT"})')
        before = p.digest()
        db = self.watched(p, lambda text: db.execute("INSERT INTO t(a) VALUES (1)") and None)
        self.fails(db, "on_progress function pulse has changed rows of this connection; it may only read")
        self.assertEqual(p.digest(), before)
        for sql in "ROLLBACK", "COMMIT":
            db.create_function("pulse", 1, lambda text: db.execute(sql) and None)
            self.fails(db, "on_progress function pulse has begun or ended a transaction; it may only read")
            self.assertFalse(db.in_transaction)
        db.create_function("pulse", 1, lambda text: None)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        self.assertEqual(one(db, "SELECT count(*) FROM t"), 10)

    def test_it_may_interrupt(self):
        p = self.project()
        p.lua("aaaa", None, 'pcall(function() while true do end end)')
        db = self.watched(p, lambda text: db.interrupt())
        self.fails(db, "interrupted")
        self.assertEqual(one(db, "SELECT count(*) FROM sqlite_schema"), 0)

    def test_waiting_for_a_lock(self):
        """The function is called meanwhile, and cancels."""
        p = self.project()
        self.table(p, 1)
        p.lua("aaaa", None, 'op.create_table("b", "x")')
        other = sqlite3.connect(p.path, isolation_level=None)
        for begin in "", "BEGIN":
            other.execute("BEGIN IMMEDIATE")
            times = []
            db = self.watched(p, lambda text: times.append(json.loads(text)["step"]) or len(times) > 3)
            if begin:
                db.execute(begin)
            began = time.monotonic()
            self.fails(db, "cancelled by on_progress function pulse")
            self.assertLess(time.monotonic() - began, 2)
            self.assertEqual(times, [None] * 4)
            self.assertEqual(one(db, "PRAGMA busy_timeout"), 5000)
            other.execute("ROLLBACK")
            db.close()


def child(p, setup, body):
    """A program that upgrades the project, and says so on standard output."""
    return ["import sys; sys.path.insert(0, %r)" % os.path.dirname(os.path.abspath(__file__)),
            "from project import Project, one; import os, signal",
            "p = Project(); p.path, p.migrations = %r, %r" % (p.path, p.migrations),
            "db = p.connect()", *setup, "print(one(db, 'SELECT migrate_upgrade()'), flush=True)", *body]


def config(key, value):
    return "one(db, \"SELECT migrate_config('%s', '%s')\")" % (key, value)


class Stderr(Case):
    def lasting(self, p, seconds):
        """A revision that takes so long."""
        p.lua("aaaa", None, "local function now() return db.value([[SELECT (julianday('now') - 2440587.5) * 86400]]) end\n"
              "local till = now() + %f while now() < till do end" % seconds)

    def run_piped(self, p, setup, body=(), reader=True):
        out, err = os.pipe(), os.pipe()
        pid = os.fork()
        if not pid:
            os.dup2(out[1], 1)
            os.dup2(err[1], 2)
            os.closerange(3, 60)
            os.execv(sys.executable, [sys.executable, "-c", "\n".join(child(p, setup, body))])
        os.close(out[1])
        os.close(err[1])
        if not reader:
            os.close(err[0])
        with os.fdopen(out[0]) as f:
            said = f.read()
        text = ""
        if reader:
            with os.fdopen(err[0]) as f:
                text = f.read()
        return os.waitpid(pid, 0)[1], said, text

    def test_a_pipe(self):
        for setup, lines in ([], 0), ([config("progress", "off")], 0), ([config("progress", "on")], 2), (
                [config("progress", "on"), "db.create_function('f', 1, lambda x: None)", config("on_progress", "f")], 0):
            p = self.project()
            self.lasting(p, 1.3 if lines else 1.1)
            status, said, text = self.run_piped(p, setup)
            self.assertEqual((status, said), (0, "1\n"), text)
            self.assertEqual(text, "migrate: step 1 of 1: upgrade aaaa\n" * lines)

    def test_rows(self):
        p = self.project()
        self.table(p, 20000)
        p.lua("aaaa", None, 'op.alter_column("t", "a", {type="TEXT", using="spin(a)"})')
        setup = ["import time", "db.create_function('spin', 1, lambda x: time.sleep(0.00003) or x)", config("progress", "on")]
        status, said, text = self.run_piped(p, setup)
        self.assertEqual((status, said), (0, "1\n"), text)
        self.assertRegex(text, r"^migrate: step 1 of 1: upgrade aaaa\n"
                         r"(migrate: step 1 of 1: upgrade aaaa: copy t, \d+ of 20000 rows, \d+ rows/s, \d+ s left\n)+")

    def test_nobody_reads(self):
        for setup, reader in ((["signal.signal(signal.SIGPIPE, signal.SIG_DFL)"], False), (["os.close(2)"], True)):
            p = self.project()
            self.lasting(p, 1.2)
            after = ["sys.exit(bool(signal.sigpending()))"]
            status, said, text = self.run_piped(p, setup + [config("progress", "on")], after, reader)
            self.assertEqual((status, said, text), (0, "1\n", ""))

    def run_terminal(self, p, setup, columns=0):
        """What a terminal gets, as (seconds since the first output, bytes)."""
        pid, fd = pty.fork()
        if not pid:
            os.execv(sys.executable, [sys.executable, "-c", "\n".join(child(p, setup, []))])
        if columns:
            fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        out = []
        try:
            while True:
                data = os.read(fd, 65536)
                if not data:
                    break
                out.append((time.monotonic(), data.decode()))
        except OSError:  # the end of it, on Linux
            pass
        os.close(fd)
        self.assertEqual(os.waitpid(pid, 0)[1], 0, out)
        return out

    def test_a_terminal(self):
        ready = ["print('ready', flush=True)"]
        p = self.project()
        self.lasting(p, 1.6)
        out = self.run_terminal(p, ready)
        text = "".join(data for _, data in out)
        begun = next(t for t, data in out if "ready" in data)
        shown = next(t for t, data in out if "step" in data)
        self.assertGreater(shown - begun, 0.9)
        line = "migrate: step 1 of 1: upgrade aaaa"
        # a slow machine is shown what comes behind the step, too
        self.assertRegex(text, r"\Aready\r\n(\r%s)+(\rmigrate: step 1 of 1: [a-z ]+)*\r {%d,}\r1\r\n\Z" % (line, len(line)))
        self.assertIn(text.count("step"), range(3, 9))

    def test_a_short_run_and_off(self):
        for seconds, setup in (0.1, []), (1.3, [config("progress", "off")]):
            p = self.project()
            self.lasting(p, seconds)
            self.assertEqual("".join(data for _, data in self.run_terminal(p, setup)), "1\r\n")

    def test_narrow(self):
        p = self.project()
        self.table(p, 9000)
        db = sqlite3.connect(p.path, isolation_level=None)
        db.execute("ALTER TABLE t RENAME TO \"tä\x1b[31m表表表表表表表表表表表表表表表表表表\"")
        db.close()
        p.file("a.lua", 'revision = "aaaa"\nfunction upgrade()\n op.alter_column("tä\\27[31m表表表表表表表表表表表表表表表表表表", "a",'
               ' {type="TEXT", using="spin(a)"}) end\n')
        setup = ["import time", "db.create_function('spin', 1, lambda x: time.sleep(0.00002) or x)", config("progress", "on"),
                 "time.sleep(0.3)"]
        text = "".join(data for _, data in self.run_terminal(p, setup, 60))
        lines = [z for z in re.split("[\r\n]+", text) if z.strip() and z != "1"]
        self.assertTrue(any("copy t" in z for z in lines), lines)
        for line in lines:
            self.assertLess(sum(2 if ord(c) > 127 else 1 for c in line.rstrip()), 60, line)
        self.assertTrue(any("tä?[31m表" in z for z in lines), lines)
        self.assertNotIn("\x1b", text)

    def test_cleared_after_an_error(self):
        p = self.project()
        p.lua("aaaa", None, 'for i = 1, 5e6 do end error("no")')
        setup = [config("progress", "on"), "old = one", "def one(*a):\n  try: return old(*a)\n  except Exception: return 'failed'"]
        text = "".join(data for _, data in self.run_terminal(p, setup))
        self.assertRegex(text, r"aaaa\r +\rfailed\r\n\Z")


class Pieces(Case):
    """A copy in pieces makes the same table as one at once."""

    INTS = "(i * 7919) % 10007 - 3000"
    SHAPES = [  # the statement, its columns, their values, may it be copied in pieces
        ("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT)", "id, a", INTS + ", i", True),
        ("CREATE TABLE t(a INT, b TEXT)", "rowid, a, b",
         "CASE i WHEN 1 THEN -9223372036854775807 - 1 WHEN 2 THEN 9223372036854775807 ELSE (i - 4000) * 1000003 END, i, 'b' || i", True),
        ("CREATE TABLE t(rowid TEXT, oid, a INT)", "_rowid_, rowid, oid, a", "i * 3, i, 'x', i", True),
        ("CREATE TABLE t(rowid TEXT, oid, _rowid_, a INT)", "rowid, a", "-i, i", False),
        ("CREATE TABLE t(a INT, k INTEGER PRIMARY KEY DESC, g AS (a + 1), h AS (a * 2) STORED)", "a, k", "i, " + INTS, True),
        ("CREATE TABLE t(k TEXT PRIMARY KEY, a INT) WITHOUT ROWID", "k, a", "'k' || i, i", True),
        ("CREATE TABLE t(k BLOB PRIMARY KEY DESC, a INT) WITHOUT ROWID", "k, a", "CAST('k' || i AS BLOB), i", True),
        ("CREATE TABLE t(k TEXT COLLATE NOCASE PRIMARY KEY, a INT) WITHOUT ROWID", "k, a", "iif(i % 2, 'k', 'K') || i, i", True),
        ("CREATE TABLE t(k TEXT, a INT, PRIMARY KEY (k COLLATE NOCASE DESC)) WITHOUT ROWID", "k, a",
         "iif(i % 2, 'k', 'K') || i, i", True),
        ("CREATE TABLE t(a INT, k, l REAL, PRIMARY KEY (l, k)) WITHOUT ROWID", "a, k, l", "i, 'k' || i, i % 3", True),
        ("CREATE TABLE t(a INT, k, l, PRIMARY KEY (l DESC, k DESC)) WITHOUT ROWID", "a, k, l", "i, 'k' || i, i % 3 - 1.5", True),
        ("CREATE TABLE t(a INT, k, l, PRIMARY KEY (l DESC, k)) WITHOUT ROWID", "a, k, l", "i, 'k' || i, i % 3", False),
        ("CREATE TABLE t(a INT, k TEXT, l INT, PRIMARY KEY (l, k COLLATE RTRIM)) WITHOUT ROWID", "a, k, l",
         "i, 'k' || i, i % 3", False),
        ("CREATE TABLE t(k ANY PRIMARY KEY, a INT) STRICT, WITHOUT ROWID", "k, a",
         "CASE i % 5 WHEN 0 THEN i WHEN 1 THEN i + 0.5 WHEN 2 THEN '' || i WHEN 3 THEN x'00' || i ELSE CAST('b' || i AS BLOB) END, i", True),
    ]

    def rebuild(self, p, watched, change, pragma=""):
        """The table afterwards, in the order in which it is read, and how many statements filled it."""
        for name in os.listdir(os.path.join(p.migrations, "versions")):
            os.remove(os.path.join(p.migrations, "versions", name))
        p.lua("aaaa", None, change, name="a.lua")
        db = p.connect()
        if pragma:
            db.execute(pragma)
        fills, said = [], None
        db.create_function("pulse", 1, lambda text: None)
        one(db, "SELECT migrate_config('on_progress', '%s')" % ("pulse" if watched else ""))
        db.execute("BEGIN")
        db.set_trace_callback(lambda sql: fills.append(sql) if "INSERT OR ABORT" in sql else None)
        try:
            one(db, "SELECT migrate_upgrade()")
        except sqlite3.Error as e:
            said = str(e)
        db.set_trace_callback(None)
        db.execute("PRAGMA reverse_unordered_selects=OFF")
        sql = one(db, "SELECT sql FROM sqlite_schema WHERE name = 't'")
        names = [r[1] for r in db.execute("PRAGMA table_xinfo(t)")]
        free = [] if "WITHOUT ROWID" in sql else [n for n in ("_rowid_", "rowid", "oid") if n not in names][:1]
        rows = db.execute("SELECT %s FROM t NOT INDEXED" % ", ".join('"%s", typeof("%s")' % (n, n) for n in free + names)).fetchall()
        self.assertEqual(one(db, "PRAGMA integrity_check"), "ok")
        db.execute("ROLLBACK")
        db.close()
        return (said, sql, rows), len(fills)

    def same(self, p, change, pieces, pragma="", fails=None):
        whole, one_fill = self.rebuild(p, False, change, pragma)
        parts, fills = self.rebuild(p, True, change, pragma)
        self.assertEqual(parts[:2], whole[:2])
        self.assertTrue(parts[2] == whole[2], "other rows, or in another order")
        self.assertEqual(one_fill, 1)
        (self.assertGreater if pieces else self.assertEqual)(fills, 1)
        self.assertEqual(whole[0] is None, fails is None, whole[0])
        self.assertIn(fails or "", whole[0] or "")

    def test_shapes(self):
        for create, columns, values, pieces in self.SHAPES:
            with self.subTest(create):
                p = self.project()
                self.table(p, 7000, columns, values, create)
                self.same(p, 'op.alter_column("t", "a", {type="%s"})' % ("TEXT" if "AS" not in create else "REAL"), pieces)

    def test_changes(self):
        p = self.project()
        self.table(p, 7000, "id, a, b", "i, 20000 - i, 'b' || i")
        for change, pieces, fails in (
                ('op.alter_column("t", "a", {using="a * 2"})', True, None),
                ('op.alter_column("t", "a", {type="TEXT", name="aa", using="(SELECT max(a) FROM t) - a"})', True, None),
                ('op.alter_column("t", "a", {using="row_number() OVER (ORDER BY b)"})', False, None),
                ('op.alter_column("t", "a", {using="max(a)"})', False, "aggregate"),
                ('op.alter_column("t", "id", {using="id + 100000"})', True, None),
                ('op.alter_column("t", "id", {using="-id"})', True, None),
                ('op.alter_column("t", "id", {using="id % 5000"})', True, "UNIQUE"),
                ('op.batch_alter_table("t", function(t) t.drop_constraint{type="primary_key"} t.create_primary_key(nil, {"a"}) end)',
                 True, None),
                ('op.drop_column("t", "b") op.add_column("t", "c INT NOT NULL DEFAULT (1 + 1)", {after="id"})', True, None)):
            with self.subTest(change):
                self.same(p, change, pieces, fails=fails)

    def test_backwards(self):
        """The host's PRAGMA turns no order around."""
        p = self.project()
        self.table(p, 7000, "k, a", "'k' || i, i", "CREATE TABLE t(k TEXT PRIMARY KEY, a INT) WITHOUT ROWID")
        self.same(p, 'op.alter_column("t", "a", {type="TEXT"})', True, "PRAGMA reverse_unordered_selects=ON")

    def test_borders(self):
        """Of pieces: 2,000 rows, then 4,000."""
        for rows in 1999, 2000, 2001, 3999, 4000, 5999, 6000, 6001:
            p = self.project()
            self.table(p, rows, "k, a", "'k' || i, i", "CREATE TABLE t(k TEXT PRIMARY KEY, a INT) WITHOUT ROWID")
            self.same(p, 'op.alter_column("t", "a", {type="TEXT"})', rows > 2000)


class Interrupt(Case):
    """From another thread: heard soon, caught by no script, and all is as it was."""

    CASES = {
        "lua loop": "while true do end",
        "pcall": "while true do pcall(function() while true do end end) end",
        "db loop": 'while true do pcall(db.value, "SELECT 1") end',
        "coroutine": "while true do coroutine.wrap(function() while true do end end)() end",
        "reading": 'for n in db.values("SELECT name FROM t, (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3)") do end',
        "copy": 'op.alter_column("t", "n", {type="TEXT"})',
        "proof": 'op.create_check_constraint("ck", "t", "%s")' % " and ".join("length(name || email || %d) > 0" % i for i in range(9)),
        "create index": 'op.create_index("i", "t", {"name", "email"})',
        "reindex": 'op.execute("REINDEX t")',
        "foreign keys": 'op.execute("UPDATE p SET id = 1")',
        "update": 'op.execute("UPDATE t SET email = upper(email)")',
        "bulk insert": 'local row, rows = {name="x"}, {} for i = 1, 1000000 do rows[i] = row end op.bulk_insert("t", rows)',
    }

    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="migrate-test-")
        cls.big = os.path.join(cls.dir, "big.db")
        db = sqlite3.connect(cls.big, isolation_level=None)
        db.executescript(
            "PRAGMA synchronous=OFF; CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1); BEGIN;"
            "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, email TEXT, n INT REFERENCES p);"
            + FILL % (ROWS, "name, email, n", "'name ' || (i * 7919 % 1000003), 'user' || i || '@example.com', 1")
            + "CREATE INDEX t_name ON t(name); COMMIT;")
        db.close()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.dir, ignore_errors=True)

    def stopped(self, db, delay):
        """The message, and how long after the interrupt it came; None: it had run to its end before."""
        told = []

        def stop():
            time.sleep(delay)
            told.append(time.monotonic())
            db.interrupt()

        thread = threading.Thread(target=stop)
        message = None
        thread.start()
        try:
            one(db, "SELECT migrate_upgrade()")
        except sqlite3.Error as e:
            message = str(e)
        end = time.monotonic()
        thread.join()
        return (message, end - told[0]) if message and message.startswith("migrate_upgrade") else None

    def test_everywhere(self):
        for what, body in self.CASES.items():
            for delay in 0.2, 0.1, 0.05, 0.02, 0.01:
                p = self.project()
                shutil.copy(self.big, p.path)
                p.lua("aaaa", None, "%s op.create_table('caught', 'x')" % body)
                db = p.connect(check_same_thread=False)
                one(db, "SELECT migrate_config('lua_memory_mb', '200')")
                before, was = p.digest(), settings(db)
                stopped = self.stopped(db, delay)
                if stopped:
                    break
            with self.subTest(what):
                self.assertIsNotNone(stopped, "it is over too soon")
                self.assertIn("interrupted", stopped[0])
                self.assertLess(stopped[1], 2)
                self.assertFalse(db.in_transaction)
                self.assertEqual(settings(db), was)
                self.assertEqual(p.digest(), before)
            db.close()

    def test_waiting_for_a_lock(self):
        """Also while SQLite's own busy handler would wait, whose time is as it was afterwards."""
        p = self.project()
        shutil.copy(self.big, p.path)
        p.lua("aaaa", None, "op.create_table('b', 'x')")
        before = p.digest()
        other = sqlite3.connect(p.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for begin in "", "BEGIN":
            db = p.connect(timeout=7, check_same_thread=False)
            if begin:
                db.execute(begin)
            message, took = self.stopped(db, 0.2)
            self.assertIn("interrupted", message)
            self.assertLess(took, 2)
            self.assertEqual(one(db, "PRAGMA busy_timeout"), 7000)
            db.close()
        other.execute("ROLLBACK")
        self.assertEqual(p.digest(), before)

    def test_the_hosts_busy_timeout_counts(self):
        p = self.project()
        shutil.copy(self.big, p.path)
        p.lua("aaaa", None, "op.create_table('b', 'x')")
        other = sqlite3.connect(p.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for timeout, setting, least, most in (0.6, "0", 0.6, 2.0), (0, "600", 0.6, 2.0), (0, "0", 0, 0.4):
            db = p.connect(timeout=timeout)
            one(db, "SELECT migrate_config('lock_timeout_ms', '%s')" % setting)
            began = time.monotonic()
            self.fails(db, "is locked by another connection")
            self.assertGreater(time.monotonic() - began, least - 0.01)
            self.assertLess(time.monotonic() - began, most)
            self.assertEqual(one(db, "PRAGMA busy_timeout"), timeout * 1000)
            db.close()


if __name__ == "__main__":
    unittest.main()
