#include "output/hybrid.h"

#include "output/thrift.h"

enum { GROUP = 8 }; /* values that are packed together */

unsigned output_hybrid_width(uint32_t count)
{
	return count <= 2 ? 1 : 32 - (unsigned)__builtin_clz(count - 1);
}

void output_hybrid_repeat(struct output_buffer *out, uint32_t value, size_t count, unsigned width)
{
	if (count == 0)
		return;
	output_thrift_varint(out, (uint64_t)count << 1);
	output_buffer_little(out, value, (width + 7) / 8);
}

/* Packs values, the lowest bits first; `count` is a multiple of 8, but in the last run, where 0 stands for what is
 * missing. `out` has the room. Returns where the bytes end. */
static char *pack(char *out, const uint32_t *values, size_t count, unsigned width)
{
	uint64_t bits = 0;
	unsigned filled = 0;

	for (size_t i = 0; i < (count + GROUP - 1) / GROUP * GROUP; i++) {
		bits |= (uint64_t)(i < count ? values[i] : 0) << filled;
		for (filled += width; filled >= 8; filled -= 8, bits >>= 8)
			*out++ = (char)bits;
	}
	return out;
}

static void put_packed(struct output_buffer *out, const uint32_t *values, size_t count, unsigned width)
{
	size_t groups = (count + GROUP - 1) / GROUP;
	char *room;

	if (count == 0)
		return;
	output_thrift_varint(out, (uint64_t)groups << 1 | 1);
	room = output_buffer_room(out, groups * width);
	if (room)
		out->length += (size_t)(pack(room, values, count, width) - room);
}

static size_t run_length(const uint32_t *values, size_t count)
{
	size_t length = 1;

	while (length < count && values[length] == values[0])
		length++;
	return length;
}

void output_hybrid_put(struct output_buffer *out, const uint32_t *values, size_t count, unsigned width)
{
	/* A run of its own costs two heads (its own, and that of what goes on behind it) and the value. */
	size_t least = 8 * (2 + (width + 7) / 8) / width, begin = 0, at = 0;

	least = least < GROUP ? GROUP : least + 1;
	while (at < count) {
		size_t length = run_length(values + at, count - at);

		if (length < least) {
			/* On by whole groups: all runs but the last consist of them. */
			at += length < GROUP ? GROUP : length / GROUP * GROUP;
			continue;
		}
		put_packed(out, values + begin, at - begin, width);
		output_hybrid_repeat(out, values[at], length, width);
		at += length;
		begin = at;
	}
	put_packed(out, values + begin, count - begin, width);
}
