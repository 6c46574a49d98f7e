#include "compare/markup.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

struct writing {
	FILE *out;
	char *text;
	size_t size;
};

static FILE *begin(struct writing *writing)
{
	writing->out = open_memstream(&writing->text, &writing->size);
	assert_non_null(writing->out);
	return writing->out;
}

static void check(struct writing *writing, const char *wanted)
{
	assert_int_equal(fclose(writing->out), 0);
	assert_string_equal(writing->text, wanted);
	free(writing->text);
}

static void check_text(const char *text, const char *wanted)
{
	struct writing writing;

	compare_markup_text(begin(&writing), text);
	check(&writing, wanted);
}

static void text_cannot_become_markup(void **unused)
{
	(void)unused;
	check_text("", "");
	check_text("eni-1235b8ca", "eni-1235b8ca");
	check_text("<script>a && 'b' \"c\"</script>",
		   "&lt;script&gt;a &amp;&amp; &#39;b&#39; &quot;c&quot;&lt;/script&gt;");
}

static void control_characters_are_shown(void **unused)
{
	(void)unused;
	check_text("\x01\t\n\x1b[31m\x7f", "\xe2\x90\x81\xe2\x90\x89\xe2\x90\x8a\xe2\x90\x9b[31m\xe2\x90\xa1");
	check_text("\xc2\x80\xc2\x9f\xc2\xa0", "\xef\xbf\xbd\xef\xbf\xbd\xc2\xa0");
}

static void what_is_no_utf8_is_replaced(void **unused)
{
	(void)unused;
	check_text("a\xff-\xc0\xaf-\xe2\x82", "a\xef\xbf\xbd-\xef\xbf\xbd\xef\xbf\xbd-\xef\xbf\xbd\xef\xbf\xbd");
	check_text("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	check_text("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x88", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x88");
}

/* An override of the direction, a joiner that has no width, a mark of the byte order, no character. */
static void what_deceives_is_replaced(void **unused)
{
	(void)unused;
	check_text("a\xe2\x80\xae"
		   "b",
		   "a\xef\xbf\xbd"
		   "b");
	check_text("\xe2\x80\x8b\xe2\x81\xa6\xef\xbb\xbf\xef\xbf\xbf",
		   "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	check_text("\xe2\x80\x93", "\xe2\x80\x93");
}

static void numbers(void **unused)
{
	struct writing writing;

	(void)unused;
	compare_markup_count(begin(&writing), 0);
	check(&writing, "0");
	compare_markup_count(begin(&writing), UINT64_MAX);
	check(&writing, "18,446,744,073,709,551,615");
	compare_markup_difference(begin(&writing), 118, 118);
	check(&writing, "0");
	compare_markup_difference(begin(&writing), 1234, 0);
	check(&writing, "+1,234");
	compare_markup_difference(begin(&writing), 0, UINT64_MAX);
	check(&writing, "\xe2\x88\x92"
			"18,446,744,073,709,551,615");
}

static void check_clock(int64_t seconds, enum compare_markup_shape shape, const char *wanted)
{
	struct writing writing;

	compare_markup_clock(begin(&writing), seconds, shape);
	check(&writing, wanted);
}

static void times(void **unused)
{
	struct writing writing;

	(void)unused;
	check_clock(1795168817, COMPARE_MARKUP_ISO, "2026-11-20T10:00:17Z");
	check_clock(1795168817, COMPARE_MARKUP_WHOLE, "2026-11-20 10:00:17");
	check_clock(1795168817, COMPARE_MARKUP_DATE, "2026-11-20");
	check_clock(1795168817, COMPARE_MARKUP_SECOND, "10:00:17");
	check_clock(1795168817, COMPARE_MARKUP_MINUTE, "10:00");
	check_clock(1795168817, COMPARE_MARKUP_DAY, "20 Nov");
	check_clock(1795168817, COMPARE_MARKUP_YEAR, "2026");
	check_clock(-1, COMPARE_MARKUP_ISO, "1969-12-31T23:59:59Z");
	check_clock(INT64_MAX, COMPARE_MARKUP_WHOLE, "9223372036854775807");
	compare_markup_time(begin(&writing), 0);
	check(&writing, "<time datetime=\"1970-01-01T00:00:00Z\">1970-01-01 00:00:00</time>");
}

static void the_date_is_said_once(void **unused)
{
	struct writing writing;

	(void)unused;
	compare_markup_span(begin(&writing), 86399, 86399);
	check(&writing, "<time datetime=\"1970-01-01T23:59:59Z\">1970-01-01 23:59:59</time>");
	compare_markup_span(begin(&writing), 86398, 86399);
	check(&writing, "<time datetime=\"1970-01-01T23:59:58Z\">1970-01-01 23:59:58</time> \xe2\x80\x93 "
			"<time datetime=\"1970-01-01T23:59:59Z\">23:59:59</time>");
	compare_markup_span(begin(&writing), 86399, 86400);
	check(&writing, "<time datetime=\"1970-01-01T23:59:59Z\">1970-01-01 23:59:59</time> \xe2\x80\x93 "
			"<time datetime=\"1970-01-02T00:00:00Z\">1970-01-02 00:00:00</time>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_cannot_become_markup),
		TEST(control_characters_are_shown),
		TEST(what_is_no_utf8_is_replaced),
		TEST(what_deceives_is_replaced),
		TEST(numbers),
		TEST(times),
		TEST(the_date_is_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
