#include "output/addrtext.h"

#include "check.h"

#include <arpa/inet.h>
#include <string.h>

static const char *ipv4(const uint8_t octets[static 4])
{
	static char text[OUTPUT_IPV4_ROOM + 1];

	*output_addrtext_ipv4(text, octets) = '\0';
	return text;
}

static const char *ipv6(const uint8_t octets[static 16])
{
	static char text[OUTPUT_IPV6_ROOM + 1];

	*output_addrtext_ipv6(text, octets) = '\0';
	return text;
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void every_octet(void **state)
{
	char want[INET_ADDRSTRLEN];

	(void)state;
	for (unsigned value = 0; value < 256; value++) {
		uint8_t octets[4] = { (uint8_t)value, (uint8_t)(255 - value), (uint8_t)(value ^ 0x55), (uint8_t)value };

		assert_string_equal(ipv4(octets), inet_ntop(AF_INET, octets, want, sizeof(want)));
	}
}

/* Text that RFC 5952 gives, word for word or by its rules. */
static void rfc_5952(void **state)
{
	static const char *const texts[] = {
		"::",
		"::1",
		"1::",
		"2001:db8::1",
		"2001:db8::1:0:0:1",    /* of two equal runs the first */
		"2001:0:0:1::1",        /* the longer run, though it is the second */
		"2001:db8:0:1:1:1:1:1", /* one group alone is not shortened */
		"0:1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:0",
		"::2:3:4:5:6:7",
		"1:2:3:4:5:6::",
		"1::8",
		"fe80::abcd:ef01:2345:6789",
		"ff02::1:ff00:1",
		"2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
		"64:ff9b::c000:201",
		"::ffff:0:c000:201", /* translated, not mapped */
		"::ffff:192.0.2.1",
		"::ffff:0.0.0.0",
		"::ffff:255.255.255.255",
		"1000:100:10:1::",
	};
	uint8_t octets[16];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(inet_pton(AF_INET6, texts[i], octets), 1);
		assert_string_equal(ipv6(octets), texts[i]);
	}
}

/* Other libraries write these in dotted form, which was for the long gone IPv4-compatible addresses. */
static void compatible_addresses_are_not_dotted(void **state)
{
	uint8_t octets[16];

	(void)state;
	inet_pton(AF_INET6, "::192.0.2.1", octets);
	assert_string_equal(ipv6(octets), "::c000:201");
	inet_pton(AF_INET6, "::1:0", octets);
	assert_string_equal(ipv6(octets), "::1:0");
}

/* With each group zero or not, and random groups of every width; where all groups before the last two are zero,
 * libraries differ. */
static void as_the_library_has_it(void **state)
{
	uint64_t seed = 42;
	char want[INET6_ADDRSTRLEN];

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		uint8_t octets[16] = { 0 };

		for (int group = 0; group < 8; group++) {
			unsigned value = (unsigned)next_random(&seed) & 0xffff;

			value >>= next_random(&seed) % 16;
			if (round >> group & 1) {
				octets[2 * group] = (uint8_t)(value >> 8);
				octets[2 * group + 1] = (uint8_t)value;
			}
		}
		if (memcmp(octets, (uint8_t[12]){ 0 }, 12) != 0)
			assert_string_equal(ipv6(octets), inet_ntop(AF_INET6, octets, want, sizeof(want)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_octet),
		TEST(rfc_5952),
		TEST(compatible_addresses_are_not_dotted),
		TEST(as_the_library_has_it),
	};

	return cmocka_run_group_tests_name("output/addrtext", tests, NULL, NULL);
}
