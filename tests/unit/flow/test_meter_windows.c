/* The meter: how windows open and close, in what order they are written, and NODATA. */
#include "flow/meter.h"

#include "meter_rig.h"

/* ---- windows ---- */

static void test_windows_are_aligned_to_the_epoch(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at_ns(flow_of(1), 120 * SECOND - 1));
	see(at(flow_of(1), 120));
	see(at_ns(flow_of(1), 180 * SECOND - 1));
	see(at(flow_of(1), 180));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 119 119\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 2 200 120 179\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 180 180\n--\n");
	assert_int_equal(account()->windows, 3);
	assert_int_equal(rig.told, 0);
}

static void test_shortest_and_longest_interval(void **state)
{
	struct flow_meter_options options = usual_options();

	(void)state;
	options.interval = 1;
	start_with(options);
	appear(0, "eth0");
	see(at_ns(flow_of(1), 8 * SECOND - 1));
	see(at(flow_of(1), 8));
	see(at_ns(flow_of(1), 10 * SECOND));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 7 7\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 8 8\n--\n"
		       "eth0 NODATA 9 10\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 10 10\n--\n");
	start_over();

	options.interval = 86400;
	start_with(options);
	appear(0, "eth0");
	see(at(flow_of(1), 86399));
	see(at(flow_of(1), 86400));
	see(at_ns(flow_of(1), 172800 * SECOND - 1));
	see(at(flow_of(1), 0)); /* exactly one interval before the open window */
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 86399 86399\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 3 300 86400 172799\n--\n");
}

/* A late packet is counted in the open window, at its start; it may be late by one whole interval. */
static void test_late(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(flow_of(1), 185));
	see(at_ns(flow_of(1), 180 * SECOND - 1));
	see(at(flow_of(2), 120));
	see(at(flow_of(1), 239));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 3 300 180 239\n"
		       "eth0 10.0.0.1 10.0.0.2 2 2000 17 1 100 180 180\n"
		       "--\n");
	assert_int_equal(account()->late, 2);
	assert_int_equal(rig.told, 0);
	assert_true(account()->first_ns == 120 * SECOND);
}

static void test_one_nanosecond_more_is_backwards(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(flow_of(1), 185));
	see(at_ns(flow_of(1), 120 * SECOND - 1));
	see(at(flow_of(1), 119));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 185 185\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 2 200 119 119\n--\n");
	assert_int_equal(account()->late, 0);
	assert_int_equal(account()->windows, 2);
	assert_int_equal(rig.told, 1);
}

static void test_backwards_warns_once(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(flow_of(1), 600));
	see(at(flow_of(1), 300));
	see(at(flow_of(1), 30));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 600 600\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 300 300\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 30 30\n--\n");
	assert_int_equal(rig.told, 1);
}

/* Every frame moves the windows, whatever becomes of it. */
static void test_frames_that_are_no_packets_move_windows(void **state)
{
	static const uint8_t kinds[] = { FLOW_FILTERED, FLOW_NON_IP, FLOW_TRUNCATED, FLOW_MALFORMED, FLOW_UNSUPPORTED };

	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(flow_of(1), 0));
	for (size_t i = 0; i < sizeof(kinds); i++)
		see(at(frame_of(kinds[i]), 60 * (int64_t)(i + 1)));
	see(on(at(flow_of(1), 360), 7)); /* unmatched */
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 0 0\n--\n"
		       "eth0 NODATA 60 120\n--\n"
		       "eth0 NODATA 120 180\n--\n"
		       "eth0 NODATA 180 240\n--\n"
		       "eth0 NODATA 240 300\n--\n"
		       "eth0 NODATA 300 360\n--\n"
		       "eth0 NODATA 360 420\n--\n");
	assert_int_equal(account()->frames, 7);
	assert_int_equal(account()->counted, 1);
	assert_int_equal(account()->filtered, 1);
	assert_int_equal(account()->non_ip, 1);
	assert_int_equal(account()->truncated, 1);
	assert_int_equal(account()->malformed, 1);
	assert_int_equal(account()->unsupported, 1);
	assert_int_equal(account()->unmatched, 1);
	assert_int_equal(account()->records[FLOW_NODATA], 6);
}

/* A frame that was not counted is not late. */
static void test_only_counted_packets_are_late(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(flow_of(1), 60));
	see(at(frame_of(FLOW_NON_IP), 59));
	see(on(at(flow_of(1), 59), 7));
	see(at(flow_of(1), 59));
	assert_int_equal(account()->late, 1);
}

static void test_times_near_the_end_of_2262(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at_ns(flow_of(1), INT64_MAX - 120 * SECOND));
	see(at_ns(flow_of(1), INT64_MAX));
	see(at_ns(flow_of(1), 0));
	see(at_ns(flow_of(1), INT64_MAX));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 9223371916 9223371916\n--\n"
		       "eth0 NODATA 9223371960 9223372020\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 9223372036 9223372036\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 0 0\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 9223372036 9223372036\n--\n");
	assert_int_equal(rig.told, 2); /* back, and over a gap */
}

static void test_end_of_the_last_window_of_2262(void **state)
{
	struct flow_meter_options options = usual_options();

	(void)state;
	options.interval = 86400;
	options.window_times = true;
	start_with(options);
	appear(0, "eth0");
	see(at_ns(flow_of(1), INT64_MAX));
	lose(0, 1);
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 9223286400 9223372800\n"
		       "eth0 SKIPDATA 9223286400 9223372800\n--\n");
}

/* ---- NODATA ---- */

static void test_nodata_of_silent_windows(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	appear(1, "eth1");
	see(at(flow_of(1), 10));
	see(on(at(flow_of(1), 200), 1));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 10 10\n"
		       "eth1 NODATA 0 60\n--\n"
		       "eth0 NODATA 60 120\n"
		       "eth1 NODATA 60 120\n--\n"
		       "eth0 NODATA 120 180\n"
		       "eth1 NODATA 120 180\n--\n"
		       "eth0 NODATA 180 240\n"
		       "eth1 10.0.0.1 10.0.0.2 1 2000 17 1 100 200 200\n--\n");
	assert_int_equal(account()->windows, 4);
	assert_int_equal(account()->records[FLOW_OK], 2);
	assert_int_equal(account()->records[FLOW_NODATA], 6);
}

static unsigned count_lines(const char *with)
{
	unsigned count = 0;

	for (const char *at = log_text(&rig.log); (at = strstr(at, with)); at++)
		count++;
	return count;
}

static void test_the_longest_gap(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(flow_of(1), 30));
	see(at(flow_of(1), 30 + 1440 * 60));
	finish();
	assert_int_equal(count_lines("NODATA"), 1439);
	assert_int_equal(rig.told, 0);
	assert_int_equal(account()->windows, 1441);
}

static void test_one_nanosecond_more_is_a_discontinuity(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(flow_of(1), 30));
	see(at_ns(flow_of(1), (30 + 1440 * 60) * SECOND + 1));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 30 30\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 86430 86430\n--\n");
	assert_int_equal(rig.told, 1);
	assert_int_equal(account()->windows, 2);
}

/* Its own two windows are no part of a gap: who is silent in them has a line. */
static void test_a_discontinuity_keeps_the_lines_at_its_ends(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(frame_of(FLOW_NON_IP), 0));
	see(at(frame_of(FLOW_NON_IP), 200000));
	finish();
	assert_written("eth0 NODATA 0 60\n--\neth0 NODATA 199980 200040\n--\n");
}

/* Between a frame and the one read before it, late or not; not from the open window's start. */
static void test_a_gap_is_measured_between_frames(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(flow_of(1), 119)); /* the window begins at 60 */
	see(at(flow_of(1), 119 + 1440 * 60));
	assert_int_equal(count_lines("NODATA"), 1439);
	assert_int_equal(rig.told, 0);
	see(at(flow_of(1), 86460 - 60)); /* late by an interval */
	see(at(flow_of(1), 86400 + 1440 * 60 + 1));
	assert_int_equal(count_lines("NODATA"), 1439);
	assert_int_equal(rig.told, 1);
}

/* A capture that does it again does it often: it is told once. */
static void test_gaps_inside_a_capture_that_has_begun_again(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(flow_of(1), 0));
	see(at(flow_of(1), 100000));
	see(at(flow_of(1), 200000));
	assert_int_equal(rig.told, 1);
	assert_int_equal(count_lines("NODATA"), 0);
}

/* Only windows later than every one before have NODATA lines: the second time through adds none. */
static void test_to_and_fro(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(flow_of(1), 300));
	see(at(flow_of(1), 60));             /* back */
	see(at(frame_of(FLOW_NON_IP), 180)); /* 120 was jumped over, 180 is silent: both earlier than 300 */
	see(at(flow_of(1), 420));            /* 240 and 300 are not later; 360 is */
	see(at(frame_of(FLOW_NON_IP), 200)); /* back */
	see(at(frame_of(FLOW_NON_IP), 420)); /* open again, silent, but not later */
	see(at(frame_of(FLOW_NON_IP), 480));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 300 300\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 60 60\n--\n"
		       "--\n"
		       "eth0 NODATA 360 420\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 420 420\n--\n"
		       "--\n"
		       "--\n"
		       "eth0 NODATA 480 540\n--\n");
	assert_int_equal(rig.told, 1);
}

/* From the window that is open when its point appears: that of the packet before it. */
static void test_points_that_appear_later(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(flow_of(1), 10));
	see(at(flow_of(1), 70));
	appear(1, "eth1");
	see(at(flow_of(1), 190));
	appear(2, "eth2");
	see(on(at(flow_of(1), 191), 2));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 10 10\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 70 70\n"
		       "eth1 NODATA 60 120\n--\n"
		       "eth0 NODATA 120 180\n"
		       "eth1 NODATA 120 180\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 190 190\n"
		       "eth1 NODATA 180 240\n"
		       "eth2 10.0.0.1 10.0.0.2 1 2000 17 1 100 191 191\n--\n");
}

/* All of one batch: the point stands where it stood in the input. */
static void test_points_inside_a_batch(void **state)
{
	struct flow_observation items[4];

	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	rig.points[1] = (struct flow_point){ .number = 1, .name = "eth1", .named = true };
	items[0] = at(flow_of(1), 10);
	items[1] = at(flow_of(1), 70);
	items[2] = (struct flow_observation){ .kind = FLOW_POINT, .appeared = &rig.points[1] };
	items[3] = on(at(flow_of(1), 130), 1);
	assert_int_equal(flow_meter_add(rig.meter, items, 4, &rig.err), 0);
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 10 10\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 70 70\n"
		       "eth1 NODATA 60 120\n--\n"
		       "eth0 NODATA 120 180\n"
		       "eth1 10.0.0.1 10.0.0.2 1 2000 17 1 100 130 130\n--\n");
}

static void test_an_interface_without_input_has_no_lines(void **state)
{
	(void)state;
	configure(interface_of("web", "eth7", 0, ""));
	configure(interface_of("db", "eth0", 0, ""));
	start_with(usual_options());
	appear(0, "eth0");
	see(at(frame_of(FLOW_NON_IP), 0));
	finish();
	assert_written("db NODATA 0 60\n--\n");
}

/* Interfaces in order of configuration, then implicit ones, whatever came first. */
static void test_order_of_interfaces(void **state)
{
	(void)state;
	configure(interface_of("web", "eth1", 0, ""));
	configure(interface_of("a", "eth0", 1, ""));
	configure(interface_of("b", "eth0", 2, ""));
	start_with(usual_options());
	appear(0, "eth2");
	appear(1, "eth0");
	appear(2, "eth1");
	see(at(flow_of(1), 1));
	see(on(at(with_macs(flow_of(2), 2, 1), 2), 1));
	see(on(at(flow_of(3), 3), 2));
	see(on(at(with_macs(flow_of(4), 1, 9), 4), 1));
	see(at(flow_of(5), 5));
	finish();
	assert_written("web 10.0.0.1 10.0.0.2 3 2000 17 1 100 3 3\n"
		       "a 10.0.0.1 10.0.0.2 2 2000 17 1 100 2 2\n"
		       "a 10.0.0.1 10.0.0.2 4 2000 17 1 100 4 4\n"
		       "b 10.0.0.1 10.0.0.2 2 2000 17 1 100 2 2\n"
		       "eth2 10.0.0.1 10.0.0.2 1 2000 17 1 100 1 1\n"
		       "eth2 10.0.0.1 10.0.0.2 5 2000 17 1 100 5 5\n"
		       "--\n");
	assert_int_equal(account()->frames, 5);
	assert_int_equal(account()->counted, 5); /* a frame on two interfaces is one */
	assert_int_equal(account()->records[FLOW_OK], 6);
}

static void test_a_packet_to_its_own_interface(void **state)
{
	struct flow_meter_options options = usual_options();

	(void)state;
	options.shown = FLOW_SHOWS_DIRECTION;
	configure(interface_of("web", "eth0", 0, "10.0.0.1 10.0.0.2"));
	start_with(options);
	appear(0, "eth0");
	see(at(flow_of(1), 1));
	finish();
	assert_written("web 10.0.0.1 10.0.0.2 1 2000 17 1 100 1 1 out\n"
		       "web 10.0.0.1 10.0.0.1 1 2000 17 1 100 1 1 in\n"
		       "--\n");
	assert_int_equal(account()->counted, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_windows_are_aligned_to_the_epoch),
		RIGGED(test_shortest_and_longest_interval),
		RIGGED(test_late),
		RIGGED(test_one_nanosecond_more_is_backwards),
		RIGGED(test_backwards_warns_once),
		RIGGED(test_frames_that_are_no_packets_move_windows),
		RIGGED(test_only_counted_packets_are_late),
		RIGGED(test_times_near_the_end_of_2262),
		RIGGED(test_end_of_the_last_window_of_2262),
		RIGGED(test_nodata_of_silent_windows),
		RIGGED(test_the_longest_gap),
		RIGGED(test_one_nanosecond_more_is_a_discontinuity),
		RIGGED(test_a_discontinuity_keeps_the_lines_at_its_ends),
		RIGGED(test_a_gap_is_measured_between_frames),
		RIGGED(test_gaps_inside_a_capture_that_has_begun_again),
		RIGGED(test_to_and_fro),
		RIGGED(test_points_that_appear_later),
		RIGGED(test_points_inside_a_batch),
		RIGGED(test_an_interface_without_input_has_no_lines),
		RIGGED(test_order_of_interfaces),
		RIGGED(test_a_packet_to_its_own_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
