#include <pcap/pcap.h>

#include "capture/link.h"
#include "check.h"

static void knows_which_are_decoded(void **state)
{
	static const uint32_t decoded[] = { 0, 1, 9, 12, 14, 50, 101, 104, 105, 108, 113, 127, 228, 229, 239, 276 };
	size_t next = 0;

	(void)state;
	for (uint32_t type = 0; type < 1000; type++) {
		bool expected = next < sizeof(decoded) / sizeof(*decoded) && decoded[next] == type;

		assert_int_equal(capture_link_is_supported(type), expected);
		next += expected;
	}
	assert_false(capture_link_is_supported(UINT32_MAX));
}

static void names_are_libpcaps(void **state)
{
	(void)state;
	assert_string_equal(capture_link_name(LINK_ETHERNET), "EN10MB");
	assert_string_equal(capture_link_name(LINK_RAW), "RAW");
	assert_string_equal(capture_link_name(LINK_LINUX_SLL2), "LINUX_SLL2");
	assert_string_equal(capture_link_name(192), "PPI");
	assert_null(capture_link_name(9999));
	assert_null(capture_link_name(UINT32_MAX));
}

static void numbers_are_those_of_the_compiler(void **state)
{
	(void)state;
	assert_int_equal(capture_link_dlt(LINK_ETHERNET), DLT_EN10MB);
	assert_int_equal(capture_link_dlt(LINK_RAW), DLT_RAW);
	assert_int_equal(capture_link_dlt(LINK_RAW_12), DLT_RAW);
	assert_int_equal(capture_link_dlt(LINK_RAW_14), DLT_RAW);
	assert_int_equal(capture_link_dlt(LINK_LOOP), DLT_LOOP);
	assert_int_equal(capture_link_dlt(LINK_C_HDLC), DLT_C_HDLC);
	assert_int_equal(capture_link_dlt(100), DLT_ATM_RFC1483);
	assert_int_equal(capture_link_dlt(9999), -1);
	assert_int_equal(capture_link_dlt(UINT32_MAX), -1);
}

/* Every link type that is decoded can also be filtered. */
static void decoded_types_have_a_compiler(void **state)
{
	(void)state;
	for (uint32_t type = 0; type < 1000; type++)
		if (capture_link_is_supported(type))
			assert_true(capture_link_dlt(type) >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(knows_which_are_decoded),
		TEST(names_are_libpcaps),
		TEST(numbers_are_those_of_the_compiler),
		TEST(decoded_types_have_a_compiler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
