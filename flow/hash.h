/* flow/hash.h - a seeded hash of short, fixed-size keys.
 *
 * Strangers choose what is hashed (addresses, ports), so the seed must be random and stay unknown to them. Two words
 * at a time are folded through a 64 x 64 -> 128 bit product, both sides masked by secret words. */
#ifndef ENIFLOW_FLOW_HASH_H
#define ENIFLOW_FLOW_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t flow_hash_fold(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t flow_hash_word(const unsigned char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* `size` is at least 16 and known at compile time in every hot call, so the loop unrolls. Bytes of the last two words
 * may be taken twice. The value differs between byte orders; nothing that is written depends on it. */
static inline uint64_t flow_hash(const void *key, size_t size, uint64_t seed)
{
	const unsigned char *at = key;
	uint64_t hash = seed ^ 0x9e3779b97f4a7c15U;

	for (size_t left = size; left > 16; left -= 16, at += 16)
		hash = flow_hash_fold(flow_hash_word(at) ^ hash, flow_hash_word(at + 8) ^ seed ^ 0xd1b54a32d192ed03U);
	at += size % 16 ? (ptrdiff_t)(size % 16) - 16 : 0;
	hash = flow_hash_fold(flow_hash_word(at) ^ hash, flow_hash_word(at + 8) ^ seed ^ 0xd1b54a32d192ed03U);
	return flow_hash_fold(hash ^ 0x2545f4914f6cdd1dU, hash ^ seed);
}

#endif
