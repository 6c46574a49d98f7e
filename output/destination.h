/* output/destination.h - where bytes go: standard output or a file, plain or compressed.
 *
 * A regular file is written beside its place and renamed when it is finished: under its name it is complete or absent
 * (an older file of that name stays until then). A FIFO or device is written as it is. */
#ifndef ENIFLOW_OUTPUT_DESTINATION_H
#define ENIFLOW_OUTPUT_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>

#include "flow/error.h"

struct output_destination;

/* Is it of a kind that output_writer_open() can write to? Opens nothing. Returns 0, -EINVAL or -ENOTSUP. */
int output_destination_check(const char *where, struct error *err);

/* "-": standard output. Else a path; ".gz" and ".zst" behind it compress. Returns -errno: as
 * output_destination_check(), cannot be created, a directory, zstd that this build has not. */
int output_destination_open(struct output_destination **out, const char *where, struct error *err);

/* The path is a file's (and not standard output, a FIFO or a device): it has a header line unless told otherwise. */
bool output_destination_is_file(const struct output_destination *destination);

/* Room for at least `size` bytes to write into; then _commit() what was written. NULL: writing out what was there
 * failed, `err` says why and *code is the negative errno (-EPIPE: the reader went away). Made for lines put together
 * in place. */
char *output_destination_reserve(struct output_destination *destination, size_t size, int *code, struct error *err);
void output_destination_commit(struct output_destination *destination, size_t size);

/* Pushes out all that was committed, through the compressor too. */
int output_destination_flush(struct output_destination *destination, struct error *err);

/* Flushes, syncs, closes and gives a file its name. Frees in any case. */
int output_destination_finish(struct output_destination *destination, struct error *err);

/* Closes without giving it its name, removes what was written beside it. Takes NULL. */
void output_destination_abandon(struct output_destination *destination);

#endif
