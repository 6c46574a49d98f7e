#include "cli/interface_keys.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/parse.h"
#include "cli/settings.h"
#include "output/nearest.h"

static const char *const own_keys[KEY_IDENTITY] = { "device",   "mac",         "address",         "vni",
						    "vpc-cidr", "subnet-cidr", "security-groups", "network-acl" };

const char *interface_keys_name(enum interface_key key)
{
	return key < KEY_IDENTITY ? own_keys[key] : settings_identity_name((enum flow_identity)(key - KEY_IDENTITY));
}

bool interface_keys_is_list(enum interface_key key)
{
	return key == KEY_ADDRESS || key == KEY_VPC_CIDR || key == KEY_SUBNET_CIDR || key == KEY_SECURITY_GROUPS;
}

static int unknown_key(const char *name, bool in_defaults, struct error *err)
{
	const char *section = in_defaults ? "[defaults]" : "[interface]";
	const char *known[KEY_END];
	char nearest[128];

	if (output_field_find(name, strlen(name)) >= 0)
		return fail(err, EINVAL, "%s: describes a flow, not an interface; it cannot be set", name);
	for (size_t key = 0; key < KEY_END; key++)
		known[key] = interface_keys_name((enum interface_key)key);
	output_nearest(name, strlen(name), known, KEY_END, nearest, sizeof(nearest));
	return fail(err, EINVAL, "%s: there is no such key in %s%s%s", name, section, *nearest ? "; the nearest: " : "",
		    nearest);
}

int interface_keys_find(const char *name, bool in_defaults, struct error *err)
{
	for (int key = 0; key < KEY_END; key++) {
		if (strcmp(interface_keys_name((enum interface_key)key), name) != 0)
			continue;
		if (in_defaults && key < KEY_VPC_CIDR)
			return fail(err, EINVAL, "%s: belongs into an [interface]", name);
		return key;
	}
	return unknown_key(name, in_defaults, err);
}

static int add_host(void *ctx, const char *what, const char *item, struct error *err)
{
	struct flow_interface *interface = ctx;
	struct flow_host host, *grown;
	int ret = parse_host(what, item, &host, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < interface->address_count; i++)
		if (interface->addresses[i].family == host.family &&
		    flow_address_equal(&interface->addresses[i].address, &host.address))
			return fail(err, EINVAL, "%s: %s stands twice in the list", what, item);
	grown = realloc(interface->addresses, (interface->address_count + 1) * sizeof(*grown));
	if (!grown)
		return fail_memory(err, what);
	grown[interface->address_count++] = host;
	interface->addresses = grown;
	return 0;
}

struct prefixes {
	struct flow_prefix **items;
	size_t *count;
};

static int add_prefix(void *ctx, const char *what, const char *item, struct error *err)
{
	const struct prefixes *list = ctx;
	struct flow_prefix prefix, *grown;
	int ret = parse_prefix(what, item, &prefix, err);

	if (ret < 0)
		return ret;
	grown = realloc(*list->items, (*list->count + 1) * sizeof(*grown));
	if (!grown)
		return fail_memory(err, what);
	grown[(*list->count)++] = prefix;
	*list->items = grown;
	return 0;
}

static int add_group(void *ctx, const char *what, const char *item, struct error *err)
{
	struct flow_interface *interface = ctx;
	size_t count = interface->security_group_count;
	char **grown, *name;

	for (size_t i = 0; i < count; i++)
		if (strcmp(interface->security_groups[i], item) == 0)
			return fail(err, EINVAL, "%s: %s stands twice in the list", what, item);
	grown = realloc(interface->security_groups, (count + 1) * sizeof(*grown));
	if (!grown)
		return fail_memory(err, what);
	interface->security_groups = grown;
	name = strdup(item);
	if (!name)
		return fail_memory(err, what);
	grown[interface->security_group_count++] = name;
	return 0;
}

static int put_network_acl(struct flow_interface *interface, const char *value, struct error *err)
{
	interface->network_acl = strdup(value);
	return interface->network_acl ? 0 : fail_memory(err, "network-acl");
}

static int put_device(struct flow_interface *interface, const char *value, struct error *err)
{
	interface->device = strdup(value);
	return interface->device ? 0 : fail_memory(err, "device");
}

static int put_mac(struct flow_interface *interface, const char *value, struct error *err)
{
	int ret = parse_mac("mac", value, interface->mac, err);

	interface->has_mac = ret == 0;
	return ret;
}

static int put_vni(struct flow_interface *interface, const char *value, struct error *err)
{
	uint64_t vni;
	int ret = parse_number("vni", value, 0, 0xffffff, &vni, err);

	if (ret < 0)
		return ret;
	interface->vni = (uint32_t)vni;
	interface->has_vni = true;
	return 0;
}

int interface_keys_put(struct flow_interface *interface, enum interface_key key, const char *value, struct error *err)
{
	const char *name = interface_keys_name(key);
	struct prefixes vpc = { &interface->vpc_cidrs, &interface->vpc_cidr_count };
	struct prefixes subnet = { &interface->subnet_cidrs, &interface->subnet_cidr_count };

	switch (key) {
	case KEY_DEVICE:
		return put_device(interface, value, err);
	case KEY_MAC:
		return put_mac(interface, value, err);
	case KEY_ADDRESS:
		return parse_list(name, value, add_host, interface, err);
	case KEY_VNI:
		return put_vni(interface, value, err);
	case KEY_VPC_CIDR:
		return parse_list(name, value, add_prefix, &vpc, err);
	case KEY_SUBNET_CIDR:
		return parse_list(name, value, add_prefix, &subnet, err);
	case KEY_SECURITY_GROUPS:
		return parse_list(name, value, add_group, interface, err);
	case KEY_NETWORK_ACL:
		return put_network_acl(interface, value, err);
	default:
		return settings_put_identity(interface, (enum flow_identity)(key - KEY_IDENTITY), name, value, err);
	}
}
