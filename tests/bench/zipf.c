#include "zipf.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Chances of the ranks, so scaled that their mean is 1. */
static double *chances(uint32_t count, double exponent)
{
	double *chance = malloc(count * sizeof(*chance)), sum = 0;

	if (!chance)
		return NULL;
	for (uint32_t i = 0; i < count; i++)
		sum += chance[i] = pow(i + 1.0, -exponent);
	for (uint32_t i = 0; i < count; i++)
		chance[i] *= count / sum;
	return chance;
}

static uint32_t threshold_of(double chance)
{
	return chance >= 1 ? UINT32_MAX : (uint32_t)(chance * 4294967296.0);
}

/* A rank under the mean leaves room in its slot, which one over the mean fills, until all slots are full. `open` holds
 * the ranks in waiting: those under the mean from its front, those over it from its back. */
static void fill(struct zipf *zipf, double *chance, uint32_t *open)
{
	uint32_t under = 0, over = zipf->count;

	for (uint32_t i = 0; i < zipf->count; i++) {
		zipf->slots[i] = (struct zipf_slot){ UINT32_MAX, i };
		if (chance[i] < 1)
			open[under++] = i;
		else
			open[--over] = i;
	}
	while (under > 0 && over < zipf->count) {
		uint32_t small = open[--under], large = open[over];

		zipf->slots[small] = (struct zipf_slot){ threshold_of(chance[small]), large };
		chance[large] -= 1 - chance[small];
		if (chance[large] < 1) {
			over++;
			open[under++] = large;
		}
	}
}

int zipf_init(struct zipf *zipf, uint32_t count, double exponent)
{
	double *chance = chances(count, exponent);
	uint32_t *open = malloc(count * sizeof(*open));

	*zipf = (struct zipf){ malloc(count * sizeof(*zipf->slots)), count };
	if (chance && open && zipf->slots)
		fill(zipf, chance, open);
	else
		zipf_finish(zipf);
	free(chance);
	free(open);
	return zipf->slots ? 0 : -ENOMEM;
}

void zipf_finish(struct zipf *zipf)
{
	free(zipf->slots);
	*zipf = (struct zipf){ 0 };
}
