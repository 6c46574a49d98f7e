/* Messages of netfilter's log, and what is made of them. */
#include "capture/netfilter.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>

#include "frames.h"
#include "netlink_messages.h"

enum { IN = 2, OUT = 3, UNWATCHED = 4 };

enum { SECOND = 1000000000 };

static const uint8_t ipv4_udp[] = { IPV4_UDP };
static const uint8_t ipv6_udp[] = { IPV6_UDP };

static struct capture_tap *tap;
static struct capture_netfilter_device devices[2];
static char told[2048];
static unsigned tellings;

static void tell(void *ctx, const char *sentence)
{
	(void)ctx;
	snprintf(told, sizeof(told), "%s", sentence);
	tellings++;
}

static const struct notices notices = { tell, NULL };

static struct capture_netfilter_device *find(void *ctx, uint32_t index)
{
	(void)ctx;
	return index == IN ? &devices[0] : index == OUT ? &devices[1] : NULL;
}

static void open_tap(int action)
{
	const struct capture_netfilter_options options = {
		.number = 7, .action = action, .seed = 1, .find = find, .decoder = &decoder, .notices = &notices
	};

	devices[0] = (struct capture_netfilter_device){ .point = 10, .until_ns = INT64_MAX };
	devices[1] = (struct capture_netfilter_device){ .point = 11, .until_ns = INT64_MAX };
	told[0] = '\0';
	tellings = 0;
	assert_int_equal(capture_netfilter_new(&tap, &options, NULL), 0);
}

static int begin(void **state)
{
	(void)state;
	open_tap(CAPTURE_NETFILTER_BY_PREFIX);
	return 0;
}

static int end(void **state)
{
	(void)state;
	tap->ops->close(tap);
	return 0;
}

/* A packet that the firewall logs. */
struct logged {
	uint8_t hook;
	uint32_t in, out; /* 0: no attribute */
	const char *prefix;
	bool has_sequence;
	uint32_t sequence;
	bool ipv6;
};

static void add_logged(struct datagram *datagram, struct logged logged)
{
	struct nlmsghdr *message = add_message(datagram, NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET);
	struct nfulnl_msg_packet_hdr packet = { .hw_protocol = htons(logged.ipv6 ? 0x86dd : 0x0800),
						.hook = logged.hook };
	struct nfgenmsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

	header->nfgen_family = logged.ipv6 ? AF_INET6 : AF_INET;
	header->res_id = htons(7);
	mnl_attr_put(message, NFULA_PACKET_HDR, sizeof(packet), &packet);
	if (logged.prefix)
		mnl_attr_put_strz(message, NFULA_PREFIX, logged.prefix);
	if (logged.in)
		mnl_attr_put_u32(message, NFULA_IFINDEX_INDEV, htonl(logged.in));
	if (logged.out)
		mnl_attr_put_u32(message, NFULA_IFINDEX_OUTDEV, htonl(logged.out));
	if (logged.has_sequence)
		mnl_attr_put_u32(message, NFULA_SEQ, htonl(logged.sequence));
	if (logged.ipv6)
		mnl_attr_put(message, NFULA_PAYLOAD, sizeof(ipv6_udp), ipv6_udp);
	else
		mnl_attr_put(message, NFULA_PAYLOAD, sizeof(ipv4_udp), ipv4_udp);
	end_message(datagram);
}

static struct flow_observation seen[64];

/* Feeds it and reads all that comes of it, in small helpings. */
static size_t take(const struct datagram *datagram)
{
	size_t count = 0;
	int ret;

	capture_netfilter_feed(tap, datagram->bytes, datagram->length, 5 * (int64_t)SECOND);
	while ((ret = tap->ops->read(tap, seen + count, 3, NULL)) > 0)
		count += (size_t)ret;
	assert_int_equal(ret, 0);
	return count;
}

static size_t take_logged(struct logged logged)
{
	struct datagram datagram = { 0 };

	add_logged(&datagram, logged);
	return take(&datagram);
}

static void is_seen(const struct flow_observation *observation, uint32_t point, uint8_t word, uint8_t verdict)
{
	assert_int_equal(observation->kind, FLOW_PACKET);
	assert_int_equal(observation->point, point);
	assert_int_equal(observation->word, word);
	assert_int_equal(observation->verdict, verdict);
	assert_int_equal(observation->bytes, 32);
	assert_int_equal(observation->packets, 1);
	assert_int_equal(observation->first_ns, 5 * (int64_t)SECOND - CAPTURE_NETFILTER_HELD_NS);
	assert_true(observation->tuple_hash != 0);
}

static void the_hook_tells_device_and_direction(void **state)
{
	(void)state;
	assert_int_equal(take_logged((struct logged){ .hook = 0, .in = IN, .prefix = "ACCEPT" }), 1);
	is_seen(&seen[0], 10, FLOW_INGRESS, FLOW_ACCEPT);
	assert_int_equal(take_logged((struct logged){ .hook = 1, .in = IN, .prefix = "REJECT" }), 1);
	is_seen(&seen[0], 10, FLOW_INGRESS, FLOW_REJECT);
	assert_int_equal(take_logged((struct logged){ .hook = 3, .out = OUT, .prefix = "ACCEPT" }), 1);
	is_seen(&seen[0], 11, FLOW_EGRESS, FLOW_ACCEPT);
	assert_int_equal(take_logged((struct logged){ .hook = 4, .in = IN, .out = OUT, .prefix = "REJECT" }), 1);
	is_seen(&seen[0], 11, FLOW_EGRESS, FLOW_REJECT);
	assert_int_equal(tellings, 0);
}

static void what_is_forwarded_is_seen_twice(void **state)
{
	(void)state;
	assert_int_equal(take_logged((struct logged){ .hook = 2, .in = IN, .out = OUT, .prefix = "ACCEPT" }), 2);
	is_seen(&seen[0], 10, FLOW_INGRESS, FLOW_ACCEPT);
	is_seen(&seen[1], 11, FLOW_EGRESS, FLOW_ACCEPT);
	assert_int_equal(take_logged((struct logged){ .hook = 2, .in = IN, .out = OUT, .prefix = "REJECT" }), 1);
	is_seen(&seen[0], 10, FLOW_INGRESS, FLOW_REJECT);
	assert_int_equal(devices[0].frames, 2);
	assert_int_equal(devices[1].frames, 1);
	assert_int_equal(devices[0].bytes, 64);
}

static void devices_that_are_not_watched_are_left_out(void **state)
{
	(void)state;
	assert_int_equal(take_logged((struct logged){ .hook = 1, .in = UNWATCHED, .prefix = "ACCEPT" }), 0);
	assert_int_equal(take_logged((struct logged){ .hook = 3, .prefix = "ACCEPT" }), 0);
	assert_int_equal(take_logged((struct logged){ .hook = 9, .in = IN, .out = OUT, .prefix = "ACCEPT" }), 0);
	assert_int_equal(take_logged((struct logged){ .hook = 2, .in = UNWATCHED, .out = OUT, .prefix = "PASS" }), 1);
	is_seen(&seen[0], 11, FLOW_EGRESS, FLOW_ACCEPT);
	assert_int_equal(take_logged((struct logged){ .hook = 2, .in = UNWATCHED, .out = OUT, .prefix = "DROP" }), 0);
	assert_int_equal(devices[0].frames, 0);
	assert_int_equal(devices[1].frames, 1);
}

/* Its time is that of its arrival less what the kernel may have held it. */
static void what_is_watched_begins_and_ends(void **state)
{
	const struct logged logged = { .hook = 1, .in = IN, .prefix = "ACCEPT" };
	const int64_t time_ns = 5 * (int64_t)SECOND - CAPTURE_NETFILTER_HELD_NS;

	(void)state;
	devices[0].until_ns = time_ns;
	assert_int_equal(take_logged(logged), 0);
	devices[0].until_ns = time_ns + 1;
	assert_int_equal(take_logged(logged), 1);
	assert_int_equal(seen[0].first_ns, time_ns);
	devices[0].since_ns = time_ns + 7;
	assert_int_equal(take_logged(logged), 1);
	assert_int_equal(seen[0].first_ns, time_ns + 7);
	devices[0].since_ns = 0; /* the same time again, but none goes back */
	assert_int_equal(take_logged(logged), 1);
	assert_int_equal(seen[0].first_ns, time_ns + 7);
	devices[0].since_ns = time_ns + SECOND; /* the clock was set back */
	assert_int_equal(take_logged(logged), 1);
	assert_int_equal(seen[0].first_ns, time_ns + 7);
}

static void several_packets_come_in_one_datagram(void **state)
{
	struct datagram datagram = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++) {
		add_logged(&datagram, (struct logged){ .hook = 2, .in = IN, .out = OUT, .prefix = "ACCEPT" });
		add_logged(&datagram, (struct logged){ .hook = 1, .in = IN, .prefix = "DROP" });
	}
	assert_int_equal(take(&datagram), 15);
	assert_int_equal(devices[0].frames, 10);
	assert_int_equal(devices[1].frames, 5);
	is_seen(&seen[14], 10, FLOW_INGRESS, FLOW_REJECT);
}

static void ipv6_is_seen_too(void **state)
{
	(void)state;
	assert_int_equal(take_logged((struct logged){ .hook = 1, .in = IN, .prefix = "ACCEPT", .ipv6 = true }), 1);
	assert_int_equal(seen[0].family, FLOW_IPV6);
	assert_int_equal(seen[0].bytes, 52);
}

static void prefixes(void **state)
{
	static const struct {
		const char *prefix;
		int verdict;
	} cases[] = {
		{ "ACCEPT", FLOW_ACCEPT },
		{ "accept: ", FLOW_ACCEPT },
		{ "  [Allowed] ", FLOW_ACCEPT },
		{ "pass", FLOW_ACCEPT },
		{ "REJECT", FLOW_REJECT },
		{ "[DROP-ssh]", FLOW_REJECT },
		{ "(denied)", FLOW_REJECT },
		{ "Blocked by", FLOW_REJECT },
		{ "<<drop>>", FLOW_REJECT },
		{ "", -1 },
		{ "[]", -1 },
		{ "ACCEP", -1 },
		{ "no ACCEPT", -1 },
		{ "-DROP", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(capture_netfilter_verdict(cases[i].prefix), cases[i].verdict);
}

static void another_prefix_is_told_once(void **state)
{
	(void)state;
	assert_int_equal(take_logged((struct logged){ .hook = 1, .in = IN, .prefix = "hello\n" }), 1);
	is_seen(&seen[0], 10, FLOW_INGRESS, FLOW_ACCEPT);
	assert_int_equal(tellings, 1);
	assert_non_null(strstr(told, "NFLOG group 7: the prefix \"hello?\""));
	take_logged((struct logged){ .hook = 1, .in = IN });
	assert_int_equal(tellings, 1);
}

static void a_groups_action_goes_before_prefixes(void **state)
{
	(void)state;
	tap->ops->close(tap);
	open_tap(FLOW_REJECT);
	assert_int_equal(take_logged((struct logged){ .hook = 1, .in = IN, .prefix = "ACCEPT" }), 1);
	is_seen(&seen[0], 10, FLOW_INGRESS, FLOW_REJECT);
	take_logged((struct logged){ .hook = 1, .in = IN, .prefix = "hello" });
	assert_int_equal(tellings, 0);
}

static void take_number(uint32_t sequence)
{
	take_logged((struct logged){
		.hook = 1, .in = UNWATCHED, .prefix = "ACCEPT", .has_sequence = true, .sequence = sequence });
}

static void gaps_in_the_sequence_are_losses(void **state)
{
	(void)state;
	take_number(0);
	take_number(1);
	assert_int_equal(capture_netfilter_lost(tap), 0);
	take_number(5);
	take_number(6);
	assert_int_equal(capture_netfilter_lost(tap), 3);
	assert_int_equal(capture_netfilter_lost(tap), 0);
	take_number(4); /* back in time is no loss of 2^32 */
	assert_int_equal(capture_netfilter_lost(tap), 0);
	take_number(5);
	assert_int_equal(capture_netfilter_lost(tap), 0);
}

static void the_sequence_wraps(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 5; i++)
		take_number((uint32_t)(UINT32_C(0x3fffffff) * i));
	capture_netfilter_lost(tap);
	take_number(UINT32_MAX);
	capture_netfilter_lost(tap);
	take_number(1);
	assert_int_equal(capture_netfilter_lost(tap), 1);
}

static void a_silent_group_is_told_of_once(void **state)
{
	(void)state;
	for (int i = 0; i < 59; i++)
		capture_netfilter_second(tap);
	assert_int_equal(tellings, 0);
	for (int i = 0; i < 100; i++)
		capture_netfilter_second(tap);
	assert_int_equal(tellings, 1);
	assert_non_null(strstr(told, "NFLOG group 7 has been silent for 60 s"));
	assert_non_null(strstr(told, "nflog.nft"));
}

static void a_group_that_spoke_is_not_silent(void **state)
{
	(void)state;
	take_number(0); /* though its device is not watched */
	for (int i = 0; i < 100; i++)
		capture_netfilter_second(tap);
	assert_int_equal(tellings, 0);
}

/* In memory of just that size, so that a sanitizer sees every octet read behind it. */
static size_t take_exactly(const uint8_t *bytes, size_t length)
{
	void *copy = malloc(length ? length : 1);
	struct flow_observation out[2];
	size_t count = 0;
	int ret;

	assert_non_null(copy);
	memcpy(copy, bytes, length);
	capture_netfilter_feed(tap, copy, length, SECOND);
	while ((ret = tap->ops->read(tap, out, 2, NULL)) > 0)
		count += (size_t)ret;
	assert_int_equal(ret, 0);
	free(copy);
	return count;
}

static void damaged_messages_do_no_harm(void **state)
{
	static const uint8_t values[] = { 0, 1, 2, 3, 4, 5, 7, 8, 0x7f, 0x80, 0xff };
	struct datagram whole = { 0 };

	(void)state;
	add_logged(&whole,
		   (struct logged){ .hook = 2, .in = IN, .out = OUT, .prefix = "ACCEPT", .has_sequence = true });
	add_logged(&whole, (struct logged){ .hook = 1, .in = IN, .prefix = "DROP", .ipv6 = true });
	for (size_t length = 0; length < whole.length; length++)
		assert_true(take_exactly(whole.bytes, length) <= 2);
	for (size_t at = 0; at < whole.length; at++) {
		for (size_t i = 0; i < sizeof(values); i++) {
			uint8_t kept = whole.bytes[at];

			whole.bytes[at] = values[i];
			assert_true(take_exactly(whole.bytes, whole.length) <= 4);
			whole.bytes[at] = kept;
		}
	}
	assert_int_equal(take_exactly(whole.bytes, whole.length), 3);
}

/* One without a packet, or whose packet is cut, is a frame nevertheless. */
static void what_is_no_packet_is_a_frame(void **state)
{
	struct datagram datagram = { 0 };
	struct nlmsghdr *message = add_message(&datagram, NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET);
	struct nfulnl_msg_packet_hdr packet = { .hook = 1 };
	struct nfgenmsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

	(void)state;
	header->nfgen_family = AF_INET;
	mnl_attr_put(message, NFULA_PACKET_HDR, sizeof(packet), &packet);
	mnl_attr_put_u32(message, NFULA_IFINDEX_INDEV, htonl(IN));
	mnl_attr_put_strz(message, NFULA_PREFIX, "ACCEPT");
	end_message(&datagram);
	assert_int_equal(take(&datagram), 1);
	assert_int_equal(seen[0].kind, FLOW_NON_IP);
	assert_int_equal(seen[0].point, 10);
	mnl_attr_put(message, NFULA_PAYLOAD, 12, ipv4_udp);
	datagram.length = 0;
	end_message(&datagram);
	assert_int_equal(take(&datagram), 1);
	assert_int_equal(seen[0].kind, FLOW_TRUNCATED);
	assert_int_equal(devices[0].frames, 2);
	assert_int_equal(devices[0].bytes, 0);
}

static void other_messages_are_passed_over(void **state)
{
	struct datagram datagram = { 0 };

	(void)state;
	add_message(&datagram, NLMSG_DONE);
	end_message(&datagram);
	begin_link(&datagram, RTM_NEWLINK, 2, "eth0", 0);
	end_message(&datagram);
	add_logged(&datagram, (struct logged){ .hook = 1, .in = IN, .prefix = "ACCEPT" });
	assert_int_equal(take(&datagram), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_hook_tells_device_and_direction, begin, end),
		cmocka_unit_test_setup_teardown(what_is_forwarded_is_seen_twice, begin, end),
		cmocka_unit_test_setup_teardown(devices_that_are_not_watched_are_left_out, begin, end),
		cmocka_unit_test_setup_teardown(what_is_watched_begins_and_ends, begin, end),
		cmocka_unit_test_setup_teardown(several_packets_come_in_one_datagram, begin, end),
		cmocka_unit_test_setup_teardown(ipv6_is_seen_too, begin, end),
		TEST(prefixes),
		cmocka_unit_test_setup_teardown(another_prefix_is_told_once, begin, end),
		cmocka_unit_test_setup_teardown(a_groups_action_goes_before_prefixes, begin, end),
		cmocka_unit_test_setup_teardown(gaps_in_the_sequence_are_losses, begin, end),
		cmocka_unit_test_setup_teardown(the_sequence_wraps, begin, end),
		cmocka_unit_test_setup_teardown(a_silent_group_is_told_of_once, begin, end),
		cmocka_unit_test_setup_teardown(a_group_that_spoke_is_not_silent, begin, end),
		cmocka_unit_test_setup_teardown(damaged_messages_do_no_harm, begin, end),
		cmocka_unit_test_setup_teardown(what_is_no_packet_is_a_frame, begin, end),
		cmocka_unit_test_setup_teardown(other_messages_are_passed_over, begin, end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
