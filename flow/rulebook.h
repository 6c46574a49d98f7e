/* flow/rulebook.h - which rules hold on which interface, compiled: the stateless half of a policy.
 *
 * The rules of all groups of an interface are one list, in the order of the interface's groups; interfaces that name
 * the same groups share it. Rules about a group are about the addresses of the interfaces that name it, the rule's own
 * interface among them. Those of a network ACL stand in the order of their numbers. Built once, then only read; pure.
 */
#ifndef ENIFLOW_FLOW_RULEBOOK_H
#define ENIFLOW_FLOW_RULEBOOK_H

#include "flow/classifier.h"
#include "flow/interface.h"

/* All of it the caller's, must outlive the book. `interfaces` are by number. */
struct flow_rulebook_options {
	const struct flow_security_group *groups;
	size_t group_count;
	const struct flow_network_acl *acls;
	size_t acl_count;
	const struct flow_interface *const *interfaces;
	size_t interface_count;
};

/* Where a compiled rule comes from. */
struct flow_rule_origin {
	const struct flow_rule *rule;            /* NULL: the group does not limit egress */
	const struct flow_security_group *group; /* NULL: the rule is an ACL's */
};

/* By direction, ingress first. Read `acl`; the rest by the functions below. */
struct flow_ruleset {
	struct flow_classifier classifiers[2];
	bool *allow[2]; /* by rule; NULL: each of them does, being a group's */
	struct flow_rule_origin *origins[2];
	const struct flow_network_acl *acl; /* whose rules they are; NULL: those of groups */
};

/* The rules of an interface; NULL: none limit it. */
struct flow_seat {
	const struct flow_ruleset *groups, *acl;
};

struct flow_rulebook;

/* -EINVAL: an interface or a rule names a group or an ACL that there is not, or two have one name; the sentence says
 * which and where. -ENOMEM. */
int flow_rulebook_new(struct flow_rulebook **out, const struct flow_rulebook_options *options, struct error *err);
void flow_rulebook_free(struct flow_rulebook *book);

/* What limits the interface with that number; NULL: nothing does. */
const struct flow_seat *flow_rulebook_seat(const struct flow_rulebook *book, uint32_t interface);

/* Brings what the functions below will look at first into the cache. */
static inline void flow_ruleset_prefetch(const struct flow_ruleset *ruleset, enum flow_direction direction,
					 const struct flow_observation *packet)
{
	flow_classifier_prefetch(&ruleset->classifiers[direction - FLOW_INGRESS], packet);
}

/* Is a packet in that direction (ingress or egress) allowed by the first rule that it matches? Not if it matches none. */
bool flow_ruleset_allows(const struct flow_ruleset *ruleset, enum flow_direction direction,
			 const struct flow_observation *packet);

/* That rule, or NULL. */
const struct flow_rule_origin *flow_ruleset_decide(const struct flow_ruleset *ruleset, enum flow_direction direction,
						   const struct flow_observation *packet);

#endif
