"""What tests/bench/run and tests/bench/live print with: tables, targets, and a word on the machine and the programs."""

import os
import platform
import re
import shutil
import subprocess
import sys
import time

from kit import MIB, Refused


class Targets:
    """What is wanted, and what was measured. A part that did not run is not in the table."""

    def __init__(self):
        self.rows = []

    def at_most(self, what, limit, value, unit=""):
        self.rows.append((what, "<= %g%s" % (limit, unit), value, unit, None if value is None else value <= limit))

    def at_least(self, what, limit, value, unit=""):
        self.rows.append((what, ">= %g%s" % (limit, unit), value, unit, None if value is None else value >= limit))

    def print(self):
        verdict = {True: "met", False: "MISSED", None: "not measured"}
        table("Targets", ["", "wanted", "measured", ""],
              [[what, wanted, "-" if value is None else "%.2f%s" % (value, unit), verdict[met]]
               for what, wanted, value, unit, met in self.rows])


WORDS = ("", "program", "threads", "family", "input", "trace")  # heads of columns that hold words, not numbers


def table(title, head, rows):
    """A Markdown table, its columns in line."""
    rows = [list(map(str, row)) for row in rows]
    widths = [max(3, *(len(row[i]) for row in [head, *rows])) for i in range(len(head))]
    print("\n### %s\n" % title)
    for row in [head, ["-" * width for width in widths], *rows]:
        print("| " + " | ".join(cell.ljust(width) if name in WORDS else cell.rjust(width)
                                for name, cell, width in zip(head, row, widths)) + " |")
    sys.stdout.flush()


def ratio(one, other):
    return one / other if one and other else None


def show(value, form="%.2f"):
    return "-" if value is None else form % value


def machine():
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    with open("/proc/meminfo") as file:
        memory = int(re.search(r"MemTotal:\s*(\d+)", file.read())[1]) // MIB
    return "%s, %d processors, %d GiB, Linux %s" % (model[1] if model else platform.machine(), os.cpu_count(), memory,
                                                   platform.release())


def versions(program, rivals):
    packages = sorted({rival.package for rival in rivals})
    told = [subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]]
    for package in packages:
        dpkg = shutil.which("dpkg-query") and subprocess.run(["dpkg-query", "-W", package], capture_output=True,
                                                             text=True, check=False).stdout.split()
        told.append(" ".join(dpkg or [package]))
    return ", ".join(told)


def introduce(program, rivals, quick):
    load = os.getloadavg()[0]
    print("%s; %s\n\n%s" % (time.strftime("%Y-%m-%d"), machine(), versions(program, rivals)))
    if quick:
        print("\nQuick: the traces are so small that the figures mean nothing.")
    elif load > 0.3:
        print("\nThe machine is not idle (load %.1f): the figures are noisy." % load)


def find_tools(options):
    """Where the kit's own programs are; they are built first unless they were named."""
    if options.tools:
        return options.tools.resolve()
    build = options.program.parent
    if not (build / "CMakeCache.txt").exists():
        raise Refused("%s does not stand in a build folder; name the kit's programs with --tools" % options.program)
    if subprocess.run(["cmake", "--build", build, "--target", "bench"], check=False, stdout=sys.stderr).returncode:
        raise Refused("the kit's programs cannot be built in %s (they belong to the tests: ENIFLOW_TESTS)" % build)
    return build / "tests" / "bench"
