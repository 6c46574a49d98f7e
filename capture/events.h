/* capture/events.h - what stands between the frames of a sensor, in order of time: points that come and go, losses, the
 * passing of seconds. */
#ifndef ENIFLOW_CAPTURE_EVENTS_H
#define ENIFLOW_CAPTURE_EVENTS_H

#include "flow/error.h"
#include "flow/observation.h"

struct capture_event {
	uint8_t kind; /* enum flow_kind: FLOW_POINT, FLOW_GONE, FLOW_LOSS, FLOW_TIME */
	bool at_once; /* whatever the time of frames */
	bool closes;  /* FLOW_GONE: the taps that are leaving */
	uint32_t point;
	int64_t time_ns;
	uint64_t lost;
	struct flow_host *addresses; /* of FLOW_POINT, from malloc; the list's once it was added */
	size_t address_count;
};

/* Zeroed, it is empty. End with capture_events_clear(). */
struct capture_events {
	struct capture_event *items; /* those from before a jump of the clock before those from after it */
	size_t count, room;
	size_t epoch_at; /* those before it are from before the jump and stay where they are */
};

/* Behind all of the same time or earlier, and behind those that go at once; one that goes at once behind all. Returns 0
 * or -ENOMEM. */
int capture_events_add(struct capture_events *events, const struct capture_event *event, struct error *err);

/* The one to be handed on next, valid until the next call; NULL: there is none. */
const struct capture_event *capture_events_first(const struct capture_events *events);

/* Takes the first one out; its addresses are the caller's then. There must be one. */
struct capture_event capture_events_take(struct capture_events *events);

/* The clock has jumped: whatever comes is behind all that is there. */
void capture_events_begin_epoch(struct capture_events *events);

void capture_events_clear(struct capture_events *events);

#endif
