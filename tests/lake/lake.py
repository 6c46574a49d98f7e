"""What the tests of docs/engines.md share: its blocks, the engines that run them (engine.mjs), and captures to read."""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
PAGE = ROOT / "docs" / "engines.md"
FORMAT = "tcp-flags"  # of the page's records
INTERVAL = 60
SKIPPED = 77
program, folders = None, []  # set by main()


def block(name, section=None):
    """The page's one fenced block of that name (```sql clickhouse kafka), or those of a section (```sh)."""
    text = PAGE.read_text()
    if section:
        text = ("\n" + text).partition("\n## %s\n" % section)[2].partition("\n## ")[0]
    found = re.findall("^```%s\n(.*?)^```$" % re.escape(name), text, re.M | re.S)
    if not section and len(found) != 1:
        raise LookupError("%d blocks %s in %s" % (len(found), name, PAGE))
    return found if section else found[0]


class Refused(Exception):
    """What an engine says of what it cannot do."""


class Engines:
    """A process that has all of them, and works in `folder`."""

    def __init__(self, folder):
        self.folder, self.process = folder, None

    def start(self):
        self.process = subprocess.Popen(["node", ROOT / "tests" / "lake" / "engine.mjs", *folders], cwd=self.folder,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        if not self.process:
            return
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=20)

    def ask(self, engine, sql):
        if not self.process:
            self.start()
        self.process.stdin.write(json.dumps({"engine": engine, "sql": sql}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the engines ended with status %d" % self.process.wait(timeout=20))
        answer = json.loads(answer)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["rows"]


class LakeTest(unittest.TestCase):
    maxDiff = None
    shared = None  # engines of a class whose tests need none of their own

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="eniflow-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "eniflow").symlink_to(program)
        self.engines = self.shared or Engines(self.folder)
        if not self.shared:
            self.addCleanup(self.engines.close)

    def environment(self, **more):
        kept = {name: value for name, value in os.environ.items() if not re.match("(?i)aws_|rclone_|.*_proxy$", name)}
        return {**kept, "LC_ALL": "C.UTF-8", "HOME": str(self.folder), **more,
                "PATH": "%s%s%s" % (self.folder / "bin", os.pathsep, os.environ["PATH"])}

    def shell(self, command, **environment):
        ran = subprocess.run(["sh", "-ec", command], cwd=self.folder, env=self.environment(**environment), text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        self.assertEqual(ran.returncode, 0, "%s: %s" % (command, ran.stdout))
        return ran.stdout

    def eniflow(self, *arguments):
        """The lines that it prints."""
        ran = subprocess.run([program, *map(str, arguments)], cwd=self.folder, stdin=subprocess.DEVNULL, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout.splitlines()

    def clickhouse(self, sql):
        if platform.machine() != "x86_64":
            self.skipTest("its package is for x86-64 alone")
        return self.engines.ask("clickhouse", sql)

    def lines_of_clickhouse(self, source):
        """Lines of a flow log from a table as the page has it."""
        rows = self.clickhouse("SELECT * REPLACE (toUnixTimestamp(start) AS start, toUnixTimestamp(end) AS end) FROM "
                               + source)
        return [" ".join(value or "-" for value in row) for row in rows]


def main():
    """TEST.py PROGRAM [FOLDER...] [unittest arguments]: packages are in the folders."""
    global program
    program = os.path.abspath(sys.argv.pop(1))
    while len(sys.argv) > 1 and os.path.isabs(sys.argv[1]):
        folders.append(sys.argv.pop(1))
    if any(not os.path.exists(os.path.join(folder, "node_modules")) for folder in folders):
        print("skipped: the packages could not be installed")
        sys.exit(1 if os.environ.get("CI") and os.geteuid() == 0 else SKIPPED)
    unittest.main()
