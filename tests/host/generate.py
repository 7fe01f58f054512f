"""Random schemas with rows, and random edits of them.

Make(rng).schema() makes one, Make(rng).edit(schema) changes it in place by one
of EDITS and says by which.  Neither promises a schema that SQLite accepts, so
valid() asks SQLite, and who calls tries again.
"""

import re
import sqlite3

from sameschema import fold, quote
from schemas import Column, Index, Name, Raw, Ref, Schema, Spelling, Table, Trigger, View, Virtual, column_pieces, literal, sql, statement, table_pieces

TABLES = ["users", "orders", "t", "Items", "log", "order", "group", "my table", 'we"ird', "größe", "名前", "a.b", "x;y", "p--q", "it's", "x[",
          "tick`", "select", "T2", "main", "key", "c/*d", "item_tags", "1st", "Ünï", "temp"]
COLUMNS = ["id", "a", "b", "c", "name", "email", "price", "Total", "order", "from", "sp ace", 'q"uote', "größe", "имя", "a.b", "c;d", "e--f",
           "check", "key", "1st", "it's", "values", "user_id", "desc", "x/*y", "rowid", "created_at", "n]m", "t", "unique", "d", "e", "f"]
OTHERS = ["ix_a", "ix b", "by name", "v", "View1", "tr", "on insert", "ux", "trg", "idx-1", "überblick", "v2", "ix_c", "index", "tr2", "w", "it''s"]
CONSTRAINTS = ["ck", "uq_a", "fk one", "pk", "Check1", "unique", "c d", "größer"]
TYPES = ["INTEGER", "INT", "TEXT", "TEXT", "REAL", "NUMERIC", "BLOB", "", "VARCHAR ( 20 )", "DECIMAL ( 10 , 2 )", "BOOLEAN", "DATETIME",
         "DOUBLE PRECISION", "ANY", "UNSIGNED BIG INT", "integer", "CHAR ( 3 )"]
STRICT_TYPES = ["INTEGER", "INT", "TEXT", "REAL", "BLOB", "ANY"]
DEFAULTS = ["0", "1", "-5", "+ 7", "1.5", "1e3", "'x'", "'it''s'", "''", "NULL", "TRUE", "x'017f'", "( 1 + 2 )", "( 'a' || 'b' )", "( abs(-3) )",
            "CURRENT_TIMESTAMP", "( strftime('%s', 'now') )", "0x1F", "'-- no'", "9223372036854775807", "( NULL )"]
CHECKS = ["{0} IS NOT NULL OR {1} IS NULL OR 1", "length({0}) < 100", "{0} <> 'zzz'", "typeof({0}) <> 'blob'", "{0} >= 0", "{0} IN (1, 2, 3, 4, 5, 6, 7, '1', '2')",
          "coalesce({0}, 1) >= 1 OR {1} > 0", "{0} BETWEEN 0 AND 1000", "{0} NOT LIKE '%;%'", "({0} IS NOT {1}) OR ({0} = {1}) OR {0} IS NULL",
          "CASE WHEN {0} > 1000 THEN 0 ELSE 1 END", "{0} NOT IN ('it''s', '--', '/*')", "NOT ({0} < 0 AND {1} < 0)", "{0} != 'a)' AND {1} != ','"]
# An expression, and a type that it fits in a STRICT table.
GENERATED = [("{0} + 1", "ANY"), ("coalesce({0}, '') || '-' || coalesce({1}, '')", "TEXT"), ("upper({0})", "TEXT"), ("length({0}) * 2", "INTEGER"),
             ("CASE WHEN {0} > {1} THEN 'more' ELSE 'less' END", "TEXT"), ("{0} IS NULL", "INTEGER"), ("({0})", "ANY"), ("-{0}", "ANY")]
TERMS = ["lower({0})", "{0} + {1}", "abs({0})", "length({0} || 'x')", "coalesce({0}, {1}, 0)", "({0} > 5)", "substr({0}, 1, 2)"]
WHERES = ["{0} IS NOT NULL", "{0} > 5", "{0} IN ('a', 'b')", "{0} = 1 AND {1} IS NULL", "length({0}) > 2"]
TAILS = ["", "", "ON DELETE CASCADE", "ON DELETE SET NULL", "ON UPDATE CASCADE", "ON DELETE RESTRICT ON UPDATE CASCADE", "ON UPDATE SET DEFAULT",
         "ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED", "DEFERRABLE INITIALLY DEFERRED", "ON DELETE NO ACTION", "NOT DEFERRABLE",
         "DEFERRABLE INITIALLY IMMEDIATE", "ON DELETE SET NULL ON UPDATE SET NULL"]
BODIES = ["DELETE FROM {0} WHERE {1} = 3", "UPDATE {0} SET {1} = NULL WHERE {1} = 2", "INSERT INTO {0}({1}) VALUES (5)", "SELECT RAISE(ABORT, 'no; way') WHERE 0",
          "SELECT count(*), 'it''s; END' FROM {0}", "UPDATE {0} SET {1} = {1} WHERE {1} IN (SELECT {1} FROM {0})", "SELECT CASE WHEN 1 THEN 2 END FROM {0} WHERE {1} > 1",
          "INSERT OR IGNORE INTO {0}({1}) SELECT {1} FROM {0} WHERE {1} = 4"]
ROW_BODIES = ["DELETE FROM {0} WHERE {1} = {3}.{2}", "UPDATE {0} SET {1} = {3}.{2} WHERE {1} IS NULL", "SELECT RAISE(IGNORE) WHERE {3}.{2} = 99",
              "INSERT INTO {0}({1}) VALUES ({3}.{2})"]
CONFLICTS = ["IGNORE", "REPLACE", "FAIL", "ABORT", "ROLLBACK"]
CONSTANT = re.compile(r"(?i)current|strftime")


def affinity(declared):
    t = declared.upper()
    if "INT" in t:
        return "INTEGER"
    if "CHAR" in t or "CLOB" in t or "TEXT" in t:
        return "TEXT"
    if "BLOB" in t or not t:
        return "BLOB"
    if "REAL" in t or "FLOA" in t or "DOUB" in t:
        return "REAL"
    return "NUMERIC"


class Make:
    def __init__(self, rng):
        self.rng = rng

    def maybe(self, p):
        return self.rng.random() < p

    def pick(self, xs):
        return self.rng.choice(xs) if xs else None

    # ---- names ----

    def fresh(self, pool, taken):
        free = [n for n in pool if fold(n) not in taken]
        return self.pick(free) if free else "n%d" % self.rng.getrandbits(20)

    def column_name(self, t, simple=False):
        return self.fresh(COLUMNS[:8] if simple or self.maybe(0.5) else COLUMNS, {fold(c.name) for c in t.columns})

    def table_name(self, s):
        return self.fresh(TABLES[:5] if self.maybe(0.4) else TABLES, s.taken())

    def other_name(self, s, kind):
        taken = {fold(o.name) for o in s.all("trigger")} if kind == "trigger" else s.taken()
        return self.fresh(OTHERS, taken)

    def constraint_name(self):
        return self.pick(CONSTRAINTS) if self.maybe(0.35) else None

    # ---- parts ----

    def type(self, t):
        return tuple((self.pick(STRICT_TYPES) if t.strict else self.pick(TYPES)).split())

    def expression(self, templates, t, c=None, plain=False):
        """Over the columns of t, c first."""
        some = [x.id for x in (t.plain() if plain else t.columns)] or [t.columns[0].id]
        first = c.id if c else self.pick(some)
        return sql(self.pick(templates), first, self.pick(some))

    def default(self):
        return {"kind": "default", "value": ["Foo" and Raw("Foo")] if self.maybe(0.03) else sql(self.pick(DEFAULTS))}

    def check(self, t, c=None):
        return {"kind": "check", "name": self.constraint_name(), "expression": self.expression(CHECKS, t, c)}

    def how(self):
        return self.pick(CONFLICTS) if self.maybe(0.08) else None

    def not_null(self):
        return {"kind": "not null", "conflict": self.how()}

    def unique(self):
        return {"kind": "unique", "name": self.constraint_name(), "conflict": self.how()}

    def generated(self, t, c):
        others = [x for x in t.plain() if x is not c]
        if not others:
            return None
        template, type_ = self.pick(GENERATED)
        if t.strict:
            c.type = (type_,)
        return {"kind": "generated", "expression": sql(template, self.pick(others).id, self.pick(others).id),
                "how": self.pick(["STORED", "VIRTUAL", ""]), "long": self.maybe(0.5)}

    def keys(self, p):
        """Column lists of p that a foreign key may name; None for the primary key unsaid."""
        out = []
        if p.key():
            out += [(p.key(), False), (p.key(), True)]
        out += [([c.id], True) for c in p.columns if c.get("unique")]
        return out + [([x[0] for x in k["columns"]], True) for k in p.constraints if k["kind"] == "unique"]

    def foreign_key(self, s, t, columns=None, parent=None):
        p = parent or (t if self.maybe(0.2) else self.pick(s.tables()))
        found = self.pick([k for k in self.keys(p) if columns is None or len(k[0]) == len(columns)])
        if not found:
            return None
        key, said = found
        if columns is None:
            if len(t.plain()) < len(key):
                return None
            columns = [c.id for c in self.rng.sample(t.plain(), len(key))]
        return {"kind": "foreign key", "name": self.constraint_name(), "columns": columns, "parent": p.id,
                "parent columns": list(key) if said else [], "tail": self.pick(TAILS).split()}

    def key_columns(self, t, n):
        return [(c.id, self.pick(["NOCASE", "RTRIM"]) if self.maybe(0.1) else None, self.maybe(0.15)) for c in self.rng.sample(t.plain(), n)]

    def new_column(self, t, name=None):
        c = Column(self.rng, name or self.column_name(t))
        c.type, c.parts = self.type(t), []
        return c

    def column(self, s, t, fill=False):
        """A column with whatever; `fill`: existing rows must be able to have it."""
        c = self.new_column(t)
        if self.maybe(0.12) and t.columns:
            g = self.generated(t, c)
            if g:
                c.parts.append(g)
        if not c.get("generated"):
            if self.maybe(0.35):
                c.parts.append(self.default())
            if self.maybe(0.3 if c.get("default") or not fill else 0.05):
                c.put(self.rng, self.not_null())
        if self.maybe(0.15):
            c.put(self.rng, {"kind": "collate", "collation": self.pick(["NOCASE", "RTRIM", "BINARY", "nocase"])})
        if self.maybe(0.12) and not (fill and c.get("default")):
            c.put(self.rng, self.unique())
        return c

    def primary_key(self, s, t):
        """Give t a primary key, of any form."""
        plain = t.plain()
        how = self.rng.random()
        c = plain[0] if self.maybe(0.7) else self.pick(plain)
        if how < 0.5:
            c.type = ("INTEGER",) if self.maybe(0.9) or t.strict else ("integer",)
            auto = self.maybe(0.3)
            c.put(self.rng, {"kind": "primary key", "name": self.constraint_name(), "auto": auto, "desc": not auto and self.maybe(0.05), "conflict": self.how()})
        elif how < 0.65:
            c.put(self.rng, {"kind": "primary key", "name": self.constraint_name(), "desc": self.maybe(0.1), "conflict": self.how()})
        else:
            n = min(len(plain), self.pick([1, 2, 2, 3]))
            t.constraints.append({"kind": "primary key", "name": self.constraint_name(), "columns": self.key_columns(t, n), "conflict": self.how()})
            if n == 1 and self.maybe(0.4):
                next(x for x in plain if x.id == t.key()[0]).type = ("INTEGER",)

    def table(self, s, name=None):
        t = Table(self.rng, name or self.table_name(s))
        t.columns, t.constraints = [], []
        t.strict = self.maybe(0.15)
        for _ in range(self.rng.choice([1, 2, 3, 3, 4, 4, 5, 6])):
            t.columns.insert(self.rng.randint(0, len(t.columns)), self.column(s, t))
        if self.maybe(0.75):
            self.primary_key(s, t)
            t.rowidless = self.maybe(0.15) and not any(k.get("auto") for c in t.columns for k in c.parts)
        s.objects.append(t)
        for c in t.columns:
            if self.maybe(0.1):
                c.put(self.rng, self.check(t, c))
            if self.maybe(0.12) and not c.get("generated"):
                k = self.foreign_key(s, t, [c.id])
                if k:
                    c.put(self.rng, k)
        for _ in range(self.pick([0, 0, 1, 1, 2])):
            k = self.table_constraint(s, t)
            if k:
                t.constraints.insert(self.rng.randint(0, len(t.constraints)), k)
        t.late = self.maybe(0.15)
        return t

    def table_constraint(self, s, t):
        kind = self.pick(["check", "unique", "foreign key"])
        if kind == "check":
            return self.check(t)
        if kind == "unique":
            return dict(self.unique(), columns=self.key_columns(t, min(len(t.plain()), self.pick([1, 2]))))
        return self.foreign_key(s, t)

    def index_terms(self, t):
        out = []
        for _ in range(self.pick([1, 1, 2, 3])):
            e = self.expression(TERMS, t) if self.maybe(0.25) else [Ref(self.pick(t.columns).id)]
            out.append((e, self.pick(["NOCASE", "RTRIM", "BINARY"]) if self.maybe(0.15) else None, self.maybe(0.2)))
        return out

    def index(self, s, name=None):
        t = self.pick(s.tables())
        i = Index(self.rng, name or self.other_name(s, "index"), table=t.id, terms=self.index_terms(t))
        i.unique = self.maybe(0.2)
        i.where = self.expression(WHERES, t) if self.maybe(0.2) else None
        s.objects.append(i)
        return i

    def view_select(self, s, v):
        t = self.pick([o for o in s.all("table", "view") if o is not v and o.columns])
        c = lambda: self.pick(t.columns).id
        v.columns, v.listed = [], False

        def out(name):
            col = Column(self.rng, name)
            v.columns.append(col)
            return col.id

        names = self.rng.sample(COLUMNS, 3)
        how = self.rng.randint(0, 7)
        if how == 0:
            v.select = sql("SELECT {0} , {1} FROM {2}", c(), c(), t.id)
        elif how == 1:
            v.select = sql("SELECT * FROM {0}", t.id)
        elif how == 2:
            u = self.pick(s.tables())
            v.select = sql("SELECT x.{0} AS {1}, y.{2} AS {3} FROM {4} AS x LEFT JOIN {5} y ON x.{0} = y.{2}", c(), out(names[0]), self.pick(u.columns).id, out(names[1]), t.id, u.id)
        elif how == 3:
            v.select = sql("SELECT count(*) AS {0}, max({1}) AS {2} FROM {3} GROUP BY {1} HAVING count(*) > 0", out(names[0]), c(), out(names[1]), t.id)
        elif how == 4:
            v.select = sql("WITH q(x) AS (SELECT {0} FROM {1}) SELECT x AS {2} FROM q WHERE x IS NOT 'it''s; '", c(), t.id, out(names[0]))
        elif how == 5:
            v.select = sql("SELECT {0} AS {1} FROM {2} UNION ALL SELECT {0} FROM {2} ORDER BY 1", c(), out(names[0]), t.id)
        elif how == 6:
            v.listed = True
            v.select = sql("SELECT {0}, length({1}) FROM {2} WHERE {0} IN (SELECT {1} FROM {2})", c(), c(), t.id)
            out(names[0]), out(names[1])
        else:
            v.select = sql("SELECT {0} AS {1} FROM (SELECT {0} FROM {2} LIMIT 10)", c(), out(names[0]), t.id)

    def view(self, s, name=None):
        v = View(self.rng, name or self.other_name(s, "view"))
        self.view_select(s, v)
        s.objects.append(v)
        return v

    def trigger_body(self, s, target, event):
        u = self.pick(s.tables())
        row = {"INSERT": "NEW", "DELETE": "OLD"}.get(event) or self.pick(["NEW", "OLD"])
        plain = u.plain()
        if self.maybe(0.5) and target.columns:
            return [p if p != "{3}" else row for p in sql(self.pick(ROW_BODIES).replace("{3}", row), u.id, self.pick(plain).id, self.pick(target.columns).id)]
        return sql(self.pick(BODIES), u.id, self.pick(plain).id)

    def trigger(self, s, name=None):
        views = [v for v in s.all("view") if v.columns]
        target = self.pick(views) if views and self.maybe(0.35) else self.pick(s.tables())
        g = Trigger(self.rng, name or self.other_name(s, "trigger"), target=target.id)
        self.trigger_text(s, g)
        s.objects.append(g)
        return g

    def trigger_text(self, s, g):
        target = s.find(g.target)
        g.event = self.pick(["INSERT", "UPDATE", "DELETE"])
        g.time = "INSTEAD OF" if target.kind == "view" else self.pick(["BEFORE", "AFTER", "AFTER", ""])
        g.each = self.maybe(0.5)
        g.of = [self.pick(target.columns).id] if g.event == "UPDATE" and self.maybe(0.4) and target.columns else ()
        row = {"INSERT": "NEW"}.get(g.event, "OLD")
        g.when = sql(row + ".{0} IS NOT NULL", self.pick(target.columns).id) if self.maybe(0.25) and target.columns else None
        g.body = [self.trigger_body(s, target, g.event) for _ in range(self.pick([1, 1, 2]))]

    def virtual_text(self, v):
        v.module, v.arguments = self.pick([("fts5", "title, body"), ("fts5", "title, \"body text\", tokenize = 'porter ascii'"), ("rtree", "id, minX, maxX"),
                                           ("fts5", "x"), ("fts4", "a, b"), ("rtree", "id,a,b,c,d")])

    def virtual(self, s, name=None):
        v = Virtual(self.rng, name or self.table_name(s))
        self.virtual_text(v)
        s.objects.append(v)
        return v

    def schema(self):
        s = Schema()
        for _ in range(self.pick([1, 1, 2, 2, 3, 4])):
            self.table(s)
        for _ in range(self.pick([0, 0, 1, 2, 3])):
            self.index(s)
        for _ in range(self.pick([0, 0, 1, 2])):
            self.view(s)
        for _ in range(self.pick([0, 0, 1, 2])):
            self.trigger(s)
        if self.maybe(0.1):
            self.virtual(s)
        return s

    # ---- rows ----

    def value(self, t, c, n, wild):
        """The n-th row's value, one that most constraints like."""
        if wild and not t.strict and self.maybe(0.5):
            return self.pick([None, -1, 0, 1.5, 1e300, "abc", "  7", "7 ", "", b"\x01a", b"12", 9223372036854775807, "1e2", "ß", "0x10", -0.0, "Abc "])
        declared = affinity(" ".join(c.type))
        if t.strict and c.type:
            declared = {"INTEGER": "INTEGER", "INT": "INTEGER", "TEXT": "TEXT", "REAL": "REAL", "BLOB": "BYTES"}.get(c.type[0].upper(), "BLOB")
        if declared == "TEXT":
            return str(n)
        if declared == "BYTES":
            return str(n).encode()
        if declared == "REAL":
            return float(n)
        return n

    def rows(self, t, wild=False):
        """A list of {column id: value}."""
        n = self.pick([0, 1, 2, 4, 5, 6, 7])
        out = [{} for _ in range(n)]
        fixed = set(t.key()) | {c.id for c in t.columns if c.get("unique")}
        for c in t.plain():
            how = "count" if c.id in fixed else self.pick(["count", "count", "mixed", "same", "nulls", "down"])
            if c.get("not null") and how == "nulls":
                how = "count"
            for i in range(n):
                k = {"count": i + 1, "down": n - i, "same": 1}.get(how) or self.rng.randint(1, max(n, 1))
                v = self.value(t, c, k, wild)
                out[i][c.id] = None if how == "nulls" and self.maybe(0.4) else v
        return out

    # ---- edits: each gives False when there is nothing to do it to ----

    def edit(self, s, only=None):
        names = [n for n in sorted(EDITS) if re.search(only or "", n)]
        for _ in range(20):
            name = self.pick(names)
            if EDITS[name](self, s) is not False:
                s.prune()
                return name
        return None


EDITS = {}


def edits(f):
    EDITS[f.__name__] = f
    return f


def of_table(f):
    def g(m, s):
        t = m.pick(s.tables())
        return f(m, s, t) if t else False
    EDITS[f.__name__] = g
    return f


def of_column(f):
    def g(m, s):
        t = m.pick(s.tables())
        c = t and m.pick(t.columns)
        return f(m, s, t, c) if c else False
    EDITS[f.__name__] = g
    return f


def of_kind(kind):
    def outer(f):
        def g(m, s):
            o = m.pick(s.all(kind))
            return f(m, s, o) if o else False
        EDITS[f.__name__] = g
        return f
    return outer


def put_anywhere(m, s):
    """The object that came last stands anywhere."""
    s.objects.insert(m.rng.randint(0, len(s.objects) - 1), s.objects.pop())


@edits
def table_add(m, s):
    m.table(s)
    put_anywhere(m, s)


@of_table
def table_drop(m, s, t):
    s.objects.remove(t)


@of_table
def table_drop_and_add(m, s, t):
    s.objects.remove(t)
    m.table(s, t.name)


@of_table
def table_rename(m, s, t):
    t.name, t.hint = m.table_name(s), None


@of_table
def table_rename_hint(m, s, t):
    if t.hint or getattr(t, "new", False):
        return False
    t.hint, t.name = t.name, m.table_name(s)


@of_table
def table_strict(m, s, t):
    t.strict = not t.strict
    for c in t.columns:
        if t.strict and c.get("generated"):
            c.type = ("ANY",)
        elif t.strict and " ".join(c.type).upper() not in STRICT_TYPES:
            c.type = ({"NUMERIC": "ANY"}.get(affinity(" ".join(c.type)), affinity(" ".join(c.type))),)


@of_table
def table_without_rowid(m, s, t):
    if not t.rowidless and not t.key():
        return False
    t.rowidless = not t.rowidless
    for c in t.columns:
        k = c.get("primary key")
        if k and t.rowidless:
            k["auto"] = False


@of_table
def table_autoincrement(m, s, t):
    for c in t.columns:
        k = c.get("primary key")
        if k and [w.upper() for w in c.type] == ["INTEGER"] and not t.rowidless and not k.get("desc"):
            k["auto"] = not k.get("auto")
            return True
    return False


@of_table
def table_primary_key(m, s, t):
    had = bool(t.key())
    for c in t.columns:
        c.drop("primary key")
    t.constraints = [k for k in t.constraints if k["kind"] != "primary key"]
    if not had or m.maybe(0.7):
        m.primary_key(s, t)


@of_table
def table_constraint_add(m, s, t):
    k = m.table_constraint(s, t)
    if not k:
        return False
    t.constraints.insert(m.rng.randint(0, len(t.constraints)), k)


@of_table
def table_constraint_drop(m, s, t):
    some = [k for k in t.constraints if k["kind"] != "primary key"]
    if not some:
        return False
    t.constraints.remove(m.pick(some))


@of_table
def table_constraint_change(m, s, t):
    some = [k for k in t.constraints if k["kind"] != "primary key"]
    if not some:
        return False
    k = m.pick(some)
    if k["kind"] == "check":
        k["expression"] = m.expression(CHECKS, t)
    elif k["kind"] == "unique":
        k["columns"] = m.key_columns(t, min(len(t.plain()), len(k["columns"])))
    else:
        k["tail"] = m.pick(TAILS).split()


@of_table
def table_constraint_order(m, s, t):
    if len(t.constraints) < 2:
        return False
    m.rng.shuffle(t.constraints)


def every_part(t):
    return [k for k in t.constraints] + [p for c in t.columns for p in c.parts]


@of_table
def constraint_name(m, s, t):
    some = [k for k in every_part(t) if k["kind"] in ("check", "unique", "foreign key", "primary key")]
    if not some:
        return False
    m.pick(some)["name"] = m.pick(CONSTRAINTS + [None])


@of_table
def constraint_conflict(m, s, t):
    some = [k for k in every_part(t) if k["kind"] in ("unique", "not null", "primary key")]
    if not some:
        return False
    m.pick(some)["conflict"] = m.pick(CONFLICTS + [None])


@of_table
def constraint_to_table(m, s, t):
    """A column's constraint stands below."""
    for c in m.rng.sample(t.columns, len(t.columns)):
        for p in list(c.parts):
            if p["kind"] in ("unique", "check", "foreign key"):
                c.parts.remove(p)
                t.constraints.append(dict(p, columns=[(c.id, None, False)] if p["kind"] == "unique" else [c.id]))
                return True
    return False


@of_table
def foreign_key_cycle(m, s, t):
    p = m.pick([o for o in s.tables() if o is not t] or [t])
    k, l = m.foreign_key(s, t, parent=p), m.foreign_key(s, p, parent=t)
    if not k or not l:
        return False
    t.constraints.append(k)
    p.constraints.append(l)


@of_table
def column_add_last(m, s, t):
    t.columns.append(m.column(s, t, fill=True))


@of_table
def column_add_anywhere(m, s, t):
    t.columns.insert(m.rng.randint(0, len(t.columns)), m.column(s, t, fill=True))


@of_column
def column_drop(m, s, t, c):
    t.columns.remove(c)


@of_column
def column_drop_last(m, s, t, c):
    t.columns.pop()


@of_column
def column_rename(m, s, t, c):
    c.name, c.hint = m.column_name(t), None


@of_column
def column_rename_hint(m, s, t, c):
    if c.hint:
        return False
    c.hint, c.name = c.name, m.column_name(t)


@of_column
def column_type(m, s, t, c):
    if t.strict and c.get("generated"):
        return False  # SQLite would not look at what it gives
    c.type = m.type(t)


@of_column
def column_type_same(m, s, t, c):
    """Another word for the same affinity."""
    if t.strict and c.get("generated"):
        return False
    c.type = tuple(m.pick([x for x in (STRICT_TYPES if t.strict else TYPES) if affinity(x) == affinity(" ".join(c.type))] or ["ANY"]).split())


@of_column
def column_not_null(m, s, t, c):
    if c.get("not null"):
        return c.drop("not null")
    if c.get("generated"):
        return False
    c.put(m.rng, m.not_null())


@of_column
def column_default(m, s, t, c):
    had = c.get("default")
    c.drop("default")
    if c.get("generated"):
        return False
    if not had or m.maybe(0.6):
        c.put(m.rng, m.default())


@of_column
def column_collate(m, s, t, c):
    had = c.get("collate")
    c.drop("collate")
    if not had or m.maybe(0.5):
        c.put(m.rng, {"kind": "collate", "collation": m.pick(["NOCASE", "RTRIM", "BINARY"])})


@of_column
def column_generated(m, s, t, c):
    had = c.get("generated")
    c.drop("generated")
    if not had or m.maybe(0.6):
        g = m.generated(t, c)
        if not g:
            return False
        c.drop("default")
        c.parts.insert(0, g)


@of_column
def column_generated_how(m, s, t, c):
    g = c.get("generated")
    if not g:
        return False
    g["how"] = {"STORED": "VIRTUAL"}.get(g["how"], "STORED")


@of_column
def column_unique(m, s, t, c):
    if c.get("unique"):
        return c.drop("unique")
    c.put(m.rng, m.unique())


@of_column
def column_check(m, s, t, c):
    had = c.get("check")
    c.drop("check")
    if not had or m.maybe(0.5):
        c.put(m.rng, m.check(t, c))


@of_column
def column_foreign_key(m, s, t, c):
    had = c.get("foreign key")
    c.drop("foreign key")
    if not had or m.maybe(0.5):
        k = m.foreign_key(s, t, [c.id])
        if not k:
            return bool(had)
        c.put(m.rng, k)


@of_column
def column_order(m, s, t, c):
    m.rng.shuffle(t.columns)


@of_column
def column_move(m, s, t, c):
    t.columns.remove(c)
    t.columns.insert(m.rng.randint(0, len(t.columns)), c)


@edits
def index_add(m, s):
    if not s.tables():
        return False
    m.index(s)


@of_kind("index")
def index_drop(m, s, i):
    s.objects.remove(i)


@of_kind("index")
def index_rename(m, s, i):
    i.name = m.other_name(s, "index")


@of_kind("index")
def index_move(m, s, i):
    """The same name on another table."""
    s.objects.remove(i)
    m.index(s, i.name)


@of_kind("index")
def index_change(m, s, i):
    t = s.find(i.table)
    how = m.rng.randint(0, 3)
    if how == 0:
        i.terms = m.index_terms(t)
    elif how == 1:
        i.unique = not i.unique
    elif how == 2:
        i.where = None if i.where else m.expression(WHERES, t)
    else:
        n = m.rng.randrange(len(i.terms))
        e, coll, desc = i.terms[n]
        i.terms[n] = e, (None if coll else "NOCASE") if m.maybe(0.5) else coll, not desc


@edits
def view_add(m, s):
    if not s.tables():
        return False
    m.view(s)


@of_kind("view")
def view_drop(m, s, v):
    s.objects.remove(v)


@of_kind("view")
def view_rename(m, s, v):
    v.name = m.other_name(s, "view")


@of_kind("view")
def view_change(m, s, v):
    old = list(v.columns)
    if not [t for t in s.all("table", "view") if t is not v and t.columns]:
        return False
    m.view_select(s, v)
    for a, b in zip(v.columns, old):  # what stood on the view may stay
        for p in v.select:
            if p == Ref(a.id):
                v.select[v.select.index(p)] = Ref(b.id)
        a.id = b.id


@of_kind("view")
def view_to_table(m, s, v):
    s.objects.remove(v)
    m.table(s, v.name)


@of_table
def table_to_view(m, s, t):
    if len(s.tables()) < 2:
        return False
    s.objects.remove(t)
    s.prune()
    if not s.tables():
        return False
    m.view(s, t.name)


@edits
def trigger_add(m, s):
    if not s.tables():
        return False
    m.trigger(s)


@of_kind("trigger")
def trigger_drop(m, s, g):
    s.objects.remove(g)


@of_kind("trigger")
def trigger_rename(m, s, g):
    g.name = m.other_name(s, "trigger")


@of_kind("trigger")
def trigger_change(m, s, g):
    m.trigger_text(s, g)


@of_kind("trigger")
def trigger_move(m, s, g):
    s.objects.remove(g)
    m.trigger(s, g.name)


@edits
def virtual_add(m, s):
    m.virtual(s)


@of_kind("virtual")
def virtual_drop(m, s, v):
    s.objects.remove(v)


@of_kind("virtual")
def virtual_change(m, s, v):
    m.virtual_text(v)


@of_kind("virtual")
def virtual_rename(m, s, v):
    v.name = m.table_name(s)


@edits
def respell(m, s):
    o = m.pick(s.all("table", "index", "view", "trigger"))
    if not o:
        return False
    o.seed = m.rng.getrandbits(30)


@edits
def order_of_objects(m, s):
    m.rng.shuffle(s.objects)


# ---- what SQLite says ----

RANK = {"table": 0, "virtual": 0, "index": 1, "view": 2, "trigger": 3}


def ordered(s):
    """In an order in which they can be created, else as they are."""
    s.objects.sort(key=lambda o: max(RANK[o.kind], 0))
    return s


def creatable(s, rng):
    """The objects in a random order in which SQLite takes them."""
    out, left = [], list(s.objects)
    done = set()
    while left:
        ready = [o for o in left if o.kind in ("table", "virtual", "view") or (o.table if o.kind == "index" else o.target) in done]
        o = rng.choice(ready[:3])
        left.remove(o)
        out.append(o)
        done.add(o.id)
    s.objects = out
    return s


def compile_all(db, s):
    """Have SQLite look at every view, trigger, and foreign key."""
    for o in s.objects:
        q = "main." + quote(o.name)
        if o.kind == "view":
            db.execute("EXPLAIN SELECT * FROM " + q)
        events = {g.event for g in s.all("trigger") if g.target == o.id}
        if o.kind == "table":
            db.execute("EXPLAIN INSERT INTO %s DEFAULT VALUES" % q)
            db.execute("EXPLAIN DELETE FROM " + q)
            for c in o.plain():
                db.execute("EXPLAIN UPDATE %s SET %s = 1" % (q, quote(c.name)))
        elif o.kind == "view" and events:
            for e in events:
                db.execute({"INSERT": "EXPLAIN INSERT INTO %s DEFAULT VALUES", "DELETE": "EXPLAIN DELETE FROM %s",
                            "UPDATE": "EXPLAIN UPDATE %s SET " + ", ".join("%s = 1" % quote(n) for n, in db.execute("SELECT name FROM pragma_table_info(?)", (o.name,)))}[e] % q)
    db.execute("PRAGMA foreign_key_check").fetchall()


def scratch():
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute("PRAGMA foreign_keys = OFF")
    return db


def valid(s):
    """Does SQLite accept it, each object by itself and all together?"""
    names = s.names()
    plain = ordered(s.copy())
    db = scratch()
    try:
        for o in plain.objects:
            db.execute(statement(o, names, wild=False))
        db.execute("PRAGMA foreign_keys = ON")
        compile_all(db, plain)
        return True
    except sqlite3.Error:
        return False
    finally:
        db.close()


# ---- the base: statements that make A with its rows ----


def late_column(t):
    """The column of t that ALTER TABLE shall add, or None."""
    c = t.columns[-1]
    if not t.late or len(t.plain()) < 2 or repr(Ref(c.id)) in repr(table_pieces(t, t.columns[:-1])):
        return None
    return c


def base(s, data):
    """A's statements: what stands on rows comes behind them, triggers last."""
    names, out = s.names(), []
    for t in s.tables():
        c = late_column(t)
        out.append(Spelling(names, t.seed, t.seed % 4 > 0).text(table_pieces(t, t.columns[:-1])) if c else statement(t, names))
        out += inserts(t, data.get(t.id, ()), c)
        if c:
            out.append("ALTER TABLE %s ADD COLUMN %s" % (quote(t.name), Spelling(names, t.seed, t.seed % 4 > 0).text(column_pieces(c))))
    for v in s.all("virtual"):
        out += [statement(v, names)] + ["INSERT INTO %s VALUES(%s)" % (quote(v.name), row) for row in virtual_rows(v)]
    out += [statement(o, names) for kind in ("index", "view", "trigger") for o in s.all(kind)]
    return out


def virtual_rows(v):
    n = len(v.arguments.split("tokenize")[0].rstrip(", ").split(","))
    return [",".join(str(i + (j > 0) * 2) if v.module == "rtree" else "'word%d'" % i for j in range(n)) for i in range(1, 4)]


def inserts(t, rows, late=None):
    cols = [c for c in t.plain() if c is not late]
    out = []
    for row in rows:
        some = [c for c in cols if c.id in row]
        values = [literal(row[c.id]) for c in some]
        heads = [quote(c.name) for c in some]
        if "rowid" in row:
            heads, values = ["_rowid_"] + heads, [str(row["rowid"])] + values
        if heads:
            out.append("INSERT INTO %s(%s) VALUES(%s)" % (quote(t.name), ", ".join(heads), ", ".join(values)))
    if rows and any((c.get("primary key") or {}).get("auto") for c in t.columns):
        out.append("UPDATE sqlite_sequence SET seq = seq + 100 WHERE name = %s COLLATE NOCASE" % literal(t.name))
    return out


def fitting(s, data, again=0):
    """The rows of data that A takes, and that break no foreign key."""
    names, db, kept = s.names(), scratch(), {}
    try:
        for t in s.tables():
            c = late_column(t)
            try:
                db.execute(Spelling(names).text(table_pieces(t, t.columns[:-1])) if c else statement(t, names, wild=False))
            except sqlite3.Error:
                t.late = False
                return fitting(s, data, again)
            kept[t.id] = [row for row in (fitting_row(t, row, n, c) for n, row in enumerate(data.get(t.id, ()))) if inserted(db, t, row, c)]
            try:
                if c:
                    db.execute("ALTER TABLE %s ADD COLUMN %s" % (quote(t.name), Spelling(names).text(column_pieces(c))))
                    if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:  # a default that a STRICT table does not take
                        raise sqlite3.IntegrityError
            except sqlite3.Error:
                t.late = False
                return fitting(s, data, again)
        bad = set()
        for o in s.all("index"):
            try:
                db.execute(statement(o, names, wild=False))
            except sqlite3.Error:  # the rows do not suit it
                bad.add(o.table)
        missing = {fold(r[0]) for r in db.execute("PRAGMA foreign_key_check")}
        bad |= {t.id for t in s.tables() if fold(t.name) in missing and again}
        if bad or missing:
            for t in s.tables():
                if t.id in bad or again > 3:
                    kept[t.id] = []
                elif fold(t.name) in missing:
                    kept[t.id] = [{k: fk_null(t, k, v) for k, v in row.items()} for row in kept[t.id]]
            return fitting(s, kept, again + bool(missing))
        return kept
    finally:
        db.close()


def fitting_row(t, row, n, late):
    row = {k: v for k, v in row.items() if k != "rowid" and not (late and k == late.id)}
    return dict(row, rowid=3 * n + 2) if can_have_rowid(t) else row


def inserted(db, t, row, late):
    try:
        for text in inserts(t, [row], late)[:1]:
            db.execute(text.replace("INSERT", "INSERT OR ABORT", 1))
            return True
    except sqlite3.Error:
        pass
    return False


def fk_null(t, id, v):
    """NULL instead of a value that a foreign key is about."""
    about = {c for k in t.constraints if k["kind"] == "foreign key" for c in k["columns"]}
    about |= {c.id for c in t.columns if c.get("foreign key")}
    return None if id in about else v


def can_have_rowid(t):
    return not t.rowidless and not ({"rowid", "_rowid_", "oid"} & {fold(c.name) for c in t.columns}) and not any(
        [w.upper() for w in (t.column(k).type if t.column(k) else ())] == ["INTEGER"] for k in t.key())
