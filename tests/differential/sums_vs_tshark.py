#!/usr/bin/env python3
"""Holds what `eniflow read` writes against tshark's packets, summed here:

    sums_vs_tshark.py PROGRAM FILE...

For each file the records of a whole run, added up by 5-tuple, must have the packets, bytes and tcp-flags that tshark's frames add up
to, and the account must count as many frames. Pairs of addresses about which tshark does not tell all (see
decode_vs_tshark.py) are left out on both sides. Status 1: they differ. 77: there is no tshark."""

import collections, json, subprocess

from decode_vs_tshark import expected, main, tshark

COLUMNS = "srcaddr dstaddr srcport dstport protocol packets bytes tcp-flags log-status"


def read(program, path):
    """Sums by 5-tuple, and the account; None: it is no capture for us."""
    command = [program, "read", "-i", "86400", "--exclude", "none", "--summary", "json", "-f", COLUMNS, path]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode == 2:
        return None
    sums = collections.defaultdict(lambda: (0, 0, 0))
    for line in result.stdout.splitlines():
        *key, packets, size, flags, status = line.split(" ")
        if status == "OK":
            add(sums, tuple(key), int(packets), int(size), int(flags))
    return sums, json.loads(result.stderr.splitlines()[-1])


def add(sums, key, packets, size, flags):
    so_far = sums[key]
    sums[key] = (so_far[0] + packets, so_far[1] + size, so_far[2] | flags)


def theirs(frames):
    """The same from tshark's frames, how many of them are IP, and the pairs it does not tell all about."""
    sums, memory, untold, count = collections.defaultdict(lambda: (0, 0, 0)), {}, set(), 0
    for frame in frames:
        line = expected(frame, memory, [])
        if line is None:
            continue
        _, source, destination, sport, dport, protocol, size, flags, *_ = line
        count += 1
        if "None" in line:
            untold.add((source, destination))
        else:
            add(sums, (source, destination, sport, dport, protocol), 1, int(size), int(flags))
    return sums, count, untold


def compare(program, path):
    ours, (frames, whole) = read(program, path), tshark(path)
    if ours is None or not whole:
        print("%s: not compared, %s" % (path, "no capture" if ours is None else "damaged"))
        return 0
    (sums, account), (want, counted, untold), differences = ours, theirs(frames), []
    if account["frames"] != len(frames) or account["counted"] != counted:
        differences.append("%d frames, %d counted; tshark: %d, %d"
                           % (account["frames"], account["counted"], len(frames), counted))
    for key in sorted(set(sums) | set(want)):
        if key[:2] not in untold and sums[key] != want[key]:
            differences.append("%s: %s, tshark: %s (packets, bytes, tcp-flags)" % (" ".join(key), sums[key], want[key]))
    print("%s: %d flows, %d differences" % (path, len(want), len(differences)))
    for difference in differences:
        print("  " + difference)
    return len(differences)


main(__doc__, compare)
