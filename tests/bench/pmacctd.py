"""Runs pmacctd on a capture so that all of it is metered. pmacctd begins to read while its plugin may not listen yet,
and ends with the file, whatever the plugin has not taken from their queue by then; both lose packets. So it is told to
begin later (pcap_savefile_delay) and to wait behind the end (pcap_savefile_wait), and is ended when it has been idle for
a while. Both waits are written to a file, in seconds, since they are not pmacctd's.

    pmacctd.py SETTINGS DELAY WAITED"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

WHILE = 3  # seconds
TICK = 0.2


def cpu_of(group):
    """Clock ticks that the processes of a group have used."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            ticks += sum(map(int, fields[11:15]))
    return ticks


def main(settings, delay, waited):
    group = os.getpgrp()
    started = subprocess.Popen(["pmacctd", "-f", settings])
    used, since = -1, time.monotonic() + float(delay)
    while started.poll() is None and time.monotonic() - since < WHILE:
        time.sleep(TICK)
        now = cpu_of(group) - sum(os.times()[:2]) * os.sysconf("SC_CLK_TCK")
        if now > used + 2:  # ticks: what the rounding of ours may be
            used, since = now, max(since, time.monotonic())
    Path(waited).write_text("%.3f\n" % (float(delay) + time.monotonic() - since))
    started.send_signal(signal.SIGINT)
    return started.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
