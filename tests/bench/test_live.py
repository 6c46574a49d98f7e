"""Do tests/bench/live and tests/bench/cost work? With little traffic and without peers. Status 77 where there can be no network namespaces.

    test_live.py PROGRAM TOOLS         TOOLS: the folder with bench_send and the rest"""

import os
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(1, str(HERE.parent / "live"))

import lab  # noqa: E402

SKIPPED = 77


class Command(unittest.TestCase):
    def run_bench(self, *options, command="live"):
        return subprocess.run([sys.executable, "-B", HERE / command, "--tools", TOOLS, *options, PROGRAM],
                              capture_output=True, text=True, check=False)

    def test_quick(self):
        ran = self.run_bench("--quick")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        for title in ("### Highest rate", "### Processor seconds", "| eniflow"):
            self.assertIn(title, ran.stdout)
        self.assertEqual(ran.stderr.count("eniflow at"), 2, ran.stderr)

    def test_what_is_unknown_is_refused(self):
        ran = self.run_bench("--peers", "wireshark")
        self.assertEqual(ran.returncode, 2)
        self.assertIn("wireshark", ran.stderr)

    def test_cost(self):
        backends = ["pcap", "packet"] + ["ebpf"] * (b"libbpf.so" in PROGRAM.read_bytes())
        ran = self.run_bench("--quick", "--meters", ",".join(backends), command="cost")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("10 flows\n", ran.stdout)
        self.assertIn("dropped by netfilter\n", ran.stdout)
        roomy, full = ran.stdout.split("a map that is full\n")  # where half may be lost
        self.assertEqual(len([line for line in full.splitlines() if line.startswith("| ebpf ")]), "ebpf" in backends)
        for name in ["nobody", *backends]:
            rows = [line.strip("| ").split("|") for line in roomy.splitlines() if line.startswith("| %s " % name)]
            self.assertGreaterEqual(len(rows), 2, ran.stdout)
            for row in rows:
                self.assertGreater(float(row[1]), 0, row)
                self.assertIn(row[6].strip(), ("0.0", "-"), row)

    def test_a_meter_that_is_unknown_is_refused(self):
        ran = self.run_bench("--meters", "wireshark", command="cost")
        self.assertEqual(ran.returncode, 2)
        self.assertIn("wireshark", ran.stderr)


if __name__ == "__main__":
    TOOLS = Path(sys.argv.pop()).resolve()
    PROGRAM = Path(sys.argv.pop()).resolve()
    why = lab.obstacle()
    if why:
        print("SKIP: " + why)
        sys.exit(1 if os.environ.get("CI") and os.geteuid() == 0 else SKIPPED)
    unittest.main()
