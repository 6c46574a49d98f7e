/* cli/interface_keys.h - the keys of [interface] and [defaults]. */
#ifndef ENIFLOW_CLI_INTERFACE_KEYS_H
#define ENIFLOW_CLI_INTERFACE_KEYS_H

#include "flow/interface.h"

/* First the keys of their own, then the identity fields in their order. */
enum interface_key {
	KEY_DEVICE,
	KEY_MAC,
	KEY_ADDRESS,
	KEY_VNI,
	KEY_VPC_CIDR,
	KEY_SUBNET_CIDR,
	KEY_SECURITY_GROUPS,
	KEY_NETWORK_ACL,
	KEY_IDENTITY,
	KEY_END = KEY_IDENTITY + FLOW_IDENTITY_END
};

/* "mac", "vpc-id". */
const char *interface_keys_name(enum interface_key key);

/* The key of that name; -EINVAL with the nearest names, or why the known name cannot stand there. */
int interface_keys_find(const char *name, bool in_defaults, struct error *err);

/* Is its value a list, which may take further lines? */
bool interface_keys_is_list(enum interface_key key);

/* Gives the interface what the value says; to a list it is appended. Returns 0, -EINVAL or -ENOMEM. */
int interface_keys_put(struct flow_interface *interface, enum interface_key key, const char *value, struct error *err);

#endif
