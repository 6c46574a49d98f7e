#include "flow/routes.h"

#include <errno.h>
#include <stdlib.h>

/* The order of the items: longest prefix first. */
static int compare(const struct flow_prefix *a, const struct flow_prefix *b)
{
	return a->length != b->length ? (int)b->length - (int)a->length : flow_prefix_compare(a, b);
}

/* Where that prefix stands, or would have to: the first place whose prefix does not come before it. */
static size_t place_of(const struct flow_routes *routes, const struct flow_prefix *prefix)
{
	size_t from = 0, to = routes->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (compare(&routes->items[middle].prefix, prefix) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* Room for one more; it doubles, so that it is told from the count. */
static bool make_room(struct flow_routes *routes)
{
	size_t room = routes->count ? 2 * routes->count : 1;
	struct flow_route *items;

	if (routes->count & (routes->count - 1))
		return true;
	items = realloc(routes->items, room * sizeof(*items));
	if (!items)
		return false;
	routes->items = items;
	return true;
}

int flow_routes_add(struct flow_routes *routes, const struct flow_route *route, struct error *err)
{
	size_t at = place_of(routes, &route->prefix);

	if (at < routes->count && compare(&routes->items[at].prefix, &route->prefix) == 0)
		return fail(err, EEXIST, "route: this prefix has one already");
	if (!make_room(routes))
		return fail_memory(err, "routes");
	memmove(routes->items + at + 1, routes->items + at, (routes->count - at) * sizeof(*routes->items));
	routes->items[at] = *route;
	routes->count++;
	flow_prefixes_finish(&routes->compiled);
	routes->is_compiled = false;
	return 0;
}

void flow_routes_clear(struct flow_routes *routes)
{
	free(routes->items);
	flow_prefixes_finish(&routes->compiled);
	*routes = (struct flow_routes){ 0 };
}

int flow_routes_compile(struct flow_routes *routes, struct error *err)
{
	struct flow_prefix_value *values = calloc(routes->count + 1, sizeof(*values)); /* room for one where none is */
	struct flow_prefixes compiled;
	int ret;

	if (!values)
		return fail_memory(err, "routes");
	for (size_t i = 0; i < routes->count; i++)
		values[i] = (struct flow_prefix_value){ routes->items[i].prefix, routes->items[i].traffic_path };
	ret = flow_prefixes_init(&compiled, values, routes->count, err);
	free(values);
	if (ret < 0)
		return ret;
	flow_prefixes_finish(&routes->compiled);
	routes->compiled = compiled;
	routes->is_compiled = true;
	return 0;
}

uint8_t flow_routes_path(const struct flow_routes *routes, enum flow_family family,
			 const struct flow_address *destination)
{
	if (routes->is_compiled)
		return (uint8_t)flow_prefixes_find(&routes->compiled, family, destination);
	for (size_t i = 0; i < routes->count; i++) /* longest first: the first that holds it wins */
		if (flow_prefix_contains(&routes->items[i].prefix, family, destination))
			return routes->items[i].traffic_path;
	return 0;
}
