"""A property of altering: a random table, a random change, and everything else
is as it was.

What should be there afterwards is worked out without the library: the same
setup is run once more with the changed CREATE TABLE in the old one's place, and
the old rows are put in by plain INSERTs (the reference).  Where SQLite refuses
that, or a view, a trigger or a foreign key would break, the library must refuse
too, and then nothing at all may differ.

Compared with the reference: the schema, in order; rows with their rowids and
types; sqlite_sequence, sqlite_stat1; what the pragmas say of the table; what
INSERT, UPDATE and DELETE do; foreign_key_check.  Compared with the text before:
every part that was not to change, and the comments between, byte for byte.
recreate="auto" and "always" must agree in everything, the text included.

The reverse change gives the first digest back, byte for byte, except where
`Plan.undo` is
  "parts"  the text of the table may differ in the place of what was dropped and
           made again (a dropped column's comments are gone; a clause goes to the
           end of its column, a constraint to the end of the table), and in how a
           name that was renamed there and back is quoted, anywhere;
  "shape"  a column's constraint has come back as the table's;
  None     it cannot be reversed (data or a conflict clause is gone).

ALTER_SEEDS=N tries N seeds of each kind, ALTER_SEED=kind:K one.
"""

import collections
import copy
import os
import random
import re
import shutil
import sqlite3
import tempfile
import unittest

import digest as D
from project import LIBRARY

SEEDS = int(os.environ.get("ALTER_SEEDS", "36"))
ONLY = os.environ.get("ALTER_SEED")

NAMES = ["a", "b", "c", "qty", "Note", "price", "my col", "select", "order", "a,b", "x)y", "naïve", "key",
         'say "hi"', "it's", "group", "_under", "C3", "rowid", "type", "action", "[x", "--", "/*"]
TABLES = ["t", "Items", "my table", "order", "t)x", "ünï", "replace"]
BARE = {"a", "b", "c", "qty", "Note", "price", "naïve", "key", "_under", "C3", "rowid", "type", "action", "t",
        "Items", "ünï", "replace"}  # need no quotes
TYPES = {
    "INTEGER": ["INTEGER", "INT", "BIGINT", "UNSIGNED BIG INT", "int", "TINYINT(1)", "\"Integer\""],
    "TEXT": ["TEXT", "VARCHAR(50)", "VARCHAR (100)", "character varying(20)", "CLOB", "NVARCHAR ( 10 )", "text"],
    "REAL": ["REAL", "DOUBLE PRECISION", "FLOAT", "double /* p */ precision"],
    "NUMERIC": ["NUMERIC", "DECIMAL(10,2)", "DECIMAL ( 10 , -2 )", "TIMESTAMP", "BOOLEAN", "DATE", "[odd type]"],
    "BLOB": ["BLOB", ""],
}
STRICT_TYPES = {"INTEGER": ["INT", "INTEGER"], "TEXT": ["TEXT"], "REAL": ["REAL"], "BLOB": ["BLOB"], "ANY": ["ANY"]}
SPACES = [" ", " ", " ", "\n  ", "  ", "\t", " /* c */ ", " -- c, ' )\n ", "/**/"]
CONFLICTS = ["ABORT", "FAIL", "IGNORE", "REPLACE", "ROLLBACK"]
VALUES = [0, 1, -1, 2, 7, 42, 9223372036854775807, -9223372036854775808, 9007199254740993, 4294967296,
          0.0, 0.5, -1.5, 0.1 + 0.2, 1e300, -1e-300, float("inf"), 3.0,
          "", "x", "abc", "it's", 'd"q', "12", "-7", "3.5", "naïve ☃", "A", "a", "two\nlines", "007", "1e3", " 5",
          b"", b"\x00\xff", b"abc", None, None, None]


def literal(v):
    if v is None:
        return "NULL"
    if isinstance(v, bytes):
        return "x'%s'" % v.hex()
    if isinstance(v, str):
        return "'%s'" % v.replace("'", "''")
    if v == float("inf"):
        return "9e999"
    return repr(v)


def lua(v):
    """A string, or a list of them, in Lua."""
    if isinstance(v, (list, tuple)):
        return "{%s}" % ", ".join(map(lua, v))
    return '"%s"' % v.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")


# ---- a table as data ----

class Clause:
    """A constraint, or another clause of a column, as text."""

    def __init__(self, kind, body, cols=(), name=None, keys=(), conflict="", ref=None):
        self.kind, self.body, self.name, self.conflict = kind, body, name, conflict
        self.cols = set(cols)  # that it is about
        self.keys = list(keys)  # ... in order, of UNIQUE, PRIMARY KEY, FOREIGN KEY
        self.ref = ref  # (table, columns or None, options)
        self.gap = " "

    def text(self):
        return ("CONSTRAINT %s " % quoted(self.name) if self.name else "") + self.body + self.conflict


class Column:
    def __init__(self, name, type, affinity):
        self.name, self.type, self.affinity, self.clauses, self.fixed = name, type, affinity, [], None
        self.written, self.gap = quoted(name), " "

    def text(self):
        if self.fixed is None:
            parts = [self.written] + ([self.gap + self.type] if self.type else [])
            self.fixed = "".join(parts + [c.gap + c.text() for c in self.clauses])
        return self.fixed

    def find(self, kind):
        return next((c for c in self.clauses if c.kind == kind), None)

    def drop(self, kind):
        self.clauses = [c for c in self.clauses if c.kind != kind]
        self.fixed = None

    def add(self, clause):
        self.clauses.append(clause)
        self.fixed = None


class Table:
    def __init__(self):
        self.columns, self.constraints, self.strict, self.without_rowid = [], [], False, False
        self.seps = None

    def text(self, columns=None):
        listed = [c.text() for c in self.columns[:columns]] + [c.text() for c in self.constraints]
        seps = self.seps or ([("", "")] * (len(listed) + 1))
        body = "".join(a + i + b + "," for i, (a, b) in zip(listed, seps))[:-1]
        options = [o for o, on in (("STRICT", self.strict), ("WITHOUT ROWID", self.without_rowid)) if on]
        return "CREATE TABLE %s%s(%s)%s" % (self.written, self.space, body, self.tail + ", ".join(options) if options else "")

    def column(self, name):
        return next(c for c in self.columns if c.name == name)

    def clauses(self):
        """(column or None, clause) of all there are."""
        return [(c, k) for c in self.columns for k in c.clauses] + [(None, k) for k in self.constraints]

    def primary(self):
        return next(((c, k) for c, k in self.clauses() if k.kind == "primary_key"), (None, None))

    def alias(self):
        """The column that is the rowid."""
        c, k = self.primary()
        if self.without_rowid or not k or len(k.keys) != 1:
            return None
        column = self.column(k.keys[0])
        if D.tokens(column.type) != ["integer"] or (c and "DESC" in k.body.upper()):
            return None
        return column.name


def quoted(name, rng=None):
    """The name as SQL, in one of the ways it can be written."""
    ways = ['"%s"' % name.replace('"', '""')]
    if rng and "]" not in name:
        ways.append("[%s]" % name)
    if rng:
        ways.append("`%s`" % name.replace("`", "``"))
    if name in BARE:
        ways = [name] * 4 + (ways if rng else [])
    if rng and name in BARE and name.isascii():
        ways.append(name.upper())
    return rng.choice(ways) if rng else ways[0]


class Thing:
    """An index, a trigger, a view, a foreign key of a child: what depends."""

    def __init__(self, kind, name, cols=(), only=False):
        self.kind, self.name = kind, name
        self.cols = set(cols)  # that it names
        self.only = only  # an index that is about one column only


class Setup:
    """A random database: statements, the table in question and what depends."""

    def __init__(self, rng, kind):
        self.rng, self.kind = rng, kind
        self.statements, self.things, self.tried, self.failed = [], {}, 0, 0
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.execute("PRAGMA foreign_keys=OFF")
        self.other_tables()
        self.make_table()
        self.make_rows()
        if rng.random() < 0.3:
            self.run("DELETE FROM %s WHERE %s IN (2, 4)" % (self.table.written, self.table.columns[0].written), "rows")
        self.make_children()
        self.make_dependents()
        if rng.random() < 0.6:
            self.run("ANALYZE")
            self.run("UPDATE sqlite_stat1 SET stat = '7' || stat WHERE tbl NOT LIKE 'log'")

    def run(self, sql, role="other", must=False):
        """Keep the statement if SQLite takes it."""
        self.tried += 1
        try:
            self.db.execute(sql).fetchall()
        except sqlite3.Error as e:
            if must:
                raise RuntimeError("%s; in: %s" % (e, sql)) from e
            self.failed += 1
            return False
        self.statements.append((role, sql))
        return True

    def space(self):
        return self.rng.choice(SPACES)

    def chance(self, p):
        return self.rng.random() < p

    def other_tables(self):
        self.run("CREATE TABLE log(what, val)", must=True)
        self.run("CREATE TABLE p(id INTEGER PRIMARY KEY, code TEXT UNIQUE, pad)", must=True)
        self.run("INSERT INTO p VALUES(1,'x',1),(2,'abc',2),(7,'12',3),(42,'A',4),(0,'',5)", must=True)
        if self.chance(0.3):
            self.run("CREATE TABLE seq(id INTEGER PRIMARY KEY AUTOINCREMENT, x)", must=True)
            self.run("INSERT INTO seq VALUES(77, 1)", must=True)

    # -- the table --

    def make_table(self):
        rng, t = self.rng, Table()
        self.table = t
        t.name = rng.choice(TABLES)
        t.written = quoted(t.name, rng)
        t.name = D.unquote(t.written)
        t.space, t.tail = rng.choice(["", " ", "\n", "/* ( */"]), rng.choice([" ", "\n", " /* , */ "])
        t.strict = self.kind == "strict" or (self.kind == "without_rowid" and self.chance(0.2))
        t.without_rowid = self.kind == "without_rowid"
        names = rng.sample(NAMES, rng.randint(3, 7))
        self.constraint_names = iter(["ck one", "uq", "fk_p", "named", "n5", "n6", "n7", "n8", "n9"] + ["m%d" % i for i in range(40)])
        types = STRICT_TYPES if t.strict else TYPES
        for n in names:
            affinity = rng.choice(list(types))
            c = Column(n, rng.choice(types[affinity]), affinity)
            c.written, c.gap = quoted(n, rng), self.space()
            c.name = D.unquote(c.written)
            t.columns.append(c)
        self.make_key(t)
        for c in t.columns:
            self.make_clauses(t, c)
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            self.make_constraint(t)
        late = [] if self.kind != "late" else [self.late_column(t, n) for n in ("late1", "late two")][:rng.randint(1, 2)]
        t.seps = [(rng.choice(["", " ", "\n  ", "\n  -- about it\n  "]), rng.choice(["", "", "", " ", " /* after, */"]))
                  for _ in range(len(t.columns) + len(t.constraints))]
        for _ in range(30):  # what SQLite does not take is left out
            try:
                self.db.execute(t.text())
                break
            except sqlite3.Error:
                self.failed += 1
                self.simpler(t)
        else:
            raise RuntimeError("no table came out: " + t.text())
        self.statements.append(("table", t.text()))
        self.late = late

    def simpler(self, t):
        loose = [(c, k) for c, k in t.clauses() if k.kind not in ("primary_key",) and not (c and k.kind == "generated")]
        if not loose:
            loose = [(c, k) for c, k in t.clauses() if k.kind == "generated"] or t.clauses()
        c, k = self.rng.choice(loose)
        if c:
            c.clauses.remove(k)
            c.fixed = None
        else:
            t.constraints.remove(k)

    def make_key(self, t):
        rng = self.rng
        way = {"rowid": ["alias", "alias", "table_alias", "auto", "desc"], "keyless": ["none", "none", "text", "pair"],
               "without_rowid": ["text", "pair", "alias", "table_alias"], "strict": ["alias", "auto", "none", "pair"],
               "late": ["alias", "none", "auto"]}[self.kind]
        way = rng.choice(way)
        first = t.columns[0]
        if way in ("alias", "auto", "desc", "table_alias"):
            first.type, first.affinity = rng.choice(["INTEGER", "integer"] if not t.strict else ["INTEGER"]), "INTEGER"
        if way == "table_alias":
            t.constraints.append(Clause("primary_key", "PRIMARY KEY(%s)" % quoted(first.name, rng), {first.name}, self.maybe_name(), [first.name]))
        elif way == "pair":
            two = [first.name, t.columns[1].name]
            keys = ", ".join(quoted(n, rng) + rng.choice(["", " DESC", " COLLATE NOCASE"]) for n in two)
            t.constraints.append(Clause("primary_key", "PRIMARY  KEY (%s)" % keys, two, self.maybe_name(), two))
        elif way != "none":
            body = "PRIMARY KEY" + {"auto": " AUTOINCREMENT", "desc": " DESC"}.get(way, "")
            first.clauses.append(self.spaced(Clause("primary_key", body, {first.name}, self.maybe_name(), [first.name])))
        self.auto = way == "auto"

    def maybe_name(self, p=0.4):
        return next(self.constraint_names) if self.chance(p) else None

    def spaced(self, clause):
        clause.gap = self.space()
        return clause

    def conflict(self, p=0.2):
        return " ON CONFLICT " + self.rng.choice(CONFLICTS) if self.chance(p) else ""

    def default(self, late=False):
        plain = ["5", "-5", "+ 3", "0x10", "1.5", "'text'", "'it''s, ) --'", "x'00ff'", "NULL", "TRUE", "false", "''",
                 "9223372036854775807", "hello", "1e3", "'12'"]
        deep = ["(1 + 2)", "( 'a' || 'b' )", "(abs(-3))", "( 7 )", "(1 /* ) */ )", "current_date"]
        return self.rng.choice(plain + ([] if late else deep))

    def check(self, columns):
        """(expression, columns): mostly true for any values."""
        rng = self.rng
        a = rng.choice(columns)
        x = quoted(a.name, rng)
        one = ["%s IS NULL OR length(%s) < 900" % (x, x), "%s <> -999" % x, "typeof(%s) <> 'zzz'" % x,
               "%s NOT IN (-5, 'bad)', x'dead')" % x, "coalesce(%s, 0) <> 4242 /* , */" % x, "%s NOT LIKE 'zz%%'" % x]
        b = rng.choice(columns)
        if b is not a and self.chance(0.3):
            return "%s IS NOT %s OR %s IS NULL OR 1" % (x, quoted(b.name, rng), x), {a.name, b.name}
        return rng.choice(one), {a.name}

    def references(self, column):
        rng = self.rng
        to = rng.choice(["id", None]) if column.affinity in ("INTEGER", "NUMERIC", "REAL", "ANY") else "code"
        actions = rng.choice(["", " ON DELETE CASCADE", " ON DELETE SET NULL ON UPDATE CASCADE", " ON UPDATE NO ACTION", " on delete restrict"])
        defer = rng.choice(["", "", " DEFERRABLE INITIALLY DEFERRED", " NOT DEFERRABLE", " DEFERRABLE"])
        return "REFERENCES p%s%s%s" % ("(%s)" % to if to else "", actions, defer), ("p", to and [to], actions + defer)

    def make_clauses(self, t, c):
        rng = self.rng
        usual = [x for x in t.columns if not x.find("generated")]
        if c is not t.columns[0] and len(t.columns) > 3 and c.name not in self.keyed(t) and self.chance(0.15):
            base = rng.choice([x for x in usual if x is not c])
            x = quoted(base.name, rng)
            e = rng.choice(["%s || '-'", "length(%s)", "coalesce(%s, 'none')", "typeof(%s)"]) % x
            words = rng.choice(["GENERATED ALWAYS AS", "AS", "generated always as"])
            c.add(self.spaced(Clause("generated", "%s (%s)%s" % (words, e, rng.choice(["", " VIRTUAL", " STORED"])), {base.name, c.name})))
            if t.strict:
                c.type, c.affinity = "ANY", "ANY"
            elif c.affinity == "REAL":  # SQLite 3.40 shows a virtual one now as 3, now as 3.0
                c.type, c.affinity = "VARCHAR(50)", "TEXT"
            return
        if self.chance(0.3):
            c.add(self.spaced(Clause("not_null", "NOT NULL", {c.name}, self.maybe_name(0.1), conflict=self.conflict())))
        if self.chance(0.4):
            c.add(self.spaced(Clause("default", "DEFAULT " + self.default(), {c.name})))
        if self.chance(0.2):
            c.add(self.spaced(Clause("collate", "COLLATE " + rng.choice(["NOCASE", "RTRIM", "BINARY", '"nocase"']), {c.name})))
        if self.chance(0.15):
            c.add(self.spaced(Clause("unique", "UNIQUE", {c.name}, self.maybe_name(), [c.name], self.conflict())))
        if self.chance(0.2):
            e, cols = self.check([c])
            c.add(self.spaced(Clause("check", "CHECK (%s)" % e, cols, self.maybe_name(), conflict="")))
        if self.chance(0.12):
            body, ref = self.references(c)
            c.add(self.spaced(Clause("foreign_key", body, {c.name}, self.maybe_name(), [c.name], ref=ref)))
        rng.shuffle(c.clauses)

    def keyed(self, t):
        return set().union(*[k.keys for _, k in t.clauses() if k.kind in ("primary_key", "foreign_key")], set())

    def make_constraint(self, t):
        rng = self.rng
        plain = [c for c in t.columns if not c.find("generated")]
        kind = rng.choice(["check", "check", "unique", "foreign_key"])
        if kind == "check":
            e, cols = self.check(t.columns)
            t.constraints.append(Clause("check", "CHECK(%s)" % e, cols, self.maybe_name()))
        elif kind == "unique":
            cols = [c.name for c in rng.sample(plain, min(len(plain), rng.randint(1, 2)))]
            keys = ",".join(quoted(n, rng) + rng.choice(["", "", " DESC", " COLLATE RTRIM"]) for n in cols)
            t.constraints.append(Clause("unique", "UNIQUE (%s)" % keys, cols, self.maybe_name(), cols, self.conflict()))
        else:
            c = rng.choice(plain)
            body, ref = self.references(c)
            t.constraints.append(Clause("foreign_key", "FOREIGN KEY (%s) %s" % (quoted(c.name, rng), body), {c.name}, self.maybe_name(), [c.name], ref=ref))

    def late_column(self, t, name):
        affinity = self.rng.choice(["TEXT", "INTEGER", "BLOB"])
        c = Column(name, self.rng.choice(TYPES[affinity]), affinity)
        c.written = quoted(name)
        if self.chance(0.8):
            c.add(Clause("default", "DEFAULT " + self.default(late=True), {name}))
        if affinity == "TEXT" and c.clauses and c.clauses[0].body[8:].lower() in ("true", "false"):
            c.clauses[0].body = "DEFAULT 1"  # SQLite reads a number there, and blames it in integrity_check
        return c

    def add_late(self):
        """ALTER TABLE ADD COLUMN, whose value the old rows do not store."""
        t = self.table
        for c in self.late:
            if self.run("ALTER TABLE %s ADD COLUMN %s" % (quoted(t.name), c.text()), "late"):
                i = len(t.columns)
                t.columns.append(c)
                before, after = t.seps[i - 1]
                t.seps[i - 1:i] = [(before, after), (" ", "")]
                self.insert_rows(3)

    # -- its rows --

    def value(self, c):
        v = self.rng.choice(VALUES)
        if self.chance(0.6):
            v = {"INTEGER": self.rng.randint(-50, 5000), "TEXT": "v%d" % self.rng.randint(0, 999), "REAL": self.rng.randint(0, 999) / 8,
                 "NUMERIC": self.rng.choice([self.rng.randint(0, 99), 2.25])}.get(c.affinity, v)
        if any(k.kind == "foreign_key" and c.name in k.keys for _, k in self.table.clauses()) and self.chance(0.9):
            v = self.rng.choice([1, 2, 7, None] if c.affinity in ("INTEGER", "NUMERIC", "REAL", "ANY") else ["x", "abc", "", None])
        return v

    def insert_rows(self, n):
        t, rng = self.table, self.rng
        plain = [c for c in t.columns if not c.find("generated")]
        names = [c.name for c in t.columns]
        rowid = D.rowid_of(names) if not t.without_rowid and t.alias() is None else None
        for i in range(n):
            if rng.random() < 0.15 and len(plain) > 1:
                use = rng.sample(plain, len(plain) - 1)
            else:
                use = plain
            values = [self.value(c) for c in use]
            if t.alias() in [c.name for c in use]:  # never the last one: SQLite takes a random rowid then
                values[[c.name for c in use].index(t.alias())] = rng.choice([None, i * 3 - 4, i + 1000, 9223372036854775000 - i, -i])
            cols, vals = [quoted(c.name) for c in use], [literal(v) for v in values]
            if rowid and rng.random() < 0.6:
                cols, vals = cols + [rowid], vals + [str(rng.choice([i * 5 - 9, 2 ** 40 + i, -9223372036854775808 + i]))]
            self.run("INSERT OR IGNORE INTO %s(%s) VALUES(%s)" % (t.written, ", ".join(cols), ", ".join(vals)), "rows")

    def make_rows(self):
        self.insert_rows(self.rng.choice([0, 8, 8, 12, 12, 16]))
        if self.kind == "late":
            self.add_late()
        said = self.db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (self.table.name,)).fetchone()[0]
        if self.table.text() != said:
            raise RuntimeError("the model says %r, SQLite %r" % (self.table.text(), said))

    # -- what depends on it --

    def make_children(self):
        """Tables with foreign keys to it, and rows behind them."""
        t, rng = self.table, self.rng
        keys = [k.keys[0] for _, k in t.clauses() if k.kind in ("primary_key", "unique") and len(k.keys) == 1 and
                "COLLATE" not in k.body]
        for i, action in enumerate(rng.sample(["CASCADE", "SET NULL", "RESTRICT"], rng.randint(0, 2)) if keys else []):
            to = rng.choice(keys)
            primary = t.primary()[1]
            written = "" if primary and primary.keys == [to] and self.chance(0.3) else "(%s)" % quoted(to, rng)
            child = "child%d" % i
            self.run("CREATE TABLE %s(id INTEGER PRIMARY KEY, ref %s REFERENCES %s%s ON DELETE %s ON UPDATE CASCADE)" % (
                child, t.column(to).type, quoted(t.name, rng), written, action), must=True)
            self.run("INSERT INTO %s(ref) SELECT %s FROM %s WHERE %s IS NOT NULL LIMIT 5" % (child, quoted(to), quoted(t.name), quoted(to)), "child")
            rows = self.db.execute("SELECT id, ref FROM " + child).fetchall()
            self.statements.pop()
            for row in rows:
                self.statements.append(("other", "INSERT INTO %s VALUES(%s)" % (child, ", ".join(map(literal, row)))))
            if self.chance(0.3):
                self.run("INSERT INTO %s(ref) VALUES('orphan')" % child)
            self.things[child] = Thing("child", child, [to])

    def make_dependents(self):
        makers = [self.index, self.index, self.index, self.view, self.trigger, self.trigger]
        for i in range(self.rng.randint(0, 6)):
            self.rng.choice(makers)(i)

    def some(self, n):
        cols = self.rng.sample(self.table.columns, min(n, len(self.table.columns)))
        return [c.name for c in cols], [quoted(c.name, self.rng) for c in cols]

    def index(self, i):
        rng = self.rng
        names, written = self.some(rng.randint(1, 2))
        rng_name = quoted("ix%d" % i, rng)
        keys = [w + rng.choice(["", "", " DESC", " COLLATE NOCASE", " ASC"]) for w in written]
        if self.chance(0.3):
            keys[0] = rng.choice(["lower(%s)", "length(%s) DESC", "(%s || 'x')"]) % written[0]
        where = ""
        if self.chance(0.3):
            more, w = self.some(1)
            where = " WHERE %s IS NOT NULL" % w[0]
            names = names + more
        sql = "CREATE %sINDEX %s ON %s (%s)%s" % ("UNIQUE " if self.chance(0.25) else "", rng_name, quoted(self.table.name, rng), ", ".join(keys), where)
        if self.run(sql, "ix%d" % i):
            self.things["ix%d" % i] = Thing("index", "ix%d" % i, names, only=len(set(names)) == 1)

    def view(self, i):
        rng, name = self.rng, "v%d" % i
        names, w = self.some(2)
        temp = rng.choice(["", "", "TEMP "])
        select = rng.choice(["SELECT %s AS x FROM %s WHERE %s IS NOT NULL", "SELECT * FROM %s", "SELECT count(*) AS n FROM %s"])
        t = quoted(self.table.name, rng)
        if select.count("%s") == 3:
            sql = select % (w[0], t, w[-1])
        else:
            sql, names = select % t, []
        if self.run("CREATE %sVIEW %s AS %s" % (temp, name, sql), "view"):
            self.things[name] = Thing("view", name, names)
            if self.chance(0.3):
                self.run("CREATE TEMP VIEW w%d AS SELECT * FROM %s" % (i, name), "view")

    def trigger(self, i):
        rng, name = self.rng, "tr%d" % i
        names, w = self.some(2)
        t, on = quoted(self.table.name, rng), rng.randint(0, 3)
        if on == 0:
            sql = "CREATE TRIGGER %s AFTER UPDATE OF %s ON %s WHEN new.%s IS NOT 3 BEGIN INSERT INTO log VALUES('u', old.%s); END" % (name, w[0], t, w[-1], w[0])
        elif on == 1:
            sql = "CREATE TRIGGER %s AFTER DELETE ON %s BEGIN INSERT INTO log VALUES('d;', old.%s); END" % (name, t, w[0])
            names = names[:1]
        elif on == 2:
            sql = "CREATE TEMP TRIGGER %s BEFORE INSERT ON main.%s BEGIN INSERT INTO log VALUES('i', new.%s); END" % (name, t, w[0])
            names = names[:1]
        else:
            sql = "CREATE TRIGGER %s AFTER INSERT ON p BEGIN INSERT INTO log SELECT 'p', %s FROM %s LIMIT 1; DELETE FROM %s WHERE %s = 'none'; END" % (
                name, w[0], t, t, w[-1])
        if self.run(sql, "trigger"):
            self.things[name] = Thing("trigger", name, names)


# ---- a change ----

class Plan:
    """A random change: the calls, and what must come of them."""

    def __init__(self, setup, rng):
        self.setup, self.rng = setup, rng
        self.table = copy.deepcopy(setup.table)
        self.calls, self.reverse = [], []
        self.renames, self.refuse, self.either = [], [], []
        self.values = {}  # column: SQL over the old row
        self.fresh, self.gone, self.touched = [], set(), set()
        self.made = []  # statements for the reference, afterwards
        self.converted = {}  # column: the old affinity
        self.undo, self.keys_touched, self.busy = "exact", False, set()
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            getattr(self, rng.choice(STEPS))()
        if not self.calls:
            self.add_check()

    # -- the calls as Lua --

    def script(self, recreate):
        """(up, down): the bodies of the functions; down is None without one."""
        up = self.lua(self.calls, recreate)
        back = [c for group in reversed(self.reverse) for c in group]
        return up, None if self.undo is None else self.lua(back, recreate)

    def lua(self, calls, recreate):
        t = lua(self.setup.table.name)
        if recreate == "auto" and self.setup.rng_form < 0.5 and len(calls) == 1:
            fn, args = calls[0]
            args = list(args)
            if fn.startswith("create_"):
                args.insert(1, t)
            else:
                args.insert(0, t)
            return "op.%s(%s)" % (fn, ", ".join(args)) if fn != "drop_index" else "op.drop_index(%s)" % args[1]
        lines = ["  t%s%s(%s)" % (":" if self.setup.rng_form < 0.1 else ".", fn, ", ".join(args)) for fn, args in calls]
        return "op.batch_alter_table(%s, function(t)\n%s\nend, {recreate=%s})" % (t, "\n".join(lines), lua(recreate))

    def call(self, fn, *args, back=None):
        """One call and its reverse: [(fn, args)], "exact" unless said otherwise."""
        self.calls.append((fn, args))
        self.reverse.append(back or [])

    def undoing(self, level):
        order = ["exact", "parts", "shape", None]
        self.undo = order[max(order.index(self.undo), order.index(level))]

    # -- helpers --

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, test=lambda c: True):
        """A column that no step of this change has touched."""
        free = [c for c in self.table.columns if c.name not in self.busy and c not in self.fresh and test(c)]
        if not free:
            return None
        c = self.rng.choice(free)
        self.busy.add(c.name)
        return c

    def touch(self, *names):
        self.touched |= {n.lower() for n in names}

    def new_name(self):
        taken = {c.name.lower() for c in self.table.columns} | {n.lower() for pair in self.renames for n in pair}
        taken |= {n.lower() for n in self.busy}
        return self.rng.choice([n for n in ["fresh", "new col", "Zeta", "where", "x2", "é", "b-1"] if n.lower() not in taken])

    def now(self, name):
        """What a column is called after the renames so far."""
        for old, new in self.renames:
            name = new if name == old else name
        return name

    def expression(self, c):
        return "%s IS NULL OR %s NOT IN (-77, 'q')" % ((D.q(c),) * 2)

    def matching(self, kind, cols):
        return [k for _, k in self.table.clauses() if k.kind == kind and set(k.keys or k.cols) == set(cols)]

    # -- steps --

    def add_column(self):
        rng, t = self.rng, self.table
        name = self.new_name()
        self.busy.add(name)
        if t.strict:
            affinity = rng.choice(list(STRICT_TYPES))
            type = rng.choice(STRICT_TYPES[affinity])
        else:
            affinity = rng.choice(list(TYPES))
            type = rng.choice(TYPES[affinity])
        c = Column(name, type, affinity)
        c.written = quoted(name)
        unique = generated = default = using = None
        if self.chance(0.15):
            base = rng.choice([x for x in t.columns if not x.find("generated")])
            how = rng.choice(["", " STORED", " VIRTUAL"])
            generated = Clause("generated", "AS (%s)%s" % ("typeof(%s)" % D.q(base.name), how), {base.name, name})
            if base.name in self.converted or self.now(base.name) != base.name:
                return
            self.busy.add(base.name)
            c.add(generated)
            if t.strict:
                c.type = c.affinity = "ANY"
        else:
            if self.chance(0.6):
                default = self.setup.default()
                c.add(Clause("default", "DEFAULT " + default, {name}))
            if self.chance(0.3):
                c.add(Clause("not_null", "NOT NULL", {name}))
            if self.chance(0.15):
                c.add(Clause("unique", "UNIQUE", {name}, keys=[name]))
                self.keys_touched = True
            if self.chance(0.2):
                c.add(Clause("check", "CHECK (%s)" % self.expression(name), {name}))
            if self.chance(0.15):
                c.add(Clause("collate", "COLLATE NOCASE", {name}))
            if self.chance(0.15):
                c.add(Clause("foreign_key", "REFERENCES p(id)", {name}, keys=[name], ref=("p", ["id"], "")))
            if self.chance(0.35):
                base = rng.choice(t.columns).name  # may be generated
                using = rng.choice(["7", "'12'", "NULL", "typeof(%s)" % D.q(self.now(base)), D.q(self.now(base))])
                base_sql = D.q(base)
                self.values[name] = using.replace(D.q(self.now(base)), base_sql)
        at, options = len(t.columns), []
        if self.chance(0.4):
            olds = [x for x in t.columns if x.name not in self.gone]
            place = rng.choice(olds)
            way = rng.choice(["after", "before"])
            at = t.columns.index(place) + (way == "after")
            options.append("%s=%s" % (way, lua(self.now(place.name))))
        if using is not None:
            options.append("using=" + lua(using))
        t.columns.insert(at, c)
        self.fresh.append(c)
        args = [lua(c.text())] + (["{%s}" % ", ".join(options)] if options else [])
        self.call("add_column", *args, back=[("drop_column", [lua(name)])])

    def about(self, name):
        """What keeps a column from being dropped."""
        t, out = self.table, []
        for owner, k in t.clauses():
            if name in k.cols and len(k.cols) > 1 and not (k.kind == "generated" and owner.name == name):
                out.append("%s names it and others" % k.text())
            if k.kind == "foreign_key" and k.ref[0] == t.name:
                out.append("a key to itself")
        for thing in self.setup.things.values():
            if name in thing.cols and not thing.only and thing.name not in self.gone:
                out.append("%s %s names it" % (thing.kind, thing.name))
        return out

    def drop_column(self):
        t = self.table
        c = self.pick()
        if not c or any(c.name in x.cols and x.kind == "generated" for _, x in t.clauses() if x.kind == "generated" and x not in c.clauses):
            return
        self.refuse += self.about(c.name)
        if any(f.find("generated") and c.name in f.find("generated").cols for f in self.fresh):
            self.refuse.append("a new column stands on it")
        if len(t.columns) == 1:
            self.refuse.append("it is the last")
        if c.find("primary_key") and self.setup.auto:
            self.either.append("what becomes of its sqlite_sequence row")
        if any(c.name in k.keys for _, k in t.clauses() if k.kind in ("unique", "primary_key")):
            self.keys_touched = True
        at = t.columns.index(c)
        t.columns.remove(c)
        self.touched |= {k.text() for k in t.constraints if k.cols == {c.name}}
        t.constraints = [k for k in t.constraints if k.cols != {c.name}]
        for x in self.setup.things.values():
            if x.only and c.name in x.cols:
                self.gone.add(x.name)
        self.gone.add(c.name)
        self.undoing("parts" if c.find("generated") and not any(x.only and c.name in x.cols for x in self.setup.things.values())
                     and t.constraints == self.setup.table.constraints else None)
        place = "{after=%s}" % lua(self.now(t.columns[at - 1].name)) if at else "{before=%s}" % lua(self.now(t.columns[0].name)) if t.columns else "nil"
        if t.columns and t.columns[max(at - 1, 0)] in self.fresh:
            self.undoing(None)
        self.call("drop_column", lua(self.now(c.name)), back=[("add_column", [lua(c.text()), place])])
        self.touch(c.name)

    def rename(self):
        c = self.pick()
        if not c:
            return
        new = self.new_name()
        if self.chance(0.05):
            new = next((x.name for x in self.table.columns if x.name != c.name and x not in self.fresh), new)
            if new in self.busy:
                return
        self.busy.add(new)
        self.renames.append((c.name, new))
        self.call("alter_column", lua(c.name), "{name=%s}" % lua(new), back=[("alter_column", [lua(new), "{name=%s}" % lua(c.name)])])
        self.undoing("parts")

    def alter_type(self):
        t, rng = self.table, self.rng
        c = self.pick(lambda c: not c.find("generated"))
        if not c:
            return
        types = STRICT_TYPES if t.strict else TYPES
        affinity = c.affinity if self.chance(0.5) else rng.choice(list(types))
        new = rng.choice([x for x in types[affinity] if D.tokens(x) != D.tokens(c.type)] or types[affinity])
        options = ["type=" + (lua(new) if new or self.chance(0.5) else "null")]
        old, was = c.type, c.affinity
        base = D.q(self.now(c.name))
        if affinity != was:
            self.undoing(None)
            if self.chance(0.3):
                using = rng.choice(["CAST(%s AS INTEGER)" % base, "length(%s)" % base, "NULL", "'5'"])
                if t.strict:
                    using = rng.choice(["NULL", "'5'"])
                options.append("using=" + lua(using))
                self.values[c.name] = using.replace(base, D.q(c.name))
            else:
                self.converted[c.name] = (was, affinity)
        self.before = t.alias()
        if not (old and new) and c.gap != " ":
            self.undoing("parts")
        c.type, c.affinity, c.fixed = new, affinity, None
        if (self.before is None) != (t.alias() is None):
            self.keys_touched = True
            self.undoing(None)
        if t.without_rowid and t.primary()[1] and t.primary()[1].keys == [c.name] and (D.tokens(old) == ["integer"]) != (D.tokens(new) == ["integer"]):
            self.keys_touched = True  # the numbers of its autoindexes change
        self.call("alter_column", lua(self.now(c.name)), "{%s}" % ", ".join(options),
                  back=[("alter_column", [lua(self.now(c.name)), "{type=%s}" % (lua(old) if old else "null")])])
        self.touch(c.name)

    def alter_null(self):
        c = self.pick(lambda c: not c.find("generated"))
        if not c:
            return
        name = lua(self.now(c.name))
        old = c.find("not_null")
        if old:
            c.drop("not_null")
            self.undoing(None if old.conflict or old.name else "parts")
            self.call("alter_column", name, "{nullable=true}", back=[("alter_column", [name, "{nullable=false}"])])
        else:
            c.add(Clause("not_null", "NOT NULL", {c.name}))
            options = "nullable=false"
            if self.chance(0.4):
                base = D.q(self.now(c.name))
                using = "coalesce(%s, 3)" % base
                self.values[c.name] = using.replace(base, D.q(c.name))
                options += ", using=" + lua(using)
                self.undoing(None)
            self.call("alter_column", name, "{%s}" % options, back=[("alter_column", [name, "{nullable=true}"])])
        self.touch(c.name)

    def alter_default(self):
        c = self.pick(lambda c: not c.find("generated") and not c.find("primary_key"))
        if not c:
            return
        name, old = lua(self.now(c.name)), c.find("default")
        before = old and old.body[len("DEFAULT "):]
        new = None if old and self.chance(0.3) else self.setup.default()
        if new == before:
            return
        if new is None:
            c.drop("default")
            self.undoing("parts")
        elif old:
            old.body, c.fixed = "DEFAULT " + new, None
        else:
            c.add(Clause("default", "DEFAULT " + new, {c.name}))
        self.call("alter_column", name, "{default=%s}" % (lua(new) if new else "null"),
                  back=[("alter_column", [name, "{default=%s}" % (lua(before) if old else "null")])])
        self.touch(c.name)

    def alter_collate(self):
        c = self.pick(lambda c: not c.find("generated"))
        if not c:
            return
        name, old = lua(self.now(c.name)), c.find("collate")
        before = old and D.unquote(old.body[len("COLLATE "):])
        new = None if old and self.chance(0.4) else self.rng.choice(["NOCASE", "RTRIM", "BINARY"])
        if before and new and before.lower() == new.lower():
            return
        if new is None:
            c.drop("collate")
            self.undoing("parts")
        elif old:
            if old.body[8] == '"':
                self.undoing("parts")
            old.body, c.fixed = "COLLATE " + new, None
        else:
            c.add(Clause("collate", "COLLATE " + new, {c.name}))
        self.call("alter_column", name, "{collate=%s}" % (lua(new) if new else "null"),
                  back=[("alter_column", [name, "{collate=%s}" % (lua(before) if old else "null")])])
        self.touch(c.name)

    def several(self):
        """Two properties of one column in one call."""
        c = self.pick(lambda c: not c.find("generated") and not c.find("not_null") and not c.find("default") and not c.find("primary_key"))
        if not c:
            return
        name = lua(self.now(c.name))
        c.add(Clause("not_null", "NOT NULL", {c.name}))
        c.add(Clause("default", "DEFAULT 'd'", {c.name}))
        self.call("alter_column", name, "{nullable=false, default=\"'d'\"}", back=[("alter_column", [name, "{nullable=true, default=null}"])])
        self.touch(c.name)

    def constraint(self, kind, cols, clause, *args):
        if any(set(cols) & {c} for c in self.gone):
            return
        self.busy |= set(cols)
        same = self.matching(kind, cols)
        name = clause.name
        if same and not name:
            return
        self.table.constraints.append(clause)
        drop = lua(name) if name else "{type=%s, columns=%s}" % (lua(kind), lua([self.now(c) for c in cols]))
        self.call("create_%s" % {"check": "check_constraint", "unique": "unique_constraint", "foreign_key": "foreign_key", "primary_key": "primary_key"}[kind],
                  lua(name) if name else "nil", *args, back=[("drop_constraint", [drop])])

    def free(self, n=1):
        cols = [c.name for c in self.table.columns if c.name not in self.busy and c not in self.fresh and not c.find("generated")]
        return self.rng.sample(cols, n) if len(cols) >= n else None

    def name(self):
        return self.rng.choice([None, "added", "added too", "check"])

    def add_check(self):
        cols = self.free()
        name = self.name()
        if not cols or any(k.name == name for _, k in self.table.clauses() if name):
            return
        e = self.expression(cols[0])
        if self.chance(0.3):
            e = "%s > 5" % D.q(cols[0])
        self.constraint("check", cols, Clause("check", "CHECK (%s)" % e, cols, name), lua(e.replace(D.q(cols[0]), D.q(self.now(cols[0])))))

    def add_unique(self):
        cols = self.free(self.rng.randint(1, 2))
        name = self.name()
        if not cols or any(k.name == name for _, k in self.table.clauses() if name):
            return
        self.keys_touched = True
        clause = Clause("unique", "UNIQUE (%s)" % ", ".join(map(D.q, cols)), cols, name, cols)
        self.constraint("unique", cols, clause, lua([self.now(c) for c in cols]))

    def add_key(self):
        cols = self.free()
        name = self.name()
        if not cols or any(k.name == name for _, k in self.table.clauses() if name):
            return
        c = self.table.column(cols[0])
        to = "id" if c.affinity in ("INTEGER", "NUMERIC", "REAL", "ANY") else "code"
        action, option = self.rng.choice([("", ""), (" ON DELETE CASCADE", "ondelete='CASCADE'"), (" ON UPDATE SET NULL", "onupdate='set null'"),
                                          (" DEFERRABLE INITIALLY DEFERRED", "deferrable=true, initially='DEFERRED'")])
        body = "FOREIGN KEY (%s) REFERENCES p (%s)%s" % (D.q(cols[0]), to, action)
        self.constraint("foreign_key", cols, Clause("foreign_key", body, cols, name, cols, ref=("p", [to], "")), '"p"', lua([self.now(cols[0])]), lua([to]),
                        *(["{%s}" % option] if option else []))

    def add_primary(self):
        cols = self.free(self.rng.randint(1, 2))
        if not cols:
            return
        already, calls = self.table.primary()[1], len(self.calls)
        self.keys_touched = True
        name = self.rng.choice([None, "the_pk"])
        clause = Clause("primary_key", "PRIMARY KEY (%s)" % ", ".join(map(D.q, cols)), cols, name, cols)
        self.constraint("primary_key", cols, clause, lua([self.now(c) for c in cols]))
        if already and len(self.calls) > calls:
            self.refuse.append("it has a primary key")
        if self.table.alias():
            self.undoing("shape")
            if self.setup.db.execute("SELECT count(*) FROM %s WHERE %s IS NULL" % (D.q(self.table.name), D.q(cols[0]))).fetchone()[0]:
                self.either.append("a rowid that is NULL")

    def drop_constraint(self):
        t = self.table
        kinds = ("check", "unique", "foreign_key", "primary_key")
        usable = [(c, k) for c, k in t.clauses() if k.kind in kinds and not (k.cols & self.busy) and k in [x for _, x in t.clauses()]
                  and (c is None or c not in self.fresh)]
        if not usable:
            return
        c, k = self.rng.choice(usable)
        about = k.keys or sorted(k.cols)
        by_name = k.name and self.chance(0.7)
        same = self.matching(k.kind, about)
        if not by_name and len(same) > 1:
            return
        if by_name and len([1 for _, x in t.clauses() if x.name and x.name.lower() == k.name.lower()]) > 1:
            return
        self.busy |= k.cols
        if k.kind in ("unique", "primary_key"):
            self.keys_touched = True
            for x in self.setup.things.values():
                if x.kind == "child" and k.keys[0] in x.cols:
                    self.either.append("a child's key stands on it")
        if k.kind == "primary_key" and self.setup.auto:
            self.either.append("what becomes of its sqlite_sequence row")
        if c:
            c.clauses.remove(k)
            c.fixed = None
            self.touch(c.name)
        else:
            t.constraints.remove(k)
            self.touched.add(k.text())
        expression = k.body[k.body.find("(") + 1:-1]
        back = [("create_check_constraint", [lua(k.name) if k.name else "nil", lua(expression)])]
        self.undoing(("shape" if c else "parts") if k.kind == "check" else None)
        arg = lua(k.name) if by_name else "{type=%s, columns=%s}" % (lua(k.kind), lua([self.now(n) for n in about]))
        self.call("drop_constraint", arg, back=back)

    def index(self):
        cols = self.free()
        if not cols or "added_ix" in self.gone:
            return
        self.busy |= set(cols)
        self.gone.add("added_ix")
        self.made.append("CREATE INDEX added_ix ON %s (%s)" % (D.q(self.table.name), D.q(self.now(cols[0]))))
        self.call("create_index", lua("added_ix"), lua([D.q(self.now(cols[0]))]), back=[("drop_index", [lua("added_ix")])])


STEPS = ["add_column", "add_column", "drop_column", "drop_column", "rename", "rename", "alter_type", "alter_type", "alter_null", "alter_default",
         "alter_default", "alter_collate", "several", "add_check", "add_unique", "add_key", "add_primary", "drop_constraint", "drop_constraint", "index"]


# ---- the reference ----

class Refused(Exception):
    """Why the change cannot be."""


def connected(statements):
    db = sqlite3.connect(":memory:", isolation_level=None)
    D.with_text(db)
    for _, sql in statements:
        db.execute(sql).fetchall()
    return db


def old_rows(setup, plan):
    """The old rows, as (columns, rows) for the new table."""
    old, new, db = setup.table, plan.table, setup.db
    D.with_text(db)
    names = [c.name for c in old.columns]
    rowid = None if old.without_rowid else D.rowid_of(names)
    if not rowid and not old.without_rowid:
        rowid = old.alias() and D.q(old.alias())
    columns, listed = [], []
    for c in new.columns:
        if c.find("generated"):
            continue
        if c.name in plan.values:
            listed.append("(%s)" % plan.values[c.name])
        elif c not in plan.fresh:
            listed.append(D.q(c.name))
        elif c.name == new.alias():
            listed.append(rowid)
        else:
            continue
        columns.append(c.name)
    new_rowid = D.rowid_of([c.name for c in new.columns])
    if rowid and not new.alias() and new_rowid:
        columns, listed = columns + [None], listed + [rowid]
    rows = db.execute("SELECT %s FROM %s" % (", ".join(listed), D.q(old.name))).fetchall()
    return [D.q(c) if c else new_rowid for c in columns], rows


def carry(old, new):
    """What SQLite keeps about tables is as it was, of what is still there."""
    names = {r[0] for r in new.execute("SELECT name FROM sqlite_schema").fetchall()}
    for kept in {"sqlite_sequence", "sqlite_stat1"} & names:
        new.execute("DELETE FROM " + kept)
        for row in old.execute("SELECT * FROM " + kept).fetchall():
            if kept == "sqlite_sequence" or row[1] is None or row[1] in names or row[1] == row[0]:
                new.execute("INSERT INTO %s VALUES(%s)" % (kept, ", ".join("?" * len(row))), row)


def reference(setup, plan):
    """The database as it must be afterwards; raises Refused."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    D.with_text(db)
    new, t = plan.table, D.q(plan.table.name)
    new.seps = None
    try:
        columns, rows = old_rows(setup, plan)
        for role, sql in setup.statements:
            if role == "table":
                db.execute(new.text())
                db.executemany("INSERT OR ABORT INTO %s(%s) VALUES(%s)" % (t, ", ".join(columns), ", ".join("?" * len(columns))), rows)
            elif role not in ("rows", "late") and role not in plan.gone:
                db.execute(sql).fetchall()
        for old, name in plan.renames:
            db.execute("ALTER TABLE %s RENAME COLUMN %s TO %s" % (t, D.q(old), quoted(name)))
        for sql in plan.made:
            db.execute(sql)
        carry(setup.db, db)
    except sqlite3.Error as e:
        raise Refused(str(e)) from e
    return db


def conversions(setup, plan):
    """"ok", "bad" or "either": may the values be turned into the new types?"""
    said = {"ok"}
    for name, (old, new) in plan.converted.items():
        for (v,) in setup.db.execute("SELECT %s FROM %s" % (D.q(name), D.q(setup.table.name))).fetchall():
            said.add(conversion(v, new))
    return "bad" if "bad" in said else "either" if "either" in said else "ok"


def conversion(v, affinity):
    if v is None or affinity in ("BLOB", "ANY"):
        return "ok"
    if affinity == "TEXT":
        if isinstance(v, bytes):
            return "bad"
        return "ok" if not isinstance(v, float) else "either"
    if isinstance(v, bytes):
        return "bad"
    if isinstance(v, str):
        if re.fullmatch(r"-?[1-9]\d{0,14}|0", v):
            return "ok"
        return "either" if re.fullmatch(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", v) else "bad"
    if affinity == "INTEGER" and isinstance(v, float):
        return "ok" if abs(v) < 2 ** 53 and v == int(v) else "either" if v != float("inf") and v == int(v) else "bad"
    if affinity == "REAL" and isinstance(v, int):
        return "ok" if abs(v) <= 2 ** 53 else "bad" if int(float(v)) != v else "either"
    return "ok"


# ---- comparing ----

def touched_stats(plan, d):
    """Statistics of indexes that are named anew are another matter."""
    if plan.keys_touched:
        name = "'sqlite_autoindex_%s_" % plan.table.name.replace("'", "''")
        for key in list(d):
            if " sqlite_stat" in key:
                d[key] = [r for r in d[key] if not r[1].lower().strip('"').startswith(name.lower().strip('"')) and "sqlite_autoindex_" not in r[1]]
    return d


def schema_as(d, plan, text):
    """The digest with the schema's texts made comparable by text(name, sql)."""
    out = touched_stats(plan, dict(d))
    for key in [k for k in out if k.endswith(" schema")]:
        out[key] = [(kind, name, table, text(name, sql) if sql else None) for kind, name, table, sql in out[key]
                    if sql or table != plan.table.name or not plan.keys_touched]
    return out


def normal(plan):
    """Texts as in the reference: the table's by parts, others' exactly, or by
    their tokens when a name in them was changed."""
    def text(name, sql):
        if name == plan.table.name:
            return parts_of(plan, sql)
        return " ".join(D.tokens(sql)) if plan.renames or name == "added_ix" else sql
    return text


def parts_of(plan, sql):
    columns, constraints = D.parts(sql)
    if plan.keys_touched and plan.table.primary()[1]:  # a key may stand in its column or behind
        return repr([(n, [t for t in ts if t not in ("primary", "key")]) for n, ts in columns])
    return repr((columns, constraints))


def probes(setup, plan, rng):
    """Statements that try the constraints."""
    t, out = plan.table, []
    table = D.q(t.name)
    gone = dict(plan.renames)
    plain = [c for c in t.columns if not c.find("generated")]
    for i in range(10):
        use = plain if rng.random() < 0.6 else rng.sample(plain, max(1, len(plain) - 1))
        if t.alias() and t.alias() not in [c.name for c in use]:
            use = use + [t.column(t.alias())]
        values = [literal(setup.value(c) if c.name != t.alias() else 500 + i) for c in use]
        out.append("INSERT INTO %s(%s) VALUES(%s)" % (table, ", ".join(D.q(gone.get(c.name, c.name)) for c in use), ", ".join(values)))
    for i in range(4):
        c = rng.choice(plain)
        n = D.q(gone.get(c.name, c.name))
        out.append("UPDATE %s SET %s = %s WHERE %s IS NOT NULL" % (table, n, literal(setup.value(c) if c.name != t.alias() else 700 + i), n))
    out += ["INSERT INTO p VALUES(100, 'new', 1)", "DELETE FROM p WHERE id = 2", "DELETE FROM p WHERE id = 1",
            "DELETE FROM {0} WHERE {1} IN (SELECT {1} FROM {0} ORDER BY {1} LIMIT 2)".format(table, D.q(gone.get(plain[0].name, plain[0].name))),
            ]
    return out + (["INSERT INTO %s DEFAULT VALUES" % table] if not t.alias() or setup.table.alias() else [])


def behaviour(db, statements):
    """What each comes to, and everything there is afterwards; rolled back."""
    said = []
    db.execute("PRAGMA foreign_keys=ON")
    db.execute("BEGIN")
    for sql in statements:
        try:
            db.execute(sql).fetchall()
            said.append((sql, "ok"))
        except sqlite3.Error as e:
            said.append((sql, getattr(e, "sqlite_errorname", type(e).__name__)))
            if not db.in_transaction:
                db.execute("BEGIN")  # ON CONFLICT ROLLBACK
    after = D.digest(db)
    db.execute("ROLLBACK")
    return {"probe": said, **{"probed " + k: v for k, v in after.items() if not k.endswith(" schema") and "sqlite_stat" not in k}}


class Alter(unittest.TestCase):
    """One seed after the other; a failure prints the database and the change."""

    @classmethod
    def setUpClass(cls):
        cls.empty = tempfile.mkdtemp(prefix="migrate-alter-")
        os.mkdir(os.path.join(cls.empty, "versions"))
        cls.addClassCleanup(shutil.rmtree, cls.empty)

    def seeds(self, kind):
        if ONLY:
            wanted, _, n = ONLY.partition(":")
            return [int(n)] if wanted == kind else []
        return range(SEEDS)

    def trial(self, kind, seed):
        rng = random.Random("%s %d" % (kind, seed))
        setup = Setup(rng, kind)
        setup.rng_form, fk = rng.random(), rng.choice(["ON", "OFF"])
        self.setup, self.plan = setup, None
        plan = self.plan = Plan(setup, rng)
        # what must come of it
        refused, ref = None, None
        try:
            ref = reference(setup, plan)
        except Refused as e:
            refused = str(e)
        first = connected(setup.statements)
        before = D.digest(first)
        self.sick = set(D.health(first))  # 3.40 is wrong about DEFAULT 0x10 of a TEXT column
        if ref and collections.Counter(D.violations(ref, "main")) - collections.Counter(D.violations(first, "main")):
            new = D.violations(ref, "main")
            if any(v[0] == "error" for v in new):
                plan.either.append("foreign key mismatch")
            else:
                refused = "new violations: %s" % (new,)
        if plan.refuse:
            refused = "; ".join(plan.refuse)
        said = conversions(setup, plan)
        if said == "bad":
            refused = refused or "values that cannot be converted"
        elif said == "either":
            plan.either.append("conversion")
        expected = "either" if plan.either else "refused" if refused else "made"
        asked = probes(setup, plan, rng)
        # what comes of it
        results = [self.run_one(mode, fk, before, ref, expected, refused, asked) for mode in ("auto", "always")]
        if None in results:
            self.assertEqual(results, [None, None], "auto and always do not agree whether to refuse")
            return "refused"
        self.same(results[0], results[1], "auto and always differ")
        return "made"

    def same(self, a, b, what):
        lines = D.diff(a, b)
        if lines:
            self.fail(what + ":\n  " + "\n  ".join(lines))

    def run_one(self, mode, fk, before, ref, expected, refused, asked):
        setup, plan = self.setup, self.plan
        db = connected(setup.statements)
        db.enable_load_extension(True)
        db.load_extension(LIBRARY)
        up, down = plan.script(mode)
        source = "revision = 'aaaa'\nfunction upgrade()\n%s\nend\n" % up
        if down is not None:
            source += "function downgrade()\n%s\nend\n" % down
        self.source = source
        db.execute("SELECT migrate_config('directory', ?)", (self.empty,)).fetchall()
        db.execute("SELECT migrate_register(?, 'a.lua')", (source,)).fetchall()
        db.execute("PRAGMA foreign_keys=" + fk)
        try:
            db.execute("SELECT migrate_upgrade()").fetchall()
        except sqlite3.Error as e:
            if expected == "made":
                self.fail("%s: refused: %s" % (mode, e))
            self.same(before, D.digest(db), "%s: refused (%s), but not without a trace" % (mode, e))
            self.assertFalse(db.in_transaction)
            self.good(db, mode, fk)
            return None
        if expected == "refused":
            self.fail("%s: should have been refused: %s\nnow: %s" % (
                mode, refused, db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (setup.table.name,)).fetchone()[0]))
        after = D.digest(db)
        self.good(db, mode, fk)
        if ref and not (plan.either and refused):
            self.as_reference(db, ref, after, mode, asked)
        self.text_kept(before, after, mode)
        if down is not None:
            db.execute("PRAGMA foreign_keys=" + fk)
            self.undone(db, before, mode)
            self.good(db, mode, fk)
        return after

    def good(self, db, mode, fk):
        self.assertEqual(sorted(set(D.health(db)) - self.sick), [], mode)
        self.assertEqual(db.execute("PRAGMA foreign_keys").fetchone()[0], int(fk == "ON"))
        self.assertEqual(db.execute("PRAGMA writable_schema").fetchone()[0], 0)

    def as_reference(self, db, ref, after, mode, asked):
        plan, name = self.plan, self.plan.table.name
        text = normal(plan)
        what = "%s: not as the reference" % mode
        expected = D.digest(ref)
        if self.plan.either:  # also sqlite_sequence
            expected, after = ({k: v for k, v in d.items() if k != "main sqlite_sequence"} for d in (expected, after))
        self.same(schema_as(expected, plan, text), schema_as(after, plan, text), what)
        self.same(D.shape(ref, "main", name), D.shape(db, "main", name), what)
        self.same({"fk": D.violations(ref, "main")}, {"fk": D.violations(db, "main")}, what)
        acts = [behaviour(d, asked) for d in (ref, db)]
        if plan.either:
            acts = [{k: v for k, v in d.items() if "sqlite_sequence" not in k} for d in acts]
        self.same(acts[0], acts[1], "%s: behaves otherwise than the reference" % mode)

    def text_kept(self, before, after, mode):
        """Byte for byte, where no name was changed."""
        plan = self.plan
        sql = [dict((r[1], r[3]) for r in d["main schema"])[plan.table.name] for d in (before, after)]
        if not plan.renames:
            lines = D.kept_text(sql[0], sql[1], plan.touched)
            if lines:
                self.fail("%s: %s\nwas: %s\nnow: %s" % (mode, "; ".join(lines), sql[0], sql[1]))

    def undone(self, db, before, mode):
        plan = self.plan
        try:
            db.execute("SELECT migrate_downgrade()").fetchall()
        except sqlite3.Error as e:
            self.fail("%s: downgrade: %s" % (mode, e))
        back = D.digest(db)
        if plan.undo == "exact":
            wanted = touched_stats(plan, dict(before))
            self.same(wanted, touched_stats(plan, back), "%s: the reverse change does not give the first digest back" % mode)
            return

        def text(name, sql):
            if name == plan.table.name:
                return "-" if plan.undo == "shape" else parts_of(plan, sql)
            return " ".join(D.tokens(sql)) if plan.renames else sql

        self.same(schema_as(before, plan, text), schema_as(back, plan, text), "%s: the reverse change gives something else" % mode)
        self.same(D.shape(connected(self.setup.statements), "main", plan.table.name), D.shape(db, "main", plan.table.name),
                  "%s: the reverse change gives another shape" % mode)

    def many(self, kind):
        ends = {"made": 0, "refused": 0}
        for seed in self.seeds(kind):
            with self.subTest("ALTER_SEED=%s:%d" % (kind, seed)):
                self.setup = self.plan = self.source = None
                try:
                    ends[self.trial(kind, seed)] += 1
                except Exception:
                    print("\n--- ALTER_SEED=%s:%d" % (kind, seed))
                    if self.setup:
                        print(";\n".join(s for _, s in self.setup.statements) + ";")
                    if self.source:
                        print("--- the change\n%s" % self.source)
                    raise
        if not ONLY:
            self.assertGreater(ends["made"], SEEDS // 3)  # the property says something

    def test_a_rowid_table(self):
        self.many("rowid")

    def test_a_table_without_integer_primary_key(self):
        self.many("keyless")

    def test_a_without_rowid_table(self):
        self.many("without_rowid")

    def test_a_strict_table(self):
        self.many("strict")

    def test_a_table_whose_old_rows_do_not_store_a_column(self):
        self.many("late")

    def test_the_setups_are_valid(self):
        """The generator itself: few statements are refused, setups repeat, the
        reference of no change is the database itself."""
        tried = failed = 0
        for kind in "rowid", "keyless", "without_rowid", "strict", "late":
            for seed in range(min(SEEDS, 20)):
                setup = Setup(random.Random("%s %d" % (kind, seed)), kind)
                tried, failed = tried + setup.tried, failed + setup.failed
                db = connected(setup.statements)
                one = D.digest(db)
                self.assertEqual(D.diff(one, D.digest(connected(setup.statements))), [])
                plan = Plan.__new__(Plan)
                plan.table, plan.values, plan.fresh, plan.gone = copy.deepcopy(setup.table), {}, [], set()
                plan.renames, plan.made, plan.keys_touched = [], [], False
                two = D.digest(reference(setup, plan))
                self.assertEqual(D.diff(schema_as(one, plan, normal(plan)), schema_as(two, plan, normal(plan))), [])
                sql = dict((r[1], r[3]) for r in one["main schema"])[setup.table.name]
                self.assertEqual(D.kept_text(sql, sql), [])
                self.assertEqual(len(D.items(sql)[0]), len(setup.table.columns) + len(setup.table.constraints))
        self.assertLess(failed, tried * 0.15)


if __name__ == "__main__":
    unittest.main()
