#include "output/destination.h"

#include "check.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <zlib.h>

#include "folder.h"

#if ENIFLOW_HAVE_ZSTD
#include <zstd.h>
#endif

static void check_error(const char *where, int code, const char *want)
{
	struct output_destination *destination;
	struct error err = { "" };

	assert_int_equal(output_destination_open(&destination, where, &err), -code);
	assert_string_equal(err.text, want);
}

static struct output_destination *opened(const char *where)
{
	struct output_destination *destination = NULL;
	struct error err = { "" };

	if (output_destination_open(&destination, where, &err) != 0)
		fail_msg("%s", err.text);
	return destination;
}

static void put(struct output_destination *destination, const char *text)
{
	struct error err;
	int code = 0;
	char *at = output_destination_reserve(destination, strlen(text), &code, &err);

	assert_non_null(at);
	memcpy(at, text, strlen(text));
	output_destination_commit(destination, strlen(text));
}

static void finish(struct output_destination *destination)
{
	struct error err = { "" };

	if (output_destination_finish(destination, &err) != 0)
		fail_msg("%s", err.text);
}

/* Lines of 100 bytes until the destination says no; then its answer. */
static int fill(struct output_destination *destination, int lines, struct error *err)
{
	int code = 0;

	for (; lines > 0; lines--) {
		char *at = output_destination_reserve(destination, 100, &code, err);

		if (!at)
			return code;
		memset(at, 'x', 99);
		at[99] = '\n';
		output_destination_commit(destination, 100);
	}
	return 0;
}

static void check_content(const char *path, const char *want)
{
	char bytes[1024];

	content(path, bytes, sizeof(bytes));
	assert_string_equal(bytes, want);
}

static void what_cannot_be_opened(void **state)
{
	(void)state;
	check_error("", EINVAL, "no destination is given; - is standard output");
	check_error("kafka:broker", EINVAL, "kafka:broker: the topic is missing; the form is kafka:BROKERS/TOPIC");
	check_error("/", EISDIR, "/: is a directory; name a file in it");
	check_error("/none/log", ENOENT, "/none/log: the directory for it does not exist");
	check_error("/none/log.gz", ENOENT, "/none/log.gz: the directory for it does not exist");
}

static void only_files_are_files(void **state)
{
	static const char *const streams[] = { "-", "/dev/null", "/dev/stdout" };
	struct output_destination *destination = opened(in_folder("log"));

	(void)state;
	assert_true(output_destination_is_file(destination));
	output_destination_abandon(destination);
	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		destination = opened(streams[i]);
		assert_false(output_destination_is_file(destination));
		output_destination_abandon(destination);
	}
	output_destination_abandon(NULL);
}

static void a_file_is_complete_or_absent(void **state)
{
	struct output_destination *destination = opened(in_folder("log"));
	struct error err;

	(void)state;
	put(destination, "one\n");
	assert_int_equal(output_destination_flush(destination, &err), 0);
	put(destination, "two\n");
	assert_int_equal(access(in_folder("log"), F_OK), -1);
	finish(destination);
	check_content(in_folder("log"), "one\ntwo\n");
	destination = opened(in_folder("log"));
	put(destination, "three\n");
	output_destination_abandon(destination);
	check_content(in_folder("log"), "one\ntwo\n");
	assert_int_equal(empty_folder(folder), 1);
}

static void a_full_device(void **state)
{
	struct output_destination *destination;
	struct error err = { "" };

	(void)state;
	if (access("/dev/full", W_OK) < 0)
		skip();
	destination = opened("/dev/full");
	put(destination, "no room\n");
	assert_int_equal(output_destination_flush(destination, &err), -ENOSPC);
	assert_string_equal(err.text, "/dev/full: cannot be written: No space left on device");
	output_destination_abandon(destination);
	destination = opened("/dev/full");
	put(destination, "no room\n");
	assert_int_equal(output_destination_finish(destination, &err), -ENOSPC);
	destination = opened("/dev/full");
	assert_int_equal(fill(destination, 20000, &err), -ENOSPC);
	output_destination_abandon(destination);
}

static void lines_of_every_length(void **state)
{
	struct output_destination *destination = opened(in_folder("log"));
	size_t lengths[] = { 1, 511, 512 * 1024, 3, 512 * 1024 - 1, 700000, 1, 900000 }, sum = 0;
	struct stat status;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct error err;
		int code = 0;
		char *at = output_destination_reserve(destination, lengths[i], &code, &err);

		assert_non_null(at);
		memset(at, 'a' + (int)i, lengths[i]);
		output_destination_commit(destination, lengths[i]);
		sum += lengths[i];
	}
	finish(destination);
	assert_int_equal(stat(in_folder("log"), &status), 0);
	assert_int_equal(status.st_size, sum);
}

static void check_gzip(const char *path, const char *want)
{
	gzFile file = gzopen(path, "rb");
	char bytes[64] = "";

	assert_non_null(file);
	assert_int_equal(gzread(file, bytes, sizeof(bytes) - 1), (int)strlen(want));
	assert_string_equal(bytes, want);
	assert_int_equal(gzdirect(file), 0);
	assert_int_equal(gzclose(file), Z_OK);
}

static void gzip_by_suffix(void **state)
{
	struct output_destination *destination = opened(in_folder("log.gz"));
	char bytes[128];

	(void)state;
	put(destination, "one\n");
	put(destination, "two\n");
	finish(destination);
	check_gzip(in_folder("log.gz"), "one\ntwo\n");
	assert_in_range(content(in_folder("log.gz"), bytes, sizeof(bytes)), 18, 64);
	assert_memory_equal(bytes + 4, "\0\0\0\0", 4); /* no time: the same bytes for the same records */
	finish(opened(in_folder("empty.gz")));
	check_gzip(in_folder("empty.gz"), "");
}

/* More than one block of the compressor's, of bytes that do not compress. */
static void gzip_of_much(void **state)
{
	struct output_destination *destination = opened(in_folder("log.gz"));
	unsigned long written = adler32(0, NULL, 0), read_back = written;
	unsigned char bytes[4096];
	struct error err;
	gzFile file;
	int code = 0;

	(void)state;
	srandom(1);
	for (int i = 0; i < 500; i++) {
		char *at = output_destination_reserve(destination, sizeof(bytes), &code, &err);

		assert_non_null(at);
		for (size_t k = 0; k < sizeof(bytes); k++)
			at[k] = (char)random();
		written = adler32(written, (unsigned char *)at, sizeof(bytes));
		output_destination_commit(destination, sizeof(bytes));
	}
	finish(destination);
	file = gzopen(in_folder("log.gz"), "rb");
	assert_non_null(file);
	for (int i = 0; i < 500; i++) {
		assert_int_equal(gzread(file, bytes, sizeof(bytes)), sizeof(bytes));
		read_back = adler32(read_back, bytes, sizeof(bytes));
	}
	assert_int_equal(gzread(file, bytes, sizeof(bytes)), 0);
	assert_int_equal(gzclose(file), Z_OK);
	assert_int_equal(read_back, written);
}

/* Who reads the stream sees all lines after a flush; a flush of nothing adds nothing. */
static void gzip_flush(void **state)
{
	char *path = in_folder("stream.gz"), writer[32];
	struct output_destination *destination;
	unsigned char packed[256], text[64] = "";
	int ends[2];
	z_stream stream = { 0 };
	struct error err;
	ssize_t length;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(writer, sizeof(writer), "/dev/fd/%d", ends[1]);
	assert_int_equal(symlink(writer, path), 0);
	destination = opened(path);
	put(destination, "one\n");
	assert_int_equal(output_destination_flush(destination, &err), 0);
	length = read(ends[0], packed, sizeof(packed));
	assert_in_range(length, 10, sizeof(packed));
	assert_int_equal(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
	stream.next_in = packed;
	stream.avail_in = (uInt)length;
	stream.next_out = text;
	stream.avail_out = sizeof(text);
	assert_int_equal(inflate(&stream, Z_SYNC_FLUSH), Z_OK);
	assert_string_equal((char *)text, "one\n");
	inflateEnd(&stream);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(output_destination_flush(destination, &err), 0);
	assert_int_equal(read(ends[0], packed, sizeof(packed)), -1);
	finish(destination);
	close(ends[0]);
	close(ends[1]);
}

/* A link of that name to a descriptor or device: what is written there is compressed. */
static const char *compressed(const char *where)
{
	char *path = in_folder("stream.gz");

	assert_int_equal(symlink(where, path), 0);
	return path;
}

/* Bytes that do not compress, until the destination says no; then its answer. */
static int fill_with_noise(struct output_destination *destination, struct error *err)
{
	int code = 0;

	for (int i = 0; i < 100000; i++) {
		char *at = output_destination_reserve(destination, 4096, &code, err);

		if (!at)
			return code;
		for (size_t k = 0; k < 4096; k++)
			at[k] = (char)random();
		output_destination_commit(destination, 4096);
	}
	return 0;
}

static void gzip_to_a_full_device(void **state)
{
	struct output_destination *destination;
	struct error err = { "" };
	char want[128];

	(void)state;
	if (access("/dev/full", W_OK) < 0)
		skip();
	destination = opened(compressed("/dev/full"));
	snprintf(want, sizeof(want), "%s: cannot be written: No space left on device", in_folder("stream.gz"));
	put(destination, "no room\n");
	assert_int_equal(output_destination_flush(destination, &err), -ENOSPC);
	assert_string_equal(err.text, want);
	err.text[0] = '\0';
	assert_int_equal(output_destination_finish(destination, &err), -ENOSPC);
	assert_string_equal(err.text, want);
	destination = opened(in_folder("stream.gz"));
	assert_int_equal(fill_with_noise(destination, &err), -ENOSPC);
	output_destination_abandon(destination);
}

static void gzip_whose_reader_went_away(void **state)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	struct output_destination *destination;
	char writer[32];
	int ends[2];
	struct error err = { "" };

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(writer, sizeof(writer), "/dev/fd/%d", ends[1]);
	destination = opened(compressed(writer));
	put(destination, "one\n");
	assert_int_equal(output_destination_flush(destination, &err), 0);
	close(ends[0]);
	assert_int_equal(fill_with_noise(destination, &err), -EPIPE);
	assert_int_equal(output_destination_finish(destination, &err), -EPIPE);
	close(ends[1]);
	signal(SIGPIPE, before);
}

/* Also when some of it is compressed and some is not. */
static void an_abandoned_gzip_never_was(void **state)
{
	struct output_destination *destination = opened(in_folder("log.gz"));
	struct error err;

	(void)state;
	assert_int_equal(fill(destination, 50000, &err), 0);
	output_destination_abandon(destination);
	assert_int_equal(empty_folder(folder), 0);
}

static void zstd_by_suffix(void **state)
{
#if ENIFLOW_HAVE_ZSTD
	struct output_destination *destination = opened(in_folder("log.zst"));
	char packed[256], text[64] = "";
	struct error err;
	size_t length;

	(void)state;
	put(destination, "one\n");
	assert_int_equal(output_destination_flush(destination, &err), 0);
	put(destination, "two\n");
	finish(destination);
	length = content(in_folder("log.zst"), packed, sizeof(packed));
	assert_int_equal(ZSTD_decompress(text, sizeof(text), packed, length), 8);
	assert_string_equal(text, "one\ntwo\n");
#else
	(void)state;
	check_error("log.zst", ENOTSUP,
		    "zstd: this eniflow was built without it; choose .gz, or install libzstd-dev and build again");
#endif
}

static void zstd_of_much(void **state)
{
#if ENIFLOW_HAVE_ZSTD
	struct output_destination *destination = opened(in_folder("log.zst"));
	char *packed = malloc(1 << 20), *text = malloc(2000000);
	struct error err;
	size_t length;

	(void)state;
	assert_int_equal(fill(destination, 20000, &err), 0);
	finish(destination);
	length = content(in_folder("log.zst"), packed, 1 << 20);
	assert_int_equal(ZSTD_decompress(text, 2000000, packed, length), 2000000);
	assert_memory_equal(text + 1999998, "x\n", 2);
	free(packed);
	free(text);
#else
	(void)state;
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(what_cannot_be_opened),
		IN_FOLDER(only_files_are_files),
		IN_FOLDER(a_file_is_complete_or_absent),
		IN_FOLDER(a_full_device),
		IN_FOLDER(lines_of_every_length),
		IN_FOLDER(gzip_by_suffix),
		IN_FOLDER(gzip_of_much),
		IN_FOLDER(gzip_flush),
		IN_FOLDER(gzip_to_a_full_device),
		IN_FOLDER(gzip_whose_reader_went_away),
		IN_FOLDER(an_abandoned_gzip_never_was),
		IN_FOLDER(zstd_by_suffix),
		IN_FOLDER(zstd_of_much),
	};

	return cmocka_run_group_tests_name("output/destination", tests, NULL, NULL);
}
