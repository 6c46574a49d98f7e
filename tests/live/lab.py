"""Network namespaces, and veth pairs between them, that last as long as this process.

A namespace is held by a descriptor and has no name: nothing stands in /run/netns, and everything vanishes with the
process, whatever ends it. Addresses of neighbours are static and IPv6 is off unless asked for, so that the only packets
are those that somebody sends."""

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import shutil
import signal
import struct
import subprocess
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
PR_SET_PDEATHSIG = 1
MS_REC, MS_PRIVATE, MNT_DETACH = 0x4000, 0x40000, 2
REPORTS, REPORTS_MOST = 2, 2.0  # that a device sends, as long as nobody changed mld_qrv; seconds that they may take
OURS = "/proc/thread-self/ns/net"


def call(function, *arguments):
    if function(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, "%s: %s" % (function.__name__, os.strerror(code)))


def obstacle():
    """Why there can be no namespaces here, or None."""
    if os.geteuid() != 0:
        return "needs root, for network namespaces"
    for program in ("ip", "tcpdump", "ping", "nft", "setpriv"):
        if not tool(program):
            return "%s is missing" % program
    try:
        Namespace().close()
    except OSError as why:
        return "no network namespaces: %s" % why
    return None


def tool(name):
    return shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin")


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Namespace:
    """A network namespace of its own, with nothing but its loopback device, which is up."""

    def __init__(self, ipv6=False):
        home = os.open(OURS, os.O_RDONLY | os.O_CLOEXEC)
        try:
            call(LIBC.unshare, CLONE_NEWNET)
            self.handle = os.open(OURS, os.O_RDONLY | os.O_CLOEXEC)
            call(LIBC.setns, home, CLONE_NEWNET)
        finally:
            os.close(home)
        for which in ("all", "default"):
            self.sysctl("ipv6/conf/%s/disable_ipv6" % which, 0 if ipv6 else 1)
            for noise in ("accept_dad", "dad_transmits", "router_solicitations", "accept_ra"):
                self.sysctl("ipv6/conf/%s/%s" % (which, noise), 0)
            self.sysctl("ipv6/conf/%s/addr_gen_mode" % which, 1)  # no link-local address by itself
            # Reports of who listens to which group are sent whenever an address comes, and again: soon, not a second later.
            self.sysctl("ipv6/conf/%s/mldv2_unsolicited_report_interval" % which, 1)
        self.ip("link set lo up")

    def close(self):
        os.close(self.handle)

    @property
    def path(self):
        """By which `ip` finds it, while this process lives."""
        return "/proc/%d/fd/%d" % (os.getpid(), self.handle)

    @contextlib.contextmanager
    def entered(self):
        """This thread is in the namespace; a socket made there stays there."""
        home = os.open(OURS, os.O_RDONLY | os.O_CLOEXEC)
        call(LIBC.setns, self.handle, CLONE_NEWNET)
        try:
            yield
        finally:
            call(LIBC.setns, home, CLONE_NEWNET)
            os.close(home)

    def become(self):
        """For a child between fork and exec. Whatever started us may have had these signals ignored."""
        for number in (signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        die_with_parent()
        call(LIBC.setns, self.handle, CLONE_NEWNET)

    def popen(self, command, **how):
        """Starts a program there; it ends with this process."""
        command = [tool(command[0]) or command[0], *map(str, command[1:])]
        return subprocess.Popen(command, preexec_fn=self.become, **how)

    def run(self, *command, **how):
        """Runs a program there to its end, which must be a good one; what it printed."""
        with self.popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                        text=True) as ran:
            told, _ = ran.communicate(how.get("input"), timeout=20)
        if ran.returncode and not how.get("may_fail"):
            raise RuntimeError("%s: status %d\n%s" % (" ".join(map(str, command)), ran.returncode, told))
        return told

    def ip(self, *commands):
        """Commands of ip(8), in one go."""
        return self.run("ip", "-batch", "-", input="".join(command + "\n" for command in commands))

    def nft(self, rules):
        return self.run("nft", "-f", "-", input=rules)

    def sysctl(self, name, value):
        """Below /proc/sys/net, whose content is that of the namespace one is in. What IPv6 lacks is no noise."""
        with self.entered(), contextlib.suppress(FileNotFoundError):
            with open("/proc/sys/net/" + name, "w") as file:
                file.write(str(value))

    def index(self, device):
        return json.loads(self.run("ip", "-json", "link", "show", "dev", device))[0]["ifindex"]

    def counters(self, device):
        """(received, sent) packets and bytes of a device, as the kernel counts them; bytes are those of frames."""
        stats = json.loads(self.run("ip", "-json", "-statistics", "link", "show", "dev", device))[0]["stats64"]
        return [(stats[way]["packets"], stats[way]["bytes"]) for way in ("rx", "tx")]


def mac(number):
    return "02:00:00:00:%02x:%02x" % (number >> 8, number & 255)


class Wire:
    """A veth pair: `near` (a device in one namespace) and `far` (in the other), each with addresses ("10.0.1.1/24"),
    the first of which is the primary one, and each knowing the other's."""
    made = 0

    def __init__(self, near_space, near, near_addresses, far_space, far, far_addresses, offload=False):
        Wire.made += 2
        self.near_space, self.near, self.far_space, self.far = near_space, near, far_space, far
        self.near_mac, self.far_mac = mac(Wire.made), mac(Wire.made + 1)
        self.near_addresses, self.far_addresses = near_addresses, far_addresses
        self.offload = offload
        self.make()

    def make(self):
        self.near_space.ip("link add %s address %s type veth peer name %s address %s netns %s" % (
            self.near, self.near_mac, self.far, self.far_mac, self.far_space.path))
        if not self.offload:
            for space, device in ((self.near_space, self.near), (self.far_space, self.far)):
                space.run("ethtool", "-K", device, "tso", "off", "gso", "off", "gro", "off")
        self.far_space.ip(*self.settings(self.far, self.far_addresses, self.near_addresses, self.near_mac))
        self.near_space.ip(*self.settings(self.near, self.near_addresses, self.far_addresses, self.far_mac))
        if any(":" in address for address in self.near_addresses + self.far_addresses):
            self.hear_reports()

    def hear_reports(self):
        """Waits until both ends have said which groups they listen to, as IPv6 does."""
        ends, end = ((self.near_space, self.near), (self.far_space, self.far)), time.monotonic() + REPORTS_MOST
        while any(space.counters(device)[1][0] < REPORTS for space, device in ends) and time.monotonic() < end:
            time.sleep(0.02)

    @staticmethod
    def settings(device, own, others, others_mac):
        for address in own:
            yield "address add %s dev %s%s" % (address, device, " nodad" if ":" in address else "")
        yield "link set %s up" % device
        for address in others:
            address = address.partition("/")[0]
            yield "neighbour replace %s lladdr %s dev %s nud permanent" % (address, others_mac, device)

    def remove(self):
        self.near_space.ip("link delete " + self.near)

    def knows_again(self):
        """What a device forgets when it is set down: its neighbours."""
        for space, own, others, others_mac in ((self.near_space, self.near, self.far_addresses, self.far_mac),
                                               (self.far_space, self.far, self.near_addresses, self.near_mac)):
            space.ip(*list(self.settings(own, [], others, others_mac)))


IFF_TUN, IFF_NO_PI, TUNSETIFF = 0x0001, 0x1000, 0x400454CA


def open_tun(space, name):
    """A tun device there, which lasts until its descriptor is closed; reads and writes are IP packets."""
    with space.entered():
        handle = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(handle, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return handle


def private_mounts():
    """From here on, what this process mounts is its own and goes with it."""
    call(LIBC.unshare, CLONE_NEWNS)
    if LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0:
        raise OSError(ctypes.get_errno(), "mount")


def mount_small(folder, size):
    """A file system in memory of that many bytes."""
    if LIBC.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, b"size=%d" % size) != 0:
        raise OSError(ctypes.get_errno() or errno.EIO, "mount tmpfs")


def unmount(folder):
    if LIBC.umount2(str(folder).encode(), MNT_DETACH) != 0:
        raise OSError(ctypes.get_errno(), "umount")
