/* compare/lines.h - text broken into lines of a terminal's width, with what is one value never torn apart.
 *
 * A blank is where a line may break, and several blanks as much as one; COMPARE_GLUE is a blank where it may not.
 * Colours (ESC [ ... m) take no room. A word wider than the line stands alone on it, whole. */
#ifndef ENIFLOW_COMPARE_LINES_H
#define ENIFLOW_COMPARE_LINES_H

#include "output/buffer.h"

#define COMPARE_GLUE '\x01'

/* Appends the text, UTF-8 of `length` bytes, as one or more lines, each with its end and none with blanks before it.
 * `width`: columns, each character taken as one; 0: no limit, one line. Lines after the first begin with `indent`
 * blanks. */
void compare_lines(struct output_buffer *out, const char *text, size_t length, unsigned width, unsigned indent);

#endif
