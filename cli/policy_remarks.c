#include "cli/policy_remarks.h"

#include <stdio.h>

#include "output/protocol.h"

/* The slips of one kind: the first, and how many there are. */
struct slips {
	const struct flow_rule *first;
	size_t count;
};

struct remarks {
	const struct settings *settings;
	struct slips wrong_icmp; /* ICMP of one family, peers of the other */
	struct slips no_members; /* a group in which there is nobody */
	struct slips groups_in_acl;
};

static bool names_group(const struct flow_interface *interface, const char *group)
{
	for (size_t i = 0; i < interface->security_group_count; i++)
		if (strcmp(interface->security_groups[i], group) == 0)
			return true;
	return false;
}

bool policy_has_members(const struct settings *settings, const char *group)
{
	for (size_t i = 0; i < settings->interface_count; i++)
		if (settings->interfaces[i].address_count > 0 && names_group(&settings->interfaces[i], group))
			return true;
	return false;
}

static void note(struct slips *slips, const struct flow_rule *rule)
{
	if (slips->count++ == 0)
		slips->first = rule;
}

static bool is_wrong_icmp(const struct flow_rule *rule)
{
	enum flow_family family = rule->protocol == OUTPUT_PROTOCOL_ICMPV6 ? FLOW_IPV6 : FLOW_IPV4;

	if (rule->peer_count == 0 ||
	    (rule->protocol != OUTPUT_PROTOCOL_ICMP && rule->protocol != OUTPUT_PROTOCOL_ICMPV6))
		return false;
	for (size_t i = 0; i < rule->peer_count; i++)
		if (rule->peers[i].family == family)
			return false;
	return true;
}

static void look_at(struct remarks *remarks, const struct flow_rules *rules, bool of_acl)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct flow_rule *rule = &rules->items[i];

		if (is_wrong_icmp(rule))
			note(&remarks->wrong_icmp, rule);
		if (rule->group && of_acl)
			note(&remarks->groups_in_acl, rule);
		else if (rule->group && !policy_has_members(remarks->settings, rule->group))
			note(&remarks->no_members, rule);
	}
}

/* Only what an interface is judged by is looked at. */
static void look_at_all(struct remarks *remarks)
{
	const struct settings *settings = remarks->settings;

	for (size_t g = 0; g < settings->own_group_count; g++) {
		const struct flow_security_group *group = &settings->groups[g];
		bool used = false;

		for (size_t i = 0; i < settings->interface_count && !used; i++)
			used = names_group(&settings->interfaces[i], group->name);
		if (used) {
			look_at(remarks, &group->ingress, false);
			look_at(remarks, &group->egress, false);
		}
	}
	for (size_t a = 0; a < settings->own_acl_count; a++) {
		look_at(remarks, &settings->acls[a].ingress, true);
		look_at(remarks, &settings->acls[a].egress, true);
	}
}

static void tell(const struct notices *notices, const struct slips *slips, const char *sentence)
{
	char more[64] = "";

	if (slips->count == 0)
		return;
	if (slips->count > 1)
		snprintf(more, sizeof(more), "; so with %zu rule%s more", slips->count - 1,
			 slips->count > 2 ? "s" : "");
	notify(notices, "%s: %s: %s%s", slips->first->place ? slips->first->place : "a rule", slips->first->words,
	       sentence, more);
}

static bool anybody_is_judged(const struct settings *settings)
{
	for (size_t i = 0; i < settings->interface_count; i++)
		if (settings->interfaces[i].security_group_count > 0 || settings->interfaces[i].network_acl)
			return true;
	return false;
}

void policy_remarks(const struct settings *settings, const struct notices *notices)
{
	struct remarks remarks = { .settings = settings };

	if (settings->group_count + settings->acl_count == 0)
		return;
	if (!anybody_is_judged(settings))
		notify(notices, "no [interface] names a security group or network ACL, so nothing is rejected: "
				"security-groups and network-acl are its keys");
	if (settings->empty_egress)
		notify(notices,
		       "%s: an egress without a value is as if it were not there, so that all egress is allowed; "
		       "egress = none allows nothing",
		       settings->empty_egress);
	look_at_all(&remarks);
	tell(notices, &remarks.wrong_icmp, "matches nothing; icmp is a protocol of IPv4, icmpv6 one of IPv6");
	tell(notices, &remarks.no_members, "matches nothing; no [interface] that has an address names this group");
	tell(notices, &remarks.groups_in_acl,
	     "AWS's network ACLs take no security groups; here it stands for the addresses of its members");
}
