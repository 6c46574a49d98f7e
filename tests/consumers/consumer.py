"""What the tests of other readers share: the readers (reader.mjs), our program, and the end where they are missing."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
SKIPPED = 77
program = modules = None  # set by main()


class Refused(Exception):
    """What a reader says of what it cannot take."""


class Readers:
    """One process that has all of them; it ends with its input, so with us."""

    def __init__(self, folder=None):
        """`folder`: where they work."""
        self.process = subprocess.Popen(["node", ROOT / "tests" / "consumers" / "reader.mjs", modules], cwd=folder,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=20)

    def ask(self, **what):
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the readers ended with status %d" % self.process.wait(timeout=20))
        answer = json.loads(answer)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    def sql(self, text):
        """Rows of DuckDB's answer; 64-bit numbers and sums come as text."""
        return self.ask(sql=text)["rows"]


class ProgramTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="eniflow-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def eniflow(self, *arguments, status=0):
        """What it prints in the test's folder."""
        ran = subprocess.run([program, *map(str, arguments)], cwd=self.folder, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        self.assertEqual(ran.returncode, status, ran.stderr)
        return ran.stdout


class ConsumerTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.readers = Readers()
        cls.addClassCleanup(cls.readers.close)


def fields():
    """Name, version and Parquet's type of each field."""
    rows = [line.split("\t") for line in (ROOT / "tests" / "data" / "fields.tsv").read_text().splitlines()[1:]]
    return [(name, int(version), kind) for name, version, kind in rows]


def golden():
    """(name, lines) of the expected output of each case that is text in the default format; no line of names."""
    for folder in sorted(path.parent for path in GOLDEN.glob("*/args")):
        arguments = shlex.split((folder / "args").read_text())
        own = [folder / name for name in arguments if name.endswith(".ini")]
        if (folder / "command").exists() or {"-f", "-t", "--header"}.intersection(arguments) or any(
                argument.startswith("--format") for argument in arguments) or any(
                re.search("^format ", path.read_text(), re.M) for path in own if path.exists()):
            continue
        lines = (folder / "expected").read_text().splitlines() if (folder / "expected").exists() else []
        if lines:
            yield folder.name, lines


def take_modules():
    """The argument behind the program is the folder that has node_modules; ends where they are missing."""
    global modules
    modules = os.path.abspath(sys.argv.pop(2))
    if not os.path.exists(os.path.join(modules, "installed.json")):
        print("skipped: the packages of tests/npm could not be installed")
        sys.exit(1 if os.environ.get("CI") and os.geteuid() == 0 else SKIPPED)


def main(needs_modules=True):
    """TEST.py PROGRAM [FOLDER] [unittest arguments]."""
    global program
    if needs_modules:
        take_modules()
    program = os.path.abspath(sys.argv.pop(1))
    unittest.main()
