#include "output/writer.h"

#include <stdlib.h>
#include <string.h>

struct output_writer {
	struct output_encoder *encoder;
	struct output_destination *destination;
	bool flush_windows;
	int failed; /* the first failure's code, 0 as long as all is well */
	struct error failure;
};

/* The first failure is the answer from then on: what follows it would be a log with a hole. */
static int answer(struct output_writer *writer, struct error *err)
{
	if (writer->failed && err)
		*err = writer->failure;
	return writer->failed;
}

static int write_record(void *ctx, const struct flow_record *record, struct error *err)
{
	struct output_writer *writer = ctx;
	size_t room = 0;
	char *line = NULL;

	if (writer->failed)
		return answer(writer, err);
	room = output_encoder_room(writer->encoder, record);
	if (room == 0) {
		writer->failed = fail_memory(&writer->failure, "encoder");
		return answer(writer, err);
	}
	line = output_destination_reserve(writer->destination, room, &writer->failed, &writer->failure);
	if (!line)
		return answer(writer, err);
	output_destination_commit(writer->destination, output_encoder_line(writer->encoder, record, line));
	return 0;
}

static int end_window(void *ctx, int64_t until, struct error *err)
{
	struct output_writer *writer = ctx;

	(void)until;

	if (!writer->failed && writer->flush_windows)
		writer->failed = output_destination_flush(writer->destination, &writer->failure);
	return answer(writer, err);
}

static int write_header(struct output_writer *writer, struct error *err)
{
	size_t length;
	const char *header = output_encoder_header(writer->encoder, &length);
	int ret = 0;
	char *line = output_destination_reserve(writer->destination, length, &ret, err);

	if (!line)
		return ret;
	memcpy(line, header, length);
	output_destination_commit(writer->destination, length);
	return 0;
}

int output_writer_new(struct output_writer **out, const struct output_writer_options *options,
		      struct output_destination *destination, struct error *err)
{
	struct output_writer *writer = calloc(1, sizeof(*writer));
	int ret;

	if (!writer) {
		output_destination_abandon(destination);
		return fail_memory(err, "output");
	}
	writer->destination = destination;
	writer->flush_windows = options->flush_windows;
	ret = output_encoder_new(&writer->encoder, options->format, options->encoding, err);
	if (ret == 0 && options->header)
		ret = write_header(writer, err);
	if (ret < 0)
		output_writer_abandon(writer);
	else
		*out = writer;
	return ret;
}

struct flow_sink output_writer_sink(struct output_writer *writer)
{
	return (struct flow_sink){ .record = write_record, .window_end = end_window, .ctx = writer };
}

int output_writer_finish(struct output_writer *writer, struct error *err)
{
	int ret = answer(writer, err);

	if (ret == 0) {
		ret = output_destination_finish(writer->destination, err);
		writer->destination = NULL;
	}
	output_writer_abandon(writer);
	return ret;
}

void output_writer_abandon(struct output_writer *writer)
{
	if (!writer)
		return;
	output_destination_abandon(writer->destination);
	output_encoder_free(writer->encoder);
	free(writer);
}
