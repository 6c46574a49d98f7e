/* Causes that rest on other flows. */
#include "compare/elsewhere.h"

#include "compare/cause_rig.h"

static void the_source_is_another(void **state)
{
	const struct compare_key inside = key_of(TCP, "10.0.1.5", 40000, "203.0.113.9", 443);
	const struct compare_key outside = key_of(TCP, "198.51.100.7", 40000, "203.0.113.9", 443);

	(void)state;
	record(&inside, 10, 50, 5, 500);
	sees(&outside, 10, 2, 200);
	sees(&outside, 50, 3, 300);
	assert_asked(&outside, "translated", "same ports and sums as 10.0.1.5 -> 203.0.113.9 in the log");
	assert_asked(&inside, "translated", "same ports and sums as 198.51.100.7 -> 203.0.113.9 in the capture");
	assert_int_equal(rig.finding.verdict, COMPARE_LOG_ONLY);
}

static void the_destination_is_another(void **state)
{
	const struct compare_key inside = key_of(UDP, "2001:db8::9", 443, "2001:db8:1::5", 40000);
	const struct compare_key outside = key_of(UDP, "2001:db8::9", 443, "2001:db8:2::5", 40000);

	(void)state;
	record(&inside, 10, 50, 5, 500);
	sees(&outside, 10, 5, 500);
	assert_asked(&outside, "translated", "same ports and sums as 2001:db8::9 -> 2001:db8:1::5 in the log");
}

/* Other sums, another port or protocol, both addresses other, or the counterpart has its own. */
static void no_translation(void **state)
{
	const struct compare_key outside = key_of(TCP, "198.51.100.7", 40000, "203.0.113.9", 443);
	const struct compare_key sums = key_of(TCP, "10.0.1.5", 40000, "203.0.113.9", 443);
	const struct compare_key port = key_of(TCP, "10.0.1.5", 40001, "203.0.113.9", 443);
	const struct compare_key protocol = key_of(UDP, "10.0.1.5", 40000, "203.0.113.9", 443);
	const struct compare_key both = key_of(TCP, "10.0.1.5", 40000, "203.0.113.10", 443);
	const struct compare_key paired = key_of(TCP, "10.0.1.6", 40000, "203.0.113.9", 443);

	(void)state;
	sees(&outside, 10, 5, 500);
	record(&sums, 10, 50, 5, 501);
	record(&port, 10, 50, 5, 500);
	record(&protocol, 10, 50, 5, 500);
	record(&both, 10, 50, 5, 500);
	record(&paired, 10, 50, 5, 500);
	sees(&paired, 10, 5, 500);
	ask(&outside);
	assert_int_equal(rig.finding.cause, COMPARE_MISSING_RECORDS);
}

static void what_is_on_both_sides_is_not_translated(void **state)
{
	const struct compare_key outside = key_of(TCP, "198.51.100.7", 40000, "203.0.113.9", 443);
	const struct compare_key inside = key_of(TCP, "10.0.1.5", 40000, "203.0.113.9", 443);

	(void)state;
	sees(&outside, 10, 5, 500);
	record(&outside, 10, 10, 4, 400);
	record(&inside, 10, 10, 5, 500);
	assert_asked(&outside, "unexplained", "all of it in the record of 10:00:10 to 10:00:10");
}

static void sums_are_those_of_the_time_in_both(void **state)
{
	const struct compare_key inside = key_of(TCP, "10.0.1.5", 40000, "203.0.113.9", 443);
	const struct compare_key outside = key_of(TCP, "198.51.100.7", 40000, "203.0.113.9", 443);

	(void)state;
	rig.about.offset = -20;
	sees(&inside, 19, 9, 900); /* before */
	sees(&inside, 20, 5, 500);
	record(&outside, 0, 0, 5, 500);
	assert_asked(&outside, "translated", "same ports and sums as 10.0.1.5 -> 203.0.113.9 in the capture");
}

static const char *const fragments_text =
	"the log counts 4 packets of these addresses without ports, as fragments, and the capture with them";

/* The log counts later fragments by no ports. */
static void later_fragments_without_ports(void **state)
{
	const struct compare_key with = key_of(UDP, "10.0.0.5", 5000, "10.0.0.6", 6000);
	const struct compare_key more = key_of(UDP, "10.0.0.5", 5001, "10.0.0.6", 6000);
	const struct compare_key without = key_of(UDP, "10.0.0.5", 0, "10.0.0.6", 0);

	(void)state;
	record(&with, 10, 50, 2, 3000);
	record(&more, 10, 50, 1, 1500);
	record(&without, 10, 50, 4, 5000);
	sees(&with, 10, 4, 5500)->has_fragments = true;
	sees(&more, 10, 3, 4000)->has_fragments = true;
	assert_asked(&with, "fragments", fragments_text);
	assert_asked(&more, "fragments", fragments_text);
	assert_asked(&without, "fragments", fragments_text);
	assert_int_equal(rig.finding.verdict, COMPARE_LOG_ONLY);
}

static void the_capture_did_not_see_the_first(void **state)
{
	const struct compare_key with = key_of(UDP, "10.0.0.5", 5000, "10.0.0.6", 6000);
	const struct compare_key without = key_of(UDP, "10.0.0.5", 0, "10.0.0.6", 0);

	(void)state;
	record(&with, 10, 50, 3, 4000);
	sees(&with, 10, 2, 3000)->has_fragments = true;
	sees(&without, 10, 1, 1000)->has_fragments = true;
	assert_asked(
		&with, "fragments",
		"the capture counts 1 packet of these addresses without ports, as fragments, and the log with them");
	assert_asked(
		&without, "fragments",
		"the capture counts 1 packet of these addresses without ports, as fragments, and the log with them");
}

/* Nothing is fragmented; or the sums of all do not agree. */
static void no_fragments(void **state)
{
	const struct compare_key with = key_of(UDP, "10.0.0.5", 5000, "10.0.0.6", 6000);
	const struct compare_key without = key_of(UDP, "10.0.0.5", 0, "10.0.0.6", 0);
	const struct compare_key with_too = key_of(UDP, "10.0.0.5", 5000, "10.0.0.7", 6000);
	const struct compare_key without_too = key_of(UDP, "10.0.0.5", 0, "10.0.0.7", 0);

	(void)state;
	record(&with, 10, 50, 2, 3000);
	record(&without, 10, 50, 4, 5000);
	sees(&with, 10, 6, 8000);
	record(&with_too, 10, 50, 2, 3000);
	record(&without_too, 10, 50, 4, 5000);
	sees(&with_too, 10, 5, 7000)->has_fragments = true;
	assert_asked(&with, "unexplained", "all of it in the record of 10:00:10 to 10:00:50");
	assert_asked(&with_too, "unexplained", "all of it in the record of 10:00:10 to 10:00:50");
	assert_asked(&without_too, "unexplained", NULL);
}

/* Between the same addresses is another flow that differs by itself. */
static void fragments_and_another_difference(void **state)
{
	const struct compare_key with = key_of(UDP, "10.0.0.5", 5000, "10.0.0.6", 6000);
	const struct compare_key without = key_of(UDP, "10.0.0.5", 0, "10.0.0.6", 0);
	const struct compare_key icmp = key_of(1, "10.0.0.5", 0, "10.0.0.6", 0);

	(void)state;
	record(&with, 10, 50, 4, 3000);
	record(&without, 10, 50, 4, 5000);
	sees(&with, 10, 3, 2000)->has_fragments = true;
	sees(&without, 10, 5, 6000)->has_fragments = true;
	record(&icmp, 10, 50, 4, 3000);
	sees(&icmp, 10, 3, 2000)->has_fragments = true;
	ask(&with);
	assert_int_equal(rig.finding.cause, COMPARE_FRAGMENTS);
	assert_asked(&icmp, "unexplained", "all of it in the record of 10:00:10 to 10:00:50");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(the_source_is_another),
		RIGGED(the_destination_is_another),
		RIGGED(no_translation),
		RIGGED(what_is_on_both_sides_is_not_translated),
		RIGGED(sums_are_those_of_the_time_in_both),
		RIGGED(later_fragments_without_ports),
		RIGGED(the_capture_did_not_see_the_first),
		RIGGED(no_fragments),
		RIGGED(fragments_and_another_difference),
	};

	return cmocka_run_group_tests_name("compare/elsewhere", tests, NULL, NULL);
}
