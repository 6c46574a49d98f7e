#include "aws/supplement.h"

#include "reading.h"

/* A configuration, and what the account makes of it. */
struct rig {
	struct reading reading;
	struct flow_interface defaults, *interfaces;
	struct flow_security_group *groups;
	struct flow_network_acl *acls;
	size_t interface_count, group_count, acl_count;
	struct flow_routes routes;
	struct aws_supplement supplement;
};

static void rig_begin(struct rig *rig)
{
	*rig = (struct rig){ 0 };
	reading_begin(&rig->reading);
}

static int rig_try(struct rig *rig)
{
	const struct aws_configuration configuration = {
		.defaults = &rig->defaults,
		.routes = &rig->routes,
		.interfaces = &rig->interfaces,
		.interface_count = &rig->interface_count,
		.groups = &rig->groups,
		.group_count = &rig->group_count,
		.acls = &rig->acls,
		.acl_count = &rig->acl_count,
	};
	int ret;

	for (size_t i = 0; i < rig->interface_count; i++)
		assert_int_equal(flow_interface_inherit(&rig->interfaces[i], &rig->defaults, NULL), 0);
	ret = aws_supplement_add(&rig->supplement, &rig->reading.account, &configuration, &rig->reading.tell,
				 &rig->reading.err);
	aws_account_clear(&rig->reading.account); /* nothing of it is needed any more */
	return ret;
}

static void rig_add(struct rig *rig)
{
	assert_int_equal(rig_try(rig), 0);
	assert_string_equal(rig->reading.err.text, "");
}

static void rig_end(struct rig *rig)
{
	reading_end(&rig->reading);
	flow_interface_clear(&rig->defaults);
	for (size_t i = 0; i < rig->interface_count; i++)
		flow_interface_clear(&rig->interfaces[i]);
	free(rig->interfaces);
	for (size_t i = 0; i < rig->group_count; i++)
		flow_security_group_clear(&rig->groups[i]);
	free(rig->groups);
	for (size_t i = 0; i < rig->acl_count; i++)
		flow_network_acl_clear(&rig->acls[i]);
	free(rig->acls);
	flow_routes_clear(&rig->routes);
	aws_supplement_clear(&rig->supplement);
	aws_supplement_clear(&rig->supplement);
}

/* A section; more can be put into it before the next one. */
static struct flow_interface *rig_section(struct rig *rig, const char *name)
{
	struct flow_interface *grown = realloc(rig->interfaces, (rig->interface_count + 1) * sizeof(*grown));

	assert_non_null(grown);
	rig->interfaces = grown;
	grown[rig->interface_count] = (struct flow_interface){ .name = strdup(name) };
	return &grown[rig->interface_count++];
}

static void rig_text(struct rig *rig, enum aws_kind kind, const char *text)
{
	assert_int_equal(reading_text(&rig->reading, kind, text), 0);
}

static void rig_file(struct rig *rig, enum aws_kind kind, const char *item)
{
	reading_file(&rig->reading, kind, item);
}

static const enum flow_identity fields[] = { FLOW_ACCOUNT_ID, FLOW_INTERFACE_ID, FLOW_VPC_ID,
					     FLOW_SUBNET_ID,  FLOW_INSTANCE_ID,  FLOW_AZ_ID };

static const char *identity(const struct flow_interface *interface)
{
	return identity_text(interface, fields, sizeof(fields) / sizeof(*fields));
}

/* The path that an interface's egress takes; that of the configuration's routes where it has none of its own. */
static unsigned path(const struct rig *rig, size_t interface, const char *destination)
{
	const struct flow_routes *routes = rig->supplement.routes ? rig->supplement.routes[interface] : NULL;
	enum flow_family family = strchr(destination, ':') ? FLOW_IPV6 : FLOW_IPV4;
	struct flow_address address = { { 0 } };

	assert_int_equal(inet_pton(family == FLOW_IPV4 ? AF_INET : AF_INET6, destination, address.octets), 1);
	return flow_routes_path(routes ? routes : &rig->routes, family, &address);
}

/* ---- interfaces ---- */

static void interfaces_need_no_section(void **state)
{
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	rig_file(&rig, AWS_NETWORK_INTERFACES, "describe-network-interfaces.json");
	rig_add(&rig);
	assert_int_equal(rig.interface_count, 5);
	assert_string_equal(rig.interfaces[0].name, "eni-1235b8ca123456789");
	assert_string_equal(identity(&rig.interfaces[0]),
			    "123456789010 eni-1235b8ca123456789 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 "
			    "i-01234567890123456 apse2-az1");
	assert_string_equal(hosts_text(&rig.interfaces[0]),
			    "10.0.0.62 2001:db8:1234:a100::62 2001:db8:1234:a100::63 10.0.0.63");
	assert_true(rig.interfaces[0].has_mac);
	assert_string_equal(rig.interfaces[4].name, "eni-0a0a0a0a0a0a0a0a5");
	/* nobody knows the rules of their groups, so they are in none */
	for (size_t i = 0; i < rig.interface_count; i++)
		assert_int_equal(rig.interfaces[i].security_group_count, 0);
	assert_string_equal(rig.reading.notices, "");
	rig_end(&rig);
}

#define ENI(id, mac)                                                                                                   \
	"{\"NetworkInterfaceId\": \"" id "\", \"OwnerId\": \"123456789010\", \"MacAddress\": \"" mac                   \
	"\", \"VpcId\": \"vpc-1\", \"SubnetId\": \"subnet-1\", \"PrivateIpAddress\": \"10.0.0.1\", \"Attachment\": "   \
	"{\"InstanceId\": \"i-1\"}}"
#define ENIS(list) "{\"NetworkInterfaces\": [" list "]}"

static void a_section_is_filled(void **state)
{
	struct flow_interface *section;
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	rig_section(&rig, "eth0")->identity[FLOW_INTERFACE_ID] = strdup("eni-1");
	section = rig_section(&rig, "eth1");
	section->has_mac = true;
	memcpy(section->mac, ((const uint8_t[]){ 2, 0, 0, 0, 0, 2 }), 6);
	rig_section(&rig, "eni-3");
	rig_section(&rig, "eth4");
	rig_text(&rig, AWS_NETWORK_INTERFACES,
		 ENIS(ENI("eni-4", "02:00:00:00:00:04") "," ENI("eni-3", "02:00:00:00:00:03") "," ENI(
			 "eni-2", "02:00:00:00:00:02") "," ENI("eni-1", "02:00:00:00:00:01")));
	rig_add(&rig);
	assert_int_equal(rig.interface_count, 5);
	assert_false(rig.interfaces[0].anywhere);
	assert_true(rig.interfaces[4].anywhere);
	assert_string_equal(rig.interfaces[0].name, "eth0");
	assert_string_equal(identity(&rig.interfaces[0]), "123456789010 eni-1 vpc-1 subnet-1 i-1 -");
	assert_string_equal(hosts_text(&rig.interfaces[0]), "10.0.0.1");
	assert_memory_equal(rig.interfaces[0].mac, ((const uint8_t[]){ 2, 0, 0, 0, 0, 1 }), 6);
	assert_string_equal(identity(&rig.interfaces[1]), "123456789010 eni-2 vpc-1 subnet-1 i-1 -");
	assert_string_equal(identity(&rig.interfaces[2]), "123456789010 eni-3 vpc-1 subnet-1 i-1 -");
	assert_string_equal(identity(&rig.interfaces[3]), "- - - - - -");
	assert_false(rig.interfaces[3].has_mac);
	/* the one that no section stands for */
	assert_string_equal(rig.interfaces[4].name, "eni-4");
	rig_end(&rig);
}

static void what_configuration_says_stays(void **state)
{
	struct flow_interface *section;
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	rig.defaults.identity[FLOW_VPC_ID] = strdup("vpc-of-defaults");
	rig.defaults.identity[FLOW_INTERFACE_ID] = strdup("eni-of-defaults");
	section = rig_section(&rig, "eth0");
	section->identity[FLOW_INTERFACE_ID] = strdup("eni-9");
	section->identity[FLOW_INSTANCE_ID] = strdup("i-own");
	section->has_mac = true;
	memcpy(section->mac, ((const uint8_t[]){ 2, 0, 0, 0, 0, 1 }), 6);
	section->addresses = calloc(1, sizeof(*section->addresses));
	section->addresses[0].family = FLOW_IPV4;
	section->address_count = 1;
	rig_text(&rig, AWS_NETWORK_INTERFACES,
		 ENIS(ENI("eni-1", "02:00:00:00:00:01") "," ENI("eni-2", "02:00:00:00:00:02")));
	rig_add(&rig);
	assert_int_equal(rig.interface_count, 2);
	assert_string_equal(identity(&rig.interfaces[0]), "123456789010 eni-9 vpc-of-defaults subnet-1 i-own -");
	assert_string_equal(hosts_text(&rig.interfaces[0]), "0.0.0.0");
	/* but who it is */
	assert_string_equal(identity(&rig.interfaces[1]), "123456789010 eni-2 vpc-of-defaults subnet-1 i-1 -");
	rig_end(&rig);
}

static void of_two_tellings_of_one_interface_the_first_counts(void **state)
{
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	rig_text(&rig, AWS_NETWORK_INTERFACES, ENIS(ENI("eni-1", "02:00:00:00:00:01")));
	rig_text(&rig, AWS_NETWORK_INTERFACES,
		 ENIS(ENI("eni-2", "02:00:00:00:00:02") "," ENI("eni-1", "02:00:00:00:00:09")));
	rig_add(&rig);
	assert_int_equal(rig.interface_count, 2);
	assert_string_equal(rig.interfaces[0].name, "eni-1");
	assert_memory_equal(rig.interfaces[0].mac, ((const uint8_t[]){ 2, 0, 0, 0, 0, 1 }), 6);
	assert_string_equal(rig.interfaces[1].name, "eni-2");
	rig_end(&rig);
}

/* Else it would take every packet. */
static void an_interface_that_nothing_binds_is_left_out(void **state)
{
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	rig_section(&rig, "eni-2");
	rig_text(&rig, AWS_NETWORK_INTERFACES,
		 ENIS("{\"NetworkInterfaceId\": \"eni-1\"}, {\"NetworkInterfaceId\": \"eni-2\", \"OwnerId\": \"1\"}"));
	rig_add(&rig);
	assert_int_equal(rig.interface_count, 1);
	assert_string_equal(identity(&rig.interfaces[0]), "1 eni-2 - - - -");
	rig_end(&rig);
}

static void subnets_and_vpcs_give_their_part(void **state)
{
	struct flow_interface *section;
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	section = rig_section(&rig, "eth0");
	section->identity[FLOW_SUBNET_ID] = strdup("subnet-bbbbbbbb012345678");
	rig_file(&rig, AWS_NETWORK_INTERFACES, "describe-network-interfaces.json");
	rig_file(&rig, AWS_SUBNETS, "describe-subnets.json");
	rig_file(&rig, AWS_VPCS, "describe-vpcs.json");
	rig_add(&rig);
	assert_string_equal(identity(&rig.interfaces[0]),
			    "- - vpc-abcdefab012345678 subnet-bbbbbbbb012345678 - apse2-az3");
	assert_string_equal(prefixes_text(rig.interfaces[0].subnet_cidrs, rig.interfaces[0].subnet_cidr_count),
			    "10.0.1.0/24 2001:db8:1234:a101::/64");
	assert_string_equal(prefixes_text(rig.interfaces[0].vpc_cidrs, rig.interfaces[0].vpc_cidr_count),
			    "10.0.0.0/16 2001:db8:1234:a100::/56");
	/* a network interface says itself where it is */
	assert_string_equal(rig.interfaces[1].identity[FLOW_AZ_ID], "apse2-az1");
	assert_string_equal(rig.interfaces[3].name, "eni-0a0a0a0a0a0a0a0a3");
	assert_string_equal(rig.interfaces[3].identity[FLOW_AZ_ID], "apse2-az3");
	rig_end(&rig);
}

/* ---- policies ---- */

static const char *acls_text(const struct rig *rig)
{
	size_t size;
	char *out = reading_buffer(&size);

	for (size_t i = 0; i < rig->interface_count; i++)
		reading_append(out, size, "%s%s", i ? " " : "",
			       rig->interfaces[i].network_acl ? rig->interfaces[i].network_acl : "-");
	return out;
}

static void acls_stand_before_subnets(void **state)
{
	struct flow_interface *section;
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	section = rig_section(&rig, "eth0"); /* in that subnet, and yet with an ACL of its own */
	section->identity[FLOW_SUBNET_ID] = strdup("subnet-aaaaaaaa012345678");
	section->network_acl = strdup("acl-own");
	section = rig_section(&rig, "eth1");
	section->identity[FLOW_SUBNET_ID] = strdup("subnet-cccccccc012345678");
	rig.acls = calloc(1, sizeof(*rig.acls));
	rig.acls[rig.acl_count++].name = strdup("acl-0aaaaaaaaaaaaaaa2");
	rig_file(&rig, AWS_NETWORK_INTERFACES, "describe-network-interfaces.json");
	rig_file(&rig, AWS_NETWORK_ACLS, "describe-network-acls.json");
	rig_file(&rig, AWS_NETWORK_ACLS, "describe-network-acls.json");
	rig_add(&rig);
	assert_string_equal(acls_text(&rig),
			    "acl-own acl-0aaaaaaaaaaaaaaa1 acl-0aaaaaaaaaaaaaaa1 acl-0aaaaaaaaaaaaaaa1 - "
			    "acl-0aaaaaaaaaaaaaaa1 -");
	assert_int_equal(rig.acl_count, 2);
	assert_string_equal(rig.acls[0].name, "acl-0aaaaaaaaaaaaaaa2");
	assert_string_equal(rig.acls[1].name, "acl-0aaaaaaaaaaaaaaa1");
	assert_int_equal(rig.acls[1].ingress.count, 4);
	rig_end(&rig);
}

/* "NAME: RULE; RULE", a line for each group's ingress. */
static const char *ingress_text(const struct rig *rig)
{
	size_t size;
	char *out = reading_buffer(&size);

	for (size_t i = 0; i < rig->group_count; i++) {
		const struct flow_rules *rules = &rig->groups[i].ingress;

		reading_append(out, size, "%s:", rig->groups[i].name);
		for (size_t j = 0; j < rules->count; j++)
			reading_append(out, size, "%s %s", j ? ";" : "", rule_text(&rules->items[j]));
		reading_append(out, size, "\n");
	}
	return out;
}

#define GROUP(id, pairs)                                                                                               \
	"{\"GroupId\": \"" id "\", \"IpPermissions\": [{\"IpProtocol\": \"tcp\", \"FromPort\": 1, \"ToPort\": 1, "     \
	"\"UserIdGroupPairs\": [" pairs "]}]}"
#define PAIR(id)     "{\"GroupId\": \"" id "\"}"
#define GROUPS(list) "{\"SecurityGroups\": [" list "]}"
#define MEMBER(id, address, groups)                                                                                    \
	"{\"NetworkInterfaceId\": \"" id "\", \"PrivateIpAddress\": \"" address "\", \"Groups\": [" groups "]}"

static void all_groups_are_described(void **state)
{
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	rig_text(&rig, AWS_SECURITY_GROUPS, GROUPS(GROUP("sg-1", PAIR("sg-1") "," PAIR("sg-2")) "," GROUP("sg-2", "")));
	rig_text(&rig, AWS_NETWORK_INTERFACES,
		 ENIS(MEMBER("eni-1", "10.0.0.1", PAIR("sg-1")) "," MEMBER("eni-2", "10.0.0.2",
									   PAIR("sg-2") "," PAIR("sg-1"))));
	rig_add(&rig);
	assert_string_equal(ingress_text(&rig), "sg-1: allow 0 6 1-1 -1/-1 sg-1; allow 0 6 1-1 -1/-1 sg-2\nsg-2:\n");
	assert_string_equal(groups_text(&rig.interfaces[0]), "sg-1");
	assert_string_equal(groups_text(&rig.interfaces[1]), "sg-2 sg-1");
	assert_string_equal(rig.reading.notices, "");
	rig_end(&rig);
}

/* sg-9 is described nowhere: eni-2, which is in it, is not judged, and yet is a member of what it is in. */
static void a_group_is_described_nowhere(void **state)
{
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	rig_text(&rig, AWS_SECURITY_GROUPS, GROUPS(GROUP("sg-1", PAIR("sg-1") "," PAIR("sg-9") "," PAIR("sg-8"))));
	rig_text(&rig, AWS_NETWORK_INTERFACES,
		 ENIS(MEMBER("eni-1", "10.0.0.1", PAIR("sg-1")) "," MEMBER(
			 "eni-2", "10.0.0.2", PAIR("sg-1") "," PAIR("sg-9")) "," MEMBER("eni-3", "10.0.0.3",
											PAIR("sg-9"))));
	rig_add(&rig);
	assert_string_equal(ingress_text(&rig), "sg-1: allow 0 6 1-1 -1/-1 sg-1; "
						"allow 0 6 1-1 -1/-1 10.0.0.2/32 10.0.0.3/32; "
						"allow 0 6 1-1 -1/-1 ; "
						"allow 0 6 1-1 -1/-1 10.0.0.2/32\n");
	assert_string_equal(rig.groups[0].ingress.items[3].words, "allow tcp 1 from sg-1");
	assert_string_equal(rig.groups[0].ingress.items[1].words, "allow tcp 1 from sg-9");
	assert_string_equal(groups_text(&rig.interfaces[0]), "sg-1");
	assert_string_equal(groups_text(&rig.interfaces[1]), "");
	assert_string_equal(groups_text(&rig.interfaces[2]), "");
	assert_string_equal(rig.reading.notices,
			    "[aws]: eni-2, eni-3: in a security group that is described nowhere, so "
			    "not judged by groups\n");
	rig_end(&rig);
}

static void a_group_of_configuration_stays(void **state)
{
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	rig.groups = calloc(1, sizeof(*rig.groups));
	rig.groups[rig.group_count++].name = strdup("sg-1");
	rig_text(&rig, AWS_SECURITY_GROUPS, GROUPS(GROUP("sg-2", PAIR("sg-1")) "," GROUP("sg-1", PAIR("sg-2"))));
	rig_text(&rig, AWS_NETWORK_INTERFACES, ENIS(MEMBER("eni-1", "10.0.0.1", PAIR("sg-1"))));
	rig_add(&rig);
	assert_string_equal(ingress_text(&rig), "sg-1:\nsg-2: allow 0 6 1-1 -1/-1 sg-1\n");
	assert_false(rig.groups[0].limits_egress);
	assert_string_equal(groups_text(&rig.interfaces[0]), "sg-1");
	rig_end(&rig);
}

static void prefix_lists_are_peers(void **state)
{
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	rig_file(&rig, AWS_SECURITY_GROUPS, "describe-security-groups.json");
	rig_file(&rig, AWS_PREFIX_LISTS, "get-managed-prefix-list-entries.json");
	rig_file(&rig, AWS_PREFIX_LISTS, "describe-prefix-lists.json");
	rig_add(&rig);
	assert_string_equal(rule_text(&rig.groups[1].ingress.items[0]),
			    "allow 0 6 8000-8100 -1/-1 198.51.100.0/25 198.51.100.192/26");
	assert_string_equal(rule_text(&rig.groups[2].egress.items[0]),
			    "allow 0 6 443-443 -1/-1 52.95.128.0/21 3.5.164.0/22");
	assert_string_equal(rig.reading.notices, "");
	rig_end(&rig);
	/* and one without entries matches nobody */
	rig_begin(&rig);
	rig_file(&rig, AWS_SECURITY_GROUPS, "describe-security-groups.json");
	rig_file(&rig, AWS_PREFIX_LISTS, "pl-0123456789abcdef0.json");
	rig_add(&rig);
	assert_string_equal(rule_text(&rig.groups[2].egress.items[0]), "allow 0 6 443-443 -1/-1 ");
	assert_non_null(strstr(rig.reading.notices, "no file has the entries of pl-6ca54005"));
	rig_end(&rig);
}

static void entries_without_a_list_end_it(void **state)
{
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	rig_section(&rig, "eth0");
	rig_file(&rig, AWS_SECURITY_GROUPS, "describe-security-groups.json");
	rig_file(&rig, AWS_PREFIX_LISTS, "get-managed-prefix-list-entries.json");
	assert_int_equal(rig_try(&rig), -EINVAL);
	rig_end(&rig);
}

/* ---- routes and services ---- */

static void routes_of_a_subnet(void **state)
{
	struct rig rig;
	struct flow_route own[] = {
		{ { FLOW_IPV4, 16, { { 10, 4 } } }, 3 },
		{ { FLOW_IPV4, 24, { { 192, 0, 2 } } }, 5 },
	};

	(void)state;
	rig_begin(&rig);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(flow_routes_add(&rig.routes, &own[i], NULL), 0);
	rig_section(&rig, "eth0");
	rig_file(&rig, AWS_NETWORK_INTERFACES, "describe-network-interfaces.json");
	rig_file(&rig, AWS_ROUTE_TABLES, "describe-route-tables.json");
	rig_file(&rig, AWS_VPC_PEERING_CONNECTIONS, "describe-vpc-peering-connections.json");
	rig_file(&rig, AWS_PREFIX_LISTS, "describe-prefix-lists.json");
	rig_add(&rig);
	assert_int_equal(rig.supplement.interface_count, 6);
	/* a section that is in no subnet has the routes of configuration */
	assert_null(rig.supplement.routes[0]);
	assert_int_equal(path(&rig, 0, "192.0.2.1"), 5);
	assert_int_equal(path(&rig, 0, "10.0.0.1"), 0);
	/* eni-1235b8ca123456789, whose subnet has a table */
	assert_int_equal(path(&rig, 1, "10.0.0.1"), 1);
	assert_int_equal(path(&rig, 1, "2001:db8:1234:a1ff::1"), 1);
	assert_int_equal(path(&rig, 1, "2001:db8::1"), 8);
	assert_int_equal(path(&rig, 1, "203.0.113.1"), 8);
	assert_int_equal(path(&rig, 1, "52.95.128.179"), 7);
	assert_int_equal(path(&rig, 1, "192.168.0.1"), 1); /* static before propagated */
	assert_int_equal(path(&rig, 1, "192.168.7.1"), 3);
	assert_int_equal(path(&rig, 1, "10.1.0.1"), 5); /* to another region */
	assert_int_equal(path(&rig, 1, "10.2.0.1"), 4);
	assert_int_equal(path(&rig, 1, "10.3.0.1"), 0); /* a black hole in 0.0.0.0/0 */
	assert_int_equal(path(&rig, 1, "10.4.0.1"), 3); /* of configuration */
	assert_int_equal(path(&rig, 1, "10.4.9.1"), 3); /* the filtered route is none */
	assert_int_equal(path(&rig, 1, "192.0.2.1"), 5);
	/* eni-...3, by the main table of its VPC: the association with another one is gone */
	assert_int_equal(path(&rig, 3, "203.0.113.1"), 1);
	assert_int_equal(path(&rig, 3, "10.0.0.1"), 1);
	assert_int_equal(path(&rig, 3, "10.4.0.1"), 3);
	/* a VPC that no table is of */
	assert_null(rig.supplement.routes[4]);
	rig_end(&rig);
}

static void a_peering_is_in_the_region_unless_told(void **state)
{
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	rig_file(&rig, AWS_NETWORK_INTERFACES, "describe-network-interfaces.json");
	rig_file(&rig, AWS_ROUTE_TABLES, "describe-route-tables.json");
	rig_add(&rig);
	assert_int_equal(path(&rig, 0, "10.1.0.1"), 4);
	/* the endpoint's route has no entries, so the internet gateway's is what is left */
	assert_int_equal(path(&rig, 0, "52.95.128.179"), 8);
	assert_string_equal(rig.reading.notices,
			    "[aws]: no file has the entries of pl-6ca54005, so the rules and routes "
			    "for this prefix list match nothing\n");
	rig_end(&rig);
}

static void services_of_ranges(void **state)
{
	const struct flow_address s3 = { { 52, 95, 128, 179 } }, home = { { 10, 0, 0, 1 } };
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	rig_file(&rig, AWS_IP_RANGES, "ip-ranges.json");
	rig_add(&rig);
	assert_string_equal(flow_services_find(rig.supplement.services, FLOW_IPV4, &s3), "S3");
	assert_null(flow_services_find(rig.supplement.services, FLOW_IPV4, &home));
	assert_null(rig.supplement.routes);
	rig_end(&rig);
}

static void nothing_adds_nothing(void **state)
{
	struct rig rig;

	(void)state;
	rig_begin(&rig);
	rig_section(&rig, "eth0");
	rig_add(&rig);
	assert_int_equal(rig.interface_count, 1);
	assert_null(rig.supplement.services);
	assert_null(rig.supplement.routes);
	assert_string_equal(rig.reading.notices, "");
	rig_end(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(interfaces_need_no_section),
		TEST(a_section_is_filled),
		TEST(what_configuration_says_stays),
		TEST(of_two_tellings_of_one_interface_the_first_counts),
		TEST(an_interface_that_nothing_binds_is_left_out),
		TEST(subnets_and_vpcs_give_their_part),
		TEST(acls_stand_before_subnets),
		TEST(all_groups_are_described),
		TEST(a_group_is_described_nowhere),
		TEST(a_group_of_configuration_stays),
		TEST(prefix_lists_are_peers),
		TEST(entries_without_a_list_end_it),
		TEST(routes_of_a_subnet),
		TEST(a_peering_is_in_the_region_unless_told),
		TEST(services_of_ranges),
		TEST(nothing_adds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
