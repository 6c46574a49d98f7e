#include "logs/hybrid.h"

#include "logs/thrift.h"

void log_hybrid_begin(struct log_hybrid *hybrid, const uint8_t *at, const uint8_t *end, unsigned width)
{
	*hybrid = (struct log_hybrid){ .at = at, .end = end, .width = width };
}

/* Groups of eight, `width` bytes each. */
static bool begin_packed(struct log_hybrid *hybrid, uint64_t groups)
{
	uint64_t length = (uint64_t)(hybrid->end - hybrid->at);

	if (hybrid->width > 0 && groups > length / hybrid->width + 1)
		return false;
	hybrid->is_packed = true;
	hybrid->bit = 0;
	hybrid->left = groups < UINT64_MAX / 8 ? groups * 8 : 0;
	return true;
}

static bool begin_repeated(struct log_hybrid *hybrid, uint64_t count)
{
	unsigned bytes = (hybrid->width + 7) / 8;
	uint64_t value;

	if (!log_bits_get(hybrid->at, hybrid->end, 0, 8 * bytes, &value))
		return false;
	hybrid->at += bytes;
	hybrid->is_packed = false;
	hybrid->value = (uint32_t)value;
	hybrid->left = count;
	return true;
}

/* Moves behind a packed run, the last of which may lack what nobody reads. */
static void leave_run(struct log_hybrid *hybrid)
{
	uint64_t bytes = (hybrid->bit + 7) / 8, length = (uint64_t)(hybrid->end - hybrid->at);

	if (hybrid->is_packed)
		hybrid->at += bytes < length ? bytes : length;
	hybrid->is_packed = false;
}

bool log_hybrid_run(struct log_hybrid *hybrid)
{
	struct log_thrift head;
	uint64_t count;

	leave_run(hybrid);
	head = (struct log_thrift){ .at = hybrid->at, .end = hybrid->end };
	count = log_thrift_varint(&head);
	if (head.failed)
		return false;
	hybrid->at = head.at;
	return count & 1 ? begin_packed(hybrid, count >> 1) : begin_repeated(hybrid, count >> 1);
}
