#include "capture/tally.h"

#include <stdlib.h>

#include "flow/hash.h"

_Static_assert(sizeof(struct capture_tally_key) == 48, "no padding: compared and hashed as bytes");

struct capture_tally {
	struct capture_tally_entry *entries;
	size_t count, most;
	uint32_t *index; /* position of the entry plus 1; 0: free */
	size_t mask;     /* slots - 1; slots are a power of two and at least twice `most` */
	uint64_t seed, forgotten;
};

int capture_tally_new(struct capture_tally **out, size_t most, uint64_t seed, struct error *err)
{
	struct capture_tally *tally = calloc(1, sizeof(*tally));
	size_t slots = 4;

	if (!tally)
		return fail_memory(err, "tally");
	while (slots < 2 * most)
		slots *= 2;
	tally->entries = calloc(most, sizeof(*tally->entries));
	tally->index = calloc(slots, sizeof(*tally->index));
	tally->most = most;
	tally->mask = slots - 1;
	tally->seed = seed;
	if (!tally->entries || !tally->index) {
		capture_tally_free(tally);
		return fail_memory(err, "tally");
	}
	*out = tally;
	return 0;
}

void capture_tally_free(struct capture_tally *tally)
{
	if (!tally)
		return;
	free(tally->entries);
	free(tally->index);
	free(tally);
}

static uint64_t seen(const struct capture_tally_entry *entry)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < CAPTURE_TALLY_COUNTS; i++)
		sum += entry->counts[i];
	return sum;
}

/* Those seen most first; among equals the bytes of the key decide, so that the order is always the same. */
static int by_seen(const void *a, const void *b)
{
	const struct capture_tally_entry *one = a, *other = b;
	uint64_t one_seen = seen(one), other_seen = seen(other);

	if (one_seen != other_seen)
		return one_seen > other_seen ? -1 : 1;
	return memcmp(&one->key, &other->key, sizeof(one->key));
}

static int by_group(const void *a, const void *b)
{
	const struct capture_tally_entry *one = a, *other = b;

	if (one->key.group != other->key.group)
		return one->key.group < other->key.group ? -1 : 1;
	return by_seen(a, b);
}

/* The slot of that key, or the free one where it would go. */
static uint32_t *slot_of(const struct capture_tally *tally, const struct capture_tally_key *key)
{
	for (uint64_t i = flow_hash(key, sizeof(*key), tally->seed);; i++) {
		uint32_t *slot = &tally->index[i & tally->mask];

		if (*slot == 0 || memcmp(&tally->entries[*slot - 1].key, key, sizeof(*key)) == 0)
			return slot;
	}
}

static void forget_half(struct capture_tally *tally)
{
	size_t keep = tally->most / 2;

	qsort(tally->entries, tally->count, sizeof(*tally->entries), by_seen);
	tally->forgotten += tally->count - keep;
	tally->count = keep;
	memset(tally->index, 0, (tally->mask + 1) * sizeof(*tally->index));
	for (size_t i = 0; i < keep; i++)
		*slot_of(tally, &tally->entries[i].key) = (uint32_t)i + 1;
}

uint64_t *capture_tally_at(struct capture_tally *tally, const struct capture_tally_key *key)
{
	uint32_t *slot = slot_of(tally, key);

	if (*slot == 0) {
		if (tally->count == tally->most) {
			forget_half(tally);
			slot = slot_of(tally, key);
		}
		tally->entries[tally->count] = (struct capture_tally_entry){ .key = *key };
		*slot = (uint32_t)++tally->count;
	}
	return tally->entries[*slot - 1].counts;
}

uint64_t capture_tally_forgotten(const struct capture_tally *tally)
{
	return tally->forgotten;
}

void capture_tally_sort(struct capture_tally *tally)
{
	qsort(tally->entries, tally->count, sizeof(*tally->entries), by_group);
}

/* Where the entries of groups from `group` on begin. */
static size_t group_begin(const struct capture_tally *tally, uint64_t group)
{
	size_t low = 0, high = tally->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (tally->entries[middle].key.group < group)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct capture_tally_entry *capture_tally_group(const struct capture_tally *tally, uint32_t group, size_t *count)
{
	size_t begin = group_begin(tally, group);

	*count = group_begin(tally, (uint64_t)group + 1) - begin;
	return tally->entries + begin;
}
