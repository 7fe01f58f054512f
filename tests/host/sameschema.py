"""Do two databases have the same schema?  An answer that knows nothing of migrate.

    differences(describe(db), describe(other)) == []

What SQLite's pragmas say must be equal, and the texts of sqlite_schema, read
as tokens: spaces, comments, the case and the quotes of names do not count.
Of a CREATE TABLE the parts are compared, so that the order of constraints and
whether one stands behind its column or below do not count either.
"""

import re
from collections import Counter

TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n\f]+|--[^\n]*|/\*.*?(?:\*/|\Z))
      |(?P<blob>[xX]'[0-9a-fA-F]*')
      |(?P<string>'(?:[^']|'')*')
      |(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
      |(?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      |(?P<word>[A-Za-z_\u0080-\U0010ffff][\w$\u0080-\U0010ffff]*)
      |(?P<op>->>|->|\|\||<>|<=|>=|<<|>>|==|!=|.)""",
    re.X | re.S,
)
UPPER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
# The kind of a token; a name in any quotes is a word that is no keyword.
WORD, QUOTED, STRING, OTHER = "word", "quoted", "string", "other"


def fold(name):
    """A name as SQLite compares it: only ASCII has a case."""
    return name.translate(UPPER)


def tokens(text):
    """(kind, folded text) of each token."""
    out = []
    for m in TOKEN.finditer(text):
        kind, t = m.lastgroup, m.group()
        if kind == "space":
            continue
        if kind == "quoted":
            q = t[-1]
            out.append((QUOTED, fold(t[1:-1] if q == "]" else t[1:-1].replace(q + q, q))))
        elif kind == "word":
            out.append((WORD, fold(t)))
        elif kind == "string":
            out.append((STRING, t[1:-1].replace("''", "'")))
        else:
            out.append((OTHER, t.lower()))
    return out


def plain(toks):
    """Tokens to compare: a name is a name, however it is quoted."""
    return tuple((WORD if k == QUOTED else k, t) for k, t in toks)


def statement(text):
    """The tokens of a CREATE to compare; what it names is a word, though it stands in ' quotes."""
    toks = list(plain(tokens(text)))
    at = next(i for i, t in enumerate(toks) if t in ((WORD, "table"), (WORD, "index"), (WORD, "view"), (WORD, "trigger"))) + 1
    toks[at] = WORD, fold(toks[at][1])
    if toks[at + 1] == (OTHER, "("):
        while toks[at] != (OTHER, ")"):
            at += 1
            if toks[at][0] == STRING:
                toks[at] = WORD, fold(toks[at][1])
    return tuple(toks)


class Parts:
    """A cursor over the tokens of one definition."""

    def __init__(self, toks):
        self.toks, self.i = toks, 0

    def word(self, *words):
        """Take these keywords if they are next."""
        if [(WORD, w) for w in words] != list(self.toks[self.i:self.i + len(words)]):
            return False
        self.i += len(words)
        return True

    def name(self):
        kind, t = self.toks[self.i]
        assert kind in (WORD, QUOTED, STRING), self.toks
        self.i += 1
        return fold(t)

    def group(self):
        """The tokens between the parentheses that are next."""
        assert self.toks[self.i] == (OTHER, "("), self.toks
        depth, at = 0, self.i
        while True:
            depth += {(OTHER, "("): 1, (OTHER, ")"): -1}.get(self.toks[self.i], 0)
            self.i += 1
            if not depth:
                return self.toks[at + 1:self.i - 1]

    def is_group(self):
        return not self.end() and self.toks[self.i] == (OTHER, "(")

    def end(self):
        return self.i >= len(self.toks)

    def take(self):
        self.i += 1
        return self.toks[self.i - 1]

    def conflict(self):
        if not self.word("on", "conflict"):
            return ""
        how = self.name()
        return "" if how == "abort" else how


def split(toks):
    """At the commas outside of parentheses."""
    out, depth = [[]], 0
    for t in toks:
        depth += {(OTHER, "("): 1, (OTHER, ")"): -1}.get(t, 0)
        if t == (OTHER, ",") and not depth:
            out.append([])
        else:
            out[-1].append(t)
    return out


def key_columns(toks):
    """Of PRIMARY KEY or UNIQUE: each column's tokens, without ASC."""
    out = []
    for part in split(toks):
        if part[-1] == (WORD, "asc"):
            part = part[:-1]
        out.append(plain([(WORD, fold(part[0][1]))] + part[1:]))
    return tuple(out)


def names(toks):
    return tuple(fold(p[0][1]) for p in split(toks))


def references(p):
    parent, cols = p.name(), ()
    if p.is_group():
        cols = names(p.group())
    acts, deferred = set(), False
    while not p.end():
        if p.word("on", "delete") or p.word("on", "update"):
            event = p.toks[p.i - 1][1]
            act = p.name()
            if act in ("set", "no"):
                act += " " + p.name()
            acts = {a for a in acts if a[0] != event}
            if act != "no action":
                acts.add((event, act))
        elif p.word("match"):
            p.name()
        elif p.word("not", "deferrable") or p.word("deferrable"):
            no = p.toks[p.i - 2] == (WORD, "not")
            deferred = p.word("initially", "deferred") and not no
            p.word("initially", "immediate")
        else:
            break
    return parent, cols, tuple(sorted(acts)), deferred


def table_constraint(p):
    name = p.name() if p.word("constraint") else ""
    if p.word("primary", "key"):
        # AUTOINCREMENT stands behind the columns' last, inside
        toks = p.group()
        auto = toks[-1] == (WORD, "autoincrement")
        out = ("primary key", name, key_columns(toks[:-1] if auto else toks), p.conflict(), auto, False)
    elif p.word("unique"):
        out = ("unique", name, key_columns(p.group()), p.conflict())
    elif p.word("check"):
        out = ("check", name, plain(p.group()))
        p.conflict()
    else:
        assert p.word("foreign", "key"), p.toks
        out = ("foreign key", name, names(p.group()))
        assert p.word("references")
        out += references(p)
    assert p.end(), p.toks[p.i:]
    return out


BEGINS = {"constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references", "generated", "as"}


def column(p):
    """(name, type, what describes it), and the constraints that could as well stand below."""
    col = p.name()
    type_, about, below = [], {}, []
    while not p.end() and not (p.toks[p.i][0] == WORD and p.toks[p.i][1] in BEGINS):
        type_.append(p.take())
    name = ""
    while not p.end():
        if p.word("constraint"):
            name = p.name()
            continue
        if p.word("primary", "key"):
            desc = p.word("desc")
            p.word("asc")
            how = p.conflict()
            key = ((WORD, col), (WORD, "desc")) if desc else ((WORD, col),)
            below.append(("primary key", name, (key,), how, p.word("autoincrement"), desc))
        elif p.word("not", "null"):
            about["not null"] = p.conflict()
        elif p.word("null"):
            p.conflict()
        elif p.word("unique"):
            below.append(("unique", name, (((WORD, col),),), p.conflict()))
        elif p.word("check"):
            below.append(("check", name, plain(p.group())))
            p.conflict()
        elif p.word("default"):
            at = p.i
            if p.is_group():
                p.group()
            else:
                while p.take() in ((OTHER, "-"), (OTHER, "+")):
                    pass
            text = plain(p.toks[at:p.i])
            if text not in (((WORD, "null"),), ((OTHER, "("), (WORD, "null"), (OTHER, ")"))):
                about["default"] = text
        elif p.word("collate"):
            about["collate"] = p.name()
            if about["collate"] == "binary":
                del about["collate"]
        elif p.word("references"):
            below.append(("foreign key", name, (col,)) + references(p))
        else:
            p.word("generated", "always")
            assert p.word("as"), p.toks[p.i:]
            about["generated"] = plain(p.group()), p.word("stored")
            p.word("virtual")
        name = ""
    return (col, plain(type_), tuple(sorted(about.items()))), below


def table_parts(text):
    """A CREATE TABLE by its parts: columns in order, the rest sorted."""
    toks = tokens(text)
    p = Parts(toks)
    assert p.word("create", "table"), text
    p.name()
    body, columns, below = p.group(), [], []
    for part in split(body):
        q = Parts(part)
        if part[0][0] == WORD and part[0][1] in ("constraint", "primary", "unique", "check", "foreign"):
            below.append(table_constraint(q))
        else:
            col, more = column(q)
            columns.append(col)
            below += more
    options = sorted(" ".join(t for _, t in o) for o in split(toks[p.i:]) if o)
    return {"columns": columns, "constraints": sorted(below, key=repr), "options": options}


def index_parts(text):
    return tuple(t for t in without_binary(statement(text)) if t != (WORD, "asc"))


def without_binary(toks):
    out, i = [], 0
    while i < len(toks):
        if toks[i:i + 2] == ((WORD, "collate"), (WORD, "binary")):
            i += 2
        else:
            out.append(toks[i])
            i += 1
    return out


def default(text):
    """dflt_value, where a bare word is text whose case counts."""
    toks = plain(tokens(text or "NULL"))
    if toks == ((WORD, "null"),):
        return None
    if len(toks) == 1 and toks[0][0] == WORD and not re.match("current_|true$|false$", toks[0][1]):
        return text.split()[0]
    return toks


def quote(name):
    return '"%s"' % name.replace('"', '""')


def type_text(text):
    return plain(tokens(text or ""))


def about_table(db, name, kind):
    q = quote(name)
    out = {"columns": [(fold(n), type_text(t), nn, default(d), pk, hidden)
                       for _, n, t, nn, d, pk, hidden in db.execute("PRAGMA main.table_xinfo(%s)" % q)]}
    if kind == "view":
        return out
    keys = {}
    for id_, seq, parent, a, b, up, down, match in db.execute("PRAGMA main.foreign_key_list(%s)" % q):
        keys.setdefault(id_, (fold(parent), up, down, match, []))[4].append((fold(a or ""), fold(b or "")))
    out["foreign keys"] = sorted(map(repr, keys.values()))
    indexes = []
    for _, index, unique, origin, partial in db.execute("PRAGMA main.index_list(%s)" % q).fetchall():
        # Of two UNIQUE that differ by DESC only the first one makes the index.
        cols = [(seq, fold(n) if n is not None else None, desc if origin != "u" else 0, fold(coll or ""), key)
                for seq, _, n, desc, coll, key in db.execute("PRAGMA main.index_xinfo(%s)" % quote(index))]
        indexes.append((fold(index) if origin == "c" else "", unique, origin, partial, cols))
    out["indexes"] = sorted(map(repr, indexes))
    return out


def ours(name):
    return fold(name).startswith(("sqlite_", "_migrate_"))


def describe(db):
    """The schema of `main`, as a dict that can be compared."""
    listed = {n: (t, ncol, wr, strict) for _, n, t, ncol, wr, strict in
              db.execute("PRAGMA main.table_list") if not ours(n)}
    out = {}
    rows = db.execute("SELECT type, name, tbl_name, sql FROM main.sqlite_schema").fetchall()
    for type_, name, table, sql in rows:
        if ours(name) or ours(table):
            continue
        about = {"on": fold(table)} if type_ != "table" else {}
        if type_ in ("table", "view"):
            about["list"] = listed[name]
            about.update(about_table(db, name, listed[name][0]))
        if type_ == "table" and listed[name][0] == "table":
            about["text"] = table_parts(sql)
        elif type_ == "index":
            about["text"] = index_parts(sql)
        else:
            about["text"] = statement(sql)
        key = type_, fold(name)
        assert key not in out, key
        out[key] = about
    return out


def differences(a, b):
    """What is not the same, a line each; empty when all is."""
    out = []
    for key in sorted(set(a) | set(b)):
        x, y = a.get(key), b.get(key)
        if x == y:
            continue
        if not x or not y:
            out.append("%s %s is %s" % (key + ("missing" if y else "too much",)))
            continue
        for what in sorted(set(x) | set(y)):
            if x.get(what) != y.get(what):
                out.append("%s %s: %s: %s, not %s" % (key + (what, said(x.get(what), y.get(what)), said(y.get(what), x.get(what)))))
    return out


def said(x, other):
    """Of a long value only what the other has not."""
    if isinstance(x, dict) and isinstance(other, dict):
        return {k: said(v, other.get(k)) for k, v in x.items() if v != other.get(k)}
    if isinstance(x, list) and isinstance(other, list):
        rest = list((Counter(map(repr, x)) - Counter(map(repr, other))).elements())
        return rest or x
    return x
