#include "compare/sums.h"

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

void compare_sums_add(struct compare_sums *to, const struct compare_sums *sums)
{
	to->packets = sum(to->packets, sums->packets);
	to->bytes = sum(to->bytes, sums->bytes);
}

struct compare_sums compare_sums_total(const struct compare_sums sums[static FLOW_REJECT + 1])
{
	struct compare_sums total = sums[FLOW_ACCEPT];

	compare_sums_add(&total, &sums[FLOW_REJECT]);
	return total;
}

uint64_t compare_sums_apart(uint64_t a, uint64_t b)
{
	return a < b ? b - a : a - b;
}

bool compare_sums_same(const struct compare_sums *a, const struct compare_sums *b,
		       const struct compare_tolerance *tolerance)
{
	uint64_t most = a->bytes < b->bytes ? b->bytes : a->bytes;

	/* Multiplied, not divided: 29 of 100 are 29 %, but a hundredth is no number of base 2. */
	return compare_sums_apart(a->packets, b->packets) <= tolerance->packets &&
	       (double)compare_sums_apart(a->bytes, b->bytes) * 100 <= tolerance->bytes * (double)most;
}
