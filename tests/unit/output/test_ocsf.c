#include "output/ocsf.h"

#include "check.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/encoder.h"

/* What each line begins and goes on with. */
#define METADATA(version, profiles)                                                                                    \
	"{\"metadata\":{\"version\":\"1.1.0\",\"product\":{\"name\":\"eniflow\",\"vendor_name\":\"eniflow\","          \
	"\"feature\":{\"name\":\"Flowlogs\"}" version "},\"profiles\":[\"cloud\",\"security_control\"" profiles "]},"
#define CLASS(activity, name)                                                                                          \
	"\"category_uid\":4,\"category_name\":\"Network Activity\",\"class_uid\":4001,"                                \
	"\"class_name\":\"Network Activity\",\"activity_id\":" activity ",\"activity_name\":\"" name                   \
	"\",\"type_uid\":40010" activity ",\"type_name\":\"Network Activity: " name                                    \
	"\",\"severity_id\":1,\"severity\":\"Informational\",\"time\":1700000000000"
#define UNKNOWN_ACTION ",\"action_id\":0,\"action\":\"Unknown\""
#define ALLOWED        ",\"action_id\":1,\"action\":\"Allowed\",\"disposition_id\":1,\"disposition\":\"Allowed\""
#define DENIED         ",\"action_id\":2,\"action\":\"Denied\",\"disposition_id\":2,\"disposition\":\"Blocked\""
#define CLOUD          ",\"cloud\":{\"provider\":\"AWS\"}"

static char account[] = "123456789010", interface_id[] = "eni-1", vpc[] = "vpc-1", dash[] = "-", odd[] = "a\"\xff",
	    region[] = "eu-west-1", zone[] = "euw1-az1", subnet[] = "subnet-1", instance[] = "i-1";

static struct flow_interface web = {
	.identity = { [FLOW_ACCOUNT_ID] = account,
		      [FLOW_INTERFACE_ID] = interface_id,
		      [FLOW_VPC_ID] = vpc,
		      [FLOW_SUBNET_ID] = subnet,
		      [FLOW_INSTANCE_ID] = instance,
		      [FLOW_REGION] = region,
		      [FLOW_AZ_ID] = zone,
		      [FLOW_SUBLOCATION_ID] = dash,
		      [FLOW_INSTANCE_TAG] = odd },
};

static struct flow_address address(int family, const char *text)
{
	struct flow_address out = { { 0 } };

	assert_int_equal(inet_pton(family, text, out.octets), 1);
	return out;
}

static struct flow_record record_of(uint8_t status, uint8_t direction)
{
	return (struct flow_record){
		.interface = &web,
		.status = status,
		.family = FLOW_IPV4,
		.protocol = 6,
		.tcp_flags = 19,
		.action = FLOW_ACCEPT,
		.direction = direction,
		.source_port = 49152,
		.destination_port = 443,
		.start = 1700000000,
		.end = 1700000059,
		.packets = 12,
		.bytes = 4310,
		.source = address(AF_INET, "192.0.2.10"),
		.destination = address(AF_INET, "10.0.0.1"),
		.packet_source = address(AF_INET, "192.0.2.10"),
		.packet_destination = address(AF_INET, "10.0.0.255"),
	};
}

/* The line, in memory of the very size that was asked for: a sanitizer sees what goes beyond. */
static void check(const char *format_text, const struct flow_record *record, const char *want)
{
	struct output_encoder *encoder;
	struct output_format format;
	size_t room, length;
	char *line;

	assert_int_equal(output_format_parse(&format, format_text, NULL), 0);
	assert_int_equal(output_encoder_new(&encoder, &format, OUTPUT_OCSF, NULL), 0);
	assert_string_equal(output_encoder_header(encoder, &length), "");
	room = output_encoder_room(encoder, record);
	line = malloc(room);
	length = output_encoder_line(encoder, record, line);
	assert_in_range(length, 1, room);
	if (length != strlen(want) || memcmp(line, want, length) != 0)
		fail_msg("wanted %sgot    %.*s", want, (int)length, line);
	free(line);
	output_encoder_free(encoder);
}

static void test_default_format(void **state)
{
	struct flow_record record = record_of(FLOW_OK, FLOW_UNKNOWN);

	(void)state;
	check("default", &record,
	      METADATA(",\"version\":\"2\"", ",\"host\"") CLASS(
		      "6", "Traffic") ",\"start_time\":1700000000000,\"end_time\":1700000059000,"
				      "\"status_code\":\"OK\"" ALLOWED
				      ",\"cloud\":{\"provider\":\"AWS\",\"account\":{\"uid\":\"123456789010\"}},"
				      "\"src_endpoint\":{\"ip\":\"192.0.2.10\",\"port\":49152},"
				      "\"dst_endpoint\":{\"ip\":\"10.0.0.1\",\"port\":443},"
				      "\"device\":{\"type_id\":0,\"type\":\"Unknown\",\"interface_uid\":\"eni-1\"},"
				      "\"connection_info\":{\"direction_id\":0,\"direction\":\"Unknown\","
				      "\"protocol_num\":6},\"traffic\":{\"packets\":12,\"bytes\":4310}}\n");
}

/* Of whom the interface is, what stands between, how the packets leave. */
static void test_directions(void **state)
{
	const char *format = "interface-id vpc-id subnet-id instance-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr "
			     "flow-direction traffic-path action type tcp-flags region az-id";
	struct flow_record record = record_of(FLOW_OK, FLOW_INGRESS);

	(void)state;
	check(format, &record,
	      METADATA("", "") CLASS("6", "Traffic") ALLOWED
	      ",\"cloud\":{\"provider\":\"AWS\",\"region\":\"eu-west-1\",\"zone\":\"euw1-az1\"},"
	      "\"src_endpoint\":{\"ip\":\"192.0.2.10\"},\"dst_endpoint\":{\"ip\":\"10.0.0.255\","
	      "\"intermediate_ips\":[\"10.0.0.1\"],\"interface_uid\":\"eni-1\",\"vpc_uid\":\"vpc-1\","
	      "\"subnet_uid\":\"subnet-1\",\"instance_uid\":\"i-1\"},\"connection_info\":{"
	      "\"direction_id\":1,\"direction\":\"Inbound\",\"protocol_ver_id\":4,"
	      "\"protocol_ver\":\"IPv4\",\"tcp_flags\":19}}\n");
	record.direction = FLOW_EGRESS;
	record.action = FLOW_REJECT;
	record.family = FLOW_IPV6;
	record.traffic_path = 8;
	record.source = record.packet_source = address(AF_INET6, "2001:db8::1");
	record.destination = address(AF_INET6, "1111:2222:3333:4444:5555:6666:7777:8888");
	record.packet_destination = address(AF_INET6, "1111:2222:3333:4444:5555:6666:7777:9999");
	check(format, &record,
	      METADATA("", "") CLASS("5", "Refuse") DENIED
	      ",\"cloud\":{\"provider\":\"AWS\",\"region\":\"eu-west-1\",\"zone\":\"euw1-az1\"},"
	      "\"src_endpoint\":{\"ip\":\"2001:db8::1\",\"interface_uid\":\"eni-1\","
	      "\"vpc_uid\":\"vpc-1\",\"subnet_uid\":\"subnet-1\",\"instance_uid\":\"i-1\"},"
	      "\"dst_endpoint\":{\"ip\":\"1111:2222:3333:4444:5555:6666:7777:9999\","
	      "\"intermediate_ips\":[\"1111:2222:3333:4444:5555:6666:7777:8888\"]},\"connection_info\":{"
	      "\"direction_id\":2,\"direction\":\"Outbound\",\"protocol_ver_id\":6,"
	      "\"protocol_ver\":\"IPv6\",\"tcp_flags\":19,\"boundary_id\":11,"
	      "\"boundary\":\"Internet Gateway\"}}\n");
}

#define CONNECTION ",\"connection_info\":{\"direction_id\":1,\"direction\":\"Inbound\"}"

static void test_addresses_of_packets_alone(void **state)
{
	struct flow_record record = record_of(FLOW_OK, FLOW_INGRESS);

	(void)state;
	check("pkt-srcaddr pkt-dstaddr", &record,
	      METADATA("", "") CLASS("6", "Traffic") UNKNOWN_ACTION CLOUD
	      ",\"src_endpoint\":{\"ip\":\"192.0.2.10\"},\"dst_endpoint\":{\"ip\":\"10.0.0.255\"}" CONNECTION "}\n");
}

static void test_services(void **state)
{
	struct flow_record record = record_of(FLOW_OK, FLOW_INGRESS);

	(void)state;
	record.packet_source_service = "S3";
	check("srcport dstport pkt-src-aws-service pkt-dst-aws-service", &record,
	      METADATA("", "") CLASS("6", "Traffic") UNKNOWN_ACTION CLOUD
	      ",\"src_endpoint\":{\"port\":49152,\"svc_name\":\"S3\"},\"dst_endpoint\":{\"port\":443}" CONNECTION
	      "}\n");
	check("pkt-src-aws-service pkt-dst-aws-service", &record,
	      METADATA("", "") CLASS("6", "Traffic") UNKNOWN_ACTION CLOUD
	      ",\"src_endpoint\":{\"svc_name\":\"S3\"},\"dst_endpoint\":{\"svc_name\":\"-\"}" CONNECTION "}\n");
}

/* One endpoint must be there, whatever the format shows. */
static void test_at_least_one_endpoint(void **state)
{
	struct flow_record record = record_of(FLOW_OK, FLOW_INGRESS);

	(void)state;
	check("packets bytes", &record,
	      METADATA("", "") CLASS("6", "Traffic") UNKNOWN_ACTION CLOUD
	      ",\"dst_endpoint\":{\"interface_uid\":\"eni-1\"}" CONNECTION
	      ",\"traffic\":{\"packets\":12,\"bytes\":4310}}\n");
}

static void test_no_traffic(void **state)
{
	struct flow_record record = record_of(FLOW_NODATA, FLOW_UNKNOWN);

	(void)state;
	check("interface-id srcaddr dstport end log-status action packets traffic-path flow-direction", &record,
	      METADATA("", ",\"host\"") CLASS(
		      "0", "Unknown") ",\"end_time\":1700000059000,\"status_code\":\"NODATA\"" UNKNOWN_ACTION CLOUD
				      ",\"dst_endpoint\":{\"interface_uid\":\"eni-1\"},"
				      "\"device\":{\"type_id\":0,\"type\":\"Unknown\","
				      "\"interface_uid\":\"eni-1\"}}\n");
	record.status = FLOW_SKIPDATA;
	check("log-status", &record,
	      METADATA("", "") CLASS("0", "Unknown") ",\"status_code\":\"SKIPDATA\"" UNKNOWN_ACTION CLOUD
						     ",\"dst_endpoint\":{\"interface_uid\":\"eni-1\"}}\n");
}

/* The rest, with values that JSON cannot hold as they are. */
static void test_unmapped(void **state)
{
	static char path[] = "3", odd_path[] = "08", status[] = "2", reason[] = "BPA";
	struct flow_record record = record_of(FLOW_OK, FLOW_INGRESS);
	struct flow_interface interface = web;

	(void)state;
	check("srcport instance-tag sublocation-id instance-tag", &record,
	      METADATA("", "") CLASS("6", "Traffic") UNKNOWN_ACTION CLOUD
	      ",\"src_endpoint\":{\"port\":49152}" CONNECTION
	      ",\"unmapped\":{\"instance_tag\":\"a\\\"\xef\xbf\xbd\"}}\n");
	record.interface = &interface;
	interface.is_read_back = true;
	interface.unknown = FLOW_UNKNOWN_SRCPORT | FLOW_UNKNOWN_BYTES;
	interface.carried[FLOW_CARRIED_TRAFFIC_PATH] = path;
	interface.carried[FLOW_CARRIED_ENCRYPTION_STATUS] = status;
	interface.carried[FLOW_CARRIED_REJECT_REASON] = reason;
	check("srcport dstport bytes traffic-path encryption-status reject-reason", &record,
	      METADATA("", "") CLASS("6", "Traffic") UNKNOWN_ACTION CLOUD
	      ",\"dst_endpoint\":{\"port\":443},\"connection_info\":{\"direction_id\":1,\"direction\":\"Inbound\","
	      "\"boundary_id\":6,\"boundary\":\"Virtual Private Gateway\"},"
	      "\"unmapped\":{\"reject_reason\":\"BPA\",\"encryption_status\":2}}\n");
	interface.carried[FLOW_CARRIED_TRAFFIC_PATH] = odd_path;
	check("dstport traffic-path", &record,
	      METADATA("", "") CLASS("6", "Traffic") UNKNOWN_ACTION CLOUD ",\"dst_endpoint\":{\"port\":443}" CONNECTION
									  ",\"unmapped\":{\"traffic_path\":\"08\"}}\n");
}

static void check_part(enum output_ocsf_part part, const struct flow_record *record, const char *want)
{
	char out[OUTPUT_OCSF_ROOM];
	size_t length = (size_t)(output_ocsf_put(out, part, record) - out);

	assert_int_equal(length, strlen(want));
	assert_memory_equal(out, want, length);
}

/* A number of JSON has no further digits behind a leading 0. */
static void test_parts(void **state)
{
	static const char *const boundaries[] = { "",
						  "4,\"boundary\":\"Same VPC\"",
						  "5,\"boundary\":\"Internet/VPC Gateway\"",
						  "6,\"boundary\":\"Virtual Private Gateway\"",
						  "7,\"boundary\":\"Intra-region VPC\"",
						  "8,\"boundary\":\"Inter-region VPC\"",
						  "9,\"boundary\":\"Local Gateway\"",
						  "10,\"boundary\":\"Gateway VPC\"",
						  "11,\"boundary\":\"Internet Gateway\"" };
	struct flow_record record = record_of(FLOW_OK, FLOW_EGRESS);

	(void)state;
	record.start = 0;
	record.end = -1;
	check_part(OUTPUT_OCSF_START, &record, "0");
	check_part(OUTPUT_OCSF_END, &record, "-1000");
	for (uint8_t path = 0; path < 10; path++) {
		char want[80] = "";

		record.traffic_path = path;
		if (path > 0 && path < 9)
			snprintf(want, sizeof(want), ",\"boundary_id\":%s", boundaries[path]);
		check_part(OUTPUT_OCSF_BOUNDARY, &record, want);
	}
	check_part(OUTPUT_OCSF_SOURCE_SERVICE, &record, "");
	check_part(OUTPUT_OCSF_DESTINATION_SERVICE, &record, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_default_format),
		TEST(test_directions),
		TEST(test_addresses_of_packets_alone),
		TEST(test_services),
		TEST(test_at_least_one_endpoint),
		TEST(test_no_traffic),
		TEST(test_unmapped),
		TEST(test_parts),
	};

	return cmocka_run_group_tests_name("output/ocsf", tests, NULL, NULL);
}
