/* Values as people write them: what is taken, and what is refused. */
#include "cli/parse.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>

static struct error err;

static void numbers(void **state)
{
	static const char *const wrong[] = { "",     "-1",  "+1",  " 1", "1 ",
					     "0x10", "1e3", "007", "1k", "999999999999999999999" };
	uint64_t n = 42;

	(void)state;
	assert_int_equal(parse_number("n", "0", 0, 9, &n, &err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(parse_number("n", "86400", 1, 86400, &n, &err), 0);
	assert_int_equal(n, 86400);
	assert_int_equal(parse_number("n", "86401", 1, 86400, &n, &err), -EINVAL);
	assert_string_equal(err.text, "n: '86401' is not a whole number from 1 to 86400");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse_number("n", wrong[i], 0, UINT64_MAX, &n, &err), -EINVAL);
	assert_int_equal(n, 86400);
}

static void sizes(void **state)
{
	static const char *const wrong[] = { "",    "K",   "1k",           "1 K",
					     "1KB", "-1K", "01K",          "1.5M",
					     "1T",  "1KK", "1Ki",          "0x1K",
					     " 1K", "1K ", "17179869184G", "1000000000000000000000" };
	uint64_t n = 42;

	(void)state;
	assert_int_equal(parse_size("n", "0", 0, UINT64_MAX, &n, &err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(parse_size("n", "1025", 0, UINT64_MAX, &n, &err), 0);
	assert_int_equal(n, 1025);
	assert_int_equal(parse_size("n", "3K", 0, UINT64_MAX, &n, &err), 0);
	assert_int_equal(n, 3072);
	assert_int_equal(parse_size("n", "3KiB", 0, UINT64_MAX, &n, &err), 0);
	assert_int_equal(n, 3072);
	assert_int_equal(parse_size("n", "5M", 0, UINT64_MAX, &n, &err), 0);
	assert_int_equal(n, 5242880);
	assert_int_equal(parse_size("n", "5MiB", 0, UINT64_MAX, &n, &err), 0);
	assert_int_equal(n, 5242880);
	assert_int_equal(parse_size("n", "17179869183G", 0, UINT64_MAX, &n, &err), 0);
	assert_int_equal(n, UINT64_C(17179869183) << 30);
	assert_int_equal(parse_size("n", "2GiB", 0, UINT64_C(1) << 31, &n, &err), 0);
	assert_int_equal(n, UINT64_C(1) << 31);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse_size("n", wrong[i], 0, UINT64_MAX, &n, &err), -EINVAL);
	assert_int_equal(parse_size("n", "1023", 1024, 1536, &n, &err), -EINVAL);
	assert_string_equal(err.text, "n: '1023' is not a size from 1K to 1536");
	assert_int_equal(parse_size("n", "2K", 1024, 1536, &n, &err), -EINVAL);
	assert_int_equal(n, UINT64_C(1) << 31);
}

static void switches(void **state)
{
	static const char *const on[] = { "yes", "TRUE", "On", "1" }, *const off[] = { "no", "False", "oFF", "0" };
	bool value;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		value = false;
		assert_int_equal(parse_switch("header", on[i], &value, &err), 0);
		assert_true(value);
		assert_int_equal(parse_switch("header", off[i], &value, &err), 0);
		assert_false(value);
	}
	assert_int_equal(parse_switch("header", "2", &value, &err), -EINVAL);
	assert_string_equal(err.text, "header: '2' is not yes or no");
	assert_int_equal(parse_switch("header", "", &value, &err), -EINVAL);
}

static void choices(void **state)
{
	(void)state;
	assert_int_equal(parse_choice("type", "text", "text|json|csv", &err), 0);
	assert_int_equal(parse_choice("type", "csv", "text|json|csv", &err), 2);
	assert_int_equal(parse_choice("type", "js", "text|json|csv", &err), -EINVAL);
	assert_int_equal(parse_choice("type", "", "text|json|csv", &err), -EINVAL);
	assert_int_equal(parse_choice("type", "text|json", "text|json|csv", &err), -EINVAL);
	assert_int_equal(parse_choice("type", "CSV", "text|json|csv", &err), -EINVAL);
	assert_string_equal(err.text, "type: 'CSV' is not one of text|json|csv");
}

static void macs(void **state)
{
	static const uint8_t expected[6] = { 0x02, 0x11, 0xab, 0xcd, 0xef, 0x55 };
	static const char *const wrong[] = { "",
					     "02:11:ab:cd:ef",
					     "02:11:ab:cd:ef:5",
					     "02:11:ab:cd:ef:555",
					     "02:11:ab:cd:ef:5g",
					     "02.11.ab.cd.ef.55",
					     "0211abcdef55",
					     "02:11:ab:cd:ef:55:66" };
	uint8_t mac[6];

	(void)state;
	assert_int_equal(parse_mac("mac", "02:11:ab:CD:ef:55", mac, &err), 0);
	assert_memory_equal(mac, expected, 6);
	assert_int_equal(parse_mac("mac", "02-11-AB-cd-EF-55", mac, &err), 0);
	assert_memory_equal(mac, expected, 6);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse_mac("mac", wrong[i], mac, &err), -EINVAL);
	assert_int_equal(parse_mac("mac", "01:00:5e:00:00:01", mac, &err), -EINVAL);
	assert_string_equal(err.text, "mac: 01:00:5e:00:00:01 is a group address, which no interface has");
}

static void hosts(void **state)
{
	static const uint8_t v4[16] = { 10, 0, 0, 62 }, mapped[16] = { [10] = 0xff, 0xff, 10, 0, 0, 62 };
	static const char *const wrong[] = { "",          "10.0.0", "10.0.0.256",   "10.0.0.01",
					     "1.2.3.4.5", "::g",    "fe80::1%eth0", "0.0.0.0",
					     "224.0.0.1", "::",     "ff02::1",      "255.255.255.255" };
	struct flow_host host;

	(void)state;
	assert_int_equal(parse_host("address", "10.0.0.62", &host, &err), 0);
	assert_int_equal(host.family, FLOW_IPV4);
	assert_memory_equal(host.address.octets, v4, 16);
	assert_int_equal(parse_host("address", "::ffff:10.0.0.62", &host, &err), 0);
	assert_int_equal(host.family, FLOW_IPV6);
	assert_memory_equal(host.address.octets, mapped, 16);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse_host("address", wrong[i], &host, &err), -EINVAL);
	assert_int_equal(parse_host("address", "10.0.0.62/24", &host, &err), -EINVAL);
	assert_string_equal(err.text, "address: '10.0.0.62/24' is not an IPv4 or IPv6 address; leave out /24");
}

static void prefixes(void **state)
{
	static const char *const wrong[] = { "",
					     "10.0.0.0",
					     "10.0.0.0/",
					     "10.0.0.0/33",
					     "10.0.0.0/-1",
					     "10.0.0.0/08",
					     "2001:db8::/129",
					     "/8",
					     "10.0.0.0/8/8",
					     "10.0/8",
					     "00000000000000000000000000000000000000000000000000/8" };
	struct flow_prefix prefix;

	(void)state;
	assert_int_equal(parse_prefix("vpc-cidr", "10.40.0.0/16", &prefix, &err), 0);
	assert_int_equal(prefix.family, FLOW_IPV4);
	assert_int_equal(prefix.length, 16);
	assert_int_equal(prefix.base.octets[1], 40);
	assert_int_equal(parse_prefix("vpc-cidr", "0.0.0.0/0", &prefix, &err), 0);
	assert_int_equal(parse_prefix("vpc-cidr", "2001:db8::1/128", &prefix, &err), 0);
	assert_int_equal(prefix.length, 128);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse_prefix("vpc-cidr", wrong[i], &prefix, &err), -EINVAL);
	assert_int_equal(parse_prefix("vpc-cidr", "10.0.3.200/23", &prefix, &err), -EINVAL);
	assert_string_equal(err.text, "vpc-cidr: 10.0.3.200/23 has bits behind its length; write 10.0.2.0/23");
	assert_int_equal(parse_prefix("vpc-cidr", "2001:db8::1/64", &prefix, &err), -EINVAL);
	assert_string_equal(err.text, "vpc-cidr: 2001:db8::1/64 has bits behind its length; write 2001:db8::/64");
}

static void words(void **state)
{
	static const char *const well[] = { "",         "vpc-1",           "a%20b",
					    "\xc3\xa9", "\xe2\x82\xac",    "\xf0\x9f\x98\x80",
					    "-",        "\xf4\x8f\xbf\xbf" };
	static const char *const wrong[] = {
		"a b",
		"a\tb",
		"\n",
		"a\x1b[0m",
		"\x7f", /* ASCII */
		"\xc2\x85",
		"\xc2\xa0",
		"\xe2\x80\x83",
		"\xe3\x80\x80", /* of Unicode */
		"\x80",
		"\xc0\x80",
		"\xe0\x80\x80",
		"\xed\xa0\x80", /* stray, overlong, surrogate */
		"\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"\xc3",
		"\xe2\x82",
		"\xff", /* too great, cut off */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(well) / sizeof(well[0]); i++)
		assert_int_equal(parse_word("vpc-id", well[i], &err), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse_word("vpc-id", wrong[i], &err), -EINVAL);
	parse_word("vpc-id", "ab c", &err);
	assert_string_equal(
		err.text, "vpc-id: byte 3 of the value is white space or a control character; percent-encode it (%20)");
	parse_word("vpc-id", "ab\xff", &err);
	assert_string_equal(err.text, "vpc-id: byte 3 of the value is not UTF-8; percent-encode it");
}

static int gather(void *ctx, const char *what, const char *item, struct error *e)
{
	char *text = ctx;

	assert_string_equal(what, "list");
	snprintf(text + strlen(text), 64 - strlen(text), "<%s>", item);
	return strcmp(item, "bad") == 0 ? fail(e, ERANGE, "stop") : 0;
}

static void lists(void **state)
{
	char text[64] = "";

	(void)state;
	assert_int_equal(parse_list("list", " a,b  c ,,\td,", gather, text, &err), 0);
	assert_string_equal(text, "<a><b><c><d>");
	text[0] = '\0';
	assert_int_equal(parse_list("list", "a bad c", gather, text, &err), -ERANGE);
	assert_string_equal(text, "<a><bad>");
	assert_int_equal(parse_list("list", "", gather, text, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers), TEST(sizes),    TEST(switches), TEST(choices), TEST(macs),
		TEST(hosts),   TEST(prefixes), TEST(words),    TEST(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
