#include "output/quote.h"

#include <stdio.h>
#include <string.h>

static bool continues(unsigned char byte, unsigned char least, unsigned char greatest)
{
	return byte >= least && byte <= greatest;
}

/* The length of the UTF-8 sequence at `at` (RFC 3629: shortest form, no surrogates), or 0 if there is none. */
static size_t sequence(const unsigned char *at)
{
	unsigned char lead = at[0], least = 0x80, greatest = 0xbf;
	size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	if (lead == 0xe0)
		least = 0xa0;
	else if (lead == 0xed)
		greatest = 0x9f;
	else if (lead == 0xf0)
		least = 0x90;
	else if (lead == 0xf4)
		greatest = 0x8f;
	if (!continues(at[1], least, greatest))
		return 0;
	for (size_t i = 2; i < length; i++) {
		if (!continues(at[i], 0x80, 0xbf))
			return 0;
	}
	return length;
}

void output_quote_json(struct output_buffer *out, const char *text)
{
	output_buffer_put(out, "\"");
	while (*text) {
		size_t length = sequence((const unsigned char *)text);
		char escape[8];

		if (length == 0) {
			output_buffer_put(out, "\xef\xbf\xbd");
			length = 1;
		} else if ((unsigned char)*text < ' ') {
			snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)*text);
			output_buffer_put(out, escape);
		} else {
			if (*text == '"' || *text == '\\')
				output_buffer_put(out, "\\");
			output_buffer_append(out, text, length);
		}
		text += length;
	}
	output_buffer_put(out, "\"");
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
