#!/usr/bin/env python3
"""What readers of flow logs that cannot be run here ask of a line: test_rules.py PROGRAM [unittest arguments].

Each rule is written down from what its reader's documentation and source say it takes, and is held against every
expected output of the golden tests that is in the default format, and against the presets. Where a reader takes only
some records by design (no IPv6, no status lines), the rule says which."""

import csv
import gzip
import io
import ipaddress
import re
import unittest

import consumer

DEFAULT = ("version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
           "log-status").split()
NUMBERS = {name: kind for name, _, kind in consumer.fields() if kind.startswith("INT")}
ADDRESSES = {"srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr"}
PCAPS = consumer.ROOT / "pcaps"

# Layouts that some readers tell apart by the count of fields alone.
COUNTED = {
    "nat": "instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr",
    "default": " ".join(DEFAULT),
    "transit-gateway": "version interface-id account-id vpc-id subnet-id instance-id srcaddr dstaddr srcport dstport protocol "
                       "tcp-flags type pkt-srcaddr pkt-dstaddr action log-status",
    "tcp-flags": "version vpc-id subnet-id instance-id interface-id account-id type srcaddr dstaddr srcport dstport "
                 "pkt-srcaddr pkt-dstaddr protocol bytes packets start end action tcp-flags log-status",
    "v5": "version srcaddr dstaddr srcport dstport protocol start end type packets bytes account-id vpc-id subnet-id "
          "instance-id interface-id region az-id sublocation-type sublocation-id action tcp-flags pkt-srcaddr pkt-dstaddr "
          "pkt-src-aws-service pkt-dst-aws-service traffic-path flow-direction log-status",
    "console": " ".join(sorted(name for name, version, _ in consumer.fields() if version <= 5)),
}


def row_of(names, line):
    return dict(zip(names, line.split(" ")))


def is_ok(row):
    return row.get("log-status", "OK") == "OK"


def is_ipv4(row):
    return is_ok(row) and ":" not in row.get("srcaddr", "")


def has_account(row):
    return row["account-id"].isdigit()


def is_interface(row):
    return re.fullmatch("eni-[0-9a-f]+", row["interface-id"]) is not None


def splunk_addon(row, line):
    """Fourteen words, perhaps behind a time."""
    return re.match(r"(\d{4}-\S+\s+)?" + r"\s+".join([r"\S+"] * 14), line)


def splunk_lambda(row, line):
    """Version 2, an account of 7 to 12 characters, the time behind ten words, as seconds."""
    return re.match(r"2\s+\S{7,12}\s+(\S+\s+){8}\d{10}\s+\d{10}\s+\S+\s+\S+$", line)


def honeycomb(row, line):
    return re.fullmatch(r"\d+ \d+ eni-[0-9a-f]+ [\d.]+ [\d.]+( \d+){7} [A-Z]+ [A-Z]+", line)


def exabeam(row, line):
    return " eni-" in line and re.search(
        r" (unknown|\d+) (eni-\S+) ([\da-f.:]+) ([\da-f.:]+) (\d+ ){4}.*( ACCEPT OK| REJECT OK)", line)


def sof_elk(row, line):
    """A pattern of numbers and addresses, but that the account may be unknown."""
    return re.fullmatch(r"\d+ (unknown|\d+) \S+ [\da-f.:]+ [\da-f.:]+( [+-]?\d+){7} (ACCEPT|REJECT) OK", line)


def panther(row, line):
    ports = [int(row[name]) for name in ("srcport", "dstport") if row[name] != "-"]
    return (re.fullmatch(r"-|unknown|\d{12}", row["account-id"]) and all(0 <= port <= 65535 for port in ports) and
            row["start"].isdigit() and row["end"].isdigit() and row["action"] in ("ACCEPT", "REJECT", "-") and
            row["log-status"] in ("OK", "NODATA", "SKIPDATA") and "," not in line and '"' not in line)


def beats(row, line):
    """Words between white space; numbers as Go reads them with base 0, where a zero in front means octal."""
    for name, text in row.items():
        if text == "-":
            continue
        if name in NUMBERS and not (re.fullmatch("0|[1-9][0-9]*", text) and
                                    int(text) < 2 ** (31 if NUMBERS[name] == "INT_32" else 63)):
            return False
        if name in ADDRESSES:
            ipaddress.ip_address(text)
    return line.split() == line.split(" ")


def collector(row, line):
    """OpenTelemetry's: one space between fields; a table of protocols that ends at 142; directions by name."""
    return (line == line.strip() and "" not in line.split(" ") and not line.startswith("{") and
            (row.get("protocol", "-") == "-" or int(row["protocol"]) < 143) and
            row.get("flow-direction", "-") in ("ingress", "egress", "-"))


def graylog(row, line):
    return line.count(" ") == 13 and ("ACCEPT" in line or "REJECT" in line) and int(row["start"]) and int(row["end"])


def go_vpcflow(row, line):
    return (row["version"] == "2" and row["log-status"].lower() == "ok" and
            all(int(row[name]) >= 0 for name in ("srcport", "dstport", "bytes", "packets", "start", "end")))


def datadog(row, line):
    (version, account, interface, source, destination, source_port, destination_port, protocol, packets, octets, start, end,
     action, status) = line.split(" ")
    return status == "NODATA" or status == "SKIPDATA" or (int(packets) > 0 and int(octets) > 0 and int(end) >= int(start))


def flowlogs_reader(row, line):
    """Every number by int(), every time as seconds unless it is too great for them."""
    for name, text in row.items():
        if name in NUMBERS and text != "-":
            int(text)
    return 0 < int(row["start"]) <= int(row["end"]) < 2 ** 31


def streamalert(row, line):
    """The account as a whole number."""
    return int(row["account-id"]) >= 0


def any_record(row):
    return True


RULES = (
    # reader, what it takes of a default line, which records are for it
    ("Splunk add-on", splunk_addon, any_record),
    ("Splunk lambda", splunk_lambda, has_account),
    ("Honeycomb", honeycomb, lambda row: is_ipv4(row) and has_account(row) and is_interface(row)),
    ("Exabeam", exabeam, lambda row: is_ok(row) and has_account(row) and is_interface(row)),
    ("SOF-ELK", sof_elk, lambda row: is_ok(row) and has_account(row)),
    ("Panther", panther, lambda row: row["account-id"] in ("-", "unknown") or len(row["account-id"]) == 12),
    ("Beats", beats, any_record),
    ("OpenTelemetry", collector, lambda row: row["protocol"] == "-" or int(row["protocol"]) < 143),
    ("Graylog", graylog, is_ok),
    ("go-vpcflow", go_vpcflow, is_ok),
    ("Datadog lambda", datadog, any_record),
    ("flowlogs-reader", flowlogs_reader, any_record),
    ("StreamAlert", streamalert, has_account),
)


class Lines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cases = [(name, line, row_of(DEFAULT, line)) for name, lines in consumer.golden() for line in lines]

    def test_rules(self):
        for reader, takes, is_for in RULES:
            held = 0
            for name, line, row in self.cases:
                if is_for(row):
                    with self.subTest(reader=reader, case=name, line=line):
                        self.assertTrue(takes(row, line))
                    held += 1
            self.assertGreater(held, 100, reader)

    def test_every_kind_of_record_is_among_them(self):
        self.assertEqual({row["log-status"] for _, _, row in self.cases}, {"OK", "NODATA", "SKIPDATA"})
        self.assertEqual({row["action"] for _, _, row in self.cases}, {"ACCEPT", "REJECT", "-"})
        self.assertTrue(any(":" in row["srcaddr"] for _, _, row in self.cases))

    def test_rules_can_fail(self):
        line = "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK"
        wrong = {
            "Splunk add-on": line.rpartition(" ")[0], "Splunk lambda": line.replace("123456789010", "-"),
            "Honeycomb": line.replace("eni-", "eth"), "Exabeam": line.replace("ACCEPT OK", "OK ACCEPT"),
            "SOF-ELK": line.replace("22 6", "- 6"), "Panther": line.replace("123456789010", "1234"),
            "Beats": line.replace(" 22 ", " 022 "), "OpenTelemetry": line.replace(" 6 ", " 253 "),
            "Graylog": line + " -", "go-vpcflow": "3" + line[1:], "Datadog lambda": line.replace(" 20 ", " 0 "),
            "flowlogs-reader": line.replace("1418530010", "1418530010000"), "StreamAlert": line.replace("123456789010", "-1"),
        }
        for reader, takes, _ in RULES:
            with self.subTest(reader):
                self.assertTrue(takes(row_of(DEFAULT, line), line))
                self.assertFalse(takes(row_of(DEFAULT, wrong[reader]), wrong[reader]))


class Program(consumer.ProgramTest):
    CAPTURES = ([PCAPS / "web.pcap"], ["-c", PCAPS / "nat-gateway.ini", PCAPS / "nat-gateway.pcapng"],
                ["-c", PCAPS / "transit-gateway.ini", PCAPS / "transit-gateway.pcapng"])

    def logs(self, *options):
        for capture in self.CAPTURES:
            header, *lines = self.eniflow("read", "-q", "--header", *options, *capture).splitlines()
            self.assertGreater(len(lines), 3)
            yield header, lines


class Presets(Program):
    def test_orders_that_are_known_by_their_count(self):
        for preset, order in COUNTED.items():
            for header, lines in self.logs("-f", preset):
                self.assertEqual(header, order)
                self.assertEqual({line.count(" ") for line in lines}, {order.count(" ")}, preset)

    def test_rules_of_any_format(self):
        for preset in (*COUNTED, "all"):
            for header, lines in self.logs("-f", preset):
                for line in lines:
                    row = row_of(header.split(" "), line)
                    with self.subTest(preset=preset, line=line):
                        self.assertTrue(beats(row, line))
                        self.assertTrue(collector(row, line))

    def test_matano(self):
        """Numbers and addresses wherever the 29 fields of the console's order have them."""
        names = COUNTED["console"].split(" ")
        for _, lines in self.logs("-f", "console"):
            for line in lines:
                row = row_of(names, line)
                if not is_ok(row) or "-" in (row["tcp-flags"], row["traffic-path"]):
                    continue
                for name in names:
                    with self.subTest(line=line, name=name):
                        self.assertTrue(name not in NUMBERS or row[name].isdigit())
                        if name in ADDRESSES:
                            ipaddress.ip_address(row[name])


class Files(Program):
    """Of the layout of S3."""

    def setUp(self):
        super().setUp()
        self.eniflow("read", "-q", "-o", "lake/", PCAPS / "web.pcap")
        self.files = sorted(path for path in (self.folder / "lake").rglob("*") if path.is_file())
        self.assertTrue(self.files)

    def test_header_is_the_first_line_and_no_other(self):
        """Athena, Dynatrace and Datadog skip one line; Tailpipe wants known names only; OpenSearch's looks for start."""
        known = {name for name, _, _ in consumer.fields()}
        for path in self.files:
            text = gzip.decompress(path.read_bytes()).decode("ascii")
            self.assertTrue(text.endswith("\n"))
            header, *lines = text.split("\n")[:-1]
            self.assertTrue(set(header.split(" ")) <= known)
            self.assertIn("start", header.split(" "))
            self.assertFalse([line for line in lines if line == header or not re.match(r"\d+ ", line)])

    def test_readers_of_columns(self):
        """flowlogs-reader and Wazuh read it as CSV between spaces, by the names of the header, hyphens as underscores."""
        for path in self.files:
            text = gzip.decompress(path.read_bytes()).decode()
            for row in csv.DictReader(io.StringIO(text), delimiter=" "):
                self.assertEqual([name for name in row], DEFAULT)
                self.assertNotIn(None, row.values())
                self.assertLessEqual(int(row["start"]), int(row["end"]))

    def test_keys(self):
        """lambda-promtail takes the parts of a key; Dynatrace wants how it ends."""
        for path in self.files:
            key = str(path.relative_to(self.folder / "lake"))
            with self.subTest(key):
                promtail = re.search(
                    r"AWSLogs/(?P<account>\d+)/(?P<type>vpcflowlogs)/(?P<region>[\w-]+)/(?P<year>\d+)/(?P<month>\d+)/"
                    r"(?P<day>\d+)/\d+_vpcflowlogs_[\w-]+_(?P<source>fl-[0-9a-f]+)", key)
                self.assertTrue(promtail)
                self.assertTrue(re.search(r"/\d{12}_vpcflowlogs_[a-z0-9-]+_fl-([0-9a-f]{8}|[0-9a-f]{17})_"
                                          r"\d{8}T\d{4}Z_[0-9a-f]{8}\.log\.gz$", key))
                stamp = re.search(r"_(\d{4})(\d\d)(\d\d)T\d{4}Z_", key).groups()
                self.assertEqual(stamp, promtail.group("year", "month", "day"))


if __name__ == "__main__":
    consumer.main(needs_modules=False)
