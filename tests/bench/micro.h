/* tests/bench/micro.h - one module in a loop. What comes out is printed and never asserted. */
#ifndef ENIFLOW_BENCH_MICRO_H
#define ENIFLOW_BENCH_MICRO_H

#include <stdbool.h>
#include <stdint.h>

enum { MICRO_ITEMS = 64 }; /* different inputs in a loop that is to stay in the cache: a power of two */

/* With --quick everything runs once: only to see that it works. */
extern bool micro_quick;

/* Runs `run`, which does `operations` of what is measured, several times, and prints a row: `name`, a tab, and the
 * nanoseconds that one took in the fastest run. */
void micro_measure(const char *name, void (*run)(void *ctx), void *ctx, uint64_t operations);

/* Prints why a module cannot be measured and ends the program. */
void micro_give_up(const char *why);

/* The modules. */
void micro_decode(void);
void micro_table(void);
void micro_encoder(void);
void micro_parquet(void);
void micro_logs(void);

#endif
