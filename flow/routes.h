/* flow/routes.h - where egress traffic leaves: the longest prefix that holds pkt-dstaddr gives traffic-path. */
#ifndef ENIFLOW_FLOW_ROUTES_H
#define ENIFLOW_FLOW_ROUTES_H

#include "flow/prefixes.h"

struct flow_route {
	struct flow_prefix prefix;
	uint8_t traffic_path; /* 1..8; 0: it leads nowhere */
};

/* Zeroed, a table without routes. */
struct flow_routes {
	struct flow_route *items; /* longest prefix first, and then by address */
	size_t count;
	struct flow_prefixes compiled; /* of all items, if `is_compiled` */
	bool is_compiled;
};

/* Adds a route. Returns -EEXIST if that prefix is there already, -ENOMEM. */
int flow_routes_add(struct flow_routes *routes, const struct flow_route *route, struct error *err);
void flow_routes_clear(struct flow_routes *routes);

/* Makes looking up quick; call it after the last flow_routes_add(). Without it every route is looked at. 0 or
 * -ENOMEM. */
int flow_routes_compile(struct flow_routes *routes, struct error *err);

/* The traffic-path towards `destination`, or 0 if no route holds it, or one that leads nowhere. */
uint8_t flow_routes_path(const struct flow_routes *routes, enum flow_family family,
			 const struct flow_address *destination);

#endif
