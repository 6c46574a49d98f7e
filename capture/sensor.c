#include "capture/sensor.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/events.h"
#include "capture/merge.h"

enum {
	LANE_ROOM = 256,
	LOOK_BACK = 600, /* seconds, if nobody looked for so long: the process stood still */
};

static const int64_t second_ns = INT64_C(1000000000);

/* Taps that have nothing are asked again after so long, unless they call: else a busy one would wait for quiet ones in
 * tiny steps. */
static const int64_t recheck_ns = INT64_C(20000000);

/* A tap and what was read of it: the lane of the same number. */
struct inlet {
	struct capture_tap *tap;
	uint32_t point;
	bool is_leaving; /* its point goes */
	bool has_failed; /* and its owner knows */
	bool is_dry;     /* it had nothing, at this look at the clock */
	int64_t dry_ns;  /* when it had nothing, monotonic; INT64_MIN: it is to be asked at once */
};

struct sensor_point {
	struct flow_point point; /* first: what others hold of it */
	char *name;
	struct flow_host *addresses; /* as the owner told them last; point.addresses when the event is handed on */
	size_t address_count;
	bool is_watched;   /* as the owner told */
	bool has_appeared; /* as was handed on */
	uint64_t lost, missed;
};

/* The clock jumped: what came before is handed on first. */
struct jump {
	bool is_on;
	int64_t before_ns;        /* the last moment of the time before */
	struct capture_span span; /* frames of the time before */
};

struct capture_sensor {
	struct source source; /* first: what others hold of it */
	struct capture_sensor_options options;
	struct capture_clock clock;
	struct capture_clock_look look; /* the latest */
	int timer;
	int64_t next_tick_ns; /* a whole second */
	int64_t ticked_ns;    /* the one before: that FLOW_TIME told of last */
	struct inlet *inlets;
	struct capture_lane *lanes;
	size_t inlet_count, inlet_room;
	struct sensor_point **points;
	size_t point_count, point_room;
	struct capture_events events;
	struct capture_tap *closing; /* taken out already */
	struct pollfd *polls;
	size_t poll_room;
	struct jump jump;
	bool has_begun;      /* a point was watched */
	bool has_more_to_do; /* the owner has */
	bool stop_wanted, is_stopping;
	bool is_forced;      /* nobody is waited for any more */
	int64_t force_at_ns; /* monotonic; INT64_MAX: not at all */
};

static const struct capture_span all_times = { INT64_MIN, INT64_MAX };

static struct capture_sensor *sensor_of(struct source *source)
{
	return (struct capture_sensor *)source;
}

static const struct capture_sensor *const_sensor_of(const struct source *source)
{
	return (const struct capture_sensor *)source;
}

/* Makes room for one more. */
static int grow(void **items, size_t *room, size_t count, size_t size, struct error *err)
{
	size_t wanted = *room ? 2 * *room : 8;
	void *bigger;

	if (count < *room)
		return 0;
	bigger = realloc(*items, wanted * size);
	if (!bigger)
		return fail_memory(err, "live capture");
	*items = bigger;
	*room = wanted;
	return 0;
}

/* ---- events ---- */

static int add_event(struct capture_sensor *sensor, const struct capture_event *event, struct error *err)
{
	return capture_events_add(&sensor->events, event, err);
}

static struct flow_host *copy_addresses(const struct flow_host *addresses, size_t count)
{
	struct flow_host *copy = malloc((count ? count : 1) * sizeof(*copy));

	if (copy && count > 0)
		memcpy(copy, addresses, count * sizeof(*copy));
	return copy;
}

static bool same_addresses(const struct sensor_point *point, const struct flow_host *addresses, size_t count)
{
	bool same = point->address_count == count;

	for (size_t i = 0; i < count && same; i++)
		same = point->addresses[i].family == addresses[i].family &&
		       flow_address_equal(&point->addresses[i].address, &addresses[i].address);
	return same;
}

static int add_appearance(struct capture_sensor *sensor, uint32_t number, int64_t time_ns, bool at_once,
			  struct error *err)
{
	const struct sensor_point *point = sensor->points[number];
	struct capture_event event = {
		.kind = FLOW_POINT,
		.at_once = at_once,
		.point = number,
		.time_ns = time_ns,
		.addresses = copy_addresses(point->addresses, point->address_count),
		.address_count = point->address_count,
	};
	int ret = event.addresses ? add_event(sensor, &event, err) : fail_memory(err, "live capture");

	if (ret < 0)
		free(event.addresses);
	return ret;
}

/* ---- what the owner tells ---- */

int64_t capture_sensor_now(struct capture_sensor *sensor)
{
	struct capture_clock_reading reading;

	sensor->clock.read(sensor->clock.ctx, &reading);
	return reading.real_ns;
}

int64_t capture_sensor_point(struct capture_sensor *sensor, const char *name, struct error *err)
{
	struct sensor_point *point;
	int ret;

	for (size_t i = 0; i < sensor->point_count; i++)
		if (strcmp(sensor->points[i]->name, name) == 0)
			return (int64_t)i;
	ret = grow((void **)&sensor->points, &sensor->point_room, sensor->point_count, sizeof(*sensor->points), err);
	if (ret < 0)
		return ret;
	point = calloc(1, sizeof(*point));
	if (point)
		point->name = strdup(name);
	if (!point || !point->name) {
		free(point);
		return fail_memory(err, "live capture");
	}
	point->point = (struct flow_point){ .number = (uint32_t)sensor->point_count,
					    .name = point->name,
					    .named = true };
	sensor->points[sensor->point_count] = point;
	return (int64_t)sensor->point_count++;
}

/* Points that appear open no window, as time does: the one in which the first of them does may have no whole second. */
static int begin_time(struct capture_sensor *sensor, int64_t since_ns, struct error *err)
{
	const struct capture_event event = { .kind = FLOW_TIME, .time_ns = since_ns };

	if (sensor->has_begun)
		return 0;
	sensor->has_begun = true;
	return add_event(sensor, &event, err);
}

int capture_sensor_watch(struct capture_sensor *sensor, uint32_t number, const struct flow_host *addresses,
			 size_t count, int64_t since_ns, struct error *err)
{
	struct sensor_point *point = sensor->points[number];
	struct flow_host *copy;
	int ret;

	if (point->is_watched && same_addresses(point, addresses, count))
		return 0;
	copy = copy_addresses(addresses, count);
	if (!copy)
		return fail_memory(err, "live capture");
	free(point->addresses);
	point->addresses = copy;
	point->address_count = count;
	point->is_watched = true;
	ret = begin_time(sensor, since_ns, err);
	return ret < 0 ? ret : add_appearance(sensor, number, since_ns, false, err);
}

int capture_sensor_add(struct capture_sensor *sensor, struct capture_tap *tap, uint32_t point, struct error *err)
{
	struct flow_observation *items = malloc(LANE_ROOM * sizeof(*items));
	size_t lane_room = sensor->inlet_room;
	int ret = items ? 0 : fail_memory(err, "live capture");

	if (ret >= 0)
		ret = grow((void **)&sensor->lanes, &lane_room, sensor->inlet_count, sizeof(*sensor->lanes), err);
	if (ret >= 0)
		ret = grow((void **)&sensor->inlets, &sensor->inlet_room, sensor->inlet_count, sizeof(*sensor->inlets),
			   err);
	if (ret < 0) {
		free(items);
		tap->ops->close(tap);
		return ret;
	}
	sensor->lanes[sensor->inlet_count] = (struct capture_lane){ .items = items, .bound_ns = INT64_MIN };
	sensor->inlets[sensor->inlet_count] = (struct inlet){ .tap = tap, .point = point, .dry_ns = INT64_MIN };
	sensor->inlet_count++;
	return 0;
}

static void flush_taps(struct capture_sensor *sensor)
{
	for (size_t i = 0; i < sensor->inlet_count; i++) {
		struct capture_tap *tap = sensor->inlets[i].tap;

		if (!tap->ops->flush)
			continue;
		tap->ops->flush(tap);
		sensor->inlets[i].dry_ns = INT64_MIN;
	}
}

int capture_sensor_leave(struct capture_sensor *sensor, uint32_t number, int64_t at_ns, struct error *err)
{
	const struct capture_event event = { .kind = FLOW_GONE, .closes = true, .point = number, .time_ns = at_ns };

	for (size_t i = 0; i < sensor->inlet_count; i++)
		sensor->inlets[i].is_leaving |= sensor->inlets[i].point == number;
	sensor->points[number]->is_watched = false;
	flush_taps(sensor);
	return add_event(sensor, &event, err);
}

bool capture_sensor_is_watched(const struct capture_sensor *sensor, uint32_t point)
{
	return sensor->points[point]->is_watched;
}

/* The first whole second that no FLOW_TIME has told of, of those that are looked back to. */
static int64_t first_untold(const struct capture_sensor *sensor, int64_t until_ns)
{
	int64_t first_ns = sensor->ticked_ns + second_ns,
		oldest_ns = until_ns / second_ns * second_ns - LOOK_BACK * second_ns;

	return first_ns > oldest_ns ? first_ns : oldest_ns;
}

int capture_sensor_lose(struct capture_sensor *sensor, uint32_t number, uint64_t lost, uint64_t missed, int64_t at_ns,
			struct error *err)
{
	struct capture_event event = { .kind = FLOW_LOSS, .point = number };
	int ret = 0;

	sensor->points[number]->lost += lost;
	sensor->points[number]->missed += missed;
	if (lost + missed == 0)
		return 0;
	/* If nobody looked for some seconds, it may have been in any of them. */
	for (int64_t second = first_untold(sensor, at_ns); second < at_ns && ret >= 0; second += second_ns) {
		event.time_ns = second;
		ret = add_event(sensor, &event, err);
	}
	event.time_ns = at_ns;
	event.lost = lost + missed;
	return ret < 0 ? ret : add_event(sensor, &event, err);
}

/* ---- handing on ---- */

/* The tap is not asked any more. It is closed when there is time for it (close_one()): that takes the kernel some
 * hundredths of a second, in which other rings fill. */
static void take_out(struct capture_sensor *sensor, size_t i)
{
	struct capture_tap *tap = sensor->inlets[i].tap;

	tap->next = sensor->closing;
	sensor->closing = tap;
	free(sensor->lanes[i].items);
	sensor->inlet_count--;
	memmove(&sensor->inlets[i], &sensor->inlets[i + 1], (sensor->inlet_count - i) * sizeof(*sensor->inlets));
	memmove(&sensor->lanes[i], &sensor->lanes[i + 1], (sensor->inlet_count - i) * sizeof(*sensor->lanes));
}

static bool close_one(struct capture_sensor *sensor)
{
	struct capture_tap *tap = sensor->closing;

	if (!tap)
		return false;
	sensor->closing = tap->next;
	tap->ops->close(tap);
	return true;
}

static void take_out_leaving(struct capture_sensor *sensor, uint32_t point)
{
	for (size_t i = sensor->inlet_count; i-- > 0;)
		if (sensor->inlets[i].is_leaving && sensor->inlets[i].point == point)
			take_out(sensor, i);
}

/* The first event goes; what it means for the point is so from here on. */
static void hand_on_event(struct capture_sensor *sensor, struct flow_observation *out)
{
	const struct capture_event event = capture_events_take(&sensor->events);
	struct sensor_point *point = event.kind == FLOW_TIME ? NULL : sensor->points[event.point];

	*out = (struct flow_observation){ .kind = event.kind,
					  .point = event.point,
					  .first_ns = event.time_ns,
					  .last_ns = event.time_ns,
					  .lost = event.lost };
	if (event.kind == FLOW_POINT) {
		free((void *)point->point.addresses);
		point->point.addresses = event.addresses;
		point->point.address_count = event.address_count;
		point->has_appeared = true;
		out->appeared = &point->point;
	} else if (event.kind == FLOW_GONE) {
		point->has_appeared = false;
		if (event.closes)
			take_out_leaving(sensor, event.point);
	}
}

static struct capture_span span_of(const struct capture_sensor *sensor)
{
	const struct capture_event *event = capture_events_first(&sensor->events);
	struct capture_span span = sensor->jump.is_on ? sensor->jump.span : all_times;

	if (event && event->time_ns < span.until_ns)
		span.until_ns = event->time_ns;
	return span;
}

/* A tap had nothing: from what time on may it yet have something? */
static int64_t bound_of(const struct capture_sensor *sensor, const struct capture_tap *tap)
{
	int64_t settled_ns;

	if (sensor->is_forced)
		return INT64_MAX;
	settled_ns = tap->ops->settled ? tap->ops->settled((struct capture_tap *)tap, sensor->look.now_ns)
				       : sensor->look.now_ns - CAPTURE_TAP_HOLD_NS;
	/* After a jump the time that it tells is no measure: either it has nothing more at all, or we wait. */
	if (sensor->jump.is_on)
		return settled_ns >= sensor->look.now_ns - CAPTURE_TAP_SLACK_NS ? INT64_MAX : INT64_MIN;
	return settled_ns;
}

static void read_tap(struct capture_sensor *sensor, size_t i)
{
	struct inlet *inlet = &sensor->inlets[i];
	struct capture_lane *lane = &sensor->lanes[i];
	struct error why;
	int ret = inlet->tap->ops->read(inlet->tap, lane->items, LANE_ROOM, &why);
	int64_t bound_ns;

	lane->at = 0;
	lane->length = ret > 0 ? (size_t)ret : 0;
	inlet->dry_ns = ret > 0 ? INT64_MIN : sensor->look.monotonic_ns;
	inlet->is_dry = ret <= 0;
	if (ret > 0)
		return;
	bound_ns = bound_of(sensor, inlet->tap);
	if (bound_ns > lane->bound_ns)
		lane->bound_ns = bound_ns;
	if (ret < 0 && !inlet->has_failed) {
		inlet->has_failed = true;
		if (sensor->options.ops->failed && !inlet->is_leaving)
			sensor->options.ops->failed(sensor->options.owner, inlet->tap, ret, why.text);
	}
}

/* Reads what is empty, each tap until it has nothing. Was any read? */
static bool refill(struct capture_sensor *sensor)
{
	bool any = false;

	for (size_t i = 0; i < sensor->inlet_count; i++) {
		if (sensor->inlets[i].is_dry || sensor->lanes[i].at < sensor->lanes[i].length)
			continue;
		read_tap(sensor, i);
		any = true;
	}
	return any;
}

/* A ring that fills while others are waited for is more pressing than their order. */
static bool relieve(struct capture_sensor *sensor)
{
	for (size_t i = 0; i < sensor->inlet_count; i++) {
		const struct capture_lane *lane = &sensor->lanes[i];
		struct capture_tap *tap = sensor->inlets[i].tap;

		if (lane->at == lane->length || !tap->ops->is_pressed || !tap->ops->is_pressed(tap))
			continue;
		for (size_t other = 0; other < sensor->inlet_count; other++) {
			struct capture_lane *empty = &sensor->lanes[other];
			int64_t last_ns = lane->items[lane->length - 1].first_ns;

			if (empty->at == empty->length && empty->bound_ns <= last_ns)
				empty->bound_ns = last_ns + 1;
		}
		return true;
	}
	return false;
}

/* Those whose turn it is, as many as fit. Were there any? */
static bool hand_on_frames(struct capture_sensor *sensor, struct capture_span span, struct source_batch *batch)
{
	size_t lane, room = batch->room - batch->length;
	size_t length = capture_merge_next(sensor->lanes, sensor->inlet_count, span, &lane);

	length = length < room ? length : room;
	if (length == 0)
		return false;
	memcpy(batch->items + batch->length, sensor->lanes[lane].items + sensor->lanes[lane].at,
	       length * sizeof(*batch->items));
	sensor->lanes[lane].at += length;
	batch->length += length;
	return true;
}

/* 1: something was handed on. 0: nothing can be now. -EAGAIN: the batch goes first. */
static int hand_on_next(struct capture_sensor *sensor, struct source_batch *batch)
{
	const struct capture_event *event = capture_events_first(&sensor->events);
	struct capture_span span = span_of(sensor);

	if (!event) /* while it stops, all is gone then; a tap of many points may have more, which is nobody's */
		return !sensor->is_stopping && hand_on_frames(sensor, span, batch);
	if (!event->at_once) {
		if (hand_on_frames(sensor, span, batch))
			return 1;
		if (capture_merge_horizon(sensor->lanes, sensor->inlet_count, span) < event->time_ns)
			return 0;
	}
	/* A point's addresses change: those who have them must have seen all from before. */
	if (event->kind == FLOW_POINT && batch->length > 0)
		return -EAGAIN;
	hand_on_event(sensor, &batch->items[batch->length++]);
	return 1;
}

static void hand_on(struct capture_sensor *sensor, struct source_batch *batch)
{
	bool has_relieved = false;
	int ret = 1;

	for (size_t i = 0; i < sensor->inlet_count; i++)
		sensor->inlets[i].is_dry = sensor->look.monotonic_ns < sensor->inlets[i].dry_ns + recheck_ns;
	while (batch->length < batch->room && ret >= 0) {
		ret = hand_on_next(sensor, batch);
		if (ret == 0 && !refill(sensor)) {
			if (has_relieved || batch->length > 0 || !relieve(sensor))
				return;
			has_relieved = true;
		}
	}
}

/* ---- time ---- */

static void set_tick(struct capture_sensor *sensor)
{
	sensor->next_tick_ns = (sensor->look.now_ns / second_ns + 1) * second_ns;
}

/* From here on seconds are counted. */
static void begin_ticks(struct capture_sensor *sensor)
{
	set_tick(sensor);
	sensor->ticked_ns = sensor->next_tick_ns - second_ns;
}

/* Frames are told apart by the middle between the old time and the new one: none that waits is so old. */
static void begin_jump(struct capture_sensor *sensor)
{
	const struct capture_clock_look *look = &sensor->look;
	int64_t middle_ns = look->before_ns + (look->now_ns - look->before_ns) / 2;
	bool forward = look->now_ns > look->before_ns;
	long long seconds = (look->now_ns - look->before_ns) / second_ns;

	if (look->asleep_ns >= CAPTURE_CLOCK_JUMP_NS)
		notify(sensor->options.notices, "the machine slept: %lld s are missing", seconds);
	else
		notify(sensor->options.notices, "the clock was set %s by %lld s", forward ? "forward" : "back",
		       forward ? seconds : -seconds);
	if (sensor->jump.is_on) /* once more: what came between is of the time before, too */
		return;
	sensor->jump = (struct jump){
		.is_on = true,
		.before_ns = look->before_ns,
		.span = { forward ? INT64_MIN : middle_ns, forward ? middle_ns : INT64_MAX },
	};
	sensor->force_at_ns = look->monotonic_ns + CAPTURE_TAP_HOLD_NS;
	flush_taps(sensor);
}

/* Has all that came before the jump been handed on? */
static bool jump_is_over(const struct capture_sensor *sensor)
{
	size_t lane;

	return !capture_events_first(&sensor->events) &&
	       capture_merge_next(sensor->lanes, sensor->inlet_count, sensor->jump.span, &lane) == 0 &&
	       capture_merge_horizon(sensor->lanes, sensor->inlet_count, sensor->jump.span) ==
		       sensor->jump.span.until_ns;
}

/* Every point goes at the old time, and is there again at the new one. */
static int end_jump(struct capture_sensor *sensor, struct error *err)
{
	const int64_t now_ns = sensor->look.now_ns;
	struct capture_event event = { .kind = FLOW_GONE, .at_once = true, .time_ns = sensor->jump.before_ns };
	int ret = 0;

	for (uint32_t i = 0; i < sensor->point_count && ret >= 0; i++) {
		event.point = i;
		if (sensor->points[i]->is_watched)
			ret = add_event(sensor, &event, err);
	}
	event = (struct capture_event){ .kind = FLOW_TIME, .at_once = true, .time_ns = now_ns };
	if (ret >= 0)
		ret = add_event(sensor, &event, err);
	for (uint32_t i = 0; i < sensor->point_count && ret >= 0; i++)
		if (sensor->points[i]->is_watched)
			ret = add_appearance(sensor, i, now_ns, true, err);
	for (size_t i = 0; i < sensor->inlet_count; i++) {
		sensor->lanes[i].bound_ns = INT64_MIN;
		sensor->inlets[i].dry_ns = INT64_MIN;
	}
	sensor->jump.is_on = false;
	sensor->is_forced = false;
	sensor->force_at_ns = INT64_MAX;
	capture_events_begin_epoch(&sensor->events);
	begin_ticks(sensor);
	return ret;
}

static int call_look(struct capture_sensor *sensor, bool second, int64_t time_ns, struct error *err)
{
	const struct capture_sensor_ops *ops = sensor->options.ops;
	int ret = ops->look ? ops->look(sensor->options.owner, second, time_ns, err) : 0;

	sensor->has_more_to_do = ret > 0;
	return ret < 0 ? ret : 0;
}

/* A whole second is over, and all frames of before are in the rings. */
static int tick(struct capture_sensor *sensor, struct error *err)
{
	const int64_t now_ns = sensor->look.now_ns - CAPTURE_TAP_SLACK_NS;
	const int64_t this_ns = now_ns / second_ns * second_ns;
	struct capture_event event = { .kind = FLOW_TIME };
	int ret = call_look(sensor, true, this_ns, err);

	for (size_t i = 0; i < sensor->inlet_count; i++)
		sensor->inlets[i].dry_ns = INT64_MIN;
	set_tick(sensor);
	if (sensor->next_tick_ns - this_ns > second_ns)
		sensor->next_tick_ns = this_ns + second_ns;
	for (event.time_ns = first_untold(sensor, this_ns); event.time_ns <= this_ns && ret >= 0;
	     event.time_ns += second_ns)
		ret = add_event(sensor, &event, err);
	sensor->ticked_ns = this_ns;
	return ret;
}

static int begin_stop(struct capture_sensor *sensor, struct error *err)
{
	int ret = 0;

	sensor->is_stopping = true;
	sensor->force_at_ns = sensor->look.monotonic_ns + CAPTURE_TAP_HOLD_NS;
	flush_taps(sensor);
	ret = call_look(sensor, true, sensor->look.now_ns, err); /* what was lost at last */
	for (uint32_t i = 0; i < sensor->point_count && ret >= 0; i++)
		if (sensor->points[i]->is_watched)
			ret = capture_sensor_leave(sensor, i, sensor->look.now_ns, err);
	return ret;
}

static void force(struct capture_sensor *sensor)
{
	sensor->is_forced = true;
	for (size_t i = 0; i < sensor->inlet_count; i++)
		sensor->lanes[i].bound_ns = INT64_MAX;
}

/* What the time of day asks for. */
static int keep_time(struct capture_sensor *sensor, struct error *err)
{
	int ret = 0;

	sensor->look = capture_clock_look(&sensor->clock);
	if (sensor->look.jumped && !sensor->is_stopping)
		begin_jump(sensor);
	if (sensor->jump.is_on && jump_is_over(sensor))
		ret = end_jump(sensor, err);
	if (ret >= 0 && sensor->stop_wanted && !sensor->is_stopping && !sensor->jump.is_on)
		ret = begin_stop(sensor, err);
	if (ret >= 0 && !sensor->is_stopping && !sensor->jump.is_on &&
	    sensor->look.now_ns >= sensor->next_tick_ns + CAPTURE_TAP_SLACK_NS)
		ret = tick(sensor, err);
	if (sensor->look.monotonic_ns >= sensor->force_at_ns)
		force(sensor);
	return ret;
}

/* ---- waiting ---- */

/* The time of what is to be handed on next, frame or event; INT64_MAX: nothing is known of. */
static int64_t awaited(const struct capture_sensor *sensor)
{
	const struct capture_event *event = capture_events_first(&sensor->events);
	int64_t first_ns = event ? event->time_ns : INT64_MAX;

	for (size_t i = 0; i < sensor->inlet_count; i++) {
		const struct capture_lane *lane = &sensor->lanes[i];

		if (lane->at < lane->length && lane->items[lane->at].first_ns < first_ns)
			first_ns = lane->items[lane->at].first_ns;
	}
	return first_ns;
}

/* When to look again though no descriptor calls: at the next tick, or when what waits is old enough to be the first
 * of all. */
static int64_t deadline(const struct capture_sensor *sensor)
{
	const int64_t now_ns = sensor->look.now_ns;
	int64_t until_ns = sensor->next_tick_ns + CAPTURE_TAP_SLACK_NS, first_ns;

	if (sensor->jump.is_on || sensor->is_stopping)
		return now_ns + CAPTURE_TAP_SLACK_NS;
	first_ns = awaited(sensor);
	if (first_ns < INT64_MAX) {
		int64_t ripe_ns = first_ns + CAPTURE_TAP_SLACK_NS + 1;

		if (ripe_ns < now_ns + recheck_ns)
			ripe_ns = now_ns + recheck_ns;
		until_ns = ripe_ns < until_ns ? ripe_ns : until_ns;
	}
	return until_ns;
}

/* One that has something, or had a failure, would call at once. */
static bool is_polled(const struct capture_sensor *sensor, size_t i)
{
	return sensor->lanes[i].at == sensor->lanes[i].length && !sensor->inlets[i].has_failed;
}

enum { FIRST_TAP = 3 };

static size_t fill_polls(struct capture_sensor *sensor)
{
	struct pollfd *polls = sensor->polls;
	size_t count = FIRST_TAP;

	polls[0] = (struct pollfd){ .fd = sensor->timer, .events = POLLIN };
	polls[1] = (struct pollfd){ .fd = sensor->is_stopping ? -1 : sensor->options.wake_fd, .events = POLLIN };
	polls[2] = (struct pollfd){ .fd = sensor->jump.is_on || sensor->is_stopping ? -1 : sensor->options.watch_fd,
				    .events = POLLIN };
	for (size_t i = 0; i < sensor->inlet_count; i++)
		if (is_polled(sensor, i))
			polls[count++] = (struct pollfd){ .fd = sensor->inlets[i].tap->fd, .events = POLLIN };
	return count;
}

/* Those whose descriptors call are asked at once. */
static void call_taps(struct capture_sensor *sensor, size_t count)
{
	size_t at = FIRST_TAP;

	for (size_t i = 0; i < sensor->inlet_count && at < count; i++) {
		if (!is_polled(sensor, i))
			continue;
		if (sensor->polls[at++].revents)
			sensor->inlets[i].dry_ns = INT64_MIN;
	}
}

/* 0: look again. -EINTR: woken. */
static int await(struct capture_sensor *sensor, struct error *err)
{
	struct pollfd *bigger;
	size_t count;

	if (sensor->poll_room < sensor->inlet_count + FIRST_TAP) {
		bigger = realloc(sensor->polls, (sensor->inlet_count + FIRST_TAP) * 2 * sizeof(*bigger));
		if (!bigger)
			return fail_memory(err, "live capture");
		sensor->polls = bigger;
		sensor->poll_room = (sensor->inlet_count + FIRST_TAP) * 2;
	}
	capture_clock_timer_set(sensor->timer, deadline(sensor));
	count = fill_polls(sensor);
	if (poll(sensor->polls, count, -1) < 0)
		return errno == EINTR ? fail(err, EINTR, "woken") : fail_errno(err, "waiting for packets");
	if (sensor->polls[0].revents)
		capture_clock_timer_clear(sensor->timer);
	call_taps(sensor, count);
	if (sensor->polls[1].revents)
		return fail(err, EINTR, "woken");
	return sensor->polls[2].revents ? call_look(sensor, false, capture_sensor_now(sensor), err) : 0;
}

/* ---- what takes long ---- */

static bool has_chore(const struct capture_sensor *sensor)
{
	return sensor->closing || (sensor->has_more_to_do && !sensor->is_stopping && !sensor->jump.is_on);
}

/* One at a time, and only when the rings have just been emptied. */
static int do_chore(struct capture_sensor *sensor, struct error *err)
{
	return close_one(sensor) ? 0 : call_look(sensor, false, capture_sensor_now(sensor), err);
}

/* ---- as a source ---- */

static int sensor_read(struct source *source, struct source_batch *batch, struct error *err)
{
	struct capture_sensor *sensor = sensor_of(source);
	int ret = 0;

	batch->length = 0;
	for (;;) {
		ret = keep_time(sensor, err);
		if (ret < 0)
			return ret;
		hand_on(sensor, batch);
		if (sensor->is_stopping && !capture_events_first(&sensor->events))
			return 0;
		if (batch->length > 0)
			break;
		ret = has_chore(sensor) ? do_chore(sensor, err) : await(sensor, err);
		if (ret < 0)
			return ret;
	}
	return 1;
}

static void sensor_stop(struct source *source)
{
	sensor_of(source)->stop_wanted = true;
}

static size_t sensor_points(const struct source *source, const struct flow_point **out, size_t room)
{
	const struct capture_sensor *sensor = const_sensor_of(source);
	size_t count = 0;

	for (size_t i = 0; i < sensor->point_count; i++) {
		if (!sensor->points[i]->has_appeared)
			continue;
		if (count < room)
			out[count] = &sensor->points[i]->point;
		count++;
	}
	return count;
}

static int64_t sensor_now(const struct source *source)
{
	const struct capture_sensor *sensor = const_sensor_of(source);
	int64_t horizon_ns = capture_merge_horizon(sensor->lanes, sensor->inlet_count, span_of(sensor));
	int64_t safe_ns = sensor->look.now_ns - CAPTURE_TAP_SLACK_NS;

	/* Right after a jump no tap has told yet how far it is. */
	return horizon_ns > 0 && horizon_ns < safe_ns ? horizon_ns : safe_ns;
}

static size_t sensor_devices(const struct source *source, struct source_device *out, size_t room)
{
	const struct capture_sensor *sensor = const_sensor_of(source);

	for (size_t i = 0; i < sensor->point_count && i < room; i++) {
		const struct sensor_point *point = sensor->points[i];

		out[i] = (struct source_device){
			.name = point->name, .watched = point->is_watched, .lost = point->lost, .missed = point->missed
		};
		if (sensor->options.ops->describe)
			sensor->options.ops->describe(sensor->options.owner, (uint32_t)i, &out[i]);
	}
	return sensor->point_count;
}

static bool sensor_is_stream(const struct source *source)
{
	(void)source;
	return true;
}

static void free_point(struct sensor_point *point)
{
	free((void *)point->point.addresses);
	free(point->addresses);
	free(point->name);
	free(point);
}

static void sensor_close(struct source *source)
{
	struct capture_sensor *sensor = sensor_of(source);

	while (sensor->inlet_count > 0)
		take_out(sensor, sensor->inlet_count - 1);
	while (close_one(sensor))
		continue;
	if (sensor->options.ops->close)
		sensor->options.ops->close(sensor->options.owner);
	for (size_t i = 0; i < sensor->point_count; i++)
		free_point(sensor->points[i]);
	close(sensor->timer);
	free(sensor->points);
	capture_events_clear(&sensor->events);
	free(sensor->inlets);
	free(sensor->lanes);
	free(sensor->polls);
	free(sensor);
}

static const struct source_ops sensor_ops = {
	.read = sensor_read,
	.stop = sensor_stop,
	.points = sensor_points,
	.now = sensor_now,
	.devices = sensor_devices,
	.is_stream = sensor_is_stream,
	.close = sensor_close,
};

int capture_sensor_new(struct capture_sensor **out, const struct capture_sensor_options *options, struct error *err)
{
	struct capture_sensor *sensor = calloc(1, sizeof(*sensor));
	int timer;

	if (!sensor)
		return fail_memory(err, "live capture");
	timer = capture_clock_timer(err);
	if (timer < 0) {
		free(sensor);
		return timer;
	}
	sensor->source.ops = &sensor_ops;
	sensor->options = *options;
	sensor->timer = timer;
	sensor->force_at_ns = INT64_MAX;
	capture_clock_init(&sensor->clock, options->read_clock, options->clock_ctx);
	sensor->look = capture_clock_look(&sensor->clock);
	begin_ticks(sensor);
	*out = sensor;
	return 0;
}

struct source *capture_sensor_source(struct capture_sensor *sensor)
{
	return &sensor->source;
}

void *capture_sensor_owner(struct source *source)
{
	return sensor_of(source)->options.owner;
}
