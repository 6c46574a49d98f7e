#include "flow/rulebook.h"

#include <errno.h>
#include <stdlib.h>

/* A list of groups that some interface names, and what their rules make. */
struct group_set {
	size_t *groups; /* numbers, in the order of the interface */
	size_t count;
	struct flow_ruleset rules;
};

struct flow_rulebook {
	struct flow_seat *seats; /* by interface */
	size_t seat_count;
	struct group_set **sets;
	size_t set_count;
	struct flow_ruleset *acls; /* by ACL; only those that an interface names are compiled */
	size_t acl_count;
};

/* The addresses of the interfaces that name a group. */
struct members {
	struct flow_prefix *items;
	size_t count;
};

struct name {
	const char *text;
	size_t number;
};

/* What is needed only while the book is written. */
struct writer {
	const struct flow_rulebook_options *options;
	struct name *groups, *acls; /* in the order of the names */
	struct members *members;    /* by group */
	struct error *err;
};

/* ---- names ---- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static int sort_names(struct name *names, size_t count, const char *what, struct error *err)
{
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 1; i < count; i++)
		if (strcmp(names[i - 1].text, names[i].text) == 0)
			return fail(err, EINVAL, "%s %s: there are two of that name", what, names[i].text);
	return 0;
}

static int read_names(struct writer *writer)
{
	const struct flow_rulebook_options *options = writer->options;
	int ret;

	for (size_t i = 0; i < options->group_count; i++)
		writer->groups[i] = (struct name){ options->groups[i].name, i };
	for (size_t i = 0; i < options->acl_count; i++)
		writer->acls[i] = (struct name){ options->acls[i].name, i };
	ret = sort_names(writer->groups, options->group_count, "security group", writer->err);
	return ret < 0 ? ret : sort_names(writer->acls, options->acl_count, "network ACL", writer->err);
}

/* Its number; -1 if there is none of that name. */
static ptrdiff_t find_name(const struct name *names, size_t count, const char *text)
{
	const struct name wanted = { text, 0 }, *found = bsearch(&wanted, names, count, sizeof(*names), compare_names);

	return found ? (ptrdiff_t)found->number : -1;
}

static ptrdiff_t find_group(const struct writer *writer, const char *name)
{
	return find_name(writer->groups, writer->options->group_count, name);
}

static int check_rules(const struct writer *writer, const struct flow_rules *rules, const char *what, const char *name)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct flow_rule *rule = &rules->items[i];

		if (rule->group && find_group(writer, rule->group) < 0)
			return fail(writer->err, EINVAL,
				    "%s %s: its rule \"%s\" names security group %s, which there is not", what, name,
				    rule->words ? rule->words : "?", rule->group);
	}
	return 0;
}

static int check_all_rules(const struct writer *writer)
{
	const struct flow_rulebook_options *options = writer->options;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < options->group_count; i++) {
		const struct flow_security_group *group = &options->groups[i];

		ret = check_rules(writer, &group->ingress, "security group", group->name);
		if (ret == 0)
			ret = check_rules(writer, &group->egress, "security group", group->name);
	}
	for (size_t i = 0; ret == 0 && i < options->acl_count; i++) {
		const struct flow_network_acl *acl = &options->acls[i];

		ret = check_rules(writer, &acl->ingress, "network ACL", acl->name);
		if (ret == 0)
			ret = check_rules(writer, &acl->egress, "network ACL", acl->name);
	}
	return ret;
}

/* ---- members ---- */

static bool add_members(struct members *members, const struct flow_interface *interface)
{
	size_t count = members->count + interface->address_count;
	struct flow_prefix *items = realloc(members->items, (count + 1) * sizeof(*items));

	if (!items)
		return false;
	members->items = items;
	for (size_t i = 0; i < interface->address_count; i++) {
		const struct flow_host *host = &interface->addresses[i];

		items[members->count++] = (struct flow_prefix){ host->family, host->family == FLOW_IPV4 ? 32 : 128,
								host->address };
	}
	return true;
}

static int collect_members(struct writer *writer)
{
	for (size_t i = 0; i < writer->options->interface_count; i++) {
		const struct flow_interface *interface = writer->options->interfaces[i];

		for (size_t named = 0; named < interface->security_group_count; named++) {
			const char *name = interface->security_groups[named];
			ptrdiff_t group = find_group(writer, name);

			if (group < 0)
				return fail(writer->err, EINVAL, "interface %s: there is no security group %s",
					    interface->name, name);
			if (!add_members(&writer->members[group], interface))
				return fail_memory(writer->err, "security groups");
		}
	}
	return 0;
}

/* ---- compiling ---- */

/* Rules on their way into a classifier. */
struct list {
	struct flow_classified *items;
	struct flow_rule_origin *origins;
	size_t count;
};

static bool start_list(struct list *list, size_t most)
{
	list->items = calloc(most + 1, sizeof(*list->items)); /* room for one where there is none */
	list->origins = calloc(most + 1, sizeof(*list->origins));
	return list->items && list->origins;
}

static void add_rule(const struct writer *writer, struct list *list, const struct flow_rule *rule,
		     const struct flow_security_group *group)
{
	struct flow_classified *item = &list->items[list->count];

	*item = (struct flow_classified){ rule, rule->peers, rule->peer_count };
	if (rule->group) {
		const struct members *members = &writer->members[find_group(writer, rule->group)];

		item->peers = members->items;
		item->peer_count = members->count;
	}
	list->origins[list->count++] = (struct flow_rule_origin){ rule, group };
}

/* What a group has that does not limit egress. */
static void add_all_egress(struct list *list, const struct flow_security_group *group)
{
	static const struct flow_rule all = { .allow = true, .protocol = FLOW_RULE_ANY, .port_to = UINT16_MAX };
	static const struct flow_prefix everywhere[] = { { .family = FLOW_IPV4 }, { .family = FLOW_IPV6 } };

	list->items[list->count] = (struct flow_classified){ &all, everywhere, 2 };
	list->origins[list->count++] = (struct flow_rule_origin){ NULL, group };
}

/* Makes the list the rules of one direction, and gives it up. */
static int end_list(struct list *list, bool is_whole, struct flow_ruleset *ruleset, enum flow_direction direction,
		    struct error *err)
{
	size_t which = direction - FLOW_INGRESS;
	int ret = is_whole ? flow_classifier_init(&ruleset->classifiers[which], list->items, list->count, err)
			   : fail_memory(err, "rules");

	free(list->items);
	if (ret < 0)
		free(list->origins);
	else
		ruleset->origins[which] = list->origins;
	return ret;
}

static const struct flow_rules *rules_of(const struct flow_security_group *group, enum flow_direction direction)
{
	return direction == FLOW_INGRESS ? &group->ingress : &group->egress;
}

static int compile_groups(const struct writer *writer, struct group_set *set, enum flow_direction direction)
{
	struct list list = { 0 };
	size_t most = set->count;
	bool started;

	for (size_t i = 0; i < set->count; i++)
		most += rules_of(&writer->options->groups[set->groups[i]], direction)->count;
	started = start_list(&list, most);
	for (size_t i = 0; started && i < set->count; i++) {
		const struct flow_security_group *group = &writer->options->groups[set->groups[i]];
		const struct flow_rules *rules = rules_of(group, direction);

		for (size_t rule = 0; rule < rules->count; rule++)
			add_rule(writer, &list, &rules->items[rule], group);
		if (direction == FLOW_EGRESS && !group->limits_egress)
			add_all_egress(&list, group);
	}
	return end_list(&list, started, &set->rules, direction, writer->err);
}

/* Equal numbers stand in the order they were given: rules of one array are compared by their places. */
static int compare_numbers(const void *a, const void *b)
{
	const struct flow_rule *one = *(const struct flow_rule *const *)a, *other = *(const struct flow_rule *const *)b;

	if (one->number != other->number)
		return one->number < other->number ? -1 : 1;
	return one < other ? -1 : one > other;
}

static int list_acl(const struct writer *writer, struct flow_ruleset *ruleset, const struct flow_rule **order,
		    size_t count, enum flow_direction direction)
{
	struct list list = { 0 };
	bool *allow = calloc(count + 1, sizeof(*allow)); /* room for one where there is none */
	bool started = start_list(&list, count) && allow;

	qsort(order, count, sizeof(*order), compare_numbers);
	for (size_t i = 0; started && i < count; i++) {
		add_rule(writer, &list, order[i], NULL);
		allow[i] = order[i]->allow;
	}
	ruleset->allow[direction - FLOW_INGRESS] = allow;
	return end_list(&list, started, ruleset, direction, writer->err);
}

static int compile_acl(const struct writer *writer, struct flow_ruleset *ruleset, const struct flow_rules *rules,
		       enum flow_direction direction)
{
	const struct flow_rule **order = calloc(rules->count + 1, sizeof(*order));
	int ret;

	if (!order)
		return fail_memory(writer->err, "rules");
	for (size_t i = 0; i < rules->count; i++)
		order[i] = &rules->items[i];
	ret = list_acl(writer, ruleset, order, rules->count, direction);
	free(order);
	return ret;
}

/* ---- seats ---- */

static int take_acl(struct flow_rulebook *book, const struct writer *writer, const struct flow_interface *interface,
		    const struct flow_ruleset **out)
{
	ptrdiff_t number;
	struct flow_ruleset *ruleset;
	int ret = 0;

	if (!interface->network_acl)
		return 0;
	number = find_name(writer->acls, writer->options->acl_count, interface->network_acl);
	if (number < 0)
		return fail(writer->err, EINVAL, "interface %s: there is no network ACL %s", interface->name,
			    interface->network_acl);
	ruleset = &book->acls[number];
	if (!ruleset->acl) {
		ruleset->acl = &writer->options->acls[number];
		ret = compile_acl(writer, ruleset, &ruleset->acl->ingress, FLOW_INGRESS);
		if (ret == 0)
			ret = compile_acl(writer, ruleset, &ruleset->acl->egress, FLOW_EGRESS);
	}
	*out = ruleset;
	return ret;
}

static struct group_set *find_set(const struct flow_rulebook *book, const size_t *groups, size_t count)
{
	for (size_t i = 0; i < book->set_count; i++)
		if (book->sets[i]->count == count &&
		    memcmp(book->sets[i]->groups, groups, count * sizeof(*groups)) == 0)
			return book->sets[i];
	return NULL;
}

/* Takes `groups`, whatever comes of it. */
static int write_set(struct flow_rulebook *book, const struct writer *writer, size_t *groups, size_t count,
		     struct group_set **out)
{
	struct group_set **sets = realloc(book->sets, (book->set_count + 1) * sizeof(*sets));
	struct group_set *set = calloc(1, sizeof(*set));
	int ret;

	if (sets)
		book->sets = sets;
	if (!sets || !set) {
		free(groups);
		free(set);
		return fail_memory(writer->err, "security groups");
	}
	sets[book->set_count++] = set;
	set->groups = groups;
	set->count = count;
	*out = set;
	ret = compile_groups(writer, set, FLOW_INGRESS);
	return ret < 0 ? ret : compile_groups(writer, set, FLOW_EGRESS);
}

static int take_groups(struct flow_rulebook *book, const struct writer *writer, const struct flow_interface *interface,
		       const struct flow_ruleset **out)
{
	size_t count = interface->security_group_count, *groups;
	struct group_set *set;
	int ret;

	if (count == 0)
		return 0;
	groups = calloc(count, sizeof(*groups));
	if (!groups)
		return fail_memory(writer->err, "security groups");
	for (size_t i = 0; i < count; i++)
		groups[i] = (size_t)find_group(writer, interface->security_groups[i]); /* collect_members() found it */
	set = find_set(book, groups, count);
	if (set) {
		free(groups);
	} else {
		ret = write_set(book, writer, groups, count, &set);
		if (ret < 0)
			return ret;
	}
	*out = &set->rules;
	return 0;
}

static int fill_seats(struct flow_rulebook *book, const struct writer *writer)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < book->seat_count; i++) {
		const struct flow_interface *interface = writer->options->interfaces[i];

		ret = take_groups(book, writer, interface, &book->seats[i].groups);
		if (ret == 0)
			ret = take_acl(book, writer, interface, &book->seats[i].acl);
	}
	return ret;
}

/* ---- the book ---- */

static int write_book(struct flow_rulebook *book, struct writer *writer)
{
	int ret = read_names(writer);

	if (ret == 0)
		ret = check_all_rules(writer);
	if (ret == 0)
		ret = collect_members(writer);
	return ret < 0 ? ret : fill_seats(book, writer);
}

/* Memory for what is counted beforehand. */
static bool open_book(struct flow_rulebook *book, struct writer *writer)
{
	const struct flow_rulebook_options *options = writer->options;

	book->seat_count = options->interface_count;
	book->acl_count = options->acl_count;
	book->seats = calloc(book->seat_count + 1, sizeof(*book->seats)); /* room for one where there is none */
	book->acls = calloc(book->acl_count + 1, sizeof(*book->acls));
	writer->groups = calloc(options->group_count + 1, sizeof(*writer->groups));
	writer->acls = calloc(options->acl_count + 1, sizeof(*writer->acls));
	writer->members = calloc(options->group_count + 1, sizeof(*writer->members));
	return book->seats && book->acls && writer->groups && writer->acls && writer->members;
}

int flow_rulebook_new(struct flow_rulebook **out, const struct flow_rulebook_options *options, struct error *err)
{
	struct flow_rulebook *book = calloc(1, sizeof(*book));
	struct writer writer = { .options = options, .err = err };
	int ret;

	if (!book)
		return fail_memory(err, "rules");
	ret = open_book(book, &writer) ? write_book(book, &writer) : fail_memory(err, "rules");
	for (size_t i = 0; writer.members && i < options->group_count; i++)
		free(writer.members[i].items);
	free(writer.members);
	free(writer.groups);
	free(writer.acls);
	if (ret < 0)
		flow_rulebook_free(book);
	else
		*out = book;
	return ret;
}

static void clear_ruleset(struct flow_ruleset *ruleset)
{
	for (size_t which = 0; which < 2; which++) {
		flow_classifier_finish(&ruleset->classifiers[which]);
		free(ruleset->allow[which]);
		free(ruleset->origins[which]);
	}
}

void flow_rulebook_free(struct flow_rulebook *book)
{
	if (!book)
		return;
	for (size_t i = 0; i < book->set_count; i++) {
		clear_ruleset(&book->sets[i]->rules);
		free(book->sets[i]->groups);
		free(book->sets[i]);
	}
	for (size_t i = 0; book->acls && i < book->acl_count; i++)
		clear_ruleset(&book->acls[i]);
	free(book->sets);
	free(book->acls);
	free(book->seats);
	free(book);
}

const struct flow_seat *flow_rulebook_seat(const struct flow_rulebook *book, uint32_t interface)
{
	const struct flow_seat *seat;

	if (interface >= book->seat_count)
		return NULL;
	seat = &book->seats[interface];
	return seat->groups || seat->acl ? seat : NULL;
}

static inline ptrdiff_t first_rule(const struct flow_ruleset *ruleset, enum flow_direction direction,
				   const struct flow_observation *packet)
{
	return flow_classifier_first(&ruleset->classifiers[direction - FLOW_INGRESS], packet,
				     direction == FLOW_INGRESS ? &packet->source : &packet->destination);
}

bool flow_ruleset_allows(const struct flow_ruleset *ruleset, enum flow_direction direction,
			 const struct flow_observation *packet)
{
	ptrdiff_t first = first_rule(ruleset, direction, packet);
	const bool *allow = ruleset->allow[direction - FLOW_INGRESS];

	return first >= 0 && (!allow || allow[first]);
}

const struct flow_rule_origin *flow_ruleset_decide(const struct flow_ruleset *ruleset, enum flow_direction direction,
						   const struct flow_observation *packet)
{
	ptrdiff_t first = first_rule(ruleset, direction, packet);

	return first < 0 ? NULL : &ruleset->origins[direction - FLOW_INGRESS][first];
}
