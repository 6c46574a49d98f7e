#include "cli/count.h"

#include <stddef.h>

const char *count_text(uint64_t number, char out[static COUNT_SIZE])
{
	char reversed[COUNT_SIZE];
	size_t length = 0;

	for (size_t digits = 0; digits == 0 || number > 0; digits++, number /= 10) {
		if (digits > 0 && digits % 3 == 0)
			reversed[length++] = ',';
		reversed[length++] = (char)('0' + number % 10);
	}
	for (size_t i = 0; i < length; i++)
		out[i] = reversed[length - 1 - i];
	out[length] = '\0';
	return out;
}
