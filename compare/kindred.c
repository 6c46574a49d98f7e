#include "compare/kindred.h"

#include <stdlib.h>

#include "flow/hash.h"

enum { SIDES = 2 };

/* What flows have in common, as a number; two that have not may share one. */
struct compare_likeness {
	uint64_t hash;
	uint32_t flow;
};

struct list {
	struct compare_likeness *items; /* by hash, then flow; NULL: not asked for yet */
	size_t count;
};

struct compare_kindred {
	const struct compare_ledger *ledgers[SIDES];
	struct list lists[SIDES][COMPARE_KINSHIPS];
};

int compare_kindred_new(struct compare_kindred **out, const struct compare_ledger *const ledgers[static 2],
			struct error *err)
{
	struct compare_kindred *kindred = calloc(1, sizeof(*kindred));

	if (!kindred)
		return fail_memory(err, "flows that are akin");
	for (size_t side = 0; side < SIDES; side++)
		kindred->ledgers[side] = ledgers[side];
	*out = kindred;
	return 0;
}

void compare_kindred_free(struct compare_kindred *kindred)
{
	if (!kindred)
		return;
	for (size_t side = 0; side < SIDES; side++)
		for (size_t i = 0; i < COMPARE_KINSHIPS; i++)
			free(kindred->lists[side][i].items);
	free(kindred);
}

/* The key without what kin need not have in common. */
static struct compare_key common(const struct compare_key *key, enum compare_kinship kinship)
{
	struct compare_key kept = *key;

	if (kinship == COMPARE_SAME_SOURCE)
		kept.destination = (struct flow_address){ 0 };
	else if (kinship == COMPARE_SAME_DESTINATION)
		kept.source = (struct flow_address){ 0 };
	else if (kinship == COMPARE_SAME_ADDRESSES)
		kept.source_port = kept.destination_port = 0;
	else
		kept.interface = 0;
	return kept;
}

/* The seed is fixed: like hashes cost a longer walk, and change nothing else. */
static uint64_t hash_of(const struct compare_key *key, enum compare_kinship kinship)
{
	struct compare_key kept = common(key, kinship);

	return flow_hash(&kept, sizeof(kept), kinship);
}

static int by_hash(const void *a, const void *b)
{
	const struct compare_likeness *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->flow < y->flow ? -1 : x->flow > y->flow;
}

/* NULL: out of memory. */
static struct compare_likeness *build(const struct compare_ledger *ledger, enum compare_kinship kinship)
{
	struct compare_likeness *items = malloc((ledger->flow_count + 1) * sizeof(*items));

	if (!items)
		return NULL;
	for (size_t i = 0; i < ledger->flow_count; i++)
		items[i] = (struct compare_likeness){ hash_of(&ledger->flows[i].key, kinship), (uint32_t)i };
	qsort(items, ledger->flow_count, sizeof(*items), by_hash);
	return items;
}

/* The first item of that hash or a greater one. */
static const struct compare_likeness *lower_bound(const struct list *list, uint64_t hash)
{
	const struct compare_likeness *low = list->items;
	size_t count = list->count;

	while (count > 0) {
		size_t half = count / 2;

		if (low[half].hash < hash) {
			low += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return low;
}

int compare_kindred_find(struct compare_kindred *kindred, unsigned side, enum compare_kinship kinship,
			 const struct compare_key *key, struct compare_kin *out, struct error *err)
{
	struct list *list = &kindred->lists[side][kinship];
	uint64_t hash = hash_of(key, kinship);

	if (!list->items) {
		list->items = build(kindred->ledgers[side], kinship);
		list->count = list->items ? kindred->ledgers[side]->flow_count : 0;
	}
	if (!list->items)
		return fail_memory(err, "flows that are akin");
	*out = (struct compare_kin){
		.key = common(key, kinship),
		.ledger = kindred->ledgers[side],
		.at = lower_bound(list, hash),
		.end = list->items + list->count,
		.hash = hash,
		.kinship = kinship,
	};
	return 0;
}

const struct compare_flow *compare_kin_next(struct compare_kin *kin)
{
	for (; kin->at < kin->end && kin->at->hash == kin->hash; kin->at++) {
		const struct compare_flow *flow = &kin->ledger->flows[kin->at->flow];
		const struct compare_key kept = common(&flow->key, kin->kinship);

		if (memcmp(&kept, &kin->key, sizeof(kept)) != 0)
			continue;
		kin->at++;
		return flow;
	}
	return NULL;
}
