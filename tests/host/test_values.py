"""Values that another program wrote, through a script and back, and what stops db.json."""

import ctypes
import json
import math
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from project import LIBRARY, Project, one

NUMBERS = [0, 1, -1, 2**31, -(2**31), 2**53 + 1, 2**63 - 1, -(2**63),
           0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 5e-324, 2.2250738585072009e-308, 2.2250738585072014e-308,
           1.7976931348623157e308, 1e-300, 2.0**53, 2.0**63, 1e22, 1e23, math.inf, -math.inf]
TEXTS = ["", "a", "\0", "a\0b", "\0\0", "grün €", "\U0001d11e", "it's \"x\"\\", "\U0010fffd\ud7ff\ue000", "x\0é" * 700_000]
BLOBS = [b"", b"\0", bytes(range(256)) * 3, b"\xff\x00" * 1_000_000]
# in a UTF-8 database any bytes are text
BYTES = [b"\xff", b"\xc3", b"a\x80b", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbf\xbf", bytes(range(256)), b"\xc3(" * 600_000]

WAYS = {
    "prepare": "local put = db.prepare('INSERT INTO dst VALUES (?, ?)')\n"
               "for id, v in db.values('SELECT id, v FROM src') do put(id, v) end",
    "execute": "for row in db.rows('SELECT id, v FROM src') do\n"
               "  op.execute('INSERT INTO dst VALUES (:id, :v)', {id = row.id, v = row.v == nil and null or row.v})\nend",
    "list": "for v, id in db.values('SELECT v, id FROM src') do op.execute('INSERT INTO dst VALUES (?, ?)', {id, v}) end",
    "bulk": "local rows = {}\n"
            "for id, v in db.values('SELECT id, v FROM src') do rows[#rows + 1] = {id = id, v = v} end\n"
            "op.bulk_insert('dst', rows)",
    "row": "for i = 1, db.value('SELECT max(id) FROM src') do\n"
           "  local r = db.row('SELECT v FROM src WHERE id = ?', i)\n"
           "  op.execute('INSERT INTO dst VALUES (?, ?)', i, r.v)\nend",
    "value": "for i = 1, db.value('SELECT max(id) FROM src') do\n"
             "  op.execute('INSERT INTO dst VALUES (?, ?)', i, db.value('SELECT v FROM src WHERE id = ?', i))\nend",
}


class Case(unittest.TestCase):
    def setUp(self):
        self.p = Project().__enter__()
        self.addCleanup(self.p.__exit__)

    def run_script(self, db, body):
        """Run the body once, as a revision that is not kept."""
        path = self.p.lua("aaaa", None, body)
        try:
            return one(db, "SELECT migrate_upgrade()")
        finally:
            os.unlink(path)
            db.execute("DROP TABLE IF EXISTS _migrate_version")
            db.execute("DROP TABLE IF EXISTS _migrate_log")


class Through(Case):
    def through(self, encoding, values, texts=()):
        for way, body in WAYS.items():
            with self.subTest(way, encoding=encoding), Project() as self.p:
                db = self.p.connect()
                db.execute("PRAGMA encoding = '%s'" % encoding)
                db.execute("CREATE TABLE src(id INTEGER PRIMARY KEY, v)")
                db.execute("CREATE TABLE dst(id INTEGER PRIMARY KEY, v)")
                db.execute("BEGIN")
                db.executemany("INSERT INTO src(v) VALUES (?)", [(v,) for v in values])
                db.executemany("INSERT INTO src(v) VALUES (CAST(? AS TEXT))", [(v,) for v in texts])
                db.execute("COMMIT")
                one(db, "SELECT migrate_config('lua_memory_mb', '200')")
                self.run_script(db, body)
                self.assertEqual(one(db, "SELECT count(*) FROM dst"), len(values) + len(texts))
                wrong = db.execute("SELECT id, typeof(src.v), typeof(dst.v) FROM src JOIN dst USING (id) WHERE "
                                   "typeof(src.v) <> typeof(dst.v) OR CAST(src.v AS BLOB) IS NOT CAST(dst.v AS BLOB)").fetchall()
                self.assertEqual(wrong, [])
                for a, b in db.execute("SELECT src.v, dst.v FROM src JOIN dst USING (id) WHERE typeof(src.v) = 'real'"):
                    self.assertEqual(struct.pack("<d", a), struct.pack("<d", b))
                db.close()

    def test_utf8(self):
        self.through("UTF-8", NUMBERS + TEXTS + BLOBS + [None], BYTES)

    def test_utf16(self):
        for encoding in "UTF-16le", "UTF-16be":
            self.through(encoding, NUMBERS + TEXTS + BLOBS + [None])

    def test_what_a_script_writes_is_what_another_program_reads(self):
        db = self.p.connect()
        db.execute("CREATE TABLE t(v)")
        self.run_script(db, "for _, v in ipairs{math.mininteger, math.maxinteger, 1.0, -0.0, 5e-324, 1/0, true, false,\n"
                            "  '', 'a\\0b', blob('a\\0\\xff'), blob(''), 0/0, null} do db.prepare('INSERT INTO t VALUES (?)')(v) end")
        got = [r[0] for r in db.execute("SELECT v FROM t ORDER BY rowid")]
        want = [-(2**63), 2**63 - 1, 1.0, -0.0, 5e-324, math.inf, 1, 0, "", "a\0b", b"a\0\xff", b"", None, None]
        self.assertEqual([(type(v), v) for v in got], [(type(v), v) for v in want])
        self.assertEqual(math.copysign(1, got[3]), -1)


def forget(db):
    """Take the table-valued functions away from the connection."""
    handle = ctypes.c_void_p.from_address(id(db) + object.__basicsize__)
    ctypes.CDLL("libsqlite3.so.0").sqlite3_drop_modules(handle, None)


def some_value(rnd, depth=0):
    kind = rnd.randrange(9 if depth < 5 else 6)
    if kind == 0:
        return rnd.choice([None, True, False])
    if kind == 1:
        return rnd.choice([rnd.randrange(-9, 9), 2**63 - 1, -(2**63), rnd.getrandbits(62)])
    if kind == 2:
        r = struct.unpack("<d", struct.pack("<Q", rnd.getrandbits(64)))[0]
        return r if math.isfinite(r) and abs(r) > 1e-290 else rnd.random()  # SQLite before 3.43 reads others wrong
    if kind < 6:
        return "".join(rnd.choice('ab"\\/\b\f\n\r\t\0\1\x1f\x7fé€\ud7ff\U0001d11e') for _ in range(rnd.randrange(8)))
    n = rnd.randrange(5)
    if kind == 6:
        return [some_value(rnd, depth + 1) for _ in range(n)]
    return {some_value_key(rnd): some_value(rnd, depth + 1) for _ in range(n)}


def some_value_key(rnd):
    return "".join(rnd.choice('abc"\\\0\1é ') for _ in range(rnd.randrange(4)))


class Json(Case):
    def test_documents_of_pythons_come_back_the_same(self):
        rnd = random.Random(7)
        docs = [some_value(rnd) for _ in range(1500)]
        for encoding in "UTF-8", "UTF-16le":
            with self.subTest(encoding), Project() as self.p:
                db = self.p.connect()
                db.execute("PRAGMA encoding = '%s'" % encoding)
                db.execute("CREATE TABLE src(id INTEGER PRIMARY KEY, v)")
                db.execute("CREATE TABLE dst(id INTEGER PRIMARY KEY, v)")
                db.execute("BEGIN")
                db.executemany("INSERT INTO src(v) VALUES (?)",
                               [(json.dumps(d, ensure_ascii=i % 2 == 0),) for i, d in enumerate(docs)])
                db.execute("COMMIT")
                self.run_script(db, "for id, v in db.values('SELECT id, v FROM src') do\n"
                                    "  op.execute('INSERT INTO dst VALUES (?, ?)', id, db.json(db.unjson(v)))\nend")
                got = [r[0] for r in db.execute("SELECT v FROM dst ORDER BY id")]
                for text, doc in zip(got, docs):
                    # text of integers and doubles differs, so this is exact
                    self.assertEqual(json.dumps(json.loads(text), sort_keys=True), json.dumps(doc, sort_keys=True))
                    self.assertEqual(list(json.loads(text, object_pairs_hook=lambda p: [k for k, _ in p]) if isinstance(doc, dict) else []),
                                     sorted(doc, key=str.encode) if isinstance(doc, dict) else [])
                self.assertEqual(len(got), len(docs))

    def test_without_json_functions(self):
        db = self.p.connect()
        forget(db)
        try:
            one(db, "SELECT count(*) FROM json_tree('1')")
            self.skipTest("this SQLite cannot forget json_tree")
        except sqlite3.OperationalError:
            pass
        with self.assertRaises(sqlite3.Error) as e:
            self.run_script(db, "db.unjson('[]')")
        self.assertIn("db.unjson: SQLite's JSON functions are missing here", str(e.exception))
        self.run_script(db, "assert(db.json{1, 'a\\n'} == '[1,\"a\\\\n\"]')")

    def test_a_function_of_the_hosts_in_the_place_of_sqlites(self):
        db = self.p.connect()
        db.create_function("json_quote", 1, lambda v: '"mine"')
        self.run_script(db, "assert(db.json('a\\n') == '\"mine\"')")

    def test_a_function_that_the_host_registers_behind_a_script(self):
        db = self.p.connect()
        mine = "db.func('slug', function(v) return 'script' .. v end%s) assert(db.value('SELECT slug(1)') == 'script1')"
        for options in "", ", {deterministic = false}":
            self.run_script(db, mine % options)
            db.create_function("Slug", 1, lambda v: "host%s" % v)
            self.assertEqual(one(db, "SELECT slug(1)"), "host1")
            with self.assertRaisesRegex(sqlite3.Error, "there is a function slug already"):
                self.run_script(db, mine % "")
            self.run_script(db, mine % ", {replace = true}")
            self.assertEqual(one(db, "SELECT slug(1)"), "host1")
            db = self.p.connect()

    def test_time_is_linear(self):
        """Ten times as much takes at most fifty times as long, caches and all; were it quadratic, a hundred."""
        db = self.p.connect()
        db.create_function("now", 0, time.process_time)  # not the clock: the machine may have other work
        db.execute("CREATE TABLE t(what, n, s)")
        self.run_script(db, """
local function measure(what, n, f, x)
  local best, r
  for i = 1, 3 do
    local a = db.value("SELECT now()")
    r = f(x)
    local s = db.value("SELECT now()") - a
    if not best or s < best then best = s end
  end
  op.execute("INSERT INTO t VALUES (?, ?, ?)", what, n, best)
  return r
end
for _, n in ipairs{10000, 100000} do
  local list, map, deep = {}, {}, {}
  for i = 1, n do list[i] = i end
  for i = 1, n do map["key " .. i * 7919 % n] = "x\\n" end
  for i = 1, n // 10 do deep[i] = {{}, {{i}}, a} end
  measure("unjson list", n, db.unjson, measure("list", n, db.json, list))
  measure("unjson map", n, db.unjson, measure("map", n, db.json, map))
  measure("unjson deep", n, db.unjson, measure("deep", n, db.json, deep))
  local text = ('é"\\\\\\0x'):rep(n)
  measure("unjson text", n, db.unjson, measure("text", n, db.json, text))
end""")
        times = {}
        for what, n, s in db.execute("SELECT * FROM t"):
            times.setdefault(what, {})[n] = s
        for what, t in times.items():
            self.assertLess(t[100000], 50 * max(t[10000], 0.0005), what)

    def test_an_interrupt_is_heard(self):
        bodies = {
            "json": "local t = {}\nfor i = 1, 300 do t[i] = {} for k = 1, 1000 do t[i][k] = k end end\n"
                    "while true do pcall(db.json, t) end",
            "json of few, over and over": "local t = {('x'):rep(1000)}\nfor i = 1, 14 do t = {t, t} end\n"
                                          "while true do pcall(db.json, t) end",
            "unjson": "local s = '[' .. ('1,'):rep(400000) .. '1]'\nwhile true do pcall(db.unjson, s) end",
            "malformed": "local s = '[' .. ('1,'):rep(400000)\nwhile true do pcall(db.unjson, s) end",
            "require": "while true do pcall(require, 'nowhere') end",
        }
        for what, body in bodies.items():
            with self.subTest(what), Project() as self.p:
                db = sqlite3.connect(self.p.path, isolation_level=None, check_same_thread=False)
                self.p.load(db)
                at = [0.0]

                def stop():
                    at[0] = time.process_time()
                    db.interrupt()

                timer = threading.Timer(0.6, stop)
                timer.start()
                with self.assertRaises(sqlite3.Error) as e:
                    self.run_script(db, body)
                took = time.process_time() - at[0]  # of work, whatever else the machine does
                timer.join()
                self.assertIn("interrupted", str(e.exception))
                self.assertLess(took, 0.2)
                db.close()


class Locale(Case):
    """A host may have set another decimal point, even one of several bytes."""

    def test_numbers_as_text(self):
        if not shutil.which("localedef"):
            self.skipTest("no localedef")
        with tempfile.TemporaryDirectory() as d:
            for name, point in ("de_DE", ","), ("ps_AF", "\u066b"):
                path = os.path.join(d, name + ".UTF-8")
                subprocess.run(["localedef", "-i", name, "-f", "UTF-8", path], capture_output=True)
                if not os.path.isfile(os.path.join(path, "LC_NUMERIC")):
                    self.skipTest("localedef makes no " + name)
                code = ("import locale, sqlite3\n"
                        "locale.setlocale(locale.LC_ALL, '%s.UTF-8')\n"
                        "assert locale.localeconv()['decimal_point'] == '%s'\n"
                        "db = sqlite3.connect(':memory:', isolation_level=None)\n"
                        "db.enable_load_extension(True); db.load_extension(%r)\n"
                        "db.execute('''SELECT migrate_register('revision = \"aaaa\"\n"
                        "function upgrade()\n"
                        "  assert(db.json{3 / 2, 1 / 10, 10 ^ 300, 100 / 1, 1 / 10 + 2 / 10} == \"[1.5,0.1,1e+300,100.0,0.30000000000000004]\")\n"
                        "  assert(db.unjson(\"[1.5]\")[1] == 3 / 2)\n"
                        "  op.create_table(\"t\", \"id\", {name = \"x\", default = 3 / 2})\n"
                        "  op.execute(\"INSERT INTO t(id) VALUES (1)\")\n"
                        "  assert(db.value(\"SELECT x FROM t\") == 3 / 2)\n"
                        "end')''').fetchall()\n"
                        "print(db.execute('SELECT migrate_upgrade()').fetchall())\n" % (name, point, LIBRARY))
                run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                                     env=dict(os.environ, LOCPATH=d, PYTHONUTF8="1"))
                self.assertEqual((run.stdout, run.stderr), ("[(1,)]\n", ""), name)


class Log(Case):
    """print and log write to SQLite's error log, and only when a script really runs."""

    def test_what_is_logged(self):
        if not shutil.which("sqlite3"):
            self.skipTest("no sqlite3")
        with open(os.path.join(self.p.migrations, "env.lua"), "w") as f:
            f.write("log('env')\n")
        os.mkdir(os.path.join(self.p.migrations, "lib"))
        with open(os.path.join(self.p.migrations, "lib", "m.lua"), "w") as f:
            f.write("log('module') return log\n")
        self.p.file("a.lua", "log('described')\nrevision = 'aaaa'\nfunction upgrade()\n"
                             "  require 'm'('from', nil, null, 1, 1.0, true, blob('b'))\n  print()\n  print('printed')\nend\n")
        run = subprocess.run(["sqlite3", "-bail", ":memory:", ".log stdout", ".load " + os.path.splitext(LIBRARY)[0],
                              "SELECT migrate_config('directory', '%s')" % self.p.migrations,
                              "SELECT count(*) FROM migrate_history", "SELECT migrate_upgrade()"],
                             capture_output=True, text=True)
        lines = [line.partition("migrate: ")[2] for line in run.stdout.splitlines() if "migrate: " in line]
        self.assertEqual(lines, ["env.lua: env", "versions/a.lua: described", "versions/a.lua: module",
                                 "versions/a.lua: from\tnil\tnull\t1\t1.0\ttrue\tb", "versions/a.lua: ", "versions/a.lua: printed"],
                         run.stdout + run.stderr)


if __name__ == "__main__":
    unittest.main()
