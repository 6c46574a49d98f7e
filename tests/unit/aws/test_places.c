#include "aws/places.h"

#include "reading.h"

static const enum flow_identity fields[] = { FLOW_VPC_ID, FLOW_SUBNET_ID, FLOW_REGION, FLOW_AZ_ID };

static void full_files(void **state)
{
	struct reading reading;
	const struct flow_interface *subnet, *vpc;

	(void)state;
	reading_begin(&reading);
	reading_file(&reading, AWS_SUBNETS, "describe-subnets.json");
	reading_file(&reading, AWS_VPCS, "describe-vpcs.json");
	assert_int_equal(reading.account.subnet_count, 1);
	subnet = &reading.account.subnets[0];
	assert_string_equal(subnet->name, "subnet-bbbbbbbb012345678");
	assert_string_equal(identity_text(subnet, fields, 4), "vpc-abcdefab012345678 - ap-southeast-2 apse2-az3");
	assert_string_equal(prefixes_text(subnet->subnet_cidrs, subnet->subnet_cidr_count),
			    "10.0.1.0/24 2001:db8:1234:a101::/64");
	assert_int_equal(subnet->vpc_cidr_count, 0);
	assert_int_equal(reading.account.vpc_count, 1);
	vpc = &reading.account.vpcs[0];
	assert_string_equal(vpc->name, "vpc-abcdefab012345678");
	assert_string_equal(identity_text(vpc, fields, 4), "- - - -");
	assert_string_equal(prefixes_text(vpc->vpc_cidrs, vpc->vpc_cidr_count), "10.0.0.0/16 2001:db8:1234:a100::/56");
	reading_end(&reading);
}

static void a_vpc_without_associations_has_its_one_cidr(void **state)
{
	struct reading reading;
	const struct flow_interface *vpc;

	(void)state;
	reading_begin(&reading);
	assert_int_equal(reading_text(&reading, AWS_VPCS,
				      "{\"Vpcs\": [{\"VpcId\": \"vpc-1\", \"CidrBlock\": "
				      "\"172.31.0.0/16\"}, {\"VpcId\": \"vpc-2\"}]}"),
			 0);
	vpc = &reading.account.vpcs[0];
	assert_string_equal(prefixes_text(vpc->vpc_cidrs, vpc->vpc_cidr_count), "172.31.0.0/16");
	assert_int_equal(reading.account.vpcs[1].vpc_cidr_count, 0);
	reading_end(&reading);
}

static void what_is_wrong_is_shown(void **state)
{
	(void)state;
	assert_fault(AWS_VPCS, "{\"Vpcs\": [{}]}", "x.json: Vpcs[0].VpcId: is missing");
	assert_fault(AWS_SUBNETS, "{\"Subnets\": [{\"SubnetId\": \"subnet-1\", \"CidrBlock\": \"10.0.0.0\"}]}",
		     "x.json: Subnets[0].CidrBlock: an IPv4 CIDR like 10.0.0.0/16 is expected, there is \"10.0.0.0\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(full_files),
		TEST(a_vpc_without_associations_has_its_one_cidr),
		TEST(what_is_wrong_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
