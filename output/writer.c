#include "output/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output/layout.h"
#include "output/lines.h"
#include "output/kafka_address.h"
#include "output/losses.h"
#include "output/rows.h"
#include "output/slots.h"
#include "output/topic.h"

enum { HOLD_LEAST = 64 * 1024 };

struct output_writer {
	struct output_encoder *encoder; /* of lines; NULL: Parquet */
	struct output_format format;
	struct output_parquet_options parquet;
	struct output_place *place;
	int64_t until; /* the last window's end */
	bool flush_windows;
	int failed; /* the first failure's code, 0 as long as all is well */
	struct error failure;
	uint64_t dropped;
	struct output_trouble trouble;
	struct output_losses losses;
};

/* The first failure is the answer from then on: what follows it would be a log with a hole. */
static int answer(struct output_writer *writer, struct error *err)
{
	if (writer->failed && err)
		*err = writer->failure;
	return writer->failed;
}

/* Returns 1 when it was taken, 0 when there was no room, or the failure. */
static int take(struct output_writer *writer, const struct flow_record *record)
{
	int ret = writer->place->kind->put(writer->place, record, &writer->failure);

	if (ret < 0)
		writer->failed = ret;
	return ret;
}

static int lose(struct output_writer *writer, const struct flow_record *record)
{
	writer->dropped++;
	writer->trouble.dropped++;
	writer->failed = output_losses_add(&writer->losses, record, &writer->failure);
	return writer->failed;
}

static int write_record(void *ctx, const struct flow_record *record, struct error *err)
{
	struct output_writer *writer = ctx;
	int ret;

	if (writer->failed)
		return answer(writer, err);
	ret = take(writer, record);
	if (ret == 0)
		ret = lose(writer, record);
	return ret < 0 ? answer(writer, err) : 0;
}

static void pass(struct output_writer *writer, bool push)
{
	if (!writer->failed)
		writer->failed = writer->place->kind->pass(writer->place, writer->until, push, &writer->failure);
}

/* Tells of the records that were lost, as far as there is room for it. */
static void write_losses(struct output_writer *writer)
{
	struct output_losses *losses = &writer->losses;
	size_t told = 0;

	while (told < losses->count && !writer->trouble.is_on) {
		const struct output_loss *loss = &losses->items[told];
		struct flow_record record = { .interface = loss->interface,
					      .interface_number = loss->interface_number,
					      .status = FLOW_SKIPDATA,
					      .start = loss->start,
					      .end = loss->end };

		if (take(writer, &record) <= 0)
			break;
		told++;
	}
	losses->count -= told;
	memmove(losses->items, losses->items + told, losses->count * sizeof(*losses->items));
}

/* Pushes out what is there; when all is written, that trouble is over. */
static void settle(struct output_writer *writer)
{
	pass(writer, true);
	if (!writer->failed && !writer->trouble.is_on && writer->losses.count > 0) {
		write_losses(writer);
		pass(writer, true);
	}
	if (!writer->failed && !writer->trouble.is_on && writer->losses.count == 0)
		output_trouble_over(&writer->trouble);
}

static int end_window(void *ctx, int64_t until, struct error *err)
{
	struct output_writer *writer = ctx;

	writer->until = until;
	if (!writer->failed && writer->flush_windows)
		settle(writer);
	else
		pass(writer, false);
	return answer(writer, err);
}

int output_writer_tick(struct output_writer *writer, int64_t now, struct error *err)
{
	if (!writer->failed && writer->place->kind->tick)
		writer->failed = writer->place->kind->tick(writer->place, now, &writer->failure);
	if (!writer->failed && (writer->trouble.is_on || writer->trouble.was_told))
		settle(writer);
	return answer(writer, err);
}

int output_writer_reopen(struct output_writer *writer, struct error *err)
{
	if (writer->failed)
		return answer(writer, err);
	return writer->place->kind->reopen ? writer->place->kind->reopen(writer->place, err) : 0;
}

static int open_lines(struct output_writer *writer, const char *where, const struct output_writer_options *options,
		      struct error *err)
{
	const struct output_lines_options lines = {
		.live = options->live,
		.header = options->header,
		.encoder = writer->encoder,
		.notices = options->notices,
		.trouble = &writer->trouble,
	};

	return output_lines_open(&writer->place, where, &lines, err);
}

static int open_slots(struct output_writer *writer, const char *where, const struct output_writer_options *options,
		      struct error *err)
{
	char id[OUTPUT_LAYOUT_ID];
	struct output_slots_options slots = {
		.live = options->live,
		.layout = options->layout,
		.most_bytes = options->file_bytes,
		.interval = options->interval,
		.flow_log_id = options->flow_log_id ? options->flow_log_id : id,
		.suffix = output_layout_suffix(options->encoding),
		.encoder = writer->encoder,
		.has_header = options->header != 0,
		.notices = options->notices,
		.trouble = &writer->trouble,
	};

	output_layout_flow_log_id(id, options->format, options->interval);
	if (options->encoding == OUTPUT_PARQUET)
		slots.parquet = &writer->parquet;
	return output_slots_open(&writer->place, where, &slots, err);
}

static int open_rows(struct output_writer *writer, const char *where, const struct output_writer_options *options,
		     struct error *err)
{
	const struct output_rows_options rows = {
		.live = options->live,
		.parquet = writer->parquet,
		.notices = options->notices,
	};

	return output_rows_open(&writer->place, where, &rows, err);
}

static int open_topic(struct output_writer *writer, const char *where, const struct output_writer_options *options,
		      struct error *err)
{
	const struct output_topic_options topic = {
		.encoder = writer->encoder,
		.kafka = {
			.live = options->live,
			.most = options->live ? writer->trouble.most : 0,
			.properties = options->kafka,
			.property_count = options->kafka_count,
			.stop_asked = options->stop_asked,
			.notices = options->notices,
			.trouble = &writer->trouble,
			.losses = options->live ? &writer->losses : NULL,
		},
	};

	return output_topic_open(&writer->place, where, &topic, err);
}

static int open_place(struct output_writer *writer, const char *where, const struct output_writer_options *options,
		      struct error *err)
{
	int ret = output_destination_check(where, err);

	if (ret < 0)
		return ret;
	if (output_kafka_address_is(where) && options->encoding == OUTPUT_PARQUET)
		return fail(err, EINVAL, "%s: Parquet is for files; a topic takes text, json, csv or ocsf", where);
	if (output_kafka_address_is(where))
		return open_topic(writer, where, options, err);
	if (where[strlen(where) - 1] == '/')
		return open_slots(writer, where, options, err);
	if (options->encoding == OUTPUT_PARQUET)
		return open_rows(writer, where, options, err);
	return open_lines(writer, where, options, err);
}

int output_writer_open(struct output_writer **out, const char *where, const struct output_writer_options *options,
		       struct error *err)
{
	struct output_writer *writer = calloc(1, sizeof(*writer));
	int ret;

	if (!writer)
		return fail_memory(err, "output");
	writer->flush_windows = options->flush_windows || options->live;
	writer->losses.interval = options->interval;
	writer->trouble.notices = options->notices;
	writer->trouble.most = options->hold_size > HOLD_LEAST ? options->hold_size : HOLD_LEAST;
	writer->format = *options->format;
	writer->parquet = (struct output_parquet_options){ .format = &writer->format, .codec = options->codec };
	ret = options->encoding == OUTPUT_PARQUET
		      ? output_codec_check(options->codec, err)
		      : output_encoder_new(&writer->encoder, options->format, options->encoding, err);
	if (ret == 0)
		ret = open_place(writer, where, options, err);
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

void output_writer_state(const struct output_writer *writer, struct output_state *out)
{
	const struct output_place *place = writer->place;

	*out = (struct output_state){
		.bytes = place->bytes,
		.dropped = writer->dropped,
		.write_errors = writer->trouble.errors,
		.is_writable = !writer->failed && !writer->trouble.is_on,
	};
	memcpy(out->records, place->records, sizeof(out->records));
	if (place->kind->state)
		place->kind->state(place, out);
}

static int finish_place(struct output_writer *writer, struct error *err)
{
	struct output_place *place = writer->place;

	writer->place = NULL;
	return place->kind->finish(place, err);
}

static void drain(struct output_writer *writer)
{
	if (!writer->failed && writer->place->kind->drain)
		writer->failed = writer->place->kind->drain(writer->place, &writer->failure);
}

int output_writer_finish(struct output_writer *writer, struct error *err)
{
	int ret;

	drain(writer);
	if (!writer->failed && writer->trouble.was_told)
		settle(writer);
	ret = answer(writer, err);
	if (ret == 0)
		ret = finish_place(writer, err);
	output_writer_abandon(writer);
	return ret;
}

void output_writer_abandon(struct output_writer *writer)
{
	if (!writer)
		return;
	if (writer->place)
		writer->place->kind->abandon(writer->place);
	output_losses_clear(&writer->losses);
	output_encoder_free(writer->encoder);
	free(writer);
}
