/* The meter behind a live source: time that passes without frames, capture points that come and go, clocks that are
 * set, addresses that change, and verdicts. */
#include "flow/meter.h"

#include "meter_rig.h"

static void now_ns(int64_t time_ns)
{
	see((struct flow_observation){ .kind = FLOW_TIME, .first_ns = time_ns });
}

static void now(int64_t seconds)
{
	now_ns(seconds * SECOND);
}

static void watch_ns(uint32_t number, const char *name, int64_t since_ns)
{
	rig.points[number] = (struct flow_point){ .number = number, .name = name, .named = true };
	see((struct flow_observation){ .kind = FLOW_POINT, .appeared = &rig.points[number], .first_ns = since_ns });
}

static void watch(uint32_t number, const char *name, int64_t since)
{
	watch_ns(number, name, since * SECOND);
}

static void gone(uint32_t number, int64_t until)
{
	see((struct flow_observation){ .kind = FLOW_GONE, .point = number, .first_ns = until * SECOND });
}

/* ---- time ---- */

static void test_an_idle_device(void **state)
{
	(void)state;
	start_with(usual_options());
	watch_ns(0, "eth0", 131 * SECOND - 1);
	now(131);
	now(179);
	assert_written("");
	now(180);
	assert_written("eth0 NODATA 130 180\n--\n");
	now(240);
	now(300);
	now(310);
	gone(0, 310);
	finish();
	assert_written("eth0 NODATA 130 180\n--\n"
		       "eth0 NODATA 180 240\n--\n"
		       "eth0 NODATA 240 300\n--\n"
		       "eth0 NODATA 300 310\n--\n");
	assert_int_equal(account()->frames, 0);
	assert_true(account()->first_ns == 0);
	assert_true(account()->last_ns == 0);
	assert_int_equal(account()->windows, 4);
	assert_int_equal(rig.told, 0);
}

static void test_time_is_no_frame(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 100);
	now(100);
	see(at(flow_of(1), 130));
	see(at(flow_of(1), 110)); /* late */
	now(200);
	finish();
	assert_written("eth0 NODATA 100 120\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 2 200 120 130\n--\n"
		       "eth0 NODATA 180 240\n--\n");
	assert_int_equal(account()->frames, 2);
	assert_int_equal(account()->late, 1);
	assert_true(account()->first_ns == 110 * SECOND);
	assert_true(account()->last_ns == 130 * SECOND);
}

/* What is told in one call is taken in its order. */
static void test_events_inside_a_batch(void **state)
{
	const struct flow_point point = { .number = 0, .name = "eth0", .named = true };
	const struct flow_observation items[] = {
		{ .kind = FLOW_POINT, .appeared = &point, .first_ns = 5 * SECOND },
		at(flow_of(1), 10),
		{ .kind = FLOW_TIME, .first_ns = 60 * SECOND },
		at(flow_of(1), 70),
		{ .kind = FLOW_LOSS, .lost = 3 },
		{ .kind = FLOW_GONE, .first_ns = 80 * SECOND },
		{ .kind = FLOW_TIME, .first_ns = 200 * SECOND },
	};

	(void)state;
	start_with(usual_options());
	assert_int_equal(flow_meter_add(rig.meter, items, 7, &rig.err), 0);
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 10 10\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 70 70\n"
		       "eth0 SKIPDATA 60 80\n--\n"
		       "--\n"
		       "--\n");
	assert_int_equal(account()->frames, 2);
	assert_int_equal(account()->lost, 3);
}

static void test_the_longest_gap_of_time_alone(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 0);
	now(0);
	now(INT64_C(60) * 1440);
	assert_int_equal(account()->records[FLOW_NODATA], 1440);
	assert_int_equal(rig.told, 0);
	now_ns(INT64_C(60) * 2880 * SECOND + 1);
	finish();
	assert_int_equal(account()->records[FLOW_NODATA], 1442);
	assert_int_equal(account()->windows, 1442);
	assert_int_equal(rig.told, 1);
}

/* ---- devices that come and go ---- */

static void test_a_device_goes(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 0);
	watch(1, "eth1", 0);
	now(10);
	gone(1, 45);
	gone(1, 50); /* it is gone already */
	gone(7, 50); /* never told of */
	now(60);
	now(120);
	finish();
	assert_written("eth0 NODATA 0 60\neth1 NODATA 0 45\n--\n"
		       "eth0 NODATA 60 120\n--\n"
		       "eth0 NODATA 120 180\n--\n");
}

static void test_a_device_comes_back_later(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 20);
	now(20);
	gone(0, 70); /* the window ends before */
	now(250);
	watch(0, "eth0", 250);
	now(310);
	finish();
	assert_written("eth0 NODATA 20 60\n--\n"
		       "eth0 NODATA 60 70\n--\n"
		       "--\n"
		       "--\n"
		       "eth0 NODATA 250 300\n--\n"
		       "eth0 NODATA 300 360\n--\n");
}

static void test_gone_and_back_in_one_window(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 5);
	now(5);
	gone(0, 10);
	watch(0, "eth0", 30);
	gone(0, 40);
	watch(0, "eth0", 50);
	gone(0, 55);
	now(60);
	finish();
	assert_written("eth0 NODATA 5 55\n--\n"
		       "--\n");
}

/* It appears after the window in which it is told of. */
static void test_since_a_later_window(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 0);
	now(10);
	watch(1, "eth1", 130);
	now(200);
	finish();
	assert_written("eth0 NODATA 0 60\n--\n"
		       "eth0 NODATA 60 120\n--\n"
		       "eth0 NODATA 120 180\neth1 NODATA 130 180\n--\n"
		       "eth0 NODATA 180 240\neth1 NODATA 180 240\n--\n");
}

static void test_an_interface_of_several_points(void **state)
{
	struct flow_interface interface = interface_of("web", NULL, 1, "");

	(void)state;
	interface.anywhere = true;
	configure(interface);
	start_with(usual_options());
	watch(0, "eth0", 10);
	watch(1, "eth1", 5);
	now(10);
	gone(0, 20);
	now(60);
	gone(1, 70);
	now(120);
	watch(0, "eth0", 150);
	now(180);
	finish();
	assert_written("web NODATA 5 60\n--\n"
		       "web NODATA 60 70\n--\n"
		       "web NODATA 150 180\n--\n"
		       "web NODATA 180 240\n--\n");
}

/* Two interfaces of one device go with it; the one with a record has no other line. */
static void test_several_interfaces_of_a_point(void **state)
{
	(void)state;
	configure_a_b();
	start_with(usual_options());
	watch(0, "eth0", 10);
	now(10);
	see(at(with_macs(flow_of(1), 1, 9), 15));
	gone(0, 20);
	now(60);
	finish();
	assert_written("a 10.0.0.1 10.0.0.2 1 2000 17 1 100 15 15\n"
		       "b NODATA 10 20\n--\n"
		       "--\n");
}

static void test_losses_are_cut(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 130);
	now(130);
	lose(0, 4);
	now(180);
	lose(0, 1);
	see(at(flow_of(1), 190));
	gone(0, 200);
	now(240);
	lose(0, 1); /* told late: no time of the window was watched */
	finish();
	assert_written("eth0 SKIPDATA 130 180\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 190 190\n"
		       "eth0 SKIPDATA 180 200\n--\n"
		       "eth0 SKIPDATA 240 240\n--\n");
	assert_int_equal(account()->lost, 6);
}

static void test_finish_after_all_are_gone(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 0);
	watch(1, "eth1", 0);
	now(0);
	see(at(flow_of(1), 30));
	now(59);
	gone(0, 59);
	gone(1, 59);
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 30 30\n"
		       "eth1 NODATA 0 59\n--\n");
}

static void test_gone_before_any_window(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 10);
	gone(0, 11);
	finish();
	assert_written("");
}

/* ---- clocks that are set ---- */

/* All points go at the old time, and are back at the new one. */
static void set_clock(int64_t from, int64_t to)
{
	now(from);
	gone(0, from);
	now(to);
	watch(0, "eth0", to);
}

static void test_suspended(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 0);
	now(0);
	set_clock(30, 250);
	now(300);
	finish();
	assert_written("eth0 NODATA 0 30\n--\n"
		       "--\n--\n--\n"
		       "eth0 NODATA 250 300\n--\n"
		       "eth0 NODATA 300 360\n--\n");
	assert_int_equal(rig.told, 0);
}

static void test_suspended_for_days(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 0);
	now(0);
	set_clock(30, 200030);
	now(200040);
	finish();
	assert_written("eth0 NODATA 0 30\n--\n"
		       "eth0 NODATA 200030 200040\n--\n"
		       "eth0 NODATA 200040 200100\n--\n");
	assert_int_equal(rig.told, 1);
}

static void test_stepped_forward_inside_a_window(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 5);
	now(5);
	set_clock(20, 50);
	now(60);
	gone(0, 60);
	finish();
	assert_written("eth0 NODATA 5 60\n--\n"
		       "--\n");
}

/* By less than an interval, also into the window before: the window stays open, and what comes is late. */
static void test_stepped_back_a_little(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 0);
	watch(1, "eth1", 125);
	now(130);
	gone(1, 130);
	set_clock(130, 118);
	watch(1, "eth1", 118);
	see(at(flow_of(1), 119));
	now(180);
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 120 120\n"
		       "eth1 NODATA 120 180\n--\n"
		       "eth0 NODATA 180 240\neth1 NODATA 180 240\n--\n");
	assert_int_equal(account()->late, 1);
	assert_int_equal(rig.told, 0);
}

static void test_gone_by_a_clock_that_went_back(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 150);
	watch(1, "eth1", 125);
	now(150);
	gone(0, 130);
	gone(1, 110);
	now(180);
	finish();
	assert_written("eth0 NODATA 150 150\n--\n"
		       "--\n");
}

/* By more: an earlier window is opened. What was written once, by whatever clock, is not written again. */
static void test_stepped_back_by_far(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 600);
	now(600);
	set_clock(630, 480);
	see(at(flow_of(1), 490));
	now(540);
	now(600);
	now(660);
	now(720);
	finish();
	assert_written("eth0 NODATA 600 630\n--\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 490 490\n--\n"
		       "--\n"
		       "--\n"
		       "eth0 NODATA 660 720\n--\n"
		       "eth0 NODATA 720 780\n--\n");
	assert_int_equal(account()->late, 0);
	assert_int_equal(rig.told, 1);
}

/* ---- addresses ---- */

static void addresses(uint32_t number, const char *name, const struct flow_host *hosts, size_t count)
{
	rig.points[number] = (struct flow_point){
		.number = number, .name = name, .named = true, .addresses = hosts, .address_count = count
	};
	see((struct flow_observation){ .kind = FLOW_POINT, .appeared = &rig.points[number] });
}

/* They count from where they are told on, also inside a window; the point is watched since it first was. */
static void test_addresses_of_a_device(void **state)
{
	struct flow_host first[] = { host_of("192.0.2.1"), host_of("192.0.2.2"), host_of("2001:db8::1"),
				     host_of("2001:db8::2") };
	struct flow_host second[] = { host_of("192.0.2.9") };
	struct flow_observation in = with_word(packet_of("198.51.100.1", "192.0.2.2"), FLOW_INGRESS);
	struct flow_observation in6 = with_word(packet_of("2001:db8:f::1", "2001:db8::2"), FLOW_INGRESS);
	struct flow_observation nat6 = with_word(packet_of("2001:db8:a::1", "2001:db8:f::1"), FLOW_EGRESS);

	(void)state;
	start_with(usual_options());
	addresses(0, "eth0", first, 4);
	now(10);
	see(at(in, 10));
	see(at(in6, 10));
	see(at(nat6, 11));
	addresses(0, "eth0", second, 1);
	see(at(in, 12));
	see(at(in6, 12)); /* no IPv6 address is known */
	addresses(0, "eth0", NULL, 0);
	see(at(in, 13));
	see(at(with_word(in, FLOW_UNKNOWN), 14));
	gone(0, 15);
	finish();
	assert_written("eth0 198.51.100.1 192.0.2.1 1000 2000 17 1 100 10 10\n"
		       "eth0 2001:db8:f::1 2001:db8::2 1000 2000 17 2 200 10 12\n"
		       "eth0 2001:db8::1 2001:db8:f::1 1000 2000 17 1 100 11 11\n"
		       "eth0 198.51.100.1 192.0.2.9 1000 2000 17 1 100 12 12\n"
		       "eth0 198.51.100.1 192.0.2.2 1000 2000 17 2 200 13 14\n--\n");
}

/* ---- verdicts ---- */

static struct flow_observation with_verdict(struct flow_observation packet, enum flow_action verdict)
{
	packet.verdict = (uint8_t)verdict;
	return packet;
}

static void test_verdicts_part_flows(void **state)
{
	(void)state;
	start_with(usual_options());
	watch(0, "eth0", 0);
	see(at(with_verdict(flow_of(1), FLOW_ACCEPT), 1));
	see(at(with_verdict(flow_of(1), FLOW_REJECT), 2));
	see(at(with_verdict(flow_of(1), FLOW_REJECT), 3));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 1 1\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 2 200 2 3 REJECT\n--\n");
}

/* A group that allows UDP from one host alone: what either rejects is rejected. */
static void test_verdicts_and_a_policy(void **state)
{
	struct flow_prefix allowed = prefix_of("10.0.0.1/32");
	struct flow_rule rule = { .allow = true,
				  .protocol = 17,
				  .port_to = UINT16_MAX,
				  .icmp_type = FLOW_RULE_ANY,
				  .icmp_code = FLOW_RULE_ANY,
				  .peers = &allowed,
				  .peer_count = 1 };
	struct flow_security_group group = { .name = (char *)"web",
					     .ingress = { .items = &rule, .count = 1 },
					     .limits_egress = true };
	struct flow_interface interface = interface_of("eth0", NULL, 0, "");
	const struct flow_interface *numbered[1];
	struct flow_policy_options policy = {
		.groups = &group, .group_count = 1, .interface_count = 1, .connections = { .seed = 7 }
	};
	struct flow_meter_options options = usual_options();
	struct flow_observation from_1 = with_word(packet_of("10.0.0.1", "10.0.0.9"), FLOW_INGRESS);
	struct flow_observation from_2 = with_word(packet_of("10.0.0.2", "10.0.0.9"), FLOW_INGRESS);

	(void)state;
	give_policies(&interface, "web", NULL);
	configure(interface);
	numbered[0] = flow_interfaces_at(rig.interfaces, 0);
	policy.interfaces = numbered;
	assert_int_equal(flow_policy_new(&options.policy, &policy, &rig.err), 0);
	start_with(options);
	watch(0, "eth0", 0);
	see(at(with_verdict(from_1, FLOW_ACCEPT), 1));
	see(at(with_verdict(from_1, FLOW_REJECT), 2));
	see(at(with_verdict(from_2, FLOW_ACCEPT), 3));
	see(at(with_verdict(from_2, FLOW_REJECT), 4));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.9 1000 2000 17 1 100 1 1\n"
		       "eth0 10.0.0.1 10.0.0.9 1000 2000 17 1 100 2 2 REJECT\n"
		       "eth0 10.0.0.2 10.0.0.9 1000 2000 17 2 200 3 4 REJECT\n--\n");
	flow_policy_free(options.policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_an_idle_device),
		RIGGED(test_time_is_no_frame),
		RIGGED(test_events_inside_a_batch),
		RIGGED(test_the_longest_gap_of_time_alone),
		RIGGED(test_a_device_goes),
		RIGGED(test_a_device_comes_back_later),
		RIGGED(test_gone_and_back_in_one_window),
		RIGGED(test_since_a_later_window),
		RIGGED(test_an_interface_of_several_points),
		RIGGED(test_several_interfaces_of_a_point),
		RIGGED(test_losses_are_cut),
		RIGGED(test_finish_after_all_are_gone),
		RIGGED(test_gone_before_any_window),
		RIGGED(test_suspended),
		RIGGED(test_suspended_for_days),
		RIGGED(test_stepped_forward_inside_a_window),
		RIGGED(test_stepped_back_a_little),
		RIGGED(test_gone_by_a_clock_that_went_back),
		RIGGED(test_stepped_back_by_far),
		RIGGED(test_addresses_of_a_device),
		RIGGED(test_verdicts_part_flows),
		RIGGED(test_verdicts_and_a_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
