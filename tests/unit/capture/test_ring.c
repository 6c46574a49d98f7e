/* A packet socket of our own, in a network of the test's own: what is sent is seen, and each frame is as many packets as it
 * was on the wire. */
#include "check.h"

#include "capture/ring.h"

#include "capture/live.h"
#include "network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

enum { FRAME = 60, MOST = 4096 };

#define BE16(n) (uint8_t)((n) >> 8), (uint8_t)(n)

/* ---- a device, opened by the backend itself ---- */

static struct capture_decoder decoder;
static struct capture_device_totals totals;
static struct capture_device device;
static struct flow_observation seen[MOST];
static size_t seen_count;

static int try_watch(const struct capture_device_options *extra, struct error *err)
{
	struct capture_backend *backend = capture_ring_backend();
	struct capture_device_options options = *extra;

	options.index = options.index ? options.index : if_nametoindex(options.name);
	options.type = options.type ? options.type : ARPHRD_ETHER;
	options.point = 5;
	options.seed = 1;
	options.ring_size = options.ring_size ? options.ring_size : 4 << 20;
	options.decoder = &decoder;
	options.totals = &totals;
	totals = (struct capture_device_totals){ 0 };
	seen_count = 0;
	return backend->ops->open(backend, &device, &options, err);
}

static void watch(struct capture_device_options options)
{
	struct error err = { "" };

	if (try_watch(&options, &err) < 0)
		print_error("%s\n", err.text);
	assert_string_equal(err.text, "");
	assert_int_equal(device.tap_count, 1);
}

/* What can be read now. */
static int read_now(void)
{
	struct capture_tap *tap = device.taps[0];
	struct error err;
	int ret = tap->ops->read(tap, seen + seen_count, MOST - seen_count, &err);

	if (ret > 0)
		seen_count += (size_t)ret;
	return ret;
}

/* Until so many are there; the test's time limit ends it else. */
static void await(size_t count)
{
	while (seen_count < count) {
		struct pollfd poll_for = { .fd = device.taps[0]->fd, .events = POLLIN };

		assert_int_equal(poll(&poll_for, 1, 20000), 1);
		assert_true(read_now() >= 0);
	}
	assert_int_equal(seen_count, count);
}

static void leave(void)
{
	device.taps[0]->ops->close(device.taps[0]);
}

static uint64_t lost(void)
{
	struct capture_backend *backend = capture_ring_backend();

	return backend->ops->lost(backend, &device);
}

static int64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* ---- frames ---- */

static int in, out; /* senders on p0 and s0 */

static int open_sender(const char *name)
{
	int sender = socket(AF_PACKET, SOCK_RAW, 0);
	const struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name) };

	assert_true(sender >= 0);
	assert_int_equal(bind(sender, (const struct sockaddr *)&at, sizeof(at)), 0);
	return sender;
}

/* A veth pair: a frame sent by "p0" comes in at "s0", one sent by "s0" goes out there. */
static int make_pair(void **state)
{
	(void)state;
	run("ip link add s0 address 02:00:00:00:00:01 type veth peer name p0 address 02:00:00:00:00:02 && "
	    "ip link set p0 up && ip link set s0 up");
	await_up("p0");
	await_up("s0");
	in = open_sender("p0");
	out = open_sender("s0");
	return 0;
}

static int drop_pair(void **state)
{
	(void)state;
	close(in);
	close(out);
	run("ip link del s0");
	return 0;
}

/* A UDP packet of 28 octets from 10.0.0.1, port `number`, to 10.0.0.2, port 9. */
static void write_packet(uint8_t *to, uint16_t number)
{
	const uint8_t packet[] = {
		0x45,         0, 0, 28, 0,  0, 0, 0, 64, 17, 0, 0, /* IPv4, 28 octets, UDP */
		10,           0, 0, 1,  10, 0, 0, 2,               /* addresses */
		BE16(number), 0, 9, 0,  8,  0, 0,                  /* ports, length, no checksum */
	};

	memcpy(to, packet, sizeof(packet));
}

/* To a MAC that ends with `to`; `tags` are put before the EtherType. */
static void send_tagged(int sender, uint8_t to, uint16_t number, const uint8_t *tags, size_t length)
{
	uint8_t frame[FRAME] = { 2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, 9 };

	if (length > 0)
		memcpy(frame + 12, tags, length);
	frame[12 + length] = 8;
	write_packet(frame + 14 + length, number);
	assert_int_equal(send(sender, frame, sizeof(frame), 0), sizeof(frame));
}

static void send_frame(int sender, uint8_t to, uint16_t number)
{
	send_tagged(sender, to, number, NULL, 0);
}

static size_t count_of(uint16_t source_port, enum flow_direction word)
{
	size_t count = 0;

	for (size_t i = 0; i < seen_count; i++)
		count += seen[i].kind == FLOW_PACKET && seen[i].source_port == source_port && seen[i].word == word;
	return count;
}

/* ---- tests of one device ---- */

static void sees_both_directions(void **state)
{
	enum { COUNT = 1500 };
	int64_t before_ns = wall_ns();

	(void)state;
	watch((struct capture_device_options){ .name = "s0" });
	assert_true(device.ready_ns >= before_ns && device.ready_ns <= wall_ns());
	for (int i = 0; i < COUNT; i++)
		send_frame(i % 3 ? in : out, i % 3 ? 1 : 2, (uint16_t)i);
	await(COUNT);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(count_of((uint16_t)i, i % 3 ? FLOW_INGRESS : FLOW_EGRESS), 1);
		assert_int_equal(seen[i].point, 5);
		assert_int_equal(seen[i].packets, 1);
		assert_int_equal(seen[i].bytes, 28);
		assert_int_equal(seen[i].family, FLOW_IPV4);
		assert_true(seen[i].has_macs);
		assert_true(seen[i].tuple_hash != 0);
		assert_true(seen[i].first_ns >= device.ready_ns && seen[i].first_ns <= wall_ns());
	}
	assert_int_equal(totals.frames, COUNT);
	assert_int_equal(totals.bytes, COUNT * FRAME);
	assert_int_equal(lost(), 0);
	leave();
}

/* A group's frames are for this station, those for another MAC are for nobody here. */
static void tells_others_frames(void **state)
{
	(void)state;
	watch((struct capture_device_options){ .name = "s0", .promiscuous = true });
	run("ip -d link show s0 | grep -q 'promiscuity 1'");
	send_frame(in, 1, 0);
	send_frame(in, 77, 1);
	send_frame(out, 77, 2);
	await(3);
	assert_int_equal(count_of(0, FLOW_INGRESS), 1);
	assert_int_equal(count_of(1, FLOW_UNKNOWN), 1);
	assert_int_equal(count_of(2, FLOW_EGRESS), 1);
	leave();
	run("ip -d link show s0 | grep -q 'promiscuity 0'");
}

static void the_filter_is_asked_in_both_directions(void **state)
{
	(void)state;
	watch((struct capture_device_options){ .name = "s0", .filter = "src port 5 or src port 6" });
	for (uint16_t i = 0; i < 10; i++) {
		send_frame(in, 1, i);
		send_frame(out, 2, i);
	}
	await(4);
	for (uint16_t port = 5; port <= 6; port++) {
		assert_int_equal(count_of(port, FLOW_EGRESS), 1);
		assert_int_equal(count_of(port, FLOW_INGRESS), 1);
	}
	leave();
}

/* The kernel takes the tag off what comes in. */
static void the_filter_knows_tags(void **state)
{
	static const uint8_t five[] = { 0x81, 0, 0, 5 }, six[] = { 0x81, 0, 0, 6 };

	(void)state;
	watch((struct capture_device_options){ .name = "s0", .filter = "vlan 5 and udp" });
	send_tagged(in, 1, 1, five, sizeof(five));
	send_tagged(in, 1, 2, six, sizeof(six));
	send_frame(in, 1, 3);
	send_tagged(out, 2, 4, five, sizeof(five));
	send_frame(out, 2, 5);
	await(2);
	assert_int_equal(count_of(1, FLOW_INGRESS), 1);
	assert_int_equal(count_of(4, FLOW_EGRESS), 1);
	assert_int_equal(totals.bytes, 2 * FRAME); /* the tag is one of them */
	leave();
}

/* What the kernel may count as dropped: what comes in and is neither IP nor ARP, or has two tags. */
static void knows_what_is_unwanted(void **state)
{
	static const uint8_t one[] = { 0x81, 0, 0, 5 }, two[] = { 0x88, 0xa8, 0, 5, 0x81, 0, 0, 6 };
	static const uint8_t tagged[FRAME] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 0x81, 0, 0, 5, 0x88, 0xb5 };
	static const uint8_t plain[FRAME] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 0x88, 0xb5 };
	static const uint8_t arp[FRAME] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 0x08, 0x06 };
	static const uint8_t tagged_arp[FRAME] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 0x81, 0, 0, 5, 0x08, 0x06 };

	(void)state;
	watch((struct capture_device_options){ .name = "s0" });
	send_frame(in, 1, 1);
	send_tagged(in, 1, 2, one, sizeof(one));
	assert_int_equal(send(in, arp, sizeof(arp), 0), FRAME);
	assert_int_equal(send(in, tagged_arp, sizeof(tagged_arp), 0), FRAME);
	assert_int_equal(send(out, tagged, sizeof(tagged), 0), FRAME);
	send_tagged(out, 2, 3, two, sizeof(two));
	await(6);
	assert_int_equal(totals.unwanted, 0);
	send_tagged(in, 1, 4, two, sizeof(two));
	send_tagged(in, 77, 5, two, sizeof(two)); /* for another station */
	assert_int_equal(send(in, tagged, sizeof(tagged), 0), FRAME);
	assert_int_equal(send(in, plain, sizeof(plain), 0), FRAME);
	await(10);
	assert_int_equal(totals.unwanted, 4);
	leave();
}

/* A ring of the least size: what does not fit is told, to the frame. */
static void losses_are_told(void **state)
{
	enum { COUNT = 3000 };
	uint64_t missing;

	(void)state;
	watch((struct capture_device_options){ .name = "s0", .ring_size = 1 << 14 });
	for (int i = 0; i < COUNT; i++)
		send_frame(out, 2, (uint16_t)i);
	missing = lost();
	assert_true(missing > 0 && missing < COUNT);
	assert_true(device.taps[0]->ops->is_pressed(device.taps[0]));
	await(COUNT - missing);
	assert_false(device.taps[0]->ops->is_pressed(device.taps[0]));
	assert_int_equal(totals.lost, missing);
	/* And it goes on. */
	send_frame(in, 1, 1);
	await(COUNT - missing + 1);
	assert_int_equal(lost(), 0);
	leave();
}

/* Empty is told from not yet shown. */
static void tells_up_to_when_all_was_read(void **state)
{
	struct capture_tap *tap;

	(void)state;
	watch((struct capture_device_options){ .name = "s0" });
	tap = device.taps[0];
	assert_int_equal(tap->ops->settled(tap, device.ready_ns), device.ready_ns - CAPTURE_TAP_SLACK_NS);
	send_frame(out, 2, 1);
	/* The block may be shown before we look; then there is something to be read. */
	if (read_now() == 0)
		assert_int_equal(tap->ops->settled(tap, device.ready_ns), device.ready_ns - CAPTURE_TAP_HOLD_NS);
	await(1);
	assert_int_equal(tap->ops->settled(tap, device.ready_ns), device.ready_ns - CAPTURE_TAP_SLACK_NS);
	leave();
}

static void what_is_gone_is_told_when_all_was_read(void **state)
{
	(void)state;
	watch((struct capture_device_options){ .name = "s0" });
	run("ip link set s0 down");
	assert_int_equal(read_now(), 0);
	run("ip link set s0 up");
	await_up("p0");
	send_frame(in, 1, 7);
	await(1);
	send_frame(out, 2, 8); /* in the ring still when the device goes */
	drop_pair(NULL);
	while (read_now() >= 0)
		;
	assert_int_equal(read_now(), -ENODEV);
	for (int i = 0; i < 400 && seen_count < 2; i++) {
		poll(NULL, 0, 10);
		read_now();
	}
	assert_int_equal(count_of(8, FLOW_EGRESS), 1);
	leave();
	make_pair(NULL);
}

static void says_what_it_cannot_do(void **state)
{
	struct error err;
	pid_t child;
	int status;

	(void)state;
	assert_int_equal(try_watch(&(struct capture_device_options){ .name = CAPTURE_DEVICE_ANY }, &err), -EINVAL);
	assert_string_equal(err.text, "any: is watched by libpcap alone: --backend pcap");
	assert_int_equal(
		try_watch(&(struct capture_device_options){ .name = "s0", .type = ARPHRD_IEEE80211_RADIOTAP }, &err),
		-EINVAL);
	assert_non_null(strstr(err.text, "803"));
	assert_int_equal(try_watch(&(struct capture_device_options){ .name = "s0", .filter = "tcp port" }, &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "s0: filter 'tcp port': "));
	assert_int_equal(try_watch(&(struct capture_device_options){ .name = "x9", .index = 99999 }, &err), -ENODEV);
	run("ip link set s0 down");
	assert_int_equal(try_watch(&(struct capture_device_options){ .name = "s0" }, &err), -ENETDOWN);
	run("ip link set s0 up");
	await_up("p0");
	child = fork();
	if (child == 0) {
		bool told = setgid(65534) == 0 && setuid(65534) == 0 &&
			    try_watch(&(struct capture_device_options){ .name = "s0" }, &err) == -EPERM &&
			    strstr(err.text, "CAP_NET_RAW");

		_exit(told ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* ---- segmentation, and devices without a link layer ---- */

/* A tun or tap device that is up; -1: there can be none here, and why is printed. */
static int open_tun(const char *name, short flags)
{
	struct ifreq request = { .ifr_flags = flags };
	char command[64];
	int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (tun < 0 || ioctl(tun, TUNSETIFF, &request) < 0) {
		print_message("no tun device can be made here: %s\n", strerror(errno));
		return -1;
	}
	snprintf(command, sizeof(command), "ip link set %s up", name);
	run(command);
	return tun;
}

enum { LOAD = 3000, TCP_FRAME = 14 + 40 + LOAD, GSO_UDP_FRAGMENTS = 3 };

/* A TCP packet of LOAD octets of load, as a guest hands it to its host to be cut up. */
static void write_offloaded(int tap, uint8_t type, uint16_t size)
{
	static const uint8_t headers[] = {
		2,    0,    0,
		0,    0,    1,
		2,    0,    0,
		0,    0,    9,
		8,    0, /* Ethernet */
		0x45, 0,    BE16(40 + LOAD),
		0,    1,    0x40,
		0,    64,   6,
		0,    0, /* IPv4 */
		10,   0,    0,
		1,    10,   0,
		0,    2, /* addresses */
		3,    0xe9, 0,
		80,   0,    0,
		0,    1,    0,
		0,    0,    2,
		0x50, 0x10, 1,
		0,    0,    0,
		0,    0, /* TCP */
	};
	const struct virtio_net_hdr offload = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
						.gso_type = type,
						.hdr_len = 54,
						.gso_size = size,
						.csum_start = 34,
						.csum_offset = type == GSO_UDP_FRAGMENTS ? 6 : 16 };
	uint8_t frame[sizeof(offload) + TCP_FRAME] = { 0 };

	memcpy(frame, &offload, sizeof(offload));
	memcpy(frame + sizeof(offload), headers, sizeof(headers));
	if (type == GSO_UDP_FRAGMENTS)
		frame[sizeof(offload) + 23] = 17; /* UDP */
	assert_int_equal(write(tap, frame, sizeof(frame)), sizeof(frame));
}

static void a_frame_is_its_segments(void **state)
{
	int tap = open_tun("t0", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR);

	(void)state;
	if (tap < 0)
		skip();
	watch((struct capture_device_options){ .name = "t0" });
	write_offloaded(tap, VIRTIO_NET_HDR_GSO_TCPV4, 1000);
	write_offloaded(tap, VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN, 1400);
	write_offloaded(tap, VIRTIO_NET_HDR_GSO_NONE, 0);
	await(3);
	assert_int_equal(seen[0].packets, 3);
	assert_int_equal(seen[0].bytes, 3 * 1040);
	assert_int_equal(seen[1].packets, 3);
	assert_int_equal(seen[1].bytes, LOAD + 3 * 40);
	assert_int_equal(seen[2].packets, 1);
	assert_int_equal(seen[2].bytes, LOAD + 40);
	assert_int_equal(totals.frames, 7);
	assert_int_equal(totals.bytes, 3 * LOAD + 7 * 54);
	leave();
	close(tap);
}

/* An offload that the kernel has no name for towards us: the frame is lost, and what its slot holds is none. */
static void what_has_no_name_is_lost(void **state)
{
	int tap = open_tun("t0", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR);

	(void)state;
	if (tap < 0)
		skip();
	watch((struct capture_device_options){ .name = "t0", .ring_size = 1 << 14 });
	for (int i = 0; i < 200; i++) { /* several times round the ring */
		write_offloaded(tap, VIRTIO_NET_HDR_GSO_TCPV4, 1000);
		write_offloaded(tap, GSO_UDP_FRAGMENTS, 1000);
		if (i % 8 == 7)
			await(seen_count + 8);
	}
	assert_int_equal(seen_count + lost(), 400);
	assert_int_equal(seen_count, 200);
	leave();
	close(tap);
}

static void packets_without_frames(void **state)
{
	static const uint8_t ipv6[44] = { 0x60, 0, 0, 0, 0, 4, 17, 64, [40] = 3, 4, 0, 9 };
	uint8_t bytes[64] = { 0 };
	int tun = open_tun("t1", IFF_TUN); /* each packet's protocol stands ahead of it */

	(void)state;
	if (tun < 0)
		skip();
	watch((struct capture_device_options){ .name = "t1", .type = ARPHRD_NONE, .filter = "not tcp" });
	bytes[2] = 0x08; /* IPv4 */
	write_packet(bytes + 4, 3);
	assert_int_equal(write(tun, bytes, 32), 32);
	memcpy(bytes, ((const uint8_t[]){ 0, 0, 0x86, 0xdd }), 4);
	memcpy(bytes + 4, ipv6, sizeof(ipv6));
	assert_int_equal(write(tun, bytes, 48), 48);
	memcpy(bytes, ((const uint8_t[]){ 0, 0, 0x88, 0x47, 0, 0, 0x11, 64 }), 8); /* MPLS: label 1, the last one */
	write_packet(bytes + 8, 5);
	assert_int_equal(write(tun, bytes, 36), 36);
	memcpy(bytes, ((const uint8_t[]){ 0, 0, 0x88, 0xb5 }), 4);
	assert_int_equal(write(tun, bytes, 36), 36);
	await(4);
	assert_int_equal(seen[0].family, FLOW_IPV4);
	assert_int_equal(seen[0].source_port, 3);
	assert_int_equal(seen[0].word, FLOW_INGRESS);
	assert_false(seen[0].has_macs);
	assert_int_equal(seen[1].family, FLOW_IPV6);
	assert_int_equal(seen[1].source_port, 0x0304);
	assert_int_equal(seen[1].bytes, 44);
	assert_int_equal(seen[2].source_port, 5);
	assert_int_equal(seen[2].bytes, 28);
	assert_int_equal(seen[2].word, FLOW_INGRESS);
	assert_int_equal(seen[3].kind, FLOW_NON_IP);
	assert_int_equal(totals.frames, 4);
	assert_int_equal(totals.bytes, 28 + 44 + 32 + 32);
	leave();
	close(tun);
}

static void loopback_frames_go_out_and_come_in(void **state)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(9),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int sender = socket(AF_INET, SOCK_DGRAM, 0);

	(void)state;
	watch((struct capture_device_options){ .name = "lo", .type = ARPHRD_LOOPBACK, .filter = "udp" });
	for (int i = 0; i < 100; i++)
		assert_int_equal(sendto(sender, "x", 1, 0, (const struct sockaddr *)&to, sizeof(to)), 1);
	await(200);
	for (size_t i = 0; i < 200; i++) {
		assert_int_equal(seen[i].word, i % 2 ? FLOW_INGRESS : FLOW_EGRESS);
		assert_int_equal(seen[i].bytes, 29);
	}
	leave();
	close(sender);
}

/* ---- as a source ---- */

/* Until an observation of that kind has come; the test's time limit ends it else. */
static void await_kind(struct source *source, enum flow_kind kind)
{
	struct flow_observation items[SOURCE_BATCH];
	bool found = false;

	while (!found) {
		struct source_batch batch = { items, SOURCE_BATCH, 0 };
		struct error err;

		assert_int_equal(source_read(source, &batch, &err), 1);
		for (size_t i = 0; i < batch.length; i++)
			found |= items[i].kind == kind;
	}
}

static void a_device_goes_and_comes_back(void **state)
{
	const char *name = "s0";
	const struct source_live_options options = { .backend = capture_ring_backend(),
						     .devices = &name,
						     .count = 1,
						     .ring_size = 1 << 20,
						     .seed = 1,
						     .wake_fd = -1 };
	struct source *source;
	struct error err;

	(void)state;
	assert_int_equal(source_open_live(&source, &options, &err), 0);
	for (int i = 0; i < 3; i++) {
		make_pair(NULL);
		await_kind(source, FLOW_POINT);
		send_frame(in, 1, 7);
		await_kind(source, FLOW_PACKET);
		drop_pair(NULL);
		await_kind(source, FLOW_GONE);
	}
	source_close(source);
}

#define PAIR_TEST(function) cmocka_unit_test_setup_teardown(function, make_pair, drop_pair)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(sees_both_directions),
		PAIR_TEST(tells_others_frames),
		PAIR_TEST(the_filter_is_asked_in_both_directions),
		PAIR_TEST(the_filter_knows_tags),
		PAIR_TEST(knows_what_is_unwanted),
		PAIR_TEST(losses_are_told),
		PAIR_TEST(tells_up_to_when_all_was_read),
		PAIR_TEST(what_is_gone_is_told_when_all_was_read),
		PAIR_TEST(says_what_it_cannot_do),
		TEST(a_frame_is_its_segments),
		TEST(what_has_no_name_is_lost),
		TEST(packets_without_frames),
		TEST(loopback_frames_go_out_and_come_in),
		TEST(a_device_goes_and_comes_back),
	};
	FILE *ipv6;
	int failed;

	if (!enter_network())
		return SKIPPED;
	/* Its neighbour discovery is no traffic of the tests'. */
	ipv6 = fopen("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w");
	if (ipv6) {
		fputs("1", ipv6);
		fclose(ipv6);
	}
	run("ip link set lo up");
	if (capture_fragments_new(&decoder.fragments, 1, NULL) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	capture_fragments_free(decoder.fragments);
	return failed;
}
