"""The page's statements for ClickHouse: tables, import, sums of several sensors, and what comes by Kafka.

Run as: test_clickhouse.py PROGRAM FOLDER... [unittest arguments]"""

import re
import subprocess
import time
from collections import defaultdict

import lake
from lake import FORMAT, LakeTest, block

import packets

WAIT = 60  # seconds at most


class ClickHouse(LakeTest):
    def setUp(self):
        super().setUp()
        self.clickhouse(block("sql clickhouse table"))
        (self.folder / "pile").mkdir()
        self.stream = packets.serving(5, minutes=4)

    def record(self, stream, name="one", kind="log.gz", device="eth0"):
        capture = self.folder / (name + ".pcap")
        capture.write_bytes(packets.pcap(stream))
        out = self.folder / "pile" / ("%s.%s" % (name, kind))
        self.eniflow("read", "-q", "-f", FORMAT, "-o", out, "%s=%s" % (device, capture))
        return self.eniflow("read", "-q", "-f", FORMAT, "%s=%s" % (device, capture))

    def test_text(self):
        """A table gives back the lines that it was filled from."""
        later = packets.moved(self.stream[:9], 6 * 60 * packets.SECOND)
        lines = self.record(self.stream + later)
        self.assertEqual(sum(line.endswith("NODATA") for line in lines), 2)
        self.clickhouse(block("sql clickhouse text"))
        shown = {line if line.endswith("OK") else re.sub(" 0 ", " - ", re.sub(" 0 ", " - ", line))
                 for line in self.lines_of_clickhouse("flows")}
        self.assertEqual(shown, set(lines))

    def test_minutes(self):
        """Sums of two sensors that saw a part of the packets each: those of one that saw all."""
        self.clickhouse(block("sql clickhouse minutes"))
        for name, part in ("one", self.stream[::2]), ("two", self.stream[1::2]):
            self.record(part, name)
        self.clickhouse(block("sql clickhouse text"))
        rows = self.clickhouse("SELECT srcaddr, dstaddr, srcport, dstport, protocol, bytes, packets, "
                               "toUnixTimestamp(start), toUnixTimestamp(end), action, tcp_flags FROM minutes FINAL")
        wanted = [line.split() for line in self.record(self.stream)]
        self.assertEqual(sorted(rows), sorted(row[7:11] + row[13:20] for row in wanted))
        totals = defaultdict(int)
        for row in wanted:
            totals[row[7]] += int(row[14])
        most = sorted(totals.items(), key=lambda row: (-row[1], row[0]))[:10]
        self.assertEqual(self.clickhouse(block("sql clickhouse talkers")), [[name, str(sum)] for name, sum in most])

    def test_servers(self):
        """Two servers that are one (cluster.xml): each record comes twice, and sums are made over both."""
        lines = self.record(self.stream)
        self.clickhouse(block("sql clickhouse text"))
        self.clickhouse(block("sql clickhouse distributed"))
        self.assertEqual(sorted(self.lines_of_clickhouse("flows_everywhere")), sorted(lines * 2))
        self.clickhouse(block("sql clickhouse pile").replace("FROM flows\n", "FROM flows_everywhere\n"))
        self.assertEqual(self.clickhouse("SELECT sum(packets), count() FROM merged"),
                         [[str(2 * sum(int(line.split()[15]) for line in lines)), str(len(lines))]])
        self.clickhouse("INSERT INTO flows_everywhere SELECT * FROM flows LIMIT 5;\n"
                        "SYSTEM FLUSH DISTRIBUTED flows_everywhere;")
        self.assertEqual(self.clickhouse("SELECT count() FROM flows"), [[str(len(lines) + 5)]])

    def test_kafka(self):
        if not any(re.search("Kafka +librdkafka", line) for line in self.eniflow("--version")):
            self.skipTest("built without Kafka")
        log = self.folder / "broker.log"
        with log.open("w") as out:
            broker = subprocess.Popen(["kcat", "-P", "-b", "127.0.0.1:1", "-t", "flows", "-X",
                                       "test.mock.num.brokers=1", "-d", "mock"], stdin=subprocess.PIPE, stderr=out)
        self.addCleanup(lambda: (broker.stdin.close(), broker.wait(timeout=20)))
        until, found = time.monotonic() + WAIT, None
        while not found and time.monotonic() < until:
            time.sleep(0.05)
            found = re.search(r"bootstrap\.servers=([\d.]+:\d+)\n", log.read_text())
        address = found.group(1)
        lines = self.record(self.stream)
        self.eniflow("read", "-q", "-f", FORMAT, "-t", "json", "-o", "kafka:%s/flows" % address,
                     "eth0=" + str(self.folder / "one.pcap"))
        self.clickhouse(block("sql clickhouse kafka").replace("127.0.0.1:9092", address))
        until = time.monotonic() + WAIT
        while self.clickhouse("SELECT count() < %d FROM flows" % len(lines)) == [["1"]] and time.monotonic() < until:
            time.sleep(0.2)
        self.assertEqual(sorted(self.lines_of_clickhouse("flows")), sorted(lines))
        self.clickhouse("DROP TABLE queue_to_flows;\nDROP TABLE queue;")


if __name__ == "__main__":
    lake.main()
