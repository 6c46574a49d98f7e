"""What all live tests share: a folder, namespaces, sensors and recorders that end with the test."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import lab
from sensor import FATES, TUPLE, Sensor, sums, wait_for

SKIPPED = 77
HOST, HOST_TOO, PEER = "10.0.1.1", "10.0.1.7", "10.0.1.2"
HOST6, PEER6 = "2001:db8:1::1", "2001:db8:1::2"


class LiveTest(unittest.TestCase):
    program = None  # set by run()
    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="eniflow-live-"))
        self.folder.chmod(0o777)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def space(self, **how):
        made = lab.Namespace(**how)
        self.addCleanup(made.close)
        return made

    def wire(self, ipv6=False, **how):
        """This host, its device s0 (10.0.1.1, 10.0.1.7) and a peer's p0 (10.0.1.2) in another namespace."""
        self.host, self.peer = self.space(ipv6=ipv6), self.space(ipv6=ipv6)
        return lab.Wire(self.host, "s0", [HOST + "/24", HOST_TOO + "/24"] + [HOST6 + "/64"] * ipv6,
                        self.peer, "p0", [PEER + "/24"] + [PEER6 + "/64"] * ipv6, **how)

    def second_wire(self, near="s1"):
        """10.0.2.1 and 10.0.2.2, between the same namespaces."""
        return lab.Wire(self.host, near, ["10.0.2.1/24"], self.peer, "p" + near[1:], ["10.0.2.2/24"])

    def sensor(self, *arguments, space=None, **how):
        """A running sensor in this host's namespace."""
        made = Sensor(self.program, space or self.host, self.folder, *arguments, **how)
        self.addCleanup(made.close)
        return made

    def read(self, *arguments):
        """Runs `eniflow read`."""
        return subprocess.run([self.program, "read", *map(str, arguments)], capture_output=True, text=True, check=True,
                              timeout=20)

    def recorder(self, device, name, space=None):
        """tcpdump at work on a device; stop it by stop_recorder()."""
        path = self.folder / name
        log = self.folder / (name + ".errors")
        with log.open("wb") as errors:
            made = (space or self.host).popen(["tcpdump", "-i", device, "-n", "-U", "--immediate-mode", "-Z", "root",
                                               "-B", 16384, "-w", path], stderr=errors)
        self.addCleanup(made.kill)
        wait_for(lambda: b"listening on" in log.read_bytes(), "tcpdump")
        made.path = path
        return made

    @staticmethod
    def stop_recorder(recorder):
        recorder.send_signal(signal.SIGINT)
        recorder.wait(10)
        return recorder.path

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    # What is asserted

    def assert_good_end(self, sensor):
        """It ends with status 0, and its account adds up."""
        self.assertEqual(sensor.stop(), 0, sensor.errors)
        self.assert_account_adds_up(sensor.account)

    def assert_account_adds_up(self, account):
        self.assertEqual(account["frames"], sum(account[fate] for fate in FATES), account)

    def assert_sums(self, records, sent, key=TUPLE):
        """The records are of what was sent, and of nothing else."""
        self.assertEqual(sums(records, key), sent.table())


class Result(unittest.TextTestResult):
    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print("SKIP: %s: %s" % (test.id(), reason))


def run():
    """test_x.py PROGRAM [unittest arguments]. Status 77 when nothing could be tested; where CI is set, that and every
    skipped test is a failure, or a change of permissions there would turn all green."""
    LiveTest.program = os.path.abspath(sys.argv.pop(1))
    why = lab.obstacle()
    strict = os.environ.get("CI") and os.geteuid() == 0
    if why:
        print("SKIP: " + why)
        sys.exit(1 if strict else SKIPPED)
    ran = unittest.main(exit=False, testRunner=unittest.TextTestRunner(resultclass=Result, verbosity=2)).result
    if not ran.wasSuccessful() or (ran.skipped and strict):
        sys.exit(1)
    sys.exit(SKIPPED if ran.skipped and len(ran.skipped) == ran.testsRun else 0)
