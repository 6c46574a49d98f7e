#include "logs/delta.h"

#include "check.h"

/* 7 5 3 1 2 3 4 5: the format's own example, in a block of 128 with 4 miniblocks; deltas -2 -2 -2 1 1 1 1, the least -2,
 * so that 0 0 0 3 3 3 3 stand there in two bits each. */
static const uint8_t example[] = {
	0x80, 0x01, 0x04, 0x08, 0x0e, /* 128, 4, 8 numbers, the first is 7 */
	0x03, 0x02, 0x00, 0x00, 0x00, /* the least is -2; widths */
	0xc0, 0x3f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xee,
};

static void numbers_are_summed(void **state)
{
	static const int64_t wanted[] = { 7, 5, 3, 1, 2, 3, 4, 5 };
	struct log_delta delta;
	int64_t value;

	(void)state;
	assert_true(log_delta_begin(&delta, example, example + sizeof(example)));
	assert_ptr_equal(log_delta_end(&delta), example + sizeof(example) - 1);
	for (size_t i = 0; i < 8; i++) {
		assert_true(log_delta_next(&delta, &value));
		assert_int_equal(value, wanted[i]);
	}
	assert_false(log_delta_next(&delta, &value));
}

static void one_number_has_no_block(void **state)
{
	const uint8_t bytes[] = { 0x80, 0x01, 0x04, 0x01, 0x09 };
	struct log_delta delta;
	int64_t value;

	(void)state;
	assert_true(log_delta_begin(&delta, bytes, bytes + sizeof(bytes)));
	assert_ptr_equal(log_delta_end(&delta), bytes + sizeof(bytes));
	assert_true(log_delta_next(&delta, &value));
	assert_int_equal(value, -5);
	assert_false(log_delta_next(&delta, &value));
}

static void what_is_cut_off_is_told(void **state)
{
	const uint8_t no_miniblocks[] = { 0x80, 0x01, 0x00, 0x01, 0x09 };
	const uint8_t too_wide[] = { 0x08, 0x01, 0x02, 0x00, 0x00, 0x41, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct log_delta delta;
	int64_t value;

	(void)state;
	for (size_t length = 0; length < sizeof(example) - 1; length++)
		if (log_delta_begin(&delta, example, example + length))
			assert_null(log_delta_end(&delta));
	assert_false(log_delta_begin(&delta, no_miniblocks, no_miniblocks + sizeof(no_miniblocks)));
	assert_true(log_delta_begin(&delta, too_wide, too_wide + sizeof(too_wide)));
	assert_true(log_delta_next(&delta, &value));
	assert_false(log_delta_next(&delta, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_are_summed),
		TEST(one_number_has_no_block),
		TEST(what_is_cut_off_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
