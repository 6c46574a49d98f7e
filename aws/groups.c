#include "aws/groups.h"

#include <stdlib.h>

#include "aws/index.h"
#include "aws/list.h"
#include "aws/rule.h"
#include "aws/scalar.h"

/* ---- describe-security-groups ---- */

/* One peer of a permission: a rule that is like the others of it. `at` is where it stands, its member `name` what. */
struct peer {
	const struct aws_value *at;
	const char *name;
	int family; /* of a CIDR; 0: it is the id of a group or prefix list */
};

/* Gives the rule its peer. Returns what it is called; NULL: there is none, or a fault. */
static const char *put_peer(struct flow_rule *rule, const struct peer *peer)
{
	struct aws_value value = aws_value_member(peer->at, peer->name);
	struct flow_prefix prefix;

	if (!value.json && strcmp(peer->name, "GroupId") != 0) /* a group may be gone, or of EC2-Classic */
		aws_value_missing(&value);
	if (peer->family == 0)
		return aws_scalar_word(value, &rule->group) ? rule->group : NULL;
	if (!aws_scalar_prefix(value, peer->family, &prefix) || !aws_rule_set_peer(peer->at, rule, &prefix))
		return NULL;
	return aws_value_text(value);
}

/* Completes the rule with its peer, and its words and place. */
static bool finish(struct flow_rule *rule, bool egress, const struct peer *peer)
{
	const char *words = put_peer(rule, peer);

	return words && aws_rule_describe(peer->at, rule, egress, words);
}

/* The rules of one direction. */
struct direction {
	struct flow_rules *rules;
	bool egress;
};

/* One list of a permission's peers; each is a rule with its traffic. */
static void read_peers(const struct aws_value *permission, const struct direction *direction,
		       const struct flow_rule *traffic, const char *list, const char *name, int family)
{
	struct aws_value items = aws_value_member(permission, list);

	for (size_t i = 0; i < aws_value_count(&items); i++) {
		struct aws_value item = aws_value_item(&items, i);
		struct peer peer = { &item, name, family };
		struct flow_rule rule = *traffic;

		if (finish(&rule, direction->egress, &peer) && flow_rules_add(direction->rules, &rule, NULL) < 0)
			aws_value_memory(&item);
		flow_rule_clear(&rule);
	}
}

static void read_permissions(const struct aws_value *group, const struct direction *direction, const char *list)
{
	struct aws_value permissions = aws_value_member(group, list);

	for (size_t i = 0; i < aws_value_count(&permissions); i++) {
		struct aws_value permission = aws_value_item(&permissions, i);
		struct flow_rule traffic = { .allow = true };

		aws_rule_read_traffic(&permission, &traffic);
		read_peers(&permission, direction, &traffic, "IpRanges", "CidrIp", FLOW_IPV4);
		read_peers(&permission, direction, &traffic, "Ipv6Ranges", "CidrIpv6", FLOW_IPV6);
		read_peers(&permission, direction, &traffic, "PrefixListIds", "PrefixListId", 0);
		read_peers(&permission, direction, &traffic, "UserIdGroupPairs", "GroupId", 0);
	}
}

static bool keep_group(struct flow_security_group **groups, size_t *count, struct flow_security_group *group)
{
	struct flow_security_group *grown = aws_list_grow(*groups, *count, sizeof(*grown));

	if (!grown) {
		flow_security_group_clear(group);
		return false;
	}
	grown[(*count)++] = *group;
	*groups = grown;
	*group = (struct flow_security_group){ 0 };
	return true;
}

void aws_groups_read(const struct aws_value *root, struct aws_account *account)
{
	struct aws_value items = aws_value_need(root, "SecurityGroups");

	for (size_t i = 0; i < aws_value_count(&items); i++) {
		struct aws_value item = aws_value_item(&items, i);
		struct flow_security_group group = { .limits_egress = true };
		struct direction ingress = { &group.ingress, false }, egress = { &group.egress, true };

		aws_scalar_id(&item, "GroupId", &group.name);
		read_permissions(&item, &ingress, "IpPermissions");
		read_permissions(&item, &egress, "IpPermissionsEgress");
		if (root->document->fault < 0)
			flow_security_group_clear(&group);
		else if (!keep_group(&account->groups, &account->group_count, &group))
			aws_value_memory(&item);
	}
}

/* ---- describe-security-group-rules ---- */

/* The one of its four members that says who the peer is. */
static bool finish_rule(const struct aws_value *item, struct aws_group_rule *rule)
{
	struct aws_value referenced = aws_value_member(item, "ReferencedGroupInfo");
	const struct peer peers[] = {
		{ item, "CidrIpv4", FLOW_IPV4 },
		{ item, "CidrIpv6", FLOW_IPV6 },
		{ item, "PrefixListId", 0 },
		{ &referenced, "GroupId", 0 },
	};

	for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++)
		if (aws_value_member(peers[i].at, peers[i].name).json)
			return finish(&rule->rule, rule->egress, &peers[i]);
	return false; /* a group that is gone */
}

void aws_groups_read_rules(const struct aws_value *root, struct aws_account *account)
{
	struct aws_value items = aws_value_need(root, "SecurityGroupRules");

	for (size_t i = 0; i < aws_value_count(&items); i++) {
		struct aws_value item = aws_value_item(&items, i);
		struct aws_group_rule rule = { .rule.allow = true }, *grown = NULL;

		aws_scalar_id(&item, "GroupId", &rule.group);
		rule.egress = aws_value_flag(aws_value_need(&item, "IsEgress"));
		aws_rule_read_traffic(&item, &rule.rule);
		if (finish_rule(&item, &rule) && root->document->fault == 0) {
			grown = aws_list_grow(account->rules, account->rule_count, sizeof(*grown));
			if (!grown)
				aws_value_memory(&item);
		}
		if (grown) {
			grown[account->rule_count++] = rule;
			account->rules = grown;
		} else {
			free(rule.group);
			flow_rule_clear(&rule.rule);
		}
	}
}

/* ---- both together ---- */

/* The group of the rules from `at` on, which are sorted by group. Returns how many are its own, or -ENOMEM. */
static int take_run(struct aws_account *account, const struct aws_index *rules, size_t at,
		    struct flow_security_group *group, struct error *err)
{
	const char *name = rules->entries[at].name;
	int taken = 0, ret = 0;

	group->name = strdup(name);
	if (!group->name)
		return fail_memory(err, name);
	for (; ret == 0 && at < rules->count && strcmp(rules->entries[at].name, name) == 0; at++, taken++) {
		struct aws_group_rule *rule = &account->rules[rules->entries[at].number];

		ret = flow_rules_add(rule->egress ? &group->egress : &group->ingress, &rule->rule, err);
	}
	return ret < 0 ? ret : taken;
}

static int take_rules(struct aws_account *account, const struct aws_index *rules, struct flow_security_group **groups,
		      size_t *count, struct error *err)
{
	for (size_t at = 0; at < rules->count;) {
		struct flow_security_group group = { .limits_egress = true };
		int taken = take_run(account, rules, at, &group, err);

		if (taken < 0) {
			flow_security_group_clear(&group);
			return taken;
		}
		if (!keep_group(groups, count, &group))
			return fail_memory(err, "security groups");
		at += (size_t)taken;
	}
	return 0;
}

/* The other groups, but for what was told before. */
static int take_groups(struct aws_account *account, const struct aws_index *rules, struct flow_security_group **groups,
		       size_t *count, struct error *err)
{
	struct aws_index names = { 0 };
	int ret = 0;

	for (size_t i = 0; i < account->group_count && ret == 0; i++)
		ret = aws_index_add(&names, account->groups[i].name, i, err);
	aws_index_sort(&names);
	for (size_t i = 0; i < account->group_count && ret == 0; i++) {
		struct flow_security_group *group = &account->groups[i];

		if (aws_index_find(rules, group->name) || aws_index_find(&names, group->name)->number != i)
			continue;
		if (!keep_group(groups, count, group))
			ret = fail_memory(err, "security groups");
	}
	aws_index_clear(&names);
	return ret;
}

int aws_groups_take(struct aws_account *account, struct flow_security_group **groups, size_t *count, struct error *err)
{
	struct aws_index rules = { 0 };
	int ret = 0;

	*groups = NULL;
	*count = 0;
	for (size_t i = 0; i < account->rule_count && ret == 0; i++)
		ret = aws_index_add(&rules, account->rules[i].group, i, err);
	aws_index_sort(&rules);
	if (ret == 0)
		ret = take_rules(account, &rules, groups, count, err);
	if (ret == 0)
		ret = take_groups(account, &rules, groups, count, err);
	aws_index_clear(&rules);
	return ret;
}
