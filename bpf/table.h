/* bpf/table.h - the current table (bpf/flows.h): finding a flow's entry, and making one.
 *
 * An entry is written before the index has it, and stays where it is until the table is replaced; so it is found without a
 * lock. One is held for the few instructions that give out an element or a slot: kernels before 5.12 have no other way to
 * do so once. Of two processors that make an entry of the same flow one finds the slot taken, and gives its own up. */
#ifndef ENIFLOW_BPF_TABLE_H
#define ENIFLOW_BPF_TABLE_H

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include "bpf/flows.h"
#include "bpf/parse.h"

/* Of slots, at most half are taken: so many in a row are not. */
enum { PROBES_MOST = 64 };

/* A slot that was free may be another's a moment later; but not so often. */
enum { TRIES_MOST = 4 };

/* Whoever loads the programs gives a pattern of the true size. */
struct table {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, BPF_TABLE_ELEMENT);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__array(values, struct table);
} current SEC(".maps");

struct table_lock {
	struct bpf_spin_lock lock;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct table_lock);
} table_locks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} calls SEC(".maps");

typedef __u32 __attribute__((may_alias)) key_word;

static __always_inline void *current_table(void)
{
	const __u32 first = 0;

	return bpf_map_lookup_elem(&current, &first);
}

static __always_inline struct bpf_table *head_of(void *table)
{
	const __u32 first = 0;

	return bpf_map_lookup_elem(table, &first);
}

static __always_inline struct bpf_entry *entry_at(void *table, __u32 element)
{
	return bpf_map_lookup_elem(table, &element);
}

static __always_inline volatile __u32 *slot_at(void *table, __u32 slot)
{
	const __u32 element = 1 + slot / BPF_TABLE_SLOTS;
	struct bpf_index *index = bpf_map_lookup_elem(table, &element);

	return index ? &index->slots[slot % BPF_TABLE_SLOTS] : NULL;
}

/* ---- keys ---- */

enum { SOURCE = 3, DESTINATION = 7 }; /* words at which the addresses begin */

static __always_inline __u64 products(const struct bpf_table *head, const key_word *words, int begin, int end)
{
	__u64 sum = 0;

	for (int i = begin; i < end; i++)
		sum += head->secrets[i] * words[i];
	return sum;
}

/* The slot at which to look first. Sums of products with secret factors fall together no more often than chance has it,
 * whoever chooses the keys; but of keys in a row they are in a row themselves, so they are stirred once more. Of IPv4
 * addresses only the first words are not 0. */
static __always_inline __u32 slot_of(const struct bpf_table *head, const struct bpf_flow_key *key)
{
	const key_word *words = (const key_word *)key;
	__u64 sum = products(head, words, 0, SOURCE + 1) + products(head, words, DESTINATION, DESTINATION + 1);

	if (key->family == 6)
		sum += products(head, words, SOURCE + 1, DESTINATION) +
		       products(head, words, DESTINATION + 1, BPF_KEY_WORDS);
	if (with_macs)
		sum += products(head, words, BPF_KEY_WORDS, BPF_KEY_WORDS + BPF_MAC_WORDS);
	sum = (sum ^ sum >> 32) * 0x9e3779b97f4a7c15ULL;
	return (__u32)(sum >> 32) & head->mask;
}

/* Words in which the two differ, or-ed. */
static __always_inline __u32 difference(const __u32 *words, const key_word *others, int count)
{
	__u32 all = 0;

	for (int i = 0; i < count; i++)
		all |= words[i] ^ others[i];
	return all;
}

static __always_inline bool is_of(const struct bpf_entry *entry, const struct bpf_flow_key *key)
{
	const key_word *words = (const key_word *)key;
	__u32 all = difference(entry->head, words, BPF_HEAD_WORDS) | (entry->destination ^ words[DESTINATION]);

	if (key->family == 6)
		all |= difference(entry->source_rest, words + SOURCE + 1, BPF_ADDRESS_WORDS) |
		       difference(entry->destination_rest, words + DESTINATION + 1, BPF_ADDRESS_WORDS);
	if (with_macs)
		all |= difference(entry->macs, words + BPF_KEY_WORDS, BPF_MAC_WORDS);
	return all == 0;
}

static __always_inline void set_words(__u32 *to, const key_word *words, int count)
{
	for (int i = 0; i < count; i++)
		to[i] = words[i];
}

static __always_inline void set_key(struct bpf_entry *entry, const struct bpf_flow_key *key)
{
	const key_word *words = (const key_word *)key;

	set_words(entry->head, words, BPF_HEAD_WORDS);
	entry->destination = words[DESTINATION];
	set_words(entry->source_rest, words + SOURCE + 1, BPF_ADDRESS_WORDS);
	set_words(entry->destination_rest, words + DESTINATION + 1, BPF_ADDRESS_WORDS);
	if (with_macs)
		set_words(entry->macs, words + BPF_KEY_WORDS, BPF_MAC_WORDS);
}

/* ---- finding ---- */

/* The entry that a slot has; NULL: none. */
static __always_inline struct bpf_entry *entry_of(void *table, __u32 slot)
{
	volatile __u32 *taken = slot_at(table, slot);
	__u32 element = taken ? *taken : 0;

	return element ? entry_at(table, element) : NULL;
}

/* The entry if it is where it mostly is. */
static __always_inline struct bpf_entry *find_at(void *table, const struct bpf_flow_key *key, __u32 slot)
{
	struct bpf_entry *entry = entry_of(table, slot);

	return entry && is_of(entry, key) ? entry : NULL;
}

/* From `slot` on, the slot that has the entry or, if none has, is free. -1: there is neither. */
static __noinline __s64 probe(void *table, const struct bpf_flow_key *key, __u32 slot, __u32 mask)
{
	for (int i = 0; i < PROBES_MOST; i++) {
		struct bpf_entry *entry = entry_of(table, (slot + i) & mask);

		if (!entry || is_of(entry, key))
			return (slot + i) & mask;
	}
	return -1;
}

static __always_inline struct bpf_entry *find(void *table, const struct bpf_table *head, const struct bpf_flow_key *key)
{
	__u32 first = slot_of(head, key);
	struct bpf_entry *entry = find_at(table, key, first);
	__s64 slot;

	if (entry)
		return entry;
	slot = probe(table, key, first, head->mask);
	return slot < 0 ? NULL : entry_of(table, (__u32)slot);
}

/* ---- making ---- */

static __always_inline struct table_lock *lock_of_tables(void)
{
	const __u32 first = 0;

	return bpf_map_lookup_elem(&table_locks, &first);
}

/* An element that is no entry yet; 0: there is none. */
static __always_inline __u32 take_element(struct bpf_table *head, struct table_lock *lock)
{
	__u32 element = 0;

	if (head->next >= head->end)
		return 0;
	bpf_spin_lock(&lock->lock);
	if (head->next < head->end)
		element = head->next++;
	bpf_spin_unlock(&lock->lock);
	return element;
}

/* Puts an element into a slot. False: another has it. */
static __always_inline bool put_element(volatile __u32 *slot, __u32 element, struct table_lock *lock)
{
	bool is_free;

	bpf_spin_lock(&lock->lock);
	is_free = *slot == 0;
	if (is_free)
		*slot = element;
	bpf_spin_unlock(&lock->lock);
	return is_free;
}

static __always_inline void call_if_filling(const struct bpf_table *head, __u32 element)
{
	const __u32 call = 1;

	if (element == head->call_at)
		bpf_ringbuf_output(&calls, (void *)&call, sizeof(call), 0);
}

#endif
