/* A column of one row group: a dictionary of empty texts, which packs well, and rows that are all its first one. */
#include "logs/chunk.h"

#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "logs/unpack.h"
#include "output/metadata.h"

enum { ROWS = 3, WORDS = 16384, SMALL = 100 * 1024 };

static const struct log_leaf leaf = { .name = "vpc_id", .name_length = 6, .type = LOG_LEAF_BYTES };

static void put_page(struct output_buffer *file, struct output_page page, const void *body)
{
	struct output_packer *packer = output_packer_new(OUTPUT_CODEC_GZIP, NULL);
	struct output_buffer packed = { 0 };

	assert_non_null(packer);
	assert_int_equal(output_packer_pack(packer, body, page.size, &packed, NULL), 0);
	page.packed = packed.length;
	page.crc = (uint32_t)crc32(0, (const Bytef *)packed.bytes, (uInt)packed.length);
	output_metadata_page(file, &page);
	output_buffer_append(file, packed.bytes, packed.length);
	free(packed.bytes);
	output_packer_free(packer);
}

/* The answer to the first value, of as many as there are words. */
static int read_first(size_t words, size_t memory, struct error *err)
{
	static const uint8_t lengths[4 * WORDS];
	static const uint8_t codes[] = { 1, 2 * ROWS, 0 }; /* of one bit; a run of the first word */
	struct output_buffer file = { 0 };
	struct log_chunk chunk = { 0 };
	struct log_place place = { .values = ROWS, .codec = LOG_CODEC_GZIP };
	struct log_value value = { .kind = LOG_VALUE_NONE };
	int fd = memfd_create("chunk", MFD_CLOEXEC), ret;

	put_page(&file, (struct output_page){ .is_dictionary = true, .values = words, .size = sizeof(lengths) },
		 lengths);
	put_page(&file, (struct output_page){ .has_codes = true, .values = ROWS, .size = sizeof(codes) }, codes);
	assert_int_equal(write(fd, file.bytes, file.length), file.length);
	place.size = file.length;
	log_chunk_begin(&chunk, fd, &memory, &leaf, &place);
	ret = log_chunk_next(&chunk, &value, err);
	if (ret == 0) {
		assert_int_equal(value.kind, LOG_VALUE_TEXT);
		assert_int_equal(value.text.length, 0);
	}
	log_chunk_free(&chunk);
	free(file.bytes);
	close(fd);
	return ret;
}

static void a_dictionary_is_read(void **state)
{
	struct error err = { "" };

	(void)state;
	assert_int_equal(read_first(WORDS, 1 << 20, &err), 0);
	assert_string_equal(err.text, "");
}

static void more_memory_than_there_may_be_is_not_taken(void **state)
{
	struct error err = { "" };

	(void)state;
	assert_int_equal(read_first(WORDS, SMALL, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "column vpc_id, takes more memory"));
	assert_int_equal(read_first(WORDS, 10, &err), -ENOTSUP);
}

static void a_dictionary_has_no_more_words_than_bytes_for_them(void **state)
{
	struct error err = { "" };

	(void)state;
	assert_int_equal(read_first(WORDS + 1, 1 << 20, &err), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_dictionary_is_read),
		TEST(more_memory_than_there_may_be_is_not_taken),
		TEST(a_dictionary_has_no_more_words_than_bytes_for_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
