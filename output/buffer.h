/* output/buffer.h - bytes that grow, for what is put together once and then used often. */
#ifndef ENIFLOW_OUTPUT_BUFFER_H
#define ENIFLOW_OUTPUT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed, it is empty. `bytes` is from malloc and the holder's to free. */
struct output_buffer {
	char *bytes;
	size_t length, size;
	bool failed; /* memory ran out: what was to be appended since is missing */
};

void output_buffer_append(struct output_buffer *buffer, const char *bytes, size_t length);

/* The same for a string. */
void output_buffer_put(struct output_buffer *buffer, const char *text);

/* A whole number of so many bytes (8 at the most), the lowest first. */
void output_buffer_little(struct output_buffer *buffer, uint64_t value, size_t size);

/* Room for so many bytes behind those that are there: who fills it adds to the buffer's length what was taken. NULL:
 * memory ran out. */
char *output_buffer_room(struct output_buffer *buffer, size_t length);

#endif
