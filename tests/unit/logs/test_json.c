#include "logs/json.h"

#include "check.h"

#include <stdbool.h>
#include <string.h>

static char found[512];

/* Writes the values of the text, each in <>, as they come when it is handed on `piece` bytes at a time. */
static const char *values_of(const char *text, size_t piece)
{
	struct log_json_scan scan = { 0 };
	size_t length = strlen(text), start = 0, searched = 0, there = 0;

	found[0] = '\0';
	while (start + searched < length) {
		size_t taken;

		if (start + searched == there)
			there = there + piece < length ? there + piece : length;
		taken = log_json_scan(&scan, text + start + searched, there - start - searched);
		if (!taken) {
			searched = there - start;
			continue;
		}
		taken += searched;
		if (scan.is_value) {
			strcat(found, "<");
			strncat(found, text + start, taken);
			strcat(found, ">");
		}
		start += taken;
		searched = 0;
	}
	return found;
}

static void assert_values(const char *text, const char *values)
{
	for (size_t piece = 1; piece < 12; piece++)
		assert_string_equal(values_of(text, piece), values);
	assert_string_equal(values_of(text, strlen(text)), values);
}

static void values_stand_one_behind_the_other(void **state)
{
	(void)state;
	assert_values("{\"a\": 1}\n {\"b\": {\"c\": []}}{}", "<{\"a\": 1}><{\"b\": {\"c\": []}}><{}>");
	assert_values("{\n\"a\":\n1}\n{\"b\":\n2}", "<{\n\"a\":\n1}><{\"b\":\n2}>");
	assert_values("\"a line\" \"another\"", "<\"a line\"><\"another\">");
}

static void strings_hide_brackets_and_quotes(void **state)
{
	(void)state;
	assert_values("{\"a\": \"}]\\\"{\\\\\"}{\"b\": 1}", "<{\"a\": \"}]\\\"{\\\\\"}><{\"b\": 1}>");
}

static void a_list_is_taken_apart(void **state)
{
	(void)state;
	assert_values("[{\"a\": 1}, \"b\",\n[1, 2], 3, 4]{\"c\": 1}",
		      "<{\"a\": 1}><\"b\"><[1, 2]><3,><4]><{\"c\": 1}>");
}

static void a_list_of_events_is_taken_apart(void **state)
{
	(void)state;
	assert_values(
		"{\"x\": [1], \"logEvents\" : [ {\"a\": [1]}, {\"b\": 2} ], \"next\": {\"t\": \"}\"}}\n{\"c\": 3}",
		"<{\"a\": [1]}><{\"b\": 2}><{\"c\": 3}>");
	assert_values("{\"events\": []}{\"c\": 3}", "<{\"c\": 3}>");
	/* Neither as a value nor further down is the name one of such a list. */
	assert_values("{\"x\": \"events\", \"y\": [1]}", "<{\"x\": \"events\", \"y\": [1]}>");
	assert_values("{\"x\": {\"events\": [1]}}", "<{\"x\": {\"events\": [1]}}>");
}

static void what_is_broken_ends_with_its_line(void **state)
{
	(void)state;
	assert_values("{\"a\": 1}\n{\"b\": {\n{\"c\": 3}\n", "<{\"a\": 1}><{\"b\": {\n><{\"c\": 3}>");
	assert_values("{\"a\": \"open\n{\"c\": 3}\n", "<{\"a\": \"open\n><{\"c\": 3}>");
	assert_values("nonsense {}\n{\"c\": 3}\n", "<nonsense {}\n><{\"c\": 3}>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_stand_one_behind_the_other),
		TEST(strings_hide_brackets_and_quotes),
		TEST(a_list_is_taken_apart),
		TEST(a_list_of_events_is_taken_apart),
		TEST(what_is_broken_ends_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
