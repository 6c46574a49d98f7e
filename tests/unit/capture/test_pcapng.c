#include "capture/pcapng.h"

#include "capture_bytes.h"
#include "capture_trace.h"

static struct bytes bytes;
static struct trace trace;

static void begin(enum byte_order order)
{
	bytes = (struct bytes){ .order = order };
	put_section(&bytes);
}

static void read_bytes(void)
{
	trace_bytes(&trace, bytes.at, bytes.length, NULL);
}

static void reads_both_orders(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		begin(i ? ORDER_BIG : ORDER_LITTLE);
		put_interface(&bytes, 1, 0, "eth0");
		begin_packet(&bytes, 0, 1600000000000001, 0, 60);
		end_block(&bytes);
		read_bytes();
		assert_trace(&trace,
			     "point 0: \"eth0\", named\n"
			     "frame 0: link 1, 1600000000.000001000, 0/60, word 0, lost 0, sum 0\n",
			     NULL);
		assert_string_equal(trace.format, "pcapng");
	}
}

/* Byte order, interfaces and their numbers are a section's own; names are the run's. */
static void sections_begin_anew(void **state)
{
	(void)state;
	begin(ORDER_LITTLE);
	put_interface(&bytes, 1, 0, "a");
	put_interface(&bytes, 101, 0, "b");
	put_packet(&bytes, 1, 1000000, 0, 0);
	bytes.order = ORDER_BIG;
	put_section(&bytes);
	put_packet(&bytes, 1, 1000000, 0, 0);
	put_interface(&bytes, 101, 0, "b");
	put_packet(&bytes, 0, 2000000, 0, 0);
	bytes.order = ORDER_LITTLE;
	put_section(&bytes);
	put_interface(&bytes, 1, 0, NULL);
	put_packet(&bytes, 0, 3000000, 0, 0);
	read_bytes();
	assert_trace(&trace,
		     "point 0: \"a\", named\n"
		     "point 1: \"b\", named\n"
		     "frame 1: link 101, 1.000000000, 0/0, word 0, lost 0, sum 0\n"
		     "point 1: \"b\", named\n"
		     "frame 1: link 101, 2.000000000, 0/0, word 0, lost 0, sum 0\n"
		     "point 2: \"if0\"\n"
		     "frame 2: link 1, 3.000000000, 0/0, word 0, lost 0, sum 0\n",
		     "the block at byte 144 names an interface that was not described and was passed over");
}

static void interfaces_without_a_name_are_numbered(void **state)
{
	(void)state;
	begin(ORDER_LITTLE);
	put_interface(&bytes, 192, 0, NULL);
	put_interface(&bytes, 1, 0, "");
	put_interface(&bytes, 1, 0, NULL);
	read_bytes();
	assert_trace(&trace, "point 0: \"if1\"\npoint 1: \"if2\"\n", NULL);
	trace_bytes(&trace, bytes.at, bytes.length, "tap");
	assert_trace(&trace, "point 0: \"tap\", named\npoint 0: \"tap\", named\n", NULL);
}

static void reads_options_of_packets(void **state)
{
	(void)state;
	begin(ORDER_BIG);
	put_interface(&bytes, 1, 0, "x");
	for (uint32_t flags = 0; flags < 4; flags++) {
		begin_packet(&bytes, 0, flags, 3, 3);
		put_option(&bytes, 1, "comment", 7);
		put_number_option(&bytes, 2, 0xfffffff0 | flags, 4);
		put_number_option(&bytes, 4, 12345 * flags, 8);
		put_number(&bytes, 0, 4);
		put_number_option(&bytes, 2, 1, 4); /* behind the end of the options */
		end_block(&bytes);
	}
	read_bytes();
	assert_trace(&trace,
		     "point 0: \"x\", named\n"
		     "frame 0: link 1, 0.000000000, 3/3, word 0, lost 0, sum 14\n"
		     "frame 0: link 1, 0.000001000, 3/3, word 1, lost 12345, sum 14\n"
		     "frame 0: link 1, 0.000002000, 3/3, word 2, lost 24690, sum 14\n"
		     "frame 0: link 1, 0.000003000, 3/3, word 0, lost 37035, sum 14\n",
		     NULL);
}

static void reads_obsolete_packets(void **state)
{
	static const uint16_t drops[] = { 0, 7, 0xffff };

	(void)state;
	begin(ORDER_BIG);
	put_interface(&bytes, 1, 0, "x");
	put_interface(&bytes, 1, 0, "y");
	for (size_t i = 0; i < 3; i++) {
		begin_block(&bytes, 2);
		put_number(&bytes, 1, 2);
		put_number(&bytes, drops[i], 2);
		put_number(&bytes, 5, 8);
		put_number(&bytes, 1, 4);
		put_number(&bytes, 60, 4);
		put(&bytes, "\x09\0\0\0", 4);
		put_number_option(&bytes, 2, 2, 4);
		put_number_option(&bytes, 4, 99, 8); /* epb_dropcount has no elder */
		end_block(&bytes);
	}
	read_bytes();
	assert_trace(&trace,
		     "point 0: \"x\", named\n"
		     "point 1: \"y\", named\n"
		     "frame 1: link 1, 0.000005000, 1/60, word 2, lost 0, sum 9\n"
		     "frame 1: link 1, 0.000005000, 1/60, word 2, lost 7, sum 9\n"
		     "frame 1: link 1, 0.000005000, 1/60, word 2, lost 0, sum 9\n",
		     NULL);
}

static void put_simple(uint32_t original, size_t there)
{
	begin_block(&bytes, 3);
	put_number(&bytes, original, 4);
	for (size_t i = 0; i < there; i++)
		put_number(&bytes, 1, 1);
	end_block(&bytes);
}

/* They are of interface 0, take the time of the frame before, and are cut by snap length and block. */
static void reads_simple_packets(void **state)
{
	(void)state;
	begin(ORDER_LITTLE);
	put_interface(&bytes, 1, 4, "x");
	put_interface(&bytes, 1, 0, "y");
	put_simple(3, 3);
	put_packet(&bytes, 1, 2000000, 0, 0);
	put_simple(60, 4);
	put_section(&bytes);
	put_interface(&bytes, 101, 0, "y");
	put_simple(60, 8);
	read_bytes();
	assert_trace(&trace,
		     "point 0: \"x\", named\n"
		     "point 1: \"y\", named\n"
		     "frame 0: link 1, 0.000000000, 3/3, word 0, lost 0, sum 6\n"
		     "frame 1: link 1, 2.000000000, 0/0, word 0, lost 0, sum 0\n"
		     "frame 0: link 1, 2.000000000, 4/60, word 0, lost 0, sum 10\n"
		     "point 1: \"y\", named\n"
		     "frame 1: link 101, 2.000000000, 8/60, word 0, lost 0, sum 36\n",
		     NULL);
}

static void time_is(int resolution, int64_t offset, uint64_t count, const char *expected)
{
	char line[128];

	begin(ORDER_LITTLE);
	begin_interface(&bytes, 1, 0);
	if (resolution >= 0)
		put_number_option(&bytes, 9, (uint64_t)resolution, 1);
	put_number_option(&bytes, 14, (uint64_t)offset, 8);
	end_block(&bytes);
	put_packet(&bytes, 0, count, 0, 0);
	read_bytes();
	snprintf(line, sizeof(line), "point 0: \"if0\"\nframe 0: link 1, %s, 0/0, word 0, lost 0, sum 0\n", expected);
	assert_trace(&trace, line, NULL);
}

static void times_have_their_resolution(void **state)
{
	(void)state;
	time_is(-1, 0, 1600000000123456, "1600000000.123456000");
	time_is(0, 0, 1600000000, "1600000000.000000000");
	time_is(3, 0, 1600000000123, "1600000000.123000000");
	time_is(6, 0, 1600000000123456, "1600000000.123456000");
	time_is(9, 0, 1600000000123456789, "1600000000.123456789");
	time_is(10, 0, 16000000001234567899U, "1600000000.123456789");
	time_is(12, 0, 1999, "0.000000001");
	time_is(28, 0, UINT64_MAX, "0.000000001");
	time_is(29, 0, UINT64_MAX, "0.000000000");
	time_is(127, 0, UINT64_MAX, "0.000000000");
	time_is(0x80, 0, 5, "5.000000000");
	time_is(0x80 | 1, 0, 3, "1.500000000");
	time_is(0x80 | 10, 0, (1600000000ULL << 10) + 1, "1600000000.000976562");
	time_is(0x80 | 32, 0, (1600000000ULL << 32) + 0xffffffff, "1600000000.999999999");
	time_is(0x80 | 64, 0, UINT64_MAX, "0.999999999");
	time_is(0x80 | 127, 0, UINT64_MAX, "0.000000000");
}

static void times_have_their_offset(void **state)
{
	(void)state;
	time_is(6, 1600000000, 5, "1600000000.000005000");
	time_is(6, -1, 1500000, "0.500000000");
	time_is(0, INT64_MIN, 9223372036854775809U, "1.000000000");
	time_is(9, 9223372036, 854775807, "9223372036.854775807");
}

/* They are taken as that of the frame before, which is told once, and no damage. */
static void times_out_of_range(void **state)
{
	(void)state;
	begin(ORDER_LITTLE);
	put_interface(&bytes, 1, 0, "x");
	put_packet(&bytes, 0, UINT64_MAX, 0, 0);
	put_packet(&bytes, 0, 3000000, 0, 0);
	put_packet(&bytes, 0, UINT64_MAX, 0, 0);
	put_packet(&bytes, 0, 9223372036854776, 0, 0);
	put_packet(&bytes, 0, 9223372036854775, 0, 0);
	begin_interface(&bytes, 1, 0);
	put_number_option(&bytes, 14, (uint64_t)-1, 8);
	end_block(&bytes);
	put_packet(&bytes, 1, 999999, 0, 0);
	read_bytes();
	assert_string_equal(trace.items, "point 0: \"x\", named\n"
					 "frame 0: link 1, 0.000000000, 0/0, word 0, lost 0, sum 0\n"
					 "frame 0: link 1, 3.000000000, 0/0, word 0, lost 0, sum 0\n"
					 "frame 0: link 1, 3.000000000, 0/0, word 0, lost 0, sum 0\n"
					 "frame 0: link 1, 3.000000000, 0/0, word 0, lost 0, sum 0\n"
					 "frame 0: link 1, 9223372036.854775000, 0/0, word 0, lost 0, sum 0\n"
					 "point 1: \"if1\"\n"
					 "frame 1: link 1, 9223372036.854775000, 0/0, word 0, lost 0, sum 0\n");
	assert_false(trace.damaged);
	assert_non_null(strstr(trace.told, "the block at byte 56 has a time outside of 1970 to 2262"));
	assert_ptr_equal(strchr(trace.told, '\n') + 1, strchr(trace.told, '\0'));
}

static void put_drops(uint32_t interface, int64_t ifdrop, int64_t osdrop)
{
	begin_statistics(&bytes, interface);
	put_number_option(&bytes, 4, 1000, 8);
	if (ifdrop >= 0)
		put_number_option(&bytes, 5, (uint64_t)ifdrop, 8);
	if (osdrop >= 0)
		put_number_option(&bytes, 7, (uint64_t)osdrop, 8);
	end_block(&bytes);
}

/* What counts is by how much each counter of each interface grew. */
static void statistics_are_losses(void **state)
{
	(void)state;
	begin(ORDER_LITTLE);
	put_interface(&bytes, 1, 0, "x");
	put_interface(&bytes, 1, 0, "y");
	put_interface(&bytes, 192, 0, "z");
	put_drops(1, 10, 42);
	put_drops(0, 10, -1);
	put_drops(1, 10, 42);
	put_drops(1, 11, -1);
	put_drops(1, 3, 43); /* one began anew */
	put_drops(1, 4, -1);
	put_drops(2, 5, 5);
	put_drops(0, -1, -1);
	put_section(&bytes);
	put_interface(&bytes, 1, 0, "x");
	put_drops(0, 2, 0);
	read_bytes();
	assert_trace(&trace,
		     "point 0: \"x\", named\n"
		     "point 1: \"y\", named\n"
		     "loss 1: 52\n"
		     "loss 0: 10\n"
		     "loss 1: 1\n"
		     "loss 1: 1\n"
		     "loss 1: 1\n"
		     "point 0: \"x\", named\n"
		     "loss 0: 2\n",
		     NULL);
}

/* They have no point; the type is told once. */
static void unsupported_link_types_are_frames(void **state)
{
	(void)state;
	begin(ORDER_LITTLE);
	put_interface(&bytes, 192, 0, "z");
	put_interface(&bytes, 1, 0, "x");
	put_interface(&bytes, 197, 0, NULL);
	begin_packet(&bytes, 0, 1000000, 1, 1);
	put_number_option(&bytes, 4, 9, 8);
	end_block(&bytes);
	put_packet(&bytes, 2, 2000000, 1, 1);
	put_packet(&bytes, 0, 3000000, 1, 1);
	put_simple(1, 1);
	read_bytes();
	assert_trace(&trace,
		     "point 0: \"x\", named\n"
		     "frame 0: link 192 unsupported, 1.000000000, 1/1, word 0, lost 0, sum 1\n"
		     "frame 0: link 197 unsupported, 2.000000000, 1/1, word 0, lost 0, sum 1\n"
		     "frame 0: link 192 unsupported, 3.000000000, 1/1, word 0, lost 0, sum 1\n"
		     "frame 0: link 192 unsupported, 3.000000000, 1/1, word 0, lost 0, sum 1\n",
		     "frames of link type 192 (PPI) cannot be decoded");
	assert_non_null(strstr(trace.told, "frames of link type 197 (ERF) cannot be decoded"));
	assert_null(strstr(strstr(trace.told, "192") + 3, "192"));
}

static void unknown_blocks_are_skipped(void **state)
{
	(void)state;
	begin(ORDER_BIG);
	put_interface(&bytes, 1, 0, "x");
	begin_block(&bytes, 4);
	end_block(&bytes);
	begin_block(&bytes, 0x80001234);
	put_filler(&bytes, 20000);
	end_block(&bytes);
	put_packet(&bytes, 0, 0, 0, 0);
	read_bytes();
	assert_trace(&trace, "point 0: \"x\", named\nframe 0: link 1, 0.000000000, 0/0, word 0, lost 0, sum 0\n", NULL);
}

/* Each is passed over, and told once however many there are. */
static void broken_blocks_are_passed_over(void **state)
{
	static const struct {
		uint32_t type;
		uint32_t words[5]; /* of the body, as many as `count` */
		size_t count;
		const char *told;
	} broken[] = {
		{ 6, { 0 }, 4, "is too short for its kind" },
		{ 6, { 1 }, 5, "names an interface that was not described" },
		{ 6, { 0, 0, 0, 1, 1 }, 5, "claims more captured bytes than it can hold" },
		{ 6, { 0, 0, 0, 256 * 1024, 1 }, 5, "claims more captured bytes than it can hold" },
		{ 6, { 0, 0, 0, UINT32_MAX, 60 }, 5, "claims more captured bytes than it can hold" },
		{ 2, { 0, 0, 0, 256 * 1024 + 1, 60 }, 5, "claims more captured bytes than it can hold" },
		{ 2, { 0 }, 4, "is too short for its kind" },
		{ 2, { 0x00010001 }, 5, "names an interface that was not described" },
		{ 3, { 0 }, 0, "is too short for its kind" },
		{ 5, { 0 }, 2, "is too short for its kind" },
		{ 5, { 2 }, 3, "names an interface that was not described" },
		{ 5, { 0, 0, 0, 0x00080005 }, 4, "has options that contradict their lengths" },
		{ 5, { 0, 0, 0, 0x00040005, 0 }, 5, "has options that contradict their lengths" },
		{ 1, { 1 }, 1, "is too short for its kind" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		begin(ORDER_LITTLE);
		put_interface(&bytes, 1, 0, "x");
		for (int twice = 0; twice < 2; twice++) {
			begin_block(&bytes, broken[i].type);
			for (size_t k = 0; k < broken[i].count; k++)
				put_number(&bytes, broken[i].words[k], 4);
			end_block(&bytes);
		}
		put_packet(&bytes, 0, 0, 0, 0);
		read_bytes();
		assert_trace(&trace,
			     "point 0: \"x\", named\nframe 0: link 1, 0.000000000, 0/0, word 0, lost 0, sum 0\n",
			     broken[i].told);
		assert_non_null(strstr(trace.told, "the block at byte 56 "));
		assert_ptr_equal(strchr(trace.told, '\n') + 1, strchr(trace.told, '\0'));
	}
}

/* Also an interface that cannot be read has its number. */
static void broken_interface_holds_its_place(void **state)
{
	(void)state;
	begin(ORDER_LITTLE);
	begin_block(&bytes, 1);
	end_block(&bytes);
	put_interface(&bytes, 1, 0, NULL);
	put_packet(&bytes, 0, 0, 0, 0);
	put_packet(&bytes, 1, 1000000, 0, 0);
	read_bytes();
	assert_trace(&trace, "point 0: \"if1\"\nframe 0: link 1, 1.000000000, 0/0, word 0, lost 0, sum 0\n",
		     "the block at byte 28 is too short");
	assert_non_null(strstr(trace.told, "the block at byte 60 names an interface"));
}

/* Where only options are broken, the rest is believed. */
static void broken_options_are_ignored(void **state)
{
	(void)state;
	begin(ORDER_LITTLE);
	begin_interface(&bytes, 1, 0);
	put_option(&bytes, 2, "x", 1);
	put_number_option(&bytes, 9, 3, 2); /* if_tsresol has one byte */
	end_block(&bytes);
	begin_packet(&bytes, 0, 1000000, 1, 1);
	put_number_option(&bytes, 2, 1, 4);
	put_number(&bytes, 4, 2);
	put_number(&bytes, 8, 2);
	end_block(&bytes);
	read_bytes();
	assert_trace(&trace, "point 0: \"x\", named\nframe 0: link 1, 1.000000000, 1/1, word 1, lost 0, sum 1\n",
		     "the block at byte 28 has options that contradict their lengths and were ignored");
}

/* Lengths behind which nothing can be read. */
static void broken_framing_ends_the_file(void **state)
{
	static const struct {
		uint32_t type, length, trailing;
		const char *told;
	} broken[] = {
		{ 6, 11, 11, "has a length of 11, which cannot be" },
		{ 6, 0, 0, "has a length of 0, which cannot be" },
		{ 6, 34, 34, "has a length of 34, which cannot be" },
		{ 6, 16 * 1024 * 1024 + 4, 0, "has a length of 16777220, which cannot be" },
		{ 1, UINT32_MAX & ~3U, 0, "has a length of 4294967292, which cannot be" },
		{ 77, 35, 35, "has a length of 35, which cannot be" },
		{ 6, 32, 36, "has a second length of 36, which cannot be" },
		{ 77, 32, 28, "has a second length of 28, which cannot be" },
		{ 77, UINT32_MAX & ~3U, 0, "is cut off by the end of the file (64 of 4294967292 bytes" },
		{ 6, 10000, 0, "is cut off by the end of the file (64 of 10000 bytes" },
		{ 0x0a0d0d0a, 32, 32, "has a byte-order magic of 0, which cannot be" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		begin(ORDER_LITTLE);
		put_interface(&bytes, 1, 0, "x");
		put_number(&bytes, broken[i].type, 4);
		put_number(&bytes, broken[i].length, 4);
		put_number(&bytes, 0, 8);
		put_number(&bytes, 0, 8);
		put_number(&bytes, 0, 4);
		put_number(&bytes, broken[i].trailing, 4);
		put_packet(&bytes, 0, 0, 0, 0);
		read_bytes();
		assert_trace(&trace, "point 0: \"x\", named\n", broken[i].told);
		assert_non_null(strstr(trace.told, "the block at byte 56 "));
	}
}

/* A later section header must be one, too. */
static void broken_section_ends_the_file(void **state)
{
	(void)state;
	begin(ORDER_LITTLE);
	put_section(&bytes);
	bytes.at[28 + 12] = 2;
	put_interface(&bytes, 1, 0, "x");
	read_bytes();
	assert_trace(&trace, "", "the block at byte 28 has a pcapng version of 2, which cannot be");

	begin(ORDER_BIG);
	begin_block(&bytes, 0x0a0d0d0a);
	put_number(&bytes, 0x1a2b3c4d, 4);
	end_block(&bytes);
	read_bytes();
	assert_trace(&trace, "", "the block at byte 28 has a length of 16, which cannot be");
}

/* Whatever the byte at which it is cut off: what is whole before it is read, and damage is told unless it ends
 * between blocks. */
static void may_be_cut_off_anywhere(void **state)
{
	static const char point[] = "point 0: \"x\", named\n";
	static const char frame[] = "frame 0: link 1, 1.000000000, 1/1, word 0, lost 0, sum 1\n";
	size_t ends[5], n = 0;

	(void)state;
	begin(ORDER_LITTLE);
	ends[n++] = bytes.length;
	put_interface(&bytes, 1, 0, "x");
	ends[n++] = bytes.length;
	begin_block(&bytes, 99);
	put_number(&bytes, 0, 8);
	end_block(&bytes);
	ends[n++] = bytes.length;
	put_packet(&bytes, 0, 1000000, 1, 1);
	ends[n++] = bytes.length;
	for (size_t length = 0; length <= bytes.length; length++) {
		char expected[256];
		bool whole = false;

		for (size_t i = 0; i < n; i++)
			whole |= ends[i] == length;
		trace_bytes(&trace, bytes.at, length, NULL);
		if (length > 0 && length < 12) {
			assert_int_equal(trace.opened, -EINVAL);
			continue;
		}
		snprintf(expected, sizeof(expected), "%s%s", length >= ends[1] ? point : "",
			 length >= ends[3] ? frame : "");
		assert_trace(&trace, expected,
			     whole    ? NULL
			     : length ? "is cut off by the end of the file"
				      : "it is empty");
	}
}

static void refuses_what_does_not_begin_well(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		const char *told;
	} broken[] = {
		{ 8, 0x4e, "byte-order magic 4e3c2b1a, which is not pcapng's" },
		{ 12, 2, "version 2.0 of the pcapng format is not known" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		begin(ORDER_LITTLE);
		bytes.at[broken[i].at] = broken[i].value;
		read_bytes();
		assert_int_equal(trace.opened, -EINVAL);
		assert_non_null(strstr(trace.err.text, broken[i].told));
	}
}

/* With its magic it is a capture, if one of which nothing can be read. */
static void a_first_block_of_an_impossible_length_ends_the_file(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		const char *told;
	} broken[] = {
		{ 4, 24, "which cannot be" },
		{ 4, 30, "a length of 30, which cannot be" },
		{ 7, 1, "a length of 16777244, which cannot be" },
		{ 24, 24, "a second length of 24, which cannot be" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		begin(ORDER_LITTLE);
		bytes.at[broken[i].at] = broken[i].value;
		read_bytes();
		assert_trace(&trace, "", broken[i].told);
	}
}

static void interfaces_can_be_listed(void **state)
{
	struct capture_file_options options = { .wake_fd = -1 };
	const struct capture_file_interface *interface;
	struct capture_file *file;
	struct capture_item item;
	char path[64];

	(void)state;
	begin(ORDER_LITTLE);
	begin_interface(&bytes, 1, 96);
	put_option(&bytes, 2, "eth0", 4);
	put_option(&bytes, 3, "uplink\0x", 8);
	put_option(&bytes, 12, "Linux", 5);
	put_option(&bytes, 15, "a card", 6);
	put_number_option(&bytes, 9, 9, 1);
	end_block(&bytes);
	put_drops(0, 5, 6);
	begin_packet(&bytes, 0, 0, 0, 0);
	put_number_option(&bytes, 4, 100, 8);
	end_block(&bytes);
	put_section(&bytes);
	begin_interface(&bytes, 192, 0);
	put_number_option(&bytes, 9, 0x80 | 20, 1);
	end_block(&bytes);
	trace_make_file(path, bytes.at, bytes.length);
	options.path = path;
	assert_int_equal(capture_points_new(&options.points, NULL), 0);
	assert_int_equal(capture_file_open(&file, &options, NULL), 0);
	assert_null(capture_file_interface(file, 0));
	while (capture_file_next(file, &item, true, NULL) > 0)
		;

	interface = capture_file_interface(file, 0);
	assert_string_equal(interface->name, "eth0");
	assert_string_equal(interface->description, "uplink");
	assert_string_equal(interface->os, "Linux");
	assert_string_equal(interface->hardware, "a card");
	assert_string_equal(interface->resolution, "nanoseconds");
	assert_int_equal(interface->link_type, 1);
	assert_int_equal(interface->snaplen, 96);
	assert_int_equal(interface->lost, 111);
	interface = capture_file_interface(file, 1);
	assert_string_equal(interface->name, "if0");
	assert_null(interface->description);
	assert_string_equal(interface->resolution, "2^-20 s");
	assert_int_equal(interface->link_type, 192);
	assert_null(capture_file_interface(file, 2));
	capture_file_close(file);
	capture_points_free(options.points);
	unlink(path);
}

/* Sections without end take no more memory: what ended ones described is forgotten at last, and nothing else. */
static void ended_sections_are_forgotten(void **state)
{
	enum { INTERFACES = CAPTURE_PCAPNG_LISTED_MOST + 1, SECTIONS = 3 };
	struct capture_file_options options = { .wake_fd = -1 };
	struct capture_file *file;
	struct capture_item item;
	size_t frames = 0, listed = 0;
	char path[64];

	(void)state;
	bytes = (struct bytes){ .order = ORDER_LITTLE };
	for (int i = 0; i < SECTIONS; i++) {
		put_section(&bytes);
		for (int k = 0; k < (i < 2 ? INTERFACES : 1); k++) {
			begin_interface(&bytes, 1, 0);
			end_block(&bytes);
		}
		put_packet(&bytes, i < 2 ? INTERFACES - 1 : 0, 0, 0, 0);
	}
	trace_make_file(path, bytes.at, bytes.length);
	options.path = path;
	assert_int_equal(capture_points_new(&options.points, NULL), 0);
	assert_int_equal(capture_file_open(&file, &options, NULL), 0);
	while (capture_file_next(file, &item, true, NULL) > 0) {
		if (item.kind != CAPTURE_FRAME)
			continue;
		assert_int_equal(item.point, frames < 2 ? INTERFACES - 1 : 0);
		frames++;
	}
	while (capture_file_interface(file, listed))
		listed++;
	assert_int_equal(frames, SECTIONS);
	assert_int_equal(listed, 1);
	assert_false(capture_file_is_damaged(file));
	capture_file_close(file);
	capture_points_free(options.points);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_both_orders),
		TEST(sections_begin_anew),
		TEST(interfaces_without_a_name_are_numbered),
		TEST(reads_options_of_packets),
		TEST(reads_obsolete_packets),
		TEST(reads_simple_packets),
		TEST(times_have_their_resolution),
		TEST(times_have_their_offset),
		TEST(times_out_of_range),
		TEST(statistics_are_losses),
		TEST(unsupported_link_types_are_frames),
		TEST(unknown_blocks_are_skipped),
		TEST(broken_blocks_are_passed_over),
		TEST(broken_interface_holds_its_place),
		TEST(broken_options_are_ignored),
		TEST(broken_framing_ends_the_file),
		TEST(broken_section_ends_the_file),
		TEST(may_be_cut_off_anywhere),
		TEST(refuses_what_does_not_begin_well),
		TEST(a_first_block_of_an_impossible_length_ends_the_file),
		TEST(interfaces_can_be_listed),
		TEST(ended_sections_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
