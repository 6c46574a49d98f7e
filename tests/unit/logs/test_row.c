#include "logs/row.h"

#include "check.h"

#include <string.h>

#include "logs/layout.h"
#include "reading.h"

static struct log_row row;
static struct log_record record;
static const struct log_text before[LOG_TEXTS];

/* Takes "name value" pairs. Returns whether each value is one. */
static bool take(const char *pairs)
{
	const char *end = pairs + strlen(pairs);

	log_row_begin(&row, before);
	for (const char *at = pairs; at < end;) {
		const char *value = strchr(at, ' ') + 1;
		unsigned column = log_column_find(at, (size_t)(value - at - 1));

		at = log_row_take(&row, (uint8_t)column, value);
		if (!at)
			return false;
		at += *at == ' ';
	}
	return true;
}

static bool read_pairs(const char *pairs)
{
	return take(pairs) && log_row_finish(&row, &record);
}

static void assert_taken(const char *pairs)
{
	if (!read_pairs(pairs))
		fail_msg("%s: %s", pairs, row.fault.text);
}

static void assert_refused(const char *pairs, const char *sentence)
{
	assert_false(read_pairs(pairs));
	assert_string_equal(row.fault.text, sentence);
}

static void numbers_have_the_range_of_their_field(void **state)
{
	(void)state;
	assert_taken("start 0 end 9223372036 srcport 65535 dstport 0 protocol 255 tcp-flags 255 version 999 "
		     "packets 18446744073709551615 bytes 00000000000000000000000000007");
	assert_int_equal(record.end, 9223372036);
	assert_int_equal(record.source_port, 65535);
	assert_int_equal(record.protocol, 255);
	assert_true(record.packets == UINT64_MAX);
	assert_int_equal(record.bytes, 7);
	assert_refused("srcport 70000", "srcport 70000 is more than 65535");
	assert_refused("protocol 256", "protocol 256 is more than 255");
	assert_refused("packets 18446744073709551616", "packets 18446744073709551616 is more than "
						       "18446744073709551615");
	assert_refused("bytes -1", "bytes '-1' is no number");
	assert_refused("bytes 1.5", "bytes '1.5' is no number");
	assert_refused("tcp-flags 0x2", "tcp-flags '0x2' is no number");
}

static void late_times_are_milliseconds(void **state)
{
	(void)state;
	assert_taken("start 1512564058999 end 1512564059000");
	assert_int_equal(record.start, 1512564058);
	assert_int_equal(record.end, 1512564059);
	assert_refused("start 99999999999", "start 99999999999 is more than 9223372036");
	assert_refused("start 1e9", "start '1e9' is no time in Unix seconds");
}

static void a_record_has_a_start_and_an_end(void **state)
{
	(void)state;
	assert_refused("start 5 end 4", "start 5 is after end 4");
	assert_refused("start - end 4", "start has no value");
	assert_refused("start 4", "there is no end");
	assert_taken("start 4 end 4");
}

static void addresses_are_ipv4_or_ipv6(void **state)
{
	(void)state;
	assert_taken("start 1 end 2 srcaddr 0.10.200.255 dstaddr 1.2.3.4");
	assert_int_equal(record.family, FLOW_IPV4);
	assert_address(&record.source, "0.10.200.255");
	assert_taken("start 1 end 2 srcaddr ::ffff:1.2.3.4 dstaddr 2001:DB8::1");
	assert_int_equal(record.family, FLOW_IPV6);
	assert_address(&record.source, "::ffff:1.2.3.4");
	assert_address(&record.destination, "2001:db8::1");
	assert_refused("start 1 end 2 srcaddr 1.2.3", "srcaddr '1.2.3' is no IP address");
	assert_refused("start 1 end 2 srcaddr 1.2.3.256", "srcaddr '1.2.3.256' is no IP address");
	assert_refused("start 1 end 2 srcaddr 1.2.3.04", "srcaddr '1.2.3.04' is no IP address");
	assert_refused("start 1 end 2 dstaddr fe80::1%eth0", "dstaddr 'fe80::1%eth0' is no IP address");
	assert_refused("start 1 end 2 srcaddr 1.2.3.4 dstaddr ::1", "its addresses are of both IPv4 and IPv6");
}

static void an_address_stands_in_for_another(void **state)
{
	(void)state;
	assert_taken("start 1 end 2 srcaddr 10.0.0.1 dstaddr - pkt-srcaddr - pkt-dstaddr 10.0.0.2");
	assert_address(&record.packet_source, "10.0.0.1");
	assert_address(&record.destination, "10.0.0.2");
	assert_true(row.unknown & FLOW_UNKNOWN_DSTADDR && row.unknown & FLOW_UNKNOWN_PKT_SRCADDR);
	assert_false(row.unknown & (FLOW_UNKNOWN_SRCADDR | FLOW_UNKNOWN_PKT_DSTADDR | FLOW_UNKNOWN_TYPE));
}

static void efa_has_no_addresses(void **state)
{
	(void)state;
	assert_taken("start 1 end 2 srcaddr 02:00:00:00:00:01 dstaddr 1.2. type EFA");
	assert_true(row.unknown & FLOW_UNKNOWN_SRCADDR && row.unknown & FLOW_UNKNOWN_DSTADDR);
	assert_true(row.unknown & FLOW_UNKNOWN_TYPE);
	assert_address(&record.destination, "0.0.0.0");
	assert_taken("start 1 end 2 type ipv6");
	assert_int_equal(record.family, FLOW_IPV6);
	assert_false(row.unknown & FLOW_UNKNOWN_TYPE);
	assert_taken("start 1 end 2 srcaddr 10.0.0.1 type IPv6");
	assert_int_equal(record.family, FLOW_IPV4);
}

static void words_are_those_of_their_field(void **state)
{
	(void)state;
	assert_taken("start 1 end 2 action REJECT flow-direction egress log-status OK");
	assert_int_equal(record.action, FLOW_REJECT);
	assert_int_equal(record.direction, FLOW_EGRESS);
	assert_taken("start 1 end 2 action accept flow-direction - log-status ok");
	assert_int_equal(record.action, FLOW_ACCEPT);
	assert_int_equal(record.direction, FLOW_UNKNOWN);
	assert_refused("action DROP", "action 'DROP' is no word of that field");
	assert_refused("flow-direction in", "flow-direction 'in' is no word of that field");
	assert_refused("log-status OKAY", "log-status 'OKAY' is no word of that field");
}

static void what_is_missing_is_unknown(void **state)
{
	const unsigned rest = FLOW_UNKNOWN_SRCADDR | FLOW_UNKNOWN_DSTADDR | FLOW_UNKNOWN_PKT_SRCADDR |
			      FLOW_UNKNOWN_PKT_DSTADDR | FLOW_UNKNOWN_SRCPORT | FLOW_UNKNOWN_DSTPORT |
			      FLOW_UNKNOWN_PROTOCOL | FLOW_UNKNOWN_TCP_FLAGS | FLOW_UNKNOWN_TYPE;

	(void)state;
	assert_taken("start 1 end 2 packets 3 bytes - action -");
	assert_int_equal(record.status, FLOW_OK);
	assert_int_equal(row.unknown, rest | FLOW_UNKNOWN_BYTES | FLOW_UNKNOWN_ACTION);
	/* A line of status says nothing of a flow, and so lacks nothing. */
	assert_taken("start 1 end 2 packets - bytes - action - log-status NODATA");
	assert_int_equal(row.unknown, rest);
	assert_int_equal(record.status, FLOW_NODATA);
}

static void values_are_taken_whole(void **state)
{
	(void)state;
	log_row_begin(&row, before);
	assert_true(log_row_take_whole(&row, FIELD_VPC_ID, "vpc-1", 5));
	assert_true(log_row_take_whole(&row, FIELD_SUBNET_ID, "", 0));
	assert_int_equal(row.texts_set, (uint64_t)1 << FLOW_VPC_ID);
	assert_false(log_row_take_whole(&row, FIELD_INSTANCE_TAG, "my tag", 6));
	assert_string_equal(row.fault.text, "instance-tag has a blank or control character in it");
}

static void numbers_need_no_text(void **state)
{
	(void)state;
	assert_true(log_row_takes_numbers(FIELD_START));
	assert_true(log_row_takes_numbers(FIELD_VERSION));
	assert_false(log_row_takes_numbers(FIELD_ACCOUNT_ID));
	assert_false(log_row_takes_numbers(FIELD_SRCADDR));
	log_row_begin(&row, before);
	assert_true(log_row_take_number(&row, FIELD_DSTPORT, 65535));
	assert_true(log_row_take_number(&row, FIELD_START, 1600000020123));
	assert_true(log_row_take_number(&row, FIELD_END, 1600000021));
	assert_true(log_row_finish(&row, &record));
	assert_int_equal(record.destination_port, 65535);
	assert_int_equal(record.start, 1600000020);
	assert_int_equal(record.end, 1600000021);
	assert_false(row.unknown & FLOW_UNKNOWN_DSTPORT);
	assert_false(log_row_take_number(&row, FIELD_DSTPORT, 65536));
	assert_string_equal(row.fault.text, "dstport 65536 is more than 65535");
	assert_false(log_row_take_number(&row, FIELD_END, UINT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_have_the_range_of_their_field),
		TEST(late_times_are_milliseconds),
		TEST(a_record_has_a_start_and_an_end),
		TEST(addresses_are_ipv4_or_ipv6),
		TEST(an_address_stands_in_for_another),
		TEST(efa_has_no_addresses),
		TEST(words_are_those_of_their_field),
		TEST(what_is_missing_is_unknown),
		TEST(values_are_taken_whole),
		TEST(numbers_need_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
