/* flow/key.h - what the packets of a record agree on, hashed with a secret seed and compared as bytes. */
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
_Static_assert(offsetof(struct flow_key, packet_source) == FLOW_KEY_SIZE, "compared as bytes");
_Static_assert(sizeof(struct flow_key) == FLOW_KEY_WIDE_SIZE, "compared as bytes");

/* The hash of what a packet itself shows of its key: it can be worked out before anybody knows whose packet it is. Each
 * part is taken in under a secret that depends on those before, so that no two can be played off against each other. */
static inline uint64_t flow_tuple_hash(const struct flow_address *source, const struct flow_address *destination,
				       uint16_t source_port, uint16_t destination_port, uint8_t protocol,
				       uint8_t family, uint64_t seed)
{
	uint64_t head = (uint64_t)source_port << 32 | (uint64_t)destination_port << 16 | protocol << 8 | family;
	uint64_t hash = flow_hash_fold(head ^ seed ^ 0x9e3779b97f4a7c15U, seed ^ 0x2545f4914f6cdd1dU);

	hash = flow_hash_fold(flow_hash_word(source->octets) ^ hash,
			      flow_hash_word(source->octets + 8) ^ seed ^ 0xd1b54a32d192ed03U);
	return flow_hash_fold(flow_hash_word(destination->octets) ^ hash,
			      flow_hash_word(destination->octets + 8) ^ seed ^ 0x8bb84b93962eacc9U);
}

/* The hash of a key whose flow_tuple_hash() is `tuple`. */
static inline uint64_t flow_key_hash_of(const struct flow_key *key, uint64_t tuple, bool wide, uint64_t seed)
{
	uint64_t rest = (uint64_t)key->interface << 16 | (uint64_t)key->action << 8 | key->direction;

	if (wide)
		tuple ^= flow_hash(&key->packet_source, 2 * sizeof(key->packet_source), tuple ^ seed);
	return flow_hash_fold(rest ^ tuple, tuple ^ seed ^ 0xe7037ed1a0b428dbU);
}

static inline uint64_t flow_key_hash(const struct flow_key *key, bool wide, uint64_t seed)
{
	uint64_t tuple = flow_tuple_hash(&key->source, &key->destination, key->source_port, key->destination_port,
					 key->protocol, key->family, seed);

	return flow_key_hash_of(key, tuple, wide, seed);
}

#endif
