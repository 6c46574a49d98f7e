#include "flow/rule.h"

#include <stdlib.h>

/* Is there no room for one more? Room doubles, so that it is told from the count. */
static bool is_full(size_t count)
{
	return (count & (count - 1)) == 0;
}

int flow_rules_add(struct flow_rules *rules, struct flow_rule *rule, struct error *err)
{
	if (is_full(rules->count)) {
		size_t room = rules->count ? 2 * rules->count : 1;
		struct flow_rule *items = realloc(rules->items, room * sizeof(*items));

		if (!items)
			return fail_memory(err, "rules");
		rules->items = items;
	}
	rules->items[rules->count++] = *rule;
	*rule = (struct flow_rule){ 0 };
	return 0;
}

void flow_rule_clear(struct flow_rule *rule)
{
	free(rule->peers);
	free(rule->group);
	free(rule->words);
	free(rule->place);
	*rule = (struct flow_rule){ 0 };
}

void flow_rules_clear(struct flow_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		flow_rule_clear(&rules->items[i]);
	free(rules->items);
	*rules = (struct flow_rules){ 0 };
}

void flow_security_group_clear(struct flow_security_group *group)
{
	free(group->name);
	flow_rules_clear(&group->ingress);
	flow_rules_clear(&group->egress);
	*group = (struct flow_security_group){ 0 };
}

void flow_network_acl_clear(struct flow_network_acl *acl)
{
	free(acl->name);
	flow_rules_clear(&acl->ingress);
	flow_rules_clear(&acl->egress);
	*acl = (struct flow_network_acl){ 0 };
}
