/* IP protocols by name and number. */
#include "output/protocol.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct error err;

static void assert_number(const char *text, uint8_t expected)
{
	uint8_t number = 0xee;

	assert_int_equal(output_protocol_parse("p", text, &number, &err), 0);
	assert_int_equal(number, expected);
}

static void reads(void **state)
{
	(void)state;
	assert_number("tcp", 6);
	assert_number("TCP", 6);
	assert_number("icmp", 1);
	assert_number("icmpv6", 58);
	assert_number("ipv6-icmp", 58);
	assert_number("gre", 47);
	assert_number("esp", 50);
	assert_number("ah", 51);
	assert_number("sctp", 132);
	assert_number("dccp", 33);
	assert_number("udplite", 136);
	assert_number("igmp", 2);
	assert_number("ospf", 89);
	assert_number("0", 0);
	assert_number("200", 200);
	assert_number("255", 255);
}

static void assert_refused(const char *text, const char *sentence)
{
	uint8_t number = 42;

	assert_int_equal(output_protocol_parse("ingress", text, &number, &err), -EINVAL);
	assert_string_equal(err.text, sentence);
	assert_int_equal(number, 42);
}

static void refuses(void **state)
{
	static const char other[] = "; write its name, such as tcp, or its number, 0 to 255";
	static const char *const wrong[] = { "256", "-1", "06", "9999999999", "1x", "zzzzzz", "" };
	char sentence[128];

	(void)state;
	assert_refused("tcpp", "ingress: there is no protocol 'tcpp'; the nearest: tcp, icmp or dccp");
	assert_refused("icmp6", "ingress: there is no protocol 'icmp6'; the nearest: icmp, icmpv6 or igmp");
	assert_refused("udp_lite", "ingress: there is no protocol 'udp_lite'; the nearest: udp-lite or udplite");
	assert_refused("alll", "ingress: there is no protocol 'alll'; the nearest: all");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(sentence, sizeof(sentence), "ingress: there is no protocol '%s'%s", wrong[i], other);
		assert_refused(wrong[i], sentence);
	}
}

/* Each number has a name that reads back to it. */
static void names(void **state)
{
	char out[OUTPUT_PROTOCOL_NAME_SIZE];

	(void)state;
	for (unsigned number = 0; number <= UINT8_MAX; number++)
		assert_number(output_protocol_name((uint8_t)number, out), (uint8_t)number);
	assert_string_equal(output_protocol_name(58, out), "icmpv6");
	assert_string_equal(output_protocol_name(136, out), "udplite");
	assert_string_equal(output_protocol_name(253, out), "253");
}

static void kinds(void **state)
{
	static const uint8_t with_ports[] = { 6, 17, 33, 132, 136 };
	unsigned count = 0;

	(void)state;
	for (unsigned number = 0; number <= UINT8_MAX; number++) {
		count += output_protocol_has_ports((uint8_t)number);
		assert_int_equal(output_protocol_is_icmp((uint8_t)number), number == 1 || number == 58);
	}
	assert_int_equal(count, sizeof(with_ports));
	for (size_t i = 0; i < sizeof(with_ports); i++)
		assert_true(output_protocol_has_ports(with_ports[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(reads), TEST(refuses), TEST(names), TEST(kinds) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
