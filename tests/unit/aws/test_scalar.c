#include "aws/scalar.h"

#include "reading.h"

#include "flow/rule.h"

static struct aws_document document;
static struct aws_value root;
static struct error err;

/* The member x of {"x": JSON}. */
static struct aws_value value_of(const char *json)
{
	char text[512];

	aws_document_free(&document);
	err.text[0] = '\0';
	snprintf(text, sizeof(text), "{\"x\": %s}", json);
	assert_int_equal(aws_document_parse(&document, "x.json", text, strlen(text), &err), 0);
	root = aws_value_root(&document);
	return aws_value_member(&root, "x");
}

static int give_back(void **state)
{
	(void)state;
	aws_document_free(&document);
	return 0;
}

static void assert_wrong(const char *expected, const char *json)
{
	char sentence[512];

	snprintf(sentence, sizeof(sentence), "x.json: x: %s is expected, there is %s", expected, json);
	assert_string_equal(err.text, sentence);
}

static void assert_right(void)
{
	assert_int_equal(document.fault, 0);
}

static void hosts(void **state)
{
	static const char *const wrong_ipv4[] = { "\"10.0.0\"", "\"10.0.0.0/8\"", "\"2001:db8::1\"", "\" 10.0.0.1\"",
						  "\"010.0.0.1\"" };
	struct flow_host host = { 0 };

	(void)state;
	assert_true(aws_scalar_host(value_of("\"10.0.0.62\""), FLOW_IPV4, &host));
	assert_string_equal(address_text(host.family, &host.address), "10.0.0.62");
	assert_true(aws_scalar_host(value_of("\"2001:db8::62\""), FLOW_IPV6, &host));
	assert_string_equal(address_text(host.family, &host.address), "2001:db8::62");
	assert_false(aws_scalar_host(value_of("null"), FLOW_IPV4, &host));
	assert_false(aws_scalar_host(value_of("\"\""), FLOW_IPV4, &host));
	assert_right();
	for (size_t i = 0; i < sizeof(wrong_ipv4) / sizeof(*wrong_ipv4); i++) {
		assert_false(aws_scalar_host(value_of(wrong_ipv4[i]), FLOW_IPV4, &host));
		assert_wrong("an IPv4 address", wrong_ipv4[i]);
	}
	assert_false(aws_scalar_host(value_of("\"10.0.0.1\""), FLOW_IPV6, &host));
	assert_wrong("an IPv6 address", "\"10.0.0.1\"");
	assert_int_equal(host.family, FLOW_IPV6); /* as it was */
}

static void prefixes(void **state)
{
	static const char *const right[][2] = {
		{ "\"0.0.0.0/0\"", "0.0.0.0/0" },
		{ "\"10.0.0.0/16\"", "10.0.0.0/16" },
		{ "\"10.1.2.3/32\"", "10.1.2.3/32" },
		{ "\"203.0.113.77/25\"", "203.0.113.0/25" },
		{ "\"::/0\"", "::/0" },
		{ "\"2001:db8::ffff/127\"", "2001:db8::fffe/127" },
	};
	static const char *const wrong[] = { "\"\"",
					     "\"10.0.0.0\"",
					     "\"10.0.0.0/33\"",
					     "\"::/129\"",
					     "\"10.0.0.0/\"",
					     "\"10.0.0.0/08\"",
					     "\"10.0.0.0/-1\"",
					     "\"/8\"",
					     "\"10.0.0.0/8 \"",
					     "\"x/8\"",
					     "\"10.0.0.0/1e1\"" };
	struct flow_prefix prefix = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++) {
		assert_true(aws_scalar_prefix(value_of(right[i][0]), 0, &prefix));
		assert_string_equal(prefixes_text(&prefix, 1), right[i][1]);
	}
	assert_false(aws_scalar_prefix(value_of("null"), 0, &prefix));
	assert_right();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_false(aws_scalar_prefix(value_of(wrong[i]), 0, &prefix));
		assert_wrong("a CIDR like 10.0.0.0/16", wrong[i]);
	}
	assert_false(aws_scalar_prefix(value_of("\"::/0\""), FLOW_IPV4, &prefix));
	assert_wrong("an IPv4 CIDR like 10.0.0.0/16", "\"::/0\"");
	assert_false(aws_scalar_prefix(value_of("\"0.0.0.0/0\""), FLOW_IPV6, &prefix));
	assert_wrong("an IPv6 CIDR like 2001:db8::/56", "\"0.0.0.0/0\"");
}

static void macs(void **state)
{
	static const char *const wrong[] = { "\"02:11:22:33:44\"", "\"02:11:22:33:44:5g\"", "\"01:11:22:33:44:55\"",
					     "\"02-11-22-33-44-55\"", "\"02:11:22:33:44:55 \"" };
	uint8_t mac[6] = { 0 };

	(void)state;
	assert_true(aws_scalar_mac(value_of("\"02:1a:2B:33:44:55\""), mac));
	assert_memory_equal(mac, ((const uint8_t[]){ 0x02, 0x1a, 0x2b, 0x33, 0x44, 0x55 }), 6);
	assert_false(aws_scalar_mac(value_of("\"\""), mac));
	assert_right();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_false(aws_scalar_mac(value_of(wrong[i]), mac));
		assert_wrong("a MAC address like 02:11:22:33:44:55", wrong[i]);
	}
}

static void words(void **state)
{
	char *word = NULL;

	(void)state;
	assert_true(aws_scalar_word(value_of("\"eni-0~!\""), &word));
	assert_string_equal(word, "eni-0~!");
	free(word);
	assert_false(aws_scalar_word(value_of("\"\""), &word));
	assert_right();
	assert_false(aws_scalar_word(value_of("\"eni 0\""), &word));
	assert_wrong("a word of printable ASCII without blanks", "\"eni 0\"");
	assert_false(aws_scalar_word(value_of("\"\\u00fc\""), &word));
	assert_wrong("a word of printable ASCII without blanks", "\"\\u00FC\"");
	value_of("\"\"");
	assert_false(aws_scalar_id(&root, "x", &word));
	assert_wrong("an id", "\"\"");
	assert_false(aws_scalar_id(&root, "x", &word));
	value_of("1");
	assert_false(aws_scalar_id(&root, "y", &word));
	assert_string_equal(err.text, "x.json: y: is missing");
}

static void protocols(void **state)
{
	static const struct {
		const char *json;
		int number;
	} right[] = { { "\"-1\"", FLOW_RULE_ANY }, { "\"tcp\"", 6 }, { "\"udp\"", 17 },  { "\"icmp\"", 1 },
		      { "\"icmpv6\"", 58 },        { "\"6\"", 6 },   { "\"255\"", 255 }, { "\"0\"", 0 } };
	static const char *const wrong[] = { "\"\"", "\"256\"", "\"TCP\"", "\"-2\"", "\"06\"", "\"6 \"" };
	int16_t protocol = 99;

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++) {
		assert_true(aws_scalar_protocol(value_of(right[i].json), &protocol));
		assert_int_equal(protocol, right[i].number);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_false(aws_scalar_protocol(value_of(wrong[i]), &protocol));
		assert_wrong("a protocol (tcp, udp, icmp, icmpv6, 0 to 255, -1)", wrong[i]);
	}
}

static void tags(void **state)
{
	static const char *const cases[][2] = {
		{ "\"Web_1.a-z~\"", "Web_1.a-z~" },
		{ "\"web server/1\"", "web%20server%2F1" },
		{ "\"Z\303\274rich\"", "Z%C3%BCrich" },
		{ "\"-\"", "%2D" },
		{ "\"--\"", "--" },
		{ "\"50%\"", "50%25" },
		{ "\"\\t\\n\\u007f\"", "%09%0A%7F" },
	};
	char *tag = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(aws_scalar_tag(value_of(cases[i][0]), &tag));
		assert_string_equal(tag, cases[i][1]);
		free(tag);
	}
	assert_false(aws_scalar_tag(value_of("\"\""), &tag)); /* a record has no empty field */
	assert_right();
}

#define SCALAR_TEST(function) cmocka_unit_test_teardown(function, give_back)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCALAR_TEST(hosts), SCALAR_TEST(prefixes),  SCALAR_TEST(macs),
		SCALAR_TEST(words), SCALAR_TEST(protocols), SCALAR_TEST(tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
