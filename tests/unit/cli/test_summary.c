/* The closing account, as a sentence and as JSON. */
#include "cli/summary.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static void assert_says(void (*summary)(FILE *, const struct flow_account *), const struct flow_account *account,
			const char *want)
{
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	summary(out, account);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static void nothing_at_all(void **state)
{
	(void)state;
	assert_says(summary_text, &(struct flow_account){ 0 }, "0 frames\n");
}

static void all_counted(void **state)
{
	const struct flow_account account = {
		.frames = 1,
		.counted = 1,
		.records = { [FLOW_OK] = 1 },
		.windows = 1,
		.first_ns = 5,
		.last_ns = 5,
	};

	(void)state;
	assert_says(summary_text, &account, "1 frame over 0 s in 1 window: 1 counted in 1 record\n");
}

static void every_part(void **state)
{
	const struct flow_account account = {
		.frames = 1000045,
		.counted = 1000000,
		.filtered = 1,
		.excluded = 20,
		.non_ip = 2,
		.truncated = 3,
		.malformed = 4,
		.unmatched = 5,
		.unsupported = 6,
		.skipped = 4,
		.excluded_as = { [FLOW_EXCLUDED_METADATA] = 4,
				 [FLOW_EXCLUDED_TIME] = 3,
				 [FLOW_EXCLUDED_DNS] = 2,
				 [FLOW_EXCLUDED_ACTIVATION] = 2,
				 [FLOW_EXCLUDED_DHCP] = 8,
				 [FLOW_EXCLUDED_ROUTER] = 1 },
		.records = { [FLOW_OK] = 1234, [FLOW_NODATA] = 2, [FLOW_SKIPDATA] = 1 },
		.windows = 4,
		.late = 7,
		.lost = 8,
		.flushes = 9,
		.first_ns = INT64_C(1000000000),
		.last_ns = INT64_C(183000000000),
	};

	(void)state;
	assert_says(
		summary_text, &account,
		"1,000,045 frames over 3 min 2 s in 4 windows: 1,000,000 counted in 1,234 records; 2 non-IP, "
		"4 metadata, 3 time sync, 2 Amazon DNS, 2 Windows activation, 8 DHCP, 1 to the VPC router, "
		"1 filtered, 3 truncated, 4 malformed, 5 of no configured interface, 6 of an unsupported link type, "
		"4 skipped (flow table full) left out; 2 NODATA, 1 SKIPDATA, 8 lost by the capture, 7 late, "
		"9 early emissions (flow table full)\n");
	assert_says(summary_json, &account,
		    "{\"frames\": 1000045, \"counted\": 1000000, \"filtered\": 1, \"excluded\": 20, \"non-ip\": 2, "
		    "\"truncated\": 3, \"malformed\": 4, \"unmatched\": 5, \"unsupported\": 6, \"skipped\": 4}\n");
}

static void nothing_matched(void **state)
{
	const struct flow_account account = { .frames = 2, .unmatched = 2, .windows = 1, .last_ns = 500000000 };

	(void)state;
	assert_says(summary_text, &account,
		    "2 frames over 0.5 s in 1 window: nothing counted; 2 of no configured interface left out (no frame "
		    "has the mac or address of a configured interface: eniflow inspect shows what is there)\n");
}

static void of_flow_logs(void **state)
{
	const struct flow_account account = {
		.frames = 30,
		.counted = 28,
		.excluded = 2,
		.records = { [FLOW_OK] = 4, [FLOW_NODATA] = 9 },
		.windows = 2,
		.first_ns = 0,
		.last_ns = 90000000000,
	};
	const struct log_files_state files = { .lines = 1012, .records = { 1000, 7, 3 }, .unreadable = 2 };
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	assert_non_null(out);
	summary_logs_text(out, &account, &files);
	summary_logs_json(out, &account, &files);
	summary_logs_text(out, &(struct flow_account){ 0 }, &(struct log_files_state){ .lines = 1, .unreadable = 1 });
	fclose(out);
	assert_string_equal(text, "1,012 lines over 1 min 30 s in 2 windows: 1,000 records became 4; 7 NODATA, "
				  "3 SKIPDATA, 2 packets that AWS never logs left out, 2 unreadable\n"
				  "{\"frames\": 30, \"counted\": 28, \"filtered\": 0, \"excluded\": 2, \"non-ip\": 0, "
				  "\"truncated\": 0, \"malformed\": 0, \"unmatched\": 0, \"unsupported\": 0, "
				  "\"skipped\": 0, \"lines\": 1012, \"unreadable\": 2}\n"
				  "1 line; 1 unreadable\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_at_all), TEST(all_counted), TEST(every_part), TEST(nothing_matched), TEST(of_flow_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
