"""`eniflow compare` from the outside: logs that agree with their captures, in every shape and however their time is cut,
and faults planted in them, each to be found under its own name, and nothing else.

Run as: test_compare.py PROGRAM [unittest arguments]. ENIFLOW_SEEDS=A-B: the seeds of the random pairs."""

import gzip
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import unittest
from collections import Counter
from dataclasses import replace
from pathlib import Path

import packets
from comparing import CompareTest, middle, tcp
from flowlog import Log, key_of
from packets import FIN, SECOND, TCP, UDP, Packet, Talk, moved, ordered, serving

PCAPS = Path(__file__).resolve().parents[2] / "pcaps"
T0 = 1600000020  # a whole minute
SERVER = "10.0.0.62"
V5 = ("version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status "
      "vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr flow-direction")
WEB = """[interface eth0]
mac = 02:00:00:00:00:3e
address = 10.0.0.62, 2001:db8::62
interface-id = eni-1235b8ca123456789
"""


def with_macs(traffic, own=SERVER, mac="02:00:00:00:00:3e"):
    """Frames as an interface of that address sees them: its MAC is on its side."""
    sides = {True: (packets.GATEWAY, mac), False: (mac, packets.GATEWAY)}
    return [replace(packet, macs=sides[packet.source in (own, "2001:db8::62")]) for packet in traffic]


class Serving(CompareTest):
    """A server's traffic through ten minutes, as a capture and as its log."""

    def setUp(self):
        super().setUp()
        self.traffic = serving(1)
        self.capture = self.write("web.pcap", packets.pcap(self.traffic))
        self.log = self.log_of(self.capture)

    def recut(self, seconds, *options, traffic=None):
        """The log with windows that begin so many seconds before the minute."""
        path = self.write("moved.pcap", packets.pcap(moved(traffic or self.traffic, seconds * SECOND)))
        return self.log_of(*options, path).moved(-seconds)

    def long_flow(self, log=None, records=3):
        """A TCP flow from the middle that has records in several intervals."""
        log = log or self.log
        return next(key for key in tcp(middle(log)) if len(log.of(key)) >= records)

    def changed(self, key, change, record=1):
        """The log with one record of the flow changed."""
        log = self.log.copy()
        change(log.of(key)[record])
        return log


class Own(CompareTest):
    """Every capture there is agrees with its own log."""

    def captures(self):
        found = [path for path in sorted(PCAPS.glob("*.pcap*")) + sorted(PCAPS.glob("edge/*.pcap*"))]
        self.assertGreater(len(found), 50)
        return found

    def check(self, path, *options):
        ran = self.eniflow("read", "-q", "--header", *options, str(path))
        if ran.returncode == 2 or b" OK\n" not in ran.stdout:
            return 0
        result = self.compare(ran.stdout, str(path))
        with self.subTest(capture=path.name, options=options):
            self.assertEqual((result.findings, result.status), (Counter(), 0), result.errors or result.json["remarks"])
        return 1

    def test_captures_in_the_default_format(self):
        self.assertGreater(sum(self.check(path) for path in self.captures()), 30)

    def test_captures_in_another_format(self):
        for path in self.captures()[:8]:
            self.check(path, "-f", V5, "-i", "600")

    def test_configured_interfaces(self):
        for name in "nat-gateway", "transit-gateway":
            config, path = str(PCAPS / (name + ".ini")), str(PCAPS / (name + ".pcapng"))
            for form in "default", V5:
                log = self.log_of("-c", config, "-f", form, path)
                result = self.assert_agree(log, path, "-c", config)
                self.assertEqual({one["interface_id"] for one in result.json["interfaces"] if one["judged"]},
                                 {row["interface-id"] for row in log.records})

    def test_everything_is_logged(self):
        path = str(PCAPS / "web.pcap")
        log = self.log_of("--exclude", "none", path)
        self.assert_agree(log, path, "--exclude", "none")


class Recorded(CompareTest):
    """Faults in the log of a recorded capture: a web server through three minutes."""

    def setUp(self):
        super().setUp()
        self.capture = str(PCAPS / "web.pcap")
        self.log = self.log_of(self.capture)

    def request(self, log):
        """The flows of the request in the middle of the recording, which opens and closes in its own second."""
        keys = [key for key in log.keys() if 43422 in (key[2], key[4])]
        self.assertEqual(len(keys), 2)
        return keys

    def test_missing_flow(self):
        keys = self.request(self.log)
        self.assert_differ(self.log.without(lambda row: key_of(row) in keys), self.capture,
                           found=[("capture-only", "missing-records", key) for key in keys])

    def test_counts(self):
        key = self.request(self.log)[0]
        for row in self.log.of(key):
            row["packets"] = str(int(row["packets"]) + 5)
        self.assert_differ(self.log, self.capture, found=[("differ", "unexplained", key)])

    def test_all_lines_twice(self):
        found = [("differ", "duplicated", key) for key in self.log.keys()]
        self.log.rows += [dict(row) for row in self.log.rows]
        self.assert_differ(self.log, self.capture, found=found)

    def test_shifted_windows_and_a_missing_flow(self):
        with open(self.capture, "rb") as file:
            content = bytearray(file.read())
        at = 24
        while at < len(content):
            seconds, _, captured = struct.unpack_from("<3I", content, at)
            struct.pack_into("<I", content, at, seconds + 23)
            at += 16 + captured
        whole = self.log_of(self.write("moved.pcap", content)).moved(-23)
        self.assert_agree(whole, self.capture)
        keys = self.request(whole)
        self.assert_differ(whole.without(lambda row: key_of(row) in keys), self.capture,
                           found=[("capture-only", "missing-records", key) for key in keys])


class Windows(Serving):
    """Whatever the log's windows and times: AWS promises little of them."""

    def test_same_windows(self):
        result = self.assert_agree(self.log, self.capture)
        self.assertEqual(result.flows("agree"), len(self.log.keys()))
        self.assertEqual(result.json["interval_seconds"], 60)

    def test_shifted_windows(self):
        for seconds in 1, 17, 30, 59:
            self.assert_agree(self.recut(seconds), self.capture)

    def test_ten_minutes(self):
        traffic = serving(2, minutes=24, visitors=60)
        capture = self.write("long.pcap", packets.pcap(traffic))
        for seconds in 0, 137, 599:
            result = self.assert_agree(self.recut(seconds, "-i", "600", traffic=traffic), capture)
            self.assertEqual(result.json["interval_seconds"], 600)

    def test_window_times(self):
        """Start and end are the window's, not the packets'."""
        self.assert_agree(self.log_of("--timestamps", "window", self.capture), self.capture)

    def test_clock_offset(self):
        for seconds in 5, -3, 3600, -3600, 19800:
            result = self.assert_agree(self.log.moved(seconds), self.capture)
            self.assertAlmostEqual(result.json["offset"]["seconds"], seconds, delta=1)

    def test_clock_offset_that_is_given(self):
        for seconds in 5, -3600:
            result = self.assert_agree(self.log.moved(seconds), self.capture, "--offset", str(seconds))
            self.assertEqual(result.json["offset"]["seconds"], seconds)
            self.assertEqual(result.json["offset"]["source"], "given")

    def test_clock_offset_that_is_given_wrong(self):
        """What then agrees agrees by next to nothing: that is told."""
        name = PCAPS / "nat-gateway-minutes"
        for options, told in ([], False), (["--offset", "100"], True):
            result = self.eniflow("compare", "--json", *options, "%s.log" % name, "--", "%s.pcap" % name)
            self.assertEqual(b"most flows of an interface were not judged (6 of 8)" in result.stdout, told)

    def test_log_of_a_part_of_the_time(self):
        for first, last in (2, 6), (0, 5), (5, 10), (4, 5):
            start, end = T0 + 60 * first, T0 + 60 * last
            log = self.log.without(lambda row: not start <= int(row["start"]) < end)
            self.assert_agree(log, self.capture)

    def test_shifted_log_of_a_part_of_the_time(self):
        whole = self.recut(23)
        for first, last in (2, 6), (0, 5), (5, 9):
            start, end = T0 + 60 * first - 23, T0 + 60 * last - 23
            self.assert_agree(whole.without(lambda row: not start <= int(row["start"]) < end), self.capture)

    def test_capture_of_a_part_of_the_time(self):
        for first, last in (100, 400), (0, 299.7), (250.3, 600), (119.5, 180.5), (33.3, 477.7):
            start, end = (T0 + first) * SECOND, (T0 + last) * SECOND
            part = [packet for packet in self.traffic if start <= packet.time < end]
            for log in self.log, self.recut(41):
                self.assert_agree(log, self.write("part.pcap", packets.pcap(part)))

    def test_times_of_the_log_are_late(self):
        """AWS: up to 60 seconds after the packet."""
        for seed in 1, 2, 3:
            rng = random.Random(seed)
            log = self.log.copy()
            for row in log.records:
                late = rng.randrange(61)
                row["start"], row["end"] = str(int(row["start"]) + late), str(int(row["end"]) + late)
            self.assert_agree(log, self.capture)

    def test_silent_intervals(self):
        """NODATA with the windows' ends as eniflow writes them, and as AWS does."""
        traffic = [packet for packet in self.traffic if not 180 <= packet.time / SECOND - T0 < 330]
        capture = self.write("silent.pcap", packets.pcap(traffic))
        log = self.log_of(capture)
        self.assertIn("NODATA", {row["log-status"] for row in log.rows})
        self.assert_agree(log, capture)
        for row in log.rows:
            if row["log-status"] == "NODATA":
                row["end"] = str(int(row["end"]) - 1)
        self.assert_agree(log, capture)

    def test_order_of_lines(self):
        self.assert_agree(self.log.shuffled(5), self.capture)

    def test_rotated_captures(self):
        half = len(self.traffic) // 2
        names = [self.write("a.pcap", packets.pcap(self.traffic[:half])),
                 self.write("b.pcap", packets.pcap(self.traffic[half:]))]
        self.assert_agree(self.log, names[::-1])

    def test_same_bytes_again(self):
        log = self.write("f.log", self.log.without(lambda row: row["srcport"] == "443").text())
        runs = [self.eniflow("compare", "--json", log, "--", self.capture).stdout for _ in range(5)]
        self.assertEqual(len(set(runs)), 1)


class Shapes(Serving):
    """The same log as other programs hand it on."""

    def test_columns(self):
        fields = V5.split()
        for order in fields, fields[::-1], random.Random(4).sample(fields, len(fields)), sorted(fields):
            log = self.log_of("-f", " ".join(order), self.capture)
            self.assert_agree(log, self.capture)
            self.assert_agree(log.underscored(), self.capture)

    def test_presets(self):
        for preset in "v5", "console", "tcp-flags", "all":
            self.assert_agree(self.log_of("-f", preset, self.capture), self.capture)

    def test_no_header(self):
        self.assert_agree(self.log.text(header=False), self.capture)
        order = "start end srcaddr dstaddr srcport dstport protocol packets bytes action interface-id log-status"
        log = self.log_of("-f", order, self.capture)
        self.assert_agree(log.text(header=False), self.capture, "--log-format", order)
        self.assert_agree(log.text(header=False), self.capture, "--log-format",
                          " ".join("${%s}" % name for name in order.split()))

    def test_wrapped_lines(self):
        for shape in (Log.json_lines, Log.csv, Log.message_lines, Log.subscription, Log.stored_events, Log.exported,
                      Log.insights, Log.milliseconds):
            with self.subTest(shape=shape.__name__):
                self.assert_agree(shape(self.log), self.capture)

    def test_sloppy_text(self):
        text = self.log.text()
        self.assert_agree(self.log.text(newline="\r\n"), self.capture)
        self.assert_agree(b"\xef\xbb\xbf" + text[:-1], self.capture)
        self.assert_agree(text.replace(b" ", b"  ") + b"\n\n", self.capture)
        half = len(self.log.rows) // 2
        head, tail = Log(self.log.fields, self.log.rows[:half]), Log(self.log.fields, self.log.rows[half:])
        self.assert_agree(head.text() + tail.text(), self.capture)

    def test_compressed(self):
        self.assert_agree(self.write("f.log.gz", gzip.compress(self.log.text())), self.capture)
        if shutil.which("zstd") and not re.search(b"(?m)^  zstd +off", self.eniflow("--version").stdout):
            packed = subprocess.run(["zstd", "-c"], input=self.log.text(), stdout=subprocess.PIPE, check=True).stdout
            self.assert_agree(self.write("f.log.zst", packed), self.capture)

    def test_several_files(self):
        thirds = [Log(self.log.fields, self.log.rows[i::3]) for i in range(3)]
        names = [self.write("part%d.log" % i, part.text()) for i, part in enumerate(thirds)]
        self.assert_agree(names, self.capture)
        self.assert_agree(names[::-1], self.capture)

    def test_folder(self):
        """As S3 holds it, and as Hive's partitions do."""
        ran = self.eniflow("read", "-q", "-o", "bucket/", self.capture)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assert_agree(os.path.join(self.folder, "bucket"), self.capture)
        for i in range(3):
            part = Log(self.log.fields, self.log.rows[i::3])
            self.write("hive/aws-account-id=123456789010/aws-service=vpcflowlogs/aws-region=us-east-1/year=2020/month=09/"
                       "day=13/hour=%02d/f%d.log.gz" % (12 + i % 2, i), gzip.compress(part.text()))
        self.assert_agree(os.path.join(self.folder, "hive"), self.capture)

    def test_log_from_a_pipe(self):
        with subprocess.Popen(["cat", self.write("f.log", self.log.text())], stdout=subprocess.PIPE) as cat:
            ran = subprocess.run([self.program, "compare", "--json", "-", "--", self.capture], stdin=cat.stdout,
                                 stdout=subprocess.PIPE, timeout=60)
        self.assertEqual((ran.returncode, json.loads(ran.stdout)["findings"]), (0, []))

    def test_unreadable_lines_are_no_difference(self):
        bad = self.log.text() + b"2 123456789010 eni-1 10.0.0.1\n" + b"not a record at all\n"
        result = self.assert_agree(bad, self.capture)
        self.assertIn("2 lines", " ".join(result.json["remarks"]))

    def test_cut_off_capture_is_no_difference(self):
        with open(self.capture, "rb") as file:
            content = file.read()
        cut = self.write("cut.pcap", content[:-7])
        log = self.log_of(cut)
        self.assertIn("cut.pcap", self.assert_agree(log, cut).errors)


class Captures(Serving):
    """The same packets as other captures hold them."""

    def test_short_frames(self):
        self.assert_agree(self.log, self.write("short.pcap", packets.pcap(self.traffic, snaplen=68)))

    def test_pcapng(self):
        self.assert_agree(self.log, self.write("web.pcapng", packets.pcapng([("ens5", self.traffic)])))

    def test_vlans(self):
        tagged = [replace(packet, vlans=(100, 7)) for packet in self.traffic]
        self.assert_agree(self.log, self.write("vlan.pcap", packets.pcap(tagged)))

    def test_directions(self):
        """Both sides know them, or one of them."""
        traffic = with_macs(self.traffic)
        capture = self.write("macs.pcap", packets.pcap(traffic))
        config = self.write("web.ini", WEB)
        for form in "default", V5:
            log = self.log_of("-c", config, "-f", form, capture)
            self.assertEqual(log.rows[0]["interface-id"], "eni-1235b8ca123456789")
            self.assert_agree(log, capture, "-c", config)
            self.assert_agree(log, capture)
            self.assert_agree(log, self.capture)

    def test_two_interfaces(self):
        other = moved(serving(7, server="10.0.0.99"), 300)
        both = self.write("both.pcapng", packets.pcapng([("eth0", self.traffic), ("eth1", other)]))
        result = self.assert_agree(self.log_of(both), both)
        self.assertEqual([one["judged"] for one in result.json["interfaces"]], [True, True])

    def test_two_files_of_two_interfaces(self):
        other = self.write("other.pcap", packets.pcap(serving(7, server="10.0.0.99")))
        names = ["eth0=" + self.capture, "eth1=" + other]
        self.assert_agree(self.log_of(*names), names)
        self.assert_agree(self.log_of(*names), [self.capture, "eth1=" + other])

    def test_a_talk_between_both_interfaces(self):
        """It is in the log twice."""
        talk = Talk("10.0.0.99", SERVER, 40000, 443, (T0 + 200) * SECOND).open().exchange(500, 20000).close()
        both = self.write("both.pcapng", packets.pcapng([
            ("eth0", ordered(self.traffic + talk.packets)),
            ("eth1", ordered(serving(7, server="10.0.0.99") + moved(talk.packets, 40)))]))
        self.assert_agree(self.log_of(both), both)

    def test_one_interface_of_the_two_is_in_the_log(self):
        other = serving(7, server="10.0.0.99")
        both = self.write("both.pcapng", packets.pcapng([("eth0", self.traffic), ("eth1", other)]))
        whole = self.log_of(both)
        gone = whole.rows[-1]["interface-id"]
        log = Log(whole.fields, [row for row in whole.rows if row["interface-id"] != gone])
        result = self.assert_agree(log, both)
        self.assertEqual(sorted(one["judged"] for one in result.json["interfaces"]), [False, True])
        self.assertTrue(result.json["remarks"])

    def test_super_packets(self):
        """Segments that were captured as one: more packets in the log, and as many bytes but for the headers."""
        merged = []
        for packet in self.traffic:
            last = merged[-1] if merged else None
            if (packet.protocol == TCP and packet.data and last and last.key == packet.key and last.data
                    and last.flags == packet.flags and last.data + packet.data < 60000):
                merged[-1] = replace(last, data=last.data + packet.data)
            else:
                merged.append(packet)
        self.assertLess(len(merged), len(self.traffic) - 500)
        result = self.assert_agree(self.log, self.write("gro.pcap", packets.pcap(merged)))
        self.assertGreater(result.json["interfaces"][0]["flows"]["agree_by_bytes"], 10)

    def test_fragments(self):
        whole = [Packet((T0 + 180 + i) * SECOND, "203.0.113.77", SERVER, UDP, 4000, 5000, data=3992, number=i + 1)
                 for i in range(20)]
        log = self.log_of(self.write("f.pcap", packets.pcap(ordered(self.traffic + fragmented(whole)))))
        self.assert_agree(log, os.path.join(self.folder, "f.pcap"))

    def test_rejected_before_the_capture(self):
        """What a security group kept from the instance is in the log alone: listed, and no difference."""
        log, listed = self.log.copy(), []
        for i in range(5):
            row = dict(log.records[40], srcaddr="192.0.2.%d" % (i + 1), dstaddr=SERVER, srcport=str(40000 + i), dstport="22",
                       protocol="6", packets="1", bytes="60", action="REJECT", start=str(T0 + 200 + i), end=str(T0 + 200 + i))
            log.rows.append(row)
            listed.append(("rejected-unseen", "rejected-before", key_of(row)))
        self.assert_agree(log, self.capture, listed=listed)

    def test_rejected_on_the_way_out(self):
        """What the instance sent and the cloud rejected is in both."""
        traffic = with_macs(self.traffic)
        capture = self.write("macs.pcap", packets.pcap(traffic))
        judged = self.write("rules.ini", WEB + "network-acl = acl\n[network-acl acl]\ningress = 100 allow all from 0.0.0.0/0\n"
                            "  200 allow all from ::/0\negress = 90 deny udp to 203.0.113.0/24\n  100 allow all to 0.0.0.0/0\n"
                            "  200 allow all to ::/0\n")
        log = self.log_of("-c", judged, "-f", V5, capture)
        self.assertIn("REJECT", {row["action"] for row in log.records})
        self.assert_agree(log, capture, "-c", judged)
        self.assert_agree(log, capture, "-c", self.write("web.ini", WEB))

    def test_secondary_address(self):
        """With its interface configured, the log's primary address stands for the packet's own."""
        traffic = with_macs(serving(3, server="10.0.0.63"), own="10.0.0.63")
        capture = self.write("secondary.pcap", packets.pcap(traffic))
        config = self.write("s.ini", WEB.replace("10.0.0.62,", "10.0.0.62, 10.0.0.63,"))
        for form in "default", V5:
            log = self.log_of("-c", config, "-f", form, capture)
            self.assert_agree(log, capture, "-c", config)
        self.assert_agree(log, capture)  # which shows the packets' own addresses


def fragmented(whole, most=1480):
    """IPv4 datagrams in fragments."""
    out = []
    for packet in whole:
        total = packet.length - 20
        for offset in range(0, total, most):
            data = min(most, total - offset) - (0 if offset else packets.HEADERS[packet.protocol])
            out.append(replace(packet, time=packet.time + offset // most, offset=offset, data=data,
                               more=offset + most < total))
    return out


class Faults(Serving):
    """One fault in the log each."""

    def test_records_of_a_flow(self):
        key = self.long_flow()
        self.assert_differ(self.log.without(lambda row: key_of(row) == key), self.capture,
                           found=[("capture-only", "missing-records", key)])

    def test_one_record(self):
        key = self.long_flow()
        gone = self.log.of(key)[1]["start"]
        log = self.log.without(lambda row: key_of(row) == key and row["start"] == gone)
        self.assert_differ(log, self.capture, found=[("differ", "missing-records", key)])

    def test_one_record_of_shifted_windows(self):
        whole = self.recut(17)
        key = self.long_flow(whole)
        gone = whole.of(key)[1]["start"]
        log = whole.without(lambda row: key_of(row) == key and row["start"] == gone)
        self.assert_differ(log, self.capture, found=[("differ", "missing-records", key)])

    def lacking(self, log, start, end):
        """The log without the records of that time, and what is to be found then."""
        gone = lambda row: start <= int(row["start"]) < end
        left = log.without(gone)
        keys = dict.fromkeys(key_of(row) for row in log.records if gone(row))
        return left, [("differ" if left.of(key) else "capture-only", "missing-interval", key) for key in keys]

    def test_an_interval(self):
        log, found = self.lacking(self.log, T0 + 240, T0 + 300)
        self.assertGreater(len(found), 5)
        self.assert_differ(log, self.capture, found=found)

    def test_two_intervals_of_shifted_windows(self):
        log, found = self.lacking(self.recut(29), T0 + 240 - 29, T0 + 360 - 29)
        self.assert_differ(log, self.capture, found=found)

    def test_ten_minutes_are_missing(self):
        traffic = serving(2, start=1600000200, minutes=40, visitors=80)
        capture = self.write("long.pcap", packets.pcap(traffic))
        log, found = self.lacking(self.log_of("-i", "600", capture), 1600000200 + 1200, 1600000200 + 1800)
        self.assert_differ(log, capture, found=found)

    def test_skipdata(self):
        """Some records are gone, and a line says that records are."""
        start = T0 + 240
        keys = [key for key in tcp(middle(self.log)) if any(start <= int(row["start"]) < start + 60
                                                            for row in self.log.of(key))][:4]
        gone = lambda row: key_of(row) in keys and start <= int(row["start"]) < start + 60
        log = self.log.without(gone)
        log.rows.append(log.status_line("SKIPDATA", start, start + 60))
        self.assert_differ(log, self.capture, found=[("differ" if log.of(key) else "capture-only", "skipdata", key)
                                                     for key in keys])

    def test_skipdata_of_a_whole_interval(self):
        log, found = self.lacking(self.log, T0 + 240, T0 + 300)
        log.rows.append(log.status_line("SKIPDATA", T0 + 240, T0 + 299))
        self.assert_differ(log, self.capture, found=[(verdict, "skipdata", key) for verdict, _, key in found])

    def test_skipdata_alone_is_no_difference(self):
        log = self.log.copy()
        log.rows.append(log.status_line("SKIPDATA", T0 + 240, T0 + 300))
        self.assert_agree(log, self.capture)

    def test_counts(self):
        key = self.long_flow()
        for name, more in ("packets", 3), ("packets", -1), ("bytes", 1), ("bytes", 7000), ("bytes", -33):
            with self.subTest(name=name, more=more):
                log = self.changed(key, lambda row: row.update({name: str(int(row[name]) + more)}))
                self.assert_differ(log, self.capture, found=[("differ", "unexplained", key)])

    def test_tolerance(self):
        key = self.long_flow()
        log = self.changed(key, lambda row: row.update({"packets": str(int(row["packets"]) + 1)}))
        self.assert_differ(log, self.capture, "--tolerance", "bytes=10%", found=[("differ", "unexplained", key)])
        self.assert_agree(log, self.capture, "--tolerance", "packets=1")
        log = self.changed(key, lambda row: row.update({"bytes": str(int(row["bytes"]) + 10)}))
        self.assert_differ(log, self.capture, "--tolerance", "packets=1", found=[("differ", "unexplained", key)])
        self.assert_agree(log, self.capture, "--tolerance", "packets=1,bytes=2%")

    def test_flags_are_not_judged(self):
        fields = V5
        log = self.log_of("-f", fields, self.capture)
        log.of(self.long_flow(log))[0]["tcp-flags"] = "0"
        self.assert_agree(log, self.capture)

    def test_action_without_rules(self):
        """Packets cannot tell what became of them."""
        log = self.log.copy()
        for row in log.of(self.long_flow()):
            row["action"] = "REJECT"
        self.assert_agree(log, self.capture)

    def test_another_port(self):
        key = self.long_flow()
        log = self.log.copy()
        for row in log.of(key):
            row["srcport" if row["dstport"] == "443" else "dstport"] = "9"
        wrong = next(key_of(row) for row in log.records if "9" in (row["srcport"], row["dstport"]))
        result = self.compare(log, self.capture)
        self.assertEqual(Counter((verdict, key) for verdict, _, key in result.findings),
                         Counter([("log-only", wrong), ("capture-only", key)]))

    def test_a_line_twice(self):
        key = self.long_flow()
        log = self.log.copy()
        log.rows.append(dict(log.of(key)[1]))
        self.assert_differ(log, self.capture, found=[("differ", "duplicated", key)])

    def test_all_lines_twice(self):
        found = [("differ", "duplicated", key) for key in self.log.keys()]
        log = self.log.copy()
        log.rows += [dict(row) for row in log.rows]
        self.assert_differ(log, self.capture, found=found)
        name = self.write("once.log", self.log.text())
        self.assert_differ([name, self.write("again.log.gz", gzip.compress(self.log.text()))], self.capture, found=found)

    def test_unknown_flow(self):
        """A flow with no packet at all."""
        log = self.log.copy()
        row = dict(log.records[40], srcaddr="192.0.2.1", srcport="5000", dstaddr=SERVER, dstport="443", protocol="6",
                   start=str(T0 + 250), end=str(T0 + 255))
        log.rows.append(row)
        self.assert_differ(log, self.capture, found=[("log-only", "unexplained", key_of(row))])

    def test_the_time_is_another_one(self):
        """Nothing can be judged where log and capture share no time, and no flow tells of an offset."""
        log = self.log.moved(86400)
        for number, row in enumerate(log.records):
            row["srcport"] = str(1024 + number)
        result = self.compare(log, self.capture)
        self.assertEqual((result.status, result.json["agrees"]), (2, False))
        self.assertTrue(result.json["remarks"])

    def test_empty_log(self):
        result = self.compare(Log(self.log.fields, []), self.capture)
        self.assertIn(result.status, (1, 2))
        self.assertTrue(result.json is None or not result.json["agrees"])


class Places(Serving):
    """What differs because of where and how the two were made."""

    def assert_found(self, traffic_of_log, traffic, found, *options, log_options=()):
        log = self.log_of(*log_options, self.write("log.pcap", packets.pcap(ordered(traffic_of_log))))
        return self.assert_differ(log, self.write("seen.pcap", packets.pcap(ordered(traffic))), *options, found=found)

    def test_capture_drops(self):
        """The capture lost packets, and says so."""
        key = self.long_flow()
        of_flow = [i for i, packet in enumerate(self.traffic) if packet.key == key]
        lost = set(of_flow[len(of_flow) // 2:len(of_flow) // 2 + 3])
        seen = [packet for i, packet in enumerate(self.traffic) if i not in lost]
        after = next(i for i, packet in enumerate(seen) if packet.time > self.traffic[max(lost)].time)
        seen[after] = replace(seen[after], dropped=3)
        capture = self.write("drops.pcapng", packets.pcapng([("eth0", seen)]))
        self.assert_differ(self.log, capture, found=[("differ", "capture-drops", key)])

    def test_the_log_tells_of_drops(self):
        """The log was made from a capture that lost packets: SKIPDATA stands in it."""
        key = self.long_flow()
        of_flow = [i for i, packet in enumerate(self.traffic) if packet.key == key]
        lost = set(of_flow[len(of_flow) // 2:len(of_flow) // 2 + 3])
        seen = [packet for i, packet in enumerate(self.traffic) if i not in lost]
        after = next(i for i, packet in enumerate(seen) if packet.time > self.traffic[max(lost)].time)
        seen[after] = replace(seen[after], dropped=3)
        log = self.log_of(self.write("drops.pcapng", packets.pcapng([("eth0", seen)])))
        self.assertIn("SKIPDATA", {row["log-status"] for row in log.rows})
        self.assert_differ(log, self.capture, found=[("differ", "skipdata", key)])

    def test_amazon_dns(self):
        """Questions to the Amazon DNS server: AWS does not log them."""
        talks = [Talk(SERVER, "10.0.0.2", 50000 + i, 53, (T0 + 200 + 9 * i) * SECOND, UDP).say(True, 40).say(False, 90)
                 for i in range(6)]
        asked = [packet for talk in talks for packet in talk.packets]
        keys = [key for talk in talks for key in talk.keys()]
        self.assert_found(self.traffic, self.traffic + asked, [("capture-only", "not-logged", key) for key in keys])
        result = self.compare(self.log, os.path.join(self.folder, "seen.pcap"), "-c",
                              self.write("vpc.ini", "[defaults]\nvpc-cidr = 10.0.0.0/16\n"))
        self.assertEqual((result.status, result.findings), (0, Counter()))

    def test_log_of_what_aws_leaves_out(self):
        """A sensor that logs everything: the metadata service, and time."""
        talks = [Talk(SERVER, "169.254.169.254", 50000 + i, 80, (T0 + 200 + 9 * i) * SECOND).open().exchange(200, 900)
                 .close() for i in range(3)]
        talks.append(Talk(SERVER, "169.254.169.123", 123, 123, (T0 + 260) * SECOND, UDP).say(True, 48).say(False, 48))
        traffic = self.traffic + [packet for talk in talks for packet in talk.packets]
        keys = [key for talk in talks for key in talk.keys()]
        self.assert_found(traffic, traffic, [("log-only", "not-logged", key) for key in keys],
                          log_options=("--exclude", "none"))

    def test_retransmissions_after_the_close(self):
        """A FIN that nobody answers is sent again and again; the cloud forgot the connection long ago."""
        talk = packets.visit(random.Random(3), SERVER, (T0 + 200) * SECOND, 20 * SECOND, client="203.0.113.9", sport=51022)
        last = next(packet for packet in reversed(talk.packets) if packet.flags & FIN and packet.source == SERVER)
        again = [replace(last, time=talk.packets[-1].time + wait * SECOND // 2) for wait in (1, 3, 7, 15)]
        self.assert_found(self.traffic + talk.packets, self.traffic + talk.packets + again,
                          [("differ", "after-close", last.key)])

    def test_fragments_under_port_0(self):
        """AWS logs later fragments without ports."""
        whole = [Packet((T0 + 200 + i) * SECOND, "203.0.113.77", SERVER, UDP, 4000, 5000, data=3992, number=i + 1)
                 for i in range(20)]
        pieces = fragmented(whole)
        firsts = [piece for piece in pieces if not piece.offset]
        capture = self.write("seen.pcap", packets.pcap(ordered(self.traffic + pieces)))
        log = self.log_of(self.write("log.pcap", packets.pcap(ordered(self.traffic + pieces))))
        key = whole[0].key
        for row in log.of(key):
            start, end = int(row["start"]), int(row["end"])
            here = [piece for piece in firsts if start <= piece.time // SECOND <= end]
            later = dict(row, srcport="0", dstport="0", packets=str(int(row["packets"]) - len(here)),
                         bytes=str(int(row["bytes"]) - sum(piece.length for piece in here)))
            row.update(packets=str(len(here)), bytes=str(sum(piece.length for piece in here)))
            log.rows.append(later)
        self.assert_differ(log, capture, found=[("differ", "fragments", key),
                                                ("log-only", "fragments", (UDP, "203.0.113.77", 0, SERVER, 0))])

    def test_secondary_address_without_its_configuration(self):
        """The log has the primary address where the packets have another one."""
        talks = [packets.visit(random.Random(i), "10.0.0.63", (T0 + 180 + 20 * i) * SECOND, 15 * SECOND,
                               client="192.0.2.%d" % (i + 1)) for i in range(5)]
        traffic = ordered(with_macs(self.traffic) + with_macs([packet for talk in talks for packet in talk.packets],
                                                              own="10.0.0.63"))
        capture = self.write("seen.pcap", packets.pcap(traffic))
        config = self.write("s.ini", WEB.replace("10.0.0.62,", "10.0.0.62, 10.0.0.63,"))
        log = self.log_of("-c", config, capture)
        found = []
        for key in (key for talk in talks for key in talk.keys()):
            found += [("capture-only", "translated", key),
                      ("log-only", "translated", tuple(SERVER if part == "10.0.0.63" else part for part in key))]
        self.assert_differ(log, capture, found=found)
        self.assert_agree(log, capture, "-c", config)

    def test_capture_of_another_interface(self):
        other = serving(9, server="10.0.0.99")
        talks = [packet for packet in other if packet.destination != "203.0.113.24" != packet.source
                 and ":" not in packet.source]
        capture = self.write("other.pcap", packets.pcap(talks))
        result = self.compare(self.log, capture)
        self.assertEqual(result.status, 1)
        self.assertEqual({cause for _, cause, _ in result.findings}, {"wrong-interface"})

    def test_action_that_the_rules_do_not_give(self):
        traffic = with_macs(self.traffic)
        capture = self.write("macs.pcap", packets.pcap(traffic))
        config = self.write("rules.ini", WEB + "security-groups = sg-web\n[security-group sg-web]\n"
                            "ingress = allow all from 0.0.0.0/0\n  allow all from ::/0\n")
        log = self.log_of("-c", config, capture)
        key = next(key for key in tcp(middle(log)) if key[3] == SERVER)
        for row in log.of(key):
            row["action"] = "REJECT"
        result = self.assert_differ(log, capture, "-c", config, found=[("differ", "rules", key)])
        self.assertIn("sg-web", json.dumps(result.json["findings"][0]))


class Together(Serving):
    """Two faults in one log, and random ones in random captures."""

    def test_offset_and_a_missing_interval(self):
        whole = self.log
        gone = lambda row: T0 + 240 <= int(row["start"]) < T0 + 300
        log = whole.without(gone)
        keys = dict.fromkeys(key_of(row) for row in whole.records if gone(row))
        found = [("differ" if log.of(key) else "capture-only", "missing-interval", key) for key in keys]
        for seconds in 5, -3600:
            result = self.assert_differ(log.moved(seconds), self.capture, found=found)
            self.assertAlmostEqual(result.json["offset"]["seconds"], seconds, delta=1)

    def test_duplicate_and_missing(self):
        keys = [key for key in tcp(middle(self.log)) if len(self.log.of(key)) >= 2]
        log = self.log.without(lambda row: key_of(row) == keys[0])
        log.rows.append(dict(log.of(keys[2])[0]))
        self.assert_differ(log, self.capture, found=[("capture-only", "missing-records", keys[0]),
                                                     ("differ", "duplicated", keys[2])])

    def test_another_shape_and_a_count(self):
        key = self.long_flow()
        log = self.changed(key, lambda row: row.update(packets="9999"))
        for shape in Log.json_lines, Log.csv, Log.subscription, Log.milliseconds:
            self.assert_differ(shape(log.shuffled(3)), self.capture, found=[("differ", "unexplained", key)])

    def test_shifted_windows_of_ten_minutes_and_a_flow(self):
        whole = self.recut(137, "-i", "600")
        key = next(key for key in middle(self.log) if key in whole.keys())
        self.assert_differ(whole.without(lambda row: key_of(row) == key), self.capture,
                           found=[("capture-only", "missing-records", key)])

    # Random pairs: what each does to a log, a flow and one of its records; the finding

    def drop_flow(self, log, key, _):
        return log.without(lambda row: key_of(row) == key), "capture-only", "missing-records"

    def drop_record(self, log, key, row):
        log.rows.remove(row)
        return log, "differ" if log.of(key) else "capture-only", "missing-records"

    def add_packets(self, log, _, row):
        row["packets"] = str(int(row["packets"]) + 2)
        return log, "differ", "unexplained"

    def add_bytes(self, log, _, row):
        row["bytes"] = str(int(row["bytes"]) + 1)
        return log, "differ", "unexplained"

    def double(self, log, _, row):
        log.rows.append(dict(row))
        return log, "differ", "duplicated"

    def lose_interval(self, rng, log, shift):
        """Perhaps an interval of the log is gone, or some of it and a SKIPDATA line says so: what is left, what is
        found, and which flows are better left alone."""
        window = lambda row: (int(row["start"]) + shift) // 60
        cause = rng.choice((None, None, "missing-interval", "skipdata"))
        windows = sorted({window(row) for row in log.records})
        chosen = rng.choice(windows[3:-3])
        gone = {key_of(row) for row in log.records if window(row) == chosen}
        if not cause:
            return log, [], set()
        if cause == "skipdata":
            gone = set(rng.sample(sorted(gone), (len(gone) + 1) // 2))
        left = log.without(lambda row: window(row) == chosen and key_of(row) in gone)
        if cause == "skipdata":
            left.rows.append(log.status_line("SKIPDATA", chosen * 60 - shift, chosen * 60 - shift + 60))
        busy = {key_of(row) for row in log.records if window(row) == chosen}
        return left, [("differ" if left.of(key) else "capture-only", cause, key) for key in gone], busy

    def pair(self, seed):
        rng = random.Random(seed)
        traffic = serving(seed, start=T0 + rng.randrange(60), minutes=rng.randrange(9, 16), visitors=rng.randrange(20, 60))
        capture = self.write("pair.pcap", packets.pcap(traffic))
        shift = rng.randrange(60)
        form = rng.choice(("default", V5))
        whole = self.recut(shift, "-f", form, traffic=traffic)
        log, found, busy = self.lose_interval(rng, whole, shift)
        keys = [key for key in middle(whole, 150) if key not in busy]
        for key in rng.sample(keys, min(len(keys), rng.randrange(0, 4))):
            fault = rng.choice((self.drop_flow, self.drop_record, self.add_packets, self.add_bytes, self.double))
            with_data = [row for row in log.of(key) if int(row["bytes"]) > 60 * int(row["packets"])]
            log, verdict, cause = fault(log, key, rng.choice(with_data or log.of(key)))
            found.append((verdict, cause, key))
        log = log.shuffled(seed).moved(rng.choice((0, 0, 4, -7200)))
        shape = rng.choice((Log.text, Log.json_lines, Log.csv, Log.message_lines, Log.milliseconds))
        options = ("--log-format", form) if shape == Log.message_lines else ()
        if found:
            self.assert_differ(shape(log), capture, *options, found=found)
        else:
            self.assert_agree(shape(log), capture, *options)

    def test_random_pairs(self):
        first, _, last = os.environ.get("ENIFLOW_SEEDS", "1-30").partition("-")
        for seed in range(int(first), int(last or first) + 1):
            with self.subTest(seed=seed):
                self.pair(seed)


class Command(Serving):
    """Status, streams and words of the command itself."""

    def run_compare(self, *args):
        ran = self.eniflow("compare", *args)
        return ran.returncode, ran.stdout.decode(), ran.stderr.decode()

    def setUp(self):
        super().setUp()
        self.name = self.write("f.log", self.log.text())
        self.wrong = self.write("wrong.log", self.changed(self.long_flow(), lambda row: row.update(packets="77")).text())

    def test_agreement(self):
        status, out, errors = self.run_compare(self.name, "--", self.capture)
        self.assertEqual(status, 0, errors)
        self.assertIn("agree", out)
        self.assertNotIn("DIFFER", out)

    def test_difference(self):
        status, out, _ = self.run_compare(self.wrong, "--", self.capture)
        self.assertEqual(status, 1)
        self.assertEqual(len([line for line in out.splitlines() if line.startswith("DIFFER")]), 1)
        self.assertNotIn("\033", out)

    def test_page(self):
        status, _, _ = self.run_compare("-q", "--html", "page.html", self.wrong, "--", self.capture)
        self.assertEqual(status, 1)
        with open(os.path.join(self.folder, "page.html"), encoding="utf-8") as file:
            page = file.read()
        self.assertTrue(page.lower().startswith("<!doctype html>"))
        self.assertIn(SERVER, page)

    def test_usage(self):
        for args, word in (([self.name, self.capture], "--"), (["--", self.capture], ""), ([self.name, "--"], ""),
                           ([self.name, "--", self.name], "f.log"), ([self.capture, "--", self.capture], "web.pcap"),
                           (["--tolerance", "packets=x", self.name, "--", self.capture], "--tolerance"),
                           (["--offset", "soon", self.name, "--", self.capture], "soon"),
                           (["none.log", "--", self.capture], "none.log"),
                           ([self.name, "--", "none.pcap"], "none.pcap")):
            status, out, errors = self.run_compare(*args)
            self.assertEqual((status, out), (2, ""), args)
            self.assertIn(word, errors)
            self.assertEqual(len(errors.splitlines()), 1, errors)

    def test_limit(self):
        log = self.write("less.log", self.log.without(lambda row: row["srcport"] == "443").text())
        count = lambda text: len([line for line in text.splitlines() if line.startswith("CAPTURE ONLY")])
        few, all_ = (count(self.run_compare("--limit", number, log, "--", self.capture)[1]) for number in ("5", "0"))
        self.assertEqual(few, 5)
        self.assertGreater(all_, 30)

    def test_closed_pipe_and_full_disk(self):
        with open("/dev/full", "w") as full:
            ran = subprocess.run([self.program, "compare", self.name, "--", self.capture], stdout=full,
                                 stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("No space left", ran.stderr)


if __name__ == "__main__":
    CompareTest.program = os.path.abspath(sys.argv.pop(1))
    unittest.main()
