/* flow/bisect.h - where a number belongs among sorted ones, without a branch that could be guessed wrong.
 *
 * Each function gives the place of the last number that is no greater than `wanted`; 0 when the first one is greater
 * already. `count` is 1 at least. */
#ifndef ENIFLOW_FLOW_BISECT_H
#define ENIFLOW_FLOW_BISECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All ones if `condition`, else 0. Compilers see through most ways to write it, and then branch. */
static inline size_t flow_bisect_mask(bool condition)
{
	size_t mask = -(size_t)condition;

	__asm__("" : "+r"(mask));
	return mask;
}

/* Brings sorted numbers into the cache, unless there are many: each step of a search waits for the one before, but all
 * lines of memory can come at once. */
static inline void flow_bisect_prefetch(const void *numbers, size_t size)
{
	enum { LINE = 64, MOST = 8 };

	for (size_t at = 0; at < size && at < (size_t)MOST * LINE; at += LINE)
		__builtin_prefetch((const char *)numbers + at);
}

static inline size_t flow_bisect_16(const uint16_t *numbers, size_t count, uint16_t wanted)
{
	const uint16_t *at = numbers;

	for (size_t half; count > 1; count -= half) {
		half = count / 2;
		at += half & flow_bisect_mask(at[half] <= wanted);
	}
	return (size_t)(at - numbers);
}

static inline size_t flow_bisect_32(const uint32_t *numbers, size_t count, uint32_t wanted)
{
	const uint32_t *at = numbers;

	for (size_t half; count > 1; count -= half) {
		half = count / 2;
		at += half & flow_bisect_mask(at[half] <= wanted);
	}
	return (size_t)(at - numbers);
}

static inline size_t flow_bisect_64(const uint64_t *numbers, size_t count, uint64_t wanted)
{
	const uint64_t *at = numbers;

	for (size_t half; count > 1; count -= half) {
		half = count / 2;
		at += half & flow_bisect_mask(at[half] <= wanted);
	}
	return (size_t)(at - numbers);
}

#endif
