#include "logs/thrift.h"

#include "check.h"

#include <string.h>

static struct log_thrift over(const uint8_t *bytes, size_t length)
{
	return (struct log_thrift){ .at = bytes, .end = bytes + length };
}

static void fields_are_read_one_by_one(void **state)
{
	/* 1: i32 -3; 2: true; 5: bytes "ab"; 300 (in full): i64 64; stop */
	const uint8_t bytes[] = { 0x15, 0x05, 0x11, 0x38, 0x02, 'a', 'b', 0x06, 0xd8, 0x04, 0x80, 0x01, 0x00 };
	struct log_thrift thrift = over(bytes, sizeof(bytes));
	struct log_thrift_field field = { 0 };
	const uint8_t *text;
	size_t length;

	(void)state;
	assert_true(log_thrift_next(&thrift, &field));
	assert_int_equal(field.id, 1);
	assert_int_equal(log_thrift_int(&thrift, &field), -3);
	assert_true(log_thrift_next(&thrift, &field));
	assert_int_equal(field.id, 2);
	assert_true(log_thrift_bool(&thrift, &field));
	assert_true(log_thrift_next(&thrift, &field));
	assert_int_equal(field.id, 5);
	text = log_thrift_bytes(&thrift, &field, &length);
	assert_int_equal(length, 2);
	assert_memory_equal(text, "ab", 2);
	assert_true(log_thrift_next(&thrift, &field));
	assert_int_equal(field.id, 300);
	assert_int_equal(log_thrift_int(&thrift, &field), 64);
	assert_false(log_thrift_next(&thrift, &field));
	assert_false(thrift.failed);
}

static void every_kind_of_value_can_be_skipped(void **state)
{
	const uint8_t bytes[] = {
		0x13, 0x07,                                  /* byte */
		0x17, 1,    2,    3,    4,    5,    6, 7, 8, /* double */
		0x19, 0x25, 0x02, 0x04,                      /* list of two i32 */
		0x19, 0x21, 0x01, 0x02,                      /* list of two truths */
		0x1b, 0x01, 0x85, 0x01, 'k',  0x06,          /* map of one: bytes to i32 */
		0x1c, 0x1c, 0x15, 0x02, 0x00, 0x00,          /* struct in a struct */
		0x1b, 0x00,                                  /* an empty map */
		0x15, 0x54, 0x00,                            /* i32 42 */
	};
	struct log_thrift thrift = over(bytes, sizeof(bytes));
	struct log_thrift_field field = { 0 };

	(void)state;
	for (int i = 0; i < 7; i++) {
		assert_true(log_thrift_next(&thrift, &field));
		log_thrift_skip(&thrift, &field);
	}
	assert_true(log_thrift_next(&thrift, &field));
	assert_int_equal(log_thrift_int(&thrift, &field), 42);
	assert_false(log_thrift_next(&thrift, &field));
	assert_false(thrift.failed);
}

static void what_ends_early_or_is_none_fails(void **state)
{
	const uint8_t cut[] = { 0x15, 0x80 }, unknown[] = { 0x1e, 0x00 };
	const uint8_t endless[] = { 0x16, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	const uint8_t many[] = { 0x19, 0xfc, 0xff, 0xff, 0x03, 0x00 };
	struct log_thrift_field field = { 0 };
	struct log_thrift thrift = over(cut, sizeof(cut));
	uint8_t deep[64];

	(void)state;
	assert_true(log_thrift_next(&thrift, &field));
	assert_int_equal(log_thrift_int(&thrift, &field), 0);
	assert_true(thrift.failed && thrift.ended);

	thrift = over(unknown, sizeof(unknown));
	assert_false(log_thrift_next(&thrift, &field));
	assert_true(thrift.failed && !thrift.ended);

	thrift = over(endless, sizeof(endless));
	assert_true(log_thrift_next(&thrift, &field));
	log_thrift_skip(&thrift, &field);
	assert_true(thrift.failed && !thrift.ended);

	/* A list cannot have more structs than bytes. */
	thrift = over(many, sizeof(many));
	assert_true(log_thrift_next(&thrift, &field));
	assert_int_equal(log_thrift_structs(&thrift, &field), 0);
	assert_true(thrift.failed);

	/* Structs in structs, deeper than any that is meant. */
	memset(deep, 0x1c, sizeof(deep));
	thrift = over(deep, sizeof(deep));
	assert_true(log_thrift_next(&thrift, &field));
	log_thrift_skip(&thrift, &field);
	assert_true(thrift.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fields_are_read_one_by_one),
		TEST(every_kind_of_value_can_be_skipped),
		TEST(what_ends_early_or_is_none_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
