#include "cli/ruling.h"

#include <stdio.h>

#include "cli/rule_text.h"
#include "output/protocol.h"

/* Behind what is there: " by 'allow tcp 443 from 0.0.0.0/0' (lab.ini:31)". */
static void add_rule(char *out, size_t size, const struct flow_rule *rule)
{
	size_t length = strlen(out);

	snprintf(out + length, size - length, " by '%s'%s%s%s", rule->words ? rule->words : "a rule",
		 rule->place ? " (" : "", rule->place ? rule->place : "", rule->place ? ")" : "");
}

static void say_acl(char *out, size_t size, const struct flow_reason *reason, const char *verb)
{
	snprintf(out, size, "network ACL %s %s it%s", reason->acl->name, verb,
		 reason->acl_rule ? "" : ": none of its rules fits");
	if (reason->acl_rule)
		add_rule(out, size, reason->acl_rule);
}

/* The groups' names, as "sg-a, sg-b". */
static void list_groups(char *out, size_t size, const struct flow_interface *interface)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < interface->security_group_count && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", interface->security_groups[i]);
}

/* What stops a packet that the groups take for the answer to a connection: `reason` is of one such. */
static void add_answer(char *out, const struct flow_reason *reason)
{
	size_t length = strlen(out);

	if (!reason->by_state || reason->action != FLOW_REJECT)
		return;
	snprintf(out + length, RULING_SIZE - length, "; an answer would pass, but ");
	length = strlen(out);
	say_acl(out + length, RULING_SIZE - length, reason, "denies");
}

static void say_rejection(char *out, const struct flow_interface *interface, const struct flow_reason *reason,
			  const struct flow_reason *of_answer, enum flow_direction direction)
{
	char names[200];

	if (reason->has_acl && !reason->acl_allows &&
	    (!reason->has_groups || reason->groups_allow || direction == FLOW_INGRESS)) {
		say_acl(out, RULING_SIZE, reason, "denies");
		return;
	}
	list_groups(names, sizeof(names), interface);
	snprintf(out, RULING_SIZE, "no %s rule of %s allows it", rule_text_key(direction == FLOW_EGRESS), names);
	add_answer(out, of_answer);
}

static void say_acceptance(char *out, const struct flow_reason *reason)
{
	if (!reason->has_groups) {
		say_acl(out, RULING_SIZE, reason, "allows");
		return;
	}
	if (reason->group)
		snprintf(out, RULING_SIZE, "%s allows it%s", reason->group->name,
			 reason->group_rule ? "" : ", since it does not limit egress");
	if (reason->group && reason->group_rule)
		add_rule(out, RULING_SIZE, reason->group_rule);
}

/* An echo request, or the reply to one: what a flow of ICMP is asked as, since a flow log has no types. */
static void make_echo(struct flow_observation *packet, bool is_reply)
{
	bool is_v6 = packet->protocol == OUTPUT_PROTOCOL_ICMPV6;

	if (packet->protocol != OUTPUT_PROTOCOL_ICMP && !is_v6)
		return;
	packet->has_icmp = packet->is_echo = true;
	packet->icmp_type = is_v6 ? (is_reply ? 129 : 128) : (is_reply ? 0 : 8);
}

/* The packet that this one would be the answer to. */
static struct flow_observation question_to(const struct flow_observation *packet)
{
	struct flow_observation question = *packet;

	question.source = packet->destination;
	question.destination = packet->source;
	question.source_port = packet->destination_port;
	question.destination_port = packet->source_port;
	make_echo(&question, false);
	return question;
}

/* Why, if it begins a connection; and if it answers one that the rules allow. */
static void explain(const struct policies *policies, uint32_t interface, enum flow_direction direction,
		    const struct flow_observation *packet, struct flow_reason *reason, struct flow_reason *of_answer)
{
	enum flow_direction back = direction == FLOW_EGRESS ? FLOW_INGRESS : FLOW_EGRESS;
	struct flow_observation first = *packet, answer = *packet, question = question_to(packet);
	struct flow_reason ignored;

	make_echo(&first, false);
	make_echo(&answer, true);
	flow_policy_explain(policies->policy, interface, direction, &first, 0, false, reason);
	flow_policy_explain(policies->policy, interface, back, &question, 0, true, &ignored);
	flow_policy_explain(policies->policy, interface, direction, &answer, 0, false, of_answer);
}

const char *ruling(char out[static RULING_SIZE], const struct settings *settings, const struct policies *policies,
		   size_t interface, enum flow_direction direction, const struct flow_observation *packet,
		   enum flow_action action)
{
	struct flow_reason reason = { 0 }, of_answer = { 0 };

	out[0] = '\0';
	if (!policies->policy || !flow_policy_is_for(policies->policy, (uint32_t)interface))
		return out;
	explain(policies, (uint32_t)interface, direction, packet, &reason, &of_answer);
	if (reason.action != action)
		snprintf(out, RULING_SIZE, "%s",
			 action == FLOW_ACCEPT ? "it answers a connection that the rules allow"
					       : "the rules reject a part of it alone");
	else if (action == FLOW_REJECT)
		say_rejection(out, &settings->interfaces[interface], &reason, &of_answer, direction);
	else
		say_acceptance(out, &reason);
	return out;
}
