#include "compare/lines.h"

#include <stdint.h>
#include <string.h>

/* The end of the colour that begins at `at`, or `at`. */
static size_t behind_colour(const char *text, size_t length, size_t at)
{
	size_t end = at + 1;

	if (text[at] != '\033')
		return at;
	while (end < length && text[end] != 'm')
		end++;
	return end < length ? end + 1 : length;
}

/* The end of the word that begins at `at`, and how many columns it takes. */
static size_t word_end(const char *text, size_t length, size_t at, size_t *columns)
{
	*columns = 0;
	while (at < length && text[at] != ' ') {
		size_t behind = behind_colour(text, length, at);

		if (behind > at) {
			at = behind;
			continue;
		}
		*columns += ((uint8_t)text[at] & 0xc0) != 0x80; /* the rest of a character of several bytes */
		at++;
	}
	return at;
}

static void put_blanks(struct output_buffer *out, size_t count)
{
	while (count-- > 0)
		output_buffer_put(out, " ");
}

static void put_word(struct output_buffer *out, const char *word, size_t length)
{
	while (length > 0) {
		const char *glue = memchr(word, COMPARE_GLUE, length);
		size_t whole = glue ? (size_t)(glue - word) : length;

		output_buffer_append(out, word, whole);
		if (!glue)
			break;
		put_blanks(out, 1);
		word += whole + 1;
		length -= whole + 1;
	}
}

void compare_lines(struct output_buffer *out, const char *text, size_t length, unsigned width, unsigned indent)
{
	size_t at = 0, column = 0;
	bool is_begun = false; /* there is a word in the line */

	while (at < length) {
		size_t blanks = 0, columns, end;

		while (at < length && text[at] == ' ') {
			blanks++;
			at++;
		}
		if (at == length)
			break;
		end = word_end(text, length, at, &columns);
		if (is_begun && width > 0 && column + blanks + columns > width) {
			output_buffer_put(out, "\n");
			blanks = indent;
			column = 0;
		}
		put_blanks(out, blanks);
		put_word(out, text + at, end - at);
		column += blanks + columns;
		is_begun = true;
		at = end;
	}
	output_buffer_put(out, "\n");
}
