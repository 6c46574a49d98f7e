/* aws/supplement.h - what an account adds to a configuration, which wins wherever both speak.
 *
 * - An [interface] gets what it lacks from the network interface of the same interface-id, else of its section's name,
 *   else of its mac: mac, addresses, identity, groups. Network interfaces that no section stands for are added behind
 *   the sections, called by their ids, after [defaults] have given them what they set: at every capture point, and
 *   without those that have neither mac nor addresses, which nothing would bind to packets.
 * - A subnet gives its interfaces, also those of sections by their subnet-id, a network ACL, routes, subnet-cidr and
 *   its zone; a VPC gives vpc-cidr.
 * - Groups and network ACLs are called by their ids; a section of the same name takes the place of one. A network
 *   interface one of whose groups is described nowhere is judged by none of them: what the missing one allows cannot be
 *   known. It is still a member of its groups.
 * - Members of a group that is described nowhere are the network interfaces that say they are in it.
 * - A route of configuration takes the place of one with the same prefix. */
#ifndef ENIFLOW_AWS_SUPPLEMENT_H
#define ENIFLOW_AWS_SUPPLEMENT_H

#include "aws/account.h"
#include "flow/routes.h"

/* What configuration has. Arrays and what is in them from malloc; they grow. */
struct aws_configuration {
	const struct flow_interface *defaults;
	const struct flow_routes *routes;
	struct flow_interface **interfaces; /* the sections', which have inherited from `defaults` */
	size_t *interface_count;
	struct flow_security_group **groups;
	size_t *group_count;
	struct flow_network_acl **acls;
	size_t *acl_count;
};

/* What is the account's alone. Zeroed, nothing. */
struct aws_supplement {
	struct flow_services *services; /* NULL: there is no ip-ranges.json */
	struct flow_routes *tables;     /* of subnets, with the routes of configuration */
	size_t table_count;
	/* By the number of the interface: its routes, one of the tables; NULL: those of configuration. */
	const struct flow_routes **routes;
	size_t interface_count;
};

/* Adds the account, of which much is moved: it is to be cleared afterwards. Warns of what cannot be put together.
 * Returns 0, -EINVAL (prefix lists, aws/prefix_lists.h) or -ENOMEM. In any case what is in the configuration is whole,
 * and the supplement is to be cleared. */
int aws_supplement_add(struct aws_supplement *supplement, struct aws_account *account,
		       const struct aws_configuration *configuration, const struct notices *notices, struct error *err);

void aws_supplement_clear(struct aws_supplement *supplement);

#endif
