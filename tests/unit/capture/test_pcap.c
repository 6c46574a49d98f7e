#include "capture_bytes.h"
#include "capture_trace.h"

static struct bytes bytes;
static struct trace trace;

static void read_bytes(void)
{
	trace_bytes(&trace, bytes.at, bytes.length, NULL);
}

/* Two frames of each variant, in each byte order, are the same two frames. */
static void reads_every_variant_in_both_orders(void **state)
{
	static const struct {
		uint32_t magic, unit_ns;
		size_t extra;
		const char *words;
	} variants[] = {
		{ 0xa1b2c3d4, 1000, 0, "pcap, microseconds" },
		{ 0xa1b23c4d, 1, 0, "pcap, nanoseconds" },
		{ 0xa1b2cd34, 1000, 8, "pcap, Kuznetzov's, microseconds" },
	};

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		char expected[64];

		bytes = (struct bytes){ .order = i % 2 ? ORDER_BIG : ORDER_LITTLE };
		put_pcap_header(&bytes, variants[i / 2].magic, 1);
		for (uint32_t k = 1; k <= 2; k++) {
			put_number(&bytes, 1600000000 + k, 4);
			put_number(&bytes, 123000 / variants[i / 2].unit_ns, 4);
			put_number(&bytes, 4, 4);
			put_number(&bytes, 60 * k, 4);
			put_number(&bytes, UINT64_MAX, variants[i / 2].extra);
			put(&bytes, (const uint8_t[]){ 1, 2, 3, 4 }, 4);
		}
		read_bytes();
		assert_trace(&trace,
			     "point 0: \"\"\n"
			     "frame 0: link 1, 1600000001.000123000, 4/60, word 0, lost 0, sum 30\n"
			     "frame 0: link 1, 1600000002.000123000, 4/120, word 0, lost 0, sum 30\n",
			     NULL);
		snprintf(expected, sizeof(expected), "%s, %s-endian", variants[i / 2].words, i % 2 ? "big" : "little");
		assert_string_equal(trace.format, expected);
	}
}

static void name_of_the_command_line_is_the_point(void **state)
{
	(void)state;
	bytes = (struct bytes){ 0 };
	put_pcap_header(&bytes, 0xa1b2c3d4, 101);
	trace_bytes(&trace, bytes.at, bytes.length, "eth0");
	assert_trace(&trace, "point 0: \"eth0\", named\n", NULL);
}

static void times_are_unsigned_and_fractions_are_added(void **state)
{
	(void)state;
	bytes = (struct bytes){ 0 };
	put_pcap_header(&bytes, 0xa1b2c3d4, 1);
	put_record(&bytes, UINT32_MAX, UINT32_MAX, 0, 0);
	read_bytes();
	assert_trace(&trace, "point 0: \"\"\nframe 0: link 1, 4294971589.967295000, 0/0, word 0, lost 0, sum 0\n",
		     NULL);
}

static void original_is_at_least_captured(void **state)
{
	(void)state;
	bytes = (struct bytes){ 0 };
	put_pcap_header(&bytes, 0xa1b2c3d4, 1);
	put_record(&bytes, 0, 0, 1, 0);
	read_bytes();
	assert_trace(&trace, "point 0: \"\"\nframe 0: link 1, 0.000000000, 1/1, word 0, lost 0, sum 1\n", NULL);
}

static void frame_check_bits_are_not_the_link_type(void **state)
{
	(void)state;
	bytes = (struct bytes){ 0 };
	put_pcap_header(&bytes, 0xa1b2c3d4, 0x24000000 | 228);
	put_record(&bytes, 0, 0, 1, 1);
	read_bytes();
	assert_trace(&trace, "point 0: \"\"\nframe 0: link 228, 0.000000000, 1/1, word 0, lost 0, sum 1\n", NULL);
}

/* A whole frame, and then one of which fewer and fewer bytes are there. */
static void last_record_may_be_cut_off(void **state)
{
	(void)state;
	bytes = (struct bytes){ 0 };
	put_pcap_header(&bytes, 0xa1b2c3d4, 1);
	put_record(&bytes, 7, 0, 0, 0);
	put_record(&bytes, 8, 0, 20, 20);
	for (size_t length = 24 + 16; length <= bytes.length; length++) {
		static const char first[] = "point 0: \"\"\nframe 0: link 1, 7.000000000, 0/0, word 0, lost 0, sum 0\n";
		size_t there = length - 40;
		char words[256];

		trace_bytes(&trace, bytes.at, length, NULL);
		if (length == bytes.length)
			break;
		snprintf(words, sizeof(words),
			 "%s: the record at byte 40 is cut off by the end of the file (%zu of %d bytes", trace.path,
			 there, there < 16 ? 16 : 36);
		assert_trace(&trace, first, there ? words : NULL);
	}
	assert_string_equal(strrchr(trace.items, 'f'),
			    "frame 0: link 1, 8.000000000, 20/20, word 0, lost 0, sum 2870\n");
	assert_false(trace.damaged);
}

static void insane_length_ends_the_file(void **state)
{
	static const uint32_t lengths[] = { 256 * 1024 + 1, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char words[128];

		bytes = (struct bytes){ 0 };
		put_pcap_header(&bytes, 0xa1b2c3d4, 1);
		put_record(&bytes, 7, 0, 0, 0);
		put_number(&bytes, 0, 8);
		put_number(&bytes, lengths[i], 4);
		put_number(&bytes, lengths[i], 4);
		put_record(&bytes, 9, 0, 0, 0);
		read_bytes();
		snprintf(words, sizeof(words), "the record at byte 40 claims %u captured bytes, which cannot be",
			 lengths[i]);
		assert_trace(&trace, "point 0: \"\"\nframe 0: link 1, 7.000000000, 0/0, word 0, lost 0, sum 0\n",
			     words);
	}
}

static void greatest_length_is_read(void **state)
{
	static uint8_t large[24 + 16 + 256 * 1024];

	(void)state;
	bytes = (struct bytes){ 0 };
	put_pcap_header(&bytes, 0xa1b2c3d4, 1);
	put_number(&bytes, 0, 8);
	put_number(&bytes, 256 * 1024, 4);
	put_number(&bytes, UINT32_MAX, 4);
	memcpy(large, bytes.at, bytes.length);
	large[sizeof(large) - 1] = 1;
	trace_bytes(&trace, large, sizeof(large), NULL);
	assert_trace(&trace,
		     "point 0: \"\"\nframe 0: link 1, 0.000000000, 262144/4294967295, word 0, lost 0, sum 262144\n",
		     NULL);
}

/* Before version 2.3 the original length came first; in 2.3 the lesser one is the captured. */
static void old_versions_have_the_lengths_swapped(void **state)
{
	(void)state;
	for (uint8_t minor = 0; minor <= 5; minor++) {
		bytes = (struct bytes){ 0 };
		put_pcap_header(&bytes, 0xa1b2c3d4, 1);
		bytes.at[6] = minor;
		for (uint32_t k = 0; k < 2; k++) {
			bool original_first = minor < 3 || (minor == 3 && k == 0);

			put_number(&bytes, 0, 8);
			put_number(&bytes, original_first ? 60 : 1, 4);
			put_number(&bytes, original_first ? 1 : 60, 4);
			put_number(&bytes, 7, 1);
		}
		read_bytes();
		assert_trace(&trace,
			     "point 0: \"\"\n"
			     "frame 0: link 1, 0.000000000, 1/60, word 0, lost 0, sum 7\n"
			     "frame 0: link 1, 0.000000000, 1/60, word 0, lost 0, sum 7\n",
			     NULL);
	}
}

static void refuses_other_versions(void **state)
{
	(void)state;
	bytes = (struct bytes){ .order = ORDER_BIG };
	put_pcap_header(&bytes, 0xa1b2c3d4, 1);
	bytes.at[5] = 3;
	read_bytes();
	assert_int_equal(trace.opened, -EINVAL);
	assert_non_null(strstr(trace.err.text, "version 3.4 of the pcap format is not known"));
}

static void refuses_link_types_that_are_not_decoded(void **state)
{
	(void)state;
	bytes = (struct bytes){ 0 };
	put_pcap_header(&bytes, 0xa1b2c3d4, 192);
	read_bytes();
	assert_int_equal(trace.opened, -EINVAL);
	assert_non_null(strstr(trace.err.text, "link type 192 (PPI)"));

	bytes.at[20] = 0xff;
	bytes.at[21] = 0xff;
	read_bytes();
	assert_int_equal(trace.opened, -EINVAL);
	assert_non_null(strstr(trace.err.text, "link type 65535 (unnamed)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_every_variant_in_both_orders),
		TEST(name_of_the_command_line_is_the_point),
		TEST(times_are_unsigned_and_fractions_are_added),
		TEST(original_is_at_least_captured),
		TEST(frame_check_bits_are_not_the_link_type),
		TEST(last_record_may_be_cut_off),
		TEST(insane_length_ends_the_file),
		TEST(greatest_length_is_read),
		TEST(old_versions_have_the_lengths_swapped),
		TEST(refuses_other_versions),
		TEST(refuses_link_types_that_are_not_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
