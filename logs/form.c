#include "logs/form.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "logs/csv.h"
#include "logs/layout.h"
#include "logs/parquet.h"
#include "logs/token.h"

enum {
	LINES_MOST = 10,      /* that are looked into for one that is a record */
	VALUES_AT_LEAST = 6,  /* in a line that looks like one: the shortest preset's */
	NUMBERS_AT_LEAST = 2, /* or addresses, among them: a record has two times, or says between whom it is */
};

const char *log_form_skip_mark(const char *at, const char *end)
{
	static const char mark[] = "\xef\xbb\xbf";

	return end - at >= 3 && memcmp(at, mark, 3) == 0 ? at + 3 : at;
}

static bool is_text(const char *at, const char *end)
{
	for (; at < end; at++)
		if (((unsigned char)*at < ' ' && *at != '\t' && *at != '\r') || *at == 0x7f)
			return false;
	return true;
}

/* Has it a word that hardly anything but a record has? */
static bool is_telling(const char *token, size_t length)
{
	static const char *const words[] = { "OK", "NODATA", "SKIPDATA", "ACCEPT", "REJECT" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == length && strncasecmp(token, words[i], length) == 0)
			return true;
	return length > 4 && memcmp(token, "eni-", 4) == 0;
}

static bool looks_like_record(const char *at, const char *end)
{
	bool tells = false;
	size_t count = 0, numbers = 0, length;

	for (at = log_token_next(at, end); at < end; at = log_token_next(at + length, end), count++) {
		length = log_token_length(at, end);
		tells |= is_telling(at, length);
		numbers += isdigit((unsigned char)*at) != 0;
	}
	return tells && count >= VALUES_AT_LEAST && numbers >= NUMBERS_AT_LEAST;
}

static enum log_form form_of_line(const char *at, const char *end, bool has_format)
{
	struct log_layout layout;

	if (!is_text(at, end))
		return LOG_FORM_NONE;
	if (log_csv_is_header(at, end))
		return LOG_FORM_CSV;
	return has_format || log_layout_of_line(&layout, at, end) || looks_like_record(at, end) ? LOG_FORM_TEXT
												: LOG_FORM_NONE;
}

enum log_form log_form_of(const char *at, const char *end, bool has_format)
{
	enum log_form form = LOG_FORM_NONE;

	end = end - at > LOG_FORM_LOOK ? at + LOG_FORM_LOOK : end;
	if (end - at >= 4 && memcmp(at, LOG_PARQUET_MARK, 4) == 0)
		return LOG_FORM_PARQUET;
	at = log_token_next(log_form_skip_mark(at, end), end);
	if (at < end && (*at == '{' || *at == '['))
		return LOG_FORM_JSON;
	for (int i = 0; i < LINES_MOST && at < end && form == LOG_FORM_NONE; i++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		stop = stop ? stop : end;
		form = form_of_line(at, stop, has_format);
		at = log_token_next(stop, end);
	}
	return form;
}
