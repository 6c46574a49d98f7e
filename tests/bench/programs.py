"""The programs that tests/bench/run compares: how each is called, and how its records are counted.

Each reads the file, meters flows with its own defaults, and writes its records to a file in the same folder
(softflowd can only send them: to a socket that nobody reads). Where a default would make it lose packets or flows of
these traces, that is set higher, and said here."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from kit import Refused, lines_of, tell

PEER_RUNS = 3
PEER_LIMIT = 120  # seconds


class Program:
    """Something that reads a capture. `command` may write files into `out`, which is empty."""
    meters = False  # does it make flow records?
    peer = False
    discards = False  # does what it writes to standard output go nowhere?
    package = None
    binary = None

    def __init__(self, name):
        self.name = name

    def command(self, trace, out):
        raise NotImplementedError

    def records(self, kit):
        """Flow records written and packets accounted for in the run before; None where it does not say."""
        return None, None

    def waited(self, kit):
        """Seconds of the run before that were not the program's."""
        return 0


class Eniflow(Program):
    meters = True

    def __init__(self, program, *options, name=None):
        super().__init__(name or " ".join(["eniflow", *options]))
        self.program = program
        self.options = options

    def command(self, trace, out):
        return [self.program, "read", "--summary", "json", *self.options, "-o", out / "flow.log", trace]

    def records(self, kit):
        log = kit.out / "flow.log"
        counted = re.search(r'"counted": *(\d+)', kit.text("stderr"))
        return (lines_of(log) - 1 if log.exists() else 0), int(counted[1]) if counted else None


class Floor(Program):
    def __init__(self, tool):
        super().__init__("floor")
        self.tool = tool

    def command(self, trace, out):
        return [self.tool, trace]


class Cat(Program):
    discards = True

    def __init__(self, binary="cat"):
        super().__init__(binary)

    def command(self, trace, out):
        return [self.name, trace]


class Peer(Program):
    peer = meters = True

    def __init__(self):
        super().__init__(self.binary)


class Tcpdump(Peer):
    """Reads through libpcap and writes all packets to nowhere: what reading costs others before they meter."""
    binary = package = "tcpdump"
    meters = False
    discards = True

    def command(self, trace, out):
        return ["tcpdump", "-r", trace, "-w", "-"]  # by name, it would give /dev/null to its own user


class Nfpcapd(Peer):
    binary, package = "nfpcapd", "nfdump"

    def command(self, trace, out):
        return ["nfpcapd", "-r", trace, "-w", out]

    def records(self, kit):
        told = re.findall(r"Flows: (\d+), Packets: (\d+)", kit.text("stderr") + kit.text("stdout"))
        return sum(int(flows) for flows, _ in told), sum(int(packets) for _, packets in told)


class Softflowd(Peer):
    """Its table has 8,192 flows by default. The control socket makes release 1.1.0 wait for ever with -r."""
    binary = package = "softflowd"

    def __init__(self):
        super().__init__()
        self.sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sink.bind(("127.0.0.1", 0))

    def command(self, trace, out):
        return ["softflowd", "-r", trace, "-n", "127.0.0.1:%d" % self.sink.getsockname()[1], "-v", "9", "-d", "-m",
                "4194304", "-c", "none", "-p", out / "pid"]

    def records(self, kit):
        text = kit.text("stderr") + kit.text("stdout")
        records, packets = re.search(r"\((\d+) records\)", text), re.search(r"Packets processed: (\d+)", text)
        return int(records[1]) if records else 0, int(packets[1]) if packets else None


class Argus(Peer):
    binary, package = "argus", "argus-server"

    def command(self, trace, out):
        return ["argus", "-X", "-r", trace, "-w", out / "argus.out"]

    def records(self, kit):
        if not shutil.which("racount"):
            return None, None
        told = subprocess.run(["racount", "-r", kit.out / "argus.out"], capture_output=True, text=True, check=False)
        total = re.search(r"sum +(\d+) +(\d+)", told.stdout)
        return (int(total[1]), int(total[2])) if total else (None, None)


class Pmacctd(Peer):
    """By way of pmacctd.py, which sees to it that beginning and end of the file are not lost. Its queue has no bound, and
    its cache holds eleven times its entries, so that all flows of a trace fit."""
    binary, package = "pmacctd", "pmacct"
    delay = 6  # seconds
    settings = ("daemonize: false\npcap_savefile: %s\npcap_savefile_delay: %d\npcap_savefile_wait: true\n"
                "plugins: print\n"
                "aggregate: src_host,dst_host,src_port,dst_port,proto,tcpflags\n"
                "print_output: csv\nprint_output_file: %s\nprint_refresh_time: 3600\nprint_cache_entries: 524288\n"
                "plugin_pipe_zmq: true\nplugin_pipe_zmq_profile: large\nplugin_pipe_zmq_hwm: 0\n"
                "plugin_buffer_size: 1048576\n")

    def command(self, trace, out):
        settings = out.parent / "pmacctd.conf"  # `out` is emptied before the run
        settings.write_text(self.settings % (trace, self.delay, out / "print.csv"))
        return [sys.executable, "-B", Path(__file__).with_name("pmacctd.py"), settings, self.delay, out / "waited"]

    def waited(self, kit):
        return float(kit.text("waited") or 0)

    def records(self, kit):
        log = kit.out / "print.csv"
        if not log.exists():
            return 0, None
        with log.open() as file:
            next(file)
            counts = [int(line.rpartition(",")[0].rpartition(",")[2]) for line in file]
        return len(counts), sum(counts)


PEERS = {peer.binary: peer for peer in (Tcpdump, Nfpcapd, Softflowd, Argus, Pmacctd)}
EXTRA = {"argus-server": ["argus-client"]}  # racount


def peers(names):
    """The peers of these names that are here or can be had from apt; others are named."""
    wanted = [PEERS[name] for name in names]
    missing = [peer for peer in wanted if not find(peer.binary)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        install([package for peer in missing for package in [peer.package, *EXTRA.get(peer.package, [])]])
    for peer in wanted:
        if not find(peer.binary):
            print("- %s is missing (Debian package %s)" % (peer.binary, peer.package))
    return [peer() for peer in wanted if find(peer.binary)]


def find(binary):
    if not shutil.which(binary) and Path("/usr/sbin", binary).exists():
        os.environ["PATH"] += ":/usr/sbin"
    return shutil.which(binary)


def install(packages):
    """By apt-get, without starting the daemons that some of the packages bring."""
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    tell("installing " + " ".join(packages))
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            subprocess.run(["apt-get", "-q", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           stdin=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                           check=False)
    finally:
        if ours:
            policy.unlink()


def choose(text):
    """The names in --peers."""
    if text in ("all", "none"):
        return list(PEERS) if text == "all" else []
    names = text.split(",")
    for name in names:
        if name not in PEERS:
            raise Refused("--peers: %s is none of %s" % (name, ", ".join(PEERS)))
    return names
