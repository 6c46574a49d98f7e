#include "output/writer.h"

#include <stdlib.h>
#include <string.h>

#include "output/live.h"
#include "output/layout.h"
#include "output/losses.h"
#include "output/slots.h"

enum { HOLD_LEAST = 64 * 1024 };

struct output_writer {
	struct output_encoder *encoder;
	/* One of them: */
	struct output_destination *destination;
	struct output_live *live;
	struct output_slots *slots;
	int64_t until; /* the last window's end */
	bool flush_windows;
	int failed; /* the first failure's code, 0 as long as all is well */
	struct error failure;
	struct output_state state;
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

static char *reserve(struct output_writer *writer, const struct flow_record *record, size_t room)
{
	if (writer->destination)
		return output_destination_reserve(writer->destination, room, &writer->failed, &writer->failure);
	if (writer->live)
		return output_live_reserve(writer->live, room, &writer->failed, &writer->failure);
	return output_slots_reserve(writer->slots, record, room, &writer->failed, &writer->failure);
}

static void commit(struct output_writer *writer, size_t length)
{
	if (writer->destination)
		output_destination_commit(writer->destination, length);
	else if (writer->live)
		output_live_commit(writer->live, length);
	else
		output_slots_commit(writer->slots, length);
}

/* Returns 1 when it was taken, 0 when there was no room, or the failure. */
static int take(struct output_writer *writer, const struct flow_record *record)
{
	size_t length, room = output_encoder_room(writer->encoder, record);
	char *line;

	if (room == 0) {
		writer->failed = fail_memory(&writer->failure, "encoder");
		return writer->failed;
	}
	line = reserve(writer, record, room);
	if (!line)
		return writer->failed;
	length = output_encoder_line(writer->encoder, record, line);
	commit(writer, length);
	writer->state.records[record->status]++;
	writer->state.bytes += length;
	return 1;
}

static int lose(struct output_writer *writer, const struct flow_record *record)
{
	writer->state.dropped++;
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

static void flush(struct output_writer *writer)
{
	if (writer->failed)
		return;
	if (writer->destination)
		writer->failed = output_destination_flush(writer->destination, &writer->failure);
	else if (writer->live)
		writer->failed = output_live_flush(writer->live, &writer->failure);
	else
		writer->failed = output_slots_pass(writer->slots, writer->until, true, &writer->failure);
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
	flush(writer);
	if (!writer->failed && !writer->trouble.is_on && writer->losses.count > 0) {
		write_losses(writer);
		flush(writer);
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
	else if (!writer->failed && writer->slots)
		writer->failed = output_slots_pass(writer->slots, until, false, &writer->failure);
	return answer(writer, err);
}

int output_writer_tick(struct output_writer *writer, int64_t now, struct error *err)
{
	if (!writer->failed && writer->slots)
		writer->failed = output_slots_tick(writer->slots, now, &writer->failure);
	if (!writer->failed && (writer->trouble.is_on || writer->trouble.was_told))
		settle(writer);
	return answer(writer, err);
}

int output_writer_reopen(struct output_writer *writer, struct error *err)
{
	if (writer->failed)
		return answer(writer, err);
	if (writer->live)
		return output_live_reopen(writer->live, err);
	return writer->slots ? output_slots_reopen(writer->slots, err) : 0;
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

static int open_destination(struct output_writer *writer, const char *where,
			    const struct output_writer_options *options, struct error *err)
{
	int header = options->header, ret = output_destination_open(&writer->destination, where, err);

	if (ret < 0)
		return ret;
	if (header < 0)
		header = output_destination_is_file(writer->destination);
	return header ? write_header(writer, err) : 0;
}

static int open_live(struct output_writer *writer, const char *where, const struct output_writer_options *options,
		     struct error *err)
{
	struct output_live_options live = {
		.header = options->header,
		.notices = options->notices,
		.trouble = &writer->trouble,
	};

	live.header_text = output_encoder_header(writer->encoder, &live.header_length);
	return output_live_open(&writer->live, where, &live, err);
}

static int open_slots(struct output_writer *writer, const char *where, const struct output_writer_options *options,
		      struct error *err)
{
	char id[OUTPUT_LAYOUT_ID];
	struct output_slots_options slots = {
		.live = options->live,
		.interval = options->interval,
		.flow_log_id = options->flow_log_id ? options->flow_log_id : id,
		.suffix = output_layout_suffix(options->encoding),
		.notices = options->notices,
		.trouble = &writer->trouble,
	};

	output_layout_flow_log_id(id, options->format, options->interval);
	slots.header = output_encoder_header(writer->encoder, &slots.header_length);
	if (options->header == 0)
		slots.header_length = 0;
	return output_slots_open(&writer->slots, where, &slots, err);
}

static int open_place(struct output_writer *writer, const char *where, const struct output_writer_options *options,
		      struct error *err)
{
	int ret = output_destination_check(where, err);

	if (ret < 0)
		return ret;
	if (where[strlen(where) - 1] == '/')
		return open_slots(writer, where, options, err);
	return options->live ? open_live(writer, where, options, err) : open_destination(writer, where, options, err);
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
	ret = output_encoder_new(&writer->encoder, options->format, options->encoding, err);
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
	*out = writer->state;
	out->write_errors = writer->trouble.errors;
	out->is_writable = !writer->failed && !writer->trouble.is_on;
	if (writer->live) {
		out->waiting = output_live_waiting(writer->live);
		out->files = output_live_finished(writer->live);
	}
	if (writer->slots) {
		out->waiting = output_slots_waiting(writer->slots);
		out->files = output_slots_finished(writer->slots);
		out->dropped += output_slots_lost(writer->slots);
	}
}

static int finish_parts(struct output_writer *writer, struct error *err)
{
	struct output_destination *destination = writer->destination;
	struct output_live *live = writer->live;
	struct output_slots *slots = writer->slots;

	writer->destination = NULL;
	writer->live = NULL;
	writer->slots = NULL;
	if (slots)
		return output_slots_finish(slots, err);
	return live ? output_live_finish(live, err) : output_destination_finish(destination, err);
}

int output_writer_finish(struct output_writer *writer, struct error *err)
{
	int ret;

	if (!writer->failed && writer->trouble.was_told)
		settle(writer);
	ret = answer(writer, err);
	if (ret == 0)
		ret = finish_parts(writer, err);
	output_writer_abandon(writer);
	return ret;
}

void output_writer_abandon(struct output_writer *writer)
{
	if (!writer)
		return;
	output_destination_abandon(writer->destination);
	output_live_abandon(writer->live);
	output_slots_abandon(writer->slots);
	output_losses_clear(&writer->losses);
	output_encoder_free(writer->encoder);
	free(writer);
}
