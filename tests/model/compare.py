#!/usr/bin/env python3
"""Holds a program against the reference model on random tests.

    compare.py PROGRAM [--seeds A-B] [--keep DIR] [--jobs N]

For each seed (1-200 unless told) generate.py writes a test; PROGRAM and model.py both `read -q` it, and read it once more with
`--summary json`. Standard output, exit status and account must agree. The first difference of each seed is shown, then
a count; status 1 when there was any. --keep DIR keeps the tests that differ, each in a folder named by its seed, with
both outputs. PROGRAM may be several words.
"""

import argparse
import concurrent.futures
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import generate  # noqa: E402

MODEL = [sys.executable, os.path.join(HERE, "model.py")]
TIMEOUT = 120


class Run:
    """What a program said: its lines, its status, its account."""

    def __init__(self, program, args, folder):
        plain = self.start(program + ["read", "-q"] + args, folder)
        self.status, self.out, self.errors = plain.returncode, plain.stdout, plain.stderr
        told = self.start(program + ["read", "--summary", "json"] + args, folder)
        self.account = None
        for line in told.stderr.decode("utf-8", "replace").splitlines():
            if line.startswith("{"):
                try:
                    self.account = json.loads(line)
                except ValueError:
                    self.account = line
        if told.returncode != self.status or told.stdout != self.out:
            self.errors += b"\n(with --summary json: another output or status)"

    @staticmethod
    def start(command, folder):
        try:
            return subprocess.run(command, cwd=folder, capture_output=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired as e:
            return subprocess.CompletedProcess(command, 124, e.stdout or b"", b"no end after %d seconds" % TIMEOUT)
        except OSError as e:
            sys.exit("compare: %s: %s" % (command[0], e.strerror))


def lines(data):
    return data.decode("utf-8", "replace").split("\n")


def difference(want, got):
    """The first difference, in a few lines; nothing where there is none."""
    shown = []
    if got.status != want.status:
        shown.append("status: model %d, program %d" % (want.status, got.status))
        shown += ["  " + line for line in lines(got.errors) if line][-2:]
    if got.out != want.out:
        a, b = lines(want.out), lines(got.out)
        at = next((n for n in range(min(len(a), len(b))) if a[n] != b[n]), min(len(a), len(b)))
        shown.append("line %d of %d (model), %d (program):" % (at + 1, len(a) - 1, len(b) - 1))
        if at:
            shown.append("    " + a[at - 1])
        shown += ["  - " + line for line in a[at:at + 3] if line]
        shown += ["  + " + line for line in b[at:at + 3] if line]
    if want.status != 2 and got.account != want.account:
        if isinstance(got.account, dict):
            names = [n for n in list(want.account) + [n for n in got.account if n not in want.account]
                     if want.account.get(n) != got.account.get(n)]
            shown.append("account: " + ", ".join("%s: model %s, program %s" % (n, want.account.get(n), got.account.get(n)) for n in names))
        else:
            shown.append("account: the program gave none, or no JSON")
    return shown


def one(program, seed, keep):
    folder = tempfile.mkdtemp(prefix="flow-%s-" % seed)
    try:
        generate.generate(seed, folder)
        with open(os.path.join(folder, "args")) as f:
            args = shlex.split(f.read())
        want, got = Run(MODEL, args, folder), Run(program, args, folder)
        shown = difference(want, got)
        if shown and keep:
            target = os.path.join(keep, str(seed))
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(folder, target)
            for name, data in (("expected", want.out), ("got", got.out)):
                with open(os.path.join(target, name), "wb") as f:
                    f.write(data)
        return ["seed %s: %s" % (seed, shlex.join(args))] + shown if shown else []
    finally:
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seeds", default="1-200", metavar="A-B")
    parser.add_argument("--keep", metavar="DIR")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    if not first.isdigit() or not (last or first).isdigit():
        parser.error("--seeds takes A-B")
    seeds = range(int(first), int(last or first) + 1)
    program = shlex.split(options.program)
    program = [os.path.abspath(word) if os.path.isfile(word) else word for word in program]
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
    differ = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for seed, shown in zip(seeds, pool.map(lambda s: one(program, s, options.keep), seeds)):
            if shown:
                differ.append(seed)
                print("\n".join(shown) + "\n", flush=True)
    print("%d tests, %d differ%s" % (len(seeds), len(differ), ": " + " ".join(map(str, differ[:50])) if differ else ""))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
