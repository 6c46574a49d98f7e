/* All of it twice: what is compressed is decoded by who reads it, and by a thread ahead of it. */
#include <dirent.h>
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

static bool ahead; /* which of the two */
static char folder[32];
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
	strcpy(folder, "/tmp/eniflow-input-XXXXXX");
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

static int try_to_open(const char *name, int wake_fd)
{
	return capture_input_open(&input, &(struct capture_input_options){ name, wake_fd, ahead }, &err);
}

static void open_file(const void *bytes, size_t length)
{
	write_file(bytes, length);
	assert_int_equal(try_to_open(path, -1), 0);
}

static unsigned count_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	unsigned count = 0;

	assert_non_null(tasks);
	for (const struct dirent *entry; (entry = readdir(tasks));)
		count += entry->d_name[0] != '.';
	closedir(tasks);
	return count;
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
	assert_int_equal(try_to_open(path, -1), -ENOENT);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(try_to_open(folder, -1), -EISDIR);
	assert_non_null(strstr(err.text, "is a directory"));
	assert_int_equal(try_to_open("/proc/self/mem", -1), -EIO);
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
		assert_int_equal(try_to_open(path, -1), -EINVAL);
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

/* Also of what is more than fits in front of a block that was decoded ahead. */
static void grows_and_skips_in_gzip(void **state)
{
	static const size_t needs[] = { 70000, 300000, 1, 65536, 65537, 1000000, 3, 400000 };
	size_t done = 0, count = sizeof(needs) / sizeof(*needs);

	(void)state;
	open_file(packed, gzip(packed, content, LARGE));
	for (size_t i = 0; i < count; i++) {
		uint64_t left = needs[count - 1 - i] / 2;

		assert_int_equal(capture_input_fill(&input, needs[i], true, &err), 1);
		assert_memory_equal(input.at, content + done, needs[i]);
		assert_int_equal(capture_input_offset(&input), done);
		done += left;
		assert_int_equal(capture_input_skip(&input, &left, true, &err), 1);
	}
	assert_int_equal(capture_input_fill(&input, LARGE, true, &err), 0);
	assert_int_equal(input.end - input.at, LARGE - done);
	assert_memory_equal(input.at, content + done, LARGE - done);
}

/* A regular file never has nothing there yet. */
static void does_not_wait_for_gzip_files(void **state)
{
	size_t done = 0;

	(void)state;
	open_file(packed, gzip(packed, content, LARGE));
	while (capture_input_fill(&input, 1000, false, &err) > 0) {
		assert_memory_equal(input.at, content + done, 1000);
		capture_input_take(&input, 1000);
		done += 1000;
	}
	assert_int_equal(capture_input_fill(&input, 1000, false, &err), 0);
	assert_int_equal(input.end - input.at, LARGE % 1000);
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
	ret = try_to_open(path, -1);
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

/* A frame of blocks that hold their content as it is: no compressor is needed. */
static size_t zstd_stored(const uint8_t *bytes, size_t length)
{
	enum { BLOCK_MOST = 128 * 1024, LAST = 1 };
	static const uint8_t head[] = { 0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3 /* window: 2^7 KiB */ };
	uint8_t *out = packed;

	memcpy(out, head, sizeof(head));
	out += sizeof(head);
	for (size_t size; length > 0; length -= size) {
		size_t header;

		size = length < BLOCK_MOST ? length : BLOCK_MOST;
		header = size << 3 | (size == length ? LAST : 0);
		*out++ = (uint8_t)header;
		*out++ = (uint8_t)(header >> 8);
		*out++ = (uint8_t)(header >> 16);
		memcpy(out, bytes, size);
		bytes += size;
		out += size;
	}
	return (size_t)(out - packed);
}

static void reads_large_zstd_frames(void **state)
{
	size_t length = zstd_stored(content, LARGE);

	(void)state;
	open_zstd(length);
	assert_holds(content, LARGE);
	assert_null(capture_input_fault(&input));
	assert_int_equal(capture_input_consumed(&input), length);
	capture_input_close(&input);

	open_zstd(length - 100000);
	assert_holds(content, LARGE - 100000);
	assert_non_null(strstr(capture_input_fault(&input), "the zstd data is cut off at byte"));
}

/* ---- streams ---- */

static int stream[2], wake[2];

/* An input that reads from a pipe, in which there are already `length` bytes. */
static void open_stream(const void *bytes, size_t length)
{
	char name[32];

	assert_int_equal(pipe(stream), 0);
	assert_int_equal(pipe(wake), 0);
	assert_true(fcntl(stream[1], F_SETPIPE_SZ, 1 << 20) > 0);
	assert_int_equal(write(stream[1], bytes, length), length);
	snprintf(name, sizeof(name), "/dev/fd/%d", stream[0]);
	assert_int_equal(try_to_open(name, wake[0]), 0);
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
	assert_int_equal(try_to_open(path, wake[0]), -EINTR);
	close_stream();
}

/* ---- compressed streams ---- */

enum { START = 300000, PIECE = 100 }; /* decoded bytes: so many first that a thread is started, then little by little */
static z_stream writer;

/* Compresses the next `length` bytes of the content so that all of them can be read. How many there are then, in
 * `packed`. */
static size_t flush_piece(size_t length)
{
	writer.avail_in = (uInt)length;
	writer.next_out = packed;
	writer.avail_out = sizeof(packed);
	assert_int_equal(deflate(&writer, Z_SYNC_FLUSH), Z_OK);
	return (size_t)(writer.next_out - packed);
}

static void write_piece(size_t length)
{
	size_t size = flush_piece(length);

	assert_int_equal(write(stream[1], packed, size), size);
}

/* A stream of which START bytes were read, so that nothing is there now. */
static void open_gzip_stream(void)
{
	writer = (z_stream){ .next_in = content };
	assert_int_equal(deflateInit2(&writer, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	open_stream(packed, flush_piece(START));
	for (size_t done = 0; done < START; done += PIECE) {
		assert_int_equal(capture_input_fill(&input, PIECE, false, &err), 1);
		assert_memory_equal(input.at, content + done, PIECE);
		capture_input_take(&input, PIECE);
	}
	assert_int_equal(capture_input_fill(&input, 1, false, &err), -EAGAIN);
}

static void close_gzip_stream(void)
{
	deflateEnd(&writer);
	close_stream();
}

/* What a flush of the writer has handed out can be read, and is not kept for the end. */
static void compressed_stream_hands_on_what_there_is(void **state)
{
	(void)state;
	open_gzip_stream();
	for (unsigned i = 0; i < 200; i++) {
		write_piece(PIECE);
		assert_int_equal(capture_input_fill(&input, PIECE, i % 2, &err), 1);
		assert_memory_equal(input.at, content + START + PIECE * i, PIECE);
		assert_int_equal(capture_input_fill(&input, PIECE + 1, false, &err), -EAGAIN);
		capture_input_take(&input, PIECE);
	}
	close(stream[1]);
	assert_int_equal(capture_input_fill(&input, 1, true, &err), 0);
	assert_non_null(strstr(capture_input_fault(&input), "is cut off"));
	close_gzip_stream();
}

static void compressed_stream_gathers_small_pieces(void **state)
{
	(void)state;
	open_gzip_stream();
	for (size_t have = PIECE; have <= 100 * 1000; have += PIECE) {
		write_piece(PIECE);
		assert_int_equal(capture_input_fill(&input, have, false, &err), 1);
		assert_int_equal(capture_input_fill(&input, have + 1, false, &err), -EAGAIN);
		assert_int_equal(input.end - input.at, have);
	}
	assert_memory_equal(input.at, content + START, 100 * 1000);
	assert_int_equal(capture_input_offset(&input), START);
	close(stream[1]);
	close_gzip_stream();
}

static void compressed_stream_can_be_woken(void **state)
{
	(void)state;
	open_gzip_stream();
	assert_int_equal(write(wake[1], "", 1), 1);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(capture_input_fill(&input, 1, true, &err), -EINTR);
		assert_int_equal(capture_input_fill(&input, 1, false, &err), -EAGAIN);
	}
	write_piece(PIECE);
	assert_int_equal(capture_input_fill(&input, PIECE, false, &err), 1);
	assert_memory_equal(input.at, content + START, PIECE);
	close(stream[1]);
	close_gzip_stream();
}

/* Nothing of the stream is waited for. */
static void compressed_stream_can_be_closed(void **state)
{
	unsigned threads = count_threads();

	(void)state;
	open_gzip_stream();
	assert_int_equal(count_threads(), threads + ahead);
	capture_input_close(&input);
	assert_int_equal(count_threads(), threads);
	close(stream[1]);
	close_gzip_stream();
}

/* ---- decoded ahead ---- */

static void starts_a_thread_when_it_pays(void **state)
{
	unsigned threads = count_threads();

	(void)state;
	open_file(content, LARGE);
	assert_int_equal(capture_input_fill(&input, LARGE, true, &err), 1);
	assert_int_equal(count_threads(), threads);
	capture_input_close(&input);

	open_file(packed, gzip(packed, content, LARGE));
	assert_int_equal(capture_input_fill(&input, 24, true, &err), 1);
	assert_int_equal(count_threads(), threads);
	assert_int_equal(capture_input_fill(&input, LARGE / 2, true, &err), 1);
	assert_int_equal(count_threads(), threads + ahead);
	capture_input_close(&input);
	assert_int_equal(count_threads(), threads);
}

/* The thread may be decoding, waiting for room, or through. */
static void closes_at_any_point(void **state)
{
	size_t length = gzip(packed, content, LARGE);

	(void)state;
	for (size_t need = 1; need <= LARGE; need += LARGE / 50) {
		open_file(packed, length);
		assert_int_equal(capture_input_fill(&input, need, true, &err), 1);
		capture_input_close(&input);
	}
}

/* What one reading of a file was like. */
struct reading {
	size_t length;
	uLong check;
	uint64_t consumed;
	char fault[256];
};

static struct reading read_through(uint32_t number)
{
	struct reading reading = { 0 };
	int ret = 1;

	assert_int_equal(try_to_open(path, -1), 0);
	while (ret > 0) {
		size_t need, take;

		number = number * 1664525 + 1013904223;
		need = number >> (15 + number % 16);
		ret = capture_input_fill(&input, need, true, &err);
		take = ret > 0 ? need : (size_t)(input.end - input.at);
		reading.check = crc32(reading.check, input.at, (uInt)take);
		reading.length += take;
		capture_input_take(&input, take);
	}
	assert_int_equal(ret, 0);
	assert_int_equal(capture_input_offset(&input), reading.length);
	reading.consumed = capture_input_consumed(&input);
	if (capture_input_fault(&input))
		snprintf(reading.fault, sizeof(reading.fault), "%s", capture_input_fault(&input));
	capture_input_close(&input);
	return reading;
}

/* However a file is damaged or cut off, as much comes before that is told, and it is told with the same words. */
static void assert_same_reading(size_t length)
{
	struct reading inside, outside;

	write_file(packed, length);
	ahead = false;
	inside = read_through((uint32_t)length);
	ahead = true;
	outside = read_through((uint32_t)length + 1);
	assert_int_equal(inside.length, outside.length);
	assert_int_equal(inside.check, outside.check);
	assert_int_equal(inside.consumed, outside.consumed);
	assert_string_equal(inside.fault, outside.fault);
}

static void damage_is_told_as_without_a_thread(void **state)
{
	size_t length = gzip(packed, content, LARGE / 2);
	uint32_t number = 1;

	(void)state;
	assert_same_reading(length);
	for (unsigned i = 0; i < 30; i++) {
		uint8_t *damaged;

		number = number * 1664525 + 1013904223;
		damaged = packed + 100 + number % (length - 100);
		*damaged ^= 0x55;
		assert_same_reading(length);
		*damaged ^= 0x55;
		assert_same_reading((size_t)(damaged - packed));
	}
}

static void damage_of_zstd_is_told_as_without_a_thread(void **state)
{
	size_t length = zstd_stored(content, LARGE / 2);
	const size_t second = 6 + 3 + 128 * 1024; /* block */

	(void)state;
	open_zstd(length);
	capture_input_close(&input);
	for (size_t cut = length; cut > 100000; cut -= 50000)
		assert_same_reading(cut);
	for (size_t block = second; block < length; block += 3 + 128 * 1024) {
		packed[block] |= 6; /* a type of block that there is not */
		assert_same_reading(length);
		packed[block] ^= 6;
	}
}

int main(void)
{
#define INPUT_TEST(function) cmocka_unit_test_teardown(function, close_input)
	static const struct CMUnitTest tests[] = {
		INPUT_TEST(reads_a_file_to_its_end),
		INPUT_TEST(reads_little_at_first),
		INPUT_TEST(grows_to_what_is_needed),
		INPUT_TEST(skips_beyond_the_buffer_and_the_end),
		INPUT_TEST(empty_and_tiny_files_are_files),
		INPUT_TEST(says_what_cannot_be_opened),
		INPUT_TEST(names_compressions_that_it_cannot_read),
		INPUT_TEST(reads_gzip_members_and_padding),
		INPUT_TEST(grows_and_skips_in_gzip),
		INPUT_TEST(does_not_wait_for_gzip_files),
		INPUT_TEST(reads_gzip_of_nothing),
		INPUT_TEST(tells_where_gzip_is_cut_off),
		INPUT_TEST(tells_where_gzip_is_damaged),
		INPUT_TEST(reads_zstd_frames),
		INPUT_TEST(tells_where_zstd_is_cut_off),
		INPUT_TEST(tells_where_zstd_is_damaged),
		INPUT_TEST(reads_large_zstd_frames),
		INPUT_TEST(stream_says_when_nothing_is_there),
		INPUT_TEST(stream_can_be_woken),
		INPUT_TEST(fifo_without_writer_can_be_woken),
		INPUT_TEST(compressed_stream_hands_on_what_there_is),
		INPUT_TEST(compressed_stream_gathers_small_pieces),
		INPUT_TEST(compressed_stream_can_be_woken),
		INPUT_TEST(compressed_stream_can_be_closed),
		INPUT_TEST(starts_a_thread_when_it_pays),
		INPUT_TEST(closes_at_any_point),
	};
	static const struct CMUnitTest comparisons[] = {
		INPUT_TEST(damage_is_told_as_without_a_thread),
		INPUT_TEST(damage_of_zstd_is_told_as_without_a_thread),
	};
	int failed = cmocka_run_group_tests_name("decoded by the reader", tests, make_folder, remove_folder);

	ahead = true;
	failed += cmocka_run_group_tests_name("decoded ahead", tests, make_folder, remove_folder);
	return failed + cmocka_run_group_tests_name("both", comparisons, make_folder, remove_folder);
}
