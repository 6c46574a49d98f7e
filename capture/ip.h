/* capture/ip.h - IPv4 and IPv6 headers, fragments, and what a flow log wants of a transport header.
 *
 * Sources: semantics section 2, 2 to 8, section 13, 8 to 11. */
#ifndef ENIFLOW_CAPTURE_IP_H
#define ENIFLOW_CAPTURE_IP_H

#include "capture/fragments.h"
#include "capture/layer.h"

/* `layer` stands at an IP header of the family out->family; time, point and MACs are set. FLOW_PACKET: addresses,
 * protocol, ports, tcp_flags, is_fragment, what ICMP says, bytes are written, and `group` where no MACs tell it;
 * `layer` is the packet and stands at its transport header, but nothing is left of a fragment. Else FLOW_TRUNCATED or
 * FLOW_MALFORMED. */
enum flow_kind capture_ip(struct capture_layer *layer, struct capture_fragments *fragments,
			  struct flow_observation *out);

/* The bits of the tcp-flags field that a TCP header's flags octet sets. */
static inline uint8_t capture_tcp_flags(uint8_t wire)
{
	enum { FIN = 0x01, SYN = 0x02, RST = 0x04, ACK = 0x10 };
	uint8_t flags = wire & (FIN | SYN | RST); /* which are FLOW_TCP_FIN, _SYN and _RST */

	return (wire & SYN) && (wire & ACK) ? flags | FLOW_TCP_SYN_ACK : flags;
}

#endif
