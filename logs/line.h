/* logs/line.h - lines of AWS's text, one by one: values between blanks, and what explains their columns.
 *
 * That is the last line of field names; else --log-format; else 14 values are the default format. Before a line may
 * stand a time, and behind that the name of its log stream. */
#ifndef ENIFLOW_LOGS_LINE_H
#define ENIFLOW_LOGS_LINE_H

#include "logs/layout.h"
#include "logs/row.h"

struct log_lines {
	struct log_layout layout; /* count 0: nothing has explained the columns yet */
	bool has_more;            /* a line had more values than columns; they are passed over */
	bool has_new_layout;      /* a line of field names was read; whoever tells its unknown ones clears this */
};

/* `format` may be NULL. */
void log_lines_init(struct log_lines *lines, const struct output_format *format);

enum log_line { LOG_LINE_RECORD, LOG_LINE_NOTHING, LOG_LINE_UNREADABLE, LOG_LINE_UNEXPLAINED };

/* Reads the line that ends at `end`, where a blank must stand (a newline, say, or an end mark), into a row that has begun;
 * it is then to be finished. NOTHING: it is blank, or one of field names. UNREADABLE: it lacks values, or one is none.
 * UNEXPLAINED: nobody knows what its columns are. `fault` of the row says of both what is wrong. */
enum log_line log_lines_read(struct log_lines *lines, struct log_row *row, const char *at, const char *end);

#endif
