#include "compare/markup.h"

#include <inttypes.h>
#include <stdbool.h>
#include <time.h>

#include "compare/phrase.h"
#include "output/utf8.h"

enum { REPLACEMENT = 0xfffd, PICTURES = 0x2400, PICTURE_OF_DELETE = 0x2421 };

/* Marks, embeddings and isolates, which make a text read as another than it is; line ends of Unicode; no characters. */
static bool is_deceptive(int32_t point)
{
	return (point >= 0x80 && point < 0xa0) || point == 0x61c || (point >= 0x200b && point <= 0x200f) ||
	       (point >= 0x2028 && point <= 0x202e) || (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
	       (point & 0xfffe) == 0xfffe || (point >= 0xfdd0 && point <= 0xfdef);
}

static void put_point(FILE *out, int32_t point)
{
	if (point < 0x80) {
		putc(point, out);
	} else if (point < 0x800) {
		putc(0xc0 | point >> 6, out);
		putc(0x80 | (point & 0x3f), out);
	} else if (point < 0x10000) {
		putc(0xe0 | point >> 12, out);
		putc(0x80 | (point >> 6 & 0x3f), out);
		putc(0x80 | (point & 0x3f), out);
	} else {
		putc(0xf0 | point >> 18, out);
		putc(0x80 | (point >> 12 & 0x3f), out);
		putc(0x80 | (point >> 6 & 0x3f), out);
		putc(0x80 | (point & 0x3f), out);
	}
}

static int32_t shown(int32_t point)
{
	if (point < 0 || is_deceptive(point))
		return REPLACEMENT;
	if (point < 0x20)
		return PICTURES + point;
	return point == 0x7f ? PICTURE_OF_DELETE : point;
}

void compare_markup_text(FILE *out, const char *text)
{
	while (*text) {
		int32_t point = output_utf8_next(&text);

		if (point < 0)
			text++;
		switch (point) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			put_point(out, shown(point));
		}
	}
}

void compare_markup_count(FILE *out, uint64_t count)
{
	char number[COMPARE_PHRASE_NUMBER];

	fputs(compare_phrase_number(number, count), out);
}

void compare_markup_difference(FILE *out, uint64_t log, uint64_t capture)
{
	if (log != capture)
		fputs(log > capture ? "+" : "\xe2\x88\x92", out);
	compare_markup_count(out, log > capture ? log - capture : capture - log);
}

void compare_markup_clock(FILE *out, int64_t seconds, enum compare_markup_shape shape)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm utc;
	time_t when = (time_t)seconds;

	if (!gmtime_r(&when, &utc)) { /* a year that no calendar has */
		fprintf(out, "%" PRId64, seconds);
		return;
	}
	if (shape == COMPARE_MARKUP_DAY)
		fprintf(out, "%d %s", utc.tm_mday, months[utc.tm_mon]);
	else if (shape == COMPARE_MARKUP_YEAR)
		fprintf(out, "%d", utc.tm_year + 1900);
	if (shape == COMPARE_MARKUP_ISO || shape == COMPARE_MARKUP_WHOLE || shape == COMPARE_MARKUP_DATE)
		fprintf(out, "%04d-%02d-%02d", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
	if (shape == COMPARE_MARKUP_ISO || shape == COMPARE_MARKUP_WHOLE)
		putc(shape == COMPARE_MARKUP_ISO ? 'T' : ' ', out);
	if (shape == COMPARE_MARKUP_MINUTE)
		fprintf(out, "%02d:%02d", utc.tm_hour, utc.tm_min);
	else if (shape == COMPARE_MARKUP_ISO || shape == COMPARE_MARKUP_WHOLE || shape == COMPARE_MARKUP_SECOND)
		fprintf(out, "%02d:%02d:%02d", utc.tm_hour, utc.tm_min, utc.tm_sec);
	if (shape == COMPARE_MARKUP_ISO)
		putc('Z', out);
}

static void put_time_element(FILE *out, int64_t seconds, enum compare_markup_shape shape)
{
	fputs("<time datetime=\"", out);
	compare_markup_clock(out, seconds, COMPARE_MARKUP_ISO);
	fputs("\">", out);
	compare_markup_clock(out, seconds, shape);
	fputs("</time>", out);
}

void compare_markup_time(FILE *out, int64_t seconds)
{
	put_time_element(out, seconds, COMPARE_MARKUP_WHOLE);
}

void compare_markup_span(FILE *out, int64_t start, int64_t end)
{
	enum { DAY = 86400 };
	bool is_one_day = start >= 0 && start / DAY == end / DAY;

	compare_markup_time(out, start);
	if (end == start)
		return;
	fputs(" \xe2\x80\x93 ", out);
	put_time_element(out, end, is_one_day ? COMPARE_MARKUP_SECOND : COMPARE_MARKUP_WHOLE);
}
