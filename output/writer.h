/* output/writer.h - records in, finished lines at the destination: what the meter's sink is made of. */
#ifndef ENIFLOW_OUTPUT_WRITER_H
#define ENIFLOW_OUTPUT_WRITER_H

#include "output/destination.h"
#include "output/encoder.h"

struct output_writer_options {
	const struct output_format *format; /* copied */
	enum output_encoding encoding;
	bool header;        /* the line of field names (never for JSON, where it does not exist) */
	bool flush_windows; /* push a window's records out when it closes (the input arrives as it is made) */
};

struct output_writer;

/* Takes over `destination`, also on failure. Writes the header. */
int output_writer_new(struct output_writer **out, const struct output_writer_options *options,
		      struct output_destination *destination, struct error *err);

/* The sink to give to the meter; its ctx is the writer. */
struct flow_sink output_writer_sink(struct output_writer *writer);

/* All was written: flushes, closes, and gives a file its name. Returns 0 or -errno; the writer is freed in any case. */
int output_writer_finish(struct output_writer *writer, struct error *err);

/* Gives up: what a file holds so far does not appear under its name. Takes NULL. */
void output_writer_abandon(struct output_writer *writer);

#endif
