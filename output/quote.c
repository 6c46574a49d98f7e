#include "output/quote.h"

#include <stdio.h>
#include <string.h>

#include "output/utf8.h"

void output_quote_json(struct output_buffer *out, const char *text)
{
	output_buffer_put(out, "\"");
	while (*text) {
		const char *next = text;
		int32_t point = output_utf8_next(&next);

		if (point < 0) {
			output_buffer_put(out, "\xef\xbf\xbd");
			next = text + 1;
		} else if (point < ' ') {
			char escape[8];

			snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)point);
			output_buffer_put(out, escape);
		} else {
			if (point == '"' || point == '\\')
				output_buffer_put(out, "\\");
			output_buffer_append(out, text, (size_t)(next - text));
		}
		text = next;
	}
	output_buffer_put(out, "\"");
}

bool output_quote_is_number(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && strspn(text, "0123456789") == length && (length == 1 || text[0] != '0');
}

void output_quote_csv(struct output_buffer *out, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		output_buffer_put(out, text);
		return;
	}
	output_buffer_put(out, "\"");
	for (; *text; text++) {
		if (*text == '"')
			output_buffer_put(out, "\"");
		output_buffer_append(out, text, 1);
	}
	output_buffer_put(out, "\"");
}
