/* When an interface was watched: the arithmetic of partial windows. */
#include "flow/watch.h"

#include "check.h"

#define SECOND INT64_C(1000000000)

static struct flow_window window;
static struct flow_watch watch;

/* The window [120, 180) is open, and nothing was ever watched. */
static int set_up(void **state)
{
	(void)state;
	flow_window_init(&window, 60);
	flow_window_open(&window, 150 * SECOND);
	watch = (struct flow_watch){ 0 };
	return 0;
}

#define FRESH(function) cmocka_unit_test_setup(function, set_up)

static void assert_part(int64_t start, int64_t from, int64_t to)
{
	int64_t cut_from = -1, cut_to = -1;

	assert_true(flow_watch_is_in(&watch, &window, start));
	flow_watch_cut(&watch, &window, start, &cut_from, &cut_to);
	assert_true(cut_from == from);
	assert_true(cut_to == to);
}

static void test_never(void **state)
{
	int64_t from, to;

	(void)state;
	assert_false(flow_watch_is_in(&watch, &window, 0));
	assert_false(flow_watch_is_in(&watch, &window, 120));
	flow_watch_cut(&watch, &window, 120, &from, &to);
	assert_true(from == 120 && to == 120);
}

static void test_files_are_watched_for_ever(void **state)
{
	(void)state;
	flow_watch_begin(&watch, &window, 0);
	assert_part(0, 0, 60);
	assert_part(120, 120, 180);
	assert_part(9223372020, 9223372020, 9223372080); /* the window of INT64_MAX nanoseconds */
}

static void test_rounded_down_and_inside_the_window(void **state)
{
	(void)state;
	flow_watch_begin(&watch, &window, 131 * SECOND - 1);
	assert_false(flow_watch_is_in(&watch, &window, 60));
	assert_part(120, 130, 180);
	assert_part(180, 180, 240);
	flow_watch_end(&watch, 201 * SECOND - 1);
	assert_part(120, 130, 180);
	assert_part(180, 180, 200);
	assert_false(flow_watch_is_in(&watch, &window, 240));
}

static void test_bounds_of_windows(void **state)
{
	(void)state;
	flow_watch_begin(&watch, &window, 180 * SECOND);
	assert_false(flow_watch_is_in(&watch, &window, 120));
	flow_watch_end(&watch, 240 * SECOND);
	assert_part(180, 180, 240);
	assert_false(flow_watch_is_in(&watch, &window, 240));
}

static void test_the_last_point_ends_it(void **state)
{
	(void)state;
	flow_watch_begin(&watch, &window, 130 * SECOND);
	flow_watch_begin(&watch, &window, 125 * SECOND);
	flow_watch_end(&watch, 140 * SECOND);
	assert_part(120, 125, 180);
	flow_watch_end(&watch, 170 * SECOND);
	assert_part(120, 125, 170);
}

static void test_back_in_the_same_window(void **state)
{
	(void)state;
	flow_watch_begin(&watch, &window, 10 * SECOND);
	flow_watch_end(&watch, 140 * SECOND);
	flow_watch_begin(&watch, &window, 170 * SECOND);
	assert_part(120, 120, 180);
}

static void test_back_in_a_later_window(void **state)
{
	(void)state;
	flow_watch_begin(&watch, &window, 10 * SECOND);
	flow_watch_end(&watch, 119 * SECOND);
	flow_watch_begin(&watch, &window, 170 * SECOND);
	assert_part(120, 170, 180);
	assert_false(flow_watch_is_in(&watch, &window, 60));
}

static void test_until_before_since(void **state)
{
	(void)state;
	flow_watch_begin(&watch, &window, 170 * SECOND);
	flow_watch_end(&watch, 130 * SECOND);
	assert_part(120, 170, 170);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_never),
		FRESH(test_files_are_watched_for_ever),
		FRESH(test_rounded_down_and_inside_the_window),
		FRESH(test_bounds_of_windows),
		FRESH(test_the_last_point_ends_it),
		FRESH(test_back_in_the_same_window),
		FRESH(test_back_in_a_later_window),
		FRESH(test_until_before_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
