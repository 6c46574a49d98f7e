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

#include "capture/backend.h"

/* The backend of live devices by libpcap. Never fails; closing it does nothing. Its devices tell -EPERM where CAP_NET_RAW is
 * missing. */
struct capture_backend *capture_device_backend(void);

#endif
