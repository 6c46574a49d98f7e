/* output/survivor.h - a log that a killed run left behind: what can be read of it, made into a whole one.
 *
 * Plain text may end in half a line. A gzip file may end inside a member, of which all can be read up to the last flush
 * that reached the disk; what is appended behind such a member could not be read. Of a Parquet file without its end
 * nothing can be read. */
#ifndef ENIFLOW_OUTPUT_SURVIVOR_H
#define ENIFLOW_OUTPUT_SURVIVOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/error.h"

enum output_survivor_state {
	OUTPUT_SURVIVOR_WHOLE,
	OUTPUT_SURVIVOR_CUT_OFF, /* it ends too early */
	OUTPUT_SURVIVOR_DAMAGED, /* what it holds cannot be read from some place on; perhaps no log at all */
};

struct output_survivor {
	enum output_survivor_state state;
	int64_t whole;  /* bytes of the file up to which nothing is missing: plain lines, or gzip members */
	int64_t rest;   /* bytes of text behind those, up to the last end of line that can be read */
	uint64_t lines; /* that can be read in all, also lines of field names; not counted for plain text */
	int64_t lost;   /* bytes of the file that cannot be read, or of the half line */
};

/* Looks at the end of a file of plain lines. One without any line end in its last megabyte is no log: damaged. Returns
 * 0, or -errno of reading. */
int output_survivor_look_plain(struct output_survivor *out, int fd, const char *name, struct error *err);

/* Reads all of a gzip file. Returns 0, or -errno. */
int output_survivor_look_gzip(struct output_survivor *out, int fd, const char *name, struct error *err);

/* Is it a Parquet file with its end? Returns 1 or 0, or -errno of reading. */
int output_survivor_has_parquet_end(int fd, const char *name, struct error *err);

/* Does the text of a whole gzip file begin so? Returns 1 or 0, or -errno of reading. */
int output_survivor_begins_gzip(int fd, const char *text, size_t length, const char *name, struct error *err);

/* Writes a whole gzip file of what can be read into `to`, from its beginning, and syncs it. */
int output_survivor_copy_gzip(const struct output_survivor *survivor, int fd, int to, const char *name,
			      struct error *err);

#endif
