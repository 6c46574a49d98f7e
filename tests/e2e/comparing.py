"""What the tests of `eniflow compare` share: pairs of a log and a capture, and what was found in them."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from collections import Counter

from flowlog import Log, key_of

PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58, "ipv6-icmp": 58}


class Compared:
    """One run of `eniflow compare --json`."""

    def __init__(self, ran):
        self.status, self.errors = ran.returncode, ran.stderr.decode()
        self.json = json.loads(ran.stdout) if ran.stdout else None

    @property
    def findings(self):
        """(verdict, cause, key) of each, without order."""
        found = self.json["findings"]
        return Counter((one["verdict"], one["cause"], self.key(one)) for one in found)

    @staticmethod
    def key(finding):
        protocol = finding["protocol"]
        protocol = protocol if isinstance(protocol, int) else PROTOCOLS.get(protocol, protocol)
        return protocol, finding["srcaddr"], finding["srcport"], finding["dstaddr"], finding["dstport"]

    def flows(self, name):
        return sum(interface["flows"][name] for interface in self.json["interfaces"])


class CompareTest(unittest.TestCase):
    maxDiff = None
    program = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="eniflow-")
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return path

    def eniflow(self, *args, **how):
        return subprocess.run([self.program, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=120, cwd=self.folder, **how)

    def log_of(self, *args):
        """The log that `eniflow read` makes."""
        ran = self.eniflow("read", "-q", "--header", *args)
        self.assertIn(ran.returncode, (0, 1), ran.stderr)
        return Log.parse(ran.stdout.decode())

    def compare(self, log, capture, *options):
        """`log`: a Log, its bytes, a path, or a list of paths; `capture`: a path, or a list of them."""
        if isinstance(log, Log):
            log = log.text()
        if isinstance(log, bytes):
            log = self.write("compared.log", log)
        listed = lambda names: [names] if isinstance(names, str) else list(names)
        return Compared(self.eniflow("compare", "--json", *options, *listed(log), "--", *listed(capture)))

    def assert_agree(self, log, capture, *options, listed=()):
        """Status 0, and nothing is found but what is no difference."""
        result = self.compare(log, capture, *options)
        self.assertIsNotNone(result.json, result.errors)
        self.assertEqual(result.findings, Counter(listed), result.json["remarks"])
        self.assertEqual((result.status, result.json["agrees"]), (0, True), result.json["remarks"])
        self.assertGreater(result.flows("agree"), 0)
        return result

    def assert_differ(self, log, capture, *options, found):
        """Status 1, and just these (verdict, cause, key) are found."""
        result = self.compare(log, capture, *options)
        self.assertIsNotNone(result.json, result.errors)
        got, wanted = result.findings, Counter(found)
        self.assertEqual((sorted(wanted - got), sorted(got - wanted)), ([], []), "missing, and found beside")
        self.assertEqual((result.status, result.json["agrees"]), (1, False))
        return result


def middle(log, seconds=130):
    """The flows that begin and end well inside of the log's time, longest first."""
    rows = log.records
    start, end = min(int(row["start"]) for row in rows), max(int(row["end"]) for row in rows)
    spans = {}
    for row in rows:
        first, last = spans.get(key_of(row), (end, start))
        spans[key_of(row)] = min(first, int(row["start"])), max(last, int(row["end"]))
    inside = [key for key, (first, last) in spans.items() if first >= start + seconds and last <= end - seconds]
    return sorted(inside, key=lambda key: (spans[key][0] - spans[key][1], key))


def tcp(keys):
    return [key for key in keys if key[0] == 6]
