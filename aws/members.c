#include "aws/members.h"

#include <stdlib.h>

#include "aws/list.h"
#include "aws/prefix_lists.h"

/* What happens to one rule of a list that may grow meanwhile. */
typedef int rule_fn(void *ctx, struct flow_rules *rules, size_t at, struct error *err);

static int each_of(struct flow_rules *rules, rule_fn *each, void *ctx, struct error *err)
{
	size_t count = rules->count; /* without those that are added on the way */
	int ret = 0;

	for (size_t i = 0; i < count && ret == 0; i++)
		if (rules->items[i].group)
			ret = each(ctx, rules, i, err);
	return ret;
}

static int each_rule(struct flow_security_group *groups, size_t count, rule_fn *each, void *ctx, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < count && ret == 0; i++) {
		ret = each_of(&groups[i].ingress, each, ctx, err);
		if (ret == 0)
			ret = each_of(&groups[i].egress, each, ctx, err);
	}
	return ret;
}

/* ---- prefix lists ---- */

struct lists {
	const struct aws_account *account;
	struct aws_index index;
};

static int put_list(void *ctx, struct flow_rules *rules, size_t at, struct error *err)
{
	const struct lists *lists = ctx;
	struct flow_rule *rule = &rules->items[at];
	const struct aws_index_entry *found = aws_index_find(&lists->index, rule->group);
	const struct aws_prefix_list *list;

	if (strncmp(rule->group, "pl-", 3) != 0)
		return 0;
	free(rule->group);
	rule->group = NULL;
	if (!found)
		return 0;
	list = &lists->account->lists[found->number];
	if (list->count == 0)
		return 0;
	rule->peers = calloc(list->count, sizeof(*rule->peers));
	if (!rule->peers)
		return fail_memory(err, "rules");
	memcpy(rule->peers, list->prefixes, list->count * sizeof(*rule->peers));
	rule->peer_count = list->count;
	return 0;
}

int aws_members_of_lists(struct flow_security_group *groups, size_t count, const struct aws_account *account,
			 struct error *err)
{
	struct lists lists = { .account = account };
	int ret = aws_prefix_lists_index(account, &lists.index, err);

	if (ret == 0)
		ret = each_rule(groups, count, put_list, &lists, err);
	aws_index_clear(&lists.index);
	return ret;
}

/* ---- groups ---- */

struct groups {
	const struct aws_index *described;
	const struct aws_strays *strays;
	struct aws_index members; /* names of groups, numbers of strays */
};

/* The addresses of the strays in a group, from its first entry on, into the rule. */
static int put_addresses(struct flow_rule *rule, const struct groups *groups, const struct aws_index_entry *entry,
			 struct error *err)
{
	const struct aws_index_entry *end = groups->members.entries + groups->members.count;
	const char *name = entry->name;

	for (; entry < end && strcmp(entry->name, name) == 0; entry++) {
		const struct flow_interface *stray = groups->strays->items[entry->number];

		for (size_t i = 0; i < stray->address_count; i++) {
			const struct flow_host *host = &stray->addresses[i];
			struct flow_prefix *grown = aws_list_grow(rule->peers, rule->peer_count, sizeof(*grown));

			if (!grown)
				return fail_memory(err, "rules");
			rule->peers = grown;
			grown[rule->peer_count++] = (struct flow_prefix){
				host->family,
				host->family == FLOW_IPV4 ? 32 : 128,
				host->address,
			};
		}
	}
	return 0;
}

/* A rule that is like `rule` but for its peers. */
static int copy_rule(struct flow_rule *to, const struct flow_rule *rule, struct error *err)
{
	*to = *rule;
	to->group = NULL;
	to->peers = NULL;
	to->peer_count = 0;
	to->words = strdup(rule->words);
	to->place = strdup(rule->place);
	return to->words && to->place ? 0 : fail_memory(err, "rules");
}

static int put_members(void *ctx, struct flow_rules *rules, size_t at, struct error *err)
{
	const struct groups *groups = ctx;
	struct flow_rule *rule = &rules->items[at], added = { 0 };
	const struct aws_index_entry *entry = aws_index_find(&groups->members, rule->group);
	int ret;

	if (!aws_index_find(groups->described, rule->group)) {
		ret = entry ? put_addresses(rule, groups, entry, err) : 0;
		free(rule->group);
		rule->group = NULL;
		return ret;
	}
	if (!entry)
		return 0;
	ret = copy_rule(&added, rule, err);
	if (ret == 0)
		ret = put_addresses(&added, groups, entry, err);
	if (ret == 0)
		ret = flow_rules_add(rules, &added, err);
	flow_rule_clear(&added);
	return ret;
}

int aws_members_of_groups(struct flow_security_group *groups, size_t count, const struct aws_index *described,
			  const struct aws_strays *strays, struct error *err)
{
	struct groups ctx = { .described = described, .strays = strays };
	int ret = 0;

	for (size_t i = 0; i < strays->count; i++)
		for (size_t j = 0; j < strays->items[i]->security_group_count && ret == 0; j++)
			ret = aws_index_add(&ctx.members, strays->items[i]->security_groups[j], i, err);
	aws_index_sort(&ctx.members);
	if (ret == 0)
		ret = each_rule(groups, count, put_members, &ctx, err);
	aws_index_clear(&ctx.members);
	return ret;
}
