#include "logs/csv.h"

#include "check.h"

#include <string.h>

static bool is_header(const char *text)
{
	return log_csv_is_header(text, text + strlen(text));
}

/* The values of the row are those, with | between them. */
static void assert_values(const char *row, const char *values)
{
	char value[64], all[128] = "";
	const char *end = row + strlen(row);

	for (const char *at = row; at;) {
		size_t length = log_csv_value(&at, end, value);

		assert_int_equal(strlen(value), length);
		strcat(all, value);
		strcat(all, at ? "|" : "");
	}
	assert_string_equal(all, values);
}

static void values_stand_between_commas(void **state)
{
	(void)state;
	assert_values("a,b,c", "a|b|c");
	assert_values("a, b ,,", "a|b||");
	assert_values("a\r", "a");
	assert_values("", "");
}

static void quotes_hide_commas_and_quotes(void **state)
{
	(void)state;
	assert_values("\"a,b\",\"c\"\"d\",\"\"", "a,b|c\"d|");
	assert_values("\"a\"x,b\"c,\"open", "a|b\"c|open");
	assert_values("\"a\nb \",c", "a\nb|c");
}

static void a_row_ends_outside_quotes(void **state)
{
	const char text[] = "a,\"b\nc\"\nd\n";
	bool in_quotes = false;
	const char *end = log_csv_row_end(text, text + strlen(text), &in_quotes);

	(void)state;
	assert_ptr_equal(end, text + 7);
	in_quotes = false;
	assert_null(log_csv_row_end(text, text + 5, &in_quotes));
	assert_true(in_quotes);
	assert_ptr_equal(log_csv_row_end(text + 5, text + strlen(text), &in_quotes), end);
}

static void a_header_has_names_of_fields(void **state)
{
	(void)state;
	assert_true(is_header("version,account_id,start"));
	assert_true(is_header("\"srcAddr\",\"endTime\""));
	assert_true(is_header("timestamp,message"));
	assert_true(is_header("@message"));
	assert_true(is_header("day,srcaddr,dstaddr,start,note"));
	assert_false(is_header("name,street,town"));
	assert_false(is_header("srcaddr dstaddr start"));
	assert_false(is_header("2,123,eni-0a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_stand_between_commas),
		TEST(quotes_hide_commas_and_quotes),
		TEST(a_row_ends_outside_quotes),
		TEST(a_header_has_names_of_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
