#include <stdio.h>

#include "capture/points.h"
#include "check.h"

static void equal_names_are_one_point(void **state)
{
	struct capture_points *points;
	const struct flow_point *eth0, *none;

	(void)state;
	assert_int_equal(capture_points_new(&points, NULL), 0);
	eth0 = capture_points_get(points, "eth0", true);
	none = capture_points_get(points, "", false);
	assert_ptr_not_equal(eth0, none);
	assert_int_equal(eth0->number, 0);
	assert_int_equal(none->number, 1);
	assert_string_equal(eth0->name, "eth0");
	assert_string_equal(none->name, "");
	assert_true(eth0->named);
	assert_false(none->named);
	assert_ptr_equal(capture_points_get(points, "eth0", false), eth0);
	assert_true(eth0->named);
	assert_int_equal(capture_points_get(points, "eth1", true)->number, 2);
	capture_points_free(points);
}

static void names_are_copied_and_points_stay(void **state)
{
	enum { MANY = 10000 };
	static const struct flow_point *made[MANY];
	struct capture_points *points;
	char name[16];

	(void)state;
	assert_int_equal(capture_points_new(&points, NULL), 0);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "if%d", i);
		made[i] = capture_points_get(points, name, false);
		assert_int_equal(made[i]->number, i);
	}
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "if%d", i);
		assert_string_equal(made[i]->name, name);
		assert_ptr_equal(capture_points_get(points, name, true), made[i]);
	}
	capture_points_free(points);
}

static void nothing_can_be_freed(void **state)
{
	(void)state;
	capture_points_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(equal_names_are_one_point),
		TEST(names_are_copied_and_points_stay),
		TEST(nothing_can_be_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
