/* capture/files.h - capture files as a source: one stream in time order (semantics section 12). */
#ifndef ENIFLOW_CAPTURE_FILES_H
#define ENIFLOW_CAPTURE_FILES_H

#include "capture/decode.h"
#include "capture/filter.h"
#include "capture/source.h"

struct source_file {
	const char *name; /* of NAME=FILE, or NULL */
	const char *path;
	/* The file, open and at its first byte, or NULL: it is opened by its path. Whoever opens the source takes it over,
	 * also when that fails, and leaves it zeroed. */
	struct capture_input *input;
};

struct source_files_options {
	const struct source_file *files;
	size_t count;
	const char *filter; /* or NULL */
	unsigned tunnels;   /* enum capture_tunnel, or-ed */
	uint64_t seed;      /* random, of the run: for the fragment memory and tuple hashes */
	int wake_fd;        /* readable: stop waiting; -1: none */
	unsigned ahead;     /* so many compressed files are decoded on threads of their own (capture/input.h) */
	const struct notices *notices;
};

/* Opens all files and reads each up to its first frame, so that one that is no capture is told before any output.
 * Options and the strings in them may go after the call. */
int source_open_files(struct source **out, const struct source_files_options *options, struct error *err);

#endif
