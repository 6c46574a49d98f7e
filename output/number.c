#include "output/number.h"

#include <endian.h>
#include <string.h>

#include "flow/apart.h"

enum { MILLION = 1000000 };

/* The three digits of 0 to 999, as numbers, the first in the lowest byte. */
#define DIGITS(hundreds, tens, ones) ((hundreds) | (tens) << 8 | (ones) << 16)
#define TEN(hundreds, tens)                                                                                            \
	DIGITS(hundreds, tens, 0), DIGITS(hundreds, tens, 1), DIGITS(hundreds, tens, 2), DIGITS(hundreds, tens, 3),    \
		DIGITS(hundreds, tens, 4), DIGITS(hundreds, tens, 5), DIGITS(hundreds, tens, 6),                       \
		DIGITS(hundreds, tens, 7), DIGITS(hundreds, tens, 8), DIGITS(hundreds, tens, 9)
#define HUNDRED(hundreds)                                                                                              \
	TEN(hundreds, 0), TEN(hundreds, 1), TEN(hundreds, 2), TEN(hundreds, 3), TEN(hundreds, 4), TEN(hundreds, 5),    \
		TEN(hundreds, 6), TEN(hundreds, 7), TEN(hundreds, 8), TEN(hundreds, 9)
static const uint32_t triples[] = { HUNDRED(0), HUNDRED(1), HUNDRED(2), HUNDRED(3), HUNDRED(4),
				    HUNDRED(5), HUNDRED(6), HUNDRED(7), HUNDRED(8), HUNDRED(9) };

/* The same for six digits. */
static uint64_t six_digits(uint32_t value)
{
	uint32_t thousands = value / 1000;

	return triples[thousands] | (uint64_t)triples[value - thousands * 1000] << 24;
}

/* As text, with two bytes more behind it. */
static void store(char *out, uint64_t digits)
{
	digits = htole64(digits | UINT64_C(0x3030303030303030));
	memcpy(out, &digits, sizeof(digits));
}

/* A value below a million. Nothing branches on how many digits it has: leading zeros, of which the last digit is none,
 * are shifted out. */
static char *put_small(char *out, uint32_t value)
{
	uint64_t digits = six_digits(value);
	uint64_t zeros = (uint64_t)__builtin_ctzll(digits | UINT64_C(1) << 40) & 0x38; /* bits of them */

	store(out, digits >> zeros);
	return out + 6 - zeros / 8;
}

/* Kept apart from what is common, which would otherwise save registers for it. */
ENIFLOW_APART static char *put_large(char *out, uint64_t value)
{
	out = output_number_unsigned(out, value / MILLION);
	store(out, six_digits((uint32_t)(value % MILLION)));
	return out + 6;
}

char *output_number_unsigned(char *out, uint64_t value)
{
	return value < MILLION ? put_small(out, (uint32_t)value) : put_large(out, value);
}

char *output_number_signed(char *out, int64_t value)
{
	if (value >= 0)
		return output_number_unsigned(out, (uint64_t)value);
	*out = '-';
	return output_number_unsigned(out + 1, 0 - (uint64_t)value);
}
