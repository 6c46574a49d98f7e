#define ZLIB_CONST /* next_in points to const */

#include "logs/unpack.h"

#include "check.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

static const char text[] = "srcaddr dstaddr srcport dstport";

enum { BLOCK_ROOM = 256 };

/* The text as a member of gzip's; its length. */
static size_t pack(uint8_t block[BLOCK_ROOM])
{
	z_stream stream = { .next_in = (const Bytef *)text, .avail_in = sizeof(text) };

	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_out = block;
	stream.avail_out = BLOCK_ROOM;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	deflateEnd(&stream);
	return stream.total_out;
}

static void gzip_is_unpacked_to_its_length_and_no_other(void **state)
{
	uint8_t block[BLOCK_ROOM];
	char out[sizeof(text) + 1];
	size_t length = pack(block);

	(void)state;
	assert_null(log_unpack(LOG_CODEC_GZIP, block, length, out, sizeof(text)));
	assert_string_equal(out, text);
	assert_non_null(log_unpack(LOG_CODEC_GZIP, block, length, out, sizeof(text) - 1));
	assert_non_null(log_unpack(LOG_CODEC_GZIP, block, length, out, sizeof(text) + 1));
	assert_non_null(log_unpack(LOG_CODEC_GZIP, block, length - 9, out, sizeof(text)));
	block[length - 6] ^= 1;
	assert_non_null(log_unpack(LOG_CODEC_GZIP, block, length, out, sizeof(text)));
}

static void members_of_gzip_stand_one_behind_another(void **state)
{
	uint8_t blocks[2 * BLOCK_ROOM];
	char out[2 * sizeof(text)];
	size_t length = pack(blocks);

	(void)state;
	length += pack(blocks + length);
	assert_null(log_unpack(LOG_CODEC_GZIP, blocks, length, out, sizeof(out)));
	assert_string_equal(out, text);
	assert_string_equal(out + sizeof(text), text);
	assert_non_null(log_unpack(LOG_CODEC_GZIP, blocks, length - 9, out, sizeof(out)));
}

static void snappy_is_unpacked(void **state)
{
#if ENIFLOW_HAVE_SNAPPY
	/* 12 bytes: "abcd", then 8 bytes from 4 before */
	static const uint8_t block[] = { 0x0c, 0x0c, 'a', 'b', 'c', 'd', 0x11, 0x04 };
	char out[12];

	(void)state;
	assert_null(log_unpack(LOG_CODEC_SNAPPY, block, sizeof(block), out, sizeof(out)));
	assert_memory_equal(out, "abcdabcdabcd", sizeof(out));
	assert_non_null(log_unpack(LOG_CODEC_SNAPPY, block, sizeof(block) - 1, out, sizeof(out)));
	assert_non_null(log_unpack(LOG_CODEC_SNAPPY, block, sizeof(block), out, sizeof(out) - 1));
#else
	(void)state;
	assert_int_equal(log_unpack_check(LOG_CODEC_SNAPPY, "x", NULL), -ENOTSUP);
#endif
}

static void what_cannot_be_read_is_named(void **state)
{
	struct error err = { "" };

	(void)state;
	assert_int_equal(log_unpack_check(LOG_CODEC_NONE, "x", &err), 0);
	assert_int_equal(log_unpack_check(LOG_CODEC_GZIP, "x", &err), 0);
	assert_int_equal(log_unpack_check(LOG_CODEC_BROTLI, "x", &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "x is compressed with brotli"));
	assert_int_equal(log_unpack_check(LOG_CODEC_LZ4_RAW, "x", &err), -ENOTSUP);
	assert_int_equal(log_unpack_check(200, "x", &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "200"));
}

static void a_length_that_cannot_be_is_one(void **state)
{
	(void)state;
	assert_int_equal(log_unpack_most(LOG_CODEC_NONE, 10), 10);
	assert_true(log_unpack_most(LOG_CODEC_GZIP, 100) < 200000);
	assert_true(log_unpack_most(LOG_CODEC_ZSTD, UINT64_MAX / 2) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gzip_is_unpacked_to_its_length_and_no_other),
		TEST(members_of_gzip_stand_one_behind_another),
		TEST(snappy_is_unpacked),
		TEST(what_cannot_be_read_is_named),
		TEST(a_length_that_cannot_be_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
