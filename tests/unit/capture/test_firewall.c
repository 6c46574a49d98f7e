/* Verdicts of a real firewall, in network namespaces of the test's own: the example ruleset, and rules that refuse. */
#include "capture/firewall.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "capture/netfilter.h"

#include "check.h"
#include "network.h"

#define EXAMPLE TEST_DATA "/../../packaging/examples/nflog.nft"

/* This end is 192.0.2.1 on h0; the other namespace is 192.0.2.2 on p0. Behind g0 there is nobody. */
static int home, peer;

static void go_to(int namespace)
{
	assert_int_equal(setns(namespace, CLONE_NEWNET), 0);
}

static void run_there(const char *command)
{
	go_to(peer);
	run(command);
	go_to(home);
}

static int here(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static int build_network(void **state)
{
	char command[128];

	(void)state;
	home = here();
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	peer = here();
	go_to(home);
	run("ip link set lo up && ip link add h0 type veth peer name p0 && ip link add g0 type veth peer name g1");
	snprintf(command, sizeof(command), "ip link set p0 netns /proc/%d/fd/%d", (int)getpid(), peer);
	run(command);
	run("ip addr add 192.0.2.1/24 dev h0 && ip addr add 2001:db8::1/64 dev h0 nodad &&"
	    " ip addr add 198.51.100.1/24 dev g0 && ip link set h0 up && ip link set g0 up && ip link set g1 up &&"
	    " ip neigh add 198.51.100.9 lladdr 02:00:00:00:00:09 dev g0 && echo 1 >/proc/sys/net/ipv4/ip_forward");
	run_there("ip addr add 192.0.2.2/24 dev p0 && ip addr add 2001:db8::2/64 dev p0 nodad && ip link set p0 up &&"
		  " ip link set lo up && ip route add default via 192.0.2.1");
	run("nft -f " EXAMPLE);
	run("nft -f - <<'END'\n"
	    "table inet own {\n"
	    "	chain refuse {\n"
	    "		log group 7 snaplen 128 prefix \"REJECT\"\n"
	    "		meta l4proto tcp reject with tcp reset\n"
	    "		drop\n"
	    "	}\n"
	    "	chain input {\n"
	    "		type filter hook input priority filter; policy accept;\n"
	    "		tcp dport 23 jump refuse\n"
	    "		udp dport 9 jump refuse\n"
	    "	}\n"
	    "	chain forward {\n"
	    "		type filter hook forward priority filter; policy accept;\n"
	    "		udp dport 9 jump refuse\n"
	    "	}\n"
	    "	chain output {\n"
	    "		type filter hook output priority filter; policy accept;\n"
	    "		udp dport 19 jump refuse\n"
	    "	}\n"
	    "}\n"
	    "END\n");
	return 0;
}

/* ---- traffic ---- */

static void send_udp(int family, const char *address, uint16_t port, unsigned count)
{
	struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	bool is_ipv6 = family == AF_INET6;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	inet_pton(family, address, is_ipv6 ? (void *)&ipv6.sin6_addr : (void *)&ipv4.sin_addr);
	/* One that the firewall here drops at once is an error of the sender, EPERM. */
	for (unsigned i = 0; i < count; i++)
		sendto(fd, "four", 4, 0, is_ipv6 ? (const void *)&ipv6 : (const void *)&ipv4,
		       is_ipv6 ? sizeof(ipv6) : sizeof(ipv4));
	close(fd);
}

static void is_refused(const char *address, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address, &to.sin_addr);
	assert_int_equal(connect(fd, (const void *)&to, sizeof(to)), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(fd);
}

/* ---- what the source hands on ---- */

static struct source *source;
static struct flow_observation seen[1024];
static size_t seen_count;
static const struct flow_point *points[8];

static void open_source(const char *const *devices, size_t count)
{
	static const struct capture_group group = { CAPTURE_GROUP_DEFAULT, CAPTURE_NETFILTER_BY_PREFIX };
	const struct source_firewall_options options = {
		.devices = devices, .count = count, .groups = &group, .group_count = 1, .seed = 1, .wake_fd = -1
	};
	struct error err;
	int ret = source_open_firewall(&source, &options, &err);

	if (ret < 0)
		print_error("%s\n", err.text);
	assert_int_equal(ret, 0);
	seen_count = 0;
	memset(points, 0, sizeof(points));
}

static int read_once(void)
{
	struct source_batch batch = { .items = seen + seen_count, .room = 64 };
	struct error err;
	int ret;

	assert_true(seen_count + batch.room <= sizeof(seen) / sizeof(seen[0]));
	ret = source_read(source, &batch, &err);
	assert_true(ret >= 0);
	for (size_t i = 0; i < batch.length; i++)
		if (batch.items[i].kind == FLOW_POINT)
			points[batch.items[i].appeared->number] = batch.items[i].appeared;
	seen_count += batch.length;
	return ret;
}

/* All that came until now, up to a whole second; then up to the end. */
static void read_to_the_end(void)
{
	struct timespec now;
	bool is_over = false;

	clock_gettime(CLOCK_REALTIME, &now);
	while (!is_over) {
		size_t at = seen_count;

		read_once();
		for (; at < seen_count; at++)
			is_over |= seen[at].kind == FLOW_TIME && seen[at].first_ns / 1000000000 > now.tv_sec;
	}
	source_stop(source);
	while (read_once() > 0)
		;
}

/* Until that kind was seen of that device; seconds pass at the most as many as tried. */
static bool read_until(enum flow_kind kind, const char *name)
{
	for (int tries = 0; tries < 20; tries++) {
		for (size_t i = 0; i < seen_count; i++) {
			const struct flow_observation *it = &seen[i];
			uint32_t number = it->kind == FLOW_POINT ? it->appeared->number : it->point;

			if (it->kind == kind && points[number] && strcmp(points[number]->name, name) == 0)
				return true;
		}
		read_once();
	}
	return false;
}

/* Packets of a device in a direction with a verdict; `port` at either end (of ICMP: 0). */
struct sought {
	const char *device;
	uint8_t word, verdict, family, protocol;
	uint16_t port;
};

static unsigned count(struct sought sought)
{
	unsigned packets = 0;

	for (size_t i = 0; i < seen_count; i++) {
		const struct flow_observation *it = &seen[i];

		if (it->kind == FLOW_PACKET && strcmp(points[it->point]->name, sought.device) == 0 &&
		    it->word == sought.word && it->verdict == sought.verdict && it->family == sought.family &&
		    it->protocol == sought.protocol &&
		    (it->source_port == sought.port || it->destination_port == sought.port))
			packets++;
	}
	return packets;
}

#define IN_AT(device, verdict)  device, FLOW_INGRESS, verdict
#define OUT_AT(device, verdict) device, FLOW_EGRESS, verdict
#define COUNT(...)              count((struct sought){ __VA_ARGS__ })

static void verdicts_of_what_comes_and_goes(void **state)
{
	static const char *const devices[] = { "h0" };
	struct source_device device;

	(void)state;
	open_source(devices, 1);
	run_there("ping -q -c 3 -i 0.2 192.0.2.1 >/dev/null");
	go_to(peer);
	send_udp(AF_INET, "192.0.2.1", 9, 5);
	send_udp(AF_INET, "192.0.2.1", 1000, 4);
	send_udp(AF_INET6, "2001:db8::1", 9, 2);
	send_udp(AF_INET6, "2001:db8::1", 1000, 3);
	is_refused("192.0.2.1", 23);
	go_to(home);
	send_udp(AF_INET, "192.0.2.2", 19, 6);
	send_udp(AF_INET, "192.0.2.2", 20, 7);
	read_to_the_end();
	assert_int_equal(COUNT(IN_AT("h0", FLOW_ACCEPT), 4, IPPROTO_UDP, 1000), 4);
	assert_int_equal(COUNT(IN_AT("h0", FLOW_REJECT), 4, IPPROTO_UDP, 9), 5);
	assert_int_equal(COUNT(IN_AT("h0", FLOW_ACCEPT), 4, IPPROTO_UDP, 9), 0);
	assert_int_equal(COUNT(IN_AT("h0", FLOW_REJECT), 6, IPPROTO_UDP, 9), 2);
	assert_int_equal(COUNT(IN_AT("h0", FLOW_ACCEPT), 6, IPPROTO_UDP, 1000), 3);
	assert_int_equal(COUNT(IN_AT("h0", FLOW_REJECT), 4, IPPROTO_TCP, 23), 1);
	assert_int_equal(COUNT(OUT_AT("h0", FLOW_ACCEPT), 4, IPPROTO_TCP, 23), 1); /* the reset */
	assert_int_equal(COUNT(OUT_AT("h0", FLOW_REJECT), 4, IPPROTO_UDP, 19), 6);
	assert_int_equal(COUNT(OUT_AT("h0", FLOW_ACCEPT), 4, IPPROTO_UDP, 20), 7);
	assert_true(COUNT(IN_AT("h0", FLOW_ACCEPT), 4, IPPROTO_ICMP, 0) >= 3); /* and what port 20 was answered with */
	assert_true(COUNT(OUT_AT("h0", FLOW_ACCEPT), 4, IPPROTO_ICMP, 0) >= 3);
	assert_int_equal(COUNT(IN_AT("h0", FLOW_REJECT), 4, IPPROTO_ICMP, 0), 0);
	assert_int_equal(source_devices(source, &device, 1), 1);
	assert_string_equal(device.name, "h0");
	assert_true(device.frames >= 34);
	assert_int_equal(device.lost, 0);
	source_close(source);
}

static void what_is_forwarded(void **state)
{
	static const char *const devices[] = { "all" };

	(void)state;
	open_source(devices, 1);
	go_to(peer);
	send_udp(AF_INET, "198.51.100.9", 9, 5);
	send_udp(AF_INET, "198.51.100.9", 1000, 4);
	go_to(home);
	read_to_the_end();
	assert_int_equal(COUNT(IN_AT("h0", FLOW_REJECT), 4, IPPROTO_UDP, 9), 5);
	assert_int_equal(COUNT(OUT_AT("g0", FLOW_REJECT), 4, IPPROTO_UDP, 9), 0);
	assert_int_equal(COUNT(OUT_AT("g0", FLOW_ACCEPT), 4, IPPROTO_UDP, 9), 0);
	assert_int_equal(COUNT(IN_AT("h0", FLOW_ACCEPT), 4, IPPROTO_UDP, 1000), 4);
	assert_int_equal(COUNT(OUT_AT("g0", FLOW_ACCEPT), 4, IPPROTO_UDP, 1000), 4);
	source_close(source);
}

static void devices_come_and_go(void **state)
{
	static const char *const devices[] = { "h0", "n0" };
	const struct flow_point *now[4];

	(void)state;
	open_source(devices, 2);
	assert_true(read_until(FLOW_POINT, "h0"));
	assert_int_equal(source_points(source, now, 4), 1);
	assert_int_equal(now[0]->addresses[0].address.octets[3], 1);
	run("ip link add n0 type veth peer name n1 && ip addr add 203.0.113.1/24 dev n0 && ip link set n0 up");
	assert_true(read_until(FLOW_POINT, "n0"));
	assert_int_equal(source_points(source, now, 4), 2);
	run("ip link del n0");
	assert_true(read_until(FLOW_GONE, "n0"));
	assert_int_equal(source_points(source, now, 4), 1);
	read_to_the_end();
	assert_int_equal(seen[seen_count - 1].kind, FLOW_GONE);
	source_close(source);
}

static void a_group_has_one_reader(void **state)
{
	static const struct capture_group group = { CAPTURE_GROUP_DEFAULT, CAPTURE_NETFILTER_BY_PREFIX };
	static const char *const devices[] = { "h0" };
	const struct source_firewall_options options = {
		.devices = devices, .count = 1, .groups = &group, .group_count = 1, .wake_fd = -1
	};
	struct source *second;
	struct error err;

	(void)state;
	open_source(devices, 1);
	assert_int_equal(source_open_firewall(&second, &options, &err), -EBUSY);
	assert_non_null(strstr(err.text, "NFLOG group 7: another program has it"));
	source_close(source);
}

static void it_needs_a_capability(void **state)
{
	static const struct capture_group group = { CAPTURE_GROUP_DEFAULT, CAPTURE_NETFILTER_BY_PREFIX };
	const struct source_firewall_options options = { .groups = &group, .group_count = 1, .wake_fd = -1 };
	pid_t child;
	int status;

	(void)state;
	child = fork();
	if (child == 0) {
		struct source *none;
		struct error err = { "" };
		bool is_right = setresuid(65534, 65534, 65534) == 0 &&
				source_open_firewall(&none, &options, &err) == -EPERM &&
				strstr(err.text, "CAP_NET_ADMIN");

		_exit(is_right ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* ---- losses ---- */

static struct capture_netfilter_device device_lo = { .until_ns = INT64_MAX };

static struct capture_netfilter_device *find_lo(void *ctx, uint32_t index)
{
	(void)ctx;
	return index == 1 ? &device_lo : NULL;
}

/* What is read and what was lost is what was sent. */
static void losses_are_counted(void **state)
{
	enum { PACKETS = 20000 };
	struct capture_decoder decoder = { 0 };
	const struct capture_netfilter_options options = {
		.number = 8, .action = FLOW_ACCEPT, .find = find_lo, .decoder = &decoder
	};
	const int small = 1;
	struct capture_tap *tap;
	uint64_t packets = 0, lost;
	int ret;

	(void)state;
	run("nft add table inet loud && nft add chain inet loud out '{ type filter hook output priority 0; }' &&"
	    " nft add rule inet loud out udp dport 5000 log group 8 drop");
	assert_int_equal(capture_fragments_new(&decoder.fragments, 1, NULL), 0);
	assert_int_equal(capture_netfilter_open(&tap, &options, NULL), 0);
	assert_int_equal(setsockopt(tap->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	send_udp(AF_INET, "127.0.0.1", 5000, PACKETS);
	for (int left = 2; left > 0; left--) {
		struct pollfd fd = { .fd = tap->fd, .events = POLLIN };

		poll(&fd, 1, 500); /* what the kernel collected */
		while ((ret = tap->ops->read(tap, seen, 64, NULL)) > 0)
			packets += (uint64_t)ret;
		assert_int_equal(ret, 0);
		if (left == 2)
			send_udp(AF_INET, "127.0.0.1", 5000, 1); /* it tells how many there were before */
	}
	lost = capture_netfilter_lost(tap);
	assert_true(lost > 0);
	assert_int_equal(packets + lost, PACKETS + 1);
	assert_int_equal(device_lo.frames, packets);
	tap->ops->close(tap);
	capture_fragments_free(decoder.fragments);
	run("nft delete table inet loud");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(verdicts_of_what_comes_and_goes), TEST(what_is_forwarded),     TEST(devices_come_and_go),
		TEST(a_group_has_one_reader),          TEST(it_needs_a_capability), TEST(losses_are_counted),
	};

	if (!enter_network() || !has_command("nft --version", "nft (nftables)") || !has_command("ping -V", "ping"))
		return SKIPPED;
	return cmocka_run_group_tests(tests, build_network, NULL);
}
