/* bpf/fragments.h - what first fragments said, for the later ones: protocol and ports. As capture/fragments.h. */
#ifndef ENIFLOW_BPF_FRAGMENTS_H
#define ENIFLOW_BPF_FRAGMENTS_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/parse.h"

/* As struct capture_fragment_key (capture/fragments.h). */
struct fragment_key {
	__u8 source[16], destination[16];
	__u32 index;
	__u32 identification;
	__u8 family, protocol, zero[2];
};

struct fragment {
	__u64 time_ns;
	__be16 source_port, destination_port;
	__u8 protocol, zero[3];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct fragment_key);
	__type(value, struct fragment);
} first_fragments SEC(".maps");

static __always_inline void set_fragment_key(struct fragment_key *key, const struct walk *walk)
{
	__builtin_memset(key, 0, sizeof(*key));
	__builtin_memcpy(key->source, walk->key.source, 16);
	__builtin_memcpy(key->destination, walk->key.destination, 16);
	key->index = walk->key.index;
	key->identification = walk->identification;
	key->family = walk->key.family;
	key->protocol = walk->fragment_protocol;
}

static __noinline void remember(const struct walk *walk, __u64 now_ns)
{
	struct fragment_key key;
	const struct fragment first = {
		.time_ns = now_ns,
		.source_port = walk->key.source_port,
		.destination_port = walk->key.destination_port,
		.protocol = walk->key.protocol,
	};

	set_fragment_key(&key, walk);
	bpf_map_update_elem(&first_fragments, &key, &first, BPF_ANY);
}

static __noinline void recall(struct walk *walk, __u64 now_ns)
{
	const __u64 age_most_ns = 30ULL * 1000000000;
	struct fragment_key key;
	struct fragment *first;

	set_fragment_key(&key, walk);
	first = bpf_map_lookup_elem(&first_fragments, &key);
	if (!first || now_ns - first->time_ns > age_most_ns)
		return;
	walk->key.source_port = first->source_port;
	walk->key.destination_port = first->destination_port;
	walk->key.protocol = first->protocol;
}

/* ---- frames ---- */

/* Remembers a first fragment; gives a later one what its first said. */
static __always_inline void follow_fragments(struct walk *walk, __u64 now_ns)
{
	if (walk->part == PART_FIRST)
		remember(walk, now_ns);
	else if (walk->part == PART_LATER)
		recall(walk, now_ns);
}

#endif
