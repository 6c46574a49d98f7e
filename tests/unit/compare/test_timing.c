/* Causes that rest on when the packets were. */
#include "compare/timing.h"

#include "compare/cause_rig.h"

static struct compare_spans *skipped(enum compare_side side)
{
	return &rig.ledgers[side]->interfaces[0].skipped;
}

static void the_log_skipped(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 50, 5, 500);
	sees(&key, 10, 2, 200);
	sees(&key, 50, 3, 300);
	sees(&key, 190, 3, 300);
	sees(&key, 230, 4, 400);
	span(skipped(COMPARE_LOG), 180, 239);
	assert_asked(&key, "skipdata",
		     "the log says SKIPDATA from 10:03:00 to 10:04:00; the capture has 7 packets of this flow then");
	assert_int_equal(rig.finding.verdict, COMPARE_DIFFERS);
}

/* A record may be there, and only a part of it missing. */
static void the_log_skipped_a_part(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 190, 230, 5, 500);
	sees(&key, 190, 3, 300);
	sees(&key, 230, 4, 400);
	span(skipped(COMPARE_LOG), 180, 239);
	assert_asked(&key, "skipdata",
		     "the log says SKIPDATA from 10:03:00 to 10:04:00; the capture has 7 packets of this flow then");
}

static void skipped_but_not_all_of_it(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 50, 4, 400);
	sees(&key, 10, 5, 500);
	sees(&key, 190, 3, 300);
	span(skipped(COMPARE_LOG), 180, 239);
	assert_asked(&key, "unexplained", NULL);
}

static void skipped_and_yet_more_in_the_log(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 190, 190, 4, 400);
	sees(&key, 190, 3, 300);
	span(skipped(COMPARE_LOG), 180, 239);
	assert_asked(&key, "unexplained", "all of it in the record of 10:03:10 to 10:03:10");
}

static void an_interval_is_missing(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 50, 5, 500);
	record(&key, 130, 150, 4, 400);
	sees(&key, 10, 5, 500);
	sees(&key, 70, 1, 100);
	sees(&key, 110, 1, 100);
	sees(&key, 130, 4, 400);
	span(&rig.missing, 60, 119);
	assert_asked(&key, "missing-interval", "the log has no line of this interface from 10:01:00 to 10:02:00");
}

static void a_second_is_cut_in_two(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 60, 6, 600);
	sees(&key, 10, 5, 500);
	sees(&key, 60, 3, 300); /* one of them is of the record */
	sees(&key, 80, 1, 100);
	span(&rig.missing, 61, 119);
	assert_asked(&key, "missing-interval", "the log has no line of this interface from 10:01:01 to 10:02:00");
}

static void an_interval_is_missing_and_more(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 50, 4, 400);
	sees(&key, 10, 5, 500);
	sees(&key, 70, 1, 100);
	span(&rig.missing, 60, 119);
	assert_asked(&key, "unexplained", NULL);
}

static void a_record_is_missing(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 50, 5, 500);
	record(&key, 130, 150, 4, 400);
	sees(&key, 10, 5, 500);
	sees(&key, 70, 1, 100);
	sees(&key, 110, 1, 100);
	sees(&key, 130, 4, 400);
	assert_asked(&key, "missing-records",
		     "the log has no record of this flow from 10:01:10 to 10:01:50, and other lines of that time");
}

static void all_records_are_missing(void **state)
{
	const struct compare_key key = web();

	(void)state;
	sees(&key, 70, 1, 100);
	assert_asked(&key, "missing-records",
		     "the log has no record of this flow from 10:01:10 to 10:01:10, and other lines of that time");
	assert_int_equal(rig.finding.verdict, COMPARE_CAPTURE_ONLY);
}

/* Of the packets in the second where one record ends, some belong to the one that is missing. */
static void a_record_is_missing_from_within_a_second(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 59, 6, 600);
	sees(&key, 10, 5, 500);
	sees(&key, 59, 2, 200);
	sees(&key, 70, 1, 100);
	assert_asked(&key, "missing-records",
		     "the log has no record of this flow from 10:01:10 to 10:01:10, and other lines of that time");
}

static void a_record_is_missing_and_another_is_wrong(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 59, 6, 600);
	sees(&key, 10, 6, 600);
	sees(&key, 30, 1, 100);
	sees(&key, 40, 1, 100);
	sees(&key, 70, 1, 100);
	assert_asked(&key, "unexplained", NULL);
}

static void the_capture_dropped(void **state)
{
	const struct compare_key key = web();

	(void)state;
	rig.about.offset = 5;
	record(&key, 10, 59, 6, 600);
	record(&key, 70, 80, 6, 600);
	sees(&key, 5, 6, 600);
	sees(&key, 65, 2, 250);
	span(skipped(COMPARE_CAPTURE), 70, 71);
	assert_asked(&key, "capture-drops",
		     "the capture lost packets from 10:01:15 to 10:01:17, while this flow was there");
}

static void the_capture_dropped_another_time(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 59, 6, 600);
	sees(&key, 10, 5, 500);
	span(skipped(COMPARE_CAPTURE), 70, 71);
	assert_asked(&key, "unexplained", "all of it in the record of 10:00:10 to 10:00:59");
}

static void drops_make_no_packets(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 59, 6, 600);
	sees(&key, 10, 7, 700);
	span(skipped(COMPARE_CAPTURE), 30, 31);
	assert_asked(&key, "unexplained", "all of it in the record of 10:00:10 to 10:00:59");
}

static void packets_after_the_fin(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 40, 118, 9120);
	sees(&key, 10, 117, 9068);
	closes(&key, 40, 2, 104, FLOW_TCP_FIN);
	closes(&key, 43, 1, 52, FLOW_TCP_FIN);
	assert_asked(
		&key, "after-close",
		"2 packets without data more; its FIN was at 10:00:40, and the capture has 3 packets in that second "
		"and later");
}

static void packets_after_the_other_end_s_reset(void **state)
{
	const struct compare_key key = web(), back = key_of(TCP, "203.0.113.9", 443, "10.0.0.5", 40000);

	(void)state;
	record(&key, 10, 39, 5, 500);
	sees(&key, 10, 4, 400);
	sees(&key, 39, 1, 100);
	sees(&key, 40, 1, 40);
	closes(&back, 39, 1, 40, FLOW_TCP_RST);
	assert_asked(
		&key, "after-close",
		"1 packet without data more; the way back's RST was at 10:00:39, and the capture has 2 packets in that "
		"second and later");
}

/* They carry data, or come before the FIN, or there is none, or the protocol has none. */
static void not_after_the_close(void **state)
{
	const struct compare_key data = key_of(TCP, "10.0.0.5", 1, "203.0.113.9", 443);
	const struct compare_key early = key_of(TCP, "10.0.0.5", 2, "203.0.113.9", 443);
	const struct compare_key open = key_of(TCP, "10.0.0.5", 3, "203.0.113.9", 443);
	const struct compare_key udp = key_of(UDP, "10.0.0.5", 4, "203.0.113.9", 443);
	const char *record_text = "all of it in the record of 10:00:10 to 10:00:40";

	(void)state;
	record(&data, 10, 40, 5, 500);
	sees(&data, 10, 4, 460);
	closes(&data, 40, 2, 140, FLOW_TCP_FIN);
	record(&early, 10, 40, 5, 500);
	sees(&early, 10, 6, 556);
	closes(&early, 40, 1, 40, FLOW_TCP_FIN);
	record(&open, 10, 40, 5, 500);
	sees(&open, 10, 4, 460);
	sees(&open, 40, 2, 80);
	record(&udp, 10, 40, 5, 500);
	sees(&udp, 10, 4, 460);
	closes(&udp, 40, 2, 80, FLOW_TCP_FIN);
	assert_asked(&data, "unexplained", record_text);
	assert_asked(&early, "unexplained", record_text);
	assert_asked(&open, "unexplained", record_text);
	assert_asked(&udp, "unexplained", record_text);
}

static void the_close_itself_is_missing(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 40, 5, 500);
	sees(&key, 10, 5, 500);
	closes(&key, 70, 1, 52, FLOW_TCP_FIN);
	closes(&key, 71, 1, 40, 0);
	assert_asked(&key, "missing-records",
		     "the log has no record of this flow from 10:01:10 to 10:01:11, and other lines of that time");
}

static void rejected_after_the_close(void **state)
{
	struct compare_key key = web();

	(void)state;
	key.direction = FLOW_EGRESS;
	record(&key, 10, 40, 5, 500);
	rejects(&key, 50, 50, 1, 40);
	sees(&key, 10, 4, 460);
	closes(&key, 40, 1, 40, FLOW_TCP_FIN);
	closes(&key, 50, 1, 40, FLOW_TCP_RST);
	rig.options.has_verdicts = true;
	assert_asked(
		&key, "after-close",
		"1 packet without data that the log rejects; its FIN was at 10:00:40, and the capture has 2 packets in "
		"that second and later");
}

static void at_the_end_of_the_capture(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 40, 5, 500);
	record(&key, 541, 580, 5, 500);
	sees(&key, 10, 5, 500);
	sees(&key, 590, 2, 200);
	rig.about.ends[COMPARE_LOG] += COMPARE_LATENESS + 1;
	assert_asked(&key, "time-edge", "within 60 s of 10:09:59, the last second in both");
	assert_int_equal(rig.finding.verdict, COMPARE_EDGE);
}

static void at_the_beginning_of_the_log(void **state)
{
	const struct compare_key key = web();

	(void)state;
	sees(&key, 59, 5, 500);
	rig.about.begins[COMPARE_CAPTURE] -= COMPARE_LATENESS + 1;
	assert_asked(&key, "time-edge", "within 60 s of 10:00:00, the first second in both");
	assert_int_equal(rig.finding.verdict, COMPARE_EDGE);
}

/* Both sides end there; or it is the other end; or it is too far off. */
static void at_no_edge(void **state)
{
	const struct compare_key early = key_of(TCP, "10.0.0.5", 1, "203.0.113.9", 443);
	const struct compare_key later = key_of(TCP, "10.0.0.5", 2, "203.0.113.9", 443);

	(void)state;
	sees(&early, 59, 5, 500);
	sees(&later, 60, 5, 500);
	ask(&early);
	assert_int_equal(rig.finding.cause, COMPARE_MISSING_RECORDS);
	rig.about.begins[COMPARE_CAPTURE] -= COMPARE_LATENESS;
	ask(&early);
	assert_int_equal(rig.finding.cause, COMPARE_MISSING_RECORDS);
	rig.about.ends[COMPARE_CAPTURE] += 1000;
	ask(&early);
	assert_int_equal(rig.finding.cause, COMPARE_MISSING_RECORDS);
	rig.about.begins[COMPARE_CAPTURE] -= 1;
	ask(&early);
	assert_int_equal(rig.finding.cause, COMPARE_TIME_EDGE);
	ask(&later);
	assert_int_equal(rig.finding.cause, COMPARE_MISSING_RECORDS);
}

static void times_tell_the_day_where_there_are_two(void **state)
{
	const struct compare_key key = web();

	(void)state;
	rig.about.end += 86400;
	sees(&key, 70, 1, 100);
	assert_asked(
		&key, "missing-records",
		"the log has no record of this flow from 2026-11-20 10:01:10 to 2026-11-20 10:01:10, and other lines "
		"of that time");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(the_log_skipped),
		RIGGED(the_log_skipped_a_part),
		RIGGED(skipped_but_not_all_of_it),
		RIGGED(skipped_and_yet_more_in_the_log),
		RIGGED(an_interval_is_missing),
		RIGGED(a_second_is_cut_in_two),
		RIGGED(an_interval_is_missing_and_more),
		RIGGED(a_record_is_missing),
		RIGGED(all_records_are_missing),
		RIGGED(a_record_is_missing_from_within_a_second),
		RIGGED(a_record_is_missing_and_another_is_wrong),
		RIGGED(the_capture_dropped),
		RIGGED(the_capture_dropped_another_time),
		RIGGED(drops_make_no_packets),
		RIGGED(packets_after_the_fin),
		RIGGED(packets_after_the_other_end_s_reset),
		RIGGED(not_after_the_close),
		RIGGED(the_close_itself_is_missing),
		RIGGED(rejected_after_the_close),
		RIGGED(at_the_end_of_the_capture),
		RIGGED(at_the_beginning_of_the_log),
		RIGGED(at_no_edge),
		RIGGED(times_tell_the_day_where_there_are_two),
	};

	return cmocka_run_group_tests_name("compare/timing", tests, NULL, NULL);
}
