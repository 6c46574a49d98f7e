"""`eniflow read` to brokers. Run as: test_read.py PROGRAM BROKER [unittest arguments]; without these all of it at once."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import together
from brokers import PATIENCE, Brokers

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

import test_pages  # noqa: E402

PROGRAM = BROKER = None
CAPTURE = str(ROOT / "pcaps/web.pcap")
NOBODY = "kafka:127.0.0.1:9/flows"  # discard's port, where nobody listens
SECRET = "hunter2-of-the-brokers"


def eniflow(*arguments, **how):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60, **how)


def long_log(count):
    """The lines of a log, a hundred records in a window, with its header."""
    return ["version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
            "log-status"] + [
        "2 123456789010 eni-%08x 10.0.0.%d 10.0.1.1 %d 443 6 1 40 %d %d ACCEPT OK"
        % (i % 7, i % 250, 1024 + i // 250, 1600000020 + i // 100 * 60, 1600000030 + i // 100 * 60)
        for i in range(count)]


class Read(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.brokers = Brokers(BROKER)
        self.addCleanup(self.brokers.close)
        self.folder = Path(tempfile.mkdtemp(prefix="eniflow-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def read(self, *arguments, where=None, **how):
        return eniflow("read", "-o", where or self.brokers.where("flows"), *arguments, CAPTURE, **how)

    def assert_same(self, *arguments):
        """The topic has the lines that standard output gets."""
        ran = self.read(*arguments)
        self.assertEqual((ran.returncode, ran.stdout), (0, ""), ran.stderr)
        wanted = eniflow("read", *arguments, CAPTURE).stdout.splitlines()
        self.assertEqual(self.brokers.lines("flows"), wanted)
        return self.brokers.messages("flows")

    def test_text(self):
        messages = self.assert_same("-s", "interface-id=eni-1235b8ca123456789")
        self.assertEqual({key for key, _ in messages}, {"eni-1235b8ca123456789"})

    def test_json(self):
        for key, line in self.assert_same("-t", "json"):
            self.assertEqual(json.loads(line)["interface-id"], key)

    def test_csv(self):
        self.assert_same("-t", "csv")

    def test_ocsf(self):
        for _, line in self.assert_same("-t", "ocsf", "-f", "all"):
            self.assertEqual(json.loads(line)["class_uid"], 4001)

    def test_parquet_is_for_files(self):
        ran = self.read("-t", "parquet")
        self.assertEqual(ran.returncode, 2)
        self.assertIn("Parquet is for files", ran.stderr)

    def test_errors_that_pass(self):
        for code in 19, 7, -195, 6, 20:  # too few replicas, timed out, closed, another leader, too few after all
            self.brokers.tell("answer 0 %d 2" % code)
        self.assert_same()

    def test_brokers_that_restart(self):
        """Each record is there once, though brokers go while records are on their way."""
        log = long_log(20000)
        reader = subprocess.Popen([PROGRAM, "read", "-q", "-o", self.brokers.where("flows"), "-"],
                                  stdin=subprocess.PIPE, text=True)
        self.addCleanup(reader.kill)
        for at in range(0, len(log), 5000):
            reader.stdin.write("".join(line + "\n" for line in log[at:at + 5000]))
            reader.stdin.flush()
            if at == 5000:
                self.brokers.tell("down 0")
            elif at == 10000:
                self.brokers.tell("up 0")
        reader.stdin.close()
        self.assertEqual(reader.wait(60), 0)
        self.assertEqual(sorted(self.brokers.lines("flows")), sorted(log[1:]))

    def test_brokers_that_come(self):
        self.brokers.tell("down 0")
        with subprocess.Popen([PROGRAM, "read", "-q", "-o", self.brokers.where("flows"), CAPTURE],
                              stderr=subprocess.PIPE, text=True) as reader:
            self.assertIn("no answer yet", reader.stderr.readline())
            self.brokers.tell("up 0")
            self.assertEqual(reader.wait(60), 0)
        self.assertEqual(self.brokers.lines("flows"), eniflow("read", CAPTURE).stdout.splitlines())

    def test_who_asks_twice_does_not_wait(self):
        """Two requests at the same moment are one, as by timeout(1)."""
        log = long_log(20000)
        with subprocess.Popen([PROGRAM, "read", "-q", "-o", self.brokers.where("flows"), "-"], stdin=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as reader:
            self.addCleanup(reader.kill)
            reader.stdin.write("".join(line + "\n" for line in log[:10000]))
            reader.stdin.flush()
            end = time.monotonic() + PATIENCE
            while not self.brokers.lines("flows"):
                self.assertLess(time.monotonic(), end, "nothing is delivered")
            self.brokers.tell("down 0")
            reader.stdin.write("".join(line + "\n" for line in log[10000:]))
            reader.stdin.flush()
            reader.send_signal(signal.SIGTERM)
            reader.send_signal(signal.SIGINT)
            time.sleep(1)
            self.assertIsNone(reader.poll())
            reader.send_signal(signal.SIGINT)
            self.assertEqual(reader.wait(20), -signal.SIGINT)

    def test_stopped_while_no_broker_answers(self):
        for word in signal.SIGINT, signal.SIGTERM:
            with self.subTest(word), subprocess.Popen([PROGRAM, "read", "-o", NOBODY, CAPTURE], stderr=subprocess.PIPE,
                                                      text=True) as reader:
                self.assertIn("no answer yet", reader.stderr.readline())
                reader.send_signal(word)
                rest = reader.communicate(timeout=60)[1]
                self.assertEqual(reader.returncode, 0, rest)
                self.assertNotIn("no broker tells", rest)

    def test_no_topic(self):
        self.brokers.tell("without flows")
        ran = self.read()
        self.assertEqual(ran.returncode, 2)
        self.assertIn("the brokers have no topic flows", ran.stderr)

    def test_refused(self):
        self.brokers.tell("answer 0 10 1")
        ran = self.read()
        self.assertEqual(ran.returncode, 2)
        self.assertIn("too large", ran.stderr)

    def test_properties_of_a_file(self):
        config = self.folder / "flows.ini"
        config.write_text("[eniflow]\nkafka.client.id = me\nkafka.compression.codec = gzip\n")
        self.assert_same("-c", config)

    def secret_arguments(self):
        secret = self.folder / "secret"
        secret.write_text(SECRET + "\n")
        return ["--kafka", "sasl.password=file:%s" % secret, "--kafka", "sasl.username=me",
                "--kafka", "security.protocol=sasl_plaintext", "--kafka", "sasl.mechanism=PLAIN"]

    def test_secrets_are_not_in_the_configuration(self):
        arguments = self.secret_arguments()
        shown = eniflow("read", "--show-config", *arguments, CAPTURE)
        self.assertIn("%s/secret" % self.folder, shown.stdout)
        self.assertNotIn(SECRET, shown.stdout + shown.stderr)

    def test_no_broker(self):
        """That takes half a minute, in which all that librdkafka says shows no secret."""
        ran = self.read(*self.secret_arguments(), "--kafka", "debug=all", where=NOBODY)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("no broker tells of the topic", ran.stderr)
        self.assertIn("Connection refused", ran.stderr)
        self.assertNotIn(SECRET, ran.stdout + ran.stderr)

    def test_secrets_do_not_stand_on_the_command_line(self):
        ran = self.read("--kafka", "sasl.password=" + SECRET)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("file:PATH", ran.stderr)
        self.assertNotIn(SECRET, ran.stderr)


class Page(test_pages.Pages):
    """The commands of docs/kafka.md, with brokers in place of those that it names."""

    def shell(self, command):
        command = re.sub(r"localhost:9092", self.brokers.addresses.split(",")[0], command)
        return super().shell(command)

    def test_kafka(self):
        self.brokers = Brokers(BROKER)
        self.addCleanup(self.brokers.close)
        self.check("docs/kafka.md", 4)


for other in [name for name in dir(test_pages.Pages) if name.startswith("test_")]:
    setattr(Page, other, None)  # other pages have their own test

if __name__ == "__main__":
    PROGRAM, BROKER = os.path.abspath(sys.argv.pop(1)), os.path.abspath(sys.argv.pop(1))
    test_pages.PROGRAM = PROGRAM
    if not shutil.which("kcat"):
        print("SKIP: kcat is missing")
        sys.exit(77)
    if not sys.argv[1:]:
        sys.exit(together.run([__file__, PROGRAM, BROKER], Read, Page))
    unittest.main()
