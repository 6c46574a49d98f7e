#include "aws/account.h"

#include <errno.h>
#include <stdlib.h>

#include "aws/acls.h"
#include "aws/associations.h"
#include "aws/groups.h"
#include "aws/interfaces.h"
#include "aws/places.h"
#include "aws/prefix_lists.h"
#include "aws/ranges.h"
#include "aws/routes.h"

/* One kind: its name, what prints it, the members of which one must be there, and who reads it (NULL: prefix lists). */
static const struct kind {
	const char *name, *command, *list, *other_list;
	void (*read)(const struct aws_value *root, struct aws_account *account);
} kinds[AWS_KIND_END] = {
	[AWS_IP_RANGES] = { "ip-ranges", "https://ip-ranges.amazonaws.com/ip-ranges.json", "prefixes", "ipv6_prefixes",
			    aws_ranges_read },
	[AWS_NETWORK_INTERFACES] = { "network-interfaces", "aws ec2 describe-network-interfaces", "NetworkInterfaces",
				     NULL, aws_interfaces_read },
	[AWS_SECURITY_GROUPS] = { "security-groups", "aws ec2 describe-security-groups", "SecurityGroups", NULL,
				  aws_groups_read },
	[AWS_SECURITY_GROUP_RULES] = { "security-group-rules", "aws ec2 describe-security-group-rules",
				       "SecurityGroupRules", NULL, aws_groups_read_rules },
	[AWS_NETWORK_ACLS] = { "network-acls", "aws ec2 describe-network-acls", "NetworkAcls", NULL, aws_acls_read },
	[AWS_ROUTE_TABLES] = { "route-tables", "aws ec2 describe-route-tables", "RouteTables", NULL, aws_routes_read },
	[AWS_PREFIX_LISTS] = { "prefix-lists", "aws ec2 get-managed-prefix-list-entries", "Entries", "PrefixLists",
			       NULL },
	[AWS_VPC_PEERING_CONNECTIONS] = { "vpc-peering-connections", "aws ec2 describe-vpc-peering-connections",
					  "VpcPeeringConnections", NULL, aws_routes_read_peerings },
	[AWS_SUBNETS] = { "subnets", "aws ec2 describe-subnets", "Subnets", NULL, aws_places_read_subnets },
	[AWS_VPCS] = { "vpcs", "aws ec2 describe-vpcs", "Vpcs", NULL, aws_places_read_vpcs },
};

const char *aws_kind_name(enum aws_kind kind)
{
	return kinds[kind].name;
}

const char *aws_kind_command(enum aws_kind kind)
{
	return kinds[kind].command;
}

void aws_files_clear(struct aws_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->items[i].path);
		free(files->items[i].name);
	}
	free(files->items);
	for (size_t i = 0; i < AWS_TAGS; i++)
		free(files->interface_tags[i]);
	*files = (struct aws_files){ 0 };
}

/* ---- reading ---- */

static bool has(const struct aws_value *root, const char *name)
{
	return name && aws_value_member(root, name).json;
}

/* A file that has nothing of its kind; perhaps it has something of another. */
static int other_kind(const struct aws_value *root, const struct kind *kind, struct error *err)
{
	const char *path = root->document->path;

	for (size_t i = 0; i < AWS_KIND_END; i++)
		if (has(root, kinds[i].list) || has(root, kinds[i].other_list))
			return fail(err, EINVAL, "%s: has no %s; it is a file for the key %s", path, kind->list,
				    kinds[i].name);
	return fail(err, EINVAL, "%s: has no %s, so it is not what comes from %s", path, kind->list, kind->command);
}

static int read_document(struct aws_account *account, const struct aws_file *file, struct aws_document *document,
			 const struct notices *notices, struct error *err)
{
	const struct kind *kind = &kinds[file->kind];
	struct aws_value root = aws_value_root(document);
	bool fits = has(&root, kind->list) || has(&root, kind->other_list);

	if (document->fault == 0 && !fits)
		return other_kind(&root, kind, err);
	if (has(&root, "NextToken"))
		notify(notices, "%s: is a part of a list, which goes on where its NextToken says", file->path);
	if (kind->read)
		kind->read(&root, account);
	else
		aws_prefix_lists_read(&root, account, file->name);
	return document->fault;
}

int aws_account_parse(struct aws_account *account, const struct aws_file *file, const char *bytes, size_t length,
		      const struct notices *notices, struct error *err)
{
	struct aws_document document;
	int ret = aws_document_parse(&document, file->path, bytes, length, err);

	if (ret < 0)
		return ret;
	ret = read_document(account, file, &document, notices, err);
	aws_document_free(&document);
	return ret;
}

int aws_account_read(struct aws_account *account, const struct aws_files *files, const struct notices *notices,
		     struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < AWS_TAGS; i++)
		account->interface_tags[i] = files->interface_tags[i];
	for (size_t i = 0; i < files->count && ret == 0; i++) {
		struct aws_document document;

		ret = aws_document_read(&document, files->items[i].path, err);
		if (ret < 0)
			break;
		ret = read_document(account, &files->items[i], &document, notices, err);
		aws_document_free(&document);
	}
	return ret;
}

/* ---- giving back ---- */

static void clear_interfaces(struct flow_interface *interfaces, size_t count)
{
	for (size_t i = 0; i < count; i++)
		flow_interface_clear(&interfaces[i]);
	free(interfaces);
}

static void clear_policies(struct aws_account *account)
{
	for (size_t i = 0; i < account->group_count; i++)
		flow_security_group_clear(&account->groups[i]);
	free(account->groups);
	for (size_t i = 0; i < account->rule_count; i++) {
		free(account->rules[i].group);
		flow_rule_clear(&account->rules[i].rule);
	}
	free(account->rules);
	for (size_t i = 0; i < account->acl_count; i++)
		flow_network_acl_clear(&account->acls[i]);
	free(account->acls);
	aws_associations_clear(&account->acl_of);
}

static void clear_routing(struct aws_account *account)
{
	for (size_t i = 0; i < account->table_count; i++)
		aws_routes_clear_table(&account->tables[i]);
	free(account->tables);
	aws_associations_clear(&account->table_of);
	for (size_t i = 0; i < account->list_count; i++)
		aws_prefix_lists_clear(&account->lists[i]);
	free(account->lists);
	for (size_t i = 0; i < account->peering_count; i++)
		free(account->peerings[i].id);
	free(account->peerings);
}

void aws_account_clear(struct aws_account *account)
{
	for (size_t i = 0; i < account->range_count; i++)
		free((char *)account->ranges[i].service);
	free(account->ranges);
	clear_interfaces(account->interfaces, account->interface_count);
	clear_interfaces(account->subnets, account->subnet_count);
	clear_interfaces(account->vpcs, account->vpc_count);
	clear_policies(account);
	clear_routing(account);
	*account = (struct aws_account){ 0 };
}
