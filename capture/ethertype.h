/* capture/ethertype.h - what stands between a link-layer header and the IP header: tags, labels, sessions, LLC.
 *
 * Each function answers FLOW_PACKET with `layer` at the IP header and out->family set (which the header itself may yet
 * contradict), or FLOW_NON_IP, or FLOW_TRUNCATED. Sources: semantics section 2, 1, section 13, 7. */
#ifndef ENIFLOW_CAPTURE_ETHERTYPE_H
#define ENIFLOW_CAPTURE_ETHERTYPE_H

#include "capture/layer.h"
#include "flow/observation.h"

enum {
	ETHERTYPE_LLC = 0, /* as any number up to ETHERTYPE_LENGTH_MOST, which is a length: LLC follows */
	ETHERTYPE_LENGTH_MOST = 1500,
	ETHERTYPE_LEAST = 0x0600, /* below it are no EtherTypes */
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_BRIDGING = 0x6558, /* in tunnels: an Ethernet frame */
};

/* `type` is what an Ethernet header has at its end: an EtherType or a length. */
enum flow_kind capture_ethertype(uint16_t type, struct capture_layer *layer, struct flow_observation *out);

/* Of an Ethernet frame that came in: may the kernel count it as dropped by the device (rx_dropped), though we have seen it?
 * So it does where nobody wants a frame: what is neither IP nor ARP, behind one tag at most, is taken for such. (A packet
 * socket is somebody, unless there is a hook at the device's ingress, of tc or nftables, or the frame has a tag.) One tag
 * that the kernel took off (`is_untagged`) is that one. */
bool capture_ethertype_is_unwanted(const uint8_t *frame, size_t captured, bool is_untagged);

/* `protocol` is one of Linux's (of a cooked frame, of NFLOG): an EtherType, or a small number of its own. */
enum flow_kind capture_linux_protocol(uint16_t protocol, struct capture_layer *layer, struct flow_observation *out);

/* `layer` stands at a PPP protocol field of one or two bytes. */
enum flow_kind capture_ppp_protocol(struct capture_layer *layer, struct flow_observation *out);

#endif
