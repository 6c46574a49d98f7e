/* output/number.h - integers as decimal digits, without printf. */
#ifndef ENIFLOW_OUTPUT_NUMBER_H
#define ENIFLOW_OUTPUT_NUMBER_H

#include <stdint.h>

enum {
	OUTPUT_NUMBER_MOST = 20, /* digits of the greatest uint64_t; sign and digits of the least int64_t */
	OUTPUT_NUMBER_ROOM = 22  /* the room that each needs: so far, what is behind the digits may be overwritten */
};

/* Write the digits and return where they end; no end mark. */
char *output_number_unsigned(char *out, uint64_t value);
char *output_number_signed(char *out, int64_t value);

#endif
