#include "output/group.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

enum { INTERFACE_ID, PACKETS, SRCADDR };

static char ids[2][8] = { "eni-1", "eni-2" };

static const struct flow_interface interfaces[] = {
	{ .identity = { [FLOW_INTERFACE_ID] = ids[0] } },
	{ .identity = { [FLOW_INTERFACE_ID] = ids[1] } },
};

static struct output_format format;

static struct output_group *new_group(void)
{
	struct output_group *group = NULL;

	assert_int_equal(output_format_parse(&format, "interface-id packets srcaddr", NULL), 0);
	assert_int_equal(output_group_new(&group, &format, NULL), 0);
	return group;
}

static void add(struct output_group *group, uint32_t number, uint8_t status, uint64_t packets)
{
	const struct flow_record record = { .interface = &interfaces[number % 2],
					    .interface_number = number,
					    .status = status,
					    .family = FLOW_IPV4,
					    .packets = packets };

	assert_true(output_group_add(group, &record));
}

static struct output_values values_of(const struct output_group *group, size_t column, struct output_buffer *scratch)
{
	struct output_values values;

	assert_true(output_group_values(group, column, scratch, &values));
	assert_int_equal(values.rows, output_group_rows(group));
	return values;
}

static void a_column_has_codes_only_where_rows_differ(void **state)
{
	struct output_group *group = new_group();
	struct output_buffer scratch = { 0 };
	struct output_values values;

	(void)state;
	add(group, 0, FLOW_OK, 5);
	add(group, 0, FLOW_NODATA, 0);
	add(group, 0, FLOW_OK, 5);
	values = values_of(group, INTERFACE_ID, &scratch);
	assert_null(values.codes);
	assert_int_equal(values.same, 0);
	values = values_of(group, PACKETS, &scratch);
	assert_memory_equal(values.codes, ((int32_t[]){ 0, OUTPUT_DICTIONARY_NONE, 0 }), 3 * sizeof(int32_t));
	assert_int_equal(output_dictionary_number_at(values.dictionary, 0), 5);
	assert_true(values_of(group, SRCADDR, &scratch).is_address);
	add(group, 1, FLOW_OK, 6);
	values = values_of(group, INTERFACE_ID, &scratch);
	assert_memory_equal(values.codes, ((int32_t[]){ 0, 0, 0, 1 }), 4 * sizeof(int32_t));
	free(scratch.bytes);
	output_group_free(group);
}

static void memory_follows_the_rows_and_not_the_number_of_an_interface(void **state)
{
	struct output_group *group = new_group();
	struct output_buffer scratch = { 0 };
	struct output_values values;

	(void)state;
	add(group, UINT32_MAX, FLOW_OK, 1);
	add(group, 0, FLOW_OK, 2);
	add(group, UINT32_MAX, FLOW_OK, 3);
	assert_in_range(output_group_held(group), 1, 8192);
	values = values_of(group, INTERFACE_ID, &scratch);
	assert_memory_equal(values.codes, ((int32_t[]){ 0, 1, 0 }), 3 * sizeof(int32_t));
	free(scratch.bytes);
	output_group_free(group);
}

static void a_group_that_was_cleared_is_as_new(void **state)
{
	struct output_group *group = new_group();
	struct output_buffer scratch = { 0 };
	struct output_values values;

	(void)state;
	add(group, 0, FLOW_OK, 5);
	add(group, 1, FLOW_OK, 6);
	output_group_clear(group);
	assert_int_equal(output_group_rows(group), 0);
	assert_int_equal(output_group_held(group), 0);
	add(group, 1, FLOW_OK, 6);
	values = values_of(group, INTERFACE_ID, &scratch);
	assert_null(values.codes);
	assert_int_equal(values.dictionary->count, 1);
	free(scratch.bytes);
	output_group_free(group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_column_has_codes_only_where_rows_differ),
		TEST(memory_follows_the_rows_and_not_the_number_of_an_interface),
		TEST(a_group_that_was_cleared_is_as_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
