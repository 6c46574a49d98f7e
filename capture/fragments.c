#include "capture/fragments.h"

#include <stdlib.h>
#include <string.h>

#include "flow/hash.h"

enum { BUCKETS = CAPTURE_FRAGMENTS_MOST }; /* a power of two */

static const int64_t age_most_ns = INT64_C(30) * 1000000000;

_Static_assert(sizeof(struct capture_fragment_key) == 44, "keys are compared as bytes: no padding");

struct entry {
	struct capture_fragment_key key;
	struct capture_fragment first;
	uint32_t older,
		newer; /* by age, as a ring that entry 0 closes: its `newer` is the oldest, its `older` the newest */
	uint32_t next; /* in the same bucket; 0: none */
};

struct capture_fragments {
	uint64_t seed;
	uint32_t used;
	uint32_t buckets[BUCKETS]; /* the first entry of each; 0: none */
	struct entry entries[CAPTURE_FRAGMENTS_MOST + 1];
};

int capture_fragments_new(struct capture_fragments **out, uint64_t seed, struct error *err)
{
	/* All zero is empty, and memory that is not touched is not taken from the system: most captures have no
	 * fragments. */
	struct capture_fragments *fragments = calloc(1, sizeof(*fragments));

	if (!fragments)
		return fail_memory(err, "memory of first fragments");
	fragments->seed = seed;
	*out = fragments;
	return 0;
}

void capture_fragments_free(struct capture_fragments *fragments)
{
	free(fragments);
}

static uint32_t bucket_of(const struct capture_fragments *fragments, const struct capture_fragment_key *key)
{
	return (uint32_t)flow_hash(key, sizeof(*key), fragments->seed) % BUCKETS;
}

/* The entry of that key in a bucket; 0: none. */
static uint32_t find(const struct capture_fragments *fragments, uint32_t bucket, const struct capture_fragment_key *key)
{
	uint32_t at = fragments->buckets[bucket];

	while (at && memcmp(&fragments->entries[at].key, key, sizeof(*key)) != 0)
		at = fragments->entries[at].next;
	return at;
}

static void leave_ages(struct entry *entries, uint32_t at)
{
	entries[entries[at].older].newer = entries[at].newer;
	entries[entries[at].newer].older = entries[at].older;
}

static void enter_as_newest(struct entry *entries, uint32_t at)
{
	entries[at].older = entries[0].older;
	entries[at].newer = 0;
	entries[entries[0].older].newer = at;
	entries[0].older = at;
}

static void leave_bucket(struct capture_fragments *fragments, uint32_t at)
{
	uint32_t *link = &fragments->buckets[bucket_of(fragments, &fragments->entries[at].key)];

	while (*link != at)
		link = &fragments->entries[*link].next;
	*link = fragments->entries[at].next;
}

/* An entry to fill: an unused one, or else the oldest, which goes. */
static uint32_t take_entry(struct capture_fragments *fragments)
{
	uint32_t oldest = fragments->entries[0].newer;

	if (fragments->used < CAPTURE_FRAGMENTS_MOST)
		return ++fragments->used;
	leave_bucket(fragments, oldest);
	leave_ages(fragments->entries, oldest);
	return oldest;
}

void capture_fragments_put(struct capture_fragments *fragments, const struct capture_fragment_key *key,
			   const struct capture_fragment *first)
{
	const uint32_t bucket = bucket_of(fragments, key);
	uint32_t at = find(fragments, bucket, key);

	if (at) {
		leave_ages(fragments->entries, at);
	} else {
		at = take_entry(fragments);
		fragments->entries[at].key = *key;
		fragments->entries[at].next = fragments->buckets[bucket];
		fragments->buckets[bucket] = at;
	}
	fragments->entries[at].first = *first;
	enter_as_newest(fragments->entries, at);
}

const struct capture_fragment *capture_fragments_get(const struct capture_fragments *fragments,
						     const struct capture_fragment_key *key, int64_t time_ns)
{
	const uint32_t at = find(fragments, bucket_of(fragments, key), key);

	if (!at || time_ns - fragments->entries[at].first.time_ns > age_most_ns)
		return NULL;
	return &fragments->entries[at].first;
}
