#!/usr/bin/env python3
"""Makes the captures of edge/: what no real stack sends, and files that no real program writes.

    generate.py            writes them
    generate.py --check    says which differ from what would be written; status 1 when one does

Every capture is a function below. Its frames are built from plain parts (ethernet(), ipv4(), tcp() ...), so that a
byte that is wrong is wrong on purpose. Times and ports count up from TIME and PORT to tell the frames apart."""

import gzip
import struct
import sys
from pathlib import Path

EDGE = Path(__file__).resolve().parent / "edge"
TIME = 1600000020  # 20 s into a minute
PORT = 1001
NS = 10 ** 9
A, B = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))
A6, B6 = (bytes.fromhex("20010db8" + "00" * 11) + bytes((n,)) for n in (1, 2))
MAC_A, MAC_B = bytes.fromhex("0200000000aa"), bytes.fromhex("0200000000bb")
IP4, IP6 = 0x0800, 0x86DD
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << n for n in range(8))
UDP, TCP, ICMP = 17, 6, 1

CAPTURES = {}


def capture(name):
    """Registers a function that returns the bytes of edge/NAME."""
    def register(function):
        CAPTURES[name] = function
        return function
    return register


# --- headers

def ethernet(payload, kind=IP4, tags=b""):
    return MAC_B + MAC_A + tags + struct.pack("!H", kind) + payload


def ipv4(payload, protocol=UDP, length=None, header=5, version=4, ident=0, fragment=0, options=b"", pair=(A, B)):
    """`fragment`: the 16 bits of flags and offset. Lengths are right unless given."""
    length = 20 + len(options) + len(payload) if length is None else length
    header += len(options) // 4
    return struct.pack("!BBHHHBBH4s4s", version << 4 | header, 0, length, ident, fragment, 64, protocol, 0,
                       *pair) + options + payload


def ipv6(payload, protocol=UDP, length=None, version=6, pair=(A6, B6)):
    length = len(payload) if length is None else length
    return struct.pack("!IHBB16s16s", version << 28, length, protocol, 64, *pair) + payload


def udp(source, target=9, payload=b"data"):
    return struct.pack("!HHHH", source, target, 8 + len(payload), 0) + payload


def tcp(source, target=80, flags=SYN, payload=b""):
    return struct.pack("!HHIIBBHHH", source, target, 0, 0, 5 << 4, flags, 0, 0, 0) + payload


def icmp(kind=8):
    return struct.pack("!BBHHH", kind, 0, 0, 7, 1)


def extension(following, body=b"", words=0):
    """An IPv6 hop-by-hop, routing or destination header of 8 * (words + 1) bytes."""
    return struct.pack("!BB", following, words) + (body + b"\0" * (8 * words + 6))[:8 * words + 6]


def fragment6(following, offset, more, ident):
    return struct.pack("!BBHI", following, 0, offset << 3 | more, ident)


def vlan(kind, number):
    return struct.pack("!HH", kind, number)


def vxlan(inner, flags=8, vni=77):
    return udp(50000, 4789, struct.pack("!BxxxI", flags, vni << 8) + inner)


def geneve(inner, kind=0x6558, version=0, options=b"", vni=78):
    return udp(50000, 6081, struct.pack("!BBHI", version << 6 | len(options) // 4, 0, kind, vni << 8) + options + inner)


def gre(inner, kind=IP4, flags=0, fields=b""):
    return struct.pack("!HH", flags, kind) + fields + inner


# --- files

def pcap(frames, link=1, magic=0xA1B2C3D4, order="<", snap=262144):
    """Classic. A frame is bytes, or (bytes, {seconds, fraction, captured, original})."""
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link)
    for number, frame in enumerate(frames):
        data, said = frame if isinstance(frame, tuple) else (frame, {})
        out += struct.pack(order + "IIII", said.get("seconds", TIME + number), said.get("fraction", 0),
                           said.get("captured", len(data)), said.get("original", len(data)))
        out += said.get("extra", b"") + data
    return out


class Pcapng:
    """One section; add sections by joining the bytes of several."""

    def __init__(self, order="<"):
        self.order = order
        self.out = self.block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))

    def block(self, kind, body):
        body += b"\0" * (-len(body) % 4)
        length = struct.pack(self.order + "I", 12 + len(body))
        return struct.pack(self.order + "I", kind) + length + body + length

    def options(self, options):
        out = b""
        for code, value in options:
            out += struct.pack(self.order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)
        return out + (struct.pack(self.order + "HH", 0, 0) if options else b"")

    def number(self, kind, value):
        return struct.pack(self.order + kind, value)

    def add(self, kind, body):
        self.out += self.block(kind, body)
        return self

    def interface(self, link=1, name=None, resolution=None, offset=None, snap=262144):
        options = [(2, name.encode())] if name else []
        options += [(9, bytes((resolution,)))] if resolution is not None else []
        options += [(14, self.number("q", offset))] if offset is not None else []
        return self.add(1, struct.pack(self.order + "HHI", link, 0, snap) + self.options(options))

    def enhanced(self, data, ticks, interface=0, flags=None, dropped=None, original=None):
        options = [(2, self.number("I", flags))] if flags is not None else []
        options += [(4, self.number("Q", dropped))] if dropped is not None else []
        head = struct.pack(self.order + "IIIII", interface, ticks >> 32 & 0xFFFFFFFF, ticks & 0xFFFFFFFF, len(data),
                           len(data) if original is None else original)
        return self.add(6, head + data + b"\0" * (-len(data) % 4) + self.options(options))

    def simple(self, data, original=None):
        return self.add(3, self.number("I", len(data) if original is None else original) + data)

    def obsolete(self, data, ticks, interface=0, dropped=0xFFFF):
        return self.add(2, struct.pack(self.order + "HHIIII", interface, dropped, ticks >> 32, ticks & 0xFFFFFFFF,
                                       len(data), len(data)) + data)

    def statistics(self, ticks, interface=0, if_drop=None, os_drop=None):
        options = [(5, self.number("Q", if_drop))] if if_drop is not None else []
        options += [(7, self.number("Q", os_drop))] if os_drop is not None else []
        return self.add(5, struct.pack(self.order + "III", interface, ticks >> 32, ticks & 0xFFFFFFFF)
                        + self.options(options))


def numbered(makers):
    """Calls each maker with a port of its own."""
    return [make(PORT + number) for number, make in enumerate(makers)]


# --- packets that no stack sends

@capture("tcp-flags.pcap")
def tcp_flags():
    """All 256 combinations of the eight flags, each from a port of its own, within half a minute."""
    return pcap([(ethernet(ipv4(tcp(PORT + flags, flags=flags), TCP)), {"seconds": TIME + flags // 8})
                 for flags in range(256)])


@capture("tcp-flags-added.pcap")
def tcp_flags_added():
    """SYN in one packet and ACK in the next are not SYN-ACK; flags of a flow add up; a window forgets them."""
    flow = [SYN, ACK, ACK | PSH, FIN | ACK, RST]
    return pcap([ethernet(ipv4(tcp(PORT, flags=flags), TCP)) for flags in flow]
                + [(ethernet(ipv4(tcp(PORT, flags=ACK), TCP)), {"seconds": TIME + 60})])


@capture("protocols.pcap")
def protocols():
    """Protocols with ports (TCP, UDP, DCCP, SCTP, UDP-Lite) and some without."""
    return pcap([ethernet(ipv4(struct.pack("!HH", PORT + number, 9) + b"\0" * 16, number))
                 for number in (0, 1, 2, 4, 6, 17, 33, 41, 47, 50, 51, 58, 89, 103, 112, 132, 136, 255)]
                + [ethernet(ipv4(b"", number)) for number in (6, 17, 132)])


@capture("fragments.pcap")
def fragments():
    """Overlaps, repeats, a later fragment before its first, a first of 8 bytes, the same identification for others."""
    more = 0x2000
    later = b"x" * 24
    return pcap([
        ethernet(ipv4(udp(PORT)[:8] + later, ident=1, fragment=more)),
        ethernet(ipv4(later, ident=1, fragment=2)),                      # overlaps the first
        ethernet(ipv4(later, ident=1, fragment=2)),                      # again
        ethernet(ipv4(udp(PORT + 1)[:8] + later, ident=1, fragment=more)),  # another first, same identification
        ethernet(ipv4(later, ident=1, fragment=4)),                      # belongs to the newest
        ethernet(ipv4(later, ident=2, fragment=4)),                      # its first comes next
        ethernet(ipv4(udp(PORT + 2)[:8], ident=2, fragment=more)),
        ethernet(ipv4(later, TCP, ident=2, fragment=4)),                 # another protocol: no first
        ethernet(ipv4(later, ident=2, fragment=4, pair=(B, A))),         # the other direction: no first
        ethernet(ipv4(tcp(PORT + 3)[:8], TCP, ident=3, fragment=more)),  # the flags are in the next fragment
        ethernet(ipv4(tcp(PORT + 3)[8:], TCP, ident=3, fragment=1)),
        ethernet(ipv4(b"", ident=4, fragment=0x1FFF)),                   # the last place there is, and empty
        ethernet(ipv4(udp(PORT + 4), ident=5, fragment=0x4000)),         # do not fragment: none
    ])


@capture("fragments-ipv6.pcap")
def fragments_ipv6():
    """Atomic fragments, headers before and behind the fragment header, a later fragment without its first."""
    body = udp(PORT, payload=b"x" * 24)

    def frame(payload, first=44):
        return ethernet(ipv6(payload, first), IP6)

    return pcap([
        frame(fragment6(UDP, 0, 0, 1) + udp(PORT)),                       # atomic
        frame(fragment6(UDP, 0, 1, 2) + udp(PORT + 1) + b"xxxx"),
        frame(fragment6(UDP, 2, 0, 2) + body),
        frame(extension(44) + fragment6(60, 0, 1, 3) + extension(UDP) + udp(PORT + 2), 0),
        frame(extension(44) + fragment6(60, 3, 0, 3) + body, 0),          # of the one before
        frame(fragment6(UDP, 3, 0, 99) + body),                           # no first
        frame(fragment6(UDP, 0, 1, 4)[:6]),                               # the header is not all there
    ])


@capture("ipv6-extensions.pcap")
def ipv6_extensions():
    """Chains that are walked, that end early, that are cut off."""
    hop, routing, options, nothing, ah, mobility = 0, 43, 60, 59, 51, 135

    def frame(payload, first, **said):
        return ethernet(ipv6(payload, first, **said), IP6)

    return pcap([
        frame(extension(routing) + extension(options) + extension(UDP) + udp(PORT), hop),
        frame(extension(TCP, words=30) + tcp(PORT + 1), options),
        frame(extension(options) * 20 + extension(58) + icmp(128), options),
        frame(b"", nothing, length=0),
        frame(extension(nothing) + b"rest", hop),
        frame(extension(UDP) + udp(PORT + 2), ah),
        frame(extension(UDP) + udp(PORT + 3), mobility),
        frame(extension(UDP, words=255) [:40], hop),  # longer than the packet
        frame(extension(UDP)[:1], hop),               # its length is not there
        frame(extension(hop) + extension(UDP) + udp(PORT + 4), hop),
    ])


@capture("zero-length.pcap")
def zero_length():
    """Length fields of 0 (segmentation offload, jumbograms) and Ethernet padding."""
    big = tcp(PORT, flags=ACK, payload=b"x" * 2000)
    padding = b"\0" * 18
    return pcap([
        ethernet(ipv4(big, TCP, length=0)),
        ethernet(ipv6(big, TCP, length=0), IP6),
        ethernet(ipv4(big, TCP, length=0), tags=vlan(0x8100, 5)),
        (ethernet(ipv4(big, TCP, length=0))[:80], {"original": 66000}),
        ethernet(ipv6(b"", 59, length=0) + padding, IP6),  # no next header: really nothing
        ethernet(ipv4(udp(PORT + 1, payload=b"")) + padding),
        ethernet(ipv4(b"", UDP) + udp(PORT + 2)),          # ports stand in the padding: not the packet's
    ])


@capture("malformed.pcap")
def malformed():
    """IP headers that contradict themselves; two that do not, for the difference."""
    good = udp(PORT)
    return pcap([
        ethernet(ipv4(good, version=5)),
        ethernet(ipv4(good, version=6)),
        ethernet(ipv6(good, version=4), IP6),
        ethernet(ipv4(good, header=4)),
        ethernet(ipv4(good, header=0)),
        ethernet(ipv4(good, length=19)),
        ethernet(ipv4(good, length=20, options=b"\1" * 4)),  # shorter than the header with its options
        ethernet(ipv4(good, length=20)),                     # a header alone: fine
        ethernet(ipv4(good, length=65535)),                  # says more than there is: believed
        ethernet(b"\x45")[:15],                              # cut off
        ethernet(b"\x44")[:15],                              # cut off, and malformed already
        ethernet(b""),
    ])


@capture("truncated.pcap")
def truncated():
    """A TCP packet over IPv4 with options, and one over IPv6 with an extension, captured to every length."""
    four = ethernet(ipv4(tcp(PORT), TCP, options=b"\1" * 4))
    six = ethernet(ipv6(extension(TCP) + tcp(PORT + 1), 0), IP6)
    return pcap([(frame[:length], {"original": len(frame), "seconds": TIME})
                 for frame in (four, six) for length in range(len(frame) + 1)])


@capture("ethernet.pcap")
def ethernet_layers():
    """Tags, labels, PPPoE, LLC and SNAP; then what carries no IP."""
    def label(number, bottom):
        return struct.pack("!I", number << 12 | bottom << 8 | 64)

    def pppoe(payload, kind, code=0):
        return struct.pack("!BBHHH", 0x11, code, 1, len(payload) + 2, kind) + payload

    def length_frame(payload):
        return MAC_B + MAC_A + struct.pack("!H", len(payload)) + payload

    carried = numbered([
        lambda port: ethernet(ipv4(udp(port)), tags=vlan(0x8100, 5)),
        lambda port: ethernet(ipv4(udp(port)), tags=vlan(0x88A8, 5) + vlan(0x8100, 6)),
        lambda port: ethernet(ipv4(udp(port)), tags=vlan(0x9100, 5) + vlan(0x8100, 6) * 6),
        lambda port: ethernet(label(16, 1) + ipv4(udp(port)), 0x8847),
        lambda port: ethernet(label(16, 0) + label(17, 0) + label(18, 1) + ipv6(udp(port)), 0x8847),
        lambda port: ethernet(pppoe(ipv4(udp(port)), 0x0021), 0x8864),
        lambda port: ethernet(pppoe(ipv6(udp(port)), 0x0057), 0x8864, vlan(0x8100, 5)),
        lambda port: length_frame(bytes.fromhex("aaaa03000000") + struct.pack("!H", IP4) + ipv4(udp(port))),
    ])
    return pcap(carried + [
        ethernet(label(16, 1) + b"\0\0\0\0" + ethernet(ipv4(udp(1))), 0x8847),  # a pseudowire
        ethernet(pppoe(b"\1\1\0\4", 0xC021), 0x8864),                           # PPP's own
        length_frame(bytes.fromhex("424203") + b"\0" * 35),                     # spanning tree
        ethernet(b"\0\1\x08\0\6\4\0\1" + MAC_A + A + b"\0" * 6 + B, 0x0806),    # ARP
        ethernet(b"\0" * 46, 0x88CC),
        ethernet(b"", 0x8100),                                                  # the tag is cut off
        MAC_B + MAC_A,                                                          # so is the type
    ])


@capture("tunnels.pcap")
def tunnels():
    """VXLAN, GENEVE and GRE, also in one another, and those that cannot be opened."""
    def inner(port):
        return ethernet(ipv4(udp(port), pair=(bytes((10, 9, 0, 1)), bytes((10, 9, 0, 2)))))

    def inner_ip(port):
        return inner(port)[14:]

    checksum, key, sequence, routing = 0x8000, 0x2000, 0x1000, 0x4000
    outer = numbered([
        lambda port: ipv4(vxlan(inner(port))),
        lambda port: ipv4(vxlan(ethernet(ipv4(vxlan(inner(port)))))),
        lambda port: ipv4(geneve(inner(port), options=b"\0" * 8)),
        lambda port: ipv4(geneve(inner_ip(port), IP4)),
        lambda port: ipv4(gre(inner_ip(port)), 47),
        lambda port: ipv4(gre(inner(port), 0x6558, checksum | key | sequence, b"\0" * 12), 47),
        lambda port: ipv4(vxlan(ethernet(ipv4(gre(ipv6(geneve(inner(port))), IP6), 47)))),
        lambda port: ipv4(vxlan(inner(port), flags=0)),          # no I bit
        lambda port: ipv4(geneve(inner(port), version=1)),
        lambda port: ipv4(gre(inner_ip(port), flags=1), 47),     # version 1
        lambda port: ipv4(gre(inner_ip(port), flags=routing), 47),
        lambda port: ipv4(vxlan(ethernet(b"\0" * 28, 0x0806))),  # ARP inside
        lambda port: ipv4(vxlan(inner(port)[:20])),
        lambda port: ipv4(gre(inner_ip(port)), 47, ident=port, fragment=0x2000),
        lambda port: ipv4(vxlan(inner(port) + b"padding"), pair=(B, A)),
    ])
    return pcap([ethernet(packet) for packet in outer])


# --- link types

def sll(kind, packet_type):
    return struct.pack("!HHH8sH", packet_type, 1, 6, MAC_A + b"\0\0", kind)


def sll2(kind, packet_type):
    return struct.pack("!HHIHBB8s", kind, 0, 3, 1, packet_type, 6, MAC_A + b"\0\0")


def nflog(payload, family, hook):
    def attribute(kind, value):
        return struct.pack("<HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)
    return struct.pack("!BBH", family, 0, 5) + attribute(1, struct.pack("!HBx", IP4, hook)) + attribute(9, payload)


def wifi(payload, control=0x0108, qos=b""):
    """An 802.11 data frame to the distribution system, with LLC and SNAP."""
    return (struct.pack("<HH", control, 0) + MAC_B + MAC_A + MAC_B + b"\0\0" + qos
            + bytes.fromhex("aaaa03000000") + struct.pack("!H", IP4) + payload)


RADIOTAP = struct.pack("<BxHI", 0, 8, 0)


def null(family, order="<"):
    return struct.pack(order + "I", family)


LINKS = {  # name: number, and the frames: an IPv4 and where there is one an IPv6 packet, then the odd ones
    "null": (0, lambda p: [null(2) + ipv4(p(0)), null(24) + ipv6(p(1)), null(30, ">") + ipv6(p(2)), null(7) + b"\0" * 20]),
    "ethernet": (1, lambda p: [ethernet(ipv4(p(0))), ethernet(ipv6(p(1)), IP6)]),
    "ppp": (9, lambda p: [b"\xff\x03\0\x21" + ipv4(p(0)), b"\0\x57" + ipv6(p(1)), b"\x21" + ipv4(p(2)),
                          b"\x0f\0\x08\0" + ipv4(p(3)), b"\xff\x03\xc0\x21\1\1\0\4"]),
    "raw-12": (12, lambda p: [ipv4(p(0)), ipv6(p(1)), b"\x50" + b"\0" * 40]),
    "raw-14": (14, lambda p: [ipv4(p(0)), ipv6(p(1))]),
    "ppp-serial": (50, lambda p: [b"\xff\x03\0\x21" + ipv4(p(0)), b"\xff\x03\0\x57" + ipv6(p(1)),
                                  b"\x8f\0\x08\0" + ipv4(p(2))]),
    "raw": (101, lambda p: [ipv4(p(0)), ipv6(p(1)), b""]),
    "hdlc": (104, lambda p: [b"\x0f\0\x08\0" + ipv4(p(0)), b"\x8f\0\x86\xdd" + ipv6(p(1)), b"\x8f\0\x80\x35" + b"\0" * 18]),
    "wifi": (105, lambda p: [wifi(ipv4(p(0))), wifi(ipv4(p(1)), 0x0188, b"\0\0"), wifi(ipv4(p(2)), 0x4108),
                             wifi(ipv4(p(3)), 0x0188, b"\x80\0"), struct.pack("<H", 0x0080) + b"\0" * 34]),
    "loop": (108, lambda p: [null(2, ">") + ipv4(p(0)), null(28, ">") + ipv6(p(1))]),
    "cooked": (113, lambda p: [sll(IP4, kind) + ipv4(p(kind)) for kind in range(5)] + [sll(IP6, 4) + ipv6(p(5))]),
    "radiotap": (127, lambda p: [RADIOTAP + wifi(ipv4(p(0))), RADIOTAP[:6]]),
    "ipv4": (228, lambda p: [ipv4(p(0)), ipv6(p(1))]),
    "ipv6": (229, lambda p: [ipv6(p(0)), ipv4(p(1))]),
    "nflog": (239, lambda p: [nflog(ipv4(p(hook)), 2, hook) for hook in range(5)]
              + [nflog(ipv6(p(5)), 10, 1), nflog(b"\0" * 28, 3, 1)]),
    "cooked-2": (276, lambda p: [sll2(IP4, kind) + ipv4(p(kind)) for kind in range(5)] + [sll2(IP6, 4) + ipv6(p(5))]),
}


def link_frames(name):
    number, frames = LINKS[name]
    return number, frames(lambda step: udp(PORT + step))


def register_links():
    for name in LINKS:
        capture("link-%s.pcap" % name)(lambda name=name: pcap(link_frames(name)[1], link_frames(name)[0]))


register_links()


@capture("link-unsupported.pcap")
def link_unsupported():
    """USB; a classic file of it is refused."""
    return pcap([b"\0" * 64], link=220)


@capture("links.pcapng")
def links():
    """Every link type in one file, an interface each, and one that is not decoded (USB)."""
    section = Pcapng()
    for name in LINKS:
        section.interface(LINKS[name][0], name, 9)
    section.interface(220, "usb", 9)
    for interface, name in enumerate(LINKS):
        for number, frame in enumerate(link_frames(name)[1]):
            section.enhanced(frame, (TIME + number) * NS, interface)
    return section.enhanced(b"\0" * 64, (TIME + 9) * NS, len(LINKS)).out


# --- files that few programs write

def three():
    return [ethernet(ipv4(udp(PORT + number))) for number in range(3)]


def register_magics():
    for name, magic, fraction in (("us", 0xA1B2C3D4, 999999), ("ns", 0xA1B23C4D, 999999999)):
        for order_name, order in (("little", "<"), ("big", ">")):
            capture("magic-%s-%s.pcap" % (name, order_name))(
                lambda magic=magic, order=order, fraction=fraction: pcap(
                    [(frame, {"fraction": fraction}) for frame in three()], magic=magic, order=order))
    for order_name, order in (("little", "<"), ("big", ">")):
        capture("magic-kuznetzov-%s.pcap" % order_name)(lambda order=order: pcap(
            [(frame, {"extra": struct.pack(order + "IHBB", 3, 0x0800, 0, 0)}) for frame in three()],
            magic=0xA1B2CD34, order=order))


register_magics()


@capture("time-disorder.pcap")
def time_disorder():
    """Late within the window, late by a window, back by more than one, forth by more than a day."""
    steps = [0, 65, 62, 30, 70, -120, 0, 61, 61 + 1441 * 60, 61 + 1442 * 60]
    return pcap([(ethernet(ipv4(udp(PORT + n))), {"seconds": TIME + step}) for n, step in enumerate(steps)])


@capture("original-length.pcap")
def original_length():
    """An original length under the captured one, and one far beyond it."""
    frames = three()
    return pcap([(frames[0], {"original": 1}), (frames[1], {"original": 0}), (frames[2], {"original": 0x7FFFFFFF})])


@capture("pcapng-sections.pcapng")
def pcapng_sections():
    """Three sections of both byte orders; resolutions of ms, 2^-20 s, ns and 2^-50 s; an offset; every packet block."""
    frames = three()
    little = Pcapng("<").interface(name="eth0", resolution=3).interface(name="eth1", resolution=0x80 | 20)
    little.enhanced(frames[0], TIME * 1000, 0, flags=1).enhanced(frames[1], (TIME + 1) << 20, 1, flags=2)
    little.simple(frames[2])
    little.add(4, b"\0\0\0\0")                                   # names, none
    little.add(0x80000ABC, b"secret")                            # for local use
    big = Pcapng(">").interface(name="eth0", resolution=9, offset=TIME)
    big.enhanced(frames[0], 2 * NS, 0).obsolete(frames[1], 3 * NS, 0)
    last = Pcapng("<").interface(resolution=0x80 | 50).interface(resolution=12)
    last.enhanced(frames[0], 2, 0)                               # long ago: 1970
    last.enhanced(frames[1], TIME * 10 ** 12 & (1 << 64) - 1, 1)   # as many picoseconds as fit
    return little.out + big.out + last.out


@capture("pcapng-drops.pcapng")
def pcapng_drops():
    """Losses told by packets, by obsolete packets and by statistics that grow, stand still, and shrink."""
    frame = three()[0]
    section = Pcapng().interface(name="eth0").interface(name="eth1")

    def at(seconds):
        return (TIME + seconds) * 10 ** 6

    section.enhanced(frame, at(0), 0, dropped=0).enhanced(frame, at(1), 1)
    section.enhanced(frame, at(60), 0, dropped=3)
    section.obsolete(frame, at(120), 1, dropped=0xFFFF).obsolete(frame, at(180), 1, dropped=2)
    section.enhanced(frame, at(240), 0).statistics(at(240), 0, if_drop=5, os_drop=1)
    section.enhanced(frame, at(300), 0).statistics(at(300), 0, if_drop=5, os_drop=1)
    section.enhanced(frame, at(360), 0).statistics(at(360), 0, if_drop=2, os_drop=1)
    return section.enhanced(frame, at(420), 1).statistics(at(420), 1).out


@capture("pcapng-order.pcapng")
def pcapng_order():
    """An interface block after packets, an interface without packets, a packet of no interface."""
    frames = three()
    section = Pcapng().interface(name="eth0").enhanced(frames[0], TIME * 10 ** 6)
    section.enhanced(frames[1], (TIME + 60) * 10 ** 6, 7)
    section.interface(name="late").interface(name="silent")
    return section.enhanced(frames[2], (TIME + 120) * 10 ** 6, 1).out


# --- damage

CLASSIC = pcap(three())
FRAME = 16 + len(three()[0])  # a record of it
SECTION = Pcapng().interface(name="eth0")
WHOLE = Pcapng().interface(name="eth0").enhanced(three()[0], TIME * 10 ** 6).out


@capture("damaged-empty.pcap")
def damaged_empty():
    return b""


@capture("damaged-header.pcap")
def damaged_header():
    return CLASSIC[:23]


@capture("damaged-header.pcapng")
def damaged_header_ng():
    return WHOLE[:11]


@capture("damaged-no-frames.pcap")
def damaged_no_frames():
    """Whole, but without frames: nothing is wrong with it."""
    return CLASSIC[:24]


@capture("damaged-record-header.pcap")
def damaged_record_header():
    return CLASSIC[:24 + FRAME + 15]


@capture("damaged-record.pcap")
def damaged_record():
    return CLASSIC[:24 + 2 * FRAME + 40]


@capture("damaged-length.pcap")
def damaged_length():
    """The second frame claims 1 GiB."""
    frames = three()
    return pcap([frames[0], (frames[1], {"captured": 1 << 30, "original": 1 << 30}), frames[2]])


@capture("damaged-length-max.pcap")
def damaged_length_max():
    """The second frame claims as much as 32 bits can say."""
    frames = three()
    return pcap([frames[0], (frames[1], {"captured": 0xFFFFFFFF, "original": 0xFFFFFFFF})])


@capture("damaged-block.pcapng")
def damaged_block():
    """Cut off inside a block."""
    return WHOLE + WHOLE[len(SECTION.out):-5]


@capture("damaged-block-short.pcapng")
def damaged_block_short():
    """A block of 8 bytes cannot be."""
    return WHOLE + struct.pack("<II", 6, 8) + WHOLE


@capture("damaged-block-odd.pcapng")
def damaged_block_odd():
    """A block of 33 bytes is no multiple of 4."""
    return WHOLE + struct.pack("<II", 6, 33) + WHOLE


@capture("damaged-block-inside.pcapng")
def damaged_block_inside():
    """A captured length beyond its block, in whole framing: passed over."""
    section = Pcapng().interface(name="eth0")
    section.add(6, struct.pack("<IIIII", 0, 0, 0, 5000, 5000) + b"short")
    return section.enhanced(three()[0], TIME * 10 ** 6).out


@capture("damaged-text.pcap")
def damaged_text():
    return b"this is no capture, whatever its name says\n"


@capture("packed.pcap.gz")
def packed():
    """Compressed, in two members, as appended files are."""
    return gzip.compress(CLASSIC[:100], 0, mtime=0) + gzip.compress(CLASSIC[100:], 0, mtime=0)


@capture("packed-misnamed.pcap")
def packed_misnamed():
    """Compressed, and its name does not say so."""
    return gzip.compress(CLASSIC, 0, mtime=0)


@capture("damaged-packed.pcap.gz")
def damaged_packed():
    """Cut off in the middle of the compressed bytes."""
    return gzip.compress(CLASSIC, 0, mtime=0)[:120]


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    EDGE.mkdir(exist_ok=True)
    there = {path.name for path in EDGE.iterdir()}
    differ = sorted(there - set(CAPTURES))
    for name, make in CAPTURES.items():
        path, wanted = EDGE / name, make()
        if check and (name not in there or path.read_bytes() != wanted):
            differ.append(name)
        if not check:
            path.write_bytes(wanted)
    print("\n".join("differs: " + name for name in differ) or "%d captures" % len(CAPTURES))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
