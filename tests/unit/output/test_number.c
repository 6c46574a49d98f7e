#include "output/number.h"

#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The text, its end, and that nothing is written beyond the room. */
static void check(const char *want, char *(*write)(char *, const void *), const void *value)
{
	char got[OUTPUT_NUMBER_ROOM + 8];
	size_t length = strlen(want);

	memset(got, '#', sizeof(got));
	assert_ptr_equal(write(got, value), got + length);
	assert_memory_equal(got, want, length);
	assert_memory_equal(got + OUTPUT_NUMBER_ROOM, "########", 8);
}

static char *write_unsigned(char *out, const void *value)
{
	return output_number_unsigned(out, *(const uint64_t *)value);
}

static char *write_signed(char *out, const void *value)
{
	return output_number_signed(out, *(const int64_t *)value);
}

static void check_unsigned(uint64_t value)
{
	char want[32];

	snprintf(want, sizeof(want), "%" PRIu64, value);
	check(want, write_unsigned, &value);
}

static void check_signed(int64_t value)
{
	char want[32];

	snprintf(want, sizeof(want), "%" PRId64, value);
	check(want, write_signed, &value);
}

/* Every octet and every port are among them, and all values that are written in one step. */
static void small_numbers(void **state)
{
	(void)state;
	for (uint64_t value = 0; value <= 1002000; value++)
		check_unsigned(value);
}

/* Where a digit is added, and where six are. */
static void around_powers(void **state)
{
	uint64_t power = 1;

	(void)state;
	for (int i = 0; i < 20; i++, power *= 10) {
		for (uint64_t times = 1; times < 10 && times <= UINT64_MAX / power; times++) {
			check_unsigned(power * times - 1);
			check_unsigned(power * times);
			check_unsigned(power * times + 1);
		}
	}
	for (int i = 0; i < 64; i++) {
		check_unsigned(UINT64_C(1) << i);
		check_unsigned((UINT64_C(1) << i) - 1);
	}
	check_unsigned(UINT64_MAX);
}

static void numbers_of_every_length(void **state)
{
	uint64_t value = 42;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		value = value * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		check_unsigned(value >> i % 64);
		check_signed((int64_t)value >> i % 64);
	}
}

static void signed_numbers(void **state)
{
	(void)state;
	check_signed(0);
	check_signed(1700000000);
	check_signed(-1);
	check_signed(-999999);
	check_signed(-1000000);
	check_signed(INT64_MAX);
	check_signed(INT64_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(small_numbers),
		TEST(around_powers),
		TEST(numbers_of_every_length),
		TEST(signed_numbers),
	};

	return cmocka_run_group_tests_name("output/number", tests, NULL, NULL);
}
