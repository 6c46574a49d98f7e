#include "cli/fields.h"

#include <string.h>

#include "output/field.h"

enum { MEANING_AT = 45, COLUMNS = 120 };

/* Words in what is left of the line, and in further lines below. */
static void print_wrapped(FILE *out, const char *text)
{
	size_t column = MEANING_AT;

	while (*text) {
		size_t length = strcspn(text, " ");

		if (column + 1 + length > COLUMNS) {
			fprintf(out, "\n%*s", MEANING_AT, "");
			column = MEANING_AT;
		}
		fprintf(out, "%s%.*s", column > MEANING_AT ? " " : "", (int)length, text);
		column += length + (column > MEANING_AT);
		text += length + (text[length] == ' ');
	}
	fputc('\n', out);
}

void fields_print(FILE *out)
{
	static const char *const types[] = {
		[OUTPUT_INT32] = "INT_32", [OUTPUT_INT64] = "INT_64", [OUTPUT_STRING] = "STRING"
	};

	fprintf(out, "%-26s  %7s  %-6s  %s\n", "NAME", "VERSION", "TYPE", "MEANING");
	for (size_t i = 0; i < FIELD_END_OF_LIST; i++) {
		const struct output_field *field = &output_fields[i];

		fprintf(out, "%-26s  %7u  %-6s  ", field->name, field->version, types[field->type]);
		print_wrapped(out, field->meaning);
	}
}
