"""Python's own sqlite3 module as a second real client."""

import os
import re
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

from project import LIBRARY, Project, one, schema

SHOP = """
CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);
CREATE TABLE posts(id INTEGER PRIMARY KEY,
                   user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE);
CREATE VIEW authors AS SELECT email FROM users WHERE id IN (SELECT user_id FROM posts);
CREATE TRIGGER users_ad AFTER DELETE ON users BEGIN SELECT 1; END;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
INSERT INTO users SELECT i, 'u' || i FROM n;
INSERT INTO posts SELECT id, id FROM users;
"""

FLAGS = (
    "foreign_keys legacy_alter_table writable_schema trusted_schema busy_timeout "
    "recursive_triggers ignore_check_constraints query_only synchronous cache_size "
    "defer_foreign_keys reverse_unordered_selects journal_mode"
).split()


class Case(unittest.TestCase):
    def setUp(self):
        self.p = Project().__enter__()
        self.addCleanup(self.p.__exit__)

    def populated(self):
        db = self.p.connect()
        db.executescript(SHOP)
        return db

    def fails(self, db, text, sql="SELECT migrate_upgrade()", *parameters):
        with self.assertRaises(sqlite3.Error) as e:
            db.execute(sql, parameters).fetchall()
        self.assertIn(text, str(e.exception))
        return str(e.exception)


class Upgrade(Case):
    def test_up_down_up(self):
        db = self.populated()
        before = schema(db)
        self.p.lua("aaaa", None, "op.add_column('users', 'name TEXT')", "op.drop_column('users', 'name')")
        self.p.lua("bbbb", "aaaa", "op.create_table('tags', 'id INTEGER PRIMARY KEY')", "op.drop_table('tags')")
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 0)
        after = schema(db)
        self.assertEqual(one(db, "SELECT migrate_downgrade('base')"), 2)
        self.assertEqual([r for r in schema(db) if "_migrate_" not in r[1]], before)
        self.assertEqual(one(db, "SELECT migrate_upgrade('bbbb')"), 2)
        self.assertEqual(sorted(schema(db)), sorted(after))
        self.assertEqual(one(db, "SELECT count(*) FROM posts"), 500)
        self.assertEqual(one(db, "PRAGMA integrity_check"), "ok")

    def test_a_failure_in_the_middle_of_five_changes_no_byte(self):
        for mode in "delete", "wal":
            with self.subTest(mode), Project() as p:
                db = p.connect()
                db.execute("PRAGMA journal_mode=" + mode).fetchall()
                db.executescript(SHOP)
                for i in range(5):
                    p.lua("rev%d" % i, "rev%d" % (i - 1) if i else None,
                          "op.add_column('users', 'c%d TEXT')\n"
                          "op.execute([[UPDATE users SET email = email || '-%d']])" % (i, i)
                          + ("\nop.execute('INSERT INTO nowhere VALUES (1)')" if i == 2 else ""))
                before, was = schema(db), p.digest()
                with self.assertRaises(sqlite3.OperationalError) as e:
                    db.execute("SELECT migrate_upgrade()").fetchall()
                self.assertRegex(str(e.exception),
                                 r"revision rev2 \(versions/003_rev2.lua:7\): no such table: nowhere; in: INSERT INTO nowhere")
                self.assertEqual(p.digest(), was)
                self.assertEqual(schema(db), before)
                self.assertFalse(db.in_transaction)

    def test_the_message_ends_where_the_statement_does(self):
        db = self.populated()
        self.p.file("a.sql", "-- revision: aaaa\n-- migrate:up\n\n  DROP TABLE no;\n \n-- migrate:down\n")
        self.assertRegex(self.fails(db, "in: DROP"), r"no such table: no; in: DROP TABLE no;\Z")

    def test_one_transaction_for_each_revision_keeps_those_before(self):
        db = self.populated()
        self.p.lua("aaaa", None, "op.add_column('users', 'a')")
        self.p.lua("bbbb", "aaaa", "op.add_column('users', 'b')")
        self.p.lua("cccc", "bbbb", "error('broken')")
        one(db, "SELECT migrate_config('transaction', 'revision')")
        self.fails(db, "after 2 revisions that stay: revision cccc")
        self.assertEqual(one(db, "SELECT revision FROM migrate_current"), "bbbb")
        self.assertEqual(one(db, "SELECT count(*) FROM _migrate_log"), 2)

    def test_inside_the_callers_transaction(self):
        db = self.populated()
        self.p.lua("aaaa", None, "op.add_column('users', 'a')")
        self.p.lua("bbbb", "aaaa", "error('broken')")
        before = schema(db)
        db.execute("BEGIN")
        db.execute("INSERT INTO users VALUES (1000, 'mine')")
        self.fails(db, "revision bbbb")
        self.assertTrue(db.in_transaction)
        self.assertEqual(one(db, "SELECT count(*) FROM users WHERE id = 1000"), 1)
        self.assertEqual(one(db, "SELECT migrate_upgrade('aaaa')"), 1)
        self.assertEqual(one(db, "SELECT count(*) FROM pragma_table_info('users')"), 3)
        db.execute("ROLLBACK")
        self.assertEqual(schema(db), before)
        self.assertEqual(one(db, "SELECT count(*) FROM users"), 500)

    def test_foreign_keys_never_fire_and_new_violations_fail(self):
        for on in 0, 1:
            with self.subTest(on), Project() as p:
                db = p.connect()
                db.executescript(SHOP)
                db.execute("INSERT INTO posts VALUES (7000, 7000)")  # old: neither hidden nor blamed
                db.execute("PRAGMA foreign_keys=%d" % on)
                p.lua("aaaa", None, """
                    op.execute("CREATE TABLE u2(id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE)")
                    op.execute("INSERT INTO u2 SELECT * FROM users")
                    op.execute("DROP VIEW authors")
                    op.execute("DROP TABLE users")
                    op.execute("ALTER TABLE u2 RENAME TO users")""")
                self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
                self.assertEqual(one(db, "SELECT count(*) FROM posts"), 501)
                p.lua("bbbb", "aaaa", "op.execute('DELETE FROM users WHERE id IN (3, 4)')")
                with self.assertRaises(sqlite3.IntegrityError) as e:
                    db.execute("SELECT migrate_upgrade()").fetchall()
                self.assertIn("2 new foreign key violations: posts rowid 3 (user_id) has no row in users; posts rowid 4",
                              str(e.exception))
                self.assertEqual(one(db, "SELECT count(*) FROM users"), 500)
                self.assertEqual(one(db, "PRAGMA foreign_keys"), on)

    def test_a_rename_does_not_make_an_old_violation_new(self):
        db = self.populated()
        db.execute("INSERT INTO posts VALUES (7000, 7000)")
        self.p.lua("aaaa", None, """
            op.rename_table('users', 'people')
            op.rename_table('posts', 'articles')
            op.execute('ALTER TABLE articles RENAME COLUMN user_id TO person_id')""")
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        self.assertEqual(one(db, "SELECT count(*) FROM pragma_foreign_key_check"), 1)

    def test_a_rollback_behind_our_back_stops_the_run(self):
        db = self.populated()
        was = self.p.digest()
        self.p.lua("aaaa", None, """
            op.execute("INSERT INTO users VALUES (2000, 'kept?')")
            pcall(op.execute, "INSERT OR ROLLBACK INTO users VALUES (1, 'clash')")
            pcall(op.execute, "INSERT INTO users VALUES (2001, 'escaped')")""")
        self.fails(db, "UNIQUE constraint failed: users.id; in: INSERT OR ROLLBACK")
        self.assertEqual(self.p.digest(), was)
        self.assertEqual(one(db, "SELECT count(*) FROM users"), 500)


class Host(Case):
    """The host's connection is the host's."""

    def flags(self, db):
        return [db.execute("PRAGMA " + f).fetchall() for f in FLAGS]

    def test_every_setting_is_as_before_after_success_and_after_an_error(self):
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)')", "op.execute('DROP TABLE a')")
        bad = self.p.lua("bbbb", "aaaa", "op.execute('broken')")
        for value in 0, 1:
            db = self.p.connect()
            for f in "foreign_keys", "legacy_alter_table", "recursive_triggers":
                db.execute("PRAGMA %s=%d" % (f, value))
            db.execute("PRAGMA busy_timeout=%d" % (value * 1234)).fetchall()
            was = self.flags(db)
            self.assertEqual(one(db, "SELECT migrate_upgrade('aaaa')"), 1)
            self.assertEqual(self.flags(db), was)
            self.fails(db, "revision bbbb")
            self.assertEqual(self.flags(db), was)
            self.assertEqual(one(db, "SELECT migrate_downgrade('base')"), 1)
            self.assertEqual(self.flags(db), was)
            self.assertFalse(db.in_transaction)
            db.close()
        os.unlink(bad)

    def test_progress_handler_and_authorizer_stay(self):
        db = self.populated()
        calls = []
        db.set_progress_handler(lambda: calls.append(1) and None, 10)
        db.set_authorizer(lambda action, a, b, c, d: sqlite3.SQLITE_DENY
                          if action == sqlite3.SQLITE_DROP_TABLE and a == "users" else sqlite3.SQLITE_OK)
        self.p.lua("aaaa", None, "op.drop_table('users')")
        self.fails(db, "not authorized")
        seen = len(calls)
        self.assertGreater(seen, 0)
        one(db, "SELECT count(*) FROM users, posts")
        self.assertGreater(len(calls), seen)
        self.fails(db, "not authorized", "DROP TABLE users")

    def test_called_wrongly(self):
        db = self.populated()
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)')")
        open_cursor = db.execute("SELECT id FROM users")
        open_cursor.fetchone()
        self.fails(db, "another statement of this connection is unfinished; read it to its end, or reset it: SELECT id FROM users")
        open_cursor.close()
        self.fails(db, "call it in a SELECT of its own", "INSERT INTO users SELECT 9000, migrate_upgrade()")
        db.execute("CREATE TRIGGER t AFTER INSERT ON posts BEGIN SELECT migrate_upgrade(); END")
        self.fails(db, "unsafe use of migrate_upgrade", "INSERT INTO posts VALUES (9000, 1)")
        db.execute("DROP TRIGGER t")
        db.execute("CREATE VIEW w AS SELECT migrate_upgrade()")
        self.fails(db, "unsafe use of migrate_upgrade", "SELECT * FROM w")
        db.execute("DROP VIEW w")
        db.execute("CREATE VIEW w AS SELECT * FROM migrate_history")
        self.fails(db, "unsafe use of virtual table", "SELECT * FROM w")
        db.execute("DROP VIEW w")
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)

    def test_a_script_cannot_call_migrate(self):
        db = self.p.connect()
        for sql in ("SELECT migrate_upgrade()", "SELECT migrate_stamp('base')",
                    "SELECT migrate_config('schema', 'temp')"):
            path = self.p.lua("aaaa", None, 'op.execute("%s")' % sql)
            self.fails(db, "script")
            os.unlink(path)

    def test_connections_and_reloading(self):
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)')")
        for _ in range(20):
            db = self.p.connect()
            db.load_extension(LIBRARY)  # twice is harmless
            one(db, "SELECT count(*) FROM migrate_history")
            db.close()

    def test_text_of_versions(self):
        self.assertRegex(one(self.p.connect(), "SELECT migrate_version()"),
                         r"^migrate \d+\.\d+\.\d+, Lua 5\.4(\.\d+)?, SQLite 3\.\d+\.\d+$")


class Stopping(Case):
    def interrupted(self, body, text="interrupted"):
        db = sqlite3.connect(self.p.path, isolation_level=None, check_same_thread=False)
        self.p.load(db)
        db.executescript(SHOP)
        was = self.p.digest()
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)')\n" + body)
        heard = []

        def stop():
            time.sleep(0.2)
            heard.append(time.monotonic())
            db.interrupt()

        t = threading.Thread(target=stop)
        t.start()
        self.fails(db, text)
        late = time.monotonic() - heard[0]
        t.join()
        self.assertLess(late, 10)  # heard at all: 0.1 s is the promise, for a bench
        self.assertFalse(db.in_transaction)
        self.assertEqual(self.p.digest(), was)
        self.assertEqual(one(db, "SELECT count(*) FROM users"), 500)
        self.assertEqual(one(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'a'"), 0)
        self.assertEqual(one(db, "PRAGMA integrity_check"), "ok")

    def test_in_a_lua_loop(self):
        self.interrupted("while true do end")

    def test_in_a_lua_loop_that_catches_everything(self):
        self.interrupted("while true do pcall(function() while true do end end) end")

    def test_in_a_coroutine_that_catches_everything(self):
        self.interrupted("""
            local function spin() while true do end end
            while true do
              local c = coroutine.create(function() xpcall(spin, function() while true do end end) end)
              while coroutine.status(c) ~= 'dead' do coroutine.resume(c) end
            end""")

    def test_in_a_long_statement(self):
        self.interrupted("""op.execute([[INSERT INTO a
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n]])""")

    def test_in_a_long_query(self):
        self.interrupted("""
            for i in db.values([[WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n]]) do
              pcall(op.execute, "INSERT INTO a VALUES (1)")
            end""")

    def test_the_callers_transaction_goes_with_it(self):
        # SQLite's rule: an interrupted writer takes its whole transaction with it
        db = sqlite3.connect(self.p.path, isolation_level=None, check_same_thread=False)
        self.p.load(db)
        db.executescript(SHOP)
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)') while true do end")
        db.execute("BEGIN")
        db.execute("INSERT INTO users VALUES (1000, 'mine')")
        t = threading.Timer(0.2, db.interrupt)
        t.start()
        self.fails(db, "interrupted")
        t.join()
        self.assertFalse(db.in_transaction)
        self.assertEqual(one(db, "SELECT count(*) FROM users"), 500)

    def test_time_limit(self):
        db = self.populated()
        was = self.p.digest()
        self.p.lua("aaaa", None, "while true do pcall(string.rep, 'x', 10) end")
        one(db, "SELECT migrate_config('lua_seconds', '1')")
        self.fails(db, "lua_seconds")
        self.assertEqual(self.p.digest(), was)

    def test_memory_limit(self):
        db = self.populated()
        self.p.lua("aaaa", None, "local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end")
        one(db, "SELECT migrate_config('lua_memory_mb', '8')")
        self.fails(db, "lua_memory_mb")


class Locks(Case):
    def hold(self, seconds):
        """Another process that holds the write lock; returns when it does."""
        other = self.p.process("db.execute('BEGIN IMMEDIATE'); print('held', flush=True)\n"
                               "time.sleep(%r); db.execute('COMMIT')" % seconds)
        self.assertEqual(other.stdout.readline(), "held\n")
        return other

    def test_waits_for_the_lock(self):
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)')")
        db = self.p.connect(timeout=0)
        other = self.hold(0.4)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        other.communicate()

    def test_gives_up_and_says_so(self):
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)')")
        db = self.p.connect(timeout=0)
        one(db, "SELECT migrate_config('lock_timeout_ms', '200')")
        other = self.hold(30)
        self.fails(db, "locked by another connection")
        other.kill()
        other.communicate()
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)

    def test_eight_processes_at_one_moment(self):
        for mode in "delete", "wal":
            for transaction in "all", "revision":
                with self.subTest(mode=mode, transaction=transaction), Project() as p:
                    db = p.connect()
                    db.execute("PRAGMA journal_mode=" + mode).fetchall()
                    db.executescript(SHOP)
                    db.close()
                    for i in range(6):
                        p.lua("rev%d" % i, "rev%d" % (i - 1) if i else None,
                              "op.execute('CREATE TABLE t%d(x)')" % i)
                    others = [p.process(
                        "db.execute(\"SELECT migrate_config('transaction', '%s')\").fetchall()\n"
                        "print(db.execute('SELECT migrate_upgrade()').fetchone()[0])" % transaction)
                        for _ in range(8)]
                    out = [o.communicate() for o in others]
                    self.assertEqual([e for _, e in out if e], [])
                    self.assertEqual(sum(int(o) for o, _ in out), 6)
                    db = p.connect()
                    self.assertEqual(one(db, "SELECT count(*) FROM _migrate_log"), 6)
                    self.assertEqual(one(db, "SELECT revision FROM migrate_current"), "rev5")

    def test_killed_at_any_instant(self):
        """Wholly before or wholly after, and the next upgrade ends well."""
        db = self.populated()
        before = schema(db)
        for i in range(4):
            self.p.lua("rev%d" % i, "rev%d" % (i - 1) if i else None,
                       "op.execute('CREATE TABLE t%d AS SELECT a.id FROM users a, users b LIMIT 60000')\n"
                       "op.add_column('users', 'c%d')" % (i, i),
                       "op.drop_table('t%d') op.drop_column('users', 'c%d')" % (i, i))
        ends = set()
        for i in range(12):
            other = self.p.process("print('go', flush=True)\ndb.execute('SELECT migrate_upgrade()').fetchall()")
            other.stdout.readline()
            time.sleep(0.012 * i)
            other.send_signal(signal.SIGKILL)
            other.communicate()
            applied = one(db, "SELECT count(*) FROM migrate_history WHERE is_applied")
            ends.add(applied)
            self.assertIn(applied, (0, 4))
            if applied == 0:
                self.assertEqual([r for r in schema(db) if "_migrate" not in r[1]], before)
            self.assertEqual(one(db, "PRAGMA integrity_check"), "ok")
            if applied:
                self.assertEqual(one(db, "SELECT migrate_downgrade('base')"), 4)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 4)
        self.assertIn(0, ends)

class Adversary(Case):
    """What somebody tried in order to break it, and what holds now."""

    def test_our_errors_do_not_roll_the_callers_transaction_back(self):
        db = self.populated()
        os.makedirs(os.path.join(self.p.migrations, "versions", "directory.lua"))
        db.execute("BEGIN")
        db.execute("INSERT INTO users VALUES (1000, 'mine')")
        for sql in ("SELECT * FROM migrate_heads", "SELECT migrate_upgrade() FROM users",
                    "SELECT migrate_revision('x') FROM users"):
            self.fails(db, "not a regular file", sql)
            self.assertTrue(db.in_transaction)
        db.execute("CREATE TABLE _migrate_version(revision)")
        db.execute("INSERT INTO _migrate_version VALUES (NULL)")
        os.rmdir(os.path.join(self.p.migrations, "versions", "directory.lua"))
        self.fails(db, "a row that is not text", "SELECT * FROM migrate_history")
        db.execute("COMMIT")
        self.assertEqual(one(db, "SELECT count(*) FROM users"), 501)

    def test_a_trigger_that_eats_the_version_row(self):
        db = self.populated()
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)')", "op.execute('DROP TABLE a')")
        self.p.lua("bbbb", "aaaa", "op.execute('CREATE TABLE b(x)')", "op.execute('DROP TABLE b')")
        one(db, "SELECT migrate_upgrade('aaaa')")
        db.execute("CREATE TEMP TRIGGER tr BEFORE UPDATE ON main._migrate_version BEGIN SELECT RAISE(IGNORE); END")
        self.fails(db, "does not hold what was written")
        self.assertEqual(one(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), 0)

    def test_deferred_foreign_keys_of_the_caller(self):
        db = self.populated()
        db.executescript("CREATE TABLE k(id REFERENCES users DEFERRABLE INITIALLY DEFERRED)")
        self.p.lua("aaaa", None, "op.execute(\"INSERT INTO users VALUES (7777, 'late')\")")
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("BEGIN")
        db.execute("INSERT INTO k VALUES (7777)")
        self.fails(db, "deferred foreign keys that are not met")
        db.execute("DELETE FROM k")
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        db.execute("COMMIT")

    def test_a_begin_that_is_interrupted_as_it_ends(self):
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)')")
        for n in range(1, 60):
            db = self.p.connect()
            calls = [0]

            def handler():
                calls[0] += 1
                return calls[0] == n

            db.set_progress_handler(handler, 1)
            try:
                db.execute("SELECT migrate_upgrade()").fetchall()
            except sqlite3.Error:
                pass
            db.set_progress_handler(None, 1)
            self.assertFalse(db.in_transaction, n)
            db.close()

    def test_an_authorizer_that_denies_the_rollback(self):
        db = self.populated()
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)') error('no')")
        db.set_authorizer(lambda action, a, b, c, d: sqlite3.SQLITE_DENY
                          if action == sqlite3.SQLITE_TRANSACTION and a == "ROLLBACK" else sqlite3.SQLITE_OK)
        self.fails(db, "not authorized")
        self.assertEqual(one(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'a'"), 0)

    def test_a_lock_is_waited_for_inside_the_callers_transaction(self):
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)')")
        db = self.p.connect(timeout=0)
        db.execute("CREATE TABLE t(x)")
        one(db, "SELECT migrate_config('lock_timeout_ms', '5000')")
        for want in 1, 0:  # without our table, and with it
            other = self.write()
            db.execute("BEGIN")
            self.assertEqual(one(db, "SELECT migrate_upgrade()"), want)
            db.execute("COMMIT")
            self.assertEqual(other.communicate()[0], "written\n")
        self.assertEqual(one(db, "SELECT status FROM migrate_history"), "applied")

    def test_who_reads_does_not_wait(self):
        """The other one would wait as well, for its reading to end."""
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)')")
        db = self.p.connect(timeout=0)
        for mode in "delete", "wal":
            one(db, "PRAGMA journal_mode = " + mode)
            other = self.write()
            db.execute("BEGIN")
            one(db, "SELECT count(*) FROM sqlite_schema")
            self.fails(db, "begin again with BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
            self.assertEqual(other.communicate()[0], "written\n")
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)

    def write(self):
        """Another process, which has written and commits soon."""
        other = self.p.process("db.execute('PRAGMA busy_timeout = 5000').fetchall()\n"
                               "db.execute('BEGIN IMMEDIATE'); db.execute('CREATE TABLE o%d(x)' % time.time_ns())\n"
                               "print('held', flush=True); time.sleep(0.3); db.execute('COMMIT'); print('written')")
        self.assertEqual(other.stdout.readline(), "held\n")
        return other

    def test_a_stale_snapshot_is_not_waited_for(self):
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)')")
        db, other = self.p.connect(), self.p.connect()
        db.execute("PRAGMA journal_mode=wal").fetchall()
        one(other, "SELECT migrate_stamp('base')")
        db.execute("BEGIN")
        one(db, "SELECT count(*) FROM sqlite_schema")
        other.execute("CREATE TABLE t(x)")
        start = time.monotonic()
        self.fails(db, "roll it back and begin again")
        self.assertLess(time.monotonic() - start, 5)
        db.execute("ROLLBACK")
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)

    def test_interrupt_while_scripts_are_read(self):
        self.p.file("a.lua", 'revision = "aaaa"\nwhile true do end\n')
        db = sqlite3.connect(self.p.path, isolation_level=None, check_same_thread=False)
        self.p.load(db)
        t = threading.Timer(0.2, db.interrupt)
        start = time.monotonic()
        t.start()
        self.fails(db, "interrupted", "SELECT * FROM migrate_heads")
        t.join()
        self.assertLess(time.monotonic() - start, 9)  # ten seconds is the limit of a header

    def test_scripts_reach_no_function_of_ours(self):
        db = self.p.connect()
        for sql in "SELECT migrate_init('%s/x')" % self.p.dir, "SELECT migrate_revision('x')":
            path = self.p.lua("aaaa", None, 'op.execute("%s")' % sql)
            self.fails(db, "a script cannot call it")
            os.unlink(path)
        self.assertFalse(os.path.exists(self.p.dir + "/x"))

    def test_small_mistakes_are_named(self):
        db = self.populated()
        for body, text in (
            ("op.bulk_insert('users', {id = 9000, email = 'x'})", "a list of rows is wanted"),
            ("op.bulk_insert('users', {{['id\\0x'] = 9000}})", "NUL byte"),
            ("error('\\xff' .. ('x'):rep(100000))", "?xxx"),
            ("table.concat(setmetatable({}, {__index = function() return '' end}), '', 1, math.maxinteger)",
             "too many elements to join"),
            ("op.execute('PRAGMA defer_foreign_keys=ON')", "leave it out"),
        ):
            with self.subTest(body):
                path = self.p.lua("aaaa", None, body)
                self.assertLess(len(self.fails(db, text)), 3000)
                os.unlink(path)
        self.p.lua("aaaa", None, "")
        with open(os.path.join(self.p.migrations, "env.lua"), "w") as f:
            f.write("function before(step) error('not today') end\n")
        self.assertIn("migrate_upgrade: revision aaaa (env.lua:1): not today", self.fails(db, "not today"))

    def test_loading_again_keeps_what_is_registered(self):
        db = self.p.connect()
        one(db, "SELECT migrate_register('-- A\nrevision = \"aaaa\"\nfunction upgrade() end')")
        db.set_authorizer(lambda action, a, b, c, d: sqlite3.SQLITE_DENY
                          if action == sqlite3.SQLITE_FUNCTION else sqlite3.SQLITE_OK)
        db.load_extension(LIBRARY)
        db.set_authorizer(None)
        self.assertEqual(one(db, "SELECT revision FROM migrate_heads"), "aaaa")


class BadInput(Case):
    def test_files(self):
        head = b'revision = "aaaa"\nfunction upgrade() end\n'
        cases = [
            ("empty.lua", b"", "versions/empty.lua: is empty"),
            ("latin.lua", b"-- caf\xe9\n" + head, "versions/latin.lua:1: is not UTF-8"),
            ("nul.lua", head + b"\0", "versions/nul.lua:3: is not UTF-8"),
            ("syntax.lua", head + b"op.execute(\n", "versions/syntax.lua:"),
            ("bytecode.lua", b"\x1bLua", "versions/bytecode.lua"),
            ("nameless.lua", b"function upgrade() end\n", "versions/nameless.lua"),
            ("noup.lua", b'revision = "aaaa"\n', "has no upgrade"),
            ("big.sql", b"-- big\n-- revision: aaaa\n-- migrate:up\n" + b"--" + b"x" * 50_000_000, "more than the 16777216"),
        ]
        for name, content, text in cases:
            with self.subTest(name):
                path = self.p.file(name, content)
                db = self.populated() if not os.path.exists(self.p.path) else self.p.connect()
                was = self.p.digest()
                self.fails(db, text)
                self.assertEqual(self.p.digest(), was)
                os.unlink(path)

    def test_line_ends_and_marks_do_not_matter(self):
        self.p.file("a.lua", b'\xef\xbb\xbf-- A\r\nrevision = "aaaa"\r\nfunction upgrade()\r\nop.execute("CREATE TABLE a(x)")\r\nend\r\n')
        self.p.file("b.sql", b"\xef\xbb\xbf-- B\r\n-- revision: bbbb\r\n-- revises: aaaa\r\n-- migrate:up\r\nCREATE TABLE b(x);\r\n")
        db = self.p.connect()
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
        self.p.file("a.lua", b'-- A\nrevision = "aaaa"\nfunction upgrade()\nop.execute("CREATE TABLE a(x)")\nend\n')
        self.assertEqual(db.execute("SELECT revision, status FROM migrate_history").fetchall(),
                         [("bbbb", "applied"), ("aaaa", "applied")])

    def test_directories(self):
        db = self.p.connect()
        one(db, "SELECT migrate_config('directory', '/nowhere/at/all')")
        self.fails(db, "/nowhere/at/all: no such directory; make it with SELECT migrate_init()")
        self.fails(db, "no such directory", "SELECT * FROM migrate_history")
        one(db, "SELECT migrate_config('directory', ?)", self.p.path + "-file")
        with open(self.p.path + "-file", "w") as f:
            f.write("x")
        self.fails(db, "app.db-file/versions: cannot be read")

    def test_databases(self):
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)')")
        with open(self.p.path, "wb") as f:
            f.write(b"this is not a database at all" * 100)
        db = sqlite3.connect(self.p.path, isolation_level=None)
        try:
            self.p.load(db)
            self.fails(db, "file is not a database")
        except sqlite3.DatabaseError as e:  # from SQLite 3.53 on, any SELECT reads the schema
            self.assertEqual(str(e), "file is not a database")
        db.close()
        os.unlink(self.p.path)
        self.populated().close()
        was = self.p.digest()
        db = self.p.connect("file:%s?mode=ro" % self.p.path, uri=True)
        self.fails(db, "readonly")
        self.assertEqual(self.p.digest(), was)

    def test_read_only_with_nothing_to_do(self):
        self.p.lua("aaaa", None, "op.execute('CREATE TABLE a(x)')")
        db = self.p.connect()
        one(db, "SELECT migrate_upgrade()")
        db.close()
        db = self.p.connect("file:%s?mode=ro" % self.p.path, uri=True)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 0)
        self.assertEqual(one(db, "SELECT status FROM migrate_history"), "applied")

    def test_a_corrupt_database(self):
        db = self.populated()
        pages = one(db, "PRAGMA page_count")
        db.close()
        with open(self.p.path, "r+b") as f:
            for page in range(1, pages):
                f.seek(page * 4096)
                f.write(b"\x99" * 64)
        self.p.lua("aaaa", None, "op.execute('DELETE FROM posts')")
        was = self.p.digest()
        db = self.p.connect()
        self.fails(db, "malformed")
        self.assertEqual(self.p.digest(), was)

    def test_arguments(self):
        db = self.p.connect()
        for sql, text in (
            ("SELECT migrate_upgrade(1)", "migrate_upgrade: argument 1 (target) must be text, not an integer"),
            ("SELECT migrate_downgrade(-1)", "argument 1 (target) must be text, not an integer; put it in quotes"),
            ("SELECT migrate_stamp(x'00')", "must be text, not a blob"),
            ("SELECT migrate_revision(NULL)", "argument 1 (message) is NULL"),
            ("SELECT migrate_revision('   ')", "needs a message"),
            ("SELECT migrate_revision('x', 'nonsense')", "options are a JSON object"),
            ("SELECT migrate_revision('x', '{\"formt\": \"sql\"}')", "no option named formt"),
            ("SELECT migrate_revision('x', '{\"format\": \"xml\"}')", "format 'xml'"),
            ("SELECT migrate_revision('x', '{\"rev_id\": \"a b\"}')", "a b"),
            ("SELECT migrate_config('no_such')", "no setting named no_such; there are directory"),
            ("SELECT migrate_config('transaction', 'some')", "it is 'all' or 'revision'"),
            ("SELECT migrate_config('lock_timeout_ms', 'x')", "whole number"),
            ("SELECT migrate_config(NULL)", "argument 1 (key) is NULL"),
            ("SELECT migrate_stamp('head', 'perge')", "argument 2 is 'purge'"),
            ("SELECT migrate_register(NULL)", "argument 1 (source) is NULL"),
        ):
            with self.subTest(sql):
                self.fails(db, text, sql)
        self.assertEqual(one(db, "SELECT migrate_upgrade(NULL)"), 0)
        one(db, "SELECT migrate_config('schema', 'nowhere')")
        self.fails(db, "no database is attached as nowhere")


class Loading(unittest.TestCase):
    """The library refuses what it cannot work with, in plain words."""

    def refused(self, source, text):
        with Project() as p:
            c, so = os.path.join(p.dir, "old.c"), os.path.join(p.dir, "old.so")
            with open(c, "w") as f:
                f.write(source)
            subprocess.run([os.environ.get("CC", "cc").split()[0], "-shared", "-fPIC", "-o", so, c], check=True)
            out = subprocess.run(["sqlite3", ":memory:", ".load " + os.path.splitext(LIBRARY)[0],
                                  "SELECT name FROM pragma_function_list WHERE name LIKE 'migrate%'"],
                                 env=dict(os.environ, LD_PRELOAD=so), capture_output=True, text=True)
            self.assertIn(text, out.stderr + out.stdout)
            self.assertNotIn("migrate_upgrade", out.stdout)

    def lua(self, make, *texts):
        """`make` a file in place of Lua's library."""
        with open(LIBRARY, "rb") as f:
            name = re.search(rb"\0(liblua[^/\0]*)\0", f.read())
        if not name:
            self.skipTest("Lua is in the library")
        with Project() as p:
            make(os.path.join(p.dir, name[1].decode()))
            out = subprocess.run(["sqlite3", ":memory:", ".load " + os.path.splitext(LIBRARY)[0],
                                  "SELECT name FROM pragma_function_list WHERE name LIKE 'migrate%'"],
                                 env=dict(os.environ, LD_LIBRARY_PATH=p.dir + ":" + os.environ.get("LD_LIBRARY_PATH", "")),
                                 capture_output=True, text=True)
            for text in ("migrate needs Lua 5.4: ", name[1].decode(), *texts):
                self.assertIn(text, out.stderr + out.stdout)
            self.assertNotIn("migrate_upgrade", out.stdout)

    @unittest.skipIf("sanitize" in LIBRARY or os.environ.get("SANITIZE"), "the preload comes before the sanitizer's")
    def test_an_old_sqlite(self):
        self.refused("int sqlite3_libversion_number(void) { return 3036000; }\n"
                     "const char *sqlite3_libversion(void) { return \"3.36.0\"; }",
                     "migrate needs SQLite 3.37.0 or newer; this is SQLite 3.36.0")

    @unittest.skipIf("sanitize" in LIBRARY or os.environ.get("SANITIZE"), "the preload comes before the sanitizer's")
    def test_another_lua(self):
        def make(path):
            subprocess.run([os.environ.get("CC", "cc").split()[0], "-shared", "-fPIC", "-o", path, "-xc", "-"],
                           input="double lua_version(void *L) { return 503; }", text=True, check=True)
        self.lua(make, "lacks functions of Lua 5.4", "LUA_SRC=")

    @unittest.skipIf("sanitize" in LIBRARY or os.environ.get("SANITIZE"), "the shell lacks the sanitizer's library")
    def test_no_lua(self):
        def make(path):
            with open(path, "w") as f:
                f.write("no library")
        self.lua(make, "install it", "LUA_SRC=")


if __name__ == "__main__":
    unittest.main()
