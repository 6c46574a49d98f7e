/* Micro-benchmarks of the modules that every packet or record goes through. */
#include "micro.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUNS = 7 };

bool micro_quick;

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

void micro_measure(const char *name, void (*run)(void *ctx), void *ctx, uint64_t operations)
{
	double best = 0;

	for (int i = 0; i < (micro_quick ? 1 : RUNS); i++) {
		double start = now_ns(), took;

		run(ctx);
		took = now_ns() - start;
		if (i == 0 || took < best)
			best = took;
	}
	printf("%s\t%.1f\n", name, best / (double)operations);
}

void micro_give_up(const char *why)
{
	fprintf(stderr, "micro: %s\n", why);
	exit(1);
}

int main(int argc, char **argv)
{
	micro_quick = argc == 2 && strcmp(argv[1], "--quick") == 0;
	if (argc > 2 || (argc == 2 && !micro_quick)) {
		fprintf(stderr, "usage: micro [--quick]\n");
		return 2;
	}
	micro_decode();
	micro_table();
	micro_encoder();
	micro_parquet();
	micro_logs();
	return 0;
}
