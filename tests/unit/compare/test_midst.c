#include "compare/midst.h"

#include "check.h"

#define MANY(array) (sizeof(array) / sizeof((array)[0]))

static struct compare_entry entry(int64_t start, int64_t end, uint64_t packets)
{
	return (struct compare_entry){ .start = start, .end = end, .sums = { packets, packets * 100 } };
}

/* The time in both is 0 to 999, the first and the last 100 seconds are near its ends. */
static struct compare_midst flow_of(const struct compare_entry *records, size_t record_count,
				    const struct compare_entry *seconds, size_t second_count)
{
	return (struct compare_midst){ { records, seconds }, { record_count, second_count }, 0, 999, 100 };
}

static void test_a_record_with_other_sums(void **state)
{
	const struct compare_entry seconds[] = { entry(20, 20, 2), entry(500, 500, 4), entry(980, 980, 1) };
	const struct compare_entry midst[] = { entry(20, 20, 2), entry(500, 510, 5), entry(980, 980, 1) };
	const struct compare_entry at_start[] = { entry(20, 20, 3), entry(500, 510, 4), entry(980, 980, 1) };
	const struct compare_entry at_end[] = { entry(20, 20, 2), entry(500, 510, 4), entry(980, 990, 2) };
	const struct compare_entry both[] = { entry(20, 20, 3), entry(500, 510, 5), entry(980, 980, 1) };
	struct compare_midst flow;

	(void)state;
	flow = flow_of(midst, MANY(midst), seconds, MANY(seconds));
	assert_true(compare_midst_is_all(&flow));
	flow = flow_of(at_start, MANY(at_start), seconds, MANY(seconds));
	assert_false(compare_midst_is_all(&flow));
	flow = flow_of(at_end, MANY(at_end), seconds, MANY(seconds));
	assert_false(compare_midst_is_all(&flow));
	flow = flow_of(both, MANY(both), seconds, MANY(seconds));
	assert_false(compare_midst_is_all(&flow));
}

static void test_seconds_without_a_record(void **state)
{
	const struct compare_entry seconds[] = { entry(20, 20, 2), entry(500, 500, 4), entry(980, 980, 1) };
	const struct compare_entry not_midst[] = { entry(20, 20, 2), entry(980, 980, 1) };
	const struct compare_entry not_end[] = { entry(20, 20, 2), entry(500, 510, 4) };
	const struct compare_entry not_start[] = { entry(500, 510, 4), entry(980, 980, 1) };
	struct compare_midst flow;

	(void)state;
	flow = flow_of(not_midst, MANY(not_midst), seconds, MANY(seconds));
	assert_true(compare_midst_is_all(&flow));
	flow = flow_of(not_end, MANY(not_end), seconds, MANY(seconds));
	assert_false(compare_midst_is_all(&flow));
	flow = flow_of(not_start, MANY(not_start), seconds, MANY(seconds));
	assert_false(compare_midst_is_all(&flow));
}

/* A record that reaches from the midst to near an end is near it. */
static void test_a_record_that_reaches_to_an_end(void **state)
{
	const struct compare_entry seconds[] = { entry(500, 500, 4), entry(950, 950, 1) };
	const struct compare_entry records[] = { entry(500, 950, 6) };
	struct compare_midst flow = flow_of(records, MANY(records), seconds, MANY(seconds));

	(void)state;
	assert_false(compare_midst_is_all(&flow));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_record_with_other_sums),
		cmocka_unit_test(test_seconds_without_a_record),
		cmocka_unit_test(test_a_record_that_reaches_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
