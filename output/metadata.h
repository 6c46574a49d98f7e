/* output/metadata.h - what a Parquet file says about itself: heads of pages, chunks of columns, groups of rows, footer.
 *
 * Source: parquet.thrift of the format's specification, whose names and numbers stand in the .c. */
#ifndef ENIFLOW_OUTPUT_METADATA_H
#define ENIFLOW_OUTPUT_METADATA_H

#include "output/codec.h"
#include "output/field.h"
#include "output/thrift.h"

/* A page as it stands in the file behind its head. */
struct output_page {
	bool is_dictionary;  /* it holds a dictionary; else rows */
	bool has_codes;      /* of a dictionary; else plain values */
	size_t values;       /* how many, nulls among them */
	size_t size, packed; /* bytes, before and after compression */
	uint32_t crc;        /* of the bytes after compression */
};

void output_metadata_page(struct output_buffer *out, const struct output_page *page);

/* Bytes of the least and the greatest value, as plain values have them. */
struct output_range {
	const char *least, *greatest; /* NULL: not told */
	size_t least_length, greatest_length;
};

/* The values of one column in one group of rows. */
struct output_chunk {
	const char *name;
	enum output_type type;
	enum output_codec codec;
	size_t values, nulls;
	uint64_t size, packed;      /* bytes of all pages with their heads, before and after compression */
	uint64_t dictionary_offset; /* where its page begins in the file; 0: there is none */
	uint64_t data_offset;       /* where the first page of rows begins */
	size_t pages;               /* of rows */
	struct output_range range;
};

/* A group of rows is begun, its chunks are put, and it is ended with their sums. */
void output_metadata_begin_group(struct output_thrift *thrift, size_t columns);
void output_metadata_chunk(struct output_thrift *thrift, const struct output_chunk *chunk);
void output_metadata_end_group(struct output_thrift *thrift, uint64_t offset, uint64_t size, uint64_t packed,
			       size_t rows, size_t number);

struct output_column_name {
	const char *name;
	enum output_type type;
};

/* The footer, without its length and mark. `groups` has all groups that were ended, `group_count`. */
void output_metadata_file(struct output_buffer *out, const struct output_column_name *columns, size_t count,
			  uint64_t rows, const struct output_buffer *groups, size_t group_count);

#endif
