/* cli/progress.h - how far a long read is: one line on the terminal, rewritten, wiped at the end.
 *
 * Only when standard error is a terminal, and records do not go to one as well. */
#ifndef ENIFLOW_CLI_PROGRESS_H
#define ENIFLOW_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Starts the clock. Without this call, or where there is no terminal, the others do nothing. `records_to_stdout`: standard output
 * must then be no terminal. */
void progress_start(bool records_to_stdout);

/* Shows `consumed` of `size` bytes (0: not known) a few times a second, however often it is called. */
void progress_show(uint64_t consumed, uint64_t size);

/* Removes the line, so that something else can be printed. */
void progress_wipe(void);

/* "812 MB", "1.3 GB", "96 B": for people. `out` holds PROGRESS_BYTES_SIZE. */
enum { PROGRESS_BYTES_SIZE = 16 };
void progress_bytes(double bytes, char *out);

/* "3 min 2 s", "2 h 5 min", "0.4 s", "1.64 ms": for people. `out` holds PROGRESS_SPAN_SIZE. */
enum { PROGRESS_SPAN_SIZE = 32 };
void progress_span(double seconds, char *out);

#endif
