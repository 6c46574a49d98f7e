"""Where a sensor's records and figures go: folders, full disks, metrics. Run as: test_outputs.py PROGRAM [unittest
arguments]."""

import gzip
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import lab
import traffic
from livetest import HOST, PEER, LiveTest, run
from sensor import is_built_with, lines_without, packets_of, read_log, sums, wait_for, with_data

KEY = re.compile(r"AWSLogs/123456789012/vpcflowlogs/eu-central-1/(\d{4}/\d\d/\d\d)/"
                 r"123456789012_vpcflowlogs_eu-central-1_(fl-[0-9a-f]{8,17})_(\d{8}T\d{4}Z)_[0-9a-f]{8}\.log\.gz")
SLOT = 300  # seconds
SAMPLE = re.compile(r'([a-z_]+)(?:\{(.*)\})? (-?[0-9.]+(?:e[+-]?\d+)?)')


def slot_of(record):
    """The name of the file that it belongs to."""
    return time.strftime("%Y%m%dT%H%MZ", time.gmtime(int(record["end"]) // SLOT * SLOT))


class Folder(LiveTest):
    IDENTITY = ("-s", "account-id=123456789012", "-s", "region=eu-central-1", "--flow-log-id", "fl-12345678")

    def setUp(self):
        super().setUp()
        self.wire()
        self.logs = self.folder / "logs"
        self.logs.mkdir()

    def start(self):
        return self.sensor(*self.IDENTITY, "s0", output="%s/" % self.logs)

    def files(self):
        return sorted(path for path in self.logs.rglob("*") if path.is_file())

    def assert_layout(self, files):
        """Whole files of AWS's names, each with a header and the records of its five minutes."""
        for path in files:
            found = KEY.fullmatch(str(path.relative_to(self.logs)))
            self.assertTrue(found, path)
            day, log, stamp = found.groups()
            self.assertEqual((day.replace("/", ""), log), (stamp[:8], "fl-12345678"))
            self.assertTrue(gzip.decompress(path.read_bytes()).startswith(b"version "))
            self.assertEqual({slot_of(record) for record in read_log(path)}, {stamp})

    def test_layout(self):
        sensor = self.start()
        sent = traffic.echo(self.host, HOST, 1001, self.peer, PEER, 9, 20)
        time.sleep(1.5)
        for path in self.files():
            self.assertNotRegex(path.name, r"\.log\.gz$")  # not before it is complete
        sent += traffic.echo(self.host, HOST, 1002, self.peer, PEER, 9, 20)
        self.assert_good_end(sensor)
        self.assert_layout(self.files())
        self.assert_sums(read_log(self.logs), sent)

    def test_what_a_killed_sensor_leaves_is_found(self):
        sensor = self.start()
        sent = traffic.udp(self.host, HOST, 1001, self.peer, PEER, 9, 20)
        time.sleep(3.5)  # its window has been written, wherever to
        sensor.stop(signal.SIGKILL)
        again = self.start()
        sent += traffic.udp(self.host, HOST, 1002, self.peer, PEER, 9, 20)
        self.assert_good_end(again)
        self.assert_layout(self.files())
        self.assert_sums(read_log(self.logs), sent)

    def test_a_folder_that_somebody_removed(self):
        """Records that are lost are an end of status 1, as on a full disk."""
        sensor = self.start()
        traffic.udp(self.host, HOST, 1001, self.peer, PEER, 9, 20)
        time.sleep(2)
        shutil.rmtree(self.logs)
        self.assertEqual(sensor.stop(), 1, sensor.errors)


class Fifo(LiveTest):
    def test_nobody_ever_read_it(self):
        """Then all is lost, and that is told."""
        self.wire()
        os.mkfifo(self.folder / "fifo")
        sensor = self.sensor("s0", output=self.folder / "fifo")
        traffic.udp(self.host, HOST, 1001, self.peer, PEER, 9, 20)
        time.sleep(2)
        self.assertEqual(sensor.stop(), 1, sensor.errors)
        self.assertIn("fifo", sensor.errors)


class FullDisk(LiveTest):
    """A disk of 4 MiB, in a mount namespace, with 64 KiB left."""

    def setUp(self):
        super().setUp()
        self.wire_made = self.wire()
        lab.private_mounts()
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        lab.mount_small(self.disk, 4 << 20)
        self.addCleanup(lab.unmount, self.disk)
        self.ballast = self.disk / "ballast"
        self.ballast.write_bytes(bytes((4 << 20) - (64 << 10)))

    def start(self, *arguments):
        return self.sensor(*arguments, "--filter", "udp", "s0", output=self.disk / "flow.log")

    def scan(self, seconds, flows):
        """Each second one packet of each of `flows` flows, from another address each second."""
        wire, sent = self.wire_made, traffic.Sent()
        for second in range(seconds):
            source = "10.0.1.%d" % (100 + second)
            traffic.raw_frames(self.peer, "p0", [traffic.ethernet(wire.far_mac, wire.near_mac, traffic.udp_packet(
                source, 10000 + flow, HOST, 9)) for flow in range(flows)])
            for flow in range(flows):
                sent.add(source, 10000 + flow, HOST, 9, "17", 1, 38)
            time.sleep(1.1)
        return sent

    def wait_until_full(self, sensor):
        wait_for(lambda: "flow.log" in sensor.errors, "a word on the full disk")
        self.assertIsNone(sensor.process.poll())

    def test_what_waits_is_written_when_there_is_room(self):
        sensor = self.start()
        sent = self.scan(3, 1000)
        self.wait_until_full(sensor)
        self.ballast.unlink()
        sensor.wait_for_packets(3000)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)
        self.assertEqual(lines_without(sensor.records, "SKIPDATA"), [])

    def test_the_oldest_is_kept_and_the_rest_is_told(self):
        """More than may wait."""
        sensor = self.start("--hold-size", "1M")
        sent = self.scan(3, 8000)
        self.wait_until_full(sensor)
        self.ballast.unlink()
        sensor.wait_for_records(lambda records: lines_without(records, "SKIPDATA"), "a SKIPDATA line")
        traffic.udp(self.host, HOST, 1001, self.peer, PEER, 9, 20)
        self.assertEqual(sensor.stop(), 1, sensor.errors)  # some could not be written
        self.assert_account_adds_up(sensor.account)
        got = sums(sensor.records)
        self.assertEqual(got.pop((HOST, PEER, "1001", "9", "17")), (20, 760))
        self.assertLess(len(got), len(sent.packets))
        self.assertLessEqual(got.items(), sent.table().items())
        by_second = [sum(key[0] == "10.0.1.%d" % (100 + second) for key in got) for second in range(3)]
        self.assertGreater(by_second[0], 2000)
        self.assertEqual(by_second, sorted(by_second, reverse=True))


class Metrics(LiveTest):
    def setUp(self):
        super().setUp()
        self.wire()

    def samples(self, text):
        """Name and labels to value. Every line is one, or a comment."""
        values = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                found = SAMPLE.fullmatch(line)
                self.assertTrue(found, line)
                self.assertNotIn(found.groups()[:2], values)
                values[found.groups()[:2]] = float(found[3])
        return values

    def assert_figures(self, text):
        """The frames by fate, as many as there were, in the text that a checker likes."""
        values = self.samples(text)
        fates = {labels: value for (name, labels), value in values.items() if name == "eniflow_frames_total"}
        self.assertEqual(sum(fates.values()), 40, text)
        self.assertEqual(sum(value for labels, value in fates.items() if "counted" in labels), 40)
        self.assertTrue(any(name == "eniflow_build_info" for name, _ in values))
        if lab.tool("promtool"):
            checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                                     timeout=20, check=False)
            self.assertEqual((checked.returncode, checked.stderr), (0, ""), checked.stdout)

    def test_a_file(self):
        path = self.folder / "eniflow.prom"
        sensor = self.sensor("--metrics", path, "s0")
        traffic.echo(self.host, HOST, 1001, self.peer, PEER, 9, 20)
        time.sleep(1)
        self.assert_figures(sensor.figures(path))
        self.assert_good_end(sensor)
        self.assertFalse(path.exists())  # what does not run has no figures

    def ask(self, port, path):
        with self.host.entered():
            connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        client = http.client.HTTPConnection("127.0.0.1", port)
        client.sock = connection
        client.request("GET", path)
        answer = client.getresponse()
        text = answer.read().decode()
        client.close()
        return answer.status, text

    def test_a_server(self):
        if not is_built_with(self.program, "libmicrohttpd"):
            self.skipTest("built without libmicrohttpd")
        sensor = self.sensor("--metrics", "127.0.0.1:9700", "s0")
        traffic.echo(self.host, HOST, 1001, self.peer, PEER, 9, 20)
        wait_for(lambda: 'fate="counted"} 40\n' in self.ask(9700, "/metrics")[1], "all packets in the metrics")
        status, text = self.ask(9700, "/metrics")
        self.assertEqual(status, 200)
        self.assert_figures(text)
        self.assertEqual(self.ask(9700, "/healthz")[0], 200)
        self.assertEqual(self.ask(9700, "/else")[0], 404)
        self.assert_good_end(sensor)


class Anonymized(LiveTest):
    """A sensor whose key changes, and goes."""

    FIRST, SECOND = "0" * 64, "1" * 64

    def setUp(self):
        super().setUp()
        if not is_built_with(self.program, "libcrypto"):
            self.skipTest("this program was built without libcrypto")
        self.wire()
        self.key = self.write("key", self.FIRST)
        self.key.chmod(0o600)

    def configure(self, *lines):
        path = self.write("eniflow.conf", "\n".join(("[eniflow]", "anonymize = key", *lines, "")))
        path.chmod(0o644)
        return path

    def reload(self, sensor, times):
        sensor.send_signal(signal.SIGHUP)
        wait_for(lambda: sensor.errors.count("the configuration is read again") == times, "the configuration")

    def sources(self, sensor, port):
        """What stands for this host in the records of a conversation."""
        traffic.echo(self.host, HOST, port, self.peer, PEER, 9, 20)
        records = sensor.wait_for_records(lambda records: packets_of(self.sent(records, port)) == 20,
                                          "records of port %d" % port)
        return {record["srcaddr"] for record in self.sent(records, port)}

    @staticmethod
    def sent(records, port):
        return [record for record in with_data(records) if record["srcport"] == str(port)]

    def test_the_key_is_no_log(self):
        with self.assertRaisesRegex(AssertionError, "status 2 at once:(.|\n)*is the key for addresses; name another"):
            self.sensor("-c", str(self.configure()), "s0", output=str(self.key))
        self.assertEqual(self.key.read_text(), self.FIRST)

    def test_the_key(self):
        sensor = self.sensor("-c", str(self.configure()), "s0")
        first = self.sources(sensor, 1001)
        self.assertNotIn(HOST, first)
        self.key.write_text(self.SECOND)
        self.reload(sensor, 1)
        second = self.sources(sensor, 1002)
        self.assertNotIn(HOST, second)
        self.assertNotEqual(second, first)
        self.key.unlink()  # as for a sensor that gave up the right to read it
        self.configure("max-flows = 1000")
        self.reload(sensor, 2)
        self.assertEqual(self.sources(sensor, 1003), second)
        self.assertIn("the key that was read before stays in use", sensor.errors)
        self.assert_good_end(sensor)


if __name__ == "__main__":
    run()
