#include "output/ocsf_part.h"

#include <string.h>

#include "check.h"

static const char *put(enum output_ocsf_part part, const struct flow_record *record)
{
	static char text[OUTPUT_OCSF_ROOM + 1];

	memset(text, '#', sizeof(text));
	*output_ocsf_put(text, part, record) = '\0';
	assert_int_equal(text[OUTPUT_OCSF_ROOM], '#');
	return text;
}

static void times_are_milliseconds(void **state)
{
	struct flow_record record = { .start = 1795332200, .end = 0 };

	(void)state;
	assert_string_equal(put(OUTPUT_OCSF_START, &record), "1795332200000");
	assert_string_equal(put(OUTPUT_OCSF_END, &record), "0");
}

static void one_address_or_two(void **state)
{
	struct flow_record record = { .family = FLOW_IPV4,
				      .source = { { 10, 0, 0, 1 } },
				      .packet_source = { { 10, 0, 0, 1 } } };

	(void)state;
	assert_string_equal(put(OUTPUT_OCSF_SOURCE, &record), "\"ip\":\"10.0.0.1\"");
	record.packet_source.octets[3] = 2;
	assert_string_equal(put(OUTPUT_OCSF_SOURCE, &record),
			    "\"ip\":\"10.0.0.2\",\"intermediate_ips\":[\"10.0.0.1\"]");
	record.family = FLOW_IPV6; /* the longest there are */
	memset(&record.destination, 0xff, sizeof(record.destination));
	memset(&record.packet_destination, 0xee, sizeof(record.packet_destination));
	assert_string_equal(put(OUTPUT_OCSF_DESTINATION, &record),
			    "\"ip\":\"eeee:eeee:eeee:eeee:eeee:eeee:eeee:eeee\","
			    "\"intermediate_ips\":[\"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\"]");
}

static void services_and_boundaries(void **state)
{
	struct flow_record record = { .packet_source_service = "S3", .traffic_path = 8 };

	(void)state;
	assert_string_equal(put(OUTPUT_OCSF_SOURCE_SERVICE, &record), ",\"svc_name\":\"S3\"");
	assert_string_equal(put(OUTPUT_OCSF_SOURCE_SERVICE_NAME, &record), "\"S3\"");
	assert_string_equal(put(OUTPUT_OCSF_DESTINATION_SERVICE, &record), "");
	assert_string_equal(put(OUTPUT_OCSF_DESTINATION_SERVICE_NAME, &record), "\"-\"");
	assert_string_equal(put(OUTPUT_OCSF_BOUNDARY, &record),
			    ",\"boundary_id\":11,\"boundary\":\"Internet Gateway\"");
	record.traffic_path = 9;
	assert_string_equal(put(OUTPUT_OCSF_BOUNDARY, &record), "");
	assert_null(output_ocsf_boundary(0));
	assert_string_equal(output_ocsf_boundary(1), "\"boundary_id\":4,\"boundary\":\"Same VPC\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_milliseconds),
		cmocka_unit_test(one_address_or_two),
		cmocka_unit_test(services_and_boundaries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
