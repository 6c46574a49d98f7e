/* logs/thrift.h - values of Thrift's compact protocol, one by one: what a Parquet file says of itself.
 *
 * Source: thrift-compact-protocol.md of Apache Thrift. Any bytes may be read: once they are none of the protocol, or end
 * inside a value, `failed` is set, and every later answer is 0, nothing or false. Nothing is copied. */
#ifndef ENIFLOW_LOGS_THRIFT_H
#define ENIFLOW_LOGS_THRIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_thrift_type {
	LOG_THRIFT_TRUE = 1, /* of a field: its type is its value */
	LOG_THRIFT_FALSE,
	LOG_THRIFT_BYTE,
	LOG_THRIFT_I16,
	LOG_THRIFT_I32,
	LOG_THRIFT_I64,
	LOG_THRIFT_DOUBLE,
	LOG_THRIFT_BYTES,
	LOG_THRIFT_LIST,
	LOG_THRIFT_SET,
	LOG_THRIFT_MAP,
	LOG_THRIFT_STRUCT,
	LOG_THRIFT_UUID
};

struct log_thrift {
	const uint8_t *at, *end;
	bool failed;
	bool ended; /* it failed as there are no more bytes */
};

/* Begins as zero for each struct. */
struct log_thrift_field {
	int32_t id;
	uint8_t type; /* enum log_thrift_type */
};

uint64_t log_thrift_varint(struct log_thrift *thrift);

/* The next field of a struct, whose value is then to be read or skipped. False: the struct ends. */
bool log_thrift_next(struct log_thrift *thrift, struct log_thrift_field *field);

/* Passes over the value of a field. */
void log_thrift_skip(struct log_thrift *thrift, const struct log_thrift_field *field);

/* The value of a field, which must be of that type. */
int64_t log_thrift_int(struct log_thrift *thrift, const struct log_thrift_field *field); /* of any width */
bool log_thrift_bool(struct log_thrift *thrift, const struct log_thrift_field *field);
const uint8_t *log_thrift_bytes(struct log_thrift *thrift, const struct log_thrift_field *field, size_t *length);

/* How many structs the field's list holds, which are then read one by one; no more than bytes are left. */
size_t log_thrift_structs(struct log_thrift *thrift, const struct log_thrift_field *field);

/* Does the field hold a struct? It is then read field by field. */
bool log_thrift_struct(struct log_thrift *thrift, const struct log_thrift_field *field);

#endif
