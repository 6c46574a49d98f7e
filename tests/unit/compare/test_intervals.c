#include "compare/intervals.h"

#include <stdlib.h>

#include "compare/sides.h"

static int set_up(void **state)
{
	sides_up(state);
	interface(COMPARE_LOG, "eni-1");
	return 0;
}

#define RIGGED(function) cmocka_unit_test_setup_teardown(function, set_up, sides_down)

static uint32_t length_of(uint32_t start, uint32_t end)
{
	book(COMPARE_LOG, 0, 1, start, end, 1);
	return compare_intervals_length(sides[COMPARE_LOG]);
}

static void test_length(void **state)
{
	(void)state;
	assert_int_equal(length_of(1000, 1000), 60);
	assert_int_equal(length_of(1000, 1060), 60);
	assert_int_equal(length_of(1000, 1061), 600);
	assert_int_equal(length_of(1000, 1600), 600);
	assert_int_equal(length_of(1000, 1601), 660);
	assert_int_equal(length_of(0, UINT32_MAX), (UINT32_MAX - 60) / 60 * 60 + 60 * ((UINT32_MAX - 60) % 60 > 0));
}

static uint32_t phase(void)
{
	uint32_t phases[1];

	close_sides();
	compare_intervals_phases(phases, sides[COMPARE_LOG], 60);
	return phases[0];
}

static void test_phase(void **state)
{
	(void)state;
	assert_int_equal(phase(), 0);
	book(COMPARE_LOG, 0, 1, 1000, 1059, 1);
	book(COMPARE_LOG, 0, 2, 1060, 1119, 1);
	assert_int_equal(phase(), 40);
	book(COMPARE_LOG, 0, 2, 1121, 1139, 1);
	assert_int_equal(phase(), 0);
	/* Lines without data begin where windows do, whatever records do. */
	assert_int_equal(compare_spans_add(&sides[COMPARE_LOG]->interfaces[0].silent, 1205, 1264, NULL), 0);
	assert_int_equal(phase(), 5);
}

static void test_intervals_hold_the_time_in_both(void **state)
{
	struct compare_interface interface = { .start = 1003, .end = 1165 };
	const struct compare_spans skipped = { (struct compare_span[]){ { 1070, 1071 } }, 1, 1 };
	const struct compare_spans missing = { (struct compare_span[]){ { 1120, 1400 } }, 1, 1 };

	(void)state;
	assert_int_equal(compare_intervals_make(&interface, 60, 40, NULL), 0);
	compare_intervals_mark(&interface, 60, &skipped, &missing);
	assert_int_equal(interface.interval_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(interface.intervals[i].start, 1000 + (int64_t)i * 60);
		assert_int_equal(interface.intervals[i].is_skipped, i == 1);
		assert_int_equal(interface.intervals[i].is_missing, i == 2);
	}
	free(interface.intervals);
}

/* From 1970 to 2106. */
static void test_too_many_intervals_are_none(void **state)
{
	struct compare_interface interface = { .start = 0, .end = UINT32_MAX };

	(void)state;
	assert_int_equal(compare_intervals_make(&interface, 60, 59, NULL), 0);
	assert_int_equal(interface.interval_count, 0);
	assert_null(interface.intervals);
}

static void test_a_flow_that_differs_in_one_interval(void **state)
{
	struct compare_interface interface = { .start = 1000, .end = 1119 };
	const struct compare_entry log[] = { { 1000, 1059, { 3, 300 }, FLOW_ACCEPT, 0, false },
					     { 1060, 1119, { 4, 400 }, FLOW_ACCEPT, 0, false } };
	const struct compare_entry capture[] = { { 1000, 1000, { 3, 300 }, FLOW_ACCEPT, 0, false },
						 { 1100, 1100, { 5, 500 }, FLOW_ACCEPT, 0, false } };
	const struct compare_judgement judgement = {
		.entries = { log, capture },
		.booked = { (const int64_t[]){ 1000, 1060 }, (const int64_t[]){ 1000, 1060 } },
		.counts = { 2, 2 },
	};

	(void)state;
	assert_int_equal(compare_intervals_make(&interface, 60, 40, NULL), 0);
	compare_intervals_add(&interface, 60, &judgement, false, false);
	assert_int_equal(interface.intervals[0].agreeing, 1);
	assert_int_equal(interface.intervals[0].differing, 0);
	assert_int_equal(interface.intervals[1].agreeing, 0);
	assert_int_equal(interface.intervals[1].differing, 1);
	assert_int_equal(interface.intervals[1].sums[COMPARE_CAPTURE].bytes, 500);
	free(interface.intervals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_length),
		RIGGED(test_phase),
		RIGGED(test_intervals_hold_the_time_in_both),
		RIGGED(test_too_many_intervals_are_none),
		RIGGED(test_a_flow_that_differs_in_one_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
