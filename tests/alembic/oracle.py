"""The same graphs, the same operations, here and in Alembic.

usage: oracle.py GRAPH [--seed N] [--graphs N] [--only D/I] [--all]

GRAPH is the program made from graph.c.  Every graph gets a sequence of
upgrades, downgrades and stamps; the rows that ours leaves go along.  Where both
answer, they must agree: on whether it is an error, on the set of steps, on the
rows; and our steps must be in an order in which they can be taken.

Where ours differs on purpose there is a class for it: a function under
`@differs` below.  It says when we differ, and then what ours must be instead, by
brute force over sets.  What no class explains fails.

Alembic is asked in this process: its own ScriptDirectory plans, its own
HeadMaintainer keeps the rows; only the files and the database are left out.
"""

import argparse
import collections
import os
import random
import subprocess
import sys
import time
import warnings

if os.environ.get("PYTHONHASHSEED") != "0":  # Alembic walks over sets
    os.environ["PYTHONHASHSEED"] = "0"
    os.execv(sys.executable, [sys.executable] + sys.argv)

import alembic
from alembic.runtime.migration import HeadMaintainer
from alembic.script.base import ScriptDirectory
from alembic.script.revision import Revision, RevisionMap
from alembic.util import CommandError

warnings.simplefilter("ignore")
EXACT_AT_LEAST = 60  # percent, where not both refuse, without dependencies
OPERATIONS = 10  # for each graph


# ---- graphs ----


class Shape:
    """How likely what is in a graph."""

    def __init__(self, rnd, deps):
        self.base = rnd.choice([0.03, 0.1, 0.25])  # another base
        self.merge = rnd.choice([0.05, 0.2, 0.4])
        self.heads = rnd.random() < 0.7  # merges join no line with itself
        self.line = rnd.choice([0.1, 0.5, 0.9])  # goes on from the last one
        self.reach = rnd.choice([2, 4, 8])  # how far back parents are
        self.deps = rnd.choice([0.15, 0.35, 0.6]) if deps else 0


class Graph:
    """Revisions and what follows from them, as sets, by brute force."""

    def __init__(self, rnd, deps):
        self.ids, self.parents, self.deps, self.labels = [], {}, {}, {}
        self.dep_names = {}
        size = rnd.randint(12, 24) if rnd.random() < 0.1 else rnd.randint(1, 11)
        shape = Shape(rnd, deps)
        for i in range(size):
            self.add(rnd, i, shape)
        self.close()
        if rnd.random() < 0.5:  # by file name, parents need not come first
            rnd.shuffle(self.ids)
        self.text = "; ".join(self.line(x) for x in self.ids)

    def add(self, rnd, i, shape):
        while True:  # ids that often begin alike
            x = "%s%06x" % (rnd.choice("ab"), rnd.getrandbits(24) & 0xF0F0FF)
            if x not in self.ids:
                break
        near, par, dep = self.ids[-shape.reach :], [], []
        if near and rnd.random() >= shape.base:
            if rnd.random() < shape.merge:
                par = rnd.sample(near, min(rnd.choice([2, 2, 3]), len(near)))
                if shape.heads:
                    par = [x for x in par if not any(self.over(y, x) for y in par)]
            else:
                par = near[-1:] if rnd.random() < shape.line else [rnd.choice(near)]
        if self.ids and rnd.random() < shape.deps:
            far = [y for y in self.ids if y not in par or rnd.random() < 0.1]
            dep = rnd.sample(far, min(len(far), rnd.choice([1, 1, 1, 2])))
        self.ids.append(x)
        self.parents[x], self.deps[x] = par, dep
        self.dep_names[x] = [
            self.labels[d][0] if self.labels[d] and rnd.random() < 0.5 else d
            for d in dep
        ]
        self.labels[x] = ["lab%d" % i] if rnd.random() < 0.25 else []
        if self.labels[x] and rnd.random() < 0.1:
            self.labels[x].append("also%d" % i)

    def over(self, y, x):
        """Does y stand on x over down_revision?"""
        return any(p == x or self.over(p, x) for p in self.parents[y])

    def close(self):
        """Is called while ids are in an order in which they can be applied."""
        self.below, self.line_below = {}, {}  # over both kinds; over parents
        self.children = {x: [] for x in self.ids}
        self.dependents = {x: [] for x in self.ids}
        for x in self.ids:
            self.below[x], self.line_below[x] = set(), set()
            for p in self.parents[x]:
                self.line_below[x] |= {p} | self.line_below[p]
                self.children[p].append(x)
            for d in self.deps[x]:
                self.dependents[d].append(x)
            for y in self.parents[x] + self.deps[x]:
                self.below[x] |= {y} | self.below[y]

    def has_shortcut(self):
        """Does one stand on another and on what that one stands on, too?  Then,
        and only then, Alembic's rows go wrong."""
        edges = [self.parents[x] + self.deps[x] for x in self.ids]
        return any(y in self.below[z] for e in edges for y in e for z in e)

    def line(self, x):
        """As tests/unit/revisions.h has it."""
        z = x
        if self.parents[x]:
            z += " <- " + ",".join(self.parents[x])
        if self.deps[x]:
            z += " : " + ",".join(self.dep_names[x])
        if self.labels[x]:
            z += " [" + ",".join(self.labels[x]) + "]"
        return z

    # what DESIGN 6 says, with sets

    def maximal(self, s):
        return {x for x in s if not any(x in self.below[y] for y in s)}

    def closed(self, s):
        return set(s).union(*(self.below[x] for x in s))

    def above(self, x):
        return {y for y in self.ids if x in self.below[y]}

    def lineage(self, x):
        """Over down_revision."""
        up = {y for y in self.ids if x in self.line_below[y]}
        return {x} | up | self.line_below[x]

    def kin(self, x):
        """Over both kinds."""
        return {x} | self.above(x) | self.below[x]

    def bases(self):
        return [x for x in self.ids if not self.parents[x]]

    def heads(self, on=None):
        keep = self.lineage(on) if on else self.ids
        return [x for x in self.ids if not self.children[x] and x in keep]

    def towards(self, revs, on):
        return [x for x in revs if x == on or x in self.line_below[on]]


class Target:
    """What a target's text was made from."""

    def __init__(self, text, kind, on=None, name=None, rev=None, steps=0):
        self.text = text
        self.kind = kind  # rev head heads base; relative; walk (NAME+N)
        self.on = on  # the revision that stands before the "@"
        self.name = name  # as written
        self.rev = rev  # whose id, prefix or label `name` is
        self.steps = steps
        self.parts = [self]  # of a list, its targets


def branch(rnd, g, near):
    """Text before an "@", with the revision it means."""
    labelled = [x for x in near if g.labels[x]]
    if not labelled or rnd.random() < 0.2:
        labelled = [x for x in g.ids if g.labels[x]]
    if labelled and rnd.random() < 0.75:
        x = rnd.choice(labelled)
        return rnd.choice(g.labels[x]), x
    x = rnd.choice(near or g.ids)
    return x, x


def named(rnd, g, near):
    """A name of one revision, with that revision."""
    near = near if near and rnd.random() < 0.9 else g.ids
    x = rnd.choice(near)
    k = rnd.random()
    if k < 0.25:
        return x[:5], x
    if k < 0.27:
        return x[:3], x
    labelled = [y for y in near if g.labels[y]]
    if k < 0.5 and labelled:
        x = rnd.choice(labelled)
        return rnd.choice(g.labels[x]), x
    return x, x


def target(rnd, g, verb, applied):
    """Any form; more often than not one that makes sense."""
    near = [x for x in g.ids if (x in applied) != (verb == "up")]
    on_name, on = branch(rnd, g, near)
    name, rev = named(rnd, g, near)
    n = rnd.choice([1, 1, 1, 2, 2, 3])
    there = n if verb == "up" else -n
    steps = -there if rnd.random() < 0.05 else there
    walk = rnd.choice([n, -n])
    ends = 0.5 if verb == "down" else 2
    floor = 0.3 if verb == "up" else 2
    forms = [
        (8, lambda: Target(name, "rev", None, name, rev)),
        (ends, lambda: Target("head", "head")),
        (ends, lambda: Target("heads", "heads")),
        (floor, lambda: Target("base", "base")),
        (ends, lambda: Target(on_name + "@head", "head", on)),
        (ends / 2, lambda: Target(on_name + "@heads", "heads", on)),
        (floor / 2, lambda: Target(on_name + "@base", "base", on)),
        (1, lambda: Target(on_name + "@" + name, "rev", on, name, rev)),
    ]
    if verb in ("up", "down"):
        forms += [
            (5, lambda: Target("%+d" % steps, "relative", steps=steps)),
            (4, lambda: Target("%s@%+d" % (on_name, steps), "relative", on, steps=steps)),
            (2, lambda: Target("%s%+d" % (name, walk), "walk", None, name, rev, walk)),
            (1, lambda: Target("head%+d" % -n, "walk", None, "head", None, -n)),
            (1, lambda: Target("base%+d" % n, "walk", None, "base", None, n)),
            (
                1,
                lambda: Target(
                    "%s@%s%+d" % (on_name, name, walk), "walk", on, name, rev, walk
                ),
            ),
        ]
    elif verb != "part":
        forms.append((6, lambda: listed(rnd, g, applied)))
    return rnd.choices([f for w, f in forms], [w for w, f in forms])[0]()


def listed(rnd, g, applied):
    """Several for a stamp."""
    parts = [target(rnd, g, "part", applied) for i in range(rnd.choice([2, 2, 3]))]
    t = Target(",".join(p.text for p in parts), "list")
    t.parts = parts
    return t


# ---- both sides ----


class Answer:
    def __init__(self, error=None, steps=(), rows=(), planned=None):
        self.error = error  # text, or None
        self.steps = list(steps)
        self.rows = set(rows)
        self.planned = planned  # Alembic broke while it did these
        self.crash = None  # the exception, unless it is one for users

    def refuses(self):
        return self.error is not None and self.planned is None

    def __str__(self):
        if self.error is None:
            return "steps [%s] rows [%s]" % (
                " ".join(self.steps),
                " ".join(sorted(self.rows)),
            )
        broke = self.planned and " after planning [%s]" % " ".join(self.planned)
        return "error: " + self.error + (broke or "")


class Ours:
    def __init__(self, program):
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def say(self, line):
        self.process.stdin.write(line + "\n")

    def do(self, verb, text):
        self.say(verb + " " + text)
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if line.startswith("ok "):
            steps, rows = line[3:].split("|")
            return Answer(None, steps.split(), rows.split())
        if not line.startswith("error "):
            self.process.wait()
            return None
        return Answer(line[6:-1])

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


class Script(Revision):
    module = type("module", (), {"upgrade": None, "downgrade": None})
    number = 0

    def __hash__(self):  # an address would make sets differ from run to run
        return self.number


class Nothing:
    """Stands for the database: takes every call and holds nothing."""

    as_sql = True

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kw):
        return self

    def __eq__(self, other):
        return self


class Alembic:
    def __init__(self, g):
        self.map = RevisionMap(lambda: [self.script(g, x) for x in g.ids])
        self.directory = ScriptDirectory.__new__(ScriptDirectory)
        self.directory.revision_map = self.map
        self.map._revision_map

    def script(self, g, x):
        r = Script(
            x,
            tuple(g.parents[x]) or None,
            tuple(g.dep_names[x]) or None,
            tuple(g.labels[x]) or None,
        )
        r.number = g.ids.index(x)
        return r

    def plan(self, verb, text, rows):
        if verb == "up":
            return self.directory._upgrade_revs(text, rows)
        if verb == "down":
            return self.directory._downgrade_revs(text, rows)
        return self.directory._stamp_revs(tuple(text.split(",")), rows)

    def do(self, verb, text, rows):
        planned = None
        if verb == "purge":
            rows = ()
        try:
            plan = self.plan(verb, text, rows)
            steps = [s.revision.revision for s in plan] if verb in ("up", "down") else []
            planned = steps
            keeper = HeadMaintainer(Nothing(), rows)
            for step in plan:
                keeper.update_to_step(step)
            return Answer(None, steps, keeper.heads)
        except Exception as e:
            a = Answer("%s: %s" % (type(e).__name__, e), planned=planned)
            a.crash = None if isinstance(e, CommandError) else e
            return a

    def means(self, verb, text, rows):
        """The one revision that Alembic takes a target for; "base"; or None."""
        try:
            if verb == "down":
                rev = self.map._parse_downgrade_target(rows, text, True)[1]
                return "base" if rev in (None, "base") else rev.revision
            revs = self.map._parse_upgrade_target(rows, text, True)
            return revs[0].revision if len(revs) == 1 else None
        except Exception:
            return None


class Case:
    """One operation and both answers."""

    def __init__(self, g, theirs, verb, t, rows, shown, ours, answer):
        self.g = g
        self.alembic = theirs
        self.verb = verb
        self.t = t
        self.rows = rows  # ours, a set
        self.shown = shown  # to Alembic, a tuple in some order
        self.applied = g.closed(rows)
        self.ours = ours
        self.theirs = answer

    def means(self):
        return self.alembic.means(self.verb, self.t.text, self.shown)

    def roots(self):
        """The children of where a downgrade goes to."""
        to = self.means()
        return self.g.bases() if to == "base" else self.g.children.get(to, [])

    def broken(self):
        """What our answer breaks of itself, or None."""
        g, now = self.g, set(self.applied)
        if self.ours.error is not None:
            return None
        for x in self.ours.steps:
            if self.verb == "up":
                if x in now or not g.below[x] <= now:
                    return "cannot apply %s then" % x
                now.add(x)
            else:
                if x not in now or g.above(x) & now:
                    return "cannot take back %s then" % x
                now.remove(x)
        if self.verb in ("up", "down"):
            if self.ours.rows != g.maximal(now):
                return "the rows are not the maximal elements"
        elif self.ours.rows != g.maximal(self.ours.rows):
            return "a row is an ancestor of another"
        return None

    def same(self):
        a, b = self.ours, self.theirs
        if a.error is not None or b.error is not None:
            return a.error is not None and b.refuses()
        return set(a.steps) == set(b.steps) and a.rows == b.rows


# ---- what DESIGN 6 asks, where Alembic is no measure ----


def back(g, applied, n):
    """-N: N times the one row; None when there is not one."""
    now, steps = set(applied), []
    for i in range(n):
        rows = g.maximal(now)
        if len(rows) != 1:
            return None
        now -= rows
        steps += rows
    return set(steps)


def start(g, applied, on):
    """Where a branch is: its row, or what nothing applied stands on."""
    keep = g.lineage(on)
    rows = g.maximal(applied) & keep
    if not rows:
        rows = {
            x for x in applied & keep if not any(c in applied for c in g.children[x])
        }
    return rows


def back_branch(g, applied, on, n):
    """LABEL@-N: the last of N down the branch, and all above it; or None."""
    tips = start(g, applied, on)
    for i in range(n):
        if len(tips) != 1:
            return None
        x = min(tips)
        tips = set(g.parents[x])
    return ({x} | g.above(x)) & applied


def down(g, applied, to, on):
    """All applied above a revision, or "base"; with a branch, what leads to it."""
    if to == "base":
        roots = g.towards(g.bases(), on) if on else g.bases()
    else:
        roots = g.towards(g.children[to], on) if on and on != to else []
        roots = roots or g.children[to] + g.dependents[to]
    return {x for x in applied if any(x == r or r in g.below[x] for r in roots)}


def stamp_revs(g, t):
    """The revisions that a target of a stamp names; None: an error."""
    if t.kind == "base":
        return []
    if t.kind in ("head", "heads"):
        heads = g.heads(t.on)
        if t.kind == "head":
            return heads if len(heads) < 2 else None
        return heads if t.on else [x for x in heads if not g.dependents[x]]
    if t.name == t.rev or t.name in g.labels[t.rev]:
        found = [t.rev]
    else:
        found = [x for x in g.ids if x.startswith(t.name)]
        found = [x for x in found if not t.on or x in g.lineage(t.on)]
    if len(found) != 1 or len(t.name) < 4:
        return None
    return found if not t.on or found[0] in g.lineage(t.on) else None


def stamp(g, rows, targets):
    """The rows after a stamp; None: an error."""
    gone, come = set(), set()
    for t in targets:
        revs = stamp_revs(g, t)
        if revs is None:
            return None
        if t.kind == "base":
            gone |= g.kin(t.on) if t.on else set(g.ids)
        for x in revs:
            gone |= g.kin(x)
            come.add(x)
    return g.maximal(come | (set(rows) - gone))


# ---- where we differ ----

CLASSES = []


def differs(verbs, title):
    """A class of differences.  It returns None for a case that is not in it,
    and else whether ours is what it must be."""

    def add(f):
        CLASSES.append((title, verbs.split(), f))
        return f

    return add


def says(c, *parts):
    return c.ours.error is not None and any(p in c.ours.error for p in parts)


def steps_are(c, want):
    """Those steps and no others; that the rows fit them is tested for all."""
    return c.ours.error is None and set(c.ours.steps) == want


def idle(answer):
    return answer.error is None and not answer.steps


@differs("up down stamp purge", "an id's beginning of less than 4 letters")
def short(c):
    names = [p.name for p in c.t.parts if p.rev and len(p.name) < 4]
    if names and not c.theirs.refuses():
        return says(c, *["is called '%s'" % z for z in names])


@differs("up down stamp", "LABEL@PREFIX, LABEL@PREFIX+N: LABEL settles PREFIX")
def settled(c):
    if not c.t.on or c.t.kind not in ("rev", "walk") or c.t.name == c.t.rev:
        return None
    if "Can't locate" not in (c.theirs.error or ""):
        return None
    found = [x for x in c.g.ids if x.startswith(c.t.name)]
    kept = [x for x in found if x in c.g.lineage(c.t.on)]
    if len(found) > 1 and len(kept) == 1:  # ours: as Alembic with the whole id
        text = c.t.text.replace("@" + c.t.name, "@" + kept[0])
        t = Target(text, c.t.kind, c.t.on, kept[0], kept[0], c.t.steps)
        theirs = c.alembic.do(c.verb, text, c.shown)
        d = Case(c.g, c.alembic, c.verb, t, c.rows, c.shown, c.ours, theirs)
        return d.same() or explain(d)[0] is not None


@differs("up", "upgrade to base")
def up_base(c):
    if c.t.kind == "base" and idle(c.theirs):
        return says(c, "is behind every revision")


@differs("up", "upgrade to T: T is behind the current one")
def up_behind(c):
    to = c.means() if c.t.kind in ("rev", "walk") else None
    if idle(c.theirs) and to in c.applied - c.rows:
        return says(c, "revision %s is behind the current " % to)


@differs("up", "upgrade to heads of which one depends on another")
def up_overlap(c):
    heads = set(c.g.heads(c.t.on))
    if c.t.kind != "heads" or "overlaps with" not in (c.theirs.error or ""):
        return None
    if any(c.g.below[x] & heads for x in heads):
        return steps_are(c, c.g.closed(heads) - c.applied)


@differs("up", "upgrade: Alembic loses its rows (KeyError)")
def up_crash(c):
    if not c.g.has_shortcut() or not c.theirs.planned:
        return None
    if isinstance(c.theirs.crash, KeyError):
        return steps_are(c, set(c.theirs.planned))


@differs("up down", "Alembic's rows: one is an ancestor of another")
def not_maximal(c):
    if c.theirs.error is not None or c.ours.error is not None:
        return None
    if not c.g.has_shortcut() or set(c.theirs.steps) != set(c.ours.steps):
        return None
    if c.g.maximal(c.theirs.rows) != c.theirs.rows:
        return c.g.maximal(c.theirs.rows) == c.ours.rows


def goes_back(c):
    return c.t.kind == "relative" and c.t.steps < 0


@differs("down", "downgrade -N: several rows")
def down_rows(c):
    if goes_back(c) and not c.t.on and len(c.rows) > 1:
        if c.theirs.error is None:
            return says(c, "is ambiguous: the current revisions are ")


def way_down(g, x, n):
    """Where N steps over down_revision lead, up to the first merge."""
    way = [x]
    while len(way) < n and len(g.parents[way[-1]]) == 1:
        way += g.parents[way[-1]]
    return way


@differs("down", "downgrade -1, LABEL@-1: takes back a merge")
def down_merge(c):
    if not goes_back(c) or "Ambiguous walk" not in (c.theirs.error or ""):
        return None
    n, on = -c.t.steps, c.t.on
    tips = start(c.g, c.applied, on) if on else c.rows
    if len(tips) != 1:
        return None
    if len(c.g.parents[way_down(c.g, min(tips), n)[-1]]) > 1:
        want = back_branch(c.g, c.applied, on, n) if on else back(c.g, c.applied, n)
        return want is not None and steps_are(c, want)


@differs("down", "downgrade -N: with dependencies, N times the one row")
def down_deps(c):
    if not goes_back(c) or c.t.on or len(c.rows) != 1:
        return None
    want = back(c.g, c.applied, -c.t.steps)
    way = way_down(c.g, min(c.rows), -c.t.steps) + list(want or ())
    if any(c.g.deps[x] for x in way):
        if want is None:
            return says(c, "the current revisions would be", "goes too far")
        return steps_are(c, want)


@differs("down", "downgrade LABEL@head, LABEL@heads: the label counts")
def down_label_head(c):
    if not c.t.on or c.t.kind not in ("head", "heads"):
        return None
    heads = c.g.heads(c.t.on)
    if len(heads) != 1:
        return says(c, "is ambiguous: the heads are", "names several revisions")
    if heads[0] not in c.applied:
        return says(c, "revision %s is not applied" % heads[0])
    return steps_are(c, down(c.g, c.applied, heads[0], c.t.on))


@differs("up down", "LABEL@T, LABEL@T+N: T is on another branch")
def unrelated(c):
    if not c.t.on or not c.t.rev or c.theirs.refuses():
        return None
    if c.t.rev not in c.g.lineage(c.t.on):
        return says(c, "revision %s is neither above nor below" % c.t.rev)


@differs("down", "downgrade LABEL@T, LABEL@-N: LABEL is not above T")
def down_label_below(c):
    if not c.t.on or "Not a valid downgrade target" not in (c.theirs.error or ""):
        return None
    if len(c.roots()) < 2 or c.g.towards(c.roots(), c.t.on):
        return None
    if c.t.kind == "relative":
        return steps_are(c, back_branch(c.g, c.applied, c.t.on, -c.t.steps))
    return steps_are(c, down(c.g, c.applied, c.means(), c.t.on))


@differs("down", "downgrade LABEL@-N: not what is beside those N")
def down_beside(c):
    if not goes_back(c) or not c.t.on:
        return None
    if len(c.g.towards(c.roots(), c.t.on)) > 1:
        return steps_are(c, back_branch(c.g, c.applied, c.t.on, -c.t.steps))


@differs("down", "downgrade to T: takes back what depends on T")
def down_dependents(c):
    to = c.means()
    if c.t.kind == "relative" or to not in c.applied:
        return None
    if any(x in c.applied for x in c.g.dependents[to]):
        return steps_are(c, down(c.g, c.applied, to, c.t.on))


def stamps(c):
    rows = () if c.verb == "purge" else c.rows
    want = stamp(c.g, rows, c.t.parts)
    if want is None:
        return c.ours.error is not None
    return c.ours.error is None and c.ours.rows == want


@differs("stamp purge", "stamp of several revisions")
def stamp_several(c):
    found = [stamp_revs(c.g, p) for p in c.t.parts]
    if len(c.t.parts) > 1 or len(found[0] or ()) > 1:
        return stamps(c)


@differs("stamp", "stamp LABEL@T: rows near LABEL, but not T, stay")
def stamp_label(c):
    found = stamp_revs(c.g, c.t) if c.t.on else None
    if found and any(x in c.g.kin(c.t.on) - c.g.kin(found[0]) for x in c.rows):
        return stamps(c)


def explain(c):
    """The class this case is in; or None, and why not."""
    why = "differs, and no class explains it"
    for title, verbs, f in CLASSES:
        right = f(c) if c.verb in verbs else None
        if right:
            return title, None
        if right is not None:
            why = "ours is not what it must be in class '%s'" % title
    return None, why


# ---- the run ----


class Count:
    def __init__(self):
        self.graphs = self.answers = self.refusals = self.failed = 0
        self.crashes = 0  # among the refusals: Alembic broke while it planned
        self.classes = collections.Counter()

    def comparisons(self):
        return self.answers + self.refusals + sum(self.classes.values())


def show(c, number, why):
    print("not ok - graph %s: %s" % (number, why))
    print("  Alembic: %s" % c.theirs)
    print("  ours:    %s" % c.ours)
    print("  graph %s" % c.g.text)
    print("  rows %s" % " ".join(c.shown))
    print("  %s %s" % (c.verb, c.t.text))


def judge(c, count):
    """Why it fails, or None."""
    why = c.broken()
    if why:
        return why
    if c.same():
        if c.ours.error is None:
            count.answers += 1
        else:
            count.refusals += 1
            count.crashes += c.theirs.crash is not None
        return None
    title, why = explain(c)
    if title:
        count.classes[title] += 1
    return why


def run_graph(options, ours, deps, i, count):
    """One graph, and a sequence of operations on it.  Is all well?"""
    number = "%d/%d" % (deps, i)
    rnd = random.Random("%d/%s" % (options.seed, number))
    g = Graph(rnd, deps)
    theirs = Alembic(g)
    rows = set()
    ours.say("graph " + g.text)
    for k in range(OPERATIONS):
        applied = g.closed(rows)
        odds = [45 if len(applied) < len(g.ids) else 10, 35 if rows else 3, 16, 4]
        verb = rnd.choices(["up", "down", "stamp", "purge"], odds)[0]
        t = target(rnd, g, verb, applied)
        shown = sorted(rows)
        rnd.shuffle(shown)
        answer = ours.do(verb, t.text)
        other = theirs.do(verb, t.text, tuple(shown))
        c = Case(g, theirs, verb, t, rows, tuple(shown), answer, other)
        why = judge(c, count) if answer else "ours died"
        if why:
            if count.failed < 20 or options.all:
                show(c, number, why)
            return False
        if options.only:
            print("%s %-24s %s   %s" % (verb, t.text, answer, other))
        if answer.error is None:
            rows = answer.rows
    return True


def run_all(options, deps):
    count = Count()
    ours = Ours(options.program)
    numbers = range(options.graphs)
    if options.only:
        only_deps, i = map(int, options.only.split("/"))
        numbers = [i] if only_deps == deps else []
    for i in numbers:
        if ours.process.poll() is not None:
            ours = Ours(options.program)
        count.graphs += 1
        count.failed += not run_graph(options, ours, deps, i, count)
    if ours.close() != 0:
        print("not ok - %s ended with an error" % options.program)
        count.failed += 1
    return count


def percent(n, total):
    return "%8d %6.2f %%" % (n, 100.0 * n / max(total, 1))


def table(title, count):
    total = count.comparisons()
    print("\n%s: %d graphs, %d comparisons" % (title, count.graphs, total))
    print(percent(count.answers, total), " exact: the same steps and rows")
    print(percent(count.refusals, total), " exact: both refuse", end="")
    print(" (Alembic by an exception of Python's: %d)" % count.crashes)
    for name, verbs, f in CLASSES:
        if count.classes[name]:
            print(percent(count.classes[name], total), " " + name)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--graphs", type=int, default=4000)
    p.add_argument("--only", help="DEPS/NUMBER, as a failure names it")
    p.add_argument("--all", action="store_true", help="print every failure")
    options = p.parse_args()
    begun = time.time()
    without, with_deps = run_all(options, 0), run_all(options, 1)
    table("without dependencies", without)
    table("with dependencies", with_deps)
    print("\nAlembic %s, seed %d, " % (alembic.__version__, options.seed), end="")
    print("%.0f s" % (time.time() - begun))
    passed = without.graphs + with_deps.graphs
    failed = without.failed + with_deps.failed
    answered = without.comparisons() - without.refusals
    print("exact without dependencies, where not both refuse:", end="")
    print(" %.1f %%" % (100.0 * without.answers / max(answered, 1)))
    if without.answers * 100 < answered * EXACT_AT_LEAST:
        print("not ok - that is less than %d %%" % EXACT_AT_LEAST)
        failed += 1
    else:
        passed += 1
    print("%d passed, %d failed" % (passed - failed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
