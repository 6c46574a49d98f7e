/* output/thrift.h - structures in Thrift's compact protocol, as a Parquet file describes itself in.
 *
 * Source: the protocol's specification (doc/specs/thrift-compact-protocol). Fields of a structure are put in rising
 * order of their ids. Everywhere an `id` of 0 is an element of the list that was begun last, not a field. */
#ifndef ENIFLOW_OUTPUT_THRIFT_H
#define ENIFLOW_OUTPUT_THRIFT_H

#include <stdint.h>

#include "output/buffer.h"

enum { OUTPUT_THRIFT_DEPTH = 8 }; /* structures in structures, the outermost included */

/* Types of the elements of a list. */
enum output_thrift_type { OUTPUT_THRIFT_I32 = 5, OUTPUT_THRIFT_BINARY = 8, OUTPUT_THRIFT_STRUCT = 12 };

/* One outermost structure on its way into `out`, which tells whether memory sufficed. */
struct output_thrift {
	struct output_buffer *out;
	int16_t last[OUTPUT_THRIFT_DEPTH]; /* id of the field put last, by depth */
	unsigned depth;
};

static inline struct output_thrift output_thrift_of(struct output_buffer *out)
{
	return (struct output_thrift){ .out = out };
}

/* A structure; each one that is begun is ended, and the outermost is ended, too. */
void output_thrift_begin(struct output_thrift *thrift, int16_t id);
void output_thrift_end(struct output_thrift *thrift);

/* So many elements follow. */
void output_thrift_list(struct output_thrift *thrift, int16_t id, enum output_thrift_type type, size_t count);

void output_thrift_i8(struct output_thrift *thrift, int16_t id, int8_t value);
void output_thrift_i16(struct output_thrift *thrift, int16_t id, int16_t value);
void output_thrift_i32(struct output_thrift *thrift, int16_t id, int32_t value);
void output_thrift_i64(struct output_thrift *thrift, int16_t id, int64_t value);
void output_thrift_bool(struct output_thrift *thrift, int16_t id, bool value); /* not as an element */
void output_thrift_binary(struct output_thrift *thrift, int16_t id, const void *bytes, size_t length);
void output_thrift_string(struct output_thrift *thrift, int16_t id, const char *text);

/* A number in groups of seven bits, the lowest first (LEB128). */
void output_thrift_varint(struct output_buffer *out, uint64_t value);

#endif
