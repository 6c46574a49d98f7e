/* output/slots.h - records below a directory as AWS puts them into S3: a file for each account, region and five minutes.
 *
 * Source: flow-log-format section 11; output/layout.h for names. A record belongs to the slot that its `end` is in. A
 * file is made where no reader looks (output/staging.h), and appears under its name when it is complete: when the
 * windows have passed its slot, when it would become too large, on reopening and at the end. A record for a slot whose
 * file is finished begins another one.
 *
 * For a sensor (`live`) what cannot be written waits in memory up to the bound of `trouble`; for others it is a failure.
 * Not for two threads at once. */
#ifndef ENIFLOW_OUTPUT_SLOTS_H
#define ENIFLOW_OUTPUT_SLOTS_H

#include "flow/record.h"
#include "output/format.h"
#include "output/trouble.h"

struct output_slots;

enum {
	OUTPUT_SLOTS_BYTES = 75 * 1000 * 1000, /* the most that AWS puts into one file */
	OUTPUT_SLOTS_OPEN = 64, /* files that are ready for lines at once: each takes about half a megabyte */
};

struct output_slots_options {
	bool live;
	uint32_t interval;       /* of the windows, in seconds */
	const char *flow_log_id; /* copied */
	const char *suffix;      /* of names, as output_layout_suffix(): outlives the slots */
	const char *header;      /* each file's first line; outlives the slots */
	size_t header_length;    /* 0: there is none */
	const struct notices *notices;
	struct output_trouble *trouble; /* outlives the slots */
	uint64_t most_bytes;            /* of one file; 0: OUTPUT_SLOTS_BYTES */
	size_t most_open;               /* 0: OUTPUT_SLOTS_OPEN */
};

/* `directory` ends in "/"; only itself may be missing. Finishes first what killed runs left. */
int output_slots_open(struct output_slots **out, const char *directory, const struct output_slots_options *options,
		      struct error *err);

/* Room for the line of a record. NULL with *code 0: as much is kept as may be. NULL with *code < 0: the run ends. */
char *output_slots_reserve(struct output_slots *slots, const struct flow_record *record, size_t size, int *code,
			   struct error *err);
void output_slots_commit(struct output_slots *slots, size_t size);

/* Finishes the files of slots that end at `until` or before (Unix seconds). With `push`, pushes out what the others
 * hold, and tries again what could not be written. Returns 0, or a failure that ends the run. */
int output_slots_pass(struct output_slots *slots, int64_t until, bool push, struct error *err);

/* Tries again what could not be written; `now` (Unix seconds) finishes files whose last window should have closed more
 * than a minute ago. */
int output_slots_tick(struct output_slots *slots, int64_t now, struct error *err);

/* Finishes all files. */
int output_slots_reopen(struct output_slots *slots, struct error *err);

/* The same, and frees in any case. -errno: some could not be finished (a sensor's stay for the next run to recover), or
 * records were lost, now or before. */
int output_slots_finish(struct output_slots *slots, struct error *err);

/* Leaves what is unfinished for the next run to recover (live), or removes it. Takes NULL. */
void output_slots_abandon(struct output_slots *slots);

/* Bytes that wait; files that were finished; records that were lost because somebody removed their file before it was. */
size_t output_slots_waiting(const struct output_slots *slots);
uint64_t output_slots_finished(const struct output_slots *slots);
uint64_t output_slots_lost(const struct output_slots *slots);

#endif
