/* logs/form.h - which form of a flow log the first bytes of a file are. */
#ifndef ENIFLOW_LOGS_FORM_H
#define ENIFLOW_LOGS_FORM_H

#include <stdbool.h>

enum log_form { LOG_FORM_NONE, LOG_FORM_TEXT, LOG_FORM_CSV, LOG_FORM_JSON, LOG_FORM_PARQUET };

enum { LOG_FORM_LOOK = 4096 }; /* bytes that are looked at; what stands behind them changes nothing */

/* Told by the first lines; an object or list of JSON is by its bracket, a Parquet file by
 * its first four bytes. `has_format`: what the columns of text are is
 * known, so that any text may be a log. */
enum log_form log_form_of(const char *at, const char *end, bool has_format);

/* Where a byte order mark that stands first ends. */
const char *log_form_skip_mark(const char *at, const char *end);

#endif
