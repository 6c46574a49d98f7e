"""The page's commands that upload a directory, against a server of buckets on loopback; and a flow log of an emulator.

Run as: test_upload.py PROGRAM FOLDER [unittest arguments]: FOLDER has the server (s3rver)."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import time
import unittest

import lake
from lake import LakeTest, block

import packets

WAIT = 30  # seconds at most
KEY = "S3RVER"  # of the server: the same for both


class Uploads(LakeTest):
    def setUp(self):
        super().setUp()
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            self.port = chosen.getsockname()[1]
        self.bucket = self.folder / "server" / "flow-logs"
        with (self.folder / "server.log").open("w") as log:
            program = os.path.join(lake.folders[-1], "node_modules", "s3rver", "bin", "s3rver.js")
            server = subprocess.Popen(["node", program, "-a", "127.0.0.1", "-p", str(self.port), "-d",
                                       self.folder / "server", "--configure-bucket", "flow-logs"], stdout=log, stderr=log)
        self.addCleanup(lambda: (server.terminate(), server.wait(timeout=20)))
        until = time.monotonic() + WAIT
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                self.assertLess(time.monotonic(), until)
                time.sleep(0.05)

    @property
    def endpoint(self):
        return "http://127.0.0.1:%d" % self.port

    def needs(self, tool):
        if not shutil.which(tool):
            if os.environ.get("CI") and os.geteuid() == 0:
                self.fail(tool + " is not installed")
            self.skipTest(tool + " is not installed")

    def cloud(self, command):
        return self.shell(command, AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=KEY, AWS_DEFAULT_REGION="us-east-1",
                          ENDPOINT=self.endpoint, RCLONE_CONFIG_LAKE_TYPE="s3", RCLONE_CONFIG_LAKE_PROVIDER="Other",
                          RCLONE_CONFIG_LAKE_ENV_AUTH="true", RCLONE_CONFIG_LAKE_ENDPOINT=self.endpoint)

    def command(self, start):
        """The page's one upload command that begins so."""
        found = [text for text in block("sh", "Uploading") if text.startswith(start)]
        self.assertEqual(len(found), 1)
        return found[0]

    def fill(self, *more):
        """A directory with the files of two slots, and one that is not finished."""
        capture = self.folder / "capture.pcap"
        capture.write_bytes(packets.pcap(packets.serving(7, minutes=8, visitors=6)))
        self.eniflow("read", "-q", *more, "-o", "lake/", capture)
        (self.folder / "lake" / ".eniflow-unfinished").mkdir(exist_ok=True)
        (self.folder / "lake" / ".eniflow-unfinished" / "half").write_text("half")

    def made(self):
        files = (path for path in (self.folder / "lake" / "AWSLogs").rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder / "lake")): path.read_bytes() for path in files}

    def uploaded(self):
        """Key and content of each object."""
        found = {}
        for path in self.bucket.rglob("*"):
            if path.name.endswith("_object") and path.is_file():
                key = str(path.relative_to(self.bucket))
                found[key[:key.rindex("._S3rver_object")]] = path.read_bytes()
        return found

    def check(self, upload):
        """What is finished is there, once, and what comes later too."""
        self.fill()
        made = self.made()
        self.assertGreaterEqual(len(made), 2)
        for _ in range(2):
            self.cloud(upload)
            self.assertEqual(self.uploaded(), made)
        self.fill("-f", "v5")
        self.assertGreater(len(self.made()), len(made))
        self.cloud(upload)
        self.assertEqual(self.uploaded(), self.made())

    def test_aws(self):
        self.needs("aws")
        self.check(self.command("aws").replace("aws ", 'aws --endpoint-url "$ENDPOINT" ', 1))

    def test_rclone(self):
        self.needs("rclone")
        self.check(self.command("rclone copy"))

    def test_rclone_moves(self):
        """What is finished is in the bucket, and there alone; what comes later too."""
        self.needs("rclone")
        moved = {}
        for more in (), ("-f", "v5"):
            self.fill(*more)
            moved.update(self.made())
            self.cloud(self.command("rclone move"))
            self.assertEqual(self.uploaded(), moved)
            self.assertEqual(self.made(), {})
        self.assertGreaterEqual(len(moved), 4)
        self.assertTrue((self.folder / "lake" / ".eniflow-unfinished" / "half").exists())

    def test_rclone_replaces_nothing(self):
        """A name that another file had is not taken from it."""
        self.needs("rclone")
        self.fill()
        made = self.made()
        self.cloud(self.command("rclone copy"))
        shutil.rmtree(self.folder / "lake" / "AWSLogs")
        self.fill("--filter", "icmp")
        self.assertEqual(set(self.made()), set(made))
        with self.assertRaisesRegex(AssertionError, "immutable"):
            self.cloud(self.command("rclone copy"))
        self.assertEqual(self.uploaded(), made)

    def test_s3cmd(self):
        self.needs("s3cmd")
        at = "127.0.0.1:%d" % self.port
        self.check(self.command("s3cmd").replace("s3cmd ", "s3cmd " + shlex.join(
            ["--host=" + at, "--host-bucket=" + at, "--no-ssl", "--access_key=" + KEY, "--secret_key=" + KEY]) + " ", 1))

    def test_old_files_are_deleted(self):
        self.fill()
        first, *others = sorted(self.made())
        os.utime(self.folder / "lake" / first, (time.time() - 3 * 86400,) * 2)
        self.cloud(self.command("find"))
        self.assertEqual(sorted(self.made()), others)
        self.assertTrue((self.folder / "lake" / ".eniflow-unfinished" / "half").exists())

    def test_clickhouse_reads_the_bucket(self):
        self.needs("aws")
        self.fill("-f", lake.FORMAT)
        self.cloud(self.command("aws").replace("aws ", 'aws --endpoint-url "$ENDPOINT" ', 1))
        self.clickhouse(block("sql clickhouse table"))
        self.clickhouse(block("sql clickhouse text").replace("file('pile/*.log.gz'", "s3('%s/flow-logs/AWSLogs/**/*.log.gz', "
                        "'%s', '%s'" % (self.endpoint, KEY, KEY)))
        self.assertEqual(sorted(self.lines_of_clickhouse("flows WHERE log_status = 'OK'")),
                         sorted(line for line in self.eniflow("read", "-q", "-f", lake.FORMAT, "capture.pcap")
                                if line.endswith(" OK")))

    def test_emulator(self):
        """From a capture to a bucket, and from there back."""
        self.needs("aws")
        stream = packets.serving(8, minutes=8, visitors=6)
        (self.folder / "capture.pcap").write_bytes(packets.pcap(stream))
        fill, fetch = block("sh", "Emulators")
        self.cloud(fill)
        for key in self.uploaded():
            self.assertRegex(key, r"^AWSLogs/123456789010/vpcflowlogs/us-east-1/\d{4}/\d\d/\d\d/123456789010_vpcflowlogs_"
                                  r"us-east-1_fl-0123456789abcdef0_\d{8}T\d{4}Z_[0-9a-f]{8}\.log\.gz$")
        lines = self.cloud(fetch).splitlines()
        identity = re.findall(r"-s \S+", fill)
        whole = self.eniflow("read", "-q", *" ".join(identity).split(), "capture.pcap")
        self.assertEqual(sorted(lines), sorted(whole))


if __name__ == "__main__":
    lake.main()
