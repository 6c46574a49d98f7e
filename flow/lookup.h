/* flow/lookup.h - finds the numbers that stand under a key, however many keys there are: interfaces by MAC, address
 * or VNI.
 *
 * A dense array of entries and an open-addressing index beside it. Configuration chooses the keys, packets ask for
 * them: seven of eight slots stay free, and a key takes one, however many numbers it has, so that most often one look
 * tells, and no packet can be made to go a long way. Which end of a packet is ours, and so which of its keys are there,
 * cannot be foreseen: no branch depends on it.
 *
 * Once filled it is only read, by any number of threads. */
#ifndef ENIFLOW_FLOW_LOOKUP_H
#define ENIFLOW_FLOW_LOOKUP_H

#include "flow/address.h"
#include "flow/error.h"
#include "flow/hash.h"

/* What is looked for, as words: they are compared in registers. `space` tells kinds of keys apart that may be the same
 * otherwise. */
struct flow_lookup_key {
	uint64_t words[2];
	uint64_t space;
};

static inline struct flow_lookup_key flow_lookup_address_key(const struct flow_address *address, uint64_t space)
{
	struct flow_lookup_key key = { .space = space };

	_Static_assert(sizeof(key.words) == sizeof(address->octets), "all of it");
	memcpy(key.words, address->octets, sizeof(key.words));
	return key;
}

/* What stands under a key: a number that is not 0, and the position of the entry behind it under the same key, or 0. */
struct flow_lookup_entry {
	struct flow_lookup_key key;
	uint32_t number;
	uint32_t next;
};

/* Only read it, and by the functions below. */
struct flow_lookup {
	struct flow_lookup_entry *entries; /* the first is nobody's, with number 0: where free slots lead */
	size_t count, room;
	uint32_t *index;   /* the position of a key's first entry; 0: free */
	size_t keys, mask; /* mask: slots - 1; slots are a power of two */
};

int flow_lookup_new(struct flow_lookup **out, struct error *err);
void flow_lookup_free(struct flow_lookup *lookup);

/* Puts `number`, which is not 0, before all others under `key`: whoever wants them ascending adds them descending.
 * Adding the one that is before all others again changes nothing. Returns 0, or -ENOMEM with nothing changed. */
int flow_lookup_add(struct flow_lookup *lookup, const struct flow_lookup_key *key, uint32_t number, struct error *err);

static inline bool flow_lookup_equal(const struct flow_lookup_key *a, const struct flow_lookup_key *b)
{
	return ((a->words[0] ^ b->words[0]) | (a->words[1] ^ b->words[1]) | (a->space ^ b->space)) == 0;
}

static inline uint64_t flow_lookup_hash(const struct flow_lookup_key *key)
{
	return flow_hash(key->words, sizeof(key->words), key->space);
}

/* The first entry under the key; with the number 0 if there is none. Valid until the next add. */
static inline const struct flow_lookup_entry *flow_lookup_find(const struct flow_lookup *lookup,
							       const struct flow_lookup_key *key)
{
	uint64_t hash = flow_lookup_hash(key);
	const struct flow_lookup_entry *entry;

	do {
		entry = &lookup->entries[lookup->index[hash++ & lookup->mask]];
	} while (__builtin_expect(entry->number & (flow_lookup_equal(&entry->key, key) - 1U), 0)); /* another key's */
	return entry;
}

/* The entry behind that one under the same key; with the number 0 if there is none. */
static inline const struct flow_lookup_entry *flow_lookup_next(const struct flow_lookup *lookup,
							       const struct flow_lookup_entry *entry)
{
	return &lookup->entries[entry->next];
}

#endif
