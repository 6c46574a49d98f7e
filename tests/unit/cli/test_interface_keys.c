/* The keys of [interface] and [defaults]. */
#include "cli/interface_keys.h"

#include "check.h"

#include <errno.h>
#include <string.h>

static struct error err;

static void finds(void **state)
{
	(void)state;
	for (int key = 0; key < KEY_END; key++)
		assert_int_equal(interface_keys_find(interface_keys_name((enum interface_key)key), false, &err), key);
	assert_int_equal(interface_keys_find("vpc-id", true, &err), KEY_IDENTITY + FLOW_VPC_ID);
	assert_int_equal(interface_keys_find("vpc-cidr", true, &err), KEY_VPC_CIDR);
	assert_int_equal(interface_keys_find("security-groups", true, &err), KEY_SECURITY_GROUPS);
	assert_int_equal(interface_keys_find("network-acl", true, &err), KEY_NETWORK_ACL);
	assert_true(interface_keys_is_list(KEY_SECURITY_GROUPS));
	assert_false(interface_keys_is_list(KEY_NETWORK_ACL));
	assert_true(interface_keys_is_list(KEY_ADDRESS) && interface_keys_is_list(KEY_SUBNET_CIDR));
	assert_false(interface_keys_is_list(KEY_MAC) || interface_keys_is_list(KEY_IDENTITY));
}

static void assert_refused(const char *name, bool in_defaults, const char *sentence)
{
	assert_int_equal(interface_keys_find(name, in_defaults, &err), -EINVAL);
	assert_string_equal(err.text, sentence);
}

static void refuses(void **state)
{
	(void)state;
	assert_refused("macc", false, "macc: there is no such key in [interface]; the nearest: mac");
	assert_refused("vpcid", true, "vpcid: there is no such key in [defaults]; the nearest: vpc-id");
	assert_refused("zzzzzz", true, "zzzzzz: there is no such key in [defaults]");
	assert_refused("srcaddr", false, "srcaddr: describes a flow, not an interface; it cannot be set");
	assert_refused("mac", true, "mac: belongs into an [interface]");
	assert_refused("security-group", false,
		       "security-group: there is no such key in [interface]; the nearest: security-groups");
	assert_refused("network_acls", true,
		       "network_acls: there is no such key in [defaults]; the nearest: network-acl");
}

static void puts_values(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	struct flow_interface i = { 0 };

	(void)state;
	assert_int_equal(interface_keys_put(&i, KEY_DEVICE, "eth0", &err), 0);
	assert_string_equal(i.device, "eth0");
	assert_int_equal(interface_keys_put(&i, KEY_MAC, "02:00:00:00:00:01", &err), 0);
	assert_true(i.has_mac);
	assert_memory_equal(i.mac, mac, 6);
	assert_int_equal(interface_keys_put(&i, KEY_ADDRESS, "10.0.0.62, 10.0.0.63,", &err), 0);
	assert_int_equal(interface_keys_put(&i, KEY_ADDRESS, "2001:db8::62", &err), 0);
	assert_int_equal(i.address_count, 3);
	assert_int_equal(i.addresses[1].address.octets[3], 63);
	assert_int_equal(i.addresses[2].family, FLOW_IPV6);
	assert_int_equal(interface_keys_put(&i, KEY_VNI, "16777215", &err), 0);
	assert_true(i.has_vni);
	assert_int_equal(i.vni, 0xffffff);
	assert_int_equal(interface_keys_put(&i, KEY_VPC_CIDR, "10.0.0.0/16 10.1.0.0/16", &err), 0);
	assert_int_equal(i.vpc_cidr_count, 2);
	assert_int_equal(interface_keys_put(&i, KEY_SUBNET_CIDR, "10.0.1.0/24", &err), 0);
	assert_int_equal(i.subnet_cidr_count, 1);
	assert_int_equal(interface_keys_put(&i, KEY_SECURITY_GROUPS, "sg-a, sg-b", &err), 0);
	assert_int_equal(interface_keys_put(&i, KEY_SECURITY_GROUPS, "sg-c", &err), 0);
	assert_int_equal(i.security_group_count, 3);
	assert_string_equal(i.security_groups[0], "sg-a");
	assert_string_equal(i.security_groups[2], "sg-c");
	assert_int_equal(interface_keys_put(&i, KEY_SECURITY_GROUPS, "sg-d sg-b", &err), -EINVAL);
	assert_string_equal(err.text, "security-groups: sg-b stands twice in the list");
	assert_int_equal(interface_keys_put(&i, KEY_NETWORK_ACL, "acl-a", &err), 0);
	assert_string_equal(i.network_acl, "acl-a");
	assert_int_equal(interface_keys_put(&i, (enum interface_key)(KEY_IDENTITY + FLOW_ASG_TAG_2), "x", &err), 0);
	assert_string_equal(i.identity[FLOW_ASG_TAG_2], "x");
	flow_interface_clear(&i);
}

static void refuses_values(void **state)
{
	struct flow_interface i = { 0 };

	(void)state;
	assert_int_equal(interface_keys_put(&i, KEY_MAC, "02:00", &err), -EINVAL);
	assert_false(i.has_mac);
	assert_int_equal(interface_keys_put(&i, KEY_VNI, "16777216", &err), -EINVAL);
	assert_string_equal(err.text, "vni: '16777216' is not a whole number from 0 to 16777215");
	assert_int_equal(interface_keys_put(&i, KEY_ADDRESS, "10.0.0.1 10.0.0.1", &err), -EINVAL);
	assert_string_equal(err.text, "address: 10.0.0.1 stands twice in the list");
	assert_int_equal(interface_keys_put(&i, KEY_SUBNET_CIDR, "10.0.1.0", &err), -EINVAL);
	assert_string_equal(err.text, "subnet-cidr: '10.0.1.0' is not a CIDR like 10.0.0.0/16");
	flow_interface_clear(&i);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(finds), TEST(refuses), TEST(puts_values), TEST(refuses_values) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
