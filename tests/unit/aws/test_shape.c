/* Every value of every full file is replaced by one of another kind, and every member is taken away, one at a time:
 * then the file is read as before, or the fault names exactly that place. What is read, and what must be there, is
 * listed. */
#include "reading.h"

#include <jansson.h>

struct shape {
	enum aws_kind kind;
	const char *file;
	const char *read, *needed; /* places, their indices left out, sorted */
};

static const struct shape shapes[] = {
	{ AWS_IP_RANGES, "ip-ranges.json",
	  "ipv6_prefixes ipv6_prefixes[] ipv6_prefixes[].ipv6_prefix ipv6_prefixes[].service "
	  "prefixes prefixes[] prefixes[].ip_prefix prefixes[].service ",
	  "ipv6_prefixes[].ipv6_prefix ipv6_prefixes[].service prefixes[].ip_prefix prefixes[].service " },
	{ AWS_NETWORK_INTERFACES, "describe-network-interfaces.json",
	  "NetworkInterfaces NetworkInterfaces[] NetworkInterfaces[].Attachment "
	  "NetworkInterfaces[].Attachment.InstanceId NetworkInterfaces[].Attachment.InstanceOwnerId "
	  "NetworkInterfaces[].Attachment.Status NetworkInterfaces[].AvailabilityZone "
	  "NetworkInterfaces[].AvailabilityZoneId NetworkInterfaces[].Groups NetworkInterfaces[].Groups[] "
	  "NetworkInterfaces[].Groups[].GroupId NetworkInterfaces[].InterfaceType NetworkInterfaces[].Ipv4Prefixes "
	  "NetworkInterfaces[].Ipv4Prefixes[] NetworkInterfaces[].Ipv4Prefixes[].Ipv4Prefix "
	  "NetworkInterfaces[].Ipv6Addresses NetworkInterfaces[].Ipv6Addresses[] "
	  "NetworkInterfaces[].Ipv6Addresses[].Ipv6Address NetworkInterfaces[].Ipv6Addresses[].IsPrimaryIpv6 "
	  "NetworkInterfaces[].MacAddress NetworkInterfaces[].NetworkInterfaceId NetworkInterfaces[].OutpostArn "
	  "NetworkInterfaces[].OwnerId NetworkInterfaces[].PrivateIpAddresses "
	  "NetworkInterfaces[].PrivateIpAddresses[] NetworkInterfaces[].PrivateIpAddresses[].Primary "
	  "NetworkInterfaces[].PrivateIpAddresses[].PrivateIpAddress NetworkInterfaces[].RequesterManaged "
	  "NetworkInterfaces[].SubnetId NetworkInterfaces[].TagSet NetworkInterfaces[].TagSet[] "
	  "NetworkInterfaces[].TagSet[].Key NetworkInterfaces[].TagSet[].Value NetworkInterfaces[].VpcId ",
	  "NetworkInterfaces[].Groups[].GroupId NetworkInterfaces[].Ipv4Prefixes[].Ipv4Prefix "
	  "NetworkInterfaces[].Ipv6Addresses[].Ipv6Address NetworkInterfaces[].NetworkInterfaceId "
	  "NetworkInterfaces[].PrivateIpAddresses[].PrivateIpAddress NetworkInterfaces[].TagSet[].Key " },
	{ AWS_SECURITY_GROUPS, "describe-security-groups.json",
	  "SecurityGroups SecurityGroups[] SecurityGroups[].GroupId SecurityGroups[].IpPermissions "
	  "SecurityGroups[].IpPermissionsEgress SecurityGroups[].IpPermissionsEgress[] "
	  "SecurityGroups[].IpPermissionsEgress[].FromPort SecurityGroups[].IpPermissionsEgress[].IpProtocol "
	  "SecurityGroups[].IpPermissionsEgress[].IpRanges SecurityGroups[].IpPermissionsEgress[].IpRanges[] "
	  "SecurityGroups[].IpPermissionsEgress[].IpRanges[].CidrIp "
	  "SecurityGroups[].IpPermissionsEgress[].Ipv6Ranges SecurityGroups[].IpPermissionsEgress[].Ipv6Ranges[] "
	  "SecurityGroups[].IpPermissionsEgress[].Ipv6Ranges[].CidrIpv6 "
	  "SecurityGroups[].IpPermissionsEgress[].PrefixListIds "
	  "SecurityGroups[].IpPermissionsEgress[].PrefixListIds[] "
	  "SecurityGroups[].IpPermissionsEgress[].PrefixListIds[].PrefixListId "
	  "SecurityGroups[].IpPermissionsEgress[].ToPort "
	  "SecurityGroups[].IpPermissionsEgress[].UserIdGroupPairs SecurityGroups[].IpPermissions[] "
	  "SecurityGroups[].IpPermissions[].FromPort SecurityGroups[].IpPermissions[].IpProtocol "
	  "SecurityGroups[].IpPermissions[].IpRanges SecurityGroups[].IpPermissions[].IpRanges[] "
	  "SecurityGroups[].IpPermissions[].IpRanges[].CidrIp SecurityGroups[].IpPermissions[].Ipv6Ranges "
	  "SecurityGroups[].IpPermissions[].Ipv6Ranges[] SecurityGroups[].IpPermissions[].Ipv6Ranges[].CidrIpv6 "
	  "SecurityGroups[].IpPermissions[].PrefixListIds SecurityGroups[].IpPermissions[].PrefixListIds[] "
	  "SecurityGroups[].IpPermissions[].PrefixListIds[].PrefixListId SecurityGroups[].IpPermissions[].ToPort "
	  "SecurityGroups[].IpPermissions[].UserIdGroupPairs SecurityGroups[].IpPermissions[].UserIdGroupPairs[] "
	  "SecurityGroups[].IpPermissions[].UserIdGroupPairs[].GroupId ",
	  "SecurityGroups[].GroupId SecurityGroups[].IpPermissionsEgress[].FromPort "
	  "SecurityGroups[].IpPermissionsEgress[].IpProtocol "
	  "SecurityGroups[].IpPermissionsEgress[].IpRanges[].CidrIp "
	  "SecurityGroups[].IpPermissionsEgress[].Ipv6Ranges[].CidrIpv6 "
	  "SecurityGroups[].IpPermissionsEgress[].PrefixListIds[].PrefixListId "
	  "SecurityGroups[].IpPermissionsEgress[].ToPort SecurityGroups[].IpPermissions[].FromPort "
	  "SecurityGroups[].IpPermissions[].IpProtocol SecurityGroups[].IpPermissions[].IpRanges[].CidrIp "
	  "SecurityGroups[].IpPermissions[].Ipv6Ranges[].CidrIpv6 "
	  "SecurityGroups[].IpPermissions[].PrefixListIds[].PrefixListId "
	  "SecurityGroups[].IpPermissions[].ToPort " },
	{ AWS_SECURITY_GROUP_RULES, "describe-security-group-rules.json",
	  "SecurityGroupRules SecurityGroupRules[] SecurityGroupRules[].CidrIpv4 SecurityGroupRules[].CidrIpv6 "
	  "SecurityGroupRules[].FromPort SecurityGroupRules[].GroupId SecurityGroupRules[].IpProtocol "
	  "SecurityGroupRules[].IsEgress SecurityGroupRules[].PrefixListId SecurityGroupRules[].ReferencedGroupInfo "
	  "SecurityGroupRules[].ReferencedGroupInfo.GroupId SecurityGroupRules[].ToPort ",
	  "SecurityGroupRules[].FromPort SecurityGroupRules[].GroupId SecurityGroupRules[].IpProtocol "
	  "SecurityGroupRules[].IsEgress SecurityGroupRules[].ToPort " },
	{ AWS_NETWORK_ACLS, "describe-network-acls.json",
	  "NetworkAcls NetworkAcls[] NetworkAcls[].Associations NetworkAcls[].Associations[] "
	  "NetworkAcls[].Associations[].SubnetId NetworkAcls[].Entries NetworkAcls[].Entries[] "
	  "NetworkAcls[].Entries[].CidrBlock NetworkAcls[].Entries[].Egress NetworkAcls[].Entries[].IcmpTypeCode "
	  "NetworkAcls[].Entries[].IcmpTypeCode.Code NetworkAcls[].Entries[].IcmpTypeCode.Type "
	  "NetworkAcls[].Entries[].Ipv6CidrBlock NetworkAcls[].Entries[].PortRange "
	  "NetworkAcls[].Entries[].PortRange.From NetworkAcls[].Entries[].PortRange.To "
	  "NetworkAcls[].Entries[].Protocol NetworkAcls[].Entries[].RuleAction NetworkAcls[].Entries[].RuleNumber "
	  "NetworkAcls[].NetworkAclId ",
	  "NetworkAcls[].Entries[].CidrBlock NetworkAcls[].Entries[].Egress NetworkAcls[].Entries[].PortRange.From "
	  "NetworkAcls[].Entries[].PortRange.To NetworkAcls[].Entries[].Protocol "
	  "NetworkAcls[].Entries[].RuleAction NetworkAcls[].Entries[].RuleNumber NetworkAcls[].NetworkAclId " },
	{ AWS_ROUTE_TABLES, "describe-route-tables.json",
	  "RouteTables RouteTables[] RouteTables[].Associations RouteTables[].Associations[] "
	  "RouteTables[].Associations[].AssociationState RouteTables[].Associations[].AssociationState.State "
	  "RouteTables[].Associations[].Main RouteTables[].Associations[].SubnetId RouteTables[].RouteTableId "
	  "RouteTables[].Routes RouteTables[].Routes[] RouteTables[].Routes[].CarrierGatewayId "
	  "RouteTables[].Routes[].CoreNetworkArn RouteTables[].Routes[].DestinationCidrBlock "
	  "RouteTables[].Routes[].DestinationIpv6CidrBlock RouteTables[].Routes[].DestinationPrefixListId "
	  "RouteTables[].Routes[].EgressOnlyInternetGatewayId RouteTables[].Routes[].GatewayId "
	  "RouteTables[].Routes[].LocalGatewayId RouteTables[].Routes[].NatGatewayId "
	  "RouteTables[].Routes[].NetworkInterfaceId RouteTables[].Routes[].Origin RouteTables[].Routes[].State "
	  "RouteTables[].Routes[].TransitGatewayId RouteTables[].Routes[].VpcPeeringConnectionId "
	  "RouteTables[].VpcId ",
	  "RouteTables[].RouteTableId " },
	{ AWS_PREFIX_LISTS, "describe-managed-prefix-lists.json",
	  "PrefixLists PrefixLists[] PrefixLists[].PrefixListId ", "PrefixLists[].PrefixListId " },
	{ AWS_PREFIX_LISTS, "describe-prefix-lists.json",
	  "PrefixLists PrefixLists[] PrefixLists[].Cidrs PrefixLists[].Cidrs[] PrefixLists[].PrefixListId ",
	  "PrefixLists[].PrefixListId " },
	{ AWS_PREFIX_LISTS, "get-managed-prefix-list-entries.json", "Entries Entries[] Entries[].Cidr ",
	  "Entries[].Cidr " },
	{ AWS_VPC_PEERING_CONNECTIONS, "describe-vpc-peering-connections.json",
	  "VpcPeeringConnections VpcPeeringConnections[] VpcPeeringConnections[].AccepterVpcInfo "
	  "VpcPeeringConnections[].AccepterVpcInfo.Region VpcPeeringConnections[].RequesterVpcInfo "
	  "VpcPeeringConnections[].RequesterVpcInfo.Region VpcPeeringConnections[].VpcPeeringConnectionId ",
	  "VpcPeeringConnections[].VpcPeeringConnectionId " },
	{ AWS_SUBNETS, "describe-subnets.json",
	  "Subnets Subnets[] Subnets[].AvailabilityZone Subnets[].AvailabilityZoneId Subnets[].CidrBlock "
	  "Subnets[].Ipv6CidrBlockAssociationSet Subnets[].Ipv6CidrBlockAssociationSet[] "
	  "Subnets[].Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock "
	  "Subnets[].Ipv6CidrBlockAssociationSet[].Ipv6CidrBlockState "
	  "Subnets[].Ipv6CidrBlockAssociationSet[].Ipv6CidrBlockState.State Subnets[].SubnetId Subnets[].VpcId ",
	  "Subnets[].Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock Subnets[].SubnetId " },
	{ AWS_VPCS, "describe-vpcs.json",
	  "Vpcs Vpcs[] Vpcs[].CidrBlockAssociationSet Vpcs[].CidrBlockAssociationSet[] "
	  "Vpcs[].CidrBlockAssociationSet[].CidrBlock Vpcs[].CidrBlockAssociationSet[].CidrBlockState "
	  "Vpcs[].CidrBlockAssociationSet[].CidrBlockState.State Vpcs[].Ipv6CidrBlockAssociationSet "
	  "Vpcs[].Ipv6CidrBlockAssociationSet[] Vpcs[].Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock "
	  "Vpcs[].Ipv6CidrBlockAssociationSet[].Ipv6CidrBlockState "
	  "Vpcs[].Ipv6CidrBlockAssociationSet[].Ipv6CidrBlockState.State Vpcs[].VpcId ",
	  "Vpcs[].CidrBlockAssociationSet[].CidrBlock Vpcs[].Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock "
	  "Vpcs[].VpcId " },
};

enum { PLACES_MOST = 128 };

/* One run over one file. */
struct run {
	const struct shape *shape;
	json_t *root;
	char *places[PLACES_MOST]; /* where a fault was found, indices left out */
	size_t count;
	size_t tried;
};

/* Reads the document as it is now. Answers its fault, in a buffer that the next call writes over; "" for none. */
static const char *read_now(const struct run *run)
{
	static struct error err;
	char path[] = "x.json";
	struct aws_file file = { .kind = run->shape->kind, .path = path };
	struct aws_account account = { .interface_tags = { "Name", "cost centre" } };
	char *text = json_dumps(run->root, JSON_COMPACT);
	int ret;

	assert_non_null(text);
	err.text[0] = '\0';
	ret = aws_account_parse(&account, &file, text, strlen(text), NULL, &err);
	assert_int_equal(ret < 0, err.text[0] != '\0');
	aws_account_clear(&account);
	free(text);
	return err.text;
}

static void note(struct run *run, const char *place)
{
	char general[256], *out = general;

	for (const char *at = place; *at; at++)
		if (*at < '0' || *at > '9' || (at > place && at[-1] != '[' && !strchr("0123456789", at[-1])))
			*out++ = *at;
	*out = '\0';
	for (size_t i = 0; i < run->count; i++)
		if (strcmp(run->places[i], general) == 0)
			return;
	assert_true(run->count < PLACES_MOST);
	run->places[run->count++] = strdup(general);
}

/* The fault, if there is one, is at that place and says that. The root's list may be missing as a whole. */
static void judge(struct run *run, const char *place, const char *what)
{
	const char *fault = read_now(run);
	char begin[512];

	run->tried++;
	if (!*fault || strncmp(fault, "x.json: has no ", 15) == 0)
		return;
	snprintf(begin, sizeof(begin), "x.json: %s: %s", place, what);
	if (strncmp(fault, begin, strlen(begin)) != 0)
		fail_msg("'%s' does not begin with '%s'", fault, begin);
	note(run, place);
}

/* A value of another kind than this one's. */
static json_t *other_kind(const json_t *value)
{
	return json_is_string(value) ? json_pack("{s:i}", "x", 1) : json_string("Nonsense");
}

typedef void visit_fn(struct run *run, json_t *parent, const char *key, size_t index, const char *place);

static void replace(struct run *run, json_t *parent, const char *key, size_t index, const char *place)
{
	json_t *value = key ? json_object_get(parent, key) : json_array_get(parent, index), *other = other_kind(value);
	char expected[64];

	json_incref(value);
	snprintf(expected, sizeof(expected), "%s is expected, there is %s",
		 json_is_string(value)    ? "a string"
		 : json_is_integer(value) ? "an integer"
		 : json_is_boolean(value) ? "true or false"
		 : json_is_array(value)   ? "an array"
					  : "an object",
		 json_is_string(value) ? "an object" : "a string");
	if (key)
		json_object_set_new(parent, key, other);
	else
		json_array_set_new(parent, index, other);
	judge(run, place, json_is_null(value) ? "" : expected);
	if (key)
		json_object_set_new(parent, key, value);
	else
		json_array_set_new(parent, index, value);
}

/* Takes a member away, and makes it null, which is the same. */
static void take_away(struct run *run, json_t *parent, const char *key, size_t index, const char *place)
{
	json_t *value;

	(void)index;
	/* an entry without either CIDR is told to miss the other one */
	if (!key || (strcmp(key, "Ipv6CidrBlock") == 0 && json_object_get(parent, "RuleAction")))
		return;
	value = json_incref(json_object_get(parent, key));
	json_object_set_new(parent, key, json_null());
	judge(run, place, "is missing");
	json_object_del(parent, key);
	judge(run, place, "is missing");
	json_object_set_new(parent, key, value);
}

static void walk(struct run *run, json_t *parent, const char *place, visit_fn *visit)
{
	size_t count = json_object_size(parent), filled = 0;
	char **keys = calloc(count + 1, sizeof(*keys)); /* a member that is put back goes behind the others */
	char below[256];
	const char *key;
	json_t *value;

	for (size_t i = 0; i < json_array_size(parent); i++) {
		snprintf(below, sizeof(below), "%s[%zu]", place, i);
		visit(run, parent, NULL, i, below);
		walk(run, json_array_get(parent, i), below, visit);
	}
	json_object_foreach(parent, key, value) keys[filled++] = strdup(key);
	for (size_t i = 0; i < count; i++) {
		snprintf(below, sizeof(below), "%s%s%s", place, *place ? "." : "", keys[i]);
		visit(run, parent, keys[i], 0, below);
		walk(run, json_object_get(parent, keys[i]), below, visit);
		free(keys[i]);
	}
	free(keys);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Are the places those that are listed? */
static void assert_places(struct run *run, const char *listed)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	qsort(run->places, run->count, sizeof(*run->places), compare);
	for (size_t i = 0; i < run->count; i++) {
		fprintf(file, "%s ", run->places[i]);
		free(run->places[i]);
	}
	fclose(file);
	assert_string_equal(text, listed);
	free(text);
	run->count = 0;
}

static void each_place_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		char path[512];
		struct run run = { .shape = &shapes[i] };

		snprintf(path, sizeof(path), TEST_DATA "/aws/%s", shapes[i].file);
		run.root = json_load_file(path, 0, NULL);
		assert_non_null(run.root);
		assert_string_equal(read_now(&run), "");
		walk(&run, run.root, "", replace);
		assert_places(&run, shapes[i].read);
		walk(&run, run.root, "", take_away);
		assert_places(&run, shapes[i].needed);
		assert_string_equal(read_now(&run), ""); /* all is back in its place */
		assert_true(run.tried > 8);
		json_decref(run.root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_place_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
