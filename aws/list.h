/* aws/list.h - arrays that grow by one. */
#ifndef ENIFLOW_AWS_LIST_H
#define ENIFLOW_AWS_LIST_H

#include <stdint.h>
#include <stdlib.h>

/* Room for one item more behind the `count` of `size` bytes each that `items` holds. Returns where they are now, or
 * NULL: then they are where they were. An array that is grown by this alone doubles, so its room need not be kept. */
static inline void *aws_list_grow(void *items, size_t count, size_t size)
{
	if (count & (count - 1)) /* not 0, and no power of two: there is room */
		return items;
	if (count > SIZE_MAX / 2 / size)
		return NULL;
	return realloc(items, (count ? 2 * count : 1) * size);
}

#endif
