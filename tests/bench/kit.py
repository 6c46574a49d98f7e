"""The tools of tests/bench/run: traces that are made once, and programs run under a watch."""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
SNAPPED = 96  # bytes of a packet and its record head in the traces with a snap length of 96, about
WHOLE = 850  # and in the one without
OUTPUT = 200  # bytes that a program may write for each packet, to be on the safe side


class Refused(Exception):
    """Something the user must see to; the message is finished."""


def tell(text):
    print(text, file=sys.stderr, flush=True)


@dataclass
class Took:
    """One run under the watch."""
    wall: float  # seconds
    cpu: float
    peak: int  # bytes
    status: int
    ended: bool  # at the time limit


class Kit:
    """The built tools, and the folder in which traces and outputs stand."""

    def __init__(self, tools, folder, scale):
        self.tools = tools
        self.folder = folder
        self.scale = scale  # the share of packets and flows that is made: less than 1 to try the command out
        self.out = folder / "out"
        self.made = []

    def tool(self, name):
        return str(self.tools / ("bench_" + name))

    def scaled(self, number, least=1):
        return max(least, int(number * self.scale))

    def need(self, size, what):
        free = shutil.disk_usage(self.folder).free
        if free < size:
            raise Refused("%s: %d MiB are free in %s, %d wanted; name another folder with --traces"
                          % (what, free // MIB, self.folder, size // MIB))

    def trace(self, name, *arguments):
        """The path of a trace made with these arguments of bench_generate, and what the generator says of it. What stands
        there already is taken if the same generator made it with the same arguments."""
        path, note = self.folder / name, self.folder / (name + ".made")
        digest = hashlib.sha256(Path(self.tool("generate")).read_bytes()).hexdigest()
        wanted = " ".join(map(str, arguments)) + " " + digest
        if path.exists() and note.exists():
            made = note.read_text().splitlines()
            if made[0] == wanted:
                return path, json.loads(made[1])
        tell("making %s" % path)
        part = self.folder / (name + ".part")
        self.made += [path, note]
        try:
            made = subprocess.run([self.tool("generate"), *map(str, arguments), part], stderr=subprocess.PIPE,
                                  text=True, check=False)
            if made.returncode:
                raise Refused(made.stderr.strip())
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
        note.write_text(wanted + "\n" + made.stderr)
        return path, json.loads(made.stderr)

    def recipe(self, recipe, packets, flows, suffix="pcap"):
        """A trace by its recipe, scaled."""
        self.need(self.scaled(packets) * ((WHOLE if recipe == "T5" else SNAPPED) + OUTPUT), recipe)
        return self.trace("%s.%s" % (recipe, suffix), "--recipe", recipe, "--packets", self.scaled(packets), "--flows",
                          self.scaled(flows))

    def forget(self, keep):
        """Removes outputs and, unless they are kept, the traces that this run made."""
        shutil.rmtree(self.out, ignore_errors=True)
        for path in [] if keep else self.made:
            path.unlink(missing_ok=True)
        self.made = []

    def watch(self, command, limit=3600, most=0, environment=None, discard=False):
        """Runs a command with an emptied output folder; its streams stand in `stdout` (unless it is discarded) and
        `stderr` there."""
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir(parents=True)
        result = self.folder / "result"
        sink = Path(os.devnull) if discard else self.out / "stdout"
        with sink.open("wb") as out, (self.out / "stderr").open("wb") as err:
            subprocess.run([self.tool("stopwatch"), result, str(limit), str(most), *map(str, command)], check=True,
                           stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        took = json.loads(result.read_text())
        result.unlink()
        return Took(**took)

    def must(self, command, **how):
        """The same; a command that fails ends it all."""
        took = self.watch(command, **how)
        if took.status or took.ended:
            raise Refused("%s: %s\n%s" % (shlex.join(map(str, command)), failure(took), self.text("stderr")))
        return took

    def text(self, name):
        path = self.out / name
        return path.read_text(errors="replace") if path.exists() else ""


def failure(took):
    if took.ended:
        return "ended at the time limit"
    return "status %d" % took.status if took.status < 128 else "ended by signal %d" % (took.status - 128)


def lines_of(path):
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def memory_to_spare():
    """Half of the memory that is available: what a peer may take."""
    with open("/proc/meminfo") as file:
        fields = dict(line.split(":") for line in file)
    return int(fields["MemAvailable"].split()[0]) * 1024 // 2


def default_folder():
    shared = Path("/dev/shm")
    parent = shared if os.access(shared, os.W_OK) else Path(os.environ.get("TMPDIR", "/tmp"))
    return parent / "eniflow-bench"
