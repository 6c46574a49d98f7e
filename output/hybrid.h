/* output/hybrid.h - small numbers as runs: of one value many times, or of eight and eight packed bit by bit.
 *
 * Source: the Parquet format's RLE / bit-packing hybrid (Encodings, RLE = 3), which definition levels and the codes of
 * a dictionary are written in. */
#ifndef ENIFLOW_OUTPUT_HYBRID_H
#define ENIFLOW_OUTPUT_HYBRID_H

#include <stdint.h>

#include "output/buffer.h"

/* The bits that numbers below `count` need; 1 for none and for one, as some readers want. */
unsigned output_hybrid_width(uint32_t count);

/* Appends the numbers, each below 2^width; `width` is 1 to 32. */
void output_hybrid_put(struct output_buffer *out, const uint32_t *values, size_t count, unsigned width);

/* Appends one number so many times. */
void output_hybrid_repeat(struct output_buffer *out, uint32_t value, size_t count, unsigned width);

#endif
