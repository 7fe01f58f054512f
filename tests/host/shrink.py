"""Make a failing pair small: drop what it fails without, until nothing can go.

A step is a change of copies of A, B and the rows.  What SQLite does not accept
any more, or what no longer fails in the same way, is not taken.
"""

import time

from generate import creatable, fitting, valid
from schemas import Ref


class First:
    """Not random: a choice is the first."""

    def choice(self, xs):
        return xs[0]


def shrink(pair, fails, seconds):
    """`fails(pair)`: does it still fail so?"""
    end = time.monotonic() + seconds
    going = True
    while going and time.monotonic() < end:
        going = False
        for step in list(steps(pair)):
            if time.monotonic() > end:
                break
            new = attempt(pair, step)
            if new and fails(new):
                pair, going = new, True
    for name, value in (("again", False), ("analyze", False), ("foreign_keys", 0), ("format", "lua")):
        new = pair.but(pair.a, pair.b, pair.rows)
        if getattr(new, name) != value:
            setattr(new, name, value)
            pair = new if fails(new) else pair
    return pair


def attempt(pair, step):
    a, b, rows = pair.a.copy(), pair.b.copy(), {t: list(r) for t, r in pair.rows.items()}
    try:
        if step(a, b, rows) is False:
            return None
    except (AttributeError, IndexError, KeyError, ValueError):  # what it was about is gone
        return None
    a.prune(), b.prune()
    if not valid(a) or not valid(b):
        return None
    rows = fitting(a, {t: r for t, r in rows.items() if a.find(t)})
    return pair.but(creatable(a, First()), creatable(b, First()), rows)


def steps(pair):
    objects = {o.id: o for s in (pair.b, pair.a) for o in s.objects}
    both = "ab"
    for id in list(objects):
        yield drop_object(id, both)
    yield plainly(None)
    for id, o in objects.items():
        yield drop_object(id, "a")
        yield drop_object(id, "b")
        yield revert(id)
        yield plainly(id)
    for t in list(pair.rows):
        if pair.rows[t]:
            yield drop_rows(t, None)
            for n in range(len(pair.rows[t]) - 1, -1, -1):
                yield drop_rows(t, n)
    for id, o in objects.items():
        if o.kind == "table":
            yield from table_steps(pair, id)
        if o.kind == "index":
            yield each(id, lambda x: setattr(x, "where", None) if x.where else False)
            yield each(id, lambda x: setattr(x, "unique", False) if x.unique else False)
            yield each(id, lambda x: x.terms.pop() if len(x.terms) > 1 else False)
            yield each(id, lambda x: setattr(x, "terms", [([e for e in t[0]], None, False) for t in x.terms]))
        if o.kind == "trigger":
            yield each(id, lambda x: setattr(x, "when", None) if x.when else False)
            yield each(id, lambda x: setattr(x, "of", ()) if x.of else False)
            yield each(id, lambda x: x.body.pop() if len(x.body) > 1 else False)
            yield each(id, lambda x: x.body.pop(0) if len(x.body) > 1 else False)
            yield each(id, lambda x: setattr(x, "body", [["SELECT", "1"]]) if x.body != [["SELECT", "1"]] else False)
    yield from names(pair)


def table_steps(pair, id):
    columns = {c.id: c for s in (pair.b, pair.a) for t in [s.find(id)] if t for c in t.columns}
    for c in columns:
        for where in ("ab", "a", "b"):
            yield drop_column(id, c, where)
        yield revert_column(id, c)
    for where in ("ab", "a", "b"):
        for n in range(4):
            yield drop_constraint(id, n, where)
        for c in columns:
            for n in range(5):
                yield drop_part(id, c, n, where)
            yield set_column(id, c, where, "type", ("INTEGER",))
            yield set_column(id, c, where, "type", ())
    for what in ("strict", "rowidless", "late", "hint"):
        yield each(id, lambda x, what=what: setattr(x, what, False) if getattr(x, what) else False)


def each(id, f, where="ab"):
    """Do it to the object in A and B, wherever it is."""

    def step(a, b, rows):
        done = [f(s.find(id)) for w, s in (("a", a), ("b", b)) if w in where and s.find(id)]
        return any(d is not False for d in done)

    return step


def drop_object(id, where):
    def step(a, b, rows):
        for w, s in (("a", a), ("b", b)):
            if w in where:
                n = len(s.objects)
                s.objects = [o for o in s.objects if o.id != id]
                if where != "ab" and len(s.objects) == n:
                    return False
        return None

    return step


def revert(id):
    """B's is A's."""

    def step(a, b, rows):
        x, y = a.find(id), b.find(id)
        if not x or not y or repr(x) == repr(y):
            return False
        b.objects[b.objects.index(y)] = a.copy().find(id)
        return None

    return step


def plainly(id):
    """In the plain spelling."""

    def step(a, b, rows):
        some = [o for s in (a, b) for o in s.objects if id in (None, o.id) and o.seed]
        for o in some:
            o.seed = 0
        return bool(some)

    return step


def drop_rows(t, n):
    def step(a, b, rows):
        rows[t] = [] if n is None else rows[t][:n] + rows[t][n + 1:]

    return step


def drop_column(id, c, where):
    def drop(t):
        n = len(t.columns)
        t.columns = [x for x in t.columns if x.id != c]
        return len(t.columns) < n

    return each(id, drop, where)


def revert_column(id, c):
    def step(a, b, rows):
        x, t = a.copy().find(id).column(c), b.find(id)
        y = t.column(c)
        if not x or not y or repr(x) == repr(y):
            return False
        t.columns[t.columns.index(y)] = x
        return None

    return step


def set_column(id, c, where, what, value):
    def change(t):
        x = t.column(c)
        if not x or getattr(x, what) == value:
            return False
        return setattr(x, what, value)

    return each(id, change, where)


def drop_part(id, c, n, where):
    def drop(t):
        x = t.column(c)
        if not x or n >= len(x.parts):
            return False
        x.parts = x.parts[:n] + x.parts[n + 1:]
        return None

    return each(id, drop, where)


def drop_constraint(id, n, where):
    def drop(t):
        if n >= len(t.constraints):
            return False
        t.constraints = t.constraints[:n] + t.constraints[n + 1:]
        return None

    return each(id, drop, where)


def names(pair):
    """Simple names: the same for what has the same id and name in both."""
    seen = {}
    for s in (pair.a, pair.b):
        for o in s.objects:
            seen.setdefault((o.id, o.name, o.kind), None)
            for c in getattr(o, "columns", ()):
                seen.setdefault((c.id, c.name, "column"), None)
    for n, (id, name, kind) in enumerate(seen):
        new = {"table": "t%d", "index": "i%d", "view": "v%d", "trigger": "g%d", "virtual": "f%d", "column": "c%d"}[kind] % n
        if not (name[0] in "tivgfc" and name[1:].isdigit()):
            yield rename(id, name, new)


def rename(id, name, new):
    def step(a, b, rows):
        done = False
        for s in (a, b):
            for o in s.objects:
                for x in [o] + list(getattr(o, "columns", ())):
                    if x.id == id and x.hint == name:
                        x.hint, done = new, True
                    if x.id == id and x.name == name:
                        x.name, done = new, True
        return done

    return step
