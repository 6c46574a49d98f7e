/* IP headers, fragments and transport headers; mostly without a link layer before them. */
#include "frames.h"

enum { SECOND = 1000000000 };

/* A packet seen at a time and a capture point. */
static struct flow_observation decode_at(int64_t seconds, uint32_t point, const uint8_t *bytes, size_t length)
{
	return decode_item((struct capture_item){
		.point = point,
		.link_type = LINK_RAW,
		.supported = true,
		.captured = (uint32_t)length,
		.original = (uint32_t)length,
		.bytes = bytes,
		.time_ns = seconds * SECOND,
	});
}

static void ports_of_those_that_have_them(void **state)
{
	(void)state;
	for (unsigned protocol = 0; protocol <= 255; protocol++) {
		bool has_ports = protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 ||
				 protocol == 136;
		struct flow_observation seen = decode(LINK_RAW, BYTES(IPV4((uint8_t)protocol, 40), TCP(0x02)));

		is_ipv4(&seen);
		has_flow(&seen, protocol, has_ports ? 1001 : 0, has_ports ? 80 : 0, 40);
		assert_int_equal(seen.tcp_flags, protocol == 6 ? FLOW_TCP_SYN : 0);
	}
}

static void icmp_has_no_ports(void **state)
{
	struct flow_observation seen = decode(LINK_RAW, BYTES(IPV4(1, 28), 8, 0, 0, 0, 0x12, 0x34, 0, 1));

	(void)state;
	has_flow(&seen, 1, 0, 0, 28);
	seen = decode(LINK_RAW, BYTES(IPV6(58, 8), 128, 0, 0, 0, 0x12, 0x34, 0, 1));
	has_flow(&seen, 58, 0, 0, 48);
}

static void tcp_flags_are_the_field_s(void **state)
{
	(void)state;
	for (unsigned wire = 0; wire <= 255; wire++) {
		unsigned want = 0;

		want |= wire & 0x01 ? 1 : 0;                     /* FIN */
		want |= wire & 0x02 ? 2 : 0;                     /* SYN */
		want |= wire & 0x04 ? 4 : 0;                     /* RST */
		want |= (wire & 0x02) && (wire & 0x10) ? 16 : 0; /* SYN and ACK */
		assert_int_equal(decode(LINK_RAW, BYTES(IPV4(6, 40), TCP((uint8_t)wire))).tcp_flags, want);
	}
}

static void tcp_cut_short(void **state)
{
	const uint8_t packet[] = { IPV6(6, 20), TCP(0x12) };

	(void)state;
	for (size_t cut = 40; cut <= sizeof(packet); cut++) {
		struct flow_observation seen = decode_cut(LINK_RAW, packet, sizeof(packet), cut);

		is_ipv6(&seen);
		has_flow(&seen, 6, cut < 44 ? 0 : 1001, cut < 44 ? 0 : 80, 60);
		assert_int_equal(seen.tcp_flags, cut < 54 ? 0 : 18); /* flags are the 14th byte */
	}
}

static void bytes_are_the_ip_length(void **state)
{
	struct flow_observation seen;

	(void)state;
	/* Ethernet fills up to 60 bytes; captured is less than the length says; both. */
	seen = decode(LINK_ETHERNET, BYTES(ETHERNET(0x0800), IPV4_UDP, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
	assert_int_equal(seen.bytes, 32);
	seen = decode_short(LINK_ETHERNET, 1514, BYTES(ETHERNET(0x0800), IPV4(17, 1500), UDP));
	assert_int_equal(seen.bytes, 1500);
	seen = decode(LINK_ETHERNET, BYTES(ETHERNET(0x86dd), IPV6(17, 1000), UDP));
	assert_int_equal(seen.bytes, 1040);
}

static void bytes_behind_the_ip_length_are_no_transport_header(void **state)
{
	struct flow_observation seen;

	(void)state;
	seen = decode(LINK_RAW, BYTES(IPV4(6, 20), TCP(0x02)));
	has_flow(&seen, 6, 0, 0, 20);
	assert_int_equal(seen.tcp_flags, 0);
	seen = decode(LINK_RAW, BYTES(IPV4(6, 24), TCP(0x02))); /* four bytes of it: the ports */
	has_flow(&seen, 6, 1001, 80, 24);
	assert_int_equal(seen.tcp_flags, 0);
	seen = decode(LINK_RAW, BYTES(IPV6(17, 3), UDP));
	has_flow(&seen, 17, 0, 0, 43);
	/* An extension header behind the end is none either. */
	seen = decode(LINK_RAW, BYTES(IPV6(0, 1), 17, 0, 1, 4, 0, 0, 0, 0, UDP));
	has_flow(&seen, 0, 0, 0, 41);
}

static void ipv4_length_0_is_what_was_on_the_wire(void **state)
{
	struct flow_observation seen;

	(void)state;
	/* Left to the network card: 14 + 20 + 20 + 4000 bytes, 54 of them captured. */
	seen = decode_short(LINK_ETHERNET, 4054, BYTES(ETHERNET(0x0800), IPV4(6, 0), TCP(0x10)));
	has_flow(&seen, 6, 1001, 80, 4040);
	/* Two tags are link layer too. */
	seen = decode_short(LINK_ETHERNET, 4062,
			    BYTES(ETHERNET(0x88a8), 0, 5, 0x81, 0x00, 0, 6, 0x08, 0x00, IPV4(6, 0), TCP(0x10)));
	has_flow(&seen, 6, 1001, 80, 4040);
	/* Options have to be there, as ever. */
	assert_int_equal(
		decode_short(LINK_RAW, 100, BYTES(0x46, 0, 0, 0, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2))
			.kind,
		FLOW_TRUNCATED);
}

static void ipv6_length_0_is_what_was_on_the_wire(void **state)
{
	struct flow_observation seen;

	(void)state;
	seen = decode_short(LINK_ETHERNET, 70014, BYTES(ETHERNET(0x86dd), IPV6(6, 0), TCP(0x10)));
	has_flow(&seen, 6, 1001, 80, 70000);
	/* A jumbogram: hop-by-hop with option 194, which says 100,000; it is not asked. */
	seen = decode_short(LINK_ETHERNET, 80014,
			    BYTES(ETHERNET(0x86dd), IPV6(0, 0), 6, 0, 0xc2, 4, BE32(100000), TCP(0x10)));
	has_flow(&seen, 6, 1001, 80, 80000);
	/* No next header: nothing is what it has. */
	seen = decode(LINK_ETHERNET, BYTES(ETHERNET(0x86dd), IPV6(59, 0), 0, 0, 0, 0, 0, 0));
	has_flow(&seen, 59, 0, 0, 40);
}

static void ipv4_options(void **state)
{
	(void)state;
	/* Header of 24 bytes, router alert. */
	cut_everywhere(LINK_RAW, BYTES(0x46, 0, 0, 32, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x94, 4, 0,
				       0, 0x03, 0xe9, 0, 9, 0, 8, 0, 0, 0, 0, 0, 0));
}

static void faults_of_ipv4(void **state)
{
	const uint8_t short_total[] = {
		0x46, 0, 0, 23, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 0, 0, 0
	};

	(void)state;
	assert_int_equal(kind_of(LINK_RAW, BYTES(0x44, 0, 0, 20)), FLOW_MALFORMED); /* header of 16 bytes */
	assert_int_equal(kind_of(LINK_RAW, BYTES(0x40)), FLOW_MALFORMED);
	assert_int_equal(kind_of(LINK_IPV4, BYTES(0x65)), FLOW_MALFORMED); /* version 6 */
	/* Total length 23 with a header of 24: seen as soon as the length is there, though the header is cut off. */
	for (size_t cut = 0; cut <= sizeof(short_total); cut++)
		assert_int_equal(decode_cut(LINK_RAW, short_total, sizeof(short_total), cut).kind,
				 cut < 4 ? FLOW_TRUNCATED : FLOW_MALFORMED);
}

static void faults_of_ipv6(void **state)
{
	(void)state;
	assert_int_equal(kind_of(LINK_IPV6, BYTES(0x45)), FLOW_MALFORMED);
	assert_int_equal(kind_of(LINK_IPV6, BYTES(0x60)), FLOW_TRUNCATED);
}

static void ipv6_extension_headers_are_walked(void **state)
{
	struct flow_observation seen;

	(void)state;
	seen = decode(LINK_RAW, BYTES(IPV6(0, 60),             /* hop-by-hop next */
				      60, 0, 5, 2, 0, 0, 1, 0, /* router alert; destination options next */
				      43, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 16 bytes; routing next */
				      44, 0, 0, 0, 0, 0, 0, 0,                          /* type 0; fragment next */
				      60, 0, 0x00, 0x00, BE32(7), /* the only one; options again next */
				      17, 0, 1, 4, 0, 0, 0, 0,    /* UDP next */
				      UDP));
	is_ipv6(&seen);
	has_flow(&seen, 17, 1001, 9, 100);
}

static void what_is_no_extension_header_ends_the_walk(void **state)
{
	static const uint8_t ends[] = {
		50, 51, 59, 135, 139, 140, 253, 58, 4, 41
	}; /* ESP, AH, none, mobility, HIP, ... */

	(void)state;
	for (size_t i = 0; i < sizeof(ends); i++) {
		struct flow_observation seen = decode(LINK_RAW, BYTES(IPV6(0, 20), ends[i], 0, 1, 4, 0, 0, 0, 0, 17, 0,
								      0, 0, 0, 0, 0, 0, 0, 0, 0, 0));

		is_ipv6(&seen);
		has_flow(&seen, ends[i], 0, 0, 60);
	}
}

static void an_extension_header_is_walked_when_its_first_two_bytes_are_there(void **state)
{
	/* Hop-by-hop, destination options, UDP. */
	const uint8_t packet[] = { IPV6(0, 28), 60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0, UDP };

	(void)state;
	for (size_t cut = 40; cut <= sizeof(packet); cut++) {
		struct flow_observation seen = decode_cut(LINK_RAW, packet, sizeof(packet), cut);
		unsigned protocol = cut < 42 ? 0 : cut < 50 ? 60 : 17;

		is_ipv6(&seen);
		has_flow(&seen, protocol, cut < 60 ? 0 : 1001, cut < 60 ? 0 : 9, 68);
	}
}

static void a_fragment_header_is_walked_when_all_of_it_is_there(void **state)
{
	const uint8_t packet[] = { IPV6(44, 20), 17, 0, 0x00, 0x00, BE32(7), UDP };

	(void)state;
	for (size_t cut = 40; cut <= sizeof(packet); cut++) {
		struct flow_observation seen = decode_cut(LINK_RAW, packet, sizeof(packet), cut);

		has_flow(&seen, cut < 48 ? 44 : 17, cut < 52 ? 0 : 1001, cut < 52 ? 0 : 9, 60);
	}
}

/* Fragment bits of IPv4: more to come; offset 3 (24 bytes); both. */
enum { MORE = 0x2000, DONT = 0x4000, OFFSET_3 = 3 };

static void a_later_ipv4_fragment_takes_the_ports_of_its_first(void **state)
{
	struct flow_observation seen;

	(void)state;
	fresh_decoder(0);
	seen = decode_at(100, 0, BYTES(IPV4_PART(17, 44, 7, MORE), UDP));
	has_flow(&seen, 17, 1001, 9, 44);
	seen = decode_at(100, 0, BYTES(IPV4_PART(17, 36, 7, OFFSET_3 | MORE), 0, 1, 0, 2, 0, 0, 0, 0));
	has_flow(&seen, 17, 1001, 9, 36);
	seen = decode_at(130, 0, BYTES(IPV4_PART(17, 30, 7, 5), 0, 1, 0, 2)); /* 30 s later: still known */
	has_flow(&seen, 17, 1001, 9, 30);
	seen = decode_at(131, 0, BYTES(IPV4_PART(17, 30, 7, 5), 0, 1, 0, 2));
	has_flow(&seen, 17, 0, 0, 30);
}

static void only_its_own_first_fragment_counts(void **state)
{
	struct flow_observation seen;

	(void)state;
	fresh_decoder(0);
	decode_at(0, 0, BYTES(IPV4_PART(17, 44, 7, MORE), UDP));
	seen = decode_at(0, 1, BYTES(IPV4_PART(17, 36, 7, OFFSET_3), 0, 1, 0, 2)); /* another capture point */
	has_flow(&seen, 17, 0, 0, 36);
	seen = decode_at(0, 0, BYTES(IPV4_PART(17, 36, 8, OFFSET_3), 0, 1, 0, 2)); /* another identification */
	has_flow(&seen, 17, 0, 0, 36);
	seen = decode_at(0, 0, BYTES(IPV4_PART(6, 36, 7, OFFSET_3), 0, 1, 0, 2)); /* another protocol */
	has_flow(&seen, 6, 0, 0, 36);
	seen = decode_at(
		0, 0,
		BYTES(0x45, 0, 0, 36, 0, 7, 0, 3, 64, 17, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1, 0, 1, 0, 2)); /* way back */
	assert_int_equal(seen.source_port, 0);
	seen = decode_at(0, 0, BYTES(0x45, 0, 0, 36, 0, 7, 0, 3, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 3, 0, 1, 0, 2));
	assert_int_equal(seen.source_port, 0);
	seen = decode_at(0, 0, BYTES(IPV4_PART(17, 36, 7, OFFSET_3), 0, 1, 0, 2));
	has_flow(&seen, 17, 1001, 9, 36);
}

static void a_later_fragment_without_its_first(void **state)
{
	struct flow_observation seen;

	(void)state;
	fresh_decoder(0);
	seen = decode_at(0, 0, BYTES(IPV4_PART(17, 36, 7, OFFSET_3), 0, 1, 0, 2));
	is_ipv4(&seen);
	has_flow(&seen, 17, 0, 0, 36);
	/* IPv6: next header is destination options, offset 24, no more. What follows is not walked. */
	seen = decode_at(0, 0, BYTES(IPV6(44, 20), 60, 0, BE16(24), BE32(7), 17, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2));
	is_ipv6(&seen);
	has_flow(&seen, 60, 0, 0, 60);
}

static void unfragmented_packets_are_not_remembered(void **state)
{
	struct flow_observation seen;

	(void)state;
	fresh_decoder(0);
	decode_at(0, 0, BYTES(IPV4_PART(17, 32, 7, 0), UDP));
	decode_at(0, 0, BYTES(IPV4_PART(17, 32, 7, DONT), UDP));
	seen = decode_at(0, 0, BYTES(IPV4_PART(17, 36, 7, OFFSET_3), 0, 1, 0, 2));
	has_flow(&seen, 17, 0, 0, 36);
	/* IPv6: offset 0 and no more is a whole packet. */
	seen = decode_at(0, 0, BYTES(IPV6(44, 20), 17, 0, 0, 0, BE32(7), UDP));
	has_flow(&seen, 17, 1001, 9, 60);
	seen = decode_at(0, 0, BYTES(IPV6(44, 12), 17, 0, BE16(24), BE32(7), 0, 1, 0, 2));
	has_flow(&seen, 17, 0, 0, 52);
}

static void a_later_ipv6_fragment_takes_protocol_and_ports_of_its_first(void **state)
{
	struct flow_observation seen;

	(void)state;
	fresh_decoder(0);
	/* Hop-by-hop; fragment with destination options next, more to come; options; UDP. */
	seen = decode_at(
		0, 0,
		BYTES(IPV6(0, 36), 44, 0, 1, 4, 0, 0, 0, 0, 60, 0, BE16(1), BE32(7), 17, 0, 1, 4, 0, 0, 0, 0, UDP));
	has_flow(&seen, 17, 1001, 9, 76);
	seen = decode_at(0, 0, BYTES(IPV6(44, 12), 60, 0, BE16(24 | 1), BE32(7), 0, 1, 0, 2));
	has_flow(&seen, 17, 1001, 9, 52);
	/* The key has the fragment header's next header. */
	seen = decode_at(0, 0, BYTES(IPV6(44, 12), 17, 0, BE16(24), BE32(7), 0, 1, 0, 2));
	has_flow(&seen, 17, 0, 0, 52);
	/* All 32 bits of the identification. */
	seen = decode_at(0, 0, BYTES(IPV6(44, 12), 60, 0, BE16(24), BE32(0x10007), 0, 1, 0, 2));
	has_flow(&seen, 60, 0, 0, 52);
}

static void every_first_fragment_enters(void **state)
{
	const uint8_t first[] = { IPV4_PART(17, 44, 7, MORE), UDP };
	struct flow_observation seen;

	(void)state;
	fresh_decoder(0);
	decode_at(0, 0, first, sizeof(first));
	decode_at(0, 0, first, 20); /* the same again, but its ports were not captured */
	seen = decode_at(0, 0, BYTES(IPV4_PART(17, 36, 7, OFFSET_3), 0, 1, 0, 2));
	has_flow(&seen, 17, 0, 0, 36);
	decode_at(1, 0, first, sizeof(first));
	seen = decode_at(1, 0, BYTES(IPV4_PART(17, 36, 7, OFFSET_3), 0, 1, 0, 2));
	has_flow(&seen, 17, 1001, 9, 36);
	/* IPv6, cut off behind the fragment header: the protocol that it led to. */
	decode_at(1, 0, BYTES(IPV6(44, 100), 60, 0, BE16(1), BE32(9), 17));
	seen = decode_at(1, 0, BYTES(IPV6(44, 12), 60, 0, BE16(24), BE32(9), 0, 1, 0, 2));
	has_flow(&seen, 60, 0, 0, 52);
}

static void which_are_fragments(void **state)
{
	(void)state;
	fresh_decoder(0);
	assert_true(decode_at(0, 0, BYTES(IPV4_PART(17, 44, 7, MORE), UDP)).is_fragment);
	assert_true(decode_at(0, 0, BYTES(IPV4_PART(17, 36, 7, OFFSET_3 | MORE), 0, 1, 0, 2)).is_fragment);
	assert_true(decode_at(0, 0, BYTES(IPV4_PART(17, 36, 8, OFFSET_3), 0, 1, 0, 2))
			    .is_fragment); /* its first is unknown */
	assert_true(decode_at(0, 0, BYTES(IPV4_PART(47, 36, 9, MORE), 0, 0, 0, 0)).is_fragment);
	assert_true(decode_at(0, 0, BYTES(IPV6(44, 20), 17, 0, BE16(1), BE32(7), UDP)).is_fragment);
	assert_true(decode_at(0, 0, BYTES(IPV6(44, 12), 17, 0, BE16(24), BE32(7), 0, 1, 0, 2)).is_fragment);

	assert_false(decode_at(0, 0, BYTES(IPV4_PART(17, 32, 7, DONT), UDP)).is_fragment);
	assert_false(decode_at(0, 0, BYTES(IPV6(44, 20), 17, 0, 0, 0, BE32(7), UDP)).is_fragment);
	assert_false(
		decode(LINK_ETHERNET, BYTES(ETHERNET(0x0800), IPV4(6, 40), TCP(0x12))).is_fragment); /* a plain one */
	assert_false(decode(LINK_ETHERNET, BYTES(ETHERNET(0x0806), IPV4(17, 32), UDP)).is_fragment);
}

static void flags_of_fragments(void **state)
{
	struct flow_observation seen;

	(void)state;
	fresh_decoder(0);
	seen = decode_at(0, 0, BYTES(IPV4_PART(6, 44, 7, MORE), TCP(0x02)));
	has_flow(&seen, 6, 1001, 80, 44);
	assert_int_equal(seen.tcp_flags, FLOW_TCP_SYN);
	/* What looks like a header in a later one is none. */
	seen = decode_at(0, 0, BYTES(IPV4_PART(6, 44, 7, OFFSET_3), TCP(0x07)));
	has_flow(&seen, 6, 1001, 80, 44);
	assert_int_equal(seen.tcp_flags, 0);
	/* A first one of 8 bytes has ports and no flags. */
	seen = decode_at(0, 0, BYTES(IPV4_PART(6, 28, 8, MORE), TCP(0x02)));
	has_flow(&seen, 6, 1001, 80, 28);
	assert_int_equal(seen.tcp_flags, 0);
}

static void fragment_headers_without_end(void **state)
{
	uint8_t packet[40 + 8 * 100] = { IPV6(44, 800) };
	struct flow_observation seen;

	(void)state;
	fresh_decoder(0);
	for (size_t at = 40; at < sizeof(packet); at += 8)
		memcpy(packet + at, ((const uint8_t[8]){ 44, 0, BE16(1), BE32(at) }), 8);
	seen = decode_at(0, 0, packet, sizeof(packet));
	has_flow(&seen, 44, 0, 0, sizeof(packet));
	/* The innermost one tells: a later fragment within a first one. */
	seen = decode_at(0, 0, BYTES(IPV6(44, 28), 44, 0, BE16(1), BE32(1), 17, 0, BE16(24), BE32(2), UDP));
	has_flow(&seen, 17, 0, 0, 68);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ports_of_those_that_have_them),
		TEST(icmp_has_no_ports),
		TEST(tcp_flags_are_the_field_s),
		TEST(tcp_cut_short),
		TEST(bytes_are_the_ip_length),
		TEST(bytes_behind_the_ip_length_are_no_transport_header),
		TEST(ipv4_length_0_is_what_was_on_the_wire),
		TEST(ipv6_length_0_is_what_was_on_the_wire),
		TEST(ipv4_options),
		TEST(faults_of_ipv4),
		TEST(faults_of_ipv6),
		TEST(ipv6_extension_headers_are_walked),
		TEST(what_is_no_extension_header_ends_the_walk),
		TEST(an_extension_header_is_walked_when_its_first_two_bytes_are_there),
		TEST(a_fragment_header_is_walked_when_all_of_it_is_there),
		TEST(a_later_ipv4_fragment_takes_the_ports_of_its_first),
		TEST(only_its_own_first_fragment_counts),
		TEST(a_later_fragment_without_its_first),
		TEST(unfragmented_packets_are_not_remembered),
		TEST(a_later_ipv6_fragment_takes_protocol_and_ports_of_its_first),
		TEST(every_first_fragment_enters),
		TEST(which_are_fragments),
		TEST(flags_of_fragments),
		TEST(fragment_headers_without_end),
	};

	return cmocka_run_group_tests_name("capture/ip", tests, set_up, tear_down);
}
