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

/* `size` is at least 16 and known at compile time in every hot call, so the loop unrolls. Bytes of the last two words
 * may be taken twice. The value differs between byte orders; nothing that is written depends on it. */
static inline uint64_t flow_hash(const void *key, size_t size, uint64_t seed)
{
	const unsigned char *at = key, *last = at + size - 16;
	uint64_t hash = seed ^ 0x9e3779b97f4a7c15U, a, b;

	for (;; at += 16) {
		at = at < last ? at : last;
		memcpy(&a, at, 8);
		memcpy(&b, at + 8, 8);
		hash = flow_hash_fold(a ^ hash, b ^ seed ^ 0xd1b54a32d192ed03U);
		if (at == last)
			break;
	}
	return flow_hash_fold(hash ^ 0x2545f4914f6cdd1dU, hash ^ seed);
}

#endif
