#include "capture/merge.h"

static int64_t head_of(const struct capture_lane *lane)
{
	return lane->items[lane->at].first_ns;
}

static bool in_span(struct capture_span span, int64_t time_ns)
{
	return time_ns >= span.from_ns && time_ns < span.until_ns;
}

/* Before which time the lane has nothing more, as far as the span goes. */
static int64_t floor_of(const struct capture_lane *lane, struct capture_span span)
{
	if (lane->at == lane->length)
		return lane->bound_ns;
	return in_span(span, head_of(lane)) ? head_of(lane) : INT64_MAX;
}

/* The lane with the earliest head, or `count`. */
static size_t first_lane(const struct capture_lane *lanes, size_t count, struct capture_span span)
{
	size_t first = count;

	for (size_t i = 0; i < count; i++) {
		if (lanes[i].at == lanes[i].length || !in_span(span, head_of(&lanes[i])))
			continue;
		if (first == count || head_of(&lanes[i]) < head_of(&lanes[first]))
			first = i;
	}
	return first;
}

/* Up to which time, itself not included, it is that lane's turn. */
static int64_t turn_of(const struct capture_lane *lanes, size_t count, struct capture_span span, size_t lane)
{
	int64_t until_ns = span.until_ns;

	for (size_t i = 0; i < count; i++) {
		int64_t floor_ns = i == lane ? INT64_MAX : floor_of(&lanes[i], span);

		/* An equal time of a later lane's head comes after this lane's; what an empty lane may yet have is not
		 * known. */
		if (i > lane && floor_ns < INT64_MAX && lanes[i].at < lanes[i].length)
			floor_ns++;
		if (floor_ns < until_ns)
			until_ns = floor_ns;
	}
	return until_ns;
}

size_t capture_merge_next(const struct capture_lane *lanes, size_t count, struct capture_span span, size_t *lane)
{
	size_t first = first_lane(lanes, count, span), length = 0;
	const struct flow_observation *items;
	int64_t until_ns;

	if (first == count)
		return 0;
	until_ns = turn_of(lanes, count, span, first);
	items = lanes[first].items + lanes[first].at;
	while (length < lanes[first].length - lanes[first].at && items[length].first_ns < until_ns &&
	       items[length].first_ns >= span.from_ns)
		length++;
	*lane = first;
	return length;
}

int64_t capture_merge_horizon(const struct capture_lane *lanes, size_t count, struct capture_span span)
{
	int64_t horizon_ns = span.until_ns;

	for (size_t i = 0; i < count; i++) {
		int64_t floor_ns = floor_of(&lanes[i], span);

		if (floor_ns < horizon_ns)
			horizon_ns = floor_ns;
	}
	return horizon_ns;
}
