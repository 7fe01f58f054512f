"""sqlite-utils: it has no revisions, but transform() alters a table."""

import sqlite3
import sys
from importlib.metadata import version

import sqlite_utils

from peer import CANNOT, main, took


def change(table, kind):
    {
        "convert": lambda: table.transform(types={"flag": str}),
        "place": lambda: table.add_column("extra", int).transform(column_order=("id", "extra")),
        "recreate": table.transform,
        "add": lambda: table.add_column("extra", int),
        "drop": lambda: table.transform(drop={"note"}),
        "rename": lambda: table.transform(rename={"note": "remark"}),
    }[kind]()


def alter(kind, path, foreign_keys, view):
    if kind in ("check", "type"):  # it knows NOT NULL, but no CHECK and no VARCHAR
        sys.exit(CANNOT)
    db = sqlite_utils.Database(path)
    db.execute("PRAGMA foreign_keys = " + foreign_keys)
    text = db.execute("SELECT sql FROM sqlite_master WHERE name = 'worth'").fetchone()[0]

    def work():
        if view == "away":
            db.execute("DROP VIEW worth")
        change(db["item"], kind)
        if view == "away":
            db.execute(text)
    took(work)


def data(way, path):
    if way != "function":
        sys.exit(CANNOT)
    def convert(*arguments, **how):
        # one connection each: on the same one it would call the first function again
        sqlite_utils.Database(path)["users"].convert(*arguments, **how)

    def work():  # multi=True would do both names at once, but commit each row
        convert("name", lambda name: name.partition(" ")[0], output="first")
        convert("name", lambda name: name.partition(" ")[2], output="last")
        convert("email", str.lower)
    took(work)


def check():
    print("sqlite-utils %s, SQLite %s" % (version("sqlite-utils"), sqlite3.sqlite_version))


if __name__ == "__main__":
    main({"check": check, "alter": alter, "data": data})
