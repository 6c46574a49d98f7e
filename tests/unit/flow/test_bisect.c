#include "flow/bisect.h"

#include "check.h"

/* 0, 10, 20, ..., and every number up to behind the last one. */
static void test_the_last_one_that_is_no_greater(void **state)
{
	uint16_t small[40];
	uint32_t middle[40];
	uint64_t large[40];

	(void)state;
	for (size_t i = 0; i < 40; i++)
		large[i] = middle[i] = small[i] = (uint16_t)(i * 10);
	for (size_t count = 1; count <= 40; count++) {
		for (uint16_t wanted = 0; wanted < 420; wanted++) {
			size_t expected = wanted / 10u < count ? wanted / 10u : count - 1;

			assert_int_equal(flow_bisect_16(small, count, wanted), expected);
			assert_int_equal(flow_bisect_32(middle, count, wanted), expected);
			assert_int_equal(flow_bisect_64(large, count, wanted), expected);
		}
	}
}

static void test_the_first_one_is_greater(void **state)
{
	static const uint16_t numbers[] = { 5, 6, 7 };

	(void)state;
	assert_int_equal(flow_bisect_16(numbers, 3, 4), 0);
	assert_int_equal(flow_bisect_16(numbers, 1, 4), 0);
}

static void test_the_greatest_numbers(void **state)
{
	static const uint64_t numbers[] = { 0, UINT64_MAX - 1, UINT64_MAX };

	(void)state;
	assert_int_equal(flow_bisect_64(numbers, 3, UINT64_MAX), 2);
	assert_int_equal(flow_bisect_64(numbers, 3, UINT64_MAX - 1), 1);
	assert_int_equal(flow_bisect_64(numbers, 3, UINT64_MAX - 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_last_one_that_is_no_greater),
		TEST(test_the_first_one_is_greater),
		TEST(test_the_greatest_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
