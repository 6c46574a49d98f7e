#include "output/thrift.h"

#include <string.h>

/* Types of fields beside those of elements. */
enum { BOOLEAN_TRUE = 1, BOOLEAN_FALSE = 2, I8 = 3, I16 = 4, I64 = 6, LIST = 9 };

enum { STEP_MOST = 15, COUNT_MOST = 14 }; /* what fits into half a byte; a count of 15 says that it follows */

static void put_byte(struct output_buffer *out, uint64_t byte)
{
	output_buffer_append(out, &(char){ (char)byte }, 1);
}

void output_thrift_varint(struct output_buffer *out, uint64_t value)
{
	for (; value > 0x7f; value >>= 7)
		put_byte(out, (value & 0x7f) | 0x80);
	put_byte(out, value);
}

/* Small numbers of either sign become small numbers. */
static void put_zigzag(struct output_buffer *out, int64_t value)
{
	output_thrift_varint(out, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

static void put_head(struct output_thrift *thrift, int16_t id, unsigned type)
{
	int step = id - thrift->last[thrift->depth];

	if (id == 0)
		return;
	thrift->last[thrift->depth] = id;
	if (step > 0 && step <= STEP_MOST) {
		put_byte(thrift->out, (unsigned)step << 4 | type);
		return;
	}
	put_byte(thrift->out, type);
	put_zigzag(thrift->out, id);
}

void output_thrift_begin(struct output_thrift *thrift, int16_t id)
{
	put_head(thrift, id, OUTPUT_THRIFT_STRUCT);
	thrift->last[++thrift->depth] = 0;
}

void output_thrift_end(struct output_thrift *thrift)
{
	put_byte(thrift->out, 0);
	if (thrift->depth > 0)
		thrift->depth--;
}

void output_thrift_list(struct output_thrift *thrift, int16_t id, enum output_thrift_type type, size_t count)
{
	put_head(thrift, id, LIST);
	put_byte(thrift->out, (count <= COUNT_MOST ? count : COUNT_MOST + 1) << 4 | type);
	if (count > COUNT_MOST)
		output_thrift_varint(thrift->out, count);
}

void output_thrift_i8(struct output_thrift *thrift, int16_t id, int8_t value)
{
	put_head(thrift, id, I8);
	put_byte(thrift->out, (uint8_t)value);
}

void output_thrift_i16(struct output_thrift *thrift, int16_t id, int16_t value)
{
	put_head(thrift, id, I16);
	put_zigzag(thrift->out, value);
}

void output_thrift_i32(struct output_thrift *thrift, int16_t id, int32_t value)
{
	put_head(thrift, id, OUTPUT_THRIFT_I32);
	put_zigzag(thrift->out, value);
}

void output_thrift_i64(struct output_thrift *thrift, int16_t id, int64_t value)
{
	put_head(thrift, id, I64);
	put_zigzag(thrift->out, value);
}

void output_thrift_bool(struct output_thrift *thrift, int16_t id, bool value)
{
	put_head(thrift, id, value ? BOOLEAN_TRUE : BOOLEAN_FALSE);
}

void output_thrift_binary(struct output_thrift *thrift, int16_t id, const void *bytes, size_t length)
{
	put_head(thrift, id, OUTPUT_THRIFT_BINARY);
	output_thrift_varint(thrift->out, length);
	output_buffer_append(thrift->out, bytes, length);
}

void output_thrift_string(struct output_thrift *thrift, int16_t id, const char *text)
{
	output_thrift_binary(thrift, id, text, strlen(text));
}
