#include "aws/supplement.h"

#include <stdlib.h>

#include "aws/associations.h"
#include "aws/groups.h"
#include "aws/index.h"
#include "aws/members.h"
#include "aws/prefix_lists.h"
#include "aws/routing.h"

/* What is at hand while a configuration is supplemented. */
struct work {
	struct aws_account *account;
	const struct aws_configuration *configuration;
	const struct notices *notices;
	struct flow_security_group *groups; /* of the account, on their way */
	size_t group_count;
	struct aws_index described; /* names of groups, the configuration's and the account's */
	struct aws_index interfaces, subnets, vpcs, acl_of;
	/* By the account's interface: some of its groups are not described; it has a section. */
	bool *is_stray, *stands;
	struct aws_strays strays;
};

static int index_interfaces(struct aws_index *index, const struct flow_interface *items, size_t count,
			    struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < count && ret == 0; i++)
		ret = aws_index_add(index, items[i].name, i, err);
	aws_index_sort(index);
	return ret;
}

static int begin(struct work *work, struct error *err)
{
	const struct aws_account *account = work->account;
	int ret = index_interfaces(&work->interfaces, account->interfaces, account->interface_count, err);

	if (ret == 0)
		ret = index_interfaces(&work->subnets, account->subnets, account->subnet_count, err);
	if (ret == 0)
		ret = index_interfaces(&work->vpcs, account->vpcs, account->vpc_count, err);
	if (ret == 0)
		ret = aws_associations_index(&account->acl_of, &work->acl_of, err);
	work->is_stray = calloc(account->interface_count + 1, sizeof(*work->is_stray));
	work->stands = calloc(account->interface_count + 1, sizeof(*work->stands));
	work->strays.items = calloc(account->interface_count + 1, sizeof(*work->strays.items));
	if (!work->is_stray || !work->stands || !work->strays.items)
		return fail_memory(err, "network interfaces");
	return ret;
}

static void end(struct work *work)
{
	for (size_t i = 0; i < work->group_count; i++)
		flow_security_group_clear(&work->groups[i]);
	free(work->groups);
	aws_index_clear(&work->described);
	aws_index_clear(&work->interfaces);
	aws_index_clear(&work->subnets);
	aws_index_clear(&work->vpcs);
	aws_index_clear(&work->acl_of);
	free(work->is_stray);
	free(work->stands);
	free(work->strays.items);
}

/* ---- groups ---- */

/* Takes the groups out of the account, without those that configuration has, and notes who is described. */
static int take_groups(struct work *work, struct error *err)
{
	const struct aws_configuration *configuration = work->configuration;
	int ret = aws_groups_take(work->account, &work->groups, &work->group_count, err);
	size_t kept = 0;

	for (size_t i = 0; i < *configuration->group_count && ret == 0; i++)
		ret = aws_index_add(&work->described, (*configuration->groups)[i].name, i, err);
	aws_index_sort(&work->described);
	for (size_t i = 0; i < work->group_count && ret == 0; i++) {
		struct flow_security_group *group = &work->groups[i];

		if (aws_index_find(&work->described, group->name))
			flow_security_group_clear(group);
		else
			work->groups[kept++] = *group;
	}
	if (ret < 0)
		return ret;
	work->group_count = kept;
	for (size_t i = 0; i < kept && ret == 0; i++)
		ret = aws_index_add(&work->described, work->groups[i].name, i, err);
	aws_index_sort(&work->described);
	return ret;
}

static bool is_judged(const struct work *work, const struct flow_interface *interface)
{
	for (size_t i = 0; i < interface->security_group_count; i++)
		if (!aws_index_find(&work->described, interface->security_groups[i]))
			return false;
	return true;
}

/* Finds the network interfaces that cannot be judged by their groups, and tells of them. */
static int find_strays(struct work *work, struct error *err)
{
	const struct aws_account *account = work->account;
	struct aws_index names = { 0 };
	char text[240];
	int ret = 0;

	for (size_t i = 0; i < account->interface_count && ret == 0; i++) {
		work->is_stray[i] = !is_judged(work, &account->interfaces[i]);
		if (!work->is_stray[i] || work->described.count == 0) /* without any groups there is nothing to tell */
			continue;
		work->strays.items[work->strays.count++] = &account->interfaces[i];
		ret = aws_index_add(&names, account->interfaces[i].name, i, err);
	}
	aws_index_sort(&names);
	if (ret == 0 && aws_index_text(&names, text, sizeof(text)) > 0)
		notify(work->notices,
		       "[aws]: %s: in a security group that is described nowhere, so not judged by groups", text);
	aws_index_clear(&names);
	return ret;
}

/* Moves the groups behind those of configuration. */
static int add_groups(struct work *work, struct error *err)
{
	const struct aws_configuration *configuration = work->configuration;
	size_t count = *configuration->group_count;
	struct flow_security_group *grown;

	if (work->group_count == 0)
		return 0;
	grown = realloc(*configuration->groups, (count + work->group_count) * sizeof(*grown));
	if (!grown)
		return fail_memory(err, "security groups");
	memcpy(grown + count, work->groups, work->group_count * sizeof(*grown));
	*configuration->groups = grown;
	*configuration->group_count += work->group_count;
	work->group_count = 0;
	return 0;
}

/* ---- interfaces ---- */

/* The network interface that a section speaks of; NULL: none. */
static const struct flow_interface *find(const struct work *work, const struct flow_interface *section)
{
	const struct aws_account *account = work->account;
	const struct aws_index_entry *found = aws_index_find(&work->interfaces, section->identity[FLOW_INTERFACE_ID]);

	if (!found)
		found = aws_index_find(&work->interfaces, section->name);
	if (found)
		return &account->interfaces[found->number];
	for (size_t i = 0; i < account->interface_count && section->has_mac; i++)
		if (account->interfaces[i].has_mac &&
		    memcmp(account->interfaces[i].mac, section->mac, sizeof(section->mac)) == 0)
			return &account->interfaces[i];
	return NULL;
}

/* What the interface lacks, and `from` has. */
static int fill(const struct work *work, struct flow_interface *interface, const struct flow_interface *from,
		struct error *err)
{
	struct flow_interface view = *from; /* its memory stays with `from` */

	if (work->is_stray[from - work->account->interfaces]) {
		view.security_groups = NULL;
		view.security_group_count = 0;
	}
	if (!interface->has_mac) {
		memcpy(interface->mac, from->mac, sizeof(interface->mac));
		interface->has_mac = from->has_mac;
	}
	if (interface->address_count == 0 && from->address_count > 0) {
		interface->addresses = calloc(from->address_count, sizeof(*interface->addresses));
		if (!interface->addresses)
			return fail_memory(err, from->name);
		memcpy(interface->addresses, from->addresses, from->address_count * sizeof(*from->addresses));
		interface->address_count = from->address_count;
	}
	return flow_interface_inherit(interface, &view, err);
}

/* What its subnet and its VPC give. */
static int fill_place(const struct work *work, struct flow_interface *interface, struct error *err)
{
	const struct aws_account *account = work->account;
	const char *subnet = interface->identity[FLOW_SUBNET_ID];
	const struct aws_index_entry *found = aws_index_find(&work->subnets, subnet);
	int ret = found ? flow_interface_inherit(interface, &account->subnets[found->number], err) : 0;

	found = aws_index_find(&work->vpcs, interface->identity[FLOW_VPC_ID]);
	if (ret == 0 && found)
		ret = flow_interface_inherit(interface, &account->vpcs[found->number], err);
	found = aws_index_find(&work->acl_of, subnet);
	if (ret < 0 || interface->network_acl || !found)
		return ret;
	interface->network_acl = strdup(account->acls[found->number].name);
	return interface->network_acl ? 0 : fail_memory(err, interface->name);
}

static int fill_sections(struct work *work, struct error *err)
{
	const struct aws_configuration *configuration = work->configuration;
	int ret = 0;

	for (size_t i = 0; i < *configuration->interface_count && ret == 0; i++) {
		struct flow_interface *section = &(*configuration->interfaces)[i];
		const struct flow_interface *from = find(work, section);

		if (from) {
			work->stands[from - work->account->interfaces] = true;
			ret = fill(work, section, from, err);
		}
		if (ret == 0)
			ret = fill_place(work, section, err);
	}
	return ret;
}

/* An interface for which no section stands. Defaults of configuration win, but not over who it is. */
static int make_interface(const struct work *work, struct flow_interface *interface, const struct flow_interface *from,
			  struct error *err)
{
	int ret;

	*interface = (struct flow_interface){ .name = strdup(from->name), .anywhere = true };
	interface->identity[FLOW_INTERFACE_ID] = strdup(from->name);
	if (!interface->name || !interface->identity[FLOW_INTERFACE_ID])
		return fail_memory(err, from->name);
	ret = flow_interface_inherit(interface, work->configuration->defaults, err);
	if (ret == 0)
		ret = fill(work, interface, from, err);
	return ret == 0 ? fill_place(work, interface, err) : ret;
}

static int add_interfaces(struct work *work, struct error *err)
{
	const struct aws_configuration *configuration = work->configuration;
	const struct aws_account *account = work->account;
	size_t count = *configuration->interface_count;
	struct flow_interface *grown;

	if (account->interface_count == 0)
		return 0;
	grown = realloc(*configuration->interfaces, (count + account->interface_count) * sizeof(*grown));
	if (!grown)
		return fail_memory(err, "network interfaces");
	*configuration->interfaces = grown;
	for (size_t i = 0; i < account->interface_count; i++) {
		const struct flow_interface *from = &account->interfaces[i];
		int ret;

		if (work->stands[i] || aws_index_find(&work->interfaces, from->name)->number != i)
			continue;
		if (!from->has_mac && from->address_count == 0)
			continue; /* it would take every packet there is */
		ret = make_interface(work, &grown[count], from, err);
		if (ret < 0) {
			flow_interface_clear(&grown[count]);
			return ret;
		}
		*configuration->interface_count = ++count;
	}
	return 0;
}

/* ---- network ACLs ---- */

static int add_acls(struct work *work, struct error *err)
{
	const struct aws_configuration *configuration = work->configuration;
	struct aws_account *account = work->account;
	size_t count = *configuration->acl_count;
	struct flow_network_acl *grown;
	struct aws_index names = { 0 };
	int ret = 0;

	if (account->acl_count == 0)
		return 0;
	grown = realloc(*configuration->acls, (count + account->acl_count) * sizeof(*grown));
	if (!grown)
		return fail_memory(err, "network ACLs");
	*configuration->acls = grown;
	for (size_t i = 0; i < count && ret == 0; i++)
		ret = aws_index_add(&names, grown[i].name, 0, err);
	for (size_t i = 0; i < account->acl_count && ret == 0; i++)
		ret = aws_index_add(&names, account->acls[i].name, i + 1, err);
	aws_index_sort(&names);
	for (size_t i = 0; i < account->acl_count && ret == 0; i++) {
		if (aws_index_find(&names, account->acls[i].name)->number != i + 1)
			continue; /* configuration has it, or a file before */
		grown[count++] = account->acls[i];
		account->acls[i] = (struct flow_network_acl){ 0 };
	}
	*configuration->acl_count = count;
	aws_index_clear(&names);
	return ret;
}

/* ---- the whole ---- */

static int add_policies(struct work *work, struct error *err)
{
	int ret = aws_members_of_lists(work->groups, work->group_count, work->account, err);

	if (ret == 0)
		ret = aws_members_of_groups(work->groups, work->group_count, &work->described, &work->strays, err);
	if (ret == 0)
		ret = add_groups(work, err);
	return ret == 0 ? add_acls(work, err) : ret;
}

static int make_routes(struct aws_supplement *supplement, const struct work *work, struct error *err)
{
	const struct aws_account *account = work->account;
	size_t count = *work->configuration->interface_count;

	if (account->table_count == 0 || count == 0)
		return 0;
	supplement->tables = calloc(account->table_count, sizeof(*supplement->tables));
	supplement->routes = calloc(count, sizeof(*supplement->routes));
	if (!supplement->tables || !supplement->routes)
		return fail_memory(err, "routes");
	supplement->table_count = account->table_count;
	supplement->interface_count = count;
	return aws_routing_make(account, work->configuration->routes, *work->configuration->interfaces, count,
				supplement->tables, supplement->routes, err);
}

static int add_all(struct aws_supplement *supplement, struct work *work, struct error *err)
{
	const struct aws_account *account = work->account;
	int ret = begin(work, err);

	if (ret == 0)
		ret = take_groups(work, err);
	if (ret == 0)
		ret = find_strays(work, err);
	if (ret == 0)
		ret = fill_sections(work, err);
	if (ret == 0)
		ret = add_interfaces(work, err);
	if (ret == 0)
		ret = make_routes(supplement, work, err);
	if (ret == 0)
		ret = add_policies(work, err);
	if (ret == 0 && account->range_count > 0)
		ret = flow_services_new(&supplement->services, account->ranges, account->range_count, err);
	return ret;
}

int aws_supplement_add(struct aws_supplement *supplement, struct aws_account *account,
		       const struct aws_configuration *configuration, const struct notices *notices, struct error *err)
{
	struct work work = { .account = account, .configuration = configuration, .notices = notices };
	int ret = aws_prefix_lists_settle(account, notices, err);

	if (ret < 0)
		return ret;
	ret = add_all(supplement, &work, err);
	end(&work);
	return ret;
}

void aws_supplement_clear(struct aws_supplement *supplement)
{
	flow_services_free(supplement->services);
	for (size_t i = 0; i < supplement->table_count; i++)
		flow_routes_clear(&supplement->tables[i]);
	free(supplement->tables);
	free(supplement->routes);
	*supplement = (struct aws_supplement){ 0 };
}
