#include "output/survivor.h"

#include "check.h"

#include <errno.h>
#include <sys/stat.h>
#include <zlib.h>

#include "folder.h"

static int opened(const char *name)
{
	int fd = open(in_folder(name), O_RDWR | O_CREAT, 0600);

	assert_true(fd >= 0);
	return fd;
}

static struct output_survivor look_plain(const char *text, size_t size)
{
	struct output_survivor survivor;
	int fd = opened("log");

	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(write(fd, text, size), size);
	assert_int_equal(output_survivor_look_plain(&survivor, fd, "log", NULL), 0);
	close(fd);
	return survivor;
}

static void half_a_line(void **state)
{
	struct output_survivor survivor = look_plain("one\ntwo\nthr", 11);

	(void)state;
	assert_int_equal(survivor.state, OUTPUT_SURVIVOR_CUT_OFF);
	assert_int_equal(survivor.whole, 8);
	assert_int_equal(survivor.lost, 3);
	survivor = look_plain("o", 1);
	assert_int_equal(survivor.state, OUTPUT_SURVIVOR_CUT_OFF);
	assert_int_equal(survivor.whole, 0);
}

static void whole_lines(void **state)
{
	struct output_survivor survivor = look_plain("one\ntwo\n", 8);

	(void)state;
	assert_int_equal(survivor.state, OUTPUT_SURVIVOR_WHOLE);
	assert_int_equal(survivor.whole, 8);
	survivor = look_plain("", 0);
	assert_int_equal(survivor.state, OUTPUT_SURVIVOR_WHOLE);
	assert_int_equal(survivor.whole, 0);
}

/* The end of the last line stands in an earlier block; or so far away that this is no log. */
static void a_long_half_line(void **state)
{
	static char text[2 << 20];
	struct output_survivor survivor;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[9] = '\n';
	survivor = look_plain(text, 300000);
	assert_int_equal(survivor.state, OUTPUT_SURVIVOR_CUT_OFF);
	assert_int_equal(survivor.whole, 10);
	survivor = look_plain(text, sizeof(text));
	assert_int_equal(survivor.state, OUTPUT_SURVIVOR_DAMAGED);
}

/* Packs `text` as one gzip member, flushed behind its first `flushed` bytes; returns the bytes that stood there then. */
static size_t pack(unsigned char *out, size_t room, const char *text, size_t size, size_t flushed, size_t *at_flush)
{
	z_stream stream = { 0 };

	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_out = out;
	stream.avail_out = (uInt)room;
	stream.next_in = (unsigned char *)text;
	stream.avail_in = (uInt)flushed;
	assert_int_equal(deflate(&stream, Z_SYNC_FLUSH), Z_OK);
	if (at_flush)
		*at_flush = room - stream.avail_out;
	stream.avail_in = (uInt)(size - flushed);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	deflateEnd(&stream);
	return room - stream.avail_out;
}

static struct output_survivor look_gzip(const unsigned char *bytes, size_t size)
{
	struct output_survivor survivor;
	int fd = opened("log.gz");

	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(output_survivor_look_gzip(&survivor, fd, "log.gz", NULL), 0);
	close(fd);
	return survivor;
}

/* All of a copy, which must be whole. */
static size_t copied(const struct output_survivor *survivor, char *text, size_t room)
{
	struct output_survivor copy;
	struct error err = { "" };
	int fd = opened("log.gz"), to = opened("copy.gz"), length;
	gzFile file;

	assert_int_equal(ftruncate(to, 0), 0);
	if (output_survivor_copy_gzip(survivor, fd, to, "log.gz", &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(output_survivor_look_gzip(&copy, to, "copy.gz", NULL), 0);
	assert_int_equal(copy.state, OUTPUT_SURVIVOR_WHOLE);
	assert_int_equal(copy.lines, survivor->lines);
	close(fd);
	close(to);
	file = gzopen(in_folder("copy.gz"), "rb");
	assert_non_null(file);
	length = gzread(file, text, (unsigned)room - 1);
	assert_true(length >= 0);
	text[length] = '\0';
	gzclose(file);
	return (size_t)length;
}

static void a_whole_gzip(void **state)
{
	unsigned char bytes[256];
	size_t one = pack(bytes, 128, "one\n", 4, 4, NULL);
	size_t two = pack(bytes + one, 128, "two\nthree\n", 10, 4, NULL);
	struct output_survivor survivor = look_gzip(bytes, one + two);

	(void)state;
	assert_int_equal(survivor.state, OUTPUT_SURVIVOR_WHOLE);
	assert_int_equal(survivor.whole, one + two);
	assert_int_equal(survivor.lines, 3);
	survivor = look_gzip(bytes, 0);
	assert_int_equal(survivor.state, OUTPUT_SURVIVOR_WHOLE);
	assert_int_equal(survivor.lines, 0);
}

/* Cut anywhere, all whole lines of what was flushed are kept, and no half one. */
static void a_gzip_cut_anywhere(void **state)
{
	static const char *const wanted[] = { "", "one\n", "one\ntwo\n", "one\ntwo\nthree\n" };
	unsigned char bytes[256];
	size_t flushed, one = pack(bytes, 128, "one\n", 4, 4, NULL);
	size_t size = one + pack(bytes + one, 128, "two\nthree\n", 10, 4, &flushed);

	(void)state;
	for (size_t cut = 0; cut <= size; cut++) {
		struct output_survivor survivor = look_gzip(bytes, cut);
		char text[64];

		assert_int_equal(survivor.state, cut == 0 || cut == one || cut == size ? OUTPUT_SURVIVOR_WHOLE
										       : OUTPUT_SURVIVOR_CUT_OFF);
		assert_true(survivor.lines >= (cut >= one) + (size_t)(cut >= one + flushed) + (cut >= size));
		copied(&survivor, text, sizeof(text));
		assert_true(survivor.lines < 4);
		assert_string_equal(text, wanted[survivor.lines]);
	}
}

/* More text than any buffer holds, which is compressed so well that much of it comes out of few bytes. */
static void a_large_gzip(void **state)
{
	enum { LINES = 100000, SIZE = LINES * 20 };
	char *text = malloc(SIZE), *back = malloc(SIZE + 1);
	unsigned char *bytes = malloc(SIZE);
	struct output_survivor survivor;
	size_t size;

	(void)state;
	for (int i = 0; i < LINES; i++)
		memcpy(text + (size_t)i * 20, i % 1000 ? "2 123456789012 eni-\n" : "2 000000000001 OTHE\n", 20);
	size = pack(bytes, SIZE, text, SIZE, SIZE - 20, NULL);
	survivor = look_gzip(bytes, size);
	assert_int_equal(survivor.lines, LINES);
	survivor = look_gzip(bytes, size - 1);
	assert_int_equal(survivor.state, OUTPUT_SURVIVOR_CUT_OFF);
	assert_int_equal(survivor.lines, LINES);
	assert_int_equal(copied(&survivor, back, SIZE + 1), SIZE);
	assert_memory_equal(back, text, SIZE);
	survivor = look_gzip(bytes, size / 2);
	assert_in_range(survivor.lines, LINES / 3, LINES);
	assert_int_equal(copied(&survivor, back, SIZE + 1), survivor.lines * 20);
	assert_memory_equal(back, text, survivor.lines * 20);
	free(text);
	free(back);
	free(bytes);
}

static void a_damaged_gzip(void **state)
{
	unsigned char bytes[512];
	size_t one = pack(bytes, 128, "one\n", 4, 4, NULL);
	struct output_survivor survivor;
	char text[64];

	(void)state;
	memset(bytes + one, 0, 100);
	survivor = look_gzip(bytes, one + 100);
	assert_int_equal(survivor.state, OUTPUT_SURVIVOR_DAMAGED);
	assert_int_equal(survivor.whole, one);
	assert_int_equal(survivor.lines, 1);
	copied(&survivor, text, sizeof(text));
	assert_string_equal(text, "one\n");
	survivor = look_gzip((const unsigned char *)"no gzip at all\n", 15);
	assert_int_equal(survivor.state, OUTPUT_SURVIVOR_DAMAGED);
	assert_int_equal(survivor.lines, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(half_a_line),    IN_FOLDER(whole_lines),         IN_FOLDER(a_long_half_line),
		IN_FOLDER(a_whole_gzip),   IN_FOLDER(a_gzip_cut_anywhere), IN_FOLDER(a_large_gzip),
		IN_FOLDER(a_damaged_gzip),
	};

	return cmocka_run_group_tests_name("output/survivor", tests, NULL, NULL);
}
