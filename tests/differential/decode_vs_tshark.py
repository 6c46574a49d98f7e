#!/usr/bin/env python3
"""Holds the decoder against tshark, frame by frame:

    decode_vs_tshark.py DECODE FILE...

DECODE is the program that tests/differential/decode.c is compiled to. Each file is compared twice, with tunnels closed
and with all of them open. What tshark does not do is done here, from what it says: ports (IPv6: and protocol) of later
fragments are those of their first, the walk over IPv6 extension headers ends where ours does, tcp-flags are reduced to
those of the field. Where tshark reads less, ours are believed: the flags of a TCP header that is cut off before its
window, and what follows an IPv6 length of 0. A file that tshark finds damaged is compared as far as both go if it is
pcapng; in a classic one tshark guesses at other layouts than the one it has. Status 1: they differ. 77: there is no
tshark."""

import shutil, subprocess, sys

PORTS = {6: "tcp", 17: "udp", 33: "dccp", 132: "sctp", 136: "udp"}
WALKED = {0: "ipv6.hopopts", 43: "ipv6.routing", 44: "ipv6.fraghdr", 60: "ipv6.dstopts"}
TUNNELS = ["vxlan", "geneve", "gre"]
FIELDS = """frame.time_epoch frame.interface_id frame.protocols eth.src eth.dst wlan.sa wlan.da
 ip.src ip.dst ip.proto ip.len ip.hdr_len ip.id ip.flags.mf ip.frag_offset
 ipv6.src ipv6.dst ipv6.nxt ipv6.plen ipv6.hopopts.nxt ipv6.routing.nxt ipv6.dstopts.nxt
 ipv6.fraghdr.nxt ipv6.fraghdr.offset ipv6.fraghdr.more ipv6.fraghdr.ident
 vxlan.flag_i geneve.version gre.flags.routing gre.flags.version
 tcp.srcport tcp.dstport tcp.flags udp.srcport udp.dstport sctp.srcport sctp.dstport dccp.srcport dccp.dstport""".split()


def tshark(path):
    """A dictionary a frame: field to list of values, outermost first. And: was the file whole?"""
    command = ["tshark", "-n", "-r", path, "-Y", "!frame.cb_pen"]  # custom blocks are no frames
    command += ["-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,", "-E", "separator=/t"]
    for preference in ("ip.defragment:FALSE", "ipv6.defragment:FALSE", "tcp.desegment_tcp_streams:FALSE"):
        command += ["-o", preference]
    for field in FIELDS:
        command += ["-e", field]
    result = subprocess.run(command, capture_output=True, text=True)
    rows = [[v.split(",") if v else [] for v in line.split("\t")] for line in result.stdout.splitlines()]
    return [dict(zip(FIELDS, row)) for row in rows], result.returncode == 0


def decode(program, path, tunnels):
    """Our lines, as lists of words. None: it is no capture for us."""
    result = subprocess.run([program, path] + tunnels, capture_output=True, text=True)
    if result.returncode == 2:
        return None
    if result.returncode:
        sys.exit("%s %s: status %d\n%s" % (program, path, result.returncode, result.stderr))
    return [line.split() for line in result.stdout.splitlines()]


class Layers:
    """A frame's layers as tshark names them, walked from the outside; `next` takes a field's next value."""

    def __init__(self, frame):
        self.frame = frame
        self.names = frame["frame.protocols"][0].split(":") if frame["frame.protocols"] else []
        self.used = {}

    def next(self, field, default=None):
        at = self.used.get(field, 0)
        self.used[field] = at + 1
        values = self.frame[field]
        return values[at] if at < len(values) else default


def number(text):
    return int(text, 0) if text and text not in ("True", "False") else int(text == "True")


def ipv4(layers):
    """Addresses, protocol, length, and of a fragment which it is and its key."""
    fragment = None
    source, destination = layers.next("ip.src"), layers.next("ip.dst")
    protocol, length = number(layers.next("ip.proto")), number(layers.next("ip.len"))
    more, offset, identification = (number(layers.next(f)) for f in ("ip.flags.mf", "ip.frag_offset", "ip.id"))
    if more or offset:
        fragment = ("first" if offset == 0 else "later", (source, destination, protocol, identification))
    return source, destination, protocol, length, fragment


def ipv6(layers):
    fragment = None
    source, destination = layers.next("ipv6.src"), layers.next("ipv6.dst")
    protocol, length = number(layers.next("ipv6.nxt")), 40 + number(layers.next("ipv6.plen"))
    if length == 40 and protocol != 59:
        length = None  # left to the network card; tshark takes it as it stands, and reads no further
    while protocol in WALKED and not (fragment and fragment[0] == "later"):
        header = WALKED[protocol]
        following = layers.next(header + ".nxt")
        if following is None:
            break
        protocol = number(following)
        if header == "ipv6.fraghdr":
            offset, more = number(layers.next(header + ".offset")), number(layers.next(header + ".more"))
            identification = number(layers.next(header + ".ident"))
            if more or offset:
                fragment = ("first" if offset == 0 else "later", (source, destination, protocol, identification))
    return source, destination, protocol, length, fragment


def transport(layers, protocol):
    name = PORTS.get(protocol)
    if not name:
        return 0, 0, 0
    source, destination = number(layers.next(name + ".srcport")), number(layers.next(name + ".dstport"))
    if name != "tcp":
        return source, destination, 0
    wire = layers.next("tcp.flags")
    if wire is None:
        return source, destination, None
    wire = number(wire)
    return source, destination, wire & 7 | (16 if wire & 0x12 == 0x12 else 0)


def packet(layers, at, memory, macs):
    """The packet whose IP layer is names[at], as a line of ours."""
    source, destination, protocol, length, fragment = (ipv4 if layers.names[at] == "ip" else ipv6)(layers)
    sport = dport = flags = 0
    time = float(layers.next("frame.time_epoch", 0))  # a simple packet block has none
    if length is None:
        protocol = sport = dport = flags = None
    elif not fragment or fragment[0] == "first":
        sport, dport, flags = transport(layers, protocol)
    if fragment:
        key = tuple(layers.frame["frame.interface_id"]) + fragment[1]
        if fragment[0] == "first":
            memory[key] = (time, sport, dport, protocol)
        elif key in memory and time - memory[key][0] <= 30:
            _, sport, dport, protocol = memory[key]
    values = (source, destination, sport, dport, protocol, length, flags) + macs
    return ["packet"] + [str(v) for v in values], fragment


def layer_macs(layers, name):
    source, destination = ("eth.src", "eth.dst") if name == "eth" else ("wlan.sa", "wlan.da")
    return layers.next(source, "-"), layers.next(destination, "-")


def is_readable(layers, tunnel):
    """Is it one that we open? tshark opens more. It stands before the tunnel."""
    if tunnel == "vxlan":
        return number(layers.next("vxlan.flag_i")) == 1
    if tunnel == "geneve":
        return number(layers.next("geneve.version")) == 0
    return number(layers.next("gre.flags.routing")) == 0 and number(layers.next("gre.flags.version")) == 0


def expected(frame, memory, opened):
    """Our line for a frame, without its number; None: tshark sees no IP."""
    layers, line, macs = Layers(frame), None, ("-", "-")
    for at, name in enumerate(layers.names):
        if name in ("eth", "wlan"):
            macs = layer_macs(layers, name)
        if name not in ("ip", "ipv6"):
            continue
        if name == "ip" and layers.names[at + 1:at + 2] == ["ipv6"] and not layers.frame["ip.src"]:
            if layers.names[at - 1] == "nflog":
                continue  # tshark gives all of NFLOG's packets to IPv4, which hands them on by their version
            break  # another version than the link layer says
        inner, fragment = packet(layers, at, memory, macs)
        if "None" in inner[1:3]:
            break  # a header that tshark could not read either
        line, macs = inner, ("-", "-")
        following = [n for n in layers.names[at + 1:] if not n.startswith("ipv6.")]
        tunnel = [n for n in following[:2] if n in opened]
        if fragment or not tunnel or not is_readable(layers, tunnel[0]):
            break
    return line


def same(line, want):
    if want is None:
        return line[0] != "packet"
    return len(line) == len(want) and all(w in (o, "None") for o, w in zip(line, want))


def compare(program, path, tunnels):
    ours, (theirs, whole), memory, differences = decode(program, path, tunnels), tshark(path), {}, []
    if ours is None or not whole and not path.endswith(".pcapng"):
        print("%s: not compared, %s" % (path, "no capture" if ours is None else "damaged"))
        return 0
    if len(ours) != len(theirs) and whole:
        differences.append("%d frames, tshark: %d" % (len(ours), len(theirs)))
    kinds = {}
    for line, frame in zip(ours, theirs):
        want = expected(frame, memory, tunnels)
        kinds[line[1]] = kinds.get(line[1], 0) + 1
        if not same(line[1:], want):
            differences.append("frame %s: %s\n    tshark: %s (%s)" % (
                line[0], " ".join(line[1:]), " ".join(want or ["no IP"]), ",".join(frame["frame.protocols"])))
    summary = ", ".join("%d %s" % (count, kind) for kind, count in sorted(kinds.items()))
    print("%s%s: %s; %d differences" % (path, " (opened)" if tunnels else "", summary or "no frames", len(differences)))
    for difference in differences:
        print("  " + difference)
    return len(differences)


def main(usage, compare_file):
    """compare_file(program, path) says how many differences there are."""
    if len(sys.argv) < 3:
        sys.exit(usage)
    if not shutil.which("tshark"):
        print("skipped: tshark is not installed")
        sys.exit(77)
    total = sum(compare_file(sys.argv[1], path) for path in sys.argv[2:])
    sys.exit(1 if total else 0)


if __name__ == "__main__":
    main(__doc__, lambda program, path: sum(compare(program, path, tunnels) for tunnels in ([], TUNNELS)))
