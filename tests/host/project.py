"""A project in a temporary directory, and a client that loads the library.

    with Project() as p:
        p.lua("a", None, "op.create_table('t', 'id INTEGER PRIMARY KEY')")
        db = p.connect()
        db.execute("SELECT migrate_upgrade()").fetchone()
"""

import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIBRARY = os.environ.get("MIGRATE", os.path.join(ROOT, "migrate.so"))


def shell(path, text, *options):
    """What the sqlite3 shell, not in defensive mode, says of a script."""
    r = subprocess.run(["sqlite3", "-cmd", ".dbconfig defensive off", *options, path],
                       input=text, capture_output=True, text=True, timeout=120)
    return r.stderr


class Project:
    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="migrate-test-")
        self.path = os.path.join(self.dir, "app.db")
        self.migrations = os.path.join(self.dir, "migrations")
        self.count = 0
        os.makedirs(os.path.join(self.migrations, "versions"))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def file(self, name, content):
        """Write versions/<name>; text or bytes."""
        path = os.path.join(self.migrations, "versions", name)
        with open(path, "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)
        return path

    def lua(self, id, parent, up, down="", name=None):
        """A Lua revision; `up` and `down` are the bodies of its functions."""
        self.count += 1
        parent = "nil" if parent is None else '"%s"' % parent
        return self.file(
            name or "%03d_%s.lua" % (self.count, id),
            '-- Revision %s\nrevision = "%s"\ndown_revision = %s\n'
            "function upgrade()\n%s\nend\nfunction downgrade()\n%s\nend\n"
            % (id, id, parent, up, down),
        )

    def connect(self, path=None, **options):
        db = sqlite3.connect(path or self.path, isolation_level=None, **options)
        return self.load(db)

    def load(self, db):
        db.enable_load_extension(True)
        db.load_extension(LIBRARY)
        db.execute("SELECT migrate_config('directory', ?)", (self.migrations,)).fetchone()
        return db

    def restore(self, was):
        """The database file is the copy again, and nothing beside it."""
        for tail in "", "-journal", "-wal", "-shm":
            if os.path.exists(self.path + tail):
                os.remove(self.path + tail)
        shutil.copy(was, self.path)

    def digest(self):
        """What the database file holds, byte for byte."""
        with open(self.path, "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()

    def process(self, code, **options):
        """Another process that runs `code` with `p` this project, `db` connected."""
        head = (
            "import sys, time; sys.path.insert(0, %r)\n"
            "from project import Project\n"
            "p = Project(); p.path = %r; p.migrations = %r\n"
            "db = p.connect(timeout=%d)\n"
            % (os.path.dirname(os.path.abspath(__file__)), self.path, self.migrations,
               10 if sqlite3.sqlite_version_info >= (3, 47) else 0)  # from 3.53 on any SELECT reads the schema
        )
        return subprocess.Popen(
            [sys.executable, "-c", head + code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )


def child(p, call):
    """The call in a process of its own; gives its id, and what to read from when it has begun, and ended."""
    out, into = os.pipe()
    pid = os.fork()
    if pid:
        os.close(into)
        return pid, out
    try:
        db = p.connect()
        db.execute("PRAGMA cache_size=10")  # so that pages are written before the commit
        db.execute("PRAGMA synchronous=OFF")  # what a process that dies has written stays
        os.write(into, b"1")
        db.execute(call).fetchall()
        os.write(into, b"2")
    finally:
        os._exit(0)


def killed(p, call, wait):
    """Did it end before it was killed, that many seconds after its begin (None: never)?  How long it took."""
    pid, out = child(p, call)
    assert os.read(out, 1) == b"1", call
    began = time.monotonic()
    if wait is not None:
        time.sleep(wait)
        os.kill(pid, signal.SIGKILL)
    said = os.read(out, 1)
    took = time.monotonic() - began
    os.waitpid(pid, 0)
    os.close(out)
    assert wait is not None or said == b"2", call
    return said == b"2", took


def one(db, sql, *parameters):
    """The first column of the first row; the statement is finished."""
    rows = db.execute(sql, parameters).fetchall()
    return rows[0][0] if rows else None


def schema(db):
    return db.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY rowid").fetchall()
