#include "capture/clock.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const int64_t second_ns = INT64_C(1000000000);

static int64_t read_one(clockid_t id)
{
	struct timespec time;

	clock_gettime(id, &time);
	return time.tv_sec * second_ns + time.tv_nsec;
}

void capture_clock_system(void *ctx, struct capture_clock_reading *out)
{
	enum { TRIES = 8 };
	const int64_t moment_ns = 1000000;

	/* They are read one after the other: if we were made to wait in between, they are of different moments. */
	(void)ctx;
	for (int i = 0; i < TRIES; i++) {
		int64_t begin_ns = read_one(CLOCK_MONOTONIC);

		out->real_ns = read_one(CLOCK_REALTIME);
		out->boot_ns = read_one(CLOCK_BOOTTIME);
		out->monotonic_ns = read_one(CLOCK_MONOTONIC);
		if (out->monotonic_ns - begin_ns < moment_ns)
			break;
	}
}

static struct capture_clock_reading read_clock(const struct capture_clock *clock)
{
	struct capture_clock_reading reading;

	clock->read(clock->ctx, &reading);
	return reading;
}

void capture_clock_init(struct capture_clock *clock, capture_clock_read *read, void *ctx)
{
	struct capture_clock_reading reading;

	*clock = (struct capture_clock){ .read = read ? read : capture_clock_system, .ctx = ctx };
	reading = read_clock(clock);
	clock->offset_ns = reading.real_ns - reading.monotonic_ns;
	clock->asleep_ns = reading.boot_ns - reading.monotonic_ns;
}

struct capture_clock_look capture_clock_look(struct capture_clock *clock)
{
	const struct capture_clock_reading reading = read_clock(clock);
	int64_t offset_ns = reading.real_ns - reading.monotonic_ns;
	int64_t asleep_ns = reading.boot_ns - reading.monotonic_ns;
	int64_t jump_ns = offset_ns - clock->offset_ns;
	struct capture_clock_look look = {
		.now_ns = reading.real_ns,
		.monotonic_ns = reading.monotonic_ns,
		.jumped = jump_ns >= CAPTURE_CLOCK_JUMP_NS || jump_ns <= -CAPTURE_CLOCK_JUMP_NS,
		.before_ns = reading.monotonic_ns + clock->offset_ns,
		.asleep_ns = asleep_ns - clock->asleep_ns,
	};

	clock->offset_ns = offset_ns;
	clock->asleep_ns = asleep_ns;
	return look;
}

int capture_clock_timer(struct error *err)
{
	int timer = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

	return timer < 0 ? fail_errno(err, "timer") : timer;
}

void capture_clock_timer_set(int timer, int64_t at_ns)
{
	const struct itimerspec when = { .it_value = { at_ns / second_ns, at_ns % second_ns } };

	timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL);
}

void capture_clock_timer_clear(int timer)
{
	uint64_t expired;

	/* It says EAGAIN before its time and ECANCELED when the clock was set: capture_clock_look() knows. */
	if (read(timer, &expired, sizeof(expired)) < 0)
		return;
}
