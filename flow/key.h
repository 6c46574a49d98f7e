/* flow/key.h - what the packets of a record agree on, as bytes that are hashed and compared. */
#ifndef ENIFLOW_FLOW_KEY_H
#define ENIFLOW_FLOW_KEY_H

#include "flow/address.h"
#include "flow/hash.h"

/* No padding. `direction` is FLOW_UNKNOWN where the format does not show it, and a packet's address that it does not
 * show is 0. Those two are there only in wide keys, which a format wants that shows pkt-srcaddr or pkt-dstaddr: of
 * others only the first FLOW_KEY_SIZE bytes are ever read. */
struct flow_key {
	uint32_t interface;
	uint16_t source_port, destination_port; /* host order */
	uint8_t protocol;
	uint8_t family;                                        /* enum flow_family */
	uint8_t action;                                        /* enum flow_action */
	uint8_t direction;                                     /* enum flow_direction */
	struct flow_address source, destination;               /* srcaddr, dstaddr */
	struct flow_address packet_source, packet_destination; /* pkt-srcaddr, pkt-dstaddr */
};

enum { FLOW_KEY_SIZE = 44, FLOW_KEY_WIDE_SIZE = 76 };
_Static_assert(offsetof(struct flow_key, packet_source) == FLOW_KEY_SIZE, "hashed and compared as bytes");
_Static_assert(sizeof(struct flow_key) == FLOW_KEY_WIDE_SIZE, "hashed and compared as bytes");

static inline uint64_t flow_key_hash(const struct flow_key *key, bool wide, uint64_t seed)
{
	return wide ? flow_hash(key, FLOW_KEY_WIDE_SIZE, seed) : flow_hash(key, FLOW_KEY_SIZE, seed);
}

#endif
