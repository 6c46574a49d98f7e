/* Devices metered in the kernel, in a network of the test's own: whatever is drained when, the sums are what was sent. */
#include "check.h"

#include "capture/kernel.h"

#include "capture/bpf_call.h"
#include "capture/live.h"

#include "network.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <stdatomic.h>
#include <time.h>

/* Instead of libc's: what this process takes for the time of day may be ahead. */
static time_t ahead;

int clock_gettime(clockid_t id, struct timespec *out) /* NOLINT(readability-inconsistent-declaration-parameter-name) */
{
	int ret = (int)syscall(SYS_clock_gettime, id, out);

	if (ret == 0 && id == CLOCK_REALTIME)
		out->tv_sec += ahead;
	return ret;
}

enum { PACKET = 28, FRAME = 60, HEADER = 14 };

static struct error err;
static char told[4096]; /* all notices, a line each */

static void note(void *ctx, const char *sentence)
{
	size_t used = strlen(told);

	(void)ctx;
	snprintf(told + used, sizeof(told) - used, "%s\n", sentence);
}

static const struct notices notices = { note, NULL };

static struct capture_backend *open_backend(const struct capture_kernel_options *wanted)
{
	struct capture_kernel_options options = *wanted;
	struct capture_backend *backend = NULL;

	options.notices = &notices;
	*told = '\0';
	if (capture_kernel_open(&backend, &options, &err) < 0)
		fail_msg("%s", err.text);
	return backend;
}

/* Of tests that want nothing special: to load it takes a second. */
static struct capture_backend *plain;

/* ---- traffic ---- */

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

static int open_sender(const char *device)
{
	int sender = socket(AF_PACKET, SOCK_RAW, 0);
	const struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(device) };

	assert_true(sender >= 0);
	assert_int_equal(bind(sender, (const struct sockaddr *)(const void *)&at, sizeof(at)), 0);
	return sender;
}

/* A UDP packet of 28 octets from 10.0.0.1, port `number`, to 10.0.0.2, port 9. */
static void write_packet(uint8_t *out, uint16_t number)
{
	static const uint8_t packet[PACKET] = {
		0x45, 0, 0, 28, 0,  0, 0, 0, 64, 17, 0x66, 0xcf, /* IPv4, 28 octets, UDP */
		10,   0, 0, 1,  10, 0, 0, 2,                     /* addresses */
		0,    0, 0, 9,  0,  8, 0, 0,                     /* ports, length, no checksum */
	};

	memcpy(out, packet, sizeof(packet));
	out[20] = (uint8_t)(number >> 8);
	out[21] = (uint8_t)number;
}

/* To a MAC that ends with `to`. */
static void write_frame(uint8_t *out, uint8_t to, uint16_t number)
{
	const uint8_t header[HEADER] = { 2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, 9, 8, 0 };

	memset(out, 0, FRAME);
	memcpy(out, header, sizeof(header));
	write_packet(out + HEADER, number);
}

static void send_frame(int sender, uint16_t number)
{
	uint8_t frame[FRAME];

	write_frame(frame, 1, number);
	assert_int_equal(send(sender, frame, sizeof(frame), 0), sizeof(frame));
}

/* Frames of `flows` flows in turn, as fast as they go. */
struct load {
	int sender;
	uint32_t flows, count;
	atomic_bool is_over;
};

static void *send_load(void *ctx)
{
	enum { AT_ONCE = 64 };
	struct load *load = ctx;
	uint8_t frames[AT_ONCE][FRAME];
	struct iovec parts[AT_ONCE];
	struct mmsghdr messages[AT_ONCE] = { 0 };

	for (uint32_t sent = 0; sent < load->count;) {
		uint32_t batch = load->count - sent < AT_ONCE ? load->count - sent : AT_ONCE;
		int ret;

		for (uint32_t i = 0; i < batch; i++) {
			write_frame(frames[i], 1, (uint16_t)((sent + i) % load->flows));
			parts[i] = (struct iovec){ frames[i], FRAME };
			messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
		}
		ret = sendmmsg(load->sender, messages, batch, 0);
		if (ret > 0)
			sent += (uint32_t)ret;
		else if (errno != ENOBUFS && errno != EAGAIN)
			break;
	}
	load->is_over = true;
	return NULL;
}

/* ---- one device, read by hand ---- */

struct rig {
	struct capture_backend *backend;
	struct capture_device device;
	struct capture_device_totals totals;
	/* What was handed on. */
	uint64_t packets, bytes, others;
	uint64_t rejected[2]; /* of even source ports, of odd ones */
	uint64_t accepted[2];
	int64_t first_ns; /* of the UDP packets */
	int64_t last_ns;
};

static int open_device(struct rig *rig, const char *name, uint16_t type)
{
	const struct capture_device_options options = {
		.name = name, .index = if_nametoindex(name), .type = type, .point = 5, .seed = 1, .totals = &rig->totals
	};

	return rig->backend->ops->open(rig->backend, &rig->device, &options, &err);
}

static void take(struct rig *rig, const struct flow_observation *seen)
{
	assert_true(seen->first_ns >= rig->last_ns);
	assert_int_equal(seen->point, 5);
	rig->last_ns = seen->first_ns;
	if (seen->kind != FLOW_PACKET) {
		rig->others += seen->packets;
		return;
	}
	if (seen->protocol != 17) /* the host's answers */
		return;
	assert_int_equal(seen->bytes, PACKET * seen->packets);
	assert_int_equal(seen->destination_port, 9);
	if (rig->packets == 0)
		rig->first_ns = seen->first_ns;
	rig->packets += seen->packets;
	rig->bytes += seen->bytes;
	(seen->verdict == FLOW_REJECT ? rig->rejected : rig->accepted)[seen->source_port % 2] += seen->packets;
}

/* What is there now. */
static void drain(struct rig *rig)
{
	struct capture_tap *tap = rig->backend->tap;
	struct flow_observation items[64];
	int got;

	tap->ops->flush(tap);
	rig->last_ns = 0;
	while ((got = tap->ops->read(tap, items, 64, &err)) > 0)
		for (int i = 0; i < got; i++)
			take(rig, &items[i]);
	assert_int_equal(got, 0);
}

/* Twice: what was drained last is held back for its verdicts. */
static void drain_all(struct rig *rig)
{
	usleep(20000); /* soft interrupts of another processor */
	drain(rig);
	drain(rig);
}

static uint64_t lost_of(struct rig *rig)
{
	return rig->backend->ops->lost(rig->backend, &rig->device);
}

static void close_rig(struct rig *rig)
{
	rig->backend->ops->leave(rig->backend, &rig->device);
	if (rig->backend == plain)
		return;
	rig->backend->tap->ops->close(rig->backend->tap);
	rig->backend->ops->close(rig->backend);
}

static void no_packet_is_lost_or_counted_twice(void **state)
{
	enum { TIMES = 20, COUNT = 50000 };
	struct rig rig = { .backend = plain };
	struct load load = { .flows = 100, .count = COUNT };
	int drains = 0;

	(void)state;
	make_pair();
	assert_int_equal(open_device(&rig, "s0", ARPHRD_ETHER), 0);
	load.sender = open_sender("s0");
	for (int i = 0; i < TIMES; i++) {
		pthread_t sender;

		load.is_over = false;
		rig.packets = rig.bytes = 0;
		assert_int_equal(pthread_create(&sender, NULL, send_load, &load), 0);
		for (; !load.is_over; drains++) {
			drain(&rig);
			usleep(50000);
		}
		pthread_join(sender, NULL);
		drain_all(&rig);
		assert_int_equal(rig.packets, COUNT);
		assert_int_equal(rig.bytes, COUNT * PACKET);
	}
	assert_true(drains >= TIMES);
	assert_int_equal(lost_of(&rig), 0);
	assert_int_equal(rig.totals.frames, TIMES * COUNT);
	assert_int_equal(rig.totals.bytes, TIMES * COUNT * (PACKET + HEADER));
	print_message("%d packets, %d drains while they were sent\n", TIMES * COUNT, drains);
	close(load.sender);
	close_rig(&rig);
	drop_pair();
}

/* Programs count before open() has returned: what they count belongs to a device that is there by then. */
static void all_that_is_counted_is_of_after_the_beginning(void **state)
{
	enum { TIMES = 10, COUNT = 200000 };
	struct load load = { .flows = 100, .count = COUNT };

	(void)state;
	make_pair();
	load.sender = open_sender("p0");
	for (int i = 0; i < TIMES; i++) {
		struct rig rig = { .backend = plain };
		pthread_t sender;

		load.is_over = false;
		assert_int_equal(pthread_create(&sender, NULL, send_load, &load), 0);
		usleep(5000); /* it is sending; should it not be yet, nothing is asked of this round */
		assert_int_equal(open_device(&rig, "s0", ARPHRD_ETHER), 0);
		pthread_join(sender, NULL);
		drain_all(&rig);
		if (rig.packets > 0)
			assert_true(rig.first_ns >= rig.device.ready_ns);
		close_rig(&rig);
		drain_all(&rig);
	}
	close(load.sender);
	drop_pair();
}

/* The host drops packets of even source ports. Whatever is drained between a packet and its drop, none of those is told as
 * accepted, and none of the others as rejected. */
static void what_the_firewall_drops_is_rejected(void **state)
{
	enum { TIMES = 10, COUNT = 40000 };
	struct rig rig = { .backend = plain };
	struct load load = { .flows = 10, .count = COUNT };
	int drains = 0;

	(void)state;
	if (!has_command("nft --version", "nft (nftables)"))
		skip();
	make_pair();
	run("ip address add 10.0.0.2/24 dev s0");
	run("nft 'add table inet test; add chain inet test in { type filter hook input priority 0; }; "
	    "add rule inet test in udp sport & 1 == 0 drop'");
	assert_int_equal(open_device(&rig, "s0", ARPHRD_ETHER), 0);
	load.sender = open_sender("p0");
	for (int i = 0; i < TIMES; i++) {
		pthread_t sender;

		load.is_over = false;
		assert_int_equal(pthread_create(&sender, NULL, send_load, &load), 0);
		for (; !load.is_over; drains++) {
			drain(&rig);
			usleep(1000);
		}
		pthread_join(sender, NULL);
	}
	drain_all(&rig);
	print_message("%d packets, %d drains while they were sent\n", TIMES * COUNT, drains);
	assert_int_equal(rig.packets, TIMES * COUNT);
	assert_int_equal(rig.rejected[0], TIMES * COUNT / 2);
	assert_int_equal(rig.accepted[0], 0);
	assert_int_equal(rig.accepted[1], TIMES * COUNT / 2);
	assert_int_equal(rig.rejected[1], 0);
	close(load.sender);
	close_rig(&rig);
	run("nft delete table inet test");
	drop_pair();
}

static void a_full_map_is_told(void **state)
{
	enum { FLOWS = 20000, MOST = 256 };
	struct rig rig = { .backend = open_backend(&(struct capture_kernel_options){ .max_flows = MOST }) };
	struct load load = { .flows = FLOWS, .count = FLOWS };
	struct pollfd call = { .fd = rig.backend->tap->fd, .events = POLLIN };
	struct flow_observation items[2];
	uint64_t lost;

	(void)state;
	make_pair();
	assert_int_equal(open_device(&rig, "s0", ARPHRD_ETHER), 0);
	load.sender = open_sender("s0");
	drain_all(&rig);
	assert_int_equal(poll(&call, 1, 0), 0);
	send_load(&load);
	assert_int_equal(poll(&call, 1, 1000), 1);
	/* Without being told to, it drains. */
	assert_true(rig.backend->tap->ops->read(rig.backend->tap, items, 2, &err) > 0);
	take(&rig, &items[0]);
	take(&rig, &items[1]);
	assert_int_equal(poll(&call, 1, 0), 0);
	drain_all(&rig);
	lost = lost_of(&rig);
	assert_int_equal(rig.packets + lost, FLOWS);
	assert_int_equal(rig.packets, MOST);
	assert_int_equal(rig.totals.lost, lost);
	assert_int_equal(lost_of(&rig), 0);
	/* There is room again. */
	rig.packets = 0;
	load.count = MOST / 2;
	send_load(&load);
	drain_all(&rig);
	assert_int_equal(rig.packets, MOST / 2);
	assert_int_equal(lost_of(&rig), 0);
	close(load.sender);
	close_rig(&rig);
	drop_pair();
}

/* Frames that are no packets are told, and by which time all was. */
static void frames_without_a_flow_are_counted(void **state)
{
	struct rig rig = { .backend = open_backend(&(struct capture_kernel_options){ .without_verdicts = true }) };
	struct capture_tap *tap = rig.backend->tap;
	uint8_t arp[FRAME] = { 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9, 8, 6 };
	struct timespec now;
	int64_t now_ns;
	int sender;

	(void)state;
	assert_non_null(strstr(told, "--backend nflog"));
	make_pair();
	assert_int_equal(open_device(&rig, "s0", ARPHRD_ETHER), 0);
	sender = open_sender("p0");
	for (int i = 0; i < 3; i++)
		assert_int_equal(send(sender, arp, sizeof(arp), 0), sizeof(arp));
	send_frame(sender, 1);
	clock_gettime(CLOCK_REALTIME, &now);
	now_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
	usleep(20000);
	drain(&rig); /* nothing is held back for want of a verdict */
	assert_int_equal(rig.others, 3);
	assert_int_equal(rig.packets, 1);
	assert_int_equal(rig.totals.frames, 4);
	assert_true(tap->ops->settled(tap, now_ns + CAPTURE_TAP_SLACK_NS) == now_ns);
	assert_true(tap->ops->settled(tap, now_ns + INT64_C(9000000000)) < now_ns + INT64_C(1000000000));
	close(sender);
	close_rig(&rig);
	drop_pair();
}

static void says_what_it_has_not(void **state)
{
	struct rig rig = { .backend = plain };
	struct capture_device_options options = { .name = "any", .type = ARPHRD_ETHER, .totals = &rig.totals };
	struct capture_backend *backend = rig.backend;

	(void)state;
	assert_int_equal(backend->ops->open(backend, &rig.device, &options, &err), -EINVAL);
	options.name = "lo";
	options.index = 1;
	options.filter = "tcp";
	assert_int_equal(backend->ops->open(backend, &rig.device, &options, &err), -EINVAL);
	assert_non_null(strstr(err.text, "--backend pcap"));
	options.filter = NULL;
	options.promiscuous = true;
	assert_int_equal(backend->ops->open(backend, &rig.device, &options, &err), -EINVAL);
	options.promiscuous = false;
	options.type = ARPHRD_IEEE80211_RADIOTAP;
	assert_int_equal(backend->ops->open(backend, &rig.device, &options, &err), -EINVAL);
	options.type = ARPHRD_ETHER;
	options.name = "gone";
	options.index = 999;
	assert_int_equal(backend->ops->open(backend, &rig.device, &options, &err), -ENODEV);
	assert_string_equal(err.text, "gone: there is no such device");
}

/* ---- as a source ---- */

enum { MOST_SEEN = 256 };

static struct flow_observation seen[MOST_SEEN];
static size_t seen_count;

static struct source *open_source(const char *device, const struct capture_kernel_options *wanted)
{
	const struct source_live_options options = {
		.backend = open_backend(wanted),
		.devices = &device,
		.count = 1,
		.seed = 1,
		.wake_fd = -1,
		.notices = &notices,
	};
	struct source *source = NULL;

	seen_count = 0;
	if (source_open_live(&source, &options, &err) < 0)
		fail_msg("%s", err.text);
	return source;
}

/* 0: the source ended. */
static int read_once(struct source *source)
{
	struct flow_observation items[SOURCE_BATCH];
	struct source_batch batch = { items, SOURCE_BATCH, 0 };
	int more = source_read(source, &batch, &err);

	assert_true(more >= 0);
	for (size_t i = 0; i < batch.length; i++)
		if (items[i].kind != FLOW_TIME && seen_count < MOST_SEEN)
			seen[seen_count++] = items[i];
	return more;
}

/* Until that many of a kind were seen; the test's time limit ends it else. */
static void await_kind(struct source *source, enum flow_kind kind, size_t wanted)
{
	for (;;) {
		size_t count = 0;

		for (size_t i = 0; i < seen_count; i++)
			count += seen[i].kind == kind;
		if (count >= wanted)
			return;
		read_once(source);
	}
}

static void finish(struct source *source)
{
	source_stop(source);
	while (read_once(source) > 0)
		;
	source_close(source);
}

static uint64_t packets_of(uint16_t source_port)
{
	uint64_t packets = 0;

	for (size_t i = 0; i < seen_count; i++)
		if (seen[i].kind == FLOW_PACKET && seen[i].source_port == source_port)
			packets += seen[i].packets;
	return packets;
}

/* All that was sent is there when the source ends, before the point goes. */
static void what_came_before_the_end_is_there(void **state)
{
	const struct capture_kernel_options with_macs = { .with_macs = true };
	struct source *source;
	int sender;

	(void)state;
	make_pair();
	sender = open_sender("p0");
	source = open_source("s0", &with_macs);
	for (int i = 0; i < 30; i++)
		send_frame(sender, 77);
	usleep(20000);
	finish(source);
	assert_int_equal(seen[0].kind, FLOW_POINT);
	assert_int_equal(seen[seen_count - 1].kind, FLOW_GONE);
	assert_int_equal(packets_of(77), 30);
	assert_int_equal(seen[1].word, FLOW_INGRESS);
	assert_true(seen[1].has_macs);
	assert_memory_equal(seen[1].destination_mac, "\2\0\0\0\0\1", 6);
	assert_memory_equal(seen[1].source_mac, "\2\0\0\0\0\11", 6);
	close(sender);
	drop_pair();
}

static void a_device_goes_and_comes_back(void **state)
{
	struct source *source;
	int sender;

	(void)state;
	make_pair();
	source = open_source("s0", &(struct capture_kernel_options){ 0 });
	sender = open_sender("p0");
	for (int i = 0; i < 5; i++)
		send_frame(sender, 1);
	close(sender);
	usleep(20000);
	drop_pair();
	await_kind(source, FLOW_GONE, 1);
	assert_int_equal(seen[seen_count - 1].kind, FLOW_GONE);
	assert_int_equal(packets_of(1), 5);
	make_pair();
	await_kind(source, FLOW_POINT, 2);
	sender = open_sender("p0");
	for (int i = 0; i < 7; i++)
		send_frame(sender, 2);
	usleep(20000);
	finish(source);
	assert_int_equal(packets_of(2), 7);
	close(sender);
	drop_pair();
}

/* What was counted before has the time of before. */
static void the_clock_is_set(void **state)
{
	struct source *source;
	int sender;

	(void)state;
	make_pair();
	sender = open_sender("p0");
	source = open_source("s0", &(struct capture_kernel_options){ 0 });
	await_kind(source, FLOW_POINT, 1);
	send_frame(sender, 1);
	usleep(20000);
	ahead = -3600;
	await_kind(source, FLOW_POINT, 2);
	send_frame(sender, 2);
	usleep(20000);
	finish(source);
	ahead = 0;
	assert_int_equal(packets_of(1), 1);
	assert_int_equal(packets_of(2), 1);
	for (size_t i = 1; i < seen_count; i++)
		if (seen[i].kind == FLOW_PACKET)
			assert_true((seen[i].first_ns > seen[0].first_ns) == (seen[i].source_port == 1));
	assert_non_null(strstr(told, "the clock was set back by 3"));
	close(sender);
	drop_pair();
}

static void tun_devices_have_no_frames(void **state)
{
	struct ifreq request = { .ifr_name = "t0", .ifr_flags = IFF_TUN | IFF_NO_PI };
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(9),
					.sin_addr.s_addr = htonl(0x0a020002) };
	uint8_t packet[PACKET];
	struct source *source;
	int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC), sender;

	(void)state;
	if (tun < 0 || ioctl(tun, TUNSETIFF, &request) < 0) {
		print_message("no tun device can be made here: %s\n", strerror(errno));
		skip();
	}
	run("ip addr add 10.2.0.1/24 dev t0 && ip link set t0 up");
	source = open_source("t0", &(struct capture_kernel_options){ 0 });
	write_packet(packet, 3);
	assert_int_equal(write(tun, packet, sizeof(packet)), sizeof(packet));
	sender = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(sendto(sender, "x", 1, 0, (const struct sockaddr *)(const void *)&to, sizeof(to)), 1);
	usleep(20000);
	finish(source);
	assert_int_equal(seen_count, 4); /* it appears, two packets, it goes */
	assert_int_equal(seen[1].word, FLOW_INGRESS);
	assert_int_equal(seen[1].source_port, 3);
	assert_int_equal(seen[1].bytes, PACKET);
	assert_false(seen[1].has_macs);
	assert_int_equal(seen[2].word, FLOW_EGRESS);
	assert_int_equal(seen[2].destination_port, 9);
	assert_int_equal(seen[2].bytes, 29);
	close(sender);
	close(tun);
}

/* ---- what is missing, and what is left ---- */

/* Runs in a process of its own; what it returns is 0 when all is well. */
static void in_child(int (*test)(void))
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(test());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static bool keep_capabilities(uint64_t kept)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)kept, .permitted = (uint32_t)kept },
		{ .effective = (uint32_t)(kept >> 32), .permitted = (uint32_t)(kept >> 32) },
	};

	return syscall(SYS_capset, &header, data) == 0;
}

#define CAPABILITY(number) (UINT64_C(1) << (number))

static const uint64_t bpf = CAPABILITY(39), net_admin = CAPABILITY(12), perfmon = CAPABILITY(38),
		      sys_admin = CAPABILITY(21);

/* With those and no others. */
static int open_with(uint64_t kept)
{
	const struct capture_kernel_options options = { 0 };
	struct capture_backend *backend;
	int ret = keep_capabilities(kept) ? capture_kernel_open(&backend, &options, &err) : -EIO;

	if (ret >= 0)
		backend->ops->close(backend);
	return ret;
}

static int without_any(void)
{
	return open_with(0) == -EPERM && strstr(err.text, "capabilities CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON ") ? 0
														  : 1;
}

static int without_bpf(void)
{
	return open_with(net_admin | perfmon) == -EPERM && strstr(err.text, "capability CAP_BPF ") ? 0 : 1;
}

static int without_net_admin(void)
{
	return open_with(sys_admin) == -EPERM && strstr(err.text, "capability CAP_NET_ADMIN ") ? 0 : 1;
}

static int without_perfmon(void)
{
	return open_with(bpf | net_admin) == -EPERM && strstr(err.text, "capability CAP_PERFMON ") ? 0 : 1;
}

static int with_all_three(void)
{
	return open_with(bpf | net_admin | perfmon) == 0 ? 0 : 1;
}

/* Where one is root, and the kernel knows better. */
static int in_user_namespace(void)
{
	struct capture_backend *backend;

	if (unshare(CLONE_NEWUSER) < 0)
		return SKIPPED;
	return capture_kernel_open(&backend, &(struct capture_kernel_options){ 0 }, &err) == -EPERM &&
			       strstr(err.text, "user namespace")
		       ? 0
		       : 1;
}

static void capabilities_are_named(void **state)
{
	(void)state;
	in_child(without_any);
	in_child(without_bpf);
	in_child(without_net_admin);
	in_child(without_perfmon);
	in_child(with_all_three);
	in_child(in_user_namespace);
}

static int without_types(void)
{
	struct capture_backend *backend;

	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/sys/kernel/btf", "tmpfs", 0, NULL) < 0)
		return SKIPPED;
	return capture_kernel_open(&backend, &(struct capture_kernel_options){ 0 }, &err) == -ENOTSUP &&
			       strstr(err.text, "CONFIG_DEBUG_INFO_BTF") && strstr(err.text, "--backend pcap")
		       ? 0
		       : 1;
}

static void a_kernel_without_types(void **state)
{
	(void)state;
	in_child(without_types);
}

/* Identifiers of the kernel's objects that a process has, as its descriptors tell them. */
struct objects {
	uint32_t ids[3][64]; /* programs, maps, links */
	size_t counts[3];
};

static const char *const id_lines[3] = { "prog_id:", "map_id:", "link_id:" };

static void list_objects(struct objects *out, pid_t process)
{
	char path[300], line[256];
	const struct dirent *entry;
	DIR *folder;

	memset(out, 0, sizeof(*out));
	snprintf(path, sizeof(path), "/proc/%d/fdinfo", (int)process);
	folder = opendir(path);
	assert_non_null(folder);
	while ((entry = readdir(folder))) { /* NOLINT(concurrency-mt-unsafe) */
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%d/fdinfo/%s", (int)process, entry->d_name);
		file = fopen(path, "re");
		while (file && fgets(line, sizeof(line), file))
			for (int kind = 0; kind < 3; kind++)
				if (strncmp(line, id_lines[kind], strlen(id_lines[kind])) == 0 &&
				    out->counts[kind] < 64)
					out->ids[kind][out->counts[kind]++] = (uint32_t)strtoul(
						line + strlen(id_lines[kind]), NULL, 10);
		if (file)
			fclose(file);
	}
	closedir(folder);
}

/* How many of them the kernel still has. */
static size_t count_alive(const struct objects *objects)
{
	static const int commands[3] = { BPF_PROG_GET_FD_BY_ID, BPF_MAP_GET_FD_BY_ID, BPF_LINK_GET_FD_BY_ID };
	size_t alive = 0;

	for (int kind = 0; kind < 3; kind++) {
		for (size_t i = 0; i < objects->counts[kind]; i++) {
			union bpf_attr attributes = { .prog_id = objects->ids[kind][i] };
			int descriptor = bpf_call(commands[kind], &attributes, sizeof(attributes));

			alive += descriptor >= 0;
			if (descriptor >= 0)
				close(descriptor);
		}
	}
	return alive;
}

static void nothing_is_left_of_a_killed_process(void **state)
{
	struct objects objects;
	int ready[2], status, tries = 0;
	char word;
	pid_t child;

	(void)state;
	make_pair();
	assert_int_equal(pipe(ready), 0);
	fflush(stdout);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct rig rig = { 0 };

		plain->ops->close(plain); /* it is its parent's */
		rig.backend = open_backend(&(struct capture_kernel_options){ 0 });
		if (open_device(&rig, "s0", ARPHRD_ETHER) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &word, 1), 1);
	list_objects(&objects, child);
	assert_true(objects.counts[0] >= 4);
	assert_true(objects.counts[1] >= 5);
	assert_true(objects.counts[2] >= 2);
	assert_true(count_alive(&objects) > 10);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	/* The kernel takes them apart when it has time. */
	while (count_alive(&objects) > 0 && tries++ < 500)
		usleep(10000);
	assert_int_equal(count_alive(&objects), 0);
	close(ready[0]);
	drop_pair();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_that_is_counted_is_of_after_the_beginning),
		TEST(no_packet_is_lost_or_counted_twice),
		TEST(what_the_firewall_drops_is_rejected),
		TEST(a_full_map_is_told),
		TEST(frames_without_a_flow_are_counted),
		TEST(says_what_it_has_not),
		TEST(what_came_before_the_end_is_there),
		TEST(a_device_goes_and_comes_back),
		TEST(the_clock_is_set),
		TEST(tun_devices_have_no_frames),
		TEST(capabilities_are_named),
		TEST(a_kernel_without_types),
		TEST(nothing_is_left_of_a_killed_process),
	};
	FILE *ipv6;
	int ret;

	if (!capture_kernel_is_built()) {
		bool said = capture_kernel_open(&plain, &(struct capture_kernel_options){ 0 }, &err) == -ENOTSUP &&
			    strstr(err.text, "install clang, bpftool and libbpf-dev");

		printf("SKIP: eBPF is not built in\n");
		return said ? SKIPPED : 1;
	}
	if (!enter_network())
		return SKIPPED;
	if (capture_kernel_open(&plain, &(struct capture_kernel_options){ 0 }, &err) < 0) {
		printf("SKIP: %s\n", err.text);
		return SKIPPED;
	}
	/* Its neighbour discovery is no traffic of the tests'. */
	ipv6 = fopen("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w");
	if (ipv6) {
		fputs("1", ipv6);
		fclose(ipv6);
	}
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	plain->ops->close(plain);
	return ret;
}
