"""Captures read one by one and merged give what one run over all of them gives, in each engine.

Run as: test_pile.py PROGRAM FOLDER... [unittest arguments]"""

import random
import subprocess

import lake
from lake import INTERVAL, LakeTest, block

import packets
from packets import SECOND

START = 1600000020  # a whole minute


def cut(stream, lengths):
    """The packets in files: the seconds of each, in turn."""
    files, ends = [[]], stream[0].time
    lengths = iter(lengths)
    for packet in stream:
        while packet.time >= ends:
            ends += next(lengths) * SECOND
            if files[-1]:
                files.append([])
        files[-1].append(packet)
    return files


def seconds(rng, least, most):
    while True:
        yield rng.randrange(least, most)


class Pile(LakeTest):
    def setUp(self):
        super().setUp()
        (self.folder / "captures").mkdir()

    def put(self, name, data):
        (self.folder / "captures" / name).write_bytes(data)

    def merged(self, kind, options):
        """What the page's recipe gives, by engine: lines in no order."""
        for command in block("sh", "A pile of captures"):
            command = command.replace("-f " + lake.FORMAT, " ".join(["-f", lake.FORMAT, *options]))
            self.shell(command if kind == "text" else command.replace(".log.gz", "." + kind))
        view, rest = block("sql duckdb pile").split(";\n", 1)
        self.engines.ask("duckdb", (view + ";\n" if kind == "text" else block("sql duckdb " + kind)) + rest)
        yield "DuckDB", sorted((self.folder / "merged.txt").read_text().splitlines())
        for name in "table", kind, "pile":
            self.clickhouse(block("sql clickhouse " + name))
        yield "ClickHouse", sorted(self.lines_of_clickhouse("merged"))

    def read(self, *files, options=()):
        return self.eniflow("read", "-q", "-f", lake.FORMAT, *options, *files)

    def check(self, least, kind="text", options=(), **statuses):
        """One run over all gives at least so many lines, and so many of a status."""
        files = sorted((self.folder / "captures").iterdir())
        whole = self.read(*files, options=options)
        self.assertGreaterEqual(len(whole), least)
        for status, count in statuses.items():
            self.assertEqual(sum(line.endswith(" " + status) for line in whole), count, status)
        apart = sum((self.read(file, options=options) for file in files), [])
        self.assertGreater(len(apart), 0)
        self.assertNotEqual(sorted(apart), sorted(whole))  # there is something to merge
        for engine, lines in self.merged(kind, options):
            self.assertEqual(lines, sorted(whole), engine)

    def test_recorded_and_rotated(self):
        subprocess.run(["editcap", "-i", "45", lake.ROOT / "pcaps" / "nat-gateway-minutes.pcap",
                        self.folder / "captures" / "minutes.pcap"], check=True, timeout=20)
        self.assertEqual(len(list((self.folder / "captures").iterdir())), 8)
        self.check(16, NODATA=0)

    def test_one_device(self):
        rng = random.Random(1)
        for number, part in enumerate(cut(packets.serving(1), seconds(rng, 5, 80))):
            self.put("%03d.pcap" % number, packets.pcap(part))
        self.check(200, NODATA=0)

    def test_times_of_windows(self):
        for number, part in enumerate(cut(packets.serving(5, minutes=3), seconds(random.Random(5), 5, 80))):
            self.put("%03d.pcap" % number, packets.pcap(part))
        self.check(60, options=("--timestamps", "window"))

    def test_devices_apart(self):
        """Sensors that saw parts of the same flows, at different times, with devices that are silent for a while."""
        rng = random.Random(2)
        stream = packets.serving(2)
        silent = range(START + 190, START + 400)
        sides = {"eth0": [packet for packet in stream if packet.time // SECOND not in silent],
                 "eth1": packets.ordered(rng.sample(stream, len(stream) // 9)
                                         + packets.moved(stream[:50], 1000 * SECOND))}
        for device, packets_seen in sides.items():
            for number, part in enumerate(cut(packets_seen, seconds(rng, 20, 200))):
                self.put("%s-%03d.pcap" % (device, number), packets.pcapng([(device, part)]))
        self.check(250, NODATA=16)

    def test_losses(self):
        rng = random.Random(3)
        stream = [packets.replace(packet, dropped=rng.randrange(1, 9) if rng.random() < 0.002 else 0)
                  for packet in packets.serving(3)]
        for number, part in enumerate(cut(stream, seconds(rng, 5, 50))):
            self.put("%03d.pcap" % number, packets.pcapng([("eth0", part), ("eth1", part[:1])]))
        files = sorted((self.folder / "captures").iterdir())
        skipped = {line for line in self.read(*files) if line.endswith("SKIPDATA")}
        self.assertGreaterEqual(len(skipped), 3)
        for kind in "text", "parquet":
            with self.subTest(kind):
                self.check(200, kind, SKIPDATA=len(skipped))
                self.clickhouse("DROP VIEW merged;\nDROP TABLE flows;")
                self.engines.ask("duckdb", "DROP VIEW merged;\nDROP VIEW flows;")

    def test_discontinuity(self):
        """A week in which nothing was captured has no lines; 20 hours have."""
        stream = packets.serving(4, minutes=3, visitors=5)
        hours = 20
        later = packets.moved(stream, hours * 3600 * SECOND)
        for name, part in ("a", stream), ("b", later), ("c", packets.moved(later, 7 * 24 * 3600 * SECOND)):
            self.put(name + ".pcap", packets.pcap(part))
        self.put("d.pcap", packets.pcap(stream[:9]))
        self.check(hours * 3600 // INTERVAL, NODATA=hours * 3600 // INTERVAL - 3)


if __name__ == "__main__":
    lake.main()
