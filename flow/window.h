/* flow/window.h - which window is open, and how the time of the next frame, or time alone, moves it. Arithmetic only: flow/meter.c
 * does the rest.
 *
 * Source: semantics sections 6 and 7, section 13, 18. */
#ifndef ENIFLOW_FLOW_WINDOW_H
#define ENIFLOW_FLOW_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

enum {
	FLOW_WINDOW_GAP_MOST = 1440, /* intervals between two frames; after more there is no NODATA for those between */
};

#define FLOW_SECOND_NS INT64_C(1000000000)

/* Read it; write it only by the functions below. */
struct flow_window {
	int64_t interval;    /* seconds */
	int64_t interval_ns; /* the same */
	bool is_open;
	int64_t start;       /* of the open window, or of the one closed last: Unix seconds */
	int64_t start_ns;    /* the same */
	int64_t previous_ns; /* time of the frame before */
	bool has_written;
	int64_t last_written; /* start of the latest window, in time, that was closed or passed over */
};

enum flow_move {
	FLOW_STAY,    /* the frame belongs to the open window, or is late */
	FLOW_FIRST,   /* none is open yet */
	FLOW_FORWARD, /* to a later window, over NODATA for those between */
	FLOW_JUMP,    /* to a later window, over a gap that counts as a discontinuity */
	FLOW_BACK,    /* time went backwards by more than an interval */
};

void flow_window_init(struct flow_window *window, uint32_t interval);

/* What a frame of that time (0 to INT64_MAX nanoseconds) does. */
enum flow_move flow_window_judge(const struct flow_window *window, int64_t time_ns);

/* Opens the window of that time. */
void flow_window_open(struct flow_window *window, int64_t time_ns);

/* Is the window that starts there later than every one written before? Only then may it have NODATA. */
bool flow_window_is_latest(const struct flow_window *window, int64_t start);

/* The window that starts there was closed or passed over. */
void flow_window_mark_written(struct flow_window *window, int64_t start);

#endif
