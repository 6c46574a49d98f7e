#include "aws/routes.h"

#include "reading.h"

/* "RANK DESTINATION PATH [PEERING]", a line each. */
static const char *routes_text(const struct aws_route_table *table)
{
	static const char *const ranks[] = { "local", "static", "listed", "propagated" };
	size_t size;
	char *out = reading_buffer(&size);

	for (size_t i = 0; i < table->count; i++) {
		const struct aws_route *route = &table->routes[i];

		reading_append(out, size, "%s %s %u%s%s\n", ranks[route->rank],
			       route->prefix_list ? route->prefix_list : prefixes_text(&route->prefix, 1),
			       route->traffic_path, route->peering ? " " : "", route->peering ? route->peering : "");
	}
	return out;
}

static void a_full_file(void **state)
{
	struct reading reading;
	const struct aws_route_table *tables;

	(void)state;
	reading_begin(&reading);
	reading_file(&reading, AWS_ROUTE_TABLES, "describe-route-tables.json");
	tables = reading.account.tables;
	assert_int_equal(reading.account.table_count, 2);
	assert_string_equal(tables[0].id, "rtb-0aaaaaaaaaaaaaaa1");
	assert_string_equal(tables[0].vpc, "vpc-abcdefab012345678");
	assert_false(tables[0].main);
	assert_string_equal(routes_text(&tables[0]), "propagated 192.168.0.0/16 3\n"
						     "static 192.168.0.0/16 1\n"
						     "propagated 192.168.7.0/24 3\n"
						     "local 10.0.0.0/16 1\n"
						     "local 2001:db8:1234:a100::/56 1\n"
						     "static 0.0.0.0/0 8\n"
						     "static ::/0 8\n"
						     "listed pl-6ca54005 7\n"
						     "static 10.1.0.0/16 4 pcx-0123456789abcdef0\n"
						     "static 10.2.0.0/16 4 pcx-0123456789abcdef1\n"
						     "static 10.3.0.0/16 0\n"
						     "static 10.4.0.0/16 1\n"
						     "static 10.5.0.0/16 1\n"
						     "static 10.6.0.0/16 1\n"
						     "static 10.7.0.0/16 6\n"
						     "static 10.8.0.0/16 1\n"
						     "static 10.9.0.0/16 0\n");
	assert_true(tables[1].main);
	assert_string_equal(routes_text(&tables[1]), "local 10.0.0.0/16 1\nstatic 0.0.0.0/0 1\n");
	assert_int_equal(reading.account.table_of.count, 1);
	assert_string_equal(reading.account.table_of.items[0].subnet, "subnet-aaaaaaaa012345678");
	assert_int_equal(reading.account.table_of.items[0].number, 0);
	reading_end(&reading);
}

static void a_full_file_of_peerings(void **state)
{
	struct reading reading;
	const struct aws_peering *peerings;

	(void)state;
	reading_begin(&reading);
	reading_file(&reading, AWS_VPC_PEERING_CONNECTIONS, "describe-vpc-peering-connections.json");
	peerings = reading.account.peerings;
	assert_int_equal(reading.account.peering_count, 2);
	assert_string_equal(peerings[0].id, "pcx-0123456789abcdef0");
	assert_true(peerings[0].between_regions);
	assert_string_equal(peerings[1].id, "pcx-0123456789abcdef1");
	assert_false(peerings[1].between_regions);
	reading_end(&reading);
}

/* As it is until the other side has accepted. */
static void a_peering_without_regions_is_inside_one(void **state)
{
	struct reading reading;

	(void)state;
	reading_begin(&reading);
	assert_int_equal(reading_text(&reading, AWS_VPC_PEERING_CONNECTIONS,
				      "{\"VpcPeeringConnections\": [{\"VpcPeeringConnectionId\": \"pcx-1\", "
				      "\"RequesterVpcInfo\": {\"Region\": \"us-east-1\"}}]}"),
			 0);
	assert_false(reading.account.peerings[0].between_regions);
	reading_end(&reading);
}

/* The one route of a table. */
static void assert_route(const char *members, const char *text)
{
	struct reading reading;
	char json[512];

	reading_begin(&reading);
	snprintf(json, sizeof(json), "{\"RouteTables\": [{\"RouteTableId\": \"rtb-1\", \"Routes\": [{%s}]}]}", members);
	assert_int_equal(reading_text(&reading, AWS_ROUTE_TABLES, json), 0);
	assert_string_equal(routes_text(&reading.account.tables[0]), text);
	reading_end(&reading);
}

static void targets(void **state)
{
	static const char *const gateways[][2] = {
		{ "local", "local ::/0 1\n" },   { "igw-1", "static ::/0 8\n" }, { "eigw-1", "static ::/0 8\n" },
		{ "vgw-1", "static ::/0 3\n" },  { "lgw-1", "static ::/0 1\n" }, { "cagw-1", "static ::/0 6\n" },
		{ "vpce-1", "static ::/0 1\n" }, { "xyz-1", "static ::/0 0\n" },
	};
	char members[200];

	(void)state;
	for (size_t i = 0; i < sizeof(gateways) / sizeof(*gateways); i++) {
		snprintf(members, sizeof(members), "\"DestinationIpv6CidrBlock\": \"::/0\", \"GatewayId\": \"%s\"",
			 gateways[i][0]);
		assert_route(members, gateways[i][1]);
	}
	assert_route("\"DestinationPrefixListId\": \"pl-1\", \"TransitGatewayId\": \"tgw-1\"", "listed pl-1 1\n");
	assert_route("\"DestinationCidrBlock\": \"10.0.0.0/8\", \"InstanceId\": \"i-1\"", "static 10.0.0.0/8 1\n");
	assert_route("\"DestinationCidrBlock\": \"10.0.0.0/8\"", "static 10.0.0.0/8 0\n");
	assert_route("\"GatewayId\": \"igw-1\"", "");
	assert_route("\"DestinationCidrBlock\": \"10.0.0.0/8\", \"NatGatewayId\": \"nat-1\", \"State\": \"filtered\"",
		     "");
	/* whatever it was a route to */
	assert_route("\"DestinationCidrBlock\": \"10.0.0.0/8\", \"VpcPeeringConnectionId\": \"pcx-1\", \"State\": "
		     "\"blackhole\"",
		     "static 10.0.0.0/8 0\n");
}

static void what_is_wrong_is_shown(void **state)
{
	(void)state;
	assert_fault(AWS_ROUTE_TABLES, "{\"RouteTables\": [{}]}", "x.json: RouteTables[0].RouteTableId: is missing");
	assert_fault(
		AWS_ROUTE_TABLES,
		"{\"RouteTables\": [{\"RouteTableId\": \"rtb-1\", \"Routes\": [{\"DestinationCidrBlock\": "
		"\"::/0\"}]}]}",
		"x.json: RouteTables[0].Routes[0].DestinationCidrBlock: an IPv4 CIDR like 10.0.0.0/16 is expected, "
		"there is \"::/0\"");
	assert_fault(AWS_VPC_PEERING_CONNECTIONS, "{\"VpcPeeringConnections\": [{}]}",
		     "x.json: VpcPeeringConnections[0].VpcPeeringConnectionId: is missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_file), TEST(a_full_file_of_peerings), TEST(a_peering_without_regions_is_inside_one),
		TEST(targets),     TEST(what_is_wrong_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
