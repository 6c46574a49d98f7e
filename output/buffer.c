#include "output/buffer.h"

#include <stdlib.h>
#include <string.h>

static bool has_room(struct output_buffer *buffer, size_t length)
{
	size_t size = buffer->size ? buffer->size : 256;
	char *bytes;

	while (size - buffer->length < length)
		size *= 2;
	if (size == buffer->size)
		return true;
	bytes = realloc(buffer->bytes, size);
	if (!bytes)
		return false;
	buffer->bytes = bytes;
	buffer->size = size;
	return true;
}

void output_buffer_append(struct output_buffer *buffer, const char *bytes, size_t length)
{
	if (buffer->failed || !has_room(buffer, length)) {
		buffer->failed = true;
		return;
	}
	memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
}

void output_buffer_put(struct output_buffer *buffer, const char *text)
{
	output_buffer_append(buffer, text, strlen(text));
}

void output_buffer_little(struct output_buffer *buffer, uint64_t value, size_t size)
{
	char bytes[sizeof(value)];

	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)(value >> 8 * i);
	output_buffer_append(buffer, bytes, size);
}

char *output_buffer_room(struct output_buffer *buffer, size_t length)
{
	if (buffer->failed || !has_room(buffer, length)) {
		buffer->failed = true;
		return NULL;
	}
	return buffer->bytes + buffer->length;
}
