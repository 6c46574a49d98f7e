#include "logs/source.h"

#include <errno.h>
#include <stdlib.h>

#include "flow/window.h"
#include "logs/shelves.h"

enum { LINES = 64 }; /* that are read at once */

/* What the meter is told of a record, in this order. */
enum step { STEP_POINT, STEP_TIME, STEP_RECORD };

struct source_logs {
	struct source source; /* first: what others hold of it */
	struct log_files *files;
	struct log_shelves *shelves;
	struct log_record lines[LINES];
	struct log_record record; /* the one that is handed on, if `is_on_its_way` */
	enum step step;
	bool is_on_its_way;
	bool has_ended; /* nothing more is read */
	bool is_stream;
	uint32_t interval;
	struct flow_point **points; /* by the number of the origin; NULL: the meter knows nothing of it */
	size_t point_room;
};

static struct source_logs *logs_of(struct source *source)
{
	return (struct source_logs *)source;
}

static struct log_files_state state_of(const struct source *source)
{
	struct log_files_state state;

	log_files_state(((const struct source_logs *)source)->files, &state);
	return state;
}

/* ---- points ---- */

static bool room_for_point(struct source_logs *logs, size_t number)
{
	size_t room = logs->point_room;
	struct flow_point **points;

	if (number < room)
		return true;
	room = number < 2 * room ? 2 * room : number + 1;
	points = realloc(logs->points, room * sizeof(struct flow_point *));
	if (!points)
		return false;
	for (size_t i = logs->point_room; i < room; i++)
		points[i] = NULL;
	logs->points = points;
	logs->point_room = room;
	return true;
}

/* NULL: out of memory. */
static const struct flow_point *new_point(struct source_logs *logs, const struct flow_origin *origin)
{
	const char *id = origin->identity[FLOW_INTERFACE_ID];
	struct flow_point *point = malloc(sizeof(*point));

	if (!point)
		return NULL;
	*point = (struct flow_point){ .number = origin->number, .name = id ? id : "", .named = id, .origin = origin };
	logs->points[origin->number] = point;
	return point;
}

static bool is_known(const struct source_logs *logs, const struct flow_origin *origin)
{
	return origin->number < logs->point_room && logs->points[origin->number];
}

/* ---- records out ---- */

static enum step first_step(const struct source_logs *logs)
{
	if (!is_known(logs, logs->record.origin))
		return STEP_POINT;
	return logs->record.status == FLOW_OK ? STEP_RECORD : STEP_TIME;
}

static void hand_on_record(const struct log_record *record, struct flow_observation *out)
{
	*out = (struct flow_observation){
		.kind = FLOW_PACKET,
		.family = record->family,
		.protocol = record->protocol,
		.tcp_flags = record->tcp_flags,
		.word = record->direction,
		.point = record->origin->number,
		.source_port = record->source_port,
		.destination_port = record->destination_port,
		.verdict = record->action,
		.source = record->packet_source,
		.destination = record->packet_destination,
		.first_ns = record->start * FLOW_SECOND_NS,
		.last_ns = record->end * FLOW_SECOND_NS,
		.packets = record->packets,
		.bytes = record->bytes,
		.record_addresses = { record->source, record->destination },
	};
}

/* The interface is there from the beginning of the window that has its first line. */
static int hand_on_point(struct source_logs *logs, struct flow_observation *out, struct error *err)
{
	const struct flow_origin *origin = logs->record.origin;
	int64_t start = logs->record.start;

	*out = (struct flow_observation){
		.kind = FLOW_POINT,
		.first_ns = (start - start % logs->interval) * FLOW_SECOND_NS,
		.appeared = room_for_point(logs, origin->number) ? new_point(logs, origin) : NULL,
	};
	return out->appeared ? 0 : fail_memory(err, "flow logs");
}

/* The next observation of the record that is on its way. */
static int hand_on(struct source_logs *logs, struct flow_observation *out, struct error *err)
{
	const struct log_record *record = &logs->record;

	if (logs->step == STEP_POINT) {
		logs->step = record->status == FLOW_OK ? STEP_RECORD : STEP_TIME;
		return hand_on_point(logs, out, err);
	}
	if (logs->step == STEP_TIME) {
		*out = (struct flow_observation){ .kind = FLOW_TIME, .first_ns = record->start * FLOW_SECOND_NS };
		logs->step = STEP_RECORD;
		logs->is_on_its_way = record->status == FLOW_SKIPDATA;
		return 0;
	}
	logs->is_on_its_way = false;
	if (record->status == FLOW_OK)
		hand_on_record(record, out);
	else
		*out = (struct flow_observation){ .kind = FLOW_LOSS, .point = record->origin->number };
	return 0;
}

/* ---- lines in ---- */

/* Does the earliest record wait for no other any more? */
static bool is_due(const struct source_logs *logs)
{
	const struct log_shelves *shelves = logs->shelves;

	if (log_shelves_count(shelves) == 0)
		return false;
	if (logs->has_ended || log_shelves_count(shelves) >= LOG_ORDER_MOST)
		return true;
	return logs->is_stream && log_shelves_latest(shelves) - log_shelves_earliest(shelves) > LOG_ORDER_SECONDS;
}

/* 1: lines were read, or there are no more. */
static int read_lines(struct source_logs *logs, bool wait, struct error *err)
{
	int count = log_files_read(logs->files, logs->lines, LINES, wait, err);

	for (int i = 0; i < count; i++) {
		int ret = log_shelves_put(logs->shelves, &logs->lines[i], err);

		if (ret < 0)
			return ret;
	}
	logs->has_ended = count == 0;
	return count < 0 ? count : 1;
}

static int logs_read(struct source *source, struct source_batch *batch, struct error *err)
{
	struct source_logs *logs = logs_of(source);
	int ret = 1;

	batch->length = 0;
	while (ret >= 0 && batch->length < batch->room) {
		if (logs->is_on_its_way) {
			ret = hand_on(logs, &batch->items[batch->length], err);
			batch->length += ret >= 0;
		} else if (is_due(logs)) {
			log_shelves_take(logs->shelves, &logs->record);
			logs->is_on_its_way = true;
			logs->step = first_step(logs);
		} else if (!logs->has_ended) {
			ret = read_lines(logs, batch->length == 0, err);
		} else {
			return 0;
		}
	}
	/* As capture/files.c does: first hand on what was read. */
	if (ret == -EAGAIN || (ret == -EINTR && batch->length > 0))
		return 1;
	return ret < 0 ? ret : 1;
}

/* ---- as a source ---- */

/* What was read is handed on. */
static void logs_stop(struct source *source)
{
	logs_of(source)->has_ended = true;
}

static bool logs_is_damaged(const struct source *source)
{
	return state_of(source).is_damaged;
}

static bool logs_is_stream(const struct source *source)
{
	return ((const struct source_logs *)source)->is_stream;
}

static bool logs_is_compressed(const struct source *source)
{
	return state_of(source).is_compressed;
}

static void logs_progress(const struct source *source, struct source_progress *out)
{
	struct log_files_state state = state_of(source);

	*out = (struct source_progress){ state.consumed, state.size };
}

static void logs_close(struct source *source)
{
	struct source_logs *logs = logs_of(source);

	log_files_close(logs->files);
	log_shelves_free(logs->shelves);
	for (size_t i = 0; i < logs->point_room; i++)
		free(logs->points[i]);
	free(logs->points);
	free(logs);
}

static const struct source_ops logs_ops = {
	.read = logs_read,
	.stop = logs_stop,
	.is_damaged = logs_is_damaged,
	.is_stream = logs_is_stream,
	.is_compressed = logs_is_compressed,
	.progress = logs_progress,
	.close = logs_close,
};

int source_open_logs(struct source **out, const struct log_files_options *options, uint32_t interval, struct error *err)
{
	struct source_logs *logs = calloc(1, sizeof(*logs));
	int ret;

	if (!logs)
		return fail_memory(err, "flow logs");
	logs->source.ops = &logs_ops;
	logs->interval = interval;
	ret = log_shelves_new(&logs->shelves, interval, err);
	if (ret >= 0)
		ret = log_files_open(&logs->files, options, err);
	if (ret < 0) {
		log_shelves_free(logs->shelves);
		free(logs);
		return ret;
	}
	logs->is_stream = state_of(&logs->source).is_stream;
	*out = &logs->source;
	return 0;
}

void source_logs_state(const struct source *source, struct log_files_state *out)
{
	*out = state_of(source);
}
