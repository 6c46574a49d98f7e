#include "output/number.h"

#include <string.h>

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
			    "25262728293031323334353637383940414243444546474849"
			    "50515253545556575859606162636465666768697071727374"
			    "75767778798081828384858687888990919293949596979899";

static unsigned digits_of(uint64_t value)
{
	static const uint64_t powers[] = { 0,
					   10,
					   100,
					   1000,
					   10000,
					   100000,
					   1000000,
					   10000000,
					   100000000,
					   1000000000,
					   10000000000,
					   100000000000,
					   1000000000000,
					   10000000000000,
					   100000000000000,
					   1000000000000000,
					   10000000000000000,
					   100000000000000000,
					   1000000000000000000,
					   10000000000000000000U };
	/* log10 from log2, for 1233 / 4096 is nearly log10(2); one comparison puts it right. */
	unsigned guess = (64 - (unsigned)__builtin_clzll(value | 1)) * 1233 >> 12;

	return guess + (value >= powers[guess]);
}

char *output_number_unsigned(char *out, uint64_t value)
{
	char *end = out + digits_of(value), *at = end;

	for (; value >= 100; value /= 100)
		memcpy(at -= 2, pairs + value % 100 * 2, 2);
	if (value >= 10)
		memcpy(at - 2, pairs + value * 2, 2);
	else
		at[-1] = (char)('0' + value);
	return end;
}

char *output_number_signed(char *out, int64_t value)
{
	if (value >= 0)
		return output_number_unsigned(out, (uint64_t)value);
	*out = '-';
	return output_number_unsigned(out + 1, 0 - (uint64_t)value);
}
