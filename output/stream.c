#include "output/stream.h"

#include <stdlib.h>

enum { BUFFER_SIZE = 64 * 1024 };

size_t output_stream_waiting(const struct output_stream *stream)
{
	return stream->used + stream->hold.length;
}

/* What waits has changed, from `before`. */
static void account(struct output_stream *stream, size_t before)
{
	if (stream->waiting)
		*stream->waiting += output_stream_waiting(stream) - before;
}

/* Gives back what is needed only while lines come. */
static void rest(struct output_stream *stream)
{
	output_compressor_free(stream->compressor);
	stream->compressor = NULL;
	stream->is_behind = false;
	free(stream->buffer);
	stream->buffer = NULL;
	stream->used = stream->size = 0;
}

void output_stream_clear(struct output_stream *stream)
{
	size_t before = output_stream_waiting(stream);

	rest(stream);
	output_hold_clear(&stream->hold);
	account(stream, before);
}

bool output_stream_has_room(const struct output_stream *stream, size_t size)
{
	return stream->size - stream->used >= size;
}

/* Makes the empty buffer large enough. */
static int widen(struct output_stream *stream, size_t size, struct error *err)
{
	size_t wanted = size < BUFFER_SIZE ? BUFFER_SIZE : size;
	char *buffer = malloc(wanted);

	if (!buffer)
		return fail_memory(err, "output");
	free(stream->buffer);
	stream->buffer = buffer;
	stream->size = wanted;
	return 0;
}

char *output_stream_reserve(struct output_stream *stream, size_t size, struct error *err)
{
	if (!output_stream_has_room(stream, size)) {
		if (stream->used > 0 && output_stream_pack(stream, OUTPUT_MORE, err) < 0)
			return NULL;
		if (stream->size < size && widen(stream, size, err) < 0)
			return NULL;
	}
	return stream->buffer + stream->used;
}

void output_stream_commit(struct output_stream *stream, size_t size)
{
	stream->used += size;
	if (stream->waiting)
		*stream->waiting += size;
}

static int keep(void *ctx, const void *bytes, size_t size, struct error *err)
{
	struct output_stream *stream = ctx;

	stream->packed += size;
	return output_hold_append(&stream->hold, bytes, size, err);
}

int output_stream_append(struct output_stream *stream, const void *bytes, size_t size, struct error *err)
{
	size_t before = output_stream_waiting(stream);
	int ret = keep(stream, bytes, size, err);

	account(stream, before);
	return ret;
}

static int compress(struct output_stream *stream, enum output_push then, struct error *err)
{
	struct output_outlet outlet = { keep, stream };
	int ret = 0;

	if (stream->used == 0 && !stream->compressor)
		return 0;
	if (stream->used == 0 && then == OUTPUT_PAUSE && !stream->is_behind)
		return 0; /* nothing new to see */
	if (!stream->compressor)
		ret = output_compressor_new(&stream->compressor, stream->compression, err);
	if (ret == 0)
		ret = stream->compressor->push(stream->compressor, stream->buffer, stream->used, then, &outlet, err);
	stream->is_behind = then == OUTPUT_MORE;
	return ret;
}

int output_stream_pack(struct output_stream *stream, enum output_push then, struct error *err)
{
	size_t before = output_stream_waiting(stream);
	int ret;

	stream->hold.has_lines = stream->compression == OUTPUT_PLAIN;
	if (stream->compression == OUTPUT_PLAIN)
		ret = keep(stream, stream->buffer, stream->used, err);
	else
		ret = compress(stream, then, err);
	stream->used = 0;
	if (then == OUTPUT_END)
		rest(stream);
	account(stream, before);
	return ret;
}

int output_stream_write(struct output_stream *stream, int fd)
{
	size_t before = output_stream_waiting(stream);
	int ret = output_hold_write(&stream->hold, fd);

	account(stream, before);
	return ret;
}
