/* flow/policy.h - what security groups and network ACLs make of a packet: ACCEPT or REJECT, and by which rule.
 *
 * Ingress: network ACL, then security groups; egress: security groups, then network ACL. The rules of all groups of an
 * interface count together; the lowest number of an ACL's rules that match decides; what nothing allows is rejected.
 * Security groups are stateful (flow/connections.h): a packet whose connection is known passes them, and so does one
 * that a rule allows, which makes its connection known. Either way it refreshes the connection.
 *
 * Sources: semantics section 11, section 13, 17 and 25. Where they leave room:
 *
 * - What comes second judges only what the first one let pass. So an ingress packet that the network ACL denies never
 *   reaches the groups: it makes no connection known, refreshes none and ends none. An egress packet does, whatever the
 *   network ACL then says.
 * - An ICMP error is judged by the connection that it quotes, and where that is not known by the rules. It makes none
 *   known: no quote opens a way. One whose quote was not captured is ICMP like any other.
 * - A group without `limits_egress` has a rule that allows all egress; what it allows is tracked like the rest.
 * - An interface that names an ACL and no group has nothing to be tracked.
 *
 * Pure; not for two threads at once. */
#ifndef ENIFLOW_FLOW_POLICY_H
#define ENIFLOW_FLOW_POLICY_H

#include "flow/connections.h"
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
	struct flow_connections_options connections; /* zeroed but for the seed: the usual ones */
};

struct flow_policy;

/* Compiles the rules. -EINVAL: an interface or a rule names a group or an ACL that there is not, or two have one name;
 * the sentence says which and where. -ENOMEM. */
int flow_policy_new(struct flow_policy **out, const struct flow_policy_options *options, struct error *err);
void flow_policy_free(struct flow_policy *policy);

/* Does the interface with that number name groups or an ACL? */
bool flow_policy_is_for(const struct flow_policy *policy, uint32_t interface);

/* What is found out of a packet on an interface ahead of its turn. */
struct flow_policy_ahead {
	struct flow_connection_key key;
	uint64_t hash;  /* of the key */
	uint32_t guess; /* where the connection is; or 0 */
};

/* For packets that come by the batch, and whose interface flow_policy_is_for(): what judging them needs is brought into
 * the cache. In two rounds, each over the whole batch, since what tells where a connection is takes its time, too. */
void flow_policy_prefetch(const struct flow_policy *policy, uint32_t interface, const struct flow_observation *packet,
			  struct flow_policy_ahead *ahead);
void flow_policy_guess(const struct flow_policy *policy, uint32_t interface, enum flow_direction direction,
		       const struct flow_observation *packet, struct flow_policy_ahead *ahead);

/* Judges a packet (FLOW_PACKET) that the interface sees, by its addresses as they stand in the packet, and keeps track
 * of its connection. FLOW_ACCEPT where the interface has no policy or the direction is unknown. Call it for packets in
 * the order of the input. `time_ns` is the time that the packet counts with: its own, or if it is late the start of its
 * window (semantics section 6). `ahead` is what flow_policy_prefetch() wrote, at any time; or NULL. */
enum flow_action flow_policy_judge(struct flow_policy *policy, uint32_t interface, enum flow_direction direction,
				   const struct flow_observation *packet, int64_t time_ns,
				   const struct flow_policy_ahead *ahead);

/* Why: what each of the two had to say. */
struct flow_reason {
	enum flow_action action; /* of both together */
	bool has_groups, has_acl;
	bool groups_allow, acl_allows; /* false where there are none, or the other one decided before it */
	bool by_state;                 /* the groups let it pass because its connection is known; no rule would */
	bool by_default;               /* the groups let it pass because `group` does not limit egress */
	const struct flow_security_group *group; /* the first one that allows it by a rule or by default; or NULL */
	const struct flow_rule *group_rule;      /* its first rule that does; or NULL */
	const struct flow_network_acl *acl;      /* the interface's; or NULL */
	const struct flow_rule *acl_rule;        /* the one that decides; NULL: the last one, which denies all */
};

/* As flow_policy_judge(), with the reason; slower. `track`: keep track of the connection, too; else nothing changes. */
enum flow_action flow_policy_explain(struct flow_policy *policy, uint32_t interface, enum flow_direction direction,
				     const struct flow_observation *packet, int64_t time_ns, bool track,
				     struct flow_reason *reason);

/* Connections that were forgotten at the bound before their time, and those that are tracked now. */
uint64_t flow_policy_forgotten(const struct flow_policy *policy);
uint64_t flow_policy_tracked(const struct flow_policy *policy);

#endif
