"""Pages of the documentation show commands and what they print: they are run, and must print just that.

Run as: test_pages.py PROGRAM [unittest arguments]. What is run stands in indented blocks: a line `$ COMMAND`, perhaps
lines `> MORE` of it, and below what it prints where there is no terminal. A line `...` stands for some lines; where
nothing is shown, the command must succeed. The commands of a page are run one after the other in one folder, which has
the repository's captures, pages and examples in it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = None
ROOT = Path(__file__).resolve().parents[2]
INDENT = "    "


def commands_of(text):
    """(command, what it prints) in order."""
    found, wanted = [], None
    for line in text.splitlines():
        if line.startswith(INDENT + "$ "):
            wanted = []
            found.append(([line[len(INDENT) + 2:]], wanted))
        elif line.startswith(INDENT + "> ") and wanted == []:
            found[-1][0].append(line[len(INDENT) + 2:])
        elif wanted is not None and line.startswith(INDENT):
            wanted.append(line[len(INDENT):])
        elif line:
            wanted = None
        elif wanted is not None:
            wanted.append("")
    return [("\n".join(command), "\n".join(lines).rstrip("\n")) for command, lines in found]


def matches(wanted, printed):
    pattern = "\n".join("(.*\n)*.*" if line == "..." else re.escape(line) for line in wanted.split("\n"))
    return re.fullmatch(pattern, printed) is not None


class Pages(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="eniflow-")
        self.addCleanup(shutil.rmtree, self.folder)
        for name in "pcaps", "docs", "packaging":
            os.symlink(ROOT / name, os.path.join(self.folder, name))
        os.mkdir(os.path.join(self.folder, "bin"))
        os.symlink(PROGRAM, os.path.join(self.folder, "bin", "eniflow"))
        self.status = 0

    def shell(self, command):
        path = os.path.join(self.folder, "bin") + os.pathsep + os.environ["PATH"]
        ran = subprocess.run(["sh", "-c", "(exit %d); %s" % (self.status, command)], cwd=self.folder, text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                             env=dict(os.environ, PATH=path, LC_ALL="C.UTF-8"))
        self.status = ran.returncode
        return ran

    def check(self, page, least):
        commands = commands_of((ROOT / page).read_text())
        self.assertGreaterEqual(len(commands), least)
        for command, wanted in commands:
            printed = self.shell(command).stdout.rstrip("\n")
            if not wanted:
                self.assertEqual(self.status, 0, "%s: %s: %s" % (page, command, printed))
            elif not matches(wanted, printed):
                self.assertEqual(printed, wanted, "%s: %s" % (page, command))

    def test_readme(self):
        self.check("README.md", 4)

    def test_compare(self):
        self.check("docs/compare.md", 5)


class Links(unittest.TestCase):
    def pages(self):
        return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "packaging").rglob("*.md"))]

    @staticmethod
    def anchors(page):
        headings = re.findall(r"(?m)^#+ (.*)$", page.read_text())
        return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}

    def test_all_lead_somewhere(self):
        """Each file is there, and each anchor is that of a heading."""
        count = 0
        for page in self.pages():
            for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", page.read_text()):
                with self.subTest(page=page.name, target=target, anchor=anchor):
                    file = page.parent / target if target else page
                    self.assertTrue(file.exists())
                    if anchor:
                        self.assertIn(anchor, self.anchors(file))
                    count += 1
        self.assertGreater(count, 30)

    def test_the_index_has_every_page(self):
        index = (ROOT / "docs" / "README.md").read_text()
        for file in sorted((ROOT / "docs").iterdir()):
            if file.name != "README.md":
                self.assertIn("](%s)" % file.name, index)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
