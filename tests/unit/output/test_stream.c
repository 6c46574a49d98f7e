#include "output/stream.h"

#include "check.h"

#include <zlib.h>

#include "folder.h"

static void put(struct output_stream *stream, const char *text)
{
	char *line = output_stream_reserve(stream, strlen(text), NULL);

	assert_non_null(line);
	memcpy(line, text, strlen(text));
	output_stream_commit(stream, strlen(text));
}

static void check_file(const char *want)
{
	gzFile file = gzopen(in_folder("log"), "rb");
	char bytes[256];
	int length;

	assert_non_null(file);
	length = gzread(file, bytes, sizeof(bytes) - 1);
	assert_true(length >= 0);
	bytes[length] = '\0';
	assert_string_equal(bytes, want);
	gzclose(file);
}

static void lines_wait_and_are_written(void **state)
{
	static const enum output_compression compressions[] = { OUTPUT_PLAIN, OUTPUT_GZIP };

	(void)state;
	for (int i = 0; i < 2; i++) {
		size_t waiting = 100;
		struct output_stream stream = { .compression = compressions[i], .waiting = &waiting };
		int fd = open(in_folder("log"), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);

		put(&stream, "one\n");
		assert_int_equal(output_stream_waiting(&stream), 4);
		assert_int_equal(waiting, 104);
		assert_int_equal(output_stream_write(&stream, fd), 0);
		assert_int_equal(waiting, 104); /* not packed yet */
		assert_int_equal(output_stream_pack(&stream, OUTPUT_PAUSE, NULL), 0);
		assert_int_equal(waiting, 100 + stream.packed);
		assert_int_equal(output_stream_write(&stream, fd), 0);
		assert_int_equal(waiting, 100);
		put(&stream, "two\n");
		assert_int_equal(output_stream_pack(&stream, OUTPUT_END, NULL), 0);
		assert_null(stream.buffer); /* at rest */
		assert_int_equal(output_stream_pack(&stream, OUTPUT_END, NULL), 0);
		put(&stream, "three\n");
		assert_int_equal(output_stream_pack(&stream, OUTPUT_END, NULL), 0);
		assert_int_equal(output_stream_write(&stream, fd), 0);
		check_file("one\ntwo\nthree\n");
		put(&stream, "gone\n");
		output_stream_clear(&stream);
		assert_int_equal(waiting, 100);
		close(fd);
	}
}

/* A pause behind nothing new adds nothing. */
static void pauses_of_nothing(void **state)
{
	struct output_stream stream = { .compression = OUTPUT_GZIP };
	uint64_t packed;

	(void)state;
	assert_int_equal(output_stream_pack(&stream, OUTPUT_PAUSE, NULL), 0);
	assert_int_equal(stream.packed, 0);
	put(&stream, "one\n");
	assert_int_equal(output_stream_pack(&stream, OUTPUT_MORE, NULL), 0);
	assert_int_equal(output_stream_pack(&stream, OUTPUT_PAUSE, NULL), 0);
	packed = stream.packed;
	assert_true(packed > 10);
	assert_int_equal(output_stream_pack(&stream, OUTPUT_PAUSE, NULL), 0);
	assert_int_equal(stream.packed, packed);
	output_stream_clear(&stream);
}

static void lines_of_every_length(void **state)
{
	struct output_stream stream = { 0 };
	size_t lengths[] = { 1, 65536, 65535, 2, 200000, 3 }, sum = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char *line = output_stream_reserve(&stream, lengths[i], NULL);

		assert_non_null(line);
		memset(line, 'x', lengths[i]);
		output_stream_commit(&stream, lengths[i]);
		sum += lengths[i];
		assert_int_equal(output_stream_waiting(&stream), sum);
	}
	output_stream_clear(&stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(lines_wait_and_are_written),
		TEST(pauses_of_nothing),
		TEST(lines_of_every_length),
	};

	return cmocka_run_group_tests_name("output/stream", tests, NULL, NULL);
}
