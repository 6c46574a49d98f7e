/* output/inplace.h - a log file that is appended to under its name, by one run at a time.
 *
 * What a killed run left is made whole first: half a line at the end of plain text is cut off; of a gzip file that ends
 * inside a member all that can be read stays. A gzip file that is damaged in another way, and a zstd file whose last
 * frame is not whole, are set aside as NAME.broken-N. A file of another layout is set aside as NAME.before-N: two layouts
 * do not stand in one file. Each is told in a notice. */
#ifndef ENIFLOW_OUTPUT_INPLACE_H
#define ENIFLOW_OUTPUT_INPLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "flow/error.h"

/* Opens a regular file, or makes it. What it holds is to begin with `header`, a line with its end; of length 0: with
 * anything. `*is_new`: it holds nothing yet. Returns a descriptor that appends, or -errno: it cannot be opened, made
 * whole or set aside, another process writes it (-EBUSY). */
int output_inplace_open(const char *path, const char *header, size_t header_length, bool *is_new,
			const struct notices *notices, struct error *err);

/* Does the descriptor still stand for that name? No: somebody moved the file away, or removed it. */
bool output_inplace_is_named(int fd, const char *path);

/* Moves a file to NAME.before-N, and tells why: "X: WHY; it is set aside as ...". Returns 0 or -errno. */
int output_inplace_set_aside(const char *path, const char *why, const struct notices *notices, struct error *err);

#endif
