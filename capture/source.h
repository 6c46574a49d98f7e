/* capture/source.h - anything that yields observations. One loop pulls; nothing calls upwards. */
#ifndef ENIFLOW_CAPTURE_SOURCE_H
#define ENIFLOW_CAPTURE_SOURCE_H

#include "capture/decode.h"
#include "capture/filter.h"
#include "flow/observation.h"

/* Some tens of observations at a time: what the first cache holds together with all that is made of them. */
enum { SOURCE_BATCH = 64 };

struct source_batch {
	struct flow_observation *items; /* the caller's array */
	size_t room;                    /* how many fit */
	size_t length;                  /* how many were read */
};

struct source_progress {
	uint64_t consumed, size; /* bytes of the files as they lie on the disk; size 0: not known */
};

/* Capture files, as one stream in time order (semantics section 12). */
struct source_file {
	const char *name; /* of NAME=FILE, or NULL */
	const char *path;
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

struct source;

/* Opens all files and reads each up to its first frame, so that one that is no capture is told before any output.
 * Options and the strings in them may go after the call. */
int source_open_files(struct source **out, const struct source_files_options *options, struct error *err);

/* 1: batch->length (perhaps 0) observations were read. 0: the end, with batch->length last ones. -EINTR: woken while
 * waiting. Never waits for a stream while it has something to hand on. */
int source_read(struct source *source, struct source_batch *batch, struct error *err);

/* Was anything damaged, cut off, passed over or of an unsupported link type (status 1)? */
bool source_is_damaged(const struct source *source);

/* Does any of the inputs arrive as it is made (FIFO, pipe, terminal)? */
bool source_is_stream(const struct source *source);

/* Is any of the inputs compressed? Then it is decompressed on a thread of its own, if `ahead` was asked for. */
bool source_is_compressed(const struct source *source);

void source_progress(const struct source *source, struct source_progress *out);

void source_close(struct source *source);

#endif
