#include "compare/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "flow/origin.h"

enum { BEGIN = 1795168800 }; /* 2026-11-20 10:00:00 UTC */

static unsigned unknown; /* to the log */

/* The timeline of `count` minutes, each with 10 packets in the log and 12 in the capture; the caller frees it. */
static char *drawn(size_t count, const struct compare_interval *first)
{
	struct compare_interval *intervals = calloc(count, sizeof(*intervals));
	struct compare_interface interface = { .is_judged = true, .intervals = intervals, .interval_count = count };
	struct compare_result result = {
		.interval = 60, .unknown = unknown, .interfaces = &interface, .interface_count = 1
	};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(intervals);
	assert_non_null(out);
	for (size_t i = 0; i < count; i++)
		intervals[i] = (struct compare_interval){ .start = BEGIN + 60 * (int64_t)i,
							  .sums = { { 10, 1000 }, { 12, 1200 } },
							  .agreeing = 3,
							  .differing = 1 };
	if (first)
		intervals[0] = *first;
	compare_timeline_write(out, &result, 0);
	assert_int_equal(fclose(out), 0);
	free(intervals);
	return text;
}

static size_t times_in(const char *text, const char *part)
{
	size_t times = 0;

	for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
		times++;
	return times;
}

static void check_has(size_t count, const struct compare_interval *first, const char *part, size_t times)
{
	char *text = drawn(count, first);

	if (times_in(text, part) != times)
		fail_msg("'%s' is there %zu times, not %zu, in:\n%s", part, times_in(text, part), times, text);
	free(text);
}

static void each_interval_is_a_row_of_the_table(void **unused)
{
	(void)unused;
	check_has(1, NULL, "<tr><th scope=\"row\">", 1);
	check_has(30, NULL, "<tr><th scope=\"row\">", 30);
	check_has(1, NULL, "<td>10</td><td>12</td><td>1,000</td><td>1,200</td><td>3</td><td>1</td>", 1);
}

/* A day of minutes: five of them a bar; a month of them: three hours. */
static void many_intervals_share_bars(void **unused)
{
	(void)unused;
	check_has(288, NULL, "<tr><th scope=\"row\">", 288);
	check_has(289, NULL, "<tr><th scope=\"row\">", 145);
	check_has(1440, NULL, "<tr><th scope=\"row\">", 288);
	check_has(1440, NULL, "per 5\xc2\xa0min<", 2);
	check_has(1440, NULL, "<td>50</td><td>60</td><td>5,000</td><td>6,000</td><td>15</td><td>5</td>", 288);
	check_has(43200, NULL, "<tr><th scope=\"row\">", 240);
	check_has(43200, NULL, "per 3\xc2\xa0h<", 2);
}

/* 577 minutes are 115 bars of five, and two minutes. */
static void the_last_bar_may_be_smaller(void **unused)
{
	(void)unused;
	check_has(577, NULL, "<td>50</td><td>60</td>", 115);
	check_has(577, NULL, "<td>20</td><td>24</td>", 1);
}

static void what_the_log_lacks_is_shaded(void **unused)
{
	const struct compare_interval skipped = { .start = BEGIN, .is_skipped = true };
	const struct compare_interval missing = { .start = BEGIN, .is_missing = true };

	(void)unused;
	check_has(4, NULL, "class=\"skipped\"", 0);
	check_has(4, NULL, "class=\"missing\"", 0);
	check_has(4, &skipped, "<rect class=\"skipped\" x=\"0%\"", 3);
	check_has(4, &skipped, "width=\"25%\" height=\"132\"/>", 2);
	check_has(4, &skipped, ">SKIPDATA</td>", 1);
	check_has(4, &missing, "<rect class=\"missing\" x=\"0%\"", 3);
	check_has(4, &missing, ">not in the log</td>", 1);
}

static void equal_sums_draw_no_difference(void **unused)
{
	const struct compare_interval equal = { .start = BEGIN, .sums = { { 7, 700 }, { 7, 700 } } };

	(void)unused;
	check_has(1, &equal, "<path class=\"difference\" d=\"\"/>", 2);
	check_has(1, NULL, "<path class=\"difference\" d=\"\"/>", 0);
}

static void nothing_at_all_is_still_a_picture(void **unused)
{
	const struct compare_interval nothing = { .start = BEGIN };

	(void)unused;
	check_has(1, &nothing, "<path class=\"log\" d=\"\"/>", 2);
	check_has(1, &nothing, "nan", 0);
	check_has(1, &nothing, "inf", 0);
}

static void the_largest_sums_fit(void **unused)
{
	const struct compare_interval huge = { .start = BEGIN,
					       .sums = { { UINT64_MAX, UINT64_MAX }, { UINT64_MAX - 1, 1 } } };

	(void)unused;
	check_has(1, &huge, ">18,446,744,073,709,551,615<", 2);
	check_has(1, &huge,
		  "\xc2\xa0"
		  "EB</text>",
		  4);
}

static void axes_have_units_and_times(void **unused)
{
	(void)unused;
	check_has(30, NULL, ">10:05</text>", 1);
	check_has(30, NULL, ">10:30</text>", 1);
	check_has(30, NULL, ">2026-11-20</text>", 1);
	check_has(30, NULL,
		  ">500\xc2\xa0"
		  "B</text>",
		  1);
	check_has(43200, NULL, ">20 Dec</text>", 0);
	check_has(43200, NULL, " Dec</text>", 3);
}

static void what_the_log_never_says_is_left_out(void **unused)
{
	(void)unused;
	unknown = FLOW_UNKNOWN_BYTES;
	check_has(2, NULL, "role=\"img\"", 2);
	check_has(2, NULL, "<td>10</td><td>12</td><td>3</td><td>1</td>", 2);
	check_has(2, NULL, "ytes", 0);
	unknown = FLOW_UNKNOWN_PACKETS;
	check_has(2, NULL, "<td>1,000</td><td>1,200</td><td>3</td><td>1</td>", 2);
	check_has(2, NULL, "ackets", 0);
	unknown = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_interval_is_a_row_of_the_table),
		TEST(many_intervals_share_bars),
		TEST(the_last_bar_may_be_smaller),
		TEST(what_the_log_lacks_is_shaded),
		TEST(equal_sums_draw_no_difference),
		TEST(nothing_at_all_is_still_a_picture),
		TEST(the_largest_sums_fit),
		TEST(axes_have_units_and_times),
		TEST(what_the_log_never_says_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
