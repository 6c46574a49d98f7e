/* output/writer.h - records in, finished lines at the destination: what the meter's sink is made of.
 *
 * For a run that ends by itself a file is complete or absent (output/destination.h), and what cannot be written ends
 * the run. A sensor's manner, `live`, is another (output/live.h): a file is appended to, each window's records are
 * pushed out at its end, and what cannot be written now is kept in memory, up to a bound. Beyond it records are lost
 * whole, the newest first; SKIPDATA lines tell of which interfaces and windows as soon as there is room. A directory
 * gets files as AWS puts them into S3, in both manners (output/slots.h). A single file of Parquet (output/rows.h) is
 * complete or absent in both, and ends the run where it cannot be written: it is for runs with an end, and a directory
 * is for a sensor, of which a killed one loses no more rows than those of the slots that had not passed. To Kafka (output/kafka.h) a record is written when a broker has said so.
 *
 * SIGPIPE, and for a limit on the size of files SIGXFSZ, are the caller's to ignore. Not for two threads at once. */
#ifndef ENIFLOW_OUTPUT_WRITER_H
#define ENIFLOW_OUTPUT_WRITER_H

#include "output/destination.h"
#include "output/codec.h"
#include "output/encoder.h"
#include "output/kafka.h"
#include "output/place.h"

struct output_writer_options {
	const struct output_format *format; /* copied */
	enum output_encoding encoding;
	/* The line of field names: 1: there is one, 0: there is none, -1: a file has one, others have not. Never for
	 * JSON, where it does not exist. */
	int header;
	enum output_codec codec; /* of Parquet */
	bool flush_windows;      /* push a window's records out when it closes (the input arrives as it is made) */
	bool live;               /* a sensor's manner; flushes windows too */
	size_t hold_size;        /* bytes kept in memory while they cannot be written; live only */
	uint32_t interval;       /* of the windows, in seconds */
	const char *flow_log_id; /* in the names of files below a directory, copied; NULL: derived */
	unsigned layout;         /* of that directory: enum output_layout, or-ed */
	uint64_t file_bytes;     /* the most of one file there; 0: OUTPUT_SLOTS_BYTES */
	const struct output_kafka_property *kafka; /* as long as the writer is opened */
	size_t kafka_count;
	bool (*stop_asked)(void);      /* ends the wait for Kafka when it is opened, with -EINTR; NULL: nobody asks */
	const struct notices *notices; /* NULL: nobody is told; else it outlives the writer */
};

struct output_writer;

/* Opens the destination: "-", or a path, as output_destination_open() or output_live_open() take it, or a directory
 * with "/" at its end, or "kafka:BROKERS/TOPIC". Writes the header. Returns 0 or -errno. */
int output_writer_open(struct output_writer **out, const char *where, const struct output_writer_options *options,
		       struct error *err);

/* The sink to give to the meter; its ctx is the writer. The interfaces of records must stay until the writer is
 * finished, or has no records that are lost but not told. */
struct flow_sink output_writer_sink(struct output_writer *writer);

/* Whoever moved the file away (logrotate) wants a new one under its name: SIGHUP. Below a directory all files are
 * finished. Does nothing where there is no such file. Returns 0, or -errno: it cannot be opened, and records go on to
 * the old one. */
int output_writer_reopen(struct output_writer *writer, struct error *err);

/* About once a second: tries again what could not be written. `now` is in Unix seconds. Returns 0, or a failure that
 * ends the run. */
int output_writer_tick(struct output_writer *writer, int64_t now, struct error *err);

void output_writer_state(const struct output_writer *writer, struct output_state *out);

/* All was written: flushes, closes, and gives a file its name. Returns 0 or -errno; the writer is freed in any case. */
int output_writer_finish(struct output_writer *writer, struct error *err);

/* Gives up: what a file holds so far does not appear under its name, unless it stood there from the beginning (live).
 * Takes NULL. */
void output_writer_abandon(struct output_writer *writer);

#endif
