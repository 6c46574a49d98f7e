/* aws/places.h - VPCs and subnets, as describe-vpcs and describe-subnets tell of them: what interfaces in them inherit.
 *
 * Of a VPC its CIDRs (vpc-cidr); of a subnet its CIDRs (subnet-cidr), its VPC and where it is (aws/zone.h). CIDRs that
 * are not, or no longer, associated do not count. */
#ifndef ENIFLOW_AWS_PLACES_H
#define ENIFLOW_AWS_PLACES_H

#include "aws/account.h"
#include "aws/value.h"

void aws_places_read_vpcs(const struct aws_value *root, struct aws_account *account);
void aws_places_read_subnets(const struct aws_value *root, struct aws_account *account);

#endif
