/* output/live.h - the one place that a sensor's lines go to as they are made: standard output, a FIFO, a device, or a
 * file that is appended to (output/inplace.h).
 *
 * What cannot be written now is kept in memory up to a bound and written when it can be. A FIFO needs no reader: without
 * one its lines are kept as those for a full disk, and so are those that the reader of a pipe does not take. Not for two
 * threads at once. */
#ifndef ENIFLOW_OUTPUT_LIVE_H
#define ENIFLOW_OUTPUT_LIVE_H

#include "output/stream.h"
#include "output/trouble.h"

struct output_live;

struct output_live_options {
	int header;              /* 1: a header line; 0: none; -1: a file has one */
	const char *header_text; /* what it would be; it must outlive the place */
	size_t header_length;
	const struct notices *notices;  /* may be NULL */
	struct output_trouble *trouble; /* the writer's: outlives the place */
};

int output_live_open(struct output_live **out, const char *where, const struct output_live_options *options,
		     struct error *err);

/* Room for a line of `size` bytes. NULL with *code 0: as much is kept as may be. NULL with *code < 0: the run ends. */
char *output_live_reserve(struct output_live *live, size_t size, int *code, struct error *err);
void output_live_commit(struct output_live *live, size_t size);

/* Pushes out what was committed, or tries again. Returns 0 also when it has to wait; else a failure that ends the run
 * (-EPIPE: the reader went away). */
int output_live_flush(struct output_live *live, struct error *err);

/* Finishes the file and opens its name anew. Returns 0 also where there is nothing to reopen, and where the rest of a
 * compressed file has to wait: then it is reopened as soon as that is written. -errno: the name cannot be opened, and
 * the old file goes on. */
int output_live_reopen(struct output_live *live, struct error *err);

/* Writes what is left, syncs and closes. Frees in any case. -errno: some could not be written, or stands in a FIFO that
 * nobody has open to read, and is lost. */
int output_live_finish(struct output_live *live, struct error *err);

/* Closes. Takes NULL. */
void output_live_abandon(struct output_live *live);

/* Bytes that wait; files that were finished. */
size_t output_live_waiting(const struct output_live *live);
uint64_t output_live_finished(const struct output_live *live);

#endif
