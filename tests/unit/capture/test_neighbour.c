#include "capture/neighbour.h"

#include "frames.h"

#define ARP(mac, ...)                                                                                                  \
	0, 1, 8, 0, 6, 4, 0, 1,               /* Ethernet, IPv4, their sizes, request */                               \
		mac, __VA_ARGS__,             /* sender */                                                             \
		0, 0, 0, 0, 0, 0, 10, 0, 0, 9 /* target */

/* Neighbour discovery: ICMPv6 type, code, checksum, four bytes, target. */
#define DISCOVERY(hop_limit, type)                                                                                     \
	0x60, 0, 0, 0, BE16(24), 58, hop_limit, IPV6_A, IPV6_B, type, 0, 0, 0, 0, 0, 0, 0, IPV6_B

static struct flow_host claimed;

static int type_of(uint32_t link_type, const uint8_t *bytes, size_t length, struct cursor *rest)
{
	const struct capture_item item = { .link_type = link_type, .bytes = bytes, .captured = (uint32_t)length };

	return capture_neighbour_type(&item, rest);
}

static bool claims(const uint8_t *bytes, size_t length)
{
	struct cursor rest;
	int type = type_of(LINK_ETHERNET, bytes, length, &rest);

	return capture_neighbour_claims(type, rest, bytes + 6, &claimed);
}

static void types_are_found_behind_tags(void **state)
{
	struct cursor rest;

	(void)state;
	assert_int_equal(type_of(LINK_ETHERNET, BYTES(ETHERNET(0x88cc), 1, 2, 3), &rest), 0x88cc);
	assert_int_equal(cursor_left(&rest), 3);
	assert_int_equal(type_of(LINK_ETHERNET, BYTES(ETHERNET(0x88a8), 0, 1, 0x81, 0, 0, 2, 8, 6, 7), &rest), 0x0806);
	assert_int_equal(cursor_left(&rest), 1);
	assert_int_equal(type_of(LINK_ETHERNET, BYTES(ETHERNET(0x0026), 0x42), &rest), 0);
	assert_int_equal(type_of(LINK_LINUX_SLL, BYTES(0, 0, 0, 1, 0, 6, MAC_A, 0, 0, 8, 6, 9), &rest), 0x0806);
	assert_int_equal(cursor_left(&rest), 1);
	assert_int_equal(type_of(LINK_LINUX_SLL2, BYTES(8, 6, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, MAC_A, 0, 0, 9), &rest),
			 0x0806);
	assert_int_equal(cursor_left(&rest), 1);
}

static void types_that_are_not_there_are_none(void **state)
{
	static const uint8_t tagged[] = { ETHERNET(0x8100), 0, 1, 8, 6 };
	struct cursor rest;

	(void)state;
	for (size_t cut = 0; cut < sizeof(tagged); cut++)
		assert_int_equal(type_of(LINK_ETHERNET, tagged, cut, &rest), -1);
	assert_int_equal(type_of(LINK_LINUX_SLL2, tagged, 18, &rest), -1);
	assert_int_equal(type_of(LINK_RAW, tagged, sizeof(tagged), &rest), -1);
}

static void arp_claims_the_senders_address(void **state)
{
	(void)state;
	assert_true(claims(BYTES(ETHERNET(0x0806), ARP(MAC_A, 10, 0, 0, 1))));
	assert_int_equal(claimed.family, FLOW_IPV4);
	IS_ADDRESS(claimed.address, 10, 0, 0, 1);
}

static void arp_for_another_station_claims_nothing(void **state)
{
	(void)state;
	assert_false(claims(BYTES(ETHERNET(0x0806), ARP(MAC_B, 10, 0, 0, 1))));
	assert_false(claims(BYTES(ETHERNET(0x0806), 0, 1, 8, 0, 6, 4, 0, 1, MAC_A, 10, 0, 0)));
	assert_false(claims(BYTES(ETHERNET(0x88cc), ARP(MAC_A, 10, 0, 0, 1))));
}

static void discovery_claims_source_or_target(void **state)
{
	(void)state;
	assert_true(claims(BYTES(ETHERNET(0x86dd), DISCOVERY(255, 135)))); /* solicitation: its source */
	assert_int_equal(claimed.family, FLOW_IPV6);
	IS_ADDRESS(claimed.address, IPV6_A);
	assert_true(claims(BYTES(ETHERNET(0x86dd), DISCOVERY(255, 136)))); /* advertisement: its target */
	IS_ADDRESS(claimed.address, IPV6_B);
}

static void what_may_have_been_forwarded_claims_nothing(void **state)
{
	(void)state;
	assert_false(claims(BYTES(ETHERNET(0x86dd), DISCOVERY(64, 136))));
	assert_false(claims(BYTES(ETHERNET(0x86dd), DISCOVERY(255, 128)))); /* an echo */
	assert_false(claims(BYTES(ETHERNET(0x86dd), IPV6_UDP)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(types_are_found_behind_tags),       TEST(types_that_are_not_there_are_none),
		TEST(arp_claims_the_senders_address),    TEST(arp_for_another_station_claims_nothing),
		TEST(discovery_claims_source_or_target), TEST(what_may_have_been_forwarded_claims_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
