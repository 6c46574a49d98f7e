/* flow/memory.h - memory for tables that are looked at here and there. */
#ifndef ENIFLOW_FLOW_MEMORY_H
#define ENIFLOW_FLOW_MEMORY_H

#include <stddef.h>

/* Bytes. */
enum {
	FLOW_MEMORY_LINE = 64,       /* a cache line on most machines */
	FLOW_MEMORY_LARGE = 2 << 20, /* a huge page on most machines */
};

/* At least `size` bytes (more than 0), for free(); NULL: there are none. They begin with a cache line. From
 * FLOW_MEMORY_LARGE on they are of huge pages, where the system has some: fewer pages spare walks through their
 * tables. */
void *flow_memory_new(size_t size);

#endif
