#include "logs/layout.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "logs/token.h"

enum { NAMES_AT_LEAST = 3 };

bool log_layout_has(const struct log_layout *layout, unsigned column)
{
	return memchr(layout->columns, (int)column, layout->count) != NULL;
}

void log_layout_finish(struct log_layout *layout)
{
	bool has_interface = log_layout_has(layout, FIELD_INTERFACE_ID);
	bool taken[FIELD_END_OF_LIST] = { false };

	for (size_t i = 0; i < layout->count; i++) {
		uint8_t *column = &layout->columns[i];

		if (*column == LOG_COLUMN_ATTACHMENT)
			*column = has_interface ? LOG_COLUMN_PASSED : FIELD_INTERFACE_ID;
		if (*column >= FIELD_END_OF_LIST)
			continue;
		if (taken[*column])
			*column = LOG_COLUMN_PASSED;
		else
			taken[*column] = true;
	}
}

void log_layout_of_format(struct log_layout *out, const struct output_format *format)
{
	*out = (struct log_layout){ .count = format->count };
	memcpy(out->columns, format->fields, format->count);
	log_layout_finish(out);
}

void log_layout_of_default(struct log_layout *out)
{
	*out = (struct log_layout){ .count = FIELD_LOG_STATUS + 1 };
	for (unsigned i = 0; i < out->count; i++)
		out->columns[i] = (uint8_t)i;
}

static void remember(struct log_layout *layout, const char *name, size_t length)
{
	size_t used = strlen(layout->names);
	struct log_token_shown shown = log_token_show(name, length);

	layout->unknown++;
	if (used + strlen(shown.text) + 3 <= sizeof(layout->names))
		snprintf(layout->names + used, sizeof(layout->names) - used, "%s%s", used ? ", " : "", shown.text);
}

bool log_layout_add(struct log_layout *layout, const char *name, size_t length)
{
	unsigned column = log_column_find(name, length);

	if (layout->count == LOG_LAYOUT_MOST)
		return false;
	layout->columns[layout->count++] = (uint8_t)column;
	if (column == LOG_COLUMN_UNKNOWN)
		remember(layout, name, length);
	return true;
}

/* No name of a field: it begins with a digit, or is an IPv6 address, or nothing. */
static bool is_value(const char *token, size_t length)
{
	return isdigit((unsigned char)*token) || memchr(token, ':', length) || (length == 1 && *token == '-');
}

bool log_layout_of_line(struct log_layout *out, const char *at, const char *end)
{
	size_t fields = 0, values = 0, length;
	bool is_named = false;

	/* Nearly every line is told by its first token. */
	at = log_token_next(at, end);
	if (at == end || isdigit((unsigned char)*at))
		return false;
	*out = (struct log_layout){ 0 };
	for (; at < end; at = log_token_next(at + length, end)) {
		length = log_token_length(at, end);
		is_named |= out->count == 0 && length == 7 && memcmp(at, "version", 7) == 0;
		values += is_value(at, length);
		fields += log_column_is_field(at, length);
		if (values > 0 && !is_named)
			return false;
		if (!log_layout_add(out, at, length))
			return false;
	}
	if (!is_named && fields != out->count && fields < NAMES_AT_LEAST)
		return false;
	log_layout_finish(out);
	return true;
}
