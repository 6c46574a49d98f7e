#!/usr/bin/env python3
"""Text as Vector and DuckDB take it: test_text.py PROGRAM FOLDER [unittest arguments]."""

import consumer

PCAPS = consumer.ROOT / "pcaps"
CAPTURES = ([PCAPS / "web.pcap"], ["-c", PCAPS / "nat-gateway.ini", PCAPS / "nat-gateway.pcapng"])
NUMBERS = {name for name, _, kind in consumer.fields() if kind.startswith("INT")}

# The columns of Athena's table, in the order of AWS's documentation.
ATHENA = """version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport int, dstport int,
    protocol bigint, packets bigint, bytes bigint, start bigint, end bigint, action string, log_status string,
    vpc_id string, subnet_id string, instance_id string, tcp_flags int, type string, pkt_srcaddr string,
    pkt_dstaddr string, region string, az_id string, sublocation_type string, sublocation_id string,
    pkt_src_aws_service string, pkt_dst_aws_service string, flow_direction string, traffic_path int"""
COLUMNS = [tuple(column.split()) for column in ATHENA.split(",")]
FORMAT = " ".join(name for name, _ in COLUMNS).replace("_", "-")


def typed(name, text):
    if text == "-":
        return None
    return int(text) if name in NUMBERS else text


def events(names, lines):
    return [{name.replace("-", "_"): typed(name, text) for name, text in zip(names, line.split(" "))} for line in lines]


class Vector(consumer.ConsumerTest):
    def check(self, names, lines):
        call = ". = parse_aws_vpc_flow_log!(.message, format: \"%s\")" % " ".join(names).replace("-", "_")
        self.assertEqual(self.readers.ask(vrl=call, lines=lines)["events"], events(names, lines))

    def test_every_expected_line(self):
        names = self.eniflow("read", "-q", "--header", PCAPS / "web.pcap").splitlines()[0].split(" ")
        total = 0
        for name, lines in consumer.golden():
            with self.subTest(name):
                self.check(names, lines)
                total += len(lines)
        self.assertGreater(total, 200)

    def test_default_format_needs_no_list_of_names(self):
        lines = self.eniflow("read", "-q", PCAPS / "web.pcap").splitlines()
        plain = self.readers.ask(vrl=". = parse_aws_vpc_flow_log!(.message)", lines=lines)["events"]
        names = self.eniflow("read", "-q", "--header", PCAPS / "web.pcap").splitlines()[0].split(" ")
        self.assertEqual(plain, events(names, lines))

    def test_presets(self):
        for preset in "default", "tcp-flags", "nat", "v5", "console":
            for capture in CAPTURES:
                with self.subTest("%s %s" % (preset, capture[-1].name)):
                    header, *lines = self.eniflow("read", "-q", "--header", "-f", preset, *capture).splitlines()
                    self.check(header.split(" "), lines)

    def test_what_it_refuses_is_known(self):
        """It would not be a judge if it took everything."""
        good = self.eniflow("read", "-q", PCAPS / "web.pcap").splitlines()[0]
        for wrong in good + " OK", good.replace(" ", "  ", 1), good.replace(" ", "\t", 1), " ".join(good.split(" ")[:-1]):
            with self.subTest(wrong), self.assertRaises(consumer.Refused):
                self.readers.ask(vrl=". = parse_aws_vpc_flow_log!(.message)", lines=[wrong])


class Duckdb(consumer.ConsumerTest):
    """Typed as Athena's table of VPC flow logs, over the layout of S3."""

    def read(self, files):
        columns = ", ".join("'%s': '%s'" % (name, kind.replace("string", "varchar")) for name, kind in COLUMNS)
        return self.readers.sql("select * from read_csv('%s', delim = ' ', header = true, nullstr = '-', quote = '', "
                                "escape = '', auto_detect = false, columns = {%s})" % (files, columns))

    def rows(self, lines):
        """As DuckDB's answers come: numbers of 64 bits are text."""
        return sorted(([None if text == "-" else int(text) if kind == "int" else text
                        for (_, kind), text in zip(COLUMNS, line.split(" "))] for line in lines), key=repr)

    def test_directory(self):
        for number, capture in enumerate(CAPTURES):
            header, *lines = self.eniflow("read", "-q", "--header", "-f", FORMAT, *capture).splitlines()
            self.assertEqual(header.replace("-", "_").split(" "), [name for name, _ in COLUMNS])
            where = self.folder / str(number)
            self.eniflow("read", "-q", "-f", FORMAT, "-o", "%s/" % where, *capture)
            self.assertEqual(sorted(self.read("%s/AWSLogs/**/*.log.gz" % where), key=repr), self.rows(lines))

    def test_file(self):
        self.eniflow("read", "-q", "-f", FORMAT, "-o", "a.log.gz", PCAPS / "web.pcap")
        lines = self.eniflow("read", "-q", "-f", FORMAT, PCAPS / "web.pcap").splitlines()
        self.assertEqual(sorted(self.read(self.folder / "a.log.gz"), key=repr), self.rows(lines))

    def test_lines_of_json(self):
        self.eniflow("read", "-q", "-o", "a.json.gz", PCAPS / "web.pcap")
        answer = self.readers.sql("select count(*), sum(packets), sum(bytes), min(start), max(\"end\") from read_json('%s')" %
                                  (self.folder / "a.json.gz"))
        lines = [line.split(" ") for line in self.eniflow("read", "-q", PCAPS / "web.pcap").splitlines()]
        packets, octets, start, end = ([int(line[at]) for line in lines if line[at] != "-"] for at in (8, 9, 10, 11))
        self.assertEqual([int(value) for value in answer[0]], [len(lines), sum(packets), sum(octets), min(start), max(end)])

    def test_csv(self):
        self.eniflow("read", "-q", "-f", FORMAT, "-o", "a.csv", PCAPS / "web.pcap")
        names = self.eniflow("read", "-q", "--header", "-f", FORMAT, PCAPS / "web.pcap").splitlines()[0].split(" ")
        answer = self.readers.ask(sql="select * from read_csv('%s')" % (self.folder / "a.csv"))
        self.assertEqual(answer["columns"], names)
        self.assertEqual(len(answer["rows"]), len(self.eniflow("read", "-q", PCAPS / "web.pcap").splitlines()))


if __name__ == "__main__":
    consumer.main()
