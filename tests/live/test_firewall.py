"""Verdicts of the host's own firewall, by rules of nftables that log to a group of NFLOG. Run as: test_firewall.py
PROGRAM [unittest arguments]."""

import signal
import time
from pathlib import Path

import lab
import traffic
from livetest import HOST, HOST6, PEER, PEER6, LiveTest, run
from sensor import MOMENT, TUPLE, sums, wait_for, with_data

EXAMPLE = Path(__file__).resolve().parents[2] / "packaging" / "examples" / "nflog.nft"

# A firewall of the host: what comes to these ports is refused, and so is what goes to port 10.
REFUSES = """
table inet mine {
	chain input {
		type filter hook input priority filter; policy accept;
		udp dport 10 log group 7 snaplen 128 prefix "REJECT" drop
		udp dport 11 log group 7 snaplen 128 prefix "REJECT" reject
		tcp dport 23 log group 7 snaplen 128 prefix "REJECT" reject with tcp reset
	}
	chain forward {
		type filter hook forward priority filter; policy accept;
		udp dport 10 log group 7 snaplen 128 prefix "REJECT" drop
	}
	chain output {
		type filter hook output priority filter; policy accept;
		udp dport 10 log group 7 snaplen 128 prefix "REJECT" drop
	}
}
"""
VERDICT = (*TUPLE, "action", "flow-direction")


class Verdicts(LiveTest):
    def setUp(self):
        super().setUp()
        self.wire_made = self.wire(ipv6=True)

    def nflog(self, *arguments):
        return self.sensor("--backend", "nflog", *arguments)

    def verdicts(self, sensor):
        """Packets by 5-tuple, action and direction; but for errors of ICMP, which the kernel sends as it likes."""
        return {key: packets for key, (packets, _) in sums(sensor.records, VERDICT).items() if key[4] != traffic.ICMP}

    def call_at_closed_door(self):
        """A SYN that is answered by a RST."""
        with traffic.bound(self.peer, PEER, 1000, traffic.socket.SOCK_STREAM) as caller:
            with self.assertRaises(ConnectionRefusedError):
                caller.connect((HOST, 23))

    def send_to_nobody(self, space, source, destination, dport, packets):
        """Datagrams to a port that is refused; what is refused at once is an error to the sender."""
        with traffic.bound(space, source, 1000) as sender:
            for _ in range(packets):
                try:
                    sender.sendto(bytes(10), (destination, dport))
                except OSError:
                    continue  # EPERM of a rule, or ECONNREFUSED of the datagram before

    def test_the_example_beside_rules_that_refuse(self):
        self.host.nft(REFUSES)
        self.host.nft(EXAMPLE.read_text())
        sensor = self.nflog("s0")
        sent = traffic.echo(self.peer, PEER, 1001, self.host, HOST, 9, 30)
        sent += traffic.udp(self.host, HOST, 1002, self.peer, PEER, 9, 15)
        sent += traffic.echo(self.peer, PEER6, 1003, self.host, HOST6, 9, 10)
        sent += traffic.ping(self.host, HOST6, PEER6, 5)
        sent += traffic.tcp(self.wire_made, 1004, 80)
        self.send_to_nobody(self.peer, PEER, HOST, 10, 20)
        self.send_to_nobody(self.peer, PEER, HOST, 11, 12)
        self.send_to_nobody(self.host, HOST, PEER, 10, 8)
        self.call_at_closed_door()
        time.sleep(MOMENT)  # the kernel collects what it tells, for some milliseconds
        self.assert_good_end(sensor)
        expected = {(*key, "ACCEPT", "egress" if key[0] in (HOST, HOST6) else "ingress"): packets
                    for key, packets in sent.packets.items()}
        expected.update({
            (PEER, HOST, "1000", "10", "17", "REJECT", "ingress"): 20,
            (PEER, HOST, "1000", "11", "17", "REJECT", "ingress"): 12,
            (HOST, PEER, "1000", "10", "17", "REJECT", "egress"): 8,
            (PEER, HOST, "1000", "23", "6", "REJECT", "ingress"): 1,
            (HOST, PEER, "23", "1000", "6", "ACCEPT", "egress"): 1})
        self.assertEqual(self.verdicts(sensor), expected)
        bytes_of = {key: size for key, (_, size) in sums(sensor.records).items()}
        for key, size in sent.bytes.items():
            self.assertEqual(bytes_of[key], size, key)

    def test_what_is_forwarded(self):
        """Comes by one device and, if it was accepted, goes by the other."""
        office = self.space()
        lab.Wire(self.host, "s1", ["10.0.2.1/24"], office, "o0", ["10.0.2.2/24"])
        self.host.sysctl("ipv4/ip_forward", 1)
        office.ip("route add default via 10.0.2.1")
        self.peer.ip("route add 10.0.2.0/24 via " + HOST)
        self.host.nft(REFUSES)
        self.host.nft(EXAMPLE.read_text())
        sensor = self.nflog("s0", "s1")
        traffic.udp(self.peer, PEER, 1001, office, "10.0.2.2", 9, 30)
        self.send_to_nobody(self.peer, PEER, "10.0.2.2", 10, 20)
        time.sleep(MOMENT)  # the kernel collects what it tells, for some milliseconds
        self.assert_good_end(sensor)
        key = ("pkt-srcaddr", "pkt-dstaddr", "dstport", "action", "flow-direction")
        self.assertEqual({key: packets for key, (packets, _) in sums(sensor.records, key).items()}, {
            (PEER, "10.0.2.2", "9", "ACCEPT", "ingress"): 30, (PEER, "10.0.2.2", "9", "ACCEPT", "egress"): 30,
            (PEER, "10.0.2.2", "10", "REJECT", "ingress"): 20})
        self.assertEqual(len({record["interface-id"] for record in with_data(sensor.records)}), 2)

    def test_groups_that_say_what_happened(self):
        self.host.nft("table inet mine {\n chain input {\n type filter hook input priority filter\n"
                      " udp dport 9 log group 1 accept\n udp dport 10 log group 2 drop\n }\n}\n")
        sensor = self.nflog("--nflog-groups", "1=accept,2=reject", "s0")
        traffic.udp(self.peer, PEER, 1000, self.host, HOST, 9, 30)
        traffic.udp(self.peer, PEER, 1000, self.host, HOST, 10, 20)
        time.sleep(MOMENT)  # the kernel collects what it tells, for some milliseconds
        self.assert_good_end(sensor)
        self.assertEqual(self.verdicts(sensor), {(PEER, HOST, "1000", "9", "17", "ACCEPT", "ingress"): 30,
                                                 (PEER, HOST, "1000", "10", "17", "REJECT", "ingress"): 20})

    def test_groups_that_are_read_again(self):
        """Others take their place; a group that another program has is refused, and those before stay."""
        self.host.nft("table inet mine {\n chain input {\n type filter hook input priority filter\n"
                      " udp dport 9 log group 1\n udp dport 10 log group 2\n }\n}\n")
        path = self.write("eniflow.conf", "[eniflow]\nnflog-groups = 1=accept\n")
        sensor = self.nflog("-c", path, "s0")
        other = self.sensor("--backend", "nflog", "--nflog-groups", "3", "s0", output=self.folder / "other.log")
        traffic.udp(self.peer, PEER, 1000, self.host, HOST, 9, 30)
        time.sleep(MOMENT)
        path.write_text("[eniflow]\nnflog-groups = 3=reject\n")
        sensor.send_signal(signal.SIGHUP)
        wait_for(lambda: "NFLOG group 3" in sensor.errors, "a word on the group that another has")
        traffic.udp(self.peer, PEER, 1001, self.host, HOST, 9, 20)
        time.sleep(MOMENT)
        path.write_text("[eniflow]\nnflog-groups = 2=reject\n")
        sensor.send_signal(signal.SIGHUP)
        wait_for(lambda: "read again" in sensor.errors, "the new groups")
        traffic.udp(self.peer, PEER, 1002, self.host, HOST, 10, 10)
        time.sleep(MOMENT)
        self.assert_good_end(sensor)
        self.assert_good_end(other)
        self.assertEqual(self.verdicts(sensor), {(PEER, HOST, "1000", "9", "17", "ACCEPT", "ingress"): 30,
                                                 (PEER, HOST, "1001", "9", "17", "ACCEPT", "ingress"): 20,
                                                 (PEER, HOST, "1002", "10", "17", "REJECT", "ingress"): 10})

    def test_a_flood_is_lost_in_part_and_told(self):
        """More than the group's socket holds, while nobody reads it; it does not end the run."""
        self.host.nft("table inet mine {\n chain input {\n type filter hook input priority filter\n"
                      ' udp dport 9 log group 7 prefix "ACCEPT"\n udp dport 9 drop\n }\n}\n')
        wire, flood = self.wire_made, 40000
        sensor = self.nflog("s0")
        sensor.send_signal(signal.SIGSTOP)
        traffic.raw_frames(self.peer, "p0", flood * [traffic.ethernet(
            wire.far_mac, wire.near_mac, traffic.udp_packet(PEER, 1000, HOST, 9, payload=1000))])
        sensor.send_signal(signal.SIGCONT)
        sensor.wait_for_records(lambda records: any(record["log-status"] == "SKIPDATA" for record in records),
                                "a SKIPDATA line")
        traffic.udp(self.peer, PEER, 1001, self.host, HOST, 9, 30)
        time.sleep(MOMENT)  # the kernel collects what it tells, for some milliseconds
        self.assert_good_end(sensor)
        got = {key[2]: packets for key, (packets, _) in sums(sensor.records).items()}
        self.assertEqual(got["1001"], 30)
        self.assertTrue(0 < got["1000"] < flood, got)


if __name__ == "__main__":
    run()
