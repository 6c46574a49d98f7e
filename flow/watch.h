/* flow/watch.h - since when an interface has been watched, or until when it was, and what part of a window that is.
 * Arithmetic only: flow/meter.c does the rest.
 *
 * Source: semantics section 7 ("cut to the time the sensor really watched"). Files watch from 0 without an end. Zeroed,
 * it was never watched. */
#ifndef ENIFLOW_FLOW_WATCH_H
#define ENIFLOW_FLOW_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/window.h"

/* Unix nanoseconds; what lies between two times in one window counts as watched, too. Clocks are set while points come
 * and go, so `until_ns` may be before `since_ns`. */
struct flow_watch {
	uint32_t points;            /* of the interface that are watched now */
	int64_t since_ns, until_ns; /* INT64_MAX: it still is */
};

/* One more point is watched since then. `window` is the open one, if one is: an interface that was watched in it before
 * goes on as if it always had been. */
void flow_watch_begin(struct flow_watch *watch, const struct flow_window *window, int64_t since_ns);

/* One of its points is not watched any more since then. */
void flow_watch_end(struct flow_watch *watch, int64_t until_ns);

/* Was it watched at any time in the window that starts there (Unix seconds)? */
bool flow_watch_is_in(const struct flow_watch *watch, const struct flow_window *window, int64_t start);

/* The part of that window in which it was watched, Unix seconds rounded down; where the clock contradicts itself, the
 * nearest times of the window. `*from` is never after `*to`. */
void flow_watch_cut(const struct flow_watch *watch, const struct flow_window *window, int64_t start, int64_t *from,
		    int64_t *to);

#endif
