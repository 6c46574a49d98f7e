#include "output/field.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static const char *type_name(uint8_t type)
{
	static const char *const names[] = {
		[OUTPUT_INT32] = "INT_32", [OUTPUT_INT64] = "INT_64", [OUTPUT_STRING] = "STRING"
	};

	return names[type];
}

static void catalogue_is_the_field_list(void **state)
{
	FILE *list = fopen(TEST_DATA "/fields.tsv", "r");
	char line[256], row[256];
	size_t id = 0;

	(void)state;
	assert_non_null(list);
	assert_non_null(fgets(line, sizeof(line), list));
	assert_string_equal(line, "name\tversion\tparquet_type\n");
	for (; fgets(line, sizeof(line), list); id++) {
		assert_true(id < FIELD_END_OF_LIST);
		snprintf(row, sizeof(row), "%s\t%u\t%s\n", output_fields[id].name, output_fields[id].version,
			 type_name(output_fields[id].type));
		assert_string_equal(line, row);
	}
	fclose(list);
	assert_int_equal(id, FIELD_END_OF_LIST);
}

/* Identity fields stand in the order of enum flow_identity, each once. */
static void identity_fields_are_all_there(void **state)
{
	int next = 0;

	(void)state;
	for (size_t id = 0; id < FIELD_END_OF_LIST; id++) {
		if (output_fields[id].identity >= 0)
			assert_int_equal(output_fields[id].identity, next++);
	}
	assert_int_equal(next, FLOW_IDENTITY_END);
	assert_int_equal(output_fields[FIELD_ACCOUNT_ID].identity, FLOW_ACCOUNT_ID);
	assert_int_equal(output_fields[FIELD_RESOURCE_ID].identity, FLOW_RESOURCE_ID);
	assert_int_equal(output_fields[FIELD_INTERFACE_TYPE].identity, FLOW_INTERFACE_TYPE);
}

static void every_field_has_a_meaning(void **state)
{
	(void)state;
	for (size_t id = 0; id < FIELD_END_OF_LIST; id++) {
		const char *meaning = output_fields[id].meaning;

		assert_non_null(meaning);
		assert_in_range(strlen(meaning), 10, 100);
		assert_true(meaning[strlen(meaning) - 1] != '.');
	}
}

static void finds_each_by_its_name(void **state)
{
	(void)state;
	for (int id = 0; id < FIELD_END_OF_LIST; id++)
		assert_int_equal(output_field_find(output_fields[id].name, strlen(output_fields[id].name)), id);
	assert_int_equal(output_field_find("srcaddr}", 7), FIELD_SRCADDR);
	assert_int_equal(output_field_find("srcaddr", 6), -1);
	assert_int_equal(output_field_find("srcaddr2", 8), -1);
	assert_int_equal(output_field_find("SRCADDR", 7), -1);
	assert_int_equal(output_field_find("", 0), -1);
}

static void offers_the_nearest_names(void **state)
{
	char out[128];

	(void)state;
	output_field_nearest("pkt_srcaddr", 11, out, sizeof(out));
	assert_string_equal(out, "pkt-srcaddr");
	output_field_nearest("srcadr", 6, out, sizeof(out));
	assert_string_equal(out, "srcaddr");
	output_field_nearest("xyzzy", 5, out, sizeof(out));
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(catalogue_is_the_field_list), TEST(identity_fields_are_all_there), TEST(every_field_has_a_meaning),
		TEST(finds_each_by_its_name),      TEST(offers_the_nearest_names),
	};

	return cmocka_run_group_tests_name("output/field", tests, NULL, NULL);
}
