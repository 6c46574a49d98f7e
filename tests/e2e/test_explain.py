"""`eniflow explain` and the example configurations from the outside.

Run as: test_explain.py PROGRAM [unittest arguments]."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = None
ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "packaging" / "examples"

LAB = """[interface web]
mac = 02:11:22:33:44:55
address = 10.0.0.62, 2001:db8::62
interface-id = eni-1235b8ca123456789
security-groups = sg-web
network-acl = acl-private
[security-group sg-web]
ingress = allow tcp 443 from 0.0.0.0/0
  allow tcp 443 from ::/0
  allow icmp from 203.0.113.0/24
egress = allow tcp 80 to 169.254.169.254/32
[network-acl acl-private]
ingress = 100 allow all from 0.0.0.0/0
egress = 100 deny icmp to 0.0.0.0/0
egress = 200 allow all to 0.0.0.0/0
"""


def run(*args, cwd=None):
    return subprocess.run([PROGRAM, *map(str, args)], capture_output=True, text=True, timeout=60, cwd=cwd)


class Explain(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="eniflow-")
        self.addCleanup(shutil.rmtree, self.folder)
        Path(self.folder, "lab.ini").write_text(LAB)

    def explain(self, *args):
        return run("explain", "-c", "lab.ini", *args, cwd=self.folder)

    def assert_verdicts(self, question, request, answer, *parts):
        """The verdict on the packet and on its answer (None: it has none), and what stands in the explanation."""
        result = self.explain(*question.split())
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        verdicts = [line.split()[0] for line in result.stdout.splitlines() if line[:6] in ("ACCEPT", "REJECT")]
        self.assertEqual(verdicts, [word for word in (request, answer) if word])
        self.assertTrue(result.stdout.startswith(request))
        for part in parts:
            self.assertIn(part, result.stdout)

    def assert_refused(self, question, *parts):
        result = self.explain(*question.split())
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertEqual(len(result.stderr.splitlines()), 1)
        for part in parts:
            self.assertIn(part, result.stderr)

    def test_accepted(self):
        self.assert_verdicts("web ingress tcp 203.0.113.9:40000 10.0.0.62:443", "ACCEPT", "ACCEPT",
                             "allow tcp 443 from 0.0.0.0/0  lab.ini:8", "the connection is tracked")

    def test_rejected(self):
        self.assert_verdicts("web ingress tcp 203.0.113.9:40000 10.0.0.62:22", "REJECT", "ACCEPT",
                             "network ACL acl-private allows it by rule 100",
                             "security group sg-web rejects it: no rule fits", "port 22 is not 443")

    def test_ping_that_the_acl_does_not_let_answer(self):
        self.assert_verdicts("eni-1235b8ca123456789 ingress icmp 203.0.113.9 10.0.0.62", "ACCEPT", "REJECT",
                             "icmp 8/0", "icmp 0/0", "rejects it by rule 100")

    def test_ipv6(self):
        self.assert_verdicts("web ingress tcp [2001:db8::9]:40000 [2001:db8::62]:443", "REJECT", "REJECT",
                             "2001:db8::9 is not IPv4", "security group sg-web would allow it")

    def test_no_answer(self):
        self.assert_verdicts("web ingress icmp/3/1 203.0.113.9 10.0.0.62", "ACCEPT", None, "Note: this ICMP error")

    def test_not_logged(self):
        self.assert_verdicts("web egress tcp 10.0.0.62 169.254.169.254:80", "ACCEPT", "ACCEPT",
                             "49152 stands in", "Note: it is in no log")

    def test_usage(self):
        self.assert_refused("web ingress tcp 203.0.113.9:40000", "DESTINATION is missing", "explain --help")
        self.assert_refused("webb ingress tcp 1.2.3.4:5 10.0.0.62:22", "webb", "the nearest: web")
        self.assert_refused("web inbound tcp 1.2.3.4:5 10.0.0.62:22", "inbound", "ingress|egress")
        self.assert_refused("web ingress tcpp 1.2.3.4:5 10.0.0.62:22", "tcpp", "tcp")
        self.assert_refused("web ingress tcp 1.2.3.4:5 10.0.0.62", "port is missing")
        self.assert_refused("--interval 60 web ingress tcp 1.2.3.4:5 10.0.0.62:22", "--interval")

    def test_configuration_faults(self):
        for wrong, *parts in ((LAB.replace("allow tcp 443 from 0", "alow tcp 443 from 0"), "lab.ini:8", "alow"),
                              (LAB.replace("= sg-web", "= sg-wbe"), "lab.ini:5", "[interface web]", "sg-web"),
                              (LAB.replace("= acl-private", "= acl-privat"), "lab.ini:6", "acl-private"),
                              (LAB.replace("egress = 200", "egress = 100"), "lab.ini:15", "100", "lab.ini:14")):
            Path(self.folder, "lab.ini").write_text(wrong)
            self.assert_refused("web ingress tcp 1.2.3.4:5 10.0.0.62:22", *parts)
            self.assert_refused("--check-config", *parts)

    def test_check_and_show(self):
        result = self.explain("--check-config")
        self.assertEqual((result.returncode, result.stdout), (0, "The configuration is well.\n"))
        shown = self.explain("--show-config")
        self.assertEqual(shown.returncode, 0)
        self.assertIn("\n[security-group sg-web]\ningress = allow tcp 443 from 0.0.0.0/0\n", shown.stdout)
        Path(self.folder, "lab.ini").write_text(shown.stdout)
        self.assertEqual(self.explain("--show-config").stdout, shown.stdout)

    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            result = subprocess.run([PROGRAM, "explain", "-c", "lab.ini", "web", "ingress", "udp", "1.2.3.4:5",
                                     "10.0.0.62:6"], stdout=full, stderr=subprocess.PIPE, text=True, cwd=self.folder)
        self.assertEqual(result.returncode, 2)
        self.assertIn("standard output", result.stderr)


class Examples(unittest.TestCase):
    """packaging/examples: each configuration is well, and what its header and the page beside it say holds."""

    def configurations(self):
        found = sorted(EXAMPLES.glob("*.ini"))
        self.assertGreaterEqual(len(found), 2)
        return found

    def test_each_is_well(self):
        for path in self.configurations():
            result = run("read", "--check-config", "-c", path)
            self.assertEqual((result.stdout, result.stderr), ("The configuration is well.\n", ""), path)

    def test_each_is_shown(self):
        for path in self.configurations():
            with tempfile.NamedTemporaryFile("w", suffix=".ini") as copy:
                shown = run("read", "--show-config", "-c", path).stdout
                copy.write(shown)
                copy.flush()
                self.assertEqual(run("read", "--show-config", "-c", copy.name).stdout, shown, path)

    def test_commands_of_each_header(self):
        for path in self.configurations():
            lines = path.read_text().splitlines()
            commands = [line.lstrip("; ") for line in lines if line.startswith(";     eniflow ")]
            self.assertTrue(commands, path)
            for command in commands:
                result = run(*shlex.split(command)[1:], cwd=ROOT)
                self.assertEqual(result.returncode, 0, (command, result.stderr))
                self.assertNotEqual(result.stdout, "", command)

    def test_the_explanation_on_the_page(self):
        blocks = (EXAMPLES / "README.md").read_text().split("    $ eniflow ")[1:]
        self.assertTrue(blocks)
        for block in blocks:
            command, *rest = block.splitlines()
            wanted = []
            for line in rest:
                if line and not line.startswith("    "):
                    break
                wanted.append(line[4:])
            result = run(*shlex.split(command), cwd=EXAMPLES)
            self.assertEqual(result.stdout.rstrip("\n"), "\n".join(wanted).rstrip("\n"))


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
