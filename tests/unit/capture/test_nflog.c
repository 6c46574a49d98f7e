/* Messages of Linux's netfilter log. */
#include "frames.h"

#define HEADER(family) family, 0, 0x00, 0x01 /* family, version, group */

/* Attributes of a little-endian capture: length, type, value. */
#define PACKET_HEADER(protocol, hook) 8, 0, 1, 0, BE16(protocol), hook, 0
#define PREFIX_OF_3                   7, 0, 10, 0, 'a', 'b', 0, 0 /* filled up by a byte */
#define PAYLOAD(length)               (length) + 4, 0, 9, 0

static struct flow_observation decode_big(const uint8_t *bytes, size_t length)
{
	return decode_item((struct capture_item){
		.link_type = LINK_NFLOG,
		.supported = true,
		.word = FLOW_EGRESS,
		.order = ORDER_BIG,
		.captured = (uint32_t)length,
		.original = (uint32_t)length,
		.bytes = bytes,
	});
}

static void the_family_gives_the_version(void **state)
{
	struct flow_observation seen = decode(
		LINK_NFLOG, BYTES(HEADER(2), PACKET_HEADER(0x0800, 1), PREFIX_OF_3, PAYLOAD(32), IPV4_UDP));

	(void)state;
	is_ipv4_udp(seen);
	assert_false(seen.has_macs);
	cut_everywhere(LINK_NFLOG, BYTES(HEADER(2), PACKET_HEADER(0x0800, 1), PREFIX_OF_3, PAYLOAD(32), IPV4_UDP));
	cut_everywhere(LINK_NFLOG, BYTES(HEADER(10), PACKET_HEADER(0x86dd, 1), PAYLOAD(52), IPV6_UDP));
	/* It is the family, not the protocol, and the packet must be of that version. */
	is_ipv4_udp(decode(LINK_NFLOG, BYTES(HEADER(2), PACKET_HEADER(0x86dd, 1), PAYLOAD(32), IPV4_UDP)));
	assert_int_equal(kind_of(LINK_NFLOG, BYTES(HEADER(2), PAYLOAD(52), IPV6_UDP)), FLOW_MALFORMED);
	/* DECnet, and none. */
	assert_int_equal(kind_of(LINK_NFLOG, BYTES(HEADER(12), PACKET_HEADER(0x0800, 1), PAYLOAD(32), IPV4_UDP)),
			 FLOW_NON_IP);
	assert_int_equal(kind_of(LINK_NFLOG, BYTES(HEADER(0), PAYLOAD(32), IPV4_UDP)), FLOW_NON_IP);
}

static void a_bridge_goes_by_protocol(void **state)
{
	(void)state;
	cut_everywhere(LINK_NFLOG, BYTES(HEADER(7), PACKET_HEADER(0x0800, 2), PAYLOAD(32), IPV4_UDP));
	is_ipv6_udp(decode(LINK_NFLOG, BYTES(HEADER(7), PACKET_HEADER(0x86dd, 2), PAYLOAD(52), IPV6_UDP)));
	is_ipv4_udp(decode(LINK_NFLOG,
			   BYTES(HEADER(7), PACKET_HEADER(0x8100, 2), PAYLOAD(36), 0, 5, 0x08, 0x00, IPV4_UDP)));
	assert_int_equal(kind_of(LINK_NFLOG, BYTES(HEADER(7), PACKET_HEADER(0x0806, 2), PAYLOAD(32), IPV4_UDP)),
			 FLOW_NON_IP);
	assert_int_equal(kind_of(LINK_NFLOG, BYTES(HEADER(7), PAYLOAD(32), IPV4_UDP)), FLOW_NON_IP);
}

static void the_hook_tells_the_direction(void **state)
{
	static const uint8_t words[] = { FLOW_INGRESS, FLOW_INGRESS, FLOW_UNKNOWN,
					 FLOW_EGRESS,  FLOW_EGRESS,  FLOW_UNKNOWN };

	(void)state;
	for (size_t hook = 0; hook < sizeof(words);
	     hook++) /* prerouting, input, forward, output, postrouting, ingress */
		assert_int_equal(decode(LINK_NFLOG,
					BYTES(HEADER(2), PACKET_HEADER(0x0800, (uint8_t)hook), PAYLOAD(32), IPV4_UDP))
					 .word,
				 words[hook]);
	assert_int_equal(decode(LINK_NFLOG, BYTES(HEADER(2), PAYLOAD(32), IPV4_UDP)).word, FLOW_UNKNOWN);
}

static void attributes_are_in_the_order_of_the_capture(void **state)
{
	/* Header; packet header; payload. */
	struct flow_observation seen = decode_big(
		BYTES(HEADER(7), 0, 8, 0, 1, 0x08, 0x00, 0, 0, 0, 36, 0, 9, IPV4_UDP));

	(void)state;
	is_ipv4_udp(seen);
	assert_int_equal(seen.word, FLOW_INGRESS); /* the hook is believed before the file's own word */
}

static void the_packet_ends_with_its_attribute(void **state)
{
	/* Of a TCP packet the log was told to copy 24 bytes; the next attribute is no part of it. */
	struct flow_observation seen = decode(
		LINK_NFLOG, BYTES(HEADER(2), PAYLOAD(22), IPV4(6, 40), 0x03, 0xe9, 0, 0, PREFIX_OF_3));

	(void)state;
	is_ipv4(&seen);
	has_flow(&seen, 6, 0, 0, 40);
}

static void messages_without_a_packet(void **state)
{
	const uint8_t message[] = { HEADER(2), PACKET_HEADER(0x0800, 1), PREFIX_OF_3 };

	(void)state;
	assert_int_equal(kind_of(LINK_NFLOG, message, sizeof(message)), FLOW_NON_IP);
	assert_int_equal(kind_of(LINK_NFLOG, message, sizeof(message) - 1),
			 FLOW_NON_IP); /* the last one not filled up */
	assert_int_equal(kind_of(LINK_NFLOG, BYTES(HEADER(2))), FLOW_NON_IP);
	for (size_t cut = 0; cut < sizeof(message) - 1; cut++)
		assert_int_equal(decode_cut(LINK_NFLOG, message, sizeof(message), cut).kind, FLOW_TRUNCATED);
	/* An attribute shorter than its own header. */
	assert_int_equal(kind_of(LINK_NFLOG, BYTES(HEADER(2), 3, 0, 1, 0)), FLOW_MALFORMED);
	/* A packet header too short for a hook. */
	assert_int_equal(decode(LINK_NFLOG, BYTES(HEADER(2), 6, 0, 1, 0, 0x08, 0, 0, 0, PAYLOAD(32), IPV4_UDP)).word,
			 FLOW_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_family_gives_the_version),       TEST(a_bridge_goes_by_protocol),
		TEST(the_hook_tells_the_direction),       TEST(attributes_are_in_the_order_of_the_capture),
		TEST(the_packet_ends_with_its_attribute), TEST(messages_without_a_packet),
	};

	return cmocka_run_group_tests_name("capture/nflog", tests, set_up, tear_down);
}
