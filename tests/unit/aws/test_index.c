#include "aws/index.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

#include "aws/list.h"

static void names_are_found_in_the_order_of_their_numbers(void **state)
{
	static const char *const names[] = { "b", "a", "c", "b", "", "b" };
	struct aws_index index = { 0 };
	const struct aws_index_entry *found;

	(void)state;
	assert_null(aws_index_find(&index, "a"));
	aws_index_sort(&index);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(aws_index_add(&index, names[i], i, NULL), 0);
	assert_int_equal(aws_index_add(&index, NULL, 9, NULL), 0);
	aws_index_sort(&index);
	assert_int_equal(index.count, 6);
	found = aws_index_find(&index, "b");
	assert_int_equal(found[0].number, 0);
	assert_int_equal(found[1].number, 3);
	assert_int_equal(found[2].number, 5);
	assert_int_equal(aws_index_find(&index, "")->number, 4);
	assert_int_equal(aws_index_find(&index, "a")->number, 1);
	assert_int_equal(aws_index_find(&index, "c")->number, 2);
	assert_null(aws_index_find(&index, "bb"));
	assert_null(aws_index_find(&index, "d"));
	assert_null(aws_index_find(&index, NULL));
	aws_index_clear(&index);
	aws_index_clear(&index);
}

static void many_names_are_all_found(void **state)
{
	static char names[1000][8];
	struct aws_index index = { 0 };

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		snprintf(names[i], sizeof(names[i]), "%zx", (i * 7919) % 1000);
		assert_int_equal(aws_index_add(&index, names[i], i, NULL), 0);
	}
	aws_index_sort(&index);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(aws_index_find(&index, names[i])->number, i);
	aws_index_clear(&index);
}

static void a_sentence_has_some_names_each_once(void **state)
{
	static const char *const names[] = { "e", "b", "a", "b", "d", "c" };
	struct aws_index index = { 0 };
	char text[64];

	(void)state;
	assert_int_equal(aws_index_text(&index, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(aws_index_add(&index, names[i], i, NULL), 0);
	aws_index_sort(&index);
	assert_int_equal(aws_index_text(&index, text, sizeof(text)), 3);
	assert_string_equal(text, "a, b, e");
	for (size_t i = 4; i < 6; i++)
		assert_int_equal(aws_index_add(&index, names[i], i, NULL), 0);
	aws_index_sort(&index);
	assert_int_equal(aws_index_text(&index, text, sizeof(text)), 5);
	assert_string_equal(text, "a, b, c and 2 more");
	for (size_t size = 1; size < sizeof(text); size++) {
		aws_index_text(&index, text, size);
		assert_true(strlen(text) < size);
	}
	aws_index_clear(&index);
}

static void a_list_grows_by_one(void **state)
{
	size_t *items = NULL;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		items = aws_list_grow(items, i, sizeof(*items));
		assert_non_null(items);
		items[i] = i;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	assert_null(aws_list_grow(items, SIZE_MAX / 2 + 1, sizeof(*items)));
	free(items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_are_found_in_the_order_of_their_numbers),
		TEST(many_names_are_all_found),
		TEST(a_sentence_has_some_names_each_once),
		TEST(a_list_grows_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
