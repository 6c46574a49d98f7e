#include "output/quote.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static void check(void (*quote)(struct output_buffer *, const char *), const char *text, const char *want)
{
	struct output_buffer buffer = { 0 };

	quote(&buffer, text);
	assert_false(buffer.failed);
	assert_int_equal(buffer.length, strlen(want));
	assert_memory_equal(buffer.bytes, want, strlen(want));
	free(buffer.bytes);
}

static void json_escapes(void **state)
{
	(void)state;
	check(output_quote_json, "", "\"\"");
	check(output_quote_json, "eni-1", "\"eni-1\"");
	check(output_quote_json, "a\"b\\c/", "\"a\\\"b\\\\c/\"");
	check(output_quote_json, "\n\t\x1f\x7f", "\"\\u000a\\u0009\\u001f\x7f\"");
}

static void json_is_utf_8(void **state)
{
	(void)state;
	check(output_quote_json, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
	check(output_quote_json, "\xe9", "\"\xef\xbf\xbd\"");                 /* Latin 1 */
	check(output_quote_json, "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""); /* longer than it need be */
	check(output_quote_json, "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""); /* a surrogate */
	check(output_quote_json, "\xe0\x9f\xbf", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	check(output_quote_json, "\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	check(output_quote_json, "\xf0\x8f\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	check(output_quote_json, "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\""); /* cut off */
	check(output_quote_json, "\xe2\x82z", "\"\xef\xbf\xbd\xef\xbf\xbdz\"");
}

static void numbers_of_json(void **state)
{
	static const char *const none[] = { "", "-", "-1", "00", "01", "1.5", "1e3", " 1", "1 ", "0x1", "a" };

	(void)state;
	assert_true(output_quote_is_number("0"));
	assert_true(output_quote_is_number("10"));
	assert_true(output_quote_is_number("18446744073709551616"));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(output_quote_is_number(none[i]));
}

static void csv_quotes_only_where_needed(void **state)
{
	(void)state;
	check(output_quote_csv, "", "");
	check(output_quote_csv, "-", "-");
	check(output_quote_csv, "a b;c'", "a b;c'");
	check(output_quote_csv, "a,b", "\"a,b\"");
	check(output_quote_csv, "\"", "\"\"\"\"");
	check(output_quote_csv, "a\"b\"", "\"a\"\"b\"\"\"");
	check(output_quote_csv, "a\nb", "\"a\nb\"");
	check(output_quote_csv, "a\r", "\"a\r\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(json_escapes), TEST(json_is_utf_8), TEST(numbers_of_json),
					    TEST(csv_quotes_only_where_needed) };

	return cmocka_run_group_tests_name("output/quote", tests, NULL, NULL);
}
