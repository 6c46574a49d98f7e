"""Runs pmacctd on a capture until all of it is metered. pmacctd ends with its file, and what its plugin has not taken
from their queue by then is lost; so it is told to wait behind the end (pcap_savefile_wait) and ended when it has
been idle for a while. That while is written to a file, since it is not pmacctd's.

    pmacctd.py SETTINGS IDLE"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

WHILE = 3  # seconds; longer than the sleep with which pmacctd begins
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


def main(settings, note):
    group = os.getpgrp()
    started = subprocess.Popen(["pmacctd", "-f", settings])
    used, since = -1, time.monotonic()
    own = lambda: sum(os.times()[:2]) * os.sysconf("SC_CLK_TCK")
    while started.poll() is None and time.monotonic() - since < WHILE:
        time.sleep(TICK)
        now = cpu_of(group) - own()
        if now > used + 2:  # ticks: what the rounding of ours may be
            used, since = now, time.monotonic()
    Path(note).write_text("%.3f\n" % (time.monotonic() - since))
    started.send_signal(signal.SIGINT)
    return started.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
