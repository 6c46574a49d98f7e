#include "cli/listing.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static char *text;
static size_t length;

static FILE *begin(void)
{
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	return out;
}

static void is_text(FILE *out, const char *expected)
{
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void items_have_commas_between(void **state)
{
	FILE *out = begin();
	struct listing listing = listing_begin(out, "kinds  ", "       ");

	(void)state;
	listing_add(&listing, "%d TCP", 3);
	listing_add(&listing, "%d UDP", 4);
	listing_end(&listing);
	is_text(out, "kinds  3 TCP, 4 UDP\n");
}

static void one_item_has_none(void **state)
{
	FILE *out = begin();
	struct listing listing = listing_begin(out, "kinds  ", "       ");

	(void)state;
	listing_add(&listing, "none");
	listing_end(&listing);
	is_text(out, "kinds  none\n");
}

static void long_lists_are_broken(void **state)
{
	FILE *out = begin();
	struct listing listing = listing_begin(out, "address = ", "          ");
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < 40; i++)
		listing_add(&listing, "192.0.2.%d", i);
	listing_end(&listing);
	fclose(out);
	for (char *line = text, *end; *line; line = end + 1, lines++) {
		end = strchr(line, '\n');
		assert_true(end - line <= 100);
		assert_int_equal(strncmp(line, lines ? "          192." : "address = 192.", 14), 0);
		assert_true(end[1] == '\0' || end[-1] == ',');
	}
	assert_true(lines > 1);
	free(text);
}

static void addresses_are_text(void **state)
{
	const struct flow_address ipv4 = { { 255, 255, 255, 255 } };
	const struct flow_address ipv6 = { { 0x20, 1, 0xd, 0xb8, [15] = 1 } };
	struct flow_address longest;
	char out[LISTING_ADDRESS_SIZE], mac[LISTING_MAC_SIZE];

	(void)state;
	memset(longest.octets, 0xfe, sizeof(longest.octets));
	assert_string_equal(listing_address(out, FLOW_IPV4, &ipv4), "255.255.255.255");
	assert_string_equal(listing_address(out, FLOW_IPV6, &ipv6), "2001:db8::1");
	assert_string_equal(listing_address(out, FLOW_IPV6, &longest), "fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe");
	assert_string_equal(listing_mac(mac, (const uint8_t[]){ 2, 0, 0xab, 1, 2, 0xff }), "02:00:ab:01:02:ff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(items_have_commas_between),
		TEST(one_item_has_none),
		TEST(long_lists_are_broken),
		TEST(addresses_are_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
