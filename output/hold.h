/* output/hold.h - bytes that wait for a descriptor that takes them, in their order.
 *
 * Memory comes in pieces as it is needed and goes as the bytes are written. */
#ifndef ENIFLOW_OUTPUT_HOLD_H
#define ENIFLOW_OUTPUT_HOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "flow/error.h"

struct output_hold_piece;

/* Zeroed, it is empty; set `has_lines` where the bytes are lines of text, and `has_reader`. Read it; write it by the
 * functions below. */
struct output_hold {
	struct output_hold_piece *first, *last;
	size_t start;    /* of the bytes, in the first piece */
	size_t length;   /* all bytes that are kept */
	size_t sent;     /* the first of them: they are written, but as the beginning of a line whose end is not */
	bool has_lines;  /* a line is kept until all of it is written */
	bool has_reader; /* what is written goes to somebody who may be slow: a pipe, a socket, a terminal */
};

/* Behind those that are there. Returns 0, or -ENOMEM with a part of them taken. */
int output_hold_append(struct output_hold *hold, const void *bytes, size_t size, struct error *err);

/* Before those that are there, of which none may be sent. Returns 0 or -ENOMEM. */
int output_hold_prepend(struct output_hold *hold, const void *bytes, size_t size, struct error *err);

/* Writes them, and forgets what is written. Returns 0 when nothing is left, else the negative errno of the write that
 * failed; the next call goes on where it failed. A reader who takes nothing is not waited for, and a slow one for a
 * quarter of a second at the most, whether the descriptor is a blocking one or not: -EAGAIN. */
int output_hold_write(struct output_hold *hold, int fd);

/* The beginning of a line that is written is to be written again: it was cut off, or the descriptor is another one. */
void output_hold_rewind(struct output_hold *hold);

/* Forgets all. */
void output_hold_clear(struct output_hold *hold);

#endif
