"""Are the traces what was asked for, and does the command work? On tiny traces, without peers.

    test_run.py PROGRAM TOOLS         TOOLS: the folder with bench_generate and the rest"""

import json
import math
import struct
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
DAY = "86400"
TIME_ZERO = 1767225600


def generate(*arguments, path="-"):
    """The bytes of a trace (none, where they went to a file), and what the generator says of it."""
    made = subprocess.run([TOOLS / "bench_generate", *map(str, arguments), path], capture_output=True, check=True)
    return made.stdout, json.loads(made.stderr)


def packets_of(trace):
    """(time in microseconds, original length, captured bytes) of each packet of a pcap trace."""
    at = 24
    while at < len(trace):
        seconds, fraction, captured, original = struct.unpack_from("<4I", trace, at)
        at += 16
        yield seconds * 1000000 + fraction, original, trace[at:at + captured]
        at += captured


def address_pair(frame):
    return frame[26:34] if frame[12:14] == b"\x08\x00" else frame[22:54]


class Traces(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def read(self, *options, trace, log="flow.log"):
        """The records of a trace as lists of fields, and eniflow's account."""
        ran = subprocess.run([PROGRAM, "read", "--summary", "json", "-i", DAY, *options, "-o", self.folder / log, trace],
                             capture_output=True, text=True, check=True)
        lines = (self.folder / log).read_text().splitlines()[1:]
        return [line.split() for line in lines], json.loads(ran.stderr.splitlines()[-1])

    def floor(self, path):
        return subprocess.run([TOOLS / "bench_floor", path], capture_output=True, text=True, check=True).stdout

    def test_a_seed_gives_the_same_bytes(self):
        wanted = ["--packets", 5000, "--flows", 300, "--hosts", 3]
        self.assertEqual(generate(*wanted), generate(*wanted))
        self.assertNotEqual(generate(*wanted), generate(*wanted, "--seed", 2))

    def test_packets_are_as_asked_for(self):
        trace, made = generate("--packets", 3000, "--flows", 50, "--snaplen", 80, "--rate", 3000)
        packets = list(packets_of(trace))
        self.assertEqual(len(packets), 3000)
        for i, (time_us, original, frame) in enumerate(packets):
            self.assertEqual(time_us, TIME_ZERO * 1000000 + i * 1000000 // 3000)
            self.assertTrue(60 <= original <= 1514)
            self.assertEqual(len(frame), min(original, 80))
        ipv6 = sum(frame[12:14] == b"\x86\xdd" for _, _, frame in packets)
        self.assertEqual(ipv6, made["ipv6"])

    def test_ipv4_headers_add_up(self):
        for _, original, frame in packets_of(generate("--packets", 500, "--flows", 50, "--ipv6", 0)[0]):
            words = struct.unpack("!10H", frame[14:34])
            total = sum(words)
            self.assertEqual((total & 0xffff) + (total >> 16), 0xffff)
            self.assertEqual(max(60, words[1] + 14), original)

    def test_shares(self):
        made = generate("--packets", 20000, "--flows", 20000, "--zipf", 0, "--ipv6", 0.25, "--udp", 0.5)[1]
        self.assertAlmostEqual(made["ipv6"] / 20000, 0.25, delta=0.02)
        self.assertAlmostEqual(made["udp"] / 20000, 0.5, delta=0.02)

    def test_zipf(self):
        """The counts of the first ranks, within five standard deviations of what the law says."""
        packets, flows = 50000, 1000
        trace = generate("--packets", packets, "--flows", flows, "--ipv6", 0, "--zipf", 1)[0]
        counts = Counter(frozenset((pair[:4], pair[4:])) for pair in
                         (address_pair(frame) for _, _, frame in packets_of(trace)))
        harmonic = sum(1 / rank for rank in range(1, flows + 1))
        for rank, (_, count) in enumerate(counts.most_common(5), start=1):
            wanted = packets / rank / harmonic
            self.assertAlmostEqual(count, wanted, delta=5 * math.sqrt(wanted))

    def test_records_are_as_counted(self):
        for options in ([], ["--pcapng"], ["--snaplen", "65535"], ["--zipf", "0.6", "--ipv6", "1"]):
            with self.subTest(options=options):
                path = self.folder / "trace"
                made = generate("--packets", 20000, "--flows", 700, *options, path=path)[1]
                records, account = self.read(trace=path)
                self.assertEqual((account["frames"], account["counted"]), (20000, 20000))
                self.assertEqual(len(records), made["records"])
                self.assertEqual(sum(":" in record[3] for record in records), made["ipv6_records"])
                self.assertEqual(sum(int(record[8]) for record in records), 20000)
                self.assertEqual(sum(int(record[9]) for record in records), made["bytes"])

    def test_spoofed_sources(self):
        path = self.folder / "trace"
        made = generate("--spoof", "--packets", 5000, "--flows", 2000, path=path)[1]
        records, _ = self.read(trace=path)
        self.assertEqual((made["records"], len(records)), (2000, 2000))
        self.assertEqual(len({record[3] for record in records}), 2000)

    def test_hosts_are_interfaces(self):
        path, config = self.folder / "trace", self.folder / "hosts.ini"
        generate("--packets", 5000, "--flows", 500, "--hosts", 300, path=path)
        config.write_bytes(subprocess.run([TOOLS / "bench_generate", "--ini", "--hosts", "300"], capture_output=True,
                                          check=True).stdout)
        records, account = self.read("-c", config, trace=path)
        self.assertEqual((account["counted"], account["unmatched"]), (5000, 0))
        self.assertEqual(len({record[2] for record in records}), 300)

    def test_the_floor_reads_both_formats(self):
        for name, option in (("pcap", "--pcap"), ("pcapng", "--pcapng")):
            generate("--packets", 1000, "--flows", 50, option, path=self.folder / name)
        self.assertEqual(self.floor(self.folder / "pcap"), self.floor(self.folder / "pcapng"))
        self.assertTrue(self.floor(self.folder / "pcap").startswith("1000 packets"))

    def test_arguments_that_cannot_be(self):
        for wrong in (["--packets", "-1"], ["--flows", "0"], ["--ipv6", "2"], ["--recipe", "T9"], ["--rate", "x"], ["--no"]):
            ran = subprocess.run([TOOLS / "bench_generate", *wrong, "-"], capture_output=True, check=False)
            self.assertEqual((ran.returncode, ran.stdout), (2, b""), wrong)


class Watch(unittest.TestCase):
    def watch(self, limit, *command):
        with tempfile.TemporaryDirectory() as folder:
            result = Path(folder) / "result"
            subprocess.run([TOOLS / "bench_stopwatch", result, str(limit), "0", *command], check=True)
            return json.loads(result.read_text())

    def test_what_a_command_took(self):
        took = self.watch(60, "sh", "-c", "exit 3")
        self.assertEqual((took["status"], took["ended"]), (3, False))

    def test_processes_left_behind_are_waited_for(self):
        self.assertGreaterEqual(self.watch(60, "sh", "-c", "sleep 0.3 & exit 0")["wall"], 0.3)

    def test_the_limit(self):
        took = self.watch(1, "sleep", "100")
        self.assertEqual((took["status"], took["ended"]), (128 + 9, True))


class Command(unittest.TestCase):
    # Not `instructions`: valgrind does not get along with sanitizers.
    PARTS = "T1,T2,T3,T4,T5,growth,memory,compression,interfaces,comparing,writing,micro"

    def run_bench(self, *options):
        with tempfile.TemporaryDirectory() as folder:
            ran = subprocess.run([sys.executable, "-B", HERE / "run", "--tools", TOOLS, "--traces", folder, *options, PROGRAM],
                                 capture_output=True, text=True, check=False)
            return ran, list(Path(folder).iterdir())

    def test_quick(self):
        ran, left = self.run_bench("--quick", "--only", self.PARTS)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(left, [])
        for title in ("T1:", "T3:", "Growth:", "Memory:", "Compressed input:", "A log of", "Modules alone", "Targets"):
            self.assertIn("### " + title, ran.stdout)

    def test_what_is_unknown_is_refused(self):
        for wrong in (["--only", "T9"], ["--peers", "wireshark"]):
            ran, _ = self.run_bench(*wrong)
            self.assertEqual(ran.returncode, 2)
            self.assertIn(wrong[1], ran.stderr)


if __name__ == "__main__":
    TOOLS = Path(sys.argv.pop()).resolve()
    PROGRAM = Path(sys.argv.pop()).resolve()
    unittest.main()
