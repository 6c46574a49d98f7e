"""The backends of `eniflow capture` side by side: whichever watches, the records are the same. Run as: test_backends.py
PROGRAM [unittest arguments]."""

import os
import time

import lab
import traffic
from livetest import HOST, HOST6, HOST_TOO, PEER, PEER6, LiveTest, run
from sensor import FATES, is_built_with, packets_of, sums, with_data

FIELDS = ("version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
          "log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type "
          "sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path")
CLEAR = (0.05, 0.75)  # of a second: nothing is sent near its bounds, where the backends' clocks could differ
TICK = 0.1
GROUP = "ff:ff:ff:ff:ff:ff"


def clear_of_bounds():
    """Waits for the part of a second in which what follows takes place as a whole."""
    while not CLEAR[0] < time.time() % 1 < CLEAR[1]:
        time.sleep(0.01)


class SideBySide(LiveTest):
    BACKENDS = ("pcap", "packet", "ebpf")

    def sensors(self, *arguments, backends=BACKENDS, **how):
        """One of each backend, on the same devices."""
        if not is_built_with(self.program, "libbpf"):
            self.skipTest("built without eBPF")
        return {backend: self.sensor("--backend", backend, *arguments, output=self.folder / (backend + ".log"),
                                     fields=FIELDS, **how) for backend in backends}

    def lines(self, sensor):
        """Without NODATA, since they neither begin nor end at once."""
        return sorted(line for line in sensor.log.read_text().splitlines() if " NODATA" not in line)

    def assert_same(self, sensors, least=1):
        for sensor in sensors.values():
            self.assert_good_end(sensor)
        (name, first), *others = sensors.items()
        self.assertGreaterEqual(len(with_data(first.records)), least)
        for backend, other in others:
            self.assertEqual(self.lines(other), self.lines(first), "%s and %s" % (backend, name))
            self.assertEqual({fate: other.account[fate] for fate in FATES},
                             {fate: first.account[fate] for fate in FATES}, "%s and %s" % (backend, name))
        return first

    def settings(self, **macs):
        return self.write("eniflow.conf", "".join(
            "[interface %s]\ninterface-id = eni-%s\ndevice = s0\nmac = %s\n" % (name, name, mac) for name, mac in macs.items()))

    def conversations(self, wire):
        """What programs do."""
        for step in (
                lambda: traffic.ping(self.host, HOST, PEER, 15), lambda: traffic.ping(self.peer, PEER6, HOST6, 15),
                lambda: traffic.udp(self.peer, PEER, 1001, self.host, HOST_TOO, 9, 40),
                lambda: traffic.udp(self.host, HOST, 1002, self.peer, PEER, 9, 10, payload=4000),
                lambda: traffic.udp(self.peer, PEER, 1003, self.host, HOST, 9, 10, payload=4000),
                lambda: traffic.udp(self.host, HOST6, 1004, self.peer, PEER6, 9, 5, payload=3000),
                lambda: traffic.udp(self.peer, PEER6, 1005, self.host, HOST6, 9, 5, payload=3000),
                lambda: traffic.echo(self.host, HOST6, 1006, self.peer, PEER6, 9, 25),
                lambda: traffic.tcp(wire, 1007, 80), lambda: traffic.call(self.peer, PEER, 1008, HOST, 23)):
            clear_of_bounds()
            step()

    def frames(self, wire):
        """What a wire can have on it: both ways, to this host, to a group and to somebody else."""
        packet, tags = traffic.udp_packet(PEER, 1010, HOST, 9), ((0x8100, 7), (0x88a8, 8))
        late = traffic.udp_packet(PEER, 1011, HOST, 9, payload=64)
        late = late[:6] + b"\x00\x08" + late[8:]  # a fragment of which nobody saw the first
        for source, destination in ((wire.far_mac, wire.near_mac), (wire.near_mac, wire.far_mac), (wire.far_mac, GROUP),
                                    (wire.near_mac, GROUP), (wire.far_mac, "01:00:5e:00:00:fb"),
                                    (wire.far_mac, "02:00:00:00:99:99")):
            def ethernet(packet, *tags, ends=(source, destination)):
                return traffic.ethernet(*ends, packet, *tags)

            yield ethernet(packet)
            yield ethernet(packet, tags[0])
            yield ethernet(packet, tags[1], tags[0])
            yield ethernet(late)
            yield ethernet(packet + bytes(30))  # padding
            yield ethernet(packet[:20])  # its UDP header is missing
            yield ethernet(packet[:12])  # cut off
            yield ethernet(b"\x43" + packet[1:])  # a header shorter than one can be
            yield ethernet(b"\x65" + packet[1:])  # another version
            yield ethernet(packet)[:12] + b"\x08\x06" + bytes(46)  # ARP
            yield ethernet(packet)[:12] + b"\x88\xb5" + bytes(46)  # for experiments
            yield ethernet(b"\x45\x00" + b"\x00\x14" + bytes(5) + b"\x84" + packet[10:20])  # SCTP without a header
            yield ethernet(traffic.udp_packet("0.0.0.0", 68, "255.255.255.255", 67))  # of DHCP, which is not logged

    def send_frames(self, wire):
        for space, device in ((self.peer, "p0"), (self.host, "s0")):
            for frame in self.frames(wire):
                own = wire.far_mac if device == "p0" else wire.near_mac
                if bytes(int(part, 16) for part in own.split(":")) == frame[6:12]:
                    clear_of_bounds()
                    traffic.raw_frames(space, device, 3 * [frame])

    def test_conversations(self):
        wire = self.wire(ipv6=True)
        sensors = self.sensors("-s", "interface-id=eni-s0", "s0")
        self.conversations(wire)
        self.assert_same(sensors, 15)

    def test_frames(self):
        wire = self.wire()
        sensors = self.sensors("-s", "interface-id=eni-s0", "s0")
        self.send_frames(wire)
        self.assert_same(sensors, 10)

    def test_interfaces_by_their_macs(self):
        """This host's, the one of the other end, and nobody's."""
        wire = self.wire()
        path = self.settings(near=wire.near_mac, far=wire.far_mac, nobody="02:00:00:00:99:99")
        sensors = self.sensors("-c", path, "s0")
        self.send_frames(wire)
        clear_of_bounds()
        traffic.echo(self.host, HOST, 1001, self.peer, PEER, 9, 10)
        first = self.assert_same(sensors, 10)
        self.assertEqual({record["interface-id"] for record in with_data(first.records)},
                         {"eni-near", "eni-far", "eni-nobody"})

    def test_windows(self):
        """Traffic that goes on over the bounds of seconds and windows."""
        self.wire()
        sensors = self.sensors("-s", "interface-id=eni-s0", "s0", interval=2)
        with traffic.bound(self.host, HOST, 1001) as sender, traffic.bound(self.peer, PEER, 9):
            for tick in range(40):
                at = (int(time.time() / TICK) + 1.5) * TICK  # between two tenths of a second
                time.sleep(max(0, at - time.time()))
                clear_of_bounds()
                sender.sendto(bytes(10 + tick), (PEER, 9))
        first = self.assert_same(sensors, 2)
        self.assertEqual(packets_of(first.records), 40)

    def test_devices_of_all_kinds(self):
        """Loopback, and one without a link layer."""
        if not os.path.exists("/dev/net/tun"):
            self.skipTest("/dev/net/tun is missing")
        self.host = self.space(ipv6=True)
        handle = lab.open_tun(self.host, "tun0")
        self.addCleanup(os.close, handle)
        self.host.ip("address add 10.9.0.1/24 dev tun0", "link set tun0 up")
        sensors = self.sensors("-s", "interface-id=eni-0", "lo", "tun0")
        clear_of_bounds()
        with traffic.bound(self.host, "10.9.0.1", 9) as waiting:
            traffic.write_all(handle, 30 * [traffic.udp_packet("10.9.0.2", 1001, "10.9.0.1", 9)])
            for _ in range(20):
                waiting.sendto(bytes(3000), ("10.9.0.2", 1001))
        clear_of_bounds()
        traffic.echo(self.host, "127.0.0.1", 1002, self.host, "127.0.0.1", 9, 5)
        traffic.ping(self.host, "::1", "::1", 5)
        self.assert_same(sensors, 8)

    def test_offloads(self):
        """Super-packets, each way: the exact two agree, and count what they are on the wire."""
        self.wire(ipv6=True, offload=True)
        sensors = self.sensors("-s", "interface-id=eni-s0", "s0", backends=("packet", "ebpf"))
        size = 1 << 20
        for source, destination, port in ((HOST, PEER, 80), (HOST6, PEER6, 81)):
            clear_of_bounds()
            with traffic.connection(self.host, source, 1001, self.peer, destination, port) as ends:
                for sender, receiver in (ends, ends[::-1]):
                    for _ in range(size >> 16):
                        sender.sendall(bytes(1 << 16))
                        traffic.receive(receiver, 1 << 16)
        first = self.assert_same(sensors, 4)
        for key, (packets, _) in sums(first.records).items():
            self.assertGreaterEqual(packets, size // 1448, key)


if __name__ == "__main__":
    run()
