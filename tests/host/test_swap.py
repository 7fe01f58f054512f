"""A table's new b-tree in the old one's place, and the indexes that stay.

Whether an index was kept is seen, not asked: through a second name for the
table's b-tree a row gets other values behind the indexes' back.  An index that
is built anew knows them afterwards, a kept one does not, and integrity_check
tells the two apart.

Whatever is kept, `rebuild = swap` and `rebuild = copy` must come to the same.
SWAP_SEEDS=N tries N random tables of each kind and as many random definitions,
SWAP_SEED=kind:K one.
"""

import itertools
import os
import random
import re
import shutil
import sqlite3
import tempfile
import unittest

import digest as D
import test_alter as A
import test_redefine as R
from project import LIBRARY, one, shell

SEEDS = int(os.environ.get("SWAP_SEEDS", "12"))
ONLY = os.environ.get("SWAP_SEED", "")
HERE = tempfile.mkdtemp(prefix="migrate-swap-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
os.mkdir(os.path.join(HERE, "versions"))


def tearDownModule():
    shutil.rmtree(HERE, ignore_errors=True)


def load(db):
    db.enable_load_extension(True)
    db.load_extension(LIBRARY)
    one(db, "SELECT migrate_config('directory', ?)", HERE)
    return D.with_text(db)


def config(db, **settings):
    for key, value in settings.items():
        one(db, "SELECT migrate_config(?, ?)", key, value)


def register(db, body, down=""):
    one(db, "SELECT migrate_register(?, 'r.lua')",
        "revision = 'rrrr'\nfunction upgrade()\n%s\nend\nfunction downgrade()\n%s\nend\n" % (body, down))


def upgrade(db, body, **settings):
    config(db, **settings)
    register(db, body)
    one(db, "SELECT migrate_upgrade()")


def batch(calls, recreate="always", table="t"):
    return 'op.batch_alter_table("%s", function(t)\n%s\nend, {recreate = "%s"})' % (table, calls, recreate)


def redefine(sql, using=""):
    return batch("t.redefine([==[%s]==], {using = {%s}})" % (sql, using))


def indexes(db, table="t"):
    return [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?", (table,)).fetchall()]


def behind(db, sql, table="t", key=None):
    """UPDATE `table` SET ... without its indexes; `key` is that of a WITHOUT ROWID table, as it is stored."""
    columns = [D.q(r[1]) for r in db.execute("PRAGMA table_xinfo(%s)" % D.q(table)).fetchall() if r[6] != 2]
    if key:
        columns.append("PRIMARY KEY(%s)" % key)
    version = one(db, "PRAGMA schema_version")
    db.execute("PRAGMA writable_schema = ON")
    db.execute("INSERT INTO sqlite_schema SELECT 'table', '_w', '_w', rootpage, ? FROM sqlite_schema WHERE type = 'table' AND name = ?",
               ("CREATE TABLE _w(%s)%s" % (", ".join(columns), " WITHOUT ROWID" if key else ""), table))
    db.execute("PRAGMA schema_version = %d" % (version + 1))
    changed = db.execute("UPDATE _w SET " + sql).rowcount
    db.execute("DELETE FROM sqlite_schema WHERE name = '_w'")
    db.execute("PRAGMA schema_version = %d" % (version + 2))
    db.execute("PRAGMA writable_schema = RESET")
    return changed


def behind_schema(db, old, new, name="t"):
    """Edit the statement of a table, as somebody might who should not."""
    version = one(db, "PRAGMA schema_version")
    db.execute("PRAGMA writable_schema = ON")
    assert db.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = ? AND instr(sql, ?)", (old, new, name, old)).rowcount == 1
    db.execute("PRAGMA schema_version = %d" % (version + 1))
    db.execute("PRAGMA writable_schema = RESET")


def stale(db):
    """The indexes that do not know their table's rows."""
    said = [r[0] for r in db.execute("PRAGMA integrity_check").fetchall() if r[0] != "ok"]
    said = [s for s in said if not re.match("[A-Z]+ value in ", s)]
    return {re.sub(r"^(row \d+ missing from|wrong # of entries in|non-unique entry in) index ", "", s) for s in said}


# ---- which indexes are kept ----

class Case:
    def __init__(self, name, setup, change, kept, witness, *, key=None):
        self.name, self.setup, self.change = name, setup, change
        self.kept = set(kept.split())  # by the names they have afterwards
        self.witness = witness  # SET ... WHERE ..., of all that is indexed
        self.key = key


CASES = []


def case(*args, **named):
    CASES.append(Case(*args, **named))


ROWS = "INSERT INTO t(a, b, c) VALUES (1, 'x', 1), (2, 'y', 2.5), (3, 'z', NULL), (NULL, NULL, 4), (5, 'Z ', 'text');"
WITNESS = "a = 77, b = 'witness', c = 78.5 WHERE rowid = 2"
PLAIN = "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c); CREATE INDEX ia ON t(a); CREATE INDEX ib ON t(b); CREATE INDEX iab ON t(a DESC, b); CREATE INDEX ic ON t(c);" + ROWS

case("recreate_always", PLAIN, batch(""), "ia ib iab ic", WITNESS)
case("type_of_an_indexed_column", PLAIN, 'op.alter_column("t", "a", {type = "TEXT"})', "ib ic", WITNESS)
case("type_of_another_column", PLAIN, 'op.alter_column("t", "c", {type = "TEXT"})', "ia ib iab", WITNESS)
case("type_of_the_same_affinity", PLAIN, batch('t.alter_column("a", {type = "BIGINT"})'), "ia ib iab ic", WITNESS)
case("collation", PLAIN, 'op.alter_column("t", "b", {collate = "NOCASE"})', "ia ic", WITNESS)
case("collation_taken_away", PLAIN.replace("b TEXT", "b TEXT COLLATE NOCASE"), 'op.alter_column("t", "b", {collate = null})', "ia ic", WITNESS)
case("collation_that_indexes_have_of_their_own",
     "CREATE TABLE t(a, b TEXT, c); CREATE INDEX i1 ON t(b COLLATE NOCASE); CREATE INDEX i2 ON t(b); CREATE INDEX i3 ON t(a COLLATE RTRIM);" + ROWS,
     'op.alter_column("t", "b", {collate = "NOCASE"})', "i3", WITNESS)
case("other_values", PLAIN, batch('t.alter_column("a", {type = "INT", using = "a + 1"})'), "ib ic", WITNESS)
case("column_added_in_the_middle", PLAIN, 'op.add_column("t", "n INT DEFAULT 5", {after = "id"})', "ia ib iab ic", WITNESS)
case("column_dropped", PLAIN, batch('t.drop_column("c")'), "ia ib iab", WITNESS)
case("columns_moved", PLAIN, redefine("CREATE TABLE t(c, b TEXT, a INT, id INTEGER PRIMARY KEY)"), "ia ib iab ic", WITNESS)
case("columns_of_one_type_moved", "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b INT, c); CREATE INDEX ia ON t(a); CREATE INDEX ib ON t(b); INSERT INTO t(a, b, c) VALUES (1, 10, 0), (2, 20, 0);",
     redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, b INT, a INT, c)"), "ia ib", "a = 77, b = 78 WHERE rowid = 2")
case("column_replaced_by_another_of_its_name", PLAIN, batch('t.drop_index("ic") t.drop_column("c") t.add_column("c INT DEFAULT 3") t.create_index("ic2", {"c"})'), "ia ib iab", WITNESS)
case("default_of_an_indexed_column", PLAIN, batch('t.alter_column("a", {default = 3})'), "ia ib iab ic", WITNESS)
case("a_column_renamed_in_the_same_batch", PLAIN, batch('t.alter_column("c", {type = "TEXT"}) t.alter_column("a", {name = "aa"})'), "ia ib iab", WITNESS)
case("not_null_and_checks", PLAIN.replace("(NULL, NULL, 4), ", ""), batch('t.alter_column("a", {nullable = false}) t.create_check_constraint("ck", "a < 99")'), "ia ib iab ic", WITNESS)
case("rows_that_do_not_store_a_column",
     "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c);" + ROWS + "ALTER TABLE t ADD COLUMN late TEXT DEFAULT 'old'; ALTER TABLE t ADD COLUMN later DEFAULT 7; INSERT INTO t(late) VALUES ('new');"
     "CREATE INDEX il ON t(late); CREATE INDEX ir ON t(later); CREATE INDEX ia ON t(a);",
     batch('t.alter_column("late", {default = "other"})'), "il ir ia", "late = 'witness', later = 1.5, a = 77 WHERE rowid = 6")
case("rows_that_do_not_store_a_column_as_they_are",
     "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c);" + ROWS + "ALTER TABLE t ADD COLUMN late TEXT DEFAULT 'old'; INSERT INTO t(late) VALUES ('new'); CREATE INDEX il ON t(late); CREATE INDEX ia ON t(a);",
     batch(""), "il ia", "late = 'witness', a = 77 WHERE rowid = 6")

# rowids
GAPS = "UPDATE t SET rowid = rowid * 7 - 20; DELETE FROM t WHERE a = 3; INSERT INTO t(rowid, a) VALUES (9223372036854775807, 9), (-9223372036854775808, 8);"
case("rowids_with_gaps", "CREATE TABLE t(a INT, b TEXT, c); CREATE INDEX ia ON t(a); CREATE INDEX ib ON t(b);" + ROWS + GAPS, batch('t.alter_column("b", {type = "BLOB"})'), "ia", "a = 77, b = 'w' WHERE a = 2")
case("rowids_with_gaps_all_the_same", "CREATE TABLE t(a INT, b TEXT, c); CREATE INDEX ia ON t(a); CREATE INDEX ib ON t(b);" + ROWS + GAPS, batch(""), "ia ib", "a = 77, b = 'w' WHERE a = 2")
case("rowids_that_have_no_name", "CREATE TABLE t(rowid, oid, _rowid_, a INT); CREATE INDEX ia ON t(a); INSERT INTO t(a) VALUES (1), (2), (3); ", batch(""), "", "a = 77 WHERE a = 2")
case("rowids_of_a_primary_key_that_is_not_one", "CREATE TABLE t(k TEXT PRIMARY KEY, a INT); CREATE INDEX ia ON t(a); INSERT INTO t(rowid, k, a) VALUES (70, 'b', 1), (-3, 'a', 2), (5, NULL, 3);",
     batch(""), "ia sqlite_autoindex_t_1", "k = 'w', a = 77 WHERE rowid = -3")
case("integer_primary_key_added", "CREATE TABLE t(k INTEGER, a INT); CREATE INDEX ia ON t(a); INSERT INTO t VALUES (30, 1), (20, 2), (10, 3);", batch('t.create_primary_key(nil, {"k"})'), "", "a = 77 WHERE k = 20")
case("integer_primary_key_added_that_equals_the_rowids", "CREATE TABLE t(k INTEGER, a INT); CREATE INDEX ia ON t(a); INSERT INTO t VALUES (1, 1), (2, 2), (3, 3);", batch('t.create_primary_key(nil, {"k"})'), "", "a = 77 WHERE k = 2")
case("integer_primary_key_taken_away", "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT); CREATE INDEX ia ON t(a); CREATE INDEX ii ON t(a, id); INSERT INTO t VALUES (30, 1), (-20, 2), (10, 3);",
     batch('t.drop_constraint({type = "primary_key"})'), "ia ii", "a = 77 WHERE a = 2")
case("integer_primary_key_becomes_int", "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT); CREATE INDEX ia ON t(a); INSERT INTO t VALUES (30, 1), (-20, 2), (10, 3);",
     redefine("CREATE TABLE t(id INT PRIMARY KEY, a INT)"), "ia", "a = 77 WHERE a = 2")
case("integer_primary_key_moves", "CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER); CREATE INDEX ia ON t(a); INSERT INTO t VALUES (30, 1), (-20, 2), (10, 3);",
     redefine("CREATE TABLE t(id INT, a INTEGER PRIMARY KEY)"), "", "a = 77 WHERE a = 2")
case("integer_primary_key_computed", PLAIN, batch('t.alter_column("id", {type = "INTEGER", using = "id * 2"})'), "", WITNESS)
case("autoincrement_added", PLAIN, redefine("CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b TEXT, c)"), "ia ib iab ic", WITNESS)
case("autoincrement_taken_away", PLAIN.replace("PRIMARY KEY", "PRIMARY KEY AUTOINCREMENT"), redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c)"), "ia ib iab ic", WITNESS)
case("autoincrement", PLAIN.replace("PRIMARY KEY", "PRIMARY KEY AUTOINCREMENT") + "DELETE FROM t WHERE id = 5;", batch('t.alter_column("c", {type = "TEXT"})'), "ia ib iab", WITNESS)

# generated columns
MADE = ("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, g AS (a + 1), b TEXT, h TEXT AS (b || '-') STORED, c, v AS (h || g));"
        "CREATE INDEX ig ON t(g); CREATE INDEX ih ON t(h); CREATE INDEX iv ON t(v); CREATE INDEX ia ON t(a); CREATE INDEX ib ON t(b); CREATE INDEX ie ON t(length(h));" + ROWS)
MADE_WITNESS = "a = 77, b = 'witness', h = 'witness-' WHERE rowid = 2"
# what is stored of a function is made anew, so it is not taken for what it was
case("generated_columns", MADE, batch('t.alter_column("c", {type = "TEXT"})'), "ig ia ib", MADE_WITNESS)
case("generated_columns_of_another_type", MADE, batch('t.alter_column("a", {type = "TEXT"})'), "ib", MADE_WITNESS)
case("generated_columns_of_a_stored_ones_base", MADE, batch('t.alter_column("b", {collate = "NOCASE"})'), "ig ia", MADE_WITNESS)
case("generated_column_that_says_another_thing", MADE, redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, g AS (a + 2), b TEXT, h TEXT AS (b || '-') STORED, c, v AS (h || g))"), "ia ib", MADE_WITNESS)
case("generated_column_becomes_plain", MADE, redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, g, b TEXT, h TEXT AS (b || '-') STORED, c, v AS (h || g))"), "ia ib", MADE_WITNESS)
case("generated_column_is_stored_now", MADE, redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, g AS (a + 1) STORED, b TEXT, h TEXT AS (b || '-') VIRTUAL, c, v AS (h || g))"), "ia ib", MADE_WITNESS)
case("generated_column_with_a_text_that_becomes_a_column", "CREATE TABLE t(a INT, b TEXT, c, g AS (a || \"n\")); CREATE INDEX ig ON t(g); CREATE INDEX ia ON t(a); CREATE INDEX iw ON t(b) WHERE b <> \"n\";" + ROWS,
     batch('t.add_column("n INT DEFAULT 6", {before = "a"})'), "ia", WITNESS.replace(", c = 78.5", ""))

# partial and expression indexes
case("partial", PLAIN + "CREATE INDEX p1 ON t(b) WHERE a > 1; CREATE INDEX p2 ON t(b) WHERE c IS NOT 9; CREATE INDEX p3 ON t(a) WHERE rowid > 1;",
     batch('t.alter_column("a", {type = "TEXT"})'), "ib ic p2", WITNESS)
case("partial_by_a_column_that_changes", PLAIN + "CREATE INDEX p1 ON t(b) WHERE a > 1; CREATE INDEX p2 ON t(b) WHERE c IS NOT 9; CREATE INDEX p3 ON t(a) WHERE rowid > 1;",
     batch('t.alter_column("c", {type = "TEXT"})'), "ia ib iab p1 p3", WITNESS)
case("partial_by_a_name_that_becomes_a_column", "CREATE TABLE t(a INT, b TEXT, c); CREATE INDEX p1 ON t(a) WHERE _rowid_ > 1; CREATE INDEX ib ON t(b);" + ROWS,
     batch('t.add_column("_rowid_ INT DEFAULT 1", {before = "a"})'), "ib", "a = 77, b = 'w' WHERE rowid = 2")
case("expressions", PLAIN + "CREATE INDEX e1 ON t(lower(b), a + 1); CREATE INDEX e2 ON t(c || 'x' COLLATE NOCASE); CREATE INDEX e3 ON t((c));",
     batch('t.alter_column("a", {type = "TEXT"})'), "ib ic e2 e3", WITNESS)
case("expressions_of_what_is_collated", PLAIN + "CREATE INDEX e1 ON t((b)); CREATE INDEX e2 ON t(b = 'X'); CREATE INDEX e3 ON t(a = 1);",
     batch('t.alter_column("b", {collate = "NOCASE"})'), "ia ic e3", "a = 1, b = 'X', c = 78.5 WHERE rowid = 2")
case("an_index_made_in_the_same_batch", PLAIN, batch('t.alter_column("c", {type = "TEXT"}) t.create_index("j", {"a"}) t.drop_index("ib")'), "ia iab", WITNESS)
case("unique_indexes", PLAIN + "CREATE UNIQUE INDEX u1 ON t(a, b); CREATE UNIQUE INDEX u2 ON t(c) WHERE c > 1;", batch('t.alter_column("b", {type = "BLOB"})'), "ia ic u2", WITNESS)
case("descending", "CREATE TABLE t(a INT, b TEXT, c); CREATE INDEX d1 ON t(a DESC); CREATE INDEX d2 ON t(b, a DESC); CREATE INDEX d3 ON t(c DESC);" + ROWS, batch('t.alter_column("c", {type = "TEXT"})'), "d1 d2", WITNESS)
case("descending_in_the_old_format", "PRAGMA legacy_file_format = ON; CREATE TABLE t(a INT, b TEXT, c); CREATE INDEX d1 ON t(a DESC); CREATE INDEX d2 ON t(b, a DESC); CREATE INDEX d3 ON t(c DESC);" + ROWS,
     batch('t.alter_column("c", {type = "TEXT"})'), "d1 d2", WITNESS)

# constraints
UNIQUES = "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT UNIQUE, b TEXT, c, UNIQUE (b, a), UNIQUE (c COLLATE NOCASE)); CREATE INDEX ia ON t(a);" + ROWS
AUTO = "sqlite_autoindex_t_"
case("unique", UNIQUES, batch(""), "ia {0}1 {0}2 {0}3".format(AUTO), WITNESS)
case("unique_of_a_type_that_changes", UNIQUES, batch('t.alter_column("b", {type = "BLOB"})'), "ia {0}1 {0}3".format(AUTO), WITNESS)
case("unique_added", UNIQUES, batch('t.create_unique_constraint(nil, {"b"})'), "ia {0}1 {0}2 {0}3".format(AUTO), WITNESS)
case("unique_added_in_front", UNIQUES, redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT UNIQUE, c, UNIQUE (b, a), UNIQUE(a), UNIQUE (c COLLATE NOCASE))"), "ia {0}2".format(AUTO), WITNESS)
case("unique_dropped", UNIQUES, batch('t.drop_constraint({type = "unique", columns = {"a"}})'), "ia", WITNESS)
case("unique_dropped_at_the_end", UNIQUES, batch('t.drop_constraint({type = "unique", columns = {"c"}})'), "ia {0}1 {0}2".format(AUTO), WITNESS)
case("unique_in_another_order", UNIQUES, redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c, UNIQUE (c COLLATE NOCASE), UNIQUE (a), UNIQUE (a, b))"), "ia", WITNESS)
case("unique_by_another_collation", UNIQUES, redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT UNIQUE, b TEXT, c, UNIQUE (b COLLATE NOCASE, a), UNIQUE (c))"), "ia {0}1".format(AUTO), WITNESS)
case("unique_becomes_a_primary_key", "CREATE TABLE t(a INT, b TEXT UNIQUE, c); CREATE INDEX ia ON t(a);" + ROWS.replace("(NULL, NULL, 4), ", ""), redefine("CREATE TABLE t(a INT, b TEXT PRIMARY KEY, c)"), "ia {0}1".format(AUTO), WITNESS)

# WITHOUT ROWID
KEYED = ("CREATE TABLE t(k TEXT, n INT, a INT, b TEXT, c, PRIMARY KEY (k, n)) WITHOUT ROWID; CREATE INDEX ia ON t(a); CREATE INDEX ib ON t(b); CREATE UNIQUE INDEX ic ON t(c, n);"
         "INSERT INTO t VALUES ('x', 1, 1, 'p', 1), ('x', 2, 2, 'q', 2.5), ('y', 1, 3, NULL, 'z');")
KEYED_WITNESS = "a = 77, b = 'w', c = 78 WHERE k = 'x' AND n = 2"
case("without_rowid", KEYED, batch(""), "ia ib ic", KEYED_WITNESS, key="k, n")
case("without_rowid_type", KEYED, batch('t.alter_column("b", {type = "BLOB"})'), "ia ic", KEYED_WITNESS, key="k, n")
case("without_rowid_type_of_the_key", KEYED, batch('t.alter_column("n", {type = "TEXT"})'), "", KEYED_WITNESS, key="k, n")
case("without_rowid_collation_of_the_key", KEYED, batch('t.alter_column("k", {collate = "NOCASE"})'), "", KEYED_WITNESS, key="k, n")
NOW = "CREATE TABLE t(k TEXT, n INT, a INT, b TEXT, c, %s) WITHOUT ROWID"
case("without_rowid_key_order", KEYED, redefine(NOW % "PRIMARY KEY (n, k)"), "ic", KEYED_WITNESS, key="k, n")
case("without_rowid_key_descends", KEYED, redefine(NOW % "PRIMARY KEY (k DESC, n)"), "", KEYED_WITNESS, key="k, n")
case("without_rowid_key_collates", KEYED, redefine(NOW % "PRIMARY KEY (k COLLATE RTRIM, n)"), "", KEYED_WITNESS, key="k, n")
case("without_rowid_key_grows", KEYED, redefine(NOW % "PRIMARY KEY (k, n, a)"), "ia", KEYED_WITNESS, key="k, n")
case("without_rowid_unique", KEYED.replace("PRIMARY KEY (k, n)", "UNIQUE (b), PRIMARY KEY (k, n)"), batch('t.alter_column("c", {type = "TEXT"})'), "ia ib {0}1".format(AUTO), KEYED_WITNESS, key="k, n")
case("without_rowid_gets_rowids", KEYED, redefine("CREATE TABLE t(k TEXT, n INT, a INT, b TEXT, c, PRIMARY KEY (k, n))"), "", KEYED_WITNESS, key="k, n")
case("rowids_get_lost", PLAIN, redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c) WITHOUT ROWID"), "", WITNESS)

# STRICT
STRICT = "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c REAL); CREATE INDEX ia ON t(a); CREATE INDEX ib ON t(b); CREATE INDEX ic ON t(c);" + ROWS.replace(", (5, 'Z ', 'text')", "")
case("strict_on", STRICT, redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c REAL) STRICT"), "ia ib ic", WITNESS)
case("strict_off", STRICT.replace("REAL)", "REAL) STRICT"), redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c REAL)"), "ia ib ic", WITNESS)
case("strict_any", STRICT.replace("c REAL)", "c ANY) STRICT"), batch('t.alter_column("a", {default = 1})'), "ia ib ic", WITNESS)
case("strict_any_off", STRICT.replace("c REAL)", "c ANY) STRICT"), redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c ANY)"), "ia ib", WITNESS)

# values
case("reals_that_are_integers", "CREATE TABLE t(id INTEGER PRIMARY KEY, a REAL, b NUMERIC, c); CREATE INDEX ia ON t(a); CREATE INDEX ib ON t(b); CREATE INDEX ic ON t(c); CREATE INDEX ie ON t(a || b);"
     "INSERT INTO t(a, b, c) VALUES (1, 1.0, 1.0), (-0.0, -0.0, -0.0), (140737488355328, 140737488355328.0, 2e14), (9e18, 9e18, 9e18), (5e-324, 9e999, -9e999), (9223372036854775807, 9223372036854775807, 9223372036854775807), ('x', x'00', 'x');",
     batch(""), "ia ib ic ie", "a = 7.5, b = 7.5, c = 7.5 WHERE rowid = 2")
case("reals_that_are_integers_in_another_order", "CREATE TABLE t(a REAL, b NUMERIC, c); CREATE INDEX ia ON t(a); CREATE INDEX ib ON t(b); CREATE INDEX ic ON t(c); CREATE INDEX ie ON t(a || b);"
     "INSERT INTO t(a, b, c) VALUES (1, 1.0, 1.0), (-0.0, -0.0, -0.0), (140737488355328, 140737488355328.0, 2e14), (1e300, 9e18, 9e18), (5e-324, 9e999, -9e999), (x'00', 'x', NULL);",
     redefine("CREATE TABLE t(c, b NUMERIC, a REAL)"), "ia ib ic ie", "a = 7.5, b = 7.5, c = 7.5 WHERE rowid = 2")
# What a REAL column's type would convert may be no obstacle where SQLite takes the rows as they are stored.
TEXTS = "CREATE TABLE t(id INTEGER PRIMARY KEY, a REAL, b TEXT, c); CREATE INDEX ia ON t(a); CREATE INDEX ib ON t(b);" + ROWS.replace("(1, 'x', 1)", "('text', 'x', 1)")
case("text_in_a_real_column", TEXTS, 'op.alter_column("t", "c", {type = "TEXT"})', "", WITNESS)
case("text_in_a_real_column_transferred", TEXTS, batch(""), "ia ib", WITNESS)
case("text_in_a_real_column_transferred_without_rowid", TEXTS.replace("c);", "c) WITHOUT ROWID;", 1).replace("t(a, b, c)", "t(id, a, b, c)").replace("('text'", "(1, 'text'").replace("(2, 'y'", "(2, 2, 'y'").replace("(3, 'z'", "(3, 3, 'z'").replace("(NULL, NULL", "(4, NULL, NULL").replace("(5, 'Z ", "(5, 5, 'Z "),
     batch(""), "ia ib", "a = 77, b = 'witness' WHERE id = 2", key="id")
case("text_in_a_real_column_with_another_default", TEXTS, batch('t.alter_column("c", {default = 8})'), "", WITNESS)
case("text_in_a_real_column_of_a_table_whose_rowids_are_no_column", TEXTS.replace("id INTEGER PRIMARY KEY, ", ""), batch(""), "", WITNESS)


class Kept(unittest.TestCase):
    def made(self, c):
        db = load(sqlite3.connect(":memory:", isolation_level=None))
        for sql in ["PRAGMA legacy_file_format = OFF"] * ("legacy_file_format" not in c.setup):
            db.execute(sql)
        db.executescript(c.setup)
        return db

    def come_to(self, c, way):
        db = self.made(c)
        upgrade(db, c.change, rebuild=way)
        self.assertEqual(stale(db), set(), way)
        self.assertEqual(one(db, "SELECT count(*) FROM sqlite_schema WHERE name LIKE '\\_migrate\\_fill%' ESCAPE '\\'"), 0)
        return D.digest(db), contents(db)

    def test_which(self):
        for c in CASES:
            with self.subTest(c.name):
                db = self.made(c)
                self.assertEqual(behind(db, c.witness, key=c.key), 1)
                self.assertEqual(stale(db), set(indexes(db)), "the witness does not show")
                upgrade(db, c.change)
                self.assertEqual(stale(db), c.kept)
                db = self.made(c)
                behind(db, c.witness, key=c.key)
                upgrade(db, c.change, rebuild="copy")
                self.assertEqual(stale(db), set(), "rebuild = copy has kept one")

    def test_the_same_as_a_copy(self):
        for c in CASES:
            with self.subTest(c.name):
                swap, copy = self.come_to(c, "swap"), self.come_to(c, "copy")
                self.assertEqual(D.diff(swap[0], copy[0]), [])
                self.assertEqual(swap[1], copy[1])

    def by_script(self, db, text):
        """What plain SQLite makes of it."""
        path = os.path.join(HERE, "script.db")
        if os.path.exists(path):
            os.remove(path)
        to = sqlite3.connect(path)
        db.backup(to)
        to.close()
        self.assertEqual(shell(path, text, "-bail"), "")
        return D.with_text(sqlite3.connect(path, isolation_level=None))

    @unittest.skipUnless(shutil.which("sqlite3"), "no shell")
    def test_as_a_script(self):
        """It keeps no more indexes than a run, and comes to the same."""
        kept = 0
        for c in CASES:
            with self.subTest(c.name):
                db = self.made(c)
                register(db, c.change)
                text = one(db, "SELECT migrate_sql()")
                plain = self.by_script(db, text)
                self.assertEqual(stale(plain), set())
                one(db, "SELECT migrate_upgrade()")
                self.assertEqual(D.diff(D.digest(db), D.digest(plain)), [])
                self.assertEqual(contents(db), contents(plain))
                plain.close()
                db = self.made(c)
                behind(db, c.witness, key=c.key)
                plain = self.by_script(db, re.sub(r"NOT EXISTS \(SELECT 1 FROM pragma_integrity_check\(.*\)", "1", text))
                self.assertLessEqual(stale(plain), c.kept)
                kept += len(stale(plain))
                plain.close()
        self.assertGreater(kept, len(CASES))


# ---- what else may be asked, or happen, meanwhile ----

class Meanwhile(unittest.TestCase):
    SETUP = "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT UNIQUE, c); CREATE INDEX ia ON t(a); INSERT INTO t(a, b, c) VALUES (3, '7', 1), (20, '30', 2);"

    def made(self, setup=None):
        db = load(sqlite3.connect(":memory:", isolation_level=None))
        db.executescript(setup or self.SETUP)
        return db

    def test_a_check_compares_by_types(self):
        """... which the rows, while they are copied as they are, do not have."""
        for check, right in [("a > '2'", True), ("a < '5'", False), ("a BETWEEN '1' AND '90'", True), ("b > 8", False), ("b < 8", True), ("t.a IN ('3', '20')", True), ("a NOT IN ('3')", False)]:
            for made in 't.create_check_constraint("ck", "%s")' % check, 't.add_column("n CHECK (%s)")' % check:
                with self.subTest(made):
                    db = self.made()
                    change = batch(made + ' t.alter_column("c", {type = "TEXT"})')
                    if right:
                        upgrade(db, change)
                        self.assertEqual(one(db, "PRAGMA integrity_check"), "ok")
                        continue
                    with self.assertRaisesRegex(sqlite3.IntegrityError, "does not hold"):
                        upgrade(db, change)

    def test_a_stored_column_compares_by_types(self):
        for how in "STORED", "VIRTUAL":
            db = self.made("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c, g AS (a > '5') %s, h AS (b > 8) %s); CREATE INDEX ia ON t(a, b); CREATE INDEX ig ON t(g, h); INSERT INTO t(a, b) VALUES (3, '7'), (20, '30')" % (how, how))
            upgrade(db, Odd.OTHER)
            self.assertEqual(db.execute("SELECT g, h FROM t").fetchall(), [(0, 0), (1, 0)])
            self.assertEqual(stale(db), set())

    def test_a_function_that_writes(self):
        """... to a row that has been copied by then: no index may be kept."""
        for watched in False, True:
            db = self.made()
            db.execute("WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t(a, b, c) SELECT 3, i || 'b', i FROM n")
            left = [4900]

            def f(v):
                left[0] -= 1
                if not left[0]:
                    db.execute("UPDATE t SET a = 99 WHERE id = 1")
                return v
            db.create_function("f", 1, f)
            db.create_function("told", -1, lambda *a: 0)
            if watched:
                config(db, on_progress="told")
            upgrade(db, batch('t.alter_column("c", {type = "TEXT", using = "f(c)"})'))
            self.assertLess(left[0], 0)
            self.assertEqual(stale(db), set())

    def test_a_thousand_columns(self):
        """Odd values are looked for in all, where a generated column may be made of them."""
        db = self.made("CREATE TABLE t(id INTEGER PRIMARY KEY, %s, g AS (c1 + 1), c); CREATE INDEX ig ON t(g); INSERT INTO t(c1) VALUES (1), (2), (NULL)" % ", ".join("c%d %s" % (i, ["INT", "REAL", "TEXT"][i % 3]) for i in range(1100)))
        behind(db, "c1 = 7 WHERE rowid = 1")
        upgrade(db, Odd.OTHER)
        self.assertEqual(stale(db), {"ig"})
        for i in 0, 29, 30, 500, 1098, 1099:
            db = self.made("CREATE TABLE t(id INTEGER PRIMARY KEY, %s, g AS (c1 + 1), c); CREATE INDEX ig ON t(g); INSERT INTO t(c1) VALUES (1), (2), (NULL)" % ", ".join("c%d INT" % i for i in range(1100)))
            behind(db, "c1 = 7, c%d = '12' WHERE rowid = 1" % i)
            upgrade(db, Odd.OTHER)
            self.assertEqual(stale(db), set())

    def test_a_collation_that_is_not_here(self):
        db = self.made()
        db.create_collation("mine", lambda x, y: (x > y) - (x < y))
        db.execute("CREATE INDEX im ON t(b COLLATE mine)")
        db.create_collation("mine", None)
        upgrade(db, Odd.OTHER)
        db.create_collation("mine", lambda x, y: (x > y) - (x < y))
        self.assertEqual(stale(db), set())

    def test_changes_and_data_in_turn(self):
        """In one transaction, with a statement that is prepared before them."""
        body = """
          local put = db.prepare("INSERT INTO t(a, b, c) VALUES (?, ?, ?)")
          local set = db.prepare("UPDATE t SET a = a + 1 WHERE a >= ?")
          local get = db.prepare("SELECT count(*) FROM t INDEXED BY ia WHERE a > ?")
          for i = 1, 50 do put(i, 'b' .. i, i) end
          op.alter_column("t", "c", {type = "TEXT"})
          set(5) put(77, 'x', 5)
          put(2000 + get(10), "m", 9)
          op.batch_alter_table("t", function(t) t.add_column("n INT DEFAULT 3", {before = "a"}) end)
          set(9) put(78, 'y', 6)
          pcall(op.alter_column, "t", "b", {type = "INT"})
          op.execute("DELETE FROM t WHERE a % 7 = 0")
          op.batch_alter_table("t", function(t) end, {recreate = "always"})
          set(20) put(79, 'z', 7)
          op.drop_column("t", "n")
          op.create_index("iz", "t", {"c", "a"})
          op.batch_alter_table("t", function(t) t.create_unique_constraint(nil, {"c", "b"}) end)
          set(30) put(80, 'zz', 8)
          put(1000 + get(60), "n", 9)
        """
        out = []
        for way in "swap", "copy":
            db = self.made()
            upgrade(db, body, rebuild=way)
            self.assertEqual(stale(db), set())
            out.append((D.digest(db), contents(db)))
        self.assertEqual(D.diff(out[0][0], out[1][0]), [])
        self.assertEqual(out[0][1], out[1][1])


# ---- values that their column's type would convert ----

class Odd(unittest.TestCase):
    """Only a schema that was edited by hand leaves them; what no index is about, a new b-tree converts."""

    def made(self, kind, index, rows=None, more=""):
        """`index` is made when a's type is `kind` already, so that it is right."""
        db = load(sqlite3.connect(":memory:", isolation_level=None))
        db.executescript("CREATE TABLE t(id INTEGER PRIMARY KEY, a BLOB, c%s);" % more)
        db.executescript(rows or self.ROWS)
        behind_schema(db, "a BLOB", "a " + kind)
        if "STORED" in more:
            db.execute("UPDATE t SET c = c")
        db.execute("CREATE INDEX i " + index)
        self.assertEqual(stale(db), set())
        return db

    OTHER = 'op.alter_column("t", "c", {type = "TEXT"})'
    ROWS = ("INSERT INTO t(a, c) VALUES ('12', 1), (12, 2), ('1e3', 3), (5.0, 4), (-0.0, 5), (9007199254740993, 6), (9223372036854775807, 7), (x'31', 8), ('x', 9), (' 7', 10),"
            " (9e18, 11), (0.5, 12), (NULL, 13), (1e300, 14), (-9223372036854775807, 15), (-9007199254740993, 16), (140737488355329, 17);")
    INDEXES = ["ON t(a)", "ON t(a DESC, c)", "ON t(a || '')", "ON t(c) WHERE typeof(a) <> 'blob'", "ON t(c) WHERE a > 9007199254740992", "ON t(typeof(a))"]

    def test_what_an_index_is_about_stays(self):
        for kind, index, change in itertools.product(["INT", "NUMERIC", "TEXT"], self.INDEXES, [self.OTHER, batch("")]):
            with self.subTest(kind=kind, index=index):
                db = self.made(kind, index)
                was = db.execute("SELECT typeof(a), a FROM t ORDER BY id").fetchall()
                upgrade(db, change)
                self.assertEqual(stale(db), set())
                self.assertEqual(db.execute("SELECT typeof(a), a FROM t ORDER BY id").fetchall(), was)
                contents(db)
                db = self.made(kind, index)
                upgrade(db, change, rebuild="copy")
                self.assertEqual(stale(db), set())

    def test_real(self):
        """What is stored as an integer is read as a real: each alone, so that none hides another."""
        for index, change in itertools.product(self.INDEXES, [self.OTHER, batch("")]):
            for value in re.findall(r"\(([^ ,]+), \d+\)", self.ROWS):
                with self.subTest(index=index, value=value):
                    db = self.made("REAL", index, "INSERT INTO t(a) VALUES (%s), (1.5)" % value)
                    upgrade(db, change)
                    self.assertEqual(stale(db), set())
                    contents(db)

    def test_generated(self):
        for kind, g in itertools.product(["INT", "NUMERIC", "TEXT", "REAL"], ["g AS (typeof(a))", "g AS (a || '') STORED", "g AS (a || '')"]):
            for value in re.findall(r"\(([^ ,]+), \d+\)", self.ROWS):
                with self.subTest(kind=kind, g=g, value=value):
                    db = self.made(kind, "ON t(g)", "INSERT INTO t(a) VALUES (%s), (1.5)" % value, ", " + g)
                    upgrade(db, self.OTHER)
                    self.assertEqual(stale(db), set())
                    contents(db)

    def test_a_stored_column_of_a_function_that_says_another_thing_by_now(self):
        """As SQLite's own functions do from version to version."""
        for way in "swap", "copy":
            db = load(sqlite3.connect(":memory:", isolation_level=None))
            db.create_function("f", 1, lambda v: "first %s" % v, deterministic=True)
            db.executescript("CREATE TABLE t(id INTEGER PRIMARY KEY, a, g AS (f(a)) STORED, c); CREATE INDEX i ON t(g); CREATE INDEX j ON t(c) WHERE g > 'f'; CREATE INDEX k ON t(upper(g)); INSERT INTO t(a, c) VALUES (1, 1), (2, 2);")
            db.create_function("f", 1, lambda v: "second %s" % v, deterministic=True)
            upgrade(db, 'op.alter_column("t", "a", {type = "TEXT"})' if way == "copy" else batch('t.add_column("n", {before = "a"})'), rebuild=way)
            self.assertEqual(stale(db), set())
            contents(db)

    def test_strict(self):
        """STRICT takes no text for an integer, and says so."""
        for way in "swap", "copy":
            db = self.made("INT", "ON t(a)", "INSERT INTO t(a) VALUES ('12'), (5.0), (7);")
            try:
                upgrade(db, redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, c ANY) STRICT"), rebuild=way)
            except sqlite3.Error as e:
                self.assertIn("cannot become", str(e))
            self.assertEqual(stale(db), set(), way)


def contents(db, table="t"):
    """What each index of columns gives, in its order; where it can be asked."""
    out = {}
    rowid = None if table in D.without_rowid(db, "main") else D.rowid_of(D.columns_of(db, "main", table))
    for _, name, _, origin, partial in db.execute("PRAGMA index_list(%s)" % D.q(table)).fetchall():
        keys = [r for r in db.execute("PRAGMA index_xinfo(%s)" % D.q(name)).fetchall() if r[5]]
        if partial or not all(r[2] for r in keys):
            continue
        terms = ["%s COLLATE %s%s" % (D.q(r[2]), D.q(r[4]), " DESC" * r[3]) for r in keys]
        listed = ", ".join([D.q(r[2]) for r in keys] + [rowid] * bool(rowid))
        by = [db.execute("SELECT %s FROM %s %s ORDER BY %s" % (listed, D.q(table), how, ", ".join(terms + [rowid] * bool(rowid)))).fetchall()
              for how in ("INDEXED BY " + D.q(name), "NOT INDEXED")]
        if by[0] != by[1] and (rowid or sorted(map(repr, by[0])) != sorted(map(repr, by[1]))):
            raise AssertionError("%s gives %r, its table %r" % (name, by[0], by[1]))
        out[name] = [tuple(map(D.exact, r)) for r in by[0]]
    return out


# ---- random tables and changes ----

# (page size, auto_vacuum, journal, encoding)
FILES = [(512, 1, "wal", "UTF-8"), (1024, 0, "delete", "UTF-16le"), (4096, 2, "truncate", "UTF-8"), (65536, 1, "persist", "UTF-8"),
         (512, 2, "delete", "UTF-8"), (4096, 0, "wal", "UTF-8"), (1024, 1, "memory", "UTF-16be"), (65536, 0, "wal", "UTF-8"), (512, 0, "truncate", "UTF-8")]
ENDS = ["alone", "COMMIT", "ROLLBACK", "savepoint", "savepoint ROLLBACK"]


class Random(unittest.TestCase):
    """The same change by swap and by copy, from the same file."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(dir=HERE)
        self.addCleanup(shutil.rmtree, self.dir)
        self.counts = {"made": 0, "refused": 0, "kept": 0}

    def path(self, name):
        return os.path.join(self.dir, name)

    def open(self, name):
        return load(sqlite3.connect(self.path(name), isolation_level=None))

    def make(self, statements, file):
        """A file; False, where it cannot be in this encoding."""
        for name in os.listdir(self.dir):
            os.remove(self.path(name))
        page, vacuum, journal, encoding = file
        db = D.with_text(sqlite3.connect(self.path("was"), isolation_level=None))
        for sql in ["PRAGMA page_size = %d" % page, "PRAGMA auto_vacuum = %d" % vacuum, "PRAGMA encoding = '%s'" % encoding, "PRAGMA journal_mode = " + journal]:
            db.execute(sql).fetchall()
        db.execute("BEGIN")
        for sql in statements:
            try:
                db.execute(sql).fetchall()
            except sqlite3.Error:
                assert encoding != "UTF-8", sql
        db.execute("COMMIT")
        self.sick = stale(db)  # 3.40 is wrong about DEFAULT 0x10 of a TEXT column
        db.close()

    def roots(self, db, table):
        return dict(db.execute("SELECT name, rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?", (table,)).fetchall())

    def come_to(self, way, body, table, file, ends, watched):
        """All there is afterwards, or the error."""
        name = way + ".db"
        shutil.copy(self.path("was"), self.path(name))
        db = self.open(name)
        one(db, "PRAGMA journal_mode = " + file[2])
        db.execute("PRAGMA cache_size = 20")
        before = D.digest(db)
        secure = one(db, "PRAGMA secure_delete")
        told = []
        db.create_function("told", -1, lambda *a: told.append(a) or 0)
        if watched:
            config(db, on_progress="told")
        if ends != "alone":
            db.execute("SAVEPOINT mine" if ends.startswith("savepoint") else "BEGIN")
            db.execute("CREATE TABLE callers(x)")
        error = None
        try:
            upgrade(db, body, rebuild=way)
        except sqlite3.Error as e:
            error = str(e)
        if error or ends.endswith("ROLLBACK"):
            if db.in_transaction:
                db.execute("ROLLBACK TO mine" if ends.startswith("savepoint") else "ROLLBACK")
                if db.in_transaction:
                    db.execute("RELEASE mine")
            self.assertEqual(D.diff(before, D.digest(db)), [], error)
        elif ends != "alone":
            db.execute("RELEASE mine" if ends.startswith("savepoint") else "COMMIT")
        self.assertFalse(db.in_transaction)
        self.assertEqual(one(db, "PRAGMA secure_delete"), secure)
        wrong = sorted(stale(db))
        self.assertEqual([w for w in wrong if w not in self.sick], [], error)
        out = D.digest(db), contents(db, table) if error is None else None, D.shape(db, "main", table), D.violations(db, "main")
        db.close()
        plain = sqlite3.connect(self.path(name))  # who never heard of us
        self.assertEqual(sorted(stale(plain)), wrong)
        for sql in "PRAGMA incremental_vacuum", "VACUUM":
            plain.execute(sql).fetchall()
            self.assertEqual(sorted(stale(plain)), wrong)
        one(plain, "PRAGMA wal_checkpoint(TRUNCATE)")
        plain.close()
        return error, out

    def both(self, body, table, file, ends, watched):
        swap, copy = (self.come_to(way, body, table, file, ends, watched) for way in ("swap", "copy"))
        self.assertEqual(swap[0], copy[0])
        self.assertEqual(D.diff(swap[1][0], copy[1][0]), [])
        self.assertEqual(swap[1][1:], copy[1][1:])
        self.counts["refused" if swap[0] else "made"] += 1

    def seeds(self, kind, trial):
        wanted, _, n = ONLY.partition(":")
        for seed in ([int(n)] if wanted == kind else []) if ONLY else range(SEEDS):
            with self.subTest("SWAP_SEED=%s:%d" % (kind, seed)):
                self.sick, self.body = None, None
                rng = random.Random("swap %s %d" % (kind, seed))
                file = FILES[seed % len(FILES)]
                try:
                    trial(rng, file, rng.choice(ENDS) if rng.random() < 0.5 else "alone", rng.random() < 0.3)
                except Exception:
                    print("\n--- SWAP_SEED=%s:%d %r\n%s" % (kind, seed, file, self.body))
                    raise
        if not ONLY:
            self.assertGreater(self.counts["made"], SEEDS // 3)

    def altered(self, kind):
        def trial(rng, file, ends, watched):
            setup = A.Setup(rng, kind)
            setup.rng_form = rng.random()
            self.make([sql for _, sql in setup.statements], file)
            plan = A.Plan(setup, rng)
            self.body, _ = plan.script(rng.choice(["auto", "always", "always"]))
            self.both(self.body, setup.table.name, file, ends, watched)
        self.seeds(kind, trial)

    def test_a_rowid_table(self):
        self.altered("rowid")

    def test_a_table_without_integer_primary_key(self):
        self.altered("keyless")

    def test_a_without_rowid_table(self):
        self.altered("without_rowid")

    def test_a_strict_table(self):
        self.altered("strict")

    def test_a_table_whose_old_rows_do_not_store_a_column(self):
        self.altered("late")

    def test_a_whole_new_definition(self):
        def trial(rng, file, ends, watched):
            case = R.Case(rng.randint(0, 10 ** 9))
            db = sqlite3.connect(":memory:", isolation_level=None)
            said = []
            try:
                sqlite3.connect(":memory:").execute(case.b.sql)
                R.base(db)
                db.set_trace_callback(None)
                db.execute(case.made)
                db.execute("CREATE TABLE ch(x%s)" % (" REFERENCES t(k)" if case.child else ""))
                if not case.fill(db):
                    return
                case.others_in(db)
                db.execute("DELETE FROM log")
                said = list(db.iterdump())
            except sqlite3.Error:
                return
            self.make([s for s in said if s not in ("BEGIN TRANSACTION;", "COMMIT;")], file)
            self.body = redefine(case.b.sql, ", ".join('["%s"] = [==[%s]==]' % pair for pair in case.using.items()))
            self.both(self.body, "t", file, ends, watched)
        self.seeds("redefine", trial)


# ---- what is overwritten ----

class Secure(unittest.TestCase):
    """Bytes that no row has any more are not found in the file."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(dir=HERE)
        self.addCleanup(shutil.rmtree, self.dir)
        self.build = one(sqlite3.connect(":memory:"), "PRAGMA secure_delete")
        if not self.build:
            self.skipTest("this SQLite deletes without overwriting")

    def made(self, journal="delete", vacuum=0, page=512, extra=""):
        self.path = os.path.join(self.dir, "app.db")
        for name in os.listdir(self.dir):
            os.remove(os.path.join(self.dir, name))
        db = load(sqlite3.connect(self.path, isolation_level=None))
        for sql in "page_size = %d" % page, "auto_vacuum = %d" % vacuum, "journal_mode = " + journal:
            one(db, "PRAGMA " + sql)
        db.executescript("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT, c);"
                         "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
                         " INSERT INTO t SELECT i, 'open-' || i, 'hidden-' || i || ';' || iif(i % 9, '', printf('%.3000c', '.') || 'hidden-tail'), i FROM n;"
                         "CREATE INDEX ia ON t(a);" + extra)
        return db

    def found(self, db, text):
        """How often, in all files."""
        one(db, "PRAGMA wal_checkpoint(TRUNCATE)")
        n = 0
        for name in os.listdir(self.dir):
            with open(os.path.join(self.dir, name), "rb") as f:
                n += f.read().count(text.encode())
        return n

    LOSES = {
        "a dropped column": batch('t.drop_column("b")'),
        "another value": batch('t.alter_column("b", {type = "TEXT", using = "length(b)"})'),
        "another value, and type": batch('t.alter_column("b", {type = "INT", using = "length(b)"})'),
        "generated by now": redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT AS (length(a)), c)"),
        "generated and stored by now": redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT AS (length(a)) STORED, c)"),
        "another column of its name": batch('t.drop_column("b") t.add_column("b TEXT", {before = "a"})'),
        "a dropped column, indexed": "op.execute('CREATE INDEX ib ON t(b)') " + batch('t.drop_index("ib") t.drop_column("b")'),
        "a dropped column, of no rowids": redefine("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, c) WITHOUT ROWID"),
    }

    def test_digits_that_a_type_takes_away(self):
        db = self.made(extra="CREATE TABLE d(id INTEGER PRIMARY KEY, n TEXT); INSERT INTO d SELECT id, '00987654' || id FROM t;")
        self.assertEqual(self.found(db, "009876541"), 11)
        upgrade(db, 'op.alter_column("d", "n", {type = "INTEGER"})')
        self.assertEqual(one(db, "SELECT n FROM d WHERE id = 1"), 9876541)
        self.assertEqual(self.found(db, "0098765"), 0)

    def test_what_goes(self):
        for name, change in self.LOSES.items():
            for journal, vacuum in ("delete", 0), ("wal", 0), ("delete", 1), ("wal", 2):
                with self.subTest(name, journal=journal, vacuum=vacuum):
                    db = self.made(journal, vacuum)
                    self.assertTrue(self.found(db, "hidden-7;") and self.found(db, "hidden-tail"))
                    upgrade(db, change)
                    self.assertEqual((self.found(db, "hidden-7;"), self.found(db, "hidden-tail")), (0, 0))
                    self.assertEqual(one(db, "PRAGMA secure_delete"), self.build)
                    db.close()

    STAYS = {
        "recreate": batch(""),
        "another order": redefine("CREATE TABLE t(c, b TEXT, a TEXT, id INTEGER PRIMARY KEY)"),
        "another type": 'op.alter_column("t", "c", {type = "TEXT"})',
    }

    def test_what_stays(self):
        """... the old pages keep, but where somebody has asked for it."""
        for name, change in self.STAYS.items():
            for settings, pragma, twice in [({}, None, True), ({"secure_delete": "on"}, None, False), ({"secure_delete": "auto"}, None, True), ({}, "OFF", True),
                                            ({"secure_delete": "on"}, "OFF", True), ({}, "FAST", None), ({"secure_delete": "on"}, "ON", False), ({"rebuild": "copy"}, None, True)]:
                with self.subTest(name, settings=settings, pragma=pragma):
                    db = self.made()
                    if pragma:
                        one(db, "PRAGMA secure_delete = " + pragma)
                    was = one(db, "PRAGMA secure_delete")
                    self.assertEqual(self.found(db, "hidden-7;"), 1)
                    upgrade(db, change, **settings)
                    if twice is not None:
                        (self.assertGreater if twice else self.assertEqual)(self.found(db, "hidden-7;"), 1)
                    self.assertEqual(one(db, "PRAGMA secure_delete"), was)
                    db.execute("DELETE FROM t")  # and from now on
                    if was == 1 and not twice:
                        self.assertEqual(self.found(db, "hidden-7;"), 0)
                    db.close()

    def stopped(self, db, change, message):
        before = D.digest(db)
        with self.assertRaisesRegex(sqlite3.Error, message):
            upgrade(db, change)
        self.assertEqual(one(db, "PRAGMA secure_delete"), self.build)
        if db.in_transaction:
            db.execute("ROLLBACK")
        self.assertEqual(D.diff(before, D.digest(db)), [])
        self.assertEqual(stale(db), set())

    def test_after_an_error(self):
        """Where the old rows are gone already, and an index cannot be built."""
        db = self.made(extra="CREATE UNIQUE INDEX ic ON t(c); UPDATE t SET c = '0' || c WHERE id = 8; INSERT INTO t(c) VALUES ('8');")
        self.stopped(db, 'op.alter_column("t", "c", {type = "INT"})', "UNIQUE")

    def test_after_an_interrupt(self):
        """... in the midst of such an index; until the call ends SQLite parses no space then."""
        for inside in None, "BEGIN":
            db = self.made(extra="")
            calls = []

            def compare(x, y):
                if calls is not None and calls and calls.pop() == 1:
                    db.interrupt()
                return (x > y) - (x < y)
            db.create_collation("mine", compare)
            db.execute("CREATE INDEX ic ON t(c, b COLLATE mine)")
            db.execute("UPDATE t SET c = 1")
            calls += [1] + [0] * 20
            if inside:
                db.execute(inside)
            self.stopped(db, 'op.alter_column("t", "c", {type = "TEXT"})', "interrupt")
            self.assertEqual(calls, [])
            db.close()

    def test_at_any_opcode(self):
        """A progress handler that stops it."""
        for at in range(1, 400, 23):
            db = self.made(page=4096)
            left = [at]

            def handler():
                left[0] -= 1
                return left[0] == 0
            db.set_progress_handler(handler, 60)
            try:
                upgrade(db, self.STAYS["another type"])
            except sqlite3.Error as e:
                self.assertRegex(str(e), "interrupt|failed")
            db.set_progress_handler(None, 0)
            self.assertEqual(one(db, "PRAGMA secure_delete"), self.build)
            self.assertEqual(stale(db), set())
            db.close()

    def test_every_database_has_its_own(self):
        db = self.made()
        db.execute("ATTACH ':memory:' AS aux")
        db.executescript("CREATE TABLE aux.t(id INTEGER PRIMARY KEY, c); INSERT INTO aux.t VALUES (1, 2); PRAGMA main.secure_delete = FAST")
        upgrade(db, 'op.alter_column("t", "c", {type = "TEXT"})', schema="aux")
        self.assertEqual((one(db, "PRAGMA main.secure_delete"), one(db, "PRAGMA aux.secure_delete")), (2, self.build))


# ---- tables of many pages ----

class Large(Random):
    """In pieces and at once, with root pages that auto_vacuum moves."""

    for name in [n for n in vars(Random) if n.startswith("test_")]:
        locals()[name] = None

    TABLES = {
        "rowid": ("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c, d REAL)", "id * 7 - 900, id % 97, 'text ' || id || iif(id % 200, '', printf('%.9000c', 'x')), id % 11, id / 2.0"),
        "keyless": ("CREATE TABLE t(id INT, a INT, b TEXT, c, d REAL)", "id, id % 97, 'text ' || id, id % 11, id / 2.0"),
        "without_rowid": ("CREATE TABLE t(id INT, a INT, b TEXT, c, d REAL, PRIMARY KEY (a, id DESC)) WITHOUT ROWID", "id * 31 % 1009, id % 97, 'text ' || id, id % 11, id / 2.0"),
        "mixed": ("CREATE TABLE t(id TEXT PRIMARY KEY, a INT, b TEXT UNIQUE, c, d REAL, e AS (a + 1), f AS (b || '.') STORED)", "'k' || id, id % 97, 'text ' || id, id % 11, id / 2.0"),
    }
    CHANGES = [
        batch('t.alter_column("c", {type = "TEXT"})'),
        batch(""),
        batch('t.add_column("n INT DEFAULT 5", {before = "a"})'),
        batch('t.drop_column("d") t.create_unique_constraint(nil, {"b", "c"})'),
        batch('t.alter_column("a", {type = "TEXT"}) t.alter_column("b", {collate = "NOCASE"})'),
    ]

    def test_in_every_file(self):
        n = 0
        for i, file in enumerate(FILES):
            for k, (kind, (sql, values)) in enumerate(self.TABLES.items()):
                if SEEDS < 100 and (i + k) % 3:
                    continue
                n += 1
                change, watched, ends = self.CHANGES[n % 5], n % 2, ENDS[n % 3 if n % 4 else n % 5]
                with self.subTest(kind, file=file, change=change, watched=watched, ends=ends):
                    rows = 2100 if file[0] <= 1024 else 3500
                    names = "id, a, b, c, d"
                    self.make(["CREATE TABLE before(x UNIQUE)", sql, "CREATE INDEX ia ON t(a, c)", "CREATE INDEX ib ON t(b DESC)", "CREATE INDEX ic ON t(c) WHERE a > 50", "CREATE TABLE after(x UNIQUE)", "CREATE INDEX id ON t(d, b)",
                               "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < %d) INSERT INTO t(%s) SELECT %s FROM n" % (rows, names, values),
                               "DELETE FROM t WHERE c = 5 AND a < 9", "INSERT INTO after SELECT b FROM t LIMIT 50", "ANALYZE"], file)
                    self.body = change
                    self.both(change.replace('t.drop_column("d")', 't.drop_index("id") t.drop_column("d")'), "t", file, ends, watched)


# ---- other connections ----

class Others(unittest.TestCase):
    """... which have never heard of the library, and have read the old schema."""

    SETUP = ("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT UNIQUE, c); CREATE INDEX ia ON t(a); CREATE INDEX ic ON t(c);"
             "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT i, i % 50, 'b' || i, i FROM n;")
    CHANGE = 'op.alter_column("t", "c", {type = "TEXT"})'
    ASK = "SELECT group_concat(id) || typeof(max(c)) FROM (SELECT id, c FROM t INDEXED BY ia WHERE a = ? AND id > 1900 ORDER BY id)"

    def made(self, journal, path=None, **options):
        self.dir = tempfile.mkdtemp(dir=HERE)
        self.addCleanup(shutil.rmtree, self.dir)
        path = path or os.path.join(self.dir, "app.db")
        db = load(sqlite3.connect(path, isolation_level=None, **options))
        one(db, "PRAGMA journal_mode = " + journal)
        db.executescript(self.SETUP)
        other = sqlite3.connect(path, isolation_level=None, timeout=0, **options)
        config(db, lock_timeout_ms="20")
        db.execute("PRAGMA busy_timeout = 0")
        return db, other

    WRITE = "INSERT INTO t(a, b, c) VALUES (7, ?, 1)"

    def used(self, other):
        """Statements that are prepared once, and kept."""
        other.execute(self.WRITE, ("w%d" % one(other, "SELECT count(*) FROM t"),))
        return one(other, self.ASK, 7), one(other, "SELECT id FROM t WHERE b = ?", "b1907"), one(other, "SELECT count(*) FROM t INDEXED BY ic WHERE c = '1907'")

    def sound(self, *connections):
        for db in connections:
            self.assertEqual(stale(db), set())
            contents(db)
            self.assertEqual(db.execute(self.WRITE, ("last%d" % one(db, "SELECT count(*) FROM t"),)).rowcount, 1)
            self.assertEqual(stale(db), set())

    def test_prepared_statements(self):
        for journal in "delete", "wal", "truncate":
            with self.subTest(journal):
                db, other = self.made(journal)
                self.assertEqual(self.used(other), ("1907,1957,2001integer", 1907, 0))
                upgrade(db, self.CHANGE)
                self.assertEqual(self.used(other), ("1907,1957,2001,2002text", 1907, 1))
                self.sound(other, db)

    def test_a_snapshot(self):
        db, other = self.made("wal")
        other.execute("BEGIN")
        ask = "SELECT sum(id), sum(length(b)), typeof(max(c)) FROM t INDEXED BY ia WHERE a IN (7, 9) AND typeof(c) <> 'null'"
        was = other.execute(ask).fetchall()
        half = other.execute("SELECT id, c FROM t INDEXED BY ic WHERE c > 0 ORDER BY c")
        first = half.fetchmany(500)
        upgrade(db, self.CHANGE)
        db.execute("DELETE FROM t WHERE a = 9")
        one(db, "PRAGMA wal_checkpoint(PASSIVE)")
        self.assertEqual(first + half.fetchall(), [(i, i) for i in range(1, 2001)])
        self.assertEqual(other.execute(ask).fetchall(), was)
        self.assertEqual(stale(other), set())
        other.execute("COMMIT")
        self.assertEqual(other.execute(ask).fetchall()[0][2], "text")
        self.assertEqual(one(other, "SELECT count(*) FROM t WHERE a = 9"), 0)
        self.sound(other, db)
        self.assertEqual(one(db, "PRAGMA wal_checkpoint(TRUNCATE)"), 0)
        self.sound(other, db)

    def test_a_reader_that_a_rollback_journal_cannot_pass(self):
        for cache in 5, 2000:  # pages are written in the midst of it, or by the COMMIT
            with self.subTest(cache=cache):
                db, other = self.made("delete")
                db.execute("PRAGMA cache_size = %d" % cache)
                other.execute("BEGIN")
                was = self.used_reading(other)
                before = D.digest(db)
                with self.assertRaisesRegex(sqlite3.OperationalError, "locked"):
                    upgrade(db, self.CHANGE)
                self.assertFalse(db.in_transaction)
                self.assertEqual(D.diff(before, D.digest(db)), [])
                self.assertEqual(one(db, "PRAGMA secure_delete"), one(other, "PRAGMA secure_delete"))
                self.assertEqual(self.used_reading(other), was)
                other.execute("COMMIT")
                self.assertEqual(one(db, "SELECT migrate_upgrade()"), 1)
                self.assertEqual(self.used_reading(other), was.replace("integer", "text"))
                self.sound(other, db)

    def used_reading(self, other):
        return one(other, self.ASK, 7)

    def test_a_shared_cache(self):
        db, other = self.made("memory", "file:swap%d?mode=memory&cache=shared" % os.getpid(), uri=True)
        other.execute("BEGIN")
        was = self.used_reading(other)  # holds the locks of the schema and of the table
        before = D.digest(db)
        with self.assertRaisesRegex(sqlite3.OperationalError, "locked"):
            upgrade(db, self.CHANGE)
        self.assertFalse(db.in_transaction)
        other.execute("COMMIT")
        self.assertEqual(D.diff(before, D.digest(db)), [])
        self.assertEqual(self.used_reading(other), was)
        self.assertEqual(self.used(other)[2], 0)
        one(db, "SELECT migrate_upgrade()")
        self.assertEqual(self.used(other)[1:], (1907, 1))
        self.sound(other, db)


if __name__ == "__main__":
    unittest.main()
