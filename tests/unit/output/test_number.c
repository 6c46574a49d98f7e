#include "output/number.h"

#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void check_unsigned(uint64_t value)
{
	char want[32], got[32];

	memset(got, '#', sizeof(got));
	snprintf(want, sizeof(want), "%" PRIu64 "#", value);
	assert_ptr_equal(output_number_unsigned(got, value), got + strlen(want) - 1);
	assert_memory_equal(got, want, strlen(want));
}

static void check_signed(int64_t value)
{
	char want[32], got[32];

	memset(got, '#', sizeof(got));
	snprintf(want, sizeof(want), "%" PRId64 "#", value);
	assert_ptr_equal(output_number_signed(got, value), got + strlen(want) - 1);
	assert_memory_equal(got, want, strlen(want));
}

static void small_numbers(void **state)
{
	(void)state;
	for (uint64_t value = 0; value <= 70000; value++)
		check_unsigned(value);
}

static void around_powers(void **state)
{
	uint64_t power = 1;

	(void)state;
	for (int i = 0; i < 20; i++, power *= 10) {
		check_unsigned(power - 1);
		check_unsigned(power);
		check_unsigned(power + 1);
	}
	for (int i = 0; i < 64; i++) {
		check_unsigned(UINT64_C(1) << i);
		check_unsigned((UINT64_C(1) << i) - 1);
	}
	check_unsigned(UINT64_MAX);
}

static void signed_numbers(void **state)
{
	(void)state;
	check_signed(0);
	check_signed(1700000000);
	check_signed(-1);
	check_signed(INT64_MAX);
	check_signed(INT64_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(small_numbers), TEST(around_powers), TEST(signed_numbers) };

	return cmocka_run_group_tests_name("output/number", tests, NULL, NULL);
}
