"""Small captures for the end-to-end tests, as bytes."""

import struct


def udp(source="10.0.0.1", destination="10.0.0.2", sport=1001, dport=9, payload=4):
    """An Ethernet frame with one IPv4 UDP packet of 28 + payload bytes."""

    def address(text):
        return bytes(int(part) for part in text.split("."))

    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + payload, 0, 0, 64, 17, 0, address(source), address(destination))
    return b"\x02" * 6 + b"\x04" * 6 + b"\x08\x00" + ip + struct.pack(">HHHH", sport, dport, 8 + payload, 0) + b"x" * payload


def pcap_header(link_type=1):
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type)


def pcap_frame(seconds, frame):
    whole = int(seconds)
    return struct.pack("<IIII", whole, round((seconds - whole) * 1000000), len(frame), len(frame)) + frame


def pcap(frames, link_type=1):
    """A classic capture of (seconds, frame) pairs."""
    return pcap_header(link_type) + b"".join(pcap_frame(t, frame) for t, frame in frames)


def pcapng(interfaces, frames):
    """A pcapng section: interface names, then (interface, seconds, frame) triples."""

    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    for name in interfaces:
        text = name.encode()
        option = struct.pack("<HH", 2, len(text)) + text + b"\0" * (-len(text) % 4) + struct.pack("<HH", 0, 0)
        out += block(1, struct.pack("<HHI", 1, 0, 262144) + option)
    for interface, seconds, frame in frames:
        micros = round(seconds * 1000000)
        out += block(6, struct.pack("<IIIII", interface, micros >> 32, micros & 0xFFFFFFFF, len(frame), len(frame)) + frame)
    return out
