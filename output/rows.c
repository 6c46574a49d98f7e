#include "output/rows.h"

#include <stdlib.h>
#include <string.h>

#include "output/destination.h"
#include "output/inplace.h"

enum { PIECE = 64 * 1024 };

struct rows {
	struct output_place base;
	struct output_destination *destination;
	struct output_parquet *parquet;
	char *path; /* of a sensor's file; else NULL */
	const struct notices *notices;
};

static int write_to_destination(void *ctx, const void *bytes, size_t size, struct error *err)
{
	const char *at = bytes;

	while (size > 0) {
		size_t length = size < PIECE ? size : PIECE;
		int code = 0;
		char *room = output_destination_reserve(ctx, length, &code, err);

		if (!room)
			return code;
		memcpy(room, at, length);
		output_destination_commit(ctx, length);
		at += length;
		size -= length;
	}
	return 0;
}

static int put(struct output_place *place, const struct flow_record *record, struct error *err)
{
	struct rows *rows = (struct rows *)place;
	struct output_outlet outlet = { write_to_destination, rows->destination };
	int ret = output_parquet_add(rows->parquet, record, &outlet, err);

	if (ret < 0)
		return ret;
	place->records[record->status]++;
	return 1;
}

/* A part of the file is of no use to anybody. */
static int pass(struct output_place *place, int64_t until, bool push, struct error *err)
{
	(void)place;
	(void)until;
	(void)push;
	(void)err;
	return 0;
}

static void state(const struct output_place *place, struct output_state *out)
{
	out->bytes = output_parquet_written(((const struct rows *)place)->parquet);
}

static void abandon(struct output_place *place)
{
	struct rows *rows = (struct rows *)place;

	output_destination_abandon(rows->destination);
	output_parquet_free(rows->parquet);
	free(rows->path);
	free(rows);
}

/* Another run's file, or this one's of before its settings changed: its records are not to be lost. */
static int keep_older(const struct rows *rows, struct error *err)
{
	char *path = rows->path ? realpath(rows->path, NULL) : NULL;
	int ret = 0;

	if (path)
		ret = output_inplace_set_aside(path, "it was there before, and Parquet cannot be appended to",
					       rows->notices, err);
	free(path);
	return ret;
}

static int finish(struct output_place *place, struct error *err)
{
	struct rows *rows = (struct rows *)place;
	struct output_destination *destination = rows->destination;
	struct output_outlet outlet = { write_to_destination, destination };
	int ret = output_parquet_end(rows->parquet, &outlet, err);

	if (ret == 0)
		ret = output_destination_flush(destination, err);
	if (ret == 0)
		ret = keep_older(rows, err);
	if (ret == 0) {
		rows->destination = NULL;
		ret = output_destination_finish(destination, err);
	}
	abandon(place);
	return ret;
}

static const struct output_place_kind kind = {
	.put = put,
	.pass = pass,
	.state = state,
	.finish = finish,
	.abandon = abandon,
};

int output_rows_open(struct output_place **out, const char *where, const struct output_rows_options *options,
		     struct error *err)
{
	struct rows *rows = calloc(1, sizeof(*rows));
	int ret;

	if (!rows)
		return fail_memory(err, where);
	rows->base.kind = &kind;
	rows->notices = options->notices;
	ret = output_parquet_new(&rows->parquet, &options->parquet, err);
	if (ret == 0)
		ret = output_destination_open(&rows->destination, where, err);
	if (ret == 0 && options->live && output_destination_is_file(rows->destination)) {
		rows->path = strdup(where);
		ret = rows->path ? 0 : fail_memory(err, where);
	}
	if (ret < 0)
		abandon(&rows->base);
	else
		*out = &rows->base;
	return ret;
}
