/* capture/segments.h - how many packets, of how many bytes, a frame of segmentation offload is on the wire.
 *
 * The kernel hands such a frame round as one packet of 64 KiB or more, with one set of headers. The network card, or the
 * kernel's last step, cuts its load into pieces of one size and gives each a copy of all that stands ahead of it; what
 * was received in pieces and put together (GRO, LRO) looks the same. */
#ifndef ENIFLOW_CAPTURE_SEGMENTS_H
#define ENIFLOW_CAPTURE_SEGMENTS_H

#include <linux/virtio_net.h>

#include "capture/file.h"
#include "capture/layer.h"

/* Marks a live frame, whose bytes are set, with what the kernel says of its segments (PACKET_VNET_HDR: in the machine's
 * byte order, offsets from item->bytes). What contradicts itself, or is no offload of TCP or UDP, marks nothing: the
 * frame is one packet. */
void capture_segments_mark(const struct virtio_net_hdr *header, struct capture_item *item);

/* `layer` is the packet of a marked frame, or of a tunnel in it, as capture_ip() left it; `out` is what that wrote. Sets
 * packets and bytes to those of all segments. What does not go with the mark is one packet. */
void capture_segments_count(const struct capture_item *item, const struct capture_layer *layer,
			    struct flow_observation *out);

/* Bytes on the wire of a frame that was decoded as so many packets: each has a copy of what is ahead of the load, as far
 * as the mark tells where that begins. */
static inline uint64_t capture_segments_on_wire(const struct capture_item *item, uint64_t packets)
{
	return item->original + (packets - 1) * item->segment_load;
}

#endif
