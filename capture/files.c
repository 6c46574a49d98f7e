#include "capture/files.h"

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

struct source_files {
	struct source source; /* first: what others hold of it */
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

static struct source_files *files_of(struct source *source)
{
	return (struct source_files *)source;
}

static const struct source_files *const_files_of(const struct source *source)
{
	return (const struct source_files *)source;
}

/* Counted as the files are read: asking all of them each time would take longer than reading, when they are many. */
static void count_consumed(struct source_files *files, struct source_part *part)
{
	uint64_t consumed = capture_input_consumed(capture_file_input(part->file));

	files->consumed += consumed - part->consumed;
	part->consumed = consumed;
}

/* ---- opening ---- */

static int open_part(struct source_files *files, const struct source_files_options *options, size_t i,
		     struct error *err)
{
	const struct capture_file_options file_options = {
		.path = options->files[i].path,
		.point_name = options->files[i].name,
		.input = options->files[i].input,
		.wake_fd = options->wake_fd,
		.ahead = options->ahead,
		.points = files->points,
		.notices = options->notices,
	};
	struct source_part *part = files->parts[i] = calloc(1, sizeof(*part));
	const struct capture_input *input;
	int ret;

	if (!part)
		return fail_memory(err, "capture files");
	files->count = i + 1;
	ret = capture_file_open(&part->file, &file_options, err);
	if (ret < 0)
		return ret;
	input = capture_file_input(part->file);
	files->is_stream |= capture_input_is_stream(input);
	files->is_compressed |= capture_input_compression(input) != NULL;
	files->size_known &= capture_input_size(input) > 0;
	files->total_size += capture_input_size(input);
	count_consumed(files, part);
	return 0;
}

/* ---- the heap of heads ---- */

static const struct capture_item *head_of(const struct source_files *files, size_t number)
{
	const struct source_part *part = files->parts[number];

	return &part->items[part->at];
}

static bool is_earlier(const struct source_files *files, size_t a, size_t b)
{
	int64_t a_ns = head_of(files, a)->time_ns, b_ns = head_of(files, b)->time_ns;

	return a_ns != b_ns ? a_ns < b_ns : a < b;
}

static void heap_push(struct source_files *files, size_t part)
{
	size_t at = files->heap_length++;

	while (at > 0 && is_earlier(files, part, files->heap[(at - 1) / 2])) {
		files->heap[at] = files->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	files->heap[at] = part;
}

static size_t heap_pop(struct source_files *files)
{
	size_t top = files->heap[0], last = files->heap[--files->heap_length], at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= files->heap_length)
			break;
		if (child + 1 < files->heap_length && is_earlier(files, files->heap[child + 1], files->heap[child]))
			child++;
		if (!is_earlier(files, files->heap[child], last))
			break;
		files->heap[at] = files->heap[child];
		at = child;
	}
	files->heap[at] = last;
	return top;
}

/* ---- reading ---- */

static void end_part(struct source_files *files, struct source_part *part)
{
	files->is_damaged |= capture_file_is_damaged(part->file);
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
static int catch_up(struct source_files *files, struct source_batch *batch, struct error *err)
{
	size_t number = files->behind;
	struct source_part *part = files->parts[number];
	int ret = 1;

	if (part->at == part->length) {
		ret = capture_file_read(part->file, part->items, SOURCE_BATCH, batch->length == 0, err);
		count_consumed(files, part);
		if (ret < 0)
			return ret;
		part->at = 0;
		part->length = (size_t)ret;
	}
	if (ret == 0) {
		end_part(files, part);
		files->behind++;
	} else if (head_of(files, number)->kind == CAPTURE_FRAME) {
		heap_push(files, number);
		files->behind++;
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
static int filter_passes(struct source_files *files, const struct capture_item *item, struct error *err)
{
	struct error why;
	int passes = capture_filter_match(files->filter, item->link_type, item->bytes, item->captured, item->original,
					  &why);

	if (passes != -EINVAL)
		return passes < 0 ? fail(err, -passes, "%s", why.text) : passes;
	notify(files->notices, "%s; frames of that kind are counted as filtered", why.text);
	files->is_damaged = true;
	return 0;
}

static int hand_on_frame(struct source_files *files, const struct capture_item *item, struct flow_observation *out,
			 struct error *err)
{
	int passes = files->filter && item->supported ? filter_passes(files, item, err) : 1;

	if (passes > 0)
		capture_decode(&files->decoder, item, out);
	else if (passes == 0)
		hand_on_filtered(item, out);
	return passes;
}

/* Up to which time, itself included, a part hands on its frames before it is another's turn. */
static int64_t turn_of(const struct source_files *files, size_t number)
{
	const struct capture_item *other;

	if (files->heap_length == 0)
		return INT64_MAX;
	other = head_of(files, files->heap[0]);
	return number < files->heap[0] ? other->time_ns : other->time_ns - 1;
}

/* How many of a part's items are frames of its turn; at least the first is, and there are no more than `most`. */
static size_t run_length(const struct source_files *files, size_t number, size_t most)
{
	const struct source_part *part = files->parts[number];
	const struct capture_item *items = part->items + part->at;
	int64_t until_ns = turn_of(files, number);
	size_t left = part->length - part->at, length = 1;

	most = left < most ? left : most;
	while (length < most && items[length].kind == CAPTURE_FRAME && items[length].time_ns <= until_ns)
		length++;
	return length;
}

/* What the meter would work out: here it may be another thread that does it. */
static void hash_tuples(const struct source_files *files, struct flow_observation *items, size_t count)
{
	for (struct flow_observation *item = items; item < items + count; item++)
		if (item->kind == FLOW_PACKET)
			item->tuple_hash = flow_tuple_hash(&item->source, &item->destination, item->source_port,
							   item->destination_port, item->protocol, item->family,
							   files->seed);
}

/* The earliest frame of all, and those behind it in the same file that are earlier than all others'; then that file is
 * behind. */
static int hand_on_run(struct source_files *files, struct source_batch *batch, struct error *err)
{
	size_t number = heap_pop(files), length = run_length(files, number, batch->room - batch->length);
	struct source_part *part = files->parts[number];

	for (size_t i = 0; i < length; i++) {
		int ret = hand_on_frame(files, &part->items[part->at + i], &batch->items[batch->length + i], err);

		if (ret < 0)
			return ret;
	}
	hash_tuples(files, batch->items + batch->length, length);
	part->at += length;
	batch->length += length;
	files->behind = number;
	files->behind_end = number + 1;
	return 1;
}

static int files_read(struct source *source, struct source_batch *batch, struct error *err)
{
	struct source_files *files = files_of(source);
	int ret = 1;

	batch->length = 0;
	while (ret > 0 && batch->length < batch->room) {
		if (files->behind < files->behind_end) {
			ret = catch_up(files, batch, err);
		} else if (files->heap_length > 0) {
			ret = hand_on_run(files, batch, err);
		} else {
			return 0;
		}
	}
	/* Nothing more is there now, or somebody wants us to stop waiting: first hand on what was read. */
	if (ret == -EAGAIN || (ret == -EINTR && batch->length > 0))
		return 1;
	return ret;
}

static bool files_is_damaged(const struct source *source)
{
	const struct source_files *files = const_files_of(source);
	bool damaged = files->is_damaged;

	for (size_t i = 0; i < files->count; i++)
		if (files->parts[i]->file)
			damaged |= capture_file_is_damaged(files->parts[i]->file);
	return damaged;
}

static bool files_is_stream(const struct source *source)
{
	return const_files_of(source)->is_stream;
}

static bool files_is_compressed(const struct source *source)
{
	return const_files_of(source)->is_compressed;
}

static void files_progress(const struct source *source, struct source_progress *out)
{
	const struct source_files *files = const_files_of(source);

	out->consumed = files->consumed;
	out->size = files->size_known ? files->total_size : 0;
}

/* ---- as a source ---- */

static void files_close(struct source *source)
{
	struct source_files *files = files_of(source);

	for (size_t i = 0; i < files->count; i++) {
		capture_file_close(files->parts[i]->file);
		free(files->parts[i]);
	}
	capture_filter_free(files->filter);
	capture_fragments_free(files->fragments);
	capture_points_free(files->points);
	free(files->parts);
	free(files->heap);
	free(files);
}

static const struct source_ops files_ops = {
	.read = files_read,
	.is_damaged = files_is_damaged,
	.is_stream = files_is_stream,
	.is_compressed = files_is_compressed,
	.progress = files_progress,
	.close = files_close,
};

static void close_given(struct capture_input *input)
{
	if (input)
		capture_input_close(input);
}

int source_open_files(struct source **out, const struct source_files_options *options, struct error *err)
{
	struct source_files *files = calloc(1, sizeof(*files));
	int ret;

	if (!files)
		return fail_memory(err, "capture files");
	files->source.ops = &files_ops;
	files->parts = calloc(options->count, sizeof(*files->parts));
	files->heap = calloc(options->count, sizeof(*files->heap));
	files->behind_end = options->count;
	files->size_known = true;
	files->notices = options->notices;
	files->seed = options->seed;
	if (!files->parts || !files->heap) {
		ret = fail_memory(err, "capture files");
		goto failed;
	}
	ret = capture_points_new(&files->points, err);
	if (ret >= 0)
		ret = capture_fragments_new(&files->fragments, options->seed, err);
	if (ret >= 0 && options->filter)
		ret = capture_filter_new(&files->filter, options->filter, err);
	for (size_t i = 0; ret >= 0 && i < options->count; i++)
		ret = open_part(files, options, i, err);
	if (ret < 0)
		goto failed;
	files->decoder = (struct capture_decoder){ options->tunnels, files->fragments };
	*out = &files->source;
	return 0;
failed:
	for (size_t i = 0; i < options->count; i++)
		close_given(options->files[i].input);
	files_close(&files->source);
	return ret;
}
