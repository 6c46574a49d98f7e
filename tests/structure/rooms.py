#!/usr/bin/env python3
"""Holds the source to the house's plan: rooms.py [FOLDER]

- an #include points the right way: a room includes what RULES lets it, and nothing else;
- every .c has a header of its name beside it (main.c and programs of the kernel have none);
- every header has its include guard, ENIFLOW_ROOM_NAME_H.

Says each fault with its file and line; status 1 when there is one."""

import re
import sys
from pathlib import Path

# room: the rooms it may include, and the system headers it may include beyond libc's
RULES = {
    "flow": (["flow"], []),
    "aws": (["flow", "aws"], ["jansson.h"]),
    "bpf": (["bpf"], ["bpf/*.h", "linux/*.h"]),
    "capture": (["flow", "bpf", "capture"], ["bpf/*.h", "flows.skel.h", "pcap.h", "pcap/*.h", "zlib.h", "zstd*.h", "libmnl/libmnl.h", "linux/*.h", "linux/netfilter/*.h"]),
    "output": (["flow", "output"], ["librdkafka/rdkafka.h", "openssl/*.h", "snappy-c.h", "zlib.h", "zstd*.h"]),
    "logs": (["flow", "capture", "output", "logs"], ["jansson.h", "snappy-c.h", "zlib.h", "zstd*.h"]),
    "compare": (["flow", "capture", "output", "logs", "compare"], ["jansson.h"]),
    "daemon": (["flow", "daemon"], ["cap-ng.h", "linux/*.h", "microhttpd.h", "seccomp.h", "systemd/sd-daemon.h"]),
    "cli": (["flow", "aws", "capture", "output", "logs", "compare", "daemon", "cli"], ["ini.h"]),
}

LIBC = """
    assert.h ctype.h errno.h float.h inttypes.h limits.h locale.h math.h setjmp.h signal.h stdalign.h stdarg.h
    stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h stdnoreturn.h string.h threads.h time.h uchar.h wchar.h
    arpa/*.h dirent.h endian.h fcntl.h fnmatch.h getopt.h glob.h grp.h ifaddrs.h libgen.h net/*.h netdb.h netinet/*.h
    netpacket/*.h poll.h pthread.h pwd.h regex.h sched.h search.h spawn.h strings.h sys/*.h sysexits.h syslog.h
    termios.h unistd.h
""".split()

INCLUDE = re.compile(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def matches(header, patterns):
    return any(Path(header).match(pattern) and header.count("/") == pattern.count("/") for pattern in patterns)


def include_fault(root, room, quoted, system):
    """What is wrong with one #include in a file of `room`, or None."""
    rooms, libraries = RULES[room]
    if system:
        return None if matches(system, LIBC + libraries) else "<%s> is not for %s/" % (system, room)
    other = quoted.partition("/")[0]
    if other not in RULES or not (root / quoted).is_file():
        return '"%s" is no "room/file.h"' % quoted
    return None if other in rooms else '"%s" points against the order: %s/ includes %s only' % (
        quoted, room, ", ".join(rooms))


def guard_fault(room, path, text):
    guard = "ENIFLOW_%s_%s_H" % (room.upper(), re.sub(r"\W", "_", path.stem).upper())
    lines = re.sub(r"/\*.*?\*/", "", text, flags=re.S).split("\n")
    code = [line.strip() for line in lines if line.strip()]
    guarded = code[:2] == ["#ifndef " + guard, "#define " + guard] and code[-1] == "#endif"
    return None if guarded else "the include guard is not " + guard


def file_faults(root, room, path):
    text = path.read_text()
    for number, line in enumerate(text.split("\n"), 1):
        found = INCLUDE.match(line)
        fault = found and include_fault(root, room, *found.groups())
        if fault:
            yield number, fault
    if path.suffix == ".h":
        fault = guard_fault(room, path, text)
        if fault:
            yield 1, fault
    elif path.name != "main.c" and not path.name.endswith(".bpf.c") and not path.with_suffix(".h").exists():
        yield 1, "there is no %s beside it" % path.with_suffix(".h").name


def faults(root):
    for room in RULES:
        for path in sorted((root / room).glob("*.[ch]")):
            for number, fault in file_faults(root, room, path):
                yield "%s/%s:%d: %s" % (room, path.name, number, fault)


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    empty = [room for room in RULES if not list((root / room).glob("*.h"))]
    found = ["%s: a room without headers" % room for room in empty] + list(faults(root))
    print("\n".join(found) or "every include points the right way")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
