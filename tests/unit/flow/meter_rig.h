/* tests/unit/flow/meter_rig.h - a meter with all that stands around it (interfaces, a sink and notices that keep what
 * they are given), made anew for each test, and the steps that the tests are made of. */
#ifndef ENIFLOW_TESTS_UNIT_FLOW_METER_RIG_H
#define ENIFLOW_TESTS_UNIT_FLOW_METER_RIG_H

#include "fixture.h"
#include "flow/meter.h"

#define SECOND INT64_C(1000000000)

static struct rig {
	struct flow_interfaces *interfaces;
	struct flow_meter *meter;
	struct flow_point points[8];
	struct sink_log log;
	struct notices notices;
	unsigned told; /* notices */
	struct error err;
} rig;

static inline int set_up(void **state)
{
	struct flow_interface defaults = { 0 };

	(void)state;
	memset(&rig, 0, sizeof(rig));
	log_open(&rig.log);
	return flow_interfaces_new(&rig.interfaces, &defaults, NULL);
}

static inline int tear_down(void **state)
{
	(void)state;
	flow_meter_free(rig.meter);
	flow_interfaces_free(rig.interfaces);
	log_close(&rig.log);
	return 0;
}

#define RIGGED(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

/* In the middle of a test: all anew. */
static inline void start_over(void)
{
	tear_down(NULL);
	set_up(NULL);
}

/* What most tests want: windows of 60 s, no bound that matters, nothing excluded. */
static inline struct flow_meter_options usual_options(void)
{
	return (struct flow_meter_options){ .interval = 60, .max_flows = 1000, .seed = 42 };
}

static inline void configure(struct flow_interface interface)
{
	assert_int_equal(flow_interfaces_add(rig.interfaces, &interface, NULL), 0);
}

/* Two interfaces of one device, told apart by their MACs. */
static inline void configure_a_b(void)
{
	configure(interface_of("a", "eth0", 1, ""));
	configure(interface_of("b", "eth0", 2, ""));
}

static inline void count_notice(void *ctx, const char *sentence)
{
	unsigned *told = ctx;

	assert_true(strlen(sentence) > 20);
	++*told;
}

/* After all that is configured, before the first observation. */
static inline void start_with(struct flow_meter_options options)
{
	struct flow_sink sink = { log_record, log_window_end, &rig.log };

	rig.notices = (struct notices){ count_notice, &rig.told };
	assert_int_equal(flow_meter_new(&rig.meter, &options, rig.interfaces, &sink, &rig.notices, &rig.err), 0);
}

static inline const struct flow_account *account(void)
{
	return flow_meter_account(rig.meter);
}

/* Frames is the sum of the nine below it, and `excluded` that of its parts. */
static inline void assert_account_holds(void)
{
	const struct flow_account *a = account();
	uint64_t excluded = 0;

	for (size_t i = 0; i < FLOW_EXCLUSION_END; i++)
		excluded += a->excluded_as[i];
	assert_true(a->excluded == excluded);
	assert_true(a->frames == a->counted + a->filtered + a->excluded + a->non_ip + a->truncated + a->malformed +
					 a->unmatched + a->unsupported + a->skipped);
}

static inline int add_item(struct flow_observation item)
{
	return flow_meter_add(rig.meter, &item, 1, &rig.err);
}

static inline void see(struct flow_observation item)
{
	assert_int_equal(add_item(item), 0);
	assert_account_holds();
}

/* A capture point with a real name appears. */
static inline void appear(uint32_t number, const char *name)
{
	rig.points[number] = (struct flow_point){ .number = number, .name = name, .named = true };
	see((struct flow_observation){ .kind = FLOW_POINT, .appeared = &rig.points[number] });
}

static inline struct flow_observation at_ns(struct flow_observation packet, int64_t time_ns)
{
	packet.first_ns = packet.last_ns = time_ns;
	return packet;
}

static inline struct flow_observation at(struct flow_observation packet, int64_t seconds)
{
	return at_ns(packet, seconds * SECOND);
}

static inline struct flow_observation on(struct flow_observation packet, uint32_t point)
{
	packet.point = point;
	return packet;
}

/* A packet from 10.0.0.1 to 10.0.0.2 whose source port tells its flow. */
static inline struct flow_observation flow_of(uint16_t source_port)
{
	struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.2");

	packet.source_port = source_port;
	return packet;
}

static inline struct flow_observation frame_of(enum flow_kind kind)
{
	return (struct flow_observation){ .kind = (uint8_t)kind, .packets = 1 };
}

static inline void lose(uint32_t point, uint64_t lost)
{
	see((struct flow_observation){ .kind = FLOW_LOSS, .point = point, .lost = lost });
}

static inline void finish(void)
{
	assert_int_equal(flow_meter_finish(rig.meter, &rig.err), 0);
	assert_account_holds();
}

static inline void assert_written(const char *expected)
{
	assert_string_equal(log_text(&rig.log), expected);
}

#endif
