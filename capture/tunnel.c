#include "capture/tunnel.h"

#include "capture/decode.h"
#include "capture/ethertype.h"
#include "capture/linklayer.h"

enum { PROTOCOL_UDP = 17, PROTOCOL_GRE = 47 };

enum { PORT_VXLAN = 4789, PORT_GENEVE = 6081 };

enum { UDP_HEADER = 8 };

/* What a tunnel's header names as its load: an Ethernet frame or an IP packet. */
static bool load(uint16_t type, struct capture_layer *layer, struct flow_observation *packet)
{
	switch (type) {
	case ETHERTYPE_IPV4:
	case ETHERTYPE_IPV6:
		return capture_ethertype(type, layer, packet) == FLOW_PACKET;
	case ETHERTYPE_BRIDGING:
		return capture_ethernet(layer, packet) == FLOW_PACKET;
	default:
		return false;
	}
}

static void take_vni(const uint8_t *three, struct flow_observation *packet)
{
	packet->has_vni = true;
	packet->vni = load_be32(three) >> 8;
}

/* RFC 7348. */
static bool vxlan(struct capture_layer *layer, struct flow_observation *packet)
{
	enum { FLAG_VNI = 0x08 };
	const uint8_t *p = cursor_take(&layer->bytes, 8); /* flags, 3 reserved, VNI in 3, 1 reserved */

	if (!p || !(p[0] & FLAG_VNI))
		return false;
	take_vni(p + 4, packet);
	return load(ETHERTYPE_BRIDGING, layer, packet);
}

/* RFC 8926. */
static bool geneve(struct capture_layer *layer, struct flow_observation *packet)
{
	const uint8_t *p = cursor_take(&layer->bytes,
				       8); /* version and options' length, flags, type, VNI in 3, 1 reserved */

	if (!p || p[0] >> 6 != 0 || !cursor_take(&layer->bytes, (size_t)(p[0] & 0x3f) * 4))
		return false;
	take_vni(p + 4, packet);
	return load(load_be16(p + 2), layer, packet);
}

/* RFC 2784 and 2890. */
static bool gre(struct capture_layer *layer, struct flow_observation *packet)
{
	enum { CHECKSUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQUENCE = 0x1000, VERSION = 0x0007 };
	const uint8_t *p = cursor_take(&layer->bytes, 4); /* flags and version, type */
	uint16_t flags;
	size_t optional;

	if (!p)
		return false;
	flags = load_be16(p);
	if (flags & (ROUTING | VERSION))
		return false;
	optional = (flags & CHECKSUM ? 4u : 0) + (flags & KEY ? 4u : 0) + (flags & SEQUENCE ? 4u : 0);
	return cursor_take(&layer->bytes, optional) && load(load_be16(p + 2), layer, packet);
}

bool capture_tunnel_enter(unsigned kinds, struct capture_layer *layer, struct flow_observation *packet)
{
	packet->word = FLOW_UNKNOWN;
	packet->has_macs = packet->group = false;
	if (packet->protocol == PROTOCOL_GRE)
		return (kinds & CAPTURE_GRE) && gre(layer, packet);
	if (packet->protocol != PROTOCOL_UDP || !cursor_take(&layer->bytes, UDP_HEADER))
		return false;
	if (packet->destination_port == PORT_VXLAN)
		return (kinds & CAPTURE_VXLAN) && vxlan(layer, packet);
	if (packet->destination_port == PORT_GENEVE)
		return (kinds & CAPTURE_GENEVE) && geneve(layer, packet);
	return false;
}
