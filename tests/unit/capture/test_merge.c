/* Several queues become one stream in time order, as far as it is known. */
#include "check.h"

#include "capture/merge.h"

#include <stdio.h>

static const struct capture_span all = { INT64_MIN, INT64_MAX };

/* The observations of a lane are at these times; 0 ends them. */
static struct capture_lane lane_of(struct flow_observation *items, const int64_t *times, int64_t bound_ns)
{
	struct capture_lane lane = { .items = items, .bound_ns = bound_ns };

	while (times[lane.length]) {
		items[lane.length] = (struct flow_observation){ .first_ns = times[lane.length] };
		lane.length++;
	}
	return lane;
}

/* Hands on all that can be, as "lane:time " each. */
static void drain(struct capture_lane *lanes, size_t count, struct capture_span span, char *text, size_t size)
{
	size_t lane, length, used = 0;

	*text = 0;
	while ((length = capture_merge_next(lanes, count, span, &lane)) > 0)
		while (length-- > 0)
			used += (size_t)snprintf(text + used, size - used, "%zu:%d ", lane,
						 (int)lanes[lane].items[lanes[lane].at++].first_ns);
}

static void assert_drains(const int64_t *first, int64_t first_bound, const int64_t *second, int64_t second_bound,
			  struct capture_span span, const char *expected, int64_t horizon_ns)
{
	struct flow_observation items[2][8];
	struct capture_lane lanes[] = { lane_of(items[0], first, first_bound),
					lane_of(items[1], second, second_bound) };
	char text[128];

	drain(lanes, 2, span, text, sizeof(text));
	assert_string_equal(text, expected);
	assert_int_equal(capture_merge_horizon(lanes, 2, span), horizon_ns);
}

#define TIMES(...) ((const int64_t[]){ __VA_ARGS__, 0 })
static const int64_t none[] = { 0 };

static void earliest_first(void **state)
{
	(void)state;
	assert_drains(TIMES(1, 4, 5), 6, TIMES(2, 3, 6), 7, all, "0:1 1:2 1:3 0:4 0:5 ", 6);
}

static void of_equal_times_the_first_lane(void **state)
{
	(void)state;
	assert_drains(TIMES(1, 2, 2), 9, TIMES(2, 2, 3), 9, all, "0:1 0:2 0:2 1:2 1:2 1:3 ", 9);
}

/* What an empty lane may yet have comes first, also at an equal time. */
static void waits_for_what_may_come(void **state)
{
	(void)state;
	assert_drains(TIMES(1, 2, 3), 9, none, 3, all, "0:1 0:2 ", 3);
	assert_drains(none, 3, TIMES(1, 2, 3), 9, all, "1:1 1:2 ", 3);
	assert_drains(TIMES(1, 2, 3), 9, none, 0, all, "", 0);
	assert_drains(TIMES(1, 2, 3), 3, none, INT64_MAX, all, "0:1 0:2 0:3 ", 3);
}

/* A lane is not sorted: what comes late in it comes when it comes. */
static void keeps_the_order_of_a_lane(void **state)
{
	(void)state;
	assert_drains(TIMES(5, 3, 8), 9, TIMES(4, 6), 9, all, "1:4 0:5 0:3 1:6 0:8 ", 9);
}

static void hands_on_up_to_the_end_of_the_span(void **state)
{
	const struct capture_span span = { INT64_MIN, 4 };

	(void)state;
	assert_drains(TIMES(1, 3, 4), 9, TIMES(2, 5), 9, span, "0:1 1:2 0:3 ", 4);
}

/* Times before the span are another's turn: the clock was set back, and the lane has shown its first new time. */
static void another_time_holds_nobody_back(void **state)
{
	const struct capture_span span = { 100, INT64_MAX };

	(void)state;
	assert_drains(TIMES(200, 7, 201), 9, TIMES(199, 203), INT64_MAX, span, "1:199 0:200 1:203 ", INT64_MAX);
	assert_drains(TIMES(7), 9, TIMES(199, 203), 204, span, "1:199 1:203 ", 204);
}

static void nothing_has_no_bound(void **state)
{
	size_t lane;

	(void)state;
	assert_int_equal(capture_merge_next(NULL, 0, all, &lane), 0);
	assert_int_equal(capture_merge_horizon(NULL, 0, all), INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(earliest_first),
		TEST(of_equal_times_the_first_lane),
		TEST(waits_for_what_may_come),
		TEST(keeps_the_order_of_a_lane),
		TEST(hands_on_up_to_the_end_of_the_span),
		TEST(another_time_holds_nobody_back),
		TEST(nothing_has_no_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
