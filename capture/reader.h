/* capture/reader.h - what the readers of both formats stand on: the bytes, the run's points, and how damage is told.
 *
 * Private to capture/file.c and the formats behind it. */
#ifndef ENIFLOW_CAPTURE_READER_H
#define ENIFLOW_CAPTURE_READER_H

#include "capture/input.h"
#include "capture/points.h"

struct capture_reader {
	struct capture_input input;
	char *point_name; /* of NAME=FILE, or NULL */
	struct capture_points *points;
	const struct notices *notices;
	int64_t time_ns; /* of the frame before; 0 at the beginning */
	bool damaged;    /* the status is 1 */
	bool ended;      /* nothing more is read, for whatever reason */
};

/* Tells a sentence about the file; its name and ": " come before it. */
void capture_reader_tell(const struct capture_reader *reader, const char *format, ...) ENIFLOW_PRINTF(2, 3);

/* Tells what is wrong with the record or block ("record", "block") that begins at byte `start`; marks the file as
 * damaged. */
void capture_reader_damage(struct capture_reader *reader, const char *unit, uint64_t start, const char *format, ...)
	ENIFLOW_PRINTF(4, 5);

/* Ends the file. Always 0, as capture_file_read() then answers. */
static inline int capture_reader_stop(struct capture_reader *reader)
{
	reader->ended = true;
	return 0;
}

/* The input has ended where a unit that begins at byte `start` needed `need` bytes from there: a plain end if not one
 * is there, else cut off. Ends the file. Always 0. */
int capture_reader_end(struct capture_reader *reader, const char *unit, uint64_t start, uint64_t need);

#endif
