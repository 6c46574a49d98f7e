#include "aws/routing.h"

#include <errno.h>

#include "aws/associations.h"
#include "aws/index.h"
#include "aws/prefix_lists.h"

/* What is looked up on the way. */
struct lookup {
	const struct aws_account *account;
	struct aws_index by_subnet, by_vpc, lists, peerings;
};

static int make_lookup(struct lookup *lookup, struct error *err)
{
	const struct aws_account *account = lookup->account;
	int ret = aws_associations_index(&account->table_of, &lookup->by_subnet, err);

	for (size_t i = 0; i < account->table_count && ret == 0; i++)
		if (account->tables[i].main)
			ret = aws_index_add(&lookup->by_vpc, account->tables[i].vpc, i, err);
	aws_index_sort(&lookup->by_vpc);
	for (size_t i = 0; i < account->peering_count && ret == 0; i++)
		ret = aws_index_add(&lookup->peerings, account->peerings[i].id, i, err);
	aws_index_sort(&lookup->peerings);
	return ret == 0 ? aws_prefix_lists_index(account, &lookup->lists, err) : ret;
}

static void clear_lookup(struct lookup *lookup)
{
	aws_index_clear(&lookup->by_subnet);
	aws_index_clear(&lookup->by_vpc);
	aws_index_clear(&lookup->lists);
	aws_index_clear(&lookup->peerings);
}

/* Adds a route unless there is one for that prefix. */
static int add(struct flow_routes *routes, const struct flow_prefix *prefix, uint8_t traffic_path, struct error *err)
{
	struct flow_route route = { *prefix, traffic_path };
	struct error ignored;
	int ret = flow_routes_add(routes, &route, &ignored);

	if (ret == -EEXIST)
		return 0;
	return ret < 0 ? fail_memory(err, "routes") : 0;
}

static int add_route(struct flow_routes *routes, const struct aws_route *route, const struct lookup *lookup,
		     struct error *err)
{
	const struct aws_index_entry *peering = aws_index_find(&lookup->peerings, route->peering), *listed;
	const struct aws_prefix_list *list;
	uint8_t path = route->traffic_path;
	int ret = 0;

	if (peering && lookup->account->peerings[peering->number].between_regions)
		path = 5;
	if (!route->prefix_list)
		return add(routes, &route->prefix, path, err);
	listed = aws_index_find(&lookup->lists, route->prefix_list);
	if (!listed)
		return 0;
	list = &lookup->account->lists[listed->number];
	for (size_t i = 0; i < list->count && ret == 0; i++)
		ret = add(routes, &list->prefixes[i], path, err);
	return ret;
}

static int make_table(struct flow_routes *routes, const struct aws_route_table *table, const struct flow_routes *own,
		      const struct lookup *lookup, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < own->count && ret == 0; i++)
		ret = add(routes, &own->items[i].prefix, own->items[i].traffic_path, err);
	for (int rank = 0; rank < AWS_ROUTE_RANKS; rank++)
		for (size_t i = 0; i < table->count && ret == 0; i++)
			if (table->routes[i].rank == (enum aws_route_rank)rank)
				ret = add_route(routes, &table->routes[i], lookup, err);
	return ret < 0 ? ret : flow_routes_compile(routes, err);
}

static const struct aws_index_entry *table_of(const struct lookup *lookup, const struct flow_interface *interface)
{
	const struct aws_index_entry *found = aws_index_find(&lookup->by_subnet, interface->identity[FLOW_SUBNET_ID]);

	return found ? found : aws_index_find(&lookup->by_vpc, interface->identity[FLOW_VPC_ID]);
}

int aws_routing_make(const struct aws_account *account, const struct flow_routes *own,
		     const struct flow_interface *interfaces, size_t count, struct flow_routes *tables,
		     const struct flow_routes **routes, struct error *err)
{
	struct lookup lookup = { .account = account };
	int ret = make_lookup(&lookup, err);

	for (size_t i = 0; i < count && ret == 0; i++) {
		const struct aws_index_entry *found = table_of(&lookup, &interfaces[i]);

		routes[i] = found ? &tables[found->number] : NULL;
		if (found && !tables[found->number].is_compiled)
			ret = make_table(&tables[found->number], &account->tables[found->number], own, &lookup, err);
	}
	clear_lookup(&lookup);
	return ret;
}
