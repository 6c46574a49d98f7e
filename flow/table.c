#include "flow/table.h"

#include <errno.h>
#include <stdlib.h>

/* One flow; in a wide table a flow_key_packet follows it. */
struct entry {
	struct flow_key key;
	uint8_t tcp_flags;
	uint64_t packets, bytes;
	uint32_t first, last;
};
_Static_assert(sizeof(struct entry) == 72, "memory per flow");

/* `position` is that of the entry plus 1; 0: free. The tag is the low half of the hash: it finds the slot too, so the
 * index grows without a look at the entries. */
struct slot {
	uint32_t tag;
	uint32_t position;
};

struct flow_table {
	unsigned char *entries; /* of `stride` bytes each */
	size_t stride, count, room, most;
	struct slot *index;
	size_t mask; /* slots - 1; slots are a power of two and at least twice `room` */
	uint64_t seed;
	bool wide;
};

enum { FIRST_ROOM = 1024 };

static struct entry *entry_at(const struct flow_table *table, size_t position)
{
	return (struct entry *)(void *)(table->entries + position * table->stride);
}

static struct flow_key_packet *packet_of(struct entry *entry)
{
	return (struct flow_key_packet *)(void *)(entry + 1);
}

/* The slot of an entry that the index does not hold yet. */
static struct slot *free_slot(struct slot *index, size_t mask, uint32_t tag)
{
	size_t i = tag & mask;

	while (index[i].position)
		i = (i + 1) & mask;
	return &index[i];
}

/* Makes room for at least twice the flows. Returns false, with nothing changed, when there is no memory. */
static bool grow(struct flow_table *table)
{
	size_t room = table->room ? table->room * 2 : FIRST_ROOM, mask = room * 2 - 1;
	unsigned char *entries;
	struct slot *index;

	index = calloc(mask + 1, sizeof(*index));
	if (!index)
		return false;
	entries = realloc(table->entries, room * table->stride);
	if (!entries) {
		free(index);
		return false;
	}
	for (size_t i = 0; table->index && i <= table->mask; i++)
		if (table->index[i].position)
			*free_slot(index, mask, table->index[i].tag) = table->index[i];
	free(table->index);
	table->entries = entries;
	table->index = index;
	table->room = room;
	table->mask = mask;
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
	table->stride = sizeof(struct entry) + (wide ? sizeof(struct flow_key_packet) : 0);
	if (!grow(table)) {
		free(table);
		return fail_memory(err, "flow table");
	}
	*out = table;
	return 0;
}

void flow_table_free(struct flow_table *table)
{
	if (!table)
		return;
	free(table->entries);
	free(table->index);
	free(table);
}

uint64_t flow_table_hash(const struct flow_table *table, const struct flow_key *key,
			 const struct flow_key_packet *packet)
{
	uint64_t hash = flow_hash(key, sizeof(*key), table->seed);

	return table->wide ? flow_hash(packet, sizeof(*packet), hash) : hash;
}

void flow_table_prefetch(const struct flow_table *table, uint64_t hash)
{
	__builtin_prefetch(&table->index[(uint32_t)hash & table->mask]);
}

static bool is_entry_of(const struct flow_table *table, struct entry *entry, const struct flow_key *key,
			const struct flow_key_packet *packet)
{
	return memcmp(&entry->key, key, sizeof(*key)) == 0 &&
	       (!table->wide || memcmp(packet_of(entry), packet, sizeof(*packet)) == 0);
}

static void add_sums(struct entry *entry, const struct flow_sums *sums)
{
	entry->packets += sums->packets;
	entry->bytes += sums->bytes;
	entry->tcp_flags |= sums->tcp_flags;
	if (sums->first < entry->first)
		entry->first = sums->first;
	if (sums->last > entry->last)
		entry->last = sums->last;
}

static void append(struct flow_table *table, struct slot *slot, uint32_t tag, const struct flow_key *key,
		   const struct flow_key_packet *packet, const struct flow_sums *sums)
{
	struct entry *entry = entry_at(table, table->count++);

	*entry = (struct entry){ *key, sums->tcp_flags, sums->packets, sums->bytes, sums->first, sums->last };
	if (table->wide)
		*packet_of(entry) = *packet;
	*slot = (struct slot){ tag, (uint32_t)table->count };
}

int flow_table_add(struct flow_table *table, uint64_t hash, const struct flow_key *key,
		   const struct flow_key_packet *packet, const struct flow_sums *sums)
{
	uint32_t tag = (uint32_t)hash;
	size_t i = tag & table->mask;

	for (; table->index[i].position; i = (i + 1) & table->mask) {
		struct entry *entry;

		if (table->index[i].tag != tag)
			continue;
		entry = entry_at(table, table->index[i].position - 1);
		if (is_entry_of(table, entry, key, packet)) {
			add_sums(entry, sums);
			return 0;
		}
	}
	if (table->count == table->most)
		return -ENOSPC;
	if (table->count == table->room) {
		if (!grow(table))
			return -ENOSPC;
		append(table, free_slot(table->index, table->mask, tag), tag, key, packet, sums);
		return 0;
	}
	append(table, &table->index[i], tag, key, packet, sums);
	return 0;
}

size_t flow_table_count(const struct flow_table *table)
{
	return table->count;
}

const struct flow_key *flow_table_key(const struct flow_table *table, size_t position)
{
	return &entry_at(table, position)->key;
}

const struct flow_key *flow_table_at(const struct flow_table *table, size_t position,
				     const struct flow_key_packet **packet, struct flow_sums *sums)
{
	struct entry *entry = entry_at(table, position);

	if (packet)
		*packet = table->wide ? packet_of(entry) : NULL;
	*sums = (struct flow_sums){ entry->packets, entry->bytes, entry->first, entry->last, entry->tcp_flags };
	return &entry->key;
}

/* Frees the slot of one entry. Slots before it on its way may be free already: its position tells it. */
static void free_slot_of(struct flow_table *table, size_t position)
{
	struct entry *entry = entry_at(table, position);
	size_t i = (uint32_t)flow_table_hash(table, &entry->key, table->wide ? packet_of(entry) : NULL) & table->mask;

	while (table->index[i].position != (uint32_t)position + 1)
		i = (i + 1) & table->mask;
	table->index[i] = (struct slot){ 0 };
}

void flow_table_clear(struct flow_table *table)
{
	/* After one crowded window the index stays large; a quiet one must not pay for it. */
	if (table->count < table->mask / 32) {
		for (size_t i = 0; i < table->count; i++)
			free_slot_of(table, i);
	} else {
		memset(table->index, 0, (table->mask + 1) * sizeof(*table->index));
	}
	table->count = 0;
}
