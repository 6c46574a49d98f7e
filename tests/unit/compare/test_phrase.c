/* Numbers, times, flows and names as people read them. */
#include "compare/phrase.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static void assert_number(uint64_t number, const char *expected)
{
	char out[COMPARE_PHRASE_NUMBER];

	assert_string_equal(compare_phrase_number(out, number), expected);
}

static void numbers(void **state)
{
	(void)state;
	assert_number(0, "0");
	assert_number(999, "999");
	assert_number(1000, "1,000");
	assert_number(812345, "812,345");
	assert_number(1000000, "1,000,000");
	assert_number(UINT64_MAX, "18,446,744,073,709,551,615");
}

static void assert_difference(uint64_t a, uint64_t b, const char *expected)
{
	char out[COMPARE_PHRASE_NUMBER];

	assert_string_equal(compare_phrase_difference(out, a, b), expected);
}

static void differences(void **state)
{
	(void)state;
	assert_difference(812345, 812391, "-46");
	assert_difference(120, 118, "+2");
	assert_difference(7, 7, "0");
	assert_difference(5000, 0, "+5,000");
	assert_difference(0, UINT64_MAX, "-18,446,744,073,709,551,615");
	assert_difference(UINT64_MAX, 0, "+18,446,744,073,709,551,615");
}

static void assert_seconds(double seconds, const char *expected)
{
	char out[COMPARE_PHRASE_TIME];

	assert_string_equal(compare_phrase_seconds(out, seconds), expected);
}

static void seconds(void **state)
{
	(void)state;
	assert_seconds(0, "0");
	assert_seconds(-0.0001, "0");
	assert_seconds(3, "3");
	assert_seconds(3.25, "3.25");
	assert_seconds(-3.5, "-3.5");
	assert_seconds(0.0016, "0.002");
	assert_seconds(-0.0016, "-0.002");
	assert_seconds(100, "100");
	assert_seconds(-3600, "-3600");
}

static void assert_span(int64_t start, int64_t end, const char *expected)
{
	char out[2 * COMPARE_PHRASE_TIME];

	assert_string_equal(compare_phrase_span(out, start, end), expected);
}

static void times(void **state)
{
	char out[COMPARE_PHRASE_TIME];

	(void)state;
	assert_string_equal(compare_phrase_time(out, 0), "1970-01-01 00:00:00");
	assert_string_equal(compare_phrase_time(out, 1795168800), "2026-11-20 10:00:00");
	assert_string_equal(compare_phrase_time(out, INT64_MAX), "9223372036854775807");
	assert_span(1795168800, 1795170599, "2026-11-20 10:00:00 .. 10:29:59");
	assert_span(1795168800, 1795168800, "2026-11-20 10:00:00 .. 10:00:00");
	assert_span(1795219199, 1795219200, "2026-11-20 23:59:59 .. 2026-11-21 00:00:00");
	assert_span(INT64_MAX, INT64_MAX, "9223372036854775807 .. 9223372036854775807");
}

/* 203.0.113.9:51022 to 10.0.0.62:443 */
static struct compare_key ipv4(uint8_t protocol, uint8_t direction)
{
	return (struct compare_key){ .source_port = 51022,
				     .destination_port = 443,
				     .protocol = protocol,
				     .family = FLOW_IPV4,
				     .direction = direction,
				     .source = { { 203, 0, 113, 9 } },
				     .destination = { { 10, 0, 0, 62 } } };
}

static void assert_flow(struct compare_key key, const char *expected)
{
	char out[COMPARE_PHRASE_FLOW];

	assert_string_equal(compare_phrase_flow(out, &key), expected);
}

static void flows(void **state)
{
	struct compare_key key = { .source_port = 65535, .destination_port = 53, .protocol = 136, .family = FLOW_IPV6 };

	(void)state;
	assert_flow(ipv4(6, FLOW_INGRESS), "tcp 10.0.0.62:443 <- 203.0.113.9:51022");
	assert_flow(ipv4(6, FLOW_EGRESS), "tcp 203.0.113.9:51022 -> 10.0.0.62:443");
	assert_flow(ipv4(17, FLOW_UNKNOWN), "udp 203.0.113.9:51022 to 10.0.0.62:443");
	assert_flow(ipv4(1, FLOW_INGRESS), "icmp 10.0.0.62 <- 203.0.113.9");
	assert_flow(ipv4(253, FLOW_INGRESS), "253 10.0.0.62 <- 203.0.113.9");
	memset(&key.source, 0xfe, sizeof(key.source));
	memset(&key.destination, 0xde, sizeof(key.destination));
	key.direction = FLOW_EGRESS;
	assert_flow(key, "udplite [fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:65535 -> "
			 "[dede:dede:dede:dede:dede:dede:dede:dede]:53");
	key.protocol = 58;
	assert_flow(key, "icmpv6 fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe -> dede:dede:dede:dede:dede:dede:dede:dede");
	/* the longest name and the longest addresses */
	key.protocol = 135;
	memset(&key.source, 0, sizeof(key.source));
	memset(key.source.octets + 10, 0xff, 6);
	assert_flow(key, "mobility-header ::ffff:255.255.255.255 -> dede:dede:dede:dede:dede:dede:dede:dede");
}

static void unknown(void **state)
{
	struct compare_result result = { 0 };

	(void)state;
	assert_null(compare_phrase_unknown(&result, 0));
	/* the packets' addresses stand for the others */
	result.unknown = FLOW_UNKNOWN_SRCADDR | FLOW_UNKNOWN_PKT_DSTADDR | FLOW_UNKNOWN_TYPE | FLOW_UNKNOWN_TCP_FLAGS;
	assert_null(compare_phrase_unknown(&result, 0));
	result.unknown |= FLOW_UNKNOWN_PKT_SRCADDR | FLOW_UNKNOWN_ACTION | FLOW_UNKNOWN_DSTPORT;
	assert_string_equal(compare_phrase_unknown(&result, 0), "srcaddr");
	assert_string_equal(compare_phrase_unknown(&result, 1), "dstport");
	assert_string_equal(compare_phrase_unknown(&result, 2), "action");
	assert_null(compare_phrase_unknown(&result, 3));
}

static void assert_safe(const char *text, const char *expected)
{
	struct output_buffer buffer = { 0 };

	compare_phrase_safe(&buffer, text);
	assert_int_equal(buffer.length, strlen(expected));
	assert_memory_equal(buffer.bytes, expected, buffer.length);
	free(buffer.bytes);
}

static void safe(void **state)
{
	(void)state;
	assert_safe("eth0", "eth0");
	assert_safe("caf\xc3\xa9 \\x", "caf\xc3\xa9 \\x");
	assert_safe("\033[2Jx\n\x7f", "\\x1b[2Jx\\x0a\\x7f");
	assert_safe("\xc2\x9b"
		    "31m",
		    "\\xc2\\x9b31m");            /* CSI in one character */
	assert_safe("\xe9t\xe9", "\\xe9t\\xe9"); /* Latin 1 */
	assert_safe("a\xe2\x80\xae"
		    "b",
		    "a\\xe2\\x80\\xae"
		    "b"); /* right-to-left override */
	assert_safe("\xe2\x81\xa6x", "\\xe2\\x81\\xa6x");
	assert_safe("\x01", "\\x01");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(numbers), TEST(differences), TEST(seconds), TEST(times),
					    TEST(flows),   TEST(unknown),     TEST(safe) };

	return cmocka_run_group_tests_name("compare/phrase", tests, NULL, NULL);
}
