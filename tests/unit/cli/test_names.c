#include "cli/names.h"

#include "capture/link.h"
#include "capture/survey.h"

#include "check.h"

static char made[NAMES_SIZE];

static void what_has_a_name_is_called_by_it(void **state)
{
	(void)state;
	assert_string_equal(names_protocol(6, made), "TCP");
	assert_string_equal(names_protocol(58, made), "ICMPv6");
	assert_string_equal(names_frame_type(0x0806, made), "ARP");
	assert_string_equal(names_frame_type(SURVEY_NO_TYPE, made), "of unknown type");
	assert_string_equal(names_link(LINK_NULL, made), "BSD loopback");
	assert_string_equal(names_link(LINK_ETHERNET, made), "Ethernet");
}

static void what_has_none_is_called_by_its_number(void **state)
{
	(void)state;
	assert_string_equal(names_protocol(253, made), "protocol 253");
	assert_string_equal(names_frame_type(0x1234, made), "type 0x1234");
	assert_string_equal(names_link(65000, made), "link type 65000");
	assert_string_equal(names_link(220, made), "USB_LINUX_MMAPPED"); /* libpcap's */
}

static void every_link_type_that_is_decoded_has_a_name_for_people(void **state)
{
	(void)state;
	for (uint32_t type = 0; type < 400; type++) {
		const char *name = names_link(type, made);

		if (!capture_link_is_supported(type))
			continue;
		assert_ptr_not_equal(name, made);
		assert_null(strchr(name, '_')); /* as libpcap's have */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_has_a_name_is_called_by_it),
		TEST(what_has_none_is_called_by_its_number),
		TEST(every_link_type_that_is_decoded_has_a_name_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
