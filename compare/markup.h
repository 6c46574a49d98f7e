/* compare/markup.h - text, numbers and times as they stand in a page.
 *
 * What comes from a file is a stranger's: nothing of it can become markup, and nothing of it is invisible. Pages are UTF-8.
 * A stream that fails is found by whoever closes it. */
#ifndef ENIFLOW_COMPARE_MARKUP_H
#define ENIFLOW_COMPARE_MARKUP_H

#include <stdint.h>
#include <stdio.h>

/* For the text of an element and for an attribute in double quotes. Control characters are shown by their pictures
 * (U+2400 and after); what is no UTF-8, or turns the direction of writing, as U+FFFD. */
void compare_markup_text(FILE *out, const char *text);

/* "1,234,567". */
void compare_markup_count(FILE *out, uint64_t count);

/* `log` less `capture`: "+2", "-46" with a sign as wide as the other (U+2212), "0". */
void compare_markup_difference(FILE *out, uint64_t log, uint64_t capture);

/* Unix seconds as UTC, in part or whole. */
enum compare_markup_shape {
	COMPARE_MARKUP_ISO,    /* 2026-11-20T10:00:00Z */
	COMPARE_MARKUP_WHOLE,  /* 2026-11-20 10:00:00 */
	COMPARE_MARKUP_DATE,   /* 2026-11-20 */
	COMPARE_MARKUP_SECOND, /* 10:00:00 */
	COMPARE_MARKUP_MINUTE, /* 10:00 */
	COMPARE_MARKUP_DAY,    /* 20 Nov */
	COMPARE_MARKUP_YEAR,   /* 2026 */
};
void compare_markup_clock(FILE *out, int64_t seconds, enum compare_markup_shape shape);

/* Unix seconds as UTC: "2026-11-20 10:00:00" in an element <time>. */
void compare_markup_time(FILE *out, int64_t seconds);

/* The same from `start` to `end`; the date of the second only where it is another. */
void compare_markup_span(FILE *out, int64_t start, int64_t end);

#endif
