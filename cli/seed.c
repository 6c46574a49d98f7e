#include "cli/seed.h"

#include <sys/random.h>

int seed_random(uint64_t *seed, struct error *err)
{
	if (getrandom(seed, sizeof(*seed), 0) != (ssize_t)sizeof(*seed))
		return fail_errno(err, "random seed of a hash table");
	return 0;
}
