/* logs/bits.h - numbers of so many bits, packed one behind the other, the lowest bit first. */
#ifndef ENIFLOW_LOGS_BITS_H
#define ENIFLOW_LOGS_BITS_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The number of `width` bits (0 to 64) that begins `bit` bits behind `at`. False: it reaches beyond `end`. */
static inline bool log_bits_get(const uint8_t *at, const uint8_t *end, uint64_t bit, unsigned width, uint64_t *out)
{
	size_t length = (size_t)(end - at), byte = (size_t)(bit / 8);
	unsigned shift = bit % 8;
	uint64_t word = 0;

	if ((uint64_t)length * 8 < bit + width)
		return false;
	if (length - byte >= sizeof(word))
		memcpy(&word, at + byte, sizeof(word));
	else if (width > 0)
		memcpy(&word, at + byte, length - byte);
	word = le64toh(word) >> shift;
	if (shift + width > 64)
		word |= (uint64_t)at[byte + 8] << (64 - shift);
	*out = width == 64 ? word : word & (((uint64_t)1 << width) - 1);
	return true;
}

#endif
