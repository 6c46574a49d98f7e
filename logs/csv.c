#include "logs/csv.h"

#include <string.h>

#include "logs/layout.h"
#include "logs/token.h"

enum { HEADER_MOST = 16 * 1024, FIELDS_AT_LEAST = 3 };

const char *log_csv_row_end(const char *at, const char *end, bool *in_quotes)
{
	for (; at < end; at++) {
		if (*at == '"')
			*in_quotes = !*in_quotes;
		else if (*at == '\n' && !*in_quotes)
			return at;
	}
	return NULL;
}

/* Behind the quote that begins it: up to the one that ends it; two are one of the value. */
static const char *copy_quoted(const char *at, const char *end, char *out, size_t *length)
{
	while (at < end) {
		if (*at == '"' && (at + 1 == end || at[1] != '"'))
			break;
		at += *at == '"';
		out[(*length)++] = *at++;
	}
	return at;
}

size_t log_csv_value(const char **at, const char *end, char *out)
{
	const char *value = log_token_next(*at, end), *comma;
	size_t length = 0;

	if (value < end && *value == '"')
		value = copy_quoted(value + 1, end, out, &length);
	comma = value < end ? memchr(value, ',', (size_t)(end - value)) : NULL;
	if (length == 0 && (value == end || *value != '"')) {
		length = (size_t)((comma ? comma : end) - value);
		memcpy(out, value, length);
	}
	while (length > 0 && log_token_is_blank(out[length - 1]))
		length--;
	out[length] = '\0';
	*at = comma ? comma + 1 : NULL;
	return length;
}

bool log_csv_is_header(const char *at, const char *end)
{
	char name[HEADER_MOST + 1];
	size_t fields = 0, columns = 0;
	bool is_csv = *at == '"' || memchr(at, ',', (size_t)(end - at)), has_message = false;

	if (end - at > HEADER_MOST)
		return false;
	while (at) {
		size_t length = log_csv_value(&at, end, name);

		columns++;
		fields += log_column_is_field(name, length);
		has_message |= log_column_find(name, length) == LOG_COLUMN_MESSAGE;
	}
	return has_message || (is_csv && (fields >= FIELDS_AT_LEAST || fields == columns));
}
