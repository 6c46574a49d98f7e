/* Messages of rtnetlink, made by hand. */
#ifndef ENIFLOW_TESTS_UNIT_CAPTURE_NETLINK_MESSAGES_H
#define ENIFLOW_TESTS_UNIT_CAPTURE_NETLINK_MESSAGES_H

#include <arpa/inet.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

/* A datagram of them. */
struct datagram {
	_Alignas(uint64_t) uint8_t bytes[4096];
	size_t length;
	struct nlmsghdr *last;
};

static inline struct nlmsghdr *add_message(struct datagram *datagram, uint16_t type)
{
	datagram->last = mnl_nlmsg_put_header(datagram->bytes + datagram->length);
	datagram->last->nlmsg_type = type;
	return datagram->last;
}

static inline void end_message(struct datagram *datagram)
{
	datagram->length += MNL_ALIGN(datagram->last->nlmsg_len);
}

static inline void begin_link(struct datagram *datagram, uint16_t type, uint32_t index, const char *name,
			      unsigned flags)
{
	struct nlmsghdr *message = add_message(datagram, type);
	struct ifinfomsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

	header->ifi_family = AF_UNSPEC;
	header->ifi_type = ARPHRD_ETHER;
	header->ifi_index = (int)index;
	header->ifi_flags = flags;
	if (name)
		mnl_attr_put_strz(message, IFLA_IFNAME, name);
}

static inline void begin_address(struct datagram *datagram, uint16_t type, uint32_t index, const char *text,
				 uint32_t flags, uint8_t scope)
{
	struct nlmsghdr *message = add_message(datagram, type);
	struct ifaddrmsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	bool ipv6 = strchr(text, ':');
	uint8_t octets[16];

	header->ifa_family = ipv6 ? AF_INET6 : AF_INET;
	header->ifa_flags = (uint8_t)flags;
	header->ifa_scope = scope;
	header->ifa_index = index;
	inet_pton(header->ifa_family, text, octets);
	mnl_attr_put(message, IFA_ADDRESS, ipv6 ? 16 : 4, octets);
}

#endif
