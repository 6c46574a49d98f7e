/* flow/rule.h - the rules of security groups and network ACLs, as plain data.
 *
 * Whoever fills these takes all memory from malloc; the functions below give it back. Source: semantics section 11,
 * interface.md "Policies". */
#ifndef ENIFLOW_FLOW_RULE_H
#define ENIFLOW_FLOW_RULE_H

#include "flow/address.h"
#include "flow/error.h"

/* Stands for every protocol, ICMP type or ICMP code. */
enum { FLOW_RULE_ANY = -1 };

/* One line: traffic of this kind from (ingress) or to (egress) this peer is allowed or denied.
 *
 * Ports are compared for every protocol but ICMP and ICMPv6, as they stand in the observation: 0 where a packet has
 * none. Types and codes are compared when `protocol` is 1 or 58; a packet whose type is not known (a later fragment, a
 * header that was not captured) matches FLOW_RULE_ANY alone. */
struct flow_rule {
	bool allow;                   /* always in a security group */
	uint32_t number;              /* of a network ACL's rule, which says its turn; 0 in a security group */
	int16_t protocol;             /* IANA number, or FLOW_RULE_ANY */
	uint16_t port_from, port_to;  /* destination port, both included; 0 and 65535: any */
	int16_t icmp_type, icmp_code; /* of protocols 1 and 58; or FLOW_RULE_ANY */
	struct flow_prefix *peers;    /* addresses of the other side, any of them; a managed prefix list is many */
	size_t peer_count;
	char *group; /* instead of peers: the members of this security group; or NULL */
	char *words; /* as the user wrote it, or as it would be written in INI: for explanations */
	char *place; /* where it stands, "lab.ini:31": for explanations and errors; or NULL */
};

/* In the order they were given. Zeroed, there are none; grown by flow_rules_add() alone. */
struct flow_rules {
	struct flow_rule *items;
	size_t count;
};

/* Stateful. Without `limits_egress` all egress is allowed, as by the rule that AWS gives a new group. */
struct flow_security_group {
	char *name; /* "sg-web" */
	struct flow_rules ingress, egress;
	bool limits_egress;
};

/* Stateless; a packet that no rule matches is denied. */
struct flow_network_acl {
	char *name; /* "acl-private" */
	struct flow_rules ingress, egress;
};

/* Moves `rule` behind the others: it is zeroed on success. Returns 0 or -ENOMEM. */
int flow_rules_add(struct flow_rules *rules, struct flow_rule *rule, struct error *err);

/* Give back the memory, and zero what is pointed to. */
void flow_rule_clear(struct flow_rule *rule);
void flow_rules_clear(struct flow_rules *rules);
void flow_security_group_clear(struct flow_security_group *group);
void flow_network_acl_clear(struct flow_network_acl *acl);

#endif
