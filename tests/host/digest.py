"""What a database holds, as text that can be compared, and what differs.

digest() is everything but page numbers and our own tables: schema text in the
order of sqlite_schema, every row with its rowid, exactly; sqlite_sequence and
sqlite_stat*; of every database of the connection, TEMP included.

items() reads a CREATE TABLE by itself, apart from the library's own parser, so
that the two do not share a mistake.
"""

import re
import sqlite3

OURS = "_migrate_"
CLOCK = re.compile(r"^'(\d{4}-\d\d-\d\d)?( ?\d\d:\d\d:\d\d)?'$")


def q(name):
    return '"%s"' % name.replace('"', '""')


def exact(value):
    """A value with its type: 1, 1.0 and '1' are three."""
    text = repr(value)
    return "'now'" if isinstance(value, str) and len(value) > 7 and CLOCK.match(text) else text


def databases(db):
    names = [row[1] for row in db.execute("PRAGMA database_list").fetchall()]
    return names if "temp" in names else names[:1] + ["temp"] + names[1:]


def schema_table(name):
    return "sqlite_temp_schema" if name == "temp" else q(name) + ".sqlite_schema"


def schema_rows(db, name):
    """(type, name, tbl_name, sql) in the schema's own order, without ours."""
    rows = db.execute("SELECT type, name, tbl_name, sql FROM %s ORDER BY rowid" % schema_table(name)).fetchall()
    return [r for r in rows if not r[2].startswith(OURS)]


def rowid_of(columns):
    """A name by which the rowid can be had, or None."""
    taken = {c.lower() for c in columns}
    return next((n for n in ("rowid", "_rowid_", "oid") if n not in taken), None)


def without_rowid(db, name):
    """The names of the tables that have none."""
    return {r[1] for r in db.execute("PRAGMA %s.table_list" % q(name)).fetchall() if r[4]}


def columns_of(db, name, table):
    return [r[1] for r in db.execute("PRAGMA %s.table_xinfo(%s)" % (q(name), q(table))).fetchall()]


def table_of(db, name, table, keyed):
    """(columns, rows): a table exactly, in a fixed order.  Its rowid, where it
    has one, is the first column, named "".  `keyed`: it has none."""
    columns = columns_of(db, name, table)
    rowid = None if keyed else rowid_of(columns)
    listed = ", ".join(([rowid] if rowid else []) + [q(c) for c in columns])
    sql = "SELECT %s FROM %s.%s%s" % (listed, q(name), q(table), " ORDER BY " + rowid if rowid else "")
    rows = [tuple(map(exact, r)) for r in db.execute(sql).fetchall()]
    return ([""] if rowid else []) + columns, rows if rowid else sorted(rows)


def with_text(db):
    """Text of any bytes can be read."""
    db.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
    return db


def digest(db, only=None):
    """{"main schema": [...], "main t": [rows], ...}; `only` some databases."""
    old = db.text_factory
    with_text(db)
    try:
        return {k: v for name in databases(db) if only is None or name in only for k, v in digest_one(db, name).items()}
    finally:
        db.text_factory = old


def digest_one(db, name):
    schema, keyed = schema_rows(db, name), without_rowid(db, name)
    out = {name + " schema": [tuple(r) for r in schema if not r[1].startswith(("sqlite_sequence", "sqlite_stat"))]}
    for kind, table, _, sql in schema:
        if kind != "table" or (sql or "").upper().startswith("CREATE VIRTUAL"):
            continue
        rows = table_of(db, name, table, table in keyed)[1]
        if table == "sqlite_sequence" or table.startswith("sqlite_stat"):
            # what it says; where it stands is not a promise
            rows = sorted(r[1:] for r in rows if not any(OURS in v for v in r))
            if not rows:
                continue  # SQLite never takes the table itself away
        out[name + " " + table] = rows
    return out


def merged(*digests):
    return {k: v for d in digests for k, v in d.items()}


def diff(a, b, limit=12):
    """Lines that tell the first differences; empty when there are none."""
    out = []
    for key in sorted(set(a) | set(b)):
        x, y = a.get(key), b.get(key)
        if x == y:
            continue
        if x is None or y is None:
            out.append("%s: %s" % (key, "appeared: %.300r" % (y,) if x is None else "is gone: %.300r" % (x,)))
            continue
        xs, ys = set(x), set(y)
        out += ["%s: - %s" % (key, r) for r in x if r not in ys][:limit]
        out += ["%s: + %s" % (key, r) for r in y if r not in xs][:limit]
        if xs == ys:
            out.append("%s: another order, or number: %s / %s" % (key, x[:limit], y[:limit]))
    return out


def health(db):
    """What is wrong with the files, and the violations of foreign keys."""
    wrong = []
    for name in databases(db):
        said = [r[0] for r in db.execute("PRAGMA %s.integrity_check" % q(name)).fetchall()]
        wrong += ["%s: %s" % (name, s) for s in said if s != "ok"]
    return wrong


def violations(db, name):
    """(child, rowid, parent), or the error that says why they cannot be had."""
    try:
        rows = db.execute("PRAGMA %s.foreign_key_check" % q(name)).fetchall()
    except sqlite3.OperationalError as e:
        return [("error", re.sub(r".*(foreign key mismatch).*", r"\1", str(e)), "")]
    return sorted((r[0].lower(), str(r[1]), r[2].lower()) for r in rows)


def shape(db, name, table):
    """What SQLite's pragmas say of a table; no text of its, no names of autoindexes."""
    p = "PRAGMA %s." % q(name)
    info = [r[1:] for r in db.execute(p + "table_xinfo(%s)" % q(table)).fetchall()]
    names = [r[0] for r in info]
    indexes = []
    for _, index, unique, origin, partial in db.execute(p + "index_list(%s)" % q(table)).fetchall():
        keys = [(names[r[1]] if r[1] >= 0 else r[1], r[3], r[4], r[5])
                for r in db.execute(p + "index_xinfo(%s)" % q(index)).fetchall()]
        indexes.append((index if origin == "c" else "", unique, origin, partial, keys))
    fks = {}
    for r in db.execute(p + "foreign_key_list(%s)" % q(table)).fetchall():
        fks.setdefault(r[0], []).append(r[2:])
    return {
        "columns": [(n, t, nn, squeeze(d), pk, hidden) for n, t, nn, d, pk, hidden in info],
        "indexes": sorted(indexes, key=repr),
        "foreign keys": sorted(fks.values(), key=repr),
        "options": db.execute("SELECT type, wr, strict FROM pragma_table_list(?) WHERE schema = ?", (table, name)).fetchall(),
    }


def squeeze(text):
    return None if text is None else " ".join(map(str, tokens(text)))


# ---- CREATE TABLE as text ----

TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*(?:\n|$)|/\*.*?(?:\*/|$))
      | (?P<blob>[xX]'[^']*')
      | (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
      | (?P<word>[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)
      | (?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<op>\|\||<=|>=|<>|!=|==|<<|>>|->>|->|.)""",
    re.DOTALL | re.VERBOSE,
)


def unquote(token):
    if token[0] == "[":
        return token[1:-1]
    return token[1:-1].replace(token[0] * 2, token[0]) if token[0] in "\"`'" else token


def scan(sql):
    """(kind, text, start, end) of every token that is not space."""
    return [(m.lastgroup, m.group(), m.start(), m.end()) for m in TOKEN.finditer(sql) if m.lastgroup != "space"]


def tokens(sql):
    """Tokens, where names have no quotes and no case."""
    return [unquote(t).lower() if k in ("quoted", "word") else t.lower() if k == "blob" else t
            for k, t, _, _ in scan(sql)]


def comments(sql):
    return [m.group() for m in TOKEN.finditer(sql) if m.lastgroup == "space" and m.group()[:2] in ("--", "/*")]


def items(sql):
    """The columns and constraints of a CREATE TABLE as (start, end) of their
    text without the space around it, and where its parentheses are."""
    out, depth, start, open_at = [], 0, None, None
    for kind, text, a, b in scan(sql):
        if kind == "op" and text == "(":
            depth += 1
            if depth == 1:
                open_at = b
                continue
        if kind == "op" and text == ")":
            depth -= 1
            if depth == 0:
                out.append((start, end))
                return out, (open_at, a)
        if kind == "op" and text == "," and depth == 1:
            out.append((start, end))
            start = None
            continue
        if depth:
            start = a if start is None else start
            end = b
    raise ValueError("not a CREATE TABLE: " + sql)


CONSTRAINTS = {"constraint", "primary", "unique", "check", "foreign"}


def is_column(text):
    kind, first, _, _ = scan(text)[0]
    return kind != "word" or first.lower() not in CONSTRAINTS


def parts(sql):
    """(columns, constraints): the normal form of their texts.  A column is its
    name and its other tokens sorted; constraints stand in no order.  So it does
    not matter where in a column a clause was put."""
    columns, others = [], []
    for a, b in items(sql)[0]:
        text = sql[a:b]
        names = tokens(text)
        if is_column(text):
            columns.append((unquote(scan(text)[0][1]).lower(), tuple(sorted(names[1:]))))
        else:
            others.append(tuple(sorted(names)))
    return columns, sorted(others)


def kept_text(before, after, touched=()):
    """Lines that tell what of the text of a CREATE TABLE is another, although
    nobody asked: the items not in `touched` (names, or texts), in order, and
    what stands between two that were neighbours and still are."""
    old, old_in = items(before)
    new, new_in = items(after)
    olds = [before[a:b] for a, b in old]
    news = [after[a:b] for a, b in new]
    out, at, places = [], 0, {}
    for i, text in enumerate(olds):
        name = unquote(scan(text)[0][1]).lower() if is_column(text) else None
        if text in touched or name in touched:
            continue
        if text not in news[at:]:
            out.append("the text %r was not kept as it is" % text)
            continue
        at = news.index(text, at)
        places[i] = at
        at += 1
    for i in range(len(olds) - 1):
        if i in places and places.get(i + 1) == places[i] + 1:
            j = places[i]
            x, y = before[old[i][1]:old[i + 1][0]], after[new[j][1]:new[j + 1][0]]
            if x != y:
                out.append("between %r and %r stood %r, now %r" % (olds[i], olds[i + 1], x, y))
    last = len(news) - 1
    if places.get(0) == 0 and before[old_in[0]:old[0][0]] != after[new_in[0]:new[0][0]]:
        out.append("before the first: %r, now %r" % (before[old_in[0]:old[0][0]], after[new_in[0]:new[0][0]]))
    if places.get(len(olds) - 1) == last and before[old[-1][1]:old_in[1]] != after[new[-1][1]:new_in[1]]:
        out.append("after the last: %r, now %r" % (before[old[-1][1]:old_in[1]], after[new[-1][1]:new_in[1]]))
    if before[old_in[1]:] != after[new_in[1]:]:
        out.append("options: %r, now %r" % (before[old_in[1]:], after[new_in[1]:]))
    return out
