#!/usr/bin/env python3
"""What sensors put below a directory, as DuckDB sums it: test_capture.py PROGRAM FOLDER [unittest arguments].

Needs root, for network namespaces (tests/live)."""

import sys
from pathlib import Path

import consumer

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))
import livetest  # noqa: E402
import traffic  # noqa: E402
from livetest import HOST, HOST6, PEER, PEER6, LiveTest  # noqa: E402
from sensor import FIELDS, TUPLE, read_log, sums, wait_for  # noqa: E402

SHAPES = {"plain": [], "hive": ["--hive-compatible-partitions", "--per-hour-partition"]}
FILE_HEADER, FRAME_HEADERS = 24, 16 + 14  # of a classic capture; Ethernet's among them


class Capture(LiveTest):
    def setUp(self):
        super().setUp()
        self.readers = consumer.Readers()
        self.addCleanup(self.readers.close)

    def totals(self, where):
        """(packets, bytes) by 5-tuple, in the files of Parquet below a directory."""
        columns = ", ".join('"%s"' % name.replace("-", "_") for name in TUPLE)
        rows = self.readers.sql("select %s, sum(packets), sum(bytes) from read_parquet('%s/AWSLogs/**/*.log.parquet') "
                                "where log_status = 'OK' group by all" % (columns, where))
        return {tuple(str(value) for value in row[:-2]): (int(row[-2]), int(row[-1])) for row in rows}

    def test_same_totals_as_the_text(self):
        wire = self.wire(ipv6=True)
        text = self.sensor("--backend", "pcap", "s0")
        lakes = {shape: self.sensor("--backend", "pcap", "-t", "parquet", *options, "s0",
                                    output="%s/%s/" % (self.folder, shape))
                 for shape, options in SHAPES.items()}
        recorder = self.recorder("s0", "s0.pcap")
        for sensor in text, *lakes.values():
            sensor.wait_until_watching(self.host, wire.near)
        sent = [traffic.udp(self.peer, PEER, 1001, self.host, HOST, 9, 40),
                traffic.udp(self.host, HOST, 1002, self.peer, PEER, 9, 30, payload=900, pause=0.1),
                traffic.udp(self.host, HOST6, 1003, self.peer, PEER6, 9, 20),
                traffic.udp(self.peer, PEER6, 1004, self.host, HOST6, 9, 20)]
        wanted = {key: value for part in sent for key, value in part.table().items()}
        whole = FILE_HEADER + sum(packets * FRAME_HEADERS + size for packets, size in wanted.values())
        wait_for(lambda: recorder.path.stat().st_size >= whole, "all packets in the capture")
        capture = self.stop_recorder(recorder)
        for sensor in text, *lakes.values():
            self.assert_good_end(sensor)
        self.assertEqual(sums(read_log(text.log)), wanted)
        for shape, options in SHAPES.items():
            with self.subTest(shape):
                self.assertEqual(self.totals(self.folder / shape), wanted)
                self.read("-q", "-f", FIELDS, "-t", "parquet", *options, "-o", "%s/read-%s/" % (self.folder, shape), "s0=%s" % capture)
                self.assertEqual(self.totals(self.folder / ("read-" + shape)), wanted)


if __name__ == "__main__":
    consumer.take_modules()
    livetest.run()
