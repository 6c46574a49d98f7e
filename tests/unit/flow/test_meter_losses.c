/* The meter: SKIPDATA, the bound of the flow table, and the account where interfaces differ. */
#include "flow/meter.h"

#include "meter_rig.h"

/* ---- SKIPDATA ---- */

static void test_losses_with_and_without_records(void **state)
{
	struct flow_observation packet = at(flow_of(1), 70);

	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	appear(1, "eth1");
	see(at(flow_of(1), 10));
	packet.lost = 3; /* in its own window, which it opens */
	see(packet);
	see(at(flow_of(1), 130));
	lose(1, 4); /* in the window of the frame before */
	see(at(flow_of(1), 190));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 10 10\n"
		       "eth1 NODATA 0 60\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 70 70\n"
		       "eth0 SKIPDATA 60 120\n"
		       "eth1 NODATA 60 120\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 130 130\n"
		       "eth1 SKIPDATA 120 180\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 190 190\n"
		       "eth1 NODATA 180 240\n--\n");
	assert_int_equal(account()->lost, 7);
	assert_int_equal(account()->records[FLOW_SKIPDATA], 2);
}

static void test_a_loss_before_the_first_frame(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	lose(0, 5);
	see(at(flow_of(1), 10));
	see(at(flow_of(1), 70));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 10 10\n"
		       "eth0 SKIPDATA 0 60\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 70 70\n--\n");
	assert_int_equal(account()->lost, 5);
}

static void test_a_loss_behind_the_last_frame(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(frame_of(FLOW_NON_IP), 10));
	lose(0, 5);
	finish();
	assert_written("eth0 SKIPDATA 0 60\n--\n");
}

/* Several losses of a window are one line, and whatever kind of frame tells of them. */
static void test_losses_of_a_window_are_one_line(void **state)
{
	struct flow_observation frame = at(frame_of(FLOW_MALFORMED), 10);

	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	frame.lost = 1;
	see(frame);
	see(frame);
	lose(0, 2);
	finish();
	assert_written("eth0 SKIPDATA 0 60\n--\n");
	assert_int_equal(account()->lost, 4);
}

static void test_a_loss_is_of_every_interface_of_the_point(void **state)
{
	(void)state;
	configure(interface_of("a", "eth0", 1, ""));
	configure(interface_of("other", "eth1", 3, ""));
	configure(interface_of("b", "eth0", 2, ""));
	start_with(usual_options());
	appear(0, "eth0");
	appear(1, "eth1");
	see(at(with_macs(flow_of(1), 2, 9), 10));
	lose(0, 1);
	finish();
	assert_written("a SKIPDATA 0 60\n"
		       "other NODATA 0 60\n"
		       "b 10.0.0.1 10.0.0.2 1 2000 17 1 100 10 10\n"
		       "b SKIPDATA 0 60\n--\n");
}

/* Unlike NODATA, a loss is told of earlier windows too. */
static void test_a_loss_in_a_window_of_the_past(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(flow_of(1), 600));
	see(at(frame_of(FLOW_NON_IP), 60));
	lose(0, 1);
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 600 600\n--\n"
		       "eth0 SKIPDATA 60 120\n--\n");
}

/* Of a link type that is not decoded: the point is never told of, and has no lines. */
static void test_a_loss_at_an_unknown_point(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(1, "eth1");
	see(at(flow_of(1), 10));
	lose(0, 1);
	lose(5, 1);
	finish();
	assert_written("eth1 NODATA 0 60\n--\n");
	assert_int_equal(account()->lost, 2);
	assert_int_equal(account()->unmatched, 1);
}

/* ---- the bound ---- */

static void test_a_full_table_is_flushed(void **state)
{
	struct flow_meter_options options = usual_options();

	(void)state;
	configure_a_b();
	options.max_flows = 3;
	start_with(options);
	appear(0, "eth0");
	see(at(with_macs(flow_of(1), 2, 9), 1)); /* b */
	see(at(with_macs(flow_of(2), 1, 9), 2)); /* a */
	see(at(with_macs(flow_of(1), 2, 9), 3)); /* b */
	see(at(with_macs(flow_of(3), 1, 9), 4)); /* a: full */
	see(at(with_macs(flow_of(2), 1, 9), 5)); /* known: enters */
	assert_written("");
	see(at(with_macs(flow_of(2), 2, 9), 6)); /* new: all records first */
	assert_written("a 10.0.0.1 10.0.0.2 2 2000 17 2 200 2 5\n"
		       "a 10.0.0.1 10.0.0.2 3 2000 17 1 100 4 4\n"
		       "b 10.0.0.1 10.0.0.2 1 2000 17 2 200 1 3\n"
		       "--\n");
	see(at(with_macs(flow_of(1), 2, 9), 7)); /* a second record of one key */
	finish();
	assert_written("a 10.0.0.1 10.0.0.2 2 2000 17 2 200 2 5\n"
		       "a 10.0.0.1 10.0.0.2 3 2000 17 1 100 4 4\n"
		       "b 10.0.0.1 10.0.0.2 1 2000 17 2 200 1 3\n"
		       "--\n"
		       "b 10.0.0.1 10.0.0.2 2 2000 17 1 100 6 6\n"
		       "b 10.0.0.1 10.0.0.2 1 2000 17 1 100 7 7\n"
		       "--\n"); /* a has no NODATA line: it had records */
	assert_int_equal(account()->flushes, 1);
	assert_int_equal(account()->windows, 1);
	assert_int_equal(account()->counted, 7);
}

/* Between the two interfaces of one frame. */
static void test_a_flush_inside_a_frame(void **state)
{
	struct flow_meter_options options = usual_options();

	(void)state;
	configure_a_b();
	options.max_flows = 1;
	start_with(options);
	appear(0, "eth0");
	see(at(with_macs(flow_of(1), 1, 2), 1));
	assert_written("a 10.0.0.1 10.0.0.2 1 2000 17 1 100 1 1\n--\n");
	finish();
	assert_written("a 10.0.0.1 10.0.0.2 1 2000 17 1 100 1 1\n--\n"
		       "b 10.0.0.1 10.0.0.2 1 2000 17 1 100 1 1\n--\n");
	assert_int_equal(account()->counted, 1);
}

/* A window that was flushed has its losses told once, at its end. */
static void test_a_flush_keeps_losses_for_the_end(void **state)
{
	struct flow_meter_options options = usual_options();

	(void)state;
	options.max_flows = 1;
	start_with(options);
	appear(0, "eth0");
	see(at(flow_of(1), 1));
	lose(0, 1);
	see(at(flow_of(2), 2));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 1 1\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 2 2000 17 1 100 2 2\n"
		       "eth0 SKIPDATA 0 60\n--\n");
}

static void start_skipping(uint64_t max_flows, bool exclude_aws)
{
	struct flow_meter_options options = usual_options();

	options.max_flows = max_flows;
	options.skip_when_full = true;
	options.exclude_aws = exclude_aws;
	start_with(options);
	appear(0, "eth0");
}

static void test_a_full_table_skips(void **state)
{
	(void)state;
	configure_a_b();
	start_skipping(1, false);
	see(at(with_macs(flow_of(1), 1, 9), 1));
	see(at(with_macs(flow_of(2), 1, 9), 2));  /* skipped on a */
	see(at(with_macs(flow_of(1), 1, 9), 3));  /* known: counted */
	see(at(with_macs(flow_of(2), 1, 9), 61)); /* the next window has room again */
	see(at(with_macs(flow_of(1), 2, 9), 62)); /* skipped on b */
	finish();
	assert_written("a 10.0.0.1 10.0.0.2 1 2000 17 2 200 1 3\n"
		       "a SKIPDATA 0 60\n"
		       "b NODATA 0 60\n--\n"
		       "a 10.0.0.1 10.0.0.2 2 2000 17 1 100 61 61\n"
		       "b SKIPDATA 60 120\n--\n");
	assert_int_equal(account()->counted, 3);
	assert_int_equal(account()->skipped, 2);
	assert_int_equal(account()->flushes, 0);
	assert_int_equal(account()->lost, 0);
}

/* Counted on one interface and skipped on the other: counted. Skipped on both: skipped. */
static void test_a_frame_skipped_on_one_interface(void **state)
{
	(void)state;
	configure_a_b();
	start_skipping(1, false);
	see(at(with_macs(flow_of(1), 1, 2), 1));
	assert_int_equal(account()->counted, 1);
	assert_int_equal(account()->skipped, 0);
	see(at(with_macs(flow_of(2), 1, 2), 2));
	assert_int_equal(account()->counted, 1);
	assert_int_equal(account()->skipped, 1);
	see(at(with_macs(flow_of(1), 2, 1), 3)); /* b new: skipped; a known: counted */
	assert_int_equal(account()->counted, 2);
	finish();
	assert_written("a 10.0.0.1 10.0.0.2 1 2000 17 2 200 1 3\n"
		       "a SKIPDATA 0 60\n"
		       "b SKIPDATA 0 60\n--\n");
}

/* A packet to the router of a's subnet; for b it is one like others. */
static struct flow_observation to_router(uint16_t source_port)
{
	struct flow_observation packet = with_macs(packet_of("10.0.0.9", "10.0.0.1"), 1, 2);

	packet.source_port = source_port;
	return packet;
}

static void configure_a_with_subnet(void)
{
	struct flow_interface a = interface_of("a", "eth0", 1, "");

	a.subnet_cidrs = malloc(sizeof(*a.subnet_cidrs));
	a.subnet_cidrs[0] = prefix_of("10.0.0.0/24");
	a.subnet_cidr_count = 1;
	configure(a);
	configure(interface_of("b", "eth0", 2, ""));
}

static void test_a_frame_excluded_on_one_interface(void **state)
{
	(void)state;
	configure_a_with_subnet();
	start_skipping(1, true);
	see(at(to_router(1), 1)); /* counted on b */
	assert_int_equal(account()->counted, 1);
	assert_int_equal(account()->excluded, 0);
	see(at(to_router(2), 2)); /* excluded on a, skipped on b */
	assert_int_equal(account()->excluded, 0);
	assert_int_equal(account()->skipped, 1);
	see(at(with_macs(to_router(1), 1, 9), 3)); /* of a alone */
	assert_int_equal(account()->excluded, 1);
	assert_int_equal(account()->excluded_as[FLOW_EXCLUDED_ROUTER], 1);
	finish();
	assert_written("a NODATA 0 60\n"
		       "b 10.0.0.9 10.0.0.1 1 2000 17 1 100 1 1\n"
		       "b SKIPDATA 0 60\n--\n");
}

static void test_exclude_none(void **state)
{
	(void)state;
	configure_a_with_subnet();
	start_skipping(10, false);
	see(at(with_macs(to_router(1), 1, 9), 3));
	assert_int_equal(account()->excluded, 0);
	assert_int_equal(account()->counted, 1);
}

/* An exclusion is told of the packet itself, whatever the interface's own address makes of it. */
static void test_exclusion_by_the_packet_addresses(void **state)
{
	struct flow_meter_options options = usual_options();

	(void)state;
	options.exclude_aws = true;
	configure(interface_of("web", "eth0", 0, "10.0.0.1"));
	start_with(options);
	appear(0, "eth0");
	see(at(with_word(packet_of("10.0.0.9", "169.254.169.254"), FLOW_INGRESS), 1));
	assert_int_equal(account()->excluded_as[FLOW_EXCLUDED_METADATA], 1);
	finish();
	assert_written("web NODATA 0 60\n--\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_losses_with_and_without_records),
		RIGGED(test_a_loss_before_the_first_frame),
		RIGGED(test_a_loss_behind_the_last_frame),
		RIGGED(test_losses_of_a_window_are_one_line),
		RIGGED(test_a_loss_is_of_every_interface_of_the_point),
		RIGGED(test_a_loss_in_a_window_of_the_past),
		RIGGED(test_a_loss_at_an_unknown_point),
		RIGGED(test_a_full_table_is_flushed),
		RIGGED(test_a_flush_inside_a_frame),
		RIGGED(test_a_flush_keeps_losses_for_the_end),
		RIGGED(test_a_full_table_skips),
		RIGGED(test_a_frame_skipped_on_one_interface),
		RIGGED(test_a_frame_excluded_on_one_interface),
		RIGGED(test_exclude_none),
		RIGGED(test_exclusion_by_the_packet_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
