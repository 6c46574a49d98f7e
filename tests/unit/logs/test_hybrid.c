#include "logs/hybrid.h"

#include "check.h"

static void runs_of_both_kinds_are_read(void **state)
{
	/* Three times 5 (a run), then 0 to 7 packed in three bits each: the format's own example. */
	const uint8_t bytes[] = { 0x06, 0x05, 0x03, 0x88, 0xc6, 0xfa };
	struct log_hybrid hybrid;
	uint32_t value;

	(void)state;
	log_hybrid_begin(&hybrid, bytes, bytes + sizeof(bytes), 3);
	for (int i = 0; i < 3; i++) {
		assert_true(log_hybrid_next(&hybrid, &value));
		assert_int_equal(value, 5);
	}
	for (uint32_t i = 0; i < 8; i++) {
		assert_true(log_hybrid_next(&hybrid, &value));
		assert_int_equal(value, i);
	}
	assert_false(log_hybrid_next(&hybrid, &value));
}

static void a_run_follows_a_packed_one(void **state)
{
	const uint8_t bytes[] = { 0x03, 0xa5, 0x04, 0x01 };
	struct log_hybrid hybrid;
	uint32_t value = 0, sum = 0;

	(void)state;
	log_hybrid_begin(&hybrid, bytes, bytes + sizeof(bytes), 1);
	for (int i = 0; i < 10; i++) {
		assert_true(log_hybrid_next(&hybrid, &value));
		sum = 2 * sum + value;
	}
	assert_int_equal(sum, 0x297); /* 1010 0101 read from the lowest bit, then 11 */
}

static void what_is_not_there_is_not_read(void **state)
{
	const uint8_t no_value[] = { 0x06 }, few[] = { 0x05, 0xff }, wild[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	const uint8_t widest[] = { 0x02, 0x78, 0x56, 0x34, 0x12 };
	struct log_hybrid hybrid;
	uint32_t value;

	(void)state;
	log_hybrid_begin(&hybrid, no_value, no_value + 1, 8);
	assert_false(log_hybrid_next(&hybrid, &value));
	log_hybrid_begin(&hybrid, wild, wild + sizeof(wild), 1);
	assert_false(log_hybrid_next(&hybrid, &value));
	/* Two groups of eight, of which one is there. */
	log_hybrid_begin(&hybrid, few, few + sizeof(few), 1);
	for (int i = 0; i < 8; i++)
		assert_true(log_hybrid_next(&hybrid, &value));
	assert_false(log_hybrid_next(&hybrid, &value));
	log_hybrid_begin(&hybrid, widest, widest + sizeof(widest), 32);
	assert_true(log_hybrid_next(&hybrid, &value));
	assert_int_equal(value, 0x12345678);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(runs_of_both_kinds_are_read),
		TEST(a_run_follows_a_packed_one),
		TEST(what_is_not_there_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
