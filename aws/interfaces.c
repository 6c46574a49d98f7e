#include "aws/interfaces.h"

#include <stdlib.h>

#include "aws/list.h"
#include "aws/scalar.h"
#include "aws/zone.h"

/* ---- addresses ---- */

/* Puts an address before or behind the others. */
static void add_host(const struct aws_value *at, struct flow_interface *interface, const struct flow_host *host,
		     bool first)
{
	size_t count = interface->address_count;
	struct flow_host *grown = aws_list_grow(interface->addresses, count, sizeof(*grown));

	if (!grown) {
		aws_value_memory(at);
		return;
	}
	interface->addresses = grown;
	if (first)
		memmove(grown + 1, grown, count * sizeof(*grown));
	grown[first ? 0 : count] = *host;
	interface->address_count++;
}

/* The addresses of a list, into the interface; the one with that flag goes before all others. Returns how many. */
static size_t read_hosts(const struct aws_value *item, struct flow_interface *interface, enum flow_family family,
			 const char *list, const char *name, const char *primary)
{
	struct aws_value hosts = aws_value_member(item, list);
	bool found = false;
	size_t i;

	for (i = 0; i < aws_value_count(&hosts); i++) {
		struct aws_value each = aws_value_item(&hosts, i);
		bool first = aws_value_flag(aws_value_member(&each, primary)) && !found;
		struct flow_host host;

		if (!aws_scalar_host(aws_value_need(&each, name), family, &host))
			continue;
		add_host(&each, interface, &host, first);
		found |= first;
	}
	return i;
}

/* Every address of short prefixes: 16 of the usual /28. */
static void read_prefixes(const struct aws_value *item, struct flow_interface *interface)
{
	struct aws_value prefixes = aws_value_member(item, "Ipv4Prefixes");

	for (size_t i = 0; i < aws_value_count(&prefixes); i++) {
		struct aws_value each = aws_value_item(&prefixes, i);
		struct flow_prefix prefix;

		if (!aws_scalar_prefix(aws_value_need(&each, "Ipv4Prefix"), FLOW_IPV4, &prefix) || prefix.length < 24)
			continue;
		for (unsigned n = 0; n < 1U << (32 - prefix.length); n++) {
			struct flow_host host = { FLOW_IPV4, flow_prefix_nth(&prefix, (uint8_t)n) };

			add_host(&each, interface, &host, false);
		}
	}
}

static void read_addresses(const struct aws_value *item, struct flow_interface *interface)
{
	struct flow_host host;

	read_hosts(item, interface, FLOW_IPV6, "Ipv6Addresses", "Ipv6Address", "IsPrimaryIpv6");
	if (read_hosts(item, interface, FLOW_IPV4, "PrivateIpAddresses", "PrivateIpAddress", "Primary") == 0 &&
	    aws_scalar_host(aws_value_member(item, "PrivateIpAddress"), FLOW_IPV4, &host))
		add_host(item, interface, &host, false);
	read_prefixes(item, interface);
}

/* ---- identity ---- */

/* The instance it is attached to, if that is one of the owner's own. */
static void read_instance(const struct aws_value *item, struct flow_interface *interface)
{
	struct aws_value attachment = aws_value_member(item, "Attachment");
	const char *owner = aws_value_text(aws_value_member(&attachment, "InstanceOwnerId"));
	const char *status = aws_value_text(aws_value_member(&attachment, "Status"));
	const char *account = interface->identity[FLOW_ACCOUNT_ID];

	if (aws_value_flag(aws_value_member(item, "RequesterManaged")) || (status && strcmp(status, "detached") == 0) ||
	    (owner && account && strcmp(owner, account) != 0))
		return;
	aws_scalar_word(aws_value_member(&attachment, "InstanceId"), &interface->identity[FLOW_INSTANCE_ID]);
}

/* Those that the field shows; natGateway is how older interfaces write it. */
static void read_type(const struct aws_value *item, struct flow_interface *interface)
{
	static const char *const shown[][2] = {
		{ "nat_gateway", "nat_gateway" },
		{ "natGateway", "nat_gateway" },
		{ "regional_nat_gateway", "regional_nat_gateway" },
		{ "network_load_balancer", "network_load_balancer" },
		{ "transit_gateway", "transit_gateway" },
		{ "vpc_endpoint", "vpc_endpoint" },
	};
	const char *type = aws_value_text(aws_value_member(item, "InterfaceType"));

	for (size_t i = 0; type && i < sizeof(shown) / sizeof(*shown); i++) {
		if (strcmp(type, shown[i][0]) != 0)
			continue;
		interface->identity[FLOW_INTERFACE_TYPE] = strdup(shown[i][1]);
		if (!interface->identity[FLOW_INTERFACE_TYPE])
			aws_value_memory(item);
		return;
	}
}

static void read_tags(const struct aws_value *item, struct flow_interface *interface, const struct aws_account *account)
{
	static const enum flow_identity fields[AWS_TAGS] = { FLOW_INTERFACE_TAG, FLOW_INTERFACE_TAG_2 };
	struct aws_value tags = aws_value_member(item, "TagSet");

	for (size_t i = 0; i < aws_value_count(&tags); i++) {
		struct aws_value tag = aws_value_item(&tags, i);
		const char *key = aws_value_text(aws_value_need(&tag, "Key"));

		for (size_t j = 0; key && j < AWS_TAGS; j++) {
			char **slot = &interface->identity[fields[j]];
			const char *wanted = account->interface_tags[j];

			if (wanted && !*slot && strcmp(key, wanted) == 0)
				aws_scalar_tag(aws_value_member(&tag, "Value"), slot);
		}
	}
}

static void read_groups(const struct aws_value *item, struct flow_interface *interface)
{
	struct aws_value groups = aws_value_member(item, "Groups");

	for (size_t i = 0; i < aws_value_count(&groups); i++) {
		struct aws_value each = aws_value_item(&groups, i);
		size_t count = interface->security_group_count;
		char *name = NULL, **grown;

		if (!aws_scalar_id(&each, "GroupId", &name))
			return;
		grown = aws_list_grow(interface->security_groups, count, sizeof(*grown));
		if (!grown) {
			free(name);
			aws_value_memory(&each);
			return;
		}
		grown[count] = name;
		interface->security_groups = grown;
		interface->security_group_count++;
	}
}

static void read_identity(const struct aws_value *item, struct flow_interface *interface,
			  const struct aws_account *account)
{
	char **identity = interface->identity;

	aws_scalar_id(item, "NetworkInterfaceId", &interface->name);
	aws_scalar_word(aws_value_member(item, "NetworkInterfaceId"), &identity[FLOW_INTERFACE_ID]);
	aws_scalar_word(aws_value_member(item, "OwnerId"), &identity[FLOW_ACCOUNT_ID]);
	aws_scalar_word(aws_value_member(item, "VpcId"), &identity[FLOW_VPC_ID]);
	aws_scalar_word(aws_value_member(item, "SubnetId"), &identity[FLOW_SUBNET_ID]);
	aws_zone_read(item, interface);
	read_instance(item, interface);
	read_type(item, interface);
	read_tags(item, interface, account);
	read_groups(item, interface);
	interface->has_mac = aws_scalar_mac(aws_value_member(item, "MacAddress"), interface->mac);
}

void aws_interfaces_keep(const struct aws_value *at, struct flow_interface **items, size_t *count,
			 struct flow_interface *item)
{
	struct flow_interface *grown = NULL;

	if (at->document->fault == 0) {
		grown = aws_list_grow(*items, *count, sizeof(*grown));
		if (!grown)
			aws_value_memory(at);
	}
	if (!grown) {
		flow_interface_clear(item);
		return;
	}
	grown[(*count)++] = *item;
	*items = grown;
}

void aws_interfaces_read(const struct aws_value *root, struct aws_account *account)
{
	struct aws_value items = aws_value_need(root, "NetworkInterfaces");

	for (size_t i = 0; i < aws_value_count(&items); i++) {
		struct aws_value item = aws_value_item(&items, i);
		struct flow_interface interface = { 0 };

		read_identity(&item, &interface, account);
		read_addresses(&item, &interface);
		aws_interfaces_keep(&item, &account->interfaces, &account->interface_count, &interface);
	}
}
