#include "compare/compare.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "compare/cause.h"

static struct compare_ledger *sides[COMPARE_SIDES];
static struct compare_options options;
static struct compare_result *result;

static int set_up(void **state)
{
	(void)state;
	options = (struct compare_options){ 0 };
	result = NULL;
	compare_ledger_new(&sides[COMPARE_LOG], 1, NULL);
	compare_ledger_new(&sides[COMPARE_CAPTURE], 2, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	compare_result_free(result);
	compare_ledger_free(sides[COMPARE_LOG]);
	compare_ledger_free(sides[COMPARE_CAPTURE]);
	return 0;
}

#define RIGGED(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static uint32_t log_interface(const char *id)
{
	return (uint32_t)compare_ledger_interface(sides[COMPARE_LOG], id, NULL, NULL);
}

static uint32_t capture_interface(const char *id, const char *device)
{
	return (uint32_t)compare_ledger_interface(sides[COMPARE_CAPTURE], id, device, NULL);
}

static struct compare_key flow_of(uint32_t interface, uint16_t port)
{
	return (struct compare_key){
		.interface = interface,
		.source_port = port,
		.destination_port = 443,
		.protocol = 6,
		.family = FLOW_IPV4,
		.source = { { 10, 0, 0, 1 } },
		.destination = { { 10, 0, 0, 2 } },
	};
}

static void book(enum compare_side side, uint32_t interface, uint16_t port, struct compare_part part)
{
	struct compare_key key = flow_of(interface, port);

	assert_non_null(compare_ledger_book(sides[side], &key, &part, NULL));
}

/* A record of packets of 100 bytes. */
static void record(uint32_t interface, uint16_t port, uint32_t start, uint32_t end, uint64_t packets)
{
	book(COMPARE_LOG, interface, port,
	     (struct compare_part){ .start = start, .end = end, .packets = packets, .bytes = packets * 100 });
}

static void reject(uint16_t port, uint32_t start, uint64_t packets, enum flow_direction direction)
{
	book(COMPARE_LOG, 0, port,
	     (struct compare_part){ .start = start,
				    .end = start,
				    .packets = packets,
				    .bytes = packets * 100,
				    .action = FLOW_REJECT,
				    .direction = (uint8_t)direction });
}

/* Packets of 100 bytes in one second of the capture. */
static void packets(uint32_t interface, uint16_t port, uint32_t second, uint64_t count)
{
	book(COMPARE_CAPTURE, interface, port,
	     (struct compare_part){ .start = second, .end = second, .packets = count, .bytes = count * 100 });
}

/* A packet in every second. */
static void stream(uint32_t interface, uint16_t port, uint32_t start, uint32_t end)
{
	for (uint32_t second = start; second <= end; second++)
		packets(interface, port, second, 1);
}

/* Of interface 0: first and last frame, beside its flows. */
static void capture_time(uint32_t start, uint32_t end)
{
	sides[COMPARE_CAPTURE]->interfaces[0].start = start;
	sides[COMPARE_CAPTURE]->interfaces[0].end = end;
}

/* Of interface 0: a NODATA line. */
static void silence(uint32_t start, uint32_t end)
{
	compare_spans_add(&sides[COMPARE_LOG]->interfaces[0].silent, start, end, NULL);
}

static void compare(void)
{
	compare_ledger_close(sides[COMPARE_LOG], true, NULL);
	compare_ledger_close(sides[COMPARE_CAPTURE], false, NULL);
	assert_int_equal(compare_ledgers(&result, sides[COMPARE_LOG], sides[COMPARE_CAPTURE], &options, NULL), 0);
}

/* One interface on either side. */
static void one_pair(void)
{
	assert_int_equal(log_interface("eni-1"), 0);
	assert_int_equal(capture_interface("eni-1", "eth0"), 0);
}

static void assert_flows(size_t agree, size_t differ, size_t log_only, size_t capture_only, size_t edge, size_t unseen)
{
	const size_t *flows = result->interfaces[0].flows;

	assert_int_equal(flows[COMPARE_AGREES], agree);
	assert_int_equal(flows[COMPARE_DIFFERS], differ);
	assert_int_equal(flows[COMPARE_LOG_ONLY], log_only);
	assert_int_equal(flows[COMPARE_CAPTURE_ONLY], capture_only);
	assert_int_equal(flows[COMPARE_EDGE], edge);
	assert_int_equal(flows[COMPARE_UNSEEN], unseen);
	assert_int_equal(result->finding_count, differ + log_only + capture_only + unseen);
}

static void assert_remark(const char *part)
{
	for (size_t i = 0; i < result->remark_count; i++)
		if (strstr(result->remarks[i], part))
			return;
	fail_msg("no remark has \"%s\"", part);
}

/* ---- sums ---- */

static void test_sums_of_records_and_of_seconds(void **state)
{
	(void)state;
	one_pair();
	record(0, 1, 1000, 1059, 60);
	record(0, 1, 1060, 1119, 60);
	record(0, 2, 1010, 1010, 5);
	stream(0, 1, 1000, 1119);
	packets(0, 2, 1010, 5);
	compare();
	assert_true(result->agrees);
	assert_flows(2, 0, 0, 0, 0, 0);
	assert_int_equal(result->interfaces[0].start, 1000);
	assert_int_equal(result->interfaces[0].end, 1119);
	assert_int_equal(result->interfaces[0].sums[COMPARE_LOG].packets, 125);
	assert_int_equal(result->interfaces[0].sums[COMPARE_CAPTURE].bytes, 12500);
	assert_string_equal(result->interfaces[0].id, "eni-1");
	assert_string_equal(result->interfaces[0].device, "eth0");
	assert_int_equal(result->interval, 60);
	assert_int_equal(result->remark_count, 0);
}

static void test_sums_that_differ(void **state)
{
	(void)state;
	one_pair();
	record(0, 1, 1000, 1119, 120);
	record(0, 2, 1030, 1050, 21);
	record(0, 3, 1040, 1040, 1);
	stream(0, 1, 1000, 1119);
	packets(0, 2, 1030, 22);
	packets(0, 4, 1045, 3);
	compare();
	assert_false(result->agrees);
	assert_flows(1, 1, 1, 1, 0, 0);
	for (size_t i = 0; i < 3; i++) {
		const struct compare_finding *finding = &result->findings[i];
		uint64_t log = finding->sums[COMPARE_LOG][FLOW_ACCEPT].packets;
		uint64_t capture = finding->sums[COMPARE_CAPTURE][FLOW_ACCEPT].packets;

		assert_int_equal(log, finding->key.source_port == 2 ? 21 : finding->key.source_port == 3 ? 1 : 0);
		assert_int_equal(capture, finding->key.source_port == 2 ? 22 : finding->key.source_port == 4 ? 3 : 0);
		assert_int_equal(finding->held[COMPARE_LOG].packets, log);
		assert_int_equal(finding->held[COMPARE_CAPTURE].packets, capture);
		assert_int_equal(finding->key.interface, 0);
	}
}

static void test_tolerances_are_for_both_sums(void **state)
{
	(void)state;
	options = (struct compare_options){ .tolerance = { 2, 1 } };
	one_pair();
	record(0, 1, 1000, 1999, 1000);
	record(0, 2, 1500, 1500, 198);
	record(0, 3, 1500, 1500, 100);
	packets(0, 1, 1000, 500);
	packets(0, 1, 1999, 500);
	packets(0, 2, 1500, 200);
	packets(0, 3, 1500, 102);
	compare();
	assert_flows(2, 1, 0, 0, 0, 0);
	assert_int_equal(result->findings[0].key.source_port, 3);
}

static void test_a_log_without_bytes_is_compared_by_packets(void **state)
{
	(void)state;
	one_pair();
	sides[COMPARE_LOG]->unknown = FLOW_UNKNOWN_BYTES;
	book(COMPARE_LOG, 0, 1, (struct compare_part){ .start = 1000, .end = 1119, .packets = 120 });
	book(COMPARE_LOG, 0, 2, (struct compare_part){ .start = 1030, .end = 1050, .packets = 7 });
	stream(0, 1, 1000, 1119);
	packets(0, 2, 1040, 8);
	compare();
	assert_flows(1, 1, 0, 0, 0, 0);
	assert_int_equal(result->unknown, FLOW_UNKNOWN_BYTES);
}

/* ---- time ---- */

static void test_what_lies_outside_of_the_time_in_both(void **state)
{
	(void)state;
	one_pair();
	for (uint32_t start = 960; start < 2160; start += 60)
		record(0, 1, start, start + 59, 60);
	record(0, 2, 970, 980, 5);
	record(0, 3, 2100, 2110, 5);
	stream(0, 1, 1000, 2000);
	compare();
	assert_true(result->agrees);
	assert_flows(1, 0, 0, 0, 0, 0);
	assert_int_equal(result->interfaces[0].edge_records, 2);
	assert_int_equal(result->interfaces[0].sums[COMPARE_LOG].packets, 960);
	assert_int_equal(result->interfaces[0].sums[COMPARE_CAPTURE].packets, 960);
}

/* Records of windows that begin at 17 past the minute, of the first half of a capture. */
static void test_windows_that_are_shifted(void **state)
{
	(void)state;
	one_pair();
	record(0, 1, 1000, 1036, 37);
	for (uint32_t start = 1037; start < 2000; start += 60)
		record(0, 1, start, start + 59, 60);
	record(0, 2, 1500, 1500, 1);
	stream(0, 1, 1000, 4000);
	packets(0, 2, 1500, 1);
	packets(0, 3, 3000, 1);
	compare();
	assert_true(result->agrees);
	assert_flows(2, 0, 0, 0, 0, 0);
	assert_int_equal(result->interfaces[0].edge_records, 0);
	assert_int_equal(result->interfaces[0].end, 2056);
}

static void test_intervals_of_ten_minutes(void **state)
{
	(void)state;
	one_pair();
	record(0, 1, 1200, 1799, 600);
	record(0, 1, 1800, 2399, 600);
	stream(0, 1, 1200, 2399);
	compare();
	assert_true(result->agrees);
	assert_int_equal(result->interval, 600);
	assert_int_equal(result->interfaces[0].interval_count, 2);
	assert_int_equal(result->interfaces[0].intervals[1].start, 1800);
	assert_int_equal(result->interfaces[0].intervals[1].sums[COMPARE_CAPTURE].packets, 600);
	assert_int_equal(result->interfaces[0].intervals[1].agreeing, 1);
}

/* As AWS has them: up to a minute late, each for itself. */
static void test_records_that_are_late(void **state)
{
	static const uint32_t late[] = { 3, 55, 20, 41, 60, 12 };

	(void)state;
	one_pair();
	silence(900, 959);
	for (uint16_t i = 0; i < 6; i++) {
		uint32_t start = 1000 + i * 150U;

		record(0, i, start + late[i], start + 100 + late[5 - i], 101);
		stream(0, i, start, start + 100);
	}
	silence(1960, 2019);
	capture_time(900, 2019);
	compare();
	assert_true(result->agrees);
	assert_flows(6, 0, 0, 0, 0, 0);
	assert_int_equal(result->offset_flows, 0);
}

/* The log goes on for an hour behind the capture, and so does the flow: what differs is long before. */
static void test_a_difference_far_from_the_ends_is_no_edge(void **state)
{
	(void)state;
	one_pair();
	for (uint32_t i = 0; i < 60; i++)
		record(0, 1, 1000 + i * 60, 1059 + i * 60, i == 5 ? 61 : 60);
	stream(0, 1, 1000, 2199);
	compare();
	assert_flows(0, 1, 0, 0, 0, 0);
	assert_false(result->agrees);
}

/* A record may be so late that the next one of its flow begins before it; here the late one reaches over the end. */
static void test_a_record_that_is_overtaken(void **state)
{
	(void)state;
	one_pair();
	record(0, 1, 1004, 1024, 7);
	record(0, 1, 1060, 1060, 1);
	packets(0, 1, 1000, 1);
	packets(0, 1, 1004, 3);
	packets(0, 1, 1024, 4);
	record(0, 2, 1000, 1027, 28);
	stream(0, 2, 1000, 1027);
	compare();
	assert_flows(2, 0, 0, 0, 0, 0);
	assert_true(result->agrees);
}

/* Half a second between the clocks: packets behind a record are its own before they are those of a late one. */
static void test_packets_a_second_behind_their_record(void **state)
{
	(void)state;
	one_pair();
	record(0, 1, 1056, 1056, 1);
	record(0, 1, 1109, 1109, 1);
	record(0, 1, 1134, 1134, 10);
	packets(0, 1, 1057, 1);
	packets(0, 1, 1110, 1);
	packets(0, 1, 1135, 10);
	record(0, 2, 1000, 1127, 128);
	stream(0, 2, 1000, 1127);
	options.has_offset = true;
	compare();
	assert_flows(2, 0, 0, 0, 0, 0);
}

/* Six flows with a packet a second for 100 seconds, and one with a packet in each second from 1000 to 1930: its last
 * record, which is as late as that, reaches over the end of the capture. */
static void late_at_the_end(uint32_t late)
{
	static const uint32_t lates[] = { 30, 5, 50, 12, 7, 60 };

	one_pair();
	silence(900, 959);
	for (uint16_t i = 0; i < 6; i++) {
		uint32_t start = 1000 + i * 150U;

		record(0, i, start + lates[i], start + 100 + lates[5 - i], 101);
		stream(0, i, start, start + 100);
	}
	for (uint32_t i = 0; i < 16; i++) {
		uint32_t start = 1000 + i * 60U, by = i < 15 ? lates[i % 6] : late;

		record(0, 10, start + by, start + 59 + by, 60);
	}
	stream(0, 10, 1000, 1930);
	capture_time(900, 1930);
	compare();
}

static void test_late_records_at_the_end_are_no_difference(void **state)
{
	(void)state;
	for (uint32_t late = 0; late <= 60; late++) {
		late_at_the_end(late);
		assert_int_equal(result->finding_count, 0);
		assert_int_equal(result->interfaces[0].flows[COMPARE_AGREES],
				 6 + 1 - result->interfaces[0].flows[COMPARE_EDGE]);
		assert_true(result->agrees);
		tear_down(NULL);
		set_up(NULL);
	}
}

static void test_a_cut_within_a_second(void **state)
{
	(void)state;
	one_pair();
	record(0, 1, 1000, 1100, 101);
	record(0, 2, 1090, 1100, 3);
	stream(0, 1, 1000, 1099);
	packets(0, 1, 1100, 3);
	packets(0, 2, 1090, 2);
	packets(0, 2, 1100, 4);
	packets(0, 3, 1100, 1);
	stream(0, 1, 1101, 1110);
	compare();
	assert_true(result->interfaces[0].is_judged);
	assert_flows(0, 0, 0, 0, 3, 0);
	assert_false(result->agrees);
	assert_remark("nothing was judged");
}

static void test_the_same_end_on_both_sides_is_no_cut(void **state)
{
	(void)state;
	one_pair();
	record(0, 1, 1000, 1100, 101);
	stream(0, 1, 1000, 1099);
	packets(0, 1, 1100, 3);
	compare();
	assert_flows(0, 1, 0, 0, 0, 0);
}

static void test_no_time_in_both(void **state)
{
	(void)state;
	options.has_offset = true;
	one_pair();
	record(0, 1, 1000, 1050, 5);
	packets(0, 1, 5000, 5);
	compare();
	assert_false(result->agrees);
	assert_false(result->interfaces[0].is_judged);
	assert_remark("no time in common");
	assert_flows(0, 0, 0, 0, 0, 0);
}

static void test_an_empty_log(void **state)
{
	(void)state;
	capture_interface("eni-1", "eth0");
	packets(0, 1, 1000, 1);
	compare();
	assert_false(result->agrees);
	assert_remark("the log has no records");
	assert_int_equal(result->interface_count, 1);
	assert_null(result->interfaces[0].id);
	assert_string_equal(result->interfaces[0].device, "eth0");
}

static void test_an_empty_capture(void **state)
{
	(void)state;
	log_interface("eni-1");
	record(0, 1, 1000, 1010, 1);
	compare();
	assert_false(result->agrees);
	assert_remark("the capture has no frames");
	assert_null(result->interfaces[0].device);
}

static void test_silence_on_both_sides_agrees(void **state)
{
	(void)state;
	one_pair();
	silence(1000, 1199);
	capture_time(1000, 1199);
	compare();
	assert_true(result->agrees);
	assert_true(result->interfaces[0].is_judged);
}

/* ---- clocks ---- */

/* So many flows that begin 40 seconds apart, one packet a second for 10 seconds. */
static void flows_apart(uint16_t count, int64_t offset)
{
	one_pair();
	for (uint16_t i = 0; i < count; i++) {
		uint32_t start = 100000 + i * 40U;

		record(0, i, start, start + 9, 10);
		stream(0, i, (uint32_t)(start - offset), (uint32_t)(start + 9 - offset));
	}
}

static void assert_offset(int64_t offset)
{
	tear_down(NULL);
	set_up(NULL);
	flows_apart(6, offset);
	compare();
	assert_true(result->offset == (double)offset);
	assert_int_equal(result->offset_flows, 5);
	assert_false(result->is_offset_given);
	assert_true(result->agrees);
	assert_flows(6, 0, 0, 0, 0, 0);
}

static void test_clocks_that_differ(void **state)
{
	(void)state;
	assert_offset(0);
	assert_offset(3600);
	assert_offset(-5);
	assert_offset(-19800);
	assert_offset(1);
}

static void test_an_offset_that_is_given(void **state)
{
	(void)state;
	options = (struct compare_options){ .has_offset = true, .offset = -5 };
	flows_apart(6, -5);
	compare();
	assert_true(result->is_offset_given);
	assert_int_equal(result->offset_flows, 0);
	assert_true(result->agrees);
}

static void test_hours_and_late_records(void **state)
{
	static const uint32_t late[] = { 3, 55, 20, 41, 60, 12 };

	(void)state;
	one_pair();
	silence(100000, 100059);
	for (uint16_t i = 0; i < 6; i++) {
		uint32_t start = 100100 + i * 150U;

		record(0, i, start + late[i], start + 100 + late[5 - i], 101);
		stream(0, i, start - 7200, start - 7100);
	}
	capture_time(100000 - 7200, 102000 - 7200);
	compare();
	assert_true(result->offset == 7200);
	assert_int_equal(result->offset_flows, 6);
	assert_true(result->agrees);
}

/* The log begins in the middle of flows that all began with the capture: they seem to begin later there. */
static void test_flows_that_go_on_are_no_clock(void **state)
{
	(void)state;
	one_pair();
	for (uint16_t i = 0; i < 10; i++) {
		for (uint32_t second = 1001 + i % 2; second <= 1400; second += 2)
			packets(0, i, second, 1);
		for (uint32_t start = 1201 + i % 2; start < 1381; start += 60)
			record(0, i, start, start + 58, 30);
	}
	capture_time(1000, 1400);
	compare();
	assert_true(result->offset == 0);
	assert_true(result->agrees);
}

/* ---- interfaces ---- */

static void test_interfaces_are_paired_by_what_they_share(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(log_interface((const char *[]){ "eni-a", "eni-b", "eni-c" }[i]), i);
	assert_int_equal(capture_interface("eni-x", "eth0"), 0);
	assert_int_equal(capture_interface("eni-y", "eth1"), 1);
	assert_int_equal(capture_interface("eni-z", "eth2"), 2);
	for (uint16_t port = 0; port < 3; port++) {
		record(0, port, 1000, 1010, 11);
		stream(1, port, 1000, 1010);
		record(1, port, 1000, 1010, 11);
	}
	record(1, 3, 1000, 1010, 11);
	for (uint16_t port = 0; port < 4; port++)
		stream(0, port, 1000, 1010);
	record(2, 9, 1000, 1010, 11);
	stream(2, 8, 1000, 1010);
	compare();
	assert_true(result->agrees);
	assert_string_equal(result->interfaces[0].device, "eth1");
	assert_string_equal(result->interfaces[1].device, "eth0");
	assert_null(result->interfaces[2].device);
	assert_false(result->interfaces[2].is_judged);
	assert_int_equal(result->interface_count, 4);
	assert_null(result->interfaces[3].id);
	assert_int_equal(result->interfaces[0].flows[COMPARE_AGREES], 3);
	assert_int_equal(result->interfaces[1].flows[COMPARE_AGREES], 4);
	assert_remark("eni-c of the log");
	assert_remark("eth2 of the capture");
}

/* The log of a whole VPC, and the capture of one machine. */
static void test_very_many_without_a_partner(void **state)
{
	char id[16];

	(void)state;
	for (uint16_t i = 0; i < 105; i++) {
		snprintf(id, sizeof(id), "eni-%u", i);
		record(log_interface(id), i, 1000, 1010, 11);
	}
	capture_interface("eni-x", "eth0");
	stream(0, 7, 1000, 1010);
	compare();
	assert_true(result->agrees);
	assert_string_equal(result->interfaces[7].device, "eth0");
	assert_int_equal(result->remark_count, 6);
	assert_remark("interface eni-0 of the log is in no capture");
	assert_remark("so it is with 99 interfaces more of the log");
}

static void test_a_configured_id_is_meant(void **state)
{
	(void)state;
	log_interface("eni-a");
	log_interface("eni-b");
	capture_interface("eni-b", "eth0");
	sides[COMPARE_CAPTURE]->interfaces[0].is_configured = true;
	record(0, 1, 1000, 1010, 11);
	record(1, 2, 1000, 1010, 11);
	stream(0, 1, 1000, 1010);
	compare();
	assert_false(result->agrees);
	assert_string_equal(result->interfaces[1].device, "eth0");
	assert_int_equal(result->interfaces[1].flows[COMPARE_LOG_ONLY], 1);
	assert_int_equal(result->interfaces[1].flows[COMPARE_CAPTURE_ONLY], 1);
}

static void test_one_on_either_side_is_a_pair(void **state)
{
	(void)state;
	log_interface("eni-a");
	capture_interface("eni-b", "");
	for (uint16_t port = 0; port < 8; port++) {
		record(0, port, 1000, 1010, 11);
		stream(0, 100 + port, 1000, 1010);
	}
	compare();
	assert_false(result->agrees);
	assert_int_equal(result->findings[0].cause, COMPARE_WRONG_INTERFACE);
	assert_remark("no flow in common");
}

/* ---- actions ---- */

static void test_what_is_rejected_on_its_way_in_is_not_seen(void **state)
{
	(void)state;
	one_pair();
	record(0, 1, 1000, 1119, 120);
	stream(0, 1, 1000, 1119);
	reject(2, 1050, 3, FLOW_INGRESS);
	reject(3, 1050, 3, FLOW_UNKNOWN);
	reject(1, 1060, 4, FLOW_INGRESS);
	compare();
	assert_true(result->agrees);
	assert_flows(0, 0, 0, 0, 0, 3);
	assert_int_equal(result->interfaces[0].sums[COMPARE_LOG].packets, 120);
}

static void test_what_is_rejected_on_its_way_out_is_seen(void **state)
{
	(void)state;
	one_pair();
	record(0, 1, 1000, 1119, 120);
	stream(0, 1, 1000, 1119);
	reject(2, 1050, 3, FLOW_EGRESS);
	packets(0, 2, 1050, 3);
	reject(3, 1050, 3, FLOW_EGRESS);
	compare();
	assert_false(result->agrees);
	assert_flows(2, 0, 1, 0, 0, 0);
	assert_int_equal(result->findings[0].key.source_port, 3);
	assert_int_equal(result->findings[0].key.direction, FLOW_EGRESS);
}

static void test_rejected_packets_that_the_capture_has_after_all(void **state)
{
	(void)state;
	one_pair();
	record(0, 1, 1000, 1119, 120);
	stream(0, 1, 1000, 1119);
	reject(2, 1050, 3, FLOW_INGRESS);
	packets(0, 2, 1050, 3);
	compare();
	assert_true(result->agrees);
	assert_flows(2, 0, 0, 0, 0, 0);
}

static void test_verdicts_of_rules_must_agree(void **state)
{
	(void)state;
	options.has_verdicts = true;
	one_pair();
	record(0, 1, 1000, 1119, 120);
	stream(0, 1, 1000, 1119);
	reject(2, 1050, 3, FLOW_EGRESS);
	packets(0, 2, 1050, 3);
	compare();
	assert_flows(1, 1, 0, 0, 0, 0);
	assert_int_equal(result->findings[0].cause, COMPARE_RULES);
}

/* ---- intervals, duplicates, order ---- */

static void test_intervals_tell_where_it_differs(void **state)
{
	const struct compare_interval *intervals;

	(void)state;
	one_pair();
	silence(1017, 1076);
	record(0, 1, 1077, 1136, 60);
	record(0, 1, 1137, 1196, 55);
	record(0, 1, 1257, 1316, 60);
	compare_spans_add(&sides[COMPARE_LOG]->interfaces[0].skipped, 1257, 1316, NULL);
	stream(0, 1, 1077, 1196);
	stream(0, 1, 1257, 1316);
	capture_time(1017, 1316);
	compare();
	assert_int_equal(result->interfaces[0].interval_count, 5);
	intervals = result->interfaces[0].intervals;
	assert_int_equal(intervals[0].start, 1017);
	assert_int_equal(intervals[0].agreeing + intervals[0].differing, 0);
	assert_int_equal(intervals[1].agreeing, 1);
	assert_int_equal(intervals[2].differing, 1);
	assert_int_equal(intervals[2].sums[COMPARE_LOG].packets, 55);
	assert_int_equal(intervals[2].sums[COMPARE_CAPTURE].packets, 60);
	assert_true(intervals[3].is_missing);
	assert_false(intervals[2].is_missing);
	assert_true(intervals[4].is_skipped);
	assert_false(intervals[3].is_skipped);
	assert_int_equal(intervals[4].agreeing, 1);
}

static void test_lines_that_stand_twice(void **state)
{
	(void)state;
	one_pair();
	record(0, 1, 1000, 1119, 120);
	stream(0, 1, 1000, 1119);
	record(0, 2, 1050, 1050, 2);
	record(0, 2, 1050, 1050, 2);
	packets(0, 2, 1050, 2);
	compare();
	assert_flows(1, 1, 0, 0, 0, 0);
	assert_int_equal(result->findings[0].cause, COMPARE_DUPLICATED);
	assert_remark("1 record of the log stands in it before");
}

static void test_findings_stand_in_order(void **state)
{
	static const uint16_t order[] = { 5, 3, 4, 7 };

	(void)state;
	one_pair();
	record(0, 1, 1000, 1119, 120);
	stream(0, 1, 1000, 1119);
	reject(7, 1050, 30, FLOW_INGRESS);
	record(0, 4, 1050, 1050, 2);
	record(0, 5, 1050, 1050, 20);
	record(0, 3, 1050, 1050, 2);
	for (uint16_t port = 3; port < 6; port++)
		packets(0, port, 1050, 1);
	compare();
	assert_int_equal(result->finding_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(result->findings[i].key.source_port, order[i]);
}

static void test_super_packets_agree_by_bytes(void **state)
{
	(void)state;
	one_pair();
	record(0, 1, 1000, 1119, 120);
	stream(0, 1, 1000, 1119);
	record(0, 2, 1050, 1050, 30);
	book(COMPARE_CAPTURE, 0, 2, (struct compare_part){ .start = 1050, .end = 1050, .packets = 1, .bytes = 3000 });
	sides[COMPARE_CAPTURE]->flows[1].largest = 3000;
	compare();
	assert_true(result->agrees);
	assert_flows(2, 0, 0, 0, 0, 0);
	assert_int_equal(result->interfaces[0].by_bytes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_sums_of_records_and_of_seconds),
		RIGGED(test_sums_that_differ),
		RIGGED(test_tolerances_are_for_both_sums),
		RIGGED(test_a_log_without_bytes_is_compared_by_packets),
		RIGGED(test_what_lies_outside_of_the_time_in_both),
		RIGGED(test_windows_that_are_shifted),
		RIGGED(test_intervals_of_ten_minutes),
		RIGGED(test_records_that_are_late),
		RIGGED(test_a_difference_far_from_the_ends_is_no_edge),
		RIGGED(test_a_record_that_is_overtaken),
		RIGGED(test_packets_a_second_behind_their_record),
		RIGGED(test_late_records_at_the_end_are_no_difference),
		RIGGED(test_a_cut_within_a_second),
		RIGGED(test_the_same_end_on_both_sides_is_no_cut),
		RIGGED(test_no_time_in_both),
		RIGGED(test_an_empty_log),
		RIGGED(test_an_empty_capture),
		RIGGED(test_silence_on_both_sides_agrees),
		RIGGED(test_clocks_that_differ),
		RIGGED(test_an_offset_that_is_given),
		RIGGED(test_hours_and_late_records),
		RIGGED(test_flows_that_go_on_are_no_clock),
		RIGGED(test_interfaces_are_paired_by_what_they_share),
		RIGGED(test_very_many_without_a_partner),
		RIGGED(test_a_configured_id_is_meant),
		RIGGED(test_one_on_either_side_is_a_pair),
		RIGGED(test_what_is_rejected_on_its_way_in_is_not_seen),
		RIGGED(test_what_is_rejected_on_its_way_out_is_seen),
		RIGGED(test_rejected_packets_that_the_capture_has_after_all),
		RIGGED(test_verdicts_of_rules_must_agree),
		RIGGED(test_intervals_tell_where_it_differs),
		RIGGED(test_lines_that_stand_twice),
		RIGGED(test_findings_stand_in_order),
		RIGGED(test_super_packets_agree_by_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
