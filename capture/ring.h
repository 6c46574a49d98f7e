/* capture/ring.h - devices watched by a packet socket of their own (TPACKET_V3), which tells how many packets a frame of
 * segmentation offload was on the wire: a backend of capture/live.h.
 *
 * libpcap shows such a frame as one packet of up to 64 KiB; here it is counted as the segments that it becomes or was
 * (PACKET_VNET_HDR), as the other end counts them; what the kernel cannot describe so (offloads of SCTP, UDP fragments of
 * a guest) it drops, and it counts as lost. One socket has both directions. A packet of the loopback device is seen going
 * out and coming in.
 *
 * Devices are those with Ethernet frames, and those whose frames are packets (tun, wireguard, ppp, ipip, sit). */
#ifndef ENIFLOW_CAPTURE_RING_H
#define ENIFLOW_CAPTURE_RING_H

#include "capture/backend.h"

/* Never fails; closing it does nothing. Has no CAPTURE_DEVICE_ANY, and no other types of devices: -EINVAL. -EPERM:
 * CAP_NET_RAW is missing. */
struct capture_backend *capture_ring_backend(void);

#endif
