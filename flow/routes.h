/* flow/routes.h - where egress traffic leaves: the longest prefix that holds pkt-dstaddr gives traffic-path. */
#ifndef ENIFLOW_FLOW_ROUTES_H
#define ENIFLOW_FLOW_ROUTES_H

#include "flow/address.h"
#include "flow/error.h"

struct flow_route {
	struct flow_prefix prefix;
	uint8_t traffic_path; /* 1..8 */
};

/* Zeroed, a table without routes. */
struct flow_routes {
	struct flow_route *items; /* longest prefix first */
	size_t count;
};

/* Adds a route. Returns -EEXIST if that prefix is there already, -ENOMEM. */
int flow_routes_add(struct flow_routes *routes, const struct flow_route *route, struct error *err);
void flow_routes_clear(struct flow_routes *routes);

/* The traffic-path towards `destination`, or 0 if no route holds it. */
uint8_t flow_routes_path(const struct flow_routes *routes, enum flow_family family,
			 const struct flow_address *destination);

#endif
