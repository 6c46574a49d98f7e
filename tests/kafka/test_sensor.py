"""`eniflow capture` to brokers, which go and come. Run as: test_sensor.py PROGRAM BROKER [unittest
arguments]; without these all of it at once."""

import os
import re
import shutil
import signal
import socket
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))

import together  # noqa: E402
import traffic  # noqa: E402
from brokers import Brokers  # noqa: E402
from livetest import HOST, PEER, SKIPPED, LiveTest, run  # noqa: E402
from sensor import FIELDS, lines_without, wait_for  # noqa: E402

BROKER = None
LONG = 30  # seconds for what librdkafka does at its own pace


class Topic(LiveTest):
    def setUp(self):
        super().setUp()
        self.wire()
        self.brokers = Brokers(BROKER, popen=self.host.popen)
        self.addCleanup(self.brokers.close)

    def start(self, *arguments, backend="pcap", **how):
        """The backend that is ready soonest: where packets come from is nothing to Kafka."""
        return self.sensor("--backend", backend, *arguments, "s0", output=self.brokers.where("flows"), **how)

    def records(self):
        return [dict(zip(FIELDS.split(), line.split(" "))) for line in self.brokers.lines("flows")]

    def send(self, port, count=10):
        return traffic.udp(self.host, HOST, port, self.peer, PEER, 9, count)

    def send_from_many_ports(self, count):
        """A packet from each: so many records."""
        with self.host.entered():
            for port in range(2000, 2000 + count):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.bind((HOST, port))
                    sender.sendto(b"", (PEER, 9))

    def assert_once(self):
        """No line stands there twice: flows of different windows differ in their times."""
        self.assertEqual({line: count for line, count in Counter(self.brokers.lines("flows")).items() if count > 1}, {})

    def is_told(self, sensor, text):
        wait_for(lambda: text in sensor.errors, text, LONG)

    def test_each_record_once(self):
        sensor = self.start()
        sent = self.send(1001)
        sent += self.send(1002)
        self.assert_good_end(sensor)
        self.assert_sums(self.records(), sent)
        self.assert_once()

    def test_brokers_go_and_come_back(self):
        sensor = self.start()
        sent = self.send(1001)
        wait_for(lambda: any(record["log-status"] == "OK" for record in self.records()), "delivery", LONG)
        self.brokers.tell("down 0")
        sent += self.send(1002)
        self.is_told(sensor, "records cannot be delivered")
        sent += self.send(1003)
        self.brokers.tell("up 0")
        self.is_told(sensor, "records can be written again; none were lost")
        self.assert_good_end(sensor)
        self.assert_sums(self.records(), sent)
        self.assert_once()

    def test_another_user_in_a_sandbox(self):
        """Its threads have no rights either, and brokers can be reached again from within."""
        sensor = self.start("--user", "nobody", backend="auto")
        sent = self.send(1001)
        self.brokers.tell("down 1")
        self.brokers.tell("up 1")
        sent += self.send(1002)
        for thread in Path("/proc/%d/task" % sensor.process.pid).iterdir():
            status = dict(line.split(":\t", 1) for line in (thread / "status").read_text().splitlines() if ":\t" in line)
            self.assertNotEqual(status["Uid"].split()[0], "0")
            self.assertEqual(int(status["CapEff"], 16) & ~(1 << 13 | 1 << 12 | 1 << 38 | 1 << 39), 0)
            self.assertEqual(status["Seccomp"].strip(), "2")
        self.assert_good_end(sensor)
        self.assert_sums(self.records(), sent)

    def test_no_broker_at_first(self):
        self.brokers.tell("down 0")
        sensor = self.start()
        sent = self.send(1001)
        self.is_told(sensor, "records cannot be delivered")
        self.brokers.tell("up 0")
        self.is_told(sensor, "records can be written again")
        self.assert_good_end(sensor)
        self.assert_sums(self.records(), sent)

    def test_what_is_beyond_the_bound_is_told(self):
        page = self.folder / "sensor.prom"
        sensor = self.start("--hold-size", "1M", "--metrics", page)
        self.send(1001)
        self.brokers.tell("down 0")
        self.send_from_many_ports(4000)
        self.is_told(sensor, "are kept in memory until it can be")
        wait_for(lambda: re.search(r"^eniflow_dropped_records_total [1-9]", sensor.figures(page), re.M), "losses", LONG)
        figures = sensor.figures(page)
        self.assertRegex(figures, r"(?m)^eniflow_output_writable 0$")
        self.assertRegex(figures, r"(?m)^eniflow_held_bytes [1-9]\d{5}")
        self.brokers.tell("up 0")
        self.is_told(sensor, "were lost meanwhile")
        sensor.stop()
        self.assertTrue(lines_without(self.records(), "SKIPDATA"))
        self.assert_once()

    def test_what_is_beyond_the_bound_is_told_at_the_end(self):
        """Brokers that come back only then are told, too."""
        sensor = self.start("--hold-size", "1M")
        self.brokers.tell("down 0")
        self.send_from_many_ports(4000)
        self.is_told(sensor, "are kept in memory until it can be")
        sensor.process.send_signal(signal.SIGTERM)
        self.brokers.tell("up 0")
        self.assertEqual(sensor.process.wait(LONG), 1)
        self.assertIn("were lost meanwhile", sensor.errors)
        self.assertTrue(lines_without(self.records(), "SKIPDATA"))
        self.assert_once()

    def test_end_without_brokers(self):
        sensor = self.start()
        self.send(1001)
        self.brokers.tell("down 0")
        self.send(1002)
        sensor.process.send_signal(signal.SIGTERM)
        self.assertEqual(sensor.process.wait(LONG), 1)
        self.assertIn("were not delivered", sensor.errors)

    def test_hangup(self):
        sensor = self.start()
        sent = self.send(1001)
        sensor.process.send_signal(signal.SIGHUP)
        self.is_told(sensor, "opened anew")
        sent += self.send(1002)
        self.assert_good_end(sensor)
        self.assert_sums(self.records(), sent)
        self.assert_once()


if __name__ == "__main__":
    BROKER = os.path.abspath(sys.argv.pop(2))
    if not shutil.which("kcat"):
        print("SKIP: kcat is missing")
        sys.exit(SKIPPED)
    if not sys.argv[2:]:
        sys.exit(together.run([__file__, sys.argv[1], BROKER], Topic))
    run()
