/* 802.11 frames, bare and behind radiotap. */
#include "frames.h"

#define STATION 0x02, 0, 0, 0, 0, 0x0c /* an access point, neither A nor B */

/* LLC and SNAP as 802.11 has them before everything. */
#define LLC_IPV4 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00
#define LLC_IPV6 0xaa, 0xaa, 0x03, 0, 0, 0, 0x86, 0xdd

/* From A to B without a distribution system: frame control, duration, addresses, sequence control. */
#define DATA(type, flags) type, flags, 0x2c, 0x00, MAC_B, MAC_A, STATION, 0x10, 0x00

static int kind_of_data(const uint8_t *bytes, size_t length)
{
	return kind_of(LINK_IEEE802_11, bytes, length);
}

static void macs_are_a_and_b(struct flow_observation seen)
{
	is_ipv4_udp(seen);
	assert_true(seen.has_macs);
	assert_memory_equal(seen.source_mac, ((const uint8_t[]){ MAC_A }), 6);
	assert_memory_equal(seen.destination_mac, ((const uint8_t[]){ MAC_B }), 6);
	assert_false(seen.group);
}

static void the_way_tells_where_the_addresses_stand(void **state)
{
	(void)state;
	/* Within a cell: destination, source, cell. */
	macs_are_a_and_b(decode(LINK_IEEE802_11,
				BYTES(0x08, 0x00, 0, 0, MAC_B, MAC_A, STATION, 0x10, 0x00, LLC_IPV4, IPV4_UDP)));
	/* To the distribution system: access point, source, destination. */
	macs_are_a_and_b(decode(LINK_IEEE802_11,
				BYTES(0x08, 0x01, 0, 0, STATION, MAC_A, MAC_B, 0x10, 0x00, LLC_IPV4, IPV4_UDP)));
	/* From it: destination, access point, source. */
	macs_are_a_and_b(decode(LINK_IEEE802_11,
				BYTES(0x08, 0x02, 0, 0, MAC_B, STATION, MAC_A, 0x10, 0x00, LLC_IPV4, IPV4_UDP)));
	/* Between access points: receiver, transmitter, destination, source behind the sequence control. */
	macs_are_a_and_b(decode(LINK_IEEE802_11, BYTES(0x08, 0x03, 0, 0, STATION, STATION, MAC_B, 0x10, 0x00, MAC_A,
						       LLC_IPV4, IPV4_UDP)));
}

static void the_group_is_that_of_the_destination(void **state)
{
	struct flow_observation seen;

	(void)state;
	/* A broadcast on its way to the access point, whose address comes first. */
	seen = decode(LINK_IEEE802_11,
		      BYTES(0x08, 0x01, 0, 0, STATION, MAC_A, MAC_BROADCAST, 0x10, 0x00, LLC_IPV4, IPV4_UDP));
	is_ipv4_udp(seen);
	assert_true(seen.group);
}

static void headers_of_every_length(void **state)
{
	(void)state;
	cut_everywhere(LINK_IEEE802_11, BYTES(DATA(0x08, 0x00), LLC_IPV4, IPV4_UDP));
	cut_everywhere(LINK_IEEE802_11, BYTES(DATA(0x08, 0x00), LLC_IPV6, IPV6_UDP));
	/* QoS control; QoS and HT control; both behind a fourth address. */
	cut_everywhere(LINK_IEEE802_11, BYTES(DATA(0x88, 0x00), 0x05, 0x00, LLC_IPV4, IPV4_UDP));
	cut_everywhere(LINK_IEEE802_11, BYTES(DATA(0x88, 0x80), 0x05, 0x00, 0x80, 1, 2, 3, LLC_IPV4, IPV4_UDP));
	cut_everywhere(LINK_IEEE802_11, BYTES(DATA(0x88, 0x83), MAC_A, 0x05, 0x00, 0x80, 1, 2, 3, LLC_IPV4, IPV4_UDP));
	/* Without QoS the order bit adds nothing. */
	cut_everywhere(LINK_IEEE802_11, BYTES(DATA(0x08, 0x80), LLC_IPV4, IPV4_UDP));
	/* Data with an acknowledgement, and a first fragment, are data. */
	is_ipv4_udp(decode(LINK_IEEE802_11, BYTES(DATA(0x18, 0x00), LLC_IPV4, IPV4_UDP)));
	is_ipv4_udp(decode(LINK_IEEE802_11, BYTES(DATA(0x08, 0x04), LLC_IPV4, IPV4_UDP)));
}

static void frames_that_carry_no_ip_that_can_be_read(void **state)
{
	(void)state;
	assert_int_equal(kind_of_data(BYTES(DATA(0x08, 0x40), LLC_IPV4, IPV4_UDP)), FLOW_NON_IP); /* protected */
	assert_int_equal(kind_of_data(BYTES(DATA(0x88, 0x00), 0x80, 0x00, LLC_IPV4, IPV4_UDP)),
			 FLOW_NON_IP);                                                           /* A-MSDU */
	assert_int_equal(kind_of_data(BYTES(0x08, 0x00, 0, 0, MAC_B, MAC_A, STATION, 0x11, 0x00, /* fragment 1 */
					    LLC_IPV4, IPV4_UDP)),
			 FLOW_NON_IP);
	assert_int_equal(kind_of_data(BYTES(DATA(0x48, 0x00))), FLOW_NON_IP);             /* null */
	assert_int_equal(kind_of_data(BYTES(DATA(0xc8, 0x00), 0x00, 0x00)), FLOW_NON_IP); /* QoS null */
	assert_int_equal(kind_of_data(BYTES(DATA(0x80, 0x00), 1, 2, 3)), FLOW_NON_IP);    /* beacon */
	assert_int_equal(kind_of_data(BYTES(0xd4, 0x00, 0, 0, MAC_A)), FLOW_NON_IP); /* acknowledgement: 10 bytes */
	assert_int_equal(kind_of_data(BYTES(DATA(0x09, 0x00), LLC_IPV4, IPV4_UDP)), FLOW_NON_IP); /* version 1 */
	assert_int_equal(kind_of_data(BYTES(DATA(0x08, 0x00), 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x06)),
			 FLOW_NON_IP); /* ARP */
}

static void behind_radiotap(void **state)
{
	(void)state;
	/* Version, pad, length 8 in little-endian, no fields. */
	cut_everywhere(LINK_IEEE802_11_RADIOTAP, BYTES(0, 0, 8, 0, 0, 0, 0, 0, DATA(0x08, 0x00), LLC_IPV4, IPV4_UDP));
	/* Fields that are not looked at. */
	cut_everywhere(LINK_IEEE802_11_RADIOTAP, BYTES(0, 0, 10, 0, 0x04, 0, 0, 0, /* rate */
						       0x02, 0x00, DATA(0x08, 0x00), LLC_IPV6, IPV6_UDP));
	/* Shorter than itself; longer than the frame. */
	assert_int_equal(kind_of(LINK_IEEE802_11_RADIOTAP, BYTES(0, 0, 7, 0)), FLOW_MALFORMED);
	assert_int_equal(kind_of(LINK_IEEE802_11_RADIOTAP, BYTES(0, 0, 9, 0, 0, 0, 0, 0)), FLOW_TRUNCATED);
}

static void radiotap_flags_tell_of_padding(void **state)
{
	(void)state;
	/* Only flags: padded. The header of 26 bytes is filled up to 28. */
	cut_everywhere(LINK_IEEE802_11_RADIOTAP,
		       BYTES(0, 0, 9, 0, 0x02, 0, 0, 0, 0x20, DATA(0x88, 0x00), 0x05, 0x00, 0, 0, LLC_IPV4, IPV4_UDP));
	/* A header that needs no filling. */
	is_ipv4_udp(decode(LINK_IEEE802_11_RADIOTAP,
			   BYTES(0, 0, 9, 0, 0x02, 0, 0, 0, 0x20, DATA(0x08, 0x00), LLC_IPV4, IPV4_UDP)));
	/* The time before the flags, aligned to 8: right behind one word, and after a gap behind two. */
	is_ipv4_udp(decode(LINK_IEEE802_11_RADIOTAP, BYTES(0, 0, 17, 0, 0x03, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x20,
							   DATA(0x88, 0x00), 0x05, 0x00, 0, 0, LLC_IPV4, IPV4_UDP)));
	is_ipv4_udp(decode(LINK_IEEE802_11_RADIOTAP,
			   BYTES(0, 0, 25, 0, 0x03, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x20,
				 DATA(0x88, 0x00), 0x05, 0x00, 0, 0, LLC_IPV4, IPV4_UDP)));
	/* Flags with a check sequence at the end, which is no part of the packet, and no padding. */
	is_ipv4_udp(decode(LINK_IEEE802_11_RADIOTAP, BYTES(0, 0, 9, 0, 0x02, 0, 0, 0, 0x10, DATA(0x88, 0x00), 0x05,
							   0x00, LLC_IPV4, IPV4_UDP, 0xde, 0xad, 0xbe, 0xef)));
	/* Words and fields that the header is too short to hold say nothing. */
	is_ipv4_udp(decode(LINK_IEEE802_11_RADIOTAP,
			   BYTES(0, 0, 8, 0, 0x02, 0, 0, 0x80, DATA(0x08, 0x00), LLC_IPV4, IPV4_UDP)));
	is_ipv4_udp(decode(LINK_IEEE802_11_RADIOTAP,
			   BYTES(0, 0, 8, 0, 0x03, 0, 0, 0, DATA(0x08, 0x00), LLC_IPV4, IPV4_UDP)));
	is_ipv4_udp(decode(LINK_IEEE802_11_RADIOTAP,
			   BYTES(0, 0, 8, 0, 0x02, 0, 0, 0, DATA(0x08, 0x00), LLC_IPV4, IPV4_UDP)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_way_tells_where_the_addresses_stand),
		TEST(the_group_is_that_of_the_destination),
		TEST(headers_of_every_length),
		TEST(frames_that_carry_no_ip_that_can_be_read),
		TEST(behind_radiotap),
		TEST(radiotap_flags_tell_of_padding),
	};

	return cmocka_run_group_tests_name("capture/ieee80211", tests, set_up, tear_down);
}
