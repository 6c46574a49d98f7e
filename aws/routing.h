/* aws/routing.h - the routes that an interface's packets take.
 *
 * Those of the route table that its subnet is associated with, else of the main one of its VPC. Where several routes of
 * a table have the same prefix the first of these counts: one of configuration, local, static, for a prefix list,
 * propagated. */
#ifndef ENIFLOW_AWS_ROUTING_H
#define ENIFLOW_AWS_ROUTING_H

#include "aws/account.h"
#include "flow/routes.h"

/* Makes the tables that the interfaces need, in `tables` (zeroed, as many as the account's), and writes for each
 * interface its table, or NULL. `own` are the routes of configuration. Returns 0 or -ENOMEM. */
int aws_routing_make(const struct aws_account *account, const struct flow_routes *own,
		     const struct flow_interface *interfaces, size_t count, struct flow_routes *tables,
		     const struct flow_routes **routes, struct error *err);

#endif
