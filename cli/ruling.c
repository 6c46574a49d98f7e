#include "cli/ruling.h"

#include <stdio.h>

#include "cli/rule_text.h"

/* Behind what is there: " by 'allow tcp 443 from 0.0.0.0/0' (lab.ini:31)". */
static void add_rule(char *out, const struct flow_rule *rule)
{
	size_t length = strlen(out);

	snprintf(out + length, RULING_SIZE - length, " by '%s'%s%s%s", rule->words ? rule->words : "a rule",
		 rule->place ? " (" : "", rule->place ? rule->place : "", rule->place ? ")" : "");
}

static void say_acl(char *out, const struct flow_reason *reason, const char *verb)
{
	snprintf(out, RULING_SIZE, "network ACL %s %s it%s", reason->acl->name, verb,
		 reason->acl_rule ? "" : ": none of its rules fits");
	if (reason->acl_rule)
		add_rule(out, reason->acl_rule);
}

/* The groups' names, as "sg-a, sg-b". */
static void list_groups(char *out, size_t size, const struct flow_interface *interface)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < interface->security_group_count && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", interface->security_groups[i]);
}

static void say_rejection(char *out, const struct flow_interface *interface, const struct flow_reason *reason,
			  enum flow_direction direction)
{
	char names[200];

	if (reason->has_acl && !reason->acl_allows &&
	    (!reason->has_groups || reason->groups_allow || direction == FLOW_INGRESS)) {
		say_acl(out, reason, "denies");
		return;
	}
	list_groups(names, sizeof(names), interface);
	snprintf(out, RULING_SIZE, "no %s rule of %s allows it", rule_text_key(direction == FLOW_EGRESS), names);
}

static void say_acceptance(char *out, const struct flow_reason *reason)
{
	if (!reason->has_groups) {
		say_acl(out, reason, "allows");
		return;
	}
	if (reason->group)
		snprintf(out, RULING_SIZE, "%s allows it%s", reason->group->name,
			 reason->group_rule ? "" : ", since it does not limit egress");
	if (reason->group && reason->group_rule)
		add_rule(out, reason->group_rule);
}

const char *ruling(char out[static RULING_SIZE], const struct settings *settings, const struct policies *policies,
		   size_t interface, enum flow_direction direction, const struct flow_observation *packet,
		   enum flow_action action)
{
	struct flow_reason reason = { 0 };

	out[0] = '\0';
	if (!policies->policy || !flow_policy_is_for(policies->policy, (uint32_t)interface))
		return out;
	flow_policy_explain(policies->policy, (uint32_t)interface, direction, packet, 0, false, &reason);
	if (reason.action != action)
		snprintf(out, RULING_SIZE, "%s",
			 action == FLOW_ACCEPT ? "it answers a connection that the rules allow"
					       : "the rules reject a part of it alone");
	else if (action == FLOW_REJECT)
		say_rejection(out, &settings->interfaces[interface], &reason, direction);
	else
		say_acceptance(out, &reason);
	return out;
}
