#include "aws/zone.h"

#include "reading.h"

static void zones_by_their_names(void **state)
{
	static const struct {
		const char *name;
		enum aws_zone kind;
		const char *region;
	} cases[] = {
		{ "us-east-1a", AWS_ZONE_USUAL, "us-east-1" },
		{ "ap-southeast-2c", AWS_ZONE_USUAL, "ap-southeast-2" },
		{ "us-gov-west-1b", AWS_ZONE_USUAL, "us-gov-west-1" },
		{ "us-isob-east-1a", AWS_ZONE_USUAL, "us-isob-east-1" },
		{ "eusc-de-east-1a", AWS_ZONE_USUAL, "eusc-de-east-1" },
		{ "ap-south-10a", AWS_ZONE_USUAL, "ap-south-10" },
		{ "us-west-2-lax-1a", AWS_ZONE_LOCAL, "us-west-2" },
		{ "us-east-1-wl1-bos-wlz-1", AWS_ZONE_WAVELENGTH, "us-east-1" },
		{ "ap-northeast-1-wl1-nrt-wlz-1", AWS_ZONE_WAVELENGTH, "ap-northeast-1" },
		{ "", AWS_ZONE_UNKNOWN, "" },
		{ "us-east-1", AWS_ZONE_UNKNOWN, "" },
		{ "us-east-1ab", AWS_ZONE_UNKNOWN, "" },
		{ "us-east-1-", AWS_ZONE_UNKNOWN, "" },
		{ "east-1a", AWS_ZONE_UNKNOWN, "" },
		{ "us-east-a", AWS_ZONE_UNKNOWN, "" },
		{ "use1-az1", AWS_ZONE_UNKNOWN, "" },
		{ "-1a", AWS_ZONE_UNKNOWN, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t length = 99;

		assert_int_equal(aws_zone_of(cases[i].name, &length), cases[i].kind);
		assert_int_equal(length, strlen(cases[i].region));
		assert_memory_equal(cases[i].name, cases[i].region, length);
	}
}

static const enum flow_identity fields[] = { FLOW_REGION, FLOW_AZ_ID, FLOW_SUBLOCATION_TYPE, FLOW_SUBLOCATION_ID };

/* What a network interface there has of region, az-id, sublocation-type and sublocation-id. */
static void assert_where(const char *members, const char *text)
{
	struct reading reading;
	char json[512];

	reading_begin(&reading);
	snprintf(json, sizeof(json), "{\"NetworkInterfaces\": [{\"NetworkInterfaceId\": \"eni-1\"%s}]}", members);
	assert_int_equal(reading_text(&reading, AWS_NETWORK_INTERFACES, json), 0);
	assert_string_equal(identity_text(&reading.account.interfaces[0], fields, 4), text);
	reading_end(&reading);
}

static void where_an_interface_is(void **state)
{
	(void)state;
	assert_where("", "- - - -");
	assert_where(", \"AvailabilityZone\": \"us-east-1a\"", "us-east-1 - - -");
	assert_where(", \"AvailabilityZone\": \"us-east-1a\", \"AvailabilityZoneId\": \"use1-az4\"",
		     "us-east-1 use1-az4 - -");
	assert_where(", \"AvailabilityZone\": \"somewhere\", \"AvailabilityZoneId\": \"use1-az4\"", "- use1-az4 - -");
	assert_where(", \"AvailabilityZone\": \"us-west-2-lax-1a\", \"AvailabilityZoneId\": \"usw2-lax1-az1\"",
		     "us-west-2 - localzone usw2-lax1-az1");
	assert_where(", \"AvailabilityZone\": \"us-west-2-lax-1a\"", "us-west-2 - localzone -");
	assert_where(
		", \"AvailabilityZone\": \"us-east-1-wl1-bos-wlz-1\", \"AvailabilityZoneId\": \"use1-wl1-bos-wlz1\"",
		"us-east-1 - wavelength use1-wl1-bos-wlz1");
	assert_where(", \"AvailabilityZone\": \"us-west-2b\", \"AvailabilityZoneId\": \"usw2-az2\", \"OutpostArn\": "
		     "\"arn:aws:outposts:us-west-2:123456789010:outpost/op-0123\"",
		     "us-west-2 - outpost op-0123");
}

static void an_outpost_has_an_arn(void **state)
{
	(void)state;
	assert_fault(AWS_SUBNETS, "{\"Subnets\": [{\"SubnetId\": \"subnet-1\", \"OutpostArn\": \"op-1\"}]}",
		     "x.json: Subnets[0].OutpostArn: the ARN of an Outpost is expected, there is \"op-1\"");
	assert_fault(AWS_SUBNETS, "{\"Subnets\": [{\"SubnetId\": \"subnet-1\", \"OutpostArn\": \"arn:outpost/\"}]}",
		     "x.json: Subnets[0].OutpostArn: the ARN of an Outpost is expected, there is \"arn:outpost/\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(zones_by_their_names),
		TEST(where_an_interface_is),
		TEST(an_outpost_has_an_arn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
