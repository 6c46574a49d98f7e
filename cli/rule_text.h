/* cli/rule_text.h - one rule of a security group or network ACL as a line of the configuration.
 *
 *     [NUMBER] allow|deny PROTOCOL [PORT|PORT-PORT|TYPE[/CODE]] from|to CIDR|sg-NAME
 *
 * NUMBER always and only in a network ACL, 1 to 32766; `deny` only there; `from` in ingress, `to` in egress. PROTOCOL
 * is a name or number (output/protocol.h), or `all`. Ports go with protocols that have them, TYPE[/CODE] with ICMP and
 * ICMPv6; either half may be *. Source: interface.md "Policies"; semantics section 13, 24. */
#ifndef ENIFLOW_CLI_RULE_TEXT_H
#define ENIFLOW_CLI_RULE_TEXT_H

#include "flow/rule.h"

enum { RULE_NUMBER_MOST = 32766 }; /* behind it comes AWS's own last rule, which denies all */

/* Which list a rule stands in. */
struct rule_list {
	bool of_acl; /* else of a security group */
	bool egress;
};

/* "ingress" or "egress". */
const char *rule_text_key(bool egress);

/* Reads a line; its words become `out->words`, its blanks made single; no place is set. Returns 0; -EINVAL, and the
 * sentence says which word is wrong and what could stand there; or -ENOMEM. On failure `out` is zeroed. */
int rule_text_parse(struct flow_rule *out, struct rule_list list, const char *text, struct error *err);

/* The line that reads back to that rule, with the peer of that number: a rule of several peers takes a line for each.
 * Made in `out`, which is returned. */
enum { RULE_TEXT_SIZE = 256 };
const char *rule_text(char out[static RULE_TEXT_SIZE], const struct flow_rule *rule, bool egress, size_t peer);

/* "10.0.0.0/16", in `out`, which is returned. */
enum { RULE_PREFIX_SIZE = 56 };
const char *rule_text_prefix(char out[static RULE_PREFIX_SIZE], const struct flow_prefix *prefix);

#endif
