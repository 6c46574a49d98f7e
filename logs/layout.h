/* logs/layout.h - the columns of lines: what stands where. */
#ifndef ENIFLOW_LOGS_LAYOUT_H
#define ENIFLOW_LOGS_LAYOUT_H

#include "logs/column.h"
#include "output/format.h"

enum { LOG_LAYOUT_MOST = OUTPUT_FORMAT_MOST };

struct log_layout {
	uint8_t columns[LOG_LAYOUT_MOST]; /* enum log_column, as a rule a field */
	size_t count;                     /* 0: nothing is known */
	size_t unknown;                   /* how many of them nobody knows */
	char names[256];                  /* of those: "a, b"; what does not fit is left out */
};

/* The columns of --log-format. */
void log_layout_of_format(struct log_layout *out, const struct output_format *format);

/* The 14 columns of the default format. */
void log_layout_of_default(struct log_layout *out);

/* Adds a column by its name; false: there are too many. When all are there, log_layout_finish(). */
bool log_layout_add(struct log_layout *layout, const char *name, size_t length);

/* Of a transit gateway's log, where an attachment is what an interface is elsewhere: tgw-attachment-id is taken for the
 * interface-id, if there is none; else it is passed over. A column that stands there twice counts once, the first. */
void log_layout_finish(struct log_layout *layout);

/* Is the column (enum log_column, or a field) there? */
bool log_layout_has(const struct log_layout *layout, unsigned column);

/* Reads a line of field names: each of them is a known one, or three at least are and none of the others can be a value
 * (a number, an address, "-"), or the first is `version`. `end` is behind the line. False: it is none, and `out` holds
 * nothing. */
bool log_layout_of_line(struct log_layout *out, const char *at, const char *end);

#endif
