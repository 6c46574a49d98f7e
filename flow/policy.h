/* flow/policy.h - what security groups and network ACLs make of a packet: ACCEPT or REJECT, and by which rule.
 *
 * Ingress: network ACL, then security groups; egress: security groups, then network ACL. The rules of all groups of an
 * interface count together; the lowest number of an ACL's rules that match decides; what nothing allows is rejected.
 * Security groups are stateful (flow/connections.h). Sources: semantics section 11, section 13, 17 and 25.
 *
 * Pure; not for two threads at once. */
#ifndef ENIFLOW_FLOW_POLICY_H
#define ENIFLOW_FLOW_POLICY_H

#include "flow/interface.h"
#include "flow/rule.h"

/* All of it the caller's, must outlive the policy. */
struct flow_policy_options {
	const struct flow_security_group *groups;
	size_t group_count;
	const struct flow_network_acl *acls;
	size_t acl_count;
	/* By number, as in the set of interfaces: those that name groups or an ACL have a policy, and members of a
	 * group are the addresses of the interfaces that name it. Later (implicit) interfaces have none. */
	const struct flow_interface *const *interfaces;
	size_t interface_count;
	uint64_t states_most; /* in the run; at the bound those idle longest go. 0: the usual 1,048,576 */
	uint64_t seed;        /* random: strangers choose what is tracked */
};

struct flow_policy;

/* Compiles the rules. -EINVAL: an interface or a rule names a group or an ACL that there is not; the sentence says
 * which and where. */
int flow_policy_new(struct flow_policy **out, const struct flow_policy_options *options, struct error *err);
void flow_policy_free(struct flow_policy *policy);

/* Does the interface with that number name groups or an ACL? */
bool flow_policy_is_for(const struct flow_policy *policy, uint32_t interface);

/* Judges a packet (FLOW_PACKET) that the interface sees, by its addresses as they stand in the packet, and keeps track
 * of its connection. FLOW_ACCEPT where the interface has no policy or the direction is unknown. Call it for packets in
 * the order of the input. */
enum flow_action flow_policy_judge(struct flow_policy *policy, uint32_t interface, enum flow_direction direction,
				   const struct flow_observation *packet);

/* Why: what each of the two had to say. */
struct flow_reason {
	enum flow_action action; /* of both together */
	bool has_groups, has_acl;
	bool groups_allow, acl_allows; /* meaningless where there are none, or the other one decided before it */
	bool by_state;                 /* the groups let it pass because its connection is known */
	bool by_default;               /* the groups let it pass because none limits egress */
	const struct flow_security_group *group; /* the one whose rule allows; or NULL */
	const struct flow_rule *group_rule;      /* NULL: none allows it */
	const struct flow_network_acl *acl;      /* the interface's; or NULL */
	const struct flow_rule *acl_rule;        /* NULL: the last one, which denies all */
};

/* As flow_policy_judge(), with the reason; slower. `track`: keep track of the connection, too. */
enum flow_action flow_policy_explain(struct flow_policy *policy, uint32_t interface, enum flow_direction direction,
				     const struct flow_observation *packet, bool track, struct flow_reason *reason);

/* Connections that were forgotten at the bound, and those that are tracked now. */
uint64_t flow_policy_forgotten(const struct flow_policy *policy);
uint64_t flow_policy_tracked(const struct flow_policy *policy);

#endif
