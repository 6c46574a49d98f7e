/* aws/routes.h - route tables and VPC peering connections, as describe-route-tables and
 * describe-vpc-peering-connections tell of them.
 *
 * traffic-path by a route's target (spec/flow-log-format.md section 9):
 *
 *     1   local; a network interface, instance, NAT gateway, Gateway Load Balancer endpoint, transit gateway or core
 *         network, which all are reached by an interface in the VPC; the local gateway of an Outpost
 *     3   a virtual private gateway
 *     4   a VPC peering connection; 5 if describe-vpc-peering-connections says that it joins two regions
 *     6   a carrier gateway, which Wavelength Zones have
 *     7   a gateway endpoint
 *     8   an internet gateway, also an egress-only one
 *
 * A route that is a black hole leads nowhere and yet takes its packets: 0, as for a target without a number. Routes
 * whose state is another than active or blackhole are not in force. */
#ifndef ENIFLOW_AWS_ROUTES_H
#define ENIFLOW_AWS_ROUTES_H

#include "aws/account.h"
#include "aws/value.h"

void aws_routes_read(const struct aws_value *root, struct aws_account *account);
void aws_routes_read_peerings(const struct aws_value *root, struct aws_account *account);

void aws_routes_clear_table(struct aws_route_table *table);

#endif
