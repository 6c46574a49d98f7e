#include "capture/source.h"

#include <errno.h>
#include <stdlib.h>

#include "flow/key.h"

/* One of the run's files, and what has been read of it but not yet handed on: items[at] to items[length - 1]. */
struct source_part {
	struct capture_file *file; /* NULL once it has ended */
	size_t at, length;
	uint64_t consumed; /* of it, as far as the source has counted */
	struct capture_item items[SOURCE_BATCH];
};

struct source {
	struct source_part **parts;
	size_t count;
	/* Those with a frame at `at`, as a binary heap: the earliest frame on top, of equal ones the first on the
	 * command line. */
	size_t *heap;
	size_t heap_length;
	/* Those that have none, and must be read on before the earliest frame is known: all at first, then the one that
	 * handed on its last. */
	size_t behind, behind_end;
	struct capture_points *points;
	struct capture_filter *filter; /* or NULL */
	struct capture_fragments *fragments;
	struct capture_decoder decoder;
	uint64_t seed;
	bool is_stream, is_compressed, is_damaged;
	const struct notices *notices;
	uint64_t total_size, consumed; /* for progress */
	bool size_known;
};

/* Counted as the files are read: asking all of them each time would take longer than reading, when they are many. */
static void count_consumed(struct source *source, struct source_part *part)
{
	uint64_t consumed = capture_input_consumed(capture_file_input(part->file));

	source->consumed += consumed - part->consumed;
	part->consumed = consumed;
}

/* ---- opening ---- */

static int open_part(struct source *source, const struct source_files_options *options, size_t i, struct error *err)
{
	const struct capture_file_options file_options = {
		.path = options->files[i].path,
		.point_name = options->files[i].name,
		.wake_fd = options->wake_fd,
		.ahead = options->ahead,
		.points = source->points,
		.notices = options->notices,
	};
	struct source_part *part = source->parts[i] = calloc(1, sizeof(*part));
	const struct capture_input *input;
	int ret;

	if (!part)
		return fail_memory(err, "capture files");
	source->count = i + 1;
	ret = capture_file_open(&part->file, &file_options, err);
	if (ret < 0)
		return ret;
	input = capture_file_input(part->file);
	source->is_stream |= capture_input_is_stream(input);
	source->is_compressed |= capture_input_compression(input) != NULL;
	source->size_known &= capture_input_size(input) > 0;
	source->total_size += capture_input_size(input);
	count_consumed(source, part);
	return 0;
}

int source_open_files(struct source **out, const struct source_files_options *options, struct error *err)
{
	struct source *source = calloc(1, sizeof(*source));
	int ret;

	if (!source)
		return fail_memory(err, "capture files");
	source->parts = calloc(options->count, sizeof(*source->parts));
	source->heap = calloc(options->count, sizeof(*source->heap));
	source->behind_end = options->count;
	source->size_known = true;
	source->notices = options->notices;
	source->seed = options->seed;
	if (!source->parts || !source->heap) {
		ret = fail_memory(err, "capture files");
		goto failed;
	}
	ret = capture_points_new(&source->points, err);
	if (ret >= 0)
		ret = capture_fragments_new(&source->fragments, options->seed, err);
	if (ret >= 0 && options->filter)
		ret = capture_filter_new(&source->filter, options->filter, err);
	for (size_t i = 0; ret >= 0 && i < options->count; i++)
		ret = open_part(source, options, i, err);
	if (ret < 0)
		goto failed;
	source->decoder = (struct capture_decoder){ options->tunnels, source->fragments };
	*out = source;
	return 0;
failed:
	source_close(source);
	return ret;
}

void source_close(struct source *source)
{
	if (!source)
		return;
	for (size_t i = 0; i < source->count; i++) {
		capture_file_close(source->parts[i]->file);
		free(source->parts[i]);
	}
	capture_filter_free(source->filter);
	capture_fragments_free(source->fragments);
	capture_points_free(source->points);
	free(source->parts);
	free(source->heap);
	free(source);
}

/* ---- the heap of heads ---- */

static const struct capture_item *head_of(const struct source *source, size_t number)
{
	const struct source_part *part = source->parts[number];

	return &part->items[part->at];
}

static bool is_earlier(const struct source *source, size_t a, size_t b)
{
	int64_t a_ns = head_of(source, a)->time_ns, b_ns = head_of(source, b)->time_ns;

	return a_ns != b_ns ? a_ns < b_ns : a < b;
}

static void heap_push(struct source *source, size_t part)
{
	size_t at = source->heap_length++;

	while (at > 0 && is_earlier(source, part, source->heap[(at - 1) / 2])) {
		source->heap[at] = source->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	source->heap[at] = part;
}

static size_t heap_pop(struct source *source)
{
	size_t top = source->heap[0], last = source->heap[--source->heap_length], at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= source->heap_length)
			break;
		if (child + 1 < source->heap_length && is_earlier(source, source->heap[child + 1], source->heap[child]))
			child++;
		if (!is_earlier(source, source->heap[child], last))
			break;
		source->heap[at] = source->heap[child];
		at = child;
	}
	source->heap[at] = last;
	return top;
}

/* ---- reading ---- */

static void end_part(struct source *source, struct source_part *part)
{
	source->is_damaged |= capture_file_is_damaged(part->file);
	capture_file_close(part->file);
	part->file = NULL;
}

/* What a file says between its frames. */
static void hand_on_event(const struct capture_item *item, struct flow_observation *out)
{
	*out = (struct flow_observation){
		.kind = item->kind == CAPTURE_POINT ? FLOW_POINT : FLOW_LOSS,
		.point = item->point,
		.lost = item->lost,
		.appeared = item->appeared,
	};
}

/* Reads the first of the files that are behind up to its next frame. 1: something was done. */
static int catch_up(struct source *source, struct source_batch *batch, struct error *err)
{
	size_t number = source->behind;
	struct source_part *part = source->parts[number];
	int ret = 1;

	if (part->at == part->length) {
		ret = capture_file_read(part->file, part->items, SOURCE_BATCH, batch->length == 0, err);
		count_consumed(source, part);
		if (ret < 0)
			return ret;
		part->at = 0;
		part->length = (size_t)ret;
	}
	if (ret == 0) {
		end_part(source, part);
		source->behind++;
	} else if (head_of(source, number)->kind == CAPTURE_FRAME) {
		heap_push(source, number);
		source->behind++;
	} else {
		hand_on_event(&part->items[part->at++], &batch->items[batch->length++]);
	}
	return 1;
}

static void hand_on_filtered(const struct capture_item *item, struct flow_observation *out)
{
	*out = (struct flow_observation){
		.kind = FLOW_FILTERED,
		.point = item->point,
		.first_ns = item->time_ns,
		.last_ns = item->time_ns,
		.packets = 1,
		.lost = item->lost,
	};
}

/* A filter may mean nothing for one of the link types: its frames do not pass, all others are read on. */
static int filter_passes(struct source *source, const struct capture_item *item, struct error *err)
{
	struct error why;
	int passes = capture_filter_match(source->filter, item->link_type, item->bytes, item->captured, item->original,
					  &why);

	if (passes != -EINVAL)
		return passes < 0 ? fail(err, -passes, "%s", why.text) : passes;
	notify(source->notices, "%s; frames of that kind are counted as filtered", why.text);
	source->is_damaged = true;
	return 0;
}

static int hand_on_frame(struct source *source, const struct capture_item *item, struct flow_observation *out,
			 struct error *err)
{
	int passes = source->filter && item->supported ? filter_passes(source, item, err) : 1;

	if (passes > 0)
		capture_decode(&source->decoder, item, out);
	else if (passes == 0)
		hand_on_filtered(item, out);
	return passes;
}

/* Up to which time, itself included, a part hands on its frames before it is another's turn. */
static int64_t turn_of(const struct source *source, size_t number)
{
	const struct capture_item *other;

	if (source->heap_length == 0)
		return INT64_MAX;
	other = head_of(source, source->heap[0]);
	return number < source->heap[0] ? other->time_ns : other->time_ns - 1;
}

/* How many of a part's items are frames of its turn; at least the first is, and there are no more than `most`. */
static size_t run_length(const struct source *source, size_t number, size_t most)
{
	const struct source_part *part = source->parts[number];
	const struct capture_item *items = part->items + part->at;
	int64_t until_ns = turn_of(source, number);
	size_t left = part->length - part->at, length = 1;

	most = left < most ? left : most;
	while (length < most && items[length].kind == CAPTURE_FRAME && items[length].time_ns <= until_ns)
		length++;
	return length;
}

/* What the meter would work out: here it may be another thread that does it. */
static void hash_tuples(const struct source *source, struct flow_observation *items, size_t count)
{
	for (struct flow_observation *item = items; item < items + count; item++)
		if (item->kind == FLOW_PACKET)
			item->tuple_hash = flow_tuple_hash(&item->source, &item->destination, item->source_port,
							   item->destination_port, item->protocol, item->family,
							   source->seed);
}

/* The earliest frame of all, and those behind it in the same file that are earlier than all others'; then that file is
 * behind. */
static int hand_on_run(struct source *source, struct source_batch *batch, struct error *err)
{
	size_t number = heap_pop(source), length = run_length(source, number, batch->room - batch->length);
	struct source_part *part = source->parts[number];

	for (size_t i = 0; i < length; i++) {
		int ret = hand_on_frame(source, &part->items[part->at + i], &batch->items[batch->length + i], err);

		if (ret < 0)
			return ret;
	}
	hash_tuples(source, batch->items + batch->length, length);
	part->at += length;
	batch->length += length;
	source->behind = number;
	source->behind_end = number + 1;
	return 1;
}

int source_read(struct source *source, struct source_batch *batch, struct error *err)
{
	int ret = 1;

	batch->length = 0;
	while (ret > 0 && batch->length < batch->room) {
		if (source->behind < source->behind_end) {
			ret = catch_up(source, batch, err);
		} else if (source->heap_length > 0) {
			ret = hand_on_run(source, batch, err);
		} else {
			return 0;
		}
	}
	/* Nothing more is there now, or somebody wants us to stop waiting: first hand on what was read. */
	if (ret == -EAGAIN || (ret == -EINTR && batch->length > 0))
		return 1;
	return ret;
}

bool source_is_damaged(const struct source *source)
{
	bool damaged = source->is_damaged;

	for (size_t i = 0; i < source->count; i++)
		if (source->parts[i]->file)
			damaged |= capture_file_is_damaged(source->parts[i]->file);
	return damaged;
}

bool source_is_stream(const struct source *source)
{
	return source->is_stream;
}

bool source_is_compressed(const struct source *source)
{
	return source->is_compressed;
}

void source_progress(const struct source *source, struct source_progress *out)
{
	out->consumed = source->consumed;
	out->size = source->size_known ? source->total_size : 0;
}
