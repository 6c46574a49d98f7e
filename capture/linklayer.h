/* capture/linklayer.h - from the first byte of a frame to its IP header, for each link type that is decoded.
 *
 * The answers are those of capture/ethertype.h, and FLOW_MALFORMED. What a link layer knows goes into `out`: family,
 * MACs and whether it is a group's frame, the capture's own word on direction.
 * Sources: semantics section 2, 1, section 13, 4, 6 to 8 and 15. */
#ifndef ENIFLOW_CAPTURE_LINKLAYER_H
#define ENIFLOW_CAPTURE_LINKLAYER_H

#include "capture/file.h"
#include "capture/layer.h"

/* `layer` stands at the beginning of the frame `item`, whose link type is supported. */
enum flow_kind capture_linklayer(const struct capture_item *item, struct capture_layer *layer,
				 struct flow_observation *out);

/* `layer` stands at an Ethernet header, of a frame or inside a tunnel. */
enum flow_kind capture_ethernet(struct capture_layer *layer, struct flow_observation *out);

#endif
