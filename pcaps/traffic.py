#!/usr/bin/env python3
"""The two ends of a conversation, for record.sh: real sockets, real stacks.

    traffic.py serve                     HTTP on 80 and 5001 (GET /N answers N bytes), DNS on 53; until killed
    traffic.py fetch HOST PORT SIZE [SOURCE-PORT]
    traffic.py ask HOST NAME             one DNS question
    traffic.py knock HOST PORT           a TCP connection that nobody takes"""

import http.client
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WEB_PORTS = (80, 5001)
DNS_PORT = 53
ANSWER = bytes((10, 77, 1, 2))
SECONDS = 5


class Web(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"x" * int(self.path.strip("/") or 0)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6  # and IPv4 by mapped addresses
    daemon_threads = True


def dns_answer(question):
    """The question back, with one A record (RFC 1035, 4.1) whose name points at the question's."""
    header = question[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
    return header + question[12:] + struct.pack("!HHHIH", 0xC00C, 1, 1, 60, len(ANSWER)) + ANSWER


def dns_question(name):
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split("."))
    return struct.pack("!HHHHHH", 0x2A2A, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", 1, 1)


def serve():
    for port in WEB_PORTS:
        threading.Thread(target=Server(("::", port), Web).serve_forever, daemon=True).start()
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.bind(("::", DNS_PORT))
        print("ready", flush=True)
        while True:
            question, peer = sock.recvfrom(512)
            sock.sendto(dns_answer(question), peer)


def fetch(host, port, size, source_port="0"):
    source = ("::" if ":" in host else "0.0.0.0", int(source_port))
    connection = http.client.HTTPConnection(host, int(port), timeout=SECONDS, source_address=source)
    connection.request("GET", "/" + size)
    got = len(connection.getresponse().read())
    connection.close()
    if got != int(size):
        sys.exit("%s: %d of %s bytes" % (host, got, size))


def ask(host, name):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(SECONDS)
        sock.sendto(dns_question(name), (host, DNS_PORT))
        if not sock.recv(512).endswith(ANSWER):
            sys.exit("%s: another answer than was asked for" % host)


def knock(host, port):
    try:
        socket.create_connection((host, int(port)), SECONDS).close()
    except ConnectionRefusedError:
        return
    sys.exit("%s: somebody listens on port %s" % (host, port))


if __name__ == "__main__":
    commands = {"serve": serve, "fetch": fetch, "ask": ask, "knock": knock}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
