#include "compare/judge.h"

#include "compare/sides.h"

static struct compare_options options;
static struct compare_judge *judge;
static struct compare_judgement judgement;

static int set_up(void **state)
{
	sides_up(state);
	interface(COMPARE_LOG, "eni-1");
	interface(COMPARE_CAPTURE, "eth0");
	options = (struct compare_options){ 0 };
	return compare_judge_new(&judge, NULL);
}

static int tear_down(void **state)
{
	compare_judge_free(judge);
	return sides_down(state);
}

#define RIGGED(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

/* The one flow that there is, in 1000 to 1599. */
static void judge_it(int64_t offset)
{
	struct compare_scope scope = {
		.ledgers = { sides[COMPARE_LOG], sides[COMPARE_CAPTURE] },
		.offset = offset,
		.start = 1000,
		.end = 1599,
		.options = &options,
	};
	const struct compare_flow *flows[COMPARE_SIDES];

	close_sides();
	for (size_t side = 0; side < COMPARE_SIDES; side++)
		flows[side] = sides[side]->flow_count ? &sides[side]->flows[0] : NULL;
	assert_int_equal(compare_judge_flow(judge, &scope, flows, &judgement, NULL), 0);
}

static void test_packets_belong_to_the_record_of_their_time(void **state)
{
	(void)state;
	book(COMPARE_LOG, 0, 1, 1000, 1059, 60);
	book(COMPARE_LOG, 0, 1, 1060, 1119, 60);
	stream(0, 1, 990, 1109, 1);
	judge_it(10);
	assert_int_equal(judgement.verdict, COMPARE_AGREES);
	assert_int_equal(judgement.start, 1000);
	assert_int_equal(judgement.end, 1119);
	assert_int_equal(judgement.counts[COMPARE_CAPTURE], 120);
	assert_int_equal(judgement.booked[COMPARE_CAPTURE][59], 1000);
	assert_int_equal(judgement.booked[COMPARE_CAPTURE][60], 1060);
}

static void test_late_records_take_packets_from_before(void **state)
{
	(void)state;
	book(COMPARE_LOG, 0, 1, 1240, 1240, 3);
	book(COMPARE_CAPTURE, 0, 1, 1180, 1180, 3);
	judge_it(0);
	assert_int_equal(judgement.booked[COMPARE_CAPTURE][0], 1240);
	assert_int_equal(judgement.verdict, COMPARE_AGREES);
}

static void test_a_record_over_the_end_takes_its_packets_with_it(void **state)
{
	(void)state;
	book(COMPARE_LOG, 0, 1, 1100, 1159, 60);
	book(COMPARE_LOG, 0, 1, 1580, 1639, 60);
	stream(0, 1, 1100, 1159, 1);
	stream(0, 1, 1580, 1599, 1);
	judge_it(0);
	assert_int_equal(judgement.verdict, COMPARE_AGREES);
	assert_int_equal(judgement.edge_records, 1);
	assert_int_equal(judgement.aside.packets, 20);
	assert_int_equal(judgement.lacking.packets, 40);
}

static void test_one_side_alone(void **state)
{
	(void)state;
	book(COMPARE_LOG, 0, 1, 1100, 1159, 60);
	judge_it(0);
	assert_int_equal(judgement.verdict, COMPARE_LOG_ONLY);
	assert_int_equal(judgement.held[COMPARE_LOG].packets, 60);
	assert_int_equal(judgement.held[COMPARE_CAPTURE].packets, 0);
}

static void test_what_is_not_in_the_time(void **state)
{
	(void)state;
	book(COMPARE_LOG, 0, 1, 100, 159, 60);
	book(COMPARE_CAPTURE, 0, 1, 5000, 5000, 60);
	judge_it(0);
	assert_int_equal(judgement.verdict, COMPARE_VERDICTS);
	assert_int_equal(judgement.counts[COMPARE_LOG] + judgement.counts[COMPARE_CAPTURE], 0);
}

/* Two counters that would be 10 if they went on from 0. */
static void test_counters_that_are_too_great_agree_with_nothing(void **state)
{
	(void)state;
	book(COMPARE_LOG, 0, 1, 1100, 1100, UINT64_MAX);
	book(COMPARE_LOG, 0, 1, 1101, 1101, 11);
	sides[COMPARE_LOG]->parts[0].bytes = UINT64_MAX;
	sides[COMPARE_LOG]->parts[1].bytes = 1001;
	book(COMPARE_CAPTURE, 0, 1, 1100, 1100, 10);
	judge_it(0);
	assert_int_equal(judgement.verdict, COMPARE_DIFFERS);
	assert_true(judgement.held[COMPARE_LOG].packets == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_packets_belong_to_the_record_of_their_time),
		RIGGED(test_late_records_take_packets_from_before),
		RIGGED(test_a_record_over_the_end_takes_its_packets_with_it),
		RIGGED(test_one_side_alone),
		RIGGED(test_what_is_not_in_the_time),
		RIGGED(test_counters_that_are_too_great_agree_with_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
