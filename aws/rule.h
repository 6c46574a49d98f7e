/* aws/rule.h - what rules of security groups and network ACLs have in common.
 *
 * Ports count for TCP and UDP alone, type and code for ICMP and ICMPv6; of another protocol a rule means all, whatever
 * ports stand beside it. So AWS has it. */
#ifndef ENIFLOW_AWS_RULE_H
#define ENIFLOW_AWS_RULE_H

#include "aws/value.h"
#include "flow/rule.h"

/* Sets protocol, and ports or type and code, from two members of `object` that hold them: FromPort and ToPort of a
 * security group's rule, which are a type and a code for ICMP. Not there, or -1: any. */
void aws_rule_read_traffic(const struct aws_value *object, struct flow_rule *rule);

/* The same for a network ACL's entry, which has Protocol, PortRange and IcmpTypeCode. */
void aws_rule_read_entry(const struct aws_value *object, struct flow_rule *rule);

/* Makes `prefix` the rule's peer. Returns false, with a fault, without memory. */
bool aws_rule_set_peer(const struct aws_value *at, struct flow_rule *rule, const struct flow_prefix *prefix);

/* Sets words and place of a rule that is whole but for them: "allow tcp 443 from PEER". Returns false, with a fault,
 * without memory. */
bool aws_rule_describe(const struct aws_value *at, struct flow_rule *rule, bool egress, const char *peer);

#endif
