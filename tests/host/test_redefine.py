"""A property of redefining: from a random table A with rows to a random
definition B, and back.

What should be there is worked out without the library (`expected`): B is made
in another database and filled by one INSERT ... SELECT, where SQLite itself
converts, checks and gives defaults.  Where SQLite refuses that, or a view, a
trigger or a foreign key would break, the library must refuse too, and then
nothing may differ.  It may also refuse what loses something in silence: a value
that a type does not take, a rowid made up for a NULL.

REDEFINE_SEEDS=N tries N seeds, REDEFINE_SEED=K one.
"""

import copy
import os
import random
import re
import sqlite3
import unittest

from project import LIBRARY

SEEDS = int(os.environ.get("REDEFINE_SEEDS", "250"))
ONLY = os.environ.get("REDEFINE_SEED")

NAMES = ["k", "a", "b", "c", "Qty", "my col", "order", "x)y", "naïve", "--"]
TYPES = ["INTEGER", "INT", "TEXT", "VARCHAR(20)", "REAL", "NUMERIC", "BLOB", "", "DATE"]
STRICT = ["INTEGER", "INT", "TEXT", "REAL", "BLOB", "ANY"]
SPACES = [" ", " ", " ", "\n  ", "\t", " /* , */ ", " -- ')\n  "]
CONFLICTS = ["", "", "", " ON CONFLICT IGNORE", " ON CONFLICT REPLACE", " ON CONFLICT FAIL", " ON CONFLICT ROLLBACK"]
DEFAULTS = ["5", "'x'", "-1.5", "NULL", "x'0041'", "(1 + 2)", "hello", "\"dq\"", "(upper('a') || 1)", "TRUE", "'7'"]
COLLATIONS = ["", "", "", " COLLATE NOCASE", " COLLATE RTRIM", " COLLATE BINARY"]
VALUES = [0, 1, 2, 3, 7, -4, 2.0, 0.5, "x", "abc", "X", "x ", "12", "3.5", "007", "", b"", b"\x00\x7f", None, None]
CHECKS = ["%s IS NOT 'q'", "length(%s) < 9", "%s <> 7", "coalesce(%s, 1) > -3", "t.%s IS NOT 'zz'"]
MAY_REFUSE = re.compile(r"cannot become|cannot be the rowid")


def quoted(name):
    return '"%s"' % name if re.search(r"\W", name) or name == "order" else name


class Column:
    def __init__(self, name, type):
        self.name, self.type, self.generated, self.tail = name, type, None, ""

    def text(self):
        return quoted(self.name) + (" " + self.type if self.type else "") + self.tail


class Table:
    """A definition: its columns, and its statement."""

    def __init__(self, rng, unique_k):
        self.rng, self.strict = rng, rng.random() < 0.3
        self.keyed = rng.random() < 0.3  # WITHOUT ROWID
        self.alias = self.counted = None
        names = ["k"] + rng.sample(NAMES[1:], rng.randint(1, 5))
        rng.shuffle(names)
        if not unique_k and rng.random() < 0.1:
            names.remove("k")
        self.columns = [Column(n, rng.choice(STRICT if self.strict else TYPES)) for n in names]
        self.constraints = []
        self.key(unique_k)
        for c in self.columns:
            if c.name not in self.keys:
                self.clauses(c)
        self.table_constraints()
        self.sql = self.statement()

    def key(self, unique_k):
        """The PRIMARY KEY, and what makes k unique."""
        rng, names = self.rng, [c.name for c in self.columns]
        self.keys = []
        if self.keyed or rng.random() < 0.6:
            self.keys = ["k"] if unique_k and rng.random() < 0.8 else rng.sample(names, rng.randint(1, min(2, len(names))))
        c = next((c for c in self.columns if self.keys == [c.name]), None)
        if c and rng.random() < 0.6:
            if rng.random() < 0.7:
                c.type = "INTEGER"
            desc = rng.choice(["", "", " ASC", " DESC"])
            c.tail = " PRIMARY KEY" + desc + rng.choice(CONFLICTS)
            if c.type == "INTEGER" and not self.keyed and desc != " DESC":
                self.alias = c.name
                if rng.random() < 0.5:
                    c.tail, self.counted = c.tail + " AUTOINCREMENT", 1
        elif self.keys:
            items = [quoted(n) + rng.choice(["", "", " DESC", " COLLATE NOCASE"]) for n in self.keys]
            self.constraints.append("PRIMARY KEY (%s)" % ", ".join(items) + rng.choice(CONFLICTS))
            if c and c.type == "INTEGER" and not self.keyed:
                self.alias = c.name
        if unique_k and self.keys != ["k"]:
            self.constraints.append("UNIQUE (k)" + rng.choice(CONFLICTS))
        elif unique_k and "NOCASE" in "".join(self.constraints):
            self.constraints.append("UNIQUE (k)")

    def clauses(self, c):
        rng = self.rng
        plain = [o for o in self.columns if o is not c and not o.generated]
        if len(plain) > 1 and c.name != "k" and rng.random() < 0.25:
            o = quoted(rng.choice(plain).name)
            c.generated = rng.choice(["%s || ''", "length(%s)", "coalesce(%s, 3)", "%s"]) % o
            c.tail += rng.choice([" AS (%s)", " GENERATED ALWAYS AS (%s) STORED", " AS (%s) VIRTUAL"]) % c.generated
        elif rng.random() < 0.4:
            c.tail += " DEFAULT " + rng.choice(DEFAULTS[:2] if self.strict else DEFAULTS)
        for chance, clause in [(0.2, " NOT NULL" + rng.choice(CONFLICTS)), (0.1, " UNIQUE" + rng.choice(CONFLICTS)),
                               (0.15, " CONSTRAINT \"c 1\" CHECK (%s)" % (rng.choice(CHECKS) % quoted(c.name))),
                               (0.1, " REFERENCES p(id) ON DELETE CASCADE")]:
            if rng.random() < chance:
                c.tail += clause
        c.tail += rng.choice(COLLATIONS)

    def table_constraints(self):
        rng = self.rng
        for _ in range(rng.choice([0, 0, 1, 2])):
            two = [quoted(c.name) for c in rng.sample(self.columns, min(2, len(self.columns)))]
            self.constraints.append(rng.choice([
                "UNIQUE (%s)" % ", ".join(two), "CHECK (%s IS NOT 8 OR %s <> 'y')" % (two[0], two[-1]),
                "CONSTRAINT fk FOREIGN KEY (%s) REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED" % two[0]]))

    def statement(self):
        rng = self.rng
        items = [c.text() for c in self.columns] + self.constraints
        options = (["STRICT"] if self.strict else []) + (["WITHOUT ROWID"] if self.keyed else [])
        rng.shuffle(options)
        return "CREATE TABLE t%s(%s%s)%s" % (rng.choice(["", " ", " /* ( */ "]), rng.choice(["", "\n  "]),
                                             ("," + rng.choice(SPACES)).join(items), " " + ", ".join(options) if options else "")

    def names(self, plain=False):
        return [c.name for c in self.columns if not (plain and c.generated)]


# ---- what a database holds ----

def exact(v):
    return repr(v)


def rows_of(db, columns, keyed):
    """Exactly; with the rowid first where there is one."""
    listed = ", ".join(map(quoted, columns))
    if keyed:
        return sorted(tuple(map(exact, r)) for r in db.execute("SELECT %s FROM t" % listed).fetchall())
    return [tuple(map(exact, r)) for r in db.execute("SELECT rowid, %s FROM t ORDER BY rowid" % listed).fetchall()]


def shape_of(db):
    """What SQLite makes of the table, and the schema's other objects."""
    out = [db.execute("PRAGMA table_xinfo(t)").fetchall(), db.execute("PRAGMA foreign_key_list(t)").fetchall()]
    lists = sorted((r[1], r[2], r[3], r[4]) for r in db.execute("PRAGMA index_list(t)").fetchall())
    out += [(r, db.execute("PRAGMA index_xinfo(\"%s\")" % r[0]).fetchall()) for r in lists]
    out.append(db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB '_migrate*'"
                          " AND name NOT GLOB 'sqlite_*' ORDER BY rowid").fetchall())
    return out


def violations(db):
    """How many of each foreign key; None: it cannot be checked."""
    try:
        found = db.execute("SELECT f.\"table\", f.parent, (SELECT group_concat(\"from\") FROM pragma_foreign_key_list(f.\"table\") WHERE id = f.fkid)"
                           " FROM pragma_foreign_key_check AS f").fetchall()
    except sqlite3.OperationalError:
        return None
    return {v: found.count(v) for v in found}


def sequence(db):
    if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").fetchall():
        return []
    return db.execute("SELECT name, seq FROM sqlite_sequence WHERE name NOT GLOB '_migrate*' ORDER BY name").fetchall()


def state(db, table):
    """What is to be equal; integrity_check too, as SQLite before 3.41 complains of some sound generated columns."""
    return (rows_of(db, table.names(), table.keyed), shape_of(db), sequence(db), violations(db),
            db.execute("SELECT * FROM ch ORDER BY rowid").fetchall(), db.execute("PRAGMA integrity_check").fetchall())


# ---- one case ----

class Case:
    def __init__(self, seed):
        self.rng = rng = random.Random("redefine %d" % seed)
        self.child = rng.random() < 0.5
        self.a = Table(rng, self.child)
        self.b = Table(rng, self.child and rng.random() < 0.9)
        self.made = self.a.sql  # as it is created; before a column is added
        if rng.random() < 0.3:
            self.late()
        if rng.random() < (0.3 if self.made == self.a.sql else 0.8):
            self.vary()
        self.using = {}
        for c in self.b.columns:
            if not c.generated and rng.random() < (0.5 if c.name not in self.a.names() else 0.1):
                # (plain: SQLite's INSERT ... SELECT takes a generated 1.0 for a 1)
                old = quoted(rng.choice(self.a.names(plain=True)))
                self.using[c.name] = rng.choice(["%s", "coalesce(%s, 9)", "%s || 'u'", "CAST(%s AS TEXT)", "length(%s)"]) % old
        self.others = self.objects()

    def late(self):
        """A gets a column that rows of before do not store."""
        db = sqlite3.connect(":memory:")
        try:
            db.execute(self.made)
            db.execute(self.LATE)
        except sqlite3.Error:
            return
        self.a.sql = db.execute("SELECT sql FROM sqlite_schema WHERE name = 't'").fetchone()[0]
        self.a.columns.append(Column("late", "TEXT"))

    LATE = "ALTER TABLE t ADD COLUMN late TEXT DEFAULT 'old'"

    def vary(self):
        """B is A with one thing another: what an edit may do."""
        sql = self.a.sql
        for old, new in [("'old'", "'new'"), (" late TEXT DEFAULT 'old'", " late TEXT"), (" NOT NULL", ""), (" ON CONFLICT FAIL", ""), ("VARCHAR(20)", "TEXT"), (" DEFAULT 5", " DEFAULT 6"), (" CHECK (", " CHECK (1 AND "),
                         (" ON DELETE CASCADE", " ON DELETE SET NULL"), (" STRICT", ""), ("INT,", "INTEGER,"), (" VIRTUAL", " STORED"), (" AUTOINCREMENT", ""),
                         (" PRIMARY KEY ASC", " PRIMARY KEY"), ("(1 + 2)", "3"), (",", " ,")]:
            if old in sql and self.rng.random() < 0.7 and not (old == "INT," and self.a.keys):
                self.b = copy.copy(self.a)
                self.b.sql = sql.replace(old, new)
                self.b.strict = "STRICT" in self.b.sql
                self.b.counted = self.a.counted if "AUTOINCREMENT" in self.b.sql else None
                return

    def objects(self):
        """Statements of indexes, a view and triggers: [(sql, columns it needs, is it an index)]"""
        rng, out = self.rng, []
        for i in range(rng.choice([0, 1, 2])):
            names = rng.sample(self.a.names(), min(rng.randint(1, 2), len(self.a.columns)))
            items = [quoted(n) + rng.choice(["", " DESC", " COLLATE NOCASE"]) for n in names]
            where = rng.choice(["", " WHERE %s IS NOT NULL" % quoted(names[0])])
            out.append(("CREATE INDEX \"i %d\" ON t(%s)%s" % (i, ", ".join(items), where), names, True))
        if rng.random() < 0.5:
            names = rng.sample(self.a.names(), 1)
            out.append(("CREATE VIEW v AS SELECT %s AS x FROM t" % quoted(names[0]), names, False))
        if rng.random() < 0.5:
            out.append(("CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.k); END", ["k"] if "k" in self.a.names() else [], False))
            if "k" not in self.a.names():
                out.pop()
        if rng.random() < 0.2:
            out.append(("CREATE TRIGGER rd AFTER DELETE ON t BEGIN DELETE FROM ch; END", [], False))
        return out

    def fill(self, db):
        rng, names = self.rng, self.a.names(plain=True)
        added = self.made == self.a.sql
        for i in range(rng.choice([0, 1, 4, 9, 9])):
            if not added and rng.random() < 0.3:
                db.execute(self.LATE)
                added = True
            into = [n for n in names if added or n != "late"]
            row = [i * 3 if n == "k" or n == self.a.alias else rng.choice(VALUES) for n in into]
            if rng.random() < 0.7:
                row = [i * 3 + len(n) if isinstance(v, (float, str, bytes)) and rng.random() < 0.5 else v for n, v in zip(into, row)]
            try:
                db.execute("INSERT OR ABORT INTO t(%s) VALUES (%s)" % (", ".join(map(quoted, into)), ", ".join("?" * len(row))), row)
            except sqlite3.Error:
                pass
        if not added:
            try:
                db.execute(self.LATE)
            except sqlite3.Error:
                return False  # STRICT, and rows do not fit, which newer SQLites look for
        if self.a.counted and rng.random() < 0.5:
            db.execute("DELETE FROM t WHERE rowid > 15")
        if self.child:
            db.execute("INSERT INTO ch SELECT k FROM t LIMIT 3")
        return True

    def others_in(self, db):
        for sql, _, _ in self.others:
            db.execute(sql)


DOUBT = "violations that may be others"


def order_of(was, a):
    """Of its rows, as they get rowids."""
    if not a.keyed:
        return " ORDER BY rowid"
    return " ORDER BY " + ", ".join('"%s" COLLATE %s%s' % (r[2], r[4], " DESC" * r[3]) for r in was.execute(
        "PRAGMA index_xinfo(t)").fetchall() if r[5])


def base(db):
    db.execute("PRAGMA foreign_keys = OFF")
    db.executescript("CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (0), (1), (2), (3), (6), (7), (9), (12); CREATE TABLE log(x);")


def compiles(db):
    """Why a view or a trigger does not, or None."""
    try:
        for sql in ["INSERT INTO t DEFAULT VALUES", "DELETE FROM t"]:
            db.execute("EXPLAIN " + sql)
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'view'").fetchall():
            db.execute("EXPLAIN SELECT * FROM " + name)
    except sqlite3.OperationalError as e:
        return str(e)


def expected(case, was, a, b, using, others):
    """(None, the state) after a redefinition of `was`'s t, or (why it must be refused, None)."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    base(db)
    db.execute(b.sql)
    child = was.execute("SELECT sql FROM sqlite_schema WHERE name = 'ch'").fetchone()[0]
    db.execute(child)
    gone = [n for n in a.names() if n.lower() not in [m.lower() for m in b.names()]]
    if case.child and "k" in gone:
        return "column k has a child", None
    kept = []
    for sql, names, index in others:
        lost = [n for n in names if n in gone]
        if lost and (not index or len(names) > 1):
            return "%s needs %s" % (sql, lost), None
        if not index or not lost:
            kept.append((sql, names, index))
    into, source = [], []
    for c in b.columns:
        if c.generated:
            continue
        if c.name in using:
            value = using[c.name]
        elif c.name in a.names():
            value = quoted(c.name)
        elif c.name == b.alias and not a.keyed:
            value = "rowid"
        else:
            continue
        into.append(quoted(c.name))
        source.append(value)
    if not a.keyed and not b.keyed and not b.alias:
        into.append("rowid")
        source.append("rowid")
    rows = was.execute("SELECT %s FROM t%s" % (", ".join(source) or "1", order_of(was, a))).fetchall()
    values = "(%s) VALUES (%s)" % (", ".join(into), ", ".join("?" * len(into))) if into else " DEFAULT VALUES"
    try:
        for row in rows:
            db.execute("INSERT OR ABORT INTO t" + values, row if into else ())
    except sqlite3.Error as e:
        return "rows: %s" % e, None
    db.execute("DELETE FROM log")
    for row in was.execute("SELECT * FROM ch").fetchall():
        db.execute("INSERT INTO ch VALUES (?)", row)
    for sql, _, _ in kept:
        db.execute(sql)
    why = compiles(db)
    if why:
        return "compiles: %s" % why, None
    old, new = violations(was), violations(db)
    if new is None and old is not None:
        return "foreign key mismatch", None
    doubt = False
    for key, n in (new or {}).items():
        if old is not None and n > old.get(key, 0) + sum(m for k, m in old.items() if k[0] == "t" and k[2] in gone):
            return "foreign key %s" % (key,), None
        doubt |= n > (old or {}).get(key, 0) or key[2] in using  # it depends on which rows they are
    out = list(state(db, b))
    if a.counted and b.counted:
        out[2] = sequence(was)
    return DOUBT if doubt else None, tuple(out)


class Redefine(unittest.TestCase):
    def change(self, case, db, a, b, using, others, call):
        """Does it; was it done?"""
        why, want = expected(case, db, a, b, using, others)
        before, root = state(db, a), self.root(db)
        try:
            db.execute("SELECT " + call).fetchall()
            error = None
        except sqlite3.Error as e:
            error = str(e)
        if error is None:
            self.assertIn(why, (None, DOUBT), "it was done, although: %s" % why)
            self.assertEqual(db.execute("SELECT sql FROM sqlite_schema WHERE name = 't'").fetchone()[0], b.sql)
            if want is not None:
                for x, y in zip(state(db, b), want):
                    self.assertEqual(x, y)
            self.assertEqual(db.execute("SELECT count(*) FROM log").fetchone()[0], 0)
            self.done += 1
            self.edits += root == self.root(db)
            return True
        self.assertEqual(state(db, a), before)
        if why in (None, DOUBT) and not (why and "foreign key violation" in error):
            self.assertRegex(error, MAY_REFUSE)
        self.refused += 1
        return False

    def root(self, db):
        return db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 't'").fetchone()

    def one(self, seed, recreate):
        case = Case(seed)
        db = sqlite3.connect(":memory:", isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(LIBRARY)
        base(db)
        for sql in (case.made, case.b.sql):
            try:
                sqlite3.connect(":memory:").execute(sql)
            except sqlite3.Error:
                return
        db.execute(case.made)
        db.execute("CREATE TABLE ch(x%s)" % (" REFERENCES t(k)" if case.child else ""))
        if not case.fill(db):
            return
        case.others_in(db)
        db.execute("DELETE FROM log")
        if compiles(db) or violations(db) is None or db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return
        db.execute("PRAGMA foreign_keys = %s" % case.rng.choice(["ON", "OFF"]))
        values = ", ".join('["%s"] = [==[%s]==]' % pair for pair in case.using.items())
        script = ('revision = "r"\nfunction upgrade() op.batch_alter_table("t", function(t) t.redefine([==[%s]==], {using = {%s}}) end, {recreate = "%s"}) end\n'
                  'function downgrade() op.redefine_table("T", [==[%s]==]) end' % (case.b.sql, values, recreate, case.a.sql))
        db.execute("SELECT migrate_register(?, 'r.lua')", (script,)).fetchall()
        if not self.change(case, db, case.a, case.b, case.using, case.others, "migrate_upgrade()"):
            return
        here = [n for (n,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'index'").fetchall()]
        others = [o for o in case.others if not o[2] or o[0].split('"')[1] in here]
        if self.change(case, db, case.b, case.a, {}, others, "migrate_downgrade()"):
            self.assertEqual(db.execute("SELECT sql FROM sqlite_schema WHERE name = 't'").fetchone()[0], case.a.sql)

    def seeds(self, recreate):
        self.done = self.refused = self.edits = 0
        for seed in [int(ONLY)] if ONLY else range(SEEDS):
            with self.subTest(seed=seed):
                self.one(seed, recreate)
        if not ONLY:
            self.assertGreater(self.done, SEEDS // 4)
            self.assertGreater(self.refused, SEEDS // 10)
            self.assertGreater(self.edits, SEEDS // 20)

    def test_as_it_comes(self):
        self.seeds("auto")

    def test_rebuilt(self):
        self.seeds("always")

    def test_in_pieces(self):
        """Somebody watches, so that rows are copied in pieces: the same, and rowids in the order of the key."""
        n = 9000
        for key in ["k", "k DESC", "k COLLATE NOCASE", "k, z", "k DESC, z", "z COLLATE RTRIM, k"]:
            with self.subTest(key=key):
                db = sqlite3.connect(":memory:", isolation_level=None)
                db.enable_load_extension(True)
                db.load_extension(LIBRARY)
                told = []
                db.create_function("told", -1, lambda *a: told.append(a))
                db.execute("SELECT migrate_config('on_progress', 'told')").fetchall()
                db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, k TEXT, z)")
                db.execute("WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                           " INSERT INTO t SELECT i, printf('%s%05d', iif(i % 2, 'a', 'B'), i * 7919 % 9973), i % 10 FROM n", (n,))
                db.execute("CREATE INDEX i ON t(z)")
                was = db.execute("SELECT k, z FROM t ORDER BY " + key + ", id").fetchall()
                db.execute("SELECT migrate_register(?, 'r.lua')", (
                    'revision = "r"\nfunction upgrade() op.redefine_table("t", "CREATE TABLE t(z, k TEXT, PRIMARY KEY (%s)) WITHOUT ROWID") end\n'
                    'function downgrade() op.redefine_table("t", "CREATE TABLE t(k TEXT, id INTEGER PRIMARY KEY AUTOINCREMENT, z)") end' % key,)).fetchall()
                db.execute("SELECT migrate_upgrade()").fetchall()
                self.assertEqual(sorted(db.execute("SELECT k, z FROM t").fetchall()), sorted(was))
                db.execute("SELECT migrate_downgrade()").fetchall()
                self.assertEqual(db.execute("SELECT k, z FROM t ORDER BY id").fetchall(), was)
                self.assertEqual(db.execute("SELECT min(id), max(id) FROM t").fetchall(), [(1, n)])
                self.assertEqual(db.execute("SELECT seq FROM sqlite_sequence WHERE name = 't'").fetchall(), [(n,)])
                self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
                self.assertTrue(told)


if __name__ == "__main__":
    unittest.main()
