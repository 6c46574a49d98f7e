#include "flow/routes.h"

#include <errno.h>
#include <stdlib.h>

int flow_routes_add(struct flow_routes *routes, const struct flow_route *route, struct error *err)
{
	struct flow_route *items;
	size_t at = 0;

	for (size_t i = 0; i < routes->count; i++) {
		const struct flow_prefix *prefix = &routes->items[i].prefix;

		if (prefix->family == route->prefix.family && prefix->length == route->prefix.length &&
		    flow_address_equal(&prefix->base, &route->prefix.base))
			return fail(err, EEXIST, "route: this prefix has one already");
	}
	items = realloc(routes->items, (routes->count + 1) * sizeof(*items));
	if (!items)
		return fail_memory(err, "routes");
	while (at < routes->count && items[at].prefix.length >= route->prefix.length)
		at++;
	memmove(items + at + 1, items + at, (routes->count - at) * sizeof(*items));
	items[at] = *route;
	routes->items = items;
	routes->count++;
	return 0;
}

void flow_routes_clear(struct flow_routes *routes)
{
	free(routes->items);
	*routes = (struct flow_routes){ 0 };
}

uint8_t flow_routes_path(const struct flow_routes *routes, enum flow_family family,
			 const struct flow_address *destination)
{
	for (size_t i = 0; i < routes->count; i++) /* longest first: the first that holds it wins */
		if (flow_prefix_contains(&routes->items[i].prefix, family, destination))
			return routes->items[i].traffic_path;
	return 0;
}
