/* output/rows.h - a place (output/place.h) that takes records as rows of one Parquet file: standard output or a path.
 *
 * The file is complete or absent, for a sensor too: it is made beside its place and gets its name at the end, reopening
 * leaves it alone, and what cannot be written ends the run. An older file of that name is replaced; but a sensor, which
 * would have appended to a file of lines, sets it aside as NAME.before-N. */
#ifndef ENIFLOW_OUTPUT_ROWS_H
#define ENIFLOW_OUTPUT_ROWS_H

#include "output/parquet.h"
#include "output/place.h"

struct output_rows_options {
	bool live;
	struct output_parquet_options parquet; /* its format outlives the place */
	const struct notices *notices;
};

/* Opens `where`, as output_destination_open() takes it. Returns 0 or -errno. */
int output_rows_open(struct output_place **out, const char *where, const struct output_rows_options *options,
		     struct error *err);

#endif
