/* capture/nflog.h - packets as Linux's netfilter log hands them out: attributes, one of which is the packet.
 *
 * Answers as in capture/linklayer.h. Source: semantics section 13, 6. */
#ifndef ENIFLOW_CAPTURE_NFLOG_H
#define ENIFLOW_CAPTURE_NFLOG_H

#include "capture/layer.h"
#include "flow/observation.h"

/* `order` is that of the capture, in which attributes have their type and length. A message without a packet is
 * FLOW_NON_IP; where it was cut off before the packet, FLOW_TRUNCATED. */
enum flow_kind capture_nflog(enum byte_order order, struct capture_layer *layer, struct flow_observation *out);

#endif
