/* output/file.h - the place where bytes end up: standard output, a descriptor, a FIFO or device, or a file that appears
 * when it is complete. */
#ifndef ENIFLOW_OUTPUT_FILE_H
#define ENIFLOW_OUTPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "flow/error.h"

struct output_file;

/* "-" or a path. /dev/stdout, /dev/stderr and /dev/fd/N are the descriptors themselves; other FIFOs and devices are
 * opened. A regular file, or the one that symbolic links lead to, is made beside its place; it gets the rights of the
 * file that it replaces, and owner and group as far as we may give them. Returns -errno: cannot be created, a
 * directory. */
int output_file_open(struct output_file **out, const char *where, struct error *err);

/* Does the path, or what its symbolic links lead to, stand for a descriptor of ours, like /dev/stdout? */
bool output_file_means_descriptor(const char *path);

/* What is written to; it stays the file's. */
int output_file_descriptor(const struct output_file *file);

/* Is it one that is made beside its place? */
bool output_file_is_regular(const struct output_file *file);

/* Writes all of it. Returns -EPIPE where the reader of a pipe went away, another -errno, or 0. */
int output_file_write(struct output_file *file, const void *bytes, size_t size, struct error *err);

/* Syncs and closes it, and gives it its name. Standard output stays open. Frees in any case. */
int output_file_finish(struct output_file *file, struct error *err);

/* Closes it and removes what was made beside the place. Takes NULL. */
void output_file_abandon(struct output_file *file);

#endif
