#include "cli/amount.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static void thousands_are_set_apart(void **state)
{
	static const struct {
		uint64_t number;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ 999, "999" },
		{ 1000, "1,000" },
		{ 12345, "12,345" },
		{ 999999, "999,999" },
		{ 1000000, "1,000,000" },
		{ UINT64_MAX, "18,446,744,073,709,551,615" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[AMOUNT_SIZE];

		assert_string_equal(amount_count(cases[i].number, text), cases[i].text);
	}
}

static void sizes_are_exact(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 1023, "1023" },
		{ 1024, "1K" },
		{ 1025, "1025" },
		{ 1536 << 10, "1536K" },
		{ 32 << 20, "32M" },
		{ UINT64_C(16) << 30, "16G" },
		{ UINT64_C(16) << 40, "16384G" },
		{ UINT64_MAX, "18446744073709551615" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[AMOUNT_SIZE];

		assert_string_equal(amount_size(cases[i].bytes, text), cases[i].text);
	}
}

struct measure {
	double value;
	const char *text;
};

static void bytes_have_the_unit_that_keeps_them_short(void **state)
{
	static const struct measure cases[] = {
		{ 0, "0 B" },        { 96, "96 B" },     { 999, "999 B" },       { 1000, "1.0 kB" },
		{ 9949, "9.9 kB" },  { 9950, "10 kB" },  { 999499, "999 kB" },   { 999500, "1.0 MB" },
		{ 1.3e9, "1.3 GB" }, { 2e12, "2.0 TB" }, { 1.9e19, "19000 PB" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[AMOUNT_SIZE];

		assert_string_equal(amount_bytes(cases[i].value, text), cases[i].text);
	}
}

static void spans_have_the_two_units_that_matter(void **state)
{
	static const struct measure cases[] = {
		{ 0, "0 s" },
		{ 20e-9, "20 ns" },
		{ 1.64e-6, "0.00164 ms" },
		{ 0.00174, "1.74 ms" },
		{ 0.0999, "99.9 ms" },
		{ 0.1, "0.1 s" },
		{ 1, "1 s" },
		{ 9.94, "9.9 s" },
		{ 9.96, "10 s" },
		{ 59.4, "59 s" },
		{ 59.5, "1 min 0 s" },
		{ 182, "3 min 2 s" },
		{ 3600, "1 h 0 min" },
		{ 7500, "2 h 5 min" },
		{ 172800, "2 days 0 h" },
		{ 9223372036.0, "106751 days 23 h" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[AMOUNT_SIZE];

		assert_string_equal(amount_span(cases[i].value, text), cases[i].text);
	}
}

static void nouns_are_plural_but_of_one(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	for (uint64_t number = 0; number < 3; number++)
		amount_put(out, number, "frame");
	amount_put(out, 1204, "frame");
	fclose(out);
	assert_string_equal(text, "0 frames1 frame2 frames1,204 frames");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(thousands_are_set_apart),
		TEST(sizes_are_exact),
		TEST(bytes_have_the_unit_that_keeps_them_short),
		TEST(spans_have_the_two_units_that_matter),
		TEST(nouns_are_plural_but_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
