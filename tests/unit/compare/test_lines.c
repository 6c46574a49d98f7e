/* Where lines break, and where they must not. */
#include "compare/lines.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static void assert_lines(const char *text, unsigned width, unsigned indent, const char *expected)
{
	struct output_buffer buffer = { 0 };

	compare_lines(&buffer, text, strlen(text), width, indent);
	output_buffer_append(&buffer, "", 1);
	assert_string_equal(buffer.bytes, expected);
	free(buffer.bytes);
}

static void one_line(void **state)
{
	(void)state;
	assert_lines("", 0, 4, "\n");
	assert_lines("a bc  d   ", 0, 4, "a bc  d\n");
	assert_lines("  a\x01"
		     "b c",
		     0, 4, "  a b c\n");
}

static void breaks_at_blanks(void **state)
{
	(void)state;
	assert_lines("one two three", 13, 2, "one two three\n");
	assert_lines("one two three", 12, 2, "one two\n  three\n");
	assert_lines("one   two   three", 8, 2, "one\n  two\n  three\n"); /* "one   two" is 9 */
	assert_lines("  one two", 5, 0, "  one\ntwo\n");
}

static void never_cuts_a_value(void **state)
{
	(void)state;
	assert_lines("118\x01pkts 9,120\x01"
		     "B",
		     10, 1, "118 pkts\n 9,120 B\n");
	assert_lines("a [2001:db8::62]:443 b", 8, 2, "a\n  [2001:db8::62]:443\n  b\n");
	assert_lines("[2001:db8::62]:443", 8, 2, "[2001:db8::62]:443\n"); /* no empty line before it */
}

static void counts_what_is_seen(void **state)
{
	(void)state;
	assert_lines("\033[31mred\033[0m one", 7, 2, "\033[31mred\033[0m one\n");
	assert_lines("\033[31mred\033[0m one", 6, 2, "\033[31mred\033[0m\n  one\n");
	assert_lines("\xc3\xa9\xc3\xa9 \xe2\x82\xac", 4, 2, "\xc3\xa9\xc3\xa9 \xe2\x82\xac\n");
	assert_lines("a \033[31", 0, 2, "a \033[31\n"); /* cut off */
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(one_line), TEST(breaks_at_blanks), TEST(never_cuts_a_value),
					    TEST(counts_what_is_seen) };

	return cmocka_run_group_tests_name("compare/lines", tests, NULL, NULL);
}
