/* capture/clock.h - wall time, whether it jumped, and a timer that follows it. */
#ifndef ENIFLOW_CAPTURE_CLOCK_H
#define ENIFLOW_CAPTURE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/error.h"

/* The three clocks at one moment: CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, nanoseconds. */
struct capture_clock_reading {
	int64_t real_ns, monotonic_ns, boot_ns;
};

/* Reads them; a test has its own. */
typedef void capture_clock_read(void *ctx, struct capture_clock_reading *out);

/* The system's. */
void capture_clock_system(void *ctx, struct capture_clock_reading *out);

/* Less than that is taken as it comes: time then runs on a little faster, or some packets are late. */
#define CAPTURE_CLOCK_JUMP_NS INT64_C(2000000000)

struct capture_clock {
	capture_clock_read *read;
	void *ctx;
	int64_t offset_ns; /* real less monotonic time, when looked at last */
	int64_t asleep_ns; /* boot less monotonic time */
};

/* Time between two looks. */
struct capture_clock_look {
	int64_t now_ns;       /* wall time */
	int64_t monotonic_ns; /* for what must not jump */
	bool jumped;          /* by CAPTURE_CLOCK_JUMP_NS or more, since the look before */
	int64_t before_ns;    /* jumped: what the clock would say now if it had not */
	int64_t asleep_ns;    /* of the jump, this much is that the machine slept */
};

/* `read` NULL: capture_clock_system(). */
void capture_clock_init(struct capture_clock *clock, capture_clock_read *read, void *ctx);

/* What time is it, and did it jump? The answer to a jump is given once. */
struct capture_clock_look capture_clock_look(struct capture_clock *clock);

/* A timer of wall time: readable at the time that it was set to and when the clock is set or the machine wakes.
 * Returns the descriptor or a negative errno. Set to 0 it is not readable, and will not be. */
int capture_clock_timer(struct error *err);
void capture_clock_timer_set(int timer, int64_t at_ns);
/* Empties it after it was readable. */
void capture_clock_timer_clear(int timer);

#endif
