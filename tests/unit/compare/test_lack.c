/* What one side has more, and the sums that may account for it. */
#include "compare/lack.h"

#include "compare/cause_rig.h"

static struct compare_lack lack;

/* The finding's held sums are these; nothing else is asked for. */
static void hold(uint64_t log_packets, uint64_t log_bytes, uint64_t packets, uint64_t bytes)
{
	rig.finding.held[COMPARE_LOG] = (struct compare_sums){ log_packets, log_bytes };
	rig.finding.held[COMPARE_CAPTURE] = (struct compare_sums){ packets, bytes };
	compare_lack_init(&lack, &rig.about, &rig.finding);
}

static bool is(enum compare_side side, uint64_t packets, uint64_t bytes)
{
	return compare_lack_is(&lack, side, &(struct compare_sums){ packets, bytes });
}

static bool is_within(enum compare_side side, uint64_t packets, uint64_t bytes)
{
	return compare_lack_within(&lack, side, &(struct compare_sums){ packets, bytes });
}

static void the_side_that_has_more(void **state)
{
	(void)state;
	hold(5, 500, 7, 640);
	assert_true(compare_lack_more(&lack, COMPARE_CAPTURE));
	assert_false(compare_lack_more(&lack, COMPARE_LOG));
	assert_int_equal(compare_lack_surplus(&lack, COMPARE_CAPTURE).packets, 2);
	assert_int_equal(compare_lack_surplus(&lack, COMPARE_CAPTURE).bytes, 140);
	assert_true(is(COMPARE_CAPTURE, 2, 140));
	assert_false(is(COMPARE_CAPTURE, 2, 139) || is(COMPARE_CAPTURE, 1, 140) || is(COMPARE_LOG, 2, 140));
	assert_true(is_within(COMPARE_CAPTURE, 2, 140) && is_within(COMPARE_CAPTURE, 9, 999));
	assert_false(is_within(COMPARE_CAPTURE, 1, 140) || is_within(COMPARE_CAPTURE, 2, 139));
	assert_false(is_within(COMPARE_LOG, 9, 999));
}

static void more_of_one_and_less_of_the_other(void **state)
{
	(void)state;
	hold(7, 500, 5, 640);
	assert_false(compare_lack_more(&lack, COMPARE_LOG) || compare_lack_more(&lack, COMPARE_CAPTURE));
	hold(5, 500, 5, 500);
	assert_false(compare_lack_more(&lack, COMPARE_LOG) || compare_lack_more(&lack, COMPARE_CAPTURE));
	assert_true(compare_lack_is_none(&lack));
}

static void tolerances_are_of_whole_flows(void **state)
{
	(void)state;
	rig.options.tolerance.packets = 1;
	rig.options.tolerance.bytes = 10;
	hold(10, 900, 11, 1000);
	assert_true(compare_lack_is_none(&lack));
	hold(10, 899, 11, 1000);
	assert_false(compare_lack_is_none(&lack));
	hold(10, 900, 20, 1900);
	assert_true(is(COMPARE_CAPTURE, 9, 900) && is(COMPARE_CAPTURE, 11, 1050));
	assert_false(is(COMPARE_CAPTURE, 8, 1000) || is(COMPARE_CAPTURE, 10, 1200));
}

static void what_the_log_has_no_column_of(void **state)
{
	(void)state;
	rig.ledgers[COMPARE_LOG]->unknown = FLOW_UNKNOWN_PACKETS;
	hold(0, 500, 7, 640);
	assert_true(is(COMPARE_CAPTURE, 2, 140) && is(COMPARE_CAPTURE, 1, 140));
	assert_false(is(COMPARE_CAPTURE, 2, 141));
	rig.ledgers[COMPARE_LOG]->unknown = FLOW_UNKNOWN_BYTES;
	hold(5, 0, 7, 640);
	assert_true(is(COMPARE_CAPTURE, 2, 1));
	assert_false(is(COMPARE_CAPTURE, 3, 140));
}

/* Spans and entries touch where they have a second in common. */
static void entries_within_spans(void **state)
{
	struct compare_spans *spans = &rig.missing;
	const struct compare_span *touched;

	(void)state;
	rig.entries[COMPARE_CAPTURE][0] = (struct compare_entry){ .start = 109, .end = 109, .sums = { 1, 100 } };
	rig.entries[COMPARE_CAPTURE][1] = (struct compare_entry){ .start = 110, .end = 110, .sums = { 2, 200 } };
	rig.entries[COMPARE_CAPTURE][2] = (struct compare_entry){ .start = 115, .end = 115, .sums = { 4, 400 } };
	rig.entries[COMPARE_CAPTURE][3] = (struct compare_entry){ .start = 120, .end = 120, .sums = { 8, 800 } };
	rig.about.entries[COMPARE_CAPTURE] = rig.entries[COMPARE_CAPTURE];
	rig.about.entry_counts[COMPARE_CAPTURE] = 4;
	assert_int_equal(compare_spans_add(spans, 100, 109, NULL), 0);
	hold(0, 0, 15, 1500);
	assert_int_equal(compare_lack_inside(&lack, COMPARE_CAPTURE, spans, 0, 0).packets, 1);
	assert_int_equal(compare_lack_inside(&lack, COMPARE_CAPTURE, spans, 0, 1).bytes, 300);
	assert_int_equal(compare_lack_inside(&lack, COMPARE_CAPTURE, spans, 0, -1).packets, 0);
	assert_int_equal(compare_lack_inside(&lack, COMPARE_CAPTURE, spans, 11, 0).packets, 12);
	touched = compare_lack_touched(&lack, COMPARE_CAPTURE, spans, 21);
	assert_ptr_equal(touched, &spans->items[0]);
	assert_null(compare_lack_touched(&lack, COMPARE_CAPTURE, spans, 22));
}

/* So many that each entry cannot be held against each of them. */
static void every_span_is_found(void **state)
{
	struct compare_spans *spans = &rig.missing;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(compare_spans_add(spans, 100 + i * 10, 102 + i * 10, NULL), 0);
	rig.about.entries[COMPARE_CAPTURE] = rig.entries[COMPARE_CAPTURE];
	rig.about.entry_counts[COMPARE_CAPTURE] = 1;
	hold(0, 0, 1, 100);
	for (int64_t second = 98; second <= 10094; second++) {
		int64_t into = (second - 100) % 10;

		rig.entries[COMPARE_CAPTURE][0] = (struct compare_entry){ .start = second,
									  .end = second,
									  .sums = { 1, 100 } };
		assert_int_equal(compare_lack_inside(&lack, COMPARE_CAPTURE, spans, 0, 0).packets,
				 into >= 0 && into <= 2);
		assert_int_equal(compare_lack_inside(&lack, COMPARE_CAPTURE, spans, 0, -1).packets, into == 1);
	}
}

static void counters_that_are_too_great(void **state)
{
	(void)state;
	hold(UINT64_MAX / 2 + 1, UINT64_MAX, 0, 1);
	assert_true(compare_lack_more(&lack, COMPARE_LOG));
	assert_false(compare_lack_more(&lack, COMPARE_CAPTURE));
	assert_true(compare_lack_surplus(&lack, COMPARE_LOG).packets == INT64_MAX);
	hold(0, 1, UINT64_MAX, UINT64_MAX);
	assert_true(compare_lack_more(&lack, COMPARE_CAPTURE));
	assert_true(compare_lack_surplus(&lack, COMPARE_CAPTURE).bytes == INT64_MAX);
}

static void only_what_was_held_counts(void **state)
{
	const struct compare_entry accepted = { .action = FLOW_ACCEPT }, rejected = { .action = FLOW_REJECT };

	(void)state;
	rig.finding.sums[COMPARE_LOG][FLOW_ACCEPT] = (struct compare_sums){ 3, 300 };
	rig.finding.sums[COMPARE_LOG][FLOW_REJECT] = (struct compare_sums){ 2, 200 };
	hold(3, 300, 5, 500);
	assert_true(compare_lack_holds(&lack, COMPARE_LOG, &accepted));
	assert_false(compare_lack_holds(&lack, COMPARE_LOG, &rejected));
	hold(5, 500, 5, 500);
	assert_true(compare_lack_holds(&lack, COMPARE_LOG, &rejected));
}

static void numbers_and_times_in_words(void **state)
{
	(void)state;
	hold(1, 1, 1, 1);
	assert_string_equal(compare_packets(0).text, "0 packets");
	assert_string_equal(compare_packets(1).text, "1 packet");
	assert_string_equal(compare_packets(UINT64_MAX).text, "18446744073709551615 packets");
	assert_string_equal(compare_lack_clock(&lack, RIG_TIME).text, "10:00:00");
	assert_string_equal(compare_lack_clock(&lack, RIG_TIME + 86400).text, "2026-11-21 10:00:00");
	rig.about.end += 86400;
	assert_string_equal(compare_lack_clock(&lack, RIG_TIME).text, "2026-11-20 10:00:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(the_side_that_has_more),        RIGGED(more_of_one_and_less_of_the_other),
		RIGGED(tolerances_are_of_whole_flows), RIGGED(what_the_log_has_no_column_of),
		RIGGED(entries_within_spans),          RIGGED(only_what_was_held_counts),
		RIGGED(numbers_and_times_in_words),    RIGGED(every_span_is_found),
		RIGGED(counters_that_are_too_great),
	};

	return cmocka_run_group_tests_name("compare/lack", tests, NULL, NULL);
}
