#include "aws/value.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct aws_document document;
static struct error err;

static struct aws_value parse(const char *text)
{
	err.text[0] = '\0';
	assert_int_equal(aws_document_parse(&document, "x.json", text, strlen(text), &err), 0);
	return aws_value_root(&document);
}

static int give_back(void **state)
{
	(void)state;
	aws_document_free(&document);
	return 0;
}

static void assert_fault(const char *sentence)
{
	assert_string_equal(err.text, sentence);
	assert_int_equal(document.fault, *sentence ? -EINVAL : 0);
}

static void what_is_there_is_read(void **state)
{
	struct aws_value root = parse(
		"{\"t\": \"x\", \"n\": -7, \"yes\": true, \"no\": false, \"a\": [{\"t\": \"y\"}, 5]}");
	struct aws_value array = aws_value_member(&root, "a"), item = aws_value_item(&array, 0);
	int64_t number = 0;

	(void)state;
	assert_string_equal(aws_value_text(aws_value_member(&root, "t")), "x");
	assert_true(aws_value_number(aws_value_need(&root, "n"), -7, 7, &number));
	assert_int_equal(number, -7);
	assert_true(aws_value_flag(aws_value_member(&root, "yes")));
	assert_false(aws_value_flag(aws_value_member(&root, "no")));
	assert_int_equal(aws_value_count(&array), 2);
	assert_string_equal(aws_value_text(aws_value_member(&item, "t")), "y");
	assert_fault("");
}

static void what_is_not_there_is_nothing(void **state)
{
	struct aws_value root = parse("{\"null\": null}");
	struct aws_value gone = aws_value_member(&root, "gone"), below = aws_value_member(&gone, "below");
	int64_t number = 5;

	(void)state;
	assert_null(aws_value_text(gone));
	assert_null(aws_value_text(below));
	assert_null(aws_value_text(aws_value_member(&root, "null")));
	assert_false(aws_value_number(gone, 0, 9, &number));
	assert_int_equal(number, 5);
	assert_false(aws_value_flag(gone));
	assert_int_equal(aws_value_count(&gone), 0);
	assert_null(aws_value_item(&gone, 0).json);
	assert_fault("");
}

static void what_must_be_there_is_missed(void **state)
{
	struct aws_value root = parse("{\"a\": [{}, {\"b\": null}]}");
	struct aws_value array = aws_value_member(&root, "a"), item = aws_value_item(&array, 1);

	(void)state;
	assert_null(aws_value_text(aws_value_need(&item, "b")));
	assert_fault("x.json: a[1].b: is missing");
}

static void the_first_fault_is_kept(void **state)
{
	struct aws_value root = parse("{\"a\": [1, 2], \"b\": \"x\"}");
	struct aws_value array = aws_value_member(&root, "a");

	(void)state;
	assert_int_equal(aws_value_count(&array), 2);
	assert_false(aws_value_flag(aws_value_member(&root, "b")));
	assert_fault("x.json: b: true or false is expected, there is a string");
	assert_null(aws_value_text(aws_value_need(&root, "c")));
	aws_value_memory(&root);
	assert_fault("x.json: b: true or false is expected, there is a string");
	assert_int_equal(aws_value_count(&array), 0); /* which ends loops */
}

static void no_memory_is_a_fault_of_its_own(void **state)
{
	struct aws_value root = parse("{}");

	(void)state;
	aws_value_memory(&root);
	assert_int_equal(document.fault, -ENOMEM);
	assert_string_equal(err.text, "x.json: out of memory");
}

static void each_kind_has_its_name(void **state)
{
	static const struct {
		const char *text, *there;
	} cases[] = {
		{ "[{}]", "an object" },  { "[[]]", "an array" },
		{ "[-1]", "an integer" }, { "[1.0]", "a number with a fraction or exponent" },
		{ "[true]", "true" },     { "[false]", "false" },
		{ "[null]", "null" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct aws_value root = parse(cases[i].text), item = aws_value_item(&root, 0);
		char sentence[200];

		assert_int_equal(aws_value_count(&root), 1);
		assert_null(aws_value_text(item));
		snprintf(sentence, sizeof(sentence), "x.json: [0]: a string is expected, there is %s", cases[i].there);
		assert_fault(sentence);
		aws_document_free(&document);
	}
	{
		struct aws_value root = parse("\"x\"");

		assert_null(aws_value_member(&root, "x").json);
		assert_fault("x.json: an object is expected, there is a string");
	}
}

static void a_number_out_of_its_range_is_shown(void **state)
{
	struct aws_value root = parse("{\"n\": 65536}");
	int64_t number;

	(void)state;
	assert_false(aws_value_number(aws_value_member(&root, "n"), -1, 65535, &number));
	assert_fault("x.json: n: an integer from -1 to 65535 is expected, there is 65536");
}

/* Whatever is in it: control characters, other alphabets, a megabyte. */
static void a_string_is_shown_short_and_tame(void **state)
{
	struct aws_value root = parse(
		"{\"s\": \"\\u001b[2J\\\"\303\274\", \"long\": \"12345678901234567890123456789012345678"
		"90123456789012345678901234567890\"}");
	struct aws_value member = aws_value_member(&root, "s");

	(void)state;
	aws_value_wrong(&member, "an id");
	assert_fault("x.json: s: an id is expected, there is \"\\u001B[2J\\\"\\u00FC\"");
	aws_document_free(&document);
	root = parse("{\"long\": \"1234567890123456789012345678901234567890123456789012345678901234567890\"}");
	member = aws_value_member(&root, "long");
	aws_value_wrong(&member, "an id");
	assert_fault("x.json: long: an id is expected, there is "
		     "\"1234567890123456789012345678901234567890123456789012345...");
}

static void a_place_is_cut_to_its_room(void **state)
{
	struct aws_value root = parse("{\"abcdef\": [[1]]}");
	struct aws_value outer = aws_value_member(&root, "abcdef"), middle = aws_value_item(&outer, 0),
			 inner = aws_value_item(&middle, 0);
	char place[16];

	(void)state;
	aws_value_place(&inner, place, sizeof(place));
	assert_string_equal(place, "abcdef[0][0]");
	for (size_t size = 1; size <= sizeof(place); size++) {
		aws_value_place(&inner, place, size);
		assert_int_equal(strlen(place), size - 1 < 12 ? size - 1 : 12);
	}
	aws_value_place(&root, place, sizeof(place));
	assert_string_equal(place, "");
}

#define VALUE_TEST(function) cmocka_unit_test_teardown(function, give_back)

int main(void)
{
	const struct CMUnitTest tests[] = {
		VALUE_TEST(what_is_there_is_read),
		VALUE_TEST(what_is_not_there_is_nothing),
		VALUE_TEST(what_must_be_there_is_missed),
		VALUE_TEST(the_first_fault_is_kept),
		VALUE_TEST(no_memory_is_a_fault_of_its_own),
		VALUE_TEST(each_kind_has_its_name),
		VALUE_TEST(a_number_out_of_its_range_is_shown),
		VALUE_TEST(a_string_is_shown_short_and_tame),
		VALUE_TEST(a_place_is_cut_to_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
