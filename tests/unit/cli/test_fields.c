/* The table of `eniflow fields`. */
#include "cli/fields.h"
#include "output/field.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

/* One row a field in the catalogue's order, columns under their titles, nothing wider than 120. */
static void table(void **state)
{
	char *text = NULL, *rest = NULL;
	size_t length, column, rows = 0;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	fields_print(out);
	fclose(out);
	column = (size_t)(strstr(text, "MEANING") - text);
	assert_int_equal(strncmp(text, "NAME ", 5), 0);
	strtok_r(text, "\n", &rest);
	for (char *line; (line = strtok_r(NULL, "\n", &rest));) {
		char name[32], type[32], expected[32];
		unsigned version;

		assert_true(strlen(line) <= 120 && strlen(line) > column);
		assert_true(line[column - 1] == ' ' && line[column] != ' ');
		if (line[0] == ' ')
			continue; /* a long meaning goes on */
		assert_int_equal(sscanf(line, "%31s %u %31s", name, &version, type), 3);
		assert_string_equal(name, output_fields[rows].name);
		assert_int_equal(version, output_fields[rows].version);
		snprintf(expected, sizeof(expected), "%s",
			 output_fields[rows].type == OUTPUT_STRING  ? "STRING"
			 : output_fields[rows].type == OUTPUT_INT32 ? "INT_32"
								    : "INT_64");
		assert_string_equal(type, expected);
		rows++;
	}
	assert_int_equal(rows, FIELD_END_OF_LIST);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(table) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
