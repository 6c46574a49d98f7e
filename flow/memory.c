#include "flow/memory.h"

#include <stdlib.h>
#include <sys/mman.h>

void *flow_memory_new(size_t size)
{
	size_t alignment = size < FLOW_MEMORY_LARGE ? FLOW_MEMORY_LINE : FLOW_MEMORY_LARGE;
	size_t whole = (size + alignment - 1) / alignment * alignment;
	void *memory = aligned_alloc(alignment, whole);

	if (memory && alignment == FLOW_MEMORY_LARGE)
		madvise(memory, whole, MADV_HUGEPAGE); /* where there are none, all works as well */
	return memory;
}
