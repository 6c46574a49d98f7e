/* output/slots.h - a place (output/place.h): records below a directory as AWS puts them into S3, a file for each
 * account, region and five minutes.
 *
 * Source: flow-log-format section 11; output/layout.h for names. A record belongs to the slot that its `end` is in. A
 * file is made where no reader looks (output/staging.h), and appears under its name when it is complete: when the
 * windows have passed its slot, when it would become too large, on reopening and at the end. A record for a slot whose
 * file is finished begins another one.
 *
 * A file holds lines, or is one of Parquet. Rows of that are kept in memory until there are enough of them for a row
 * group, and count as bytes that wait. Nobody can read a Parquet file before its end is written: of a killed run the
 * rows of all slots that had not passed are lost, where lines lose what was written since the last window's end. What
 * such a run left is removed when another one opens the directory, and a notice says so.
 *
 * For a sensor (`live`) what cannot be written waits in memory up to the bound of `trouble`; for others it is a failure.
 * Not for two threads at once. */
#ifndef ENIFLOW_OUTPUT_SLOTS_H
#define ENIFLOW_OUTPUT_SLOTS_H

#include "output/encoder.h"
#include "output/parquet.h"
#include "output/place.h"
#include "output/trouble.h"

enum {
	OUTPUT_SLOTS_BYTES = 75 * 1000 * 1000, /* the most that AWS puts into one file */
	OUTPUT_SLOTS_OPEN = 64,                /* files open at once; of lines each takes about half a megabyte */
	OUTPUT_SLOTS_ROWS = 256 * 1024 * 1024, /* memory of the rows in all files of Parquet */
};

struct output_slots_options {
	bool live;
	unsigned layout;                              /* enum output_layout, or-ed */
	uint32_t interval;                            /* of the windows, in seconds */
	const char *flow_log_id;                      /* copied */
	const char *suffix;                           /* of names, as output_layout_suffix(): outlives the slots */
	struct output_encoder *encoder;               /* of lines; outlives the slots. NULL: files of Parquet */
	const struct output_parquet_options *parquet; /* of these; its format outlives the slots */
	bool has_header;                              /* each file's first line are the names of fields */
	const struct notices *notices;
	struct output_trouble *trouble; /* outlives the slots */
	uint64_t most_bytes;            /* of one file, a megabyte at the least; 0: OUTPUT_SLOTS_BYTES */
	size_t most_rows;               /* bytes; 0: OUTPUT_SLOTS_ROWS */
	size_t most_open;               /* 0: OUTPUT_SLOTS_OPEN */
};

/* `directory` ends in "/"; only itself may be missing. Finishes first what killed runs left.
 *
 * pass() finishes the files of slots that end at `until` or before, and tick() those whose last window should have
 * closed more than a minute ago; reopen() finishes all. finish() fails where some could not be finished (a sensor's
 * stay for the next run to recover), or records were lost, now or before; abandon() leaves what is unfinished for the
 * next run to recover (live), or removes it. Lost are also records of which somebody removed the file before it was
 * finished. */
int output_slots_open(struct output_place **out, const char *directory, const struct output_slots_options *options,
		      struct error *err);

#endif
