#!/usr/bin/env python3
"""Writes a random test from a seed: captures, a config.ini and an `args` file.

    generate.py SEED OUTDIR

OUTDIR then holds one to three captures, config.ini (not always) and args, whose words stand behind `read` with OUTDIR as the
working directory. The same seed gives the same bytes.

Each test takes a few effects out of many and lets them meet in few addresses, ports and MACs, so that flows aggregate and a
difference can be traced. What the page of semantics leaves open is not tested; where a test would touch such a question
(model.py says so), another is drawn. By construction left out are:
- pcapng: block lengths that differ at both ends, options that run out of their block, broken interface blocks, statistics
  before the first packet, drop totals that shrink or are there only now and then, an unknown version, obsolete
  packet blocks with flags, drops told by frames of an undecoded link type, a made-up name that equals a real one;
- classic: bits above the link type, fractions of a second of a second or more, huge captured lengths that are there;
- link layer: null families in another byte order than the file's, PPP protocols of one byte, MPLS over PPP, PPPoE codes and
  lengths that lie, LLC without SNAP that carries IP, short or cut non-IP frames, radiotap padding, 802.11 control frames,
  NFLOG without payload or with broken attributes;
- IP: atomic fragments whose identification later fragments use, two fragment headers in a packet, inner packets longer than
  the outer one, UDP lengths that lie in tunnels, MPLS directly in GENEVE or GRE, critical GENEVE options;
- interfaces: a MAC without address where frames have no MACs, equal addresses on one capture point, group frames whose
  word and addresses contradict each other, VNI beside none, VXLAN in VXLAN with a VNI;
- DHCP ports over the other family, a tiny flow table with frames of several interfaces, fragments later than 30 s by
  one clock and not by the other (late packets), times outside 1970..2262 where nothing else makes the status 1.
"""

import gzip
import os
import random
import shlex
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SECOND = 1_000_000_000


def ip4(text):
    return bytes(int(p) for p in text.split("."))


def ip6(text):
    head, _, tail = text.partition("::")

    def half(t):
        return b"".join(int(w, 16).to_bytes(2, "big") for w in t.split(":")) if t else b""
    head, tail = half(head), half(tail)
    return head + bytes(16 - len(head) - len(tail)) + tail


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


OWN_MACS = ["02:00:00:00:00:%02x" % n for n in range(1, 6)]
FAR_MACS = [mac("02:ff:00:00:00:%02x" % n) for n in range(1, 4)]
OWN4 = [("10.0.0.%d" % (10 * n), "10.0.0.%d" % (10 * n + 1)) for n in range(1, 6)]
OWN6 = [("2001:db8::%d" % n, "2001:db8:0:1:%d::" % n) for n in range(1, 6)]
FAR4 = [ip4(a) for a in ("198.51.100.7", "198.51.100.8", "10.0.0.99", "192.0.2.0")]
FAR6 = [ip6(a) for a in ("2001:db8:f::7", "2001:db8:f:0:1:0:0:1", "2001:db8:0:f:1:1:1:1", "2001::1:0:0:1:1", "::ffff:c000:201", "1::",
                              "::1", "::c000:201")]
ODD4 = [ip4(a) for a in ("0.0.0.0", "127.0.0.1", "169.254.1.1")]
ODD6 = [bytes(16), ip6("fe80::1"), ip6("febf::2")]
GROUP4 = [ip4("224.0.0.251"), ip4("239.1.2.3"), b"\xff" * 4]
GROUP6 = [ip6("ff02::1"), ip6("ff0e::1:2")]
WITH_MACS, COOKED = {1, 105, 127}, {113, 276}
LINKS = [0, 1, 9, 12, 14, 50, 101, 104, 105, 108, 113, 127, 228, 229, 239, 276]
PORTS = [1001, 1002, 80, 443, 53, 4789]


# ---- packets

def udp(sport, dport, data):
    return struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data


def ipv4(src, dst, protocol, payload, ident=1, fragment=0, options=b"", total=None, first=None):
    header = 20 + len(options)
    return struct.pack(">BBHHHBBH", first if first is not None else 0x40 | header // 4, 0,
                       header + len(payload) if total is None else total, ident, fragment, 64, protocol, 0) + src + dst + options + payload


def ipv6(src, dst, protocol, payload, length=None, first=0x60):
    return struct.pack(">BBHHBB", first, 0, 0, len(payload) if length is None else length, protocol, 64) + src + dst + payload


class Test:
    def __init__(self, name, folder):
        self.r = random.Random(name)
        self.folder = folder
        r = self.r
        self.odds = {                                     # the effects of this test: each is off, rare or common
            effect: r.choices((0, 0.04, 0.2), weights)[0] for effect, weights in {
                "cut": (5, 3, 2), "malformed": (6, 3, 1), "length0": (5, 3, 2), "fragment": (4, 3, 3), "excluded": (5, 3, 2),
                "nonip": (4, 4, 1), "odd": (4, 4, 2), "v6ext": (4, 3, 3), "options": (6, 2, 2), "tunnel": (4, 3, 3),
                "group": (4, 4, 2), "layers": (4, 3, 3), "late": (5, 3, 2), "jump": (5, 4, 1), "drops": (5, 3, 1),
                "padding": (4, 2, 4), "orig": (6, 2, 2), "stray": (5, 3, 2), "proto": (4, 4, 2), "disagree": (6, 3, 1),
            }.items()}
        self.interval = r.choice([60] * 8 + [600, 1, 7, 3600, 86400])
        self.ident = 1
        self.plan_captures()
        self.plan_interfaces()
        self.plan_options()
        self.schedule()
        self.write()

    def chance(self, effect):
        return self.r.random() < self.odds[effect]

    # ---- the captures and their points

    def plan_captures(self):
        r = self.r
        self.captures = []
        only_ethernet = r.random() < 0.5
        for n in range(r.choice((1, 1, 1, 2, 2, 3))):
            c = {"kind": r.choice(("classic", "classic", "pcapng", "pcapng", "pcapng")), "name": None, "items": []}
            if r.random() < 0.3:
                c["name"] = r.choice(("eth0", "eth1", "a.b"))

            def link():
                return 1 if only_ethernet or r.random() < 0.3 else r.choice(LINKS)
            if c["kind"] == "classic":
                c["order"] = r.choice("<>")
                c["magic"] = r.choice((0xA1B2C3D4, 0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34))
                c["points"] = [{"link": link(), "order": c["order"], "unit": 1 if c["magic"] == 0xA1B23C4D else 1000}]
            else:
                c["sections"] = []
                for s in range(r.choice((1, 1, 1, 2, 3))):
                    section = {"order": r.choice("<<>"), "interfaces": []}
                    for i in range(r.choice((1, 1, 2, 3))):
                        section["interfaces"].append(self.plan_ng_interface(section["order"], link(), c["name"] is not None))
                    c["sections"].append(section)
                c["points"] = [i for s in c["sections"] for i in s["interfaces"]]
            self.captures.append(c)
        self.links = {p["link"] for c in self.captures for p in c["points"]}

    def plan_ng_interface(self, order, link, named):
        r = self.r
        i = {"link": link, "order": order, "name": None, "resolution": None, "offset": None, "snap": 0, "unsupported": False,
             "late": r.random() < 0.15, "ifdrop": 0, "osdrop": 0, "counts": r.choice((("ifdrop",), ("osdrop",), ("ifdrop", "osdrop")))}
        if r.random() < 0.5:
            i["name"] = r.choice(("eth0", "eth1", "wlan0"))
        if not named and r.random() < 0.06:
            i.update(link=r.choice((147, 189, 220, 7)), unsupported=True, name="other%d" % r.randrange(3))
        if r.random() < 0.5:
            i["resolution"] = r.choice((9, 9, 6, 3, 0, 10, 0x80 | 10, 0x80 | 20, 0x80 | 32, 12))
        if i["resolution"] == 12 or r.random() < 0.1:
            i["offset"] = 1_500_000_000 if i["resolution"] == 12 or r.random() < 0.7 else -3600
        if r.random() < 0.2:
            i["snap"] = r.choice((64, 96, 65535))
        return i

    # ---- config.ini

    def plan_interfaces(self):
        r = self.r
        self.decapsulate = [k for k in ("vxlan", "geneve", "gre") if r.random() < 0.5] if self.odds["tunnel"] and r.random() < 0.85 else []
        self.vni = r.random() < 0.07
        if self.vni:
            self.decapsulate, self.odds["tunnel"] = ["vxlan"], 0.5
        bare = not self.links <= WITH_MACS or set(self.decapsulate) & {"geneve", "gre"}      # some frames have no MACs
        self.interfaces = []
        devices = {p.get("name") for c in self.captures for p in c["points"]} | {c["name"] for c in self.captures}
        devices = sorted(d for d in devices if d and not d.startswith("other")) + ["if0", "nowhere"]
        for n in range(r.choice((0, 0, 1, 1, 1, 2, 2, 3, 4, 5))):
            kind = r.choice(("address", "both", "both", "neither") if bare else ("mac", "mac", "address", "both", "both", "neither"))
            i = {"section": r.choice(("web", "db", "eth0", "nat", "if0")) + str(n) if r.random() < 0.8 else "eth%d" % n,
                 "kind": kind, "device": r.choice(devices) if r.random() < 0.3 else None, "vni": None, "mac": None, "own": []}
            if self.vni:
                i["vni"] = r.choice((7, 7, 8))
            if kind in ("mac", "both"):
                i["mac"] = OWN_MACS[n]
            if kind in ("address", "both"):
                i["own"] = r.choice((OWN4[n] + OWN6[n], OWN4[n][:1] + OWN6[n][:1], OWN4[n], OWN6[n][:1], OWN6[n] + OWN4[n]))
            self.interfaces.append(i)
        self.locals = [(mac(i["mac"]) if i["mac"] else mac(OWN_MACS[n]),
                        [ip4(a) for a in (i["own"] or OWN4[n]) if "." in a] or [ip4(OWN4[n][0])],
                        [ip6(a) for a in (i["own"] or OWN6[n]) if ":" in a] or [ip6(OWN6[n][0])])
                       for n, i in enumerate(self.interfaces)]
        if not self.locals:
            self.locals = [(mac(OWN_MACS[0]), [ip4(OWN4[0][0])], [ip6(OWN6[0][0])])]

    def config(self):
        r = self.r
        out = []

        def remark():
            return r.choice(("", "", "", "   ; a remark", " ; x = y"))
        if r.random() < 0.6:
            out.append("[defaults]")
            for key, value in (("account-id", "123456789010"), ("vpc-id", "vpc-1"), ("region", "eu-west-1"),
                               ("instance-tag", 'a,b"c'), ("ecs-cluster-name", "c;d"), ("subnet-id", "")):
                if r.random() < 0.4:
                    out.append("%s = %s%s" % (key, value, remark()))
            if r.random() < 0.4:
                out.append("vpc-cidr = 10.0.0.0/16" + remark())
            if r.random() < 0.3:
                out.append("subnet-cidr = 10.0.0.0/24, 10.0.1.0/24")
        for i in self.interfaces:
            out += ["", "[interface %s]" % i["section"]]
            if r.random() < 0.2:
                out.append("# a comment")
            for key in ("device", "mac", "vni"):
                if i[key] is not None:
                    out.append("%s = %s%s" % (key, i[key], remark()))
                elif r.random() < 0.05:
                    out.append("%s =" % key)
            if i["own"]:
                addresses = list(i["own"])
                if r.random() < 0.3 and len(addresses) > 1:
                    out += ["address = %s,%s" % (addresses[0], remark()), "    %s" % ", ".join(addresses[1:])]
                elif r.random() < 0.3:
                    out += ["address = %s" % a for a in addresses]
                else:
                    out.append("address = " + ", ".join(addresses) + remark())
            for key, value in (("interface-id", "eni-%s" % i["section"]), ("account-id", "999"), ("interface-tag", "x%2Cy"),
                               ("instance-id", "i-1"), ("vpc-cidr", r.choice(("10.0.0.0/16", "198.51.100.0/24, 2001:db8::/32"))),
                               ("subnet-cidr", r.choice(("10.0.0.0/24", "10.0.0.96/28")))):
                if r.random() < 0.3:
                    out.append("%s = %s%s" % (key, value, remark()))
        if self.routes:
            for cidr, path in (("0.0.0.0/0", 8), ("10.0.0.0/8", 1), ("198.51.100.8/32", 4), ("2001:db8::/32", 1), ("::/0", 2)):
                if r.random() < 0.6:
                    out += ["", "[route %s]" % cidr, "traffic-path = %d" % path]
        return out

    # ---- options

    def plan_options(self):
        r = self.r
        a = self.args = []
        self.routes = r.random() < 0.2
        if self.interval != 60 or r.random() < 0.2:
            a.append("-i%d" % self.interval if r.random() < 0.5 else "--interval=%d" % self.interval)
        if r.random() < 0.15:
            a += ["-f", r.choice(("default", "tcp-flags", "nat", "transit-gateway", "v5", "console", "all"))]
        elif r.random() < 0.85:
            names = "interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end log-status".split()
            for name in ("tcp-flags", "pkt-srcaddr", "pkt-dstaddr", "flow-direction", "type", "version", "traffic-path", "account-id",
                         "vpc-id", "instance-tag", "ecs-cluster-name", "pkt-src-aws-service", "pkt-dst-aws-service", "action"):
                odds = {"traffic-path": 0.8 if self.routes else 0.05, "pkt-dstaddr": 0.15 if self.routes else 0.35}
                if r.random() < odds.get(name, 0.35):
                    names.append(name)
            if r.random() < 0.15:
                names = r.sample(names, r.randrange(2, len(names)))
            if r.random() < 0.05:
                names.append(r.choice(names))
            a += ["-f", " ".join(names) if r.random() < 0.7 else " ".join("${%s}" % n for n in names)]
        if r.random() < 0.2:
            a += ["-t", r.choice(("text", "json", "csv"))]
        if r.random() < 0.15:
            a.append(r.choice(("--header", "--no-header")))
        if r.random() < 0.25:
            a.append("--exclude=" + r.choice(("aws", "none")))
        if r.random() < 0.1:
            a.append("--timestamps=" + r.choice(("window", "packet")))
        if self.decapsulate:
            a += ["--decapsulate", ",".join(self.decapsulate)]
        if r.random() < (0.3 if len(self.interfaces) <= 1 else 0.03):
            a += ["--max-flows", str(r.choice((1, 2, 3, 4, 8)))]
            if r.random() < 0.5:
                a.append("--on-full=" + r.choice(("skip", "flush")))
        if r.random() < 0.15:
            a += ["-s", r.choice(("account-id=555", "vpc-id=vpc-set", "az-id=use1-az1", "asg-tag-2=q"))]

    # ---- what is in a frame

    def transport(self, protocol, sport, dport):
        """A transport header and a little data, and the ports that a reader would find."""
        r = self.r
        data = b"x" * r.choice((0, 0, 4, 12, 30, 600))
        if protocol == 6:
            flags = r.choice((2, 0x12, 0x10, 0x18, 0x11, 4, 0x14, 1, 0, 0xC2, 0x3F, 3))
            return struct.pack(">HHIIBBHHH", sport, dport, 1, 1, 0x50, flags, 1000, 0, 0) + data
        if protocol in (17, 136):
            return udp(sport, dport, data)
        if protocol == 132:
            return struct.pack(">HHII", sport, dport, 1, 0) + data
        if protocol == 33:
            return struct.pack(">HHBBHI", sport, dport, 4, 0, 0, 0) + data
        if protocol in (1, 58):
            return struct.pack(">BBHHH", 8 if protocol == 1 else 128, 0, 0, sport, 1) + data
        return bytes(r.randrange(256) for _ in range(8)) + data

    def random_protocol(self, version):
        if self.chance("proto"):
            return self.r.choice((1, 58, 132, 33, 136, 47, 50, 51, 89, 4, 41, 255))
        return self.r.choice((6, 6, 6, 17, 17, 17, 1 if version == 4 else 58))

    def extensions(self, protocol, payload):
        """IPv6 extension headers before the payload: (first next-header, bytes)."""
        r = self.r
        if not self.chance("v6ext"):
            return protocol, payload
        atomic = False
        for _ in range(r.randrange(1, 5)):
            kind = r.choice((0, 43, 60, 60, 44))
            if kind == 44:
                if atomic:
                    continue
                atomic = True
                payload = struct.pack(">BBHI", protocol, 0, 0, r.randrange(900000, 900010)) + payload
            else:
                units = r.choice((0, 0, 1, 3))
                payload = bytes((protocol, units)) + bytes(6 + 8 * units) + payload
            protocol = kind
        if r.random() < 0.05:
            return r.choice((0, 43, 60)), b"\x06" + bytes((200,)) + payload          # reaches behind the end
        return protocol, payload

    def ip_packet(self, version, src, dst, protocol, payload):
        r = self.r
        self.ident += 1
        if version == 4:
            options = bytes((1,)) * (4 * r.randrange(1, 11)) if self.chance("options") else b""
            total = 0 if self.chance("length0") else None
            if self.chance("malformed"):
                bad = r.randrange(3)
                if bad == 0:
                    return ipv4(src, dst, protocol, payload, first=r.choice((0x44, 0x40, 0x43)))
                if bad == 1:
                    return ipv4(src, dst, protocol, payload, options=options, total=r.randrange(1, 20))
                return ipv4(src, dst, protocol, payload, first=r.choice((0x55, 0x05, 0xF5, 0x65)))
            return ipv4(src, dst, protocol, payload, self.ident & 0xFFFF, r.choice((0, 0x4000)), options, total)
        protocol, payload = self.extensions(protocol, payload)
        length = 0 if self.chance("length0") else None
        if self.chance("options"):
            return ipv6(src, dst, 59, payload if r.random() < 0.5 else b"", length)
        if self.chance("malformed"):
            return ipv6(src, dst, protocol, payload, first=r.choice((0x50, 0x45, 0x00)))
        return ipv6(src, dst, protocol, payload, length)

    def endpoints(self, version):
        """(smac, dmac, src, dst): who talks to whom."""
        r = self.r
        column = 1 if version == 4 else 2
        one, two = r.choice(self.locals), r.choice(self.locals)
        far_mac, far = r.choice(FAR_MACS), r.choice(FAR4[:3] if version == 4 else FAR6)

        def pick(local):
            return local[column][0] if r.random() < 0.7 else r.choice(local[column])
        shape = r.choice(("out", "in", "out", "in", "both"))
        if self.chance("stray"):
            shape = "stray"
        if shape == "out":
            e = [one[0], far_mac, pick(one), far]
        elif shape == "in":
            e = [far_mac, one[0], far, pick(one)]
        elif shape == "both":
            e = [one[0], two[0], pick(one), pick(two)]
        else:
            e = [far_mac, r.choice(FAR_MACS), far, r.choice(FAR4 if version == 4 else FAR6)]
        if self.chance("disagree"):                               # the near end is another's address, or an odd one
            e[r.choice((2, 3))] = r.choice((FAR4 + ODD4) if version == 4 else (FAR6 + ODD6))
        if self.chance("odd"):                                    # addresses that the near end's never stand for, and others
            e[r.choice((2, 3))] = r.choice(ODD4 if version == 4 else ODD6)
        if self.chance("group"):
            kind = r.random()
            if kind < 0.75:
                e[3] = r.choice(GROUP4 if version == 4 else GROUP6)
            if kind > 0.1:
                e[1] = r.choice((b"\xff" * 6, mac("01:00:5e:00:00:fb"), mac("33:33:00:00:00:01")))
        return e

    def plain(self, depth=0):
        """(version, endpoints, packet)"""
        r = self.r
        version = r.choice((4, 4, 4, 6))
        e = self.endpoints(version)
        if self.chance("excluded"):
            return self.never_logged()
        sport, dport = r.choice(PORTS[:3]), r.choice(PORTS[:4])
        if depth < 3 and self.chance("tunnel"):
            protocol, payload = self.tunnel(depth)
        else:
            protocol = self.random_protocol(version)
            payload = self.transport(protocol, sport, dport)
            if protocol == 47:
                payload = b"\x00\x00\x88\xbe" + payload
        if r.random() < 0.02:
            payload = payload[:r.randrange(0, 5)]
        return version, e, self.ip_packet(version, e[2], e[3], protocol, payload)

    def never_logged(self):
        r = self.r
        version = r.choice((4, 4, 4, 6))
        e = self.endpoints(version)
        protocol, ports = 17, [1001, 53]
        kind = r.choice(("dns", "meta", "windows", "dhcp", "router", "near"))
        if kind == "dns":
            e[3] = ip4(r.choice(("169.254.169.253", "10.0.0.2", "198.51.100.2"))) if version == 4 else ip6("fd00:ec2::253")
            protocol, ports = r.choice((6, 17, 17, 132)), [1001, r.choice((53, 53, 53, 54))]
        elif kind == "meta":
            e[3] = ip4(r.choice(("169.254.169.254", "169.254.169.123"))) if version == 4 else \
                ip6(r.choice(("fd00:ec2::254", "fd00:ec2::123")))
            protocol, ports = r.choice((6, 17, 1)), [1001, 80]
        elif kind == "windows" and version == 4:
            e[3] = ip4(r.choice(("169.254.169.250", "169.254.169.251")))
            protocol, ports = r.choice((6, 6, 17)), [1001, r.choice((1688, 1688, 1689))]
        elif kind == "dhcp":
            protocol = r.choice((17, 17, 17, 6))
            ports = r.choice(([68, 67], [67, 68], [67, 67], [68, 1001]) if version == 4 else ([546, 547], [547, 546], [546, 1001]))
            if r.random() < 0.5:
                e[1] = b"\xff" * 6 if version == 4 else mac("33:33:00:01:00:02")
                e[2], e[3] = (bytes(4), b"\xff" * 4) if version == 4 else (ip6("fe80::1"), ip6("ff02::1:2"))
        elif kind == "router":
            e[3] = ip4(r.choice(("10.0.0.1", "10.0.1.1", "10.0.0.97"))) if version == 4 else ip6("2001:db8::1")
            protocol, ports = r.choice((1, 6)), [1001, 80]
        else:
            e[3] = ip4("10.0.0.3") if version == 4 else ip6("fd00:ec2::252")
        if r.random() < 0.4 and e[3] not in GROUP4 + GROUP6 and e[3] != b"\xff" * 4 and not e[1][0] & 1 and e[2] != bytes(len(e[2])):
            e = [e[1], e[0], e[3], e[2]]
            ports.reverse()
        payload = self.transport(protocol, *ports)
        return version, e, self.ip_packet(version, e[2], e[3], protocol, payload)

    def tunnel(self, depth):
        """(protocol, payload) of a packet that carries another."""
        r = self.r
        kind = r.choice(("vxlan", "geneve", "gre"))
        if self.vni:
            kind = "vxlan" if depth == 0 else r.choice(("geneve", "gre"))
        version, e, inner = self.plain(depth + 1)
        as_ethernet = kind == "vxlan" or r.random() < 0.5
        if as_ethernet:
            if r.random() < 0.05:
                inner = e[1] + e[0] + b"\x08\x06" + bytes(28)
            else:
                inner = self.ethernet(e, version, inner)
        ether = 0x6558 if as_ethernet else 0x0800 if version == 4 else 0x86DD
        if r.random() < 0.05:
            inner = inner[:r.randrange(len(inner))]
        odd = r.random() < 0.2
        if kind == "vxlan":
            header = struct.pack(">II", 0 if odd else 0x08000000, r.choice((7, 7, 8, 9)) << 8)
            return 17, udp(50000, 4789, header + inner)
        if kind == "geneve":
            units = r.choice((0, 0, 1, 4))
            header = struct.pack(">BBHI", (0x40 if odd else 0) | units, 0, ether, 9 << 8) + bytes(4 * units)
            return 17, udp(50000, 6081, header + inner)
        bits = sum(bit for bit in (0x8000, 0x2000, 0x1000) if r.random() < 0.2)
        header = struct.pack(">HH", bits | (r.choice((0x4000, 1)) if odd else 0), ether) + bytes(4 * bin(bits).count("1"))
        return 47, header + inner

    def fragments(self):
        """[(delay in ns, version, endpoints, packet)]: the fragments of one or more packets."""
        r = self.r
        version = r.choice((4, 4, 6))
        e = self.endpoints(version)
        protocol = r.choice((17, 17, 6, 1 if version == 4 else 58))
        ident = self.fragment_base + r.randrange(4)
        if self.last_fragments and r.random() < 0.4:              # once more the same identification
            version, e, ident, protocol = self.last_fragments
            if r.random() < 0.3:
                protocol = 6 if protocol == 17 else 17
        self.last_fragments = version, e, ident, protocol
        whole = self.transport(protocol, r.choice(PORTS[:2]), r.choice(PORTS[:4]))
        if self.decapsulate and r.random() < 0.3:
            protocol, whole = self.tunnel(2)
        whole += bytes(max(0, 72 - len(whole)))
        before = r.random() < 0.2
        pieces = [(0, whole[:24], 1), (3, whole[24:48], 1), (6, whole[48:], 0)]
        if r.random() < 0.15:
            pieces[0] = (0, whole[:8] if protocol != 6 or r.random() < 0.5 else whole[:16], 1)
        packets = []
        for offset, data, more in pieces:
            if version == 4:
                packets.append(ipv4(e[2], e[3], protocol, data, ident, offset | (0x2000 if more else 0)))
            else:
                inner = protocol
                if before:                                        # destination options behind the fragment header
                    if offset == 0:
                        data = bytes((protocol, 0)) + bytes(6) + data
                    inner = 60
                body = struct.pack(">BBHI", inner, 0, offset << 3 | more, ident) + data
                packets.append(ipv6(e[2], e[3], 44, body))
        shape = r.choice(("order", "reversed", "late", "later", "lone", "shuffled"))
        step = r.choice((0, 1000, 1_000_000, SECOND))
        if shape == "order":
            delays = [0, step, 2 * step]
        elif shape == "reversed":
            packets.reverse()
            delays = [0, step, 2 * step]
        elif shape == "late":
            delays = [0, 30 * SECOND, 30 * SECOND]
        elif shape == "later":
            delays = [0, 30 * SECOND + 1000, 31 * SECOND]
        elif shape == "lone":
            packets, delays = packets[1:], [0, step]
        else:
            r.shuffle(packets)
            delays = [0, step, step]
        return [(d, version, e, p) for d, p in zip(delays, packets)]

    # ---- framing

    def layers(self, version, packet):
        """(ethertype, bytes): what may stand between the link layer's header and IP."""
        r = self.r
        kind = 0x0800 if version == 4 else 0x86DD
        if not self.chance("layers"):
            return kind, packet
        what = r.choice(("vlan", "vlan", "mpls", "pppoe", "vlan+mpls", "vlan+pppoe"))
        if "mpls" in what:
            labels = r.randrange(1, 4)
            packet = b"".join(struct.pack(">I", 16 << 12 | (0x100 if n == labels - 1 else 0) | 64) for n in range(labels)) + packet
            kind = r.choice((0x8847, 0x8848))
        if "pppoe" in what:
            packet = struct.pack(">BBHHH", 0x11, 0, 1, 2 + len(packet), 0x21 if version == 4 else 0x57) + packet
            kind = 0x8864
        if "vlan" in what:
            for _ in range(r.randrange(1, 4)):
                packet = struct.pack(">HH", 5, kind) + packet
                kind = r.choice((0x8100, 0x88A8, 0x9100))
        return kind, packet

    def ethernet(self, e, version, packet, snap=None):
        kind, body = self.layers(version, packet)
        if self.odds["layers"] and self.r.random() < 0.05:
            body = b"\xaa\xaa\x03\0\0\0" + struct.pack(">H", kind) + body
            kind = min(len(body), 1500)
        return e[1] + e[0] + struct.pack(">H", kind) + body

    def frame(self, point, version, e, packet):
        r = self.r
        link, order = point["link"], point["order"]
        if self.odds["malformed"] and r.random() < 0.01:
            version = 10 - version                                # the link layer says the other
        ether = 0x0800 if version == 4 else 0x86DD
        if link == 1:
            return self.ethernet(e, version, packet)
        if link in (12, 14, 101, 228, 229):
            return packet
        if link in (0, 108):
            family = 2 if version == 4 else r.choice((10, 23, 24, 28, 30))
            return struct.pack((order if link == 0 else ">") + "I", family) + packet
        if link in (9, 50) and r.random() < 0.75:
            head = b"\xff\x03" if link == 50 or r.random() < 0.5 else b""
            return head + struct.pack(">H", 0x21 if version == 4 else 0x57) + packet
        if link in (9, 50, 104):
            kind, packet = self.layers(version, packet)
            return r.choice((b"\x0f\x00", b"\x8f\x00")) + struct.pack(">H", kind) + packet
        if link in (105, 127):
            return self.wifi(link, e, b"\xaa\xaa\x03\0\0\0" + struct.pack(">H", ether) + packet)
        if link in COOKED:
            kind, packet = self.layers(version, packet)
            if r.random() < 0.05:
                kind, packet = 4, b"\xaa\xaa\x03\0\0\0" + struct.pack(">H", kind) + packet
            return self.cooked(link, e, kind, packet)
        if link == 239:
            family = r.choice((2 if version == 4 else 10, 7))
            return self.nflog(order, family, ether, packet)
        raise AssertionError(link)

    def cooked(self, link, e, kind, packet):
        r = self.r
        to_group = e[3] in GROUP4 or e[3] in GROUP6 or e[3][0] >> 4 == 14 and len(e[3]) == 4 or len(e[3]) == 16 and e[3][0] == 0xFF
        own = e[0] in [l[0] for l in self.locals]
        if own and r.random() < 0.9:
            word = 4
        elif to_group or e[1][0] & 1 or r.random() < 0.04:
            word = r.choice((1, 2))
        else:
            word = r.choice((0, 0, 0, 0, 3))
        if link == 113:
            return struct.pack(">HHH", word, 1, 6) + e[0] + bytes(2) + struct.pack(">H", kind) + packet
        return struct.pack(">HHIHBB", kind, 0, 2, 1, word, 6) + e[0] + bytes(2) + packet

    def nflog(self, order, family, ether, packet):
        r = self.r
        out = struct.pack(">BBH", family, 0, 5)
        if r.random() < 0.5:
            out += struct.pack(order + "HH", 8, 4) + struct.pack(">I", 2)
        out += struct.pack(order + "HH", 8, 1) + struct.pack(">HBB", ether, r.randrange(5), 0)
        if r.random() < 0.5:
            prefix = b"log\0"[:r.randrange(1, 5)]
            out += struct.pack(order + "HH", 4 + len(prefix), 10) + prefix + bytes(-len(prefix) % 4)
        return out + struct.pack(order + "HH", 4 + len(packet), 9) + packet

    def wifi(self, link, e, body, control=None, flags=None, sequence=0x10, qos=None):
        r = self.r
        ds = r.randrange(4)
        if control is None:
            control = r.choice((0x08, 0x88))
        if qos is None:
            qos = 0
        ap = mac("02:99:00:00:00:01")
        far_ap = mac("02:99:00:00:00:02")
        flag = ds | (flags or 0)
        order = control & 0x80 and r.random() < 0.1
        if order:
            flag |= 0x80
        a = [(e[1], e[0], ap), (ap, e[0], e[1]), (e[1], ap, e[0]), (ap, far_ap, e[1])][ds]
        head = bytes((control, flag)) + bytes(2) + b"".join(a) + struct.pack("<H", sequence)
        if ds == 3:
            head += e[0]
        if control & 0x80:
            head += struct.pack("<H", qos)
        if order:
            head += bytes(4)
        frame = head + body
        if link == 127:
            extra = r.choice((0, 1, 10))
            frame = struct.pack("<BBHI", 0, 0, 8 + extra, 0) + bytes(extra) + frame
        return frame

    def not_ip(self, point):
        """A frame that holds no IP packet; never cut."""
        r = self.r
        link, order = point["link"], point["order"]
        e = self.endpoints(4)
        arp = b"\0\1\x08\0\6\4\0\1" + bytes(20)
        if link == 1:
            return e[1] + e[0] + r.choice((
                b"\x08\x06" + arp, b"\x88\x8e" + bytes(46), struct.pack(">H", 38) + b"\x42\x42\x03" + bytes(43),
                b"\x81\x00\x00\x05\x08\x06" + arp, b"\x88\x63" + bytes(46), b"\x88\x47" + struct.pack(">I", 0x10140) + bytes(20),
                struct.pack(">BBHHHH", 0x88, 0x64, 0x1100, 1, 8, 0xC021) + bytes(20), b"\x88\xcc" + bytes(46)))
        if link in (12, 14, 101, 228, 229):
            return None
        if link in (0, 108):
            return struct.pack((order if link == 0 else ">") + "I", r.choice((7, 16, 99))) + bytes(40)
        if link in (9, 50):
            return r.choice((b"\xff\x03\xc0\x21" + bytes(20), b"\x8f\x00\x80\x35" + bytes(20)))
        if link == 104:
            return b"\x0f\x00\x80\x35" + bytes(20)
        if link in (105, 127):
            return r.choice((
                lambda: self.wifi(link, e, bytes(30), control=0x80 & 0xF0),
                lambda: self.wifi(link, e, bytes(30), control=0x48),
                lambda: self.wifi(link, e, bytes(30), control=0x08, flags=0x40),
                lambda: self.wifi(link, e, b"\xaa\xaa\x03\0\0\0\x08\0" + bytes(30), control=0x08, sequence=0x11),
                lambda: self.wifi(link, e, b"\xaa\xaa\x03\0\0\0\x08\0" + bytes(30), control=0x88, qos=0x80),
                lambda: self.wifi(link, e, b"\xaa\xaa\x03\0\0\0\x08\x06" + arp)))()
        if link in COOKED:
            return self.cooked(link, e, r.choice((0x0806, 1, 0x88CC)), arp)
        return self.nflog(order, r.choice((3, 7, 12)), 0x0806, arp)

    # ---- time: the schedule of all frames, in the order of their reading

    def schedule(self):
        r = self.r
        I = self.interval * SECOND
        base = r.choice((1_600_000_020, 1_600_000_020, 1_500_000_000 + 2 * 86400)) // self.interval * self.interval * SECOND
        now = base + r.choice((0, r.randrange(I), I - 1000))
        self.fragment_base = 5000
        self.last_fragments = None
        waiting = []
        big_gap = r.random() < 0.12 and self.interval <= 600
        count = r.choice((3, 10, 20, 40, 80))
        for n in range(count):
            start = now // I * I
            step = r.random()
            late = None
            if self.chance("late"):
                late = start - r.choice((0, 1000, r.randrange(I), I, I))
            elif self.chance("jump"):
                jump = r.choice(("next", "next", "some", "back", "edge", "edge"))
                if jump == "next":
                    now = start + I + r.choice((0, 0, r.randrange(I)))
                elif jump == "some":
                    now += r.randrange(2, 6) * I
                elif jump == "edge":
                    now = start + I - r.choice((1, 1000, 1_000_000))
                else:
                    now = max(base - 40 * I, start - I - r.choice((1, 1000, 1_000_000, 3 * I, I // 2 + 1)))
                    waiting = []
                    self.fragment_base += 10
                    self.last_fragments = None
            elif big_gap and n == count // 2:
                now += r.choice((1440 * I, 1440 * I + 1000, 1440 * I + 1_000_000, 1441 * I, 1439 * I, 5000 * I))
            elif step < 0.5:
                now += r.randrange(0, 2 * SECOND)
            elif step < 0.7:
                now += r.choice((0, 1, 1000))
            else:
                now += r.randrange(0, max(1, I // 4))
            for due in sorted(w for w in waiting if w[0] <= now):
                self.place(due[0], due[2])
            waiting = [w for w in waiting if w[0] > now]
            if self.chance("fragment"):
                pieces = self.fragments()
                capture = r.choice(self.captures)
                for delay, version, e, packet in pieces:
                    item = (capture, version, e, packet)
                    if delay == 0:
                        self.place(now, item)
                    else:
                        waiting.append((now + delay, n * 10 + len(waiting), item))
                continue
            self.place(now if late is None else late, None)

    def place(self, t, item):
        """Puts one frame into one capture, at one of its points."""
        r = self.r
        capture = item[0] if item else r.choice(self.captures)
        if capture["kind"] == "pcapng":
            at = capture.setdefault("section", 0)
            if at + 1 < len(capture["sections"]) and r.random() < 0.08:
                at = capture["section"] = at + 1
            points = capture["sections"][at]["interfaces"]
        else:
            at, points = 0, capture["points"]
        point = r.choice(points)
        if item and capture.get("fragment_point") in [id(p) for p in points]:
            point = next(p for p in points if id(p) == capture["fragment_point"])
        elif item:
            capture["fragment_point"] = id(point)
        if point.get("unsupported"):
            capture["items"].append((t, at, point, bytes(20), 20, {}))
            return
        dressed = self.dress(point, item)
        if dressed is None:
            return
        data, original, e = dressed
        extra = {}
        if capture["kind"] == "pcapng":
            if r.random() < 0.3:
                own = e is not None and e[0] in [l[0] for l in self.locals]
                group = e is not None and (e[1][0] & 1 or e[3] in GROUP4 or e[3] in GROUP6)
                bits = (2 if own else 1) if r.random() < (1 if group else 0.9) else r.choice((0, 1, 2))
                extra["flags"] = bits | r.choice((0, 0, 1 << 2, 3 << 2))
            if self.chance("drops"):
                extra["drops"] = r.choice((0, 1, 5))
            extra["block"] = r.choice(("epb",) * 8 + ("spb", "opb"))
        capture["items"].append((t, at, point, data, original, extra))

    def dress(self, point, item):
        """(captured bytes, original length, endpoints)"""
        r = self.r
        if item is None and self.chance("nonip"):
            data = self.not_ip(point)
            return None if data is None else (data, len(data), None)
        for _ in range(20):
            version, e, packet = item[1:] if item else self.plain()
            if point["link"] not in (228, 229) or (point["link"] == 228) == (version == 4) or r.random() < 0.02:
                break
            if item:
                return None
        else:
            return None
        data = self.frame(point, version, e, packet)
        if self.chance("padding") and (point["link"] not in (239,)):
            data += b"\xee" * (max(0, 60 - len(data)) if r.random() < 0.7 else 4)
        original = len(data)
        if self.chance("cut"):
            if r.random() < 0.5:
                inside = data.find(packet)
                keep = inside + r.choice((0, 1, 3, 4, 19, 20, 22, 23, 24, 33, 34, 39, 40, 42, 44, 48, 54, 60))
            else:
                keep = r.randrange(len(data) + 1)
            if not (point["link"] in (9, 50) and keep == 1):
                data = data[:max(0, keep)]
        if self.chance("orig"):
            original = r.choice((0, len(data) // 2, len(data), original + 100))
        return data, original, e

    # ---- writing

    def write(self):
        r = self.r
        names = []
        for n, c in enumerate(self.captures):
            data = self.classic(c) if c["kind"] == "classic" else self.pcapng(c)
            data = self.damage(c, data)
            name = "%d.pcap%s" % (n, "ng" if c["kind"] == "pcapng" else "")
            if r.random() < 0.1:
                name += ".gz"
                data = gzip.compress(data, mtime=0)
            with open(os.path.join(self.folder, name), "wb") as f:
                f.write(data)
            names.append("%s=%s" % (c["name"], name) if c["name"] else name)
        config = self.config()
        if self.interfaces or self.routes or r.random() < 0.4:
            with open(os.path.join(self.folder, "config.ini"), "w") as f:
                f.write("\n".join(config) + "\n")
            self.args[:0] = ["-c", "config.ini"]
        with open(os.path.join(self.folder, "args"), "w") as f:
            f.write(shlex.join(self.args + names) + "\n")

    def classic(self, c):
        o, point = c["order"], c["points"][0]
        out = [struct.pack(o + "IHHiIII", c["magic"], 2, 4, 0, 0, 262144, point["link"])]
        for t, _, _, data, original, _ in c["items"]:
            out.append(struct.pack(o + "IIII", t // SECOND, t % SECOND // point["unit"], len(data), original)
                       + (bytes(8) if c["magic"] == 0xA1B2CD34 else b"") + data)
        c["starts"] = [24]
        for piece in out[1:]:
            c["starts"].append(c["starts"][-1] + len(piece))
        return b"".join(out)

    def pcapng(self, c):
        r = self.r
        out = []
        any_frame = False

        def block(o, kind, body):
            body += bytes(-len(body) % 4)
            out.append(struct.pack(o + "II", kind, 12 + len(body)) + body + struct.pack(o + "I", 12 + len(body)))

        def option(o, code, value):
            return struct.pack(o + "HH", code, len(value)) + value + bytes(-len(value) % 4)

        def describe(o, i):
            options = option(o, 2, i["name"].encode()) if i["name"] else b""
            if i["resolution"] is not None:
                options += option(o, 9, bytes((i["resolution"],)))
            if i["offset"] is not None:
                options += option(o, 14, struct.pack(o + "q", i["offset"]))
            if options or r.random() < 0.3:
                options += struct.pack(o + "HH", 0, 0)
            block(o, 1, struct.pack(o + "HHI", i["link"], 0, i["snap"]) + options)

        def noise(o):
            kind = r.choice((4, 10, 0xBAD, 0x40000BAD, 0x12345))
            block(o, kind, struct.pack(o + "I", 32473) + bytes(r.choice((0, 4, 12))) if kind != 4 else bytes(4))

        def stamp(i, t):
            t = max(0, t - (i["offset"] or 0) * SECOND)
            resolution = 6 if i["resolution"] is None else i["resolution"]
            units = 2 ** (resolution & 127) if resolution & 128 else 10 ** resolution
            ticks = -(-t * units // SECOND) if r.random() < 0.5 and resolution in (9, 10, 12, 0x80 | 32) else t * units // SECOND
            return ticks >> 32 & 0xFFFFFFFF, ticks & 0xFFFFFFFF

        section = -1
        for t, at, point, data, original, extra in c["items"] + [(None,) * 6]:
            last = t is None
            while section < (len(c["sections"]) - 1 if last else at):
                section += 1
                s = c["sections"][section]
                o = s["order"]
                block(o, 0x0A0D0D0A, struct.pack(o + "IHHq", 0x1A2B3C4D, 1, 0, -1))
                numbers = {}
                for i in sorted(s["interfaces"], key=lambda i: i["late"]):
                    if not i["late"] or not numbers:
                        numbers[id(i)] = len(numbers)
                        describe(o, i)
                        if i["link"] == 228 and r.random() < 0.2:
                            noise(o)
            if last:
                break
            if id(point) not in numbers:
                numbers[id(point)] = len(numbers)
                describe(o, point)
            if r.random() < 0.03:
                noise(o)
            kind = extra.get("block", "epb")
            high, low = stamp(point, t)
            padded = data + bytes(-len(data) % 4)
            if kind == "spb" and numbers[id(point)] == 0:
                snap = point["snap"]
                keep = min(max(original, len(data)), snap) if snap else max(original, len(data))
                if keep == len(data):
                    block(o, 3, struct.pack(o + "I", max(original, len(data))) + padded)
                    any_frame = True
                    continue
            if kind == "opb":
                drops = extra.get("drops", r.choice((0xFFFF, 0xFFFF, 0)))
                block(o, 2, struct.pack(o + "HHIIII", numbers[id(point)], drops, high, low, len(data), original) + padded)
            else:
                options = b""
                if "flags" in extra:
                    options += option(o, 2, struct.pack(o + "I", extra["flags"]))
                if "drops" in extra:
                    options += option(o, 4, struct.pack(o + "Q", extra["drops"]))
                if r.random() < 0.1:
                    options += option(o, 1, b"a comment")
                if options and r.random() < 0.8:
                    options += struct.pack(o + "HH", 0, 0)
                block(o, 6, struct.pack(o + "IIIII", numbers[id(point)], high, low, len(data), original) + padded + options)
            any_frame = True
            if self.chance("drops"):
                known = [i for i in s["interfaces"] if id(i) in numbers and not i["unsupported"]]
                if known and any_frame:
                    i = r.choice(known)
                    for counter in i["counts"]:
                        i[counter] += r.choice((0, 0, 1, 7))
                    options = option(o, 4, struct.pack(o + "Q", 9))
                    for counter, code in (("ifdrop", 5), ("osdrop", 7)):
                        if counter in i["counts"]:
                            options += option(o, code, struct.pack(o + "Q", i[counter]))
                    block(o, 5, struct.pack(o + "III", numbers[id(i)], high, low) + options + struct.pack(o + "HH", 0, 0))
        c["blocks"] = out
        c["starts"] = [0]
        for piece in out:
            c["starts"].append(c["starts"][-1] + len(piece))
        return b"".join(out)

    def damage(self, c, data):
        r = self.r
        if r.random() > 0.12:
            return data
        starts = c["starts"]
        where = r.choice(starts[1:] or starts)
        what = r.choice(("tail", "tail", "insane", "broken", "broken", "odd time"))
        if what == "tail":
            low = 24 if c["kind"] == "classic" else 12
            return data[:r.randrange(low, len(data))] if len(data) > low else data
        if c["kind"] == "classic":
            where = r.choice(starts)
            bad = struct.pack(c["order"] + "IIII", 1_600_000_100, 0, r.choice((0xFFFFFFFF, 0x7FFFFFFF, 0x10000000)), 60) + bytes(60)
            return data[:where] + bad + data[where:]
        if len(starts) < 3:
            return data
        n = r.randrange(2, len(starts))
        where = starts[n]
        section_at = max(k for k in range(n) if c["blocks"][k][:4] == b"\x0a\x0d\x0d\x0a")
        o = "<" if c["blocks"][section_at][8:12] == b"\x4d\x3c\x2b\x1a" else ">"
        if what == "insane":
            bad = struct.pack(o + "II", r.choice((6, 6, 3, 0x999)), r.choice((0, 7, 8, 13, 0xFFFFFFF0, 0xFFFFFFFF, 0x7FFFFFFC))) + bytes(40)
        elif what == "broken":
            body = r.choice((
                struct.pack(o + "IIIII", 77, 0, 0, 4, 4) + bytes(4),                      # an interface that is not there
                struct.pack(o + "IIIII", 0, 0, 0, 4000, 4000) + bytes(8),                 # longer than the block
                struct.pack(o + "IIIII", 0, 0, 0, 0xFFFFFFFF, 60) + bytes(8),
                bytes(8)))
            bad = struct.pack(o + "II", 6, 12 + len(body)) + body + struct.pack(o + "I", 12 + len(body))
            if r.random() < 0.2:
                body = struct.pack(o + "III", 77, 0, 0)
                bad = struct.pack(o + "II", 5, 12 + len(body)) + body + struct.pack(o + "I", 12 + len(body))
        else:                                                                             # far away in time, and a broken block
            body = struct.pack(o + "IIIII", 0, r.choice((0xFFFFFFFF, 0x80000000)), 0xFFFFFFFF, 20, 20) + bytes(20)
            bad = struct.pack(o + "II", 6, 12 + len(body)) + body + struct.pack(o + "I", 12 + len(body))
            body = struct.pack(o + "IIIII", 77, 0, 0, 4, 4) + bytes(4)
            bad += struct.pack(o + "II", 6, 12 + len(body)) + body + struct.pack(o + "I", 12 + len(body))
        return data[:where] + bad + data[where:]


def no_capture(seed, folder):
    """Now and then: a file that is no capture beside one that is, or a file of no bytes (13.1)."""
    r = random.Random("no capture %s" % seed)
    with open(os.path.join(folder, "args")) as f:
        args = f.read().strip()
    with open(os.path.join(folder, "extra"), "wb") as f:
        f.write(r.choice((b"", b"", b"\xd4\xc3\xb2\xa1\x02", b"\x0a\x0d\x0d\x0a\x1c\0\0\0", b"\x00\x01\x02\x03" * 20,
                          b"\xd4\xc3\xb2\xa1\x02\0\x04\0" + bytes(12) + b"\x93\0\0\0")))
    with open(os.path.join(folder, "args"), "w") as f:
        f.write(args + " extra\n")


def open_questions(folder):
    """What the test touches of what the page leaves open."""
    with open(os.path.join(folder, "args")) as f:
        args = shlex.split(f.read())
    run = subprocess.run([sys.executable, os.path.join(HERE, "model.py"), "read", "-q", "--open"] + args, cwd=folder,
                         capture_output=True, text=True, errors="replace")
    if "Traceback" in run.stderr:
        raise SystemExit("model.py fails on %s:\n%s" % (folder, run.stderr))
    return [line[6:] for line in run.stderr.splitlines() if line.startswith("open: ")]


def generate(seed, folder):
    """Writes the test of a seed into a folder. Returns the open questions of the tests that were drawn before it."""
    os.makedirs(folder, exist_ok=True)
    touched = []
    for attempt in range(50):
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        Test("%s.%d" % (seed, attempt), folder)
        questions = open_questions(folder)
        if not questions:
            break
        touched += questions
    if random.Random("kind %s" % seed).random() < 0.02:
        no_capture(seed, folder)
    return touched


def main():
    if len(sys.argv) != 3:
        sys.stderr.write(__doc__)
        return 2
    if os.path.isdir(sys.argv[2]) and os.listdir(sys.argv[2]) and "args" not in os.listdir(sys.argv[2]):
        sys.stderr.write("generate: %s is neither empty nor an earlier test\n" % sys.argv[2])
        return 2
    generate(sys.argv[1], sys.argv[2])
    return 0


if __name__ == "__main__":
    sys.exit(main())
