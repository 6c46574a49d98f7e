#include "flow/meter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "flow/stage.h"
#include "flow/table.h"
#include "flow/window.h"

/* What an interface has in the open window. */
struct presence {
	bool appeared;   /* its capture point is part of the input: it has lines */
	bool has_record; /* in this window */
	bool lost;       /* observations of this window were lost */
};

struct flow_meter {
	struct flow_meter_options options;
	struct flow_interfaces *interfaces;
	struct flow_sink sink;
	const struct notices *notices;
	struct flow_account account;
	struct flow_table *table;

	struct flow_window window;
	bool told_backwards, told_jump;

	struct presence *presence; /* by interface number */
	size_t presence_count;
	struct flow_stage stage;
};

int flow_meter_new(struct flow_meter **out, const struct flow_meter_options *options,
		   struct flow_interfaces *interfaces, const struct flow_sink *sink, const struct notices *notices,
		   struct error *err)
{
	struct flow_meter *meter = calloc(1, sizeof(*meter));
	bool wide = options->shown & (FLOW_SHOWS_PACKET_SOURCE | FLOW_SHOWS_PACKET_DESTINATION);
	int ret;

	if (!meter)
		return fail_memory(err, "meter");
	ret = flow_table_new(&meter->table, options->max_flows, wide, options->seed, err);
	if (ret < 0) {
		free(meter);
		return ret;
	}
	meter->options = *options;
	flow_window_init(&meter->window, options->interval);
	flow_stage_init(&meter->stage, interfaces, meter->table, options->exclude_aws, options->shown);
	meter->interfaces = interfaces;
	meter->sink = *sink;
	meter->notices = notices;
	*out = meter;
	return 0;
}

void flow_meter_free(struct flow_meter *meter)
{
	if (!meter)
		return;
	flow_table_free(meter->table);
	free(meter->presence);
	flow_stage_finish(&meter->stage);
	free(meter);
}

const struct flow_account *flow_meter_account(const struct flow_meter *meter)
{
	return &meter->account;
}

/* ---- records out ---- */

static void write_record(const struct flow_meter *meter, size_t position, struct flow_record *record)
{
	const struct flow_key_packet *packet;
	struct flow_sums sums;
	const struct flow_key *key = flow_table_at(meter->table, position, &packet, &sums);
	bool by_window = meter->options.window_times;

	*record = (struct flow_record){
		.interface = flow_interfaces_at(meter->interfaces, key->interface),
		.interface_number = key->interface,
		.status = FLOW_OK,
		.family = key->family,
		.protocol = key->protocol,
		.tcp_flags = sums.tcp_flags,
		.action = key->action,
		.direction = key->direction,
		.source_port = key->source_port,
		.destination_port = key->destination_port,
		.start = meter->window.start + (by_window ? 0 : sums.first),
		.end = meter->window.start + (by_window ? meter->options.interval : sums.last),
		.packets = sums.packets,
		.bytes = sums.bytes,
		.source = key->source,
		.destination = key->destination,
	};
	if (packet) {
		record->packet_source = packet->source;
		record->packet_destination = packet->destination;
	}
	if (meter->options.routes && packet && key->direction == FLOW_EGRESS)
		record->traffic_path = flow_routes_path(meter->options.routes, key->family,
							&record->packet_destination);
}

static int emit_flow(struct flow_meter *meter, size_t position, struct error *err)
{
	struct flow_record record;

	write_record(meter, position, &record);
	meter->presence[record.interface_number].has_record = true;
	meter->account.records[FLOW_OK]++;
	return meter->sink.record(meter->sink.ctx, &record, err);
}

static int emit_status(struct flow_meter *meter, size_t interface, enum flow_status status, int64_t start,
		       struct error *err)
{
	struct flow_record record = {
		.interface = flow_interfaces_at(meter->interfaces, interface),
		.interface_number = (uint32_t)interface,
		.status = (uint8_t)status,
		.start = start,
		.end = start + meter->options.interval,
	};

	meter->account.records[status]++;
	return meter->sink.record(meter->sink.ctx, &record, err);
}

/* What closes an interface's part of the open window. */
static int emit_end(struct flow_meter *meter, size_t interface, struct error *err)
{
	struct presence *presence = &meter->presence[interface];
	bool silent = presence->appeared && !presence->has_record;
	int ret = 0;

	if (presence->lost)
		ret = emit_status(meter, interface, FLOW_SKIPDATA, meter->window.start, err);
	else if (silent && flow_window_is_latest(&meter->window, meter->window.start))
		ret = emit_status(meter, interface, FLOW_NODATA, meter->window.start, err);
	presence->has_record = presence->lost = false;
	return ret;
}

/* Positions of all flows, interface by interface, each interface's in order of first sight: a counting sort. `ends[i]`,
 * which is 0, becomes the end of interface i's part. */
static int sort_by_interface(const struct flow_meter *meter, uint32_t **out, size_t *ends, struct error *err)
{
	size_t count = flow_table_count(meter->table), sum = 0;
	uint32_t *order = calloc(count + 1, sizeof(*order)); /* room for one where there is none */

	if (!order)
		return fail_memory(err, "records of a window");
	for (size_t i = 0; i < count; i++)
		ends[flow_table_key(meter->table, i)->interface]++;
	for (size_t i = 0; i < meter->presence_count; i++) {
		size_t part = ends[i];

		ends[i] = sum;
		sum += part;
	}
	for (size_t i = 0; i < count; i++)
		order[ends[flow_table_key(meter->table, i)->interface]++] = (uint32_t)i;
	*out = order;
	return 0;
}

/* Whether the window goes on after its records were emitted. */
enum emission { EARLY, CLOSING };

/* Emits every record in the usual order and empties the table; on closing, the NODATA and SKIPDATA lines stand
 * between. */
static int emit_all(struct flow_meter *meter, enum emission emission, struct error *err)
{
	size_t at = 0, *ends = calloc(meter->presence_count + 1, sizeof(*ends));
	uint32_t *order = NULL;
	int ret;

	if (!ends)
		return fail_memory(err, "records of a window");
	ret = sort_by_interface(meter, &order, ends, err);
	for (size_t i = 0; ret >= 0 && i < meter->presence_count; i++) {
		for (; ret >= 0 && at < ends[i]; at++)
			ret = emit_flow(meter, order[at], err);
		if (ret >= 0 && emission == CLOSING)
			ret = emit_end(meter, i, err);
	}
	free(order);
	free(ends);
	if (ret < 0)
		return ret;
	flow_table_clear(meter->table);
	return meter->sink.window_end(meter->sink.ctx, err);
}

/* ---- windows ---- */

static int close_window(struct flow_meter *meter, struct error *err)
{
	int ret = emit_all(meter, CLOSING, err);

	flow_window_mark_written(&meter->window, meter->window.start);
	return ret;
}

/* The windows up to that of `time_ns` in which nothing was captured; not those that were passed before. */
static int pass_windows(struct flow_meter *meter, int64_t time_ns, struct error *err)
{
	struct flow_window *window = &meter->window;
	int64_t start = window->last_written + window->interval, until = time_ns / FLOW_SECOND_NS;
	int ret = 0;

	for (; start + window->interval <= until; start += window->interval) {
		for (size_t i = 0; ret >= 0 && i < meter->presence_count; i++)
			if (meter->presence[i].appeared)
				ret = emit_status(meter, i, FLOW_NODATA, start, err);
		if (ret >= 0)
			ret = meter->sink.window_end(meter->sink.ctx, err);
		if (ret < 0)
			return ret;
		flow_window_mark_written(window, start);
		meter->account.windows++;
	}
	return ret;
}

/* Both are told once: a capture that does it again does it often. */
static void tell_backwards(struct flow_meter *meter, int64_t time_ns)
{
	if (!meter->told_backwards)
		notify(meter->notices,
		       "time goes backwards at frame %" PRIu64 ", to %" PRId64 " in the window of %" PRId64
		       " (Unix seconds): an earlier window is opened and nothing is dropped, but a flow may have two "
		       "records for one window",
		       meter->account.frames + 1, time_ns / FLOW_SECOND_NS, meter->window.start);
	meter->told_backwards = true;
}

static void tell_jump(struct flow_meter *meter, int64_t time_ns)
{
	if (!meter->told_jump)
		notify(meter->notices,
		       "time jumps at frame %" PRIu64 ", from %" PRId64 " to %" PRId64
		       " (Unix seconds), over more than %d windows: there is no NODATA for those between",
		       meter->account.frames + 1, meter->window.previous_ns / FLOW_SECOND_NS, time_ns / FLOW_SECOND_NS,
		       FLOW_WINDOW_GAP_MOST);
	meter->told_jump = true;
}

/* Closes the open window, and opens that of a frame which does not belong to it. */
static int change_window(struct flow_meter *meter, enum flow_move move, int64_t time_ns, struct error *err)
{
	int ret = move == FLOW_FIRST ? 0 : close_window(meter, err);

	if (ret >= 0 && move == FLOW_FORWARD)
		ret = pass_windows(meter, time_ns, err);
	if (ret < 0)
		return ret;
	if (move == FLOW_JUMP)
		tell_jump(meter, time_ns);
	if (move == FLOW_BACK)
		tell_backwards(meter, time_ns);
	flow_window_open(&meter->window, time_ns);
	meter->account.windows++;
	return 0;
}

/* Every frame moves the windows, whatever becomes of it. */
static int move_windows(struct flow_meter *meter, int64_t time_ns, struct error *err)
{
	enum flow_move move = flow_window_judge(&meter->window, time_ns);
	struct flow_account *account = &meter->account;

	if (move != FLOW_STAY) {
		int ret = change_window(meter, move, time_ns, err);

		if (ret < 0)
			return ret;
	}
	meter->window.previous_ns = time_ns;
	if (move == FLOW_FIRST || time_ns < account->first_ns)
		account->first_ns = time_ns;
	if (move == FLOW_FIRST || time_ns > account->last_ns)
		account->last_ns = time_ns;
	return 0;
}

/* ---- capture points and losses ---- */

static int appear(struct flow_meter *meter, const struct flow_point *point, struct error *err)
{
	int ret = flow_interfaces_bind(meter->interfaces, point, err);
	size_t count = flow_interfaces_count(meter->interfaces), candidate_count;
	const uint32_t *candidates;

	if (ret < 0)
		return ret;
	if (count > meter->presence_count) {
		struct presence *presence = realloc(meter->presence, count * sizeof(*presence));

		if (!presence)
			return fail_memory(err, "interfaces");
		memset(presence + meter->presence_count, 0, (count - meter->presence_count) * sizeof(*presence));
		meter->presence = presence;
		meter->presence_count = count;
	}
	candidates = flow_interfaces_of_point(meter->interfaces, point->number, &candidate_count);
	for (size_t i = 0; i < candidate_count; i++)
		meter->presence[candidates[i]].appeared = true;
	return 0;
}

static void lose(struct flow_meter *meter, uint32_t point, uint64_t lost)
{
	size_t count;
	const uint32_t *candidates = flow_interfaces_of_point(meter->interfaces, point, &count);

	for (size_t i = 0; i < count; i++)
		meter->presence[candidates[i]].lost = true;
	meter->account.lost += lost;
}

/* ---- packets in ---- */

/* Adds one packet on one interface to the open window. Returns 1 if it was counted, 0 if it had to be skipped. */
static int count_packet(struct flow_meter *meter, const struct flow_staged *staged,
			const struct flow_observation *packet, struct error *err)
{
	int64_t first = packet->first_ns - meter->window.start_ns, last = packet->last_ns - meter->window.start_ns;
	struct flow_sums sums = {
		.packets = packet->packets,
		.bytes = packet->bytes,
		.first = first > 0 ? (uint32_t)(first / FLOW_SECOND_NS) : 0,
		.last = last > 0 ? (uint32_t)(last / FLOW_SECOND_NS) : 0,
		.tcp_flags = packet->tcp_flags,
	};
	int ret = flow_table_add(meter->table, staged->hash, &staged->key, &staged->packet, &sums);

	if (ret >= 0)
		return 1;
	if (meter->options.skip_when_full) {
		meter->presence[staged->key.interface].lost = true;
		return 0;
	}
	ret = emit_all(meter, EARLY, err);
	if (ret < 0)
		return ret;
	meter->account.flushes++;
	ret = flow_table_add(meter->table, staged->hash, &staged->key, &staged->packet, &sums);
	return ret < 0 ? fail_memory(err, "flow table") : 1;
}

/* A frame that one interface counted is counted; else it is skipped if one had to skip it; else excluded. */
static int settle_packet(struct flow_meter *meter, const struct flow_staged_frame *frame, struct error *err)
{
	const struct flow_observation *packet = frame->observation;
	struct flow_account *account = &meter->account;
	enum flow_exclusion excluded = FLOW_NOT_EXCLUDED;
	bool counted = false, skipped = false;

	for (size_t i = 0; i < frame->count; i++) {
		const struct flow_staged *staged = &meter->stage.staged[frame->first + i];
		int ret;

		if (staged->excluded != FLOW_NOT_EXCLUDED) {
			excluded = staged->excluded;
			continue;
		}
		ret = count_packet(meter, staged, packet, err);
		if (ret < 0)
			return ret;
		counted |= ret > 0;
		skipped |= ret == 0;
	}
	if (counted) {
		account->counted += packet->packets;
	} else if (skipped) {
		account->skipped += packet->packets;
	} else if (excluded != FLOW_NOT_EXCLUDED) {
		account->excluded += packet->packets;
		account->excluded_as[excluded] += packet->packets;
	} else {
		account->unmatched += packet->packets;
	}
	if (counted && packet->first_ns < meter->window.start_ns)
		account->late += packet->packets;
	return 0;
}

static int settle_frame(struct flow_meter *meter, const struct flow_staged_frame *frame, struct error *err)
{
	const struct flow_observation *observation = frame->observation;
	struct flow_account *account = &meter->account;
	int ret = move_windows(meter, observation->first_ns, err);

	if (ret < 0)
		return ret;
	if (observation->lost)
		lose(meter, observation->point, observation->lost);
	account->frames += observation->packets;
	switch (observation->kind) {
	case FLOW_PACKET:
		return settle_packet(meter, frame, err);
	case FLOW_FILTERED:
		account->filtered += observation->packets;
		return 0;
	case FLOW_NON_IP:
		account->non_ip += observation->packets;
		return 0;
	case FLOW_TRUNCATED:
		account->truncated += observation->packets;
		return 0;
	case FLOW_MALFORMED:
		account->malformed += observation->packets;
		return 0;
	default:
		account->unsupported += observation->packets;
		return 0;
	}
}

/* Takes the staged frames into their windows, in order. */
static int settle(struct flow_meter *meter, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < meter->stage.frame_count; i++)
		ret = settle_frame(meter, &meter->stage.frames[i], err);
	flow_stage_clear(&meter->stage);
	return ret;
}

/* A frame waits in the stage; what is no frame comes after all frames before it. */
static int take(struct flow_meter *meter, const struct flow_observation *item, struct error *err)
{
	bool is_frame = item->kind != FLOW_POINT && item->kind != FLOW_LOSS;
	int ret = 0;

	if (!is_frame || flow_stage_is_full(&meter->stage))
		ret = settle(meter, err);
	if (ret < 0)
		return ret;
	if (is_frame)
		return flow_stage_add(&meter->stage, item, err);
	if (item->kind == FLOW_POINT)
		return appear(meter, item->appeared, err);
	lose(meter, item->point, item->lost);
	return 0;
}

int flow_meter_add(struct flow_meter *meter, const struct flow_observation *items, size_t count, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < count; i++)
		ret = take(meter, &items[i], err);
	return ret < 0 ? ret : settle(meter, err);
}

int flow_meter_finish(struct flow_meter *meter, struct error *err)
{
	return meter->window.is_open ? close_window(meter, err) : 0;
}
