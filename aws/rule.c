#include "aws/rule.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "aws/scalar.h"

enum { ICMP = 1, TCP = 6, UDP = 17, ICMPV6 = 58, PORT_MOST = 65535 };

static bool has_ports(const struct flow_rule *rule)
{
	return rule->protocol == TCP || rule->protocol == UDP;
}

static bool is_icmp(const struct flow_rule *rule)
{
	return rule->protocol == ICMP || rule->protocol == ICMPV6;
}

static void allow_all(struct flow_rule *rule)
{
	rule->port_from = 0;
	rule->port_to = PORT_MOST;
	rule->icmp_type = rule->icmp_code = FLOW_RULE_ANY;
}

/* Both ends of a range, or neither; -1 at both: any. */
static void read_ports(const struct aws_value *object, struct flow_rule *rule, const char *from_name,
		       const char *to_name)
{
	struct aws_value from_value = aws_value_member(object, from_name), to_value;
	int64_t from, to;

	if (!from_value.json && !aws_value_member(object, to_name).json)
		return;
	to_value = aws_value_need(object, to_name);
	if (!aws_value_number(aws_value_need(object, from_name), -1, PORT_MOST, &from) ||
	    !aws_value_number(to_value, -1, PORT_MOST, &to) || (from == -1 && to == -1))
		return;
	if (from == -1)
		aws_value_wrong(&from_value, "a port");
	else if (to < from)
		aws_value_wrong(&to_value, "a port that is not below the first of the range");
	rule->port_from = (uint16_t)from;
	rule->port_to = (uint16_t)to;
}

static void read_icmp(const struct aws_value *object, struct flow_rule *rule, const char *type_name,
		      const char *code_name)
{
	int64_t number;

	if (aws_value_number(aws_value_member(object, type_name), -1, 255, &number))
		rule->icmp_type = (int16_t)number;
	if (aws_value_number(aws_value_member(object, code_name), -1, 255, &number))
		rule->icmp_code = (int16_t)number;
}

void aws_rule_read_traffic(const struct aws_value *object, struct flow_rule *rule)
{
	aws_scalar_protocol(aws_value_need(object, "IpProtocol"), &rule->protocol);
	allow_all(rule);
	if (has_ports(rule))
		read_ports(object, rule, "FromPort", "ToPort");
	else if (is_icmp(rule))
		read_icmp(object, rule, "FromPort", "ToPort");
}

void aws_rule_read_entry(const struct aws_value *object, struct flow_rule *rule)
{
	struct aws_value ports = aws_value_member(object, "PortRange");
	struct aws_value icmp = aws_value_member(object, "IcmpTypeCode");

	aws_scalar_protocol(aws_value_need(object, "Protocol"), &rule->protocol);
	allow_all(rule);
	if (has_ports(rule))
		read_ports(&ports, rule, "From", "To");
	else if (is_icmp(rule))
		read_icmp(&icmp, rule, "Type", "Code");
}

bool aws_rule_set_peer(const struct aws_value *at, struct flow_rule *rule, const struct flow_prefix *prefix)
{
	rule->peers = malloc(sizeof(*rule->peers));
	if (!rule->peers) {
		aws_value_memory(at);
		return false;
	}
	rule->peers[rule->peer_count++] = *prefix;
	return true;
}

/* ---- words ---- */

/* "443", "8000-8100", "8/0"; with a blank before it. "" where it is any. */
static void traffic_words(const struct flow_rule *rule, char *out, size_t size)
{
	char code[8] = "*";

	*out = '\0';
	if (has_ports(rule) && rule->port_from == rule->port_to)
		snprintf(out, size, " %u", rule->port_from);
	else if (has_ports(rule) && !(rule->port_from == 0 && rule->port_to == PORT_MOST))
		snprintf(out, size, " %u-%u", rule->port_from, rule->port_to);
	if (!is_icmp(rule) || (rule->icmp_type == FLOW_RULE_ANY && rule->icmp_code == FLOW_RULE_ANY))
		return;
	if (rule->icmp_code != FLOW_RULE_ANY)
		snprintf(code, sizeof(code), "%d", rule->icmp_code);
	if (rule->icmp_type == FLOW_RULE_ANY)
		snprintf(out, size, " */%s", code);
	else
		snprintf(out, size, " %d/%s", rule->icmp_type, code);
}

static const char *protocol_words(const struct flow_rule *rule, char number[static 8])
{
	switch (rule->protocol) {
	case FLOW_RULE_ANY:
		return "all";
	case ICMP:
		return "icmp";
	case TCP:
		return "tcp";
	case UDP:
		return "udp";
	case ICMPV6:
		return "icmpv6";
	default:
		snprintf(number, 8, "%d", rule->protocol);
		return number;
	}
}

bool aws_rule_describe(const struct aws_value *at, struct flow_rule *rule, bool egress, const char *peer)
{
	char turn[16] = "", number[8], traffic[24], place[512], *words = NULL, *where = NULL;

	if (rule->number > 0)
		snprintf(turn, sizeof(turn), "%" PRIu32 " ", rule->number);
	traffic_words(rule, traffic, sizeof(traffic));
	aws_value_place(at, place, sizeof(place));
	if (asprintf(&words, "%s%s %s%s %s %s", turn, rule->allow ? "allow" : "deny", protocol_words(rule, number),
		     traffic, egress ? "to" : "from", peer) < 0)
		words = NULL;
	if (asprintf(&where, "%s: %s", at->document->path, place) < 0)
		where = NULL;
	rule->words = words;
	rule->place = where;
	if (!words || !where)
		aws_value_memory(at);
	return words && where;
}
