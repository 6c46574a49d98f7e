/* logs/footer.h - what the end of a Parquet file says: which columns there are, and where their values lie.
 *
 * Source: parquet.thrift of the Parquet format (FileMetaData, SchemaElement, RowGroup, ColumnMetaData). Pure; any bytes
 * may be read. */
#ifndef ENIFLOW_LOGS_FOOTER_H
#define ENIFLOW_LOGS_FOOTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/error.h"

/* As the format numbers them. */
enum log_leaf_type {
	LOG_LEAF_BOOLEAN,
	LOG_LEAF_INT32,
	LOG_LEAF_INT64,
	LOG_LEAF_INT96,
	LOG_LEAF_FLOAT,
	LOG_LEAF_DOUBLE,
	LOG_LEAF_BYTES,
	LOG_LEAF_FIXED,
	LOG_LEAF_END
};

/* A column with values. */
struct log_leaf {
	const char *name; /* in the bytes of the footer; not ended by anything; of what is nested, the outermost's */
	size_t name_length;
	uint8_t type;
	bool is_optional; /* may be null: values have levels */
	bool is_nested;   /* in another column, or a list */
	bool is_unsigned;
	bool has_scale;      /* a decimal with digits behind the point */
	uint32_t per_second; /* of a timestamp: how many of its units; else 0 */
};

/* Where the values of a column in a row group are. */
struct log_place {
	uint64_t at, size; /* bytes of the file, which are in it */
	uint64_t values;
	uint8_t codec; /* enum log_codec, or another number */
};

struct log_group {
	uint64_t rows;
	struct log_place *places; /* by the number of the leaf */
};

struct log_footer {
	struct log_leaf *leaves;
	size_t leaf_count;
	struct log_group *groups;
	size_t group_count;
	uint64_t rows;
};

/* Reads the footer, which must stay as long as what is read; `data_end` is where the file's values end and it begins. Memory
 * is bounded by its length. Returns 0; -EBADMSG: it is damaged, as `err` says without the file's name ("its footer ...");
 * -ENOTSUP: it cannot be read here; -ENOMEM. Nothing is to be freed then. */
int log_footer_read(struct log_footer *out, const uint8_t *bytes, size_t length, uint64_t data_end, struct error *err);
void log_footer_free(struct log_footer *footer);

#endif
