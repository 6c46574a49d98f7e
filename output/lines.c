#include "output/lines.h"

#include <stdlib.h>
#include <string.h>

#include "output/destination.h"
#include "output/live.h"

struct lines {
	struct output_place base;
	struct output_encoder *encoder;
	/* One of them: */
	struct output_destination *destination;
	struct output_live *live;
};

static int no_room(struct error *err)
{
	return fail_memory(err, "encoder");
}

/* Puts the line together in its room, and counts it. Returns its length. */
static size_t encode(struct lines *lines, const struct flow_record *record, char *line)
{
	size_t length = output_encoder_line(lines->encoder, record, line);

	lines->base.records[record->status]++;
	lines->base.bytes += length;
	return length;
}

static void lines_free(struct lines *lines)
{
	output_destination_abandon(lines->destination);
	output_live_abandon(lines->live);
	free(lines);
}

static void abandon(struct output_place *place)
{
	lines_free((struct lines *)place);
}

/* ---- a file that is complete or absent, a stream ---- */

static int destination_put(struct output_place *place, const struct flow_record *record, struct error *err)
{
	struct lines *lines = (struct lines *)place;
	size_t room = output_encoder_room(lines->encoder, record);
	char *line;
	int code = 0;

	if (room == 0)
		return no_room(err);
	line = output_destination_reserve(lines->destination, room, &code, err);
	if (!line)
		return code;
	output_destination_commit(lines->destination, encode(lines, record, line));
	return 1;
}

static int destination_pass(struct output_place *place, int64_t until, bool push, struct error *err)
{
	(void)until;
	return push ? output_destination_flush(((struct lines *)place)->destination, err) : 0;
}

static int destination_finish(struct output_place *place, struct error *err)
{
	struct lines *lines = (struct lines *)place;
	struct output_destination *destination = lines->destination;

	lines->destination = NULL;
	lines_free(lines);
	return output_destination_finish(destination, err);
}

static const struct output_place_kind destination_kind = {
	.put = destination_put,
	.pass = destination_pass,
	.finish = destination_finish,
	.abandon = abandon,
};

static int write_header(struct lines *lines, struct error *err)
{
	size_t length;
	const char *header = output_encoder_header(lines->encoder, &length);
	int ret = 0;
	char *line = output_destination_reserve(lines->destination, length, &ret, err);

	if (!line)
		return ret;
	memcpy(line, header, length);
	output_destination_commit(lines->destination, length);
	return 0;
}

static int destination_open(struct lines *lines, const char *where, const struct output_lines_options *options,
			    struct error *err)
{
	int header = options->header, ret = output_destination_open(&lines->destination, where, err);

	lines->base.kind = &destination_kind;
	if (ret < 0)
		return ret;
	if (header < 0)
		header = output_destination_is_file(lines->destination);
	return header ? write_header(lines, err) : 0;
}

/* ---- a sensor's file or stream ---- */

static int live_put(struct output_place *place, const struct flow_record *record, struct error *err)
{
	struct lines *lines = (struct lines *)place;
	size_t room = output_encoder_room(lines->encoder, record);
	char *line;
	int code = 0;

	if (room == 0)
		return no_room(err);
	line = output_live_reserve(lines->live, room, &code, err);
	if (!line)
		return code;
	output_live_commit(lines->live, encode(lines, record, line));
	return 1;
}

static int live_pass(struct output_place *place, int64_t until, bool push, struct error *err)
{
	(void)until;
	return push ? output_live_flush(((struct lines *)place)->live, err) : 0;
}

static int live_reopen(struct output_place *place, struct error *err)
{
	return output_live_reopen(((struct lines *)place)->live, err);
}

static void live_state(const struct output_place *place, struct output_state *out)
{
	const struct lines *lines = (const struct lines *)place;

	out->waiting = output_live_waiting(lines->live);
	out->files = output_live_finished(lines->live);
}

static int live_finish(struct output_place *place, struct error *err)
{
	struct lines *lines = (struct lines *)place;
	struct output_live *live = lines->live;

	lines->live = NULL;
	lines_free(lines);
	return output_live_finish(live, err);
}

static const struct output_place_kind live_kind = {
	.put = live_put,
	.pass = live_pass,
	.reopen = live_reopen,
	.state = live_state,
	.finish = live_finish,
	.abandon = abandon,
};

static int live_open(struct lines *lines, const char *where, const struct output_lines_options *options,
		     struct error *err)
{
	struct output_live_options live = {
		.header = options->header,
		.notices = options->notices,
		.trouble = options->trouble,
	};

	lines->base.kind = &live_kind;
	live.header_text = output_encoder_header(lines->encoder, &live.header_length);
	return output_live_open(&lines->live, where, &live, err);
}

int output_lines_open(struct output_place **out, const char *where, const struct output_lines_options *options,
		      struct error *err)
{
	struct lines *lines = calloc(1, sizeof(*lines));
	int ret;

	if (!lines)
		return fail_memory(err, where);
	lines->encoder = options->encoder;
	ret = options->live ? live_open(lines, where, options, err) : destination_open(lines, where, options, err);
	if (ret < 0)
		lines_free(lines);
	else
		*out = &lines->base;
	return ret;
}
