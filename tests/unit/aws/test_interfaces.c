#include "aws/interfaces.h"

#include "reading.h"

static const enum flow_identity fields[] = {
	FLOW_ACCOUNT_ID,  FLOW_INTERFACE_ID,  FLOW_VPC_ID,          FLOW_SUBNET_ID,
	FLOW_INSTANCE_ID, FLOW_INTERFACE_TAG, FLOW_INTERFACE_TAG_2, FLOW_INTERFACE_TYPE,
};

static void assert_interface(const struct flow_interface *interface, const char *name, const char *identity,
			     const char *addresses, const char *groups)
{
	assert_string_equal(interface->name, name);
	assert_string_equal(identity_text(interface, fields, sizeof(fields) / sizeof(*fields)), identity);
	assert_string_equal(hosts_text(interface), addresses);
	assert_string_equal(groups_text(interface), groups);
	assert_null(interface->device);
	assert_null(interface->network_acl);
}

static void a_full_file(void **state)
{
	struct reading reading;
	const struct flow_interface *interfaces;

	(void)state;
	reading_begin(&reading);
	reading.account.interface_tags[0] = "Name";
	reading.account.interface_tags[1] = "cost centre";
	reading_file(&reading, AWS_NETWORK_INTERFACES, "describe-network-interfaces.json");
	assert_int_equal(reading.account.interface_count, 5);
	interfaces = reading.account.interfaces;
	assert_interface(&interfaces[0], "eni-1235b8ca123456789",
			 "123456789010 eni-1235b8ca123456789 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 "
			 "i-01234567890123456 web%20server%2F1 Z%C3%BCrich -",
			 "10.0.0.62 2001:db8:1234:a100::62 2001:db8:1234:a100::63 10.0.0.63",
			 "sg-0aaaaaaaaaaaaaaa1 sg-0aaaaaaaaaaaaaaa2");
	assert_true(interfaces[0].has_mac);
	assert_memory_equal(interfaces[0].mac, ((const uint8_t[]){ 2, 0x11, 0x22, 0x33, 0x44, 0x55 }), 6);
	/* managed by a requester: no instance */
	assert_interface(&interfaces[1], "eni-0a0a0a0a0a0a0a0a2",
			 "123456789010 eni-0a0a0a0a0a0a0a0a2 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 - - - "
			 "nat_gateway",
			 "10.0.0.220", "");
	/* with a delegated prefix */
	assert_interface(&interfaces[2], "eni-0a0a0a0a0a0a0a0a3",
			 "123456789010 eni-0a0a0a0a0a0a0a0a3 vpc-abcdefab012345678 subnet-bbbbbbbb012345678 "
			 "i-0fedcba9876543210 - - -",
			 "10.0.1.5 10.0.1.16 10.0.1.17 10.0.1.18 10.0.1.19 10.0.1.20 10.0.1.21 10.0.1.22 10.0.1.23 "
			 "10.0.1.24 10.0.1.25 10.0.1.26 10.0.1.27 10.0.1.28 10.0.1.29 10.0.1.30 10.0.1.31",
			 "sg-0aaaaaaaaaaaaaaa3");
	/* somebody else's instance */
	assert_interface(&interfaces[3], "eni-0a0a0a0a0a0a0a0a4",
			 "123456789010 eni-0a0a0a0a0a0a0a0a4 vpc-0dddddddddddddddd subnet-cccccccc012345678 - - - -",
			 "10.1.0.9", "");
	/* not attached */
	assert_interface(&interfaces[4], "eni-0a0a0a0a0a0a0a0a5",
			 "123456789010 eni-0a0a0a0a0a0a0a0a5 vpc-0dddddddddddddddd subnet-dddddddd012345678 - - - -",
			 "10.1.1.9", "sg-0aaaaaaaaaaaaaaa9");
	reading_end(&reading);
}

/* The one interface of a text of its members. */
static const struct flow_interface *read_one(struct reading *reading, const char *members)
{
	char json[1024];

	reading_begin(reading);
	snprintf(json, sizeof(json), "{\"NetworkInterfaces\": [{\"NetworkInterfaceId\": \"eni-1\"%s%s}]}",
		 *members ? ", " : "", members);
	assert_int_equal(reading_text(reading, AWS_NETWORK_INTERFACES, json), 0);
	assert_string_equal(reading->err.text, "");
	return &reading->account.interfaces[0];
}

static void all_but_the_id_may_be_missing(void **state)
{
	struct reading reading;
	const struct flow_interface *interface = read_one(&reading, "");

	(void)state;
	assert_interface(interface, "eni-1", "- eni-1 - - - - - -", "", "");
	assert_false(interface->has_mac);
	reading_end(&reading);
	interface = read_one(&reading, "\"MacAddress\": \"\", \"VpcId\": \"\", \"Attachment\": null, \"TagSet\": null");
	assert_interface(interface, "eni-1", "- eni-1 - - - - - -", "", "");
	assert_false(interface->has_mac);
	reading_end(&reading);
}

static void the_instance_is_ones_own(void **state)
{
	static const struct {
		const char *members, *instance;
	} cases[] = {
		{ "\"Attachment\": {\"InstanceId\": \"i-1\"}", "i-1" },
		{ "\"OwnerId\": \"1\", \"Attachment\": {\"InstanceId\": \"i-1\", \"InstanceOwnerId\": \"1\"}", "i-1" },
		{ "\"OwnerId\": \"1\", \"Attachment\": {\"InstanceId\": \"i-1\", \"InstanceOwnerId\": \"2\"}", NULL },
		{ "\"Attachment\": {\"InstanceId\": \"i-1\", \"InstanceOwnerId\": \"2\"}", "i-1" },
		{ "\"Attachment\": {\"InstanceId\": \"i-1\", \"Status\": \"detaching\"}", "i-1" },
		{ "\"Attachment\": {\"InstanceId\": \"i-1\", \"Status\": \"detached\"}", NULL },
		{ "\"Attachment\": {\"InstanceId\": \"i-1\"}, \"RequesterManaged\": true", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct reading reading;
		const char *instance = read_one(&reading, cases[i].members)->identity[FLOW_INSTANCE_ID];

		if (cases[i].instance)
			assert_string_equal(instance, cases[i].instance);
		else
			assert_null(instance);
		reading_end(&reading);
	}
}

static void types_that_the_field_shows(void **state)
{
	static const char *const cases[][2] = {
		{ "interface", NULL },
		{ "efa", NULL },
		{ "lambda", NULL },
		{ "gateway_load_balancer_endpoint", NULL },
		{ "nat_gateway", "nat_gateway" },
		{ "natGateway", "nat_gateway" },
		{ "regional_nat_gateway", "regional_nat_gateway" },
		{ "network_load_balancer", "network_load_balancer" },
		{ "transit_gateway", "transit_gateway" },
		{ "vpc_endpoint", "vpc_endpoint" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct reading reading;
		char members[80];
		const char *type;

		snprintf(members, sizeof(members), "\"InterfaceType\": \"%s\"", cases[i][0]);
		type = read_one(&reading, members)->identity[FLOW_INTERFACE_TYPE];
		if (cases[i][1])
			assert_string_equal(type, cases[i][1]);
		else
			assert_null(type);
		reading_end(&reading);
	}
}

static void addresses_in_their_order(void **state)
{
	static const char *const cases[][2] = {
		/* without a list there is the one */
		{ "\"PrivateIpAddress\": \"10.0.0.1\"", "10.0.0.1" },
		{ "\"PrivateIpAddress\": \"10.0.0.1\", \"PrivateIpAddresses\": []", "10.0.0.1" },
		/* where none is primary, the first */
		{ "\"PrivateIpAddresses\": [{\"PrivateIpAddress\": \"10.0.0.1\"}, {\"PrivateIpAddress\": "
		  "\"10.0.0.2\"}]",
		  "10.0.0.1 10.0.0.2" },
		{ "\"Ipv6Addresses\": [{\"Ipv6Address\": \"2001:db8::2\"}, {\"Ipv6Address\": \"2001:db8::1\"}]",
		  "2001:db8::2 2001:db8::1" },
		/* a prefix that is not short is no list of addresses */
		{ "\"Ipv4Prefixes\": [{\"Ipv4Prefix\": \"10.0.0.0/23\"}, {\"Ipv4Prefix\": \"10.9.0.8/31\"}]",
		  "10.9.0.8 10.9.0.9" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct reading reading;

		assert_string_equal(hosts_text(read_one(&reading, cases[i][0])), cases[i][1]);
		reading_end(&reading);
	}
}

static void what_is_wrong_is_shown(void **state)
{
	(void)state;
	assert_fault(AWS_NETWORK_INTERFACES, "{\"NetworkInterfaces\": [{}]}",
		     "x.json: NetworkInterfaces[0].NetworkInterfaceId: is missing");
	assert_fault(AWS_NETWORK_INTERFACES, "{\"NetworkInterfaces\": [{\"NetworkInterfaceId\": \"\"}]}",
		     "x.json: NetworkInterfaces[0].NetworkInterfaceId: an id is expected, there is \"\"");
	assert_fault(AWS_NETWORK_INTERFACES, "{\"NetworkInterfaces\": [{\"NetworkInterfaceId\": \"eni 1\"}]}",
		     "x.json: NetworkInterfaces[0].NetworkInterfaceId: a word of printable ASCII without blanks is "
		     "expected, there is \"eni 1\"");
	assert_fault(
		AWS_NETWORK_INTERFACES,
		"{\"NetworkInterfaces\": [{\"NetworkInterfaceId\": \"eni-1\"}, {\"NetworkInterfaceId\": \"eni-2\", "
		"\"PrivateIpAddresses\": [{\"PrivateIpAddress\": \"10.0.0.1\"}, {\"PrivateIpAddress\": \"::1\"}]}]}",
		"x.json: NetworkInterfaces[1].PrivateIpAddresses[1].PrivateIpAddress: an IPv4 address is expected, "
		"there is \"::1\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_file),
		TEST(all_but_the_id_may_be_missing),
		TEST(the_instance_is_ones_own),
		TEST(types_that_the_field_shows),
		TEST(addresses_in_their_order),
		TEST(what_is_wrong_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
