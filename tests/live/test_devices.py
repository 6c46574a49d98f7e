"""What a sensor does while nothing arrives, when devices come, go and change, and when packets are lost. Run as:
test_devices.py PROGRAM [unittest arguments]."""

import re
import signal
import time

import lab
import traffic
from livetest import HOST, HOST_TOO, PEER, LiveTest, run
from sensor import MOMENT, TUPLE, lines_without, packets_of, sums, with_data

ON_TIME = 2  # seconds after a window's end
SLACK = 1  # seconds for a busy machine


class Idle(LiveTest):
    def test_each_device_has_a_line_for_each_window_on_time(self):
        self.wire()
        self.second_wire()
        began = time.time()
        sensor = self.sensor("s0", "s1", interval=2)
        ready = time.time()
        seen = {}
        while time.time() < ready + 6.5:
            for record in sensor.whole_lines:
                seen.setdefault((record["interface-id"], record["start"], record["end"]), time.time())
            time.sleep(0.05)
        stopped = time.time()
        self.assert_good_end(sensor)
        records = sensor.records
        self.assertEqual({record["log-status"] for record in records}, {"NODATA"})
        interfaces = {record["interface-id"] for record in records}
        self.assertEqual(len(interfaces), 2)
        for interface in interfaces:
            spans = [(int(record["start"]), int(record["end"])) for record in records
                     if record["interface-id"] == interface]
            self.assertTrue(int(began) <= spans[0][0] <= ready + 2, (began, spans, ready))
            self.assertTrue(int(stopped) <= spans[-1][1] <= time.time() + 1, (stopped, spans))
            self.assertGreaterEqual(len(spans), 3)
            for (_, end), (start, _) in zip(spans, spans[1:]):
                self.assertEqual((end, end % 2), (start, 0))
        for (_, _, end), when in seen.items():
            self.assertLessEqual(when - int(end), ON_TIME + SLACK)
        self.assertGreaterEqual(len(seen), 2 * 3)

    def test_the_first_window_has_a_line_too(self):
        """However late in it the sensor was started."""
        self.wire()
        time.sleep(2 - time.time() % 2 + 1.5)  # half a second before the end of a window
        began = time.time()
        sensor = self.sensor("s0", interval=2)
        ready = time.time()
        time.sleep(1.5)
        self.assert_good_end(sensor)
        first = int(lines_without(sensor.records, "NODATA")[0]["start"])
        self.assertTrue(int(began) <= first <= int(ready), (began, first, ready))

    def test_a_line_of_its_own_beside_records(self):
        """One device has traffic, the other a NODATA line for the same window, and that has every identity field."""
        self.wire()
        self.second_wire()
        sensor = self.sensor("-s", "account-id=123456789012", "s0", "s1", interval=60)
        sent = traffic.udp(self.host, HOST, 1001, self.peer, PEER, 9, 10)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)
        busy = {record["interface-id"] for record in with_data(sensor.records)}
        idle = lines_without(sensor.records, "NODATA")
        self.assertTrue(idle)
        for record in idle:
            self.assertNotIn(record["interface-id"], busy)
            self.assertEqual((record["version"], record["account-id"]), ("5", "123456789012"))
            for field in (*TUPLE, "packets", "bytes", "action", "flow-direction"):
                self.assertEqual(record[field], "-")


class Changes(LiveTest):
    def udp(self, sport, packets=20):
        return traffic.udp(self.host, HOST, sport, self.peer, PEER, 9, packets)

    def test_link_down_and_up(self):
        wire = self.wire()
        sensor = self.sensor("s0")
        sent = self.udp(1001)
        self.host.ip("link set s0 down")
        time.sleep(1.2)
        self.host.ip("link set s0 up")
        wire.knows_again()
        sensor.wait_until_watching(self.host, "s0")
        sent += self.udp(1002, 30)
        sent += traffic.echo(self.peer, PEER, 1003, self.host, HOST, 9, 10)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)

    def test_a_device_deleted_and_made_again(self):
        wire = self.wire()
        self.second_wire()
        sensor = self.sensor("s0", "s1")
        sent = self.udp(1001)
        wire.remove()
        sent += traffic.echo(self.host, "10.0.2.1", 1002, self.peer, "10.0.2.2", 9, 15)
        time.sleep(1.2)
        wire.make()
        sensor.wait_until_watching(self.host, "s0", "s1")
        sent += self.udp(1003, 30)
        sent += traffic.echo(self.host, "10.0.2.1", 1004, self.peer, "10.0.2.2", 9, 15)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)
        self.assertEqual(len({record["interface-id"] for record in sensor.records}), 2)

    def test_a_device_that_changes_its_name(self):
        """It is the name that is watched."""
        self.wire()
        self.second_wire("s2")
        sensor = self.sensor("s0", "s1")
        traffic.echo(self.host, "10.0.2.1", 1002, self.peer, "10.0.2.2", 9, 15)
        self.host.ip("link set s2 down", "link set s2 name s1", "link set s1 up",
                     "neighbour replace 10.0.2.2 lladdr %s dev s1 nud permanent" % lab.mac(lab.Wire.made + 1))
        sensor.wait_until_watching(self.host, "s0", "s1")
        sent = self.udp(1001)
        sent += traffic.echo(self.host, "10.0.2.1", 1003, self.peer, "10.0.2.2", 9, 20)
        self.host.ip("link set s1 down", "link set s1 name s3", "link set s3 up",
                     "neighbour replace 10.0.2.2 lladdr %s dev s3 nud permanent" % lab.mac(lab.Wire.made + 1))
        time.sleep(1 + MOMENT)
        traffic.echo(self.host, "10.0.2.1", 1004, self.peer, "10.0.2.2", 9, 25)
        sent += self.udp(1005)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)

    def test_a_device_that_is_not_there_yet(self):
        self.wire()
        sensor = self.sensor("s1", "s0")
        sent = self.udp(1001)
        self.second_wire()
        sensor.wait_until_watching(self.host, "s0", "s1")
        sent += traffic.echo(self.host, "10.0.2.1", 1002, self.peer, "10.0.2.2", 9, 15)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)

    def test_no_device_there_yet(self):
        self.host, self.peer = self.space(), self.space()
        sensor = self.sensor("s1")
        self.assertIsNone(sensor.process.poll())
        self.second_wire()
        sensor.wait_until_watching(self.host, "s1")
        sent = traffic.echo(self.host, "10.0.2.1", 1002, self.peer, "10.0.2.2", 9, 15)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)

    def test_a_new_primary_address(self):
        wire = self.wire()
        sensor = self.sensor("s0", fields="pkt-dstaddr dstaddr srcport packets bytes start end log-status")
        traffic.udp(self.peer, PEER, 1001, self.host, HOST_TOO, 9, 10)
        self.host.ip("address flush dev s0", "address add 10.0.1.8/24 dev s0", "address add %s/24 dev s0" % HOST_TOO)
        wire.knows_again()
        time.sleep(1 + MOMENT)
        traffic.udp(self.peer, PEER, 1002, self.host, HOST_TOO, 9, 20)
        self.assert_good_end(sensor)
        self.assertEqual(sums(sensor.records, ("srcport", "pkt-dstaddr", "dstaddr")), {
            ("1001", HOST_TOO, HOST): (10, 380), ("1002", HOST_TOO, "10.0.1.8"): (20, 760)})


class Loss(LiveTest):
    def burst(self, wire, packets, sport=1001):
        traffic.raw_frames(self.peer, "p0", packets * [traffic.ethernet(wire.far_mac, wire.near_mac,
                                                                     traffic.udp_packet(PEER, sport, HOST, 9))])

    def lost(self, sensor, device):
        """For want of room in the ring, as the metrics tell."""
        text = sensor.figures(self.folder / "metrics.prom")
        found = re.search(r'^eniflow_device_dropped_packets_total\{device="%s",by="ring"\} (\d+)$' % device, text,
                          re.MULTILINE)
        self.assertTrue(found, text)
        return int(found[1])

    def test_what_does_not_fit_the_ring_is_told(self):
        """The sensor stands still while more arrives than its ring holds: what was received and lost add up."""
        wire = self.wire()
        self.second_wire()
        sensor = self.sensor("--filter", "udp", "--ring-size", "256K", "--metrics", self.folder / "metrics.prom", "s0", "s1")
        self.burst(wire, 100)
        sensor.wait_for_packets(100)
        sensor.send_signal(signal.SIGSTOP)
        self.burst(wire, 15000, 1002)
        sensor.send_signal(signal.SIGCONT)
        sensor.wait_for_records(lambda records: lines_without(records, "SKIPDATA"), "a SKIPDATA line")
        self.burst(wire, 50, 1003)
        lost = self.lost(sensor, "s0")
        self.assert_good_end(sensor)
        got = {key[2]: packets for key, (packets, _) in sums(sensor.records).items()}
        self.assertEqual((got["1001"], got["1003"]), (100, 50))
        self.assertTrue(0 < got["1002"] < 15000, got)
        self.assertEqual(got["1002"] + lost, 15000)
        busy = {record["interface-id"] for record in with_data(sensor.records)}
        self.assertEqual({record["interface-id"] for record in lines_without(sensor.records, "SKIPDATA")}, busy)

    def test_each_window_that_may_have_lost_something_says_so(self):
        """The sensor stands still for several windows: nobody can know in which of them the ring was full."""
        wire = self.wire()
        sensor = self.sensor("--filter", "udp", "--ring-size", "256K", "s0", interval=1)
        self.burst(wire, 100)
        sensor.wait_for_packets(100)
        sensor.send_signal(signal.SIGSTOP)
        stopped = time.time()
        self.burst(wire, 15000, 1002)
        time.sleep(4.2)
        going_on = time.time()
        sensor.send_signal(signal.SIGCONT)
        sensor.wait_for_records(lambda records: lines_without(records, "SKIPDATA"), "a SKIPDATA line")
        self.assert_good_end(sensor)
        told = {int(record["start"]) for record in lines_without(sensor.records, "SKIPDATA")}
        inside = set(range(int(stopped) + 1, int(going_on)))
        self.assertTrue(inside <= told, (stopped, told, going_on))
        nothing = {int(record["start"]) for record in lines_without(sensor.records, "NODATA")}
        self.assertFalse(inside & nothing, (stopped, nothing, going_on))

    def test_frames_that_the_host_has_no_use_for_are_no_loss(self):
        """The kernel counts them as dropped by the device when it has shown them."""
        wire = self.wire()
        sensor = self.sensor("s0", interval=1)
        packet = traffic.udp_packet(PEER, 1001, HOST, 9)
        for _ in range(4):
            traffic.raw_frames(self.peer, "p0", 10 * [
                traffic.ethernet(wire.far_mac, wire.near_mac, packet, (0x88a8, 7), (0x8100, 8))])
            time.sleep(0.6)
        self.assert_good_end(sensor)
        self.assertEqual(packets_of(sensor.records), 40)
        self.assertEqual(lines_without(sensor.records, "SKIPDATA"), [])

    def test_a_pause_loses_nothing_that_fits(self):
        wire = self.wire()
        sensor = self.sensor("--filter", "udp", "s0")
        sensor.send_signal(signal.SIGSTOP)
        self.burst(wire, 3000)
        time.sleep(1.5)
        sensor.send_signal(signal.SIGCONT)
        self.burst(wire, 100, 1002)
        self.assert_good_end(sensor)
        self.assertEqual(packets_of(sensor.records), 3100)
        self.assertEqual(lines_without(sensor.records, "SKIPDATA"), [])


if __name__ == "__main__":
    run()
