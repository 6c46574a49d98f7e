#include "output/encoder.h"

#include "check.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char account[] = "123456789010", interface_id[] = "eni-1", vpc[] = "vpc-1", dash[] = "-", tag[] = "a\"b,c";

static const struct flow_interface web = {
	.identity = { [FLOW_ACCOUNT_ID] = account,
		      [FLOW_INTERFACE_ID] = interface_id,
		      [FLOW_VPC_ID] = vpc,
		      [FLOW_SUBNET_ID] = dash,
		      [FLOW_INSTANCE_TAG] = tag },
};

static struct flow_address address(int family, const char *text)
{
	struct flow_address out = { { 0 } };

	assert_int_equal(inet_pton(family, text, out.octets), 1);
	return out;
}

static struct flow_record record_of(uint8_t status)
{
	return (struct flow_record){
		.interface = &web,
		.status = status,
		.family = FLOW_IPV4,
		.protocol = 6,
		.tcp_flags = 19,
		.action = FLOW_ACCEPT,
		.direction = FLOW_INGRESS,
		.source_port = 49152,
		.destination_port = 443,
		.start = 1700000000,
		.end = 1700000059,
		.packets = 12,
		.bytes = 4310,
		.source = address(AF_INET, "192.0.2.10"),
		.destination = address(AF_INET, "10.0.0.1"),
		.packet_source = address(AF_INET, "198.51.100.7"),
		.packet_destination = address(AF_INET, "10.0.0.255"),
	};
}

static struct output_encoder *encoder_for(const char *text, enum output_encoding encoding)
{
	struct output_encoder *encoder;
	struct output_format format;

	assert_int_equal(output_format_parse(&format, text, NULL), 0);
	assert_int_equal(output_encoder_new(&encoder, &format, encoding, NULL), 0);
	return encoder;
}

/* The line, in memory of the very size that was asked for: a sanitizer sees what goes beyond. */
static void check_line(struct output_encoder *encoder, const struct flow_record *record, const char *want)
{
	size_t room = output_encoder_room(encoder, record);
	char *line = malloc(room);
	size_t length = output_encoder_line(encoder, record, line);

	assert_in_range(length, 1, room);
	if (length != strlen(want) || memcmp(line, want, length) != 0)
		fail_msg("wanted %sgot    %.*s", want, (int)length, line);
	free(line);
}

static void check(const char *format, enum output_encoding encoding, const struct flow_record *record, const char *want)
{
	struct output_encoder *encoder = encoder_for(format, encoding);

	check_line(encoder, record, want);
	output_encoder_free(encoder);
}

static void default_format(void **state)
{
	struct flow_record record = record_of(FLOW_OK);

	(void)state;
	check("default", OUTPUT_TEXT, &record,
	      "2 123456789010 eni-1 192.0.2.10 10.0.0.1 49152 443 6 12 4310 1700000000 1700000059 ACCEPT OK\n");
	record.status = FLOW_NODATA;
	check("default", OUTPUT_TEXT, &record, "2 123456789010 eni-1 - - - - - - - 1700000000 1700000059 - NODATA\n");
	record.status = FLOW_SKIPDATA;
	check("default", OUTPUT_TEXT, &record, "2 123456789010 eni-1 - - - - - - - 1700000000 1700000059 - SKIPDATA\n");
}

static void all_fields(void **state)
{
	struct flow_record record = record_of(FLOW_OK);

	(void)state;
	record.traffic_path = 8;
	check("all", OUTPUT_TEXT, &record,
	      "11 123456789010 eni-1 192.0.2.10 10.0.0.1 49152 443 6 12 4310 1700000000 1700000059 ACCEPT OK vpc-1 - - "
	      "19 IPv4 "
	      "198.51.100.7 10.0.0.255 - - - - - - ingress 8 - - - - - - - - - - - - - a\"b,c - - - - - - - - - - -\n");
	record.status = FLOW_NODATA;
	check("all", OUTPUT_TEXT, &record,
	      "11 123456789010 eni-1 - - - - - - - 1700000000 1700000059 - NODATA vpc-1 - - - - - - - - - - - - - - - "
	      "- - - - - "
	      "- - - - - - - a\"b,c - - - - - - - - - - -\n");
}

/* What each value of the small fields is called. */
static void words(void **state)
{
	const char *format = "action flow-direction type traffic-path";
	struct flow_record record = record_of(FLOW_OK);
	struct output_encoder *encoder = encoder_for(format, OUTPUT_TEXT);

	(void)state;
	check_line(encoder, &record, "ACCEPT ingress IPv4 -\n");
	record.action = FLOW_REJECT;
	check_line(encoder, &record, "REJECT ingress IPv4 -\n");
	record.direction = FLOW_EGRESS;
	check_line(encoder, &record, "REJECT egress IPv4 -\n");
	record.traffic_path = 1;
	check_line(encoder, &record, "REJECT egress IPv4 1\n");
	record.direction = FLOW_UNKNOWN;
	check_line(encoder, &record, "REJECT - IPv4 1\n");
	record.family = FLOW_IPV6;
	check_line(encoder, &record, "REJECT - IPv6 1\n");
	record.status = FLOW_SKIPDATA;
	check_line(encoder, &record, "- - - -\n");
	output_encoder_free(encoder);
}

static void ipv6_addresses(void **state)
{
	struct flow_record record = record_of(FLOW_OK);

	(void)state;
	record.family = FLOW_IPV6;
	record.source = address(AF_INET6, "2001:db8::1");
	record.destination = address(AF_INET6, "::ffff:192.0.2.1");
	record.packet_source = address(AF_INET6, "1111:2222:3333:4444:5555:6666:7777:8888");
	record.packet_destination = address(AF_INET6, "::");
	check("srcaddr dstaddr pkt-srcaddr pkt-dstaddr", OUTPUT_TEXT, &record,
	      "2001:db8::1 ::ffff:192.0.2.1 1111:2222:3333:4444:5555:6666:7777:8888 ::\n");
}

static void greatest_numbers(void **state)
{
	struct flow_record record = record_of(FLOW_OK);

	(void)state;
	record.packets = record.bytes = UINT64_MAX;
	record.source_port = record.destination_port = 65535;
	record.protocol = record.tcp_flags = 255;
	record.start = INT64_MIN;
	record.end = INT64_MAX;
	check("packets bytes srcport dstport protocol tcp-flags start end", OUTPUT_TEXT, &record,
	      "18446744073709551615 18446744073709551615 65535 65535 255 255 -9223372036854775808 "
	      "9223372036854775807\n");
}

static void json(void **state)
{
	const char *format =
		"version srcaddr srcport vpc-id subnet-id instance-tag traffic-path encryption-status start log-status";
	struct flow_record record = record_of(FLOW_OK);

	(void)state;
	check(format, OUTPUT_JSON, &record,
	      "{\"version\":11,\"srcaddr\":\"192.0.2.10\",\"srcport\":49152,\"vpc-id\":\"vpc-1\",\"subnet-id\":null,"
	      "\"instance-tag\":\"a\\\"b,c\",\"traffic-path\":null,\"encryption-status\":null,\"start\":1700000000,"
	      "\"log-status\":\"OK\"}\n");
	record.traffic_path = 7;
	check("traffic-path type", OUTPUT_JSON, &record, "{\"traffic-path\":7,\"type\":\"IPv4\"}\n");
	record.status = FLOW_NODATA;
	check("srcaddr srcport end log-status", OUTPUT_JSON, &record,
	      "{\"srcaddr\":null,\"srcport\":null,\"end\":1700000059,\"log-status\":\"NODATA\"}\n");
}

static void csv(void **state)
{
	struct flow_record record = record_of(FLOW_OK);

	(void)state;
	check("version srcaddr subnet-id instance-tag end", OUTPUT_CSV, &record,
	      "11,192.0.2.10,-,\"a\"\"b,c\",1700000059\n");
}

static void check_header(const char *format, enum output_encoding encoding, const char *want)
{
	struct output_encoder *encoder = encoder_for(format, encoding);
	size_t length = 99;
	const char *header = output_encoder_header(encoder, &length);

	assert_int_equal(length, strlen(want));
	assert_memory_equal(header, want, length);
	output_encoder_free(encoder);
}

static void headers(void **state)
{
	(void)state;
	check_header("nat", OUTPUT_TEXT, "instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr\n");
	check_header("nat", OUTPUT_CSV, "instance-id,interface-id,srcaddr,dstaddr,pkt-srcaddr,pkt-dstaddr\n");
	check_header("end", OUTPUT_TEXT, "end\n");
	check_header("nat", OUTPUT_JSON, "");
}

/* Each interface has its own constants, whatever the order in which they come. */
static void many_interfaces(void **state)
{
	static char ids[][8] = { "eni-0", "eni-1", "eni-2", "eni-3" };
	struct flow_interface interfaces[4] = { 0 };
	struct output_encoder *encoder = encoder_for("interface-id srcport", OUTPUT_TEXT);
	struct flow_record record = record_of(FLOW_OK);
	char want[32];

	(void)state;
	for (uint32_t n = 0; n < 2000; n += 7) {
		struct flow_interface *interface = &interfaces[n % 4];

		interface->identity[FLOW_INTERFACE_ID] = ids[n % 4];
		record.interface = interface;
		record.interface_number = n * 13 % 2000;
		snprintf(want, sizeof(want), "%s 49152\n", ids[n % 4]);
		check_line(encoder, &record, want);
	}
	output_encoder_free(encoder);
}

/* Literals and values of every length meet at the end of the room that was asked for. */
static void room_is_enough_for_the_longest_line(void **state)
{
	struct flow_record record = record_of(FLOW_OK);
	struct flow_interface interface = web;
	char id[64] = "", want[256];

	(void)state;
	record.interface = &interface;
	record.family = FLOW_IPV6;
	record.source = address(AF_INET6, "1111:2222:3333:4444:5555:6666:7777:8888");
	interface.identity[FLOW_INTERFACE_ID] = id;
	for (size_t length = 1; length < sizeof(id); length++) {
		memset(id, 'x', length);
		snprintf(want, sizeof(want),
			 "{\"interface-id\":\"%s\",\"srcaddr\":\"1111:2222:3333:4444:5555:6666:7777:8888\"}\n", id);
		check("interface-id srcaddr", OUTPUT_JSON, &record, want);
		snprintf(want, sizeof(want), "1111:2222:3333:4444:5555:6666:7777:8888 %s\n", id);
		check("srcaddr interface-id", OUTPUT_TEXT, &record, want);
	}
}

/* ---- against a slow second encoder ---- */

static uint64_t next_random(void)
{
	static uint64_t seed = 7;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Values that repeat now and then, near and far, and those at the ends. */
static int64_t random_time(void)
{
	static const int64_t ends[] = { 0, -1, 1, 63, 64, 9999999999, INT64_MAX, INT64_MIN };

	if (next_random() % 16 == 0)
		return ends[next_random() % 8];
	return 1700000000 + (int64_t)(next_random() % (next_random() % 2 ? 61 : 1000));
}

static struct flow_address random_address(uint8_t family)
{
	struct flow_address out = { { 0 } };
	bool frequent = next_random() % 2;
	size_t length = family == FLOW_IPV4 ? 4 : 16;

	for (size_t i = 0; i < length; i++)
		out.octets[i] = (uint8_t)(frequent ? i * 17 : next_random());
	if (frequent)
		out.octets[length - 1] = (uint8_t)(next_random() % 4);
	if (family == FLOW_IPV6 && next_random() % 4 == 0)
		memset(out.octets + 2, 0, 2 * (next_random() % 8));
	if (next_random() % 64 == 0)
		memset(out.octets, 0, sizeof(out.octets));
	return out;
}

static struct flow_record random_record(const struct flow_interface *interfaces, size_t count)
{
	uint32_t number = (uint32_t)(next_random() % count);
	uint8_t family = next_random() % 2 ? FLOW_IPV4 : FLOW_IPV6;

	return (struct flow_record){
		.interface = &interfaces[number],
		.interface_number = number,
		.status = (uint8_t)(next_random() % 8 ? FLOW_OK : 1 + next_random() % 2),
		.family = family,
		.protocol = (uint8_t)next_random(),
		.tcp_flags = (uint8_t)next_random(),
		.action = next_random() % 2 ? FLOW_ACCEPT : FLOW_REJECT,
		.direction = (uint8_t)(next_random() % 3),
		.traffic_path = (uint8_t)(next_random() % 9),
		.source_port = (uint16_t)(next_random() >> next_random() % 16),
		.destination_port = (uint16_t)next_random(),
		.start = random_time(),
		.end = random_time(),
		.packets = next_random() >> next_random() % 64,
		.bytes = next_random() >> next_random() % 64,
		.source = random_address(family),
		.destination = random_address(family),
		.packet_source = random_address(family),
		.packet_destination = random_address(family),
	};
}

enum { VALUE_SIZE = 64 };

static const char *address_text(char out[static VALUE_SIZE], uint8_t family, const struct flow_address *address)
{
	return inet_ntop(family == FLOW_IPV4 ? AF_INET : AF_INET6, address->octets, out, VALUE_SIZE);
}

static const char *number_text(char out[static VALUE_SIZE], uint64_t value)
{
	snprintf(out, VALUE_SIZE, "%" PRIu64, value);
	return out;
}

static const char *time_text(char out[static VALUE_SIZE], int64_t value)
{
	snprintf(out, VALUE_SIZE, "%" PRId64, value);
	return out;
}

/* What a field says of a flow; NULL: nothing. */
static const char *flow_text(char out[static VALUE_SIZE], uint8_t id, const struct flow_record *record)
{
	switch (id) {
	case FIELD_SRCADDR:
		return address_text(out, record->family, &record->source);
	case FIELD_DSTADDR:
		return address_text(out, record->family, &record->destination);
	case FIELD_PKT_SRCADDR:
		return address_text(out, record->family, &record->packet_source);
	case FIELD_PKT_DSTADDR:
		return address_text(out, record->family, &record->packet_destination);
	case FIELD_SRCPORT:
		return number_text(out, record->source_port);
	case FIELD_DSTPORT:
		return number_text(out, record->destination_port);
	case FIELD_PROTOCOL:
		return number_text(out, record->protocol);
	case FIELD_PACKETS:
		return number_text(out, record->packets);
	case FIELD_BYTES:
		return number_text(out, record->bytes);
	case FIELD_TCP_FLAGS:
		return number_text(out, record->tcp_flags);
	case FIELD_TRAFFIC_PATH:
		return record->traffic_path ? number_text(out, record->traffic_path) : NULL;
	case FIELD_ACTION:
		return record->action == FLOW_ACCEPT ? "ACCEPT" : "REJECT";
	case FIELD_TYPE:
		return record->family == FLOW_IPV4 ? "IPv4" : "IPv6";
	case FIELD_FLOW_DIRECTION:
		return record->direction == FLOW_INGRESS  ? "ingress"
		       : record->direction == FLOW_EGRESS ? "egress"
							  : NULL;
	default:
		return NULL;
	}
}

static const char *value_text(char out[static VALUE_SIZE], uint8_t id, const struct output_format *format,
			      const struct flow_record *record)
{
	int identity = output_fields[id].identity;

	if (identity >= 0)
		return record->interface->identity[identity];
	if (id == FIELD_VERSION)
		return number_text(out, format->version);
	if (id == FIELD_START)
		return time_text(out, record->start);
	if (id == FIELD_END)
		return time_text(out, record->end);
	if (id == FIELD_LOG_STATUS)
		return record->status == FLOW_OK ? "OK" : record->status == FLOW_NODATA ? "NODATA" : "SKIPDATA";
	return record->status == FLOW_OK ? flow_text(out, id, record) : NULL;
}

static void reference(char *out, const struct output_format *format, enum output_encoding encoding,
		      const struct flow_record *record)
{
	bool json = encoding == OUTPUT_JSON;

	for (size_t i = 0; i < format->count; i++) {
		const struct output_field *field = &output_fields[format->fields[i]];
		char room[VALUE_SIZE];
		const char *value = value_text(room, format->fields[i], format, record);
		const char *quote = json && value && field->type == OUTPUT_STRING ? "\"" : "";

		if (i)
			out += sprintf(out, "%s", encoding == OUTPUT_TEXT ? " " : ",");
		if (json)
			out += sprintf(out, "%s\"%s\":", i ? "" : "{", field->name);
		out += sprintf(out, "%s%s%s", quote, value ? value : json ? "null" : "-", quote);
	}
	sprintf(out, "%s\n", json ? "}" : "");
}

static void check_random_records(const struct output_format *format, enum output_encoding encoding)
{
	const struct flow_interface interfaces[] = {
		{ .identity = { [FLOW_ACCOUNT_ID] = account, [FLOW_INTERFACE_ID] = interface_id } },
		{ .identity = { [FLOW_INTERFACE_ID] = vpc, [FLOW_VPC_ID] = vpc, [FLOW_AZ_ID] = account } },
		{ .identity = { [FLOW_SUBNET_ID] = vpc } },
	};
	struct output_encoder *encoder;
	char want[16384];

	assert_int_equal(output_encoder_new(&encoder, format, encoding, NULL), 0);
	for (int i = 0; i < 2000; i++) {
		struct flow_record record = random_record(interfaces, 3);

		reference(want, format, encoding, &record);
		check_line(encoder, &record, want);
	}
	output_encoder_free(encoder);
}

static void check_encodings(const struct output_format *format)
{
	check_random_records(format, OUTPUT_TEXT);
	check_random_records(format, OUTPUT_CSV);
	check_random_records(format, OUTPUT_JSON);
}

static void presets_as_the_reference_has_them(void **state)
{
	struct output_format format;

	(void)state;
	for (size_t n = 0; output_format_preset(n, &format); n++)
		check_encodings(&format);
}

/* What the default format has in one piece, with a part missing, doubled, in another order, at the ends of a line. */
static void formats_as_the_reference_has_them(void **state)
{
	static const char *const texts[] = {
		"srcaddr dstaddr srcport dstport protocol packets bytes start end",
		"srcaddr dstaddr srcport dstport protocol packets bytes start",
		"srcaddr dstaddr srcport dstport protocol packets bytes start action end",
		"dstaddr srcport dstport protocol packets bytes start end action",
		"srcaddr dstaddr srcport dstport protocol bytes packets start end",
		"srcaddr srcaddr dstaddr srcport dstport protocol packets bytes start end end",
		("srcaddr dstaddr srcport dstport protocol packets bytes start end "
		 "srcaddr dstaddr srcport dstport protocol packets bytes start end srcaddr"),
		"start",
		"log-status",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct output_format format;

		assert_int_equal(output_format_parse(&format, texts[i], NULL), 0);
		check_encodings(&format);
	}
}

/* Any order, any length, and fields that stand twice. */
static void random_formats(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		struct output_format format;
		char text[4096] = "";
		size_t fields = 1 + next_random() % 60;

		for (size_t i = 0, used = 0; i < fields; i++)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? " " : "",
						 output_fields[next_random() % FIELD_END_OF_LIST].name);
		assert_int_equal(output_format_parse(&format, text, NULL), 0);
		check_random_records(&format, (enum output_encoding)(round % 3));
	}
}

/* Records that are read back from a log: what it carries, and what it leaves open. */
static void test_what_a_log_carries(void **state)
{
	static char service[] = "AMAZON", path[] = "8", odd_path[] = "08", reason[] = "BPA", status[] = "2";
	struct flow_record record = record_of(FLOW_OK);
	struct flow_interface interface = web;

	(void)state;
	record.interface = &interface;
	record.traffic_path = 1;
	record.packet_source_service = "S3";
	interface.is_read_back = true;
	interface.carried[FLOW_CARRIED_DESTINATION_SERVICE] = service;
	interface.carried[FLOW_CARRIED_TRAFFIC_PATH] = path;
	interface.carried[FLOW_CARRIED_REJECT_REASON] = reason;
	interface.carried[FLOW_CARRIED_ENCRYPTION_STATUS] = status;
	interface.carried[FLOW_CARRIED_NEXT_HOP_VPC_ID] = vpc;
	check("pkt-src-aws-service pkt-dst-aws-service traffic-path reject-reason encryption-status next-hop-vpc-id "
	      "next-hop-az-id",
	      OUTPUT_TEXT, &record, "S3 AMAZON 8 BPA 2 vpc-1 -\n");
	check("pkt-dst-aws-service traffic-path encryption-status next-hop-az-id", OUTPUT_JSON, &record,
	      "{\"pkt-dst-aws-service\":\"AMAZON\",\"traffic-path\":8,\"encryption-status\":2,"
	      "\"next-hop-az-id\":null}\n");
	interface.carried[FLOW_CARRIED_TRAFFIC_PATH] = odd_path;
	check("traffic-path", OUTPUT_JSON, &record, "{\"traffic-path\":\"08\"}\n");
	record.status = FLOW_NODATA;
	check("traffic-path reject-reason interface-id log-status", OUTPUT_TEXT, &record, "- - eni-1 NODATA\n");
}

static void test_what_a_log_leaves_open(void **state)
{
	static const char fields[] = "srcaddr dstaddr srcport dstport protocol packets bytes start end action "
				     "tcp-flags type pkt-srcaddr pkt-dstaddr";
	struct flow_record record = record_of(FLOW_OK);
	struct flow_interface interface = web;

	(void)state;
	record.interface = &interface;
	interface.is_read_back = true;
	check(fields, OUTPUT_TEXT, &record,
	      "192.0.2.10 10.0.0.1 49152 443 6 12 4310 1700000000 1700000059 ACCEPT 19 IPv4 198.51.100.7 10.0.0.255\n");
	interface.unknown = FLOW_UNKNOWN_DSTADDR | FLOW_UNKNOWN_SRCPORT | FLOW_UNKNOWN_BYTES | FLOW_UNKNOWN_ACTION |
			    FLOW_UNKNOWN_TYPE | FLOW_UNKNOWN_PKT_SRCADDR;
	check(fields, OUTPUT_TEXT, &record, "192.0.2.10 - - 443 6 12 - 1700000000 1700000059 - 19 - - 10.0.0.255\n");
	interface.unknown = FLOW_UNKNOWN_SRCADDR | FLOW_UNKNOWN_DSTPORT | FLOW_UNKNOWN_PROTOCOL | FLOW_UNKNOWN_PACKETS |
			    FLOW_UNKNOWN_TCP_FLAGS | FLOW_UNKNOWN_PKT_DSTADDR;
	check(fields, OUTPUT_TEXT, &record,
	      "- 10.0.0.1 49152 - - - 4310 1700000000 1700000059 ACCEPT - IPv4 198.51.100.7 -\n");
	check("srcaddr packets action", OUTPUT_JSON, &record,
	      "{\"srcaddr\":null,\"packets\":null,\"action\":\"ACCEPT\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(default_format),
		TEST(all_fields),
		TEST(words),
		TEST(ipv6_addresses),
		TEST(greatest_numbers),
		TEST(json),
		TEST(csv),
		TEST(headers),
		TEST(many_interfaces),
		TEST(room_is_enough_for_the_longest_line),
		TEST(presets_as_the_reference_has_them),
		TEST(formats_as_the_reference_has_them),
		TEST(test_what_a_log_carries),
		TEST(test_what_a_log_leaves_open),
		TEST(random_formats),
	};

	return cmocka_run_group_tests_name("output/encoder", tests, NULL, NULL);
}
