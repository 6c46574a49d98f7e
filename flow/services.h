/* flow/services.h - which AWS service an address belongs to: pkt-src-aws-service and pkt-dst-aws-service.
 *
 * Of the ranges that hold an address, a specific service comes before EC2, and EC2 before AMAZON, which lists all of
 * them; then the longest prefix; then the first in the alphabet. So a service's short prefix wins over EC2's long one
 * inside it. Source: semantics section 13, 26; spec/flow-log-format.md section 9.
 *
 * Built once, then only read: any number of threads may look up at once. A lookup is one in flow/prefixes.h. */
#ifndef ENIFLOW_FLOW_SERVICES_H
#define ENIFLOW_FLOW_SERVICES_H

#include "flow/address.h"
#include "flow/error.h"

enum { FLOW_SERVICE_MOST = 63 }; /* bytes of a name */

struct flow_service_range {
	struct flow_prefix prefix;
	const char *service; /* "S3": flow_service_is_name() */
};

/* Is it fit for a service's name: letters, digits, _, - and ., and not too many of them? */
bool flow_service_is_name(const char *text);

struct flow_services;

/* Takes ranges in any order; one may stand there several times, also for several services. `ranges` stays the caller's
 * and may go: the names are copied. Returns 0, -EINVAL (a name is none) or -ENOMEM. */
int flow_services_new(struct flow_services **out, const struct flow_service_range *ranges, size_t count,
		      struct error *err);
void flow_services_free(struct flow_services *services);

/* The service's name, valid until flow_services_free(), the same pointer for the same name; NULL: it is in no range. */
const char *flow_services_find(const struct flow_services *services, enum flow_family family,
			       const struct flow_address *address);

#endif
