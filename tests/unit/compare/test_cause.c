/* Causes that rest on the flow's own sums; their names; what becomes of the verdict. */
#include "compare/cause.h"

#include "compare/cause_rig.h"

static void each_has_its_own_name_and_sentence(void **state)
{
	(void)state;
	for (int i = 0; i < COMPARE_CAUSES; i++) {
		assert_non_null(compare_cause_sentence(i));
		assert_int_equal(strspn(compare_cause_name(i), "abcdefghijklmnopqrstuvwxyz-"),
				 strlen(compare_cause_name(i)));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(compare_cause_name(i), compare_cause_name(j));
	}
}

static void nothing_is_guessed(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 1, 50, 10, 1000);
	record(&key, 61, 100, 9, 900);
	sees(&key, 1, 5, 500);
	sees(&key, 50, 5, 500);
	sees(&key, 61, 6, 500);
	sees(&key, 100, 6, 500);
	assert_asked(&key, "unexplained", "all of it in the record of 10:01:01 to 10:01:40");
	assert_int_equal(rig.finding.verdict, COMPARE_DIFFERS);
}

static void what_is_in_several_records_is_nowhere(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 1, 50, 10, 1000);
	record(&key, 61, 100, 9, 900);
	sees(&key, 1, 11, 1040);
	sees(&key, 61, 10, 940);
	assert_asked(&key, "unexplained", NULL);
}

static void rejected_before_the_capture(void **state)
{
	const struct compare_key key = key_of(TCP, "203.0.113.9", 51022, "10.0.0.5", 22);

	(void)state;
	rejects(&key, 10, 20, 3, 180);
	assert_asked(&key, "rejected-before", "the log rejects 3 packets, which did not reach the capture point");
	assert_int_equal(rig.finding.verdict, COMPARE_UNSEEN);
}

static void rejected_before_beside_what_was_accepted(void **state)
{
	const struct compare_key key = key_of(TCP, "203.0.113.9", 51022, "10.0.0.5", 22);

	(void)state;
	record(&key, 10, 20, 7, 700);
	rejects(&key, 21, 21, 1, 60);
	sees(&key, 10, 7, 700);
	assert_asked(&key, "rejected-before", "the log rejects 1 packet, which did not reach the capture point");
	ask_holding(&key, false);
	assert_cause("rejected-before", "the log rejects 1 packet, which did not reach the capture point");
}

static void what_was_rejected_on_its_way_out_was_to_be_seen(void **state)
{
	struct compare_key key = web();

	(void)state;
	key.direction = FLOW_EGRESS;
	rejects(&key, 10, 20, 3, 180);
	assert_asked(&key, "unexplained", NULL);
	assert_int_equal(rig.finding.verdict, COMPARE_LOG_ONLY);
}

static void a_line_alone_knows_its_direction(void **state)
{
	const struct compare_key key = web();

	(void)state;
	book(COMPARE_LOG, &key,
	     (struct compare_part){
		     .start = 10, .packets = 3, .bytes = 180, .action = FLOW_REJECT, .direction = FLOW_EGRESS });
	assert_asked(&key, "unexplained", NULL);
}

static void the_capture_knows_its_direction(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 10, 20, 7, 700);
	rejects(&key, 21, 21, 1, 60);
	book(COMPARE_CAPTURE, &key,
	     (struct compare_part){ .start = 10, .packets = 7, .bytes = 700, .direction = FLOW_EGRESS });
	assert_asked(&key, "unexplained", "all of it in the record of 10:00:21 to 10:00:21");
}

static void accepted_packets_are_not_rejected_ones(void **state)
{
	const struct compare_key key = key_of(TCP, "203.0.113.9", 51022, "10.0.0.5", 22);

	(void)state;
	record(&key, 10, 20, 7, 700);
	rejects(&key, 21, 21, 1, 60);
	sees(&key, 10, 6, 600);
	assert_asked(&key, "unexplained", NULL);
}

static void the_wrong_interface(void **state)
{
	const struct compare_key key = web();

	(void)state;
	sees(&key, 10, 5, 500);
	rig.about.shared = 4;
	rig.about.unshared = 96;
	assert_asked(&key, "wrong-interface", "4 of the 100 flows of the capture are in the log of this interface");
	rig.about.shared = 5;
	rig.about.unshared = 95;
	ask(&key);
	assert_int_not_equal(rig.finding.cause, COMPARE_WRONG_INTERFACE);
	rig.about.shared = 0;
	rig.about.unshared = 3; /* too few to tell */
	ask(&key);
	assert_int_not_equal(rig.finding.cause, COMPARE_WRONG_INTERFACE);
}

static void one_line_twice(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 1, 50, 118, 9120);
	record(&key, 1, 50, 118, 9120);
	record(&key, 61, 70, 2, 80);
	sees(&key, 1, 118, 9120);
	sees(&key, 61, 2, 80);
	assert_asked(&key, "duplicated", "the same line stands in the log twice: 120 packets without the second");
	assert_int_equal(rig.finding.verdict, COMPARE_DIFFERS);
}

static void lines_three_times(void **state)
{
	const struct compare_key key = web();

	(void)state;
	for (int i = 0; i < 3; i++)
		record(&key, 1, 50, 118, 9120);
	sees(&key, 1, 118, 9120);
	assert_asked(&key, "duplicated", "2 lines stand in the log that stood there before: 118 packets without them");
}

static void twice_and_yet_not_all_of_it(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 1, 50, 118, 9120);
	record(&key, 1, 50, 118, 9120);
	sees(&key, 1, 118, 9119);
	ask(&key);
	assert_int_not_equal(rig.finding.cause, COMPARE_DUPLICATED);
}

static void segments_captured_as_one(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 1, 50, 45, 65000 + 40 * 40); /* 40 more, each with 40 bytes of headers */
	sees(&key, 1, 5, 65000)->largest = 64040;
	assert_asked(
		&key, "super-packets",
		"the capture holds a packet of 64040 bytes: 40 packets fewer, and so many bytes fewer as their headers "
		"have");
	assert_int_equal(rig.finding.verdict, COMPARE_AGREES);
}

static void segments_with_the_same_bytes(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 1, 50, 6, 9000);
	sees(&key, 1, 5, 9000)->largest = 1501;
	assert_asked(&key, "super-packets",
		     "the capture holds a packet of 1501 bytes: 1 packet fewer, and just as many bytes");
}

/* More packets than the bytes are enough for, whatever was captured as one. */
static void too_many_segments(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 1, 50, 108, 9000);
	sees(&key, 1, 5, 9000)->largest = 4000;
	assert_asked(&key, "unexplained", "all of it in the record of 10:00:01 to 10:00:50");
}

/* The same sums, and no packet that was several; or too many bytes for headers, or too few. */
static void no_segments(void **state)
{
	const struct compare_key short_ones = key_of(TCP, "10.0.0.5", 1, "203.0.113.9", 443);
	const struct compare_key data = key_of(TCP, "10.0.0.5", 2, "203.0.113.9", 443);
	const struct compare_key little = key_of(TCP, "10.0.0.5", 3, "203.0.113.9", 443);
	const struct compare_key more = key_of(TCP, "10.0.0.5", 4, "203.0.113.9", 443);

	(void)state;
	record(&short_ones, 1, 50, 6, 7000);
	sees(&short_ones, 1, 5, 7000)->largest = 0;
	record(&data, 1, 50, 7, 9242);
	sees(&data, 1, 5, 9000)->largest = 4000;
	record(&little, 1, 50, 7, 9038);
	sees(&little, 1, 5, 9000)->largest = 4000;
	record(&more, 1, 50, 5, 9000);
	sees(&more, 1, 6, 9000)->largest = 4000;
	assert_asked(&short_ones, "unexplained", "all of it in the record of 10:00:01 to 10:00:50");
	assert_asked(&data, "unexplained", "all of it in the record of 10:00:01 to 10:00:50");
	assert_asked(&little, "unexplained", "all of it in the record of 10:00:01 to 10:00:50");
	assert_asked(&more, "unexplained", "all of it in the record of 10:00:01 to 10:00:50");
}

static void explain(void *ctx, const struct compare_finding *finding, const struct compare_interface *interface,
		    char *out, size_t size)
{
	(void)finding;
	assert_ptr_equal(interface, &rig.interface);
	snprintf(out, size, "%s", (const char *)ctx);
}

static void another_action_than_the_rules_give(void **state)
{
	const struct compare_key key = web();
	char phrase[] = "no rule of sg-web allows it", nothing[] = "";
	struct compare_rules rules = { explain, phrase };

	(void)state;
	rejects(&key, 1, 50, 6, 7000);
	sees(&key, 1, 6, 7000);
	rig.options.has_verdicts = true;
	rig.options.rules = &rules;
	assert_asked(&key, "rules", "no rule of sg-web allows it");
	rules.ctx = nothing;
	assert_asked(&key, "rules", "the log rejects 6 packets, the rules 0 packets");
	rig.options.rules = NULL;
	assert_asked(&key, "rules", "the log rejects 6 packets, the rules 0 packets");
	rig.options.has_verdicts = false;
	assert_asked(&key, "unexplained", NULL);
}

static void other_sums_are_no_matter_of_rules(void **state)
{
	struct compare_key key = web();

	(void)state;
	key.direction = FLOW_EGRESS;
	rejects(&key, 1, 50, 6, 7000);
	sees(&key, 1, 5, 7000);
	rig.options.has_verdicts = true;
	ask(&key);
	assert_cause("unexplained", "all of it in the record of 10:00:01 to 10:00:50");
}

static void a_log_without_bytes(void **state)
{
	const struct compare_key key = web();

	(void)state;
	rig.ledgers[COMPARE_LOG]->unknown = FLOW_UNKNOWN_BYTES;
	record(&key, 1, 50, 118, 0);
	record(&key, 1, 50, 118, 0);
	sees(&key, 1, 118, 9120);
	assert_asked(&key, "duplicated", "the same line stands in the log twice: 118 packets without the second");
}

static void tolerances_hold_here_too(void **state)
{
	const struct compare_key key = web();

	(void)state;
	record(&key, 1, 50, 118, 9120);
	record(&key, 1, 50, 118, 9120);
	sees(&key, 1, 117, 9100);
	rig.options.tolerance.packets = 1;
	rig.options.tolerance.bytes = 1;
	assert_asked(&key, "duplicated", "the same line stands in the log twice: 118 packets without the second");
	rig.options.tolerance.packets = 0;
	ask(&key);
	assert_int_not_equal(rig.finding.cause, COMPARE_DUPLICATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_has_its_own_name_and_sentence),
		RIGGED(nothing_is_guessed),
		RIGGED(what_is_in_several_records_is_nowhere),
		RIGGED(rejected_before_the_capture),
		RIGGED(rejected_before_beside_what_was_accepted),
		RIGGED(what_was_rejected_on_its_way_out_was_to_be_seen),
		RIGGED(a_line_alone_knows_its_direction),
		RIGGED(the_capture_knows_its_direction),
		RIGGED(accepted_packets_are_not_rejected_ones),
		RIGGED(the_wrong_interface),
		RIGGED(one_line_twice),
		RIGGED(lines_three_times),
		RIGGED(twice_and_yet_not_all_of_it),
		RIGGED(segments_captured_as_one),
		RIGGED(segments_with_the_same_bytes),
		RIGGED(no_segments),
		RIGGED(too_many_segments),
		RIGGED(another_action_than_the_rules_give),
		RIGGED(other_sums_are_no_matter_of_rules),
		RIGGED(a_log_without_bytes),
		RIGGED(tolerances_hold_here_too),
	};

	return cmocka_run_group_tests_name("compare/cause", tests, NULL, NULL);
}
