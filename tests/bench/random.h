/* tests/bench/random.h - random numbers that are the same everywhere for a seed.
 *
 * xoshiro256** (Blackman and Vigna) for streams, splitmix64 to seed it and to turn an index into scattered bits. */
#ifndef ENIFLOW_BENCH_RANDOM_H
#define ENIFLOW_BENCH_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t s[4];
};

/* The index-th output of splitmix64; a bijection of 64 bits. */
static inline uint64_t random_scatter(uint64_t index)
{
	uint64_t z = (index + 1) * 0x9e3779b97f4a7c15U;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

static inline struct random random_of_seed(uint64_t seed)
{
	struct random random;

	for (uint64_t i = 0; i < 4; i++)
		random.s[i] = random_scatter(seed * 4 + i);
	return random;
}

static inline uint64_t random_turn(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline uint64_t random_next(struct random *random)
{
	uint64_t *s = random->s, result = random_turn(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = random_turn(s[3], 45);
	return result;
}

#endif
