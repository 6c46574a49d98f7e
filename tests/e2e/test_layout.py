"""`eniflow read -o DIR/`: where files stand, in the four shapes that AWS has, and what each holds. Run as:
test_layout.py PROGRAM [unittest arguments]."""

import csv
import gzip
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import capture

PROGRAM = None
T0 = 1600001820  # 2020-09-13 12:57:00 UTC
SLOTS = ("20200913T1255Z", "20200913T1300Z")

FILE = r"(?P<account>\d{12})_vpcflowlogs_(?P<region>[a-z]{2}-[a-z]+-\d)_fl-[0-9a-f]{17}_(?P<slot>\d{8}T\d{4}Z)_[0-9a-f]{8}"
PLAIN = r"AWSLogs/(?P=account)/vpcflowlogs/(?P=region)/(?P<year>\d{4})/(?P<month>\d\d)/(?P<day>\d\d)/"
HIVE = (r"AWSLogs/aws-account-id=(?P=account)/aws-service=vpcflowlogs/aws-region=(?P=region)/"
        r"year=(?P<year>\d{4})/month=(?P<month>\d\d)/day=(?P<day>\d\d)/")

# options, the folder, the folder of the hour
SHAPES = {
    "plain": ([], PLAIN, ""),
    "hourly": (["--per-hour-partition"], PLAIN, r"(?P<hour>\d\d)/"),
    "hive": (["--hive-compatible-partitions"], HIVE, ""),
    "hive-hourly": (["--hive-compatible-partitions", "--per-hour-partition"], HIVE, r"hour=(?P<hour>\d\d)/"),
}
SUFFIXES = {"text": "log.gz", "json": "json.gz", "csv": "csv.gz", "ocsf": "json.gz", "parquet": "log.parquet"}

# What programs that collect these logs want a key to look like; they know the plain shape, of text.
READERS = [
    r"AWSLogs/\d+/vpcflowlogs/[\w-]+/\d+/\d+/\d+/\d+_vpcflowlogs_[\w-]+_fl-[^/]+$",
    r"_\d{8}T\d{4}Z_[0-9a-f]{8}\.log\.gz$",
    r"/\d{12}_vpcflowlogs_[a-z0-9-]+_fl-(?:[0-9a-f]{8}|[0-9a-f]{17})_",
]


def match(key, shape, kind):
    """The parts of a key, or None. The folder repeats what the name says, so the name is looked at first."""
    _, folder, hour = SHAPES[shape]
    path, _, name = key.rpartition("/")
    whole = name + "\n" + path + "/"
    return re.fullmatch(FILE + re.escape("." + SUFFIXES[kind]) + "\n" + folder + hour, whole)


class Layout(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="eniflow-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.capture = os.path.join(self.folder, "in.pcap")
        frames = [(T0 + at, capture.udp(sport=1000 + at % 7)) for at in (0, 1, 2, 70, 130)]
        frames += [(T0 + 200 + at, capture.udp(sport=2000)) for at in (0, 30)]
        with open(self.capture, "wb") as file:
            file.write(capture.pcap(frames))

    def read(self, name, *options):
        """Reads the capture into a folder; returns the keys below it."""
        lake = os.path.join(self.folder, name)
        done = subprocess.run([PROGRAM, "read", self.capture, "-o", lake + "/", *options], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
        return lake, sorted(os.path.relpath(os.path.join(path, name), lake) for path, _, names in os.walk(lake)
                            for name in names)

    def packets(self, path, kind):
        with open(path, "rb") as file:
            content = file.read()
        if kind == "parquet":
            self.assertEqual((content[:4], content[-4:]), (b"PAR1", b"PAR1"))
            return None
        text = gzip.decompress(content).decode()
        if kind == "json":
            return sum(json.loads(line)["packets"] for line in text.splitlines())
        if kind == "ocsf":
            return sum(json.loads(line)["traffic"]["packets"] for line in text.splitlines())
        rows = csv.DictReader(io.StringIO(text), delimiter="," if kind == "csv" else " ")
        return sum(int(row["packets"]) for row in rows)

    def test_each_shape_and_type(self):
        for shape, (options, _, _) in SHAPES.items():
            for kind in SUFFIXES:
                with self.subTest(shape=shape, kind=kind):
                    lake, keys = self.read(shape + "-" + kind, "-t", kind, *options)
                    found = [match(key, shape, kind) for key in keys]
                    self.assertTrue(all(found), keys)
                    self.assertEqual([key["slot"] for key in found], list(SLOTS))
                    for key in found:
                        self.assertEqual(key["year"] + key["month"] + key["day"], key["slot"][:8])
                        self.assertEqual(key.groupdict().get("hour", key["slot"][9:11]), key["slot"][9:11])
                    totals = [self.packets(os.path.join(lake, key), kind) for key in keys]
                    self.assertEqual(totals, [None, None] if kind == "parquet" else [5, 2])

    def test_names_are_the_same_in_all_shapes(self):
        names = {shape: [os.path.basename(key) for key in self.read(shape, *options)[1]]
                 for shape, (options, _, _) in SHAPES.items()}
        self.assertEqual(len({tuple(name) for name in names.values()}), 1, names)

    def test_programs_that_collect_logs_know_the_keys(self):
        for region in ("us-east-1", "ap-southeast-2"):
            for flow_log in ([], ["--flow-log-id", "fl-1234abcd"]):
                _, keys = self.read("lake-%s-%d" % (region, len(flow_log)), "-s", "account-id=123456789012", "-s",
                                    "region=" + region, *flow_log)
                self.assertEqual(len(keys), 2)
                for key in keys:
                    for reader in READERS:
                        self.assertRegex(key, reader)

    def test_the_same_input_gives_the_same_files(self):
        for kind in SUFFIXES:
            contents = []
            for attempt in range(2):
                lake, keys = self.read("%s-%d" % (kind, attempt), "-t", kind)
                contents.append([(key, pathlib.Path(lake, key).read_bytes()) for key in keys])
            self.assertEqual(contents[0], contents[1])

    def test_parquet_to_one_file_and_to_a_pipe(self):
        path = os.path.join(self.folder, "x.parquet")
        subprocess.run([PROGRAM, "read", self.capture, "-o", path], stderr=subprocess.PIPE, timeout=60, check=True)
        piped = subprocess.run([PROGRAM, "read", self.capture, "-t", "parquet", "-o", "-"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, timeout=60, check=True).stdout
        with open(path, "rb") as file:
            self.assertEqual(file.read(), piped)
        self.assertEqual((piped[:4], piped[-4:]), (b"PAR1", b"PAR1"))


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
