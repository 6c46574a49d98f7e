/* The devices of a real kernel, in a network namespace of the test's own. */
#include "capture/links.h"

#include <arpa/inet.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <poll.h>

#include "check.h"
#include "network.h"

static struct capture_links *links;

static int setup(void **state)
{
	struct error err;

	(void)state;
	if (capture_links_open(&links, &err) == 0)
		return 0;
	print_error("%s\n", err.text);
	return -1;
}

static int teardown(void **state)
{
	(void)state;
	capture_links_close(links);
	links = NULL;
	run("ip -br link | while read name rest; do ip link del ${name%@*} 2>/dev/null; done; true");
	return 0;
}

/* What changed, if anything does in time. */
static int read_changes(int milliseconds)
{
	struct pollfd fd = { .fd = capture_links_fd(links), .events = POLLIN };
	struct error err;
	int ret;

	poll(&fd, 1, milliseconds);
	ret = capture_links_read(links, &err);
	if (ret < 0)
		print_error("%s\n", err.text);
	assert_true(ret >= 0);
	return ret;
}

/* What a command brought is there when it ended. */
static void do_and_read(const char *command)
{
	run(command);
	assert_int_equal(read_changes(5000), 1);
}

static bool has_address(const struct capture_link *link, const char *text)
{
	struct flow_host host = { .family = strchr(text, ':') ? FLOW_IPV6 : FLOW_IPV4 };

	inet_pton(host.family == FLOW_IPV6 ? AF_INET6 : AF_INET, text, host.address.octets);
	for (size_t i = 0; i < link->address_count; i++)
		if (link->addresses[i].family == host.family &&
		    flow_address_equal(&link->addresses[i].address, &host.address))
			return true;
	return false;
}

static void what_is_there_already_is_seen(void **state)
{
	const struct capture_link *lo = capture_links_find(links, "lo");

	(void)state;
	assert_non_null(lo);
	assert_true(lo->loopback);
	assert_false(lo->has_mac);
	assert_int_equal(lo->type, ARPHRD_LOOPBACK);
	assert_int_equal(capture_links_read(links, NULL), 0);
	capture_links_close(links);
	run("ip link add v0 type veth peer name v1 && ip addr add 192.0.2.1/24 dev v0");
	assert_int_equal(capture_links_open(&links, NULL), 0);
	assert_true(has_address(capture_links_find(links, "v0"), "192.0.2.1"));
	assert_true(capture_links_find(links, "v1")->has_mac);
	for (size_t i = 1; capture_links_at(links, i); i++)
		assert_true(capture_links_at(links, i)->index > capture_links_at(links, i - 1)->index);
}

static void links_come_change_and_go(void **state)
{
	uint32_t index;

	(void)state;
	do_and_read("ip link add v0 address 02:00:00:00:00:01 type veth peer name v1");
	assert_non_null(capture_links_find(links, "v1"));
	assert_false(capture_links_find(links, "v0")->up);
	assert_memory_equal(capture_links_find(links, "v0")->mac, "\2\0\0\0\0\1", 6);
	do_and_read("ip link set v0 up");
	assert_true(capture_links_find(links, "v0")->up);
	assert_true(capture_link_is_watched_by_all(capture_links_find(links, "v0")));
	do_and_read("ip link set v0 address 02:00:00:00:00:02");
	assert_memory_equal(capture_links_find(links, "v0")->mac, "\2\0\0\0\0\2", 6);
	do_and_read("ip link set v0 down && ip link set v0 name v2");
	index = capture_links_find(links, "v2")->index;
	assert_null(capture_links_find(links, "v0"));
	assert_ptr_equal(capture_links_by_index(links, index), capture_links_find(links, "v2"));
	do_and_read("ip link del v2");
	assert_null(capture_links_find(links, "v1"));
	assert_null(capture_links_by_index(links, index));
	do_and_read("ip link add v2 type veth peer name v1");
	assert_true(capture_links_find(links, "v2")->index != index);
}

static void addresses_are_followed(void **state)
{
	uint64_t changes;

	(void)state;
	do_and_read("ip link add v0 type veth peer name v1");
	do_and_read("ip addr add 192.0.2.1/24 dev v0 && ip addr add 192.0.2.2/24 dev v0 &&"
		    " ip addr add 2001:db8::1/64 nodad dev v0 && ip addr add 10.8.0.2 peer 10.8.0.1 dev v0");
	assert_int_equal(capture_links_find(links, "v0")->address_count, 4);
	assert_int_equal(capture_links_find(links, "v0")->addresses[0].address.octets[3], 1);
	assert_true(has_address(capture_links_find(links, "v0"), "2001:db8::1"));
	assert_true(has_address(capture_links_find(links, "v0"), "10.8.0.2"));
	changes = capture_links_find(links, "v0")->changes;
	do_and_read("ip addr del 2001:db8::1/64 dev v0");
	assert_false(has_address(capture_links_find(links, "v0"), "2001:db8::1"));
	assert_true(capture_links_find(links, "v0")->changes > changes);
	do_and_read("ip addr flush dev v0");
	assert_int_equal(capture_links_find(links, "v0")->address_count, 0);
}

static void ports_of_a_bridge_are_known(void **state)
{
	(void)state;
	do_and_read("ip link add b0 type bridge && ip link add v0 type veth peer name v1");
	do_and_read("ip link set v0 up && ip link set b0 up && ip link set v0 master b0");
	assert_true(capture_links_find(links, "v0")->in_bridge);
	assert_false(capture_links_find(links, "v1")->in_bridge);
	assert_false(capture_link_is_watched_by_all(capture_links_find(links, "v0")));
	assert_true(capture_link_is_watched_by_all(capture_links_find(links, "b0")));
	do_and_read("ip link set v0 nomaster");
	assert_false(capture_links_find(links, "v0")->in_bridge);
	do_and_read("ip link set v0 master b0");
	do_and_read("ip link del b0");
	assert_false(capture_links_find(links, "v0")->in_bridge);
}

static void a_link_that_moves_away_is_gone(void **state)
{
	(void)state;
	do_and_read("ip link add v0 type veth peer name v1");
	run("unshare -n sleep 20 & echo $! >/tmp/eniflow-links-$PPID;"
	    " while [ \"$(readlink /proc/$!/ns/net)\" = \"$(readlink /proc/self/ns/net)\" ]; do sleep 0.01; done;"
	    " ip link set v1 netns $!");
	assert_int_equal(read_changes(5000), 1);
	assert_null(capture_links_find(links, "v1"));
	assert_non_null(capture_links_find(links, "v0"));
	run("kill $(cat /tmp/eniflow-links-$PPID); rm /tmp/eniflow-links-$PPID");
	for (int i = 0; i < 50 && capture_links_find(links, "v0"); i++)
		read_changes(200); /* the other namespace takes its end with it */
	assert_null(capture_links_find(links, "v0"));
}

/* More changes than the socket holds. */
static void what_was_missed_is_asked_for(void **state)
{
	int small = 1;

	(void)state;
	assert_int_equal(setsockopt(capture_links_fd(links), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	do_and_read("ip link add v0 type veth peer name v1");
	run("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do ip addr add 10.0.$i.1/24 dev v0; done;"
	    " ip link add w0 type veth peer name w1; ip link del v0; ip link add v0 type veth peer name v1;"
	    " ip addr add 192.0.2.7/24 dev v1; ip link set v1 up");
	assert_int_equal(read_changes(5000), 1);
	assert_int_equal(capture_links_find(links, "v0")->address_count, 0);
	assert_non_null(capture_links_find(links, "w1"));
	assert_true(has_address(capture_links_find(links, "v1"), "192.0.2.7"));
	assert_true(capture_links_find(links, "v1")->up);
	assert_int_equal(capture_links_read(links, NULL), 0);
}

/* A frame of a protocol that nobody speaks, for a device that nobody listens at. */
static void send_strange_frame(const char *name)
{
	static const uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x12, 0x34 };
	const struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	sendto(fd, frame, sizeof(frame), 0, (const void *)&to, sizeof(to));
	close(fd);
}

static void counters_are_asked_for(void **state)
{
	struct error err;

	(void)state;
	do_and_read("ip link add v0 type veth peer name v1");
	assert_int_equal(capture_links_count(links, 0, &err), 0);
	assert_int_equal(capture_links_count(links, capture_links_find(links, "v0")->index, &err), 0);
	assert_int_equal(capture_links_count(links, 9999, &err), -ENODEV);
	assert_int_equal(capture_links_find(links, "v0")->dropped, 0);
	do_and_read("ip link set v0 up && ip link set v1 up");
	for (int tries = 0; tries < 100 && capture_links_find(links, "v0")->dropped == 0; tries++) {
		send_strange_frame("v1");
		assert_int_equal(
			capture_links_count(links, tries % 2 ? 0 : capture_links_find(links, "v0")->index, &err), 0);
		read_changes(10);
	}
	assert_true(capture_links_find(links, "v0")->dropped > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_there_already_is_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(links_come_change_and_go, setup, teardown),
		cmocka_unit_test_setup_teardown(addresses_are_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(ports_of_a_bridge_are_known, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_that_moves_away_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_missed_is_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(counters_are_asked_for, setup, teardown),
	};

	return enter_network() ? cmocka_run_group_tests(tests, NULL, NULL) : SKIPPED;
}
