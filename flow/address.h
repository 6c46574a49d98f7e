/* flow/address.h - IP addresses and prefixes as numbers; no text. */
#ifndef ENIFLOW_FLOW_ADDRESS_H
#define ENIFLOW_FLOW_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum flow_family { FLOW_IPV4 = 4, FLOW_IPV6 = 6 };

/* One shape for both families, so that keys compare as bytes. Network byte order; an IPv4 address stands in the
 * first four octets and the other twelve are 0. The family is told beside it: 1.2.3.4 and ::ffff:1.2.3.4 differ. */
struct flow_address {
	uint8_t octets[16];
};

/* An address with its family, where no packet tells it (configuration). */
struct flow_host {
	uint8_t family; /* enum flow_family */
	struct flow_address address;
};

/* A CIDR. Bits of `base` behind `length` are 0. */
struct flow_prefix {
	uint8_t family; /* enum flow_family */
	uint8_t length; /* 0..32 or 0..128 */
	struct flow_address base;
};

static inline bool flow_address_equal(const struct flow_address *a, const struct flow_address *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* One of 64 bits for an IPv4 address. An address whose bit is not among those of a set's addresses is not in it. */
static inline uint64_t flow_address_bit(const struct flow_address *address)
{
	uint32_t octets;

	memcpy(&octets, address->octets, sizeof(octets));
	return (uint64_t)1 << (octets * 0x9e3779b1U >> 26);
}

/* 224.0.0.0/4 or ff00::/8. */
bool flow_address_is_multicast(enum flow_family family, const struct flow_address *address);

/* 255.255.255.255; IPv6 has no broadcast. */
bool flow_address_is_broadcast(enum flow_family family, const struct flow_address *address);

/* 0.0.0.0 or ::. */
bool flow_address_is_unspecified(const struct flow_address *address);

/* fe80::/10. IPv4's 169.254.0.0/16 is not meant: it is an address like others for a flow log. */
bool flow_address_is_ipv6_link_local(enum flow_family family, const struct flow_address *address);

/* Is the address inside the prefix? Never when the families differ. */
bool flow_prefix_contains(const struct flow_prefix *prefix, enum flow_family family,
			  const struct flow_address *address);

/* The prefix's base plus `n`, carried through all octets of the family and wrapping at its end. */
struct flow_address flow_prefix_nth(const struct flow_prefix *prefix, uint8_t n);

#endif
