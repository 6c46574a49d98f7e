#include "output/destination.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output/compressor.h"
#include "output/file.h"
#include "output/kafka.h"
#include "output/kafka_address.h"

enum { BUFFER_SIZE = 512 * 1024 };

struct output_destination {
	struct output_file *file;
	struct output_compressor *compressor; /* NULL: the bytes go out as they are */
	char *buffer;
	size_t used, size;
	bool behind; /* a reader could not see yet all that was pushed */
};

int output_destination_check(const char *where, struct error *err)
{
	if (*where == '\0')
		return fail(err, EINVAL, "no destination is given; - is standard output");
	if (output_kafka_address_is(where))
		return output_kafka_check(where, err);
	return 0;
}

static int open_parts(struct output_destination *destination, const char *where, struct error *err)
{
	int ret = output_destination_check(where, err);

	if (ret == 0)
		ret = output_compressor_new(&destination->compressor, output_compression_of(where), err);
	if (ret < 0)
		return ret;
	destination->size = BUFFER_SIZE;
	destination->buffer = malloc(BUFFER_SIZE);
	return destination->buffer ? output_file_open(&destination->file, where, err) : fail_memory(err, where);
}

int output_destination_open(struct output_destination **out, const char *where, struct error *err)
{
	struct output_destination *destination = calloc(1, sizeof(*destination));
	int ret = destination ? open_parts(destination, where, err) : fail_memory(err, where);

	if (ret < 0)
		output_destination_abandon(destination);
	else
		*out = destination;
	return ret;
}

bool output_destination_is_file(const struct output_destination *destination)
{
	return output_file_is_regular(destination->file);
}

static int write_to_file(void *file, const void *bytes, size_t size, struct error *err)
{
	return output_file_write(file, bytes, size, err);
}

/* Hands on what the buffer holds. */
static int push(struct output_destination *destination, enum output_push then, struct error *err)
{
	struct output_compressor *compressor = destination->compressor;
	struct output_outlet outlet = { write_to_file, destination->file };
	size_t used = destination->used;

	destination->used = 0;
	destination->behind = then == OUTPUT_MORE;
	if (!compressor)
		return output_file_write(destination->file, destination->buffer, used, err);
	return compressor->push(compressor, destination->buffer, used, then, &outlet, err);
}

/* Makes the empty buffer large enough for a line longer than any was thought to be. */
static int widen(struct output_destination *destination, size_t size, struct error *err)
{
	char *buffer = malloc(size);

	if (!buffer)
		return fail_memory(err, "output");
	free(destination->buffer);
	destination->buffer = buffer;
	destination->size = size;
	return 0;
}

char *output_destination_reserve(struct output_destination *destination, size_t size, int *code, struct error *err)
{
	int ret = 0;

	if (destination->size - destination->used < size) {
		ret = push(destination, OUTPUT_MORE, err);
		if (ret == 0 && destination->size < size)
			ret = widen(destination, size, err);
	}
	if (ret < 0) {
		*code = ret;
		return NULL;
	}
	return destination->buffer + destination->used;
}

void output_destination_commit(struct output_destination *destination, size_t size)
{
	destination->used += size;
}

int output_destination_flush(struct output_destination *destination, struct error *err)
{
	return destination->used || destination->behind ? push(destination, OUTPUT_PAUSE, err) : 0;
}

int output_destination_finish(struct output_destination *destination, struct error *err)
{
	int ret = push(destination, OUTPUT_END, err);

	if (ret == 0) {
		ret = output_file_finish(destination->file, err);
		destination->file = NULL;
	}
	output_destination_abandon(destination);
	return ret;
}

void output_destination_abandon(struct output_destination *destination)
{
	if (!destination)
		return;
	output_file_abandon(destination->file);
	output_compressor_free(destination->compressor);
	free(destination->buffer);
	free(destination);
}
