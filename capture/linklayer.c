#include "capture/linklayer.h"

#include "capture/ethertype.h"
#include "capture/ieee80211.h"
#include "capture/link.h"
#include "capture/macs.h"
#include "capture/nflog.h"

enum flow_kind capture_ethernet(struct capture_layer *layer, struct flow_observation *out)
{
	const uint8_t *p = cursor_take(&layer->bytes, 14);

	if (!p)
		return FLOW_TRUNCATED;
	capture_macs(out, p + 6, p);
	return capture_ethertype(load_be16(p + 12), layer, out);
}

/* Address families, as the systems that write null and loop headers number them. */
static enum flow_kind address_family(uint32_t number, struct flow_observation *out)
{
	switch (number) {
	case 2:
		out->family = FLOW_IPV4;
		return FLOW_PACKET;
	case 10: /* Linux */
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		out->family = FLOW_IPV6;
		return FLOW_PACKET;
	default:
		return FLOW_NON_IP;
	}
}

static enum flow_kind null(struct capture_layer *layer, struct flow_observation *out)
{
	const uint8_t *p = cursor_take(&layer->bytes, 4);
	uint32_t number;

	if (!p)
		return FLOW_TRUNCATED;
	/* Whoever captured need not be whoever wrote the file, so its byte order says nothing. Families are small. */
	number = load_be32(p);
	return address_family(number <= UINT8_MAX ? number : load_32(ORDER_LITTLE, p), out);
}

static enum flow_kind loop(struct capture_layer *layer, struct flow_observation *out)
{
	const uint8_t *p = cursor_take(&layer->bytes, 4);

	return p ? address_family(load_be32(p), out) : FLOW_TRUNCATED;
}

/* No header: the link layer says that it is IP, and the IP header which. */
static enum flow_kind raw(struct capture_layer *layer, struct flow_observation *out)
{
	if (cursor_left(&layer->bytes) == 0)
		return FLOW_TRUNCATED;
	out->family = layer->bytes.at[0] >> 4;
	return out->family == FLOW_IPV4 || out->family == FLOW_IPV6 ? FLOW_PACKET : FLOW_MALFORMED;
}

static enum flow_kind cisco_hdlc(struct capture_layer *layer, struct flow_observation *out)
{
	const uint8_t *p = cursor_take(&layer->bytes, 4); /* address, control, EtherType */
	uint16_t type;

	if (!p)
		return FLOW_TRUNCATED;
	type = load_be16(p + 2);
	return type < ETHERTYPE_LEAST ? FLOW_NON_IP : capture_ethertype(type, layer, out);
}

/* With or without HDLC-like framing, and Cisco's, which some files do not tell apart. */
static enum flow_kind ppp(struct capture_layer *layer, struct flow_observation *out)
{
	const size_t left = cursor_left(&layer->bytes);
	const uint8_t *p = layer->bytes.at;

	if (left >= 1 && (p[0] == 0x0f || p[0] == 0x8f)) /* unicast, multicast */
		return cisco_hdlc(layer, out);
	/* 0xff is no protocol but the address "all stations", with the control byte behind it. */
	if (left >= 1 && p[0] == 0xff && !cursor_take(&layer->bytes, 2))
		return FLOW_TRUNCATED;
	return capture_ppp_protocol(layer, out);
}

static enum flow_kind cooked(unsigned packet_type, uint16_t hardware, uint16_t protocol, struct capture_layer *layer,
			     struct flow_observation *out)
{
	enum { TO_US = 0, BROADCAST = 1, MULTICAST = 2, FROM_US = 4 };       /* packet types */
	enum { FRAME_RELAY = 770, IEEE80211_RADIOTAP = 803, NETLINK = 824 }; /* hardware types */

	if (packet_type == TO_US || packet_type == BROADCAST || packet_type == MULTICAST)
		out->word = FLOW_INGRESS;
	else if (packet_type == FROM_US)
		out->word = FLOW_EGRESS;
	out->group = packet_type == BROADCAST || packet_type == MULTICAST;
	if (hardware == FRAME_RELAY || hardware == IEEE80211_RADIOTAP || hardware == NETLINK)
		return FLOW_NON_IP; /* `protocol` is none of Linux's */
	return capture_linux_protocol(protocol, layer, out);
}

static enum flow_kind cooked_v1(struct capture_layer *layer, struct flow_observation *out)
{
	const uint8_t *p = cursor_take(&layer->bytes, 16); /* packet type, hardware, address and its length, protocol */

	return p ? cooked(load_be16(p), load_be16(p + 2), load_be16(p + 14), layer, out) : FLOW_TRUNCATED;
}

static enum flow_kind cooked_v2(struct capture_layer *layer, struct flow_observation *out)
{
	const uint8_t *p = cursor_take(&layer->bytes, 20); /* protocol, 0, device, hardware, packet type, address */

	return p ? cooked(p[10], load_be16(p + 8), load_be16(p), layer, out) : FLOW_TRUNCATED;
}

enum flow_kind capture_linklayer(const struct capture_item *item, struct capture_layer *layer,
				 struct flow_observation *out)
{
	switch ((enum capture_link_type)item->link_type) {
	case LINK_ETHERNET:
		return capture_ethernet(layer, out);
	case LINK_LINUX_SLL:
		return cooked_v1(layer, out);
	case LINK_LINUX_SLL2:
		return cooked_v2(layer, out);
	case LINK_RAW:
	case LINK_RAW_12:
	case LINK_RAW_14:
		return raw(layer, out);
	case LINK_IPV4:
		out->family = FLOW_IPV4;
		return FLOW_PACKET;
	case LINK_IPV6:
		out->family = FLOW_IPV6;
		return FLOW_PACKET;
	case LINK_NULL:
		return null(layer, out);
	case LINK_LOOP:
		return loop(layer, out);
	case LINK_PPP:
	case LINK_PPP_HDLC:
		return ppp(layer, out);
	case LINK_C_HDLC:
		return cisco_hdlc(layer, out);
	case LINK_IEEE802_11:
		return capture_ieee80211(layer, false, out);
	case LINK_IEEE802_11_RADIOTAP:
		return capture_radiotap(layer, out);
	case LINK_NFLOG:
		return capture_nflog(item->order, layer, out);
	}
	return FLOW_UNSUPPORTED;
}
