/* capture/ip.h - IPv4 and IPv6 headers, fragments, and what a flow log wants of a transport header.
 *
 * Sources: semantics section 2, 2 to 8, section 13, 8 to 11. */
#ifndef ENIFLOW_CAPTURE_IP_H
#define ENIFLOW_CAPTURE_IP_H

#include "capture/fragments.h"
#include "capture/layer.h"

/* `layer` stands at an IP header of the family out->family; time, point and MACs are set. FLOW_PACKET: addresses,
 * protocol, ports, tcp_flags, bytes are written, and `group` where no MACs tell it; `layer` is the packet and stands at
 * its transport header, but nothing is left of a fragment. Else FLOW_TRUNCATED or FLOW_MALFORMED. */
enum flow_kind capture_ip(struct capture_layer *layer, struct capture_fragments *fragments,
			  struct flow_observation *out);

#endif
