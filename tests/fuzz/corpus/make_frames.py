#!/usr/bin/env python3
"""Makes the seeds of fuzz_decode: a frame or a few of every link type, header and tunnel that is decoded.

    tests/fuzz/corpus/make_frames.py      writes decode/ beside itself

The same bytes every time. How an input is laid out stands in fuzz_decode.c."""

import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
LINKS = dict((name, i) for i, name in enumerate(
    "null ethernet ppp raw-12 raw-14 ppp-hdlc raw c-hdlc wifi loop sll radiotap ipv4 ipv6 nflog sll2".split()))
VXLAN, GENEVE, GRE, BIG_ENDIAN = 1, 2, 4, 8

MAC_A, MAC_B, MAC_C = (bytes([2, 0, 0, 0, 0, n]) for n in (10, 11, 12))
IPV6_A, IPV6_B = (bytes.fromhex("20010db8") + bytes(11) + bytes([n]) for n in (1, 2))


def be16(*values):
    return struct.pack(">%dH" % len(values), *values)


def be32(*values):
    return struct.pack(">%dI" % len(values), *values)


# ---- IP and what is in it ----

def ipv4(protocol, load, total=None, fragment=0, identification=7, options=b"", last=2):
    words = (20 + len(options)) // 4
    header = bytes([0x40 | words, 0]) + be16(words * 4 + len(load) if total is None else total, identification, fragment)
    return header + bytes([64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, last]) + options + load


def ipv6(following, load, payload=None):
    length = len(load) if payload is None else payload
    return bytes([0x60, 0, 0, 0]) + be16(length) + bytes([following, 64]) + IPV6_A + IPV6_B + load


def udp(load=b"data", port=53):
    return be16(40000, port, 8 + len(load), 0) + load


def tcp(flags):
    return be16(40000, 443) + be32(1, 2) + bytes([0x50, flags, 0x20, 0, 0, 0, 0, 0])


def extension(following, words=0):
    return bytes([following, words, 1, 4, 0, 0, 0, 0]) + bytes(8 * words)


def fragment_header(following, offset, more, identification=7):
    return bytes([following, 0]) + be16(offset << 3 | more) + be32(identification)


UDP4, UDP6 = ipv4(17, udp()), ipv6(17, udp())


# ---- link layers ----

def ethernet(kind, load, destination=MAC_B):
    return destination + MAC_A + be16(kind) + load


def snap(kind, load, organisation=b"\0\0\0"):
    return b"\xaa\xaa\x03" + organisation + be16(kind) + load


def wifi(control, flags, load, fourth=b"", qos=b"", sequence=0x10):
    return bytes([control, flags, 0, 0]) + MAC_B + MAC_A + MAC_C + bytes([sequence, 0]) + fourth + qos + load


def nflog(family, kind, hook, load, order="<"):
    header = struct.pack(order + "HH", 8, 1) + be16(kind) + bytes([hook, 0])
    prefix = struct.pack(order + "HH", 7, 10) + b"ab\0\0"
    return bytes([family, 0, 0, 1]) + header + prefix + struct.pack(order + "HH", 4 + len(load), 9) + load


def cooked(packet_type, kind, load, hardware=1):
    return be16(packet_type, hardware, 6) + MAC_A + b"\0\0" + be16(kind) + load


def cooked2(packet_type, kind, load, hardware=1):
    return be16(kind, 0) + be32(3) + be16(hardware) + bytes([packet_type, 6]) + MAC_A + b"\0\0" + load


# ---- tunnels ----

def vxlan(load, flags=8):
    return udp(bytes([flags, 0, 0, 0]) + be32(7 << 8) + load, 4789)


def geneve(kind, load, options=0):
    return udp(bytes([options, 0]) + be16(kind) + be32(9 << 8) + bytes(4 * options) + load, 6081)


def gre(kind, load, flags=0):
    return be16(flags, kind) + bytes(4 * bin(flags & 0xB000).count("1")) + load


# ---- seeds ----

def frame(link, data, options=0, missing=0):
    return bytes([LINKS[link], options, missing]) + be16(len(data)) + data


def seeds():
    yield "ethernet", frame("ethernet", ethernet(0x800, UDP4)) + frame("ethernet", ethernet(0x86DD, UDP6, b"\xff" * 6))
    yield "arp", frame("ethernet", ethernet(0x806, bytes(28)))
    yield "vlan", frame("ethernet", ethernet(0x88A8, be16(5, 0x8100, 6, 0x9100, 7, 0x86DD) + UDP6))
    yield "mpls", frame("ethernet", ethernet(0x8847, be32(0x10040, 0x20140) + UDP4))
    yield "pppoe", frame("ethernet", ethernet(0x8864, b"\x11\0\0\1" + be16(34, 0x21) + UDP4))
    yield "snap", frame("ethernet", ethernet(40, snap(0x800, UDP4))) + frame("ethernet", ethernet(35, b"\6\6\3" + UDP4))
    yield "snap-in-vlan", frame("ethernet", ethernet(0x8100, be16(5, 40) + snap(0x8100, be16(5, 0x800) + UDP4, b"\0\0\xf8")))
    yield "spanning-tree", frame("ethernet", ethernet(38, b"\x42\x42\3" + bytes(35)))
    yield "null", frame("null", b"\2\0\0\0" + UDP4) + frame("null", b"\0\0\0\x1e" + UDP6)
    yield "loop", frame("loop", b"\0\0\0\2" + UDP4)
    yield "raw", frame("raw", UDP4) + frame("raw-12", UDP6) + frame("raw-14", b"\x50")
    yield "ip", frame("ipv4", UDP4) + frame("ipv6", UDP6) + frame("ipv4", UDP6)
    yield "ppp", frame("ppp", b"\xff\3\0\x21" + UDP4) + frame("ppp", b"\x57" + UDP6) + frame("ppp", b"\2\x81" + be32(0x140) + UDP4)
    yield "ppp-hdlc", frame("ppp-hdlc", b"\xff\3\0\x57" + UDP6) + frame("ppp-hdlc", b"\x0f\0\x08\0" + UDP4)
    yield "c-hdlc", frame("c-hdlc", b"\x8f\0\x86\xdd" + UDP6)
    yield "cooked", frame("sll", cooked(4, 0x800, UDP4)) + frame("sll", cooked(1, 4, snap(0x86DD, UDP6)))
    yield "cooked-2", frame("sll2", cooked2(0, 0x8100, be16(5, 0x800) + UDP4)) + frame("sll2", cooked2(2, 3, UDP4, 824))
    yield "wifi", frame("wifi", wifi(0x08, 0, snap(0x800, UDP4))) + frame("wifi", wifi(0x80, 0, bytes(12)))
    yield "wifi-long", frame("wifi", wifi(0x88, 0x83, snap(0x86DD, UDP6), MAC_A, bytes(6)))
    yield "wifi-unreadable", frame("wifi", wifi(0x88, 0, snap(0x800, UDP4), qos=b"\x80\0")) + frame(
        "wifi", wifi(8, 0x40, UDP4)) + frame("wifi", wifi(8, 4, UDP4, sequence=0x11))
    yield "radiotap", frame("radiotap", b"\0\0\x08\0" + bytes(4) + wifi(8, 1, snap(0x800, UDP4)))
    yield "radiotap-padded", frame("radiotap", b"\0\0\x19\0\3\0\0\x80" + bytes(16) + b"\x20" + wifi(
        0x88, 2, b"\0\0" + snap(0x800, UDP4), qos=b"\5\0"))
    yield "nflog", frame("nflog", nflog(2, 0x800, 1, UDP4)) + frame("nflog", nflog(10, 0x86DD, 3, UDP6, ">"), BIG_ENDIAN)
    yield "nflog-bridge", frame("nflog", nflog(7, 0x8100, 2, be16(5, 0x800) + UDP4)) + frame("nflog", nflog(3, 0x806, 0, b""))
    yield "tcp", frame("raw", ipv4(6, tcp(0x12))) + frame("raw", ipv6(6, tcp(0x15)))
    yield "ports", b"".join(frame("raw", ipv4(p, tcp(2))) for p in (1, 33, 132, 136, 50))
    yield "options", frame("raw", ipv4(17, udp(), options=b"\x94\4\0\0" * 10))
    yield "padding", frame("ethernet", ethernet(0x800, ipv4(6, b"", 20) + tcp(2)))
    yield "length-0", frame("ethernet", ethernet(0x800, ipv4(6, tcp(16), 0)), missing=255) + frame(
        "ethernet", ethernet(0x86DD, ipv6(0, extension(6) + tcp(16), 0)), missing=255) + frame("raw", ipv6(59, b"", 0))
    yield "malformed", frame("raw", b"\x44\0\0\x14") + frame("raw", ipv4(17, udp(), 19)) + frame("ethernet", ethernet(0x800, UDP6))
    yield "short", frame("ethernet", ethernet(0x800, UDP4)[:40], missing=1) + frame("raw", UDP4[:19]) + frame("raw", UDP6[:39])
    yield "extensions", frame("raw", ipv6(0, extension(60) + extension(43, 1) + extension(44, 2) + fragment_header(
        60, 0, 0) + extension(17) + udp()))
    yield "extensions-end", frame("raw", ipv6(0, extension(51) + extension(17))) + frame("raw", ipv6(60, extension(0)[:1]))
    yield "fragments", frame("raw", ipv4(17, udp(), fragment=0x2000)) + frame("raw", ipv4(17, udp(), fragment=3)) + frame(
        "raw", ipv4(17, udp(), fragment=3, last=3)) + frame("raw", ipv4(6, tcp(2), fragment=0x2000)) + frame(
        "raw", ipv4(17, udp(), fragment=5))
    yield "fragments-ipv6", frame("raw", ipv6(44, fragment_header(60, 0, 1) + extension(17) + udp())) + frame(
        "raw", ipv6(44, fragment_header(60, 3, 0) + bytes(8))) + frame("raw", ipv6(44, fragment_header(44, 0, 1) * 3))
    inner = ethernet(0x800, ipv4(17, udp(), last=9))
    yield "vxlan", frame("ethernet", ethernet(0x800, ipv4(17, vxlan(inner))), VXLAN) + frame("raw", ipv6(17, vxlan(inner, 0)), VXLAN)
    yield "geneve", frame("raw", ipv4(17, geneve(0x6558, inner, 2)), GENEVE) + frame("raw", ipv4(17, geneve(0x86DD, UDP6)), GENEVE)
    yield "gre", frame("raw", ipv4(47, gre(0x800, UDP4, 0xB000)), GRE) + frame("raw", ipv6(47, gre(0x6558, inner)), GRE)
    yield "gre-unreadable", frame("raw", ipv4(47, gre(0x800, UDP4, 0x4000)), GRE) + frame("raw", ipv4(47, gre(0x880B, b"", 1)), GRE)
    yield "tunnels-in-tunnels", frame("raw", ipv4(17, vxlan(ethernet(0x800, ipv4(47, gre(0x86DD, ipv6(17, geneve(
        0x800, ipv4(17, udp(), fragment=0x2000))), 0x2000))))), VXLAN | GENEVE | GRE)
    yield "tunnels-cut", frame("raw", ipv4(17, vxlan(inner))[:70], VXLAN, 2) + frame("raw", ipv4(47, gre(0x800, ipv4(
        6, tcp(2), 0)), 0), GRE, 9)


def main():
    folder = os.path.join(HERE, "decode")
    os.makedirs(folder, exist_ok=True)
    for name, data in seeds():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)


main()
