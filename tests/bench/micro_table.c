#include "micro.h"

#include "flow/table.h"
#include "random.h"

enum { ADDS = 1 << 21, AHEAD = 64, MOST = 1 << 21, SEED = 1 };

struct adding {
	struct flow_table *table;
	uint32_t flows;
};

static struct flow_key key_of(uint32_t flow)
{
	struct flow_key key = {
		.source_port = (uint16_t)flow, .destination_port = 443, .protocol = 6, .family = FLOW_IPV4
	};
	uint64_t scatter = random_scatter(flow);

	memcpy(key.source.octets, &scatter, 4);
	memcpy(key.destination.octets, "\x0a\0\0\1", 4);
	return key;
}

static void count(struct flow_table *table, const struct flow_key *key, uint64_t hash, uint32_t guess)
{
	struct flow_entry *entry = flow_table_find(table, hash, guess, key);

	if (!entry)
		entry = flow_table_add(table, hash, key);
	if (!entry)
		micro_give_up("the flow table is full");
	entry->packets++;
	entry->bytes += 100;
}

/* Counts as the meter does: the hashes of a batch first, so that what the table will look at is under way. */
static void add_all(void *ctx)
{
	struct adding *adding = ctx;
	struct random random = random_of_seed(1);
	struct flow_key keys[AHEAD];
	uint64_t hashes[AHEAD];
	uint32_t guesses[AHEAD];

	for (uint32_t done = 0; done < ADDS; done += AHEAD) {
		for (int i = 0; i < AHEAD; i++) {
			keys[i] = key_of((uint32_t)((random_next(&random) >> 32) * adding->flows >> 32));
			hashes[i] = flow_key_hash(&keys[i], false, SEED);
			flow_table_prefetch(adding->table, hashes[i]);
		}
		for (int i = 0; i < AHEAD; i++)
			guesses[i] = flow_table_guess(adding->table, hashes[i]);
		for (int i = 0; i < AHEAD; i++)
			count(adding->table, &keys[i], hashes[i], guesses[i]);
	}
}

void micro_table(void)
{
	const struct {
		const char *name;
		uint32_t flows;
	} sizes[] = {
		{ "make a key, hash, fetch, add: 64 flows", 64 },
		{ "make a key, hash, fetch, add: 10,000 flows", 10000 },
		{ "make a key, hash, fetch, add: 1,000,000 flows", 1000000 },
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct adding adding = { .flows = sizes[i].flows };

		if (flow_table_new(&adding.table, MOST, false, SEED, NULL) < 0)
			micro_give_up("out of memory");
		micro_measure(sizes[i].name, add_all, &adding, ADDS);
		flow_table_free(adding.table);
	}
}
