"""app.c is built as its first lines say, and killed while it upgrades: when it has been started often enough, all is there."""

import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.join(ROOT, "tests", "embed")
ROWS = 200000


def command():
    """What the comment of app.c tells to run behind `make onefile`."""
    with open(os.path.join(HERE, "app.c")) as f:
        comment = f.read().split("*/")[0].replace("**", "  ")
    found = re.search(r"make onefile\s+(cc .*?)\s+\./app device.db", comment, re.S)
    return re.sub(r"\\\s+", "", found.group(1))


class App(unittest.TestCase):
    def build(self, change):
        self.dir = tempfile.TemporaryDirectory(prefix="migrate-embed-")
        self.addCleanup(self.dir.cleanup)
        self.app = os.path.join(self.dir.name, "app")
        self.file = os.path.join(self.dir.name, "device.db")
        line = change(command()).replace("-o app ", "-o %s " % shlex.quote(self.app))
        self.assertIn(self.app, line)
        line = re.sub(r"^cc ", "%s " % os.environ.get("CC", "cc"), line)
        subprocess.run(line, shell=True, check=True, cwd=ROOT)

    def start(self):
        return subprocess.Popen([self.app, self.file], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def upgrade(self):
        """Start it and let it run; what it has shown, and how long it took."""
        began = time.monotonic()
        with self.start() as p:
            said, wrong = p.communicate()
        self.assertEqual((p.returncode, wrong), (0, ""))
        return [json.loads(line) for line in said.splitlines()], time.monotonic() - began

    def look(self):
        """How many readings plain SQLite finds: none, or all as they should be."""
        db = sqlite3.connect(self.file)
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        names = {name for name, in db.execute("SELECT name FROM sqlite_schema")}
        found = 0
        if "reading" in names:
            found, = db.execute("SELECT count(*) FROM reading WHERE typeof(value) = 'real' AND value = id * 0.5"
                                " AND taken = id AND sensor = 's' || id % 7").fetchone()
            self.assertEqual(db.execute("SELECT count(*) FROM reading").fetchone(), (found,))
            self.assertEqual(db.execute("SELECT revision FROM _migrate_version").fetchall(), [("a003",)])
            self.assertIn("reading_taken", names)
        else:
            self.assertEqual(names, set())
        db.close()
        self.assertIn(found, (0, ROWS))
        return found

    def clear(self):
        for name in os.listdir(self.dir.name):
            if name.startswith("device.db"):
                os.remove(os.path.join(self.dir.name, name))

    def kill_often(self, instants):
        """Kill it at that many instants; most upgrades must have been under way."""
        said, took = self.upgrade()
        self.assertEqual(self.look(), ROWS)
        self.assertEqual(said[-1]["doing"], "done")
        self.assertEqual({o["revision"] for o in said} - {None}, {"a001", "a002", "a003"})
        again, _ = self.upgrade()
        self.assertNotIn("a001", {o["revision"] for o in again})
        journals = 0
        for i in range(instants):
            self.clear()
            for part in (i + 0.5) / instants, 0.37:  # and once more, on what is left
                with self.start() as p:
                    time.sleep(took * part)
                    p.send_signal(signal.SIGKILL)
                    p.communicate()
                journals += os.path.exists(self.file + "-journal") and os.path.getsize(self.file + "-journal") > 0
            if i % 2:
                self.look()  # plain SQLite rolls back; else the app itself
            self.upgrade()
            self.assertEqual(self.look(), ROWS)
        self.assertGreater(journals, instants // 4)

    def test_one_file(self):
        self.build(lambda line: line)
        self.kill_often(12)

    def test_static_library(self):
        self.build(lambda line: line.replace("build/migrate.c", "build/libmigrate.a"))
        self.kill_often(4)
