#include "logs/delta.h"

#include "logs/bits.h"
#include "logs/thrift.h"

enum { BLOCK_MOST = 1 << 24 };

static uint64_t unzigzag(uint64_t value)
{
	return value >> 1 ^ -(value & 1);
}

bool log_delta_begin(struct log_delta *delta, const uint8_t *at, const uint8_t *end)
{
	struct log_thrift head = { .at = at, .end = end };
	uint64_t block = log_thrift_varint(&head), miniblocks = log_thrift_varint(&head);
	uint64_t count = log_thrift_varint(&head), first = log_thrift_varint(&head);

	if (head.failed || miniblocks == 0 || block > BLOCK_MOST || block % miniblocks != 0 ||
	    block / miniblocks == 0 || block / miniblocks % 8 != 0)
		return false;
	*delta = (struct log_delta){
		.at = head.at,
		.end = end,
		.left = count,
		.per_miniblock = block / miniblocks,
		.miniblocks = miniblocks,
		.miniblock = miniblocks,
		.value = unzigzag(first),
		.has_first = true,
	};
	return true;
}

static bool begin_block(struct log_delta *delta)
{
	struct log_thrift head = { .at = delta->at, .end = delta->end };

	delta->least = unzigzag(log_thrift_varint(&head));
	if (head.failed || (uint64_t)(head.end - head.at) < delta->miniblocks)
		return false;
	delta->widths = head.at;
	delta->at = head.at + delta->miniblocks;
	delta->miniblock = 0;
	return true;
}

/* Bytes of the miniblock. */
static uint64_t size_of(const struct log_delta *delta)
{
	return delta->per_miniblock / 8 * delta->widths[delta->miniblock];
}

/* Sees to a miniblock with numbers that are not read. */
static bool begin_miniblock(struct log_delta *delta)
{
	if (delta->miniblock < delta->miniblocks) {
		if (size_of(delta) > (uint64_t)(delta->end - delta->at))
			return false;
		delta->at += size_of(delta);
		delta->miniblock++;
	}
	if (delta->miniblock == delta->miniblocks && !begin_block(delta))
		return false;
	delta->miniblock_left = delta->per_miniblock;
	delta->bit = 0;
	return delta->widths[delta->miniblock] <= 64;
}

bool log_delta_next(struct log_delta *delta, int64_t *out)
{
	uint64_t more = 0;

	if (delta->left == 0)
		return false;
	if (delta->has_first) {
		delta->has_first = false;
	} else {
		if (delta->miniblock_left == 0 && !begin_miniblock(delta))
			return false;
		if (!log_bits_get(delta->at, delta->end, delta->bit, delta->widths[delta->miniblock], &more))
			return false;
		delta->bit += delta->widths[delta->miniblock];
		delta->miniblock_left--;
		delta->value += more + delta->least;
	}
	delta->left--;
	*out = (int64_t)delta->value;
	return true;
}

const uint8_t *log_delta_end(const struct log_delta *delta)
{
	struct log_delta walk = *delta;
	uint64_t left = walk.left > 0 ? walk.left - 1 : 0;

	while (left > 0) {
		if (!begin_miniblock(&walk))
			return NULL;
		left -= left < walk.per_miniblock ? left : walk.per_miniblock;
	}
	if (walk.miniblock == walk.miniblocks)
		return walk.at;
	return size_of(&walk) > (uint64_t)(walk.end - walk.at) ? NULL : walk.at + size_of(&walk);
}
