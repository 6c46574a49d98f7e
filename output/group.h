/* output/group.h - rows in memory, column by column: a row group of a Parquet file before it is written.
 *
 * A value is kept as its code in the dictionary of its column. What records of one interface and variant (output/value.h)
 * share is kept once, however many they are. What is null, output/parquet.h says. Memory follows what differs among the
 * rows, not the interfaces of a run. */
#ifndef ENIFLOW_OUTPUT_GROUP_H
#define ENIFLOW_OUTPUT_GROUP_H

#include "output/format.h"
#include "output/pages.h"

struct output_group;

/* A column for each field of the format, which outlives the group. Returns 0 or -errno. */
int output_group_new(struct output_group **out, const struct output_format *format, struct error *err);

/* Takes NULL. */
void output_group_free(struct output_group *group);

/* Takes a record, which needs to live during the call only. Returns false for want of memory: then the rows are of no
 * use any more. */
bool output_group_add(struct output_group *group, const struct flow_record *record);

/* What a column has, but for its name. `scratch` has the codes, where they are not in the group as they are: both stay as
 * long as `out` is used. Returns false for want of memory. */
bool output_group_values(const struct output_group *group, size_t number, struct output_buffer *scratch,
			 struct output_values *out);

/* Without rows, and without their memory. */
void output_group_clear(struct output_group *group);

/* Rows; and their memory: a bound from above of what they will take in the file. */
size_t output_group_rows(const struct output_group *group);
size_t output_group_held(const struct output_group *group);

#endif
