#include "output/slots.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/layout.h"
#include "output/staging.h"
#include "output/stream.h"

enum {
	/* What the compressor may hold of lines that it took, and the end of a file. */
	PACKING_MOST = 512 * 1024,
	/* What a file needs beside its lines. */
	FILE_COST = 1024,
	/* What the end of a Parquet file may take, beside a part of what stands before it. */
	ROWS_END = 128 * 1024,
	/* What a row may need, when it is asked whether there is memory for it. */
	ROW_MOST = 1024,
	LATE_SECONDS = 60,
};

/* Who shares files: the interfaces of an account in a region. */
struct pair {
	char account[OUTPUT_LAYOUT_PART], region[OUTPUT_LAYOUT_PART];
	struct file *files; /* that take lines: one for a slot */
};

struct file {
	struct output_stream stream;
	struct output_parquet *rows; /* NULL: it holds lines */
	size_t held;                 /* memory of the rows, as it is in the sum */
	struct pair *pair;
	struct file *next; /* of the pair's that take lines */
	int64_t slot;
	uint64_t turn;    /* when it was used last */
	uint64_t lines;   /* of records, that it took */
	uint64_t settled; /* those of them that were all written before it came to rest */
	int fd;           /* -1: not open */
	char *name;       /* where it is made; NULL: it is not there yet */
	bool is_open;     /* ready for lines */
	bool is_complete; /* it takes no lines any more */
};

struct slots {
	struct output_place base;
	struct output_slots_options options;
	const char *header; /* of files; of length 0: there is none */
	size_t header_length;
	char *directory, *flow_log_id;
	struct output_staging *staging;
	struct pair **pairs;
	size_t pair_count, pair_room;
	struct pair **of_interface; /* by its number; NULL: not looked for yet */
	size_t interface_room;
	struct file **files; /* all, in the order in which they began */
	size_t file_count, file_room;
	struct file **open; /* those that are ready for lines: options.most_open at the most */
	size_t open_count;
	size_t waiting, held; /* bytes, without and of rows */
	uint64_t rows_bytes;  /* of Parquet, that were written */
	uint64_t turn, finished, lost;
};

/* ---- failures ---- */

/* Whether a failure ends the run (its code), or is one to wait after (1). */
static int judge(struct slots *slots, int code, const struct error *why, struct error *err)
{
	if (slots->options.live && output_trouble_may_pass(code)) {
		output_trouble_begin(slots->options.trouble, why->text);
		return 1;
	}
	if (err)
		*err = *why;
	return code;
}

static bool may_try(const struct slots *slots)
{
	return !slots->options.trouble->is_on;
}

/* ---- what a file holds ---- */

static int append(void *ctx, const void *bytes, size_t size, struct error *err)
{
	return output_stream_append(ctx, bytes, size, err);
}

/* The memory of its rows has changed. */
static void account_rows(struct slots *slots, struct file *file)
{
	size_t held = file->rows ? output_parquet_held(file->rows) : 0;

	slots->held = slots->held - file->held + held;
	file->held = held;
}

static void free_rows(struct slots *slots, struct file *file)
{
	output_parquet_free(file->rows);
	file->rows = NULL;
	account_rows(slots, file);
}

/* Rows become a group when memory is needed; a pause is nothing to them. */
static int pack_rows(struct slots *slots, struct file *file, enum output_push then, struct error *err)
{
	struct output_outlet outlet = { append, &file->stream };
	int ret = then == OUTPUT_PAUSE ? 0 : output_parquet_end_group(file->rows, &outlet, err);

	account_rows(slots, file);
	return ret;
}

/* Makes what it holds ready to be written. OUTPUT_END: lines need no more memory than they must until the next one. */
static int pack(struct slots *slots, struct file *file, enum output_push then, struct error *err)
{
	if (!slots->options.encoder)
		return file->rows ? pack_rows(slots, file, then, err) : 0;
	return output_stream_pack(&file->stream, then, err);
}

/* No more records come. */
static int pack_end(struct slots *slots, struct file *file, struct error *err)
{
	struct output_outlet outlet = { append, &file->stream };
	int ret;

	if (!file->rows)
		return pack(slots, file, OUTPUT_END, err);
	ret = output_parquet_end(file->rows, &outlet, err);
	slots->rows_bytes += output_parquet_written(file->rows);
	free_rows(slots, file);
	return ret;
}

/* ---- one file ---- */

/* Somebody removed the file before it was finished, and that many records with it: to try again would not help. */
static void lose_removed(struct slots *slots, struct file *file, uint64_t records)
{
	slots->options.trouble->errors++;
	slots->lost += records;
	file->lines -= records;
	file->settled = 0;
	if (!slots->options.encoder) { /* the beginning of a Parquet file is missing: nothing else of it can be read */
		free_rows(slots, file);
		output_stream_clear(&file->stream);
		file->stream.packed = 0;
	}
	notify(slots->options.notices, "%s%s: was removed before it was finished; the records in it are lost",
	       slots->directory, file->name);
}

static int open_file(struct slots *slots, struct file *file, struct error *err)
{
	char stem[OUTPUT_LAYOUT_STEM], name[OUTPUT_STAGING_NAME];

	if (file->name) {
		file->fd = output_staging_reopen(slots->staging, file->name, err);
		if (file->fd != -ENOENT || !slots->options.live)
			return file->fd < 0 ? file->fd : 0;
		lose_removed(slots, file, slots->options.encoder ? file->settled : file->lines);
		free(file->name);
		file->name = NULL; /* it rested, so lines that come now can be read without what was before */
		if (!slots->options.encoder)
			return 0;
	}
	output_layout_stem(stem, file->pair->account, file->pair->region, slots->flow_log_id, file->slot);
	file->fd = output_staging_create(slots->staging, stem, slots->options.suffix, name, err);
	if (file->fd < 0)
		return file->fd;
	file->name = strdup(name);
	return file->name ? 0 : fail_memory(err, name);
}

static void close_file(struct file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

/* Writes what is packed. */
static int write_file(struct slots *slots, struct file *file, struct error *err)
{
	struct error why;
	int ret = 0;

	if (file->stream.hold.length == 0)
		return 0;
	if (file->fd < 0)
		ret = open_file(slots, file, &why);
	if (ret == 0 && file->fd >= 0) {
		ret = output_stream_write(&file->stream, file->fd);
		if (ret < 0)
			fail(&why, -ret, "%s%s: cannot be written: %s", slots->directory, file->name, strerror(-ret));
	}
	if (ret < 0)
		return judge(slots, ret, &why, err);
	if (!file->is_open)
		file->settled = file->lines;
	return 0;
}

static void forget_open(struct slots *slots, struct file *file)
{
	file->is_open = false;
	for (size_t i = 0; i < slots->open_count; i++) {
		if (slots->open[i] == file) {
			slots->open[i] = slots->open[--slots->open_count];
			return;
		}
	}
}

/* It needs no descriptor until its next line, and lines need little memory. Rows stay as they are: a group of few of them
 * would cost more than it spares, and their memory has its own bound. */
static int rest(struct slots *slots, struct file *file, struct error *err)
{
	int ret = file->rows ? 0 : pack(slots, file, OUTPUT_END, err);

	forget_open(slots, file);
	if (ret == 0 && may_try(slots))
		ret = write_file(slots, file, err);
	close_file(file);
	return ret < 0 ? ret : 0;
}

static void file_free(struct file *file)
{
	output_parquet_free(file->rows);
	output_stream_clear(&file->stream);
	close_file(file);
	free(file->name);
	free(file);
}

static void forget_file(struct slots *slots, const struct file *file)
{
	size_t i = 0;

	while (slots->files[i] != file)
		i++;
	slots->file_count--;
	memmove(slots->files + i, slots->files + i + 1, (slots->file_count - i) * sizeof(struct file *));
}

static void drop_file(struct slots *slots, struct file *file)
{
	forget_file(slots, file);
	file_free(file);
}

/* Gives a complete file its place. Returns 0 when it is gone from here, 1 when it has to wait, or a failure. */
static int publish(struct slots *slots, struct file *file, struct error *err)
{
	struct error why;
	int ret = write_file(slots, file, err);

	if (ret != 0)
		return ret;
	if (file->fd < 0 && file->lines > 0)
		ret = open_file(slots, file, &why);
	if (ret == 0 && file->lines == 0) { /* they were lost with the file of before */
		if (file->name)
			output_staging_remove(slots->staging, file->name);
		drop_file(slots, file);
		return 0;
	}
	if (ret == 0 && fsync(file->fd) < 0)
		ret = fail_errno(&why, "%s%s: cannot be written to disk", slots->directory, file->name);
	if (ret == 0)
		ret = output_staging_publish(slots->staging, file->name, &why);
	if (ret == -ENOENT && slots->options.live)
		lose_removed(slots, file, file->lines);
	else if (ret < 0)
		return judge(slots, ret, &why, err);
	else
		slots->finished++;
	drop_file(slots, file);
	return 0;
}

/* It takes no more lines; gives it its place, if that can be now. */
static int complete(struct slots *slots, struct file *file, struct error *err)
{
	struct file **link = &file->pair->files;
	int ret = pack_end(slots, file, err);

	while (*link != file)
		link = &(*link)->next;
	*link = file->next;
	file->is_complete = true;
	forget_open(slots, file);
	if (ret == 0 && may_try(slots))
		ret = publish(slots, file, err);
	return ret < 0 ? ret : 0;
}

/* ---- which file ---- */

/* Doubles an array of pointers that is full. */
static int grow(void *array, size_t count, size_t *room, struct error *err)
{
	size_t wanted = *room ? *room * 2 : 16;
	void **items;

	if (count < *room)
		return 0;
	items = realloc(*(void **)array, wanted * sizeof(*items));
	if (!items)
		return fail_memory(err, "files of the log");
	*(void **)array = items;
	*room = wanted;
	return 0;
}

static struct pair *find_pair(struct slots *slots, const struct flow_interface *interface, struct error *err)
{
	struct pair wanted = { .files = NULL }, *pair;

	output_layout_account(wanted.account, interface->identity[FLOW_ACCOUNT_ID]);
	output_layout_region(wanted.region, interface->identity[FLOW_REGION]);
	for (size_t i = 0; i < slots->pair_count; i++) {
		pair = slots->pairs[i];
		if (strcmp(pair->account, wanted.account) == 0 && strcmp(pair->region, wanted.region) == 0)
			return pair;
	}
	if (grow(&slots->pairs, slots->pair_count, &slots->pair_room, err) < 0)
		return NULL;
	pair = malloc(sizeof(*pair));
	if (!pair) {
		fail_memory(err, "files of the log");
		return NULL;
	}
	*pair = wanted;
	slots->pairs[slots->pair_count++] = pair;
	return pair;
}

static struct pair *pair_of(struct slots *slots, const struct flow_record *record, struct error *err)
{
	size_t number = record->interface_number;

	if (number >= slots->interface_room) {
		size_t room = number + 1 + number / 2;
		struct pair **of_interface = realloc(slots->of_interface, room * sizeof(struct pair *));

		if (!of_interface) {
			fail_memory(err, "files of the log");
			return NULL;
		}
		memset(of_interface + slots->interface_room, 0, (room - slots->interface_room) * sizeof(struct pair *));
		slots->of_interface = of_interface;
		slots->interface_room = room;
	}
	if (!slots->of_interface[number])
		slots->of_interface[number] = find_pair(slots, record->interface, err);
	return slots->of_interface[number];
}

static struct file *file_new(struct slots *slots, struct pair *pair, int64_t slot, struct error *err)
{
	struct file *file;

	if (grow(&slots->files, slots->file_count, &slots->file_room, err) < 0)
		return NULL;
	file = calloc(1, sizeof(*file));
	if (!file) {
		fail_memory(err, "files of the log");
		return NULL;
	}
	file->stream.compression = slots->options.encoder ? OUTPUT_GZIP : OUTPUT_PLAIN;
	file->stream.waiting = &slots->waiting;
	file->pair = pair;
	file->slot = slot;
	file->fd = -1;
	file->next = pair->files;
	pair->files = file;
	slots->files[slots->file_count++] = file;
	return file;
}

/* Those used last stay ready for lines. */
static int make_ready(struct slots *slots, struct file *file, struct error *err)
{
	struct file *oldest;
	int ret;

	file->turn = ++slots->turn;
	if (file->is_open)
		return 0;
	if (slots->open_count == slots->options.most_open) {
		oldest = slots->open[0];
		for (size_t i = 1; i < slots->open_count; i++)
			if (slots->open[i]->turn < oldest->turn)
				oldest = slots->open[i];
		ret = rest(slots, oldest, err);
		if (ret < 0)
			return ret;
	}
	slots->open[slots->open_count++] = file;
	file->is_open = true;
	return 0;
}

static int put_header(struct slots *slots, struct file *file, struct error *err)
{
	size_t length = slots->header_length;
	char *line;

	if (length == 0)
		return 0;
	line = output_stream_reserve(&file->stream, length, err);
	if (!line)
		return -ENOMEM;
	memcpy(line, slots->header, length);
	output_stream_commit(&file->stream, length);
	return 0;
}

/* Parquet: by how much the rows may take in the file, which is far more than they will; so they are made a group, which
 * tells, as long as there is room for about as much again. */
static int measure_rows(struct slots *slots, struct file *file, bool *is_too_large, struct error *err)
{
	uint64_t written = output_parquet_written(file->rows), most = slots->options.most_bytes;
	uint64_t end = ROWS_END + written / 64;
	int ret = 0;

	if (written + file->held + end > most && written + end <= most / 2) {
		ret = pack(slots, file, OUTPUT_MORE, err);
		written = output_parquet_written(file->rows);
	}
	*is_too_large = written + file->held + end > most && output_parquet_rows(file->rows) > 0;
	return ret;
}

static bool is_too_large(const struct slots *slots, const struct file *file, size_t size)
{
	return file->stream.packed + file->stream.used + size + PACKING_MOST > slots->options.most_bytes &&
	       file->stream.packed + file->stream.used > slots->header_length;
}

/* The file that a line of that slot goes into, ready for it. NULL: a failure, in *code. */
static struct file *choose_file(struct slots *slots, struct pair *pair, int64_t slot, size_t size, int *code,
				struct error *err)
{
	struct file *file = pair->files;
	bool is_new, has_ended = false;
	int ret = 0;

	while (file && file->slot != slot)
		file = file->next;
	if (file && file->rows)
		ret = measure_rows(slots, file, &has_ended, err);
	else if (file)
		has_ended = is_too_large(slots, file, size);
	if (ret == 0 && has_ended) {
		ret = complete(slots, file, err);
		file = NULL;
	}
	is_new = !file;
	if (ret == 0 && is_new) {
		file = file_new(slots, pair, slot, err);
		ret = file ? 0 : -ENOMEM;
	}
	if (ret == 0)
		ret = make_ready(slots, file, err);
	if (ret == 0 && is_new)
		ret = put_header(slots, file, err);
	*code = ret;
	return ret == 0 ? file : NULL;
}

/* ---- lines ---- */

static bool is_full(const struct slots *slots, size_t size)
{
	/* Files pile up only while they cannot be finished. */
	size_t files = may_try(slots) ? 0 : slots->file_count * FILE_COST;

	return slots->options.live && slots->waiting + slots->held + files + size > slots->options.trouble->most;
}

/* Pushes out what files that take lines hold, and tries again what waits. */
static int push_all(struct slots *slots, enum output_push then, struct error *err)
{
	int ret = 0;

	slots->options.trouble->is_on = false;
	for (size_t i = 0; ret >= 0 && i < slots->file_count;) {
		struct file *file = slots->files[i];

		if (file->is_complete) {
			ret = publish(slots, file, err);
			i += ret != 0; /* else the next one has moved to its place */
			continue;
		}
		if (file->is_open || file->rows)
			ret = pack(slots, file, then, err);
		if (ret >= 0)
			ret = write_file(slots, file, err);
		if (!file->is_open)
			close_file(file);
		i++;
	}
	return ret < 0 ? ret : 0;
}

/* Makes room for a line in the buffer of the file. */
static int make_room(struct slots *slots, struct file *file, size_t size, struct error *err)
{
	int ret;

	if (output_stream_has_room(&file->stream, size))
		return 0;
	ret = output_stream_pack(&file->stream, OUTPUT_MORE, err);
	if (ret == 0 && may_try(slots))
		ret = write_file(slots, file, err);
	return ret < 0 ? ret : 0;
}

/* The file for the record, with room for a line. NULL with *code 0: as much is kept as may be; or a failure. */
static struct file *prepare(struct slots *slots, const struct flow_record *record, size_t size, int *code,
			    struct error *err)
{
	struct pair *pair;
	struct file *file;

	*code = 0;
	if (is_full(slots, size) && may_try(slots))
		*code = push_all(slots, OUTPUT_MORE, err);
	if (*code < 0 || (is_full(slots, size) && !may_try(slots)))
		return NULL;
	pair = pair_of(slots, record, err);
	if (!pair) {
		*code = -ENOMEM;
		return NULL;
	}
	file = choose_file(slots, pair, output_layout_slot(record->end), size, code, err);
	if (file && slots->options.encoder)
		*code = make_room(slots, file, size, err);
	return *code < 0 ? NULL : file;
}

/* Makes rows a group where all of them take too much memory: those of the file that has the most. */
static int spare_rows(struct slots *slots, struct error *err)
{
	struct file *largest = slots->files[0];
	int ret;

	if (slots->held <= slots->options.most_rows)
		return 0;
	for (size_t i = 1; i < slots->file_count; i++)
		if (slots->files[i]->held > largest->held)
			largest = slots->files[i];
	ret = pack(slots, largest, OUTPUT_MORE, err);
	if (ret == 0 && may_try(slots))
		ret = write_file(slots, largest, err);
	if (!largest->is_open)
		close_file(largest);
	return ret < 0 ? ret : 0;
}

static int put_row(struct output_place *place, const struct flow_record *record, struct error *err)
{
	struct slots *slots = (struct slots *)place;
	struct output_outlet outlet = { append, NULL };
	struct file *file;
	uint64_t written;
	int code;

	file = prepare(slots, record, ROW_MOST, &code, err);
	if (!file)
		return code;
	if (!file->rows)
		code = output_parquet_new(&file->rows, slots->options.parquet, err);
	if (code < 0)
		return code;
	outlet.ctx = &file->stream;
	written = output_parquet_written(file->rows);
	code = output_parquet_add(file->rows, record, &outlet, err);
	account_rows(slots, file);
	if (code < 0)
		return code;
	file->lines++;
	place->records[record->status]++;
	if (output_parquet_written(file->rows) > written && may_try(slots))
		code = write_file(slots, file, err);
	if (code >= 0)
		code = spare_rows(slots, err);
	return code < 0 ? code : 1;
}

static int put_line(struct output_place *place, const struct flow_record *record, struct error *err)
{
	struct slots *slots = (struct slots *)place;
	size_t length, room = output_encoder_room(slots->options.encoder, record);
	struct file *file;
	char *line;
	int code;

	if (room == 0)
		return fail_memory(err, "encoder");
	file = prepare(slots, record, room, &code, err);
	if (!file)
		return code;
	line = output_stream_reserve(&file->stream, room, err);
	if (!line)
		return -ENOMEM;
	length = output_encoder_line(slots->options.encoder, record, line);
	output_stream_commit(&file->stream, length);
	file->lines++;
	place->records[record->status]++;
	place->bytes += length;
	return 1;
}

/* ---- time ---- */

/* Completes the files of slots that end at `until` or before. */
static int complete_until(struct slots *slots, int64_t until, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < slots->file_count;) {
		struct file *file = slots->files[i];
		size_t before = slots->file_count;

		if (!file->is_complete && file->slot <= until - OUTPUT_SLOT_SECONDS)
			ret = complete(slots, file, err);
		i += slots->file_count == before; /* else the next one has moved to its place */
	}
	return ret;
}

static int pass(struct output_place *place, int64_t until, bool push, struct error *err)
{
	struct slots *slots = (struct slots *)place;
	int ret = complete_until(slots, until, err);

	return ret == 0 && push ? push_all(slots, OUTPUT_PAUSE, err) : ret;
}

static int tick(struct output_place *place, int64_t now, struct error *err)
{
	struct slots *slots = (struct slots *)place;
	int ret = complete_until(slots, now - slots->options.interval - LATE_SECONDS, err);

	return ret == 0 && !may_try(slots) ? push_all(slots, OUTPUT_PAUSE, err) : ret;
}

/* Finishes what can be finished now. */
static int complete_all(struct slots *slots, struct error *err)
{
	int ret = complete_until(slots, INT64_MAX, err);

	return ret == 0 ? push_all(slots, OUTPUT_PAUSE, err) : ret;
}

/* Was anything written of the files that there are? */
static bool is_any_begun(const struct slots *slots)
{
	for (size_t i = 0; i < slots->file_count; i++)
		if (slots->files[i]->name)
			return true;
	return false;
}

static int reopen(struct output_place *place, struct error *err)
{
	struct slots *slots = (struct slots *)place;
	struct output_staging *staging;
	int ret = complete_all(slots, err);

	if (ret < 0 || is_any_begun(slots))
		return ret;
	/* By its name: the folder of before may have been moved away, or removed. */
	ret = output_staging_open(&staging, slots->directory, slots->options.layout, slots->options.live, err);
	if (ret < 0)
		return ret;
	output_staging_close(slots->staging);
	slots->staging = staging;
	return push_all(slots, OUTPUT_PAUSE, err);
}

static void state(const struct output_place *place, struct output_state *out)
{
	const struct slots *slots = (const struct slots *)place;

	out->waiting = slots->waiting + slots->held;
	out->bytes += slots->rows_bytes;
	out->files = slots->finished;
	out->dropped += slots->lost;
}

/* ---- begin and end ---- */

static void slots_free(struct slots *slots)
{
	for (size_t i = 0; i < slots->file_count; i++) {
		if (slots->files[i]->name && !slots->options.live)
			output_staging_remove(slots->staging, slots->files[i]->name);
		file_free(slots->files[i]);
	}
	for (size_t i = 0; i < slots->pair_count; i++)
		free(slots->pairs[i]);
	free(slots->pairs);
	free(slots->of_interface);
	free(slots->files);
	free(slots->open);
	free(slots->directory);
	free(slots->flow_log_id);
	output_staging_close(slots->staging);
	free(slots);
}

static int finish(struct output_place *place, struct error *err)
{
	struct slots *slots = (struct slots *)place;
	int ret = complete_all(slots, err);

	if (ret == 0 && slots->file_count > 0)
		ret = fail(
			err, EIO,
			"%zu files still cannot be finished: %zu bytes of records are lost, and the next run finishes "
			"what was written",
			slots->file_count, slots->waiting + slots->held);
	else if (ret == 0 && slots->lost > 0)
		ret = fail(err, EIO,
			   "%" PRIu64
			   " records in all were lost with files that were removed before they were finished",
			   slots->lost);
	slots_free(slots);
	return ret;
}

static void abandon(struct output_place *place)
{
	slots_free((struct slots *)place);
}

static const struct output_place_kind kinds[] = {
	{ put_line, pass, tick, reopen, state, NULL, finish, abandon },
	{ put_row, pass, tick, reopen, state, NULL, finish, abandon },
};

int output_slots_open(struct output_place **out, const char *directory, const struct output_slots_options *options,
		      struct error *err)
{
	struct slots *slots = calloc(1, sizeof(*slots));
	char id[OUTPUT_LAYOUT_PART];
	int ret;

	if (!slots)
		return fail_memory(err, directory);
	slots->base.kind = &kinds[!options->encoder];
	slots->options = *options;
	if (options->encoder && options->has_header)
		slots->header = output_encoder_header(options->encoder, &slots->header_length);
	if (slots->options.most_rows == 0)
		slots->options.most_rows = OUTPUT_SLOTS_ROWS;
	if (slots->options.most_bytes == 0)
		slots->options.most_bytes = OUTPUT_SLOTS_BYTES;
	if (slots->options.most_open == 0)
		slots->options.most_open = OUTPUT_SLOTS_OPEN;
	output_layout_part(id, options->flow_log_id, "fl-0");
	slots->directory = strdup(directory);
	slots->flow_log_id = strdup(id);
	slots->open = calloc(slots->options.most_open, sizeof(struct file *));
	ret = slots->directory && slots->flow_log_id && slots->open ? 0 : fail_memory(err, directory);
	if (ret == 0)
		ret = output_staging_open(&slots->staging, directory, options->layout, options->live, err);
	if (ret == 0)
		ret = output_staging_recover(slots->staging, options->notices, err);
	if (ret < 0)
		slots_free(slots);
	else
		*out = &slots->base;
	return ret;
}
