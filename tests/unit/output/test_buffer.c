#include "output/buffer.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static void grows_as_needed(void **state)
{
	struct output_buffer buffer = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++)
		output_buffer_put(&buffer, "0123456");
	output_buffer_append(&buffer, "89", 1);
	assert_false(buffer.failed);
	assert_int_equal(buffer.length, 70001);
	assert_memory_equal(buffer.bytes + 70001 - 8, "01234568", 8);
	free(buffer.bytes);
}

static void one_large_piece(void **state)
{
	struct output_buffer buffer = { 0 };
	char *piece = malloc(100000);

	(void)state;
	memset(piece, 'a', 100000);
	output_buffer_put(&buffer, "b");
	output_buffer_append(&buffer, piece, 100000);
	assert_int_equal(buffer.length, 100001);
	assert_memory_equal(buffer.bytes + 1, piece, 100000);
	free(buffer.bytes);
	free(piece);
}

/* Room is not taken until its length is. */
static void room(void **state)
{
	struct output_buffer buffer = { 0 };
	char *at;

	(void)state;
	output_buffer_put(&buffer, "ab");
	at = output_buffer_room(&buffer, 5000);
	assert_non_null(at);
	assert_int_equal(buffer.length, 2);
	memset(at, 'c', 5000);
	buffer.length += 1;
	output_buffer_put(&buffer, "d");
	assert_int_equal(buffer.length, 4);
	assert_memory_equal(buffer.bytes, "abcd", 4);
	buffer.failed = true;
	assert_null(output_buffer_room(&buffer, 1));
	free(buffer.bytes);
}

static void numbers_begin_with_their_lowest_byte(void **state)
{
	struct output_buffer buffer = { 0 };

	(void)state;
	output_buffer_little(&buffer, 0x01020304, 4);
	output_buffer_little(&buffer, 0xfe0102, 2);
	output_buffer_little(&buffer, UINT64_MAX, 8);
	assert_int_equal(buffer.length, 14);
	assert_memory_equal(buffer.bytes, "\4\3\2\1\2\1\xff\xff\xff\xff\xff\xff\xff\xff", 14);
	free(buffer.bytes);
}

/* What failed stays so: a piece missing in the middle must not go unseen. */
static void failure_sticks(void **state)
{
	struct output_buffer buffer = { .failed = true };

	(void)state;
	output_buffer_put(&buffer, "x");
	assert_true(buffer.failed);
	assert_int_equal(buffer.length, 0);
	assert_null(buffer.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(grows_as_needed), TEST(one_large_piece), TEST(room),
					    TEST(numbers_begin_with_their_lowest_byte), TEST(failure_sticks) };

	return cmocka_run_group_tests_name("output/buffer", tests, NULL, NULL);
}
