/* Frames on their way into the meter: a key for each interface that sees a packet, and none for what is no packet. */
#include "flow/stage.h"

#include "fixture.h"

enum { SEED = 1 };

static const struct flow_window no_window;

struct rig {
	struct flow_interfaces *interfaces;
	struct flow_stage stage;
};

/* Point 0, with an interface 10.0.0.1 (secondary 10.0.0.2) and one 10.0.0.9. */
static void rig_init(struct rig *rig, bool exclude_aws, unsigned shown)
{
	const struct flow_point point = { .number = 0, .name = "", .named = false };
	struct flow_interface defaults = { 0 };
	struct flow_interface one = interface_of("one", NULL, 0, "10.0.0.1 10.0.0.2");
	struct flow_interface nine = interface_of("nine", NULL, 0, "10.0.0.9");

	*rig = (struct rig){ 0 };
	assert_int_equal(flow_interfaces_new(&rig->interfaces, &defaults, NULL), 0);
	assert_int_equal(flow_interfaces_add(rig->interfaces, &one, NULL), 0);
	assert_int_equal(flow_interfaces_add(rig->interfaces, &nine, NULL), 0);
	assert_int_equal(flow_interfaces_bind(rig->interfaces, &point, NULL), 0);
	flow_stage_init(&rig->stage, rig->interfaces,
			&(struct flow_stage_options){ exclude_aws, shown, .wide = true, .seed = SEED });
}

static void rig_finish(struct rig *rig)
{
	flow_stage_finish(&rig->stage);
	flow_interfaces_free(rig->interfaces);
}

static void assert_address(const struct flow_address *address, const char *expected)
{
	struct flow_address want = address_of(expected);

	assert_memory_equal(address, &want, sizeof(want));
}

static void one_key_an_interface(void **state)
{
	const struct flow_observation frames[] = {
		packet_of("10.0.0.2", "10.0.0.9"),
		{ .kind = FLOW_NON_IP, .packets = 1 },
		packet_of("1.1.1.1", "2.2.2.2"),
		packet_of("10.0.0.9", "2.2.2.2"),
	};
	const struct flow_staged *staged;
	struct rig rig;

	(void)state;
	rig_init(&rig, false, FLOW_SHOWS_PACKET_SOURCE | FLOW_SHOWS_DIRECTION);
	assert_int_equal(flow_stage_frames(&rig.stage, &no_window, frames, 4, NULL), 4);
	assert_int_equal(rig.stage.count, 3);
	staged = rig.stage.staged;

	assert_int_equal(staged[0].frame, 0);
	assert_int_equal(staged[0].key.interface, 0);
	assert_int_equal(staged[0].key.direction, FLOW_EGRESS);
	assert_address(&staged[0].key.source, "10.0.0.1"); /* the primary one */
	assert_address(&staged[0].key.packet_source, "10.0.0.2");
	assert_address(&staged[0].key.packet_destination, "0.0.0.0"); /* not shown */
	assert_int_equal(staged[1].frame, 0);
	assert_int_equal(staged[1].key.interface, 1);
	assert_int_equal(staged[1].key.direction, FLOW_INGRESS);
	assert_address(&staged[1].key.source, "10.0.0.2");
	assert_int_equal(staged[2].frame, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(staged[i].hash == flow_key_hash(&staged[i].key, true, SEED));
	rig_finish(&rig);
}

static void what_is_not_shown_is_not_in_the_key(void **state)
{
	struct flow_observation packet = packet_of("10.0.0.1", "1.1.1.1");
	struct rig rig;

	(void)state;
	rig_init(&rig, false, 0);
	assert_int_equal(flow_stage_frames(&rig.stage, &no_window, &packet, 1, NULL), 1);
	assert_int_equal(rig.stage.staged[0].key.direction, FLOW_UNKNOWN);
	assert_address(&rig.stage.staged[0].key.packet_source, "0.0.0.0");
	rig_finish(&rig);
}

static void exclusions_are_judged_where_they_are_wanted(void **state)
{
	struct flow_observation packet = packet_of("10.0.0.1", "169.254.169.254");

	(void)state;
	for (int wanted = 0; wanted < 2; wanted++) {
		struct rig rig;

		rig_init(&rig, wanted, 0);
		assert_int_equal(flow_stage_frames(&rig.stage, &no_window, &packet, 1, NULL), 1);
		assert_int_equal(rig.stage.staged[0].excluded, wanted ? FLOW_EXCLUDED_METADATA : FLOW_NOT_EXCLUDED);
		rig_finish(&rig);
	}
}

static void takes_so_many_and_stops_before_what_is_no_frame(void **state)
{
	struct flow_observation items[FLOW_STAGE_FRAMES + 1];
	struct rig rig;

	(void)state;
	for (size_t i = 0; i <= FLOW_STAGE_FRAMES; i++)
		items[i] = (struct flow_observation){ .kind = FLOW_NON_IP, .packets = 1 };
	rig_init(&rig, false, 0);
	assert_int_equal(flow_stage_frames(&rig.stage, &no_window, items, FLOW_STAGE_FRAMES + 1, NULL),
			 FLOW_STAGE_FRAMES);
	items[3].kind = FLOW_LOSS;
	assert_int_equal(flow_stage_frames(&rig.stage, &no_window, items, 10, NULL), 3);
	items[0].kind = FLOW_POINT;
	assert_int_equal(flow_stage_frames(&rig.stage, &no_window, items, 10, NULL), 0);
	rig_finish(&rig);
}

/* A frame for a group is on many interfaces: they must not pile up. */
static void takes_fewer_frames_that_many_see(void **state)
{
	enum { INTERFACES = 1000 };
	const struct flow_point point = { .number = 0, .name = "", .named = false };
	struct flow_interface defaults = { 0 };
	struct flow_observation items[FLOW_STAGE_FRAMES];
	struct flow_stage stage = { 0 };
	struct flow_interfaces *interfaces;
	int taken;

	(void)state;
	assert_int_equal(flow_interfaces_new(&interfaces, &defaults, NULL), 0);
	for (size_t i = 0; i < INTERFACES; i++) {
		struct flow_interface interface = interface_of("each", NULL, 1, "");

		assert_int_equal(flow_interfaces_add(interfaces, &interface, NULL), 0);
	}
	assert_int_equal(flow_interfaces_bind(interfaces, &point, NULL), 0);
	for (size_t i = 0; i < FLOW_STAGE_FRAMES; i++) {
		items[i] = packet_of("10.0.0.1", "224.0.0.1");
		items[i].has_macs = items[i].group = true;
	}
	flow_stage_init(&stage, interfaces, &(struct flow_stage_options){ .seed = SEED });
	taken = flow_stage_frames(&stage, &no_window, items, FLOW_STAGE_FRAMES, NULL);
	assert_in_range(taken, 1, FLOW_STAGE_FRAMES - 1);
	assert_int_equal(stage.count, (size_t)taken * INTERFACES);
	flow_stage_finish(&stage);
	flow_interfaces_free(interfaces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_key_an_interface),
		TEST(what_is_not_shown_is_not_in_the_key),
		TEST(exclusions_are_judged_where_they_are_wanted),
		TEST(takes_so_many_and_stops_before_what_is_no_frame),
		TEST(takes_fewer_frames_that_many_see),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
