/* compare/sums.h - packets and bytes, added up and held against each other.
 *
 * Counters are what somebody wrote into a file: sums stop at the greatest number, so that none of them ever comes out
 * small again and agrees. */
#ifndef ENIFLOW_COMPARE_SUMS_H
#define ENIFLOW_COMPARE_SUMS_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/record.h"

struct compare_sums {
	uint64_t packets, bytes;
};

/* What may differ and still be the same. */
struct compare_tolerance {
	uint64_t packets; /* so many more or less */
	double bytes;     /* percent of the greater sum */
};

void compare_sums_add(struct compare_sums *to, const struct compare_sums *sums);

/* Of all actions. */
struct compare_sums compare_sums_total(const struct compare_sums sums[static FLOW_REJECT + 1]);

/* How far two numbers are apart. */
uint64_t compare_sums_apart(uint64_t a, uint64_t b);

/* Are both, packets and bytes, the same? A difference of just what is tolerated is. */
bool compare_sums_same(const struct compare_sums *a, const struct compare_sums *b,
		       const struct compare_tolerance *tolerance);

#endif
