#include "aws/routes.h"

#include <stdlib.h>

#include "aws/associations.h"
#include "aws/list.h"
#include "aws/scalar.h"

/* ---- targets ---- */

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool has(const struct aws_value *item, const char *name)
{
	const char *text = aws_value_text(aws_value_member(item, name));

	return text && *text;
}

/* What GatewayId may be. An endpoint is a gateway's only where the route is for a prefix list. */
static uint8_t path_of_gateway(const char *gateway, bool listed)
{
	static const struct {
		const char *start;
		uint8_t path;
	} gateways[] = { { "local", 1 }, { "igw-", 8 }, { "vgw-", 3 }, { "eigw-", 8 }, { "lgw-", 1 }, { "cagw-", 6 } };

	for (size_t i = 0; i < sizeof(gateways) / sizeof(*gateways); i++)
		if (starts_with(gateway, gateways[i].start))
			return gateways[i].path;
	if (starts_with(gateway, "vpce-"))
		return listed ? 7 : 1;
	return 0;
}

static uint8_t path_of(const struct aws_value *item, bool listed)
{
	static const struct {
		const char *name;
		uint8_t path;
	} targets[] = {
		{ "NatGatewayId", 1 },
		{ "TransitGatewayId", 1 },
		{ "NetworkInterfaceId", 1 },
		{ "InstanceId", 1 },
		{ "LocalGatewayId", 1 },
		{ "CoreNetworkArn", 1 },
		{ "VpcPeeringConnectionId", 4 },
		{ "CarrierGatewayId", 6 },
		{ "EgressOnlyInternetGatewayId", 8 },
	};
	const char *gateway = aws_value_text(aws_value_member(item, "GatewayId"));

	if (gateway && *gateway)
		return path_of_gateway(gateway, listed);
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (has(item, targets[i].name))
			return targets[i].path;
	return 0;
}

/* ---- routes ---- */

static bool is_text(const struct aws_value *item, const char *name, const char *wanted)
{
	const char *text = aws_value_text(aws_value_member(item, name));

	return text && strcmp(text, wanted) == 0;
}

static enum aws_route_rank rank_of(const struct aws_value *item, bool listed)
{
	if (is_text(item, "GatewayId", "local"))
		return AWS_ROUTE_LOCAL;
	if (is_text(item, "Origin", "EnableVgwRoutePropagation"))
		return AWS_ROUTE_PROPAGATED;
	return listed ? AWS_ROUTE_LISTED : AWS_ROUTE_STATIC;
}

/* One of the three that say where it leads to. Returns false where there is none, or a fault. */
static bool read_destination(const struct aws_value *item, struct aws_route *route)
{
	if (aws_scalar_word(aws_value_member(item, "DestinationPrefixListId"), &route->prefix_list))
		return true;
	if (has(item, "DestinationCidrBlock"))
		return aws_scalar_prefix(aws_value_member(item, "DestinationCidrBlock"), FLOW_IPV4, &route->prefix);
	if (has(item, "DestinationIpv6CidrBlock"))
		return aws_scalar_prefix(aws_value_member(item, "DestinationIpv6CidrBlock"), FLOW_IPV6, &route->prefix);
	return false;
}

static void clear_route(struct aws_route *route)
{
	free(route->prefix_list);
	free(route->peering);
}

static void read_route(const struct aws_value *item, struct aws_route_table *table)
{
	const char *state = aws_value_text(aws_value_member(item, "State"));
	struct aws_route route = { 0 }, *grown;

	if ((state && strcmp(state, "active") != 0 && strcmp(state, "blackhole") != 0) ||
	    !read_destination(item, &route))
		return;
	route.rank = rank_of(item, route.prefix_list);
	if (!state || strcmp(state, "blackhole") != 0) {
		route.traffic_path = path_of(item, route.prefix_list);
		if (route.traffic_path == 4)
			aws_scalar_word(aws_value_member(item, "VpcPeeringConnectionId"), &route.peering);
	}
	grown = aws_list_grow(table->routes, table->count, sizeof(*grown));
	if (!grown) {
		clear_route(&route);
		aws_value_memory(item);
		return;
	}
	grown[table->count++] = route;
	table->routes = grown;
}

/* ---- tables ---- */

static void read_association(const struct aws_value *item, struct aws_account *account, struct aws_route_table *table)
{
	struct aws_value state = aws_value_member(item, "AssociationState");
	const char *text = aws_value_text(aws_value_member(&state, "State"));

	if (text && strcmp(text, "associated") != 0 && strcmp(text, "associating") != 0)
		return;
	if (aws_value_flag(aws_value_member(item, "Main")))
		table->main = true;
	aws_associations_read(item, &account->table_of, account->table_count);
}

static void read_table(const struct aws_value *item, struct aws_account *account, struct aws_route_table *table)
{
	struct aws_value routes = aws_value_member(item, "Routes");
	struct aws_value associations = aws_value_member(item, "Associations");

	aws_scalar_id(item, "RouteTableId", &table->id);
	aws_scalar_word(aws_value_member(item, "VpcId"), &table->vpc);
	for (size_t i = 0; i < aws_value_count(&routes); i++) {
		struct aws_value route = aws_value_item(&routes, i);

		read_route(&route, table);
	}
	for (size_t i = 0; i < aws_value_count(&associations); i++) {
		struct aws_value association = aws_value_item(&associations, i);

		read_association(&association, account, table);
	}
}

void aws_routes_clear_table(struct aws_route_table *table)
{
	free(table->id);
	free(table->vpc);
	for (size_t i = 0; i < table->count; i++)
		clear_route(&table->routes[i]);
	free(table->routes);
	*table = (struct aws_route_table){ 0 };
}

void aws_routes_read(const struct aws_value *root, struct aws_account *account)
{
	struct aws_value items = aws_value_need(root, "RouteTables");

	for (size_t i = 0; i < aws_value_count(&items); i++) {
		struct aws_value item = aws_value_item(&items, i);
		struct aws_route_table table = { 0 }, *grown = NULL;

		read_table(&item, account, &table);
		if (root->document->fault == 0) {
			grown = aws_list_grow(account->tables, account->table_count, sizeof(*grown));
			if (!grown)
				aws_value_memory(&item);
		}
		if (!grown) {
			aws_routes_clear_table(&table);
			return;
		}
		grown[account->table_count++] = table;
		account->tables = grown;
	}
}

/* ---- peerings ---- */

static const char *region_of(const struct aws_value *peering, const char *side)
{
	struct aws_value vpc = aws_value_member(peering, side);

	return aws_value_text(aws_value_member(&vpc, "Region"));
}

void aws_routes_read_peerings(const struct aws_value *root, struct aws_account *account)
{
	struct aws_value items = aws_value_need(root, "VpcPeeringConnections");

	for (size_t i = 0; i < aws_value_count(&items); i++) {
		struct aws_value item = aws_value_item(&items, i);
		const char *one = region_of(&item, "RequesterVpcInfo"), *other = region_of(&item, "AccepterVpcInfo");
		struct aws_peering peering = { .between_regions = one && other && strcmp(one, other) != 0 }, *grown;

		if (!aws_scalar_id(&item, "VpcPeeringConnectionId", &peering.id))
			return;
		grown = aws_list_grow(account->peerings, account->peering_count, sizeof(*grown));
		if (!grown) {
			free(peering.id);
			aws_value_memory(&item);
			return;
		}
		grown[account->peering_count++] = peering;
		account->peerings = grown;
	}
}
