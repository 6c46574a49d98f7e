/* output/lines.h - a place (output/place.h) that takes records as lines, one after the other: text, JSON or CSV. */
#ifndef ENIFLOW_OUTPUT_LINES_H
#define ENIFLOW_OUTPUT_LINES_H

#include "output/encoder.h"
#include "output/place.h"
#include "output/trouble.h"

struct output_lines_options {
	bool live;                      /* where `where` is kept up by output/live.h; else by output/destination.h */
	int header;                     /* 1: a header line; 0: none; -1: a file has one */
	struct output_encoder *encoder; /* outlives the place */
	const struct notices *notices;
	struct output_trouble *trouble; /* of live: outlives the place */
};

/* Opens `where`, as output_destination_open() or output_live_open() take it, and writes the header. Returns 0 or
 * -errno. */
int output_lines_open(struct output_place **out, const char *where, const struct output_lines_options *options,
		      struct error *err);

#endif
