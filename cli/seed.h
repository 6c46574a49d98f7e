/* cli/seed.h - the random numbers that the rooms below ask for: strangers choose the keys of their hash tables. */
#ifndef ENIFLOW_CLI_SEED_H
#define ENIFLOW_CLI_SEED_H

#include <stdint.h>

#include "flow/error.h"

/* Returns 0, or -errno if the system gives none. */
int seed_random(uint64_t *seed, struct error *err);

#endif
