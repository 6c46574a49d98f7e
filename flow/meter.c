#include "flow/meter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "flow/apart.h"
#include "flow/stage.h"
#include "flow/table.h"
#include "flow/watch.h"
#include "flow/window.h"

/* What an interface has in the open window. */
struct presence {
	struct flow_watch watch; /* it has lines in windows in which it was watched */
	bool has_record;         /* in this window */
	bool lost;               /* observations of this window were lost */
	/* Interfaces that stand for one ENI have lines as one: it is the first of them that is present. */
	uint32_t kin;
	int64_t until_ns; /* how far its records reach, of those that end later than they begin */
};

struct flow_meter {
	struct flow_meter_options options;
	struct flow_interfaces *interfaces;
	struct flow_sink sink;
	const struct notices *notices;
	struct flow_account account;
	struct flow_table *table;
	bool wide; /* the table is */

	struct flow_window window;
	bool told_backwards, told_jump, told_undirected;

	enum flow_exclusion excluded_as; /* why the last packet was that was excluded */
	struct presence *presence;       /* by interface number */
	size_t presence_count;
	bool *watched; /* by number of the capture point */
	size_t watched_room;
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
	meter->wide = wide;
	flow_window_init(&meter->window, options->interval);
	flow_stage_init(&meter->stage, interfaces,
			&(struct flow_stage_options){ options->exclude_aws, options->shown, wide, options->seed,
						      options->policy });
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
	free(meter->watched);
	flow_stage_finish(&meter->stage);
	free(meter);
}

const struct flow_account *flow_meter_account(const struct flow_meter *meter)
{
	return &meter->account;
}

/* Of whatever stands for the same ENI. */
static struct presence *presence_of(const struct flow_meter *meter, uint32_t interface)
{
	return &meter->presence[meter->presence[interface].kin];
}

/* ---- records out ---- */

/* The traffic-path of an interface's egress by its own routes, if it has any. */
static uint8_t path_of(const struct flow_meter *meter, const struct flow_interface *interface, enum flow_family family,
		       const struct flow_address *destination)
{
	const unsigned unknown = FLOW_UNKNOWN_DSTADDR | FLOW_UNKNOWN_PKT_DSTADDR;
	const struct flow_meter_options *options = &meter->options;
	const struct flow_routes *routes = options->routes;
	uint32_t number = interface->configured;

	if ((interface->unknown & unknown) == unknown)
		return 0;
	if (number < options->interface_route_count && options->interface_routes[number])
		routes = options->interface_routes[number];
	return routes ? flow_routes_path(routes, family, destination) : 0;
}

/* The service that one of the packet's addresses belongs to, if the key has that address. */
static const char *service_of(const struct flow_meter *meter, enum flow_shown shown, enum flow_family family,
			      const struct flow_address *address)
{
	const struct flow_meter_options *options = &meter->options;

	return options->services && (options->shown & shown) ? flow_services_find(options->services, family, address)
							     : NULL;
}

/* Field by field: to clear a whole record first takes longer than all the rest. */
static void write_record(const struct flow_meter *meter, uint32_t position, struct flow_record *record)
{
	const struct flow_entry *entry = flow_table_at(meter->table, position);
	bool by_window = meter->options.window_times;
	struct flow_key key;

	flow_table_key(meter->table, entry, &key);
	record->interface = flow_interfaces_at(meter->interfaces, key.interface);
	record->interface_number = key.interface;
	record->status = FLOW_OK;
	record->family = key.family;
	record->protocol = key.protocol;
	record->tcp_flags = entry->tcp_flags;
	record->action = key.action;
	record->direction = key.direction;
	record->traffic_path = 0;
	record->source_port = key.source_port;
	record->destination_port = key.destination_port;
	record->start = meter->window.start + (by_window ? 0 : entry->first);
	record->end = meter->window.start + (by_window ? meter->options.interval : entry->last);
	record->packets = entry->packets;
	record->bytes = entry->bytes;
	record->source = key.source;
	record->destination = key.destination;
	record->packet_source = key.packet_source;
	record->packet_destination = key.packet_destination;
	record->packet_source_service = service_of(meter, FLOW_SHOWS_PACKET_SOURCE, key.family, &key.packet_source);
	record->packet_destination_service = service_of(meter, FLOW_SHOWS_PACKET_DESTINATION, key.family,
							&key.packet_destination);
	if (meter->wide && key.direction == FLOW_EGRESS)
		record->traffic_path = path_of(meter, record->interface, key.family, &record->packet_destination);
}

static int emit_flow(struct flow_meter *meter, uint32_t position, struct error *err)
{
	struct flow_record record;

	write_record(meter, position, &record);
	presence_of(meter, record.interface_number)->has_record = true;
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
	};

	flow_watch_cut(&meter->presence[interface].watch, &meter->window, start, &record.start, &record.end);
	meter->account.records[status]++;
	return meter->sink.record(meter->sink.ctx, &record, err);
}

/* Was an interface watched in the window that starts there, without a record that reaches into it? */
static bool is_silent_in(const struct presence *presence, const struct flow_window *window, int64_t start)
{
	return flow_watch_is_in(&presence->watch, window, start) && presence->until_ns <= start * FLOW_SECOND_NS;
}

/* What closes an interface's part of the open window. */
static int emit_end(struct flow_meter *meter, size_t interface, struct error *err)
{
	struct presence *presence = &meter->presence[interface];
	bool silent = !presence->has_record && is_silent_in(presence, &meter->window, meter->window.start);
	int ret = 0;

	if (presence->lost)
		ret = emit_status(meter, interface, FLOW_SKIPDATA, meter->window.start, err);
	else if (silent && flow_window_is_latest(&meter->window, meter->window.start))
		ret = emit_status(meter, interface, FLOW_NODATA, meter->window.start, err);
	presence->has_record = presence->lost = false;
	return ret;
}

/* The interface whose part of the window a flow belongs to. */
static uint32_t part_of(const struct flow_meter *meter, uint32_t position)
{
	return meter->presence[flow_entry_interface(flow_table_at(meter->table, position))].kin;
}

/* Positions of all flows, interface by interface, each interface's in order of first sight: a counting sort. `ends[i]`,
 * which is 0, becomes the end of interface i's part. */
static int sort_by_interface(const struct flow_meter *meter, uint32_t **out, size_t *ends, struct error *err)
{
	const struct flow_table *table = meter->table;
	size_t count = flow_table_count(table), sum = 0;
	uint32_t *order = calloc(count + 1, sizeof(*order)); /* room for one where there is none */

	if (!order)
		return fail_memory(err, "records of a window");
	for (uint32_t i = 0, at = 0; i < count; i++, at = flow_table_after(table, at))
		ends[part_of(meter, at)]++;
	for (size_t i = 0; i < meter->presence_count; i++) {
		size_t part = ends[i];

		ends[i] = sum;
		sum += part;
	}
	for (uint32_t i = 0, at = 0; i < count; i++, at = flow_table_after(table, at))
		order[ends[part_of(meter, at)]++] = at;
	*out = order;
	return 0;
}

/* Whether the window goes on after its records were emitted. */
enum emission { EARLY, CLOSING };

/* Emits the flows order[from] to order[to - 1]; without an order, all of the table as they stand there. */
static int emit_flows(struct flow_meter *meter, const uint32_t *order, size_t from, size_t to, struct error *err)
{
	int ret = 0;

	for (uint32_t at = 0; ret >= 0 && from < to; from++) {
		ret = emit_flow(meter, order ? order[from] : at, err);
		at = order ? 0 : flow_table_after(meter->table, at);
	}
	return ret;
}

/* Empties the table: what is known of places in it is void. */
static void empty_table(struct flow_meter *meter)
{
	flow_table_clear(meter->table);
	for (size_t i = 0; i < meter->stage.count; i++)
		meter->stage.staged[i].guess = 0;
}

/* Emits every record in the usual order and empties the table; on closing, the NODATA and SKIPDATA lines stand
 * between. */
static int emit_all(struct flow_meter *meter, enum emission emission, struct error *err)
{
	size_t from = 0, *ends = calloc(meter->presence_count + 1, sizeof(*ends));
	uint32_t *order = NULL;
	int ret = 0;

	if (!ends)
		return fail_memory(err, "records of a window");
	if (meter->presence_count > 1)
		ret = sort_by_interface(meter, &order, ends, err);
	else
		ends[0] = flow_table_count(meter->table);
	for (size_t i = 0; ret >= 0 && i < meter->presence_count; from = ends[i++]) {
		ret = emit_flows(meter, order, from, ends[i], err);
		if (ret >= 0 && emission == CLOSING)
			ret = emit_end(meter, i, err);
	}
	free(order);
	free(ends);
	if (ret < 0)
		return ret;
	empty_table(meter);
	return meter->sink.window_end(meter->sink.ctx,
				      meter->window.start + (emission == CLOSING ? meter->window.interval : 0), err);
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
			if (is_silent_in(&meter->presence[i], window, start))
				ret = emit_status(meter, i, FLOW_NODATA, start, err);
		if (ret >= 0)
			ret = meter->sink.window_end(meter->sink.ctx, start + window->interval, err);
		if (ret < 0)
			return ret;
		flow_window_mark_written(window, start);
		meter->account.windows++;
	}
	return ret;
}

struct place {
	char text[40]; /* " at frame 7"; of records that are read back, which have no frames: "" */
};

static struct place place_of_next(const struct flow_meter *meter)
{
	struct place place = { "" };

	if (!flow_interfaces_has_origins(meter->interfaces))
		snprintf(place.text, sizeof(place.text), " at frame %" PRIu64, meter->account.frames + 1);
	return place;
}

/* Both are told once: a capture that does it again does it often. */
static void tell_backwards(struct flow_meter *meter, int64_t time_ns)
{
	if (!meter->told_backwards)
		notify(meter->notices,
		       "time goes backwards%s, to %" PRId64 " in the window of %" PRId64
		       " (Unix seconds): an earlier window is opened and nothing is dropped, but a flow may have two "
		       "records for one window",
		       place_of_next(meter).text, time_ns / FLOW_SECOND_NS, meter->window.start);
	meter->told_backwards = true;
}

static void tell_jump(struct flow_meter *meter, int64_t time_ns)
{
	if (!meter->told_jump)
		notify(meter->notices,
		       "time jumps%s, from %" PRId64 " to %" PRId64
		       " (Unix seconds), over more than %d windows: there is no NODATA for those between",
		       place_of_next(meter).text, meter->window.previous_ns / FLOW_SECOND_NS, time_ns / FLOW_SECOND_NS,
		       FLOW_WINDOW_GAP_MOST);
	meter->told_jump = true;
}

/* Closes the open window, and opens that of a time which does not belong to it. */
ENIFLOW_APART static int change_window(struct flow_meter *meter, enum flow_move move, int64_t time_ns,
				       struct error *err)
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

/* Every frame moves the windows, whatever becomes of it; and so does time of which no frame tells. */
static inline int move_windows(struct flow_meter *meter, int64_t time_ns, struct error *err)
{
	enum flow_move move = flow_window_judge(&meter->window, time_ns);

	if (move != FLOW_STAY) {
		int ret = change_window(meter, move, time_ns, err);

		if (ret < 0)
			return ret;
	}
	meter->window.previous_ns = time_ns;
	return 0;
}

static inline void account_time(struct flow_account *account, int64_t time_ns)
{
	if (time_ns < account->first_ns || account->frames == 0)
		account->first_ns = time_ns;
	if (time_ns > account->last_ns)
		account->last_ns = time_ns;
}

/* ---- capture points and losses ---- */

static bool room_for_interfaces(struct flow_meter *meter)
{
	size_t count = flow_interfaces_count(meter->interfaces);
	struct presence *presence;

	if (count <= meter->presence_count)
		return true;
	presence = realloc(meter->presence, count * sizeof(*presence));
	if (!presence)
		return false;
	for (size_t i = meter->presence_count; i < count; i++)
		presence[i] = (struct presence){ .kin = flow_interfaces_at(meter->interfaces, i)->kin };
	meter->presence = presence;
	meter->presence_count = count;
	return true;
}

static bool room_for_point(struct flow_meter *meter, uint32_t number)
{
	size_t room = meter->watched_room;
	bool *watched;

	if (number < room)
		return true;
	room = number < 2 * room ? 2 * room : (size_t)number + 1;
	watched = realloc(meter->watched, room * sizeof(*watched));
	if (!watched)
		return false;
	memset(watched + meter->watched_room, 0, (room - meter->watched_room) * sizeof(*watched));
	meter->watched = watched;
	meter->watched_room = room;
	return true;
}

static int appear(struct flow_meter *meter, const struct flow_point *point, int64_t since_ns, struct error *err)
{
	int ret = flow_interfaces_bind(meter->interfaces, point, err);
	const uint32_t *candidates;
	size_t count;

	if (ret < 0)
		return ret;
	if (!room_for_interfaces(meter) || !room_for_point(meter, point->number))
		return fail_memory(err, "interfaces");
	if (meter->watched[point->number])
		return 0;
	meter->watched[point->number] = true;
	candidates = flow_interfaces_of_point(meter->interfaces, point->number, &count);
	for (size_t i = 0; i < count; i++)
		flow_watch_begin(&presence_of(meter, candidates[i])->watch, &meter->window, since_ns);
	return 0;
}

/* Of a point that is not watched, nothing goes. */
static void go(struct flow_meter *meter, uint32_t point, int64_t until_ns)
{
	const uint32_t *candidates;
	size_t count;

	if (point >= meter->watched_room || !meter->watched[point])
		return;
	meter->watched[point] = false;
	candidates = flow_interfaces_of_point(meter->interfaces, point, &count);
	for (size_t i = 0; i < count; i++)
		flow_watch_end(&presence_of(meter, candidates[i])->watch, until_ns);
}

static void lose(struct flow_meter *meter, uint32_t point, uint64_t lost)
{
	size_t count;
	const uint32_t *candidates = flow_interfaces_of_point(meter->interfaces, point, &count);

	for (size_t i = 0; i < count; i++)
		presence_of(meter, candidates[i])->lost = true;
	meter->account.lost += lost;
}

/* ---- packets in ---- */

static uint32_t seconds_into(const struct flow_window *window, int64_t time_ns)
{
	return time_ns > window->start_ns ? (uint32_t)((uint64_t)(time_ns - window->start_ns) / FLOW_SECOND_NS) : 0;
}

/* The second in which the observation of several packets ends, which may be in a later window: the interface is not silent
 * until then. */
ENIFLOW_APART static uint32_t last_second(struct flow_meter *meter, uint32_t interface, int64_t last_ns)
{
	struct presence *presence = presence_of(meter, interface);
	int64_t into = (last_ns - meter->window.start_ns) / FLOW_SECOND_NS;

	if (last_ns > presence->until_ns)
		presence->until_ns = last_ns;
	if (into < 0)
		return 0;
	return into < UINT32_MAX ? (uint32_t)into : UINT32_MAX;
}

/* What became of a packet, on one interface or on all that see it; of several the first in this order is told. */
enum fate { COUNTED, SKIPPED, EXCLUDED, UNMATCHED };

/* The table took no more: the flow is skipped, or all are emitted early to make room. Returns its entry; else NULL,
 * with SKIPPED or a negative errno in `*fate`. */
ENIFLOW_APART static struct flow_entry *add_to_full_table(struct flow_meter *meter, const struct flow_staged *staged,
							  int *fate, struct error *err)
{
	struct flow_entry *entry = NULL;

	if (meter->options.skip_when_full) {
		presence_of(meter, staged->key.interface)->lost = true;
		*fate = SKIPPED;
		return NULL;
	}
	*fate = emit_all(meter, EARLY, err);
	if (*fate < 0)
		return NULL;
	meter->account.flushes++;
	entry = flow_table_add(meter->table, staged->hash, &staged->key);
	if (!entry)
		*fate = fail_memory(err, "flow table");
	return entry;
}

/* Adds one packet on one interface to the open window. COUNTED, SKIPPED, or a negative errno. */
static inline int count_packet(struct flow_meter *meter, const struct flow_staged *staged,
			       const struct flow_observation *packet, struct error *err)
{
	struct flow_entry *entry = flow_table_find(meter->table, staged->hash, staged->guess, &staged->key);
	uint32_t first = seconds_into(&meter->window, packet->first_ns), last = first;
	int fate;

	if (!entry)
		entry = flow_table_add(meter->table, staged->hash, &staged->key);
	if (!entry)
		entry = add_to_full_table(meter, staged, &fate, err);
	if (!entry)
		return fate;
	if (packet->last_ns != packet->first_ns)
		last = last_second(meter, staged->key.interface, packet->last_ns);
	entry->packets += packet->packets;
	entry->bytes += packet->bytes;
	entry->tcp_flags |= packet->tcp_flags;
	if (first < entry->first)
		entry->first = first;
	if (last > entry->last)
		entry->last = last;
	return COUNTED;
}

static inline int fate_on_one(struct flow_meter *meter, const struct flow_staged *staged,
			      const struct flow_observation *packet, struct error *err)
{
	if (staged->excluded != FLOW_NOT_EXCLUDED) {
		meter->excluded_as = staged->excluded;
		return EXCLUDED;
	}
	return count_packet(meter, staged, packet, err);
}

/* Answers an enum fate or a negative errno. Not inlined, as all that is rare here: the way of a packet that one
 * interface sees, and whose flow is there, is kept short. */
ENIFLOW_APART static int fate_on_all(struct flow_meter *meter, const struct flow_staged *staged,
				     const struct flow_staged *end, const struct flow_observation *packet,
				     struct error *err)
{
	int fate = UNMATCHED;

	for (; staged < end; staged++) {
		int one = fate_on_one(meter, staged, packet, err);

		if (one < 0)
			return one;
		if (one < fate)
			fate = one;
	}
	return fate;
}

static void account_packet(struct flow_meter *meter, enum fate fate, const struct flow_observation *packet)
{
	struct flow_account *account = &meter->account;

	switch (fate) {
	case COUNTED:
		account->counted += packet->packets;
		if (packet->first_ns < meter->window.start_ns)
			account->late += packet->packets;
		return;
	case SKIPPED:
		account->skipped += packet->packets;
		return;
	case EXCLUDED:
		account->excluded += packet->packets;
		account->excluded_as[meter->excluded_as] += packet->packets;
		return;
	case UNMATCHED:
		account->unmatched += packet->packets;
		return;
	}
}

/* The counter of frames that are no packets. */
static uint64_t *counter_of(struct flow_account *account, enum flow_kind kind)
{
	switch (kind) {
	case FLOW_FILTERED:
		return &account->filtered;
	case FLOW_NON_IP:
		return &account->non_ip;
	case FLOW_TRUNCATED:
		return &account->truncated;
	case FLOW_MALFORMED:
		return &account->malformed;
	default:
		return &account->unsupported;
	}
}

/* Flows are on their way into the cache while others are settled: in two rounds, for the slot that tells where a flow
 * is takes its time, too. */
static void look_ahead(struct flow_meter *meter)
{
	struct flow_staged *staged = meter->stage.staged, *end = staged + meter->stage.count;

	for (struct flow_staged *at = staged; at < end; at++)
		flow_table_prefetch(meter->table, at->hash);
	for (struct flow_staged *at = staged; at < end; at++)
		at->guess = flow_table_guess(meter->table, at->hash);
}

/* Takes the staged frames into their windows, in order. */
static int settle(struct flow_meter *meter, const struct flow_observation *frames, size_t count, struct error *err)
{
	const struct flow_staged *staged = meter->stage.staged, *end = staged + meter->stage.count;

	for (size_t i = 0; i < count; i++) {
		const struct flow_observation *frame = &frames[i];
		const struct flow_staged *first = staged;
		int ret = move_windows(meter, frame->first_ns, err);

		if (ret < 0)
			return ret;
		account_time(&meter->account, frame->first_ns);
		if (frame->lost)
			lose(meter, frame->point, frame->lost);
		meter->account.frames += frame->packets;
		if (frame->kind != FLOW_PACKET) {
			*counter_of(&meter->account, frame->kind) += frame->packets;
			continue;
		}
		while (staged < end && staged->frame == i)
			staged++;
		ret = staged == first + 1 ? fate_on_one(meter, first, frame, err)
					  : fate_on_all(meter, first, staged, frame, err);
		if (ret < 0)
			return ret;
		account_packet(meter, (enum fate)ret, frame);
	}
	return 0;
}

/* What a source learns between frames. */
static int take_event(struct flow_meter *meter, const struct flow_observation *event, struct error *err)
{
	switch (event->kind) {
	case FLOW_POINT:
		return appear(meter, event->appeared, event->first_ns, err);
	case FLOW_GONE:
		go(meter, event->point, event->first_ns);
		return 0;
	case FLOW_TIME:
		return move_windows(meter, event->first_ns, err);
	default:
		lose(meter, event->point, event->lost);
		return 0;
	}
}

static void tell_undirected(struct flow_meter *meter)
{
	if (!meter->stage.is_undirected || meter->told_undirected)
		return;
	meter->told_undirected = true;
	notify(meter->notices, "some packets have no direction, which security groups and network ACLs ask for: they "
			       "count as accepted; a mac or an address of the interface tells it");
}

int flow_meter_add(struct flow_meter *meter, const struct flow_observation *items, size_t count, struct error *err)
{
	while (count > 0) {
		int taken = flow_stage_frames(&meter->stage, &meter->window, items, count, err), ret;

		if (taken < 0)
			return taken;
		tell_undirected(meter);
		look_ahead(meter);
		ret = taken ? settle(meter, items, (size_t)taken, err) : take_event(meter, items, err);
		if (ret < 0)
			return ret;
		taken += taken == 0;
		items += taken;
		count -= (size_t)taken;
	}
	return 0;
}

int flow_meter_finish(struct flow_meter *meter, struct error *err)
{
	return meter->window.is_open ? close_window(meter, err) : 0;
}

void flow_meter_state(const struct flow_meter *meter, struct flow_meter_state *out)
{
	*out = (struct flow_meter_state){
		.flows = flow_table_count(meter->table),
		.flows_most = flow_table_peak(meter->table),
		.flows_bound = meter->options.max_flows,
	};
}
