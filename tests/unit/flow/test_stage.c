/* Frames on their way into the meter: a key for each interface that sees a packet, and none for what is no packet. */
#include "flow/stage.h"

#include "fixture.h"

struct rig {
	struct flow_interfaces *interfaces;
	struct flow_table *table;
	struct flow_stage stage;
};

/* Point 0, with an interface 10.0.0.1 (secondary 10.0.0.2) and one 10.0.0.9. */
static void rig_init(struct rig *rig, bool exclude_aws, unsigned shown)
{
	const struct flow_point point = { 0, "", false };
	struct flow_interface defaults = { 0 };
	struct flow_interface one = interface_of("one", NULL, 0, "10.0.0.1 10.0.0.2");
	struct flow_interface nine = interface_of("nine", NULL, 0, "10.0.0.9");

	*rig = (struct rig){ 0 };
	assert_int_equal(flow_interfaces_new(&rig->interfaces, &defaults, NULL), 0);
	assert_int_equal(flow_interfaces_add(rig->interfaces, &one, NULL), 0);
	assert_int_equal(flow_interfaces_add(rig->interfaces, &nine, NULL), 0);
	assert_int_equal(flow_interfaces_bind(rig->interfaces, &point, NULL), 0);
	assert_int_equal(flow_table_new(&rig->table, 16, true, 1, NULL), 0);
	flow_stage_init(&rig->stage, rig->interfaces, rig->table, exclude_aws, shown);
}

static void rig_finish(struct rig *rig)
{
	flow_stage_finish(&rig->stage);
	flow_table_free(rig->table);
	flow_interfaces_free(rig->interfaces);
}

static void assert_address(const struct flow_address *address, const char *expected)
{
	struct flow_address want = address_of(expected);

	assert_memory_equal(address, &want, sizeof(want));
}

static void one_key_an_interface(void **state)
{
	struct flow_observation between = packet_of("10.0.0.2", "10.0.0.9"), stranger = packet_of("1.1.1.1", "2.2.2.2");
	struct flow_observation arp = { .kind = FLOW_NON_IP, .packets = 1 };
	struct rig rig;

	(void)state;
	rig_init(&rig, false, FLOW_SHOWS_PACKET_SOURCE | FLOW_SHOWS_DIRECTION);
	assert_int_equal(flow_stage_add(&rig.stage, &between, NULL), 0);
	assert_int_equal(flow_stage_add(&rig.stage, &arp, NULL), 0);
	assert_int_equal(flow_stage_add(&rig.stage, &stranger, NULL), 0);
	assert_int_equal(rig.stage.frame_count, 3);
	assert_ptr_equal(rig.stage.frames[0].observation, &between);
	assert_int_equal(rig.stage.frames[0].count, 2);
	assert_int_equal(rig.stage.frames[1].count, 0);
	assert_int_equal(rig.stage.frames[2].count, 0);

	assert_int_equal(rig.stage.staged[0].key.interface, 0);
	assert_int_equal(rig.stage.staged[0].key.direction, FLOW_EGRESS);
	assert_address(&rig.stage.staged[0].key.source, "10.0.0.1"); /* the primary one */
	assert_address(&rig.stage.staged[0].packet.source, "10.0.0.2");
	assert_address(&rig.stage.staged[0].packet.destination, "0.0.0.0"); /* not shown */
	assert_int_equal(rig.stage.staged[1].key.interface, 1);
	assert_int_equal(rig.stage.staged[1].key.direction, FLOW_INGRESS);
	assert_address(&rig.stage.staged[1].key.source, "10.0.0.2");
	assert_int_equal(rig.stage.staged[1].hash,
			 flow_table_hash(rig.table, &rig.stage.staged[1].key, &rig.stage.staged[1].packet));
	flow_stage_clear(&rig.stage);
	assert_int_equal(rig.stage.frame_count + rig.stage.staged_count, 0);
	rig_finish(&rig);
}

static void what_is_not_shown_is_not_in_the_key(void **state)
{
	struct flow_observation packet = packet_of("10.0.0.1", "1.1.1.1");
	struct rig rig;

	(void)state;
	rig_init(&rig, false, 0);
	assert_int_equal(flow_stage_add(&rig.stage, &packet, NULL), 0);
	assert_int_equal(rig.stage.staged[0].key.direction, FLOW_UNKNOWN);
	assert_address(&rig.stage.staged[0].packet.source, "0.0.0.0");
	rig_finish(&rig);
}

static void exclusions_are_judged_where_they_are_wanted(void **state)
{
	struct flow_observation packet = packet_of("10.0.0.1", "169.254.169.254");

	(void)state;
	for (int wanted = 0; wanted < 2; wanted++) {
		struct rig rig;

		rig_init(&rig, wanted, 0);
		assert_int_equal(flow_stage_add(&rig.stage, &packet, NULL), 0);
		assert_int_equal(rig.stage.staged[0].excluded, wanted ? FLOW_EXCLUDED_METADATA : FLOW_NOT_EXCLUDED);
		rig_finish(&rig);
	}
}

static void is_full_at_last(void **state)
{
	struct flow_observation arp = { .kind = FLOW_NON_IP, .packets = 1 };
	struct rig rig;

	(void)state;
	rig_init(&rig, false, 0);
	for (int i = 0; i < FLOW_STAGE_FRAMES; i++) {
		assert_false(flow_stage_is_full(&rig.stage));
		assert_int_equal(flow_stage_add(&rig.stage, &arp, NULL), 0);
	}
	assert_true(flow_stage_is_full(&rig.stage));
	flow_stage_clear(&rig.stage);
	assert_false(flow_stage_is_full(&rig.stage));
	rig_finish(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_key_an_interface),
		TEST(what_is_not_shown_is_not_in_the_key),
		TEST(exclusions_are_judged_where_they_are_wanted),
		TEST(is_full_at_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
