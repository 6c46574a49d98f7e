/* logs/csv.h - rows of CSV (RFC 4180): values between commas, in quotes or not. */
#ifndef ENIFLOW_LOGS_CSV_H
#define ENIFLOW_LOGS_CSV_H

#include <stdbool.h>
#include <stddef.h>

/* Is it the first row of a file that has a flow log in it: three names of fields are there (or as many as columns, where
 * those are fewer) and a comma or quote, or a column `message`? */
bool log_csv_is_header(const char *at, const char *end);

/* Looks for the newline that ends a row, from `at` on; one between quotes ends none. `*in_quotes` is whether `at` stands
 * between quotes, and becomes whether `end` does. NULL: there is none. */
const char *log_csv_row_end(const char *at, const char *end, bool *in_quotes);

/* Takes the next value of the row *at..end, which is moved behind it and its comma, and to NULL behind the last: writes it
 * to `out`, without quotes and the blanks around it, with an end mark; it is never longer than the row. Returns its
 * length. A value that begins with a quote ends with the next lone one; what stands behind that is passed over. */
size_t log_csv_value(const char **at, const char *end, char *out);

#endif
