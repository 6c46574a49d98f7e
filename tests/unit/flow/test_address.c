#include "flow/address.h"

#include "fixture.h"

/* What the four questions answer, as letters: multicast, broadcast, unspecified, IPv6 link-local. */
static const char *nature_of(const char *text)
{
	static char nature[8];
	struct flow_address address = address_of(text);
	enum flow_family family = family_of(text);

	snprintf(nature, sizeof(nature), "%s%s%s%s", flow_address_is_multicast(family, &address) ? "m" : "",
		 flow_address_is_broadcast(family, &address) ? "b" : "",
		 flow_address_is_unspecified(&address) ? "u" : "",
		 flow_address_is_ipv6_link_local(family, &address) ? "l" : "");
	return nature;
}

static void test_nature_of_ipv4(void **state)
{
	(void)state;
	assert_string_equal(nature_of("223.255.255.255"), "");
	assert_string_equal(nature_of("224.0.0.0"), "m");
	assert_string_equal(nature_of("239.255.255.255"), "m");
	assert_string_equal(nature_of("240.0.0.0"), "");
	assert_string_equal(nature_of("255.0.0.1"), "");
	assert_string_equal(nature_of("255.255.255.255"), "b");
	assert_string_equal(nature_of("255.255.255.254"), "");
	assert_string_equal(nature_of("254.255.255.255"), "");
	assert_string_equal(nature_of("0.0.0.0"), "u");
	assert_string_equal(nature_of("0.0.0.1"), "");
	assert_string_equal(nature_of("169.254.0.1"), "");
	assert_string_equal(nature_of("254.128.0.1"), ""); /* 0xfe 0x80, but IPv4 */
}

static void test_nature_of_ipv6(void **state)
{
	(void)state;
	assert_string_equal(nature_of("feff:ffff::"), "");
	assert_string_equal(nature_of("ff00::"), "m");
	assert_string_equal(nature_of("ffff:ffff::1"), "m"); /* as 255.255.255.255 begins, but no broadcast */
	assert_string_equal(nature_of("e000::1"), "");       /* 0xe0, but IPv6 */
	assert_string_equal(nature_of("::"), "u");
	assert_string_equal(nature_of("::1"), "");
	assert_string_equal(nature_of("fe7f:ffff::"), "");
	assert_string_equal(nature_of("fe80::"), "l");
	assert_string_equal(nature_of("febf:ffff::1"), "l");
	assert_string_equal(nature_of("fec0::"), "");
}

static void test_equal(void **state)
{
	struct flow_address a = address_of("2001:db8::1"), b = a, c = address_of("2001:db8::2");

	(void)state;
	assert_true(flow_address_equal(&a, &b));
	assert_false(flow_address_equal(&a, &c));
}

static bool contains(const char *prefix, const char *text)
{
	struct flow_prefix in = prefix_of(prefix);
	struct flow_address address = address_of(text);

	return flow_prefix_contains(&in, family_of(text), &address);
}

static void test_contains(void **state)
{
	(void)state;
	assert_true(contains("0.0.0.0/0", "255.1.2.3"));
	assert_true(contains("10.0.0.0/8", "10.255.255.255"));
	assert_false(contains("10.0.0.0/8", "11.0.0.0"));
	assert_true(contains("10.128.0.0/9", "10.128.0.0"));
	assert_false(contains("10.128.0.0/9", "10.127.255.255"));
	assert_true(contains("192.0.2.6/31", "192.0.2.7"));
	assert_false(contains("192.0.2.6/31", "192.0.2.5"));
	assert_false(contains("192.0.2.6/31", "192.0.2.8"));
	assert_true(contains("192.0.2.6/32", "192.0.2.6"));
	assert_false(contains("192.0.2.6/32", "192.0.2.7"));
	assert_true(contains("::/0", "ffff::1"));
	assert_true(contains("8000::/1", "ffff::"));
	assert_false(contains("8000::/1", "7fff::"));
	assert_true(contains("2001:db8::6/127", "2001:db8::7"));
	assert_false(contains("2001:db8::6/127", "2001:db8::8"));
	assert_true(contains("2001:db8::6/128", "2001:db8::6"));
	assert_false(contains("2001:db8::6/128", "2001:db8::7"));
}

static void test_families_never_contain_each_other(void **state)
{
	(void)state;
	assert_false(contains("0.0.0.0/0", "::"));
	assert_false(contains("::/0", "0.0.0.0"));
	assert_false(contains("0.0.0.0/0", "::ffff:1.2.3.4"));
}

static void assert_nth(const char *prefix, uint8_t n, const char *expected)
{
	struct flow_prefix in = prefix_of(prefix);
	struct flow_address nth = flow_prefix_nth(&in, n), want = address_of(expected);

	assert_memory_equal(&nth, &want, sizeof(nth));
}

static void test_nth_carries_and_wraps(void **state)
{
	(void)state;
	assert_nth("10.0.0.0/16", 0, "10.0.0.0");
	assert_nth("10.0.0.0/16", 2, "10.0.0.2");
	assert_nth("10.0.0.1/32", 255, "10.0.1.0");
	assert_nth("10.0.255.255/32", 1, "10.1.0.0");
	assert_nth("255.255.255.255/32", 2, "0.0.0.1");
	assert_nth("2001:db8::/32", 2, "2001:db8::2");
	assert_nth("2001:db8::ffff:ffff/128", 1, "2001:db8::1:0:0");
	assert_nth("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", 1, "::");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nature_of_ipv4),
		TEST(test_nature_of_ipv6),
		TEST(test_equal),
		TEST(test_contains),
		TEST(test_families_never_contain_each_other),
		TEST(test_nth_carries_and_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
