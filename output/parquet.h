/* output/parquet.h - records as a Parquet file, the way AWS writes flow logs.
 *
 * Sources: the Parquet format's specification (flat schemas, data pages of version 1); flow-log-format section 11. A
 * column for each field of the format, optional, its name with underscores; INT32, INT64 and STRING as output/field.h
 * has them. What is "-" in text is null, and so is what does not fit: text that is no number, a count beyond 2^63 - 1.
 * A field that stands twice in a format gets "_2", "_3" behind its name the second and third time, but never the name
 * of another field (instance-tag-2). Columns are dictionary-encoded, or plain in a group of rows where that is smaller;
 * row groups have statistics (min, max, nulls). There is no time, place or chance in a file: the same records give the
 * same bytes.
 *
 * Bytes go out from first to last, so a pipe will do. A file can be read once its end is written, and not before. */
#ifndef ENIFLOW_OUTPUT_PARQUET_H
#define ENIFLOW_OUTPUT_PARQUET_H

#include "output/codec.h"
#include "output/format.h"
#include "output/outlet.h"

struct output_parquet;

struct output_parquet_options {
	const struct output_format *format; /* copied */
	enum output_codec codec;
	size_t group_bytes; /* memory of the rows of a group, at which it ends; 0: 32 MiB */
	size_t group_rows;  /* rows at which it ends; 0: 131072 */
};

/* Returns 0 or -errno. A file without rows is begun, and costs little memory before its first one. */
int output_parquet_new(struct output_parquet **out, const struct output_parquet_options *options, struct error *err);

/* Takes a record, which needs to live during the call only. Ends a full group before, which writes it. Returns 0, or
 * -ENOMEM, or what the outlet answered: then the file is lost. */
int output_parquet_add(struct output_parquet *parquet, const struct flow_record *record,
		       const struct output_outlet *outlet, struct error *err);

/* Writes the rows in memory as a row group, and gives their memory back. Does nothing without rows. */
int output_parquet_end_group(struct output_parquet *parquet, const struct output_outlet *outlet, struct error *err);

/* Ends the last group and the file. */
int output_parquet_end(struct output_parquet *parquet, const struct output_outlet *outlet, struct error *err);

/* Takes NULL. */
void output_parquet_free(struct output_parquet *parquet);

/* Memory of the rows not written yet (a bound from above of what they will take in the file); rows in all; bytes that
 * went out. */
size_t output_parquet_held(const struct output_parquet *parquet);
uint64_t output_parquet_rows(const struct output_parquet *parquet);
uint64_t output_parquet_written(const struct output_parquet *parquet);

#endif
