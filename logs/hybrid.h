/* logs/hybrid.h - numbers in runs, of one value or bit-packed: Parquet's levels and the places in its dictionaries.
 *
 * Source: "Run Length Encoding / Bit-Packing Hybrid" in Encodings.md of the Parquet format. */
#ifndef ENIFLOW_LOGS_HYBRID_H
#define ENIFLOW_LOGS_HYBRID_H

#include "logs/bits.h"

enum { LOG_HYBRID_WIDEST = 32 };

struct log_hybrid {
	const uint8_t *at, *end; /* what is not read; of a packed run: from its beginning on */
	unsigned width;          /* bits of a number, 0 to LOG_HYBRID_WIDEST */
	uint64_t left;           /* numbers of the run */
	uint64_t bit;            /* of a packed run: where the next one begins */
	bool is_packed;
	uint32_t value; /* of the other kind */
};

/* Begins with the bytes at..end. */
void log_hybrid_begin(struct log_hybrid *hybrid, const uint8_t *at, const uint8_t *end, unsigned width);

/* Begins the next run, whose numbers are `left`; false: the bytes end, or are none of it. */
bool log_hybrid_run(struct log_hybrid *hybrid);

/* The next number; false: as above. */
static inline bool log_hybrid_next(struct log_hybrid *hybrid, uint32_t *out)
{
	uint64_t value;

	while (hybrid->left == 0)
		if (!log_hybrid_run(hybrid))
			return false;
	hybrid->left--;
	*out = hybrid->value;
	if (!hybrid->is_packed)
		return true;
	if (!log_bits_get(hybrid->at, hybrid->end, hybrid->bit, hybrid->width, &value))
		return false;
	hybrid->bit += hybrid->width;
	*out = (uint32_t)value;
	return true;
}

#endif
