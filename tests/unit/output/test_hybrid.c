#include "output/hybrid.h"

#include "parquetfile.h"

static void check_bytes(const uint32_t *values, size_t count, unsigned width, const char *want, size_t length)
{
	struct output_buffer out = { 0 };

	output_hybrid_put(&out, values, count, width);
	assert_int_equal(out.length, length);
	assert_memory_equal(out.bytes, want, length);
	free(out.bytes);
}

/* The example of the specification: 0 to 7 in three bits. */
static void packed(void **state)
{
	static const uint32_t values[] = { 0, 1, 2, 3, 4, 5, 6, 7 };

	(void)state;
	check_bytes(values, 8, 3, "\x03\x88\xc6\xfa", 4);
	check_bytes(values, 3, 3, "\x03\x88\0\0", 4);
	check_bytes(values, 0, 3, "", 0);
}

static void runs(void **state)
{
	uint32_t values[300];

	(void)state;
	for (size_t i = 0; i < 300; i++)
		values[i] = 0x12345;
	check_bytes(values, 300, 17, "\xd8\x04\x45\x23\x01", 5);
	values[0] = 1;
	check_bytes(values, 20, 17,
		    "\x03\x01\x00\x8a\x46\x16\x8d\x2c\x1a\x59\x34\xb2\x68\x64\xd1\xc8\xa2\x91" /* eight packed */
		    "\x18\x45\x23\x01",                                                        /* twelve times */
		    22);
}

static void widths(void **state)
{
	(void)state;
	assert_int_equal(output_hybrid_width(0), 1);
	assert_int_equal(output_hybrid_width(1), 1);
	assert_int_equal(output_hybrid_width(2), 1);
	assert_int_equal(output_hybrid_width(3), 2);
	assert_int_equal(output_hybrid_width(4), 2);
	assert_int_equal(output_hybrid_width(5), 3);
	assert_int_equal(output_hybrid_width(1U << 31), 31);
	assert_int_equal(output_hybrid_width((1U << 31) + 1), 32);
}

static uint32_t noise(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Numbers in stretches of all lengths, at each width. */
static void round_trips(void **state)
{
	enum { MOST = 2000 };
	uint32_t *values = calloc(MOST, 2 * sizeof(*values)), *back = values + MOST, seed = 7;

	(void)state;
	assert_non_null(values);
	for (unsigned width = 1; width <= 32; width++) {
		size_t count = 1 + noise(&seed) % MOST;
		struct output_buffer out = { 0 };
		struct span in;

		for (size_t i = 0; i < count;) {
			uint32_t value = (noise(&seed) << 16 ^ noise(&seed)) & (uint32_t)(((uint64_t)1 << width) - 1);

			for (size_t length = 1 + noise(&seed) % (noise(&seed) % 40 + 1); length > 0 && i < count;
			     length--)
				values[i++] = value;
		}
		output_hybrid_put(&out, values, count, width);
		in = (struct span){ (const uint8_t *)out.bytes, (const uint8_t *)out.bytes + out.length };
		read_hybrid(&in, width, back, count);
		assert_ptr_equal(in.at, in.end);
		assert_memory_equal(values, back, count * sizeof(*values));
		/* Not larger than all packed, but for heads. */
		assert_in_range(out.length, 1, (count + 7) / 8 * width + 4);
		free(out.bytes);
	}
	free(values);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(packed), TEST(runs), TEST(widths), TEST(round_trips) };

	(void)parquetfile_read;
	(void)parquetfile_free;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
