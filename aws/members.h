/* aws/members.h - who the peers of rules are that name a prefix list, or a group that is described nowhere. */
#ifndef ENIFLOW_AWS_MEMBERS_H
#define ENIFLOW_AWS_MEMBERS_H

#include "aws/account.h"
#include "aws/index.h"

/* Gives rules that name a prefix list its entries; of a list without any, the rule then matches nobody. Returns 0 or
 * -ENOMEM. */
int aws_members_of_lists(struct flow_security_group *groups, size_t count, const struct aws_account *account,
			 struct error *err);

/* Interfaces that are in groups and yet do not name them. */
struct aws_strays {
	const struct flow_interface **items;
	size_t count;
};

/* Gives rules of `groups` that name a group the strays in it: where the group is none of the `described`, they are all
 * of its members that are known, and else a rule for them is added. Returns 0 or -ENOMEM. */
int aws_members_of_groups(struct flow_security_group *groups, size_t count, const struct aws_index *described,
			  const struct aws_strays *strays, struct error *err);

#endif
