/* capture/live.h - live network devices as a source: a sensor (capture/sensor.h) of them, watched in the way of a backend
 * (capture/backend.h).
 *
 * A capture point is a device by its name. One that is missing or down is waited for, one that vanishes is watched again
 * when it is back: each such change is one notice. A device that goes down stays watched. Where addresses change, the
 * point appears again. */
#ifndef ENIFLOW_CAPTURE_LIVE_H
#define ENIFLOW_CAPTURE_LIVE_H

#include "capture/backend.h"
#include "capture/source.h"

struct source_live_options {
	struct capture_backend *backend; /* the source's from here on, also on failure */
	/* Names of devices; "any", all of the host's in one point; "all": each that is up and neither loopback nor port
	 * of a bridge, also those to come. */
	const char *const *devices;
	size_t count;
	const char *filter; /* pcap-filter(7), run by the kernel: what it turns away is not seen; or NULL */
	unsigned tunnels;   /* enum capture_tunnel, or-ed */
	bool promiscuous;
	uint64_t ring_size; /* bytes, for each device */
	uint64_t seed;      /* random, of the run: for the fragment memory and tuple hashes */
	int wake_fd;        /* readable: source_read() stops waiting; -1: none */
	const struct notices *notices;
	const struct notices *remarks; /* devices that come and go though nobody named them; or NULL */
};

/* Opens what is there. Options and the strings in them may go after the call, but not `notices` and `remarks`. -EPERM: a
 * capability is missing; -EINVAL: a wrong filter, or a named device whose frames are not decoded. */
int source_open_live(struct source **out, const struct source_live_options *options, struct error *err);

/* Other devices, from now on; those that stay go on without a gap. What cannot be opened becomes a notice. */
int source_live_devices(struct source *source, const char *const *devices, size_t count, struct error *err);

#endif
