"""`eniflow read` from the outside: streams, outputs, signals, errors. Run as: test_read.py PROGRAM [unittest arguments]."""

import gzip
import json
import os
import pty
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import capture

PROGRAM = None
T0 = 1600000020  # a whole minute
LINE = "2 000000000000 eni-0cbf29ce484222325 10.0.0.1 10.0.0.2 %d 9 17 %d %d %d %d ACCEPT OK\n"


def line(sport, packets, start, end):
    return LINE % (sport, packets, 32 * packets, start, end)


class ReadTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="eniflow-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)

    def run_read(self, *args, **kwargs):
        kwargs.setdefault("stdout", subprocess.PIPE)
        return subprocess.run([PROGRAM, "read", *args], stderr=subprocess.PIPE, timeout=60, **kwargs)

    def start(self, *args, **kwargs):
        process = subprocess.Popen([PROGRAM, "read", *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, **kwargs)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        return process

    def no_leftovers(self, *expected):
        self.assertEqual(sorted(os.listdir(self.folder)), sorted(expected))


class Streams(ReadTest):
    def feed_and_read_line(self, process, first, second):
        """Feeds a window and the frame that closes it; its record must come while the stream is still open."""
        process.stdin.write(first + second)
        process.stdin.flush()
        return process.stdout.readline().decode()

    def test_record_comes_when_its_window_closes(self):
        process = self.start("-q", "-")
        got = self.feed_and_read_line(process, capture.pcap([(T0, capture.udp())]),
                                      capture.pcap_frame(T0 + 60, capture.udp()))
        self.assertEqual(got, line(1001, 1, T0, T0))
        process.stdin.close()
        self.assertEqual(process.stdout.read().decode(), line(1001, 1, T0 + 60, T0 + 60))
        self.assertEqual(process.wait(), 0)

    def test_compressed_stream(self):
        import zlib

        squeeze = zlib.compressobj(wbits=31)
        process = self.start("-q", "-")
        first = squeeze.compress(capture.pcap([(T0, capture.udp()), (T0 + 60, capture.udp())]))
        got = self.feed_and_read_line(process, first, squeeze.flush(zlib.Z_SYNC_FLUSH))
        self.assertEqual(got, line(1001, 1, T0, T0))
        process.stdin.write(squeeze.flush())
        process.stdin.close()
        self.assertEqual(process.stdout.read().decode(), line(1001, 1, T0 + 60, T0 + 60))
        self.assertEqual(process.wait(), 0)

    def test_closed_standard_streams_are_no_files(self):
        result = self.run_read("-q", "-", preexec_fn=lambda: os.close(0))
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"standard input", result.stderr)
        name = self.write("a.pcap", capture.pcap([(T0, capture.udp())]))
        result = self.run_read("-q", name, preexec_fn=lambda: os.close(1))
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"standard output", result.stderr)

    def test_fifo_and_file_merge(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        file = self.write("b.pcap", capture.pcap([(T0 + 1, capture.udp(sport=1002))]))
        process = self.start("-q", "-f", "srcport", fifo, file)
        with open(fifo, "wb") as end:
            end.write(capture.pcap([(T0, capture.udp(sport=1001)), (T0 + 2, capture.udp(sport=1003))]))
        self.assertEqual(process.communicate(timeout=30)[0], b"1001\n1002\n1003\n")

    def test_memory_is_flat(self):
        """A long stream of few flows takes no more memory than a short one, but for a little."""

        def peak(frames):
            process = self.start("-q", "-")
            chunk = b"".join(capture.pcap_frame(T0 + i / 100000, capture.udp(payload=1000)) for i in range(1000))
            process.stdin.write(capture.pcap_header())
            for _ in range(frames // 1000):
                process.stdin.write(chunk)
            process.stdin.flush()
            with open("/proc/%d/status" % process.pid) as file:
                status = file.read()
            process.stdin.close()
            process.stdout.read()
            process.wait()
            return int(status.split("VmHWM:")[1].split()[0])

        self.assertLess(peak(200000), peak(2000) + 4096)

    def test_interrupt_writes_the_open_window(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = self.start("-")
            process.stdin.write(capture.pcap([(T0, capture.udp())]))
            process.stdin.flush()
            self.wait_until_waiting(process)
            process.send_signal(number)
            out, errors = process.communicate(timeout=30)
            self.assertEqual(out.decode(), line(1001, 1, T0, T0))
            self.assertIn(b"1 frame", errors)
            self.assertEqual(process.returncode, 0)

    def test_interrupt_before_anything_is_open(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        process = self.start("--summary", "json", fifo)
        self.wait_until_waiting(process)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
        self.assertEqual((out, process.returncode, json.loads(errors)["frames"]), (b"", 0, 0))

    def test_interrupt_while_a_file_yields_nothing(self):
        """Zeros pad a gzip file, here for longer than anybody waits."""
        path = self.path("padded.pcap.gz")
        with open(path, "wb") as file:
            file.write(gzip.compress(capture.pcap([(T0, capture.udp())])))
            file.truncate(1 << 40)
        for threads in "1", "2", "3":
            process = self.start("-q", "-j", threads, path)
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=60)
            self.assertEqual((out.decode(), process.returncode), (line(1001, 1, T0, T0), 0))

    def wait_until_waiting(self, process):
        """Until it has read all that there is and sleeps."""
        deadline = time.monotonic() + 20
        calm = 0
        while calm < 5 and time.monotonic() < deadline:
            with open("/proc/%d/stat" % process.pid) as file:
                state = file.read().rsplit(")", 1)[1].split()[0]
            calm = calm + 1 if state == "S" else 0
            time.sleep(0.02)


class Files(ReadTest):
    def test_rotated_files_beyond_the_limit_of_open_files(self):
        if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 1500:
            self.skipTest("the hard limit of open files is too low here")
        names = [self.write("%04d.pcap" % i, capture.pcap([(T0 + i / 100, capture.udp())])) for i in range(1200)]
        result = self.run_read("-q", *names, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
        self.assertEqual(result.stdout.decode(), line(1001, 1200, T0, T0 + 11))

    def test_a_system_that_starts_no_thread(self):
        """Who asked for threads is told; else it goes without. The address space is what can be made too small here."""
        name = self.write("a.pcap", capture.pcap([(T0, capture.udp())]))
        for space in range(12 << 20, 64 << 20, 1 << 20):
            limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (space, space))
            asked = self.run_read("-q", "-j", "2", name, preexec_fn=limit)
            if b"starts no thread" in asked.stderr:
                self.assertEqual((asked.stdout, asked.returncode), (b"", 2))
                self.assertEqual(self.run_read("-q", name, preexec_fn=limit).stdout.decode(), line(1001, 1, T0, T0))
                return
        self.skipTest("no address space is too small for a thread alone")

    def test_compression_is_told_by_content(self):
        plain = capture.pcap([(T0, capture.udp())])
        name = self.write("misnamed.zst", gzip.compress(plain[:50]) + gzip.compress(plain[50:]))
        self.assertEqual(self.run_read("-q", name).stdout.decode(), line(1001, 1, T0, T0))

    def test_named_file(self):
        self.write("a.pcap", capture.pcap([(T0, capture.udp())]))
        result = self.run_read("-q", "-f", "interface-id srcport", "a=a.pcap", cwd=self.folder)
        self.assertEqual(result.stdout, b"eni-0af63dc4c8601ec8c 1001\n")

    def test_cut_off_file_gives_what_is_whole_and_one_sentence(self):
        whole = capture.pcap([(T0, capture.udp())])
        name = self.write("cut.pcap", whole + capture.pcap_frame(T0 + 1, capture.udp())[:-7])
        result = self.run_read(name)
        self.assertEqual(result.stdout.decode(), line(1001, 1, T0, T0))
        self.assertEqual(result.returncode, 1)
        told = [text for text in result.stderr.decode().splitlines() if "cut.pcap" in text]
        self.assertEqual(len(told), 1)
        self.assertIn(str(len(whole)), told[0])

    def test_no_capture_among_others_means_no_output(self):
        good = self.write("good.pcap", capture.pcap([(T0, capture.udp())]))
        bad = self.write("bad.pcap", b"version account-id interface-id\n")
        result = self.run_read(good, bad)
        self.assertEqual((result.stdout, result.returncode), (b"", 2))
        self.assertIn("bad.pcap", result.stderr.decode())

    def test_missing_file_folder_and_empty_file(self):
        self.assertEqual(self.run_read(self.path("none.pcap")).returncode, 2)
        self.assertEqual(self.run_read(self.folder).returncode, 2)
        result = self.run_read(self.write("empty.pcap", b""))
        self.assertEqual((result.stdout, result.returncode), (b"", 1))

    def test_filter_that_means_nothing_for_a_later_interface(self):
        frames = [(T0, capture.udp(sport=1)), (T0 + 61, capture.udp(sport=2))]
        ethernet = self.write("a.pcap", capture.pcap(frames))
        raw = self.write("b.pcap", capture.pcap([(T0 + 1, capture.udp(sport=3)[14:])], link_type=101))
        result = self.run_read("-f", "srcport", "--filter", "ether host 04:04:04:04:04:04", ethernet, raw)
        self.assertEqual((result.stdout, result.returncode), (b"1\n2\n", 1))
        self.assertIn(b"1 filtered", result.stderr)

    def test_names_of_files_do_not_reach_the_terminal_raw(self):
        result = self.run_read("no\nsuch\x1b[31mfile")
        self.assertIn(b"no\\x0asuch\\x1b[31mfile", result.stderr)

    def test_filter(self):
        name = self.write("a.pcap", capture.pcap([(T0, capture.udp(sport=s)) for s in (1, 2, 3)]))
        result = self.run_read("--summary", "json", "-f", "srcport", "--filter", "udp port 2", name)
        account = json.loads(result.stderr.splitlines()[-1])
        self.assertEqual(result.stdout, b"2\n")
        self.assertEqual((account["frames"], account["filtered"], account["counted"]), (3, 2, 1))
        self.assertEqual(self.run_read("--filter", "udp prot 2", name).returncode, 2)


class Outputs(ReadTest):
    def setUp(self):
        super().setUp()
        self.capture = self.write("in.pcap", capture.pcap([(T0 + i / 1000, capture.udp(sport=i)) for i in range(1, 30001)]))

    def test_file_has_a_header_and_suffixes_compress(self):
        expected = self.run_read("-q", "--header", self.capture).stdout
        for name, unpack in (("o.log", ["cat"]), ("o.log.gz", ["gzip", "-dc"]), ("o.log.zst", ["zstd", "-dc"])):
            result = self.run_read("-q", "-o", self.path(name), self.capture)
            if name.endswith(".zst") and b"libzstd" in result.stderr:
                continue
            self.assertEqual((result.returncode, result.stderr), (0, b""))
            if shutil.which(unpack[0]):
                self.assertEqual(subprocess.check_output(unpack + [self.path(name)]), expected)

    def test_directory_gets_files_as_in_s3(self):
        expected = self.run_read("-q", "--header", self.capture).stdout
        result = self.run_read("-q", "-o", self.path("logs/"), self.capture)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        found = [os.path.join(folder, name) for folder, _, names in os.walk(self.path("logs")) for name in names]
        self.assertEqual(len(found), 1)
        self.assertRegex(found[0], r"/AWSLogs/\d{12}/vpcflowlogs/us-east-1/\d{4}/\d\d/\d\d/"
                                   r"\d{12}_vpcflowlogs_us-east-1_fl-[0-9a-f]{17}_\d{8}T\d{4}Z_[0-9a-f]{8}\.log\.gz$")
        with gzip.open(found[0]) as file:
            self.assertEqual(file.read(), expected)

    def test_closed_pipe_ends_quietly(self):
        process = self.start("-", "-f", "all")
        process.stdout.close()
        with open(self.capture, "rb") as file:
            try:
                process.stdin.write(file.read())
                process.stdin.close()
            except BrokenPipeError:
                pass
        self.assertEqual(process.wait(30), -signal.SIGPIPE)
        self.assertEqual(process.stderr.read(), b"")

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            result = self.run_read("-q", self.capture, stdout=full)
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"No space left", result.stderr)

    def test_unwritable_output_leaves_nothing(self):
        for where in (self.path("none/o.log"), self.folder):
            result = self.run_read("-q", "-o", where, self.capture)
            self.assertEqual(result.returncode, 2)
            self.assertIn(where.encode(), result.stderr)
        self.no_leftovers("in.pcap")

    def test_no_capture_is_replaced_by_its_log(self):
        with open(self.capture, "rb") as file:
            content = file.read()
        os.symlink("in.pcap", self.path("link"))
        for where, name in ((self.capture, self.capture), (self.path("link"), self.capture), (self.capture, "-")):
            with open(self.capture, "rb") as file:
                result = self.run_read("-q", "-o", where, name, stdin=file)
            self.assertEqual(result.returncode, 2)
            self.assertIn(where.encode() + b": is one of the files to read", result.stderr)
        with open(self.capture, "rb") as file:
            self.assertEqual(file.read(), content)
        self.no_leftovers("in.pcap", "link")

    def test_failure_keeps_the_old_file(self):
        old = self.write("o.log", b"old\n")
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))
        result = self.run_read("-q", "-o", old, self.capture,
                               preexec_fn=limit)
        self.assertEqual(result.returncode, 2)
        with open(old) as file:
            self.assertEqual(file.read(), "old\n")
        self.no_leftovers("in.pcap", "o.log")

    def test_output_spares_the_inputs_and_the_configuration(self):
        config = self.write("c.ini", b"[interface a]\nmac = 04:04:04:04:04:04\n")
        for where in (self.capture, config):
            with open(where, "rb") as file:
                before = file.read()
            result = self.run_read("-q", "-c", config, "-o", where, self.capture)
            with open(where, "rb") as file:
                self.assertEqual((result.returncode, file.read()), (2, before))

    def test_same_bytes_again_and_with_any_locale_and_zone(self):
        first = self.run_read("-q", self.capture).stdout
        other = self.run_read("-q", self.capture, env={"LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Tokyo"}).stdout
        self.assertEqual(first, other)


class Terminal(ReadTest):
    def on_terminal(self, *args):
        """Runs with standard error on a terminal and a stream that lasts over a second; returns what the terminal got."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen([PROGRAM, "read", *args, "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=theirs)
        os.close(theirs)
        process.stdin.write(capture.pcap_header())
        end = time.monotonic() + 1.2
        i = 0
        while time.monotonic() < end:
            process.stdin.write(b"".join(capture.pcap_frame(T0, capture.udp()) for _ in range(100)))
            process.stdin.flush()
            time.sleep(0.005)
        process.stdin.close()
        process.wait(30)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        os.close(ours)
        return shown.decode()

    def test_progress_is_shown_and_wiped(self):
        shown = self.on_terminal()
        self.assertIn("B/s", shown)
        self.assertIn("\r\033[K", shown)
        self.assertNotIn("B/s", shown.rsplit("\033[K", 1)[1])

    def test_quiet_shows_nothing(self):
        self.assertEqual(self.on_terminal("-q"), "")

    def test_no_progress_without_a_terminal(self):
        name = self.write("a.pcap", capture.pcap([(T0, capture.udp())]))
        self.assertNotIn(b"\r", self.run_read(name).stderr)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
