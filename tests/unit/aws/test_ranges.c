#include "aws/ranges.h"

#include "reading.h"

/* "PREFIX SERVICE", a line each. */
static const char *ranges_text(const struct aws_account *account)
{
	size_t size;
	char *out = reading_buffer(&size);

	for (size_t i = 0; i < account->range_count; i++)
		reading_append(out, size, "%s %s\n", prefixes_text(&account->ranges[i].prefix, 1),
			       account->ranges[i].service);
	return out;
}

static void a_full_file(void **state)
{
	struct reading reading;

	(void)state;
	reading_begin(&reading);
	reading_file(&reading, AWS_IP_RANGES, "ip-ranges.json");
	assert_string_equal(ranges_text(&reading.account), "52.95.128.0/21 AMAZON\n"
							   "52.95.128.0/21 S3\n"
							   "52.95.130.0/24 EC2\n"
							   "2600:1f00::/24 EC2\n");
	reading_end(&reading);
}

static void one_family_is_enough(void **state)
{
	struct reading reading;

	(void)state;
	reading_begin(&reading);
	assert_int_equal(reading_text(&reading, AWS_IP_RANGES,
				      "{\"ipv6_prefixes\": [{\"ipv6_prefix\": \"::/0\", \"service\": \"X\"}]}"),
			 0);
	assert_int_equal(reading_text(&reading, AWS_IP_RANGES, "{\"prefixes\": []}"), 0);
	assert_string_equal(ranges_text(&reading.account), "::/0 X\n");
	reading_end(&reading);
}

static void what_is_wrong_is_shown(void **state)
{
	(void)state;
	assert_fault(AWS_IP_RANGES, "{\"prefixes\": [{\"ip_prefix\": \"10.0.0.0/8\", \"service\": \"\"}]}",
		     "x.json: prefixes[0].service: an id is expected, there is \"\"");
	assert_fault(AWS_IP_RANGES, "{\"prefixes\": [{\"ip_prefix\": \"::/8\", \"service\": \"S3\"}]}",
		     "x.json: prefixes[0].ip_prefix: an IPv4 CIDR like 10.0.0.0/16 is expected, there is \"::/8\"");
	assert_fault(AWS_IP_RANGES, "{\"prefixes\": [{\"ip_prefix\": \"10.0.0.0/8\", \"service\": \"S 3\"}]}",
		     "x.json: prefixes[0].service: a word of printable ASCII without blanks is expected, there is "
		     "\"S 3\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_file),
		TEST(one_family_is_enough),
		TEST(what_is_wrong_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
