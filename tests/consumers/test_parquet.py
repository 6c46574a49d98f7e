#!/usr/bin/env python3
"""Files of Parquet as three readers take them: test_parquet.py PROGRAM FOLDER [unittest arguments].

DuckDB, hyparquet and Rust's parquet must find what the text says, which `eniflow read` writes of the same input."""

import hashlib
import json
import random
import re

import consumer

PCAPS = consumer.ROOT / "pcaps"
WEB = [PCAPS / "web.pcap"]
GATEWAY = ["-c", PCAPS / "nat-gateway.ini", PCAPS / "nat-gateway.pcapng"]
FIELDS = consumer.fields()
KINDS = {name: kind for name, _, kind in FIELDS}
DUCKDB_TYPES = {"INT_32": "INTEGER", "INT_64": "BIGINT", "STRING": "VARCHAR"}
PLAIN_TYPES = {"INT_32": "INT32", "INT_64": "INT64", "STRING": "BYTE_ARRAY"}
ARROW_TYPES = {"INT_32": "Int32", "INT_64": "Int64", "STRING": "Utf8"}
START = 1700000000 // 60 * 60
DEFAULT = [name for name, version, _ in FIELDS if version == 2]
GROUP_ROWS = 131072
LARGER = 1.15  # than what DuckDB writes, at the most


def made_up(names, rows, seed=1):
    """Lines of a log with flows that are all different: many values, some fields without one."""
    chance = random.Random(seed)
    ids = ["eni-%017x" % chance.getrandbits(68) for _ in range(40)]
    hosts = ["10.%d.%d.%d" % (i >> 16, i >> 8 & 255, i & 255) for i in range(5000)]

    def value(name, number):
        kind = KINDS[name]
        if chance.random() < 0.3:
            return "-"
        if name in ("pkt-srcaddr", "pkt-dstaddr"):
            return chance.choice(hosts)
        if name == "traffic-path":
            return str(chance.randint(1, 8))
        if name == "encryption-status":
            return str(chance.randint(0, 3))
        return str(chance.randint(0, 31)) if kind != "STRING" else "%s-%d" % (name, chance.randint(0, 30))

    yield " ".join(names) + "\n"
    for number in range(rows):
        start = START + number % 3600
        own = {"version": "11", "account-id": "123456789010", "interface-id": ids[number % 40],
               "srcaddr": chance.choice(hosts), "dstaddr": chance.choice(hosts), "srcport": str(number % 65536),
               "dstport": str(number // 65536), "protocol": "6", "packets": str(1 + int(chance.paretovariate(1)) % 10 ** 6),
               "bytes": str(40 + int(40 * chance.paretovariate(0.9)) % 10 ** 12), "start": str(start),
               "end": str(start + chance.randint(0, 59 - start % 60)), "action": "REJECT" if number % 9 == 0 else "ACCEPT",
               "log-status": "OK", "type": "IPv4", "tcp-flags": str(chance.choice((0, 2, 3, 18, 19))),
               "flow-direction": chance.choice(("ingress", "egress")), "region": "eu-central-1"}
        yield " ".join(own[name] if name in own else value(name, number) for name in names) + "\n"


class ParquetTest(consumer.ConsumerTest):
    def write(self, name, lines):
        path = self.folder / name
        with open(path, "w") as file:
            file.writelines(lines)
        return path

    def codecs(self):
        """Those that this build has."""
        told = self.eniflow("--version")
        return [name for name in ("gzip", "zstd", "snappy", "none") if not re.search(r"^ +%s +off" % name, told, re.M)]

    def text(self, *source):
        """What the file must say: names, lines."""
        header, *lines = self.eniflow("read", "-q", "--header", *source).splitlines()
        return header.replace("-", "_").split(" "), lines

    def parquet(self, name, *source):
        self.eniflow("read", "-q", "-o", name, *source)
        return self.folder / name

    def duckdb_lines(self, path):
        answer = self.readers.ask(sql="select * from '%s'" % path)
        return answer["columns"], [" ".join("-" if value is None else str(value) for value in row)
                                   for row in answer["rows"]]

    def check(self, path, names, lines):
        """All three readers; order counts."""
        self.assertEqual(self.duckdb_lines(path), (names, lines))
        for reader in "hyparquet", "arrow":
            with self.subTest(reader):
                answer = self.readers.ask(**{reader: str(path)})
                self.assertEqual((answer["columns"], answer["count"]), (names, len(lines)))
                self.assertEqual(answer["lines"], lines[:len(answer["lines"])])
                self.assertEqual(answer["digest"], hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest())


class Contents(ParquetTest):
    def test_every_field_by_every_codec(self):
        log = self.write("all.txt", made_up([name for name, _, _ in FIELDS], 2000))
        names, lines = self.text("-f", "all", log)
        self.assertEqual(len(names), len(FIELDS))
        self.assertGreaterEqual(len(lines), 2000)
        for at in range(len(names)):  # or the test would show little
            self.assertNotEqual({line.split(" ")[at] for line in lines}, {"-"}, names[at])
        for codec in self.codecs():
            with self.subTest(codec):
                self.check(self.parquet(codec + ".parquet", "-f", "all", "--compression", codec, log), names, lines)

    def test_types(self):
        path = self.parquet("a.parquet", "-f", "all", *WEB)
        wanted = [(name.replace("-", "_"), kind) for name, _, kind in FIELDS]
        self.assertEqual([(row[0], row[1], row[2]) for row in self.readers.sql("describe select * from '%s'" % path)],
                         [(name, DUCKDB_TYPES[kind], "YES") for name, kind in wanted])
        plain, arrow = self.readers.ask(hyparquet=str(path)), self.readers.ask(arrow=str(path))
        self.assertEqual(plain["types"], [PLAIN_TYPES[kind] for _, kind in wanted])
        self.assertTrue(plain["optional"])
        self.assertEqual(arrow["types"], [ARROW_TYPES[kind] for _, kind in wanted])
        self.assertRegex(plain["created_by"], r"^eniflow version \d+\.\d+\.\d+")

    def test_captures(self):
        for number, source in enumerate((WEB, GATEWAY)):
            for preset in "default", "tcp-flags", "v5", "console", "all":
                with self.subTest("%s %s" % (preset, source[-1].name)):
                    path = self.parquet("%d-%s.parquet" % (number, preset), "-f", preset, *source)
                    self.check(path, *self.text("-f", preset, *source))

    def test_nulls(self):
        """A column of nothing else, a row of little else, and lines without traffic."""
        names = [*DEFAULT, "vpc-id"]
        ok = "2 123456789010 eni-0a1b2c3d 10.0.0.1 10.0.0.2 %d 80 6 1 40 %d %d ACCEPT OK -\n"
        gap = "2 123456789010 eni-0a1b2c3d - - - - - - - %d %d - %s -\n"
        log = self.write("a.txt", [" ".join(names) + "\n", ok % (1, START, START + 9), gap % (START + 60, START + 119, "NODATA"),
                                   gap % (START + 120, START + 179, "SKIPDATA"), ok % (2, START + 180, START + 200)])
        wanted = self.text("-f", " ".join(names), log)
        self.assertEqual(len(wanted[1]), 4)
        path = self.parquet("a.parquet", "-f", " ".join(names), log)
        self.check(path, *wanted)
        self.assertEqual(self.readers.sql("select count(*) from '%s' where vpc_id is null and srcaddr is null" % path), [["2"]])

    def test_no_rows(self):
        log = self.write("a.txt", [" ".join(DEFAULT) + "\n"])
        path = self.parquet("a.parquet", log)
        self.check(path, [name.replace("-", "_") for name in DEFAULT], [])

    def test_strings_of_any_length(self):
        tags = ["x", "y" * 300, "z" * 4000, "%C3%A4"]
        names = [*DEFAULT, "instance-tag"]
        log = self.write("a.txt", [" ".join(names) + "\n"] + [
            "11 123456789010 eni-0a1b2c3d 10.0.0.1 10.0.0.2 %d 80 6 1 40 %d %d ACCEPT OK %s\n" % (port, START, START + 9, tag)
            for port, tag in enumerate(tags)])
        wanted = self.text("-f", " ".join(names), log)
        self.check(self.parquet("a.parquet", "-f", " ".join(names), log), *wanted)

    def test_same_records_same_bytes(self):
        one, two = self.parquet("1.parquet", *WEB), self.parquet("2.parquet", *WEB)
        self.assertEqual(one.read_bytes(), two.read_bytes())


class Statistics(ParquetTest):
    def setUp(self):
        super().setUp()
        self.log = self.write("a.txt", made_up([name for name, _, _ in FIELDS], 3000))
        self.path = self.parquet("a.parquet", "-f", "all", self.log)
        self.names, self.lines = self.text("-f", "all", self.log)

    def test_they_are_true(self):
        """Least, greatest and nulls of each column, as the file tells without being read."""
        told = {row[0]: row[1:] for row in self.readers.sql(
            "select path_in_schema, stats_min_value, stats_max_value, stats_null_count from parquet_metadata('%s')" % self.path)}
        self.assertEqual(set(told), set(self.names))
        for at, (name, _, kind) in enumerate(FIELDS):
            values = [line.split(" ")[at] for line in self.lines]
            there = [value if kind == "STRING" else int(value) for value in values if value != "-"]
            least, greatest, nulls = told[name.replace("-", "_")]
            with self.subTest(name):
                self.assertEqual(int(nulls), values.count("-"))
                if there:
                    self.assertEqual((least, greatest), (str(min(there)), str(max(there))))
                else:
                    self.assertEqual((least, greatest), (None, None))

    def test_questions_that_use_them(self):
        for question, wanted in (("srcport < 100", lambda row: row["srcport"] != "-" and int(row["srcport"]) < 100),
                                 ("action = 'REJECT'", lambda row: row["action"] == "REJECT"),
                                 ("srcaddr >= '10.0.9'", lambda row: row["srcaddr"] >= "10.0.9"),
                                 ("srcaddr = '192.0.2.1'", lambda row: False),
                                 ("asg_tag is null", lambda row: row["asg_tag"] == "-")):
            rows = [dict(zip(self.names, line.split(" "))) for line in self.lines]
            with self.subTest(question):
                self.assertEqual(self.readers.sql("select count(*) from '%s' where %s" % (self.path, question)),
                                 [[str(sum(map(wanted, rows)))]])

    def test_columns_have_dictionaries(self):
        """Where a value comes again often enough; distinct ones stand there plain."""
        encodings = dict(self.readers.sql("select path_in_schema, encodings from parquet_metadata('%s')" % self.path))
        for at, (name, _, _) in enumerate(FIELDS):
            distinct = {line.split(" ")[at] for line in self.lines}
            with self.subTest(name):
                if len(distinct) * 20 < len(self.lines):
                    self.assertIn("RLE_DICTIONARY", encodings[name.replace("-", "_")])
                elif len(distinct) * 2 > len(self.lines):
                    self.assertNotIn("RLE_DICTIONARY", encodings[name.replace("-", "_")])


class Large(ParquetTest):
    ROWS = 1000000
    LOG = """copy (select 2 as version, '123456789010' as "account-id", printf('eni-%%017x', i %% 40) as "interface-id",
        '10.' || i * 7919 %% 251 || '.0.1' as srcaddr, '10.0.' || i * 31 %% 17 || '.2' as dstaddr, i %% 65536 as srcport,
        i // 65536 as dstport, 6 as protocol, 1 + hash(i) %% 1000 as packets, 40 + hash(i + 1) %% 1000000000000 as bytes,
        %d + i %% 3600 as start, %d + i %% 3600 as "end", if(i %% 9 = 0, 'REJECT', 'ACCEPT') as action, 'OK' as "log-status"
        from range(%d) rows(i)) to '%s' (format csv, delimiter ' ', header true)"""

    def test_a_million_rows(self):
        log = self.folder / "a.txt"
        self.readers.sql(self.LOG % (START, START, self.ROWS, log))
        self.eniflow("read", "-q", "--header", "-o", "text.log", log)
        path = self.parquet("a.parquet", log)
        text = (self.folder / "text.log").read_bytes()
        body = text[text.index(b"\n") + 1:]
        self.assertEqual(body.count(b"\n"), self.ROWS)
        for reader in "hyparquet", "arrow":
            answer = self.readers.ask(**{reader: str(path)})
            self.assertEqual((answer["count"], answer["digest"]), (self.ROWS, hashlib.sha256(body).hexdigest()), reader)
        groups = self.readers.sql("select distinct row_group_id, row_group_num_rows from parquet_metadata('%s') order by 1" % path)
        self.assertEqual(sum(int(rows) for _, rows in groups), self.ROWS)
        self.assertTrue(1 < len(groups) and all(int(rows) <= GROUP_ROWS for _, rows in groups), groups)
        columns = json.dumps({name.replace("-", "_"): DUCKDB_TYPES[KINDS[name]] for name in DEFAULT}).replace('"', "'")
        lines = "read_csv('%s', delim = ' ', header = true, nullstr = '-', auto_detect = false, columns = %s)" % (
            self.folder / "text.log", columns)
        self.assertEqual(self.readers.sql("select count(*) from (from '%s' except all from %s)" % (path, lines)), [["0"]])


class Size(ParquetTest):
    def check_size(self, names, rows):
        """Not much larger than what DuckDB writes for the same rows in the same order."""
        log = self.write("a.txt", made_up(names, rows))
        for codec in self.codecs():
            path = self.parquet(codec + ".parquet", "-f", " ".join(names), "--compression", codec, log)
            other = self.folder / (codec + ".duckdb.parquet")
            self.readers.sql("set preserve_insertion_order = true")
            self.readers.sql("copy (from '%s') to '%s' (format parquet, codec '%s', row_group_size %d)" % (
                path, other, codec.replace("none", "uncompressed"), GROUP_ROWS))
            ratio = path.stat().st_size / other.stat().st_size
            print("%d fields, %d rows, %-6s %9d bytes, DuckDB %9d bytes: %.3f" % (
                len(names), rows, codec, path.stat().st_size, other.stat().st_size, ratio))
            with self.subTest(codec):
                self.assertLess(ratio, LARGER)

    def test_default_fields(self):
        self.check_size(DEFAULT, 150000)

    def test_all_fields(self):
        self.check_size([name for name, _, _ in FIELDS], 20000)


class Directory(ParquetTest):
    SHAPES = {"plain": [], "hourly": ["--per-hour-partition"], "hive": ["--hive-compatible-partitions"],
              "hive-hourly": ["--hive-compatible-partitions", "--per-hour-partition"]}

    def test_four_shapes(self):
        log = self.write("a.txt", made_up(DEFAULT, 3000))
        _, lines = self.text("-f", "default", log)
        rows = [line.split(" ") for line in lines]
        wanted = [len(rows), sum(int(row[8]) for row in rows), sum(int(row[9]) for row in rows),
                  min(int(row[10]) for row in rows), max(int(row[11]) for row in rows)]
        for shape, options in self.SHAPES.items():
            with self.subTest(shape):
                where = self.folder / shape
                self.eniflow("read", "-q", "-t", "parquet", "-s", "region=eu-central-1", *options, "-o", "%s/" % where, log)
                files = "read_parquet('%s/AWSLogs/**/*.parquet', hive_partitioning = %s)" % (where, str("hive" in shape).lower())
                totals = self.readers.sql("select count(*), sum(packets), sum(bytes), min(start), max(\"end\") from " + files)
                self.assertEqual([int(value) for value in totals[0]], wanted)
                if "hive" in shape:
                    self.check_partitions(files, rows, "hour" if "hourly" in shape else "day")
                if shape == "hive-hourly":
                    self.check_pruning(where, files)

    def check_partitions(self, files, rows, finest):
        wanted = {}
        for row in rows:
            wanted[int(row[11]) // 3600 % 24] = wanted.get(int(row[11]) // 3600 % 24, 0) + 1
        answer = self.readers.sql("select year::int, month::int, day::int, count(*) from %s group by all" % files)
        self.assertEqual(answer, [[2023, 11, 14, str(len(rows))]])
        if finest == "hour":
            answer = self.readers.sql("select hour::int, count(*) from %s group by all" % files)
            self.assertEqual({hour: int(count) for hour, count in answer}, wanted)

    def check_pruning(self, where, files):
        """A file of another hour that nobody could read is not looked at."""
        hour = next(where.rglob("hour=*"))
        wanted = self.readers.sql("select count(*) from %s where hour = %s" % (files, hour.name.partition("=")[2]))
        other = hour.parent / "hour=99"
        other.mkdir()
        (other / "z.log.parquet").write_bytes(b"no Parquet")
        self.assertEqual(self.readers.sql("select count(*) from %s where hour = %s" % (files, hour.name.partition("=")[2])), wanted)
        with self.assertRaises(consumer.Refused):
            self.readers.sql("select sum(packets) from " + files)


if __name__ == "__main__":
    consumer.main()
