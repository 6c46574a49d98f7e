/* aws/acls.h - network ACLs, as describe-network-acls tells of them, and the subnets they stand before.
 *
 * The last entry, which denies all (32767, and 32768 for IPv6), is left out: it is what an ACL does anyway. */
#ifndef ENIFLOW_AWS_ACLS_H
#define ENIFLOW_AWS_ACLS_H

#include "aws/account.h"
#include "aws/value.h"

void aws_acls_read(const struct aws_value *root, struct aws_account *account);

#endif
