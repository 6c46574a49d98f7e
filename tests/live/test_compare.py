"""The records of a live device are those of a recording of it, made by tcpdump at the same time. Run as:
test_compare.py PROGRAM [unittest arguments]."""

import time

import traffic
from livetest import HOST, HOST6, HOST_TOO, PEER, PEER6, LiveTest, run

FIELDS = ("version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
          "log-status tcp-flags flow-direction pkt-srcaddr pkt-dstaddr type")


class Compare(LiveTest):
    def mixed(self, wire, seed):
        """A bit of everything over one wire, which takes over a second."""
        traffic.ping(self.host, HOST, PEER, 15)
        traffic.tcp(wire, 1000 + seed, 80)
        traffic.udp(self.peer, PEER, 1001 + seed, self.host, HOST_TOO, 9, 40)
        traffic.udp(self.host, HOST, 1002 + seed, self.peer, PEER, 9, 10, payload=4000)
        traffic.ping(self.peer, PEER6, HOST6, 15)
        traffic.echo(self.host, HOST6, 1003 + seed, self.peer, PEER6, 9, 25)
        traffic.udp(self.host, HOST6, 1004 + seed, self.peer, PEER6, 9, 5, payload=3000)
        traffic.udp(self.host, HOST, 1005 + seed, self.peer, PEER, 9, 12, pause=0.1)
        traffic.raw_frames(self.peer, "p0", 5 * [traffic.ethernet(wire.far_mac, wire.near_mac, traffic.udp_packet(
            PEER, 1006 + seed, HOST, 9), (0x8100, 7))])

    def settings(self, **addresses):
        """Of interfaces by device: what the sensor learns from the kernel, and a recording does not tell."""
        return self.write("eniflow.conf", "".join(
            "[interface %s]\ninterface-id = eni-%s\naddress = %s\nmac = %s\n" % (device, device, ", ".join(own), mac)
            for device, (own, mac) in addresses.items()))

    def lines(self, path):
        """In their order; without NODATA, since sensor and recording do not begin and end at once."""
        return [line for line in path.read_text().splitlines() if " NODATA" not in line]

    def assert_same(self, sensor, options, *recordings):
        self.assert_good_end(sensor)
        log = self.folder / "recorded.log"
        self.read("-q", *options, "-i", 2, "-f", FIELDS, "-o", log, *recordings)
        self.assertGreater(len(self.lines(log)), 10)
        self.assertEqual(self.lines(sensor.log), self.lines(log))

    def test_one_device(self):
        wire = self.wire(ipv6=True)
        options = ("-c", self.settings(s0=([HOST, HOST_TOO, HOST6], wire.near_mac)))
        recorder = self.recorder("s0", "s0.pcap")
        sensor = self.sensor(*options, "s0", interval=2, fields=FIELDS)
        self.mixed(wire, 0)
        self.mixed(wire, 100)
        time.sleep(0.2)
        self.assert_same(sensor, options, "s0=%s" % self.stop_recorder(recorder))

    def test_two_devices(self):
        wire = self.wire(ipv6=True)
        wire_too = self.second_wire()
        options = ("-c", self.settings(s0=([HOST, HOST_TOO, HOST6], wire.near_mac),
                                       s1=(["10.0.2.1"], wire_too.near_mac)))
        recorders = [self.recorder(device, device + ".pcap") for device in ("s0", "s1")]
        sensor = self.sensor(*options, "s0", "s1", interval=2, fields=FIELDS)
        for seed in (0, 100):
            self.mixed(wire, seed)
            traffic.echo(self.host, "10.0.2.1", 1000 + seed, self.peer, "10.0.2.2", 9, 30)
            traffic.tcp(wire_too, 1001 + seed, 80)
        time.sleep(0.2)
        self.assert_same(sensor, options, *("%s=%s" % (device, self.stop_recorder(recorder))
                                            for device, recorder in zip(("s0", "s1"), recorders)))

    def test_what_the_kernel_tells_is_what_a_configuration_would(self):
        """The same sensor twice: one that learns its addresses, and one that is told."""
        wire = self.wire()
        told = self.sensor("-c", self.settings(s0=([HOST, HOST_TOO], wire.near_mac)), "s0", fields=FIELDS, interval=2,
                           output=self.folder / "told.log")
        learnt = self.sensor("-s", "interface-id=eni-s0", "s0", fields=FIELDS, interval=2)
        traffic.ping(self.host, HOST, PEER, 15)
        traffic.udp(self.peer, PEER, 1001, self.host, HOST_TOO, 9, 40)
        traffic.echo(self.host, HOST_TOO, 1003, self.peer, PEER, 9, 25)
        time.sleep(0.2)
        for sensor in (told, learnt):
            self.assert_good_end(sensor)
        self.assertGreater(len(self.lines(learnt.log)), 4)
        self.assertEqual(self.lines(learnt.log), self.lines(told.log))


if __name__ == "__main__":
    run()
