#include "output/addrtext.h"

#include "check.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* The text, once it is sure that nothing was written beyond the room. */
static const char *text_of(char *out, const char *end, size_t room)
{
	for (size_t i = room; i < 64; i++)
		assert_int_equal(out[i], '#');
	out[end - out] = '\0';
	return out;
}

static const char *ipv4(const uint8_t octets[static 4])
{
	static char text[64];

	memset(text, '#', sizeof(text));
	return text_of(text, output_addrtext_ipv4(text, octets), OUTPUT_IPV4_ROOM);
}

static const char *ipv6(const uint8_t octets[static 16])
{
	static char text[64];

	memset(text, '#', sizeof(text));
	return text_of(text, output_addrtext_ipv6(text, octets), OUTPUT_IPV6_ROOM);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Each in each place, beside neighbours of every length. */
static void every_octet(void **state)
{
	static const uint8_t neighbours[] = { 0, 9, 10, 99, 100, 255 };
	char want[INET_ADDRSTRLEN];

	(void)state;
	for (unsigned i = 0; i < 256 * 4 * sizeof(neighbours); i++) {
		uint8_t neighbour = neighbours[i / 1024], octets[4] = { neighbour, neighbour, neighbour, neighbour };

		octets[i / 256 % 4] = (uint8_t)i;
		snprintf(want, sizeof(want), "%u.%u.%u.%u", octets[0], octets[1], octets[2], octets[3]);
		assert_string_equal(ipv4(octets), want);
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

/* RFC 5952 section 4 in its plainest form: where the longest run of zero groups begins (4.2.3: the first of equals), and
 * how long it is; one group alone is none (4.2.2). */
static int longest_run(const unsigned groups[static 8], int *length)
{
	int longest = 0;

	*length = 1;
	for (int begin = 0; begin < 8; begin++) {
		int end = begin;

		while (end < 8 && groups[end] == 0)
			end++;
		if (end - begin > *length) {
			longest = begin;
			*length = end - begin;
		}
	}
	if (*length == 1)
		*length = 0;
	return longest;
}

/* What section 4 and, for mapped addresses alone, section 5 make of an address. */
static void reference(char out[static 64], const uint8_t octets[static 16])
{
	unsigned groups[8];
	int run, length;
	char *at = out;

	for (int i = 0; i < 8; i++)
		groups[i] = octets[2 * i] * 256U + octets[2 * i + 1];
	run = longest_run(groups, &length);
	if (run == 0 && length == 5 && groups[5] == 0xffff) {
		snprintf(out, 64, "::ffff:%u.%u.%u.%u", octets[12], octets[13], octets[14], octets[15]);
		return;
	}
	*at = '\0';
	for (int i = 0; i < 8; i++) {
		if (length && i == run)
			at += sprintf(at, "::");
		if (length && i >= run && i < run + length)
			continue;
		at += sprintf(at, "%s%x", at == out || at[-1] == ':' ? "" : ":", groups[i]);
	}
}

static void check_reference(const uint8_t octets[static 16])
{
	char want[64];

	reference(want, octets);
	assert_string_equal(ipv6(octets), want);
}

/* Every choice of zero groups, and the rest of every width. */
static void as_rfc_5952_has_it(void **state)
{
	uint64_t seed = 42;

	(void)state;
	for (unsigned round = 0; round < 1 << 16; round++) {
		uint8_t octets[16] = { 0 };

		for (int group = 0; group < 8; group++) {
			unsigned value = (unsigned)next_random(&seed) & 0xffff;

			value >>= next_random(&seed) % 16;
			if (round >> group & 1) {
				octets[2 * group] = (uint8_t)(value >> 8);
				octets[2 * group + 1] = (uint8_t)value;
			}
		}
		check_reference(octets);
	}
}

/* Each value in the first, in a middle and in the last place. */
static void every_group(void **state)
{
	static const int places[] = { 0, 3, 7 };

	(void)state;
	for (unsigned i = 0; i < 3U << 16; i++) {
		uint8_t octets[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x11, 0x11, 0x22, 0x22, 0, 1, 0, 0x23, 4, 0x56, 0, 0 };
		int place = places[i >> 16];

		octets[2 * place] = (uint8_t)(i >> 8);
		octets[2 * place + 1] = (uint8_t)i;
		check_reference(octets);
	}
}

static void mapped_addresses(void **state)
{
	uint8_t octets[16] = { [10] = 0xff, [11] = 0xff };

	(void)state;
	for (unsigned i = 0; i < 1024; i++) {
		memcpy(octets + 12, (uint8_t[4]){ 0, 10, 100, 255 }, 4);
		octets[12 + i / 256] = (uint8_t)i;
		check_reference(octets);
	}
}

/* One bit away from being mapped. */
static void nearly_mapped_addresses(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 96; bit++) {
		uint8_t octets[16] = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2, [15] = 1 };

		octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check_reference(octets);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_octet),
		TEST(rfc_5952),
		TEST(compatible_addresses_are_not_dotted),
		TEST(as_rfc_5952_has_it),
		TEST(every_group),
		TEST(mapped_addresses),
		TEST(nearly_mapped_addresses),
	};

	return cmocka_run_group_tests_name("output/addrtext", tests, NULL, NULL);
}
