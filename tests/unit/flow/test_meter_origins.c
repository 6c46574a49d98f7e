/* The meter over records that are read back from a flow log. */
#include "flow/meter.h"

#include "meter_rig.h"

/* `id` tells the interface, `unknown` its origins from each other. */
static struct flow_origin origin(uint32_t number, uint32_t kin, const char *id, unsigned unknown)
{
	return (struct flow_origin){
		.number = number,
		.kin = kin,
		.unknown = unknown,
		.identity = { [FLOW_INTERFACE_ID] = id },
	};
}

static void appear_at(const struct flow_origin *origin, int64_t seconds)
{
	rig.points[origin->number] = (struct flow_point){
		.number = origin->number,
		.name = origin->identity[FLOW_INTERFACE_ID],
		.origin = origin,
	};
	see((struct flow_observation){
		.kind = FLOW_POINT, .first_ns = seconds * SECOND, .appeared = &rig.points[origin->number] });
}

/* A record of two packets. */
static struct flow_observation record(uint32_t point, uint16_t source_port, int64_t start, int64_t end)
{
	struct flow_observation item = at(on(flow_of(source_port), point), start);

	item.last_ns = end * SECOND;
	item.packets = 2;
	item.record_addresses = (struct flow_record_addresses){ item.source, item.destination };
	return item;
}

static void it_is(int64_t seconds)
{
	see((struct flow_observation){ .kind = FLOW_TIME, .first_ns = seconds * SECOND });
}

/* srcaddr and dstaddr are the record's own, whatever the packet's addresses are, and so is the direction. */
static void test_record_addresses(void **state)
{
	struct flow_origin a = origin(0, 0, "eni-a", 0);
	struct flow_meter_options options = usual_options();
	struct flow_observation item = record(0, 1, 60, 61);

	(void)state;
	options.shown = FLOW_SHOWS_PACKET_SOURCE | FLOW_SHOWS_PACKET_DESTINATION | FLOW_SHOWS_DIRECTION;
	start_with(options);
	appear_at(&a, 60);
	item.record_addresses.destination = address_of("10.0.0.220");
	item.tuple_hash = 7; /* of the packet's addresses: not what the key's is made of */
	see(with_word(item, FLOW_INGRESS));
	item.tuple_hash = 8;
	see(with_word(item, FLOW_INGRESS));
	see(record(0, 1, 60, 61));
	finish();
	assert_written("eni-a 10.0.0.1 10.0.0.220 1 2000 17 4 200 60 61 in from 10.0.0.1 to 10.0.0.2\n"
		       "eni-a 10.0.0.1 10.0.0.2 1 2000 17 2 100 60 61 from 10.0.0.1 to 10.0.0.2\n"
		       "--\n");
}

/* Beside a capture, whose packets have none. */
static void test_packets_beside_records(void **state)
{
	struct flow_origin a = origin(0, 0, "eni-a", 0);

	(void)state;
	configure(interface_of("eth0", "eth0", 1, "10.0.0.62"));
	start_with(usual_options());
	appear_at(&a, 60);
	appear(1, "eth0");
	see(record(0, 1, 60, 60));
	see(at(on(with_macs(flow_of(2), 9, 1), 1), 60));
	finish();
	assert_written("eth0 10.0.0.1 10.0.0.62 2 2000 17 1 100 60 60\n"
		       "eni-a 10.0.0.1 10.0.0.2 1 2000 17 2 100 60 60\n"
		       "--\n");
}

/* One NODATA line for all of them, and their records in one order. */
static void test_kin_are_one_interface(void **state)
{
	struct flow_origin a = origin(0, 0, "eni-a", 0), b = origin(1, 1, "eni-b", 0), other = origin(2, 0, "eni-a", 1);

	(void)state;
	start_with(usual_options());
	appear_at(&a, 60);
	appear_at(&b, 60);
	appear_at(&other, 60);
	see(record(2, 1, 60, 60));
	see(record(1, 2, 60, 60));
	see(record(0, 3, 60, 60));
	see(record(2, 4, 60, 60));
	see(record(2, 5, 120, 120)); /* none of the first origin */
	it_is(180);
	finish();
	assert_written("eni-a 10.0.0.1 10.0.0.2 1 2000 17 2 100 60 60\n"
		       "eni-a 10.0.0.1 10.0.0.2 3 2000 17 2 100 60 60\n"
		       "eni-a 10.0.0.1 10.0.0.2 4 2000 17 2 100 60 60\n"
		       "eni-b 10.0.0.1 10.0.0.2 2 2000 17 2 100 60 60\n"
		       "--\n"
		       "eni-a 10.0.0.1 10.0.0.2 5 2000 17 2 100 120 120\n"
		       "eni-b NODATA 120 180\n"
		       "--\n"
		       "eni-a NODATA 180 240\n"
		       "eni-b NODATA 180 240\n"
		       "--\n");
}

static void test_loss_of_kin(void **state)
{
	struct flow_origin a = origin(0, 0, "eni-a", 0), other = origin(1, 0, "eni-a", 1);

	(void)state;
	start_with(usual_options());
	appear_at(&a, 60);
	appear_at(&other, 60);
	it_is(60);
	lose(1, 0);
	see(record(0, 1, 60, 60));
	finish();
	assert_written("eni-a 10.0.0.1 10.0.0.2 1 2000 17 2 100 60 60\neni-a SKIPDATA 60 120\n--\n");
	assert_int_equal(account()->lost, 0);
}

/* No interface is silent while a record of its own goes on. */
static void test_records_longer_than_a_window(void **state)
{
	struct flow_origin a = origin(0, 0, "eni-a", 0), b = origin(1, 1, "eni-b", 0);

	(void)state;
	start_with(usual_options());
	appear_at(&a, 60);
	appear_at(&b, 60);
	see(record(0, 1, 70, 190));
	see(record(1, 2, 70, 120)); /* the window's end, which is no part of the next one */
	see(record(1, 3, 180, 180));
	it_is(240);
	finish();
	assert_written("eni-a 10.0.0.1 10.0.0.2 1 2000 17 2 100 70 190\n"
		       "eni-b 10.0.0.1 10.0.0.2 2 2000 17 2 100 70 120\n--\n"
		       "eni-b NODATA 120 180\n--\n"
		       "eni-b 10.0.0.1 10.0.0.2 3 2000 17 2 100 180 180\n--\n"
		       "eni-a NODATA 240 300\n"
		       "eni-b NODATA 240 300\n--\n");
}

static void test_the_longest_record(void **state)
{
	struct flow_origin a = origin(0, 0, "eni-a", 0);
	struct flow_observation item = record(0, 1, 0, 0);

	(void)state;
	start_with(usual_options());
	appear_at(&a, 0);
	item.last_ns = INT64_MAX;
	see(item);
	finish();
	assert_written("eni-a 10.0.0.1 10.0.0.2 1 2000 17 2 100 0 4294967295\n--\n");
}

/* A window that an interface was not there in has no line of it. */
static void test_an_origin_that_comes_later(void **state)
{
	struct flow_origin a = origin(0, 0, "eni-a", 0), b = origin(1, 1, "eni-b", 0);

	(void)state;
	start_with(usual_options());
	appear_at(&a, 60);
	see(record(0, 1, 60, 60));
	appear_at(&b, 180);
	see(record(1, 2, 200, 200));
	it_is(240);
	finish();
	assert_written("eni-a 10.0.0.1 10.0.0.2 1 2000 17 2 100 60 60\n--\n"
		       "eni-a NODATA 120 180\n--\n"
		       "eni-a NODATA 180 240\n"
		       "eni-b 10.0.0.1 10.0.0.2 2 2000 17 2 100 200 200\n--\n"
		       "eni-a NODATA 240 300\n"
		       "eni-b NODATA 240 300\n--\n");
}

/* The routes of the configured interface that an origin is; none where the log leaves the address open. */
static void test_paths_by_the_configured_interface(void **state)
{
	struct flow_routes all = { 0 };
	const struct flow_routes *of_first[] = { &all };
	struct flow_interface web = interface_of("web", "eth0", 1, "");
	struct flow_origin a = origin(0, 0, "eni-web", 0), open = origin(1, 0, "eni-web", 0),
			   b = origin(2, 2, "eni-b", 0);
	struct flow_meter_options options = usual_options();
	struct flow_route route = { prefix_of("0.0.0.0/0"), 8 };

	(void)state;
	open.unknown = FLOW_UNKNOWN_DSTADDR | FLOW_UNKNOWN_PKT_DSTADDR;
	web.identity[FLOW_INTERFACE_ID] = strdup("eni-web");
	configure(web);
	assert_int_equal(flow_routes_add(&all, &route, NULL), 0);
	assert_int_equal(flow_routes_compile(&all, NULL), 0);
	options.shown = FLOW_SHOWS_PACKET_DESTINATION | FLOW_SHOWS_DIRECTION;
	options.interface_routes = of_first;
	options.interface_route_count = 1;
	start_with(options);
	appear_at(&a, 60);
	appear_at(&open, 60);
	appear_at(&b, 60);
	for (uint32_t point = 0; point < 3; point++)
		see(with_word(record(point, 1, 60, 60), FLOW_EGRESS));
	finish();
	assert_written("eni-web 10.0.0.1 10.0.0.2 1 2000 17 2 100 60 60 out path 8 to 10.0.0.2\n"
		       "eni-web 10.0.0.1 10.0.0.2 1 2000 17 2 100 60 60 out to 10.0.0.2\n"
		       "eni-b 10.0.0.1 10.0.0.2 1 2000 17 2 100 60 60 out to 10.0.0.2\n--\n");
	flow_routes_clear(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_record_addresses),
		RIGGED(test_packets_beside_records),
		RIGGED(test_kin_are_one_interface),
		RIGGED(test_loss_of_kin),
		RIGGED(test_records_longer_than_a_window),
		RIGGED(test_the_longest_record),
		RIGGED(test_an_origin_that_comes_later),
		RIGGED(test_paths_by_the_configured_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
