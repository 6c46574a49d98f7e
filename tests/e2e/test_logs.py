"""`eniflow read` of flow logs from the outside: what it writes is read back. Run as: test_logs.py PROGRAM [unittest
arguments]."""

import gzip
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROGRAM = None
GOLDEN = Path(__file__).resolve().parent.parent / "golden"
CUSTOM = "version interface-id start end dstaddr srcaddr bytes packets srcport dstport protocol flow-direction log-status"
RECORD = "2 123456789010 eni-%s 10.0.0.1 10.0.0.2 %d 443 6 3 180 %d %d ACCEPT OK\n"
T0 = 1600000020  # a whole minute

# Options that say what the windows are, and what becomes of records in them: they hold for both runs.
OF_WINDOWS = ("-i", "--interval", "--max-flows", "--on-full", "--timestamps", "--exclude")
# Captures whose time runs back: their windows come in another order than those of lines that are sorted.
OUT_OF_ORDER = {"edge-pcapng-sections", "edge-time-disorder", "window-backwards"}


def cases():
    """Golden cases that read a capture: the folder, the arguments without a format, and those of windows."""
    for path in sorted(GOLDEN.glob("*/args")):
        if path.with_name("command").exists() or path.parent.name.startswith(("log-", "sample-")):
            continue
        words, kept, windows = iter(shlex.split(path.read_text())), [], []
        for word in words:
            if word in ("-f", "--format", "-t", "--type"):
                next(words)
            elif word in OF_WINDOWS:
                windows += [word, next(words)]
            elif word.startswith("-i"):
                windows.append(word)
            elif word not in ("--header", "--no-header"):
                kept.append(word)
        config = path.with_name("config.ini")
        if config.exists():
            for line in config.read_text().splitlines():
                key, _, value = (part.strip() for part in line.partition("="))
                if "--" + key in OF_WINDOWS:
                    windows = ["--" + key, value] + windows
        yield path.parent, kept, windows


class LogsTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="eniflow-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return str(path)

    def read(self, *args, cwd=None, **kwargs):
        return subprocess.run([PROGRAM, "read", "-q", *map(str, args)], cwd=cwd, capture_output=True, timeout=120,
                              **kwargs)

    def read_text(self, *args):
        ran = self.read(*args)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout.decode()


class RoundTrip(LogsTest):
    """What is written of a capture is the same when it is read back and written again."""

    def hold(self, written_as, *formats):
        held = 0
        for folder, args, windows in cases():
            for fields in formats:
                ran = self.read(*args, *windows, "-f", fields, "--header", "-t", written_as, cwd=folder)
                wanted = ran.stdout
                if written_as != "text" and ran.returncode != 2:
                    wanted = self.read(*args, *windows, "-f", fields, "--header", cwd=folder).stdout
                if ran.returncode == 2 or wanted.count(b"\n") < 2:
                    continue
                log = self.folder / "first.log"
                log.write_bytes(ran.stdout)
                again = self.read(*windows, "-f", fields, "--header", log)
                if folder.name in OUT_OF_ORDER:
                    log.write_bytes(again.stdout)  # sorted now
                    wanted, again = again.stdout, self.read(*windows, "-f", fields, "--header", log)
                self.assertEqual((again.stdout.decode(), again.returncode), (wanted.decode(), 0),
                                 "%s -f %s" % (folder.name, fields))
                held += 1
        self.assertGreater(held, 60)

    def test_text(self):
        self.hold("text", "default", "all")

    def test_text_of_some_fields(self):
        self.hold("text", "v5", CUSTOM)

    def test_json(self):
        self.hold("json", "all")

    def test_csv(self):
        self.hold("csv", "all")

    def test_parquet(self):
        self.hold("parquet", "all")

    def test_longer_windows(self):
        """A log of minutes gives the log of ten of them. A record of a minute starts in its own window, and what is late
        in the one of the capture is not in the other, so cases with late packets are left out."""
        held = 0
        for folder, args, windows in cases():
            if windows or folder.name in OUT_OF_ORDER | {"window-late"}:
                continue
            minutes = self.read(*args, "-f", "all", "--header", cwd=folder)
            if minutes.returncode == 2 or minutes.stdout.count(b"\n") < 2:
                continue
            log = self.folder / "minutes.log"
            log.write_bytes(minutes.stdout)
            wanted = self.read(*args, "-f", "all", "-i", "600", cwd=folder).stdout.decode()
            got = self.read(log, "-f", "all", "-i", "600").stdout.decode()
            self.assertEqual(sorted(got.splitlines()), sorted(wanted.splitlines()), folder.name)
            held += 1
        self.assertGreater(held, 40)


class Parquet(LogsTest):
    """Whatever way a Parquet file comes in, it is the same."""

    def setUp(self):
        super().setUp()
        case = GOLDEN / "log-parquet-groups"
        self.bytes = (case / "x.parquet").read_bytes()
        self.wanted = (case / "expected").read_bytes()

    def test_of_a_pipe(self):
        ran = self.read("-", input=self.bytes)
        self.assertEqual((ran.returncode, ran.stdout), (0, self.wanted), ran.stderr)

    def test_compressed_as_a_whole(self):
        path = self.folder / "x.parquet.gz"
        path.write_bytes(gzip.compress(self.bytes))
        ran = self.read(path)
        self.assertEqual((ran.returncode, ran.stdout), (0, self.wanted), ran.stderr)

    def test_in_a_folder_beside_one_that_is_cut_off(self):
        (self.folder / "a.parquet").write_bytes(self.bytes)
        (self.folder / "b.parquet").write_bytes(self.bytes[:-20])
        ran = self.read(self.folder)
        self.assertEqual((ran.returncode, ran.stdout), (1, self.wanted), ran.stderr)
        self.assertIn(b"b.parquet is cut off", ran.stderr)

    def test_rows_before_a_damaged_page_stay(self):
        damaged = bytearray(self.bytes)
        damaged[damaged.index(b"\x1f\x8b\x08", len(damaged) // 2) + 12] ^= 0xFF  # gzip's checksum tells any change
        path = self.folder / "x.parquet"
        path.write_bytes(damaged)
        ran = self.read(path)
        self.assertEqual(ran.returncode, 1, ran.stderr)
        self.assertRegex(ran.stderr, rb"x\.parquet: the page at byte \d+, of column \S+, is damaged: .*; row \d+ and what "
                                     rb"follows it is lost")
        lines = ran.stdout.splitlines()
        self.assertTrue(lines)
        self.assertLessEqual(set(lines), set(self.wanted.splitlines()))


class Operands(LogsTest):
    def test_folders(self):
        self.write("logs/2026/01/b.log.gz", RECORD % ("b", 2, T0 + 60, T0 + 60))
        self.write("logs/2026/01/a.log", RECORD % ("b", 1, T0, T0))
        self.write("logs/.hidden.log", RECORD % ("b", 9, T0, T0))
        self.write("logs/readme.md", "# What these are\nNothing that can be read.\n")
        ran = self.read(self.folder / "logs")
        self.assertEqual(ran.stdout.decode(), RECORD % ("b", 1, T0, T0) + RECORD % ("b", 2, T0 + 60, T0 + 60))
        self.assertIn(b"readme.md is no flow log; it is passed over", ran.stderr)
        self.assertEqual(ran.returncode, 0)

    def test_folder_without_logs(self):
        self.write("logs/readme.md", "# What these are\n")
        ran = self.read(self.folder / "logs")
        self.assertEqual((ran.returncode, ran.stdout), (2, b""))
        self.assertIn(b"there is no flow log in this folder", ran.stderr)

    def test_inspect_of_a_log_that_comes_in_pieces(self):
        with subprocess.Popen([PROGRAM, "inspect", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            process.stdin.write(b"2 123456789010 eni-1235b8ca12345")
            process.stdin.flush()
            time.sleep(0.2)
            process.stdin.write(b"6789 10.0.0.1 10.0.0.2 1 2 6 5 500 1431280876 1431280934 ACCEPT OK\n")
            process.stdin.close()
            self.assertIn(b"is a flow log, not a capture", process.stderr.read())
            self.assertEqual(process.wait(), 2)

    def test_standard_input_and_fifos(self):
        text = RECORD % ("a", 1, T0, T0)
        self.assertEqual(self.read("-", input=text.encode()).stdout.decode(), text)
        with open(self.write("a.log", text)) as file:
            self.assertEqual(self.read("-", stdin=file).stdout.decode(), text)
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        with subprocess.Popen([PROGRAM, "read", "-q", fifo], stdout=subprocess.PIPE) as process:
            with open(fifo, "w") as end:
                end.write(text)
            self.assertEqual(process.stdout.read().decode(), text)

    def test_many_files_in_order_of_time(self):
        names = [self.write("%02d.log.gz" % i, RECORD % ("a", i, T0 + 60 * (99 - i), T0 + 60 * (99 - i)))
                 for i in range(100)]
        want = "".join(RECORD % ("a", i, T0 + 60 * (99 - i), T0 + 60 * (99 - i)) for i in reversed(range(100)))
        for threads in "1", "2", "4":
            self.assertEqual(self.read_text("-j", threads, *names), want)

    def test_what_is_neither(self):
        log = self.write("a.log", RECORD % ("a", 1, T0, T0))
        ran = self.read(log, self.write("neither", "something else that is no log at all\n"))
        self.assertEqual((ran.returncode, ran.stdout), (2, b""))
        self.assertIn(b"nor a flow log", ran.stderr)

    def test_the_output_is_no_input(self):
        log = self.write("logs/a.log", RECORD % ("a", 1, T0, T0))
        ran = self.read("-o", log, self.folder / "logs")
        self.assertEqual(ran.returncode, 2)
        self.assertIn(b"is one of the files to read", ran.stderr)
        self.assertEqual(Path(log).read_text(), RECORD % ("a", 1, T0, T0))

    def test_a_folder_is_not_both(self):
        """The next run would read every record twice."""
        log = self.write("in/a.log", RECORD % ("1", 1, T0, T0))
        for out in ("in/", "in/../in/"):
            ran = self.read("-o", os.path.join(self.folder, out), self.folder / "in")
            self.assertEqual(ran.returncode, 2)
            self.assertIn(b"is one of the folders to read", ran.stderr)
        self.assertEqual(list((self.folder / "in").iterdir()), [Path(log)])

    def test_a_log_has_no_frames(self):
        far = T0 + 40 * 86400
        log = self.write("a.log", RECORD % ("1", 1, T0, T0) + RECORD % ("1", 2, far, far))
        ran = self.read(log)
        self.assertIn(b"time jumps, from %d to %d" % (T0, far), ran.stderr)

    def test_configured_interfaces(self):
        config = self.write("web.ini", "[eniflow]\nlog-format = srcaddr interface-id\n start end\n"
                            "[interface web]\ninterface-id = eni-a\nvpc-id = vpc-1\n"
                            "[interface db]\ninterface-id = eni-b\n")
        log = self.write("a.log", "10.0.0.1 eni-a %d %d\n" % (T0, T0))
        ran = self.read("-c", config, "-f", "interface-id vpc-id srcaddr start end log-status", log)
        self.assertEqual(ran.stdout.decode(), "eni-a vpc-1 10.0.0.1 %d %d OK\n" % (T0, T0))
        self.assertIn(b"[interface db]: no line has its interface-id eni-b", ran.stderr)
        self.assertNotIn(b"[interface web]", ran.stderr)


class Streams(LogsTest):
    def test_lines_do_not_wait_for_ever(self):
        """A stream's records come once lines of a quarter of an hour later are there, the rest when it is stopped."""
        process = subprocess.Popen([PROGRAM, "read", "-q", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.kill)
        lines = [RECORD % ("a", i, T0 + at, T0 + at) for i, at in enumerate((0, 60, 901, 962, 980))]
        process.stdin.write("".join(lines).encode())
        process.stdin.flush()
        self.assertEqual(process.stdout.readline().decode(), lines[0])
        process.send_signal(signal.SIGINT)
        out = process.communicate(timeout=60)[0].decode()
        self.assertEqual([line + "\n" for line in out.splitlines() if " OK" in line], lines[1:])
        self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
