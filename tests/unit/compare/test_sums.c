#include "compare/sums.h"

#include "check.h"

static void test_sums_stop_at_the_greatest_number(void **state)
{
	struct compare_sums sums = { UINT64_MAX - 1, 7 };

	(void)state;
	compare_sums_add(&sums, &(struct compare_sums){ 1, 8 });
	assert_true(sums.packets == UINT64_MAX);
	assert_int_equal(sums.bytes, 15);
	compare_sums_add(&sums, &(struct compare_sums){ 11, UINT64_MAX });
	assert_true(sums.packets == UINT64_MAX);
	assert_true(sums.bytes == UINT64_MAX);
}

static void test_total(void **state)
{
	const struct compare_sums sums[] = { [FLOW_ACCEPT] = { 2, 300 }, [FLOW_REJECT] = { 5, 250 } };
	struct compare_sums total = compare_sums_total(sums);

	(void)state;
	assert_int_equal(total.packets, 7);
	assert_int_equal(total.bytes, 550);
}

static bool is_same(uint64_t packets, uint64_t bytes, uint64_t other_packets, uint64_t other_bytes,
		    struct compare_tolerance tolerance)
{
	const struct compare_sums a = { packets, bytes }, b = { other_packets, other_bytes };

	assert_int_equal(compare_sums_same(&a, &b, &tolerance), compare_sums_same(&b, &a, &tolerance));
	return compare_sums_same(&a, &b, &tolerance);
}

static void test_what_is_the_same(void **state)
{
	const struct compare_tolerance none = { 0 };

	(void)state;
	assert_true(is_same(0, 0, 0, 0, none));
	assert_false(is_same(1, 0, 0, 0, none));
	assert_false(is_same(1, 100, 1, 101, none));
	assert_false(is_same(1, UINT64_MAX, 1, UINT64_MAX - 1, none));
	assert_true(is_same(3, 100, 1, 100, (struct compare_tolerance){ .packets = 2 }));
	assert_false(is_same(4, 100, 1, 100, (struct compare_tolerance){ .packets = 2 }));
}

/* No matter how the percentage looks in base 2. */
static void test_just_what_is_tolerated_is_the_same(void **state)
{
	(void)state;
	for (unsigned percent = 0; percent <= 100; percent++) {
		struct compare_tolerance tolerance = { .bytes = percent };

		assert_true(is_same(1, 100, 1, 100 - percent, tolerance));
		assert_true(is_same(1, 1000000, 1, 1000000 - percent * 10000, tolerance));
		if (percent < 100)
			assert_false(is_same(1, 1000000, 1, 1000000 - percent * 10000 - 1, tolerance));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums_stop_at_the_greatest_number),
		cmocka_unit_test(test_total),
		cmocka_unit_test(test_what_is_the_same),
		cmocka_unit_test(test_just_what_is_tolerated_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
