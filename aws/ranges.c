#include "aws/ranges.h"

#include <stdlib.h>

#include "aws/list.h"
#include "aws/scalar.h"

static void read_range(const struct aws_value *item, struct aws_account *account, const char *name,
		       enum flow_family family)
{
	struct flow_service_range range, *grown;
	struct aws_value word = aws_value_need(item, "service");
	char *service = NULL;

	if (!aws_scalar_prefix(aws_value_need(item, name), family, &range.prefix) ||
	    !aws_scalar_id(item, "service", &service))
		return;
	if (!flow_service_is_name(service)) {
		free(service);
		aws_value_wrong(&word, "the name of a service (at most 63 letters, digits, _, - and .)");
		return;
	}
	grown = aws_list_grow(account->ranges, account->range_count, sizeof(*grown));
	if (!grown) {
		free(service);
		aws_value_memory(item);
		return;
	}
	range.service = service;
	grown[account->range_count++] = range;
	account->ranges = grown;
}

static void read_ranges(const struct aws_value *root, struct aws_account *account, const char *list, const char *name,
			enum flow_family family)
{
	struct aws_value items = aws_value_member(root, list);

	for (size_t i = 0; i < aws_value_count(&items); i++) {
		struct aws_value item = aws_value_item(&items, i);

		read_range(&item, account, name, family);
	}
}

void aws_ranges_read(const struct aws_value *root, struct aws_account *account)
{
	read_ranges(root, account, "prefixes", "ip_prefix", FLOW_IPV4);
	read_ranges(root, account, "ipv6_prefixes", "ipv6_prefix", FLOW_IPV6);
}
