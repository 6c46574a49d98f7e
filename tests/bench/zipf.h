/* tests/bench/zipf.h - draws ranks with Zipf's law: rank k (from 0) with a probability proportional to 1 / (k + 1)^s.
 *
 * An alias table (Walker's, built as Vose does): every slot holds one rank and, above a threshold, a second one, so
 * that a draw costs one random number and one look into memory for any number of ranks. Thresholds have 32 bits: a
 * rank's probability is off by less than 2^-32 of a slot. */
#ifndef ENIFLOW_BENCH_ZIPF_H
#define ENIFLOW_BENCH_ZIPF_H

#include <stdint.h>

struct zipf_slot {
	uint32_t threshold, alias;
};

struct zipf {
	struct zipf_slot *slots;
	uint32_t count;
};

/* `count` is at least 1; an exponent of 0 makes all ranks alike. Returns 0, or -ENOMEM. End with zipf_finish(). */
int zipf_init(struct zipf *zipf, uint32_t count, double exponent);
void zipf_finish(struct zipf *zipf);

/* The upper half of `number` chooses the slot, the lower half which of its two ranks. */
static inline uint32_t zipf_slot_of(const struct zipf *zipf, uint64_t number)
{
	return (uint32_t)((number >> 32) * zipf->count >> 32);
}

static inline uint32_t zipf_rank(const struct zipf *zipf, uint64_t number)
{
	uint32_t slot = zipf_slot_of(zipf, number);

	return (uint32_t)number < zipf->slots[slot].threshold ? slot : zipf->slots[slot].alias;
}

#endif
