/* output/place.h - where records go: the same calls for each kind of place, for output/writer.h.
 *
 * A kind has its own module, which gives a place by its open function: output/lines.h, output/slots.h. A place has
 * what it holds encoded in its own manner. A sensor's place (live) turns records away when it can keep no more of
 * them; after another failure a place is only to be abandoned. Not for two threads at once. */
#ifndef ENIFLOW_OUTPUT_PLACE_H
#define ENIFLOW_OUTPUT_PLACE_H

#include <stddef.h>

#include "flow/record.h"

struct output_state {
	uint64_t records[3];   /* that were taken, by enum flow_status */
	uint64_t bytes;        /* of their lines, before compression; of rows in Parquet, those that were written */
	uint64_t files;        /* finished */
	uint64_t write_errors; /* attempts that failed */
	uint64_t dropped;      /* records that were lost: too much waited, or their file was removed */
	size_t waiting;        /* bytes in memory, not written yet; not for a file that is complete or absent */
	bool is_writable;      /* the last attempt to write worked */
};

struct output_place;

struct output_place_kind {
	/* Takes a record, which needs to live during the call only. Returns 1; 0: as much is kept as may be; or a
	 * failure that ends the run. */
	int (*put)(struct output_place *place, const struct flow_record *record, struct error *err);
	/* No more records come that end before `until` (Unix seconds), as a rule. With `push`, what is held goes out
	 * as far as it can now, or is tried again. Returns 0 also when some has to wait; else a failure that ends the
	 * run. */
	int (*pass)(struct output_place *place, int64_t until, bool push, struct error *err);
	/* About once a second, at `now` (Unix seconds). NULL: it does not matter. Returns as pass(). */
	int (*tick)(struct output_place *place, int64_t now, struct error *err);
	/* Whoever moved a file away wants a new one under its name. NULL: nothing is to be done. Returns 0, or -errno:
	 * the place goes on as it was. */
	int (*reopen)(struct output_place *place, struct error *err);
	/* Sets what the place knows better than its counts, and adds to `dropped`. NULL: nothing. */
	void (*state)(const struct output_place *place, struct output_state *out);
	/* Waits until what was put is written, as long as there is time for it at a run's end; so that what was lost can
	 * still be told. NULL: there is nothing to wait for. Returns 0 also when some is not; else a failure that ends
	 * the run. */
	int (*drain)(struct output_place *place, struct error *err);
	/* All was put: writes what is left and closes. Frees in any case. -errno: not all is written. */
	int (*finish)(struct output_place *place, struct error *err);
	/* Gives up, and frees. */
	void (*abandon)(struct output_place *place);
};

/* The first member of each place. put() counts what it takes. */
struct output_place {
	const struct output_place_kind *kind;
	uint64_t records[3]; /* by enum flow_status */
	uint64_t bytes;      /* as output_state has them */
};

#endif
