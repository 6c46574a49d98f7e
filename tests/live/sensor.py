"""`eniflow capture` at work in a namespace, with a bounded life, and what it wrote."""

import gzip
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections import Counter
from pathlib import Path

LIFE = 40  # seconds: no sensor outlives a test that died
MOMENT = 0.3  # seconds for what follows at once, but cannot be seen
SILENCE = 1  # second in which a sensor is ready that cannot say so
PATIENCE = 10  # seconds for what must happen soon
FIELDS = ("version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
          "log-status flow-direction pkt-srcaddr pkt-dstaddr tcp-flags")
TUPLE = ("srcaddr", "dstaddr", "srcport", "dstport", "protocol")
PACKET_TUPLE = ("pkt-srcaddr", "pkt-dstaddr", "srcport", "dstport", "protocol")
FATES = ("counted", "filtered", "excluded", "non-ip", "truncated", "malformed", "unmatched", "unsupported", "skipped")


def wait_for(condition, what, patience=PATIENCE):
    """Until it holds; its value."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited %d s for %s" % (patience, what))
        time.sleep(0.02)


def records_of(text):
    """The lines of a log with a header, by name. A line that is not whole is an error."""
    if not text:
        return []
    if not text.endswith("\n"):
        raise AssertionError("half a line: %r" % text.rpartition("\n")[2])
    names, *lines = [line.split(" ") for line in text.splitlines()]
    for line in lines:
        if len(line) != len(names):
            raise AssertionError("%d fields, not %d: %r" % (len(line), len(names), line))
        if line == names:
            raise AssertionError("a second header")
    return [dict(zip(names, line)) for line in lines]


def read_log(path):
    """The records of a file, plain or gzip, or of all files below a folder."""
    path = Path(path)
    if path.is_dir():
        return [record for file in sorted(path.rglob("*")) if file.is_file() for record in read_log(file)]
    data = path.read_bytes()
    return records_of((gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode())


def with_data(records):
    return [record for record in records if record["log-status"] == "OK"]


def lines_without(records, status):
    """The NODATA (SKIPDATA) lines."""
    return [record for record in records if record["log-status"] == status]


def sums(records, key=TUPLE):
    """(packets, bytes) by 5-tuple, over all windows."""
    packets, size = Counter(), Counter()
    for record in with_data(records):
        name = tuple(record[field] for field in key)
        packets[name] += int(record["packets"])
        size[name] += int(record["bytes"])
    return {name: (packets[name], size[name]) for name in packets}


def packets_of(records):
    return sum(int(record["packets"]) for record in with_data(records))


def is_built_with(program, library):
    return library.encode() + b".so" in Path(program).read_bytes()


class Sensor:
    """A running `eniflow capture`. Its log is a file in `folder` unless options say otherwise."""

    def __init__(self, program, space, folder, *arguments, fields=FIELDS, output=None, interval=1, become=()):
        self.log = Path(output or folder / "flow.log")
        self.errors_path = folder / ("errors.%d" % time.monotonic_ns())
        space.sysctl("unix/max_dgram_qlen", 1000)  # nobody reads while a test does something else
        with space.entered():
            self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        address = folder / ("notify.%d" % time.monotonic_ns())
        self.notices.bind(str(address))
        os.chmod(address, 0o777)
        self.told, self.talks = "", is_built_with(program, "libsystemd")
        life = [] if "--duration" in arguments else ["--duration", LIFE]
        user = [] if become or "--user" in arguments else ["--user", "root"]  # else it were eniflow where there is one
        command = [*become, program, "capture", "-i", interval, "-f", fields, "-o", output or self.log, *life, *user,
                   "--summary", "json", *arguments]
        environment = {**os.environ, **({"NOTIFY_SOCKET": str(address)} if self.talks else {})}
        with open(self.errors_path, "wb") as errors:
            self.process = space.popen(command, stdout=errors, stderr=errors, stdin=subprocess.DEVNULL,
                                       env=environment)
        self.wait_until_ready()

    # What it says

    @property
    def errors(self):
        return self.errors_path.read_text(errors="replace")

    @property
    def account(self):
        """The last account that it printed."""
        accounts = [line for line in self.errors.splitlines() if line.startswith("{")]
        return json.loads(accounts[-1]) if accounts else None

    @property
    def accounts(self):
        return [json.loads(line) for line in self.errors.splitlines() if line.startswith("{")]

    def notified(self):
        """All that it told the service manager so far."""
        self.notices.setblocking(False)
        try:
            while True:
                self.told += self.notices.recv(65536).decode() + "\n"
        except BlockingIOError:
            return self.told

    def wait_until_ready(self):
        """Until it says so (to a service manager, which we play), or is dead."""
        silent_until = time.monotonic() + SILENCE

        def is_ready():
            return "READY=1" in self.notified() if self.talks else time.monotonic() > silent_until

        wait_for(lambda: is_ready() or self.process.poll() is not None, "READY=1")
        if self.process.returncode is not None:
            raise AssertionError("status %d at once:\n%s" % (self.process.returncode, self.errors))

    def sockets(self):
        """Index of each device that it has a packet socket on."""
        with open("/proc/%d/net/packet" % self.process.pid) as file:
            return {int(line.split()[4]) for line in file.read().splitlines()[1:] if line.split()[5] == "1"}

    def notes(self):
        """What the kernel notes of each descriptor that it has, by name."""
        for file in Path("/proc/%d/fdinfo" % self.process.pid).iterdir():
            try:
                yield dict(line.split(":\t", 1) for line in file.read_text().splitlines() if ":\t" in line)
            except OSError:
                continue  # closed meanwhile

    def hooks(self):
        """Index of each device that it has a program on, at ingress and at egress (tcx)."""
        ways = [(int(note["ifindex"]), note["attach_type"]) for note in self.notes() if note.get("link_type") == "tcx"]
        indices = {index for index, _ in ways}
        return {index for index in indices if len({way for other, way in ways if other == index}) == 2}

    def kernel_objects(self):
        """(kind, number) of each program, map and link that it has a descriptor of, as bpftool names them."""
        return {(kind, int(note[kind + "_id"])) for note in self.notes() for kind in ("link", "prog", "map")
                if kind + "_id" in note}

    def wait_until_watching(self, space, *devices):
        """Until it has a socket on each of these devices (of a namespace in which nobody else has), or programs, and a
        moment."""
        indices = {space.index(device) for device in devices}
        wait_for(lambda: indices <= self.sockets() | self.hooks(), "a socket or programs on " + " ".join(devices))
        time.sleep(MOMENT)

    # What it wrote

    @property
    def records(self):
        return read_log(self.log)

    @property
    def whole_lines(self):
        """The records so far, while it may be writing."""
        text = self.log.read_text() if self.log.exists() else ""
        return records_of(text[:text.rfind("\n") + 1])

    def wait_for_records(self, condition, what):
        """Until what was written so far is such."""
        wait_for(lambda: condition(self.whole_lines), what)
        return self.whole_lines

    def wait_for_packets(self, packets):
        return self.wait_for_records(lambda records: packets_of(records) >= packets, "%d packets" % packets)

    @staticmethod
    def figures(path):
        """The text of its metrics file, written from now on."""
        since = time.time()

        def fresh():
            text = path.read_text() if path.exists() else ""
            updated = re.search(r"^eniflow_update_time_seconds (\S+)$", text, re.MULTILINE)
            return text if updated and float(updated[1]) >= since else None

        return wait_for(fresh, "metrics")

    # What is done to it

    def send_signal(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """Ends it; its exit status."""
        if self.process.poll() is None:
            self.send_signal(number)
        return self.wait()

    def wait(self, patience=PATIENCE):
        try:
            status = self.process.wait(patience)
            self.notified()
            return status
        finally:
            self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.notices.close()
