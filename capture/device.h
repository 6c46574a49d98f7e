/* capture/device.h - one live network device, by libpcap.
 *
 * A packet socket does not tell the direction of Ethernet and raw frames through libpcap. So a device has two handles,
 * one for each direction, of which each has half of the ring: libpcap leaves out the other direction's frames for sure,
 * and a filter in the kernel keeps them from the ring. A packet of the loopback device is seen going out and coming in;
 * libpcap shows the second only, so there is one handle, and each frame of it is two observations. Cooked frames (of
 * `any`, some PPP devices) tell their direction themselves: one handle.
 *
 * Frames from before the filter was in place are left out. A frame that is neither for the device's own MAC nor for a
 * group came in for another station (promiscuous mode): its direction is unknown. */
#ifndef ENIFLOW_CAPTURE_DEVICE_H
#define ENIFLOW_CAPTURE_DEVICE_H

#include "capture/decode.h"
#include "capture/tap.h"

#define CAPTURE_DEVICE_ANY "any"

/* What was seen of a device, since it was first opened; lives longer than its taps, which write it. */
struct capture_device_totals {
	uint64_t frames;   /* observations */
	uint64_t bytes;    /* on the wire */
	uint64_t unwanted; /* frames that came in which the kernel counts as dropped when it has shown them to us */
	uint64_t lost;     /* no room in the ring, as far as capture_device_lost() asked */
	uint32_t loopback_index; /* for `any`: that device's frames are two observations each; 0: not known */
	bool has_mac;
	uint8_t mac[6]; /* the device's own; may change at any time */
};

struct capture_device_options {
	const char *name;   /* or CAPTURE_DEVICE_ANY */
	uint32_t point;     /* that its observations belong to */
	const char *filter; /* pcap-filter(7), or NULL */
	bool promiscuous;
	uint64_t ring_size; /* bytes, of all its handles */
	uint64_t seed;      /* of the tuple hashes */
	/* Both outlive the taps. */
	struct capture_decoder *decoder;
	struct capture_device_totals *totals;
};

enum { CAPTURE_DEVICE_TAPS = 2 };

/* Taps that are read as long as they are open. Whoever takes them closes them. */
struct capture_device {
	struct capture_tap *taps[CAPTURE_DEVICE_TAPS];
	size_t tap_count;
	int64_t ready_ns; /* all from that time on is seen */
};

/* Strings may go after the call. Returns 0, or -EPERM (CAP_NET_RAW is missing), -ENODEV (there is no such device),
 * -ENETDOWN (it is down), -EINVAL (the filter; or the link type is none that is decoded), or what else the system said.
 * Nothing is left open then. */
int capture_device_open(struct capture_device *device, const struct capture_device_options *options, struct error *err);

/* Frames that did not fit into the ring of a tap since the call before; counted in its totals, too. */
uint64_t capture_device_lost(struct capture_tap *tap);

#endif
