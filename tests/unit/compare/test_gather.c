#include "compare/gather.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

#define SECOND INT64_C(1000000000)

static struct compare_ledger *log_side, *capture_side;
static struct compare_log_gatherer *log_gatherer;
static struct compare_terms terms;
static struct flow_origin origins[] = {
	{ .number = 0, .kin = 0, .identity[FLOW_INTERFACE_ID] = "eni-1" },
	{ .number = 1, .kin = 1, .identity[FLOW_INTERFACE_ID] = "eni-2" },
	{ .number = 2, .kin = 0, .identity[FLOW_INTERFACE_ID] = "eni-1" },
};

static int set_up(void **state)
{
	(void)state;
	compare_ledger_new(&log_side, 1, NULL);
	compare_ledger_new(&capture_side, 2, NULL);
	for (size_t i = 0; i < 3; i++)
		origins[i].unknown = 0;
	return compare_log_new(&log_gatherer, log_side, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	compare_log_free(log_gatherer);
	compare_ledger_free(log_side);
	compare_ledger_free(capture_side);
	return 0;
}

#define RIGGED(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static struct flow_address address_of(const char *text)
{
	struct flow_address address = { { 0 } };

	assert_int_equal(inet_pton(AF_INET, text, address.octets), 1);
	return address;
}

/* 3 packets of 300 bytes from port 1000 to 2000, in seconds 100 to 110; srcaddr, dstaddr are those of the packet. */
static struct log_record line_of(size_t origin, const char *source, const char *destination)
{
	return (struct log_record){
		.origin = &origins[origin],
		.family = FLOW_IPV4,
		.protocol = 17,
		.direction = FLOW_INGRESS,
		.source_port = 1000,
		.destination_port = 2000,
		.start = 100,
		.end = 110,
		.packets = 3,
		.bytes = 300,
		.source = address_of(source),
		.destination = address_of(destination),
		.packet_source = address_of(source),
		.packet_destination = address_of(destination),
	};
}

static void add(struct log_record record)
{
	assert_int_equal(compare_log_add(log_gatherer, &record, 1, NULL), 0);
}

static void finish(void)
{
	assert_int_equal(compare_log_finish(log_gatherer, &terms, NULL), 0);
}

static void print_address(FILE *file, const struct flow_address *address)
{
	fprintf(file, "%u.%u.%u.%u", address->octets[0], address->octets[1], address->octets[2], address->octets[3]);
}

/* "INTERFACE SRC:PORT DST:PORT DIRECTION", then " START-ENDxPACKETS" of each part; a line a flow. */
static void assert_flows(const struct compare_ledger *ledger, const char *expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	for (size_t i = 0; i < ledger->flow_count; i++) {
		const struct compare_key *key = &ledger->flows[i].key;

		fprintf(file, "%s ", ledger->interfaces[key->interface].id);
		print_address(file, &key->source);
		fprintf(file, ":%u ", key->source_port);
		print_address(file, &key->destination);
		fprintf(file, ":%u %u", key->destination_port, key->direction);
		for (uint32_t at = ledger->flows[i].first; at != COMPARE_NONE; at = ledger->parts[at].next)
			fprintf(file, " %u-%ux%u", ledger->parts[at].start, ledger->parts[at].end,
				(unsigned)ledger->parts[at].packets);
		fputc('\n', file);
	}
	fclose(file);
	assert_string_equal(text, expected);
	free(text);
}

static void test_lines_of_a_log(void **state)
{
	struct log_record later = line_of(2, "10.0.0.1", "10.0.0.2");

	(void)state;
	later.start = later.end = 170;
	add(line_of(0, "10.0.0.1", "10.0.0.2"));
	add(line_of(1, "10.0.0.1", "10.0.0.2"));
	add(later);
	finish();
	assert_flows(log_side, "eni-1 10.0.0.1:1000 10.0.0.2:2000 1 100-110x3 170-170x3\n"
			       "eni-2 10.0.0.1:1000 10.0.0.2:2000 1 100-110x3\n");
	assert_true(terms.has_directions);
	assert_true(terms.has_packet_addresses);
	assert_int_equal(log_side->unknown, 0);
}

static void test_no_lines(void **state)
{
	(void)state;
	finish();
	assert_false(terms.has_directions);
	assert_false(terms.has_packet_addresses);
	assert_int_equal(log_side->flow_count, 0);
}

static void test_a_record_without_direction_takes_it_from_all(void **state)
{
	struct log_record without = line_of(0, "10.0.0.1", "10.0.0.2"), egress = without;

	(void)state;
	without.direction = FLOW_UNKNOWN;
	egress.direction = FLOW_EGRESS;
	add(line_of(0, "10.0.0.1", "10.0.0.2"));
	add(egress);
	add(without);
	finish();
	assert_flows(log_side, "eni-1 10.0.0.1:1000 10.0.0.2:2000 0 100-110x3 100-110x3 100-110x3\n");
	assert_false(terms.has_directions);
	assert_int_equal(log_side->duplicates, 0);
	assert_int_equal(log_side->parts[log_side->flows[0].last].direction, FLOW_EGRESS);
}

/* A packet to a secondary address, which the log shows as the primary one. */
static struct log_record rewritten(size_t origin)
{
	struct log_record record = line_of(origin, "10.0.0.1", "10.0.0.62");

	record.packet_destination = address_of("10.0.0.63");
	return record;
}

static void test_flows_are_known_by_the_packets_addresses(void **state)
{
	(void)state;
	add(line_of(0, "10.0.0.1", "10.0.0.62"));
	add(rewritten(0));
	finish();
	assert_flows(log_side, "eni-1 10.0.0.1:1000 10.0.0.62:2000 1 100-110x3\n"
			       "eni-1 10.0.0.1:1000 10.0.0.63:2000 1 100-110x3\n");
	assert_true(terms.has_packet_addresses);
}

static void test_a_record_without_packet_addresses_takes_them_from_all(void **state)
{
	(void)state;
	origins[2].unknown = FLOW_UNKNOWN_PKT_SRCADDR | FLOW_UNKNOWN_PKT_DSTADDR;
	add(line_of(0, "10.0.0.1", "10.0.0.62"));
	add(rewritten(0));
	add(line_of(2, "10.0.0.9", "10.0.0.62"));
	finish();
	assert_flows(log_side, "eni-1 10.0.0.1:1000 10.0.0.62:2000 1 100-110x3 100-110x3\n"
			       "eni-1 10.0.0.9:1000 10.0.0.62:2000 1 100-110x3\n");
	assert_false(terms.has_packet_addresses);
}

static void test_what_all_records_lack_is_unknown(void **state)
{
	(void)state;
	origins[0].unknown = FLOW_UNKNOWN_SRCPORT | FLOW_UNKNOWN_BYTES;
	origins[1].unknown = FLOW_UNKNOWN_SRCPORT | FLOW_UNKNOWN_ACTION;
	add(line_of(0, "10.0.0.1", "10.0.0.2"));
	add(line_of(1, "10.0.0.1", "10.0.0.2"));
	finish();
	assert_int_equal(log_side->unknown, FLOW_UNKNOWN_SRCPORT);
}

static void add_status(enum flow_status status, int64_t start, int64_t end)
{
	add((struct log_record){ .origin = &origins[0], .status = (uint8_t)status, .start = start, .end = end });
}

static void assert_span(const struct compare_spans *spans, size_t at, uint32_t start, uint32_t end)
{
	assert_true(at < spans->count);
	assert_int_equal(spans->items[at].start, start);
	assert_int_equal(spans->items[at].end, end);
}

static void test_lines_without_data(void **state)
{
	(void)state;
	add_status(FLOW_NODATA, 60, 120);
	add_status(FLOW_NODATA, 616, 674);
	add_status(FLOW_SKIPDATA, 1200, 1800);
	finish();
	assert_span(&log_side->interfaces[0].silent, 0, 60, 119);
	assert_span(&log_side->interfaces[0].silent, 1, 616, 674);
	assert_span(&log_side->interfaces[0].skipped, 0, 1200, 1799);
	assert_int_equal(log_side->interfaces[0].start, 60);
	assert_int_equal(log_side->interfaces[0].end, 1799);
}

static void test_the_lines_of_an_interface_without_id(void **state)
{
	static const struct flow_origin nobody = { 0 };
	struct log_record record = line_of(0, "10.0.0.1", "10.0.0.2");

	(void)state;
	record.origin = &nobody;
	add(record);
	finish();
	assert_null(log_side->interfaces[0].id);
}

/* ---- captures ---- */

/* A meter as a comparison runs it, on observations of the capture point eth0. */
static void meter(struct flow_interfaces *interfaces, struct flow_observation *packets, size_t count)
{
	struct flow_meter_options options = {
		.interval = 1,
		.max_flows = 1000,
		.shown = FLOW_SHOWS_PACKET_SOURCE | FLOW_SHOWS_PACKET_DESTINATION | FLOW_SHOWS_DIRECTION,
	};
	struct flow_point point = { .name = "eth0", .named = true };
	struct flow_observation appear = { .kind = FLOW_POINT, .appeared = &point };
	struct compare_capture_gatherer *gatherer;
	struct flow_meter *run;
	struct flow_sink sink;

	assert_int_equal(compare_capture_new(&gatherer, capture_side, &terms, 3, NULL), 0);
	sink = compare_capture_sink(gatherer);
	assert_int_equal(flow_meter_new(&run, &options, interfaces, &sink, NULL, NULL), 0);
	assert_int_equal(compare_capture_see(gatherer, &appear, 1, NULL), 0);
	assert_int_equal(flow_meter_add(run, &appear, 1, NULL), 0);
	assert_int_equal(compare_capture_see(gatherer, packets, count, NULL), 0);
	assert_int_equal(flow_meter_add(run, packets, count, NULL), 0);
	assert_int_equal(flow_meter_finish(run, NULL), 0);
	assert_int_equal(compare_capture_finish(gatherer, NULL), 0);
	flow_meter_free(run);
	compare_capture_free(gatherer);
	flow_interfaces_free(interfaces);
}

/* Nothing configured but, where it is not NULL, the id of every interface. */
static struct flow_interfaces *interfaces_of(const char *id)
{
	struct flow_interface defaults = { .identity[FLOW_INTERFACE_ID] = (char *)(uintptr_t)id };
	struct flow_interfaces *interfaces;

	assert_int_equal(flow_interfaces_new(&interfaces, &defaults, NULL), 0);
	return interfaces;
}

static struct flow_observation packet_of(const char *source, const char *destination, double second)
{
	return (struct flow_observation){
		.kind = FLOW_PACKET,
		.family = FLOW_IPV4,
		.protocol = 17,
		.word = FLOW_INGRESS,
		.source_port = 1000,
		.destination_port = 2000,
		.source = address_of(source),
		.destination = address_of(destination),
		.first_ns = (int64_t)(second * 1000) * 1000000,
		.last_ns = (int64_t)(second * 1000) * 1000000,
		.packets = 1,
		.bytes = 100,
	};
}

static void test_a_capture_is_booked_by_seconds(void **state)
{
	struct flow_observation packets[] = {
		{ .kind = FLOW_NON_IP, .packets = 1, .first_ns = 90 * SECOND, .last_ns = 90 * SECOND },
		packet_of("10.0.0.1", "10.0.0.2", 100.1),
		packet_of("10.0.0.1", "10.0.0.2", 100.9),
		packet_of("10.0.0.3", "10.0.0.2", 101.2),
		packet_of("10.0.0.1", "10.0.0.2", 170.0),
		{ .kind = FLOW_MALFORMED, .packets = 1, .first_ns = 200 * SECOND, .last_ns = 200 * SECOND },
	};

	(void)state;
	add(line_of(0, "10.0.0.1", "10.0.0.2"));
	finish();
	meter(interfaces_of("eni-1"), packets, 6);
	assert_flows(capture_side, "eni-1 10.0.0.1:1000 10.0.0.2:2000 1 100-100x2 170-170x1\n"
				   "eni-1 10.0.0.3:1000 10.0.0.2:2000 1 101-101x1\n");
	assert_true(capture_side->interfaces[0].is_configured);
	assert_string_equal(capture_side->interfaces[0].device, "eth0");
	assert_int_equal(capture_side->interfaces[0].start, 90);
	assert_int_equal(capture_side->interfaces[0].end, 200);
}

static void test_an_id_made_of_the_name_is_not_configured(void **state)
{
	struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.2", 100);

	(void)state;
	finish();
	meter(interfaces_of(NULL), &packet, 1);
	assert_false(capture_side->interfaces[0].is_configured);
}

static void test_without_directions_in_the_capture_the_log_has_none(void **state)
{
	struct flow_observation packets[] = { packet_of("10.0.0.1", "10.0.0.2", 100),
					      packet_of("10.0.0.1", "10.0.0.2", 101) };
	struct log_record egress = line_of(0, "10.0.0.1", "10.0.0.2");

	(void)state;
	egress.direction = FLOW_EGRESS;
	packets[1].word = FLOW_UNKNOWN;
	add(line_of(0, "10.0.0.1", "10.0.0.2"));
	add(egress);
	finish();
	meter(interfaces_of("eni-1"), packets, 2);
	assert_flows(log_side, "eni-1 10.0.0.1:1000 10.0.0.2:2000 0 100-110x3 100-110x3\n");
	assert_flows(capture_side, "eni-1 10.0.0.1:1000 10.0.0.2:2000 0 100-100x1 101-101x1\n");
}

static void test_what_the_log_does_not_say_is_not_asked_of_the_capture(void **state)
{
	struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.2", 100);
	struct log_record record = line_of(0, "10.0.0.1", "10.0.0.2");

	(void)state;
	origins[0].unknown = FLOW_UNKNOWN_SRCPORT | FLOW_UNKNOWN_PKT_SRCADDR | FLOW_UNKNOWN_PKT_DSTADDR;
	record.source_port = 0;
	record.direction = FLOW_UNKNOWN;
	add(record);
	finish();
	meter(interfaces_of("eni-1"), &packet, 1);
	assert_flows(capture_side, "eni-1 10.0.0.1:0 10.0.0.2:2000 0 100-100x1\n");
	assert_non_null(compare_ledger_find(log_side, &capture_side->flows[0].key));
}

/* The interface's own address, known from the configuration, stands in srcaddr or dstaddr. */
static struct flow_interfaces *primary(void)
{
	struct flow_interfaces *interfaces = interfaces_of(NULL);
	struct flow_interface interface = { .name = strdup("eth0"), .address_count = 1 };

	interface.addresses = calloc(1, sizeof(*interface.addresses));
	interface.addresses[0] = (struct flow_host){ FLOW_IPV4, address_of("10.0.0.62") };
	interface.has_mac = true;
	interface.mac[5] = 1;
	assert_int_equal(flow_interfaces_add(interfaces, &interface, NULL), 0);
	return interfaces;
}

static struct flow_observation to_secondary(void)
{
	struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.63", 100);

	packet.has_macs = true;
	packet.destination_mac[5] = 1;
	return packet;
}

static void test_the_addresses_are_those_that_the_log_shows(void **state)
{
	struct flow_observation packet = to_secondary();

	(void)state;
	add(rewritten(0));
	finish();
	meter(primary(), &packet, 1);
	assert_int_equal(capture_side->flows[0].key.destination.octets[3], 63);
	tear_down(NULL);
	set_up(NULL);
	origins[0].unknown = FLOW_UNKNOWN_PKT_SRCADDR | FLOW_UNKNOWN_PKT_DSTADDR;
	add(line_of(0, "10.0.0.1", "10.0.0.62"));
	finish();
	meter(primary(), &packet, 1);
	assert_int_equal(capture_side->flows[0].key.destination.octets[3], 62);
}

static void test_long_packets_and_fragments_are_told(void **state)
{
	struct flow_observation packets[] = {
		packet_of("10.0.0.1", "10.0.0.2", 100),
		packet_of("10.0.0.3", "10.0.0.2", 100),
		packet_of("10.0.0.4", "10.0.0.2", 100),
	};

	(void)state;
	packets[0].bytes = 1500;
	packets[1].bytes = 2940;
	packets[2].is_fragment = true;
	finish();
	meter(interfaces_of(NULL), packets, 3);
	assert_int_equal(capture_side->flows[0].largest, 0);
	assert_int_equal(capture_side->flows[1].largest, 2940);
	assert_false(capture_side->flows[1].has_fragments);
	assert_int_equal(capture_side->flows[2].largest, 0);
	assert_true(capture_side->flows[2].has_fragments);
}

static void test_losses_of_the_capture(void **state)
{
	struct flow_observation packets[] = {
		packet_of("10.0.0.1", "10.0.0.2", 100),
		packet_of("10.0.0.1", "10.0.0.2", 105),
	};

	(void)state;
	packets[1].lost = 7;
	finish();
	meter(interfaces_of(NULL), packets, 2);
	assert_int_equal(capture_side->interfaces[0].skipped.count, 1);
	assert_span(&capture_side->interfaces[0].skipped, 0, 105, 105);
	assert_int_equal(capture_side->interfaces[0].silent.count, 0);
}

static void test_a_capture_of_nothing(void **state)
{
	(void)state;
	finish();
	meter(interfaces_of(NULL), NULL, 0);
	assert_int_equal(capture_side->flow_count, 0);
	assert_int_equal(capture_side->interface_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_lines_of_a_log),
		RIGGED(test_no_lines),
		RIGGED(test_a_record_without_direction_takes_it_from_all),
		RIGGED(test_flows_are_known_by_the_packets_addresses),
		RIGGED(test_a_record_without_packet_addresses_takes_them_from_all),
		RIGGED(test_what_all_records_lack_is_unknown),
		RIGGED(test_lines_without_data),
		RIGGED(test_the_lines_of_an_interface_without_id),
		RIGGED(test_a_capture_is_booked_by_seconds),
		RIGGED(test_an_id_made_of_the_name_is_not_configured),
		RIGGED(test_without_directions_in_the_capture_the_log_has_none),
		RIGGED(test_what_the_log_does_not_say_is_not_asked_of_the_capture),
		RIGGED(test_the_addresses_are_those_that_the_log_shows),
		RIGGED(test_long_packets_and_fragments_are_told),
		RIGGED(test_losses_of_the_capture),
		RIGGED(test_a_capture_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
