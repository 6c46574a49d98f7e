/* cli/progress.h - how far a long read is: one line on the terminal, rewritten, wiped at the end.
 *
 * Only when standard error is a terminal, and records do not go to one as well. */
#ifndef ENIFLOW_CLI_PROGRESS_H
#define ENIFLOW_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Starts the clock. Without this call, or where there is no terminal, the others do nothing. `records_to_stdout`:
 * standard output must then be no terminal. */
void progress_start(bool records_to_stdout);

/* Shows `consumed` of `size` bytes (0: not known) a few times a second, however often it is called. */
void progress_show(uint64_t consumed, uint64_t size);

/* Removes the line, so that something else can be printed. */
void progress_wipe(void);

#endif
