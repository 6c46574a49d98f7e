#!/usr/bin/env python3
"""What docs/lake.md shows, run as it stands there: test_lake.py PROGRAM FOLDER [unittest arguments].

Indented blocks have commands and what they print (tests/e2e/test_pages.py). A block ```sql duckdb is asked of DuckDB, in
the folder of the commands; if a table follows, it is the answer."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import consumer

PAGE = consumer.ROOT / "docs" / "lake.md"
SECTIONS = ("Logs in a lake", "S3 layout", "Parquet", "DuckDB")  # others need other programs
INDENT = "    "


def steps(text):
    """("command", text, printed) and ("sql", text, table or None) in order; a table is its rows, names first."""
    lines = text.split("\n") + [""]
    section, at = None, 0
    while at < len(lines):
        line = lines[at]
        at += 1
        heading = re.match("##? (.*)", line)
        section = heading.group(1) if heading else section
        if section not in SECTIONS:
            continue
        if line.startswith(INDENT + "$ "):
            command, printed = [line[6:]], []
            while lines[at].startswith(INDENT + "> "):
                command.append(lines[at][6:])
                at += 1
            while lines[at].startswith(INDENT) and not lines[at].startswith(INDENT + "$ "):
                printed.append(lines[at][4:])
                at += 1
            yield "command", "\n".join(command), "\n".join(printed)
        elif line == "```sql duckdb":
            end = lines.index("```", at)
            query, table = "\n".join(lines[at:end]), []
            at = end + 1
            rest = at + 1 if not lines[at] else at
            while lines[rest].startswith("|"):
                table.append([cell.strip() for cell in lines[rest].strip("|").split("|")])
                rest += 1
            yield "sql", query, table[:1] + table[2:] if table else None


class Page(consumer.ConsumerTest):
    def setUp(self):
        # DuckDB looks for files where its process is, and the readers are started once: in this folder.
        self.folder = Path(tempfile.mkdtemp(prefix="eniflow-"))
        self.addCleanup(shutil.rmtree, self.folder)
        for name in "pcaps", "docs":
            os.symlink(consumer.ROOT / name, self.folder / name)
        (self.folder / "bin").mkdir()
        os.symlink(consumer.program, self.folder / "bin" / "eniflow")
        self.reader = consumer.Readers(self.folder)
        self.addCleanup(self.reader.close)

    def shell(self, command):
        return subprocess.run(["sh", "-c", command], cwd=self.folder, text=True, stdin=subprocess.DEVNULL, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=dict(os.environ, PATH="%s:%s" % (self.folder / "bin", os.environ["PATH"]), LC_ALL="C.UTF-8"))

    def test_page(self):
        done = {"command": 0, "sql": 0, "table": 0}
        for kind, text, wanted in steps(PAGE.read_text()):
            done[kind] += 1
            if kind == "command":
                ran = self.shell(text)
                self.assertEqual((ran.stdout.rstrip("\n"), ran.returncode), (wanted, 0), text)
                continue
            answer = self.reader.ask(sql=text)
            if wanted is not None:
                done["table"] += 1
                rows = [["" if value is None else str(value) for value in row] for row in answer["rows"]]
                self.assertEqual([answer["columns"], *rows], wanted, text)
            elif not text.startswith("CREATE VIEW"):
                self.fail("no table is shown for: %s\n%s" % (text, markdown(answer)))
        self.assertGreaterEqual(done["command"], 8)
        self.assertGreaterEqual(done["table"], 6)


def markdown(answer):
    rows = [answer["columns"], ["---"] * len(answer["columns"]), *answer["rows"]]
    return "\n".join("| " + " | ".join("" if value is None else str(value) for value in row) + " |" for row in rows)


class Steps(unittest.TestCase):
    def test_they_are_found(self):
        page = "## DuckDB\n\n    $ a\n    > b\n    c\n    $ d\n\n```sql duckdb\nSELECT 1;\n```\n\n| 1 |\n| --- |\n| 1 |\n\n## Other\n\n    $ x\n"
        self.assertEqual(list(steps(page)), [("command", "a\nb", "c"), ("command", "d", ""),
                                             ("sql", "SELECT 1;", [["1"], ["1"]])])


if __name__ == "__main__":
    consumer.main()
