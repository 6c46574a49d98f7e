#include "output/thrift.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static void check(struct output_buffer *out, const char *want, size_t length)
{
	assert_false(out->failed);
	assert_int_equal(out->length, length);
	assert_memory_equal(out->bytes, want, length);
	free(out->bytes);
	*out = (struct output_buffer){ 0 };
}

static void varints(void **state)
{
	struct output_buffer out = { 0 };

	(void)state;
	output_thrift_varint(&out, 0);
	output_thrift_varint(&out, 127);
	output_thrift_varint(&out, 128);
	output_thrift_varint(&out, UINT64_MAX);
	check(&out, "\0\x7f\x80\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 14);
}

/* Each with its head: the step from the field before, and the type. */
static void fields(void **state)
{
	struct output_buffer out = { 0 };
	struct output_thrift thrift = output_thrift_of(&out);

	(void)state;
	output_thrift_i32(&thrift, 1, -1);
	output_thrift_i16(&thrift, 2, 1);
	output_thrift_i64(&thrift, 4, INT64_MIN);
	output_thrift_i8(&thrift, 5, -2);
	output_thrift_bool(&thrift, 6, true);
	output_thrift_bool(&thrift, 7, false);
	output_thrift_string(&thrift, 8, "ab");
	output_thrift_end(&thrift);
	check(&out,
	      "\x15\x01"                                     /* i32, -1 */
	      "\x14\x02"                                     /* i16, 1 */
	      "\x26\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" /* i64 two ids on */
	      "\x13\xfe"                                     /* i8 */
	      "\x11\x12"                                     /* true, false */
	      "\x18\x02"
	      "ab\0", /* binary, and the end */
	      24);
}

/* An id more than 15 on, or not on at all, is told in full. */
static void far_fields(void **state)
{
	struct output_buffer out = { 0 };
	struct output_thrift thrift = output_thrift_of(&out);

	(void)state;
	output_thrift_i32(&thrift, 16, 0);
	output_thrift_i32(&thrift, 31, 0);
	output_thrift_i32(&thrift, 3, 0);
	check(&out, "\x05\x20\0\xf5\0\x05\x06\0", 8);
}

static void structures(void **state)
{
	struct output_buffer out = { 0 };
	struct output_thrift thrift = output_thrift_of(&out);

	(void)state;
	output_thrift_begin(&thrift, 2);
	output_thrift_i32(&thrift, 1, 1);
	output_thrift_end(&thrift);
	output_thrift_i32(&thrift, 3, 1);
	output_thrift_list(&thrift, 4, OUTPUT_THRIFT_STRUCT, 2);
	for (int i = 0; i < 2; i++) {
		output_thrift_begin(&thrift, 0);
		output_thrift_i32(&thrift, 2, i);
		output_thrift_end(&thrift);
	}
	output_thrift_list(&thrift, 5, OUTPUT_THRIFT_I32, 15);
	output_thrift_end(&thrift);
	check(&out, "\x2c\x15\x02\0\x15\x02\x19\x2c\x25\0\0\x25\x02\0\x19\xf5\x0f\0", 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(varints), TEST(fields), TEST(far_fields), TEST(structures) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
