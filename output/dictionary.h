/* output/dictionary.h - the distinct values of a column, numbered by first appearance.
 *
 * Strangers choose the values, so the hash is seeded at random; the codes do not depend on it. Numbers and bytes do not
 * meet in one dictionary. */
#ifndef ENIFLOW_OUTPUT_DICTIONARY_H
#define ENIFLOW_OUTPUT_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

#include "output/buffer.h"

/* No code: there is no value; no memory. */
enum { OUTPUT_DICTIONARY_NONE = -1, OUTPUT_DICTIONARY_MEMORY = -2 };

struct output_dictionary_slot;

/* Zeroed but for the seed, it is empty. The first `count` values are those with codes 0 to count - 1. */
struct output_dictionary {
	uint64_t seed;
	uint32_t count, mask;
	struct output_dictionary_slot *slots;
	struct output_buffer numbers; /* int64_t each */
	struct output_buffer bytes;   /* one value behind another */
	struct output_buffer ends;    /* uint32_t each: where in `bytes` it ends */
};

/* The value's code, which is a new one if it is new; at most 2^30 codes. OUTPUT_DICTIONARY_MEMORY where there is no
 * room for it. */
int32_t output_dictionary_number(struct output_dictionary *dictionary, int64_t value);
int32_t output_dictionary_bytes(struct output_dictionary *dictionary, const void *value, size_t length);

static inline int64_t output_dictionary_number_at(const struct output_dictionary *dictionary, uint32_t code)
{
	return ((const int64_t *)(const void *)dictionary->numbers.bytes)[code];
}

const char *output_dictionary_bytes_at(const struct output_dictionary *dictionary, uint32_t code, size_t *length);

/* Gives the memory back; the dictionary is empty then. */
void output_dictionary_clear(struct output_dictionary *dictionary);

#endif
