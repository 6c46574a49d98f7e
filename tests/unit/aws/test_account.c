#include "aws/account.h"

#include "reading.h"

static void every_kind_has_its_names(void **state)
{
	(void)state;
	for (int kind = 0; kind < AWS_KIND_END; kind++) {
		assert_non_null(aws_kind_name((enum aws_kind)kind));
		assert_non_null(aws_kind_command((enum aws_kind)kind));
	}
	assert_string_equal(aws_kind_name(AWS_ROUTE_TABLES), "route-tables");
	assert_string_equal(aws_kind_command(AWS_ROUTE_TABLES), "aws ec2 describe-route-tables");
}

static void an_empty_list_is_all_right(void **state)
{
	static const struct {
		enum aws_kind kind;
		const char *text;
	} cases[] = {
		{ AWS_IP_RANGES, "{\"prefixes\": [], \"ipv6_prefixes\": []}" },
		{ AWS_NETWORK_INTERFACES, "{\"NetworkInterfaces\": []}" },
		{ AWS_SECURITY_GROUPS, "{\"SecurityGroups\": []}" },
		{ AWS_SECURITY_GROUP_RULES, "{\"SecurityGroupRules\": []}" },
		{ AWS_NETWORK_ACLS, "{\"NetworkAcls\": []}" },
		{ AWS_ROUTE_TABLES, "{\"RouteTables\": []}" },
		{ AWS_PREFIX_LISTS, "{\"PrefixLists\": []}" },
		{ AWS_PREFIX_LISTS, "{\"Entries\": []}" },
		{ AWS_VPC_PEERING_CONNECTIONS, "{\"VpcPeeringConnections\": []}" },
		{ AWS_SUBNETS, "{\"Subnets\": []}" },
		{ AWS_VPCS, "{\"Vpcs\": []}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct reading reading;

		reading_begin(&reading);
		assert_int_equal(reading_text(&reading, cases[i].kind, cases[i].text), 0);
		assert_string_equal(reading.notices, "");
		reading_end(&reading);
	}
}

static void a_file_of_another_kind_is_known(void **state)
{
	(void)state;
	assert_fault(AWS_NETWORK_INTERFACES, "{\"SecurityGroups\": []}",
		     "x.json: has no NetworkInterfaces; it is a file for the key security-groups");
	assert_fault(AWS_IP_RANGES, "{\"PrefixLists\": []}",
		     "x.json: has no prefixes; it is a file for the key prefix-lists");
	assert_fault(AWS_PREFIX_LISTS, "{\"ipv6_prefixes\": []}",
		     "x.json: has no Entries; it is a file for the key ip-ranges");
	assert_fault(AWS_SUBNETS, "{\"Reservations\": []}",
		     "x.json: has no Subnets, so it is not what comes from aws ec2 describe-subnets");
	assert_fault(AWS_SUBNETS, "{\"Subnets\": null}",
		     "x.json: has no Subnets, so it is not what comes from aws ec2 describe-subnets");
	/* what --query leaves over */
	assert_fault(AWS_SUBNETS, "[]", "x.json: an object is expected, there is an array");
	assert_fault(AWS_SUBNETS, "\"Subnets\"", "x.json: an object is expected, there is a string");
}

static void a_part_of_a_list_is_told(void **state)
{
	struct reading reading;

	(void)state;
	reading_begin(&reading);
	assert_int_equal(reading_text(&reading, AWS_VPCS, "{\"Vpcs\": [], \"NextToken\": \"eyJ\"}"), 0);
	assert_string_equal(reading.notices, "x.json: is a part of a list, which goes on where its NextToken says\n");
	reading_end(&reading);
}

/* The files of one kind add up, and a fault of one ends it. */
static void several_files(void **state)
{
	char first[512], second[512], third[] = "/nowhere/x.json";
	struct aws_file items[] = {
		{ AWS_VPCS, first, NULL },
		{ AWS_SUBNETS, second, NULL },
		{ AWS_VPCS, first, NULL },
		{ AWS_VPCS, third, NULL },
	};
	struct aws_files files = { .items = items, .count = 3 };
	struct reading reading;

	(void)state;
	snprintf(first, sizeof(first), TEST_DATA "/aws/describe-vpcs.json");
	snprintf(second, sizeof(second), TEST_DATA "/aws/describe-subnets.json");
	reading_begin(&reading);
	assert_int_equal(aws_account_read(&reading.account, &files, &reading.tell, &reading.err), 0);
	assert_int_equal(reading.account.vpc_count, 2);
	assert_int_equal(reading.account.subnet_count, 1);
	reading_end(&reading);
	files.count = 4;
	assert_int_equal(aws_account_read(&reading.account, &files, &reading.tell, &reading.err), -ENOENT);
	assert_string_equal(reading.err.text, "/nowhere/x.json: cannot be read: No such file or directory");
	reading_end(&reading);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_kind_has_its_names),
		TEST(an_empty_list_is_all_right),
		TEST(a_file_of_another_kind_is_known),
		TEST(a_part_of_a_list_is_told),
		TEST(several_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
