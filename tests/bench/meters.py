"""The programs that tests/bench/live compares: how each is called on a device, and what it counted.

Each meters with its own defaults, but that each gets a buffer of 64 MiB in the kernel where it has an option for that,
and what else it needs so as not to lose flows; that is said here."""

import re
import signal
import socket
import struct
import subprocess

from kit import lines_of

RING = 64  # MiB


class Meter:
    binary = package = None
    meters = True  # does it make flow records?
    peer = True
    settle = 0.5  # seconds between its socket and its readiness
    end = signal.SIGINT

    @property
    def name(self):
        return self.binary

    def command(self, device, out):
        """May write files into `out`, which is empty."""
        raise NotImplementedError

    def counted(self, out):
        """Packets in what it wrote."""
        raise NotImplementedError

    def told(self, out):
        """Packets that it says it lost; None where it does not say."""
        return None

    remainder = 0  # packets that may still be on their way when it ends; these are no loss for want of room

    def prepare(self, space):
        """Before it starts, in its namespace."""

    def conclude(self, out):
        """When it has read all, before it is ended."""

    def close(self):
        pass


def text(out):
    return "".join((out / name).read_text(errors="replace") for name in ("stdout", "stderr"))


def number(pattern, out):
    found = re.findall(pattern, text(out))
    return int(found[-1]) if found else None


class Eniflow(Meter):
    binary = "eniflow"
    peer = False
    end = signal.SIGTERM

    def __init__(self, program, backend=None, *options):
        self.program, self.backend, self.options = program, backend, options

    @property
    def name(self):
        return self.backend or self.binary

    def command(self, device, out):
        return [self.program, "capture", "--backend", self.backend or "pcap", "--summary", "json", "--user", "root",
                "--ring-size", "%dM" % RING, *self.options, "-o", out / "flow.log", device]

    def records(self, out):
        with (out / "flow.log").open() as file:
            names = next(file).split()
            return [dict(zip(names, line.split())) for line in file]

    def counted(self, out):
        return sum(int(record["packets"]) for record in self.records(out) if record["log-status"] == "OK")

    def told(self, out):
        """It says so by a SKIPDATA line: whether, not how many."""
        return "SKIPDATA" if any(record["log-status"] == "SKIPDATA" for record in self.records(out)) else 0


class Tcpdump(Meter):
    """Writes all packets, headers only: what it costs to get them, before any metering."""
    binary = package = "tcpdump"
    meters = False

    def command(self, device, out):
        return ["tcpdump", "-i", device, "-n", "-p", "-s", 96, "-B", RING * 1024, "-Z", "root", "-w", out / "pcap"]

    def counted(self, out):
        with (out / "pcap").open("rb") as file:
            count = 0
            file.read(24)
            while len(head := file.read(16)) == 16:
                file.seek(struct.unpack("<4I", head)[2], 1)
                count += 1
        return count

    def told(self, out):
        return number(r"(\d+) packets dropped by kernel", out)


class Nfpcapd(Meter):
    binary, package = "nfpcapd", "nfdump"

    def command(self, device, out):
        return ["nfpcapd", "-i", device, "-s", 96, "-b", RING, "-w", out]

    def counted(self, out):
        return sum(map(int, re.findall(r"Flows: \d+, Packets: (\d+)", text(out))))

    def told(self, out):
        drops = re.findall(r"dropped: (\d+)", text(out))
        return sum(map(int, drops)) if drops else None


class Softflowd(Meter):
    """Sends its records to a socket that nobody reads; what it counted is what it says when asked. With -B, the last
    block of the kernel's buffer reaches it only when that is full."""
    binary = package = "softflowd"
    remainder = 2048
    end = signal.SIGTERM
    sink = None

    def prepare(self, space):
        with space.entered():
            self.sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sink.bind(("127.0.0.1", 0))

    def close(self):
        self.sink.close()

    def command(self, device, out):
        return ["softflowd", "-i", device, "-N", "-n", "127.0.0.1:%d" % self.sink.getsockname()[1], "-v", 9, "-d", "-m",
                4194304, "-B", RING << 20, "-c", out / "control", "-p", out / "pid"]

    def conclude(self, out):
        with (out / "stdout").open("ab") as told:
            subprocess.run(["softflowctl", "-c", out / "control", "statistics"], stdout=told, stderr=told, timeout=20,
                           check=False)

    def counted(self, out):
        return number(r"Packets processed: (\d+)", out) or 0

    def told(self, out):
        return number(r"dropped by libpcap: (\d+)", out)


class Pmacctd(Meter):
    """It has no option for libpcap's buffer. Its plugin's queue has no bound; what the last blocks of that queue
    hold never gets to the plugin."""
    binary, package = "pmacctd", "pmacct"
    settle = 5
    remainder = 1024
    settings = ("daemonize: false\npcap_interface: %s\npromisc: false\nsnaplen: 128\nplugins: print\n"
                "aggregate: src_host,dst_host,src_port,dst_port,proto,tcpflags\n"
                "print_output: csv\nprint_output_file: %s\nprint_refresh_time: 3600\nprint_cache_entries: 524288\n"
                "plugin_pipe_zmq: true\nplugin_pipe_zmq_profile: large\nplugin_pipe_zmq_hwm: 0\n"
                "plugin_buffer_size: 65536\n")

    def command(self, device, out):
        (out / "settings").write_text(self.settings % (device, out / "print.csv"))
        return ["pmacctd", "-f", out / "settings"]

    def counted(self, out):
        log = out / "print.csv"
        if not log.exists() or lines_of(log) == 0:
            return 0
        with log.open() as file:
            column = next(file).strip().split(",").index("PACKETS")
            return sum(int(line.split(",")[column]) for line in file)

    def told(self, out):
        return number(r"dropped_packets=(\d+)", out)


PEERS = {meter.binary: meter for meter in (Tcpdump, Nfpcapd, Softflowd, Pmacctd)}
