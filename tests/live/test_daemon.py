"""Is a sensor a good daemon: signals, configuration, rights, rotation of its log? Run as: test_daemon.py PROGRAM
[unittest arguments]."""

import shutil
import signal
import subprocess
import threading
import time

import traffic
from livetest import HOST, PEER, LiveTest, run
from sensor import LIFE, Sensor, is_built_with, read_log, sums, wait_for, with_data

NOBODY = 65534
CAP_NET_RAW, CAP_NET_ADMIN, CAP_PERFMON, CAP_BPF = 1 << 13, 1 << 12, 1 << 38, 1 << 39


def has_programs(program):
    """Was it built with eBPF?"""
    return "eBPF           on" in subprocess.run([program, "--version"], capture_output=True, text=True).stdout


class Ends(LiveTest):
    def setUp(self):
        super().setUp()
        self.wire()

    def udp(self, sport, packets=20, **how):
        return traffic.udp(self.host, HOST, sport, self.peer, PEER, 9, packets, **how)

    def test_a_signal_writes_the_open_window(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            log = self.folder / ("%d.log" % number)
            sensor = self.sensor("s0", output=log, interval=3600)
            sent = self.udp(1001, 50)
            self.assertEqual(sensor.stop(number), 0, sensor.errors)
            self.assert_sums(read_log(log), sent)
            self.assert_account_adds_up(sensor.account)
            self.assertEqual(sensor.account["frames"], 50)

    def test_it_ends_by_itself(self):
        sensor = self.sensor("--duration", 2, "s0", interval=3600)
        sent = self.udp(1001)
        self.assertEqual(sensor.wait(), 0, sensor.errors)
        self.assert_sums(sensor.records, sent)

    def test_killed_and_started_again(self):
        """The file goes on behind its last whole line, with one header."""
        sensor = self.sensor("s0")
        sent = self.udp(1001)
        sensor.wait_for_packets(20)
        self.udp(1002)  # in the open window: goes with the process, but leaves no half line
        sensor.stop(signal.SIGKILL)
        with sensor.log.open("a") as log:
            log.write("2 123456789012 eni-0")  # as if it had been killed in the middle of a write
        again = self.sensor("s0")
        sent += self.udp(1003, 30)
        self.assert_good_end(again)
        got = {key: value for key, value in sums(again.records).items() if key[2] != "1002"}
        self.assertEqual(got, sent.table())

    def test_killed_while_it_writes_a_compressed_file(self):
        """What was pushed out at the end of a window can be read, and the file goes on."""
        log = self.folder / "flow.log.gz"
        sensor = self.sensor("s0", output=log)
        sent = self.udp(1001)
        time.sleep(2.5)
        sensor.stop(signal.SIGKILL)
        again = self.sensor("s0", output=log)
        sent += self.udp(1002, 30)
        self.assert_good_end(again)
        self.assert_sums(again.records, sent)

    def test_what_it_says_to_the_service_manager(self):
        sensor = self.sensor("s0")
        if not sensor.talks:
            self.skipTest("built without libsystemd")
        wait_for(lambda: "STATUS=" in sensor.notified(), "a status line")
        self.assert_good_end(sensor)
        self.assertIn("STOPPING=1", sensor.told)

    def test_the_account_so_far(self):
        sensor = self.sensor("s0")
        self.udp(1001, 25)
        time.sleep(1.5)
        sensor.send_signal(signal.SIGUSR1)
        wait_for(lambda: sensor.accounts, "the account")
        self.assertEqual((sensor.account["frames"], sensor.account["counted"]), (25, 25))
        self.udp(1001, 15)
        self.assert_good_end(sensor)
        self.assertEqual([account["frames"] for account in sensor.accounts], [25, 40])


class Hangup(LiveTest):
    def setUp(self):
        super().setUp()
        self.wire()

    def test_a_log_that_is_rotated_under_load(self):
        """Each packet is in one of the files, and once."""
        sensor = self.sensor("s0")
        sent = []
        sender = threading.Thread(target=lambda: sent.append(
            traffic.udp(self.host, HOST, 1001, self.peer, PEER, 9, 12000, pause=0.0002)))
        sender.start()
        moved = []
        while sender.is_alive():
            time.sleep(0.8)
            moved.append(self.folder / ("flow.log.%d" % len(moved)))
            sensor.log.rename(moved[-1])
            sensor.send_signal(signal.SIGHUP)
            wait_for(sensor.log.exists, "the new file")
        sender.join()
        self.assert_good_end(sensor)
        self.assertGreaterEqual(len(moved), 2)
        records = [record for log in [*moved, sensor.log] for record in read_log(log)]
        self.assert_sums(records, sent[0])
        self.assertEqual(sensor.account["frames"], 12000)

    def configured(self, text):
        return self.write("eniflow.conf", text)

    def test_a_changed_configuration(self):
        """What is asked anew counts from then on; devices that stay go on without a gap, others are taken up."""
        self.second_wire()
        path = self.configured("[eniflow]\ndevices = s0\n[defaults]\naccount-id = 111111111111\n")
        sensor = self.sensor("-c", path, fields="account-id " + " ".join(
            ("srcaddr dstaddr srcport dstport protocol packets bytes start end log-status").split()))
        sent = traffic.udp(self.host, HOST, 1001, self.peer, PEER, 9, 20)
        self.configured("[eniflow]\ndevices = s0 s1\n[defaults]\naccount-id = 222222222222\n")
        sensor.send_signal(signal.SIGHUP)
        sent += traffic.udp(self.host, HOST, 1002, self.peer, PEER, 9, 20)
        sensor.wait_until_watching(self.host, "s0", "s1")
        sensor.wait_for_records(lambda records: any(record["account-id"] == "222222222222" for record in records),
                                "the new account-id")
        sent += traffic.udp(self.host, HOST, 1003, self.peer, PEER, 9, 20)
        sent += traffic.udp(self.host, "10.0.2.1", 1004, self.peer, "10.0.2.2", 9, 20)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)
        ids = {record["srcport"]: record["account-id"] for record in with_data(sensor.records)}
        self.assertEqual((ids["1003"], ids["1004"]), ("222222222222", "222222222222"))

    def test_a_hangup_on_the_way_out(self):
        """It ends all the same, though what was asked for is another source."""
        path = self.configured("[eniflow]\nring-size = 2M\n")
        sensor = self.sensor("-c", path, "s0")
        sent = traffic.udp(self.host, HOST, 1001, self.peer, PEER, 9, 20)
        self.configured("[eniflow]\nring-size = 4M\n")
        sensor.send_signal(signal.SIGTERM)
        time.sleep(0.003)  # it has heard of that, and the ring is not empty yet
        sensor.send_signal(signal.SIGHUP)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)

    def test_a_changed_format(self):
        """Lines of another layout do not stand below the header of the one before."""
        path = self.configured("[eniflow]\nformat = srcaddr srcport packets start end log-status\n")
        log = self.folder / "formats.log"
        process = self.host.popen([self.program, "capture", "--user", "root", "--duration", 20, "-i", 1, "-c", path,
                                   "-o", log, "s0"], stderr=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        wait_for(lambda: log.exists() and "NODATA" in log.read_text(), "lines")
        self.configured("[eniflow]\nformat = srcport packets start end log-status\n")
        process.send_signal(signal.SIGHUP)
        time.sleep(2.5)
        process.terminate()
        self.assertEqual(process.wait(10), 0)
        for path, fields in ((self.folder / "formats.log.before-1", 6), (log, 5)):
            lines = path.read_text().splitlines()
            self.assertIn("log-status", lines[0])
            self.assertGreater(len(lines), 1)
            for line in lines:
                self.assertEqual(len(line.split()), fields, lines)

    def test_a_broken_configuration_is_refused(self):
        path = self.configured("[defaults]\naccount-id = 111111111111\n")
        sensor = self.sensor("-c", path, "s0")
        sent = traffic.udp(self.host, HOST, 1001, self.peer, PEER, 9, 20)
        self.configured("[defaults]\naccount-id = 222222222222\nacount-id = 3\n")
        sensor.send_signal(signal.SIGHUP)
        wait_for(lambda: "acount-id" in sensor.errors, "an error")
        self.assertIn("eniflow.conf:3", sensor.errors)
        time.sleep(1.2)
        sent += traffic.udp(self.host, HOST, 1002, self.peer, PEER, 9, 20)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)
        self.assertEqual({record["account-id"] for record in sensor.records}, {"111111111111"})


class Rights(LiveTest):
    def setUp(self):
        super().setUp()
        self.wire()

    def status_of(self, sensor):
        with open("/proc/%d/status" % sensor.process.pid) as file:
            return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)

    def test_an_ordinary_user_with_one_capability(self):
        """The way of `setcap cap_net_raw+ep`; the program is copied to where that user may read it."""
        program = shutil.copy(self.program, self.folder / "eniflow")
        sensor = Sensor(program, self.host, self.folder, "s0", become=(
            "setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--inh-caps", "-all,+net_raw",
            "--ambient-caps", "-all,+net_raw", "--bounding-set", "-all,+net_raw"))
        self.addCleanup(sensor.close)
        status = self.status_of(sensor)
        self.assertEqual(status["Uid"].split()[1], str(NOBODY))
        self.assertEqual(int(status["CapEff"], 16) & ~CAP_NET_RAW, 0)
        sent = traffic.echo(self.host, HOST, 1001, self.peer, PEER, 9, 20)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)

    def test_another_user_once_all_is_open(self):
        self.another_user("pcap", CAP_NET_RAW)

    def test_another_user_with_programs_in_the_kernel(self):
        if not has_programs(self.program):
            self.skipTest("built without eBPF")
        self.another_user("ebpf", CAP_BPF | CAP_NET_ADMIN | CAP_PERFMON)

    def another_user(self, backend, capabilities):
        if not is_built_with(self.program, "libcap-ng"):
            self.skipTest("built without libcap-ng")
        self.folder.joinpath("logs").mkdir()
        shutil.chown(self.folder / "logs", NOBODY)
        log = self.folder / "logs" / "flow.log"
        wire_too = self.second_wire()
        sensor = self.sensor("--backend", backend, "--user", "nobody", "s0", "s1", output=log)
        status = self.status_of(sensor)
        self.assertEqual(status["Uid"].split(), 4 * [str(NOBODY)])
        self.assertEqual(int(status["CapEff"], 16), capabilities)
        self.assertEqual(status["NoNewPrivs"], "1")
        sent = traffic.echo(self.host, HOST, 1001, self.peer, PEER, 9, 20)
        log.rename(log.with_suffix(".old"))
        sensor.send_signal(signal.SIGHUP)
        wait_for(log.exists, "the new file")
        wire_too.remove()  # a device can come back for a process without rights, too
        time.sleep(1)
        wire_too.make()
        sensor.wait_until_watching(self.host, "s1")
        sent += traffic.echo(self.host, "10.0.2.1", 1002, self.peer, "10.0.2.2", 9, 30)
        self.assert_good_end(sensor)
        self.assert_sums(read_log(log.with_suffix(".old")) + read_log(log), sent)

    def test_without_any_right(self):
        program = shutil.copy(self.program, self.folder / "eniflow")
        ran = self.host.popen(["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--inh-caps", "-all",
                               "--bounding-set", "-all", program, "capture", "--duration", LIFE, "s0"],
                              stdout=-1, stderr=-1, text=True)
        out, errors = ran.communicate(timeout=20)
        self.assertEqual((ran.returncode, out), (2, ""))
        self.assertIn("CAP_NET_RAW", errors)


if __name__ == "__main__":
    run()
