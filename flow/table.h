/* flow/table.h - what was counted per flow in one window.
 *
 * A dense array of flows in order of first sight, and an open-addressing index of (tag, position) slots beside it.
 * Nothing is deleted singly: a window is emptied at once. Pure; not for two threads at once. */
#ifndef ENIFLOW_FLOW_TABLE_H
#define ENIFLOW_FLOW_TABLE_H

#include "flow/error.h"
#include "flow/hash.h"
#include "flow/observation.h"

/* What the packets of a record agree on. No padding: it is hashed and compared as bytes. `direction` is FLOW_UNKNOWN
 * where the format does not show it. */
struct flow_key {
	struct flow_address source, destination; /* srcaddr, dstaddr */
	uint16_t source_port, destination_port;  /* host order */
	uint32_t interface;
	uint8_t protocol;
	uint8_t family;    /* enum flow_family */
	uint8_t action;    /* enum flow_action */
	uint8_t direction; /* enum flow_direction */
};
_Static_assert(sizeof(struct flow_key) == 44, "hashed and compared as bytes");

/* The rest of the key where the format shows pkt-srcaddr or pkt-dstaddr; what it does not show is 0. */
struct flow_key_packet {
	struct flow_address source, destination;
};

/* Sums over a record's packets. Times are whole seconds after the window's start. */
struct flow_sums {
	uint64_t packets, bytes;
	uint32_t first, last;
	uint8_t tcp_flags;
};

struct flow_table;

/* For at most `most` flows (at most 2^31); memory grows with what is in it. `wide`: keys have a flow_key_packet. */
int flow_table_new(struct flow_table **out, uint64_t most, bool wide, uint64_t seed, struct error *err);
void flow_table_free(struct flow_table *table);

/* The hash of a key, to be taken (and its slot fetched into the cache) some packets ahead of flow_table_add().
 * `packet` is not looked at unless the table is wide. */
uint64_t flow_table_hash(const struct flow_table *table, const struct flow_key *key,
			 const struct flow_key_packet *packet);
void flow_table_prefetch(const struct flow_table *table, uint64_t hash);

/* Adds sums to the flow with that key, whose flow_table_hash() `hash` is. Returns 0, or -ENOSPC if it would be a new
 * flow and the table is full or the memory at its end: it is then unchanged. */
int flow_table_add(struct flow_table *table, uint64_t hash, const struct flow_key *key,
		   const struct flow_key_packet *packet, const struct flow_sums *sums);

size_t flow_table_count(const struct flow_table *table);

/* The key alone of the flow at a position; as flow_table_at() otherwise. */
const struct flow_key *flow_table_key(const struct flow_table *table, size_t position);

/* The flow at a position, 0 to count - 1, in order of first sight. `*packet` (may be NULL) becomes NULL unless the
 * table is wide. Valid until the next add or clear. */
const struct flow_key *flow_table_at(const struct flow_table *table, size_t position,
				     const struct flow_key_packet **packet, struct flow_sums *sums);

/* Empties the table and keeps its memory for the next window. */
void flow_table_clear(struct flow_table *table);

#endif
