/* capture/pcapng_option.h - the list of options that ends a pcapng block: code, length, value, padded to 4 bytes. */
#ifndef ENIFLOW_CAPTURE_PCAPNG_OPTION_H
#define ENIFLOW_CAPTURE_PCAPNG_OPTION_H

#include "capture/cursor.h"

struct pcapng_option {
	uint16_t code, length;
	const uint8_t *value;
};

/* 1: the next option. 0: there is none. -1: it runs over the end of the block. */
static inline int pcapng_option_next(struct cursor *options, enum byte_order order, struct pcapng_option *out)
{
	const uint8_t *head;
	size_t padding;

	if (cursor_left(options) == 0)
		return 0;
	head = cursor_take(options, 4);
	if (!head)
		return -1;
	out->code = load_16(order, head);
	out->length = load_16(order, head + 2);
	if (out->code == 0) /* opt_endofopt */
		return 0;
	padding = -(size_t)out->length % 4;
	out->value = cursor_take(options, out->length + padding);
	return out->value ? 1 : -1;
}

#endif
