"""The page's tables for Athena: their columns are the format's, and a partition's folder is where files are.

Run as: test_athena.py PROGRAM FOLDER... [unittest arguments]"""

import datetime
import itertools
import re

import lake
from lake import LakeTest, Refused, block

import packets

TYPES = {"INT_32": "int", "INT_64": "bigint", "STRING": "string"}
START = 1795378265  # 2026-11-22T20:11:05Z
LOCATION = "s3://flow-logs/"


class Athena(LakeTest):
    @classmethod
    def setUpClass(cls):
        cls.shared = lake.Engines(lake.ROOT)
        cls.addClassCleanup(cls.shared.close)

    def columns(self, names):
        """Their names and types, by the field table."""
        rows = [line.split() for line in self.eniflow("fields")]
        types = {row[0]: TYPES[row[2]] for row in rows if len(row) > 2 and row[2] in TYPES}
        return [(name.replace("-", "_"), types[name]) for name in names]

    def table(self, name):
        """(columns, partitions, properties, location)"""
        text = block("sql athena " + name)
        self.engines.ask("hive", text)
        columns, partitions = (re.findall(r"`?(\w+)`? (\w+)", part) for part in re.search(
            r"\(\n(.*?)\n\)\nPARTITIONED BY \((.*?)\)", text, re.S).groups())
        properties = dict(re.findall(r"'([^']+)' = '([^']*)'", text))
        return columns, partitions, properties, re.search("LOCATION '([^']+)'", text).group(1)

    def files(self, *options):
        capture = self.folder / "capture.pcap"
        capture.write_bytes(packets.pcap(packets.serving(6, start=START - START % 60, minutes=2, visitors=3)))
        self.eniflow("read", "-q", "-s", "account-id=123456789010", "-o", "lake/", *options, capture)
        found = [file for file in (self.folder / "lake" / "AWSLogs").rglob("*") if file.is_file()]
        self.assertTrue(found)
        return [LOCATION + str(file.parent.relative_to(self.folder / "lake")) for file in found]

    def header(self):
        return self.eniflow("read", "-q", "--header", lake.ROOT / "pcaps" / "nat-gateway-minutes.pcap")[0].split()

    def test_parsers_refuse(self):
        """What is no statement is told."""
        for name, engine in ("plain", "hive"), ("merged", "trino"):
            with self.assertRaises(Refused):
                self.engines.ask(engine, block("sql athena " + name).replace("(", "((", 1))

    def test_plain(self):
        columns, partitions, properties, location = self.table("plain")
        self.assertEqual(columns, self.columns(self.header()))
        self.assertEqual(partitions, [("day", "string")])
        self.assertEqual(properties["skip.header.line.count"], "1")
        self.assertEqual(properties["projection.day.format"], "yyyy/MM/dd")
        first = datetime.datetime.strptime(properties["projection.day.range"].split(",")[0], "%Y/%m/%d")
        day = datetime.datetime.fromtimestamp(START, datetime.timezone.utc)
        self.assertLess(first, day.replace(tzinfo=None))
        folder = properties["storage.location.template"].replace("${day}", day.strftime("%Y/%m/%d"))
        self.assertTrue(folder.startswith(location))
        self.assertEqual(set(self.files()), {folder})

    def test_hive(self):
        columns, partitions, properties, location = self.table("hive")
        self.assertEqual(columns, self.columns(self.header()))
        names = [name for name, _ in partitions]
        values = []
        for name in names:
            self.assertEqual(properties["projection.%s.type" % name], "integer")
            least, most = map(int, properties["projection.%s.range" % name].split(","))
            digits = int(properties.get("projection.%s.digits" % name, "1"))
            values.append(["%0*d" % (digits, value) for value in range(least, most + 1)])
        folders = set()
        for chosen in itertools.product(*values):
            folder = properties["storage.location.template"]
            for name, value in zip(names, chosen):
                folder = folder.replace("${%s}" % name, value)
            folders.add(folder)
        written = self.files("-t", "parquet", "--hive-compatible-partitions", "--per-hour-partition")
        self.assertEqual(set(written) - folders, set())
        self.assertTrue(all(folder.startswith(location) for folder in written))
        described = self.engines.ask("duckdb", "DESCRIBE SELECT * FROM read_parquet('%s/lake/**/*.parquet', "
                                     "hive_partitioning = false)" % self.folder)
        types = {"INTEGER": "int", "BIGINT": "bigint", "VARCHAR": "string"}
        self.assertEqual([(row[0], types[row[1]]) for row in described], columns)

    def test_columns_of_a_format(self):
        (command,) = block("sh", "Athena")
        made = re.findall(r"^`(\w+)` (\w+),$", self.shell(command), re.M)
        names = re.search("for name in (.*);", command).group(1).split()
        self.assertEqual(made, self.columns(names))

    def test_query(self):
        text = block("sql athena merged")
        self.engines.ask("trino", text)
        columns = {name for name, _ in self.columns(self.header())}
        selected = re.findall(r"GROUP BY (.*)", text)[0]
        self.assertLessEqual(set(re.findall("[a-z_]+", selected)), columns)


if __name__ == "__main__":
    lake.main()
