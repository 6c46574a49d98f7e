/* What may stand between an Ethernet header and the IP header. */
#include "capture/ethertype.h"
#include "frames.h"

static int kind_of_ethernet(const uint8_t *bytes, size_t length)
{
	return kind_of(LINK_ETHERNET, bytes, length);
}

static void ip_without_anything_between(void **state)
{
	(void)state;
	is_ipv4_udp(decode(LINK_ETHERNET, BYTES(ETHERNET(0x0800), IPV4_UDP)));
	is_ipv6_udp(decode(LINK_ETHERNET, BYTES(ETHERNET(0x86dd), IPV6_UDP)));
	cut_everywhere(LINK_ETHERNET, BYTES(ETHERNET(0x0800), IPV4_UDP));
	cut_everywhere(LINK_ETHERNET, BYTES(ETHERNET(0x86dd), IPV6_UDP));
}

static void the_frame_has_macs_and_may_be_a_group_s(void **state)
{
	struct flow_observation seen = decode(LINK_ETHERNET, BYTES(MAC_BROADCAST, MAC_A, 0x08, 0x00, IPV4_UDP));

	(void)state;
	is_ipv4_udp(seen);
	assert_true(seen.has_macs);
	assert_true(seen.group);
	/* The group bit of the destination MAC, not of the source's, and not the IP destination, tells. */
	seen = decode(LINK_ETHERNET, BYTES(MAC_B, 0x03, 0, 0, 0, 0, 1, 0x08, 0x00, IPV4_UDP));
	assert_false(seen.group);
	seen = decode(LINK_ETHERNET,
		      BYTES(ETHERNET(0x0800), 0x45, 0, 0, 20, 0, 1, 0, 0, 1, 2, 0, 0, 10, 0, 0, 1, 224, 0, 0, 1));
	assert_int_equal(seen.kind, FLOW_PACKET);
	assert_false(seen.group);
}

static void any_number_of_tags(void **state)
{
	(void)state;
	is_ipv4_udp(decode(LINK_ETHERNET, BYTES(ETHERNET(0x8100), 0x00, 0x05, 0x08, 0x00, IPV4_UDP)));
	cut_everywhere(LINK_ETHERNET, BYTES(ETHERNET(0x88a8), 0x00, 0x05, /* 802.1ad tag: VLAN 5 */
					    0x81, 0x00, 0x00, 0x06,       /* 802.1Q: 6 */
					    0x91, 0x00, 0x00, 0x07,       /* the old outer tag: 7 */
					    0x81, 0x00, 0x00, 0x08,       /* 802.1Q: 8 */
					    0x86, 0xdd, IPV6_UDP));
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(0x8100), 0x00, 0x05, 0x08, 0x06)), FLOW_NON_IP);
}

static void llc_and_snap_behind_a_length(void **state)
{
	(void)state;
	/* Length, LLC, organisation 00-00-00, EtherType. */
	cut_everywhere(LINK_ETHERNET, BYTES(ETHERNET(40), 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00, IPV4_UDP));
	is_ipv6_udp(decode(LINK_ETHERNET, BYTES(ETHERNET(60), 0xaa, 0xaa, 0x03, 0, 0, 0, 0x86, 0xdd, IPV6_UDP)));
	/* Organisation 00-00-F8 means the same. */
	is_ipv4_udp(decode(LINK_ETHERNET, BYTES(ETHERNET(40), 0xaa, 0xaa, 0x03, 0, 0, 0xf8, 0x08, 0x00, IPV4_UDP)));
	/* The most that is a length, and it is not asked what it says. */
	is_ipv4_udp(decode(LINK_ETHERNET, BYTES(ETHERNET(1500), 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00, IPV4_UDP)));
	/* IP with a service access point of its own, without SNAP. */
	cut_everywhere(LINK_ETHERNET, BYTES(ETHERNET(35), 0x06, 0x06, 0x03, IPV4_UDP));
	/* A tag before and a tag behind. */
	is_ipv4_udp(decode(LINK_ETHERNET, BYTES(ETHERNET(0x8100), 0x00, 0x05, BE16(44), 0xaa, 0xaa, 0x03, 0, 0, 0, 0x81,
						0x00, 0x00, 0x06, 0x08, 0x00, IPV4_UDP)));
}

static void llc_that_is_no_ip(void **state)
{
	(void)state;
	/* Spanning tree. */
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(38), 0x42, 0x42, 0x03, 0, 0)), FLOW_NON_IP);
	/* Novell's frames without LLC. */
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(38), 0xff, 0xff, 0, 34)), FLOW_NON_IP);
	/* SNAP with another control field, another organisation (Cisco's CDP), a number that is no EtherType. */
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(40), 0xaa, 0xaa, 0xf3, 0, 0, 0, 0x08, 0x00, IPV4_UDP)),
			 FLOW_NON_IP);
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(40), 0xaa, 0xaa, 0x03, 0, 0, 0x0c, 0x08, 0x00, IPV4_UDP)),
			 FLOW_NON_IP);
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(48), 0xaa, 0xaa, 0x03, 0, 0, 0, 0x00, 40, /* a length again */
						0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00, IPV4_UDP)),
			 FLOW_NON_IP);
	/* 1501 to 1535 are neither lengths nor EtherTypes. */
	for (unsigned type = 1501; type <= 1535; type++)
		assert_int_equal(kind_of_ethernet(BYTES(MAC_B, MAC_A, BE16(type), 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00,
							IPV4_UDP)),
				 FLOW_NON_IP);
}

static void under_mpls_the_first_nibble_tells(void **state)
{
	(void)state;
	/* Label 16, bottom of the stack, time to live 64. */
	cut_everywhere(LINK_ETHERNET, BYTES(ETHERNET(0x8847), 0x00, 0x01, 0x01, 0x40, IPV4_UDP));
	/* Three labels, under the upstream-assigned EtherType, behind a tag. */
	cut_everywhere(LINK_ETHERNET, BYTES(ETHERNET(0x8100), 0x00, 0x05, 0x88, 0x48, 0x00, 0x01, 0x00, 0x40, 0x00,
					    0x02, 0x00, 0x40, 0x00, 0x03, 0x01, 0x40, IPV6_UDP));
	/* A pseudowire's control word, and an Ethernet frame without one. */
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(0x8847), 0x00, 0x01, 0x01, 0x40, 0, 0, 0, 0, ETHERNET(0x0800),
						IPV4_UDP)),
			 FLOW_NON_IP);
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(0x8847), 0x00, 0x01, 0x01, 0x40, 0x52)), FLOW_NON_IP);
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(0x8847), 0x00, 0x01, 0x01, 0x40)), FLOW_TRUNCATED);
}

static void pppoe_sessions(void **state)
{
	(void)state;
	/* Version and type, code, session, length, PPP protocol. */
	cut_everywhere(LINK_ETHERNET, BYTES(ETHERNET(0x8864), 0x11, 0x00, 0x00, 0x01, BE16(34), 0x00, 0x21, IPV4_UDP));
	cut_everywhere(LINK_ETHERNET, BYTES(ETHERNET(0x8864), 0x11, 0x00, 0x00, 0x01, BE16(54), 0x00, 0x57, IPV6_UDP));
	/* Its link control protocol, and discovery, which is no session. */
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(0x8864), 0x11, 0, 0, 1, 0, 6, 0xc0, 0x21, 9, 0, 0, 4)),
			 FLOW_NON_IP);
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(0x8863), 0x11, 0x09, 0, 0, 0, 34, 0x00, 0x21, IPV4_UDP)),
			 FLOW_NON_IP);
}

/* What is neither IP nor ARP, behind one tag at most; nothing is said of a frame that is cut before its type. */
static void what_nobody_may_want(void **state)
{
	(void)state;
	assert_false(capture_ethertype_is_unwanted(BYTES(ETHERNET(0x0800)), false));
	assert_false(capture_ethertype_is_unwanted(BYTES(ETHERNET(0x86dd)), true));
	assert_false(capture_ethertype_is_unwanted(BYTES(ETHERNET(0x8100), 0, 5, BE16(0x0806)), false));
	assert_true(capture_ethertype_is_unwanted(BYTES(ETHERNET(0x88cc)), false));
	assert_true(capture_ethertype_is_unwanted(BYTES(ETHERNET(0x8100), 0, 5, BE16(0x88cc)), false));
	assert_true(capture_ethertype_is_unwanted(BYTES(ETHERNET(0x88a8), 0, 5, BE16(0x8100)), false));
	assert_true(capture_ethertype_is_unwanted(BYTES(ETHERNET(0x8100), 0, 5, BE16(0x0800)), true));
	assert_false(capture_ethertype_is_unwanted(BYTES(MAC_B, MAC_A, 0x88), false));
	assert_false(capture_ethertype_is_unwanted(BYTES(ETHERNET(0x8100), 0, 5, 0x88), false));
}

static void other_ethertypes(void **state)
{
	(void)state;
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(0x0806), IPV4_UDP)), FLOW_NON_IP); /* ARP */
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(0x88cc), IPV4_UDP)), FLOW_NON_IP); /* LLDP */
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(0xffff), IPV4_UDP)), FLOW_NON_IP);
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(0x0600), IPV4_UDP)), FLOW_NON_IP);
}

static void another_version_than_the_ethertype_says(void **state)
{
	(void)state;
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(0x0800), IPV6_UDP)), FLOW_MALFORMED);
	assert_int_equal(kind_of_ethernet(BYTES(ETHERNET(0x86dd), IPV4_UDP)), FLOW_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ip_without_anything_between),
		TEST(the_frame_has_macs_and_may_be_a_group_s),
		TEST(any_number_of_tags),
		TEST(llc_and_snap_behind_a_length),
		TEST(llc_that_is_no_ip),
		TEST(under_mpls_the_first_nibble_tells),
		TEST(pppoe_sessions),
		TEST(other_ethertypes),
		TEST(what_nobody_may_want),
		TEST(another_version_than_the_ethertype_says),
	};

	return cmocka_run_group_tests_name("capture/ethertype", tests, set_up, tear_down);
}
