/* Live devices, in a network of the test's own: what is sent is seen, each frame once and in order. */
#include "check.h"

#include "capture/live.h"

#include "capture/device.h"

#include "network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* Instead of libc's: what this process takes for the time of day may be ahead of what the kernel writes into rings. */
static time_t ahead;

int clock_gettime(clockid_t id, struct timespec *out) /* NOLINT(readability-inconsistent-declaration-parameter-name) */
{
	int ret = (int)syscall(SYS_clock_gettime, id, out);

	if (ret == 0 && id == CLOCK_REALTIME)
		out->tv_sec += ahead;
	return ret;
}

enum { FRAME = 60, HEADERS = 42, MOST = 4096 };

static char told[4096]; /* all notices, a line each */

static void note(void *ctx, const char *sentence)
{
	size_t used = strlen(told);

	(void)ctx;
	snprintf(told + used, sizeof(told) - used, "%s\n", sentence);
}

static const struct notices notices = { note, NULL };

static struct source *open_source(const char *device, const char *filter, uint64_t ring_size)
{
	const struct source_live_options options = { .backend = capture_device_backend(),
						     .devices = &device,
						     .count = 1,
						     .filter = filter,
						     .ring_size = ring_size,
						     .seed = 1,
						     .wake_fd = -1,
						     .notices = &notices };
	struct source *source = NULL;
	struct error err;

	*told = '\0';
	assert_int_equal(source_open_live(&source, &options, &err), 0);
	return source;
}

/* A veth pair: a frame sent by "p0" comes in at "s0", one sent by "s0" goes out there. */
static void make_pair(void)
{
	run("ip link add s0 address 02:00:00:00:00:01 type veth peer name p0 address 02:00:00:00:00:02 && "
	    "ip link set p0 up && ip link set s0 up");
	await_up("p0");
	await_up("s0");
}

static void drop_pair(void)
{
	run("ip link del s0");
}

/* ---- frames ---- */

static int open_sender(const char *device)
{
	int sender = socket(AF_PACKET, SOCK_RAW, 0);
	const struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(device) };

	assert_true(sender >= 0);
	assert_int_equal(bind(sender, (const struct sockaddr *)&at, sizeof(at)), 0);
	return sender;
}

/* A UDP packet of 28 octets from 10.0.0.1, port `number`, to 10.0.0.2, port 9. */
static void write_packet(uint8_t *out, uint16_t number)
{
	static const uint8_t packet[] = {
		0x45, 0, 0, 28, 0,  0, 0, 0, 64, 17, 0, 0, /* IPv4, 28 octets, UDP */
		10,   0, 0, 1,  10, 0, 0, 2,               /* addresses */
		0,    0, 0, 9,  0,  8, 0, 0,               /* ports, length, no checksum */
	};

	memcpy(out, packet, sizeof(packet));
	out[20] = (uint8_t)(number >> 8);
	out[21] = (uint8_t)number;
}

/* To a MAC that ends with `to`. */
static void send_frame(int sender, uint8_t to, uint16_t number)
{
	uint8_t frame[FRAME] = { 2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, 9, 8, 0 };

	write_packet(frame + 14, number);
	assert_int_equal(send(sender, frame, sizeof(frame), 0), sizeof(frame));
}

/* ---- what was seen ---- */

static struct flow_observation seen[MOST];
static size_t seen_count;
static uint64_t frame_count, lost_count;

static void keep(const struct flow_observation *item)
{
	frame_count += item->kind < FLOW_POINT;
	lost_count += item->kind == FLOW_LOSS ? item->lost : 0;
	if (item->kind != FLOW_TIME && seen_count < MOST)
		seen[seen_count++] = *item;
}

/* 0: the source ended. */
static int read_once(struct source *source)
{
	struct flow_observation items[SOURCE_BATCH];
	struct source_batch batch = { items, SOURCE_BATCH, 0 };
	struct error err;
	int more = source_read(source, &batch, &err);

	assert_true(more >= 0);
	for (size_t i = 0; i < batch.length; i++)
		keep(&items[i]);
	return more;
}

static void forget(void)
{
	seen_count = 0;
	frame_count = lost_count = 0;
}

/* Until an observation of that kind was seen; the test's time limit ends it else. */
static const struct flow_observation *await_kind(struct source *source, enum flow_kind kind)
{
	for (size_t at = 0;; read_once(source))
		for (; at < seen_count; at++)
			if (seen[at].kind == kind)
				return &seen[at];
}

/* Stops, reads all there is, and closes. */
static void finish(struct source *source)
{
	source_stop(source);
	while (read_once(source) > 0)
		;
	source_close(source);
}

/* The frames that were seen, without all else. */
static size_t take_frames(void)
{
	size_t count = 0;

	for (size_t i = 0; i < seen_count; i++)
		if (seen[i].kind < FLOW_POINT)
			seen[count++] = seen[i];
	seen_count = count;
	return count;
}

/* How many there are of a port and direction. */
static size_t count_of(uint16_t source_port, enum flow_direction word)
{
	size_t count = 0;

	for (size_t i = 0; i < seen_count; i++)
		count += seen[i].kind == FLOW_PACKET && seen[i].source_port == source_port && seen[i].word == word;
	return count;
}

/* ---- tests ---- */

static void sees_each_frame_once_and_in_order(void **state)
{
	enum { COUNT = 3000 };
	uint16_t next[] = { [FLOW_INGRESS] = 1, [FLOW_EGRESS] = 0 };
	struct source *source;
	int in, out;

	(void)state;
	make_pair();
	in = open_sender("p0");
	out = open_sender("s0");
	source = open_source("s0", NULL, 4 << 20);
	forget();
	for (int i = 0; i < COUNT; i++)
		send_frame(i % 3 ? in : out, i % 3 ? 1 : 2, (uint16_t)i);
	finish(source);
	assert_int_equal(seen[0].kind, FLOW_POINT);
	assert_int_equal(seen[seen_count - 1].kind, FLOW_GONE);
	assert_int_equal(take_frames(), COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		uint8_t word = seen[i].source_port % 3 ? FLOW_INGRESS : FLOW_EGRESS;

		assert_int_equal(seen[i].kind, FLOW_PACKET);
		assert_int_equal(seen[i].word, word);
		assert_int_equal(seen[i].bytes, 28);
		assert_true(seen[i].tuple_hash != 0);
		assert_true(i == 0 || seen[i].first_ns >= seen[i - 1].first_ns);
		/* What comes in may be stamped a little later than it was sent; in each direction the order stays. */
		assert_int_equal(seen[i].source_port, next[word]);
		next[word] = (uint16_t)(word == FLOW_EGRESS ? next[word] + 3 : next[word] + 1 + (next[word] % 3 == 2));
	}
	close(in);
	close(out);
	drop_pair();
}

/* All frames are then of before the device was opened, as it seems. */
static void the_clock_is_set_back(void **state)
{
	enum { COUNT = 100 };
	struct source *source;
	int in;

	(void)state;
	make_pair();
	in = open_sender("p0");
	ahead = 3600;
	source = open_source("s0", NULL, 4 << 20);
	forget();
	ahead = 0;
	for (int i = 0; i < COUNT; i++)
		send_frame(in, 1, (uint16_t)i);
	while (frame_count < COUNT)
		read_once(source);
	finish(source);
	assert_int_equal(take_frames(), COUNT);
	assert_non_null(strstr(told, "the clock was set back by 3"));
	close(in);
	drop_pair();
}

/* A group's frames are for this station, those for another MAC are for nobody here. */
static void tells_others_frames(void **state)
{
	static const uint8_t broadcast[FRAME] = { 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9, 8, 0 };
	uint8_t frame[FRAME];
	struct source *source;
	int in;

	(void)state;
	make_pair();
	in = open_sender("p0");
	source = open_source("s0", NULL, 4 << 20);
	forget();
	send_frame(in, 1, 0);
	send_frame(in, 77, 1);
	memcpy(frame, broadcast, sizeof(frame));
	write_packet(frame + 14, 2);
	assert_int_equal(send(in, frame, sizeof(frame), 0), sizeof(frame));
	finish(source);
	assert_int_equal(take_frames(), 3);
	assert_int_equal(seen[0].word, FLOW_INGRESS);
	assert_int_equal(seen[1].word, FLOW_UNKNOWN);
	assert_int_equal(seen[2].word, FLOW_INGRESS);
	close(in);
	drop_pair();
}

static void assert_loopback(const char *device)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(9),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct source *source = open_source(device, "udp", 4 << 20);
	int sender = socket(AF_INET, SOCK_DGRAM, 0);

	forget();
	for (int i = 0; i < 100; i++)
		assert_int_equal(sendto(sender, "x", 1, 0, (const struct sockaddr *)&to, sizeof(to)), 1);
	finish(source);
	assert_int_equal(take_frames(), 200);
	for (size_t i = 0; i < 200; i++) {
		assert_int_equal(seen[i].word, i % 2 ? FLOW_INGRESS : FLOW_EGRESS);
		assert_int_equal(seen[i].bytes, 29);
	}
	close(sender);
}

static void loopback_frames_go_out_and_come_in(void **state)
{
	(void)state;
	assert_loopback("lo");
	assert_loopback("any");
}

static void any_tells_directions(void **state)
{
	struct source *source;
	int in, out;

	(void)state;
	make_pair();
	in = open_sender("p0");
	out = open_sender("s0");
	source = open_source("any", NULL, 4 << 20);
	forget();
	assert_string_equal(await_kind(source, FLOW_POINT)->appeared->name, "any");
	send_frame(in, 1, 0); /* out of p0, into s0 */
	send_frame(out, 2, 1);
	finish(source);
	assert_int_equal(take_frames(), 4);
	assert_int_equal(count_of(0, FLOW_EGRESS), 1);
	assert_int_equal(count_of(0, FLOW_INGRESS), 1);
	assert_int_equal(count_of(1, FLOW_EGRESS), 1);
	assert_int_equal(count_of(1, FLOW_INGRESS), 1);
	close(in);
	close(out);
	drop_pair();
}

static void the_filter_is_asked_in_both_directions(void **state)
{
	struct source *source;
	int in, out;

	(void)state;
	make_pair();
	in = open_sender("p0");
	out = open_sender("s0");
	source = open_source("s0", "src port 5 or src port 6", 4 << 20);
	forget();
	for (uint16_t i = 0; i < 10; i++) {
		send_frame(in, 1, i);
		send_frame(out, 2, i);
	}
	finish(source);
	assert_int_equal(take_frames(), 4);
	for (uint16_t port = 5; port <= 6; port++) {
		assert_int_equal(count_of(port, FLOW_EGRESS), 1);
		assert_int_equal(count_of(port, FLOW_INGRESS), 1);
	}
	close(in);
	close(out);
	drop_pair();
}

static void a_device_goes_and_comes_back(void **state)
{
	struct source *source;
	int in;

	(void)state;
	source = open_source("s0", NULL, 4 << 20);
	assert_string_equal(told, "s0: waits for this device, which is not there\n");
	for (int i = 0; i < 3; i++) {
		forget();
		make_pair();
		assert_string_equal(await_kind(source, FLOW_POINT)->appeared->name, "s0");
		in = open_sender("p0");
		send_frame(in, 1, 7);
		await_kind(source, FLOW_PACKET);
		send_frame(in, 1, 8); /* in the ring still when the device goes */
		close(in);
		drop_pair();
		await_kind(source, FLOW_GONE);
		assert_int_equal(frame_count, 2);
	}
	assert_non_null(strstr(told, "s0: is gone; waits for it to come back\n"));
	forget();
	finish(source);
	assert_int_equal(seen_count, 0); /* it is gone already */
}

/* It stays watched, and time goes on. */
static void a_device_goes_down_and_up(void **state)
{
	struct source *source;
	int in;

	(void)state;
	make_pair();
	source = open_source("s0", NULL, 4 << 20);
	forget();
	run("ip link set s0 down");
	read_once(source);
	read_once(source);
	run("ip link set s0 up");
	await_up("p0");
	in = open_sender("p0");
	send_frame(in, 1, 7);
	await_kind(source, FLOW_PACKET);
	finish(source);
	assert_int_equal(seen_count, 3);
	assert_int_equal(seen[0].kind, FLOW_POINT);
	assert_int_equal(seen[2].kind, FLOW_GONE);
	assert_string_equal(told, "");
	close(in);
	drop_pair();
}

static void addresses_are_followed(void **state)
{
	const struct flow_point *point;
	struct source *source;

	(void)state;
	make_pair();
	source = open_source("s0", NULL, 4 << 20);
	forget();
	point = await_kind(source, FLOW_POINT)->appeared;
	assert_int_equal(point->address_count, 0);
	run("ip addr add 10.0.0.1/24 dev s0");
	forget();
	assert_ptr_equal(await_kind(source, FLOW_POINT)->appeared, point);
	assert_int_equal(point->address_count, 1);
	assert_memory_equal(point->addresses[0].address.octets, ((const uint8_t[]){ 10, 0, 0, 1 }), 4);
	finish(source);
	drop_pair();
}

/* What does not fit is told, to the frame. */
static void losses_are_told(void **state)
{
	enum { COUNT = 40000 };
	struct source_device device;
	struct source *source;
	int in, out;

	(void)state;
	make_pair();
	in = open_sender("p0");
	out = open_sender("s0");
	source = open_source("s0", NULL, 1 << 20);
	forget();
	for (int i = 0; i < COUNT; i++)
		send_frame(i % 2 ? in : out, i % 2 ? 1 : 2, (uint16_t)i);
	source_stop(source);
	while (read_once(source) > 0)
		;
	assert_true(lost_count > 0);
	assert_int_equal(frame_count + lost_count, COUNT);
	assert_int_equal(source_devices(source, &device, 1), 1);
	assert_int_equal(device.lost + device.missed, lost_count);
	assert_int_equal(device.frames, frame_count);
	assert_int_equal(device.bytes, frame_count * FRAME);
	source_close(source);
	close(in);
	close(out);
	drop_pair();
}

static void all_takes_in_what_comes(void **state)
{
	static const char *const none[] = { "eth9" };
	struct source *source;

	(void)state;
	run("ip link set lo up");
	source = open_source("all", NULL, 1 << 20);
	forget();
	make_pair();
	while (seen_count < 2)
		read_once(source);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(seen[i].kind, FLOW_POINT);
		assert_string_not_equal(seen[i].appeared->name, "lo");
	}
	assert_int_equal(source_live_devices(source, none, 1, NULL), 0);
	forget();
	while (seen_count < 2)
		read_once(source);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(seen[i].kind, FLOW_GONE);
	assert_non_null(strstr(told, "eth9: waits for this device, which is not there\n"));
	finish(source);
	drop_pair();
}

/* A device without a link layer: its frames are packets. */
static void tun_devices_have_no_frames(void **state)
{
	struct ifreq request = { .ifr_name = "t0", .ifr_flags = IFF_TUN | IFF_NO_PI };
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(9),
					.sin_addr.s_addr = htonl(0x0a020002) };
	uint8_t packet[28];
	struct source *source;
	int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC), sender;

	(void)state;
	if (tun < 0 || ioctl(tun, TUNSETIFF, &request) < 0) {
		print_message("no tun device can be made here: %s\n", strerror(errno));
		skip();
	}
	run("ip addr add 10.2.0.1/24 dev t0 && ip link set t0 up");
	source = open_source("t0", "udp", 1 << 20);
	forget();
	write_packet(packet, 3);
	assert_int_equal(write(tun, packet, sizeof(packet)), sizeof(packet));
	sender = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(sendto(sender, "x", 1, 0, (const struct sockaddr *)&to, sizeof(to)), 1);
	finish(source);
	assert_int_equal(take_frames(), 2);
	assert_int_equal(seen[0].word, FLOW_INGRESS);
	assert_int_equal(seen[0].source_port, 3);
	assert_false(seen[0].has_macs);
	assert_int_equal(seen[1].word, FLOW_EGRESS);
	assert_int_equal(seen[1].destination_port, 9);
	close(sender);
	close(tun);
}

static void says_what_is_missing(void **state)
{
	const char *device = "lo";
	struct source_live_options options = {
		.backend = capture_device_backend(), .devices = &device, .count = 1, .ring_size = 1 << 20, .wake_fd = -1
	};
	struct source *source;
	struct error err;
	int status;
	pid_t child;

	(void)state;
	options.filter = "tcp port";
	assert_int_equal(source_open_live(&source, &options, &err), -EINVAL);
	options.filter = NULL;
	child = fork();
	if (child == 0) {
		bool told_so = setgid(65534) == 0 && setuid(65534) == 0 &&
			       source_open_live(&source, &options, &err) == -EPERM && strstr(err.text, "CAP_NET_RAW");

		_exit(told_so ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sees_each_frame_once_and_in_order),
		TEST(the_clock_is_set_back),
		TEST(tells_others_frames),
		TEST(loopback_frames_go_out_and_come_in),
		TEST(any_tells_directions),
		TEST(the_filter_is_asked_in_both_directions),
		TEST(a_device_goes_and_comes_back),
		TEST(a_device_goes_down_and_up),
		TEST(addresses_are_followed),
		TEST(losses_are_told),
		TEST(all_takes_in_what_comes),
		TEST(tun_devices_have_no_frames),
		TEST(says_what_is_missing),
	};
	FILE *ipv6;

	if (!enter_network())
		return SKIPPED;
	/* Its neighbour discovery is no traffic of the tests'. */
	ipv6 = fopen("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w");
	if (ipv6) {
		fputs("1", ipv6);
		fclose(ipv6);
	}
	run("ip link set lo up");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
