#!/usr/bin/env python3
"""A reference model of the rules by which packets become flow log records: a second opinion for tests.

    model.py read [OPTION]... FILE...

It is the page of semantics in executable form, written for reading and not for speed; the numbers in the comments are that
page's sections, "13.4" its fine print's item 4. It knows the options of `eniflow read` that bear on what is written:
-c -f -i -t (text, json, csv) --header --no-header --exclude --timestamps --decapsulate --max-flows --on-full -s -q --summary,
NAME=FILE, and gzip. It has no filter, no policies, no [aws], no other destination than standard output, no threads: asked
for those it gives status 2.

--open says, at the end on standard error, which questions that the page leaves open the input has touched; an answer
that differs there is not yet an error.
"""

import getopt
import json
import os
import re
import sys
import zlib

# ---------------------------------------------------------------------------------------------------------------------
# Fields and formats: the 54 fields as (name, version, is an integer)
# ---------------------------------------------------------------------------------------------------------------------

FIELDS = [
    ("version", 2, True), ("account-id", 2, False), ("interface-id", 2, False), ("srcaddr", 2, False),
    ("dstaddr", 2, False), ("srcport", 2, True), ("dstport", 2, True), ("protocol", 2, True), ("packets", 2, True),
    ("bytes", 2, True), ("start", 2, True), ("end", 2, True), ("action", 2, False), ("log-status", 2, False),
    ("vpc-id", 3, False), ("subnet-id", 3, False), ("instance-id", 3, False), ("tcp-flags", 3, True),
    ("type", 3, False), ("pkt-srcaddr", 3, False), ("pkt-dstaddr", 3, False), ("region", 4, False),
    ("az-id", 4, False), ("sublocation-type", 4, False), ("sublocation-id", 4, False),
    ("pkt-src-aws-service", 5, False), ("pkt-dst-aws-service", 5, False), ("flow-direction", 5, False),
    ("traffic-path", 5, True), ("ecs-cluster-arn", 7, False), ("ecs-cluster-name", 7, False),
    ("ecs-container-instance-arn", 7, False), ("ecs-container-instance-id", 7, False), ("ecs-container-id", 7, False),
    ("ecs-second-container-id", 7, False), ("ecs-service-name", 7, False), ("ecs-task-definition-arn", 7, False),
    ("ecs-task-arn", 7, False), ("ecs-task-id", 7, False), ("reject-reason", 8, False), ("resource-id", 9, False),
    ("encryption-status", 10, True), ("instance-tag", 11, False), ("instance-tag-2", 11, False),
    ("interface-tag", 11, False), ("interface-tag-2", 11, False), ("asg-tag", 11, False), ("asg-tag-2", 11, False),
    ("interface-type", 11, False), ("next-hop-interface-id", 11, False), ("next-hop-subnet-id", 11, False),
    ("next-hop-az-id", 11, False), ("next-hop-vpc-id", 11, False), ("next-hop-interface-type", 11, False),
]
VERSION_OF = {name: version for name, version, _ in FIELDS}
IS_INTEGER = {name: integer for name, _, integer in FIELDS}

IDENTITY = ["account-id", "interface-id", "vpc-id", "subnet-id", "instance-id", "region", "az-id", "sublocation-type",
            "sublocation-id", "resource-id", "instance-tag", "instance-tag-2", "interface-tag", "interface-tag-2", "asg-tag",
            "asg-tag-2", "interface-type"] + [name for name, _, _ in FIELDS if name.startswith("ecs-")]

PRESETS = {
    "default": "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status",
    "tcp-flags": "version vpc-id subnet-id instance-id interface-id account-id type srcaddr dstaddr srcport dstport pkt-srcaddr "
                 "pkt-dstaddr protocol bytes packets start end action tcp-flags log-status",
    "nat": "instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr",
    "transit-gateway": "version interface-id account-id vpc-id subnet-id instance-id srcaddr dstaddr srcport dstport protocol "
                       "tcp-flags type pkt-srcaddr pkt-dstaddr action log-status",
    "v5": "version srcaddr dstaddr srcport dstport protocol start end type packets bytes account-id vpc-id subnet-id instance-id "
          "interface-id region az-id sublocation-type sublocation-id action tcp-flags pkt-srcaddr pkt-dstaddr "
          "pkt-src-aws-service pkt-dst-aws-service traffic-path flow-direction log-status",
    "console": " ".join(sorted(name for name, version, _ in FIELDS if version <= 5)),
    "all": " ".join(name for name, _, _ in FIELDS),
}

SECOND = 1_000_000_000
LAST_TIME = 2 ** 63 - 1           # 13.3: signed 64-bit nanoseconds
MAX_GAP_WINDOWS = 1440            # 7
FRAGMENT_AGE = 30 * SECOND        # 2.6

INGRESS, EGRESS, UNKNOWN = "ingress", "egress", "-"

TCP, UDP, GRE = 6, 17, 47
WITH_PORTS = {6, 17, 33, 132, 136}      # 2.3: TCP, UDP, DCCP, SCTP, UDP-Lite

ACCOUNT = ["frames", "counted", "filtered", "excluded", "non-ip", "truncated", "malformed", "unmatched", "unsupported", "skipped"]


class Fatal(Exception):
    """Nothing can be done: status 2."""


class NotCounted(Exception):
    """A frame that is no IP packet that could be read; `place` is its place in the account (10)."""

    def __init__(self, place):
        super().__init__(place)
        self.place = place


OPEN = {}


def left_open(question):
    """Remember that the input touched a question which the page does not answer beyond doubt."""
    OPEN[question] = OPEN.get(question, 0) + 1


def warn(text):
    sys.stderr.write("model: %s\n" % text)


# ---------------------------------------------------------------------------------------------------------------------
# Addresses. An address is its 4 or 16 bytes.
# ---------------------------------------------------------------------------------------------------------------------

def address_text(a):
    """13.22: IPv6 by RFC 5952; the dotted form only for ::ffff:0:0/96."""
    if len(a) == 4:
        return "%d.%d.%d.%d" % tuple(a)
    if a[:12] == bytes(10) + b"\xff\xff":
        return "::ffff:" + address_text(a[12:])
    groups = [int.from_bytes(a[i:i + 2], "big") for i in range(0, 16, 2)]
    best_at, best_len = 0, 1                     # the longest run of two or more zero groups, the first of equals
    at = 0
    while at < 8:
        end = at
        while end < 8 and groups[end] == 0:
            end += 1
        if end - at > best_len:
            best_at, best_len = at, end - at
        at = max(end, at + 1)
    words = ["%x" % g for g in groups]
    if best_len == 1:
        return ":".join(words)
    return ":".join(words[:best_at]) + "::" + ":".join(words[best_at + best_len:])


def parse_address(text):
    if re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}", text):
        parts = [int(p) for p in text.split(".")]
        if max(parts) > 255:
            raise Fatal("'%s' is no address" % text)
        return bytes(parts)
    halves = text.split("::")
    if len(halves) > 2 or not re.fullmatch(r"[0-9a-fA-F:.]+", text):
        raise Fatal("'%s' is no address" % text)

    def groups(half):
        out = b""
        for word in half.split(":") if half else []:
            if "." in word:
                out += parse_address(word)
            elif re.fullmatch(r"[0-9a-fA-F]{1,4}", word):
                out += int(word, 16).to_bytes(2, "big")
            else:
                raise Fatal("'%s' is no address" % text)
        return out

    first = groups(halves[0])
    last = groups(halves[1]) if len(halves) == 2 else b""
    missing = 16 - len(first) - len(last)
    if (len(halves) == 1 and missing != 0) or missing < 0:
        raise Fatal("'%s' is no address" % text)
    return first + bytes(missing) + last


def parse_cidr(text):
    """The network's first address and its prefix length."""
    head, slash, tail = text.partition("/")
    base = parse_address(head)
    bits = len(base) * 8
    if not slash or not tail.isdigit() or int(tail) > bits:
        raise Fatal("'%s' is no network" % text)
    number = int.from_bytes(base, "big")
    mask = ((1 << int(tail)) - 1) << (bits - int(tail))
    return (number & mask).to_bytes(len(base), "big"), int(tail)


def in_cidr(a, cidr):
    base, prefix = cidr
    if len(a) != len(base):
        return False
    shift = len(a) * 8 - prefix
    return int.from_bytes(a, "big") >> shift == int.from_bytes(base, "big") >> shift


def plus(a, n):
    return ((int.from_bytes(a, "big") + n) % (1 << len(a) * 8)).to_bytes(len(a), "big")


def is_multicast(a):
    return a[0] >> 4 == 14 if len(a) == 4 else a[0] == 0xFF


def is_broadcast(a):
    return a == b"\xff\xff\xff\xff"


def is_link_local_v6(a):
    return len(a) == 16 and a[0] == 0xFE and a[1] & 0xC0 == 0x80


# ---------------------------------------------------------------------------------------------------------------------
# Section 2 and 13.7 to 13.12: from a frame to a packet
# ---------------------------------------------------------------------------------------------------------------------

class View:
    """Bytes of a frame: `at` is where reading stands, `end` where the captured bytes end, `limit` where the original ones did."""

    nested = False                 # the bytes are those of a tunnel

    def __init__(self, data, at, end, limit):
        self.data, self.at, self.end, self.limit = data, at, end, limit

    def have(self, n):
        return self.end - self.at >= n

    def need(self, n):
        if not self.have(n):
            raise NotCounted("truncated")         # 13.8

    def take(self, n):
        self.need(n)
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n, order="big"):
        return int.from_bytes(self.take(n), order)

    def peek(self, offset):
        return self.data[self.at + offset]


class Frame:
    """What the link layer says: MACs, the word on direction, whether it is a cooked broadcast or multicast."""

    def __init__(self):
        self.smac = self.dmac = None
        self.word = None
        self.cooked_group = False
        self.cooked = None
        self.vni = None


class Packet:
    """An IP packet as it will be counted."""

    version = src = dst = protocol = None
    sport = dport = flags = length = 0
    later_fragment = False
    is_fragment = False
    ident = None
    fragment_protocol = None
    payload = None                 # a View of what follows the headers; None where nothing can be known of it


def link_layer(link, view, order, frame):
    """Walks to the IP header; returns the IP version that the link layer names, None where it only says that it is IP (2.1, 13.4)."""
    if link == 1:
        return ethernet(view, frame)
    if link in (12, 14, 101):
        return None
    if link == 228:
        return 4
    if link == 229:
        return 6
    if link in (0, 108):                                           # null, loop
        raw = view.take(4)
        family = int.from_bytes(raw, order if link == 0 else "big")
        if link == 0 and family > 0xFFFF:                          # 13.7: whoever captured need not be whoever wrote the file
            left_open("null: family in the other byte order than the file")
            family = int.from_bytes(raw, "big" if order == "little" else "little")
        if family == 2:
            return 4
        if family in (10, 23, 24, 28, 30):
            return 6
        raise NotCounted("non-ip")
    if link in (9, 50):                                            # PPP
        view.need(1)
        if view.peek(0) in (0x0F, 0x8F):                           # 13.7
            return cisco_hdlc(view)
        return ppp(view)
    if link == 104:
        return cisco_hdlc(view)
    if link == 105:
        return wifi(view, frame)
    if link == 127:                                                # radiotap, then 802.11
        view.need(4)
        length = int.from_bytes(view.data[view.at + 2:view.at + 4], "little")
        view.take(max(length, 4))
        return wifi(view, frame)
    if link == 113:                                                # Linux cooked v1
        view.need(16)
        kind = view.number(2)
        view.take(12)
        cooked_word(kind, frame)
        return cooked_protocol(view.number(2), view)
    if link == 276:                                                # Linux cooked v2
        view.need(20)
        protocol = view.number(2)
        view.take(8)
        cooked_word(view.number(1), frame)
        view.take(9)
        return cooked_protocol(protocol, view)
    if link == 239:
        return nflog(view, order, frame)
    raise AssertionError(link)


def ethernet(view, frame):
    view.need(14)
    frame.dmac = view.take(6)
    frame.smac = view.take(6)
    return ethertype(view.number(2), view)


def ethertype(kind, view):
    """2.1: tags, label stacks, PPPoE sessions and LLC/SNAP are passed through."""
    while True:
        if kind == 0x0800:
            return 4
        if kind == 0x86DD:
            return 6
        if kind in (0x8100, 0x88A8, 0x9100):                       # 13.7
            view.need(4)
            view.take(2)
            kind = view.number(2)
        elif kind in (0x8847, 0x8848):
            return mpls(view)
        elif kind == 0x8864:                                       # PPPoE session: six bytes, then PPP's protocol
            view.need(8)
            view.take(6)
            return ppp_protocol(view.number(2))
        elif kind <= 1500:
            return llc(view)
        else:
            raise NotCounted("non-ip")


def llc(view):
    view.need(3)
    if view.data[view.at:view.at + 3] != b"\xaa\xaa\x03":
        raise NotCounted("non-ip")
    view.need(8)
    oui = view.take(6)[3:]
    kind = view.number(2)
    if oui != b"\0\0\0" or kind <= 1500:
        raise NotCounted("non-ip")
    return ethertype(kind, view)


def mpls(view):
    while not view.number(4) & 0x100:                              # bottom of stack
        pass
    view.need(1)
    nibble = view.peek(0) >> 4                                     # 13.7
    if nibble not in (4, 6):
        raise NotCounted("non-ip")
    return nibble


def ppp_protocol(protocol):
    if protocol == 0x0021:
        return 4
    if protocol == 0x0057:
        return 6
    raise NotCounted("non-ip")


def ppp(view):
    if view.have(2) and view.data[view.at:view.at + 2] == b"\xff\x03":
        view.take(2)
    view.need(1)
    if view.peek(0) & 1:
        left_open("PPP: protocol of one byte")
        return ppp_protocol(view.number(1))
    return ppp_protocol(view.number(2))


def cisco_hdlc(view):
    view.need(4)
    view.take(2)
    kind = view.number(2)
    if kind <= 1500:
        raise NotCounted("non-ip")
    return ethertype(kind, view)


def wifi(view, frame):
    view.need(2)
    control, flags = view.peek(0), view.peek(1)
    kind, subtype = control >> 2 & 3, control >> 4
    if kind != 2 or subtype & 4 or flags & 0x40:                   # not data, no payload, protected (13.7)
        if not view.have(24):
            left_open("802.11: short frame that is not data")
        raise NotCounted("non-ip")
    to_ds, from_ds = flags & 1, flags & 2
    length = 24 + (6 if to_ds and from_ds else 0) + (2 if subtype & 8 else 0) + (4 if subtype & 8 and flags & 0x80 else 0)
    header = view.take(length)
    one, two, three, four = header[4:10], header[10:16], header[16:22], header[24:30]
    if to_ds and from_ds:
        frame.dmac, frame.smac = three, four
    elif to_ds:
        frame.dmac, frame.smac = three, two
    elif from_ds:
        frame.dmac, frame.smac = one, three
    else:
        frame.dmac, frame.smac = one, two
    if header[22] & 0x0F:                                          # a later fragment
        raise NotCounted("non-ip")
    if subtype & 8 and header[30 if to_ds and from_ds else 24] & 0x80:     # A-MSDU
        raise NotCounted("non-ip")
    return llc(view)


def cooked_word(kind, frame):
    """13.6; 13.15: types 1 and 2 are group frames."""
    if kind in (0, 1, 2):
        frame.word = INGRESS
    elif kind == 4:
        frame.word = EGRESS
    frame.cooked_group = kind in (1, 2)
    frame.cooked = kind


def cooked_protocol(protocol, view):
    if protocol == 4:
        return llc(view)
    if protocol <= 1500:
        raise NotCounted("non-ip")
    return ethertype(protocol, view)


def nflog(view, order, frame):
    """13.6: hooks and families."""
    view.need(4)
    family = view.take(4)[0]
    hook = hw_protocol = payload = None
    while payload is None:
        if not view.have(4):
            raise NotCounted("truncated")
        length = view.number(2, order)
        kind = view.number(2, order) & 0x7FFF
        if length < 4:
            left_open("NFLOG: attribute shorter than its header")
            raise NotCounted("malformed")
        if kind == 9:                                              # NFULA_PAYLOAD
            payload = View(view.data, view.at, min(view.end, view.at + length - 4), min(view.limit, view.at + length - 4))
        elif kind == 1:                                            # NFULA_PACKET_HDR
            value = view.take(length - 4)
            hw_protocol, hook = int.from_bytes(value[:2], "big"), value[2]
            if -length % 4:
                view.take(-length % 4)
        else:
            view.take((length + 3) // 4 * 4 - 4)
    view.at, view.end, view.limit = payload.at, payload.end, payload.limit
    if hook in (0, 1):
        frame.word = INGRESS
    elif hook in (3, 4):
        frame.word = EGRESS
    if family == 2:
        return 4
    if family == 10:
        return 6
    if family == 7 and hw_protocol is not None and hw_protocol > 1500:
        return ethertype(hw_protocol, view)
    raise NotCounted("non-ip")


def network_layer(view, version):
    """2.2 to 2.8, 13.8 to 13.10."""
    view.need(1)
    nibble = view.peek(0) >> 4
    if nibble not in (4, 6) or version not in (None, nibble):
        raise NotCounted("malformed")
    return ipv4(view) if nibble == 4 else ipv6(view)


def ipv4(view):
    start = view.at
    header = (view.peek(0) & 15) * 4
    if header < 20:
        raise NotCounted("malformed")
    total = None
    if view.have(4):
        total = int.from_bytes(view.data[start + 2:start + 4], "big")
        if 0 < total < header:
            raise NotCounted("malformed")
    view.need(header)                                              # 13.8: options belong to the header
    p = Packet()
    p.version = 4
    d = view.data[start:start + header]
    p.length = total if total else view.limit - start              # 13.9
    if not total and p.length < header:
        left_open("IPv4: length 0 and no room for the header")
    p.src, p.dst, p.protocol = d[12:16], d[16:20], d[9]
    word = int.from_bytes(d[6:8], "big")
    p.ident, p.fragment_protocol = int.from_bytes(d[4:6], "big"), p.protocol
    p.later_fragment = word & 0x1FFF != 0
    p.is_fragment = word & 0x3FFF != 0
    end = start + p.length
    if end > view.limit and view.nested:
        left_open("an inner packet that is longer than the outer one")
    p.payload = View(view.data, start + header, max(start + header, min(view.end, end)), end)
    if not p.later_fragment:
        transport(p)
    return p


def ipv6(view):
    start = view.at
    view.need(40)
    d = view.data[start:start + 40]
    p = Packet()
    p.version = 6
    p.src, p.dst = d[8:24], d[24:40]
    p.protocol = d[6]
    payload_length = int.from_bytes(d[4:6], "big")
    if payload_length == 0 and p.protocol != 59:                   # 13.9
        p.length = view.limit - start
    else:
        p.length = 40 + payload_length
    end = start + p.length
    if end > view.limit and view.nested:
        left_open("an inner packet that is longer than the outer one")
    p.payload = rest = View(view.data, start + 40, max(start + 40, min(view.end, end)), end)
    while p.protocol in (0, 43, 44, 60):                           # 2.2
        if p.protocol == 44:
            if not rest.have(8):                                   # 13.10
                p.payload = None
                return p
            if p.ident is not None:
                left_open("IPv6: two fragment headers")
            h = rest.take(8)
            word = int.from_bytes(h[2:4], "big")
            p.protocol = p.fragment_protocol = h[0]
            p.ident = int.from_bytes(h[4:8], "big")
            p.is_fragment = word & 0xFFF9 != 0
            p.later_fragment = word >> 3 != 0
            if p.later_fragment:
                return p
        else:
            if not rest.have(2):
                p.payload = None
                return p
            p.protocol, units = rest.peek(0), rest.peek(1)
            rest.at += (units + 1) * 8
    transport(p)
    return p


def transport(p):
    """2.3, 2.5, 2.7: what of ports and flags can be read."""
    v = p.payload
    if p.protocol in WITH_PORTS and v.have(4):
        p.sport = int.from_bytes(v.data[v.at:v.at + 2], "big")
        p.dport = int.from_bytes(v.data[v.at + 2:v.at + 4], "big")
    if p.protocol == TCP and v.have(14):
        bits = v.peek(13)
        p.flags = bits & 7                                         # FIN 1, SYN 2, RST 4
        if bits & 0x12 == 0x12:
            p.flags |= 16


def open_tunnel(p, kinds):
    """2.9, 13.12: the inner frame and packet, or None where the packet counts as it is."""
    v = p.payload
    if p.is_fragment or p.later_fragment or v is None:
        return None
    inner = View(v.data, v.at, v.end, v.limit)
    inner.nested = True
    frame = Frame()
    try:
        if p.protocol == UDP and p.dport == 4789 and "vxlan" in kinds:
            inner.take(8)
            header = inner.take(8)
            if not header[0] & 0x08:
                return None
            frame.vni = int.from_bytes(header[4:7], "big")
            version = ethernet(inner, frame)
        elif p.protocol == UDP and p.dport == 6081 and "geneve" in kinds:
            inner.take(8)
            header = inner.take(8)
            if header[0] >> 6:
                return None
            inner.take((header[0] & 0x3F) * 4)
            version = tunnelled(int.from_bytes(header[2:4], "big"), inner, frame)
        elif p.protocol == GRE and "gre" in kinds:
            bits = inner.number(2)
            if bits & 0x4007:                                      # routing, or another version than 0
                return None
            kind = inner.number(2)
            inner.take(4 * sum(1 for bit in (0x8000, 0x2000, 0x1000) if bits & bit))
            version = tunnelled(kind, inner, frame)
        else:
            return None
        return frame, network_layer(inner, version)
    except NotCounted:
        return None


def tunnelled(kind, view, frame):
    if kind == 0x6558:
        return ethernet(view, frame)
    if kind == 0x0800:
        return 4
    if kind == 0x86DD:
        return 6
    raise NotCounted("non-ip")


# ---------------------------------------------------------------------------------------------------------------------
# Files: 13.1 to 13.5. A file is a list of events in its own order:
#   ("frame", time, point, link, data, original length, word, dropped)     link None: not decoded; dropped: packets lost
#   ("point", point)                                                        a capture point appears
#   ("loss", point)                                                         statistics say that drops grew
# ---------------------------------------------------------------------------------------------------------------------

LINKS = {0, 1, 9, 12, 14, 50, 101, 104, 105, 108, 113, 127, 228, 229, 239, 276}       # 13.4


class Point:
    """A capture point: what a device's name stands for (12)."""

    def __init__(self, name):
        self.name = name
        self.real = False                # has a name of its own: NAME=FILE or if_name
        self.unreal = False
        self.interfaces = None           # the interfaces on it, once known


class Input:
    def __init__(self, path, name, points):
        self.path, self.name, self.points = path, name, points
        self.damaged = False
        self.events = []
        self.last_time = 0
        self.odd_time = False
        data = self.read()
        if not data:
            warn("%s: holds no frames" % path)
            self.damaged = True
            if name is not None:
                left_open("a file of no bytes with a name: whether its capture point appears")
            return
        if data[:4] == b"\x0a\x0d\x0d\x0a":
            self.pcapng(data)
        else:
            self.classic(data)

    def read(self):
        try:
            if self.path == "-":
                data = sys.stdin.buffer.read()
            else:
                with open(self.path, "rb") as f:
                    data = f.read()
        except OSError as e:
            raise Fatal("%s: %s" % (self.path, e.strerror))
        out = b""
        if data[:2] != b"\x1f\x8b":
            return data
        while data[:2] == b"\x1f\x8b":                             # gzip, member after member
            unpacker = zlib.decompressobj(31)
            try:
                out += unpacker.decompress(data)
                whole = unpacker.eof
            except zlib.error:
                whole = False
            if not whole:
                self.damaged = True
                break
            data = unpacker.unused_data
        return out

    def point(self, name, real):
        p = self.points.setdefault(name, Point(name))
        if real:
            p.real = True
        else:
            p.unreal = True
        if p.real and p.unreal:
            left_open("a capture point with both a real and a made-up name")
        return p

    def time(self, t):
        """13.3: a time outside 1970..2262 is that of the frame before."""
        if not 0 <= t <= LAST_TIME:
            if not self.odd_time:
                warn("%s: time outside 1970 to 2262" % self.path)
            self.odd_time = True
            t = self.last_time
        self.last_time = t
        return t

    def damage(self, text):
        warn("%s: %s" % (self.path, text))
        self.damaged = True

    # classic pcap

    MAGICS = {0xA1B2C3D4: (1000, 16), 0xA1B23C4D: (1, 16), 0xA1B2CD34: (1000, 24)}

    def classic(self, data):
        for order in ("little", "big"):
            magic = int.from_bytes(data[:4], order)
            if magic in self.MAGICS:
                break
        else:
            raise Fatal("%s: no capture" % self.path)
        if len(data) < 24:
            raise Fatal("%s: no capture: ends inside its header" % self.path)
        unit, header = self.MAGICS[magic]

        def number(at):
            return int.from_bytes(data[at:at + 4], order)

        link = number(20)
        if link >> 16:
            left_open("classic: bits above the link type")
            link &= 0xFFFF
        if link not in LINKS:
            raise Fatal("%s: link type %d is not decoded" % (self.path, link))
        point = self.point(self.name or "", self.name is not None)
        self.events.append(("point", point))
        at = 24
        while at < len(data):
            if len(data) - at < header:
                return self.damage("the last frame is cut off")
            seconds, fraction, captured, original = (number(at + 4 * i) for i in range(4))
            if captured > len(data) - at - header:
                return self.damage("the last frame is cut off, or its length cannot be")
            if captured > 262144:
                left_open("classic: captured length over 262144 that is there")
            if fraction * unit >= SECOND:
                left_open("classic: fraction of a second of a second or more")
            at += header
            t = self.time(seconds * SECOND + fraction * unit)
            self.events.append(("frame", t, point, link, data[at:at + captured], max(original, captured), None, 0, order))
            at += captured

    # pcapng

    def pcapng(self, data):
        at, order, interfaces = 0, None, []
        while at < len(data):
            if len(data) - at < 12:
                if at == 0:
                    raise Fatal("%s: no capture: ends inside its header" % self.path)
                return self.damage("the last block is cut off")
            if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
                magic = data[at + 8:at + 12]
                new = {b"\x1a\x2b\x3c\x4d": "big", b"\x4d\x3c\x2b\x1a": "little"}.get(magic)
                if new is None:
                    if at == 0:
                        raise Fatal("%s: no capture" % self.path)
                    return self.damage("a section header with another byte-order magic")
                order, interfaces = new, []
            kind = int.from_bytes(data[at:at + 4], order)
            length = int.from_bytes(data[at + 4:at + 8], order)
            if length < 12 or length % 4:
                return self.damage("a block's length cannot be")
            if length > len(data) - at:
                return self.damage("the last block is cut off, or its length cannot be")
            if int.from_bytes(data[at + length - 4:at + length], order) != length:
                left_open("pcapng: a block's two lengths differ")
                return self.damage("a block's two lengths differ")
            if not self.block(kind, data[at + 8:at + length - 4], order, interfaces):
                self.damage("a broken block is passed over")      # 13.2
            at += length

    @staticmethod
    def options(body, at, order):
        """The options from `at` on as {code: first value}, or None where they are broken."""
        found = {}
        while len(body) - at >= 4:
            code = int.from_bytes(body[at:at + 2], order)
            length = int.from_bytes(body[at + 2:at + 4], order)
            if code == 0:
                return found
            if length > len(body) - at - 4:
                left_open("pcapng: options that run out of their block")
                return None
            found.setdefault(code, body[at + 4:at + 4 + length])
            at += 4 + (length + 3) // 4 * 4
        return found

    def block(self, kind, body, order, interfaces):
        def number(at, size=4):
            return int.from_bytes(body[at:at + size], order)

        def counter(options, code, size):
            value = options.get(code)
            if value is None:
                return None
            if len(value) != size:
                left_open("pcapng: an option of another length than it should have")
                return None
            return int.from_bytes(value, order)

        if kind == 0x0A0D0D0A:
            if len(body) < 16:
                left_open("pcapng: a section header that is too short")
                return False
            return True

        if kind == 1:                                              # interface description
            if len(body) < 8:
                left_open("pcapng: a broken interface block, and the numbers of those after it")
                return False
            options = self.options(body, 8, order)
            if options is None:
                return False
            index = len(interfaces)
            link = number(0, 2)
            name, real = "if%d" % index, False
            if 2 in options:
                name, real = options[2].rstrip(b"\0").decode("utf-8", "surrogateescape"), True
            if self.name is not None:
                name, real = self.name, True                       # 13.5
            resolution = options.get(9, b"\x06")[0]
            units = 2 ** (resolution & 0x7F) if resolution & 0x80 else 10 ** resolution
            offset = int.from_bytes(options[14], order, signed=True) if 14 in options else 0
            known = link in LINKS
            point = self.point(name, real) if known else None
            interfaces.append({"point": point, "link": link if known else None, "number": link, "units": units,
                               "offset": offset, "snap": number(4), "ifdrop": 0, "osdrop": 0})
            if known:
                self.events.append(("point", point))
            return True

        if kind in (2, 3, 6):                                      # packet (obsolete), simple packet, enhanced packet
            word, dropped = None, 0
            if kind == 3:
                if len(body) < 4 or not interfaces:
                    return False
                i = interfaces[0]
                original = number(0)
                captured = min(original, i["snap"]) if i["snap"] else original
                if captured > len(body) - 4:
                    return False
                start, t = 4, self.last_time                       # 13.5
            else:
                if len(body) < 20:
                    return False
                index = number(0) if kind == 6 else number(0, 2)
                if index >= len(interfaces):
                    return False
                i = interfaces[index]
                captured, original, start = number(12), number(16), 20
                if captured > len(body) - 20:
                    return False
                options = self.options(body, 20 + (captured + 3) // 4 * 4, order)
                if options is None:
                    return False
                word = {1: INGRESS, 2: EGRESS}.get((counter(options, 2, 4) or 0) & 3)
                if kind == 6:
                    dropped = counter(options, 4, 8) or 0
                else:
                    dropped = number(2, 2)
                    dropped = 0 if dropped == 0xFFFF else dropped
                stamp = number(4) << 32 | number(8)
                t = stamp * SECOND // i["units"] + i["offset"] * SECOND     # rounded down
            t = self.time(t)
            if i["link"] is None and dropped:
                left_open("drops told by a frame of a link type that is not decoded")
            self.events.append(("frame", t, i["point"], i["link"], body[start:start + captured], max(original, captured), word,
                                dropped, order))
            return True

        if kind == 5:                                              # interface statistics
            if len(body) < 12 or number(0) >= len(interfaces):
                return False
            options = self.options(body, 12, order)
            if options is None:
                return False
            i = interfaces[number(0)]
            grew = False
            for code, name in ((5, "ifdrop"), (7, "osdrop")):
                value = counter(options, code, 8)
                if value is not None:
                    grew = grew or value > i[name]
                    if value < i[name]:
                        left_open("drop totals that shrink")
                    i[name] = value
            if grew and i["point"] is not None:
                self.events.append(("loss", i["point"]))
            return True

        return True                                                # any other block means nothing here


# ---------------------------------------------------------------------------------------------------------------------
# Configuration: INI as inih reads it, and the options
# ---------------------------------------------------------------------------------------------------------------------

class Interface:
    def __init__(self, section, values, lists, config, device_name=None):
        """`section` is None for an implicit interface, whose device's name counts then (13.16, interface page)."""
        self.section = section
        self.device = values.get("device")
        self.mac = parse_mac(values["mac"]) if "mac" in values else None
        self.addresses = [parse_address(a) for a in lists.get("address", [])]
        self.vni = None
        if "vni" in values:
            if not values["vni"].isdigit() or int(values["vni"]) > 0xFFFFFF:
                raise Fatal("vni %s" % values["vni"])
            self.vni = int(values["vni"])
        self.bound = False
        name = section if section is not None else device_name
        self.identity = {"account-id": "000000000000", "interface-id": "eni-0%016x" % fnv1a(name)}
        for source in (config.defaults, config.set, {k: v for k, v in values.items() if k in IDENTITY}):    # 13.24
            self.identity.update(source)
        self.vpc = [parse_cidr(c) for c in lists.get("vpc-cidr") or config.default_lists.get("vpc-cidr", [])]
        self.subnets = [parse_cidr(c) for c in lists.get("subnet-cidr") or config.default_lists.get("subnet-cidr", [])]

    def primary(self, size):
        return next((a for a in self.addresses if len(a) == size), None)


def fnv1a(name):
    h = 0xCBF29CE484222325
    for byte in name.encode("utf-8", "surrogateescape"):
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def parse_mac(text):
    if not re.fullmatch(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}", text):
        raise Fatal("'%s' is no MAC address" % text)
    return bytes.fromhex(text.replace(":", ""))


def read_ini(path):
    """[(section, key, value)] in the file's order; a continuation line is the key once more."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as f:
            text = f.read()
    except OSError as e:
        raise Fatal("%s: %s" % (path, e.strerror))
    section = key = ""
    out = []
    for number, line in enumerate(text.lstrip("\ufeff").split("\n"), 1):
        line = line.rstrip()
        start = line.lstrip()

        def uncomment(value):
            return re.split(r"\s;", value, maxsplit=1)[0].strip()

        if not start or start[0] in ";#":
            continue
        if key and line[0].isspace():
            out.append((section, key, uncomment(start)))
        elif start[0] == "[":
            end = start.find("]")
            if end < 0:
                raise Fatal("%s:%d: a section without its ]" % (path, number))
            section, key = start[1:end].strip(), ""
            out.append((section, None, None))
        else:
            m = re.match(r"([^=:]*)[=:](.*)", start)
            if not m:
                raise Fatal("%s:%d: neither section nor key" % (path, number))
            key = m.group(1).strip()
            out.append((section, key, uncomment(m.group(2))))
    return out


LISTS = {"address", "vpc-cidr", "subnet-cidr"}                      # 13.24; they, format, ... take further lines
OPTION_KEYS = {"format", "type", "interval", "header", "exclude", "timestamps", "decapsulate", "max-flows", "on-full", "quiet",
               "summary", "threads"}


class Config:
    def __init__(self):
        self.options, self.defaults, self.default_lists, self.set = {}, {}, {}, {}
        self.sections = []               # (name, values, lists)
        self.routes = []                 # (cidr, path)

    def read(self, path):
        seen, current = set(), None
        for section, key, value in read_ini(path):
            kind, _, name = section.partition(" ")
            name = name.strip()
            if key is None:
                if kind == "interface" and name:
                    current = (name, {}, {})
                    self.sections.append(current)
                elif kind == "route" and name:
                    current = parse_cidr(name)
                    if any(current == c for c, _ in self.routes):
                        left_open("a route given twice")
                elif section not in ("eniflow", "defaults"):
                    raise Fatal("%s: [%s] is unknown, or not part of this model" % (path, section))
                seen = {k for k in seen if k[0] != section}
                continue
            repeated = (section, key) in seen
            seen.add((section, key))
            if repeated and not (key in LISTS or section == "eniflow" and key == "format"):
                raise Fatal("%s: %s given twice" % (path, key))
            if section == "eniflow":
                if key not in OPTION_KEYS:
                    raise Fatal("%s: %s is unknown, or not part of this model" % (path, key))
                if value:
                    self.options[key] = self.options[key] + " " + value if repeated and key in self.options else value
            elif kind == "route":
                if key != "traffic-path" or value not in tuple("12345678"):
                    raise Fatal("%s: %s = %s" % (path, key, value))
                self.routes.append((current, value))
            elif section == "defaults" or kind == "interface":
                values, lists = (self.defaults, self.default_lists) if section == "defaults" else current[1:]
                if key in LISTS and not (section == "defaults" and key == "address"):
                    lists.setdefault(key, []).extend(w for w in re.split(r"[,\s]+", value) if w)
                elif key in IDENTITY or kind == "interface" and key in ("device", "mac", "vni"):
                    if re.search(r"[\s\x00-\x1f\x7f]", value):
                        raise Fatal("%s: %s: white space in a value" % (path, key))
                    if value:                                      # 13.24: an empty value is unset
                        values[key] = value
                else:
                    raise Fatal("%s: %s is unknown, or not part of this model" % (path, key))
            else:
                raise Fatal("%s: %s outside a section" % (path, key))


def parse_format(text):
    """13.23"""
    if text in PRESETS:
        return PRESETS[text].split(" ")
    if "$" in text:
        names = []
        for word in text.split(" "):
            m = re.fullmatch(r"\$\{([^{}\s]+)\}", word)
            if not m:
                raise Fatal("format: '%s'" % word)
            names.append(m.group(1))
    else:
        names = text.split()
    if not names:
        raise Fatal("format: no field")
    for name in names:
        if name not in VERSION_OF:
            raise Fatal("format: no field '%s'" % name)
    return names


def switch(text):
    if text in ("yes", "true", "on", "1"):
        return True
    if text in ("no", "false", "off", "0"):
        return False
    raise Fatal("'%s' is neither yes nor no" % text)


def number_in(text, low, high, what):
    if not re.fullmatch(r"\d+", text) or not low <= int(text) <= high:
        raise Fatal("%s: '%s'" % (what, text))
    return int(text)


def one_of(text, choices, what):
    if text not in choices:
        raise Fatal("%s: '%s'" % (what, text))
    return text


# ---------------------------------------------------------------------------------------------------------------------
# The meter: sections 3 to 10
# ---------------------------------------------------------------------------------------------------------------------

class Record:
    def __init__(self, key, interface, observation):
        self.key, self.interface = key, interface
        self.srcaddr, self.dstaddr, self.packet, self.direction = observation
        self.packets = self.bytes = self.flags = 0
        self.first = self.last = None


METADATA = {parse_address(a) for a in ("169.254.169.254", "169.254.169.123", "fd00:ec2::254", "fd00:ec2::123")}
AMAZON_DNS = {parse_address(a) for a in ("169.254.169.253", "fd00:ec2::253")}
ACTIVATION = {parse_address(a) for a in ("169.254.169.250", "169.254.169.251")}


class Meter:
    def __init__(self, config, fields, settings, out):
        self.config, self.fields, self.settings, self.out = config, fields, settings, out
        self.version = str(max(VERSION_OF[f] for f in fields))
        self.interval = settings["interval"] * SECOND
        self.interfaces = [Interface(name, values, lists, config) for name, values, lists in config.sections]
        self.configured = len(self.interfaces)
        self.announced = set()            # interfaces that have lines (13.16)
        self.account = dict.fromkeys(ACCOUNT, 0)
        self.window = None                # number of the open window
        self.previous_time = None         # of the frame read before (13.18)
        self.written = None               # the latest window ever written (7)
        self.table = {}                   # key -> Record, in order of arrival (8, 13.20)
        self.had_record = set()           # interfaces with a record in the open window
        self.lost = set()                 # interfaces with a loss in the open window
        self.fragments = {}               # 13.11
        self.unsupported = False

        # 5: what else the key shows
        show = set(fields)
        self.key_src = bool(show & {"pkt-srcaddr", "pkt-src-aws-service"})
        self.key_dst = bool(show & {"pkt-dstaddr", "pkt-dst-aws-service", "traffic-path"})
        self.key_direction = bool(show & {"flow-direction", "traffic-path"})

    # ---- capture points and their interfaces (3, 12, 13.13, 13.16)

    def appear(self, point):
        if point.interfaces is None:
            point.interfaces = [i for i in self.interfaces[:self.configured]
                                if (i.device == point.name if i.device is not None else
                                    not point.real or i.section == point.name)]
            for i in point.interfaces:
                i.bound = True
            point.implicit = not point.interfaces
            if point.implicit:
                implicit = Interface(None, {}, {}, self.config, point.name)
                self.interfaces.append(implicit)
                point.interfaces = [implicit]
        self.announced.update(point.interfaces)

    # ---- windows (6, 7)

    def time(self, t):
        """Every frame moves the windows (13.18). Returns the time that the frame counts with."""
        if self.window is None:
            self.window = t // self.interval
        start = self.window * self.interval
        if t < start - self.interval:                              # time went backwards
            self.close()
            self.window = t // self.interval
        elif t < start:                                            # late
            self.previous_time = t
            return start
        elif t // self.interval > self.window:
            gap = t - self.previous_time > MAX_GAP_WINDOWS * self.interval
            old = self.window
            self.close()
            self.window = t // self.interval
            if gap:
                warn("a gap in time")
            else:
                for k in range(max(old, self.written) + 1, self.window):
                    self.write_window(k, set(), set())
        self.previous_time = t
        return t

    def close(self):
        """The open window's lines: by interface its records, in order of arrival, then its NODATA or SKIPDATA line."""
        self.write_window(self.window, self.had_record, self.lost)
        self.table, self.had_record, self.lost = {}, set(), set()

    def write_window(self, k, had_record, lost):
        later = self.written is None or k > self.written
        for interface in self.interfaces:
            if had_record:
                self.write_records(interface)
            if interface not in self.announced:
                continue
            if interface in lost:
                self.write_status(interface, k, "SKIPDATA")
            elif interface not in had_record and later:
                self.write_status(interface, k, "NODATA")
        self.written = k if self.written is None else max(k, self.written)

    def write_records(self, interface):
        for record in self.table.values():
            if record.interface is interface:
                self.write_record(record)

    # ---- one frame

    def frame(self, event):
        _, t, point, link, data, original, word, dropped, order = event
        self.account["frames"] += 1
        counted_time = self.time(t)
        if link is None:
            self.unsupported = True
            self.account["unsupported"] += 1
            return
        if dropped:
            self.lost.update(point.interfaces)
        try:
            frame = Frame()
            view = View(data, 0, len(data), original)
            packet = network_layer(view, link_layer(link, view, order, frame))
        except NotCounted as e:
            self.account[e.place] += 1
            return
        if frame.word is None:
            frame.word = word                                      # 13.6: the cooked type is believed before epb_flags
        while True:
            opened = open_tunnel(packet, self.settings["decapsulate"])
            if opened is None:
                break
            vni = frame.vni
            frame, packet = opened
            if frame.vni is None:
                frame.vni = vni
            elif vni is not None and any(i.vni is not None for i in point.interfaces):
                left_open("vni of a VXLAN in a VXLAN")
        self.remember_fragment(packet, point, t, counted_time)
        places = set()
        observations = self.observations(frame, packet, point)
        for interface, direction in observations:
            if self.settings["exclude"] == "aws" and excluded(packet, interface):
                places.add("excluded")
            else:
                places.add(self.count(interface, direction, frame, packet, counted_time))
        for place in ("counted", "skipped", "excluded"):           # 13.20
            if place in places:
                self.account[place] += 1
                break
        else:
            self.account["unmatched"] += 1

    def remember_fragment(self, p, point, t, counted_time):
        """2.6, 13.11"""
        if not p.is_fragment:
            return
        key = (point, p.src, p.dst, p.fragment_protocol, p.ident)
        if not p.later_fragment:
            self.fragments.pop(key, None)
            self.fragments[key] = (t, counted_time, p.protocol, p.sport, p.dport)
        elif key in self.fragments:
            first, first_counted, protocol, sport, dport = self.fragments[key]
            young = t - first <= FRAGMENT_AGE
            if young != (counted_time - first_counted <= FRAGMENT_AGE):
                left_open("fragments: age by the packets' own times or by those they count with")
            if t - first < -FRAGMENT_AGE:
                left_open("fragments: a first fragment from the future")
            if young:
                p.protocol, p.sport, p.dport = protocol, sport, dport

    # ---- section 3, 13.13 to 13.15

    def observations(self, frame, packet, point):
        """[(interface, direction)], in the order of the interfaces, egress first."""
        if point.implicit:
            return [(point.interfaces[0], frame.word or UNKNOWN)]
        out = []
        group = is_group(frame, packet)
        if frame.cooked in (0, 3) and group:
            left_open("a cooked frame of type 0 or 3 to a multicast address: whether it is a group frame")
        here = [i for i in point.interfaces if i.vni is None or i.vni == frame.vni]
        if len({i.vni is None for i in point.interfaces}) > 1:
            left_open("interfaces with and without vni on one capture point")
        told = []                                 # interfaces without usable MAC that the addresses tell, where there is a word
        for i in here:
            usable_mac = i.mac is not None and frame.smac is not None
            if not usable_mac and frame.word and (packet.src if frame.word == EGRESS else packet.dst) in i.addresses:
                told.append(i)
        for i in here:
            if i.mac is None and not i.addresses:                  # 13.13
                out.append((i, frame.word or UNKNOWN))
                continue
            if i.mac is not None and frame.smac is not None:
                sends, receives = i.mac == frame.smac, i.mac == frame.dmac
            elif frame.word is None:                               # 13.14: the addresses alone
                sends, receives = packet.src in i.addresses, packet.dst in i.addresses
                if group and sends and receives:
                    left_open("a group frame from and to the same interface's addresses")
            else:                                                  # 13.14: the word gives the direction
                meant = i in told or (not told and len(point.interfaces) == 1 and bool(i.addresses))
                sends, receives = meant and frame.word == EGRESS, meant and frame.word == INGRESS
                if group and frame.word == EGRESS and not sends and not told:
                    left_open("a group frame that goes out, and no address tells of whom")
                if group and frame.word == INGRESS and packet.src in i.addresses:
                    left_open("a group frame that comes in from the interface's own address")
            if i.mac is not None and frame.smac is None and not i.addresses:
                left_open("a frame without MACs at an interface with a MAC and no address")
            if group:
                receives = not sends                               # 13.15
            if sends:
                out.append((i, EGRESS))
            if receives:
                out.append((i, INGRESS))
        if len(out) > 1 and len({i for i, _ in out}) > 1 and self.settings["max-flows"] < 1000:
            left_open("a small table, and a frame of several interfaces")
        return out

    # ---- sections 4, 5, 8

    def count(self, interface, direction, frame, packet, t):
        src, dst = packet.src, packet.dst
        if not is_group(frame, packet):
            if direction == INGRESS:
                dst = interface_level(dst, interface)
            elif direction == EGRESS:
                src = interface_level(src, interface)
        key = (interface, src, dst, packet.sport, packet.dport, packet.protocol, "ACCEPT",
               packet.src if self.key_src else None, packet.dst if self.key_dst else None,
               direction if self.key_direction else None)
        record = self.table.get(key)
        if record is None:
            if len(self.table) >= self.settings["max-flows"]:
                if self.settings["on-full"] == "skip":
                    self.lost.add(interface)
                    return "skipped"
                self.emit_early()
            record = self.table[key] = Record(key, interface, (src, dst, packet, direction))
            self.had_record.add(interface)
        record.packets += 1
        record.bytes += packet.length
        record.flags |= packet.flags
        record.first = t if record.first is None else min(record.first, t)       # 13.19
        record.last = t if record.last is None else max(record.last, t)
        return "counted"

    def emit_early(self):
        """13.20: the table is full; all its records go out, in the usual order, and the window goes on."""
        for interface in self.interfaces:
            self.write_records(interface)
        self.table = {}

    # ---- lines

    def write_record(self, r):
        if self.settings["timestamps"] == "window":
            bounds = self.window * self.settings["interval"], (self.window + 1) * self.settings["interval"]
        else:
            bounds = r.first // SECOND, r.last // SECOND
        values = dict(r.interface.identity)
        values.update({
            "version": self.version, "srcaddr": address_text(r.srcaddr), "dstaddr": address_text(r.dstaddr),
            "srcport": str(r.packet.sport), "dstport": str(r.packet.dport), "protocol": str(r.packet.protocol),
            "packets": str(r.packets), "bytes": str(r.bytes), "start": str(bounds[0]), "end": str(bounds[1]),
            "action": "ACCEPT", "log-status": "OK", "tcp-flags": str(r.flags), "type": "IPv%d" % r.packet.version,
            "pkt-srcaddr": address_text(r.packet.src), "pkt-dstaddr": address_text(r.packet.dst),
            "flow-direction": r.direction, "traffic-path": self.traffic_path(r),
        })
        self.write(values)

    def traffic_path(self, r):
        if r.direction != EGRESS:
            return "-"
        matches = [(cidr[1], path) for cidr, path in self.config.routes if in_cidr(r.packet.dst, cidr)]
        return max(matches)[1] if matches else "-"

    def write_status(self, interface, k, status):
        """7: identity, version, the window's bounds and the status; all else is `-`."""
        values = dict(interface.identity)
        values.update({"version": self.version, "start": str(k * self.settings["interval"]),
                       "end": str((k + 1) * self.settings["interval"]), "log-status": status})
        self.write(values)

    def write(self, values):
        self.out.append(render([(f, values.get(f, "-")) for f in self.fields], self.settings["type"]))

    def finish(self):
        if self.window is not None:
            self.close()


def render(row, kind):
    """13.22"""
    if kind == "text":
        return " ".join(v for _, v in row)
    if kind == "csv":
        return ",".join('"%s"' % v.replace('"', '""') if re.search(r'[",\r\n]', v) else v for _, v in row)
    pairs = []
    for name, value in row:
        text = "null" if value == "-" else value if IS_INTEGER[name] else json.dumps(value, ensure_ascii=False)
        pairs.append('"%s":%s' % (name, text))
    return "{%s}" % ",".join(pairs)


def is_group(frame, packet):
    """13.15"""
    if frame.dmac is not None:
        return bool(frame.dmac[0] & 1)
    return frame.cooked_group or is_multicast(packet.dst) or is_broadcast(packet.dst)


def interface_level(a, interface):
    """Section 4: the address of the near end."""
    primary = interface.primary(len(a))
    if primary is None or is_multicast(a) or is_broadcast(a) or a == bytes(len(a)) or is_link_local_v6(a):
        return a
    if len(a) == 16 and a in interface.addresses:
        return a
    return primary


def excluded(p, interface):
    """13.21"""
    if p.src in METADATA or p.dst in METADATA:
        return True
    dns = AMAZON_DNS | {plus(base, 2) for base, _ in interface.vpc if len(base) == 4}
    if p.protocol in (TCP, UDP) and ((p.dst in dns and p.dport == 53) or (p.src in dns and p.sport == 53)):
        return True
    if p.protocol == TCP and ((p.dst in ACTIVATION and p.dport == 1688) or (p.src in ACTIVATION and p.sport == 1688)):
        return True
    if p.protocol == UDP and ({p.sport, p.dport} <= {67, 68} or {p.sport, p.dport} <= {546, 547}):
        return True
    return p.dst in {plus(base, 1) for base, _ in interface.subnets if len(base) == 4}


# ---------------------------------------------------------------------------------------------------------------------
# The run
# ---------------------------------------------------------------------------------------------------------------------

def merge(inputs, meter):
    """12: one stream. What stands behind a frame in its file comes right after it."""
    at = [0] * len(inputs)

    def run_to_frame(n):
        events = inputs[n].events
        while at[n] < len(events) and events[at[n]][0] != "frame":
            kind, point = events[at[n]]
            if kind == "point":
                meter.appear(point)
            elif meter.window is None:
                left_open("statistics before any packet")
                pending.update(point.interfaces)
            else:
                if not any(e[0] == "frame" for e in events[:at[n]]):
                    left_open("statistics before any packet")
                meter.lost.update(point.interfaces)
            at[n] += 1

    pending = set()
    for n in range(len(inputs)):
        run_to_frame(n)
    while True:
        ready = [n for n in range(len(inputs)) if at[n] < len(inputs[n].events)]
        if not ready:
            break
        n = min(ready, key=lambda n: (inputs[n].events[at[n]][1], n))
        event = inputs[n].events[at[n]]
        at[n] += 1
        if pending:
            meter.lost.update(pending)
            pending.clear()
        meter.frame(event)
        run_to_frame(n)


def read(arguments):
    try:
        given, names = getopt.gnu_getopt(arguments, "c:f:i:t:s:q", [
            "config=", "format=", "interval=", "type=", "header", "no-header", "exclude=", "timestamps=", "decapsulate=",
            "max-flows=", "on-full=", "set=", "quiet", "summary=", "open", "threads="])
    except getopt.GetoptError as e:
        raise Fatal(str(e))
    letters = {"-c": "config", "-f": "format", "-i": "interval", "-t": "type", "-s": "set", "-q": "quiet"}
    config, options = Config(), {}
    for name, value in given:
        name = letters.get(name, name.lstrip("-"))
        if name == "set":
            field, equals, value = value.partition("=")
            if not equals or field not in IDENTITY or re.search(r"[\s\x00-\x1f\x7f]", value):
                raise Fatal("--set %s=%s" % (field, value))
            if value:
                config.set[field] = value
        elif name in ("header", "no-header"):
            options["header"] = "yes" if name == "header" else "no"
        elif name in ("quiet", "open"):
            options[name] = "yes"
        else:
            options[name] = value
    if "config" in options:
        config.read(options["config"])
    options = {**config.options, **options}                        # options win over the file
    settings = {
        "interval": number_in(options.get("interval", "60"), 1, 86400, "interval"),
        "type": one_of(options.get("type", "text"), ("text", "json", "csv"), "type"),
        "exclude": one_of(options.get("exclude", "aws"), ("aws", "none"), "exclude"),
        "timestamps": one_of(options.get("timestamps", "packet"), ("packet", "window"), "timestamps"),
        "on-full": one_of(options.get("on-full", "flush"), ("flush", "skip"), "on-full"),
        "max-flows": number_in(options.get("max-flows", "4194304"), 1, 1 << 40, "max-flows"),
        "decapsulate": {one_of(w, ("vxlan", "geneve", "gre"), "decapsulate")
                        for w in re.split(r"[,\s]+", options.get("decapsulate", "")) if w},
    }
    summary = one_of(options.get("summary", "text"), ("text", "json"), "summary")
    quiet = switch(options.get("quiet", "no"))
    header = switch(options.get("header", "no"))
    fields = parse_format(options.get("format", "default"))
    if not names:
        raise Fatal("no file")

    points, inputs = {}, []
    for name in names:                                             # 13.1: every file is looked at before any output
        m = re.match(r"([^/=]*)=(.*)", name, re.DOTALL)
        inputs.append(Input(m.group(2), m.group(1), points) if m else Input(name, None, points))

    out = []
    meter = Meter(config, fields, settings, out)
    if header and settings["type"] != "json":
        out.append(("," if settings["type"] == "csv" else " ").join(fields))
    merge(inputs, meter)
    meter.finish()
    sys.stdout.write("".join(line + "\n" for line in out))
    sys.stdout.flush()

    for i in meter.interfaces:
        if i.section is not None and not i.bound:
            warn("interface %s: no input has its device" % i.section)
    if not quiet and summary == "json":
        sys.stderr.write(json.dumps(meter.account) + "\n")
    elif not quiet:
        sys.stderr.write(", ".join("%s %d" % pair for pair in meter.account.items()) + "\n")
    assert meter.account["frames"] == sum(v for k, v in meter.account.items() if k != "frames")
    status = 1 if meter.unsupported or any(i.damaged for i in inputs) else 0
    if status == 0 and any(i.odd_time for i in inputs):
        left_open("status after a time outside 1970..2262")
    if "open" in options:
        for question, times in sorted(OPEN.items()):
            sys.stderr.write("open: %s (%d)\n" % (question, times))
    return status


def main():
    if len(sys.argv) < 2 or sys.argv[1] != "read":
        sys.stderr.write(__doc__)
        return 2
    try:
        return read(sys.argv[2:])
    except Fatal as e:
        warn(e)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0


if __name__ == "__main__":
    sys.exit(main())
