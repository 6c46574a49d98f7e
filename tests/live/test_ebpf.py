"""The backend that counts in the kernel: what netfilter drops is REJECT, packet by packet, and programs that come and go
without a trace. Run as: test_ebpf.py PROGRAM [unittest arguments]."""

import json
import re
import shutil
import signal
import subprocess
import threading
import time

import lab
import traffic
from livetest import HOST, HOST6, PEER, PEER6, LiveTest, run
from sensor import LIFE, PACKET_TUPLE, Sensor, is_built_with, lines_without, packets_of, read_log, sums, wait_for, with_data

VERDICT = (*PACKET_TUPLE, "action", "flow-direction")
FLAGS = (*VERDICT, "tcp-flags")
OFFICE = "10.0.2.2"
NOBODY = 65534
# Where netfilter can drop: family of the table, what a chain says of itself there, and what its counters take for bytes
# that are none of IP.
PLACES = {
    "ingress": ("netdev", "hook ingress device s0", 0),
    "prerouting": ("inet", "hook prerouting", 0),
    "input": ("inet", "hook input", 0),
    "forward": ("inet", "hook forward", 0),
    "output": ("inet", "hook output", 0),
    "postrouting": ("inet", "hook postrouting", 0),
    "egress": ("netdev", "hook egress device s0", 14),
}
NO_BTF = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /sys/kernel/btf && exec "$@"', "sh")
NO_RIGHTS = ("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--inh-caps", "-all,+net_raw",
             "--ambient-caps", "-all,+net_raw", "--bounding-set", "-all,+net_raw")
NOT_USED = "the eBPF backend is not used"


class KernelTest(LiveTest):
    def setUp(self):
        super().setUp()
        if not is_built_with(self.program, "libbpf"):
            self.skipTest("built without eBPF")

    def ebpf(self, *arguments, **how):
        return self.sensor("--backend", "ebpf", *arguments, **how)


class Rejects(KernelTest):
    """Of packets, bytes and direction, nftables' counters are the judge."""

    def setUp(self):
        super().setUp()
        self.wire_made = self.wire(ipv6=True)

    def refuse(self, place, *rules, priority=0, space=None):
        """A table of the place's name, with a chain of rules: (what matches, what becomes of it). Each has a counter."""
        family, hook, _ = PLACES[place]
        counters = "".join("counter c%d {\n }\n" % i for i in range(len(rules)))
        lines = "\n".join("%s counter name c%d %s" % (match, i, verdict) for i, (match, verdict) in enumerate(rules))
        (space or self.host).nft("table %s %s {\n%schain refuses {\ntype filter %s priority %d\n%s\n}\n}\n" % (
            family, place, counters, hook, priority, lines))

    def refused(self, place):
        """(packets, IP bytes) of each of its rules."""
        family, _, head = PLACES[place]
        told = json.loads(self.host.run("nft", "-j", "list", "counters", "table", family, place))["nftables"]
        counters = {item["counter"]["name"]: item["counter"] for item in told if "counter" in item}
        return [(counter["packets"], counter["bytes"] - head * counter["packets"])
                for _, counter in sorted(counters.items())]

    def use_office(self):
        """Another network behind this host, by its device s1."""
        office = self.space()
        self.office_wire = lab.Wire(self.host, "s1", ["10.0.2.1/24"], office, "o0", [OFFICE + "/24"])
        self.host.sysctl("ipv4/ip_forward", 1)
        office.ip("route add default via 10.0.2.1")
        self.peer.ip("route add 10.0.2.0/24 via " + HOST)
        return office

    def reject(self, sent, direction="ingress"):
        return {(*key, "REJECT", direction): value for key, value in sent.table().items()}

    def accept(self, sent, direction="ingress"):
        return {(*key, "ACCEPT", direction): value for key, value in sent.table().items()}

    def assert_verdicts(self, sensor, *expected):
        """The records are these, and no others; and none is older or newer than the sensor."""
        self.assert_good_end(sensor)
        self.assertEqual(sums(sensor.records, VERDICT), {key: value for part in expected for key, value in part.items()})
        self.assertEqual(lines_without(sensor.records, "SKIPDATA"), [])
        for record in with_data(sensor.records):
            self.assertTrue(sensor.began <= int(record["start"]) <= int(record["end"]) <= time.time(), record)

    def ebpf(self, *arguments, **how):
        began = int(time.time())
        made = super().ebpf(*arguments, **how)
        made.began = began
        return made

    def test_wherever_a_host_drops(self):
        """What comes is seen before it is dropped, and what goes is not."""
        place_of = dict(enumerate(("ingress", "prerouting", "input", "output", "postrouting", "egress"), 10))
        for port, place in place_of.items():
            self.refuse(place, ("meta nfproto ipv4 udp dport %d" % port if place not in ("ingress", "egress") else
                                "meta protocol ip udp dport %d" % port, "drop"),
                        ("meta protocol ip6 udp dport %d" % port, "drop"))
        sensor = self.ebpf("s0")
        expected, told = {}, {}
        for port, place in place_of.items():
            come = place in ("ingress", "prerouting", "input")
            space, ways = (self.peer, ((PEER, HOST), (PEER6, HOST6))) if come else (
                self.host, ((HOST, PEER), (HOST6, PEER6)))
            told[place] = []
            for packets, (source, destination) in zip((port, 2 * port), ways):
                sent = traffic.knock(space, source, 1000, destination, port, packets, payload=100 + port)
                expected.update(self.reject(sent, "ingress" if come else "egress"))
                told[place] += sent.table().values()
        passed = traffic.echo(self.peer, PEER, 1000, self.host, HOST, 9, 15)
        for key, value in passed.table().items():
            expected[(*key, "ACCEPT", "ingress" if key[0] == PEER else "egress")] = value
        self.assert_verdicts(sensor, expected)
        for place, values in told.items():
            self.assertEqual(self.refused(place), values, place)

    def test_what_is_forwarded(self):
        """Dropped before routing or in FORWARD, it came and was refused; in POSTROUTING, it was let in, and not out."""
        office = self.use_office()
        self.refuse("forward", ("udp dport 10", "drop"))
        self.refuse("postrouting", ("udp dport 11", "drop"))
        sensor = self.ebpf("s0", "s1")
        passed = traffic.udp(self.peer, PEER, 1000, office, OFFICE, 9, 30)
        forward = traffic.knock(self.peer, PEER, 1000, OFFICE, 10, 20)
        last = traffic.knock(self.peer, PEER, 1000, OFFICE, 11, 12)
        self.assert_verdicts(sensor, self.accept(passed), self.accept(passed, "egress"), self.reject(forward),
                             self.accept(last), self.reject(last, "egress"))
        self.assertEqual(self.refused("forward") + self.refused("postrouting"),
                         [*forward.table().values(), *last.table().values()])

    def test_what_a_bridge_drops(self):
        """It came in by the port, though it is the bridge's by then."""
        self.host.ip("link add br0 type bridge mcast_snooping 0", "link set s0 master br0", "address flush dev s0",
                     "address add %s/24 dev br0" % HOST, "link set br0 up")
        self.host.nft("table bridge refuses {\nchain refuses {\ntype filter hook input priority 0\n"
                      "udp dport 10 drop\n}\n}\n")
        sensor = self.ebpf("s0")
        self.assert_verdicts(sensor, self.reject(traffic.knock(self.peer, PEER, 1000, HOST, 10, 7)))

    def test_refusals_that_are_answered(self):
        """The answer is a packet of this host like any other."""
        self.refuse("input", ("udp dport 11", "reject"), ("tcp dport 23", "reject with tcp reset"))
        self.refuse("output", ("icmp type destination-unreachable", "accept"), ("icmpv6 type destination-unreachable", "accept"),
                    ("tcp flags rst", "accept"))
        sensor = self.ebpf("s0")
        sent = traffic.knock(self.peer, PEER, 1000, HOST, 11, 12)
        sent += traffic.knock(self.peer, PEER6, 1000, HOST6, 11, 8)
        for source, destination in ((PEER, HOST), (PEER6, HOST6)):
            traffic.call(self.peer, source, 1000, destination, 23)
        self.assert_good_end(sensor)
        got = sums(sensor.records, FLAGS)
        icmp, icmp6, resets = self.refused("output")
        self.assertGreater(min(icmp[0], icmp6[0]), 0)
        for key, value in self.reject(sent).items():
            self.assertEqual(got.pop((*key, "0")), value)
        for source, destination, head in ((PEER, HOST, 20), (PEER6, HOST6, 40)):
            packets, size = got.pop((source, destination, "1000", "23", "6", "REJECT", "ingress", "2"))
            self.assertEqual((packets, size - head), (1, 40))  # a SYN as Linux sends it
            self.assertEqual(got.pop((destination, source, "23", "1000", "6", "ACCEPT", "egress", "4")), (1, head + 20))
        self.assertEqual(resets, (2, 40 + 60))
        self.assertEqual(got, {(HOST, PEER, "0", "0", "1", "ACCEPT", "egress", "0"): icmp,
                               (HOST6, PEER6, "0", "0", "58", "ACCEPT", "egress", "0"): icmp6})

    def test_echo_requests(self):
        self.refuse("input", ("icmp type echo-request", "drop"), ("icmpv6 type echo-request", "drop"))
        self.refuse("output", ("icmp type echo-request ip daddr " + PEER, "drop"))
        sensor = self.ebpf("s0")
        come = traffic.ping_in_vain(self.peer, PEER, HOST, 5)
        come += traffic.ping_in_vain(self.peer, PEER6, HOST6, 7)
        gone = traffic.ping_in_vain(self.host, HOST, PEER, 6)
        self.assert_verdicts(sensor, self.reject(come), self.reject(gone, "egress"))
        self.assertEqual(self.refused("input") + self.refused("output"),
                         [*come.table().values(), *gone.table().values()])

    def test_connections(self):
        """One whose SYN is dropped; and one of which two packets with data are, and come again."""
        self.refuse("input", ("tcp dport 23", "drop"), ("tcp dport 80 meta length 200-400 quota until 600 bytes", "drop"))
        before = self.host.counters("s0")[0]
        sensor = self.ebpf("s0")
        traffic.call(self.peer, PEER, 1000, HOST, 23)
        with traffic.connection(self.peer, PEER, 1001, self.host, HOST, 80) as (client, server):
            client.sendall(bytes(200))
            traffic.receive(server, 200)
        arrived, size = (now - then for now, then in zip(traffic.settled(self.wire_made, near=True)[0], before))
        self.assert_good_end(sensor)
        got = {key: value for key, value in sums(sensor.records, VERDICT).items() if key[0] == PEER}
        (syn, dropped) = self.refused("input")
        self.assertEqual((syn, dropped), ((1, 60), (2, 2 * 252)))
        key = (PEER, HOST, "1001", "80", "6")
        self.assertEqual(got, {
            (PEER, HOST, "1000", "23", "6", "REJECT", "ingress"): syn, (*key, "REJECT", "ingress"): dropped,
            (*key, "ACCEPT", "ingress"): (arrived - 3, size - 14 * arrived - 60 - 2 * 252)})
        flags = {}
        for record in with_data(sensor.records):
            name = (record["srcaddr"], record["srcport"], record["action"])
            flags[name] = flags.get(name, 0) | int(record["tcp-flags"])
        self.assertEqual({name: value for name, value in flags.items() if name[0] == PEER}, {
            (PEER, "1000", "REJECT"): 2, (PEER, "1001", "REJECT"): 0, (PEER, "1001", "ACCEPT"): 3})

    def test_addresses_are_those_of_the_wire(self):
        """Though they were translated before the drop."""
        office = self.use_office()
        self.host.nft("table inet nat {\n chain in {\n type nat hook prerouting priority dstnat\n"
                      " udp dport 10 redirect to :110\n tcp dport 80 dnat ip to %s:8080\n }\n"
                      " chain out {\n type nat hook postrouting priority srcnat\n oifname s0 masquerade\n }\n}\n" % OFFICE)
        self.refuse("input", ("udp dport 110", "drop"))
        self.refuse("forward", ("tcp dport 8080", "drop"), ("ip daddr %s udp sport 9" % OFFICE, "drop"))
        self.refuse("postrouting", ("udp dport 12", "drop"), priority=300)
        sensor = self.ebpf("s0", "s1")
        redirected = traffic.knock(self.peer, PEER, 1000, HOST, 10, 20)
        redirected += traffic.knock(self.peer, PEER6, 1000, HOST6, 10, 10)
        traffic.call(self.peer, PEER, 1000, HOST, 80)
        asked = traffic.udp(office, OFFICE, 1001, self.peer, PEER, 9, 3)
        answered = traffic.knock(self.peer, PEER, 9, HOST, 1001, 8)  # the one that asked is the office, in truth
        not_out = traffic.knock(office, OFFICE, 1002, PEER, 12, 5)
        syn = traffic.Sent().add(PEER, 1000, HOST, 80, traffic.TCP, 1, 60)
        masked = traffic.Sent().add(HOST, 1001, PEER, 9, traffic.UDP, 3, 38)
        refused = traffic.Sent().add(HOST, 1002, PEER, 12, traffic.UDP, 5, 38)
        self.assert_verdicts(sensor, self.reject(redirected), self.reject(syn), self.accept(asked),
                             self.accept(masked, "egress"), self.reject(answered), self.accept(not_out),
                             self.reject(refused, "egress"))

    def test_fragments(self):
        """Put together before the drop, they count as those that came; dropped one by one, they have their ports, too."""
        self.refuse("input", ("udp dport 10", "drop"), ("ct state invalid", "drop"))  # conntrack puts IPv6 together
        self.refuse("ingress", ("ip frag-off & 0x1fff != 0 ip saddr %s ip daddr 10.0.1.7" % PEER, "drop"))
        sensor = self.ebpf("s0")
        whole = traffic.knock(self.peer, PEER, 1000, HOST, 10, 6, payload=3000)
        whole6 = traffic.knock(self.peer, PEER6, 1000, HOST6, 10, 4, payload=3000)
        traffic.knock(self.peer, PEER, 1001, "10.0.1.7", 9, 5, payload=3000)
        self.assert_verdicts(sensor, {
            (*key, "REJECT", "ingress"): (3 * packets, size + 2 * head * packets)
            for (key, (packets, size)), head in zip([*whole.table().items(), *whole6.table().items()], (20, 48 + 4))
        }, {
            (PEER, "10.0.1.7", "1001", "9", "17", "ACCEPT", "ingress"): (5, 5 * 1500),
            (PEER, "10.0.1.7", "1001", "9", "17", "REJECT", "ingress"): (10, 5 * (1500 + 20 + 3008 - 2 * 1480))})

    def test_drops_elsewhere_are_no_concern(self):
        """In another network namespace, by a device of the same number; and on devices that are not watched."""
        other = self.space()
        index = self.host.index("s0")
        peer_of_other = self.space()
        other.ip("link add x0 address 02:00:00:00:aa:01 index %d type veth peer name y0 address 02:00:00:00:aa:02 netns %s" % (
            index, peer_of_other.path), "address add 10.0.1.1/24 dev x0", "link set x0 up",
            "neighbour add 10.0.1.2 lladdr 02:00:00:00:aa:02 dev x0 nud permanent")
        peer_of_other.ip("address add 10.0.1.2/24 dev y0", "link set y0 up",
                         "neighbour add 10.0.1.1 lladdr 02:00:00:00:aa:01 dev y0 nud permanent")
        self.second_wire()
        for space in (other, self.host):
            for place in ("input", "output"):
                self.refuse(place, ("udp dport 10", "drop"), space=space)
        sensor = self.ebpf("s0")
        for space, source, destination in (
                (peer_of_other, PEER, HOST), (other, HOST, PEER), (self.peer, "10.0.2.2", "10.0.2.1"),
                (self.host, "10.0.2.1", "10.0.2.2"), (self.host, "127.0.0.1", "127.0.0.1")):
            traffic.knock(space, source, 1000, destination, 10, 20)
        refused = traffic.knock(self.peer, PEER, 1000, HOST, 10, 3)
        self.assert_verdicts(sensor, self.reject(refused))

    def test_a_flood(self):
        """Dropped and let in side by side from both processors, while maps are swapped."""
        wire, rounds = self.wire_made, 10000
        self.refuse("input", ("udp dport 10", "drop"))
        frames = [traffic.ethernet(wire.far_mac, wire.near_mac, traffic.udp_packet(PEER, sport, HOST, dport))
                  for sport in range(1000, 1004) for dport in (9, 10)]
        with traffic.bound(self.host, HOST, 9):
            sensor = self.ebpf("s0")
            traffic.flood(self.peer, "p0", frames, rounds)
        each = (2 * rounds, 2 * rounds * 38)
        self.assert_verdicts(sensor, {
            (PEER, HOST, str(sport), dport, "17", action, "ingress"): each
            for sport in range(1000, 1004) for dport, action in (("9", "ACCEPT"), ("10", "REJECT"))})
        self.assertEqual(self.refused("input"), [(4 * each[0], 4 * each[1])])


class Life(KernelTest):
    """Maps that are full, reloads, users without rights, sudden ends."""

    def setUp(self):
        super().setUp()
        self.wire_made = self.wire()

    def udp(self, sport, packets=20, **how):
        return traffic.udp(self.host, HOST, sport, self.peer, PEER, 9, packets, **how)

    def lost(self, sensor):
        text = sensor.figures(self.folder / "metrics.prom")
        return int(re.search(r"^eniflow_lost_packets_total (\d+)$", text, re.MULTILINE)[1])

    def test_more_flows_than_there_is_room_for(self):
        """While the sensor stands still: what was counted and lost add up."""
        wire, flows = self.wire_made, 5000
        sensor = self.ebpf("--kernel-flows", 1024, "--metrics", self.folder / "metrics.prom", "s0")
        sent = self.udp(1001)
        sensor.wait_for_packets(20)
        sensor.send_signal(signal.SIGSTOP)
        with traffic.bound(self.host, HOST, 9):
            traffic.raw_frames(self.peer, "p0", 2 * [traffic.ethernet(
                wire.far_mac, wire.near_mac, traffic.udp_packet(PEER, 10000 + i, HOST, 9)) for i in range(flows)])
        sensor.send_signal(signal.SIGCONT)
        sensor.wait_for_records(lambda records: lines_without(records, "SKIPDATA"), "a SKIPDATA line")
        sent += self.udp(1002)
        lost = self.lost(sensor)
        self.assert_good_end(sensor)
        got = sums(sensor.records)
        for key, value in sent.table().items():
            self.assertEqual(got.pop(key), value)
        counted = sum(packets for packets, _ in got.values())
        self.assertGreater(lost, 0)
        self.assertGreaterEqual(len(got), 512)
        self.assertEqual(counted + lost, 2 * flows)
        for packets, size in got.values():
            self.assertEqual(size, 38 * packets)

    def test_a_map_that_fills_is_read_at_once(self):
        """More flows than it holds in a second, but not faster than they can be taken out."""
        wire, flows = self.wire_made, 4000
        sensor = self.ebpf("--kernel-flows", 2048, "--metrics", self.folder / "metrics.prom", "s0")
        frames = [traffic.ethernet(wire.far_mac, wire.near_mac, traffic.udp_packet(PEER, 10000 + i, HOST, 9))
                  for i in range(flows)]
        with traffic.raw_socket(self.peer, "p0") as sender, traffic.bound(self.host, HOST, 9):
            for i, frame in enumerate(frames):
                sender.send(frame)
                if i % 100 == 99:
                    time.sleep(0.02)
        lost = self.lost(sensor)
        self.assert_good_end(sensor)
        self.assertEqual((packets_of(sensor.records), lost), (flows, 0))

    def test_reloads_under_load(self):
        """Each packet counts, and once, though devices come and go, and maps of another size."""
        self.second_wire()
        path = self.write("eniflow.conf", "[eniflow]\ndevices = s0\n")
        sensor = self.ebpf("-c", path)
        sent, texts = [], ("devices = s0 s1\n", "devices = s0\n[defaults]\naccount-id = 222222222222\n", "devices = s0\n")
        sender = threading.Thread(target=lambda: sent.append(self.udp(1001, 6000, pause=0.0002)))
        sender.start()
        reloads = 0
        while sender.is_alive():
            time.sleep(0.3)
            path.write_text("[eniflow]\n" + texts[reloads % len(texts)])
            sensor.send_signal(signal.SIGHUP)
            reloads += 1
        sender.join()
        self.assert_good_end(sensor)
        self.assertGreaterEqual(reloads, 3)
        self.assert_sums(sensor.records, sent[0])
        self.assertEqual(sensor.account["frames"], 6000)

    def test_another_user_once_all_is_open(self):
        """Who has what it takes to watch a device that comes, and to be told of drops."""
        if not is_built_with(self.program, "libcap-ng"):
            self.skipTest("built without libcap-ng")
        wire_too = self.second_wire()
        self.host.nft("table inet mine {\n chain input {\n type filter hook input priority 0\n udp dport 10 drop\n }\n}\n")
        logs = self.folder / "logs"
        logs.mkdir()
        shutil.chown(logs, NOBODY)
        sensor = self.ebpf("--user", "nobody", "s0", "s1", output=logs / "flow.log")
        with open("/proc/%d/status" % sensor.process.pid) as status:
            self.assertIn("Uid:\t" + "\t".join(4 * [str(NOBODY)]), status.read())
        sent = self.udp(1001)
        wire_too.remove()
        time.sleep(0.5)
        wire_too.make()
        sensor.wait_until_watching(self.host, "s1")
        sent += traffic.echo(self.host, "10.0.2.1", 1002, self.peer, "10.0.2.2", 9, 30)
        refused = traffic.knock(self.peer, "10.0.2.2", 1003, "10.0.2.1", 10, 7)
        self.assert_good_end(sensor)
        got = sums(sensor.records, (*PACKET_TUPLE, "action"))
        self.assertEqual(got, {**{(*key, "ACCEPT"): value for key, value in sent.table().items()},
                               **{(*key, "REJECT"): value for key, value in refused.table().items()}})

    def test_killed(self):
        """Nothing of it is left in the kernel, and the next one counts right."""
        if not lab.tool("bpftool"):
            self.skipTest("bpftool is missing")
        sensor = self.ebpf("s0")
        self.udp(1001)
        objects = sensor.kernel_objects()
        self.assertLessEqual({"prog", "map"}, {kind for kind, _ in objects})
        self.assertTrue(all(self.is_in_kernel(*each) for each in objects), objects)
        sensor.stop(signal.SIGKILL)
        wait_for(lambda: not any(self.is_in_kernel(*each) for each in objects), "an end of %s" % objects)
        for way in ("ingress", "egress"):
            self.assertEqual(self.host.run("tc", "filter", "show", "dev", "s0", way), "")
        self.assertNotIn("clsact", self.host.run("tc", "qdisc", "show", "dev", "s0"))
        again = self.ebpf("s0", output=self.folder / "again.log")
        sent = self.udp(1002)
        self.assert_good_end(again)
        self.assert_sums(read_log(again.log), sent)

    @staticmethod
    def is_in_kernel(kind, number):
        return subprocess.run([lab.tool("bpftool"), kind, "show", "id", str(number)], capture_output=True, check=False,
                              timeout=20).returncode == 0


class Choice(KernelTest):
    """Which backend `auto` takes, and what is said where the one in the kernel cannot be had."""

    def setUp(self):
        super().setUp()
        self.wire()

    def assert_counts(self, sensor, ebpf):
        self.assertEqual(bool(sensor.hooks()), ebpf)
        self.assertEqual(bool(sensor.sockets()), not ebpf)
        sent = traffic.echo(self.host, HOST, 1001, self.peer, PEER, 9, 20)
        self.assert_good_end(sensor)
        self.assert_sums(sensor.records, sent)
        self.assertEqual(sensor.errors.count(NOT_USED), 0 if ebpf else 1, sensor.errors)

    def test_auto_takes_it(self):
        self.assert_counts(self.sensor("s0"), True)

    def test_auto_without_capabilities(self):
        """The program is copied to where that user may read it."""
        sensor = Sensor(shutil.copy(self.program, self.folder / "eniflow"), self.host, self.folder, "s0", become=NO_RIGHTS)
        self.addCleanup(sensor.close)
        self.assert_counts(sensor, False)
        self.assertIn("CAP_BPF", sensor.errors)

    def test_auto_without_type_information(self):
        sensor = Sensor(self.program, self.host, self.folder, "--user", "root", "s0", become=NO_BTF)
        self.addCleanup(sensor.close)
        self.assert_counts(sensor, False)
        self.assertIn("BTF", sensor.errors)

    def test_auto_with_what_needs_single_packets(self):
        sensor = self.sensor("--filter", "udp", "s0")
        sensor.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        self.assert_counts(sensor, False)
        self.assertIn("filter", sensor.errors)

    def told(self, *arguments, become=()):
        """The sentence with which it refuses."""
        program = shutil.copy(self.program, self.folder / "eniflow") if become else self.program
        ran = self.host.popen([*become, program, "capture", "--backend", "ebpf", "--duration", LIFE, *arguments, "s0"],
                              stdout=-1, stderr=-1, text=True)
        out, errors = ran.communicate(timeout=20)
        self.assertEqual((ran.returncode, out), (2, ""), errors)
        # A build that counts its lines cannot write that down as this user, and says so.
        told = [line for line in errors.splitlines() if not line.startswith("profiling:")]
        self.assertLessEqual(len(told), 2, errors)
        return errors

    def test_asked_for_in_vain(self):
        self.assertIn("CAP_BPF", self.told(become=NO_RIGHTS))
        self.assertIn("BTF", self.told("--user", "root", become=NO_BTF))
        self.assertIn("filter", self.told("--filter", "udp"))
        self.assertIn("promiscuous", self.told("--promiscuous"))


if __name__ == "__main__":
    run()
