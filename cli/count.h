/* cli/count.h - counts for people. */
#ifndef ENIFLOW_CLI_COUNT_H
#define ENIFLOW_CLI_COUNT_H

#include <stdint.h>

/* The number with commas between thousands, in `out`, which is returned. */
enum { COUNT_SIZE = 28 };
const char *count_text(uint64_t number, char out[static COUNT_SIZE]);

#endif
