/* aws/groups.h - security groups, as describe-security-groups and describe-security-group-rules tell of them.
 *
 * Each CIDR, prefix list and group that a permission names becomes a rule of its own. Groups limit egress: their egress
 * rules are all there are. */
#ifndef ENIFLOW_AWS_GROUPS_H
#define ENIFLOW_AWS_GROUPS_H

#include "aws/account.h"
#include "aws/value.h"

void aws_groups_read(const struct aws_value *root, struct aws_account *account);
void aws_groups_read_rules(const struct aws_value *root, struct aws_account *account);

/* Moves the groups of both kinds out of the account into a list of malloc's, each once. A group that has rules of
 * describe-security-group-rules has those alone: they are the newer telling of the same. Of two groups of one id the
 * first counts. Returns 0 or -ENOMEM; what is in the list then is to be given back, too. */
int aws_groups_take(struct aws_account *account, struct flow_security_group **groups, size_t *count, struct error *err);

#endif
