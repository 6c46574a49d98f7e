/* output/losses.h - which interfaces lost records of which windows, until it can be told (SKIPDATA, semantics section
 * 7). Pure. */
#ifndef ENIFLOW_OUTPUT_LOSSES_H
#define ENIFLOW_OUTPUT_LOSSES_H

#include "flow/record.h"

/* A time in which records of an interface were lost: Unix seconds. */
struct output_loss {
	const struct flow_interface *interface;
	uint32_t interface_number;
	int64_t start, end;
};

enum { OUTPUT_LOSSES_MOST = 4096 };

/* Zeroed, there are none. Set `interval`: the length of a window in seconds. */
struct output_losses {
	uint32_t interval;
	struct output_loss *items; /* in the order in which they began */
	size_t count, room;
};

void output_losses_clear(struct output_losses *losses);

/* A record was lost: so something was, of its interface and window. From OUTPUT_LOSSES_MOST on, the windows of an
 * interface are put together, so that there is one loss for each interface at the least. Returns 0 or -ENOMEM. */
int output_losses_add(struct output_losses *losses, const struct flow_record *record, struct error *err);

#endif
