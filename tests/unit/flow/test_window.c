/* How the time of the next frame moves the windows. */
#include "flow/window.h"

#include "check.h"

static const int64_t minute_ns = 60 * FLOW_SECOND_NS;

/* A window of 60 s, open at 1,600,000,020, in which the frame before was at `previous` seconds after its start. */
static struct flow_window open_at(int64_t previous)
{
	struct flow_window window;

	flow_window_init(&window, 60);
	flow_window_open(&window, 1600000030 * FLOW_SECOND_NS);
	window.previous_ns = window.start_ns + previous * FLOW_SECOND_NS;
	return window;
}

static void opens_on_multiples_of_the_interval(void **state)
{
	struct flow_window window;

	(void)state;
	flow_window_init(&window, 60);
	assert_int_equal(flow_window_judge(&window, 0), FLOW_FIRST);
	flow_window_open(&window, 1600000079 * FLOW_SECOND_NS + 999999999);
	assert_int_equal(window.start, 1600000020);
	assert_int_equal(window.start_ns, 1600000020 * FLOW_SECOND_NS);
	flow_window_open(&window, 1600000080 * FLOW_SECOND_NS);
	assert_int_equal(window.start, 1600000080);
	flow_window_open(&window, INT64_MAX);
	assert_int_equal(window.start, 9223372020);
	assert_int_equal(flow_window_judge(&window, INT64_MAX), FLOW_STAY);
}

static void stays_for_its_own_and_for_late_frames(void **state)
{
	struct flow_window window = open_at(5);

	(void)state;
	assert_int_equal(flow_window_judge(&window, window.start_ns), FLOW_STAY);
	assert_int_equal(flow_window_judge(&window, window.start_ns + minute_ns - 1), FLOW_STAY);
	assert_int_equal(flow_window_judge(&window, window.start_ns - 1), FLOW_STAY);
	assert_int_equal(flow_window_judge(&window, window.start_ns - minute_ns), FLOW_STAY);
	assert_int_equal(flow_window_judge(&window, window.start_ns - minute_ns - 1), FLOW_BACK);
}

static void a_gap_is_measured_from_the_frame_before(void **state)
{
	struct flow_window window = open_at(5);
	int64_t most = window.previous_ns + FLOW_WINDOW_GAP_MOST * minute_ns;

	(void)state;
	assert_int_equal(flow_window_judge(&window, window.start_ns + minute_ns), FLOW_FORWARD);
	assert_int_equal(flow_window_judge(&window, most), FLOW_FORWARD);
	assert_int_equal(flow_window_judge(&window, most + 1), FLOW_JUMP);
	window.previous_ns = window.start_ns - minute_ns; /* that one was late */
	assert_int_equal(flow_window_judge(&window, most), FLOW_JUMP);
}

static void the_latest_is_later_than_all_before(void **state)
{
	struct flow_window window = open_at(0);

	(void)state;
	assert_true(flow_window_is_latest(&window, 0));
	flow_window_mark_written(&window, 1600000080);
	assert_false(flow_window_is_latest(&window, 1600000080));
	assert_true(flow_window_is_latest(&window, 1600000140));
	flow_window_mark_written(&window, 1600000020); /* time ran back: the latest stays what it was */
	assert_false(flow_window_is_latest(&window, 1600000080));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opens_on_multiples_of_the_interval),
		TEST(stays_for_its_own_and_for_late_frames),
		TEST(a_gap_is_measured_from_the_frame_before),
		TEST(the_latest_is_later_than_all_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
