#include "flow/table.h"

#include <stdlib.h>

#include "flow/apart.h"
#include "flow/memory.h"

enum {
	UNIT = 8,                  /* bytes that positions count in */
	CHUNK = FLOW_MEMORY_LARGE, /* bytes */
	CHUNK_UNITS = CHUNK / UNIT,
	HEAD = offsetof(struct flow_key, source), /* of a packed key: what stands before the addresses */
	FIRST_SLOTS = 2048,
};

_Static_assert(offsetof(struct flow_entry, key) + HEAD + 2 * sizeof(uint32_t) == 48, "memory per IPv4 flow");

/* `position` is that of the entry plus 1; 0: free. The tag is the low half of the hash: it finds the slot too, so the
 * index grows without a look at the entries. */
struct slot {
	uint32_t tag;
	uint32_t position;
};

/* Entries stand in chunks, which never move; none lies across two. */
struct chunk {
	unsigned char *bytes;
	uint32_t used; /* units */
};

struct flow_table {
	struct slot *index;
	size_t mask; /* slots - 1; slots are a power of two, and at most half of them are taken */
	struct chunk *chunks;
	size_t chunk_count, filling; /* how many there are; the one that is being filled */
	size_t count, most;
	size_t peak; /* the greatest count before the last flow_table_clear() */
	uint64_t seed;
	bool wide;
};

static struct flow_entry *entry_at(const struct flow_table *table, uint32_t position)
{
	return (struct flow_entry *)(void *)(table->chunks[position / CHUNK_UNITS].bytes +
					     (size_t)(position % CHUNK_UNITS) * UNIT);
}

static size_t address_size(uint8_t family)
{
	return family == FLOW_IPV6 ? 16 : 4;
}

static uint8_t family_of(const struct flow_entry *entry)
{
	return entry->key[offsetof(struct flow_key, family)];
}

/* How many units an entry takes. */
static uint32_t units_of(const struct flow_table *table, uint8_t family)
{
	size_t addresses = (table->wide ? 4 : 2) * address_size(family);

	return (uint32_t)((offsetof(struct flow_entry, key) + HEAD + addresses + UNIT - 1) / UNIT);
}

/* ---- memory ---- */

static struct slot *new_index(size_t slots)
{
	struct slot *index = flow_memory_new(slots * sizeof(*index));

	if (index)
		memset(index, 0, slots * sizeof(*index));
	return index;
}

/* The slot of an entry that the index does not hold yet. */
static struct slot *free_slot(struct slot *index, size_t mask, uint32_t tag)
{
	size_t i = tag & mask;

	while (index[i].position)
		i = (i + 1) & mask;
	return &index[i];
}

/* Doubles the index. Returns false, with nothing changed, when there is no memory. */
static bool grow_index(struct flow_table *table)
{
	size_t mask = table->mask * 2 + 1;
	struct slot *index = new_index(mask + 1);

	if (!index)
		return false;
	for (size_t i = 0; i <= table->mask; i++)
		if (table->index[i].position)
			*free_slot(index, mask, table->index[i].tag) = table->index[i];
	free(table->index);
	table->index = index;
	table->mask = mask;
	return true;
}

static bool add_chunk(struct flow_table *table)
{
	struct chunk *chunks = realloc(table->chunks, (table->chunk_count + 1) * sizeof(*chunks));
	unsigned char *bytes;

	if (!chunks)
		return false;
	table->chunks = chunks;
	/* Few captures fill even the first one: it takes small pages, and only those that are used. */
	bytes = table->chunk_count ? flow_memory_new(CHUNK) : malloc(CHUNK);
	if (!bytes)
		return false;
	chunks[table->chunk_count++] = (struct chunk){ bytes, 0 };
	return true;
}

/* Room for an entry of so many units: its position. Positions end at 32 bits. */
static bool take_room(struct flow_table *table, uint32_t units, uint32_t *position)
{
	struct chunk *chunk = &table->chunks[table->filling];

	if (chunk->used + units > CHUNK_UNITS) {
		if (table->filling + 1 == UINT32_MAX / CHUNK_UNITS)
			return false;
		if (table->filling + 1 == table->chunk_count && !add_chunk(table))
			return false;
		chunk = &table->chunks[++table->filling];
	}
	*position = (uint32_t)(table->filling * CHUNK_UNITS) + chunk->used;
	chunk->used += units;
	return true;
}

int flow_table_new(struct flow_table **out, uint64_t most, bool wide, uint64_t seed, struct error *err)
{
	struct flow_table *table = calloc(1, sizeof(*table));

	if (!table)
		return fail_memory(err, "flow table");
	table->most = most;
	table->wide = wide;
	table->seed = seed;
	table->mask = FIRST_SLOTS - 1;
	table->index = new_index(FIRST_SLOTS);
	if (!table->index || !add_chunk(table)) {
		flow_table_free(table);
		return fail_memory(err, "flow table");
	}
	*out = table;
	return 0;
}

void flow_table_free(struct flow_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->chunk_count; i++)
		free(table->chunks[i].bytes);
	free(table->chunks);
	free(table->index);
	free(table);
}

/* ---- packed keys ---- */

static void pack(const struct flow_table *table, const struct flow_key *key, unsigned char *out)
{
	size_t size = address_size(key->family);

	memcpy(out, key, HEAD);
	memcpy(out + HEAD, &key->source, size);
	memcpy(out + HEAD + size, &key->destination, size);
	if (!table->wide)
		return;
	memcpy(out + HEAD + 2 * size, &key->packet_source, size);
	memcpy(out + HEAD + 3 * size, &key->packet_destination, size);
}

void flow_table_key(const struct flow_table *table, const struct flow_entry *entry, struct flow_key *key)
{
	const unsigned char *packed = entry->key;

	memcpy(key, packed, HEAD);
	key->source = key->destination = key->packet_source = key->packet_destination = (struct flow_address){ 0 };
	if (family_of(entry) == FLOW_IPV6) { /* packed as it is */
		memcpy(key, packed, table->wide ? FLOW_KEY_WIDE_SIZE : FLOW_KEY_SIZE);
		return;
	}
	memcpy(&key->source, packed + HEAD, 4);
	memcpy(&key->destination, packed + HEAD + 4, 4);
	if (!table->wide)
		return;
	memcpy(&key->packet_source, packed + HEAD + 8, 4);
	memcpy(&key->packet_destination, packed + HEAD + 12, 4);
}

/* What differs in so many bytes, 8 at the most: all differences can be or-ed, and one branch decides. */
static inline uint64_t differing(const void *a, const void *b, size_t size)
{
	uint64_t left = 0, right = 0;

	memcpy(&left, a, size);
	memcpy(&right, b, size);
	return left ^ right;
}

static bool has_packet(const struct flow_entry *entry, const struct flow_key *key)
{
	size_t size = address_size(key->family);

	return memcmp(entry->key + HEAD + 2 * size, &key->packet_source, size) == 0 &&
	       memcmp(entry->key + HEAD + 3 * size, &key->packet_destination, size) == 0;
}

/* Sizes that are constants make it a few instructions. */
static inline bool has_key(const struct flow_table *table, const struct flow_entry *entry, const struct flow_key *key)
{
	const unsigned char *packed = entry->key;

	if (key->family == FLOW_IPV6)
		return memcmp(packed, key, FLOW_KEY_SIZE) == 0 && (!table->wide || has_packet(entry, key));
	return (differing(packed, key, 8) | differing(packed + 8, &key->protocol, 4) |
		differing(packed + HEAD, &key->source, 4) | differing(packed + HEAD + 4, &key->destination, 4)) == 0 &&
	       (!table->wide || has_packet(entry, key));
}

/* ---- looking up ---- */

void flow_table_prefetch(const struct flow_table *table, uint64_t hash)
{
	__builtin_prefetch(&table->index[(uint32_t)hash & table->mask]);
}

uint32_t flow_table_guess(const struct flow_table *table, uint64_t hash)
{
	const struct slot *index = table->index;
	uint32_t tag = (uint32_t)hash;
	const unsigned char *entry;
	size_t i = tag & table->mask;

	while (index[i].position && index[i].tag != tag)
		i = (i + 1) & table->mask;
	if (index[i].position) {
		entry = (unsigned char *)entry_at(table, index[i].position - 1);
		__builtin_prefetch(entry, 1);
		__builtin_prefetch(entry + offsetof(struct flow_entry, key) + HEAD + 2 * sizeof(uint32_t) - 1, 1);
	}
	return index[i].position;
}

/* Not inlined: hardly ever is another tag equal, or a flow new since it was looked for. */
ENIFLOW_APART static struct flow_entry *look_for(const struct flow_table *table, uint64_t hash,
						 const struct flow_key *key)
{
	const struct slot *index = table->index;
	uint32_t tag = (uint32_t)hash;

	for (size_t i = tag & table->mask; index[i].position; i = (i + 1) & table->mask) {
		struct flow_entry *entry;

		if (index[i].tag != tag)
			continue;
		entry = entry_at(table, index[i].position - 1);
		if (has_key(table, entry, key))
			return entry;
	}
	return NULL;
}

struct flow_entry *flow_table_find(const struct flow_table *table, uint64_t hash, uint32_t guess,
				   const struct flow_key *key)
{
	if (guess) {
		struct flow_entry *entry = entry_at(table, guess - 1);

		if (has_key(table, entry, key))
			return entry;
	}
	return look_for(table, hash, key);
}

ENIFLOW_APART struct flow_entry *flow_table_add(struct flow_table *table, uint64_t hash, const struct flow_key *key)
{
	uint32_t tag = (uint32_t)hash, position;
	struct flow_entry *entry;

	if (table->count == table->most || (table->count * 2 > table->mask && !grow_index(table)) ||
	    !take_room(table, units_of(table, key->family), &position))
		return NULL;
	entry = entry_at(table, position);
	*entry = (struct flow_entry){ .first = UINT32_MAX };
	pack(table, key, entry->key);
	*free_slot(table->index, table->mask, tag) = (struct slot){ tag, position + 1 };
	table->count++;
	return entry;
}

/* ---- reading out ---- */

size_t flow_table_count(const struct flow_table *table)
{
	return table->count;
}

size_t flow_table_peak(const struct flow_table *table)
{
	return table->count > table->peak ? table->count : table->peak;
}

uint32_t flow_table_after(const struct flow_table *table, uint32_t position)
{
	uint32_t next = position + units_of(table, family_of(entry_at(table, position)));
	uint32_t chunk = position / CHUNK_UNITS;

	return next - chunk * CHUNK_UNITS == table->chunks[chunk].used ? (chunk + 1) * CHUNK_UNITS : next;
}

const struct flow_entry *flow_table_at(const struct flow_table *table, uint32_t position)
{
	return entry_at(table, position);
}

/* ---- emptying ---- */

/* Frees the slot of one entry. Slots before it on its way may be free already: its position tells it. */
static void free_slot_of(struct flow_table *table, uint32_t position)
{
	struct flow_key key;
	size_t i;

	flow_table_key(table, entry_at(table, position), &key);
	i = (uint32_t)flow_key_hash(&key, table->wide, table->seed) & table->mask;
	while (table->index[i].position != position + 1)
		i = (i + 1) & table->mask;
	table->index[i] = (struct slot){ 0 };
}

void flow_table_clear(struct flow_table *table)
{
	table->peak = flow_table_peak(table);
	/* After one crowded window the index stays large; a quiet one must not pay for it. */
	if (table->count < table->mask / 64) {
		for (uint32_t i = 0, at = 0; i < table->count; i++, at = flow_table_after(table, at))
			free_slot_of(table, at);
	} else {
		memset(table->index, 0, (table->mask + 1) * sizeof(*table->index));
	}
	for (size_t i = 0; i <= table->filling; i++)
		table->chunks[i].used = 0;
	table->filling = 0;
	table->count = 0;
}
