#include "output/utf8.h"

#include "check.h"

#include <string.h>

static void whole_characters(void **state)
{
	static const struct {
		const char *text;
		int32_t point;
	} cases[] = {
		{ "a", 'a' },
		{ "\x7f", 0x7f },
		{ "\xc2\x80", 0x80 },
		{ "\xc3\xa9", 0xe9 },
		{ "\xdf\xbf", 0x7ff },
		{ "\xe0\xa0\x80", 0x800 },
		{ "\xed\x9f\xbf", 0xd7ff },
		{ "\xee\x80\x80", 0xe000 },
		{ "\xef\xbf\xbf", 0xffff },
		{ "\xf0\x90\x80\x80", 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 0x10ffff },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *at = cases[i].text;

		assert_int_equal(output_utf8_next(&at), cases[i].point);
		assert_ptr_equal(at, cases[i].text + strlen(cases[i].text));
	}
}

static void what_is_none(void **state)
{
	static const char *const cases[] = {
		"\x80",
		"\xbf",
		"\xe9",
		"\xe2\x82",
		"\xe2\x82z",
		"\xf0\x9f\x98",
		"\xc0\xaf",
		"\xc1\xbf",
		"\xe0\x9f\xbf",
		"\xf0\x8f\x80\x80",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"\xff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *at = cases[i];

		assert_int_equal(output_utf8_next(&at), -1);
		assert_ptr_equal(at, cases[i]);
	}
}

static void one_after_the_other(void **state)
{
	const char *at = "a\xe2\x82\xac"
			 "b";

	(void)state;
	assert_int_equal(output_utf8_next(&at), 'a');
	assert_int_equal(output_utf8_next(&at), 0x20ac);
	assert_int_equal(output_utf8_next(&at), 'b');
	assert_int_equal(output_utf8_next(&at), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(whole_characters), TEST(what_is_none), TEST(one_after_the_other) };

	return cmocka_run_group_tests_name("output/utf8", tests, NULL, NULL);
}
