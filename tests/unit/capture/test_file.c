#include <fcntl.h>
#include <sys/wait.h>
#include <zlib.h>

#include "capture_bytes.h"
#include "capture_trace.h"

static struct bytes bytes;
static struct trace trace, other;

static const char *refusal(const void *from, size_t length)
{
	trace_bytes(&trace, from, length, NULL);
	assert_int_equal(trace.opened, -EINVAL);
	assert_non_null(strstr(trace.err.text, trace.path));
	return trace.err.text;
}

/* Each says no more than what is at hand tells. */
static void refuses_what_is_no_capture(void **state)
{
	(void)state;
	assert_non_null(strstr(refusal("\xa1\xb2\x34\xcd....................", 24), "pcap file in Mesquita's variant"));
	assert_non_null(strstr(refusal("\x12\xcb\xe2\xa1....................", 24), "netsniff-ng's variant"));
	assert_non_null(strstr(refusal("snoop\0\0\0\0\0\0\2", 12), "is a snoop file"));
	assert_non_null(strstr(refusal("GMBU\1\2..........", 16), "is a Network Monitor 2 file"));
	assert_non_null(strstr(refusal("something that is neither of them", 33), "nor a flow log"));
	assert_non_null(strstr(refusal("hello, world", 12), "it begins with the bytes 68 65 6c 6c, which"));
	assert_non_null(strstr(refusal("2", 1), "it ends after 1 byte"));
	assert_non_null(strstr(refusal("2468", 4), "it begins with the bytes 32 34 36 38, which"));
}

static void refuses_a_file_that_ends_inside_its_header(void **state)
{
	(void)state;
	bytes = (struct bytes){ 0 };
	put_pcap_header(&bytes, 0xa1b2c3d4, 1);
	for (size_t length = 4; length < 24; length++)
		assert_non_null(strstr(refusal(bytes.at, length), "inside its file header of 24"));
	bytes.length = 0;
	put_section(&bytes);
	for (size_t length = 4; length < 12; length++)
		assert_non_null(strstr(refusal(bytes.at, length), "inside its file header of 12"));
}

static void file_of_no_bytes_has_no_frames(void **state)
{
	(void)state;
	trace_bytes(&trace, "", 0, NULL);
	assert_trace(&trace, "", "it is empty: no frames");
	assert_string_equal(trace.format, "nothing");
}

static size_t gzip(uint8_t *out, size_t room, const uint8_t *from, size_t length)
{
	z_stream z = { .next_in = (uint8_t *)from, .avail_in = (uInt)length, .next_out = out, .avail_out = (uInt)room };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

/* A capture of everything that the formats have, as far as it is whole. */
static void make_rich(bool ng, enum byte_order order)
{
	bytes = (struct bytes){ .order = order };
	if (!ng) {
		put_pcap_header(&bytes, 0xa1b2c3d4, 1);
		for (uint32_t i = 0; i < 40; i++)
			put_record(&bytes, 1600000000 + i, i, 17 * i, 20 * i);
		return;
	}
	for (uint32_t i = 0; i < 6; i++) {
		put_section(&bytes);
		put_interface(&bytes, 1, 0, i % 2 ? "eth0" : NULL);
		put_interface(&bytes, 192, 0, NULL);
		put_packet(&bytes, 0, 1600000000000000 + i, 33 * i, 40 * i);
		begin_block(&bytes, 0x0bad);
		put_filler(&bytes, 1001 * i);
		end_block(&bytes);
		begin_packet(&bytes, i % 2, 1600000000000000 + i, 3, 3);
		put_number_option(&bytes, 4, i, 8);
		end_block(&bytes);
		begin_statistics(&bytes, 0);
		put_number_option(&bytes, 5, i, 8);
		end_block(&bytes);
	}
}

static void assert_same(void)
{
	assert_int_equal(other.opened, 0);
	assert_int_equal(other.ended, 0);
	assert_string_equal(other.items, trace.items);
	assert_int_equal(other.damaged, trace.damaged);
}

static void compression_changes_nothing(void **state)
{
	uint8_t packed[1 << 16];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		size_t length;

		make_rich(i & 1, i & 2 ? ORDER_BIG : ORDER_LITTLE);
		length = gzip(packed, sizeof(packed), bytes.at, bytes.length);
		trace_bytes(&trace, bytes.at, bytes.length, NULL);
		trace_bytes(&other, packed, length, NULL);
		assert_same();
	}
}

/* What a fault of the compression leaves over is read; it is told once, with its place, and not as a cut-off record,
 * too. */
static void fault_of_the_compression_is_damage(void **state)
{
	uint8_t packed[1 << 16];
	size_t length;

	(void)state;
	make_rich(false, ORDER_LITTLE);
	length = gzip(packed, sizeof(packed), bytes.at, bytes.length);
	trace_bytes(&trace, bytes.at, bytes.length, NULL);
	packed[length - 8] ^= 1;
	trace_bytes(&other, packed, length, NULL);
	assert_trace(&other, trace.items, "incorrect data check; all before that was read\n");

	trace_bytes(&other, packed, length / 2, NULL);
	assert_int_equal(other.opened, 0);
	assert_true(other.damaged);
	assert_memory_equal(other.items, trace.items, other.items_used);
	assert_in_range(other.items_used, 100, trace.items_used - 1);
	assert_non_null(strstr(other.told, "the gzip data is cut off at byte"));
	assert_ptr_equal(strchr(other.told, '\n') + 1, strchr(other.told, '\0'));

	assert_non_null(
		strstr(refusal(packed, 12), "the gzip data is cut off at byte 12, before there was a file header"));
}

static void offsets_are_those_of_the_decompressed_data(void **state)
{
	uint8_t packed[256];

	(void)state;
	bytes = (struct bytes){ 0 };
	put_pcap_header(&bytes, 0xa1b2c3d4, 1);
	put_number(&bytes, 0, 8);
	trace_bytes(&trace, packed, gzip(packed, sizeof(packed), bytes.at, bytes.length), NULL);
	assert_trace(&trace, "point 0: \"\"\n", "the record at byte 24 of the decompressed data is cut off");
}

/* ---- streams ---- */

/* A process that writes `length` bytes into a pipe one by one; the name of the pipe's other end. */
static pid_t write_slowly(char name[static 64], const uint8_t *from, size_t length)
{
	int ends[2];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		for (size_t i = 0; i < length; i++)
			if (write(ends[1], from + i, 1) != 1)
				_exit(1);
		_exit(0);
	}
	assert_true(child > 0);
	close(ends[1]);
	snprintf(name, 64, "/dev/fd/%d", ends[0]);
	return child;
}

static void trace_slowly(struct trace *out, const uint8_t *from, size_t length)
{
	char name[64];
	int status;
	pid_t child = write_slowly(name, from, length);

	trace_read(out, name, NULL);
	close(atoi(name + strlen("/dev/fd/")));
	assert_int_equal(waitpid(child, &status, 0), child);
}

static void byte_by_byte_changes_nothing(void **state)
{
	uint8_t packed[1 << 16];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		make_rich(i & 1, i & 2 ? ORDER_BIG : ORDER_LITTLE);
		trace_bytes(&trace, bytes.at, bytes.length, NULL);
		trace_slowly(&other, bytes.at, bytes.length);
		assert_same();
		trace_slowly(&other, packed, gzip(packed, sizeof(packed), bytes.at, bytes.length));
		assert_same();

		bytes.length -= 7;
		trace_bytes(&trace, bytes.at, bytes.length, NULL);
		assert_true(trace.damaged);
		trace_slowly(&other, bytes.at, bytes.length);
		assert_same();
	}
}

/* A frame is handed on as soon as its last byte is there, and not before. */
static void stream_hands_on_what_is_whole(void **state)
{
	struct capture_file_options options = { .wake_fd = -1 };
	struct capture_file *file;
	struct capture_item item;
	char name[32];
	int ends[2];

	(void)state;
	make_rich(true, ORDER_LITTLE);
	trace_bytes(&other, bytes.at, bytes.length, NULL);
	trace = (struct trace){ 0 };
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes.at, 28), 28);
	snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
	options.path = name;
	assert_int_equal(capture_points_new(&options.points, NULL), 0);
	assert_int_equal(capture_file_open(&file, &options, NULL), 0);
	for (size_t i = 28; i < bytes.length; i++) {
		int ret = capture_file_next(file, &item, false, NULL);

		if (ret > 0)
			trace_item(&trace, &item);
		else
			assert_int_equal(ret, -EAGAIN);
		assert_int_equal(capture_file_next(file, &item, false, NULL), -EAGAIN);
		assert_int_equal(write(ends[1], bytes.at + i, 1), 1);
	}
	while (capture_file_next(file, &item, false, NULL) > 0)
		trace_item(&trace, &item);
	close(ends[1]);
	assert_int_equal(capture_file_next(file, &item, false, NULL), 0);
	assert_string_equal(trace.items, other.items);
	close(ends[0]);
	capture_file_close(file);
	capture_points_free(options.points);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refuses_what_is_no_capture),         TEST(refuses_a_file_that_ends_inside_its_header),
		TEST(file_of_no_bytes_has_no_frames),     TEST(compression_changes_nothing),
		TEST(fault_of_the_compression_is_damage), TEST(offsets_are_those_of_the_decompressed_data),
		TEST(byte_by_byte_changes_nothing),       TEST(stream_hands_on_what_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
