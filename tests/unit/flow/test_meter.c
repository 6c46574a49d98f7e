/* The meter: the key, the sums, batches and errors. */
#include "flow/meter.h"

#include <errno.h>

#include "meter_rig.h"

/* ---- the key and the sums ---- */

static void test_nothing_gives_nothing(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	finish();
	assert_written("");
	assert_int_equal(account()->windows, 0);
	assert_true(account()->first_ns == 0 && account()->last_ns == 0);
}

static void test_records_in_order_of_first_packet(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at(flow_of(3), 70));
	see(at(flow_of(1), 65));
	see(at(flow_of(3), 68));
	see(at(flow_of(2), 119));
	assert_written("");
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 3 2000 17 2 200 68 70\n"
		       "eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 65 65\n"
		       "eth0 10.0.0.1 10.0.0.2 2 2000 17 1 100 119 119\n"
		       "--\n");
}

/* Seconds are rounded down. */
static void test_start_and_end(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	see(at_ns(flow_of(1), 63 * SECOND - 1));
	see(at_ns(flow_of(1), 61 * SECOND - 1));
	see(at_ns(flow_of(1), 64 * SECOND - 1));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 3 300 60 63\n--\n");
	assert_true(account()->first_ns == 61 * SECOND - 1 && account()->last_ns == 64 * SECOND - 1);
}

static void test_window_times(void **state)
{
	struct flow_meter_options options = usual_options();

	(void)state;
	options.window_times = true;
	start_with(options);
	appear(0, "eth0");
	see(at(flow_of(1), 63));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 1 100 60 120\n--\n");
}

static void test_flags_are_ored_and_separate_nothing(void **state)
{
	static const uint8_t flags[] = { FLOW_TCP_SYN, FLOW_TCP_SYN | FLOW_TCP_SYN_ACK, 0, FLOW_TCP_FIN };
	struct flow_observation packet = at(flow_of(1), 60);

	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	packet.protocol = 6;
	for (size_t i = 0; i < sizeof(flags); i++) {
		packet.tcp_flags = flags[i];
		packet.bytes = 40 + i;
		see(packet);
	}
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 6 4 166 60 60 flags 19\n--\n");
}

static void test_what_separates_records(void **state)
{
	struct flow_observation packet = at(packet_of("10.0.0.1", "10.0.0.2"), 60), other[6];

	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	for (size_t i = 0; i < 6; i++)
		other[i] = packet;
	other[0].source = address_of("10.0.0.3");
	other[1].destination = address_of("10.0.0.3");
	other[2].source_port = 1001;
	other[3].destination_port = 2001;
	other[4].protocol = 6;
	other[5] = at(packet_of("a00:1::", "a00:2::"), 60); /* the same octets */
	see(packet);
	for (size_t i = 0; i < 6; i++)
		see(other[i]);
	see(packet);
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1000 2000 17 2 200 60 60\n"
		       "eth0 10.0.0.3 10.0.0.2 1000 2000 17 1 100 60 60\n"
		       "eth0 10.0.0.1 10.0.0.3 1000 2000 17 1 100 60 60\n"
		       "eth0 10.0.0.1 10.0.0.2 1001 2000 17 1 100 60 60\n"
		       "eth0 10.0.0.1 10.0.0.2 1000 2001 17 1 100 60 60\n"
		       "eth0 10.0.0.1 10.0.0.2 1000 2000 6 1 100 60 60\n"
		       "eth0 a00:1:: a00:2:: 1000 2000 17 1 100 60 60\n"
		       "--\n");
}

/* Counters that the kernel summed. */
static void test_an_observation_of_many_packets(void **state)
{
	struct flow_observation many = at(flow_of(1), 62);

	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	many.packets = 7;
	many.bytes = 7000;
	many.last_ns = 66 * SECOND;
	see(many);
	see(at(flow_of(1), 64));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.2 1 2000 17 8 7100 62 66\n--\n");
	assert_int_equal(account()->frames, 8);
	assert_int_equal(account()->counted, 8);
}

/* Two packets that agree on all but direction and pkt-addresses: a packet that passes an interface, both ways. */
static void see_gateway_traffic(unsigned shown)
{
	struct flow_meter_options options = usual_options();

	options.shown = shown;
	configure(interface_of("nat", "eth0", 0, "10.0.0.1"));
	start_with(options);
	appear(0, "eth0");
	see(at(with_word(packet_of("192.0.2.1", "10.1.0.5"), FLOW_INGRESS), 60));
	see(at(with_word(packet_of("192.0.2.1", "10.1.0.6"), FLOW_INGRESS), 61));
	see(at(with_word(packet_of("10.1.0.7", "192.0.2.1"), FLOW_EGRESS), 62));
	see(at(with_word(packet_of("10.1.0.8", "192.0.2.1"), FLOW_EGRESS), 63));
	see(at(with_word(packet_of("192.0.2.1", "10.1.0.6"), FLOW_INGRESS), 64));
	see(at(with_word(packet_of("10.0.0.1", "10.0.0.1"), FLOW_INGRESS), 65));
	see(at(with_word(packet_of("10.0.0.1", "10.0.0.1"), FLOW_EGRESS), 66));
	finish();
}

static void test_key_without_shown_parts(void **state)
{
	(void)state;
	see_gateway_traffic(0);
	assert_written("nat 192.0.2.1 10.0.0.1 1000 2000 17 3 300 60 64\n"
		       "nat 10.0.0.1 192.0.2.1 1000 2000 17 2 200 62 63\n"
		       "nat 10.0.0.1 10.0.0.1 1000 2000 17 2 200 65 66\n"
		       "--\n");
}

static void test_key_with_direction(void **state)
{
	(void)state;
	see_gateway_traffic(FLOW_SHOWS_DIRECTION);
	assert_written("nat 192.0.2.1 10.0.0.1 1000 2000 17 3 300 60 64 in\n"
		       "nat 10.0.0.1 192.0.2.1 1000 2000 17 2 200 62 63 out\n"
		       "nat 10.0.0.1 10.0.0.1 1000 2000 17 1 100 65 65 in\n"
		       "nat 10.0.0.1 10.0.0.1 1000 2000 17 1 100 66 66 out\n"
		       "--\n");
}

static void test_key_with_packet_source(void **state)
{
	(void)state;
	see_gateway_traffic(FLOW_SHOWS_PACKET_SOURCE);
	assert_written("nat 192.0.2.1 10.0.0.1 1000 2000 17 3 300 60 64 from 192.0.2.1\n"
		       "nat 10.0.0.1 192.0.2.1 1000 2000 17 1 100 62 62 from 10.1.0.7\n"
		       "nat 10.0.0.1 192.0.2.1 1000 2000 17 1 100 63 63 from 10.1.0.8\n"
		       "nat 10.0.0.1 10.0.0.1 1000 2000 17 2 200 65 66 from 10.0.0.1\n"
		       "--\n");
}

static void test_key_with_packet_destination(void **state)
{
	(void)state;
	see_gateway_traffic(FLOW_SHOWS_PACKET_DESTINATION);
	assert_written("nat 192.0.2.1 10.0.0.1 1000 2000 17 1 100 60 60 to 10.1.0.5\n"
		       "nat 192.0.2.1 10.0.0.1 1000 2000 17 2 200 61 64 to 10.1.0.6\n"
		       "nat 10.0.0.1 192.0.2.1 1000 2000 17 2 200 62 63 to 192.0.2.1\n"
		       "nat 10.0.0.1 10.0.0.1 1000 2000 17 2 200 65 66 to 10.0.0.1\n"
		       "--\n");
}

/* Of egress records alone, by the packet's own destination. */
static void test_traffic_path(void **state)
{
	static struct flow_route items[] = { { { FLOW_IPV4, 16, { { 192, 0 } } }, 3 },
					     { { FLOW_IPV4, 0, { { 0 } } }, 8 } };
	static const struct flow_routes routes = { .items = items, .count = 2 };
	struct flow_meter_options options = usual_options();

	(void)state;
	options.shown = FLOW_SHOWS_DIRECTION | FLOW_SHOWS_PACKET_DESTINATION;
	options.routes = &routes;
	configure(interface_of("web", "eth0", 0, "10.0.0.1"));
	start_with(options);
	appear(0, "eth0");
	see(at(with_word(packet_of("10.0.0.1", "192.0.2.1"), FLOW_EGRESS), 60));
	see(at(with_word(packet_of("192.0.2.1", "192.0.2.2"), FLOW_INGRESS), 60));
	see(at(with_word(packet_of("10.0.0.1", "198.51.100.1"), FLOW_EGRESS), 60));
	see(at(with_word(packet_of("2001:db8::1", "2001:db8::2"), FLOW_EGRESS), 60));
	finish();
	assert_written("web 10.0.0.1 192.0.2.1 1000 2000 17 1 100 60 60 out path 3 to 192.0.2.1\n"
		       "web 192.0.2.1 10.0.0.1 1000 2000 17 1 100 60 60 in to 192.0.2.2\n"
		       "web 10.0.0.1 198.51.100.1 1000 2000 17 1 100 60 60 out path 8 to 198.51.100.1\n"
		       "web 2001:db8::1 2001:db8::2 1000 2000 17 1 100 60 60 out to 2001:db8::2\n"
		       "--\n");
}

/* Interfaces in other subnets have other routes. */
static void test_traffic_path_of_an_interface(void **state)
{
	struct flow_route items[] = { { { FLOW_IPV4, 0, { { 0 } } }, 8 }, { { FLOW_IPV4, 16, { { 192, 0 } } }, 1 } };
	struct flow_routes routes = { 0 }, own = { 0 };
	const struct flow_routes *const of_interfaces[] = { NULL, &own };
	struct flow_meter_options options = usual_options();

	(void)state;
	assert_int_equal(flow_routes_add(&routes, &items[0], NULL), 0);
	assert_int_equal(flow_routes_add(&own, &items[1], NULL), 0);
	options.shown = FLOW_SHOWS_DIRECTION | FLOW_SHOWS_PACKET_DESTINATION;
	options.routes = &routes;
	options.interface_routes = of_interfaces;
	options.interface_route_count = 2;
	for (char name[] = "a"; *name <= 'c'; ++*name)
		configure(interface_of(name, name, 0, ""));
	start_with(options);
	appear(0, "a");
	appear(1, "b");
	appear(2, "c");
	for (uint32_t point = 0; point < 3; point++) {
		struct flow_observation packet = at(with_word(packet_of("10.0.0.1", "192.0.2.1"), FLOW_EGRESS), 60);

		packet.point = point;
		see(packet);
	}
	finish();
	assert_written("a 10.0.0.1 192.0.2.1 1000 2000 17 1 100 60 60 out path 8 to 192.0.2.1\n"
		       "b 10.0.0.1 192.0.2.1 1000 2000 17 1 100 60 60 out path 1 to 192.0.2.1\n"
		       "c 10.0.0.1 192.0.2.1 1000 2000 17 1 100 60 60 out path 8 to 192.0.2.1\n"
		       "--\n");
	flow_routes_clear(&routes);
	flow_routes_clear(&own);
}

/* ---- batches, errors ---- */

/* However the input is cut into batches, and however many frames one holds, the output is the same. */
static void test_batches(void **state)
{
	enum { FRAMES = 1000 };
	static struct flow_observation items[FRAMES];
	char *expected = NULL;

	(void)state;
	for (size_t i = 0; i < FRAMES; i++)
		items[i] = at(with_macs(flow_of((uint16_t)(i % 37)), (uint8_t)(1 + i % 3), (uint8_t)(1 + i % 5)),
			      (int64_t)i);
	for (size_t size = 1; size <= FRAMES; size += size < 4 ? 1 : 83) {
		if (size > 1)
			start_over();
		configure_a_b();
		start_with(usual_options());
		appear(0, "eth0");
		for (size_t from = 0; from < FRAMES; from += size) {
			size_t count = FRAMES - from < size ? FRAMES - from : size;

			assert_int_equal(flow_meter_add(rig.meter, items + from, count, &rig.err), 0);
			assert_int_equal(account()->frames, from + count);
		}
		finish();
		if (expected)
			assert_written(expected);
		else
			expected = strdup(log_text(&rig.log));
	}
	free(expected);
}

/* What a sink answers comes up, at whichever of its calls. */
static void test_sink_errors_travel_up(void **state)
{
	(void)state;
	for (unsigned call = 1; call <= 9; call++) {
		struct flow_meter_options options = usual_options();
		int ret = 0;

		if (call > 1)
			start_over();
		options.max_flows = 1;
		rig.log.answer = -EPIPE;
		rig.log.answer_at = call;
		start_with(options);
		appear(0, "eth0");
		/* A record and an end early; the same as the window closes; NODATA and its end; loss and its end. */
		for (int64_t i = 1; ret == 0 && i <= 4; i++) {
			static const int64_t times[] = { 0, 1, 2, 125, 190 };

			ret = add_item(at(i == 3 ? frame_of(FLOW_NON_IP) : flow_of((uint16_t)i), times[i]));
		}
		if (ret == 0)
			ret = flow_meter_finish(rig.meter, &rig.err);
		assert_int_equal(ret, -EPIPE);
		assert_string_equal(rig.err.text, "the sink is full");
		assert_int_equal(rig.log.calls, call); /* and nothing after it */
	}
}

static void assert_state(uint64_t flows, uint64_t flows_most)
{
	struct flow_meter_state now;

	flow_meter_state(rig.meter, &now);
	assert_int_equal(now.flows, flows);
	assert_int_equal(now.flows_most, flows_most);
	assert_int_equal(now.flows_bound, usual_options().max_flows);
}

static void test_state(void **state)
{
	(void)state;
	start_with(usual_options());
	appear(0, "eth0");
	assert_state(0, 0);
	see(at(flow_of(1), 10));
	see(at(flow_of(2), 11));
	see(at(flow_of(2), 12));
	assert_state(2, 2);
	see(at(flow_of(3), 100)); /* in the next window */
	assert_state(1, 2);
	finish();
	assert_state(0, 2);
}

static void test_free_takes_null(void **state)
{
	(void)state;
	flow_meter_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_nothing_gives_nothing),
		RIGGED(test_records_in_order_of_first_packet),
		RIGGED(test_start_and_end),
		RIGGED(test_window_times),
		RIGGED(test_flags_are_ored_and_separate_nothing),
		RIGGED(test_what_separates_records),
		RIGGED(test_an_observation_of_many_packets),
		RIGGED(test_key_without_shown_parts),
		RIGGED(test_key_with_direction),
		RIGGED(test_key_with_packet_source),
		RIGGED(test_key_with_packet_destination),
		RIGGED(test_traffic_path),
		RIGGED(test_traffic_path_of_an_interface),
		RIGGED(test_batches),
		RIGGED(test_sink_errors_travel_up),
		RIGGED(test_state),
		TEST(test_free_takes_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
