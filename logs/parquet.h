/* logs/parquet.h - a flow log that is a Parquet file: its rows, one by one.
 *
 * A column is what its name says (logs/column.h), whatever its type: INT32 and INT64 of any sign, or text. A null, "-",
 * "None" (what some tools write for a null) and nothing at all are no value. start and end may be timestamps. Of columns
 * that are no field nothing is read. One page of each column is in memory at a time, and its dictionary:
 * LOG_CHUNK_MEMORY_MOST in all. */
#ifndef ENIFLOW_LOGS_PARQUET_H
#define ENIFLOW_LOGS_PARQUET_H

#include "logs/layout.h"
#include "logs/row.h"

struct log_parquet;

/* What such a file begins and ends with. */
#define LOG_PARQUET_MARK "PAR1"

/* Reads the footer of the file, which the descriptor has open; it is taken over in any case. `name` begins sentences; it
 * outlives this. Returns 0; -EBADMSG: what is there is no whole Parquet file; -ENOTSUP: it cannot be read here; -EINVAL: it
 * has too many columns; -ENOMEM. */
int log_parquet_open(struct log_parquet **out, int fd, const char *name, struct error *err);
void log_parquet_close(struct log_parquet *parquet);

/* Its columns, but for those that are nested, which `nested` names ("a, b"; "": there are none). */
const struct log_layout *log_parquet_layout(const struct log_parquet *parquet);
const char *log_parquet_nested(const struct log_parquet *parquet);

/* Takes the values of the next row into `row`, which has begun. `message` is that one, if there is such a column. 1; 0: the
 * end; -EINVAL: one cannot be read, as the row's fault says, and the next row may be; -EBADMSG: the file is damaged, and
 * has no further row; -ENOTSUP; -ENOMEM. */
int log_parquet_read(struct log_parquet *parquet, struct log_row *row, struct log_text *message, struct error *err);

/* For progress: how far of the file's bytes, in its share of rows. */
uint64_t log_parquet_consumed(const struct log_parquet *parquet);

#endif
