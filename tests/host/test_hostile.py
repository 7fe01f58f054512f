"""A database that somebody else made, to make us do what it wants."""

import os
import sqlite3
import unittest

from project import Project, one, schema

FUNCTIONS = (
    "migrate_autogenerate('x') migrate_check() migrate_config('directory') migrate_config('directory','evil')"
    " migrate_backup('evil') migrate_bless('a') migrate_rehearse() migrate_sql() migrate_verify()"
    " migrate_downgrade() migrate_dump() migrate_help() migrate_init('evil') migrate_merge('x') migrate_rebase('a','base')"
    " migrate_register('x') migrate_revision('x') migrate_run('x') migrate_stamp() migrate_upgrade()"
    " migrate_version()"
).split()
TABLES = ("history", "heads", "current", "branches", "plan", "diff", "settings")


class Case(unittest.TestCase):
    def setUp(self):
        self.p = Project().__enter__()
        self.addCleanup(self.p.__exit__)
        self.p.lua("aaaa", None, "op.create_table('a', 'x')", "op.drop_table('a')")
        self.p.lua("bbbb", "aaaa", "op.create_table('b', 'x')", "op.drop_table('b')")

    def make(self, *statements, rows=()):
        """The database, made by a program that has other functions of these names."""
        db = sqlite3.connect(self.p.path, isolation_level=None)
        for name in {f.split("(")[0] for f in FUNCTIONS} | {"evil"}:
            db.create_function(name, -1, lambda *a: 1, deterministic=True)
        for s in statements:
            db.execute(s)
        for sql, *values in rows:
            db.execute(sql, values)
        db.close()

    def connect(self):
        db = self.p.connect()
        db.execute("PRAGMA synchronous=OFF")
        return db

    def fails(self, db, what, sql, *values):
        with self.assertRaisesRegex(sqlite3.Error, what):
            db.execute(sql, values).fetchall()

    def untouched(self, db):
        """Nothing was run, and nothing lies about."""
        self.assertEqual(one(db, "SELECT migrate_config('directory')"), self.p.migrations)
        self.assertEqual(sorted(os.listdir(self.p.dir)), ["app.db", "migrations"])
        self.assertEqual(len(os.listdir(self.p.migrations + "/versions")), 2)


class DirectOnly(Case):
    """SQLITE_DIRECTONLY: whatever `trusted_schema` is."""

    def both(self):
        for trusted in "ON", "OFF":
            db = self.p.connect()
            db.execute("PRAGMA trusted_schema=" + trusted)
            yield db
            self.untouched(db)
            db.close()

    def test_the_list_of_functions_is_complete(self):
        db = self.connect()
        here = {r[0] for r in db.execute("SELECT name FROM pragma_function_list WHERE name GLOB 'migrate_*'")}
        self.assertEqual(here, {f.split("(")[0] for f in FUNCTIONS})
        here = {r[0] for r in db.execute("SELECT name FROM pragma_module_list WHERE name GLOB 'migrate_*'")}
        self.assertEqual(here, {"migrate_" + t for t in TABLES})
        flags = db.execute("SELECT flags FROM pragma_function_list WHERE name GLOB 'migrate_*'")
        self.assertTrue(all(f & 0x80000 for (f,) in flags))  # SQLITE_DIRECTONLY

    def test_functions_in_views_and_triggers(self):
        for k, f in enumerate(FUNCTIONS):
            self.make(
                "CREATE TABLE t%d(x)" % k,
                "CREATE VIEW v%d AS SELECT %s AS x" % (k, f),
                "CREATE VIEW w%d AS SELECT 1 AS x WHERE 1 IN (SELECT %s)" % (k, f),
                "CREATE TRIGGER i%d AFTER INSERT ON t%d BEGIN SELECT %s; END" % (k, k, f),
                "CREATE TRIGGER d%d AFTER DELETE ON t%d WHEN %s BEGIN SELECT 1; END" % (k, k, f),
                "CREATE TRIGGER o%d INSTEAD OF INSERT ON v%d BEGIN SELECT %s; END" % (k, k, f),
            )
        for db in self.both():
            for k in range(len(FUNCTIONS)):
                for sql in ("SELECT * FROM v%d", "SELECT * FROM w%d", "INSERT INTO t%d VALUES (1)",
                            "DELETE FROM t%d", "INSERT INTO v%d VALUES (1)"):
                    self.fails(db, r"unsafe use of migrate_\w+\(\)", sql % k)

    def test_functions_in_checks_and_defaults(self):
        """SQLite itself lets a CHECK call what is DIRECTONLY."""
        for k, f in enumerate(FUNCTIONS):
            self.make("CREATE TABLE c%d(x, CHECK (%s))" % (k, f), "CREATE TABLE d%d(x, y DEFAULT (%s))" % (k, f),
                      "CREATE TABLE e%d(x, CHECK (%s IS NOT x))" % (k, f), "INSERT INTO e%d VALUES (0)" % k)
        for db in self.both():
            for k in range(len(FUNCTIONS)):
                for sql in ("INSERT INTO c%d VALUES (1)", "INSERT INTO d%d(x) VALUES (1)", "UPDATE e%d SET x = 2",
                            "PRAGMA integrity_check(e%d)", "INSERT INTO c%d VALUES ('migrate_init(''evil'')')"):
                    self.fails(db, r"unsafe use of migrate_\w+\(\)|only a statement of your own may call", sql % k)

    def test_a_statement_of_ones_own_may_write(self):
        db = self.connect()
        db.execute("CREATE TABLE t(x)")
        db.execute("INSERT INTO t SELECT \"Migrate_Config\"('schema')")
        db.execute("UPDATE t SET x = x || (SELECT migrate_config('transaction'))")
        self.assertEqual(one(db, "SELECT x FROM t"), "mainall")
        db.execute("CREATE TABLE u AS SELECT migrate_revision('more') AS path")
        self.assertEqual(one(db, "SELECT count(*) FROM u WHERE path NOT NULL"), 1)

    def test_functions_in_indexes_and_generated_columns(self):
        """SQLite does not read such a schema at all."""
        for f in FUNCTIONS:
            for form in ("CREATE INDEX i ON t(%s)" % f.replace("(", "(x, ").replace("x, )", "x)"),
                         "CREATE INDEX i ON t(x, (%s))" % f, "CREATE INDEX i ON t(x) WHERE %s" % f,
                         "CREATE TABLE g(x, y AS (%s))" % f, "CREATE TABLE g(x, y AS (%s) STORED)" % f):
                with self.subTest(form):
                    os.path.exists(self.p.path) and os.remove(self.p.path)
                    self.make("CREATE TABLE t(x)", form)
                    for db in self.both():
                        for sql in "INSERT INTO t VALUES (1)", "SELECT * FROM migrate_history", "SELECT migrate_upgrade()":
                            self.fails(db, "malformed database schema .* (non-deterministic|wrong number)", sql)

    def test_tables_in_views_and_triggers(self):
        for t in TABLES:
            self.make(
                "CREATE TABLE t_%s(x)" % t,
                "CREATE VIEW v_%s AS SELECT * FROM migrate_%s" % (t, t),
                "CREATE VIEW w_%s AS SELECT 1 AS x WHERE EXISTS (SELECT 1 FROM migrate_%s)" % (t, t),
                "CREATE TRIGGER i_%s AFTER INSERT ON t_%s BEGIN INSERT INTO t_%s SELECT count(*) FROM migrate_%s; END"
                % (t, t, t, t),
            )
        for db in self.both():
            for t in TABLES:
                for sql in "SELECT * FROM v_%s", "SELECT * FROM w_%s", "INSERT INTO t_%s VALUES (1)":
                    self.fails(db, 'unsafe use of virtual table "migrate_%s"' % t, sql % t)

    def test_a_check_that_a_change_asks_again(self):
        """In a statement of ours, which may call what a schema may not."""
        self.make("CREATE TABLE t(id INTEGER PRIMARY KEY, x, CONSTRAINT c CHECK (migrate_config('directory', 'evil') OR x))",
                  "CREATE TABLE u(id INTEGER PRIMARY KEY, x, CONSTRAINT c CHECK (Evil(x)))",
                  "INSERT INTO t(x) VALUES (1)", "PRAGMA ignore_check_constraints=ON")
        calls = []
        for trusted in "OFF", "ON":
            db = self.p.connect()
            db.create_function("evil", -1, lambda *a: calls.append(1) or 1)
            db.execute("PRAGMA ignore_check_constraints=ON")
            db.execute("INSERT INTO u(x) VALUES (1)")
            db.execute("PRAGMA trusted_schema=" + trusted)
            for table, name in ("t", "migrate_config"), ("u", "evil"):
                path = self.p.file("../x.lua", "op.alter_column('%s', 'x', {type='TEXT'})" % table)
                if table == "u" and trusted == "ON":
                    one(db, "SELECT migrate_run(?)", path)
                    self.assertTrue(calls)
                    continue
                self.fails(db, r"unsafe use of %s\(\): a CHECK of the table calls it" % name, "SELECT migrate_run(?)", path)
                self.assertFalse(calls)
                path = self.p.file("../x.lua", "op.alter_column('%s', 'x', {name='y'})\n"
                                   "op.alter_column('%s', 'y', {name='x'})" % (table, table))
                one(db, "SELECT migrate_run(?)", path)
            os.remove(os.path.join(self.p.migrations, "x.lua"))
            self.untouched(db)
            db.close()

    def test_a_function_that_a_script_gives_to_sql(self):
        self.make("CREATE TABLE t(x)", "CREATE VIEW v AS SELECT slug('a') AS x",
                  "CREATE TRIGGER i AFTER INSERT ON t BEGIN SELECT slug(new.x); END")
        for sql in "SELECT * FROM v", "INSERT INTO t VALUES (1)":
            path = self.p.file("../x.lua", "db.func('slug', function(s) return s end)\nop.execute(%r)\n" % sql)
            for db in self.both():
                self.fails(db, "unsafe use of slug", "SELECT migrate_run(?)", path)
            os.remove(path)

    def test_what_the_schema_calls_does_not_keep_us_from_working(self):
        self.test_functions_in_views_and_triggers()
        self.make("CREATE TABLE c(x, y DEFAULT (migrate_upgrade()))")
        db = self.connect()
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
        self.assertEqual(one(db, "SELECT migrate_downgrade('base')"), 2)
        self.untouched(db)


VERSION = {
    "a view": "CREATE VIEW _migrate_version AS SELECT 'aaaa' AS revision",
    "a virtual table": "CREATE VIRTUAL TABLE _migrate_version USING fts5(revision)",
    "a generated column": "CREATE TABLE _migrate_version(x, revision TEXT AS (x))",
    "a generated column more": "CREATE TABLE _migrate_version(revision TEXT, x AS (abs(1)) STORED)",
    "a check": "CREATE TABLE _migrate_version(revision TEXT PRIMARY KEY CHECK (evil(revision)))",
    "a check of the table": "CREATE TABLE _migrate_version(revision TEXT PRIMARY KEY, CHECK (length(revision)))",
    "a default": "CREATE TABLE _migrate_version(revision TEXT PRIMARY KEY, x DEFAULT (evil()))",
    "a foreign key": "CREATE TABLE _migrate_version(revision TEXT REFERENCES users ON DELETE CASCADE)",
    "a collation": "CREATE TABLE _migrate_version(revision TEXT PRIMARY KEY COLLATE NOCASE)",
    "a collation nobody has": "CREATE TABLE _migrate_version(revision TEXT COLLATE evil PRIMARY KEY)",
    "a key that keeps other rows": "CREATE TABLE _migrate_version(revision TEXT PRIMARY KEY ON CONFLICT REPLACE)",
    "a type that makes ids numbers": "CREATE TABLE _migrate_version(revision INTEGER)",
    "a type that makes ids numbers, too": "CREATE TABLE _migrate_version(revision VARCHARINT)",
}


class Shapes(Case):
    """Tables of ours that are not."""

    def test_version_is_no_plain_table(self):
        for what, sql in VERSION.items():
            with self.subTest(what):
                if os.path.exists(self.p.path):
                    os.remove(self.p.path)
                db = sqlite3.connect(self.p.path)
                db.create_collation("evil", lambda a, b: 0)
                db.create_function("evil", -1, lambda *a: 1, deterministic=True)
                db.execute(sql)
                db.close()
                db = self.connect()
                was = schema(db)
                for call in ("SELECT * FROM migrate_history", "SELECT * FROM migrate_current",
                             "SELECT * FROM migrate_heads", "SELECT * FROM migrate_plan",
                             "SELECT migrate_upgrade()", "SELECT migrate_downgrade('base')",
                             "SELECT migrate_stamp()", "SELECT migrate_stamp('head', 'purge')"):
                    self.fails(db, "_migrate_version in database main is not the table that migrate makes; "
                               "rename or drop it", call)
                self.assertEqual(schema(db), was)
                self.assertFalse(db.in_transaction)
                db.close()

    def test_version_with_what_computes_nothing(self):
        for sql in ("CREATE TABLE _migrate_version(revision)",
                    "CREATE TABLE _migrate_version(more INT, revision VARCHAR(32), note TEXT NULL)",
                    "CREATE TABLE \"_Migrate_Version\"(\"Revision\" TEXT NOT NULL UNIQUE) STRICT",
                    "CREATE TABLE _migrate_version(revision TEXT, PRIMARY KEY (revision)) WITHOUT ROWID"):
            os.path.exists(self.p.path) and os.remove(self.p.path)
            self.make(sql, "CREATE INDEX more ON _migrate_version(revision DESC)")
            db = self.connect()
            self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
            self.assertEqual(one(db, "SELECT revision FROM _migrate_version"), "bbbb")
            self.assertEqual(one(db, "SELECT migrate_downgrade('base')"), 2)
            self.assertEqual(one(db, "SELECT migrate_stamp()"), 1)
            db.close()

    def test_triggers_and_indexes_on_what_is_ours(self):
        for on, event in (("_migrate_version", "INSERT"), ("_migrate_version", "UPDATE"),
                          ("_migrate_version", "DELETE"), ("_migrate_log", "INSERT")):
            for make, drop in (
                ("TRIGGER bad AFTER %s ON %s BEGIN DELETE FROM users; END" % (event, on), "TRIGGER bad"),
                ("TRIGGER bad BEFORE %s ON %s BEGIN SELECT RAISE(IGNORE); END" % (event, on), "TRIGGER bad"),
                ("INDEX bad ON %s(length(revision))" % on, "INDEX bad"),
                ("INDEX bad ON %s(revision COLLATE NOCASE)" % on, "INDEX bad"),
                ("INDEX bad ON %s(revision) WHERE revision > 1" % on, "INDEX bad"),
            ):
                with self.subTest(make):
                    os.path.exists(self.p.path) and os.remove(self.p.path)
                    self.make("CREATE TABLE users(x)", "INSERT INTO users VALUES (1)")
                    db = self.connect()
                    one(db, "SELECT migrate_upgrade('aaaa')")
                    db.execute("CREATE " + make)
                    for call in ("upgrade()", "downgrade()", "stamp('head')", "run('%s')" % self.script()):
                        self.fails(db, "(trigger|index) bad, which is on %s in database main would run with what "
                                   "migrate writes; drop it" % on, "SELECT migrate_" + call)
                    self.assertEqual(one(db, "SELECT revision FROM migrate_current"), "aaaa")
                    self.assertEqual(one(db, "SELECT count(*) FROM users"), 1)
                    db.execute("DROP " + drop)
                    self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
                    db.close()

    def script(self):
        return self.p.file("../nothing.lua", "-- nothing\n")

    def test_a_log_that_is_something_else(self):
        for sql in ("CREATE VIEW _migrate_log AS SELECT 1 AS id", "CREATE VIRTUAL TABLE _migrate_log USING fts5(a)",
                    "CREATE TABLE _migrate_log(id INTEGER PRIMARY KEY, revision TEXT, source TEXT AS (evil()))",
                    "CREATE TABLE _migrate_log(id INTEGER PRIMARY KEY, revision TEXT, direction TEXT CHECK (evil()))"):
            os.path.exists(self.p.path) and os.remove(self.p.path)
            db = sqlite3.connect(self.p.path)
            db.create_function("evil", -1, lambda *a: 1, deterministic=True)
            db.execute(sql)
            db.close()
            db = self.connect()
            for call in "SELECT * FROM migrate_history", "SELECT migrate_upgrade()", "SELECT migrate_stamp()":
                self.fails(db, "_migrate_log in database main is not the table that migrate makes", call)
            db.close()

    def test_a_journal_that_is_something_else(self):
        for sql in ("CREATE VIEW _migrate_journal AS SELECT 1 AS id",
                    "CREATE TABLE _migrate_journal(revision TEXT, ordinal AS (0))"):
            os.path.exists(self.p.path) and os.remove(self.p.path)
            self.make(sql)
            db = self.connect()
            for call in "SELECT * FROM migrate_history", "SELECT migrate_upgrade()", "SELECT migrate_stamp()":
                self.fails(db, "_migrate_journal in database main is not the table that migrate makes", call)
            db.close()

    def test_rows_that_are_no_ids(self):
        for value in (None, 7, 1.5, b"aaaa", "", "a" * 65, "a" * 10000000, "aaaa\0", "aaaa\n", "\x1b[2J", "\x7f", "\u202e",
                      b"\xff"):
            with self.subTest(value=str(value)[:20]):
                os.path.exists(self.p.path) and os.remove(self.p.path)
                self.make("CREATE TABLE _migrate_version(revision)")
                db = self.connect()
                db.execute("INSERT INTO _migrate_version VALUES (%s)" % ("?" if value != b"\xff" else "CAST(? AS TEXT)"), (value,))
                for call in ("SELECT * FROM migrate_history", "SELECT migrate_upgrade()",
                             "SELECT migrate_stamp('head', 'purge')"):
                    self.fails(db, "_migrate_version in database main holds a (row that is not text; delete it|"
                               r"text that can be no id of a revision: .*; delete it)$", call)
                db.execute("DELETE FROM _migrate_version")
                self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
                db.close()

    def test_rows_that_might_be_ids(self):
        """Names nobody has: refused, and the way out is there."""
        db = self.connect()
        one(db, "SELECT migrate_upgrade('aaaa')")
        for value in ("it's", "head", "base", "base@head", "aaaa:bbbb", "'); DROP TABLE a; --", "%s%n", "../../x"):
            db.execute("INSERT INTO _migrate_version VALUES (?)", (value,))
            self.assertIn((value, "missing"), db.execute("SELECT revision, status FROM migrate_history").fetchall())
            self.fails(db, "has no script|no script", "SELECT migrate_upgrade()")
            self.assertEqual(one(db, "SELECT migrate_stamp('aaaa', 'purge')"), 1)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)

    def test_very_many_rows(self):
        """What is said of them stays short, and on one line."""
        self.make("CREATE TABLE _migrate_version(revision TEXT PRIMARY KEY)")
        db = self.connect()
        one(db, "SELECT migrate_upgrade('aaaa')")
        db.execute("INSERT INTO _migrate_version WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c"
                   " WHERE x < 2000) SELECT printf('id%06d', x) FROM c")
        db.execute("INSERT INTO _migrate_log SELECT NULL, revision, char(27)||'up', hex(zeroblob(5000))||char(10),"
                   " 'now'||char(10), 0, NULL, NULL, char(7), NULL FROM _migrate_version")
        self.assertEqual(one(db, "SELECT count(*) FROM migrate_history WHERE status = 'missing'"), 2000)
        for call in "upgrade()", "downgrade('base')", "stamp('aaaa')":
            with self.assertRaises(sqlite3.Error) as e:
                one(db, "SELECT migrate_" + call)
            self.assertIn("id000001, id000002", str(e.exception))
            self.assertRegex(str(e.exception), r" and 19\d\d more")
            self.assertLess(len(str(e.exception)), 4000)
            self.assertTrue(str(e.exception).isprintable())
        self.assertEqual(one(db, "SELECT migrate_stamp('aaaa', 'purge')"), 1)
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)

    def test_the_same_row_many_times(self):
        self.make("CREATE TABLE _migrate_version(revision TEXT)",
                  rows=[("INSERT INTO _migrate_version VALUES ('aaaa')",)] * 3)
        db = self.connect()
        self.assertEqual(db.execute("SELECT revision FROM migrate_current").fetchall(), [("aaaa",)])
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
        self.assertEqual(db.execute("SELECT revision FROM migrate_current").fetchall(), [("bbbb",)])
        self.assertEqual(one(db, "SELECT migrate_downgrade('aaaa')"), 1)
        self.assertEqual(one(db, "SELECT migrate_stamp('base')"), 0)
        self.assertEqual(one(db, "SELECT count(*) FROM _migrate_version"), 0)

    def test_log_rows_of_any_kind(self):
        values = (None, 7, -1.5, b"", b"\xff\0", "", "aaaa", "upgrade", "x" * 1000, "\x1b[2J", "\0")
        db = self.connect()
        one(db, "SELECT migrate_upgrade()")
        db.execute("CREATE TABLE l AS SELECT * FROM _migrate_log")
        db.execute("DROP TABLE _migrate_log")
        db.execute("ALTER TABLE l RENAME TO _migrate_log")
        for k in range(len(values)):
            for n in range(1, 9):
                row = ["aaaa", "upgrade", "m", "2020-01-01", 1, "c", "s", "x"]
                row[n - 1] = values[k]
                db.execute("INSERT INTO _migrate_log VALUES (?,?,?,?,?,?,?,?,?,NULL)", (values[k - n], *row))
                db.execute("SELECT * FROM migrate_history").fetchall()
                db.execute("SELECT * FROM migrate_current").fetchall()
        self.assertEqual(one(db, "SELECT migrate_downgrade('base')"), 2)


class Shadows(Case):
    """Names that stand before ours."""

    def test_temp_tables_do_not_shadow_ours(self):
        db = self.connect()
        for t in "_migrate_version", "_migrate_log", "_migrate_journal":
            db.execute("CREATE TEMP TABLE %s(revision)" % t)
        db.execute("INSERT INTO temp._migrate_version VALUES ('bbbb')")
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
        self.assertEqual(one(db, "SELECT revision FROM main._migrate_version"), "bbbb")
        self.assertEqual(one(db, "SELECT count(*) FROM temp._migrate_version"), 1)
        self.assertEqual(one(db, "SELECT migrate_downgrade('aaaa')"), 1)
        self.assertEqual(one(db, "SELECT revision FROM migrate_current"), "aaaa")

    def test_tables_named_like_ours_or_sqlites(self):
        """SQLite prefers a table to a virtual one of its own; what we ask for then fails, or is not asked."""
        for name in ("migrate_history", "migrate_plan", "migrate_diff"):
            self.make("CREATE TABLE %s(revision, status)" % name)
        db = self.connect()
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
        self.assertEqual(db.execute("SELECT * FROM migrate_history").fetchall(), [])  # the user's own
        self.assertEqual(one(db, "SELECT revision FROM migrate_current"), "bbbb")
        for name in ("pragma_table_info", "pragma_table_xinfo", "pragma_foreign_key_list", "pragma_index_list",
                     "pragma_index_info", "pragma_table_list", "json_each"):
            db.execute("CREATE VIEW %s AS SELECT 'x' AS name, 0 AS hidden, 'x' AS \"table\"" % name)
            try:
                db.execute("SELECT migrate_downgrade('base')").fetchall()
            except sqlite3.Error as e:
                self.assertIn("is not a function", str(e))
                self.assertEqual(one(db, "SELECT revision FROM migrate_current"), "bbbb")
            db.execute("DROP VIEW " + name)
            one(db, "SELECT migrate_upgrade()")

    def test_a_trigger_named_like_our_table(self):
        self.make("CREATE TABLE t(x)", "CREATE TRIGGER _migrate_version AFTER INSERT ON t BEGIN SELECT 1; END",
                  "CREATE TRIGGER _migrate_log AFTER INSERT ON t BEGIN SELECT 1; END")
        db = self.connect()
        self.assertEqual(one(db, "SELECT migrate_upgrade()"), 2)
        self.assertEqual(one(db, "SELECT migrate_downgrade('base')"), 2)

    def test_an_index_named_like_our_table(self):
        self.make("CREATE TABLE t(x)", "CREATE INDEX _migrate_version ON t(x)")
        db = self.connect()
        self.fails(db, "is not the table that migrate makes", "SELECT migrate_upgrade()")


class Texts(Case):
    """Statements that stand in the schema are text, and are run by nobody."""

    TAIL = "; DELETE FROM victim; ATTACH 'evil.db' AS evil; CREATE TABLE evil.x(y)"

    def tampered(self):
        """Each statement of the schema is followed by others; SQLite reads none but the first."""
        self.make(
            "CREATE TABLE victim(x)", "INSERT INTO victim VALUES (9)",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, n)", "INSERT INTO users VALUES (1, 2)",
            "CREATE INDEX i ON users(n)", "CREATE VIEW v AS SELECT n FROM users",
            "CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END",
            "CREATE VIRTUAL TABLE f USING fts5(a)")

    def tamper(self, name):
        db = sqlite3.connect(self.p.path, isolation_level=None)
        db.execute("PRAGMA writable_schema=ON")
        db.execute("UPDATE sqlite_schema SET sql = sql || ? WHERE name = ?", (self.TAIL, name))
        db.close()

    def test_more_than_one_statement(self):
        for name in "users", "i", "v", "t", "f":
            with self.subTest(name):
                os.path.exists(self.p.path) and os.remove(self.p.path)
                self.tampered()
                self.tamper(name)
                db = self.connect()
                with open(os.path.join(self.p.migrations, "schema.sql"), "w") as f:
                    f.write("CREATE TABLE victim(x); CREATE TABLE users(id INTEGER PRIMARY KEY, m -- renamed from: n\n);")
                path = self.p.file("../x.lua", "op.alter_column('users', 'n', {name='m', type='TEXT', nullable=false})")
                for call in ("SELECT * FROM migrate_diff", "SELECT migrate_check()", "SELECT migrate_dump()",
                             "SELECT migrate_autogenerate('x')", "SELECT migrate_upgrade()",
                             "SELECT migrate_run('%s')" % path, "SELECT migrate_autogenerate('y')"):
                    try:
                        answer = str(db.execute(call).fetchall())
                        self.assertNotIn("DELETE FROM", answer, call)
                    except sqlite3.Error as e:
                        self.assertNotIn("malformed", str(e))
                    self.assertEqual(one(db, "SELECT x FROM victim"), 9, call)
                    self.assertEqual([r[1] for r in db.execute("PRAGMA database_list") if r[1] != "temp"], ["main"])
                self.assertFalse(os.path.exists("evil.db"))
                self.assertEqual(len(os.listdir(self.p.migrations + "/versions")), 2)
                db.close()

    def test_rows_of_the_schema_that_are_no_objects(self):
        """With writable_schema on, SQLite reads over them."""
        self.make("CREATE TABLE users(id INTEGER PRIMARY KEY, n)", "PRAGMA writable_schema=ON",
                  *("INSERT INTO sqlite_schema VALUES (%s)" % v for v in (
                      "NULL,NULL,NULL,NULL,NULL", "NULL,'x','users',0,'x'", "'trigger',NULL,'users',0,'x'",
                      "'view','y',NULL,0,'CREATE VIEW y AS SELECT 1'", "'index','z','users',NULL,NULL",
                      "'table','w','w',NULL,NULL", "x'00',x'00',x'00',x'00',x'00'", "7,7,7,7,7")))
        path = self.p.file("../x.lua", "op.alter_column('users', 'n', {name='m', type='TEXT', nullable=false})\n"
                           "op.rename_table('users', 'people')")
        db = self.p.connect()
        db.execute("PRAGMA writable_schema=ON")
        for call in ("* FROM migrate_history", "* FROM migrate_diff", "migrate_dump()", "migrate_check()",
                     "migrate_upgrade()", "migrate_run('%s')" % path, "migrate_downgrade()", "migrate_stamp()"):
            try:
                db.execute("SELECT " + call).fetchall()
            except sqlite3.Error:
                self.assertFalse(db.in_transaction)

    def test_a_source_in_the_log(self):
        """Nothing runs what the log holds, unless it is told to."""
        db = self.connect()
        one(db, "SELECT migrate_upgrade()")
        db.execute("UPDATE _migrate_log SET source = 'DROP TABLE a; --' || source, revision = 'cccc'")
        db.execute("UPDATE _migrate_version SET revision = 'cccc'")
        for call in "upgrade()", "downgrade()", "downgrade('base')", "check()":
            self.fails(db, "", "SELECT migrate_" + call)
        self.assertEqual(one(db, "SELECT count(*) FROM a"), 0)

    def test_a_place_in_the_journal(self):
        """What a backfill goes on from is text of the database, and goes into a statement."""
        path = self.p.file("../fill.lua", "-- fill\n-- transactional = false\ntransactional = false\n"
                           "op.execute('DELETE FROM seen')\n"
                           "op.backfill{table='t', columns={'y'}, from={'x'}, chunk=2, with=function(x)\n"
                           "  if x == 5 and not args.on then error('stop') end\n  return x * 2\nend}\n")
        for key in ("1); DROP TABLE victim; --", "(SELECT max(x) FROM t)", "evil()", "1) OR (1", "t.x", "'x'",
                    "TEXT(1)", "", "1; 2", "CAST(evil() AS TEXT)", "x'00", "?1", "1 /* */; DELETE FROM victim"):
            os.path.exists(self.p.path) and os.remove(self.p.path)
            self.make("CREATE TABLE t(x INTEGER PRIMARY KEY, y)", "CREATE TABLE seen(x)",
                      "CREATE TABLE victim(x)", "INSERT INTO victim VALUES (9)",
                      *("INSERT INTO t(x) VALUES (%d)" % k for k in range(1, 8)))
            db = self.connect()
            calls = []
            db.create_function("evil", -1, lambda *a: calls.append(1))
            db.create_function("text", -1, lambda *a: calls.append(1))
            self.fails(db, "stop", "SELECT migrate_run(?)", path)
            self.assertEqual(one(db, "SELECT key FROM _migrate_journal WHERE key NOT NULL"), "4")
            db.execute("UPDATE _migrate_journal SET key = ? WHERE key NOT NULL", (key,))
            one(db, "SELECT migrate_config('arg.on', '1')")
            for progress in "on", "off":
                one(db, "SELECT migrate_config('progress', ?)", progress)
                self.fails(db, "holds a key that migrate does not write", "SELECT migrate_run(?)", path)
            self.assertEqual((calls, one(db, "SELECT x FROM victim")), ([], 9))
            db.execute("UPDATE _migrate_journal SET key = '4' WHERE key NOT NULL")
            one(db, "SELECT migrate_run(?)", path)
            self.assertEqual(one(db, "SELECT group_concat(y) FROM t"), "2,4,6,8,10,12,14")
            db.close()

    def test_names_in_what_autogenerate_writes(self):
        """A name ends no comment and no string of a script."""
        bad = "\rerror('x')\n error('y') ]] --\n-- migrate:down\n\" .. error('z') --"
        name = '"%s"' % bad.replace('"', '""')
        db = self.connect()
        one(db, "SELECT migrate_upgrade()")
        keep = "CREATE TABLE a(x); CREATE TABLE b(x); CREATE TABLE t(k INTEGER PRIMARY KEY, c, z TEXT); "
        db.execute("CREATE TABLE t(k INTEGER PRIMARY KEY, c, %s TEXT)" % name)
        for k, sql in enumerate(("CREATE TABLE %s(x)", "CREATE VIEW %s AS SELECT 1", "CREATE INDEX %s ON t(c)",
                                 "CREATE TRIGGER %s AFTER INSERT ON t BEGIN SELECT 1; END")):
            db.execute(sql % name.replace("x", str(k)))
        more = keep + "CREATE TABLE %s(x, y);" % name
        for format, target in ("lua", keep), ("sql", more), ("sql", keep), ("lua", more), ("lua", keep):
            with open(os.path.join(self.p.migrations, "schema.sql"), "w") as f:
                f.write(target)
            self.assertTrue(one(db, "SELECT migrate_autogenerate('m', json_object('format', ?))", format))
            for _ in range(2):
                self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
                self.assertEqual(one(db, "SELECT count(*) FROM migrate_diff"), 0)
                self.assertEqual(one(db, "SELECT migrate_downgrade()"), 1)
            one(db, "SELECT migrate_upgrade()")


if __name__ == "__main__":
    unittest.main()
