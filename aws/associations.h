/* aws/associations.h - the subnets that network ACLs and route tables are bound to. */
#ifndef ENIFLOW_AWS_ASSOCIATIONS_H
#define ENIFLOW_AWS_ASSOCIATIONS_H

#include "aws/account.h"
#include "aws/index.h"
#include "aws/value.h"

/* Binds the subnet that the member SubnetId of `object` names, if it does, to a number. */
void aws_associations_read(const struct aws_value *object, struct aws_associations *associations, size_t number);

/* Indexes the numbers by subnet. Returns 0 or -ENOMEM. */
int aws_associations_index(const struct aws_associations *associations, struct aws_index *index, struct error *err);

void aws_associations_clear(struct aws_associations *associations);

#endif
