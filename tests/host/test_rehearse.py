"""migrate_rehearse: the real database is not touched, and what the report says is so.

REHEARSE_ROWS=N is the size of the large tables.
"""

import json
import os
import re
import sqlite3
import threading
import time
import unittest

from project import Project, one, schema

ROWS = int(os.environ.get("REHEARSE_ROWS", "40000"))
FILL = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO t SELECT i, printf('%%0100d', i) FROM n"


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.p = Project().__enter__()
        self.addCleanup(self.p.__exit__)

    def fill(self, rows=ROWS, *pragmas):
        db = sqlite3.connect(self.p.path, isolation_level=None)
        for pragma in ("synchronous=OFF", *pragmas):
            db.execute("PRAGMA " + pragma).fetchall()
        db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)")
        db.execute(FILL % rows)
        db.close()

    def rehearse(self, db):
        return one(db, "SELECT migrate_rehearse()")

    def fails(self, db, *texts):
        with self.assertRaises(sqlite3.Error) as caught:
            self.rehearse(db)
        for text in texts:
            self.assertIn(text, str(caught.exception))
        return str(caught.exception)


class Untouched(Case):
    def state(self, db):
        return (
            self.p.digest(),
            one(db, "PRAGMA data_version"),
            one(db, "PRAGMA schema_version"),
            schema(db),
            db.execute("SELECT * FROM sqlite_temp_schema").fetchall(),
            db.execute("PRAGMA database_list").fetchall(),
            [one(db, "PRAGMA " + p) for p in ("foreign_keys", "busy_timeout", "recursive_triggers", "journal_mode")],
            db.total_changes,
            db.in_transaction,
            sorted(n for n in os.listdir(self.p.dir) if not n.endswith(("-wal", "-shm"))),
        )

    def project(self):
        self.p.lua("a", None, "op.create_table('n', 'x'); op.alter_column('t', 'a', {nullable = false})", "op.alter_column('t', 'a', {nullable = true}); op.drop_table('n')")
        self.p.lua("b", "a", "op.alter_column('t', 'a', {type = 'BLOB', using = 'a'})", "op.alter_column('t', 'a', {type = 'TEXT', using = 'a'})")

    def test_bytes_versions_schema(self):
        self.project()
        for mode in "delete", "wal", "truncate", "memory":
            with self.subTest(mode):
                self.p.restore("/dev/null")
                self.fill(1000, "journal_mode=" + mode)
                db, watcher = self.p.connect(), sqlite3.connect(self.p.path)
                seen = one(watcher, "PRAGMA data_version")
                was = self.state(db)
                self.assertIn("restores schema and rows", self.rehearse(db))
                self.assertEqual(self.state(db), was)
                self.assertEqual(one(watcher, "PRAGMA data_version"), seen)
                watcher.close()

    def test_one_that_cannot_be_written(self):
        self.project()
        self.fill(1000)
        db = self.p.load(sqlite3.connect("file:%s?mode=ro" % self.p.path, uri=True, isolation_level=None))
        self.assertIn("restores schema and rows", self.rehearse(db))

    def test_while_another_one_writes(self):
        """No lock is held while the rehearsal runs: only while it copies."""
        self.fill(1000)
        self.p.lua("a", None, "db.value('SELECT poke()')")
        db, other = self.p.connect(), sqlite3.connect(self.p.path, isolation_level=None, timeout=0)
        db.create_function("poke", 0, lambda: other.execute("INSERT INTO t(a) VALUES ('x')").rowcount)
        self.rehearse(db)
        self.assertEqual(one(db, "SELECT count(*) FROM t"), 1002)

    def test_in_the_callers_transaction(self):
        self.project()
        self.fill(1000)
        db = self.p.connect()
        for begin in "BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT s":
            for write in "", "INSERT INTO t(a) VALUES ('new')", "CREATE TABLE mine(a)":
                db.execute(begin)
                if write:
                    db.execute(write)
                was = self.state(db)
                report = self.rehearse(db)
                self.assertEqual(self.state(db), was)
                self.assertIn("1001 rows" if "INSERT" in write else "1000 rows", report)
                self.assertTrue(db.in_transaction)
                db.execute("ROLLBACK")
                self.assertEqual(one(db, "SELECT count(*) FROM t"), 1000)

    def test_failing_upgrade_keeps_the_callers_transaction(self):
        """Whatever code the replica's failure has."""
        self.fill(1000)
        db = self.p.connect()
        for up, said in (
            [
                ("op.execute('INSERT INTO t(id) VALUES (1)')", "UNIQUE"),
                ("op.execute('INSERT OR ROLLBACK INTO t(id) VALUES (1)')", "UNIQUE"),
                ("error('no')", "no"),
            ]
        ):
            self.p.lua("a", None, up, name="one.lua")
            db.execute("BEGIN")
            db.execute("INSERT INTO t(a) VALUES ('mine')")
            self.fails(db, "this was a rehearsal, and nothing has changed; the upgrade fails", "revision a (", said)
            self.assertTrue(db.in_transaction, up)
            self.assertEqual(one(db, "SELECT count(*) FROM t WHERE a = 'mine'"), 1)
            db.execute("ROLLBACK")


    def test_no_room_for_the_copy(self):
        """SQLite's code for that would roll the caller's transaction back."""
        self.fill()
        self.p.lua("a", None, "op.execute('UPDATE t SET a = a || a')")
        code = (
            "import resource\n"
            "for begin in 'BEGIN', 'BEGIN IMMEDIATE':\n"
            "  db.execute(begin); db.execute('CREATE TEMP TABLE mine AS SELECT 1 AS a')\n"
            "  resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))\n"
            "  try: db.execute('SELECT migrate_rehearse()').fetchall()\n"
            "  except Exception as e: print(e)\n"
            "  try: db.execute(\"SELECT migrate_backup('%s')\").fetchall()\n"
            "  except Exception as e: print(e)\n"
            "  resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
            "  print(db.in_transaction, db.execute('SELECT a FROM mine').fetchall()); db.execute('ROLLBACK')\n"
        ) % os.path.join(self.p.dir, "copy.db")
        out, err = self.p.process(code).communicate()
        self.assertRegex(
            out, r"^(migrate_rehearse: .*disk I/O error\nmigrate_backup: .*disk I/O error\nTrue \[\(1,\)\]\n){2}$", err
        )
        self.assertEqual([n for n in os.listdir(self.p.dir) if "copy" in n], [])


class Host(Case):
    """What the host has given SQLite is there on the copy."""

    def test_functions_and_collations(self):
        db = self.p.connect()
        called = []

        def even(n):
            called.append(n)
            return int(n) % 2 == 0

        db.create_function("even", 1, even, deterministic=True)
        db.create_function("join_all", -1, lambda *a: "+".join(map(str, a)))
        db.create_function("fails", 0, lambda: 1 / 0)
        db.create_collation("backwards", lambda a, b: (a < b) - (a > b))
        db.executescript(
            "CREATE TABLE e(id INTEGER PRIMARY KEY, n CHECK (even(n)), s TEXT COLLATE backwards, UNIQUE (s));"
            "CREATE INDEX f ON e(even(n), s); CREATE TABLE log(x);"
            "CREATE TRIGGER g AFTER INSERT ON e BEGIN INSERT INTO log VALUES (join_all(new.n, new.s, 'z')); END;"
            "INSERT INTO e(n, s) VALUES (2, 'a'), (4, 'b'), (6, 'c')"
        )
        self.p.lua(
            "a",
            None,
            "op.execute(\"INSERT INTO e(n, s) VALUES (8, 'd')\")\n"
            "if pcall(op.execute, 'INSERT INTO e(n) VALUES (9)') then error('odd') end\n"
            "if db.value('SELECT s FROM e ORDER BY s LIMIT 1') ~= 'd' then error('order') end\n"
            "if db.value('SELECT group_concat(x) FROM log') ~= '2+a+z,4+b+z,6+c+z,8+d+z' then error('trigger') end\n"
            "if pcall(db.value, 'SELECT fails()') then error('fails') end\n"
            "op.alter_column('e', 's', {nullable = false})\n"
            "op.alter_column('e', 'n', {type = 'TEXT', using = 'n'})\n",
            "op.alter_column('e', 'n', {type = '', using = 'CAST(n AS INTEGER)'})\nop.alter_column('e', 's', {nullable = true})\n"
            "op.execute('DELETE FROM e WHERE id = 4; DELETE FROM log WHERE rowid = 4')",
        )
        del called[:]
        report = self.rehearse(db)
        self.assertIn(8, called)
        self.assertIn("alter column e.s", report)
        self.assertEqual(one(db, "SELECT count(*) FROM e"), 3)
        self.assertEqual(one(db, "SELECT count(*) FROM log"), 3)

    def test_what_the_host_has_not_is_missing_there_too(self):
        db = self.p.connect()
        db.create_collation("later", lambda a, b: (a > b) - (a < b))
        db.execute("CREATE TABLE k(a TEXT COLLATE later)")
        db.execute("INSERT INTO k VALUES ('a'), ('b')")
        db.create_collation("later", None)
        self.p.lua("a", None, "op.create_index('i', 'k', {'a'})", "op.drop_index('i')")
        said = self.fails(db, "no such collation sequence: later")
        with self.assertRaises(sqlite3.Error) as caught:
            one(db, "SELECT migrate_upgrade()")
        self.assertEqual(said.split("revision a", 1)[1], str(caught.exception).split("revision a", 1)[1])

    def test_settings_and_flags(self):
        db = self.p.connect()
        self.p.lua("a", None, "op.create_table(args.name, 'x'); op.execute('CREATE TABLE q AS SELECT \"text\" AS b')", "op.drop_table(args.name); op.drop_table('q')")
        one(db, "SELECT migrate_config('arg.name', 'given')")
        self.assertIn("create table given", self.rehearse(db))
        if hasattr(db, "setlimit"):
            db.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, 12)
            self.p.lua("b", "a", "op.create_table('wide', %s)" % ", ".join("'c%d'" % i for i in range(13)))
            self.fails(db, "too many columns on wide")

    def test_attached_databases(self):
        self.fill(10)
        db = self.p.connect()
        db.execute("ATTACH '%s' AS aux" % os.path.join(self.p.dir, "aux.db"))
        db.execute("CREATE TABLE aux.x(a)")
        db.execute("INSERT INTO aux.x VALUES (7)")
        self.p.lua("a", None, "if db.value('SELECT a FROM aux.x') ~= 7 then error('aux') end; op.execute('UPDATE aux.x SET a = 8')")
        self.rehearse(db)
        self.assertEqual(one(db, "SELECT a FROM aux.x"), 7)


    def test_what_a_script_attaches(self):
        """It is copied, too: the file is not written."""
        other = os.path.join(self.p.dir, "other.db")
        for mode in "delete", "wal":
            with sqlite3.connect(other) as db:
                db.executescript("PRAGMA journal_mode=%s; DROP TABLE IF EXISTS x; CREATE TABLE x(a); INSERT INTO x VALUES (1)" % mode)
            db.close()
            with open(other, "rb") as f:
                was = f.read()
            self.p.lua(
                "a",
                None,
                "op.execute(\"ATTACH '%s' AS o; INSERT INTO o.x VALUES (2)\")\n"
                "db.value('SELECT 1')\n"
                "if db.value('SELECT count(*) FROM o.x') ~= 2 then error('rows') end\n"
                "op.execute('CREATE TABLE got AS SELECT a FROM o.x')\n" % other,
                "op.drop_table('got')\ndb.prepare(\"ATTACH '%s' AS p\")()\nop.execute('DELETE FROM p.x')" % other,
                name="a.lua",
            )
            db = self.p.connect()
            one(db, "SELECT migrate_config('allow_attach', 'on')")
            self.assertIn("restores schema and rows", self.rehearse(db))
            with open(other, "rb") as f:
                self.assertEqual(f.read(), was)
            self.assertLessEqual({row[1] for row in db.execute("PRAGMA database_list")}, {"main", "temp"})

    def test_full_text_and_broken_views(self):
        db = self.p.connect()
        db.executescript(
            "CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f VALUES ('some words'), ('more');"
            "CREATE VIRTUAL TABLE r USING rtree(id, x0, x1); INSERT INTO r VALUES (1, 2, 3);"
            "CREATE VIEW broken AS SELECT a FROM nowhere; CREATE TABLE t(a); CREATE TABLE rowid(rowid, oid, _rowid_); INSERT INTO rowid VALUES (1, 2, 3)"
        )
        self.p.lua("a", None, "op.execute(\"INSERT INTO f VALUES ('third'); UPDATE rowid SET oid = 5\")", "op.execute('DELETE FROM f WHERE rowid = 3; UPDATE rowid SET oid = 2')")
        report = self.rehearse(db)
        self.assertIn("restores schema and rows", report)
        self.p.lua("b", "a", "op.execute(\"UPDATE f SET a = 'other' WHERE rowid = 2\")")
        self.assertIn("! the downgrade of b does not restore: table f has other values in a", self.rehearse(db))
        self.assertEqual(one(db, "SELECT count(*) FROM f"), 2)


class Stopping(Case):
    def interrupted(self, up, rows=ROWS, down=""):
        """How long after the interrupt the call has ended."""
        self.fill(rows)
        self.p.lua("a", None, up, down)
        db, ended = self.p.connect(check_same_thread=False), []
        began = threading.Event()
        db.create_function("began", 0, began.set)

        def stop():
            if began.wait(20):
                time.sleep(0.05)
                ended.append(time.monotonic())
                db.interrupt()

        thread = threading.Thread(target=stop)
        thread.start()
        was = self.p.digest()
        with self.assertRaises(sqlite3.OperationalError) as caught:
            self.rehearse(db)
        took = time.monotonic() - ended[0]
        thread.join()
        self.assertIn("interrupted", str(caught.exception))
        self.assertEqual(self.p.digest(), was)
        self.assertEqual(one(db, "SELECT count(*) FROM t"), rows)
        return took

    def test_in_lua(self):
        self.assertLess(self.interrupted("db.value('SELECT began()') while true do end", 100), 2)

    def test_in_sql(self):
        loop = "db.value('SELECT began()') op.execute([[CREATE TABLE x AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n]])"
        self.assertLess(self.interrupted(loop, 100), 2)

    def test_in_the_downgrade(self):
        self.assertLess(self.interrupted("", 100, "db.value('SELECT began()') while true do end"), 2)

    def test_while_it_copies_and_while_it_compares(self):
        self.fill()
        self.p.lua("a", None, "op.create_table('x', 'y')", "op.drop_table('x')")
        db = self.p.connect(check_same_thread=False)
        began = time.monotonic()
        self.rehearse(db)
        all_of_it = time.monotonic() - began
        cut = 0
        for part in range(1, 8):
            timer = threading.Timer(all_of_it * part / 9, db.interrupt)
            timer.start()
            try:
                self.rehearse(db)
            except sqlite3.OperationalError as e:
                self.assertIn("interrupted", str(e))
                cut += 1
            timer.join()
        self.assertGreater(cut, 0)

    def test_on_progress(self):
        """Told of the copy and of each run; it may end any of them."""
        self.fill()
        self.p.lua("a", None, "op.alter_column('t', 'a', {nullable = false, type = 'BLOB', using = 'a'})", "op.alter_column('t', 'a', {nullable = true, type = 'TEXT', using = 'a'})")
        db, told, at = self.p.connect(), [], [None]

        def pulse(text):
            told.append(json.loads(text))
            return (told[-1]["doing"], told[-1]["direction"]) == at[0]

        db.create_function("pulse", 1, pulse)
        one(db, "SELECT migrate_config('on_progress', 'pulse')")
        self.assertIn("restores schema and rows", self.rehearse(db))
        seen = {(e["doing"], e["direction"]) for e in told}
        for what in ("backup", None), ("copy", "upgrade"), ("copy", "downgrade"):
            self.assertIn(what, seen)
            at[0] = what
            self.fails(db, "cancelled by on_progress function pulse")
        at[0] = None
        self.assertIn("restores schema and rows", self.rehearse(db))


class Report(Case):
    def test_aligned(self):
        """Times, rows, ways and reasons each begin or end in one column."""
        self.fill(1000)
        self.p.lua("a", None, "op.create_table('größe', 'x'); op.alter_column('t', 'a', {type = 'BLOB', using = 'a'})", "op.drop_table('größe'); op.alter_column('t', 'a', {type = 'TEXT', using = 'a'})")
        report = self.rehearse(self.p.connect())
        lines = [l for l in report.split("\n") if l.startswith("  ")]
        self.assertEqual(len(lines), 6, report)
        self.assertEqual(len({re.search(r"\d ms  ", l).end() for l in lines}), 1, report)
        ways = [re.search(r"(native|rebuild)", l) for l in lines]
        self.assertEqual(len({m.start() for m in ways if m}), 1, report)
        self.assertEqual([l for l in report.split("\n") if l != l.rstrip()], [])
        self.assertTrue(report.endswith(" ms\n"))

    def test_disk_space(self):
        """What is said of the disk is what the real run takes: the journal stays to be measured."""
        for size in 512, 4096, 65536:
            with self.subTest(size):
                self.p.restore("/dev/null")
                self.fill(ROWS // 5, "page_size=%d" % size, "journal_mode=persist")
                self.p.lua("a", None, "op.alter_column('t', 'a', {type = 'BLOB', using = 'a'}); op.create_index('i', 't', {'a'}); op.execute('UPDATE t SET a = id WHERE id < 100')", "op.drop_index('i')", name="a.lua")
                db = self.p.connect()
                one(db, "PRAGMA journal_mode=persist")
                report = self.rehearse(db)
                need, now, most, journal = map(int, re.search(r"disk: (\d+) bytes.* has (\d+) bytes, and at most (\d+) while it runs, the rollback journal (\d+)", report).groups())
                self.assertEqual(now, os.path.getsize(self.p.path))
                one(db, "SELECT migrate_upgrade()")
                self.assertEqual(most, os.path.getsize(self.p.path))
                real = os.path.getsize(self.p.path + "-journal")
                self.assertLess(abs(journal - real), 8192 + real / 50, report)
                self.assertLess(abs(need - (most + real - now)), 8192 + real / 50, report)

    def test_disk_space_of_a_wal(self):
        self.fill(ROWS // 5, "journal_mode=wal")
        self.p.lua("a", None, "op.alter_column('t', 'a', {type = 'BLOB', using = 'a'}); op.create_index('i', 't', {'a'})", "op.drop_index('i')")
        db = self.p.connect()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        db.execute("PRAGMA wal_autocheckpoint=0").fetchall()
        db.execute("PRAGMA cache_size=-200000").fetchall()
        said = int(re.search(r"the WAL (\d+)", self.rehearse(db)).group(1))
        one(db, "SELECT migrate_upgrade()")
        real = os.path.getsize(self.p.path + "-wal")
        self.assertLess(abs(said - real), real / 10)

    def test_time_of_a_step(self):
        self.fill(10)
        self.p.lua("a", None, "db.value('SELECT nap()')", "")
        db = self.p.connect()
        db.create_function("nap", 0, lambda: time.sleep(0.2))
        report = self.rehearse(db)
        step = int(re.search(r"\n  a +(\d+) ms", report).group(1))
        up, down, again, all_of_it = map(int, re.search(r"time: upgrade (\d+) ms, downgrade (\d+) ms, upgrade again (\d+) ms, the rehearsal (\d+) ms", report).groups())
        self.assertGreaterEqual(step, 200)
        self.assertEqual(step, up)
        self.assertLess(down, 200)
        self.assertGreaterEqual(again, 200)
        self.assertGreaterEqual(all_of_it, up + down + again)

    def test_large(self):
        """In time that the rows need, and memory that they do not."""
        self.fill(ROWS * 3)
        self.p.lua("a", None, "op.alter_column('t', 'a', {type = 'BLOB', using = 'a'})", "op.alter_column('t', 'a', {type = 'TEXT', using = 'a'})")
        code = (
            "import resource; was = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
            "print(db.execute('SELECT migrate_rehearse()').fetchall()[0][0].count('restores schema and rows'))\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - was)"
        )
        out, err = self.p.process(code).communicate()
        good, grown = out.split()
        self.assertEqual(good, "1", err)
        self.assertLess(int(grown) * 1024, os.path.getsize(self.p.path))


if __name__ == "__main__":
    unittest.main()
