"""Is what the kernel hands round in one piece counted as the packets that are on the wire? Run as: test_segments.py
PROGRAM [unittest arguments].

A router stands between this host, whose device s0 offloads, and a far host whose wire carries each packet by itself:
that device's counters say what there was."""

import socket
import struct
import threading

import lab
import traffic
from livetest import LiveTest, run
from sensor import is_built_with, sums

HOST, FAR, HOST6, FAR6 = "10.0.1.1", "10.0.2.2", "2001:db8:1::1", "2001:db8:2::2"
ETHERNET = 14
SIZE = 16 << 20  # bytes of a transfer, over 11,000 packets
FEW = 3000
TRIES = 5  # at a transfer of which nothing is lost on its way because the machine is busy
UDP_SEGMENT = 103  # of the level IPPROTO_UDP
RTM_NEWLINK, NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR = 16, 1, 4, 2
IFLA_GSO_MAX_SIZE, IFLA_GRO_MAX_SIZE, IFLA_GSO_IPV4_MAX_SIZE, IFLA_GRO_IPV4_MAX_SIZE = 41, 58, 63, 64
BIG = 180_000
BIG_ONES = """table inet big {
 chain out {
  type filter hook postrouting priority 0
  meta length > 65535 counter
 }
}"""


def set_sizes(space, device, *attributes):
    """How long packets of a device may become in the kernel, which not every ip(8) can set for IPv4."""
    load = struct.pack("=BxHiII", 0, 0, space.index(device), 0, 0) + b"".join(
        struct.pack("=HHI", 8, attribute, BIG) for attribute in attributes)
    with space.entered(), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        kernel.send(struct.pack("=IHHII", 16 + len(load), RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0) + load)
        answer = kernel.recv(4096)
    kind, error = struct.unpack("=4xH10xi", answer[:20])
    if kind != NLMSG_ERROR or error:
        raise OSError(-error, "packets of %d bytes on %s" % (BIG, device))


class Segments(LiveTest):
    backend = None  # each class below has its own

    def path(self, ipv6=False):
        """host s0 - p0 router p1 - q0 far."""
        self.host, self.router, self.far = (self.space(ipv6=ipv6) for _ in range(3))
        for name in ("ipv4/ip_forward", "ipv6/conf/all/forwarding", "ipv6/conf/default/forwarding"):
            self.router.sysctl(name, 1)
        self.near = lab.Wire(self.host, "s0", [HOST + "/24"] + [HOST6 + "/64"] * ipv6,
                             self.router, "p0", ["10.0.1.2/24"] + ["2001:db8:1::2/64"] * ipv6, offload=True)
        self.beyond = lab.Wire(self.router, "p1", ["10.0.2.1/24"] + ["2001:db8:2::1/64"] * ipv6,
                               self.far, "q0", [FAR + "/24"] + [FAR6 + "/64"] * ipv6)
        for space, device in ((self.router, "p1"), (self.far, "q0")):
            space.run("ethtool", "-K", device, "tx-udp-segmentation", "off")
        self.host.ip("route add 10.0.2.0/24 via 10.0.1.2", *["route add 2001:db8:2::/64 via 2001:db8:1::2"] * ipv6)
        self.far.ip("route add 10.0.1.0/24 via 10.0.2.1", *["route add 2001:db8:1::/64 via 2001:db8:2::1"] * ipv6)
        self.ethernet = ETHERNET  # in each packet that q0 counts as sent; where p1 puts them together, p1 counts

    def watch(self):
        return self.sensor("--backend", self.backend, "s0")

    def counters(self):
        """(packets to far, their IP bytes), the same from far, and how many pieces each was in at s0."""
        (received, received_size), (sent, sent_size) = traffic.settled(self.beyond)
        (in_pieces, _), (out_pieces, _) = self.host.counters("s0")
        return [received, received_size - ETHERNET * received, sent, sent_size - self.ethernet * sent, out_pieces,
                in_pieces]

    def grown(self, before):
        return [now - then for now, then in zip(self.counters(), before)]

    def transfer(self, source, destination, sport=1001, size=SIZE):
        """A TCP connection to port 80 that carries that much."""
        spaces = {HOST: self.host, HOST6: self.host, FAR: self.far, FAR6: self.far}
        with traffic.connection(spaces[source], source, sport, spaces[destination], destination, 80) as (client, server):
            reader = threading.Thread(target=traffic.receive, args=(server, size))
            reader.start()
            client.sendall(bytes(size))
            reader.join()

    def assert_counted(self, source, destination, pieces):
        """What is recorded of a transfer is what q0 saw. At s0 it is in fewer pieces than that; None: in as many."""
        for sport in range(1001, 1001 + TRIES):
            sensor = self.watch()
            before, lost = self.counters(), traffic.backlog_losses()
            self.transfer(source, destination, sport)
            to_far, to_far_size, from_far, from_far_size, out_pieces, in_pieces = self.grown(before)
            self.assert_good_end(sensor)
            if traffic.backlog_losses() == lost:
                break
        outward = (to_far, to_far_size), (from_far, from_far_size)
        there, back = outward if source in (HOST, HOST6) else outward[::-1]
        earlier = {str(port) for port in range(1001, sport)}
        seen = {key: value for key, value in sums(sensor.records).items() if not earlier.intersection(key[2:4])}
        self.assertEqual(seen, {
            (source, destination, str(sport), "80", traffic.TCP): there,
            (destination, source, "80", str(sport), traffic.TCP): back})
        # By arithmetic: each has its headers and timestamps, the SYN 8 bytes of options more; some may be sent again.
        self.assertGreaterEqual(there[1] - 8 - (traffic.ip_header(source) + 32) * there[0], SIZE)
        at_s0 = out_pieces if source in (HOST, HOST6) else in_pieces
        if pieces:
            self.assertLess(at_s0, pieces)
        else:
            self.assertEqual(at_s0, there[0])

    def test_tcp_that_the_device_cuts(self):
        self.path()
        self.assert_counted(HOST, FAR, FEW)

    def test_tcp_over_ipv6(self):
        self.path(ipv6=True)
        self.assert_counted(HOST6, FAR6, FEW)

    def test_tcp_that_the_kernel_cuts_for_the_device(self):
        self.path()
        self.host.run("ethtool", "-K", "s0", "tso", "off", "gso", "off")
        self.assert_counted(HOST, FAR, None)

    def test_tcp_that_is_put_together(self):
        """Small packets come from far; the router's device makes large ones of them, and so they reach s0."""
        self.path()
        self.router.run("ethtool", "-K", "p1", "gro", "on")
        self.ethernet = 0
        self.assert_counted(FAR, HOST, FEW)

    def test_tcp_over_ipv6_that_is_put_together(self):
        self.path(ipv6=True)
        self.router.run("ethtool", "-K", "p1", "gro", "on")
        self.ethernet = 0
        self.assert_counted(FAR6, HOST6, FEW)

    def test_big_tcp(self):
        """More than 64 KiB in one piece."""
        self.path()
        self.grow()
        self.assert_counted(HOST, FAR, FEW)
        self.assert_grown()

    def test_big_tcp_over_ipv6(self):
        self.path(ipv6=True)
        self.grow()
        for space, device in ((self.router, "p1"), (self.far, "q0")):
            # A router takes the header that is not for the wire for a part of each packet.
            space.ip("link set %s mtu 1508" % device)
        self.assert_counted(HOST6, FAR6, FEW)
        self.assert_grown()

    def grow(self):
        sizes = IFLA_GSO_MAX_SIZE, IFLA_GRO_MAX_SIZE, IFLA_GSO_IPV4_MAX_SIZE, IFLA_GRO_IPV4_MAX_SIZE
        try:
            for space, device in ((self.host, "s0"), (self.router, "p0")):
                set_sizes(space, device, *sizes)
        except OSError as why:
            self.skipTest("the kernel knows no packets of that size: %s" % why)
        self.host.nft(BIG_ONES)

    def assert_grown(self):
        self.assertIn("counter packets", self.host.run("nft", "list", "ruleset"))
        self.assertNotIn("counter packets 0", self.host.run("nft", "list", "ruleset"))

    def test_udp_that_is_cut(self):
        """Sent in one call, 1200 bytes each, the last one less."""
        self.path(ipv6=True)
        sensor = self.watch()
        before = self.counters()
        for source, destination, sport in ((HOST, FAR, 1001), (HOST6, FAR6, 1002)):
            with traffic.bound(self.host, source, sport) as sender, traffic.bound(self.far, destination, 9):
                sender.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 1200)
                for _ in range(50):
                    sender.sendto(bytes(40 * 1200 + 7), (destination, 9))
        to_far, _, _, _, out_pieces, _ = self.grown(before)
        self.assert_good_end(sensor)
        sent = traffic.Sent().add(HOST, 1001, FAR, 9, traffic.UDP, 2000, 1228).add(
            HOST, 1001, FAR, 9, traffic.UDP, 50, 35)
        sent += traffic.Sent().add(HOST6, 1002, FAR6, 9, traffic.UDP, 2000, 1248).add(
            HOST6, 1002, FAR6, 9, traffic.UDP, 50, 55)
        self.assert_sums(sensor.records, sent)
        self.assertEqual((to_far, out_pieces), (4100, 100))

    def test_loopback(self):
        """Nothing is cut there, but what would be is counted so, and the same in both directions."""
        self.path()
        sensor = self.sensor("--backend", self.backend, "lo")
        before = self.host.counters("lo")
        with traffic.connection(self.host, "127.0.0.1", 1001, self.host, "127.0.0.1", 80) as (client, server):
            for _ in range(64):
                client.sendall(bytes(1 << 16))
                traffic.receive(server, 1 << 16)
        self.assert_good_end(sensor)
        seen = sums(sensor.records, ("srcport", "flow-direction"))
        self.assertEqual(seen["1001", "egress"], seen["1001", "ingress"])
        packets, size = seen["1001", "egress"]
        self.assertEqual(size - 8 - 52 * packets, 1 << 22)
        self.assertGreaterEqual(packets, 64)
        self.assertGreater(self.host.counters("lo")[0][0], before[0][0])


class Packet(Segments):
    backend = "packet"

    def tunnel(self, *arguments):
        """A transfer through a VXLAN tunnel between s0 and q0. The records of what goes to far, and what that was."""
        self.path()
        for space, own, other, end in ((self.host, HOST, FAR, 1), (self.far, FAR, HOST, 2)):
            space.ip("link add v0 address 02:00:00:00:ff:%02x mtu 1450 type vxlan id 42 dstport 4789 "
                     "local %s remote %s" % (end, own, other),
                     "address add 10.0.3.%d/24 dev v0" % end, "link set v0 up",
                     "neighbour add 10.0.3.%d lladdr 02:00:00:00:ff:%02x dev v0 nud permanent" % (3 - end, 3 - end))
        sensor = self.sensor("--backend", self.backend, *arguments, "s0")
        before = self.counters()
        with traffic.connection(self.host, "10.0.3.1", 1001, self.far, "10.0.3.2", 80) as (client, server):
            for _ in range(SIZE >> 16):
                client.sendall(bytes(1 << 16))
                traffic.receive(server, 1 << 16)
        to_far, to_far_size, _, _, out_pieces, _ = self.grown(before)
        self.assert_good_end(sensor)
        self.assertLess(out_pieces, FEW)
        return sums(sensor.records, ("srcaddr", "dstaddr", "dstport", "protocol")), to_far, to_far_size

    def test_a_tunnel(self):
        """Where the load of a segment begins is told in a tunnel, too."""
        seen, packets, size = self.tunnel()
        self.assertEqual(seen[HOST, FAR, "4789", traffic.UDP], (packets, size))

    def test_an_opened_tunnel(self):
        seen, packets, size = self.tunnel("--decapsulate", "vxlan")
        around = 20 + 8 + 8 + ETHERNET  # IP, UDP, VXLAN and the frame in it
        self.assertEqual(seen["10.0.3.1", "10.0.3.2", "80", traffic.TCP], (packets, size - around * packets))


class Ebpf(Segments):
    backend = "ebpf"

    def setUp(self):
        super().setUp()
        if not is_built_with(self.program, "libbpf"):
            self.skipTest("built without eBPF")


del Segments  # is no test by itself

if __name__ == "__main__":
    run()
