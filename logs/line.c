#include "logs/line.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "logs/token.h"

enum { DEFAULT_COLUMNS = FIELD_LOG_STATUS + 1 };

void log_lines_init(struct log_lines *lines, const struct output_format *format)
{
	*lines = (struct log_lines){ 0 };
	if (format)
		log_layout_of_format(&lines->layout, format);
}

/* ---- what explains the columns ---- */

/* The presets that have so many fields: "tcp-flags" or "a or b". */
static void name_presets(size_t count, char *out, size_t size)
{
	struct output_format preset;
	const char *name;

	*out = '\0';
	for (size_t n = 0; (name = output_format_preset(n, &preset)); n++) {
		size_t used = strlen(out);

		if (preset.count == count)
			snprintf(out + used, size - used, "%s%s", used ? " or " : "", name);
	}
}

static enum log_line unexplained(struct log_row *row, size_t count)
{
	char presets[64];

	name_presets(count, presets, sizeof(presets));
	if (*presets)
		log_row_fault(row,
			      "has %zu value%s, and no line of field names says what they are; say it with "
			      "--log-format 'NAMES', or a preset that has as many: %s",
			      count, count == 1 ? "" : "s", presets);
	else
		log_row_fault(row,
			      "has %zu value%s, and no line of field names says what they are; say it with "
			      "--log-format 'NAMES'",
			      count, count == 1 ? "" : "s");
	return LOG_LINE_UNEXPLAINED;
}

/* Where the record begins: behind the time, and the name of a log stream, where there is one value too many for the
 * columns; it must be no number, as the default format's first is. */
static const char *skip_prefix(const struct log_lines *lines, const char *at, const char *end)
{
	size_t length = log_token_length(at, end), columns = lines->layout.count;
	const char *next;

	if (!log_token_is_time(at, length))
		return at;
	at = log_token_next(at + length, end);
	next = log_token_next(at + log_token_length(at, end), end);
	if (log_token_count(next, end) != (columns ? columns : DEFAULT_COLUMNS))
		return at;
	return columns || !isdigit((unsigned char)*at) ? next : at;
}

/* ---- values ---- */

static enum log_line lacks_values(const struct log_lines *lines, struct log_row *row, size_t count)
{
	log_row_fault(row, "has %zu value%s for %zu columns", count, count == 1 ? "" : "s", lines->layout.count);
	return LOG_LINE_UNREADABLE;
}

static enum log_line read_values(struct log_lines *lines, struct log_row *row, const char *at, const char *end)
{
	const struct log_layout *layout = &lines->layout;

	for (size_t i = 0; i < layout->count; i++) {
		at = log_token_next(at, end);
		if (at == end)
			return lacks_values(lines, row, i);
		at = log_row_take(row, layout->columns[i], at);
		if (!at)
			return LOG_LINE_UNREADABLE;
	}
	lines->has_more |= log_token_next(at, end) < end;
	return LOG_LINE_RECORD;
}

enum log_line log_lines_read(struct log_lines *lines, struct log_row *row, const char *at, const char *end)
{
	struct log_layout layout;

	at = log_token_next(at, end);
	if (at == end)
		return LOG_LINE_NOTHING;
	if (!isdigit((unsigned char)*at) && log_layout_of_line(&layout, at, end)) {
		lines->layout = layout;
		lines->has_new_layout = true;
		return LOG_LINE_NOTHING;
	}
	if (isdigit((unsigned char)*at))
		at = skip_prefix(lines, at, end);
	if (lines->layout.count == 0) {
		size_t count = log_token_count(at, end);

		if (count != DEFAULT_COLUMNS)
			return unexplained(row, count);
		log_layout_of_default(&lines->layout);
	}
	return read_values(lines, row, at, end);
}
