/* capture/netlink.h - a walk over netlink messages and their attributes that trusts no length in them.
 *
 * (libmnl 1.0.4 takes a message whose length has its highest bit set for a whole one.) */
#ifndef ENIFLOW_CAPTURE_NETLINK_H
#define ENIFLOW_CAPTURE_NETLINK_H

#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

/* What is left to walk over; its start is aligned to four bytes. */
struct netlink_rest {
	const uint8_t *at;
	size_t left;
};

/* The first `length` bytes, filled up to four, lie behind. */
static inline const void *netlink_pass(struct netlink_rest *rest, size_t length)
{
	const void *passed = rest->at;
	size_t filled = MNL_ALIGN(length) < rest->left ? MNL_ALIGN(length) : rest->left;

	rest->at += filled;
	rest->left -= filled;
	return passed;
}

/* The next message, which is whole; NULL: there is none. */
static inline const struct nlmsghdr *netlink_message(struct netlink_rest *rest)
{
	const struct nlmsghdr *message = (const void *)rest->at;

	if (rest->left < sizeof(*message) || message->nlmsg_len < sizeof(*message) || message->nlmsg_len > rest->left)
		return NULL;
	return netlink_pass(rest, message->nlmsg_len);
}

/* The attributes of a message that begins with a header of that size; none, if it has no room for it. */
static inline struct netlink_rest netlink_attributes(const struct nlmsghdr *message, size_t header)
{
	struct netlink_rest rest = { mnl_nlmsg_get_payload(message), mnl_nlmsg_get_payload_len(message) };

	netlink_pass(&rest, header);
	return rest;
}

/* The next attribute, which is whole; NULL: there is none. */
static inline const struct nlattr *netlink_attribute(struct netlink_rest *rest)
{
	const struct nlattr *attribute = (const void *)rest->at;

	if (rest->left < sizeof(*attribute) || attribute->nla_len < sizeof(*attribute) ||
	    attribute->nla_len > rest->left)
		return NULL;
	return netlink_pass(rest, attribute->nla_len);
}

#endif
