/* capture/backend.h - how a device is watched: what capture/live.h asks of libpcap (capture/device.h), of a ring of its
 * own (capture/ring.h) and of programs in the kernel (capture/kernel.h).
 *
 * A backend has taps for each device, or one tap for all of them, or both. It knows nothing of which devices are wanted,
 * of their addresses or of time. */
#ifndef ENIFLOW_CAPTURE_BACKEND_H
#define ENIFLOW_CAPTURE_BACKEND_H

#include "capture/decode.h"
#include "capture/tap.h"

/* All devices of the host in one point, as far as a backend has that. */
#define CAPTURE_DEVICE_ANY "any"

/* What was seen of a device, since it was first opened; lives longer than its taps. Written by the backend, but for what
 * the owner knows: the last three. */
struct capture_device_totals {
	uint64_t frames;   /* observations, each as many as it has packets */
	uint64_t bytes;    /* on the wire */
	uint64_t unwanted; /* frames that came in which the kernel counts as dropped when it has shown them to us */
	uint64_t lost;     /* no room in the ring or map, as far as the backend was asked */
	uint32_t loopback_index; /* for `any`: that device's frames are two observations each; 0: not known */
	bool has_mac;
	uint8_t mac[6]; /* the device's own; may change at any time */
};

struct capture_device_options {
	const char *name;   /* or CAPTURE_DEVICE_ANY */
	uint32_t index;     /* of the device; 0 for CAPTURE_DEVICE_ANY */
	uint16_t type;      /* ARPHRD_... of it */
	uint32_t point;     /* that its observations belong to */
	const char *filter; /* pcap-filter(7), or NULL */
	bool promiscuous;
	uint64_t ring_size; /* bytes, of all its taps */
	uint64_t seed;      /* of the tuple hashes */
	/* Both outlive the taps and what is open of the device. */
	struct capture_decoder *decoder;
	struct capture_device_totals *totals;
};

enum { CAPTURE_DEVICE_TAPS = 2 };

/* A device that is open. */
struct capture_device {
	/* Its own taps, which may be read as long as they are open. Whoever takes them closes them. */
	struct capture_tap *taps[CAPTURE_DEVICE_TAPS];
	size_t tap_count;
	int64_t ready_ns; /* nothing of before is handed on; all is seen from when open() returns */
	uint32_t index;   /* of the device; 0 for CAPTURE_DEVICE_ANY */
};

struct capture_backend;

struct capture_backend_ops {
	/* Watches a device from now on. Strings may go after the call. Returns 0, or -EPERM (a capability is missing),
	 * -ENODEV (there is no such device), -ENETDOWN (it is down), -EINVAL (the filter; or the link type is none that is
	 * decoded; or the backend has no such thing), or what else the system said. Nothing is left open then. */
	int (*open)(struct capture_backend *backend, struct capture_device *device,
		    const struct capture_device_options *options, struct error *err);
	/* Packets of an open device, or one that was just left, for which there was no room since the call before; counted
	 * in its totals, too. */
	uint64_t (*lost)(struct capture_backend *backend, struct capture_device *device);
	/* The device is not wanted any more, or is gone: nothing more of it is counted from here on. What was counted
	 * is still handed on by the tap of all devices. Its own taps are closed by whoever has them. NULL: there is
	 * nothing else. */
	void (*leave)(struct capture_backend *backend, struct capture_device *device);
	/* After all taps are closed. */
	void (*close)(struct capture_backend *backend);
};

struct capture_backend {
	const struct capture_backend_ops *ops;
	struct capture_tap *tap; /* of all devices; the backend's: its close() does nothing. NULL: each has its own */
};

#endif
