/* logs/delta.h - whole numbers by what each is more than the one before.
 *
 * Source: "Delta Encoding" (DELTA_BINARY_PACKED) in Encodings.md of the Parquet format. */
#ifndef ENIFLOW_LOGS_DELTA_H
#define ENIFLOW_LOGS_DELTA_H

#include <stdbool.h>
#include <stdint.h>

struct log_delta {
	const uint8_t *at, *end; /* what is not read; in a miniblock: from its beginning on */
	const uint8_t *widths;   /* of the block's miniblocks, a byte each */
	uint64_t left;           /* numbers in all */
	uint64_t per_miniblock, miniblocks;
	uint64_t miniblock;      /* which of the block */
	uint64_t miniblock_left; /* numbers of it */
	uint64_t bit;            /* where the next one begins */
	uint64_t least;          /* what is added to each of the block */
	uint64_t value;          /* the next one; sums wrap, as the format has it */
	bool has_first;          /* it is the first, of which there is no difference */
};

/* Begins with the bytes at..end; false: they are none of it. */
bool log_delta_begin(struct log_delta *delta, const uint8_t *at, const uint8_t *end);

/* The next number; false: there is none. */
bool log_delta_next(struct log_delta *delta, int64_t *out);

/* Where all its numbers end, of which none was read; NULL: the bytes end before. */
const uint8_t *log_delta_end(const struct log_delta *delta);

#endif
