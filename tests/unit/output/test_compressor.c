#include "output/compressor.h"

#include "check.h"

static void by_name(void **state)
{
	(void)state;
	assert_int_equal(output_compression_of("log"), OUTPUT_PLAIN);
	assert_int_equal(output_compression_of("log.gz"), OUTPUT_GZIP);
	assert_int_equal(output_compression_of(".gz"), OUTPUT_GZIP);
	assert_int_equal(output_compression_of("gz"), OUTPUT_PLAIN);
	assert_int_equal(output_compression_of("log.gz.1"), OUTPUT_PLAIN);
	assert_int_equal(output_compression_of("log.zst"), OUTPUT_ZSTD);
	assert_int_equal(output_compression_of("-"), OUTPUT_PLAIN);
	assert_int_equal(output_compression_of(""), OUTPUT_PLAIN);
}

static void plain_needs_none(void **state)
{
	struct output_compressor *compressor;

	(void)state;
	assert_int_equal(output_compressor_new(&compressor, OUTPUT_PLAIN, NULL), 0);
	assert_null(compressor);
	output_compressor_free(compressor);
	assert_int_equal(output_compressor_new(&compressor, OUTPUT_GZIP, NULL), 0);
	assert_non_null(compressor);
	output_compressor_free(compressor);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(by_name), TEST(plain_needs_none) };

	return cmocka_run_group_tests_name("output/compressor", tests, NULL, NULL);
}
