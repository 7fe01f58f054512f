"""migrate(3), the page that .ci/man makes of the README: it has all of the
reference, and shows it as it is."""

import os
import re
import shutil
import subprocess
import unittest

from project import ROOT, Project, one
from test_readme import README, section

REFERENCE = README[README.index("## Writing revisions"):README.index("## What is promised")]


def run(*command, **options):
    options.setdefault("env", {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"})  # a sanitizer's, for us
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", **options)


def page():
    made = run(".ci/man", "1.2.3", "2026-01-02")
    assert made.returncode == 0, made.stderr
    return made.stdout


def rendered(width=None):
    """As `man` shows it; a width in characters."""
    wide = ["-rLL=%dn" % width, "-rLT=%dn" % width] if width else []
    shown = run("groff", "-man", "-k", "-Tutf8", "-ww", "-P-cbou", *wide, input=page())
    return shown.stdout, shown.stderr


def typed(text):
    """Prose has a printer's hyphens and apostrophes; code must not."""
    return text.replace("\u2010", "-").replace("\u2019", "'")


def code_lines():
    """Of the fenced and the indented blocks."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", REFERENCE, re.S | re.M)
    outside = re.sub(r"^```\w*\n.*?^```", "", REFERENCE, flags=re.S | re.M)
    indented = re.findall(r"^    (.*)$", outside, re.M)
    return [line for block in fenced for line in block.split("\n") if line] + indented


def codes(cell):
    return re.findall(r"`(.*?)`", cell)


def words(text):
    return re.sub(r"\s+", " ", text)


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("groff"):
            raise unittest.SkipTest("no groff")
        # so wide that nothing but a paragraph's own end ends a line
        cls.text, cls.warnings = rendered(4000)
        cls.lines = [line.strip() for line in cls.text.split("\n")]
        cls.flat = words(cls.text)
        cls.prose = typed(cls.flat)

    def test_it_has_no_warnings(self):
        self.assertEqual(self.warnings, "")
        text, warnings = rendered()
        self.assertEqual(warnings, "")
        self.assertGreater(text.count("\n"), 500)
        prose = [line for line in text.split("\n") if not line.startswith(" " * 11)]
        self.assertEqual([line for line in prose if len(line) > 80], [])

    def test_no_code_is_hyphenated(self):
        broken = re.findall("(\\S*)\u2010\n *(\\S+)", rendered()[0])
        self.assertGreater(len(broken), 20)
        for left, right in broken:
            self.assertRegex(left, "[A-Za-z]$")
            self.assertNotRegex(left + right, "_|SELECT")

    def test_its_name_and_version(self):
        self.assertIn("\nNAME\n       migrate - schema migrations inside SQLite\n", self.text)
        self.assertIn("migrate 1.2.3", self.lines[-2])
        self.assertIn("2026-01-02", self.lines[-2])

    def test_each_line_of_code_as_it_is(self):
        lines = code_lines()
        self.assertGreater(len(lines), 100)
        shown = {re.sub("^ {11}", "", line) for line in self.text.split("\n")}
        self.assertEqual([line for line in lines if line not in shown], [])
        # Debian's groff shows any hyphen as one; elsewhere only this one is
        for block in re.findall(r"^\.EX\n(.*?)^\.EE", page(), re.S | re.M):
            self.assertNotRegex(block, r"(?<!\\)-")

    def test_each_row_of_each_table(self):
        rows = re.findall(r"^\| (.*) \|$", REFERENCE, re.M)
        self.assertGreater(len(rows), 80)
        for row in rows:
            for code in codes(row):
                self.assertIn(words(code), self.flat)

    def test_each_paragraph_and_bullet(self):
        """Without code and marks, every sentence is there, in the order of the README."""
        at = 0
        outside = re.sub(r"^```\w*\n.*?^```", "", REFERENCE, flags=re.S | re.M)
        for line in outside.split("\n"):
            if not line or line[0] in "|#" or line.startswith("    "):
                continue
            line = re.sub(r"\[(.*?)\]\(#.*?\)", lambda m: m.group(1) if m.group(1)[0].islower() else "\0", line)
            line = re.sub(r"\[(.*?)\]\((.*?)\)", r"\1 <\2>", line)
            line = re.sub(r"^\* ", "", line).replace("`", "").replace("**", "")
            for part in line.split("\0"):
                found = self.prose.find(words(part).strip(), at)
                self.assertGreaterEqual(found, 0, part)
                at = found

    def test_the_names_that_the_library_knows(self):
        tags = [line for line in self.lines if line]
        with Project() as p:
            db = p.connect()
            told = one(db, "SELECT migrate_help()").split("\n\n")[0].split("\n")
            for usage in told:
                self.assertIn("SELECT %s;" % usage, tags)
                result = one(db, "SELECT migrate_help(?)", usage.split("(")[0]).split("\n")[0]
                self.assertTrue(any(tag == result or tag.startswith(result + " ") for tag in tags), result)
            for (table,) in db.execute("SELECT name FROM pragma_module_list WHERE name LIKE 'migrate!_%' ESCAPE '!'").fetchall():
                self.assertTrue(any(tag.split(" ")[0] == table for tag in tags), table)
            for key, default in db.execute('SELECT key, "default" FROM migrate_settings').fetchall():
                want = key + (" (default %s)" % default if default else "")
                self.assertTrue(any(tag == want or tag.startswith(want + " ") for tag in tags), want)
        told = re.findall(r"^\| `((?:op|db)\.\w+[^`]*)`", section("What a script sees"), re.M)
        self.assertGreater(len(told), 20)
        for usage in told:
            self.assertTrue(any(tag.startswith(usage) for tag in tags), usage)

    def test_no_markdown_is_left(self):
        blocks = set(code_lines())
        for line in self.text.split("\n"):
            if re.sub("^ {11}", "", line) in blocks or "sqlite3_migrate_init" in line:
                continue
            self.assertNotRegex(line, r"`|\*\*|\]\(|^ *\||^ *#+ |```|\\f|\\e|\0")

    def test_a_link_leads_to_a_heading_of_the_page(self):
        headings = set(re.findall(r"^(\S.*)$", self.text, re.M))
        for text, to in re.findall(r"\[([^]]*)\]\(#(.*?)\)", REFERENCE):
            title = next(t for t in re.findall(r"^#+ (.*)$", README, re.M)
                         if re.sub(r"[^a-z0-9 -]", "", t.lower()).replace(" ", "-") == to)
            if "\n## %s\n" % title not in README and "\n### %s\n" % title in REFERENCE:
                self.assertIn(title.upper(), headings)
                if text[0].isupper():
                    self.assertIn(title.upper(), self.flat)


class Roff(unittest.TestCase):
    def make(self, body):
        """The page of a README with this in its reference."""
        with Project() as p:
            with open(os.path.join(p.dir, "README.md"), "w", encoding="utf-8") as f:
                f.write("# migrate\n\nIt is.\n\n## A session\n\n## Writing revisions\n\n## Reference\n\n"
                        "### Functions\n\n%s\n\n### Odd ones\n\n## What is promised\n\n## Limits\n" % body)
            return subprocess.run([os.path.join(ROOT, ".ci", "man"), "1", "2026-01-02"], cwd=p.dir,
                                  capture_output=True, text=True, encoding="utf-8")

    def shown(self, body):
        made = self.make(body)
        self.assertEqual(made.stderr, "")
        show = run("groff", "-man", "-k", "-Tutf8", "-ww", "-P-cbou", input=made.stdout)
        self.assertEqual(show.stderr, "")
        text = typed(show.stdout)
        return text[text.index("\nFUNCTIONS\n") + 11:text.index("\nODD ONES\n")]

    def setUp(self):
        if not shutil.which("groff"):
            self.skipTest("no groff")

    def test_what_roff_would_take_for_its_own(self):
        for text in ("`.load x` begins", "'tis", "a\\fBb", "`\\n` and `-1`", "`it's` ~ ^ `~^`", "a \" b", ".so /etc/passwd",
                     "`a  b`", "x\\", "`^(%S+)%s+(.*)$`"):
            want = text.replace("`", "")
            self.assertIn(words(want), words(self.shown(text)), text)
        code = ".so /etc/passwd\n'x'\n\\fBx\\\n-- a `b` \"c\" ~^\n\n  .x  y\n# h\n| a | b |\n* z\n**b** [a](#b)"
        lines = self.shown("```\n%s\n```" % code).split("\n")
        for line in code.split("\n"):
            self.assertIn((" " * 11 + line).rstrip(), lines)

    def test_an_indented_block_keeps_its_blank_lines(self):
        self.assertEqual(self.shown("before\n\n    a\n\n      b\n\nafter").strip("\n"),
                         "       before\n\n           a\n\n             b\n\n       after")

    def test_tables(self):
        self.assertEqual(self.shown("| function | result | what |\n|---|---|---|\n| `f(a)` | `x` | does |\n| `g()` | | |").strip("\n"),
                         "       f(a): x\n              does\n\n       g()")
        self.assertEqual(self.shown("| a | b | c d |\n|---|---|---|\n| `x \\| y` | see | more |\n| `p|q` | | z |").strip("\n"),
                         "       x | y  see\n              c d: more\n\n       p|q\n              c d: z")

        two = "| %s | b |\n|---|---|\n| `x` | y |"
        self.assertEqual(re.findall(r"\S+", self.shown(two % "one" + "\n\nand\n\n" + two % "two")),
                         ["x", "y", "and", "x", "y"])

    def test_a_heading_that_is_gone_is_an_error(self):
        with Project() as p:
            with open(os.path.join(p.dir, "README.md"), "w") as f:
                f.write("# migrate\n")
            made = subprocess.run([os.path.join(ROOT, ".ci", "man"), "1", "2026-01-02"], cwd=p.dir, capture_output=True, text=True)
        self.assertNotEqual(made.returncode, 0)
        self.assertIn("README.md has no heading: ## Writing revisions", made.stderr)


if __name__ == "__main__":
    unittest.main()
