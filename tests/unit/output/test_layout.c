#include "output/layout.h"

#include "check.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

static const char *part(const char *value)
{
	static char out[OUTPUT_LAYOUT_PART];

	output_layout_part(out, value, "none");
	return out;
}

static void slots(void **state)
{
	(void)state;
	assert_int_equal(output_layout_slot(0), 0);
	assert_int_equal(output_layout_slot(299), 0);
	assert_int_equal(output_layout_slot(300), 300);
	assert_int_equal(output_layout_slot(1795332203), 1795332000);
	assert_int_equal(output_layout_slot(-1), 0);
}

static void parts_lead_nowhere(void **state)
{
	(void)state;
	assert_string_equal(part("123456789012"), "123456789012");
	assert_string_equal(part("us-gov-west-1"), "us-gov-west-1");
	assert_string_equal(part(".."), "%2E%2E");
	assert_string_equal(part("a/b"), "a%2Fb");
	assert_string_equal(part("a_b%"), "a%5Fb%25");
	assert_string_equal(part("\xc3\xa4"), "%C3%A4");
	assert_string_equal(part(NULL), "none");
	assert_string_equal(part(""), "none");
	assert_string_equal(part("-"), "none");
}

static void long_parts_stay_apart(void **state)
{
	char value[300], one[OUTPUT_LAYOUT_PART];

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	strcpy(one, part(value));
	assert_in_range(strlen(one), 40, OUTPUT_LAYOUT_PART - 1);
	value[298] = 'y';
	assert_string_not_equal(part(value), one);
	assert_memory_equal(part(value), one, 40);
	memset(value, '/', sizeof(value) - 1);
	assert_in_range(strlen(part(value)), 40, OUTPUT_LAYOUT_PART - 1);
	assert_null(strchr(part(value), '/'));
}

/* What programs that collect flow logs look for in a key (consumers of S3 notifications, with a regular expression). */
static void keys_that_readers_know(void **state)
{
	static const char *const patterns[] = {
		"AWSLogs/[0-9]+/vpcflowlogs/[A-Za-z0-9_-]+/[0-9]+/[0-9]+/[0-9]+/"
		"[0-9]+_vpcflowlogs_[A-Za-z0-9_-]+_fl-.+\\.log\\.gz$",
		"^AWSLogs/[0-9]{12}/vpcflowlogs/[a-z]{2}-[a-z]+-[0-9]/[0-9]{4}/[0-9]{2}/[0-9]{2}/"
		"[0-9]{12}_vpcflowlogs_[a-z]{2}-[a-z]+-[0-9]_fl-([0-9a-f]{8}|[0-9a-f]{17})_[0-9]{8}T[0-9]{4}Z_[0-9a-f]{"
		"8}"
		"\\.log\\.gz$",
	};
	char account[OUTPUT_LAYOUT_PART], region[OUTPUT_LAYOUT_PART], id[OUTPUT_LAYOUT_ID], stem[OUTPUT_LAYOUT_STEM];
	char name[OUTPUT_LAYOUT_NAME], folder[OUTPUT_LAYOUT_FOLDER], key[OUTPUT_LAYOUT_FOLDER + OUTPUT_LAYOUT_NAME];
	struct output_format format;

	(void)state;
	assert_int_equal(output_format_parse(&format, "default", NULL), 0);
	output_layout_account(account, NULL);
	output_layout_region(region, NULL);
	output_layout_flow_log_id(id, &format, 60);
	output_layout_stem(stem, account, region, id, 1529511600);
	output_layout_name(name, stem, "", 0, output_layout_suffix(OUTPUT_TEXT));
	assert_true(output_layout_folder(folder, stem, 0));
	snprintf(key, sizeof(key), "%s/%s", folder, name);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		regex_t regex;

		assert_int_equal(regcomp(&regex, patterns[i], REG_EXTENDED | REG_NOSUB), 0);
		if (regexec(&regex, key, 0, NULL, 0) != 0)
			fail_msg("%s does not match %s", key, patterns[i]);
		regfree(&regex);
	}
}

static void names(void **state)
{
	char stem[OUTPUT_LAYOUT_STEM], name[OUTPUT_LAYOUT_NAME], other[OUTPUT_LAYOUT_NAME];

	(void)state;
	output_layout_stem(stem, "123456789012", "us-east-1", "fl-1234abcd", 1529511600);
	assert_string_equal(stem, "123456789012_vpcflowlogs_us-east-1_fl-1234abcd_20180620T1620Z");
	output_layout_name(name, stem, "", 0, "log.gz");
	assert_memory_equal(name, stem, strlen(stem));
	assert_int_equal(strlen(name), strlen(stem) + strlen("_01234567.log.gz"));
	for (unsigned number = 1; number < 100; number++) {
		output_layout_name(other, stem, "", number, "log.gz");
		assert_string_not_equal(name, other);
		output_layout_name(other, stem, "one", number - 1, "log.gz");
		assert_string_not_equal(name, other);
		output_layout_name(other, stem, "", 0, "log.gz");
		assert_string_equal(name, other);
	}
	assert_string_equal(output_layout_suffix(OUTPUT_JSON), "json.gz");
	assert_string_equal(output_layout_suffix(OUTPUT_CSV), "csv.gz");
	assert_string_equal(output_layout_suffix(OUTPUT_OCSF), "json.gz");
	assert_string_equal(output_layout_suffix(OUTPUT_PARQUET), "log.parquet");
}

static void ids_tell_logs_apart(void **state)
{
	char one[OUTPUT_LAYOUT_ID], two[OUTPUT_LAYOUT_ID];
	struct output_format format;

	(void)state;
	assert_int_equal(output_format_parse(&format, "default", NULL), 0);
	output_layout_flow_log_id(one, &format, 60);
	output_layout_flow_log_id(two, &format, 60);
	assert_string_equal(one, two);
	assert_int_equal(strlen(one), 20);
	output_layout_flow_log_id(two, &format, 600);
	assert_string_not_equal(one, two);
	assert_int_equal(output_format_parse(&format, "version start end", NULL), 0);
	output_layout_flow_log_id(two, &format, 60);
	assert_string_not_equal(one, two);
}

static void folders_of_names(void **state)
{
	static const char *const none[] = {
		"",
		"x",
		"_vpcflowlogs_r_fl-1_20180620T1620Z",
		"1_vpcflowlogs__fl-1_20180620T1620Z",
		"../_vpcflowlogs_r_fl-1_20180620T1620Z",
		"1_vpcflowlogs_../x_fl-1_20180620T1620Z",
		"1_vpcflowlogs_r_fl-1_2018../..T",
		"1_vpcflowlogs_r_fl-1_201806201620Z",
		"1_vpcflowlogs_r_fl-1_20180620T16",
		"1_vpcflowlogs_r_fl-1_20180620T../Z",
		"1_vpcflowlogs_r_fl-1",
		"1_vpcflowlogs_r_",
		"1_vpcflowlogs_",
	};
	char folder[OUTPUT_LAYOUT_FOLDER], stem[OUTPUT_LAYOUT_STEM], longest[OUTPUT_LAYOUT_PART];

	(void)state;
	assert_true(output_layout_folder(folder, "1_vpcflowlogs_us-east-1_fl-1_20180620T1620Z_abc.log.gz", 0));
	assert_string_equal(folder, "AWSLogs/1/vpcflowlogs/us-east-1/2018/06/20");
	output_layout_stem(stem, "a%2Fb", "%2E%2E", "fl-1", 0);
	assert_true(output_layout_folder(folder, stem, 0));
	assert_string_equal(folder, "AWSLogs/a%2Fb/vpcflowlogs/%2E%2E/1970/01/01");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	output_layout_stem(stem, longest, longest, longest, INT64_C(9223372036));
	assert_true(output_layout_folder(folder, stem, 0));
	assert_non_null(strstr(folder, "/2262/04/11"));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(output_layout_folder(folder, none[i], 0));
}

/* The four shapes, as the specification has them. */
static void shapes(void **state)
{
	static const char *const folders[] = {
		"AWSLogs/123456789012/vpcflowlogs/us-east-1/2018/06/20",
		"AWSLogs/123456789012/vpcflowlogs/us-east-1/2018/06/20/16",
		"AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2018/month=06/"
		"day=20",
		"AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2018/month=06/"
		"day=20/hour=16",
	};
	char folder[OUTPUT_LAYOUT_FOLDER], stem[OUTPUT_LAYOUT_STEM], longest[OUTPUT_LAYOUT_PART], end[40];

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (unsigned layout = 0; layout < 4; layout++) {
		output_layout_stem(stem, "123456789012", "us-east-1", "fl-1234abcd", 1529511600);
		assert_true(output_layout_folder(folder, stem, layout));
		assert_string_equal(folder, folders[layout]);
		/* Odd parts stay parts, and the longest fit. */
		output_layout_stem(stem, "a%2Fb", "%2E%2E", "fl-1", 0);
		assert_true(output_layout_folder(folder, stem, layout));
		assert_non_null(strstr(folder, layout & OUTPUT_LAYOUT_HIVE ? "=a%2Fb/" : "/a%2Fb/"));
		assert_non_null(strstr(folder, layout & OUTPUT_LAYOUT_HIVE ? "=%2E%2E/" : "/%2E%2E/"));
		output_layout_stem(stem, longest, longest, longest, INT64_C(9223372036));
		assert_true(output_layout_folder(folder, stem, layout));
		snprintf(end, sizeof(end), "%s%s", layout & OUTPUT_LAYOUT_HIVE ? "month=04/day=11" : "2262/04/11",
			 !(layout & OUTPUT_LAYOUT_HOURLY) ? ""
			 : layout & OUTPUT_LAYOUT_HIVE    ? "/hour=23"
							  : "/23");
		assert_string_equal(folder + strlen(folder) - strlen(end), end);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(slots), TEST(parts_lead_nowhere),  TEST(long_parts_stay_apart), TEST(keys_that_readers_know),
		TEST(names), TEST(ids_tell_logs_apart), TEST(folders_of_names),      TEST(shapes),
	};

	return cmocka_run_group_tests_name("output/layout", tests, NULL, NULL);
}
