"""What a line is: JSON, CSV and OCSF against text, and anonymised logs against plain ones. Run as: test_lines.py PROGRAM
[unittest arguments]."""

import csv
import ipaddress
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = None
ROOT = Path(__file__).resolve().parents[2]
PCAPS = ROOT / "pcaps"
CAPTURES = [[str(PCAPS / "web.pcap")],
            [str(PCAPS / "nat-gateway.pcapng"), "-c", str(PCAPS / "nat-gateway.ini")],
            [str(PCAPS / "transit-gateway.pcapng"), "-c", str(PCAPS / "transit-gateway.ini")],
            [str(PCAPS / "edge" / "protocols.pcap")]]
NUMBERS = {"version", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "tcp-flags", "traffic-path",
           "encryption-status"}
ADDRESSES = ["srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr"]
KEY = "1522178d33a4cf80130a5b1649907d10d8988f837979652762574c2d2a842202"


class LinesTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="eniflow-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def key(self, text=KEY, mode=0o600):
        path = self.folder / "key"
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def run_it(self, *args, status=0):
        ran = subprocess.run([PROGRAM, "read", "-q", *args], capture_output=True, text=True, timeout=100)
        self.assertEqual(ran.returncode, status, ran.stderr)
        return ran

    def lines(self, *args):
        return self.run_it(*args).stdout.splitlines()

    def text(self, *args):
        lines = self.lines("--header", "-f", "all", *args)
        names = lines[0].split(" ")
        return [dict(zip(names, line.split(" "))) for line in lines[1:]]


class Encodings(LinesTest):
    def test_json(self):
        for capture in CAPTURES:
            text = self.text(*capture)
            self.assertTrue(text)
            parsed = [json.loads(line) for line in self.lines("-t", "json", "-f", "all", *capture)]
            want = [{name: None if value == "-" else int(value) if name in NUMBERS else value
                     for name, value in row.items()} for row in text]
            self.assertEqual([list(row.items()) for row in parsed], [list(row.items()) for row in want])

    def test_csv(self):
        for capture in CAPTURES:
            lines = self.lines("-t", "csv", "--header", "-f", "all", *capture)
            self.assertEqual(list(csv.DictReader(lines, strict=True)), self.text(*capture))

    def test_awkward_values(self):
        value = 'a,"b",\\c\u00e9'
        args = [CAPTURES[0][0], "-f", "instance-tag srcport", "--set", "instance-tag=" + value]
        for line in self.lines("-t", "json", *args):
            self.assertEqual(json.loads(line)["instance-tag"], value)
        for row in csv.reader(self.lines("-t", "csv", *args), strict=True):
            self.assertEqual(row[0], value)


class Ocsf(LinesTest):
    def test_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads((ROOT / "docs" / "ocsf.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for capture in CAPTURES:
            for form in ("default", "all", "v5", "nat", "packets bytes", "pkt-dst-aws-service", "log-status end"):
                for line in self.lines("-t", "ocsf", "-f", form, *capture):
                    event = json.loads(line)
                    self.assertEqual([error.message for error in validator.iter_errors(event)], [], line)
        for member, value in (("class_uid", 4002), ("time", None), ("action_id", 99), ("cloud", {}), ("unmapped", None)):
            self.assertFalse(validator.is_valid({**event, member: value}), member)

    def test_values(self):
        for capture in CAPTURES:
            text = self.text(*capture)
            events = [json.loads(line) for line in self.lines("-t", "ocsf", "-f", "all", *capture)]
            self.assertEqual(len(events), len(text))
            for row, event in zip(text, events):
                self.assertEqual(event["time"], int(row["start"]) * 1000)
                self.assertEqual(event["end_time"], int(row["end"]) * 1000)
                self.assertEqual(event["status_code"], row["log-status"])
                if row["log-status"] != "OK":
                    continue
                self.assertEqual(event["traffic"], {"packets": int(row["packets"]), "bytes": int(row["bytes"])})
                self.assertEqual(event["action"], {"ACCEPT": "Allowed", "REJECT": "Denied"}[row["action"]])
                for end, at in (("src", "src_endpoint"), ("dst", "dst_endpoint")):
                    self.assertEqual(event[at]["ip"], row["pkt-%saddr" % end])
                    self.assertEqual(event[at].get("intermediate_ips", [row["pkt-%saddr" % end]]), [row[end + "addr"]])
                    self.assertEqual(event[at]["port"], int(row[end + "port"]))
                owner = {"ingress": "dst_endpoint", "egress": "src_endpoint", "-": "device"}[row["flow-direction"]]
                self.assertEqual(event[owner]["interface_uid"], row["interface-id"])


    def test_it_is_not_read_back(self):
        log = self.folder / "events.json"
        self.run_it("-t", "ocsf", "-o", str(log), *CAPTURES[0])
        ran = self.run_it(str(log), status=2)
        self.assertIn("an event of OCSF, which is not read back", ran.stderr)
        self.assertEqual(ran.stdout, "")


class Anonymized(LinesTest):
    def setUp(self):
        super().setUp()
        ran = subprocess.run([PROGRAM, "read", "-q", "--anonymize", self.key(), *CAPTURES[0]], capture_output=True,
                             text=True, timeout=100)
        if "this build has no libcrypto" in ran.stderr:
            self.assertEqual((ran.returncode, ran.stdout), (2, ""))  # nothing is written with real addresses
            self.run_it("--check-config", "--anonymize", self.key(), *CAPTURES[0], status=2)
            self.skipTest("this build has no libcrypto")

    def mapping(self, plain, other):
        """What stands for each address; everything else is held to be the same, in the same order."""
        self.assertEqual(len(plain), len(other))
        mapped = {}
        for one, two in zip(plain, other):
            for name in one:
                if name in ADDRESSES and one[name] != "-":
                    self.assertEqual(mapped.setdefault(one[name], two[name]), two[name])
                else:
                    self.assertEqual(one[name], two[name], name)
        return mapped

    def test_records(self):
        key, whole = self.key(), {}
        for capture in CAPTURES:
            mapped = self.mapping(self.text(*capture), self.text("--anonymize", key, *capture))
            for address, stand_in in mapped.items():
                self.assertEqual(whole.setdefault(address, stand_in), stand_in)  # the same in all files
        self.assertEqual(len(set(whole.values())), len(whole))
        for family in (4, 6):
            pairs = [(ipaddress.ip_address(a), ipaddress.ip_address(b)) for a, b in whole.items()
                     if ipaddress.ip_address(a).version == family]
            self.assertTrue(pairs)
            self.assertTrue(any(a != b for a, b in pairs))
            for a, b in pairs:
                for c, d in pairs:
                    self.assertEqual((int(a) ^ int(c)).bit_length(), (int(b) ^ int(d)).bit_length())

    def test_encodings_agree(self):
        key, capture = self.key(), CAPTURES[1]
        text = self.text("--anonymize", key, *capture)
        args = ["--anonymize", key, "-f", "all", *capture]
        for row, line in zip(text, self.lines("-t", "json", *args)):
            self.assertEqual([json.loads(line)[name] or "-" for name in ADDRESSES], [row[name] for name in ADDRESSES])
        self.assertEqual(list(csv.DictReader(self.lines("-t", "csv", "--header", *args))), text)
        for row, line in zip(text, self.lines("-t", "ocsf", *args)):
            self.assertEqual(json.loads(line)["src_endpoint"]["ip"], row["pkt-srcaddr"])

    def test_parquet(self):
        key, log = self.key(), self.folder / "shared.parquet"
        self.run_it("-f", "all", "--anonymize", key, "-o", str(log), *CAPTURES[0])
        self.assertEqual(self.text(str(log)), self.text("--anonymize", key, *CAPTURES[0]))

    def test_a_log_is_mapped_as_its_capture(self):
        key, log = self.key(), self.folder / "plain.log"
        self.run_it("-o", str(log), *CAPTURES[0])
        self.assertEqual(self.lines("--anonymize", key, str(log)), self.lines("--anonymize", key, *CAPTURES[0]))

    def test_keys(self):
        capture = CAPTURES[0]
        one = self.lines("--anonymize", self.key(), *capture)
        self.assertEqual(self.lines("--anonymize", self.key(KEY.upper() + "\n"), *capture), one)
        self.assertNotEqual(self.lines("--anonymize", self.key("0" * 64), *capture), one)
        wrong = self.run_it("--anonymize", self.key(KEY[1:]), *capture, status=2)
        self.assertIn("64 hexadecimal digits", wrong.stderr)
        self.assertNotIn(KEY[1:9], wrong.stderr)
        self.assertEqual(wrong.stdout, "")
        self.assertIn("other users can read", self.run_it("--anonymize", self.key(mode=0o644), *capture).stderr)

    def test_no_key_no_log(self):
        """Nothing may make a log of real addresses of what was to be another one: an empty variable of a shell neither."""
        for key, why in (("", "no file with a key is named"), (str(self.folder / "none"), "No such file"),
                         (str(self.folder), "Is a directory")):
            for also in ([], ["--check-config"]):
                ran = self.run_it("--anonymize", key, *also, *CAPTURES[0], status=2)
                self.assertIn(why, ran.stderr)
                self.assertEqual(ran.stdout, "")

    def test_compare_has_real_addresses(self):
        """A configuration for both commands: what they hold against each other are the addresses that are there."""
        self.key()
        (self.folder / "all.ini").write_text("[eniflow]\nanonymize = key\n")
        log = self.folder / "plain.log"
        self.run_it("-o", str(log), *CAPTURES[0])
        ran = subprocess.run([PROGRAM, "compare", "-c", str(self.folder / "all.ini"), str(log), "--", *CAPTURES[0]],
                             capture_output=True, text=True, timeout=100)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
