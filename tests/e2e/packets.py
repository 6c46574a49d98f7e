"""Traffic for the tests that compare: packets as values, which can be changed before they become a capture."""

import ipaddress
import random
import struct
from dataclasses import dataclass, replace

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
SECOND = 1000000  # times are microseconds
MOST = 1448  # bytes of data in a segment
HEADERS = {TCP: 20, UDP: 8, ICMP: 8, ICMPV6: 8}
OURS = "02:00:00:00:00:%02x"
GATEWAY = "02:ff:ff:ff:ff:01"


@dataclass(frozen=True)
class Packet:
    """An IP packet, and the frame around it."""
    time: int
    source: str
    destination: str
    protocol: int
    sport: int = 0
    dport: int = 0
    flags: int = 0
    data: int = 0  # bytes behind the transport header; of a later fragment, behind the IP header
    number: int = 0  # IPv4 identification
    offset: int = 0  # of a fragment, in bytes
    more: bool = False
    macs: tuple = ()  # destination's, source's; else both are the gateway's
    vlans: tuple = ()
    dropped: int = 0  # so many packets were lost before this one (pcapng)

    @property
    def key(self):
        return self.protocol, self.source, self.sport, self.destination, self.dport

    @property
    def length(self):
        ip = 40 if ":" in self.source else 20
        return ip + (0 if self.offset else HEADERS[self.protocol]) + self.data

    def transport(self):
        if self.offset:
            return b""
        if self.protocol == TCP:
            return struct.pack(">HHIIBBHHH", self.sport, self.dport, 1, 1, 0x50, self.flags, 65535, 0, 0)
        if self.protocol == UDP:
            return struct.pack(">HHHH", self.sport, self.dport, 8 + self.data, 0)
        request = {ICMP: 8, ICMPV6: 128}[self.protocol]
        return struct.pack(">BBHHH", request, 0, 0, 1, 1)

    def packet(self):
        ends = ipaddress.ip_address(self.source).packed + ipaddress.ip_address(self.destination).packed
        body = self.transport() + b"x" * self.data
        if ":" in self.source:
            return struct.pack(">IHBB", 6 << 28, len(body), self.protocol, 64) + ends + body
        where = self.offset // 8 | (0x2000 if self.more else 0)
        return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), self.number, where, 64, self.protocol, 0) + ends + body

    def frame(self):
        out = b"".join(bytes.fromhex(mac.replace(":", "")) for mac in self.macs or (GATEWAY, GATEWAY))
        for tag in self.vlans:
            out += struct.pack(">HH", 0x8100, tag)
        return out + (b"\x86\xdd" if ":" in self.source else b"\x08\x00") + self.packet()


def ordered(packets):
    return sorted(packets, key=lambda packet: packet.time)


def moved(packets, microseconds):
    return [replace(packet, time=packet.time + microseconds) for packet in packets]


def pcap(packets, snaplen=262144):
    """A classic capture; of each frame `snaplen` bytes at the most."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, 1)]
    for packet in packets:
        frame = packet.frame()
        kept = frame[:snaplen]
        out += [struct.pack("<IIII", *divmod(packet.time, SECOND), len(kept), len(frame)), kept]
    return b"".join(out)


def pcapng(devices):
    """One section with an interface for each device: a list of (name, packets). Frames are in order of time."""

    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    def option(code, value):
        return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)

    end = struct.pack("<HH", 0, 0)
    out = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    out += [block(1, struct.pack("<HHI", 1, 0, 262144) + option(2, name.encode()) + end) for name, _ in devices]
    frames = [(packet.time, index, packet) for index, (_, packets) in enumerate(devices) for packet in packets]
    for time, index, packet in sorted(frames, key=lambda row: row[:2]):
        frame = packet.frame()
        body = struct.pack("<IIIII", index, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame)) + frame
        body += b"\0" * (-len(body) % 4)
        out.append(block(6, body + (option(4, struct.pack("<Q", packet.dropped)) + end if packet.dropped else b"")))
    return b"".join(out)


# Conversations


class Talk:
    """Packets between two ends, one after the other."""

    def __init__(self, client, server, sport, dport, at, protocol=TCP):
        self.ends = {True: (client, server, sport, dport), False: (server, client, dport, sport)}
        self.protocol = protocol
        self.time = at
        self.packets = []

    def say(self, from_client, data=0, flags=0, after=1000):
        source, destination, sport, dport = self.ends[from_client]
        self.time += after
        self.packets.append(Packet(self.time, source, destination, self.protocol, sport, dport, flags, data))
        return self

    def open(self):
        return self.say(True, flags=SYN).say(False, flags=SYN | ACK).say(True, flags=ACK)

    def exchange(self, request, answer, after=1000):
        """A request, its answer in as many segments as it takes, and an ACK for every other one."""
        self.say(True, request, PSH | ACK, after)
        for number, left in enumerate(range(answer, 0, -MOST)):
            self.say(False, min(left, MOST), ACK, 120)
            if number % 2:
                self.say(True, 0, ACK, 60)
        return self

    def close(self):
        return self.say(True, flags=FIN | ACK).say(False, flags=FIN | ACK).say(True, flags=ACK)

    def keys(self):
        return [(self.protocol, *(end[i] for i in (0, 2, 1, 3))) for end in self.ends.values()]


def ping(source, destination, at, count, every=SECOND, protocol=ICMP):
    talk = Talk(source, destination, 0, 0, at, protocol)
    for number in range(count):
        talk.say(True, 56, after=every if number else 0).say(False, 56, after=700)
        talk.time -= 700
    return talk


def visit(rng, server, at, lasting, client=None, sport=None, requests=None):
    """A visitor of a web server: a connection with some requests in it, `lasting` microseconds long."""
    client = client or "%d.%d.%d.%d" % (rng.choice((198, 203)), rng.randrange(256), rng.randrange(256),
                                        rng.randrange(1, 255))
    talk = Talk(client, server, sport or rng.randrange(32768, 60999), 443, at).open()
    count = requests or rng.randrange(2, 8)
    for _ in range(count):
        talk.exchange(rng.randrange(80, 900), rng.randrange(200, 30000), lasting // (count + 1))
    return talk.close()


def serving(seed, server="10.0.0.62", start=1600000020, minutes=10, visitors=40):
    """What a server sees: visitors all the time, one every few seconds who may stay for minutes; and pings, datagrams
    and IPv6. Nothing but what a flow log shows. The whole time is filled, so that it has records in every interval."""
    rng = random.Random(seed)
    span = minutes * 60
    talks = [ping("203.0.113.24", server, start * SECOND + 20000, span - 1, SECOND)]
    for number in range(visitors):
        at = start * SECOND + rng.randrange(span - 40) * SECOND + rng.randrange(SECOND)
        most = (start + span) * SECOND - at - 5 * SECOND
        talks.append(visit(rng, server, at, min(most, rng.choice((2, 20, 90, 200)) * SECOND + rng.randrange(SECOND)),
                           client="198.51.100.%d" % (number + 1)))
    for number in range(6):
        talk = Talk("203.0.113.%d" % (100 + number), server, rng.randrange(1024, 60000), 5004,
                    (start + rng.randrange(span - 60)) * SECOND, UDP)
        for _ in range(rng.randrange(3, 40)):
            talk.say(True, rng.randrange(20, 1200), after=SECOND // 3).say(False, rng.randrange(20, 200))
        talks.append(talk)
    six = Talk("2001:db8:aa::9", "2001:db8::62", 40404, 443, (start + span // 3) * SECOND).open()
    talks.append(six.exchange(300, 9000).exchange(300, 2000, 3 * SECOND).close())
    return ordered(packet for talk in talks for packet in talk.packets)
