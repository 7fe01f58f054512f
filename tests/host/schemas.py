"""Random schemas as data, how they are written, and how a person edits them.

A schema is a list of objects.  Whatever has a name has an id, and every other
place that uses the name holds the id: so renaming is one assignment, and what
a dropped thing leaves behind is found by prune().  An SQL text is a list of

    "text"      a word (its case does not count), number, string or operator
    Raw(text)   written exactly so
    Ref(id)     the name of a column, table or view
    Def(id)     the same where it is defined
    NL, Hint    the end of a line in the plain spelling; a comment that hints
"""

import itertools
import pickle
import re
import zlib
from collections import namedtuple

from sameschema import fold

Raw = namedtuple("Raw", "text")
Ref = namedtuple("Ref", "id")
Def = namedtuple("Def", "id")
Name = namedtuple("Name", "text")  # of what nothing refers to
Hint = namedtuple("Hint", "old")
NL = Raw("\n")
ids = itertools.count(1)

PIECE = re.compile(r"\{(\d)\}|([xX]?'(?:[^']|'')*'|[\w.]+|\|\||<>|!=|<=|>=|==|->>|->|\S)")


def sql(template, *refs):
    """SQL("length({0}) < 9", id): a list of pieces."""
    return [Ref(refs[int(m.group(1))]) if m.group(1) else m.group(2) for m in PIECE.finditer(template)]


# ---- the objects ----


class Thing:
    hint = None  # what it was called, said in the target

    def __init__(self, rng, name, **more):
        self.id, self.name, self.seed = next(ids), name, rng.getrandbits(30)
        self.__dict__.update(more)

    def __repr__(self):
        return repr(vars(self))


class Column(Thing):
    """`parts`: its type, then dicts of constraints, in their order."""

    type = ()
    parts = ()

    def get(self, kind):
        return next((p for p in self.parts if p["kind"] == kind), None)

    def drop(self, kind):
        self.parts = [p for p in self.parts if p["kind"] != kind]

    def put(self, rng, part):
        self.parts.insert(rng.randint(0, len(self.parts)), part)


class Table(Thing):
    kind = "table"
    strict = rowidless = False
    late = False  # its last column comes by ALTER TABLE ADD COLUMN

    def column(self, id):
        return next((c for c in self.columns if c.id == id), None)

    def plain(self):
        return [c for c in self.columns if not c.get("generated")]

    def key(self):
        """The columns of the primary key."""
        for c in self.columns:
            if c.get("primary key"):
                return [c.id]
        return next(([x[0] for x in k["columns"]] for k in self.constraints if k["kind"] == "primary key"), [])


class Index(Thing):
    """`terms`: (pieces, collation, descending)"""

    kind = "index"
    unique, where = False, None


class View(Thing):
    """`columns`: what it names; `listed`: before the AS"""

    kind = "view"
    listed = False


class Trigger(Thing):
    kind = "trigger"
    when = None
    of = ()


class Virtual(Thing):
    kind = "virtual"


class Schema:
    def __init__(self):
        self.objects = []

    def copy(self):
        return pickle.loads(pickle.dumps(self, -1))

    def all(self, *kinds):
        return [o for o in self.objects if o.kind in kinds]

    def find(self, id):
        return next((o for o in self.objects if o.id == id), None)

    def tables(self):
        return self.all("table")

    def names(self):
        out = {}
        for o in self.objects:
            out[o.id] = o.name
            for c in getattr(o, "columns", ()):
                out[c.id] = c.name
        out["aliases"] = {c.id for v in self.all("view") for c in v.columns}
        return out

    def taken(self):
        return {fold(o.name) for o in self.objects if o.kind != "trigger"}

    def prune(self):
        """Drop whatever stands on what is not there, until nothing does."""
        while self.prune_once():
            pass
        return self

    def prune_once(self):
        known = set(self.names())
        known.discard("aliases")

        def whole(pieces):
            return all(p.id in known for p in pieces or () if isinstance(p, (Ref, Def)))

        def held(part):
            return (whole(part.get("expression")) and part.get("parent", 0) in known | {0}
                    and all(c in known for c in part.get("parent columns", ()))
                    and all((c[0] if isinstance(c, tuple) else c) in known for c in part.get("columns", ())))

        before = len(known)
        changed = False
        for t in self.tables():
            for c in t.columns:
                kept = [p for p in c.parts if held(p)]
                changed |= len(kept) != len(c.parts)
                c.parts = kept
            kept = [k for k in t.constraints if held(k)]
            changed |= len(kept) != len(t.constraints)
            t.constraints = kept
            if t.rowidless and not t.key():
                t.rowidless, changed = False, True
        self.objects = [o for o in self.objects
                        if (o.kind != "table" or o.plain())
                        and (o.kind != "index" or o.table in known and all(whole(t[0]) for t in o.terms) and whole(o.where))
                        and (o.kind != "view" or whole(o.select))
                        and (o.kind != "trigger" or o.target in known and all(x in known for x in o.of)
                             and whole(o.when) and all(whole(b) for b in o.body))]
        return changed or len(self.names()) - 1 != before


# ---- as text ----

# What a parser must not take for something else.
COMMENTS = ("/* it's */", "/**/", "-- \"q\n", "/* CREATE TABLE x( */", "/* -- */", "-- ), (\n", "/* ; */", "-- größe\n", "-- NOT NULL,\n")
SPACES = (" ", " ", " ", " ", " ", " ", "\n", "\n  ", "  ", "\t", "\r\n")
# Words that SQLite takes for names only in quotes, or in some places.
KEYWORDS = set("""abort action add after all alter always analyze and as asc attach autoincrement before begin between by cascade case
 cast check collate column commit conflict constraint create cross current current_date current_time current_timestamp database default
 deferrable deferred delete desc detach distinct do drop each else end escape except exclude exclusive exists explain fail filter first
 following for foreign from full generated glob group groups having if ignore immediate in index indexed initially inner insert instead
 intersect into is isnull join key last left like limit match materialized natural no not nothing notnull null nulls of offset on or order
 others outer over partition plan pragma preceding primary query raise range recursive references regexp reindex release rename replace
 restrict returning right rollback row rows savepoint select set table temp temporary then ties to transaction trigger unbounded union
 unique update using vacuum values view virtual when where window with without true false old new rowid oid""".split())
BARE = re.compile(r"[A-Za-z_\u0080-\U0010ffff][\w\u0080-\U0010ffff]*\Z")
WORDY = re.compile(r"[\w\"'`\[\]$\u0080-\U0010ffff]")


def literal(v):
    if v is None:
        return "NULL"
    if isinstance(v, bytes):
        return "x'%s'" % v.hex()
    if isinstance(v, str):
        return "'%s'" % v.replace("'", "''")
    return repr(v)


class Spelling:
    """How one statement is written; the same seed writes the same so.

    wild    any spaces, comments, quotes and case of keywords
    cases   names in any case, too
    """

    def __init__(self, names, seed=0, wild=False, cases=False):
        self.names, self.seed, self.wild, self.cases = names, seed, wild, cases
        self.seen = {}

    def dice(self, *about):
        """A number that depends on the neighbours only, so a change stays where it is."""
        n = self.seen[about] = self.seen.get(about, 0) + 1
        return zlib.crc32(repr((self.seed, about, n)).encode())

    def name(self, name, defined=False, alias=False):
        bare = BARE.match(name) and name.lower() not in KEYWORDS
        if alias:  # in " it could as well be a text, where nothing in the schema has that name
            return name if bare else "`%s`" % name.replace("`", "``")
        if not self.wild:
            return name if bare else '"%s"' % name.replace('"', '""')
        d = self.dice("name", name)
        if self.cases and d & 1:
            name = "".join(c.swapcase() if c.isascii() else c for c in name)
        how = (d >> 1) % 10
        if bare and how < 6:
            return name
        if how == 6 and "]" not in name:
            return "[%s]" % name
        if how == 7:
            return "`%s`" % name.replace("`", "``")
        if how == 8 and defined:
            return "'%s'" % name.replace("'", "''")
        return '"%s"' % name.replace('"', '""')

    def word(self, word):
        if not self.wild or not word[0].isalpha() or word[-1] == "'":
            return word
        return (word, word.lower(), word.capitalize(), word)[self.dice("word", word) % 4]

    def piece(self, p):
        if isinstance(p, str):
            return self.word(p)
        if isinstance(p, (Ref, Def)):
            return self.name(self.names[p.id], isinstance(p, Def), p.id in self.names["aliases"])
        if isinstance(p, Name):
            return self.name(p.text)
        return p.text

    def gap(self, left, right):
        if left == "." or right == ".":
            return ""
        if right == "GENERATED ALWAYS":
            return " "  # a comment there would be part of the type
        tight = left == "(" or right in "),;" or not (WORDY.match(left[-1]) or left in "),")
        if not self.wild:
            if right == "(" and left not in ("AS", "IN", "KEY", "CHECK", "AND", "OR", "VALUES") or left in ("(",) or right in ("),;"):
                return ""
            return " "
        d = self.dice("gap", left, right)
        if (left in "(),;" or right in "(),;") and d % 3 == 0 or tight and left in "(),;" and d % 3:
            return ""
        d //= 3
        if d % 23 == 0:
            return " " + COMMENTS[d // 23 % len(COMMENTS)] + " "
        return SPACES[d // 23 % len(SPACES)]

    def text(self, pieces):
        out, left, line = [], None, ""
        for p in pieces:
            if isinstance(p, Hint):
                line = " -- renamed from: %s" % (p.old if BARE.match(p.old) else '"%s"' % p.old.replace('"', '""'))
            elif p is NL or p == NL:
                if line or not self.wild:
                    out.append(line + "\n")
                    left, line = None, ""
            else:
                t = self.piece(p)
                if left is None:
                    out.append("  " if out and not self.wild and t != ")" else "")
                else:
                    out.append(self.gap(left, t))
                out.append(t)
                left = t
        return "".join(out)


def listed(parts, hints=()):
    """Pieces of a list over lines; a hint stands behind its comma."""
    out = [NL]
    hints = list(hints) + [None] * len(parts)
    for i, part in enumerate(parts):
        out += part
        if i + 1 < len(parts):
            out.append(",")
        if hints[i]:
            out.append(Hint(hints[i]))
        out.append(NL)
    return out


def commas(parts):
    out = []
    for part in parts:
        out += [","] * bool(out) + list(part)
    return out


def conflict(part):
    return ["ON", "CONFLICT", part["conflict"]] if part.get("conflict") else []


def references(k):
    out = ["REFERENCES", Ref(k["parent"])]
    if k["parent columns"]:
        out += ["("] + commas([Ref(c)] for c in k["parent columns"]) + [")"]
    return out + [w for w in k["tail"]]


def constraint(part, below):
    """A constraint's pieces, behind a column or `below` them all."""
    kind, out = part["kind"], ["CONSTRAINT", Name(part["name"])] if part.get("name") else []
    if below and kind in ("primary key", "unique"):
        out += kind.upper().split() + ["("]
        out += commas([Ref(c)] + (["COLLATE", coll] if coll else []) + (["DESC"] if desc else []) for c, coll, desc in part["columns"])
        return out + (["AUTOINCREMENT"] if part.get("auto") else []) + [")"] + conflict(part)
    if kind == "primary key":
        return out + ["PRIMARY", "KEY"] + (["DESC"] if part.get("desc") else []) + conflict(part) + (["AUTOINCREMENT"] if part.get("auto") else [])
    if kind == "foreign key":
        if below:
            out += ["FOREIGN", "KEY", "("] + commas([Ref(c)] for c in part["columns"]) + [")"]
        return out + references(part)
    if kind == "check":
        return out + ["CHECK", "("] + part["expression"] + [")"]
    if kind == "default":
        return out + ["DEFAULT"] + part["value"]
    if kind == "collate":
        return out + ["COLLATE", part["collation"]]
    if kind == "generated":
        return out + ([Raw("GENERATED ALWAYS")] if part["long"] else []) + ["AS", "("] + part["expression"] + [")"] + ([part["how"]] if part["how"] else [])
    return out + kind.upper().split() + conflict(part)  # not null, unique


def column_pieces(c):
    out = [Def(c.id)] + list(c.type)
    for part in c.parts:
        out += constraint(part, False)
    return out


def table_pieces(t, columns=None):
    columns = t.columns if columns is None else columns
    parts = [column_pieces(c) for c in columns] + [constraint(k, True) for k in t.constraints]
    out = ["CREATE", "TABLE", Def(t.id), "("] + ([Hint(t.hint)] if t.hint else [])
    out += listed(parts, [c.hint for c in columns]) + [")"]
    options = (["STRICT"] if t.strict else []), (["WITHOUT", "ROWID"] if t.rowidless else [])
    options = [o for o in options if o]
    return out + commas(options[::-1] if t.seed & 1 else options)


def pieces(o):
    if o.kind == "table":
        return table_pieces(o)
    if o.kind == "index":
        out = ["CREATE"] + (["UNIQUE"] if o.unique else []) + ["INDEX", Def(o.id), "ON", Ref(o.table), "("]
        out += commas(list(e) + (["COLLATE", coll] if coll else []) + (["DESC"] if desc else []) for e, coll, desc in o.terms) + [")"]
        return out + (["WHERE"] + o.where if o.where else [])
    if o.kind == "view":
        out = ["CREATE", "VIEW", Def(o.id)]
        if o.listed:
            out += ["("] + commas([Def(c.id)] for c in o.columns) + [")"]
        return out + ["AS"] + o.select
    if o.kind == "trigger":
        out = ["CREATE", "TRIGGER", Def(o.id)] + o.time.split() + [o.event]
        out += ["OF"] + commas([Ref(c)] for c in o.of) if o.of else []
        out += ["ON", Ref(o.target)] + (["FOR", "EACH", "ROW"] if o.each else [])
        out += ["WHEN"] + o.when if o.when else []
        return out + ["BEGIN"] + [p for b in o.body for p in b + [";"]] + ["END"]
    return ["CREATE", "VIRTUAL", "TABLE", Def(o.id), "USING", Raw("%s(%s)" % (o.module, o.arguments))]


# A virtual table's arguments are the module's business, spaces and all.


def statement(o, names, wild=True, cases=False, seed=None):
    seed = o.seed if seed is None else seed
    hints = o.hint or any(c.hint for c in getattr(o, "columns", ()))
    wild = wild and seed % 4 > 0 and not hints  # one in four is written plainly
    return Spelling(names, seed, wild, cases).text(pieces(o))


def texts(s, **how):
    """Every object's statement, in the order of the schema."""
    names = s.names()
    return [statement(o, names, **how) for o in s.objects]


def script(s, **how):
    return "".join(t + ";\n" for t in texts(s, **how))


def respelled(s, rng):
    """The same schema in another hand."""
    out = s.copy()
    for o in out.objects:
        o.seed = rng.getrandbits(28) * 4 + rng.randint(1, 3) if o.kind != "virtual" else o.seed
    return out
