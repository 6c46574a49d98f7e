/* flow/table.h - what was counted per flow in one window.
 *
 * Flows stand one behind the other in order of first sight, each as long as its family needs, and an open-addressing
 * index of (tag, position) slots beside them. Nothing is deleted singly: a window is emptied at once. Pure; not for two
 * threads at once.
 *
 * An IPv4 flow takes 48 bytes and an IPv6 flow 72 (wide: 56 and 104), and the index 16 to 32 bytes for each. */
#ifndef ENIFLOW_FLOW_TABLE_H
#define ENIFLOW_FLOW_TABLE_H

#include "flow/error.h"
#include "flow/key.h"

/* A flow: sums over a record's packets, and its key, packed: an IPv4 flow has four octets of each address. */
struct flow_entry {
	uint64_t packets, bytes;
	uint32_t first, last; /* whole seconds after the window's start */
	uint8_t tcp_flags;
	uint8_t zero[3];
	unsigned char key[]; /* flow_table_key() unpacks it */
};

struct flow_table;

/* For at most `most` flows (at most 2^31); memory grows with what is in it. `wide`: keys have the packet's addresses,
 * too. */
int flow_table_new(struct flow_table **out, uint64_t most, bool wide, uint64_t seed, struct error *err);
void flow_table_free(struct flow_table *table);

/* Brings the slot that flow_table_guess() will look at into the cache. `hash` is the flow_key_hash() of a key, by the
 * table's width and seed. */
void flow_table_prefetch(const struct flow_table *table, uint64_t hash);

/* Where the flow with a key of that hash most likely is, and brings it into the cache: its position plus 1. 0: there is
 * no such flow, yet. Good until the table is emptied. */
uint32_t flow_table_guess(const struct flow_table *table, uint64_t hash);

/* The flow with that key, of that hash; looked for first at a `guess` that is still good, unless it is 0. NULL: there
 * is none. Valid until the table is emptied. */
struct flow_entry *flow_table_find(const struct flow_table *table, uint64_t hash, uint32_t guess,
				   const struct flow_key *key);

/* Adds the flow with that key, which is not there, with sums of nothing (`first` is the latest time there is); NULL if
 * the table is full or the memory at its end: it is then unchanged. */
struct flow_entry *flow_table_add(struct flow_table *table, uint64_t hash, const struct flow_key *key);

size_t flow_table_count(const struct flow_table *table);

/* The most flows that it ever had. */
size_t flow_table_peak(const struct flow_table *table);

/* Walks the flows in order of first sight: the first is at position 0, and flow_table_after() tells where the next one
 * is. Stop after flow_table_count() flows. */
uint32_t flow_table_after(const struct flow_table *table, uint32_t position);
const struct flow_entry *flow_table_at(const struct flow_table *table, uint32_t position);

/* Unpacks the key of a flow; the packet's addresses are 0 unless the table is wide. */
void flow_table_key(const struct flow_table *table, const struct flow_entry *entry, struct flow_key *key);

/* Its interface alone. */
static inline uint32_t flow_entry_interface(const struct flow_entry *entry)
{
	uint32_t interface;

	memcpy(&interface, entry->key + offsetof(struct flow_key, interface), sizeof(interface));
	return interface;
}

/* Empties the table and keeps its memory for the next window. */
void flow_table_clear(struct flow_table *table);

#endif
