/* capture/source.h - anything that yields observations. One loop pulls; nothing calls upwards.
 *
 * Capture files (capture/files.h), live devices (capture/live.h), flow logs (logs/source.h). A sensor is a source of live ones: it ends only when
 * it is stopped. */
#ifndef ENIFLOW_CAPTURE_SOURCE_H
#define ENIFLOW_CAPTURE_SOURCE_H

#include <stddef.h>

#include "flow/error.h"
#include "flow/observation.h"

/* Some tens of observations at a time: what the first cache holds together with all that is made of them. */
enum { SOURCE_BATCH = 64 };

struct source_batch {
	struct flow_observation *items; /* the caller's array */
	size_t room;                    /* how many fit; at least 1 */
	size_t length;                  /* how many were read */
};

struct source_progress {
	uint64_t consumed, size; /* bytes of the files as they lie on the disk; size 0: not known */
};

/* A live device (or group of a firewall's log), from when it was first watched on; it stays in the list when it goes. */
struct source_device {
	const char *name; /* valid until the source is closed */
	bool watched;     /* now */
	uint64_t frames;  /* seen, whatever became of them */
	uint64_t bytes;   /* of those, as long as they were on the wire */
	uint64_t lost;    /* for want of room in the ring or socket */
	uint64_t missed;  /* dropped by the device itself while it was watched: rx_dropped and rx_missed */
};

struct source {
	const struct source_ops *ops;
};

/* What each kind of source does behind the functions below; NULL: that kind has nothing of it. */
struct source_ops {
	int (*read)(struct source *source, struct source_batch *batch, struct error *err);
	void (*stop)(struct source *source);
	size_t (*points)(const struct source *source, const struct flow_point **out, size_t room);
	int64_t (*now)(const struct source *source);
	size_t (*devices)(const struct source *source, struct source_device *out, size_t room);
	bool (*is_damaged)(const struct source *source);
	bool (*is_stream)(const struct source *source);
	bool (*is_compressed)(const struct source *source);
	void (*progress)(const struct source *source, struct source_progress *out);
	void (*close)(struct source *source);
};

/* 1: batch->length (perhaps 0) observations were read. 0: the end, with batch->length last ones. -EINTR: woken while
 * waiting, with none. Never waits while it has something to hand on; a sensor waits until its next whole second at the
 * most, and tells the time then (FLOW_TIME). */
int source_read(struct source *source, struct source_batch *batch, struct error *err);

/* A sensor is to end: source_read() hands on what its rings still hold, then FLOW_GONE for every point, then answers
 * 0. Flow logs: no more lines are read, and those that wait for others are handed on. Captures: nothing. */
void source_stop(struct source *source);

/* A sensor's points that are watched now, the first `room` of them in `out`; how many there are. Files: 0. */
size_t source_points(const struct source *source, const struct flow_point **out, size_t room);

/* How far a sensor has handed on: all of earlier Unix nanoseconds. 0: nothing yet, or files. */
int64_t source_now(const struct source *source);

/* Every device that a sensor ever watched or waited for, for metrics, the first `room` of them in `out`; how many there
 * are. Files: 0. */
size_t source_devices(const struct source *source, struct source_device *out, size_t room);

/* Was anything damaged, cut off, passed over or of an unsupported link type (status 1)? */
bool source_is_damaged(const struct source *source);

/* Does any of the inputs arrive as it is made (FIFO, pipe, terminal; a sensor's always)? */
bool source_is_stream(const struct source *source);

/* Is any of the inputs compressed? Then it is decompressed on a thread of its own, if `ahead` was asked for. */
bool source_is_compressed(const struct source *source);

/* Of files; else 0 of 0. */
void source_progress(const struct source *source, struct source_progress *out);

/* Takes NULL. */
void source_close(struct source *source);

#endif
