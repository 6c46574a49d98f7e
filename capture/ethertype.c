#include "capture/ethertype.h"

enum {
	ETHERTYPE_VLAN = 0x8100,         /* IEEE 802.1Q */
	ETHERTYPE_VLAN_SERVICE = 0x88a8, /* IEEE 802.1ad */
	ETHERTYPE_VLAN_DOUBLE = 0x9100,  /* used for the outer tag before 802.1ad */
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_UPSTREAM = 0x8848,
	ETHERTYPE_PPPOE_SESSION = 0x8864,
};

enum { LINUX_PROTOCOL_LLC = 4 };

enum { PPP_IPV4 = 0x0021, PPP_IPV6 = 0x0057, PPP_MPLS = 0x0281, PPP_MPLS_UPSTREAM = 0x0283 };

static enum flow_kind ip(enum flow_family family, struct flow_observation *out)
{
	out->family = (uint8_t)family;
	return FLOW_PACKET;
}

/* A label stack, behind whose bottom nothing names the protocol: only the first nibble tells. */
static enum flow_kind mpls(struct capture_layer *layer, struct flow_observation *out)
{
	const uint8_t *entry;

	do {
		entry = cursor_take(&layer->bytes, 4);
		if (!entry)
			return FLOW_TRUNCATED;
	} while (!(entry[2] & 1));
	if (cursor_left(&layer->bytes) == 0)
		return FLOW_TRUNCATED;
	switch (layer->bytes.at[0] >> 4) {
	case 4:
		return ip(FLOW_IPV4, out);
	case 6:
		return ip(FLOW_IPV6, out);
	default:
		return FLOW_NON_IP;
	}
}

enum flow_kind capture_ppp_protocol(struct capture_layer *layer, struct flow_observation *out)
{
	const uint8_t *p = cursor_take(&layer->bytes, 1);
	uint16_t protocol;

	if (!p)
		return FLOW_TRUNCATED;
	protocol = p[0];
	if (!(protocol & 1)) { /* an odd first byte is also the last one: the field is compressed */
		p = cursor_take(&layer->bytes, 1);
		if (!p)
			return FLOW_TRUNCATED;
		protocol = (uint16_t)(protocol << 8 | p[0]);
	}
	switch (protocol) {
	case PPP_IPV4:
		return ip(FLOW_IPV4, out);
	case PPP_IPV6:
		return ip(FLOW_IPV6, out);
	case PPP_MPLS:
	case PPP_MPLS_UPSTREAM:
		return mpls(layer, out);
	default:
		return FLOW_NON_IP;
	}
}

static enum flow_kind pppoe(struct capture_layer *layer, struct flow_observation *out)
{
	if (!cursor_take(&layer->bytes, 6)) /* version and type, code, session, length */
		return FLOW_TRUNCATED;
	return capture_ppp_protocol(layer, out);
}

/* Reads LLC and SNAP; FLOW_PACKET: `type` is the EtherType that they amount to. */
static enum flow_kind llc(struct capture_layer *layer, uint16_t *type)
{
	static const uint8_t ip_header[3] = { 0x06, 0x06, 0x03 };   /* RFC 948: IPv4 with a SAP of its own */
	static const uint8_t snap_header[3] = { 0xaa, 0xaa, 0x03 }; /* unnumbered information, SNAP follows */
	static const uint8_t cisco[3] = { 0x00, 0x00, 0xf8 };       /* also 802.1H's; means what 00-00-00 means */
	static const uint8_t ethernet[3] = { 0x00, 0x00, 0x00 };
	const uint8_t *p = cursor_take(&layer->bytes, 3);

	if (!p)
		return FLOW_TRUNCATED;
	if (memcmp(p, ip_header, 3) == 0) {
		*type = ETHERTYPE_IPV4;
		return FLOW_PACKET;
	}
	if (memcmp(p, snap_header, 3) != 0)
		return FLOW_NON_IP;
	p = cursor_take(&layer->bytes, 5);
	if (!p)
		return FLOW_TRUNCATED;
	*type = load_be16(p + 3);
	if (*type < ETHERTYPE_LEAST || (memcmp(p, ethernet, 3) != 0 && memcmp(p, cisco, 3) != 0))
		return FLOW_NON_IP;
	return FLOW_PACKET;
}

enum flow_kind capture_ethertype(uint16_t type, struct capture_layer *layer, struct flow_observation *out)
{
	for (;;) { /* each turn takes bytes, so it ends */
		const uint8_t *tag;
		enum flow_kind kind;

		switch (type) {
		case ETHERTYPE_IPV4:
			return ip(FLOW_IPV4, out);
		case ETHERTYPE_IPV6:
			return ip(FLOW_IPV6, out);
		case ETHERTYPE_VLAN:
		case ETHERTYPE_VLAN_SERVICE:
		case ETHERTYPE_VLAN_DOUBLE:
			tag = cursor_take(&layer->bytes, 4);
			if (!tag)
				return FLOW_TRUNCATED;
			type = load_be16(tag + 2);
			break;
		case ETHERTYPE_MPLS:
		case ETHERTYPE_MPLS_UPSTREAM:
			return mpls(layer, out);
		case ETHERTYPE_PPPOE_SESSION:
			return pppoe(layer, out);
		default:
			if (type > ETHERTYPE_LENGTH_MOST)
				return FLOW_NON_IP;
			kind = llc(layer, &type);
			if (kind != FLOW_PACKET)
				return kind;
		}
	}
}

enum flow_kind capture_linux_protocol(uint16_t protocol, struct capture_layer *layer, struct flow_observation *out)
{
	if (protocol == LINUX_PROTOCOL_LLC)
		return capture_ethertype(ETHERTYPE_LLC, layer, out);
	return protocol < ETHERTYPE_LEAST ? FLOW_NON_IP : capture_ethertype(protocol, layer, out);
}

bool capture_ethertype_is_unwanted(const uint8_t *frame, size_t captured, bool is_untagged)
{
	enum { TAG = 4 };
	size_t at = 12;
	uint16_t type;

	if (captured < at + sizeof(type))
		return false;
	type = load_be16(frame + at);
	if (!is_untagged && (type == ETHERTYPE_VLAN || type == ETHERTYPE_VLAN_SERVICE)) {
		at += TAG;
		if (captured < at + sizeof(type))
			return false;
		type = load_be16(frame + at);
	}
	return type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6 && type != ETHERTYPE_ARP;
}
