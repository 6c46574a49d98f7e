/* Link types other than Ethernet, 802.11 and NFLOG, which have tests of their own. */
#include "frames.h"

static struct flow_observation decode_worded(uint32_t link_type, uint8_t word, const uint8_t *bytes, size_t length)
{
	return decode_item((struct capture_item){
		.link_type = link_type,
		.supported = true,
		.word = word,
		.captured = (uint32_t)length,
		.original = (uint32_t)length,
		.bytes = bytes,
	});
}

static void raw_ip_goes_by_its_first_nibble(void **state)
{
	static const uint32_t types[] = { LINK_RAW, LINK_RAW_12, LINK_RAW_14 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct flow_observation seen = decode(types[i], BYTES(IPV4_UDP));

		is_ipv4_udp(seen);
		assert_false(seen.has_macs);
		cut_everywhere(types[i], BYTES(IPV4_UDP));
		cut_everywhere(types[i], BYTES(IPV6_UDP));
		/* The link layer says that it is IP; version 5 is none. */
		assert_int_equal(kind_of(types[i], BYTES(0x55, 0, 0, 20)), FLOW_MALFORMED);
	}
}

static void ipv4_and_ipv6_link_types(void **state)
{
	(void)state;
	cut_everywhere(LINK_IPV4, BYTES(IPV4_UDP));
	cut_everywhere(LINK_IPV6, BYTES(IPV6_UDP));
	assert_int_equal(kind_of(LINK_IPV4, BYTES(IPV6_UDP)), FLOW_MALFORMED);
	assert_int_equal(kind_of(LINK_IPV6, BYTES(IPV4_UDP)), FLOW_MALFORMED);
}

static void null_families_in_either_byte_order(void **state)
{
	static const uint8_t ipv6[] = { 10, 23, 24, 28, 30 };

	(void)state;
	cut_everywhere(LINK_NULL, BYTES(2, 0, 0, 0, IPV4_UDP));
	cut_everywhere(LINK_NULL, BYTES(0, 0, 0, 2, IPV4_UDP));
	for (size_t i = 0; i < sizeof(ipv6); i++) {
		is_ipv6_udp(decode(LINK_NULL, BYTES(ipv6[i], 0, 0, 0, IPV6_UDP)));
		is_ipv6_udp(decode(LINK_NULL, BYTES(0, 0, 0, ipv6[i], IPV6_UDP)));
	}
	assert_int_equal(kind_of(LINK_NULL, BYTES(7, 0, 0, 0, IPV4_UDP)), FLOW_NON_IP); /* OSI */
	assert_int_equal(kind_of(LINK_NULL, BYTES(0, 2, 0, 0, IPV4_UDP)), FLOW_NON_IP);
	assert_int_equal(kind_of(LINK_NULL, BYTES(2, 0, 0, 0, IPV6_UDP)), FLOW_MALFORMED);
	assert_false(decode(LINK_NULL, BYTES(2, 0, 0, 0, IPV4_UDP)).has_macs);
}

static void loop_families_in_network_order(void **state)
{
	(void)state;
	cut_everywhere(LINK_LOOP, BYTES(0, 0, 0, 2, IPV4_UDP));
	cut_everywhere(LINK_LOOP, BYTES(0, 0, 0, 24, IPV6_UDP));
	assert_int_equal(kind_of(LINK_LOOP, BYTES(2, 0, 0, 0, IPV4_UDP)), FLOW_NON_IP);
}

static void ppp_with_and_without_address(void **state)
{
	static const uint32_t types[] = { LINK_PPP, LINK_PPP_HDLC };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		cut_everywhere(types[i], BYTES(0xff, 0x03, 0x00, 0x21, IPV4_UDP)); /* address, control, protocol */
		cut_everywhere(types[i], BYTES(0x00, 0x57, IPV6_UDP));
		cut_everywhere(types[i], BYTES(0x21, IPV4_UDP)); /* protocol field compressed */
		cut_everywhere(types[i], BYTES(0xff, 0x03, 0x57, IPV6_UDP));
		cut_everywhere(types[i], BYTES(0x02, 0x81, 0x00, 0x01, 0x01, 0x40, IPV4_UDP)); /* MPLS */
		cut_everywhere(types[i], BYTES(0xff, 0x03, 0x02, 0x83, 0x00, 0x01, 0x01, 0x40, IPV6_UDP));
		assert_int_equal(kind_of(types[i], BYTES(0xff, 0x03, 0xc0, 0x21, IPV4_UDP)), FLOW_NON_IP); /* LCP */
		assert_int_equal(kind_of(types[i], BYTES(0x00, 0x21, IPV6_UDP)), FLOW_MALFORMED);
		assert_false(decode(types[i], BYTES(0x00, 0x21, IPV4_UDP)).has_macs);
	}
}

static void ppp_that_begins_as_cisco_hdlc_is_that(void **state)
{
	(void)state;
	cut_everywhere(LINK_PPP, BYTES(0x0f, 0x00, 0x08, 0x00, IPV4_UDP)); /* address, control, EtherType */
	cut_everywhere(LINK_PPP_HDLC, BYTES(0x8f, 0x00, 0x86, 0xdd, IPV6_UDP));
}

static void cisco_hdlc(void **state)
{
	(void)state;
	cut_everywhere(LINK_C_HDLC, BYTES(0x0f, 0x00, 0x08, 0x00, IPV4_UDP));
	cut_everywhere(LINK_C_HDLC, BYTES(0x8f, 0x00, 0x88, 0x47, 0x00, 0x01, 0x01, 0x40, IPV6_UDP));
	assert_int_equal(kind_of(LINK_C_HDLC, BYTES(0x8f, 0x00, 0x80, 0x35, IPV4_UDP)), FLOW_NON_IP); /* SLARP */
	/* It has no lengths, so no LLC. */
	assert_int_equal(
		kind_of(LINK_C_HDLC, BYTES(0x0f, 0x00, 0x00, 40, 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00, IPV4_UDP)),
		FLOW_NON_IP);
}

/* Packet type, hardware type, length of the address, address, protocol. */
#define COOKED_V1(type, hardware, protocol) BE16(type), BE16(hardware), BE16(6), MAC_A, 0, 0, BE16(protocol)

/* Protocol, nothing, device, hardware type, packet type, length of the address, address. */
#define COOKED_V2(type, hardware, protocol) BE16(protocol), 0, 0, BE32(3), BE16(hardware), type, 6, MAC_A, 0, 0

static void cooked_frames(void **state)
{
	struct flow_observation seen = decode(LINK_LINUX_SLL, BYTES(COOKED_V1(0, 1, 0x0800), IPV4_UDP));

	(void)state;
	is_ipv4_udp(seen);
	assert_false(seen.has_macs); /* one address is not two */
	cut_everywhere(LINK_LINUX_SLL, BYTES(COOKED_V1(0, 1, 0x0800), IPV4_UDP));
	cut_everywhere(LINK_LINUX_SLL2, BYTES(COOKED_V2(0, 1, 0x86dd), IPV6_UDP));
	/* A tag and LLC behind the header. */
	cut_everywhere(LINK_LINUX_SLL, BYTES(COOKED_V1(0, 1, 0x8100), 0x00, 0x05, 0x08, 0x00, IPV4_UDP));
	cut_everywhere(LINK_LINUX_SLL2, BYTES(COOKED_V2(0, 1, 4), 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00, IPV4_UDP));
	/* A GRE device's protocol is an EtherType too. */
	cut_everywhere(LINK_LINUX_SLL, BYTES(COOKED_V1(0, 778, 0x0800), IPV4_UDP));
}

static void cooked_frames_that_are_no_ip(void **state)
{
	static const uint16_t not_linux_s[] = { 770, 803, 824 }; /* frame relay, radiotap, netlink */

	(void)state;
	assert_int_equal(kind_of(LINK_LINUX_SLL, BYTES(COOKED_V1(4, 1, 0x0806), IPV4_UDP)), FLOW_NON_IP); /* ARP */
	/* 802.3 without LLC, CAN, and 40, which would be a length behind an Ethernet header. */
	assert_int_equal(
		kind_of(LINK_LINUX_SLL, BYTES(COOKED_V1(0, 1, 1), 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00, IPV4_UDP)),
		FLOW_NON_IP);
	assert_int_equal(kind_of(LINK_LINUX_SLL2, BYTES(COOKED_V2(0, 280, 12), IPV4_UDP)), FLOW_NON_IP);
	assert_int_equal(
		kind_of(LINK_LINUX_SLL2, BYTES(COOKED_V2(0, 1, 40), 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00, IPV4_UDP)),
		FLOW_NON_IP);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(kind_of(LINK_LINUX_SLL, BYTES(COOKED_V1(0, not_linux_s[i], 0x0800), IPV4_UDP)),
				 FLOW_NON_IP);
		assert_int_equal(kind_of(LINK_LINUX_SLL2, BYTES(COOKED_V2(0, not_linux_s[i], 0x0800), IPV4_UDP)),
				 FLOW_NON_IP);
	}
}

static void the_cooked_packet_type_tells_the_direction(void **state)
{
	static const struct {
		uint8_t type, word;
		bool group;
	} cases[] = {
		{ 0, FLOW_INGRESS, false }, /* to us */
		{ 1, FLOW_INGRESS, true },  /* broadcast */
		{ 2, FLOW_INGRESS, true },  /* multicast */
		{ 3, FLOW_UNKNOWN, false }, /* to somebody else */
		{ 4, FLOW_EGRESS, false },  /* from us */
		{ 5, FLOW_UNKNOWN, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct flow_observation v1, v2;

		v1 = decode(LINK_LINUX_SLL, BYTES(COOKED_V1(cases[i].type, 1, 0x0800), IPV4_UDP));
		v2 = decode(LINK_LINUX_SLL2, BYTES(COOKED_V2(cases[i].type, 1, 0x0800), IPV4_UDP));
		assert_int_equal(v1.word, cases[i].word);
		assert_int_equal(v2.word, cases[i].word);
		assert_int_equal(v1.group, cases[i].group);
		assert_int_equal(v2.group, cases[i].group);
	}
}

static void the_cooked_packet_type_is_believed_before_epb_flags(void **state)
{
	(void)state;
	assert_int_equal(decode_worded(LINK_LINUX_SLL, FLOW_INGRESS, BYTES(COOKED_V1(4, 1, 0x0800), IPV4_UDP)).word,
			 FLOW_EGRESS);
	assert_int_equal(decode_worded(LINK_LINUX_SLL2, FLOW_EGRESS, BYTES(COOKED_V2(0, 1, 0x0800), IPV4_UDP)).word,
			 FLOW_INGRESS);
	/* Type 3 says nothing, so they are asked. */
	assert_int_equal(decode_worded(LINK_LINUX_SLL, FLOW_EGRESS, BYTES(COOKED_V1(3, 1, 0x0800), IPV4_UDP)).word,
			 FLOW_EGRESS);
	/* Where the link layer has no word they stand. */
	assert_int_equal(decode_worded(LINK_RAW, FLOW_INGRESS, BYTES(IPV4_UDP)).word, FLOW_INGRESS);
}

/* Without MACs the IP destination tells a group. */
static void groups_by_address(void **state)
{
	static const struct {
		uint8_t destination[4];
		bool group;
	} cases[] = {
		{ { 224, 0, 0, 1 }, true },        { { 239, 255, 255, 255 }, true }, { { 255, 255, 255, 255 }, true },
		{ { 223, 255, 255, 255 }, false }, { { 240, 0, 0, 1 }, false },      { { 10, 0, 0, 255 }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint8_t *to = cases[i].destination;

		assert_int_equal(decode(LINK_RAW, BYTES(0x45, 0, 0, 20, 0, 1, 0, 0, 1, 2, 0, 0, 10, 0, 0, 1, to[0],
							to[1], to[2], to[3]))
					 .group,
				 cases[i].group);
		assert_int_equal(decode(LINK_LINUX_SLL, BYTES(COOKED_V1(4, 1, 0x0800), 0x45, 0, 0, 20, 0, 1, 0, 0, 1, 2,
							      0, 0, 10, 0, 0, 1, to[0], to[1], to[2], to[3]))
					 .group,
				 cases[i].group);
	}
	/* ff02::1 and fe02::1. */
	assert_true(decode(LINK_IPV6,
			   BYTES(0x60, 0, 0, 0, 0, 0, 59, 1, IPV6_A, 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))
			    .group);
	assert_false(decode(LINK_IPV6, BYTES(0x60, 0, 0, 0, 0, 0, 59, 1, IPV6_A, 0xfe, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
					     0, 0, 0, 1))
			     .group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(raw_ip_goes_by_its_first_nibble),
		TEST(ipv4_and_ipv6_link_types),
		TEST(null_families_in_either_byte_order),
		TEST(loop_families_in_network_order),
		TEST(ppp_with_and_without_address),
		TEST(ppp_that_begins_as_cisco_hdlc_is_that),
		TEST(cisco_hdlc),
		TEST(cooked_frames),
		TEST(cooked_frames_that_are_no_ip),
		TEST(the_cooked_packet_type_tells_the_direction),
		TEST(the_cooked_packet_type_is_believed_before_epb_flags),
		TEST(groups_by_address),
	};

	return cmocka_run_group_tests_name("capture/linklayer", tests, set_up, tear_down);
}
