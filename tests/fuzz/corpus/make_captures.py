#!/usr/bin/env python3
"""Makes the seeds of fuzz_pcap and fuzz_pcapng: small captures of everything the two formats have, whole and broken.

    tests/fuzz/corpus/make_captures.py      writes pcap/ and pcapng/ beside itself

The same bytes every time."""

import gzip
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FRAME = bytes.fromhex("020000000001020000000002080045000020000100004011f9c90a0000010a00000203e90009000c0000") + b"\0" * 4


class Order:
    """Numbers in one byte order."""

    def __init__(self, sign):
        self.sign = sign

    def u16(self, *values):
        return struct.pack("%s%dH" % (self.sign, len(values)), *values)

    def u32(self, *values):
        return struct.pack("%s%dI" % (self.sign, len(values)), *values)

    def u64(self, *values):
        return struct.pack("%s%dQ" % (self.sign, len(values)), *values)


LITTLE, BIG = Order("<"), Order(">")


# ---- classic ----

def header(o, magic=0xA1B2C3D4, link=1, version=(2, 4)):
    return o.u32(magic) + o.u16(*version) + o.u32(0, 0, 65535, link)


def record(o, seconds, frame=FRAME, original=None, fraction=5, extra=b""):
    return o.u32(seconds, fraction, len(frame), len(frame) if original is None else original) + extra + frame


def pcaps():
    for name, o in (("little", LITTLE), ("big", BIG)):
        yield "micro-" + name, header(o) + record(o, 1600000000) + record(o, 1600000001, FRAME[:20], 46)
        yield "nano-" + name, header(o, 0xA1B23C4D, 101) + record(o, 1600000000, FRAME[14:])
        yield "kuznetzov-" + name, header(o, 0xA1B2CD34) + record(o, 1600000000, extra=o.u32(2, 0x08000400)) * 2
    whole = header(LITTLE) + record(LITTLE, 1) + record(LITTLE, 2)
    yield "empty", b""
    yield "no-frames", header(LITTLE)
    yield "cut-in-header", whole[:17]
    yield "cut-in-record-header", whole[:-55]
    yield "cut-in-frame", whole[:-9]
    yield "original-too-short", header(LITTLE) + record(LITTLE, 1, original=3)
    yield "length-at-the-bound", header(LITTLE) + LITTLE.u32(1, 0, 262144, 262144) + FRAME
    yield "length-insane", header(LITTLE) + record(LITTLE, 1) + LITTLE.u32(1, 0, 0xFFFFFFFF, 60) + FRAME
    yield "link-type-with-fcs", header(LITTLE, link=0x24000001) + record(LITTLE, 1)
    yield "link-type-unsupported", header(LITTLE, link=147) + record(LITTLE, 1)
    yield "version-3", header(LITTLE, version=(3, 0)) + record(LITTLE, 1)
    yield "snoop", b"snoop\0\0\0" + BIG.u32(2, 4)
    yield "flow-log", b"2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249\n"
    yield "gzip", gzip.compress(whole, mtime=0)
    yield "gzip-members", gzip.compress(whole[:40], mtime=0) + gzip.compress(whole[40:], mtime=0) + b"\0" * 9
    yield "gzip-cut", gzip.compress(whole, mtime=0)[:-6]


# ---- pcapng ----

def block(o, kind, body):
    body += b"\0" * (-len(body) % 4)
    length = o.u32(12 + len(body))
    return o.u32(kind) + length + body + length


def option(o, code, value):
    return o.u16(code, len(value)) + value + b"\0" * (-len(value) % 4)


def section(o, options=b""):
    return block(o, 0x0A0D0D0A, o.u32(0x1A2B3C4D) + o.u16(1, 0) + o.u64(2**64 - 1) + options)


def interface(o, link=1, snaplen=0, options=b""):
    return block(o, 1, o.u16(link, 0) + o.u32(snaplen) + options)


def packet(o, number, time, frame=FRAME, options=b""):
    padding = b"\0" * (-len(frame) % 4)
    return block(o, 6, o.u32(number, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame)) + frame + padding + options)


def obsolete(o, number, drops, time, frame=FRAME, options=b""):
    padding = b"\0" * (-len(frame) % 4)
    head = o.u16(number, drops) + o.u32(time >> 32, time & 0xFFFFFFFF, len(frame), len(frame))
    return block(o, 2, head + frame + padding + options)


def simple(o, original, frame=FRAME):
    return block(o, 3, o.u32(original) + frame)


def statistics(o, number, ifdrop, osdrop):
    return block(o, 5, o.u32(number, 0, 0) + option(o, 5, o.u64(ifdrop)) + option(o, 7, o.u64(osdrop)) + o.u32(0))


def pcapngs():
    t = 1600000000 * 10**6
    for name, o in (("little", LITTLE), ("big", BIG)):
        named = option(o, 2, b"eth0") + option(o, 3, b"uplink") + option(o, 12, b"Linux") + o.u32(0)
        yield "packets-" + name, section(o) + interface(o, options=named) + packet(o, 0, t) + packet(o, 0, t + 5)
        yield "options-" + name, section(o, option(o, 4, b"eniflow")) + interface(o) + packet(
            o, 0, t, options=option(o, 2, o.u32(1)) + option(o, 4, o.u64(12)) + o.u32(0)
        ) + packet(o, 0, t, FRAME[:33], option(o, 2, o.u32(2)))
        yield "simple-" + name, section(o) + interface(o, 1, 30) + packet(o, 0, t) + simple(o, 46, FRAME[:32])
        yield "obsolete-" + name, section(o) + interface(o) + obsolete(o, 0, 3, t) + obsolete(
            o, 0, 0xFFFF, t, FRAME[:5], option(o, 2, o.u32(2)))
        yield "statistics-" + name, section(o) + interface(o) * 2 + statistics(o, 0, 10, 42) + packet(
            o, 1, t) + statistics(o, 0, 11, 42) + statistics(o, 1, 2**64 - 1, 7) + statistics(o, 0, 3, 1)
    o = LITTLE
    resolutions = (0, 3, 9, 12, 29, 127, 0x80, 0x8A, 0xBF, 0xFF)
    yield "resolutions", section(o) + b"".join(
        interface(o, options=option(o, 9, bytes([r])) + option(o, 14, o.u64(2**64 - 5))) for r in resolutions
    ) + b"".join(packet(o, i, 2**40 + i, FRAME[:14]) for i in range(len(resolutions)))
    yield "sections", section(o) + interface(o) + packet(o, 0, t) + section(BIG) + interface(BIG, 101) + packet(
        BIG, 0, t, FRAME[14:]) + section(o) + packet(o, 0, t)
    yield "link-types", section(o) + interface(o, 147) + interface(o, 101) + packet(o, 0, t) + packet(o, 1, t, FRAME[14:])
    yield "unknown-blocks", section(o) + block(o, 4, b"names") + interface(o) + block(o, 0x40000BAD, b"x" * 99) + packet(o, 0, t)
    yield "broken-blocks", section(o) + block(o, 1, b"") + interface(o) + packet(o, 7, t) + block(o, 6, b"short") + block(
        o, 6, o.u32(1, 0, 0, 400, 400)) + block(o, 5, o.u32(1, 0, 0, 0x00080005)) + packet(o, 1, t, options=o.u32(0x00080004))
    for name, head in (
        ("length-too-short", o.u32(6, 8)), ("length-odd", o.u32(6, 33)), ("length-too-long", o.u32(6, 2**31)),
        ("unknown-too-long", o.u32(77, 2**32 - 4)), ("lengths-differ", o.u32(6, 32)),
    ):
        yield name, section(o) + interface(o) + packet(o, 0, t) + head + b"\0" * 40
    yield "captured-insane", section(o) + interface(o) + block(o, 6, o.u32(0, 0, 0, 2**31, 60) + FRAME)
    yield "time-out-of-range", section(o) + interface(o) + packet(o, 0, 2**64 - 1) + packet(o, 0, t)
    yield "cut-in-block", (section(o) + interface(o) + packet(o, 0, t))[:-11]
    yield "cut-in-section", section(o)[:15]
    yield "magic-unknown", section(o)[:8] + b"\1\2\3\4" + section(o)[12:]
    yield "gzip", gzip.compress(section(o) + interface(o) + packet(o, 0, t), mtime=0)


def main():
    for folder, files in (("pcap", pcaps()), ("pcapng", pcapngs())):
        os.makedirs(os.path.join(HERE, folder), exist_ok=True)
        for name, content in files:
            with open(os.path.join(HERE, folder, name), "wb") as out:
                out.write(content)


if __name__ == "__main__":
    sys.exit(main())
