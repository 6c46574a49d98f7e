#include "capture/events.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_AT_FIRST = 8 };

static int make_room(struct capture_events *events, struct error *err)
{
	size_t room = events->room ? 2 * events->room : ROOM_AT_FIRST;
	struct capture_event *bigger;

	if (events->count < events->room)
		return 0;
	bigger = realloc(events->items, room * sizeof(*bigger));
	if (!bigger)
		return fail_memory(err, "live capture");
	events->items = bigger;
	events->room = room;
	return 0;
}

int capture_events_add(struct capture_events *events, const struct capture_event *event, struct error *err)
{
	struct capture_event *items;
	size_t at = events->count;
	int ret = make_room(events, err);

	if (ret < 0)
		return ret;
	items = events->items;
	while (!event->at_once && at > events->epoch_at && items[at - 1].time_ns > event->time_ns &&
	       !items[at - 1].at_once)
		at--;
	memmove(&items[at + 1], &items[at], (events->count - at) * sizeof(*items));
	items[at] = *event;
	events->count++;
	return 0;
}

const struct capture_event *capture_events_first(const struct capture_events *events)
{
	return events->count > 0 ? &events->items[0] : NULL;
}

struct capture_event capture_events_take(struct capture_events *events)
{
	const struct capture_event first = events->items[0];

	events->count--;
	events->epoch_at -= events->epoch_at > 0;
	memmove(events->items, events->items + 1, events->count * sizeof(*events->items));
	return first;
}

void capture_events_begin_epoch(struct capture_events *events)
{
	events->epoch_at = events->count;
}

void capture_events_clear(struct capture_events *events)
{
	for (size_t i = 0; i < events->count; i++)
		free(events->items[i].addresses);
	free(events->items);
	*events = (struct capture_events){ 0 };
}
