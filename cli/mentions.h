/* cli/mentions.h - who names which security group or network ACL, until all of them are known.
 *
 * A section may name what stands further down in the file, or in another one. */
#ifndef ENIFLOW_CLI_MENTIONS_H
#define ENIFLOW_CLI_MENTIONS_H

#include "flow/rule.h"

/* Zeroed, nobody names anything. */
struct mentions {
	struct mention *items; /* in the order of the file */
	size_t count;
};

/* Notes that `who` ("[interface web]: network-acl") names a group or ACL at that place ("lab.ini:31"). Returns 0 or
 * -ENOMEM. */
int mentions_add(struct mentions *mentions, const char *place, const char *who, bool is_acl, const char *name,
		 struct error *err);
void mentions_clear(struct mentions *mentions);

/* What there is. */
struct mentions_known {
	const struct flow_security_group *groups;
	size_t group_count;
	const struct flow_network_acl *acls;
	size_t acl_count;
};

/* -EINVAL if one that is named is not there: the sentence says where it is named, by whom, and the nearest names. */
int mentions_check(const struct mentions *mentions, const struct mentions_known *known, struct error *err);

#endif
