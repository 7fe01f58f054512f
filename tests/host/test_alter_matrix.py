"""Each promise of altering as one small case, in every mode.

A case is a setup, a change to the table t, and what holds afterwards; all else
must be equal, by digest.py.  The modes are combined so that every two settings
of any two of them meet (ALTER_MATRIX=pairs; all: every combination; not given:
each case takes half of those, and all cases together meet them all).  A case
without a change of its own is a promise that something is kept: it is run with
those of NEUTRAL, which are about the column z only.
"""

import ctypes
import ctypes.util
import itertools
import os
import re
import shutil
import sqlite3
import tempfile
import threading
import time
import unittest
import zlib

import digest as D
from project import LIBRARY
from test_alter import lua

MODES = {
    "recreate": ["auto", "always"],
    "foreign_keys": ["ON", "OFF"],
    "ends": ["alone", "COMMIT", "ROLLBACK"],  # autocommit; inside the caller's transaction
    "schema": ["main", "aux", "temp"],
    "journal": ["delete", "wal"],
    "layout": [(4096, "NONE"), (512, "FULL"), (1024, "INCREMENTAL")],
    "legacy": ["OFF", "ON"],  # legacy_alter_table
}
NEUTRAL = [
    't.alter_column("z", {nullable=false})',
    't.create_check_constraint("ck_new", "z IS NOT 99")',
    't.alter_column("z", {type="INT"})',
    't.alter_column("z", {default=5})',
    't.add_column("w TEXT DEFAULT \'w\'")',
    't.add_column("w TEXT", {before="z"})',
    't.alter_column("z", {type="TEXT"})',
    't.create_unique_constraint("uq_new", {"z"})',
]
FLAGS = ("foreign_keys legacy_alter_table writable_schema trusted_schema busy_timeout recursive_triggers "
         "ignore_check_constraints query_only synchronous cache_size defer_foreign_keys reverse_unordered_selects "
         "cell_size_check temp_store locking_mode").split()


MATRIX = os.environ.get("ALTER_MATRIX")


def pairs(modes):
    """Few combinations in which any two values of two modes meet."""
    names = list(modes)
    every = [dict(zip(names, v)) for v in itertools.product(*modes.values())]
    if MATRIX == "all":
        return every
    open_ = {(a, x, b, y) for a, b in itertools.combinations(range(len(names)), 2)
             for x in range(len(modes[names[a]])) for y in range(len(modes[names[b]]))}
    place = [{v if not isinstance(v, list) else tuple(v): i for i, v in enumerate(modes[n])} for n in names]
    met = [{(a, place[a][c[names[a]]], b, place[b][c[names[b]]]) for a, b in itertools.combinations(range(len(names)), 2)} for c in every]
    out = []
    while open_:
        best = max(range(len(every)), key=lambda i: len(met[i] & open_))
        out.append(every[best])
        open_ -= met[best]
    return out


FIXED = pairs(MODES)
KEEPS = pairs(dict(MODES, change=NEUTRAL))


class Case:
    def __init__(self, name, setup, change=None, *, sql=None, after=(), free=(), gone=(), new=(), text=(), refused=None, down=None,
                 edited=(), schemas=("main", "aux", "temp")):
        self.name, self.setup, self.change = name, setup, change
        self.sql = sql or {}  # name: its text afterwards, exactly
        self.after = after  # (query, rows): the query's rows afterwards
        self.free = set(free)  # columns of t ("rowid" too) whose text and values may be others
        self.edited = set(edited)  # columns of t whose text may be another
        self.gone, self.new = set(gone), set(new)  # names in sqlite_schema
        self.text = set(text) | set(self.sql)  # whose text may be another
        self.refused = refused  # a pattern of the error: then all is as before
        self.down = down  # the reverse, which gives the first digest back
        self.schemas = schemas


CASES = []


def case(*args, **named):
    CASES.append(Case(*args, **named))


# ---- what is kept ----

ROWS = "INSERT INTO t(z, a) VALUES (1, 'x'), (2, NULL), (3, 1.5), (4, x'00ff'), (5, 9223372036854775807), (6, 'it''s');"

case("rowids_with_gaps", "CREATE TABLE t(a, z INTEGER);" + ROWS +
     "UPDATE t SET rowid = rowid * 7 - 20; DELETE FROM t WHERE z = 3; INSERT INTO t(rowid, z) VALUES (9223372036854775807, 9), (-9223372036854775808, 8);")
case("rowids_of_a_text_primary_key", "CREATE TABLE t(k TEXT PRIMARY KEY, z INTEGER); INSERT INTO t(rowid, k, z) VALUES (70, 'b', 1), (-3, 'a', 2), (5, NULL, 3), (6, NULL, 4);")
case("rowids_behind_a_column_named_rowid", "CREATE TABLE t(rowid TEXT, oid, z INTEGER); INSERT INTO t(_rowid_, rowid, oid, z) VALUES (10, 'x', 'y', 1), (30, 3, 4, 2);")
case("rowids_that_have_no_name_left", "CREATE TABLE t(rowid, oid, _rowid_, z INTEGER); INSERT INTO t VALUES (10, 'x', 'y', 1), (30, 3, 4, 2);")
case("a_primary_key_desc_is_not_the_rowid", "CREATE TABLE t(id INTEGER PRIMARY KEY DESC, z INTEGER); INSERT INTO t(rowid, id, z) VALUES (7, 1, 1), (3, 2, 2);")
case("integers_at_the_ends_and_reals", "CREATE TABLE t(a NUMERIC, r REAL, z INTEGER); INSERT INTO t VALUES (9223372036854775807, 1e308, 1), (-9223372036854775808, -0.0, 2), (9e999, 0.1, 3), (0.30000000000000004, 5e-324, 4), ('007', '1e3x', 5);")
case("text_and_blobs_of_any_bytes", "CREATE TABLE t(a, b TEXT, z INTEGER); INSERT INTO t VALUES (CAST(x'ff00fe' AS TEXT), char(0, 65, 0), 1), (x'', '', 2), (zeroblob(3000), printf('%.5000c', 'y'), 3);")
case("types_as_written", "CREATE TABLE t(a UNSIGNED   BIG INT, b VARCHAR ( 50 ), c, d \"my type\", e DECIMAL(10 , -2), f Character Varying(20), g [x(y], h INT/**/EGER, z INTEGER);" + ROWS)
case("comments_and_spacing", """CREATE TABLE t -- the table
( -- opens ( '
  a  INT -- the ), first
  , /* b */ b /* of , */ TEXT /* ' */ NOT /**/ NULL DEFAULT ( 1 /* ) */ ) -- "
,
\tz\tINTEGER
  /* before the CHECK */ , CHECK ( /* in */ b <> '--' ) /* last */ -- end
 ) ; INSERT INTO t(a, z) VALUES (1, 1), (2, 2);""")
case("names_of_every_kind", "CREATE TABLE t(\"my col\" INT, [sel ect], `ta``ble` TEXT, 'str' TEXT, key, \"a,b)\" INT, naïve, \"\" INT, \"x\"\"y\", z INTEGER, UNIQUE(\"a,b)\", [sel ect]));"
     "INSERT INTO t VALUES (1, 2, 3, 4, 5, 6, 7, 8, 9, 1), (2, 3, 4, 5, 6, 7, 8, 9, 10, 2);")
case("constraints_of_the_table", "CREATE TABLE p(x UNIQUE, y, UNIQUE(x, y)); INSERT INTO p VALUES (1, 1), (2, 2);"
     "CREATE TABLE t(a INT, b, z INTEGER, CONSTRAINT \"u 1\" UNIQUE (a, b COLLATE RTRIM DESC) ON CONFLICT IGNORE, UNIQUE(b), CONSTRAINT c1 CHECK (a > -5), CHECK (b IS NOT 'q'),"
     " CONSTRAINT f1 FOREIGN KEY (a) REFERENCES p(x) ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY(a, b) REFERENCES p(x, y) MATCH SIMPLE NOT DEFERRABLE);"
     "INSERT INTO t VALUES (1, 1, 1), (2, 2, 2);")
case("constraints_of_a_column", "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);"
     "CREATE TABLE t(a INT CONSTRAINT nn NOT NULL ON CONFLICT IGNORE CONSTRAINT uq UNIQUE ON CONFLICT REPLACE CONSTRAINT ck CHECK (a < 9) REFERENCES p ON DELETE SET DEFAULT DEFERRABLE, b TEXT NULL UNIQUE, z INTEGER);"
     "INSERT INTO t VALUES (1, 1, 1), (2, 2, 2);")
case("collations", "CREATE TABLE t(a TEXT COLLATE NOCASE UNIQUE, b COLLATE \"rtrim\", z INTEGER); INSERT INTO t VALUES ('A', 'x ', 1), ('b', 'x', 2);",
     after=[("SELECT count(*) FROM t WHERE a = 'a' OR b = 'x'", [(2,)])])
case("defaults_of_every_form", "CREATE TABLE t(a DEFAULT 5, b DEFAULT -5.5e3, c DEFAULT 'it''s, )', d DEFAULT x'ab', e DEFAULT NULL, f DEFAULT TRUE, g DEFAULT CURRENT_DATE, h DEFAULT (1 + length('a,b)')),"
     " i DEFAULT hello, j DEFAULT \"dq\", k DEFAULT + 3, l TEXT DEFAULT 0x10, m DEFAULT (lower('A') || /* ) */ 'b'), z INTEGER); INSERT INTO t(z) VALUES (1), (2);",
     after=[("SELECT a, b, c, d, e, f, h, i, j, k, l, m FROM t WHERE z = 1", [(5, -5500.0, "it's, )", b"\xab", None, 1, 5, "hello", "dq", 3, "16", "ab")])])
case("generated_columns", "CREATE TABLE t(a INT, g1 AS (a + 1), z INTEGER, g2 TEXT GENERATED ALWAYS AS (a || '-' || g1) STORED NOT NULL, g3 INT AS (length(g2)) VIRTUAL UNIQUE);"
     "INSERT INTO t(a, z) VALUES (1, 1), (22, 2);", after=[("SELECT g1, g2, g3 FROM t WHERE z = 2", [(23, "22-23", 5)])])
case("strict", "CREATE TABLE t(a INT, b TEXT, c ANY, d BLOB, e REAL, z INTEGER) STRICT; INSERT INTO t VALUES (1, '1', '01', x'01', 1, 1), (2, 'b', 1.5, x'', 2, 2);",
     after=[("SELECT typeof(c), typeof(e) FROM t ORDER BY z", [("text", "real"), ("real", "real")])])
case("without_rowid", "CREATE TABLE t(a TEXT, b INT, z INTEGER, PRIMARY KEY (b DESC, a COLLATE NOCASE)) WITHOUT ROWID; INSERT INTO t VALUES ('x', 1, 1), ('y', 1, 2), ('x', 3, 3); CREATE INDEX i ON t(a);")
case("without_rowid_and_strict", "CREATE TABLE t(id INTEGER PRIMARY KEY, c ANY, z INTEGER)STRICT,WITHOUT ROWID; INSERT INTO t VALUES (5, '01', 1), (-7, x'00', 2);")
case("autoincrement", "CREATE TABLE other(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO other VALUES (50); CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, z INTEGER);"
     "INSERT INTO t VALUES (1, 1), (900, 2); DELETE FROM t WHERE id = 900;")
case("autoincrement_that_was_never_used", "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, z INTEGER);")
case("autoincrement_behind_its_rows", "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, z INTEGER); INSERT INTO t VALUES (10, 1), (20, 2); DELETE FROM sqlite_sequence;")
case("indexes", "CREATE TABLE t(a, b TEXT, c, z INTEGER);" + ROWS + "CREATE INDEX i1 ON t(a DESC, b COLLATE NOCASE); CREATE UNIQUE INDEX i2 ON t(z, a) WHERE a IS NOT NULL AND z <> ')';"
     "CREATE INDEX \"i 3\" ON t(lower(b), z + 1 DESC, a || 'x' COLLATE RTRIM) -- end\n; CREATE INDEX IF NOT EXISTS i4 ON \"t\" ( /* c */ c ) WHERE c > 5;")
case("the_order_of_objects", "CREATE TABLE a1(x); CREATE TABLE t(a, z INTEGER); CREATE VIEW v0 AS SELECT 1; CREATE INDEX i1 ON t(a); CREATE TABLE m1(x UNIQUE); CREATE TRIGGER r1 AFTER INSERT ON m1 BEGIN SELECT 1; END;"
     "CREATE INDEX i2 ON t(z); CREATE TRIGGER r2 AFTER INSERT ON t BEGIN SELECT 1; END; CREATE INDEX im ON m1(x); CREATE INDEX i3 ON t(a, z); CREATE VIEW v1 AS SELECT * FROM t; CREATE TABLE z9(x);" + ROWS)
LOG = "CREATE TABLE log(x); CREATE TABLE o(x);"
case("triggers_on_it_do_not_fire", LOG + "CREATE TABLE t(a, z INTEGER);" + ROWS + "".join(
    "CREATE TRIGGER r%d %s %s ON t BEGIN INSERT INTO log VALUES ('%s;'); END;" % (i, time_, event, event) for i, (time_, event) in
    enumerate(itertools.product(["BEFORE", "AFTER"], ["INSERT", "DELETE", "UPDATE", "UPDATE OF a"]))), after=[("SELECT count(*) FROM log", [(0,)])])
case("triggers_of_others_that_name_it", LOG + "CREATE TABLE t(a, z INTEGER);" + ROWS + "CREATE TRIGGER r1 AFTER INSERT ON o WHEN EXISTS (SELECT 1 FROM t WHERE z = new.x) BEGIN UPDATE t SET a = 'hit' WHERE z = new.x;"
     " INSERT INTO log SELECT a FROM t WHERE z = new.x; DELETE FROM t WHERE z = -1; INSERT INTO t(a, z) SELECT 1, 2 WHERE 0; END;")
case("temp_triggers", LOG + "CREATE TABLE t(a, z INTEGER);" + ROWS + "CREATE TEMP TRIGGER tr1 AFTER UPDATE OF a ON @t BEGIN INSERT INTO log VALUES (new.a); END; CREATE TEMP TRIGGER tr2 AFTER INSERT ON @o BEGIN DELETE FROM t WHERE z = new.x; END;",
     schemas=("main", "aux"))
case("instead_of_triggers_of_views_on_it", "CREATE TABLE t(a, z INTEGER);" + ROWS + "CREATE VIEW v AS SELECT a, z FROM t; CREATE TRIGGER r INSTEAD OF INSERT ON v BEGIN INSERT INTO t(a, z) VALUES (new.a, new.z); END;")
case("views", "CREATE TABLE t(a, z INTEGER);" + ROWS + "CREATE VIEW v1 AS SELECT a AS aa, z FROM t WHERE z > 1 /* ' */; CREATE VIEW v2(q) AS SELECT aa FROM v1; CREATE VIEW v3 AS WITH c AS (SELECT z FROM \"t\") SELECT * FROM c JOIN v1 USING (z);",
     after=[("SELECT count(*) FROM v3", [(5,)])])
case("temp_views", "CREATE TABLE t(a, z INTEGER);" + ROWS + "CREATE TEMP VIEW tv AS SELECT a FROM @t; CREATE TEMP VIEW tw AS SELECT * FROM tv;", schemas=("main", "aux"))
case("children_and_their_rows", "CREATE TABLE t(id INTEGER PRIMARY KEY, u TEXT UNIQUE, z INTEGER); INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2);"
     "CREATE TABLE c1(x REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE); CREATE TABLE c2(x REFERENCES \"t\"(id) ON DELETE SET NULL); CREATE TABLE c3(x NOT NULL REFERENCES T(u) ON DELETE RESTRICT);"
     "CREATE TABLE c4(x DEFAULT 7 REFERENCES t(id) ON DELETE SET DEFAULT DEFERRABLE INITIALLY DEFERRED); INSERT INTO c1 VALUES (1), (1), (2); INSERT INTO c2 VALUES (1), (2), (99); INSERT INTO c3 VALUES ('a'); INSERT INTO c4 VALUES (2), (NULL);")
case("a_key_to_itself", "CREATE TABLE t(id INTEGER PRIMARY KEY, up INT REFERENCES t(id) ON DELETE CASCADE, z INTEGER, FOREIGN KEY (up) REFERENCES \"T\"); INSERT INTO t VALUES (1, NULL, 1), (2, 1, 2), (3, 2, 3), (4, 77, 4);")
case("old_violations_stay_and_are_not_blamed", "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE t(a REFERENCES p, z INTEGER); INSERT INTO t VALUES (1, 1), (2, 2);")
case("statistics", "CREATE TABLE t(a, b, z INTEGER); CREATE INDEX i1 ON t(a, b); CREATE INDEX i2 ON t(z);" + ROWS +
     "ANALYZE @; UPDATE sqlite_stat1 SET stat = '12345 ' || stat || ' unordered'; INSERT INTO sqlite_stat1 VALUES ('t', 'no_such', '1 2'), ('nobody', NULL, '5');", schemas=("main",))
case("an_empty_table", "CREATE TABLE t(a UNIQUE, z INTEGER NOT NULL); CREATE INDEX i ON t(a) WHERE z > 1;")
case("a_broken_view_beside_it", "CREATE TABLE t(a, z INTEGER);" + ROWS + "CREATE TABLE u(x); CREATE VIEW broken AS SELECT nought FROM u; CREATE VIEW broken2 AS SELECT * FROM no_such_table;")
case("names_that_are_part_of_others", "CREATE TABLE t(a, t, z INTEGER); CREATE TABLE tt(t); CREATE TABLE \"t \"(t); CREATE VIEW v AS SELECT t.t, 't' AS x FROM t AS t; CREATE INDEX t_t ON t(t);" + ROWS)


# ---- changes of a column ----

def change(name, body, down=None, rows="INSERT INTO t(a, b) VALUES (1, 'x'), (2, 'y'), (NULL, NULL);", **named):
    """A case on a table t, whose text is `body`."""
    case(name, "CREATE TABLE t%s;%s" % (body, rows), down=down, **named)


change("add_column_at_the_end", "(a INT, b TEXT -- b\n, UNIQUE(a))", 't.drop_column("n")', change='t.add_column("n INT DEFAULT 7")', text=["t"], free=["n"],
       after=[("SELECT n FROM t", [(7,)] * 3)])
change("add_column_after", "(a INT /* 1 */, b TEXT)", 't.drop_column("n")', change='t.add_column("n TEXT", {after="a"})', text=["t"], free=["n"],
       after=[("SELECT name FROM pragma_table_info('t')", [("a",), ("n",), ("b",)])])
change("add_column_before_the_first", "(a INT, b TEXT)", 't.drop_column("n")', change='t.add_column("n TEXT", {before="a"})', text=["t"], free=["n"],
       after=[("SELECT name FROM pragma_table_info('t')", [("n",), ("a",), ("b",)])])
change("add_column_using", "(a INT, b TEXT)", 't.drop_column("n")', change='t.add_column("n INT NOT NULL CHECK (n > 0)", {using="coalesce(a, 5) * 2"})', text=["t"], free=["n"],
       after=[("SELECT n FROM t ORDER BY rowid", [(2,), (4,), (10,)])])
change("add_column_using_differs_from_its_default", "(a INT, b TEXT)", change='t.add_column("n INT NOT NULL DEFAULT 3", {using="a"})', refused=r"NOT NULL|not null|NULL")
change("add_column_not_null_on_rows", "(a INT, b TEXT)", change='t.add_column("n INT NOT NULL")', refused=r"(?s)t\.n.*NOT NULL.*using|NOT NULL.*t\.n.*using")
change("add_column_not_null_without_rows", "(a INT, b TEXT)", 't.drop_column("n")', rows="", change='t.add_column("n INT NOT NULL")', text=["t"], free=["n"])
change("add_column_current_timestamp", "(a INT, b TEXT)", 't.drop_column("n")', change='t.add_column("n TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP")', text=["t"], free=["n"],
       after=[("SELECT count(*) FROM t WHERE n > '2020-01-01 00:00:00'", [(3,)])])
change("add_column_default_expression", "(a INT, b TEXT)", 't.drop_column("n")', change='t.add_column("n INT DEFAULT (1 + 1)")', text=["t"], free=["n"], after=[("SELECT n FROM t", [(2,)] * 3)])
change("add_column_unique", "(a INT, b TEXT)", 't.drop_column("n")', change='t.add_column("n INT UNIQUE", {using="a"})', text=["t"], free=["n"], new=["sqlite_autoindex_t_1"],
       after=[("SELECT n FROM t ORDER BY rowid", [(1,), (2,), (None,)])])
change("add_column_unique_that_is_not", "(a INT, b TEXT)", change='t.add_column("n INT UNIQUE DEFAULT 1")', refused=r"UNIQUE|unique")
change("add_column_stored", "(a INT, b TEXT)", 't.drop_column("n")', change='t.add_column("n INT AS (a * 3) STORED", {after="a"})', text=["t"], free=["n"], after=[("SELECT n FROM t ORDER BY rowid", [(3,), (6,), (None,)])])
change("add_column_virtual", "(a INT, b TEXT)", 't.drop_column("n")', change='t.add_column("n INT AS (a * 3)")', text=["t"], free=["n"], after=[("SELECT n FROM t ORDER BY rowid", [(3,), (6,), (None,)])])
change("add_column_references_with_default", "(a INT, b TEXT)", 't.drop_column("n")', rows="CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 'x');",
       change='t.add_column("n INT DEFAULT 1 REFERENCES p(id) ON DELETE CASCADE")', text=["t"], free=["n"], after=[("SELECT n FROM t", [(1,)])])
change("add_column_references_nobody", "(a INT, b TEXT)", rows="CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1, 'x');", change='t.add_column("n INT DEFAULT 1 REFERENCES p(id)")', refused=r"foreign key|FOREIGN KEY|REFERENCES|has no row")
change("add_column_integer_primary_key", "(a INT, b TEXT)", rows="INSERT INTO t(rowid, a) VALUES (-5, 1), (70, 2);", change='t.add_column("id INTEGER PRIMARY KEY", {before="a"})', text=["t"], free=["id"],
       after=[("SELECT id, a FROM t ORDER BY id", [(-5, 1), (70, 2)]), ("SELECT count(*) FROM t WHERE id = rowid", [(2,)])])
change("add_column_there_is", "(a INT, b TEXT)", change='t.add_column("A INT")', refused=r"(?i)duplicate|already|exists")
change("add_column_check_that_rows_fail", "(a INT, b TEXT)", change='t.add_column("n INT DEFAULT 1 CHECK (n > 5)")', refused=r"CHECK|n > 5")
change("add_column_that_would_break_a_view", "(a INT, b TEXT)", rows="INSERT INTO t VALUES (1, 2); CREATE VIEW v(x, y) AS SELECT * FROM t;", change='t.add_column("n")', refused=r"\bv\b")
change("add_column_in_strict_whose_default_does_not_fit", "(a INT, b TEXT) STRICT", change='t.add_column("n INTEGER DEFAULT \'text\'")', refused="n")
change("drop_column", "(a INT, /* c */ c INT DEFAULT 5, b TEXT)", change='t.drop_column("c")', text=["t"], free=["c"])
change("drop_column_last", "(a INT, b TEXT -- about b\n, c INT /* x */)", change='t.drop_column("c")', text=["t"], free=["c"])
change("drop_column_with_what_is_about_it_only", "(a INT, b TEXT, c INT UNIQUE CHECK (c <> 9) REFERENCES p(id), CHECK (c < 99), UNIQUE (c DESC), FOREIGN KEY (c) REFERENCES p(id))",
       rows="CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 'x', 1), (2, 'y', NULL); CREATE INDEX ic ON t(c); CREATE INDEX id ON t(c) WHERE c > 1; CREATE INDEX ie ON t(abs(c) + c); CREATE INDEX keep ON t(a);",
       change='t.drop_column("c")', sql={"t": "CREATE TABLE t(a INT, b TEXT)"}, free=["c"], gone=["ic", "id", "ie", "sqlite_autoindex_t_1", "sqlite_autoindex_t_2"])
change("drop_column_that_is_the_rowid", "(id INTEGER PRIMARY KEY, a INT, b TEXT)", rows="INSERT INTO t VALUES (-5, 1, 'x'), (70, 2, 'y');", change='t.drop_column("id")', text=["t"], free=["id"],
       after=[("SELECT rowid, a FROM t ORDER BY rowid", [(-5, 1), (70, 2)])])
change("drop_column_that_is_a_text_key", "(k TEXT PRIMARY KEY, a INT, b TEXT)", rows="INSERT INTO t(rowid, k, a) VALUES (9, 'x', 1), (4, 'y', 2);", change='t.drop_column("k")', text=["t"], free=["k"], gone=["sqlite_autoindex_t_1"],
       after=[("SELECT rowid, a FROM t ORDER BY rowid", [(4, 2), (9, 1)])])
change("drop_column_that_is_generated", "(a INT, g AS (a + 1), b TEXT)", 't.add_column("g AS (a + 1)", {after="a"})', change='t.drop_column("g")', text=["t"], free=["g"])
for name, body, more, message in [
    ("an_index", "(a INT, b TEXT, c INT)", "CREATE INDEX ix_two ON t(b, c);", "ix_two"),
    ("a_partial_index", "(a INT, b TEXT, c INT)", "CREATE INDEX ix_part ON t(b) WHERE c > 0;", "ix_part"),
    ("an_expression_index", "(a INT, b TEXT, c INT)", "CREATE INDEX ix_e ON t(b || c);", "ix_e"),
    ("a_unique", "(a INT, b TEXT, c INT, CONSTRAINT uq UNIQUE (a, c))", "", "uq|UNIQUE"),
    ("a_check", "(a INT CHECK (a < c), b TEXT, c INT)", "", "a < c"),
    ("a_primary_key", "(a INT, b TEXT, c INT, PRIMARY KEY (a, c))", "", "PRIMARY KEY"),
    ("a_foreign_key", "(a INT, b TEXT, c INT, FOREIGN KEY (a, c) REFERENCES p2(x, y))", "CREATE TABLE p2(x, y, UNIQUE(x, y));", "FOREIGN KEY"),
    ("a_generated_column", "(a INT, b TEXT, c INT, g AS (c + 1))", "", r"\bg\b"),
    ("a_view", "(a INT, b TEXT, c INT)", "CREATE VIEW vw AS SELECT a, C FROM t;", "vw"),
    ("a_view_on_a_view", "(a INT, b TEXT, c INT)", "CREATE VIEW v1 AS SELECT * FROM t; CREATE VIEW v2 AS SELECT c FROM v1;", "v2"),
    ("a_trigger", "(a INT, b TEXT, c INT)", "CREATE TRIGGER trg AFTER UPDATE OF c ON t BEGIN SELECT 1; END;", "trg"),
    ("a_trigger_of_another", "(a INT, b TEXT, c INT)", "CREATE TABLE o(x); CREATE TRIGGER trg AFTER INSERT ON o BEGIN UPDATE t SET c = 1; END;", "trg"),
    ("a_view_in_double_quotes", "(a INT, b TEXT, c INT)", "CREATE VIEW vw AS SELECT a, \"c\" FROM t;", "vw"),
    ("a_trigger_in_double_quotes", "(a INT, b TEXT, c INT)", "CREATE TABLE o(x); CREATE TRIGGER trg AFTER INSERT ON o BEGIN DELETE FROM t WHERE \"c\" = 'none'; END;", "trg"),
    ("an_index_in_double_quotes", "(a INT, b TEXT, c INT)", "CREATE INDEX ix_q ON t(b) WHERE \"c\" > 1;", "ix_q"),
    ("a_check_in_double_quotes", "(a INT, b TEXT, c INT, CONSTRAINT ck_q CHECK (a < \"c\"))", "", "ck_q"),
    ("a_trigger_by_an_insert", "(a INT, b TEXT, c INT)", "CREATE TABLE o(x); CREATE TRIGGER trg AFTER INSERT ON o BEGIN INSERT INTO t(b, c) VALUES (1, 2); END;", "trg"),
    ("a_trigger_by_an_upsert", "(a INT, b TEXT, c INT UNIQUE)", "CREATE TABLE o(x); CREATE TRIGGER trg AFTER INSERT ON o BEGIN INSERT INTO t(b) VALUES (1) ON CONFLICT (c) DO UPDATE SET b = 2; END;", "trg"),
    ("a_view_by_using", "(a INT, b TEXT, c INT)", "CREATE TABLE o(c); CREATE VIEW vw AS SELECT a FROM t JOIN o USING (c);", "vw"),
    ("a_child", "(a INT, b TEXT, c INT UNIQUE)", "CREATE TABLE child(x REFERENCES t(c));", "child"),
]:
    change("drop_column_that_%s_names" % name, body, rows=more + "INSERT INTO t(a, b, c) VALUES (1, 2, 3), (2, 2, NULL);", change='t.drop_column("c")', refused=message)
change("drop_column_that_a_temp_view_names", "(a INT, b TEXT, c INT)", rows="CREATE TEMP VIEW vw AS SELECT c FROM @t;", change='t.drop_column("c")', refused="vw", schemas=("main", "aux"))
change("drop_column_that_a_temp_trigger_names", "(a INT, b TEXT, c INT)", rows="CREATE TEMP TRIGGER trg AFTER INSERT ON @t BEGIN SELECT new.c; END;", change='t.drop_column("c")', refused="trg", schemas=("main", "aux"))
change("drop_column_after_what_names_it", "(a INT, b TEXT, c INT, CONSTRAINT uq UNIQUE (a, c), CONSTRAINT ck CHECK (a < c))", rows="INSERT INTO t VALUES (1, 'x', 3); CREATE INDEX ix ON t(b, c);",
       change='t.drop_index("ix") t.drop_constraint("uq") t.drop_constraint("ck") t.drop_column("c")', sql={"t": "CREATE TABLE t(a INT, b TEXT)"}, free=["c"], gone=["ix", "sqlite_autoindex_t_1"])
change("drop_column_a_string_in_a_view_is_no_name", "(a INT, b TEXT, c INT)", rows="INSERT INTO t(a, b) VALUES (1, 2); CREATE VIEW v AS SELECT a, 'c' AS s FROM t; CREATE VIEW w AS SELECT x.c FROM (SELECT 5 AS c) AS x;",
       change='t.drop_column("c")', text=["t"], free=["c"])
change("drop_column_there_is_not", "(a INT, amount TEXT, b)", rows="", change='t.drop_column("amuont")', refused="amount")
change("drop_column_the_only_one", "(a INT)", rows="INSERT INTO t VALUES (1);", change='t.drop_column("a")', refused=r"\ba\b")
# SQLite itself (3.40) cannot rename a column of a TEMP table that a TEMP view or trigger names
FILES = ("main", "aux")
change("rename_column_everywhere", "(a INT CHECK (a > 0), b TEXT, g AS (a + 1), UNIQUE (b, a), CHECK (a <> 'a'))",
       't.alter_column("renamed", {name="a"})', rows="INSERT INTO t(a, b) VALUES (1, 'x'); CREATE INDEX i ON t(a DESC, lower(b)) WHERE a > 0; CREATE TABLE o(a);"
       "CREATE VIEW v AS SELECT t.a AS a, 'a' AS s, o.a AS oa FROM t, o; CREATE TRIGGER r AFTER UPDATE OF a ON t WHEN new.a > 1 BEGIN UPDATE t SET a = a WHERE a = old.a; INSERT INTO o(a) VALUES (new.a); END;",
       change='t.alter_column("a", {name="renamed"})',
       sql={"t": "CREATE TABLE t(renamed INT CHECK (renamed > 0), b TEXT, g AS (renamed + 1), UNIQUE (b, renamed), CHECK (renamed <> 'a'))",
            "i": "CREATE INDEX i ON t(renamed DESC, lower(b)) WHERE renamed > 0", "v": "CREATE VIEW v AS SELECT t.renamed AS a, 'a' AS s, o.a AS oa FROM t, o",
            "r": "CREATE TRIGGER r AFTER UPDATE OF renamed ON t WHEN new.renamed > 1 BEGIN UPDATE t SET renamed = renamed WHERE renamed = old.renamed; INSERT INTO o(a) VALUES (new.renamed); END"},
       free=["a", "renamed"], schemas=FILES)
change("rename_column_follows_into_children", "(id INTEGER PRIMARY KEY, u UNIQUE, b TEXT)", 't.alter_column("kee", {name="u"})', rows="INSERT INTO t VALUES (1, 2, 3); CREATE TABLE c(x REFERENCES t(u) ON DELETE CASCADE, y REFERENCES t(id)); INSERT INTO c VALUES (2, 1);",
       change='t.alter_column("u", {name="kee"})', text=["t", "c"], free=["u", "kee"], after=[("SELECT \"to\" FROM pragma_foreign_key_list('c') ORDER BY id", [("id",), ("kee",)])])
change("rename_column_and_more", "(a INT, b TEXT)", 't.alter_column("n", {name="a", nullable=true, default=null, type="INT"})', rows="INSERT INTO t VALUES (1, 'x'); CREATE VIEW v AS SELECT a FROM t;",
       change='t.alter_column("a", {name="n", nullable=false, default=5, type="BIGINT"})', sql={"v": "CREATE VIEW v AS SELECT n FROM t"}, text=["t"], free=["a", "n"],
       after=[("SELECT name, type, \"notnull\", dflt_value FROM pragma_table_info('t') LIMIT 1", [("n", "BIGINT", 1, "5")])], schemas=FILES)
change("rename_column_and_rebuild", "(a INT, b TEXT)", rows="INSERT INTO t VALUES (1, 'x'); CREATE VIEW v AS SELECT a FROM t; CREATE INDEX i ON t(a);", change='t.alter_column("a", {name="n", type="TEXT"})',
       sql={"v": "CREATE VIEW v AS SELECT n FROM t", "i": "CREATE INDEX i ON t(n)", "t": "CREATE TABLE t(n TEXT, b TEXT)"}, free=["a", "n"], after=[("SELECT n FROM t", [("1",)])], schemas=FILES)
change("rename_column_to_one_there_is", "(a INT, b TEXT)", change='t.alter_column("a", {name="b"})', refused=r"\bb\b")
change("names_within_a_batch", "(a INT, b TEXT)", change='t.alter_column("a", {name="n"}) t.alter_column("n", {nullable=true, default=5}) t.create_check_constraint("ck", "n > 0") t.add_column("x INT", {after="n"})', text=["t"], free=["a", "n", "x"],
       after=[("SELECT name FROM pragma_table_info('t')", [("n",), ("x",), ("b",)])])
change("rename_column_there_and_back_in_a_batch", "(a INT, b TEXT)", change='t.alter_column("a", {name="tmp"}) t.alter_column("b", {name="a"}) t.alter_column("tmp", {name="b"})', sql={"t": "CREATE TABLE t(b INT, a TEXT)"}, free=["a", "b"],
       after=[("SELECT b, a FROM t ORDER BY rowid", [(1, "x"), (2, "y"), (None, None)])])

change("type_of_the_same_affinity", "(a VARCHAR(50) NOT NULL, b TEXT)", 't.alter_column("a", {type="VARCHAR(50)"})', rows="INSERT INTO t VALUES ('x', 1), (x'00', 2);", change='t.alter_column("a", {type="VARCHAR(100)"})', sql={"t": "CREATE TABLE t(a VARCHAR(100) NOT NULL, b TEXT)"})
change("type_taken_away", "(a BLOB NOT NULL, b)", 't.alter_column("a", {type="BLOB"})', rows="INSERT INTO t VALUES (1, 2), ('1', x'31');", change='t.alter_column("a", {type=null})', sql={"t": "CREATE TABLE t(a NOT NULL, b)"})
change("type_of_many_words", "(a UNSIGNED BIG INT, b)", 't.alter_column("a", {type="UNSIGNED BIG INT"})', change='t.alter_column("a", {type="int"})', sql={"t": "CREATE TABLE t(a int, b)"})
change("type_text_to_integer", "(a TEXT, b)", rows="INSERT INTO t VALUES ('12', 1), ('-7', 2), (NULL, 3), ('9223372036854775807', 4);", change='t.alter_column("a", {type="INTEGER"})', sql={"t": "CREATE TABLE t(a INTEGER, b)"}, free=["a"],
       after=[("SELECT a, typeof(a) FROM t ORDER BY b", [(12, "integer"), (-7, "integer"), (None, "null"), (9223372036854775807, "integer")])])
change("type_integer_to_text_and_back", "(a INTEGER, b)", 't.alter_column("a", {type="INTEGER"})', rows="INSERT INTO t VALUES (12, 1), (-7, 2), (NULL, 3);", change='t.alter_column("a", {type="TEXT"})', sql={"t": "CREATE TABLE t(a TEXT, b)"}, free=["a"],
       after=[("SELECT a FROM t ORDER BY b", [("12",), ("-7",), (None,)])])
change("type_to_blob_keeps_every_value", "(a INTEGER, b)", rows="INSERT INTO t VALUES (12, 1), ('x', 2), (1.5, 3), (x'31', 4);", change='t.alter_column("a", {type="BLOB"})', sql={"t": "CREATE TABLE t(a BLOB, b)"})
change("type_integer_to_real", "(a INTEGER, b)", rows="INSERT INTO t VALUES (12, 1), (9007199254740992, 2);", change='t.alter_column("a", {type="REAL"})', sql={"t": "CREATE TABLE t(a REAL, b)"}, free=["a"], after=[("SELECT typeof(a), a FROM t ORDER BY b", [("real", 12.0), ("real", 9007199254740992.0)])])
for name, old, new, value, shown in [("words", "TEXT", "INTEGER", "'abc'", "'abc'"), ("a_fraction", "REAL", "INTEGER", "1.5", "1.5"), ("a_fraction_as_text", "TEXT", "INTEGER", "'1.5'", "'1.5'"), ("a_blob_to_text", "BLOB", "TEXT", "x'00ff'", "[xX]'00[fF][fF]'"),
                                     ("a_blob_to_integer", "BLOB", "INTEGER", "x'3132'", "[xX]'3132'"), ("more_digits_than_a_real", "INTEGER", "REAL", "9007199254740993", "9007199254740993"), ("words_to_numeric", "TEXT", "DECIMAL(10,2)", "'abc'", "'abc'"),
                                     ("more_than_64_bits", "TEXT", "INTEGER", "'92233720368547758080'", "92233720368547758080"), ("a_text_with_a_tail", "TEXT", "REAL", "'1.5kg'", "1.5kg"), ("an_empty_text", "TEXT", "INTEGER", "''", "''")]:
    change("type_refused_for_" + name, "(a %s, b)" % old, rows="INSERT INTO t(rowid, a, b) VALUES (3, NULL, 1), (7, %s, 2);" % value, change='t.alter_column("a", {type="%s"})' % new, refused=r"(?s)(?=.*\bt\b)(?=.*\ba\b)(?=.*7)(?=.*%s)(?=.*using)" % shown)
change("type_refused_names_the_primary_key", "(k TEXT PRIMARY KEY, a TEXT, b) WITHOUT ROWID", rows="INSERT INTO t VALUES ('here', 'abc', 2);", change='t.alter_column("a", {type="INTEGER"})', refused="here")
change("type_using", "(a TEXT, b)", rows="INSERT INTO t VALUES ('abc', 1), ('7', 2);", change='t.alter_column("a", {type="INTEGER", using="CASE WHEN a GLOB \'[0-9]*\' THEN a ELSE -1 END"})', sql={"t": "CREATE TABLE t(a INTEGER, b)"}, free=["a"], after=[("SELECT a FROM t ORDER BY b", [(-1,), (7,)])])
change("type_of_an_alias_of_the_rowid", "(id INTEGER PRIMARY KEY, b)", rows="INSERT INTO t VALUES (7, 1), (-3, 2);", change='t.alter_column("id", {type="BIGINT"})', sql={"t": "CREATE TABLE t(id BIGINT PRIMARY KEY, b)"}, new=["sqlite_autoindex_t_1"],
       after=[("SELECT id, b FROM t ORDER BY b", [(7, 1), (-3, 2)])])
change("type_that_makes_an_alias_of_the_rowid", "(id INT PRIMARY KEY, b)", rows="INSERT INTO t(rowid, id, b) VALUES (1, 70, 1), (2, -3, 2);", change='t.alter_column("id", {type="INTEGER"})', sql={"t": "CREATE TABLE t(id INTEGER PRIMARY KEY, b)"}, free=["rowid"],
       gone=["sqlite_autoindex_t_1"], after=[("SELECT rowid, id, b FROM t ORDER BY b", [(70, 70, 1), (-3, -3, 2)])])
change("type_of_an_integer_key_without_rowid", "(id INTEGER PRIMARY KEY, u TEXT UNIQUE, b) WITHOUT ROWID", 't.alter_column("id", {type="INTEGER"})', rows="INSERT INTO t VALUES (7, 'x', 1), (-3, 'y', 2); CREATE TABLE c(x REFERENCES t(u)); INSERT INTO c VALUES ('x');",
       change='t.alter_column("id", {type="BIGINT"})', sql={"t": "CREATE TABLE t(id BIGINT PRIMARY KEY, u TEXT UNIQUE, b) WITHOUT ROWID"}, gone=["sqlite_autoindex_t_1"], new=["sqlite_autoindex_t_2"], after=[("SELECT id FROM t WHERE u = 'x'", [(7,)])])
change("type_with_a_comment_behind_it", "(a TEXT -- the type, ' )\n GENERATED ALWAYS AS (b || 'x') STORED, b INT /* ' */)", rows="INSERT INTO t(b) VALUES (1), (2);", change='t.alter_column("b", {type="BLOB"})', text=["t"], edited=["b"], after=[("SELECT a FROM t ORDER BY b", [("1x",), ("2x",)])])
change("type_of_a_key", "(a TEXT UNIQUE, b)", rows="INSERT INTO t VALUES ('10', 1), ('9', 2); CREATE INDEX i ON t(a, b); CREATE INDEX p ON t(b) WHERE a > 5;", change='t.alter_column("a", {type="INTEGER"})', sql={"t": "CREATE TABLE t(a INTEGER UNIQUE, b)"}, free=["a"],
       after=[("SELECT a FROM t INDEXED BY i ORDER BY a", [(9,), (10,)])])
change("type_that_makes_two_keys_one", "(a TEXT UNIQUE, b)", rows="INSERT INTO t VALUES ('10', 1), ('10.0', 2);", change='t.alter_column("a", {type="INTEGER"})', refused=r"UNIQUE|unique|using")
change("type_under_a_generated_column", "(a TEXT, b, g AS (typeof(a)) STORED)", rows="INSERT INTO t(a, b) VALUES ('10', 1);", change='t.alter_column("a", {type="INTEGER"})', text=["t"], free=["a", "g"], after=[("SELECT a, g FROM t", [(10, "integer")])])
change("type_enum", "(a TEXT, b)", rows="INSERT INTO t VALUES ('on', 1), (NULL, 2);", change='t.alter_column("a", {type=op.enum{"on", "off"}})', text=["t"], free=["a"], after=[("SELECT a FROM t ORDER BY b", [("on",), (None,)])])
change("type_enum_that_rows_fail", "(a TEXT, b)", rows="INSERT INTO t VALUES ('on', 1), ('else', 2);", change='t.alter_column("a", {type=op.enum{"on", "off"}})', refused="rowid 2")
change("type_in_strict", "(a ANY, b INT) STRICT", rows="INSERT INTO t VALUES ('12', 1), (13, 2);", change='t.alter_column("a", {type="TEXT"})', sql={"t": "CREATE TABLE t(a TEXT, b INT) STRICT"}, free=["a"], after=[("SELECT a FROM t ORDER BY b", [("12",), ("13",)])])
change("type_unknown_in_strict", "(a TEXT, b INT) STRICT", rows="INSERT INTO t VALUES ('12', 1);", change='t.alter_column("a", {type="VARCHAR(5)"})', refused=r"VARCHAR|STRICT")

change("set_not_null", "(a INT /* x */, b TEXT)", 't.alter_column("a", {nullable=true})', rows="INSERT INTO t VALUES (1, 2);", change='t.alter_column("a", {nullable=false})', sql={"t": "CREATE TABLE t(a INT NOT NULL /* x */, b TEXT)"})
change("set_not_null_on_nulls", "(a INT, b TEXT)", rows="INSERT INTO t(rowid, a) VALUES (5, 1), (77, NULL);", change='t.alter_column("a", {nullable=false})', refused=r"(?s)(?=.*NULL)(?=.*77)")
change("set_not_null_using", "(a INT, b TEXT)", rows="INSERT INTO t VALUES (1, 1), (NULL, 2);", change='t.alter_column("a", {nullable=false, using="coalesce(a, 0)"})', sql={"t": "CREATE TABLE t(a INT NOT NULL, b TEXT)"}, free=["a"], after=[("SELECT a FROM t ORDER BY b", [(1,), (0,)])])
change("set_not_null_there_is", "(a INT NOT NULL ON CONFLICT IGNORE, b)", rows="", change='t.alter_column("a", {nullable=false})')
change("drop_not_null", "(a INT NOT NULL, b TEXT)", 't.alter_column("a", {nullable=false})', rows="INSERT INTO t VALUES (1, 2);", change='t.alter_column("a", {nullable=true})', sql={"t": "CREATE TABLE t(a INT, b TEXT)"})
change("drop_not_null_with_a_name_and_a_conflict", "(a INT CONSTRAINT nn NOT NULL ON CONFLICT REPLACE DEFAULT 5, b TEXT)", rows="", change='t.alter_column("a", {nullable=true})', sql={"t": "CREATE TABLE t(a INT DEFAULT 5, b TEXT)"})
change("set_default", "(a INT, b TEXT)", 't.alter_column("a", {default=null})', change='t.alter_column("a", {default="(1 + 1)"})', sql={"t": "CREATE TABLE t(a INT DEFAULT (1 + 1), b TEXT)"})
change("change_default", "(a INT DEFAULT ( 1 /* ) */ ) NOT NULL, b TEXT)", 't.alter_column("a", {default="( 1 /* ) */ )"})', rows="INSERT INTO t VALUES (1, 1);", change='t.alter_column("a", {default=-3})', sql={"t": "CREATE TABLE t(a INT DEFAULT -3 NOT NULL, b TEXT)"})
change("drop_default", "(a INT DEFAULT - 5, b TEXT)", 't.alter_column("a", {default="- 5"})', change='t.alter_column("a", {default=null})', sql={"t": "CREATE TABLE t(a INT, b TEXT)"})
change("set_collation", "(a TEXT, b TEXT)", 't.alter_column("a", {collate=null})', rows="INSERT INTO t VALUES ('A', 1), ('b', 2);", change='t.alter_column("a", {collate="NOCASE"})', sql={"t": "CREATE TABLE t(a TEXT COLLATE NOCASE, b TEXT)"}, after=[("SELECT b FROM t WHERE a = 'B'", [("2",)])])
change("set_collation_of_a_key", "(a TEXT UNIQUE, b TEXT)", 't.alter_column("a", {collate=null})', rows="INSERT INTO t VALUES ('a', 1), ('B', 2), ('c', 3); CREATE INDEX i ON t(a DESC) WHERE a < 'C'; CREATE INDEX j ON t(b) WHERE a = 'b'; CREATE INDEX k ON t(a COLLATE BINARY);",
       change='t.alter_column("a", {collate="NOCASE"})', text=["t"], edited=["a"], after=[("SELECT b FROM t WHERE a = 'b'", [("2",)]), ("SELECT a FROM t ORDER BY a", [("a",), ("B",), ("c",)])])
change("set_collation_that_makes_two_keys_one", "(a TEXT UNIQUE, b TEXT)", rows="INSERT INTO t VALUES ('a', 1), ('A', 2);", change='t.alter_column("a", {collate="NOCASE"})', refused=r"(?i)unique")
change("set_collation_under_a_check", "(a TEXT CHECK (a <> 'ABC'), b TEXT)", rows="INSERT INTO t VALUES ('abc', 1);", change='t.alter_column("a", {collate="NOCASE"})', refused=r"(?i)check|ABC")
change("set_collation_under_a_generated_column", "(a TEXT, b TEXT, g AS (a = 'ABC') STORED)", rows="INSERT INTO t(a, b) VALUES ('abc', 1); CREATE INDEX i ON t(g);", change='t.alter_column("a", {collate="NOCASE"})', text=["t"], free=["a", "g"], after=[("SELECT g FROM t", [(1,)])])
change("drop_collation", "(a TEXT COLLATE NOCASE UNIQUE, b TEXT)", 't.alter_column("a", {collate="NOCASE"})', rows="INSERT INTO t VALUES ('a', 1), ('B', 2);", change='t.alter_column("a", {collate=null})', sql={"t": "CREATE TABLE t(a TEXT UNIQUE, b TEXT)"},
       after=[("SELECT b FROM t WHERE a = 'b'", [])])
CASES[-1].down = None  # comes back at the end of the column
change("set_unknown_collation", "(a TEXT, b TEXT)", change='t.alter_column("a", {collate="no_such"})', refused="no_such")
change("alter_nothing", "(a INT, b TEXT)", change='t.alter_column("a", {})', refused=r"alter_column")
change("alter_a_column_there_is_not", "(amount INT, b TEXT)", rows="", change='t.alter_column("amuont", {nullable=true})', refused="amount")

# ---- the default trap: old rows do not store a column that was added ----

OLD = "CREATE TABLE t(a, b)%s; INSERT INTO t VALUES (1, 1), (2, 2); ALTER TABLE t ADD COLUMN s TEXT DEFAULT 'old'; INSERT INTO t(a, s) VALUES (3, 'mine'); INSERT INTO t(a) VALUES (4);"
KEPT = ("SELECT a, s FROM t ORDER BY a", [(1, "old"), (2, "old"), (3, "mine"), (4, "old")])
case("trap_change_default", OLD % "", 't.alter_column("s", {default="\'new\'"})', text=["t"], free=["s"], after=[KEPT], down='t.alter_column("s", {default="\'old\'"})')
case("trap_drop_default", OLD % "", 't.alter_column("s", {default=null})', text=["t"], free=["s"], after=[KEPT])
case("trap_set_a_default_where_there_was_none", (OLD % "").replace(" DEFAULT 'old'", ""), 't.alter_column("s", {default="\'new\'"})', text=["t"], free=["s"], after=[("SELECT a, s FROM t ORDER BY a", [(1, None), (2, None), (3, "mine"), (4, None)])],
     down='t.alter_column("s", {default=null})')
case("trap_after_several", OLD % "" + "ALTER TABLE t ADD COLUMN r INT DEFAULT 7; ALTER TABLE t ADD COLUMN q DEFAULT 9; INSERT INTO t(a) VALUES (5);", 't.alter_column("s", {default="\'new\'"}) t.alter_column("q", {default=10})', text=["t"], free=["s", "q"],
     after=[("SELECT a, s, r, q FROM t ORDER BY a", [(1, "old", 7, 9), (2, "old", 7, 9), (3, "mine", 7, 9), (4, "old", 7, 9), (5, "old", 7, 9)])])
case("trap_in_without_rowid", (OLD % " WITHOUT ROWID").replace("t(a,", "t(a PRIMARY KEY,", 1), 't.alter_column("s", {default="\'new\'"})', text=["t"], free=["s"], after=[KEPT], down='t.alter_column("s", {default="\'old\'"})')
case("trap_in_strict", (OLD % "").replace("(a, b)", "(a INT, b INT) STRICT"), 't.alter_column("s", {default="\'new\'"})', text=["t"], free=["s"], after=[KEPT])
case("trap_with_an_index", OLD % "" + "CREATE INDEX i ON t(s); CREATE INDEX j ON t(a) WHERE s = 'old';", 't.alter_column("s", {default="\'new\'"})', text=["t"], free=["s"], after=[KEPT, ("SELECT count(*) FROM t INDEXED BY i WHERE s = 'old'", [(3,)])])
case("trap_with_a_later_column", OLD % "" + "ALTER TABLE t ADD COLUMN r INT AS (a + 1); ALTER TABLE t ADD COLUMN q DEFAULT 9;", 't.alter_column("q", {default=null})', text=["t"], free=["q"], after=[KEPT, ("SELECT r, q FROM t WHERE a = 1", [(2, 9)])])
case("trap_by_name_and_type", OLD % "", 't.alter_column("s", {name="n", type="VARCHAR(9)", nullable=false, default="\'new\'"})', text=["t"], free=["s", "n"], after=[("SELECT n FROM t ORDER BY a", [("old",), ("old",), ("mine",), ("old",)])])
case("trap_affinity", "CREATE TABLE t(a); INSERT INTO t VALUES (1); ALTER TABLE t ADD COLUMN s TEXT DEFAULT 5; INSERT INTO t(a) VALUES (2);", 't.alter_column("s", {type="BLOB"})', text=["t"], edited=["s"], after=[("SELECT s, typeof(s) FROM t ORDER BY a", [("5", "text"), ("5", "text")])])
case("trap_text_of_a_default_with_the_same_value", OLD % "", 't.alter_column("s", {default="\'old\' "})', text=["t"], free=["s"], after=[KEPT])

case("trap_a_number_that_is_no_text", "CREATE TABLE t(a); INSERT INTO t VALUES (1); ALTER TABLE t ADD COLUMN s TEXT DEFAULT 5; ALTER TABLE t ADD COLUMN r REAL DEFAULT 3; INSERT INTO t(a) VALUES (2);", 't.alter_column("a", {type="TEXT"})', text=["t"], free=["a"],
     after=[("SELECT s, r FROM t ORDER BY a", [("5", 3.0), ("5", 3.0)])])

# ---- constraints ----

P = "CREATE TABLE p(id INTEGER PRIMARY KEY, x, y, UNIQUE(x, y)); INSERT INTO p VALUES (1, 1, 1), (2, 2, 2);"
AB = "CREATE TABLE t(a INT, b TEXT); INSERT INTO t VALUES (1, '1'), (2, '2'), (NULL, NULL);"
NEW = ["sqlite_autoindex_t_1"]
case("add_check", AB, 't.create_check_constraint("ck", "a > 0")', text=["t"], down='t.drop_constraint("ck")', after=[("SELECT sql LIKE '%CONSTRAINT ck CHECK%a > 0%' FROM @sqlite_schema WHERE name = 't'", [(1,)])])
case("add_check_without_a_name", AB, 't.create_check_constraint(nil, "a > 0")', text=["t"], down='t.drop_constraint{type="check", columns={"a"}}')
case("add_check_that_rows_fail", AB, 't.create_check_constraint("ck", "a <> 2")', refused=r"(?s)(?=.*a <> 2|.*ck)(?=.*rowid 2)")
case("add_unique", AB, 't.create_unique_constraint("uq", {"a", "b"})', text=["t"], new=NEW, down='t.drop_constraint("uq")')
case("add_unique_without_a_name", AB, 't.create_unique_constraint(nil, "a")', text=["t"], new=NEW, down='t.drop_constraint{type="unique", columns={"a"}}')
case("add_unique_that_rows_fail", AB + "INSERT INTO t VALUES (2, 9);", 't.create_unique_constraint("uq", {"a"})', refused=r"(?i)(?s)(?=.*unique|.*uq)")
case("add_foreign_key", P + AB, 't.create_foreign_key("fk", "p", {"a"}, {"id"}, {ondelete="cascade", onupdate="SET NULL", deferrable=true, initially="DEFERRED"})', text=["t"], down='t.drop_constraint("fk")',
     after=[("SELECT \"table\", \"from\", \"to\", on_update, on_delete FROM pragma_foreign_key_list('t')", [("p", "a", "id", "SET NULL", "CASCADE")])])
case("add_foreign_key_of_two_columns", P + AB, 't.create_foreign_key(nil, "p", {"a", "b"}, {"x", "y"})', text=["t"], down='t.drop_constraint{type="foreign_key", columns={"a", "b"}}')
CASES[-1].setup = CASES[-1].setup.replace("b TEXT", "b INT")
case("add_foreign_key_that_rows_fail", P + AB + "INSERT INTO t VALUES (77, 0);", 't.create_foreign_key("fk", "p", {"a"}, {"id"})', refused=r"(?i)(?s)(?=.*foreign key|.*fk)")
case("add_primary_key", "CREATE TABLE t(a INT, b TEXT); INSERT INTO t(rowid, a, b) VALUES (9, 1, 'x'), (3, 2, 'y');", 't.create_primary_key("pk", {"b", "a"})', text=["t"], new=NEW, free=["a", "b"], after=[("SELECT rowid, a FROM t ORDER BY rowid", [(3, 2), (9, 1)]), ("SELECT name, pk FROM pragma_table_info('t')", [("a", 2), ("b", 1)])])
case("add_primary_key_on_nulls", "CREATE TABLE t(a INT, b TEXT); INSERT INTO t VALUES (1, NULL), (2, NULL);", 't.create_primary_key("pk", {"b"})', text=["t"], new=NEW)
case("add_primary_key_on_nulls_in_strict", "CREATE TABLE t(a INT, b TEXT) STRICT; INSERT INTO t VALUES (1, NULL), (2, NULL);", 't.create_primary_key("pk", {"b"})', refused=r"NULL|null")
case("add_primary_key_that_is_the_rowid", "CREATE TABLE t(id INTEGER, b TEXT); INSERT INTO t VALUES (70, 'x'), (-3, 'y');", 't.create_primary_key(nil, {"id"})', text=["t"], free=["rowid", "id"], after=[("SELECT rowid, id, b FROM t ORDER BY b", [(70, 70, "x"), (-3, -3, "y")])])
case("add_primary_key_there_is", "CREATE TABLE t(a INT PRIMARY KEY, b TEXT);", 't.create_primary_key("pk", {"b"})', refused=r"(?i)primary key")
case("add_constraint_on_an_unknown_column", AB, 't.create_unique_constraint("uq", {"aa"})', refused=r"\baa\b")
DROPS = P + "CREATE TABLE t(a INT CHECK (a > 0) REFERENCES p(id) UNIQUE, /* b */ b TEXT CONSTRAINT \"n n\" CHECK (b <> 'q'), CONSTRAINT uq UNIQUE (b), CONSTRAINT fk FOREIGN KEY (a) REFERENCES p(id), CHECK (a < 99 OR b IS NULL)); INSERT INTO t VALUES (1, '1'), (2, '2');"
for name, arg, left, gone in [
    ("by_name", '"n n"', "b TEXT,", []), ("by_name_a_unique", '"uq"', "", ["sqlite_autoindex_t_2"]), ("by_name_a_foreign_key", '"fk"', "", []),
    ("by_columns_a_check", '{type="check", columns={"a", "b"}}', "", []), ("by_columns_a_columns_check", '{type="check", columns={"b"}}', "b TEXT,", []), ("by_columns_a_unique", '{type="unique", columns="b"}', "", ["sqlite_autoindex_t_2"]),
]:
    case("drop_constraint_" + name, DROPS, "t.drop_constraint(%s)" % arg, text=["t"], free=["b"] if left else [], gone=gone,
         after=[("SELECT length(sql) < %d FROM @sqlite_schema WHERE name = 't'" % len(DROPS.split(";")[2]), [(1,)])])
    CASES[-1].cut = True  # kept_text: one constraint less
case("drop_constraint_of_several", DROPS, 't.drop_constraint{type="foreign_key", columns={"a"}}', refused=r"(?s)(?=.*fk)")
case("drop_constraint_there_is_not", DROPS, 't.drop_constraint("uqq")', refused=r"(?s)(?=.*uq\b)(?=.*fk)")
case("drop_the_primary_key", "CREATE TABLE t(id INTEGER PRIMARY KEY, b TEXT); INSERT INTO t VALUES (70, 'x'), (-3, 'y');", 't.drop_constraint{type="primary", columns={"id"}}', sql={"t": "CREATE TABLE t(id INTEGER, b TEXT)"}, after=[("SELECT rowid, id FROM t ORDER BY b", [(70, 70), (-3, -3)])])
case("drop_the_primary_key_of_without_rowid", "CREATE TABLE t(a PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO t VALUES (1, 2);", 't.drop_constraint{type="primary_key", columns={"a"}}', refused=r"(?i)rowid|primary key")
case("indexes_in_a_batch", AB + "CREATE INDEX old ON t(a);", 't.drop_index("old") t.add_column("n INT DEFAULT 4") t.create_index("new", {"n", "b DESC"}, {unique=true, where="n > 3"})', text=["t"], free=["n"], gone=["old"], new=["new"],
     down='t.drop_index("new") t.drop_column("n") t.create_index("old", {"a"})')
CASES[-1].down = None  # the index comes back behind the others
case("a_batch_of_many", P + "CREATE TABLE t(a INT, b TEXT, c INT, d); INSERT INTO t VALUES (1, '5', 1, 1), (2, '6', 2, 2); CREATE INDEX i ON t(d);",
     't.drop_column("c") t.alter_column("b", {type="INTEGER"}) t.add_column("n TEXT NOT NULL", {using="a || b", before="a"}) t.alter_column("a", {name="aa"}) t.create_foreign_key("fk", "p", {"aa"}, {"id"}) t.create_check_constraint("ck", "n <> \'\'") t.create_index("j", {"n"})',
     text=["t"], free=["a", "aa", "b", "c", "n"], new=["j"], after=[("SELECT n, aa, b, d FROM t ORDER BY aa", [("15", 1, 5, 1), ("26", 2, 6, 2)])])
case("a_batch_whose_last_change_fails", AB, 't.add_column("n INT") t.alter_column("a", {name="z"}) t.create_check_constraint("ck", "z = 7")', refused="z = 7|ck")
case("a_batch_that_raises", AB, 't.add_column("n INT") error("mine")', refused="mine")
case("a_failing_using", AB, 't.add_column("n INT", {using="abs(-9223372036854775807 - coalesce(a, 0))"})', refused="integer overflow")
case("using_with_an_unknown_column", AB, 't.add_column("n INT", {using="nought + 1"})', refused="nought")
case("using_that_is_no_expression", AB, 't.alter_column("a", {type="TEXT", using="a) FROM t; --"})', refused=r".")
case("a_check_that_is_no_expression", AB, 't.create_check_constraint("ck", "a > 0), CHECK (b")', refused=r".")


# ---- the modes ----

class Where:
    """A connection set up in one mode."""

    def __init__(self, mode):
        self.mode, self.schema = mode, mode["schema"]
        self.dir = tempfile.mkdtemp(prefix="migrate-matrix-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.path, self.aux = os.path.join(self.dir, "main.db"), os.path.join(self.dir, "aux.db")
        os.mkdir(os.path.join(self.dir, "versions"))
        self.db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        D.with_text(self.db)
        if self.schema == "aux":
            self.db.execute("ATTACH ? AS aux", (self.aux,))
        for s in ("main", "aux") if self.schema == "aux" else ("main",):
            size, vacuum = mode["layout"]
            for pragma in ("page_size=%d" % size, "auto_vacuum=" + vacuum, "journal_mode=" + mode["journal"], "synchronous=OFF"):
                self.db.execute("PRAGMA %s.%s" % (s, pragma)).fetchall()
        self.db.execute("CREATE TABLE main.bystander(x)")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.db.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def sql(self, text):
        return text.replace("ANALYZE @", "ANALYZE " + self.schema).replace(
            "@sqlite_schema", "sqlite_temp_schema" if self.schema == "temp" else self.schema + ".sqlite_schema").replace("@", self.schema + ".")

    def setup(self, script):
        script = re.sub(r"\bCREATE (UNIQUE INDEX|TABLE|INDEX|VIEW|TRIGGER) (IF NOT EXISTS )?", lambda m: m.group() + self.schema + ".", script)
        self.db.executescript(self.sql(script))
        self.db.execute("PRAGMA foreign_keys=" + self.mode["foreign_keys"])
        self.db.execute("PRAGMA legacy_alter_table=" + self.mode["legacy"])
        self.load(self.db)

    def load(self, db):
        db.enable_load_extension(True)
        db.load_extension(LIBRARY)
        for key, value in ("directory", self.dir), ("schema", self.schema):
            db.execute("SELECT migrate_config(?, ?)", (key, value)).fetchall()

    def register(self, up, down=None):
        recreate = "{recreate=%s}" % lua(self.mode["recreate"])
        batch = 'function %s() op.batch_alter_table("t", function(t) %s end, ' + recreate + ") end\n"
        source = "revision = 'aaaa'\n" + batch % ("upgrade", up) + (batch % ("downgrade", down) if down else "")
        self.db.execute("SELECT migrate_register(?, 'a.lua')", (source,)).fetchall()

    def digest(self):
        return D.digest(self.db)

    def flags(self):
        return [self.db.execute("PRAGMA " + f).fetchall() for f in FLAGS]

    def run(self, sql="SELECT migrate_upgrade()"):
        return self.db.execute(sql).fetchall()


def projected(db, schema, free):
    """{table: {column: values}} without the columns of t that are free."""
    out, keyed = {}, D.without_rowid(db, schema)
    for kind, table, _, _ in D.schema_rows(db, schema):
        if kind == "table" and not table.startswith("sqlite_"):
            names, rows = D.table_of(db, schema, table, table in keyed)
            if table == "t" and "rowid" in free:
                key = names.index("b")
                rows = sorted(rows, key=lambda r: r[key])
            out[table] = {n: [r[i] for r in rows] for i, n in enumerate(names) if table != "t" or (n or "rowid") not in free}
    return out


class Matrix(unittest.TestCase):
    maxDiff = None

    def try_case(self, c):
        neutral = c.change is None
        self.seen = {}
        modes = KEEPS if neutral else FIXED
        if not MATRIX:
            modes = modes[zlib.crc32(c.name.encode()) % 2::2]
        for mode in modes:
            if mode["schema"] not in c.schemas:
                mode = dict(mode, schema="main")
            with self.subTest(**mode), Where(mode) as w:
                self.try_mode(c, w, mode.get("change") or c.change, neutral)

    def try_mode(self, c, w, body, neutral):
        w.setup(c.setup)
        free, text = set(c.free), set(c.text)
        if neutral:
            free, text = {"z", "w"}, {"t"}
        w.register(body, c.down)
        before, flags = w.digest(), w.flags()
        fk = D.violations(w.db, w.schema)
        within = w.mode["ends"] != "alone"
        if within:
            w.db.execute("BEGIN")
            w.db.execute("INSERT INTO main.bystander VALUES ('mine')")
        inside, tables = w.digest(), projected(w.db, w.schema, free)
        if c.refused:
            with self.assertRaises(sqlite3.Error) as e:
                w.run()
            self.assertRegex(str(e.exception), c.refused)
            self.equal(inside, w.digest(), "refused, but not without a trace")
            self.assertEqual(w.db.in_transaction, within)
            self.assertEqual(w.flags(), flags)
            if within:
                w.db.execute(w.mode["ends"])
            self.equal(before if w.mode["ends"] != "COMMIT" else inside, w.digest(), "after the end of the caller's transaction")
            self.assertEqual(D.health(w.db), [])
            return
        self.assertEqual(w.run(), [(1,)])
        self.assertEqual(w.db.in_transaction, within)
        self.assertEqual(w.flags(), flags)
        if w.mode["ends"] == "COMMIT":
            w.db.execute("COMMIT")
        self.check(c, w, inside, tables, fk, free, text, body, neutral)
        if w.mode["ends"] == "ROLLBACK":
            w.db.execute("ROLLBACK")
            self.equal(before, w.digest(), "after the caller's ROLLBACK")
            self.assertEqual(w.run("SELECT count(*) FROM migrate_current"), [(0,)])
            return
        self.assertEqual(D.health(w.db), [])
        self.others_see_it(w)
        self.all_modes_agree(w, body, neutral)
        if c.down:
            self.assertEqual(w.run("SELECT migrate_downgrade()"), [(1,)])
            self.equal(inside, w.digest(), "the reverse change does not give the first digest back")
            self.assertEqual(D.health(w.db), [])

    def equal(self, a, b, what):
        lines = D.diff(a, b)
        if lines:
            self.fail(what + ":\n  " + "\n  ".join(lines))

    def check(self, c, w, before, tables, fk, free, text, body, neutral):
        after = w.digest()
        gone = set(c.gone)
        for key in before:
            if key.endswith(" schema"):
                old = [r for r in before[key] if r[1] not in gone]
                names = {r[1] for r in before[key]}
                fresh = [r[1] for r in after[key] if r[1] not in names]
                allowed = c.new | ({"sqlite_autoindex_t_%d" % i for i in range(9)} if neutral and "unique" in body else set())
                self.assertLessEqual(set(fresh), allowed, "appeared")
                self.assertLessEqual(c.new, {r[1] for k in after if k.endswith(" schema") for r in after[k]})
                new = [r for r in after[key] if r[1] in names]
                mask = [[r[:3] + ("-",) if r[1] in text else r for r in rows] for rows in (old, new)]
                self.equal({key: mask[0]}, {key: mask[1]}, "the schema")
                if key == w.schema + " schema":
                    texts = [dict((r[1], r[3]) for r in rows) for rows in (before[key], after[key])]
                    for name, sql in c.sql.items():
                        self.assertEqual(texts[1][name], sql)
                    self.text_kept(c, texts[0]["t"], texts[1]["t"], free)
            elif "sqlite_" in key:
                rows = [[r for r in d.get(key, []) if not any("'%s'" % g in r for g in gone)] for d in (before, after)]
                self.equal({key: rows[0]}, {key: rows[1]}, "what SQLite keeps about tables")
            elif not key.startswith(w.schema + " "):
                self.equal({key: before[key]}, {key: after.get(key)}, "another database")
        now = projected(w.db, w.schema, free)
        common = {t: {n: v for n, v in cols.items() if n in now.get(t, {})} for t, cols in tables.items()}
        self.assertEqual({t: {n: v for n, v in cols.items() if n in common.get(t, {})} for t, cols in now.items()}, common, "rows")
        self.assertEqual({n for n in tables["t"]} - {n for n in now["t"]} - {""}, set(), "columns are gone")
        self.assertEqual(D.violations(w.db, w.schema), fk)
        for sql, rows in c.after:
            self.assertEqual(w.run(w.sql(sql)), rows, sql)

    def text_kept(self, c, before, after, free):
        if "t" in c.sql or re.search(r"\bname=", c.change or ""):
            return
        lines = D.kept_text(before, after, free | c.edited)
        if getattr(c, "cut", False):  # whose text is a table's constraint that goes
            lines = lines[1:] if len(D.items(before)[0]) > len(D.items(after)[0]) else lines
        self.assertEqual(lines, [], "%s\n%s" % (before, after))

    def others_see_it(self, w):
        """Another connection, which reads the schema anew, sees the same."""
        if w.schema == "temp":
            return
        other = sqlite3.connect(w.path if w.schema == "main" else w.aux, isolation_level=None)
        D.with_text(other)
        seen = {k.replace("main ", w.schema + " ", 1): v for k, v in D.digest(other, ["main"]).items()}
        self.equal({k: v for k, v in w.digest().items() if k.startswith(w.schema + " ")}, seen, "another connection sees something else")
        self.assertEqual(D.health(other), [])
        other.close()

    def all_modes_agree(self, w, body, neutral):
        mine = {k.split(" ", 1)[1]: v for k, v in w.digest().items() if k.startswith(w.schema + " ") and "bystander" not in k}
        mine["schema"] = [r for r in mine["schema"] if r[1] != "bystander"]
        mine = {k: [[str(v) for v in r] for r in rows] for k, rows in mine.items()}
        first = self.seen.setdefault((body, w.schema == "temp"), mine)
        self.equal({k: list(map(tuple, v)) for k, v in first.items()}, {k: list(map(tuple, v)) for k, v in mine.items()}, "another mode gave something else")


for c in CASES:
    setattr(Matrix, "test_" + c.name, lambda self, c=c: self.try_case(c))


PLAIN = {"recreate": "auto", "foreign_keys": "ON", "ends": "alone", "schema": "main", "journal": "delete", "layout": (4096, "NONE"), "legacy": "OFF"}


class Alone(unittest.TestCase):
    """What is not a matter of modes."""

    def where(self, setup, up, down=None, **mode):
        w = Where(dict(PLAIN, **mode))
        self.addCleanup(w.__exit__)
        w.setup(setup)
        w.register(up, down)
        return w

    def test_an_edit_moves_no_table(self):
        setup = ("CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);"
                 "CREATE TABLE t(a VARCHAR(50), b INT NOT NULL CHECK (b > 0), c INT DEFAULT 5, CONSTRAINT ck CHECK (b < 9), CONSTRAINT fk FOREIGN KEY (b) REFERENCES p(id)); INSERT INTO t VALUES ('x', 1, 1), ('y', 2, 2);")
        for change in ('t.alter_column("a", {type="VARCHAR(100)"})', 't.alter_column("a", {nullable=false})', 't.alter_column("b", {nullable=true})', 't.drop_constraint("ck")', 't.drop_constraint("fk")',
                       't.create_check_constraint("c2", "b < 100")', 't.create_foreign_key("f2", "p", {"c"}, {"id"})', 't.alter_column("a", {collate="NOCASE"})', 't.alter_column("a", {default="\'d\'"})'):
            with self.subTest(change):
                w = self.where(setup, change, recreate="never")
                root = w.run("SELECT rootpage FROM sqlite_schema WHERE name = 't'")
                self.assertEqual(w.run(), [(1,)])
                self.assertEqual(w.run("SELECT rootpage FROM sqlite_schema WHERE name = 't'"), root)
                self.assertEqual(D.health(w.db), [])

    def test_never_says_why_it_would_have_to(self):
        for change in 't.alter_column("a", {type="TEXT"})', 't.add_column("n", {before="a"})', 't.create_unique_constraint("u", {"a"})':
            with self.subTest(change):
                w = self.where("CREATE TABLE t(a INT, b); INSERT INTO t VALUES (1, 2);", change, recreate="never")
                before = w.digest()
                with self.assertRaisesRegex(sqlite3.Error, "rebuil|recreate"):
                    w.run()
                self.assertEqual(w.digest(), before)

    def test_always_with_nothing_to_do_rebuilds(self):
        w = self.where("CREATE TABLE t(a INT, b); INSERT INTO t(rowid, a) VALUES (-9, 2); CREATE TABLE later(x); CREATE VIEW v AS SELECT * FROM t;", "", recreate="always")
        before = w.digest()
        w.run()
        self.assertEqual(D.diff(before, w.digest()), [])

    def test_a_temp_table_of_the_same_name_is_not_met(self):
        w = self.where("CREATE TABLE t(a INT, b TEXT); INSERT INTO t VALUES (1, 2); CREATE TABLE c(x REFERENCES t);", 't.alter_column("a", {type="TEXT"}) t.add_column("n")')
        w.db.executescript("CREATE TEMP TABLE t(other, a); INSERT INTO temp.t VALUES (5, 6); CREATE TEMP TRIGGER r AFTER INSERT ON temp.t BEGIN SELECT new.other; END;")
        was = D.digest(w.db, ["temp"])
        w.run()
        self.assertEqual(D.diff(was, D.digest(w.db, ["temp"])), [])
        self.assertEqual(w.run("SELECT a, b, n FROM main.t"), [("1", "2", None)])

    def test_a_table_of_the_same_name_in_main_is_not_met(self):
        w = Where(dict(PLAIN, schema="aux"))
        self.addCleanup(w.__exit__)
        w.setup("CREATE TABLE t(a INT, b TEXT); INSERT INTO t VALUES (1, 2); CREATE VIEW v AS SELECT a FROM t; CREATE INDEX i ON t(a); CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT new.a; END;")
        w.db.executescript("CREATE TABLE main.t(other, a); CREATE INDEX main.i ON t(a, other); CREATE VIEW main.v AS SELECT other FROM t; INSERT INTO main.t VALUES (5, 6);")
        was = D.digest(w.db, ["main"])
        w.register('t.alter_column("a", {type="TEXT", name="aa"}) t.create_check_constraint("ck", "aa <> \'q\'")')
        w.run()
        self.assertEqual(D.diff(was, D.digest(w.db, ["main"])), [])
        self.assertEqual(w.run("SELECT aa FROM aux.t"), [("1",)])
        self.assertEqual(w.run("SELECT sql FROM aux.sqlite_schema WHERE name = 'v'"), [("CREATE VIEW v AS SELECT aa FROM t",)])

    def test_what_cannot_be_altered(self):
        for setup in ("CREATE TABLE x(a); CREATE VIEW t AS SELECT a FROM x;", "CREATE VIRTUAL TABLE main.t USING fts5(a);", ""):
            with self.subTest(setup):
                w = self.where(setup, 't.add_column("n")')
                before = w.digest()
                self.assertRaises(sqlite3.Error, w.run)
                self.assertEqual(w.digest(), before)

    def test_functions_of_op(self):
        w = Where(PLAIN)
        self.addCleanup(w.__exit__)
        w.setup("CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE t(a INT, b TEXT); INSERT INTO t VALUES (1, '1'); INSERT INTO p VALUES (1);")
        before = w.digest()
        w.db.execute("SELECT migrate_register(?, 'a.lua')", ("""
            revision = "aaaa"
            function upgrade()
              op.add_column("t", "n INT", {after="a", using="a + 1"})
              op.alter_column("t", "n", {name="m", nullable=false})
              op.create_primary_key("pk", "t", {"b"})
              op.create_unique_constraint("uq", "t", "m")
              op.create_check_constraint("ck", "t", "m > 0")
              op.create_foreign_key("fk", "t", "p", {"a"}, {"id"}, {ondelete="SET NULL"})
            end
            function downgrade()
              op.drop_constraint("t", "fk")
              op.drop_constraint("t", {type="check", columns="m"})
              op.drop_constraint("t", "uq")
              op.drop_constraint("t", {type="primary_key"})
              op.drop_column("t", "m")
            end""",)).fetchall()
        w.run()
        self.assertEqual(w.run("SELECT a, m, b FROM t"), [(1, 2, "1")])
        self.assertEqual([r[1:] for r in w.run("PRAGMA foreign_key_list(t)")], [(0, "p", "a", "id", "NO ACTION", "SET NULL", "NONE")])
        w.run("SELECT migrate_downgrade()")
        self.assertEqual(D.diff(before, w.digest()), [])

    def test_a_batch_is_dead_afterwards(self):
        w = Where(PLAIN)
        self.addCleanup(w.__exit__)
        w.setup("CREATE TABLE t(a);")
        w.db.execute("SELECT migrate_register(?, 'a.lua')", (
            'revision = "aaaa" function upgrade() local kept op.batch_alter_table("t", function(t) kept = t t:add_column("b") end) kept.add_column("c") end',)).fetchall()
        before = w.digest()
        self.assertRaises(sqlite3.Error, w.run)
        self.assertEqual(w.digest(), before)


BIG = ("CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
       "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b TEXT, c REFERENCES p, UNIQUE (b), CHECK (a > -1)); CREATE INDEX i ON t(a) WHERE a > 5; CREATE VIEW v AS SELECT a FROM t;"
       "CREATE TRIGGER r AFTER DELETE ON t BEGIN SELECT old.a; END; CREATE TABLE child(x REFERENCES t ON DELETE CASCADE); CREATE TEMP TRIGGER tr AFTER INSERT ON main.t BEGIN SELECT 1; END;"
       "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO t(a, b, c) SELECT i, 'b' || i, 1 FROM n; INSERT INTO child SELECT id FROM t LIMIT 50; ANALYZE @;")
LONG = [("rebuild", 't.alter_column("a", {type="TEXT"}) t.alter_column("b", {name="bb"}) t.drop_constraint{type="foreign_key", columns={"c"}} t.create_index("j", {"a"})'),
        ("edit", 't.alter_column("a", {nullable=false}) t.create_check_constraint("ck", "b <> \'q\'") t.alter_column("b", {name="bb"})'),
        ("scan", 't.create_unique_constraint("uq", {"a", "b"}) t.alter_column("id", {name="key"})')]


class Stopping(unittest.TestCase):
    """Errors and interrupts in the middle leave nothing, also no name."""

    def untouched(self, w, before, flags, what):
        self.assertFalse(w.db.in_transaction, what)
        self.assertEqual(D.diff(before, w.digest()), [], what)
        self.assertEqual(w.flags(), flags, what)
        self.assertEqual(D.health(w.db), [], what)

    def stopped_at(self, where, change, instants):
        """Stop an upgrade at these calls of a progress handler, one after
        another, in one database, until one upgrade ends.  Returns how many were
        stopped; without instants, how many calls there are."""
        with Where(where) as w:
            w.setup(BIG % 60)
            w.register(change)
            before, flags = w.digest(), w.flags()
            calls, stop = [0], [0]

            def handler():
                calls[0] += 1
                return calls[0] == stop[0]

            if not instants:  # counted in a transaction that is rolled back
                w.db.execute("BEGIN")
                w.db.set_progress_handler(handler, 25)
                w.run()
                return calls[0]
            for i, n in enumerate(instants):
                calls[0], stop[0] = 0, n
                w.db.set_progress_handler(handler, 25)
                try:
                    w.run()
                except sqlite3.Error as e:
                    w.db.set_progress_handler(None, 25)
                    self.assertIn("interrupt", str(e))
                    self.untouched(w, before, flags, "%s at %d" % (where["recreate"], n))
                else:
                    w.db.set_progress_handler(None, 25)
                    return i
            return len(instants)

    def test_a_progress_handler_that_stops_it_anywhere(self):
        """At every n-th of its calls; but when SQLite reads its schema anew it
        goes on without what was stopped, and behind the end nothing is."""
        for (way, change), recreate in itertools.product(LONG, ("auto", "always")):
            with self.subTest(way, recreate=recreate):
                where = dict(PLAIN, recreate=recreate)
                total, ends = self.stopped_at(where, change, []), 0
                left = sorted({1 + k * total // 24 for k in range(24)} | {total - 1, total})
                while left:
                    n = self.stopped_at(where, change, left)
                    ends += n
                    left = left[n + 1:]
                self.assertGreater(ends, 15)

    def test_an_interrupt_from_another_thread(self):
        for (way, change), recreate in itertools.product(LONG, ("auto", "always")):
            with self.subTest(way, recreate=recreate), Where(dict(PLAIN, recreate=recreate)) as w:
                w.setup(BIG % 12000)
                w.register(change)
                before, flags = w.digest(), w.flags()
                for wait in 0.001, 0.01:
                    timer = threading.Timer(wait, w.db.interrupt)
                    timer.start()
                    try:
                        w.run()
                    except sqlite3.Error as e:
                        self.assertIn("interrupt", str(e))
                        timer.join()
                        time.sleep(0.001)
                        if w.db.execute("SELECT * FROM migrate_current").fetchall():
                            break  # it came behind the COMMIT
                        self.untouched(w, before, flags, (way, recreate, wait))
                    else:
                        timer.join()
                        break

    def test_in_the_callers_transaction(self):
        """An interrupted writer takes the whole transaction with it, as in SQLite; or it was done."""
        w = Where(dict(PLAIN, recreate="always"))
        self.addCleanup(w.__exit__)
        w.setup(BIG % 300)
        w.register(LONG[0][1])
        before, calls = w.digest(), [0]
        for n in 40, 200, 400:
            w.db.execute("BEGIN")
            w.db.execute("INSERT INTO bystander VALUES (1)")
            calls[0] = 0

            def handler():
                calls[0] += 1
                return calls[0] == n

            w.db.set_progress_handler(handler, 50)
            try:
                w.run()
            except sqlite3.Error:
                pass
            w.db.set_progress_handler(None, 1)
            if w.db.in_transaction:
                w.db.execute("ROLLBACK")
            self.assertEqual(D.diff(before, w.digest()), [])


class Settings(unittest.TestCase):
    """The host's connection is the host's, and odd ones work."""

    CHANGE = 't.alter_column("a", {type="TEXT"}) t.create_check_constraint("ck", "b IS NOT 9") t.alter_column("b", {name="bb"})'
    SETUP = "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE t(a INT, b INT, c REFERENCES p); INSERT INTO t VALUES (1, 2, NULL); CREATE VIEW v AS SELECT a, b FROM t; CREATE TABLE child(x REFERENCES p ON DELETE CASCADE);"

    def test_pragmas(self):
        for pragma in ("foreign_keys=ON", "foreign_keys=OFF", "legacy_alter_table=ON", "writable_schema=ON", "trusted_schema=OFF", "recursive_triggers=OFF", "ignore_check_constraints=ON",
                       "reverse_unordered_selects=ON", "defer_foreign_keys=ON", "cell_size_check=ON", "temp_store=2", "cache_size=5", "locking_mode=EXCLUSIVE", "secure_delete=OFF",
                       "case_sensitive_like=ON", "automatic_index=OFF", "count_changes=ON", "full_column_names=ON", "short_column_names=OFF", "empty_result_callbacks=ON"):
            for recreate in "auto", "always":
                for bad in "", ' t.create_check_constraint("no", "a = 77")':
                    with self.subTest(pragma, recreate=recreate, bad=bad), Where(dict(PLAIN, recreate=recreate)) as w:
                        w.setup(self.SETUP)
                        w.register(self.CHANGE + bad)
                        w.db.execute("PRAGMA " + pragma).fetchall()
                        before, flags = w.digest(), w.flags()
                        if bad:
                            self.assertRaises(sqlite3.Error, w.run)
                            self.assertEqual(D.diff(before, w.digest()), [])
                        else:
                            self.assertEqual(w.run(), [(1,)])
                            self.assertEqual(w.run("SELECT typeof(a), bb FROM t"), [("text", 2)])
                        self.assertEqual(w.flags(), flags)
                        self.assertEqual(D.health(w.db), [])

    CONFIG = {"defensive": 1010, "enable_trigger": 1003, "enable_view": 1015, "dqs_ddl": 1014, "dqs_dml": 1013, "trusted_schema": 1017, "enable_fkey": 1002, "writable_schema": 1011, "legacy_alter_table": 1012}

    def handle(self, db):
        """sqlite3* of a connection, and the library: Python 3.11 has no setconfig()."""
        with open("/proc/self/maps") as f:
            path = next((line.split(None, 5)[5].strip() for line in f if "libsqlite3" in line), None)
        if not path:
            self.skipTest("Python has its own SQLite inside")
        so = ctypes.CDLL(path)
        h = ctypes.c_void_p.from_address(id(db) + object.__basicsize__)
        so.sqlite3_db_filename.restype = ctypes.c_char_p
        so.sqlite3_db_filename.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        so.sqlite3_db_config.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
        return so, h

    def test_flags_of_the_connection(self):
        for name, op in self.CONFIG.items():
            for value, recreate, bad in itertools.product((0, 1), ("auto", "always"), ("", ' t.create_check_constraint("no", "a = 77")')):
                with self.subTest(name, value=value, recreate=recreate, bad=bad), Where(dict(PLAIN, recreate=recreate)) as w:
                    w.setup(self.SETUP)
                    w.register(self.CHANGE + bad)
                    so, h = self.handle(w.db)
                    now = ctypes.c_int(-1)
                    so.sqlite3_db_config(h, op, value, ctypes.byref(now))
                    self.assertEqual(now.value, value)
                    before, flags = w.digest(), w.flags()
                    if bad:
                        self.assertRaises(sqlite3.Error, w.run)
                        self.assertEqual(D.diff(before, w.digest()), [])
                    else:
                        self.assertEqual(w.run(), [(1,)])
                    for other, code in self.CONFIG.items():
                        so.sqlite3_db_config(h, code, -1, ctypes.byref(now))
                        self.assertTrue(other != name or now.value == value, other)
                    self.assertEqual(w.flags(), flags)

    def test_handlers_stay(self):
        w = Where(PLAIN)
        self.addCleanup(w.__exit__)
        w.setup(self.SETUP)
        w.register(self.CHANGE)
        calls = []
        w.db.set_progress_handler(lambda: calls.append(1) and None, 5)
        w.db.set_authorizer(lambda *a: calls.append(a[0]) and sqlite3.SQLITE_OK or sqlite3.SQLITE_OK)
        w.run()
        del calls[:]
        w.run("SELECT count(*) FROM t, t, t")
        self.assertIn(sqlite3.SQLITE_READ, calls)
        self.assertIn(1, calls)

    def test_an_authorizer_that_forbids_it(self):
        """Whatever it denies, nothing is left half-done."""
        codes = [getattr(sqlite3, n) for n in dir(sqlite3) if re.fullmatch(
            r"SQLITE_(CREATE|DROP)_\w+|SQLITE_(ALTER_TABLE|INSERT|UPDATE|DELETE|READ|SELECT|TRANSACTION|SAVEPOINT|PRAGMA|FUNCTION|REINDEX|ANALYZE)", n)]
        for code, recreate in itertools.product(sorted(set(codes)), ("auto", "always")):
            with self.subTest(code, recreate=recreate), Where(dict(PLAIN, recreate=recreate)) as w:
                w.setup(self.SETUP)
                w.register(self.CHANGE)
                before, flags = w.digest(), w.flags()
                w.db.set_authorizer(lambda c, *a: sqlite3.SQLITE_DENY if c == code and a[3] != "v" else sqlite3.SQLITE_OK)
                try:
                    w.db.execute("SELECT migrate_upgrade()").fetchall()
                    done = True
                except sqlite3.Error:
                    done = False
                w.db.set_authorizer(None)
                self.assertFalse(w.db.in_transaction)
                self.assertEqual(D.health(w.db), [])
                self.assertEqual(w.flags(), flags)
                if not done:
                    self.assertEqual(D.diff(before, w.digest()), [])


if __name__ == "__main__":
    unittest.main()
