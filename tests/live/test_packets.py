"""Are packets of live devices counted, each once, on the right interface? Run as: test_packets.py PROGRAM [unittest
arguments]."""

import os
import time

import lab
import traffic
from livetest import HOST, HOST6, HOST_TOO, PEER, PEER6, LiveTest, run
from sensor import PACKET_TUPLE, TUPLE, packets_of, sums, with_data

OWN = ("10.0.2.1", "10.0.3.1", "10.9.0.1", HOST, HOST_TOO, HOST6)
DIRECTED = (*TUPLE, "flow-direction")


class Veth(LiveTest):
    def assert_directions(self, records):
        """Relative to this host."""
        for record in with_data(records):
            self.assertEqual(record["flow-direction"], "egress" if record["pkt-srcaddr"] in OWN else "ingress", record)

    def test_every_packet_once(self):
        wire = self.wire()
        sensor = self.sensor("s0")
        sent = traffic.udp(self.host, HOST, 1001, self.peer, PEER, 9, 120)
        sent += traffic.udp(self.peer, PEER, 1002, self.host, HOST, 9, 80, payload=1000)
        sent += traffic.echo(self.host, HOST, 1003, self.peer, PEER, 7, 40)
        sent += traffic.ping(self.host, HOST, PEER, 25)
        sent += traffic.ping(self.peer, PEER, HOST, 15, payload=300)
        sent += traffic.tcp(wire, 1004, 80)
        self.assert_good_end(sensor)
        records = sensor.records
        self.assert_sums(records, sent)
        self.assert_sums(records, sent, PACKET_TUPLE)
        self.assert_directions(records)
        self.assertEqual(sensor.account["frames"], sum(sent.packets.values()))
        self.assertEqual({record["action"] for record in with_data(records)}, {"ACCEPT"})
        self.assertEqual(len({record["interface-id"] for record in records}), 1)
        flags = {record["srcaddr"]: int(record["tcp-flags"]) for record in with_data(records)
                 if record["protocol"] == "6"}
        self.assertEqual(flags, {HOST: 3, PEER: 19})

    def test_records_stand_in_their_windows(self):
        self.wire()
        began = int(time.time())
        sensor = self.sensor("s0", interval=1)
        sent = traffic.udp(self.host, HOST, 1001, self.peer, PEER, 9, 30, pause=0.1)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)
        windows = [record["start"] for record in with_data(sensor.records)]
        self.assertEqual(len(windows), len(set(windows)))
        self.assertGreaterEqual(len(windows), 3)
        for record in with_data(sensor.records):
            self.assertTrue(began <= int(record["start"]) == int(record["end"]) <= time.time(), record)

    def test_other_addresses_of_the_interface(self):
        """A secondary address shows as the primary one, and so does an address that is forwarded for."""
        self.wire()
        office = self.space()
        lab.Wire(self.host, "s1", ["10.0.2.1/24"], office, "o0", ["10.0.2.2/24"])
        self.host.sysctl("ipv4/ip_forward", 1)
        office.ip("route add default via 10.0.2.1")
        self.peer.ip("route add 10.0.2.0/24 via " + HOST)
        sensor = self.sensor("s0", "s1")
        traffic.echo(self.peer, PEER, 1001, self.host, HOST_TOO, 9, 10)
        traffic.udp(office, "10.0.2.2", 1002, self.peer, PEER, 9, 20)
        self.assert_good_end(sensor)
        size = 38
        self.assertEqual(sums(sensor.records, TUPLE + PACKET_TUPLE[:2] + ("flow-direction",)), {
            (PEER, HOST, "1001", "9", "17", PEER, HOST_TOO, "ingress"): (10, 10 * size),
            (HOST, PEER, "9", "1001", "17", HOST_TOO, PEER, "egress"): (10, 10 * size),
            ("10.0.2.2", "10.0.2.1", "1002", "9", "17", "10.0.2.2", PEER, "ingress"): (20, 20 * size),
            (HOST, PEER, "1002", "9", "17", "10.0.2.2", PEER, "egress"): (20, 20 * size),
        })

    def test_two_devices(self):
        self.wire()
        self.second_wire()
        sensor = self.sensor("s0", "s1")
        sent = traffic.echo(self.host, HOST, 1001, self.peer, PEER, 9, 30)
        sent += traffic.echo(self.peer, "10.0.2.2", 1002, self.host, "10.0.2.1", 9, 20)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)
        by_interface = {}
        for record in with_data(sensor.records):
            by_interface.setdefault(record["interface-id"], set()).add(record["srcaddr"][:6])
        self.assertEqual(sorted(map(sorted, by_interface.values())), [["10.0.1"], ["10.0.2"]])

    def test_ipv6(self):
        self.wire(ipv6=True)
        sensor = self.sensor("s0")
        sent = traffic.ping(self.host, HOST6, PEER6, 20)
        sent += traffic.echo(self.peer, PEER6, 1001, self.host, HOST6, 9, 30)
        sent += traffic.udp(self.host, HOST6, 1002, self.peer, PEER6, 9, 10, payload=1000)
        sent += traffic.ping(self.host, HOST, PEER, 5)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)
        self.assert_directions(sensor.records)

    def test_vlan_tags_are_looked_through(self):
        """Tagged frames as they are on a trunk, both ways; a VLAN device is not needed for that."""
        wire = self.wire()
        sensor = self.sensor("s0")
        for tags in (((0x8100, 5),), ((0x88a8, 5), (0x8100, 6))):
            traffic.raw_frames(self.peer, "p0", 10 * [traffic.ethernet(
                wire.far_mac, wire.near_mac, traffic.udp_packet(PEER, 1001, HOST, 9), *tags)])
            traffic.raw_frames(self.host, "s0", 15 * [traffic.ethernet(
                wire.near_mac, wire.far_mac, traffic.udp_packet(HOST, 1002, PEER, 9), *tags)])
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, traffic.Sent().add(PEER, 1001, HOST, 9, "17", 20, 38).add(
            HOST, 1002, PEER, 9, "17", 30, 38))
        self.assert_directions(sensor.records)

    def test_fragments_have_the_ports_of_their_first(self):
        self.wire()
        sensor = self.sensor("s0")
        traffic.udp(self.host, HOST, 1001, self.peer, PEER, 9, 20, payload=3000)
        self.assert_good_end(sensor)
        self.assertEqual(sums(sensor.records), {(HOST, PEER, "1001", "9", "17"): (60, 20 * (3 * 20 + 8 + 3000))})

    def test_what_is_no_ip_is_in_the_account_alone(self):
        wire = self.wire()
        sensor = self.sensor("s0")
        traffic.raw_frames(self.peer, "p0", 7 * [bytes.fromhex((wire.near_mac + wire.far_mac).replace(":", "")) +
                                                 b"\x88\xb5" + bytes(46)])
        self.assert_good_end(sensor)
        self.assertEqual(with_data(sensor.records), [])
        self.assertEqual((sensor.account["frames"], sensor.account["non-ip"]), (7, 7))

    def test_a_filter(self):
        self.wire()
        sensor = self.sensor("--filter", "udp port 9", "s0")
        sent = traffic.udp(self.host, HOST, 1001, self.peer, PEER, 9, 30)
        traffic.udp(self.host, HOST, 1001, self.peer, PEER, 10, 20)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)

    def test_packets_that_are_segmented_later(self):
        """With offloads a device shows packets of up to 64 KiB: libpcap's bytes count by their IP length."""
        self.wire(offload=True)
        sensor = self.sensor("--backend", "pcap", "s0")
        size = 4 << 20
        with traffic.connection(self.host, HOST, 1001, self.peer, PEER, 80) as (client, server):
            for _ in range(size >> 16):
                client.sendall(bytes(1 << 16))
                traffic.receive(server, 1 << 16)
        self.assert_good_end(sensor)
        packets, total = sums(sensor.records)[(HOST, PEER, "1001", "80", "6")]
        self.assertEqual(total - 8 - 52 * packets, size)  # 52: IP, TCP and its timestamps; the SYN has 8 more
        self.assertLess(packets, size / 1448)


class Kinds(LiveTest):
    """Devices that are no Ethernet, and words for several."""

    def test_loopback_shows_each_packet_once_in_each_direction(self):
        self.host = self.space()
        sensor = self.sensor("lo")
        traffic.udp(self.host, "127.0.0.1", 1001, self.host, "127.0.0.1", 9, 25)
        traffic.echo(self.host, "127.0.0.1", 1002, self.host, "127.0.0.1", 9, 5)
        self.assert_good_end(sensor)
        self.assertEqual(sums(sensor.records, DIRECTED), {
            ("127.0.0.1", "127.0.0.1", sport, dport, "17", direction): (packets, packets * 38)
            for sport, dport, packets in (("1001", "9", 25), ("1002", "9", 5), ("9", "1002", 5))
            for direction in ("egress", "ingress")})
        self.assertEqual(sensor.account["frames"], 2 * 35)

    def test_tun(self):
        """Packets without a link layer."""
        if not os.path.exists("/dev/net/tun"):
            self.skipTest("/dev/net/tun is missing")
        self.host = self.space()
        handle = lab.open_tun(self.host, "tun0")
        self.addCleanup(os.close, handle)
        self.host.ip("address add 10.9.0.1/24 dev tun0", "link set tun0 up")
        sensor = self.sensor("tun0")
        with traffic.bound(self.host, "10.9.0.1", 9) as waiting:
            traffic.write_all(handle, 30 * [traffic.udp_packet("10.9.0.2", 1001, "10.9.0.1", 9)])
            for _ in range(20):
                waiting.sendto(bytes(10), ("10.9.0.2", 1001))
        self.assert_good_end(sensor)
        self.assertEqual(sums(sensor.records, DIRECTED), {
            ("10.9.0.2", "10.9.0.1", "1001", "9", "17", "ingress"): (30, 30 * 38),
            ("10.9.0.1", "10.9.0.2", "9", "1001", "17", "egress"): (20, 20 * 38)})

    def test_any(self):
        self.wire()
        self.second_wire()
        sensor = self.sensor("any")
        sent = traffic.echo(self.host, HOST, 1001, self.peer, PEER, 9, 30)
        sent += traffic.echo(self.peer, "10.0.2.2", 1002, self.host, "10.0.2.1", 9, 20)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent, PACKET_TUPLE)

    def test_all_takes_those_that_come(self):
        """All that are up, but loopback and members of a bridge; each packet counts where it has an address."""
        self.wire()
        trunk = lab.Wire(self.host, "m0", [], self.peer, "n0", ["10.0.3.2/24"])
        self.host.ip("link add b0 address 02:00:00:00:ff:01 type bridge", "link set m0 master b0",
                     "address add 10.0.3.1/24 dev b0", "link set b0 up",
                     "neighbour add 10.0.3.2 lladdr %s dev b0 nud permanent" % trunk.far_mac)
        self.peer.ip("neighbour add 10.0.3.1 lladdr 02:00:00:00:ff:01 dev n0 nud permanent")
        sensor = self.sensor("--filter", "not igmp", "all")
        sensor.wait_until_watching(self.host, "s0", "b0")
        self.second_wire()
        sensor.wait_until_watching(self.host, "s1")
        self.assertFalse({self.host.index("lo"), self.host.index("m0")} & sensor.sockets())
        traffic.udp(self.host, "127.0.0.1", 1000, self.host, "127.0.0.1", 9, 25)
        sent = traffic.echo(self.host, HOST, 1001, self.peer, PEER, 9, 30)
        sent += traffic.echo(self.peer, "10.0.2.2", 1002, self.host, "10.0.2.1", 9, 20)
        sent += traffic.echo(self.host, "10.0.3.1", 1003, self.peer, "10.0.3.2", 9, 10)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)
        self.assertEqual(packets_of(sensor.records), 120)


if __name__ == "__main__":
    run()
