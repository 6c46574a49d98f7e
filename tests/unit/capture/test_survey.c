#include "capture/survey.h"

#include "survey_rig.h"

static const struct capture_survey_point *point_of(const struct rig *rig, uint32_t number)
{
	size_t count;
	const struct capture_survey_point *points = capture_survey_points(rig->survey, &count);

	assert_true(number < count);
	return &points[number];
}

static const struct capture_tally_entry *entries_of(const struct rig *rig, enum capture_survey_tally tally,
						    uint32_t point, size_t count)
{
	size_t found;
	const struct capture_tally_entry *entries = capture_survey_entries(rig->survey, tally, point, &found);

	assert_int_equal(found, count);
	return entries;
}

static void frames_are_counted_at_their_point(void **state)
{
	struct rig rig = rig_new();
	uint32_t eth0 = rig_point(&rig, "eth0", true), eth1 = rig_point(&rig, "eth1", true);
	const struct capture_survey_point *point;

	(void)state;
	rig_ipv4(&rig, (struct rig_frame){ .point = eth1, .original = 1000 }, 1, 2, HOST_IP(1), HOST_IP(2));
	rig_ipv4(&rig, (struct rig_frame){ .point = eth1, .word = FLOW_EGRESS }, 1, 255, HOST_IP(1), HOST_IP(255));
	rig_arp(&rig, (struct rig_frame){ .point = eth1 }, 1, HOST_IP(1));
	rig_add(&rig, (struct rig_frame){ .point = eth1 }, (const uint8_t[]){ 2, 0, 0, 0 }, 4);
	capture_survey_finish(rig.survey);
	assert_int_equal(point_of(&rig, eth0)->frames, 0);
	point = point_of(&rig, eth1);
	assert_string_equal(point->point->name, "eth1");
	assert_int_equal(point->frames, 4);
	assert_int_equal(point->bytes, 1000 + 42 + 42 + 4);
	assert_int_equal(point->kinds[FLOW_PACKET], 2);
	assert_int_equal(point->kinds[FLOW_NON_IP], 1);
	assert_int_equal(point->kinds[FLOW_TRUNCATED], 1);
	assert_int_equal(point->ipv4, 2);
	assert_int_equal(point->ipv6, 0);
	assert_int_equal(point->words[FLOW_EGRESS], 1);
	assert_int_equal(point->words[FLOW_UNKNOWN], 3);
	assert_int_equal(point->unicast, 1);
	assert_int_equal(point->cut, 1);
	assert_int_equal(point->first_ns, INT64_C(1700000000000000000));
	assert_int_equal(point->last_ns, INT64_C(1700000000003000000));
	assert_int_equal(point->early, 0);
	assert_int_equal(entries_of(&rig, SURVEY_PROTOCOLS, eth1, 1)->key.number, 17);
	assert_int_equal(entries_of(&rig, SURVEY_TYPES, eth1, 1)->key.number, 0x0806);
	rig_free(&rig);
}

static void disorder_is_measured_against_the_frame_before(void **state)
{
	static const int64_t times[] = { 100, 90, 95, 60, 200 }; /* 10 and 35 early */
	struct rig rig = rig_new();
	uint32_t eth0 = rig_point(&rig, "eth0", true);
	const struct capture_survey_point *point;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		rig.now_ns = times[i];
		rig_arp(&rig, (struct rig_frame){ .point = eth0 }, 1, HOST_IP(1));
	}
	point = point_of(&rig, eth0);
	assert_int_equal(point->early, 2);
	assert_int_equal(point->most_early_ns, 35);
	assert_int_equal(point->first_ns, 60);
	assert_int_equal(point->last_ns, 200);
	rig_free(&rig);
}

static void both_ways_of_a_talk_are_one(void **state)
{
	struct rig rig = rig_new();
	uint32_t eth0 = rig_point(&rig, "eth0", true);
	const struct capture_tally_entry *talks;

	(void)state;
	rig_ipv4(&rig, (struct rig_frame){ .point = eth0, .original = 100 }, 1, 2, HOST_IP(1), HOST_IP(2));
	rig_ipv4(&rig, (struct rig_frame){ .point = eth0, .original = 200 }, 2, 1, HOST_IP(2), HOST_IP(1));
	rig_ipv4(&rig, (struct rig_frame){ .point = eth0, .original = 400 }, 2, 1, HOST_IP(3), HOST_IP(1));
	capture_survey_finish(rig.survey);
	talks = entries_of(&rig, SURVEY_TALKS, eth0, 2);
	assert_int_equal(talks[0].counts[SURVEY_BYTES], 400); /* the busiest by bytes */
	assert_int_equal(talks[1].counts[SURVEY_BYTES], 300);
	assert_int_equal(talks[1].counts[SURVEY_PACKETS], 2);
	rig_free(&rig);
}

static void ends_are_counted_by_what_they_did(void **state)
{
	struct rig rig = rig_new();
	uint32_t eth0 = rig_point(&rig, "eth0", true);
	const struct capture_tally_entry *macs, *addresses;

	(void)state;
	rig_ipv4(&rig, (struct rig_frame){ .word = FLOW_EGRESS }, 1, 2, HOST_IP(1), FAR_IP(1));
	rig_ipv4(&rig, (struct rig_frame){ .word = FLOW_EGRESS }, 1, 2, HOST_IP(1), FAR_IP(1));
	rig_ipv4(&rig, (struct rig_frame){ .word = FLOW_INGRESS }, 2, 1, FAR_IP(1), HOST_IP(1));
	rig_arp(&rig, (struct rig_frame){ 0 }, 1, HOST_IP(1));
	capture_survey_finish(rig.survey);
	macs = entries_of(&rig, SURVEY_MACS, eth0, 2);
	assert_int_equal(macs[0].key.mac[5], 1);
	assert_int_equal(macs[0].counts[SURVEY_SENT], 2); /* group frames are left out */
	assert_int_equal(macs[0].counts[SURVEY_RECEIVED], 1);
	assert_int_equal(macs[0].counts[SURVEY_OUT], 2);
	assert_int_equal(macs[0].counts[SURVEY_IN], 1);
	assert_int_equal(macs[0].counts[SURVEY_BEHIND], 1);
	assert_int_equal(macs[1].counts[SURVEY_OUT] + macs[1].counts[SURVEY_IN], 0);
	addresses = entries_of(&rig, SURVEY_ADDRESSES, eth0, 2);
	assert_int_equal(addresses[0].key.mac[5], 1);
	assert_int_equal(addresses[0].counts[SURVEY_SENT], 2);
	assert_int_equal(addresses[0].counts[SURVEY_RECEIVED], 1);
	assert_int_equal(addresses[0].counts[SURVEY_CLAIMED], 1);
	assert_int_equal(addresses[1].counts[SURVEY_CLAIMED], 0);
	rig_free(&rig);
}

static void addresses_of_no_host_are_left_out(void **state)
{
	struct rig rig = rig_new();

	(void)state;
	rig_point(&rig, "eth0", true);
	rig_ipv4(&rig, (struct rig_frame){ 0 }, 1, 2, 0, 0xe0000001);     /* 0.0.0.0, 224.0.0.1 */
	rig_ipv4(&rig, (struct rig_frame){ 0 }, 1, 2, 0xffffffff, 0);     /* broadcast */
	rig_ipv4(&rig, (struct rig_frame){ 0 }, 1, 255, 0, HOST_IP(255)); /* the broadcast of a network */
	rig_arp(&rig, (struct rig_frame){ 0 }, 1, 0);                     /* a probe */
	capture_survey_finish(rig.survey);
	entries_of(&rig, SURVEY_ADDRESSES, 0, 0);
	rig_free(&rig);
}

static void frames_that_are_not_decoded_stand_apart(void **state)
{
	const struct capture_item frame = { .kind = CAPTURE_FRAME,
					    .link_type = 220,
					    .captured = 4,
					    .original = 8,
					    .bytes = (const uint8_t *)"usb",
					    .time_ns = 5 };
	struct rig rig = rig_new();

	(void)state;
	assert_int_equal(capture_survey_add(rig.survey, &frame, NULL), 0);
	assert_int_equal(capture_survey_add(rig.survey, &frame, NULL), 0);
	capture_survey_finish(rig.survey);
	assert_int_equal(capture_survey_undecoded(rig.survey)->frames, 2);
	assert_int_equal(capture_survey_undecoded(rig.survey)->bytes, 16);
	assert_int_equal(entries_of(&rig, SURVEY_LINKS, 0, 1)->key.number, 220);
	rig_free(&rig);
}

static void losses_are_added_up(void **state)
{
	struct rig rig = rig_new();
	uint32_t eth0 = rig_point(&rig, "eth0", true);
	struct capture_item loss = { .kind = CAPTURE_LOSS, .point = eth0, .lost = 3 };

	(void)state;
	assert_int_equal(capture_survey_add(rig.survey, &loss, NULL), 0);
	loss.lost = 4;
	assert_int_equal(capture_survey_add(rig.survey, &loss, NULL), 0);
	assert_int_equal(point_of(&rig, eth0)->lost, 7);
	rig_free(&rig);
}

/* A flood from made-up addresses neither grows without end nor hides who really talks. */
static void a_flood_hides_nobody(void **state)
{
	struct rig rig = rig_new();
	const struct capture_tally_entry *talks;
	size_t count;

	(void)state;
	rig_point(&rig, "eth0", true);
	for (uint32_t i = 0; i < 200000; i++) {
		rig_ipv4(&rig, (struct rig_frame){ 0 }, 1, 2, 0x0b000000 + i * 7, HOST_IP(2));
		if (i % 16 == 0)
			rig_ipv4(&rig, (struct rig_frame){ 0 }, 1, 2, FAR_IP(9), HOST_IP(2));
	}
	capture_survey_finish(rig.survey);
	talks = capture_survey_entries(rig.survey, SURVEY_TALKS, 0, &count);
	assert_true(count <= 65536);
	assert_true(capture_survey_forgotten(rig.survey, SURVEY_TALKS) >= 200001 - 65536);
	assert_int_equal(talks[0].counts[SURVEY_PACKETS], 12500);
	rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_are_counted_at_their_point),
		TEST(disorder_is_measured_against_the_frame_before),
		TEST(both_ways_of_a_talk_are_one),
		TEST(ends_are_counted_by_what_they_did),
		TEST(addresses_of_no_host_are_left_out),
		TEST(frames_that_are_not_decoded_stand_apart),
		TEST(losses_are_added_up),
		TEST(a_flood_hides_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
