"""Where tests/bench/live and tests/bench/cost let meters watch a sender: two namespaces with a wire between them, and
what processes take there."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import lab
from kit import Refused

IDLE = 1.5  # seconds in which a meter uses next to no processor: it has read all
BUSY = 0.002  # seconds of processor time: more than looking around takes
PATIENCE = 20  # seconds in which it must have
AT_ONCE = 0  # a rate: as fast as the sender can
STOLEN = "1,6 0 0 4"  # a filter of one instruction: returns TC_ACT_STOLEN, "the packet is mine"
DROPS = "table netdev range {\n chain behind {\n type filter hook ingress device s0 priority 0\n policy drop\n }\n}\n"


def tasks_time(folder):
    """Seconds of processor time of a process's threads, precisely."""
    return sum(int(task.read_text().split()[0]) for task in folder.glob("task/*/schedstat")) / 1e9


def run_time(group):
    """The same of all processes of a session."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[3]) == group:
                total += tasks_time(stat.parent)
        except OSError:
            continue  # it has gone
    return total


def end_session(process):
    """Whatever of it is left."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


class Range:
    """The near end is watched (s0), the far end sends (p0). The sender has the first processor to itself as far as it is
    ours to say."""

    def __init__(self, sender, rejects=False):
        self.sender = sender
        self.near, self.far = lab.Namespace(), lab.Namespace()
        self.wire = lab.Wire(self.near, "s0", ["10.0.1.1/24"], self.far, "p0", ["10.0.1.2/24"])
        # What the meters have seen goes no further: the rest of the kernel's way is not what is measured.
        if rejects:
            self.near.nft(DROPS)
        else:
            self.near.run("tc", "qdisc", "add", "dev", "s0", "clsact")
            self.near.run("tc", "filter", "add", "dev", "s0", "ingress", "bpf", "direct-action", "bytecode", STOLEN)
        self.processor = min(os.sched_getaffinity(0))

    def close(self):
        self.near.close()
        self.far.close()

    def send(self, flows, rate, seconds):
        """Packets that arrived, seconds that this took, and seconds of processor time of the sender."""
        before = self.near.counters("s0")[0][0]
        told = json.loads(self.far.run("taskset", "-c", self.processor, self.sender, "p0", self.wire.far_mac,
                                       self.wire.near_mac, "10.0.1.2", "10.0.1.1", flows, rate, seconds))
        return self.near.counters("s0")[0][0] - before, told["seconds"], told["cpu"]

    @staticmethod
    def is_watched_by(process):
        """Has it a packet socket that is bound to the device, or programs in the kernel there?"""
        folder = Path("/proc/%d" % process.pid)
        try:
            lines = (folder / "net" / "packet").read_text().splitlines()[1:]
            return any(line.split()[5] == "1" for line in lines) or any(
                "link_type:\ttcx" in note.read_text() for note in (folder / "fdinfo").iterdir())
        except OSError:
            return False


class Watch:
    """A meter at work in a place, with a folder that is emptied before. `prefix`: before its command."""

    def __init__(self, place, meter, out, prefix=()):
        self.place, self.meter, self.out, self.prefix = place, meter, out, prefix

    def __enter__(self):
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir(parents=True)
        self.meter.prepare(self.place.near)
        with (self.out / "stdout").open("wb") as told, (self.out / "stderr").open("wb") as errors:
            self.process = self.place.near.popen([*self.prefix, *self.meter.command("s0", self.out)], stdout=told,
                                                 stderr=errors, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            self.wait_until_ready()
        except Refused:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        end_session(self.process)
        self.meter.close()

    def wait_until_ready(self):
        end = time.monotonic() + PATIENCE
        while not self.place.is_watched_by(self.process):
            if self.process.poll() is not None or time.monotonic() > end:
                raise Refused("%s does not watch the device\n%s" % (
                    self.meter.name, (self.out / "stderr").read_text(errors="replace").strip()))
            time.sleep(0.02)
        time.sleep(self.meter.settle)

    def used(self):
        """Seconds of processor time so far."""
        return run_time(self.process.pid)

    def wait_until_idle(self):
        """So that what it still has in its buffer is not lost with it. A meter that is never idle is not waited for
        longer than PATIENCE."""
        end, used = time.monotonic() + PATIENCE, self.used()
        while time.monotonic() < end:
            time.sleep(IDLE)
            now = self.used()
            if now - used < BUSY:
                return
            used = now

    def end(self):
        """In good order, so that all is written that it has counted."""
        self.meter.conclude(self.out)
        self.process.send_signal(self.meter.end)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Refused("%s does not end" % self.meter.name) from None
