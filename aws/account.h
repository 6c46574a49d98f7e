/* aws/account.h - what the aws command line's files say of an account, as plain data.
 *
 * A file is what `aws ec2 describe-...` prints (as JSON), or ip-ranges.json. Each kind may come in several files: of
 * what two of them describe, the first counts. Members that nobody needs are passed over; what is needed and has
 * another shape is a fault with its place (aws/value.h). What the account adds to a configuration: aws/supplement.h.
 * Source: interface.md "[aws]"; spec/flow-log-format.md sections 1, 8 and 9. */
#ifndef ENIFLOW_AWS_ACCOUNT_H
#define ENIFLOW_AWS_ACCOUNT_H

#include "flow/interface.h"
#include "flow/rule.h"
#include "flow/services.h"

/* The kinds of files, which are keys of [aws]. */
enum aws_kind {
	AWS_IP_RANGES,
	AWS_NETWORK_INTERFACES,
	AWS_SECURITY_GROUPS,
	AWS_SECURITY_GROUP_RULES,
	AWS_NETWORK_ACLS,
	AWS_ROUTE_TABLES,
	AWS_PREFIX_LISTS,
	AWS_VPC_PEERING_CONNECTIONS,
	AWS_SUBNETS,
	AWS_VPCS,
	AWS_KIND_END
};

/* "network-interfaces". */
const char *aws_kind_name(enum aws_kind kind);

/* "aws ec2 describe-network-interfaces": what prints such a file. */
const char *aws_kind_command(enum aws_kind kind);

struct aws_file {
	enum aws_kind kind;
	char *path;
	char *name; /* AWS_PREFIX_LISTS: the id of the list whose entries the file has, where it was told; else NULL */
};

enum { AWS_TAGS = 2 };

/* What to read, in the order of configuration. Zeroed, nothing. */
struct aws_files {
	struct aws_file *items;
	size_t count;
	char *interface_tags[AWS_TAGS]; /* keys of the tags that become interface-tag and interface-tag-2; or NULL */
};

void aws_files_clear(struct aws_files *files);

/* Which one of its targets takes the packet where several routes have the same prefix: the first. */
enum aws_route_rank { AWS_ROUTE_LOCAL, AWS_ROUTE_STATIC, AWS_ROUTE_LISTED, AWS_ROUTE_PROPAGATED, AWS_ROUTE_RANKS };

struct aws_route {
	enum aws_route_rank rank;
	struct flow_prefix prefix; /* unless: */
	char *prefix_list;         /* the id of the list that has its prefixes */
	uint8_t traffic_path;      /* 1..8; 0: it leads nowhere, or where no number is known for */
	char *peering;             /* the id of the VPC peering connection it leads to; `traffic_path` is then 4 */
};

struct aws_route_table {
	char *id, *vpc; /* `vpc` may be NULL */
	bool main;      /* of its VPC, for subnets without a table of their own */
	struct aws_route *routes;
	size_t count;
};

/* A subnet is bound to the route table or network ACL of that number. */
struct aws_association {
	char *subnet;
	size_t number;
};

struct aws_associations {
	struct aws_association *items;
	size_t count;
};

struct aws_prefix_list {
	char *id;   /* NULL: nothing tells of which list the entries are */
	char *path; /* the file that has its entries alone; else NULL */
	bool has_entries;
	struct flow_prefix *prefixes;
	size_t count;
};

/* A rule of describe-security-group-rules. */
struct aws_group_rule {
	char *group;
	bool egress;
	struct flow_rule rule;
};

struct aws_peering {
	char *id;
	bool between_regions;
};

/* All of it from malloc. Zeroed, nothing is known.
 *
 * A rule whose peers are a prefix list has the list's id ("pl-...") for its `group`, until aws/supplement.h puts the
 * entries there. */
struct aws_account {
	struct flow_service_range *ranges; /* of ip-ranges.json; `service` is owned */
	size_t range_count;
	/* By their ids as names and interface-id, with the groups they are in. Subnets and VPCs are what interfaces
	 * in them inherit. */
	struct flow_interface *interfaces, *subnets, *vpcs;
	size_t interface_count, subnet_count, vpc_count;
	struct flow_security_group *groups; /* describe-security-groups */
	size_t group_count;
	struct aws_group_rule *rules; /* describe-security-group-rules: all that is told of their groups counts */
	size_t rule_count;
	struct flow_network_acl *acls;
	size_t acl_count;
	struct aws_associations acl_of; /* numbers of `acls` */
	struct aws_route_table *tables;
	size_t table_count;
	struct aws_associations table_of; /* numbers of `tables` */
	struct aws_prefix_list *lists;
	size_t list_count;
	struct aws_peering *peerings;
	size_t peering_count;
	const char *interface_tags[AWS_TAGS]; /* as in the files; the caller's */
};

/* Reads the files into the zeroed `account`. Warns of a file that is but a part (it has a NextToken). Returns 0;
 * -EINVAL: a file is not what its kind should be; -ENOMEM; or why a file cannot be read. The account is to be cleared
 * in any case. `files` must outlive it. */
int aws_account_read(struct aws_account *account, const struct aws_files *files, const struct notices *notices,
		     struct error *err);

/* Reads one more document, from bytes that are called `file->path`. */
int aws_account_parse(struct aws_account *account, const struct aws_file *file, const char *bytes, size_t length,
		      const struct notices *notices, struct error *err);

void aws_account_clear(struct aws_account *account);

#endif
