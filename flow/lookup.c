#include "flow/lookup.h"

#include <stdlib.h>

enum { FIRST_ROOM = 4, FIRST_SLOTS = 32, SLOTS_PER_KEY = 8, ENTRY_SIZE = 32 };
_Static_assert(sizeof(struct flow_lookup_entry) == ENTRY_SIZE, "no entry is on two lines of the cache");

/* The slot of the key, or the free one where it belongs. */
static uint32_t *slot_of(const struct flow_lookup *lookup, const struct flow_lookup_key *key)
{
	uint64_t hash = flow_lookup_hash(key);
	uint32_t *slot;

	do
		slot = &lookup->index[hash++ & lookup->mask];
	while (*slot && !flow_lookup_equal(&lookup->entries[*slot].key, key));
	return slot;
}

/* Both make room for one more, or return false with nothing changed when there is no memory. */
static bool room_for_entry(struct flow_lookup *lookup)
{
	size_t room = lookup->room ? 2 * lookup->room : FIRST_ROOM;
	struct flow_lookup_entry *entries;

	if (lookup->count < lookup->room)
		return true;
	entries = aligned_alloc(ENTRY_SIZE, room * sizeof(*entries));
	if (!entries)
		return false;
	if (lookup->entries)
		memcpy(entries, lookup->entries, lookup->count * sizeof(*entries));
	free(lookup->entries);
	lookup->entries = entries;
	lookup->room = room;
	return true;
}

static bool room_for_key(struct flow_lookup *lookup)
{
	size_t slots = lookup->index ? 2 * (lookup->mask + 1) : FIRST_SLOTS;
	struct flow_lookup grown = *lookup;

	if (lookup->index && SLOTS_PER_KEY * (lookup->keys + 1) <= lookup->mask + 1)
		return true;
	grown.mask = slots - 1;
	grown.index = calloc(slots, sizeof(*grown.index));
	if (!grown.index)
		return false;
	for (size_t i = 0; lookup->index && i <= lookup->mask; i++)
		if (lookup->index[i])
			*slot_of(&grown, &grown.entries[lookup->index[i]].key) = lookup->index[i];
	free(lookup->index);
	lookup->index = grown.index;
	lookup->mask = grown.mask;
	return true;
}

int flow_lookup_new(struct flow_lookup **out, struct error *err)
{
	struct flow_lookup *lookup = calloc(1, sizeof(*lookup));

	if (!lookup || !room_for_entry(lookup) || !room_for_key(lookup)) {
		flow_lookup_free(lookup);
		return fail_memory(err, "interfaces");
	}
	lookup->entries[lookup->count++] = (struct flow_lookup_entry){ 0 };
	*out = lookup;
	return 0;
}

void flow_lookup_free(struct flow_lookup *lookup)
{
	if (!lookup)
		return;
	free(lookup->entries);
	free(lookup->index);
	free(lookup);
}

int flow_lookup_add(struct flow_lookup *lookup, const struct flow_lookup_key *key, uint32_t number, struct error *err)
{
	uint32_t *slot;

	if (!room_for_entry(lookup) || !room_for_key(lookup))
		return fail_memory(err, "interfaces");
	slot = slot_of(lookup, key);
	if (lookup->entries[*slot].number == number)
		return 0;
	lookup->keys += *slot == 0;
	lookup->entries[lookup->count] = (struct flow_lookup_entry){ *key, number, *slot };
	*slot = (uint32_t)lookup->count++;
	return 0;
}
