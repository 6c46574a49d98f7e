#include "logs/layout.h"

#include "check.h"

#include <string.h>

static struct log_layout layout;

static bool is_names(const char *line)
{
	return log_layout_of_line(&layout, line, line + strlen(line));
}

static void names_are_taken_however_they_are_written(void **state)
{
	(void)state;
	assert_true(is_names("pkt-srcaddr pkt_dstaddr logStatus  interfaceId\tstartTime"));
	assert_int_equal(layout.count, 5);
	assert_int_equal(layout.columns[0], FIELD_PKT_SRCADDR);
	assert_int_equal(layout.columns[1], FIELD_PKT_DSTADDR);
	assert_int_equal(layout.columns[2], FIELD_LOG_STATUS);
	assert_int_equal(layout.columns[3], FIELD_INTERFACE_ID);
	assert_int_equal(layout.columns[4], FIELD_START);
	for (unsigned id = 0; id < FIELD_END_OF_LIST; id++)
		assert_int_equal(log_column_find(output_fields[id].name, strlen(output_fields[id].name)), id);
}

static void values_are_no_names(void **state)
{
	(void)state;
	assert_false(is_names("2 123456789010 eni-0a"));
	assert_false(is_names("eni-0a OK ACCEPT"));
	assert_false(is_names("start end srcaddr 10.0.0.1"));
	assert_false(is_names("start end srcaddr fe80::1"));
	assert_false(is_names("start end srcaddr -"));
	assert_false(is_names("start end of story"));
	assert_false(is_names(""));
	assert_true(is_names("start end"));
	assert_true(is_names("version 7"));
}

static void unknown_names_are_remembered(void **state)
{
	(void)state;
	assert_true(is_names("start end srcaddr colour \x1b[1m"));
	assert_int_equal(layout.unknown, 2);
	assert_string_equal(layout.names, "colour, [1m");
	assert_int_equal(layout.columns[3], LOG_COLUMN_UNKNOWN);
}

static void an_attachment_stands_in_for_an_interface(void **state)
{
	(void)state;
	assert_true(is_names("version tgw-id tgw-attachment-id start"));
	assert_int_equal(layout.columns[1], LOG_COLUMN_PASSED);
	assert_int_equal(layout.columns[2], FIELD_INTERFACE_ID);
	assert_true(is_names("version tgw-attachment-id interface-id interface_id"));
	assert_int_equal(layout.columns[1], LOG_COLUMN_PASSED);
	assert_int_equal(layout.columns[2], FIELD_INTERFACE_ID);
	assert_int_equal(layout.columns[3], LOG_COLUMN_PASSED);
}

static void there_are_no_more_columns_than_a_format_can_have(void **state)
{
	(void)state;
	layout = (struct log_layout){ 0 };
	for (int i = 0; i < LOG_LAYOUT_MOST; i++)
		assert_true(log_layout_add(&layout, "what", 4));
	assert_false(log_layout_add(&layout, "what", 4));
	assert_true(strlen(layout.names) < sizeof(layout.names));
	assert_int_equal(layout.unknown, LOG_LAYOUT_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_are_taken_however_they_are_written),
		TEST(values_are_no_names),
		TEST(unknown_names_are_remembered),
		TEST(an_attachment_stands_in_for_an_interface),
		TEST(there_are_no_more_columns_than_a_format_can_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
