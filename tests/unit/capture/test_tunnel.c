/* VXLAN, GENEVE and GRE, opened and not. The outer packet goes from 10.0.0.1 to 10.0.0.2, the inner one from
 * 10.9.0.1, port 2001, to 10.9.0.2, port 53. */
#include "frames.h"

#define INNER_A 0x02, 0, 0, 0, 0, 0x1a
#define INNER_B 0x02, 0, 0, 0, 0, 0x1b

#define INNER_IPV4  0x45, 0, BE16(32), 0, 1, 0, 0, 64, 17, 0, 0, 10, 9, 0, 1, 10, 9, 0, 2
#define INNER_UDP   BE16(2001), BE16(53), 0, 12, 0, 0, 'y', 'y', 'y', 'y'
#define INNER       INNER_IPV4, INNER_UDP               /* 32 bytes */
#define INNER_FRAME INNER_B, INNER_A, 0x08, 0x00, INNER /* 46 bytes */

#define UDP_HEADER(port, length) BE16(50000), BE16(port), BE16(length), 0, 0
#define VXLAN(vni)               0x08, 0, 0, 0, BE32((uint32_t)(vni) << 8)
#define GENEVE(type, vni)        0x00, 0x00, BE16(type), BE32((uint32_t)(vni) << 8)
#define GRE(flags, type)         BE16(flags), BE16(type)

/* Outer Ethernet and IPv4 with the right total length for `load` bytes behind UDP or for GRE. */
#define OVER_UDP(port, load) ETHERNET(0x0800), IPV4(17, 28 + (load)), UDP_HEADER(port, 8 + (load))
#define OVER_GRE(load)       ETHERNET(0x0800), IPV4(47, 20 + (load))

enum { ALL = CAPTURE_VXLAN | CAPTURE_GENEVE | CAPTURE_GRE };

static struct flow_observation open_all(const uint8_t *bytes, size_t length)
{
	fresh_decoder(ALL);
	return decode_item((struct capture_item){
		.link_type = LINK_ETHERNET,
		.supported = true,
		.word = FLOW_INGRESS,
		.captured = (uint32_t)length,
		.original = (uint32_t)length,
		.bytes = bytes,
	});
}

static void is_inner(struct flow_observation seen)
{
	assert_int_equal(seen.kind, FLOW_PACKET);
	IS_ADDRESS(seen.source, 10, 9, 0, 1);
	IS_ADDRESS(seen.destination, 10, 9, 0, 2);
	has_flow(&seen, 17, 2001, 53, 32);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.word, FLOW_UNKNOWN); /* opening a tunnel forgets it */
}

static void has_inner_macs(const struct flow_observation *seen)
{
	assert_true(seen->has_macs);
	assert_memory_equal(seen->source_mac, ((const uint8_t[]){ INNER_A }), 6);
	assert_memory_equal(seen->destination_mac, ((const uint8_t[]){ INNER_B }), 6);
	assert_false(seen->group);
}

/* Nothing was opened: the outer packet with all that belongs to it. */
static void is_outer(struct flow_observation seen, unsigned protocol, uint64_t bytes)
{
	is_ipv4(&seen);
	assert_int_equal(seen.protocol, protocol);
	assert_int_equal(seen.bytes, bytes);
	assert_int_equal(seen.word, FLOW_INGRESS);
	assert_true(seen.has_macs);
	assert_memory_equal(seen.source_mac, ((const uint8_t[]){ MAC_A }), 6);
	assert_false(seen.has_vni);
	assert_int_equal(seen.vni, 0);
}

static void vxlan(void **state)
{
	struct flow_observation seen = open_all(BYTES(OVER_UDP(4789, 54), VXLAN(0xabcdef), INNER_FRAME));

	(void)state;
	is_inner(seen);
	has_inner_macs(&seen);
	assert_true(seen.has_vni);
	assert_int_equal(seen.vni, 0xabcdef);
	/* In IPv6, with an IPv6 packet behind a tag in it. */
	seen = open_all(BYTES(ETHERNET(0x86dd), IPV6(17, 86), UDP_HEADER(4789, 86), VXLAN(7), INNER_B, INNER_A, 0x81,
			      0x00, 0, 5, 0x86, 0xdd, IPV6_UDP));
	is_ipv6_udp(seen);
	assert_int_equal(seen.vni, 7);
}

static void vxlan_that_is_not_opened(void **state)
{
	(void)state;
	is_outer(open_all(BYTES(OVER_UDP(4789, 54), 0x00, 0, 0, 0, 0, 0, 7, 0, INNER_FRAME)), 17, 82); /* no I bit */
	is_outer(open_all(BYTES(OVER_UDP(8472, 54), VXLAN(7), INNER_FRAME)), 17, 82); /* another port */
	is_outer(open_all(BYTES(OVER_UDP(4789, 22), VXLAN(7), INNER_B, INNER_A, 0x08, 0x06)), 17, 50); /* ARP in it */
	is_outer(open_all(BYTES(OVER_UDP(4789, 4), 0x08, 0, 0, 0)), 17, 32);
	/* The port as the source's. */
	is_outer(open_all(BYTES(ETHERNET(0x0800), IPV4(17, 82), BE16(4789), BE16(50000), BE16(62), 0, 0, VXLAN(7),
				INNER_FRAME)),
		 17, 82);
	/* TCP. */
	is_outer(open_all(BYTES(ETHERNET(0x0800), IPV4(6, 82), UDP_HEADER(4789, 62), VXLAN(7), INNER_FRAME)), 6, 82);
}

static void geneve(void **state)
{
	struct flow_observation seen = open_all(BYTES(OVER_UDP(6081, 54), GENEVE(0x6558, 9), INNER_FRAME));

	(void)state;
	is_inner(seen);
	has_inner_macs(&seen);
	assert_true(seen.has_vni);
	assert_int_equal(seen.vni, 9);
	/* Two words of options; the packet without Ethernet. */
	seen = open_all(BYTES(OVER_UDP(6081, 48), 0x02, 0x00, 0x08, 0x00, 0, 0, 9, 0, 1, 2, 3, 1, 0, 0, 0, 0, INNER));
	is_inner(seen);
	assert_false(seen.has_macs);
	seen = open_all(BYTES(OVER_UDP(6081, 60), GENEVE(0x86dd, 9), IPV6_UDP));
	is_ipv6_udp(seen);
}

static void geneve_that_is_not_opened(void **state)
{
	(void)state;
	is_outer(open_all(BYTES(OVER_UDP(6081, 54), 0x40, 0, 0x65, 0x58, 0, 0, 9, 0, INNER_FRAME)), 17,
		 82);                                                                    /* version 1 */
	is_outer(open_all(BYTES(OVER_UDP(6081, 40), GENEVE(0x8847, 9), INNER)), 17, 68); /* another load */
	is_outer(open_all(BYTES(OVER_UDP(6081, 12), 0x02, 0, 0x08, 0x00, 0, 0, 9, 0, 1, 2, 3, 4)), 17,
		 40); /* options cut off */
	is_outer(open_all(BYTES(OVER_UDP(6081, 7), 0x00, 0, 0x08, 0x00, 0, 0, 9)), 17, 35);
}

static void gre(void **state)
{
	struct flow_observation seen = open_all(BYTES(OVER_GRE(36), GRE(0, 0x0800), INNER));

	(void)state;
	is_inner(seen);
	assert_false(seen.has_macs);
	assert_false(seen.has_vni);
	/* Checksum, key, sequence number: each four bytes, in all combinations. */
	is_inner(open_all(BYTES(OVER_GRE(40), GRE(0x8000, 0x0800), 1, 2, 0, 0, INNER)));
	is_inner(open_all(BYTES(OVER_GRE(40), GRE(0x2000, 0x0800), 0, 0, 0, 5, INNER)));
	is_inner(open_all(BYTES(OVER_GRE(40), GRE(0x1000, 0x0800), 0, 0, 0, 1, INNER)));
	is_inner(open_all(BYTES(OVER_GRE(48), GRE(0xb000, 0x0800), 1, 2, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1, INNER)));
	/* A frame in it; IPv6 in it. */
	seen = open_all(BYTES(OVER_GRE(54), GRE(0x2000, 0x6558), 0, 0, 0, 5, INNER_FRAME));
	is_inner(seen);
	has_inner_macs(&seen);
	is_ipv6_udp(open_all(BYTES(OVER_GRE(56), GRE(0, 0x86dd), IPV6_UDP)));
}

static void gre_that_is_not_opened(void **state)
{
	(void)state;
	is_outer(open_all(BYTES(OVER_GRE(36), GRE(0x0001, 0x0800), INNER)), 47, 56);             /* version 1 */
	is_outer(open_all(BYTES(OVER_GRE(40), GRE(0x4000, 0x0800), 0, 0, 0, 0, INNER)), 47, 60); /* routing */
	is_outer(open_all(BYTES(OVER_GRE(58), GRE(0x1000, 0x88be), 0, 0, 0, 1, 0x10, 0, 0, 0, INNER_FRAME)), 47,
		 78);                                                              /* ERSPAN */
	is_outer(open_all(BYTES(OVER_GRE(6), GRE(0x2000, 0x0800), 0, 0)), 47, 26); /* key cut off */
	is_outer(open_all(BYTES(OVER_GRE(3), 0, 0, 8)), 47, 23);
}

static void only_what_is_listed_is_opened(void **state)
{
	struct flow_observation seen;

	(void)state;
	fresh_decoder(0);
	assert_int_equal(decode(LINK_ETHERNET, BYTES(OVER_GRE(36), GRE(0, 0x0800), INNER)).protocol, 47);
	fresh_decoder(CAPTURE_VXLAN | CAPTURE_GENEVE);
	assert_int_equal(decode(LINK_ETHERNET, BYTES(OVER_GRE(36), GRE(0, 0x0800), INNER)).protocol, 47);
	assert_true(decode(LINK_ETHERNET, BYTES(OVER_UDP(4789, 54), VXLAN(7), INNER_FRAME)).has_vni);
	fresh_decoder(CAPTURE_GENEVE | CAPTURE_GRE);
	seen = decode(LINK_ETHERNET, BYTES(OVER_UDP(4789, 54), VXLAN(7), INNER_FRAME));
	has_flow(&seen, 17, 50000, 4789, 82);
	fresh_decoder(CAPTURE_VXLAN | CAPTURE_GRE);
	seen = decode(LINK_ETHERNET, BYTES(OVER_UDP(6081, 54), GENEVE(0x6558, 9), INNER_FRAME));
	has_flow(&seen, 17, 50000, 6081, 82);
}

#define GRE_IN_VXLAN OVER_UDP(4789, 78), VXLAN(7), INNER_B, INNER_A, 0x08, 0x00, IPV4(47, 56), GRE(0, 0x0800), INNER

static void tunnels_in_tunnels(void **state)
{
	struct flow_observation seen = open_all(BYTES(GRE_IN_VXLAN));

	(void)state;
	is_inner(seen);
	assert_false(seen.has_macs); /* GRE brings none */
	assert_true(seen.has_vni);
	assert_int_equal(seen.vni, 7);
	/* As long as their kind is listed. */
	fresh_decoder(CAPTURE_VXLAN);
	seen = decode(LINK_ETHERNET, BYTES(GRE_IN_VXLAN));
	is_ipv4(&seen);
	has_flow(&seen, 47, 0, 0, 56);
	has_inner_macs(&seen);
	/* The last number counts. */
	seen = open_all(BYTES(OVER_UDP(4789, 104), VXLAN(7), INNER_B, INNER_A, 0x08, 0x00, IPV4(17, 82),
			      UDP_HEADER(4789, 62), VXLAN(8), INNER_FRAME));
	is_inner(seen);
	assert_int_equal(seen.vni, 8);
	/* The inner one cannot be opened: the middle one counts. */
	seen = open_all(
		BYTES(OVER_UDP(4789, 78), VXLAN(7), INNER_B, INNER_A, 0x08, 0x00, IPV4(47, 56), GRE(1, 0x0800), INNER));
	is_ipv4(&seen);
	has_flow(&seen, 47, 0, 0, 56);
	assert_int_equal(seen.vni, 7);
}

static void very_many_tunnels(void **state)
{
	enum { DEPTH = 5000, STEP = 24 };
	static uint8_t packet[DEPTH * STEP + 32];
	struct flow_observation seen;

	(void)state;
	for (size_t i = 0; i < DEPTH; i++) { /* the innermost total lengths are right, those that do not fit say 0 */
		size_t total = sizeof(packet) - i * STEP;

		total = total > UINT16_MAX ? 0 : total;
		memcpy(packet + i * STEP, ((const uint8_t[STEP]){ IPV4(47, total), GRE(0, 0x0800) }), STEP);
	}
	memcpy(&packet[sizeof(packet) - 32], ((const uint8_t[]){ INNER }), 32);
	fresh_decoder(ALL);
	seen = decode(LINK_RAW, packet, sizeof(packet));
	is_inner(seen);
}

static void an_inner_packet_that_cannot_be_read(void **state)
{
	const uint8_t frame[] = { OVER_UDP(4789, 54), VXLAN(7), INNER_FRAME };

	(void)state;
	/* Malformed: header length 16. */
	is_outer(open_all(BYTES(OVER_GRE(36), GRE(0, 0x0800), 0x44, 0, 0, 32, 0, 1, 0, 0, 64, 17, 0, 0, 10, 9, 0, 1, 10,
				9, 0, 2, INNER_UDP)),
		 47, 56);
	is_outer(open_all(BYTES(OVER_GRE(36), GRE(0, 0x86dd), INNER)), 47, 56);
	/* Cut off by the snap length. Outer Ethernet, IPv4, UDP, VXLAN, inner Ethernet: 64 bytes. */
	for (size_t cut = 34; cut <= sizeof(frame); cut++) {
		struct flow_observation seen;

		fresh_decoder(ALL);
		seen = decode_cut(LINK_ETHERNET, frame, sizeof(frame), cut);
		assert_int_equal(seen.kind, FLOW_PACKET);
		assert_int_equal(seen.has_vni, cut >= 64 + 20);
		assert_int_equal(seen.bytes, cut >= 64 + 20 ? 32 : 82);
		if (cut >= 38)
			assert_int_equal(seen.source_port, cut < 64 + 20 ? 50000 : cut < 64 + 24 ? 0 : 2001);
	}
}

static void an_inner_packet_ends_where_the_outer_does(void **state)
{
	struct flow_observation seen;

	(void)state;
	/* The outer length leaves the inner IP header alone; what follows is padding of the frame. */
	seen = open_all(BYTES(OVER_GRE(24), GRE(0, 0x0800), INNER));
	assert_int_equal(seen.kind, FLOW_PACKET);
	IS_ADDRESS(seen.source, 10, 9, 0, 1);
	has_flow(&seen, 17, 0, 0, 32);
	/* A byte less, and it is no packet. */
	is_outer(open_all(BYTES(OVER_GRE(23), GRE(0, 0x0800), INNER)), 47, 43);
	/* An inner length of 0: what the outer one leaves (1,000 - 20 - 4), whatever the frame had. */
	fresh_decoder(ALL);
	seen = decode_short(LINK_ETHERNET, 3000,
			    BYTES(ETHERNET(0x0800), IPV4(47, 1000), GRE(0, 0x0800), 0x45, 0, 0, 0, 0, 1, 0, 0, 64, 17,
				  0, 0, 10, 9, 0, 1, 10, 9, 0, 2, INNER_UDP));
	has_flow(&seen, 17, 2001, 53, 976);
	/* Both 0: what was on the wire. */
	fresh_decoder(ALL);
	seen = decode_short(LINK_ETHERNET, 3014,
			    BYTES(ETHERNET(0x0800), IPV4(47, 0), GRE(0, 0x0800), 0x45, 0, 0, 0, 0, 1, 0, 0, 64, 17, 0,
				  0, 10, 9, 0, 1, 10, 9, 0, 2, INNER_UDP));
	has_flow(&seen, 17, 2001, 53, 2976);
}

static void fragments_are_not_opened(void **state)
{
	(void)state;
	is_outer(open_all(BYTES(ETHERNET(0x0800), IPV4_PART(17, 82, 7, 0x2000), UDP_HEADER(4789, 62), VXLAN(7),
				INNER_FRAME)),
		 17, 82);
	is_outer(open_all(BYTES(ETHERNET(0x0800), IPV4_PART(47, 56, 7, 0x0003), GRE(0, 0x0800), INNER)), 47, 56);
	is_outer(open_all(BYTES(ETHERNET(0x0800), IPV4_PART(47, 56, 7, 0x2000), GRE(0, 0x0800), INNER)), 47, 56);
}

static void a_later_fragment_with_a_tunnel_s_port_is_not_opened(void **state)
{
	struct flow_observation seen;

	(void)state;
	fresh_decoder(ALL);
	decode(LINK_ETHERNET, BYTES(ETHERNET(0x0800), IPV4_PART(17, 36, 7, 0x2000), UDP_HEADER(4789, 200), VXLAN(7)));
	seen = decode(LINK_ETHERNET, BYTES(ETHERNET(0x0800), IPV4_PART(17, 82, 7, 0x0002), UDP_HEADER(4789, 62),
					   VXLAN(7), INNER_FRAME));
	is_ipv4(&seen);
	has_flow(&seen, 17, 50000, 4789, 82);
	assert_false(seen.has_vni);
}

static void inner_fragments_are_remembered(void **state)
{
	struct flow_observation seen;

	(void)state;
	fresh_decoder(ALL);
	decode(LINK_ETHERNET, BYTES(OVER_GRE(36), GRE(0, 0x0800), 0x45, 0, 0, 32, 0, 7, 0x20, 0, 64, 17, 0, 0, 10, 9, 0,
				    1, 10, 9, 0, 2, INNER_UDP));
	seen = decode(LINK_ETHERNET, BYTES(OVER_GRE(32), GRE(0, 0x0800), 0x45, 0, 0, 28, 0, 7, 0, 2, 64, 17, 0, 0, 10,
					   9, 0, 1, 10, 9, 0, 2, 0, 1, 0, 2, 0, 0, 0, 0));
	IS_ADDRESS(seen.source, 10, 9, 0, 1);
	has_flow(&seen, 17, 2001, 53, 28);
}

static void groups_in_tunnels(void **state)
{
	struct flow_observation seen;

	(void)state;
	/* A broadcast frame in a tunnel; a tunnel in a broadcast frame. */
	seen = open_all(BYTES(OVER_UDP(4789, 54), VXLAN(7), MAC_BROADCAST, INNER_A, 0x08, 0x00, INNER));
	is_inner(seen);
	assert_true(seen.group);
	seen = open_all(BYTES(MAC_BROADCAST, MAC_A, 0x08, 0x00, IPV4(47, 56), GRE(0, 0x0800), INNER));
	is_inner(seen);
	assert_false(seen.group);
	/* Without MACs the inner address tells: 224.0.0.5. */
	seen = open_all(BYTES(OVER_GRE(24), GRE(0, 0x0800), 0x45, 0, 0, 20, 0, 1, 0, 0, 1, 89, 0, 0, 10, 9, 0, 1, 224,
			      0, 0, 5));
	assert_int_equal(seen.protocol, 89);
	assert_true(seen.group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(vxlan),
		TEST(vxlan_that_is_not_opened),
		TEST(geneve),
		TEST(geneve_that_is_not_opened),
		TEST(gre),
		TEST(gre_that_is_not_opened),
		TEST(only_what_is_listed_is_opened),
		TEST(tunnels_in_tunnels),
		TEST(very_many_tunnels),
		TEST(an_inner_packet_that_cannot_be_read),
		TEST(an_inner_packet_ends_where_the_outer_does),
		TEST(fragments_are_not_opened),
		TEST(a_later_fragment_with_a_tunnel_s_port_is_not_opened),
		TEST(inner_fragments_are_remembered),
		TEST(groups_in_tunnels),
	};

	return cmocka_run_group_tests_name("capture/tunnel", tests, set_up, tear_down);
}
