"""Packets, exactly counted. Every sender returns when its packets have been sent, and says what they were: pairs of a
5-tuple (source, destination, source port, destination port, protocol; as in a record) and (packets, bytes)."""

import contextlib
import multiprocessing
import os
import re
import socket
import struct
import time
from collections import Counter

ICMP, TCP, UDP, ICMPV6 = "1", "6", "17", "58"


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def ip_header(address):
    return 40 if ":" in address else 20


def bound(space, address, port, kind=socket.SOCK_DGRAM):
    with space.entered():
        made = socket.socket(family_of(address), kind)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    return made


class Sent:
    """What was sent: packets and bytes by 5-tuple."""

    def __init__(self):
        self.packets, self.bytes = Counter(), Counter()

    def add(self, source, sport, destination, dport, protocol, packets, size):
        """`packets` IP packets of `size` bytes."""
        key = (source, destination, str(sport), str(dport), protocol)
        self.packets[key] += packets
        self.bytes[key] += packets * size
        return self

    def __iadd__(self, other):
        self.packets += other.packets
        self.bytes += other.bytes
        return self

    def table(self):
        return {key: (packets, self.bytes[key]) for key, packets in self.packets.items()}


def udp(space, source, sport, peer, destination, dport, packets, payload=10, pause=0.0):
    """UDP datagrams to a socket that is open there, so that no error comes back, and never read."""
    with bound(space, source, sport) as sender, bound(peer, destination, dport):
        for _ in range(packets):
            sender.sendto(bytes(payload), (destination, dport))
            if pause:
                time.sleep(pause)
    return Sent().add(source, sport, destination, dport, UDP, packets, ip_header(source) + 8 + payload)


def knock(space, source, sport, destination, dport, packets, payload=10):
    """UDP datagrams to a port that a firewall guards. What it refuses at once, or answers with an error, is an error to
    the sender, and counts all the same."""
    with bound(space, source, sport) as sender:
        for _ in range(packets):
            with contextlib.suppress(OSError):
                sender.sendto(bytes(payload), (destination, dport))
            with contextlib.suppress(OSError):
                sender.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # of the one before, else the next is not sent
    return Sent().add(source, sport, destination, dport, UDP, packets, ip_header(source) + 8 + payload)


def call(space, source, sport, destination, dport):
    """A SYN, and what comes of it in a moment; it is not sent again."""
    with bound(space, source, sport, socket.SOCK_STREAM) as caller:
        caller.setblocking(False)
        caller.connect_ex((destination, dport))
        time.sleep(0.1)


def echo(space, source, sport, peer, destination, dport, packets, payload=10):
    """UDP datagrams that are each answered by one of the same length."""
    with bound(space, source, sport) as sender, bound(peer, destination, dport) as answerer:
        for waiting in (sender, answerer):
            waiting.settimeout(5)
        for _ in range(packets):
            sender.sendto(bytes(payload), (destination, dport))
            data, whence = answerer.recvfrom(65536)
            answerer.sendto(data, whence)
            sender.recv(65536)
    size = ip_header(source) + 8 + payload
    return Sent().add(source, sport, destination, dport, UDP, packets, size).add(
        destination, dport, source, sport, UDP, packets, size)


def ping(space, source, destination, requests, payload=56):
    """Echo requests that are each answered."""
    told = space.run("ping", "-q", "-n", "-c", requests, "-i", "0.002", "-w", 10, "-s", payload, "-I", source,
                     destination)
    if "%d received" % requests not in told:
        raise RuntimeError(told)
    protocol, size = (ICMPV6 if ":" in source else ICMP), ip_header(source) + 8 + payload
    sent = Sent().add(source, 0, destination, 0, protocol, requests, size)
    return sent if source == destination else sent.add(destination, 0, source, 0, protocol, requests, size)


def ping_in_vain(space, source, destination, requests, payload=56):
    """Echo requests that nobody answers."""
    space.run("ping", "-q", "-n", "-c", requests, "-i", "0.002", "-W", "0.1", "-s", payload, "-I", source, destination,
              may_fail=True)
    return Sent().add(source, 0, destination, 0, ICMPV6 if ":" in source else ICMP, requests,
                      ip_header(source) + 8 + payload)


def ask(client, server, questions, size):
    for _ in range(questions):
        client.sendall(bytes(size))
        receive(server, size)
        server.sendall(bytes(size))
        receive(client, size)


def receive(connection, size):
    while size > 0:
        size -= len(connection.recv(min(size, 1 << 20))) or size


@contextlib.contextmanager
def connection(space, source, sport, peer, destination, dport):
    """The two ends of a TCP connection; it is closed in good order, the client first."""
    with bound(peer, destination, dport, socket.SOCK_STREAM) as listener:
        listener.listen(1)
        with bound(space, source, sport, socket.SOCK_STREAM) as client:
            client.settimeout(10)
            client.connect((destination, dport))
            server, _ = listener.accept()
            with server:
                server.settimeout(10)
                yield client, server
                client.shutdown(socket.SHUT_WR)
                receive(server, 1)
                server.shutdown(socket.SHUT_WR)
                receive(client, 1)


def tcp(wire, sport, dport, questions=20, size=100):
    """A TCP conversation from the near end of a wire to the far one. How many segments that takes is the kernel's
    affair: the far device's counters tell, so nothing else may pass meanwhile. The device must not offload, or the
    counters would be those of super-packets."""
    source, destination = (addresses[0].partition("/")[0] for addresses in (wire.near_addresses, wire.far_addresses))
    before = wire.far_space.counters(wire.far)
    with connection(wire.near_space, source, sport, wire.far_space, destination, dport) as (client, server):
        ask(client, server, questions, size)
    after = settled(wire)
    sent = Sent()
    for way, key in ((0, (source, destination, str(sport), str(dport), TCP)),
                     (1, (destination, source, str(dport), str(sport), TCP))):
        packets = after[way][0] - before[way][0]
        sent.packets[key] = packets
        sent.bytes[key] = after[way][1] - before[way][1] - 14 * packets
    return sent


def settled(wire, near=False):
    """The far device's counters (or the near one's) when they stand still."""
    space, device = (wire.near_space, wire.near) if near else (wire.far_space, wire.far)
    last = None
    while True:
        now = space.counters(device)
        if now == last:
            return now
        last = now
        time.sleep(0.1)


def backlog_losses():
    """Packets that the kernel lost between two devices, of all namespaces: what others send counts as well."""
    return sum(int(line.split()[1], 16) for line in open("/proc/net/softnet_stat"))


def raw_socket(space, device):
    """For sending whole frames, as they are; it receives none."""
    with space.entered():
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    made.bind((device, 0))
    return made


def raw_frames(space, device, frames):
    with raw_socket(space, device) as sender:
        for frame in frames:
            sender.send(frame)


def flood(space, device, frames, rounds, senders=2):
    """These frames, in turn and over and over, from several processes at once. Each sends all of them `rounds` times."""
    started = [multiprocessing.get_context("fork").Process(target=raw_frames, args=(space, device, rounds * frames))
               for _ in range(senders)]
    for sender in started:
        sender.start()
    for sender in started:
        sender.join(30)
        if sender.exitcode != 0:
            sender.kill()
            raise RuntimeError("a sender ended with %s" % sender.exitcode)


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp_packet(source, sport, destination, dport, payload=10):
    """One IPv4 packet."""
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + payload, 0, 0, 64, 17, 0, socket.inet_aton(source),
                       socket.inet_aton(destination))
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return head + struct.pack("!HHHH", sport, dport, 8 + payload, 0) + bytes(payload)


def ethernet(source_mac, destination_mac, packet, *tags):
    """An Ethernet frame with VLAN tags: (type, number)."""
    macs = bytes(int(part, 16) for part in re.split(":", destination_mac + ":" + source_mac))
    return macs + b"".join(struct.pack("!HH", *tag) for tag in tags) + b"\x08\x00" + packet


def write_all(handle, packets):
    for packet in packets:
        os.write(handle, packet)
