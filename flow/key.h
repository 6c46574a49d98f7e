/* flow/key.h - what the packets of a record agree on, as bytes that are hashed and compared.
 *
 * As many bytes count as the family needs: an IPv4 flow is found and kept in less than half of what IPv6 takes. */
#ifndef ENIFLOW_FLOW_KEY_H
#define ENIFLOW_FLOW_KEY_H

#include <stddef.h>

#include "flow/address.h"
#include "flow/hash.h"

/* The addresses of a key, in their order. Those of the packet are there only in wide keys, which a format wants that
 * shows pkt-srcaddr or pkt-dstaddr. */
enum flow_key_address {
	FLOW_KEY_SOURCE,      /* srcaddr */
	FLOW_KEY_DESTINATION, /* dstaddr */
	FLOW_KEY_PACKET_SOURCE,
	FLOW_KEY_PACKET_DESTINATION,
	FLOW_KEY_ADDRESSES
};

/* No padding before `addresses`. `direction` is FLOW_UNKNOWN where the format does not show it, and an address that it
 * does not show is 0. Only flow_key_size() bytes are ever read. */
struct flow_key {
	uint32_t interface;
	uint16_t source_port, destination_port; /* host order */
	uint8_t protocol;
	uint8_t family;    /* enum flow_family; set it before any address */
	uint8_t action;    /* enum flow_action */
	uint8_t direction; /* enum flow_direction */
	uint8_t addresses[FLOW_KEY_ADDRESSES * sizeof(struct flow_address)]; /* as wide as the family's */
};

enum {
	FLOW_KEY_HEAD = 12,
	FLOW_KEY_IPV4 = FLOW_KEY_HEAD + 2 * 4,
	FLOW_KEY_IPV6 = FLOW_KEY_HEAD + 2 * 16,
	FLOW_KEY_WIDE_IPV4 = FLOW_KEY_HEAD + 4 * 4,
	FLOW_KEY_WIDE_IPV6 = FLOW_KEY_HEAD + 4 * 16,
};
_Static_assert(offsetof(struct flow_key, addresses) == FLOW_KEY_HEAD, "hashed and compared as bytes");

static inline size_t flow_key_size(const struct flow_key *key, bool wide)
{
	if (key->family == FLOW_IPV6)
		return wide ? FLOW_KEY_WIDE_IPV6 : FLOW_KEY_IPV6;
	return wide ? FLOW_KEY_WIDE_IPV4 : FLOW_KEY_IPV4;
}

/* Sizes that are constants make it a few instructions. */
static inline uint64_t flow_key_hash(const struct flow_key *key, bool wide, uint64_t seed)
{
	if (key->family == FLOW_IPV6)
		return wide ? flow_hash(key, FLOW_KEY_WIDE_IPV6, seed) : flow_hash(key, FLOW_KEY_IPV6, seed);
	return wide ? flow_hash(key, FLOW_KEY_WIDE_IPV4, seed) : flow_hash(key, FLOW_KEY_IPV4, seed);
}

static inline void flow_key_set(struct flow_key *key, enum flow_key_address which, const struct flow_address *address)
{
	if (key->family == FLOW_IPV6)
		memcpy(key->addresses + which * 16, address->octets, 16);
	else
		memcpy(key->addresses + which * 4, address->octets, 4);
}

static inline struct flow_address flow_key_get(const struct flow_key *key, enum flow_key_address which)
{
	struct flow_address address = { 0 };

	if (key->family == FLOW_IPV6)
		memcpy(address.octets, key->addresses + which * 16, 16);
	else
		memcpy(address.octets, key->addresses + which * 4, 4);
	return address;
}

#endif
