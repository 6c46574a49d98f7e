#!/usr/bin/env python3
"""Units, examples and what `cmake --install` puts where: test_packaging.py PROGRAM SOURCE BUILD [GROUP]

Nothing here needs a running systemd; its systemd-analyze judges files. Status 77 where it is missing or too old."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM, SOURCE, BUILD = (Path(argument).resolve() for argument in sys.argv[1:4])
UNITS = ("eniflow.service", "eniflow@.service")
OLDEST = 250  # the first whose `security` takes files: --offline
EXPOSURE = 2.0
SKIPPED = 77


def run(*command, **more):
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, **more)


def has(part):
    """Was the program built with that? As --version says."""
    return not re.search(r"(?m)^  %s +off" % part, run(PROGRAM, "--version").stdout)


def missing():
    """Why systemd-analyze cannot judge here, or None."""
    if not shutil.which("systemd-analyze"):
        return "there is no systemd-analyze"
    version = int(re.search(r"systemd (\d+)", run("systemd-analyze", "--version").stdout).group(1))
    return None if version >= OLDEST else "systemd-analyze is %d, older than %d" % (version, OLDEST)


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def assert_good(self, result):
        self.assertEqual(result.returncode, 0, result.stdout)


class Units(Folder):
    """The units, as they would be if the program of the build were installed."""

    def unit(self, name, edit=lambda text: text):
        text, count = re.subn(r"(?m)^ExecStart=\S+/eniflow ", "ExecStart=%s " % PROGRAM, (BUILD / "packaging" / name).read_text())
        self.assertEqual(count, 1)
        path = self.folder / name
        path.write_text(edit(text))
        return path

    def exposure(self, path):
        result = run("systemd-analyze", "security", "--no-pager", "--offline=true", path, env={**os.environ, "LC_ALL": "C.UTF-8"})
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", result.stdout)
        self.assertTrue(found, result.stdout)
        return float(found.group(1))

    def test_systemd_understands_all_of_them(self):
        for name in UNITS:
            with self.subTest(name):
                result = run("systemd-analyze", "verify", self.unit(name))
                self.assert_good(result)
                self.assertEqual(result.stdout, "")

    def test_a_word_that_it_does_not_know_is_found(self):
        result = run("systemd-analyze", "verify", self.unit(UNITS[0], lambda text: text.replace("ProtectHome", "ProtectHoem")))
        self.assertIn("ProtectHoem", result.stdout)

    def test_exposure(self):
        for name in UNITS:
            with self.subTest(name):
                self.assertLess(self.exposure(self.unit(name)), EXPOSURE)

    def test_without_its_user_it_would_be_exposed(self):
        bare = self.unit(UNITS[0], lambda text: re.sub(r"(?m)^(User|Group|CapabilityBoundingSet|SystemCallFilter)=.*\n", "", text))
        self.assertGreater(self.exposure(bare), EXPOSURE)

    def test_both_are_guarded_the_same(self):
        def guards(name):
            text = (BUILD / "packaging" / name).read_text()
            return [line for line in text.split("[Service]\n")[1].split("[Install]")[0].split("\n")
                    if line[:1] not in ("", "#") and not re.match(r"ExecStart|\w+Directory=", line)]

        self.assertEqual(guards(UNITS[0]), guards(UNITS[1]))
        self.assertIn("User=eniflow", guards(UNITS[0]))

    def test_what_eniflow_calls_is_let_through(self):
        """The unit's filter lies around eniflow's own (daemon/sandbox.c): what the inner one allows for is no use if the
        outer one refuses it."""
        sets, name = {}, None
        for line in run("systemd-analyze", "syscall-filter").stdout.split("\n"):
            if line.startswith("@"):
                name = line.split()[0]
            elif name and re.match(r"    [@\w]", line):
                sets.setdefault(name, []).append(line.strip())

        def calls(word):
            return set().union(*map(calls, sets[word])) if word.startswith("@") else {word}

        let_through = set()
        for line in re.findall(r"(?m)^SystemCallFilter=(.*)", (BUILD / "packaging" / UNITS[0]).read_text()):
            words = set().union(*map(calls, line.lstrip("~").split()))
            let_through = let_through - words if line.startswith("~") else let_through | words
        source = (SOURCE / "daemon/sandbox.c").read_text()
        wanted = set(re.findall(r'"(\w+)"', source.partition("allowed[] = {")[2].partition("#ifdef")[0]))
        self.assertIn("openat", wanted)
        wanted |= set(re.findall(r'allow_bits\(filter, "(bpf)"', source))
        self.assertIn("bpf", wanted)
        self.assertEqual(wanted - let_through, set())

    def test_there_is_room_for_a_thread_a_broker(self):
        """librdkafka has one for each broker of the cluster, and does without those that it cannot start."""
        for name in UNITS:
            most = int(re.search(r"(?m)^TasksMax=(\d+)$", (BUILD / "packaging" / name).read_text()).group(1))
            self.assertGreaterEqual(most, 128)

    def test_the_user_is_made(self):
        if not shutil.which("systemd-sysusers"):
            self.skipTest("there is no systemd-sysusers")
        (self.folder / "root").mkdir()
        result = run("systemd-sysusers", "--dry-run", "--root", self.folder / "root", SOURCE / "packaging/systemd/sysusers.conf")
        if "unrecognized option" in result.stdout:
            self.skipTest("systemd-sysusers has no --dry-run")
        self.assert_good(result)
        self.assertIn("eniflow", result.stdout)


class Install(Folder):
    def test_what_is_put_where(self):
        self.assert_good(run("cmake", "--install", BUILD, env={**os.environ, "DESTDIR": str(self.folder)}))
        found = {path.name: path for path in self.folder.rglob("*") if path.is_file()}
        for name in ("eniflow", "README.md", "lab.ini", "logrotate"):
            self.assertIn(name, found)
        if UNITS[0] not in found:
            self.skipTest("a build without libsystemd installs no units")
        for name in UNITS:
            started = re.search(r"(?m)^ExecStart=(\S+)", found[name].read_text()).group(1)
            self.assertEqual(self.folder / started[1:], found["eniflow"])
            self.assertEqual(found[name].parent.parts[-3:], ("lib", "systemd", "system"))
            self.assertNotRegex(found[name].read_text(), "@[A-Z_]+@")
        users = [path for path in self.folder.rglob("sysusers.d/eniflow.conf")]
        self.assertEqual(len(users), 1)


class Examples(Folder):
    def test_the_configuration_of_the_service_is_well(self):
        self.assert_good(run(PROGRAM, "capture", "-c", SOURCE / "packaging/examples/eniflow.conf", "--check-config"))

    def test_every_key_that_it_leaves_out_is_known_too(self):
        text = (SOURCE / "packaging/examples/eniflow.conf").read_text()
        head, _, tail = text.partition("[eniflow]\n")
        lines = re.findall(r"(?m)^; (\S+ = .*)$", tail.partition("[defaults]")[0])
        for key in "type", "per-hour-partition", "hive-compatible-partitions", "kafka.sasl.password", "anonymize":
            self.assertTrue(any(line.startswith(key + " = ") for line in lines), key)
        key = self.folder / "anonymize.key"
        key.write_text("5a" * 32)
        key.chmod(0o600)
        for line in (line.replace("/etc/eniflow/anonymize.key", str(key)) for line in lines):
            if "kafka" in line and not has("Kafka") or "anonymize" in line and not has("anonymising"):
                continue
            with self.subTest(line):
                alone = self.folder / "alone.conf"
                alone.write_text("[eniflow]\ndevices = eth0\n%s%s\n" % ("backend = nflog\n" if "nflog-" in line else "", line))
                self.assert_good(run(PROGRAM, "capture", "-c", alone, "--check-config"))

    def test_the_command_of_each_unit(self):
        for name in UNITS:
            command = re.search(r"(?m)^ExecStart=(.*)", (BUILD / "packaging" / name).read_text()).group(1)
            words = shlex.split(command.replace("/etc/eniflow", str(SOURCE / "packaging/examples")).replace("%i", "br-1.7"))
            with self.subTest(name):
                self.assert_good(run(PROGRAM, *words[1:], "--check-config"))

    def test_logrotate_understands_its_part(self):
        if not shutil.which("logrotate"):
            self.skipTest("there is no logrotate")
        rules = self.folder / "eniflow"
        rules.write_text((SOURCE / "packaging/examples/logrotate").read_text().replace("su eniflow eniflow", "su root root"))
        rules.chmod(0o644)
        result = run("logrotate", "--debug", "--state", self.folder / "state", rules)
        self.assert_good(result)
        self.assertNotIn("error", result.stdout)
        self.assertIn("/var/log/eniflow/*.log", result.stdout)


if __name__ == "__main__":
    if sys.argv[4:] == ["Units"] and missing():
        print("skipped: " + missing())
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
