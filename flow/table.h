/* flow/table.h - what was counted per flow in one window.
 *
 * Flows stand one behind the other in order of first sight, each as long as its key needs, and an open-addressing index
 * of (tag, position) slots beside them. Nothing is deleted singly: a window is emptied at once. Pure; not for two
 * threads at once.
 *
 * An IPv4 flow takes 48 bytes and an IPv6 flow 72 (wide: 56 and 104), and the index 16 to 32 bytes for each. */
#ifndef ENIFLOW_FLOW_TABLE_H
#define ENIFLOW_FLOW_TABLE_H

#include "flow/error.h"
#include "flow/key.h"

/* Sums over a record's packets. Times are whole seconds after the window's start. */
struct flow_sums {
	uint64_t packets, bytes;
	uint32_t first, last;
	uint8_t tcp_flags;
};

struct flow_table;

/* For at most `most` flows (at most 2^31); memory grows with what is in it. `wide`: keys have the packet's addresses,
 * too. */
int flow_table_new(struct flow_table **out, uint64_t most, bool wide, uint64_t seed, struct error *err);
void flow_table_free(struct flow_table *table);

/* Brings into the cache what flow_table_add() will look at: first the slot of the index and then, once that has
 * arrived, the flow that it points to. `hash` is the flow_key_hash() of the key, by the table's width and seed. */
void flow_table_prefetch(const struct flow_table *table, uint64_t hash);
void flow_table_prefetch_flow(const struct flow_table *table, uint64_t hash);

/* Adds sums to the flow with that key, whose flow_key_hash() `hash` is. Returns 0, or -ENOSPC if it would be a new
 * flow and the table is full or the memory at its end: it is then unchanged. */
int flow_table_add(struct flow_table *table, uint64_t hash, const struct flow_key *key, const struct flow_sums *sums);

size_t flow_table_count(const struct flow_table *table);

/* Walks the flows in order of first sight: the first is at position 0, and flow_table_after() tells where the next one
 * is. Stop after flow_table_count() flows. */
uint32_t flow_table_after(const struct flow_table *table, uint32_t position);

/* The flow at a position: its sums, and flow_key_size() bytes of its key. */
void flow_table_at(const struct flow_table *table, uint32_t position, struct flow_key *key, struct flow_sums *sums);

/* The interface alone of the flow at a position. */
uint32_t flow_table_interface(const struct flow_table *table, uint32_t position);

/* Empties the table and keeps its memory for the next window. */
void flow_table_clear(struct flow_table *table);

#endif
