"""Where a device is not like a desk: its clock, its folders, its languages."""

import os
import shutil
import subprocess
import sys
import unittest

from project import LIBRARY, Project, one

FAKETIME = next((p for p in ("/usr/lib/%s-linux-gnu/faketime/libfaketime.so.1" % os.uname().machine,
                             "/usr/lib/faketime/libfaketime.so.1") if os.path.exists(p)), None)
HERE = os.path.dirname(os.path.abspath(__file__))
SHOP = ("op.execute('CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b REAL)')\n"
        "for i = 1, 2000 do op.execute('INSERT INTO t(a, b) VALUES (?, ?)', {('x'):rep(500) .. i, i + 0.5}) end")
SWAP = "op.alter_column('t', 'a', {type = 'BLOB', using = 'upper(a)'})\nop.create_index('ix', 't', {'a'})"


@unittest.skipIf(os.environ.get("SANITIZE"), "the preload comes before the sanitizer's")
class Device(unittest.TestCase):
    def setUp(self):
        self.p = Project().__enter__()
        self.addCleanup(self.p.__exit__)
        for id, parent, up in (("aaaa", None, SHOP), ("bbbb", "aaaa", SWAP),
                               ("cccc", "bbbb", "op.drop_index('ix')")):
            self.p.lua(id, parent, up, "op.execute('SELECT 1')")

    def run_in(self, code, before="", **env):
        """What `code` prints, in a process with this environment, after the shell's `before`."""
        environ = {**os.environ, "PYTHONPATH": HERE, **env}
        head = ("import sys; from project import Project, one\n"
                "p = Project(); p.path = %r; p.migrations = %r; p.count = 0\n"
                "db = p.connect()\n" % (self.p.path, self.p.migrations))
        out = subprocess.run(["sh", "-c", before + '\nexec "$@"', "sh", sys.executable, "-c", head + code],
                             env=environ, capture_output=True, text=True, cwd=self.p.dir)
        self.assertEqual(out.stderr, "")
        return out.stdout.strip()

    @unittest.skipUnless(FAKETIME, "no libfaketime here")
    def test_a_clock_that_stands_or_jumps_back(self):
        at = lambda when, target: self.run_in(
            "print(one(db, \"SELECT migrate_upgrade('%s')\"))" % target, LD_PRELOAD=FAKETIME, FAKETIME=when)
        self.assertEqual(at("2035-05-05 05:05:05", "aaaa"), "1")
        self.assertEqual(at("1970-01-01 00:00:00", "bbbb"), "1")
        self.assertEqual(at("1970-01-01 00:00:00", "cccc"), "1")
        db = self.p.connect()
        log = db.execute("SELECT revision, substr(started_at, 1, 4), duration_ms >= 0 FROM _migrate_log ORDER BY id").fetchall()
        self.assertEqual([r[0] for r in log], ["aaaa", "bbbb", "cccc"])
        self.assertEqual(log[0][1], "2035")
        self.assertIn(log[1][1], ("1969", "1970"))
        self.assertEqual([r[2] for r in log], [1, 1, 1])
        self.assertEqual(db.execute("SELECT revision, status FROM migrate_history").fetchall(),
                         [("cccc", "applied"), ("bbbb", "applied"), ("aaaa", "applied")])
        self.assertEqual(one(db, "SELECT migrate_downgrade()"), 1)
        self.assertEqual(one(db, "SELECT revision FROM migrate_current"), "bbbb")

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv"), "needs root, to be somebody else")
    def test_a_folder_that_only_can_be_read(self):
        os.chmod(self.p.dir, 0o777)
        for folder in self.p.migrations, os.path.join(self.p.migrations, "versions"):
            os.chmod(folder, 0o555)
        nobody = "set -- setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\""
        with Hidden(HERE, LIBRARY) as at: # the clone may be where nobody else looks
            read = {"PYTHONPATH": at, "MIGRATE": os.path.join(at, os.path.basename(LIBRARY))}
            self.assertEqual(self.run_in("print(one(db, 'SELECT migrate_upgrade()'))", nobody, **read), "3")
            self.assertIn("Permission denied", self.run_in(
                "try: one(db, \"SELECT migrate_revision('x')\")\nexcept Exception as e: print(e)", nobody, **read))

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "needs root, to have no /tmp")
    def test_no_folder_for_temporary_files(self):
        if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "-o", "ro", "none", "/var/tmp"],
                          capture_output=True).returncode:
            self.skipTest("nothing may be mounted here")
        code = ("print(one(db, 'SELECT migrate_upgrade()'))\n"
                "print(one(db, \"SELECT count(*) FROM t WHERE typeof(a) = 'text' AND b = id + 0.5\"))\n"
                "print(one(db, 'PRAGMA integrity_check'))")
        head = ("import sys; from project import Project, one\n"
                "p = Project(); p.path = 'app.db'; p.migrations = 'migrations'; p.count = 0\n"
                "db = p.connect()\n")
        # the project is under /tmp itself, so that is bound elsewhere first
        script = ('mount --bind "$PWD" /mnt && cd /mnt && for d in /var/tmp /usr/tmp /tmp; do\n'
                  '[ ! -d $d ] || mount -t tmpfs -o ro none $d || exit 1; done\nexec "$@"')
        with Hidden(HERE, LIBRARY) as at:
            environ = {k: v for k, v in os.environ.items() if k not in ("TMPDIR", "SQLITE_TMPDIR")}
            environ.update(PYTHONPATH=at, MIGRATE=os.path.join(at, os.path.basename(LIBRARY)))
            out = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", sys.executable, "-c", head + code],
                                 env=environ, capture_output=True, text=True, cwd=self.p.dir)
        self.assertEqual(out.stderr, "")
        self.assertEqual(out.stdout.split(), ["3", "2000", "ok"])


class Hidden:
    """The library and project.py where no /tmp is needed to find them."""

    def __init__(self, here, library):
        self.files = os.path.join(here, "project.py"), library

    def __enter__(self):
        self.dir = "/dev/shm/migrate-test-%d" % os.getpid()
        os.mkdir(self.dir)
        for f in self.files:
            shutil.copy(f, self.dir)
        return self.dir

    def __exit__(self, *_):
        shutil.rmtree(self.dir)


if __name__ == "__main__":
    unittest.main()
