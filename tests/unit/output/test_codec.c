#include "output/codec.h"

#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>
#if ENIFLOW_HAVE_ZSTD
#include <zstd.h>
#endif
#if ENIFLOW_HAVE_SNAPPY
#include <snappy-c.h>
#endif

enum { SIZE = 300000 };

static size_t open_gzip(const struct output_buffer *packed, char *out, size_t size)
{
	z_stream stream = { .next_in = (const unsigned char *)packed->bytes,
			    .avail_in = (uInt)packed->length,
			    .next_out = (unsigned char *)out,
			    .avail_out = (uInt)size };

	assert_int_equal(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(stream.avail_in, 0);
	inflateEnd(&stream);
	return size - stream.avail_out;
}

static size_t open_block(enum output_codec codec, const struct output_buffer *packed, char *out, size_t size)
{
	if (codec == OUTPUT_CODEC_GZIP)
		return open_gzip(packed, out, size);
#if ENIFLOW_HAVE_ZSTD
	if (codec == OUTPUT_CODEC_ZSTD)
		return ZSTD_decompress(out, size, packed->bytes, packed->length);
#endif
#if ENIFLOW_HAVE_SNAPPY
	if (codec == OUTPUT_CODEC_SNAPPY) {
		assert_int_equal(snappy_uncompress(packed->bytes, packed->length, out, &size), SNAPPY_OK);
		return size;
	}
#endif
	assert_in_range(packed->length, 0, size);
	if (packed->length)
		memcpy(out, packed->bytes, packed->length);
	return packed->length;
}

/* Packs the block twice with one packer: both must be what was packed, and the same. */
static void check_block(enum output_codec codec, const char *bytes, size_t size)
{
	struct output_packer *packer = output_packer_new(codec, NULL);
	struct output_buffer packed[2] = { { 0 }, { 0 } };
	char *opened = malloc(SIZE);

	assert_non_null(packer);
	assert_non_null(opened);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(output_packer_pack(packer, bytes, size, &packed[i], NULL), 0);
		assert_int_equal(open_block(codec, &packed[i], opened, SIZE), size);
		assert_memory_equal(opened, bytes, size);
	}
	assert_int_equal(packed[0].length, packed[1].length);
	if (packed[0].length)
		assert_memory_equal(packed[0].bytes, packed[1].bytes, packed[0].length);
	free(packed[0].bytes);
	free(packed[1].bytes);
	free(opened);
	output_packer_free(packer);
}

static void blocks(void **state)
{
	char *bytes = malloc(SIZE);
	uint32_t noise = 1;

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < SIZE; i++) {
		noise = noise * 1664525 + 1013904223;
		bytes[i] = (char)(i < SIZE / 2 ? noise >> 24 : 'a' + i % 7);
	}
	for (int codec = 0; codec < OUTPUT_CODEC_END; codec++) {
		if (output_codec_check(codec, NULL) < 0)
			continue;
		check_block(codec, bytes, SIZE);
		check_block(codec, bytes, 1);
		check_block(codec, bytes, 0);
	}
	free(bytes);
}

/* What is in the buffer stays. */
static void appends(void **state)
{
	struct output_packer *packer = output_packer_new(OUTPUT_CODEC_NONE, NULL);
	struct output_buffer out = { 0 };

	(void)state;
	output_buffer_put(&out, "head ");
	assert_int_equal(output_packer_pack(packer, "block", 5, &out, NULL), 0);
	assert_int_equal(out.length, 10);
	assert_memory_equal(out.bytes, "head block", 10);
	free(out.bytes);
	output_packer_free(packer);
	output_packer_free(NULL);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(output_codec_name(OUTPUT_CODEC_GZIP), "gzip");
	assert_string_equal(output_codec_name(OUTPUT_CODEC_ZSTD), "zstd");
	assert_string_equal(output_codec_name(OUTPUT_CODEC_SNAPPY), "snappy");
	assert_string_equal(output_codec_name(OUTPUT_CODEC_NONE), "none");
}

static void check_library(enum output_codec codec, int have, const char *package)
{
	struct error err = { "" };

	assert_int_equal(output_codec_check(codec, &err), have ? 0 : -ENOTSUP);
	assert_int_equal(strstr(err.text, package) != NULL, !have);
	if (!have)
		assert_null(output_packer_new(codec, &err));
}

static void libraries(void **state)
{
	(void)state;
	check_library(OUTPUT_CODEC_GZIP, 1, "zlib");
	check_library(OUTPUT_CODEC_NONE, 1, "-dev");
	check_library(OUTPUT_CODEC_ZSTD, ENIFLOW_HAVE_ZSTD, "libzstd-dev");
	check_library(OUTPUT_CODEC_SNAPPY, ENIFLOW_HAVE_SNAPPY, "libsnappy-dev");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(blocks), TEST(appends), TEST(names), TEST(libraries) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
