"""Tests of a file at the same time, each in a process of its own: they mostly wait."""

import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 6
SKIPPED = 77


def run(command, *classes):
    """`command` with the name of a test behind it runs that test. Returns the status for all: that of a failure, or
    SKIPPED if none was run."""
    names = ["%s.%s" % (one.__name__, name) for one in classes for name in unittest.defaultTestLoader.getTestCaseNames(one)
             if getattr(one, name)]

    def run_one(name):
        return subprocess.run([sys.executable, "-B", *command, name], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)

    failed = skipped = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for name, ran in zip(names, pool.map(run_one, names)):
            print("%s: status %d\n%s" % (name, ran.returncode, ran.stdout), flush=True)
            skipped += ran.returncode == SKIPPED
            failed += ran.returncode not in (0, SKIPPED)
    print("%d tests, %d failed, %d skipped" % (len(names), failed, skipped))
    return 1 if failed or not names else SKIPPED if skipped == len(names) else 0
