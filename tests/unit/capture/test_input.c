#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "capture/input.h"
#include "check.h"

enum { LARGE = 3 << 20 };

static char folder[] = "/tmp/eniflow-input-XXXXXX";
static char path[64];
static uint8_t content[LARGE]; /* what files hold: pseudo-random, so that a wrong place shows */
static uint8_t packed[2 * LARGE];
static struct capture_input input;
static struct error err;

static int make_folder(void **state)
{
	uint32_t number = 1;

	(void)state;
	for (size_t i = 0; i < LARGE; i++) {
		number = number * 1664525 + 1013904223;
		content[i] = (uint8_t)(number >> 24) & (i % 5 ? 0xff : 0x0f);
	}
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/file", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static int close_input(void **state)
{
	(void)state;
	capture_input_close(&input);
	unlink(path);
	return 0;
}

static void write_file(const void *bytes, size_t length)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void open_file(const void *bytes, size_t length)
{
	write_file(bytes, length);
	assert_int_equal(capture_input_open(&input, path, -1, &err), 0);
}

/* The rest of the input, in pieces of odd sizes, is `length` bytes from `bytes` on, and then comes the end. */
static void assert_holds(const uint8_t *bytes, size_t length)
{
	size_t done = 0;
	size_t want = 1;

	while (done < length) {
		want = want * 7 % 10007;
		if (want > length - done)
			want = length - done;
		assert_int_equal(capture_input_fill(&input, want, true, &err), 1);
		assert_true((size_t)(input.end - input.at) >= want);
		assert_memory_equal(input.at, bytes + done, want);
		capture_input_take(&input, want);
		done += want;
	}
	assert_int_equal(capture_input_fill(&input, 1, true, &err), 0);
	assert_int_equal(capture_input_fill(&input, 1, true, &err), 0);
	assert_ptr_equal(input.at, input.end);
}

/* ---- plain files ---- */

static void reads_a_file_to_its_end(void **state)
{
	(void)state;
	open_file(content, LARGE);
	assert_holds(content, LARGE);
	assert_int_equal(capture_input_offset(&input), LARGE);
	assert_int_equal(capture_input_consumed(&input), LARGE);
	assert_int_equal(capture_input_size(&input), LARGE);
	assert_null(capture_input_fault(&input));
	assert_null(capture_input_compression(&input));
	assert_false(capture_input_is_stream(&input));
	assert_string_equal(capture_input_name(&input), path);
}

static void reads_little_at_first(void **state)
{
	(void)state;
	open_file(content, LARGE);
	assert_int_equal(capture_input_fill(&input, 24, true, &err), 1);
	assert_in_range(capture_input_consumed(&input), 24, 65536);
}

static void grows_to_what_is_needed(void **state)
{
	(void)state;
	open_file(content, LARGE);
	capture_input_skip(&input, &(uint64_t){ 1000 }, true, &err);
	assert_int_equal(capture_input_fill(&input, LARGE - 1000, true, &err), 1);
	assert_memory_equal(input.at, content + 1000, LARGE - 1000);
	assert_int_equal(capture_input_offset(&input), 1000);
	assert_int_equal(capture_input_fill(&input, LARGE, true, &err), 0);
	assert_memory_equal(input.at, content + 1000, LARGE - 1000);
}

static void skips_beyond_the_buffer_and_the_end(void **state)
{
	uint64_t left = LARGE - 10;

	(void)state;
	open_file(content, LARGE);
	assert_int_equal(capture_input_skip(&input, &left, true, &err), 1);
	assert_int_equal(capture_input_offset(&input), LARGE - 10);
	assert_int_equal(capture_input_fill(&input, 10, true, &err), 1);
	assert_memory_equal(input.at, content + LARGE - 10, 10);
	left = 11;
	assert_int_equal(capture_input_skip(&input, &left, true, &err), 0);
	assert_int_equal(left, 1);
}

static void empty_and_tiny_files_are_files(void **state)
{
	(void)state;
	for (size_t length = 0; length < 8; length++) {
		open_file(content, length);
		assert_holds(content, length);
		capture_input_close(&input);
	}
}

static void says_what_cannot_be_opened(void **state)
{
	(void)state;
	assert_int_equal(capture_input_open(&input, path, -1, &err), -ENOENT);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(capture_input_open(&input, folder, -1, &err), -EISDIR);
	assert_non_null(strstr(err.text, "is a directory"));
	assert_int_equal(capture_input_open(&input, "/proc/self/mem", -1, &err), -EIO);
	assert_non_null(strstr(err.text, "/proc/self/mem: it cannot be read at byte 0"));
}

static void names_compressions_that_it_cannot_read(void **state)
{
	static const struct {
		const char *bytes, *told;
	} others[] = {
		{ "\xfd"
		  "7zXZ\0\0",
		  "is xz-compressed" },
		{ "BZh91AY", "is bzip2-compressed" },
		{ "\x04\x22\x4d\x18...", "is lz4-compressed" },
		{ "\x1f\x9d\x90....", "is compress-compressed" },
		{ "PK\x03\x04...", "is zip-compressed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		write_file(others[i].bytes, 7);
		assert_int_equal(capture_input_open(&input, path, -1, &err), -EINVAL);
		assert_non_null(strstr(err.text, others[i].told));
		assert_non_null(strstr(err.text, "file | eniflow read -"));
	}
}

/* ---- gzip ---- */

/* One gzip member of `length` bytes at `bytes`, written to `out`. */
static size_t gzip(uint8_t *out, const uint8_t *bytes, size_t length)
{
	z_stream z = {
		.next_in = (uint8_t *)bytes, .avail_in = (uInt)length, .next_out = out, .avail_out = sizeof(packed) / 2
	};

	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static void reads_gzip_members_and_padding(void **state)
{
	size_t length = gzip(packed, content, LARGE / 2);

	(void)state;
	length += gzip(packed + length, content, 0);
	length += gzip(packed + length, content + LARGE / 2, LARGE / 2);
	memset(packed + length, 0, 1000);
	open_file(packed, length + 1000);
	assert_string_equal(capture_input_compression(&input), "gzip");
	assert_holds(content, LARGE);
	assert_null(capture_input_fault(&input));
	assert_int_equal(capture_input_offset(&input), LARGE);
	assert_int_equal(capture_input_consumed(&input), length + 1000);
}

static void reads_gzip_of_nothing(void **state)
{
	(void)state;
	open_file(packed, gzip(packed, content, 0));
	assert_holds(content, 0);
	assert_null(capture_input_fault(&input));
}

/* Wherever it is cut off, what can be decoded comes before the fault. */
static void tells_where_gzip_is_cut_off(void **state)
{
	enum { SMALL = 300 };
	size_t length = gzip(packed, content, SMALL);

	(void)state;
	for (size_t cut = 3; cut < length; cut++) {
		char told[64];
		int ret;

		snprintf(told, sizeof(told), "the gzip data is cut off at byte %zu", cut);
		open_file(packed, cut);
		while ((ret = capture_input_fill(&input, (size_t)(input.end - input.at) + 1, true, &err)) > 0)
			;
		assert_int_equal(ret, 0);
		assert_string_equal(capture_input_fault(&input), told);
		assert_memory_equal(input.at, content, input.end - input.at);
		if (cut >= length - 8) /* only the check value and the length are missing */
			assert_int_equal(input.end - input.at, SMALL);
		capture_input_close(&input);
	}
}

static void tells_where_gzip_is_damaged(void **state)
{
	size_t length = gzip(packed, content, LARGE);
	char told[128];

	(void)state;
	packed[length - 8] ^= 1;
	open_file(packed, length);
	assert_holds(content, LARGE);
	snprintf(told, sizeof(told), "the gzip data cannot be decoded at byte %zu: incorrect data check", length - 4);
	assert_string_equal(capture_input_fault(&input), told);
	capture_input_close(&input);

	packed[length - 8] ^= 1;
	packed[length] = 0;
	packed[length + 1] = 0x1f;
	open_file(packed, length + 2);
	assert_holds(content, LARGE);
	snprintf(told, sizeof(told), "the gzip data cannot be decoded at byte %zu: something", length + 1);
	assert_non_null(strstr(capture_input_fault(&input), told));
	capture_input_close(&input);

	memcpy(packed + length, "\x1f\x8b\x07\0", 4);
	open_file(packed, length + 4);
	assert_holds(content, LARGE);
	assert_non_null(strstr(capture_input_fault(&input), "unknown compression method"));
}

/* ---- zstd ---- */

enum { SENTENCE = 20, SENTENCES = 25 };
static const char sentence[] = "eniflow reads zstd. ";

/* Appends a frame (with a check value) that holds the sentence that many times. */
static size_t zstd(size_t length)
{
	static const uint8_t frame[] = {
		0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0xdd, 0x00, 0x00, 0xa0, 0x65, 0x6e, 0x69, 0x66,
		0x6c, 0x6f, 0x77, 0x20, 0x72, 0x65, 0x61, 0x64, 0x73, 0x20, 0x7a, 0x73, 0x74, 0x64,
		0x2e, 0x20, 0x01, 0x00, 0xba, 0x4f, 0x9d, 0x4c, 0xa9, 0x0f, 0x5a, 0xa9,
	};

	memcpy(packed + length, frame, sizeof(frame));
	return length + sizeof(frame);
}

/* Appends a frame that is to be skipped. */
static size_t zstd_skippable(size_t length, uint8_t kind)
{
	const uint8_t frame[] = { kind, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9 };

	memcpy(packed + length, frame, sizeof(frame));
	return length + sizeof(frame);
}

/* Skips the test where this build has no zstd, which it must say. */
static void open_zstd(size_t length)
{
	int ret;

	write_file(packed, length);
	ret = capture_input_open(&input, path, -1, &err);
	if (ret == -ENOTSUP) {
		assert_non_null(strstr(err.text, "install libzstd-dev"));
		skip();
	}
	assert_int_equal(ret, 0);
	assert_string_equal(capture_input_compression(&input), "zstd");
}

static void assert_sentences(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(capture_input_fill(&input, SENTENCE, true, &err), 1);
		assert_memory_equal(input.at, sentence, SENTENCE);
		capture_input_take(&input, SENTENCE);
	}
	assert_int_equal(capture_input_fill(&input, SENTENCE, true, &err), 0);
	assert_ptr_equal(input.at, input.end);
}

static void reads_zstd_frames(void **state)
{
	(void)state;
	open_zstd(zstd(zstd_skippable(zstd(zstd_skippable(0, 0x50)), 0x5a)));
	assert_sentences(2 * SENTENCES);
	assert_null(capture_input_fault(&input));
}

static void tells_where_zstd_is_cut_off(void **state)
{
	size_t length = zstd(0), whole = zstd(length);
	char told[64];

	(void)state;
	for (size_t cut = length + 1; cut < whole; cut++) {
		open_zstd(cut);
		while (capture_input_fill(&input, (size_t)(input.end - input.at) + 1, true, &err) > 0)
			;
		assert_in_range(input.end - input.at, SENTENCES * SENTENCE, 2 * SENTENCES * SENTENCE);
		snprintf(told, sizeof(told), "the zstd data is cut off at byte %zu", cut);
		assert_string_equal(capture_input_fault(&input), told);
		capture_input_close(&input);
	}
}

static void tells_where_zstd_is_damaged(void **state)
{
	size_t length = zstd(0);

	(void)state;
	packed[length - 1] ^= 1;
	open_zstd(length);
	assert_sentences(SENTENCES);
	assert_non_null(strstr(capture_input_fault(&input), "the zstd data cannot be decoded at byte"));
	assert_non_null(strstr(capture_input_fault(&input), "checksum"));
	capture_input_close(&input);

	length = zstd(0);
	memcpy(packed + length, "and more", 8);
	open_zstd(length + 8);
	assert_sentences(SENTENCES);
	assert_non_null(strstr(capture_input_fault(&input), "the zstd data cannot be decoded at byte"));
}

/* ---- streams ---- */

static int stream[2], wake[2];

/* An input that reads from a pipe, in which there are already `length` bytes. */
static void open_stream(const void *bytes, size_t length)
{
	char name[32];

	assert_int_equal(pipe(stream), 0);
	assert_int_equal(pipe(wake), 0);
	assert_int_equal(write(stream[1], bytes, length), length);
	snprintf(name, sizeof(name), "/dev/fd/%d", stream[0]);
	assert_int_equal(capture_input_open(&input, name, wake[0], &err), 0);
	close(stream[0]);
	assert_true(capture_input_is_stream(&input));
	assert_int_equal(capture_input_size(&input), 0);
}

static void close_stream(void)
{
	close(wake[0]);
	close(wake[1]);
}

static void stream_says_when_nothing_is_there(void **state)
{
	(void)state;
	open_stream(content, 10);
	assert_int_equal(capture_input_fill(&input, 10, false, &err), 1);
	assert_int_equal(capture_input_fill(&input, 11, false, &err), -EAGAIN);
	assert_memory_equal(input.at, content, 10);
	assert_int_equal(write(stream[1], content + 10, 5), 5);
	assert_int_equal(capture_input_fill(&input, 20, false, &err), -EAGAIN);
	assert_int_equal(input.end - input.at, 15);
	assert_memory_equal(input.at, content, 15);
	close(stream[1]);
	assert_int_equal(capture_input_fill(&input, 20, false, &err), 0);
	assert_memory_equal(input.at, content, 15);
	close_stream();
}

static void stream_can_be_woken(void **state)
{
	uint64_t left = 20;

	(void)state;
	open_stream(content, 10);
	assert_int_equal(write(wake[1], "", 1), 1);
	assert_int_equal(capture_input_fill(&input, 10, true, &err), 1);
	assert_int_equal(capture_input_fill(&input, 11, true, &err), -EINTR);
	assert_int_equal(capture_input_skip(&input, &left, true, &err), -EINTR);
	assert_int_equal(left, 10);
	assert_int_equal(capture_input_skip(&input, &left, false, &err), -EAGAIN);
	assert_int_equal(write(stream[1], content, 11), 11);
	assert_int_equal(capture_input_skip(&input, &left, false, &err), 1);
	assert_int_equal(input.end - input.at, 1);
	close(stream[1]);
	close_stream();
}

/* Opening a FIFO that nobody writes to does not hang. */
static void fifo_without_writer_can_be_woken(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(pipe(wake), 0);
	assert_int_equal(write(wake[1], "", 1), 1);
	assert_int_equal(capture_input_open(&input, path, wake[0], &err), -EINTR);
	close_stream();
}

/* What a flush of the writer has handed out can be read, and is not kept for the end. */
static void compressed_stream_hands_on_what_there_is(void **state)
{
	z_stream z = { 0 };
	ssize_t length;

	(void)state;
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	for (unsigned i = 0; i < 50; i++) {
		z.next_in = content + 100 * i;
		z.avail_in = 100;
		z.next_out = packed;
		z.avail_out = sizeof(packed);
		assert_int_equal(deflate(&z, Z_SYNC_FLUSH), Z_OK);
		length = z.next_out - packed;
		if (i == 0)
			open_stream(packed, (size_t)length);
		else
			assert_int_equal(write(stream[1], packed, (size_t)length), length);
		assert_int_equal(capture_input_fill(&input, 100, false, &err), 1);
		assert_memory_equal(input.at, content + 100 * i, 100);
		assert_int_equal(capture_input_fill(&input, 101, false, &err), -EAGAIN);
		capture_input_take(&input, 100);
	}
	deflateEnd(&z);
	close(stream[1]);
	assert_int_equal(capture_input_fill(&input, 1, true, &err), 0);
	assert_non_null(strstr(capture_input_fault(&input), "is cut off"));
	close_stream();
}

int main(void)
{
#define INPUT_TEST(function) cmocka_unit_test_teardown(function, close_input)
	const struct CMUnitTest tests[] = {
		INPUT_TEST(reads_a_file_to_its_end),
		INPUT_TEST(reads_little_at_first),
		INPUT_TEST(grows_to_what_is_needed),
		INPUT_TEST(skips_beyond_the_buffer_and_the_end),
		INPUT_TEST(empty_and_tiny_files_are_files),
		INPUT_TEST(says_what_cannot_be_opened),
		INPUT_TEST(names_compressions_that_it_cannot_read),
		INPUT_TEST(reads_gzip_members_and_padding),
		INPUT_TEST(reads_gzip_of_nothing),
		INPUT_TEST(tells_where_gzip_is_cut_off),
		INPUT_TEST(tells_where_gzip_is_damaged),
		INPUT_TEST(reads_zstd_frames),
		INPUT_TEST(tells_where_zstd_is_cut_off),
		INPUT_TEST(tells_where_zstd_is_damaged),
		INPUT_TEST(stream_says_when_nothing_is_there),
		INPUT_TEST(stream_can_be_woken),
		INPUT_TEST(fifo_without_writer_can_be_woken),
		INPUT_TEST(compressed_stream_hands_on_what_there_is),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
