/* capture/tap.h - where a sensor gets its frames: one ring or socket of the kernel.
 *
 * Handles of live devices (capture/backend.h) and groups of the firewall's log (capture/netfilter.h) stand behind it.
 * A tap gives its frames in the order in which the kernel wrote them, about that of their times (sums of many packets: of
 * their first ones); capture/sensor.h
 * puts all taps in one order. */
#ifndef ENIFLOW_CAPTURE_TAP_H
#define ENIFLOW_CAPTURE_TAP_H

#include "flow/error.h"
#include "flow/observation.h"

struct capture_tap;

struct capture_tap_ops {
	/* Takes what can be read now, decoded, with `point` and `tuple_hash` set, without waiting; at most `room`, which
	 * is at least 2. How many observations were written; 0: there is nothing to be read now. -ENODEV: and there
	 * never will be but what the kernel has still to show; other negative errnos: the tap is broken. Of what the
	 * tap itself leaves out nothing is written, and 0 says only that nothing is left. */
	int (*read)(struct capture_tap *tap, struct flow_observation *out, size_t room, struct error *err);
	/* The tap had nothing to be read at `now_ns` (wall time, taken before that was asked): everything of before
	 * which time is surely read? At most now_ns - CAPTURE_TAP_SLACK_NS. */
	int64_t (*settled)(struct capture_tap *tap, int64_t now_ns);
	/* Is so much waiting in the ring that it should be emptied rather than kept in order? NULL: never. */
	bool (*is_pressed)(struct capture_tap *tap);
	/* What the tap holds back is wanted now: a point goes, the clock was set, the source ends. NULL: it holds
	 * nothing back. */
	void (*flush)(struct capture_tap *tap);
	void (*close)(struct capture_tap *tap);
};

/* A frame's time is taken some time before it can be found in a ring: soft interrupts may be late. */
#define CAPTURE_TAP_SLACK_NS INT64_C(30000000)

/* What the kernel holds back for want of more is shown after so long at the very most. */
#define CAPTURE_TAP_HOLD_NS INT64_C(400000000)

struct capture_tap {
	const struct capture_tap_ops *ops;
	int fd;                   /* for poll(): readable when there is something to be read */
	struct capture_tap *next; /* the sensor's */
};

#endif
