/* capture/sensor.h - what all live sources have in common: taps that are merged by time, points that come and go, losses,
 * the clock, and a good end.
 *
 * The owner (capture/live.h, capture/firewall.h) says which points and taps there are; the sensor hands their
 * observations on, all in order of time. Between them it puts what else happens, each at its time: FLOW_POINT,
 * FLOW_GONE, FLOW_LOSS, and FLOW_TIME at every whole second.
 *
 * A frame is handed on when no tap can have an earlier one any more: each has shown a later one, or was empty later. A
 * tap whose ring fills meanwhile is not waited for (is_pressed).
 *
 * When the wall clock jumps (set by hand, or the machine slept) by two seconds or more, what came before is handed on,
 * every point goes at the old time, it is the new time, and every point appears again. Smaller jumps and slewing are
 * taken as they come. */
#ifndef ENIFLOW_CAPTURE_SENSOR_H
#define ENIFLOW_CAPTURE_SENSOR_H

#include "capture/clock.h"
#include "capture/source.h"
#include "capture/tap.h"

struct capture_sensor;

/* What the owner does, called only from within source_read(). Any may be NULL. */
struct capture_sensor_ops {
	/* `watch_fd` is readable, or a second began: devices may have changed, losses be told by
	 * capture_sensor_lose(). 1: there is more to do that takes long, and it is asked again once the rings are
	 * empty; 0: there is not. A negative answer ends source_read() with it. */
	int (*look)(void *owner, bool second, int64_t now_ns, struct error *err);
	/* A tap's read() answered so, for the first time. It is asked on until capture_sensor_leave(). */
	void (*failed)(void *owner, struct capture_tap *tap, int code, const char *sentence);
	void (*close)(void *owner); /* after all taps are closed */
	/* For source_devices(): sets `frames` and `bytes`. */
	void (*describe)(const void *owner, uint32_t point, struct source_device *device);
};

struct capture_sensor_options {
	const struct capture_sensor_ops *ops;
	void *owner;
	int watch_fd; /* of the owner; -1: none */
	int wake_fd;  /* readable: source_read() stops waiting, with -EINTR; -1: none */
	/* Where time comes from; NULL: the system's clocks. */
	capture_clock_read *read_clock;
	void *clock_ctx;
	const struct notices *notices;
};

int capture_sensor_new(struct capture_sensor **out, const struct capture_sensor_options *options, struct error *err);

/* The sensor as a source; source_close() closes the sensor and everything in it. */
struct source *capture_sensor_source(struct capture_sensor *sensor);

/* The owner of a source that is a sensor's. */
void *capture_sensor_owner(struct source *source);

/* What the sensor's clock says: Unix nanoseconds. */
int64_t capture_sensor_now(struct capture_sensor *sensor);

/* A point of that name, with a number of its own; a known name is the same point. It is not watched yet. Returns its
 * number or -ENOMEM. */
int64_t capture_sensor_point(struct capture_sensor *sensor, const char *name, struct error *err);

/* The point is watched since `since_ns`, or, if it is watched already, its addresses are others since then (if they are).
 * They are copied. */
int capture_sensor_watch(struct capture_sensor *sensor, uint32_t number, const struct flow_host *addresses,
			 size_t count, int64_t since_ns, struct error *err);

/* Adds a tap, which is the sensor's from here on, also on failure. It is closed when `point` goes, or, of
 * CAPTURE_SENSOR_ALL, at the end. */
#define CAPTURE_SENSOR_ALL UINT32_MAX
int capture_sensor_add(struct capture_sensor *sensor, struct capture_tap *tap, uint32_t point, struct error *err);

/* The point goes at `at_ns`, once all that its taps had until then is handed on; they are closed then. Watching it again
 * in the meantime is well. */
int capture_sensor_leave(struct capture_sensor *sensor, uint32_t number, int64_t at_ns, struct error *err);

bool capture_sensor_is_watched(const struct capture_sensor *sensor, uint32_t point);

/* `lost` packets more were lost at the point for want of room in a ring, `missed` ones dropped by the device, until
 * `at_ns`. Both 0: nothing happens. */
int capture_sensor_lose(struct capture_sensor *sensor, uint32_t number, uint64_t lost, uint64_t missed, int64_t at_ns,
			struct error *err);

#endif
