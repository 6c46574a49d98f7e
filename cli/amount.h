/* cli/amount.h - amounts as people read them. */
#ifndef ENIFLOW_CLI_AMOUNT_H
#define ENIFLOW_CLI_AMOUNT_H

#include <stdint.h>
#include <stdio.h>

/* What each text needs, end mark included. The functions that take `out` return it. */
enum { AMOUNT_SIZE = 32 };

/* "1,204": commas between thousands. */
const char *amount_count(uint64_t number, char out[static AMOUNT_SIZE]);

/* "812 MB", "1.3 GB", "96 B". */
const char *amount_bytes(double bytes, char out[static AMOUNT_SIZE]);

/* "32M", "1536K", "1000": exactly, and as parse_size() reads it. */
const char *amount_size(uint64_t bytes, char out[static AMOUNT_SIZE]);

/* "3 min 2 s", "2 h 5 min", "0.4 s", "1.64 ms", "20 ns". */
const char *amount_span(double seconds, char out[static AMOUNT_SIZE]);

/* Writes the count and its noun, with an s where it is not one: "1 frame", "1,204 frames". */
void amount_put(FILE *out, uint64_t number, const char *noun);

#endif
