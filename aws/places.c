#include "aws/places.h"

#include "aws/interfaces.h"
#include "aws/list.h"
#include "aws/scalar.h"
#include "aws/zone.h"

struct prefixes {
	struct flow_prefix *items;
	size_t count;
};

static void add(const struct aws_value *at, struct prefixes *prefixes, const struct flow_prefix *prefix)
{
	struct flow_prefix *grown = aws_list_grow(prefixes->items, prefixes->count, sizeof(*grown));

	if (!grown) {
		aws_value_memory(at);
		return;
	}
	grown[prefixes->count++] = *prefix;
	prefixes->items = grown;
}

/* Is it in a state other than "associated"? */
static bool is_gone(const struct aws_value *association, const char *name)
{
	struct aws_value state = aws_value_member(association, name);
	const char *text = aws_value_text(aws_value_member(&state, "State"));

	return text && strcmp(text, "associated") != 0;
}

/* The CIDRs of a list of associations. Returns how long the list is. */
static size_t read_associations(const struct aws_value *item, struct prefixes *prefixes, const char *list,
				const char *name, const char *state, enum flow_family family)
{
	struct aws_value associations = aws_value_member(item, list);
	size_t i;

	for (i = 0; i < aws_value_count(&associations); i++) {
		struct aws_value each = aws_value_item(&associations, i);
		struct flow_prefix prefix;

		if (!is_gone(&each, state) && aws_scalar_prefix(aws_value_need(&each, name), family, &prefix))
			add(&each, prefixes, &prefix);
	}
	return i;
}

static void read_ipv4(const struct aws_value *item, struct prefixes *prefixes)
{
	struct flow_prefix prefix;

	if (aws_scalar_prefix(aws_value_member(item, "CidrBlock"), FLOW_IPV4, &prefix))
		add(item, prefixes, &prefix);
}

static void read_ipv6(const struct aws_value *item, struct prefixes *prefixes)
{
	read_associations(item, prefixes, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState",
			  FLOW_IPV6);
}

void aws_places_read_vpcs(const struct aws_value *root, struct aws_account *account)
{
	struct aws_value items = aws_value_need(root, "Vpcs");

	for (size_t i = 0; i < aws_value_count(&items); i++) {
		struct aws_value item = aws_value_item(&items, i);
		struct flow_interface vpc = { 0 };
		struct prefixes prefixes = { 0 };

		aws_scalar_id(&item, "VpcId", &vpc.name);
		/* the associations have the primary CIDR, too */
		if (read_associations(&item, &prefixes, "CidrBlockAssociationSet", "CidrBlock", "CidrBlockState",
				      FLOW_IPV4) == 0)
			read_ipv4(&item, &prefixes);
		read_ipv6(&item, &prefixes);
		vpc.vpc_cidrs = prefixes.items;
		vpc.vpc_cidr_count = prefixes.count;
		aws_interfaces_keep(&item, &account->vpcs, &account->vpc_count, &vpc);
	}
}

void aws_places_read_subnets(const struct aws_value *root, struct aws_account *account)
{
	struct aws_value items = aws_value_need(root, "Subnets");

	for (size_t i = 0; i < aws_value_count(&items); i++) {
		struct aws_value item = aws_value_item(&items, i);
		struct flow_interface subnet = { 0 };
		struct prefixes prefixes = { 0 };

		aws_scalar_id(&item, "SubnetId", &subnet.name);
		aws_scalar_word(aws_value_member(&item, "VpcId"), &subnet.identity[FLOW_VPC_ID]);
		aws_zone_read(&item, &subnet);
		read_ipv4(&item, &prefixes);
		read_ipv6(&item, &prefixes);
		subnet.subnet_cidrs = prefixes.items;
		subnet.subnet_cidr_count = prefixes.count;
		aws_interfaces_keep(&item, &account->subnets, &account->subnet_count, &subnet);
	}
}
